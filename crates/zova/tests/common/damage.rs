//! Every kind of damage of the specification, done to a sound object of 23 chunks, and what each call says then.

#![allow(dead_code, reason = "each test crate uses the part it needs")]

use std::path::PathBuf;
use std::sync::OnceLock;

use zova::{Database, ObjectChunkId, ObjectId, Status};

use crate::common::reference::{chunks, hex, sha256};
use crate::common::{Scratch, bytes, edit};

/// The chunk that is damaged.
pub(crate) const HIT: usize = 11;

/// What a call may say: `None` is success.
pub(crate) type Allowed = &'static [Option<Status>];

const FINE: Allowed = &[None];
const DAMAGED: Allowed = &[Some(Status::ObjectCorrupt)];
const DAMAGED_OR_FINE: Allowed = &[Some(Status::ObjectCorrupt), None];
const ABSENT: Allowed = &[Some(Status::ObjectNotFound)];
const CHUNK_ABSENT: Allowed = &[Some(Status::ObjectChunkNotFound)];
const TOO_LARGE: Allowed = &[Some(Status::ObjectCorrupt), Some(Status::OutOfMemory)];
const NO_TABLE: Allowed = &[Some(Status::SqliteError)];
const CONTRADICTION: Allowed = &[Some(Status::Constraint)];
const EXISTS: Allowed = &[Some(Status::ObjectAlreadyExists)];
const DAMAGED_OR_EXISTS: Allowed = &[Some(Status::ObjectCorrupt), Some(Status::ObjectAlreadyExists)];

/// One kind of damage.
pub(crate) struct Damage {
    pub(crate) name: &'static str,
    sql: &'static str,
    /// Reading all of it in any way: get, verify, reader, into a file.
    pub(crate) read: Allowed,
    pub(crate) manifest: Allowed,
    /// Reading the chunk at [`HIT`].
    pub(crate) chunk: Allowed,
    /// Finishing a writer with the same bytes.
    pub(crate) writer: Allowed,
    /// Assembling the same id.
    pub(crate) assemble: Allowed,
    pub(crate) delete: Allowed,
}

/// The object that is damaged, in a file of its own.
pub(crate) struct Victim {
    pub(crate) scratch: Scratch,
    pub(crate) db: Database,
    pub(crate) path: PathBuf,
    pub(crate) content: Vec<u8>,
    /// The id its rows have.
    pub(crate) id: ObjectId,
    pub(crate) chunk: ObjectChunkId,
}

pub(crate) fn content() -> Vec<u8> {
    bytes(11, 200_000)
}

/// The id that rows are moved under.
fn other_id() -> [u8; 32] {
    sha256(b"another object")
}

/// The chunk at [`HIT`]: its bytes change, the manifest stays.
const fn chunk_row(name: &'static str, sql: &'static str) -> Damage {
    Damage {
        name,
        sql,
        read: DAMAGED,
        manifest: FINE,
        chunk: DAMAGED,
        writer: DAMAGED,
        assemble: DAMAGED,
        delete: FINE,
    }
}

/// The object's own rows change, the chunks stay.
const fn object_rows(name: &'static str, sql: &'static str) -> Damage {
    Damage { manifest: DAMAGED, chunk: FINE, ..chunk_row(name, sql) }
}

