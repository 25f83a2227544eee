//! What happened to an incident: decisions with the way back, other journal
//! entries about it, and what was sent to whom.

use crate::adapters::store::read::{AppliedAction, Member};
use crate::model::action::{Applied, Decision, StoredAction};
use crate::model::body::Channel;
use crate::model::incident::Incident;
use crate::model::journal::Entry;
use crate::model::notice::{OutboxRow, SendState};
use crate::model::person::Person;
use crate::model::proposal::HintKind;
use crate::model::time::Timestamp;
use crate::server::pages::card::name_of;
use crate::server::pages::reopened;
use crate::server::pages::troubles::{self, TroublePart};
use crate::server::permissions::{FOR_MERGES, Permission, needed_for};
use crate::server::visitor::Visitor;

pub struct HistoryLine {
    pub when: String,
    pub who: String,
    pub what: String,
    pub why: String,
    /// Why nothing came of it.
    pub refused: Option<String>,
    pub is_undone: bool,
    /// The action to take back, where this person may.
    pub undo: Option<u64>,
}

pub struct DeliveryPart {
    pub kind: String,
    pub recipient: String,
    pub address: String,
    pub state: &'static str,
    pub state_name: String,
    pub when: String,
    pub error: Option<TroublePart>,
    pub attempts: u32,
}

/// Newest first: actions, posts that opened the incident again, then what else the
/// journal tells about it.
pub fn lines(
    visitor: &Visitor,
    incident: &Incident,
    people: &[Person],
    members: &[Member],
    applied: &[(AppliedAction, Option<StoredAction>)],
    journal: &[Entry],
) -> Vec<HistoryLine> {
    let mut lines = reopened::lines(visitor, incident, members);
    for (action, stored) in applied {
        let Some(stored) = stored else {
            lines.push(merged(visitor, incident, members, action));
            continue;
        };
        let decision = &stored.action.decision;
        let is_undone = action.undone_by.is_some();
        let is_done = action.result == Applied::Done;
        let may_undo =
            needed_for(decision).is_some_and(|permission| visitor.may_with(permission, incident));
        let line = HistoryLine {
            when: visitor.words.moment(stored.action.at, visitor.now),
            who: name_of(people, &stored.action.actor.to_string()),
            what: visitor.words.of("history", decision.name()),
            why: why(visitor, decision),
            refused: match &action.result {
                Applied::Done => None,
                Applied::Refused { why } => Some(visitor.words.t(why)),
            },
            is_undone,
            undo: (is_done && !is_undone && may_undo).then_some(action.action.0),
        };
        lines.push((stored.action.at, line));
    }
    // Decisions stand in the journal too; here they are told once.
    for entry in journal {
        let entry = &entry.entry;
        if Decision::NAMES.contains(&entry.action.as_str()) {
            continue;
        }
        let line = HistoryLine {
            when: visitor.words.moment(entry.at, visitor.now),
            who: name_of(people, &entry.actor),
            what: visitor.words.of("history", &entry.action),
            why: entry.why.clone(),
            refused: None,
            is_undone: false,
            undo: None,
        };
        lines.push((entry.at, line));
    }
    lines.sort_by(|(one, _), (other, _)| other.cmp(one));
    lines.into_iter().map(|(_, line)| line).collect()
}

/// What the program merged by a post, where that post is among the members.
fn merged(
    visitor: &Visitor,
    incident: &Incident,
    members: &[Member],
    action: &AppliedAction,
) -> (Timestamp, HistoryLine) {
    let by = members.iter().find(|member| member.post.position == action.action);
    let at = by.map_or(incident.opened_at, |member| member.post.first_seen_at);
    let from = action.incident.filter(|from| *from != incident.id);
    let other = from.or(incident.joined_into).map(|other| format!("№ {other}, "));
    let fits_both = visitor.words.of("hint", HintKind::Bridge.as_str());
    let is_undone = action.undone_by.is_some();
    let line = HistoryLine {
        when: visitor.words.moment(at, visitor.now),
        who: visitor.words.t("history-by-the-program"),
        what: visitor.words.of("history", "merge"),
        why: format!("{}{fits_both}", other.unwrap_or_default()),
        refused: None,
        is_undone,
        undo: (!is_undone && visitor.may_with(FOR_MERGES, incident)).then_some(action.action.0),
    };
    (at, line)
}

fn why(visitor: &Visitor, decision: &Decision) -> String {
    match decision {
        Decision::Drop { reason, .. } => visitor.words.of("drop", reason),
        Decision::Close { reason, .. } | Decision::Reopen { reason, .. } => reason.clone(),
        Decision::NotMine { note, .. } => note.clone(),
        Decision::Assign { body, .. } => super::incident_parts::body_name(visitor, body),
        Decision::Accept { .. }
        | Decision::Take { .. }
        | Decision::Correct { .. }
        | Decision::Join { .. }
        | Decision::Split { .. }
        | Decision::KeepTogether { .. }
        | Decision::NotSame { .. }
        | Decision::Draft { .. }
        | Decision::Approve { .. }
        | Decision::Publish { .. }
        | Decision::Adopt { .. }
        | Decision::Undo { .. } => String::new(),
    }
}

pub fn deliveries(visitor: &Visitor, rows: &[OutboxRow]) -> Vec<DeliveryPart> {
    if !visitor.may(Permission::SeeDeliveries) && !visitor.may(Permission::Dispatch) {
        return Vec::new();
    }
    rows.iter().map(|row| delivery(visitor, row)).collect()
}

pub fn delivery(visitor: &Visitor, row: &OutboxRow) -> DeliveryPart {
    let words = &visitor.words;
    let when = match row.state {
        SendState::Sent | SendState::Acknowledged => row.sent_at.unwrap_or(row.created_at),
        SendState::Waiting => row.next_attempt_at,
        SendState::Stuck => row.created_at,
    };
    DeliveryPart {
        kind: words.of("notice-kind", row.notice.kind.as_str()),
        recipient: recipient(visitor, &row.notice.recipient),
        address: match &row.notice.channel {
            Channel::Email { address } => address.clone(),
            Channel::Webhook { url, .. } => {
                let host = url::Url::parse(url).ok();
                host.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
            }
        },
        state: row.state.as_str(),
        state_name: words.of("send", row.state.as_str()),
        when: words.moment(when, visitor.now),
        error: row.last_error.as_deref().map(|error| troubles::of_send(words, error, row.state)),
        attempts: row.attempts,
    }
}

/// `body:…`, `coordinator:…`, `head:…` with the body's name instead of its id.
fn recipient(visitor: &Visitor, recipient: &str) -> String {
    let Some((kind, id)) = recipient.split_once(':') else { return recipient.to_owned() };
    let body = crate::model::body::BodyId(id.to_owned());
    let name = super::incident_parts::body_name(visitor, &body);
    format!("{}: {name}", visitor.words.of("recipient", kind))
}
