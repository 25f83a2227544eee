//! Where a post's matter is, as far as the text and the source tell.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::post::Geo;
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
    /// From the region pack, where it is clear which of its entries is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coordinates: Option<Coordinates>,
    pub certainty: f64,
    pub spans: Vec<Span>,
    /// Why: `street with kind`, `settlement named`, `source's territory` …
    pub because: Cow<'static, str>,
}

/// Where the pack has the most exact part of a place that it knows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coordinates {
    pub lat: f64,
    pub lon: f64,
    /// What these are the coordinates of: a house has those of its street, or
    /// of its town where the pack has no more.
    pub of: PlacePart,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlacePart {
    Settlement,
    Street,
    Object,
}

impl PlacePart {
    pub fn as_str(self) -> &'static str {
        match self {
            PlacePart::Settlement => "settlement",
            PlacePart::Street => "street",
            PlacePart::Object => "object",
        }
    }
}

impl Coordinates {
    pub fn new(geo: Geo, of: PlacePart) -> Coordinates {
        Coordinates { lat: geo.lat, lon: geo.lon, of }
    }

    /// «51.7304, 36.1926», as maps take them.
    pub fn line(&self) -> String {
        format!("{}, {}", self.lat, self.lon)
    }
}

impl Place {
    /// On one line, from wide to narrow; empty where nothing is known.
    pub fn line(&self) -> String {
        let parts = [self.settlement.clone()].into_iter().chain(self.address());
        parts.flatten().collect::<Vec<_>>().join(", ")
    }

    /// Within the settlement, from wide to narrow.
    pub fn address(&self) -> [Option<String>; 3] {
        let street = self.street.as_ref().map(|name| match &self.street_kind {
            Some(kind) => format!("{kind} {name}"),
            None => name.clone(),
        });
        match street {
            // «микрорайон Северный, 12»: what has houses and is no street is wider.
            None => [self.object.clone(), self.house.clone(), None],
            street => [street, self.house.clone(), self.object.clone()],
        }
    }

    /// Whether anything narrower than a settlement is known.
    pub fn is_concrete(&self) -> bool {
        self.street.is_some() || self.object.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_stored_before_there_were_coordinates_is_read() {
        let stored = r#"{"settlement":"Рыльск","certainty":0.6,"because":"settlement_named"}"#;
        let place: Place = serde_json::from_str(stored).unwrap();
        assert_eq!((place.settlement.as_deref(), place.coordinates), (Some("Рыльск"), None));
        assert!(!serde_json::to_string(&place).unwrap().contains("coordinates"));
    }

    #[test]
    fn coordinates_are_stored_with_what_they_are_of() {
        let geo = Geo { lat: 51.568, lon: 34.682 };
        let coordinates = Coordinates::new(geo, PlacePart::Settlement);
        let place = Place { coordinates: Some(coordinates), ..Place::default() };
        let stored = serde_json::to_string(&place).unwrap();
        assert!(stored.contains(r#""coordinates":{"lat":51.568,"lon":34.682,"of":"settlement"}"#));
        assert_eq!(serde_json::from_str::<Place>(&stored).unwrap(), place);
        assert_eq!(coordinates.line(), "51.568, 34.682");
    }
}
