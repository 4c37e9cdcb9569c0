//! Which statements of the application steer transactions, told by their text.
//!
//! SQLite reports what became of a transaction, but not what happens to the savepoints in it. A statement that has run
//! without an error has been parsed by SQLite, so looking at its first words is enough; names are taken apart as
//! SQLite's own tokenizer does.

use super::statement::from_first_token;

/// What a statement is, as far as transactions and the copies of stored rows are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Begin,
    /// COMMIT or END.
    Commit,
    /// ROLLBACK, of everything or to a savepoint.
    Rollback,
    Savepoint,
    Release,
    Pragma,
    /// ALTER or DROP, which change what is stored without changing rows.
    Change,
    Other,
}

impl Verb {
    /// The verb of a text that begins with one statement. Costs a look at its first word.
    pub(super) fn of(sql: &[u8]) -> Self {
        let sql = from_first_token(sql);
        // Nearly every statement begins with another letter.
        if !matches!(sql.first().map(u8::to_ascii_lowercase), Some(b'a'..=b'e' | b'p' | b'r' | b's')) {
            return Self::Other;
        }
        match Token::split(sql) {
            Some((Token::Word(word), _)) => [
                ("begin", Self::Begin),
                ("commit", Self::Commit),
                ("end", Self::Commit),
                ("rollback", Self::Rollback),
                ("savepoint", Self::Savepoint),
                ("release", Self::Release),
                ("pragma", Self::Pragma),
                ("alter", Self::Change),
                ("drop", Self::Change),
            ]
            .iter()
            .find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes()))
            .map_or(Self::Other, |(_, verb)| *verb),
            _ => Self::Other,
        }
    }
}

/// What a statement that has succeeded did to the stack of transaction and savepoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Control {
    /// Opened a transaction.
    Begin,
    /// Opened a savepoint of this name.
    Savepoint(Vec<u8>),
    /// Ended the innermost savepoint of this name.
    Release(Vec<u8>),
    /// Undid everything since the innermost savepoint of this name.
    RollbackTo(Vec<u8>),
    /// Ended the transaction.
    End,
}

impl Control {
    /// What the statement with this verb and text does when it succeeds.
    pub(super) fn of(verb: Verb, sql: &[u8]) -> Option<Self> {
        let (_, rest) = Token::split(sql)?;
        match verb {
            Verb::Begin => Some(Self::Begin),
            Verb::Commit => Some(Self::End),
            Verb::Savepoint => name(rest).map(Self::Savepoint),
            Verb::Release => name(without_savepoint(rest)).map(Self::Release),
            Verb::Rollback => Some(match behind_to(rest) {
                Some(rest) => Self::RollbackTo(name(without_savepoint(rest))?),
                None => Self::End,
            }),
            Verb::Pragma | Verb::Change | Verb::Other => None,
        }
    }
}

/// The name that the text begins with.
fn name(sql: &[u8]) -> Option<Vec<u8>> {
    Token::split(sql).map(|(token, _)| token.name())
}

/// The text behind the word SAVEPOINT, which may stand before a name. As a name itself it would have to be quoted or
/// come second.
fn without_savepoint(sql: &[u8]) -> &[u8] {
    match Token::split(sql) {
        Some((token, rest)) if token.is_word("savepoint") => rest,
        _ => sql,
    }
}

/// The text behind the word TO, which is never a name unless it is quoted.
fn behind_to(mut sql: &[u8]) -> Option<&[u8]> {
    while let Some((token, rest)) = Token::split(sql) {
        if token.is_word("to") {
            return Some(rest);
        }
        sql = rest;
    }
    None
}

