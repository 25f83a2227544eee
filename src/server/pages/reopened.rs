//! How an incident that people's posts opened again is told: on its card, beside
//! the post that did it, in the history. Decides nothing.

use crate::adapters::store::read::Member;
use crate::model::incident::{Incident, Reopens};
use crate::model::time::Timestamp;
use crate::rules::wording::Arg;
use crate::server::visitor::Visitor;

use super::history::HistoryLine;
use super::incident_parts::topic_name;

const HOUR_SECS: i64 = 3_600;

/// «такое же сообщение через 3 д после закрытия (срок темы «Не горят фонари»: 21 д)».
pub fn why(visitor: &Visitor, reopens: &Reopens) -> String {
    let words = &visitor.words;
    let topic = topic_name(visitor, &reopens.topic);
    let after = words.duration(reopens.after_secs);
    let within = words.duration(i64::from(reopens.within_hours) * HOUR_SECS);
    let args = [
        ("after", Arg::from(&after)),
        ("topic", Arg::from(&topic)),
        ("within", Arg::from(&within)),
    ];
    words.with("reopened-why", &args)
}

/// For the card of an incident that is open again by a post.
pub fn notice(visitor: &Visitor, incident: &Incident) -> Option<String> {
    let reopening = incident.reopening.as_ref()?;
    let (words, how) = (&visitor.words, &reopening.how);
    let when = words.moment(reopening.at, visitor.now);
    let why = why(visitor, how);
    let closed_at = words.moment(how.closed_at, visitor.now);
    let end = format!("{}, {closed_at}", words.of("outcome", how.outcome.as_str()));
    let args = [("when", Arg::from(&when)), ("why", Arg::from(&why)), ("end", Arg::from(&end))];
    Some(words.with("card-reopened", &args))
}

/// For the history: every time that a post did it.
pub fn lines(
    visitor: &Visitor,
    incident: &Incident,
    members: &[Member],
) -> Vec<(Timestamp, HistoryLine)> {
    let now = incident.reopening.as_ref();
    let before = members.iter().filter(|one| now.is_none_or(|now| now.post != one.post.position));
    let before =
        before.filter_map(|one| Some((one.post.first_seen_at, one.reason.reopens.as_ref()?)));
    let all = before.chain(now.map(|now| (now.at, &now.how)));
    all.map(|(at, how)| (at, line(visitor, at, how))).collect()
}

fn line(visitor: &Visitor, at: Timestamp, reopens: &Reopens) -> HistoryLine {
    HistoryLine {
        when: visitor.words.moment(at, visitor.now),
        who: visitor.words.t("history-by-a-post"),
        what: visitor.words.of("history", "reopen"),
        why: why(visitor, reopens),
        refused: None,
        is_undone: false,
        undo: None,
    }
}
