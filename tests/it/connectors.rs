//! The connectors against payloads in the networks' own shape: every file of
//! `fixtures/` is read, and what comes of it is a snapshot.

use std::fmt::Write as _;
use std::path::Path;
use std::path::PathBuf;

use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::definition::Definition;
use otklik::adapters::connector::extract::{Asked, extract_asked};
use otklik::adapters::connector::stream::frame;
use otklik::adapters::ndjson;
use otklik::model::post::{Network, Post};
use otklik::model::source::PageRules;
use otklik::model::time::Timestamp;

use crate::world::posts::at;

fn fixtures(network: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(network);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end != "md" && end != "toml"))
        .collect();
    files.sort();
    files
}

/// What a payload comes to, in words that a person can check.
fn outcome(network: &str, file: &Path) -> String {
    let connectors = Connectors::shipped().unwrap();
    let definition = connectors.get(&Network(network.to_owned())).unwrap();
    let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
    let kind =
        ["search", "comments", "stream", "events"].into_iter().find(|kind| stem.starts_with(kind));
    let payload = std::fs::read(file).unwrap();
    let kind = kind.unwrap_or("posts");
    let now = at("2026-11-21T12:00:00Z");
    let stream = definition.file.stream.values().find(|stream| stream.extract == kind);
    let payloads = match stream.filter(|_| kind == "stream") {
        Some(stream) => {
            let frames = frame::recorded(stream, std::str::from_utf8(&payload).unwrap()).unwrap();
            frames.into_iter().map(String::into_bytes).collect()
        }
        None => vec![payload],
    };
    // Pages have their places beside them.
    let page = std::fs::read_to_string(file.with_extension("toml")).ok();
    let page: Option<PageRules> = page.map(|text| toml::from_str(&text).unwrap());
    let said = |payload: &Vec<u8>| said(definition, kind, payload, page.as_ref(), now);
    payloads.iter().map(said).collect()
}

fn said(
    definition: &Definition,
    kind: &str,
    payload: &[u8],
    page: Option<&PageRules>,
    now: Timestamp,
) -> String {
    let mut out = String::new();
    let asked = Asked { page, ..Asked::default() };
    match extract_asked(definition, kind, payload, None, now, asked) {
        Ok(page) => {
            for post in &page.posts {
                let line = ndjson::print_line(post);
                let view: serde_json::Value = serde_json::from_str(&line).unwrap();
                // Whose page a post stands on and how much of it is no part of the form.
                let told = Post { guest: false, excerpt: false, ..post.clone() };
                assert_eq!(ndjson::parse_line(1, &line).unwrap(), told, "survives its own form");
                writeln!(out, "{}", serde_json::to_string_pretty(&view).unwrap()).unwrap();
            }
            for rejected in &page.rejected {
                writeln!(out, "rejected: {}", rejected.error).unwrap();
            }
            for post in page.posts.iter().filter(|post| post.guest) {
                writeln!(out, "guest: {}", post.key).unwrap();
            }
            for post in page.posts.iter().filter(|post| post.excerpt) {
                writeln!(out, "excerpt: {}", post.key).unwrap();
            }
            for key in &page.pinned {
                writeln!(out, "pinned: {key}").unwrap();
            }
            for key in &page.undated {
                writeln!(out, "undated: {key}").unwrap();
            }
            if let Some(feed) = &page.feed {
                writeln!(out, "beside it: {feed}").unwrap();
            }
            for word in &page.others {
                writeln!(out, "another: {word}").unwrap();
            }
            for name in &page.named {
                writeln!(out, "not shown: {name}").unwrap();
            }
            writeln!(out, "{:?}", page.hint).unwrap();
        }
        Err(error) => writeln!(out, "{error} (code {:?})", error.code).unwrap(),
    }
    out
}

fn check_all(network: &str) {
    for file in fixtures(network) {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        insta::assert_snapshot!(format!("{network}-{stem}"), outcome(network, &file));
    }
}

#[test]
fn vk_payloads_are_read() {
    check_all("vk");
}

#[test]
fn telegram_pages_are_read() {
    check_all("telegram");
}

#[test]
fn feeds_are_read() {
    check_all("rss");
}

#[test]
fn facebook_payloads_are_read() {
    check_all("facebook");
}

#[test]
fn instagram_payloads_are_read() {
    check_all("instagram");
}

#[test]
fn x_payloads_are_read() {
    check_all("x");
}

#[test]
fn mastodon_payloads_are_read() {
    check_all("mastodon");
}

#[test]
fn bluesky_payloads_are_read() {
    check_all("bluesky");
}

#[test]
fn lemmy_payloads_are_read() {
    check_all("lemmy");
}

#[test]
fn reddit_payloads_are_read() {
    check_all("reddit");
}

#[test]
fn discourse_payloads_are_read() {
    check_all("discourse");
}

#[test]
fn livejournal_feeds_are_read() {
    check_all("livejournal");
}

#[test]
fn ok_payloads_are_read() {
    check_all("ok");
}

#[test]
fn youtube_payloads_are_read() {
    check_all("youtube");
}

#[test]
fn pages_of_sites_are_read() {
    check_all("web");
}
