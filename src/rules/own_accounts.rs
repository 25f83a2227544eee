//! Which posts a body wrote itself: on its own page, or from its account under
//! somebody else's post. Knows the sources of a region, nothing of incidents.

use std::collections::BTreeMap;

use crate::model::body::BodyId;
use crate::model::post::{Network, Post};
use crate::model::source::{Source, SourceId};

/// The bodies' official accounts.
#[derive(Debug, Clone, Default)]
pub struct OwnAccounts {
    by_source: BTreeMap<SourceId, BodyId>,
    by_author: BTreeMap<Network, BTreeMap<String, BodyId>>,
}

impl OwnAccounts {
    pub fn new(sources: &[Source]) -> OwnAccounts {
        let mut accounts = OwnAccounts::default();
        for source in sources {
            let Some(body) = &source.own else { continue };
            accounts.by_source.insert(source.id.clone(), body.clone());
            let authors = accounts.by_author.entry(source.network.clone()).or_default();
            authors.insert(account_of(source), body.clone());
        }
        accounts
    }

    /// The body that wrote a post, if one did. A comment on a body's page, or a
    /// post that somebody else left there, is the body's only if its account
    /// wrote it: people complain there too. What is written to a body alone is
    /// never its own.
    pub fn body_of(&self, post: &Post) -> Option<&BodyId> {
        let author = post.author_id.as_ref();
        let by_author =
            author.and_then(|author| self.by_author.get(&post.key.network)?.get(&account(author)));
        let is_others = post.private || post.guest || (post.is_comment() && author.is_some());
        let by_source = post.source.as_ref().filter(|_| !is_others);
        by_author.or_else(|| by_source.and_then(|source| self.by_source.get(source)))
    }
}

/// As whom the account of a source writes. A community that tells everything
/// itself is named by its number, and writes as the negative one.
fn account_of(source: &Source) -> String {
    let is_number = source.target.parse::<u64>().is_ok();
    match source.kind == "long_poll" && is_number {
        true => format!("-{}", source.target),
        false => account(&source.target),
    }
}

/// Names of channels are written with and without their sign, in any case.
fn account(written: &str) -> String {
    written.trim_start_matches('@').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::post::PostKey;
    use crate::model::time::Timestamp;

    fn accounts() -> OwnAccounts {
        let source = |id: &str, network: &str, target: &str, own: Option<&str>| Source {
            id: SourceId(id.to_owned()),
            own: own.map(|body| BodyId(body.to_owned())),
            ..Source::of(network, "wall", target)
        };
        OwnAccounts::new(&[
            source("hall", "vk", "-14", Some("city")),
            source("channel", "telegram", "City_Hall", Some("city")),
            source("talk", "vk", "-20", None),
            Source { kind: "long_poll".to_owned(), ..source("told", "vk", "31", Some("road")) },
        ])
    }

    fn post(network: &str, source: &str, author: Option<&str>, parent: Option<&str>) -> Post {
        Post {
            source: Some(SourceId(source.to_owned())),
            author_id: author.map(str::to_owned),
            parent_id: parent.map(str::to_owned),
            ..Post::of_text(
                PostKey { network: Network(network.to_owned()), native_id: "1".to_owned() },
                String::new(),
                Timestamp::UNIX_EPOCH,
            )
        }
    }

    #[test]
    fn a_body_s_posts_are_told_from_those_of_people() {
        let check = |post: Post, is_own: bool| {
            assert_eq!(accounts().body_of(&post).is_some(), is_own, "{post:?}");
        };
        check(post("vk", "hall", Some("-14"), None), true);
        check(post("vk", "hall", None, None), true);
        check(post("vk", "talk", Some("-14"), Some("7")), true);
        check(post("telegram", "talk", Some("@city_hall"), Some("7")), true);
        check(post("vk", "hall", Some("500"), Some("7")), false);
        check(post("vk", "talk", Some("500"), None), false);
        check(post("ok", "talk", Some("-14"), None), false);
        // Signed by a person, and somebody else's on the same wall.
        check(post("vk", "hall", Some("500"), None), true);
        check(Post { guest: true, ..post("vk", "hall", Some("500"), None) }, false);
        check(Post { private: true, ..post("vk", "hall", Some("500"), None) }, false);
        check(Post { private: true, ..post("vk", "hall", None, None) }, false);
        // A community that tells of itself.
        check(post("vk", "told", Some("-31"), Some("7")), true);
        check(post("vk", "talk", Some("-31"), Some("7")), true);
        check(post("vk", "told", Some("31"), Some("7")), false);
    }
}
