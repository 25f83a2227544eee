//! The commands that ask: search, explain, export. Goal: an analyst without
//! the web pages gets the same answers. Method: posts through the whole
//! pipeline, then each command as `otklik` runs it, read-only beside the store.

use std::path::Path;
use std::sync::Arc;

use otklik::adapters::search::{INDEX_FOLDER, Index};
use otklik::adapters::store::open_read_only;
use otklik::cli::explain::{self, ExplainArgs};
use otklik::cli::export::{self, ExportArgs, Exported};
use otklik::cli::output::{Output, exit};
use otklik::cli::search::{self, SearchArgs};
use otklik::cli::words::Words;
use otklik::model::action::{Changes, Decision};
use otklik::pipeline::indexer::IndexerStage;
use otklik::rules::wording::Lang;
use serde_json::Value;
use tempfile::TempDir;

use crate::world::pipeline::{Pipeline, shipped_ruleset};
use crate::world::posts::{at, post};

const NOW: &str = "2026-11-20T10:00:00Z";

fn words() -> Words {
    Words::new(Lang::Ru)
}

/// Two people about one trouble, one talking of the weather; all indexed.
fn told() -> (TempDir, Pipeline) {
    let dir = tempfile::tempdir().unwrap();
    let mut pipeline = Pipeline::open(dir.path(), NOW);
    let first = "Вологда, улица Ленина, дом 5: не горят фонари третий день, темно!";
    let second = "На Ленина 5 в Вологде опять не работают фонари, дети идут в темноте";
    pipeline.ingest(vec![
        post("vk", "-1_1", first, "2026-11-20T09:00:00Z"),
        post("telegram", "7", second, "2026-11-20T09:30:00Z"),
        post("vk", "-1_2", "С праздником, дорогие земляки! Всем добра и улыбок", NOW),
    ]);
    pipeline.settle();
    let index = Arc::new(Index::open(&dir.path().join(INDEX_FOLDER)).unwrap());
    IndexerStage::new(pipeline.store.clone(), index).unwrap().finish(at(NOW)).unwrap();
    (dir, pipeline)
}

