//! A text's words as grouping needs them: stable keys, which are names, which
//! are function words. Knows no places and no weights.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::model::text::Span;
use crate::rules::similarity::{KeyKind, key_of_keys};
use crate::rules::text::normalise::is_capital;
use crate::rules::text::stem::StemMemo;
use crate::rules::text::tokens::{Token, TokenKind, tokenise};

/// Words that say nothing about a matter in any message to an authority.
/// Rarity would find them too, but only after some hundred posts.
const FUNCTION_WORDS: &str = "а без более бы был была были было быть в вам вас ваш весь во вот все всё \
    всех вы где да даже для до его ее ей если есть еще же за и из или им их к как какой когда который \
    кто ли либо между меня мне много мой мы на над надо нам нас наш не него нет ни них но ну о об один \
    он она они оно от очень перед по под пока после почему при про раз с сам свой себя со так также \
    такой там то тоже только том тот ты у уже хотя чего чей чем что чтобы эта эти это этого этой этом \
    этот я здравствуйте добрый день вечер утро уважаемый уважаемая спасибо пожалуйста прошу просим \
    просьба подскажите скажите помогите обращаюсь обращаемся сообщаю сообщаем проживаю проживаем \
    являюсь принять меры рассмотреть вопрос г город ул улица д дом области район";

/// Beginnings of words for parts of a house: they say where and not what.
const PARTS_OF_HOUSE: [&str; 5] = ["этаж", "подъезд", "подьезд", "квартир", "двор"];

/// Beginnings of words by which a message says that it is not the first about
/// its matter.
const CONTINUES: [&str; 10] = [
    "повторн",
    "снова",
    "вновь",
    "опять",
    "предыдущ",
    "продолжен",
    "неоднократн",
    "обращени",
    "отписк",
    "писал",
];

/// The same by two words: «уже обращались», «когда наконец», «до сих пор», «ваш
/// ответ», «вы обещали».
const CONTINUES_BY_TWO: [(&[&str], &[&str]); 6] = [
    (&["уже", "ранее", "раз"], &["писал", "обращал", "сообщал", "жаловал", "просил"]),
    (&["когда"], &["наконец"]),
    (&["до"], &["сих"]),
    (&["все"], &["еще"]),
    (&["вы", "мне", "нам"], &["ответил", "отвечал", "сообщил", "обещал"]),
    (
        &[
            "ваш",
            "вашего",
            "вашем",
            "вашему",
            "получен",
            "получил",
            "получила",
            "получили",
            "пришел",
        ],
        &["ответ"],
    ),
];

/// Whether a word, after the one before it, goes on with an earlier message.
fn goes_on(before: &str, word: &str) -> bool {
    let is_by_two = |(first, second): &(&[&str], &[&str])| {
        first.contains(&before) && second.iter().any(|start| word.starts_with(start))
    };
    CONTINUES.iter().any(|start| word.starts_with(start)) || CONTINUES_BY_TWO.iter().any(is_by_two)
}

/// A word of a text.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The stem, which is the same on every machine.
    pub key: u64,
    pub norm: String,
    pub span: Span,
    pub is_name: bool,
    pub is_number: bool,
    /// A part of a house; others are set by who knows the places.
    pub is_place: bool,
    /// Starts with a capital, wherever it stands.
    pub is_high: bool,
    /// Not a function word.
    pub counts: bool,
    /// Between this word and the one before: only blanks, a comma, a dot, a
    /// hyphen or a number sign.
    pub follows: bool,
    pub after_hyphen: bool,
    /// «№ 5», «#5».
    pub after_number_sign: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Reading {
    pub words: Vec<Seen>,
    pub links: Vec<String>,
    pub continues: bool,
}

