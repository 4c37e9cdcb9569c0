//! The bridge itself, with a table of numbers that can be told to fail in each callback.

use std::cell::Cell;
use std::ffi::CString;
use std::path::Path;
use std::rc::Rc;

use super::*;
use crate::sqlite::{Connection, OpenMode, Prepared, ScalarFunction, SqlText, register_function};

/// `numbers(first, last [, fault [, plan_fault]])`: the numbers from `first` to `last`, or to `first` + 2.
struct Numbers {
    produced: Rc<Cell<usize>>,
}

struct NumberRows {
    next: i64,
    last: i64,
    enough: u64,
    fault: String,
    produced: Rc<Cell<usize>>,
}

impl TableFunction for Numbers {
    const NAME: &'static CStr = c"numbers";
    const COLUMNS: &'static [Column] = &[
        Column::new("n", "integer", Role::Result),
        Column::new("word", "text", Role::Key),
        Column::new("first", "integer", Role::Required),
        Column::new("last", "integer", Role::Optional),
        Column::new("fault", "text", Role::Optional),
        Column::new("plan_fault", "text", Role::Optional),
    ];
    const ORDERED_BY: &'static [c_int] = &[0, -1];
    type Rows = NumberRows;

    fn estimate(supplied: u32) -> Estimate {
        assert!(supplied & 1 << 5 == 0, "asked to panic");
        Estimate { cost: 10.0, rows: 3 }
    }

    fn scan(&self, linked: &Linked, request: &Request<'_>) -> Result<NumberRows, SqliteError> {
        // Reading through the same connection works while the application's statement runs.
        let one = crate::sqlite::Sql("select 1");
        let mut statement = linked.cache().query(linked.connection(), "main", one, &[])?;
        assert!(statement.step()? && statement.integer(0) == 1);
        let Argument::Integer(first) = request.argument(2) else {
            return Err(SqliteError::plain("first is no integer"));
        };
        let last = match request.argument(3) {
            Argument::Null => first + 2,
            Argument::Integer(last) => last,
            _ => return Err(SqliteError::plain("last is no integer")),
        };
        let fault = match request.argument(4) {
            Argument::Text(fault) => String::from_utf8_lossy(fault).into_owned(),
            _ => String::new(),
        };
        assert!(fault != "scan", "asked to panic");
        if fault == "error" {
            return Err(SqliteError { code: ffi::SQLITE_BUSY, message: "asked to fail".to_owned() });
        }
        let (produced, enough) = (Rc::clone(&self.produced), request.enough.unwrap_or(u64::MAX));
        Ok(NumberRows { next: first, last, enough, fault, produced })
    }
}

impl Rows for NumberRows {
    fn advance(&mut self, _: &Linked) -> Result<bool, SqliteError> {
        assert!(self.fault != "advance", "asked to panic");
        if self.next > self.last || self.enough == 0 {
            return Ok(false);
        }
        self.next += 1;
        self.enough -= 1;
        self.produced.set(self.produced.get() + 1);
        Ok(true)
    }

    fn column(&mut self, _: &Linked, column: usize, output: &mut Output<'_>) -> Result<(), SqliteError> {
        assert!(self.fault != "column", "asked to panic");
        match column {
            0 => output.integer(self.next - 1),
            _ => output.text(format!("w{}", self.next - 1).as_bytes()),
        }
        Ok(())
    }

    fn rowid(&self) -> i64 {
        assert!(self.fault != "rowid", "asked to panic");
        self.next - 1
    }
}

impl Drop for NumberRows {
    fn drop(&mut self) {
        assert!(self.fault != "drop", "asked to panic");
    }
}

/// `twice(n)`; panics for a text.
struct Twice;

impl ScalarFunction for Twice {
    const NAME: &'static CStr = c"twice";
    const ARGUMENTS: i32 = -1;
    const DETERMINISTIC: bool = true;

