//! Posts that come by themselves, over real sockets, from a server that breaks
//! off in every way: nothing is lost without a gap that says so, nothing is
//! stored twice, rules are kept in step, and a restart goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use otklik::adapters::clock::SystemClock;
use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::auth::Secret;
use otklik::adapters::store::Store;
use otklik::adapters::store::commands::{Command, Ingest};
use otklik::adapters::store::read::StoredGap;
use otklik::model::journal::NewEntry;
use otklik::model::position::Position;
use otklik::model::post::{Network, Post, PostKey, StoredPost};
use otklik::model::source::{Source, SourceId, SourceState};
use otklik::model::stream::StreamState;
use otklik::model::time::{Clock as _, Timestamp};
use otklik::pipeline::ingest::{IngestOptions, IngestStage};
use otklik::pipeline::stage::{Board, Surroundings, run_as_task};
use otklik::pipeline::streams::{StreamOptions, StreamStage};
use otklik::rules::ruleset::Ruleset;
use otklik::rules::stream_rules::{Compiled, REASONS, RuleLimits, VK_LIMITS, compile};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::world::pipeline::shipped_ruleset;
use crate::world::streams::{Mishap, StreamServer};

const TOKEN: &str = "vk1.a.str/eam+secret";

/// One source of one kind, with everything real but the server.
struct World {
    server: StreamServer,
    store: Store,
    ruleset: watch::Sender<Arc<Ruleset>>,
    source: Source,
    connectors: PathBuf,
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
    _folder: tempfile::TempDir,
}

struct Running {
    stop: watch::Sender<bool>,
    board: Arc<Board>,
    tasks: Vec<JoinHandle<()>>,
}

