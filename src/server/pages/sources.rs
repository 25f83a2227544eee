//! Sources: what was read when, what went wrong and of which kind, what is
//! missing, what could not be read; pausing and resuming. And the stages
//! behind them, since a blind source and a halted stage look alike.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};

use super::callback_parts::{self, CallbackPart};
use super::chrome::Chrome;
use super::incident_parts::{network_name, territory_name};
use super::show;
use super::troubles::{self, TroublePart};
use crate::adapters::store::Reader;
use crate::adapters::store::commands::Command;
use crate::adapters::store::read::{StoredGap, StoredRejected};
use crate::model::alarm::{Alarm, Subject};
use crate::model::gap::GapState;
use crate::model::source::{Outcome, Source, SourceId, SourceState};
use crate::model::stream::StreamState;
use crate::model::thread::ThreadTotals;
use crate::rules::completeness::Completeness;
use crate::rules::wording::Arg;
use crate::server::completeness;
use crate::server::completeness::WholeLine;
use crate::server::failure::Failure;
use crate::server::looks;
use crate::server::permissions::Permission;
use crate::server::visitor::{Signed, Visitor};

const GAPS_MAX: usize = 50;
const ALARMS_MAX: usize = 100;
const REJECTED_MAX: usize = 50;
const PAYLOAD_CHARS: usize = 400;

#[derive(Template)]
#[template(path = "sources.html")]
struct SourcesPage {
    chrome: Chrome,
    sources: Vec<SourcePart>,
    gaps: Vec<GapPart>,
    rejected: Vec<RejectedPart>,
    callbacks: Vec<CallbackPart>,
    stages: Vec<StagePart>,
    alarms: Vec<AlarmPart>,
    past: Vec<AlarmPart>,
    whole: WholeLine,
    needs_somebody: u64,
    can_manage: bool,
    can_reload: bool,
}

struct SourcePart {
    id: String,
    name: String,
    network: String,
    territory: String,
    is_own: bool,
    last_poll: Option<String>,
    last_new: Option<String>,
    next: Option<String>,
    outcome: String,
    class: &'static str,
    error: Option<TroublePart>,
    alarm: Option<AlarmPart>,
    failures: u32,
    is_stopped: bool,
    posts: u64,
    rejected: u64,
    gaps: u64,
    threads: Option<ThreadsPart>,
    stream: Option<StreamPart>,
}

/// How a stream is connected, and what it does not show.
struct StreamPart {
    lines: Vec<String>,
    /// What could not be asked for, for whoever mends it.
    details: Vec<String>,
}

/// What is read under the posts of a source.
struct ThreadsPart {
    watched: String,
    comments: String,
    last_read: Option<String>,
}

/// What is wrong, in words, with what to do about it.
struct AlarmPart {
    what: String,
    subject: String,
    when: String,
    todo: String,
    detail: String,
}

struct GapPart {
    source: String,
    from: String,
    to: String,
    state: String,
    /// Why a part cannot be had.
    lack: Option<String>,
    found: Option<String>,
    class: &'static str,
    next_try: Option<String>,
    reason: String,
    error: Option<String>,
}

struct RejectedPart {
    source: String,
    when: String,
    error: String,
    payload: String,
}

struct StagePart {
    name: String,
    position: u64,
    last_run: Option<String>,
    failures: u64,
    error: Option<String>,
}

