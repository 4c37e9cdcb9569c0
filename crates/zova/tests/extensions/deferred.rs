//! Writes that an extension puts off until the transaction ends.

use std::sync::{Arc, Mutex};

use zova::{
    Database, Deferred, DeferredWriter, ExtensionContext, ExtensionError, ExtensionResult, RegisterContext,
    RowSource, ScalarDefinition, SqlValue, Status, TreeRows,
};

use crate::common::{Scratch, fault, number_of, text_of};
use crate::support::{Sample, create, open};

/// What a writer was given, each time.
type Seen = Arc<Mutex<Vec<String>>>;

/// Writes keys into the table of an extension. "fail" fails, "conflict" ends the transaction,
/// "panic" panics, and "again" asks for the same once more.
struct Keys {
    name: &'static str,
    seen: Seen,
    own: Arc<Mutex<Option<Deferred<Keys>>>>,
}

impl DeferredWriter for Keys {
    type Entry = String;

    fn size(&self, entry: &String) -> usize {
        entry.len()
    }

    fn budget(&self) -> usize {
        60
    }

    fn write(&self, context: &mut ExtensionContext<'_>, entries: &[String]) -> ExtensionResult<()> {
        self.seen.lock().unwrap().push(entries.join(" "));
        let sql = format!("insert into main._zova_ext_{}_data (key) values (?1)", self.name);
        let mut insert = context.prepare(&sql)?;
        for entry in entries {
            match &**entry {
                "fail" => return Err(ExtensionError::new(Status::Corrupt, "asked to fail")),
                "panic" => panic!("asked to panic"),
                "again" => {
                    assert!(self.own.lock().unwrap().as_ref().unwrap().flush(context).is_err());
                }
                "conflict" => {
                    let table = format!("main._zova_ext_{}_data", self.name);
                    context.exec(&format!("insert or rollback into {table} (key) values (1), (1)"))?;
                }
                key => {
                    insert.bind(1, SqlValue::Text(key.as_bytes()))?;
                    insert.step()?;
                    insert.reset()?;
                }
            }
        }
        Ok(())
    }
}

/// An extension whose function `<name>_add` puts off a key.
fn deferring(name: &'static str, seen: &Seen) -> Sample {
    let seen = Arc::clone(seen);
    Sample::new(name)
        .on_install(move |context| {
            context.exec(&format!("create table main._zova_ext_{name}_data (key text primary key, value)"))
        })
        .on_register(move |context: &mut RegisterContext<'_>| {
            let own = Arc::default();
            let writer = Keys { name, seen: Arc::clone(&seen), own: Arc::clone(&own) };
            let deferred = context.deferred(name, writer)?;
            *own.lock().unwrap() = Some(deferred.clone());
            let add = format!("{name}_add");
            let definition = ScalarDefinition { name: &add, arguments: 1, ..ScalarDefinition::default() };
            context.scalar(definition, move |context, arguments| {
                let SqlValue::Text(key) = arguments[0] else { return Err(Status::InvalidArgument.into()) };
                let key = String::from_utf8_lossy(key).into_owned();
                if key == "refused" {
                    return deferred
                        .add(context, |_| Err(ExtensionError::new(Status::Misuse, "refused")))
                        .map(|()| 0.into());
                }
                deferred.add(context, |_| Ok(key))?;
                Ok(1.into())
            })
        })
}

fn database(scratch: &Scratch, seen: &Seen) -> Database {
    let mut db = create(&scratch.path("a.zova"), [deferring("a", seen)]);
    db.install_extension("a").unwrap();
    db
}

/// The keys in the order in which they were inserted, read by a connection of its own.
fn stored(scratch: &Scratch) -> String {
    crate::common::one(
        &crate::common::raw(&scratch.path("a.zova")),
        "select coalesce(group_concat(key, ' ' order by rowid), '') from _zova_ext_a_data",
    )
}

fn take(seen: &Seen) -> Vec<String> {
    std::mem::take(&mut *seen.lock().unwrap())
}

