//! Every closed vocabulary that people meet has its words in both languages.
//! `every!` names all variants of an enum and does not compile when one is
//! missing; names that are texts in the code are found in the code.

use std::collections::BTreeSet;
use std::path::Path;

use otklik::adapters::connector::error::ErrorClass;
use otklik::adapters::search::query::QueryProblem;
use otklik::model::action::Decision;
use otklik::model::answer::AnswerKind;
use otklik::model::clock::{ClockKind, Notify};
use otklik::model::finding::PostKind;
use otklik::model::gap::Lack;
use otklik::model::incident::{Apart, AssignmentKind, Outcome, State};
use otklik::model::notice::{NoticeKind, SendState, Trouble};
use otklik::model::person::Role;
use otklik::model::source::Outcome as PollOutcome;
use otklik::model::topic::{Scale, SignalKind};
use otklik::rules::lifecycle::Refusal;
use otklik::rules::ruleset::Part;
use otklik::rules::stream_rules::REASONS;
use otklik::rules::text::language;
use otklik::rules::wording::Wording;

use crate::layers::sources;

/// Where texts are asked for by their keys.
const FACES: [&str; 3] = ["src/server", "src/cli", "src/app"];

macro_rules! every {
    ($kind:ident: $($variant:ident)*) => {{
        // A variant that is not named above ends the build here.
        let _complete = |one: $kind| match one {
            $($kind::$variant => (),)*
        };
        [$($kind::$variant),*]
    }};
}

/// Fails with every code of the area that has no words.
#[track_caller]
fn check(area: &str, codes: impl IntoIterator<Item = impl AsRef<str>>) {
    let wording = Wording::new();
    let keys: Vec<String> = codes
        .into_iter()
        .map(|code| format!("{area}-{}", code.as_ref().replace('_', "-")))
        .collect();
    assert!(!keys.is_empty(), "nothing was found for {area}");
    let missing: Vec<&String> = keys.iter().filter(|key| !wording.has(key)).collect();
    assert!(missing.is_empty(), "no words for {missing:?}");
}

#[test]
fn parts_of_a_score() {
    let parts = Part::ALL.into_iter();
    check("part", parts.map(Part::name));
}

#[test]
fn incidents() {
    let states = every!(State: New Assigned InWork AnsweredInterim AnsweredFinal Closed Joined);
    assert_eq!(states, State::ALL);
    check("state", states.map(State::as_str));
    check("outcome", every!(Outcome: Solved Explained Deferred Rejected).map(Outcome::as_str));
    check("scale", every!(Scale: Local Municipal Regional).map(Scale::as_str));
    check("risk", ["1", "2", "3", "4", "5"]);
    let reasons =
        every!(AssignmentKind: Founded Family Joined Thread Area Merged PersonJoined PersonSplit);
    check("reason", reasons.map(AssignmentKind::as_str));
    check("apart", every!(Apart: Place Matter Vague Rival).map(Apart::as_str));
    let clocks = every!(ClockKind: Take FirstAnswer FinalAnswer);
    assert_eq!(clocks, ClockKind::ALL);
    check("clock", clocks.map(ClockKind::as_str));
    check("answer", every!(AnswerKind: Interim Final).map(AnswerKind::as_str));
}

#[test]
fn readings() {
    let signals = every!(SignalKind: Complaint Question Advert News Greeting Gratitude Talk
        Opinion Manner);
    check("signal", signals.map(SignalKind::as_str));
    let kinds = every!(PostKind: Complaint Question Gratitude Announcement Opinion Other);
    assert_eq!(kinds, PostKind::ALL);
    check("kind", kinds.map(PostKind::as_str));
    check("post-language", language::codes().map(str::to_lowercase));
    let weights: toml::Value = toml::from_str(&read("keywords/_weights.toml")).unwrap();
    check("mark", weights["matching"]["marks"].as_table().unwrap().keys());
    check("mark", ["topic_named", "topic_hinted"]);
    let places =
        ["src/rules/places/resolve.rs", "src/rules/places/objects.rs", "src/rules/places/mod.rs"];
    check(
        "because",
        places.iter().flat_map(|path| literals(&read(path), "\"")).filter(|text| {
            text.contains('_') && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase())
        }),
    );
}

#[test]
fn people_and_notices() {
    let roles = every!(Role: Administrator Coordinator Official Approver Analyst Oversight System);
    assert_eq!(roles, Role::ALL);
    check("role", roles.map(Role::as_str));
    let kinds =
        every!(NoticeKind: Assigned Withdrawn Reopened Reminder Escalation Unreachable Service);
    assert_eq!(kinds, NoticeKind::ALL);
    check("notice-kind", kinds.map(NoticeKind::as_str));
    check("notice-subject", kinds.map(NoticeKind::as_str));
    check("notice-opening", kinds.map(NoticeKind::as_str));
    check("send", every!(SendState: Waiting Sent Stuck Acknowledged).map(SendState::as_str));
    let notified = every!(Notify: Coordinator Head Administrator Oversight);
    check("recipient", notified.map(Notify::as_str).into_iter().chain(["body", "person"]));
    let troubles = every!(Trouble: NoMailServer BadAddress Timeout NoConnection NoTls NotLetIn
        AsksToWait Failed Refused NoSecret Inside Internal);
    assert_eq!(troubles, Trouble::ALL);
    check("send-trouble", troubles.map(Trouble::as_str));
}

