//! How soon people see what is written: `cargo bench --bench arrival` lets posts
//! come as steadily as they do from networks, a fifth of them complaints, half of
//! these about something that is open, and asks for the inbox all the while.
//! `cargo bench --bench arrival -- 200000` first groups so many complaints, of
//! which 100 000 incidents are open then. Asserts that a post is in its incident
//! and the inbox shows it within a second.

#[path = "../tests/it/world/chance.rs"]
mod chance;
mod complaints;
#[path = "../tests/it/world/generate.rs"]
mod generate;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use otklik::adapters::clock::SystemClock;
use otklik::adapters::store::Store;
use otklik::adapters::store::commands::{Command, Ingest};
use otklik::adapters::store::read::IncidentFilter;
use otklik::app::parts::{Running, ruleset};
use otklik::config::Config;
use otklik::model::incident::State;
use otklik::model::position::Position;
use otklik::model::post::Post;
use otklik::model::time::{Clock, Timestamp};

use complaints::Complaints;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SEED: u64 = 1;
/// All public posts of a country come at less than half of this.
const POSTS_PER_SEC: usize = 2_000;
const LASTS_SECS: usize = 20;
/// What connectors bring comes in batches, so many a second.
const BATCHES_PER_SEC: usize = 20;
const BATCH_POSTS: usize = POSTS_PER_SEC / BATCHES_PER_SEC;
/// One in so many is a complaint.
const COMPLAINT_EVERY: usize = 5;
const COMPLAINTS_BEFORE_USUAL: usize = 10_000;
const BATCH_BEFORE: usize = 1_000;
/// Facts that may wait while what was before is grouped.
const AHEAD_MAX: u64 = 10_000;
/// 99 of 100 batches, from being handed over to being shown.
const SHOWN_WITHIN_MAX: Duration = Duration::from_secs(1);
const INBOX_EVERY: Duration = Duration::from_millis(200);
const INBOX_ROWS: usize = 50;
const LOOK_AGAIN: Duration = Duration::from_millis(2);
/// Written so long before: posts of the future would count as written today.
const EARLIER: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);

fn main() {
    let asked = std::env::args().find_map(|argument| argument.parse::<usize>().ok());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(measure(asked.unwrap_or(COMPLAINTS_BEFORE_USUAL)));
}

async fn measure(before: usize) {
    let dir = tempfile::tempdir().expect("a folder for the data");
    let config = Config { data_dir: dir.path().to_owned(), ..Config::default() };
    let (files, rules) = ruleset(&config).expect("the shipped rules are sound");
    let running = Running::start(&config.data_dir, files, rules, Arc::new(SystemClock)).await;
    let running = running.expect("an empty folder opens");
    let store = running.store.clone();
    let shown = tokio::task::spawn_blocking(move || {
        let mut complaints = Complaints::new(SEED);
        fill(&store, &mut complaints, before);
        arrive(&store, complaints)
    });
    let shown = shown.await.expect("it goes to the end");
    running.stop().await;
    println!("a batch of {BATCH_POSTS} is in its incidents after {}", told(&shown.grouped));
    println!("the inbox answers after {}", told(&shown.inbox));
    let slowest = at(&shown.grouped, 0.99) + at(&shown.inbox, 0.99);
    assert!(slowest <= SHOWN_WITHIN_MAX, "{slowest:?} until people see a post");
}

/// Groups what was written before, as fast as it goes.
fn fill(store: &Store, complaints: &mut Complaints, count: usize) {
    let mut left = count;
    while left > 0 {
        let size = left.min(BATCH_BEFORE);
        let batch = complaints.by_ref().take(size).map(|(stored, _)| earlier(stored.post));
        hand_over(store, batch.collect());
        left -= size;
        wait_until(store, |last, grouped| last.0 - grouped.0 <= AHEAD_MAX);
    }
    wait_until(store, |last, grouped| last == grouped);
    let totals = store.read(|reader| reader.totals()).expect("the store can be read");
    println!("{} complaints in {} incidents before", totals.matched, totals.incidents);
}

struct Shown {
    /// From each batch's being handed over, in order of length.
    grouped: Vec<Duration>,
    inbox: Vec<Duration>,
}