#[test]
fn entries_are_written_at_once_outside_a_transaction_and_together_at_its_end() {
    let (scratch, seen) = (Scratch::new(), Seen::default());
    let mut db = database(&scratch, &seen);
    db.exec("select a_add('one'); select a_add('two')").unwrap();
    assert_eq!((stored(&scratch).as_str(), take(&seen)), ("one two", vec!["one".into(), "two".into()]));
    db.exec("begin; select a_add('three'); select a_add('four')").unwrap();
    assert!(take(&seen).is_empty());
    db.exec("commit").unwrap();
    assert_eq!((stored(&scratch).as_str(), take(&seen)), ("one two three four", vec!["three four".into()]));
    // A statement that writes is a transaction, too; one that reads is not.
    db.exec("create table t(x); insert into t values (a_add('five')), (a_add('six'))").unwrap();
    assert_eq!(take(&seen), ["five six"]);
    db.exec("select a_add('seven') union all select a_add('eight')").unwrap();
    assert_eq!(take(&seen), ["seven", "eight"]);
    db.exec("begin; select a_add('never'); rollback; savepoint s; select a_add('nine'); release s").unwrap();
    assert_eq!(take(&seen), ["nine"]);
    assert_eq!(stored(&scratch), "one two three four five six seven eight nine");
}

#[test]
fn savepoints_take_back_what_was_added_since() {
    let (scratch, seen) = (Scratch::new(), Seen::default());
    let mut db = database(&scratch, &seen);
    db.exec(
        "begin; select a_add('one'); savepoint s; select a_add('two'); savepoint t; select a_add('three'); \
         rollback to t; select a_add('four'); release t; rollback to s; select a_add('five')",
    )
    .unwrap();
    // Zova's own calls have savepoints, too.
    db.put_object(b"object").unwrap();
    db.check_extension("a").unwrap();
    assert_eq!(take(&seen), ["one five"]);
    // The check was undone, and with it what was written for it.
    db.exec("select a_add('six'); commit").unwrap();
    assert_eq!((take(&seen), stored(&scratch)), (vec!["one five six".to_owned()], "one five six".to_owned()));
}

#[test]
fn private_tables_are_up_to_date_when_a_statement_names_them() {
    let (scratch, seen) = (Scratch::new(), Seen::default());
    let mut db = database(&scratch, &seen);
    db.exec("begin; savepoint s; select a_add('one')").unwrap();
    assert_eq!(number_of(&mut db, "select count(*) from _Zova_Ext_a_data"), 1);
    db.exec("select a_add('two')").unwrap();
    assert_eq!(text_of(&mut db, "select max(key) from main.\"_zova_ext_a_data\""), "two");
    db.exec("rollback to s").unwrap();
    assert_eq!(number_of(&mut db, "select count(*) from _zova_ext_a_data"), 0);
    db.exec("select a_add('three'); commit").unwrap();
    assert_eq!(
        (take(&seen), stored(&scratch)),
        (["one", "two", "three"].map(str::to_owned).into(), "three".into())
    );
}

#[test]
fn entries_that_fill_the_memory_for_them_are_written_early_and_follow_savepoints_all_the_same() {
    let (scratch, seen) = (Scratch::new(), Seen::default());
    let mut db = database(&scratch, &seen);
    let add = |db: &mut Database, keys: std::ops::Range<i32>| {
        keys.for_each(|key| db.exec(&format!("select a_add('a key of sixteen {key:02}')")).unwrap());
    };
    db.begin().unwrap();
    add(&mut db, 0..2);
    db.savepoint("s").unwrap();
    add(&mut db, 2..5);
    assert_eq!(take(&seen).len(), 1, "four of nineteen bytes");
    db.exec("rollback to s").unwrap();
    // The two from before the savepoint were undone with what was written since; they are put off again.
    add(&mut db, 5..6);
    assert!(take(&seen).is_empty());
    add(&mut db, 6..7);
    assert_eq!(take(&seen).len(), 1);
    db.exec("release s").unwrap();
    add(&mut db, 7..8);
    db.commit().unwrap();
    assert_eq!(stored(&scratch).matches("sixteen").count(), 5);
    assert!(["00", "01", "05", "06", "07"].iter().all(|key| stored(&scratch).contains(key)));
}

