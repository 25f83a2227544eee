//! The power goes at every possible moment: nothing acknowledged is lost,
//! nothing happens twice, and the end is the same as without the cut.

use std::path::Path;
use std::process::{Command as Process, Stdio};

use otklik::adapters::ruleset_files::{hash, shipped};
use otklik::adapters::store::commands::{Act, ActivateRuleset, Command, Ingest, PollProgress};
use otklik::adapters::store::{Moment, PowerCut, Store, StoreError, StoreOptions, open_read_only};
use otklik::model::action::{Actor, Changes, Decision, NewAction};
use otklik::model::journal::NewEntry;
use otklik::model::post::{Network, Post, PostKey};
use otklik::model::source::{Cursor, Outcome, SourceId};
use otklik::pipeline::cluster::ClusterStage;
use otklik::pipeline::matcher::MatcherStage;
use otklik::pipeline::stage::{Progress, StageError};
use otklik::rules::ruleset::parse;
use std::sync::Arc;
use tokio::sync::watch;

use crate::world::posts::{at, post};

const NOW: &str = "2026-11-20T10:00:00Z";
const PAGES: usize = 4;

fn page(number: usize) -> Vec<Post> {
    let texts = [
        ("vk", "Не горит фонарь у дома 14 на улице Ленина в Вологде"),
        ("vk", "Вологда, Ленина 14, фонарь не работает вторую неделю, темень"),
        ("vk", "Яма на проспекте Победы 100 в Череповце, пробил колесо"),
        ("vk", "Поздравляю всех с первым снегом!"),
    ];
    let written = format!("2026-11-20T0{number}:00:00Z");
    let of_page = texts.iter().enumerate().map(|(index, (network, text))| {
        post(network, &format!("{number}-{index}"), &format!("{text} {number}"), &written)
    });
    of_page.collect()
}

/// One whole run: polls, reading, grouping, a decision. Goes on where an
/// earlier run of it stopped, by what the tables say and by nothing else.
fn run(dir: &Path, power_cut: Option<PowerCut>) -> Result<(), StageError> {
    let store = Store::open_with(dir, StoreOptions { power_cut, ..Default::default() })?;
    let files = shipped("vologda").unwrap();
    let ruleset = Arc::new(parse(&files, hash(&files)).unwrap());
    let activate = ActivateRuleset { hash: ruleset.hash.clone(), files, at: at(NOW) };
    store.write(Command::ActivateRuleset(activate))?;
    let (_, watched) = watch::channel(ruleset);
    let mut matcher = MatcherStage::new(store.clone(), watched.clone())?;
    let mut cluster = ClusterStage::new(store.clone(), watched)?;
    let source = SourceId("vk:wall:1".to_owned());
    loop {
        let state = store.read(|reader| reader.source_state(&source))?;
        let cursor = state.map(|state| state.cursor.0).unwrap_or_default();
        let number: usize = cursor.parse().unwrap_or(0);
        if number == PAGES {
            break;
        }
        store.write(Command::Ingest(Ingest {
            seen_at: at(NOW),
            posts: page(number),
            rejected: Vec::new(),
            gap: None,
            poll: Some(PollProgress {
                ends_failures: true,
                source: source.clone(),
                cursor_before: Cursor(cursor),
                cursor_after: Cursor((number + 1).to_string()),
                outcome: Outcome::New,
                error: None,
                next_poll_at: at(NOW),
                stop: false,
            }),
        }))?;
        settle(&mut matcher, &mut cluster)?;
    }
    settle(&mut matcher, &mut cluster)?;
    decide_once(&store)?;
    settle(&mut matcher, &mut cluster)
}

fn settle(matcher: &mut MatcherStage, cluster: &mut ClusterStage) -> Result<(), StageError> {
    while let Progress::More(_) = matcher.step()? {}
    while let Progress::More(_) = cluster.step()? {}
    Ok(())
}

fn decide_once(store: &Store) -> Result<(), StageError> {
    if store.read(|reader| reader.totals())?.actions == 1 {
        return Ok(());
    }
    let key = PostKey { network: Network("vk".to_owned()), native_id: "0-0".to_owned() };
    let post = store.read(|reader| reader.post_by_key(&key))?.unwrap().position;
    let decision = Decision::Accept { post, changes: Changes::default() };
    let actor = Actor::Person { login: "ivanova".to_owned() };
    let action = NewAction { at: at(NOW), actor, decision };
    let entry = NewEntry { at: at(NOW), action: "accept".to_owned(), ..NewEntry::default() };
    store.write(Command::Act(Act { action, entry }))?;
    Ok(())
}

/// Everything that must be the same, as text.
fn state(dir: &Path) -> String {
    let reader = open_read_only(dir).unwrap();
    let last = reader.last_position().unwrap();
    let posts = reader.posts_between(Default::default(), last, 10_000).unwrap();
    let posts: Vec<String> = posts.iter().map(|one| one.post.key.to_string()).collect();
    let incidents = serde_json::to_string(&reader.live_incidents().unwrap()).unwrap();
    let assignments = reader.assignments().unwrap();
    let outbox: Vec<String> = reader
        .live_incidents()
        .unwrap()
        .iter()
        .flat_map(|incident| reader.outbox_of(incident.id).unwrap())
        .map(|row| row.notice.key())
        .collect();
    let stages = [reader.stage("matcher").unwrap(), reader.stage("cluster").unwrap()];
    let journal = reader.verify_journal().unwrap();
    format!("{posts:?}\n{incidents}\n{assignments:?}\n{outbox:?}\n{stages:?} {last}\n{journal:?}")
}

