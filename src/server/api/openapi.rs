//! The description of the API, made from the very table that makes the router,
//! so that no route is missing from it.

use axum::Json;
use axum::http::Method;
use serde_json::{Map, Value, json};

use crate::server::decisions::Verb;
use crate::server::routes::{Access, Route, routes};

pub async fn document() -> Json<Value> {
    Json(description(&routes()))
}

/// The whole document.
pub fn description(routes: &[Route]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in routes.iter().filter(|route| is_described(&route.path)) {
        let path = paths.entry(route.path.clone()).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(route.method.as_str().to_lowercase(), operation(route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Otklik",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Incidents made of public posts: lists, decisions, sources, journal. \
                Times are RFC 3339 in UTC.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": "otklik_session" },
                "csrf": { "type": "apiKey", "in": "header", "name": "X-CSRF-Token" },
            },
        },
    })
}

fn is_described(path: &str) -> bool {
    path.starts_with("/api/") || path.starts_with("/-/") || path == "/metrics"
}

fn operation(route: &Route) -> Value {
    let mut operation = json!({
        "summary": summary(route),
        "responses": { "200": answer(route), "default": error_answer() },
    });
    let parameters = parameters(route);
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    if let Some(body) = body(route) {
        operation["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": body } },
        });
    }
    operation["security"] = match (route.access, &route.method) {
        (Access::Anyone, _) => json!([]),
        (Access::Person | Access::Needs(_), &Method::GET) => json!([{ "session": [] }]),
        (Access::Person | Access::Needs(_), _) => json!([{ "session": [], "csrf": [] }]),
    };
    operation
}

fn verb_of(route: &Route) -> Option<Verb> {
    let verb = route.path.strip_prefix("/api/v1/incidents/{id}/")?;
    Verb::parse(verb)
}

fn summary(route: &Route) -> String {
    if let Some(verb) = verb_of(route) {
        return format!("Decide: {}", verb.as_str().replace('_', " "));
    }
    let summary = match (route.method.as_str(), route.path.as_str()) {
        ("GET", "/-/healthy") => "The process answers",
        ("GET", "/-/ready") => "The database is open and every stage runs",
        ("POST", "/-/reload") => "Take new rules and settings into use",
        ("GET", "/metrics") => "Prometheus text",
        ("GET", "/api/v1/openapi.json") => "This description",
        ("POST", "/api/v1/session") => "Log in: a cookie and the token that changes carry",
        ("GET", "/api/v1/session") => "Who is logged in",
        ("DELETE", "/api/v1/session") => "Log out",
        ("GET", "/api/v1/incidents") => "Incidents within reach",
        ("GET", "/api/v1/incidents/{id}") => "An incident with everything that belongs to it",
        ("GET", "/api/v1/posts") => "Posts found by the query language",
        ("GET", "/api/v1/posts/{key}/explanation") => "Why a post is where it is",
        ("GET", "/api/v1/systemic") => "What comes back again and again, newest first",
        ("GET", "/api/v1/sources") => "Sources and how reading them goes",
        ("GET", "/api/v1/journal") => "Who did what, newest first",
        (_, path) => path,
    };
    summary.to_owned()
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path = |name: &str, kind: &str| json!({ "name": name, "in": "path", "required": true, "schema": { "type": kind } });
    let in_query = |name: &str, about: &str| json!({ "name": name, "in": "query", "description": about, "schema": { "type": "string" } });
    let number = |name: &str, about: &str| json!({ "name": name, "in": "query", "description": about, "schema": { "type": "integer" } });
    let mut parameters = Vec::new();
    if route.path.contains("{id}") {
        parameters.push(in_path("id", "integer"));
    }
    if route.path.contains("{key}") {
        parameters.push(in_path("key", "string"));
    }
    let pages = [number("page", "From 1"), number("per_page", "At most 500")];
    match route.path.as_str() {
        "/api/v1/incidents" => {
            parameters.extend([
                in_query(
                    "view",
                    "new, suggested, near, overdue, returned, open, waiting, closed, all",
                ),
                in_query("state", "One or several, separated by commas"),
                in_query("territory", "One or several"),
                in_query("topic", "One or several"),
                in_query("topic_group", "One or several"),
                in_query("body", "One or several"),
                in_query("official", "A login"),
                in_query("q", "The query language; incidents with a post that it finds"),
                in_query("order", "urgency, newest, due, number"),
            ]);
            parameters.extend(pages);
        }
        "/api/v1/posts" => {
            parameters.push(in_query("q", "The query language"));
            parameters.extend(pages);
        }
        "/api/v1/systemic" => {
            parameters.push(in_query("number", "An incident: the page with its problem"));
            parameters.extend(pages);
        }
        "/api/v1/journal" => parameters.extend([
            in_query("subject", "incident:17, user:ivanova, source:…"),
            in_query("actor", "A login"),
            number("page", "From 1"),
        ]),
        _ => {}
    }
    parameters
}