#[test]
fn a_failure_to_write_rolls_the_transaction_back() {
    let (scratch, seen) = (Scratch::new(), Seen::default());
    let mut db = database(&scratch, &seen);
    db.exec("create table t(x)").unwrap();
    let text = fault(db.exec("select a_add('fail')"), Status::Corrupt);
    assert!(text.contains("asked to fail"), "{text}");
    db.exec(
        "begin; insert into t values (1); select a_add('one'); select a_add('fail'); select a_add('two')",
    )
    .unwrap();
    let text = fault(db.commit(), Status::Corrupt);
    assert!(text.contains("asked to fail"), "{text}");
    assert_eq!((number_of(&mut db, "select count(*) from t"), stored(&scratch).as_str()), (0, ""));
    // The connection is as good as new.
    db.exec("begin; select a_add('three'); commit").unwrap();
    assert_eq!(stored(&scratch), "three");
    // What a savepoint takes back cannot fail any more.
    db.exec("begin; select a_add('four'); savepoint s; select a_add('fail')").unwrap();
    assert!(db.exec("select count(*) from _zova_ext_a_data").is_err());
    assert!(db.exec("select count(*) from _zova_ext_a_data").is_err());
    db.exec("rollback to s; select a_add('five'); commit").unwrap();
    assert_eq!(stored(&scratch), "three four five");
}

#[test]
fn writing_is_not_begun_a_second_time_while_it_goes_on() {
    let (scratch, seen) = (Scratch::new(), Seen::default());
    let mut db = database(&scratch, &seen);
    for write in ["commit", "select count(*) from _zova_ext_a_data; commit"] {
        db.exec(&format!(
            "begin; delete from _zova_ext_a_data; select a_add('again'); select a_add('one'); {write}"
        ))
        .unwrap();
        assert_eq!((take(&seen), stored(&scratch)), (vec!["again one".to_owned()], "one".to_owned()));
    }
}

#[test]
fn a_transaction_that_writing_ended_is_over_and_nothing_else() {
    let (scratch, seen) = (Scratch::new(), Seen::default());
    let mut db = database(&scratch, &seen);
    for look in ["select count(*) from _zova_ext_a_data", "commit"] {
        db.exec("create table if not exists t(x); begin; insert into t values (1); select a_add('conflict')")
            .unwrap();
        assert!(db.exec(look).is_err(), "{look}");
        assert!(db.exec("rollback").is_err(), "{look}");
        assert_eq!(number_of(&mut db, "select count(*) from t, _zova_ext_a_data"), 0);
        assert_eq!(number_of(&mut db, "select count(*) from t"), 0);
    }
    db.exec("begin; select a_add('one'); commit").unwrap();
    assert_eq!(stored(&scratch), "one");
}

#[test]
fn an_entry_that_is_refused_is_not_added() {
    let (scratch, seen) = (Scratch::new(), Seen::default());
    let mut db = database(&scratch, &seen);
    fault(db.exec("select a_add('refused')"), Status::Misuse);
    db.exec("begin; select a_add('one')").unwrap();
    fault(db.exec("select a_add('refused')"), Status::Misuse);
    db.exec("select a_add('two'); commit").unwrap();
    assert_eq!(take(&seen), ["one two"]);
}

#[test]
fn a_panic_while_writing_undoes_the_transaction_and_leaves_only_the_close() {
    let (scratch, seen) = (Scratch::new(), Seen::default());
    let mut db = database(&scratch, &seen);
    db.exec("begin; create table t(x); select a_add('one'); select a_add('panic')").unwrap();
    fault(db.commit(), Status::Internal);
    fault(db.exec("select 1"), Status::Internal);
    drop(db);
    assert_eq!(stored(&scratch), "");
    let mut db = open(&scratch.path("a.zova"), [deferring("a", &seen)]);
    assert_eq!(number_of(&mut db, "select count(*) from sqlite_schema where name = 't'"), 0);
}

#[test]
fn closing_forgets_what_was_put_off() {
    let (scratch, seen) = (Scratch::new(), Seen::default());
    let mut db = database(&scratch, &seen);
    db.exec("begin; select a_add('one')").unwrap();
    drop(db);
    assert_eq!((stored(&scratch).as_str(), take(&seen)), ("", Vec::new()));
}

#[test]
fn a_lock_held_elsewhere_is_met_when_the_first_entry_is_added() {
    let (scratch, seen) = (Scratch::new(), Seen::default());
    let mut db = database(&scratch, &seen);
    let other = crate::common::raw(&scratch.path("a.zova"));
    other.execute_batch("begin immediate").unwrap();
    db.exec("begin").unwrap();
    fault(db.exec("select a_add('one')"), Status::Busy);
    other.execute_batch("rollback").unwrap();
    db.exec("select a_add('two'); commit").unwrap();
    assert_eq!(stored(&scratch), "two");
}

