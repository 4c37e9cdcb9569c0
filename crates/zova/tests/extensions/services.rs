//! What the context of a hook or callback offers.

use std::sync::{Arc, Mutex};

use zova::{
    ExtensionContext, ExtensionResult, ExtensionTarget, GraphNodeInput, GraphTargetType, ScalarDefinition,
    SqlOutput, SqlValue, Status, VectorCollectionOptions, VectorMetric,
};

use crate::common::{Scratch, edit, fault, number_of};
use crate::support::{Sample, create, installed, open, open_read_only, schema, shown};

/// Runs `work` as the check hook of an installed extension `a`.
fn in_hook(work: impl Fn(&ExtensionContext<'_>) + Send + Sync + 'static) {
    let scratch = Scratch::new();
    let sample = Sample::new("a").on_check(move |context| {
        work(context);
        Ok(())
    });
    let mut db = create(&scratch.path("a.zova"), [sample]);
    db.install_extension("a").unwrap();
    db.check_extension("a").unwrap();
}

/// The rows of a statement, as text.
fn rows(context: &ExtensionContext<'_>, sql: &str, values: &[SqlValue<'_>]) -> Vec<String> {
    let mut statement = context.prepare(sql).unwrap();
    for (index, value) in (1..).zip(values) {
        statement.bind(index, *value).unwrap();
    }
    let mut rows = Vec::new();
    while statement.step().unwrap() {
        let row: Vec<String> =
            (0..statement.column_count()).map(|column| shown(statement.column(column))).collect();
        rows.push(row.join(" "));
    }
    rows
}

#[test]
fn values_go_in_and_come_out_as_they_are() {
    in_hook(|context| {
        let large = vec![b'x'; 100_000];
        for value in [
            SqlValue::Null,
            SqlValue::Integer(i64::MIN),
            SqlValue::Real(-0.5),
            SqlValue::Text(b"a\0b"),
            SqlValue::Text(b"\xff not UTF-8"),
            SqlValue::Text(b""),
            SqlValue::Text(&large),
            SqlValue::Blob(b"\0"),
            SqlValue::Blob(b""),
            SqlValue::Blob(&large),
        ] {
            let mut statement = context.prepare("select ?1, ?2").unwrap();
            statement.bind(1, value).unwrap();
            statement.bind(2, SqlValue::Integer(7)).unwrap();
            assert!(statement.step().unwrap());
            assert_eq!((statement.column(0), statement.column(1)), (value, SqlValue::Integer(7)));
            // Borrowed values of one row live beside each other.
            let (first, again) = (statement.column(0), statement.column(0));
            assert_eq!(first, again);
            assert_eq!(statement.column(2), SqlValue::Null);
            assert!(!statement.step().unwrap());
        }
        let mut statement = context.prepare("select ?1").unwrap();
        assert_eq!(statement.bind(0, SqlValue::Null).unwrap_err().status, Status::SqliteError);
        assert_eq!(statement.bind(2, SqlValue::Null).unwrap_err().status, Status::SqliteError);
        assert_eq!(statement.bind(usize::MAX, SqlValue::Null).unwrap_err().status, Status::SqliteError);
        assert!(statement.step().unwrap());
        assert_eq!(statement.bind(1, SqlValue::Null).unwrap_err().status, Status::Misuse);
        statement.reset().unwrap();
        statement.bind(1, SqlValue::Integer(3)).unwrap();
        assert!(statement.step().unwrap());
        assert_eq!(statement.column(0), SqlValue::Integer(3));
    });
}

#[test]
fn a_statement_prepared_again_has_no_values_of_its_last_use() {
    in_hook(|context| {
        let large = vec![1; 10_000];
        let text = "select ?1, ?2, ?3";
        let values = [SqlValue::Integer(1), SqlValue::Blob(&large), SqlValue::Text(b"three")];
        rows(context, text, &values);
        assert_eq!(rows(context, text, &[]), ["Null Null Null"]);
        rows(context, text, &values);
        assert_eq!(rows(context, text, &[SqlValue::Integer(5)]), ["Integer(5) Null Null"]);
        // A reset keeps the values of this use.
        let mut statement = context.prepare(text).unwrap();
        statement.bind(2, SqlValue::Integer(9)).unwrap();
        for _ in 0..2 {
            assert!(statement.step().unwrap());
            assert_eq!((statement.column(0), statement.column(1)), (SqlValue::Null, SqlValue::Integer(9)));
            statement.reset().unwrap();
        }
        drop(statement);
        // Also with more parameters than are kept track of.
        let many: Vec<String> = (1..=70).map(|index| format!("?{index}")).collect();
        let many = format!("select {}", many.join(" is null and ") + " is null");
        for (value, expected) in [(SqlValue::Integer(1), "Integer(0)"), (SqlValue::Null, "Integer(1)")] {
            let mut statement = context.prepare(&many).unwrap();
            statement.bind(70, value).unwrap();
            assert!(statement.step().unwrap());
            assert_eq!(shown(statement.column(0)), expected);
        }
        assert_eq!(rows(context, &many, &[]), ["Integer(1)"]);
    });
}

