//! Streets that no list knows and no kind word names: told by a house after
//! them («Ломакина, 9»), or by a case that only an address has («по Стрелецкой
//! ездили»).

use super::classes::Classes;
use super::houses;
use super::kinds;
use super::nominative;
use super::reading::Reading;
use super::streets::{CROSSING_WORDS, Mention, OTHER_NOUNS};
use super::town_forms;
use super::unknown_streets::{bare, capital_end, counted, initials_end, spaced, unknown};
use super::vocabulary as words;

/// Prepositions that lead to a street.
const LEADING: [&str; 11] =
    ["на", "по", "с", "со", "у", "вдоль", "до", "от", "через", "возле", "около"];
/// Words that a house's address follows.
const BEFORE_ADDRESS: [&str; 14] = [
    "доме",
    "дома",
    "дом",
    "домом",
    "дому",
    "домов",
    "адресу",
    "адрес",
    "дворе",
    "двор",
    "подъезде",
    "рядом",
    "напротив",
    "проживаю",
];
/// Whether a word in capital letters may be a street by itself: «К. Маркса» begins
/// with no word.
pub(super) fn may_be_capital(word: &str) -> bool {
    word.chars().nth(1).is_none() || !is_other(word)
}

/// Whether a word in small letters may be a street by itself, or is run
/// together with «ул».
pub(super) fn may_be_small(word: &str) -> bool {
    word.starts_with("ул")
        || words::is_given(word)
        || words::is_honoured(word)
        || words::is_surname(word)
        || is_hers(word)
}

/// Words that begin no name.
fn is_other(word: &str) -> bool {
    words::is_no_name(word) || kinds::is_address_word(word)
}

/// «садовой», «заречная».
fn is_hers(word: &str) -> bool {
    word.chars().count() > 5
        && (word.ends_with("ой") || word.ends_with("ая"))
        && kinds::is_adjective_form(word)
        && !kinds::is_common_adjective(word)
}

/// A street without its kind: where a house follows, or a preposition leads to
/// a case that nothing else explains.
pub(super) fn alone(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    if let Some(mention) = glued(reading, at).or_else(|| numbered_alone(reading, at)) {
        return Some(mention);
    }
    if reading.is_capital(at) {
        return capital_alone(reading, at);
    }
    if reading.may_be(at, Classes::STREET_SMALL) { lower_alone(reading, at) } else { None }
}

/// «по 3-й Парковой», «1-я Прогонная 5».
fn numbered_alone(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    if let Some(mention) = years_alone(reading, at) {
        return Some(mention);
    }
    let name = counted(reading, at).filter(|counted| counted.is_sure)?.name;
    let word = reading.word(name);
    if !reading.is_capital(name) || !(word.ends_with("ая") || word.ends_with("ой")) {
        return None;
    }
    let is_led = at > 0 && LEADING.contains(&reading.word(at - 1));
    let is_other = at > 0 && reading.word(at - 1) == "и";
    let is_apart = reading.is_phrase_end(name) || words::is_apart(reading.word(name + 1));
    let has_house = houses::follows(reading, name + 1).is_some();
    let is_street = has_house || ((is_led || is_other) && is_apart);
    is_street.then(|| Mention { written: None, ..unknown(reading, at, name + 1, kinds::STREET) })
}

/// «по адресу 50 лет Октября, д. 4», «на 40 лет Победы».
fn years_alone(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let is_jubilee = reading.is_number(at)
        && reading.is_adjoining(at, at + 1)
        && matches!(reading.word(at + 1), "лет" | "летия")
        && matches!(
            reading.word(at + 2),
            "октября" | "победы" | "влксм" | "комсомола" | "ссср" | "революции"
        );
    let before = if at > 0 { reading.word(at - 1) } else { "" };
    let is_led = matches!(before, "на" | "по" | "адресу" | "адрес" | "дом" | "дома" | "доме");
    let is_street = is_jubilee && (is_led || houses::follows(reading, at + 3).is_some());
    is_street.then(|| Mention { written: None, ..unknown(reading, at, at + 3, kinds::STREET) })
}

/// «улЛенина 5»: the space that a phone leaves out.
fn glued(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let rest = reading.raw(at).strip_prefix("ул").or(reading.raw(at).strip_prefix("Ул"))?;
    let is_name = rest.starts_with(char::is_uppercase) && rest.chars().any(char::is_lowercase);
    let first = rest.to_lowercase();
    let goes_on = (words::is_given(&first) || words::is_rank(&first)) && reading.is_capital(at + 1);
    let end = at + 1 + usize::from(goes_on);
    let written = spaced(&reading.written(at, end));
    let name = nominative::street(written.get("ул".len()..)?, kinds::STREET);
    is_name.then(|| Mention { start: at, end, name, ..bare(kinds::STREET) })
}

