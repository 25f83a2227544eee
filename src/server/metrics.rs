//! Numbers for machines: the Prometheus text of what is stored, what waits,
//! how stages live, what was answered. Holds no case content.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State as Extract;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::completeness;
use super::failure::Failure;
use super::{Shared, State};
use crate::adapters::store::read::Totals;
use crate::model::alarm::{Alarm, AlarmKind};
use crate::model::gap::GapState;
use crate::model::notice::SendState;
use crate::model::source::SourceState;
use crate::model::stream::StreamState;
use crate::model::thread::ThreadTotals;
use crate::model::time::Timestamp;
use crate::pipeline::callbacks::Tally;
use crate::rules::completeness::Completeness;

/// Answers given since the start, by hundreds of their status.
#[derive(Debug, Default)]
pub struct Counters {
    answered: [AtomicU64; 6],
}

impl Counters {
    pub fn answered(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).min(5);
        self.answered[class].fetch_add(1, Ordering::Relaxed);
    }
}

const SEND_STATES: [SendState; 4] =
    [SendState::Waiting, SendState::Sent, SendState::Stuck, SendState::Acknowledged];

struct Stored {
    totals: Totals,
    outbox: Vec<(SendState, u64)>,
    sources: Vec<SourceState>,
    threads: Vec<ThreadTotals>,
    late_steps: u64,
    whole: Completeness,
    alarms: Vec<Alarm>,
}

pub async fn metrics(Extract(state): Extract<Shared>) -> Result<Response, Failure> {
    let now = state.clock.now();
    let ruleset = state.ruleset.borrow().clone();
    let partial = completeness::partial(&state);
    let stored = state
        .store
        .read_async(move |reader| {
            let count = |state: SendState| reader.outbox_count(state).map(|count| (state, count));
            Ok(Stored {
                totals: reader.totals()?,
                outbox: SEND_STATES.into_iter().map(count).collect::<Result<_, _>>()?,
                sources: reader.source_states()?,
                threads: reader.thread_totals()?,
                late_steps: reader.steps_due_before(now)?,
                whole: completeness::read(reader, &ruleset.region.sources, partial, now)?,
                alarms: reader.open_alarms()?,
            })
        })
        .await?;
    let text = render(&state, &stored, now);
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((kind, text).into_response())
}

fn render(state: &State, stored: &Stored, now: Timestamp) -> String {
    let mut text = Exposition(String::new());
    let hash = state.ruleset.borrow().hash.0.clone();
    let build = [("version", env!("CARGO_PKG_VERSION")), ("ruleset", hash.as_str())];
    text.family("otklik_build_info", "gauge", "The running program and its rules.");
    text.sample("otklik_build_info", &build, 1);
    totals(&mut text, &stored.totals);
    text.family("otklik_outbox_notices", "gauge", "Notices by state.");
    for (send_state, count) in &stored.outbox {
        text.sample("otklik_outbox_notices", &[("state", send_state.as_str())], *count);
    }
    text.family("otklik_ladder_steps_due", "gauge", "Steps that are due and not settled.");
    text.sample("otklik_ladder_steps_due", &[], stored.late_steps);
    sources(&mut text, &stored.sources, now);
    whole(&mut text, &stored.whole, &stored.alarms);
    threads(&mut text, &stored.threads, now);
    callbacks(&mut text, &state.callbacks.tallies(), now);
    streams(&mut text, &state.board.streams(), now);
    stages(&mut text, state, now);
    text.family("otklik_http_responses_total", "counter", "Answers by hundreds of their status.");
    for (class, count) in state.counters.answered.iter().enumerate().skip(1) {
        let class = format!("{class}xx");
        let count = count.load(Ordering::Relaxed);
        text.sample("otklik_http_responses_total", &[("status", &class)], count);
    }
    text.0
}

