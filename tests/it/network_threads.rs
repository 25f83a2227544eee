//! What stands under posts, over HTTP through the whole pipeline, in the shape
//! of every network that shows it: comments are posts of the right thread, join
//! the incident of their post or stand for themselves; edits become revisions;
//! what a network proves to be gone is deleted.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::auth::Secret;
use otklik::adapters::ruleset_files::{hash, shipped};
use otklik::adapters::store::commands::{ActivateRuleset, Command};
use otklik::adapters::store::{Reader, Store};
use otklik::model::incident::IncidentId;
use otklik::model::position::Position;
use otklik::model::post::{Network, PostKey, StoredPost};
use otklik::model::source::{Source, SourceId};
use otklik::model::time::Clock;
use otklik::pipeline::cluster::ClusterStage;
use otklik::pipeline::ingest::{IngestOptions, IngestStage};
use otklik::pipeline::matcher::MatcherStage;
use otklik::pipeline::stage::Progress;
use otklik::rules::ruleset::Ruleset;
use tokio::sync::watch;

use crate::world::clock::SetClock;
use crate::world::network::instant;
use crate::world::pipeline::shipped_ruleset;
use crate::world::talk::{Shape, TalkServer};

const HOUR: i64 = 3_600;
/// A step that is not over by then hangs on something.
const PATIENCE: Duration = Duration::from_secs(20);

const LAMPS: &str = "Череповец, на проспекте Победы 85 не горят фонари, темно вторую неделю";
const FAIR: &str = "Сегодня в Вологде концерт и ярмарка";
const LAMPS_TOO: &str = "И у нас фонари не горят, темнота во дворе";
const HEATING: &str = "Вологда, Кирова 50, тепла нет, батареи холодные третий день";

/// A program that reads one source of a network, on a clock of its own.
struct World {
    _folder: tempfile::TempDir,
    server: TalkServer,
    shape: Shape,
    network: Network,
    source: SourceId,
    clock: Arc<SetClock>,
    store: Store,
    stage: IngestStage,
    connectors: Connectors,
    ruleset: watch::Sender<Arc<Ruleset>>,
    runtime: tokio::runtime::Runtime,
}

