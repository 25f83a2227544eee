//! Hostile payloads: every extractor and the reader of cursors are fed what
//! the fixtures become when bytes are lost, doubled, swapped and replaced. The
//! same seed gives the same payloads, so a failure can be repeated. Nothing is
//! expected but that they answer: no panic, no endless work, limits kept.
//!
//! `OTKLIK_FUZZ_SECS=60 cargo test --test it fuzz` goes on for a minute a target.

#![allow(clippy::disallowed_methods)] // A test's own time and length.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::cursor::Reading;
use otklik::adapters::connector::definition::Definition;
use otklik::adapters::connector::extract::page::wrong_places;
use otklik::adapters::connector::extract::{Asked, extract, extract_asked};
use otklik::adapters::connector::stream::events::{Parser, Piece};
use otklik::adapters::connector::stream::{frame, jetstream};
use otklik::adapters::ndjson;
use otklik::model::post::{Network, Post};
use otklik::model::source::{Cursor, PageRules};
use url::Url;

use crate::world::chance::Chance;
use crate::world::posts::at;
use crate::world::whole::WholeReading;

/// One payload may take so long; the machine may be busy.
const PAYLOAD_MAX: Duration = Duration::from_secs(10);
/// What payloads grow to at most before they are handed over.
const GROWN_MAX_BYTES: usize = 256 * 1024;

/// Pieces that readers stumble over.
const NASTY: [&[u8]; 19] = [
    b"\x00",
    b"\xff\xfe",
    b"\xd0",
    b"null",
    b"[[[[[[[[[[[[[[[[",
    b"{\"a\":{\"a\":{\"a\":",
    b"-9223372036854775809",
    b"1e999",
    b"9999999999999999999999",
    b"\"\\ud800\"",
    b"&#x110000;",
    b"<![CDATA[",
    b"<!DOCTYPE a [<!ENTITY b \"b\">]>",
    b"2026-13-45T99:99:99Z",
    "\u{202e}\u{0301}\u{fdfa}".as_bytes(),
    b"</div></div><div class=",
    "9999999 дней назад".as_bytes(),
    "9223372036854775807 недель назад".as_bytes(),
    "31 февраля 99999".as_bytes(),
];

/// A payload with some of its bytes in disorder.
fn mutated(chance: &mut Chance, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut payload = seeds[chance.index(seeds.len())].clone();
    for _ in 0..=chance.index(6) {
        let (from, to) = {
            let (a, b) = (chance.index(payload.len() + 1), chance.index(payload.len() + 1));
            (a.min(b), a.max(b))
        };
        match chance.index(7) {
            0 => drop(payload.drain(from..to)),
            1 => {
                let piece = payload[from..to].to_vec();
                payload.splice(to..to, piece);
            }
            2 if !payload.is_empty() => {
                let place = from.min(payload.len() - 1);
                payload[place] ^= 1 << chance.index(8);
            }
            3 => payload.truncate(from),
            4 => {
                let other = &seeds[chance.index(seeds.len())];
                let cut = chance.index(other.len() + 1);
                payload.splice(from..to, other[cut..].iter().copied());
            }
            _ => {
                let nasty = NASTY[chance.index(NASTY.len())];
                payload.splice(from..from, nasty.iter().copied());
            }
        }
        payload.truncate(GROWN_MAX_BYTES);
    }
    payload
}

fn budget() -> Duration {
    let asked = std::env::var("OTKLIK_FUZZ_SECS").ok().and_then(|secs| secs.parse::<f64>().ok());
    Duration::from_secs_f64(asked.unwrap_or(0.6))
}

/// Feeds a target until the time is over; says how it failed first.
fn fuzz(name: &str, seeds: &[Vec<u8>], target: impl Fn(&[u8])) -> Result<u64, String> {
    assert!(!seeds.is_empty(), "{name} has nothing to begin with");
    fuzz_with(name, |chance| mutated(chance, seeds), target)
}

/// The same with payloads of another making.
fn fuzz_with(
    name: &str,
    make: impl Fn(&mut Chance) -> Vec<u8>,
    target: impl Fn(&[u8]),
) -> Result<u64, String> {
    let seed = name.bytes().fold(1, |seed: u64, byte| seed.wrapping_mul(31) + u64::from(byte));
    let mut chance = Chance(seed);
    let (began, budget) = (Instant::now(), budget());
    let mut tried = 0;
    while tried == 0 || began.elapsed() < budget {
        let payload = make(&mut chance);
        let started = Instant::now();
        let answered = catch_unwind(AssertUnwindSafe(|| target(&payload)));
        tried += 1;
        let told = || String::from_utf8_lossy(&payload[..payload.len().min(600)]).into_owned();
        if answered.is_err() {
            return Err(format!("{name}: payload {tried} made it panic: {}", told()));
        }
        if PAYLOAD_MAX < started.elapsed() {
            return Err(format!(
                "{name}: payload {tried} took {:?}: {}",
                started.elapsed(),
                told()
            ));
        }
    }
    Ok(tried)
}

