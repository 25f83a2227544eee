//! Incidents as pages show them: rows of lists, clocks with their reasons,
//! the choices of forms. Turns values into words; decides nothing.

use crate::adapters::store::read::{IncidentFilter, IncidentRow};
use crate::adapters::store::{Reader, StoreError};
use crate::model::body::BodyId;
use crate::model::clock::{ClockKind, Term};
use crate::model::finding::Finding;
use crate::model::incident::{Campaign, Incident, State};
use crate::model::post::StoredPost;
use crate::model::region::TerritoryId;
use crate::model::time::Timestamp;
use crate::model::topic::TopicId;
use crate::rules::deadline::deadline;
use crate::server::listing::RECENT;
use crate::server::marks::{Stretch, evidence, excerpt};
use crate::server::permissions::Permission;
use crate::server::visitor::Visitor;

const EXCERPT_CHARS: usize = 170;
/// Less than this share of the term left: time to hurry.
const HURRY_SHARE: f64 = 0.25;

/// What a row is made of.
pub struct RowFacts {
    pub row: IncidentRow,
    pub post: Option<StoredPost>,
    pub finding: Option<Finding>,
}

/// A page of incidents with the posts that opened them.
pub fn read_rows(
    reader: &Reader,
    filter: &IncidentFilter,
    now: Timestamp,
) -> Result<Vec<RowFacts>, StoreError> {
    let recent = now.checked_sub(RECENT).unwrap_or(now);
    let rows = reader.incidents(filter, recent)?;
    rows.into_iter().map(|row| facts_of(reader, row)).collect()
}

pub fn facts_of(reader: &Reader, row: IncidentRow) -> Result<RowFacts, StoreError> {
    let mut post = reader.post(row.incident.founding_post)?;
    if let Some(post) = &mut post {
        post.post.deleted = reader.is_deleted(post)?;
    }
    let finding = reader.finding(row.incident.founding_post)?;
    Ok(RowFacts { row, post, finding })
}

/// An incident in a list, in words.
pub struct Row {
    pub number: u64,
    pub risk: u8,
    pub risk_name: String,
    pub state: &'static str,
    pub state_name: String,
    pub title: String,
    pub text: Vec<Stretch>,
    pub place: String,
    pub territory: String,
    pub topic: String,
    pub confidence: u32,
    pub is_sure: bool,
    pub networks: Vec<String>,
    pub people: String,
    pub growth: Option<String>,
    pub age: String,
    pub due: Option<Due>,
    pub suggestions: u32,
    /// Many people sent one text: how many, and in what time.
    pub campaign: Option<String>,
    /// Its posts fall into two.
    pub is_parted: bool,
    pub body: String,
    pub official: Option<String>,
    pub returned: u32,
    /// The closed incident that this one repeats.
    pub repeat_of: Option<u64>,
    pub is_selected: bool,
}

/// The clock that runs.
pub struct Due {
    pub text: String,
    /// `late`, `near` or `calm`.
    pub class: &'static str,
}

impl Row {
    pub fn new(visitor: &Visitor, facts: &RowFacts) -> Row {
        let words = &visitor.words;
        let incident = &facts.row.incident;
        let marks = facts.finding.as_ref().map(evidence).unwrap_or_default();
        let may_read =
            |post: &&StoredPost| !post.post.is_guarded() || visitor.may(Permission::SeePersonal);
        let shown = facts.post.as_ref().filter(may_read);
        let text = shown.map(|post| post.post.text.as_str()).unwrap_or("");
        let growth = facts.row.recent_posts;
        Row {
            number: incident.id.0,
            risk: incident.risk,
            risk_name: words.of("risk", &incident.risk.to_string()),
            state: incident.state.as_str(),
            state_name: words.of("state", incident.state.as_str()),
            title: incident.title.clone(),
            text: excerpt(&visitor.readable(text), &marks, EXCERPT_CHARS),
            place: place_text(visitor, incident),
            territory: territory_name(visitor, incident.territory()),
            topic: topic_name(visitor, &incident.topic),
            confidence: percent(incident.confidence),
            is_sure: visitor.ruleset.region.accept_confidence <= incident.confidence,
            networks: incident
                .networks
                .iter()
                .map(|network| network_name(visitor, &network.0))
                .collect(),
            people: people(visitor, incident),
            growth: (0 < growth && growth < incident.posts).then(|| words.n("row-growth", growth)),
            age: words.ago(incident.opened_at, visitor.now),
            due: due(visitor, incident),
            suggestions: facts.row.suggestions,
            campaign: incident.campaign.as_ref().map(|one| campaign(visitor, one)),
            is_parted: facts.row.is_parted,
            body: body_name(visitor, &incident.body),
            official: incident.official.clone(),
            returned: incident.returned,
            repeat_of: incident.repeat_of.map(|id| id.0),
            is_selected: false,
        }
    }
}

