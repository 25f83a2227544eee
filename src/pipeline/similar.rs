//! What was like an incident before: from posts that search found to the
//! incidents that they are in, each with the answer that people were given.
//! Shown to people only; nothing is decided by it.

use crate::adapters::store::{Reader, StoreError};
use crate::model::answer::Answer;
use crate::model::incident::{Incident, State};
use crate::model::position::Position;

/// Similar incidents that are shown.
pub const SIMILAR_MAX: usize = 5;
/// Posts that search is asked for: several may be in one incident, and some in
/// incidents that are not shown.
pub const SIMILAR_POSTS: usize = 40;

#[derive(Debug, Clone, PartialEq)]
pub struct Similar {
    pub incident: Incident,
    /// The last answer that was published.
    pub answer: Option<Answer>,
}

/// The incidents of found posts in the order of the posts: closed ones, and
/// those that were opened before this one, of its group and territory.
pub fn similar(
    reader: &Reader,
    of: &Incident,
    posts: &[Position],
    may_see: impl Fn(&Incident) -> bool,
) -> Result<Vec<Similar>, StoreError> {
    let mut found: Vec<Similar> = Vec::new();
    for post in posts {
        let Some(incident) = reader.incident_holding(*post)? else { continue };
        let is_known = found.iter().any(|one| one.incident.id == incident.id);
        if is_known || !is_shown(of, &incident) || !may_see(&incident) {
            continue;
        }
        let mut answers = reader.answers(incident.id)?;
        answers.retain(|answer| answer.published_at.is_some());
        let answer = answers.into_iter().max_by_key(|answer| answer.published_at);
        found.push(Similar { incident, answer });
        if found.len() == SIMILAR_MAX {
            break;
        }
    }
    Ok(found)
}

fn is_shown(of: &Incident, other: &Incident) -> bool {
    let is_past = match other.state {
        State::Closed => true,
        State::Joined => false,
        State::New
        | State::Assigned
        | State::InWork
        | State::AnsweredInterim
        | State::AnsweredFinal => other.opened_at < of.opened_at,
    };
    is_past
        && other.id != of.id
        && other.topic_group == of.topic_group
        && (of.territory().is_none() || other.territory() == of.territory())
}
