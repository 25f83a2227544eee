//! What grouping sees of a post: words, names, place marks, whom it answers.
//! Made once a post; comparing never looks at a text again. Knows nothing of
//! incidents and of how rare a word is.

use crate::model::finding::{Finding, TopicOrigin};
use crate::model::place::Place;
use crate::model::position::Position;
use crate::model::post::{Post, StoredPost};
use crate::model::text::Span;
use crate::model::time::Timestamp;
use crate::model::topic::TopicId;
use crate::rules::clustering::marks::{self, Mark};
use crate::rules::clustering::reading::{Reading, Seen, read};
use crate::rules::clustering::ties::Ties;
use crate::rules::near_copies::Sketch;
use crate::rules::places::{FROM_ABOVE, FROM_SOURCE};
use crate::rules::privacy;
use crate::rules::similarity::{KeyKind, key, key_of_keys};
use crate::rules::text::stem::StemMemo;

/// Different words kept of a post: a complaint has thirty, a pasted law has a
/// thousand, and its end says nothing about the matter.
pub const WORDS_MAX: usize = 240;

/// Words that a post opens with: most people say first what it is about.
const LEAD_WORDS: usize = 10;

/// A topic of nothing: the matcher found none.
pub const TOPIC_UNKNOWN: &str = "";

/// A different word of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    pub span: Span,
    /// Written like a name: a capital inside a sentence, quotes, an abbreviation.
    pub is_name: bool,
    pub is_number: bool,
    /// One of the words by which a place is told.
    pub is_place: bool,
    /// How often it occurs.
    pub times: u16,
    /// Among the words with which the post opens.
    pub leads: bool,
}

/// A post as grouping sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct PostFeatures {
    pub position: Position,
    pub ties: Ties,
    pub written_at: Timestamp,
    pub topic: TopicId,
    pub group: String,
    /// Key of the municipality, where it is known.
    pub area: Option<u64>,
    /// The topic is heard in its own words, not taken from the post above.
    pub has_own_topic: bool,
    /// Names a settlement or something in one by itself: what is taken from the
    /// post above or from the source is not its own.
    pub has_own_place: bool,
    /// Says of itself that it goes on with an earlier message.
    pub continues: bool,
    /// Words that are not function words, repetitions counted.
    pub length: u32,
    /// Keys of the different words, sorted; `words` runs parallel.
    pub word_keys: Box<[u64]>,
    pub words: Box<[Word]>,
    /// Keys of neighbouring words, sorted.
    pub pairs: Box<[u64]>,
    /// Sorted by key.
    pub marks: Box<[Mark]>,
    pub sketch: Sketch,
    /// What spans point into: the post's own text without personal data.
    pub text: Box<str>,
}

impl PostFeatures {
    pub fn topic_is_known(&self) -> bool {
        self.topic.0 != TOPIC_UNKNOWN
    }

    /// Whether the text names a street, house or object.
    pub fn has_place(&self) -> bool {
        self.marks.iter().any(|mark| mark.kind.is_concrete())
    }

    /// Under which the posts of one topic in one municipality are found.
    pub fn area_key(&self) -> Option<u64> {
        self.area.filter(|_| self.topic_is_known()).map(|area| area_key(&self.topic.0, area))
    }

    pub fn has_name(&self) -> bool {
        self.words.iter().any(|word| word.is_name)
    }
}

/// The key of a topic in a municipality.
pub fn area_key(topic: &str, area: u64) -> u64 {
    key_of_keys(KeyKind::Area, &[key(KeyKind::Area, &[topic]), area])
}

