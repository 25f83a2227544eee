//! `otklik explain POSTKEY`: the whole reason of one post, from its words to
//! its incident, in words or as JSON.

use std::io::Write;

use clap::Args;
use serde_json::{Value, json};

use crate::adapters::store::Reader;
use crate::cli::incidents::post_key;
use crate::cli::output::{Output, exit};
use crate::cli::words::Words;
use crate::model::finding::{
    Evidence, Finding, Learned, MarkMatch, Matter, TopicMatch, TopicOrigin, Verdict,
};
use crate::model::incident::{Apart, Considered, Reason, Reopens, ScorePart};
use crate::model::place::{Coordinates, Place};
use crate::model::text::Span;
use crate::pipeline::explain::{Explanation, Hinted, Made, Membership, explain};
use crate::rules::ruleset::Ruleset;
use crate::rules::wording::Arg;
use crate::views::incident::ReopensView;

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// NETWORK:NATIVE_ID, as listings print it
    #[arg(value_name = "POSTKEY")]
    pub post: String,
}

/// Prints the explanation; exit 1 where there is no such post.
pub fn run(
    args: &ExplainArgs,
    reader: &Reader,
    ruleset: &Ruleset,
    output: Output,
    words: &Words,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> anyhow::Result<u8> {
    let Some(key) = post_key(&args.post) else {
        writeln!(errors, "{}", words.say("explain-key-wanted", &[]))?;
        return Ok(exit::USAGE);
    };
    let Some(explanation) = explain(reader, ruleset, &key)? else {
        writeln!(errors, "{}", words.say("explain-no-post", &[("post", Arg::from(&args.post))]))?;
        return Ok(exit::FAILED);
    };
    match output {
        Output::Json => writeln!(out, "{}", view(&explanation, ruleset))?,
        Output::Simple => {
            for line in (Telling { words, ruleset, explanation: &explanation }).lines() {
                writeln!(out, "{line}")?;
            }
        }
    }
    Ok(exit::OK)
}

/// The explanation as JSON.
pub fn view(explanation: &Explanation, ruleset: &Ruleset) -> Value {
    let text = &explanation.post.post.text;
    let finding = &explanation.finding;
    let topic = |found: &TopicMatch| {
        let name = ruleset.topic(&found.topic).map(|(_, topic)| topic.name.ru.clone());
        json!({
            "topic": found.topic, "name": name, "group": found.group, "score": found.score,
            "evidence": found.evidence.iter().map(|one| evidence(one, text)).collect::<Vec<_>>(),
            "learned": found.learned.as_ref().map(|learned| learned_view(learned, text)),
        })
    };
    json!({
        "post": explanation.post.post.key.to_string(),
        "text": text,
        "read_again": explanation.made == Made::Now,
        "ruleset": ruleset.hash,
        "verdict": finding.verdict,
        "lang": finding.lang,
        "topics": finding.topics.iter().map(topic).collect::<Vec<_>>(),
        "matters": finding.matters.iter().map(|matter| json!({
            "topic": matter.topic, "words": words_of(&matter.spans, text), "spans": matter.spans,
        })).collect::<Vec<_>>(),
        "topic_threshold": ruleset.weights.matching.topic_threshold,
        "signals": finding.signals.iter().map(|signal| json!({
            "signal": signal.signal, "kind": signal.kind, "weight": signal.weight,
            "words": words_of(&signal.spans, text),
        })).collect::<Vec<_>>(),
        "topic_origin": finding.topic_origin,
        "kind": finding.kind,
        "concreteness": finding.concreteness,
        "marks": finding.marks.iter().map(|mark| json!({
            "mark": mark.mark, "weight": mark.weight, "words": words_of(&mark.spans, text),
        })).collect::<Vec<_>>(),
        "complaint_score": finding.complaint_score,
        "complaint_threshold": ruleset.weights.matching.complaint_threshold,
        "places": finding.places.iter().map(|place| place_view(place, text)).collect::<Vec<_>>(),
        "risks": finding.risks.iter().map(|risk| json!({
            "risk": risk.risk, "raises": risk.raises, "words": words_of(&risk.spans, text),
        })).collect::<Vec<_>>(),
        "importance": finding.importance,
        "specificity": finding.specificity,
        "memberships": explanation.memberships.iter().map(membership).collect::<Vec<_>>(),
        "hints": explanation.hints.iter().map(hinted).collect::<Vec<_>>(),
    })
}

fn evidence(evidence: &Evidence, text: &str) -> Value {
    json!({
        "keyword": evidence.keyword, "weight": evidence.weight,
        "words": words_of(&evidence.spans, text), "spans": evidence.spans,
    })
}

fn learned_view(learned: &Learned, text: &str) -> Value {
    let words = learned.words.iter().map(|word| {
        json!({
            "words": words_of(&word.spans, text), "weight": word.weight, "spans": word.spans,
        })
    });
    json!({ "certainty": learned.certainty, "words": words.collect::<Vec<_>>() })
}

fn place_view(place: &Place, text: &str) -> Value {
    json!({
        "territory": place.territory, "settlement": place.settlement,
        "street_kind": place.street_kind, "street": place.street, "house": place.house,
        "object": place.object, "coordinates": place.coordinates, "certainty": place.certainty, "because": place.because,
        "words": words_of(&place.spans, text),
    })
}

fn membership(membership: &Membership) -> Value {
    let reason = &membership.reason;
    let considered = reason.considered.iter().map(
        |one| json!({ "incident": one.incident, "score": one.score, "parts": parts(&one.parts) }),
    );
    json!({
        "incident": membership.incident,
        "kind": reason.kind.as_str(),
        "score": reason.score,
        "parts": parts(&reason.parts),
        "nearest": reason.nearest,
        "considered": considered.collect::<Vec<_>>(),
        "repeat": reason.repeat.as_ref().map(
            |one| json!({ "incident": one.incident, "score": one.score, "parts": parts(&one.parts) }),
        ),
        "reopens": reason.reopens.as_ref().map(ReopensView::new),
        "apart": reason.apart.map(Apart::as_str),
        "ended_by": membership.ended_by,
    })
}

fn hinted(one: &Hinted) -> Value {
    let hint = &one.hint;
    json!({
        "kind": hint.kind.as_str(), "other": one.other, "incident": one.incident,
        "score": hint.score, "parts": parts(&hint.parts),
        "other_score": hint.other_score, "other_parts": parts(&hint.other_parts),
    })
}

fn parts(parts: &[ScorePart]) -> Vec<Value> {
    let part = |part: &ScorePart| {
        json!({
            "name": part.name, "value": part.value, "weight": part.weight, "text": part.text,
        })
    };
    parts.iter().map(part).collect()
}

fn words_of(spans: &[Span], text: &str) -> Vec<String> {
    spans.iter().map(|span| span.of(text).to_owned()).collect()
}

/// The explanation line by line.
struct Telling<'e> {
    words: &'e Words,
    ruleset: &'e Ruleset,
    explanation: &'e Explanation,
}

