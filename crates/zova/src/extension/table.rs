//! Table functions of extensions.

use std::ffi::{CStr, CString, c_int};
use std::fmt;
use std::ops::Range;

use super::context::{Circumstances, ExtensionContext};
use super::error::{ExtensionError, ExtensionResult};
use super::hooks::shielded;
use crate::error::Status;
use crate::sqlite::{
    Computed, Estimate, Linked, MAX_COLUMNS, Output, Reach, Request, Role, Rows, SqlValue, SqliteError,
};

/// A table function.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TableDefinition<'d> {
    /// Its name, by convention beginning with `zova_<extension>_`. It must not be the name of a table that SQLite, Zova
    /// or another extension provides.
    pub name: &'d str,
    /// Its columns, at most 28: visible ones first, then hidden ones in the order of the arguments.
    pub columns: Vec<TableColumn<'d>>,
    /// Harmless even where a file's schema is not trusted.
    pub innocuous: bool,
    /// Refused in views, triggers and the rest of the schema; counts more than `innocuous`.
    pub direct_only: bool,
    /// What a scan costs, in SQLite's unit (about one step of a B-tree).
    pub estimated_cost: f64,
    /// How many rows a scan gives.
    pub estimated_rows: i64,
}

/// A column of a table function.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableColumn<'d> {
    /// Its name, 1 to 255 bytes without NUL, unique in the table without regard to ASCII case.
    pub name: &'d str,
    /// Its declared type: words of ASCII letters, or nothing.
    pub decl_type: &'d str,
    /// An argument: the query supplies its value, with `=` or positionally in parentheses.
    pub hidden: bool,
    /// An argument that the query must supply.
    pub required: bool,
    /// The rows are pushed in ascending order of this visible column, so SQLite need not sort for it. At most one.
    pub sorted: bool,
}

/// Takes the rows of one scan.
pub struct RowSink<'r> {
    rows: &'r mut Buffer,
    columns: usize,
    enough: Option<u64>,
}

impl RowSink<'_> {
    /// Adds a row: one value for each visible column.
    ///
    /// Cost: copies the values.
    ///
    /// # Errors
    ///
    /// `Misuse` for another number of values.
    pub fn push(&mut self, values: &[SqlValue<'_>]) -> ExtensionResult<()> {
        if values.len() != self.columns {
            let message =
                format!("a row of {} values was pushed to a table of {} columns", values.len(), self.columns);
            return Err(ExtensionError::new(Status::Misuse, message));
        }
        self.rows.push(values);
        Ok(())
    }

    /// How many rows suffice, where SQLite knows and takes the first ones as they come (a LIMIT). Pushing more is
    /// allowed and in vain.
    pub fn enough(&self) -> Option<u64> {
        self.enough
    }
}

impl fmt::Debug for RowSink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowSink").field("enough", &self.enough).finish_non_exhaustive()
    }
}

/// The rows of one scan, one behind the other.
#[derive(Default)]
struct Buffer {
    cells: Vec<Cell>,
    bytes: Vec<u8>,
}

enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(Range<usize>),
    Blob(Range<usize>),
}

