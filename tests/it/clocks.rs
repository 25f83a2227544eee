//! Clocks on a virtual clock: which deadlines become rows, and what opening an
//! incident again does to its ladder.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use otklik::model::action::{Changes, Decision};
use otklik::model::answer::AnswerKind;
use otklik::model::clock::ClockKind;
use otklik::model::incident::{IncidentId, Outcome};
use otklik::model::position::Position;
use otklik::model::time::Timestamp;
use otklik::pipeline::escalate::{EscalateOptions, EscalateStage};
use tokio::sync::watch;

use crate::world::pipeline::{Pipeline, shipped_ruleset};
use crate::world::posts::post;

const TEN: &str = "2026-11-20T10:00:00Z";

struct World {
    pipeline: Pipeline,
    escalate: EscalateStage,
    post: Position,
    id: IncidentId,
}

impl World {
    /// A body was handed an incident at ten.
    fn accepted(dir: &Path) -> World {
        let mut pipeline = Pipeline::open(dir, TEN);
        let text = "Не горит фонарь у дома 14 на улице Ленина в Вологде, темно";
        pipeline.ingest(vec![post("vk", "1", text, "2026-11-20T09:50:00Z")]);
        pipeline.settle();
        let post = pipeline.position("vk", "1");
        let id = pipeline.incident_of(post).unwrap();
        pipeline.done("admin", Decision::Accept { post, changes: Changes::default() });
        let (_, ruleset) = watch::channel(Arc::new(shipped_ruleset()));
        let options = EscalateOptions::default();
        let escalate = EscalateStage::new(pipeline.store.clone(), ruleset, options);
        World { pipeline, escalate, post, id }
    }

    fn tick(&mut self, now: Timestamp) {
        self.pipeline.now = now;
        self.escalate.step(now).unwrap();
    }

    fn breaches(&self) -> Vec<(ClockKind, Timestamp)> {
        let rows = self.pipeline.store.read(|reader| reader.breaches(self.id)).unwrap();
        rows.into_iter().map(|row| (row.clock, row.due_at)).collect()
    }

    /// Keys of the notices that a ladder caused.
    fn notices(&self) -> BTreeSet<String> {
        let rows = self.pipeline.store.read(|reader| reader.outbox_of(self.id)).unwrap();
        let of_ladder = |key: &String| key.contains("answer/") || key.contains("take/");
        rows.iter().map(|row| row.notice.key()).filter(of_ladder).collect()
    }

    fn answer(&mut self, kind: AnswerKind, deferred_until: Option<Timestamp>) {
        let post = self.post;
        self.pipeline.done("coordinator", Decision::Take { post, official: None });
        let text = "Фонарь у дома 14 чинит бригада.".to_owned();
        let draft = Decision::Draft { post, kind, text, deferred_until };
        let answer = self.pipeline.done("official", draft);
        self.pipeline.done("coordinator", Decision::Approve { post, answer });
        self.pipeline.done("coordinator", Decision::Publish { post, answer, url: None });
    }

    fn close(&mut self, reason: &str) {
        let (post, reason) = (self.post, reason.to_owned());
        self.pipeline.done("admin", Decision::Close { post, outcome: Outcome::Explained, reason });
    }

    fn reopen(&mut self) {
        let reason = "Пишут, что снова темно".to_owned();
        self.pipeline.done("admin", Decision::Reopen { post: self.post, reason });
    }

    fn later(&self, hours: i64) -> Timestamp {
        self.pipeline.now.checked_add(jiff::SignedDuration::from_hours(hours)).unwrap()
    }
}

/// Goal: a body that does not take what it was given is a row, once.
/// Method: look just before and after the instant, then again much later.
#[test]
fn an_incident_that_nobody_takes_is_a_breach() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::accepted(dir.path());
    let due = world.pipeline.incident(world.id).take_due_at.unwrap();
    world.tick(due);
    assert_eq!(world.breaches(), []);
    let after = due.checked_add(jiff::SignedDuration::from_secs(1)).unwrap();
    world.tick(after);
    assert_eq!(world.breaches(), [(ClockKind::Take, due)]);
    let first = world.pipeline.incident(world.id).first_answer_due_at;
    world.tick(first.max(due).checked_add(jiff::SignedDuration::from_secs(1)).unwrap());
    let clocks: BTreeSet<_> = world.breaches().into_iter().map(|(clock, _)| clock).collect();
    assert_eq!(clocks, BTreeSet::from([ClockKind::Take, ClockKind::FirstAnswer]));
    assert_eq!(world.breaches().len(), 2, "each once");
}

