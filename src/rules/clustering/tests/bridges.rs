//! Posts that tie two incidents, or do not.

use super::*;
use crate::model::proposal::HintKind;
use crate::rules::clustering::Bridge;

/// Opens an incident with each of the first two posts, then places the third.
fn between(one: &Case, other: &Case, third: &Case) -> (Option<IncidentId>, Vec<Bridge>) {
    window_between(&[one, other]).placed(third)
}

struct Between(Window);

fn window_between(cases: &[&Case]) -> Between {
    let mut window = lived_in();
    for (number, case) in (50..).zip(cases) {
        window.observe(&case.features());
        window.open(IncidentId(number), case.features());
    }
    Between(window)
}

impl Between {
    fn placed(&self, third: &Case) -> (Option<IncidentId>, Vec<Bridge>) {
        match self.0.place(&third.features()) {
            Placement::Join { incident, bridges, .. } => (Some(incident), bridges),
            Placement::New { bridges, .. } => (None, bridges),
        }
    }
}

fn told(bridges: &[Bridge]) -> Vec<(u64, HintKind, u64)> {
    bridges.iter().map(|one| (one.incident.0, one.kind, one.nearest.0)).collect()
}

fn pit(number: u64, text: &str) -> Case {
    post(number, text).about("road-potholes", "roads")
}

#[test]
fn a_post_that_fits_two_is_a_bridge() {
    let one =
        pit(100, "На Гончарной, 14 глубокая яма, вторую машину разбили").at("Гончарной", "14");
    let other = pit(101, "У шиномонтажа «Колёсико» асфальт провалился, колодец торчит");
    let third = pit(
        102,
        "Гончарная, 14, у шиномонтажа «Колёсико»: глубокая яма, асфальт провалился, машину разбили",
    )
    .at("Гончарной", "14");
    let (joined, bridges) = between(&one, &other, &third);
    assert_eq!(joined, Some(IncidentId(50)));
    assert_eq!(told(&bridges), [(51, HintKind::Bridge, 101)]);
    assert!(bridges[0].score >= weights().join && !bridges[0].parts.is_empty());
    let mut apart = window_between(&[&one, &other]);
    apart.0.set_forbidden([(IncidentId(50), IncidentId(51))].into());
    let (joined, bridges) = apart.placed(&third);
    assert!(joined.is_none() || bridges.is_empty(), "people said that they are not the same");
}

#[test]
fn nothing_is_tied_across_places_and_matters() {
    let one =
        pit(100, "На Гончарной, 14 глубокая яма, вторую машину разбили").at("Гончарной", "14");
    let third = |tail: &str| {
        pit(102, &format!("Гончарная, 14, глубокая яма, машину разбили, {tail}"))
            .at("Гончарной", "14")
    };
    let elsewhere = pit(101, "На Речной, 3 у шиномонтажа «Колёсико» асфальт провалился, колодец")
        .at("Речной", "3");
    let (joined, bridges) =
        between(&one, &elsewhere, &third("у шиномонтажа «Колёсико» асфальт провалился, колодец"));
    assert_eq!((joined, told(&bridges)), (Some(IncidentId(50)), vec![]));
    let matter = post(101, "Гончарная, 14: третью ночь во дворе орёт музыка, спать невозможно")
        .at("Гончарной", "14")
        .about("noise", "safety");
    let (joined, bridges) = between(&one, &matter, &third("орёт музыка"));
    assert_eq!((joined, told(&bridges)), (Some(IncidentId(50)), vec![]));
}

#[test]
fn what_a_post_names_itself_ties_whatever_the_words() {
    let one =
        pit(100, "На Гончарной, 14 глубокая яма, вторую машину разбили").at("Гончарной", "14");
    let other = post(101, "Обращение № 96690 закрыто без ответа, дорогу так и не сделали");
    let named = pit(102, "Гончарная, 14: глубокая яма, разбили машину, заявка № 96690")
        .at("Гончарной", "14");
    let (joined, bridges) = between(&one, &other, &named);
    assert_eq!(joined, Some(IncidentId(50)));
    assert_eq!(told(&bridges), [(51, HintKind::Appeal, 101)]);
    // One that opens an incident says so too.
    let elsewhere = post(103, "Повторно: клумбу у памятника вытоптали, письмо № 96690");
    let (joined, bridges) = between(&one, &other, &elsewhere);
    assert_eq!(joined.is_none(), told(&bridges) == [(51, HintKind::Appeal, 101)]);
}
