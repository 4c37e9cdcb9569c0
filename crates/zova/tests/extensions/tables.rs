//! Table functions of extensions.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use zova::{
    Database, ExtensionError, ExtensionResult, RegisterContext, SqlValue, Status, TableColumn,
    TableDefinition,
};

use crate::common::{Scratch, fault, native_fault, number_of, sql_fault, text_of};
use crate::support::{Sample, create, names, shown};

fn visible(name: &str) -> TableColumn<'_> {
    TableColumn { name, ..TableColumn::default() }
}

fn hidden(name: &str) -> TableColumn<'_> {
    TableColumn { hidden: true, ..visible(name) }
}

fn defined<'d>(name: &'d str, columns: Vec<TableColumn<'d>>) -> TableDefinition<'d> {
    TableDefinition { name, columns, estimated_cost: 10.0, estimated_rows: 3, ..TableDefinition::default() }
}

/// `a_numbers(first [, last])`: the numbers from `first` to `last` or the two after it, ascending, each with a word.
fn numbers(context: &mut RegisterContext<'_>, rows_pushed: Arc<AtomicU64>) -> ExtensionResult<()> {
    let columns = vec![
        TableColumn { sorted: true, decl_type: "integer", ..visible("n") },
        visible("word"),
        TableColumn { required: true, ..hidden("first") },
        hidden("last"),
    ];
    context.table(defined("a_numbers", columns), move |_, arguments, rows| {
        let [Some(first), last] = *arguments else { panic!("{arguments:?}") };
        let number = |value| match value {
            SqlValue::Integer(number) => Ok(number),
            other => {
                Err(ExtensionError::new(Status::InvalidArgument, format!("no number: {}", shown(other))))
            }
        };
        let first = number(first)?;
        let last = last.map(number).transpose()?.unwrap_or(first + 2);
        let enough = rows.enough().unwrap_or(u64::MAX);
        for n in (first..=last).take(enough.min(1_000_000) as usize) {
            rows_pushed.fetch_add(1, Ordering::Relaxed);
            rows.push(&[SqlValue::Integer(n), SqlValue::Text(format!("w{n}").as_bytes())])?;
        }
        Ok(())
    })
}

/// `a_values`: a row of each kind of value. `a_arguments(x, y)`: how its arguments arrived.
fn others(context: &mut RegisterContext<'_>) -> ExtensionResult<()> {
    context.table(defined("a_values", vec![visible("v")]), |_, _, rows| {
        for value in [
            SqlValue::Null,
            SqlValue::Integer(-5),
            SqlValue::Real(2.5),
            SqlValue::Text(b"text"),
            SqlValue::Text(b""),
            SqlValue::Blob(&[0, 255]),
            SqlValue::Blob(&[]),
        ] {
            rows.push(&[value])?;
        }
        Ok(())
    })?;
    let columns = vec![visible("seen"), hidden("x"), hidden("y")];
    context.table(defined("a_arguments", columns), |context, arguments, rows| {
        // A scan reads through the same connection.
        let mut one = context.prepare("select 1")?;
        assert!(one.step()?);
        let seen: Vec<String> =
            arguments.iter().map(|value| value.map_or("none".to_owned(), shown)).collect();
        rows.push(&[SqlValue::Text(seen.join(" ").as_bytes())])
    })
}

fn database(scratch: &Scratch) -> (Database, Arc<AtomicU64>) {
    let pushed = Arc::<AtomicU64>::default();
    let counter = Arc::clone(&pushed);
    let sample = Sample::new("a").on_register(move |context| {
        numbers(context, Arc::clone(&counter))?;
        others(context)
    });
    let mut db = create(&scratch.path("a.zova"), [sample]);
    db.install_extension("a").unwrap();
    (db, pushed)
}

