//! `otklik incidents list|show|join|split|undo`.

use std::io::Write;

use clap::Subcommand;
use jiff::SignedDuration;
use serde_json::json;

use crate::adapters::search::{Index, Narrow};
use crate::adapters::store::read::{IncidentFilter, IncidentRow, StoredSuggestion};
use crate::adapters::store::{Reader, StoreError};
use crate::cli::output::{Output, Usage, exit};
use crate::cli::words::Words;
use crate::model::action::{Actor, Applied, Decision, NewAction};
use crate::model::answer::Answer;
use crate::model::incident::{Incident, IncidentId, State};
use crate::model::journal::NewEntry;
use crate::model::position::Position;
use crate::model::post::{Network, PostKey};
use crate::model::region::TerritoryId;
use crate::model::time::Timestamp;
use crate::model::topic::TopicId;
use crate::pipeline::families::families;
use crate::pipeline::similar::{SIMILAR_POSTS, Similar, similar};
use crate::rules::wording::Arg;
use crate::views::incident::{
    AnswerSeenView, AnswerView, CandidateView, FamilyView, IncidentDetails, IncidentView,
    MemberView, MergeView, Quotes, Side, SimilarView, SplitView,
};

#[derive(Debug, Subcommand)]
pub enum IncidentsCommand {
    /// Open incidents, most urgent first
    List {
        /// Only in this state (new, assigned, in_work, …)
        #[arg(long)]
        state: Option<String>,
        /// Only of this territory
        #[arg(long)]
        territory: Option<String>,
        /// Only of this topic
        #[arg(long)]
        topic: Option<String>,
        #[arg(long, default_value_t = 50)]
        limit: usize,
        #[arg(long, default_value_t = 0)]
        offset: usize,
    },
    /// One incident with its posts and why each is there
    Show { id: u64 },
    /// Make incident B part of incident A
    Join { a: u64, b: u64 },
    /// Make posts (NETWORK:NATIVE_ID) of an incident one of their own
    Split {
        id: u64,
        #[arg(required = true)]
        posts: Vec<String>,
    },
    /// Take a decision back
    Undo { action: u64 },
}

#[derive(Debug, thiserror::Error)]
pub enum IncidentsError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no incident {0}")]
    NoSuchIncident(u64),
    #[error("there is no post {0}; write NETWORK:NATIVE_ID")]
    NoSuchPost(String),
    #[error("post {post} is not in incident {incident}")]
    NotInIncident { post: String, incident: u64 },
}

impl IncidentsError {
    /// For whoever named what is not there.
    pub fn told(&self, words: &Words) -> String {
        match self {
            IncidentsError::Store(error) => error.to_string(),
            IncidentsError::NoSuchIncident(id) => words.about("cli-no-incident", &id.to_string()),
            IncidentsError::NoSuchPost(post) => words.about("cli-no-post", post),
            IncidentsError::NotInIncident { post, incident } => {
                let names = [("post", Arg::from(post)), ("number", Arg::from(*incident))];
                words.say("cli-not-in-incident", &names)
            }
        }
    }
}

/// The decision that a changing command makes; `None` for those that only ask.
pub fn decision(
    command: &IncidentsCommand,
    reader: &Reader,
) -> Result<Option<Decision>, IncidentsError> {
    Ok(match command {
        IncidentsCommand::List { .. } | IncidentsCommand::Show { .. } => None,
        IncidentsCommand::Join { a, b } => {
            Some(Decision::Join { into: a_post(reader, *a)?, from: a_post(reader, *b)? })
        }
        IncidentsCommand::Split { id, posts } => {
            Some(Decision::Split { posts: posts_of(reader, *id, posts)? })
        }
        IncidentsCommand::Undo { action } => Some(Decision::Undo { action: Position(*action) }),
    })
}

/// A post by which an incident can be named.
fn a_post(reader: &Reader, id: u64) -> Result<Position, IncidentsError> {
    let members = reader.members(IncidentId(id))?;
    let first = members.iter().map(|member| member.post.position).min();
    first.ok_or(IncidentsError::NoSuchIncident(id))
}

/// Every named post, each of this incident and of no other.
fn posts_of(reader: &Reader, id: u64, keys: &[String]) -> Result<Vec<Position>, IncidentsError> {
    let members = reader.members(IncidentId(id))?;
    if members.is_empty() {
        return Err(IncidentsError::NoSuchIncident(id));
    }
    let of_key = |key: &String| {
        let position = position_of(reader, key)?;
        match members.iter().any(|member| member.post.position == position) {
            true => Ok(position),
            false => Err(IncidentsError::NotInIncident { post: key.clone(), incident: id }),
        }
    };
    keys.iter().map(of_key).collect()
}