fn capital_alone(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let word = reading.word(at);
    let is_initial = word.chars().count() == 1;
    // «К. Маркса» begins with no word; «Г. Курск» does.
    let is_other = reading.is_no_name(at) || reading.is_address_word(at);
    if is_other && (!is_initial || word == "г" || !reading.is_point_after(at)) {
        return None;
    }
    let before = if at > 0 { reading.word(at - 1) } else { "" };
    let end = if is_initial { initials_end(reading, at)? } else { capital_end(reading, at) };
    let last = reading.word(end - 1);
    let is_led = at > 0 && LEADING.contains(&before) && reading.is_adjoining(at - 1, at);
    let is_crossing = at > 0
        && reading.starts_any(at - 1, &CROSSING_WORDS)
        && (reading.word(end) == "и" || matches!(reading.between(end - 1, end).trim(), "-" | "/"));
    // «Большая Садовая»
    let is_phrase = end == at + 2 && nominative::is_before_others(word);
    let hers = if is_phrase { last } else { word };
    let is_hers = hers.chars().count() > 5
        && ["ая", "ой", "ую", "яя"].iter().any(|ends| hers.ends_with(ends))
        && !kinds::is_common_adjective(word);
    let hers_at = if is_phrase { end - 1 } else { at };
    let is_named_after = !is_hers
        && !["вна", "вне", "вной", "вну", "вны", "вич", "вича", "вичу"]
            .iter()
            .any(|end| last.ends_with(end))
        && (words::is_surname(last) || reading.is_honoured(end - 1) || words::is_her_surname(last));
    let has_house = || houses::follows(reading, end).is_some();
    // «Гоголя/Пушкина», «Мира-Гагарина»
    let is_pair = reading.is_honoured(end - 1)
        && matches!(reading.between(end - 1, end), "/" | "-")
        && reading.is_honoured(end)
        && reading.is_capital(end);
    let is_apart = || {
        at == 0
            || reading.is_sentence_start(at)
            || before == "и"
            || reading.between(at - 1, at).contains([',', ';', ':', '(', '-', '/', '—'])
    };
    let is_along =
        is_led && matches!(before, "на" | "по" | "вдоль" | "через" | "у" | "возле" | "от" | "до");
    let is_address = || {
        is_along
            || BEFORE_ADDRESS.contains(&before)
            || is_apart()
            || town_forms::is_town(before)
            || words::is_centre(before)
    };
    let is_street = if is_pair {
        true
    } else if is_crossing {
        is_hers || is_named_after || last.ends_with(['а', 'я', 'ы', 'и'])
    } else if is_hers {
        has_house() || (is_led && is_hers_alone(reading, hers_at, before))
    } else if is_named_after {
        (has_house() && is_address())
            // «площадка Курочкина 15/17»; a person would have a name before.
            || (!reading.is_name_like(at.max(1) - 1) && has_clear_house(reading, end) && !is_initial)
            || (matches!(before, "на" | "по") && is_led && reading.is_honoured(end - 1))
            // «по» asks for another case: «по Лизюкова» leaves the street out.
            || (before == "по" && is_led && words::is_surname(last))
            || (before == "на" && is_led && is_surname_alone(reading, at, end))
    } else {
        // «Шахтёров 5», «Энгельса, д. 8»: after an address's word only.
        let is_named = end > at + 1 || last.ends_with(['а', 'я', 'ы', 'и', 'о', 'в']);
        is_named
            && (BEFORE_NAMES.contains(&before) || matches!(before, "на" | "по"))
            && (has_clear_house(reading, end) || (end > at + 1 && has_house()))
            && last.chars().count() > 3
            && !town_forms::is_town(last)
    };
    is_street.then(|| Mention { written: None, ..unknown(reading, at, end, kinds::STREET) })
}

/// Words that nothing but an address follows.
#[rustfmt::skip]
const BEFORE_NAMES: [&str; 11] = [
    "адресу", "адрес", "адресам", "адреса", "дома", "дом", "доме", "домом", "дому", "домов",
    "подъезде",
];

/// A house that is no amount of something: «д. 8», «17в», «12,», «9 нет света».
fn has_clear_house(reading: &Reading<'_>, at: usize) -> bool {
    let Some(house) = houses::follows(reading, at) else { return false };
    let has_word = !reading.is_number(at);
    let has_letter = house.number.contains(|sign: char| !sign.is_ascii_digit());
    let last = house.end - 1;
    let next = reading.word(house.end);
    has_word
        || has_letter
        || reading.is_phrase_end(last)
        || words::is_apart(next)
        || reading.is_address_word(house.end)
}

