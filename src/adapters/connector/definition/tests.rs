use super::*;

const SOUND: &str = r#"name = "Сеть"
format = "html"
base_url = "https://x.example"

[poll.wall]
path = "/w/{target}"
extract = "posts"
interval_secs = 60
overlap_secs = 600

[extract.posts]
items = "article"

[extract.posts.fields]
native_id = { at = "@id" }
published_at = { at = "time@datetime", as = "date" }
text = [{ at = ".text" }, { template = "{h1}: {h2}" }]
"#;

#[test]
fn a_sound_definition_is_read_with_its_selectors() {
    let definition = parse("folder/net.toml", SOUND).unwrap();
    assert_eq!(definition.network.0, "net");
    for selector in ["article", "time", ".text", "h1", "h2"] {
        assert!(definition.selectors.contains_key(selector), "{selector}");
    }
}

#[test]
fn mistakes_are_named_with_line_and_field() {
    fn check(from: &str, to: &str, line: usize, field: &str) {
        assert!(SOUND.contains(from), "{from}");
        let problems = parse("net.toml", &SOUND.replace(from, to)).unwrap_err();
        let first = problems.first().unwrap();
        assert_eq!((first.line, first.field.as_str()), (line, field), "{to}: {first}");
    }
    check("overlap_secs = 600", "overlap = 600", 9, "overlap");
    check("format = \"html\"", "format = \"yaml\"", 2, "format");
    check("interval_secs = 60\n", "interval_secs = \"a\"\n", 8, "interval_secs");
    check("as = \"date\"", "as = \"expression\"", 16, "published_at");
    check("extract = \"posts\"", "extract = \"post\"", 7, "poll.wall");
    check("{target}", "{token}", 6, "poll.wall");
    check("{h1}", "{$token}", 17, "extract.posts.fields.text");
    check("interval_secs = 60\n", "of = \"{id}\"\ninterval_secs = 60\n", 8, "poll.wall");
    check("\"article\"", "\"a[\"", 12, "extract.posts");
    check("overlap_secs = 600", "overlap_secs = -1", 9, "poll.wall");
    check("https://x.example", "x.example", 3, "base_url");
    check("{ at = \".text\" }", "{ at = \".text\", lookup = \"n\" }", 17, "text");
    let lookup = "{ at = \".text\", lookup = [\"nobody\"] }";
    check("{ at = \".text\" }", lookup, 17, "extract.posts.fields.text");
    check("native_id = { at = \"@id\" }\n", "", 11, "extract.posts");
    check("{h1}: {h2}", "{nobody:/h1}", 17, "extract.posts.fields.text");
    check("items = \"article\"", "items = [{ at = \"a\", then = \"b\" }]", 12, "items");
}

#[test]
fn json_places_are_pointers() {
    let text = SOUND.replace("\"html\"", "\"json\"");
    let problems = parse("net.toml", &text).unwrap_err();
    assert!(problems.iter().all(|problem| problem.message.contains("JSON pointer")));
    assert!(problems.iter().any(|problem| problem.message.contains("article")));
}

#[test]
fn the_shipped_definitions_are_sound() {
    let connectors = crate::adapters::connector::Connectors::shipped().unwrap();
    let names: Vec<&str> = connectors.iter().map(|d| d.network.0.as_str()).collect();
    let expected = [
        "bluesky",
        "discourse",
        "facebook",
        "instagram",
        "lemmy",
        "livejournal",
        "mastodon",
        "ok",
        "reddit",
        "rss",
        "telegram",
        "vk",
        "x",
        "youtube",
    ];
    for network in expected {
        assert!(names.contains(&network), "{network}");
    }
}