#[test]
fn extensions_and_virtual_tables_put_off_side_by_side() {
    let (scratch, seen, other) = (Scratch::new(), Seen::default(), Seen::default());
    let mut db = create(&scratch.path("a.zova"), [deferring("a", &seen), deferring("b", &other)]);
    db.install_extension("a").unwrap();
    db.install_extension("b").unwrap();
    db.install_extension("trgm").unwrap();
    db.exec("create virtual table words using fts5(text); select zova_trgm_create_index('i')").unwrap();
    db.exec(
        "begin; select a_add('one'); insert into words values ('one two'); select b_add('two'); savepoint s; \
         select zova_trgm_put('i', 'd', 'record', null, null, 'text'); select a_add('three'); \
         insert into words values ('three'); release s; commit",
    )
    .unwrap();
    assert_eq!((take(&seen), take(&other)), (vec!["one three".to_owned()], vec!["two".to_owned()]));
    assert_eq!(number_of(&mut db, "select count(*) from words"), 2);
    assert_eq!(number_of(&mut db, "select count(*) from zova_trgm_search('i', 'text')"), 1);
    db.check_extensions().unwrap();
}

#[test]
fn the_table_that_takes_part_cannot_be_read_and_is_nobody_elses() {
    let (scratch, seen) = (Scratch::new(), Seen::default());
    let mut db = database(&scratch, &seen);
    assert!(db.exec("select count(*) from _zova_deferred_a_a").is_err());
    // An application that inserts into it takes part in nothing.
    db.exec(
        "insert into _zova_deferred_a_a values (1); begin; insert into _zova_deferred_a_a values (2); commit",
    )
    .unwrap();
    assert!(db.exec("create view v as select * from _zova_deferred_a_a; select * from v").is_err());
    // A table of the application that is called the same, or like a table of SQLite, does no harm.
    db.exec("create table a_a(x); create temp table _zova_deferred_a_a(x)").unwrap();
    db.exec("begin; select a_add('one'); commit").unwrap();
    assert_eq!(take(&seen), ["one"]);
    assert_eq!(number_of(&mut db, "select count(*) from temp._zova_deferred_a_a"), 0);
    for (name, outcome) in [("json_each", true), ("a\0b", false), (&*"n".repeat(240), false)] {
        let name = name.to_owned();
        let sample = Sample::new("b").on_register(move |context: &mut RegisterContext<'_>| {
            let writer = Keys { name: "b", seen: Seen::default(), own: Arc::default() };
            context.deferred(&name, writer).map(drop)
        });
        let path = scratch.path(&format!("{outcome}.zova"));
        let _ = std::fs::remove_file(&path);
        let installed = create(&path, [sample]).install_extension("b");
        if outcome { installed.unwrap() } else { drop(fault(installed, Status::ExtensionInvalid)) }
    }
}

/// Numbers and a text for each.
struct Numbers {
    next: i64,
    end: i64,
    text: String,
    swapped: bool,
}

impl Numbers {
    fn new(end: i64, swapped: bool) -> Self {
        Self { next: 0, end, text: String::new(), swapped }
    }
}

impl RowSource for Numbers {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.text = format!("number {:05}", self.next);
        assert!(self.next != 666, "asked to panic");
        self.next <= self.end
    }

    fn value(&self, column: usize) -> SqlValue<'_> {
        if (column == 0) == self.swapped {
            SqlValue::Text(self.text.as_bytes())
        } else {
            SqlValue::Integer(self.next)
        }
    }
}

/// Runs `work` as a hook that installs an extension whose table is `t`.
fn installing(
    sql: &'static str,
    work: impl Fn(&ExtensionContext<'_>) -> ExtensionResult<()> + Send + Sync + 'static,
) -> zova::Result<Database> {
    let scratch = Scratch::new();
    let sample = Sample::new("a")
        .on_install(move |context| {
            context.exec(sql)?;
            work(context)
        })
        .on_check(|context| context.exec("select * from main._zova_ext_a_t"));
    let mut db = create(&scratch.path("a.zova"), [sample]);
    db.install_extension("a")?;
    assert_eq!(text_of(&mut db, "pragma integrity_check"), "ok");
    Ok(db)
}

#[test]
fn rows_are_inserted_by_one_statement() {
    let sql = "create table main._zova_ext_a_t(a integer primary key, b text not null, c default 7)";
    let mut db = installing(sql, |context| {
        context.insert_rows("_zova_ext_a_t", &["b", "a"], &mut Numbers::new(500, true))
    })
    .unwrap();
    assert_eq!(
        text_of(&mut db, "select count(*) || sum(a) || max(b) || sum(c) from _zova_ext_a_t"),
        "500125250number 005003500"
    );
    // A column that does not exist, more columns than there may be, a value that the table refuses, and a panic.
    let refused = |columns: &'static [&'static str], end| {
        installing(sql, move |context| {
            context.insert_rows("_zova_ext_a_t", columns, &mut Numbers::new(end, false))
        })
    };
    assert!(refused(&["a", "x"], 3).is_err());
    assert!(refused(&["a"; 17], 3).is_err());
    assert!(refused(&["b", "a"], 3).is_err());
    assert!(refused(&["a", "b"], 700).is_err());
    // The application cannot bind what the rows come from.
    let mut db = installing(sql, |_| Ok(())).unwrap();
    assert_eq!(number_of(&mut db, "select count(*) from _zova_ext_a_t"), 0);
    assert!(db.exec("select * from _zova_rows(1)").is_err(), "it is known only once it is needed");
}