impl Telling<'_> {
    fn lines(&self) -> Vec<String> {
        let mut lines = self.head();
        lines.extend(self.verdict());
        lines.extend(self.topics());
        lines.extend(self.signals());
        lines.extend(self.places());
        lines.extend(self.weight());
        lines.extend(self.memberships());
        lines.extend(self.hints());
        lines
    }

    fn say(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.words.say(key, args)
    }

    fn finding(&self) -> &Finding {
        &self.explanation.finding
    }

    /// Found words in quotes, those of one place in the text once.
    fn quoted(&self, spans: &[Span]) -> String {
        let text = &self.explanation.post.post.text;
        let words: Vec<String> = spans.iter().map(|span| format!("«{}»", span.of(text))).collect();
        words.join(", ")
    }

    fn head(&self) -> Vec<String> {
        let post = &self.explanation.post.post;
        let key = post.key.to_string();
        let mut lines = vec![self.say("explain-post", &[("post", Arg::from(&key))])];
        lines.extend(post.text.lines().map(|line| format!("  {line}")));
        if self.explanation.made == Made::Now {
            lines.push(self.say("explain-read-again", &[]));
        }
        lines
    }

    fn verdict(&self) -> Vec<String> {
        let weights = &self.ruleset.weights.matching;
        let topic = number(weights.topic_threshold);
        let complaint = number(weights.complaint_threshold);
        let score = number(self.finding().complaint_score);
        let (key, args): (&str, Vec<(&str, Arg<'_>)>) = match self.finding().verdict {
            Verdict::Matched => match self.finding().topic_origin {
                TopicOrigin::Words => ("explain-verdict-matched", Vec::new()),
                TopicOrigin::Above => ("explain-verdict-matched-above", Vec::new()),
                TopicOrigin::General => ("explain-verdict-matched-general", Vec::new()),
            },
            Verdict::NoTopic => (
                "explain-verdict-no-topic",
                vec![
                    ("topic", Arg::from(&topic)),
                    ("score", Arg::from(&score)),
                    ("threshold", Arg::from(&complaint)),
                ],
            ),
            Verdict::NotAComplaint => (
                "explain-verdict-not-a-complaint",
                vec![("score", Arg::from(&score)), ("threshold", Arg::from(&complaint))],
            ),
            Verdict::OwnAccount => ("explain-verdict-own-account", Vec::new()),
            Verdict::Empty => ("explain-verdict-empty", Vec::new()),
        };
        let mut lines = vec![String::new(), self.say(key, &args)];
        lines.extend(self.kind());
        lines.push(self.language());
        lines.extend(self.matters());
        lines
    }

    /// What kind of post it is, and how surely it is about a concrete matter.
    fn kind(&self) -> Option<String> {
        let finding = self.finding();
        let kind = self.words.of("kind", finding.kind?.as_str());
        let (concreteness, score) = (number(finding.concreteness), number(finding.complaint_score));
        let threshold = number(self.ruleset.weights.matching.complaint_threshold);
        let args = [
            ("kind", Arg::from(&kind)),
            ("concreteness", Arg::from(&concreteness)),
            ("score", Arg::from(&score)),
            ("threshold", Arg::from(&threshold)),
        ];
        Some(self.say("explain-kind", &args))
    }

    fn language(&self) -> String {
        let language = self.words.of("post-language", &self.finding().lang.to_lowercase());
        self.words.about("post-language", &language)
    }

    /// Where each matter is told, in a post that has several.
    fn matters(&self) -> Vec<String> {
        let matters = &self.finding().matters;
        let line = |matter: &Matter| {
            let topic = self.ruleset.topic(&matter.topic);
            let topic = topic.map(|(_, topic)| self.words.name(&topic.name));
            let words = self.quoted(&matter.spans);
            let args = [
                ("topic", Arg::from(topic.unwrap_or(&matter.topic.0))),
                ("words", Arg::from(&words)),
            ];
            self.say("explain-matter", &args)
        };
        matters.iter().filter(|_| 1 < matters.len()).map(line).collect()
    }

    fn topics(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for found in &self.finding().topics {
            let name =
                self.ruleset.topic(&found.topic).map(|(_, topic)| self.words.name(&topic.name));
            let score = number(found.score);
            let args = [
                ("topic", Arg::from(name.unwrap_or(&found.topic.0))),
                ("score", Arg::from(&score)),
            ];
            lines.push(self.say("explain-topic", &args));
            for one in &found.evidence {
                let (words, weight) = (self.quoted(&one.spans), number(one.weight));
                let args = [
                    ("words", Arg::from(&words)),
                    ("keyword", Arg::from(&one.keyword)),
                    ("weight", Arg::from(&weight)),
                ];
                lines.push(format!("  {}", self.say("explain-evidence", &args)));
            }
            lines.extend(found.learned.iter().flat_map(|learned| self.learned(learned)));
        }
        lines
    }

    fn learned(&self, learned: &Learned) -> Vec<String> {
        let certainty = number(learned.certainty);
        let head = self.say("explain-learned", &[("certainty", Arg::from(&certainty))]);
        let words = learned.words.iter().map(|word| {
            let (words, weight) = (self.quoted(&word.spans), number(word.weight));
            let args = [("words", Arg::from(&words)), ("weight", Arg::from(&weight))];
            format!("    {}", self.say("explain-learned-word", &args))
        });
        std::iter::once(format!("  {head}")).chain(words).collect()
    }

    fn signals(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for signal in &self.finding().signals {
            let kind = self.words.of("signal", signal.kind.as_str());
            let adds = if signal.kind.is_for() { signal.weight } else { -signal.weight };
            let (words, weight) = (self.quoted(&signal.spans), format!("{adds:+.2}"));
            let args = [
                ("kind", Arg::from(&kind)),
                ("words", Arg::from(&words)),
                ("weight", Arg::from(&weight)),
            ];
            lines.push(self.say("explain-signal", &args));
        }
        lines.extend(self.finding().marks.iter().map(|mark| self.mark(mark)));
        lines
    }

    fn mark(&self, mark: &MarkMatch) -> String {
        let name = self.words.of("mark", &mark.mark);
        let (words, weight) = (self.quoted(&mark.spans), format!("{:+.2}", mark.weight));
        let gap = if words.is_empty() { "" } else { ": " };
        let args = [
            ("mark", Arg::from(&name)),
            ("words", Arg::from(&words)),
            ("gap", Arg::from(gap)),
            ("weight", Arg::from(&weight)),
        ];
        self.say("explain-mark", &args)
    }

    fn places(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for place in &self.finding().places {
            let (line, certainty) = (place_line(place), number(place.certainty));
            let words = self.quoted(&place.spans);
            let because = self.words.of("because", &place.because);
            let args = [
                ("place", Arg::from(&line)),
                ("because", Arg::from(&because)),
                ("words", Arg::from(&words)),
                ("certainty", Arg::from(&certainty)),
            ];
            lines.push(self.say("explain-place", &args));
            lines.extend(place.coordinates.map(|one| self.coordinates(one)));
        }
        if lines.is_empty() {
            lines.push(self.say("explain-no-place", &[]));
        }
        lines
    }

    fn coordinates(&self, coordinates: Coordinates) -> String {
        let of = self.words.of("place-part", coordinates.of.as_str());
        let line = coordinates.line();
        let args = [("line", Arg::from(&line)), ("of", Arg::from(&of))];
        format!("  {}", self.say("explain-coordinates", &args))
    }

    fn weight(&self) -> Vec<String> {
        let finding = self.finding();
        let specificity = number(finding.specificity);
        let mut lines = Vec::new();
        for risk in &finding.risks {
            let known = self.ruleset.risks.iter().find(|one| one.id == risk.risk);
            let name = known.map_or(risk.risk.as_str(), |one| self.words.name(&one.name));
            let words = self.quoted(&risk.spans);
            let args = [
                ("risk", Arg::from(name)),
                ("words", Arg::from(&words)),
                ("raises", Arg::from(u32::from(risk.raises))),
            ];
            lines.push(self.say("explain-risk", &args));
        }
        let args = [
            ("importance", Arg::from(u32::from(finding.importance))),
            ("specificity", Arg::from(&specificity)),
        ];
        lines.push(self.say("explain-weight", &args));
        lines
    }

    fn memberships(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for membership in &self.explanation.memberships {
            let kind = self.words.of("reason", membership.reason.kind.as_str());
            let score = number(membership.reason.score);
            let args = [
                ("number", Arg::from(membership.incident.0)),
                ("kind", Arg::from(&kind)),
                ("score", Arg::from(&score)),
            ];
            lines.extend([String::new(), self.say("explain-incident", &args)]);
            lines.extend(self.reason(&membership.reason));
            if let Some(decision) = membership.ended_by {
                let args = [("action", Arg::from(decision.0))];
                lines.push(format!("  {}", self.say("explain-ended", &args)));
            }
        }
        if lines.is_empty() && self.finding().verdict == Verdict::Matched {
            lines.extend([String::new(), self.say("explain-not-grouped-yet", &[])]);
        }
        lines
    }

    fn reason(&self, reason: &Reason) -> Vec<String> {
        let mut lines: Vec<String> =
            reason.parts.iter().map(|part| format!("  {}", self.part(part))).collect();
        let weights = &self.ruleset.weights.grouping;
        for Considered { incident, score, parts } in &reason.considered {
            let (score, join) = (number(*score), number(weights.join));
            let args = [
                ("number", Arg::from(incident.0)),
                ("score", Arg::from(&score)),
                ("join", Arg::from(&join)),
            ];
            lines.push(format!("  {}", self.say("explain-considered", &args)));
            lines.extend(parts.iter().map(|part| format!("    {}", self.part(part))));
        }
        let apart = reason.apart.map(|apart| self.words.of("apart", apart.as_str()));
        lines.extend(apart.map(|why| format!("  {}", self.words.about("post-kept-apart", &why))));
        lines.extend(reason.repeat.iter().flat_map(|repeat| self.repeat(repeat)));
        lines.extend(reason.reopens.iter().map(|reopens| self.reopens(reopens)));
        lines
    }

    fn reopens(&self, reopens: &Reopens) -> String {
        let topic = self.ruleset.topic(&reopens.topic);
        let topic = topic.map(|(_, topic)| self.words.name(&topic.name));
        let after = self.words.duration(reopens.after_secs);
        let within = self.words.duration(i64::from(reopens.within_hours) * 3_600);
        let args = [
            ("after", Arg::from(&after)),
            ("topic", Arg::from(topic.unwrap_or(&reopens.topic.0))),
            ("within", Arg::from(&within)),
        ];
        let why = self.say("reopened-why", &args);
        format!("  {}", self.words.about("post-opened-again", &why))
    }

    fn hints(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for one in &self.explanation.hints {
            let why = self.words.of("hint", one.hint.kind.as_str());
            let (score, other) = (number(one.hint.score), number(one.hint.other_score));
            let there = one.incident.map(|id| id.to_string()).unwrap_or_default();
            let args = [
                ("number", Arg::from(&there)),
                ("why", Arg::from(&why)),
                ("post", Arg::from(&one.other)),
                ("score", Arg::from(&score)),
                ("other", Arg::from(&other)),
            ];
            lines.extend([String::new(), self.say("explain-hint", &args)]);
            let parts = one.hint.other_parts.iter();
            lines.extend(parts.map(|part| format!("  {}", self.part(part))));
        }
        lines
    }

    fn repeat(&self, repeat: &Considered) -> Vec<String> {
        let wanted = self.ruleset.weights.grouping.repeat.as_ref();
        let (score, wanted) = (number(repeat.score), number(wanted.map_or(0.0, |one| one.score)));
        let args = [
            ("number", Arg::from(repeat.incident.0)),
            ("score", Arg::from(&score)),
            ("wanted", Arg::from(&wanted)),
        ];
        let head = format!("  {}", self.say("explain-repeat", &args));
        let parts = repeat.parts.iter().map(|part| format!("    {}", self.part(part)));
        std::iter::once(head).chain(parts).collect()
    }

    /// «+1.20 та же улица: Ленина».
    fn part(&self, part: &ScorePart) -> String {
        let name = self.words.of("part", &part.name);
        let text = if part.text.is_empty() { String::new() } else { format!(": {}", part.text) };
        format!("{:+.2} {name}{text}", part.value * part.weight)
    }
}

fn number(value: f64) -> String {
    format!("{value:.2}")
}

/// From wide to narrow.
fn place_line(place: &Place) -> String {
    let territory = place.territory.as_ref().map(|id| id.0.clone());
    let parts = [territory, place.settlement.clone()].into_iter().chain(place.address());
    parts.flatten().collect::<Vec<_>>().join(", ")
}
