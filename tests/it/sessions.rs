//! What a poll does before it asks: sessions are begun, gone on with and begun
//! anew; names that people write are looked up once. Over real HTTP.

use std::sync::{Arc, Mutex};

use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::auth::Secret;
use otklik::adapters::connector::budget::Budget;
use otklik::adapters::connector::error::ErrorClass;
use otklik::adapters::connector::http::Client;
use otklik::adapters::connector::poll::{PollRequest, PollResult, poll};
use otklik::model::post::Network;
use otklik::model::source::{Cursor, Source, SourceId};
use serde_json::{Value, json};
use url::Url;

use crate::world::posts::at;
use crate::world::recorded::{Asked, Recording, listen};

const NOW: &str = "2026-11-21T12:00:00Z";
const PASSWORD: &str = "se1c-ret2-pass-word";

/// Polls of one source by one client.
struct Poller {
    base: Url,
    client: Client,
    runtime: tokio::runtime::Runtime,
    network: Network,
    kind: &'static str,
    target: String,
    secret: Option<Secret>,
}

impl Poller {
    fn new(network: &str, kind: &'static str, target: &str, base: Url) -> Poller {
        Poller {
            base,
            client: Client::new().unwrap(),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            network: Network(network.to_owned()),
            kind,
            target: target.to_owned(),
            secret: None,
        }
    }

    fn poll(&self) -> PollResult {
        let mut connectors = Connectors::shipped().unwrap();
        connectors.set_rate(&self.network, 1_000_000);
        let definition = connectors.get(&self.network).unwrap();
        let source = Source {
            id: SourceId("s".to_owned()),
            name: "Город".to_owned(),
            ..Source::of(&self.network.0, self.kind, &self.target)
        };
        let request = PollRequest {
            definition,
            base: Some(&self.base),
            source: &source,
            cursor: &Cursor::default(),
            secret: self.secret.as_ref(),
            limits: definition.file.limits,
        };
        let budget = Budget::default();
        let result = self.runtime.block_on(poll(&request, &self.client, &budget, at(NOW)));
        assert!(!format!("{result:?}").contains("ret2"), "the password came out: {result:?}");
        result
    }
}

fn refused(result: PollResult) -> (ErrorClass, String) {
    match result {
        PollResult::Refused { error, .. } => (error.class, error.detail),
        other => panic!("not refused: {other:?}"),
    }
}

fn answer(status: u16, body: Value) -> Recording {
    Recording { status, headers: Vec::new(), body: body.to_string().into_bytes() }
}

/// A server that gives sessions: numbered pairs of which the last counts.
#[derive(Default)]
struct Desk {
    begun: usize,
    gone_on: usize,
    current: usize,
    is_refresh_forgotten: bool,
}

impl Desk {
    fn pair(&mut self) -> Recording {
        self.current += 1;
        let (access, refresh) =
            (format!("access{}", self.current), format!("next{}", self.current));
        answer(200, json!({ "accessJwt": access, "refreshJwt": refresh, "did": "did:plc:x" }))
    }

    fn answer(&mut self, asked: &Asked) -> Recording {
        let bearer = asked.headers.get("authorization").cloned().unwrap_or_default();
        match asked.path.as_str() {
            "/xrpc/com.atproto.server.createSession" => {
                let body: Value = serde_json::from_str(&asked.body).unwrap();
                let is_right = body == json!({"identifier": "did:plc:town", "password": PASSWORD});
                if !is_right || asked.method != "POST" {
                    let error = format!("Invalid password {}", body["password"]);
                    let body = json!({"error": "AuthenticationRequired", "message": error});
                    return answer(401, body);
                }
                self.begun += 1;
                self.is_refresh_forgotten = false;
                self.pair()
            }
            "/xrpc/com.atproto.server.refreshSession" => {
                let is_right = bearer == format!("Bearer next{}", self.current);
                let is_bare = asked.body.is_empty() && !asked.headers.contains_key("content-type");
                if !is_right || self.is_refresh_forgotten || !is_bare {
                    return answer(400, json!({"error": "ExpiredToken", "message": "old"}));
                }
                self.gone_on += 1;
                self.pair()
            }
            _ if bearer == format!("Bearer access{}", self.current) => {
                answer(200, json!({ "feed": [] }))
            }
            _ => answer(400, json!({"error": "ExpiredToken", "message": "Token has expired"})),
        }
    }
}