/// Goal: a cut at any commit leaves a state from which the run ends as if
/// there had been none. Method: cut at commit 1, 2, 3 … before and after,
/// until a run ends without having been cut.
#[test]
fn a_power_cut_at_every_commit() {
    let whole = tempfile::tempdir().unwrap();
    run(whole.path(), None).unwrap();
    let expected = state(whole.path());
    assert!(expected.contains("body:"), "the run sends something: {expected}");
    let mut cuts = 0;
    for commit in 1.. {
        let mut was_cut = false;
        for moment in [Moment::BeforeCommit, Moment::AfterCommit] {
            let dir = tempfile::tempdir().unwrap();
            if let Err(error) = run(dir.path(), Some(PowerCut { commit, moment })) {
                assert!(matches!(error, StageError::Store(StoreError::Stopped)), "{error}");
                was_cut = true;
                cuts += 1;
                run(dir.path(), None).unwrap();
            }
            assert!(state(dir.path()) == expected, "cut at commit {commit} {moment:?}");
        }
        if !was_cut {
            break;
        }
    }
    assert!(cuts >= 20, "only {cuts} cuts");
}

/// Goal: a full disk stops the writing, harms nothing stored, and is over when
/// there is space again. Method: a database that may not grow.
#[test]
fn a_full_disk_harms_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let options = StoreOptions { max_bytes: Some(400 * 1024), ..Default::default() };
    let store = Store::open_with(dir.path(), options).unwrap();
    let mut stored = 0;
    let full = loop {
        let posts: Vec<Post> = (0..50)
            .map(|index| post("vk", &format!("{stored}-{index}"), &"снег ".repeat(60), NOW))
            .collect();
        let ingest =
            Ingest { seen_at: at(NOW), posts, rejected: Vec::new(), gap: None, poll: None };
        match store.write(Command::Ingest(ingest)) {
            Ok(done) => stored += done.ingested().new,
            Err(error) => break error,
        }
        assert!(stored < 100_000, "the disk never was full");
    };
    assert!(matches!(full, StoreError::DiskFull), "{full}");
    assert!(full.is_temporary());
    assert_eq!(store.read(|reader| reader.totals()).unwrap().posts, stored);
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    let ingest = Ingest {
        seen_at: at(NOW),
        posts: vec![post("vk", "after", "снова место", NOW)],
        rejected: Vec::new(),
        gap: None,
        poll: None,
    };
    assert_eq!(store.write(Command::Ingest(ingest)).unwrap().ingested().new, 1);
    assert_eq!(store.read(|reader| reader.totals()).unwrap().posts, stored + 1);
}

const IMPORTED: usize = 10_000;

fn import_file(dir: &Path) -> std::path::PathBuf {
    let path = dir.join("posts.ndjson");
    let mut lines = String::new();
    for number in 0..IMPORTED {
        let text = match number % 20 {
            0 => format!("Не горит фонарь у дома {} на улице Ленина в Вологде", number % 90 + 1),
            1 => format!("Яма на проспекте Победы {} в Череповце", number % 90 + 1),
            _ => format!("Сегодня хорошая погода, гуляли в парке, фото номер {number}"),
        };
        let minute = number % 60;
        let hour = number / 60 % 24;
        let line = serde_json::json!({
            "network": "vk",
            "native_id": number.to_string(),
            "text": text,
            "published_at": format!("2026-11-20T{hour:02}:{minute:02}:00Z"),
        });
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    std::fs::write(&path, lines).unwrap();
    path
}

fn import(file: &Path, data: &Path) -> Process {
    let mut process = Process::new(env!("CARGO_BIN_EXE_otklik"));
    process.arg("import").arg(file).arg("--data-dir").arg(data);
    process.stdout(Stdio::piped()).stderr(Stdio::null());
    process
}

/// What does not depend on the hour of the import.
fn imported(data: &Path) -> (Vec<String>, Vec<String>) {
    let reader = open_read_only(data).unwrap();
    let last = reader.last_position().unwrap();
    let posts = reader.posts_between(Default::default(), last, 2 * IMPORTED).unwrap();
    let keys: Vec<String> = posts.iter().map(|one| one.post.key.native_id.clone()).collect();
    let groups = reader.assignments().unwrap();
    let groups = groups
        .iter()
        .map(|one| {
            let post = reader.post(one.post).unwrap().unwrap();
            format!("{} in {}", post.post.key, one.incident)
        })
        .collect();
    (keys, groups)
}

/// Goal: kill -9 of the real program at random moments of an import loses
/// nothing. Method: kill at growing times, import again, compare with an
/// undisturbed import.
#[test]
fn kill_dash_nine_during_an_import() {
    let dir = tempfile::tempdir().unwrap();
    let file = import_file(dir.path());
    let undisturbed = dir.path().join("undisturbed");
    let before = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    assert!(import(&file, &undisturbed).status().unwrap().success());
    let took = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap() - before;
    let expected = imported(&undisturbed);
    assert_eq!(expected.0.len(), IMPORTED);
    let killed = dir.path().join("killed");
    let mut kills = 0;
    for eighths in [1, 3, 2, 5, 4] {
        let mut child = import(&file, &killed).spawn().unwrap();
        std::thread::sleep(took * eighths / 8);
        if child.try_wait().unwrap().is_none() {
            kills += 1;
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(kills >= 2, "the import was over before it could be killed");
    assert!(import(&file, &killed).status().unwrap().success());
    let found = imported(&killed);
    assert_eq!(found.0.len(), expected.0.len());
    assert!(found == expected, "the killed imports came to something else");
}
