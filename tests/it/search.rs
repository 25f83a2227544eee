//! Search as a whole: what is stored can be found, in the forms people write,
//! and the index may be lost at any moment.

use std::path::Path;
use std::sync::Arc;

use otklik::adapters::search::query::{Names, Query};
use otklik::adapters::search::{Index, IndexedPost, Mark, Narrow, Order, SearchError};
use otklik::adapters::store::Store;
use otklik::adapters::store::commands::{
    ActivateRuleset, Advance, Command, Findings, Ingest, Made,
};
use otklik::model::finding::{Finding, TopicMatch, Verdict};
use otklik::model::place::Place;
use otklik::model::position::Position;
use otklik::model::post::{Post, StoredPost};
use otklik::model::region::TerritoryId;
use otklik::model::ruleset::{RulesetFiles, RulesetHash};
use otklik::model::source::SourceId;
use otklik::model::topic::TopicId;
use otklik::pipeline::indexer::IndexerStage;
use otklik::pipeline::stage::Progress;

use crate::world::generate::Generator;
use crate::world::posts::{at, post};

const NOW: &str = "2026-11-20T10:00:00Z";

fn finding(group: &str, topic: &str, territory: &str) -> Finding {
    Finding {
        verdict: Verdict::Matched,
        lang: "ru".to_owned(),
        topics: vec![TopicMatch {
            topic: TopicId(topic.to_owned()),
            group: group.to_owned(),
            score: 0.9,
            evidence: Vec::new(),
            learned: None,
        }],
        topic_origin: Default::default(),
        matters: Vec::new(),
        signals: Vec::new(),
        marks: Vec::new(),
        complaint_score: 1.0,
        concreteness: 0.7,
        kind: None,
        places: vec![Place {
            territory: Some(TerritoryId(territory.to_owned())),
            ..Place::default()
        }],
        risks: Vec::new(),
        importance: 3,
        specificity: 0.5,
    }
}

/// An index of hand-made posts; positions count from 1.
fn index_of(dir: &Path, posts: Vec<(Post, Option<Finding>)>) -> Index {
    let index = Index::open(dir).unwrap();
    let rows: Vec<IndexedPost> = posts
        .into_iter()
        .zip(1..)
        .map(|((post, finding), position)| IndexedPost {
            post: StoredPost { position: Position(position), first_seen_at: at(NOW), post },
            finding,
        })
        .collect();
    index.add(&rows).unwrap();
    let position = Position(rows.len() as u64);
    index.commit(&Mark { position, last_post: None }).unwrap();
    index
}

fn found(index: &Index, question: &str) -> Vec<u64> {
    let query = Query::parse(question, &names()).unwrap();
    let hits = index.search(&query, Order::Newest, 100, 0).unwrap();
    let mut positions: Vec<u64> = hits.posts.iter().map(|hit| hit.position.0).collect();
    assert_eq!(hits.total as usize, positions.len());
    positions.sort_unstable();
    positions
}

fn names() -> Names {
    use otklik::adapters::search::query::Named;
    let named = |id: &str, name: &str| Named { id: id.to_owned(), names: vec![name.to_owned()] };
    Names {
        groups: vec![named("roads", "Дороги"), named("lighting", "Освещение")],
        topics: vec![named("road-potholes", "Ямы"), named("street-lights", "Фонари")],
        territories: vec![named("vologda", "Вологда"), named("sokolsky", "Сокольский округ")],
        forms: [("лёд".to_owned(), vec!["льда".to_owned(), "льдом".to_owned()])].into(),
        ..Names::default()
    }
}

