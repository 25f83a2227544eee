//! Tells the language of a text: by its alphabet and its small words for the
//! Cyrillic languages of the country and its neighbours, by letter statistics
//! for the rest. Says `und` rather than guess.
//!
//! Statistics alone take «Яма во дворе» for Bulgarian; a short text of Russian
//! letters with a Russian ending is Russian here.

use super::normalise::is_cyrillic;
use super::tokens::{Token, TokenKind};

/// What is said where nothing can be said.
pub const UNKNOWN: &str = "und";

/// Fewer letters than this are no language.
const LETTERS_MIN: usize = 3;
/// Letter statistics are trusted from here on.
const STATISTICS_LETTERS_MIN: usize = 40;
/// Statistics look at no more than this; they do not get better.
const STATISTICS_MAX_BYTES: usize = 600;
/// Words looked at; the rest of a long text says the same.
const WORDS_MAX: usize = 60;
/// One word in so many must speak for the language.
const WORDS_A_SIGN: usize = 12;

/// A Cyrillic language: letters that Russian lacks, and small words.
struct Cyrillic {
    code: &'static str,
    letters: &'static str,
    words: &'static [&'static str],
}

#[rustfmt::skip]
const CYRILLIC: [Cyrillic; 8] = [
    Cyrillic { code: "uk", letters: "іїєґ", words: &["і", "та", "що", "це", "від", "але", "ми", "ви", "чи", "щоб", "вже", "немає", "дуже", "коли", "його"] },
    Cyrillic { code: "be", letters: "іў", words: &["і", "што", "гэта", "ад", "але", "мы", "ёсць", "няма", "вельмі", "калі", "яго", "дзе"] },
    Cyrillic { code: "kk", letters: "әғқңөұүһі", words: &["және", "мен", "бар", "бул", "үшін", "жоқ", "бір", "де", "екі", "осы"] },
    Cyrillic { code: "tt", letters: "әөүҗңһ", words: &["һәм", "белән", "бу", "өчен", "юк", "дип", "да", "дә", "бер"] },
    Cyrillic { code: "ba", letters: "әөүҙҡҫңғһ", words: &["һәм", "менән", "был", "өсөн", "юҡ", "тип", "бер"] },
    Cyrillic { code: "cv", letters: "ӑӗҫӳăĕçÿ", words: &["тата", "пур", "мар", "çук", "ҫук"] },
    Cyrillic { code: "sah", letters: "ҕҥөһү", words: &["уонна", "бу", "да", "суох", "баар"] },
    Cyrillic { code: "sr", letters: "ђјљњћџ", words: &["је", "су", "није", "али", "што"] },
];

#[rustfmt::skip]
const RUSSIAN_WORDS: [&str; 58] = [
    "и", "в", "во", "не", "на", "с", "со", "что", "по", "как", "это", "у", "за", "к", "от", "из", "так", "же", "бы",
    "для", "мы", "вы", "он", "они", "все", "нет", "или", "уже", "есть", "до", "то", "но", "а", "о", "об", "при",
    "когда", "где", "нас", "вас", "нам", "вам", "еще", "только", "очень", "если", "там", "тут", "кто", "ни",
    "без", "под", "мне", "меня", "его", "ее", "их", "после",
];

#[rustfmt::skip]
const RUSSIAN_ENDINGS: [&str; 29] = [
    "ть", "ться", "тся", "ого", "его", "ому", "ых", "их", "ые", "ие", "ый", "ий", "ой", "ая", "яя", "ое", "ют", "ят",
    "ли", "ла", "ло", "ал", "ил", "ел", "ов", "ами", "ение", "ость", "ите",
];

/// The longest of the small words above.
const SMALL_WORD_MAX_BYTES: usize = 12;

/// Small words and letters of Slavic neighbours that share the Russian alphabet.
const BULGARIAN_WORDS: [&str; 12] =
    ["е", "се", "да", "че", "ще", "няма", "са", "ли", "си", "това", "от", "който"];

#[rustfmt::skip]
const ENGLISH_WORDS: [&str; 24] = [
    "the", "is", "are", "was", "of", "and", "to", "in", "for", "has", "have", "been", "with", "our", "we", "you",
    "this", "that", "there", "not", "it", "on", "at", "from",
];

/// ISO 639 code of the text's language, or `und`.
pub fn detect(text: &str, tokens: &[Token]) -> &'static str {
    let letters = Letters::count(tokens);
    if letters.cyrillic + letters.latin + letters.other < LETTERS_MIN {
        return UNKNOWN;
    }
    if letters.cyrillic > letters.latin + letters.other {
        return cyrillic(tokens).unwrap_or(UNKNOWN);
    }
    let total = letters.cyrillic + letters.latin + letters.other;
    if is_english(tokens) {
        return "en";
    }
    if total >= STATISTICS_LETTERS_MIN { by_statistics(text) } else { UNKNOWN }
}

#[derive(Default)]
struct Letters {
    cyrillic: usize,
    latin: usize,
    other: usize,
}

impl Letters {
    fn count(tokens: &[Token]) -> Letters {
        let mut letters = Letters::default();
        for token in words(tokens) {
            let Some(first) = token.normal.chars().next() else { continue };
            let count = token.normal.len();
            if is_cyrillic(first) {
                letters.cyrillic += count / 2;
            } else if first.is_ascii() {
                letters.latin += count;
            } else {
                letters.other += token.normal.chars().count();
            }
        }
        letters
    }
}

