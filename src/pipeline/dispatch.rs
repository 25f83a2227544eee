//! Sends what the outbox holds: composes each notice as the incident stands
//! now, hands it to its channel, records the attempt. Every recipient has a
//! turn of its own, so one that is dead delays nobody else.
//!
//! If we stop between sending and recording, the notice is sent again with the
//! same key: at least once. Rows that nobody could deliver end in the list of
//! stuck ones, for a person.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::adapters::channel::{Channels, Message};
use crate::adapters::store::commands::{Command, Delivered};
use crate::adapters::store::{Store, StoreError};
use crate::model::alarm::{Alarm, Subject};
use crate::model::clock::ClockKind;
use crate::model::incident::Incident;
use crate::model::notice::{Attempt, NoticeKind, OutboxRow, Trouble};
use crate::model::place::Place;
use crate::model::position::Position;
use crate::model::region::{Name, Region};
use crate::model::time::{Clock, Timestamp, zone};
use crate::pipeline::sentinel::told_by;
use crate::pipeline::stage::{Progress, StageError, supervise};
use crate::rules::ruleset::Ruleset;
use crate::rules::wording::{Arg, Lang, NoticeFacts, ServiceFacts, Wording};

/// Rows that one recipient is sent in a turn.
const ROWS_EACH_MAX: usize = 20;
const ROWS_MAX: usize = 1_000;
/// Recipients that are talked to at the same time; each waits for its network.
const RECIPIENTS_MAX: usize = 256;

/// When a notice that could not be delivered is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackOff {
    /// After so many attempts a person must act.
    pub attempts: u32,
    pub first_wait: Duration,
    pub factor: u32,
    pub cap: Duration,
}

impl Default for BackOff {
    /// A minute, then doubling up to an hour: about a day and a half in all.
    fn default() -> Self {
        BackOff {
            attempts: 40,
            first_wait: Duration::from_secs(60),
            factor: 2,
            cap: Duration::from_secs(3_600),
        }
    }
}

impl BackOff {
    /// The instant of the next attempt after `attempts` of them, if there is one.
    pub fn next(
        &self,
        attempts: u32,
        at: Timestamp,
        not_before: Option<Timestamp>,
    ) -> Option<Timestamp> {
        if attempts >= self.attempts {
            return None;
        }
        let growth = self.factor.saturating_pow(attempts.saturating_sub(1));
        let wait = self.first_wait.saturating_mul(growth).min(self.cap);
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        let next = at.checked_add(wait).unwrap_or(Timestamp::MAX);
        Some(not_before.map_or(next, |asked| next.max(asked)))
    }
}

#[derive(Debug, Clone)]
pub struct DispatchOptions {
    pub back_off: BackOff,
    /// Where people open incidents: `https://otklik.region.example`.
    pub base_url: String,
    /// For bodies, and for people who chose no language.
    pub lang: Lang,
}

/// The stage; cheap to clone, all clones are one.
#[derive(Clone)]
pub struct DispatchStage {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    channels: Channels,
    wording: Arc<Wording>,
    ruleset: watch::Receiver<Arc<Ruleset>>,
    options: DispatchOptions,
    busy: Mutex<BTreeSet<String>>,
    turns: Mutex<Vec<JoinHandle<()>>>,
}

impl DispatchStage {
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        channels: Channels,
        wording: Arc<Wording>,
        ruleset: watch::Receiver<Arc<Ruleset>>,
        options: DispatchOptions,
    ) -> DispatchStage {
        let (busy, turns) = (Mutex::default(), Mutex::default());
        let inner = Inner { store, clock, channels, wording, ruleset, options, busy, turns };
        DispatchStage { inner: Arc::new(inner) }
    }

    /// Begins a turn for every recipient with due rows that has none running.
    /// Does not wait for the turns: their commits wake the stage again.
    pub async fn step(self, now: Timestamp) -> Result<Progress, StageError> {
        // Taken before the rows are read: a turn that ends in between has rows
        // in our reading that it has already sent.
        let busy_before = self.inner.busy();
        let rows = self
            .inner
            .store
            .read_async(move |reader| reader.outbox_due_by_recipient(now, ROWS_EACH_MAX, ROWS_MAX))
            .await?;
        let mut by_recipient: BTreeMap<String, Vec<OutboxRow>> = BTreeMap::new();
        for row in rows.into_iter().filter(|row| !busy_before.contains(&row.notice.recipient)) {
            by_recipient.entry(row.notice.recipient.clone()).or_default().push(row);
        }
        for (recipient, rows) in by_recipient {
            self.begin_turn(recipient, rows);
        }
        Ok(Progress::Idle(Position::default()))
    }

    /// Waits until every turn that has begun is over.
    pub async fn finish(&self) {
        let turns: Vec<JoinHandle<()>> =
            self.inner.turns.lock().map(|mut turns| turns.drain(..).collect()).unwrap_or_default();
        for turn in turns {
            // A panic in a turn leaves its rows waiting; they are tried again.
            let _ = turn.await;
        }
    }

    fn begin_turn(&self, recipient: String, rows: Vec<OutboxRow>) {
        let Some(turn) = Turn::begin(self.inner.clone(), recipient) else { return };
        let handle = supervise(async move { turn.run(rows).await });
        if let Ok(mut turns) = self.inner.turns.lock() {
            turns.retain(|turn| !turn.is_finished());
            turns.push(handle);
        }
    }
}

