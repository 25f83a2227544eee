//! Addresses and hints in, addresses out.

use super::*;
use crate::adapters::connector::Connectors;
use crate::model::post::Network;

fn first_of(network: &str, kind: &str, base: &str, target: &str) -> Result<String, PollError> {
    let connectors = Connectors::shipped().unwrap();
    let definition = connectors.get(&Network(network.to_owned())).unwrap();
    let base = Url::parse(base).unwrap();
    let since = "2026-11-20T00:00:00Z".parse().ok();
    let start = Start { base: Some(&base), target, since, ..Start::default() };
    first(&definition.file.poll[kind], &start).map(|url| url.to_string())
}

#[test]
fn the_first_page_is_asked_for() {
    fn check(network: &str, kind: &str, target: &str, expected: &str) {
        let base = "http://127.0.0.1:80/";
        assert_eq!(first_of(network, kind, base, target).unwrap(), expected);
    }
    let wall = "count=100&extended=1&filter=all&owner_id=-5&v=5.199";
    check("vk", "wall", "-5", &format!("http://127.0.0.1/method/wall.get?{wall}"));
    let wall = "count=100&domain=gorod&extended=1&filter=all&v=5.199";
    check("vk", "wall", "gorod", &format!("http://127.0.0.1/method/wall.get?{wall}"));
    check("telegram", "channel", "gorod", "http://127.0.0.1/s/gorod");
    check("telegram", "channel", "../x", "http://127.0.0.1/s/%2E%2E%2Fx");
    check("telegram", "search", "gorod яма", "http://127.0.0.1/s/gorod?q=%D1%8F%D0%BC%D0%B0");
    check("x", "user", "77", &format!("http://127.0.0.1/2/users/77/tweets?{}", x_fields()));
    check(
        "telegram",
        "comments",
        "-100/77 gorod/77",
        "http://127.0.0.1/gorod/77?comments_limit=100&discussion=1&embed=1",
    );
    check("rss", "feed", "/feed.xml", "http://127.0.0.1/feed.xml");
    check("mastodon", "comments", "115", "http://127.0.0.1/api/v1/statuses/115/context");
    let thread = "xrpc/app.bsky.feed.getPostThread?depth=1000&parentHeight=0";
    let uri = "at%3A%2F%2Fdid%3Aplc%3Aa%2Fapp.bsky.feed.post%2F3k";
    let expected = format!("http://127.0.0.1/{thread}&uri={uri}");
    check("bluesky", "comments", "at://did:plc:a/app.bsky.feed.post/3k", &expected);
    let search = "q=%D1%8F%D0%BC%D0%B0&sort=latest";
    let expected = format!("http://127.0.0.1/xrpc/app.bsky.feed.searchPosts?limit=100&{search}");
    check("bluesky", "search", "яма", &expected);
    let posts = "api/v3/post/list?community_name=dvor%40x.example&limit=50&sort=New&type_=All";
    check("lemmy", "community", "dvor@x.example", &format!("http://127.0.0.1/{posts}"));
    let uploads = "maxResults=50&part=snippet%2CcontentDetails%2Cstatus&playlistId=UUabc";
    let items = format!("http://127.0.0.1/youtube/v3/playlistItems?{uploads}");
    check("youtube", "channel", "UCabc", &items);
    check("youtube", "feed", "UCabc", "http://127.0.0.1/feeds/videos.xml?channel_id=UCabc");
    let search = "maxResults=50&order=date&part=snippet\
                  &publishedAfter=2026-11-20T00%3A00%3A00Z&q=%D1%8F%D0%BC%D0%B0\
                  &regionCode=RU&relevanceLanguage=ru&type=video";
    let search = format!("http://127.0.0.1/youtube/v3/search?{search}");
    check("youtube", "search", "яма", &search);
    check("rss", "feed", "https://x.example/a?b=1", "https://x.example/a?b=1");
}

#[test]
fn targets_have_parts() {
    fn check(name: &str, target: &str, expected: Option<&str>) {
        assert_eq!(of_target(name, target).as_deref(), expected, "{name} of {target}");
    }
    check("target_head", "-5_482121", Some("-5"));
    check("target_tail", "-5_482121", Some("482121"));
    check("target_tail", "t3_abc", Some("abc"));
    check("target_tail", "482121", None);
    check("rest_head", "-100/77 Gorod_35/77", Some("Gorod_35"));
    check("rest_tail", "-100/77 gorod/77", Some("77"));
    check("rest_tail", "-100/77", None);
    check("target_host", "https://forum.example/c/5 яма", Some("forum.example"));
    check("target_host", "forum.example", None);
}

