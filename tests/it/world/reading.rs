//! A program that reads one source of one of the world's networks, with
//! everything real but the clock: polls and back-fill step by step, tables that
//! outlive a restart.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::auth::Secret;
use otklik::adapters::store::commands::Command;
use otklik::adapters::store::read::StoredGap;
use otklik::adapters::store::{PowerCut, Store, StoreError, StoreOptions};
use otklik::model::journal::NewEntry;
use otklik::model::position::Position;
use otklik::model::post::{Network, StoredPost};
use otklik::model::source::{Source, SourceState};
use otklik::model::time::{Clock, Timestamp};
use otklik::pipeline::ingest::{IngestOptions, IngestStage};
use otklik::rules::ruleset::Ruleset;
use tokio::sync::watch;

use super::clock::SetClock;
use super::network::{NetworkServer, instant};
use super::pipeline::shipped_ruleset;

/// Between two polls of the source.
pub const INTERVAL_SECS: i64 = 300;
/// Turns that one instant may take, so that a test ends.
const TURNS_MAX: usize = 200;
/// Ten milliseconds each.
const LOCKED_TRIES_MAX: u32 = 2_000;
const OK_KEYS: &str = "application_key=a\napplication_secret_key=s\n";

pub struct Reading {
    folder: tempfile::TempDir,
    pub server: NetworkServer,
    clock: Arc<SetClock>,
    pub source: Source,
    connectors: Connectors,
    ruleset: Arc<Ruleset>,
    running: Option<Running>,
    runtime: tokio::runtime::Runtime,
}

struct Running {
    store: Store,
    stage: IngestStage,
    _ruleset: watch::Sender<Arc<Ruleset>>,
}

/// The shipped connector with some of its numbers replaced, no waiting, and
/// nothing but posts.
fn connectors(network: &str, numbers: &[(&str, &str)]) -> Connectors {
    let file = format!("connectors/{network}.toml");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(shipped).unwrap();
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let (key, _) = line.split_once(" = ").unwrap_or((line, ""));
        match numbers.iter().find(|(name, _)| *name == key) {
            Some((name, value)) => lines.push(format!("{name} = {value}")),
            None if ["comments", "recheck"].contains(&key) && line.ends_with('"') => {}
            None => lines.push(line.to_owned()),
        }
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(format!("{network}.toml")), lines.join("\n")).unwrap();
    let mut connectors = Connectors::from_folder(folder.path()).unwrap();
    connectors.set_rate(&Network(network.to_owned()), 10_000_000);
    connectors
}

/// Where a commit waits for no disk, if there is such a place.
fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

fn source(network: &str) -> Source {
    let (kind, target) = match network {
        "vk" => ("wall", "-5"),
        "telegram" => ("channel", "town"),
        "mastodon" => ("account", "town"),
        "ok" => ("group", "5"),
        "x" => ("search", "яма lang:ru"),
        _ => ("feed", "/feed.xml"),
    };
    Source {
        name: "Город".to_owned(),
        poll_interval_secs: Some(INTERVAL_SECS as u64),
        ..Source::of(network, kind, target)
    }
}

impl Reading {
    /// `numbers`: keys of the connector's definition with other values.
    pub fn new(network: &str, page_size: usize, numbers: &[(&str, &str)]) -> Reading {
        let source = source(network);
        // Reading the pack takes long; it is the same for all.
        static SHIPPED: OnceLock<Ruleset> = OnceLock::new();
        let mut ruleset = SHIPPED.get_or_init(shipped_ruleset).clone();
        ruleset.region.sources = vec![source.clone()];
        let mut reading = Reading {
            folder: in_memory(),
            server: NetworkServer::start(page_size),
            clock: Arc::new(SetClock::at("2026-11-20T12:00:00Z")),
            source,
            connectors: connectors(network, numbers),
            ruleset: Arc::new(ruleset),
            running: None,
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
        };
        reading.open(None);
        reading
    }

