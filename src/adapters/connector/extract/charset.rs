//! From bytes to text when the declaration may be absent or wrong. Order: byte
//! order mark, UTF-8 that proves itself, HTTP header, prolog, and then the
//! guess between the two Cyrillic encodings that are still met.

use encoding_rs::Encoding;
use encoding_rs::KOI8_R;
use encoding_rs::UTF_8;
use encoding_rs::UTF_16BE;
use encoding_rs::UTF_16LE;
use encoding_rs::WINDOWS_1251;

/// How far into the payload a declaration is looked for.
const PROLOG_MAX_BYTES: usize = 1024;

/// The payload as text, without a byte order mark. Bytes that no encoding
/// explains become replacement characters.
pub fn decode(payload: &[u8], content_type: Option<&str>) -> String {
    if let Some((encoding, length)) = Encoding::for_bom(payload) {
        return encoding.decode_without_bom_handling(&payload[length..]).0.into_owned();
    }
    if let Some(encoding) = utf16_without_mark(payload) {
        return encoding.decode_without_bom_handling(payload).0.into_owned();
    }
    // Text in another encoding is practically never valid UTF-8 by accident,
    // so valid UTF-8 beats a declaration that says otherwise (unless it is one
    // of the seven-bit encodings, which escape their way through ASCII).
    let declared = declared(payload, content_type);
    let is_ascii = payload.is_ascii();
    if let Ok(text) = std::str::from_utf8(payload)
        && (!is_ascii || declared.iter().all(|encoding| encoding.is_ascii_compatible()))
    {
        return text.to_owned();
    }
    for encoding in declared.into_iter().filter(|encoding| *encoding != UTF_8) {
        let (text, _, had_errors) = encoding.decode(payload);
        if !had_errors {
            return text.into_owned();
        }
    }
    guess(payload)
}

fn declared(payload: &[u8], content_type: Option<&str>) -> Vec<&'static Encoding> {
    let header = content_type.and_then(|value| value_after(value, "charset="));
    let start = &payload[..payload.len().min(PROLOG_MAX_BYTES)];
    let start = String::from_utf8_lossy(start);
    let prolog = value_after(&start, "encoding=").or_else(|| value_after(&start, "charset="));
    let labels = [header, prolog].into_iter().flatten();
    labels.filter_map(|label| Encoding::for_label(label.as_bytes())).collect()
}

fn value_after(text: &str, name: &str) -> Option<String> {
    let at = text.to_ascii_lowercase().find(name)? + name.len();
    let rest = text.get(at..)?.trim_start_matches(['"', '\'', ' ']);
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.".contains(c));
    Some(rest[..end.unwrap_or(rest.len())].to_owned())
}

fn utf16_without_mark(payload: &[u8]) -> Option<&'static Encoding> {
    match payload {
        [b'<' | b'{' | b'"', 0, ..] => Some(UTF_16LE),
        [0, b'<' | b'{' | b'"', ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// Ordinary Russian is mostly small letters; read in the wrong one of the two
/// encodings, it is mostly capitals.
fn guess(payload: &[u8]) -> String {
    let small_letters = |text: &str| {
        let small = text.chars().filter(|c| ('а'..='я').contains(c)).count();
        let capital = text.chars().filter(|c| ('А'..='Я').contains(c)).count();
        small as i64 - capital as i64
    };
    let windows = WINDOWS_1251.decode_without_bom_handling(payload).0;
    let koi = KOI8_R.decode_without_bom_handling(payload).0;
    let koi_reads_better = small_letters(&windows) < small_letters(&koi);
    if koi_reads_better { koi.into_owned() } else { windows.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Во дворе на Ленина не горят фонари";

    fn xml(encoding: &str) -> String {
        format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?><a>{TEXT}</a>")
    }

    fn bytes(encoding: &'static Encoding, text: &str) -> Vec<u8> {
        encoding.encode(text).0.into_owned()
    }

    #[test]
    fn declarations_are_followed_and_wrong_ones_seen_through() {
        fn check(payload: Vec<u8>, content_type: Option<&str>) {
            let text = decode(&payload, content_type);
            assert!(text.contains(TEXT), "{text}");
        }
        check(bytes(WINDOWS_1251, &xml("windows-1251")), None);
        check(bytes(KOI8_R, &xml("koi8-r")), None);
        check(bytes(KOI8_R, &xml("KOI8-R")), Some("text/xml"));
        check(bytes(WINDOWS_1251, TEXT), Some("text/xml; charset=windows-1251"));
        check(xml("windows-1251").into_bytes(), None);
        check(xml("utf-8").into_bytes(), Some("text/xml; charset=windows-1251"));
        check(bytes(WINDOWS_1251, &xml("utf-8")), Some("application/xml; charset=utf-8"));
        check(bytes(KOI8_R, &xml("utf-8")), None);
        check(bytes(WINDOWS_1251, TEXT), None);
        check(bytes(KOI8_R, TEXT), None);
        check([b"\xef\xbb\xbf".to_vec(), xml("windows-1251").into_bytes()].concat(), None);
        let utf16: Vec<u8> = xml("utf-16").encode_utf16().flat_map(u16::to_le_bytes).collect();
        check([b"\xff\xfe".to_vec(), utf16.clone()].concat(), None);
        check(utf16, None);
    }

    #[test]
    fn the_mark_itself_is_taken_away() {
        assert_eq!(decode(b"\xef\xbb\xbf{}", None), "{}");
        assert_eq!(decode(b"", None), "");
    }
}
