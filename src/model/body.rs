//! Bodies: the authorities that answer, and the channels that reach them.

use serde::{Deserialize, Serialize};

use super::region::{Name, TerritoryId};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BodyId(pub String);

impl std::fmt::Display for BodyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Municipal,
    Regional,
    Governor,
}

/// A person of the body as the region pack names them; accounts are apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    pub name: String,
    pub email: String,
}

/// How a body is reached. Secrets are named by file, never written here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Channel {
    Email { address: String },
    Webhook { url: String, secret_file: Option<String> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    pub id: BodyId,
    pub name: Name,
    pub level: Level,
    #[serde(default)]
    pub territory: Option<TerritoryId>,
    #[serde(default)]
    pub parent: Option<BodyId>,
    #[serde(default)]
    pub coordinator: Option<Contact>,
    #[serde(default)]
    pub head: Option<Contact>,
    #[serde(default)]
    pub channels: Vec<Channel>,
    /// A body that takes no cases hands them to its parent.
    #[serde(default = "yes")]
    pub accepts: bool,
}

fn yes() -> bool {
    true
}
