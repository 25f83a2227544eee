//! Reads a post: which topics, which signals of a complaint or of noise, which
//! risks, where, how concrete. A post's words are looked up once each; the
//! number of topics costs next to nothing.

mod above;
mod index;
mod kind;
mod learner;
mod marks;
mod matters;
mod memo;
mod order;
pub mod phrase;
mod search;
mod slips;
mod verdict;

use crate::model::finding::{Finding, PostKind, Verdict};
use crate::model::place;
use crate::model::post::Post;
use crate::model::region::TerritoryId;
use crate::model::source::Source;
use crate::model::text::Span;
use crate::model::topic::{Risk, Signal, TopicId};
use crate::rules::own_accounts::OwnAccounts;
use crate::rules::places::Gazetteer;
use crate::rules::ruleset::{MatchingWeights, Ruleset};
use crate::rules::specificity;
use crate::rules::text::language;
use crate::rules::text::stem::StemId;
use crate::rules::text::tokens::{Token, TokenKind};

use self::index::{Index, IndexBuilder, Passed};
use self::memo::Word;
use self::order::Ranking;
use self::search::Fired;

pub use self::learner::{Learner, Topics};
pub use self::memo::WordMemo;
pub use self::order::{Place, places};

/// Tokens that may stand between neighbouring slots of a phrase.
pub const DISTANCE_DEFAULT: usize = 5;

/// A ruleset compiled for reading. Immutable: every thread may share one.
pub struct Matcher {
    index: Index,
    /// By phrase: what it is for.
    roles: Vec<Role>,
    /// By phrase: how evidence names it.
    keywords: Vec<String>,
    topics: Vec<TopicRule>,
    /// The topic of concrete posts in which no keyword fired.
    general: Option<usize>,
    signals: Vec<Signal>,
    risks: Vec<Risk>,
    weights: MatchingWeights,
    ranking: Option<Ranking>,
    gazetteer: Gazetteer,
    own: OwnAccounts,
}

/// What a phrase is for. The number is its owner's place in the matcher's list.
#[derive(Debug, Clone, Copy)]
struct Role {
    owner: Owner,
    use_: Use,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Topic(usize),
    Signal(usize),
    Risk(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Phrase,
    Hint,
    Exclude,
    /// A danger's words in a manner of speaking.
    Figure,
}

/// What the verdict needs of a topic.
struct TopicRule {
    id: TopicId,
    group: String,
    importance: u8,
}

impl Matcher {
    pub fn new(ruleset: &Ruleset) -> Matcher {
        let mut build = Build {
            index: IndexBuilder::new(&ruleset.forms),
            roles: Vec::new(),
            keywords: Vec::new(),
        };
        let mut topics = Vec::new();
        for (number, (group, topic)) in ruleset.topics().enumerate() {
            let distance = topic.distance.unwrap_or(DISTANCE_DEFAULT);
            build.add(Owner::Topic(number), Use::Phrase, &topic.phrases, distance);
            build.add(Owner::Topic(number), Use::Hint, &topic.hints, distance);
            build.add(Owner::Topic(number), Use::Exclude, &topic.exclude, distance);
            let (id, group) = (topic.id.clone(), group.id.clone());
            topics.push(TopicRule { id, group, importance: topic.importance });
        }
        for (number, signal) in ruleset.signals.iter().enumerate() {
            build.add(Owner::Signal(number), Use::Phrase, &signal.phrases, DISTANCE_DEFAULT);
            build.add(Owner::Signal(number), Use::Exclude, &signal.exclude, DISTANCE_DEFAULT);
        }
        for (number, risk) in ruleset.risks.iter().enumerate() {
            build.add(Owner::Risk(number), Use::Phrase, &risk.phrases, DISTANCE_DEFAULT);
            build.add(Owner::Risk(number), Use::Exclude, &risk.exclude, DISTANCE_DEFAULT);
            build.add(Owner::Risk(number), Use::Figure, &risk.figures, DISTANCE_DEFAULT);
        }
        Matcher {
            index: build.index.finish(),
            roles: build.roles,
            keywords: build.keywords,
            general: ruleset.topics().position(|(_, topic)| topic.general),
            topics,
            signals: ruleset.signals.clone(),
            risks: ruleset.risks.clone(),
            weights: ruleset.weights.matching.clone(),
            ranking: ruleset.ranking.as_ref().map(|model| Ranking::new(model, ruleset)),
            gazetteer: Gazetteer::new(&ruleset.region),
            own: OwnAccounts::new(&ruleset.region.sources),
        }
    }