impl World {
    fn new(network: &str, kind: &str, target: &str) -> World {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("data")).unwrap();
        let source = source(network, kind, target);
        let mut rules = shipped_ruleset();
        rules.region.sources = vec![source.clone()];
        let (ruleset, _) = watch::channel(Arc::new(rules));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let connectors = impatient_connectors(folder.path());
        let server = StreamServer::start();
        let running = None;
        let mut world =
            World { server, store, ruleset, source, connectors, runtime, running, _folder: folder };
        world.start();
        world
    }

    fn start(&mut self) {
        let _entered = self.runtime.enter();
        let (stop, stopped) = watch::channel(false);
        let board = Arc::new(Board::default());
        let clock = Arc::new(SystemClock);
        let connectors = || Connectors::from_folder(&self.connectors).unwrap();
        let network = self.source.network.clone();
        let bases = BTreeMap::from([(network.clone(), self.server.base.clone())]);
        let secrets = BTreeMap::from([(network.clone(), vec![Secret::new(TOKEN)])]);
        let options = IngestOptions { bases: bases.clone(), secrets, ..IngestOptions::default() };
        let (store, rules) = (self.store.clone(), self.ruleset.subscribe());
        let ingest = IngestStage::new(store, clock.clone(), rules, connectors(), options).unwrap();
        let surroundings =
            Surroundings { store: self.store.clone(), clock, board: board.clone(), stop: stopped };
        let token = BTreeMap::from([(self.source.target.clone(), Secret::new(TOKEN))]);
        let options = StreamOptions {
            bases,
            communities: BTreeMap::from([(network, token)]),
            ..StreamOptions::default()
        };
        let stage = StreamStage::new(
            surroundings.clone(),
            self.ruleset.subscribe(),
            connectors(),
            &ingest,
            options,
        )
        .unwrap();
        let ended = self.runtime.spawn(stage.clone().ended());
        let looped = run_as_task("streams", surroundings, move |now| stage.clone().step(now));
        self.running = Some(Running { stop, board, tasks: vec![ended, looped] });
    }

    /// Ends as the program does when it is told to.
    fn stop(&mut self) {
        let Some(running) = self.running.take() else { return };
        running.stop.send_replace(true);
        self.runtime.block_on(async {
            for task in running.tasks {
                let over = tokio::time::timeout(Duration::from_secs(5), task).await;
                over.expect("a stream did not end in time").unwrap();
            }
        });
    }

    fn board(&self) -> StreamState {
        let board = &self.running.as_ref().unwrap().board;
        board.streams().remove(&self.source.id.0).unwrap_or_default()
    }

    fn state(&self) -> Option<SourceState> {
        let id = self.source.id.clone();
        self.store.read(|reader| reader.source_state(&id)).unwrap()
    }

    fn posts(&self) -> Vec<StoredPost> {
        let last = self.store.read(|reader| reader.last_position()).unwrap();
        self.store.read(|reader| reader.posts_between(Position(0), last, 10_000)).unwrap()
    }

    fn ids(&self) -> Vec<String> {
        self.posts().into_iter().map(|stored| stored.post.key.native_id).collect()
    }

    fn revisions(&self, id: &str) -> Vec<(String, bool)> {
        let key = PostKey { network: self.source.network.clone(), native_id: id.to_owned() };
        let post = self.store.read(|reader| reader.post_by_key(&key)).unwrap().unwrap();
        let all = self.store.read(|reader| reader.revisions(post.position)).unwrap();
        all.into_iter().map(|(text, deleted, _)| (text, deleted)).collect()
    }

    fn gaps(&self) -> Vec<StoredGap> {
        self.store.read(|reader| reader.gaps(100)).unwrap()
    }

    #[track_caller]
    fn wait_for(&self, what: &str, holds: impl Fn(&World) -> bool) {
        for _ in 0..1_500 {
            if holds(self) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("{what}: {:?} {:?} {:?}", self.board(), self.state(), self.ids());
    }

    fn wait_connected(&self, times: usize) {
        self.wait_for(&format!("connection {times}"), |world| {
            let (all, open) = world.server.connections();
            times <= all && 0 < open && world.board().connected_since.is_some()
        });
    }

    fn wait_posts(&self, count: usize) {
        self.wait_for(&format!("{count} posts"), |world| count <= world.posts().len());
    }

    /// Everything published was stored, or a gap says that it may be missing.
    #[track_caller]
    fn check_nothing_is_lost(&self, published: &[(String, Timestamp)]) {
        let stored: BTreeSet<String> = self.ids().into_iter().collect();
        assert_eq!(stored.len(), self.posts().len(), "a post twice");
        let gaps = self.gaps();
        for (id, at) in published.iter().filter(|(id, _)| !stored.contains(id)) {
            let is_covered =
                |gap: &StoredGap| gap.from.is_none_or(|from| from <= *at) && *at <= gap.to;
            assert!(gaps.iter().any(is_covered), "{id} of {at} is lost without a gap: {gaps:?}");
        }
        for state in self.store.read(|reader| reader.source_states()).unwrap() {
            let said = format!("{state:?}");
            assert!(!said.contains("secret") && !said.contains("streamkey"), "{said}");
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.stop();
        }
    }
}

fn source(network: &str, kind: &str, target: &str) -> Source {
    Source {
        id: SourceId(format!("{network}:{kind}")),
        network: Network(network.to_owned()),
        kind: kind.to_owned(),
        target: target.to_owned(),
        name: "Область".to_owned(),
        territory: None,
        own: None,
        poll_interval_secs: None,
        importance: Default::default(),
    }
}

/// The shipped ones, where silence is noticed sooner and nobody waits long.
fn impatient_connectors(folder: &Path) -> PathBuf {
    let own = folder.join("connectors");
    std::fs::create_dir(&own).unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("connectors");
    for network in ["vk", "bluesky", "mastodon"] {
        let text = std::fs::read_to_string(shipped.join(format!("{network}.toml"))).unwrap();
        let text = text
            .replace("idle_secs = 90\n", "")
            .replace("\nextract = \"stream\"\n", "\nextract = \"stream\"\nidle_secs = 1\n")
            .replace("per_minute = 150", "per_minute = 60_000")
            .replace("per_minute = 120", "per_minute = 60_000")
            .replace("per_minute = 55", "per_minute = 60_000");
        std::fs::write(own.join(format!("{network}.toml")), text).unwrap();
    }
    own
}

