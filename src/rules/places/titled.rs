//! Objects that have names: «остановка Рынок», «садик Рябинка», «СНТ
//! «Берёзка»», «Пролетарский сквер», «автодорога Курск — Чаплыгино».

use super::kinds::{self, Gender, Kind};
use super::nominative;
use super::objects::{Mention, kind_word};
use super::reading::{Reading, is_quote};
use super::vocabulary as words;

/// Longest form of a kind word: «маршруточками» is as long as it gets.
pub(super) const KIND_LETTERS_MAX: usize = 14;
/// Words of a title, and of one that stands in quotation marks.
const WORDS_MAX: usize = 3;
const QUOTED_WORDS_MAX: usize = 5;

/// Kinds: their normal form and the beginnings of the word; short ones are whole words.
const TITLED: [(&str, &[&str]); 26] = [
    ("детский сад", &["садик", "детсад", "детсадик"]),
    ("санаторий", &["санатори"]),
    ("кинотеатр", &["кинотеатр"]),
    ("стадион", &["стадион"]),
    ("торговый центр", &["тц", "трц", "тк", "трк"]),
    ("дом культуры", &["дк"]),
    ("магазин", &["магазин"]),
    ("гипермаркет", &["гипермаркет", "супермаркет"]),
    ("парк", &["парк"]),
    ("сквер", &["сквер"]),
    ("завод", &["завод"]),
    ("микрорайон", &["микрорайон", "мкр", "мкрн"]),
    ("жилой комплекс", &["жк"]),
    ("СНТ", &["снт", "днт", "днп", "тсн", "сдт"]),
    ("аптека", &["аптек"]),
    ("кафе", &["кафе"]),
    ("гостиница", &["гостиниц", "отел"]),
    ("кладбище", &["кладбищ"]),
    ("озеро", &["озер"]),
    ("река", &["река", "реки", "реке", "реку"]),
    ("пляж", &["пляж"]),
    ("лагерь", &["лагер"]),
    ("аэропорт", &["аэропорт"]),
    ("кольцо", &["кольцо", "кольца", "кольце"]),
    ("бассейн", &["бассейн"]),
    ("заправка", &["заправк", "азс"]),
];
/// Beginnings of words that begin as a kind does.
const NOT_TITLED: [&str; 8] =
    ["парков", "паркин", "заводс", "заводи", "озерн", "озерк", "аптечк", "паркет"];

/// What a place is when its adjective stands first: «Пролетарский сквер».
const DESCRIBED: [(&str, Gender, &[&str]); 14] = [
    ("больница", Gender::She, &["больница", "больницы", "больнице", "больницу"]),
    ("поликлиника", Gender::She, &["поликлиника", "поликлиники", "поликлинике", "поликлинику"]),
    ("школа", Gender::She, &["школа", "школы", "школе", "школу"]),
    ("трасса", Gender::She, &["трасса", "трассы", "трассе", "трассу"]),
    ("роща", Gender::She, &["роща", "рощи", "роще", "рощу"]),
    ("дамба", Gender::She, &["дамба", "дамбы", "дамбе", "дамбу"]),
    ("парк", Gender::He, &["парк", "парка", "парке", "парку"]),
    ("сквер", Gender::He, &["сквер", "сквера", "сквере", "скверу"]),
    ("рынок", Gender::He, &["рынок", "рынка", "рынке", "рынку"]),
    ("мост", Gender::He, &["мост", "моста", "мосту", "мосте", "мостом"]),
    ("вокзал", Gender::He, &["вокзал", "вокзала", "вокзале", "вокзалу"]),
    ("пляж", Gender::He, &["пляж", "пляжа", "пляже"]),
    ("кладбище", Gender::It, &["кладбище", "кладбища", "кладбищу"]),
    ("озеро", Gender::It, &["озеро", "озера", "озере", "озеру"]),
];

/// Beginnings of adjectives that say what an object is, not which one.
const NOT_NAMING: [&str; 12] = [
    "детск",
    "взросл",
    "музыкальн",
    "средн",
    "начальн",
    "спортивн",
    "художествен",
    "городск",
    "районн",
    "областн",
    "общеобразоват",
    "платн",
];

/// Chains of shops, known in small letters too.
const CHAINS: [&str; 12] = [
    "магнит",
    "пятерочка",
    "пятерочки",
    "лента",
    "дикси",
    "перекресток",
    "светофор",
    "ашан",
    "чижик",
    "верный",
    "вкусвилл",
    "линия",
];

/// Nouns that end the name of a stop: «Льговский поворот».
const STOP_NOUNS: [&str; 16] = [
    "поворот",
    "рынок",
    "вокзал",
    "мост",
    "парк",
    "озеро",
    "переезд",
    "кольцо",
    "бульвар",
    "микрорайон",
    "завод",
    "площадь",
    "сад",
    "проезд",
    "больница",
    "школа",
];

