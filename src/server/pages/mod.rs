//! The pages that people work on, made on the server; a script only makes
//! them quicker. Each file is one screen: what it reads, what it shows.

pub mod account;
pub mod board;
pub mod callback_parts;
pub mod card;
mod chrome;
pub mod deliveries;
pub mod drafts;
pub mod entrance;
mod family_parts;
mod history;
mod incident_parts;
pub mod journal;
pub mod list;
mod post_parts;
mod reopened;
pub mod search;
pub mod sources;
pub mod statics;
mod suggestion_parts;
pub mod systemic;
mod systemic_part;
pub mod tray;
pub mod triage;
mod troubles;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

pub use self::post_parts::author as post_author;
pub use self::triage::query_of;

use super::failure::Failure;

/// A template as an answer.
fn show(page: &impl Template) -> Result<Response, Failure> {
    match page.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(error) => {
            tracing::error!("a page could not be made: {error}");
            Err(Failure::Broken)
        }
    }
}

/// A path of our own to go to, whatever a form says.
fn own_path(text: &str) -> Option<&str> {
    let is_own = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains(['\\', '\n', '\r', '\t'])
        && text.len() < 2000;
    is_own.then_some(text)
}

/// A path with further parameters.
fn with_query(path: &str, added: &[(&str, String)]) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let fields = super::fields::Fields::parse(query.as_bytes());
    let replaced: Vec<&str> = added.iter().map(|(name, _)| *name).collect();
    let kept = fields.query_without(&replaced);
    let mut query = url::form_urlencoded::Serializer::new(kept);
    for (name, value) in added {
        query.append_pair(name, value);
    }
    format!("{path}?{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_cannot_send_anybody_away() {
        for foreign in ["https://evil.example", "//evil.example", "/\\evil.example", "evil", ""] {
            assert_eq!(own_path(foreign), None, "{foreign}");
        }
        assert_eq!(own_path("/triage?view=new"), Some("/triage?view=new"));
    }

    #[test]
    fn parameters_are_replaced_not_repeated() {
        let path = with_query("/triage?view=new&done=drop", &[("done", "accept".to_owned())]);
        assert_eq!(path, "/triage?view=new&done=accept");
        assert_eq!(with_query("/tray", &[("done", "take".to_owned())]), "/tray?done=take");
    }
}