fn now() -> Timestamp {
    SystemClock.now()
}

fn vk(id: u64, action: &str, text: &str) -> Value {
    let at = now().as_second();
    json!({"code": 100, "event": {"event_type": "post",
        "event_id": {"post_owner_id": -5, "post_id": id},
        "event_url": format!("https://vk.com/wall-5_{id}"), "text": text, "action": action,
        "action_time": at, "creation_time": at, "tags": ["roads.1"], "author": {"id": 7}}})
}

fn commit(id: u64, operation: &str, text: &str) -> Value {
    let mut commit = json!({"rev": "3k", "operation": operation, "rkey": format!("3k{id}"),
        "collection": "app.bsky.feed.post"});
    if operation != "delete" {
        commit["record"] = json!({"$type": "app.bsky.feed.post", "text": text,
            "createdAt": now().to_string(), "langs": ["ru"]});
    }
    json!({"did": "did:plc:town", "time_us": now().as_microsecond(), "kind": "commit",
        "commit": commit})
}

fn status(id: u64, text: &str) -> Value {
    json!({"event": "update", "payload": {"id": id.to_string(), "created_at": now().to_string(),
        "content": format!("<p>{text}</p>"), "visibility": "public", "account": {"id": "5"},
        "url": format!("https://social.example/@town/{id}")}})
}

fn reply(id: u64, text: &str) -> Value {
    json!({"type": "wall_reply_new", "event_id": format!("e{id}"), "group_id": 5, "object":
        {"id": id, "from_id": 7, "date": now().as_second(), "text": text, "post_id": 1,
        "owner_id": -5, "post_owner_id": -5}})
}

/// A network's stream: its source, and how a post is published and named.
struct Kind {
    network: &'static str,
    kind: &'static str,
    target: &'static str,
    frame: fn(u64) -> Value,
    id: fn(u64) -> String,
}

const VK: Kind = Kind {
    network: "vk",
    kind: "streaming",
    target: "region",
    frame: |id| vk(id, "new", &format!("яма {id}")),
    id: |id| format!("-5_{id}"),
};
const LONG_POLL: Kind = Kind {
    network: "vk",
    kind: "long_poll",
    target: "5",
    frame: |id| reply(id, &format!("яма {id}")),
    id: |id| format!("-5_{id}"),
};
const BLUESKY: Kind = Kind {
    network: "bluesky",
    kind: "jetstream",
    target: "town.example did:plc:other",
    frame: |id| commit(id, "create", &format!("яма {id}")),
    id: |id| format!("at://did:plc:town/app.bsky.feed.post/3k{id}"),
};
const MASTODON: Kind = Kind {
    network: "mastodon",
    kind: "tag_stream",
    target: "вологда",
    frame: |id| status(id, &format!("яма {id}")),
    id: |id| id.to_string(),
};

impl Kind {
    fn world(&self) -> World {
        World::new(self.network, self.kind, self.target)
    }

    fn publish(&self, world: &World, ids: std::ops::Range<u64>) -> Vec<(String, Timestamp)> {
        let publish = |id| {
            world.server.publish((self.frame)(id));
            ((self.id)(id), now())
        };
        ids.map(publish).collect()
    }
}

/// Goal: what comes is stored once, by every protocol, and the board says so.
#[test]
fn posts_come_and_are_stored() {
    for kind in [VK, BLUESKY, MASTODON, LONG_POLL] {
        let world = kind.world();
        if kind.kind == "long_poll" {
            world.wait_for("a place", |world| world.board().connected_since.is_some());
        } else {
            world.wait_connected(1);
        }
        let published = kind.publish(&world, 1..21);
        world.wait_posts(20);
        world.check_nothing_is_lost(&published);
        assert!(world.gaps().is_empty(), "{}", kind.kind);
        let board = world.board();
        assert!(board.last_event_at.is_some() && board.reconnections == 0, "{board:?}");
        let share = if kind.kind == "streaming" { 1 } else { 100 };
        assert_eq!(board.share_percent, share);
        let post = &world.posts()[0].post;
        assert_eq!(post.source, Some(world.source.id.clone()));
        assert!(post.text.starts_with("яма"), "{post:?}");
    }
}

