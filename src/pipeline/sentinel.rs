//! Watches that the sources speak: looks at the whole reading twice a minute,
//! lets the rules say what is wrong, raises and ends alarms, and tells the
//! administrators once. Alarms, notices and their trace are one transaction.
//!
//! If we stop here nothing is raised twice: an open alarm stands in a table.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use tokio::sync::watch;

use crate::adapters::connector::cursor::empty_polls;
use crate::adapters::connector::error::ErrorClass;
use crate::adapters::connector::keys::Standing;
use crate::adapters::connector::stream::place::Place;
use crate::adapters::store::Store;
use crate::adapters::store::StoreError;
use crate::adapters::store::commands::Command;
use crate::adapters::store::commands::Watched;
use crate::model::alarm::Alarm;
use crate::model::alarm::AlarmKind;
use crate::model::alarm::Subject;
use crate::model::incident::IncidentId;
use crate::model::journal::NewEntry;
use crate::model::notice::Notice;
use crate::model::notice::NoticeKind;
use crate::model::position::Position;
use crate::model::source::Cursor;
use crate::model::source::Outcome;
use crate::model::source::Source;
use crate::model::source::SourceId;
use crate::model::source::SourceState;
use crate::model::time::Timestamp;
use crate::pipeline::escalate::EscalateOptions;
use crate::pipeline::escalate::administrators;
use crate::pipeline::ingest::IngestStage;
use crate::pipeline::stage::Progress;
use crate::pipeline::stage::StageError;
use crate::rules::alarms;
use crate::rules::alarms::Changes;
use crate::rules::alarms::Facts;
use crate::rules::alarms::Reading;
use crate::rules::completeness::is_paused;
use crate::rules::rhythm::LEARNT_HOURS;
use crate::rules::rhythm::Rhythm;
use crate::rules::rhythm::hour_of;
use crate::rules::ruleset::Ruleset;

/// Between two looks.
const EVERY: SignedDuration = SignedDuration::from_secs(30);
/// Streams try again within seconds: so long one must have been away.
const STREAM_AWAY: SignedDuration = SignedDuration::from_mins(10);
/// Over which the share of unreadable items is taken.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);
const NOT_LET_IN: [ErrorClass; 2] = [ErrorClass::Unauthorised, ErrorClass::Captcha];

pub struct Sentinel {
    store: Store,
    ruleset: watch::Receiver<Arc<Ruleset>>,
    ingest: IngestStage,
    options: EscalateOptions,
    looked_at: Option<Timestamp>,
    /// Learnt up to the last new post of each source that has fallen quiet.
    rhythms: BTreeMap<SourceId, (Timestamp, Rhythm)>,
    /// How many polls in a row had shown nothing, after so many polls.
    empty: BTreeMap<SourceId, (u64, u32)>,
}

/// What one look reads.
struct Seen {
    states: Vec<SourceState>,
    open: Vec<Alarm>,
    rejected: BTreeMap<String, u64>,
    read: BTreeMap<String, u64>,
    last_id: i64,
}

impl Sentinel {
    pub fn new(
        store: Store,
        ruleset: watch::Receiver<Arc<Ruleset>>,
        ingest: IngestStage,
        options: EscalateOptions,
    ) -> Sentinel {
        let (looked_at, rhythms, empty) = (None, BTreeMap::new(), BTreeMap::new());
        Sentinel { store, ruleset, ingest, options, looked_at, rhythms, empty }
    }

    pub fn step(&mut self, now: Timestamp) -> Result<Progress, StageError> {
        let idle = Ok(Progress::Idle(Position::default()));
        if self.looked_at.is_some_and(|at| now.duration_since(at).abs() < EVERY) {
            return idle;
        }
        let seen = self.look(now)?;
        let ruleset = self.ruleset.borrow().clone();
        let holding = self.holding(&ruleset, &seen, now)?;
        let changes = alarms::changes(&seen.open, holding);
        if changes != Changes::default() {
            let watched = self.watched(&ruleset, &seen, changes, now);
            self.store.write(Command::Watched(watched))?;
        }
        self.looked_at = Some(now);
        idle
    }

    fn look(&self, now: Timestamp) -> Result<Seen, StoreError> {
        let yesterday = now.checked_sub(A_DAY).unwrap_or(now);
        self.store.read(|reader| {
            Ok(Seen {
                states: reader.source_states()?,
                open: reader.open_alarms()?,
                rejected: reader.rejected_since(yesterday)?,
                read: reader.read_since(yesterday)?,
                last_id: reader.last_alarm_id()?,
            })
        })
    }