/// «по Стрелецкой ездили», «на Садовой.»; not «по Курской области».
fn is_hers_alone(reading: &Reading<'_>, at: usize, before: &str) -> bool {
    let word = reading.word(at);
    let is_oblique = word.ends_with("ой") && !matches!(before, "через");
    let is_other = reading.starts_any(at + 1, &OTHER_NOUNS);
    is_oblique
        && matches!(before, "на" | "по" | "вдоль" | "от" | "до")
        && !words::is_her_surname(word)
        && !(before == "от" && is_womans(reading, at))
        && !is_other
        && (reading.is_phrase_end(at)
            || words::is_apart(reading.word(at + 1))
            || houses::is_near(reading, at + 1)
            || matches!(reading.word(at + 1), "яма" | "ямы" | "пробка" | "свет"))
}

/// «диагноз от Сапроновой» is a person's, «от Садовой до Полевой» is not.
fn is_womans(reading: &Reading<'_>, at: usize) -> bool {
    const STREETS: [&str; 12] = [
        "садов",
        "полев",
        "берегов",
        "лугов",
        "вишнев",
        "кленов",
        "дубов",
        "сиренев",
        "торгов",
        "кольцев",
        "мостов",
        "рябинов",
    ];
    let word = reading.word(at);
    let is_surname = ["овой", "евой", "иной", "ыной"].iter().any(|end| word.ends_with(end));
    is_surname && reading.word(at + 1) != "до" && !STREETS.iter().any(|one| word.starts_with(one))
}

/// «рынок на Дериглазова»; not «жалоба на Петрова», «на Иванова И. И.».
fn is_surname_alone(reading: &Reading<'_>, at: usize, end: usize) -> bool {
    let is_apart = reading.is_phrase_end(end - 1)
        || (reading.is_adjoining(end - 1, end) && words::is_apart(reading.word(end)));
    let is_of_person = |back: usize| {
        at > back
            && reading.starts_any(
                at - 1 - back,
                &[
                    "жал",
                    "заявлен",
                    "обид",
                    "зл",
                    "подал",
                    "напал",
                    "надея",
                    "наде",
                    "ссыл",
                    "похож",
                ],
            )
    };
    let goes_on = reading.is_capital(end) && !reading.is_phrase_end(end - 1);
    words::is_surname(reading.word(end - 1))
        && !reading.word(end - 1).ends_with("ых")
        && is_apart
        && !goes_on
        && !is_of_person(1)
        && !is_of_person(2)
}

/// «рядом с звёздной 11а», «во дворе заречной 6», «на ленина 5».
fn lower_alone(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    if let Some(mention) = lower_person(reading, at) {
        return Some(mention);
    }
    // Nearly every token ends here.
    let follows = (at + 1..at + 4).any(|next| reading.is_number(next));
    let before = if at > 0 { reading.word(at - 1) } else { "" };
    let is_first = reading.word(at + 1) == "и";
    if !follows && !is_first && !matches!(before, "на" | "по") {
        return None;
    }
    let word = reading.word(at);
    let is_led = LEADING.contains(&before) || BEFORE_ADDRESS.contains(&before);
    let is_honoured = reading.is_honoured(at);
    let is_named = is_honoured
        || (is_led && words::is_surname(word) && !word.ends_with("ых"))
        || (is_led && is_hers(word));
    if !is_named || !reading.is_word(at) {
        return None;
    }
    let has_house = follows && houses::follows(reading, at + 1).is_some();
    // A genitive after «на» or «по» («на ленина») is no grammar but a street.
    let is_genitive = is_honoured && matches!(before, "на" | "по") && !words::is_ordinary(word);
    let is_crossing =
        is_honoured && at > 0 && reading.starts_any(at - 1, &CROSSING_WORDS) && is_first;
    (has_house || is_genitive || is_crossing)
        .then(|| Mention { written: None, ..unknown(reading, at, at + 1, kinds::STREET) })
}

/// «на карла маркса», «от карла либкнехта 5».
fn lower_person(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let before = if at > 0 { reading.word(at - 1) } else { "" };
    // Nearly every token ends here.
    if !matches!(before, "на" | "по" | "с" | "у" | "от" | "до" | "адресу" | "дом" | "дома" | "доме")
    {
        return None;
    }
    let last = reading.word(at + 1);
    let is_person = words::is_given(reading.word(at))
        && (words::is_honoured(last) || words::is_surname(last))
        && reading.is_adjoining(at, at + 1);
    let is_led = || matches!(before, "на" | "по") && words::is_honoured(last);
    let has_house = || {
        (LEADING.contains(&before) || BEFORE_ADDRESS.contains(&before))
            && houses::follows(reading, at + 2).is_some()
    };
    (is_person && (is_led() || has_house()))
        .then(|| Mention { written: None, ..unknown(reading, at, at + 2, kinds::STREET) })
}
