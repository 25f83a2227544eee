//! The grammar of a keyword phrase, exactly as `keywords/README.md` tells it to
//! editors. Parses one phrase; compiling many is `index`'s work.

use crate::rules::text::mend::Mender;

/// More slots than this are a sentence, not a phrase; positions are searched
/// with one bit a slot.
pub const SLOTS_MAX: usize = 6;

/// Alternatives of a slot that evidence names; the words found say the rest.
const SHOWN: usize = 2;

/// A phrase: every slot must be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    pub slots: Vec<Slot>,
}

/// Alternatives of one slot.
pub type Slot = Vec<Tied>;

/// Words that stand side by side in this order.
pub type Tied = Vec<Test>;

/// What a token must be. Words are in normal form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Test {
    /// Any form of this word.
    Word(String),
    /// `=слово`
    Exact(String),
    /// `слов*`
    Prefix(String),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    #[error("the phrase is empty")]
    Empty,
    #[error("«{0}»: an alternative is empty")]
    EmptyAlternative(String),
    #[error("«{0}»: `=` stands only at the start and `*` only at the end of a word, never both")]
    BadMark(String),
    #[error("«{0}» holds no letter or digit, so no text can match it")]
    NoLetters(String),
    #[error("«{0}»: a prefix needs at least two letters")]
    ShortPrefix(String),
    #[error("«{0}»: there is no operator «{1}»")]
    UnknownOperator(String, char),
    #[error("{0} slots, at most {SLOTS_MAX} are allowed")]
    TooManySlots(usize),
}

pub fn parse(written: &str) -> Result<Phrase, PhraseError> {
    let slots: Vec<Slot> = written.split_whitespace().map(slot).collect::<Result<_, _>>()?;
    match slots.len() {
        0 => Err(PhraseError::Empty),
        1..=SLOTS_MAX => Ok(Phrase { slots }),
        count => Err(PhraseError::TooManySlots(count)),
    }
}

/// A phrase as evidence names it: of every slot the first alternatives.
pub fn short(written: &str) -> String {
    written.split_whitespace().map(short_slot).collect::<Vec<_>>().join(" ")
}

fn short_slot(slot: &str) -> String {
    let end = slot.match_indices('|').nth(SHOWN - 1).map(|(at, _)| at);
    end.map_or_else(|| slot.to_owned(), |end| format!("{}|…", &slot[..end]))
}

fn slot(written: &str) -> Result<Slot, PhraseError> {
    written.split('|').map(|alternative| tied(alternative, written)).collect()
}

fn tied(written: &str, slot: &str) -> Result<Tied, PhraseError> {
    let mut tests = Vec::new();
    for word in written.split('_') {
        if word.is_empty() {
            return Err(PhraseError::EmptyAlternative(slot.to_owned()));
        }
        tests.extend(word_tests(word)?);
    }
    Ok(tests)
}

/// A written word is cut the way texts are cut, so «из-за» becomes two words
/// that stand side by side, and so does «негорит».
fn word_tests(written: &str) -> Result<Vec<Test>, PhraseError> {
    let (bare, mark) = match (written.strip_prefix('='), written.strip_suffix('*')) {
        (Some(_), Some(_)) => return Err(PhraseError::BadMark(written.to_owned())),
        (Some(bare), None) => (bare, '='),
        (None, Some(bare)) => (bare, '*'),
        (None, None) => (written, ' '),
    };
    if let Some(sign) = bare.chars().find(|&sign| is_operator_like(sign)) {
        return Err(match sign {
            '=' | '*' => PhraseError::BadMark(written.to_owned()),
            _ => PhraseError::UnknownOperator(written.to_owned(), sign),
        });
    }
    let words: Vec<String> = Mender::default()
        .tokens(bare)
        .iter()
        .filter(|token| token.is_readable())
        .map(|token| token.normal.to_string())
        .collect();
    let Some(last) = words.len().checked_sub(1) else {
        return Err(PhraseError::NoLetters(written.to_owned()));
    };
    if mark == '*' && words[last].chars().count() < 2 {
        return Err(PhraseError::ShortPrefix(written.to_owned()));
    }
    Ok(words
        .into_iter()
        .enumerate()
        .map(|(at, word)| match mark {
            '=' => Test::Exact(word),
            '*' if at == last => Test::Prefix(word),
            _ => Test::Word(word),
        })
        .collect())
}

fn is_operator_like(sign: char) -> bool {
    matches!(
        sign,
        '=' | '*'
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '"'
            | '+'
            | '?'
            | '!'
            | '~'
            | '^'
            | '&'
            | '<'
            | '>'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(word: &str) -> Test {
        Test::Word(word.to_owned())
    }

    #[test]
    fn the_grammar() {
        let phrase = parse("не_горит|темно =Фонарей провод*").unwrap();
        assert_eq!(
            phrase.slots,
            vec![
                vec![vec![word("не"), word("горит")], vec![word("темно")]],
                vec![vec![Test::Exact("фонарей".to_owned())]],
                vec![vec![Test::Prefix("провод".to_owned())]],
            ]
        );
        assert_eq!(parse("из-за").unwrap().slots, vec![vec![vec![word("из"), word("за")]]]);
        assert_eq!(parse("негорит").unwrap().slots, vec![vec![vec![word("не"), word("горит")]]]);
        assert_eq!(parse("лёд").unwrap().slots, vec![vec![vec![word("лед")]]]);
    }

    #[test]
    fn what_is_refused() {
        for (written, expected) in [
            (" ", "the phrase is empty"),
            ("не_", "«не_»: an alternative is empty"),
            ("нет||без", "«нет||без»: an alternative is empty"),
            ("=во*", "`=` stands only"),
            ("во*да", "`=` stands only"),
            ("— нет", "holds no letter"),
            ("в* нет", "at least two letters"),
            ("(нет)", "no operator «(»"),
            ("а б в г д е ж", "7 slots"),
        ] {
            let error = parse(written).unwrap_err().to_string();
            assert!(error.contains(expected), "{written}: {error}");
        }
    }
}
