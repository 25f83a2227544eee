//! What stays the same of a post on a page: its address without what visits,
//! sessions and moves of the site add to it, or else its words.

use sha2::Digest as _;
use sha2::Sha256;
use url::Url;

/// Parameters that say who came from where, not what is shown.
const PASSING: [&str; 16] = [
    "yclid",
    "gclid",
    "fbclid",
    "ysclid",
    "_openstat",
    "openstat",
    "from",
    "ref",
    "phpsessid",
    "jsessionid",
    "sessionid",
    "session_id",
    "sid",
    "sess",
    "_ga",
    "nocache",
];
/// Files that stand for their folder.
const INDEXES: [&str; 4] = ["index.html", "index.htm", "index.php", "default.aspx"];

/// An address as others may open it: without parameters of visits.
pub fn canonical(address: &Url) -> Url {
    let mut url = address.clone();
    url.set_fragment(None);
    let path = url.path();
    if let Some(at) = path.to_ascii_lowercase().find(";jsessionid=") {
        let path = path[..at].to_owned();
        url.set_path(&path);
    }
    let is_lasting = |name: &str| {
        let name = name.to_ascii_lowercase();
        !name.starts_with("utm_") && !PASSING.contains(&name.as_str())
    };
    let kept: Vec<(String, String)> = address
        .query_pairs()
        .filter(|(name, _)| is_lasting(name))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    url
}

/// The id of the post at an address: the same over http and https, with and
/// without `www.`, whatever the order of parameters.
pub fn of_address(address: &Url) -> String {
    let url = canonical(address);
    let host = url.host_str().unwrap_or("").trim_start_matches("www.").to_owned();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let mut path = url.path().to_owned();
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", ""));
    if INDEXES.contains(&file.to_ascii_lowercase().as_str()) {
        path = folder.to_owned();
    }
    let path = path.trim_end_matches('/');
    let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    pairs.sort();
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{host}{port}{path}{mark}{query}")
}

/// The id of a post that has no address of its own.
pub fn of_words(site: &str, text: &str) -> String {
    let flat: Vec<&str> = text.split_whitespace().collect();
    let digest = Sha256::digest(flat.join(" ").to_lowercase().as_bytes());
    let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{site}#{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_outlives_visits_and_moves() {
        fn check(address: &str, expected: &str) {
            assert_eq!(of_address(&Url::parse(address).unwrap()), expected, "{address}");
        }
        check("https://www.gorod.example/news/5/", "gorod.example/news/5");
        check("http://gorod.example/news/5?utm_source=x&yclid=1#top", "gorod.example/news/5");
        check("https://gorod.example/news.php?id=5&PHPSESSID=ab12", "gorod.example/news.php?id=5");
        check("https://gorod.example/n?b=2&a=1", "gorod.example/n?a=1&b=2");
        check("https://gorod.example/news/5/index.php", "gorod.example/news/5");
        check("https://gorod.example/n;jsessionid=9?id=1", "gorod.example/n?id=1");
        check("http://127.0.0.1:8000/a", "127.0.0.1:8000/a");
    }

    #[test]
    fn words_are_an_id_whatever_their_spaces() {
        let id = of_words("gorod.example", "Яма на  Ленина");
        assert_eq!(id, of_words("gorod.example", "яма на\nЛенина"));
        assert_ne!(id, of_words("gorod.example", "яма на Мира"));
    }
}
