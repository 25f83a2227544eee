//! How well a grouping agrees with people's: pairs, links, B³, and whether the
//! right incident was among the five suggested. Knows ids and numbers only.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// A message in order of arrival, as people and as the machine grouped it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// `None` where people have not judged it: present, never counted.
    pub gold: Option<String>,
    pub is_unsure: bool,
    pub incident: u64,
    /// Best first; the joined incident is one of them.
    pub candidates: Vec<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rates {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    pub posts: usize,
    pub judged: usize,
    pub incidents: usize,
    /// Messages that joined something, the unsure ones left out.
    pub joined: usize,
    /// Messages with an earlier true partner, the unsure ones left out.
    pub with_partner: usize,
    pub pair: Rates,
    pub link: Rates,
    pub b3: Rates,
    /// Of the messages with an earlier true partner, the share for which one of
    /// the five best candidates held one.
    pub recall_at_5: f64,
}

pub fn figures(judged: &[Judged]) -> Figures {
    let links = count_links(judged);
    let counted: Vec<(&str, u64)> = judged
        .iter()
        .filter_map(|one| one.gold.as_deref().map(|gold| (gold, one.incident)))
        .collect();
    let incidents: BTreeSet<u64> = judged.iter().map(|one| one.incident).collect();
    Figures {
        posts: judged.len(),
        judged: counted.len(),
        incidents: incidents.len(),
        joined: links.joined,
        with_partner: links.with_partner,
        pair: pair_rates(&counted),
        link: rates(
            share(links.joined_right, links.joined),
            share(links.found, links.with_partner),
        ),
        b3: b3_rates(&counted),
        recall_at_5: share(links.suggested, links.with_partner),
    }
}

#[derive(Debug, Default)]
struct Links {
    joined: usize,
    joined_right: usize,
    with_partner: usize,
    found: usize,
    suggested: usize,
}

/// Each message against what came before it. Unsure messages are partners for
/// others but are not asked about themselves.
fn count_links(judged: &[Judged]) -> Links {
    let mut links = Links::default();
    let mut held: BTreeMap<u64, BTreeSet<&str>> = BTreeMap::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for one in judged {
        let gold = one.gold.as_deref();
        if let (Some(gold), false) = (gold, one.is_unsure) {
            let holds = |incident| held.get(incident).is_some_and(|golds| golds.contains(gold));
            let is_right = holds(&one.incident);
            links.joined += usize::from(held.contains_key(&one.incident));
            links.joined_right += usize::from(is_right);
            if seen.contains(gold) {
                links.with_partner += 1;
                links.found += usize::from(is_right);
                links.suggested += usize::from(one.candidates.iter().take(5).any(holds));
            }
        }
        held.entry(one.incident).or_default().extend(gold);
        seen.extend(gold);
    }
    links
}

fn pair_rates(counted: &[(&str, u64)]) -> Rates {
    let mut gold: BTreeMap<&str, usize> = BTreeMap::new();
    let mut told: BTreeMap<u64, usize> = BTreeMap::new();
    let mut both: BTreeMap<(&str, u64), usize> = BTreeMap::new();
    for (gold_id, incident) in counted {
        *gold.entry(gold_id).or_default() += 1;
        *told.entry(*incident).or_default() += 1;
        *both.entry((gold_id, *incident)).or_default() += 1;
    }
    let common = pairs(both.values());
    rates(share(common, pairs(told.values())), share(common, pairs(gold.values())))
}

fn pairs<'n>(sizes: impl Iterator<Item = &'n usize>) -> usize {
    sizes.map(|size| size * (size - 1) / 2).sum()
}