pub fn percent(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u32
}

fn people(visitor: &Visitor, incident: &Incident) -> String {
    let words = &visitor.words;
    let authors = words.n("row-authors", incident.authors);
    let posts = words.n("row-posts", incident.posts);
    match incident.copies {
        0 => format!("{authors}, {posts}"),
        copies => format!("{authors}, {posts}, {}", words.n("row-copies", copies)),
    }
}

/// «6 авторов, 3 ч».
fn campaign(visitor: &Visitor, campaign: &Campaign) -> String {
    let words = &visitor.words;
    let took = campaign.until.duration_since(campaign.from).as_secs();
    let hours = u64::try_from(took).unwrap_or(0).div_ceil(3600).max(1);
    let authors = words.n("row-authors", campaign.authors);
    format!("{authors}, {}", words.n("campaign-hours", hours))
}

pub fn due(visitor: &Visitor, incident: &Incident) -> Option<Due> {
    let at = incident.due_at()?;
    let left = at.duration_since(visitor.now).as_secs_f64();
    let term = at.duration_since(incident.opened_at).as_secs_f64();
    let class = if left < 0.0 {
        "late"
    } else if left < term * HURRY_SHARE {
        "near"
    } else {
        "calm"
    };
    Some(Due { text: visitor.words.term(at, visitor.now), class })
}

pub fn place_text(visitor: &Visitor, incident: &Incident) -> String {
    let line = incident.place.line();
    let territory = territory_name(visitor, incident.territory());
    match (line.is_empty(), territory.is_empty()) {
        (true, true) => visitor.words.t("place-unknown"),
        (true, false) => territory,
        (false, _) => line,
    }
}

/// Those of the place, unless a person moved the incident to where the place is not.
pub fn coordinates(visitor: &Visitor, incident: &Incident) -> Option<String> {
    let region = &visitor.ruleset.region;
    let (settlement, territory) = (incident.place.settlement.as_ref()?, incident.territory()?);
    let is_there = region.has_settlement(settlement, territory);
    incident.place.coordinates.filter(|_| is_there).map(|one| one.line())
}

pub fn topic_name(visitor: &Visitor, id: &TopicId) -> String {
    let topics = visitor.ruleset.groups.iter().flat_map(|group| &group.topics);
    let found = topics.into_iter().find(|topic| topic.id == *id);
    found.map_or_else(
        || if id.0.is_empty() { visitor.words.t("topic-unknown") } else { id.0.clone() },
        |topic| visitor.words.name(&topic.name),
    )
}

pub fn territory_name(visitor: &Visitor, id: Option<&TerritoryId>) -> String {
    let Some(id) = id else { return String::new() };
    let found = visitor.ruleset.region.territories.iter().find(|known| known.id == *id);
    found.map_or_else(|| id.0.clone(), |known| visitor.words.name(&known.name))
}

pub fn body_name(visitor: &Visitor, id: &BodyId) -> String {
    let found = visitor.ruleset.region.bodies.iter().find(|known| known.id == *id);
    found.map_or_else(|| id.0.clone(), |known| visitor.words.name(&known.name))
}

pub fn network_name(visitor: &Visitor, network: &str) -> String {
    visitor.words.of("network", network)
}

/// One of the choices of a form's list.
pub struct Choice {
    pub value: String,
    pub label: String,
    pub is_chosen: bool,
}

/// Choices under a heading.
pub struct Choices {
    pub label: String,
    pub choices: Vec<Choice>,
}

pub fn topic_choices(visitor: &Visitor, chosen: Option<&TopicId>) -> Vec<Choices> {
    let group = |group: &crate::model::topic::TopicGroup| Choices {
        label: visitor.words.name(&group.name),
        choices: group
            .topics
            .iter()
            .map(|topic| Choice {
                value: topic.id.0.clone(),
                label: visitor.words.name(&topic.name),
                is_chosen: chosen == Some(&topic.id),
            })
            .collect(),
    };
    visitor.ruleset.groups.iter().map(group).collect()
}

