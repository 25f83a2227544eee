//! Where a post's matter is, as far as the text and the source tell.

use serde::{Deserialize, Serialize};

use super::region::TerritoryId;
use super::text::Span;

/// A place named in a text. Every part may be unknown; `certainty` is of the
/// whole, 0..=1, and `spans` say which words named it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    pub territory: Option<TerritoryId>,
    pub settlement: Option<String>,
    /// улица, проспект …
    pub street_kind: Option<String>,
    /// Nominative, in the pack's spelling where the pack knows it.
    pub street: Option<String>,
    /// Number with letter, fraction or building (`12/3`, `7а`, `5 к2`).
    pub house: Option<String>,
    /// Normal form of a named object (`школа 55`, `маршрут 34`, `остановка Рынок`).
    pub object: Option<String>,
    pub certainty: f64,
    pub spans: Vec<Span>,
    /// Why: `street with kind`, `settlement named`, `source's territory` …
    pub because: String,
}

impl Place {
    /// On one line, from wide to narrow; empty where nothing is known.
    pub fn line(&self) -> String {
        let street = self.street.as_ref().map(|name| match &self.street_kind {
            Some(kind) => format!("{kind} {name}"),
            None => name.clone(),
        });
        let parts = [self.settlement.clone(), street, self.house.clone(), self.object.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// Whether anything narrower than a settlement is known.
    pub fn is_concrete(&self) -> bool {
        self.street.is_some() || self.object.is_some()
    }
}