fn b3_rates(counted: &[(&str, u64)]) -> Rates {
    let mut gold: BTreeMap<&str, f64> = BTreeMap::new();
    let mut told: BTreeMap<u64, f64> = BTreeMap::new();
    let mut both: BTreeMap<(&str, u64), f64> = BTreeMap::new();
    for (gold_id, incident) in counted {
        *gold.entry(gold_id).or_default() += 1.0;
        *told.entry(*incident).or_default() += 1.0;
        *both.entry((gold_id, *incident)).or_default() += 1.0;
    }
    let (mut precision, mut recall) = (0.0, 0.0);
    for ((gold_id, incident), common) in &both {
        precision += common * common / told[incident];
        recall += common * common / gold[gold_id];
    }
    let posts = (counted.len() as f64).max(1.0);
    rates(precision / posts, recall / posts)
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Of so many found and so many expected values, `right` are the same.
pub fn rates_of_counts(right: usize, found: usize, expected: usize) -> Rates {
    rates(share(right, found), share(right, expected))
}

fn rates(precision: f64, recall: f64) -> Rates {
    let sum = precision + recall;
    let f1 = if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 };
    Rates { precision, recall, f1 }
}

/// How well what was found agrees with what people say, of `(said, found)`.
pub fn counted_rates(pairs: impl Iterator<Item = (bool, bool)>) -> Rates {
    let (mut said, mut found, mut both) = (0, 0, 0);
    for (is_said, is_found) in pairs {
        said += usize::from(is_said);
        found += usize::from(is_found);
        both += usize::from(is_said && is_found);
    }
    rates(share(both, found), share(both, said))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages as `gold incident`, `?` for an unsure one, `-` for one not judged.
    fn judged(lines: &[&str]) -> Vec<Judged> {
        lines
            .iter()
            .map(|line| {
                let words: Vec<&str> = line.split(' ').collect();
                Judged {
                    gold: (words[0] != "-").then(|| words[0].trim_end_matches('?').to_owned()),
                    is_unsure: words[0].ends_with('?'),
                    incident: words[1].parse().unwrap(),
                    candidates: words[2..].iter().map(|word| word.parse().unwrap()).collect(),
                }
            })
            .collect()
    }

    fn close(found: Rates, precision: f64, recall: f64) {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(near(found.precision, precision) && near(found.recall, recall), "{found:?}");
    }

    #[test]
    fn a_perfect_grouping_is_perfect() {
        let found = figures(&judged(&["a 1", "b 2", "a 1 1", "c 3", "b 2 2"]));
        close(found.pair, 1.0, 1.0);
        close(found.link, 1.0, 1.0);
        close(found.b3, 1.0, 1.0);
        assert_eq!(found.recall_at_5, 1.0);
        assert_eq!((found.joined, found.with_partner, found.incidents), (2, 2, 3));
    }

    #[test]
    fn alone_everything_is_missed() {
        let found = figures(&judged(&["a 1", "a 2", "b 3"]));
        close(found.pair, 0.0, 0.0);
        close(found.link, 0.0, 0.0);
        close(found.b3, 1.0, 2.0 / 3.0);
    }

    #[test]
    fn a_wrong_join_costs_precision() {
        // c joins the incident of a; a joins its own.
        let found = figures(&judged(&["a 1", "c 1", "a 1"]));
        close(found.link, 0.5, 1.0);
        close(found.pair, 1.0 / 3.0, 1.0);
        // 1: a a c → a: 2/3 twice, c: 1/3.
        close(found.b3, (2.0 / 3.0 + 2.0 / 3.0 + 1.0 / 3.0) / 3.0, 1.0);
    }

    #[test]
    fn unsure_messages_are_partners_but_are_not_asked() {
        let found = figures(&judged(&["a? 1", "a 1", "b 2", "b? 3"]));
        close(found.link, 1.0, 1.0);
        assert_eq!((found.joined, found.with_partner), (1, 1));
    }

    #[test]
    fn messages_not_judged_take_part_without_counting() {
        let found = figures(&judged(&["- 1", "a 1", "a 1"]));
        close(found.link, 0.5, 1.0);
        close(found.pair, 1.0, 1.0);
        assert_eq!(found.judged, 2);
    }

    #[test]
    fn a_suggestion_counts_when_its_incident_holds_a_partner() {
        let found = figures(&judged(&["a 1", "b 2", "a 3 2 1", "b 4 1 3"]));
        assert_eq!(found.recall_at_5, 0.5);
        let far = figures(&judged(&["a 1", "a 9 2 3 4 5 6 1"]));
        assert_eq!(far.recall_at_5, 0.0);
    }
}
