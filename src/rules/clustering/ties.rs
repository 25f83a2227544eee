//! Whom and what a post is tied to beside its words: its author, its thread, the
//! post that it answers, repeats or links to, the number of an appeal that it
//! goes on with. Knows no incidents and no weights.

use crate::model::post::{Media, Post};
use crate::rules::clustering::reading::{Reading, Seen};
use crate::rules::similarity::{KeyKind, key};

/// Links and appeals kept of a post: a digest of thirty links goes on with none.
const LINKS_MAX: usize = 3;
const APPEALS_MAX: usize = 3;
const ATTACHMENTS_MAX: usize = 10;

/// Beginnings of words after which the number of an appeal stands.
const APPEALS: [&str; 9] =
    ["обращени", "заявк", "заявлени", "сообщени", "жалоб", "вопрос", "письм", "ответ", "тикет"];
/// Shorter numbers are those of houses and flats; one without a «№» is a bus, a
/// telephone of rescuers or a count of people unless it is long.
const APPEAL_DIGITS_MIN: usize = 3;
const BARE_DIGITS_MIN: usize = 5;
/// How far back the word stands, in words and in bytes.
const WORDS_BACK: usize = 2;
const APPEAL_WITHIN: u32 = 20;

/// Keys of whom and what a post is tied to. Made once: most of a comparison
/// would be the hashing of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ties {
    /// The post itself.
    pub own: u64,
    /// Where it can be read.
    pub address: Option<u64>,
    /// The thread that this post itself opens.
    pub opened_thread: u64,
    pub thread: Option<u64>,
    pub parent: Option<u64>,
    pub repost: Option<u64>,
    pub author: Option<u64>,
    /// Where its links lead, sorted.
    pub links: Box<[u64]>,
    /// Numbers of the appeals that it names, sorted.
    pub appeals: Box<[u64]>,
    /// Its photos, videos and documents, sorted.
    pub attachments: Box<[u64]>,
}

impl Ties {
    pub fn of(post: &Post, reading: &Reading) -> Ties {
        let network = &post.key.network.0;
        let thread = |id: &String| key(KeyKind::Thread, &[network, id]);
        let author = |id: &String| key(KeyKind::Author, &[network, id]);
        Ties {
            own: post_key(network, &post.key.native_id),
            address: post.url.as_deref().map(address),
            opened_thread: thread(&post.key.native_id),
            thread: post.thread_id.as_ref().map(thread),
            parent: post.parent_id.as_ref().map(|id| post_key(network, id)),
            repost: post.is_repost_of.as_ref().map(|of| post_key(&of.network.0, &of.native_id)),
            author: post.author_id.as_ref().map(author),
            links: few(reading.links.iter().map(|link| address(link)).collect(), LINKS_MAX),
            appeals: few(appeals(&reading.words), APPEALS_MAX),
            attachments: few(post.media.iter().filter_map(attachment).collect(), ATTACHMENTS_MAX),
        }
    }

    /// Whether one answers, repeats, stands beside or links to the other.
    pub fn in_one_thread(&self, other: &Ties) -> bool {
        let opened = Some(other.opened_thread);
        self.thread.is_some() && (self.thread == other.thread || self.thread == opened)
            || self.parent == Some(other.own)
            || self.repost == Some(other.own)
            || other.address.is_some_and(|address| self.links.contains(&address))
    }

    pub fn of_one_author(&self, other: &Ties) -> bool {
        self.author.is_some() && self.author == other.author
    }

    /// Whether both show one photo, video or document.
    pub fn of_one_attachment(&self, other: &Ties) -> bool {
        self.attachments.iter().any(|file| other.attachments.contains(file))
    }

    /// Whether both name one appeal.
    pub fn of_one_appeal(&self, other: &Ties) -> bool {
        self.appeals.iter().any(|appeal| other.appeals.contains(appeal))
    }
}

/// The key of a file, whatever a network adds to its address for each reader. A
/// link is no attachment: many who write of different things link to one article.
fn attachment(media: &Media) -> Option<u64> {
    let is_file = matches!(media.kind.as_str(), "photo" | "video" | "document" | "audio");
    let url = media.url.as_deref().filter(|_| is_file)?;
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = path.rsplit('/').next().unwrap_or(path);
    // «watch?v=…» is all in what follows.
    let file = if name.contains('.') { path } else { url };
    (!file.is_empty()).then(|| key(KeyKind::Address, &[file]))
}

fn few(mut keys: Vec<u64>, most: usize) -> Box<[u64]> {
    keys.sort_unstable();
    keys.dedup();
    if keys.len() > most {
        keys.clear();
    }
    keys.into_boxed_slice()
}

fn post_key(network: &str, native_id: &str) -> u64 {
    key(KeyKind::Post, &[network, native_id])
}

/// The key of a page, however its link is written.
fn address(link: &str) -> u64 {
    let link = link.to_lowercase();
    let link = link.trim_start_matches("https://").trim_start_matches("http://");
    let link = link.trim_start_matches("www.").trim_start_matches("m.");
    let link = link.split('#').next().unwrap_or(link).trim_end_matches('/');
    // One post of VKontakte has a link on each page that shows it, one of Telegram
    // a preview.
    let wall = link.find("wall").filter(|_| link.starts_with("vk.")).map(|at| &link[at..]);
    let wall = wall.map(|wall| wall.split(['?', '&', '%']).next().unwrap_or(wall));
    match wall {
        Some(wall) => key(KeyKind::Address, &["vk.com", wall]),
        None => key(KeyKind::Address, &[&link.replacen("t.me/s/", "t.me/", 1)]),
    }
}