#[test]
fn every_part_of_the_language_finds_what_it_says() {
    let dir = tempfile::tempdir().unwrap();
    let mut first =
        post("vk", "-1_2", "Огромная яма на дороге, ёлка упала", "2026-11-01T10:00:00Z");
    first.author_name = Some("Иван Петров".to_owned());
    first.community = Some("Подслушано Сокол".to_owned());
    first.source = Some(SourceId("vk:wall:-1".to_owned()));
    let second = post("telegram", "7", "Не горят фонари у дома 5", "2026-11-10T10:00:00Z");
    let third =
        post("vk", "-1_3", "ДОРОГАЯ редакция! Ямы объехали, но фонарь", "2026-11-20T10:00:00Z");
    let fourth =
        post("rss", "x/1", "Дворы подо льдом. https://example.org/a?b=c", "2026-11-15T10:00:00Z");
    let index = index_of(
        dir.path(),
        vec![
            (first, Some(finding("roads", "road-potholes", "vologda"))),
            (second, Some(finding("lighting", "street-lights", "sokolsky"))),
            (third, None),
            (fourth, None),
        ],
    );
    let table: &[(&str, &[u64])] = &[
        ("яма", &[1, 3]),
        ("ЯМАМИ", &[1, 3]),
        ("елка", &[1]),
        ("ЁЛКИ", &[1]),
        ("фонарь", &[2, 3]),
        ("яма фонарь", &[3]),
        ("яма -фонарь", &[1]),
        ("-яма", &[2, 4]),
        ("\"яма на дороге\"", &[1]),
        ("\"на яма дороге\"", &[]),
        ("\"яма\"", &[1]),
        ("-\"не горят\" дом", &[]),
        ("лёд", &[4]),
        ("льда", &[4]),
        ("тема:дороги", &[1]),
        ("topic:street-lights", &[2]),
        ("тема:дороги тема:освещение", &[1, 2]),
        ("вид:жалоба", &[1, 2]),
        ("-вид:жалоба", &[3, 4]),
        ("сеть:vk", &[1, 3]),
        ("сеть:вк сеть:телеграм", &[1, 2, 3]),
        ("-сеть:vk", &[2, 4]),
        ("источник:vk:wall:-1", &[1]),
        ("район:вологда", &[1]),
        ("район:сокольский", &[2]),
        ("автор:петров", &[1]),
        ("автор:author-7", &[2]),
        ("сообщество:подслушано", &[1]),
        ("id:vk:-1_3", &[3]),
        ("id:rss:x/1", &[4]),
        ("с:2026-11-10", &[2, 3, 4]),
        ("по:2026-11-10", &[1, 2]),
        ("с:2026-11-10 по:2026-11-15", &[2, 4]),
        ("example", &[4]),
        ("5", &[2]),
        ("", &[1, 2, 3, 4]),
        ("нетакогослова", &[]),
        // Words that only look alike.
        ("дорожка", &[]),
        ("фонд", &[]),
    ];
    for (question, expected) in table {
        assert_eq!(found(&index, question), *expected, "{question}");
    }
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition() {
    let dir = tempfile::tempdir().unwrap();
    let posts = (0..25).map(|n| (post("vk", &n.to_string(), "снег во дворе", NOW), None));
    let index = index_of(dir.path(), posts.collect());
    let query = Query::parse("снег", &names()).unwrap();
    for order in [Order::Newest, Order::Relevance] {
        let mut seen = Vec::new();
        for offset in [0, 10, 20, 30] {
            let page = index.search(&query, order, 10, offset).unwrap();
            assert_eq!(page.total, 25);
            seen.extend(page.posts.iter().map(|hit| hit.position.0));
        }
        seen.sort_unstable();
        assert_eq!(seen, (1..=25).collect::<Vec<u64>>(), "{order:?}");
    }
    let newest = index.search(&query, Order::Newest, 2, 0).unwrap();
    assert_eq!(newest.posts[0].position, Position(25));
    assert_eq!(index.search(&query, Order::Newest, 0, 0).unwrap().total, 25);
    assert_eq!(index.search(&query, Order::Newest, usize::MAX, 0).unwrap().posts.len(), 25);
    assert!(index.search(&query, Order::Newest, 10, usize::MAX).unwrap().posts.is_empty());
}

#[test]
fn similar_posts_share_rare_words_and_come_from_before() {
    let dir = tempfile::tempdir().unwrap();
    let mut posts: Vec<(Post, Option<Finding>)> = (0..30)
        .map(|n| (post("vk", &n.to_string(), "снег не чистят во дворе на улице", NOW), None))
        .collect();
    let rare = "прорвало трубу на улице Чернышевского";
    posts[4] = (post("vk", "4", rare, NOW), Some(finding("water", "burst", "vologda")));
    posts[9] = (post("ok", "9", "трубу прорвало, Чернышевского заливает", NOW), None);
    let index = index_of(dir.path(), posts);
    let alike = |narrow: Narrow| -> Vec<u64> {
        let hits = index.similar(rare, &narrow, 2).unwrap();
        let mut positions: Vec<u64> = hits.iter().map(|hit| hit.position.0).collect();
        positions.sort_unstable();
        positions
    };
    assert_eq!(alike(Narrow::default()), [5, 10]);
    let before_the_tenth = alike(Narrow { before: Some(Position(10)), ..Narrow::default() });
    assert!(before_the_tenth.contains(&5) && !before_the_tenth.contains(&10));
    assert!(!alike(Narrow { before: Some(Position(5)), ..Narrow::default() }).contains(&5));
    let vologda = Some(TerritoryId("vologda".to_owned()));
    assert_eq!(alike(Narrow { territory: vologda, ..Narrow::default() }), [5]);
    assert_eq!(alike(Narrow { group: Some("water".to_owned()), ..Narrow::default() }), [5]);
    assert!(index.similar("", &Narrow::default(), 5).unwrap().is_empty());
    assert!(index.similar("нетакогослова", &Narrow::default(), 5).unwrap().is_empty());
}

#[test]
fn what_was_not_committed_is_gone_and_the_position_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let index = index_of(dir.path(), vec![(post("vk", "1", "снег", NOW), None)]);
    let lost = IndexedPost {
        post: StoredPost {
            position: Position(2),
            first_seen_at: at(NOW),
            post: post("vk", "2", "снег", NOW),
        },
        finding: None,
    };
    index.add(&[lost]).unwrap();
    // Ends without a commit, as a killed process does.
    drop(index);
    let index = Index::open(dir.path()).unwrap();
    assert_eq!(index.indexed().unwrap(), Position(1));
    assert_eq!(found(&index, "снег"), [1]);
}