/// Goal: whatever happens to a connection, another one follows, and what may
/// be missing is covered. Method: each mishap once, in the middle of posts.
#[test]
fn every_break_is_survived() {
    let restart = r#"{"code":300,"service_message":{"message":"restart","service_code":3000}}"#;
    let busy = r#"{"code":400,"error":{"error_code":1006,"message":"already connected"}}"#;
    let key = r#"{"code":400,"error":{"error_code":1004,"message":"wrong key streamkey1"}}"#;
    let cases: [(&Kind, Vec<Mishap>); 12] = [
        (&VK, vec![Mishap::Cut(3)]),
        (&VK, vec![Mishap::Say(3, restart.to_owned())]),
        (&VK, vec![Mishap::Say(0, busy.to_owned())]),
        (&VK, vec![Mishap::Refuse(400, key)]),
        (&VK, vec![Mishap::Refuse(503, "<html>"), Mishap::Close(2)]),
        (&VK, vec![Mishap::Huge(3, 300_000)]),
        (&BLUESKY, vec![Mishap::Close(3)]),
        (&BLUESKY, vec![Mishap::Silence(3)]),
        (&BLUESKY, vec![Mishap::Cut(4), Mishap::Close(2)]),
        (&MASTODON, vec![Mishap::Cut(3)]),
        (&MASTODON, vec![Mishap::Silence(3)]),
        (&MASTODON, vec![Mishap::Huge(3, 1_100_000)]),
    ];
    std::thread::scope(|scope| {
        for (kind, mishaps) in cases {
            scope.spawn(move || survives(kind, mishaps));
        }
    });
}

fn survives(kind: &Kind, mishaps: Vec<Mishap>) {
    let world = {
        let mut world = kind.world();
        // The first connection is honest, so that there is a place.
        world.wait_connected(1);
        kind.publish(&world, 100..101);
        world.wait_posts(1);
        world.stop();
        mishaps.iter().for_each(|mishap| world.server.mishap(mishap.clone()));
        world.start();
        world.wait_for("a connection that breaks", |world| 2 <= world.server.connections().0);
        world
    };
    let mut published = Vec::new();
    // Posts come until every mishap has happened and an honest connection stands.
    for id in 1.. {
        published.extend(kind.publish(&world, id..id + 1));
        let (all, open) = world.server.connections();
        if mishaps.len() + 2 <= all && 0 < open && world.board().connected_since.is_some() {
            break;
        }
        assert!(id < 600, "no honest connection after {mishaps:?}: {:?}", world.board());
        std::thread::sleep(Duration::from_millis(50));
    }
    published.extend(kind.publish(&world, 900..902));
    world.wait_for(&format!("the last post after {mishaps:?}"), |world| {
        world.ids().contains(&(kind.id)(901))
    });
    world.check_nothing_is_lost(&published);
    let is_resumed = kind.kind == "jetstream";
    assert_eq!(world.gaps().is_empty(), is_resumed, "{mishaps:?} {:?}", world.gaps());
    if is_resumed {
        assert_eq!(world.posts().len(), 1 + published.len(), "{mishaps:?}");
    }
}

/// Goal: a frame that is none is put aside, and the others are read.
#[test]
fn garbage_is_put_aside() {
    for kind in [VK, BLUESKY, MASTODON] {
        let mut world = kind.world();
        world.wait_connected(1);
        world.stop();
        world.server.mishap(Mishap::Garbage(2));
        world.start();
        world.wait_connected(2);
        let published = kind.publish(&world, 1..6);
        world.wait_posts(5);
        world.check_nothing_is_lost(&published);
        let rejected = world.store.read(|reader| reader.rejected(10)).unwrap();
        assert_eq!(rejected.len(), 1, "{}", kind.kind);
        assert_eq!(world.server.connections().0, 2, "the connection goes on");
    }
}