    /// Everything that is wrong now.
    fn holding(
        &mut self,
        ruleset: &Ruleset,
        seen: &Seen,
        now: Timestamp,
    ) -> Result<Vec<(Subject, AlarmKind, String)>, StoreError> {
        let mut holding = self.of_keys(&seen.open);
        let mut late: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        let states: BTreeMap<&str, &SourceState> =
            seen.states.iter().map(|state| (state.id.0.as_str(), state)).collect();
        for source in &ruleset.region.sources {
            let Some(state) = states.get(source.id.0.as_str()) else { continue };
            let subject = Subject::Source(source.id.0.clone());
            let open: Vec<&Alarm> =
                seen.open.iter().filter(|alarm| alarm.subject == subject).collect();
            if let Some((kind, detail)) = self.of_source(source, state, seen, &open, now)? {
                holding.push((subject, kind, detail));
            }
            if !state.stopped {
                let secs = alarms::late_secs(state.next_poll_at, now);
                late.entry(source.network.0.as_str()).or_default().push(secs);
            }
        }
        for (network, late) in late {
            let subject = Subject::Network(network.to_owned());
            let was_late = seen.open.iter().any(|alarm| alarm.subject == subject);
            if let Some((kind, detail)) = alarms::of_network(late, was_late) {
                holding.push((subject, kind, detail));
            }
        }
        Ok(holding)
    }

    /// A credential that was refused, until it works again. After a start
    /// nothing is known yet: what was open stays open.
    fn of_keys(&self, open: &[Alarm]) -> Vec<(Subject, AlarmKind, String)> {
        let of_key = |key: crate::adapters::connector::keys::KeyState| {
            let subject = Subject::Key { network: key.network.0, number: key.number };
            let was = open.iter().find(|alarm| alarm.subject == subject);
            let detail = match (key.standing, was) {
                (Standing::Refused(detail), _) => detail,
                (Standing::Unknown, Some(was)) => was.detail.clone(),
                (Standing::Unknown, None) | (Standing::Works, _) => return None,
            };
            Some((subject, AlarmKind::Login, detail))
        };
        self.ingest.keys().into_iter().filter_map(of_key).collect()
    }

    fn of_source(
        &mut self,
        source: &Source,
        state: &SourceState,
        seen: &Seen,
        open: &[&Alarm],
        now: Timestamp,
    ) -> Result<Option<(AlarmKind, String)>, StoreError> {
        let rhythm = self.rhythm_of(state, now)?;
        let count = |counts: &BTreeMap<String, u64>| counts.get(&state.id.0).copied().unwrap_or(0);
        let facts = Facts {
            state,
            reading: self.reading(source, state, now)?,
            rhythm: &rhythm,
            empty_polls: self.empty_polls(state)?,
            rejected: count(&seen.rejected),
            read: count(&seen.read),
        };
        Ok(alarms::of_source(&facts, open))
    }

    /// Only quiet sources need one: for the others any does.
    fn rhythm_of(&mut self, state: &SourceState, now: Timestamp) -> Result<Rhythm, StoreError> {
        let is_quiet = |at: Timestamp| SignedDuration::from_hours(1) < now.duration_since(at);
        let Some(spoke_at) = state.last_new_at.filter(|at| is_quiet(*at)) else {
            self.rhythms.remove(&state.id);
            return Ok(Rhythm::default());
        };
        if let Some((until, rhythm)) = self.rhythms.get(&state.id)
            && *until == spoke_at
        {
            return Ok(rhythm.clone());
        }
        let span = SignedDuration::from_hours(LEARNT_HOURS);
        let since = spoke_at.checked_sub(span).unwrap_or(spoke_at);
        let hours = self.store.read(|reader| reader.posts_by_hour_of(&state.id, since))?;
        let rhythm = Rhythm::learn(&hours, hour_of(spoke_at) + 1);
        self.rhythms.insert(state.id.clone(), (spoke_at, rhythm.clone()));
        Ok(rhythm)
    }

    /// Cursors are long: one is read where a poll that may have shown nothing
    /// at all came since the last look.
    fn empty_polls(&mut self, state: &SourceState) -> Result<u32, StoreError> {
        if state.last_outcome != Some(Outcome::NothingNew) {
            self.empty.remove(&state.id);
            return Ok(0);
        }
        if let Some((polls, empty)) = self.empty.get(&state.id)
            && *polls == state.polls
        {
            return Ok(*empty);
        }
        let empty = empty_polls(&self.cursor(&state.id)?);
        self.empty.insert(state.id.clone(), (state.polls, empty));
        Ok(empty)
    }

