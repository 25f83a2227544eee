//! What the server asks of search; `app` brings whoever answers.

use crate::model::position::Position;
use crate::model::text::Span;

/// One post that a query found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub post: Position,
    /// Which words of the text answered the query.
    pub marks: Vec<Span>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hits {
    /// Everything found, whatever the page.
    pub total: u64,
    pub hits: Vec<Hit>,
}

/// What is wrong with a query, for its writer: a key of the wording files and
/// what its text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongQuery {
    pub key: &'static str,
    pub field: String,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchFailure {
    /// The query cannot be read.
    #[error("the query cannot be read: {}", .0.key)]
    Query(WrongQuery),
    #[error("search is not available: {0}")]
    Unavailable(String),
}

/// Finds stored posts by the analysts' query language. Blocks.
pub trait SearchPosts: Send + Sync {
    fn search(&self, query: &str, limit: usize, offset: usize) -> Result<Hits, SearchFailure>;
}
