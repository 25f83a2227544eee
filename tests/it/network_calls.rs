//! Every poll kind of every shipped connector against a server that gives our
//! fixtures page after page: what is asked for and as whom, how the pages go
//! on and end, what comes of them, that a second poll finds nothing new; and
//! how every network says no. What is played stands in `network_calls/*.toml`;
//! what was asked and found is a snapshot. A kind without a call fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use md5::Digest as _;
use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::auth::Secret;
use otklik::adapters::connector::budget::Budget;
use otklik::adapters::connector::cursor::since;
use otklik::adapters::connector::definition::{Auth, Definition};
use otklik::adapters::connector::error::ErrorClass;
use otklik::adapters::connector::http::Client;
use otklik::adapters::connector::keys::Standing;
use otklik::adapters::connector::paging::{About, target_under};
use otklik::adapters::connector::poll::{PollRequest, PollResult, Read, read};
use otklik::adapters::store::Store;
use otklik::model::post::Network;
use otklik::model::source::{Cursor, Source, SourceId};
use otklik::model::time::Clock;
use otklik::pipeline::ingest::{IngestOptions, IngestStage};
use serde::Deserialize;
use tokio::sync::watch;

use crate::world::clock::SetClock;
use crate::world::pipeline::shipped_ruleset;
use crate::world::posts::at;
use crate::world::recorded::{Asked, RecordedServer, Recording, TokenDesk};

const NOW: &str = "2026-11-21T12:00:00Z";
/// Before every fixture.
const LONG_AGO: &str = "2026-11-01T00:00:00Z";
const DESK: TokenDesk =
    TokenDesk { path: "/api/v1/access_token", login: "app:se/cret", token: "given-token" };
const APPLICATION_SECRET: &str = "B2AC56F0";
const ACCESS_TOKEN: &str = "tkn1.se/cret";

/// What is played for one network.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plays {
    #[serde(default)]
    secret: Option<String>,
    calls: BTreeMap<String, Call>,
    refusals: Vec<Refusal>,
}