fn position_of(reader: &Reader, key: &str) -> Result<Position, IncidentsError> {
    let unknown = || IncidentsError::NoSuchPost(key.to_owned());
    let key = post_key(key).ok_or_else(unknown)?;
    Ok(reader.post_by_key(&key)?.ok_or_else(unknown)?.position)
}

/// Reads `NETWORK:NATIVE_ID`; the network's part has no colon, the other may.
pub fn post_key(text: &str) -> Option<PostKey> {
    let (network, native_id) = text.split_once(':')?;
    Some(PostKey { network: Network(network.to_owned()), native_id: native_id.to_owned() })
}

/// A decision made on the command line, with its journal entry.
pub fn action(decision: Decision, now: Timestamp) -> (NewAction, NewEntry) {
    let entry = NewEntry {
        at: now,
        actor: CLI_LOGIN.to_owned(),
        action: decision.name().to_owned(),
        subject: "incidents".to_owned(),
        after: serde_json::to_string(&decision).unwrap_or_default(),
        origin: "cli".to_owned(),
        ..NewEntry::default()
    };
    let actor = Actor::Person { login: CLI_LOGIN.to_owned() };
    (NewAction { at: now, actor, decision }, entry)
}

/// Who decides where nobody has logged in.
const CLI_LOGIN: &str = "cli";

/// Says what came of a decision: 1 where it was refused.
pub fn print_done(
    (action, applied): (Position, Applied),
    output: Output,
    words: &Words,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> anyhow::Result<u8> {
    match (&applied, output) {
        (Applied::Done, Output::Simple) => {
            let number = [("number", Arg::from(action.0))];
            writeln!(out, "{}", words.say("cli-done", &number))?;
        }
        (Applied::Done, Output::Json) => {
            writeln!(out, "{}", json!({ "action": action.0, "result": "done" }))?;
        }
        (Applied::Refused { why }, Output::Json) => {
            let refused = json!({ "action": action.0, "result": "refused", "why": why });
            writeln!(errors, "{refused}")?;
            return Ok(exit::FAILED);
        }
        (Applied::Refused { why }, Output::Simple) => {
            // A refusal that an older version wrote may have no words any more.
            let text = words.key(why).unwrap_or_else(|| why.clone());
            writeln!(errors, "otklik: {}", words.about("cli-refused", &text))?;
            return Ok(exit::FAILED);
        }
    }
    Ok(exit::OK)
}

/// What `list` and `show` read.
pub struct Shelf<'s> {
    pub reader: &'s Reader,
    /// Absent where there is none, or where it cannot be read.
    pub index: Option<&'s Index>,
    pub now: Timestamp,
}