pub async fn page(visitor: Visitor) -> Result<Response, Failure> {
    visitor.need(Permission::SeeSources)?;
    let (ruleset, partial) = (visitor.ruleset.clone(), completeness::partial(&visitor.state));
    let (streams, now) = (visitor.state.board.streams(), visitor.now);
    let read = move |reader: &Reader| {
        Ok(Seen {
            states: reader.source_states()?,
            threads: reader.thread_totals()?,
            gaps: reader.gaps(GAPS_MAX)?,
            rejected: reader.rejected(REJECTED_MAX)?,
            open: reader.open_alarms()?,
            alarms: reader.alarms(ALARMS_MAX)?,
            whole: completeness::read(reader, &ruleset.region.sources, partial, now)?,
        })
    };
    let Seen { states, threads, gaps, rejected, open, alarms, whole } =
        visitor.state.store.read_async(read).await?;
    let mut sources: Vec<SourcePart> = known(&visitor, &states)
        .into_iter()
        .map(|(source, state)| SourcePart {
            threads: threads_part(&visitor, &source, &threads),
            stream: streams.get(&source.id.0).map(|stream| stream_part(&visitor, stream)),
            ..source_part(&visitor, &source, state, &open)
        })
        .collect();
    sources.sort_by_key(|source| match source.class {
        "late" => 0,
        "near" => 1,
        _ => 2,
    });
    if !rejected.is_empty() && may_see_payloads(&visitor) {
        looks::note_anyway(&visitor, "rejected".to_owned(), "").await?;
    }
    let page = SourcesPage {
        needs_somebody: sources.iter().filter(|source| source.class == "late").count() as u64,
        gaps: gaps.iter().map(|gap| gap_part(&visitor, gap)).collect(),
        rejected: rejected.iter().map(|one| rejected_part(&visitor, one)).collect(),
        callbacks: callback_parts::lines(&visitor),
        stages: stages(&visitor),
        alarms: open.iter().map(|alarm| alarm_part(&visitor, alarm)).collect(),
        past: alarms
            .iter()
            .filter(|alarm| alarm.ended_at.is_some())
            .map(|alarm| alarm_part(&visitor, alarm))
            .collect(),
        whole: completeness::line(&visitor.words, &whole),
        can_manage: visitor.may(Permission::ManageSources),
        can_reload: visitor.may(Permission::Reload),
        chrome: Chrome::new(&visitor, visitor.words.t("nav-sources")),
        sources,
    };
    show(&page)
}

struct Seen {
    states: Vec<SourceState>,
    threads: Vec<ThreadTotals>,
    gaps: Vec<StoredGap>,
    rejected: Vec<StoredRejected>,
    open: Vec<Alarm>,
    alarms: Vec<Alarm>,
    whole: Completeness,
}

/// Configured sources with what is known of them, then those that were polled
/// once and are configured no more.
fn known<'s>(
    visitor: &Visitor,
    states: &'s [SourceState],
) -> Vec<(Source, Option<&'s SourceState>)> {
    let configured = &visitor.ruleset.region.sources;
    let state_of = |id: &SourceId| states.iter().find(|state| state.id == *id);
    let mut all: Vec<_> =
        configured.iter().map(|source| (source.clone(), state_of(&source.id))).collect();
    for state in states {
        if configured.iter().all(|source| source.id != state.id) {
            let network = state.id.0.split(':').next().unwrap_or("").to_owned();
            let source = Source {
                id: state.id.clone(),
                name: state.id.0.clone(),
                ..Source::of(&network, "", "")
            };
            all.push((source, Some(state)));
        }
    }
    all
}

