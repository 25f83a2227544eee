//! What a text holds beside phrases that speaks for or against a concrete
//! matter: an address, a question mark, links, prices, names. One pass
//! over the tokens and one over the letters. Knows no keywords; what a mark
//! weighs is the ruleset's.

use crate::model::finding::MarkMatch;
use crate::model::post::Post;
use crate::model::text::Span;
use crate::rules::ruleset::MarkWeights;
use crate::rules::text::months::MONTHS;
use crate::rules::text::normalise::is_capital;
use crate::rules::text::tokens::{Token, TokenKind};

/// A phrase of a topic was found.
pub(super) const TOPIC_NAMED: &str = "topic_named";
/// The text holds a question mark.
pub(super) const QUESTION: &str = "question";
/// It stands under another post.
pub(super) const COMMENT: &str = "comment";

/// Of all words, the share in foreign letters from which a text is foreign.
const FOREIGN_SHARE: f64 = 0.4;

/// Names among the words that do not begin a sentence: at this share a text is
/// full of them. Addresses are names too and stay far below.
const NAMES_SHARE: f64 = 0.3;

/// Shorter texts say nothing by their share of names.
const NAMES_WORDS_MIN: usize = 10;

/// Whoever is addressed by name and patronymic stands at the beginning.
const ADDRESSED_TOKENS: usize = 8;

/// Houses, flats and entrances have no higher numbers.
const HOUSE_MAX: u32 = 999;

/// Places of one mark that are worth showing.
const SHOWN: usize = 2;