/// A word, or a name in quotation marks.
enum Token<'s> {
    Word(&'s [u8]),
    Quoted { inside: &'s [u8], mark: u8 },
}

impl<'s> Token<'s> {
    /// The first token and what follows it; `None` at the end of the statement, and for anything that is neither a
    /// word nor quoted.
    fn split(sql: &'s [u8]) -> Option<(Self, &'s [u8])> {
        let sql = from_first_token(sql);
        let (mark, rest) = sql.split_first()?;
        let end = match mark {
            b'"' | b'\'' | b'`' => end_of_quoted(rest, *mark)?,
            b'[' => rest.iter().position(|byte| *byte == b']')?,
            _ => {
                let end = sql.iter().position(|byte| !is_word_byte(*byte)).unwrap_or(sql.len());
                let (word, rest) = sql.split_at(end);
                return (!word.is_empty()).then_some((Self::Word(word), rest));
            }
        };
        Some((Self::Quoted { inside: &rest[..end], mark: *mark }, &rest[end + 1..]))
    }

    fn is_word(&self, expected: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(expected.as_bytes()))
    }

    /// What the token names: a doubled quotation mark inside stands for one.
    fn name(&self) -> Vec<u8> {
        match *self {
            Self::Word(word) => word.to_vec(),
            Self::Quoted { inside, mark: b'[' } => inside.to_vec(),
            Self::Quoted { inside, mark } => {
                let mut name = Vec::with_capacity(inside.len());
                let mut bytes = inside.iter();
                while let Some(byte) = bytes.next() {
                    name.push(*byte);
                    if *byte == mark {
                        // The other one of the two.
                        bytes.next();
                    }
                }
                name
            }
        }
    }
}

/// Where the closing mark is.
fn end_of_quoted(text: &[u8], mark: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text[at..].iter().position(|byte| *byte == mark)?;
        if text.get(at + 1) != Some(&mark) {
            return Some(at);
        }
        at += 2;
    }
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(sql: &str) -> Option<Control> {
        Control::of(Verb::of(sql.as_bytes()), sql.as_bytes())
    }

    #[test]
    fn transaction_statements_are_recognised_however_they_are_written() {
        for (sql, verb) in [
            ("begin", Verb::Begin),
            (" /* x */ -- y\n;BEGIN immediate", Verb::Begin),
            ("Commit;", Verb::Commit),
            ("end transaction", Verb::Commit),
            ("\u{b}rollback/**/to x", Verb::Rollback),
            ("\u{feff}savepoint a", Verb::Savepoint),
            ("release\"a\"", Verb::Release),
            ("pragma x", Verb::Pragma),
            ("Drop table t", Verb::Change),
            ("alter table t", Verb::Change),
            ("delete from t", Verb::Other),
            ("create table t(a)", Verb::Other),
            ("select 1", Verb::Other),
            ("explain begin", Verb::Other),
            ("beginning", Verb::Other),
            ("savepoint_of_mine", Verb::Other),
            ("replace into t values (1)", Verb::Other),
            ("", Verb::Other),
            ("-- begin", Verb::Other),
            ("'begin'", Verb::Other),
        ] {
            assert_eq!(Verb::of(sql.as_bytes()), verb, "{sql}");
        }
    }

    #[test]
    fn names_are_read_as_sqlite_reads_them() {
        let savepoint = |name: &str| Some(Control::Savepoint(name.as_bytes().to_vec()));
        let release = |name: &str| Some(Control::Release(name.as_bytes().to_vec()));
        let back_to = |name: &str| Some(Control::RollbackTo(name.as_bytes().to_vec()));
        for (sql, expected) in [
            ("savepoint a;", savepoint("a")),
            ("savepoint/* b */ A$1 -- c", savepoint("A$1")),
            ("savepoint \"a \"\"b\"", savepoint("a \"b")),
            ("savepoint'it''s'", savepoint("it's")),
            ("savepoint `x``y`", savepoint("x`y")),
            ("savepoint [a]]", savepoint("a")),
            ("savepoint \u{e9}t\u{e9}", savepoint("\u{e9}t\u{e9}")),
            ("savepoint savepoint", savepoint("savepoint")),
            ("release a", release("a")),
            ("release savepoint a", release("a")),
            ("release savepoint savepoint", release("savepoint")),
            ("release \"savepoint\"", release("savepoint")),
            ("rollback to a", back_to("a")),
            ("ROLLBACK TRANSACTION TO SAVEPOINT \"to\"", back_to("to")),
            ("rollback transaction \"to\" to x", back_to("x")),
            ("rollback", Some(Control::End)),
            ("rollback transaction;", Some(Control::End)),
            ("rollback transaction \"to\"", Some(Control::End)),
            ("commit", Some(Control::End)),
            ("begin exclusive", Some(Control::Begin)),
            ("pragma user_version", None),
            ("select 1", None),
        ] {
            assert_eq!(control(sql), expected, "{sql}");
        }
    }
}
