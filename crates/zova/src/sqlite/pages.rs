//! Reading all rows of a table straight from the pages of the file.
//!
//! A scan through a statement reads page by page into SQLite's cache, one system call each, and hands out a value with
//! a call each. Where a table is read once from front to back, that costs more than looking at the rows. [`Pages`]
//! reads many pages at a time, through the file that SQLite has open itself and under the lock that its read
//! transaction holds, and decodes the B-tree as "Database File Format" (<https://www.sqlite.org/fileformat2.html>)
//! describes it.
//!
//! It is used only where the file alone holds the present content: in a read transaction without changes, in rollback
//! journal mode, with UTF-8 texts. Whatever looks other than expected ends the scan in [`Ended::Doubt`]; the caller
//! continues behind the last row through SQLite, which then finds the rest, or the damage, in its own words.

use rusqlite::ffi;

use super::connection::Connection;
use super::main_file::MainFile;

/// Most pages are read in pieces of this many bytes.
const AHEAD: usize = 256 * 1024;
/// A page so far behind the last piece still counts as the next one: pages of an index may lie between.
const GAP: u32 = 16;
/// No B-tree is deeper.
const MAX_DEPTH: usize = 20;

const INTERIOR: u8 = 5;
const LEAF: u8 = 13;

/// What a visitor of rows wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// The next row.
    Row,
    /// No more rows.
    Stop,
    /// This row read by SQLite.
    Doubt,
}

/// How a scan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Behind the last row, or where the visitor wanted.
    Well,
    /// Something was not as expected, or the application interrupted: SQLite is to read the rest.
    Doubt,
}

/// The pages of the main file. It lives no longer than the read transaction in which it was made.
pub(crate) struct Pages<'c> {
    connection: &'c Connection,
    file: MainFile<'c>,
    page_size: usize,
    /// Bytes of a page that are in use.
    usable: usize,
    count: u32,
    window: Vec<u8>,
    /// The first page in the window.
    first: u32,
    /// How many pages are read at a time at present.
    ahead: usize,
}

impl Connection {
    /// The pages of the main file, if they hold its present content.
    pub(crate) fn pages(&self) -> Option<Pages<'_>> {
        // SAFETY: the connection is open and the name is NUL-terminated.
        if unsafe { ffi::sqlite3_txn_state(self.raw(), c"main".as_ptr()) } != ffi::SQLITE_TXN_READ {
            return None;
        }
        let file = self.main_file().ok()?;
        let mut header = [0; 100];
        file.read(&mut header, 0).ok()?;
        let long =
            |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let page_size = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65_536,
            size => usize::from(size),
        };
        let usable = page_size.checked_sub(usize::from(header[20]))?;
        let plain = header.starts_with(b"SQLite format 3\0")
            && header[18..20] == [1, 1]
            && long(56) == 1
            && page_size.is_power_of_two()
            && (512..=65_536).contains(&page_size)
            && usable >= 480;
        if !plain {
            return None;
        }
        let count = u32::try_from(file.size().ok()? / page_size as u64).ok()?;
        let window = Vec::new();
        Some(Pages { connection: self, file, page_size, usable, count, window, first: 0, ahead: 1 })
    }
}

