//! From a wish (a form or a JSON body) to a decision: read what it names,
//! check that this person may, store it, wait for what comes of it. Pages and
//! API both decide here.

use jiff::civil;
use serde::Deserialize;

use super::failure::Failure;
use super::fields::Fields;
use super::permissions::{FOR_MERGES, Permission, needed_for};
use super::visitor::Visitor;
use crate::adapters::store::Reader;
use crate::adapters::store::read::Member;
use crate::model::action::{Actor, Applied, Changes, Decision, NewAction};
use crate::model::answer::AnswerKind;
use crate::model::body::BodyId;
use crate::model::incident::{Incident, IncidentId, Outcome};
use crate::model::position::Position;
use crate::model::post::{Network, PostKey};
use crate::model::region::TerritoryId;
use crate::model::time::Timestamp;
use crate::model::topic::{Scale, TopicId};
use crate::pipeline::act::act;

/// Why there is no incident at all: `drop-*` of the wording files. Their order
/// is that of the digits in the triage.
pub const DROP_REASONS: [&str; 7] =
    ["no_problem", "other_region", "advert", "old", "no_place", "private_dispute", "joke"];

const TEXT_MAX_CHARS: usize = 10_000;
const LINE_MAX_CHARS: usize = 300;

/// What can be asked for; the last part of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Accept,
    Assign,
    NotMine,
    Take,
    Correct,
    Join,
    NotSame,
    Split,
    KeepTogether,
    Drop,
    Answer,
    Approve,
    Publish,
    Adopt,
    Close,
    Reopen,
    Undo,
}

impl Verb {
    pub const ALL: [Verb; 17] = [
        Verb::Accept,
        Verb::Assign,
        Verb::NotMine,
        Verb::Take,
        Verb::Correct,
        Verb::Join,
        Verb::NotSame,
        Verb::Split,
        Verb::KeepTogether,
        Verb::Drop,
        Verb::Answer,
        Verb::Approve,
        Verb::Publish,
        Verb::Adopt,
        Verb::Close,
        Verb::Reopen,
        Verb::Undo,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Accept => "accept",
            Verb::Assign => "assign",
            Verb::NotMine => "not_mine",
            Verb::Take => "take",
            Verb::Correct => "correct",
            Verb::Join => "join",
            Verb::NotSame => "not_same",
            Verb::Split => "split",
            Verb::KeepTogether => "keep_together",
            Verb::Drop => "drop",
            Verb::Answer => "answer",
            Verb::Approve => "approve",
            Verb::Publish => "publish",
            Verb::Adopt => "adopt",
            Verb::Close => "close",
            Verb::Reopen => "reopen",
            Verb::Undo => "undo",
        }
    }

    pub fn parse(text: &str) -> Option<Verb> {
        Verb::ALL.into_iter().find(|verb| verb.as_str() == text)
    }

    /// The fields of `Asked` that the verb reads: required ones first, then others.
    pub fn fields(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Verb::Accept | Verb::Correct => {
                (&[], &["title", "topic", "territory", "scale", "body"])
            }
            Verb::Assign => (&["body"], &["official"]),
            Verb::NotMine => (&["note"], &["body"]),
            Verb::Take => (&[], &["official"]),
            Verb::Join | Verb::NotSame => (&["incident"], &[]),
            Verb::Split | Verb::KeepTogether => (&["posts"], &[]),
            Verb::Drop => (&["reason"], &[]),
            Verb::Answer => (&["kind", "text"], &["deferred_until"]),
            Verb::Approve => (&["answer"], &[]),
            Verb::Publish => (&["answer"], &["url"]),
            Verb::Adopt => (&["seen", "kind"], &["deferred_until"]),
            Verb::Close => (&["outcome"], &["reason"]),
            Verb::Reopen => (&["reason"], &[]),
            Verb::Undo => (&["action"], &[]),
        }
    }
}

/// Everything that a wish may name; which of it counts depends on the verb.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    pub title: Option<String>,
    pub topic: Option<String>,
    pub territory: Option<String>,
    pub scale: Option<String>,
    pub body: Option<String>,
    pub official: Option<String>,
    pub note: Option<String>,
    /// The other incident's number.
    pub incident: Option<u64>,
    /// Keys of posts.
    pub posts: Vec<String>,
    pub reason: Option<String>,
    pub kind: Option<String>,
    pub text: Option<String>,
    /// An instant, or a date: the end of that day in the region.
    pub deferred_until: Option<String>,
    pub answer: Option<u64>,
    /// The number of a body's own reply.
    pub seen: Option<u64>,
    pub url: Option<String>,
    pub outcome: Option<String>,
    /// The position of the action to take back.
    pub action: Option<u64>,
}

