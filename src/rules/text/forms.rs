//! What the dictionary knows of Russian words: all forms of a word («лёд» brings
//! «льда», which a stemmer tears away), and what kind of word a spelling is, by
//! which words are told apart that a stemmer confuses («вывоз», «вывозят»).
//! Words come in normal form, forms leave in normal form. Knows no keywords.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rumorph::{Analysis, Dictionary, Source};

use super::normalise;

/// Of a spelling that belongs to several words, those that it is so likely:
/// «дорога» is a road, hardly ever a short «дорогая».
const LIKELY: f64 = 0.2;

static DICTIONARY: LazyLock<Option<Dictionary>> = LazyLock::new(|| Dictionary::bundled().ok());

/// Rules are read again and again, with the same words.
static ASKED: LazyLock<Mutex<HashMap<String, Arc<BTreeSet<String>>>>> =
    LazyLock::new(Mutex::default);

/// The kinds of words that a spelling is likely to be; a set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds(u8);

impl Kinds {
    const NOUN: u8 = 1;
    const VERB: u8 = 2;
    /// Adjectives and their adverbs: «опасный», «опасно».
    const QUALITY: u8 = 4;
    const OTHER: u8 = 8;

    fn of(part_of_speech: &str) -> Kinds {
        Kinds(match part_of_speech {
            "NOUN" | "PROPN" => Kinds::NOUN,
            "VERB" => Kinds::VERB,
            "ADJ" | "ADV" => Kinds::QUALITY,
            _ => Kinds::OTHER,
        })
    }

    fn with(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    fn has(self, bits: u8) -> bool {
        self.0 & bits != 0
    }

    /// What «не» stands before, apart: verbs and how something is.
    pub fn may_be_denied(self) -> bool {
        self.has(Kinds::VERB | Kinds::QUALITY)
    }

    /// The dictionary knows no word of that spelling.
    pub fn is_unknown(self) -> bool {
        self.0 == 0
    }

    /// Whether two words with one stem are likely one matter to people: a verb
    /// and its reflexive, an adjective and its adverb, small words; and any,
    /// where one is no word of the dictionary. A noun and another word are not:
    /// «прорыв», «прорвало».
    pub fn may_be_kin(self, other: Kinds) -> bool {
        let both = Kinds(self.0 & other.0);
        let is_one_kind = both.has(Kinds::VERB | Kinds::QUALITY | Kinds::OTHER);
        self.is_unknown() || other.is_unknown() || is_one_kind
    }
}

pub fn kinds(word: &str) -> Kinds {
    let parts = readings(word).into_iter().filter(|reading| LIKELY <= reading.prob);
    let parts =
        parts.filter_map(|reading| Some(Kinds::of(dictionary()?.ud_tag(reading.ud)?.pos())));
    parts.fold(Kinds::default(), Kinds::with)
}

/// Whether the dictionary has a word of that spelling.
pub fn is_known(word: &str) -> bool {
    dictionary().is_some_and(|dictionary| dictionary.is_known(word))
}

/// Every form of the nouns, adjectives and verbs that a spelling is likely to be,
/// itself included; nothing where the dictionary knows none. A verb brings all its forms
/// from the infinitive, otherwise those of its own tense and mood: «почините»
/// asks for what «починили» reports. A form that is more likely another word is
/// left out: «тем» is hardly ever of «тьма». «Е» stands for «ё» in the answer, and may
/// in the question.
pub fn forms(word: &str) -> Arc<BTreeSet<String>> {
    let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = asked.entry(word.to_owned()).or_insert_with(|| {
        let likely = readings(word).into_iter().filter(|reading| LIKELY <= reading.prob);
        Arc::new(likely.flat_map(|reading| forms_of(&reading)).collect())
    });
    known.clone()
}

fn dictionary() -> Option<&'static Dictionary> {
    DICTIONARY.as_ref()
}

