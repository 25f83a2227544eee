//! Incidents as JSON.

use serde::Serialize;

use crate::model::answer::Answer;
use crate::model::body::BodyId;
use crate::model::incident::{
    Apart, Campaign, Family, Incident, IncidentId, Reason, Reopens, ScorePart,
};
use crate::model::post::{PostKey, StoredPost};
use crate::model::proposal::{Hint, Parting};
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
    /// Posts that repeat another one word for word: reach, not complaints.
    pub copies: u32,
    pub campaign: Option<CampaignView>,
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
            copies: incident.copies,
            campaign: incident.campaign.as_ref().map(CampaignView::new),
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

/// Many people sent one text in a short time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CampaignView {
    pub authors: u32,
    pub posts: u32,
    pub from: Timestamp,
    pub until: Timestamp,
}

impl CampaignView {
    fn new(campaign: &Campaign) -> CampaignView {
        CampaignView {
            authors: campaign.authors,
            posts: campaign.posts,
            from: campaign.from,
            until: campaign.until,
        }
    }
}

/// A text that several posts of the incident have, and who was first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FamilyView {
    /// The key of the first post.
    pub first: String,
    pub network: String,
    pub author: Option<String>,
    pub published_at: Timestamp,
    pub posts: usize,
    pub authors: usize,
    pub networks: usize,
}

impl FamilyView {
    pub fn new(family: &Family<'_>, author: Option<String>) -> FamilyView {
        let first = &family.first.post;
        FamilyView {
            first: first.key.to_string(),
            network: first.key.network.0.clone(),
            author,
            published_at: first.published_at,
            posts: family.posts,
            authors: family.authors,
            networks: family.networks,
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
    /// Merges that a post makes likely.
    pub merges: Vec<MergeView>,
    /// The two parts into which it falls.
    pub split: Option<SplitView>,
    /// Texts that several posts have, the most sent first.
    pub families: Vec<FamilyView>,
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

/// «These two may be one», and the post that says so.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MergeView {
    pub incident: u64,
    pub kind: &'static str,
    /// The key of the post.
    pub post: String,
    /// How it fits this incident.
    pub score: f64,
    pub parts: Vec<PartView>,
    /// How it fits the other one.
    pub other_score: f64,
    pub other_parts: Vec<PartView>,
}

impl MergeView {
    /// `side`: in which of the two the post is, seen from this incident.
    pub fn new(
        with: IncidentId,
        post: String,
        hint: &Hint,
        side: Side,
        quotes: Quotes,
    ) -> MergeView {
        let own = (hint.score, PartView::all(&hint.parts, quotes));
        let other = (hint.other_score, PartView::all(&hint.other_parts, quotes));
        let (here, there) = match side {
            Side::Own => (own, other),
            Side::Other => (other, own),
        };
        MergeView {
            incident: with.0,
            kind: hint.kind.as_str(),
            post,
            score: here.0,
            parts: here.1,
            other_score: there.0,
            other_parts: there.1,
        }
    }
}

/// «This incident is two»: the keys of the posts of either part, and in which
/// words they name their place or topic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SplitView {
    pub by: &'static str,
    pub stays: Vec<String>,
    pub stays_because: String,
    pub leaves: Vec<String>,
    pub leaves_because: String,
}

impl SplitView {
    pub fn new(
        parting: &Parting,
        stays: &[PostKey],
        leaves: &[PostKey],
        quotes: Quotes,
    ) -> SplitView {
        let keys = |posts: &[PostKey]| posts.iter().map(ToString::to_string).collect();
        let said = |words: &String| match quotes {
            Quotes::Shown => words.clone(),
            Quotes::Hidden => String::new(),
        };
        SplitView {
            by: parting.by.as_str(),
            stays: keys(stays),
            stays_because: said(&parting.stays_because),
            leaves: keys(leaves),
            leaves_because: said(&parting.leaves_because),
        }
    }
}

/// In which of two incidents the post is that ties them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Own,
    Other,
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
