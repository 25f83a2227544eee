//! One file a stage: read facts after a position, decide, commit conclusions
//! and the new position together. Only this layer knows both `rules` and
//! `adapters`. Start with `stage.rs` (how stages run), then `matcher.rs`.

pub mod act;
pub mod callbacks;
pub mod cluster;
pub mod decided;
pub mod dispatch;
pub mod escalate;
pub mod explain;
pub mod families;
pub mod grouped;
pub mod import;
pub mod indexer;
pub mod ingest;
pub mod matcher;
pub mod names;
pub mod planner;
pub mod recent;
pub mod replay;
pub mod sentinel;
mod sift;
pub mod similar;
pub mod stage;
pub mod streams;
pub mod systemic;
