//! House numbers: «5», «д. 12а», «дом №12/3 корп. 2», «у пятого дома». And what
//! looks like one and is not: minutes, dates, routes, prices.

use crate::rules::text::tokens::TokenKind;

use super::classes::Classes;
use super::reading::{Reading, is_quote};
use super::vocabulary;

/// A house number in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct House {
    /// `12/3 к2`
    pub number: String,
    pub start: usize,
    pub end: usize,
}

/// Houses of one street in one enumeration.
const HOUSES_MAX: usize = 8;
/// How far the numbers of «15-17» may be apart.
const BESIDE_MAX: u32 = 8;
/// Longer numbers are years, telephones and sums.
const DIGITS_MAX: usize = 3;

const HOUSE_WORDS: [&str; 18] = [
    "д",
    "дом",
    "дома",
    "доме",
    "дому",
    "домом",
    "домов",
    "домах",
    "домами",
    "домам",
    "здание",
    "здания",
    "здании",
    "зд",
    "вл",
    "влад",
    "владение",
    "владения",
];
/// Before «31 дома» they make one house of what would be thirty-one.
const ONE_HOUSE_PREPOSITIONS: [&str; 18] = [
    "от",
    "до",
    "с",
    "у",
    "около",
    "возле",
    "напротив",
    "за",
    "из",
    "к",
    "в",
    "рядом",
    "против",
    "между",
    "перед",
    "под",
    "над",
    "и",
];
/// Before a number they make a house of it, where a street is named.
const BESIDE: [&str; 5] = ["у", "возле", "около", "напротив", "против"];
const BUILDING_WORDS: [&str; 6] = ["к", "кор", "корп", "корпус", "корпуса", "корпусе"];
const STRUCTURE_WORDS: [&str; 3] = ["стр", "строение", "строении"];

/// Beginnings of words after a number that make it an amount.
const UNITS: [&str; 44] = [
    "минут",
    "мин",
    "час",
    "сут",
    "дн",
    "день",
    "недел",
    "месяц",
    "год",
    "лет",
    "руб",
    "тыс",
    "млн",
    "процент",
    "метр",
    "км",
    "человек",
    "чел",
    "раз",
    "школ",
    "гимнази",
    "лице",
    "садик",
    "автобус",
    "маршрут",
    "троллейбус",
    "маршрутк",
    "этаж",
    "подъезд",
    "подьезд",
    "класс",
    "январ",
    "феврал",
    "март",
    "апрел",
    "мая",
    "июн",
    "июл",
    "август",
    "сентябр",
    "октябр",
    "ноябр",
    "декабр",
    "градус",
];

pub(super) fn is_house_word(word: &str) -> bool {
    HOUSE_WORDS.contains(&word)
}

/// The number directly after a street's name, with or without «дом».
pub(super) fn follows(reading: &Reading<'_>, at: usize) -> Option<House> {
    let word = HOUSE_WORDS.contains(&reading.word(at));
    let start = past_number_sign(reading, if word { at + 1 } else { at });
    if start == 0 || start >= reading.tokens.len() || !reading.is_close(at.max(1) - 1, at) {
        return None;
    }
    if word && !reading.is_close(start - 1, start) {
        return None;
    }
    // «…: 1. Закрывает» numbers what follows.
    let is_item = reading.between(at.max(1) - 1, at).contains(':')
        && reading.after(start).starts_with(['.', ')']);
    // «до Садовой - 5 маршруток»: a dash with spaces begins something else.
    let gap = reading.between(at.max(1) - 1, at);
    let is_broken = !word
        && (gap.contains(" -") || gap.contains('–'))
        && !reading.is_phrase_end(start)
        && !vocabulary::is_apart(reading.word(start + 1));
    if is_item || is_broken {
        return None;
    }
    let house = number(reading, start, word)?;
    Some(House { start: at, ..house })
}

/// All numbers after a street's name: «5, 7 и 9».
pub(super) fn all(reading: &Reading<'_>, at: usize) -> Vec<House> {
    let mut houses: Vec<House> = Vec::new();
    let mut next = at;
    while houses.len() < HOUSES_MAX {
        let is_flat = |last: &House| is_flat(reading, last, next);
        if houses.last().is_some_and(is_flat) {
            break;
        }
        let joined = !houses.is_empty() && reading.word(next) == "и";
        let Some(house) = follows(reading, next + usize::from(joined)) else { break };
        next = house.end;
        houses.push(house);
    }
    houses
}