/// Goal: repeated and disordered events make no second post and no revision.
#[test]
fn repetition_and_disorder_change_nothing() {
    for mishap in [Mishap::Twice, Mishap::Disorder] {
        let mut world = BLUESKY.world();
        world.wait_connected(1);
        world.stop();
        world.server.mishap(mishap.clone());
        world.start();
        world.wait_connected(2);
        world.server.publish(commit(1, "create", "яма"));
        world.server.publish(commit(2, "create", "снег"));
        world.server.publish(commit(1, "update", "яма засыпана"));
        world.server.publish(commit(2, "delete", ""));
        world.wait_for("both changes", |world| {
            let has = |id: u64| world.ids().contains(&(BLUESKY.id)(id));
            has(1) && has(2) && world.revisions(&(BLUESKY.id)(2)).len() == 1
        });
        let first = world.revisions(&(BLUESKY.id)(1));
        assert_eq!(first, [("яма засыпана".to_owned(), false)], "{mishap:?}");
        assert_eq!(world.revisions(&(BLUESKY.id)(2)), [("снег".to_owned(), true)], "{mishap:?}");
    }
}

/// Goal: a post that a poll and a stream saw is one, whoever was first, and
/// neither's form makes a revision of the other's.
#[test]
fn a_poll_and_a_stream_are_one() {
    let world = VK.world();
    world.wait_connected(1);
    let polled = |id: u64, text: &str| {
        let key = PostKey { network: Network("vk".to_owned()), native_id: format!("-5_{id}") };
        let mut post = Post::of_text(key, text.to_owned(), now());
        post.author_name = Some("Анна К.".to_owned());
        post.counts.views = Some(800);
        post
    };
    let store = |posts: Vec<Post>| {
        let ingest = Ingest { seen_at: now(), posts, rejected: Vec::new(), gap: None, poll: None };
        world.store.write(Command::Ingest(ingest)).unwrap().ingested()
    };
    assert_eq!(store(vec![polled(1, "Яма на \"Мира\"\nво дворе")]).new, 1);
    world.server.publish(vk(1, "new", "Яма на &quot;Мира&quot;<br>во дворе"));
    world.server.publish(vk(2, "new", "Снег &amp; лёд"));
    // Shortened where it is repeated: still the post that is known.
    world.server.publish(vk(1, "new", "Яма на"));
    world.wait_posts(2);
    std::thread::sleep(Duration::from_millis(800));
    let again = store(vec![polled(2, "Снег & лёд")]);
    assert_eq!((again.new, again.known, again.revised), (0, 1, 0));
    assert_eq!(world.revisions("-5_1"), []);
    assert_eq!(world.revisions("-5_2"), []);
    // A real change is one, by either way.
    world.server.publish(vk(2, "update", "Снег &amp; лёд убрали"));
    world.wait_for("a revision", |world| world.revisions("-5_2").len() == 1);
    assert_eq!(store(vec![polled(2, "Снег & лёд убрали")]).revised, 0);
    // Somebody else's deletion of what nobody has seen is nothing.
    world.server.publish(vk(77, "delete", ""));
    world.server.publish(vk(2, "delete", ""));
    world.wait_for("a deletion", |world| world.revisions("-5_2").len() == 2);
    assert!(!world.ids().contains(&"-5_77".to_owned()));
    world.wait_for("what was passed over", |world| world.board().passed_over == 1);
}

