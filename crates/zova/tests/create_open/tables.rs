//! The comparison of the private tables with their canonical text.

use std::path::PathBuf;

use zova::{Database, Status};

use crate::common::{Scratch, edit, edit_schema, one, raw};
use crate::{open_accepted, open_refused};

/// The tables whose text is compared, in the order of the comparison.
const COMPARED: [&str; 9] = [
    "_zova_extensions",
    "_zova_objects",
    "_zova_chunks",
    "_zova_object_chunks",
    "_zova_vector_collections",
    "_zova_vectors",
    "_zova_graphs",
    "_zova_graph_nodes",
    "_zova_graph_edges",
];

const BOUND_STORES: &str = "create table _zova_bound_stores (
    role text not null check (role in ('object_store', 'vector_store')),
    name text not null check (name = 'default'),
    path text not null,
    store_id text not null check (length(store_id) = 64),
    bound_set_id text not null check (length(bound_set_id) = 64),
    object_epoch integer check (object_epoch is null or object_epoch >= 0),
    vector_epoch integer check (vector_epoch is null or vector_epoch >= 0),
    created_at_unix integer not null,
    primary key (role, name))";

const OBJECTS: &str = "create table _zova_objects (object_id blob not null primary key \
    check (length(object_id) = 32), size_bytes integer not null check (size_bytes >= 0), \
    chunk_count integer not null check (chunk_count >= 0), chunker text not null check (chunker = 'fastcdc-v1'))";

fn new_file(scratch: &Scratch) -> PathBuf {
    let path = scratch.path("a.zova");
    let _ = std::fs::remove_file(&path);
    drop(Database::create(&path).unwrap());
    path
}

/// A new file in which the stored text of one table was replaced.
fn with_text(scratch: &Scratch, table: &str, text: &str) -> PathBuf {
    let path = new_file(scratch);
    edit_schema(
        &path,
        &format!("update sqlite_schema set sql = '{}' where name = '{table}'", text.replace('\'', "''")),
    );
    path
}

/// A new file in which `_zova_objects` was made anew by a statement.
fn with_objects(scratch: &Scratch, statement: &str) -> PathBuf {
    let path = new_file(scratch);
    edit(&path, &format!("drop table _zova_objects; {statement}"));
    path
}

fn text_of(scratch: &Scratch, table: &str) -> String {
    one(&raw(&new_file(scratch)), &format!("select sql from sqlite_schema where name = '{table}'"))
}

#[test]
fn every_compared_table_must_be_there() {
    let scratch = Scratch::new();
    for table in COMPARED {
        let path = new_file(&scratch);
        edit(&path, &format!("drop table {table}"));
        open_refused(&path, Status::NotZovaDatabase);
    }
}

#[test]
fn a_view_or_an_index_does_not_stand_for_a_table() {
    let scratch = Scratch::new();
    for table in COMPARED {
        let path = new_file(&scratch);
        edit(&path, &format!("alter table {table} rename to t; create view {table} as select * from t"));
        open_refused(&path, Status::NotZovaDatabase);
        let path = new_file(&scratch);
        edit(&path, &format!("drop table {table}; create table t(a); create index {table} on t(a)"));
        open_refused(&path, Status::NotZovaDatabase);
    }
}

#[test]
fn every_compared_table_is_compared() {
    let scratch = Scratch::new();
    for table in COMPARED {
        let text = text_of(&scratch, table);
        open_accepted(&with_text(&scratch, table, &text.replace(',', " ,\n\t").replace('(', "( ")));
        open_accepted(&with_text(
            &scratch,
            table,
            &text.replace(" not null", " NOT NULL").replace("text", "TEXT"),
        ));
        open_refused(&with_text(&scratch, table, &format!("{text} strict")), Status::NotZovaDatabase);
        let closed = text.strip_suffix(')').unwrap();
        open_refused(&with_text(&scratch, table, &format!("{closed}, check (1))")), Status::NotZovaDatabase);
        let path = new_file(&scratch);
        edit(&path, &format!("alter table {table} add column extra"));
        open_refused(&path, Status::NotZovaDatabase);
    }
}