#[test]
fn sources_and_stages() {
    let outcomes = every!(PollOutcome: New NothingNew Refused Failed);
    check("source-outcome", outcomes.map(PollOutcome::as_str));
    let lacks = every!(Lack: Memory End Results NoWay NoBeginning Unreadable Comments
        ToldOnce Removed);
    check("gap-lack", lacks.map(Lack::as_str));
    let classes = every!(ErrorClass: RateLimited Quota Unauthorised Captcha Forbidden Gone Config
        Unavailable Malformed);
    assert_eq!(classes, ErrorClass::ALL);
    check("poll-trouble", classes.map(ErrorClass::as_str));
    check("stream-left-out", REASONS.into_iter().chain(["refused"]));
    check("stage", found_after(&["run_on_thread(\"", "run_as_task(\""]));
}

#[test]
fn what_is_refused() {
    let wording = Wording::new();
    let refusals = every!(Refusal: NotYetAssigned AlreadyAssigned AlreadyInWork AlreadyAnswered
        AlreadyClosed NotClosed PartOfAnother);
    assert!(refusals.iter().all(|refusal| wording.has(refusal.key())));
    check("refusal", found_after(&["\"refusal-"]));
    let text = String::new;
    let problems = [
        QueryProblem::TooLong,
        QueryProblem::TooManyParts,
        QueryProblem::UnknownField(text()),
        QueryProblem::NoValue(text()),
        QueryProblem::UnknownValue { field: text(), value: text() },
        QueryProblem::NotADate(text()),
        QueryProblem::UnclosedQuote,
        QueryProblem::Nothing,
    ];
    for problem in problems {
        match problem {
            QueryProblem::TooLong | QueryProblem::TooManyParts | QueryProblem::UnknownField(_) => {}
            QueryProblem::NoValue(_) | QueryProblem::UnknownValue { .. } => {}
            QueryProblem::NotADate(_) | QueryProblem::UnclosedQuote | QueryProblem::Nothing => {}
        }
        assert!(wording.has(problem.key()), "{}", problem.key());
    }
}

#[test]
fn history_and_journal() {
    check("history", Decision::NAMES);
    let written = [".entry(\"", ".journal(\"", "action: \"", "READ_PERSONAL: &str = \""];
    let mut told = found_after(&written);
    // Filled in by whoever asked for it.
    told.remove("");
    told.extend(
        literals(&read("src/cli/user.rs"), "\"user_").iter().map(|name| format!("user_{name}")),
    );
    told.extend(["source_pause", "source_resume", "reload"].map(str::to_owned));
    told.extend(["alarm", "alarm_end"].map(str::to_owned));
    check("history", told);
}

#[test]
fn spans_of_a_deadline() {
    let files = ["src/rules/deadline/mod.rs", "src/rules/deadline/working_time.rs"];
    let words = files.iter().flat_map(|path| literals(&read(path), "\""));
    check("span", words.filter(|text| text.bytes().all(|b| b == b'_' || b.is_ascii_lowercase())));
}

/// Goal: no page and no command asks for a text that is not there.
/// Method: every key that code and templates name outright.
#[test]
fn keys_that_are_written_out() {
    let asked = [".t(\"", ".n(\"", ".s(\"", ".say(\"", ".about(\"", ".with(\""];
    let mut keys: BTreeSet<String> = BTreeSet::new();
    for path in FACES.into_iter().flat_map(sources) {
        let text = std::fs::read_to_string(path).unwrap();
        keys.extend(asked.iter().flat_map(|before| literals(&text, before)));
    }
    for entry in std::fs::read_dir(root().join("templates")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        keys.extend(asked.iter().flat_map(|before| literals(&text, before)));
    }
    assert!(200 < keys.len(), "{}", keys.len());
    let wording = Wording::new();
    let missing: Vec<&String> = keys.iter().filter(|key| !wording.has(key)).collect();
    assert!(missing.is_empty(), "no words for {missing:?}");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A source without its tests.
fn read(path: &str) -> String {
    let text = std::fs::read_to_string(root().join(path)).unwrap();
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()
}

/// What stands between each of these beginnings and the next quotation mark.
fn literals(text: &str, before: &str) -> Vec<String> {
    if before == "\"" {
        let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
        return lines
            .flat_map(|line| line.split('"').skip(1).step_by(2))
            .map(str::to_owned)
            .collect();
    }
    text.split(before)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

/// The same over every source that names what people meet.
fn found_after(beginnings: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in FACES.into_iter().chain(["src/pipeline", "src/model"]).flat_map(sources) {
        let text = read(path.strip_prefix(root()).unwrap().to_str().unwrap());
        found.extend(beginnings.iter().flat_map(|before| literals(&text, before)));
    }
    found
}