fn payloads(network: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(network);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// Reads a payload as every kind; what comes of it must keep its own form.
fn read_as_every_kind(definition: &Definition, payload: &[u8]) {
    let now = at("2026-11-21T12:00:00Z");
    for kind in definition.file.extract.keys() {
        let Ok(page) = extract(definition, kind, payload, None, now) else { continue };
        assert!(page.posts.len() + page.rejected.len() <= definition.file.limits.items_max);
        for post in &page.posts {
            // Whose page a post stands on and how much of it is no part of the form.
            let post = Post { guest: false, excerpt: false, ..post.clone() };
            let line = ndjson::print_line(&post);
            assert_eq!(ndjson::parse_line(1, &line).unwrap(), post, "survives its own form");
        }
    }
}

/// Lets every core take one after the other until none is left.
fn share<T: Send>(all: impl Iterator<Item = T> + Send, work: impl Fn(T) + Sync) {
    let waiting = Mutex::new(all);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(one) = next(&waiting) {
                    work(one);
                }
            });
        }
    });
}

fn told(name: &str, tried: Result<u64, String>) {
    println!("{name}: {} payloads", tried.unwrap_or_else(|why| panic!("{why}")));
}

#[test]
fn hostile_payloads_are_answered() {
    let connectors = Connectors::shipped().unwrap();
    share(connectors.iter(), |definition| {
        let network = definition.network.0.as_str();
        let target = |payload: &[u8]| read_as_every_kind(definition, payload);
        told(network, fuzz(network, &payloads(network), target));
    });
}

/// Whatever a stream sends: its frames are found and read, alone and in pieces.
#[test]
fn hostile_frames_are_answered() {
    let connectors = Connectors::shipped().unwrap();
    let streams = connectors.iter().flat_map(|definition| {
        definition.file.stream.iter().map(move |(name, kind)| (definition, name, kind))
    });
    let now = at("2026-11-21T12:00:00Z");
    share(streams, |(definition, name, kind)| {
        let target = |payload: &[u8]| {
            let text = String::from_utf8_lossy(payload);
            let frames = frame::recorded(kind, &text).unwrap_or_default();
            for text in frames.iter().map(String::as_str).chain([&*text]) {
                let Ok(frame) = frame::read(definition, kind, text, now) else { continue };
                let (posts, rejected) = (frame.page.posts.len(), frame.page.rejected.len());
                assert!(posts + rejected <= definition.file.limits.items_max);
                let _ = jetstream::place_of(text);
            }
            let read = |pieces: &mut dyn Iterator<Item = &[u8]>| {
                let mut parser = Parser::new(kind.frame_max_bytes);
                let all: Result<Vec<Vec<Piece>>, _> =
                    pieces.map(|piece| parser.feed(piece)).collect();
                all.map(|all| all.concat())
            };
            let whole = read(&mut std::iter::once(payload));
            assert_eq!(whole, read(&mut payload.chunks(7)), "pieces are the whole");
        };
        let name = format!("{} {name}", definition.network);
        told(&name, fuzz(&name, &payloads(&definition.network.0), target));
    });
}

/// Places of a page that a person wrote, on pages that nobody foresaw.
#[test]
fn hostile_pages_are_read_by_places() {
    let connectors = Connectors::shipped().unwrap();
    let definition = connectors.get(&Network("web".to_owned())).unwrap();
    let address = Url::parse("https://town.example/news?page=2").unwrap();
    let now = at("2026-11-21T12:00:00Z");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/web");
    let written: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|file| file.extension().is_some_and(|end| end == "toml"))
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect();
    let target = |payload: &[u8]| {
        // The same bytes as places: most are refused, none may do harm.
        let text = String::from_utf8_lossy(&payload[payload.len() / 2..]);
        let short: String = text.chars().take(60).collect();
        let hostile = PageRules { item: Some(short.clone()), date: Some(short), ..rules_of("") };
        let _ = wrong_places(&hostile);
        for rules in written.iter().map(|text| rules_of(text)).chain([hostile]) {
            let asked = Asked { address: Some(&address), page: Some(&rules), ..Asked::default() };
            let page = extract_asked(definition, "posts", payload, None, now, asked);
            let Ok(page) = page else { continue };
            assert!(page.posts.len() + page.rejected.len() <= definition.file.limits.items_max);
        }
    };
    told("places", fuzz("places", &payloads("web"), target));
}

/// The places that a file of fixtures names.
fn rules_of(text: &str) -> PageRules {
    toml::from_str(text).unwrap()
}

fn next<T>(waiting: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    waiting.lock().unwrap().next()
}

