//! Markdown as people write it in forums, to plain text: what a reader would
//! see, without the marks. Not a renderer: a mark that is not surely one stays.

use crate::adapters::connector::markup;

/// Marks within marks; what lies deeper is shown as it was written.
const DEPTH_MAX: usize = 6;

/// How far a mark looks for its other end: a text of opening brackets alone
/// must not cost its length squared.
const REACH_MAX: usize = 4_096;

/// The words of a text in Markdown; lines stay lines.
pub fn to_text(source: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut fence: Option<&str> = None;
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    for line in source.lines() {
        let mark = fence_mark(line);
        match fence {
            Some(open) if mark == Some(open) => fence = None,
            Some(_) => lines.push(line.to_owned()),
            None if mark.is_some() => fence = mark,
            None => lines.extend(line_text(line)),
        }
    }
    squeeze(&markup::tidy(&lines.join("\n")))
}

fn fence_mark(line: &str) -> Option<&'static str> {
    ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark))
}

/// The words of one line outside a block of code; none where it only draws.
fn line_text(line: &str) -> Option<String> {
    let mut rest = line.trim_end();
    // Quotations in quotations, and the title of what is folded away.
    while let Some(inner) = rest.trim_start().strip_prefix('>') {
        rest = inner;
    }
    let bare = rest.trim();
    if let Some(folded) = bare.strip_prefix(":::") {
        let title = folded.trim().strip_prefix("spoiler").unwrap_or("").trim();
        return (!title.is_empty()).then(|| words_of(title));
    }
    if is_rule(bare) {
        return None;
    }
    let heading = bare.trim_start_matches('#');
    let level = bare.len() - heading.len();
    if (1..=6).contains(&level) && (heading.is_empty() || heading.starts_with(' ')) {
        return Some(words_of(heading.trim_end_matches('#').trim()));
    }
    Some(words_of(rest.trim_start()))
}

/// A line across the page, or the line under a heading or a table's head.
fn is_rule(line: &str) -> bool {
    let marks = line.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let is_drawn = |set: &[u8]| marks.clone().all(|byte| set.contains(&byte));
    3 <= marks.clone().count()
        && [&b"-"[..], b"*", b"_", b"=", b"|-:"].iter().any(|set| is_drawn(set))
}

fn words_of(line: &str) -> String {
    markup::decode_entities(&inline(line, 0))
}

/// Links, pictures, emphasis, code and escapes within a line.
fn inline(line: &str, depth: usize) -> String {
    if DEPTH_MAX < depth {
        return line.to_owned();
    }
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let before = out.chars().next_back();
        let (words, length) = match first {
            '\\' => escape(rest),
            '`' => code(rest),
            '!' if rest.starts_with("![") => {
                link(&rest[1..], depth).map(|(words, length)| (words, length + 1))
            }
            '[' => link(rest, depth),
            '<' => address(rest),
            '*' | '_' | '~' => emphasis(rest, first, before, depth),
            _ => None,
        }
        .unwrap_or_else(|| (first.to_string(), first.len_utf8()));
        out.push_str(&words);
        rest = &rest[length..];
    }
    out
}

/// What stands for a mark and what it encloses, and how many bytes that was.
type Piece = Option<(String, usize)>;

fn reach(text: &str) -> &str {
    &text[..text.floor_char_boundary(REACH_MAX)]
}

fn escape(text: &str) -> Piece {
    let escaped = text[1..].chars().next().filter(char::is_ascii_punctuation)?;
    Some((escaped.to_string(), 2))
}

fn code(text: &str) -> Piece {
    let ticks = text.len() - text.trim_start_matches('`').len();
    let end = reach(&text[ticks..]).find(&text[..ticks])?;
    Some((text[ticks..ticks + end].trim().to_owned(), end + 2 * ticks))
}

/// `[words](address "title")`: the words.
fn link(text: &str, depth: usize) -> Piece {
    let words_end = closing(text, '[', ']')?;
    let address = text[words_end + 1..].strip_prefix('(').map(|_| &text[words_end + 1..])?;
    let address_end = closing(address, '(', ')')?;
    let words = inline(&text[1..words_end], depth + 1);
    Some((words, words_end + 1 + address_end + 1))
}

