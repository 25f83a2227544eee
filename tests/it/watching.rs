//! The watch over sources, with everything real but the network: what falls
//! quiet is told once and ends by itself, keys are set aside alone, nothing
//! ever writes a key down, and requests go where they should.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::auth::Secret;
use otklik::adapters::connector::definition::Redirects;
use otklik::adapters::connector::error::ErrorClass;
use otklik::adapters::connector::http::Client;
use otklik::adapters::connector::http::ClientOptions;
use otklik::adapters::connector::http::Proxy;
use otklik::adapters::connector::http::Request;
use otklik::adapters::store::Store;
use otklik::adapters::store::commands::Command;
use otklik::adapters::store::read::JournalFilter;
use otklik::model::alarm::Alarm;
use otklik::model::alarm::AlarmKind;
use otklik::model::body::Channel;
use otklik::model::journal::NewEntry;
use otklik::model::notice::NoticeKind;
use otklik::model::notice::SendState;
use otklik::model::post::Network;
use otklik::model::source::Source;
use otklik::model::source::SourceId;
use otklik::model::source::SourceState;
use otklik::model::time::Clock;
use otklik::pipeline::escalate::EscalateOptions;
use otklik::pipeline::ingest::IngestOptions;
use otklik::pipeline::ingest::IngestStage;
use otklik::pipeline::sentinel::Sentinel;
use otklik::rules::ruleset::Ruleset;
use tokio::sync::watch;
use url::Url;

use crate::world::clock::SetClock;
use crate::world::network::Fault;
use crate::world::network::NetworkServer;
use crate::world::network::instant;
use crate::world::pipeline::shipped_ruleset;

const HOUR: i64 = 3_600;
const TOKEN: &str = "vk1.a.pla/nted+secret";
const SOURCE: &str = "vk:wall:-5";
const NOTHING: &str = r#"{"response":{"count":0,"items":[]}}"#;

struct World {
    server: NetworkServer,
    clock: Arc<SetClock>,
    store: Store,
    ruleset: watch::Sender<Arc<Ruleset>>,
    tokens: Vec<&'static str>,
    ingest: IngestStage,
    sentinel: Sentinel,
    runtime: tokio::runtime::Runtime,
}

