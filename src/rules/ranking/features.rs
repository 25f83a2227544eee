//! What the ranker sees of a message: features by block, each with the words
//! that gave it. Knows texts and findings; weighs nothing.

use crate::model::finding::Finding;
use crate::model::place::Place;
use crate::model::text::Span;
use crate::rules::text::normalise;
use crate::rules::text::stem::{StemId, extend_hash, fixed_hash};
use crate::rules::text::tokens::{Token, TokenKind};

use super::matters::Matters;

/// Kinds of features. Each is brought to length one by itself, so that a long
/// message does not drown what the dictionaries heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Block {
    /// Stems of words.
    Stems,
    /// Two stems near each other, in either order.
    Pairs,
    /// Runs of letters inside a word: inflection, misspelling, kinship.
    Letters,
    /// Topics, groups, risks and signals that the keywords heard.
    Heard,
    /// Topics whose keyword file uses the message's words.
    Matters,
    /// Settlements, streets and objects that the message names.
    Places,
}

impl Block {
    pub const ALL: [Block; 6] =
        [Block::Stems, Block::Pairs, Block::Letters, Block::Heard, Block::Matters, Block::Places];

    /// How much the block counts beside the others.
    pub fn share(self) -> f64 {
        match self {
            Block::Stems | Block::Letters => 1.0,
            Block::Heard | Block::Matters => 0.7,
            Block::Pairs | Block::Places => 0.5,
        }
    }

    /// The block's name in the model file.
    pub fn name(self) -> &'static str {
        match self {
            Block::Stems => "stem",
            Block::Pairs => "pair",
            Block::Letters => "letters",
            Block::Heard => "heard",
            Block::Matters => "matter",
            Block::Places => "place",
        }
    }

    pub fn parse(name: &str) -> Option<Block> {
        Block::ALL.into_iter().find(|block| block.name() == name)
    }
}

/// One appearance of a feature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    pub block: Block,
    pub key: u64,
    /// How often or how strongly.
    pub times: f64,
    /// Index into the reading's words.
    pub word: u32,
}

/// A message as the ranker sees it.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Sorted by block and key: equal features stand together.
    pub seen: Vec<Seen>,
    /// The bytes of each readable word.
    pub words: Vec<Span>,
    /// The stem of each word.
    pub stems: Vec<u64>,
}

/// A pair's second word is at most this far behind its first.
const PAIR_REACH: usize = 2;

/// Runs of four letters do what three to five together do, at a quarter of the cost.
const LETTERS_RUN: usize = 4;
/// Letters of a word beyond these are not looked at.
const WORD_LETTERS_MAX: usize = 32;
/// A model looks no farther into a text; the matter stands before.
const WORDS_MAX: usize = 600;

/// Every number is the same word here: which one it is tells the place.
const NUMBER: u64 = 0x006e_756d_6265_7200;

/// Reads a message. `stems` has one stem a token.
pub fn read(
    tokens: &[Token],
    stems: &[StemId],
    finding: Option<&Finding>,
    matters: &Matters,
) -> Reading {
    let mut reading = Reading::default();
    for (token, stem) in tokens.iter().zip(stems).filter(|(token, _)| token.is_readable()) {
        if reading.words.len() == WORDS_MAX {
            break;
        }
        reading.word(token, *stem);
    }
    reading.pairs();
    reading.matters(matters);
    if let Some(finding) = finding {
        reading.heard(finding);
    }
    // Stable, so that of equal features the earlier word stays the first.
    reading.seen.sort_by_key(|seen| (seen.block, seen.key));
    reading
}

impl Reading {
    fn word(&mut self, token: &Token, stem: StemId) {
        let word = self.words.len() as u32;
        let is_number = token.kind == TokenKind::Number;
        let key = if is_number { NUMBER } else { stem.0 };
        self.words.push(token.span);
        self.stems.push(key);
        self.seen.push(Seen { block: Block::Stems, key, times: 1.0, word });
        if !is_number {
            let seen = &mut self.seen;
            letters(&token.normal, |key| {
                seen.push(Seen { block: Block::Letters, key, times: 1.0, word });
            });
        }
    }

    fn pairs(&mut self) {
        for (first, &one) in self.stems.iter().enumerate() {
            for (second, &other) in self.stems.iter().enumerate().skip(first + 1).take(PAIR_REACH) {
                if one != other {
                    let key = pair(one.min(other), one.max(other));
                    let word = second as u32;
                    self.seen.push(Seen { block: Block::Pairs, key, times: 1.0, word });
                }
            }
        }
    }

