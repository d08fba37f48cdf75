// SPDX-License-Identifier: Apache-2.0
//! The data folder of the embedded database, and its lock: one process serves from a folder.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::OpenError;

const DATABASE: &str = "voz.sqlite3";
const LOCK: &str = "voz.lock";

/// The lock of a data folder. The operating system lets it go when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

/// Path of the database file.
pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// Makes the data folder, unless it exists, for its owner alone.
///
/// # Errors
/// `Folder`: it can't be made.
pub fn make_folder(folder: &Path) -> Result<(), OpenError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder).map_err(|error| OpenError::Folder(folder.to_owned(), error))
}

/// Makes the folder and the database file, unless they exist, for their owner alone. SQLite gives
/// its other files the permissions of the database file.
pub(crate) fn make(folder: &Path) -> Result<(), OpenError> {
    make_folder(folder)?;
    open(&database(folder)).map(drop).map_err(|error| OpenError::Folder(folder.to_owned(), error))
}

/// Takes the lock.
pub(crate) fn lock(folder: &Path) -> Result<FolderLock, OpenError> {
    let wrap = |error| OpenError::Folder(folder.to_owned(), error);
    let file = open(&folder.join(LOCK)).map_err(wrap)?;
    match file.try_lock() {
        Ok(()) => Ok(FolderLock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(folder.display().to_string())),
        Err(TryLockError::Error(error)) => Err(wrap(error)),
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}