#[test]
fn any_text_is_a_cursor() {
    let seeds = [
        br#"{"newest":"2026-11-20T10:00:00Z","known":{"1":"ab"},"polls":3}"#.to_vec(),
        br#"{"etag":"\"x\"","told_gap":["2026-11-20T10:00:00Z","2026-11-20T11:00:00Z"]}"#.to_vec(),
        b"{}".to_vec(),
    ];
    let target = |payload: &[u8]| {
        let cursor = Cursor(String::from_utf8_lossy(payload).into_owned());
        let reading = Reading::of(&cursor);
        assert_eq!(Reading::of(&reading.to_cursor()), reading, "a cursor reads back");
        let _ = reading.floor(3_600);
    };
    fuzz("cursor", &seeds, target).unwrap_or_else(|why| panic!("{why}"));
}

/// Texts as people write them, and what they become in bad hands.
const TEXTS: [&str; 10] = [
    "Не горят фонари на ул. Гоголя, д. 12а, третий день! Когда починят?",
    "нееет водыыы, п*здец, 5️⃣ дней 😡😡 #НетВоды #дайтетепло",
    "Прошу помочь: прорвало отоп-\nление в подъезде 2, кв. 15, тел. 8 900 123-45-67",
    "Уважаемый Владимир Петрович! УК «Уют» не отвечает, ЖКХ молчит, ТКО не вывозят.",
    "Урамда ут юк инде өч көн, Вологда, Мира 5",
    "Djls ytn dnjhjq ltym, rjulf ,eltn?",
    "до\u{301}рога\u{200b} разби\u{ad}та, кoт на дерeве, и\u{306} всё",
    "Маршрут 34 не ходит, остановка «Рынок», школа №55, перекрёсток Мира и Гагарина",
    "Спасибо за ремонт! https://vk.com/wall-1_2 [id1|Иван Петров] a.b@mail.ru",
    "во дворе яма,на детской площадке негорит свет,а в ЦРБ очередь.Врача нет",
];
/// Signs that reading stumbles over.
const SIGNS: [&str; 22] = [
    "\u{301}",
    "\u{306}",
    "\u{200d}",
    "\u{200b}",
    "\u{ad}",
    "\u{fe0f}",
    "\u{202e}",
    "\u{fdfa}",
    "İ",
    "ǅ",
    "ß",
    "Ⅷ",
    "👨🏽\u{200d}🔧",
    "#",
    "*",
    "-",
    "\n",
    "«",
    "0",
    "'",
    "@",
    "[id",
];
const GROWN_MAX_LETTERS: usize = 4_000;

/// A text with some of its letters in disorder.
fn mutated_text(chance: &mut Chance) -> Vec<u8> {
    let some =
        |chance: &mut Chance| -> Vec<char> { TEXTS[chance.index(TEXTS.len())].chars().collect() };
    let mut text = some(chance);
    for _ in 0..=chance.index(8) {
        let (a, b) = (chance.index(text.len() + 1), chance.index(text.len() + 1));
        let (from, to) = (a.min(b), a.max(b));
        match chance.index(7) {
            0 => drop(text.drain(from..to)),
            1 => {
                let piece = text[from..to].to_vec();
                text.splice(to..to, piece);
            }
            2 => {
                let other = some(chance);
                let cut = chance.index(other.len() + 1);
                text.splice(from..to, other[cut..].iter().copied());
            }
            3 => text[from..to].reverse(),
            4 => {
                let any = char::from_u32(chance.index(0x11_0000) as u32).unwrap_or('\u{fffd}');
                text.insert(from, any);
            }
            _ => {
                let sign = SIGNS[chance.index(SIGNS.len())];
                let times = 1 + chance.index(3);
                text.splice(from..from, sign.repeat(times).chars());
            }
        }
        text.truncate(GROWN_MAX_LETTERS);
    }
    text.into_iter().collect::<String>().into_bytes()
}

/// Whatever people write: it is read whole, with spans on the borders of letters.
#[test]
fn hostile_texts_are_read() {
    let reading = WholeReading::new();
    let target = |payload: &[u8]| {
        reading.checked(&String::from_utf8_lossy(payload));
    };
    told("reading", fuzz_with("reading", mutated_text, target));
}

/// The canary: a target that cannot bear a missing bracket must be found out.
#[test]
fn a_weak_target_is_found_out() {
    let seeds = [br#"{"items":[{"id":1},{"id":2}]}"#.to_vec()];
    let weak = |payload: &[u8]| {
        let opened = payload.iter().filter(|byte| **byte == b'{').count();
        let closed = payload.iter().filter(|byte| **byte == b'}').count();
        assert_eq!(opened, closed);
    };
    let found = fuzz("canary", &seeds, weak);
    assert!(found.is_err_and(|why| why.contains("made it panic")));
}