#[test]
fn several_statements_of_one_text_may_be_open_at_once() {
    in_hook(|context| {
        let text = "select value from json_each('[1, 2]')";
        let (mut first, mut second) = (context.prepare(text).unwrap(), context.prepare(text).unwrap());
        assert!(first.step().unwrap());
        assert!(second.step().unwrap() && second.step().unwrap());
        assert_eq!((first.column(0), second.column(0)), (SqlValue::Integer(1), SqlValue::Integer(2)));
    });
}

#[test]
fn many_different_texts_and_a_changing_schema_are_no_trouble() {
    in_hook(|context| {
        for index in 0..500 {
            assert_eq!(rows(context, &format!("select {index}"), &[]), [format!("Integer({index})")]);
        }
        let count = "select count(*) from main._zova_ext_a_data";
        assert_eq!(rows(context, count, &[]), ["Integer(0)"]);
        context.exec("alter table main._zova_ext_a_data add column more").unwrap();
        context.exec("insert into main._zova_ext_a_data values (1, 2, 3)").unwrap();
        assert_eq!(context.changes(), 1);
        assert_eq!(rows(context, count, &[]), ["Integer(1)"]);
        assert_eq!(
            rows(context, "select * from main._zova_ext_a_data", &[]),
            ["\"1\" Integer(2) Integer(3)"]
        );
    });
}

#[test]
fn statements_of_the_scope_and_of_other_files_are_refused() {
    in_hook(|context| {
        for sql in [
            "begin",
            "commit",
            "/* x */ Rollback",
            "attach ':memory:' as other",
            "vacuum",
            "pragma user_version = 3",
        ] {
            assert_eq!(context.exec(sql).unwrap_err().status, Status::Misuse, "{sql}");
            assert_eq!(context.prepare(sql).unwrap_err().status, Status::Misuse, "{sql}");
            let behind = format!("select 1; ; {sql}");
            assert_eq!(context.exec(&behind).unwrap_err().status, Status::Misuse, "{behind}");
        }
        for sql in ["select 1\0", "\0"] {
            assert_eq!(context.exec(sql).unwrap_err().status, Status::Misuse);
            assert_eq!(context.prepare(sql).unwrap_err().status, Status::Misuse);
        }
        assert_eq!(rows(context, "pragma user_version", &[]), ["Integer(0)"]);
        context.exec("").unwrap();
        context.exec(" -- nothing").unwrap();
        let error = context.exec("select * from missing").unwrap_err();
        assert_eq!((error.status, &*error.message), (Status::SqliteError, "no such table: missing"));
        let error = context.exec("select * from _zova_missing").unwrap_err();
        assert!(!error.message.contains("_zova_"), "{error}");
        let mut nothing = context.prepare("").unwrap();
        assert_eq!(nothing.column_count(), 0);
        assert_eq!(nothing.step().unwrap_err().status, Status::Misuse);
    });
}

#[test]
fn a_statement_left_open_is_finalized_and_fails_the_hook() {
    let scratch = Scratch::new();
    let leaving = |context: &mut ExtensionContext<'_>| -> ExtensionResult<()> {
        let mut statement = context.prepare("select key from main._zova_ext_a_data")?;
        statement.step()?;
        std::mem::forget(statement);
        Ok(())
    };
    let sample = Sample::new("a").on_check(leaving).on_register(move |context| {
        let definition = ScalarDefinition { name: "a_leave", ..ScalarDefinition::default() };
        context.scalar(definition, move |context, _| leaving(context).map(|()| SqlOutput::Null))
    });
    let mut db = create(&scratch.path("a.zova"), [sample]);
    db.install_extension("a").unwrap();
    db.exec("insert into _zova_ext_a_data values (1, 2)").unwrap();
    let message = fault(db.check_extension("a"), Status::Misuse);
    assert!(message.contains("left a statement open"), "{message}");
    fault(db.exec("select a_leave()"), Status::Misuse);
    // Nothing reads the table any more.
    db.drop_extension("a").unwrap();
    assert_eq!(schema(&mut db), "");
}

