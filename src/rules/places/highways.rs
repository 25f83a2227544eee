//! Roads and lines between towns as objects: «автодорога Курск — Чаплыгино»,
//! «трасса М-4», «5-й километр Ленинградского шоссе». Knows how their ends are
//! written; nothing of streets within a town.

use super::kinds;
use super::nominative;
use super::objects::Mention;
use super::reading::Reading;
use super::titled::{bare, mention};
/// «автодорога Курск — Чаплыгино», «трасса М-4», «12-й км трассы Орёл — Тамбов».
pub(super) fn road(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    let word = reading.word(at);
    let is_short = word == "а" && reading.word(at + 1) == "д" && reading.between(at, at + 1) == "/";
    let name = match word {
        _ if is_short => "автодорога",
        _ if word.starts_with("автодорог") || word.starts_with("автомагистрал") => {
            "автодорога"
        }
        _ if word.starts_with("трасс") => "трасса",
        "дорога" | "дороги" | "дороге" | "дорогу" => "дорога",
        _ if word.starts_with("маршрут") => "маршрут",
        _ if matches!(word, "поезд" | "поезда" | "поезде" | "поезду") => {
            "поезд"
        }
        _ if word.starts_with("электричк") => "электричка",
        _ => return None,
    };
    let start = at + 1 + usize::from(is_short);
    let end = ends_of_road(reading, start)?;
    let mut found = mention(name, reading, at, start, end, "object_named");
    let gaps = [" - ", " – ", " — ", "- ", " -"];
    found.name = gaps.iter().fold(found.name, |name, gap| name.replace(gap, "-"));
    found.end += usize::from(is_back(reading, start, end));
    if let Some(kilometre) = kilometre(reading, at) {
        found.name.push_str(&format!(", {} км", reading.word(kilometre)));
        found.start = kilometre;
    }
    Some(found)
}

/// «5-й километр Ленинградского шоссе»
pub(super) fn kilometre_of_highway(reading: &Reading<'_>, at: usize) -> Option<Mention> {
    if !reading.is_number(at) {
        return None;
    }
    let name = at + 2;
    let is_unit = reading.word(at + 1) == "км" || reading.word(at + 1).starts_with("километр");
    let stands = is_unit && reading.is_adjoining(at, at + 1);
    let kind = kinds::street_kind(reading, name + 1).filter(|_| stands)?;
    let is_road = matches!(kind.name, "шоссе" | "тракт") && reading.is_capital(name);
    is_road.then(|| {
        let road = nominative::street_before(&reading.written(name, name + 1), kind);
        let name = format!("{road} {}, {} км", kind.name, reading.word(at));
        Mention { name, ..bare(at, at + 2, "object_named") }
    })
}

/// «на 12-м км …», «5 километр …»: the number's token before the road at `at`.
fn kilometre(reading: &Reading<'_>, at: usize) -> Option<usize> {
    let number = at.checked_sub(2)?;
    let is_unit = reading.word(at - 1) == "км" || reading.word(at - 1).starts_with("километр");
    (is_unit && reading.is_number(number) && reading.is_adjoining(number, at - 1)).then_some(number)
}

/// «Курск — Чаплыгино» joined by a dash, or «М-4», «Р298».
pub(super) fn ends_of_road(reading: &Reading<'_>, start: usize) -> Option<usize> {
    let is_named = reading.is_name_like(start) && reading.is_close(start.max(1) - 1, start);
    if !is_named {
        return None;
    }
    let is_dash = |at: usize| matches!(reading.between(at, at + 1).trim(), "-" | "–" | "—");
    let is_town = |at: usize| {
        reading.word(at).chars().count() > 2
            && !reading.is_honoured(at)
            && !reading.word(at).ends_with("ого")
    };
    let is_letter = matches!(reading.word(start), "м" | "р" | "а" | "m" | "p" | "a");
    if is_letter && reading.is_number(start + 1) && reading.between(start, start + 1).len() <= 1 {
        return Some(start + 2);
    }
    let is_way = is_dash(start) && reading.is_name_like(start + 1);
    (is_way && is_town(start) && is_town(start + 1)).then_some(start + 2)
}

/// «Курск-Тёткино-Курск» is there and back.
pub(super) fn is_back(reading: &Reading<'_>, start: usize, end: usize) -> bool {
    reading.word(end) == reading.word(start)
        && matches!(reading.between(end - 1, end).trim(), "-" | "–" | "—")
}