#[test]
fn a_target_may_be_the_base() {
    fn check(path: &str, target: &str, base: Option<&str>, expected: Option<&str>) {
        let base = base.map(|base| Url::parse(base).unwrap());
        let about = About::default();
        let start = Start { base: base.as_ref(), target, about, ..Start::default() };
        let got = address(path, &start).ok().map(|url| url.to_string());
        assert_eq!(got.as_deref(), expected, "{path} of {target}");
    }
    let forum = "https://forum.example/talk/?a=1 яма";
    check(
        "{target_first}/search.json",
        forum,
        None,
        Some("https://forum.example/talk/search.json"),
    );
    let mirror = Some("http://127.0.0.1:80/m");
    check("{target}/data/atom", "ivanov", mirror, Some("http://127.0.0.1/m/ivanov/data/atom"));
    check("{target}/data/atom", "ivanov", None, None);
    check("{target}/data/atom", "file:///etc", None, None);
    check("/x/{target}", "https://forum.example", None, None);
}

#[test]
fn a_post_says_where_its_comments_are() {
    fn check(network: &str, native_id: &str, url: Option<&str>, expected: Option<&str>) {
        let connectors = Connectors::shipped().unwrap();
        let definition = connectors.get(&Network(network.to_owned())).unwrap();
        let target = target_under(&definition.file.poll["comments"], native_id, url, "s");
        assert_eq!(target.as_deref(), expected, "{network} {native_id}");
    }
    check("vk", "-5_77", None, Some("-5_77"));
    let post = Some("https://t.me/gorod/77");
    check("telegram", "-100/77", post, Some("-100/77 gorod/77"));
    check("telegram", "-100/77", None, None);
}

#[test]
fn ids_have_two_parts() {
    for (id, expected) in [
        ("-210000001_55", ("-210000001", "55")),
        ("-1001234567890/55", ("-1001234567890", "55")),
        ("abc", ("abc", "abc")),
        ("a/b_c/d", ("a/b_c", "d")),
    ] {
        assert_eq!(id_parts(id), expected, "{id}");
    }
}

#[test]
fn comments_of_a_post_are_asked_for() {
    let connectors = Connectors::shipped().unwrap();
    let definition = connectors.get(&Network("vk".to_owned())).unwrap();
    let base = Url::parse("http://127.0.0.1").unwrap();
    let about = About { post: Some("-5_7"), branch: Some("-5_9"), posts: None };
    let start = Start { base: Some(&base), target: "-5_7", about, ..Start::default() };
    let asked = |kind: &str| {
        let url = first(&definition.file.poll[kind], &start).unwrap();
        url.query_pairs().into_owned().collect::<std::collections::BTreeMap<_, _>>()
    };
    let comments = asked("comments");
    assert_eq!((comments["owner_id"].as_str(), comments["post_id"].as_str()), ("-5", "7"));
    assert!(!comments.contains_key("comment_id"));
    let branch = asked("branch");
    assert_eq!((branch["post_id"].as_str(), branch["comment_id"].as_str()), ("7", "9"));
}

#[test]
fn a_base_may_have_a_path() {
    let url = first_of("telegram", "channel", "https://mirror.example/tg/", "gorod").unwrap();
    assert_eq!(url, "https://mirror.example/tg/s/gorod");
}

/// What every request for posts of X asks for, in the order of the names.
fn x_fields() -> String {
    let connectors = Connectors::shipped().unwrap();
    let definition = connectors.get(&Network("x".to_owned())).unwrap();
    let mut query = definition.file.poll["user"].query.clone();
    query.insert("start_time".to_owned(), "2026-11-20T00:00:00Z".to_owned());
    query.remove("end_time");
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish()
}

#[test]
fn lists_of_fields_in_braces_are_no_stand_ins() {
    let url = first_of("instagram", "account", "https://x.example", "11 gorod").unwrap();
    let url = Url::parse(&url).unwrap();
    assert_eq!(url.path(), "/v26.0/11");
    let (_, fields) = url.query_pairs().find(|(name, _)| name == "fields").unwrap();
    assert!(fields.starts_with("business_discovery.username(gorod){id,username,"), "{fields}");
    assert!(fields.contains("media.limit(50){id,caption"), "{fields}");
    assert!(first_of("x", "user", "https://x.example", "gorod").is_err());
}

#[test]
fn a_taken_cursor_goes_into_the_first_address() {
    let take = vec!["after".to_owned()];
    let paging = Paging::NextAddress { at: "/next".to_owned(), take };
    let url = Url::parse("http://x.example/m?limit=5&after=0").unwrap();
    let mut progress = Progress::default();
    let mut next = |token| query(progress.next(&paging, &url, &hint(5, None, token), None));
    assert_eq!(next(Some("after=a%3D")).unwrap(), "limit=5&after=a%3D");
    assert_eq!(next(Some("after=b")).unwrap(), "limit=5&after=b");
    assert_eq!(next(Some("after=b")), None);
    assert_eq!(next(None), None);
}