fn totals(text: &mut Exposition, totals: &Totals) {
    let rows = [
        ("otklik_posts_total", "Posts stored.", totals.posts),
        ("otklik_revisions_total", "Later texts and deletions of posts.", totals.revisions),
        ("otklik_matched_posts_total", "Posts that are complaints.", totals.matched),
        ("otklik_incidents_total", "Incidents, joined ones among them.", totals.incidents),
        ("otklik_rejected_payloads_total", "Payloads that could not be read.", totals.rejected),
        ("otklik_source_gaps_total", "Stretches of sources that are missing.", totals.gaps),
        ("otklik_actions_total", "Decisions of people and rules.", totals.actions),
        ("otklik_breaches_total", "Deadlines that passed.", totals.breaches),
    ];
    for (name, help, count) in rows {
        text.family(name, "counter", help);
        text.sample(name, &[], count);
    }
}

fn sources(text: &mut Exposition, sources: &[SourceState], now: Timestamp) {
    text.family("otklik_source_stopped", "gauge", "1 while a source waits for a person.");
    for source in sources {
        let stopped = u64::from(source.stopped);
        text.sample("otklik_source_stopped", &[("source", &source.id.0)], stopped);
    }
    text.family("otklik_source_failures_in_row", "gauge", "Polls that failed one after another.");
    for source in sources {
        let failures = u64::from(source.failures_in_row);
        text.sample("otklik_source_failures_in_row", &[("source", &source.id.0)], failures);
    }
    text.family("otklik_source_last_poll_age_seconds", "gauge", "Since the last poll.");
    for source in sources {
        if let Some(age) = source.last_poll_at.map(|at| age_secs(at, now)) {
            text.sample("otklik_source_last_poll_age_seconds", &[("source", &source.id.0)], age);
        }
    }
}

fn whole(text: &mut Exposition, whole: &Completeness, alarms: &[Alarm]) {
    text.family("otklik_sources", "gauge", "Sources by how their reading stands.");
    let states = [
        ("planned", whole.planned),
        ("polled", whole.polled),
        ("refused", whole.refused),
        ("failed", whole.failed),
        ("paused", whole.paused),
        ("waiting", whole.waiting),
        ("blind", whole.blind),
        ("partial", whole.partial),
    ];
    for (state, count) in states {
        text.sample("otklik_sources", &[("state", state)], count);
    }
    text.family(
        "otklik_source_gaps",
        "gauge",
        "Stretches missing in the last 30 days by what has become of them.",
    );
    for state in GapState::ALL {
        let count = whole.gaps.of(state);
        text.sample("otklik_source_gaps", &[("state", state.as_str())], count);
    }
    text.family("otklik_alarms_open", "gauge", "Alarms about the reading of sources.");
    for kind in AlarmKind::ALL {
        let count = alarms.iter().filter(|alarm| alarm.kind == kind).count() as u64;
        text.sample("otklik_alarms_open", &[("kind", kind.as_str())], count);
    }
}

fn streams(text: &mut Exposition, streams: &BTreeMap<String, StreamState>, now: Timestamp) {
    text.family("otklik_stream_connected", "gauge", "1 while a stream is connected.");
    for (source, stream) in streams {
        let is_connected = u64::from(stream.connected_since.is_some());
        text.sample("otklik_stream_connected", &[("source", source)], is_connected);
    }
    text.family("otklik_stream_last_event_age_seconds", "gauge", "Since something came.");
    for (source, stream) in streams {
        if let Some(age) = stream.last_event_at.map(|at| age_secs(at, now)) {
            text.sample("otklik_stream_last_event_age_seconds", &[("source", source)], age);
        }
    }
    let reconnections = "otklik_stream_reconnections_total";
    text.family(reconnections, "counter", "Connections after the first one.");
    for (source, stream) in streams {
        text.sample(reconnections, &[("source", source)], stream.reconnections);
    }
    let passed_over = "otklik_stream_passed_over_total";
    text.family(passed_over, "counter", "Events that are of no interest here.");
    for (source, stream) in streams {
        text.sample(passed_over, &[("source", source)], stream.passed_over);
    }
    text.family("otklik_stream_rules", "gauge", "Rules in force, left out and refused.");
    for (source, rules) in streams.iter().filter_map(|(id, one)| Some((id, one.rules.as_ref()?))) {
        let left_out = rules.left_out.values().sum();
        let refused = rules.refused.len() as u64;
        let states = [("in_force", rules.in_force), ("left_out", left_out), ("refused", refused)];
        for (state, count) in states {
            text.sample("otklik_stream_rules", &[("source", source), ("state", state)], count);
        }
    }
}

