//! The incident card: posts as captured, why each is here, clocks with their
//! reasons, suggestions side by side, answers, dispatch, history, and every
//! decision that this person may take now.

use askama::Template;
use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Redirect, Response};

use super::chrome::Chrome;
use super::family_parts::{FamilyPart, family_parts};
use super::history::{self, DeliveryPart, HistoryLine};
use super::incident_parts::{
    Choice, Choices, ClockPart, Row, RowFacts, body_choices, clocks, facts_of, territory_choices,
    topic_choices, word_choices,
};
use super::post_parts::{self, PartLine, PostPart};
use super::suggestion_parts::{
    self, PartingPart, SuggestionPart, Suggestions, parting, suggestions,
};
use super::systemic_part::{SystemicPart, systemic_part};
use super::{own_path, reopened, show, with_query};
use crate::adapters::store::read::{
    AppliedAction, IncidentFilter, JournalFilter, Member, ProposedSplit,
};
use crate::adapters::store::{Reader, StoreError};
use crate::model::action::StoredAction;
use crate::model::answer::Answer;
use crate::model::incident::{Incident, IncidentId, Outcome, State};
use crate::model::journal::Entry;
use crate::model::notice::OutboxRow;
use crate::model::person::{Person, Role};
use crate::model::position::Position;
use crate::model::post::StoredPost;
use crate::model::systemic::SystemicProblem;
use crate::pipeline::similar::Similar;
use crate::pipeline::systemic;
use crate::rules::lifecycle::{Event, next};
use crate::rules::own_accounts::OwnAccounts;
use crate::rules::routing::{self, Titled};
use crate::server::decisions::{Asked, DROP_REASONS, Verb, decide};
use crate::server::failure::Failure;
use crate::server::listing::RECENT;
use crate::server::looks;
use crate::server::permissions::{Permission, may};
use crate::server::similar::past;
use crate::server::visitor::{Signed, Visitor};
use crate::server::words::Words;

/// Posts shown before «all posts» is asked for.
const POSTS_MAX: usize = 200;
const HISTORY_MAX: usize = 100;
/// Letters of a former answer that are shown at once.
const BEGINNING_CHARS: usize = 280;

/// Everything about one incident, in words.
pub struct Card {
    pub words: Words,
    pub csrf: String,
    /// Where its forms come back to.
    pub back: String,
    pub row: Row,
    pub coordinates: Option<String>,
    pub opened: String,
    pub scale: String,
    pub outcome: Option<String>,
    pub outcome_reason: String,
    pub joined_into: Option<u64>,
    /// Open again by a post: when, why, how it was closed.
    pub reopened: Option<String>,
    pub repeat: Option<RepeatPart>,
    pub systemic: Option<SystemicPart>,
    pub branch: String,
    pub only_root: bool,
    pub clocks: Vec<ClockPart>,
    pub posts: Vec<PostPart>,
    pub posts_left: u64,
    pub suggestions: Vec<SuggestionPart>,
    pub parting: Option<PartingPart>,
    pub families: Vec<FamilyPart>,
    pub similar: Vec<SimilarPart>,
    pub seen: Vec<SeenPart>,
    pub answers: Vec<AnswerPart>,
    pub deliveries: Vec<DeliveryPart>,
    pub history: Vec<HistoryLine>,
    pub can: Can,
    pub topics: Vec<Choices>,
    pub territories: Vec<Choice>,
    pub bodies: Vec<Choice>,
    pub scales: Vec<Choice>,
    pub officials: Vec<Choice>,
    pub reasons: Vec<Choice>,
    pub outcomes: Vec<Choice>,
    pub templates: Vec<String>,
    pub today: String,
}

/// What this person may do with the incident as it stands.
pub struct Can {
    pub accept: bool,
    pub correct: bool,
    pub join: bool,
    pub split: bool,
    pub drop: bool,
    pub assign: bool,
    pub take: bool,
    pub return_it: bool,
    pub draft: bool,
    pub approve: bool,
    pub publish: bool,
    pub close: bool,
    pub reopen: bool,
}

/// The closed incident that this one repeats, and why it seems so.
pub struct RepeatPart {
    pub number: u64,
    /// Absent where it lies outside the visitor's reach.
    pub title: Option<String>,
    /// How and when it was closed.
    pub end: Option<String>,
    pub score: Option<u32>,
    pub parts: Vec<PartLine>,
}

