//! Posts, people and communities as VKontakte's objects.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::demo::script::{Protocol, ScriptPost, ScriptSource};
use crate::demo::stage::Stage;

/// The object of a post; of a repost, with the original inside.
pub fn post(stage: &Stage, post: &ScriptPost) -> Option<Value> {
    let counts = &post.counts;
    // Those of the script come on top of what the post says it had.
    let comments = counts.comments.unwrap_or(0) + stage.comments(post).len() as u64;
    let mut item = base(stage, post, &own_words(stage, post))?;
    item["is_favorite"] = false.into();
    item["marked_as_ads"] = 0.into();
    item["comments"] = json!({
        "can_post": 1, "can_view": 1, "count": comments, "groups_can_post": true
    });
    item["likes"] = json!({ "can_like": 1, "count": counts.likes.unwrap_or(0), "user_likes": 0, "can_publish": 1 });
    item["reposts"] = json!({ "count": counts.reposts.unwrap_or(0), "user_reposted": 0 });
    // Old posts have no count of views, which is not a count of zero.
    if let Some(views) = counts.views {
        item["views"] = json!({ "count": views });
    }
    if let Some(original) = stage.script.reposted(post) {
        item["copy_history"] = json!([base(stage, original, &original.text)?]);
    }
    Some(item)
}

/// What a post and the inside of a repost have in common.
fn base(stage: &Stage, post: &ScriptPost, text: &str) -> Option<Value> {
    let owner = owner_id(stage.script.source(&post.source)?);
    Some(json!({
        "type": "post",
        "id": post.number,
        "owner_id": owner,
        "from_id": from_id(post, owner),
        "date": stage.published_at(post).as_second(),
        "post_type": "post",
        "post_source": { "type": "vk" },
        "attachments": [],
        "text": encoded(text),
    }))
}

/// Whoever reposts without a word of their own leaves the text empty.
fn own_words(stage: &Stage, post: &ScriptPost) -> String {
    match stage.script.reposted(post) {
        Some(original) if original.text == post.text => String::new(),
        Some(_) | None => post.text.clone(),
    }
}

/// The API hands texts out with these three encoded.
pub fn encoded(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn owner_id(source: &ScriptSource) -> i64 {
    source.target.parse().unwrap_or(0)
}

/// Posts without an author are the community's own.
fn from_id(post: &ScriptPost, owner: i64) -> i64 {
    post.author_id.as_ref().and_then(|id| id.parse().ok()).unwrap_or(owner)
}

pub fn is_of_owner(post: &ScriptPost, source: &ScriptSource) -> bool {
    let owner = owner_id(source);
    from_id(post, owner) == owner
}

/// People who wrote these posts or what they repeat.
pub fn profiles(stage: &Stage, posts: &[&ScriptPost]) -> Vec<Value> {
    let people: BTreeMap<i64, &str> = with_originals(stage, posts)
        .filter_map(|post| {
            let id = post.author_id.as_ref()?.parse().ok().filter(|id: &i64| 0 < *id)?;
            Some((id, post.author.as_deref()?))
        })
        .collect();
    people.into_iter().map(|(id, name)| profile(id, name)).collect()
}

pub fn profile(id: i64, name: &str) -> Value {
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    json!({
        "id": id,
        "first_name": first,
        "last_name": last,
        "screen_name": format!("id{id}"),
        "can_access_closed": true,
        "is_closed": false,
    })
}

/// Communities whose walls these posts are on or come from.
pub fn groups(stage: &Stage, posts: &[&ScriptPost]) -> Vec<Value> {
    let walls: Vec<_> = with_originals(stage, posts).map(|post| &post.source).collect();
    stage.sources(Protocol::Vk).filter(|source| walls.contains(&&source.id)).map(group).collect()
}

/// Communities have positive numbers here, negative ones as authors.
pub fn group(source: &ScriptSource) -> Value {
    let id = owner_id(source).unsigned_abs();
    json!({
        "id": id,
        "name": source.name,
        "screen_name": format!("club{id}"),
        "is_closed": 0,
        "type": "group",
    })
}

fn with_originals<'s>(
    stage: &'s Stage,
    posts: &[&'s ScriptPost],
) -> impl Iterator<Item = &'s ScriptPost> {
    posts.iter().flat_map(|post| [Some(*post), stage.script.reposted(post)]).flatten()
}
