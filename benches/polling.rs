//! A country's sources read by one process: `cargo bench --bench polling`.
//! A server of its own process shows thousands of walls, channels and feeds;
//! here they are polled by the stage that runs in the product: fetched,
//! extracted and made durable. Asserts that every post is stored exactly once,
//! that a core takes what a country publishes, and how little memory it needs.

#[path = "../tests/it/world/country.rs"]
mod country;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use otklik::adapters::clock::SystemClock;
use otklik::adapters::connector::Connectors;
use otklik::adapters::process::peak_rss_bytes;
use otklik::adapters::ruleset_files::{hash, shipped};
use otklik::adapters::store::Store;
use otklik::model::post::Network;
use otklik::model::source::Source;
use otklik::model::time::{Clock, Timestamp};
use otklik::pipeline::ingest::{IngestOptions, IngestStage};
use otklik::pipeline::stage::{Board, Surroundings, run_as_task};
use otklik::rules::ruleset::parse;
use tokio::sync::watch;
use url::Url;

const NETWORKS: [&str; 3] = ["vk", "telegram", "rss"];
const WALLS: usize = 1_600;
const CHANNELS: usize = 1_700;
const FEEDS: usize = 1_700;
const SOURCES: usize = WALLS + CHANNELS + FEEDS;
/// Every source is due again after this.
const ROUND_SECS: i64 = 1_200;
const ROUNDS: i64 = 3;
/// A whole country's public stream, on one core.
const POSTS_PER_CPU_SEC_MIN: f64 = 2_000.0;
const MEMORY_MAX_BYTES: u64 = 300 << 20;
const ROUND_LASTS_MAX: Duration = Duration::from_secs(180);
const LOOK_EVERY: Duration = Duration::from_millis(100);

fn main() {
    if std::env::args().any(|argument| argument == "country") {
        println!("{}", country::serve());
        // Ends with whoever holds the other end of the pipe.
        let _ = std::io::stdin().lines().last();
        return;
    }
    let country = Country::start();
    measure(&country);
}

/// The server's process; it ends with this value.
struct Country {
    process: Child,
    base: Url,
}

impl Country {
    fn start() -> Country {
        let mut process = Process::new(std::env::current_exe().expect("this program has a file"))
            .arg("country")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process can be started");
        let mut line = String::new();
        let output = process.stdout.take().expect("its output is a pipe");
        BufReader::new(output).read_line(&mut line).expect("the server says where it is");
        Country { process, base: Url::parse(line.trim()).expect("an address") }
    }
}

