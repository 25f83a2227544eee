//! What stands in a text without being read: mentions, links, e-mails. And
//! hashtags, which are taken apart. Every search here has a bound.

use super::{TokenKind, is_digit, is_letter};

/// Names of hosts, mailboxes and users are shorter than this everywhere.
const NAME_MAX_BYTES: usize = 96;
/// A mention in brackets is `[id123|Some name]`.
const BRACKETS_MAX_BYTES: usize = 256;

/// Endings of hosts that are taken for links without a scheme before them.
const HOST_ENDINGS: [&str; 18] = [
    "ru", "com", "org", "net", "su", "info", "me", "io", "рф", "ua", "by", "kz", "tv", "cc", "gg",
    "pro", "online", "site",
];

/// Bytes of `[id1|Имя]` at the start of the text; 0 where there is none.
pub(super) fn bracket_mention(text: &str) -> usize {
    let known = ["[id", "[club", "[public", "[event"];
    if !known.iter().any(|start| text.starts_with(start)) {
        return 0;
    }
    let end = text.bytes().take(BRACKETS_MAX_BYTES).position(|byte| byte == b']');
    match end {
        Some(end) if text.as_bytes()[..end].contains(&b'|') => end + 1,
        _ => 0,
    }
}

/// Bytes of `@name`.
pub(super) fn at_mention(text: &str) -> usize {
    let name = text[1..].bytes().take(NAME_MAX_BYTES).take_while(|byte| is_name_byte(*byte));
    let length = name.count();
    match text[1..=length].trim_end_matches(['.', '-']).len() {
        0 => 0,
        name => 1 + name,
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// Bytes of letters, digits and underscores after `#`.
pub(super) fn hashtag_body(text: &str) -> usize {
    text.chars()
        .take_while(|&letter| is_letter(letter) || is_digit(letter) || letter == '_')
        .map(char::len_utf8)
        .sum()
}

/// Borders of the words inside a hashtag: at underscores, where a capital
/// follows a small letter or begins a word after other capitals («ЖКХГорода»),
/// and between letters and digits.
pub(super) fn hashtag_parts(body: &str) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let (mut start, mut previous) = (0, '_');
    for (at, letter) in body.char_indices() {
        let begins = previous.is_uppercase()
            && letter.is_uppercase()
            && body[at + letter.len_utf8()..].starts_with(char::is_lowercase);
        if begins || breaks(previous, letter) {
            if previous != '_' {
                parts.push((start, at));
            }
            start = at;
        }
        previous = letter;
    }
    if previous != '_' {
        parts.push((start, body.len()));
    }
    parts
}

fn breaks(previous: char, letter: char) -> bool {
    previous == '_'
        || letter == '_'
        || (previous.is_lowercase() && letter.is_uppercase())
        || is_digit(previous) != is_digit(letter)
}

/// A link or an e-mail at the start of the text, which is an ASCII letter.
pub(super) fn link_or_email(text: &str) -> Option<(TokenKind, usize)> {
    if has_scheme(text) {
        return Some((TokenKind::Link, link_length(text)));
    }
    let bytes = text.as_bytes();
    let name = bytes
        .iter()
        .take(NAME_MAX_BYTES)
        .take_while(|byte| is_name_byte(**byte) || **byte == b'+')
        .count();
    if bytes.get(name) == Some(&b'@') {
        let host = at_mention(&text[name..]);
        let is_host = text[name..name + host].contains('.');
        return is_host.then_some((TokenKind::Email, name + host));
    }
    let host = text[..name].trim_end_matches(['.', '-']);
    let ending = host.rsplit_once('.')?.1;
    let is_host = HOST_ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending));
    is_host.then(|| (TokenKind::Link, with_path(text, host.len())))
}

fn has_scheme(text: &str) -> bool {
    ["http://", "https://", "www."].iter().any(|scheme| {
        text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

fn with_path(text: &str, host: usize) -> usize {
    if text[host..].starts_with('/') { host + link_length(&text[host..]) } else { host }
}

/// Up to the next space or quotation mark, without punctuation at the end.
fn link_length(text: &str) -> usize {
    let ends = |sign: char| {
        sign.is_whitespace() || sign.is_control() || matches!(sign, '<' | '>' | '"' | '«' | '»')
    };
    let whole = &text[..text.find(ends).unwrap_or(text.len())];
    let trimmed = whole.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '…']);
    if trimmed.is_empty() { whole.len() } else { trimmed.len() }
}
