//! Grouping on a large scale: `cargo bench --bench grouping` places 40 000 matched
//! posts one after another, `cargo bench --bench grouping -- 200000` as many as
//! leave 100 000 incidents open. Asserts that a window rebuilt half-way decides
//! exactly alike, that the last tenth is not much slower than the one that began
//! with an empty window, and how little memory it takes. Rates are of this
//! process's own work, so that a busy machine says the same; how long one decision
//! takes is of the clock on the wall.
//!
//! `cargo bench --bench grouping -- generate 1000000 > posts.ndjson` prints posts
//! for measuring an import: a fifth of them these complaints, the others talk. Of a
//! million about 100 000 incidents are open in the end.

#[path = "../tests/it/world/chance.rs"]
mod chance;
mod complaints;
#[path = "../tests/it/world/generate.rs"]
mod generate;

use std::io::{BufWriter, Write};

use jiff::SignedDuration;
use otklik::adapters::clock::SystemClock;
use otklik::adapters::ndjson::print_line;
use otklik::adapters::process::{peak_rss_bytes, worked_secs};
use otklik::model::finding::Finding;
use otklik::model::incident::IncidentId;
use otklik::model::post::{Post, StoredPost};
use otklik::model::time::{Clock, Timestamp};
use otklik::rules::clustering::{Placement, PostFeatures, Rarity, Window, features};
use otklik::rules::ruleset::{GroupingWeights, Weights};
use otklik::rules::text::stem::StemMemo;

use complaints::Complaints;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SEED: u64 = 1;
const POSTS_USUAL: usize = 40_000;
const BATCH_POSTS: usize = 500;
const TENTHS: usize = 10;
/// Of grouping alone; what else happens to a post takes as long at any size. The
/// first tenth has the advantage of a window that is all but empty.
const LAST_OF_FIRST_MIN: f64 = 0.6;
/// Of the whole process, the posts' generator too.
const MEMORY_MAX_BYTES: u64 = 1_500_000_000;

/// Of the posts that are printed, one in so many is a complaint.
const COMPLAINT_EVERY: usize = 5;
/// What is printed was written so long before: what is imported before its time
/// counts as written when it was imported.
const PRINTED_EARLIER: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);

fn main() -> std::io::Result<()> {
    let asked = std::env::args().find_map(|argument| argument.parse::<usize>().ok());
    if std::env::args().any(|argument| argument == "generate") {
        return print(asked.unwrap_or(POSTS_USUAL));
    }
    measure(asked.unwrap_or(POSTS_USUAL));
    Ok(())
}

fn print(count: usize) -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut complaints = Complaints::new(SEED).map(|(stored, _)| stored.post);
    let mut talk = generate::Generator::new(SEED).filter(|one| !one.is_complaint);
    let mut at = Timestamp::UNIX_EPOCH;
    for number in 0..count {
        let post = if number.is_multiple_of(COMPLAINT_EVERY) {
            complaints.next().inspect(|post| at = post.published_at)
        } else {
            talk.next().map(|one| talked(one.post, at))
        };
        let mut post = post.expect("without end");
        post.published_at -= PRINTED_EARLIER;
        writeln!(out, "{}", print_line(&post))?;
    }
    out.flush()
}

/// Said while the last complaint was written.
fn talked(post: Post, at: Timestamp) -> Post {
    let mut post = Post { published_at: at, ..post };
    post.key.native_id.insert(0, 't');
    post
}

fn measure(posts: usize) {
    let tenth = posts / TENTHS;
    let mut grouping = Grouping::new(Rarity::default(), TENTHS * tenth);
    let mut rates = Vec::new();
    let mut restart = None;
    for number in 1..=TENTHS {
        let measured = grouping.go_on(tenth);
        measured.print(number, grouping.window.len());
        rates.push(measured.per_sec());
        if number == TENTHS / 2 {
            // What a restart finds: the counts of words as stored, and who is where.
            restart = Some((grouping.window.rarity().to_bytes(), grouping.placed.len()));
            grouping.digest = Digest::default();
        }
    }
    let peak_bytes = peak_rss_bytes().unwrap_or(0);
    println!("{} MB at most", peak_bytes / 1_000_000);
    let (placed, digest) = (grouping.placed, grouping.digest);
    drop(grouping.window);
    let (rarity, half) = restart.expect("there was a middle");
    let mut rebuilt = Grouping::rebuilt(&rarity, &placed[..half], TENTHS * tenth);
    rebuilt.go_on(TENTHS * tenth - half);
    assert!(rebuilt.placed == placed[half..], "a rebuilt window puts posts elsewhere");
    assert_eq!(rebuilt.digest, digest, "a rebuilt window gives other reasons");
    let share = rates[TENTHS - 1] / rates[0];
    println!("the last tenth is {share:.2} as fast as the first");
    assert!(share >= LAST_OF_FIRST_MIN, "slows down: {rates:.0?}");
    assert!(peak_bytes <= MEMORY_MAX_BYTES, "{peak_bytes} bytes");
}

