//! From phrases found to a conclusion: topics with their scores, what kind of
//! post it is, how dangerous. All numbers come from `_weights.toml`.

use std::cmp::Reverse;

use crate::model::finding::{
    Evidence, Finding, MarkMatch, RiskMatch, SignalMatch, TopicMatch, TopicOrigin, Verdict,
};
use crate::model::post::Post;
use crate::model::text::Span;
use crate::model::topic::SignalKind;
use crate::rules::text::tokens::Token;

use super::{Fired, Matcher, Owner, Role, Use, kind, marks, spans};

/// Importance of a post without a topic, and the highest there is.
const IMPORTANCE_MIN: u8 = 1;
const IMPORTANCE_MAX: u8 = 5;

/// Sentences between a hint and the complaint that makes it count.
const HINT_REACH: u32 = 1;

/// The raw score at which a topic's score is one half.
const HALF_SURE: f64 = 0.5;

/// A topic with what decides between it and another.
struct Ranked {
    topic: TopicMatch,
    raw: f64,
    importance: u8,
    /// Bytes of the words that speak for it.
    covered: u32,
}

/// All that was heard for one topic, signal or risk.
struct Said<'h> {
    owner: Owner,
    heard: &'h [Fired],
    tokens: &'h [Token],
}

impl Said<'_> {
    /// Where it was heard.
    fn spans(&self) -> Vec<Span> {
        told(self.heard, self.tokens)
    }
}

/// Where phrases were heard: «прошу» within «прошу вас» is told once.
fn told<'h>(heard: impl IntoIterator<Item = &'h Fired>, tokens: &[Token]) -> Vec<Span> {
    let mut spans: Vec<Span> = heard.into_iter().flat_map(|heard| spans(heard, tokens)).collect();
    spans.sort_unstable_by_key(|span| (span.start, Reverse(span.end)));
    let mut reached = 0;
    spans.retain(|span| {
        let is_further = reached < span.end;
        reached = reached.max(span.end);
        is_further
    });
    spans
}

/// Whether words that tell of a danger are a manner of speaking: one that holds
/// them all, or shares a word with them and stands as close together or closer.
/// «Светофор умер, люди бегут» tells of the light, «человек умер, лифт стоял» of
/// the man.
fn is_only_said(danger: &Fired, figure: &Fired, tokens: &[Token]) -> bool {
    if figure.sentence != danger.sentence {
        return false;
    }
    let overlap = |one: (u32, u32), other: (u32, u32)| one.0 < other.1 && other.0 < one.1;
    let is_shared = |one: &(u32, u32)| figure.ranges.iter().any(|other| overlap(*one, other));
    let words = danger.ranges.iter().count();
    let shared = danger.ranges.iter().filter(is_shared).count();
    shared == words || (0 < shared && between(figure, tokens) <= between(danger, tokens))
}

/// Bytes that stand between the words of a phrase: a comma holds them apart.
fn between(heard: &Fired, tokens: &[Token]) -> u32 {
    let gap = |(one, next): (Span, Span)| next.start.saturating_sub(one.end);
    spans(heard, tokens).zip(spans(heard, tokens).skip(1)).map(gap).sum()
}

impl Matcher {
    pub(super) fn conclude(&self, post: &Post, tokens: &[Token], heard: &[Fired]) -> Finding {
        let said = self.said(heard, tokens);
        let signals = self.signal_matches(&said);
        let ranked = self.ranked(&said);
        let topic = self.topic_mark(&ranked).into_iter();
        let marks: Vec<MarkMatch> =
            topic.chain(marks::marks(post, tokens, &self.weights.marks)).collect();
        let risks = self.risk_matches(&said);
        let complaint_score = complaint_score(&signals, &marks);
        let above = complaint_score - self.weights.complaint_threshold;
        let is_concrete = 0.0 <= above;
        let importance = importance(ranked.first().map(|topic| topic.importance), &risks);
        let topics: Vec<TopicMatch> = ranked.into_iter().map(|ranked| ranked.topic).collect();
        let kind = kind::of(&signals, &marks, is_concrete);
        let finding = Finding {
            verdict: if topics.is_empty() { Verdict::NoTopic } else { Verdict::NotAComplaint },
            lang: String::new(),
            topics,
            topic_origin: TopicOrigin::Words,
            matters: Vec::new(),
            signals,
            marks,
            complaint_score,
            concreteness: balanced(above),
            kind: Some(kind),
            places: Vec::new(),
            risks,
            importance,
            specificity: 0.0,
        };
        if is_concrete { self.taken(finding) } else { finding }
    }