/// An object with a name at token `at`.
pub(super) fn at(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    stop(reading, at)
        .or_else(|| road(reading, at))
        .or_else(|| titled(reading, at))
        .or_else(|| described(reading, at))
}

/// «остановка Рынок», «ост. «Площадь Победы»».
fn stop(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let word = reading.word(at);
    let is_stop = word.starts_with("остановк") || (word == "ост" && reading.is_point_after(at));
    if !is_stop || word.chars().count() > 11 {
        return None;
    }
    let skipped = reading.starts_any(at + 1, &["автобус", "общественн", "транспорт", "трамва"]);
    let start = at + 1 + usize::from(skipped);
    let end = quoted_end(reading, start).or_else(|| stop_end(reading, at, start))?;
    Some(mention("остановка", reading, at, start, end, "stop_named"))
}

/// «Льговский поворот», «40 лет Октября», «ул. Запольная», «пл. Рокоссовского».
fn stop_end(reading: &Reading<'_>, at: usize, start: usize) -> Option<usize> {
    let is_near = start < reading.tokens.len()
        && reading.is_together(at, start)
        && reading.is_close(start - 1, start)
        && !reading.between(start - 1, start).contains(',');
    if !is_near {
        return None;
    }
    let kind = kinds::street_kind(reading, start);
    let name = start + kind.map_or(0, |kind| kind.tokens);
    if reading.is_number(name) && reading.word(name + 1) == "лет" {
        return Some(name + 2 + usize::from(reading.is_name_like(name + 2)));
    }
    let mut end = name;
    while end < name + WORDS_MAX && is_title_word(reading, start, end) {
        end += 1;
    }
    if end > name && reading.is_number(end) && reading.is_adjoining(end - 1, end) {
        return Some(end + 1);
    }
    // «Дальние Парки», «Центральный рынок»: the noun may be small.
    let is_described = |first: usize| {
        kinds::is_adjective_form(reading.word(first))
            && STOP_NOUNS.contains(&reading.word(first + 1))
            && reading.is_adjoining(first, first + 1)
    };
    match end > name {
        true if end == name + 1 && is_described(name) => Some(end + 1),
        true => Some(end),
        false if is_described(name) => Some(name + 2),
        false => None,
    }
}

fn is_title_word(reading: &Reading<'_>, start: usize, at: usize) -> bool {
    let word = reading.word(at);
    reading.is_name_like(at)
        && word.chars().count() > 1
        && !words::is_function(word)
        && !words::is_told(word)
        && !(at > start && words::is_no_name(word))
        && (at == start || reading.is_close(at - 1, at))
        && reading.is_together(start, at)
        && !(at > start && reading.between(at - 1, at).contains([',', '(', ':']))
}

/// The end of a title that a quotation mark opens before `start` and another closes.
fn quoted_end(reading: &Reading<'_>, start: usize) -> Option<usize> {
    let opens = start > 0
        && start < reading.tokens.len()
        && reading.between(start - 1, start).contains(is_quote);
    if !opens {
        return None;
    }
    (start + 1..=start + QUOTED_WORDS_MAX).find(|&end| {
        end <= reading.tokens.len() && reading.after(end - 1).trim_start().starts_with(is_quote)
    })
}

/// «автодорога Курск — Чаплыгино», «трасса М-4», «12-й км трассы Орёл — Тамбов».
fn road(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let word = reading.word(at);
    let is_short = word == "а" && reading.word(at + 1) == "д" && reading.between(at, at + 1) == "/";
    let name = match word {
        _ if is_short => "автодорога",
        _ if word.starts_with("автодорог") || word.starts_with("автомагистрал") => {
            "автодорога"
        }
        _ if word.starts_with("трасс") => "трасса",
        _ if word.starts_with("маршрут") => "маршрут",
        _ => return None,
    };
    let start = at + 1 + usize::from(is_short);
    let end = ends_of_road(reading, start)?;
    let mut found = mention(name, reading, at, start, end, "object_named");
    found.name = found.name.replace(" - ", "-").replace(" – ", "-").replace(" — ", "-");
    if let Some(kilometre) = kilometre(reading, at) {
        found.name.push_str(&format!(", {} км", reading.word(kilometre)));
        found.start = kilometre;
    }
    Some(found)
}

/// «на 12-м км …», «5 километр …»: the number's token before the road at `at`.
fn kilometre(reading: &Reading<'_>, at: usize) -> Option<usize> {
    let number = at.checked_sub(2)?;
    let is_unit = reading.word(at - 1) == "км" || reading.word(at - 1).starts_with("километр");
    (is_unit && reading.is_number(number) && reading.is_adjoining(number, at - 1)).then_some(number)
}

