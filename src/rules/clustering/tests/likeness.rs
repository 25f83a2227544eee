//! Single parts of a comparison: neighbouring houses, and how fast a matter lives.

use super::*;
use crate::model::topic::TopicId;
use crate::rules::ruleset::Part;

/// The parts by which a post is like an open incident with the other.
fn parts(weights: &GroupingWeights, there: &Case, own: &Case) -> Vec<(String, f64)> {
    let mut window = Window::new(weights, Rarity::default());
    window.observe(&there.features());
    window.open(IncidentId(50), there.features());
    let considered = window.consider(&own.features());
    let parts = considered.first().map(|one| one.parts.as_slice()).unwrap_or_default();
    parts.iter().map(|part| (part.name.clone(), part.value)).collect()
}

fn value(parts: &[(String, f64)], part: Part) -> f64 {
    parts.iter().find(|(name, _)| name == part.name()).map_or(0.0, |(_, value)| *value)
}

const PIT: &str = "На Гончарной глубокая яма на дороге, колесо пробили";

#[test]
fn houses_side_by_side_are_near_and_others_are_not() {
    let there = post(100, PIT).at("Гончарной", "14");
    let beside = |house: &str| {
        let parts = parts(&weights(), &there, &post(101, PIT).at("Гончарной", house));
        [Part::SameHouse, Part::NearHouse, Part::OtherHouse].map(|part| value(&parts, part))
    };
    assert_eq!(beside("14"), [1.0, 0.0, 0.0]);
    for near in ["16", "18", "12а", "10 к. 2"] {
        assert_eq!(beside(near), [0.0, 1.0, 0.0], "{near}");
    }
    assert_eq!(beside("20"), [0.0, 0.0, 1.0]);
    let other_street = post(101, PIT).at("Речной", "16");
    assert_eq!(value(&parts(&weights(), &there, &other_street), Part::NearHouse), 0.0);
}

#[test]
fn a_day_is_longer_for_an_outage_than_for_a_pit() {
    let mut weights = weights();
    weights.paces = [(TopicId("no-water".to_owned()), 5.0)].into();
    let apart = |topic: &'static str, hours: u64| {
        let case = |number| post(number, PIT).at("Гончарной", "14").about(topic, "water");
        value(&parts(&weights, &case(100), &case(100 + hours)), Part::TimeApart)
    };
    assert_eq!(apart("no-water", 1), apart("potholes", 1), "at once is at once");
    assert!(apart("potholes", 72) + 0.2 < apart("no-water", 72));
    // As far as five times the days are for the other.
    assert!((apart("no-water", 72) - apart("potholes", 5 * 72)).abs() < 1e-9);
}
