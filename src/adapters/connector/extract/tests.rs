//! What whole payloads come to: refusals, and what only sounds like one.

use crate::adapters::connector::Connectors;
use crate::adapters::connector::definition::Definition;
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::extract::{Asked, Page, extract_asked, whole};
use crate::adapters::connector::growth;
use crate::model::post::Network;
use crate::model::source::PageRules;

fn definition(connectors: &Connectors, network: &str) -> Definition {
    connectors.get(&Network(network.to_owned())).unwrap().clone()
}

fn read(network: &str, kind: &str, payload: &str) -> Result<Page, PollError> {
    let connectors = Connectors::shipped().unwrap();
    let rules = PageRules {
        item: Some(".item".to_owned()),
        title: Some("h3".to_owned()),
        ..PageRules::default()
    };
    let asked =
        Asked { target: Some("https://town.example/news"), page: Some(&rules), ..Asked::default() };
    let now = "2026-11-22T09:00:00Z".parse().unwrap();
    extract_asked(&definition(&connectors, network), kind, payload.as_bytes(), None, now, asked)
}

fn class(network: &str, kind: &str, payload: &str) -> Option<ErrorClass> {
    read(network, kind, payload).err().map(|error| error.class)
}

fn page(title: &str, body: &str) -> String {
    format!("<html><head><title>{title}</title></head><body>{body}</body></html>")
}

#[test]
fn news_about_numbers_are_no_refusal() {
    fn check(title: &str, body: &str, expected: Option<ErrorClass>) {
        assert_eq!(class("web", "posts", &page(title, body)), expected, "{title} {body}");
    }
    let item = "<div class=item><h3><a href=/1>Ремонт дороги</a></h3></div>";
    let form = "<form><div class=g-recaptcha></div></form>";
    let long = "Много слов о жизни сада. ".repeat(40);
    check("429 Too Many Requests", item, None);
    check("Школа № 403", &(item.to_owned() + form), None);
    check("Детский сад № 429", "<p>Новостей пока нет</p>", None);
    check("Детский сад № 429", &long, Some(ErrorClass::Malformed));
    check("Школа", &(long.clone() + form), Some(ErrorClass::Malformed));
    check("Школа", form, Some(ErrorClass::Captcha));
    check("429 Too Many Requests", "<h1>429 Too Many Requests</h1>", Some(ErrorClass::RateLimited));
    check("Ошибка 403", "", Some(ErrorClass::Forbidden));
    check("503 Service Temporarily Unavailable", "", Some(ErrorClass::Unavailable));
}

#[test]
fn whole_texts_about_numbers_are_read() {
    let connectors = Connectors::shipped().unwrap();
    let definition = definition(&connectors, "web");
    let rules = PageRules { full: Some(".body".to_owned()), ..PageRules::default() };
    let asked = Asked { page: Some(&rules), ..Asked::default() };
    let now = "2026-11-22T09:00:00Z".parse().unwrap();
    let read = |html: &str| {
        whole(&definition, "posts", html.as_bytes(), None, now, asked).map(|whole| whole.text)
    };
    let told = read(&page("Ошибка 403 на сайте школы", "<div class=body>Сайт открыт.</div>"));
    assert_eq!(told, Ok(Some("Сайт открыт.".to_owned())));
    let refused = read(&page("403 Forbidden", "<h1>403 Forbidden</h1>"));
    assert_eq!(refused.map_err(|error| error.class), Err(ErrorClass::Forbidden));
}

#[test]
fn channels_with_numbers_in_their_names_are_read() {
    let message = "<div class='tgme_widget_message' data-post='sad429/7'>\
        <div class='tgme_widget_message_text js-message_text'>Яма у сада</div>\
        <a class=tgme_widget_message_date><time datetime='2026-11-21T10:00:00+00:00'></time></a></div>";
    fn check(title: &str, body: &str, expected: Option<ErrorClass>) {
        assert_eq!(class("telegram", "posts", &page(title, body)), expected, "{title} {body}");
    }
    let empty = "<div class=tgme_channel_info></div>";
    check("Детский сад № 429 – Telegram", message, None);
    check("429 Too Many Cooks – Telegram", empty, None);
    let contact = "<div class=tgme_page><div class=tgme_page_title>429 Too Many</div></div>";
    check("Telegram: Contact @too429", contact, Some(ErrorClass::Forbidden));
    check("429 Too Many Requests", "<h1>429</h1>", Some(ErrorClass::RateLimited));
    check("502 Bad Gateway", "", Some(ErrorClass::Unavailable));
}

#[test]
fn dates_of_pages_with_a_zone_are_in_it() {
    let rules = "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"headline\":\"Яма\",\
        \"url\":\"https://town.example/1\",\"datePublished\":\"2026-11-21T10:00:00Z\"}</script>";
    let connectors = Connectors::shipped().unwrap();
    let definition = definition(&connectors, "web");
    let now = "2026-11-22T09:00:00Z".parse().unwrap();
    let read = |html: &str| {
        let page =
            extract_asked(&definition, "posts", html.as_bytes(), None, now, Asked::default());
        page.unwrap().posts[0].published_at.to_string()
    };
    assert_eq!(read(rules), "2026-11-21T10:00:00Z");
    let marked = "<article><h2><a href='https://town.example/2'>Яма</a></h2>\
        <time datetime='2026-11-21T00:00:00+00:00'>21 ноября</time></article>";
    assert_eq!(read(marked), "2026-11-21T00:00:00Z");
    let graph = "<meta property='article:published_time' content='Sat, 21 Nov 2026 10:00:00 GMT'>\
        <meta property='og:title' content='Яма'><meta property='og:url' content='https://town.example/3'>";
    assert_eq!(read(graph), "2026-11-21T10:00:00Z");
}