/// A body's own reply under a post of the incident.
pub struct SeenPart {
    pub number: u64,
    pub body: String,
    pub when: String,
    pub text: String,
    pub url: Option<String>,
    /// The beginning of what it answers.
    pub answers: String,
    pub is_adopted: bool,
}

/// A closed or older incident like this one, and what people were answered.
pub struct SimilarPart {
    pub number: u64,
    pub title: String,
    pub end: String,
    /// The beginning of the answer, for reading.
    pub answer: Option<String>,
    /// All of it, for using again.
    pub answer_whole: Option<String>,
    pub url: Option<String>,
}

pub struct AnswerPart {
    pub id: u64,
    pub kind_name: String,
    pub text: String,
    pub until: Option<String>,
    pub by: String,
    pub when: String,
    pub approved: Option<String>,
    pub published: Option<String>,
    pub url: Option<String>,
    pub is_own: bool,
}

struct Facts {
    incident: Incident,
    repeated: Option<Incident>,
    systemic: Option<SystemicProblem>,
    row: RowFacts,
    members: Vec<Member>,
    revisions: Vec<Vec<(String, bool, i64)>>,
    suggestions: Suggestions,
    parting: Option<ProposedSplit>,
    copies: Vec<(Position, Position)>,
    similar: Vec<Similar>,
    /// What bodies replied, each with the post that it answers as it is now.
    seen: Vec<(StoredPost, Option<StoredPost>)>,
    answers: Vec<Answer>,
    outbox: Vec<OutboxRow>,
    applied: Vec<(AppliedAction, Option<StoredAction>)>,
    journal: Vec<Entry>,
    people: Vec<Person>,
}

/// How much of an incident is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    Whole,
    /// Beside a list, where many are looked at quickly.
    Preview,
}

/// Reads an incident for a visitor.
///
/// # Errors
/// `NotFound` also where the incident lies outside the visitor's reach.
pub async fn read(
    visitor: &Visitor,
    id: IncidentId,
    back: &str,
    depth: Depth,
) -> Result<Card, Failure> {
    let recent = visitor.now.checked_sub(RECENT).unwrap_or(visitor.now);
    let (search, person) = (visitor.state.search.clone(), visitor.person.clone());
    let weights = visitor.ruleset.weights.grouping.systemic;
    let ask = move |reader: &Reader| {
        let Some(mut facts) = read_facts(reader, id, recent)? else { return Ok(None) };
        if let Some(weights) = weights {
            facts.systemic = systemic::of(reader, &weights, id)?;
        }
        if depth == Depth::Whole {
            let found = past(reader, search.as_ref(), &person, &facts.incident)?;
            facts.similar = found.unwrap_or_default();
        }
        Ok(Some(facts))
    };
    let facts = visitor.state.store.read_async(ask).await?.ok_or(Failure::NotFound)?;
    if !visitor.may_with(Permission::SeeCases, &facts.incident) {
        return Err(Failure::NotFound);
    }
    let shown = facts.members.iter().map(|member| &member.post.post);
    looks::note(visitor, format!("incident:{id}"), "", shown).await?;
    Ok(card(visitor, facts, back))
}

fn read_facts(
    reader: &Reader,
    id: IncidentId,
    recent: crate::model::time::Timestamp,
) -> Result<Option<Facts>, StoreError> {
    let Some(row) = row_of(reader, id, recent)? else { return Ok(None) };
    let members = reader.members(id)?;
    let revisions = members
        .iter()
        .take(POSTS_MAX)
        .map(|member| reader.revisions(member.post.position))
        .collect::<Result<_, _>>()?;
    let mut applied = Vec::new();
    for action in reader.applied_to(id)?.into_iter().take(HISTORY_MAX) {
        let before = Position(action.action.0.saturating_sub(1));
        let stored = reader.actions_between(before, action.action)?.pop();
        applied.push((action, stored));
    }
    let filter = JournalFilter {
        subject: Some(format!("incident:{id}")),
        without_looks: true,
        limit: HISTORY_MAX,
        ..JournalFilter::default()
    };
    let repeated = match row.row.incident.repeat_of {
        Some(of) => reader.incident(of)?,
        None => None,
    };
    let mut seen = Vec::new();
    for (reply, answered) in reader.answers_seen(id)? {
        let mut answered = reader.post(answered)?;
        if let Some(post) = &mut answered {
            post.post.deleted = reader.is_deleted(post)?;
        }
        seen.push((reply, answered));
    }
    Ok(Some(Facts {
        incident: row.row.incident.clone(),
        repeated,
        systemic: None,
        row,
        members,
        revisions,
        suggestions: suggestion_parts::read(reader, id, recent)?,
        parting: reader.parting_of(id)?,
        copies: reader.copies_of(id)?,
        similar: Vec::new(),
        seen,
        answers: reader.answers(id)?,
        outbox: reader.outbox_of(id)?,
        applied,
        journal: reader.journal(&filter)?,
        people: reader.persons()?,
    }))
}