#[test]
fn another_layout_of_the_same_declaration_opens() {
    let scratch = Scratch::new();
    let shouted = OBJECTS
        .replace("blob", "BLOB")
        .replace("integer", "Integer")
        .replace("not null", "NOT NULL")
        .replace("primary key", "PRIMARY KEY")
        .replace("check", "CHECK")
        .replace("length", "LENGTH");
    for statement in [
        OBJECTS.to_owned(),
        OBJECTS.replace(' ', "\n"),
        OBJECTS.replace(' ', "\t \u{c} \r\n"),
        OBJECTS.replace(" = ", "=").replace(" >= ", ">=").replace(", ", ",").replace(" (", "("),
        OBJECTS.replace("create table ", "create table if not exists main."),
        OBJECTS.replace("create table ", "CREATE /* a comment */ TABLE -- another\n "),
        shouted,
    ] {
        open_accepted(&with_objects(&scratch, &statement));
    }
    // SQLite gave back the original text.
    let path = new_file(&scratch);
    edit(
        &path,
        "alter table _zova_objects rename column chunker to c; alter table _zova_objects rename column c to chunker",
    );
    open_accepted(&path);
    let path = new_file(&scratch);
    edit(&path, "alter table _zova_objects add column extra; alter table _zova_objects drop column extra");
    open_accepted(&path);
}

#[test]
fn white_space_and_letter_case_do_not_count_even_in_literals() {
    let scratch = Scratch::new();
    for text in [
        OBJECTS.replace("'fastcdc-v1'", "'FASTCDC-v1'"),
        OBJECTS.replace("'fastcdc-v1'", "' fast cdc - v1 '"),
        OBJECTS.replace("'fastcdc-v1'", "'fastcdc\u{b}-v1'"),
    ] {
        open_accepted(&with_text(&scratch, "_zova_objects", &text));
    }
}

#[test]
fn another_declaration_is_refused() {
    let scratch = Scratch::new();
    for (part, replacement) in [
        ("object_id", "OBJECT_ID"),
        ("size_bytes", "Size_Bytes"),
        ("chunker", "CHUNKER"),
        ("object_id blob", "\"object_id\" blob"),
        ("chunker text", "[chunker] text"),
        ("_zova_objects (", "\"_zova_objects\" ("),
        ("(object_id", "( /* a comment */ object_id"),
        ("integer", "int"),
        ("blob not null primary key", "blob primary key not null"),
        (" check (size_bytes >= 0)", ""),
        (" not null primary key", " primary key"),
        (" primary key", ""),
        ("check (chunker = 'fastcdc-v1')", "check (chunker = 'fastcdc-v1') check (1)"),
        ("check (size_bytes >= 0)", "check (0 <= size_bytes)"),
        ("check (size_bytes >= 0)", "check ((size_bytes >= 0))"),
        ("'fastcdc-v1'", "'fastcdc-v2'"),
        ("'fastcdc-v1'", "\"fastcdc-v1\""),
        (
            "chunker text not null check (chunker = 'fastcdc-v1')",
            "chunker text not null check (chunker = 'fastcdc-v1'), extra",
        ),
        ("chunker text", "chunker text default ''"),
        ("'fastcdc-v1'))", "'fastcdc-v1')) strict"),
        ("'fastcdc-v1'))", "'fastcdc-v1')) without rowid"),
        (
            "size_bytes integer not null check (size_bytes >= 0), chunk_count integer not null check (chunk_count >= 0)",
            "chunk_count integer not null check (chunk_count >= 0), size_bytes integer not null check (size_bytes >= 0)",
        ),
    ] {
        let statement = OBJECTS.replace(part, replacement);
        assert_ne!(statement, OBJECTS, "{part}");
        open_refused(&with_objects(&scratch, &statement), Status::NotZovaDatabase);
    }
}

#[test]
fn the_name_of_a_table_counts_byte_for_byte() {
    let scratch = Scratch::new();
    open_refused(
        &with_objects(&scratch, &OBJECTS.replace("_zova_objects", "_ZOVA_OBJECTS")),
        Status::NotZovaDatabase,
    );
    let path = new_file(&scratch);
    edit_schema(
        &path,
        "update sqlite_schema set name = '_zova_Objects', tbl_name = '_zova_Objects' where name = '_zova_objects'",
    );
    open_refused(&path, Status::NotZovaDatabase);
}

