//! Every dependency's licence is one that `deny.toml` allows.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn licences() -> toml::Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("deny.toml")).unwrap();
    let file: toml::Table = text.parse().unwrap();
    file["licenses"].clone()
}

fn texts(list: &toml::Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// The licences under which this one dependency may be used.
fn allowed_for(package: &str, licences: &toml::Value) -> BTreeSet<String> {
    let exceptions = licences["exceptions"].as_array().unwrap().iter();
    let own = exceptions.filter(|one| one["crate"].as_str() == Some(package));
    own.flat_map(|one| texts(&one["allow"])).chain(texts(&licences["allow"])).collect()
}

/// Whether an SPDX expression can be satisfied. `A OR B` needs one, `A AND B`
/// both; a slash is an old way to write OR.
fn satisfied(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let plain = expression.replace(['(', ')'], " ");
    let any = |text: &str| {
        let parts: Vec<&str> = text.split(" OR ").flat_map(|part| part.split('/')).collect();
        parts.iter().any(|part| allowed.contains(part.trim()))
    };
    plain.split(" AND ").all(any)
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

#[test]
fn every_dependency_may_be_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        // Crates of other systems are not on this machine.
        .args(["--filter-platform", &host()])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let licences = licences();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100);
    let refused: Vec<String> = packages
        .iter()
        .filter(|package| {
            let licence = package["license"].as_str().unwrap_or("");
            let name = package["name"].as_str().unwrap_or("");
            !satisfied(licence, &allowed_for(name, &licences))
        })
        .map(|package| format!("{} ({})", package["name"], package["license"]))
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn expressions_are_read_as_they_are_meant() {
    let allowed: BTreeSet<String> = ["MIT", "Unicode-3.0"].map(str::to_owned).into();
    assert!(satisfied("MIT OR GPL-3.0", &allowed));
    assert!(satisfied("(MIT OR Apache-2.0) AND Unicode-3.0", &allowed));
    assert!(!satisfied("GPL-3.0", &allowed));
    assert!(!satisfied("MIT AND GPL-3.0", &allowed));
    assert!(!satisfied("", &allowed));
}
