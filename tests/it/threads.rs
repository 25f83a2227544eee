//! The reading of threads over real HTTP: whatever order and delay comments
//! come in, all are stored; quotas hold; nobody starves; a power cut in the
//! middle loses nothing.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::auth::Secret;
use otklik::adapters::ruleset_files::{hash, shipped};
use otklik::adapters::store::commands::{ActivateRuleset, Command, Ingest};
use otklik::adapters::store::{Moment, PowerCut, Store, StoreError, StoreOptions};
use otklik::model::position::Position;
use otklik::model::post::{Network, Post, StoredPost};
use otklik::model::source::{HourCount, Source, SourceId};
use otklik::model::time::Clock;
use otklik::pipeline::ingest::{IngestOptions, IngestStage};
use otklik::rules::ruleset::Ruleset;
use proptest::prelude::*;
use tokio::sync::watch;

use crate::world::clock::SetClock;
use crate::world::comments::Comment;
use crate::world::network::{NetworkServer, instant};
use crate::world::pipeline::{Pipeline, shipped_ruleset};
use crate::world::posts::post;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// A step that is not over by then hangs on something.
const PATIENCE: Duration = Duration::from_secs(20);

/// Ten milliseconds each.
const LOCKED_TRIES_MAX: u32 = 2_000;

/// A program that polls one or two walls of a network, on a clock of its own.
struct World {
    folder: tempfile::TempDir,
    server: NetworkServer,
    clock: Arc<SetClock>,
    connectors: Connectors,
    ruleset: Arc<Ruleset>,
    running: Option<Running>,
}

struct Running {
    store: Store,
    stage: IngestStage,
    _ruleset: watch::Sender<Arc<Ruleset>>,
}

fn wall(owner: &str) -> Source {
    Source {
        id: SourceId(format!("vk:wall:{owner}")),
        name: "Город".to_owned(),
        poll_interval_secs: Some(300),
        ..Source::of("vk", "wall", owner)
    }
}

/// The shipped connector with some of its words replaced, and no waiting.
fn connectors(replaced: &[(&str, &str)]) -> Connectors {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("connectors/vk.toml");
    let mut text = std::fs::read_to_string(shipped).unwrap();
    for (from, to) in replaced {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("vk.toml"), text).unwrap();
    let mut connectors = Connectors::from_folder(folder.path()).unwrap();
    connectors.set_rate(&Network("vk".to_owned()), 1_000_000);
    connectors
}

impl World {
    fn new(owners: &[&str], connectors: Connectors) -> World {
        let mut ruleset = shipped_ruleset();
        ruleset.region.sources = owners.iter().map(|owner| wall(owner)).collect();
        let server = NetworkServer::start(100);
        server.comments(|comments| {
            comments.page_size = 100;
            comments.inside = 10;
            comments.is_told = true;
        });
        World {
            folder: tempfile::tempdir().unwrap(),
            server,
            clock: Arc::new(SetClock::at("2026-11-20T12:00:00Z")),
            connectors,
            ruleset: Arc::new(ruleset),
            running: None,
        }
    }

    fn open(&mut self, power_cut: Option<PowerCut>) {
        self.running = None;
        let options = StoreOptions { power_cut, ..StoreOptions::default() };
        let mut tries = 0;
        // Turns of the program before may still be on their way to their end.
        let store = loop {
            match Store::open_with(self.folder.path(), options) {
                Err(StoreError::Locked(_)) if tries < LOCKED_TRIES_MAX => {
                    tries += 1;
                    std::thread::sleep(Duration::from_millis(10));
                }
                opened => break opened.unwrap(),
            }
        };
        let mut options = IngestOptions::default();
        options.bases.insert(Network("vk".to_owned()), self.server.base.clone());
        options.secrets.insert(Network("vk".to_owned()), vec![Secret::new("t")]);
        let (sender, ruleset) = watch::channel(self.ruleset.clone());
        let clock: Arc<dyn Clock> = self.clock.clone();
        let stage =
            IngestStage::new(store.clone(), clock, ruleset, self.connectors.clone(), options);
        self.running = Some(Running { store, stage: stage.unwrap(), _ruleset: sender });
    }

    fn store(&self) -> &Store {
        &self.running.as_ref().unwrap().store
    }

    fn comment(&self, id: u64, under: u64, at_secs: i64, text: &str) {
        self.show(Comment {
            id,
            under,
            branch: None,
            at_secs,
            seen_from_secs: at_secs,
            text: text.to_owned(),
            deleted: false,
        });
    }

