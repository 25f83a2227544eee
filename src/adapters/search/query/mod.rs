//! The analysts' query language as values: what is asked, and what is wrong
//! with a question. Knows words and names; nothing of the index.
//!
//! `слово` · `"точная фраза"` · `-нет` · `тема:дороги` · `сеть:vk` ·
//! `источник:…` · `район:…` · `автор:…` · `сообщество:…` · `с:2026-11-01` ·
//! `по:2026-11-30` · `id:vk:-1_2` · `вид:жалоба`. Everything must hold; several
//! values of one field are alternatives. Start with `parse.rs`.

mod dates;
mod names;
mod parse;
#[cfg(test)]
mod tests;

use crate::model::region::TerritoryId;
use crate::model::text::Span;
use crate::model::time::Timestamp;
use crate::model::topic::TopicId;

pub use self::names::{Named, Names};

/// Nobody types more; a longer question is pasted by mistake or in malice.
pub const QUERY_MAX_CHARS: usize = 1000;
/// Each part costs a list of posts that must be walked through.
pub const CLAUSES_MAX: usize = 50;

/// A question: every clause must hold. No clause finds everything.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    pub clauses: Vec<Clause>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    pub negated: bool,
    pub test: Test,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    Word(WordTest),
    /// These words side by side, spelled so.
    Phrase(Vec<String>),
    Topic(TopicTest),
    Network(Vec<String>),
    Source(Vec<String>),
    Territory(Vec<TerritoryId>),
    /// The network's own id of the author, or words of the name.
    Author {
        id: String,
        words: Vec<String>,
    },
    Community(Vec<String>),
    /// At or after.
    Since(Timestamp),
    /// Before.
    Until(Timestamp),
    Post(String),
    /// Taken as a complaint.
    Complaint,
}

/// A word in any of its forms.
#[derive(Debug, Clone, PartialEq)]
pub struct WordTest {
    pub stem: String,
    /// Forms that the stemmer tears away from the word, as they are spelled.
    pub forms: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TopicTest {
    pub topics: Vec<TopicId>,
    pub groups: Vec<String>,
}

impl Query {
    /// Reads a question. Names are those of the ruleset in force.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place in the text.
    pub fn parse(text: &str, names: &Names) -> Result<Query, QueryError> {
        parse::parse(text, names)
    }

    /// Whether any clause looks at the words of posts.
    pub fn has_words(&self) -> bool {
        self.clauses
            .iter()
            .any(|clause| !clause.negated && matches!(clause.test, Test::Word(_) | Test::Phrase(_)))
    }
}

/// A question that cannot be answered; `at` are bytes of the question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at characters {}..{}", .at.start, .at.end)]
pub struct QueryError {
    pub at: Span,
    pub problem: QueryProblem,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryProblem {
    #[error("the query is longer than {QUERY_MAX_CHARS} characters")]
    TooLong,
    #[error("the query has more than {CLAUSES_MAX} parts")]
    TooManyParts,
    #[error("unknown field «{0}»")]
    UnknownField(String),
    #[error("field «{0}» has no value")]
    NoValue(String),
    #[error("field «{field}» knows no «{value}»")]
    UnknownValue { field: String, value: String },
    #[error("«{0}» is no date; write 2026-11-30 or 30.11.2026")]
    NotADate(String),
    #[error("a quotation mark is opened and never closed")]
    UnclosedQuote,
    #[error("there is nothing to search for")]
    Nothing,
}

impl QueryProblem {
    /// The wording key of the message for people.
    pub fn key(&self) -> &'static str {
        match self {
            QueryProblem::TooLong => "query-too-long",
            QueryProblem::TooManyParts => "query-too-many-parts",
            QueryProblem::UnknownField(_) => "query-unknown-field",
            QueryProblem::NoValue(_) => "query-no-value",
            QueryProblem::UnknownValue { .. } => "query-unknown-value",
            QueryProblem::NotADate(_) => "query-not-a-date",
            QueryProblem::UnclosedQuote => "query-unclosed-quote",
            QueryProblem::Nothing => "query-nothing",
        }
    }

    /// The field and the value that the message names.
    pub fn names(&self) -> (&str, &str) {
        match self {
            QueryProblem::UnknownField(field) | QueryProblem::NoValue(field) => (field, ""),
            QueryProblem::UnknownValue { field, value } => (field, value),
            QueryProblem::NotADate(value) => ("", value),
            QueryProblem::TooLong
            | QueryProblem::TooManyParts
            | QueryProblem::UnclosedQuote
            | QueryProblem::Nothing => ("", ""),
        }
    }
}
