//! Events over an area: no water in a district, a smell over a town. People on
//! many streets tell of one topic within hours, and of it far more often than
//! usual; another street then speaks not against one problem but for it. Knows
//! the posts of open incidents; changes nothing.

use std::collections::BTreeSet;

use crate::model::incident::{IncidentId, ScorePart};
use crate::model::time::{Timestamp, to_ms};
use crate::rules::clustering::features::{PostFeatures, area_key};
use crate::rules::clustering::held::Held;
use crate::rules::clustering::marks::MarkKind;
use crate::rules::clustering::members::Members;
use crate::rules::clustering::window::{DAY_MS, HOUR_MS};
use crate::rules::ruleset::AreaWeights;
use crate::rules::similarity::logistic;

/// Incidents of a topic looked at, the latest, and posts of each: on a busy day
/// no more than on a quiet one.
const INCIDENTS_VISITED: usize = 400;
const POSTS_VISITED: usize = 200;
const DAY_HOURS: f64 = 24.0;
/// Added to both counts: five where there was none is not infinitely many.
const SOME: f64 = 0.5;

/// An event that a post is part of.
pub struct AreaEvent {
    /// The incident that has most of it.
    pub incident: IncidentId,
    /// Other incidents that tell of it, lowest first.
    pub others: Vec<IncidentId>,
    pub score: f64,
    pub parts: Vec<ScorePart>,
}

/// What open incidents tell of one event and area.
#[derive(Default)]
struct Told {
    /// With how many streets and posts of late, by incident.
    incidents: Vec<(usize, usize, IncidentId)>,
    places: BTreeSet<u64>,
    posts: usize,
    /// Earlier posts, from which follows what is usual.
    earlier: usize,
}

/// The event that the post tells of, if what is told around it is one.
pub fn event(post: &PostFeatures, held: &Held, weights: &AreaWeights) -> Option<AreaEvent> {
    // Without a date nobody knows what came at once.
    if post.written_at == Timestamp::UNIX_EPOCH {
        return None;
    }
    let topics = weights.events.values().find(|topics| topics.contains(&post.topic.0))?;
    let told = told(post, held, weights, topics);
    let usual = told.earlier as f64 * weights.hours as f64 / (weights.days as f64 * DAY_HOURS);
    let burst = (told.posts as f64 + SOME) / (usual + SOME);
    if told.places.len() < weights.places || burst < weights.burst {
        return None;
    }
    let widest = |a: &(usize, usize, IncidentId), b: &(usize, usize, IncidentId)| {
        (a.0, a.1).cmp(&(b.0, b.1)).then(b.2.cmp(&a.2))
    };
    let (_, _, incident) = told.incidents.iter().copied().max_by(widest)?;
    let mut others: Vec<IncidentId> =
        told.incidents.iter().map(|(_, _, id)| *id).filter(|id| *id != incident).collect();
    others.sort_unstable();
    let parts = parts(&told, burst, usual, weights);
    let score = logistic(parts.iter().map(|part| part.value * part.weight).sum());
    Some(AreaEvent { incident, others, score, parts })
}

fn told(post: &PostFeatures, held: &Held, weights: &AreaWeights, topics: &[String]) -> Told {
    let now = to_ms(post.written_at);
    let late = weights.hours.saturating_mul(HOUR_MS);
    let long = weights.days.saturating_mul(DAY_MS);
    let mut told = Told { posts: 1, ..Told::default() };
    told.places.extend(street(post));
    let ids = topics.iter().flat_map(|topic| {
        let key = post.area.map(|area| area_key(topic, area));
        key.map_or(&[][..], |key| held.holding(key)).iter().rev().take(INCIDENTS_VISITED)
    });
    for id in ids.copied().collect::<BTreeSet<IncidentId>>() {
        let Some(members) = held.get(id) else { continue };
        let mut places = BTreeSet::new();
        let mut posts = 0;
        for member in members_of(members, post, topics) {
            let apart = now.saturating_sub(to_ms(member.written_at)).saturating_abs();
            if apart <= late {
                posts += 1;
                places.extend(street(member));
            } else if apart <= long {
                told.earlier += 1;
            }
        }
        if posts > 0 {
            told.incidents.push((places.len(), posts, id));
            told.posts += posts;
            told.places.append(&mut places);
        }
    }
    told
}

/// The latest posts of an incident that are about the event in the area.
fn members_of<'m>(
    members: &'m Members,
    post: &'m PostFeatures,
    topics: &'m [String],
) -> impl Iterator<Item = &'m PostFeatures> {
    members
        .posts()
        .skip(members.count().saturating_sub(POSTS_VISITED))
        .filter(|member| member.area == post.area && topics.contains(&member.topic.0))
}