    fn show(&self, comment: Comment) {
        self.server.comments(|comments| comments.all.push(comment));
    }

    /// Steps at an instant until nothing is due; whether that came to pass.
    async fn step(&self, now_secs: i64, patience: Duration) -> bool {
        self.server.set_now(now_secs);
        self.clock.set(instant(now_secs));
        let running = self.running.as_ref().unwrap();
        let stepped = async {
            loop {
                running.stage.clone().step(instant(now_secs)).await.unwrap();
                tokio::time::sleep(Duration::from_millis(3)).await;
                if !self.is_due(now_secs) {
                    return;
                }
            }
        };
        tokio::time::timeout(patience, stepped).await.is_ok()
    }

    /// Steps until the walls are polled and threads had their turns, those
    /// excepted that must wait.
    async fn polled(&self, now_secs: i64) {
        self.server.set_now(now_secs);
        self.clock.set(instant(now_secs));
        let running = self.running.as_ref().unwrap();
        let mut turns = 0;
        while turns < 10 {
            running.stage.clone().step(instant(now_secs)).await.unwrap();
            tokio::time::sleep(Duration::from_millis(3)).await;
            turns += usize::from(!self.is_wall_due(now_secs));
        }
    }

    fn is_wall_due(&self, now_secs: i64) -> bool {
        let now = instant(now_secs);
        let states = self.store().read(|reader| reader.source_states()).unwrap();
        states.len() < self.ruleset.region.sources.len()
            || states.iter().any(|state| state.next_poll_at.is_none_or(|next| next <= now))
    }

    fn is_due(&self, now_secs: i64) -> bool {
        let now = instant(now_secs);
        self.store()
            .read(|reader| {
                for source in &self.ruleset.region.sources {
                    let state = reader.source_state(&source.id)?;
                    let is_due = state.is_none_or(|state| state.next_poll_at <= Some(now));
                    if is_due || !reader.due_threads(&source.id, now, &[], 1)?.is_empty() {
                        return Ok(true);
                    }
                }
                Ok(false)
            })
            .unwrap()
    }

    async fn settled(&self, now_secs: i64) {
        assert!(self.step(now_secs, PATIENCE).await, "something is due for ever");
    }

    fn posts(&self) -> Vec<StoredPost> {
        let all = |reader: &otklik::adapters::store::Reader| {
            reader.posts_between(Position(0), reader.last_position()?, 100_000)
        };
        self.store().read(all).unwrap()
    }

    /// Numbers of the stored comments.
    fn comments(&self) -> BTreeSet<u64> {
        let posts = self.posts().into_iter().filter(|post| post.post.is_comment());
        posts.map(|post| number(&post.post.key.native_id)).collect()
    }

    fn watched(&self) -> usize {
        let source = SourceId("vk:wall:-5".to_owned());
        self.store().read(|reader| reader.threads_of(&source)).unwrap().len()
    }

    /// Whether every post that is asked for by name was asked for.
    fn watched_posts(&self, now_secs: i64) -> bool {
        let source = SourceId("vk:wall:-5".to_owned());
        let due = |reader: &otklik::adapters::store::Reader| {
            reader.due_rechecks(&source, instant(now_secs), 1)
        };
        self.store().read(due).unwrap().is_empty()
    }

    /// How often a method was called since the last question.
    fn calls(&self, method: &str) -> usize {
        let path = format!("/method/{method}?");
        self.server.requests().iter().filter(|request| request.contains(&path)).count()
    }
}

fn number(native_id: &str) -> u64 {
    native_id.rsplit('_').next().unwrap().parse().unwrap()
}

fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(work)
}

#[test]
fn comments_are_posts_of_their_source_with_parent_and_thread() {
    let mut world = World::new(&["-5"], connectors(&[]));
    world.open(None);
    world.server.publish(1, 0, "на Победы темно");
    world.comment(500, 1, 60, "и у нас так же");
    let reply = |id: u64| Comment {
        id,
        under: 1,
        branch: Some(500),
        at_secs: 100 + id as i64,
        seen_from_secs: 0,
        text: format!("ответ {id}"),
        deleted: false,
    };
    (501..=515).for_each(|id| world.show(reply(id)));
    run(world.settled(600));
    let posts = world.posts();
    let found = |id: &str| &posts.iter().find(|post| post.post.key.native_id == id).unwrap().post;
    let comment = found("-5_500");
    assert_eq!(comment.source, Some(SourceId("vk:wall:-5".to_owned())));
    assert_eq!(comment.thread_id.as_deref(), Some("-5_1"));
    assert_eq!(comment.parent_id.as_deref(), Some("-5_1"));
    // The last five stand in the branch alone.
    assert_eq!(found("-5_515").thread_id.as_deref(), Some("-5_1"));
    assert_eq!(found("-5_515").parent_id.as_deref(), Some("-5_500"));
    assert_eq!(world.comments().len(), 16);
    // The wall is polled by its posts' rhythm, not by what is said under them.
    assert_eq!(counted(world.store(), "vk:wall:-5"), [1, 1]);
}