    fn call(
        &self,
        _: &Linked,
        arguments: &[Argument<'_>],
        output: &mut Output<'_>,
    ) -> Result<(), SqliteError> {
        match arguments {
            [Argument::Integer(n)] => output.integer(n * 2),
            [Argument::Real(n)] => output.float(n * 2.0),
            [Argument::Blob(bytes)] => output.blob(&bytes.repeat(2)),
            [Argument::Null] => output.null(),
            [Argument::Text(_)] => panic!("asked to panic"),
            many => return Err(SqliteError::plain(format!("{} arguments are too many", many.len()))),
        }
        Ok(())
    }
}

struct Fixture {
    link: Link,
    produced: Rc<Cell<usize>>,
}

impl Fixture {
    fn new() -> Self {
        let link = Link::new(Connection::open(Path::new(""), OpenMode::Memory).unwrap());
        let produced = Rc::new(Cell::new(0));
        register_table(&link, Numbers { produced: Rc::clone(&produced) }).unwrap();
        register_function(&link, Twice).unwrap();
        let fixture = Self { link, produced };
        fixture.rows("create table t(a integer, b integer)").unwrap();
        fixture.rows("insert into t values (1, 2), (5, 6), (7, 5)").unwrap();
        fixture
    }

    /// The rows as text: values separated by spaces, rows by commas.
    fn rows(&self, sql: &str) -> Result<String, String> {
        let sql = CString::new(sql).unwrap();
        let compiled = Prepared::new(&self.link, SqlText::new(&sql));
        let mut statement = compiled.map_err(|error| format!("compile: {}", error.message))?.0;
        let mut rows = Vec::new();
        while statement.step(&self.link).map_err(|error| error.message)? {
            let columns = statement.column_count();
            let value = |column| match statement.column_text(column).unwrap() {
                Some(text) => String::from_utf8_lossy(text).into_owned(),
                None => "NULL".to_owned(),
            };
            rows.push((0..columns).map(value).collect::<Vec<_>>().join(" "));
        }
        Ok(rows.join(","))
    }

