//! Which paths can be databases. Files are never opened here: closing a descriptor would drop the locks that other
//! connections of the process hold on the file (<https://sqlite.org/howtocorrupt.html>, section 2.2).

use std::io::ErrorKind;
use std::path::Path;

use crate::error::Fault;
use crate::publish::directory;

const SUFFIX: &[u8] = b".zova";

/// The longest absolute path SQLite's Unix VFS opens (`MAX_PATHNAME`), less the longest suffix of a side file.
const MAX_BYTES: usize = 512 - "-journal".len();

/// The path as the caller gave it must end in `.zova`.
pub(super) fn require_suffix(path: &Path) -> Result<(), Fault> {
    if path.as_os_str().as_encoded_bytes().ends_with(SUFFIX) {
        Ok(())
    } else {
        Err(Fault::NotZovaPath(path.to_owned()))
    }
}

/// SQLite could not open a longer path later; better no file than one that cannot be used.
pub(super) fn require_short(path: &Path) -> Result<(), Fault> {
    let absolute = std::path::absolute(path).map_err(|error| Fault::cant_open(path, error.to_string()))?;
    if absolute.as_os_str().len() > MAX_BYTES {
        let reason = format!("the absolute path has more than the {MAX_BYTES} bytes SQLite can use");
        return Err(Fault::cant_open(path, reason));
    }
    Ok(())
}

/// A file must exist under `path`, links followed.
pub(super) fn require_existing(path: &Path) -> Result<(), Fault> {
    let error = match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(Fault::cant_open(path, "it is a directory")),
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::NotFound if std::fs::metadata(directory(path)).is_ok() => {
            Err(Fault::not_zova(path, "does not exist"))
        }
        ErrorKind::NotFound => Err(Fault::cant_open(path, "its directory does not exist")),
        // A path below a regular file.
        ErrorKind::NotADirectory => Err(Fault::not_zova(path, "does not exist")),
        _ => Err(Fault::cant_open(path, error.to_string())),
    }
}
