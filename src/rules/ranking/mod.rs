//! The learned order of topics: a linear model over words, pairs of words,
//! pieces of words, what the dictionaries heard and what matter the words
//! belong to. Knows examples with labels, whatever the labels name; knows
//! nothing of where the examples come from and of who decided them.
//!
//! Every score is a sum over words of the message, so that the heaviest words
//! are the reason. Training is closed form: the same examples give the same
//! model, byte for byte, and an exact answer for each example left out.

mod blend;
mod features;
mod file;
mod matters;
mod model;
mod practice;
mod ridge;
mod train;
mod vectors;

pub use self::features::{Block, Reading, read};
pub use self::file::{RANKING_FILE, parse, print};
pub use self::matters::Matters;
pub use self::model::{Heavy, Label, Model, Ranker, Scores};
pub use self::train::{EXAMPLES_MAX, Example, Habits, Trained, train};

/// The label of examples whose own label has too few of them.
pub const REST: &str = "-";

#[cfg(test)]
mod tests;