pub fn row_of(
    reader: &Reader,
    id: IncidentId,
    recent: crate::model::time::Timestamp,
) -> Result<Option<RowFacts>, StoreError> {
    let filter = IncidentFilter {
        ids: Some(vec![id]),
        states: State::ALL.to_vec(),
        limit: 1,
        ..IncidentFilter::default()
    };
    reader.incidents(&filter, recent)?.pop().map(|row| facts_of(reader, row)).transpose()
}

fn card(visitor: &Visitor, facts: Facts, back: &str) -> Card {
    let words = &visitor.words;
    let incident = &facts.incident;
    let mut authors = Vec::new();
    let posts: Vec<PostPart> = facts
        .members
        .iter()
        .zip(&facts.revisions)
        .map(|(member, revisions)| post_parts::member(visitor, member, revisions, &mut authors))
        .collect();
    let mut row = Row::new(visitor, &facts.row);
    row.official = row.official.map(|login| name_of(&facts.people, &login));
    Card {
        csrf: visitor.token.csrf(),
        back: back.to_owned(),
        row,
        coordinates: super::incident_parts::coordinates(visitor, incident),
        opened: words.moment(incident.opened_at, visitor.now),
        scale: words.of("scale", incident.scale.as_str()),
        outcome: incident.outcome.map(|outcome| words.of("outcome", outcome.as_str())),
        outcome_reason: words.of("drop", &incident.outcome_reason),
        joined_into: incident.joined_into.map(|id| id.0),
        reopened: reopened::notice(visitor, incident),
        repeat: repeat(visitor, &facts),
        systemic: facts
            .systemic
            .as_ref()
            .and_then(|problem| systemic_part(visitor, problem, facts.incident.id)),
        branch: branch(visitor, incident),
        only_root: incident.route.only_root,
        clocks: clocks(visitor, incident),
        posts_left: facts.members.len().saturating_sub(posts.len()) as u64,
        posts,
        suggestions: suggestions(visitor, incident, &facts.suggestions),
        parting: facts.parting.as_ref().and_then(|split| parting(visitor, split)),
        families: family_parts(visitor, &facts.members, &facts.copies, &mut authors),
        seen: seen(visitor, &facts),
        similar: facts.similar.iter().map(|one| similar_part(visitor, one)).collect(),
        answers: facts.answers.iter().map(|one| answer(visitor, &facts.people, one)).collect(),
        deliveries: history::deliveries(visitor, &facts.outbox),
        history: history::lines(
            visitor,
            incident,
            &facts.people,
            &facts.members,
            &facts.applied,
            &facts.journal,
        ),
        can: can(visitor, incident, facts.members.len()),
        topics: topic_choices(visitor, Some(&incident.topic)),
        territories: territory_choices(visitor, incident.territory()),
        bodies: body_choices(visitor, Some(&incident.body)),
        scales: word_choices(
            visitor,
            "scale",
            &["local", "municipal", "regional"],
            incident.scale.as_str(),
        ),
        officials: officials(visitor, &facts.people, incident),
        reasons: word_choices(visitor, "drop", &DROP_REASONS, ""),
        outcomes: word_choices(visitor, "outcome", &["solved", "explained", "deferred"], ""),
        templates: templates(visitor, incident),
        today: words.zone().to_datetime(visitor.now).date().to_string(),
        words: words.clone(),
    }
}

/// Why this body: the nodes of the routing tree that led to it.
fn branch(visitor: &Visitor, incident: &Incident) -> String {
    let titles = routing::titles(&visitor.ruleset.region.routes, &incident.route.branch);
    let told = titles.into_iter().map(|title| match title {
        Titled::Title(title) => visitor.words.name(title),
        Titled::Name(name) => name.to_owned(),
    });
    told.collect::<Vec<_>>().join(" → ")
}