impl Pages<'_> {
    /// Hands rowid and record of every row of the table that has its root at this page to `each`, in ascending order.
    /// A record of more than `longest` bytes is not expected.
    pub(crate) fn rows<E>(
        &mut self,
        root: u32,
        longest: usize,
        mut each: impl FnMut(i64, &[u8]) -> Result<Next, E>,
    ) -> Result<Ended, E> {
        let mut scan = Scan { last: None, visited: 0, longest, ended: false };
        Ok(match self.subtree(root, 0, &mut scan, &mut each)? {
            Some(()) => Ended::Well,
            None => Ended::Doubt,
        })
    }

    /// `None` if something is not as expected.
    fn subtree<E>(
        &mut self,
        number: u32,
        depth: usize,
        scan: &mut Scan,
        each: &mut impl FnMut(i64, &[u8]) -> Result<Next, E>,
    ) -> Result<Option<()>, E> {
        // In a tree every page comes once.
        scan.visited += 1;
        if depth > MAX_DEPTH || scan.visited > self.count || self.connection.is_stopped() {
            return Ok(None);
        }
        let usable = self.usable;
        let Some(page) = self.page(number) else { return Ok(None) };
        let start = if number == 1 { 100 } else { 0 };
        match page.get(start) {
            Some(&LEAF) => self.leaf(number, start, scan, each),
            Some(&INTERIOR) => {
                let Some(children) = children(&page[..usable], start) else { return Ok(None) };
                for child in children {
                    if self.subtree(child, depth + 1, scan, each)?.is_none() {
                        return Ok(None);
                    }
                    if scan.ended {
                        break;
                    }
                }
                Ok(Some(()))
            }
            _ => Ok(None),
        }
    }

    fn leaf<E>(
        &mut self,
        number: u32,
        start: usize,
        scan: &mut Scan,
        each: &mut impl FnMut(i64, &[u8]) -> Result<Next, E>,
    ) -> Result<Option<()>, E> {
        let usable = self.usable;
        // Reading the rest of a record takes the place of this page in the window.
        let mut copy: Option<Vec<u8>> = None;
        let mut record = Vec::new();
        for place in 0.. {
            let page = match &copy {
                Some(copy) => &copy[..],
                None => match self.page(number) {
                    Some(page) => &page[..usable],
                    None => return Ok(None),
                },
            };
            let Some(count) = short(page, start + 3) else { return Ok(None) };
            if place == usize::from(count) {
                break;
            }
            let cell = short(page, start + 8 + 2 * place).and_then(|at| Cell::read(page, usize::from(at)));
            let Some(cell) = cell.filter(|cell| cell.length <= scan.longest) else { return Ok(None) };
            let (rowid, length) = (cell.rowid, cell.length);
            let visited = match cell.overflow {
                None => scan.visit(rowid, cell.local, each)?,
                Some(next) => {
                    record.clear();
                    record.extend_from_slice(cell.local);
                    if let Some(kept) = copy.is_none().then(|| page.to_vec()) {
                        copy = Some(kept);
                    }
                    match self.append_rest(&mut record, length, next) {
                        Some(()) => scan.visit(rowid, &record, each)?,
                        None => None,
                    }
                }
            };
            match visited {
                Some(Next::Row) => {}
                Some(_) => break,
                None => return Ok(None),
            }
        }
        Ok(Some(()))
    }

    /// Completes a record from the chain of pages that holds the rest of it.
    fn append_rest(&mut self, record: &mut Vec<u8>, length: usize, mut next: u32) -> Option<()> {
        let usable = self.usable;
        while record.len() < length {
            let page = self.page(next)?;
            next = u32::from_be_bytes(*page.first_chunk()?);
            let part = (length - record.len()).min(usable - 4);
            record.extend_from_slice(page.get(4..4 + part)?);
        }
        (next == 0).then_some(())
    }

    /// A page, from the window or through a new one.
    fn page(&mut self, number: u32) -> Option<&[u8]> {
        if number == 0 || number > self.count {
            return None;
        }
        let pages = (self.window.len() / self.page_size) as u32;
        if !(self.first..self.first + pages).contains(&number) {
            let behind = number.checked_sub(self.first + pages);
            let most = (AHEAD / self.page_size).max(1);
            self.ahead = if behind.is_some_and(|gap| gap <= GAP) { (2 * self.ahead).min(most) } else { 1 };
            let wanted = self.ahead.min((self.count - number + 1) as usize);
            self.window.clear();
            self.window.resize(wanted * self.page_size, 0);
            self.first = number;
            let offset = u64::from(number - 1) * self.page_size as u64;
            if self.file.read(&mut self.window, offset).is_err() {
                self.window.clear();
                return None;
            }
        }
        let at = (number - self.first) as usize * self.page_size;
        Some(&self.window[at..at + self.page_size])
    }
}

/// How far a scan has come.
struct Scan {
    last: Option<i64>,
    visited: u32,
    longest: usize,
    ended: bool,
}

impl Scan {
    /// `None` if something is not as expected.
    fn visit<E>(
        &mut self,
        rowid: i64,
        record: &[u8],
        each: &mut impl FnMut(i64, &[u8]) -> Result<Next, E>,
    ) -> Result<Option<Next>, E> {
        if self.last.is_some_and(|last| rowid <= last) {
            return Ok(None);
        }
        let next = each(rowid, record)?;
        self.last = Some(rowid);
        self.ended = next == Next::Stop;
        Ok(Some(next).filter(|next| *next != Next::Doubt))
    }
}

/// One row on a leaf.
struct Cell<'p> {
    rowid: i64,
    /// Bytes of the whole record.
    length: usize,
    /// The part of it on this page.
    local: &'p [u8],
    /// The page on which it continues.
    overflow: Option<u32>,
}

