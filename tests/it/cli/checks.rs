//! `otklik check` over folders of one's own: every mistake with its file, its
//! line and its field, the whole list at once.

use serde_json::Value;

use super::Place;

const CONFIG: &str = "region_dir = \"region\"\nkeywords_dir = \"keywords\"\n\
                      connectors_dir = \"connectors\"\ndata_dir = \"data\"\n";

/// The shipped rules as folders that may be spoilt.
fn own_rules() -> Place {
    let place = Place::new();
    place.copy_shipped("regions/vologda", "region");
    place.copy_shipped("keywords", "keywords");
    place.copy_shipped("connectors", "connectors");
    place.write("otklik.toml", CONFIG);
    place
}

fn problems(place: &Place, code: i32) -> Vec<Value> {
    let check = ["check", "--config", "otklik.toml", "--output", "json"];
    let found = place.told(&check, "").exits(code).json();
    assert!(!place.path("data").exists(), "a check creates nothing");
    found.as_array().unwrap().clone()
}

/// Exactly one error: there, at that line and field, in these words.
#[track_caller]
fn one_error(place: &Place, file: &str, line: u64, field: &str, words: &str) {
    let found = problems(place, 1);
    let errors: Vec<&Value> = found.iter().filter(|one| one["severity"] == "error").collect();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    let error = errors[0];
    let path = error["file"].as_str().unwrap();
    assert!(path.ends_with(file), "{error}");
    assert!(path.starts_with(file) || place.path(file).exists(), "{error}");
    assert_eq!(
        (error["line"].as_u64(), error["field"].as_str()),
        (Some(line), Some(field)),
        "{error}"
    );
    assert!(error["message"].as_str().unwrap().contains(words), "{error}");
    // The same for people, on one line.
    let check = ["check", "--config", "otklik.toml"];
    place.told(&check, "").exits(1).says(&[&format!("{file}:{line}: error"), field, words]);
}

#[test]
fn what_is_shipped_is_in_order() {
    let place = own_rules();
    let found = problems(&place, 0);
    assert!(found.iter().all(|one| one["severity"] == "warning"), "{found:#?}");
    place.told(&["check"], "").exits(0).says(&["0 errors"]);
}

#[test]
fn unknown_keys_are_named_with_file_and_line() {
    let place = own_rules();
    place.write("otklik.toml", format!("{CONFIG}colour = 1\n"));
    one_error(&place, "otklik.toml", 5, "colour", "unknown field");
    for file in ["connectors/vk.toml", "keywords/roads.toml", "region/region.toml"] {
        let place = own_rules();
        place.prepend(file, "colour = 1\n");
        one_error(&place, file, 1, "colour", "unknown field");
    }
}

#[test]
fn bytes_that_are_no_text_are_named_with_file_and_line() {
    for file in ["otklik.toml", "connectors/rss.toml", "keywords/snow.toml", "region/bodies.toml"] {
        let place = own_rules();
        place.write(file, b"# first\n# \xff\xfe\n");
        let found = problems(&place, 1);
        let named = found.iter().any(|one| {
            one["file"].as_str().unwrap().ends_with(file)
                && one["line"] == 2
                && one["message"].as_str().unwrap().contains("UTF-8")
        });
        assert!(named, "{file}: {found:#?}");
    }
}

#[test]
fn settings_that_cannot_work_are_named() {
    fn check(config: &str, line: u64, field: &str, words: &str) {
        let place = own_rules();
        place.write("otklik.toml", format!("{CONFIG}{config}"));
        one_error(&place, "otklik.toml", line, field, words);
    }
    check("listen = \"everywhere\"\n", 5, "listen", "HOST:PORT");
    check("external_url = \"ftp://x.example\"\n", 5, "external_url", "http");
    check("\n[log]\nlevel = \"a=b=c\"\n", 7, "log.level", "");
    check("[networks.vk]\nbase_url = \"nowhere\"\n", 6, "networks.vk.base_url", "nowhere");
    check("[networks.vk]\ntoken_files = [\"none\"]\n", 6, "networks.vk.token_files", "none");
    check("[networks.myspace]\n", 5, "networks.myspace", "no connector");
}