fn source_part(
    visitor: &Visitor,
    source: &Source,
    state: Option<&SourceState>,
    open: &[Alarm],
) -> SourcePart {
    let subject = Subject::Source(source.id.0.clone());
    let alarm = open.iter().find(|alarm| alarm.subject == subject);
    let words = &visitor.words;
    let ago = |at: Option<crate::model::time::Timestamp>| at.map(|at| words.ago(at, visitor.now));
    let outcome = state.and_then(|state| state.last_outcome);
    let is_stopped = state.is_some_and(|state| state.stopped);
    let class = match outcome {
        _ if is_stopped => "late",
        _ if alarm.is_some() => "near",
        Some(Outcome::Refused | Outcome::Failed) => "near",
        Some(Outcome::New | Outcome::NothingNew) => "calm",
        None => "",
    };
    let outcome = match outcome {
        _ if is_stopped => words.t("source-stopped"),
        Some(outcome) => words.of("source-outcome", outcome.as_str()),
        None => words.t("source-never-polled"),
    };
    SourcePart {
        id: source.id.0.clone(),
        name: source.name.clone(),
        network: network_name(visitor, &source.network.0),
        territory: territory_name(visitor, source.territory.as_ref()),
        is_own: source.own.is_some(),
        last_poll: ago(state.and_then(|state| state.last_poll_at)),
        last_new: ago(state.and_then(|state| state.last_new_at)),
        next: state
            .filter(|state| !state.stopped)
            .and_then(|state| state.next_poll_at)
            .map(|at| words.short(at, visitor.now)),
        outcome,
        class,
        error: state
            .and_then(|state| state.last_error.as_deref())
            .map(|error| troubles::of_poll(words, error)),
        alarm: alarm.map(|alarm| alarm_part(visitor, alarm)),
        failures: state.map_or(0, |state| state.failures_in_row),
        is_stopped,
        posts: state.map_or(0, |state| state.posts),
        rejected: state.map_or(0, |state| state.rejected),
        gaps: state.map_or(0, |state| state.gaps),
        threads: None,
        stream: None,
    }
}

fn alarm_part(visitor: &Visitor, alarm: &Alarm) -> AlarmPart {
    let words = &visitor.words;
    let moment = |at| words.moment(at, visitor.now);
    let kind = alarm.kind.as_str();
    AlarmPart {
        what: words.of("alarm", kind),
        subject: subject_name(visitor, &alarm.subject),
        when: match alarm.ended_at {
            None => words.with("alarm-since", &[("when", Arg::from(&moment(alarm.raised_at)))]),
            Some(at) => words.with("alarm-ended", &[("when", Arg::from(&moment(at)))]),
        },
        todo: words.of("alarm-do", kind),
        detail: alarm.detail.clone(),
    }
}

fn subject_name(visitor: &Visitor, subject: &Subject) -> String {
    match subject {
        Subject::Source(id) => {
            let sources = &visitor.ruleset.region.sources;
            let source = sources.iter().find(|source| source.id.0 == *id);
            source.map_or_else(|| id.clone(), |source| source.name.clone())
        }
        Subject::Key { network, number } => {
            let (network, number) = (network_name(visitor, network), number.to_string());
            let args = [("network", Arg::from(&network)), ("number", Arg::from(&number))];
            visitor.words.with("alarm-subject-key", &args)
        }
        Subject::Network(network) => network_name(visitor, network),
    }
}

fn threads_part(
    visitor: &Visitor,
    source: &Source,
    totals: &[ThreadTotals],
) -> Option<ThreadsPart> {
    let totals = totals.iter().find(|totals| totals.source == source.id)?;
    let words = &visitor.words;
    Some(ThreadsPart {
        watched: words.n("source-threads", totals.watched),
        comments: words.n("count-comments", totals.comments),
        last_read: totals.last_read_at.map(|at| words.ago(at, visitor.now)),
    })
}

fn stream_part(visitor: &Visitor, stream: &StreamState) -> StreamPart {
    let words = &visitor.words;
    let ago = |key, at| words.s(key, &words.ago(at, visitor.now));
    let mut lines = vec![match stream.connected_since {
        Some(at) => ago("stream-connected", at),
        None => words.t("stream-not-connected"),
    }];
    lines.extend(stream.last_event_at.map(|at| ago("stream-last-event", at)));
    if 0 < stream.reconnections {
        lines.push(words.n("stream-reconnections", stream.reconnections));
    }
    if stream.is_partial() {
        lines.push(words.s("stream-partial", &stream.share_percent.to_string()));
    }
    if 0 < stream.passed_over {
        lines.push(words.n("stream-passed-over", stream.passed_over));
    }
    let mut details = stream.notes.clone();
    if let Some(rules) = &stream.rules {
        lines.push(words.n("stream-rules", rules.in_force));
        let left_out = rules.left_out.iter().filter(|(_, count)| 0 < **count);
        lines.extend(
            left_out.map(|(why, count)| format!("{} {count}", words.of("stream-left-out", why))),
        );
        details.extend(rules.refused.clone());
    }
    StreamPart { lines, details }
}

