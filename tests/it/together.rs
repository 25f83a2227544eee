//! Calls of VKontakte that have to wait for their turn go together, over real
//! HTTP: one that fails leaves the others alone, every one is counted, and
//! where scripts are refused everybody asks alone.

use std::sync::{Arc, Mutex};

use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::auth::Secret;
use otklik::adapters::connector::budget::{Budget, account};
use otklik::adapters::connector::definition::Definition;
use otklik::adapters::connector::error::ErrorClass;
use otklik::adapters::connector::http::Client;
use otklik::adapters::connector::poll::{PollRequest, PollResult, poll};
use otklik::model::post::Network;
use otklik::model::source::{Cursor, Source, SourceId};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use url::Url;

use crate::world::posts::at;
use crate::world::recorded::{Asked, Recording, listen};

const NOW: &str = "2026-11-21T12:00:00Z";
const TOKEN: &str = "vk1.a.se/cret";
const CLOSED: &str = "-13";

/// Walls of one post each; one is closed.
#[derive(Default)]
struct Vk {
    alone: usize,
    /// Calls of every script.
    scripts: Vec<usize>,
    refuses_scripts: bool,
}

impl Vk {
    fn answer(&mut self, asked: &Asked) -> Recording {
        assert_eq!(asked.parameter("access_token"), Some(TOKEN));
        let body = match asked.path.as_str() {
            "/method/wall.get" => {
                self.alone += 1;
                match wall(asked.parameter("owner_id").unwrap()) {
                    Ok(wall) => json!({ "response": wall }),
                    Err(error) => json!({ "error": error }),
                }
            }
            "/method/execute" => self.execute(asked),
            other => panic!("{other}"),
        };
        let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        Recording { status: 200, headers, body: body.to_string().into_bytes() }
    }

    fn execute(&mut self, asked: &Asked) -> Value {
        assert!(!asked.body.contains("cret"), "the token is no part of the script");
        let form: Vec<(String, String)> =
            url::form_urlencoded::parse(asked.body.as_bytes()).into_owned().collect();
        let value = |name: &str| form.iter().find(|(one, _)| one == name).map(|(_, v)| v.as_str());
        assert_eq!(value("v"), Some("5.199"));
        let script = value("code").unwrap();
        let calls = script.strip_prefix("return [API.wall.get(").unwrap();
        let calls = calls.strip_suffix(")];").unwrap().split("),API.wall.get(");
        let walls: Vec<Result<Value, Value>> = calls
            .map(|parameters| {
                let parameters: Value = serde_json::from_str(parameters).unwrap();
                wall(parameters["owner_id"].as_str().unwrap())
            })
            .collect();
        self.scripts.push(walls.len());
        if self.refuses_scripts {
            return json!({"error": {"error_code": 13, "error_msg": "response size is too big"}});
        }
        let errors: Vec<&Value> = walls.iter().filter_map(|wall| wall.as_ref().err()).collect();
        let results: Vec<Value> =
            walls.iter().map(|wall| wall.clone().unwrap_or(Value::Bool(false))).collect();
        json!({ "response": results, "execute_errors": errors })
    }
}

fn wall(owner: &str) -> Result<Value, Value> {
    if owner == CLOSED {
        return Err(json!({"method": "wall.get", "error_code": 15, "error_msg": "Access denied"}));
    }
    let number: i64 = owner.parse().unwrap();
    Ok(json!({"count": 1, "items": [{
        "id": 7, "owner_id": number, "from_id": 5, "date": at(NOW).as_second() - 60,
        "text": format!("стена {owner}"),
    }]}))
}

struct World {
    vk: Arc<Mutex<Vk>>,
    base: Url,
    definition: Definition,
    client: Client,
    budget: Budget,
    secret: Secret,
}

impl World {
    fn new() -> Arc<World> {
        let vk = Arc::new(Mutex::new(Vk::default()));
        let shared = Arc::clone(&vk);
        let base = listen(move |asked, _| shared.lock().unwrap().answer(&asked));
        let network = Network("vk".to_owned());
        let mut connectors = Connectors::shipped().unwrap();
        // A turn every tenth of a second.
        connectors.set_rate(&network, 600);
        Arc::new(World {
            vk,
            base,
            definition: connectors.get(&network).unwrap().clone(),
            client: Client::new().unwrap(),
            budget: Budget::default(),
            secret: Secret::new(TOKEN),
        })
    }

    async fn poll(&self, owner: &str) -> PollResult {
        let source = Source {
            id: SourceId(format!("vk:wall:{owner}")),
            name: "Город".to_owned(),
            ..Source::of("vk", "wall", owner)
        };
        let request = PollRequest {
            definition: &self.definition,
            base: Some(&self.base),
            source: &source,
            cursor: &Cursor::default(),
            secret: Some(&self.secret),
            limits: self.definition.file.limits,
        };
        poll(&request, &self.client, &self.budget, at(NOW)).await
    }

    /// Polls walls at the same time; ten of them, from -10 on.
    fn poll_ten(self: &Arc<World>) -> Vec<(String, PollResult)> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut polls = JoinSet::new();
            for owner in (10..20).map(|number| format!("-{number}")) {
                let world = Arc::clone(self);
                polls.spawn(async move {
                    let result = world.poll(&owner).await;
                    (owner, result)
                });
            }
            polls.join_all().await
        })
    }

    fn check(&self, results: &[(String, PollResult)]) {
        for (owner, result) in results {
            match result {
                PollResult::New { posts, .. } => {
                    assert_eq!(posts[0].text, format!("стена {owner}"));
                }
                PollResult::Refused { error, stop } if owner == CLOSED => {
                    assert_eq!((error.class, *stop), (ErrorClass::Forbidden, true));
                }
                other => panic!("{owner}: {other:?}"),
            }
        }
        let day = self.definition.file.rate.day;
        let account = account(&Network("vk".to_owned()), Some(&self.secret));
        let used = self.budget.used_today(&account, "wall", day, at(NOW));
        assert_eq!(used, 10, "every call is one of the day's");
    }
}

#[test]
fn calls_that_wait_go_together_and_one_that_fails_fails_alone() {
    let world = World::new();
    let results = world.poll_ten();
    world.check(&results);
    let vk = world.vk.lock().unwrap();
    assert_eq!((vk.alone, vk.scripts.as_slice()), (3, [7].as_slice()), "three went at once");
}

#[test]
fn where_scripts_are_refused_everybody_asks_alone() {
    let world = World::new();
    world.vk.lock().unwrap().refuses_scripts = true;
    let results = world.poll_ten();
    world.check(&results);
    let vk = world.vk.lock().unwrap();
    assert_eq!((vk.alone, vk.scripts.as_slice()), (10, [7].as_slice()), "and nobody tries again");
}
