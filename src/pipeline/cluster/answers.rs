//! What an answer goes through: drafted, approved by a second person, published.
//! Only the last stops a clock.

use super::actions::{Cause, Inverse, Outcomes, Refused};
use super::fold::Fold;
use crate::model::answer::{Answer, AnswerKind};
use crate::model::incident::IncidentId;
use crate::model::position::Position;
use crate::model::time::Timestamp;
use crate::rules::lifecycle::{Event, next};

impl Fold {
    pub(super) fn draft(
        &mut self,
        post: Position,
        kind: AnswerKind,
        text: &str,
        deferred_until: Option<Timestamp>,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let before = self.named(post)?;
        next(before.state, Event::Draft).map_err(|refusal| refusal.key())?;
        if text.trim().is_empty() {
            return Err("refusal-empty-answer");
        }
        if kind == AnswerKind::Interim && deferred_until.is_none_or(|until| until <= cause.at) {
            return Err("refusal-interim-needs-a-date");
        }
        let answer = Answer {
            id: cause.position,
            incident: before.id,
            kind,
            text: text.to_owned(),
            deferred_until,
            drafted_by: cause.actor.to_string(),
            drafted_at: cause.at,
            approved_by: None,
            approved_at: None,
            published_at: None,
            url: None,
            seen: None,
        };
        let incident = before.id;
        self.put_answer(answer);
        self.changes.touched.insert(incident, cause.position);
        let inverse =
            Inverse::RestoreAnswer { before: Box::new(before), answer: cause.position, was: None };
        Ok(Outcomes { incident, inverse })
    }

    pub(super) fn put_answer(&mut self, answer: Answer) {
        self.changes.touched_answers.insert(answer.id);
        self.answers.insert(answer.id, answer);
    }

    fn answer_of(&self, incident: IncidentId, id: Position) -> Result<Answer, Refused> {
        let answer = self.answers.get(&id).filter(|answer| answer.incident == incident);
        answer.cloned().ok_or("refusal-no-such-answer")
    }

    /// Two persons: who drafted an answer cannot approve it.
    pub(super) fn approve(
        &mut self,
        post: Position,
        answer: Position,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let before = self.named(post)?;
        let was = self.answer_of(before.id, answer)?;
        if was.approved_at.is_some() {
            return Err("refusal-already-approved");
        }
        if was.drafted_by == cause.actor.to_string() {
            return Err("refusal-own-draft");
        }
        let mut approved = was.clone();
        approved.approved_by = Some(cause.actor.to_string());
        approved.approved_at = Some(cause.at);
        let incident = before.id;
        self.put_answer(approved);
        self.changes.touched.insert(incident, cause.position);
        let inverse =
            Inverse::RestoreAnswer { before: Box::new(before), answer, was: Some(Box::new(was)) };
        Ok(Outcomes { incident, inverse })
    }

    /// The answer is publicly visible: this, and nothing else, stops the clock.
    pub(super) fn publish(
        &mut self,
        post: Position,
        answer: Position,
        url: Option<&str>,
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let before = self.named(post)?;
        let was = self.answer_of(before.id, answer)?;
        if was.approved_at.is_none() {
            return Err("refusal-not-approved");
        }
        if was.published_at.is_some() {
            return Err("refusal-already-published");
        }
        let event = match was.kind {
            AnswerKind::Interim => Event::PublishInterim,
            AnswerKind::Final => Event::PublishFinal,
        };
        let mut after = before.clone();
        after.state = next(before.state, event).map_err(|refusal| refusal.key())?;
        after.answered_at = after.answered_at.or(Some(cause.at));
        let mut published = was.clone();
        published.published_at = Some(cause.at);
        published.url = url.map(str::to_owned);
        let (id, promised) = (before.id, published.deferred_until);
        self.put(after, cause);
        self.put_answer(published);
        self.stop_clocks(id, cause.at);
        if was.kind == AnswerKind::Interim {
            self.start_final_clock(id, cause.at, promised);
        }
        let inverse =
            Inverse::RestoreAnswer { before: Box::new(before), answer, was: Some(Box::new(was)) };
        Ok(Outcomes { incident: id, inverse })
    }
}
