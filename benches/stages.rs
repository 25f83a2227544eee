//! Posts a second of every stage, one thread each, over the same generated
//! posts: `cargo bench --bench stages`. Each measurement asserts what it
//! computed, so that speed is never bought with a wrong answer; compare the
//! ratios within one run, machines differ.
//!
//! `cargo bench --bench stages -- generate 100000 > posts.ndjson` prints the
//! posts instead, for measuring an import; `cargo bench --bench stages -- reading`
//! ends when posts are read, for a profile of that.

#[path = "../tests/it/world/chance.rs"]
mod chance;
#[path = "../tests/it/world/generate.rs"]
mod generate;

use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::Path;

use otklik::adapters::clock::SystemClock;
use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::extract::extract;
use otklik::adapters::ndjson::print_line;
use otklik::adapters::ruleset_files::{hash, shipped};
use otklik::adapters::search::query::{Names, Query};
use otklik::adapters::search::{Index, IndexedPost, Mark, Narrow, Order};
use otklik::adapters::store::Store;
use otklik::adapters::store::commands::{Command, Ingest};
use otklik::model::finding::Finding;
use otklik::model::incident::IncidentId;
use otklik::model::position::Position;
use otklik::model::post::{Post, StoredPost};
use otklik::model::time::{Clock, Timestamp};
use otklik::pipeline::matcher::PostReader;
use otklik::rules::clustering::{Placement, Rarity, Window, features};
use otklik::rules::ruleset::{Ruleset, parse};
use otklik::rules::text::language;
use otklik::rules::text::stem::StemMemo;
use otklik::rules::text::tokens::{Token, tokenise};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const POSTS: usize = 40_000;
/// How often posts are read again: each reading alone is over too soon to time.
const ROUNDS: usize = 5;
const SEED: u64 = 1;
const BATCH_POSTS: usize = 1_000;
const QUESTIONS: usize = 2_000;
/// Of pages read for each network.
const PAGES_BYTES: usize = 8 << 20;

struct Bench {
    first_per_sec: Option<f64>,
}

impl Bench {
    /// Runs once, prints things a second of time and of all cores' work, hands
    /// the result over to be asserted. On a busy machine only the second says much.
    fn measure<T>(&mut self, what: &str, count: usize, work: impl FnOnce() -> T) -> T {
        let (started, worked) = (SystemClock.now(), cpu_secs());
        let result = black_box(work());
        let secs = SystemClock.now().duration_since(started).as_secs_f64();
        let per_sec = count as f64 / secs;
        let per_cpu_sec = count as f64 / (cpu_secs() - worked);
        let first = *self.first_per_sec.get_or_insert(per_cpu_sec);
        println!(
            "{what:<40} {per_sec:>9.0} /s {per_cpu_sec:>9.0} per CPU second, {:.3} of the first",
            per_cpu_sec / first
        );
        result
    }
}

/// What this process has worked so far, all threads; 0 where the system has no `/proc`.
fn cpu_secs() -> f64 {
    const TICKS_PER_SEC: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in brackets may hold spaces; user and system time stand behind it.
    let fields = stat.rsplit(')').next().unwrap_or("").split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / TICKS_PER_SEC
}

fn main() -> std::io::Result<()> {
    let mut asked = std::env::args().skip_while(|argument| argument != "generate").skip(1);
    if let Some(count) = asked.next().and_then(|count| count.parse().ok()) {
        return print(count);
    }
    measure_all(std::env::args().any(|argument| argument == "reading"));
    Ok(())
}

fn print(count: usize) -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for generated in generate::Generator::new(SEED).take(count) {
        writeln!(out, "{}", print_line(&generated.post))?;
    }
    out.flush()
}

fn measure_all(is_reading_only: bool) {
    let mut bench = Bench { first_per_sec: None };
    let (posts, complaints) = generated();
    let bytes: usize = posts.iter().map(|one| one.post.text.len()).sum();
    println!("{POSTS} posts, {} bytes of text each, {complaints} complaints", bytes / POSTS);
    reading(&mut bench, &posts);
    let ruleset = ruleset();
    let findings = matching(&mut bench, &ruleset, &posts, complaints);
    if is_reading_only {
        return;
    }
    grouping(&mut bench, &ruleset, &posts, &findings);
    storing(&mut bench, &posts);
    extracting(&mut bench);
    indexing(&mut bench, posts, findings);
}

