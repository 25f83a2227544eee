//! Reads `keywords/*.toml` (`keywords/README.md` describes them) and says what
//! is wrong with them, with file, line and field. What is parsed here compiles:
//! the matcher never meets a phrase that it must leave out. Whether the
//! examples hold is `check`'s question.

pub mod check;
mod raw;
mod spans;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::RangeInclusive;

use serde::de::DeserializeOwned;
use toml::Spanned;

use crate::model::ruleset::{Problem, RulesetFiles, Severity};
use crate::model::topic::{Risk, Signal, Topic, TopicGroup};
use crate::rules::clustering::PAST_DAYS;
use crate::rules::matching::phrase;
use crate::rules::ranking::{self, Model, RANKING_FILE};

use super::grouping::{
    AreaWeights, CampaignWeights, GROUPING_FILE, LearnedGrouping, MergeWeights, SystemicWeights,
};
use super::{Origins, Weights};

/// What the keyword files say together.
#[derive(Debug, Default)]
pub struct Keywords {
    pub groups: Vec<TopicGroup>,
    pub forms: BTreeMap<String, Vec<String>>,
    pub signals: Vec<Signal>,
    pub risks: Vec<Risk>,
    pub weights: Option<Weights>,
    /// The general topic, if one was read.
    general: Option<String>,
    pub ranking: Option<Model>,
    grouping: Option<LearnedGrouping>,
    pub origins: Origins,
}

/// Reads every keyword file before giving up, so that one run names all mistakes.
pub fn parse_keywords(files: &RulesetFiles, problems: &mut Vec<Problem>) -> Keywords {
    let mut keywords = Keywords::default();
    for (path, text) in files.0.iter().filter(|(path, _)| path.starts_with("keywords/")) {
        let lines = line_starts(text);
        let mut file = File { path, text, lines, keywords: &mut keywords, problems };
        file.read(path.trim_start_matches("keywords/"));
    }
    if keywords.weights.is_none() && !problems.iter().any(|one| one.file.ends_with(WEIGHTS)) {
        problems.push(whole_file("keywords/_weights.toml", "the file is missing"));
    }
    let is_group = |path: &&String| path.starts_with("keywords/") && !path.contains("/_");
    if !files.0.keys().any(|path| is_group(&path)) {
        problems.push(whole_file("keywords", "there is no topic group"));
    }
    if let (Some(weights), Some(learned)) = (&mut keywords.weights, &keywords.grouping) {
        weights.grouping.taught(learned);
    }
    if let Some(weights) = &mut keywords.weights {
        weights.grouping.take_paces(keywords.groups.iter().flat_map(|group| &group.topics));
    }
    refuse_duplicates(&keywords, problems);
    name_unused_labels(&keywords, problems);
    let weights = files.0.get(&format!("keywords/{WEIGHTS}"));
    name_unknown_events(&keywords, weights.map_or("", String::as_str), problems);
    keywords
}

const WEIGHTS: &str = "_weights.toml";

fn whole_file(file: &str, message: &str) -> Problem {
    Problem {
        file: file.to_owned(),
        line: 0,
        field: String::new(),
        message: message.to_owned(),
        severity: Severity::Error,
    }
}

/// One keyword file being read.
struct File<'a> {
    path: &'a str,
    text: &'a str,
    /// Where each line begins: every topic and example is asked for its line.
    lines: Vec<usize>,
    keywords: &'a mut Keywords,
    problems: &'a mut Vec<Problem>,
}

fn line_starts(text: &str) -> Vec<usize> {
    let after_ends = text.match_indices('\n').map(|(end, _)| end + 1);
    std::iter::once(0).chain(after_ends).collect()
}