#[test]
fn rows_hold_every_kind_of_value() {
    let scratch = Scratch::new();
    let (mut db, _) = database(&scratch);
    assert_eq!(
        text_of(&mut db, "select group_concat(quote(v), ' ') from a_values"),
        "NULL -5 2.5 'text' '' X'00FF' X''"
    );
    assert_eq!(text_of(&mut db, "select group_concat(rowid) from a_values"), "1,2,3,4,5,6,7");
}

#[test]
fn arguments_are_positional_or_named_absent_or_null_and_read_back() {
    let scratch = Scratch::new();
    let (mut db, _) = database(&scratch);
    for (query, expected) in [
        ("select seen from a_arguments", "none none"),
        ("select seen from a_arguments(1)", "Integer(1) none"),
        ("select seen from a_arguments(null, 'b')", "Null \"b\""),
        ("select seen from a_arguments where y = 2.5", "none Real(2.5)"),
        ("select seen || quote(x) || quote(y) from a_arguments(x'01')", "Blob([1]) noneX'01'NULL"),
        ("select quote(x) || quote(y) from a_arguments(1, null)", "1NULL"),
    ] {
        assert_eq!(text_of(&mut db, query), expected, "{query}");
    }
    assert_eq!(text_of(&mut db, "select group_concat(n) from a_numbers(3)"), "3,4,5");
    assert_eq!(
        text_of(&mut db, "select group_concat(word) from a_numbers where first = 3 and last = 4"),
        "w3,w4"
    );
    assert_eq!(text_of(&mut db, "select count(*) from a_numbers(3) where first = 4"), "0");
    assert_eq!(text_of(&mut db, "select group_concat(n) from a_numbers(3) where n > 3"), "4,5");
    assert_eq!(text_of(&mut db, "select group_concat(n) from a_numbers(3, 9) where n = 5"), "5");
}

#[test]
fn a_query_without_a_required_argument_does_not_compile_and_says_why() {
    let scratch = Scratch::new();
    let (mut db, _) = database(&scratch);
    for query in [
        "select * from a_numbers",
        "select * from a_numbers where last = 3",
        "select * from a_numbers where first > 3",
    ] {
        sql_fault(
            db.prepare(query).map(|_| ()),
            Status::SqliteError,
            "no query solution: a_numbers needs the argument first",
        );
    }
    sql_fault(
        db.prepare("select * from a_numbers(1, 2, 3)").map(|_| ()),
        Status::SqliteError,
        "too many arguments on a_numbers() - max 2",
    );
}

#[test]
fn joins_lose_no_rows_whatever_the_order_of_the_tables() {
    let scratch = Scratch::new();
    let (mut db, _) = database(&scratch);
    db.exec("create table t(x primary key, y); insert into t values (1, 2), (5, 6), (9, null)").unwrap();
    let expected = "1:1 1:2 1:3 5:5 5:6 5:7 9:9 9:10 9:11";
    for from in [
        "t join a_numbers(t.x)",
        "t, a_numbers where first = x",
        "a_numbers, t where first = x",
        "a_numbers join t on x = first",
        "t left join a_numbers on first = x",
    ] {
        let query =
            format!("select group_concat(x || ':' || n, ' ') from (select x, n from {from} order by x, n)");
        assert_eq!(text_of(&mut db, &query), expected, "{from}");
    }
    // An optional argument from another table is waited for, too.
    for from in
        ["t, a_numbers(1) where last = y and y > 0", "a_numbers(1) as a, t where a.last = t.y and y > 0"]
    {
        let query =
            format!("select group_concat(y || ':' || n, ' ') from (select y, n from {from} order by y, n)");
        assert_eq!(text_of(&mut db, &query), "2:1 2:2 6:1 6:2 6:3 6:4 6:5 6:6", "{from}");
    }
    // A cross join the wrong way round cannot be answered, so it is refused.
    fault(db.exec("select * from a_numbers cross join t on first = x"), Status::SqliteError);
    assert_eq!(
        number_of(&mut db, "select count(*) from t where exists (select 1 from a_numbers(t.x) where n = 6)"),
        1
    );
    assert_eq!(number_of(&mut db, "select sum(b.n) from a_numbers(1) as a, a_numbers(a.n, a.n) as b"), 6);
}