pub fn territory_choices(visitor: &Visitor, chosen: Option<&TerritoryId>) -> Vec<Choice> {
    let mut choices: Vec<Choice> = visitor
        .ruleset
        .region
        .territories
        .iter()
        .map(|territory| Choice {
            value: territory.id.0.clone(),
            label: visitor.words.name(&territory.name),
            is_chosen: chosen == Some(&territory.id),
        })
        .collect();
    choices.sort_by(|one, other| one.label.cmp(&other.label));
    choices
}

pub fn body_choices(visitor: &Visitor, chosen: Option<&BodyId>) -> Vec<Choice> {
    let bodies = visitor.ruleset.region.bodies.iter().filter(|body| body.accepts);
    let mut choices: Vec<Choice> = bodies
        .map(|body| Choice {
            value: body.id.0.clone(),
            label: visitor.words.name(&body.name),
            is_chosen: chosen == Some(&body.id),
        })
        .collect();
    choices.sort_by(|one, other| one.label.cmp(&other.label));
    choices
}

/// Codes with the words of an area, as choices.
pub fn word_choices(visitor: &Visitor, area: &str, codes: &[&str], chosen: &str) -> Vec<Choice> {
    codes
        .iter()
        .map(|code| Choice {
            value: (*code).to_owned(),
            label: visitor.words.of(area, code),
            is_chosen: *code == chosen,
        })
        .collect()
}

/// A clock with the way to its instant.
pub struct ClockPart {
    pub name: String,
    pub class: &'static str,
    pub text: String,
    pub due: String,
    pub why: String,
    pub spans: Vec<SpanPart>,
}

pub struct SpanPart {
    pub from: String,
    pub to: String,
    pub counted: String,
    pub kind: String,
}

/// The clocks of an incident, each explained by the rule it was made with.
pub fn clocks(visitor: &Visitor, incident: &Incident) -> Vec<ClockPart> {
    let first = clock(
        visitor,
        ClockKind::FirstAnswer,
        incident.terms.first_answer,
        incident.opened_at,
        incident.first_answer_due_at,
        incident.answered_at,
    );
    let last = incident.final_answer_due_at.map(|due| {
        clock(
            visitor,
            ClockKind::FinalAnswer,
            incident.terms.final_answer,
            incident.answered_at.unwrap_or(incident.opened_at),
            due,
            final_answered_at(incident),
        )
    });
    std::iter::once(first).chain(last).collect()
}

fn final_answered_at(incident: &Incident) -> Option<Timestamp> {
    match incident.state {
        State::AnsweredFinal | State::Closed => incident.closed_at.or(incident.answered_at),
        State::New | State::Assigned | State::InWork | State::AnsweredInterim | State::Joined => {
            None
        }
    }
}

fn clock(
    visitor: &Visitor,
    kind: ClockKind,
    term: Term,
    started_at: Timestamp,
    due_at: Timestamp,
    stopped_at: Option<Timestamp>,
) -> ClockPart {
    let (words, now) = (&visitor.words, visitor.now);
    let explained = deadline(kind, term, started_at, &[], &visitor.ruleset.region.calendar);
    let is_promised = explained.due_at != due_at;
    let spans = explained.spans.iter().map(|span| SpanPart {
        from: words.moment(span.from, now),
        to: words.moment(span.to, now),
        counted: words.duration(span.counted_secs),
        kind: words.of("span", &span.kind),
    });
    let why = if is_promised {
        words.t("clock-promised")
    } else {
        format!("{} {}", words.s("clock-from", &words.moment(started_at, now)), words.length(term))
    };
    let (class, text) = match stopped_at {
        Some(at) if at <= due_at => ("done", words.s("clock-in-time", &words.moment(at, now))),
        Some(at) => ("late", words.s("clock-too-late", &words.moment(at, now))),
        None if due_at < now => ("late", words.until(due_at, now)),
        None => ("calm", words.until(due_at, now)),
    };
    ClockPart {
        name: words.of("clock", kind.as_str()),
        class,
        text,
        due: words.moment(due_at, now),
        why,
        spans: if is_promised { Vec::new() } else { spans.collect() },
    }
}
