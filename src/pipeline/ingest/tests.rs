use std::future::ready;

use super::*;
use crate::adapters::clock::SystemClock;
use crate::adapters::connector::budget::{Charge, Lesser, Permit, Share};
use crate::adapters::connector::poll::Told;
use crate::adapters::ruleset_files::{hash, shipped};
use crate::rules::ruleset::parse;

/// A stage over an empty store, with credentials for every network.
struct World {
    _folder: tempfile::TempDir,
    stage: IngestStage,
}

impl World {
    fn new(keys: &[&str]) -> World {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let files = shipped("vologda").unwrap();
        let ruleset = parse(&files, hash(&files)).unwrap_or_else(|problems| panic!("{problems:?}"));
        let (_, ruleset) = watch::channel(Arc::new(ruleset));
        let connectors = Connectors::shipped().unwrap();
        let networks = ["vk", "youtube", "bluesky"].map(|name| Network(name.to_owned()));
        let secrets = |network| (network, keys.iter().map(|key| Secret::new(*key)).collect());
        let secrets = networks.into_iter().map(secrets).collect();
        let options = IngestOptions { secrets, ..IngestOptions::default() };
        let clock = Arc::new(SystemClock);
        let stage = IngestStage::new(store, clock, ruleset, connectors, options).unwrap();
        World { _folder: folder, stage }
    }

    fn inner(&self) -> &Inner {
        &self.stage.inner
    }

    fn definition(&self, network: &str) -> &Definition {
        self.inner().connectors.get(&Network(network.to_owned())).unwrap()
    }

    fn key(&self, source: &Source, lesser: Option<Lesser>) -> String {
        let definition = self.definition(&source.network.0);
        match self.inner().key(source, definition, lesser, noon()) {
            Choice::Key(key) => key.label(),
            other => panic!("{other:?}"),
        }
    }

    /// Takes units of the day until no more are given.
    fn spend(&self, source: &Source, key: &Secret, lesser: Lesser) {
        let definition = self.definition(&source.network.0);
        let account = key.label();
        let rate = definition.file.rate;
        let share = Some(Share { of: lesser, percent: rate.spare_percent });
        let charge = Charge {
            host: "a.example",
            credential: "",
            account: &account,
            rate,
            share,
            daily: None,
            cost: definition.file.poll[&source.kind].cost,
        };
        let mut now = noon();
        loop {
            match self.inner().budget.take(&charge, now) {
                Permit::Go => {}
                Permit::Wait(until) => now = until,
                Permit::Exhausted(_) => return,
            }
        }
    }
}

