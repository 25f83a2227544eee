//! Finds the places of a text where all slots of a phrase stand together: one
//! sentence, any order, neighbours at most `distance` tokens apart.

use std::cmp::Reverse;
use std::ops::Range;

use crate::rules::text::tokens::Token;

use super::index::{Compiled, Fill, Index, Passed, PhraseId};
use super::phrase::SLOTS_MAX;

/// A phrase that was found in a sentence, with the token ranges of its slots
/// in text order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired {
    pub phrase: PhraseId,
    pub sentence: u32,
    pub ranges: Vec<(u32, u32)>,
}

/// What a search writes on; empty between sentences, kept for the next text.
#[derive(Default)]
pub struct Scratch {
    /// By phrase: whether the slot that it is looked for by is filled.
    is_begun: Vec<bool>,
    begun: Vec<PhraseId>,
    items: Vec<Item>,
    /// What alternatives of several words fill in the sentence.
    longer: Vec<Item>,
}

/// All phrases that the text holds, by number, once a sentence.
pub fn fired(
    index: &Index,
    tokens: &[Token],
    passed: Passed<'_>,
    scratch: &mut Scratch,
) -> Vec<Fired> {
    let mut fired = Vec::new();
    let mut start = 0;
    for sentence in tokens.chunk_by(|one, other| one.sentence == other.sentence) {
        let end = start + sentence.len();
        scratch.fill(index, start..end, passed);
        for items in scratch.items.chunk_by(|one, other| one.phrase == other.phrase) {
            let phrase = items[0].phrase;
            if let Some(ranges) = together(&index.phrases[phrase as usize], items) {
                fired.push(Fired { phrase, sentence: sentence[0].sentence, ranges });
            }
        }
        start = end;
    }
    fired.sort_by_key(|fired| fired.phrase);
    fired
}

impl Scratch {
    /// The fillings of phrases whose slot with the rarest words is filled in the
    /// sentence, phrase by phrase, each in text order. Most sentences begin no
    /// phrase, and are gone over once.
    fn fill(&mut self, index: &Index, sentence: Range<usize>, passed: Passed<'_>) {
        self.items.clear();
        self.longer.clear();
        self.is_begun.resize(index.phrases.len(), false);
        for at in sentence.clone() {
            for &test in passed.of(at) {
                for fill in index.beginnings(test) {
                    self.begin(Item::of(fill, &(at..at + 1)), fill.is_alone);
                }
                for (fills, stands) in index.longer(test, at, sentence.clone(), passed) {
                    fills.iter().for_each(|fill| self.note(index, fill, &stands));
                }
            }
        }
        if !self.begun.is_empty() {
            self.fill_rest(index, sentence, passed);
        }
        // Of alternatives that begin together the longest says most.
        let order = |item: &Item| (item.phrase, item.start, Reverse(item.end), item.slot);
        self.items.sort_unstable_by_key(order);
    }

    fn begin(&mut self, item: Item, is_alone: bool) {
        if is_alone {
            self.items.push(item);
        } else if !std::mem::replace(&mut self.is_begun[item.phrase as usize], true) {
            self.begun.push(item.phrase);
        }
    }

    fn note(&mut self, index: &Index, fill: &Fill, stands: &Range<usize>) {
        let item = Item::of(fill, stands);
        if fill.is_alone || index.phrases[fill.phrase as usize].beginning == fill.slot {
            self.begin(item, fill.is_alone);
        }
        if !fill.is_alone {
            self.longer.push(item);
        }
    }

    /// All slots of the phrases that were begun.
    fn fill_rest(&mut self, index: &Index, sentence: Range<usize>, passed: Passed<'_>) {
        let is_begun = |item: &Item| self.is_begun[item.phrase as usize];
        for at in sentence {
            let solo = passed.of(at).iter().flat_map(|test| index.solo(*test));
            let items =
                solo.filter(|fill| !fill.is_alone).map(|fill| Item::of(fill, &(at..at + 1)));
            self.items.extend(items.filter(is_begun));
        }
        self.items.extend(self.longer.iter().copied().filter(is_begun));
        for phrase in self.begun.drain(..) {
            self.is_begun[phrase as usize] = false;
        }
    }
}
fn full(slots: usize) -> u8 {
    ((1u16 << slots) - 1) as u8
}

/// One slot of a phrase filled at one place of a sentence.
#[derive(Debug, Clone, Copy)]
struct Item {
    phrase: PhraseId,
    start: u32,
    end: u32,
    slot: u8,
    /// Bit `m` is set when a chain that ends here has filled the slots of `m`.
    reached: u64,
}

impl Item {
    fn of(fill: &Fill, stands: &Range<usize>) -> Item {
        let (start, end) = (stands.start as u32, stands.end as u32);
        Item { phrase: fill.phrase, start, end, slot: fill.slot, reached: 0 }
    }
}

/// A set of sets of slots has a bit for each of them.
const _: () = assert!(1 << SLOTS_MAX <= u64::BITS);

/// Goes over a phrase's items of one sentence from left to right; each continues
/// the chains that end near before it. The first complete chain wins.
fn together(compiled: &Compiled, items: &[Item]) -> Option<Vec<(u32, u32)>> {
    if compiled.slots == 1 {
        return items.first().map(|item| vec![(item.start, item.end)]);
    }
    let (full, distance) = (full(compiled.slots), compiled.distance as u32);
    if items.iter().fold(0, |filled, item| filled | 1 << item.slot) != full {
        return None;
    }
    let mut done: Vec<Item> = Vec::with_capacity(items.len());
    for item in items {
        let item = Item { reached: reached(item, &done, distance), ..*item };
        done.push(item);
        if item.reached & 1 << full != 0 {
            return Some(chain(&done, full, distance));
        }
    }
    None
}

fn reached(item: &Item, before: &[Item], distance: u32) -> u64 {
    let own = 1u8 << item.slot;
    let mut reached = 1u64 << own;
    for previous in neighbours(item, before, distance) {
        for set in bits(previous.reached).filter(|set| set & own == 0) {
            reached |= 1 << (set | own);
        }
    }
    reached
}

/// Items that end close enough before this one, nearest last.
fn neighbours<'i>(
    item: &Item,
    before: &'i [Item],
    distance: u32,
) -> impl Iterator<Item = &'i Item> {
    let start = item.start;
    // Starts never decrease, and no alternative is longer than a window by
    // much, so going back can stop well before the beginning.
    let reach = distance + LONGEST_TIED;
    before
        .iter()
        .rev()
        .take_while(move |previous| previous.start + reach >= start)
        .filter(move |previous| previous.end <= start && start - previous.end <= distance)
}

/// Alternatives of more words than this are searched no farther back.
const LONGEST_TIED: u32 = 16;

fn bits(set: u64) -> impl Iterator<Item = u8> {
    (0..u64::BITS as u8).filter(move |bit| set & 1 << bit != 0)
}

/// Walks a complete chain back from its last item.
fn chain(items: &[Item], full: u8, distance: u32) -> Vec<(u32, u32)> {
    let mut ranges = Vec::new();
    let mut at = items.len().checked_sub(1);
    let mut wanted = full;
    while let Some(index) = at {
        let item = &items[index];
        ranges.push((item.start, item.end));
        wanted &= !(1 << item.slot);
        at = (0..index).rev().find(|&previous| {
            let previous = &items[previous];
            wanted != 0
                && previous.end <= item.start
                && item.start - previous.end <= distance
                && previous.reached & 1 << wanted != 0
        });
    }
    ranges.reverse();
    ranges
}