fn threads(text: &mut Exposition, threads: &[ThreadTotals], now: Timestamp) {
    text.family("otklik_threads_watched", "gauge", "Threads that are read again.");
    for one in threads {
        text.sample("otklik_threads_watched", &[("source", &one.source.0)], one.watched);
    }
    text.family("otklik_thread_comments_total", "counter", "Comments stored.");
    for one in threads {
        text.sample("otklik_thread_comments_total", &[("source", &one.source.0)], one.comments);
    }
    text.family("otklik_thread_reads_total", "counter", "Reads of threads.");
    for one in threads {
        text.sample("otklik_thread_reads_total", &[("source", &one.source.0)], one.reads);
    }
    text.family("otklik_thread_failures_total", "counter", "Reads of threads that failed.");
    for one in threads {
        text.sample("otklik_thread_failures_total", &[("source", &one.source.0)], one.failures);
    }
    text.family("otklik_thread_last_read_age_seconds", "gauge", "Since a thread was read.");
    for one in threads {
        if let Some(age) = one.last_read_at.map(|at| age_secs(at, now)) {
            text.sample("otklik_thread_last_read_age_seconds", &[("source", &one.source.0)], age);
        }
    }
}

fn callbacks(text: &mut Exposition, lines: &[(String, Tally)], now: Timestamp) {
    text.family("otklik_callback_events_total", "counter", "Events that communities sent.");
    for (name, tally) in lines {
        let rows = [
            ("taken", tally.taken),
            ("unreadable", tally.unreadable),
            ("other", tally.others),
            ("refused", tally.refused),
        ];
        for (outcome, count) in rows {
            let labels = [("callback", name.as_str()), ("outcome", outcome)];
            text.sample("otklik_callback_events_total", &labels, count);
        }
    }
    text.family("otklik_callback_last_event_age_seconds", "gauge", "Since an event came.");
    for (name, tally) in lines {
        if let Some(age) = tally.last_at.map(|at| age_secs(at, now)) {
            text.sample("otklik_callback_last_event_age_seconds", &[("callback", name)], age);
        }
    }
}

fn stages(text: &mut Exposition, state: &State, now: Timestamp) {
    let stages = state.board.states();
    text.family("otklik_stage_position", "gauge", "How far a stage has come.");
    for (name, stage) in &stages {
        text.sample("otklik_stage_position", &[("stage", name)], stage.position.0);
    }
    text.family("otklik_stage_failures_total", "counter", "Steps of a stage that failed.");
    for (name, stage) in &stages {
        text.sample("otklik_stage_failures_total", &[("stage", name)], stage.failures);
    }
    text.family("otklik_stage_failing", "gauge", "1 while the last step failed.");
    for (name, stage) in &stages {
        let failing = u64::from(stage.error.is_some());
        text.sample("otklik_stage_failing", &[("stage", name)], failing);
    }
    text.family("otklik_stage_last_run_age_seconds", "gauge", "Since a stage last ran.");
    for (name, stage) in &stages {
        if let Some(age) = stage.last_run_at.map(|at| age_secs(at, now)) {
            text.sample("otklik_stage_last_run_age_seconds", &[("stage", name)], age);
        }
    }
}

fn age_secs(at: Timestamp, now: Timestamp) -> u64 {
    now.duration_since(at).as_secs().max(0).unsigned_abs()
}

/// The text format: families of samples.
struct Exposition(String);

impl Exposition {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing into a String cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: u64) {
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        let labels =
            if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_break_out() {
        let mut text = Exposition(String::new());
        text.sample("m", &[("source", "a\"} 1\nb\\")], 2);
        assert_eq!(text.0, "m{source=\"a\\\"} 1\\nb\\\\\"} 2\n");
    }
}
