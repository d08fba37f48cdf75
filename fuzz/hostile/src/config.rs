// SPDX-License-Identifier: Apache-2.0
//! The configuration file: TOML. And what is written in its values: public URLs and rates.

use std::cell::RefCell;
use std::io::Write;

use tempfile::NamedTempFile;
use voz_server::config::{Config, Flags};
use voz_server::http::origin::PublicUrl;

thread_local! {
    static FILE: RefCell<NamedTempFile> = RefCell::new(file());
}

fn file() -> NamedTempFile {
    NamedTempFile::new().unwrap_or_else(|error| panic!("a file for the configuration: {error}"))
}

/// Loads the file; where it is good, its limits make sense.
pub fn run(data: &[u8]) {
    if let Ok(url) = std::str::from_utf8(data).map_err(drop).and_then(|text| PublicUrl::parse(text).map_err(drop)) {
        assert_eq!(PublicUrl::parse(&url.origin()), Ok(url.clone()), "the origin is the URL again");
    }
    let path = FILE.with_borrow_mut(|file| {
        let inner = file.as_file_mut();
        let written = inner.set_len(0).and_then(|()| std::io::Seek::rewind(inner)).and_then(|()| inner.write_all(data));
        written.unwrap_or_else(|error| panic!("the configuration can't be written: {error}"));
        file.path().to_owned()
    });
    let Ok(config) = Config::load(Flags { config: Some(path), ..Flags::default() }) else { return };
    assert!(config.limits.connections > 0 && config.limits.body_bytes >= 1024 && config.database_connections > 0);
    assert!(config.limits.of_people().sessions_per_user > 0);
    let shown = format!("{config:?}");
    if let Some(secret) = config.database_url {
        let secret = secret.reveal();
        assert!(secret.len() < 12 || !shown.contains(secret), "the database's password is shown");
    }
}
