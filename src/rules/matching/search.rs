//! Finds the places of a text where all slots of a phrase stand together: one
//! sentence, any order, neighbours at most `distance` tokens apart.

use std::ops::Range;

use crate::rules::text::tokens::Token;

use super::index::{Fill, Index, Passed, PhraseId};
use super::phrase::SLOTS_MAX;

/// A phrase that was found in a sentence, with the tokens of its slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fired {
    pub phrase: PhraseId,
    pub sentence: u32,
    pub ranges: Ranges,
}

/// The token ranges of a phrase's slots in text order. Kept in place: dozens of
/// phrases are found in any text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ranges {
    count: usize,
    all: [(u32, u32); SLOTS_MAX],
}

impl Ranges {
    fn push(&mut self, item: &Item) {
        self.all[self.count] = (item.start, item.end);
        self.count += 1;
    }

    fn reversed(mut self) -> Ranges {
        self.all[..self.count].reverse();
        self
    }

    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.all[..self.count].iter().copied()
    }
}

/// What a search writes on; kept for the next text.
#[derive(Default)]
pub struct Scratch {
    /// By phrase: the slots that are filled in the sentence, one bit each; none
    /// unless the slot that the phrase is looked for by is.
    filled: Vec<u8>,
    /// Phrases of several slots that have any filled.
    begun: Vec<PhraseId>,
    /// What fills their slots.
    items: Vec<Item>,
    /// What alternatives of several words fill in the sentence, but for the
    /// slots that phrases are looked for by.
    longer: Vec<Item>,
    /// Of all sentences: what fills the slots of phrases of which none is empty.
    complete: Vec<Item>,
}

/// All phrases that the text holds, by number, once a sentence.
pub fn fired(
    index: &Index,
    tokens: &[Token],
    passed: Passed<'_>,
    scratch: &mut Scratch,
) -> Vec<Fired> {
    let items = scratch.fill_all(index, tokens, passed);
    let sentence = |item: &Item| tokens[item.start as usize].sentence;
    let is_one =
        |one: &Item, other: &Item| one.phrase == other.phrase && sentence(one) == sentence(other);
    let mut fired = Vec::with_capacity(items.len());
    for items in items.chunk_by_mut(is_one) {
        let (phrase, sentence) = (items[0].phrase, sentence(&items[0]));
        let ranges = together(index, items);
        fired.extend(ranges.map(|ranges| Fired { phrase, sentence, ranges }));
    }
    fired
}

impl Scratch {
    /// The fillings of phrases all of whose slots are filled in a sentence,
    /// phrase by phrase, each in text order.
    fn fill_all(&mut self, index: &Index, tokens: &[Token], passed: Passed<'_>) -> &mut [Item] {
        self.filled.resize(index.phrases.len(), 0);
        self.complete.clear();
        let mut start = 0;
        for sentence in tokens.chunk_by(|one, other| one.sentence == other.sentence) {
            let end = start + sentence.len();
            self.fill(index, start..end, passed);
            start = end;
        }
        self.complete.sort_unstable_by_key(Item::order);
        &mut self.complete
    }

    /// A phrase is looked for only where the slot with the rarest words is filled:
    /// most sentences begin few, and are gone over once.
    fn fill(&mut self, index: &Index, sentence: Range<usize>, passed: Passed<'_>) {
        for at in sentence.clone() {
            for fill in passed.beginnings(at) {
                self.begin(fill, &(at..at + 1));
            }
            for (fills, stands) in index.longer(at, sentence.clone(), passed) {
                fills.iter().for_each(|fill| self.note(fill, &stands));
            }
        }
        if !self.begun.is_empty() {
            self.fill_rest(sentence, passed);
            self.leave_incomplete();
        }
        self.longer.clear();
    }

    fn begin(&mut self, fill: &Fill, stands: &Range<usize>) {
        if fill.is_alone() {
            return self.complete.push(Item::of(fill, stands));
        }
        self.items.push(Item::of(fill, stands));
        let filled = &mut self.filled[fill.phrase as usize];
        if *filled == 0 {
            self.begun.push(fill.phrase);
        }
        *filled |= 1 << fill.slot;
    }

    fn note(&mut self, fill: &Fill, stands: &Range<usize>) {
        match fill.begins {
            true => self.begin(fill, stands),
            false => self.longer.push(Item::of(fill, stands)),
        }
    }

