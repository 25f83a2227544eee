//! Events that a community of VKontakte sends to our own address, over real
//! HTTP: who is believed, what is stored, and that a repeat changes nothing.

use std::collections::BTreeMap;
use std::path::Path;

use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::auth::Secret;
use otklik::adapters::connector::extract::extract;
use otklik::model::post::{Network, Post, PostKey, StoredPost};
use otklik::model::source::SourceId;
use otklik::pipeline::callbacks::{CallbackOptions, Community};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::posts::at;
use crate::world::workplace::{Answer, Browser, Workplace};

const NOW: &str = "2026-11-20T17:00:00Z";
const ADDRESS: &str = "/callback/vk/dvor";
const SECRET: &str = "otvetNaSobytie7";
const CONFIRMATION: &str = "a1b2c3d4";

fn vk() -> Network {
    Network("vk".to_owned())
}

async fn world() -> Workplace {
    of_community(210_000_001).await
}

async fn of_community(group_id: u64) -> Workplace {
    let community = Community {
        group_id,
        secret: Secret::new(SECRET),
        confirmation: CONFIRMATION.to_owned(),
        source: None,
    };
    let options = CallbackOptions {
        definition: Connectors::shipped().unwrap().get(&vk()).cloned(),
        communities: BTreeMap::from([("dvor".to_owned(), community)]),
    };
    Workplace::called_by(NOW, options).await
}

/// A recorded event with the secret that the community has.
fn event(case: &str) -> Value {
    let name = format!("events-{case}.json");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/vk").join(name);
    let mut event: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    event["secret"] = SECRET.into();
    event
}

async fn send(world: &Workplace, event: &Value) -> Answer {
    call(world, ADDRESS, event.to_string()).await
}

async fn call(world: &Workplace, path: &str, body: String) -> Answer {
    world.stranger().send(Method::POST, path, &[("content-type", "application/json")], body).await
}

#[track_caller]
fn is_taken(answer: &Answer) {
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "ok"));
}

fn stored(world: &Workplace, native_id: &str) -> Option<StoredPost> {
    let key = PostKey { network: vk(), native_id: native_id.to_owned() };
    world.store.read(|reader| reader.post_by_key(&key)).unwrap()
}

/// What a post says now, and whether it is deleted.
fn says(world: &Workplace, native_id: &str) -> (String, bool) {
    let post = stored(world, native_id).unwrap();
    let read = |reader: &otklik::adapters::store::Reader| {
        let changed = reader.revisions(post.position)?.pop().map(|(text, _, _)| text);
        Ok((changed.unwrap_or(post.post.text.clone()), reader.is_deleted(&post)?))
    };
    world.store.read(read).unwrap()
}

fn totals(world: &Workplace) -> (u64, u64, u64) {
    let totals = world.store.read(|reader| reader.totals()).unwrap();
    (totals.posts, totals.revisions, totals.rejected)
}

async fn counted(browser: &Browser, outcome: &str) -> u64 {
    let text = browser.get("/metrics").await.text;
    let name = format!("otklik_callback_events_total{{callback=\"dvor\",outcome=\"{outcome}\"}} ");
    let line = text.lines().find_map(|line| line.strip_prefix(&name));
    line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
}

#[tokio::test]
async fn the_address_is_confirmed() {
    let world = world().await;
    let asked = json!({ "type": "confirmation", "group_id": 210_000_001 });
    let answer = send(&world, &asked).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, CONFIRMATION));
    let foreign = json!({ "type": "confirmation", "group_id": 210_000_002 });
    assert_eq!(send(&world, &foreign).await.status, StatusCode::FORBIDDEN);
    world.stop().await;
}

