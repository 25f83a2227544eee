//! Pairs of messages with what grouping makes of them, mistakes among them:
//! `fixtures/grouping/examples.csv`, shown with their reasons in decision 16. Who
//! mends a mistake changes its line.

use jiff::SignedDuration;
use otklik::model::incident::Apart;
use otklik::model::post::Post;
use otklik::model::time::Timestamp;
use serde::Deserialize;

use crate::world::generate::Generator;
use crate::world::pipeline::Pipeline;
use crate::world::posts::{at, post};

/// What else people of the region write, so that words are as rare as they are.
const BACKGROUND: usize = 4_000;
const BEGIN: &str = "2026-11-01T05:00:00Z";

#[derive(Debug, Deserialize)]
struct Example {
    pair: String,
    network: String,
    author: String,
    hours: i64,
    text: String,
    later_network: String,
    later_author: String,
    later_hours: i64,
    later_text: String,
    is_reply: u8,
    outcome: String,
    /// Empty where the two are not alike enough.
    kept_apart_by: String,
    judgement: String,
}

impl Example {
    fn posts(&self) -> [Post; 2] {
        let written = |hours: i64| -> Timestamp { at(BEGIN) + SignedDuration::from_hours(hours) };
        let one = |network: &str, number: u8, text: &str, hours: i64, author: &str| Post {
            author_id: Some(author.to_owned()),
            ..post(network, &format!("{}{number}", self.pair), text, &written(hours).to_string())
        };
        let first = one(&self.network, 1, &self.text, self.hours, &self.author);
        let later =
            one(&self.later_network, 2, &self.later_text, self.later_hours, &self.later_author);
        let parent_id = (self.is_reply == 1).then(|| first.key.native_id.clone());
        [first, Post { parent_id, ..later }]
    }
}

fn examples() -> Vec<Example> {
    let text = include_str!("../../fixtures/grouping/examples.csv");
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

/// Goal: the examples of the documentation, three of them mistakes, are what the
/// program does.
#[test]
fn the_documented_examples_are_what_happens() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = Pipeline::open(dir.path(), BEGIN);
    world.ingest(Generator::new(1).take(BACKGROUND).map(|one| one.post).collect());
    world.settle();
    let examples = examples();
    for example in &examples {
        world.ingest(example.posts().to_vec());
        world.settle();
    }
    let incident = |network: &str, pair: &str, number: u8| {
        let position = world.position(network, &format!("{pair}{number}"));
        world.incident_of(position).unwrap_or_else(|| panic!("{pair}{number} is not matched"))
    };
    for Example { pair, network, later_network, outcome, kept_apart_by, .. } in &examples {
        let is_one = incident(network, pair, 1) == incident(later_network, pair, 2);
        let found = if is_one { "joined" } else { "apart" };
        assert_eq!(found, outcome, "pair {pair}");
        let position = world.position(later_network, &format!("{pair}2"));
        let memberships = world.store.read(|reader| reader.memberships(position)).unwrap();
        let apart = memberships[0].1.apart.map_or("", Apart::as_str);
        assert_eq!(apart, kept_apart_by, "pair {pair}");
    }
    let mistakes = examples.iter().filter(|one| one.judgement == "mistake").count();
    assert!(examples.len() >= 10 && mistakes >= 3);
}