#[test]
fn sessions_are_begun_gone_on_with_and_begun_anew() {
    let desk = Arc::new(Mutex::new(Desk::default()));
    let shared = Arc::clone(&desk);
    let base = listen(move |asked, _| shared.lock().unwrap().answer(&asked));
    let mut poller = Poller::new("bluesky", "author", "town.example", base);
    poller.secret = Some(Secret::new(format!("did:plc:town:{PASSWORD}")));
    let counts = || {
        let desk = desk.lock().unwrap();
        (desk.begun, desk.gone_on)
    };
    for _ in 0..3 {
        assert!(matches!(poller.poll(), PollResult::NothingNew { .. }));
    }
    assert_eq!(counts(), (1, 0), "one session serves many polls");
    desk.lock().unwrap().current += 1;
    // The token is too old, and so is the one to go on with.
    assert!(matches!(poller.poll(), PollResult::NothingNew { .. }));
    assert_eq!(counts(), (2, 0), "a session that cannot go on is begun anew");
    // Only what is asked with has ended.
    poller.client.sessions.expire(poller.secret.as_ref().unwrap(), at(NOW));
    assert!(matches!(poller.poll(), PollResult::NothingNew { .. }));
    assert_eq!(counts(), (2, 1), "the next pair is got with the last one");
    desk.lock().unwrap().is_refresh_forgotten = true;
    poller.client.sessions.expire(poller.secret.as_ref().unwrap(), at(NOW));
    assert!(matches!(poller.poll(), PollResult::NothingNew { .. }));
    assert_eq!(counts(), (3, 1));
    let mut stranger = Poller::new("bluesky", "author", "town.example", poller.base.clone());
    stranger.secret = Some(Secret::new(format!("did:plc:other:{PASSWORD}")));
    let (class, detail) = refused(stranger.poll());
    assert_eq!(
        (class, detail.as_str()),
        (ErrorClass::Unauthorised, "no session for the name and the password")
    );
}

#[test]
fn names_of_mastodon_are_looked_up_once() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&asked);
    let base = listen(move |one, _| {
        shared.lock().unwrap().push(format!("{} {:?}", one.path, one.parameter("acct")));
        match (one.path.as_str(), one.parameter("acct")) {
            ("/api/v1/accounts/lookup", Some("town@x.example")) => {
                answer(200, json!({"id": "109301", "username": "town"}))
            }
            ("/api/v1/accounts/109301/statuses", _) => answer(200, json!([])),
            _ => answer(404, json!({"error": "Record not found"})),
        }
    });
    let poller = Poller::new("mastodon", "account", "@town@x.example", base.clone());
    for _ in 0..3 {
        assert!(matches!(poller.poll(), PollResult::NothingNew { .. }));
    }
    let lookups = || {
        let asked = asked.lock().unwrap();
        (asked.iter().filter(|one| one.contains("lookup")).count(), asked.len())
    };
    assert_eq!(lookups(), (1, 4));
    let by_number = Poller::new("mastodon", "account", "109301", base.clone());
    assert!(matches!(by_number.poll(), PollResult::NothingNew { .. }));
    assert_eq!(lookups(), (1, 5), "a number is itself");
    let nobody = Poller::new("mastodon", "account", "@nobody@x.example", base);
    let (class, detail) = refused(nobody.poll());
    assert_eq!((class, detail.as_str()), (ErrorClass::Gone, "Record not found"));
}
