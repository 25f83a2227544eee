//! Decisions as pure functions: no I/O, no clock, no chance, no logging. A
//! decision returns a value that holds its reason.

pub mod alarms;
pub mod backfill;
pub mod campaign;
pub mod clustering;
pub mod completeness;
pub mod deadline;
pub mod learning;
pub mod lifecycle;
pub mod matching;
pub mod near_copies;
pub mod own_accounts;
pub mod places;
pub mod privacy;
pub mod ranking;
pub mod rereading;
pub mod rhythm;
pub mod routing;
pub mod ruleset;
pub mod schedule;
pub mod similarity;
pub mod specificity;
pub mod stream_interest;
pub mod stream_rules;
pub mod systemic;
pub mod text;
pub mod title;
pub mod wording;