#[test]
fn a_hook_knows_its_circumstances() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sample = || {
        let [check, call] = [(); 2].map(|()| Arc::clone(&seen));
        let note = |seen: &Mutex<Vec<String>>, context: &ExtensionContext<'_>| {
            assert!(!context.is_diagnostic() && context.salvage_mode().is_none());
            let note = format!("{} {}", context.is_read_only(), context.in_transaction());
            seen.lock().unwrap().push(note);
        };
        Sample::new("a")
            .on_check(move |context| {
                note(&check, context);
                Ok(())
            })
            .on_register(move |context| {
                let seen = Arc::clone(&call);
                let definition = ScalarDefinition { name: "a_note", ..ScalarDefinition::default() };
                context.scalar(definition, move |context, _| {
                    note(&seen, context);
                    Ok(SqlOutput::Null)
                })
            })
    };
    installed(&path, sample());
    let mut db = open(&path, [sample()]);
    db.exec("select a_note(); begin; select a_note(); commit").unwrap();
    db.check_extension("a").unwrap();
    open_read_only(&path, [sample()]).check_extension("a").unwrap();
    assert_eq!(*seen.lock().unwrap(), ["false false", "false true", "false true", "true true"]);
}

#[test]
fn targets_are_looked_up_wherever_they_are() {
    let scratch = Scratch::new();
    let sample = Sample::new("a").on_register(|context| {
        let definition = ScalarDefinition { name: "a_exists", arguments: 3, ..ScalarDefinition::default() };
        context.scalar(definition, |context, arguments| {
            let text = |value| match value {
                SqlValue::Text(text) => Some(std::str::from_utf8(text).unwrap()),
                _ => None,
            };
            let target = match text(arguments[0]).unwrap() {
                "object" => ExtensionTarget::Object,
                "chunk" => ExtensionTarget::ObjectChunk,
                "vector" => ExtensionTarget::Vector,
                _ => ExtensionTarget::GraphNode,
            };
            let found = context.target_exists(target, text(arguments[1]), text(arguments[2]).unwrap())?;
            Ok(SqlOutput::Integer(found.into()))
        })
    });
    let mut db = create(&scratch.path("a.zova"), [sample]);
    db.install_extension("a").unwrap();
    let object = db.put_object(b"content").unwrap().to_string();
    let chunk = zova::object_chunk_id(b"loose").unwrap();
    db.put_object_chunk(chunk, b"loose").unwrap();
    let options = VectorCollectionOptions { dimensions: 1, metric: VectorMetric::L2 };
    db.create_vector_collection("c", options).unwrap();
    db.put_vector("c", "v", &[1.0]).unwrap();
    db.create_graph("g").unwrap();
    let node = GraphNodeInput {
        graph_name: "g",
        node_id: "n",
        kind: "k",
        target_type: GraphTargetType::None,
        target_namespace: None,
        target_ref: None,
    };
    db.put_graph_node(node).unwrap();
    let mut exists = |target: &str, namespace: &str, reference: &str| {
        number_of(&mut db, &format!("select a_exists('{target}', {namespace}, '{reference}')")) == 1
    };
    assert!(exists("object", "null", &object) && exists("object", "'ignored'", &object.to_uppercase()));
    assert!(exists("chunk", "null", &chunk.to_string()) && !exists("object", "null", &chunk.to_string()));
    assert!(exists("chunk", "null", &object), "a small object is one chunk of the same hash");
    for absent in ["", "00", &object[1..], &format!("{object}0"), &"0".repeat(64), &"x".repeat(64)] {
        assert!(!exists("object", "null", absent) && !exists("chunk", "null", absent), "{absent}");
    }
    assert!(exists("vector", "'c'", "v"));
    assert!(exists("node", "'g'", "n"));
    for (namespace, reference) in [("'c'", "w"), ("'d'", "v"), ("null", "v"), ("''", ""), ("'_zova_'", "v")] {
        assert!(!exists("vector", namespace, reference), "{namespace} {reference}");
        assert!(!exists("node", namespace, reference), "{namespace} {reference}");
    }
}

#[test]
fn reading_damaged_tables_is_an_error_of_sqlite() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let sample = || Sample::new("a").on_open_check(|_| Ok(()));
    installed(&path, sample());
    edit(&path, "drop table _zova_ext_a_data; create view _zova_ext_a_data as select * from missing");
    let mut db = open(&path, [sample()]);
    let message = fault(db.check_extension("a"), Status::SqliteError);
    assert!(!message.contains("_zova_"), "{message}");
    // DROP TABLE does not drop a view: the hook decides what it can drop.
    fault(db.drop_extension("a"), Status::SqliteError);
}