    /// A concrete post: with the general topic where its words name none.
    fn taken(&self, finding: Finding) -> Finding {
        if !finding.topics.is_empty() {
            return Finding { verdict: Verdict::Matched, ..finding };
        }
        // A ruleset without a general topic takes only what its topics name.
        let Some(rule) = self.general.map(|number| &self.topics[number]) else { return finding };
        let (topic, group) = (rule.id.clone(), rule.group.clone());
        Finding {
            verdict: Verdict::Matched,
            topics: vec![TopicMatch {
                topic,
                group,
                score: 0.0,
                evidence: Vec::new(),
                learned: None,
            }],
            topic_origin: TopicOrigin::General,
            importance: raised(rule.importance, &finding.risks),
            ..finding
        }
    }

    /// What the topics of a post add: those that a phrase names more than those
    /// that are only hinted at.
    fn topic_mark(&self, ranked: &[Ranked]) -> Option<MarkMatch> {
        let named = ranked.iter().any(|topic| topic.raw >= self.weights.phrase);
        let (mark, weight) = match named {
            true => (marks::TOPIC_NAMED, self.weights.phrase_signal),
            false => ("topic_hinted", self.weights.hint_signal),
        };
        let is_worth = !ranked.is_empty() && weight != 0.0;
        is_worth.then(|| MarkMatch { mark: mark.into(), weight, spans: Vec::new() })
    }

    /// What was heard, owner by owner in the ruleset's order, without those of
    /// whom an exclusion was heard.
    fn said<'h>(&self, heard: &'h [Fired], tokens: &'h [Token]) -> Vec<Said<'h>> {
        let role = |heard: &Fired| self.roles[heard.phrase as usize];
        // Phrases are numbered owner by owner, and come sorted.
        heard
            .chunk_by(|one, other| role(one).owner == role(other).owner)
            .filter(|heard| heard.iter().all(|one| role(one).use_ != Use::Exclude))
            .map(|heard| Said { owner: role(&heard[0]).owner, heard, tokens })
            .collect()
    }

    /// Topics of which an exclusion was heard: nothing may add them again. Asked
    /// where a model could.
    pub(super) fn refused(&self, heard: &[Fired]) -> Vec<usize> {
        match &self.ranking {
            Some(_) => self.excluded(heard),
            None => Vec::new(),
        }
    }

    pub(super) fn excluded(&self, heard: &[Fired]) -> Vec<usize> {
        let topic = |heard: &Fired| match self.roles[heard.phrase as usize] {
            Role { owner: Owner::Topic(number), use_: Use::Exclude } => Some(number),
            _ => None,
        };
        heard.iter().filter_map(topic).collect()
    }

    /// Sentences in which a complaint or a question is heard, in order.
    fn complaining(&self, said: &[Said]) -> Vec<u32> {
        let complains = |said: &&Said| match said.owner {
            Owner::Signal(number) => speaks_of_complaint(self.signals[number].kind),
            Owner::Topic(_) | Owner::Risk(_) => false,
        };
        let heard = said.iter().filter(complains).flat_map(|said| said.heard);
        let mut sentences: Vec<u32> = heard.map(|heard| heard.sentence).collect();
        sentences.sort_unstable();
        sentences
    }

    fn signal_matches(&self, said: &[Said]) -> Vec<SignalMatch> {
        let signal = |said: &Said| match said.owner {
            Owner::Signal(number) => {
                let signal = &self.signals[number];
                Some(SignalMatch {
                    signal: signal.id.clone(),
                    kind: signal.kind,
                    weight: signal.weight,
                    spans: said.spans(),
                })
            }
            Owner::Topic(_) | Owner::Risk(_) => None,
        };
        said.iter().filter_map(signal).collect()
    }

    fn risk_matches(&self, said: &[Said]) -> Vec<RiskMatch> {
        let risk = |said: &Said| match said.owner {
            Owner::Risk(number) => {
                let risk = &self.risks[number];
                let spans = told(self.dangers(said), said.tokens);
                let found = RiskMatch { risk: risk.id.clone(), raises: risk.raises, spans };
                (!found.spans.is_empty()).then_some(found)
            }
            Owner::Topic(_) | Owner::Signal(_) => None,
        };
        said.iter().filter_map(risk).collect()
    }