/// Goal: nobody but the community is believed, and who is not leaves nothing
/// behind but a count.
#[tokio::test]
async fn strangers_are_sent_away_and_counted() {
    let world = world().await;
    let with = |secret: Value| {
        let mut event = event("post");
        event["secret"] = secret;
        event.to_string()
    };
    let mut another = event("post");
    another["group_id"] = 7.into();
    let calls = [
        (ADDRESS, with("otvetNaSobytie8".into()), StatusCode::FORBIDDEN),
        (ADDRESS, with("".into()), StatusCode::FORBIDDEN),
        (ADDRESS, with(Value::Null), StatusCode::FORBIDDEN),
        (ADDRESS, another.to_string(), StatusCode::FORBIDDEN),
        (ADDRESS, "[1]".to_owned(), StatusCode::BAD_REQUEST),
        (ADDRESS, "{".to_owned(), StatusCode::BAD_REQUEST),
        (ADDRESS, "x".repeat(600 * 1024), StatusCode::PAYLOAD_TOO_LARGE),
        ("/callback/vk/other", event("post").to_string(), StatusCode::NOT_FOUND),
    ];
    for (path, body, expected) in calls {
        let start = body.chars().take(80).collect::<String>();
        assert_eq!(call(&world, path, body).await.status, expected, "{path} {start}");
    }
    assert_eq!(totals(&world), (0, 0, 0));
    let stranger = world.stranger();
    assert_eq!(counted(&stranger, "refused").await, 6);
    assert_eq!(counted(&stranger, "taken").await, 0);
    // A flood is sent away without being looked at for long.
    let mut floods = 0;
    for _ in 0..70 {
        let answer = call(&world, ADDRESS, with("wrong".into())).await;
        floods += u64::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(floods, 70 - (60 - 6));
    is_taken(&send(&world, &event("post")).await);
    assert_eq!(stranger.get(ADDRESS).await.status, StatusCode::NOT_FOUND, "nothing to read");
    world.stop().await;
}

/// Goal: an event is taken once, however often and however late it is told.
#[tokio::test]
async fn a_comment_lives_and_old_events_do_not_bring_it_back() {
    let world = world().await;
    let id = "-210000001_9103";
    let first = "Ольга, у «Радуги» так же";
    let second = "Ольга, у «Радуги» так же, сугроб по колено";
    let third = "у «Радуги» так же, сугроб по колено";
    for (case, text, is_deleted) in [
        ("post", "", false),
        ("reply", first, false),
        ("reply", first, false),
        ("reply-edited", second, false),
        ("reply", second, false),
        ("reply-deleted", second, true),
        ("reply-edited", second, true),
        ("reply-restored", third, false),
        ("reply-deleted", third, false),
    ] {
        is_taken(&send(&world, &event(case)).await);
        if case != "post" {
            assert_eq!(says(&world, id), (text.to_owned(), is_deleted), "after {case}");
        }
    }
    let comment = stored(&world, id).unwrap().post;
    assert_eq!(comment.parent_id.as_deref(), Some("-210000001_9101"), "it keeps its place");
    assert_eq!(totals(&world), (2, 3, 0));
    world.stop().await;
}

#[tokio::test]
async fn a_deletion_of_what_was_never_seen_keeps_the_place() {
    let world = world().await;
    is_taken(&send(&world, &event("reply-deleted")).await);
    let post = stored(&world, "-210000001_9103").unwrap().post;
    assert!(post.deleted && post.text.is_empty());
    assert_eq!(post.thread_id.as_deref(), Some("-210000001_9101"));
    assert_eq!(post.published_at, at(NOW), "nobody said when it was written");
    world.stop().await;
}

/// Goal: an event that was not taken at first and comes after what it was
/// changed to undoes nothing.
#[tokio::test]
async fn what_comes_late_undoes_nothing() {
    let world = world().await;
    let id = "-210000001_9103";
    for (cases, text, is_deleted) in [
        (&["reply-deleted", "reply", "reply-edited"][..], "", true),
        (&["reply-restored"], "у «Радуги» так же, сугроб по колено", false),
    ] {
        for case in cases {
            is_taken(&send(&world, &event(case)).await);
        }
        assert_eq!(says(&world, id), (text.to_owned(), is_deleted), "after {cases:?}");
    }
    world.stop().await;
    let world = self::world().await;
    for case in ["reply-edited", "reply"] {
        is_taken(&send(&world, &event(case)).await);
    }
    let edited = "Ольга, у «Радуги» так же, сугроб по колено";
    assert_eq!(says(&world, id), (edited.to_owned(), false));
    world.stop().await;
}

/// Goal: a post that is told and polled is one post.
#[tokio::test]
async fn what_is_told_and_what_is_polled_is_one() {
    let world = world().await;
    is_taken(&send(&world, &event("post")).await);
    is_taken(&send(&world, &event("reply")).await);
    let polled = |kind: &str, item: &Value| -> Vec<Post> {
        let connectors = Connectors::shipped().unwrap();
        let answer = json!({ "response": { "count": 1, "items": [item] } }).to_string();
        let page = extract(connectors.get(&vk()).unwrap(), kind, answer.as_bytes(), None, at(NOW));
        page.unwrap().posts
    };
    let mut posts = polled("posts", &event("post")["object"]);
    posts.extend(polled("comments", &event("reply")["object"]));
    assert_eq!(posts.len(), 2);
    world.posts(posts).await;
    assert_eq!(totals(&world), (2, 0, 0));
    world.stop().await;
}

/// Goal: the event is of the source that is polled by the community's number.
#[tokio::test]
async fn the_posts_are_of_the_communitys_source() {
    let world = world().await;
    is_taken(&send(&world, &event("post")).await);
    let source = stored(&world, "-210000001_9101").unwrap().post.source.unwrap();
    assert_eq!(source.0, "vk:wall:-210000001");
    world.stop().await;
}

/// Goal: what cannot be read is kept, without the secret; what is about no
/// post is counted; the network hears «ok» and goes on.
#[tokio::test]
async fn nothing_is_dropped_in_silence() {
    let world = world().await;
    let mut broken = event("reply");
    broken["object"] = json!({ "text": "без номера" });
    is_taken(&send(&world, &broken).await);
    for case in ["unknown", "unknown", "suggested", "message-sent"] {
        is_taken(&send(&world, &event(case)).await);
    }
    assert_eq!(totals(&world), (0, 0, 1));
    let stranger = world.stranger();
    for (outcome, count) in [("unreadable", 1), ("other", 2), ("taken", 2), ("refused", 0)] {
        assert_eq!(counted(&stranger, outcome).await, count, "{outcome}");
    }
    let kept = world.store.read(|reader| reader.rejected(10)).unwrap();
    let payload = String::from_utf8_lossy(&kept[0].payload).into_owned();
    assert!(payload.contains("без номера") && !payload.contains(SECRET), "{payload}");
    world.stop().await;
}

/// Goal: the words of a message are for those who may know who wrote them, and
/// for nobody without an account.
#[tokio::test]
async fn messages_are_no_public_posts() {
    let world = world().await;
    is_taken(&send(&world, &event("message")).await);
    is_taken(&send(&world, &event("message-old")).await);
    world.posts(Vec::new()).await;
    let post = stored(&world, "message-210000001_815").unwrap().post;
    assert!(post.private && post.url.is_none());
    let words = "капает с потолка";
    assert!(post.text.contains(words));
    let explanation = "/api/v1/posts/vk:message-210000001_815/explanation";
    let seen = world.browser("administrator").await.get(explanation).await.json();
    assert_eq!(seen["post"]["private"], true);
    assert!(seen["post"]["text"].as_str().unwrap().contains(words));
    let search = "/api/v1/posts?q=потолка";
    for login in ["analyst", "oversight"] {
        let browser = world.browser(login).await;
        for path in [explanation, search, "/search?q=потолка", "/posts.csv?q=потолка"]
        {
            let answer = browser.get(path).await;
            assert!(!answer.text.contains(words), "{login} {path}: {}", answer.text);
        }
    }
    let stranger = world.stranger();
    for path in [explanation, search, "/search?q=потолка", "/metrics", "/-/ready", ADDRESS] {
        let answer = stranger.get(path).await;
        assert!(!answer.text.contains(words), "{path}: {}", answer.text);
    }
    world.stop().await;
}

/// Goal: what people write to a body itself, alone or on its wall, is theirs
/// and becomes an incident; the words of a message stay with those who may know
/// who wrote them, on every list as well.
#[tokio::test]
async fn people_write_to_a_body_itself() {
    const CITY: u64 = 210_000_014;
    let world = of_community(CITY).await;
    let of_city = |case: &str, change: &dyn Fn(&mut Value)| {
        let mut event = event(case);
        event["group_id"] = CITY.into();
        change(&mut event["object"]);
        event
    };
    let wall = |id: u64, from: i64| {
        move |object: &mut Value| {
            object["owner_id"] = json!(-210_000_014);
            object["from_id"] = from.into();
            object["id"] = id.into();
            object["text"] = "На улице Мира, 12 второй день не убирают снег, не пройти".into();
        }
    };
    is_taken(&send(&world, &of_city("message", &|_| {})).await);
    for (id, from, event) in [(5, 510_000_031, "g1"), (6, -210_000_014, "g2")] {
        let mut told = of_city("post", &wall(id, from));
        told["event_id"] = event.into();
        is_taken(&send(&world, &told).await);
    }
    world.posts(Vec::new()).await;
    let incident_of = |id: &str| {
        let post = stored(&world, id).unwrap();
        assert_eq!(post.post.source.unwrap().0, "vk:wall:-210000014", "{id}");
        let found = world.store.read(|reader| reader.memberships(post.position)).unwrap();
        found.first().map(|(incident, _, _)| incident.0)
    };
    assert!(incident_of("-210000014_5").is_some(), "somebody else's on its wall");
    assert!(incident_of("-210000014_6").is_none(), "signed, and its own");
    let number = incident_of("message-210000014_815").unwrap();
    // Nobody can be asked for a message again.
    let sources = [SourceId("vk:wall:-210000014".to_owned())];
    let watched =
        world.store.read(|reader| reader.unwatched_members(&sources, &sources, 100)).unwrap();
    let position = |id: &str| stored(&world, id).unwrap().position;
    let watched: Vec<_> = watched.into_iter().map(|(post, _)| post).collect();
    assert_eq!(watched, [position("-210000014_5")]);

    let administrator = world.browser("administrator").await;
    let at = |verb: &str| format!("/api/v1/incidents/{number}/{verb}");
    administrator.post(&at("accept"), json!({})).await;
    administrator.post(&at("take"), json!({})).await;
    let wish = json!({ "kind": "final", "text": "Кровлю осмотрят завтра." });
    let drafted = administrator.post(&at("answer"), wish).await;
    assert_eq!(drafted.status, StatusCode::OK, "{}", drafted.text);
    let words = ["капает", "жильцы"];
    let card = format!("/incidents/{number}");
    let detail = format!("/api/v1/incidents/{number}");
    let lists = ["/incidents", "/incidents.csv", "/api/v1/incidents", &card, &detail];
    for (login, more) in [("oversight", None), ("analyst", None), ("approver", Some("/drafts"))] {
        let browser = world.browser(login).await;
        for path in lists.into_iter().chain(more) {
            if path.ends_with("csv") && login == "approver" {
                continue;
            }
            let answer = browser.get(path).await;
            assert_eq!(answer.status, StatusCode::OK, "{login} {path}");
            assert!(answer.text.contains("Течёт крыша"), "{login} {path}: {}", answer.text);
            for word in words {
                assert!(!answer.text.contains(word), "{login} {path}: {}", answer.text);
            }
        }
    }
    let drafts = administrator.get("/drafts").await.text;
    assert!(words.iter().all(|word| drafts.contains(word)), "who may know reads it: {drafts}");
    world.stop().await;
}

/// Goal: who runs the program sees what was sent away.
#[tokio::test]
async fn the_page_of_sources_shows_what_came() {
    let world = world().await;
    is_taken(&send(&world, &event("post")).await);
    assert_eq!(call(&world, ADDRESS, "{}".to_owned()).await.status, StatusCode::FORBIDDEN);
    let page = world.browser("system").await.get("/sources").await.text;
    let section = page.split("id=\"callbacks\"").nth(1).unwrap();
    let row = section.split("</tbody>").next().unwrap().split("<tbody>").nth(1).unwrap();
    let cells: Vec<&str> = row.split("<td").skip(1).collect();
    assert!(cells[0].contains("<b>dvor</b>"), "{row}");
    let numbers: Vec<&str> =
        cells[2..].iter().filter_map(|cell| cell.split('>').nth(1)?.split('<').next()).collect();
    assert_eq!(numbers, ["1", "0", "0", "1"], "{row}");
    world.stop().await;
}