    /// Reads a post. The source gives a territory as a weak guess.
    pub fn read(&self, memo: &mut WordMemo, post: &Post, source: Option<&Source>) -> Finding {
        let tokens = memo.mender.tokens(&post.text);
        let (words, heard) = self.heard(memo, &tokens);
        let refused = self.refused(&heard);
        let finding = self.conclude(post, &tokens, &heard);
        let finding = self.ordered(finding, &tokens, &words, &refused);
        let mut finding = self.complete(finding, post, source, &tokens, &words);
        if self.own.body_of(post).is_some() {
            finding.verdict = Verdict::OwnAccount;
            finding.kind = Some(PostKind::Announcement);
        } else if !tokens.iter().any(|token| is_written(token.kind)) {
            finding.verdict = Verdict::Empty;
            finding.kind = Some(PostKind::Other);
        }
        finding
    }

    /// The same for posts that go on to grouping (complaints, and what bodies
    /// reply), `None` for all others. Most
    /// posts are no complaint: where they are is not looked for.
    pub fn read_matched(
        &self,
        memo: &mut WordMemo,
        post: &Post,
        source: Option<&Source>,
    ) -> Option<Finding> {
        if self.own.body_of(post).is_some() {
            return post.is_comment().then(|| self.read(memo, post, source));
        }
        let tokens = memo.mender.tokens(&post.text);
        let (words, heard) = self.heard(memo, &tokens);
        let refused = self.refused(&heard);
        let finding = self.conclude(post, &tokens, &heard);
        let is_matched = finding.verdict == Verdict::Matched
            && tokens.iter().any(|token| is_written(token.kind));
        is_matched.then(|| {
            let finding = self.ordered(finding, &tokens, &words, &refused);
            self.complete(finding, post, source, &tokens, &words)
        })
    }

    /// Adds what does not decide the verdict: matters, language, places, specificity.
    fn complete(
        &self,
        finding: Finding,
        post: &Post,
        source: Option<&Source>,
        tokens: &[Token],
        words: &[Word],
    ) -> Finding {
        let territory = source.and_then(|source| source.territory.as_ref());
        let places = self.places(&post.text, tokens, words, territory);
        let specificity = specificity::of(tokens, &places);
        let lang = language::told(&post.text, tokens, |at| words[at].signs).to_owned();
        let matters = matters::of(&finding, tokens, &post.text);
        Finding { lang, places, specificity, matters, ..finding }
    }

    fn places(
        &self,
        text: &str,
        tokens: &[Token],
        words: &[Word],
        territory: Option<&TerritoryId>,
    ) -> Vec<place::Place> {
        let (stems, classes): (Vec<_>, Vec<_>) =
            words.iter().map(|word| (word.stem, word.classes)).unzip();
        self.gazetteer.places_of(text, tokens, (&stems, &classes), territory)
    }

    /// What each token is, and every phrase that the text holds.
    fn heard(&self, memo: &mut WordMemo, tokens: &[Token]) -> (Vec<Word>, Vec<Fired>) {
        let words = self.words(memo, tokens);
        let (all, scratch) = memo.parts();
        let passed = Passed { words: &words, all };
        let fired = search::fired(&self.index, tokens, passed, scratch);
        (words, fired)
    }

    fn words(&self, memo: &mut WordMemo, tokens: &[Token]) -> Vec<Word> {
        self.index.words(memo, tokens, |word, stem| self.gazetteer.classes(word, stem))
    }
}

struct Build<'f> {
    index: IndexBuilder<'f>,
    roles: Vec<Role>,
    keywords: Vec<String>,
}

impl Build<'_> {
    fn add(&mut self, owner: Owner, use_: Use, phrases: &[String], distance: usize) {
        for written in phrases {
            // A ruleset holds only phrases that parse: `ruleset::keywords` refuses others.
            if let Ok(phrase) = phrase::parse(written) {
                self.index.add(&phrase, distance);
                self.roles.push(Role { owner, use_ });
                self.keywords.push(phrase::short(written));
            }
        }
    }
}

fn stems_of(words: &[Word]) -> Vec<StemId> {
    words.iter().map(|word| word.stem).collect()
}

/// The bytes of a phrase's words, slot by slot.
fn spans<'t>(fired: &'t Fired, tokens: &'t [Token]) -> impl Iterator<Item = Span> + 't {
    fired.ranges.iter().map(|(start, end)| Span {
        start: tokens[start as usize].span.start,
        end: tokens[end as usize - 1].span.end,
    })
}

fn is_written(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Word | TokenKind::Hashtag)
}

#[cfg(test)]
mod tests;
