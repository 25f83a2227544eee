//! The journal: who did what, from where, in a chain of hashes.

use super::time::Timestamp;

/// Somebody saw personal data that is masked for others.
pub const READ_PERSONAL: &str = "read_personal";

/// An entry that is not in the chain yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewEntry {
    pub at: Timestamp,
    /// A login, `rule:…`, or `system`.
    pub actor: String,
    /// `accept`, `login`, `read_personal`, `user_add` …
    pub action: String,
    /// What it was done to: `incident:17`, `user:ivanova`, `source:…`.
    pub subject: String,
    /// JSON texts; empty where there is nothing to say.
    pub before: String,
    pub after: String,
    pub why: String,
    /// Address of the client, or `cli`.
    pub origin: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub seq: u64,
    pub entry: NewEntry,
    /// SHA-256, lower-case hex: of the previous hash and this entry.
    pub hash: String,
}