/// The marks of a post that weigh something.
pub(super) fn marks(
    post: &Post,
    tokens: &[Token],
    weights: &MarkWeights,
) -> impl Iterator<Item = MarkMatch> + use<> {
    let seen = Seen::of(&post.text, tokens);
    let text = Letters::of(&post.text);
    let full_of_names = seen.full_of_names();
    let spread = |found: bool| if found { 1.0 } else { 0.0 };
    let all = [
        ("address", weights.address, spread(!seen.addresses.is_empty()), seen.addresses),
        ("patronymic", weights.patronymic, spread(!seen.patronymics.is_empty()), seen.patronymics),
        (QUESTION, weights.question, spread(text.has_question), Vec::new()),
        (COMMENT, weights.comment, spread(post.is_comment()), Vec::new()),
        ("link", weights.link, spread(!seen.links.is_empty()), seen.links),
        ("hashtag", weights.hashtag, spread(!seen.hashtags.is_empty()), seen.hashtags),
        ("pictograph", weights.pictograph, spread(text.begins_with_pictograph), Vec::new()),
        ("price", weights.price, spread(!seen.prices.is_empty()), seen.prices),
        (
            "foreign",
            weights.foreign,
            spread(FOREIGN_SHARE <= share(seen.foreign, seen.words)),
            Vec::new(),
        ),
        ("names", weights.names, full_of_names, Vec::new()),
        ("quotes", weights.quotes, spread(text.has_quotes), Vec::new()),
    ];
    all.into_iter().filter(|(_, weight, value, _)| *weight != 0.0 && *value != 0.0).map(
        |(mark, weight, value, spans)| MarkMatch {
            mark: mark.into(),
            weight: weight * value,
            spans,
        },
    )
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// What the tokens show.
#[derive(Default)]
struct Seen {
    addresses: Vec<Span>,
    patronymics: Vec<Span>,
    links: Vec<Span>,
    hashtags: Vec<Span>,
    prices: Vec<Span>,
    words: usize,
    foreign: usize,
    /// Words that do not begin a sentence, and the names among them.
    inner: usize,
    names: usize,
}

impl Seen {
    /// 0..=1: the share of names, as far as it goes.
    fn full_of_names(&self) -> f64 {
        match self.inner < NAMES_WORDS_MIN {
            true => 0.0,
            false => (share(self.names, self.inner) / NAMES_SHARE).min(1.0),
        }
    }

    fn of(text: &str, tokens: &[Token]) -> Seen {
        let mut seen = Seen::default();
        for (at, token) in tokens.iter().enumerate() {
            match token.kind {
                TokenKind::Word => seen.word(text, tokens, at),
                TokenKind::Number => seen.number(text, tokens, at),
                TokenKind::Hashtag => add(&mut seen.hashtags, token.span),
                TokenKind::Link => add(&mut seen.links, token.span),
                TokenKind::Mention | TokenKind::Email => {}
            }
        }
        seen
    }

    fn word(&mut self, text: &str, tokens: &[Token], at: usize) {
        let token = &tokens[at];
        self.words += 1;
        self.foreign += usize::from(token.normal.is_ascii());
        let begins = at == 0 || tokens[at - 1].sentence != token.sentence;
        let is_name = begins_upper(token, text);
        if !begins {
            self.inner += 1;
            self.names += usize::from(is_name);
        }
        if at < ADDRESSED_TOKENS && is_name && is_patronymic(&token.normal) {
            add(&mut self.patronymics, token.span);
        }
        if is_name && before(tokens, at).is_some_and(|one| is_street_word(&one.normal)) {
            add(&mut self.addresses, Span { start: tokens[at - 1].span.start, ..token.span });
        }
    }

    fn number(&mut self, text: &str, tokens: &[Token], at: usize) {
        let token = &tokens[at];
        let next = tokens.get(at + 1).filter(|next| next.sentence == token.sentence);
        let after = text.get(token.span.end as usize..).unwrap_or("").trim_start();
        if after.starts_with(['₽', '$', '€', '%'])
            || next.is_some_and(|next| is_money(&next.normal))
        {
            add(&mut self.prices, token.span);
        } else if is_house(&token.normal) && !next.is_some_and(|next| is_counted(&next.normal)) {
            let named = before(tokens, at).is_some_and(|one| names_a_house(one, text))
                || next.is_some_and(|next| is_part_of_house(&next.normal));
            if named {
                add(&mut self.addresses, token.span);
            }
        }
    }
}

fn add(spans: &mut Vec<Span>, span: Span) {
    if spans.len() < SHOWN {
        spans.push(span);
    }
}

fn before(tokens: &[Token], at: usize) -> Option<&Token> {
    let one = tokens.get(at.checked_sub(1)?)?;
    (one.sentence == tokens[at].sentence).then_some(one)
}

fn begins_upper(token: &Token, text: &str) -> bool {
    token.span.of(text).chars().next().is_some_and(is_capital)
}

/// «Владимир Евгеньевич», «Анна Петровна».
fn is_patronymic(word: &str) -> bool {
    const ENDINGS: [&str; 6] = ["ович", "евич", "ьич", "овна", "евна", "ична"];
    const MIN_BYTES: usize = 14;
    word.len() >= MIN_BYTES && ENDINGS.iter().any(|ending| word.ends_with(ending))
}

/// Words after which a name is a street's, a village's or an estate's.
fn is_street_word(word: &str) -> bool {
    const SHORT: [&str; 10] =
        ["ул", "пер", "мкр", "просп", "наб", "снт", "пгт", "мкрн", "ст", "бул"];
    const STARTS: [&str; 9] = [
        "улиц",
        "переул",
        "проспект",
        "микрорайон",
        "посел",
        "деревн",
        "бульвар",
        "шоссе",
        "станиц",
    ];
    SHORT.contains(&word) || STARTS.iter().any(|start| word.starts_with(start))
}

/// «д 5», «дом 5», «подъезд 2», «Кирова 50», «ул. Кирова, 50».
fn names_a_house(word: &Token, text: &str) -> bool {
    const HOUSE_WORDS: [&str; 17] = [
        "д",
        "дом",
        "дома",
        "доме",
        "дому",
        "домом",
        "домах",
        "домов",
        "домам",
        "корп",
        "корпус",
        "кв",
        "квартира",
        "квартире",
        "подъезд",
        "подъезде",
        "мкр",
    ];
    const NAME_MIN_BYTES: usize = 8;
    const OTHERS: [&str; 6] = ["россии", "школа", "канал", "телефон", "номер", "возраст"];
    word.kind == TokenKind::Word
        && (HOUSE_WORDS.contains(&&*word.normal)
            || is_street_word(&word.normal)
            || (word.normal.len() >= NAME_MIN_BYTES
                && !word.normal.is_ascii()
                && !OTHERS.contains(&&*word.normal)
                && begins_upper(word, text)
                && ends_like_a_street(&word.normal)))
}

/// Streets are called after people («Кирова», «Гоголя») or by adjectives.
fn ends_like_a_street(word: &str) -> bool {
    const ENDINGS: [&str; 15] = [
        "ова", "ира", "ева", "ина", "ына", "ая", "ой", "ую", "ого", "ия", "ля", "на", "ка", "да",
        "ы",
    ];
    ENDINGS.iter().any(|ending| word.ends_with(ending))
}

/// «5 подъезд», «9 этаж», «14 дом».
fn is_part_of_house(word: &str) -> bool {
    ["подъезд", "этаж", "дом", "дома", "доме", "квартал", "микрорайон"]
        .iter()
        .any(|start| word.starts_with(start) && word.len() <= start.len() + 4)
}

/// At most three digits, with a letter or a fraction.
fn is_house(number: &str) -> bool {
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &number[digits..];
    number[..digits].parse::<u32>().is_ok_and(|value| 0 < value && value <= HOUSE_MAX)
        && !rest.contains(['.', ':'])
}

fn is_month(word: &str) -> bool {
    MONTHS.contains(&word)
}

fn is_money(word: &str) -> bool {
    const MONEY: [&str; 9] =
        ["руб", "рублей", "рубля", "рубль", "тыс", "млн", "млрд", "долларов", "евро"];
    MONEY.contains(&word)
}

/// What is counted or dated rather than lived in.
fn is_counted(word: &str) -> bool {
    const UNITS: [&str; 24] = [
        "год",
        "года",
        "лет",
        "году",
        "день",
        "дня",
        "дней",
        "час",
        "часа",
        "часов",
        "минут",
        "раз",
        "раза",
        "человек",
        "км",
        "кг",
        "метров",
        "м",
        "процентов",
        "градусов",
        "место",
        "недели",
        "месяц",
        "месяцев",
    ];
    UNITS.contains(&word) || is_month(word)
}

/// What the letters show.
#[derive(Default)]
struct Letters {
    has_question: bool,
    has_quotes: bool,
    begins_with_pictograph: bool,
}

impl Letters {
    fn of(text: &str) -> Letters {
        let has = |sign: char| text.contains(sign);
        Letters {
            has_question: has('?'),
            has_quotes: has('«') || has('"') || has('“'),
            begins_with_pictograph: text.trim_start().chars().next().is_some_and(is_pictograph),
        }
    }
}

fn is_pictograph(sign: char) -> bool {
    matches!(sign, '\u{203c}' | '\u{2049}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}'
        | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::model::post::{Network, PostKey};
    use crate::model::time::Timestamp;
    use crate::rules::text::tokens::tokenise;

    use super::*;

    const WEIGHTS: MarkWeights = MarkWeights {
        address: 1.0,
        patronymic: 1.0,
        question: 1.0,
        comment: 1.0,
        link: 1.0,
        hashtag: 1.0,
        pictograph: 1.0,
        price: 1.0,
        foreign: 1.0,
        names: 1.0,
        quotes: 1.0,
    };

    fn post(text: &str) -> Post {
        let key = PostKey { network: Network("vk".to_owned()), native_id: "1".to_owned() };
        Post::of_text(key, text.to_owned(), Timestamp::UNIX_EPOCH)
    }

    fn check(text: &str, expected: &[&str]) {
        let found = marks(&post(text), &tokenise(text), &WEIGHTS);
        let names: Vec<_> = found.map(|mark| mark.mark).collect();
        assert_eq!(names, expected, "{text}");
    }

    #[test]
    fn addresses() {
        for text in [
            "Кирова 50, тепла нет",
            "на ул. Ленина темно",
            "дом 7а по Садовой",
            "во дворе д.12",
            "во 2 подъезде грязно",
            "деревня Ивановка без воды",
            "Мира, 12 лифт стоит",
        ] {
            check(text, &["address"]);
        }
        for text in
            ["прошло 5 лет", "Ждём 40 минут", "Победа 12 июня", "осталось 3 места", "в 18.00"]
        {
            check(text, &[]);
        }
    }

    #[test]
    fn the_other_marks() {
        check("Владимир Петрович, помогите", &["patronymic"]);
        check("сколько можно?", &["question"]);
        check("смотрите https://x.ru/a", &["link"]);
        check("#новости дня", &["hashtag"]);
        check("⚡️ Срочно", &["pictograph"]);
        check("коляска за 5000 руб", &["price"]);
        check("скидка 30%", &["price"]);
        check("Karjalan kielen koti kutsuu", &["foreign"]);
        check("кафе «Весна» закрыто", &["quotes"]);
        check("", &[]);
        let names = "Вчера Иван Петров и Анна Смирнова из Москвы встретили Олега Орлова в Сочи";
        check(names, &["names"]);
    }

    #[test]
    fn a_mark_without_a_weight_is_not_told() {
        let text = "Кирова 50?";
        let none = marks(&post(text), &tokenise(text), &MarkWeights::default());
        assert_eq!(none.count(), 0);
    }

    proptest! {
        #[test]
        fn spans_lie_in_the_text(text in "\\PC{0,80}") {
            for mark in marks(&post(&text), &tokenise(&text), &WEIGHTS) {
                for span in mark.spans {
                    prop_assert!(!span.of(&text).is_empty());
                }
            }
        }
    }
}