impl<'p> Cell<'p> {
    fn read(page: &'p [u8], at: usize) -> Option<Self> {
        let mut rest = page.get(at..)?;
        let length = usize::try_from(varint(&mut rest)?).ok()?;
        let rowid = varint(&mut rest)? as i64;
        let largest = page.len() - 35;
        if length <= largest {
            return Some(Self { rowid, length, local: rest.get(..length)?, overflow: None });
        }
        let least = (page.len() - 12) * 32 / 255 - 23;
        let wanted = least + (length - least) % (page.len() - 4);
        let kept = if wanted <= largest { wanted } else { least };
        let (local, rest) = rest.split_at_checked(kept)?;
        let next = u32::from_be_bytes(*rest.first_chunk()?);
        Some(Self { rowid, length, local, overflow: Some(next) })
    }
}

/// The pages below an interior page, in order.
fn children(page: &[u8], start: usize) -> Option<Vec<u32>> {
    let page_at = |at: usize| page.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
    let count = usize::from(short(page, start + 3)?);
    let mut children = Vec::with_capacity(count + 1);
    for place in 0..count {
        children.push(page_at(usize::from(short(page, start + 12 + 2 * place)?))?);
    }
    children.push(page_at(start + 8)?);
    Some(children)
}

fn short(page: &[u8], at: usize) -> Option<u16> {
    page.get(at..)?.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

/// Takes a variable-length integer off the front.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for place in 0..9 {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if place == 8 {
            return Some(value << 8 | u64::from(byte));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            break;
        }
    }
    Some(value)
}

/// A column of a record, as far as it is plain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Stored<'r> {
    Null,
    Integer(i64),
    Float(f64),
    Text(&'r [u8]),
    Blob(&'r [u8]),
}

/// The first columns of a record; `None` if it has fewer, or is damaged.
pub(crate) fn columns<const N: usize>(record: &[u8]) -> Option<[Stored<'_>; N]> {
    let mut header = record;
    let length = usize::try_from(varint(&mut header)?).ok()?;
    let consumed = record.len() - header.len();
    let mut header = header.get(..length.checked_sub(consumed)?)?;
    let mut body = record.get(length..)?;
    let mut columns = [Stored::Null; N];
    for column in &mut columns {
        let kind = varint(&mut header)?;
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind as usize,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => usize::try_from((kind - 12) / 2).ok()?,
        };
        let (bytes, rest) = body.split_at_checked(size)?;
        body = rest;
        *column = match kind {
            0 => Stored::Null,
            8 | 9 => Stored::Integer(kind as i64 - 8),
            7 => Stored::Float(f64::from_be_bytes(*bytes.first_chunk()?)),
            1..=6 => Stored::Integer(integer(bytes)),
            kind if kind % 2 == 1 => Stored::Text(bytes),
            _ => Stored::Blob(bytes),
        };
    }
    Some(columns)
}

