//! Zova through its C interface: the functions of `zova.h`, called as C calls them.

use std::ffi::{CStr, CString, c_int};
use std::mem::MaybeUninit;
use std::path::Path;
use std::ptr::null_mut;

use zova_c::*;

pub fn check(status: zova_status) {
    assert_eq!(status, 0, "a call failed");
}

pub struct Db(pub *mut zova_database);

impl Db {
    pub fn create(path: &Path) -> Self {
        Self::start(path, zova_database_create)
    }

    pub fn open(path: &Path) -> Self {
        Self::start(path, zova_database_open)
    }

    fn start(
        path: &Path,
        function: unsafe extern "C" fn(*const zova_database_open_request) -> zova_status,
    ) -> Self {
        let path = CString::new(path.to_str().expect("a UTF-8 path")).expect("a path without NUL");
        let mut db = null_mut();
        let request = zova_database_open_request {
            path: path.as_ptr(),
            out_db: &mut db,
            out_error_message: null_mut(),
        };
        // SAFETY: the request and what it points to live during the call.
        check(unsafe { function(&request) });
        Self(db)
    }

    pub fn exec(&self, sql: &str) {
        let sql = CString::new(sql).expect("SQL without NUL");
        let request = zova_database_exec_request { db: self.0, sql: sql.as_ptr() };
        // SAFETY: as above.
        check(unsafe { zova_database_exec(&request) });
    }

    pub fn install_extension(&self, name: &std::ffi::CStr) {
        let request = zova_database_extension_request { db: self.0, name: name.as_ptr() };
        // SAFETY: as above.
        check(unsafe { zova_database_extension_install(&request) });
    }

    pub fn prepare(&self, sql: &str) -> Statement {
        let sql = CString::new(sql).expect("SQL without NUL");
        let mut statement = null_mut();
        let request =
            zova_database_prepare_request { db: self.0, sql: sql.as_ptr(), out_statement: &mut statement };
        // SAFETY: as above.
        check(unsafe { zova_database_prepare(&request) });
        Statement(statement)
    }

    pub fn begin(&self) {
        // SAFETY: the request lives during the call.
        check(unsafe { zova_database_begin(&zova_database_simple_request { db: self.0 }) });
    }

    pub fn commit(&self) {
        // SAFETY: as above.
        check(unsafe { zova_database_commit(&zova_database_simple_request { db: self.0 }) });
    }

    #[inline]
    pub fn notify(&self, channel: &CStr, payload: &[u8]) {
        let request = zova_database_notify_request {
            db: self.0,
            channel: channel.as_ptr(),
            payload: payload.as_ptr(),
            payload_len: payload.len(),
        };
        // SAFETY: as above.
        check(unsafe { zova_database_notify(&request) });
    }

    pub fn listen(&self, channel: &CStr) -> Subscription {
        let mut subscription = null_mut();
        let request = zova_database_listen_request {
            db: self.0,
            channel: channel.as_ptr(),
            out_subscription: &mut subscription,
        };
        // SAFETY: as above.
        check(unsafe { zova_database_listen(&request) });
        Subscription(subscription)
    }

    pub fn put(&self, bytes: &[u8]) -> zova_object_id {
        let mut id = MaybeUninit::uninit();
        let request = zova_object_put_request {
            db: self.0,
            data: bytes.as_ptr(),
            len: bytes.len(),
            out_id: id.as_mut_ptr(),
        };
        // SAFETY: as above; a call that succeeds has written the id.
        unsafe {
            check(zova_object_put(&request));
            id.assume_init()
        }
    }

    /// Stores bytes through a writer, `part` bytes at a time.
    pub fn write(&self, bytes: &[u8], part: usize) -> zova_object_id {
        let mut writer = null_mut();
        let request = zova_object_writer_create_request { db: self.0, out_writer: &mut writer };
        let mut id = MaybeUninit::uninit();
        // SAFETY: as above; the writer is live until its destruction.
        unsafe {
            check(zova_object_writer_create(&request));
            for part in bytes.chunks(part) {
                let (data, len) = (part.as_ptr(), part.len());
                check(zova_object_writer_write(&zova_object_writer_write_request { writer, data, len }));
            }
            let finish = zova_object_writer_finish_request { writer, out_id: id.as_mut_ptr() };
            check(zova_object_writer_finish(&finish));
            check(zova_object_writer_destroy(writer));
            id.assume_init()
        }
    }

    /// Reads an object through a reader into the buffer, again and again; gives its length.
    pub fn read(&self, id: zova_object_id, buffer: &mut [u8]) -> usize {
        let mut reader = null_mut();
        let request = zova_object_reader_create_request { db: self.0, id, out_reader: &mut reader };
        let mut length = 0;
        // SAFETY: as above; the reader is live until its destruction.
        unsafe {
            check(zova_object_reader_create(&request));
            loop {
                let mut read = 0;
                check(zova_object_reader_read(&zova_object_reader_read_request {
                    reader,
                    buffer: buffer.as_mut_ptr(),
                    buffer_len: buffer.len(),
                    out_read: &mut read,
                }));
                if read == 0 {
                    break;
                }
                length += read;
            }
            check(zova_object_reader_destroy(&zova_object_reader_destroy_request { reader: &mut reader }));
        }
        length
    }

