//! Fires the steps of the ladders whose time has come and writes down the
//! deadlines that passed. Selects by stored instants, so a step that fell due
//! while nothing ran fires at the next tick, once: settling the step, its
//! notices and its journal entry are one transaction.
//!
//! If we stop here the step is still due. `Watchdog` looks from outside
//! whether due work is being done, and is in error as long as it is not.

use std::sync::Arc;

use jiff::SignedDuration;
use tokio::sync::watch;

use crate::adapters::store::Store;
use crate::adapters::store::commands::{Breach, Command, Escalated, Fired, FiredStep};
use crate::adapters::store::read::{DueStep, Passed};
use crate::model::body::{Body, Channel, Contact};
use crate::model::clock::{ClockKind, Notify};
use crate::model::incident::{Incident, State};
use crate::model::journal::NewEntry;
use crate::model::notice::{Notice, NoticeKind};
use crate::model::position::Position;
use crate::model::region::Region;
use crate::model::time::{Timestamp, to_ms};
use crate::pipeline::stage::{Progress, Retry, StageError};
use crate::rules::ruleset::Ruleset;

/// Steps and breaches in one transaction.
const BATCH: usize = 500;

#[derive(Debug, Clone, Default)]
pub struct EscalateOptions {
    /// Where the regional administrators are reached. Where empty, the
    /// coordinator of the body at the root of the routes stands in.
    pub administrators: Vec<Channel>,
    /// Where oversight is reached; the head of that body stands in.
    pub oversight: Vec<Channel>,
}

pub struct EscalateStage {
    store: Store,
    ruleset: watch::Receiver<Arc<Ruleset>>,
    options: EscalateOptions,
}

impl EscalateStage {
    pub fn new(
        store: Store,
        ruleset: watch::Receiver<Arc<Ruleset>>,
        options: EscalateOptions,
    ) -> EscalateStage {
        EscalateStage { store, ruleset, options }
    }

    /// One batch of what is due at `now`.
    pub fn step(&mut self, now: Timestamp) -> Result<Progress, StageError> {
        let (steps, breached) = self.store.read(|reader| {
            Ok((reader.steps_due(now, BATCH)?, reader.unnoticed_breaches(now, BATCH)?))
        })?;
        if steps.is_empty() && breached.is_empty() {
            return Ok(Progress::Idle(Position::default()));
        }
        let more = steps.len() == BATCH || breached.len() == BATCH;
        let ruleset = self.ruleset.borrow().clone();
        let mut tick = Tick {
            now,
            region: &ruleset.region,
            options: &self.options,
            escalated: Escalated::default(),
        };
        breached.iter().for_each(|passed| tick.breach(passed));
        steps.iter().for_each(|due| tick.fire(due));
        self.store.write(Command::Escalated(tick.escalated))?;
        let at = Position::default();
        Ok(if more { Progress::More(at) } else { Progress::Idle(at) })
    }
}

struct Tick<'t> {
    now: Timestamp,
    region: &'t Region,
    options: &'t EscalateOptions,
    escalated: Escalated,
}

/// Somebody to tell, by the channels that are known of them.
struct Recipient {
    name: String,
    channels: Vec<Channel>,
}

