//! Files that are not what they should be: a clear message names the file, the
//! line and the field, the good lines go on, and nothing stored is harmed.

use serde_json::{Value, json};

use super::{Place, imported, line, ndjson, some_posts};

/// Peak memory of an import with one monstrous line.
const MEMORY_MAX_BYTES: u64 = 500 * 1024 * 1024;
const MONSTER_BYTES: usize = 50 * 1024 * 1024;

fn good(id: &str) -> Value {
    line("vk", id, "С первым снегом, соседи")
}

/// Imports one bad thing between two good lines.
#[track_caller]
fn check(name: &str, bad: &[u8], says: &[&str]) {
    let place = Place::new();
    let mut file = ndjson(&[good("1")]).into_bytes();
    file.extend_from_slice(bad);
    file.push(b'\n');
    file.extend_from_slice(ndjson(&[good("2")]).as_bytes());
    place.write("posts.ndjson", file);
    let ran = place.run(&["import", "posts.ndjson"]).exits(0);
    let report = ran.json();
    assert_eq!((&report["new"], &report["rejected"]), (&json!(2), &json!(1)), "{name}: {ran}");
    ran.says(&[&["posts.ndjson", "line 2"], says].concat());
    assert_eq!(place.run(&["export", "posts"]).exits(0).lines().len(), 2, "{name}");
}

#[test]
fn a_bad_line_is_named_and_the_others_survive() {
    let mut post = good("bad");
    post["published_at"] = json!("вчера вечером");
    check("date", post.to_string().as_bytes(), &["published_at", "вчера"]);
    let mut post = good("bad");
    post["colour"] = json!("red");
    check("unknown key", post.to_string().as_bytes(), &["colour", "unknown field"]);
    let mut post = good("bad");
    post["text"] = json!(" ");
    check("no text", post.to_string().as_bytes(), &["text"]);
    check("not UTF-8", b"{\"network\":\"vk\",\"text\":\"\xff\xfe\"}", &["UTF-8"]);
    check("not JSON", b"<html>502</html>", &["expected value"]);
}

#[test]
fn a_monstrous_post_is_left_out_within_bounds() {
    for name in ["posts.ndjson", "posts.csv"] {
        let place = Place::new();
        let monster = "снег ".repeat(MONSTER_BYTES / "снег ".len());
        let file = match name {
            "posts.csv" => format!("id,text\n1,снег\nbad,{monster}\n2,лёд\n"),
            _ => ndjson(&[good("1"), line("vk", "bad", &monster), good("2")]),
        };
        place.write(name, file);
        let ran = place.run(&["import", name]).exits(0);
        let report = ran.json();
        assert_eq!((&report["new"], &report["rejected"]), (&json!(2), &json!(1)), "{ran}");
        assert!(report["peak_rss_bytes"].as_u64().unwrap() < MEMORY_MAX_BYTES, "{ran}");
        let number = if name == "posts.csv" { "line 3" } else { "line 2" };
        let ran = ran.says(&[name, number, "longer than"]);
        assert!(ran.err.len() < 10_000, "nobody wants to read fifty megabytes");
    }
}

#[test]
fn marks_of_encoding_and_windows_line_ends_are_no_mistakes() {
    let place = Place::new();
    let posts = some_posts().replace('\n', "\r\n");
    place.write("posts.ndjson", format!("\u{feff}{posts}\r\n"));
    let report = place.run(&["import", "posts.ndjson"]).exits(0).json();
    assert_eq!((&report["new"], &report["rejected"]), (&json!(4), &json!(0)), "{report}");
    place.write("posts.csv", "\u{feff}id,text\r\n1,снег\r\n2,\"лёд\r\nи снег\"\r\n");
    let report = place.run(&["import", "posts.csv"]).exits(0).json();
    assert_eq!((&report["new"], &report["rejected"]), (&json!(2), &json!(0)), "{report}");
    place.write("otklik.toml", "\u{feff}data_dir = \"data\"\r\n\r\n[log]\r\nlevel = \"warn\"\r\n");
    let posts = place.told(&["export", "posts", "--config", "otklik.toml"], "").exits(0).lines();
    assert_eq!(posts.len(), 6);
    assert_eq!(posts[5]["text"], "лёд\nи снег");
}

#[test]
fn files_that_are_none_create_nothing() {
    let place = Place::new();
    place.run(&["import", "none.ndjson"]).exits(2).says(&["none.ndjson"]);
    std::fs::create_dir(place.path("folder.ndjson")).unwrap();
    place.run(&["import", "folder.ndjson"]).exits(2).says(&["folder.ndjson", "folder"]);
    assert!(!place.path("data").exists(), "nothing was imported, nothing is there");
    place.run(&["search", "снег"]).exits(1).says(&["no database", "data"]);
    place.write("empty.ndjson", "");
    let report = place.run(&["import", "empty.ndjson"]).exits(0).json();
    assert_eq!((&report["received"], &report["new"]), (&json!(0), &json!(0)), "{report}");
    place.write("empty.csv", "");
    let refused = place.run(&["import", "empty.csv"]).exits(1);
    assert!(!refused.err.contains("panicked"), "{refused}");
    refused.says(&["empty.csv", "line 1", "text"]);
    place.write("words.csv", "id,words\n1,снег\n");
    place.run(&["import", "words.csv"]).exits(1).says(&["words.csv", "line 1", "text"]);
    for config in ["none.toml", "folder.ndjson"] {
        place.run(&["export", "posts", "--config", config]).exits(1).says(&[config]);
    }
}

#[test]
fn one_writer_a_data_folder() {
    let place = imported();
    // As another process would hold it.
    let lock = std::fs::File::open(place.path("data/otklik.lock")).unwrap();
    lock.try_lock().unwrap();
    place.run(&["import", "posts.ndjson"]).exits(3).says(&["data", "in use by another process"]);
    place.run(&["incidents", "undo", "1"]).exits(3).says(&["in use"]);
    place.run(&["incidents", "list"]).exits(0);
    place.run(&["backup", "copy"]).exits(0);
    drop(lock);
    place.run(&["import", "posts.ndjson"]).exits(0);
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let place = imported();
    let file = rusqlite::Connection::open(place.path("data/otklik.db")).unwrap();
    let version =
        || -> i64 { file.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap() };
    let present = version();
    file.pragma_update(None, "user_version", 999).unwrap();
    for args in [&["import", "posts.ndjson"][..], &["export", "posts"], &["incidents", "list"]] {
        place.run(args).exits(1).says(&["newer version", "999"]);
    }
    assert_eq!(version(), 999, "nobody changed it");
    file.pragma_update(None, "user_version", present).unwrap();
    drop(file);
    assert_eq!(place.run(&["export", "posts"]).exits(0).lines().len(), 4);
}
