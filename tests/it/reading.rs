//! The demo's script read by the shipped rules, before any grouping: what
//! people labelled as a complaint is found, under the right group of topics,
//! and jokes, adverts and news are left alone.

use otklik::adapters::ruleset_files::hash;
use otklik::adapters::ruleset_files::shipped;
use otklik::model::body::BodyId;
use otklik::model::finding::Finding;
use otklik::model::finding::Verdict;
use otklik::model::region::TerritoryId;
use otklik::model::source::Source;
use otklik::model::source::SourceId;
use otklik::pipeline::matcher::PostReader;
use otklik::rules::matching::{Matcher, WordMemo};
use otklik::rules::ruleset::parse;

use crate::world::posts::post;

/// Posts that belong to no incident and are taken for one all the same.
const NOISE_MAX: usize = 4;
/// Of a hundred posts of an incident, so many are found.
const FOUND_PERCENT_MIN: usize = 85;
/// Of a hundred found, so many have the right group first.
const RIGHT_PERCENT_MIN: usize = 92;

/// Beginnings of the incidents' labels, and the groups that answer for them.
const GROUPS: [(&str, &[&str]); 27] = [
    ("bus-", &["transport"]),
    ("clinic-", &["health"]),
    ("cold-kindergarten-", &["education", "heating"]),
    ("crossing-", &["roads"]),
    ("dogs-", &["animals"]),
    ("entrance-", &["housing"]),
    ("heat-", &["heating"]),
    ("hot-water-", &["heating", "water"]),
    ("icicles-", &["snow"]),
    ("lamp-", &["lighting"]),
    ("leak-", &["water"]),
    ("lift-", &["housing"]),
    ("pediatrician-", &["health"]),
    ("pit-", &["roads"]),
    ("playground-", &["yards"]),
    ("power-", &["power"]),
    ("roof-", &["housing"]),
    ("school-", &["education"]),
    ("sewage-", &["water"]),
    ("sidewalk-ice-", &["snow"]),
    ("sidewalk-", &["roads"]),
    ("snow-", &["snow"]),
    ("stop-", &["transport"]),
    ("traffic-light-", &["roads"]),
    ("trash-", &["waste"]),
    ("tree-", &["trees"]),
    ("water-", &["water"]),
];

struct Scripted {
    text: String,
    incident: String,
    source: Source,
}

fn script() -> Vec<Scripted> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/demo/posts.toml");
    let script: toml::Value = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let text = |value: &toml::Value, key: &str| value[key].as_str().unwrap().to_owned();
    let source = |id: &str| {
        let sources = script["source"].as_array().unwrap();
        let source = sources.iter().find(|source| text(source, "id") == id).unwrap();
        let (territory, own) = (text(source, "territory"), text(source, "own"));
        Source {
            id: SourceId(id.to_owned()),
            name: text(source, "name"),
            territory: Some(TerritoryId(territory)).filter(|id| !id.0.is_empty()),
            own: Some(BodyId(own)).filter(|id| !id.0.is_empty()),
            ..Source::of(&text(source, "network"), "wall", "")
        }
    };
    let posts = script["post"].as_array().unwrap().iter();
    let scripted = |post: &toml::Value| Scripted {
        text: text(post, "text"),
        incident: text(post, "incident"),
        source: source(&text(post, "source")),
    };
    posts.map(scripted).collect()
}

fn is_right(incident: &str, finding: &Finding) -> bool {
    let (_, groups) = GROUPS.iter().find(|(start, _)| incident.starts_with(start)).unwrap();
    groups.contains(&finding.topics[0].group.as_str())
}

#[test]
fn complaints_of_the_script_are_told_from_the_rest() {
    let files = shipped("vologda").unwrap();
    let matcher = Matcher::new(&parse(&files, hash(&files)).unwrap());
    let mut memo = WordMemo::default();
    let (mut noise, mut missed, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    let mut labelled = 0;
    for scripted in script() {
        let post = post("vk", "1", &scripted.text, "2026-11-20T12:00:00Z");
        let finding = matcher.read_matched(&mut memo, &post, Some(&scripted.source));
        labelled += usize::from(!scripted.incident.is_empty());
        match (scripted.incident.is_empty(), finding) {
            (true, Some(_)) => noise.push(scripted.text),
            (false, None) => missed.push(scripted.text),
            (false, Some(finding)) if !is_right(&scripted.incident, &finding) => {
                wrong.push(format!("{}: {}", finding.topics[0].topic, scripted.text));
            }
            (true, None) | (false, Some(_)) => {}
        }
    }
    let found = labelled - missed.len();
    assert!(noise.len() <= NOISE_MAX, "{} taken for complaints: {noise:#?}", noise.len());
    let is_enough = found * 100 >= labelled * FOUND_PERCENT_MIN;
    assert!(is_enough, "{found} of {labelled} found, not: {missed:#?}");
    let right = found - wrong.len();
    assert!(right * 100 >= found * RIGHT_PERCENT_MIN, "{right} of {found} right, not: {wrong:#?}");
}

/// Of the comments of the fixture: those told rightly whether they are taken,
/// and those whose kind is told rightly.
const COMMENTS_TAKEN_PERCENT_MIN: usize = 90;
const COMMENTS_KIND_PERCENT_MIN: usize = 78;

#[test]
fn short_comments_are_told_from_talk() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/kinds/comments.csv");
    let files = shipped("vologda").unwrap();
    let mut reader = PostReader::new(&parse(&files, hash(&files)).unwrap());
    let (mut total, mut wrong_taken, mut wrong_kind) = (0, Vec::new(), Vec::new());
    for row in csv::Reader::from_path(path).unwrap().records() {
        let row = row.unwrap();
        let mut comment = post("vk", &row[0], &row[2], "2026-11-20T12:00:00Z");
        comment.parent_id = Some(row[1].to_owned()).filter(|parent| !parent.is_empty());
        let finding = reader.read(&comment);
        total += 1;
        if (finding.verdict == Verdict::Matched) != (&row[4] == "1") {
            wrong_taken.push(row[2].to_owned());
        }
        if finding.kind.unwrap().as_str() != &row[3] {
            wrong_kind.push(format!("{:?}, not {}: {}", finding.kind, &row[3], &row[2]));
        }
    }
    let enough = |wrong: usize, percent: usize| (total - wrong) * 100 >= total * percent;
    assert!(total >= 150);
    assert!(enough(wrong_taken.len(), COMMENTS_TAKEN_PERCENT_MIN), "{wrong_taken:#?}");
    assert!(enough(wrong_kind.len(), COMMENTS_KIND_PERCENT_MIN), "{wrong_kind:#?}");
}