fn generated() -> (Vec<StoredPost>, usize) {
    let mut complaints = 0;
    let stored = |(index, generated): (usize, generate::Generated)| {
        complaints += usize::from(generated.is_complaint);
        StoredPost {
            position: Position(index as u64 + 1),
            first_seen_at: generated.post.published_at,
            post: generated.post,
        }
    };
    let posts = generate::Generator::new(SEED).take(POSTS).enumerate().map(stored).collect();
    (posts, complaints)
}

fn ruleset() -> Ruleset {
    let files = shipped("vologda").expect("the pack is in the program");
    parse(&files, hash(&files)).expect("the shipped ruleset is sound")
}

/// Words with their spans and stems, what every reading of a post begins with;
/// and the language that they are in.
fn reading(bench: &mut Bench, posts: &[StoredPost]) {
    let words = bench.measure("tokenise and stem", posts.len(), || {
        let mut memo = StemMemo::new();
        let mut words = 0;
        for stored in posts {
            for token in tokenise(&stored.post.text) {
                black_box(memo.stem(&token.normal));
                words += 1;
            }
        }
        words
    });
    assert!(words > posts.len() * 10, "a post has more than ten words: {words}");
    let tokens: Vec<Vec<Token>> = posts.iter().map(|stored| tokenise(&stored.post.text)).collect();
    let russian = bench.measure("tell the language", posts.len(), || {
        let told = posts.iter().zip(&tokens);
        told.filter(|(stored, tokens)| language::detect(&stored.post.text, tokens) == "ru").count()
    });
    assert!(russian * 100 >= posts.len() * 99, "{russian} of {} are Russian", posts.len());
}

/// A post read whole: language, topics with evidence, places, risks.
fn matching(
    bench: &mut Bench,
    ruleset: &Ruleset,
    posts: &[StoredPost],
    complaints: usize,
) -> Vec<Option<Finding>> {
    let mut reader = bench.measure("read the rules", 1, || PostReader::new(ruleset));
    let findings: Vec<Option<Finding>> = bench.measure("match", posts.len(), || {
        posts.iter().map(|stored| reader.read_matched(&stored.post)).collect()
    });
    let matched = findings.iter().flatten().count();
    let are_matched = |wanted: bool| {
        let one = move |(post, finding): (_, &Option<Finding>)| {
            (finding.is_some() == wanted).then_some(post)
        };
        posts.iter().zip(&findings).filter_map(one).collect::<Vec<&StoredPost>>()
    };
    for (what, wanted) in [("match: posts about nothing", false), ("match: complaints", true)] {
        let these = are_matched(wanted);
        let rounds = these.iter().cycle().take(these.len() * ROUNDS);
        let found = bench.measure(what, these.len() * ROUNDS, || {
            rounds.filter(|stored| reader.read_matched(&stored.post).is_some()).count()
        });
        let expected = if wanted { these.len() * ROUNDS } else { 0 };
        assert_eq!(found, expected, "a post is read the same again");
    }
    let mut again = posts.iter().map(|stored| reader.read_matched(&stored.post)).zip(&findings);
    assert!(again.all(|(again, first)| again == *first), "words are remembered as they are");
    assert!(
        matched > complaints * 8 / 10 && matched < complaints * 12 / 10,
        "{complaints} complaints were written, {matched} found"
    );
    findings
}

/// The nearest incident of every complaint among all open ones.
fn grouping(
    bench: &mut Bench,
    ruleset: &Ruleset,
    posts: &[StoredPost],
    findings: &[Option<Finding>],
) {
    let pairs: Vec<(&StoredPost, &Finding)> = posts
        .iter()
        .zip(findings)
        .filter_map(|(post, finding)| Some((post, finding.as_ref()?)))
        .collect();
    let joined = bench.measure("place complaints into incidents", pairs.len(), || {
        let mut window = Window::new(&ruleset.weights.grouping, Rarity::default());
        let mut memo = StemMemo::default();
        let mut joined = 0;
        for (post, finding) in &pairs {
            let features = features(&mut memo, post, finding);
            window.advance(features.written_at);
            let id = match window.place(&features) {
                Placement::Join { incident, .. } => {
                    joined += 1;
                    incident
                }
                Placement::New { .. } => IncidentId(post.position.0),
            };
            window.observe(&features);
            window.add(id, features);
        }
        joined
    });
    assert!(joined > pairs.len() / 4, "{joined} of {} joined another", pairs.len());
    assert!(joined < pairs.len(), "somebody is first");
}

