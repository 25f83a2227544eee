//! `otklik source poll ID`: polls one source now and shows what came.

use std::io::Write;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::adapters::ndjson::print_line;
use crate::cli::output::exit;
use crate::pipeline::ingest::Polled;
use crate::pipeline::ingest::threads::ThreadPolled;

#[derive(Debug, Subcommand)]
pub enum SourceCommand {
    /// Poll one source now and show what would be stored
    Poll(PollArgs),
}

#[derive(Debug, Args)]
pub struct PollArgs {
    /// Id of the source in the region pack
    pub id: String,
    /// Poll once and end, instead of polling this source until Ctrl+C
    #[arg(long)]
    pub once: bool,
    /// Store nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Posts as NDJSON on `out`, the rest as one JSON object on `errors`. The exit
/// code says how it went: 3 where trying again later makes sense.
pub fn print(polled: &Polled, out: &mut dyn Write, errors: &mut dyn Write) -> std::io::Result<u8> {
    for post in &polled.ingest.posts {
        writeln!(out, "{}", print_line(post))?;
    }
    for rejected in &polled.ingest.rejected {
        writeln!(errors, "{}", json!({ "rejected": rejected.error }))?;
    }
    let poll = polled.ingest.poll.as_ref();
    let summary = json!({
        "outcome": poll.map(|poll| poll.outcome.as_str()),
        "posts": polled.ingest.posts.len(),
        "rejected": polled.ingest.rejected.len(),
        "gap": polled.ingest.gap.as_ref().map(|gap| &gap.reason),
        "error": polled.error.as_ref().map(ToString::to_string),
        "class": polled.error.as_ref().map(|error| error.class.as_str()),
        "next_poll_at": poll.map(|poll| poll.next_poll_at),
    });
    writeln!(errors, "{summary}")?;
    Ok(match &polled.error {
        None => exit::OK,
        Some(error) if error.class.is_retryable() => exit::TEMPORARY,
        Some(_) => exit::FAILED,
    })
}

/// The comments of one thread as NDJSON on `out`, the rest as one JSON object
/// on `errors`.
pub fn print_thread(
    polled: &ThreadPolled,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> std::io::Result<()> {
    let posts = polled.threaded.iter().flat_map(|threaded| &threaded.ingest.posts);
    let mut count = 0;
    for post in posts {
        count += 1;
        writeln!(out, "{}", print_line(post))?;
    }
    let read = polled.threaded.as_ref().and_then(|threaded| threaded.read.as_ref());
    let summary = json!({
        "thread": polled.key.to_string(),
        "posts": count,
        "error": polled.error.as_ref().map(ToString::to_string),
        "class": polled.error.as_ref().map(|error| error.class.as_str()),
        "next_read_at": read.and_then(|read| read.next_read_at),
        "ended": read.is_some_and(|read| read.next_read_at.is_none()),
    });
    writeln!(errors, "{summary}")
}
