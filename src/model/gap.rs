//! What is known of a gap beside the fact that it is there: how far it was
//! filled, and why a part of it cannot be had.

use super::source::Gap;
use super::time::Timestamp;

/// Why nobody looks for what is missing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// The network shows nothing that old.
    Memory,
    /// Its pages end before the beginning of the gap.
    End,
    /// It shows so many posts and no more.
    Results,
    /// The connector knows no way to what is older than the first page.
    NoWay,
    /// Since when something is missing is not known.
    NoBeginning,
    /// Every try failed.
    Unreadable,
    /// More stands under one post than is read.
    Comments,
    /// A part of it is told once and shown nowhere: messages to a community.
    ToldOnce,
    /// The source is read no more.
    Removed,
}

impl Lack {
    pub const ALL: [Lack; 9] = [
        Lack::Memory,
        Lack::End,
        Lack::Results,
        Lack::NoWay,
        Lack::NoBeginning,
        Lack::Unreadable,
        Lack::Comments,
        Lack::ToldOnce,
        Lack::Removed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Lack::Memory => "memory",
            Lack::End => "end",
            Lack::Results => "results",
            Lack::NoWay => "no_way",
            Lack::NoBeginning => "no_beginning",
            Lack::Unreadable => "unreadable",
            Lack::Comments => "comments",
            Lack::ToldOnce => "told_once",
            Lack::Removed => "removed",
        }
    }

    pub fn parse(text: &str) -> Option<Lack> {
        Lack::ALL.into_iter().find(|lack| lack.as_str() == text)
    }
}

/// How far the filling of a gap has come. A gap is read from its newer end on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filling {
    /// As what the source is being asked; a gap may need several ways.
    pub way: String,
    /// What this way shows after that instant was read.
    pub read_to: Option<Timestamp>,
    /// Where this way goes on; opaque outside the connector.
    pub place: String,
    /// Turns in a row that brought it no further.
    pub tries: u32,
    /// Why an earlier way could not be read to its end.
    pub lack: Option<Lack>,
}

/// A gap that is to be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenGap {
    pub id: i64,
    pub gap: Gap,
    pub filling: Filling,
}

/// Every gap is in exactly one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapState {
    /// Nothing of it was read yet.
    Open,
    /// Partly read; the rest follows.
    Filling,
    Filled,
    /// Not to be had.
    Lost,
}

impl GapState {
    pub const ALL: [GapState; 4] =
        [GapState::Open, GapState::Filling, GapState::Filled, GapState::Lost];

    pub fn as_str(self) -> &'static str {
        match self {
            GapState::Open => "open",
            GapState::Filling => "filling",
            GapState::Filled => "filled",
            GapState::Lost => "lost",
        }
    }
}

/// How many gaps there are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GapCounts {
    pub open: u64,
    pub filling: u64,
    pub filled: u64,
    pub lost: u64,
}

impl GapCounts {
    pub fn of(&self, state: GapState) -> u64 {
        match state {
            GapState::Open => self.open,
            GapState::Filling => self.filling,
            GapState::Filled => self.filled,
            GapState::Lost => self.lost,
        }
    }
}
