//! `otklik connector extract`: one definition over recorded payloads. Posts go
//! to stdout as NDJSON; an error body becomes one JSON object on stderr.

use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::adapters::clock::SystemClock;
use crate::adapters::connector::Connectors;
use crate::adapters::connector::definition::Definition;
use crate::adapters::connector::definition::StreamKind;
use crate::adapters::connector::error::ErrorClass;
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::extract;
use crate::adapters::connector::extract::Asked;
use crate::adapters::connector::extract::Page;
use crate::adapters::connector::extract::page::wrong_places;
use crate::adapters::connector::stream::frame;
use crate::adapters::ndjson;
use crate::model::post::Network;
use crate::model::source::PageRules;
use crate::model::time::Clock;
use crate::model::time::Timestamp;

const OK: u8 = 0;
const FAILED: u8 = 1;
const USAGE: u8 = 2;
const RETRY: u8 = 3;

/// Runs a network's definition over recorded payloads.
#[derive(Debug, Clone, Args)]
pub struct ExtractArgs {
    /// Short name of the network: vk, telegram, rss, x …
    pub network: String,
    /// What the payloads hold: posts, comments, search, or frames of a stream.
    #[arg(long, default_value = "posts")]
    pub kind: String,
    /// Folder with connector definitions beside those shipped; one of the same
    /// network replaces it.
    #[arg(long)]
    pub connectors: Option<PathBuf>,
    /// The payload's Content-Type, where it matters for the encoding.
    #[arg(long)]
    pub content_type: Option<String>,
    /// File with the places of a page, as they stand in a source's `page`.
    #[arg(long)]
    pub selectors: Option<PathBuf>,
    /// What was asked for, where the answer itself does not say it; of a page
    /// its address.
    #[arg(long, allow_hyphen_values = true)]
    pub target: Option<String>,
    /// Recorded answers of the network.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
}

#[derive(Serialize)]
struct ErrorView<'a> {
    file: String,
    class: ErrorClass,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    message: &'a str,
    retryable: bool,
}

/// A post whose date could not be read: it is as old as it was first seen.
#[derive(Serialize)]
struct UndatedView {
    file: String,
    undated: String,
}

/// A page that has a feed, which is read more surely.
#[derive(Serialize)]
struct FeedView {
    file: String,
    feed: String,
}

#[derive(Serialize)]
struct RejectedView<'a> {
    file: String,
    rejected: &'a str,
}

/// Extracts every file and returns the exit code: 0, 1 where a payload was an
/// error, 2 for wrong use, 3 where every error was of the kind that passes.
pub fn extract(
    args: &ExtractArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> std::io::Result<u8> {
    let connectors = match &args.connectors {
        Some(folder) => Connectors::with_folder(folder),
        None => Connectors::shipped(),
    };
    let connectors = match connectors {
        Ok(connectors) => connectors,
        Err(problems) => {
            for problem in problems {
                writeln!(err, "{problem}")?;
            }
            return Ok(FAILED);
        }
    };
    let Some(definition) = connectors.get(&Network(args.network.clone())) else {
        writeln!(err, "there is no connector «{}»", args.network)?;
        return Ok(USAGE);
    };
    if definition.extraction(&args.kind).is_none() {
        writeln!(err, "{} has no extraction «{}»", args.network, args.kind)?;
        return Ok(USAGE);
    }
    match selectors(args.selectors.as_deref()) {
        Ok(page) => extract_files(definition, page.as_ref(), args, out, err),
        Err(wrong) => {
            wrong.iter().try_for_each(|line| writeln!(err, "{line}"))?;
            Ok(USAGE)
        }
    }
}

/// The places that a file names, or everything that is wrong with them.
fn selectors(file: Option<&Path>) -> Result<Option<PageRules>, Vec<String>> {
    let Some(path) = file else { return Ok(None) };
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| vec![format!("{name}: {error}")])?;
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    let rules: PageRules = toml::from_str(&text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start.min(text.len()));
        vec![format!("{name}:{}: {}", line(at), error.message())]
    })?;
    let wrong = wrong_places(&rules).into_iter().map(|one| {
        let at = text.find(one.key).unwrap_or(0);
        format!("{name}:{}: {}: {} ({})", line(at), one.key, one.message, one.place)
    });
    let wrong: Vec<String> = wrong.collect();
    if wrong.is_empty() { Ok(Some(rules)) } else { Err(wrong) }
}

fn extract_files(
    definition: &Definition,
    page: Option<&PageRules>,
    args: &ExtractArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> std::io::Result<u8> {
    let mut worst = OK;
    for file in &args.files {
        let name = file.display().to_string();
        let payload = match std::fs::read(file) {
            Ok(payload) => payload,
            Err(error) => {
                writeln!(err, "reading {name}: {error}")?;
                return Ok(USAGE);
            }
        };
        let content_type = args.content_type.as_deref();
        let now = SystemClock.now();
        let asked = Asked { target: args.target.as_deref(), page, ..Asked::default() };
        let pages = match stream_kind(definition, &args.kind) {
            Some(kind) => frames(definition, kind, &payload, now),
            None => vec![extract::extract_asked(
                definition,
                &args.kind,
                &payload,
                content_type,
                now,
                asked,
            )],
        };
        for page in pages {
            match page {
                Ok(page) => print_page(&name, &page, out, err)?,
                Err(error) => {
                    print_error(name.clone(), &error, err)?;
                    let code = if error.class.is_retryable() { RETRY } else { FAILED };
                    // One lasting error makes trying again pointless.
                    worst = if worst == FAILED { FAILED } else { code };
                }
            }
        }
    }
    Ok(worst)
}

/// The stream whose frames an extraction reads, if it does.
fn stream_kind<'d>(definition: &'d Definition, extraction: &str) -> Option<&'d StreamKind> {
    definition.file.stream.values().find(|kind| kind.extract == extraction)
}