fn noon() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn refused(error: PollError) -> PollResult {
    PollResult::Refused { error, stop: true }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

#[test]
fn a_failing_source_is_polled_more_and_more_rarely() {
    let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    let wait = |failures| next_poll(now, 300, failures, None).duration_since(now).as_secs();
    assert_eq!([0, 1, 2, 3, 4, 40].map(wait), [300, 600, 1_200, 2_400, 3_600, 3_600]);
}

#[test]
fn nobody_comes_before_the_network_allows_it() {
    let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    let asked: Timestamp = "2026-11-20T23:00:00Z".parse().unwrap();
    let mut error = PollError::new(ErrorClass::Quota, "used up");
    error.retry_at = Some(asked);
    assert_eq!(next_poll(now, 300, 1, Some(&error)), asked);
}

#[test]
fn a_misconfigured_key_leaves_the_sources_to_the_other() {
    let world = World::new(&["wrong", "right"]);
    let (inner, wrong) = (world.inner(), Secret::new("wrong"));
    for (network, kind) in [("vk", "wall"), ("youtube", "channel")] {
        let source = Source::of(network, kind, "5");
        let error = PollError::new(ErrorClass::Unauthorised, "the key may not do this");
        let result = refused(error);
        assert!(inner.is_the_keys_fault(&source, None, &result, Some(&wrong), noon()), "{network}");
        let again = inner.polled_again(&source, &Before::default(), noon(), result);
        let progress = again.ingest.poll.unwrap();
        assert!(!progress.stop, "the source waits for no person");
        assert_eq!(progress.next_poll_at.duration_since(noon()), WITH_ANOTHER_KEY);
        for _ in 0..5 {
            assert_eq!(world.key(&source, None), Secret::new("right").label());
        }
        // A wrong request is wrong with every key.
        let error = refused(PollError::new(ErrorClass::Config, "no such method"));
        assert!(!inner.is_the_keys_fault(&source, None, &error, Some(&wrong), noon()));
    }
}

#[test]
fn gaps_that_used_their_share_leave_the_key_to_polls() {
    let world = World::new(&["one"]);
    let (inner, key) = (world.inner(), Secret::new("one"));
    let source = Source::of("youtube", "channel", "UC5");
    world.spend(&source, &key, Lesser::Gaps);
    let definition = world.definition("youtube");
    assert_eq!(inner.spare_pages(&source, definition, Some(&key), noon()), 0);
    let result = refused(PollError::own(ErrorClass::Quota, "our own share of the day is used up"));
    assert!(!inner.is_the_keys_fault(&source, Some(Lesser::Gaps), &result, Some(&key), noon()));
    assert_eq!(world.key(&source, None), key.label());
}

#[test]
fn what_one_key_has_used_up_another_pays() {
    let world = World::new(&["one", "two"]);
    let source = Source::of("youtube", "channel", "UC5");
    let (one, gaps) = (Secret::new("one"), Some(Lesser::Gaps));
    world.spend(&source, &one, Lesser::Gaps);
    for _ in 0..5 {
        assert_eq!(world.key(&source, gaps), Secret::new("two").label());
    }
    let result = refused(PollError::own(ErrorClass::Quota, "our own share of the day is used up"));
    assert!(world.inner().is_the_keys_fault(&source, gaps, &result, Some(&one), noon()));
    world.spend(&source, &Secret::new("two"), Lesser::Gaps);
    assert!(!world.inner().is_the_keys_fault(&source, gaps, &result, Some(&one), noon()));
}

#[test]
fn sites_of_a_network_wait_apart() {
    let world = World::new(&[]);
    let at = |target: &str| world.inner().asked_at(&Source::of("discourse", "posts", target));
    assert_ne!(at("https://one.example"), at("https://two.example"));
    let vk = |target: &str| world.inner().asked_at(&Source::of("vk", "wall", target));
    assert_eq!(vk("-5"), vk("-6"));
}

#[test]
fn a_repost_opens_no_thread() {
    let world = World::new(&["one"]);
    let source = Source::of("bluesky", "author", "did:plc:a");
    let told = |native_id: &str| Told {
        native_id: native_id.to_owned(),
        parent_id: None,
        thread_id: None,
        published_at: noon(),
        comments: Some(1),
        deleted: false,
    };
    let post = "at://did:plc:a/app.bsky.feed.post/3k";
    let told = vec![told(post), told("at://did:plc:b/app.bsky.feed.post/3l#did:plc:a")];
    let definition = world.definition("bluesky");
    let news = world.inner().told_threads(&source, definition, told, noon(), noon());
    let opened = run(news).into_iter().map(|news| match news {
        ThreadNews::Open { key, .. } => key.post,
        ThreadNews::Told { .. } => panic!("nothing was known"),
    });
    assert_eq!(opened.collect::<Vec<_>>(), [post]);
}

#[test]
fn a_poll_that_breaks_is_a_failure_that_is_stored() {
    let world = World::new(&["one"]);
    let source = Source::of("vk", "wall", "-5");
    let before = Before { failures: 1, ..Before::default() };
    let breaks = async { panic!("a page that nobody thought of") };
    let polled = run(world.inner().unbroken(&source, &before, noon(), breaks));
    run(world.inner().keep(polled)).unwrap();
    let read = world.inner().store.read(|reader| reader.source_state(&source.id));
    let state = read.unwrap().unwrap();
    assert_eq!((state.last_outcome, state.failures_in_row), (Some(Outcome::Failed), 1));
    let error = "malformed: reading it broke off: a page that nobody thought of";
    assert_eq!(state.last_error.as_deref(), Some(error));
    assert_eq!(state.next_poll_at.unwrap().duration_since(noon()).as_secs(), 1_200);
    let whole = world.inner().refused(
        &source,
        &state.cursor,
        noon(),
        PollError::new(ErrorClass::Gone, "gone"),
        Asks::GoOn,
    );
    let again = run(world.inner().unbroken(&source, &before, noon(), ready(whole)));
    assert_eq!(again.error.unwrap().class, ErrorClass::Gone, "what does not break passes");
}