impl File<'_> {
    fn read(&mut self, name: &str) {
        match name {
            "_forms.toml" => self.forms(),
            "_signals.toml" => self.signals(),
            "_risks.toml" => self.risks(),
            WEIGHTS => self.weights(),
            _ if self.path == RANKING_FILE => self.ranking(),
            _ if self.path == GROUPING_FILE => self.grouping(),
            _ if name.starts_with('_') || !name.ends_with(".toml") => {
                self.problems.push(whole_file(self.path, "not a keyword file of a known name"));
            }
            _ => self.group(),
        }
    }

    fn weights(&mut self) {
        let Some(weights) = self.parse::<Weights>() else { return };
        // No more is remembered, whatever is asked for.
        if let Some(repeat) = &weights.grouping.repeat {
            self.within("grouping.repeat", "days", repeat.days, 1..=PAST_DAYS);
        }
        if let Some(reopen) = weights.grouping.reopen {
            self.within("grouping.reopen", "days", reopen.days, 0..=spans::DAYS_MAX);
        }
        if let Some(systemic) = weights.grouping.systemic {
            self.within("grouping.systemic", "times", systemic.times, SystemicWeights::TIMES);
            self.within("grouping.systemic", "days", systemic.days, SystemicWeights::DAYS);
        }
        if let Some(area) = &weights.grouping.area {
            self.within("grouping.area", "places", area.places, AreaWeights::PLACES);
            self.within("grouping.area", "hours", area.hours, AreaWeights::HOURS);
            self.within("grouping.area", "burst", area.burst, AreaWeights::BURST);
            self.within("grouping.area", "days", area.days, AreaWeights::DAYS);
        }
        if let Some(merge) = weights.grouping.merge {
            self.within("grouping.merge", "score", merge.score, MergeWeights::SCORE);
        }
        if let Some(campaign) = weights.grouping.campaign {
            let (authors, hours) = (campaign.authors, campaign.hours);
            self.within("grouping.campaign", "authors", authors, CampaignWeights::AUTHORS);
            self.within("grouping.campaign", "hours", hours, CampaignWeights::HOURS);
        }
        self.keywords.weights = Some(weights);
    }

    /// A number of a table must lie where it means something.
    fn within<N: PartialOrd + Display>(
        &mut self,
        table: &str,
        field: &str,
        number: N,
        range: RangeInclusive<N>,
    ) {
        if !range.contains(&number) {
            let at = self.text.find(&format!("[{table}]")).unwrap_or(0);
            let message = format!("`{field}` is {} to {}", range.start(), range.end());
            self.error(at, &format!("{table}/{field}"), &message);
        }
    }

    fn ranking(&mut self) {
        match ranking::parse(self.text) {
            Ok(model) => self.keywords.ranking = Some(model),
            Err(mistake) => self.problems.push(Problem {
                file: self.path.to_owned(),
                line: mistake.line,
                field: mistake.field.to_owned(),
                message: mistake.message,
                severity: Severity::Error,
            }),
        }
    }

    fn grouping(&mut self) {
        let learned = LearnedGrouping::parse(self.text);
        self.keywords.grouping = self.accepted(learned);
    }

    fn parse<T: DeserializeOwned>(&mut self) -> Option<T> {
        let parsed = toml::from_str(self.text);
        self.accepted(parsed)
    }

    fn accepted<T>(&mut self, parsed: Result<T, toml::de::Error>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                // The key on that line, or the table that it opens.
                let line = self.text.lines().nth(self.line(at).saturating_sub(1)).unwrap_or("");
                let key = line.split('=').next().unwrap_or("").trim().trim_matches(['[', ']']);
                self.error(at, key.trim(), error.message().trim());
                None
            }
        }
    }

    fn error(&mut self, at: usize, field: &str, message: &str) {
        self.problems.push(Problem {
            file: self.path.to_owned(),
            line: self.line(at),
            field: field.to_owned(),
            message: message.to_owned(),
            severity: Severity::Error,
        });
    }

    fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at)
    }

    fn forms(&mut self) {
        let Some(lines) = self.parse::<BTreeMap<Spanned<String>, Vec<Spanned<String>>>>() else {
            return;
        };
        for (word, forms) in lines {
            for form in std::iter::once(&word).chain(&forms) {
                let is_word = phrase::parse(form.as_ref())
                    .is_ok_and(|one| one.slots.len() == 1 && one.slots[0].len() == 1)
                    && !form.as_ref().contains(['_', '*', '=', '|']);
                if !is_word {
                    let message = format!("«{}» is not one word", form.as_ref());
                    self.error(form.span().start, word.as_ref(), &message);
                }
            }
            let forms = forms.into_iter().map(Spanned::into_inner).collect();
            self.keywords.forms.insert(word.into_inner(), forms);
        }
    }

    fn signals(&mut self) {
        let Some(file) = self.parse::<raw::Signals>() else { return };
        for signal in file.signals {
            let owner = self.owner("signal", &signal.id);
            if !signal.weight.as_ref().is_finite() || *signal.weight.as_ref() <= 0.0 {
                let at = signal.weight.span().start;
                self.error(at, &format!("{owner}/weight"), "a weight is above 0");
            }
            let signal = Signal {
                id: signal.id.into_inner(),
                kind: signal.kind,
                weight: signal.weight.into_inner(),
                phrases: self.phrases(&owner, "phrases", signal.phrases),
                exclude: self.phrases(&owner, "exclude", signal.exclude),
                matches: self.examples(&owner, "matches", signal.matches),
                ignores: self.examples(&owner, "ignores", signal.ignores),
            };
            self.keywords.signals.push(signal);
        }
    }

    fn risks(&mut self) {
        let Some(file) = self.parse::<raw::Risks>() else { return };
        for risk in file.risks {
            let owner = self.owner("risk", &risk.id);
            if !(1..=4).contains(risk.raises.as_ref()) {
                let at = risk.raises.span().start;
                self.error(at, &format!("{owner}/raises"), "`raises` is 1 to 4");
            }
            let risk = Risk {
                id: risk.id.into_inner(),
                name: risk.name,
                raises: risk.raises.into_inner(),
                phrases: self.phrases(&owner, "phrases", risk.phrases),
                exclude: self.phrases(&owner, "exclude", risk.exclude),
                figures: self.phrases(&owner, "figures", risk.figures),
                matches: self.examples(&owner, "matches", risk.matches),
                ignores: self.examples(&owner, "ignores", risk.ignores),
            };
            self.keywords.risks.push(risk);
        }
    }

    fn group(&mut self) {
        let Some(group) = self.parse::<raw::Group>() else { return };
        let owner = self.owner("group", &group.group);
        let reopen_hours = self.hours(&owner, "reopen", group.reopen);
        let topics = group.topics.into_iter().map(|topic| {
            let topic = self.topic(topic);
            Topic { reopen_hours: topic.reopen_hours.or(reopen_hours), ..topic }
        });
        let topics = topics.collect();
        let id = group.group.into_inner();
        self.keywords.groups.push(TopicGroup { id, name: group.name, topics });
    }

    fn topic(&mut self, topic: raw::Topic) -> Topic {
        let owner = self.owner("topic", &topic.id);
        if !(1..=5).contains(topic.importance.as_ref()) {
            let at = topic.importance.span().start;
            self.error(at, &format!("{owner}/importance"), "importance is 1 to 5");
        }
        if topic.general {
            self.general(&topic.id, &owner);
        } else if topic.phrases.is_empty() && topic.hints.is_empty() {
            self.error(topic.id.span().start, &owner, "a topic needs phrases or hints");
        }
        Topic {
            id: crate::model::topic::TopicId(topic.id.into_inner()),
            name: topic.name,
            importance: topic.importance.into_inner(),
            scale: topic.scale,
            phrases: self.phrases(&owner, "phrases", topic.phrases),
            hints: self.phrases(&owner, "hints", topic.hints),
            exclude: self.phrases(&owner, "exclude", topic.exclude),
            distance: topic.distance,
            reopen_hours: self.hours(&owner, "reopen", topic.reopen),
            general: topic.general,
            matches: self.examples(&owner, "matches", topic.matches),
            ignores: self.examples(&owner, "ignores", topic.ignores),
        }
    }

    /// A second general topic would never be chosen.
    fn general(&mut self, id: &Spanned<String>, owner: &str) {
        let id_before = self.keywords.general.replace(id.as_ref().clone());
        if let Some(before) = id_before {
            let message = format!("«{before}» is the general topic already");
            self.error(id.span().start, owner, &message);
        }
    }

    /// A span of hours or days, where one is written.
    fn hours(&mut self, owner: &str, field: &str, span: Option<Spanned<String>>) -> Option<u32> {
        let span = span?;
        let hours = spans::hours(span.as_ref());
        if hours.is_none() {
            let message = format!(
                "`{field}` is a number of hours or days, 366 days at most: 24h, 14d; 0h for never"
            );
            self.error(span.span().start, &format!("{owner}/{field}"), &message);
        }
        hours
    }

    /// Notes where an id stands and refuses one that is not kebab-case.
    fn owner(&mut self, kind: &str, id: &Spanned<String>) -> String {
        let owner = format!("{kind}/{}", id.as_ref());
        let is_kebab = !id.as_ref().is_empty()
            && id
                .as_ref()
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !is_kebab {
            self.error(id.span().start, &owner, "an id is latin kebab-case");
        }
        self.note(&owner, id.span().start);
        owner
    }

    fn note(&mut self, field: &str, at: usize) {
        let line = self.line(at);
        self.keywords.origins.note(field, self.path, line);
    }

    fn phrases(&mut self, owner: &str, list: &str, all: Vec<Spanned<String>>) -> Vec<String> {
        let mut seen = BTreeSet::new();
        for (number, written) in all.iter().enumerate() {
            let field = format!("{owner}/{list}/{number}");
            if let Err(error) = phrase::parse(written.as_ref()) {
                self.error(written.span().start, &field, &error.to_string());
            }
            if !seen.insert(written.as_ref()) {
                let message = format!("«{}» stands here twice", written.as_ref());
                self.error(written.span().start, &field, &message);
            }
            self.note(&field, written.span().start);
        }
        all.into_iter().map(Spanned::into_inner).collect()
    }

    fn examples(&mut self, owner: &str, list: &str, all: Vec<Spanned<String>>) -> Vec<String> {
        for (number, example) in all.iter().enumerate() {
            self.note(&format!("{owner}/{list}/{number}"), example.span().start);
        }
        all.into_iter().map(Spanned::into_inner).collect()
    }
}