fn gap_part(visitor: &Visitor, gap: &StoredGap) -> GapPart {
    let words = &visitor.words;
    let moment = |at| words.moment(at, visitor.now);
    let state = match gap.state {
        GapState::Open => words.t("gap-open"),
        GapState::Filling => words.s("gap-filling", &moment(gap.open_to)),
        GapState::Filled => {
            let at = gap.filled_at.map(moment).unwrap_or_default();
            words.with("gap-filled", &[("when", Arg::from(&at))])
        }
        GapState::Lost => words.s("gap-lost", &moment(gap.open_to)),
    };
    let is_lost = gap.state == GapState::Lost;
    GapPart {
        source: gap.gap.source.0.clone(),
        from: gap.gap.from.map_or_else(|| words.t("gap-from-the-start"), moment),
        to: moment(gap.gap.to),
        state,
        lack: gap.lack.filter(|_| is_lost).map(|lack| words.of("gap-lack", lack.as_str())),
        found: (0 < gap.found).then(|| words.n("gap-found", gap.found)),
        class: match gap.state {
            GapState::Open | GapState::Filling => "near",
            GapState::Filled => "calm",
            GapState::Lost => "late",
        },
        next_try: gap
            .next_try_at
            .filter(|at| visitor.now < *at)
            .map(|at| words.s("gap-next-try", &words.short(at, visitor.now))),
        reason: gap.gap.reason.clone(),
        error: gap.last_error.clone(),
    }
}

fn may_see_payloads(visitor: &Visitor) -> bool {
    visitor.may(Permission::SeeCases) && visitor.may(Permission::SeePersonal)
}

/// Payloads hold posts: whoever must see no cases sees the error alone.
fn rejected_part(visitor: &Visitor, rejected: &StoredRejected) -> RejectedPart {
    let payload = String::from_utf8_lossy(&rejected.payload);
    let payload = if may_see_payloads(visitor) {
        payload.chars().take(PAYLOAD_CHARS).collect()
    } else {
        String::new()
    };
    RejectedPart {
        source: rejected.source.as_ref().map(|id| id.0.clone()).unwrap_or_default(),
        when: visitor.words.moment(rejected.at, visitor.now),
        error: rejected.error.clone(),
        payload,
    }
}

fn stages(visitor: &Visitor) -> Vec<StagePart> {
    let states = visitor.state.board.states();
    states
        .into_iter()
        .map(|(name, stage)| StagePart {
            name: visitor.words.of("stage", name),
            position: stage.position.0,
            last_run: stage.last_run_at.map(|at| visitor.words.ago(at, visitor.now)),
            failures: stage.failures,
            error: stage.error,
        })
        .collect()
}

/// Pauses a source or lets it be polled again.
pub async fn stop_or_start(signed: Signed) -> Result<Response, Failure> {
    let visitor = signed.visitor;
    visitor.need(Permission::ManageSources)?;
    let source = SourceId(signed.fields.get("source").to_owned());
    let id = source.clone();
    let is_polled =
        visitor.state.store.read_async(move |reader| reader.source_state(&id)).await?.is_some();
    let is_configured = visitor.ruleset.region.sources.iter().any(|known| known.id == source);
    if !is_polled && !is_configured {
        return Err(Failure::NotFound);
    }
    let stopped = match signed.fields.get("to") {
        "pause" => true,
        "resume" => false,
        other => return Err(Failure::invalid("to", other)),
    };
    let action = if stopped { "source_pause" } else { "source_resume" };
    let mut entry = visitor.entry(action, format!("source:{source}"));
    entry.why = signed.fields.get("why").chars().take(300).collect();
    let command = Command::SetSourceStopped { source, stopped, entry };
    visitor.state.store.write_async(command).await?;
    Ok(Redirect::to("/sources?done=source").into_response())
}
