//! `connectors/README.md` shows how a network is added; here its own files are
//! taken and the whole way is gone: definition, answers, source, check, poll.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::Place;
use crate::world::site::Site;

const SECTION: &str = "## Adding a network, step by step";

/// The files that the walkthrough shows, by the name above each.
fn shown() -> BTreeMap<String, String> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("connectors/README.md");
    let text = std::fs::read_to_string(readme).unwrap();
    let section = text.split_once(SECTION).expect("the section is there").1;
    let section = section.split("\n## ").next().unwrap();
    let mut files = BTreeMap::new();
    let (mut name, mut open): (String, Option<String>) = (String::new(), None);
    for line in section.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => {
                files.insert(name.clone(), open.take().unwrap());
            }
            (Some(body), None) => body.push_str(&format!("{line}\n")),
            (None, Some(_)) => open = Some(String::new()),
            (None, None) if line.starts_with('`') && line.ends_with('`') => {
                name = line.trim_matches('`').to_owned();
            }
            (None, None) => {}
        }
    }
    files
}

fn summary(error_lines: &str) -> Value {
    let line = error_lines.lines().rfind(|line| line.starts_with("{\"outcome\"")).unwrap();
    serde_json::from_str(line).unwrap()
}

#[test]
fn a_network_is_added_as_the_readme_says() {
    let files = shown();
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let expected = ["dvorik.toml", "empty.json", "malformed.json", "normal.json"];
    assert_eq!(names, [&expected[..], &["rate-limited.json", "sources.toml"]].concat());
    let place = Place::new();
    place.write("connectors/dvorik.toml", &files["dvorik.toml"]);
    for (case, code, posts) in
        [("normal", 0, 2), ("empty", 0, 0), ("rate-limited", 3, 0), ("malformed", 1, 0)]
    {
        let file = format!("{case}.json");
        place.write(&file, &files[&file]);
        let extract = ["connector", "extract", "dvorik", "--connectors", "connectors", &file];
        let ran = place.told(&extract, "").exits(code);
        assert_eq!(ran.lines().len(), posts, "{case}");
    }

    let site = Site::start();
    place.copy_shipped("regions/vologda", "region");
    place.write("region/sources.toml", &files["sources.toml"]);
    let config = format!(
        "data_dir = \"data\"\nregion_dir = \"region\"\nconnectors_dir = \"connectors\"\n\
         [networks.dvorik]\nbase_url = \"{}\"\n",
        site.base
    );
    place.write("otklik.toml", config);
    let ran = place.told(&["check", "--config", "otklik.toml"], "").exits(0);
    ran.says(&["0 errors"]);
    let poll = "source poll dvorik:house:lenina-4 --config otklik.toml --once --dry-run";
    let poll: Vec<&str> = poll.split(' ').collect();
    for (case, code, outcome, posts) in [
        ("normal", 0, "new", 2),
        ("empty", 0, "nothing_new", 0),
        ("rate-limited", 3, "refused", 0),
        ("malformed", 1, "failed", 0),
    ] {
        let body = files[&format!("{case}.json")].as_bytes();
        let asked = "/notes?count=50&house=lenina-4";
        site.answer(asked, 200, &[("content-type", "application/json")], body);
        let ran = place.told(&poll, "").exits(code);
        assert_eq!(ran.lines().len(), posts, "{case}");
        assert_eq!(summary(&ran.err)["outcome"], outcome, "{case}");
        if case == "normal" {
            let post = &ran.lines()[0];
            assert_eq!(post["native_id"], "lenina-4/12");
            assert_eq!(post["text"], "Во втором подъезде нет света — третий день");
            assert_eq!(post["source"], "dvorik:house:lenina-4");
        }
        assert_eq!(site.requests(), [asked], "{case}");
    }
}