    /// What was heard of a danger that is meant, and not only said.
    fn dangers<'h>(&self, said: &Said<'h>) -> Vec<&'h Fired> {
        let is_figure = |one: &&Fired| self.roles[one.phrase as usize].use_ == Use::Figure;
        let (figures, mut dangers): (Vec<&Fired>, Vec<&Fired>) =
            said.heard.iter().partition(is_figure);
        dangers.retain(|danger| {
            !figures.iter().any(|figure| is_only_said(danger, figure, said.tokens))
        });
        dangers
    }

    /// Topics above the threshold, best first.
    fn ranked(&self, said: &[Said]) -> Vec<Ranked> {
        let complaining = self.complaining(said);
        let mut ranked: Vec<Ranked> = said
            .iter()
            .filter_map(|said| self.topic(said, &complaining))
            .filter(|ranked| ranked.raw >= self.weights.topic_threshold)
            .collect();
        ranked.sort_by(|one, other| {
            other
                .raw
                .total_cmp(&one.raw)
                .then(other.covered.cmp(&one.covered))
                .then(other.importance.cmp(&one.importance))
                .then_with(|| one.topic.topic.cmp(&other.topic.topic))
        });
        ranked
    }

    /// The strongest phrase or hint in full, each further one a little. A hint
    /// counts beside a complaint: in its sentence or a neighbouring one. Where a
    /// phrase of the topic was heard, its hints are further evidence anyway.
    fn topic(&self, said: &Said, complaining: &[u32]) -> Option<Ranked> {
        let Owner::Topic(number) = said.owner else { return None };
        let rule = &self.topics[number];
        let role = |heard: &Fired| self.roles[heard.phrase as usize];
        let has_phrase = said.heard.iter().any(|heard| role(heard).use_ == Use::Phrase);
        let mut evidence: Vec<Evidence> = Vec::new();
        let mut last = None;
        for heard in said.heard {
            let weight = match role(heard).use_ {
                Use::Phrase => self.weights.phrase,
                Use::Hint if has_phrase || is_beside(heard.sentence, complaining) => {
                    self.weights.hint
                }
                Use::Hint | Use::Exclude | Use::Figure => continue,
            };
            match evidence.last_mut().filter(|_| last == Some(heard.phrase)) {
                Some(evidence) => evidence.spans.extend(spans(heard, said.tokens)),
                None => {
                    let keyword = self.keywords[heard.phrase as usize].clone();
                    let spans = spans(heard, said.tokens).collect();
                    evidence.push(Evidence { keyword, spans, weight });
                }
            }
            last = Some(heard.phrase);
        }
        evidence.sort_by(|one, other| other.weight.total_cmp(&one.weight));
        let best = evidence.first()?.weight;
        let raw = best + self.weights.further_evidence * (evidence.len() - 1) as f64;
        let covered = covered(&evidence);
        let (topic, group) = (rule.id.clone(), rule.group.clone());
        let score = saturated(raw);
        let topic = TopicMatch { topic, group, score, evidence, learned: None };
        Some(Ranked { topic, raw, importance: rule.importance, covered })
    }
}

fn complaint_score(signals: &[SignalMatch], marks: &[MarkMatch]) -> f64 {
    let said: f64 = signals.iter().map(signed).sum();
    let marked: f64 = marks.iter().map(|mark| mark.weight).sum();
    // Sums of decimal weights must not miss a threshold by a rounding error.
    // The sum of nothing is a negative zero, which people read as a minus.
    ((said + marked) * 1e6).round() / 1e6 + 0.0
}

/// 0..=1, one half at 0, never quite 0 or 1.
fn balanced(above: f64) -> f64 {
    let share = 0.5 + 0.5 * above / (1.0 + above.abs());
    (share * 1000.0).round() / 1000.0
}

fn signed(signal: &SignalMatch) -> f64 {
    if signal.kind.is_for() { signal.weight } else { -signal.weight }
}

fn is_beside(sentence: u32, complaining: &[u32]) -> bool {
    let first = complaining.partition_point(|one| *one < sentence.saturating_sub(HINT_REACH));
    complaining.get(first).is_some_and(|one| *one <= sentence.saturating_add(HINT_REACH))
}

/// Hints count beside these, not beside a manner of speaking.
fn speaks_of_complaint(kind: SignalKind) -> bool {
    matches!(kind, SignalKind::Complaint | SignalKind::Question)
}

/// 0..=1, one half at `HALF_SURE`, never quite 1; plain arithmetic, so that it
/// is the same on every machine.
fn saturated(raw: f64) -> f64 {
    let square = raw * raw;
    square / (square + HALF_SURE * HALF_SURE)
}

fn covered(evidence: &[Evidence]) -> u32 {
    let mut spans: Vec<Span> =
        evidence.iter().flat_map(|evidence| evidence.spans.iter().copied()).collect();
    spans.sort_unstable();
    let (mut total, mut reached) = (0, 0);
    for span in spans {
        total += span.end.saturating_sub(span.start.max(reached));
        reached = reached.max(span.end);
    }
    total
}

/// The main topic's importance, raised by risks.
pub(super) fn importance(main: Option<u8>, risks: &[RiskMatch]) -> u8 {
    raised(main.unwrap_or(IMPORTANCE_MIN), risks)
}

/// A topic's importance with the dangers beside it.
pub(super) fn raised(importance: u8, risks: &[RiskMatch]) -> u8 {
    let sum = risks.iter().fold(importance, |sum, risk| sum.saturating_add(risk.raises));
    sum.clamp(IMPORTANCE_MIN, IMPORTANCE_MAX)
}
