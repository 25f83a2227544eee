//! What holds for the reading of any text by the shipped rules: spans on the
//! borders of letters, an exclusion that never adds a match, work that grows
//! with the text and not with its square.

#![allow(clippy::disallowed_methods)] // A test's own time.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use otklik::model::finding::Verdict;
use otklik::pipeline::matcher::PostReader;
use otklik::rules::privacy;

use crate::world::pipeline::shipped_ruleset;
use crate::world::posts::post;
use crate::world::whole::WholeReading;

/// What hostile texts consist of, over and over.
const PIECES: [&str; 46] = [
    "а",
    "a",
    "А",
    "ё",
    "\u{301}",
    "и\u{306}",
    "«",
    "»",
    "«нет «воды",
    "\"",
    "#",
    "#а",
    "#ямыдороги ",
    "#Вода",
    ",",
    ", ",
    ".",
    "!",
    "*",
    "х*",
    "-",
    "а-",
    "а-\n",
    "\n",
    "\u{200b}",
    "\u{ad}",
    "😀",
    "👨\u{200d}",
    "🇷🇺",
    "1",
    "1 ",
    "1/",
    "8 900 ",
    "@",
    "[id1|",
    "http://",
    "ytn ",
    "негорит ",
    "по-жалуйста ",
    "не горит фонарь, нет воды ",
    "ул. Ленина, ",
    "Иван Иванов ",
    "т.",
    "кв. 5 д. 7 ",
    "в городе İркутске ",
    "в деревне Ⱥове ",
];

/// Beginnings of addresses that never end.
const ADDRESSES: [&str; 26] = [
    "1-",
    "ул.",
    "ул. ",
    "улицах ",
    "улицы: ",
    "«а ",
    "(А) ",
    "дом 5, ",
    "г. К-",
    "г. ",
    "Ленина и ",
    "ост. «",
    "Мира-",
    "магазинов А и Б и ",
    "К. ",
    "маршрут А-Б, ",
    "1-я ",
    "9-й Дивизии ",
    "школа №1, ",
    "5 км ",
    "Мира, 5, ",
    "в Льгове ",
    "живу ",
    "перекрёсток Мира и ",
    "между домами 1 и ",
    "трасса Курск — ",
];

/// Bytes of the shorter text, and how many times longer the other is. Places are
/// looked for near the beginning, so their texts end before that.
const SHORT_BYTES: usize = 16 * 1024;
const SHORT_ADDRESS_BYTES: usize = 2 * 1024;
const TIMES: u32 = 8;
/// A text so many times longer may take so many times longer: on a busy machine
/// linear work stays below, work that grows with the square (64 times) does not.
const SLOWER_MAX: u32 = 26;
/// What is over in so little time says nothing.
const FLOOR: Duration = Duration::from_millis(40);

fn repeated(piece: &str, bytes: usize) -> String {
    piece.repeat(bytes / piece.len() + 1)
}

fn spent(work: impl Fn()) -> Duration {
    let once = || {
        let (started, worked) = (Instant::now(), worked());
        work();
        match (worked, self::worked()) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => started.elapsed(),
        }
    };
    once().min(once())
}

/// What this thread has worked so far, whatever else the machine does.
fn worked() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(told.split_whitespace().next()?.parse().ok()?))
}

#[test]
fn hostile_texts_cost_what_others_cost() {
    let slow = slow(&PIECES, SHORT_BYTES);
    assert!(slow.is_empty(), "{slow:#?}");
}

#[test]
fn hostile_addresses_cost_what_others_cost() {
    let slow = slow(&ADDRESSES, SHORT_ADDRESS_BYTES);
    assert!(slow.is_empty(), "{slow:#?}");
}

/// Pieces whose reading does not grow with the text alone.
fn slow(pieces: &[&str], short_bytes: usize) -> Vec<String> {
    let reading = WholeReading::new();
    let mut slow = Vec::new();
    for piece in pieces {
        let work = |text: &str| {
            spent(|| {
                reading.read(text);
                privacy::masked(text);
            })
        };
        let short = work(&repeated(piece, short_bytes)).max(FLOOR / TIMES);
        let long = work(&repeated(piece, short_bytes * TIMES as usize));
        if FLOOR < long && short * SLOWER_MAX < long {
            slow.push(format!("{piece:?}: {short:?}, then {long:?}"));
        }
    }
    slow
}

/// Kinds of words that reading stumbles over.
const TEXT: &str = "(нет|воды|фонари|не горят|негорят|яма|ул\\. Ленина, 5|кв\\. 7|#нетводы|отаплени|\
    по-жалуйста|х\\*йня|8 900 123-45-67|Иван Петров|көшеде|д0рога|\\PC{0,6}|[.,!?\\n«»-]|\u{301}|\u{200d}| ){0,24}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn spans_stand_on_borders(texts in prop::collection::vec(TEXT, 4)) {
        thread_local!(static READING: WholeReading = WholeReading::new());
        READING.with(|reading| {
            for text in &texts {
                reading.checked(text);
            }
        });
    }
}

#[test]
fn an_exclusion_never_adds_a_match() {
    const TEXTS: [&str; 8] = [
        "Не горят фонари на Гоголя, темно",
        "Нет воды и света, в подъезде холодно",
        "Яма на дороге, автобус не ходит",
        "Мусор не вывозят, собаки у школы",
        "Спасибо за ремонт дороги",
        "Прорвало трубу, вода во дворе",
        "Завтра отключат воду, сообщает водоканал",
        "Когда уберут снег?",
    ];
    let before = shipped_ruleset();
    let mut first = PostReader::new(&before);
    for exclusion in ["нет", "вода|свет", "дорога", "не_горят фонарь", "снег*"]
    {
        let mut after = before.clone();
        let topics = after.groups.iter_mut().flat_map(|group| &mut group.topics);
        topics
            .filter(|topic| !topic.general)
            .for_each(|one| one.exclude.push(exclusion.to_owned()));
        let mut second = PostReader::new(&after);
        for text in TEXTS {
            let post = post("vk", "1", text, "2026-11-20T12:00:00Z");
            let (one, other) = (first.read(&post), second.read(&post));
            let had = |id| one.topics.iter().any(|topic| topic.topic == id);
            let is_general =
                |id: &str| before.topics().any(|(_, one)| one.id.0 == id && one.general);
            for topic in &other.topics {
                assert!(
                    had(topic.topic.clone()) || is_general(&topic.topic.0),
                    "{exclusion} adds {} to {text}",
                    topic.topic
                );
            }
            let is_matched = |verdict| verdict == Verdict::Matched;
            assert!(is_matched(one.verdict) || !is_matched(other.verdict), "{exclusion}: {text}");
        }
    }
}