impl Inner {
    fn busy(&self) -> BTreeSet<String> {
        self.busy.lock().map(|busy| busy.clone()).unwrap_or_default()
    }

    async fn compose(&self, row: &OutboxRow, now: Timestamp) -> Result<Message, StoreError> {
        if row.notice.kind == NoticeKind::Service {
            return self.compose_service(row, now).await;
        }
        let (incident, login) =
            (row.notice.incident, row.notice.recipient.strip_prefix("person:").map(str::to_owned));
        let (incident, person) = self
            .store
            .read_async(move |reader| {
                let person = login.map(|login| reader.person(&login)).transpose()?.flatten();
                Ok((reader.incident(incident)?, person))
            })
            .await?;
        let incident = incident
            .ok_or_else(|| StoreError::Refused("the notice's incident is not there".to_owned()))?;
        let lang = person.and_then(|person| Lang::parse(&person.language));
        let ruleset = self.ruleset.borrow().clone();
        Ok(self.message(row, &incident, &ruleset, lang.unwrap_or(self.options.lang), now))
    }

    /// A notice about the reading of sources, which belongs to no incident.
    async fn compose_service(
        &self,
        row: &OutboxRow,
        now: Timestamp,
    ) -> Result<Message, StoreError> {
        let gone = || StoreError::Refused("the notice's alarms are not there".to_owned());
        let (first, last) = told_by(&row.notice).ok_or_else(gone)?;
        let alarms =
            self.store.read_async(move |reader| reader.alarms_between(first, last)).await?;
        let told = alarms.first().ok_or_else(gone)?;
        let (ruleset, lang) = (self.ruleset.borrow().clone(), self.options.lang);
        let region = &ruleset.region;
        let names: Vec<String> =
            alarms.iter().map(|alarm| subject_name(&self.wording, lang, region, alarm)).collect();
        let link = format!("{}/sources", self.options.base_url.trim_end_matches('/'));
        let facts =
            ServiceFacts { kind: told.kind, names: &names, since: told.raised_at, link: &link };
        let zone = zone(&region.zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let text = self.wording.service_notice(lang, &facts, &zone, now);
        Ok(Message {
            key: row.notice.key(),
            kind: row.notice.kind,
            incident: row.notice.incident,
            subject: text.subject,
            body: text.body,
            due_at: None,
            link,
        })
    }

    fn message(
        &self,
        row: &OutboxRow,
        incident: &Incident,
        ruleset: &Ruleset,
        lang: Lang,
        now: Timestamp,
    ) -> Message {
        let region = &ruleset.region;
        let link =
            format!("{}/incidents/{}", self.options.base_url.trim_end_matches('/'), incident.id);
        let topics = ruleset.groups.iter().flat_map(|group| &group.topics);
        let topic = topics.clone().find(|topic| topic.id == incident.topic);
        let topic = topic.map_or(incident.topic.0.as_str(), |topic| in_lang(&topic.name, lang));
        let facts = NoticeFacts {
            kind: row.notice.kind,
            number: incident.id.0,
            topic,
            body: body_name(region, &incident.body.0, lang),
            place: &place_text(&incident.place, region, lang),
            due_at: incident.due_at(),
            clock: incident.running_clock().unwrap_or(ClockKind::FirstAnswer),
            posts: incident.posts,
            authors: incident.authors,
            link: &link,
            unreachable: unreachable(row),
        };
        let zone = zone(&region.zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let text = self.wording.notice(lang, &facts, &zone, now);
        Message {
            key: row.notice.key(),
            kind: row.notice.kind,
            incident: incident.id,
            subject: text.subject,
            body: text.body,
            due_at: incident.due_at(),
            link,
        }
    }
}

/// One recipient's rows, one after another. Ends itself when dropped, so that
/// a panic does not silence the recipient for ever.
struct Turn {
    inner: Arc<Inner>,
    recipient: String,
}

impl Turn {
    fn begin(inner: Arc<Inner>, recipient: String) -> Option<Turn> {
        let begun = {
            let mut busy = inner.busy.lock().ok()?;
            busy.len() < RECIPIENTS_MAX && busy.insert(recipient.clone())
        };
        begun.then(|| Turn { inner, recipient })
    }

    async fn run(self, rows: Vec<OutboxRow>) {
        for row in rows {
            let now = self.inner.clock.now();
            let attempt = match self.inner.compose(&row, now).await {
                Ok(message) => self.inner.channels.send(&row.notice.channel, &message, now).await,
                Err(error) => {
                    let error = Trouble::Internal.told(&error.to_string());
                    Attempt::Retry { error, retry_at: None }
                }
            };
            let goes_on = !matches!(attempt, Attempt::Retry { .. });
            if let Err(error) = self.record(&row, attempt).await {
                tracing::error!(outbox = row.id, "recording a delivery failed: {error}");
                return;
            }
            // Whoever does not answer now will not answer the next row either.
            if !goes_on {
                return;
            }
        }
    }

    async fn record(&self, row: &OutboxRow, attempt: Attempt) -> Result<(), StoreError> {
        let at = self.inner.clock.now();
        let next_attempt_at = match &attempt {
            Attempt::Sent | Attempt::Refused { .. } => None,
            Attempt::Retry { retry_at, .. } => {
                self.inner.options.back_off.next(row.attempts + 1, at, *retry_at)
            }
        };
        if let (Attempt::Retry { error, .. } | Attempt::Refused { error }, None) =
            (&attempt, next_attempt_at)
        {
            let (incident, kind) = (row.notice.incident, row.notice.kind.as_str());
            tracing::warn!(outbox = row.id, %incident, kind, "a notice is stuck: {error}");
        }
        let delivered = Delivered { id: row.id, at, attempt, next_attempt_at };
        self.inner.store.write_async(Command::Delivered(vec![delivered])).await?;
        Ok(())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Ok(mut busy) = self.inner.busy.lock() {
            busy.remove(&self.recipient);
        }
    }
}

fn in_lang(name: &Name, lang: Lang) -> &str {
    match lang {
        Lang::Ru => &name.ru,
        Lang::En => &name.en,
    }
}

/// What an alarm is about, as people know it.
fn subject_name(wording: &Wording, lang: Lang, region: &Region, alarm: &Alarm) -> String {
    match &alarm.subject {
        Subject::Source(id) => {
            let source = region.sources.iter().find(|source| source.id.0 == *id);
            source.map_or_else(|| id.clone(), |source| format!("{} ({id})", source.name))
        }
        Subject::Key { network, number } => {
            let number = number.to_string();
            let args = [("network", Arg::Text(network)), ("number", Arg::Text(&number))];
            wording.text(lang, "alarm-subject-key", &args)
        }
        Subject::Network(network) => network.clone(),
    }
}

fn body_name<'r>(region: &'r Region, id: &'r str, lang: Lang) -> &'r str {
    let body = region.bodies.iter().find(|body| body.id.0 == id);
    body.map_or(id, |body| in_lang(&body.name, lang))
}

/// Whom a notice about somebody out of reach speaks of: it is in its version.
fn unreachable(row: &OutboxRow) -> &str {
    match row.notice.kind {
        NoticeKind::Unreachable => row.notice.version.rsplit('/').next().unwrap_or(""),
        NoticeKind::Assigned
        | NoticeKind::Withdrawn
        | NoticeKind::Reopened
        | NoticeKind::Reminder
        | NoticeKind::Escalation
        | NoticeKind::Service => "",
    }
}

/// «Череповец, улица Мира, 5»; the municipality where nothing nearer is known.
fn place_text(place: &Place, region: &Region, lang: Lang) -> String {
    let territory = place
        .territory
        .as_ref()
        .and_then(|id| region.territories.iter().find(|territory| territory.id == *id));
    let territory = territory.map(|territory| in_lang(&territory.name, lang).to_owned());
    let parts = [place.settlement.clone().or(territory)].into_iter().chain(place.address());
    parts.flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_longer_each_time_up_to_the_cap() {
        let back_off = BackOff {
            attempts: 5,
            first_wait: Duration::from_secs(60),
            factor: 3,
            cap: Duration::from_secs(600),
        };
        let at: Timestamp = "2026-05-12T08:00:00Z".parse().unwrap();
        let waits: Vec<Option<i64>> = (1..=5)
            .map(|attempts| {
                back_off.next(attempts, at, None).map(|next| next.duration_since(at).as_secs())
            })
            .collect();
        assert_eq!(waits, [Some(60), Some(180), Some(540), Some(600), None]);
        let asked: Timestamp = "2026-05-12T09:00:00Z".parse().unwrap();
        assert_eq!(back_off.next(1, at, Some(asked)), Some(asked));
        assert_eq!(back_off.next(5, at, Some(asked)), None);
        let huge = BackOff { attempts: u32::MAX, ..back_off };
        assert!(huge.next(4_000_000, at, None).is_some());
    }
}
