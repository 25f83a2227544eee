//! Whether an incident's posts fall into two: posts that tell of two places, or
//! of two matters. Looks at a bounded number of posts and at what they say alone;
//! proposes, and splits nothing. Knows no states, no people and no store.

use crate::model::position::Position;
use crate::model::proposal::{PartedBy, Parting};
use crate::rules::clustering::compare::{Beside, Weighed, beside, is_another_matter};
use crate::rules::clustering::features::PostFeatures;
use crate::rules::clustering::marks::MarkKind;
use crate::rules::clustering::members::{Member, Members};
use crate::rules::clustering::rarity::Rarity;

/// A single post elsewhere is a slip of its reading; two agree.
const PART_MIN: usize = 2;
/// What is told by more posts than this is no misunderstanding of a few, and
/// looking at every pair of them would take long.
pub const PARTED_MAX: usize = 64;
/// Posts of a matter that stand for it.
const COMPARED_MAX: usize = 4;

/// What may tell two parts from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartedOver {
    PlacesAndMatters,
    /// An outage is told of from many houses, and is one.
    Matters,
}

pub fn parting(members: &Members, rarity: &Rarity, over: PartedOver) -> Option<Parting> {
    if !(2 * PART_MIN..=PARTED_MAX).contains(&members.count()) {
        return None;
    }
    let by_place = match over {
        PartedOver::PlacesAndMatters => by_place(members),
        PartedOver::Matters => None,
    };
    by_place.or_else(|| by_matter(members, rarity))
}

/// Two groups of posts, each about one place, that contradict each other. A
/// third place makes it an event of a whole district.
fn by_place(members: &Members) -> Option<Parting> {
    let concrete = alike(members.posts().filter(|post| post.has_place()));
    let is_one_place = |a: &PostFeatures, b: &PostFeatures| beside(a, b) == Beside::Together;
    // Who names a town alone says nothing about its streets.
    contradicting(together(concrete, is_one_place)).or_else(|| {
        let in_towns = alike(members.posts().filter(names_town));
        contradicting(together(in_towns, is_one_town))
    })
}

/// Posts by what they say of their place, so that a hundred who name one house
/// are one comparison and not a hundred.
fn alike<'p>(posts: impl Iterator<Item = &'p PostFeatures>) -> Vec<Vec<&'p PostFeatures>> {
    let keys = |post: &'p PostFeatures| post.marks.iter().map(|mark| (mark.kind, mark.key));
    let mut alike: Vec<Vec<&PostFeatures>> = Vec::new();
    for post in posts {
        match alike.iter_mut().find(|known| keys(known[0]).eq(keys(post))) {
            Some(known) => known.push(post),
            None => alike.push(vec![post]),
        }
    }
    alike
}

fn contradicting(groups: Vec<Vec<&PostFeatures>>) -> Option<Parting> {
    let [first, other] = two_of(groups, |post| post.position)?;
    let pairs = || first.iter().flat_map(|a| other.iter().map(move |b| beside(a, b)));
    let apart = pairs().filter(|one| matches!(one, Beside::Apart(_))).count();
    if 2 * apart < first.len() * other.len() {
        return None;
    }
    let by = pairs().find_map(|one| match one {
        Beside::Apart(by) => Some(by),
        Beside::Together | Beside::Unknown => None,
    })?;
    Some(parted(by, &first, &other, |post| place_words(post, by)))
}

/// Posts that tell of one place together, directly or by others between them.
fn together(
    alike: Vec<Vec<&PostFeatures>>,
    are_one: impl Fn(&PostFeatures, &PostFeatures) -> bool,
) -> Vec<Vec<&PostFeatures>> {
    let mut groups: Vec<Vec<Vec<&PostFeatures>>> = Vec::new();
    for posts in alike {
        let is_of = |group: &Vec<Vec<&PostFeatures>>| {
            group.iter().any(|others| are_one(posts[0], others[0]))
        };
        let (of_it, others): (Vec<_>, Vec<_>) = groups.into_iter().partition(is_of);
        let mut joined: Vec<Vec<&PostFeatures>> = of_it.into_iter().flatten().collect();
        joined.push(posts);
        groups = others;
        groups.push(joined);
    }
    groups.into_iter().map(|group| group.into_iter().flatten().collect()).collect()
}

