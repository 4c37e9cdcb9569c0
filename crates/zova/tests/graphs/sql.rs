//! `zova_graph_neighbors` and `zova_graph_walk`.

use zova::{Database, Status};

use crate::common::{Scratch, fault};
use crate::support::*;

/// The rows of a query: values separated by spaces, rows by commas; a fault as its message.
fn rows(db: &mut Database, sql: &str) -> String {
    let mut found = Vec::new();
    let mut query = match db.prepare(sql) {
        Ok(query) => query,
        Err(zova::Error::Zova { message, .. }) => return format!("prepare: {}", message.unwrap()),
        Err(other) => panic!("{other}"),
    };
    loop {
        match query.step() {
            Ok(zova::Step::Row) => {
                let columns = query.column_count().unwrap();
                let value = |column| query.column_text(column).unwrap().unwrap_or_else(|| "NULL".to_owned());
                found.push((0..columns).map(value).collect::<Vec<_>>().join(" "));
            }
            Ok(zova::Step::Done) => return found.join(","),
            Err(zova::Error::Zova { status, message, .. }) => {
                assert_eq!(status, Status::SqliteError);
                return message.unwrap();
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[track_caller]
fn check(db: &mut Database, sql: &str, expected: &str) {
    assert_eq!(rows(db, sql), expected, "{sql}");
}

fn graph(scratch: &Scratch) -> Database {
    let (mut db, _) = scratch.database("a.zova");
    fill(&mut db, "a b c d", "a-c a-b b-d c-d d-a");
    db.put_graph_edge(typed("a", "f", "d")).unwrap();
    db
}

#[test]
fn both_tables_have_the_published_columns_and_give_their_arguments_back() {
    let scratch = Scratch::new();
    let db = &mut graph(&scratch);
    check(db, "select *, rowid from zova_graph_neighbors('g', 'a')", "1 c k e 1,2 b k e 2,3 d k f 3");
    check(
        db,
        "select *, rowid from zova_graph_walk where graph_name = 'g' and start_node_id = 'a' and max_depth = 2",
        "1 a k 0 NULL NULL 1,2 c k 1 a e 2,3 b k 1 a e 3,4 d k 1 a f 4",
    );
    check(
        db,
        "select graph_name, source_node_id, direction, edge_type_filter, \"limit\" \
         from zova_graph_neighbors('g', 'a', 'incoming', 'e', 3)",
        "g a incoming e 3",
    );
    check(
        db,
        "select n.graph_name, n.direction, n.edge_type_filter, n.\"limit\" from zova_graph_neighbors('g', 'd') n",
        "g NULL NULL NULL",
    );
    check(
        db,
        "select w.start_node_id, w.max_depth, w.direction, w.node_id from zova_graph_walk('g', 'd', 'e', 1, 9, 'incoming') w",
        "d 1 incoming d,d 1 incoming b,d 1 incoming c",
    );
    check(
        db,
        "select name, hidden from pragma_table_xinfo('zova_graph_walk') where hidden = 0 or cid > 9",
        "rank 0,node_id 0,kind 0,depth 0,predecessor_node_id 0,edge_type 0,limit 1,direction 1",
    );
}

#[test]
fn null_for_an_optional_argument_is_as_none() {
    let scratch = Scratch::new();
    let db = &mut graph(&scratch);
    check(db, "select node_id from zova_graph_neighbors('g', 'a', null, null, null)", "c,b,d");
    check(db, "select node_id from zova_graph_walk('g', 'b', null, 1)", "b,d");
    check(db, "select node_id from zova_graph_walk('g', 'b', null, null)", "invalid Zova graph SQL argument");
    check(db, "select node_id from zova_graph_neighbors(null, 'a')", "invalid Zova graph SQL argument");
    db.exec("create table wish(id, type); insert into wish values ('a', null), ('a', 'f')").unwrap();
    check(
        db,
        "select count(*), group_concat(n.node_id, '') from wish join zova_graph_neighbors n \
         on n.graph_name = 'g' and n.source_node_id = wish.id and n.edge_type_filter = wish.type group by wish.rowid",
        "3 cbd,1 d",
    );
}

#[test]
fn a_missing_argument_is_named() {
    let scratch = Scratch::new();
    let db = &mut graph(&scratch);
    let needs = |table: &str, argument: &str| {
        format!("prepare: no query solution: {table} needs the argument {argument}")
    };
    check(db, "select * from zova_graph_neighbors", &needs("zova_graph_neighbors", "graph_name"));
    check(db, "select * from zova_graph_neighbors('g')", &needs("zova_graph_neighbors", "source_node_id"));
    check(db, "select * from zova_graph_walk('g', 'a')", &needs("zova_graph_walk", "max_depth"));
    check(
        db,
        "select * from zova_graph_neighbors where graph_name = 'g' and source_node_id like 'a'",
        &needs("zova_graph_neighbors", "source_node_id"),
    );
    assert_eq!(
        fault(db.exec("select * from zova_graph_walk"), Status::SqliteError),
        "no query solution: zova_graph_walk needs the argument graph_name"
    );
}

#[test]
fn faults_have_the_published_words() {
    let scratch = Scratch::new();
    let db = &mut graph(&scratch);
    for sql in [
        "zova_graph_neighbors(1, 'a')",
        "zova_graph_neighbors('g', x'61')",
        "zova_graph_neighbors('g', 'a', 'both')",
        "zova_graph_neighbors('g', 'a', 'OUTGOING')",
        "zova_graph_neighbors('?', 'a', 'outgoing', 'e', -1)",
        "zova_graph_neighbors('g', 'a', 'outgoing', 'e', '5')",
        "zova_graph_neighbors('g', 'a', 'outgoing', 'e', 5.0)",
        "zova_graph_walk('g', 'a', 'e', -1)",
        "zova_graph_walk('g', 'a', 'e', 4294967296)",
        "zova_graph_walk('g', 'a', 'e', 1, 1, 'sideways')",
    ] {
        check(db, &format!("select * from {sql}"), "invalid Zova graph SQL argument");
    }
    for sql in [
        "zova_graph_neighbors('?', 'a')",
        "zova_graph_neighbors('g', '')",
        "zova_graph_neighbors('g', 'a' || char(0))",
        "zova_graph_walk('g', 'nobody', '', 1)",
    ] {
        check(db, &format!("select * from {sql}"), "invalid Zova graph value");
    }
    check(
        db,
        "select * from zova_graph_neighbors('h', 'a', 'outgoing', null, 0)",
        "Zova graph node not found",
    );
    check(db, "select * from zova_graph_walk('g', 'nobody', 'e', 1)", "Zova graph node not found");
    check(db, "select * from zova_graph_walk('g', 'a', 'e', 4294967295, 0)", "");
}

#[test]
fn the_limit_argument_defaults_to_ten_and_sql_limit_takes_from_that() {
    let scratch = Scratch::new();
    let (mut db, _) = scratch.database("a.zova");
    let many: Vec<String> = (10..40).map(|n| format!("n{n}")).collect();
    fill(&mut db, &format!("a {}", many.join(" ")), "");
    many.iter().for_each(|id| db.put_graph_edge(edge("a", id)).unwrap());
    let db = &mut db;
    check(db, "select count(*) from zova_graph_neighbors('g', 'a')", "10");
    check(
        db,
        "select count(*) from zova_graph_neighbors where graph_name = 'g' and source_node_id = 'a' and \"limit\" = 25",
        "25",
    );
    check(db, "select node_id from zova_graph_neighbors('g', 'a') limit 2", "n10,n11");
    check(db, "select rank from zova_graph_neighbors('g', 'a') order by rank limit 2 offset 3", "4,5");
    check(db, "select count(*) from (select * from zova_graph_neighbors('g', 'a') limit 20)", "10");
    check(db, "select rank from zova_graph_neighbors('g', 'a') order by rank desc limit 2", "10,9");
    check(db, "select node_id from zova_graph_neighbors('g', 'a') where node_id > 'n15' limit 2", "n16,n17");
    check(db, "select rank, node_id from zova_graph_walk('g', 'a', null, 5) limit 1 offset 1", "2 n10");
}

#[test]
fn joins_give_the_same_rows_in_any_order_of_the_tables() {
    let scratch = Scratch::new();
    let db = &mut graph(&scratch);
    db.exec(
        "create table item(id text primary key, way text, most integer); \
        insert into item values ('a', 'outgoing', 2), ('b', 'incoming', 9), ('d', 'incoming', 1)",
    )
    .unwrap();
    let on = "n.graph_name = 'g' and n.source_node_id = item.id and n.direction = item.way and n.\"limit\" = item.most";
    let expected = "a 1 c,a 2 b,b 1 a,d 1 b";
    for from in [
        format!("item join zova_graph_neighbors n on {on}"),
        format!("zova_graph_neighbors n join item on {on}"),
        format!("zova_graph_neighbors n, item where {on}"),
        format!("item left join zova_graph_neighbors n on {on}"),
        "item, zova_graph_neighbors('g', item.id, item.way, null, item.most) n".to_owned(),
    ] {
        check(db, &format!("select item.id, n.rank, n.node_id from {from} order by 1, 2"), expected);
    }
    // Two hops: one table feeds another, itself or the other kind.
    check(
        db,
        "select x.node_id, y.node_id from zova_graph_neighbors('g', 'a') x \
         join zova_graph_neighbors y on y.graph_name = x.graph_name and y.source_node_id = x.node_id order by x.rank, y.rank",
        "c d,b d,d a",
    );
    check(
        db,
        "select w.node_id, n.node_id from zova_graph_neighbors n join zova_graph_walk w \
         on n.graph_name = 'g' and n.source_node_id = w.node_id and n.direction = 'incoming' \
         where w.graph_name = 'g' and w.start_node_id = 'b' and w.max_depth = 1 order by w.rank, n.rank",
        "b a,d b,d c,d a",
    );
    check(
        db,
        "select id, (select count(*) from zova_graph_walk('g', item.id, null, 1)) from item",
        "a 4,b 2,d 2",
    );
    check(
        db,
        "select id from item where 'd' in (select node_id from zova_graph_neighbors('g', item.id))",
        "a,b",
    );
    check(
        db,
        "select source_node_id, rank, node_id from zova_graph_neighbors \
         where graph_name = 'g' and source_node_id in ('d', 'b', 'd') order by 1, 2",
        "b 1 d,d 1 a",
    );
    check(
        db,
        "select node_id from zova_graph_neighbors('g', 'a') where edge_type = 'f' or node_id = 'b'",
        "b,d",
    );
    check(
        db,
        "with recursive r(id, depth) as (select 'b', 0 union select n.node_id, depth + 1 from r \
         join zova_graph_neighbors n on n.graph_name = 'g' and n.source_node_id = r.id where depth < 2) select * from r",
        "b 0,d 1,a 2",
    );
}

#[test]
fn uncommitted_rows_are_seen_and_a_scan_is_not_disturbed_by_changes() {
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    fill(&mut db, "a b c", "a-b");
    db.begin().unwrap();
    add(&mut db, "a-c");
    check(&mut db, "select node_id from zova_graph_neighbors('g', 'a')", "b,c");
    let mut other = Database::open(&path).unwrap();
    check(&mut other, "select node_id from zova_graph_neighbors('g', 'a')", "b");
    let mut scan = db.prepare_owned("select node_id from zova_graph_neighbors('g', 'a')").unwrap();
    scan.step().unwrap();
    db.delete_graph_node(G, "c").unwrap();
    scan.step().unwrap();
    assert_eq!(scan.column_text(0).unwrap().as_deref(), Some("c"));
    drop(scan);
    db.rollback().unwrap();
    check(&mut db, "select node_id from zova_graph_neighbors('g', 'a')", "b");
}

#[test]
fn temporary_tables_and_attached_databases_are_never_read_instead() {
    let scratch = Scratch::new();
    let mut db = graph(&scratch);
    db.exec(
        "create temp table _zova_graph_nodes as select * from main._zova_graph_nodes where 0; \
         create temp table _zova_graph_edges as select * from main._zova_graph_edges where 0; \
         create temp table _zova_graphs as select * from main._zova_graphs where 0; \
         attach ':memory:' as other; create table other._zova_graph_edges(graph_name)",
    )
    .unwrap();
    check(&mut db, "select node_id from zova_graph_neighbors('g', 'a')", "c,b,d");
    check(&mut db, "select count(*) from zova_graph_walk('g', 'a', null, 9)", "4");
    assert_eq!(out(&mut db, "a"), "c b d");
    db.put_graph_node(node("x")).unwrap();
    add(&mut db, "a-x");
    assert_eq!(db.graph_info(G).unwrap().edge_count, 7);
    check(&mut db, "select count(*) from temp._zova_graph_edges", "0");
}

#[test]
fn the_tables_are_read_only_work_in_views_and_triggers_and_can_be_hidden() {
    let scratch = Scratch::new();
    let db = &mut graph(&scratch);
    check(db, "delete from zova_graph_walk", "prepare: table zova_graph_walk may not be modified");
    check(db, "create virtual table x using zova_graph_neighbors", "no such module: zova_graph_neighbors");
    db.exec("create view near as select node_id from zova_graph_neighbors('g', 'a')").unwrap();
    check(db, "select * from near", "c,b,d");
    db.exec(
        "create table log(id); create table asked(id); create trigger t after insert on asked begin \
         insert into log select node_id from zova_graph_neighbors('g', new.id); end; insert into asked values ('b')",
    )
    .unwrap();
    check(db, "select * from log", "d");
    check(db, "select count(*) from sqlite_schema where name like 'zova%'", "0");
    db.exec("pragma trusted_schema = off").unwrap();
    check(db, "select * from near", "prepare: unsafe use of virtual table \"zova_graph_neighbors\"");
    db.exec("create table zova_graph_walk(mine); insert into zova_graph_walk values (7)").unwrap();
    check(db, "select * from zova_graph_walk", "7");
}