/// Reads a post once for all comparisons.
pub fn features(memo: &mut StemMemo, stored: &StoredPost, finding: &Finding) -> PostFeatures {
    let post = &stored.post;
    let mut reading = read(memo, &post.text);
    mark_places(&mut reading, &finding.places);
    let marks = marks::marks(memo, &reading, &finding.places);
    let topic = finding.said_topic();
    let has_own_topic = topic.is_some() && finding.topic_origin == TopicOrigin::Words;
    let has_own_place = marks.iter().any(|mark| mark.kind.is_concrete())
        || finding.places.iter().any(is_own_settlement);
    let (word_keys, words) = different_words(&reading);
    PostFeatures {
        position: stored.position,
        ties: Ties::of(post, &reading),
        written_at: stored.written_at(),
        topic: topic.map_or_else(|| TopicId(TOPIC_UNKNOWN.to_owned()), |found| found.topic.clone()),
        group: topic.map_or_else(String::new, |found| found.group.clone()),
        area: area(finding),
        has_own_topic,
        has_own_place,
        continues: reading.continues,
        length: u32::try_from(reading.words.iter().filter(|word| word.counts).count())
            .unwrap_or(u32::MAX),
        word_keys,
        words,
        pairs: pairs(&reading),
        marks,
        sketch: Sketch::of(&reading.words.iter().map(|word| word.key).collect::<Vec<u64>>()),
        text: quotable(post).into(),
    }
}

/// The municipality of the likeliest place.
fn area(finding: &Finding) -> Option<u64> {
    let territory = finding.place()?.territory.as_ref()?;
    Some(key(KeyKind::Area, &[&territory.0]))
}

fn is_own_settlement(place: &Place) -> bool {
    let is_taken_over = [FROM_ABOVE, FROM_SOURCE].contains(&&*place.because);
    place.settlement.is_some() && !is_taken_over
}

/// Words by which a place is told say nothing about the matter: two matters at one
/// house share them and nothing else.
fn mark_places(reading: &mut Reading, places: &[Place]) {
    let said = places.iter().filter(|place| place.is_concrete() || place.settlement.is_some());
    let spans: Vec<Span> = said.flat_map(|place| place.spans.iter().copied()).collect();
    for word in &mut reading.words {
        word.is_place |=
            spans.iter().any(|span| span.start <= word.span.start && word.span.end <= span.end);
    }
}

/// What reasons may quote: they are stored and shown to everybody who sees the
/// incident, so personal data is in none of them.
fn quotable(post: &Post) -> String {
    if post.is_guarded() { privacy::hidden(&post.text) } else { privacy::masked(&post.text) }
}

/// The first occurrence decides the span; one name-like occurrence is enough
/// to make a word a name.
fn different_words(reading: &Reading) -> (Box<[u64]>, Box<[Word]>) {
    let mut found: Vec<(u64, Word)> = reading
        .words
        .iter()
        .filter(|word| word.counts)
        .enumerate()
        .map(|(at, word)| (word.key, seen_once(word, at < LEAD_WORDS)))
        .collect();
    found.sort_by_key(|(key, word)| (*key, word.span));
    found.dedup_by(|later, first| {
        let same = later.0 == first.0;
        first.1.is_name |= same && later.1.is_name;
        first.1.times = first.1.times.saturating_add(u16::from(same));
        same
    });
    // Over the limit the words that came first in the text stay.
    if found.len() > WORDS_MAX {
        found.sort_by_key(|(_, word)| word.span);
        found.truncate(WORDS_MAX);
        found.sort_by_key(|(key, _)| *key);
    }
    let (keys, words): (Vec<u64>, Vec<Word>) = found.into_iter().unzip();
    (keys.into_boxed_slice(), words.into_boxed_slice())
}

fn seen_once(word: &Seen, leads: bool) -> Word {
    Word {
        span: word.span,
        is_name: word.is_name,
        is_number: word.is_number,
        is_place: word.is_place,
        times: 1,
        leads,
    }
}

fn pairs(reading: &Reading) -> Box<[u64]> {
    let counting: Vec<u64> =
        reading.words.iter().filter(|word| word.counts).map(|word| word.key).collect();
    let mut pairs: Vec<u64> =
        counting.windows(2).map(|two| key_of_keys(KeyKind::Pair, two)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.truncate(WORDS_MAX);
    pairs.into_boxed_slice()
}
