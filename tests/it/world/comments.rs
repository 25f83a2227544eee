//! What people write under posts, as VKontakte shows it: both levels, page by
//! page, with few replies inside a comment.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::network::EPOCH;

/// A comment of the world. `branch` is the comment at the head, if it is a reply.
#[derive(Debug, Clone)]
pub struct Comment {
    pub id: u64,
    pub under: u64,
    pub branch: Option<u64>,
    pub at_secs: i64,
    pub seen_from_secs: i64,
    pub text: String,
    pub deleted: bool,
}

/// Comments, and how the network shows them.
#[derive(Debug, Default)]
pub struct Comments {
    pub all: Vec<Comment>,
    pub page_size: usize,
    /// Replies that a comment shows of its branch.
    pub inside: usize,
    /// Whether walls say how many comments there are.
    pub is_told: bool,
}

impl Comments {
    fn seen(&self, under: u64, now_secs: i64) -> Vec<&Comment> {
        let mut seen: Vec<&Comment> = self
            .all
            .iter()
            .filter(|one| one.under == under && one.seen_from_secs <= now_secs)
            .collect();
        seen.sort_by_key(|one| (one.at_secs, one.id));
        seen
    }

    /// The count on a wall.
    pub fn count(&self, under: u64, now_secs: i64) -> Option<usize> {
        self.is_told.then(|| self.seen(under, now_secs).len())
    }

    /// The answer to `wall.getComments`.
    pub fn answer(&self, query: &BTreeMap<String, String>, now_secs: i64) -> Value {
        let number = |name: &str| query.get(name).and_then(|text| text.parse::<u64>().ok());
        let (owner, post) = (query["owner_id"].parse::<i64>().unwrap(), number("post_id").unwrap());
        let all = self.seen(post, now_secs);
        let head = number("comment_id");
        let mut level: Vec<&&Comment> = all.iter().filter(|one| one.branch == head).collect();
        if query.get("sort").is_some_and(|sort| sort == "desc") {
            level.reverse();
        }
        let offset = number("offset").unwrap_or(0) as usize;
        let page = level.iter().skip(offset).take(self.page_size);
        let items: Vec<Value> = page
            .map(|one| {
                let mut whole = item(owner, one);
                if head.is_none() {
                    let replies: Vec<&&Comment> =
                        all.iter().filter(|other| other.branch == Some(one.id)).collect();
                    let shown = replies.iter().take(self.inside).map(|other| item(owner, other));
                    let shown: Vec<Value> = shown.collect();
                    whole["thread"] = json!({ "count": replies.len(), "items": shown });
                }
                whole
            })
            .collect();
        json!({ "response": {
            "count": all.len(), "current_level_count": level.len(), "items": items,
        } })
    }
}

fn item(owner: i64, one: &Comment) -> Value {
    let at = EPOCH + one.at_secs;
    let above: Vec<u64> = one.branch.into_iter().collect();
    if one.deleted {
        return json!({
            "id": one.id, "owner_id": owner, "post_id": one.under, "date": at, "deleted": true,
            "parents_stack": above,
        });
    }
    json!({
        "id": one.id, "owner_id": owner, "post_id": one.under, "from_id": 7, "date": at,
        "text": one.text, "parents_stack": above,
    })
}
