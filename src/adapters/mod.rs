//! Everything that touches the world. Adapters do not know each other and
//! never decide; only `store` speaks SQL, only `connector` speaks to networks,
//! only `clock` asks the operating system for the time.

pub mod channel;
pub mod clock;
pub mod connector;
pub mod ndjson;
pub mod process;
pub mod ruleset_files;
pub mod search;
pub mod store;