/// A full page of every network's posts, from bytes to posts.
fn extracting(bench: &mut Bench) {
    let connectors = Connectors::shipped().expect("the shipped connectors are sound");
    let now = SystemClock.now();
    for definition in connectors.iter() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let files = std::fs::read_dir(folder.join(&definition.network.0)).expect("has fixtures");
        let normal = files.filter_map(|file| Some(file.ok()?.path()));
        let normal =
            normal.into_iter().find(|path| path.file_stem().is_some_and(|s| s == "normal"));
        let payload = std::fs::read(normal.expect("every network has a normal page"))
            .expect("a fixture can be read");
        let pages = PAGES_BYTES / payload.len();
        let posts =
            || extract(definition, "posts", &payload, None, now).map(|page| page.posts.len());
        let expected = posts().expect("a normal page can be read") * pages;
        let what = format!("extract {}, pages of {} bytes", definition.network, payload.len());
        let read = bench.measure(&what, pages, || {
            (0..pages).map(|_| black_box(posts()).unwrap_or(0)).sum::<usize>()
        });
        assert_eq!(read, expected, "every page holds the same");
    }
}

/// Batches made durable, one after another, as an import sends them.
fn storing(bench: &mut Bench, posts: &[StoredPost]) {
    let dir = tempfile::tempdir().expect("a folder for the database");
    let store = Store::open(dir.path()).expect("an empty folder opens");
    let batches: Vec<Vec<Post>> = posts
        .chunks(BATCH_POSTS)
        .map(|chunk| chunk.iter().map(|stored| stored.post.clone()).collect())
        .collect();
    let stored = bench.measure("store (durable, 1000 a command)", posts.len(), || {
        let mut stored = 0;
        for posts in batches {
            let ingest = Ingest {
                seen_at: Timestamp::UNIX_EPOCH,
                posts,
                rejected: Vec::new(),
                gap: None,
                poll: None,
            };
            let done = store.write(Command::Ingest(ingest)).expect("the disk takes it");
            stored += done.ingested().new;
        }
        stored
    });
    assert_eq!(stored as usize, posts.len());
}

/// Filling the index, then asking it.
fn indexing(bench: &mut Bench, posts: Vec<StoredPost>, findings: Vec<Option<Finding>>) {
    let count = posts.len();
    let texts: Vec<String> =
        posts.iter().take(QUESTIONS).map(|stored| stored.post.text.clone()).collect();
    let rows: Vec<IndexedPost> = posts
        .into_iter()
        .zip(findings)
        .map(|(post, finding)| IndexedPost { post, finding })
        .collect();
    let dir = tempfile::tempdir().expect("a folder for the index");
    let index = Index::open(dir.path()).expect("an empty folder opens");
    bench.measure("index (commit every 10 000)", count, || {
        for ten in rows.chunks(10 * BATCH_POSTS) {
            for batch in ten.chunks(BATCH_POSTS) {
                index.add(batch).expect("the disk takes it");
            }
            let position = ten.last().map_or(Position(0), |row| row.post.position);
            index.commit(&Mark { position, last_post: None }).expect("the disk takes it");
        }
    });
    assert_eq!(index.len() as usize, count);
    let query = Query::parse("фонарь -реклама", &Names::default()).expect("a sound question");
    let total = bench.measure("search one word, page of 20", QUESTIONS, || {
        let ask = |_| index.search(&query, Order::Relevance, 20, 0).expect("an answer").total;
        (0..QUESTIONS).map(ask).max().unwrap_or(0)
    });
    assert!(total > 100 && (total as usize) < count / 2, "{total} found");
    let alike = bench.measure("similar past posts, 10 best", texts.len(), || {
        let ask = |text: &String| index.similar(text, &Narrow::default(), 10).expect("an answer");
        texts.iter().filter(|text| !ask(text).is_empty()).count()
    });
    assert_eq!(alike, texts.len(), "every post is at least like itself");
}