impl Asked {
    /// # Errors
    /// `Invalid` for a number that is none.
    pub fn from_form(fields: &Fields) -> Result<Asked, Failure> {
        let number = |name: &'static str| match fields.filled(name) {
            None => Ok(None),
            Some(text) => match text.trim_start_matches(['№', '#', ' ']).parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(Failure::invalid(name, format!("«{text}»"))),
            },
        };
        Ok(Asked {
            title: fields.filled("title"),
            topic: fields.filled("topic"),
            territory: fields.filled("territory"),
            scale: fields.filled("scale"),
            body: fields.filled("body"),
            official: fields.filled("official"),
            note: fields.filled("note"),
            incident: number("incident")?,
            posts: fields.all("posts"),
            reason: fields.filled("reason"),
            kind: fields.filled("kind"),
            text: fields.filled("text"),
            deferred_until: fields.filled("deferred_until"),
            answer: number("answer")?,
            seen: number("seen")?,
            url: fields.filled("url"),
            outcome: fields.filled("outcome"),
            action: number("action")?,
        })
    }
}

/// A decision that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    pub action: Position,
    pub incident: IncidentId,
}

/// Takes a decision about an incident.
pub async fn decide(
    visitor: &Visitor,
    id: IncidentId,
    verb: Verb,
    asked: Asked,
) -> Result<Decided, Failure> {
    let wish = Wish::check(visitor, verb, asked)?;
    let named = visitor.state.store.read_async(move |reader| Ok(wish.look_up(reader, id))).await?;
    let Named { incident, other, decision, needed } = named?;
    allow(visitor, &incident, other.as_ref(), &decision, needed)?;
    let mut entry = visitor.entry(decision.name(), format!("incident:{id}"));
    entry.before = serde_json::json!({ "state": incident.state.as_str() }).to_string();
    entry.after = serde_json::to_string(&decision).unwrap_or_default();
    entry.why = reason(&decision);
    let actor = Actor::Person { login: visitor.person.login.clone() };
    let action = NewAction { at: visitor.now, actor, decision };
    match act(&visitor.state.store, action, entry).await? {
        (action, Applied::Done) => Ok(Decided { action, incident: id }),
        (_, Applied::Refused { why }) => Err(Failure::Refused { why }),
    }
}

/// Whether this person may decide this about these incidents.
fn allow(
    visitor: &Visitor,
    incident: &Incident,
    other: Option<&Incident>,
    decision: &Decision,
    needed: Permission,
) -> Result<(), Failure> {
    let sees = |incident: &Incident| visitor.may_with(Permission::SeeCases, incident);
    if !sees(incident) || !other.is_none_or(sees) {
        return Err(Failure::NotFound);
    }
    if !visitor.may_with(needed, incident) {
        return Err(Failure::Forbidden);
    }
    let reach = &visitor.person.reach;
    let outside = target_body(decision)
        .is_some_and(|body| !reach.bodies.is_empty() && !reach.bodies.contains(body));
    if outside { Err(Failure::Forbidden) } else { Ok(()) }
}

/// The body that a decision sends to. «Not mine» only proposes one.
fn target_body(decision: &Decision) -> Option<&BodyId> {
    match decision {
        Decision::Assign { body, .. } => Some(body),
        Decision::Accept { changes, .. } | Decision::Correct { changes, .. } => {
            changes.body.as_ref()
        }
        Decision::NotMine { .. }
        | Decision::Take { .. }
        | Decision::Join { .. }
        | Decision::Split { .. }
        | Decision::KeepTogether { .. }
        | Decision::NotSame { .. }
        | Decision::Drop { .. }
        | Decision::Draft { .. }
        | Decision::Approve { .. }
        | Decision::Publish { .. }
        | Decision::Adopt { .. }
        | Decision::Close { .. }
        | Decision::Reopen { .. }
        | Decision::Undo { .. } => None,
    }
}