#[test]
fn a_damaged_or_foreign_index_is_removed_and_starts_empty() {
    type Spoil = fn(&Path);
    let spoil: [(&str, Spoil); 4] = [
        ("another version", |dir| std::fs::write(dir.join("version"), "0").unwrap()),
        ("no version", |dir| std::fs::remove_file(dir.join("version")).unwrap()),
        ("unreadable list of segments", |dir| {
            std::fs::write(dir.join("meta.json"), "{").unwrap();
        }),
        ("a segment cut short", |dir| {
            for entry in std::fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|end| end == "idx" || end == "term") {
                    std::fs::write(path, "cut").unwrap();
                }
            }
        }),
    ];
    for (how, spoil) in spoil {
        let dir = tempfile::tempdir().unwrap();
        drop(index_of(dir.path(), vec![(post("vk", "1", "снег", NOW), None)]));
        spoil(dir.path());
        let index = Index::open(dir.path()).unwrap_or_else(|error| panic!("{how}: {error}"));
        assert_eq!(index.indexed().unwrap(), Position(0), "{how}");
        assert_eq!(index.len(), 0, "{how}");
    }
}

#[test]
fn one_process_fills_and_others_read_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let missing = Index::open_read_only(dir.path());
    assert!(matches!(missing, Err(SearchError::Missing(_))));
    let _filling = index_of(dir.path(), vec![(post("vk", "1", "снег", NOW), None)]);
    assert!(matches!(Index::open(dir.path()), Err(SearchError::Locked(_))));
    let reading = Index::open_read_only(dir.path()).unwrap();
    assert_eq!(found(&reading, "снег"), [1]);
    assert!(matches!(reading.add(&[]), Err(SearchError::ReadOnly)));
}

/// An open database in which the activation of a ruleset is the first fact.
fn opened(dir: &Path) -> Store {
    let store = Store::open(dir).unwrap();
    let files = RulesetFiles::default();
    let activate = ActivateRuleset { hash: some_hash(), files, at: at(NOW) };
    assert_eq!(store.write(Command::ActivateRuleset(activate)).unwrap().position(), Position(1));
    store
}

fn some_hash() -> RulesetHash {
    RulesetHash("a".repeat(64))
}

/// Generated posts at the positions after the first, read by the matcher.
fn stored(dir: &Path, count: usize) -> Store {
    let store = opened(dir);
    ingest(&store, Generator::new(7).take(count).map(|one| one.post).collect());
    matched(&store, 0, count as u64 + 1);
    store
}

fn ingest(store: &Store, posts: Vec<Post>) {
    let ingest = Ingest { seen_at: at(NOW), posts, rejected: Vec::new(), gap: None, poll: None };
    store.write(Command::Ingest(ingest)).unwrap();
}

