//! People with accounts: roles, permissions, and how far they reach.

use serde::{Deserialize, Serialize};

use super::body::BodyId;
use super::region::TerritoryId;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Regional administrator: triage and dispatch.
    Administrator,
    /// Coordinator of a body: accepts, returns, assigns, approves.
    Coordinator,
    /// Official: answers.
    Official,
    Approver,
    Analyst,
    /// Sees everything, changes nothing.
    Oversight,
    /// System administrator: configuration, never case content.
    System,
}

impl Role {
    pub const ALL: [Role; 7] = [
        Role::Administrator,
        Role::Coordinator,
        Role::Official,
        Role::Approver,
        Role::Analyst,
        Role::Oversight,
        Role::System,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Administrator => "administrator",
            Role::Coordinator => "coordinator",
            Role::Official => "official",
            Role::Approver => "approver",
            Role::Analyst => "analyst",
            Role::Oversight => "oversight",
            Role::System => "system",
        }
    }

    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// How far a person's permissions reach; an empty list is no limit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reach {
    pub territories: Vec<TerritoryId>,
    /// Topic groups.
    pub groups: Vec<String>,
    pub bodies: Vec<BodyId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub login: String,
    pub name: String,
    pub role: Role,
    pub reach: Reach,
    pub disabled: bool,
    /// `ru` or `en`.
    pub language: String,
}
