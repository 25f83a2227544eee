//! Objects that have names: «остановка Рынок», «садик Рябинка», «СНТ
//! «Берёзка»», «Пролетарский сквер», «автодорога Курск — Чаплыгино».

use super::beside;
use super::classes::Classes;
use super::declension::{self, Stand};
use super::highways::{ends_of_road, is_back, kilometre_of_highway, road};
use super::houses;
use super::kinds::{self, Gender, Kind};
use super::nominative;
use super::objects::{GARDENS, Mention, begins, kind_word};
use super::reading::{Reading, is_quote};
use super::titles::{
    CHAINS, DESCRIBED, HEALERS, HONOURS, HOSPITALS, LETTERED, NOT_NAMING, NOT_TITLED, ONLY,
    ONLY_LETTERS_MIN, OTHERS, SHORT, SIDES, STOP_NOUNS, TITLED, TWO_WORDS,
};
use super::vocabulary as words;
use super::{localities, town_forms};

/// Longest form of a kind word: «маршруточками» is as long as it gets.
pub(super) const KIND_LETTERS_MAX: usize = 14;
/// Words of a title, and of one that stands in quotation marks.
const WORDS_MAX: usize = 3;
const QUOTED_WORDS_MAX: usize = 5;

/// Whether a word begins as one does that a title or a number follows.
pub(super) fn may_begin(word: &str) -> bool {
    let titled = TITLED.iter().flat_map(|(_, starts)| starts.iter());
    let two_words = TWO_WORDS.iter().map(|(_, start, _)| start);
    let only = ONLY.iter().filter_map(|(_, starts)| starts.first());
    let hospitals = HOSPITALS.iter().map(|(_, start)| start);
    let kinds = titled.chain(two_words).chain(only).chain(hospitals);
    let mut starts = kinds.chain(&LETTERED).chain(&OTHERS).chain(&GARDENS);
    starts.any(|start| begins(word, start))
}

/// Whether a word is a place that its adjective names.
pub(super) fn may_be_described(word: &str) -> bool {
    DESCRIBED.iter().any(|(_, _, forms)| forms.contains(&word))
}

/// Whether an object with a name may stand at token `at`.
pub(super) fn may_be_at(reading: &Reading<'_>, at: usize) -> bool {
    may_be_titled(reading, at) || beside::may_be_at(reading, at)
}

fn may_be_titled(reading: &Reading<'_>, at: usize) -> bool {
    reading.may_be(at, Classes::TITLED)
        || reading.is_number(at)
        || reading.may_be(at + 1, Classes::DESCRIBED)
}

/// An object with a name at token `at`.
pub(super) fn at(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let led = || {
        stop(reading, at)
            .or_else(|| over_water(reading, at))
            .or_else(|| lettered(reading, at))
            .or_else(|| only(reading, at))
            .or_else(|| road(reading, at))
            .or_else(|| titled(reading, at))
            .or_else(|| of_healer(reading, at))
    };
    let found = if reading.may_be(at, Classes::TITLED) { led() } else { None };
    found
        .or_else(|| kilometre_of_highway(reading, at))
        .or_else(|| described(reading, at))
        .or_else(|| beside::at(reading, at))
}

/// «мост через реку Десна», «мост через р. Сож».
fn over_water(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let is_over = ["мост", "моста", "мосту", "мосте", "мостом"].contains(&reading.word(at))
        && reading.word(at + 1) == "через";
    // «мост через Волгу»
    if is_over && reading.is_capital(at + 2) && reading.is_adjoining(at + 1, at + 2) {
        let name = format!("мост через {}", reading.raw(at + 2));
        return Some(Mention { name, ..bare(at, at + 3, "object_named") });
    }
    let is_bridge = is_over
        && matches!(reading.word(at + 2), "реку" | "р" | "речку" | "ручей")
        && reading.is_capital(at + 3)
        && reading.is_close(at + 2, at + 3);
    let water = if reading.word(at + 2) == "ручей" { "ручей" } else { "реку" };
    is_bridge.then(|| {
        let name = format!("мост через {water} {}", reading.raw(at + 3));
        Mention { name, ..bare(at, at + 4, "object_named") }
    })
}

/// «ТЭЦ-1», «АПЗ - 20».
fn lettered(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let mark = reading.between(at, at + 1).trim();
    let is_named = reading.is_number(at + 1)
        && LETTERED.contains(&reading.word(at))
        && matches!(mark, "-" | "–" | "" | "№")
        // «на ТЭЦ 5 лет нет ремонта»
        && !(mark.is_empty() && houses::is_counted(reading, at + 1));
    is_named.then(|| {
        let name = format!("{}-{}", reading.word(at).to_uppercase(), reading.word(at + 1));
        Mention { name, ..bare(at, at + 2, "object_named") }
    })
}

