//! A region pack as values: territories, settlements, streets, objects, the
//! routing tree, terms and calendar. Parsed by `rules::ruleset`, never here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::body::Body;
use super::clock::{Calendar, LadderStep, Terms};
use super::post::Geo;
use super::source::Source;

/// A municipality's id in the region pack, latin kebab-case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TerritoryId(pub String);

impl std::fmt::Display for TerritoryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text in both languages of the product.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    pub ru: String,
    pub en: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Territory {
    pub id: TerritoryId,
    pub name: Name,
    /// city, okrug or district.
    pub kind: String,
    /// Name of the administrative centre.
    pub centre: String,
    pub geo: Geo,
    pub population: u64,
    pub aliases: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    pub name: String,
    pub kind: String,
    pub territory: TerritoryId,
    pub geo: Option<Geo>,
    pub population: Option<u64>,
    pub aliases: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Street {
    /// Name of a settlement of the same pack.
    pub settlement: String,
    /// улица, проспект, переулок … written out.
    pub kind: String,
    /// Nominative, without the kind.
    pub name: String,
    /// Its middle, where the pack has it.
    pub geo: Option<Geo>,
}

/// A well-known object: hospital, school, market, stop, bridge, city district.
#[derive(Debug, Clone, PartialEq)]
pub struct Landmark {
    pub settlement: String,
    pub kind: String,
    pub name: String,
    pub geo: Option<Geo>,
    pub aliases: Vec<String>,
}

/// The named places of a region, without who answers for them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Geography {
    pub territories: Vec<Territory>,
    pub settlements: Vec<Settlement>,
    pub streets: Vec<Street>,
    pub landmarks: Vec<Landmark>,
}

#[derive(Debug, Clone)]
pub struct Region {
    pub id: String,
    pub name: Name,
    /// IANA zone in which the region's people read times.
    pub zone: String,
    pub territories: Vec<Territory>,
    pub settlements: Vec<Settlement>,
    pub streets: Vec<Street>,
    pub landmarks: Vec<Landmark>,
    pub bodies: Vec<Body>,
    pub routes: RouteNode,
    pub terms: Vec<Terms>,
    pub ladder: Vec<LadderStep>,
    /// Confidence at or above which the machine's proposal is accepted by rule.
    pub accept_confidence: f64,
    pub calendar: Calendar,
    pub sources: Vec<Source>,
    pub origins: Origins,
}

impl Region {
    pub fn has_settlement(&self, name: &str, territory: &TerritoryId) -> bool {
        self.settlements.iter().any(|one| one.name == name && one.territory == *territory)
    }
}

/// Where the entries of a pack stand, so that a complaint about one can name
/// file and line. Keys: `body city-vologda`, `route NAME` (the root: `route `),
/// `territory ID`, `terms ID`, `ladder ID`, `calendar`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origins(pub BTreeMap<String, Origin>);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    pub file: String,
    /// 1-based; 0 where the file as a whole is meant.
    pub line: usize,
}

impl Origins {
    pub fn of(&self, kind: &str, id: &str) -> Origin {
        self.0.get(&format!("{kind} {id}")).cloned().unwrap_or_default()
    }
}

/// A node of the routing tree; the root is a node without conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteNode {
    /// What decisions and the journal name it by.
    #[serde(default)]
    pub name: String,
    /// What people read; the name where there is none.
    #[serde(default)]
    pub title: Option<Name>,
    #[serde(default)]
    pub groups: Vec<String>,
    #[serde(default)]
    pub topics: Vec<String>,
    #[serde(default)]
    pub territories: Vec<TerritoryId>,
    #[serde(default)]
    pub scales: Vec<super::topic::Scale>,
    /// A body's id, or `@territory` for the municipal body of the territory.
    pub body: String,
    #[serde(default, rename = "route")]
    pub children: Vec<RouteNode>,
}
