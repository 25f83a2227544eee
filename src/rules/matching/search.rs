//! Finds the places of a text where all slots of a phrase stand together: one
//! sentence, any order, neighbours at most `distance` tokens apart.

use crate::rules::text::tokens::Token;

use super::index::{Compiled, Index, Occurrence, PhraseId};
use super::phrase::SLOTS_MAX;

/// A phrase that was found in a sentence, with the token ranges of its slots
/// in text order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired {
    pub phrase: PhraseId,
    pub sentence: u32,
    pub ranges: Vec<(u32, u32)>,
}

/// All phrases that the text holds, by number, once a sentence.
pub fn fired(index: &Index, tokens: &[Token], occurrences: &[Occurrence]) -> Vec<Fired> {
    let mut filled = Filled { slots: vec![0; index.phrases.len()], touched: Vec::new() };
    let mut fired = Vec::new();
    let sentence = |one: &Occurrence| tokens[one.start as usize].sentence;
    for group in occurrences.chunk_by(|one, other| sentence(one) == sentence(other)) {
        let items = filled.items(index, group);
        for items in items.chunk_by(|one, other| one.phrase == other.phrase) {
            let compiled = &index.phrases[items[0].phrase as usize];
            if let Some(ranges) = together(compiled, items) {
                let phrase = items[0].phrase;
                fired.push(Fired { phrase, sentence: sentence(&group[0]), ranges });
            }
        }
    }
    fired.sort_by_key(|fired| fired.phrase);
    fired
}

/// Which slots of which phrases a sentence fills, by one bit a slot.
struct Filled {
    slots: Vec<u8>,
    touched: Vec<PhraseId>,
}

impl Filled {
    /// The fillings of those phrases all of whose slots are filled somewhere in
    /// the sentence, phrase by phrase, each in text order.
    fn items(&mut self, index: &Index, sentence: &[Occurrence]) -> Vec<Item> {
        for occurrence in sentence {
            for &(phrase, slot) in index.fills(occurrence.tied) {
                if self.slots[phrase as usize] == 0 {
                    self.touched.push(phrase);
                }
                self.slots[phrase as usize] |= 1 << slot;
            }
        }
        let mut items = Vec::new();
        for &Occurrence { tied, start, end } in sentence {
            for &(phrase, slot) in index.fills(tied) {
                if self.slots[phrase as usize] == full(index.phrases[phrase as usize].slots) {
                    items.push(Item { phrase, start, end, slot, reached: 0 });
                }
            }
        }
        for phrase in self.touched.drain(..) {
            self.slots[phrase as usize] = 0;
        }
        items.sort_by_key(|item| item.phrase);
        items
    }
}

fn full(slots: usize) -> u8 {
    ((1u16 << slots) - 1) as u8
}

/// One slot of a phrase filled at one place of a sentence.
#[derive(Clone, Copy)]
struct Item {
    phrase: PhraseId,
    start: u32,
    end: u32,
    slot: u8,
    /// Bit `m` is set when a chain that ends here has filled the slots of `m`.
    reached: u64,
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
