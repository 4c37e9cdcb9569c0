//! Which statements an extension may run.

use super::error::{ExtensionError, ExtensionResult};
use crate::error::Status;
use crate::sqlite::{from_first_token, from_next_token};

/// Words that statements begin with which are not an extension's to run: ends of the scope it works in, and other
/// files.
const REFUSED: [&str; 9] =
    ["begin", "commit", "end", "rollback", "savepoint", "release", "attach", "detach", "vacuum"];

/// Pragmas that only read, even with an argument in parentheses.
const READING: [&str; 13] = [
    "table_info",
    "table_xinfo",
    "table_list",
    "index_info",
    "index_xinfo",
    "index_list",
    "foreign_key_list",
    "foreign_key_check",
    "integrity_check",
    "quick_check",
    "database_list",
    "collation_list",
    "compile_options",
];

/// Pragmas that only read when they have no argument.
const READING_BARE: [&str; 28] = [
    "application_id",
    "auto_vacuum",
    "busy_timeout",
    "cache_size",
    "data_version",
    "defer_foreign_keys",
    "encoding",
    "foreign_keys",
    "freelist_count",
    "function_list",
    "ignore_check_constraints",
    "journal_mode",
    "journal_size_limit",
    "legacy_alter_table",
    "max_page_count",
    "mmap_size",
    "module_list",
    "page_count",
    "page_size",
    "pragma_list",
    "query_only",
    "recursive_triggers",
    "schema_version",
    "secure_delete",
    "synchronous",
    "temp_store",
    "trusted_schema",
    "user_version",
];

/// Refuses a statement that an extension must not run, before SQLite compiles it: some pragmas take effect then.
pub(super) fn require_allowed(sql: &str) -> ExtensionResult<()> {
    let mut tokens = Tokens(from_first_token(sql.as_bytes()));
    let mut word = tokens.next_token();
    if is(word, "explain") {
        word = tokens.next_token();
        if is(word, "query") {
            tokens.next_token();
            word = tokens.next_token();
        }
    }
    let allowed = if is(word, "pragma") {
        is_reading_pragma(&mut tokens)
    } else {
        !REFUSED.iter().any(|refused| is(word, refused))
    };
    if allowed {
        return Ok(());
    }
    Err(ExtensionError::new(
        Status::Misuse,
        format!("an extension must not run {}", String::from_utf8_lossy(word).to_ascii_uppercase()),
    ))
}

fn is_reading_pragma(tokens: &mut Tokens<'_>) -> bool {
    let mut name = tokens.next_token();
    let mut next = tokens.next_token();
    if next == b"." {
        name = tokens.next_token();
        next = tokens.next_token();
    }
    let listed = |list: &[&str]| list.iter().any(|reading| is(name, reading));
    match next {
        b"" | b";" => listed(&READING) || listed(&READING_BARE),
        b"(" => listed(&READING),
        _ => false,
    }
}

fn is(token: &[u8], word: &str) -> bool {
    token.eq_ignore_ascii_case(word.as_bytes())
}

/// Words and single other characters, without white space and comments; empty at the end.
struct Tokens<'a>(&'a [u8]);

impl<'a> Tokens<'a> {
    fn next_token(&mut self) -> &'a [u8] {
        let sql = from_next_token(self.0);
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let length = match sql.iter().position(|byte| !is_word(byte)) {
            Some(0) => 1,
            Some(length) => length,
            None => sql.len(),
        };
        let (token, rest) = sql.split_at(length);
        self.0 = rest;
        token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_end_the_scope_or_reach_other_files_are_refused() {
        for sql in [
            "begin",
            " ;; BEGIN immediate",
            "-- x\n/* y */ Commit",
            "end transaction",
            "rollback to a",
            "savepoint a",
            "release a",
            "attach 'x' as y",
            "detach y",
            "vacuum into 'x'",
            "explain commit",
            "explain query plan vacuum",
            "\u{feff}begin",
        ] {
            let error = require_allowed(sql).unwrap_err();
            assert_eq!(error.status, Status::Misuse, "{sql}");
            assert!(error.message.starts_with("an extension must not run "), "{error}");
        }
        for sql in
            ["select 1", "with x as (select 1) delete from t", "", ";", "-- begin", "beginning", "'begin'"]
        {
            assert_eq!(require_allowed(sql), Ok(()), "{sql}");
        }
    }

    #[test]
    fn pragmas_may_read_and_not_write() {
        for sql in [
            "pragma page_count",
            "PRAGMA main . table_info('t')",
            "pragma table_list; commit",
            "pragma user_version -- x",
            "explain pragma page_size",
            "pragma integrity_check(10)",
        ] {
            assert_eq!(require_allowed(sql), Ok(()), "{sql}");
        }
        for sql in [
            "pragma user_version = 3",
            "pragma user_version(3)",
            "pragma main.journal_mode=wal",
            "pragma optimize",
            "pragma wal_checkpoint",
            "pragma incremental_vacuum(3)",
            "explain pragma cache_size = 3",
            "pragma \"cache_size\" = 3",
            "pragma /* x */ cache_size /* y */ (3)",
            "pragma",
        ] {
            assert!(require_allowed(sql).is_err(), "{sql}");
        }
    }
}
