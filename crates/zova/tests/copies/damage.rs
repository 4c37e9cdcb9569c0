//! A copy of something damaged is not made, unless it is not to be looked at.

use std::ops::ControlFlow;
use std::path::Path;

use zova::Status;

use crate::Way;
use crate::common::{Scratch, edit, entries, fault, native_fault, one, raw};

/// Ways to damage a filled database, and what verification says about each.
const DAMAGES: &[(&str, Status)] = &[
    // Chunks and objects.
    ("update _zova_chunks set data = zeroblob(size_bytes) where rowid = 5", Status::ObjectCorrupt),
    (
        "update _zova_chunks set data = zeroblob(size_bytes) where chunk_hash not in \
        (select chunk_hash from _zova_object_chunks)",
        Status::ObjectCorrupt,
    ),
    ("update _zova_chunks set size_bytes = 70000 where rowid = 5", Status::ObjectCorrupt),
    ("delete from _zova_chunks where rowid = 5", Status::ObjectCorrupt),
    ("update _zova_objects set size_bytes = size_bytes + 1 where chunk_count > 3", Status::ObjectCorrupt),
    ("update _zova_objects set chunk_count = chunk_count + 1 where chunk_count > 3", Status::ObjectCorrupt),
    ("update _zova_objects set chunker = 'other'", Status::ObjectCorrupt),
    ("update _zova_objects set object_id = x'0102' where chunk_count = 1", Status::ObjectCorrupt),
    ("update _zova_objects set object_id = zeroblob(32) where chunk_count = 0", Status::ObjectCorrupt),
    ("delete from _zova_object_chunks where chunk_index = 2", Status::ObjectCorrupt),
    // Whole objects whose chunks are sound: two chunks change places, or an id is another one's.
    (
        "update _zova_object_chunks set object_id = zeroblob(32) where object_id = (select object_id from _zova_objects \
        where chunk_count > 3 limit 1); update _zova_objects set object_id = zeroblob(32) where object_id = \
        (select object_id from _zova_objects where chunk_count > 3 limit 1)",
        Status::ObjectCorrupt,
    ),
    (
        "update _zova_object_chunks set object_id = zeroblob(32) where object_id = (select object_id from _zova_objects \
        where chunk_count = 1 limit 1); update _zova_objects set object_id = zeroblob(32) where object_id = \
        (select object_id from _zova_objects where chunk_count = 1 limit 1)",
        Status::ObjectCorrupt,
    ),
    // Vectors.
    ("update _zova_vectors set \"values\" = zeroblob(31) where rowid = 7", Status::VectorCorrupt),
    (
        "update _zova_vectors set \"values\" = x'0000807f' || zeroblob(28) where rowid = 7",
        Status::VectorCorrupt,
    ),
    (
        "update _zova_vectors set \"values\" = 'text of the right size. 32 bytes' where rowid = 7",
        Status::VectorCorrupt,
    ),
    (
        "update _zova_vectors set dimensions = 4, \"values\" = zeroblob(16) where rowid = 7",
        Status::VectorCorrupt,
    ),
    ("update _zova_vectors set collection_name = 'nobody' where rowid = 7", Status::VectorCollectionNotFound),
    ("update _zova_vectors set collection_name = '' where rowid = 7", Status::VectorInvalid),
    ("update _zova_vectors set vector_id = '_ZOVA_x' where rowid = 7", Status::VectorInvalid),
    ("update _zova_vectors set vector_id = cast(x'ff' as text) where rowid = 7", Status::VectorInvalid),
    ("update _zova_vector_collections set metric = 'odd'", Status::NotZovaDatabase),
    ("insert into _zova_vector_collections values ('unused', 3, 'l2', 'f64')", Status::NotZovaDatabase),
    // Of several damaged vectors the first by collection and id counts.
    (
        "update _zova_vectors set \"values\" = zeroblob(31) where vector_id = 'v99'; \
        update _zova_vectors set vector_id = '' where vector_id = 'v5'",
        Status::VectorInvalid,
    ),
    (
        "update _zova_vectors set \"values\" = zeroblob(31) where vector_id = 'v0'; \
        update _zova_vectors set collection_name = 'z' where vector_id = 'v5'",
        Status::VectorCorrupt,
    ),
];

fn unverified(way: Way, source: &Path, target: &Path) {
    way.watched(source, target, false, &mut |_| ControlFlow::Continue(())).unwrap();
}

#[test]
fn every_kind_of_damage_is_found_by_every_way_that_verifies_and_copied_by_those_that_do_not() {
    let template = Scratch::new();
    let original = template.path("original.zova");
    crate::filled(&original);
    for (number, (sql, status)) in DAMAGES.iter().enumerate() {
        let scratch = Scratch::new();
        let source = scratch.path("source.zova");
        std::fs::copy(&original, &source).unwrap();
        edit(&source, &format!("drop index if exists x; {sql}"));
        for way in Way::OF_ZOVA {
            let target = scratch.path(&format!("{way:?}.zova"));
            let outcome = way.copy(&source, &target);
            assert!(outcome.is_err(), "{way:?}, {sql}");
            fault(outcome, *status);
            assert_eq!(entries(scratch.dir()).iter().filter(|name| *name != "source.zova").count(), 0);
            if number % 5 == 0 {
                unverified(way, &source, &target);
                std::fs::remove_file(target).unwrap();
            }
        }
    }
}

#[test]
fn rows_that_verification_does_not_speak_of_do_not_stop_a_copy() {
    let scratch = Scratch::new();
    let source = scratch.path("source.zova");
    crate::filled(&source);
    edit(
        &source,
        "insert into _zova_object_chunks select zeroblob(32), 0, chunk_hash, 0, size_bytes from _zova_chunks limit 1;
         insert into _zova_graph_nodes values ('g', 'n', 'k', 'vector', 'c', 'missing', 1);
         create table p(a primary key); create table q(a references p); insert into q values (1);
         create table r(a check (a > 0)); insert into r values (-1)",
    );
    for way in Way::OF_ZOVA {
        way.copy(&source, &scratch.path(&format!("{way:?}.zova"))).unwrap();
    }
}

#[test]
fn damaged_pages_are_found_without_any_row_being_wrong() {
    let scratch = Scratch::new();
    let source = scratch.path("source.zova");
    crate::filled(&source);
    // A leaf of the application's table.
    let page: i64 = {
        let connection = raw(&source);
        one(&connection, "select max(pageno) from dbstat where name = 't' and pagetype = 'leaf'")
    };
    let mut bytes = std::fs::read(&source).unwrap();
    let start = (page as usize - 1) * 4096;
    bytes[start + 8..start + 200].fill(0xee);
    std::fs::write(&source, bytes).unwrap();
    for way in [Way::Backup, Way::Restore] {
        let target = scratch.path("x.zova");
        let message = native_fault(way.copy(&source, &target), Status::Corrupt);
        assert!(message.contains("x.zova") && message.contains("damaged"), "{message}");
        assert_eq!(entries(scratch.dir()), ["source.zova"]);
        unverified(way, &source, &target);
        std::fs::remove_file(target).unwrap();
    }
    native_fault(Way::Compact.copy(&source, &scratch.path("x.zova")), Status::Corrupt);
}
