//! How words begin: most words of a text are told by their first two letters to
//! be none of those that a list holds. Knows letters, not what they say.

const LETTERS: usize = 33;
/// No letter of the alphabet: the end of the word, a digit, a foreign letter.
const OTHER: usize = 0;

/// The first two letters of a word in normal form, as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head(u16);

impl Head {
    pub fn of(word: &str) -> Head {
        let mut letters = word.chars().map(number);
        let (first, second) = (letters.next(), letters.next());
        Head((first.unwrap_or(OTHER) * LETTERS + second.unwrap_or(OTHER)) as u16)
    }
}

/// `ё` is `е` in normal forms.
fn number(letter: char) -> usize {
    match letter {
        'а'..='я' => letter as usize - 'а' as usize + 1,
        _ => OTHER,
    }
}

/// The heads of a list of words, or of their beginnings.
pub(super) struct Heads([bool; LETTERS * LETTERS]);

impl Heads {
    pub fn of<'w>(words: impl IntoIterator<Item = &'w str>) -> Heads {
        let mut heads = Heads([false; LETTERS * LETTERS]);
        for word in words {
            let Head(number) = Head::of(word);
            heads.0[usize::from(number)] = true;
        }
        heads
    }

    /// Whether a word of the list may begin so; those that do are never missed.
    pub fn hold(&self, Head(number): Head) -> bool {
        self.0[usize::from(number)]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_word_of_the_list_is_missed(words in prop::collection::vec("\\PC{0,6}", 1..20), end in "\\PC{0,4}") {
            let heads = Heads::of(words.iter().map(String::as_str));
            for word in &words {
                prop_assert!(heads.hold(Head::of(word)));
                // A list's beginnings have two letters at least.
                let longer = [word.as_str(), &end].concat();
                prop_assert!(word.chars().count() < 2 || heads.hold(Head::of(&longer)));
            }
        }
    }

    #[test]
    fn most_words_are_told_apart() {
        let heads = Heads::of(["улиц", "ул", "ш"]);
        assert!(["улица", "ул", "ш", "улей"].iter().all(|word| heads.hold(Head::of(word))));
        assert!(
            ["шоссе", "у", "дом", "", "5", "ulica"].iter().all(|word| !heads.hold(Head::of(word)))
        );
    }
}
