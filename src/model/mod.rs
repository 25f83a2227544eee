//! The words of the domain: plain values without behaviour that touches the
//! world. Everybody may know them; they know nobody.
//!
//! Serde derives on these types are the storage form (JSON columns and rule
//! files). What leaves the program (API, pages, terminal) is a view that the
//! face owns. Start with `post`, then `finding`, then `incident`.

pub mod action;
pub mod alarm;
pub mod answer;
pub mod body;
pub mod clock;
pub mod finding;
pub mod gap;
pub mod incident;
pub mod journal;
pub mod notice;
pub mod person;
pub mod place;
pub mod position;
pub mod post;
pub mod proposal;
pub mod region;
pub mod ruleset;
pub mod source;
pub mod stream;
pub mod systemic;
pub mod text;
pub mod thread;
pub mod time;
pub mod topic;
