//! Full-text search over everything that is stored. The index is a cache: it
//! may be deleted at any time and fills again from the database, whose
//! positions it answers with; it keeps no text. It must never decide: its
//! scores order candidates and results, and drift as the index grows.
//!
//! Start with `index.rs` (the folder and what is in it), then `query` (the
//! analysts' language), then `answer.rs` (one turned into the other). If the
//! process stops here, the last commit stands and says how far it goes.

mod analysis;
mod answer;
mod error;
mod highlight;
mod index;
pub mod query;
mod schema;
mod similar;

/// The index's folder inside the data folder.
pub const INDEX_FOLDER: &str = "index";

pub use self::answer::{Hit, Hits, Order};
pub use self::error::SearchError;
pub use self::highlight::highlight;
pub use self::index::{Index, Mark};
pub use self::schema::IndexedPost;
pub use self::similar::Narrow;