#[test]
fn the_sorted_column_needs_no_sorting() {
    let scratch = Scratch::new();
    let (mut db, _) = database(&scratch);
    let sorts = |db: &mut Database, order: &str| {
        let mut plan =
            db.prepare(&format!("explain query plan select word from a_numbers(1, 9) {order}")).unwrap();
        let mut text = String::new();
        while plan.step().unwrap() == zova::Step::Row {
            text += &plan.column_text(3).unwrap().unwrap();
        }
        text.contains("TEMP B-TREE")
    };
    assert!(!sorts(&mut db, "order by n"));
    for order in ["order by n desc", "order by word", "order by n, word", "order by word, n"] {
        assert!(sorts(&mut db, order), "{order}");
    }
    assert_eq!(
        text_of(&mut db, "select group_concat(n) from (select n from a_numbers(1) order by n desc)"),
        "3,2,1"
    );
}

#[test]
fn a_limit_reaches_the_scan_only_where_the_first_rows_suffice() {
    let scratch = Scratch::new();
    let (mut db, pushed) = database(&scratch);
    let mut cost = |query: &str| {
        let before = pushed.load(Ordering::Relaxed);
        db.exec(query).unwrap();
        pushed.load(Ordering::Relaxed) - before
    };
    assert_eq!(cost("select n from a_numbers(1, 100) limit 5"), 5);
    assert_eq!(cost("select n from a_numbers(1, 100) order by n limit 5 offset 2"), 7);
    assert_eq!(cost("select n from a_numbers(1, 100) where n % 2 = 0 limit 5"), 100);
    assert_eq!(cost("select n from a_numbers(1, 100) order by n desc limit 5"), 100);
    assert_eq!(cost("select n from a_numbers(1, 100)"), 100);
}

#[test]
fn errors_of_a_scan_are_the_statements() {
    let scratch = Scratch::new();
    let (mut db, _) = database(&scratch);
    sql_fault(db.exec("select * from a_numbers('x')"), Status::SqliteError, "no number: \"x\"");
    sql_fault(db.exec("select * from a_numbers(null)"), Status::SqliteError, "no number: Null");
    assert_eq!(number_of(&mut db, "select count(*) from a_numbers(1)"), 3);
}

#[test]
fn a_row_of_another_width_is_misuse() {
    let scratch = Scratch::new();
    for width in [0, 1, 3] {
        let sample = Sample::new("a").on_register(move |context| {
            context.table(defined("a_two", vec![visible("x"), visible("y")]), move |_, _, rows| {
                rows.push(&[SqlValue::Integer(1), SqlValue::Integer(2)])?;
                rows.push(&vec![SqlValue::Null; width])
            })
        });
        let mut db = create(&scratch.path(&format!("{width}.zova")), [sample]);
        db.install_extension("a").unwrap();
        fault(db.exec("select * from a_two"), Status::Misuse);
    }
}

#[test]
fn tables_cannot_be_written_and_are_hidden_by_tables_of_the_same_name() {
    let scratch = Scratch::new();
    let (mut db, _) = database(&scratch);
    for sql in ["insert into a_values values (1)", "delete from a_values", "update a_values set v = 1"] {
        sql_fault(db.exec(sql), Status::SqliteError, "table a_values may not be modified");
    }
    fault(db.exec("create virtual table mine using a_values"), Status::SqliteError);
    db.exec("create table a_values(v); insert into a_values values ('mine')").unwrap();
    assert_eq!(text_of(&mut db, "select v from a_values"), "mine");
    db.exec("drop table a_values").unwrap();
    assert_eq!(number_of(&mut db, "select count(*) from a_values"), 7);
}