#[test]
fn an_incident_that_was_taken_in_time_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::accepted(dir.path());
    let due = world.pipeline.incident(world.id).take_due_at.unwrap();
    world.pipeline.done("coordinator", Decision::Take { post: world.post, official: None });
    world.tick(due.checked_add(jiff::SignedDuration::from_mins(1)).unwrap());
    assert!(world.breaches().iter().all(|(clock, _)| *clock != ClockKind::Take));
}

/// Goal: taking it back is as if nobody had taken it.
/// Method: take, take that back, wait for the instant that was there before.
#[test]
fn a_taking_that_was_taken_back_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::accepted(dir.path());
    let due = world.pipeline.incident(world.id).take_due_at.unwrap();
    let take = Decision::Take { post: world.post, official: None };
    let action = world.pipeline.done("coordinator", take);
    world.pipeline.done("coordinator", Decision::Undo { action });
    assert_eq!(world.pipeline.incident(world.id).taking_due_at(), Some(due));
    world.tick(due.checked_add(jiff::SignedDuration::from_secs(1)).unwrap());
    assert_eq!(world.breaches(), [(ClockKind::Take, due)]);
    assert!(world.notices().iter().any(|key| key.contains("/take/")), "{:?}", world.notices());
}

/// Goal: the second clock has its ladder, like the first.
/// Method: an interim answer with a day, then that day.
#[test]
fn an_interim_answer_starts_the_second_ladder() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::accepted(dir.path());
    let promised = world.later(72);
    world.answer(AnswerKind::Interim, Some(promised));
    world.tick(promised.checked_add(jiff::SignedDuration::from_secs(1)).unwrap());
    assert_eq!(world.breaches(), [(ClockKind::FinalAnswer, promised)]);
    let notices = world.notices();
    assert!(notices.iter().any(|key| key.contains("final_answer/")), "{notices:?}");
    assert!(!notices.iter().any(|key| key.contains("first_answer/")), "{notices:?}");
}

/// Goal: taking a decision back lets the first clock's ladder go on.
/// Method: close, take that back, wait.
#[test]
fn a_closing_that_was_taken_back_leaves_the_ladder_standing() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::accepted(dir.path());
    let (post, reason) = (world.post, "не туда".to_owned());
    let close = Decision::Close { post, outcome: Outcome::Explained, reason };
    let action = world.pipeline.done("admin", close);
    world.pipeline.done("admin", Decision::Undo { action });
    world.tick(world.later(30));
    let notices = world.notices();
    assert!(notices.iter().any(|key| key.contains("first_answer/")), "{notices:?}");
}

/// Goal: who opens an incident again is not met by silence.
/// Method: let the whole ladder fire, close without an answer, open again.
#[test]
fn a_reopened_incident_walks_its_ladder_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::accepted(dir.path());
    world.tick(world.later(60));
    let first_round = world.notices();
    assert!(!first_round.is_empty());
    world.close("люди ошиблись адресом");
    world.tick(world.later(1));
    assert_eq!(world.notices(), first_round, "nobody is told of what is closed");
    world.reopen();
    world.tick(world.later(1));
    let both: BTreeSet<String> = world.notices();
    let again: Vec<_> = both.difference(&first_round).collect();
    let answering = first_round.iter().filter(|key| key.contains("first_answer/")).count();
    assert_eq!(again.len(), answering, "{again:#?}");
    world.tick(world.later(1));
    assert_eq!(world.notices(), both, "once a round");
}

/// Goal: people who had an answer wait for the final one after reopening: the
/// first clock, kept in time, is no breach, and the other has its ladder.
#[test]
fn a_reopened_answer_runs_the_final_clock() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::accepted(dir.path());
    world.answer(AnswerKind::Final, None);
    world.close("");
    world.tick(world.later(48));
    world.reopen();
    let reopened = world.pipeline.incident(world.id);
    assert_eq!(reopened.running_clock(), Some(ClockKind::FinalAnswer));
    assert_eq!(reopened.due_at(), reopened.final_answer_due_at);
    assert!(reopened.final_answer_due_at.unwrap() > world.pipeline.now);
    world.tick(world.later(1));
    assert_eq!(world.breaches(), []);
    let due = reopened.final_answer_due_at.unwrap();
    world.tick(due.checked_add(jiff::SignedDuration::from_secs(1)).unwrap());
    assert_eq!(world.breaches(), [(ClockKind::FinalAnswer, due)]);
    assert!(world.notices().iter().any(|key| key.contains("final_answer/")));
}