fn can(visitor: &Visitor, incident: &Incident, posts: usize) -> Can {
    let may = |permission: Permission, event: Event| {
        visitor.may_with(permission, incident) && next(incident.state, event).is_ok()
    };
    Can {
        accept: may(Permission::Triage, Event::Accept),
        correct: may(Permission::Triage, Event::Correct),
        join: may(Permission::Triage, Event::Regroup),
        split: 1 < posts && may(Permission::Triage, Event::Regroup),
        drop: may(Permission::Triage, Event::Drop),
        assign: may(Permission::Dispatch, Event::Assign),
        take: may(Permission::Take, Event::Take),
        return_it: may(Permission::Take, Event::NotMine),
        draft: may(Permission::Draft, Event::Draft),
        approve: may(Permission::Approve, Event::PublishFinal),
        publish: may(Permission::Publish, Event::PublishFinal),
        // A new incident is accepted or dropped; closing is for those at work on it.
        close: incident.state != State::New
            && may(Permission::Close, Event::Close(Outcome::Solved)),
        reopen: may(Permission::Reopen, Event::Reopen),
    }
}

fn repeat(visitor: &Visitor, facts: &Facts) -> Option<RepeatPart> {
    let of = facts.incident.repeat_of?;
    let words = &visitor.words;
    let seen = facts.repeated.as_ref();
    let seen = seen.filter(|incident| visitor.may_with(Permission::SeeCases, incident));
    let reason = facts.members.iter().find_map(|member| member.reason.repeat.as_ref());
    let reason = reason.filter(|repeat| repeat.incident == of);
    let end = seen.and_then(|incident| {
        let outcome = words.of("outcome", incident.outcome?.as_str());
        Some(format!("{outcome}, {}", words.moment(incident.closed_at?, visitor.now)))
    });
    Some(RepeatPart {
        number: of.0,
        title: seen.map(|incident| incident.title.clone()),
        end,
        score: reason.map(|repeat| super::incident_parts::percent(repeat.score)),
        parts: reason
            .map(|repeat| post_parts::parts_of_others(visitor, &repeat.parts))
            .unwrap_or_default(),
    })
}

fn seen(visitor: &Visitor, facts: &Facts) -> Vec<SeenPart> {
    let own = OwnAccounts::new(&visitor.ruleset.region.sources);
    let part = |(reply, answered): &(StoredPost, Option<StoredPost>)| {
        let post = &reply.post;
        let body = own.body_of(post).map(|body| super::incident_parts::body_name(visitor, body));
        let may_read =
            |one: &&StoredPost| !one.post.is_guarded() || visitor.may(Permission::SeePersonal);
        let answered = answered.as_ref().filter(may_read);
        SeenPart {
            number: reply.position.0,
            body: body.or_else(|| post.author_name.clone()).unwrap_or_default(),
            when: visitor.words.moment(post.published_at, visitor.now),
            text: post.text.clone(),
            url: public_url(post.url.clone()),
            answers: answered
                .map(|one| beginning(&visitor.readable(&one.post.text)))
                .unwrap_or_default(),
            is_adopted: facts.answers.iter().any(|answer| answer.seen == Some(reply.position)),
        }
    };
    facts.seen.iter().map(part).collect()
}

fn similar_part(visitor: &Visitor, one: &Similar) -> SimilarPart {
    let words = &visitor.words;
    let incident = &one.incident;
    let state = words.of("state", incident.state.as_str());
    let end = match (incident.outcome, incident.closed_at) {
        (Some(outcome), Some(at)) => {
            let outcome = words.of("outcome", outcome.as_str());
            format!("{outcome}, {}", words.moment(at, visitor.now))
        }
        _ => format!("{state}, {}", words.ago(incident.opened_at, visitor.now)),
    };
    let answer = one.answer.as_ref();
    SimilarPart {
        number: incident.id.0,
        title: incident.title.clone(),
        end,
        answer: answer.map(|answer| beginning(&answer.text)),
        answer_whole: answer.map(|answer| answer.text.clone()),
        url: answer.and_then(|answer| public_url(answer.url.clone())),
    }
}

/// The first lines of a text, cut between words.
fn beginning(text: &str) -> String {
    if text.chars().count() <= BEGINNING_CHARS {
        return text.to_owned();
    }
    let cut: String = text.chars().take(BEGINNING_CHARS).collect();
    let whole_words = cut.rsplit_once(char::is_whitespace).map_or(cut.as_str(), |(kept, _)| kept);
    format!("{}…", whole_words.trim_end())
}

