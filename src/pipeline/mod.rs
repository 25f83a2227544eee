//! One file a stage: read facts after a position, decide, commit conclusions
//! and the new position together. Only this layer knows both `rules` and
//! `adapters`.