/// The shipped connector with some of its words replaced, and no waiting.
fn connectors(network: &Network, replaced: &[(&str, &str)]) -> Connectors {
    let name = format!("{network}.toml");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("connectors").join(&name);
    let mut text = std::fs::read_to_string(shipped).unwrap();
    for (from, to) in replaced {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    let mut connectors = Connectors::from_folder(folder.path()).unwrap();
    connectors.set_rate(network, 1_000_000);
    connectors
}

fn secret(shape: Shape) -> Option<Secret> {
    match shape {
        Shape::Ok => Some(Secret::new("application_key=A\napplication_secret_key=B")),
        Shape::Youtube => Some(Secret::new("key")),
        Shape::Telegram | Shape::Mastodon | Shape::Bluesky | Shape::Discourse => None,
    }
}

fn stage(
    shape: Shape,
    store: &Store,
    clock: &Arc<SetClock>,
    ruleset: watch::Receiver<Arc<Ruleset>>,
    connectors: Connectors,
    server: &TalkServer,
) -> IngestStage {
    let network = Network(shape.network().to_owned());
    let mut options = IngestOptions::default();
    options.bases.insert(network.clone(), server.base.clone());
    options.secrets.extend(secret(shape).map(|key| (network, vec![key])));
    let clock: Arc<dyn Clock> = clock.clone();
    IngestStage::new(store.clone(), clock, ruleset, connectors, options).unwrap()
}

impl World {
    /// The program ends and begins again with what is stored.
    fn restart(&mut self) {
        let (watched, connectors) = (self.ruleset.subscribe(), self.connectors.clone());
        self.stage = stage(self.shape, &self.store, &self.clock, watched, connectors, &self.server);
    }

    fn new(shape: Shape, replaced: &[(&str, &str)]) -> World {
        let server = TalkServer::start(shape);
        let network = Network(shape.network().to_owned());
        let (kind, target) = shape.source(&server.base);
        let source = Source {
            id: SourceId(format!("{network}:town")),
            name: "Город".to_owned(),
            poll_interval_secs: Some(300),
            ..Source::of(&network.0, kind, &target)
        };
        let mut ruleset = shipped_ruleset();
        ruleset.region.sources = vec![source.clone()];
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let files = shipped("vologda").unwrap();
        let activate = ActivateRuleset { hash: hash(&files), files, at: instant(0) };
        store.write(Command::ActivateRuleset(activate)).unwrap();
        let (ruleset, watched) = watch::channel(Arc::new(ruleset));
        let clock = Arc::new(SetClock::at("2026-11-20T12:00:00Z"));
        let connectors = connectors(&network, replaced);
        let stage = stage(shape, &store, &clock, watched, connectors.clone(), &server);
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        World {
            _folder: folder,
            server,
            shape,
            network,
            source: source.id,
            clock,
            store,
            stage,
            connectors,
            ruleset,
            runtime: runtime.worker_threads(2).enable_all().build().unwrap(),
        }
    }

    /// Steps at an instant until nothing is due, and lets the other stages go.
    fn settled(&self, now_secs: i64) {
        self.read_at(now_secs);
        self.grouped();
    }

    /// Steps at an instant until nothing is due.
    fn read_at(&self, now_secs: i64) {
        self.server.set_now(now_secs);
        self.clock.set(instant(now_secs));
        let stepped = async {
            loop {
                self.stage.clone().step(instant(now_secs)).await.unwrap();
                tokio::time::sleep(Duration::from_millis(3)).await;
                if !self.store.read(|reader| self.is_due(reader, now_secs)).unwrap() {
                    return;
                }
            }
        };
        let network = &self.network;
        self.runtime
            .block_on(async { tokio::time::timeout(PATIENCE, stepped).await })
            .unwrap_or_else(|_| {
                panic!("{network}: something is due for ever: {:?}", self.server.asked())
            });
    }

    fn is_due(
        &self,
        reader: &Reader,
        now_secs: i64,
    ) -> Result<bool, otklik::adapters::store::StoreError> {
        let now = instant(now_secs);
        let state = reader.source_state(&self.source)?;
        Ok(state.is_none_or(|state| state.next_poll_at <= Some(now))
            || !reader.due_threads(&self.source, now, &[], 1)?.is_empty()
            || !reader.due_rechecks(&self.source, now, 1)?.is_empty())
    }

    fn grouped(&self) {
        let (store, watched) = (self.store.clone(), self.ruleset.subscribe());
        let mut matcher = MatcherStage::new(store.clone(), watched.clone()).unwrap();
        let mut cluster = ClusterStage::new(store, watched).unwrap();
        while let Progress::More(_) = matcher.step().unwrap() {}
        while let Progress::More(_) = cluster.step().unwrap() {}
    }

    fn posts(&self) -> Vec<StoredPost> {
        let all =
            |reader: &Reader| reader.posts_between(Position(0), reader.last_position()?, 100_000);
        self.store.read(all).unwrap()
    }

    fn post(&self, id: u64) -> StoredPost {
        let native_id = self.server.native_id(id);
        let key = PostKey { network: self.network.clone(), native_id };
        let found = self.store.read(|reader| reader.post_by_key(&key)).unwrap();
        found.unwrap_or_else(|| panic!("no {key} in {:?}", self.keys()))
    }

    fn keys(&self) -> BTreeSet<String> {
        self.posts().into_iter().map(|post| post.post.key.native_id).collect()
    }

    fn incident_of(&self, id: u64) -> Option<IncidentId> {
        let position = self.post(id).position;
        let memberships = self.store.read(|reader| reader.memberships(position)).unwrap();
        memberships.into_iter().find(|(_, _, ended)| ended.is_none()).map(|(id, _, _)| id)
    }

    /// Where an answer stands: what it answers, and under which post.
    fn place(&self, id: u64) -> (Option<String>, Option<String>) {
        let post = self.post(id).post;
        (post.parent_id, post.thread_id)
    }

    fn stands(&self, id: u64, parent: u64, thread: u64) {
        let of = |id| Some(self.server.native_id(id));
        assert_eq!(self.place(id), (of(parent), of(thread)), "{} {id}", self.network);
    }

    fn is_deleted(&self, id: u64) -> bool {
        let post = self.post(id);
        self.store.read(|reader| reader.is_deleted(&post)).unwrap()
    }

    fn words(&self, id: u64) -> Vec<String> {
        let position = self.post(id).position;
        let revisions = self.store.read(|reader| reader.revisions(position)).unwrap();
        revisions.into_iter().map(|(text, _, _)| text).collect()
    }
}

/// In every shape: a post, an answer to it, an answer to that, and a complaint
/// of its own under a post that is none.
fn talked(shape: Shape) -> World {
    let world = World::new(shape, &[]);
    world.server.say(1, None, 0, LAMPS);
    world.server.say(2, None, 10, FAIR);
    world.server.say(500, Some(1), 60, LAMPS_TOO);
    world.server.say(501, Some(500), 120, "Третий подъезд, подтверждаю");
    world.server.say(502, Some(2), 180, HEATING);
    world.settled(600);
    world.settled(3 * HOUR);
    world
}

#[test]
fn comments_of_every_shape_find_their_place() {
    for shape in Shape::ALL {
        let world = talked(shape);
        let name = shape.network();
        assert_eq!(world.keys().len(), 5, "{name}: {:?}", world.keys());
        world.stands(500, 1, 1);
        world.stands(501, 500, 1);
        world.stands(502, 2, 2);
        assert!(world.incident_of(1).is_some(), "{name}");
        assert_eq!(world.incident_of(500), world.incident_of(1), "{name}: joins its post's");
        let own = world.incident_of(502);
        assert!(own.is_some() && own != world.incident_of(1), "{name}: stands for itself");
        assert_eq!(world.incident_of(2), None, "{name}");
    }
}

#[test]
fn posts_of_incidents_are_looked_at_again_in_every_shape() {
    for shape in Shape::ALL {
        let world = talked(shape);
        let name = shape.network();
        let edited = LAMPS.replace("85", "87");
        world.server.edit(1, &edited);
        (4..10).for_each(|hour| world.read_at(hour * HOUR));
        assert_eq!(world.words(1).last(), Some(&edited), "{name}");
        assert!(!world.is_deleted(1), "{name}");
        world.server.vanish(1);
        (10..18).for_each(|hour| world.read_at(hour * HOUR));
        assert!(world.is_deleted(1), "{name}: {:?}", world.server.asked());
        assert_eq!(world.words(1).last(), Some(&edited), "{name}: its last words stay");
    }
}

/// Anchors of Odnoklassniki come behind the last page too.
#[test]
fn anchors_that_never_end_are_left_behind_the_last_comment() {
    let world = World::new(Shape::Ok, &[]);
    world.server.set_pages(3, 0);
    world.server.say(1, None, 0, LAMPS);
    (500..507).for_each(|id| world.server.say(id, Some(1), 60 + id as i64, "и у нас"));
    world.settled(900);
    assert_eq!(world.keys().len(), 8);
    let asked = world.server.asked();
    let reads = asked.iter().filter(|one| one.contains("discussions.getComments")).count();
    assert_eq!(reads, 4, "three pages and one behind: {asked:#?}");
}

/// A comment of YouTube shows some of its replies and tells of more.
#[test]
fn replies_are_read_by_their_branches() {
    let world = World::new(Shape::Youtube, &[]);
    world.server.say(1, None, 0, LAMPS);
    world.server.say(500, Some(1), 60, LAMPS_TOO);
    world.server.say(600, Some(1), 70, "а у нас горят");
    (501..506).for_each(|id| world.server.say(id, Some(500), id as i64, "и в девятом доме"));
    world.server.say(601, Some(600), 700, "повезло");
    world.settled(900);
    world.settled(2 * HOUR);
    assert_eq!(world.keys().len(), 9, "{:?}", world.keys());
    (501..506).for_each(|id| world.stands(id, 500, 1));
    let asked = world.server.asked();
    let of = |id: &str| asked.iter().filter(|one| one.contains(&format!("parentId={id}"))).count();
    assert_eq!((of("500"), of("600")), (1, 0), "what is shown whole has no branch: {asked:#?}");
    // A new reply is told by the count, and read.
    world.server.say(507, Some(500), 2 * HOUR + 60, "до сих пор темно");
    world.settled(5 * HOUR);
    world.stands(507, 500, 1);
}

/// Comments have a part of the day's units, restarts or not; new videos are
/// found all the same.
#[test]
fn comments_leave_units_to_new_videos() {
    let mut world = World::new(Shape::Youtube, &[("daily_max = 9_500", "daily_max = 200")]);
    for id in 1..=40 {
        world.server.say(id, None, id as i64, FAIR);
        world.server.say(1_000 + id, Some(id), 100 + id as i64, "спасибо");
    }
    // A little after midnight in California, and through the whole day.
    let midnight = 21 * HOUR;
    let mut asked = Vec::new();
    for half_hour in 1..46 {
        let now = midnight + half_hour * HOUR / 2;
        if half_hour % 10 == 0 {
            world.restart();
        }
        world.server.say(100 + half_hour as u64, None, now - 60, FAIR);
        world.server.set_now(now);
        world.clock.set(instant(now));
        for _ in 0..12 {
            let step = world.stage.clone().step(instant(now));
            world.runtime.block_on(async {
                step.await.unwrap();
                tokio::time::sleep(Duration::from_millis(4)).await;
            });
        }
        asked.extend(world.server.asked());
    }
    let of = |part: &str| asked.iter().filter(|one| one.contains(part)).count();
    let (videos, comments) = (of("playlistItems"), of("commentThreads") + of("/comments?"));
    assert!((60..=90).contains(&comments), "{comments} of 200 units");
    assert!(40 <= videos && videos + comments <= 200, "{videos} and {comments}");
    let found =
        world.keys().iter().filter(|id| (101..146).contains(&id.parse().unwrap_or(0))).count();
    assert!(43 <= found, "{found} new videos of 45");
}

/// Without a token a context of Mastodon ends early; what is missing stands
/// under the replies that tell of it.
#[test]
fn a_context_that_ends_early_is_read_by_its_branches() {
    let world = World::new(Shape::Mastodon, &[]);
    world.server.set_pages(3, 0);
    world.server.say(1, None, 0, LAMPS);
    world.server.say(500, Some(1), 60, LAMPS_TOO);
    (501..504).for_each(|id| world.server.say(id, Some(500), id as i64, "и в девятом"));
    world.settled(900);
    world.settled(2 * HOUR);
    assert_eq!(world.keys().len(), 5, "{:?}", world.keys());
    world.stands(503, 500, 1);
}

/// A topic of a forum shows twenty posts and names the others.
#[test]
fn a_long_topic_is_read_to_its_end() {
    let world = World::new(Shape::Discourse, &[]);
    world.server.set_pages(3, 0);
    world.server.say(1, None, 0, LAMPS);
    (500..530).for_each(|id| world.server.say(id, Some(1), id as i64, "и у нас"));
    world.settled(900);
    assert_eq!(world.keys().len(), 31, "{:?}", world.keys());
    assert_eq!(world.server.calls("post_ids[]"), 2, "twenty at a time");
}
