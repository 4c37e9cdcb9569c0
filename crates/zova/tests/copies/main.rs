//! Copies of whole databases: backup, compact, restore, convert.

#[path = "../common/mod.rs"]
mod common;

mod convert;
mod crash;
mod damage;
mod destinations;
#[path = "../common/limit.rs"]
mod limit;
mod progress;
mod sources;

use std::ops::ControlFlow;
use std::path::Path;

use zova::{
    BackupOptions, CompactOptions, Database, OpenOptions, Progress, RestoreOptions, Result,
    VectorCollectionOptions, VectorMetric, restore_backup_with_progress,
};

use common::{bytes, raw};

/// The ways to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Backup,
    Compact,
    Restore,
    Convert,
}

impl Way {
    pub(crate) const ALL: [Self; 4] = [Self::Backup, Self::Compact, Self::Restore, Self::Convert];
    /// Those whose source is a Zova database.
    pub(crate) const OF_ZOVA: [Self; 3] = [Self::Backup, Self::Compact, Self::Restore];

    /// A source that this way can copy.
    pub(crate) fn source(self, path: &Path) {
        match self {
            Self::Convert => plain(path),
            _ => filled(path),
        }
    }

    pub(crate) fn copy(self, source: &Path, destination: &Path) -> Result<()> {
        self.watched(source, destination, true, &mut |_| ControlFlow::Continue(()))
    }

    pub(crate) fn watched(
        self,
        source: &Path,
        destination: &Path,
        verify: bool,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<()> {
        let open =
            || Database::open_with_options(source, OpenOptions { read_only: true, busy_timeout_ms: 0 });
        match self {
            Self::Backup => open()?.backup_to_with_progress(destination, BackupOptions { verify }, progress),
            Self::Compact => {
                open()?.compact_to_with_progress(destination, CompactOptions { verify }, progress)
            }
            Self::Restore => {
                restore_backup_with_progress(source, destination, RestoreOptions { verify }, progress)
            }
            Self::Convert => Database::convert_sqlite_to_zova_with_progress(source, destination, progress),
        }
    }
}

/// A Zova database with something of everything.
pub(crate) fn filled(path: &Path) {
    let mut db = Database::create(path).unwrap();
    db.exec("pragma synchronous = off; create table t(a integer primary key, b text)").unwrap();
    db.begin().unwrap();
    db.exec(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000) \
         insert into t select i, 'row ' || i from n",
    )
    .unwrap();
    for seed in 0..20 {
        db.put_object(&bytes(seed, 1000 + 30_000 * seed as usize)).unwrap();
    }
    db.put_object(b"").unwrap();
    let loose = bytes(99, 500);
    db.put_object_chunk(zova::object_chunk_id(&loose).unwrap(), &loose).unwrap();
    db.create_vector_collection("c", VectorCollectionOptions { dimensions: 8, metric: VectorMetric::L2 })
        .unwrap();
    for row in 0..300 {
        db.put_vector("c", &format!("v{row}"), &[row as f32; 8]).unwrap();
    }
    db.create_graph("g").unwrap();
    db.commit().unwrap();
}

/// An ordinary SQLite database.
pub(crate) fn plain(path: &Path) {
    let connection = raw(path);
    connection
        .execute_batch(
            "pragma synchronous = off; create table t(a integer primary key, b text);
             with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
             insert into t select i, 'row ' || i from n;",
        )
        .unwrap();
}
