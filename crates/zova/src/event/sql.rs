//! The SQL function `zova_notify(channel, payload)`.

use std::ffi::CStr;

use super::message::{Channel, Payload};
use super::{Events, Raised};
use crate::error::Fault;
use crate::sqlite::{Argument, Link, Linked, Output, ScalarFunction, SqliteError, register_function};

const REFUSED: &str = "invalid notification channel or payload";

/// Makes the function known to a connection.
pub(crate) fn register_sql(link: &Link, events: &Events) -> Result<(), SqliteError> {
    register_function(link, Notify { events: events.clone() })
}

struct Notify {
    events: Events,
}

impl ScalarFunction for Notify {
    const NAME: &'static CStr = c"zova_notify";
    const ARGUMENTS: i32 = 2;
    const DETERMINISTIC: bool = false;
    const NUMBERS_AS_TEXT: bool = true;

    fn call(
        &self,
        linked: &Linked,
        arguments: &[Argument<'_>],
        output: &mut Output<'_>,
    ) -> Result<(), SqliteError> {
        let invalid = |_| SqliteError::plain(REFUSED);
        let [channel, payload] = *arguments else { return Err(SqliteError::plain(REFUSED)) };
        let channel = Channel::new(text(channel)?).map_err(invalid)?;
        let payload = Payload::new(text(payload)?).map_err(invalid)?;
        match self.events.raise(linked.connection(), channel, payload) {
            Ok(Raised::Accepted) => {
                output.integer(1);
                Ok(())
            }
            Ok(Raised::Untracked) => Err(SqliteError::plain(format!(
                "{REFUSED}: this transaction was opened by SQL text, and zova_notify needs one that was opened by a call, \
                 or a savepoint that was"
            ))),
            Err(Fault::OutOfMemory(_)) => Err(SqliteError::out_of_memory()),
            Err(fault) => Err(SqliteError::plain(fault.to_string())),
        }
    }
}

/// The bytes of an argument, which SQLite has turned into text if it was a number.
fn text(argument: Argument<'_>) -> Result<&[u8], SqliteError> {
    match argument {
        Argument::Text(bytes) | Argument::Blob(bytes) => Ok(bytes),
        Argument::Null | Argument::Integer(_) | Argument::Real(_) => Err(SqliteError::plain(REFUSED)),
    }
}
