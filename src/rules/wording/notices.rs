//! What a notice says: what happened, where, until when, how many people, and
//! where to answer. Plain text, and nothing about the authors of the posts:
//! a notice leaves the program and cannot be taken back.

use jiff::tz::TimeZone;

use crate::model::alarm::AlarmKind;
use crate::model::clock::ClockKind;
use crate::model::notice::NoticeKind;
use crate::model::time::Timestamp;

use super::{Arg, Lang, Wording};

/// What a notice is told about an incident.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeFacts<'n> {
    pub kind: NoticeKind,
    pub number: u64,
    /// The topic's name in the notice's language.
    pub topic: &'n str,
    /// The body's name in the notice's language.
    pub body: &'n str,
    /// Settlement, street, house; empty where nothing is known.
    pub place: &'n str,
    pub due_at: Option<Timestamp>,
    pub clock: ClockKind,
    pub posts: u32,
    pub authors: u32,
    pub link: &'n str,
    /// Who could not be told, in a notice about that.
    pub unreachable: &'n str,
}

/// What a notice is told about sources that are not read.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceFacts<'n> {
    pub kind: AlarmKind,
    pub names: &'n [String],
    pub since: Timestamp,
    pub link: &'n str,
}

/// Names that are listed; the page has the others.
const NAMES_MAX: usize = 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeText {
    /// One line.
    pub subject: String,
    pub body: String,
}

impl Wording {
    pub fn notice(
        &self,
        lang: Lang,
        facts: &NoticeFacts<'_>,
        zone: &TimeZone,
        now: Timestamp,
    ) -> NoticeText {
        let kind = facts.kind.as_str();
        let nowhere = self.text(lang, "notice-place-unknown", &[]);
        let place = if facts.place.is_empty() { &nowhere } else { facts.place };
        let number = facts.number.to_string();
        let subject = self.text(
            lang,
            &format!("notice-subject-{kind}"),
            &[
                ("number", Arg::Text(&number)),
                ("topic", Arg::Text(facts.topic)),
                ("place", Arg::Text(place)),
            ],
        );
        let mut lines = vec![self.opening(lang, facts), String::new()];
        lines.push(self.text(lang, "notice-what", &[("topic", Arg::Text(facts.topic))]));
        lines.push(self.text(lang, "notice-where", &[("place", Arg::Text(place))]));
        lines.push(self.text(lang, "notice-body", &[("body", Arg::Text(facts.body))]));
        lines.extend(facts.due_at.map(|due| self.due_line(lang, facts.clock, due, zone, now)));
        let people = [("posts", Arg::from(facts.posts)), ("authors", Arg::from(facts.authors))];
        lines.push(self.text(lang, "notice-people", &people));
        lines.push(self.text(lang, "notice-link", &[("link", Arg::Text(facts.link))]));
        lines.extend([String::new(), self.text(lang, "notice-footer", &[])]);
        NoticeText { subject: one_line(&subject), body: lines.join("\n") }
    }

    /// A notice about the reading of sources: what is wrong, with which, since
    /// when, and what to do.
    pub fn service_notice(
        &self,
        lang: Lang,
        facts: &ServiceFacts<'_>,
        zone: &TimeZone,
        now: Timestamp,
    ) -> NoticeText {
        let kind = facts.kind.as_str();
        let what = self.text(lang, &format!("alarm-{kind}"), &[]);
        let count = Arg::from(facts.names.len() as u64);
        let subject = self.text(
            lang,
            "notice-subject-service",
            &[("what", Arg::Text(&what)), ("count", count)],
        );
        let since = self.moment(lang, facts.since, zone, now);
        let mut lines = vec![
            self.text(lang, "notice-opening-service", &[]),
            String::new(),
            self.text(
                lang,
                "notice-service-what",
                &[("what", Arg::Text(&what)), ("since", Arg::Text(&since))],
            ),
        ];
        lines.extend(facts.names.iter().take(NAMES_MAX).map(|name| format!("  {name}")));
        let more = facts.names.len().saturating_sub(NAMES_MAX) as u64;
        if 0 < more {
            lines.push(self.text(lang, "notice-service-more", &[("count", Arg::from(more))]));
        }
        lines.push(String::new());
        lines.push(self.text(lang, &format!("alarm-do-{kind}"), &[]));
        lines.push(self.text(lang, "notice-link", &[("link", Arg::Text(facts.link))]));
        lines.extend([String::new(), self.text(lang, "notice-footer", &[])]);
        NoticeText { subject: one_line(&subject), body: lines.join("\n") }
    }

    fn opening(&self, lang: Lang, facts: &NoticeFacts<'_>) -> String {
        let key = format!("notice-opening-{}", facts.kind.as_str());
        match facts.kind {
            NoticeKind::Unreachable => {
                self.text(lang, &key, &[("recipient", Arg::Text(facts.unreachable))])
            }
            NoticeKind::Assigned
            | NoticeKind::Withdrawn
            | NoticeKind::Reopened
            | NoticeKind::Reminder
            | NoticeKind::Escalation
            | NoticeKind::Service => self.text(lang, &key, &[]),
        }
    }

    fn due_line(
        &self,
        lang: Lang,
        clock: ClockKind,
        due: Timestamp,
        zone: &TimeZone,
        now: Timestamp,
    ) -> String {
        let key = match clock {
            ClockKind::Take => "notice-due-take",
            ClockKind::FirstAnswer => "notice-due-first",
            ClockKind::FinalAnswer => "notice-due-final",
        };
        let moment = self.moment(lang, due, zone, now);
        let left = self.until(lang, due, now);
        self.text(lang, key, &[("due", Arg::Text(&moment)), ("left", Arg::Text(&left))])
    }
}

/// A subject is a header: a line break in it would begin another header.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
