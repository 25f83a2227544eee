//! Notices that could not be delivered: somebody has to look, act by another
//! way, and say so.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};

use super::chrome::Chrome;
use super::history::{DeliveryPart, delivery};
use super::show;
use crate::adapters::store::StoreError;
use crate::adapters::store::commands::Command;
use crate::model::incident::Incident;
use crate::model::notice::{NoticeKind, OutboxRow, SendState};
use crate::server::failure::Failure;
use crate::server::permissions::Permission;
use crate::server::visitor::{Signed, Visitor};

const ROWS_MAX: usize = 200;
const NOTE_MAX_CHARS: usize = 300;

#[derive(Template)]
#[template(path = "deliveries.html")]
struct DeliveriesPage {
    chrome: Chrome,
    stuck: Vec<NoticePart>,
    waiting: Vec<NoticePart>,
    can_acknowledge: bool,
}

struct NoticePart {
    id: i64,
    incident: Option<u64>,
    delivery: DeliveryPart,
}

pub async fn page(visitor: Visitor) -> Result<Response, Failure> {
    visitor.need(Permission::SeeDeliveries)?;
    let stuck = rows(&visitor, SendState::Stuck).await?;
    let waiting = rows(&visitor, SendState::Waiting).await?;
    let page = DeliveriesPage {
        chrome: Chrome::new(&visitor, visitor.words.t("nav-deliveries")),
        stuck,
        waiting,
        can_acknowledge: visitor.may(Permission::AcknowledgeDeliveries),
    };
    show(&page)
}

/// Rows of a state about incidents within reach.
async fn rows(visitor: &Visitor, state: SendState) -> Result<Vec<NoticePart>, Failure> {
    let found = visitor
        .state
        .store
        .read_async(move |reader| {
            let mut found = Vec::new();
            for row in reader.outbox_by_state(state, ROWS_MAX)? {
                let incident = reader.incident(row.notice.incident)?;
                found.push((row, incident));
            }
            Ok(found)
        })
        .await?;
    let within = |row: &OutboxRow, incident: &Option<Incident>| match incident {
        Some(incident) => visitor.may_with(Permission::SeeDeliveries, incident),
        // About the program itself: for whoever looks after its sources.
        None => row.notice.kind == NoticeKind::Service && visitor.may(Permission::SeeSources),
    };
    Ok(found
        .iter()
        .filter(|(row, incident)| within(row, incident))
        .map(|(row, _)| NoticePart {
            id: row.id,
            incident: Some(row.notice.incident.0)
                .filter(|_| row.notice.kind != NoticeKind::Service),
            delivery: delivery(visitor, row),
        })
        .collect())
}

pub async fn acknowledge(Path(id): Path<i64>, signed: Signed) -> Result<Response, Failure> {
    let visitor = signed.visitor;
    visitor.need(Permission::AcknowledgeDeliveries)?;
    let stuck = rows(&visitor, SendState::Stuck).await?;
    let row = stuck.iter().find(|row| row.id == id).ok_or(Failure::NotFound)?;
    let note: String = signed.fields.get("note").chars().take(NOTE_MAX_CHARS).collect();
    if note.is_empty() {
        return Err(Failure::invalid("note", visitor.words.t("note-needed")));
    }
    let subject = row
        .incident
        .map_or_else(|| "sources".to_owned(), |incident| format!("incident:{incident}"));
    let mut entry = visitor.entry("acknowledge_notice", subject);
    entry.why = note.clone();
    match visitor.state.store.write_async(Command::AcknowledgeNotice { id, note, entry }).await {
        Ok(_) => Ok(Redirect::to("/deliveries?done=delivery").into_response()),
        Err(StoreError::Refused(_)) => Err(Failure::NotFound),
        Err(error) => Err(error.into()),
    }
}