/// «Мира 5-12» is a house and a flat, «Мира 15-17» two houses side by side.
fn is_flat(reading: &Reading<'_>, last: &House, next: usize) -> bool {
    let digits = |number: &str| -> u32 {
        let end = number.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(number.len());
        number[..end].parse().unwrap_or(0)
    };
    let (one, other) = (digits(&last.number), digits(reading.word(next)));
    let is_beside = other >= one && other - one <= BESIDE_MAX && (other - one) % 2 == 0;
    reading.between(next - 1, next) == "-" && !is_beside
}

/// Whether a house may stand at a token: nearly all are neither a number nor
/// beside the word.
pub(super) fn may_be_at(reading: &Reading<'_>, at: usize) -> bool {
    reading.is_number(at)
        || reading.may_be(at, Classes::HOUSE)
        || reading.may_be(at + 1, Classes::HOUSE)
}

/// A house that is named by its word: «дом 5», «пятый дом», «5-й дом».
pub(super) fn by_word(reading: &Reading<'_>, at: usize) -> Option<House> {
    if HOUSE_WORDS.contains(&reading.word(at)) {
        let next = past_number_sign(reading, at + 1);
        let is_close = next < reading.tokens.len() && reading.is_close(next - 1, next);
        let house = is_close.then(|| number(reading, next, true)).flatten()?;
        return Some(House { start: at, ..house });
    }
    let is_before =
        HOUSE_WORDS[1..].contains(&reading.word(at + 1)) && reading.is_close(at, at + 1);
    if !is_before {
        return None;
    }
    let number = match ordinal(reading.word(at)) {
        Some(number) => number.to_string(),
        None if reading.is_ordinal_number(at)
            || is_one_house(reading, at)
            || is_the_house(reading, at) =>
        {
            reading.word(at).to_owned()
        }
        None => return None,
    };
    Some(House { number, start: at, end: at + 2 })
}

/// «дом N 5», «дома н-р 56», «дом номер 5»: where the number itself stands.
fn past_number_sign(reading: &Reading<'_>, at: usize) -> usize {
    match reading.word(at) {
        "n" | "no" | "номер" | "номера" | "номером" | "нр" => at + 1,
        // «под. 2» is a front door, «под 100 машин» an amount.
        "под" if reading.word(at + 1) == "номером" => at + 2,
        "н" if reading.word(at + 1) == "р" => at + 2,
        _ => at,
    }
}

/// «5 дом по Садовой»: of five there would be «домов», but one is «21 дом» too.
fn is_the_house(reading: &Reading<'_>, at: usize) -> bool {
    let number = reading.word(at);
    let is_one = number.ends_with('1') && !number.ends_with("11");
    reading.word(at + 1) == "дом"
        && reading.is_number(at)
        && is_house_number(number)
        && !is_one
        && !(at > 0 && reading.is_number(at - 1))
}

/// «напротив 31 дома»
fn is_one_house(reading: &Reading<'_>, at: usize) -> bool {
    at > 0
        && ONE_HOUSE_PREPOSITIONS.contains(&reading.word(at - 1))
        && ["дома", "дому", "доме", "домом"].contains(&reading.word(at + 1))
        // «за 4 дома от нас» are four.
        && !(reading.word(at - 1) == "за" && reading.word(at + 1) == "дома")
        && reading.tokens[at].kind == TokenKind::Number
        && is_house_number(reading.word(at))
}

/// The numbers that go on after a house that is named by its word: «домов 71, 73 и 75».
pub(super) fn with_further(reading: &Reading<'_>, first: House) -> Vec<House> {
    let mut houses = vec![first];
    while houses.len() < HOUSES_MAX {
        let end = houses.last().map_or(0, |house| house.end);
        let joined = reading.word(end) == "и" || reading.word(end) == "или";
        let has_comma = reading.between(end - 1, end).contains(',');
        let next = end + usize::from(joined);
        let further = (joined || has_comma).then(|| follows(reading, next)).flatten();
        let Some(house) = further else { break };
        houses.push(house);
    }
    houses
}

