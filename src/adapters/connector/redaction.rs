//! Takes credentials out of what networks said before anybody keeps or shows
//! it: they repeat requests in their errors, in every encoding there is. Knows
//! no network and no payload's form.

use base64::Engine as _;

use crate::adapters::connector::auth::Secret;

/// Parameters whose values are never shown, whoever's they are.
const SENSITIVE: [&str; 5] = ["access_token", "client_secret", "session_key", "sig", "api_key"];

/// No credential is longer in any spelling.
const CREDENTIAL_MAX_BYTES: usize = 16 * 1024;
/// How far behind a parameter's name its value may begin.
const VALUE_WITHIN_BYTES: usize = 256;

/// Stands where something was taken out.
const TAKEN_OUT: &str = "…";

/// What must not appear in anything that is written.
#[derive(Default)]
pub struct Hidden(Vec<String>);

impl Hidden {
    /// The credentials in every way of writing that networks use.
    pub fn of<'s>(secrets: impl IntoIterator<Item = &'s Secret>) -> Hidden {
        let parts = secrets.into_iter().flat_map(Secret::parts);
        let mut spellings: Vec<String> = parts.flat_map(spellings).collect();
        // The longest first: one spelling may be a part of another.
        spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
        spellings.dedup();
        Hidden(spellings)
    }

    /// The text without credentials, and without the values of parameters that
    /// hold such.
    pub fn clean(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for spelling in &self.0 {
            clean = clean.replace(spelling, TAKEN_OUT);
        }
        for name in SENSITIVE {
            clean = redact_parameter(&clean, name);
        }
        clean
    }

    /// The beginning of a payload, cleaned: of a long one no more is looked at
    /// than is kept, and a credential that the end cuts through is not kept.
    pub fn clean_beginning(&self, payload: &[u8], most: usize) -> Vec<u8> {
        let (looked_at, beyond) = beginning(payload, most);
        let mut clean = self.clean(&String::from_utf8_lossy(looked_at)).into_bytes();
        clean.truncate(clean.len().saturating_sub(beyond).min(most));
        clean
    }
}

/// The beginning of a text as far as a cut through a credential is not in it.
fn beginning(payload: &[u8], most: usize) -> (&[u8], usize) {
    if payload.len() <= most + CREDENTIAL_MAX_BYTES {
        return (payload, 0);
    }
    (&payload[..most + CREDENTIAL_MAX_BYTES], CREDENTIAL_MAX_BYTES)
}

/// Plain, in an address, in JSON with and without escaped slashes, in a page,
/// in a header for a password.
fn spellings(part: &str) -> [String; 6] {
    let json = serde_json::Value::from(part).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let page = part.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    [
        part.to_owned(),
        url::form_urlencoded::byte_serialize(part.as_bytes()).collect(),
        json.replace('/', "\\/"),
        json,
        page.replace('"', "&quot;"),
        base64::engine::general_purpose::STANDARD.encode(part),
    ]
}

/// `name=value`, `"name":"value"` and `{"key":"name","value":"…"}`.
fn redact_parameter(text: &str, name: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let after = at + name.len();
        let is_word = !rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let tail = &rest[after..];
        let value = value_start(tail).filter(|_| is_word);
        out.push_str(&rest[..after]);
        rest = tail;
        if let Some((start, end)) = value {
            out.push_str(&tail[..start]);
            out.push('…');
            rest = &tail[end..];
        }
    }
    out + rest
}

/// Where the value after a parameter's name stands.
fn value_start(tail: &str) -> Option<(usize, usize)> {
    if let Some(value) = tail.strip_prefix('=') {
        let length = value.find(['&', '"', '\'', ' ', '<', '\n']).unwrap_or(value.len());
        return Some((1, 1 + length));
    }
    let quoted = tail.strip_prefix('"')?;
    let skip = |text: &str| text.len() - text.trim_start_matches([' ', '\n', '\t', '\r']).len();
    let mut at = 1 + skip(quoted);
    if tail[at..].starts_with(',') {
        let near = &tail[at..tail.floor_char_boundary(at + VALUE_WITHIN_BYTES)];
        let key = near.find("\"value\"")? + "\"value\"".len();
        at += key;
        at += skip(&tail[at..]);
    }
    let rest = tail[at..].strip_prefix(':')?;
    at += 1 + skip(rest);
    tail[at..].strip_prefix('"')?;
    let length = tail[at + 1..].find('"')?;
    Some((at + 1, at + 1 + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_long_payloads_the_beginning_is_cleaned() {
        let hidden = Hidden::of([&Secret::new("tkn1")]);
        assert_eq!(hidden.clean_beginning(b"a tkn1 b", 100), "a … b".as_bytes());
        assert_eq!(hidden.clean_beginning(b"abcdef", 3), b"abc");
        let long = "tkn1".repeat(100_000);
        let kept = hidden.clean_beginning(long.as_bytes(), 1_000);
        assert!(kept.len() <= 1_000 && !String::from_utf8_lossy(&kept).contains("tkn"));
    }

    #[test]
    fn names_without_values_cost_little() {
        let text = |times: usize| "\"access_token\",".repeat(times);
        let hidden = Hidden::default();
        let ratio = crate::adapters::connector::growth::ratio(
            |times| {
                assert_eq!(hidden.clean(&text(times)), text(times));
            },
            4_000,
        );
        assert!(ratio < 9.0, "four times as much takes {ratio} times as long");
    }

    #[test]
    fn tokens_are_taken_out_wherever_they_stand() {
        let secret = Secret::new("to/ken+1");
        fn check(text: &str, secret: Option<&Secret>, expected: &str) {
            assert_eq!(Hidden::of(secret).clean(text), expected);
        }
        check("a to/ken+1 b", Some(&secret), "a … b");
        check("GET /x?t=to%2Fken%2B1&v=5", Some(&secret), "GET /x?t=…&v=5");
        check(r#"{"said":"to\/ken+1"}"#, Some(&secret), r#"{"said":"…"}"#);
        check("Basic aWQ6YS9iPGM=", Some(&Secret::new("id:a/b<c")), "Basic …");
        check("<p>a/b&lt;c</p>", Some(&Secret::new("id:a/b<c")), "<p>…</p>");
        check("/x?access_token=abc&v=5", None, "/x?access_token=…&v=5");
        check(r#"{"access_token": "abc", "v": 1}"#, None, r#"{"access_token": "…", "v": 1}"#);
        check(
            r#"[{"key":"access_token","value":"abc"},{"key":"v","value":"5"}]"#,
            None,
            r#"[{"key":"access_token","value":"…"},{"key":"v","value":"5"}]"#,
        );
        check(
            "{\n \"key\": \"access_token\",\n \"value\": \"abc\"\n}",
            None,
            "{\n \"key\": \"access_token\",\n \"value\": \"…\"\n}",
        );
        let lines = Secret::new("application_key=CBA\naccess_token = tkn1");
        check("CBA said tkn1, not key", Some(&lines), "… said …, not key");
        check("wrong access_token given", None, "wrong access_token given");
        check("significant=1", None, "significant=1");
    }
}