/// A big-endian number with its sign.
fn integer(bytes: &[u8]) -> i64 {
    let sign = if bytes.first().is_some_and(|byte| *byte >= 0x80) { -1 } else { 0 };
    bytes.iter().fold(sign, |value, byte| value << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::sqlite::{OpenMode, Prepared, SqlText};

    const LONGEST: usize = 1 << 20;

    type Row = (i64, Vec<u8>, i64, Vec<u8>);

    /// A file made by plain SQLite.
    fn file(folder: &Path, sql: &str) -> std::path::PathBuf {
        let path = folder.join("t.db");
        rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        path
    }

    fn selected(path: &Path) -> Vec<Row> {
        let db = rusqlite::Connection::open(path).unwrap();
        let mut statement = db.prepare("select rowid, cast(a as blob), b, c from t order by rowid").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)));
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// What the pages show of the table, and how that ended; `None` if they are not to be used.
    fn shown(path: &Path) -> Option<(Vec<Row>, Ended)> {
        let connection = Connection::open(path, OpenMode::ReadWrite).unwrap();
        let sql = c"select rootpage from sqlite_schema where name = 't'";
        let (mut statement, _) = Prepared::new(&connection, SqlText::new(sql)).ok()?;
        assert!(statement.step(&connection).unwrap());
        let root = statement.column_i64(0) as u32;
        let mut rows = Vec::new();
        let ended = connection.pages()?.rows(root, LONGEST, |rowid, record| {
            let Some([Stored::Text(a), Stored::Integer(b), Stored::Blob(c)]) = columns(record) else {
                return Ok(Next::Doubt);
            };
            rows.push((rowid, a.to_vec(), b, c.to_vec()));
            Ok::<_, Infallible>(Next::Row)
        });
        let Ok(ended) = ended;
        Some((rows, ended))
    }

    /// Rows of many sizes, with gaps where some were deleted, and an index between the pages.
    fn fill(rows: u32, longest: u32) -> String {
        format!(
            "create table t(a text not null, b integer, c blob, primary key (a, b)); \
             with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows}) \
             insert into t(rowid, a, b, c) select i * 3 - 1000, 'row ' || i, \
                 case i % 9 when 0 then 0 when 1 then 1 else -(1 << (i * 7 % 63)) end, randomblob(i * 7919 % {longest}) from n; \
             delete from t where b % 5 = 2; update t set c = randomblob({longest}) where rowid % 97 = 5"
        )
    }

    #[test]
    fn the_pages_show_what_sqlite_selects() {
        for (pragmas, rows, longest) in [
            ("", 5000, 900),
            ("", 300, 70_000),
            ("pragma page_size = 512", 3000, 2000),
            ("pragma page_size = 1024; pragma auto_vacuum = full", 2000, 5000),
            ("pragma page_size = 65536", 2000, 9000),
            ("pragma page_size = 8192; pragma auto_vacuum = incremental", 20, 100_000),
            ("", 1, 10),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = file(folder.path(), &format!("{pragmas}; {}", fill(rows, longest)));
            let expected = selected(&path);
            assert_eq!(shown(&path), Some((expected, Ended::Well)), "{pragmas}, {rows} rows of {longest}");
        }
    }

    #[test]
    fn an_empty_table_shows_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), "create table t(a, b, c)");
        assert_eq!(shown(&path), Some((Vec::new(), Ended::Well)));
    }

    #[test]
    fn files_whose_pages_are_not_the_content_are_left_to_sqlite() {
        for pragma in ["pragma journal_mode = wal", "pragma encoding = 'UTF-16'"] {
            let folder = tempfile::tempdir().unwrap();
            let path = file(folder.path(), &format!("{pragma}; {}", fill(10, 10)));
            assert_eq!(shown(&path), None, "{pragma}");
        }
    }

    #[test]
    fn pages_are_read_only_inside_a_read_transaction_without_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), &fill(10, 10));
        let connection = Connection::open(&path, OpenMode::ReadWrite).unwrap();
        let run = |sql| {
            let (mut statement, _) = Prepared::new(&connection, SqlText::new(sql)).unwrap();
            while statement.step(&connection).unwrap() {}
        };
        assert!(connection.pages().is_none(), "no transaction");
        run(c"begin");
        assert!(connection.pages().is_none(), "nothing read yet");
        run(c"select count(*) from t");
        assert!(connection.pages().is_some());
        run(c"delete from t");
        assert!(connection.pages().is_none(), "uncommitted changes");
    }

    #[test]
    fn a_long_record_and_a_record_of_other_columns_are_left_to_sqlite() {
        for (row, expected) in [
            ("('c', 1, zeroblob(2000000))", 2),
            ("('c', 1.5, zeroblob(2))", 2),
            ("('c', null, zeroblob(2))", 2),
            ("(x'00', 1, zeroblob(2))", 2),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let sql = "create table t(a, b, c); insert into t values ('a', 1, x'01'), ('b', 2, x'02')";
            let path = file(folder.path(), &format!("{sql}, {row}, ('d', 4, x'04')"));
            let (rows, ended) = shown(&path).unwrap();
            assert_eq!((rows.len(), ended), (expected, Ended::Doubt), "{row}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn damaged_pages_end_the_scan_without_disorder(
            page_size in prop::sample::select(vec![512usize, 1024, 4096]),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
            whole_tree in any::<bool>(),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let longest = if whole_tree { 20 } else { 3000 };
            let path = file(folder.path(), &format!("pragma page_size = {page_size}; {}", fill(600, longest)));
            let mut bytes = std::fs::read(&path).unwrap();
            for (place, byte) in changes {
                // The header and the schema stay whole.
                let place = page_size + place.index(bytes.len() - page_size);
                bytes[place] = byte;
            }
            std::fs::write(&path, bytes).unwrap();
            if let Some((rows, _)) = shown(&path) {
                prop_assert!(rows.is_sorted_by(|a, b| a.0 < b.0));
            }
        }
    }
}
