//! Which incident a post belongs to: posts of different people, in different
//! words, on different networks, about one problem.
//!
//! `features` reads a post once; `Window` holds the open incidents and answers
//! `place`; `compare` is the model: a sum of parts that a dispatcher would
//! name, each with its value, weight and words. Everything follows from the
//! posts before, in their order, and from the weights: no clock, no chance, no
//! order of a hash table, no size of a batch. Knows no store and no people;
//! what people decided comes in as `add`, `merge`, `take_out` and `set_forbidden`.

mod again;
mod area;
mod compare;
mod features;
mod held;
pub mod learning;
mod marks;
mod members;
mod parting;
mod past;
mod postings;
mod rarity;
mod reading;
mod ties;
mod told;
mod window;

#[cfg(test)]
mod tests;

pub use again::{Again, Asked, Tie};
pub use features::{PostFeatures, TOPIC_UNKNOWN, Word, features};
pub use marks::{Mark, MarkKind};
pub use parting::{PARTED_MAX, PartedOver};
pub use past::{PAST_DAYS, PAST_INCIDENTS};
pub use rarity::Rarity;
pub use window::{Bridge, Placement, Window};