fn body(route: &Route) -> Option<Value> {
    if let Some(verb) = verb_of(route) {
        let (required, optional) = verb.fields();
        let fields = required.iter().chain(optional);
        let properties: Map<String, Value> =
            fields.map(|name| ((*name).to_owned(), field(name))).collect();
        return Some(object(properties, required));
    }
    if (route.method.as_str(), route.path.as_str()) == ("POST", "/api/v1/session") {
        let text = |name: &str| (name.to_owned(), json!({ "type": "string" }));
        let properties = [text("login"), text("password")].into_iter().collect();
        return Some(object(properties, &["login", "password"]));
    }
    None
}

fn object(properties: Map<String, Value>, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn field(name: &str) -> Value {
    match name {
        "incident" | "answer" | "action" | "seen" => json!({ "type": "integer" }),
        "posts" => json!({ "type": "array", "items": { "type": "string" } }),
        "scale" => json!({ "enum": ["local", "municipal", "regional"] }),
        "kind" => json!({ "enum": ["interim", "final"] }),
        "outcome" => json!({ "enum": ["solved", "explained", "deferred", "rejected"] }),
        "deferred_until" => {
            json!({ "type": "string", "description": "An instant, or a date: its last minute" })
        }
        _ => json!({ "type": "string" }),
    }
}

fn answer(route: &Route) -> Value {
    let named = |name: &str| {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        json!({ "description": "ok", "content": { "application/json": { "schema": schema } } })
    };
    let list = |name: &str, of: &str| {
        let items = json!({ "$ref": format!("#/components/schemas/{of}") });
        let schema = json!({ "type": "object", "properties": {
            name: { "type": "array", "items": items },
            "total": { "type": "integer" },
            "page": { "type": "integer" },
            "per_page": { "type": "integer" },
        }});
        json!({ "description": "ok", "content": { "application/json": { "schema": schema } } })
    };
    if verb_of(route).is_some() {
        return named("Decided");
    }
    match (route.method.as_str(), route.path.as_str()) {
        ("GET", "/api/v1/incidents") => {
            with(list("incidents", "Incident"), "completeness", "Completeness")
        }
        ("GET", "/api/v1/incidents/{id}") => named("IncidentDetails"),
        ("GET", "/api/v1/posts") => with(list("posts", "Post"), "completeness", "Completeness"),
        ("GET", "/api/v1/posts/{key}/explanation") => named("Explanation"),
        ("GET", "/api/v1/systemic") => {
            with(list("problems", "SystemicProblem"), "completeness", "Completeness")
        }
        ("GET", "/api/v1/sources") => {
            let sources = with(list("sources", "Source"), "completeness", "Completeness");
            with(with(sources, "alarms", "[Alarm]"), "gaps", "[Gap]")
        }
        ("GET", "/api/v1/journal") => list("entries", "JournalEntry"),
        ("GET" | "POST", "/api/v1/session") => named("Session"),
        _ => json!({ "description": "ok" }),
    }
}

/// An answer with one field more.
fn with(mut answer: Value, name: &str, kind: &str) -> Value {
    answer["content"]["application/json"]["schema"]["properties"][name] = typed(kind);
    answer
}

fn error_answer() -> Value {
    json!({
        "description": "error",
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
    })
}

/// Field names and types of everything that is answered. A letter a type:
/// see `typed`.
const SCHEMAS: [(&str, &str); 27] = [
    (
        "Incident",
        "id:i number:i title:s state:s topic:s topic_group:s territory:s? settlement:s? place:s \
         scale:s risk:i networks:[s] posts:i authors:i reach:i copies:i \
         campaign:Campaign? body:s official:s? opened_at:t \
         first_answer_due_at:t final_answer_due_at:t? answered_at:t? closed_at:t? outcome:s? \
         overdue:b suggestions:i repeat_of:i?",
    ),
    ("Member", "post:s reason:Reason url:s? author:s? published_at:t text:s"),
    ("Reason", "kind:s score:n parts:[Part] reopens:Reopens? apart:s?"),
    ("Reopens", "closed_at:t outcome:s after_secs:i topic:s within_hours:i"),
    ("Part", "name:s value:n weight:n text:s"),
    ("Candidate", "incident:i score:n parts:[Part]"),
    ("Merge", "incident:i kind:s post:s score:n parts:[Part] other_score:n other_parts:[Part]"),
    (
        "Answer",
        "id:i kind:s text:s deferred_until:t? drafted_by:s drafted_at:t approved_by:s? \
         approved_at:t? published_at:t? url:s?",
    ),
    ("Campaign", "authors:i posts:i from:t until:t"),
    ("Family", "first:s network:s author:s? published_at:t posts:i authors:i networks:i"),
    ("Split", "by:s stays:[s] stays_because:s leaves:[s] leaves_because:s"),
    ("AnswerSeen", "seen:i post:s answers:s body:s? published_at:t text:s url:s? adopted:b"),
    ("Similar", "incident:i title:s state:s outcome:s? opened_at:t closed_at:t? answer:Answer?"),
    (
        "Post",
        "key:s network:s native_id:s source:s? url:s? author_id:s? author_name:s? community:s? \
         text:s published_at:t first_seen_at:t edited_at:t? parent_id:s? thread_id:s? lang:s? \
         geo:o? counts:o media:[o] deleted:b private:b incident:i?",
    ),
    (
        "SystemicProblem",
        "number:i title:s topic:s topic_group:s territory:s? settlement:s? place:s times:i since:t \
         last_at:t incidents:[SystemicTime] others:[i]",
    ),
    (
        "SystemicTime",
        "number:i in_season:b opened_at:t closed_at:t? body:s state:s outcome:s? answer_secs:i?",
    ),
    (
        "Source",
        "id:s name:s network:s outcome:s? error:s? stopped:b last_poll_at:t? last_new_at:t? \
         next_poll_at:t? failures_in_row:i polls:i posts:i rejected:i gaps:i threads:i \
         comments:i threads_read_at:t? stream:o?",
    ),
    (
        "Completeness",
        "whole:b planned:i polled:i refused:i failed:i paused:i waiting:i blind:i partial:i \
         gaps_open:i gaps_filling:i gaps_filled:i gaps_lost:i",
    ),
    (
        "Gap",
        "id:i source:s from:t? to:t open_to:t state:s reason:s lack:s? noticed_at:t found:i \
         tries:i next_try_at:t? error:s? filled_at:t? lost_at:t?",
    ),
    ("Alarm", "id:i subject:s kind:s raised_at:t detail:s"),
    (
        "JournalEntry",
        "seq:i at:t actor:s action:s subject:s before:s after:s why:s origin:s hash:s",
    ),
    ("Explanation", "post:Post finding:Finding? memberships:[o] hints:[Hint] ruleset:s"),
    ("Hint", "kind:s other:s incident:i? score:n parts:[Part] other_score:n other_parts:[Part]"),
    (
        "Finding",
        "verdict:s lang:s topics:[o] topic_origin:s matters:[o] signals:[o] marks:[o] complaint_score:n \
         concreteness:n kind:s? places:[Place] risks:[o] importance:i specificity:n",
    ),
    (
        "Place",
        "territory:s? settlement:s? street_kind:s? street:s? house:s? object:s? \
         coordinates:Coordinates? certainty:n spans:[o] because:s",
    ),
    // WGS 84 degrees; `of`: settlement, street or object.
    ("Coordinates", "lat:n lon:n of:s"),
    ("Session", "login:s name:s role:s permissions:[s] csrf_token:s"),
];

fn schemas() -> Map<String, Value> {
    let mut schemas: Map<String, Value> =
        SCHEMAS.iter().map(|(name, fields)| ((*name).to_owned(), schema(fields))).collect();
    let mut details = schema(SCHEMAS[0].1);
    let lists = [
        ("members", "Member"),
        ("answers", "Answer"),
        ("candidates", "Candidate"),
        ("merges", "Merge"),
        ("families", "Family"),
        ("similar", "Similar"),
        ("answers_seen", "AnswerSeen"),
    ];
    for (name, of) in lists {
        details["properties"][name] = typed(&format!("[{of}]"));
    }
    details["properties"]["split"] = typed("Split?");
    schemas.insert("IncidentDetails".to_owned(), details);
    schemas.insert("Decided".to_owned(), schema("action:i incident:IncidentDetails"));
    schemas.insert(
        "Error".to_owned(),
        json!({ "type": "object", "properties": { "error": schema("code:s message:s") } }),
    );
    schemas
}

fn schema(fields: &str) -> Value {
    let properties: Map<String, Value> = fields
        .split_whitespace()
        .filter_map(|field| field.split_once(':'))
        .map(|(name, kind)| (name.to_owned(), typed(kind)))
        .collect();
    json!({ "type": "object", "properties": properties })
}

/// `s` text, `i` integer, `n` number, `b` boolean, `t` instant, `o` object,
/// `[x]` list of x, `x?` x or null, anything else the name of a schema.
fn typed(kind: &str) -> Value {
    if let Some(kind) = kind.strip_suffix('?') {
        return json!({ "anyOf": [typed(kind), { "type": "null" }] });
    }
    if let Some(item) = kind.strip_prefix('[').and_then(|kind| kind.strip_suffix(']')) {
        return json!({ "type": "array", "items": typed(item) });
    }
    match kind {
        "s" => json!({ "type": "string" }),
        "i" => json!({ "type": "integer" }),
        "n" => json!({ "type": "number" }),
        "b" => json!({ "type": "boolean" }),
        "t" => json!({ "type": "string", "format": "date-time" }),
        "o" => json!({ "type": "object" }),
        name => json!({ "$ref": format!("#/components/schemas/{name}") }),
    }
}