/// A topic that is gone leaves a part of the model without use; learning again
/// takes it out.
fn name_unused_labels(keywords: &Keywords, problems: &mut Vec<Problem>) {
    let labels = keywords.ranking.iter().flat_map(|model| &model.labels);
    for label in labels.filter(|label| label.id != ranking::REST) {
        let mut topics = keywords.groups.iter().flat_map(|group| &group.topics);
        if !topics.any(|topic| topic.id.0 == label.id) {
            problems.push(Problem {
                file: RANKING_FILE.to_owned(),
                line: 0,
                field: format!("label/{}", label.id),
                message: "learned for a topic that is no longer there".to_owned(),
                severity: Severity::Warning,
            });
        }
    }
}

/// A slip in a topic's id would leave it out of its event unnoticed.
fn name_unknown_events(keywords: &Keywords, text: &str, problems: &mut Vec<Problem>) {
    let area = keywords.weights.iter().filter_map(|weights| weights.grouping.area.as_ref());
    for (event, id) in area.flat_map(AreaWeights::topics) {
        let mut topics = keywords.groups.iter().flat_map(|group| &group.topics);
        if !topics.any(|topic| topic.id.0 == *id) {
            let at = text.find(&format!("\"{id}\"")).unwrap_or(0);
            problems.push(Problem {
                file: format!("keywords/{WEIGHTS}"),
                line: text[..at].lines().count(),
                field: format!("grouping.area.events/{event}"),
                message: format!("there is no topic «{id}»"),
                severity: Severity::Warning,
            });
        }
    }
}

/// Ids are unique over all files; the second one is the mistake.
fn refuse_duplicates(keywords: &Keywords, problems: &mut Vec<Problem>) {
    let topics = keywords.groups.iter().flat_map(|group| &group.topics);
    let ids = (keywords.groups.iter().map(|group| format!("group/{}", group.id)))
        .chain(topics.map(|topic| format!("topic/{}", topic.id)))
        .chain(keywords.signals.iter().map(|signal| format!("signal/{}", signal.id)))
        .chain(keywords.risks.iter().map(|risk| format!("risk/{}", risk.id)));
    let mut seen = BTreeSet::new();
    for id in ids {
        if let Some(id) = seen.replace(id) {
            problems.push(keywords.origins.problem(&id, "this id is used twice"));
        }
    }
}

#[cfg(test)]
mod tests;