/// Goal: the rules at the server are those of the ruleset, after connecting and
/// after a change; what is refused is told and stops nothing.
#[test]
fn rules_are_kept_in_step() {
    let world = World::new("vk", "streaming", "region");
    let of = |rules: &Ruleset| -> BTreeMap<String, String> {
        compile(rules, VK_LIMITS).rules.into_iter().map(|rule| (rule.tag, rule.value)).collect()
    };
    let first = of(&world.ruleset.borrow());
    world.wait_for("the rules", |world| {
        world.board().rules.is_some() && world.server.rules().len() == first.len()
    });
    assert_eq!(world.server.rules(), first);
    let state = world.board().rules.unwrap();
    assert_eq!(state.in_force, first.len() as u64);
    assert!(0 < state.left_out["no_room"] && state.refused.is_empty());
    // Half of the places are gone, and somebody has meddled.
    world.server.put_rule("old", "кот");
    world.server.refuse_rules_with("грязовец");
    let mut rules = Ruleset::clone(&world.ruleset.borrow());
    rules.region.settlements.retain(|one| one.name != "Вологда");
    let second = of(&rules);
    let allowed: BTreeMap<String, String> =
        second.clone().into_iter().filter(|(_, value)| !value.contains("грязовец")).collect();
    assert_ne!(first, second);
    world.ruleset.send_replace(Arc::new(rules));
    let added = |one: &BTreeMap<String, String>| {
        one.iter().all(|(tag, value)| allowed.get(tag) == Some(value) || first.contains_key(tag))
    };
    world.wait_for("the other rules", |world| {
        let there = world.server.rules();
        !there.contains_key("old") && added(&there) && allowed.keys().all(|t| there.contains_key(t))
    });
    world.wait_for("a told refusal", |world| {
        let rules = world.board().rules.unwrap();
        let kept = first.iter().filter(|(_, value)| value.contains("грязовец"));
        let kept = kept.filter(|(tag, _)| second.contains_key(*tag)).count();
        let refused = second.len() - allowed.len() - kept;
        rules.refused.len() as u64 + rules.left_out.get("refused").copied().unwrap_or(0)
            == refused as u64
    });
    // The stream never broke.
    assert_eq!(world.server.connections(), (1, 1));
}

/// Goal: where the network has less room, what fits is in force.
#[test]
fn too_many_rules_are_no_end() {
    let world = VK.world();
    world.server.set_rules_max(10);
    world.server.publish(vk(1, "new", "яма"));
    world.wait_for("the rules", |world| world.board().rules.is_some());
    let rules = world.board().rules.unwrap();
    assert!(rules.in_force <= 300 && world.server.rules().len() as u64 == rules.in_force);
}

/// Goal: a restart goes on where the last run ended, and covers what it missed.
#[test]
fn a_restart_goes_on() {
    for kind in [VK, BLUESKY, MASTODON, LONG_POLL] {
        let mut world = kind.world();
        world.wait_for("connected", |world| world.board().connected_since.is_some());
        let mut published = kind.publish(&world, 1..4);
        world.wait_posts(3);
        world.stop();
        published.extend(kind.publish(&world, 4..7));
        world.start();
        world.wait_for("connected again", |world| world.board().connected_since.is_some());
        published.extend(kind.publish(&world, 7..8));
        world.wait_for("the last post", |world| world.ids().contains(&(kind.id)(7)));
        world.check_nothing_is_lost(&published);
        let resumes = ["jetstream", "long_poll"].contains(&kind.kind);
        assert_eq!(world.gaps().is_empty(), resumes, "{}: {:?}", kind.kind, world.gaps());
        assert_eq!(world.posts().len() == 7, resumes, "{}", kind.kind);
    }
}

/// Goal: the long poll says in three ways that something is over.
#[test]
fn the_long_poll_may_forget() {
    for (code, has_gap) in [(1, true), (2, false), (3, true)] {
        let world = LONG_POLL.world();
        world.wait_for("a place", |world| world.board().connected_since.is_some());
        let mut published = LONG_POLL.publish(&world, 1..3);
        world.wait_posts(2);
        world.server.mishap(Mishap::Failed(code));
        std::thread::sleep(Duration::from_millis(300));
        published.extend(LONG_POLL.publish(&world, 3..5));
        world.wait_for("the last post", |world| {
            published.iter().all(|(id, at)| {
                let is_missing = |gap: &StoredGap| *at <= gap.to;
                world.ids().contains(id) || world.gaps().iter().any(is_missing)
            })
        });
        world.check_nothing_is_lost(&published);
        assert_eq!(!world.gaps().is_empty(), has_gap, "{code}: {:?}", world.gaps());
    }
}

