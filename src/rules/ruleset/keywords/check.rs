//! Whether keywords do what their editors say: every `matches` example must
//! match, no `ignores` example may, every phrase must be able to fire, and none
//! may fire wherever anybody says anything.

use std::collections::BTreeMap;

use crate::model::finding::{Finding, Verdict};
use crate::model::post::{Network, Post, PostKey};
use crate::model::ruleset::{Problem, Severity};
use crate::model::time::Timestamp;
use crate::model::topic::TopicId;
use crate::rules::matching::phrase::{self, Phrase, Test, Tied};
use crate::rules::matching::{Matcher, WordMemo};
use crate::rules::ruleset::Ruleset;

/// A keyword that is heard in one of so many examples, whoever gave them, tells
/// nothing apart.
const EVERYWHERE: usize = 10;
/// Of fewer examples nothing can be said.
const EXAMPLES_MIN: usize = 50;

/// Runs every example and every phrase of the ruleset.
pub fn check(ruleset: &Ruleset) -> Vec<Problem> {
    let mut check = Check {
        ruleset,
        // What keywords do is asked, not what was learned beside them.
        matcher: Matcher::new(&Ruleset { ranking: None, ..ruleset.clone() }),
        memo: WordMemo::default(),
        problems: Vec::new(),
        examples: 0,
        heard: BTreeMap::new(),
    };
    check.topics();
    check.signals();
    check.risks();
    check.everywhere();
    check.problems
}

struct Check<'r> {
    ruleset: &'r Ruleset,
    matcher: Matcher,
    memo: WordMemo,
    problems: Vec<Problem>,
    /// Examples of all owners.
    examples: usize,
    /// In how many of them a keyword of a topic was heard.
    heard: BTreeMap<(TopicId, String), usize>,
}

/// Examples and phrases of one owner, whatever it is.
struct Lists<'r> {
    owner: String,
    phrases: &'r [String],
    exclude: &'r [String],
    matches: &'r [String],
    ignores: &'r [String],
}

impl<'r> Check<'r> {
    fn topics(&mut self) {
        let ruleset = self.ruleset;
        for (_, topic) in ruleset.topics() {
            let lists = Lists {
                owner: format!("topic/{}", topic.id),
                phrases: &topic.phrases,
                exclude: &topic.exclude,
                matches: &topic.matches,
                ignores: &topic.ignores,
            };
            self.lists(
                &lists,
                |finding| is_taken(finding, &topic.id),
                |finding| finding.topics.iter().any(|found| found.topic == topic.id),
            );
        }
    }

    fn signals(&mut self) {
        let ruleset = self.ruleset;
        for signal in &ruleset.signals {
            let lists = Lists {
                owner: format!("signal/{}", signal.id),
                phrases: &signal.phrases,
                exclude: &signal.exclude,
                matches: &signal.matches,
                ignores: &signal.ignores,
            };
            let has = |finding: &Finding| finding.signals.iter().any(|one| one.signal == signal.id);
            self.lists(&lists, has, has);
        }
    }

    fn risks(&mut self) {
        let ruleset = self.ruleset;
        for risk in &ruleset.risks {
            let lists = Lists {
                owner: format!("risk/{}", risk.id),
                phrases: &risk.phrases,
                exclude: &risk.exclude,
                matches: &risk.matches,
                ignores: &risk.ignores,
            };
            let has = |finding: &Finding| finding.risks.iter().any(|one| one.risk == risk.id);
            self.lists(&lists, has, has);
        }
    }

    fn lists(
        &mut self,
        lists: &Lists<'_>,
        is_taken: impl Fn(&Finding) -> bool,
        is_heard: impl Fn(&Finding) -> bool,
    ) {
        for (number, example) in lists.matches.iter().enumerate() {
            let finding = self.read_example(example);
            if !is_taken(&finding) {
                let message = format!("«{example}» must match and does not: {}", why(&finding));
                self.problem(&lists.owner, "matches", number, &message);
            }
        }
        for (number, example) in lists.ignores.iter().enumerate() {
            let finding = self.read_example(example);
            if is_taken(&finding) {
                let message = format!("«{example}» must not match and does: {}", why(&finding));
                self.problem(&lists.owner, "ignores", number, &message);
            }
        }
        for (number, written) in lists.phrases.iter().enumerate() {
            let Ok(phrase) = phrase::parse(written) else { continue };
            if !is_heard(&self.read(&spoken(&phrase))) && !self.can_fire(&phrase, &is_heard) {
                let message = match lists.exclude.is_empty() {
                    true => format!("«{written}» can never match"),
                    false => format!("«{written}» can never match: an exclusion always vetoes it"),
                };
                self.problem(&lists.owner, "phrases", number, &message);
            }
        }
    }

