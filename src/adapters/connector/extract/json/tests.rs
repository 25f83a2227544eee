use crate::adapters::connector::definition;
use crate::adapters::connector::error::ErrorClass;
use crate::adapters::connector::extract::{Page, extract};
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
    assert_eq!((reply.parent_id.as_deref(), reply.edited_at.is_some()), (None, true));
}
