//! Plain SQL through Zova: statements, transactions, locks, counters, and the SQLite that is inside.

#[path = "../common/mod.rs"]
mod common;

mod counters;
mod locks;
mod sql;
mod sqlite;
mod statements;
mod transactions;