#[test]
fn a_reference_or_key_that_differs_is_refused() {
    let scratch = Scratch::new();
    let text = text_of(&scratch, "_zova_object_chunks");
    for (part, replacement) in [
        ("references _zova_objects(object_id)", "references _zova_objects"),
        ("references _zova_objects(object_id)", "references _zova_objects(object_id) on delete cascade"),
        ("primary key (object_id, chunk_index)", "primary key (chunk_index, object_id)"),
    ] {
        let changed = text.replace(part, replacement);
        assert_ne!(changed, text, "{part}");
        open_refused(&with_text(&scratch, "_zova_object_chunks", &changed), Status::NotZovaDatabase);
    }
}

#[test]
fn vacuum_keeps_the_text() {
    let scratch = Scratch::new();
    let path = new_file(&scratch);
    let mut db = Database::open(&path).unwrap();
    db.vacuum().unwrap();
    drop(db);
    open_accepted(&path);
    let copy = scratch.path("copy.zova");
    edit(&path, &format!("vacuum into '{}'", copy.display()));
    open_accepted(&copy);
}

#[test]
fn the_tables_are_looked_at_before_the_extensions() {
    let scratch = Scratch::new();
    let path = new_file(&scratch);
    edit(
        &path,
        "drop table _zova_graph_edges; create table _zova_ext_x_y(a); insert into _zova_extensions values ('', '', '', '', '', 0, 0, '')",
    );
    open_refused(&path, Status::NotZovaDatabase);
}

#[test]
fn an_empty_list_of_bound_stores_means_not_bound() {
    let scratch = Scratch::new();
    let path = new_file(&scratch);
    edit(&path, BOUND_STORES);
    open_accepted(&path);
}

#[test]
fn an_altered_list_of_bound_stores_is_refused_even_when_empty() {
    let scratch = Scratch::new();
    for statement in [
        BOUND_STORES.replace(" check (name = 'default')", ""),
        BOUND_STORES.replace("path text not null", "path text"),
        BOUND_STORES.replace("primary key (role, name))", "primary key (role))"),
        "create table _zova_bound_stores(role)".to_owned(),
    ] {
        let path = new_file(&scratch);
        edit(&path, &statement);
        open_refused(&path, Status::NotZovaDatabase);
    }
}

/// Until stores are built, a file that is bound to some is never opened as if it were not.
#[test]
fn a_file_with_a_bound_store_is_refused() {
    let scratch = Scratch::new();
    for role in ["object_store", "vector_store"] {
        let path = new_file(&scratch);
        let (object_epoch, vector_epoch) = if role == "object_store" { ("0", "null") } else { ("null", "0") };
        edit(
            &path,
            &format!(
                "{BOUND_STORES}; insert into _zova_bound_stores values \
                 ('{role}', 'default', 'store.zova', '{0}', '{0}', {object_epoch}, {vector_epoch}, 0)",
                "ab".repeat(32)
            ),
        );
        open_refused(&path, Status::BoundStoreInvalid);
    }
}

#[test]
fn bound_stores_of_another_role_or_name_are_ignored() {
    let scratch = Scratch::new();
    let path = new_file(&scratch);
    edit(
        &path,
        &format!(
            "{BOUND_STORES}; insert into _zova_bound_stores values \
             ('graph_store', 'default', 'g.zova', '', '', 0, 0, 0), \
             ('object_store', 'second', 'o.zova', '', '', 0, 0, 0), \
             ('OBJECT_STORE', 'default', 'o.zova', '', '', 0, 0, 0)"
        ),
    );
    open_accepted(&path);
}

#[test]
fn a_file_built_from_its_own_dump_opens() {
    let scratch = Scratch::new();
    let source = new_file(&scratch);
    let connection = raw(&source);
    let mut query = connection.prepare("select sql from sqlite_schema where sql is not null").unwrap();
    let mut script: Vec<String> =
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    // In any order of the tables; the indexes come last.
    script[..10].reverse();
    let copy = scratch.path("copy.zova");
    edit(&copy, &script.join(";\n"));
    edit(&copy, "insert into _zova_meta values ('format_version', '5'), ('magic', 'zova')");
    open_accepted(&copy);
    let mut db = Database::open(&copy).unwrap();
    let id = db.put_object(b"works").unwrap();
    assert_eq!(db.get_object(id).unwrap(), b"works");
}
