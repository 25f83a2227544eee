//! Reads texts for the ranker just as the matcher reads posts, so that what is
//! learned from files means the same in the running program.

use crate::model::post::{Network, Post, PostKey};
use crate::model::time::Timestamp;
use crate::rules::ranking::{Matters, Reading, read};
use crate::rules::ruleset::Ruleset;
use crate::rules::text::tokens::tokenise;

use super::{Matcher, WordMemo, stems_of};

pub struct Learner<'r> {
    matcher: Matcher,
    matters: Matters,
    memo: WordMemo,
    pub ruleset: &'r Ruleset,
}

/// The topics of a message by the dictionaries alone.
pub struct Topics {
    /// In their order, with their scores.
    pub heard: Vec<(String, f64)>,
    /// Those of which an exclusion was heard: no model may add them.
    pub excluded: Vec<String>,
}

impl<'r> Learner<'r> {
    pub fn new(ruleset: &'r Ruleset) -> Learner<'r> {
        let (matcher, matters) = (Matcher::new(ruleset), Matters::new(ruleset));
        Learner { matcher, matters, memo: WordMemo::default(), ruleset }
    }

    /// A message, with what the dictionaries hear in it.
    pub fn message(&mut self, text: &str) -> Reading {
        self.message_and_topics(text).0
    }

    /// The same, and what the dictionaries say of its topics.
    pub fn message_and_topics(&mut self, text: &str) -> (Reading, Topics) {
        let tokens = self.memo.mender.tokens(text);
        let (words, heard) = self.matcher.heard(&mut self.memo, &tokens);
        let stems = stems_of(&words);
        let excluded = self.matcher.excluded(&heard).into_iter();
        let excluded = excluded.map(|number| self.matcher.topics[number].id.0.clone()).collect();
        let finding = self.matcher.conclude(&message(text), &tokens, &heard);
        let reading = read(&tokens, &stems, Some(&finding), &self.matters);
        let heard = finding.topics.into_iter().map(|one| (one.topic.0, one.score)).collect();
        (reading, Topics { heard, excluded })
    }

    /// The same with the places that it names.
    pub fn message_with_places(&mut self, text: &str) -> Reading {
        let tokens = self.memo.mender.tokens(text);
        let words = self.matcher.words(&mut self.memo, &tokens);
        let mut reading = self.message(text);
        reading.add_places(&self.matcher.places(text, &tokens, &words, None));
        reading
    }

    /// The name of a label.
    pub fn name(&mut self, name: &str) -> Reading {
        let tokens = tokenise(name);
        let stems = stems_of(&self.matcher.words(&mut self.memo, &tokens));
        read(&tokens, &stems, None, &self.matters)
    }
}

/// A text alone, as nobody's post.
fn message(text: &str) -> Post {
    let key = PostKey { network: Network("file".to_owned()), native_id: String::new() };
    Post::of_text(key, text.to_owned(), Timestamp::UNIX_EPOCH)
}