fn weights(open_max: usize) -> GroupingWeights {
    let weights: Weights =
        toml::from_str(include_str!("../keywords/_weights.toml")).expect("the shipped weights");
    GroupingWeights { incidents_max: open_max, ..weights.grouping }
}

struct Grouping {
    complaints: Complaints,
    memo: StemMemo,
    window: Window,
    placed: Vec<IncidentId>,
    digest: Digest,
}

impl Grouping {
    fn new(rarity: Rarity, open_max: usize) -> Grouping {
        Grouping {
            complaints: Complaints::new(SEED),
            memo: StemMemo::default(),
            window: Window::new(&weights(open_max), rarity),
            placed: Vec::new(),
            digest: Digest::default(),
        }
    }

    /// As after a restart, when posts have been put where `placed` says.
    fn rebuilt(rarity: &[u8], placed: &[IncidentId], open_max: usize) -> Grouping {
        let rarity = Rarity::from_bytes(rarity).expect("as it was written");
        let mut grouping = Grouping::new(rarity, open_max);
        for id in placed {
            let (post, finding) = grouping.complaints.next().expect("without end");
            grouping.window.add(*id, features(&mut grouping.memo, &post, &finding));
        }
        grouping
    }

    fn go_on(&mut self, posts: usize) -> Measured {
        let mut measured = Measured::default();
        let mut left = posts;
        while left > 0 {
            let size = left.min(BATCH_POSTS);
            let batch: Vec<(StoredPost, Finding)> = self.complaints.by_ref().take(size).collect();
            let worked = worked_secs().unwrap_or(0.0);
            let made: Vec<Placement> = batch
                .iter()
                .map(|(post, finding)| self.post(post, finding, &mut measured))
                .collect();
            let worked = worked_secs().unwrap_or(0.0) - worked;
            measured.per_sec.push(size as f64 / worked);
            made.iter().for_each(|placement| self.digest.add(placement));
            left -= size;
        }
        measured
    }

    /// Reads, decides and remembers, as the stage does.
    fn post(&mut self, post: &StoredPost, finding: &Finding, measured: &mut Measured) -> Placement {
        let post: PostFeatures = features(&mut self.memo, post, finding);
        self.window.advance(post.written_at);
        let began = SystemClock.now();
        let placement = self.window.place(&post);
        measured.decisions.push(micros_since(began));
        let id = match &placement {
            Placement::Join { incident, .. } => *incident,
            Placement::New { .. } => IncidentId(post.position.0),
        };
        self.placed.push(id);
        self.window.observe(&post);
        self.window.add(id, post);
        placement
    }
}

fn micros_since(began: Timestamp) -> u64 {
    u64::try_from(SystemClock.now().duration_since(began).as_micros()).unwrap_or(0)
}

#[derive(Default)]
struct Measured {
    /// Of each batch.
    per_sec: Vec<f64>,
    /// How long each decision took, in millionths of a second.
    decisions: Vec<u64>,
}

impl Measured {
    /// The middle one: whatever else the machine does comes and goes.
    fn per_sec(&self) -> f64 {
        let mut sorted = self.per_sec.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }

    fn print(&self, number: usize, open: usize) {
        let mut sorted = self.decisions.clone();
        sorted.sort_unstable();
        let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share) as usize];
        println!(
            "tenth {number:>2}: {:>7.0} posts per CPU second, {open:>6} open; \
             one decision {} µs, 99 of 100 within {} µs, all within {} µs",
            self.per_sec(),
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
}

/// A hash of all that was decided, with scores and reasons to the last digit.
#[derive(Debug, PartialEq)]
struct Digest(u64);

impl Default for Digest {
    fn default() -> Digest {
        Digest(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    fn add(&mut self, placement: &Placement) {
        write!(self, "{placement:?}").expect("takes everything");
    }
}

impl Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