impl World {
    fn new(dir: &Path, tokens: &[&'static str]) -> World {
        let mut ruleset = shipped_ruleset();
        ruleset.region.sources = vec![wall()];
        let (ruleset, _) = watch::channel(Arc::new(ruleset));
        let server = NetworkServer::start(100);
        let clock = Arc::new(SetClock::at("2026-11-18T12:00:00Z"));
        clock.set(instant(0));
        let store = Store::open(dir).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let ingest = ingest(&store, &clock, &ruleset, &server, tokens);
        let sentinel = sentinel(&store, &ruleset, &ingest);
        let tokens = tokens.to_vec();
        World { server, clock, store, ruleset, tokens, ingest, sentinel, runtime }
    }

    /// The program starts anew on the same tables.
    fn restart(&mut self) {
        self.ingest = ingest(&self.store, &self.clock, &self.ruleset, &self.server, &self.tokens);
        self.sentinel = sentinel(&self.store, &self.ruleset, &self.ingest);
    }

    fn state(&self) -> SourceState {
        let id = SourceId(SOURCE.to_owned());
        self.store.read(|reader| reader.source_state(&id)).unwrap().unwrap()
    }

    /// Polls at an instant, or when the source is due after it.
    fn poll(&mut self, at_secs: i64) -> SourceState {
        let id = SourceId(SOURCE.to_owned());
        let before = self.store.read(|reader| reader.source_state(&id)).unwrap();
        let due = before.as_ref().and_then(|state| state.next_poll_at).unwrap_or(instant(0));
        let now = due.max(instant(at_secs));
        self.clock.set(now);
        self.server.set_now(now.duration_since(instant(0)).as_secs());
        let polls = before.map_or(0, |state| state.polls);
        let (stage, store) = (self.ingest.clone(), self.store.clone());
        self.runtime.block_on(async move {
            for _ in 0..3_000 {
                // The turn of the last poll may not be over yet.
                stage.clone().step(now).await.unwrap();
                let asked = id.clone();
                let state = store.read_async(move |one| one.source_state(&asked)).await.unwrap();
                if state.is_some_and(|state| polls < state.polls) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("the source was not polled");
        });
        self.state()
    }

    fn look(&mut self) -> Vec<Alarm> {
        self.clock.advance_secs(60);
        self.sentinel.step(self.clock.now()).unwrap();
        self.store.read(|reader| reader.open_alarms()).unwrap()
    }

    fn notices(&self) -> usize {
        let waiting = |reader: &otklik::adapters::store::Reader| {
            reader.outbox_by_state(SendState::Waiting, 100)
        };
        let rows = self.store.read(waiting).unwrap();
        rows.iter().filter(|row| row.notice.kind == NoticeKind::Service).count()
    }

    fn journal(&self) -> Vec<String> {
        let filter = JournalFilter { limit: 100, ..JournalFilter::default() };
        let entries = self.store.read(|reader| reader.journal(&filter)).unwrap();
        entries.into_iter().map(|entry| entry.entry.action).collect()
    }

    fn resume(&self) {
        let entry = NewEntry { action: "source_resume".to_owned(), ..NewEntry::default() };
        let source = SourceId(SOURCE.to_owned());
        self.store.write(Command::SetSourceStopped { source, stopped: false, entry }).unwrap();
    }
}

fn wall() -> Source {
    Source {
        id: SourceId(SOURCE.to_owned()),
        name: "Город".to_owned(),
        ..Source::of("vk", "wall", "-5")
    }
}

fn ingest(
    store: &Store,
    clock: &Arc<SetClock>,
    ruleset: &watch::Sender<Arc<Ruleset>>,
    server: &NetworkServer,
    tokens: &[&str],
) -> IngestStage {
    let vk = Network("vk".to_owned());
    let secrets: Vec<Secret> = tokens.iter().map(|token| Secret::new(*token)).collect();
    let options = IngestOptions {
        bases: BTreeMap::from([(vk.clone(), server.base.clone())]),
        secrets: BTreeMap::from([(vk, secrets)]),
        ..IngestOptions::default()
    };
    let connectors = walls_alone();
    IngestStage::new(store.clone(), clock.clone(), ruleset.subscribe(), connectors, options)
        .unwrap()
}

/// VKontakte without the reading of threads: every request is a wall's.
fn walls_alone() -> Connectors {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("connectors/vk.toml");
    let text = std::fs::read_to_string(shipped).unwrap();
    let is_of_threads =
        |line: &&str| line.starts_with("comments = \"") || line.starts_with("recheck = \"");
    let kept: Vec<&str> = text.lines().filter(|line| !is_of_threads(line)).collect();
    let left_out = text.lines().count() - kept.len();
    assert_eq!(left_out, 5, "the wall's two, the search's and the streams' were there");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("vk.toml"), kept.join("\n")).unwrap();
    Connectors::from_folder(folder.path()).unwrap()
}

fn sentinel(
    store: &Store,
    ruleset: &watch::Sender<Arc<Ruleset>>,
    ingest: &IngestStage,
) -> Sentinel {
    let administrators = vec![Channel::Email { address: "duty@region.example".to_owned() }];
    let options = EscalateOptions { administrators, oversight: Vec::new() };
    Sentinel::new(store.clone(), ruleset.subscribe(), ingest.clone(), options)
}

fn kinds(alarms: &[Alarm]) -> Vec<AlarmKind> {
    alarms.iter().map(|alarm| alarm.kind).collect()
}

#[test]
fn silence_is_told_once_and_ends_when_the_source_speaks() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::new(dir.path(), &[TOKEN]);
    for hour in 0..190 {
        world.server.publish(hour, hour as i64 * HOUR, "яма");
    }
    world.poll(190 * HOUR);
    assert!(world.look().is_empty());
    world.poll(192 * HOUR);
    assert!(world.look().is_empty(), "two hours are not a silence yet");
    world.poll(290 * HOUR);
    assert_eq!(kinds(&world.look()), [AlarmKind::Silent]);
    assert_eq!(world.notices(), 1);
    world.restart();
    world.poll(291 * HOUR);
    assert_eq!(kinds(&world.look()), [AlarmKind::Silent]);
    assert_eq!(world.notices(), 1, "it is told once, whatever the restarts");
    world.server.publish(500, 292 * HOUR, "снова здесь");
    world.poll(293 * HOUR);
    assert!(world.look().is_empty());
    assert_eq!(world.journal().iter().filter(|action| *action == "alarm_end").count(), 1);
    let past = world.store.read(|reader| reader.alarms(10)).unwrap();
    assert!(past.len() == 1 && past[0].ended_at.is_some(), "the trace stays");
}

