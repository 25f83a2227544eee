//! Comments: which go on with what stands above them, and which only stand there.

use super::*;
use crate::model::finding::TopicOrigin;
use crate::rules::places::FROM_ABOVE;

fn dogs() -> Case {
    post(100, "Стая собак бегает по дворам, кидается на детей, куда звонить")
        .about("stray-dogs", "animals")
}

fn under(above: &Case, text: &str) -> Case {
    Case { parent: Some(above.key()), ..post(101, text) }
}

fn cold(comment: Case) -> Case {
    comment.about("no-heating", "heating")
}

#[test]
fn a_comment_with_a_matter_and_a_place_of_its_own_leaves_the_thread() {
    let above = dogs();
    let own = cold(under(&above, "Кирова 50, тепла нет, мёрзнем всем домом")).at("Кирова", "50");
    let Placement::New { suggestions, .. } = placed(&above, &own) else { panic!("joins") };
    let suggested: Vec<IncidentId> = suggestions.iter().map(|one| one.incident).collect();
    assert!(!suggested.contains(&IncidentId(50)), "nor is it asked whether they are one");
    // What stands above may be about nothing that a topic knows.
    check_stays_apart(&Case { topic: None, ..above }, &own);
}

#[test]
fn a_comment_that_leaves_goes_where_it_belongs() {
    let above = dogs();
    let there = cold(post(99, "На Кирова 50 второй день нет тепла, батареи ледяные"));
    let there = there.at("Кирова", "50");
    let mut window = lived_in();
    for (id, case) in [(50, &above), (51, &there)] {
        window.observe(&case.features());
        window.open(IncidentId(id), case.features());
    }
    let own = cold(under(&above, "Кирова 50, тепла нет, батареи ледяные")).at("Кирова", "50");
    let Placement::Join { incident, reason, .. } = window.place(&own.features()) else {
        panic!("stays alone")
    };
    assert_eq!((incident, reason.kind), (IncidentId(51), AssignmentKind::Joined));
}

#[test]
fn a_comment_of_another_place_goes_to_that_place() {
    let cold_at = |number, text: &str, house| cold(post(number, text)).at("Кирова", house);
    let above = cold_at(100, "Кирова 12, нет тепла вторые сутки, батареи ледяные", "12");
    let there = cold_at(99, "На Кирова 50 второй день нет тепла, батареи ледяные", "50");
    let mut window = lived_in();
    for (id, case) in [(50, &above), (51, &there)] {
        window.observe(&case.features());
        window.open(IncidentId(id), case.features());
    }
    let own = cold(under(&above, "Кирова 50, тепла нет, батареи ледяные")).at("Кирова", "50");
    let placed = window.place(&own.features());
    let Placement::Join { incident, .. } = placed else { panic!("stays alone: {placed:?}") };
    assert_eq!(incident, IncidentId(51));
}

#[test]
fn a_comment_that_goes_on_with_the_post_above_stays() {
    let above = dogs();
    for comment in [
        under(&above, "И у нас так же, кошмар"),
        // Another place, the same matter.
        under(&above, "На Кирова 50 тоже стая").at("Кирова", "50").about("stray-dogs", "animals"),
        under(&above, "На Кирова 50 то же самое").at("Кирова", "50"),
        // Another topic of the same kind.
        under(&above, "Кирова 50, не едет отлов").at("Кирова", "50").about("not-caught", "animals"),
        // Another matter, and nothing says that it is elsewhere.
        cold(under(&above, "А ещё и тепла нет вторую неделю")),
    ] {
        check_joins(&above, &comment, AssignmentKind::Thread);
    }
}

#[test]
fn what_a_comment_takes_from_the_post_above_is_not_its_own() {
    let above = dogs();
    let of_above = |comment: &Case| {
        let settlement = Some("Рыльск".to_owned());
        let place = Place { settlement, because: FROM_ABOVE.into(), ..Place::default() };
        Case { place: Some(place), ..comment.clone() }
    };
    let comment = of_above(&cold(under(&above, "А ещё и тепла нет вторую неделю")));
    assert!(!comment.features().has_own_place);
    check_joins(&above, &comment, AssignmentKind::Thread);
    let named = Place { because: "settlement_named".into(), ..comment.place.unwrap() };
    let named = Case {
        place: Some(named), ..cold(under(&above, "В Рыльске тепла нет, мёрзнем"))
    };
    check_stays_apart(&above, &named);
    // Nor is a topic that the post above lends.
    let lent = cold(under(&above, "Кирова 50, то же самое")).at("Кирова", "50");
    let finding = Finding { topic_origin: TopicOrigin::Above, ..lent.finding() };
    let stored = StoredPost {
        position: Position(101),
        first_seen_at: from_ms(101 * HOUR_MS),
        post: Post::of_text(lent.key(), lent.text.clone(), from_ms(101 * HOUR_MS)),
    };
    let features = features(&mut StemMemo::default(), &stored, &finding);
    assert!(features.has_own_place && !features.has_own_topic);
}