fn hint(items: usize, total: Option<u64>, token: Option<&str>) -> PagingHint {
    PagingHint { items, total, token: token.map(str::to_owned) }
}

fn query(url: Option<Url>) -> Option<String> {
    url.and_then(|url| url.query().map(str::to_owned))
}

#[test]
fn offsets_go_on_until_the_total() {
    let paging = Paging::Offset { param: "offset".to_owned(), total: "/count".to_owned() };
    let url = Url::parse("http://x.example/m").unwrap();
    let mut progress = Progress::default();
    let mut next =
        |items, total| query(progress.next(&paging, &url, &hint(items, total, None), None));
    assert_eq!(next(100, Some(203)).unwrap(), "offset=95");
    assert_eq!(next(100, Some(203)).unwrap(), "offset=190");
    assert_eq!(next(13, Some(203)), None);
    assert_eq!(next(0, None), None);
}

#[test]
fn tokens_end_where_they_are_absent_or_repeat() {
    let paging = Paging::Token {
        param: "before".to_owned(),
        at: String::new(),
        more: None,
        empty_ends: false,
    };
    let url = Url::parse("http://x.example/m?q=1").unwrap();
    let mut progress = Progress::default();
    let mut next = |token| query(progress.next(&paging, &url, &hint(20, None, token), None));
    assert_eq!(next(Some("40")).unwrap(), "q=1&before=40");
    assert_eq!(next(Some("20")).unwrap(), "q=1&before=20");
    assert_eq!(next(Some("40")), None);
    assert_eq!(next(None), None);
}

#[test]
fn a_stretch_of_the_past_is_asked_for_by_its_newer_end() {
    fn check(network: &str, kind: &str, expected: &str) {
        let connectors = Connectors::shipped().unwrap();
        let definition = connectors.get(&Network(network.to_owned())).unwrap();
        let base = Url::parse("http://x.example").unwrap();
        let until = "2026-11-20T00:00:00.5Z".parse().ok();
        let (target, until_id) = ("77", Some("town/41"));
        let start = Start { base: Some(&base), target, until, until_id, ..Start::default() };
        let url = first(&definition.file.poll[kind], &start).unwrap();
        assert!(query(Some(url.clone())).unwrap().contains(expected), "{url}");
    }
    check("vk", "search", "end_time=1795132801");
    check("x", "user", "end_time=2026-11-20T00%3A00%3A01Z");
    check("telegram", "channel", "before=41");
    check("mastodon", "account", "max_id=town%2F41");
}

#[test]
fn a_reading_goes_on_at_its_place() {
    let url = Url::parse("http://x.example/m?q=1&before=9").unwrap();
    let token = Paging::Token {
        param: "before".to_owned(),
        at: String::new(),
        more: None,
        empty_ends: false,
    };
    let mut progress = Progress::default();
    assert_eq!(progress.place(&token), None, "the first page has none");
    assert_eq!(query(progress.go_to("5", &token, &url)).unwrap(), "q=1&before=5");
    assert_eq!(progress.place(&token).as_deref(), Some("5"));
    assert_eq!(progress.next(&token, &url, &hint(9, None, Some("5")), None), None);
    let number = Paging::Number { param: "page".to_owned() };
    let mut progress = Progress::default();
    assert_eq!(progress.place(&number).as_deref(), Some("1"));
    assert_eq!(progress.go_to("1", &number, &url), None);
    assert_eq!(query(progress.go_to("4", &number, &url)).unwrap(), "q=1&before=9&page=4");
    assert_eq!(progress.place(&number).as_deref(), Some("4"));
    let next = progress.next(&number, &url, &hint(9, None, None), None);
    assert_eq!(query(next).unwrap(), "q=1&before=9&page=5");
}

#[test]
fn ids_that_hold_a_time_are_known_by_their_look() {
    fn check(known: &[&str], expected: Option<u64>) {
        let since = "2026-08-01T13:53:49.918Z".parse().unwrap();
        assert_eq!(snowflake(since, known.iter().copied()), expected, "{known:?}");
    }
    check(&["117020585487094447", "117020565966271181"], Some(117_020_585_487_106_048));
    check(&["117020585487094447", "01JCZ0E3C3S6Q4T1"], None);
    check(&["9vJf2kq1"], None);
    check(&["12345"], None);
    check(&[], None);
}

#[test]
fn links_stay_on_their_host() {
    let paging = Paging::LinkHeader { forward: false };
    let url = Url::parse("http://x.example/m").unwrap();
    let mut progress = Progress::default();
    let mut next = |link| query(progress.next(&paging, &url, &hint(20, None, None), link));
    assert_eq!(next(Some("http://x.example/m?max_id=5")).unwrap(), "max_id=5");
    assert_eq!(next(Some("http://x.example/m?max_id=5")), None);
    assert_eq!(next(Some("http://other.example/m?max_id=1")), None);
    assert_eq!(next(None), None);
}
