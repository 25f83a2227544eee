//! What people write under posts, as `wall.getComments` shows it: comments,
//! and inside each the first of its replies.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call::{Call, Failure};
use super::item;
use crate::demo::comments::ScriptComment;
use crate::demo::script::{Protocol, ScriptPost};
use crate::demo::stage::Stage;

const COUNT_DEFAULT: usize = 10;
const COUNT_MAX: usize = 100;
const REPLIES_MAX: usize = 10;

/// The comments of one post, or with `comment_id` the replies to one of them.
pub fn get(stage: &Stage, call: &Call) -> Result<Value, Failure> {
    let post = post(stage, call)?;
    let all = stage.comments(post);
    let top = match call.text("comment_id") {
        Some(id) => Some(comment(&all, id)?),
        None => None,
    };
    let mut level: Vec<&ScriptComment> = all
        .iter()
        .copied()
        .filter(|one| one.branch.as_deref() == top.map(|top| top.key.as_str()))
        .collect();
    match call.text("sort") {
        None | Some("asc" | "smart") => {}
        Some("desc") => level.reverse(),
        Some(_) => return Err(Failure::parameter("sort is asc or desc")),
    }
    let count = call.number("count", COUNT_DEFAULT)?.min(COUNT_MAX);
    let offset = call.number("offset", 0)?;
    let inside = call.number("thread_items_count", 0)?.min(REPLIES_MAX);
    let page: Vec<&ScriptComment> = level.iter().copied().skip(offset).take(count).collect();
    let items: Vec<Value> = page
        .iter()
        .map(|one| match one.branch {
            None => with_replies(stage, post, one, &all, inside),
            Some(_) => base(stage, post, one, &all),
        })
        .collect();
    let mut response = json!({
        "count": all.len(),
        "current_level_count": level.len(),
        "items": items,
        "can_post": true,
        "show_reply_button": true,
    });
    if call.text("extended") == Some("1") {
        response["profiles"] = profiles(&all).into();
        response["groups"] = groups(stage, &all).into();
    }
    Ok(response)
}

fn post<'s>(stage: &'s Stage, call: &Call) -> Result<&'s ScriptPost, Failure> {
    let part = |name: &str| {
        call.text(name).ok_or_else(|| Failure::parameter(&format!("{name} is undefined")))
    };
    let id = format!("{}_{}", part("owner_id")?, part("post_id")?);
    let mut shown = stage.sources(Protocol::Vk).flat_map(|source| stage.shown(source));
    let post = shown.find(|post| post.post.native_id == id);
    post.ok_or_else(|| Failure::new(15, "Access denied: post was deleted"))
}

fn comment<'s>(all: &[&'s ScriptComment], id: &str) -> Result<&'s ScriptComment, Failure> {
    let found = all.iter().copied().find(|one| one.number.to_string() == id);
    found.ok_or_else(|| Failure::parameter("comment_id is not a comment of this post"))
}

fn with_replies(
    stage: &Stage,
    post: &ScriptPost,
    comment: &ScriptComment,
    all: &[&ScriptComment],
    inside: usize,
) -> Value {
    let replies: Vec<&ScriptComment> = all
        .iter()
        .copied()
        .filter(|one| one.branch.as_deref() == Some(comment.key.as_str()))
        .collect();
    let shown: Vec<Value> =
        replies.iter().take(inside).map(|reply| base(stage, post, reply, all)).collect();
    let mut item = base(stage, post, comment, all);
    item["thread"] = json!({
        "count": replies.len(),
        "items": shown,
        "can_post": true,
        "show_reply_button": true,
        "groups_can_post": true,
    });
    item
}

fn base(stage: &Stage, post: &ScriptPost, one: &ScriptComment, all: &[&ScriptComment]) -> Value {
    let number = |key: &String| all.iter().find(|other| other.key == *key).map(|it| it.number);
    let owner = post.post.native_id.split('_').next().and_then(|id| id.parse::<i64>().ok());
    let mut item = json!({
        "id": one.number,
        "owner_id": owner,
        "post_id": post.number,
        "from_id": one.author_id,
        "date": stage.after_start(one.at_secs).as_second(),
        "text": item::encoded(&one.text),
        "parents_stack": one.branch.as_ref().and_then(number).into_iter().collect::<Vec<_>>(),
        "likes": { "can_like": 1, "count": 0, "user_likes": 0 },
    });
    if let Some(answered) = one.answers.as_ref().and_then(number) {
        item["reply_to_comment"] = answered.into();
    }
    item
}

fn profiles(all: &[&ScriptComment]) -> Vec<Value> {
    let people: BTreeMap<i64, &str> = all
        .iter()
        .filter(|one| 0 < one.author_id)
        .map(|one| (one.author_id, one.author.as_str()))
        .collect();
    people.into_iter().map(|(id, name)| item::profile(id, name)).collect()
}

/// Communities that write, like the page of a town hall.
fn groups(stage: &Stage, all: &[&ScriptComment]) -> Vec<Value> {
    let writes = |target: &str| all.iter().any(|one| one.author_id.to_string() == target);
    stage.sources(Protocol::Vk).filter(|source| writes(&source.target)).map(item::group).collect()
}
