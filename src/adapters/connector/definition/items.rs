//! How a definition says where the items of a payload are.

use serde::Deserialize;

use super::Condition;

/// Where items are: a place, or one that counts only under a condition.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "PlaceOrTable")]
pub struct ItemsPlace {
    pub at: String,
    pub when: Option<Condition>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum PlaceOrTable {
    Place(String),
    Table(PlaceTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceTable {
    at: String,
    when: Condition,
}

impl From<PlaceOrTable> for ItemsPlace {
    fn from(given: PlaceOrTable) -> ItemsPlace {
        match given {
            PlaceOrTable::Place(at) => ItemsPlace { at, when: None },
            PlaceOrTable::Table(PlaceTable { at, when }) => ItemsPlace { at, when: Some(when) },
        }
    }
}
