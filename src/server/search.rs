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

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchFailure {
    /// The query cannot be read: what and where, for its writer.
    #[error("{0}")]
    Query(String),
    #[error("search is not available: {0}")]
    Unavailable(String),
}

/// Finds stored posts by the analysts' query language. Blocks.
pub trait SearchPosts: Send + Sync {
    fn search(&self, query: &str, limit: usize, offset: usize) -> Result<Hits, SearchFailure>;
}
