//! Drafts that wait for a second person, each beside what it answers.

use askama::Template;
use axum::response::Response;

use super::card::name_of;
use super::chrome::Chrome;
use super::incident_parts::Due;
use super::incident_parts::{due, place_text, topic_name};
use super::show;
use crate::server::failure::Failure;
use crate::server::permissions::Permission;
use crate::server::posts::veiled;
use crate::server::visitor::Visitor;

#[derive(Template)]
#[template(path = "drafts.html")]
struct DraftsPage {
    chrome: Chrome,
    drafts: Vec<DraftPart>,
}

struct DraftPart {
    number: u64,
    title: String,
    topic: String,
    place: String,
    due: Option<Due>,
    answer: u64,
    kind: String,
    text: String,
    until: Option<String>,
    by: String,
    when: String,
    is_own: bool,
    question: String,
}

pub async fn page(visitor: Visitor) -> Result<Response, Failure> {
    visitor.need(Permission::Approve)?;
    let person = visitor.person.clone();
    let (waiting, people) = visitor
        .state
        .store
        .read_async(move |reader| {
            let mut found = Vec::new();
            for (incident, answer) in reader.drafts_waiting(&person.reach)? {
                let post = reader.post(incident.founding_post)?;
                let post = post.map(|post| veiled(reader, &person, post)).transpose()?;
                found.push((incident, answer, post));
            }
            Ok((found, reader.persons()?))
        })
        .await?;
    let words = &visitor.words;
    let drafts = waiting
        .iter()
        .map(|(incident, answer, post)| DraftPart {
            number: incident.id.0,
            title: incident.title.clone(),
            topic: topic_name(&visitor, &incident.topic),
            place: place_text(&visitor, incident),
            due: due(&visitor, incident),
            answer: answer.id.0,
            kind: words.of("answer", answer.kind.as_str()),
            text: answer.text.clone(),
            until: answer.deferred_until.map(|until| words.moment(until, visitor.now)),
            by: name_of(&people, &answer.drafted_by),
            when: words.moment(answer.drafted_at, visitor.now),
            is_own: answer.drafted_by == visitor.person.login,
            question: post.as_ref().map(|post| post.post.text.clone()).unwrap_or_default(),
        })
        .collect();
    show(&DraftsPage { chrome: Chrome::new(&visitor, words.t("nav-drafts")), drafts })
}
