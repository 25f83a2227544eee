//! The heading of an incident: the first telling sentence of the post that
//! opened it; where that is not for everybody, what it is about. People may
//! change it; this only saves them the typing.

use crate::model::place::Place;

/// Characters of a title; longer ones are cut at a word.
const TITLE_MAX_CHARS: usize = 90;
/// A first sentence shorter than this («Здравствуйте!») is taken with the next.
const SENTENCE_MIN_CHARS: usize = 25;

/// The title of a post's text; empty only for a text without letters.
pub fn title(text: &str) -> String {
    let flat = flat(text);
    let mut end = flat.len();
    for (at, mark) in flat.char_indices().filter(|(_, mark)| matches!(mark, '.' | '!' | '?')) {
        let next = at + mark.len_utf8();
        let ends_here = flat[next..].chars().next().is_none_or(char::is_whitespace);
        if ends_here && flat[..at].chars().count() >= SENTENCE_MIN_CHARS {
            end = next;
            break;
        }
    }
    cut(flat[..end].trim_end_matches(['.', ' ']))
}

/// A title that tells what and where, and nothing of what somebody wrote.
pub fn heading(topic: &str, place: &Place) -> String {
    let place = place.line();
    let parts = [topic, place.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

/// One line of single spaces; a line that begins with a capital is a sentence
/// of its own, as a heading is.
fn flat(text: &str) -> String {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut flat = String::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let begins_anew = line.starts_with(char::is_uppercase);
        if begins_anew && flat.ends_with(char::is_alphanumeric) {
            flat.push('.');
        }
        if !flat.is_empty() {
            flat.push(' ');
        }
        flat.push_str(&line);
    }
    flat
}

fn cut(sentence: &str) -> String {
    if sentence.chars().count() <= TITLE_MAX_CHARS {
        return sentence.to_owned();
    }
    let short: String = sentence.chars().take(TITLE_MAX_CHARS).collect();
    let word_end = short.rfind(' ').unwrap_or(short.len());
    format!("{}…", short[..word_end].trim_end_matches([',', '-', '–', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(title(text), expected);
    }

    #[test]
    fn the_first_telling_sentence() {
        check(
            "Яма на Мира 5, объезжаем по встречке. Когда?",
            "Яма на Мира 5, объезжаем по встречке",
        );
        check("Доброе утро! Нет воды\nна Гагарина", "Доброе утро! Нет воды на Гагарина");
        check("Яма\nНа Мира 5 вторую неделю", "Яма. На Мира 5 вторую неделю");
        check("Потоп во дворе нашего дома\nС утра", "Потоп во дворе нашего дома");
        check("", "");
        check("фонарь ул. Мира 5 не горит", "фонарь ул. Мира 5 не горит");
    }

    #[test]
    fn a_heading_is_topic_and_place() {
        let place = Place {
            street_kind: Some("улица".to_owned()),
            street: Some("Мира".to_owned()),
            house: Some("5".to_owned()),
            ..Place::default()
        };
        assert_eq!(heading("Протечка крыши", &place), "Протечка крыши: улица Мира, 5");
        assert_eq!(heading("Протечка крыши", &Place::default()), "Протечка крыши");
        assert_eq!(heading("", &Place::default()), "");
    }

    #[test]
    fn a_long_one_is_cut_at_a_word() {
        let long = "слово ".repeat(60);
        let cut = title(&long);
        assert!(cut.chars().count() <= TITLE_MAX_CHARS + 1);
        assert!(cut.ends_with("слово…"));
    }
}