#[test]
fn regions_are_checked_against_what_they_speak_of() {
    let place = own_rules();
    place.write("region/routes.toml", "body = \"governor-office\"\n");
    let found = problems(&place, 0);
    let warned = found.iter().any(|one| {
        one["file"].as_str().unwrap().ends_with("region/routes.toml")
            && one["message"].as_str().unwrap().contains("no body is named for the topics")
    });
    assert!(warned, "{found:#?}");

    let place = own_rules();
    let bodies = std::fs::read_to_string(place.path("region/bodies.toml")).unwrap();
    let nobody = "[[body]]\nid = \"silent\"\nname = { ru = \"Тихий отдел\", en = \"Silent\" }\n\
                  level = \"regional\"\nparent = \"governor-office\"\nchannels = []\n\
                  accepts = true\n\n";
    place.write("region/bodies.toml", format!("{nobody}{bodies}"));
    let found = problems(&place, 1);
    let silent = found.iter().any(|one| {
        one["line"] == 1
            && one["field"] == "channels"
            && one["message"].as_str().unwrap().contains("silent")
    });
    assert!(silent, "{found:#?}");

    let place = own_rules();
    let source = "[[source]]\nid = \"a\"\nnetwork = \"myspace\"\nkind = \"wall\"\ntarget = \"1\"\n\
                  name = \"А\"\n\n[[source]]\nid = \"b\"\nnetwork = \"rss\"\nkind = \"wall\"\n\
                  target = \"1\"\nname = \"Б\"\n";
    place.write("region/sources.toml", source);
    let found = problems(&place, 1);
    let errors: Vec<(&Value, &Value)> = found
        .iter()
        .filter(|one| one["severity"] == "error")
        .map(|one| (&one["line"], &one["field"]))
        .collect();
    assert_eq!(errors, [(&1.into(), &"network".into()), (&8.into(), &"kind".into())], "{found:#?}");
}

#[test]
fn folders_that_are_not_there_are_named() {
    for (key, name) in
        [("region_dir", "regions-x"), ("keywords_dir", "words-x"), ("connectors_dir", "nets-x")]
    {
        let place = Place::new();
        place.write("otklik.toml", format!("{key} = \"{name}\"\n"));
        let ran = place.told(&["check", "--config", "otklik.toml"], "").exits(1);
        ran.says(&[name]);
    }
    let place = Place::new();
    place.told(&["check", "--config", "none.toml"], "").exits(1).says(&["none.toml"]);
    place.write("otklik.toml", "region = \"atlantis\"\n");
    place.told(&["check", "--config", "otklik.toml"], "").exits(1).says(&["atlantis"]);
}

#[test]
fn sources_whose_posts_come_by_themselves_are_checked() {
    fn check(network: &str, kind: &str, target: &str, field: &str, words: &str) {
        let place = own_rules();
        let source = format!(
            "[[source]]\nid = \"s\"\nnetwork = \"{network}\"\nkind = \"{kind}\"\n\
             target = \"{target}\"\nname = \"С\"\n\n"
        );
        place.prepend("region/sources.toml", &source);
        match words {
            "" => {
                let found = problems(&place, 0);
                assert!(found.iter().all(|one| one["severity"] == "warning"), "{found:#?}");
            }
            words => one_error(&place, "region/sources.toml", 1, field, words),
        }
    }
    check("vk", "streaming", "region", "", "");
    check("mastodon", "tag_stream", "вологда", "", "");
    check("bluesky", "jetstream", "lang:ru", "", "");
    check("bluesky", "jetstream", "lang:ru town.example", "target", "neither accounts nor lang:");
    check("vk", "long_poll", "5", "target", "no token in networks.vk.communities");
    check("vk", "stream", "5", "kind", "long_poll, streaming");
}