/// Where the bracket that a text begins with is closed.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0usize;
    for (at, character) in reach(text).char_indices() {
        depth += usize::from(character == open);
        if character == close {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// `<https://…>`: the address.
fn address(text: &str) -> Piece {
    let end = reach(text).find('>')?;
    let inner = &text[1..end];
    let is_address = inner.contains("://") && !inner.contains(char::is_whitespace);
    is_address.then(|| (inner.to_owned(), end + 1))
}

/// `**words**` and its kin. Within a word `_` is a letter of names, and a mark
/// beside a space is a sign of its own.
fn emphasis(text: &str, mark: char, before: Option<char>, depth: usize) -> Piece {
    let length = text.len() - text.trim_start_matches(mark).len();
    let marks = &text[..length];
    let inner = &text[length..];
    let is_in_word = mark == '_' && before.is_some_and(char::is_alphanumeric);
    let is_sound = length <= 3 && (mark != '~' || length == 2);
    if is_in_word || !is_sound || inner.starts_with(char::is_whitespace) {
        return Some((marks.to_owned(), length));
    }
    let end = reach(inner).match_indices(marks).map(|(at, _)| at).find(|at| {
        let is_after_word = inner[..*at].chars().next_back().is_some_and(|c| !c.is_whitespace());
        let after = inner[at + length..].chars().next();
        let is_whole =
            after != Some(mark) && !(mark == '_' && after.is_some_and(char::is_alphanumeric));
        is_after_word && is_whole
    });
    match end {
        Some(end) => Some((inline(&inner[..end], depth + 1), end + 2 * length)),
        None => Some((marks.to_owned(), length)),
    }
}

/// One empty line between paragraphs is enough.
fn squeeze(text: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for line in text.lines() {
        let is_doubled =
            line.trim().is_empty() && out.last().is_none_or(|last| last.trim().is_empty());
        if !is_doubled {
            out.push(line);
        }
    }
    out.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_and_words_stay() {
        fn check(source: &str, expected: &str) {
            assert_eq!(to_text(source), expected, "{source}");
        }
        check("# Яма у школы\n\nТретий **месяц**.", "Яма у школы\n\nТретий месяц.");
        check("Вот [ответ](https://x.example/a_(1) \"да\"), *тихо*", "Вот ответ, тихо");
        check("![фото ямы](https://x.example/1.jpg)\nвид", "фото ямы\nвид");
        check("> Обещали\n>> в мае\n\nНе сделали", "Обещали\nв мае\n\nНе сделали");
        check("***очень*** ~~нет~~ __да__", "очень нет да");
        check("::: spoiler Адрес\nЛенина, 5\n:::", "Адрес\nЛенина, 5");
        check("```\nа * б * в\n```\n---\nконец", "а * б * в\nконец");
        check("<https://x.example/a> и `код`", "https://x.example/a и код");
        check("\\*не курсив\\* &amp; 5 &lt; 6", "*не курсив* & 5 < 6");
        check("а\r\n\r\n\r\n\r\nб", "а\n\nб");
    }

    #[test]
    fn hostile_texts_cost_no_more_than_their_length() {
        let nested = format!("{}а{}", "[".repeat(5_000), "](б)".repeat(5_000));
        assert!(to_text(&nested).contains('а'));
        assert!(to_text(&"*_".repeat(50_000)).len() <= 100_000);
    }

    #[test]
    fn what_is_no_mark_stays() {
        fn check(source: &str) {
            assert_eq!(to_text(source), source);
        }
        check("2 * 3 * 4 и snake_case_name");
        check("[не ссылка] и (скобки)");
        check("#хэштег и цена 5_000_000");
        check("- раз\n- два\n1. три");
        check("**не закрыто");
        check("~5 минут, ~~~~");
        check("вопрос?!");
        check("незакрытая [ссылка](https://x.example");
    }
}
