//! A new file appears under its name complete or not at all.
//!
//! It is written under a temporary name in the same directory, synced, and given its name by an operation that
//! never replaces anything. A crash leaves the name free or the complete file under it; at worst a file with a name
//! of the form `.zova-new-…` remains.
//!
//! For a database there is more to mind: journals left behind by an earlier database of that name. SQLite would
//! take them for the new file's own and roll them back into it, so they are removed first. Creators in one directory
//! do that one after the other, under a lock on the directory, so that none removes the journal of a database that
//! another has just published.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::error::Fault;

/// Permission bits of a new file before the process's umask applies.
#[cfg(unix)]
const MODE: u32 = 0o666;

/// What a new file is, and with it what may stand beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Database,
    Bytes,
}

/// A file under construction. Dropping it removes it.
pub(crate) struct NewFile {
    path: PathBuf,
    file: NamedTempFile,
}

impl NewFile {
    /// Starts the file that will be called `path`, which must be free.
    pub(crate) fn start(path: &Path) -> Result<Self, Fault> {
        require_absent(path)?;
        let file = temporary_file(directory(path)).map_err(|error| refused(path, &error))?;
        Ok(Self { path: path.to_owned(), file })
    }

    fn failed(&self, error: &io::Error) -> Fault {
        Fault::Io { action: "write", path: Some(self.path.clone()), reason: error.to_string() }
    }

    /// Appends bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.file.as_file_mut().write_all(bytes).map_err(|error| self.failed(&error))
    }

    /// Gives the file its name. On return it is on stable storage.
    ///
    /// Cost: two disk syncs.
    pub(crate) fn publish(self, content: Content) -> Result<(), Fault> {
        self.file.as_file().sync_all().map_err(|error| self.failed(&error))?;
        let folder = directory(&self.path).to_owned();
        let turn = (content == Content::Database).then(|| Turn::take(&folder));
        if turn.is_some() {
            require_absent(&self.path)?;
            remove_side_files(&self.path).map_err(|error| self.failed(&error))?;
        }
        let Self { path, file } = self;
        file.persist_noclobber(&path).map_err(|kept| refused(&path, &kept.error))?;
        drop(turn);
        sync_directory(&folder).map_err(|error| Fault::Io {
            action: "write",
            path: Some(path),
            reason: error.to_string(),
        })
    }
}

/// The directory a file is in; the current one for a bare name.
pub(crate) fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."))
}

/// Nothing may exist under `path`: no file, directory or link, dangling ones included.
pub(crate) fn require_absent(path: &Path) -> Result<(), Fault> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => Err(Fault::DestinationExists(path.to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => match std::fs::metadata(directory(path)) {
            Ok(_) => Ok(()),
            Err(_) => Err(Fault::cant_open(path, "its directory does not exist")),
        },
        Err(error) => Err(refused(path, &error)),
    }
}

fn refused(path: &Path, error: &io::Error) -> Fault {
    match error.kind() {
        ErrorKind::AlreadyExists => Fault::DestinationExists(path.to_owned()),
        _ => Fault::cant_open(path, error.to_string()),
    }
}

fn temporary_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".zova-new-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(MODE));
    }
    builder.tempfile_in(folder)
}

/// This creator's turn in a directory. Where directories cannot be locked (some network file systems), creators of
/// the same name are still kept apart by the operation that never replaces.
struct Turn {
    _locked: Option<File>,
}

impl Turn {
    fn take(folder: &Path) -> Self {
        Self { _locked: File::open(folder).ok().filter(|file| file.lock().is_ok()) }
    }
}

/// No database exists under the name, so these belong to none.
fn remove_side_files(path: &Path) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default();
    for suffix in ["-journal", "-wal", "-shm"] {
        let mut side_file = name.to_owned();
        side_file.push(suffix);
        match std::fs::remove_file(path.with_file_name(side_file)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(unix)]
fn sync_directory(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_folder: &Path) -> io::Result<()> {
    Ok(())
}