pub fn read(memo: &mut StemMemo, text: &str) -> Reading {
    let shouting = is_shouting(text);
    let mut reading = Reading::default();
    let (mut before, mut sentence) = (0, None);
    let (links, tokens): (Vec<Token>, Vec<Token>) =
        tokenise(text).into_iter().partition(|token| token.kind == TokenKind::Link);
    reading.links = links.iter().map(|link| link.span.of(text).to_owned()).collect();
    for token in tokens.into_iter().filter(Token::is_readable) {
        let gap = text.get(before..token.span.start as usize).unwrap_or("");
        let raw = token.span.of(text);
        let opens = sentence != Some(token.sentence) || gap.contains(':');
        let is_number = token.kind == TokenKind::Number;
        let norm: &str = &token.normal;
        (before, sentence) = (token.span.end as usize, Some(token.sentence));
        let word_before = reading.words.last().map_or("", |word| word.norm.as_str());
        reading.continues |= goes_on(word_before, norm);
        reading.words.push(Seen {
            key: word_key(memo, norm),
            norm: norm.to_owned(),
            span: token.span,
            is_name: !is_number && !shouting && looks_like_name(raw, gap, opens),
            is_number,
            is_place: PARTS_OF_HOUSE.iter().any(|start| norm.starts_with(start)),
            is_high: raw.starts_with(is_capital),
            counts: is_number || counts(norm),
            follows: gap.chars().count() <= 4 && gap.chars().all(joins),
            after_number_sign: gap.contains(['№', '#']),
            after_hyphen: gap == "-" || gap == "–",
        });
    }
    reading
}

/// What may stand between a name and its number.
fn joins(sign: char) -> bool {
    matches!(sign, ' ' | ',' | '.' | '-' | '–' | '№' | '#' | '"' | '«' | '»')
}

/// A text in capitals says nothing about names.
fn is_shouting(text: &str) -> bool {
    let (mut letters, mut capitals) = (0, 0);
    for c in text.chars() {
        // Russian ones first: of others the tables are asked, which takes long.
        let (is_letter, is_capital) = match c {
            'а'..='я' | 'ё' => (true, false),
            'А'..='Я' | 'Ё' => (true, true),
            _ => (c.is_alphabetic(), c.is_uppercase()),
        };
        letters += usize::from(is_letter);
        capitals += usize::from(is_capital);
    }
    capitals * 2 > letters
}

fn looks_like_name(raw: &str, gap: &str, opens: bool) -> bool {
    let mut letters = raw.chars();
    let starts_high = letters.next().is_some_and(is_capital);
    if !starts_high {
        return false;
    }
    let abbreviation = !letters.as_str().is_empty() && letters.all(is_capital);
    let quoted = gap.ends_with(['"', '«', '“', '`', '„']);
    let polite = matches!(
        raw,
        "Вы" | "Вас"
            | "Вам"
            | "Вами"
            | "Ваш"
            | "Ваша"
            | "Ваше"
            | "Ваши"
            | "Вашей"
            | "Вашего"
    );
    !polite && (abbreviation || !opens || quoted)
}

static FUNCTION_WORD_SET: LazyLock<HashSet<&str>> =
    LazyLock::new(|| FUNCTION_WORDS.split_whitespace().collect());

fn counts(norm: &str) -> bool {
    norm.chars().nth(1).is_some() && !FUNCTION_WORD_SET.contains(norm)
}

/// The key of a word in any of its forms.
pub fn word_key(memo: &mut StemMemo, norm: &str) -> u64 {
    key_of_keys(KeyKind::Word, &[memo.stem(norm).0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_with_an_earlier_message_says_so() {
        let continues = |text: &str| read(&mut StemMemo::default(), text).continues;
        for text in [
            "Уже писала про яму на Мира, воз и ныне там",
            "По вашему ответу фонарь починили, а он не горит",
            "Вы обещали убрать свалку до мая",
            "Получили ответ, что работы окончены",
        ] {
            assert!(continues(text), "{text}");
        }
        for text in ["Во дворе яма, ответьте, кто её заделает", "Мне восемьдесят лет, лифт стоит"]
        {
            assert!(!continues(text), "{text}");
        }
    }
}
