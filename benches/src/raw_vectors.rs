//! The other sides of the vector benchmarks: sqlite-vec, and a loop over the rows of a Zova file as SQLite gives them.

use std::ffi::{CString, c_char, c_int};
use std::path::Path;
use std::ptr::{null, null_mut};

use libsqlite3_sys as ffi;

pub struct Raw(*mut ffi::sqlite3);

type Init =
    unsafe extern "C" fn(*mut ffi::sqlite3, *mut *mut c_char, *const ffi::sqlite3_api_routines) -> c_int;

impl Raw {
    pub fn open(path: &Path) -> Self {
        let path = CString::new(path.to_str().expect("a UTF-8 path")).expect("a path without NUL");
        let mut db = null_mut();
        // SAFETY: both pointers are valid; sqlite-vec declares its entry point without arguments, but it is compiled
        // as the extension entry point that `Init` describes.
        unsafe {
            assert_eq!(ffi::sqlite3_open(path.as_ptr(), &mut db), ffi::SQLITE_OK);
            let init: Init = std::mem::transmute(sqlite_vec::sqlite3_vec_init as *const ());
            assert_eq!(init(db, null_mut(), null()), ffi::SQLITE_OK);
        }
        Self(db)
    }

    pub fn create(path: &Path, dimensions: usize) -> Self {
        let raw = Self::open(path);
        raw.exec(&format!("create virtual table v using vec0(e float[{dimensions}])"));
        raw
    }

    fn exec(&self, sql: &str) {
        let sql = CString::new(sql).expect("SQL without NUL");
        // SAFETY: the connection is open.
        let code = unsafe { ffi::sqlite3_exec(self.0, sql.as_ptr(), None, null_mut(), null_mut()) };
        assert_eq!(code, ffi::SQLITE_OK, "{sql:?}");
    }

    fn prepare(&self, sql: &str) -> *mut ffi::sqlite3_stmt {
        let sql = CString::new(sql).expect("SQL without NUL");
        let mut statement = null_mut();
        // SAFETY: the connection is open.
        let code = unsafe { ffi::sqlite3_prepare_v2(self.0, sql.as_ptr(), -1, &mut statement, null_mut()) };
        assert_eq!(code, ffi::SQLITE_OK, "{sql:?}");
        statement
    }

    /// Stores all rows in one transaction.
    pub fn insert(&self, ids: &[CString], rows: &[f32]) {
        self.exec("begin");
        let statement = self.prepare("insert into v(rowid, e) values (?1, ?2)");
        let dimensions = rows.len() / ids.len();
        for (number, row) in (1..).zip(rows.chunks_exact(dimensions)) {
            // SAFETY: the statement is live; the row outlives its use.
            unsafe {
                ffi::sqlite3_bind_int64(statement, 1, number);
                bind(statement, 2, row);
                assert_eq!(ffi::sqlite3_step(statement), ffi::SQLITE_DONE);
                ffi::sqlite3_reset(statement);
            }
        }
        // SAFETY: ends here.
        unsafe { ffi::sqlite3_finalize(statement) };
        self.exec("commit");
    }

    /// The ten nearest by L2.
    pub fn nearest(&self, query: &[f32]) -> usize {
        let statement = self.prepare("select rowid, distance from v where e match ?1 and k = 10");
        let mut found = 0;
        // SAFETY: the statement is live; the query outlives its use.
        unsafe {
            bind(statement, 1, query);
            while ffi::sqlite3_step(statement) == ffi::SQLITE_ROW {
                found += 1;
            }
            ffi::sqlite3_finalize(statement);
        }
        found
    }

    /// Reads the rows of a collection of a Zova file one by one and computes each L2 distance in a plain loop.
    pub fn scalar_loop(&self, query: &[f32], collection: &str) -> f64 {
        let sql = format!(
            "select vector_id, \"values\" from _zova_vectors not indexed where collection_name = '{collection}'"
        );
        let statement = self.prepare(&sql);
        let mut nearest = f64::INFINITY;
        // SAFETY: the statement is live; the bytes are read before the next step.
        unsafe {
            while ffi::sqlite3_step(statement) == ffi::SQLITE_ROW {
                let bytes = ffi::sqlite3_column_blob(statement, 1).cast::<u8>();
                let length = ffi::sqlite3_column_bytes(statement, 1) as usize;
                let bytes = std::slice::from_raw_parts(bytes, length);
                let mut sum = 0.0;
                for (value, four) in query.iter().zip(bytes.chunks_exact(4)) {
                    let stored = f32::from_le_bytes([four[0], four[1], four[2], four[3]]);
                    let difference = f64::from(*value) - f64::from(stored);
                    sum += difference * difference;
                }
                nearest = nearest.min(sum.sqrt());
            }
            ffi::sqlite3_finalize(statement);
        }
        nearest
    }
}

/// # Safety
///
/// The statement is live, and the values outlive the binding.
unsafe fn bind(statement: *mut ffi::sqlite3_stmt, index: c_int, values: &[f32]) {
    let bytes = size_of_val(values) as c_int;
    // SAFETY: the caller's promise.
    let code = unsafe {
        ffi::sqlite3_bind_blob(statement, index, values.as_ptr().cast(), bytes, ffi::SQLITE_STATIC())
    };
    assert_eq!(code, ffi::SQLITE_OK);
}

impl Drop for Raw {
    fn drop(&mut self) {
        // SAFETY: the connection is open and ends here.
        unsafe { ffi::sqlite3_close(self.0) };
    }
}
