//! What a search did, for those who want to know whether it was fast for the right reason.

/// Where a search took its rows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SearchPath {
    /// From the file, row after row.
    Streamed,
    /// From the copy of the collection in memory.
    Resident,
}

/// What the last search of a handle did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct VectorSearchStats {
    /// Where the rows came from.
    pub path: SearchPath,
    /// The arithmetic that bounded the distances, for example `avx512-vnni`.
    pub kernel: &'static str,
    /// Rows that were compared with the query in any way.
    pub scanned: u64,
    /// Rows whose exact distance was computed. All others were proven not to be in the answer.
    pub rescored: u64,
}

impl VectorSearchStats {
    pub(super) fn new(path: SearchPath, scanned: u64, rescored: u64) -> Self {
        Self { path, kernel: super::kernel::fastest().name, scanned, rescored }
    }
}
