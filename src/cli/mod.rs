//! The command line: one file a command, each with its arguments and what it
//! prints. Knows nothing of how the parts are put together: `app` gives every
//! command what it needs.

pub mod backup;
pub mod check;
pub mod connector;
pub mod deadline;
pub mod eval;
pub mod explain;
pub mod export;
pub mod import;
pub mod incidents;
pub mod journal;
pub mod learn;
pub mod output;
pub mod replay;
pub mod routes;
pub mod search;
pub mod source;
pub mod user;
pub mod words;