#[test]
fn what_is_wrong_with_a_key_is_said_of_the_key() {
    fn check(network: &str, kind: &str, payload: &str, expected: ErrorClass) {
        assert_eq!(class(network, kind, payload), Some(expected), "{network} {payload}");
    }
    let google = |reason: &str, code: u16| {
        format!(r#"{{"error":{{"code":{code},"message":"x","errors":[{{"reason":"{reason}"}}]}}}}"#)
    };
    let details = |reason: &str| {
        format!(r#"{{"error":{{"code":403,"message":"x","details":[{{"reason":"{reason}"}}]}}}}"#)
    };
    let refused = ErrorClass::Unauthorised;
    for reason in ["accessNotConfigured", "ipRefererBlocked"] {
        check("youtube", "posts", &google(reason, 403), refused);
    }
    for reason in ["SERVICE_DISABLED", "API_KEY_IP_ADDRESS_BLOCKED", "API_KEY_SERVICE_BLOCKED"] {
        check("youtube", "posts", &details(reason), refused);
    }
    check("youtube", "posts", &google("commentsDisabled", 403), ErrorClass::Forbidden);
    check("vk", "posts", r#"{"error":{"error_code":2,"error_msg":"x"}}"#, refused);
    check("vk", "posts", r#"{"error":{"error_code":3,"error_msg":"x"}}"#, ErrorClass::Config);
    for code in [101, 104, 210] {
        check("ok", "posts", &format!(r#"{{"error_code":{code},"error_msg":"x"}}"#), refused);
    }
    check("ok", "posts", r#"{"error_code":100,"error_msg":"x"}"#, ErrorClass::Config);
}

#[test]
fn excerpts_say_that_they_are() {
    fn check(network: &str, payload: &str, expected: &[bool]) {
        let page = read(network, "search", payload).unwrap();
        let got: Vec<bool> = page.posts.iter().map(|post| post.excerpt).collect();
        assert_eq!(got, expected, "{network} {payload}");
    }
    let snippet = r#""snippet":{"title":"Яма","description":"Во дворе …","publishedAt":"2026-11-21T10:00:00Z","thumbnails":{"default":{"url":"x"}}}"#;
    check("youtube", &format!(r#"{{"items":[{{"id":{{"videoId":"a"}},{snippet}}}]}}"#), &[true]);
    check("youtube", &format!(r#"{{"items":[{{"id":"a",{snippet}}}]}}"#), &[false]);
    let post = r#""id":1,"topic_id":5,"post_number":2,"created_at":"2026-11-21T10:00:00Z""#;
    check("discourse", &format!(r#"{{"posts":[{{{post},"blurb":"… яма …"}}]}}"#), &[true]);
    check("discourse", &format!(r#"{{"posts":[{{{post},"cooked":"<p>Яма</p>"}}]}}"#), &[false]);
}

#[test]
fn a_thread_tells_how_much_there_is() {
    let comment = "<div class='tgme_widget_message' data-post-id=9>\
        <div class='tgme_widget_message_text js-message_text'>Яма</div>\
        <a class=tgme_widget_message_date><time datetime='2026-11-21T10:00:00+00:00'></time></a></div>";
    let header =
        "<div class=tgme_post_discussion_header><span class=js-header>740 comments</span></div>";
    let got = read("telegram", "comments", &page("", &(header.to_owned() + comment))).unwrap();
    assert_eq!((got.hint.items, got.hint.total), (1, Some(740)));
    let got = read("telegram", "comments", &page("", comment)).unwrap();
    assert_eq!((got.hint.items, got.hint.total), (1, None));
}

#[test]
fn items_in_items_have_an_end() {
    let nested = |times: usize| "<div class=item><h3>Яма</h3>".repeat(times);
    assert_eq!(class("web", "posts", &nested(10)), None);
    assert_eq!(class("web", "posts", &nested(100)), Some(ErrorClass::Malformed));
    let broken = "<div class=item><img src=x>".repeat(100);
    assert_eq!(class("web", "posts", &broken), Some(ErrorClass::Malformed));
}

#[test]
fn long_heads_are_read_once() {
    let items =
        r#"{"id":1,"content_text":"Яма","date_published":"2026-11-21T10:00:00Z"},"#.repeat(200);
    let feed = |times: usize| {
        let head = "x".repeat(times);
        let items = items.trim_end_matches(',');
        format!(
            r#"{{"version":"https://jsonfeed.org/version/1.1","title":"Город","description":"{head}","items":[{items}]}}"#
        )
    };
    let page = read("rss", "posts", &feed(10)).unwrap();
    assert_eq!(page.posts.len(), 200);
    assert_eq!(page.posts[0].community.as_deref(), Some("Город"));
    let growth =
        growth::ratio(|times| assert!(read("rss", "posts", &feed(times)).is_ok()), 400_000);
    assert!(growth < 9.0, "four times as much takes {growth} times as long");
    let many = format!(
        r#"{{"version":"https://jsonfeed.org/version/1.1","title":"x","items":[{}{{}}]}}"#,
        "{},".repeat(5_000)
    );
    assert_eq!(class("rss", "posts", &many), Some(ErrorClass::Malformed));
    let head =
        "<rss version=\"2.0\"><channel><title>".to_owned() + &"x".repeat(100_000) + "</title>";
    let broken = head + &"<item><title>Яма</title></item>".repeat(100) + "<item><title>";
    assert_eq!(class("rss", "posts", &broken), Some(ErrorClass::Malformed));
}
