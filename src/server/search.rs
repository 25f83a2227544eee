//! What the server asks of search; `app` brings whoever answers.

use crate::model::position::Position;
use crate::model::region::TerritoryId;
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

/// A text, and where posts like it are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Like {
    pub text: String,
    pub group: String,
    pub territory: Option<TerritoryId>,
}

/// Finds stored posts. Blocks.
pub trait SearchPosts: Send + Sync {
    /// By the analysts' query language.
    fn search(&self, query: &str, limit: usize, offset: usize) -> Result<Hits, SearchFailure>;

    /// By the words that they share with a text, most alike first.
    fn similar(&self, like: &Like, limit: usize) -> Result<Vec<Position>, SearchFailure>;
}
