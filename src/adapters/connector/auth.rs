//! Credentials: where they come from, where they go in a request, and that
//! they appear nowhere else.

use std::path::Path;

use url::Url;

use crate::adapters::connector::definition::Auth;
use crate::adapters::connector::error::ErrorClass;
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::ok;

/// A token. Printing it shows that it is there, and no more.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("reading the token file {path}: {source}")]
    Unreadable { path: String, source: std::io::Error },
    #[error("the token file {path} is empty")]
    Empty { path: String },
}

impl Secret {
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// Tokens come from files only: not from the configuration, not from the
    /// environment, where other programs read them.
    pub fn from_file(path: &Path) -> Result<Secret, SecretError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|source| SecretError::Unreadable { path: name.clone(), source })?;
        match text.trim() {
            "" => Err(SecretError::Empty { path: name }),
            token => Ok(Secret(token.to_owned())),
        }
    }

    /// The two halves of a proxy's credentials.
    pub fn login_and_password(&self) -> Option<(&str, &str)> {
        self.0.split_once(':')
    }

    /// The id and the secret of a program, where it is both.
    pub fn pair(&self) -> Option<(&str, &str)> {
        self.0.split_once(':').filter(|(id, secret)| !id.is_empty() && !secret.is_empty())
    }

    /// The secret's words: of a file with lines `name=value` every value is one.
    fn parts(&self) -> impl Iterator<Item = &str> {
        let lines = self.0.lines().filter(|_| self.0.contains('\n'));
        let values = lines.filter_map(|line| line.split_once('=')).map(|(_, value)| value.trim());
        std::iter::once(self.0.as_str()).chain(values.filter(|value| !value.is_empty()))
    }

    /// A stable name of the credential for budgets, which does not give it away.
    pub fn label(&self) -> String {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(self.0.as_bytes());
        digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// Puts the token where the network wants it: into the address, or into the
/// header that is returned.
pub fn apply(
    auth: &Auth,
    secret: Option<&Secret>,
    url: &mut Url,
) -> Result<Option<(String, String)>, PollError> {
    let Some(Secret(token)) = secret else { return Ok(None) };
    let header = match auth {
        Auth::None => None,
        Auth::Query { name } => {
            url.query_pairs_mut().append_pair(name, token);
            None
        }
        Auth::Header { name } => Some((name.clone(), token.clone())),
        Auth::Bearer | Auth::ClientCredentials { .. } => {
            Some(("authorization".to_owned(), format!("Bearer {token}")))
        }
        Auth::OkSignature => {
            let wrong = |detail| PollError::new(ErrorClass::Config, detail);
            ok::Credentials::parse(token).map_err(wrong)?.sign(url);
            None
        }
    };
    Ok(header)
}

/// Whether a token file has the form that its network needs; `Err` says what
/// is wrong without the file's words.
pub fn check(auth: &Auth, secret: &Secret) -> Result<(), String> {
    match auth {
        Auth::OkSignature => ok::Credentials::parse(&secret.0).map(|_| ()),
        Auth::None
        | Auth::Query { .. }
        | Auth::Header { .. }
        | Auth::Bearer
        | Auth::ClientCredentials { .. } => Ok(()),
    }
}

/// Parameters whose values are never shown, whoever's they are.
const SENSITIVE: [&str; 5] = ["access_token", "client_secret", "session_key", "sig", "api_key"];

/// The text without the token, plain or encoded, and without the values of
/// parameters that hold tokens: networks repeat requests in their errors.
pub fn redact(text: &str, secret: Option<&Secret>) -> String {
    let mut clean = text.to_owned();
    for token in secret.iter().flat_map(|secret| secret.parts()) {
        let encoded: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
        clean = clean.replace(token, "…").replace(&encoded, "…");
    }
    for name in SENSITIVE {
        clean = redact_parameter(&clean, name);
    }
    clean
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
        let key = tail[at..].find("\"value\"")? + "\"value\"".len();
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
    fn a_secret_does_not_print_itself() {
        assert_eq!(format!("{:?}", Some(Secret::new("vk1.a.abc"))), "Some(…)");
        assert!(!Secret::new("vk1.a.abc").label().contains("abc"));
        assert_eq!(Secret::new("id:s:x").pair(), Some(("id", "s:x")));
        assert_eq!(Secret::new("vk1.a.abc").pair(), None);
    }

    #[test]
    fn tokens_come_from_files() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, "  vk1.a.abc\n").unwrap();
        assert_eq!(Secret::from_file(&file).unwrap(), Secret::new("vk1.a.abc"));
        std::fs::write(&file, "\n").unwrap();
        assert!(matches!(Secret::from_file(&file), Err(SecretError::Empty { .. })));
        assert!(Secret::from_file(&folder.path().join("none")).is_err());
    }

    #[test]
    fn tokens_are_taken_out_wherever_they_stand() {
        let secret = Secret::new("to/ken+1");
        fn check(text: &str, secret: Option<&Secret>, expected: &str) {
            assert_eq!(redact(text, secret), expected);
        }
        check("a to/ken+1 b", Some(&secret), "a … b");
        check("GET /x?t=to%2Fken%2B1&v=5", Some(&secret), "GET /x?t=…&v=5");
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

    #[test]
    fn the_token_goes_where_the_network_wants_it() {
        let secret = Secret::new("abc");
        let mut url = Url::parse("https://x.example/m?v=5").unwrap();
        let header = apply(&Auth::Bearer, Some(&secret), &mut url).unwrap();
        assert_eq!(header.unwrap().1, "Bearer abc");
        assert_eq!(apply(&Auth::None, Some(&secret), &mut url), Ok(None));
        assert_eq!(apply(&Auth::Bearer, None, &mut url), Ok(None));
        let query = Auth::Query { name: "access_token".to_owned() };
        assert_eq!(apply(&query, Some(&secret), &mut url), Ok(None));
        assert_eq!(url.as_str(), "https://x.example/m?v=5&access_token=abc");
        assert_eq!(check(&Auth::Bearer, &secret), Ok(()));
        assert!(check(&Auth::OkSignature, &secret).is_err());
        let error = apply(&Auth::OkSignature, Some(&secret), &mut url).unwrap_err();
        assert_eq!(error.class, ErrorClass::Config);
    }
}