/// All kinds. In the SQL, `{object}` is the object id, `{hit}` and `{other}` are the hashes of the chunk at [`HIT`] and
/// of one of another size, `{wrong}` is the id of no object, all as blob literals.
pub(crate) const ALL: &[Damage] = &[
    chunk_row(
        "chunk bytes changed",
        "update _zova_chunks set data = zeroblob(size_bytes) where chunk_hash = {hit}",
    ),
    chunk_row(
        "chunk data shortened",
        "update _zova_chunks set data = substr(data, 1, size_bytes - 1) where chunk_hash = {hit}",
    ),
    Damage {
        manifest: DAMAGED,
        ..chunk_row(
            "chunk data shortened, size adjusted",
            "update _zova_chunks set data = substr(data, 1, size_bytes - 1), size_bytes = size_bytes - 1 \
             where chunk_hash = {hit}",
        )
    },
    Damage {
        read: DAMAGED_OR_FINE,
        manifest: DAMAGED,
        writer: DAMAGED_OR_FINE,
        assemble: DAMAGED_OR_EXISTS,
        ..chunk_row(
            "chunk size column off",
            "update _zova_chunks set size_bytes = size_bytes + 1 where chunk_hash = {hit}",
        )
    },
    Damage {
        manifest: DAMAGED,
        chunk: CHUNK_ABSENT,
        writer: DAMAGED_OR_FINE,
        ..chunk_row("chunk row missing", "delete from _zova_chunks where chunk_hash = {hit}")
    },
    object_rows(
        "one manifest row missing",
        "delete from _zova_object_chunks where object_id = {object} and chunk_index = 11",
    ),
    object_rows(
        "first manifest row missing",
        "delete from _zova_object_chunks where object_id = {object} and chunk_index = 0",
    ),
    object_rows(
        "last manifest row missing",
        "delete from _zova_object_chunks where object_id = {object} and chunk_index = 22",
    ),
    object_rows(
        "index of a manifest row wrong",
        "update _zova_object_chunks set chunk_index = 100 where object_id = {object} and chunk_index = 11",
    ),
    object_rows(
        "index of a manifest row negative",
        "update _zova_object_chunks set chunk_index = -1 where object_id = {object} and chunk_index = 11",
    ),
    object_rows("all manifest rows missing", "delete from _zova_object_chunks where object_id = {object}"),
    object_rows(
        "a surplus manifest row",
        "insert into _zova_object_chunks select {object}, 23, {hit}, 200000, size_bytes from _zova_chunks \
         where chunk_hash = {hit}",
    ),
    object_rows(
        "manifest offset wrong",
        "update _zova_object_chunks set offset = offset + 1 where object_id = {object} and chunk_index = 11",
    ),
    object_rows(
        "manifest offset huge",
        "update _zova_object_chunks set offset = 9223372036854775807 \
         where object_id = {object} and chunk_index = 11",
    ),
    object_rows(
        "manifest size wrong",
        "update _zova_object_chunks set size_bytes = size_bytes - 1 where object_id = {object} and chunk_index = 11",
    ),
    object_rows(
        "manifest size no size of a chunk",
        "update _zova_object_chunks set size_bytes = 9223372036854775807 \
         where object_id = {object} and chunk_index = 11",
    ),
    object_rows(
        "manifest row names another chunk",
        "update _zova_object_chunks set chunk_hash = {other} where object_id = {object} and chunk_index = 11",
    ),
    object_rows(
        "manifest hash not 32 bytes",
        "update _zova_object_chunks set chunk_hash = substr(chunk_hash, 1, 31) \
         where object_id = {object} and chunk_index = 11",
    ),
    object_rows(
        "manifest hash a text",
        "update _zova_object_chunks set chunk_hash = 'no hash' where object_id = {object} and chunk_index = 11",
    ),
    object_rows(
        "object size one less",
        "update _zova_objects set size_bytes = size_bytes - 1 where object_id = {object}",
    ),
    object_rows(
        "object size less by some chunks",
        "update _zova_objects set size_bytes = 150000 where object_id = {object}",
    ),
    object_rows(
        "object size less by whole chunks",
        "update _zova_objects set size_bytes = (select offset from _zova_object_chunks \
         where object_id = {object} and chunk_index = 20) where object_id = {object}",
    ),
    object_rows(
        "object size one more",
        "update _zova_objects set size_bytes = size_bytes + 1 where object_id = {object}",
    ),
    object_rows(
        "chunk count one less",
        "update _zova_objects set chunk_count = 22 where object_id = {object}",
    ),
    object_rows(
        "chunk count one more",
        "update _zova_objects set chunk_count = 24 where object_id = {object}",
    ),
    object_rows("chunk count zero", "update _zova_objects set chunk_count = 0 where object_id = {object}"),
    object_rows(
        "chunk count huge",
        "update _zova_objects set chunk_count = 9223372036854775807 where object_id = {object}",
    ),
    Damage {
        read: TOO_LARGE,
        ..object_rows(
            "object size absurdly large",
            "update _zova_objects set size_bytes = 9223372036854775807 where object_id = {object}",
        )
    },
    object_rows(
        "object size negative",
        "update _zova_objects set size_bytes = -1 where object_id = {object}",
    ),
    object_rows(
        "chunk count negative",
        "update _zova_objects set chunk_count = -23 where object_id = {object}",
    ),
    object_rows(
        "another chunker",
        "update _zova_objects set chunker = 'fastcdc-v2' where object_id = {object}",
    ),
    object_rows(
        "columns of other types",
        "update _zova_objects set size_bytes = 'large', chunk_count = x'17' where object_id = {object}",
    ),
    Damage {
        manifest: FINE,
        writer: FINE,
        ..object_rows(
            "rows moved under a wrong id",
            "update _zova_objects set object_id = {wrong}; update _zova_object_chunks set object_id = {wrong}",
        )
    },
    object_rows(
        "size 0, count 0, manifest gone",
        "update _zova_objects set size_bytes = 0, chunk_count = 0 where object_id = {object}; \
         delete from _zova_object_chunks where object_id = {object}",
    ),
    Damage {
        read: ABSENT,
        manifest: ABSENT,
        writer: CONTRADICTION,
        assemble: CONTRADICTION,
        delete: ABSENT,
        ..object_rows("object row gone", "delete from _zova_objects where object_id = {object}")
    },
    Damage {
        read: NO_TABLE,
        manifest: NO_TABLE,
        chunk: NO_TABLE,
        writer: NO_TABLE,
        assemble: NO_TABLE,
        delete: NO_TABLE,
        ..object_rows("chunk table dropped", "drop table _zova_chunks")
    },
    Damage {
        read: FINE,
        manifest: FINE,
        writer: FINE,
        assemble: EXISTS,
        ..object_rows("no damage", "select 1")
    },
];

