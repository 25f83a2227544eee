//! «Answer seen»: what bodies reply under posts of incidents. A reply changes no
//! incident and stops no clock; a person may take it for the answer. Which
//! incident it belongs to follows from the post that it answers, so that joins,
//! splits and undo need no care here.

use super::actions::{Cause, Inverse, Outcomes, Refused};
use super::fold::Fold;
use crate::model::answer::{Answer, AnswerKind};
use crate::model::incident::IncidentId;
use crate::model::position::Position;
use crate::model::post::{PostKey, StoredPost};
use crate::model::time::Timestamp;
use crate::rules::lifecycle::{Event, next};
use crate::rules::similarity::{KeyKind, key};

/// A body's reply.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Posts that it may answer: the one above it, then the one that opened the thread.
    under: [Option<u64>; 2],
    text: String,
    author: String,
    url: Option<String>,
    written_at: Timestamp,
}

impl Fold {
    /// Remembers a reply of a body.
    pub(super) fn see(&mut self, stored: &StoredPost) {
        let post = &stored.post;
        let under = |id: &Option<String>| {
            id.as_ref().map(|id| key(KeyKind::Post, &[&post.key.network.0, id]))
        };
        let author = post.author_name.clone().or_else(|| post.author_id.clone());
        let seen = Seen {
            under: [under(&post.parent_id), under(&post.thread_id)],
            text: post.text.clone(),
            author: author.unwrap_or_default(),
            url: post.url.clone(),
            written_at: stored.written_at(),
        };
        self.seen.insert(stored.position, seen);
    }

    /// A post is in an incident now: what answers it can be told by its key.
    pub(super) fn note_key(&mut self, post: Position, of: &PostKey) {
        self.by_key.insert(key(KeyKind::Post, &[&of.network.0, &of.native_id]), post);
    }

    /// The incident whose post a reply answers.
    fn answered_by(&self, seen: &Seen) -> Option<IncidentId> {
        let under = seen.under.iter().flatten();
        under.filter_map(|key| self.by_key.get(key)).find_map(|post| self.incident_of(*post))
    }

    /// The reply is public already and the body wrote it: who may publish takes
    /// it for the answer alone, and the clock stops at the moment when people
    /// could read it. The second person guards what we let out; this is out.
    pub(super) fn adopt(
        &mut self,
        post: Position,
        reply: Position,
        (kind, deferred_until): (AnswerKind, Option<Timestamp>),
        cause: Cause<'_>,
    ) -> Result<Outcomes, Refused> {
        let before = self.named(post)?;
        let seen = self.seen.get(&reply).cloned().ok_or("refusal-no-such-answer")?;
        if self.answered_by(&seen) != Some(before.id) {
            return Err("refusal-no-such-answer");
        }
        let is_taken = |answer: &Answer| answer.incident == before.id && answer.seen == Some(reply);
        if self.answers.values().any(is_taken) {
            return Err("refusal-already-published");
        }
        if kind == AnswerKind::Interim && deferred_until.is_none_or(|until| until <= cause.at) {
            return Err("refusal-interim-needs-a-date");
        }
        let event = match kind {
            AnswerKind::Interim => Event::PublishInterim,
            AnswerKind::Final => Event::PublishFinal,
        };
        let mut after = before.clone();
        after.state = next(before.state, event).map_err(|refusal| refusal.key())?;
        // A reply may be older than the incident, which arose from a later post.
        let public_at = seen.written_at.max(before.opened_at);
        after.answered_at = after.answered_at.or(Some(public_at));
        let id = before.id;
        self.put_answer(Answer {
            id: cause.position,
            incident: id,
            kind,
            text: seen.text,
            deferred_until,
            drafted_by: seen.author,
            drafted_at: seen.written_at,
            approved_by: Some(cause.actor.to_string()),
            approved_at: Some(cause.at),
            published_at: Some(public_at),
            url: seen.url,
            seen: Some(reply),
        });
        self.put(after, cause);
        self.stop_clocks(id, cause.at);
        if kind == AnswerKind::Interim {
            self.start_final_clock(id, cause.at, deferred_until);
        }
        let (before, answer) = (Box::new(before), cause.position);
        Ok(Outcomes { incident: id, inverse: Inverse::RestoreAnswer { before, answer, was: None } })
    }
}
