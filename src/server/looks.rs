//! Who saw personal data that is masked for others: an entry of the journal
//! before it is shown, once an hour for the same person and matter. What was
//! written within the hour is remembered here; after a restart it is written
//! once more, which harms nobody.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::failure::Failure;
use super::permissions::Permission;
use super::visitor::Visitor;
use crate::adapters::store::commands::Command;
use crate::model::journal::READ_PERSONAL;
use crate::model::post::Post;
use crate::model::time::Timestamp;

/// A look within this time after an entry is the same look.
const SAME_LOOK_SECS: i64 = 3_600;
/// More than this is worth clearing out.
const REMEMBERED_MAX: usize = 10_000;
const WHY_MAX_CHARS: usize = 300;

/// Person, matter and question → when it was written down.
#[derive(Debug, Default)]
pub struct Looks {
    written: Mutex<BTreeMap<(String, String, String), Timestamp>>,
}

impl Looks {
    fn is_written(&self, look: &(String, String, String), now: Timestamp) -> bool {
        let written = self.written.lock().ok();
        let at = written.and_then(|written| written.get(look).copied());
        at.is_some_and(|at| is_same_look(at, now))
    }

    fn remember(&self, look: (String, String, String), now: Timestamp) {
        let Ok(mut written) = self.written.lock() else { return };
        if REMEMBERED_MAX <= written.len() {
            written.retain(|_, at| is_same_look(*at, now));
        }
        written.insert(look, now);
    }
}

fn is_same_look(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at).as_secs() < SAME_LOOK_SECS
}

/// Writes down that this person is about to see who wrote posts. `matter` is
/// the journal's subject, `why` the question that led there.
///
/// # Errors
/// Where the entry cannot be stored: what leaves no trace is not shown.
pub async fn note<'p>(
    visitor: &Visitor,
    matter: String,
    why: &str,
    mut posts: impl Iterator<Item = &'p Post>,
) -> Result<(), Failure> {
    let names_somebody = |post: &Post| post.author_name.is_some() || post.author_id.is_some();
    if !visitor.may(Permission::SeePersonal) || !posts.any(names_somebody) {
        return Ok(());
    }
    note_anyway(visitor, matter, why).await
}

/// The same for what may hold anything.
pub async fn note_anyway(visitor: &Visitor, matter: String, why: &str) -> Result<(), Failure> {
    let why: String = why.chars().take(WHY_MAX_CHARS).collect();
    let look = (visitor.person.login.clone(), matter.clone(), why.clone());
    if visitor.state.looks.is_written(&look, visitor.now) {
        return Ok(());
    }
    let mut entry = visitor.entry(READ_PERSONAL, matter);
    entry.why = why;
    visitor.state.store.write_async(Command::Journal(entry)).await?;
    visitor.state.looks.remember(look, visitor.now);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_the_same_for_an_hour() {
        let start: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let at = |secs| start.checked_add(jiff::SignedDuration::from_secs(secs)).unwrap();
        let look = |who: &str, what: &str| (who.to_owned(), what.to_owned(), String::new());
        let looks = Looks::default();
        assert!(!looks.is_written(&look("ivanova", "incident:1"), start));
        looks.remember(look("ivanova", "incident:1"), start);
        assert!(looks.is_written(&look("ivanova", "incident:1"), at(3_599)));
        assert!(!looks.is_written(&look("ivanova", "incident:1"), at(3_600)));
        assert!(!looks.is_written(&look("ivanova", "incident:2"), start));
        assert!(!looks.is_written(&look("petrov", "incident:1"), start));
    }

    #[test]
    fn what_is_an_hour_old_is_cleared_out() {
        let start: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let later = start.checked_add(jiff::SignedDuration::from_hours(2)).unwrap();
        let looks = Looks::default();
        for number in 0..REMEMBERED_MAX {
            looks.remember(("i".to_owned(), number.to_string(), String::new()), start);
        }
        looks.remember(("i".to_owned(), "new".to_owned(), String::new()), later);
        assert_eq!(looks.written.lock().unwrap().len(), 1);
    }
}
