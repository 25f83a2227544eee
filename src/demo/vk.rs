//! Answers the way VKontakte's API 5.199 does: `wall.get` and
//! `newsfeed.search`, errors with status 200.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use serde_json::Value;
use serde_json::json;

use crate::demo::Stage;
use crate::demo::script::Board;
use crate::demo::script::ScriptPost;

type Parameters = BTreeMap<String, String>;

pub async fn method(
    State(stage): State<Arc<Stage>>,
    Path(method): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Json<Value> {
    Json(match method.as_str() {
        "wall.get" => wall(&stage, &parameters),
        "newsfeed.search" => search(&stage, &parameters),
        _ => error(3, "Unknown method passed"),
    })
}

fn error(code: u32, message: &str) -> Value {
    json!({"error": {"error_code": code, "error_msg": message, "request_params": []}})
}

fn number(parameters: &Parameters, name: &str, otherwise: usize) -> usize {
    parameters.get(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn wall(stage: &Stage, parameters: &Parameters) -> Value {
    let owner = parameters.get("owner_id").or_else(|| parameters.get("domain"));
    let board = owner.and_then(|owner| stage.script.board("vk", owner));
    let Some(board) = board else {
        return error(100, "One of the parameters specified was missing or invalid");
    };
    let shown = board.shown(stage.elapsed_secs());
    let newest_first = shown.iter().rev().map(|post| (board, post));
    let page: Vec<_> = newest_first
        .skip(number(parameters, "offset", 0))
        .take(number(parameters, "count", 20).min(100))
        .collect();
    json!({"response": listing(stage, &page, json!({"count": shown.len()}))})
}

fn search(stage: &Stage, parameters: &Parameters) -> Value {
    let words: Vec<String> = parameters
        .get("q")
        .map(|query| query.to_lowercase().split_whitespace().map(str::to_owned).collect())
        .unwrap_or_default();
    let start = parameters.get("start_time").and_then(|text| text.parse::<i64>().ok());
    let is_found = |post: &ScriptPost| {
        let text = post.text.to_lowercase();
        let is_recent = start.is_none_or(|start| start <= stage.instant(post.at_secs).as_second());
        is_recent && words.iter().all(|word| text.contains(word.as_str()))
    };
    let elapsed = stage.elapsed_secs();
    let boards = stage.script.boards.iter().filter(|board| board.network == "vk");
    let mut found: Vec<(&Board, &ScriptPost)> = boards
        .flat_map(|board| board.shown(elapsed).iter().map(move |post| (board, post)))
        .filter(|(_, post)| is_found(post))
        .collect();
    found.sort_by_key(|(_, post)| std::cmp::Reverse((post.at_secs, post.key.clone())));
    let total = found.len();
    let count = number(parameters, "count", 30).min(200);
    let start_from = parameters.get("start_from").and_then(|text| text.split('/').next());
    let offset = start_from.and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
    let page: Vec<_> = found.into_iter().skip(offset).take(count).collect();
    let mut head = json!({"count": page.len(), "total_count": total});
    if offset + page.len() < total
        && let Some((board, post)) = page.last()
    {
        let next = format!("{}/{}_{}", offset + page.len(), board.place, post.number);
        head["next_from"] = next.into();
    }
    json!({"response": listing(stage, &page, head)})
}

fn listing(stage: &Stage, page: &[(&Board, &ScriptPost)], mut head: Value) -> Value {
    let items: Vec<Value> = page.iter().map(|(board, post)| item(stage, board, post)).collect();
    let mut people = BTreeMap::new();
    let mut communities: BTreeSet<&str> = BTreeSet::new();
    for (board, post) in page {
        communities.insert(&board.id);
        if !is_community(post) {
            people.insert(post.author_id.as_str(), post.author.as_str());
        }
    }
    let group = |board: &Board| {
        let id = board.place.trim_start_matches('-').parse::<i64>().unwrap_or(0);
        json!({"id": id, "name": board.name, "screen_name": format!("club{id}"),
               "is_closed": 0, "type": "group"})
    };
    let boards = stage.script.boards.iter().filter(|board| communities.contains(board.id.as_str()));
    head["items"] = items.into();
    head["profiles"] = people.into_iter().map(|(id, name)| profile(id, name)).collect();
    head["groups"] = boards.map(group).collect();
    head
}

/// Posts without a person behind them are the community's own.
fn is_community(post: &ScriptPost) -> bool {
    post.author_id.parse::<i64>().ok().is_none_or(|id| id <= 0)
}

fn profile(id: &str, name: &str) -> Value {
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    let id = id.parse::<i64>().unwrap_or(0);
    json!({"id": id, "first_name": first, "last_name": last, "screen_name": format!("id{id}"),
           "can_access_closed": true, "is_closed": false})
}

fn item(stage: &Stage, board: &Board, post: &ScriptPost) -> Value {
    let owner = board.place.parse::<i64>().unwrap_or(0);
    let author = post.author_id.parse::<i64>().unwrap_or(owner);
    let mut item = json!({
        "inner_type": "wall_wallpost",
        "type": "post",
        "post_type": "post",
        "id": post.number,
        "owner_id": owner,
        "from_id": if is_community(post) { owner } else { author },
        "date": stage.instant(post.at_secs).as_second(),
        "marked_as_ads": 0,
        "attachments": [],
        "text": escape(&post.text),
        "comments": {"can_post": 1, "can_view": 1, "count": post.comments.unwrap_or(0)},
        "likes": {"can_like": 1, "count": post.likes.unwrap_or(0), "user_likes": 0},
        "reposts": {"count": post.reposts.unwrap_or(0), "user_reposted": 0},
    });
    if let Some(views) = post.views {
        item["views"] = json!({"count": views});
    }
    if let Some((from, original)) = stage.script.original(post)
        && from.network == "vk"
    {
        let same = original.text.trim() == post.text.trim();
        item["copy_history"] = json!([self::item(stage, from, original)]);
        if same {
            item["text"] = "".into();
        }
    }
    item
}

/// The API sends these three as entities.
fn escape(text: &str) -> String {
    text.trim().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