/// The matcher has read so far; every fifth fact is a post about roads.
fn matched(store: &Store, from: u64, to: u64) {
    let about = |position| (Position(position), finding("roads", "road-potholes", "vologda"));
    let run = store.read(|reader| reader.current_run()).unwrap().unwrap().0;
    let findings = Findings {
        advance: Advance { from: Position(from), to: Position(to) },
        made: Made { run, ruleset: some_hash() },
        rows: (from + 1..=to).filter(|position| position % 5 == 0).map(about).collect(),
    };
    store.write(Command::Findings(findings)).unwrap();
}

#[test]
fn generated_posts_are_the_same_for_a_seed_and_a_fifth_complains() {
    let posts = |seed| Generator::new(seed).take(2_000);
    assert!(posts(1).map(|one| one.post).eq(posts(1).map(|one| one.post)));
    assert!(!posts(1).map(|one| one.post.text).eq(posts(2).map(|one| one.post.text)));
    let complaints = posts(1).filter(|one| one.is_complaint).count();
    assert!((300..500).contains(&complaints), "{complaints} of 2000");
}

fn filled(store: &Store, dir: &Path) -> Arc<Index> {
    let index = Arc::new(Index::open(&dir.join("index")).unwrap());
    let mut stage = IndexerStage::new(store.clone(), index.clone()).unwrap();
    stage.finish(at(NOW)).unwrap();
    index
}

#[test]
fn the_index_fills_from_the_database_and_again_when_it_was_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let store = stored(dir.path(), 2_500);
    for _ in 0..2 {
        let index = filled(&store, dir.path());
        assert_eq!((index.len(), index.indexed().unwrap()), (2_500, Position(2_501)));
        let roads = Query::parse("тема:дороги", &names()).unwrap();
        assert_eq!(index.search(&roads, Order::Newest, 1, 0).unwrap().total, 500);
        drop(index);
        std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    }
}

#[test]
fn the_indexer_goes_no_further_than_the_matcher() {
    let dir = tempfile::tempdir().unwrap();
    let store = stored(dir.path(), 10);
    ingest(&store, vec![post("vk", "later", "непрочитанное", NOW)]);
    let index = filled(&store, dir.path());
    assert_eq!((index.len(), index.indexed().unwrap()), (10, Position(11)));
    matched(&store, 11, 12);
    let mut stage = IndexerStage::new(store, index.clone()).unwrap();
    assert_eq!(stage.finish(at(NOW)).unwrap(), Position(12));
    assert_eq!(found(&index, "непрочитанное"), [12]);
}

#[test]
fn facts_that_are_no_posts_move_the_position_too() {
    let dir = tempfile::tempdir().unwrap();
    let store = opened(dir.path());
    matched(&store, 0, 1);
    let index = Arc::new(Index::open(&dir.path().join("index")).unwrap());
    let mut stage = IndexerStage::new(store, index.clone()).unwrap();
    stage.step(at(NOW)).unwrap();
    assert_eq!((index.len(), index.indexed().unwrap()), (0, Position(1)));
}

#[test]
fn a_restored_database_gets_an_index_of_its_own() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = stored(old.path(), 20);
    drop(filled(&store, old.path()));
    drop(store);
    // Another database that has come as far, under the same index.
    let store = opened(new.path());
    ingest(&store, (0..30).map(|n| post("ok", &n.to_string(), "дождь", NOW)).collect());
    matched(&store, 0, 31);
    let index = filled(&store, old.path());
    assert_eq!((index.len(), found(&index, "дождь").len()), (30, 30));
}

#[test]
fn commits_are_rare_while_much_comes_and_soon_when_it_is_quiet() {
    let dir = tempfile::tempdir().unwrap();
    let store = stored(dir.path(), 1);
    let index = Arc::new(Index::open(&dir.path().join("index")).unwrap());
    let mut stage = IndexerStage::new(store.clone(), index.clone()).unwrap();
    let step = |stage: &mut IndexerStage, at_text: &str| stage.step(at(at_text)).unwrap();
    assert_eq!(step(&mut stage, "2026-11-20T10:00:00Z"), Progress::Idle(Position(2)));
    ingest(&store, vec![post("vk", "a", "а", NOW)]);
    matched(&store, 2, 3);
    assert_eq!(step(&mut stage, "2026-11-20T10:00:00.1Z"), Progress::Idle(Position(2)));
    assert_eq!(index.len(), 1, "too soon after the last commit");
    assert_eq!(step(&mut stage, "2026-11-20T10:00:00.3Z"), Progress::Idle(Position(3)));
    assert_eq!(index.len(), 2);
}