/// «Курск — Чаплыгино» joined by a dash, or «М-4», «Р298».
fn ends_of_road(reading: &Reading<'_>, start: usize) -> Option<usize> {
    let is_named = reading.is_name_like(start) && reading.is_close(start - 1, start);
    if !is_named {
        return None;
    }
    let is_dash = |at: usize| matches!(reading.between(at, at + 1).trim(), "-" | "–" | "—");
    let is_letter = matches!(reading.word(start), "м" | "р" | "а" | "m" | "p" | "a");
    if is_letter && reading.is_number(start + 1) && reading.between(start, start + 1).len() <= 1 {
        return Some(start + 2);
    }
    (is_dash(start) && reading.is_name_like(start + 1)).then_some(start + 2)
}

/// «садик Рябинка», «в детсаду «Золотой ключик»», «магазин магнит».
fn titled(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    // Nearly every token ends here: neither a name nor a quotation mark follows.
    let may_open = |next: usize| {
        reading.is_name_like(next) || reading.between(next - 1, next).contains(is_quote)
    };
    if !may_open(at + 1) && !may_open(at + 2) && !reading.word(at).starts_with("магазин") {
        return None;
    }
    let (kind, length) = title_kind(reading, at)?;
    let start = at + length;
    if !reading.is_together(at, start) {
        return None;
    }
    let end = quoted_end(reading, start).or_else(|| {
        let is_chain = kind == "магазин" && CHAINS.contains(&reading.word(start));
        let is_close = reading.is_close(start - 1, start)
            && !reading.between(start - 1, start).contains([',', ':'])
            && (reading.word(start - 1).chars().count() <= 4 || !reading.is_point_after(start - 1));
        let is_name =
            is_chain || (is_title_word(reading, start, start) && !is_verbose(reading, start));
        (is_close && is_name).then(|| title_end(reading, start))
    })?;
    Some(mention(kind, reading, at, start, end, "object_named"))
}

/// The first word, and a second one where the first is its adjective.
fn title_end(reading: &Reading<'_>, start: usize) -> usize {
    let next = start + 1;
    let word = reading.word(start);
    let is_joined = reading.is_word(next) && reading.between(start, next) == "-";
    let goes_on = reading.is_capital(next)
        && reading.is_adjoining(start, next)
        && kinds::is_adjective_form(word)
        && !words::is_no_name(reading.word(next));
    next + usize::from(goes_on || is_joined)
}

/// «парк Анна», «завод В»: too little to be a title.
fn is_verbose(reading: &Reading<'_>, at: usize) -> bool {
    words::is_no_name(reading.word(at)) || reading.is_loud(at)
}

fn title_kind(reading: &Reading<'_>, at: usize) -> Option<(&'static str, usize)> {
    let word = reading.word(at);
    let known = TITLED.iter().find(|(_, starts)| {
        starts.iter().any(|start| match start.chars().count() {
            0..=3 => word == *start,
            _ => word.starts_with(start),
        })
    });
    match known {
        Some(_) if word.chars().count() > KIND_LETTERS_MAX => None,
        Some(_) if reading.starts_any(at, &NOT_TITLED) => None,
        Some((kind, _)) => Some((kind, 1)),
        None => kind_word(reading, at).filter(|(kind, _)| *kind == "детский сад"),
    }
}

/// «Пролетарский сквер», «Глебовская школа», «Щигровской трассы».
fn described(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    if !reading.is_capital(at) || !reading.is_adjoining(at, at + 1) {
        return None;
    }
    let word = reading.word(at);
    let noun = reading.word(at + 1);
    let (name, gender, _) = DESCRIBED.iter().find(|(_, _, forms)| forms.contains(&noun))?;
    let is_of_place = word.contains("ск") || !reading.is_sentence_start(at);
    let is_adjective = kinds::is_adjective_form(word)
        && !kinds::is_common_adjective(word)
        && !words::is_no_name(word)
        && !reading.starts_any(at, &NOT_NAMING);
    if !is_of_place || !is_adjective {
        return None;
    }
    let kind = Kind { name: "", gender: *gender, tokens: 0 };
    let adjective = nominative::street_before(&reading.written(at, at + 1), kind);
    Some(Mention { name: format!("{adjective} {name}"), ..bare(at, at + 2, "object_named") })
}

fn mention(
    kind: &str,
    reading: &Reading<'_>,
    at: usize,
    start: usize,
    end: usize,
    because: &'static str,
) -> Mention {
    let title = first_capital(&reading.written(start, end));
    Mention { name: format!("{kind} {title}"), ..bare(at, end, because) }
}

fn first_capital(title: &str) -> String {
    let mut letters = title.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn bare(start: usize, end: usize, because: &'static str) -> Mention {
    let (name, settlements, local_names) = (String::new(), Vec::new(), Vec::new());
    Mention { start, end, name, settlements, local_names, said: None, because }
}