/// Answers `list` and `show`.
pub fn print(
    command: &IncidentsCommand,
    shelf: &Shelf<'_>,
    output: Output,
    words: &Words,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> anyhow::Result<u8> {
    match command {
        IncidentsCommand::List { state, territory, topic, limit, offset } => {
            let states = match state {
                Some(name) => {
                    let known = states();
                    let names = [("state", Arg::from(name)), ("known", Arg::from(&known))];
                    let unknown = || Usage(words.say("cli-no-state", &names));
                    vec![State::parse(name).ok_or_else(unknown)?]
                }
                None => State::ALL.into_iter().filter(|state| state.is_open()).collect(),
            };
            let filter = IncidentFilter {
                states,
                territories: territory.iter().cloned().map(TerritoryId).collect(),
                topics: topic.iter().cloned().map(TopicId).collect(),
                limit: *limit,
                offset: *offset,
                ..IncidentFilter::default()
            };
            list(shelf.reader, &filter, shelf.now, output, words, out)
        }
        IncidentsCommand::Show { id } => show(shelf, *id, output, words, out, errors),
        IncidentsCommand::Join { .. }
        | IncidentsCommand::Split { .. }
        | IncidentsCommand::Undo { .. } => Ok(exit::USAGE),
    }
}

fn states() -> String {
    State::ALL.iter().map(|state| state.as_str()).collect::<Vec<_>>().join(", ")
}

fn list(
    reader: &Reader,
    filter: &IncidentFilter,
    now: Timestamp,
    output: Output,
    words: &Words,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let hour_ago = now.checked_sub(SignedDuration::from_hours(1)).unwrap_or(now);
    let rows = reader.incidents(filter, hour_ago)?;
    match output {
        Output::Json => {
            let view = |row: &IncidentRow| IncidentView::new(&row.incident, row.suggestions, now);
            let views: Vec<IncidentView> = rows.iter().map(view).collect();
            writeln!(out, "{}", serde_json::to_string(&views)?)?;
        }
        Output::Simple => {
            for row in &rows {
                writeln!(out, "{}", line(&row.incident, now, words))?;
            }
        }
    }
    Ok(exit::OK)
}

fn line(one: &Incident, now: Timestamp, words: &Words) -> String {
    let networks: Vec<&str> = one.networks.iter().map(|network| network.0.as_str()).collect();
    let due = one.due_at().map_or("–".to_owned(), |due| {
        format!("{}, {}", words.about("clock-until", &due.to_string()), words.until(due, now))
    });
    format!(
        "{:>6}  {:<13} {:<12} {}, {}, {}  {due}  {} — {}",
        one.id.0,
        words.of("state", one.state.as_str()),
        words.of("risk", &one.risk.to_string()),
        words.count("row-posts", one.posts),
        words.count("row-authors", one.authors),
        networks.join("+"),
        one.body,
        one.title
    )
}

fn show(
    shelf: &Shelf<'_>,
    id: u64,
    output: Output,
    words: &Words,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> anyhow::Result<u8> {
    let Some(details) = details(shelf, IncidentId(id))? else {
        writeln!(errors, "otklik: {}", IncidentsError::NoSuchIncident(id).told(words))?;
        return Ok(exit::FAILED);
    };
    match output {
        Output::Json => writeln!(out, "{}", serde_json::to_string(&details)?)?,
        Output::Simple => print_details(&details, words, out)?,
    }
    Ok(exit::OK)
}

/// What bodies replied; which body, only the rules say, and they are not asked here.
fn answers_seen(
    shelf: &Shelf<'_>,
    id: IncidentId,
    given: &[Answer],
) -> Result<Vec<AnswerSeenView>, StoreError> {
    let mut views = Vec::new();
    for (reply, answered) in shelf.reader.answers_seen(id)? {
        let post = shelf.reader.post(answered)?;
        let key = post.map(|post| post.post.key.to_string()).unwrap_or_default();
        views.push(AnswerSeenView::new(&reply, key, None, given));
    }
    Ok(views)
}

/// Incidents like this one, as far as the index knows them.
fn similar_to(
    shelf: &Shelf<'_>,
    incident: &Incident,
) -> Result<Option<Vec<SimilarView>>, StoreError> {
    let Some(index) = shelf.index else { return Ok(None) };
    let Some(post) = shelf.reader.post(incident.founding_post)? else { return Ok(None) };
    let narrow = Narrow {
        before: None,
        territory: incident.territory().cloned(),
        group: Some(incident.topic_group.clone()),
    };
    let Ok(hits) = index.similar(&post.post.text, &narrow, SIMILAR_POSTS) else { return Ok(None) };
    let posts: Vec<Position> = hits.iter().map(|hit| hit.position).collect();
    let found = similar(shelf.reader, incident, &posts, |_| true)?;
    let view = |one: &Similar| SimilarView::new(&one.incident, one.answer.as_ref());
    Ok(Some(found.iter().map(view).collect()))
}

fn details(shelf: &Shelf<'_>, id: IncidentId) -> Result<Option<IncidentDetails>, StoreError> {
    let (reader, now) = (shelf.reader, shelf.now);
    let Some(incident) = reader.incident(id)? else { return Ok(None) };
    let waiting = reader.suggestions_waiting(id)?;
    let candidate = |one: &StoredSuggestion| {
        CandidateView::new(one.beside(id), one.score, &one.parts, Quotes::Shown)
    };
    let merges = reader.merges_of(id)?;
    let members = reader.members(id)?;
    let answers = reader.answers(id)?;
    let count = u32::try_from(waiting.len() + merges.len()).unwrap_or(u32::MAX);
    Ok(Some(IncidentDetails {
        incident: IncidentView::new(&incident, count, now),
        members: members
            .iter()
            .map(|one| {
                let author = one.post.post.author_name.clone();
                MemberView::new(&one.post, &one.reason, author, Quotes::Shown)
            })
            .collect(),
        candidates: waiting.iter().map(candidate).collect(),
        merges: merges
            .iter()
            .map(|merge| {
                let side = if merge.is_theirs { Side::Other } else { Side::Own };
                let key = merge.key.to_string();
                MergeView::new(merge.with, key, &merge.hint, side, Quotes::Shown)
            })
            .collect(),
        split: reader.parting_of(id)?.map(|split| {
            SplitView::new(&split.parting, &split.stays, &split.leaves, Quotes::Shown)
        }),
        families: families(&members, &reader.copies_of(id)?)
            .iter()
            .map(|family| FamilyView::new(family, family.first.post.author_name.clone()))
            .collect(),
        answers_seen: answers_seen(shelf, id, &answers)?,
        similar: similar_to(shelf, &incident)?,
        answers: answers.iter().map(AnswerView::new).collect(),
    }))
}

fn print_details(
    details: &IncidentDetails,
    words: &Words,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let one = &details.incident;
    let head = [("number", Arg::from(one.id)), ("title", Arg::from(&one.title))];
    writeln!(out, "{}", words.say("cli-incident", &head))?;
    let (state, risk) = (words.of("state", one.state), words.of("risk", &one.risk.to_string()));
    writeln!(out, "{state} · {risk} · {} · {} · {}", one.topic, one.place, one.body)?;
    let (opened, clock) = (words.say("field-opened", &[]), words.say("clock-first-answer", &[]));
    writeln!(out, "{opened}: {}. {clock}: {}", one.opened_at, one.first_answer_due_at)?;
    if let Some(of) = one.repeat_of {
        writeln!(out, "{} № {of}", words.say("card-repeat-of", &[]))?;
    }
    for family in &details.families {
        let (first, posts) = (family.published_at.to_string(), family.posts as u64);
        let names = [
            ("post", Arg::from(&family.first)),
            ("at", Arg::from(&first)),
            ("count", Arg::from(posts)),
        ];
        writeln!(out, "{}", words.say("cli-family", &names))?;
    }
    for member in &details.members {
        let kind = words.of("reason", member.reason.kind);
        writeln!(out, "\n{}  {kind}  {:.2}", member.post, member.reason.score)?;
        for part in &member.reason.parts {
            let name = words.of("part", &part.name);
            writeln!(out, "    {:+.2} {name}  {}", part.value * part.weight, part.text)?;
        }
        writeln!(out, "  {}", member.text.replace('\n', "\n  "))?;
    }
    if let Some(split) = &details.split {
        let why = words.of("parted-by", split.by);
        writeln!(out, "\n{} {why}", words.say("card-parting", &[]))?;
        for (said, posts) in
            [(&split.stays_because, &split.stays), (&split.leaves_because, &split.leaves)]
        {
            writeln!(out, "    {said}: {}", posts.join(" "))?;
        }
    }
    for merge in &details.merges {
        let (why, score) = (words.of("hint", merge.kind), format!("{:.2}", merge.score));
        let other_score = format!("{:.2}", merge.other_score);
        let names = [
            ("number", Arg::from(merge.incident)),
            ("why", Arg::from(&why)),
            ("post", Arg::from(&merge.post)),
            ("score", Arg::from(&score)),
            ("other", Arg::from(&other_score)),
        ];
        writeln!(out, "\n{}", words.say("cli-merge", &names))?;
    }
    for candidate in &details.candidates {
        let score = format!("{:.2}", candidate.score);
        let names = [("number", Arg::from(candidate.incident)), ("score", Arg::from(&score))];
        writeln!(out, "\n{}", words.say("cli-perhaps-same", &names))?;
    }
    for one in &details.answers_seen {
        let head = words.say("answer-seen", &[]);
        writeln!(out, "\n{head}: {} → {}, {}", one.post, one.answers, one.published_at)?;
        writeln!(out, "  {}", one.text.replace('\n', "\n  "))?;
    }
    for one in details.similar.iter().flatten() {
        let end = match one.outcome {
            Some(outcome) => words.of("outcome", outcome),
            None => words.of("state", one.state),
        };
        let head = words.say("card-similar", &[]);
        writeln!(out, "\n{head}: № {} {} ({end})", one.incident, one.title)?;
        if let Some(answer) = &one.answer {
            writeln!(out, "  {}", answer.text.replace('\n', "\n  "))?;
        }
    }
    Ok(())
}