impl Buffer {
    fn push(&mut self, values: &[SqlValue<'_>]) {
        let mut keep = |bytes: &[u8]| {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(bytes);
            start..self.bytes.len()
        };
        self.cells.extend(values.iter().map(|value| match *value {
            SqlValue::Null => Cell::Null,
            SqlValue::Integer(value) => Cell::Integer(value),
            SqlValue::Real(value) => Cell::Real(value),
            SqlValue::Text(value) => Cell::Text(keep(value)),
            SqlValue::Blob(value) => Cell::Blob(keep(value)),
        }));
    }
}

/// A table function as it is registered.
pub(super) struct Table<F> {
    name: CString,
    columns: Vec<Column>,
    /// How many of the columns are visible.
    visible: usize,
    sorted: Option<usize>,
    reach: Reach,
    cost: f64,
    rows: i64,
    scan: F,
}

struct Column {
    name: String,
    decl_type: String,
    role: Role,
}

impl<F> Table<F> {
    pub(super) fn new(name: CString, definition: &TableDefinition<'_>, scan: F) -> ExtensionResult<Self> {
        if let Some(rule) = broken_rule(&definition.columns) {
            let message = format!("the table function {:?} {rule}", definition.name);
            return Err(ExtensionError::new(Status::ExtensionInvalid, message));
        }
        let columns = definition.columns.iter().map(|column| Column {
            name: column.name.to_owned(),
            decl_type: column.decl_type.to_owned(),
            role: match (column.hidden, column.required) {
                (false, _) => Role::Result,
                (true, true) => Role::Required,
                (true, false) => Role::Optional,
            },
        });
        Ok(Self {
            name,
            columns: columns.collect(),
            visible: definition.columns.iter().take_while(|column| !column.hidden).count(),
            sorted: definition.columns.iter().position(|column| column.sorted),
            reach: match (definition.direct_only, definition.innocuous) {
                (true, _) => Reach::DirectOnly,
                (false, true) => Reach::Everywhere,
                (false, false) => Reach::Trusted,
            },
            cost: definition.estimated_cost,
            rows: definition.estimated_rows,
            scan,
        })
    }
}

/// What is wrong with the columns, as the end of a sentence.
fn broken_rule(columns: &[TableColumn<'_>]) -> Option<&'static str> {
    let taken =
        |at: usize| columns[..at].iter().any(|other| other.name.eq_ignore_ascii_case(columns[at].name));
    let column_rule = |column: &TableColumn<'_>| {
        if !(1..=255).contains(&column.name.len()) || column.name.contains('\0') {
            Some("has a column whose name is not 1 to 255 bytes without NUL")
        } else if !column.decl_type.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b' ') {
            Some("has a column whose declared type is more than words of ASCII letters")
        } else if column.required && !column.hidden {
            Some("requires a column that is not hidden")
        } else if column.sorted && column.hidden {
            Some("is sorted by a hidden column")
        } else {
            None
        }
    };
    if !(1..=MAX_COLUMNS).contains(&columns.len()) {
        Some("must have 1 to 28 columns")
    } else if columns[0].hidden {
        Some("must begin with a visible column")
    } else if columns.windows(2).any(|pair| pair[0].hidden && !pair[1].hidden) {
        Some("has a visible column behind a hidden one")
    } else if columns.iter().filter(|column| column.sorted).count() > 1 {
        Some("is sorted by more than one column")
    } else if (0..columns.len()).any(taken) {
        Some("has two columns of one name")
    } else {
        columns.iter().find_map(column_rule)
    }
}

impl<F> Computed for Table<F>
where
    F: Fn(&mut ExtensionContext<'_>, &[Option<SqlValue<'_>>], &mut RowSink<'_>) -> ExtensionResult<()>
        + 'static,
{
    type Rows = BufferedRows;

    fn name(&self) -> &CStr {
        &self.name
    }

    fn column_count(&self) -> usize {
        self.columns.len()
    }

    fn column_name(&self, column: usize) -> &str {
        &self.columns[column].name
    }

    fn column_type(&self, column: usize) -> &str {
        &self.columns[column].decl_type
    }

    fn role(&self, column: usize) -> Role {
        self.columns[column].role
    }

    fn reach(&self) -> Reach {
        self.reach
    }

    /// Rows may be equal in the sorted column, so it satisfies no ORDER BY of further terms.
    fn is_ordered_by(&self, column: c_int, terms: usize) -> bool {
        terms == 1 && usize::try_from(column).is_ok_and(|column| self.sorted == Some(column))
    }

    fn missing(&self, _supplied: u32) -> Option<&'static str> {
        None
    }

    fn estimate(&self, _supplied: u32) -> Estimate {
        Estimate { cost: self.cost, rows: self.rows }
    }

    fn scan(&self, linked: &Linked, request: &Request<'_>) -> Result<BufferedRows, SqliteError> {
        let mut arguments = [None; MAX_COLUMNS];
        let hidden = self.visible..self.columns.len();
        for (argument, column) in arguments.iter_mut().zip(hidden.clone()) {
            *argument = request.supplied(column);
        }
        let mut rows = Buffer::default();
        let mut sink = RowSink { rows: &mut rows, columns: self.visible, enough: request.enough };
        shielded(linked, || {
            let mut context = ExtensionContext::new(linked, Circumstances::default());
            (self.scan)(&mut context, &arguments[..hidden.len()], &mut sink)
        })
        .map_err(ExtensionError::into_sql)?;
        Ok(BufferedRows { rows, columns: self.visible, next: 0 })
    }
}

/// Rows in memory.
pub(super) struct BufferedRows {
    rows: Buffer,
    columns: usize,
    /// The number of rows SQLite has gone to.
    next: usize,
}

impl Rows for BufferedRows {
    fn advance(&mut self, _: &Linked) -> Result<bool, SqliteError> {
        self.next += 1;
        Ok(self.next * self.columns <= self.rows.cells.len())
    }

    fn column(&mut self, _: &Linked, column: usize, output: &mut Output<'_>) -> Result<(), SqliteError> {
        let bytes = &self.rows.bytes;
        match &self.rows.cells[(self.next - 1) * self.columns + column] {
            Cell::Null => output.null(),
            Cell::Integer(value) => output.integer(*value),
            Cell::Real(value) => output.float(*value),
            Cell::Text(range) => output.text(&bytes[range.clone()]),
            Cell::Blob(range) => output.blob(&bytes[range.clone()]),
        }
        Ok(())
    }

    fn rowid(&self) -> i64 {
        self.next as i64
    }
}
