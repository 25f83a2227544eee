//! The store's promises: nothing acknowledged is lost, nothing is taken twice,
//! nobody skips ahead, the journal shows any change.

use std::path::Path;

use otklik::adapters::store::commands::{
    ActivateRuleset, Advance, Command, Findings, Ingest, Ingested, Made, PollProgress,
};
use otklik::adapters::store::read::{JournalFilter, Verification};
use otklik::adapters::store::{Store, StoreError, open_read_only};
use otklik::model::journal::NewEntry;
use otklik::model::position::Position;
use otklik::model::post::Post;
use otklik::model::ruleset::{RulesetFiles, RulesetHash};
use otklik::model::source::{Cursor, Outcome, SourceId};

use crate::world::posts::{at, post};

const NOW: &str = "2026-11-20T10:00:00Z";

fn ingest(posts: Vec<Post>) -> Command {
    Command::Ingest(Ingest { seen_at: at(NOW), posts, rejected: Vec::new(), gap: None, poll: None })
}

fn polled(posts: Vec<Post>, before: &str, after: &str) -> Command {
    Command::Ingest(Ingest {
        seen_at: at(NOW),
        posts,
        rejected: Vec::new(),
        gap: None,
        poll: Some(PollProgress {
            ends_failures: true,
            source: SourceId("vk:wall:1".to_owned()),
            cursor_before: Cursor(before.to_owned()),
            cursor_after: Cursor(after.to_owned()),
            outcome: Outcome::New,
            error: None,
            next_poll_at: at(NOW),
            stop: false,
        }),
    })
}

fn counts(store: &Store, command: Command) -> Ingested {
    store.write(command).unwrap().ingested()
}

fn open(dir: &Path) -> Store {
    Store::open(dir).unwrap()
}

#[test]
fn a_page_taken_twice_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let page = || vec![post("vk", "1_1", "яма", NOW), post("vk", "1_2", "снег", NOW)];
    let first = counts(&store, ingest(page()));
    let second = counts(&store, ingest(page()));
    assert_eq!((first.new, first.known), (2, 0));
    assert_eq!((second.new, second.known, second.revised), (0, 2, 0));
    assert_eq!(store.read(|r| r.last_position()).unwrap(), Position(2));
}

#[test]
fn an_excerpt_changes_no_text_that_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let excerpt = || Post { excerpt: true, ..post("vk", "1_1", "яма на …", NOW) };
    let first = counts(&store, ingest(vec![excerpt()]));
    assert_eq!(first.new, 1);
    let whole = counts(&store, ingest(vec![post("vk", "1_1", "яма на улице Мира", NOW)]));
    assert_eq!((whole.known, whole.revised), (1, 1));
    let again = counts(&store, ingest(vec![excerpt()]));
    assert_eq!((again.known, again.revised), (1, 0));
    let deleted = counts(&store, ingest(vec![Post { deleted: true, ..excerpt() }]));
    assert_eq!(deleted.revised, 1);
    let revisions = store.read(|r| r.revisions(Position(1))).unwrap();
    assert_eq!(revisions.last().unwrap().0, "яма на улице Мира");
}

#[test]
fn a_changed_text_is_a_revision_and_the_first_text_stays() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    counts(&store, ingest(vec![post("vk", "1_1", "яма на Мира", NOW)]));
    let again = counts(&store, ingest(vec![post("vk", "1_1", "яма на улице Мира", NOW)]));
    assert_eq!((again.known, again.revised), (1, 1));
    let third = counts(&store, ingest(vec![post("vk", "1_1", "яма на улице Мира", NOW)]));
    assert_eq!(third.revised, 0);
    let stored = store.read(|r| r.post(Position(1))).unwrap().unwrap();
    assert_eq!(stored.post.text, "яма на Мира");
    let revisions = store.read(|r| r.revisions(Position(1))).unwrap();
    assert_eq!(revisions.len(), 1);
    assert_eq!(revisions[0].0, "яма на улице Мира");
}

