// SPDX-License-Identifier: Apache-2.0
//! Makes cargo look at the built web client, which is embedded file by file.

use std::path::Path;

fn main() {
    let web = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/build"));
    // A folder that is missing would make cargo run this each time, and its appearance would go
    // unseen if it were not named. Empty, it means: no web client in this binary.
    if let Err(error) = std::fs::create_dir_all(web) {
        println!("cargo::warning=no folder for the web client: {error}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", web.display());
}
