//! `otklik deadline explain ID`: why an incident is due when it is due.

use std::io::Write;

use clap::Subcommand;
use serde_json::json;

use crate::adapters::store::Reader;
use crate::cli::output::{Output, exit};
use crate::cli::words::Words;
use crate::model::clock::{Calendar, ClockKind, Deadline, Term};
use crate::model::incident::{Incident, IncidentId};
use crate::model::time::{Timestamp, zone};
use crate::rules::deadline::deadline;
use crate::rules::wording::Arg;

#[derive(Debug, Subcommand)]
pub enum DeadlineCommand {
    /// Spans, pauses, calendar and rule version behind an incident's deadlines
    Explain { id: u64 },
}

/// Exit 1 where there is no such incident.
pub fn explain(
    id: u64,
    reader: &Reader,
    calendar: &Calendar,
    output: Output,
    words: &Words,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> anyhow::Result<u8> {
    let Some(incident) = reader.incident(IncidentId(id))? else {
        writeln!(errors, "otklik: {}", words.about("cli-no-incident", &id.to_string()))?;
        return Ok(exit::FAILED);
    };
    let deadlines = deadlines(&incident, calendar);
    match output {
        Output::Json => writeln!(out, "{}", as_json(&incident, calendar, &deadlines))?,
        Output::Simple => print(&incident, calendar, &deadlines, words, out)?,
    }
    Ok(exit::OK)
}

/// The clocks that the incident has, each with the way to its instant. They
/// are computed again from the frozen terms: the same function, the same facts.
fn deadlines(incident: &Incident, calendar: &Calendar) -> Vec<Deadline> {
    let terms = &incident.terms;
    let of = |clock, term, from| deadline(clock, term, from, &[], calendar);
    let mut found = vec![of(ClockKind::FirstAnswer, terms.first_answer, incident.opened_at)];
    if let Some(accepted) = incident.accepted_at {
        found.push(of(ClockKind::Take, terms.take, accepted));
    }
    if let (Some(answered), Some(due)) = (incident.answered_at, incident.final_answer_due_at) {
        let by_terms = of(ClockKind::FinalAnswer, terms.final_answer, answered);
        // A promised day stands above the region's term.
        found.push(if by_terms.due_at == due {
            by_terms
        } else {
            Deadline { due_at: due, spans: Vec::new(), ..by_terms }
        });
    }
    found
}

fn as_json(incident: &Incident, calendar: &Calendar, deadlines: &[Deadline]) -> String {
    json!({
        "incident": incident.id.0,
        "terms": incident.terms.id,
        "rule_version": incident.terms_version,
        "zone": calendar.zone,
        "deadlines": deadlines.iter().map(|one| json!({
            "clock": one.clock.as_str(),
            "term": term(one.term),
            "started_at": one.started_at,
            "due_at": one.due_at,
            "promised": one.spans.is_empty(),
            "spans": one.spans.iter().map(|span| json!({
                "from": span.from,
                "to": span.to,
                "kind": span.kind,
                "counted_secs": span.counted_secs,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
    .to_string()
}

fn print(
    incident: &Incident,
    calendar: &Calendar,
    deadlines: &[Deadline],
    words: &Words,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let zone = zone(&calendar.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let local =
        |instant: Timestamp| instant.to_zoned(zone.clone()).strftime("%F %T %:z").to_string();
    let head = [
        ("number", Arg::from(incident.id.0)),
        ("terms", Arg::from(&incident.terms.id)),
        ("version", Arg::from(&incident.terms_version)),
    ];
    writeln!(out, "{}", words.say("cli-deadline", &head))?;
    for one in deadlines {
        let clock = words.of("clock", one.clock.as_str());
        let from = words.about("clock-from", &local(one.started_at));
        writeln!(out, "\n{clock}. {from}: {}", term(one.term))?;
        for span in &one.spans {
            let (from, to) = (local(span.from), local(span.to));
            let kind = words.of("span", &span.kind);
            let counted = [("secs", Arg::from(span.counted_secs))];
            writeln!(out, "  {from} … {to}  {kind:<28} {}", words.say("cli-counted", &counted))?;
        }
        if one.spans.is_empty() {
            writeln!(out, "  {}", words.say("clock-promised", &[]))?;
        }
        writeln!(out, "  {}", words.about("clock-until", &local(one.due_at)))?;
    }
    Ok(())
}

/// As the region pack writes it.
fn term(term: Term) -> String {
    match term {
        Term::ElapsedSecs(secs) if secs % 3_600 == 0 => format!("{}h", secs / 3_600),
        Term::ElapsedSecs(secs) => format!("{secs}s"),
        Term::WorkingMinutes(minutes) if minutes % 60 == 0 => format!("{}wh", minutes / 60),
        Term::WorkingMinutes(minutes) => format!("{minutes}wm"),
        Term::WorkingDays(days) => format!("{days}wd"),
    }
}