#[test]
fn a_poll_that_does_not_continue_the_cursor_stores_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.write(polled(vec![post("vk", "1_1", "а", NOW)], "", "c1")).unwrap();
    let refused = store.write(polled(vec![post("vk", "1_2", "б", NOW)], "", "c2"));
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    assert_eq!(store.read(|r| r.totals()).unwrap().posts, 1);
    let state = store.read(|r| r.source_state(&SourceId("vk:wall:1".to_owned()))).unwrap();
    assert_eq!(state.unwrap().cursor, Cursor("c1".to_owned()));
}

#[test]
fn a_stage_cannot_skip_or_repeat_a_stretch() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let hash = RulesetHash("a".repeat(64));
    let files = RulesetFiles::default();
    store.write(Command::ActivateRuleset(ActivateRuleset { hash, files, at: at(NOW) })).unwrap();
    let commit = |from: u64, to: u64| {
        store.write(Command::Findings(Findings {
            advance: Advance { from: Position(from), to: Position(to) },
            made: Made { run: 1, ruleset: RulesetHash("a".repeat(64)) },
            rows: Vec::new(),
        }))
    };
    commit(0, 10).unwrap();
    assert!(matches!(commit(0, 10), Err(StoreError::Conflict { stored: 10, .. })));
    assert!(matches!(commit(11, 12), Err(StoreError::Conflict { stored: 10, given: 11, .. })));
    commit(10, 12).unwrap();
    assert_eq!(store.read(|r| r.stage("matcher")).unwrap(), Position(12));
}

#[test]
fn what_was_acknowledged_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    counts(&store, ingest(vec![post("vk", "1_1", "яма", NOW)]));
    drop(store);
    let store = open(dir.path());
    let again = counts(&store, ingest(vec![post("vk", "1_2", "снег", NOW)]));
    assert_eq!(again.new, 1);
    assert_eq!(store.read(|r| r.last_position()).unwrap(), Position(2));
}

#[test]
fn a_second_process_is_told_that_the_folder_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let _store = open(dir.path());
    let Err(error) = Store::open(dir.path()) else { panic!("opened twice") };
    assert!(matches!(error, StoreError::Locked(_)), "{error}");
    // Reading beside the owner is allowed.
    assert_eq!(open_read_only(dir.path()).unwrap().last_position().unwrap(), Position(0));
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let file = rusqlite::Connection::open(dir.path().join("otklik.db")).unwrap();
    file.pragma_update(None, "user_version", 999).unwrap();
    drop(file);
    let Err(error) = Store::open(dir.path()) else { panic!("opened a newer database") };
    assert!(matches!(error, StoreError::Newer { found: 999, .. }), "{error}");
}

#[test]
fn any_changed_byte_of_the_journal_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for number in 1..=5 {
        let entry = NewEntry {
            at: at(NOW),
            actor: "ivanova".to_owned(),
            action: "accept".to_owned(),
            subject: format!("incident:{number}"),
            ..NewEntry::default()
        };
        store.write(Command::Journal(entry)).unwrap();
    }
    let whole = store.read(|r| r.verify_journal()).unwrap();
    assert!(matches!(whole, Verification::Whole { entries: 5, .. }), "{whole:?}");
    let page = store.read(|r| r.journal(&JournalFilter { limit: 2, ..Default::default() }));
    assert_eq!(page.unwrap()[0].seq, 5);
    drop(store);
    let file = rusqlite::Connection::open(dir.path().join("otklik.db")).unwrap();
    let refused = file.execute("UPDATE journal SET actor = 'petrova' WHERE seq = 3", []);
    assert!(refused.unwrap_err().to_string().contains("a fact is never changed"));
    file.execute_batch(
        "DROP TRIGGER journal_is_a_fact; UPDATE journal SET actor = 'petrova' WHERE seq = 3;",
    )
    .unwrap();
    drop(file);
    let broken = open_read_only(dir.path()).unwrap().verify_journal().unwrap();
    assert!(matches!(broken, Verification::Broken { seq: 3, .. }), "{broken:?}");
}

#[test]
fn a_conclusion_without_a_ruleset_cannot_be_stored() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let file = rusqlite::Connection::open(dir.path().join("otklik.db")).unwrap();
    let refused = file.execute("INSERT INTO finding VALUES (1, 1, '', '{}')", []);
    assert!(refused.unwrap_err().to_string().contains("CHECK"));
}
