//! VKontakte's API, version 5.199, as far as a watcher asks it: walls, the
//! search over posts, single posts, comments, communities, several calls in one.
//! Errors come with HTTP 200 and repeat the parameters, as the network's do.

mod call;
mod comments;
mod execute;
mod item;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::routing::get;
use serde_json::{Value, json};

use self::call::{Call, Failure};
use super::script::{Protocol, ScriptPost, ScriptSource};
use super::stage::{Stage, has_words};

const WALL_COUNT_DEFAULT: usize = 20;
const WALL_COUNT_MAX: usize = 100;
const SEARCH_COUNT_DEFAULT: usize = 30;
const SEARCH_COUNT_MAX: usize = 200;
/// However many are found, no more can be reached.
const SEARCH_REACHABLE: usize = 1_000;
/// Without a start the search looks a day back.
const SEARCH_WINDOW_SECS: i64 = 24 * 3_600;

pub fn native_id(owner: &str, number: u64) -> String {
    format!("{owner}_{number}")
}

pub fn router(stage: Arc<Stage>) -> Router {
    Router::new().route("/method/{name}", get(method).post(method)).with_state(stage)
}

async fn method(
    State(stage): State<Arc<Stage>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    form: String,
) -> Json<Value> {
    let call = Call::read(&name, &headers, query.as_deref().unwrap_or(""), &form);
    let document = match call.method.as_str() {
        "execute" => all_at_once(&stage, &call),
        _ => answer(&stage, &call).map(|response| json!({ "response": response })),
    };
    Json(document.unwrap_or_else(|failure| failure.document(&call)))
}

fn all_at_once(stage: &Stage, call: &Call) -> Result<Value, Failure> {
    call.check()?;
    let (answers, errors) = execute::execute(stage, call)?;
    let mut document = json!({ "response": answers });
    if !errors.is_empty() {
        document["execute_errors"] = errors.into();
    }
    Ok(document)
}

fn answer(stage: &Stage, call: &Call) -> Result<Value, Failure> {
    call.check()?;
    match call.method.as_str() {
        "wall.get" => wall_get(stage, call),
        "wall.getById" => wall_get_by_id(stage, call),
        "wall.getComments" => comments::get(stage, call),
        "newsfeed.search" => newsfeed_search(stage, call),
        "groups.getById" => groups_get_by_id(stage, call),
        _ => Err(Failure::new(3, "Unknown method passed")),
    }
}

fn wall_get(stage: &Stage, call: &Call) -> Result<Value, Failure> {
    let source = wall(stage, call)?;
    let count = call.number("count", WALL_COUNT_DEFAULT)?.min(WALL_COUNT_MAX);
    let offset = call.number("offset", 0)?;
    let mut posts = stage.shown(source);
    match call.text("filter") {
        Some("owner") => posts.retain(|post| item::is_of_owner(post, source)),
        Some("others") => posts.retain(|post| !item::is_of_owner(post, source)),
        Some(_) | None => {}
    }
    let total = posts.len();
    let page: Vec<&ScriptPost> = posts.into_iter().rev().skip(offset).take(count).collect();
    let mut response = json!({ "count": total, "items": items(stage, &page) });
    add_names(stage, call, &page, &mut response);
    Ok(response)
}

/// The wall of `owner_id`, or of a `domain` like `club210000001`.
fn wall<'s>(stage: &'s Stage, call: &Call) -> Result<&'s ScriptSource, Failure> {
    let owner = match (call.text("owner_id"), call.text("domain")) {
        (Some(owner), _) => {
            let number = owner.parse::<i64>();
            number.map_err(|_| Failure::parameter("owner_id not integer"))?.to_string()
        }
        (None, Some(domain)) => {
            let number = domain.strip_prefix("club").or_else(|| domain.strip_prefix("public"));
            format!("-{}", number.unwrap_or(domain))
        }
        (None, None) => return Err(Failure::parameter("owner_id is undefined")),
    };
    let source = stage.source(Protocol::Vk, &owner);
    source.ok_or_else(|| Failure::parameter("owner_id is not a wall that is known"))
}

fn wall_get_by_id(stage: &Stage, call: &Call) -> Result<Value, Failure> {
    let wanted = call.text("posts").ok_or_else(|| Failure::parameter("posts is undefined"))?;
    let wanted: BTreeSet<&str> = wanted.split(',').map(str::trim).take(WALL_COUNT_MAX).collect();
    let all = stage.sources(Protocol::Vk).flat_map(|source| stage.shown(source));
    // One that is not there is passed over in silence: gone or hidden.
    let found: Vec<&ScriptPost> =
        all.filter(|post| wanted.contains(post.post.native_id.as_str())).collect();
    let mut response = json!({ "items": items(stage, &found) });
    add_names(stage, call, &found, &mut response);
    Ok(response)
}

fn newsfeed_search(stage: &Stage, call: &Call) -> Result<Value, Failure> {
    let query = call.text("q").unwrap_or("");
    let count = call.number("count", SEARCH_COUNT_DEFAULT)?.min(SEARCH_COUNT_MAX);
    let offset = call.number("start_from", 0)?;
    let now = stage.now().as_second();
    let from = call.seconds("start_time")?.unwrap_or(now - SEARCH_WINDOW_SECS);
    let to = call.seconds("end_time")?.unwrap_or(now);
    let all = stage.sources(Protocol::Vk).flat_map(|source| stage.shown(source));
    let mut found: Vec<&ScriptPost> = all
        .filter(|post| (from..=to).contains(&stage.published_at(post).as_second()))
        .filter(|post| has_words(&post.text, query))
        .collect();
    found.sort_by_key(|post| std::cmp::Reverse((post.at_secs, post.post.native_id.as_str())));
    let total = found.len();
    found.truncate(SEARCH_REACHABLE);
    let next = offset.saturating_add(count);
    let has_more = next < found.len();
    let page: Vec<&ScriptPost> = found.into_iter().skip(offset).take(count).collect();
    let mut response =
        json!({ "items": items(stage, &page), "count": total, "total_count": total });
    if has_more {
        response["next_from"] = next.to_string().into();
    }
    add_names(stage, call, &page, &mut response);
    Ok(response)
}

fn groups_get_by_id(stage: &Stage, call: &Call) -> Result<Value, Failure> {
    let wanted = call.text("group_ids").or_else(|| call.text("group_id"));
    let wanted = wanted.ok_or_else(|| Failure::parameter("group_ids is undefined"))?;
    let groups: Vec<Value> = wanted
        .split(',')
        .map(|id| id.trim().trim_start_matches("club").trim_start_matches("public"))
        .filter_map(|id| stage.source(Protocol::Vk, &format!("-{id}")))
        .map(item::group)
        .collect();
    Ok(json!({ "groups": groups, "profiles": [] }))
}

fn items(stage: &Stage, posts: &[&ScriptPost]) -> Vec<Value> {
    posts.iter().filter_map(|post| item::post(stage, post)).collect()
}

/// People and communities of a page; only who asks for them gets them.
fn add_names(stage: &Stage, call: &Call, posts: &[&ScriptPost], response: &mut Value) {
    if call.text("extended") == Some("1") {
        response["profiles"] = item::profiles(stage, posts).into();
        response["groups"] = item::groups(stage, posts).into();
    }
}
