//! What only Odnoklassniki does: requests are signed, texts name people and
//! groups between tokens, a comment's id tells its topic. Knows neither
//! requests nor payloads as a whole.

use base64::Engine as _;
use md5::Digest as _;
use md5::Md5;
use url::Url;

/// The lines of a token file:
///
/// ```text
/// application_key=…
/// application_secret_key=…
/// access_token=…
/// session_secret_key=…
/// ```
///
/// With an access token the session's secret is used, or made of the token and
/// the application's secret where it is not given. Without one requests are
/// signed by the application alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials<'a> {
    application_key: &'a str,
    application_secret_key: Option<&'a str>,
    access_token: Option<&'a str>,
    session_secret_key: Option<&'a str>,
}

impl<'a> Credentials<'a> {
    /// `Err` says what is wrong with the file, without its words.
    pub fn parse(text: &'a str) -> Result<Credentials<'a>, String> {
        let mut found = Credentials::default();
        for line in text.lines().map(str::trim).filter(|line| is_filled(line)) {
            let Some((name, value)) = line.split_once('=') else {
                return Err("the token file needs lines of the form name=value".to_owned());
            };
            let value = value.trim();
            match name.trim() {
                "application_key" => found.application_key = value,
                "application_secret_key" => found.application_secret_key = Some(value),
                "access_token" => found.access_token = Some(value),
                "session_secret_key" => found.session_secret_key = Some(value),
                _ => return Err("the token file has a line of an unknown name".to_owned()),
            }
        }
        if found.application_key.is_empty() {
            return Err("the token file has no application_key".to_owned());
        }
        found.secret().is_some().then_some(found).ok_or_else(|| {
            "the token file has neither application_secret_key nor session_secret_key".to_owned()
        })
    }

    fn secret(&self) -> Option<String> {
        match (self.access_token, self.session_secret_key, self.application_secret_key) {
            (Some(_), Some(session), _) => Some(session.to_owned()),
            (Some(token), None, Some(application)) => Some(hex(&format!("{token}{application}"))),
            (None, _, Some(application)) => Some(application.to_owned()),
            (_, _, None) => None,
        }
    }

    /// Adds key, signature and token to an address. Everything is signed but
    /// the token; names and values stand in the signed text as they are, not
    /// as they are encoded.
    pub fn sign(&self, url: &mut Url) {
        let secret = self.secret().unwrap_or_default();
        url.query_pairs_mut().append_pair("application_key", self.application_key);
        let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        pairs.sort();
        let signed: String = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let signature = hex(&format!("{signed}{secret}"));
        url.query_pairs_mut().append_pair("sig", &signature);
        if let Some(token) = self.access_token {
            url.query_pairs_mut().append_pair("access_token", token);
        }
    }
}

/// Empty lines and remarks are passed over.
fn is_filled(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

fn hex(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a token may name.
const TOKENS: [&str; 16] = [
    "actor",
    "album",
    "app",
    "friend",
    "group",
    "group_album",
    "group_photo",
    "media_topic",
    "movie",
    "photo",
    "place",
    "status",
    "theme",
    "topic",
    "user",
    "video",
];

/// `{group:1}Name{group}` is `Name`; braces that people wrote stay.
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = token(rest).unwrap_or(0);
        if length == 0 {
            out.push('{');
        }
        rest = &rest[length.max(1)..];
    }
    out + rest
}

/// The length of the token at the start of a text.
fn token(text: &str) -> Option<usize> {
    let end = text.find('}')?;
    let (name, id) = text[1..end].split_once(':').unwrap_or((&text[1..end], ""));
    let is_id = id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':'));
    (TOKENS.contains(&name) && is_id).then_some(end + 1)
}