impl Tick<'_> {
    fn breach(&mut self, passed: &Passed) {
        let Passed { incident, clock, due_at } = passed;
        self.escalated.breaches.push(Breach {
            incident: incident.id,
            clock: *clock,
            due_at: *due_at,
            noticed_at: self.now,
            body: incident.body.clone(),
        });
        self.journal("breach", incident, format!("{} was due at {due_at}", clock.as_str()));
    }

    fn fire(&mut self, due: &DueStep) {
        let (incident, step) = (&due.incident, &due.step);
        let fired = if clock_runs(incident, step.clock) { Fired::Told } else { Fired::Overtaken };
        self.escalated.steps.push(FiredStep {
            incident: incident.id,
            clock: step.clock,
            step: step.step.clone(),
            at: self.now,
            fired,
        });
        if fired == Fired::Overtaken {
            return;
        }
        let recipient = self.recipient(step.notify, incident);
        if recipient.channels.is_empty() {
            self.tell_administrators_of(&recipient, due);
        } else {
            self.enqueue(&recipient, incident, self.kind(due), version(due));
        }
        let why = format!("step {} of {}, due at {}", step.step, step.clock.as_str(), step.due_at);
        self.journal("escalate", incident, why);
    }

    /// A recipient without a channel is itself something to be told.
    fn tell_administrators_of(&mut self, missing: &Recipient, due: &DueStep) {
        let administrators = self.recipient(Notify::Administrator, &due.incident);
        let version = format!("{}/{}", version(due), missing.name);
        self.enqueue(&administrators, &due.incident, NoticeKind::Unreachable, version);
        let why = format!("{} has no channel", missing.name);
        tracing::error!(incident = %due.incident.id, recipient = missing.name, "{why}");
        self.journal("unreachable", &due.incident, why);
    }

    fn enqueue(&mut self, to: &Recipient, incident: &Incident, kind: NoticeKind, version: String) {
        for channel in &to.channels {
            let notice = Notice {
                incident: incident.id,
                recipient: to.name.clone(),
                channel: channel.clone(),
                kind,
                version: version.clone(),
            };
            self.escalated.outbox.push((self.now, notice));
        }
    }

    fn recipient(&self, notify: Notify, incident: &Incident) -> Recipient {
        let body = self.body(&incident.body.0);
        match notify {
            Notify::Coordinator => {
                let name = format!("coordinator:{}", incident.body);
                Recipient { name, channels: mail_to(body.and_then(|one| one.coordinator.as_ref())) }
            }
            Notify::Head => {
                let name = format!("head:{}", incident.body);
                Recipient { name, channels: mail_to(body.and_then(|one| one.head.as_ref())) }
            }
            Notify::Administrator => self.administrators(),
            Notify::Oversight => {
                let root = self.body(&self.region.routes.body);
                let stand_in = root.and_then(|one| one.head.as_ref());
                self.of_region("oversight", &self.options.oversight, stand_in)
            }
        }
    }

    fn administrators(&self) -> Recipient {
        let root = self.body(&self.region.routes.body);
        let stand_in = root.and_then(|one| one.coordinator.as_ref());
        self.of_region("administrator", &self.options.administrators, stand_in)
    }

    fn of_region(&self, name: &str, named: &[Channel], stand_in: Option<&Contact>) -> Recipient {
        let channels = if named.is_empty() { mail_to(stand_in) } else { named.to_vec() };
        Recipient { name: name.to_owned(), channels }
    }

    fn body(&self, id: &str) -> Option<&Body> {
        self.region.bodies.iter().find(|body| body.id.0 == id)
    }

    /// Before the deadline a reminder, from then on an escalation.
    fn kind(&self, due: &DueStep) -> NoticeKind {
        let incident = &due.incident;
        let deadline = match due.step.clock {
            ClockKind::Take => incident.take_due_at,
            ClockKind::FirstAnswer => Some(incident.first_answer_due_at),
            ClockKind::FinalAnswer => incident.final_answer_due_at,
        };
        match deadline {
            Some(deadline) if due.step.due_at >= deadline => NoticeKind::Escalation,
            Some(_) | None => NoticeKind::Reminder,
        }
    }

    fn journal(&mut self, action: &str, incident: &Incident, why: String) {
        self.escalated.entries.push(NewEntry {
            at: self.now,
            actor: "rule:escalate".to_owned(),
            action: action.to_owned(),
            subject: format!("incident:{}", incident.id),
            why,
            ..NewEntry::default()
        });
    }
}

/// The regional administrators and the ways to them; the coordinator of the
/// body at the root of the routes stands in.
pub fn administrators(region: &Region, options: &EscalateOptions) -> (String, Vec<Channel>) {
    let tick =
        Tick { now: Timestamp::UNIX_EPOCH, region, options, escalated: Escalated::default() };
    let recipient = tick.administrators();
    (recipient.name, recipient.channels)
}

fn mail_to(contact: Option<&Contact>) -> Vec<Channel> {
    contact.map(|contact| Channel::Email { address: contact.email.clone() }).into_iter().collect()
}

/// A step planned anew for another instant, or after the incident was opened
/// again, is another notice.
fn version(due: &DueStep) -> String {
    let step = &due.step;
    let planned = format!("{}/{}/{}", step.clock.as_str(), step.step, to_ms(step.due_at));
    if step.round == 0 { planned } else { format!("{planned}/{}", step.round) }
}

fn clock_runs(incident: &Incident, clock: ClockKind) -> bool {
    match clock {
        ClockKind::Take => match incident.state {
            State::New | State::Assigned => true,
            State::InWork | State::AnsweredInterim => false,
            State::AnsweredFinal | State::Closed | State::Joined => false,
        },
        ClockKind::FirstAnswer | ClockKind::FinalAnswer => incident.running_clock() == Some(clock),
    }
}

/// Looks whether due steps fire and due notices are tried. Runs as a stage of
/// its own, so that it still speaks when the others have stopped.
pub struct Watchdog {
    store: Store,
    /// Since when something is late; the alarm comes after the patience.
    late_since: Option<Timestamp>,
}

/// Work this much behind is late, and late for this long is an alarm: time
/// enough to catch up after a standstill.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

impl Watchdog {
    pub fn new(store: Store) -> Watchdog {
        Watchdog { store, late_since: None }
    }

    pub fn step(&mut self, now: Timestamp) -> Result<Progress, StageError> {
        let before = now.checked_sub(PATIENCE).unwrap_or(Timestamp::MIN);
        let (steps, notices) = self.store.read(|reader| {
            Ok((reader.steps_due_before(before)?, reader.outbox_due(before, 1)?.len()))
        })?;
        if steps == 0 && notices == 0 {
            self.late_since = None;
            return Ok(Progress::Idle(Position::default()));
        }
        let since = *self.late_since.get_or_insert(now);
        if now.duration_since(since) < PATIENCE {
            return Ok(Progress::Idle(Position::default()));
        }
        let what = if notices == 0 { "" } else { ", and notices wait that nobody tries" };
        let message = format!("{steps} ladder steps are due and did not fire{what}");
        Err(StageError::Other { message, retry: Retry::Later })
    }
}