    fn cursor(&self, id: &SourceId) -> Result<Cursor, StoreError> {
        let state = self.store.read(|reader| reader.source_state(id))?;
        Ok(state.map(|state| state.cursor).unwrap_or_default())
    }

    /// Whether a stream broke off so recently that its failures say nothing.
    fn is_away_for_a_moment(&self, source: &Source, now: Timestamp) -> Result<bool, StoreError> {
        if !self.ingest.is_stream(source) {
            return Ok(false);
        }
        let heard = Place::of(&self.cursor(&source.id)?).heard;
        Ok(heard.is_some_and(|heard| now.duration_since(heard) < STREAM_AWAY))
    }

    fn reading(
        &self,
        source: &Source,
        state: &SourceState,
        now: Timestamp,
    ) -> Result<Reading, StoreError> {
        if is_paused(state.stopped, state.last_outcome) {
            return Ok(Reading::Paused);
        }
        let class = state.last_error.as_deref().and_then(ErrorClass::of);
        Ok(match (state.last_outcome, class) {
            (Some(Outcome::New | Outcome::NothingNew), _) => Reading::Read,
            (None, _) => Reading::Waits,
            // Where there are credentials, theirs is the alarm.
            (Some(_), Some(class)) if NOT_LET_IN.contains(&class) => {
                // A stream that has stopped was refused with a key of its own.
                let is_stopped_stream = state.stopped && self.ingest.is_stream(source);
                let is_keyed = self.ingest.asks_with_keys(source) && !is_stopped_stream;
                if is_keyed { Reading::Waits } else { Reading::NotLetIn }
            }
            (Some(Outcome::Failed), _) if self.is_away_for_a_moment(source, now)? => Reading::Waits,
            (Some(Outcome::Refused), _) if state.stopped => Reading::Closed,
            (Some(Outcome::Refused), _) => Reading::Waits,
            (Some(Outcome::Failed), Some(ErrorClass::Malformed)) => Reading::Unreadable,
            (Some(Outcome::Failed), _) => Reading::Unreachable,
        })
    }

    fn watched(&self, ruleset: &Ruleset, seen: &Seen, changes: Changes, now: Timestamp) -> Watched {
        let mut watched = Watched::default();
        for id in changes.ended {
            watched.ended.push((id, now));
            if let Some(alarm) = seen.open.iter().find(|alarm| alarm.id == id) {
                watched.entries.push(entry("alarm_end", alarm, now));
            }
        }
        for (index, (subject, kind, detail)) in changes.raised.into_iter().enumerate() {
            let id = seen.last_id + 1 + index as i64;
            let alarm = Alarm { id, subject, kind, raised_at: now, ended_at: None, detail };
            watched.entries.push(entry("alarm", &alarm, now));
            watched.raised.push(alarm);
        }
        for together in watched.raised.chunk_by(|one, other| one.kind == other.kind) {
            watched.outbox.extend(self.notices(ruleset, together, now));
        }
        watched
    }

    /// One notice about all alarms of a kind that were raised together: where
    /// a network breaks down nobody reads a thousand letters.
    fn notices(
        &self,
        ruleset: &Ruleset,
        alarms: &[Alarm],
        now: Timestamp,
    ) -> Vec<(Timestamp, Notice)> {
        let (Some(first), Some(last)) = (alarms.first(), alarms.last()) else { return Vec::new() };
        let (recipient, channels) = administrators(&ruleset.region, &self.options);
        if channels.is_empty() {
            let kind = first.kind.as_str();
            tracing::error!(kind, count = alarms.len(), "there is nobody to tell of an alarm");
        }
        let notice = |channel| Notice {
            incident: IncidentId::SERVICE,
            recipient: recipient.clone(),
            channel,
            kind: NoticeKind::Service,
            version: format!("{}-{}", first.id, last.id),
        };
        channels.into_iter().map(|channel| (now, notice(channel))).collect()
    }
}

fn entry(action: &str, alarm: &Alarm, now: Timestamp) -> NewEntry {
    NewEntry {
        at: now,
        actor: "rule:sentinel".to_owned(),
        action: action.to_owned(),
        subject: alarm.subject.to_string(),
        after: serde_json::json!({ "alarm": alarm.id, "kind": alarm.kind.as_str() }).to_string(),
        why: alarm.detail.clone(),
        ..NewEntry::default()
    }
}

/// The alarms that a service notice is about.
pub fn told_by(notice: &Notice) -> Option<(i64, i64)> {
    let (first, last) = notice.version.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?))
}