/// «обращение № 1164», «Сообщение №: 96690».
fn appeals(words: &[Seen]) -> Vec<u64> {
    let mut found = Vec::new();
    for (at, number) in words.iter().enumerate().filter(|(_, word)| is_appeal(word)) {
        let near = &words[at.saturating_sub(WORDS_BACK)..at];
        let is_near = |word: &&Seen| number.span.start <= word.span.end + APPEAL_WITHIN;
        let is_appeal = |word: &Seen| APPEALS.iter().any(|start| word.norm.starts_with(start));
        let is_numbered = number.after_number_sign
            || near.last().is_some_and(|word| matches!(word.norm.as_str(), "номер" | "n"));
        let is_long = BARE_DIGITS_MIN <= number.norm.len();
        if (is_numbered || is_long) && near.iter().filter(is_near).any(is_appeal) {
            found.push(key(KeyKind::Appeal, &[&number.norm]));
        }
    }
    found
}

/// Digits enough, and no year.
fn is_appeal(word: &Seen) -> bool {
    let digits = word.norm.len();
    let is_year = digits == 4 && (word.norm.starts_with("19") || word.norm.starts_with("20"));
    let all_digits = word.norm.bytes().all(|byte| byte.is_ascii_digit());
    word.is_number && all_digits && APPEAL_DIGITS_MIN <= digits && !is_year
}

#[cfg(test)]
mod tests {
    use crate::model::post::{Network, PostKey};
    use crate::model::time::from_ms;
    use crate::rules::clustering::reading::read;
    use crate::rules::text::stem::StemMemo;

    use super::*;

    fn ties(url: Option<&str>, text: &str) -> Ties {
        let key = PostKey { network: Network("vk".to_owned()), native_id: text.to_owned() };
        let post =
            Post { url: url.map(str::to_owned), ..Post::of_text(key, text.to_owned(), from_ms(0)) };
        Ties::of(&post, &read(&mut StemMemo::default(), text))
    }

    #[test]
    fn a_link_leads_to_its_post_however_it_is_written() {
        let links = [
            ("https://vk.com/wall-5_17", "Писали уже: vk.com/wall-5_17, без толку"),
            ("https://vk.com/wall-5_17", "https://m.vk.com/public5?w=wall-5_17 вот же"),
            ("https://t.me/gorod/31", "Смотрите https://t.me/s/gorod/31"),
            ("https://forum.example/t/750/", "Ответ: http://www.forum.example/t/750#last"),
        ];
        for (url, text) in links {
            assert!(ties(None, text).in_one_thread(&ties(Some(url), "Яма")), "{text}");
        }
        let other = ties(Some("https://vk.com/wall-5_18"), "Яма");
        assert!(!ties(None, "vk.com/wall-5_17").in_one_thread(&other));
        let digest = "vk.com/a vk.com/b vk.com/c vk.com/d vk.com/wall-5_18";
        assert!(!ties(None, digest).in_one_thread(&other), "a digest goes on with none");
    }

    #[test]
    fn messages_that_name_one_appeal_are_tied() {
        let of_one = |one: &str, other: &str| ties(None, one).of_one_appeal(&ties(None, other));
        let first = "Моё обращение №96690 закрыли без ответа";
        assert!(of_one(first, "Сообщение №: 96690, почему не сделано"));
        assert!(of_one(first, "по заявке номер 96690 никто не приехал"));
        assert!(!of_one(first, "обращение № 96691"));
        assert!(!of_one("дом 96690", "обращение 96690"));
        assert!(!of_one("обращения 2025 года", "жалобы 2025 года"), "a year is no number");
        assert!(!of_one("вопрос № 12", "вопрос № 12"));
        for bare in ["Жалоба на 115 автобус", "Обращение в 112", "обращение от 200 жителей"]
        {
            assert!(!of_one(bare, bare), "{bare}");
        }
        assert!(of_one("Ответ на вопрос №750", "решение вопроса № 750"));
    }

    #[test]
    fn one_file_ties_whatever_its_address_adds_and_a_link_does_not() {
        let showing = |kind: &str, url: &str| {
            let key = PostKey { network: Network("vk".to_owned()), native_id: url.to_owned() };
            let media = vec![Media { kind: kind.to_owned(), url: Some(url.to_owned()) }];
            let post = Post { media, ..Post::of_text(key, String::new(), from_ms(0)) };
            Ties::of(&post, &read(&mut StemMemo::default(), ""))
        };
        let photo = showing("photo", "https://files.example/a/pit.jpg?size=100&sign=1");
        let again = showing("photo", "https://files.example/a/pit.jpg?size=900&sign=2");
        assert!(photo.of_one_attachment(&again));
        assert!(!photo.of_one_attachment(&showing("photo", "https://files.example/b/pit.jpg")));
        let video = |id: &str| showing("video", &format!("https://video.example/watch?v={id}"));
        assert!(video("a").of_one_attachment(&video("a")));
        assert!(!video("a").of_one_attachment(&video("b")));
        let article = || showing("link", "https://news.example/town.html");
        assert!(!article().of_one_attachment(&article()), "many write below one article");
    }
}
