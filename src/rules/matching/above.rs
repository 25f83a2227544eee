//! What a comment takes from the post above it: «и у нас так же» says that
//! there is a matter, the post above says which; «Кирова 50, тепла нет» names a
//! street, the post above its town.

use crate::model::finding::{Finding, Matter, TopicMatch, TopicOrigin};
use crate::model::place::{Coordinates, Place, PlacePart};
use crate::rules::places::{FROM_ABOVE, FROM_SOURCE};

use super::Matcher;
use super::verdict::raised;

/// How sure a town of the post above is: surer than the source's own, less so
/// than any word of the comment.
const ABOVE_SAYS: f64 = 0.3;

impl Matcher {
    /// Whether a post's own words leave open what it is about, or where.
    pub fn asks_above(finding: &Finding) -> bool {
        is_matter_open(finding) || is_town_open(&finding.places)
    }

    /// The finding of such a post, with the topic and the town of the post above
    /// it. News of an outage names the matter as well as a complaint does.
    pub fn below(&self, finding: Finding, above: &Finding) -> Finding {
        let places = located(finding.places, &above.places);
        self.about(Finding { places, ..finding }, above)
    }

    fn about(&self, finding: Finding, above: &Finding) -> Finding {
        let Some(topic) = above.said_topic().filter(|_| is_matter_open(&finding)) else {
            return finding;
        };
        let rule = self.topics.iter().find(|rule| rule.id == topic.topic);
        let importance = rule.map_or(finding.importance, |rule| rule.importance);
        Finding {
            importance: raised(importance, &finding.risks),
            // Neither keywords nor learned words of the other text stand in this one.
            topics: vec![TopicMatch { evidence: Vec::new(), learned: None, ..topic.clone() }],
            matters: named(&finding.matters, topic),
            topic_origin: TopicOrigin::Above,
            ..finding
        }
    }
}

fn is_matter_open(finding: &Finding) -> bool {
    finding.topic_origin == TopicOrigin::General
}

/// No town is named, or a street of which several towns have one.
fn is_town_open(places: &[Place]) -> bool {
    let Some(first) = places.first() else { return true };
    first.settlement.is_none()
        || is_guess(first)
        || places.iter().any(|place| place.settlement != first.settlement)
}

fn is_guess(place: &Place) -> bool {
    place.because == FROM_SOURCE
}

/// The comment's places in the town of the post above. A street of that post is
/// not taken over: «у нас» is another house.
fn located(places: Vec<Place>, above: &[Place]) -> Vec<Place> {
    let town = above.iter().find(|place| place.settlement.is_some() && !is_guess(place));
    let Some(town) = town.filter(|_| is_town_open(&places)) else { return places };
    if places.iter().all(is_guess) {
        return vec![of_above(town)];
    }
    let mut places = places;
    match places.iter().position(|place| place.settlement == town.settlement) {
        Some(there) => {
            // Of namesakes the one in that town.
            let is_namesake = places[0].street == places[there].street;
            if is_namesake && places[there].street.is_some() {
                places[..=there].rotate_right(1);
            }
        }
        None if places[0].settlement.is_none() => {
            places[0].settlement.clone_from(&town.settlement);
            places[0].territory.clone_from(&town.territory);
            places[0].coordinates = of_settlement(town);
        }
        None => {}
    }
    places
}

fn of_above(town: &Place) -> Place {
    Place {
        territory: town.territory.clone(),
        settlement: town.settlement.clone(),
        coordinates: of_settlement(town),
        certainty: town.certainty.min(ABOVE_SAYS),
        because: FROM_ABOVE.into(),
        ..Place::default()
    }
}

/// A street of the post above says nothing of where in the town the comment is.
fn of_settlement(town: &Place) -> Option<Coordinates> {
    town.coordinates.filter(|one| one.of == PlacePart::Settlement)
}

/// The comment's own words are the matter that the post above names.
fn named(matters: &[Matter], topic: &TopicMatch) -> Vec<Matter> {
    let named = |matter: &Matter| Matter { topic: topic.topic.clone(), ..matter.clone() };
    matters.iter().take(1).map(named).collect()
}

#[cfg(test)]
mod tests {
    use crate::model::region::TerritoryId;

    use super::*;

    fn place(settlement: Option<&str>, street: Option<&str>, because: &str) -> Place {
        Place {
            territory: settlement.map(|name| TerritoryId(name.to_lowercase())),
            settlement: settlement.map(str::to_owned),
            street: street.map(str::to_owned),
            certainty: 0.6,
            because: because.to_owned().into(),
            ..Place::default()
        }
    }

    fn check(own: Vec<Place>, above: Vec<Place>, expected: &[(Option<&str>, Option<&str>)]) {
        let found = located(own, &above);
        let found: Vec<_> =
            found.iter().map(|one| (one.settlement.as_deref(), one.street.as_deref())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_comment_is_in_the_town_of_the_post_above() {
        let town = || vec![place(Some("Рыльск"), Some("Мира"), "street_with_house")];
        check(vec![], town(), &[(Some("Рыльск"), None)]);
        check(vec![place(Some("Курск"), None, FROM_SOURCE)], town(), &[(Some("Рыльск"), None)]);
        let street = || place(None, Some("Кирова"), "street_with_house");
        check(vec![street()], town(), &[(Some("Рыльск"), Some("Кирова"))]);
    }

    #[test]
    fn of_namesakes_the_one_in_that_town_comes_first() {
        let namesakes = |towns: [&str; 2]| {
            towns.map(|town| place(Some(town), Some("Ленина"), "street_with_kind")).to_vec()
        };
        let above = vec![place(Some("Рыльск"), None, "settlement_named")];
        let expected = [(Some("Рыльск"), Some("Ленина")), (Some("Курск"), Some("Ленина"))];
        check(namesakes(["Курск", "Рыльск"]), above, &expected);
    }

    #[test]
    fn what_the_comment_names_itself_stays() {
        let own = || vec![place(Some("Курск"), None, "settlement_named")];
        let above = vec![place(Some("Рыльск"), None, "settlement_named")];
        check(own(), above, &[(Some("Курск"), None)]);
        // A guess about the post above is none about the comment.
        check(own(), vec![place(Some("Рыльск"), None, FROM_SOURCE)], &[(Some("Курск"), None)]);
        check(vec![], vec![place(Some("Рыльск"), None, FROM_SOURCE)], &[]);
    }
}
