//! The journal: who did what, when, from where; and whether its chain of
//! hashes is whole.

use askama::Template;
use axum::response::Response;

use super::chrome::Chrome;
use super::{show, with_query};
use crate::adapters::store::read::Verification;
use crate::model::journal::Entry;
use crate::server::failure::Failure;
use crate::server::fields::Fields;
use crate::server::journal::filter;
use crate::server::listing::number;
use crate::server::permissions::Permission;
use crate::server::visitor::Visitor;

#[derive(Template)]
#[template(path = "journal.html")]
struct JournalPage {
    chrome: Chrome,
    lines: Vec<Line>,
    subject: String,
    actor: String,
    /// Whether the chain is whole, where it was asked for.
    chain: Option<Chain>,
    previous: Option<String>,
    next: Option<String>,
}

struct Chain {
    text: String,
    is_whole: bool,
}

struct Line {
    seq: u64,
    when: String,
    who: String,
    what: String,
    subject: String,
    /// The incident's card, where the entry is about one.
    href: Option<String>,
    why: String,
    after: String,
    origin: String,
    hash: String,
}

pub async fn page(visitor: Visitor) -> Result<Response, Failure> {
    visitor.need(Permission::SeeJournal)?;
    let query = visitor.here.split_once('?').map_or("", |(_, query)| query);
    let fields = Fields::parse(query.as_bytes());
    let filter = filter(&visitor, &fields)?;
    let limit = filter.limit;
    let verify = fields.get("verify") == "1";
    let (entries, verification) = visitor
        .state
        .store
        .read_async(move |reader| {
            let verification = verify.then(|| reader.verify_journal()).transpose()?;
            Ok((reader.journal(&filter)?, verification))
        })
        .await?;
    let page = number(&fields, "page")?.unwrap_or(1).max(1);
    let to = |page: usize| with_query(&visitor.here, &[("page", page.to_string())]);
    let view = JournalPage {
        chrome: Chrome::new(&visitor, visitor.words.t("nav-journal")),
        previous: (1 < page).then(|| to(page - 1)),
        next: (entries.len() == limit).then(|| to(page + 1)),
        lines: entries.iter().map(|entry| line(&visitor, entry)).collect(),
        subject: fields.get("subject").to_owned(),
        actor: fields.get("actor").to_owned(),
        chain: verification.map(|found| chain(&visitor, &found)),
    };
    show(&view)
}

fn chain(visitor: &Visitor, found: &Verification) -> Chain {
    let words = &visitor.words;
    match found {
        Verification::Whole { entries, .. } => {
            Chain { text: words.n("journal-whole", *entries), is_whole: true }
        }
        Verification::Broken { seq, .. } => {
            Chain { text: words.n("journal-broken", *seq), is_whole: false }
        }
    }
}

fn line(visitor: &Visitor, entry: &Entry) -> Line {
    let found = &entry.entry;
    let case = found.subject.strip_prefix("incident:");
    Line {
        seq: entry.seq,
        when: visitor.words.moment(found.at, visitor.now),
        who: found.actor.clone(),
        what: visitor.words.of("history", &found.action),
        subject: found.subject.clone(),
        href: case.map(|id| format!("/incidents/{id}")),
        why: found.why.clone(),
        after: found.after.clone(),
        origin: found.origin.clone(),
        hash: entry.hash.chars().take(12).collect(),
    }
}
