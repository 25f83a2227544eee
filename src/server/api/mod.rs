//! The API for programs, `/api/v1/`: the same people, rights, questions and
//! decisions as the pages, as JSON. `openapi.rs` describes it.

pub mod incidents;
pub mod openapi;
pub mod posts;
pub mod session;
pub mod supervision;
pub mod systemic;
