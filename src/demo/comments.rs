//! Comments of the script: what people write under its posts, and under each
//! other. Only the local VKontakte shows them.

use serde::Deserialize;

use super::script::{Kind, ScriptError, ScriptPost};

/// Far above the numbers of posts, with which a wall's comments share a counter.
const FIRST_NUMBER: u64 = 500_001;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptComment {
    /// Its name in the script.
    pub key: String,
    /// Name of the post that it stands under.
    pub under: String,
    /// Name of the comment that it answers, and of the one at the head of its branch.
    pub answers: Option<String>,
    pub branch: Option<String>,
    pub number: u64,
    pub at_secs: i64,
    pub author: String,
    /// People have positive numbers, communities negative ones.
    pub author_id: i64,
    pub text: String,
    /// As with posts; empty for one that must stay out.
    pub incident: Option<String>,
    pub kind: Kind,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenComment {
    key: String,
    under: String,
    at_secs: i64,
    author: String,
    author_id: i64,
    text: String,
    incident: String,
    kind: Kind,
}

/// Finds for every comment the post and the branch that it belongs to.
pub(super) fn placed(
    posts: &[ScriptPost],
    mut written: Vec<WrittenComment>,
) -> Result<Vec<ScriptComment>, ScriptError> {
    // Stable: comments of one second keep the order in which they are written.
    written.sort_by_key(|comment| comment.at_secs);
    let mut placed: Vec<ScriptComment> = Vec::with_capacity(written.len());
    for (number, comment) in (FIRST_NUMBER..).zip(written) {
        let wrong = |what: &str| ScriptError(format!("{}: {what}", comment.key));
        if comment.text.trim().is_empty() {
            return Err(wrong("a comment needs words"));
        }
        let above = placed.iter().find(|other| other.key == comment.under);
        let (under, answers, branch) = match above {
            Some(above) => {
                let branch = above.branch.clone().unwrap_or_else(|| above.key.clone());
                (above.under.clone(), Some(above.key.clone()), Some(branch))
            }
            None => (comment.under.clone(), None, None),
        };
        let post = posts.iter().find(|post| post.key == under);
        let post = post.ok_or_else(|| wrong("stands under nothing that came before"))?;
        if post.post.network.0 != "vk" || comment.at_secs <= post.at_secs {
            return Err(wrong("stands under a post of VKontakte, and comes after it"));
        }
        placed.push(ScriptComment {
            under,
            answers,
            branch,
            number,
            at_secs: comment.at_secs,
            author: comment.author,
            author_id: comment.author_id,
            text: comment.text,
            incident: (!comment.incident.is_empty()).then_some(comment.incident),
            kind: comment.kind,
            key: comment.key,
        });
    }
    Ok(placed)
}
