//! Reading a database that must not be changed: not its file, nor its write-ahead log, nor its journal.
//!
//! SQLite changes these when it finds a transaction that was left unfinished, and around a write-ahead log also when it
//! only reads. So there are two ways:
//!
//! - **Through SQLite**, read-only and page by page, where that writes nothing: in rollback mode without a hot journal,
//!   and in WAL mode while the log's index exists, which then is only read as well.
//! - **As it lies on disk**, the file and its log or journal byte by byte, into the new file. SQLite then brings the
//!   copy into order. All the while a SHARED lock is held, so that nobody writes the file or clears the log away. A
//!   connection that comes meanwhile and uses the log makes its index, and cannot remove it under the lock: seeing none
//!   afterwards, we were alone.

use std::ffi::CStr;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::pages::{BLOCK, Size};
use super::{Copy, VERSIONS_AT, WAL_MODE};
use crate::error::{Fault, Status};
use crate::publish::side_file;
use crate::session::busy_timeout;
use crate::sqlite::{Connection, LockedMainFile, OpenMode, Prepared, SqlText, SqliteError};

/// Time between two attempts to get a lock.
const PAUSE: Duration = Duration::from_millis(5);

/// Where in a database file its page size is.
const PAGE_SIZE_AT: u64 = 16;

const BEGIN: &CStr = c"begin";
/// In any case of letters; a table is named before anything else.
const CONFLICT: &CStr = c"select type, name from sqlite_schema where lower(substr(name, 1, 6)) = '_zova_' \
    order by type = 'table' desc, rowid limit 1";

/// Fills the copy with the content of an SQLite database.
pub(super) fn fill(copy: &mut Copy<'_>, source: &Path, busy_timeout_ms: u32) -> Result<(), Fault> {
    match std::fs::metadata(source) {
        Ok(file) if file.is_file() => {}
        Ok(_) => return Err(Fault::cant_open(source, "it is not a regular file")),
        Err(error) => return Err(Fault::cant_open(source, error.to_string())),
    }
    // Side files stand beside the file, not beside a link to it.
    let file = std::fs::canonicalize(source).map_err(|error| Fault::cant_open(source, error.to_string()))?;
    let origin = Origin { source, file: &file, busy_timeout_ms };
    loop {
        let connection = origin.open(copy, OpenMode::ReadOnly)?;
        let locked = origin.lock(copy, &connection)?;
        let mut versions = [0; 2];
        locked.read(&mut versions, VERSIONS_AT).map_err(|error| origin.refused(error))?;
        let done = if !versions.contains(&WAL_MODE[0]) {
            drop(locked);
            match origin.copy_pages(copy, &connection)? {
                Outcome::NeedsWriting => {
                    let locked = origin.lock(copy, &connection)?;
                    origin.copy_bytes(copy, &locked, "-journal")?;
                    drop(locked);
                    true
                }
                Outcome::Done => return Ok(()),
            }
        } else if origin.has("-shm") {
            drop(locked);
            origin.copy_pages_beside_log(copy, &connection)?;
            return Ok(());
        } else {
            origin.copy_bytes(copy, &locked, "-wal")?;
            let alone = !origin.has("-shm");
            drop(locked);
            alone
        };
        connection.close();
        if done {
            return origin.recover(copy);
        }
        copy.file.clear()?;
    }
}

/// What became of reading through SQLite.
enum Outcome {
    Done,
    /// SQLite would have to write first.
    NeedsWriting,
}

/// A database to be read.
struct Origin<'o> {
    /// As the caller calls it.
    source: &'o Path,
    /// The file itself.
    file: &'o Path,
    busy_timeout_ms: u32,
}