    /// The program starts, or starts anew on the same tables.
    pub fn open(&mut self, power_cut: Option<PowerCut>) {
        self.running = None;
        let options = StoreOptions { power_cut, ..StoreOptions::default() };
        let mut tries = 0;
        let store = loop {
            match Store::open_with(self.folder.path(), options) {
                Err(StoreError::Locked(_)) if tries < LOCKED_TRIES_MAX => {
                    tries += 1;
                    // What was under way goes with its runtime.
                    let nap = tokio::time::sleep(Duration::from_millis(10));
                    self.runtime.block_on(nap);
                }
                opened => break opened.unwrap(),
            }
        };
        let network = self.source.network.clone();
        let secret = if network.0 == "ok" { OK_KEYS } else { "vk1.a.se/cret" };
        let options = IngestOptions {
            bases: BTreeMap::from([(network.clone(), self.server.base.clone())]),
            secrets: BTreeMap::from([(network, vec![Secret::new(secret)])]),
            ..IngestOptions::default()
        };
        let (sender, ruleset) = watch::channel(self.ruleset.clone());
        let clock: Arc<dyn Clock> = self.clock.clone();
        let connectors = self.connectors.clone();
        let stage = IngestStage::new(store.clone(), clock, ruleset, connectors, options).unwrap();
        self.running = Some(Running { store, stage, _ruleset: sender });
    }

    pub fn store(&self) -> &Store {
        &self.running.as_ref().unwrap().store
    }

    /// One step at an instant, and whatever it began; whether it began something.
    pub fn step(&self, now_secs: i64) -> bool {
        self.server.set_now(now_secs);
        self.clock.set(instant(now_secs));
        let running = self.running.as_ref().unwrap();
        self.runtime.block_on(async {
            let before = running.stage.turns_begun();
            // A store that the power has left begins nothing more.
            let stepped = running.stage.clone().step(instant(now_secs)).await.is_ok();
            let is_begun = stepped && before < running.stage.turns_begun();
            while !running.stage.is_idle() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            is_begun
        })
    }

    /// Steps at an instant until there is nothing left to do at it.
    pub fn settle(&self, now_secs: i64) {
        for _ in 0..TURNS_MAX {
            if !self.step(now_secs) {
                return;
            }
        }
    }

    pub fn state(&self) -> Option<SourceState> {
        self.store().read(|reader| reader.source_state(&self.source.id)).unwrap()
    }

    pub fn gaps(&self) -> Vec<StoredGap> {
        self.store().read(|reader| reader.gaps(10_000)).unwrap()
    }

    pub fn posts(&self) -> Vec<StoredPost> {
        let all = |reader: &otklik::adapters::store::Reader| {
            reader.posts_between(Position(0), reader.last_position()?, 100_000)
        };
        self.store().read(all).unwrap()
    }

    /// The world's own numbers of what is stored, with how often each is.
    pub fn stored(&self) -> BTreeMap<u64, usize> {
        let mut stored = BTreeMap::new();
        for post in self.posts() {
            *stored.entry(number(&post.post.key.native_id)).or_insert(0) += 1;
        }
        stored
    }

    /// One poll beside the program's own turns: what it brought is counted whole.
    pub fn poll_by_hand(&self, now_secs: i64) -> Result<(), String> {
        self.server.set_now(now_secs);
        self.clock.set(instant(now_secs));
        let cursor = self.state().map(|state| state.cursor).unwrap_or_default();
        let stage = &self.running.as_ref().unwrap().stage;
        let polled = self.runtime.block_on(stage.look(&self.source, &cursor, instant(now_secs)));
        let given = (polled.ingest.posts.len() + polled.ingest.rejected.len()) as u64;
        let counts = self.store().write(polled.command()).unwrap().ingested();
        let parts = counts.new + counts.known + counts.rejected;
        if (counts.received, counts.received) != (given, parts) {
            return Err(format!("of {given} received: {counts:?}"));
        }
        Ok(())
    }

    /// A person lets a stopped source be read again.
    pub fn resume(&self) {
        let entry = NewEntry { action: "source_resume".to_owned(), ..NewEntry::default() };
        let source = self.source.id.clone();
        let command = Command::SetSourceStopped { source, stopped: false, entry };
        self.store().write(command).unwrap();
    }

    pub fn overlap_secs(&self) -> i64 {
        let definition = self.connectors.get(&self.source.network).unwrap();
        definition.file.poll[&self.source.kind].overlap_secs
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// The world's own number of a post, at the end of every network's id.
fn number(native_id: &str) -> u64 {
    let number: u64 = native_id.rsplit(['_', '/']).next().unwrap().parse().unwrap();
    // Some begin with the date.
    if native_id.len() < 15 { number } else { number % (1 << 16) }
}
