use crate::adapters::connector::definition;
use crate::adapters::connector::error::ErrorClass;
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::extract::{Asked, Page, extract, extract_asked};
use crate::model::time::Timestamp;

const NET: &str = r#"name = "Сеть"
format = "json"

[poll]

[extract.posts]
present = ["/meta"]
null_is_empty = true
items = ["/list", "/*/data/children"]
children = "/replies/*"
skip = [{ at = "/kind", equals = "more" }]

[extract.posts.names.kinds]
rows = "/files"
id = { at = "/id" }
name = ["/type"]

[extract.posts.names.addresses]
rows = "/files"
id = { at = "/id" }
name = ["/url"]

[extract.posts.fields]
native_id = { at = "/id" }
text = { at = "/blocks/*/text", every = "paragraphs" }
published_at = { at = "/at", as = "date_utc" }
edited_at = { at = "/changed", as = "date_utc", unless_equal = { at = "/at", as = "date_utc" } }
author_id = { at = "/author", as = "after_colon" }
parent_id = { at = "/parent", as = "last_segment", when = { at = "/kind", equals = "reply" } }

[[extract.posts.media]]
each = "/keys"
kind_at = ""
kind_lookup = "kinds"
kinds = { picture = "photo" }
url = { at = "", lookup = ["addresses"] }

[errors]
code = ["/errors/0/code"]
unless = ["/list"]
"#;

/// What some networks need beyond that: several lists at once, words of the
/// whole payload, rules within rules, errors in words.
const WIDE: &str = r#"name = "Сеть"
format = "json"

[poll]

[extract.posts]
present = ["/posts", "/0"]
items = ["/posts", "/comments"]
all_lists = true
deleted = [{ at = "/comment", absent = true }]
around = { talk = "/posts/0/post/id" }

[extract.posts.fields]
native_id = { at = ["/comment/id", "/post/id"] }
author_name = [{ at = ["/name", "/login"], as = "text" }]
text = [
    { at = "/comment/text", when = { at = "/comment" } },
    { paragraphs = [{ at = "/title", as = "text" }, { at = "/html", as = "html" }], unless = { at = "/comment" } },
]
published_at = { at = ["/claimed", "/arrived"], as = "date_utc", every = "earliest" }
thread_id = { at = "/talk" }

[[extract.posts.media]]
each = ["/post", "/again"]
when = { at = "/post/link" }
kind_at = "/link"
kind_as = "media_kind"
kinds = { photo = "photo" }
kind = "link"
url = { at = "/link" }

[errors]
code = ["/error"]
message = ["/error"]
otherwise = "quota"

[errors.words]
gone = ["Not Found"]

[errors.codes]
config = ["bad"]
"#;

fn read_wide(payload: &str) -> Result<Page, PollError> {
    let definition = definition::parse("net.toml", WIDE).unwrap();
    extract(&definition, "posts", payload.as_bytes(), None, Timestamp::UNIX_EPOCH)
}

fn read(payload: &str) -> Result<Page, ErrorClass> {
    let definition = definition::parse("net.toml", NET).unwrap();
    let result = extract(&definition, "posts", payload.as_bytes(), None, Timestamp::UNIX_EPOCH);
    result.map_err(|error| error.class)
}

fn ids(payload: &str) -> Vec<String> {
    read(payload).unwrap().posts.into_iter().map(|post| post.key.native_id).collect()
}