fn number(reading: &Reading<'_>, at: usize, has_word: bool) -> Option<House> {
    let token = reading.tokens.get(at)?;
    let is_number = token.kind == TokenKind::Number && is_house_number(&token.normal);
    // «дома 3-х месячный ребёнок»
    let is_count = reading.raw(at).ends_with(['х', 'Х']);
    // «д. 1-я Берёзовка» is a village.
    let is_name = reading.is_ordinal_number(at)
        && reading.is_capital(at + 1)
        && reading.is_adjoining(at, at + 1);
    // «39-96-98» is called, not visited.
    let is_telephone = (at + 1..at + 3)
        .all(|next| reading.is_number(next) && reading.between(next - 1, next) == "-");
    if !is_number || is_count || is_name || is_telephone || (!has_word && is_amount(reading, at)) {
        return None;
    }
    let mut house = House { number: token.normal.to_string(), start: at, end: at + 1 };
    take_odd_fraction(reading, &mut house);
    take_glued_part(reading, &mut house);
    take_letter(reading, &mut house);
    take_part(reading, &mut house, &BUILDING_WORDS, "к");
    take_part(reading, &mut house, &STRUCTURE_WORDS, "с");
    Some(house)
}

/// «… у 85-го», «… возле дома 12»: what follows at `at` leads to a house.
pub(super) fn is_near(reading: &Reading<'_>, at: usize) -> bool {
    BESIDE.contains(&reading.word(at))
        && (beside(reading, at + 1).is_some() || by_word(reading, at + 1).is_some())
}

fn is_house_number(normal: &str) -> bool {
    let digits = normal.bytes().take_while(u8::is_ascii_digit).count();
    (1..=DIGITS_MAX).contains(&digits)
        && !normal.starts_with('0')
        && !normal.contains(['.', ':'])
        && normal.split('/').all(|part| part.len() <= 6)
}

pub(super) fn is_amount(reading: &Reading<'_>, at: usize) -> bool {
    is_counted(reading, at)
        || reading.after(at).starts_with(['%', '°'])
        || reading.is_ordinal_number(at)
}

/// «40 минут», «3-й подъезд»: the number belongs to the word after it.
pub(super) fn is_counted(reading: &Reading<'_>, at: usize) -> bool {
    let next = reading.word(at + 1);
    // «19в подъезд 4»: nothing is counted with letters.
    let has_letter = reading.word(at).ends_with(char::is_alphabetic);
    at + 1 < reading.tokens.len()
        && !has_letter
        && reading.is_adjoining(at, at + 1)
        && UNITS.iter().any(|unit| next.starts_with(unit))
}

/// «у 85-го», «возле 23!»: a house without its word. Means one only where a
/// street is spoken of.
pub(super) fn beside(reading: &Reading<'_>, at: usize) -> Option<House> {
    let token = reading.tokens.get(at)?;
    let is_number = token.kind == TokenKind::Number && is_house_number(&token.normal);
    let before = if at > 0 { reading.word(at - 1) } else { "" };
    let leads = BESIDE.contains(&before) && reading.is_together(at - 1, at);
    // «около 20 машин» is an amount, «у 140 темно» is not.
    let is_clear = before == "у" || reading.is_ordinal_number(at) || reading.is_phrase_end(at);
    let stands = is_number && leads && is_clear && !is_counted(reading, at);
    stands.then(|| House { number: token.normal.to_string(), start: at, end: at + 1 })
}

fn houses_follow(reading: &Reading<'_>, at: usize) -> bool {
    reading.is_number(at) && !is_amount(reading, at)
}