/// What tells one street's post from another's.
fn street(post: &PostFeatures) -> Option<u64> {
    let of = |kind| post.marks.iter().find(|mark| mark.kind == kind);
    of(MarkKind::Street).or_else(|| of(MarkKind::Object)).map(|mark| mark.key)
}

fn parts(told: &Told, burst: f64, usual: f64, weights: &AreaWeights) -> Vec<ScorePart> {
    let part = |name: &str, value: f64, text: String| ScorePart {
        name: name.to_owned(),
        value,
        weight: 1.0,
        text,
    };
    vec![
        part("area_burst", burst.ln(), format!("{} / {usual:.1}", told.posts)),
        part("area_places", (told.places.len() as f64).ln(), told.places.len().to_string()),
        part("base", -(weights.burst.ln() + (weights.places as f64).ln()), String::new()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::incident::AssignmentKind;
    use crate::rules::clustering::tests::{Case, post, weights};
    use crate::rules::clustering::{Placement, Rarity, Window};

    const TEXTS: [(&str, &str); 6] = [
        ("Гончарная", "На Гончарной 3 с утра сухие краны, умыться нечем"),
        ("Сиреневая", "Сиреневая 18: воды нет никакой, ни горячей, ни холодной"),
        ("Портовая", "Почему без предупреждения отключили воду на Портовой, 7?"),
        ("Ясная", "Ясная, 22, не течёт из крана ничего, дети немытые"),
        ("Лётная", "У нас на Лётной 41 тоже пусто, когда пустят водоснабжение"),
        ("Заводская", "Заводская 5. Пропало водоснабжение, диспетчер трубку не берёт"),
    ];

    fn told_of(at: usize, number: u64, territory: &str) -> Case {
        let (street, text) = TEXTS[at];
        post(number, text).at(street, "1").about("no-water", "water").of(territory)
    }

    /// The incidents into which the posts come, each opening what it does not join.
    fn grouped(posts: &[Case]) -> (Vec<u64>, Vec<AssignmentKind>) {
        let mut window = Window::new(&weights(), Rarity::default());
        let (mut ids, mut kinds) = (Vec::new(), Vec::new());
        for (at, post) in posts.iter().enumerate() {
            let features = post.features();
            let (id, kind) = match window.place(&features) {
                Placement::Join { incident, reason, .. } => (incident, reason.kind),
                Placement::New { reason, .. } => (IncidentId(at as u64 + 1), reason.kind),
            };
            window.add(id, features);
            ids.push(id.0);
            kinds.push(kind);
        }
        (ids, kinds)
    }

    #[test]
    fn many_streets_within_hours_are_one_event() {
        let posts: Vec<Case> = (0..6).map(|at| told_of(at, 100 + at as u64, "north")).collect();
        let (ids, kinds) = grouped(&posts);
        assert_eq!(ids, [1, 2, 3, 1, 1, 1]);
        assert_eq!(kinds[3..], [AssignmentKind::Area; 3]);
    }

    #[test]
    fn another_town_and_another_week_are_no_part_of_it() {
        let towns = ["north", "south", "east", "west", "north", "south"];
        let apart: Vec<Case> = (0..6).map(|at| told_of(at, 100 + at as u64, towns[at])).collect();
        assert_eq!(grouped(&apart).0, [1, 2, 3, 4, 5, 6]);
        let slowly: Vec<Case> =
            (0..6).map(|at| told_of(at, 100 + 30 * at as u64, "north")).collect();
        assert_eq!(grouped(&slowly).0, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn one_street_is_no_area_and_neither_is_a_town_nobody_named() {
        let one: Vec<Case> = (0..6)
            .map(|at| told_of(at, 100 + at as u64, "north").at("Портовая", &at.to_string()))
            .map(|case| case.of("north"))
            .collect();
        assert!(!grouped(&one).1.contains(&AssignmentKind::Area));
        let nowhere: Vec<Case> = (0..6).map(|at| told_of(at, 100 + at as u64, "")).collect();
        assert_eq!(grouped(&nowhere).0, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn what_is_told_of_every_day_is_no_burst() {
        let usual = (0..60).map(|at| told_of(at % 6, 10 + 3 * at as u64, "north"));
        let posts: Vec<Case> = usual.collect();
        let kinds = grouped(&posts).1;
        // Only the first of them may seem to be many.
        assert!(!kinds[30..].contains(&AssignmentKind::Area), "{kinds:?}");
    }
}