/// «около вагонного депо», «до ж/д вокзала».
fn only(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    // Nearly every token ends here.
    let is_short = reading.word(at).len() <= 2 * ONLY_LETTERS_MIN;
    if is_short && !reading.word(at).starts_with('ж') {
        return None;
    }
    // «ж/д» is two words.
    let is_rail = reading.word(at) == "ж" && reading.word(at + 1) == "д";
    let second = at + 1 + usize::from(is_rail);
    let (name, starts) = ONLY.iter().find(|(_, starts)| match *starts {
        ["жд", other] if is_rail => reading.word(second).starts_with(other),
        [one, other] => {
            reading.word(at).starts_with(one)
                && reading.word(at + 1).starts_with(other)
                && reading.is_adjoining(at, at + 1)
                && !reading.word(at + 1).ends_with("ов")
        }
        [one] => reading.word(at).starts_with(one) && !reading.word(at).ends_with("ный"),
        _ => false,
    })?;
    // «рейс «рынок-жд вокзал»»: the end of a way.
    if at > 0 && matches!(reading.between(at - 1, at), "-" | "–" | " - " | " – " | " — ") {
        return None;
    }
    let mut end = if starts.len() == 1 { at + 1 } else { second + 1 };
    let mut name = (*name).to_owned();
    let mut town = None;
    // «жд вокзал Курск», not «на автовокзале Пятёрочка закрыта».
    if name.ends_with("вокзал")
        && reading.is_capital(end)
        && reading.is_adjoining(end - 1, end)
        && town_forms::is_known_form(reading.word(end))
    {
        name = format!("{name} {}", first_capital(reading.raw(end)));
        town = Some(end);
        end += 1;
    }
    Some(Mention { name, town, ..bare(at, end, "object_named") })
}

/// «остановка Рынок», «ост. «Площадь Победы»».
fn stop(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let word = reading.word(at);
    let is_stop = word.starts_with("остановк") || (word == "ост" && reading.is_point_after(at));
    if !is_stop || word.chars().count() > 11 {
        return None;
    }
    let is_of_lines =
        |at: &usize| reading.starts_any(*at, &["автобус", "общественн", "транспорт", "трамва"]);
    let start = at + 1 + (at + 1..at + 3).take_while(is_of_lines).count();
    let end = quoted_end(reading, start).or_else(|| stop_end(reading, at, start))?;
    let mut found = mention("остановка", reading, at, start, end, "stop_named");
    // «от остановки Метеостанции»
    if end == start + 1 && word == "остановки" && found.name.ends_with("ции") {
        found.name.truncate(found.name.len() - 'и'.len_utf8());
        found.name.push('я');
    }
    Some(found)
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
    let is_label = matches!(reading.between(end.max(1) - 1, end).trim(), "" | "№" | "-");
    if end > name && reading.is_number(end) && is_label {
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
        // «на остановке поликлиника темно»: a name does not bend.
        false => (STOP_NOUNS.contains(&reading.word(name)) && kind.is_none()).then_some(name + 1),
    }
}

fn is_title_word(reading: &Reading<'_>, start: usize, at: usize) -> bool {
    let word = reading.word(at);
    reading.is_name_like(at)
        && word.chars().count() > 1
        && !words::is_function(word)
        && !words::is_told(word)
        && !(at > start && reading.is_no_name(at))
        && (at == start || reading.is_close(at - 1, at))
        && reading.is_together(start, at)
        && !(at > start && reading.between(at - 1, at).contains([',', '(', ':']))
}