/// Goal: messages to a community are stored as what they are.
#[test]
fn messages_are_private() {
    let world = LONG_POLL.world();
    world.wait_for("a place", |world| world.board().connected_since.is_some());
    world.server.publish(json!({"type": "message_new", "group_id": 5, "event_id": "m",
        "object": {"message": {"id": 9, "from_id": 7, "peer_id": 7, "date": now().as_second(),
        "text": "У нас нет воды", "out": 0}}}));
    world.server.publish(json!({"type": "group_join", "group_id": 5, "object": {"user_id": 7}}));
    world.wait_posts(1);
    assert!(world.posts()[0].post.private);
    world.wait_for("what is no post", |world| world.board().passed_over == 1);
}

/// Goal: of the whole network only what names a place of the region is kept.
#[test]
fn the_whole_network_is_sifted() {
    let world = World::new("bluesky", "jetstream", "lang:ru");
    world.wait_connected(1);
    assert!(world.server.requests().iter().all(|head| !head.contains("wantedDids")));
    world.server.publish(commit(1, "create", "В Череповце на Гоголя яма"));
    world.server.publish(commit(2, "create", "Доброе утро, страна"));
    world.server.publish(commit(3, "create", "В Вологде нет воды"));
    world.wait_posts(2);
    world.wait_for("the other", |world| world.board().passed_over == 1);
    assert!(!world.ids().contains(&(BLUESKY.id)(2)));
}

/// Goal: handles become DIDs; one that is gone silences nobody.
#[test]
fn accounts_are_asked_for_by_their_names() {
    let world = World::new("bluesky", "jetstream", "town.example gone.example did:plc:other");
    world.wait_connected(1);
    let requests = world.server.requests();
    let asked = requests.iter().find(|head| head.starts_with("GET /subscribe")).unwrap();
    assert!(asked.contains("wantedDids=did%3Aplc%3Atownexample"), "{asked}");
    assert!(asked.contains("wantedDids=did%3Aplc%3Aother"), "{asked}");
    assert!(asked.to_lowercase().contains("user-agent: otklik/"), "{asked}");
    assert!(world.board().notes[0].starts_with("gone.example: gone"), "{:?}", world.board());
}