impl Drop for Country {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The country's time: it passes as ours does, and jumps to the next round.
struct CountryClock {
    began: Timestamp,
    skipped_secs: AtomicI64,
}

impl Clock for CountryClock {
    fn now(&self) -> Timestamp {
        let passed = SystemClock.now().duration_since(self.began);
        let skipped = self.skipped_secs.load(Ordering::Relaxed);
        let start = Timestamp::from_second(country::EPOCH_SECS + skipped).expect("an instant");
        start.checked_add(passed).expect("an instant")
    }
}

fn sources() -> Vec<Source> {
    let walls = (1..=WALLS).map(|n| ("vk", "wall", format!("-{n}")));
    let channels = (1..=CHANNELS).map(|n| ("telegram", "channel", format!("dvor_no_{n}")));
    let feeds = (1..=FEEDS).map(|n| ("rss", "feed", format!("/feed/{n}.xml")));
    walls.chain(channels).chain(feeds).map(source).collect()
}

fn source((network, kind, target): (&str, &str, String)) -> Source {
    Source {
        name: target.clone(),
        poll_interval_secs: Some(ROUND_SECS as u64 / 2),
        ..Source::of(network, kind, &target)
    }
}

fn stage(store: &Store, clock: Arc<CountryClock>, country: &Country) -> IngestStage {
    let files = shipped("vologda").expect("the pack is in the program");
    let mut ruleset = parse(&files, hash(&files)).expect("the shipped ruleset is sound");
    ruleset.region.sources = sources();
    let (_, ruleset) = watch::channel(Arc::new(ruleset));
    let mut connectors = posts_alone();
    let mut options = IngestOptions::default();
    for network in NETWORKS.map(|name| Network(name.to_owned())) {
        // One host stands for thousands of them here.
        connectors.set_rate(&network, 1_000_000);
        options.bases.insert(network, country.base.clone());
    }
    IngestStage::new(store.clone(), clock, ruleset, connectors, options).expect("a stage")
}

/// What leads from posts to what stands under them, and what a day may bring.
const LEFT_OUT: [&str; 3] = ["comments = \"", "recheck = \"", "daily_max = "];

/// The connectors without what stands under posts: every request is a page. And
/// without a day's quota, by which the plan would leave walls to later hours.
fn posts_alone() -> Connectors {
    let folder = tempfile::tempdir().expect("a folder");
    for network in NETWORKS {
        let name = format!("{network}.toml");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("connectors").join(&name);
        let text = std::fs::read_to_string(shipped).expect("a definition");
        let kept: Vec<&str> =
            text.lines().filter(|line| !LEFT_OUT.iter().any(|key| line.starts_with(key))).collect();
        std::fs::write(folder.path().join(name), kept.join("\n")).expect("a file");
    }
    Connectors::from_folder(folder.path()).expect("sound definitions")
}

fn measure(country: &Country) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let dir = tempfile::tempdir().expect("a folder for the database");
    let store = Store::open(dir.path()).expect("an empty folder opens");
    let began = SystemClock.now();
    let clock = Arc::new(CountryClock { began, skipped_secs: AtomicI64::new(0) });
    let stage = stage(&store, clock.clone(), country);
    let (stop, stopped) = watch::channel(false);
    let surroundings = Surroundings {
        store: store.clone(),
        clock: clock.clone(),
        board: Arc::new(Board::default()),
        stop: stopped,
    };
    let _inside = runtime.enter();
    set_time(country, country::EPOCH_SECS);
    let stage = run_as_task("ingest", surroundings, move |now| stage.clone().step(now));
    let mut expected = 0;
    for round in 0..ROUNDS {
        let now = country::EPOCH_SECS + round * ROUND_SECS;
        set_time(country, now);
        clock.skipped_secs.store(round * ROUND_SECS, Ordering::Relaxed);
        expected += new_posts(round) * SOURCES as u64;
        read_round(&store, round, expected);
    }
    stop.send_replace(true);
    runtime.block_on(stage).expect("the stage ends");
    assert_eq!(stored(&store), expected, "every post is stored once");
    let peak = peak_rss_bytes().expect("the system tells");
    println!("{SOURCES} sources in {} MiB at most", peak >> 20);
    assert!(peak < MEMORY_MAX_BYTES, "{peak} bytes were resident");
}

/// Posts of one source that a round brings for the first time.
fn new_posts(round: i64) -> u64 {
    let now = country::EPOCH_SECS + round * ROUND_SECS;
    let seen = if round == 0 { i64::MIN } else { *country::shown(now - ROUND_SECS).end() };
    country::shown(now).filter(|ordinal| seen < *ordinal).count() as u64
}

fn set_time(country: &Country, secs: i64) {
    let place = (country.base.host_str().unwrap_or(""), country.base.port().unwrap_or(0));
    let mut stream = TcpStream::connect(place).expect("the server is there");
    write!(stream, "GET /now?secs={secs} HTTP/1.1\r\n\r\n").expect("it listens");
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).expect("it answers");
    assert!(answer.contains("200"), "{answer}");
}

/// Waits until a round is read, and tells how fast that went.
fn read_round(store: &Store, round: i64, expected: u64) {
    let (began, worked, before) = (SystemClock.now(), cpu_secs(), stored(store));
    let is_over = || expected <= stored(store);
    let mut waited = Duration::ZERO;
    while !is_over() {
        assert!(waited < ROUND_LASTS_MAX, "{} of {expected} posts are stored", stored(store));
        std::thread::sleep(LOOK_EVERY);
        waited += LOOK_EVERY;
    }
    let count = (stored(store) - before) as f64;
    let per_sec = count / SystemClock.now().duration_since(began).as_secs_f64();
    let per_cpu_sec = count / (cpu_secs() - worked);
    let polls_per_cpu_sec = per_cpu_sec * SOURCES as f64 / count;
    println!(
        "round {round}: {count:>7} new posts, {per_sec:>6.0} /s, {per_cpu_sec:>6.0} posts and \
         {polls_per_cpu_sec:>5.0} polls per CPU second"
    );
    assert!(POSTS_PER_CPU_SEC_MIN < per_cpu_sec, "a core does not keep up with a country");
}

fn stored(store: &Store) -> u64 {
    store.read(|reader| reader.totals()).expect("the store can be read").posts
}

/// What this process has worked so far, all threads.
fn cpu_secs() -> f64 {
    const TICKS_PER_SEC: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").expect("the system tells");
    // The name in brackets may hold spaces; user and system time stand behind it.
    let fields = stat.rsplit(')').next().unwrap_or("").split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / TICKS_PER_SEC
}
