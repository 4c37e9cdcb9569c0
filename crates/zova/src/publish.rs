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

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::error::Fault;

/// Permission bits of a new file before the process's umask applies.
const MODE: u32 = 0o666;
/// The owner's: a file under construction has them.
const OWNER: u32 = 0o600;

/// What a new file is, and with it what may stand beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Database,
    Bytes,
}

/// A file under construction. Dropping it removes it, and what SQLite put beside it.
pub(crate) struct NewFile {
    path: PathBuf,
    // The order matters: side files go after the file they belong to.
    file: NamedTempFile,
    /// Permission bits that it has beyond what it may have once it is complete.
    #[cfg(unix)]
    surplus: u32,
    side_files: SideFiles,
}

/// The side files that a database under construction may have. Dropping this removes them.
struct SideFiles(PathBuf);

impl Drop for SideFiles {
    fn drop(&mut self) {
        // Whoever drops a file under construction has nobody to report to.
        let _ = remove_side_files(&self.0);
    }
}

impl NewFile {
    /// Starts the file that will be called `path`, which must be free.
    pub(crate) fn start(path: &Path) -> Result<Self, Fault> {
        Self::with_mode(path, MODE)
    }

    /// As [`NewFile::start`], for content that comes from the file `source`: whoever may not read or write that one may
    /// not read or write this one, either.
    pub(crate) fn start_like(path: &Path, source: &Path) -> Result<Self, Fault> {
        let source = std::fs::metadata(source).ok();
        let allowed = source.as_ref().map_or(OWNER, permission_bits);
        let mut file = Self::with_mode(path, allowed | OWNER)?;
        file.restrict(source.as_ref(), allowed).map_err(|error| refused(path, &error))?;
        Ok(file)
    }

    fn with_mode(path: &Path, mode: u32) -> Result<Self, Fault> {
        require_absent(path)?;
        let file = temporary_file(directory(path), mode).map_err(|error| refused(path, &error))?;
        let side_files = SideFiles(file.path().to_owned());
        Ok(Self {
            path: path.to_owned(),
            file,
            #[cfg(unix)]
            surplus: 0,
            side_files,
        })
    }

    /// The bits for the group mean the source's group. Where the file cannot be given to that group, its own group gets
    /// what everybody gets.
    #[cfg(unix)]
    fn restrict(&mut self, source: Option<&Metadata>, allowed: u32) -> io::Result<()> {
        use std::os::unix::fs::{MetadataExt, fchown};
        const GROUP: u32 = 0o060;
        let file = self.file.as_file();
        let made = file.metadata()?;
        let mut mode = permission_bits(&made);
        if let Some(source) = source
            && source.gid() != made.gid()
            && fchown(file, None, Some(source.gid())).is_err()
        {
            mode &= !GROUP | (mode & 0o006) << 3;
        }
        self.surplus = mode & !allowed;
        if mode == permission_bits(&made) { Ok(()) } else { set_permission_bits(file, mode) }
    }

    #[cfg(not(unix))]
    fn restrict(&mut self, _source: Option<&Metadata>, _allowed: u32) -> io::Result<()> {
        Ok(())
    }

    /// Where the file is until it gets its name.
    pub(crate) fn temporary_path(&self) -> &Path {
        self.file.path()
    }

    /// Where a side file of the database under construction would be.
    pub(crate) fn side_file(&self, suffix: &str) -> PathBuf {
        side_file(self.temporary_path(), suffix)
    }

    /// Empties the file and removes what SQLite put beside it.
    pub(crate) fn clear(&mut self) -> Result<(), Fault> {
        let cleared = self.file.as_file().set_len(0);
        cleared.and_then(|()| remove_side_files(self.temporary_path())).map_err(|error| self.failed(&error))
    }

    /// Reads bytes at an offset; `false` if the file ends before.
    pub(crate) fn read_at(&mut self, offset: u64, bytes: &mut [u8]) -> Result<bool, Fault> {
        let mut file = self.file.as_file();
        match file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(bytes)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Writes bytes at an offset.
    pub(crate) fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Fault> {
        let mut file = self.file.as_file();
        file.seek(SeekFrom::Start(offset))
            .and_then(|_| file.write_all(bytes))
            .map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &io::Error) -> Fault {
        Fault::Io { action: "write", path: Some(self.path.clone()), reason: error.to_string() }
    }

    /// Appends bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.file.as_file_mut().write_all(bytes).map_err(|error| self.failed(&error))
    }

    /// Puts what was written so far on stable storage. Each failure is told once.
    pub(crate) fn sync(&self) -> Result<(), Fault> {
        self.file.as_file().sync_all().map_err(|error| self.failed(&error))
    }

    /// Gives the file its name. On return it is on stable storage.
    ///
    /// Cost: two disk syncs.
    pub(crate) fn publish(self, content: Content) -> Result<(), Fault> {
        #[cfg(unix)]
        if self.surplus != 0 {
            let file = self.file.as_file();
            let mode = file.metadata().map(|made| permission_bits(&made) & !self.surplus);
            mode.and_then(|mode| set_permission_bits(file, mode)).map_err(|error| self.failed(&error))?;
        }
        self.sync()?;
        let folder = directory(&self.path).to_owned();
        let turn = (content == Content::Database).then(|| Turn::take(&folder));
        if turn.is_some() {
            require_absent(&self.path)?;
            remove_side_files(&self.path).map_err(|error| self.failed(&error))?;
        }
        let Self { path, file, side_files, .. } = self;
        file.persist_noclobber(&path).map_err(|kept| refused(&path, &kept.error))?;
        drop((turn, side_files));
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

#[cfg(unix)]
fn temporary_file(folder: &Path, mode: u32) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = std::fs::Permissions::from_mode(mode);
    Builder::new().prefix(".zova-new-").permissions(permissions).tempfile_in(folder)
}

#[cfg(not(unix))]
fn temporary_file(folder: &Path, _mode: u32) -> io::Result<NamedTempFile> {
    Builder::new().prefix(".zova-new-").tempfile_in(folder)
}

/// Who may read and write.
#[cfg(unix)]
fn permission_bits(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::MetadataExt;
    metadata.mode() & MODE
}

#[cfg(not(unix))]
fn permission_bits(_metadata: &Metadata) -> u32 {
    MODE
}

#[cfg(unix)]
fn set_permission_bits(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(mode))
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

/// A file that SQLite keeps beside a database.
pub(crate) fn side_file(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    database.with_file_name(name)
}

/// No database exists under the name, so these belong to none.
fn remove_side_files(path: &Path) -> io::Result<()> {
    for suffix in ["-journal", "-wal", "-shm"] {
        match std::fs::remove_file(side_file(path, suffix)) {
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
