//! Reading the files of bundles and of the trust store: bounded, without blocking, and with an error name for
//! everything that a file system can answer.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::error::Fault;

/// The SHA-256 of a file.
pub(crate) type Digest = [u8; 32];

/// The digest as 64 lower-case hexadecimal digits.
pub(crate) fn hex(digest: &Digest) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The fault of a path that the file system refuses.
pub(crate) fn refused(path: &Path, error: &io::Error) -> Fault {
    named(path, error_name(error))
}

/// The fault of a path, with the name of the error.
pub(crate) fn named(path: &Path, name: &'static str) -> Fault {
    Fault::BundleFile { path: path.to_owned(), name }
}

/// The name of an error of the file system, as commands print it.
fn error_name(error: &io::Error) -> &'static str {
    #[cfg(unix)]
    match error.raw_os_error() {
        Some(libc::EPERM) => return "PermissionDenied",
        Some(libc::ELOOP) => return "SymLinkLoop",
        Some(libc::ENXIO | libc::ENODEV) => return "NoDevice",
        Some(libc::EMFILE) => return "ProcessFdQuotaExceeded",
        Some(libc::ENFILE) => return "SystemFdQuotaExceeded",
        _ => {}
    }
    match error.kind() {
        ErrorKind::NotFound => "FileNotFound",
        ErrorKind::NotADirectory => "NotDir",
        ErrorKind::IsADirectory => "IsDir",
        ErrorKind::PermissionDenied => "AccessDenied",
        ErrorKind::AlreadyExists => "PathAlreadyExists",
        ErrorKind::InvalidFilename => "NameTooLong",
        ErrorKind::InvalidInput => "BadPathName",
        ErrorKind::StorageFull => "NoSpaceLeft",
        ErrorKind::QuotaExceeded => "DiskQuota",
        ErrorKind::ReadOnlyFilesystem => "ReadOnlyFileSystem",
        ErrorKind::ResourceBusy | ErrorKind::WouldBlock => "FileBusy",
        ErrorKind::FileTooLarge => "FileTooBig",
        ErrorKind::OutOfMemory => "SystemResources",
        _ => "InputOutput",
    }
}

/// The canonical absolute path, links followed.
pub(crate) fn canonical(path: &Path) -> Result<PathBuf, Fault> {
    path.canonicalize().map_err(|error| refused(path, &error))
}

/// An ordinary file, open for reading.
#[derive(Debug)]
pub(crate) struct Readable {
    path: PathBuf,
    file: File,
    /// What the file was when it was opened: of the open file, not of whatever its path leads to later.
    pub(crate) metadata: Metadata,
}

impl Readable {
    /// Opens a file. Something that is no ordinary file (a pipe, a device) is not waited for; `irregular` is its fault.
    pub(crate) fn open(path: &Path, irregular: impl FnOnce() -> Fault) -> Result<Self, Fault> {
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
        let file = options.open(path).map_err(|error| refused(path, &error))?;
        let metadata = file.metadata().map_err(|error| refused(path, &error))?;
        if metadata.is_dir() {
            return Err(named(path, "IsDir"));
        }
        if !metadata.is_file() {
            return Err(irregular());
        }
        Ok(Self { path: path.to_owned(), file, metadata })
    }

    /// The whole content, if it has at most `most` bytes; `None` if it has more.
    pub(crate) fn read(&mut self, most: u64) -> Result<Option<Vec<u8>>, Fault> {
        let mut bytes = Vec::new();
        let taken = (&mut self.file).take(most + 1).read_to_end(&mut bytes);
        taken.map_err(|error| refused(&self.path, &error))?;
        Ok((bytes.len() as u64 <= most).then_some(bytes))
    }

    /// Copies the whole content and gives the digest of exactly the bytes that were copied; `None` if there are more
    /// than `most`.
    pub(crate) fn copy(&mut self, most: u64, sink: &mut dyn Write) -> Result<Option<Digest>, Fault> {
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 256 * 1024];
        let mut total = 0_u64;
        loop {
            let count = match self.file.read(&mut buffer) {
                Ok(0) => return Ok(Some(hasher.finalize().into())),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(refused(&self.path, &error)),
            };
            total += count as u64;
            if total > most {
                return Ok(None);
            }
            hasher.update(&buffer[..count]);
            sink.write_all(&buffer[..count]).map_err(|error| refused(&self.path, &error))?;
        }
    }
}

/// True if every user of the machine may write to it. Always false where files have no such permission.
pub(crate) fn is_writable_by_everyone(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o002 != 0;
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn irregular() -> Fault {
        Fault::ExtensionInvalid("irregular".to_owned())
    }

    #[test]
    fn a_file_that_is_too_long_is_not_read_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, [7; 100]).unwrap();
        let open = || Readable::open(&path, irregular).unwrap();
        assert_eq!(open().read(100).unwrap(), Some(vec![7; 100]));
        assert_eq!(open().read(99).unwrap(), None);
        let mut copied = Vec::new();
        let digest = open().copy(100, &mut copied).unwrap().unwrap();
        assert_eq!((copied, digest), (vec![7; 100], Sha256::digest([7; 100]).into()));
        assert_eq!(open().copy(99, &mut io::sink()).unwrap(), None);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_ordinary_file_is_named_and_never_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let fault = |path: &Path| Readable::open(path, irregular).unwrap_err();
        assert_eq!(fault(folder.path()), named(folder.path(), "IsDir"));
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(fault(&pipe), irregular());
        let missing = folder.path().join("missing");
        assert_eq!(fault(&missing).to_string(), format!("CantOpen: FileNotFound: \"{}\"", missing.display()));
        let below = pipe.join("x");
        assert_eq!(fault(&below), named(&below, "NotDir"));
        let turning = folder.path().join("turning");
        std::os::unix::fs::symlink(&turning, &turning).unwrap();
        assert_eq!(fault(&turning), named(&turning, "SymLinkLoop"));
    }
}
