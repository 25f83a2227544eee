//! What a reviewer would otherwise have to look for.

use std::path::Path;

use crate::layers::sources;

const BANNED_WORDS: [&str; 4] = ["FIXME", "dbg!(", "todo!(", "unimplemented!("];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn no_unfinished_places() {
    let mut found = Vec::new();
    for path in sources("src") {
        let text = std::fs::read_to_string(&path).unwrap();
        for (index, line) in text.lines().enumerate() {
            if BANNED_WORDS.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}", path.display(), index + 1));
            }
        }
    }
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn every_module_says_what_it_is() {
    let found: Vec<_> = sources("src")
        .into_iter()
        .filter(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let head: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
            head.is_empty() && !path.ends_with("tests.rs") || text.contains("(being written)")
        })
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn every_connector_has_its_fixtures() {
    for entry in std::fs::read_dir(root().join("connectors")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let network = path.file_stem().unwrap().to_string_lossy().into_owned();
        let folder = root().join("fixtures").join(&network);
        let cases: Vec<String> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        for needed in ["normal", "empty", "rate-limited", "malformed"] {
            assert!(cases.iter().any(|case| case == needed), "{network} lacks {needed}");
        }
    }
}
