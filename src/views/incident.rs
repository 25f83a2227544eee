//! Incidents as JSON.

use serde::Serialize;

use crate::model::answer::Answer;
use crate::model::body::BodyId;
use crate::model::incident::{Apart, Incident, IncidentId, Reason, Reopens, ScorePart};
use crate::model::post::StoredPost;
use crate::model::time::Timestamp;

/// An incident in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IncidentView {
    pub id: u64,
    pub number: u64,
    pub title: String,
    pub state: &'static str,
    pub topic: String,
    pub topic_group: String,
    pub territory: Option<String>,
    pub settlement: Option<String>,
    pub place: String,
    pub scale: &'static str,
    pub risk: u8,
    pub networks: Vec<String>,
    pub posts: u32,
    pub authors: u32,
    pub reach: u64,
    pub body: String,
    pub official: Option<String>,
    pub opened_at: Timestamp,
    pub first_answer_due_at: Timestamp,
    pub final_answer_due_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub outcome: Option<&'static str>,
    pub overdue: bool,
    pub suggestions: u32,
    /// The closed incident that this one repeats.
    pub repeat_of: Option<u64>,
}

impl IncidentView {
    pub fn new(incident: &Incident, suggestions: u32, now: Timestamp) -> IncidentView {
        IncidentView {
            id: incident.id.0,
            number: incident.id.0,
            title: incident.title.clone(),
            state: incident.state.as_str(),
            topic: incident.topic.0.clone(),
            topic_group: incident.topic_group.clone(),
            territory: incident.place.territory.as_ref().map(|id| id.0.clone()),
            settlement: incident.place.settlement.clone(),
            place: incident.place.line(),
            scale: incident.scale.as_str(),
            risk: incident.risk,
            networks: incident.networks.iter().map(|network| network.0.clone()).collect(),
            posts: incident.posts,
            authors: incident.authors,
            reach: incident.reach,
            body: incident.body.0.clone(),
            official: incident.official.clone(),
            opened_at: incident.opened_at,
            first_answer_due_at: incident.first_answer_due_at,
            final_answer_due_at: incident.final_answer_due_at,
            answered_at: incident.answered_at,
            closed_at: incident.closed_at,
            outcome: incident.outcome.map(|outcome| outcome.as_str()),
            overdue: incident.is_overdue(now),
            suggestions,
            repeat_of: incident.repeat_of.map(|id| id.0),
        }
    }
}

/// An incident with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IncidentDetails {
    #[serde(flatten)]
    pub incident: IncidentView,
    pub members: Vec<MemberView>,
    pub answers: Vec<AnswerView>,
    pub candidates: Vec<CandidateView>,
    /// What bodies replied under the incident's posts.
    pub answers_seen: Vec<AnswerSeenView>,
    /// Closed or older incidents like this one; absent where search has no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similar: Option<Vec<SimilarView>>,
}

/// A body's own reply; the number under which it can be taken for the answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnswerSeenView {
    pub seen: u64,
    pub post: String,
    /// The key of the post that it answers.
    pub answers: String,
    pub body: Option<String>,
    pub published_at: Timestamp,
    pub text: String,
    pub url: Option<String>,
    pub adopted: bool,
}

impl AnswerSeenView {
    pub fn new(
        reply: &StoredPost,
        answers: String,
        body: Option<&BodyId>,
        given: &[Answer],
    ) -> AnswerSeenView {
        AnswerSeenView {
            seen: reply.position.0,
            post: reply.post.key.to_string(),
            answers,
            body: body.map(|body| body.0.clone()),
            published_at: reply.post.published_at,
            text: reply.post.text.clone(),
            url: reply.post.url.clone(),
            adopted: given.iter().any(|answer| answer.seen == Some(reply.position)),
        }
    }
}

/// «Similar past»: another incident, and what people were answered then.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimilarView {
    pub incident: u64,
    pub title: String,
    pub state: &'static str,
    pub outcome: Option<&'static str>,
    pub opened_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub answer: Option<AnswerView>,
}

impl SimilarView {
    pub fn new(incident: &Incident, answer: Option<&Answer>) -> SimilarView {
        SimilarView {
            incident: incident.id.0,
            title: incident.title.clone(),
            state: incident.state.as_str(),
            outcome: incident.outcome.map(|outcome| outcome.as_str()),
            opened_at: incident.opened_at,
            closed_at: incident.closed_at,
            answer: answer.map(AnswerView::new),
        }
    }
}