/// Posts in the rhythm of a source, by both questions for it.
fn counted(store: &Store, source: &str) -> [u32; 2] {
    let source = SourceId(source.to_owned());
    let posts = |hours: &[HourCount]| hours.iter().map(|hour| hour.posts).sum::<u32>();
    store
        .read(|reader| {
            let mut of_all = 0;
            reader.posts_by_hour(instant(-DAY), |name, hours| {
                of_all += if name == source.0 { posts(hours) } else { 0 };
            })?;
            Ok([of_all, posts(&reader.posts_by_hour_of(&source, instant(-DAY))?)])
        })
        .unwrap()
}

#[test]
fn a_source_of_comments_alone_has_their_rhythm() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let comment = |id: &str, source: &str, under: Option<&str>| Post {
        source: Some(SourceId(source.to_owned())),
        thread_id: under.map(str::to_owned),
        ..post("lemmy", id, "яма", "2026-11-20T10:00:00Z")
    };
    let posts = vec![
        comment("1", "community", None),
        comment("comment/2", "community", Some("1")),
        comment("comment/3", "talk", Some("1")),
        comment("comment/4", "talk", Some("unknown")),
    ];
    let seen_at = instant(0);
    let ingest = Ingest { seen_at, posts, rejected: Vec::new(), gap: None, poll: None };
    store.write(Command::Ingest(ingest)).unwrap();
    assert_eq!(counted(&store, "community"), [1, 1]);
    assert_eq!(counted(&store, "talk"), [2, 2]);
}

#[test]
fn a_thread_is_read_while_it_lives_and_then_forgotten() {
    let mut world = World::new(&["-5"], connectors(&[]));
    world.open(None);
    world.server.comments(|comments| comments.is_told = false);
    world.server.publish(1, 0, "яма");
    run(async {
        world.settled(300).await;
        assert_eq!((world.watched(), world.calls("wall.getComments")), (1, 1));
        let mut read = Vec::new();
        for day in 0..4 {
            for hour in 1..=24 {
                world.settled(day * DAY + hour * HOUR).await;
            }
            read.push(world.calls("wall.getComments"));
        }
        assert!(read.is_sorted_by(|a, b| a >= b) && read[0] <= 24 && 0 < read[2], "{read:?}");
        assert_eq!((world.watched(), read[3] <= 1), (0, true), "{read:?}");
        world.comment(500, 1, 5 * DAY, "поздно");
        world.settled(5 * DAY + HOUR).await;
        assert_eq!((world.watched(), world.comments().len()), (0, 0));
    });
}

#[test]
fn counts_save_reads_and_bring_them_near() {
    let mut world = World::new(&["-5"], connectors(&[]));
    world.open(None);
    world.server.publish(1, 0, "яма");
    world.comment(500, 1, 60, "да");
    run(async {
        world.settled(300).await;
        world.calls("");
        for minute in (10..180).step_by(5) {
            world.settled(minute * 60).await;
        }
        assert_eq!(world.calls("wall.getComments"), 0, "the count did not move");
        world.comment(501, 1, 185 * 60, "и в девятом доме");
        world.settled(190 * 60).await;
        assert_eq!(world.comments(), BTreeSet::from([500, 501]));
    });
}

#[test]
fn changed_and_deleted_comments_are_revisions() {
    let mut world = World::new(&["-5"], connectors(&[]));
    world.open(None);
    world.server.comments(|comments| comments.is_told = false);
    world.server.publish(1, 0, "яма");
    world.comment(500, 1, 60, "у дома 9");
    world.comment(501, 1, 70, "грубость");
    run(async {
        world.settled(300).await;
        world.server.comments(|comments| {
            comments.all[0].text = "у дома 11".to_owned();
            comments.all[1].deleted = true;
        });
        world.settled(2 * HOUR).await;
    });
    let posts = world.posts();
    let revisions = |id: &str| {
        let post = posts.iter().find(|post| post.post.key.native_id == id).unwrap();
        let found = world.store().read(|reader| reader.revisions(post.position)).unwrap();
        found.into_iter().map(|(text, deleted, _)| (text, deleted)).collect::<Vec<_>>()
    };
    assert_eq!(revisions("-5_500"), [("у дома 11".to_owned(), false)]);
    assert_eq!(revisions("-5_501"), [("грубость".to_owned(), true)]);
}

