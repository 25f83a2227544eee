//! `otklik export posts|incidents|journal`: every stored row once, one JSON
//! object a line, oldest first, in constant memory.

use std::io::Write;

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::adapters::ndjson::print_line;
use crate::adapters::store::Reader;
use crate::adapters::store::read::{IncidentFilter, Order};
use crate::cli::output::{Usage, exit};
use crate::model::incident::State;
use crate::model::journal::Entry;
use crate::model::position::Position;
use crate::model::time::Timestamp;
use crate::views::incident::IncidentView;

/// Rows read at once.
const BATCH_ROWS: usize = 1_000;

#[derive(Debug, Args)]
pub struct ExportArgs {
    #[arg(value_enum)]
    pub what: Exported,
    /// Only rows since this day (2026-11-01, UTC) or instant (RFC 3339): posts
    /// by when they were first seen, incidents by when they were opened
    #[arg(long)]
    pub since: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Exported {
    /// Normalised posts, as `import` takes them
    Posts,
    Incidents,
    Journal,
}

/// Prints the rows.
pub fn run(
    args: &ExportArgs,
    reader: &Reader,
    now: Timestamp,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let since = args.since.as_deref().map(instant).transpose()?.unwrap_or(Timestamp::MIN);
    let mut out = std::io::BufWriter::new(out);
    match args.what {
        Exported::Posts => posts(reader, since, &mut out)?,
        Exported::Incidents => incidents(reader, since, now, &mut out)?,
        Exported::Journal => journal(reader, since, &mut out)?,
    }
    out.flush()?;
    Ok(exit::OK)
}

/// What `--since` says.
pub fn instant(written: &str) -> anyhow::Result<Timestamp> {
    if let Ok(instant) = written.parse() {
        return Ok(instant);
    }
    let Ok(day) = written.parse::<jiff::civil::Date>() else {
        let wanted = "write a day (2026-11-01) or an instant (RFC 3339)";
        return Err(Usage(format!("--since {written}: {wanted}")).into());
    };
    Ok(day.to_zoned(jiff::tz::TimeZone::UTC).context("--since")?.timestamp())
}

fn posts(reader: &Reader, since: Timestamp, out: &mut dyn Write) -> anyhow::Result<()> {
    // What arrives meanwhile belongs to the next export.
    let last = reader.last_position()?;
    let mut after = Position(0);
    loop {
        let batch = reader.posts_between(after, last, BATCH_ROWS)?;
        for stored in batch.iter().filter(|stored| stored.first_seen_at >= since) {
            writeln!(out, "{}", print_line(&stored.post))?;
        }
        match batch.last() {
            Some(stored) => after = stored.position,
            None => return Ok(()),
        }
    }
}

fn incidents(
    reader: &Reader,
    since: Timestamp,
    now: Timestamp,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut filter = IncidentFilter {
        // Joined ones too: they keep their numbers.
        states: State::ALL.to_vec(),
        order: Order::Number,
        limit: BATCH_ROWS,
        ..IncidentFilter::default()
    };
    loop {
        let batch = reader.incidents(&filter, now)?;
        for row in batch.iter().filter(|row| row.incident.opened_at >= since) {
            let view = IncidentView::new(&row.incident, row.suggestions, now);
            writeln!(out, "{}", serde_json::to_string(&view)?)?;
        }
        if batch.len() < BATCH_ROWS {
            return Ok(());
        }
        filter.offset += batch.len();
    }
}

fn journal(reader: &Reader, since: Timestamp, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut after = 0;
    loop {
        let batch = reader.journal_after(after, BATCH_ROWS)?;
        for entry in batch.iter().filter(|entry| entry.entry.at >= since) {
            writeln!(out, "{}", journal_line(entry))?;
        }
        match batch.last() {
            Some(entry) => after = entry.seq,
            None => return Ok(()),
        }
    }
}

fn journal_line(entry: &Entry) -> serde_json::Value {
    let of = &entry.entry;
    json!({
        "seq": entry.seq,
        "at": of.at,
        "actor": of.actor,
        "action": of.action,
        "subject": of.subject,
        "before": of.before,
        "after": of.after,
        "why": of.why,
        "origin": of.origin,
        "hash": entry.hash,
    })
}