    /// Whether any alternative of any slot makes the phrase fire.
    fn can_fire(&mut self, phrase: &Phrase, is_heard: &impl Fn(&Finding) -> bool) -> bool {
        let variants = phrase.slots.iter().enumerate().flat_map(|(slot, alternatives)| {
            (1..alternatives.len()).map(move |alternative| (slot, alternative))
        });
        for (slot, alternative) in variants {
            let mut variant = phrase.clone();
            variant.slots[slot].swap(0, alternative);
            if is_heard(&self.read(&spoken(&variant))) {
                return true;
            }
        }
        false
    }

    fn read_example(&mut self, text: &str) -> Finding {
        let finding = self.read(text);
        self.examples += 1;
        for topic in &finding.topics {
            for evidence in &topic.evidence {
                let key = (topic.topic.clone(), evidence.keyword.clone());
                *self.heard.entry(key).or_default() += 1;
            }
        }
        finding
    }

    fn everywhere(&mut self) {
        let (ruleset, examples) = (self.ruleset, self.examples);
        for (_, topic) in ruleset.topics() {
            for (list, written) in [("phrases", &topic.phrases), ("hints", &topic.hints)] {
                for (number, written) in written.iter().enumerate() {
                    let key = (topic.id.clone(), phrase::short(written));
                    let count = self.heard.get(&key).copied().unwrap_or(0);
                    if EXAMPLES_MIN <= examples && examples < count * EVERYWHERE {
                        let field = format!("topic/{}/{list}/{number}", topic.id);
                        let message = format!(
                            "«{}» is heard in {count} of {examples} examples: it tells nothing apart",
                            key.1
                        );
                        let problem = ruleset.origins.problem(&field, &message);
                        self.problems.push(Problem { severity: Severity::Warning, ..problem });
                    }
                }
            }
        }
    }

    fn read(&mut self, text: &str) -> Finding {
        self.matcher.read(&mut self.memo, &example_post(text), None)
    }

    fn problem(&mut self, owner: &str, list: &str, number: usize, message: &str) {
        let field = format!("{owner}/{list}/{number}");
        self.problems.push(self.ruleset.origins.problem(&field, message));
    }
}

/// An example of a topic must be taken as a complaint about it, not only hold its words.
fn is_taken(finding: &Finding, topic: &TopicId) -> bool {
    finding.verdict == Verdict::Matched && finding.topics.iter().any(|found| found.topic == *topic)
}

/// The shortest text that should make a phrase fire.
fn spoken(phrase: &Phrase) -> String {
    let words: Vec<&str> =
        phrase.slots.iter().flat_map(|slot| slot.first()).flat_map(tied).collect();
    words.join(" ")
}

fn tied(tied: &Tied) -> impl Iterator<Item = &str> {
    tied.iter().map(|test| match test {
        Test::Word(word) | Test::Exact(word) | Test::Prefix(word) => word.as_str(),
    })
}

/// What was found instead, for the editor.
fn why(finding: &Finding) -> String {
    let topics: Vec<String> = finding
        .topics
        .iter()
        .flat_map(|found| {
            found.evidence.iter().map(move |one| format!("{} by «{}»", found.topic, one.keyword))
        })
        .collect();
    let signals: Vec<&str> = finding.signals.iter().map(|signal| signal.signal.as_str()).collect();
    format!(
        "verdict {:?}, complaint score {}, topics [{}], signals [{}]",
        finding.verdict,
        finding.complaint_score,
        topics.join(", "),
        signals.join(", ")
    )
}

fn example_post(text: &str) -> Post {
    Post::of_text(
        PostKey { network: Network("example".to_owned()), native_id: String::new() },
        text.to_owned(),
        Timestamp::UNIX_EPOCH,
    )
}
