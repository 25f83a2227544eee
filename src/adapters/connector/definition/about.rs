//! What a poll kind may say that asks for what stands under a post, or for
//! posts by their names.

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

/// Which posts can be asked for by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Askable {
    #[default]
    Everything,
    /// Addresses of posts, not those of repetitions.
    BlueskyPosts,
}

impl Askable {
    pub fn holds(self, native_id: &str) -> bool {
        match self {
            Askable::Everything => true,
            Askable::BlueskyPosts => {
                native_id.contains("/app.bsky.feed.post/") && !native_id.contains('#')
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

    #[test]
    fn repetitions_have_no_name_to_ask_by() {
        fn check(askable: Askable, id: &str, expected: bool) {
            assert_eq!(askable.holds(id), expected, "{id}");
        }
        check(Askable::Everything, "-5_7", true);
        check(Askable::BlueskyPosts, "at://did:plc:a/app.bsky.feed.post/3k", true);
        check(Askable::BlueskyPosts, "at://did:plc:a/app.bsky.feed.repost/3k", false);
        check(Askable::BlueskyPosts, "at://did:plc:a/app.bsky.feed.post/3k#did:plc:b", false);
    }
}