#[test]
fn rows_are_inserted_tree_by_tree_where_the_table_allows_it() {
    const PLAIN: &str = "create table main._zova_ext_a_t(a integer, b text, primary key (a)) without rowid; \
        create index main._zova_ext_a_i on _zova_ext_a_t(b)";
    fn fill(context: &ExtensionContext<'_>) -> ExtensionResult<bool> {
        let (mut by_a, mut by_b) = (Numbers::new(600, false), Numbers::new(600, true));
        let trees = &mut [
            TreeRows { name: "_zova_ext_a_t", columns: &["a", "b"], key: 1, rows: &mut by_a },
            TreeRows { name: "_zova_ext_a_i", columns: &["b", "a"], key: 2, rows: &mut by_b },
        ];
        context.insert_by_tree("_zova_ext_a_t", trees)
    }
    let mut db = installing(PLAIN, |context| fill(context).map(|done| assert!(done))).unwrap();
    assert_eq!(number_of(&mut db, "select sum(a) from _zova_ext_a_t"), 180_300);
    assert_eq!(number_of(&mut db, "select a from _zova_ext_a_t where b = 'number 00017'"), 17);
    // A key that exists is found, and the operation as a whole undone.
    assert!(
        installing(PLAIN, |context| {
            context.exec("insert into main._zova_ext_a_t values (600, 'other')")?;
            fill(context).map(drop)
        })
        .is_err()
    );
    for other in [
        "create table main._zova_ext_a_t(a integer primary key, b text); \
         create index main._zova_ext_a_i on _zova_ext_a_t(b)",
        "create table main._zova_ext_a_t(a integer primary key, b text) without rowid",
        "create table main._zova_ext_a_t(a integer primary key, b text, c) without rowid; \
         create index main._zova_ext_a_i on _zova_ext_a_t(b)",
        "create table main._zova_ext_a_t(a integer primary key, b text) without rowid; \
         create unique index main._zova_ext_a_i on _zova_ext_a_t(b)",
        "create table main._zova_ext_a_t(a integer primary key, b text) without rowid; \
         create index main._zova_ext_a_i on _zova_ext_a_t(b) where b > 'a'",
        "create table main._zova_ext_a_t(a integer primary key, b text) without rowid; \
         create index main._zova_ext_a_i on _zova_ext_a_t(b desc)",
        "create table main._zova_ext_a_t(a integer primary key, b text) without rowid; \
         create index main._zova_ext_a_i on _zova_ext_a_t(b collate nocase)",
        "create table main._zova_ext_a_t(a integer primary key, b text) without rowid; \
         create index main._zova_ext_a_i on _zova_ext_a_t(b || 'x')",
        "create table main._zova_ext_a_t(a integer primary key, b text) without rowid; \
         create index main._zova_ext_a_i on _zova_ext_a_t(b); create index main._zova_ext_a_j on _zova_ext_a_t(b, a)",
        "create table main._zova_ext_a_t(a integer primary key, b text) without rowid; \
         create index main._zova_ext_a_i on _zova_ext_a_t(b); \
         create trigger main._zova_ext_a_x after insert on _zova_ext_a_t begin select 1; end",
    ] {
        let mut db = installing(other, |context| fill(context).map(|done| assert!(!done))).unwrap();
        assert_eq!(number_of(&mut db, "select count(*) from _zova_ext_a_t"), 0, "{other}");
    }
}