#[test]
fn an_answer_with_nothing_is_no_calm() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::new(dir.path(), &[TOKEN]);
    world.server.publish(1, 0, "яма");
    world.poll(60);
    for polls in 1..=3 {
        world.server.fault(Fault::Body(NOTHING.to_owned()));
        assert_eq!(world.poll(polls * HOUR).last_error, None);
        assert_eq!(world.look().len(), usize::from(polls == 3), "after {polls} polls");
    }
    assert_eq!(kinds(&world.look()), [AlarmKind::Empty]);
    world.poll(9 * HOUR);
    assert!(world.look().is_empty());
}

#[test]
fn a_refused_key_is_set_aside_and_the_other_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::new(dir.path(), &["first-key", "second-key"]);
    world.server.publish(1, 0, "яма");
    world.server.fault(Fault::VkError(5));
    let refused = world.poll(60);
    assert!(!refused.stopped && refused.posts == 0);
    let alarms = world.look();
    assert_eq!(kinds(&alarms), [AlarmKind::Login]);
    assert!(alarms[0].subject.to_string().starts_with("key:vk:"), "{}", alarms[0].subject);
    let asked_with = |requests: Vec<String>| {
        let first = requests.iter().any(|one| one.contains("first-key"));
        (first, requests.iter().any(|one| one.contains("second-key")))
    };
    let (first, second) = asked_with(world.server.requests());
    assert!(first != second);
    assert_eq!(world.poll(61).posts, 1, "the other key reads it");
    for hour in 1..5 {
        world.poll(hour * HOUR);
    }
    assert_eq!(asked_with(world.server.requests()), (second, first), "the refused one rests");
    world.look();
    assert_eq!(world.notices(), 1);
    world.restart();
    assert_eq!(kinds(&world.look()), [AlarmKind::Login], "a restart proves nothing");
    assert_eq!(world.notices(), 1);
}

