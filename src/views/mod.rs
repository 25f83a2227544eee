//! What the outside reads as JSON: the HTTP API and the command line print the
//! same views. Knows the model and nothing else; decides nothing.

pub mod incident;
pub mod post;
pub mod systemic;