    /// Each different word once, at its first place: saying it again adds
    /// little about the matter.
    fn matters(&mut self, matters: &Matters) {
        let mut words: Vec<(u64, u32)> = self.stems.iter().copied().zip(0..).collect();
        words.sort_unstable();
        for same in words.chunk_by(|one, other| one.0 == other.0) {
            let (stem, word) = same[0];
            let repeated = (same.len() as f64).sqrt();
            for &(key, weight) in matters.of(stem) {
                let times = weight * repeated;
                self.seen.push(Seen { block: Block::Matters, key, times, word });
            }
        }
    }

    fn heard(&mut self, finding: &Finding) {
        for topic in &finding.topics {
            let at = topic.evidence.first().and_then(|one| one.spans.first());
            self.hear("topic", &topic.topic.0, topic.score, at);
            self.hear("group", &topic.group, topic.score, at);
        }
        for signal in &finding.signals {
            self.hear("signal", &signal.signal, 0.5, signal.spans.first());
        }
        for risk in &finding.risks {
            self.hear("risk", &risk.risk, 0.7, risk.spans.first());
        }
    }

    /// Adds the places that a message names.
    pub fn add_places(&mut self, places: &[Place]) {
        for place in places {
            let at = place.spans.first();
            let parts = [
                ("settlement", &place.settlement),
                ("street", &place.street),
                ("kind", &place.street_kind),
                ("object", &place.object),
            ];
            for (name, part) in parts {
                if let Some(part) = part {
                    self.note(Block::Places, name, &normalise::word(part), 1.0, at);
                }
            }
            if let Some(territory) = &place.territory {
                self.note(Block::Places, "territory", &territory.0, 1.0, at);
            }
        }
        self.seen.sort_by_key(|seen| (seen.block, seen.key));
    }

    fn hear(&mut self, kind: &str, id: &str, times: f64, at: Option<&Span>) {
        self.note(Block::Heard, kind, id, times, at);
    }

    fn note(&mut self, block: Block, kind: &str, id: &str, times: f64, at: Option<&Span>) {
        let key = named(kind, id);
        let start = at.map_or(0, |span| span.start);
        let word = self.words.partition_point(|word| word.end <= start);
        let word = word.min(self.words.len().saturating_sub(1)) as u32;
        self.seen.push(Seen { block, key, times, word });
    }
}

/// The key of a thing with a name.
pub fn named(kind: &str, id: &str) -> u64 {
    id.bytes().fold(extend_hash(fixed_hash(kind), b':'), extend_hash)
}

fn pair(one: u64, other: u64) -> u64 {
    let bytes = one.to_be_bytes().into_iter().chain(other.to_be_bytes());
    bytes.fold(fixed_hash("pair"), extend_hash)
}

/// The keys of a word's runs of letters, its two ends among the letters.
fn letters(word: &str, mut each: impl FnMut(u64)) {
    let mut ends = [0usize; WORD_LETTERS_MAX + 3];
    let mut count = 1;
    for (at, letter) in word.char_indices().take(WORD_LETTERS_MAX) {
        ends[count] = at + letter.len_utf8();
        count += 1;
    }
    let letters = count - 1;
    if letters == 0 {
        return;
    }
    let bytes = word.as_bytes();
    // Position 0 is the beginning mark, `letters + 1` the end mark.
    for start in 0..letters + 2 {
        let mut hash = fixed_hash("");
        for length in 1..=LETTERS_RUN.min(letters + 2 - start) {
            let at = start + length - 1;
            hash = match at {
                0 => extend_hash(hash, b'<'),
                _ if at == letters + 1 => extend_hash(hash, b'>'),
                _ => bytes[ends[at - 1]..ends[at]].iter().fold(hash, |h, &b| extend_hash(h, b)),
            };
            if length == LETTERS_RUN || (start == 0 && length == letters + 2) {
                each(hash);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: &[&str]) {
        let mut found = Vec::new();
        letters(word, |key| found.push(key));
        let mut expected: Vec<u64> = expected.iter().map(|run| fixed_hash(run)).collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{word}");
    }

    #[test]
    fn runs_of_letters_know_where_a_word_begins_and_ends() {
        check("да", &["<да>"]);
        check("я", &["<я>"]);
        check("яма", &["<яма", "яма>"]);
        check("", &[]);
    }

    #[test]
    fn a_very_long_word_is_read_to_its_bound() {
        let mut count = 0;
        letters(&"а".repeat(100_000), |_| count += 1);
        assert!(count < 3 * (WORD_LETTERS_MAX + 2), "{count}");
    }
}