#[test]
fn quotas_hold_posts_come_first_and_nobody_starves() {
    // Twenty reads of comments a day.
    let replaced = connectors(&[("daily_max = 5_000\nbranches", "daily_max = 20\nbranches")]);
    let mut world = World::new(&["-5", "-6"], replaced);
    world.open(None);
    // From midnight in Moscow on.
    let midnight = 9 * HOUR - instant(0).as_second().rem_euclid(DAY) + 12 * HOUR;
    for id in (1..=45).chain(1_000_000..1_000_003) {
        world.server.publish(id, midnight + id as i64 % 1_000, "яма");
        world.comment(id + 500, id, midnight + 1_000 + id as i64 % 100, "и у нас");
    }
    run(async {
        let mut polls = 0;
        for day in 0..3 {
            let mut reads = 0;
            for half_hour in 1..48 {
                // Threads stay due once the day is used up.
                let now = midnight + day * DAY + half_hour * HOUR / 2;
                world.polled(now).await;
                let requests = world.server.requests();
                let count = |method: &str| {
                    let path = format!("/method/{method}?");
                    requests.iter().filter(|request| request.contains(&path)).count()
                };
                reads += count("wall.getComments");
                polls += count("wall.get");
            }
            assert!(reads <= 20, "day {day}: {reads}");
            if day == 0 {
                let small = world.comments().iter().filter(|id| 1_000_000 <= **id).count();
                assert_eq!(small, 3, "the small wall waited for the large one");
            }
        }
        assert!(2 * 3 * 47 <= polls, "{polls}");
        assert_eq!(world.comments().len(), 48);
    });
}

#[derive(Debug, Clone)]
struct Written {
    under: u64,
    at_mins: i64,
    late_mins: i64,
    is_reply: bool,
}

fn written() -> impl Strategy<Value = Written> {
    (1..=3u64, 0..600i64, prop_oneof![Just(0), 0..240i64], any::<bool>()).prop_map(
        |(under, at_mins, late_mins, is_reply)| Written { under, at_mins, late_mins, is_reply },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn every_comment_is_stored_in_the_end(
        written in prop::collection::vec(written(), 1..40),
        page_size in 1..8usize,
        inside in 0..4usize,
        is_told in any::<bool>(),
        cut in prop::option::of((1..40u64, any::<bool>())),
    ) {
        let mut world = World::new(&["-5"], connectors(&[("pages_max = 10", "pages_max = 60")]));
        world.server.comments(|comments| {
            (comments.page_size, comments.inside, comments.is_told) = (page_size, inside, is_told);
        });
        (1..=3).for_each(|id| world.server.publish(id, 0, "яма"));
        let mut heads = [0; 4];
        for (index, one) in written.iter().enumerate() {
            let id = 500 + index as u64;
            let under = one.under as usize;
            let branch = (one.is_reply && heads[under] != 0).then_some(heads[under]);
            if branch.is_none() {
                heads[under] = id;
            }
            world.show(Comment {
                id,
                under: one.under,
                branch,
                at_secs: 60 * one.at_mins,
                seen_from_secs: 60 * (one.at_mins + one.late_mins),
                text: format!("слово {id}"),
                deleted: false,
            });
        }
        let moment =
            |after| if after { Moment::AfterCommit } else { Moment::BeforeCommit };
        world.open(cut.map(|(commit, after)| PowerCut { commit, moment: moment(after) }));
        run(async {
            for hour in 1..=24 {
                if !world.step(hour * HOUR, Duration::from_millis(1_500)).await {
                    // The power went; everything begins again from the tables.
                    world.open(None);
                    world.settled(hour * HOUR).await;
                }
            }
        });
        let all: BTreeSet<u64> = (500..500 + written.len() as u64).collect();
        prop_assert_eq!(world.comments(), all);
    }
}

/// Comments in the whole pipeline.
#[test]
fn a_comment_joins_by_its_thread_and_one_alone_opens_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = Pipeline::open(folder.path(), "2026-11-20T12:00:00Z");
    let under = |id: &str, above: &str, text: &str| {
        let mut post = post("vk", id, text, "2026-11-20T11:00:00Z");
        post.parent_id = Some(above.to_owned());
        post.thread_id = Some(above.to_owned());
        post
    };
    world.ingest(vec![
        post(
            "vk",
            "-5_1",
            "Череповец, на проспекте Победы 85 не горят фонари, темно вторую неделю",
            "2026-11-20T10:00:00Z",
        ),
        post("vk", "-5_2", "Сегодня в Вологде концерт и ярмарка", "2026-11-20T10:00:00Z"),
    ]);
    world.ingest(vec![
        under("-5_3", "-5_1", "И у нас фонари не горят, темнота во дворе"),
        under("-5_4", "-5_2", "Вологда, Кирова 50, тепла нет, батареи холодные третий день"),
    ]);
    world.settle();
    let incident = |id: &str| world.incident_of(world.position("vk", id));
    assert!(incident("-5_1").is_some());
    assert_eq!(incident("-5_3"), incident("-5_1"));
    assert!(incident("-5_4").is_some() && incident("-5_4") != incident("-5_1"));
    assert_eq!(incident("-5_2"), None);
}

