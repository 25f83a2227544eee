//! The script and the hour: which posts are out by now. The only place of the
//! local networks that asks for the time.

use std::sync::Arc;

use super::comments::ScriptComment;
use super::script::{Protocol, Script, ScriptPost, ScriptSource};
use crate::model::time::{Clock, Timestamp};

/// Fewer letters than this say too little to be cut.
const WORD_WHOLE_MAX_CHARS: usize = 4;
/// What an ending takes from a Russian word, about.
const ENDING_CHARS: usize = 2;

pub struct Stage {
    pub script: Script,
    clock: Arc<dyn Clock>,
    started_at: Timestamp,
}

impl Stage {
    pub fn new(script: Script, clock: Arc<dyn Clock>, started_at: Timestamp) -> Stage {
        // The networks tell whole seconds: a post must not claim an earlier
        // second than the one at which it appears.
        let started_at = Timestamp::from_second(started_at.as_second()).unwrap_or(started_at);
        Stage { script, clock, started_at }
    }

    /// When a post appears. Seconds outside the calendar never come.
    pub fn published_at(&self, post: &ScriptPost) -> Timestamp {
        self.after_start(post.at_secs)
    }

    /// A second of the script.
    pub fn after_start(&self, at_secs: i64) -> Timestamp {
        let at_secs = self.started_at.as_second().saturating_add(at_secs);
        Timestamp::from_second(at_secs).unwrap_or(Timestamp::MAX)
    }

    /// The source of a network by its target, in any case of letters.
    pub fn source(&self, protocol: Protocol, target: &str) -> Option<&ScriptSource> {
        let mut sources = self.script.sources.iter();
        sources.find(|s| s.protocol == protocol && s.target.eq_ignore_ascii_case(target))
    }

    pub fn sources(&self, protocol: Protocol) -> impl Iterator<Item = &ScriptSource> {
        self.script.sources.iter().filter(move |source| source.protocol == protocol)
    }

    /// What a source shows now, the oldest first.
    pub fn shown<'s>(&'s self, source: &ScriptSource) -> Vec<&'s ScriptPost> {
        let now = self.clock.now();
        let posts = self.script.posts.iter().filter(|post| post.source == source.id);
        posts.filter(|post| self.published_at(post) <= now).collect()
    }

    /// What is written under a post by now, the oldest first.
    pub fn comments<'s>(&'s self, post: &ScriptPost) -> Vec<&'s ScriptComment> {
        let now = self.clock.now();
        let under = self.script.comments.iter().filter(|one| one.under == post.key);
        under.filter(|one| self.after_start(one.at_secs) <= now).collect()
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// Whether a text has every word of a query, whatever their endings. Searches
/// of networks are vague; this one is as vague as a demo needs.
pub fn has_words(text: &str, query: &str) -> bool {
    let words: Vec<String> = words(text).collect();
    self::words(query).all(|wanted| {
        let letters = wanted.chars().count();
        let kept = match letters <= WORD_WHOLE_MAX_CHARS {
            true => letters,
            false => (letters - ENDING_CHARS).max(WORD_WHOLE_MAX_CHARS),
        };
        let root: String = wanted.chars().take(kept).collect();
        words.iter().any(|word| word.starts_with(&root))
    })
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(|part| part.to_lowercase().replace('ё', "е"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_endings() {
        fn check(query: &str, expected: bool) {
            assert_eq!(
                has_words("Ямы на Ленинградской, 85: ещё глубже", query),
                expected,
                "{query}"
            );
        }
        check("ленинградская", true);
        check("ЕЩЕ ленинградскую", true);
        check("85", true);
        check("8", true);
        check("фонарь", false);
        check("ленинградская фонарь", false);
        check("", true);
    }
}