fn arrive(store: &Store, complaints: Complaints) -> Shown {
    let is_over = AtomicBool::new(false);
    let batches = batches(complaints);
    std::thread::scope(|scope| {
        let inbox = scope.spawn(|| ask(store, &is_over));
        let (sender, sent) = std::sync::mpsc::sync_channel(batches.len());
        scope.spawn(move || {
            let began = SystemClock.now();
            for (number, batch) in batches.into_iter().enumerate() {
                let due = Duration::from_secs(1) / BATCHES_PER_SEC as u32 * number as u32;
                std::thread::sleep(due.saturating_sub(since(began)));
                let at = SystemClock.now();
                hand_over(store, batch);
                let _ = sender.send((last_position(store), at));
            }
        });
        let grouped = watch(store, &sent);
        is_over.store(true, Ordering::Relaxed);
        Shown { grouped, inbox: inbox.join().expect("it goes to the end") }
    })
}

/// Made before: whoever comes by the clock must not wait for its posts.
fn batches(complaints: Complaints) -> Vec<Vec<Post>> {
    let mut complaints = complaints.map(|(stored, _)| earlier(stored.post));
    let talk = generate::Generator::new(SEED).filter(|one| !one.is_complaint);
    let mut talk = talk.map(|one| {
        let mut post = one.post;
        post.key.native_id.insert(0, 't');
        post
    });
    let mut post = |number: usize| match number.is_multiple_of(COMPLAINT_EVERY) {
        true => complaints.next().expect("without end"),
        false => talk.next().expect("without end"),
    };
    let count = LASTS_SECS * BATCHES_PER_SEC;
    (0..count).map(|_| (0..BATCH_POSTS).map(&mut post).collect()).collect()
}

fn earlier(post: Post) -> Post {
    Post { published_at: post.published_at - EARLIER, ..post }
}

/// When each batch that was sent is grouped, in order of how long it took.
fn watch(store: &Store, sent: &std::sync::mpsc::Receiver<(Position, Timestamp)>) -> Vec<Duration> {
    let mut waiting: VecDeque<(Position, Timestamp)> = VecDeque::new();
    let mut took = Vec::new();
    while took.len() < LASTS_SECS * BATCHES_PER_SEC {
        waiting.extend(sent.try_iter());
        let grouped = store.read(|reader| reader.stage("cluster")).expect("the store can be read");
        while let Some((_, at)) = waiting.pop_front_if(|(last, _)| *last <= grouped) {
            took.push(since(at));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    took.sort_unstable();
    took
}

/// What the inbox asks for, again and again.
fn ask(store: &Store, is_over: &AtomicBool) -> Vec<Duration> {
    let states = vec![State::New];
    let filter = IncidentFilter { states, limit: INBOX_ROWS, ..IncidentFilter::default() };
    let mut took = Vec::new();
    while !is_over.load(Ordering::Relaxed) || took.is_empty() {
        let began = SystemClock.now();
        let answer = store.read(|reader| {
            Ok((reader.incidents(&filter, began)?, reader.incidents_count(&filter)?))
        });
        let (rows, _) = answer.expect("the store can be read");
        assert!(!rows.is_empty(), "complaints came before");
        took.push(since(began));
        std::thread::sleep(INBOX_EVERY);
    }
    took.sort_unstable();
    took
}

fn hand_over(store: &Store, posts: Vec<Post>) {
    let (seen_at, rejected) = (SystemClock.now(), Vec::new());
    let ingest = Ingest { seen_at, posts, rejected, gap: None, poll: None };
    store.write(Command::Ingest(ingest)).expect("the disk takes it");
}

fn wait_until(store: &Store, is_reached: impl Fn(Position, Position) -> bool) {
    let state = || store.read(|reader| Ok((reader.last_position()?, reader.stage("cluster")?)));
    loop {
        let (last, grouped) = state().expect("the store can be read");
        if is_reached(last, grouped) {
            return;
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

fn last_position(store: &Store) -> Position {
    store.read(|reader| reader.last_position()).expect("the store can be read")
}

fn since(began: Timestamp) -> Duration {
    SystemClock.now().duration_since(began).try_into().unwrap_or_default()
}

fn at(sorted: &[Duration], share: f64) -> Duration {
    sorted[((sorted.len() - 1) as f64 * share) as usize]
}

fn told(sorted: &[Duration]) -> String {
    let ms = |share| at(sorted, share).as_millis();
    format!("{} ms, 99 of 100 within {} ms, all within {} ms", ms(0.5), ms(0.99), ms(1.0))
}