fn reason(decision: &Decision) -> String {
    match decision {
        Decision::Drop { reason, .. }
        | Decision::Close { reason, .. }
        | Decision::Reopen { reason, .. } => reason.clone(),
        Decision::NotMine { note, .. } => note.clone(),
        Decision::Accept { .. }
        | Decision::Assign { .. }
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

/// A wish whose words are known to make sense; which posts it means is not
/// looked up yet.
enum Wish {
    Accept(Changes),
    Correct(Changes),
    Assign { body: BodyId, official: Option<String> },
    NotMine { suggested: Option<BodyId>, note: String },
    Take { official: Option<String> },
    Join { other: IncidentId },
    NotSame { other: IncidentId },
    Split { posts: Vec<PostKey> },
    KeepTogether { posts: Vec<PostKey> },
    Drop { reason: String },
    Draft { kind: AnswerKind, text: String, deferred_until: Option<Timestamp> },
    Approve { answer: Position },
    Publish { answer: Position, url: Option<String> },
    Adopt { seen: Position, kind: AnswerKind, deferred_until: Option<Timestamp> },
    Close { outcome: Outcome, reason: String },
    Reopen { reason: String },
    Undo { action: Position },
}

/// What a wish names, found in the store.
struct Named {
    incident: Incident,
    other: Option<Incident>,
    decision: Decision,
    needed: Permission,
}

impl Wish {
    fn check(visitor: &Visitor, verb: Verb, asked: Asked) -> Result<Wish, Failure> {
        match verb {
            Verb::Accept => Ok(Wish::Accept(changes(visitor, asked)?)),
            Verb::Correct => Ok(Wish::Correct(changes(visitor, asked)?)),
            Verb::Assign => {
                let body = required("body", asked.body)?;
                Ok(Wish::Assign { body: known_body(visitor, body)?, official: asked.official })
            }
            Verb::NotMine => {
                let suggested = asked.body.map(|body| known_body(visitor, body)).transpose()?;
                Ok(Wish::NotMine { suggested, note: line("note", asked.note)? })
            }
            Verb::Take => {
                let own = || visitor.person.login.clone();
                Ok(Wish::Take { official: Some(asked.official.unwrap_or_else(own)) })
            }
            Verb::Join => {
                Ok(Wish::Join { other: IncidentId(required("incident", asked.incident)?) })
            }
            Verb::NotSame => {
                Ok(Wish::NotSame { other: IncidentId(required("incident", asked.incident)?) })
            }
            Verb::Split => Ok(Wish::Split { posts: post_keys(&asked.posts)? }),
            Verb::KeepTogether => Ok(Wish::KeepTogether { posts: post_keys(&asked.posts)? }),
            Verb::Drop => {
                let reason = required("reason", asked.reason)?;
                if !DROP_REASONS.contains(&reason.as_str()) {
                    return Err(Failure::invalid("reason", format!("«{reason}»")));
                }
                Ok(Wish::Drop { reason })
            }
            Verb::Answer => draft(visitor, asked),
            Verb::Approve => {
                Ok(Wish::Approve { answer: Position(required("answer", asked.answer)?) })
            }
            Verb::Publish => {
                let answer = Position(required("answer", asked.answer)?);
                Ok(Wish::Publish { answer, url: asked.url.map(web_address).transpose()? })
            }
            Verb::Adopt => {
                let seen = Position(required("seen", asked.seen)?);
                let (kind, deferred_until) = kind_and_date(visitor, &asked)?;
                Ok(Wish::Adopt { seen, kind, deferred_until })
            }
            Verb::Close => {
                let outcome = required("outcome", asked.outcome)?;
                let outcome = Outcome::parse(&outcome)
                    .ok_or_else(|| Failure::invalid("outcome", format!("«{outcome}»")))?;
                let reason = asked.reason.unwrap_or_default();
                Ok(Wish::Close { outcome, reason: short("reason", reason)? })
            }
            Verb::Reopen => Ok(Wish::Reopen { reason: line("reason", asked.reason)? }),
            Verb::Undo => Ok(Wish::Undo { action: Position(required("action", asked.action)?) }),
        }
    }

    fn look_up(self, reader: &Reader, id: IncidentId) -> Result<Named, Failure> {
        let incident = reader.incident(id)?.ok_or(Failure::NotFound)?;
        if let Wish::Undo { action } = self {
            return undo(reader, incident, action);
        }
        let members = reader.members(id)?;
        let post = members.first().map(|member| member.post.position);
        let post = post.unwrap_or(incident.founding_post);
        let mut other = None;
        let decision = match self {
            Wish::Accept(changes) => Decision::Accept { post, changes },
            Wish::Correct(changes) => Decision::Correct { post, changes },
            Wish::Assign { body, official } => Decision::Assign { post, body, official },
            Wish::NotMine { suggested, note } => Decision::NotMine { post, suggested, note },
            Wish::Take { official } => Decision::Take { post, official },
            Wish::Join { other: with } => {
                let (found, from) = other_incident(reader, id, with)?;
                other = Some(found);
                Decision::Join { into: post, from }
            }
            Wish::NotSame { other: with } => {
                let (found, theirs) = other_incident(reader, id, with)?;
                other = Some(found);
                Decision::NotSame { one: post, other: theirs }
            }
            Wish::Split { posts } => {
                let positions = positions_of(&members, &posts)?;
                if positions.len() == members.len() {
                    return Err(Failure::Refused { why: "refusal-split-of-all".to_owned() });
                }
                Decision::Split { posts: positions }
            }
            Wish::KeepTogether { posts } => {
                Decision::KeepTogether { posts: positions_of(&members, &posts)? }
            }
            Wish::Drop { reason } => Decision::Drop { post, reason },
            Wish::Draft { kind, text, deferred_until } => {
                Decision::Draft { post, kind, text, deferred_until }
            }
            Wish::Approve { answer } => {
                answer_of(reader, id, answer)?;
                Decision::Approve { post, answer }
            }
            Wish::Publish { answer, url } => {
                answer_of(reader, id, answer)?;
                Decision::Publish { post, answer, url }
            }
            Wish::Adopt { seen, kind, deferred_until } => {
                Decision::Adopt { post, seen, kind, deferred_until }
            }
            Wish::Close { outcome, reason } => Decision::Close { post, outcome, reason },
            Wish::Reopen { reason } => Decision::Reopen { post, reason },
            Wish::Undo { action } => Decision::Undo { action },
        };
        let needed = needed_for(&decision).ok_or(Failure::Broken)?;
        Ok(Named { incident, other, decision, needed })
    }
}

/// Where these posts of an incident are stored.
fn positions_of(members: &[Member], posts: &[PostKey]) -> Result<Vec<Position>, Failure> {
    let position = |key: &PostKey| {
        let found = members.iter().find(|member| member.post.post.key == *key);
        let found = found.ok_or_else(|| Failure::invalid("posts", key.to_string()))?;
        Ok(found.post.position)
    };
    posts.iter().map(position).collect()
}

fn undo(reader: &Reader, incident: Incident, action: Position) -> Result<Named, Failure> {
    let applied = reader.applied(action)?.ok_or(Failure::NotFound)?;
    let of = reader.incident(applied.incident.ok_or(Failure::NotFound)?)?;
    // What brought another incident into this one is taken back here too.
    let is_here = |of: &Incident| of.id == incident.id || of.joined_into == Some(incident.id);
    if !of.is_some_and(|of| is_here(&of)) {
        return Err(Failure::NotFound);
    }
    let before = Position(action.0.saturating_sub(1));
    let needed = match reader.actions_between(before, action)?.pop() {
        Some(stored) => needed_for(&stored.action.decision).ok_or(Failure::Forbidden)?,
        None => FOR_MERGES,
    };
    Ok(Named { incident, other: None, decision: Decision::Undo { action }, needed })
}

fn other_incident(
    reader: &Reader,
    id: IncidentId,
    with: IncidentId,
) -> Result<(Incident, Position), Failure> {
    if id == with {
        return Err(Failure::invalid("incident", with.to_string()));
    }
    let unknown = || Failure::invalid("incident", with.to_string());
    let found = reader.incident(with)?.ok_or_else(unknown)?;
    let member = reader.members(with)?.first().map(|member| member.post.position);
    let post = member.unwrap_or(found.founding_post);
    Ok((found, post))
}

fn answer_of(reader: &Reader, id: IncidentId, answer: Position) -> Result<(), Failure> {
    let found = reader.answer(answer)?.filter(|answer| answer.incident == id);
    found.map(|_| ()).ok_or_else(|| Failure::invalid("answer", answer.to_string()))
}

fn required<T>(field: &'static str, value: Option<T>) -> Result<T, Failure> {
    value.ok_or_else(|| Failure::invalid(field, "required"))
}

fn short(field: &'static str, text: String) -> Result<String, Failure> {
    if LINE_MAX_CHARS < text.chars().count() {
        return Err(Failure::invalid(field, format!("> {LINE_MAX_CHARS}")));
    }
    Ok(text)
}

/// A line that somebody must have written.
fn line(field: &'static str, text: Option<String>) -> Result<String, Failure> {
    let text = required(field, text)?;
    if text.trim().is_empty() {
        return Err(Failure::invalid(field, "required"));
    }
    short(field, text.trim().to_owned())
}

fn changes(visitor: &Visitor, asked: Asked) -> Result<Changes, Failure> {
    let groups = &visitor.ruleset.groups;
    let topic = asked.topic.map(TopicId);
    if let Some(topic) = &topic
        && !groups.iter().flat_map(|group| &group.topics).any(|known| known.id == *topic)
    {
        return Err(Failure::invalid("topic", topic.to_string()));
    }
    let territory = asked.territory.map(TerritoryId);
    let territories = &visitor.ruleset.region.territories;
    if let Some(territory) = &territory
        && !territories.iter().any(|known| known.id == *territory)
    {
        return Err(Failure::invalid("territory", territory.to_string()));
    }
    let scale = asked.scale.map(|scale| {
        Scale::parse(&scale).ok_or_else(|| Failure::invalid("scale", format!("«{scale}»")))
    });
    Ok(Changes {
        title: asked.title.map(|title| short("title", title)).transpose()?,
        topic,
        territory,
        scale: scale.transpose()?,
        body: asked.body.map(|body| known_body(visitor, body)).transpose()?,
    })
}

fn known_body(visitor: &Visitor, body: String) -> Result<BodyId, Failure> {
    let body = BodyId(body);
    if visitor.ruleset.region.bodies.iter().any(|known| known.id == body) {
        return Ok(body);
    }
    Err(Failure::invalid("body", body.to_string()))
}

fn post_keys(texts: &[String]) -> Result<Vec<PostKey>, Failure> {
    if texts.is_empty() {
        return Err(Failure::invalid("posts", "required"));
    }
    texts.iter().map(|text| post_key(text)).collect()
}

/// `network:native id`; the id may hold colons itself.
pub fn post_key(text: &str) -> Result<PostKey, Failure> {
    let (network, id) =
        text.split_once(':').ok_or_else(|| Failure::invalid("posts", text.to_owned()))?;
    Ok(PostKey { network: Network(network.to_owned()), native_id: id.to_owned() })
}

fn draft(visitor: &Visitor, asked: Asked) -> Result<Wish, Failure> {
    let (kind, deferred_until) = kind_and_date(visitor, &asked)?;
    let text = required("text", asked.text)?.trim().to_owned();
    if text.is_empty() || TEXT_MAX_CHARS < text.chars().count() {
        return Err(Failure::invalid("text", format!("1–{TEXT_MAX_CHARS}")));
    }
    Ok(Wish::Draft { kind, text, deferred_until })
}

/// Which answer it is; an interim one promises a day.
fn kind_and_date(
    visitor: &Visitor,
    asked: &Asked,
) -> Result<(AnswerKind, Option<Timestamp>), Failure> {
    let kind = required("kind", asked.kind.as_deref())?;
    let kind =
        AnswerKind::parse(kind).ok_or_else(|| Failure::invalid("kind", format!("«{kind}»")))?;
    let until = asked.deferred_until.as_deref();
    let deferred_until = until.map(|until| instant_or_date(visitor, until)).transpose()?;
    match (kind, deferred_until) {
        (AnswerKind::Interim, None) => Err(Failure::invalid("deferred_until", "required")),
        (AnswerKind::Interim, Some(until)) if until <= visitor.now => {
            Err(Failure::invalid("deferred_until", "in the past"))
        }
        (AnswerKind::Interim | AnswerKind::Final, deferred_until) => Ok((kind, deferred_until)),
    }
}

/// RFC 3339, or a date: then its last minute in the region.
fn instant_or_date(visitor: &Visitor, text: &str) -> Result<Timestamp, Failure> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let wrong = || Failure::invalid("deferred_until", format!("«{text}»"));
    let date: civil::Date = text.parse().map_err(|_| wrong())?;
    let local = date.at(23, 59, 0, 0).to_zoned(visitor.words.zone().clone());
    local.map(|zoned| zoned.timestamp()).map_err(|_| wrong())
}

/// An address that a page may link to.
pub fn web_address(text: String) -> Result<String, Failure> {
    let known = url::Url::parse(&text).is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
    if known { Ok(text) } else { Err(Failure::invalid("url", "http(s)://…")) }
}