/// What a kind is asked for, and the pages that come.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    #[serde(default)]
    target: String,
    /// The post whose comments are asked for, or that is looked at alone.
    #[serde(default)]
    post: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    branch: Option<String>,
    #[serde(default)]
    posts: Option<String>,
    pages: Vec<Page>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Page {
    Plain(String),
    With { file: String, headers: BTreeMap<String, String> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusal {
    file: String,
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    class: ErrorClass,
    /// Whether the source waits for a person.
    stops: bool,
    /// Whether the credential is set aside.
    aside: bool,
}

struct World {
    definition: Definition,
    plays: Plays,
    secret: Option<Secret>,
    server: RecordedServer,
    runtime: tokio::runtime::Runtime,
    out: String,
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn connectors() -> Connectors {
    let mut connectors = Connectors::shipped().unwrap();
    let networks: Vec<Network> = connectors.iter().map(|one| one.network.clone()).collect();
    networks.iter().for_each(|network| connectors.set_rate(network, 1_000_000));
    connectors
}

impl World {
    fn new(network: &str) -> World {
        let definition = connectors().get(&Network(network.to_owned())).unwrap().clone();
        let file = folder("tests/it/network_calls").join(format!("{network}.toml"));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("no {file:?}"));
        let plays: Plays = toml::from_str(&text).unwrap_or_else(|error| panic!("{file:?} {error}"));
        let secret = plays.secret.clone().map(Secret::new);
        let desk = matches!(definition.file.auth, Auth::ClientCredentials { .. }).then_some(DESK);
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        World {
            definition,
            plays,
            secret,
            server: RecordedServer::start(desk),
            runtime: runtime.worker_threads(1).enable_all().build().unwrap(),
            out: String::new(),
        }
    }

    fn network(&self) -> &Network {
        &self.definition.network
    }

    fn source(&self, kind: &str, target: &str) -> Source {
        // Sites have no base in common: their address is the target.
        let base = self.server.base.as_str().trim_end_matches('/');
        Source {
            id: SourceId(format!("{}:{kind}", self.network())),
            name: "Город".to_owned(),
            ..Source::of(&self.network().0, kind, &target.replace("{base}", base))
        }
    }

    fn recording(&self, file: &str, status: u16, headers: &BTreeMap<String, String>) -> Recording {
        let path = folder("fixtures").join(&self.network().0).join(file);
        let body = std::fs::read(&path).unwrap_or_else(|_| panic!("no {path:?}"));
        Recording { status, headers: headers.clone().into_iter().collect(), body }
    }

    fn pages(&self, call: &Call) -> Vec<Recording> {
        let pages = call.pages.iter().map(|page| match page {
            Page::Plain(file) => self.recording(file, 200, &BTreeMap::new()),
            Page::With { file, headers } => self.recording(file, 200, headers),
        });
        pages.collect()
    }

    fn poll(&self, kind: &str, call: &Call, cursor: &Cursor, client: &Client) -> Read {
        let polled = &self.definition.file.poll[kind];
        let mut source = self.source(kind, &call.target);
        if let Some(post) = &call.post {
            let under = target_under(polled, post, call.url.as_deref(), &source.target);
            source.target = under.unwrap();
        }
        let request = PollRequest {
            definition: &self.definition,
            base: Some(&self.server.base),
            source: &source,
            cursor,
            secret: self.secret.as_ref(),
            limits: self.definition.file.limits,
        };
        let about = About {
            post: call.post.as_deref(),
            branch: call.branch.as_deref(),
            posts: call.posts.as_deref(),
        };
        self.server.play(self.pages(call));
        let budget = Budget::default();
        let read = self.runtime.block_on(read(&request, about, client, &budget, at(NOW)));
        assert!(!format!("{read:?}").contains("cret"), "the secret came out: {read:?}");
        read
    }

    /// Three polls: of a source that is new, of one that was read long ago,
    /// and once more.
    fn play(&mut self, kind: &str, call: &Call) {
        let client = Client::new().unwrap();
        let auth = self.definition.auth(kind).clone();
        let mut told = format!("== {kind} {}\n", call.target);
        let mut cursor = Cursor::default();
        for turn in ["new", "long ago", "again"] {
            if turn == "long ago" {
                cursor = since(at(LONG_AGO));
            }
            let read = self.poll(kind, call, &cursor, &client);
            let asked = self.server.asked();
            asked.iter().for_each(|one| check_auth(&auth, one));
            let left = self.server.left();
            let whole = if read.is_whole { "" } else { ", not whole" };
            let came = outcome(&read.result);
            // A first poll goes no further back than it must: how far, its requests say.
            let came =
                if turn == "new" { came.lines().next().unwrap_or("") } else { came.as_str() };
            writeln!(told, "{turn}: {came}{whole}").unwrap();
            for one in &asked {
                writeln!(told, "    {}", shown(one, &self.server)).unwrap();
            }
            match read.result {
                PollResult::New { cursor: after, interrupted: None, .. } if turn != "again" => {
                    cursor = after;
                }
                PollResult::NothingNew { cursor: after } => cursor = after,
                other => panic!("{} {kind}, {turn}: {other:?}\n{told}", self.network()),
            }
            let name = self.network();
            assert!(turn != "long ago" || left == 0, "{name} {kind}: {left} pages left\n{told}");
        }
        if let Auth::ClientCredentials { .. } = auth {
            assert_eq!(self.server.tokens_given(), 1, "a token is kept");
            self.server = RecordedServer::start(Some(DESK));
        }
        self.out.push_str(&told);
    }

    /// A refusal as the whole stage takes it.
    fn refuse(&mut self, kind: &str, target: &str, refusal: &Refusal) {
        let folder = tempfile::tempdir().unwrap();
        let (_sender, ruleset) = watch::channel(Arc::new(shipped_ruleset()));
        let clock: Arc<dyn Clock> = Arc::new(SetClock::at(NOW));
        let mut options = IngestOptions::default();
        options.bases.insert(self.network().clone(), self.server.base.clone());
        options.secrets.extend(self.secret.clone().map(|key| (self.network().clone(), vec![key])));
        let store = Store::open(folder.path()).unwrap();
        let stage = IngestStage::new(store, clock, ruleset, connectors(), options).unwrap();
        let headers = &refusal.headers;
        // A redirect and a token that is refused are each followed by one question more.
        let answer = self.recording(&refusal.file, refusal.status, headers);
        self.server.play([answer.clone(), answer]);
        let source = self.source(kind, target);
        let polled =
            self.runtime.block_on(async { stage.look(&source, &Cursor::default(), at(NOW)).await });
        let name = format!("{} {}", self.network(), refusal.file);
        let (Some(error), Some(progress)) = (&polled.error, &polled.ingest.poll) else {
            panic!("{name}: no error in {:?}", polled.ingest)
        };
        assert_eq!(error.class, refusal.class, "{name}: {error}");
        assert_eq!(progress.stop, refusal.stops && !refusal.aside, "{name}: {error}");
        let keys = stage.keys();
        let is_refused = keys.iter().any(|key| matches!(key.standing, Standing::Refused(_)));
        assert_eq!(is_refused, refusal.aside, "{name}: {keys:?}");
        assert!(!format!("{:?}", polled.ingest).contains("cret"), "{name}: the secret came out");
        // With another credential the source may ask at once.
        let is_the_keys = refusal.aside || error.class == ErrorClass::Quota;
        let is_kept = error.retry_at.is_none_or(|again| again <= progress.next_poll_at);
        assert!(is_the_keys || is_kept, "{name}: {error:?}");
        let again = error.retry_at.map(|again| format!(", not before {again}"));
        let again = again.unwrap_or_default();
        let stop = if progress.stop { ", waits for a person" } else { "" };
        let aside = if refusal.aside { ", the credential is set aside" } else { "" };
        writeln!(self.out, "{} {}: {error}{again}{stop}{aside}", refusal.status, refusal.file)
            .unwrap();
    }
}

/// The token stands where the network wants it, and nowhere else.
fn check_auth(auth: &Auth, asked: &Asked) {
    let everything = format!("{} {:?} {:?}", asked.path, asked.query, asked.headers);
    let bearer = asked.headers.get("authorization").map(String::as_str);
    match auth {
        Auth::None => assert!(!everything.contains("cret") && bearer.is_none(), "{everything}"),
        Auth::Query { name } => {
            assert_eq!(asked.parameter(name), Some(ACCESS_TOKEN), "{everything}");
            assert!(bearer.is_none());
        }
        Auth::Header { name } => assert_eq!(asked.headers[name], ACCESS_TOKEN),
        Auth::Bearer | Auth::AtSession { .. } => {
            assert_eq!(bearer, Some(format!("Bearer {ACCESS_TOKEN}").as_str()));
            assert!(!format!("{:?}", asked.query).contains("cret"));
        }
        Auth::ClientCredentials { .. } => {
            assert_eq!(bearer, Some(format!("Bearer {}", DESK.token).as_str()));
            assert!(!everything.contains("cret"), "{everything}");
        }
        Auth::OkSignature => {
            assert_eq!(asked.parameter("sig"), Some(signature(asked).as_str()), "{everything}");
            assert_eq!(asked.parameter("access_token"), Some(ACCESS_TOKEN));
            assert!(!everything.contains(APPLICATION_SECRET), "{everything}");
        }
    }
}

/// As Odnoklassniki makes it: of all parameters but the token, in the order of
/// their names, with the session's secret behind them.
fn signature(asked: &Asked) -> String {
    let hex = |text: &str| -> String {
        md5::Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let unsigned = ["sig", "access_token", "session_key"];
    let signed: BTreeMap<&str, &str> = asked
        .query
        .iter()
        .filter(|(name, _)| !unsigned.contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let text: String = signed.iter().map(|(name, value)| format!("{name}={value}")).collect();
    hex(&format!("{text}{}", hex(&format!("{ACCESS_TOKEN}{APPLICATION_SECRET}"))))
}

/// A request without what is checked elsewhere, and without lists of fields.
fn shown(asked: &Asked, server: &RecordedServer) -> String {
    const CHECKED: [&str; 5] = ["access_token", "sig", "key", "application_key", "v"];
    let is_list = |name: &str| name.ends_with("fields") || name == "expansions";
    let mut query: Vec<String> = asked
        .query
        .iter()
        .filter(|(name, _)| !CHECKED.contains(&name.as_str()))
        .map(|(name, value)| match is_list(name) {
            true => format!("{name}=…"),
            false => format!("{name}={value}"),
        })
        .collect();
    query.sort();
    let mut line = format!("{} {} {}", asked.method, asked.path, query.join(" "));
    for name in ["accept-language", "if-none-match", "if-modified-since"] {
        if let Some(value) = asked.headers.get(name) {
            write!(line, " [{name}: {value}]").unwrap();
        }
    }
    let base = server.base.as_str().trim_end_matches('/');
    line.replace(base, "{base}").trim_end().to_owned()
}

fn outcome(result: &PollResult) -> String {
    match result {
        PollResult::New { posts, rejected, cursor, gap, interrupted } => {
            let mut told = format!("{} posts", posts.len());
            for post in posts {
                let above = post.parent_id.as_deref().map(|id| format!(" < {id}"));
                let thread = post.thread_id.as_deref().map(|id| format!(" in {id}"));
                let gone = if post.deleted { " deleted" } else { "" };
                let id = &post.key.native_id;
                let (above, thread) = (above.unwrap_or_default(), thread.unwrap_or_default());
                write!(told, "\n    {id}{above}{thread}{gone}").unwrap();
            }
            for rejected in rejected {
                write!(told, "\n    rejected: {}", rejected.error).unwrap();
            }
            let newest: serde_json::Value = serde_json::from_str(&cursor.0).unwrap();
            write!(told, "\n    newest {}", newest["newest"].as_str().unwrap_or("-")).unwrap();
            if let Some(gap) = gap {
                write!(told, "\n    gap until {}: {}", gap.to, gap.reason).unwrap();
            }
            if let Some(error) = interrupted {
                write!(told, "\n    interrupted: {error}").unwrap();
            }
            told
        }
        PollResult::NothingNew { .. } => "nothing new".to_owned(),
        PollResult::Refused { error, stop } => format!("refused: {error} (stop: {stop})"),
        PollResult::Failed { error, .. } => format!("failed: {error}"),
    }
}

fn check_network(network: &str) {
    let mut world = World::new(network);
    let kinds: BTreeSet<&String> = world.definition.file.poll.keys().collect();
    let played: BTreeSet<&String> = world.plays.calls.keys().collect();
    assert_eq!(kinds, played, "{network}: every kind has a call, and every call a kind");
    let calls = std::mem::take(&mut world.plays.calls);
    for (kind, call) in &calls {
        world.play(kind, call);
    }
    let (kind, call) =
        calls.iter().find(|(_, call)| call.post.is_none() && call.posts.is_none()).unwrap();
    let refusals = std::mem::take(&mut world.plays.refusals);
    let told: BTreeSet<&str> =
        refusals.iter().map(|one| one.file.split('.').next().unwrap()).collect();
    assert!(told.contains("rate-limited"), "{network}: how it slows us down is not played");
    writeln!(world.out, "== refusals of {kind}").unwrap();
    for refusal in &refusals {
        world.refuse(kind, &call.target, refusal);
    }
    // Links of a site lead to wherever the server listens this time.
    let base = &world.server.base;
    let host = &base[url::Position::BeforeHost..url::Position::AfterPort];
    insta::assert_snapshot!(format!("calls-{network}"), world.out.replace(host, "{host}"));
}

#[test]
fn every_connector_is_played() {
    let shipped: BTreeSet<String> =
        connectors().iter().map(|definition| definition.network.0.clone()).collect();
    let played: BTreeSet<String> = std::fs::read_dir(folder("tests/it/network_calls"))
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(shipped, played);
    let tested: BTreeSet<String> = NETWORKS.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(shipped, tested);
}

macro_rules! networks {
    ($($name:ident),*) => {
        const NETWORKS: &[&str] = &[$(stringify!($name)),*];
        $(#[test] fn $name() { check_network(stringify!($name)); })*
    };
}

networks!(
    bluesky,
    discourse,
    facebook,
    instagram,
    lemmy,
    livejournal,
    mastodon,
    ok,
    reddit,
    rss,
    telegram,
    vk,
    web,
    x,
    youtube
);