fn public_url(url: Option<String>) -> Option<String> {
    url.and_then(|url| crate::server::decisions::web_address(url).ok())
}

/// A person's name; what no account has (a rule, a former login) stands for itself.
pub fn name_of(people: &[Person], login: &str) -> String {
    let found = people.iter().find(|person| person.login == login);
    found.map_or_else(|| login.to_owned(), |person| person.name.clone())
}

fn answer(visitor: &Visitor, people: &[Person], answer: &Answer) -> AnswerPart {
    let words = &visitor.words;
    let signed = |by: &Option<String>, at: Option<crate::model::time::Timestamp>| {
        at.map(|at| {
            let by = name_of(people, by.as_deref().unwrap_or_default());
            format!("{by}, {}", words.moment(at, visitor.now))
        })
    };
    AnswerPart {
        id: answer.id.0,
        kind_name: words.of("answer", answer.kind.as_str()),
        text: answer.text.clone(),
        until: answer.deferred_until.map(|until| words.moment(until, visitor.now)),
        by: name_of(people, &answer.drafted_by),
        when: words.moment(answer.drafted_at, visitor.now),
        approved: signed(&answer.approved_by, answer.approved_at),
        published: answer.published_at.map(|at| words.moment(at, visitor.now)),
        url: public_url(answer.url.clone()),
        is_own: answer.drafted_by == visitor.person.login,
    }
}

/// People who may take the case: officials and coordinators within whose reach it lies.
fn officials(visitor: &Visitor, people: &[Person], incident: &Incident) -> Vec<Choice> {
    if !visitor.may(Permission::Dispatch) {
        return Vec::new();
    }
    people
        .iter()
        .filter(|person| matches!(person.role, Role::Official | Role::Coordinator))
        .filter(|person| may(person, Permission::Take, Some(incident)))
        .map(|person| Choice {
            value: person.login.clone(),
            label: person.name.clone(),
            is_chosen: incident.official.as_deref() == Some(person.login.as_str()),
        })
        .collect()
}

/// Beginnings of answers for this topic; what is in brackets has to be filled in.
fn templates(visitor: &Visitor, incident: &Incident) -> Vec<String> {
    let place = super::incident_parts::place_text(visitor, incident);
    ["answer-template-work", "answer-template-done", "answer-template-other"]
        .iter()
        .map(|key| visitor.words.s(key, &place))
        .collect()
}

#[derive(Template)]
#[template(path = "card.html")]
struct CardPage {
    chrome: Chrome,
    card: Card,
}

pub async fn page(Path(id): Path<u64>, visitor: Visitor) -> Result<Response, Failure> {
    visitor.need(Permission::SeeCases)?;
    let path = format!("/incidents/{id}");
    let card = read(&visitor, IncidentId(id), &path, Depth::Whole).await?;
    let title = format!("№ {id}: {}", card.row.title);
    show(&CardPage { chrome: Chrome::new(&visitor, title), card })
}

/// The card beside the list, for the script.
#[derive(Template)]
#[template(path = "preview.html")]
struct Preview {
    card: Card,
}

pub async fn preview(
    Path(id): Path<u64>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Failure> {
    visitor.need(Permission::SeeCases)?;
    let fields = super::triage::query_of(&request);
    let back = own_path(fields.get("back")).unwrap_or("/triage").to_owned();
    let card = read(&visitor, IncidentId(id), &back, Depth::Preview).await?;
    show(&Preview { card })
}

/// A decision sent by a form; comes back to where the form stood.
pub async fn act(
    Path((id, verb)): Path<(u64, String)>,
    signed: Signed,
) -> Result<Response, Failure> {
    let visitor = &signed.visitor;
    visitor.need(Permission::SeeCases)?;
    let verb = Verb::parse(&verb).ok_or(Failure::NotFound)?;
    let asked = Asked::from_form(&signed.fields)?;
    let decided = decide(visitor, IncidentId(id), verb, asked).await?;
    let here = format!("/incidents/{id}");
    let back = own_path(signed.fields.get("return")).unwrap_or(&here);
    let done = [
        ("done", verb.as_str().to_owned()),
        ("of", id.to_string()),
        ("action", decided.action.0.to_string()),
    ];
    Ok(Redirect::to(&with_query(back, &done)).into_response())
}