impl Origin<'_> {
    fn refused(&self, error: SqliteError) -> Fault {
        Fault::Open { path: self.source.to_owned(), error }
    }

    fn unreadable(&self, error: &std::io::Error) -> Fault {
        Fault::Io { action: "read", path: Some(self.source.to_owned()), reason: error.to_string() }
    }

    fn open(&self, copy: &Copy<'_>, mode: OpenMode) -> Result<Connection, Fault> {
        let connection = Connection::open_stoppable(self.file, mode, copy.job.when.clone());
        let connection = connection.map_err(|error| self.refused(error))?;
        let timeout = busy_timeout(self.busy_timeout_ms)?;
        connection.set_busy_timeout(timeout).map_err(|error| self.refused(error))?;
        Ok(connection)
    }

    fn has(&self, suffix: &str) -> bool {
        side_file(self.file, suffix).exists()
    }

    /// Takes the lock, waiting for others as SQLite would.
    fn lock<'c>(&self, copy: &mut Copy<'_>, connection: &'c Connection) -> Result<LockedMainFile<'c>, Fault> {
        let start = Instant::now();
        loop {
            match connection.lock_main_file() {
                Err(error) if error.status() == Status::Busy => {
                    if start.elapsed() >= Duration::from_millis(self.busy_timeout_ms.into()) {
                        copy.meter.go_on()?;
                        return Err(self.refused(error));
                    }
                }
                locked => return locked.map_err(|error| self.refused(error)),
            }
            copy.meter.go_on()?;
            std::thread::sleep(PAUSE);
        }
    }

    /// Copies through SQLite.
    fn copy_pages(&self, copy: &mut Copy<'_>, connection: &Connection) -> Result<Outcome, Fault> {
        match self.begin(connection) {
            Ok(()) => {}
            Err(Fault::Open { error, .. }) if error.status() == Status::ReadOnly => {
                // Whatever began has ended with the error.
                return Ok(Outcome::NeedsWriting);
            }
            Err(fault) => return Err(fault),
        }
        copy.fill_pages(connection, 0)?;
        Ok(Outcome::Done)
    }

    /// Copies through SQLite beside a write-ahead log whose index exists. Where the index cannot be used without
    /// writing to it, it is written to; it holds no data.
    fn copy_pages_beside_log(&self, copy: &mut Copy<'_>, connection: &Connection) -> Result<(), Fault> {
        let careful = self.open(copy, OpenMode::ReadOnlyIndex)?;
        if let Outcome::Done = self.copy_pages(copy, &careful)? {
            return Ok(());
        }
        careful.close();
        match self.copy_pages(copy, connection)? {
            Outcome::Done => Ok(()),
            Outcome::NeedsWriting => {
                Err(Fault::cant_open(self.source, "its write-ahead log cannot be read without writing"))
            }
        }
    }

    /// Starts a read transaction and looks whether the database can become one of Zova's.
    fn begin(&self, connection: &Connection) -> Result<(), Fault> {
        let refused = |error| self.refused(error);
        for sql in [BEGIN, CONFLICT] {
            let (mut statement, _) = Prepared::new(connection, SqlText::new(sql)).map_err(refused)?;
            if statement.step(connection).map_err(refused)? {
                let mut text = |column| {
                    let text = statement.column_text(column).map_err(refused)?.unwrap_or_default();
                    Ok::<_, Fault>(String::from_utf8_lossy(text).into_owned())
                };
                return Err(Fault::NameConflict {
                    path: self.source.to_owned(),
                    kind: text(0)?,
                    name: text(1)?,
                });
            }
        }
        Ok(())
    }

    /// Copies the file and one of its side files as they are.
    fn copy_bytes(
        &self,
        copy: &mut Copy<'_>,
        locked: &LockedMainFile<'_>,
        suffix: &'static str,
    ) -> Result<(), Fault> {
        let failed = |error| self.refused(error);
        let size = locked.size().map_err(failed)?;
        let mut page_size = [0; 2];
        locked.read(&mut page_size, PAGE_SIZE_AT).map_err(failed)?;
        // Only for the scale; 1 stands for 65536.
        let page_size = match u64::from(u16::from_be_bytes(page_size)) {
            0 | 1 => 65536,
            bytes => bytes,
        };
        let size = Size { pages: size.div_ceil(page_size), page_size };
        copy.fill_bytes(locked, size, 0).map_err(|stopped| stopped.into_fault(failed))?;
        let mut block = vec![0; BLOCK];
        let mut side = match File::open(side_file(self.file, suffix)) {
            Ok(side) => side,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(self.unreadable(&error)),
        };
        let path = copy.file.side_file(suffix);
        let unwritable = |error: std::io::Error| Fault::Io {
            action: "write",
            path: Some(copy.job.destination.to_owned()),
            reason: error.to_string(),
        };
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut target = options.open(path).map_err(unwritable)?;
        loop {
            let length = side.read(&mut block).map_err(|error| self.unreadable(&error))?;
            if length == 0 {
                return Ok(());
            }
            target.write_all(&block[..length]).map_err(unwritable)?;
            copy.meter.tick()?;
        }
    }

    /// Lets SQLite bring the copied bytes into order: roll a journal back, move a log into the file.
    fn recover(&self, copy: &Copy<'_>) -> Result<(), Fault> {
        let failed = |error| self.refused(error);
        let path = copy.file.temporary_path();
        let connection = Connection::open_stoppable(path, OpenMode::ReadWrite, copy.job.when.clone());
        let connection = connection.map_err(failed)?;
        self.begin(&connection)?;
        for sql in [c"commit", c"pragma main.wal_checkpoint(truncate)"] {
            let (mut statement, _) = Prepared::new(&connection, SqlText::new(sql)).map_err(failed)?;
            if statement.step(&connection).map_err(failed)? && statement.column_i64(0) != 0 {
                return Err(Fault::Native { action: copy.job.action, error: SqliteError::interrupted() });
            }
        }
        connection.close();
        Ok(())
    }
}
