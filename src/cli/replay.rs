//! `otklik replay --ruleset DIR`: the stored posts under another ruleset,
//! compared with the live run. Writes nothing.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use crate::adapters::store::{Reader, StoreError};
use crate::cli::export::instant;
use crate::cli::output::{Output, exit};
use crate::cli::words::Words;
use crate::model::position::Position;
use crate::model::time::Timestamp;
use crate::pipeline::replay::{Replayed, compare, live, with_ruleset};
use crate::rules::ruleset::Ruleset;
use crate::rules::wording::Arg;

/// Posts read at once.
const BATCH_POSTS: usize = 1_000;

#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Folder of the other ruleset: `keywords/` and `regions/ID/` in it; what it
    /// lacks is taken from the configuration
    #[arg(long)]
    pub ruleset: PathBuf,
    /// Compare only posts first seen since this day (2026-11-01, UTC) or
    /// instant (RFC 3339)
    #[arg(long)]
    pub since: Option<String>,
}

/// Replays and prints how the incidents differ.
pub fn run(
    args: &ReplayArgs,
    reader: &Reader,
    ruleset: Ruleset,
    output: Output,
    words: &Words,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let since = args.since.as_deref().map(instant).transpose()?;
    let hash = ruleset.hash.clone();
    let (mut before, mut after) = (live(reader)?, with_ruleset(reader, Arc::new(ruleset))?);
    if let Some(since) = since {
        let recent = seen_since(reader, since)?;
        for run in [&mut before, &mut after] {
            run.assignments.retain(|post, _| recent.contains(post));
        }
    }
    let difference = compare(&before, &after);
    let counts = [incidents(&before), incidents(&after)];
    match output {
        Output::Json => {
            let view = json!({
                "ruleset": hash, "before": counts[0], "after": counts[1],
                "same": difference.same, "joined": difference.joined, "split": difference.split,
                "new": difference.new, "gone": difference.gone,
            });
            writeln!(out, "{view}")?;
        }
        Output::Simple => {
            let number = |count: usize| Arg::from(count as u64);
            let totals = [
                ("now", number(counts[0])),
                ("then", number(counts[1])),
                ("ruleset", Arg::from(&hash.0)),
            ];
            writeln!(out, "{}", words.say("cli-replay", &totals))?;
            let changes = [
                ("same", number(difference.same)),
                ("joined", number(difference.joined)),
                ("split", number(difference.split)),
                ("new", number(difference.new)),
                ("gone", number(difference.gone)),
            ];
            writeln!(out, "{}", words.say("cli-replay-changes", &changes))?;
        }
    }
    Ok(exit::OK)
}

fn incidents(run: &Replayed) -> usize {
    run.assignments.values().map(|one| one.incident).collect::<BTreeSet<_>>().len()
}

fn seen_since(reader: &Reader, since: Timestamp) -> Result<BTreeSet<Position>, StoreError> {
    let last = reader.last_position()?;
    let (mut after, mut found) = (Position(0), BTreeSet::new());
    loop {
        let posts = reader.posts_between(after, last, BATCH_POSTS)?;
        let recent = posts.iter().filter(|post| post.first_seen_at >= since);
        found.extend(recent.map(|post| post.position));
        match posts.last() {
            Some(post) => after = post.position,
            None => return Ok(found),
        }
    }
}