    /// Reads an object and gives its length.
    pub fn get(&self, id: zova_object_id) -> usize {
        let mut buffer = zova_buffer { data: null_mut(), len: 0 };
        let request = zova_object_get_request { db: self.0, id, out_buffer: &mut buffer };
        // SAFETY: as above; the buffer is freed once.
        unsafe {
            check(zova_object_get(&request));
            let length = buffer.len;
            zova_buffer_free(&mut buffer);
            length
        }
    }

    pub fn range(&self, id: zova_object_id, offset: u64, buffer: &mut [u8]) -> usize {
        let mut copied = 0;
        let request = zova_object_read_range_request {
            db: self.0,
            id,
            offset,
            buffer: buffer.as_mut_ptr(),
            buffer_len: buffer.len(),
            out_copied: &mut copied,
        };
        // SAFETY: as above.
        check(unsafe { zova_object_read_range(&request) });
        copied
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        // SAFETY: the handle is live and has no live children.
        check(unsafe { zova_database_close(self.0) });
    }
}

pub struct Statement(*mut zova_statement);

impl Statement {
    #[inline]
    pub fn bind_i64(&self, index: c_int, value: i64) {
        let request = zova_statement_bind_int64_request { statement: self.0, index, value };
        // SAFETY: the request lives during the call.
        check(unsafe { zova_statement_bind_int64(&request) });
    }

    #[inline]
    pub fn bind_text(&self, index: c_int, value: &[u8]) {
        let (data, len) = (value.as_ptr(), value.len());
        let request = zova_statement_bind_text_request { statement: self.0, index, data, len };
        // SAFETY: as above.
        check(unsafe { zova_statement_bind_text(&request) });
    }

    #[inline]
    pub fn step(&self) -> bool {
        let mut result = zova_step_result::ZOVA_STEP_DONE;
        let request = zova_statement_step_request { statement: self.0, out_result: &mut result };
        // SAFETY: as above.
        check(unsafe { zova_statement_step(&request) });
        result == zova_step_result::ZOVA_STEP_ROW
    }

    #[inline]
    pub fn reset(&self) {
        // SAFETY: the handle is live.
        check(unsafe { zova_statement_reset(self.0) });
    }

    #[inline]
    pub fn i64(&self, index: c_int) -> i64 {
        let mut value = 0;
        let request = zova_statement_column_int64_request { statement: self.0, index, out_value: &mut value };
        // SAFETY: as above.
        check(unsafe { zova_statement_column_int64(&request) });
        value
    }

    #[inline]
    pub fn text(&self, index: c_int, text: &mut Text) {
        let request = zova_statement_column_text_request { statement: self.0, index, out_text: &mut text.0 };
        // SAFETY: as above; the text is empty or holds what an earlier call put there.
        check(unsafe { zova_statement_column_text(&request) });
    }
}

impl Drop for Statement {
    fn drop(&mut self) {
        // SAFETY: the handle is live and not used again.
        check(unsafe { zova_statement_finalize(self.0) });
    }
}

/// A text container that calls reuse.
pub struct Text(zova_text);

impl Default for Text {
    fn default() -> Self {
        Self(zova_text { data: null_mut(), len: 0 })
    }
}

impl Text {
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        if self.0.data.is_null() {
            return &[];
        }
        // SAFETY: the library filled the container with that many bytes.
        unsafe { std::slice::from_raw_parts(self.0.data.cast(), self.0.len) }
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        // SAFETY: the container is empty or filled by the library.
        unsafe { zova_text_free(&mut self.0) };
    }
}

pub struct Subscription(*mut zova_subscription);

impl Subscription {
    /// Takes the oldest event; `false` if there is none.
    #[inline]
    pub fn try_receive(&self, received: &mut Received) -> bool {
        let mut has = 0;
        let request = zova_subscription_try_receive_request {
            subscription: self.0,
            out_notification: &mut received.0,
            out_has_notification: &mut has,
        };
        // SAFETY: the request and what it points to live during the call; the notification is empty or holds what an
        // earlier call put there.
        check(unsafe { zova_subscription_try_receive(&request) });
        has == 1
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // SAFETY: the handle is live and not used again.
        check(unsafe { zova_subscription_close(self.0) });
    }
}

/// A notification that calls reuse.
pub struct Received(zova_notification);

impl Default for Received {
    fn default() -> Self {
        Self(zova_notification {
            channel: null_mut(),
            channel_len: 0,
            payload: null_mut(),
            payload_len: 0,
            sequence: 0,
            dropped_before: 0,
        })
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        // SAFETY: the notification is empty or filled by the library.
        unsafe { zova_notification_free(&mut self.0) };
    }
}