fn towns(post: &PostFeatures) -> impl Iterator<Item = u64> {
    let towns = post.marks.iter().filter(|mark| mark.kind == MarkKind::Settlement);
    towns.map(|mark| mark.key)
}

fn names_town(post: &&PostFeatures) -> bool {
    towns(post).next().is_some()
}

fn is_one_town(a: &PostFeatures, b: &PostFeatures) -> bool {
    towns(a).any(|town| towns(b).any(|other| other == town))
}

/// Two topic groups, each named by its posts, with hardly a word about the
/// matter in common.
fn by_matter(members: &Members, rarity: &Rarity) -> Option<Parting> {
    let mut groups: Vec<Vec<&Member>> = Vec::new();
    for member in members.all().filter(|member| member.post().topic_is_known()) {
        let is_of = |group: &&mut Vec<&Member>| group[0].post().group == member.post().group;
        match groups.iter_mut().find(is_of) {
            Some(group) => group.push(member),
            None => groups.push(vec![member]),
        }
    }
    let [first, other] = two_of(groups, |member| member.post().position)?;
    let are_apart = |a: &&Member| {
        let weighed = Weighed::new(a.post(), rarity, 1.0);
        other.iter().take(COMPARED_MAX).all(|b| is_another_matter(&weighed, b, rarity))
    };
    if !first.iter().take(COMPARED_MAX).all(are_apart) {
        return None;
    }
    let [first, other] =
        [first, other].map(|part| part.into_iter().map(Member::post).collect::<Vec<_>>());
    Some(parted(PartedBy::Matter, &first, &other, |post| post.topic.0.clone()))
}

/// The group of the earliest post and the other one, where there are two and
/// hardly anything beside them.
fn two_of<T, K: Ord>(mut groups: Vec<Vec<T>>, at: impl Fn(&T) -> K) -> Option<[Vec<T>; 2]> {
    let all: usize = groups.iter().map(Vec::len).sum();
    groups.retain(|group| PART_MIN <= group.len());
    let Ok([a, b]) = <[Vec<T>; 2]>::try_from(groups) else { return None };
    let beside_them = all - a.len() - b.len();
    if a.len() + b.len() < 4 * beside_them {
        return None;
    }
    let is_first = a.iter().map(&at).min() < b.iter().map(&at).min();
    Some(if is_first { [a, b] } else { [b, a] })
}

fn parted(
    by: PartedBy,
    first: &[&PostFeatures],
    other: &[&PostFeatures],
    words: impl Fn(&PostFeatures) -> String,
) -> Parting {
    let positions = |posts: &[&PostFeatures]| {
        let mut all: Vec<Position> = posts.iter().map(|post| post.position).collect();
        all.sort_unstable();
        all
    };
    let said = |posts: &[&PostFeatures]| {
        let said = posts.iter().map(|post| words(post));
        said.into_iter().find(|words| !words.is_empty()).unwrap_or_default()
    };
    Parting {
        by,
        stays: positions(first),
        stays_because: said(first),
        leaves: positions(other),
        leaves_because: said(other),
    }
}

/// The words by which a post names its place.
fn place_words(post: &PostFeatures, by: PartedBy) -> String {
    let kind = match by {
        PartedBy::Settlement => MarkKind::Settlement,
        PartedBy::Street => MarkKind::Street,
        PartedBy::House => MarkKind::House,
        PartedBy::Object => MarkKind::Object,
        PartedBy::Matter => return String::new(),
    };
    let mark = post.marks.iter().find(|mark| mark.kind == kind);
    mark.map(|mark| mark.span.of(&post.text).to_owned()).unwrap_or_default()
}