/// The words of a spelling, each once, with how likely each is.
fn readings(word: &str) -> Vec<Analysis> {
    let Some(dictionary) = dictionary() else { return Vec::new() };
    let mut words: Vec<Analysis> = Vec::new();
    let known = dictionary.analyze(word).into_iter();
    for reading in known.filter(|reading| reading.source == Source::Dictionary) {
        let part = part_of_speech(dictionary, &reading);
        let same = words
            .iter_mut()
            .find(|one| one.lemma == reading.lemma && part_of_speech(dictionary, one) == part);
        match same {
            Some(same) => same.prob += reading.prob,
            None => words.push(reading),
        }
    }
    words
}

fn part_of_speech(dictionary: &'static Dictionary, reading: &Analysis) -> &'static str {
    dictionary.ud_tag(reading.ud).map_or("", |tag| tag.pos())
}

fn forms_of(reading: &Analysis) -> Vec<String> {
    let Some(dictionary) = dictionary() else { return Vec::new() };
    let meaning = |one: &Analysis| {
        let tag = dictionary.ud_tag(one.ud)?;
        Some(["VerbForm", "Mood", "Tense"].map(|name| tag.feat(name)))
    };
    let part = part_of_speech(dictionary, reading);
    let is_wide = match part {
        "VERB" => normalise::word(&reading.word) == normalise::word(&reading.lemma),
        "NOUN" | "ADJ" => true,
        _ => return Vec::new(),
    };
    let is_likely = |form: &str| {
        let mut readings = readings(form).into_iter().filter(|one| LIKELY <= one.prob);
        readings.any(|one| part_of_speech(dictionary, &one) == part && one.lemma == reading.lemma)
    };
    let forms = dictionary.forms(reading).into_iter();
    let forms = forms.filter(|form| is_wide || meaning(form) == meaning(reading));
    let spelt: BTreeSet<String> = forms.map(|form| normalise::word(&form.word)).collect();
    spelt.into_iter().filter(|form| is_likely(form)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_that_a_stemmer_tears_away_are_known() {
        for (word, expected) in [
            ("лед", "льда"),
            ("вывоз", "вывоза"),
            ("прорыв", "прорыва"),
            ("ребенок", "детей"),
            ("дети", "ребенка"),
            ("человек", "людей"),
            ("сосулька", "сосулек"),
            ("гореть", "горели"),
            ("горит", "горят"),
            ("убрать", "уберите"),
            ("течь", "текла"),
            ("лежачий", "лежачего"),
        ] {
            let forms = forms(word);
            assert!(forms.contains(expected), "{word}: {forms:?}");
            assert!(forms.contains(word), "{word}: {forms:?}");
        }
    }

    #[test]
    fn other_words_are_no_forms() {
        for (word, other) in [
            ("вывоз", "вывозят"),
            ("свет", "светит"),
            ("прорыв", "прорвало"),
            ("запах", "запись"),
            ("чистить", "чистый"),
            ("дорога", "дорогая"),
            ("почините", "починили"),
            ("будет", "были"),
            ("тьма", "тем"),
            ("что", "чего"),
        ] {
            let forms = forms(word);
            assert!(!forms.contains(other), "{word}: {forms:?}");
        }
    }

    #[test]
    fn what_is_no_word_has_no_forms_and_no_kind() {
        for text in ["", "ъыщ", "abc", "12", "\u{301}", "а б", "фонрь"] {
            assert!(forms(text).is_empty(), "{text}");
            assert!(kinds(text).is_unknown(), "{text}");
        }
    }

    #[test]
    fn kin_are_words_of_one_kind_and_words_that_nobody_knows() {
        fn check(one: &str, other: &str, expected: bool) {
            assert_eq!(kinds(one).may_be_kin(kinds(other)), expected, "{one}, {other}");
            assert_eq!(kinds(other).may_be_kin(kinds(one)), expected, "{other}, {one}");
        }
        check("вывоз", "вывозят", false);
        check("свет", "светит", false);
        check("дорога", "дорогие", false);
        check("опасный", "опасно", true);
        check("решить", "решится", true);
        check("фонарь", "фонарик", false);
        check("фонарь", "фонрь", true);
        check("тьма", "тем", false);
    }
}
