//! Copies of whole databases, as the Rust handles offer them.

use std::ops::ControlFlow;
use std::path::Path;

use crate::error::Result;
use crate::format::restore;
use crate::handle::checked_path;
use crate::options::{CallLimits, Progress, RestoreOptions, unwatched};

/// Copies the database file `source` into the new file `destination`, page by page. The source is opened for reading
/// only and checked as any open does; it is not changed. The destination appears complete or not at all, replaces
/// nothing, is readable by nobody who may not read the source, and is on stable storage when the call returns.
///
/// # Errors
///
/// Those of [`Database::open`](crate::Database::open) for the source, then those of
/// [`Database::backup_to`](crate::Database::backup_to).
pub fn restore_backup(
    source: impl AsRef<Path>,
    destination: impl AsRef<Path>,
    options: RestoreOptions,
) -> Result<()> {
    restore_backup_with_progress(source, destination, options, &mut unwatched)
}

/// As [`restore_backup`], watched: `progress` hears how many pages are copied, then how many objects, chunks and vectors
/// are verified, on one scale. Breaking stops the call with `Interrupted` and leaves no file.
pub fn restore_backup_with_progress(
    source: impl AsRef<Path>,
    destination: impl AsRef<Path>,
    options: RestoreOptions,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<()> {
    restore_backup_with_limits(source, destination, options, CallLimits::default(), progress)
}

/// As [`restore_backup_with_progress`], with a busy timeout and a deadline.
pub fn restore_backup_with_limits(
    source: impl AsRef<Path>,
    destination: impl AsRef<Path>,
    options: RestoreOptions,
    limits: CallLimits,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<()> {
    let (source, destination) = (checked_path(source.as_ref())?, checked_path(destination.as_ref())?);
    Ok(restore(source, destination, options.verify, limits, progress)?)
}

/// Methods for copies, on the handles that own their transactions.
macro_rules! copy_methods {
    ($self:ident, $($receiver:tt)+) => {
        /// Copies the database as last committed into a new file, page by page, and verifies the copy unless told
        /// otherwise. The path must end in `.zova`. The file appears complete or not at all, replaces nothing, is
        /// readable by nobody who may not read this database, and is on stable storage when the call returns.
        ///
        /// # Errors
        ///
        /// `NotZovaPath`; `DestinationExists`; `CantOpen` for a missing or unwritable directory; `Busy` while this
        /// handle has uncommitted changes, or another process locks readers out; `Corrupt`, `ObjectCorrupt`,
        /// `VectorCorrupt` and what opening can give when the copy does not pass its checks; `SqliteError` for a full
        /// disk; `Interrupted`.
        ///
        /// Cost: every page is read and written once; a check of the structure; a SHA-256 pass over all chunks and
        /// one over the objects of several chunks, on up to four threads.
        pub fn backup_to(
            $($receiver)+, destination: impl AsRef<Path>, options: BackupOptions,
        ) -> Result<()> {
            $self.backup_to_with_progress(destination, options, &mut crate::options::unwatched)
        }

        /// As `backup_to`, watched: `progress` hears how many pages are copied, then how many objects, chunks and
        /// vectors are verified, on one scale. Breaking stops the call with `Interrupted` and leaves no file. It must
        /// not use this database.
        pub fn backup_to_with_progress(
            $($receiver)+,
            destination: impl AsRef<Path>,
            options: BackupOptions,
            progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
        ) -> Result<()> {
            let destination = checked_path(destination.as_ref())?;
            $self.handle().call(|session| session.backup(destination, options.verify, progress))
        }

        /// Writes a rebuilt copy without free pages into a new file; otherwise as `backup_to`. Works on read-only
        /// handles.
        ///
        /// # Errors
        ///
        /// Those of `backup_to`; `SqliteError` inside a transaction, while a statement is in the middle of its
        /// results, and for a schema that needs an SQL function or collation this process does not know.
        ///
        /// Cost: every row is read and written anew; the checks of `backup_to`.
        pub fn compact_to(
            $($receiver)+, destination: impl AsRef<Path>, options: CompactOptions,
        ) -> Result<()> {
            $self.compact_to_with_progress(destination, options, &mut crate::options::unwatched)
        }

        /// As `compact_to`, watched as `backup_to_with_progress`.
        pub fn compact_to_with_progress(
            $($receiver)+,
            destination: impl AsRef<Path>,
            options: CompactOptions,
            progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
        ) -> Result<()> {
            let destination = checked_path(destination.as_ref())?;
            $self.handle().call(|session| session.compact(destination, options.verify, progress))
        }

        /// Makes the new Zova database `destination` out of the SQLite database `source`, whatever that file is called.
        /// Everything in it arrives; its files are not changed.
        ///
        /// # Errors
        ///
        /// `NotZovaPath`, `DestinationExists` and `CantOpen` for the destination; `CantOpen` for a source that is
        /// missing or no file; `SqliteError` for one that is no SQLite database; `Corrupt`; `Busy`;
        /// `ZovaNameConflict` for one with a name that begins with `_zova_`, a Zova database included.
        ///
        /// Cost: every page is read and written once; a check of the structure.
        pub fn convert_sqlite_to_zova(source: impl AsRef<Path>, destination: impl AsRef<Path>) -> Result<()> {
            Self::convert_sqlite_to_zova_with_progress(source, destination, &mut crate::options::unwatched)
        }

        /// As `convert_sqlite_to_zova`, watched: `progress` hears how many pages are copied. Breaking stops the call
        /// with `Interrupted` and leaves no file.
        pub fn convert_sqlite_to_zova_with_progress(
            source: impl AsRef<Path>,
            destination: impl AsRef<Path>,
            progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
        ) -> Result<()> {
            Self::convert_sqlite_to_zova_with_limits(source, destination, CallLimits::default(), progress)
        }

        /// As `convert_sqlite_to_zova_with_progress`, with a busy timeout and a deadline.
        pub fn convert_sqlite_to_zova_with_limits(
            source: impl AsRef<Path>,
            destination: impl AsRef<Path>,
            limits: CallLimits,
            progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
        ) -> Result<()> {
            let (source, destination) = (checked_path(source.as_ref())?, checked_path(destination.as_ref())?);
            Ok(crate::format::convert(source, destination, limits, progress)?)
        }
    };
}
pub(crate) use copy_methods;