    /// The other slots of the phrases that were begun.
    fn fill_rest(&mut self, sentence: Range<usize>, passed: Passed<'_>) {
        for at in sentence {
            let others = passed.others(at);
            let item = |fill: &Fill| Item::of(fill, &(at..at + 1));
            if self.begun.len() * SEARCH_COST < others.len() {
                for number in 0..self.begun.len() {
                    let fills = of_phrase(others, self.begun[number]);
                    fills.iter().for_each(|fill| self.go_on(item(fill)));
                }
            } else {
                others.iter().for_each(|fill| self.go_on(item(fill)));
            }
        }
        let longer = std::mem::take(&mut self.longer);
        longer.iter().for_each(|item| self.go_on(*item));
        self.longer = longer;
    }

    /// Keeps what fills a slot of a phrase that was begun.
    fn go_on(&mut self, item: Item) {
        let filled = &mut self.filled[item.phrase as usize];
        if *filled != 0 {
            *filled |= 1 << item.slot;
            self.items.push(item);
        }
    }

    /// Most phrases that were begun lack a slot.
    fn leave_incomplete(&mut self) {
        let filled = &self.filled;
        let is_complete = |item: &Item| filled[item.phrase as usize] == item.full;
        self.complete.extend(self.items.drain(..).filter(is_complete));
        for phrase in self.begun.drain(..) {
            self.filled[phrase as usize] = 0;
        }
    }
}

/// Fills gone over in the time of looking one phrase up among them.
const SEARCH_COST: usize = 24;

/// Of fills sorted by phrase, those of one.
fn of_phrase(fills: &[Fill], phrase: PhraseId) -> &[Fill] {
    let first = fills.partition_point(|fill| fill.phrase < phrase);
    let count = fills[first..].iter().take_while(|fill| fill.phrase == phrase).count();
    &fills[first..first + count]
}

/// One slot of a phrase filled at one place of a sentence.
#[derive(Debug, Clone, Copy)]
struct Item {
    phrase: PhraseId,
    start: u32,
    end: u32,
    slot: u8,
    /// All slots of the phrase, one bit each.
    full: u8,
    /// Bit `m` is set when a chain that ends here has filled the slots of `m`.
    reached: u64,
}

impl Item {
    fn of(fill: &Fill, stands: &Range<usize>) -> Item {
        let (start, end) = (stands.start as u32, stands.end as u32);
        let Fill { phrase, slot, full, .. } = *fill;
        Item { phrase, start, end, slot, full, reached: 0 }
    }

    /// By phrase and start; of alternatives that begin together the longest says
    /// most. As one number: comparing four was most of the sorting.
    fn order(&self) -> u128 {
        let parts = [self.phrase, self.start, !self.end, u32::from(self.slot)];
        parts.into_iter().fold(0, |order, part| order << u32::BITS | u128::from(part))
    }
}

/// A set of sets of slots has a bit for each of them.
const _: () = assert!(1 << SLOTS_MAX <= u64::BITS);

/// Goes over a phrase's items of one sentence from left to right; each continues
/// the chains that end near before it. The first complete chain wins.
fn together(index: &Index, items: &mut [Item]) -> Option<Ranges> {
    let Item { phrase, full, .. } = *items.first()?;
    if full == 1 {
        let mut ranges = Ranges::default();
        ranges.push(&items[0]);
        return Some(ranges);
    }
    let distance = index.phrases[phrase as usize].distance as u32;
    for at in 0..items.len() {
        items[at].reached = reached(&items[at], &items[..at], distance);
        if items[at].reached & 1 << full != 0 {
            return Some(chain(&items[..=at], full, distance));
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

/// The numbers of the bits that are set.
fn bits(mut set: u64) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let bit = (set != 0).then(|| set.trailing_zeros() as u8);
        set &= set.wrapping_sub(1);
        bit
    })
}

/// Walks a complete chain back from its last item.
fn chain(items: &[Item], full: u8, distance: u32) -> Ranges {
    let mut ranges = Ranges::default();
    let mut at = items.len().checked_sub(1);
    let mut wanted = full;
    while let Some(index) = at {
        let item = &items[index];
        ranges.push(item);
        wanted &= !(1 << item.slot);
        at = (0..index).rev().find(|&previous| {
            let previous = &items[previous];
            wanted != 0
                && previous.end <= item.start
                && item.start - previous.end <= distance
                && previous.reached & 1 << wanted != 0
        });
    }
    ranges.reversed()
}