    #[track_caller]
    fn check(&self, sql: &str, expected: &str) {
        assert_eq!(self.rows(sql).as_deref(), Ok(expected), "{sql}");
    }
}

#[test]
fn arguments_are_positional_or_named_and_can_be_read_back() {
    let fixture = Fixture::new();
    fixture.check("select n from numbers(3)", "3,4,5");
    fixture.check("select n, rowid from numbers(3, 4)", "3 3,4 4");
    fixture.check("select n, first, last, fault from numbers where last = 4 and first = 4", "4 4 4 NULL");
    fixture.check("select n from numbers where first in (1, 7) and last = 7", "1,2,3,4,5,6,7,7");
    fixture.check("select n from numbers(1, 9) where n > 7 and word <> 'w9'", "8");
    fixture.check("select n from numbers(1, 9) where word = 'w4'", "4");
}

#[test]
fn null_for_an_optional_argument_is_as_none_and_for_a_required_one_reaches_the_table() {
    let fixture = Fixture::new();
    fixture.check("select n, last from numbers(3, null)", "3 NULL,4 NULL,5 NULL");
    fixture.check("select count(*) from t left join numbers on first = a and last = null", "9");
    assert_eq!(fixture.rows("select n from numbers(null)"), Err("first is no integer".to_owned()));
}

#[test]
fn a_missing_argument_is_named_while_compiling() {
    let fixture = Fixture::new();
    let missing = "compile: no query solution: numbers needs the argument first";
    for sql in ["select * from numbers", "select * from numbers where last = 3", "select * from t, numbers"] {
        assert_eq!(fixture.rows(sql), Err(missing.to_owned()), "{sql}");
    }
    // The note about a part of a statement that compiles explains no later refusal.
    fixture.check("select n from numbers(1) where n = 2 or word = 'w3'", "2,3");
    let circle = "select 1 from numbers x join numbers y on x.first = y.n and y.first = x.n";
    assert_eq!(fixture.rows(circle), Err("compile: no query solution".to_owned()));
}

#[test]
fn joins_give_the_same_rows_whatever_the_order_of_the_tables() {
    let fixture = Fixture::new();
    let expected = "1 1,1 2,5 5,5 6";
    for from in [
        "t join numbers on first = a and last = b",
        "numbers join t on first = a and last = b",
        "numbers, t where first = a and last = b",
        "t, numbers(a, b)",
        "numbers join t on first = a and last = b join (select 1)",
    ] {
        let wish = if from.contains("where") { "and" } else { "where" };
        fixture.check(&format!("select a, n from {from} {wish} a < 7 order by a, n"), expected);
    }
    // CROSS JOIN forces an order, and in this one nothing can supply the argument. (SQLite does not even show the
    // table such a constraint, so an optional argument is absent then, and equals nothing.)
    assert_eq!(
        fixture.rows("select a from numbers cross join t where first = a"),
        Err("compile: no query solution: numbers needs the argument first".to_owned())
    );
    fixture.check("select a from numbers cross join t where first = 1 and last = b", "");
}

#[test]
fn a_table_feeds_another_and_outer_joins_keep_their_rows() {
    let fixture = Fixture::new();
    fixture.check(
        "select y.n from numbers x join numbers y on y.first = x.n and y.last = x.n where x.first = 2 order by 1",
        "2,3,4",
    );
    fixture.check(
        "select a, n from t left join numbers on first = a and last = b - 1 order by a",
        "1 1,5 5,7 NULL",
    );
    fixture.check("select a, (select sum(n) from numbers(a, b)) from t", "1 3,5 11,7 NULL");
    fixture.check("select a from t where exists (select 1 from numbers(a, b) where n = 6)", "5");
    fixture.check("select n, b from t right join numbers(1) on a = n order by n", "1 2,2 NULL,3 NULL");
}

#[test]
fn sql_limit_stops_the_table_only_where_that_is_right() {
    let fixture = Fixture::new();
    for (sql, expected, produced) in [
        ("select n from numbers(1, 1000) limit 2", "1,2", 2),
        ("select n from numbers(1, 1000) order by n limit 2 offset 3", "4,5", 5),
        ("select n from numbers(1, 1000) order by rowid limit 1", "1", 1),
        ("select n from numbers(1, 1000) limit 0", "", 0),
        ("select n from numbers(1, 5) limit -1", "1,2,3,4,5", 5),
        ("select n from numbers(1, 5) order by n desc limit 1", "5", 5),
        ("select n from numbers(1, 5) order by word desc limit 1", "5", 5),
        ("select n from numbers(1, 5) where n > 3 limit 1", "4", 4),
        ("select n from numbers(1, 5) where word = 'w4' limit 1", "4", 4),
        ("select n from numbers where first in (1, 4) and last = 4 limit 5", "1,2,3,4,4", 5),
        ("select max(n) from numbers(1, 5) limit 1", "5", 5),
        ("select distinct n / 3 from numbers(1, 5) limit 2", "0,1", 3),
        ("select n from numbers(1, 3) union all select n from numbers(7, 8) limit 4", "1,2,3,7", 4),
        ("select n from numbers where first = 2 and first = 3 limit 1", "", 3),
    ] {
        fixture.produced.set(0);
        fixture.check(sql, expected);
        assert!(fixture.produced.get() <= produced, "{sql} made {} rows", fixture.produced.get());
    }
    fixture.produced.set(0);
    fixture.check("select a, n from t cross join numbers(1, 100) limit 101", &{
        let first = (1..=100).map(|n| format!("1 {n}")).collect::<Vec<_>>();
        format!("{},5 1", first.join(","))
    });
}

#[test]
fn views_and_triggers_use_the_table_and_nothing_changes_it() {
    let fixture = Fixture::new();
    fixture.rows("create view v as select a, n from t join numbers on first = a and last = b").unwrap();
    fixture.check("select count(*) from v where a = 5", "2");
    fixture.rows("create table seen(n)").unwrap();
    fixture
        .rows("create trigger tr after insert on t begin insert into seen select n from numbers(new.a, new.b); end")
        .unwrap();
    fixture.rows("insert into t values (20, 22)").unwrap();
    fixture.check("select n from seen", "20,21,22");
    fixture.rows("create view lacking as select n from numbers").unwrap();
    assert_eq!(
        fixture.rows("select * from lacking"),
        Err("compile: no query solution: numbers needs the argument first".to_owned())
    );
    for sql in ["insert into numbers(n) values (1)", "update numbers set n = 1", "delete from numbers"] {
        assert_eq!(fixture.rows(sql), Err("compile: table numbers may not be modified".to_owned()), "{sql}");
    }
    assert_eq!(
        fixture.rows("create virtual table x using numbers"),
        Err("no such module: numbers".to_owned())
    );
    fixture.rows("drop view lacking").unwrap();
    fixture.rows("pragma trusted_schema = off").unwrap();
    assert_eq!(
        fixture.rows("select * from v"),
        Err("compile: unsafe use of virtual table \"numbers\"".to_owned())
    );
    fixture.check("select n from numbers(1, 1)", "1");
}

#[test]
fn a_panic_in_any_callback_is_an_sql_error_and_the_connection_goes_on() {
    let fixture = Fixture::new();
    let caught = "an internal error was caught in numbers, please report it".to_owned();
    for fault in ["scan", "advance", "column"] {
        let sql = format!("select n from numbers(1, 2, '{fault}')");
        assert_eq!(fixture.rows(&sql), Err(caught.clone()), "{fault}");
        fixture.check("select n from numbers(1, 2)", "1,2");
    }
    assert_eq!(fixture.rows("select rowid from numbers(1, 2, 'rowid')"), Err(caught.clone()));
    assert_eq!(fixture.rows("select n from numbers(1, 2, '', 'x')"), Err(format!("compile: {caught}")));
    // SQLite has no use for an error of xClose; the next scan on the same cursor reports it.
    fixture.check("select n from numbers(1, 1, 'drop')", "1");
    assert_eq!(fixture.rows("select n from t, numbers(a, a, 'drop')").unwrap_err(), caught);
    assert_eq!(fixture.rows("select n from numbers(1, 2, 'error')"), Err("asked to fail".to_owned()));
    assert_eq!(
        fixture.rows("select twice('x')"),
        Err("an internal error was caught in twice, please report it".to_owned())
    );
    fixture.check("select n from numbers(1, 2)", "1,2");
}

#[test]
fn functions_take_and_give_every_kind_of_value() {
    let fixture = Fixture::new();
    fixture.check(
        "select twice(4), twice(1.5), hex(twice(x'0a')), hex(twice(x'')), twice(null)",
        "8 3.0 0A0A  NULL",
    );
    assert_eq!(fixture.rows("select twice()"), Err("0 arguments are too many".to_owned()));
    assert_eq!(fixture.rows("select twice(1,2,3,4,5,6,7,8,9)"), Err("9 arguments are too many".to_owned()));
}

#[test]
fn a_link_moves_between_threads_and_closes_with_what_is_registered_on_it() {
    let fixture = Fixture::new();
    let link = Link::new(Connection::open(Path::new(""), OpenMode::Memory).unwrap());
    register_function(&link, Twice).unwrap();
    std::thread::spawn(move || {
        let fixture = Fixture { link, produced: Rc::default() };
        fixture.check("select twice(21)", "42");
        fixture.link.close();
    })
    .join()
    .unwrap();
    fixture.check("select twice(1)", "2");
    assert_eq!(Rc::strong_count(&fixture.produced), 2);
    let produced = Rc::clone(&fixture.produced);
    fixture.link.close();
    drop(fixture.produced);
    assert_eq!(Rc::strong_count(&produced), 1);
}
