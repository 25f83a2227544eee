//! Finds the places of a text where all slots of a phrase stand together: one
//! sentence, any order, neighbours at most `distance` tokens apart.

use crate::rules::text::tokens::Token;

use super::index::{Index, Occurrence, PhraseId};
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
    let mut candidates = candidates(index, occurrences);
    candidates.sort_unstable();
    let mut fired = Vec::new();
    for phrase in candidates {
        together(index, phrase, tokens, occurrences, &mut fired);
    }
    fired
}

/// Phrases all of whose slots are filled somewhere.
fn candidates(index: &Index, occurrences: &[Occurrence]) -> Vec<PhraseId> {
    let mut filled = vec![0u8; index.phrases.len()];
    let mut complete = Vec::new();
    for occurrence in occurrences {
        for &(phrase, slot) in index.fills(occurrence.tied) {
            let before = filled[phrase as usize];
            let after = before | 1 << slot;
            filled[phrase as usize] = after;
            if after != before && after == full(index.phrases[phrase as usize].slots) {
                complete.push(phrase);
            }
        }
    }
    complete
}

fn full(slots: usize) -> u8 {
    ((1u16 << slots) - 1) as u8
}

/// One slot filled at one place of the text.
#[derive(Clone, Copy)]
struct Item {
    start: u32,
    end: u32,
    sentence: u32,
    slot: u8,
    /// Bit `m` is set when a chain that ends here has filled the slots of `m`.
    reached: u64,
}

/// A set of sets of slots has a bit for each of them.
const _: () = assert!(1 << SLOTS_MAX <= u64::BITS);

/// Goes over the phrase's items from left to right; each continues the chains
/// that end near before it. The first complete chain of a sentence wins.
fn together(
    index: &Index,
    phrase: PhraseId,
    tokens: &[Token],
    occurrences: &[Occurrence],
    fired: &mut Vec<Fired>,
) {
    let compiled = &index.phrases[phrase as usize];
    let (full, distance) = (full(compiled.slots), compiled.distance as u32);
    let mut items: Vec<Item> = Vec::new();
    let mut done = None;
    for occurrence in occurrences {
        let sentence = tokens[occurrence.start as usize].sentence;
        if done == Some(sentence) {
            continue;
        }
        for &(_, slot) in slots_of(index, phrase, occurrence) {
            let (start, end) = (occurrence.start, occurrence.end);
            let mut item = Item { start, end, sentence, slot, reached: 0 };
            item.reached = reached(&item, &items, distance);
            items.push(item);
            if item.reached & 1 << full != 0 {
                fired.push(Fired { phrase, sentence, ranges: chain(&items, full, distance) });
                done = Some(sentence);
                break;
            }
        }
    }
}

fn slots_of<'i>(
    index: &'i Index,
    phrase: PhraseId,
    occurrence: &Occurrence,
) -> &'i [(PhraseId, u8)] {
    // Phrases are added in order, so the list is sorted by phrase.
    let fills = index.fills(occurrence.tied);
    let from = fills.partition_point(|&(other, _)| other < phrase);
    let to = fills.partition_point(|&(other, _)| other <= phrase);
    &fills[from..to]
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
    let (start, sentence) = (item.start, item.sentence);
    // Starts never decrease, and no alternative is longer than a window by
    // much, so going back can stop well before the beginning.
    let reach = distance + LONGEST_TIED;
    before.iter().rev().take_while(move |previous| previous.start + reach >= start).filter(
        move |previous| {
            previous.sentence == sentence
                && previous.end <= start
                && start - previous.end <= distance
        },
    )
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
                && previous.sentence == item.sentence
                && previous.end <= item.start
                && item.start - previous.end <= distance
                && previous.reached & 1 << wanted != 0
        });
    }
    ranges.reverse();
    ranges
}