/// What every frame of a recording says.
fn frames(
    definition: &Definition,
    kind: &StreamKind,
    payload: &[u8],
    now: Timestamp,
) -> Vec<Result<Page, PollError>> {
    let text = String::from_utf8_lossy(payload);
    match frame::recorded(kind, &text) {
        Ok(frames) => frames
            .iter()
            .map(|text| extract::extract(definition, &kind.extract, text.as_bytes(), None, now))
            .collect(),
        Err(error) => vec![Err(error)],
    }
}

fn print_page(
    name: &str,
    page: &Page,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> std::io::Result<()> {
    for post in &page.posts {
        writeln!(out, "{}", ndjson::print_line(post))?;
    }
    for key in &page.undated {
        let view = UndatedView { file: name.to_owned(), undated: key.to_string() };
        writeln!(err, "{}", serde_json::to_string(&view)?)?;
    }
    if let Some(feed) = &page.feed {
        let view = FeedView { file: name.to_owned(), feed: feed.to_string() };
        writeln!(err, "{}", serde_json::to_string(&view)?)?;
    }
    for rejected in &page.rejected {
        let view = RejectedView { file: name.to_owned(), rejected: &rejected.error };
        writeln!(err, "{}", serde_json::to_string(&view)?)?;
    }
    Ok(())
}

fn print_error(file: String, error: &PollError, err: &mut dyn Write) -> std::io::Result<()> {
    let view = ErrorView {
        file,
        class: error.class,
        code: error.code.as_deref(),
        message: &error.detail,
        retryable: error.class.is_retryable(),
    };
    writeln!(err, "{}", serde_json::to_string(&view)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exit code, posts on stdout, lines on stderr.
    fn run(network: &str, kind: &str, files: &[&str]) -> (u8, usize, String) {
        let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let args = ExtractArgs {
            network: network.to_owned(),
            kind: kind.to_owned(),
            connectors: None,
            content_type: None,
            selectors: None,
            target: None,
            files: files.iter().map(|file| fixtures.join(network).join(file)).collect(),
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = extract(&args, &mut out, &mut err).unwrap();
        let lines = String::from_utf8(out).unwrap().lines().count();
        (code, lines, String::from_utf8(err).unwrap())
    }

    #[test]
    fn the_exit_code_says_whether_to_try_again() {
        fn check(network: &str, kind: &str, files: &[&str], code: u8, has_posts: bool) {
            let (got, posts, err) = run(network, kind, files);
            assert_eq!((got, 0 < posts), (code, has_posts), "{network} {files:?}: {err}");
        }
        check("vk", "posts", &["normal.json"], OK, true);
        check("vk", "search", &["search.json"], OK, true);
        check("vk", "posts", &["empty.json"], OK, false);
        check("vk", "posts", &["rate-limited.json"], RETRY, false);
        check("vk", "posts", &["unauthorised.json"], FAILED, false);
        check("vk", "posts", &["rate-limited.json", "unauthorised.json"], FAILED, false);
        check("vk", "posts", &["unauthorised.json", "rate-limited.json"], FAILED, false);
        check("vk", "posts", &["normal.json", "rate-limited.json"], RETRY, true);
        check("telegram", "posts", &["normal.html"], OK, true);
        check("telegram", "posts", &["vanished.html"], FAILED, false);
        check("rss", "posts", &["normal.xml"], OK, true);
        check("rss", "posts", &["billion-laughs.xml"], FAILED, false);
        check("rss", "posts", &["none.xml"], USAGE, false);
        check("vk", "stories", &["normal.json"], USAGE, false);
        check("vk", "stream", &["stream-share.json"], OK, true);
        check("vk", "stream", &["stream-lines.json"], RETRY, true);
        check("vk", "stream", &["stream-service.json"], RETRY, false);
        check("vk", "stream", &["stream-connected.json"], RETRY, false);
        check("vk", "stream", &["stream-key.json"], FAILED, false);
        check("vk", "stream", &["malformed.json"], FAILED, false);
        check("vk", "events", &["events-updates.json"], OK, true);
        check("bluesky", "stream", &["stream-created.json", "stream-like.json"], OK, true);
        check("mastodon", "stream", &["stream-events.txt"], OK, true);
    }

    #[test]
    fn an_error_is_one_json_object() {
        let (_, _, err) = run("vk", "posts", &["unauthorised.json"]);
        let view: serde_json::Value = serde_json::from_str(&err).unwrap();
        assert_eq!(view["class"], "unauthorised");
        assert_eq!(view["code"], "5");
        assert_eq!(view["retryable"], false);
        assert!(!err.contains("REDACTED"), "nothing that the network echoes is shown: {err}");
    }
}