#[test]
fn items_are_found_wherever_the_network_puts_them() {
    let item = |id: &str| {
        format!(r#"{{"id":"{id}","at":"2026-11-20T10:00:00","blocks":[{{"text":"т"}}]}}"#)
    };
    let (a, b) = (item("a"), item("b"));
    assert_eq!(ids(&format!(r#"{{"meta":1,"list":[{a},{b}]}}"#)), ["a", "b"]);
    assert_eq!(ids(&format!(r#"{{"meta":1,"list":{a}}}"#)), ["a"]);
    let listings = format!(
        r#"{{"meta":1,"x":{{"data":{{"children":[{a}]}}}},"y":{{"data":{{"children":[{b}]}}}}}}"#
    );
    assert_eq!(ids(&listings), ["a", "b"]);
    assert_eq!(ids("null"), [""; 0]);
    assert_eq!(ids(r#"{"meta":{"result_count":0}}"#), [""; 0]);
    assert_eq!(read(r#"{"meta":1,"list":"?"}"#), Err(ErrorClass::Malformed));
    assert_eq!(read(r#"{"something":"else"}"#), Err(ErrorClass::Malformed));
}

#[test]
fn rules_look_at_the_root_and_at_what_was_asked_for() {
    let definition = NET
        .replace(
            "author_id = {",
            "thread_id = { at = \"$target_first\" }\nlang = { at = \"^/lang\" }\nauthor_id = {",
        )
        .replace(
            "as = \"after_colon\" }",
            "as = \"after_colon\", unless = { at = \"/kind\", equals = \"bot\" } }",
        )
        .replace(
            "each = \"/keys\"",
            "each = \"/keys\"\nwhen = { at = \"/kind\", equals = \"photo\" }",
        );
    let definition = definition::parse("net.toml", &definition).unwrap();
    let read = |kind: &str, target| {
        let payload = format!(
            r#"{{"meta":1,"lang":"ru","list":[{{"id":"a","kind":"{kind}","author":"x:5","at":"2026-11-20T10:00:00","blocks":[{{"text":"т"}}],"keys":["k"]}}]}}"#
        );
        let now = Timestamp::UNIX_EPOCH;
        let page = extract_asked(
            &definition,
            "posts",
            payload.as_bytes(),
            None,
            now,
            Asked { target, ..Asked::default() },
        );
        page.unwrap().posts.remove(0)
    };
    let post = read("photo", Some("-5_7 слова"));
    assert_eq!((post.thread_id.as_deref(), post.lang.as_deref()), (Some("-5_7"), Some("ru")));
    assert_eq!((post.author_id.as_deref(), post.media.len()), (Some("5"), 1));
    let post = read("bot", None);
    assert_eq!((post.thread_id, post.author_id, post.media.len()), (None, None, 0));
}

#[test]
fn what_came_in_place_of_json_is_named() {
    fn check(payload: &str, expected: ErrorClass) {
        assert_eq!(read(payload).unwrap_err(), expected, "{payload}");
    }
    check("", ErrorClass::Unavailable);
    check("<html><title>502 Bad Gateway</title></html>", ErrorClass::Unavailable);
    check("<html><title>Too Many Requests</title></html>", ErrorClass::RateLimited);
    check("<html><h1>403 Forbidden</h1></html>", ErrorClass::Forbidden);
    check("<html><title>Привет</title></html>", ErrorClass::Unavailable);
    check("{\"meta\":1,\"list\":[{\"id\":\"a\"}]}", ErrorClass::Malformed);
    check("{\"meta\":1,", ErrorClass::Malformed);
}

#[test]
fn rules_look_at_conditions_and_at_other_places() {
    let page = read(
        r#"{"meta":1,"files":[{"id":"k1","type":"picture","url":"https://x.example/1.jpg"}],
            "errors":[{"code":50}],
            "list":[{"id":1,"kind":"reply","author":"user:7","parent":"at://x/post/abc",
                "at":"2026-11-20T10:00:00","changed":"2026-11-20T10:00:00.000Z","keys":["k1","k2"],
                "blocks":[{"text":"раз"},{"other":1},{"text":"два"}],
                "replies":[{"id":2,"kind":"post","parent":"at://x/post/abc","at":"2026-11-20T10:00:00Z",
                    "changed":"2026-11-20T11:00:00Z","blocks":[{"text":"три"}]},
                    {"id":3,"kind":"more"}]}]}"#,
    )
    .unwrap();
    let [post, reply] = page.posts.as_slice() else { panic!("{page:?}") };
    assert_eq!(post.text, "раз\n\nдва");
    assert_eq!(post.published_at.to_string(), "2026-11-20T10:00:00Z");
    assert_eq!((post.edited_at, post.author_id.as_deref()), (None, Some("7")));
    assert_eq!(post.parent_id.as_deref(), Some("abc"));
    let media: Vec<_> =
        post.media.iter().map(|media| (media.kind.as_str(), media.url.as_deref())).collect();
    assert_eq!(media, [("photo", Some("https://x.example/1.jpg")), ("other", None)]);
    assert_eq!((reply.parent_id.as_deref(), reply.edited_at.is_some()), (Some("1"), true));
}

const KEYED: &str = r#"name = "Сеть"
format = "json"

[poll.wall]
path = "/{target}"
extract = "posts"
paging = { strategy = "next_address", at = "/paging/next", take = ["after"] }
interval_secs = 60
overlap_secs = 60

[extract.posts]
items = ["/data", { at = "", when = { at = "/at" } }, "/*"]
nothing = [{ at = "/count", equals = 0 }]
children = "/answers/data"
around = { place = "/place" }

[extract.posts.names.people]
rows = "/people"
id = { at = "/id" }
name = ["/name"]
as = "lowercase"

[extract.posts.fields]
native_id = { at = "/id" }
url = [{ template = "https://x.example/{people:/by}/{/id}" }, { template = "https://x.example/{/id}" }]
community = { at = "/place" }
text = { at = "/text" }
published_at = { at = "/at", as = "date_utc" }
parent_id = { within = { each = "/links", when = { at = "/kind", equals = "answer" } }, at = "/id" }
author_name = { at = "/by", when = { at = "/hidden", absent = true } }

[[extract.posts.media]]
each = ["/files", "/files/*/parts"]
skip = [{ at = "/parts" }]
kind_at = ["/new_kind", "/kind"]
kinds = { picture = "photo" }

[errors]
code = ["/error/type", "/error/code"]
code_as = "last_segment"
subcode = ["/error/subcode"]
otherwise = "config"

[errors.codes]
rate_limited = ["slow-down", 4, "80..90"]
forbidden = [10]

[errors.subcodes]
gone = [33]
"#;

fn keyed(payload: &str) -> Result<Page, PollError> {
    let definition = definition::parse("net.toml", KEYED).unwrap();
    extract(&definition, "posts", payload.as_bytes(), None, Timestamp::UNIX_EPOCH)
}

#[test]
fn items_stand_in_a_list_alone_or_by_their_ids() {
    let item =
        |id: &str| format!(r#"{{"id":"{id}","at":"2026-11-20T10:00:00Z","text":"т","o":{{}}}}"#);
    let check = |payload: &str, expected: Result<&[&str], ErrorClass>| {
        let got = keyed(payload).map_err(|error| error.class);
        let got = got.map(|page| page.posts.into_iter().map(|p| p.key.native_id).collect());
        assert_eq!(
            got,
            expected.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>())
        );
    };
    check(&format!(r#"{{"data":[{},{}]}}"#, item("a"), item("b")), Ok(&["a", "b"]));
    check(&item("a"), Ok(&["a"]));
    check(&format!(r#"{{"a":{},"b":{}}}"#, item("a"), item("b")), Ok(&["a", "b"]));
    check(r#"{"count":0}"#, Ok(&[]));
    check(r#"{"count":5}"#, Err(ErrorClass::Malformed));
    check(r#"{"data":[{"id":"a","name":"страница"}]}"#, Err(ErrorClass::Malformed));
    check(&format!(r#"{{"data":[{{"id":"z"}},{}]}}"#, item("a")), Ok(&["a"]));
}

#[test]
fn an_item_knows_what_stands_around_and_above_it() {
    let page = keyed(
        r#"{"place":"Двор","people":[{"id":5,"name":"ANNA"}],"data":[
            {"id":"a","by":5,"at":"2026-11-20T10:00:00Z","text":"т","place":"Сад",
             "links":[{"kind":"other","id":"y"},{"kind":"answer","id":"z"}],
             "answers":{"data":[{"id":"b","by":6,"hidden":false,"at":"2026-11-20T10:01:00Z","text":"т",
                "files":[{"kind":"picture"},{"kind":"set","parts":[{"new_kind":"picture","kind":"?"},{}]}]}]}}]}"#,
    )
    .unwrap();
    let [post, answer] = page.posts.as_slice() else { panic!("{page:?}") };
    assert_eq!(post.url.as_deref(), Some("https://x.example/anna/a"));
    assert_eq!(answer.url.as_deref(), Some("https://x.example/b"));
    assert_eq!(
        (post.community.as_deref(), answer.community.as_deref()),
        (Some("Сад"), Some("Двор"))
    );
    assert_eq!((post.parent_id.as_deref(), post.thread_id.as_deref()), (Some("z"), None));
    assert_eq!((answer.parent_id.as_deref(), answer.thread_id.as_deref()), (Some("a"), Some("a")));
    assert_eq!((post.author_name.as_deref(), answer.author_name.as_deref()), (Some("5"), None));
    let kinds: Vec<&str> = answer.media.iter().map(|media| media.kind.as_str()).collect();
    assert_eq!(kinds, ["photo", "photo", "other"]);
}

#[test]
fn of_the_next_address_only_the_cursor_is_taken() {
    fn check(next: &str, expected: Option<&str>) {
        let page = keyed(&format!(r#"{{"data":[],"paging":{{"next":"{next}"}}}}"#)).unwrap();
        assert_eq!(page.hint.token.as_deref(), expected, "{next}");
    }
    check(
        "https://x.example/feed?access_token=SECRET&after=a%3D%3D&limit=5",
        Some("after=a%3D%3D"),
    );
    check("https://x.example/feed?access_token=SECRET", None);
    check("?after=5", None);
}

#[test]
fn the_finest_code_that_is_listed_says_the_class() {
    fn check(error: &str, class: ErrorClass, code: &str) {
        let error = keyed(&format!(r#"{{"error":{error}}}"#)).unwrap_err();
        assert_eq!((error.class, error.code.as_deref()), (class, Some(code)));
    }
    check(r#"{"code":4}"#, ErrorClass::RateLimited, "4");
    check(r#"{"code":"10"}"#, ErrorClass::Forbidden, "10");
    check(r#"{"code":85}"#, ErrorClass::RateLimited, "85");
    check(r#"{"code":91}"#, ErrorClass::Config, "91");
    check(
        r#"{"type":"https://x.example/problems/slow-down","code":10}"#,
        ErrorClass::RateLimited,
        "slow-down",
    );
    check(r#"{"type":"about:blank","code":10}"#, ErrorClass::Forbidden, "10");
    check(r#"{"code":10,"subcode":33}"#, ErrorClass::Gone, "10");
    check(r#"{"code":10,"subcode":34}"#, ErrorClass::Forbidden, "10");
}

#[test]
fn lists_are_read_together_and_know_the_whole() {
    let page = read_wide(
        r#"{"posts":[{"title":"a < b","html":"<p>в &lt; г</p>","name":"","login":"ира",
                "claimed":"2031-01-01T00:00:00Z","arrived":"2026-11-20T10:00:00.5Z",
                "post":{"id":1,"gone":true,"link":"https://x.example/1.png"},
                "again":{"link":"https://x.example/1.png"}}],
            "comments":[{"comment":{"id":2,"text":"да"},"title":"a < b","claimed":"вчера",
                "arrived":"2026-11-20T11:00:00","post":{"id":1,"gone":true,"link":"/news"}}]}"#,
    )
    .unwrap();
    let [post, comment] = page.posts.as_slice() else { panic!("{page:?}") };
    assert_eq!(post.text, "a < b\n\nв < г");
    assert_eq!(post.author_name.as_deref(), Some("ира"));
    assert_eq!(post.published_at.to_string(), "2026-11-20T10:00:00.5Z");
    assert!(post.deleted && !comment.deleted);
    let kinds: Vec<&str> = post.media.iter().map(|media| media.kind.as_str()).collect();
    assert_eq!(kinds, ["photo"], "what is said twice is one");
    assert_eq!(comment.media[0].kind, "link");
    assert_eq!(comment.text, "да");
    assert_eq!(comment.published_at.to_string(), "2026-11-20T11:00:00Z");
    assert_eq!(comment.thread_id.as_deref(), Some("1"));
}

#[test]
fn errors_are_known_by_words_by_codes_or_guessed() {
    fn check(payload: &str, class: ErrorClass, is_guess: bool) {
        let error = read_wide(payload).unwrap_err();
        assert_eq!((error.class, error.is_guess), (class, is_guess), "{payload}");
    }
    check(r#"{"error":"record not found"}"#, ErrorClass::Gone, false);
    check(r#"{"error":"bad"}"#, ErrorClass::Config, false);
    check(r#"{"error":"что-то"}"#, ErrorClass::Quota, true);
}

const PAGED: &str = r#"name = "Сеть"
format = "json"

[poll.wall]
path = "/w"
extract = "posts"
paging = { strategy = "token", param = "anchor", at = "/anchor", more = "/has_more", empty_ends = true }
interval_secs = 60
overlap_secs = 600

[extract.posts]
present = ["/list", "/anchor", "/author"]
items = ["/list", { at = "", when = { at = "/author" } }]
when_feed = "feed"

[extract.posts.names.whole]
rows = "/people"
id = { at = "/id" }
name = ["/name"]

[extract.posts.names.parts]
rows = "/people"
id = { at = "/id" }
name = ["/first", "/last"]

[extract.posts.fields]
native_id = { at = "/id" }
author_name = { at = "/author", lookup = ["whole", "parts"] }
text = { at = "/text", unless = { at = "/text", equals = "(gone)" } }
published_at = { at = "/at", as = "date" }

[[extract.posts.media]]
each = "/parts"
skip = [{ at = "/type", equals = "text" }]
kind_at = "/type"
kinds = { picture = "photo" }

[extract.feed]
format = "feed"

[errors]
code = ["/detail", "/reason", "/status"]
message = ["/words"]
otherwise = "malformed"

[errors.codes]
quota = ["per day"]
rate_limited = ["slow", 429]
"#;

fn paged(payload: &str) -> Result<Page, crate::adapters::connector::error::PollError> {
    let definition = definition::parse("net.toml", PAGED).unwrap();
    extract(&definition, "posts", payload.as_bytes(), None, Timestamp::UNIX_EPOCH)
}

#[test]
fn the_last_page_leads_nowhere() {
    fn check(payload: &str, items: usize, token: Option<&str>) {
        let hint = paged(payload).unwrap().hint;
        assert_eq!((hint.items, hint.token.as_deref()), (items, token), "{payload}");
    }
    let item = r#"{"id":"a","at":"2026-11-20T10:00:00","text":"т"}"#;
    check(&format!(r#"{{"list":[{item}],"anchor":"x","has_more":true}}"#), 1, Some("x"));
    check(&format!(r#"{{"list":[{item}],"anchor":"x"}}"#), 1, Some("x"));
    check(&format!(r#"{{"list":[{item}],"anchor":"x","has_more":false}}"#), 1, None);
    check(r#"{"list":[],"anchor":"x","has_more":true}"#, 0, None);
    check(r#"{"anchor":"x"}"#, 0, None);
}

#[test]
fn a_payload_may_be_an_item_or_a_feed() {
    let item = r#"{"id":"a","author":"7","at":"2026-11-20T10:00:00","text":"(gone)",
        "parts":[{"type":"text"},{"type":"picture"}]}"#;
    let page = paged(item).unwrap();
    let [post] = page.posts.as_slice() else { panic!("{page:?}") };
    assert_eq!((post.text.as_str(), post.author_name.as_deref()), ("", None));
    assert_eq!((post.media.len(), post.media[0].kind.as_str()), (1, "photo"));
    let feed = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Н</title>\
        <item><guid>g1</guid><title>Яма</title></item></channel></rss>";
    assert_eq!(paged(feed).unwrap().posts[0].key.native_id, "g1");
    let quoted = r#"{"list":[{"id":"a","at":"2026-11-20T10:00:00","text":"<rss > и <feed>"}]}"#;
    assert_eq!(paged(quoted).unwrap().posts[0].text, "<rss > и <feed>");
}

#[test]
fn a_name_is_looked_for_in_one_table_after_another() {
    let people = r#"[{"id":"7","first":"Ира","last":"Лось"},{"id":"8","name":"Олег"}]"#;
    let payload = format!(
        r#"{{"people":{people},"list":[{{"id":1,"author":"7","at":"2026-11-20T10:00:00","text":"а"}},
            {{"id":2,"author":"8","at":"2026-11-20T10:00:00","text":"б"}}]}}"#
    );
    let page = paged(&payload).unwrap();
    let names: Vec<_> = page.posts.iter().map(|post| post.author_name.as_deref()).collect();
    assert_eq!(names, [Some("Ира Лось"), Some("Олег")]);
}

#[test]
fn the_first_code_that_is_listed_decides() {
    fn check(payload: &str, class: ErrorClass, code: &str) {
        let error = paged(payload).unwrap_err();
        assert_eq!((error.class, error.code.as_deref()), (class, Some(code)), "{payload}");
    }
    let daily = r#"{"detail":"per day","reason":"slow","status":429}"#;
    check(daily, ErrorClass::Quota, "per day");
    check(r#"{"detail":"new","reason":"slow","status":403}"#, ErrorClass::RateLimited, "slow");
    check(r#"{"reason":"new","status":"429"}"#, ErrorClass::RateLimited, "429");
    check(r#"{"reason":"new","status":403}"#, ErrorClass::Malformed, "new");
    let error = paged(r#"{"status":429,"words":"your <a href=\"/q\">share</a> is used up"}"#);
    assert_eq!(error.unwrap_err().detail, "your share is used up");
}
