//! What a poll kind may say that asks for what stands under a post, for posts
//! by their names, or for several things at once.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What may stand for the post under which a poll looks, or which it names.
pub const OF_STAND_INS: [&str; 4] = ["native_id", "url", "url_path", "source_first"];

/// What may stand for a post whose comments are asked for, for the comment of
/// a branch, and for posts that are asked for by name.
pub const POST_STAND_INS: [&str; 9] = [
    "parent",
    "parent_first",
    "parent_inner",
    "parent_last",
    "branch",
    "branch_first",
    "branch_last",
    "posts",
    EACH_POST,
];

/// A parameter with this is repeated for every post that is named.
pub const EACH_POST: &str = "each_post";

/// Whether a post that itself answers another one has a thread of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnderReplies {
    #[default]
    Read,
    /// The network shows its answers only in the thread that it belongs to.
    Skip,
}

/// Whether comments have names of their own to ask by, as posts do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Replies {
    #[default]
    Skip,
    Ask,
}

/// From the target that people write to the one that a network is asked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolve {
    /// `@name@server` is looked up; a number is itself.
    MastodonAccount,
}

/// Several calls in one request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "strategy", rename_all = "snake_case", deny_unknown_fields)]
pub enum Batch {
    /// A script of VKontakte's that makes at most so many calls.
    VkExecute { path: String, most: usize },
}

impl Batch {
    pub fn most(&self) -> usize {
        let Batch::VkExecute { most, .. } = self;
        *most
    }
}

/// Which posts can be asked for by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Askable {
    #[default]
    Everything,
    /// Addresses of posts, not those of repetitions.
    BlueskyPosts,
    /// A wall and a number: not messages, nor what stands under pictures.
    VkPosts,
}

impl Askable {
    pub fn holds(self, native_id: &str) -> bool {
        match self {
            Askable::Everything => true,
            Askable::BlueskyPosts => {
                native_id.contains("/app.bsky.feed.post/") && !native_id.contains('#')
            }
            Askable::VkPosts => {
                let parts = native_id.split_once('_');
                let is_number = |text: &str| text.parse::<u64>().is_ok();
                parts.is_some_and(|(wall, post)| {
                    is_number(wall.strip_prefix('-').unwrap_or(wall)) && is_number(post)
                })
            }
        }
    }
}

/// A page names more than it shows; what is missing is asked for by name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Where all names stand, where it is not the items that name others.
    #[serde(default)]
    pub at: Option<String>,
    /// The names of what is shown: those are not asked for.
    #[serde(default)]
    pub shown: Option<String>,
    /// Where the others are asked for …
    pub path: String,
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// … by which parameter …
    pub param: String,
    #[serde(default)]
    pub names: Names,
    /// … and how many at a time.
    pub most: usize,
}

/// How several names go into one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Names {
    /// With commas between them.
    #[default]
    Joined,
    /// The parameter is repeated.
    Repeated,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::connector::Connectors;
    use crate::adapters::connector::definition::Paging;

    /// What a first read leaves out is not missed by anybody later.
    #[test]
    fn threads_are_read_from_end_to_end_at_once() {
        for definition in Connectors::shipped().unwrap().iter() {
            let polls = &definition.file.poll;
            let named = polls.values().flat_map(|kind| kind.comments.iter().chain(&kind.branches));
            for name in named {
                let kind = &polls[name];
                let all = definition.file.limits.pages_max;
                // One page that is cut at a number tells how many there are.
                let is_cut = kind.query.keys().any(|name| name.contains("limit"));
                let told = &definition.file.extract[&kind.extract].total;
                let is_one = kind.paging == Paging::None && (!is_cut || !told.0.is_empty());
                let is_whole = is_one || all <= kind.first_pages;
                assert!(is_whole, "{} {name}", definition.network);
            }
        }
    }

    #[test]
    fn no_kind_can_take_the_units_of_the_others() {
        for definition in Connectors::shipped().unwrap().iter() {
            let Some(most) = definition.file.rate.daily_max else { continue };
            let kinds = definition.file.poll.values();
            let all: u32 = kinds.map(|kind| kind.daily_max.unwrap_or(0) * kind.cost).sum();
            assert!(all <= most, "{}: {all} of {most}", definition.network);
        }
    }

    #[test]
    fn not_everything_has_a_name_to_ask_by() {
        fn check(askable: Askable, id: &str, expected: bool) {
            assert_eq!(askable.holds(id), expected, "{id}");
        }
        check(Askable::Everything, "-5_7", true);
        check(Askable::BlueskyPosts, "at://did:plc:a/app.bsky.feed.post/3k", true);
        check(Askable::BlueskyPosts, "at://did:plc:a/app.bsky.feed.repost/3k", false);
        check(Askable::BlueskyPosts, "at://did:plc:a/app.bsky.feed.post/3k#did:plc:b", false);
        check(Askable::VkPosts, "-5_7", true);
        check(Askable::VkPosts, "5_7", true);
        check(Askable::VkPosts, "message-210000001_815", false);
        check(Askable::VkPosts, "message-210000001_2000000001_5", false);
        check(Askable::VkPosts, "photo-5_7_9", false);
        check(Askable::VkPosts, "-5_7_9", false);
        check(Askable::VkPosts, "7", false);
    }
}