/// A file with the sound object in it and nothing else.
fn sound_file() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let scratch = Scratch::new();
        let (mut db, path) = scratch.database("a.zova");
        db.put_object(&content()).expect("a stored object");
        drop(db);
        std::fs::read(path).expect("the file")
    })
}

impl Victim {
    /// An object without damage, through a handle that is open already.
    pub(crate) fn sound() -> Self {
        let scratch = Scratch::new();
        let path = scratch.path("a.zova");
        std::fs::write(&path, sound_file()).expect("a file");
        let mut db = Database::open(&path).expect("a database");
        db.exec("pragma synchronous = off").expect("a setting");
        let content = content();
        let id = ObjectId::from(sha256(&content));
        let chunk = ObjectChunkId::from(sha256(chunks(&content)[HIT]));
        Self { scratch, db, path, content, id, chunk }
    }
}

impl Damage {
    /// An object with this damage.
    pub(crate) fn victim(&self) -> Victim {
        let mut victim = Victim::sound();
        self.apply(&mut victim);
        victim
    }

    /// Does the damage to a sound object.
    pub(crate) fn apply(&self, victim: &mut Victim) {
        let cut = chunks(&victim.content);
        assert_eq!(cut.len(), 23);
        assert_ne!(cut[HIT].len(), cut[HIT + 1].len());
        let literal = |hash: &[u8]| format!("x'{}'", hex(hash));
        let sql = self
            .sql
            .replace("{object}", &literal(victim.id.as_ref()))
            .replace("{hit}", &literal(victim.chunk.as_ref()))
            .replace("{other}", &literal(&sha256(cut[HIT + 1])))
            .replace("{wrong}", &literal(&other_id()));
        edit(&victim.path, &sql);
        if self.sql.contains("{wrong}") {
            victim.id = ObjectId::from(other_id());
        }
    }
}

/// A call's outcome must be one of the allowed ones.
#[track_caller]
pub(crate) fn assert_allowed<T: std::fmt::Debug>(
    name: &str,
    result: Result<T, zova::Error>,
    allowed: Allowed,
) {
    let status = result.as_ref().err().map(|error| error.status().expect("a status"));
    assert!(allowed.contains(&status), "{name}: {result:?} instead of {allowed:?}");
    if let Some(status) = status {
        crate::common::native_fault(result, status);
    }
}
