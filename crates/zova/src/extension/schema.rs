//! What a hook did to the schema.

use std::collections::BTreeSet;

use super::installed::{ExtensionInfo, owner};
use crate::session::Storage;
use crate::sqlite::{Sql, SqliteError};

/// SQLite's own objects (automatic indexes, statistics) are never considered.
const OBJECTS: Sql = Sql("select 0, type, name, tbl_name, coalesce(sql, '') from $.sqlite_schema \
    where name not like 'sqlite\\_%' escape '\\' union all \
    select 1, type, name, tbl_name, coalesce(sql, '') from temp.sqlite_schema \
    where name not like 'sqlite\\_%' escape '\\'");

/// A table, index, view or trigger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Object {
    temporary: bool,
    kind: Vec<u8>,
    pub(super) name: Vec<u8>,
    /// The table or view it is on; itself for those.
    table: Vec<u8>,
    sql: Vec<u8>,
}

/// The schema at one moment: the main file's and the connection's temporary one.
#[derive(Debug)]
pub(super) struct Schema(BTreeSet<Object>);

impl Schema {
    /// Cost: one pass over the schema.
    pub(super) fn read(storage: Storage<'_>) -> Result<Self, SqliteError> {
        let mut rows = storage.query(OBJECTS, &[])?;
        let mut objects = BTreeSet::new();
        while rows.step()? {
            let mut text = |column| Ok::<_, SqliteError>(rows.text(column)?.unwrap_or_default().to_vec());
            let (kind, name, table, sql) = (text(1)?, text(2)?, text(3)?, text(4)?);
            objects.insert(Object { temporary: rows.integer(0) != 0, kind, name, table, sql });
        }
        Ok(Self(objects))
    }

    /// The objects in the main file that belong to an extension.
    pub(super) fn owned_by<'s>(
        &'s self,
        extension: &'s str,
        installed: &'s [ExtensionInfo],
    ) -> impl Iterator<Item = &'s Object> {
        self.0.iter().filter(move |object| object.is_owned_by(extension, installed))
    }

    /// What, since `before`, was created, changed or dropped that is not the extension's, as a part of a sentence. What
    /// was on a table of the extension (an index of the application's, say) goes with that table.
    pub(super) fn strayed(
        &self,
        before: &Self,
        extension: &str,
        installed: &[ExtensionInfo],
    ) -> Option<String> {
        let gone_with_its_table = |object: &Object| {
            !self.0.contains(object)
                && !object.temporary
                && owner(&object.table, installed) == Some(extension)
                && !self.0.iter().any(|other| other.same_place(object))
        };
        let mut differences = self.0.symmetric_difference(&before.0);
        let strayed = differences
            .find(|object| !object.is_owned_by(extension, installed) && !gone_with_its_table(object))?;
        let kind = String::from_utf8_lossy(&strayed.kind);
        Some(if strayed.name.to_ascii_lowercase().starts_with(b"_zova_") {
            format!("a private {kind} of Zova or of another extension")
        } else {
            format!("the {kind} {:?}", String::from_utf8_lossy(&strayed.name))
        })
    }
}

impl Object {
    fn is_owned_by(&self, extension: &str, installed: &[ExtensionInfo]) -> bool {
        !self.temporary && owner(&self.name, installed) == Some(extension)
    }

    fn same_place(&self, other: &Self) -> bool {
        (self.temporary, &self.kind, &self.name) == (other.temporary, &other.kind, &other.name)
    }
}