#[test]
fn names_that_others_provide_are_refused() {
    let scratch = Scratch::new();
    for (index, name) in [
        "json_each",
        "JSON_TREE",
        "fts5",
        "rtree",
        "dbstat",
        "pragma_table_info",
        "PRAGMA_anything",
        "sqlite_schema",
        "zova_vector_search",
        "Zova_Graph_Walk",
        "zova_objects",
        "other_table",
    ]
    .into_iter()
    .enumerate()
    {
        let taking = |extension, name| {
            Sample::new(extension).on_register(move |context| {
                context.table(defined(name, vec![visible("x")]), |_, _, _| Ok(()))
            })
        };
        let samples = [taking("other", "other_table"), taking("a", name)];
        let mut db = create(&scratch.path(&format!("{index}.zova")), samples);
        db.install_extension("other").unwrap();
        let message = native_fault(db.install_extension("a"), Status::ExtensionExists);
        assert!(message.contains(name), "{message}");
        assert_eq!(names(&mut db), "other");
    }
}

#[test]
fn impossible_columns_are_invalid() {
    let scratch = Scratch::new();
    let long: &'static str = Box::leak("n".repeat(256).into_boxed_str());
    let sorted = |name| TableColumn { sorted: true, ..visible(name) };
    let impossible: Vec<Vec<TableColumn<'static>>> = vec![
        vec![],
        vec![hidden("x")],
        vec![visible("x"), hidden("y"), visible("z")],
        vec![visible("x"), visible("X")],
        vec![visible("")],
        vec![visible(long)],
        vec![visible("a\0")],
        vec![TableColumn { required: true, ..visible("x") }],
        vec![visible("x"), TableColumn { sorted: true, ..hidden("y") }],
        vec![sorted("x"), sorted("y")],
        vec![TableColumn { decl_type: "text) strict --", ..visible("x") }],
        (0..29).map(|n| visible(Box::leak(format!("c{n}").into_boxed_str()))).collect(),
    ];
    for (index, columns) in impossible.into_iter().enumerate() {
        let sample = Sample::new("a")
            .on_register(move |context| context.table(defined("a_t", columns.clone()), |_, _, _| Ok(())));
        let mut db = create(&scratch.path(&format!("{index}.zova")), [sample]);
        native_fault(db.install_extension("a"), Status::ExtensionInvalid);
    }
    let odd = vec![
        visible("a \"quoted\" name, and more"),
        TableColumn { decl_type: "double precision", ..visible("select") },
    ];
    let sample = Sample::new("a").on_register(move |context| {
        context.table(defined("odd \"table\"", odd.clone()), |_, _, rows| {
            rows.push(&[SqlValue::Integer(1), SqlValue::Integer(2)])
        })
    });
    let mut db = create(&scratch.path("odd.zova"), [sample]);
    db.install_extension("a").unwrap();
    assert_eq!(
        number_of(
            &mut db,
            "select \"a \"\"quoted\"\" name, and more\" + \"select\" from \"odd \"\"table\"\"\""
        ),
        3
    );
}

#[test]
fn a_scan_that_starts_again_forgets_its_rows() {
    let scratch = Scratch::new();
    let (mut db, _) = database(&scratch);
    let mut query = db.prepare("select n from a_numbers(?1, ?2)").unwrap();
    for (first, last, count) in [(1, 5, 5), (3, 2, 0), (7, 7, 1)] {
        query.bind_i64(1, first).unwrap();
        query.bind_i64(2, last).unwrap();
        let mut seen = 0;
        while query.step().unwrap() == zova::Step::Row {
            seen += 1;
        }
        assert_eq!(seen, count);
        query.reset().unwrap();
    }
    drop(query);
    assert_eq!(
        number_of(&mut db, "select sum((select count(*) from a_numbers(x.n, 5))) from a_numbers(1, 6) as x"),
        15
    );
}