/// The topic's number in `media_topic:1` or `{media_topic:1}Words{media_topic}`.
pub fn topic_id(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("media_topic:")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

/// Where a topic is read: `group:1/2` is topic 2 of group 1, `user:1/2` a note
/// of a person.
pub fn topic_url(text: &str) -> Option<String> {
    let (owner, topic) = text.split_once('/')?;
    let (kind, id) = owner.split_once(':')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(id) || !is_number(topic) {
        return None;
    }
    match kind.to_ascii_lowercase().as_str() {
        "group" => Some(format!("https://ok.ru/group/{id}/topic/{topic}")),
        "user" => Some(format!("https://ok.ru/profile/{id}/statuses/{topic}")),
        _ => None,
    }
}

/// The topic in a comment's id: five numbers between colons, in base64, of
/// which the fourth is the topic's.
pub fn comment_topic(id: &str) -> Option<String> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(id.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let numbers: Vec<&str> = text.split(':').collect();
    let is_one = numbers.len() == 5 && numbers.iter().all(|one| one.parse::<i64>().is_ok());
    is_one.then(|| numbers[3].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &str = "application_key=CBAPUBLIC\n\
                        application_secret_key=SECRET\n\
                        # from the application's settings\n\
                        access_token = tkn1abc\n";

    fn signed(credentials: &str, query: &str) -> String {
        let mut url = Url::parse(&format!("https://api.ok.ru/fb.do?{query}")).unwrap();
        Credentials::parse(credentials).unwrap().sign(&mut url);
        url.query().unwrap().to_owned()
    }

    #[test]
    fn requests_are_signed_as_the_network_does_it() {
        fn check(credentials: &str, query: &str, expected: &str) {
            assert_eq!(signed(credentials, query), expected);
        }
        let alone = "application_key=CBAPUBLIC\napplication_secret_key=SECRET";
        check(
            alone,
            "method=m.get&format=json",
            "method=m.get&format=json&application_key=CBAPUBLIC&sig=133b0de1f15bd65e1505875ba2833485",
        );
        check(
            BOTH,
            "method=m.get&format=json",
            "method=m.get&format=json&application_key=CBAPUBLIC&sig=fc9e5241855f47a64dc474c20099fe88&access_token=tkn1abc",
        );
        let session = format!("{BOTH}session_secret_key=SESSION");
        check(
            &session,
            "method=m.get&format=json",
            "method=m.get&format=json&application_key=CBAPUBLIC&sig=9af8dbb194a8b7f4ef83af5cf84f25e3&access_token=tkn1abc",
        );
        // Signed as it is meant, sent as it is encoded.
        check(
            BOTH,
            "method=m.get&format=json&query=%D1%8F%D0%BC%D0%B0+1%262",
            "method=m.get&format=json&query=%D1%8F%D0%BC%D0%B0+1%262&application_key=CBAPUBLIC&sig=9a904b7ec4ff29114f21ce361e8279ac&access_token=tkn1abc",
        );
    }

    #[test]
    fn files_that_cannot_sign_are_told_without_their_words() {
        fn check(text: &str, expected: &str) {
            let error = Credentials::parse(text).err().unwrap();
            assert!(error.contains(expected) && !error.contains("tkn1abc"), "{error}");
        }
        check("tkn1abc", "name=value");
        check("application_key=a\ntoken=tkn1abc", "unknown name");
        check("access_token=tkn1abc", "no application_key");
        check("application_key=a\naccess_token=tkn1abc", "neither");
        check("application_key=a\nsession_secret_key=tkn1abc", "neither");
    }

    #[test]
    fn tokens_are_unwrapped() {
        fn check(given: &str, expected: &str) {
            assert_eq!(text(given), expected);
        }
        check("Тема в группе {group:123}Наш двор{group}", "Тема в группе Наш двор");
        check("{user:5}Ира{user}, {media_topic:77}яма{media_topic}", "Ира, яма");
        check("смайл {пишу} и {} и {group", "смайл {пишу} и {} и {group");
        check("{group:не номер} {grouped:1}", "{group:не номер} {grouped:1}");
    }

    #[test]
    fn ids_are_found_inside() {
        assert_eq!(topic_id("{media_topic:77}яма{media_topic}").as_deref(), Some("77"));
        assert_eq!(topic_id("media_topic:77").as_deref(), Some("77"));
        assert_eq!(topic_id("group_photo:77"), None);
        assert_eq!(topic_url("GROUP:5/77").unwrap(), "https://ok.ru/group/5/topic/77");
        assert_eq!(topic_url("user:5/77").unwrap(), "https://ok.ru/profile/5/statuses/77");
        assert_eq!(topic_url("group:5/x"), None);
        let id = base64::engine::general_purpose::STANDARD.encode("1795189320000:-7:1:15500001:1");
        assert_eq!(comment_topic(&id).as_deref(), Some("15500001"));
        assert_eq!(comment_topic("MTIz"), None);
        assert_eq!(comment_topic("не base64"), None);
    }
}
