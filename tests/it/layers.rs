//! The layers of ARCHITECTURE.md, enforced: who may import whom, and which
//! words must not occur where.

use std::path::{Path, PathBuf};

/// Layer → what it may import besides itself.
const MAY_IMPORT: [(&str, &[&str]); 10] = [
    ("model", &[]),
    ("rules", &["model"]),
    ("adapters", &["model"]),
    ("pipeline", &["model", "rules", "adapters"]),
    ("config", &["model"]),
    ("demo", &["model"]),
    ("views", &["model"]),
    ("server", &["model", "rules", "adapters", "pipeline", "views"]),
    ("cli", &["model", "rules", "adapters", "pipeline", "views"]),
    ("app", &["model", "rules", "adapters", "pipeline", "server", "cli", "config", "demo"]),
];

/// Words that would make a rule touch the world.
const NOT_IN_RULES: [&str; 7] =
    ["async ", "tokio", "rusqlite", "reqwest", "std::time", "tracing", "rand::"];

const FORBIDDEN_MODULES: [&str; 7] =
    ["util", "common", "helpers", "misc", "types", "traits", "manager"];

pub fn sources(root: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(root)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn layer_of(path: &Path) -> String {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let first = path.strip_prefix(&src).unwrap().components().next().unwrap();
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

fn violations(path: &Path, text: &str) -> Vec<String> {
    let layer = layer_of(path);
    if layer == "lib" || layer == "main" {
        return Vec::new();
    }
    let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == layer) else {
        return vec![format!("{}: layer {layer} is in no table", path.display())];
    };
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or("");
        let place = format!("{}:{}", path.display(), index + 1);
        if code.contains("crate::{") || code.contains("super::super") {
            found.push(format!("{place}: a grouped or climbing path hides an import"));
        }
        for (position, _) in code.match_indices("crate::") {
            let target: String = code[position + 7..]
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            let known = MAY_IMPORT.iter().any(|(name, _)| *name == target);
            if known && target != layer && !allowed.contains(&target.as_str()) {
                found.push(format!("{place}: {layer} imports {target}"));
            }
        }
        if layer == "rules"
            && let Some(word) = NOT_IN_RULES.iter().find(|word| code.contains(**word))
        {
            found.push(format!("{place}: rules are pure, but here is «{word}»"));
        }
    }
    found
}

#[test]
fn imports_go_down_only() {
    let found: Vec<String> = sources("src")
        .iter()
        .flat_map(|path| violations(path, &std::fs::read_to_string(path).unwrap()))
        .collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn a_planted_violation_is_caught() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/planted.rs");
    assert_eq!(violations(&rules, "use crate::adapters::clock;").len(), 1);
    assert_eq!(violations(&rules, "use crate::{adapters, model};").len(), 1);
    assert_eq!(violations(&rules, "let x = tokio::spawn(y);").len(), 1);
    assert_eq!(violations(&rules, "use crate::model::post;").len(), 0);
}

#[test]
fn adapters_do_not_import_each_other() {
    let mut found = Vec::new();
    for path in sources("src/adapters") {
        let own = path
            .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/adapters"))
            .unwrap()
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy()
            .trim_end_matches(".rs")
            .to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        for (index, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            if let Some(position) = code.find("crate::adapters::") {
                let other: String = code[position + 17..]
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect();
                if other != own {
                    found.push(format!("{}:{}: {own} → {other}", path.display(), index + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn only_the_store_speaks_sql() {
    let found: Vec<PathBuf> = sources("src")
        .into_iter()
        .filter(|path| !path.to_string_lossy().contains("adapters/store"))
        .filter(|path| std::fs::read_to_string(path).unwrap().contains("rusqlite"))
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    let found: Vec<PathBuf> = sources("src")
        .into_iter()
        .filter(|path| {
            path.iter().any(|part| {
                FORBIDDEN_MODULES.contains(&part.to_string_lossy().trim_end_matches(".rs"))
            })
        })
        .collect();
    assert!(found.is_empty(), "{found:?}");
}
