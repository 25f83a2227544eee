//! What comes back again and again at one place: each with its history, the
//! newest first. The same as a table for office programs.

use askama::Template;
use axum::response::Response;

use super::chrome::Chrome;
use super::incident_parts::{body_name, territory_name, topic_name};
use super::list::{csv_answer, fields_of};
use super::show;
use super::triage::Pager;
use crate::adapters::store::commands::Command;
use crate::model::body::BodyId;
use crate::model::region::TerritoryId;
use crate::model::topic::TopicId;
use crate::rules::wording::Arg;
use crate::server::completeness;
use crate::server::completeness::WholeLine;
use crate::server::failure::Failure;
use crate::server::permissions::Permission;
use crate::server::systemic::{Asked, within_reach};
use crate::server::visitor::Visitor;
use crate::views::systemic::{SystemicView, TimeView};

const NOTHING: &str = "–";

#[derive(Template)]
#[template(path = "systemic.html")]
struct SystemicPage {
    chrome: Chrome,
    /// When something is systemic.
    how: String,
    problems: Vec<ProblemPart>,
    pager: Pager,
    csv: Option<String>,
    empty: String,
    /// That the incident asked about is part of none.
    lost: Option<String>,
    whole: WholeLine,
}

struct ProblemPart {
    number: u64,
    /// Of the incident that was asked about.
    is_asked: bool,
    title: String,
    topic: String,
    place: String,
    territory: String,
    /// «3 раза за сезон».
    times: String,
    since: String,
    lines: Vec<TimeLine>,
    /// Beyond the visitor's reach.
    others: Option<String>,
}

struct TimeLine {
    number: u64,
    is_asked: bool,
    in_season: bool,
    opened: String,
    closed: String,
    body: String,
    outcome: String,
    answered: String,
}

pub async fn page(visitor: Visitor) -> Result<Response, Failure> {
    let problems = within_reach(&visitor).await?;
    let Asked { page, limit, number } = Asked::of(&fields_of(&visitor), &problems)?;
    let first = (page - 1).saturating_mul(limit);
    let shown: Vec<ProblemPart> =
        problems.iter().skip(first).take(limit).map(|one| part(&visitor, one, number)).collect();
    let lost = number.filter(|number| !problems.iter().any(|one| one.holds(*number)));
    let (how, empty) = how(&visitor);
    let whole = completeness::now(&visitor.state).await?;
    let page = SystemicPage {
        chrome: Chrome::new(&visitor, visitor.words.t("nav-systemic")),
        how,
        pager: Pager::new(&visitor, page, limit, shown.len(), problems.len() as u64),
        problems: shown,
        csv: visitor.may(Permission::Export).then(|| "/systemic.csv".to_owned()),
        empty,
        lost: lost.map(|number| visitor.words.s("systemic-not-found", &number.to_string())),
        whole: completeness::line(&visitor.words, &whole),
    };
    show(&page)
}

/// When something is systemic, and what is said where nothing is.
fn how(visitor: &Visitor) -> (String, String) {
    let words = &visitor.words;
    let Some(weights) = visitor.ruleset.weights.grouping.systemic else {
        return (String::new(), words.t("systemic-off"));
    };
    let times = words.n("systemic-times", weights.times);
    let days = words.n("systemic-days", weights.days.unsigned_abs());
    let args = [("times", Arg::from(&times)), ("days", Arg::from(&days))];
    (words.with("systemic-how", &args), words.with("systemic-empty", &args))
}

fn part(visitor: &Visitor, problem: &SystemicView, asked: Option<u64>) -> ProblemPart {
    let words = &visitor.words;
    let territory = territory_name(visitor, problem.territory.clone().map(TerritoryId).as_ref());
    let place = match (problem.place.is_empty(), territory.is_empty()) {
        (false, _) => problem.place.clone(),
        (true, false) => territory.clone(),
        (true, true) => words.t("place-unknown"),
    };
    let numbers: Vec<String> = problem.others.iter().map(|number| format!("№ {number}")).collect();
    ProblemPart {
        number: problem.number,
        is_asked: asked.is_some_and(|number| problem.holds(number)),
        title: problem.title.clone(),
        topic: topic_name(visitor, &TopicId(problem.topic.clone())),
        territory: if territory == place { String::new() } else { territory },
        place,
        times: words.n("systemic-in-season", problem.times),
        since: words.s("systemic-since", &words.moment(problem.since, visitor.now)),
        lines: problem.incidents.iter().map(|time| line(visitor, time, asked)).collect(),
        others: (!numbers.is_empty()).then(|| words.s("systemic-others", &numbers.join(", "))),
    }
}

fn line(visitor: &Visitor, time: &TimeView, asked: Option<u64>) -> TimeLine {
    let words = &visitor.words;
    let outcome = match time.outcome {
        Some(outcome) => words.of("outcome", outcome),
        None => words.of("state", time.state),
    };
    TimeLine {
        number: time.number,
        is_asked: asked == Some(time.number),
        in_season: time.in_season,
        opened: words.moment(time.opened_at, visitor.now),
        closed: time
            .closed_at
            .map_or_else(|| NOTHING.to_owned(), |at| words.moment(at, visitor.now)),
        body: body_name(visitor, &BodyId(time.body.clone())),
        outcome,
        answered: time
            .answer_secs
            .map_or_else(|| words.t("systemic-no-answer"), |secs| words.duration(secs)),
    }
}

/// One row an incident; incidents of one problem stand together.
pub async fn csv(visitor: Visitor) -> Result<Response, Failure> {
    visitor.need(Permission::Export)?;
    let problems = within_reach(&visitor).await?;
    let mut rows = vec![CSV_COLUMNS.map(str::to_owned).to_vec()];
    rows.extend(
        problems.iter().flat_map(|problem| {
            problem.incidents.iter().map(move |time| row(problem, time).to_vec())
        }),
    );
    let mut entry = visitor.entry("export", "systemic".to_owned());
    entry.after = format!("{{\"rows\":{}}}", rows.len() - 1);
    visitor.state.store.write_async(Command::Journal(entry)).await?;
    let whole = completeness::now(&visitor.state).await?;
    Ok(csv_answer("systemic.csv", rows, &whole))
}

/// The fields of the JSON: of the problem, then of the incident.
const CSV_COLUMNS: [&str; 17] = [
    "problem",
    "title",
    "topic",
    "topic_group",
    "territory",
    "settlement",
    "place",
    "times",
    "since",
    "number",
    "in_season",
    "opened_at",
    "closed_at",
    "body",
    "state",
    "outcome",
    "answer_secs",
];

fn row(problem: &SystemicView, time: &TimeView) -> [String; CSV_COLUMNS.len()] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        problem.number.to_string(),
        problem.title.clone(),
        problem.topic.clone(),
        problem.topic_group.clone(),
        text(&problem.territory),
        text(&problem.settlement),
        problem.place.clone(),
        problem.times.to_string(),
        problem.since.to_string(),
        time.number.to_string(),
        time.in_season.to_string(),
        time.opened_at.to_string(),
        text(&time.closed_at.map(|at| at.to_string())),
        time.body.clone(),
        time.state.to_owned(),
        text(&time.outcome.map(str::to_owned)),
        text(&time.answer_secs.map(|secs| secs.to_string())),
    ]
}