/// A post of an incident and why it is there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MemberView {
    /// The post's key: network, colon, the network's own id.
    pub post: String,
    pub reason: ReasonView,
    pub url: Option<String>,
    pub author: Option<String>,
    pub published_at: Timestamp,
    pub text: String,
}

impl MemberView {
    /// `quotes`: whether the words that the reason names may be read.
    pub fn new(
        post: &StoredPost,
        reason: &Reason,
        author: Option<String>,
        quotes: Quotes,
    ) -> MemberView {
        MemberView {
            post: post.post.key.to_string(),
            reason: ReasonView::new(reason, quotes),
            url: post.post.url.clone(),
            author,
            published_at: post.post.published_at,
            text: post.post.text.clone(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReasonView {
    pub kind: &'static str,
    pub score: f64,
    pub parts: Vec<PartView>,
    /// Of a post that opened its incident again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reopens: Option<ReopensView>,
    /// Of a post that opened an incident though it is like another: what keeps it
    /// out of that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apart: Option<&'static str>,
}

/// How a post that opened an incident again stood to its closing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReopensView {
    pub closed_at: Timestamp,
    pub outcome: &'static str,
    pub after_secs: i64,
    /// The topic that says how long, and how long.
    pub topic: String,
    pub within_hours: u32,
}

impl ReopensView {
    pub fn new(reopens: &Reopens) -> ReopensView {
        ReopensView {
            closed_at: reopens.closed_at,
            outcome: reopens.outcome.as_str(),
            after_secs: reopens.after_secs,
            topic: reopens.topic.0.clone(),
            within_hours: reopens.within_hours,
        }
    }
}

/// Whether a view shows what a score's parts quote of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quotes {
    Shown,
    Hidden,
}

impl Quotes {
    pub fn shown_if(may_be: bool) -> Quotes {
        if may_be { Quotes::Shown } else { Quotes::Hidden }
    }
}

impl ReasonView {
    pub fn new(reason: &Reason, quotes: Quotes) -> ReasonView {
        ReasonView {
            kind: reason.kind.as_str(),
            score: reason.score,
            parts: PartView::all(&reason.parts, quotes),
            reopens: reason.reopens.as_ref().map(ReopensView::new),
            apart: reason.apart.map(Apart::as_str),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartView {
    pub name: String,
    pub value: f64,
    pub weight: f64,
    pub text: String,
}

impl PartView {
    pub fn all(parts: &[ScorePart], quotes: Quotes) -> Vec<PartView> {
        parts.iter().map(|part| PartView::new(part, quotes)).collect()
    }

    fn new(part: &ScorePart, quotes: Quotes) -> PartView {
        let text = match quotes {
            Quotes::Shown => part.text.clone(),
            Quotes::Hidden => String::new(),
        };
        PartView { name: part.name.clone(), value: part.value, weight: part.weight, text }
    }
}

/// «Perhaps the same»: another incident with the score and its parts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CandidateView {
    pub incident: u64,
    pub score: f64,
    pub parts: Vec<PartView>,
}

impl CandidateView {
    pub fn new(
        incident: IncidentId,
        score: f64,
        parts: &[ScorePart],
        quotes: Quotes,
    ) -> CandidateView {
        CandidateView { incident: incident.0, score, parts: PartView::all(parts, quotes) }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnswerView {
    pub id: u64,
    pub kind: &'static str,
    pub text: String,
    pub deferred_until: Option<Timestamp>,
    pub drafted_by: String,
    pub drafted_at: Timestamp,
    pub approved_by: Option<String>,
    pub approved_at: Option<Timestamp>,
    pub published_at: Option<Timestamp>,
    pub url: Option<String>,
}

impl AnswerView {
    pub fn new(answer: &Answer) -> AnswerView {
        AnswerView {
            id: answer.id.0,
            kind: answer.kind.as_str(),
            text: answer.text.clone(),
            deferred_until: answer.deferred_until,
            drafted_by: answer.drafted_by.clone(),
            drafted_at: answer.drafted_at,
            approved_by: answer.approved_by.clone(),
            approved_at: answer.approved_at,
            published_at: answer.published_at,
            url: answer.url.clone(),
        }
    }
}
