//! Whether many people sent one text in a short time. A campaign is marked with
//! its numbers and changes nothing else: a problem told in one formula by forty
//! people may be a real one.

use std::collections::HashMap;

use crate::model::incident::Campaign;
use crate::model::position::Position;
use crate::model::time::Timestamp;
use crate::rules::ruleset::CampaignWeights;

/// A post with a text that others have too, as far as that goes.
#[derive(Debug, Clone, Copy)]
pub struct Told<'p> {
    pub post: Position,
    /// The network itself says that it repeats another.
    pub is_repost: bool,
    /// Network and author; nobody knows how many people do not sign.
    pub author: Option<(&'p str, &'p str)>,
    pub written_at: Timestamp,
}

/// The people who sent a text within the hours, where they are enough. `origin`:
/// the first post that has it. Reposts are no campaign: the network tells
/// everybody whose words they are.
pub fn campaign<'p>(
    origin: Position,
    posts: impl Iterator<Item = Told<'p>>,
    weights: &CampaignWeights,
) -> Option<Campaign> {
    let signed: Vec<Told<'p>> =
        posts.filter(|post| !post.is_repost && post.author.is_some()).collect();
    if signed.len() < weights.authors {
        return None;
    }
    most_people(origin, signed, weights).filter(|best| weights.authors <= best.authors as usize)
}

/// The stretch of so many hours in which most people sent a text; the earliest
/// of several.
fn most_people(
    origin: Position,
    mut posts: Vec<Told<'_>>,
    weights: &CampaignWeights,
) -> Option<Campaign> {
    posts.sort_by_key(|post| (post.written_at, post.post));
    let hours = jiff::SignedDuration::from_hours(weights.hours);
    let mut best: Option<Campaign> = None;
    let mut inside: HashMap<Option<(&str, &str)>, u32> = HashMap::new();
    let mut first = 0;
    for (last, post) in posts.iter().enumerate() {
        *inside.entry(post.author).or_default() += 1;
        while post.written_at.duration_since(posts[first].written_at) > hours {
            let left = inside.entry(posts[first].author).or_default();
            *left -= 1;
            if *left == 0 {
                inside.remove(&posts[first].author);
            }
            first += 1;
        }
        if best.as_ref().is_none_or(|best| (best.authors as usize) < inside.len()) {
            best = Some(Campaign {
                origin,
                authors: u32::try_from(inside.len()).unwrap_or(u32::MAX),
                posts: u32::try_from(last + 1 - first).unwrap_or(u32::MAX),
                from: posts[first].written_at,
                until: post.written_at,
            });
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::from_ms;

    const FIVE: CampaignWeights = CampaignWeights { authors: 5, hours: 24 };
    const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

    /// The same text by so many people, so many hours apart.
    fn sent(people: usize, hours_apart: i64) -> Vec<Told<'static>> {
        let told = |nth: usize| Told {
            post: Position(10 + nth as u64),
            is_repost: false,
            author: Some(("vk", NAMES[nth])),
            written_at: from_ms(nth as i64 * hours_apart * 3_600_000),
        };
        (0..people).map(told).collect()
    }

    fn found(posts: &[Told<'static>]) -> Option<Campaign> {
        campaign(Position(10), posts.iter().copied(), &FIVE)
    }

    fn authors(posts: &[Told<'static>]) -> Option<u32> {
        found(posts).map(|found| found.authors)
    }

    #[test]
    fn many_people_with_one_text_in_a_short_time_are_a_campaign() {
        let found = found(&sent(6, 2)).unwrap();
        assert_eq!((found.origin, found.authors, found.posts), (Position(10), 6, 6));
        assert_eq!((found.from, found.until), (from_ms(0), from_ms(36_000_000)));
        assert_eq!(authors(&sent(4, 2)), None, "too few");
        assert_eq!(authors(&sent(8, 6)), Some(5), "as many as fit into a day");
        assert_eq!(authors(&sent(8, 7)), None, "too slow");
    }

    #[test]
    fn one_person_a_repost_and_the_unsigned_are_no_people() {
        let mut one = sent(8, 1);
        one.iter_mut().for_each(|post| post.author = Some(("vk", "a")));
        assert_eq!(authors(&one), None);
        let mut reposts = sent(8, 1);
        reposts.iter_mut().skip(2).for_each(|post| post.is_repost = true);
        assert_eq!(authors(&reposts), None);
        let mut unsigned = sent(8, 1);
        unsigned.iter_mut().skip(3).for_each(|post| post.author = None);
        assert_eq!(authors(&unsigned), None);
    }

    #[test]
    fn the_order_of_what_is_given_changes_nothing() {
        let mut posts = sent(8, 3);
        let before = found(&posts);
        posts.reverse();
        assert_eq!(found(&posts), before);
    }
}
