//! Incidents that fall into two, and those that do not.

use super::*;
use crate::model::proposal::{PartedBy, Parting};
use crate::rules::clustering::PartedOver;

fn parted(cases: &[Case], over: PartedOver) -> Option<Parting> {
    let mut window = lived_in();
    for case in cases {
        window.observe(&case.features());
        window.add(IncidentId(50), case.features());
    }
    window.parting(IncidentId(50), over)
}

fn at(number: u64, street: &str, house: &str) -> Case {
    let text = format!("Яма на {street}, {house}, колёса бьём который день");
    post(number, &text).at(street, house).about("road-potholes", "roads")
}

fn numbers(positions: &[Position]) -> Vec<u64> {
    positions.iter().map(|position| position.0).collect()
}

#[test]
fn two_streets_with_two_posts_each_are_two() {
    let somewhere = post(104, "Яма всё глубже, колёса бьём который день");
    let cases = [
        at(100, "Гончарной", "14"),
        at(101, "Речной", "3"),
        at(102, "Гончарной", "14"),
        at(103, "Речной", "3"),
        somewhere,
    ];
    let parting = parted(&cases, PartedOver::PlacesAndMatters).unwrap();
    assert_eq!(parting.by, PartedBy::Street);
    assert_eq!(numbers(&parting.stays), [100, 102]);
    assert_eq!(numbers(&parting.leaves), [101, 103], "who says no place is in no part");
    assert_eq!(parting.leaves_because, "Речной");
    assert!(parting.separates(&[Position(103), Position(100)]));
    assert!(!parting.separates(&[Position(104), Position(100), Position(102)]));
    assert_eq!(parted(&cases, PartedOver::Matters), None, "an outage has many streets");
    assert_eq!(parted(&cases[..3], PartedOver::PlacesAndMatters), None, "one post is a slip");
}

#[test]
fn a_town_alone_says_nothing_about_its_streets_and_two_towns_are_two() {
    let of = |number, town: &str| {
        let case = post(number, &format!("{town}: мусор не вывозят, контейнеры полны"));
        let place = Place {
            settlement: Some(town.to_owned()),
            spans: word_like(&case.text, town).into_iter().collect(),
            ..Place::default()
        };
        Case { place: Some(place), ..case }
    };
    let streets = [
        at(100, "Гончарной", "14"),
        of(101, "Грязовец"),
        at(102, "Речной", "3"),
        at(103, "Гончарной", "14"),
        at(104, "Речной", "3"),
        of(105, "Грязовец"),
    ];
    let parting = parted(&streets, PartedOver::PlacesAndMatters).unwrap();
    assert_eq!((parting.by, numbers(&parting.leaves)), (PartedBy::Street, vec![102, 104]));
    let towns = [of(100, "Грязовец"), of(101, "Шексна"), of(102, "Шексна"), of(103, "Грязовец")];
    let parting = parted(&towns, PartedOver::PlacesAndMatters).unwrap();
    assert_eq!((parting.by, numbers(&parting.leaves)), (PartedBy::Settlement, vec![101, 102]));
}

#[test]
fn houses_of_one_street_are_two_and_many_places_are_one_event() {
    let house = |number, house| at(number, "Гончарной", house);
    let two = [house(100, "14"), house(101, "14"), house(102, "90"), house(103, "90")];
    let parting = parted(&two, PartedOver::PlacesAndMatters).unwrap();
    assert_eq!((parting.by, numbers(&parting.leaves)), (PartedBy::House, vec![102, 103]));
    let many: Vec<Case> =
        (0..8).map(|nth| house(100 + nth, ["14", "90", "3", "55"][nth as usize % 4])).collect();
    assert_eq!(parted(&many, PartedOver::PlacesAndMatters), None);
}

#[test]
fn two_matters_at_one_house_are_two() {
    let pit = |number| at(number, "Гончарной", "14");
    let music = |number| {
        post(number, "Гончарная, 14: третью ночь орёт музыка, спать невозможно, полиция молчит")
            .at("Гончарной", "14")
            .about("noise", "safety")
    };
    let parting =
        parted(&[pit(100), music(101), pit(102), music(103)], PartedOver::Matters).unwrap();
    assert_eq!((parting.by, numbers(&parting.leaves)), (PartedBy::Matter, vec![101, 103]));
    assert_eq!(parting.leaves_because, "noise");
    // One matter under two topics is one.
    let other = |number| {
        let case = pit(number);
        Case { topic: Some(("yard-roads", "yards")), ..case }
    };
    assert_eq!(parted(&[pit(100), other(101), pit(102), other(103)], PartedOver::Matters), None);
}