fn words(tokens: &[Token]) -> impl Iterator<Item = &Token> {
    tokens.iter().filter(|token| token.kind == TokenKind::Word).take(WORDS_MAX)
}

/// Foreign letters decide first, because a language that needs them has them in
/// nearly every sentence; one foreign name in a Russian post does not.
fn cyrillic(tokens: &[Token]) -> Option<&'static str> {
    let (mut total, mut russian, mut bulgarian) = (0, 0, 0);
    let (mut foreign_words, mut foreign) = (0, [0usize; CYRILLIC.len()]);
    for token in words(tokens) {
        total += 1;
        let word: &str = &token.normal;
        let is_foreign = word.chars().any(|letter| is_cyrillic(letter) && !is_russian(letter));
        foreign_words += usize::from(is_foreign);
        russian += usize::from(!is_foreign && speaks_russian(word));
        bulgarian += usize::from(BULGARIAN_WORDS.contains(&word));
        if is_foreign {
            count_foreign(word, &mut foreign);
        }
    }
    if foreign_words * 6 >= total {
        return best_foreign(tokens, &foreign);
    }
    let says_russian = russian * WORDS_A_SIGN >= total && russian > 0;
    (says_russian && bulgarian <= russian).then_some("ru")
}

fn is_russian(letter: char) -> bool {
    matches!(letter, 'а'..='я' | 'ё') || !letter.is_alphabetic()
}

fn speaks_russian(word: &str) -> bool {
    (word.len() <= SMALL_WORD_MAX_BYTES && RUSSIAN_WORDS.contains(&word))
        || word.contains(['ы', 'э'])
        || (word.len() >= 8 && RUSSIAN_ENDINGS.iter().any(|ending| word.ends_with(ending)))
}

fn count_foreign(word: &str, foreign: &mut [usize; CYRILLIC.len()]) {
    for (language, count) in CYRILLIC.iter().zip(foreign) {
        let has_unknown =
            word.chars().any(|letter| !is_russian(letter) && !language.letters.contains(letter));
        *count += usize::from(!has_unknown);
    }
}

/// The language that explains most foreign words; small words settle ties.
fn best_foreign(tokens: &[Token], foreign: &[usize; CYRILLIC.len()]) -> Option<&'static str> {
    let own_words = |language: &Cyrillic| {
        words(tokens).filter(|token| language.words.contains(&&*token.normal)).count()
    };
    let mut ranked: Vec<(usize, usize, &'static str)> = CYRILLIC
        .iter()
        .zip(foreign)
        .filter(|(_, count)| **count > 0)
        .map(|(language, &count)| (count, own_words(language), language.code))
        .collect();
    ranked.sort_unstable_by(|one, other| other.cmp(one));
    let best = ranked.first()?;
    let is_tie = ranked.get(1).is_some_and(|next| (next.0, next.1) == (best.0, best.1));
    (!is_tie).then_some(best.2)
}

fn is_english(tokens: &[Token]) -> bool {
    let small = words(tokens).filter(|token| ENGLISH_WORDS.contains(&&*token.normal)).count();
    small >= 2 && small * 4 >= words(tokens).count()
}

fn by_statistics(text: &str) -> &'static str {
    let end = (0..=STATISTICS_MAX_BYTES.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0);
    match whatlang::detect(&text[..end]) {
        Some(info) if info.is_reliable() => iso_639_1(info.lang()),
        _ => UNKNOWN,
    }
}

/// Two-letter codes of the languages that posts here are really written in.
fn iso_639_1(language: whatlang::Lang) -> &'static str {
    use whatlang::Lang;
    match language {
        Lang::Rus => "ru",
        Lang::Eng => "en",
        Lang::Ukr => "uk",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Ita => "it",
        Lang::Por => "pt",
        Lang::Pol => "pl",
        Lang::Bel => "be",
        Lang::Bul => "bg",
        Lang::Srp => "sr",
        Lang::Fin => "fi",
        Lang::Est => "et",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Tur => "tr",
        Lang::Aze => "az",
        Lang::Uzb => "uz",
        Lang::Hye => "hy",
        Lang::Kat => "ka",
        Lang::Cmn => "zh",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Ara => "ar",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Vie => "vi",
        other => other.code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::text::tokens::tokenise;

    fn check(text: &str, expected: &str) {
        assert_eq!(detect(text, &tokenise(text)), expected, "{text}");
    }

    #[test]
    fn languages_of_short_posts() {
        for text in [
            "Яма во дворе",
            "Не горят фонари на Ленина",
            "Свет отключили",
            "Когда починят дорогу?",
            "Вода ржавая третий день",
            "Не пришёл QR код",
            "Автобус 34 опять не приехал",
            "Хлопці з мелиорации: так называется кафе на Мира",
        ] {
            check(text, "ru");
        }
        check("Немає світла вже третій день, що робити?", "uk");
        check("Няма святла ўжо трэці дзень, што рабіць?", "be");
        check("Көшеде жарық жоқ, екі күн болды", "kk");
        check("Урамда ут юк, өч көн инде, җитәкчеләр кайда һәм нәрсә эшли", "tt");
        check("The street lamp near our house has been broken for three weeks now", "en");
        check("Вече трети ден няма ток и никой не знае кога ще се оправи това", "und");
        check("ок", "und");
        check("!!! 12345", "und");
    }
}