#[test]
fn what_was_spent_of_the_day_outlives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::new(dir.path(), &[TOKEN]);
    world.server.publish(1, 0, "яма");
    world.poll(60);
    // Stored after the poll itself, by the same turn.
    world.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(200)).await });
    let spent = world.store.read(|reader| reader.spent()).unwrap();
    assert_eq!(spent.len(), 1);
    assert!(1 <= spent[0].requests, "{spent:?}");
    assert!(!spent[0].credential.contains("vk1"), "{spent:?}");
}

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn no_key_is_ever_written_down() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::new(dir.path(), &[TOKEN]);
    let encoded: String = url::form_urlencoded::byte_serialize(TOKEN.as_bytes()).collect();
    let codes = [1, 5, 6, 9, 10, 14, 15, 17, 18, 29, 30, 100, 203, 777];
    let mut faults: Vec<Fault> = codes.map(Fault::VkError).into();
    faults.extend([
        Fault::Status(500, ""),
        Fault::Status(401, ""),
        Fault::Status(403, ""),
        Fault::Status(429, "5"),
        Fault::Cut,
        Fault::Html,
        Fault::Body(format!("not json at all, {TOKEN}, ?access_token={encoded}&v=5")),
        Fault::Body(format!(r#"{{"response":{{"count":1,"items":[{{"id":"{TOKEN}"}}]}}}}"#)),
        Fault::Body(format!(r#"{{"surprise":"{TOKEN}"}}"#)),
        Fault::Redirect(format!("/elsewhere?access_token={encoded}")),
    ]);
    let count = faults.len() as i64;
    for (round, fault) in faults.into_iter().enumerate() {
        world.server.fault(fault);
        world.poll((round as i64 + 1) * 30 * HOUR);
        world.look();
        world.resume();
        world.restart();
    }
    world.server.publish(1, count * 30 * HOUR, "яма");
    assert_eq!(world.poll((count + 1) * 30 * HOUR).posts, 1, "the polls themselves work");
    assert!(world.server.requests().iter().any(|request| request.contains(&encoded)));
    let rejected = world.store.read(|reader| reader.rejected(100)).unwrap();
    assert!(2 <= rejected.len(), "payloads were kept: {}", rejected.len());
    drop(world);
    let mut read = 0;
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        read += bytes.len();
        assert!(!holds(&bytes, TOKEN) && !holds(&bytes, &encoded), "{}", path.display());
    }
    assert!(10_000 < read, "the tables were not read");
    let logged = log.0.lock().unwrap();
    assert!(holds(&logged, "cannot be read"), "nothing was logged");
    assert!(!holds(&logged, TOKEN) && !holds(&logged, &encoded), "the log holds the key");
}

/// A proxy that answers everything itself; hands back the heads it was sent.
fn proxy() -> (Url, std::sync::mpsc::Receiver<String>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let (sender, heads) = std::sync::mpsc::sync_channel(10);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 2_000];
            let length = stream.read(&mut head).unwrap_or(0);
            let answer = "HTTP/1.1 200 x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
            stream.write_all(answer.as_bytes()).unwrap();
            sender.send(String::from_utf8_lossy(&head[..length]).into_owned()).unwrap();
        }
    });
    (url, heads)
}

fn request(url: &str) -> Request {
    Request {
        url: url.parse().unwrap(),
        headers: Vec::new(),
        body_max_bytes: 1_000_000,
        request_max: Duration::from_secs(5),
        redirects: Redirects::Refuse,
        base: None,
    }
}

#[tokio::test]
async fn requests_go_through_the_proxy_and_say_who_asks() {
    let (url, heads) = proxy();
    let credentials = Some(Secret::new("clerk:password"));
    let options = ClientOptions {
        contact: Some("press@region.example".to_owned()),
        proxy: Some(Proxy { url, credentials }),
    };
    let client = Client::with(&options).unwrap();
    let answer = client.get(&request("http://news.example/feed.xml"), instant(0)).await.unwrap();
    assert_eq!(answer.body, b"ok");
    let head = heads.recv_timeout(Duration::from_secs(5)).unwrap().to_lowercase();
    assert!(head.starts_with("get http://news.example/feed.xml "), "{head}");
    assert!(head.contains("press@region.example"), "{head}");
    assert!(head.contains("proxy-authorization: basic"), "{head}");
    for inside in ["http://127.0.0.1:9/x", "http://10.0.0.1/x", "http://localhost/x"] {
        let refused = client.get(&request(inside), instant(0)).await.unwrap_err();
        assert_eq!(refused.class, ErrorClass::Config, "{inside}");
    }
    assert!(heads.try_recv().is_err(), "nothing inside was asked for");
}

#[tokio::test]
async fn pages_are_read_as_their_site_wishes() {
    let server = NetworkServer::start(20);
    let client = Client::new().unwrap();
    let page = |path: &str| Request {
        base: Some(server.base.clone()),
        ..request(server.base.join(path).unwrap().as_str())
    };
    server.fault(Fault::Body("User-agent: *\nDisallow: /s/\n".to_owned()));
    assert!(!client.robots_allow(&page("/s/town"), instant(0)).await.unwrap());
    assert!(client.robots_allow(&page("/town"), instant(60)).await.unwrap());
    assert_eq!(server.requests().len(), 1, "asked once a day");
    let later = instant(25 * HOUR);
    server.fault(Fault::Status(404, ""));
    assert!(client.robots_allow(&page("/s/town"), later).await.unwrap());
    server.fault(Fault::Status(503, ""));
    let unknown = client.robots_allow(&page("/s/town"), instant(60 * HOUR)).await.unwrap_err();
    assert_eq!(unknown.class, ErrorClass::Unavailable);
}