/// The end of a title that a quotation mark opens before `start` and another closes.
fn quoted_end(reading: &Reading<'_>, start: usize) -> Option<usize> {
    // «аэропорт (Восточный)»
    let is_bracketed = start > 0
        && reading.between(start - 1, start).ends_with('(')
        && reading.is_capital(start)
        && reading.after(start).starts_with(')');
    if is_bracketed {
        return Some(start + 1);
    }
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

/// «садик Рябинка», «в детсаду «Золотой ключик»», «магазин магнит».
fn titled(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    // Nearly every token ends here: neither a name nor a quotation mark follows.
    let may_open = |next: usize| {
        reading.is_name_like(next)
            || reading.between(next - 1, next).contains(|sign| is_quote(sign) || sign == '(')
    };
    let is_jubilee = reading.is_number(at + 1) && may_open(at + 3);
    if !may_open(at + 1)
        && !may_open(at + 2)
        && !is_jubilee
        && !reading.starts_any(at, &["магазин", "парк", "сквер", "стадион", "алле"])
    {
        return None;
    }
    let (kind, length) = title_kind(reading, at)?;
    let mut start = at + length;
    // «микрорайон г. Курска «Русская деревня»»
    let is_of_town = reading.word(start) == "г" && reading.is_capital(start + 1);
    let is_led_by_town = is_of_town && reading.between(start + 1, start + 2).contains(is_quote);
    if is_led_by_town {
        start += 2;
    }
    if !reading.is_together(at, start) {
        return None;
    }
    let jubilee = || {
        let stands = reading.is_number(start)
            && matches!(reading.word(start + 1), "лет" | "летия")
            && reading.is_capital(start + 2);
        stands.then_some(start + 3)
    };
    let end = quoted_end(reading, start).or_else(jubilee).or_else(|| {
        let is_chain = kind == "магазин" && CHAINS.contains(&reading.word(start));
        let is_close = reading.is_close(start - 1, start)
            && !reading.between(start - 1, start).contains([',', ':'])
            && (reading.word(start - 1).chars().count() <= 4 || !reading.is_point_after(start - 1));
        let is_honour = matches!(kind, "парк" | "сквер" | "стадион" | "аллея")
            && (HONOURS.contains(&reading.word(start)) || words::is_honoured(reading.word(start)));
        let is_name = is_chain
            || is_honour
            || (is_title_word(reading, start, start) && !is_verbose(reading, start));
        (is_close && is_name).then(|| title_end(reading, start))
    })?;
    let mut found = mention(kind, reading, at, start, end, "object_named");
    let is_of_town = matches!(kind, "микрорайон" | "станция" | "автостанция");
    if is_of_town && town_forms::is_known_form(reading.word(start)) {
        found.name = format!("{kind} {}", nominative_of_town(reading, start));
        found.town = Some(start);
    }
    if is_led_by_town {
        found.town = Some(start - 1);
    }
    // «заправка Газпром №416», «мик-н Льгов 2»
    let has_sign = reading.between(end - 1, end).contains('№');
    if reading.is_number(end)
        && (has_sign || (found.town.is_some() && reading.is_adjoining(end - 1, end)))
    {
        let sign = if has_sign { "№" } else { "" };
        found.name.push_str(&format!(" {sign}{}", reading.word(end)));
        found.end += 1;
    }
    if SHORT.contains(&reading.word(at)) {
        let title = found.name.strip_prefix(kind).unwrap_or_default();
        found.said = Some(format!("{}{title}", reading.word(at).to_uppercase()));
    }
    Some(found)
}

/// «маршруток Курск-Тёткино, Курск-Белгород», «магазинов Лента и Леруа»: what
/// one word announces.
pub(super) fn with_further(reading: &Reading<'_>, at: usize, first: Mention) -> Vec<Mention> {
    let mut all = vec![first];
    let is_many =
        ["ов", "ок", "ы", "ами", "ах", "ам", "и"].iter().any(|end| reading.word(at).ends_with(end));
    while is_many && all.len() < WORDS_MAX {
        let Some(last) = all.last() else { break };
        let is_and = reading.word(last.end) == "и";
        let start = last.end + usize::from(is_and);
        let is_joined = is_and || reading.between(last.end - 1, last.end).trim() == ",";
        let Some((kind, title)) = last.name.split_once(' ').filter(|_| is_joined) else { break };
        let is_road = title.contains('-');
        let end = match is_road {
            true => ends_of_road(reading, start),
            false => {
                (is_and && is_title_word(reading, start, start)).then(|| title_end(reading, start))
            }
        };
        let Some(end) = end else { break };
        let mut next = mention(kind, reading, start, start, end, last.because);
        if is_road {
            next.end += usize::from(is_back(reading, start, end));
        }
        all.push(next);
    }
    all
}

fn nominative_of_town(reading: &Reading<'_>, at: usize) -> String {
    declension::settlement(&reading.written(at, at + 1), Gender::He, Stand::Unknown)
}

/// The first word, and a second one where the first is its adjective.
fn title_end(reading: &Reading<'_>, start: usize) -> usize {
    let next = start + 1;
    let word = reading.word(start);
    let is_joined = reading.is_word(next) && reading.between(start, next) == "-";
    let goes_on = reading.is_capital(next)
        && reading.is_adjoining(start, next)
        && kinds::is_adjective_form(word)
        && !reading.is_no_name(next);
    // «парк Ермошкино озеро», «парк Боева дача»
    let is_place = NATURE.contains(&reading.word(next)) && reading.is_adjoining(start, next);
    // «ЖК Северное сияние»
    let is_noun = reading.is_lower_word(next)
        && reading.is_adjoining(start, next)
        && reading.is_phrase_end(next)
        && localities::agrees(word, reading.word(next))
        && !words::is_told(reading.word(next));
    next + usize::from(goes_on || is_joined || is_place || is_noun)
}

/// Nouns that go on a title in small letters.
const NATURE: [&str; 12] = [
    "озеро",
    "озера",
    "дача",
    "роща",
    "лог",
    "гора",
    "поле",
    "слобода",
    "бор",
    "деревня",
    "пруд",
    "поляна",
];

/// «парк Анна», «завод В»: too little to be a title.
fn is_verbose(reading: &Reading<'_>, at: usize) -> bool {
    reading.is_no_name(at) || reading.word(at) == "рф" || reading.is_loud(at)
}

fn title_kind(reading: &Reading<'_>, at: usize) -> Option<(&'static str, usize)> {
    let word = reading.word(at);
    let is_one = |start: &&str| {
        word.starts_with(start) && (word.len() == start.len() || start.chars().nth(3).is_some())
    };
    let known = TITLED.iter().find(|(_, starts)| starts.iter().any(is_one));
    match known {
        Some(_) if word.chars().count() > KIND_LETTERS_MAX => None,
        Some(_) if reading.starts_any(at, &NOT_TITLED) => None,
        Some((kind, _)) => Some((kind, 1)),
        None if TWO_WORDS.iter().any(|(_, start, _)| word.starts_with(start)) => {
            let fits = |(_, start, other): &&(&str, &str, &str)| {
                word.starts_with(start) && reading.word(at + 1).starts_with(other)
            };
            TWO_WORDS.iter().find(fits).map(|(kind, ..)| (*kind, 2))
        }
        // «в мик-не Льгов 3»
        None if word == "мик" && reading.between(at, at + 1) == "-" => {
            ["н", "на", "не", "ну"].contains(&reading.word(at + 1)).then_some(("микрорайон", 2))
        }
        None => kind_word(reading, at).filter(|(kind, _)| *kind == "детский сад"),
    }
}

/// «больница Семашко», «в поликлинике им. Пирогова».
fn of_healer(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let (kind, _) = HOSPITALS.iter().find(|(_, start)| reading.starts_any(at, &[start]))?;
    let named_after = ["им", "имени"].contains(&reading.word(at + 1));
    let name = at + 1 + usize::from(named_after);
    let is_healer = HEALERS.contains(&reading.word(name)) && reading.is_close(name - 1, name);
    is_healer.then(|| mention(kind, reading, at, name, name + 1, "object_named"))
}

/// «Пролетарский сквер», «Глебовская школа», «Щигровской трассы».
fn described(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    // Nearly every token ends here.
    if !reading.may_be(at + 1, Classes::DESCRIBED) {
        return None;
    }
    let is_quoted = reading.between(at, at + 1).trim_matches(is_quote).trim().is_empty();
    if !reading.is_capital(at) || !(reading.is_adjoining(at, at + 1) || is_quoted) {
        return None;
    }
    let word = reading.word(at);
    let noun = reading.word(at + 1);
    let (name, gender, _) = DESCRIBED.iter().find(|(_, _, forms)| forms.contains(&noun))?;
    let is_of_place =
        word.contains("ск") || reading.starts_any(at, &SIDES) || !reading.is_sentence_start(at);
    let is_adjective = kinds::is_adjective_form(word)
        && !kinds::is_common_adjective(word)
        && !reading.is_no_name(at)
        && !reading.starts_any(at, &NOT_NAMING);
    if !is_of_place || !is_adjective {
        return None;
    }
    let kind = Kind { name: "", gender: *gender, tokens: 0 };
    let adjective = nominative::street_before(&reading.written(at, at + 1), kind);
    Some(Mention { name: format!("{adjective} {name}"), ..bare(at, at + 2, "object_named") })
}

pub(super) fn mention(
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

pub(super) fn first_capital(title: &str) -> String {
    let mut letters = title.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

pub(super) fn bare(start: usize, end: usize, because: &'static str) -> Mention {
    let (name, settlements, local_names) = (String::new(), Vec::new(), Vec::new());
    Mention { start, end, name, settlements, local_names, said: None, town: None, because }
}
