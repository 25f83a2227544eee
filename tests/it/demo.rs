//! The demo's networks through the real connectors: every post of the script
//! whose time has come arrives word for word, and none before its time.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use otklik::adapters::channel::Message;
use otklik::adapters::channel::webhook::Webhook;
use otklik::adapters::channel::webhook::WebhookOptions;
use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::auth::Secret;
use otklik::adapters::connector::budget::Budget;
use otklik::adapters::connector::definition::Rate;
use otklik::adapters::connector::http::Client;
use otklik::adapters::connector::poll::PollRequest;
use otklik::adapters::connector::poll::PollResult;
use otklik::adapters::connector::poll::poll;
use otklik::demo;
use otklik::demo::LocalNetworks;
use otklik::model::incident::IncidentId;
use otklik::model::notice::Attempt;
use otklik::model::notice::NoticeKind;
use otklik::model::post::Post;
use otklik::model::source::Cursor;
use otklik::model::time::Clock;

use crate::world::clock::SetClock;

struct Demo {
    networks: LocalNetworks,
    connectors: Connectors,
    client: Client,
    budget: Budget,
    clock: Arc<SetClock>,
    cursors: BTreeMap<String, Cursor>,
}

impl Demo {
    /// New posts of every source, by source.
    async fn polled(&mut self) -> BTreeMap<String, Vec<Post>> {
        let token = Secret::new(demo::ACCESS_TOKEN);
        let mut found = BTreeMap::new();
        for source in &self.networks.sources {
            let mut definition = self.connectors.get(&source.network).unwrap().clone();
            definition.file.rate = Rate { per_minute: 1_000_000, ..Rate::default() };
            let base = self.networks.base_urls[&source.network].parse().unwrap();
            let cursor = self.cursors.entry(source.id.0.clone()).or_default();
            let request = PollRequest {
                definition: &definition,
                base: Some(&base),
                source,
                cursor,
                secret: Some(&token),
                limits: definition.file.limits,
            };
            let result = poll(&request, &self.client, &self.budget, self.clock.now()).await;
            let posts = match result {
                PollResult::New { posts, rejected, cursor: next, gap, interrupted } => {
                    assert_eq!((rejected, gap, interrupted), (vec![], None, None), "{}", source.id);
                    *cursor = next;
                    posts
                }
                PollResult::NothingNew { cursor: next } => {
                    *cursor = next;
                    Vec::new()
                }
                other => panic!("{}: {other:?}", source.id),
            };
            found.insert(source.id.0.clone(), posts);
        }
        found
    }
}

/// Texts of the script by source, from one second to another.
fn scripted(after: i64, until: i64) -> BTreeMap<String, BTreeSet<String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/demo/posts.toml");
    let script: toml::Value = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for post in script["post"].as_array().unwrap() {
        let at = post["at_secs"].as_integer().unwrap();
        if after < at && at <= until {
            let source = post["source"].as_str().unwrap().to_owned();
            let text = post["text"].as_str().unwrap().trim().to_owned();
            texts.entry(source).or_default().insert(text);
        }
    }
    texts
}

fn check(found: &BTreeMap<String, Vec<Post>>, expected: &BTreeMap<String, BTreeSet<String>>) {
    assert!(!expected.is_empty(), "the script has something for every stretch of the test");
    for (source, posts) in found {
        let words: BTreeSet<String> = posts.iter().map(|post| post.text.clone()).collect();
        let wanted = expected.get(source).cloned().unwrap_or_default();
        // A repost brings the words of what it repeats with it.
        let is_there = |text: &String| words.iter().any(|word| word.starts_with(text.as_str()));
        let missing: Vec<_> = wanted.iter().filter(|text| !is_there(text)).collect();
        assert!(missing.is_empty(), "{source} lacks {missing:?}");
        assert!(wanted.len() <= posts.len(), "{source}");
    }
}

#[test]
fn the_script_arrives_through_the_real_connectors() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = Arc::new(SetClock::at("2026-11-20T12:00:00Z"));
        let mut networks = demo::start(clock.clone(), clock.now()).await.unwrap();
        let server = std::mem::replace(&mut networks.server, Box::pin(async { Ok(()) }));
        let mut demo = Demo {
            networks,
            connectors: Connectors::shipped().unwrap(),
            client: Client::new().unwrap(),
            budget: Budget::default(),
            clock: clock.clone(),
            cursors: BTreeMap::new(),
        };
        let visit = async {
            check(&demo.polled().await, &scripted(i64::MIN, 0));
            clock.advance_secs(120);
            check(&demo.polled().await, &scripted(0, 120));
            clock.advance_secs(3_600);
            check(&demo.polled().await, &scripted(120, 3_720));
            let nothing = demo.polled().await;
            assert!(nothing.values().all(Vec::is_empty), "{nothing:?}");
        };
        tokio::select! {
            () = visit => {}
            ended = server => panic!("the server ended: {ended:?}"),
        }
    });
}

/// Goal: the demo's webhooks arrive, and only with the demo's signature.
/// Method: the real channel, with the right key, with another and without any.
#[test]
fn the_demo_takes_signed_webhooks() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let receiver = demo::webhooks::start(b"a key of the demo").await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let key_file = |name: &str, key: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, key).unwrap();
            path.display().to_string()
        };
        let (right, wrong) = (key_file("right", "a key of the demo\n"), key_file("wrong", "x"));
        let webhook = Webhook::new(&WebhookOptions {
            private_hosts: vec!["127.0.0.1".to_owned()],
            timeout: std::time::Duration::from_secs(10),
        })
        .unwrap();
        let message = Message {
            key: "17/body:city/assigned/1".to_owned(),
            kind: NoticeKind::Assigned,
            incident: IncidentId(17),
            subject: "Новый инцидент № 17".to_owned(),
            body: "Вам направлен инцидент".to_owned(),
            due_at: None,
            link: "http://127.0.0.1:8080/incidents/17".to_owned(),
        };
        let url = format!("{}/city-cherepovets", receiver.base_url);
        let now = SetClock::at("2026-11-20T12:00:00Z").now();
        let visit = async {
            let attempt = webhook.send(&url, Some(&right), &message, now).await;
            assert_eq!(attempt, Attempt::Sent);
            for key in [Some(wrong.as_str()), None] {
                let attempt = webhook.send(&url, key, &message, now).await;
                assert!(matches!(attempt, Attempt::Refused { .. }), "{attempt:?}");
            }
        };
        tokio::select! {
            () = visit => {}
            ended = receiver.server => panic!("the receiver ended: {ended:?}"),
        }
    });
}