struct Answer {
    code: u8,
    out: String,
    errors: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

fn asked(run: impl FnOnce(&mut Vec<u8>, &mut Vec<u8>) -> anyhow::Result<u8>) -> Answer {
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let code = run(&mut out, &mut errors).unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Answer { code, out: text(out), errors: text(errors) }
}

fn searched(dir: &Path, query: &str, output: Output) -> Answer {
    let args = SearchArgs { query: query.to_owned(), limit: 10, newest: false };
    asked(|out, errors| search::run(&args, dir, &shipped_ruleset(), output, &words(), out, errors))
}

fn explained(dir: &Path, key: &str, output: Output) -> Answer {
    let reader = open_read_only(dir).unwrap();
    let args = ExplainArgs { post: key.to_owned() };
    asked(|out, errors| {
        explain::run(&args, &reader, &shipped_ruleset(), output, &words(), out, errors)
    })
}

fn exported(dir: &Path, what: Exported, since: Option<&str>) -> Vec<Value> {
    let reader = open_read_only(dir).unwrap();
    let args = ExportArgs { what, since: since.map(str::to_owned) };
    let answer = asked(|out, _| export::run(&args, &reader, at(NOW), out));
    assert_eq!(answer.code, exit::OK);
    answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn search_finds_by_word_and_by_topic_and_says_the_incident() {
    let (dir, pipeline) = told();
    let answer = searched(dir.path(), "фонарь тема:освещение", Output::Json).json();
    assert_eq!(answer["total"], 2);
    let first = &answer["posts"][0];
    let incident = pipeline.incident_of(pipeline.position("vk", "-1_1")).unwrap();
    assert_eq!(first["incident"], incident.0);
    let simple = searched(dir.path(), "земляк", Output::Simple);
    assert!(simple.out.starts_with("Найдено: 1"), "{}", simple.out);
    assert!(simple.out.contains("vk:-1_2") && simple.out.contains("[земляки]"), "{}", simple.out);
    assert_eq!(searched(dir.path(), "верблюд", Output::Json).json()["total"], 0);
}

#[test]
fn a_wrong_question_and_a_missing_index_have_their_exit_codes() {
    let (dir, _pipeline) = told();
    let wrong = searched(dir.path(), "погода:снег", Output::Json);
    assert_eq!((wrong.code, wrong.out.as_str()), (exit::USAGE, ""));
    assert!(wrong.errors.contains("^^^"), "{}", wrong.errors);
    std::fs::remove_dir_all(dir.path().join(INDEX_FOLDER)).unwrap();
    let missing = searched(dir.path(), "фонарь", Output::Json);
    assert_eq!((missing.code, missing.out.as_str()), (exit::TEMPORARY, ""));
}

#[test]
fn explain_tells_the_way_of_a_complaint_into_its_incident() {
    let (dir, _pipeline) = told();
    let answer = explained(dir.path(), "telegram:7", Output::Json).json();
    assert_eq!(answer["verdict"], "matched");
    assert_eq!(answer["read_again"], false);
    assert_eq!(answer["topics"][0]["group"], "lighting");
    let words = &answer["topics"][0]["evidence"][0]["words"];
    assert!(words.as_array().is_some_and(|words| !words.is_empty()), "{answer}");
    assert_eq!(answer["places"][0]["street"], "Ленина");
    let membership = &answer["memberships"][0];
    assert!(!membership["parts"].as_array().unwrap().is_empty(), "{membership}");
    let simple = explained(dir.path(), "telegram:7", Output::Simple).out;
    for said in ["Взято как жалоба", "Тема:", "фонари", "Ленина", "Инцидент №"]
    {
        assert!(simple.contains(said), "{said} is missing:\n{simple}");
    }
}

#[test]
fn explain_says_why_a_post_was_not_taken() {
    let (dir, _pipeline) = told();
    let answer = explained(dir.path(), "vk:-1_2", Output::Json).json();
    assert_eq!((&answer["read_again"], &answer["verdict"]), (&true.into(), &"no_topic".into()));
    let simple = explained(dir.path(), "vk:-1_2", Output::Simple).out;
    assert!(simple.contains("Не взято"), "{simple}");
    assert_eq!(explained(dir.path(), "vk:nobody", Output::Json).code, exit::FAILED);
    assert_eq!(explained(dir.path(), "nokey", Output::Json).code, exit::USAGE);
}

const TWO_MATTERS: &str =
    "Вологда, Гоголя 7: второй день нет воды. И фонари во дворе не горят, темно";

/// Goal: a post about two matters says where it tells of which, and a post in
/// another language goes the same way with its place.
/// Method: explain both by the stored finding; find the second by its words.
#[test]
fn matters_and_languages_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut pipeline = Pipeline::open(dir.path(), NOW);
    let kazakh = "Вологда, Гоголя 9: көшеде жарық жоқ, екі күн болды";
    pipeline.ingest(vec![
        post("vk", "-1_1", TWO_MATTERS, "2026-11-20T09:00:00Z"),
        post("vk", "-1_2", kazakh, "2026-11-20T09:00:00Z"),
        post("vk", "-1_3", "Бүген көн матур", "2026-11-20T09:00:00Z"),
    ]);
    pipeline.settle();
    let index = Arc::new(Index::open(&dir.path().join(INDEX_FOLDER)).unwrap());
    IndexerStage::new(pipeline.store.clone(), index).unwrap().finish(at(NOW)).unwrap();
    let answer = explained(dir.path(), "vk:-1_1", Output::Json).json();
    assert_eq!((&answer["lang"], &answer["read_again"]), (&"ru".into(), &false.into()));
    let mut told: Vec<&str> = answer["matters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|matter| matter["words"][0].as_str().unwrap())
        .collect();
    told.sort_unstable();
    assert_eq!(told.len(), 2, "{answer}");
    assert!(told[0].ends_with("второй день нет воды"), "{told:?}");
    assert_eq!(told[1], "И фонари во дворе не горят, темно");
    let simple = explained(dir.path(), "vk:-1_1", Output::Simple).out;
    assert!(simple.contains("Дело: ") && simple.contains("Язык: русский"), "{simple}");
    let answer = explained(dir.path(), "vk:-1_2", Output::Json).json();
    assert_eq!((&answer["lang"], &answer["verdict"]), (&"kk".into(), &"matched".into()));
    assert_eq!(answer["places"][0]["house"], "9");
    let simple = explained(dir.path(), "vk:-1_2", Output::Simple).out;
    assert!(simple.contains("Язык: казахский"), "{simple}");
    let tatar = explained(dir.path(), "vk:-1_3", Output::Json).json();
    assert_eq!(tatar["lang"], "tt");
    assert_eq!(searched(dir.path(), "матур", Output::Json).json()["total"], 1);
    assert_eq!(searched(dir.path(), "көшеде", Output::Json).json()["total"], 1);
}

#[test]
fn export_prints_every_row_once() {
    let (dir, mut pipeline) = told();
    let posts = exported(dir.path(), Exported::Posts, None);
    let ids: Vec<&str> = posts.iter().map(|post| post["native_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["-1_1", "7", "-1_2"]);
    assert!(exported(dir.path(), Exported::Posts, Some("2026-11-21")).is_empty());
    assert_eq!(exported(dir.path(), Exported::Posts, Some("2026-11-20")).len(), 3);
    let incidents = exported(dir.path(), Exported::Incidents, None);
    assert_eq!(incidents.len(), pipeline.incidents().len());
    assert_eq!(incidents[0]["topic_group"], "lighting");
    let post = pipeline.position("vk", "-1_1");
    pipeline.act("ivanova", Decision::Accept { post, changes: Changes::default() });
    let journal = exported(dir.path(), Exported::Journal, None);
    assert_eq!(journal.last().unwrap()["actor"], "ivanova");
    assert_eq!(journal.last().unwrap()["hash"].as_str().unwrap().len(), 64);
}

#[test]
fn an_unreadable_since_is_refused() {
    let (dir, _pipeline) = told();
    let reader = open_read_only(dir.path()).unwrap();
    let args = ExportArgs { what: Exported::Posts, since: Some("вчера".to_owned()) };
    assert!(export::run(&args, &reader, at(NOW), &mut Vec::new()).is_err());
}
