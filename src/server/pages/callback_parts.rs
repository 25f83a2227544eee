//! What communities sent us by themselves, for the page of sources.

use crate::server::visitor::Visitor;

/// One line of a community, counted since the start of the program.
pub struct CallbackPart {
    pub name: String,
    pub last: Option<String>,
    pub taken: u64,
    pub others: u64,
    pub unreadable: u64,
    pub refused: u64,
}

pub fn lines(visitor: &Visitor) -> Vec<CallbackPart> {
    let tallies = visitor.state.callbacks.tallies().into_iter();
    tallies
        .map(|(name, tally)| CallbackPart {
            name,
            last: tally.last_at.map(|at| visitor.words.moment(at, visitor.now)),
            taken: tally.taken,
            others: tally.others,
            unreadable: tally.unreadable,
            refused: tally.refused,
        })
        .collect()
}