/// «5 А», «5 "б"»: a capital or quoted letter by itself.
fn take_letter(reading: &Reading<'_>, house: &mut House) {
    let at = house.end;
    let plain = house.number.bytes().all(|byte| byte.is_ascii_digit());
    let Some(token) = reading.tokens.get(at).filter(|token| token.kind == TokenKind::Word) else {
        return;
    };
    let gap = reading.between(at - 1, at);
    let is_quoted = gap.contains(is_quote);
    // «38 А Дейнеки 1»: another address follows, no sentence.
    let is_apart =
        reading.is_phrase_end(at) || (reading.is_capital(at + 1) && houses_follow(reading, at + 2));
    let is_letter = token.normal.chars().count() == 1
        && (is_quoted || (reading.is_capitalised(at) && gap == " "))
        && match &*token.normal {
            "б" | "г" | "д" | "е" | "ж" => true,
            "а" | "в" | "и" | "к" => is_quoted || is_apart,
            "з" | "л" | "м" | "н" | "п" | "р" => reading.is_phrase_end(at),
            _ => false,
        };
    if plain && is_letter {
        house.number.push_str(&token.normal);
        house.end += 1;
    }
}

/// «66\\8», «97|2»: a stroke of another kind.
fn take_odd_fraction(reading: &Reading<'_>, house: &mut House) {
    let next = house.end;
    let is_stroke = matches!(reading.between(next - 1, next), "\\" | "|");
    if is_stroke && reading.is_number(next) && is_house_number(reading.word(next)) {
        house.number.push_str(&format!("/{}", reading.word(next)));
        house.end += 1;
    }
}

/// «13к1»: the letter is no letter of the house's but leads to its building.
fn take_glued_part(reading: &Reading<'_>, house: &mut House) {
    let mark = house.number.chars().last().filter(|mark| matches!(mark, 'к' | 'с'));
    let next = house.end;
    let is_glued = reading.is_number(next)
        && reading.between(next - 1, next).is_empty()
        && is_house_number(reading.word(next));
    if let (Some(mark), true) = (mark, is_glued) {
        house.number.pop();
        house.number.push_str(&format!(" {mark}{}", reading.word(next)));
        house.end += 1;
    }
}

/// «корп. 2», «к2», «строение 1».
fn take_part(reading: &Reading<'_>, house: &mut House, words: &[&str], mark: &str) {
    let (word, number) = (house.end, house.end + 1);
    let stands = words.contains(&reading.word(word))
        && number < reading.tokens.len()
        && reading.tokens[number].kind == TokenKind::Number
        && is_house_number(reading.word(number))
        && reading.is_close(word - 1, word)
        && reading.is_close(word, number);
    if stands {
        house.number.push_str(&format!(" {mark}{}", reading.word(number)));
        house.end += 2;
    }
}

const ORDINALS: [&str; 20] = [
    "перв",
    "втор",
    "трет",
    "четверт",
    "пят",
    "шест",
    "седьм",
    "восьм",
    "девят",
    "десят",
    "одиннадцат",
    "двенадцат",
    "тринадцат",
    "четырнадцат",
    "пятнадцат",
    "шестнадцат",
    "семнадцат",
    "восемнадцат",
    "девятнадцат",
    "двадцат",
];
const ORDINAL_ENDINGS: [&str; 12] =
    ["ый", "ой", "ий", "ого", "ому", "ом", "ым", "ьего", "ьему", "ьем", "ьим", "ая"];

const TENS: [&str; 8] = [
    "двадцать",
    "тридцать",
    "сорок",
    "пятьдесят",
    "шестьдесят",
    "семьдесят",
    "восемьдесят",
    "девяносто",
];

/// «сорок восьмой» is 48: tens and a unit, two tokens.
pub(super) fn compound_ordinal(reading: &Reading<'_>, at: usize) -> Option<usize> {
    if !reading.may_be(at, Classes::ORDINAL) {
        return None;
    }
    let tens = TENS.iter().position(|tens| *tens == reading.word(at))? * 10 + 20;
    let unit = ordinal(reading.word(at + 1)).filter(|unit| *unit < 10)?;
    reading.is_adjoining(at, at + 1).then_some(tens + unit)
}

/// Whether a number in words may begin with the word.
pub(super) fn may_be_ordinal(word: &str) -> bool {
    TENS.contains(&word) || ordinal(word).is_some()
}

/// «пятого» is 5.
pub(super) fn ordinal(word: &str) -> Option<usize> {
    ORDINALS
        .iter()
        .position(|start| {
            let ending = word.strip_prefix(start);
            ending.is_some_and(|ending| {
                ORDINAL_ENDINGS.contains(&ending) || matches!(ending, "ую" | "ья" | "ью" | "ьей")
            })
        })
        .map(|index| index + 1)
}
