//! How the places of two posts stand to each other: the parts of a comparison
//! that come from streets, houses, objects and towns. Knows marks and no words.

use super::{Relation, Shown};
use crate::model::proposal::PartedBy;
use crate::rules::clustering::features::PostFeatures;
use crate::rules::clustering::marks::{Mark, MarkKind};
use crate::rules::ruleset::Part;
use crate::rules::similarity::each_shared_by;

/// Numbers of neighbours on one side of a street differ by two.
const NEAR_NUMBERS: u16 = 4;

/// The same house or object is the same place whatever else is named.
pub(super) fn is_elsewhere(relation: &Relation) -> bool {
    let has = |part| relation.value(part) > 0.0;
    let other = [
        Part::OtherHouse,
        Part::NearHouse,
        Part::OtherStreet,
        Part::OtherObject,
        Part::OtherSettlement,
    ];
    other.into_iter().any(has) && !has(Part::SameHouse) && !has(Part::SameObject)
}

/// What two posts say of their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// One house, object or street.
    Together,
    Apart(PartedBy),
    /// Nothing, or nothing that contradicts.
    Unknown,
}

pub fn beside(a: &PostFeatures, b: &PostFeatures) -> Beside {
    let mut relation = Relation::default();
    places(a, b, &mut relation);
    let has = |part| relation.value(part) > 0.0;
    if relation.in_two_towns {
        return Beside::Apart(PartedBy::Settlement);
    }
    if !is_elsewhere(&relation) {
        let is_one = [Part::SameHouse, Part::SameObject, Part::SameStreet].into_iter().any(has);
        return if is_one { Beside::Together } else { Beside::Unknown };
    }
    let differences = [
        (Part::OtherSettlement, PartedBy::Settlement),
        (Part::OtherStreet, PartedBy::Street),
        (Part::OtherHouse, PartedBy::House),
        (Part::NearHouse, PartedBy::House),
        (Part::OtherObject, PartedBy::Object),
    ];
    let found = differences.into_iter().find(|(part, _)| has(*part));
    found.map_or(Beside::Unknown, |(_, by)| Beside::Apart(by))
}

/// Adds the relation of places; the result is how surely they are one, 0..=1.
pub(super) fn places(a: &PostFeatures, b: &PostFeatures, relation: &mut Relation) -> f64 {
    let mut common: [Option<&Mark>; 4] = [None; 4];
    let mut namesake: Option<&Mark> = None;
    each_shared_by(
        &a.marks,
        &b.marks,
        |mark| mark.key,
        |at, other| {
            let mark = &a.marks[at];
            if mark.is_namesake_of(&b.marks[other]) {
                namesake = Some(mark);
            } else {
                common[mark.kind as usize].get_or_insert(mark);
            }
        },
    );
    relation.in_two_towns = namesake.is_some();
    let text = |mark: &Mark| Shown::Span(mark.span);
    let of = |kind: MarkKind| common[kind as usize];
    let contradict = |kind| contradicts(&a.marks, &b.marks, kind);
    let (house, street, object) = (of(MarkKind::House), of(MarkKind::Street), of(MarkKind::Object));
    if let Some(mark) = house {
        relation.add(Part::SameHouse, 1.0, text(mark));
    } else {
        if let Some(mark) = street {
            relation.add(Part::SameStreet, 1.0, text(mark));
        } else if let Some(mark) = contradict(MarkKind::Street) {
            relation.add(Part::OtherStreet, 1.0, text(mark));
        }
        if let Some(mark) = contradict(MarkKind::House) {
            let is_near = are_near(&a.marks, &b.marks);
            let part = if is_near { Part::NearHouse } else { Part::OtherHouse };
            relation.add(part, 1.0, text(mark));
        }
    }
    if let Some(mark) = object {
        relation.add(Part::SameObject, 1.0, text(mark));
    } else if let Some(mark) = contradict(MarkKind::Object) {
        relation.add(Part::OtherObject, 1.0, text(mark));
    }
    if let Some(mark) = of(MarkKind::Settlement) {
        relation.add(Part::SameSettlement, 1.0, text(mark));
    } else if let Some(mark) = namesake.or_else(|| contradict(MarkKind::Settlement)) {
        relation.add(Part::OtherSettlement, 1.0, text(mark));
    }
    if house.is_some() || object.is_some() {
        1.0
    } else if street.is_some() {
        0.6
    } else {
        0.0
    }
}

/// Whether both name houses of one street that are neighbours or next to them.
fn are_near(a: &[Mark], b: &[Mark]) -> bool {
    let is_near = |one: &Mark, other: &Mark| {
        one.base == other.base
            && 0 < one.number.min(other.number)
            && one.number.abs_diff(other.number) <= NEAR_NUMBERS
    };
    a.iter().any(|one| b.iter().any(|other| is_near(one, other)))
}

/// A mark of this kind in `a` where `b` has only others of the same base.
fn contradicts<'m>(a: &'m [Mark], b: &[Mark], kind: MarkKind) -> Option<&'m Mark> {
    a.iter().filter(|mark| mark.kind == kind).find(|mark| {
        b.iter().any(|other| other.kind == kind && other.base == mark.base && other.key != mark.key)
    })
}