/// Goal: a refusal that waiting cannot mend stops the source until somebody
/// acts, and a person's pause ends a connection.
#[test]
fn a_person_decides() {
    let mut world = MASTODON.world();
    world.wait_connected(1);
    let set = |world: &World, stopped: bool| {
        let entry = NewEntry { action: "source_pause".to_owned(), ..NewEntry::default() };
        let source = world.source.id.clone();
        let command = Command::SetSourceStopped { source, stopped, entry };
        world.store.write(command).unwrap();
    };
    // There is a row to change once something was stored.
    world.server.publish(status(1, "яма"));
    world.wait_posts(1);
    set(&world, true);
    world.wait_for("the pause", |world| world.board().connected_since.is_none());
    set(&world, false);
    world.wait_for("the end of the pause", |world| world.board().connected_since.is_some());
    world.stop();
    world.server.mishap(Mishap::Refuse(404, r#"{"error":"Record not found"}"#));
    world.start();
    world.wait_for("the stop", |world| world.state().is_some_and(|state| state.stopped));
    let error = world.state().unwrap().last_error.unwrap();
    assert!(error.starts_with("gone:"), "{error}");
    let before = world.server.connections().0;
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(world.server.connections().0, before, "nobody asks again");
}

/// Goal: an address inside is reached only where the configuration names it.
#[test]
fn no_stream_leads_inside() {
    let server = StreamServer::start();
    let clock = Arc::new(SystemClock);
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("connectors/bluesky.toml"),
    )
    .unwrap()
    .replace("https://jetstream2.us-east.bsky.network", server.base.as_str());
    std::fs::write(folder.path().join("bluesky.toml"), text).unwrap();
    let connectors = Connectors::from_folder(folder.path()).unwrap();
    let definition = connectors.get(&Network("bluesky".to_owned())).unwrap();
    let source = source("bluesky", "jetstream", "did:plc:town");
    let (budget, place) = (Arc::default(), Default::default());
    let streams =
        otklik::adapters::connector::stream::Streams::new(&Default::default(), clock, budget)
            .unwrap();
    let ask = otklik::adapters::connector::stream::Ask {
        definition,
        kind: &definition.file.stream["jetstream"],
        source: &source,
        base: None,
        secret: None,
        place: &place,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(streams.connect(ask)).err().unwrap();
    assert!(error.to_string().contains("leads to an address inside"), "{error}");
    assert_eq!(server.connections().0, 0);
}

#[test]
fn the_shipped_rules_keep_to_the_limits() {
    let ruleset = shipped_ruleset();
    let compiled = compile(&ruleset, VK_LIMITS);
    assert_eq!(compiled, compile(&ruleset, VK_LIMITS), "the same rules every time");
    assert_eq!(compiled.rules.len(), VK_LIMITS.rules);
    assert!(0 < compiled.left_out["no_room"]);
    let mut tags = BTreeSet::new();
    for rule in &compiled.rules {
        assert!(rule.value.len() <= VK_LIMITS.value_bytes && rule.tag.len() <= VK_LIMITS.tag_bytes);
        let words: Vec<&str> = rule.value.split(' ').collect();
        assert!((2..=VK_LIMITS.words).contains(&words.len()), "{rule:?}");
        assert!(words.iter().any(|word| !word.starts_with('-')), "{rule:?}");
        assert!(rule.value.matches('"').count() % 2 == 0, "{rule:?}");
        assert!(tags.insert(&rule.tag), "{rule:?} twice");
    }
    // The first rule is about what is most important, in the largest place.
    let topic = compiled.rules[0].tag.split('.').next().unwrap();
    let importance =
        ruleset.topic(&otklik::model::topic::TopicId(topic.to_owned())).unwrap().1.importance;
    assert_eq!(importance, 5);
    let has =
        |word: &str| compiled.rules.iter().any(|rule| rule.value.split(' ').any(|w| w == word));
    assert!(has("вологда") && has("череповец") && has("сокол"));
    let importances: BTreeSet<u8> = compiled
        .rules
        .iter()
        .filter_map(|rule| {
            let topic = rule.tag.split('.').next()?.to_owned();
            Some(ruleset.topic(&otklik::model::topic::TopicId(topic))?.1.importance)
        })
        .collect();
    assert!(importances.is_superset(&BTreeSet::from([3, 4, 5])), "{importances:?}");
}

#[test]
fn what_does_not_fit_is_said() {
    let ruleset = shipped_ruleset();
    let all = |compiled: &Compiled| compiled.left_out.values().sum::<u64>();
    let tight = RuleLimits { words: 2, ..VK_LIMITS };
    let compiled = compile(&ruleset, tight);
    assert!(0 < compiled.left_out["too_many_words"]);
    assert!(compiled.rules.iter().all(|rule| rule.value.split(' ').count() <= 2));
    let short = compile(&ruleset, RuleLimits { value_bytes: 30, ..VK_LIMITS });
    assert!(0 < short.left_out["too_long"]);
    let none = compile(&ruleset, RuleLimits { rules: 0, ..VK_LIMITS });
    assert!(none.rules.is_empty() && 0 < all(&none));
    for why in none.left_out.keys().chain(compiled.left_out.keys()).chain(short.left_out.keys()) {
        assert!(REASONS.contains(why));
    }
}