/// A thread of an open incident does not end.
#[test]
fn threads_of_open_incidents_are_read_on() {
    let mut world = World::new(&["-5"], connectors(&[]));
    let text = "Череповец, на проспекте Победы 85 не горят фонари, темно вторую неделю";
    world.server.publish(1, 0, text);
    world.open(None);
    run(world.settled(600));
    grouped(&mut world);
    run(async {
        for hour in 1..=5 * 24 {
            world.settled(hour * HOUR).await;
        }
    });
    assert_eq!(world.watched(), 1);
    world.comment(500, 1, 5 * DAY, "и в доме 91 тоже");
    run(world.settled(5 * DAY + 2 * HOUR));
    assert_eq!(world.comments(), BTreeSet::from([500]));
}

/// An edit of a member is a revision; one that is gone twice was deleted, and
/// comes back as itself.
#[test]
fn posts_of_open_incidents_are_looked_at_again() {
    let mut world = World::new(&["-5"], connectors(&[]));
    let text = "Череповец, на проспекте Победы 85 не горят фонари, темно вторую неделю";
    world.server.publish(1, 0, text);
    world.server.publish(2, 10, "Сегодня концерт и ярмарка");
    world.open(None);
    run(world.settled(600));
    grouped(&mut world);
    let known = |world: &World| {
        let mut posts = world.posts().into_iter();
        let post = posts.find(|post| post.post.key.native_id == "-5_1").unwrap();
        world
            .store()
            .read(|reader| Ok((reader.revisions(post.position)?, reader.is_deleted(&post)?)))
    };
    run(async {
        let mut hour = 1;
        let mut until = async |world: &World, last: i64| {
            while hour <= last {
                world.step(hour * HOUR, PATIENCE).await;
                while !world.watched_posts(hour * HOUR) {
                    world.step(hour * HOUR, PATIENCE).await;
                }
                hour += 1;
            }
        };
        until(&world, 3).await;
        assert!(known(&world).unwrap().0.is_empty());
        let named: Vec<String> = world.server.requests();
        let named = named.iter().filter(|request| request.contains("wall.getById")).count();
        assert!(0 < named, "members are asked for by name");
        world.server.vanish(1);
        until(&world, 4).await;
        assert!(!known(&world).unwrap().1, "once may be chance");
        until(&world, 8).await;
        let (revisions, is_deleted) = known(&world).unwrap();
        assert!(is_deleted);
        assert_eq!(revisions.last().unwrap().0, text, "its last words stay");
        world.server.publish(1, 0, "Победы 85: фонари включили");
        until(&world, 12).await;
        let (revisions, is_deleted) = known(&world).unwrap();
        assert_eq!((revisions.len(), is_deleted), (2, false), "{revisions:?}");
    });
}

/// Lets the stages that decide run over what is stored.
fn grouped(world: &mut World) {
    let files = shipped("vologda").unwrap();
    let store = world.store().clone();
    let activate = ActivateRuleset { hash: hash(&files), files, at: instant(0) };
    store.write(Command::ActivateRuleset(activate)).unwrap();
    let (_sender, watched) = watch::channel(Arc::new(shipped_ruleset()));
    let mut matcher =
        otklik::pipeline::matcher::MatcherStage::new(store.clone(), watched.clone()).unwrap();
    let mut cluster = otklik::pipeline::cluster::ClusterStage::new(store, watched).unwrap();
    use otklik::pipeline::stage::Progress;
    while let Progress::More(_) = matcher.step().unwrap() {}
    while let Progress::More(_) = cluster.step().unwrap() {}
}
