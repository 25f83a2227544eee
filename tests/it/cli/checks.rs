//! `otklik check` over folders of one's own: every mistake with its file, its
//! line and its field, the whole list at once.

use std::path::Path;

use serde_json::Value;

use super::Place;

const CONFIG: &str = "region_dir = \"region\"\nkeywords_dir = \"keywords\"\n\
                      connectors_dir = \"connectors\"\ndata_dir = \"data\"\n";

/// The shipped rules as folders that may be spoilt.
fn own_rules() -> Place {
    rules_with("regions/vologda")
}

fn rules_with(pack: &str) -> Place {
    let place = Place::new();
    place.copy_shipped(pack, "region");
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
    for pack in ["regions/vologda", "regions/kursk"] {
        let place = rules_with(pack);
        let found = problems(&place, 0);
        assert!(found.iter().all(|one| one["severity"] == "warning"), "{pack}: {found:#?}");
        place.told(&["check"], "").exits(0).says(&["0 errors"]);
    }
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

const SITE: &str = "[[source]]\nid = \"web:page:okrug\"\nnetwork = \"web\"\nkind = \"page\"\n\
                    target = \"https://okrug.example/press/\"\nname = \"Округ\"\n";

#[test]
fn wrong_places_of_a_page_are_named_with_their_line() {
    let place = own_rules();
    let with = |page: &str| place.write("region/sources.toml", format!("{SITE}\n{page}"));
    with("[source.page]\nitem = \".news\"\ntitle = \"h3[\"\n");
    one_error(&place, "region/sources.toml", 10, "page.title", "h3[");
    with("[source.page]\nitem = \".news\"\ncolour = \"red\"\n");
    one_error(&place, "region/sources.toml", 10, "colour", "unknown field");
    with("[source.page]\nlink = \"a@href\"\n");
    one_error(&place, "region/sources.toml", 9, "page.link", "item");
    with("[source.page]\nitem = \".news\"\nlink = \"a@href\"\ndate = \"time@datetime\"\n");
    assert_eq!(problems(&place, 0).iter().filter(|one| one["severity"] == "error").count(), 0);
    let rss = SITE.replace("\"web\"", "\"rss\"").replace("\"page\"", "\"feed\"");
    place.write("region/sources.toml", format!("{rss}page = {{ item = \".news\" }}\n"));
    one_error(&place, "region/sources.toml", 1, "page", "rss reads no pages");
}

#[test]
fn connectors_of_ones_own_stand_beside_the_shipped_ones() {
    let place = Place::new();
    place.write("otklik.toml", "connectors_dir = \"connectors\"\ndata_dir = \"data\"\n");
    place.write("connectors/README.md", "nothing to read here");
    let own = "name = \"Свой\"\nformat = \"feed\"\n[poll.feed]\npath = \"{target}\"\n\
               extract = \"posts\"\ninterval_secs = 60\noverlap_secs = 60\n[extract.posts]\n";
    place.write("connectors/own.toml", own);
    assert_eq!(problems(&place, 0).iter().filter(|one| one["severity"] == "error").count(), 0);
    let feed = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rss/normal.xml");
    let feed = feed.to_str().unwrap();
    for network in ["own", "rss"] {
        let extract = ["connector", "extract", network, "--connectors", "connectors", feed];
        let posts = place.told(&extract, "").exits(0).lines();
        assert!(posts.iter().all(|post| post["network"] == network) && !posts.is_empty());
    }
    // One of the same name replaces the shipped one.
    place.write("connectors/rss.toml", own.replace("[extract.posts]", "[extract.other]"));
    let extract = ["connector", "extract", "rss", "--connectors", "connectors", feed];
    place.told(&extract, "").exits(1).says(&["names an extraction that is not there"]);
}

#[test]
fn places_are_tried_on_a_saved_page() {
    let place = Place::new();
    let html = "<base href='https://okrug.example/n/'><p class=i><a href=5>Яма</a><i>вчера</i></p>\
                <p class=i><a href=6>Снег</a><i>скоро</i></p>";
    place.write("page.html", html);
    place.write("places.toml", "item = \".i\"\ntitle = \"a\"\ndate = \"i\"\n");
    let extract = ["connector", "extract", "web", "--selectors", "places.toml", "page.html"];
    let ran = place.told(&extract, "").exits(0);
    let posts = ran.lines();
    assert_eq!(posts[0]["url"], "https://okrug.example/n/5");
    assert_eq!((posts.len(), &posts[1]["text"]), (2, &Value::from("Снег")));
    ran.says(&["\"undated\":\"web:okrug.example/n/6\""]);
    place.write("places.toml", "item = \".i\"\ntitel = \"a\"\n");
    place.told(&extract, "").exits(2).says(&["places.toml:2", "titel"]);
    place.write("places.toml", "item = \".i\"\ntitle = \"a[\"\n");
    place.told(&extract, "").exits(2).says(&["places.toml:2: title: bad selector"]);
}
