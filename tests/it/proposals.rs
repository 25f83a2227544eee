//! What is proposed about incidents that are there already: shown from both
//! sides, accepted and refused with a key, and gone and back with the decisions.

use otklik::model::action::Decision;
use otklik::model::incident::IncidentId;
use otklik::model::post::{Network, Post, PostKey};
use otklik::pipeline::replay::{as_it_was, live};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::pipeline::Pipeline;
use crate::world::posts::post;
use crate::world::workplace::{Browser, Workplace};

const START: &str = "2026-11-20T10:00:00Z";

/// A pit in two people's words, and a third one's that fit both.
const BRIDGE: [&str; 3] = [
    "Вологда, улица Гончарная 14: глубокая яма на дороге, вторую машину разбили, почините!",
    "У шиномонтажа «Колёсико» асфальт провалился, на дороге торчит колодец, сделайте уже!",
    "Улица Гончарная 14, глубокая яма на дороге, вторую машину разбили, почините! Яма у \
     шиномонтажа «Колёсико», там асфальт провалился, торчит колодец",
];

/// Stores a post alone and tells its incident.
async fn told(world: &Workplace, id: &str, text: &str) -> u64 {
    world.posts(vec![post("vk", id, text, "2026-11-20T09:40:00Z")]).await;
    let browser = world.browser("administrator").await;
    number_of(&browser, id).await
}

async fn number_of(browser: &Browser, id: &str) -> u64 {
    let answer = browser.get(&format!("/api/v1/posts/vk%3A{id}/explanation")).await.json();
    answer["post"]["incident"].as_u64().unwrap()
}

async fn done(browser: &Browser, number: u64, verb: &str, wish: Value) -> u64 {
    let answer = browser.post(&format!("/api/v1/incidents/{number}/{verb}"), wish).await;
    assert_eq!(answer.status, StatusCode::OK, "{verb}: {}", answer.text);
    answer.json()["action"].as_u64().unwrap()
}

/// The facts folded again give the same incidents.
fn replays(world: &Workplace) {
    let told = |reader: &otklik::adapters::store::Reader| {
        let (live, again) = (live(reader)?, as_it_was(reader).unwrap());
        assert_eq!(live.incidents, again.incidents);
        assert_eq!(live.assignments, again.assignments);
        Ok(())
    };
    world.store.read(told).unwrap();
}

fn position_of(world: &Workplace, id: &str) -> u64 {
    let key = PostKey { network: Network("vk".to_owned()), native_id: id.to_owned() };
    world.store.read(|reader| reader.post_by_key(&key)).unwrap().unwrap().position.0
}

/// The incidents with which a merge is proposed.
async fn merges(browser: &Browser, number: u64) -> Vec<u64> {
    let answer = browser.get(&format!("/api/v1/incidents/{number}")).await.json();
    answer["merges"].as_array().unwrap().iter().map(|it| it["incident"].as_u64().unwrap()).collect()
}

/// Goal: a post that fits two incidents proposes their merge on both cards, with
/// the post and both comparisons; every decision that settles it takes it away,
/// and taking the decision back brings it back.
#[tokio::test]
async fn a_post_that_fits_two_incidents_proposes_to_merge_them() {
    let world = Workplace::open(START).await;
    let one = told(&world, "-1_1", BRIDGE[0]).await;
    let two = told(&world, "-1_2", BRIDGE[1]).await;
    assert_ne!(one, two);
    let browser = world.browser("administrator").await;
    assert_eq!(merges(&browser, one).await, Vec::<u64>::new());
    assert_eq!(told(&world, "-1_3", BRIDGE[2]).await, one);
    let (here, there) = (
        browser.get(&format!("/api/v1/incidents/{one}")).await.json(),
        browser.get(&format!("/api/v1/incidents/{two}")).await.json(),
    );
    assert_eq!((&here["suggestions"], &there["suggestions"]), (&json!(1), &json!(1)));
    let (here, there) = (&here["merges"][0], &there["merges"][0]);
    assert_eq!((&here["incident"], &there["incident"]), (&json!(two), &json!(one)));
    assert_eq!((&here["kind"], &here["post"]), (&json!("bridge"), &json!("vk:-1_3")));
    assert_eq!((&here["score"], &here["parts"]), (&there["other_score"], &there["other_parts"]));
    assert_eq!((&there["score"], &there["parts"]), (&here["other_score"], &here["other_parts"]));
    assert!(!here["parts"].as_array().unwrap().is_empty());

    for number in [one, two] {
        let card = browser.get(&format!("/incidents/{number}")).await.text;
        assert!(card.contains("сообщение подходит к обоим"), "{card}");
        assert!(card.contains("data-key=\"KeyM\"") && card.contains("data-key=\"KeyN\""));
        let inbox = browser.get("/triage?view=suggested").await.text;
        assert!(inbox.contains(&format!("data-number=\"{number}\"")), "{inbox}");
    }
    let explained = browser.get("/api/v1/posts/vk%3A-1_3/explanation").await.json();
    assert_eq!(explained["hints"][0]["incident"], two);

    let settles = [
        (one, "not_same", json!({ "incident": two })),
        (two, "close", json!({ "outcome": "explained", "reason": "не наше" })),
        (two, "drop", json!({ "reason": "joke" })),
        (one, "join", json!({ "incident": two })),
    ];
    for (number, verb, wish) in settles {
        let action = done(&browser, number, verb, wish).await;
        assert_eq!(merges(&browser, one).await, Vec::<u64>::new(), "{verb}");
        assert_eq!(merges(&browser, two).await, Vec::<u64>::new(), "{verb}");
        let undone = if verb == "join" { two } else { number };
        done(&browser, undone, "undo", json!({ "action": action })).await;
        assert_eq!(merges(&browser, one).await, [two], "{verb} taken back");
        assert_eq!(merges(&browser, two).await, [one], "{verb} taken back");
    }
    browser.form("/language", &[("language", "en"), ("return", "/triage")]).await;
    let card = browser.get(&format!("/incidents/{two}")).await.text;
    assert!(card.contains("a post fits both"), "{card}");
    replays(&world);
    world.stop().await;
}

/// Two streets' rubbish, tied by people who answer each other.
fn rubbish() -> Vec<Post> {
    let told = [
        ("1", None, "Вологда, улица Мира 12: третий день не вывозят мусор, контейнеры полны!"),
        ("2", Some("1"), "Мусор так и не вывозят, контейнеры полны, крысы бегают"),
        ("3", Some("2"), "Мусор не вывозят и на улице Ленина 40, контейнеры полны, крысы бегают"),
        ("4", Some("3"), "На улице Ленина 40 мусор не вывозят, крысы у контейнеров"),
        ("5", Some("1"), "Не вывозят мусор на улице Мира 12, контейнеры полны до краёв"),
    ];
    let post = |(id, parent, text): &(&str, Option<&str>, &str)| Post {
        parent_id: parent.map(|parent| format!("-1_{parent}")),
        ..post("vk", &format!("-1_{id}"), text, &format!("2026-11-20T09:4{id}:00Z"))
    };
    told.iter().map(post).collect()
}

/// Goal: an incident that falls into two streets is proposed to be split, with the
/// posts of either part; refusing is remembered, splitting is the ordinary split,
/// and both are taken back.
#[tokio::test]
async fn an_incident_of_two_streets_is_proposed_to_be_split() {
    let world = Workplace::open(START).await;
    world.posts(rubbish()).await;
    let browser = world.browser("administrator").await;
    let number = number_of(&browser, "-1_1").await;
    for id in ["-1_2", "-1_3", "-1_4", "-1_5"] {
        assert_eq!(number_of(&browser, id).await, number, "{id}");
    }
    let split = || async {
        browser.get(&format!("/api/v1/incidents/{number}")).await.json()["split"].clone()
    };
    let proposed = split().await;
    assert_eq!(proposed["by"], "street");
    assert_eq!(proposed["stays"], json!(["vk:-1_1", "vk:-1_5"]));
    assert_eq!(proposed["leaves"], json!(["vk:-1_3", "vk:-1_4"]));
    let card = browser.get(&format!("/incidents/{number}")).await.text;
    assert!(card.contains("Возможно, это два инцидента:") && card.contains("разные улицы"));
    assert!(card.contains("data-key=\"KeyU\"") && card.contains("data-key=\"KeyY\""), "{card}");
    let inbox = browser.get("/triage?view=suggested").await.text;
    assert!(inbox.contains("похоже на два"), "{inbox}");
    let official = world.browser("official").await;
    let card = official.get(&format!("/incidents/{number}")).await.text;
    assert!(!card.contains("Возможно, это два инцидента:"));

    let all = json!({ "posts": ["vk:-1_1", "vk:-1_3", "vk:-1_4", "vk:-1_5"] });
    let kept = done(&browser, number, "keep_together", all).await;
    assert_eq!(split().await, Value::Null);
    let further = Post {
        parent_id: Some("-1_4".to_owned()),
        ..post("vk", "-1_6", "Ленина 40, мусор не вывозят, вонь", "2026-11-20T09:50:00Z")
    };
    world.posts(vec![further]).await;
    assert_eq!(number_of(&browser, "-1_6").await, number);
    assert_eq!(split().await, Value::Null, "what people said holds for further posts too");
    done(&browser, number, "undo", json!({ "action": kept })).await;
    assert_eq!(split().await["leaves"], json!(["vk:-1_3", "vk:-1_4", "vk:-1_6"]));

    let posts = json!({ "posts": split().await["leaves"] });
    let action = done(&browser, number, "split", posts).await;
    assert_eq!(split().await, Value::Null);
    assert_ne!(number_of(&browser, "-1_4").await, number);
    done(&browser, number, "undo", json!({ "action": action })).await;
    assert_eq!(split().await["stays"], json!(["vk:-1_1", "vk:-1_5"]));
    replays(&world);
    world.stop().await;
}

/// Goal: what is proposed survives a restart, and follows later decisions then.
/// Method: the store opened anew before every decision.
#[test]
fn proposals_survive_restarts() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = Pipeline::open(dir.path(), START);
    let bridge = (1..).zip(BRIDGE);
    let told =
        |(id, text): (u64, &str)| post("vk", &format!("b{id}"), text, "2026-11-20T09:40:00Z");
    world.ingest(bridge.map(told).chain(rubbish()).collect());
    world.settle();
    let (one, two) = (world.position("vk", "b1"), world.position("vk", "b2"));
    let (here, there) = (world.incident_of(one).unwrap(), world.incident_of(two).unwrap());
    let streets = world.incident_of(world.position("vk", "-1_1")).unwrap();
    let posts = ["-1_1", "-1_3"].map(|id| world.position("vk", id)).to_vec();
    let proposed = |world: &Pipeline| {
        let merges = world.store.read(|reader| reader.merges_of(here)).unwrap();
        let split = world.store.read(|reader| reader.parting_of(streets)).unwrap();
        (merges.iter().map(|merge| merge.with).collect::<Vec<IncidentId>>(), split.is_some())
    };
    assert_eq!(proposed(&world), (vec![there], true));
    let decisions =
        [Decision::NotSame { one, other: two }, Decision::KeepTogether { posts: posts.clone() }];
    let expected = [(vec![], true), (vec![], false)];
    let mut actions = Vec::new();
    for (decision, expected) in decisions.into_iter().zip(expected) {
        drop(world);
        world = Pipeline::open(dir.path(), START);
        actions.push(world.done("admin", decision));
        assert_eq!(proposed(&world), expected);
    }
    for (action, expected) in actions.into_iter().zip([(vec![there], false), (vec![there], true)]) {
        drop(world);
        world = Pipeline::open(dir.path(), START);
        world.done("admin", Decision::Undo { action });
        assert_eq!(proposed(&world), expected);
    }
}

/// The same text by so many people of two networks, the first of whom is seen last.
fn one_text(people: usize) -> Vec<Post> {
    let text = "Требуем вернуть автобус № 48 на улицу Гончарную в Вологде: люди не могут \
                добраться до больницы, ждём по часу на морозе, услышьте жителей!";
    let sent = |nth: usize| {
        let hour = if nth + 1 == people { 5 } else { 6 + nth / 3 };
        let network = ["vk", "telegram"][nth % 2];
        let at = format!("2026-11-20T{hour:02}:1{nth}:00Z");
        Post {
            author_id: Some(format!("{nth}")),
            author_name: Some(format!("Житель Номер {nth}")),
            ..post(network, &format!("c/{nth}"), text, &at)
        }
    };
    (0..people).map(sent).collect()
}

/// Goal: copies of one text are counted beside the complaint, their first author is
/// told by right, and many people with one text in a short time are marked as a
/// campaign: on card, list and API, with its numbers, and no later term.
#[tokio::test]
async fn one_text_by_many_people_is_marked_as_a_campaign() {
    let world = Workplace::open(START).await;
    let mut posts = one_text(6);
    let rest = posts.split_off(4);
    world.posts(posts).await;
    let browser = world.browser("administrator").await;
    let key = "/api/v1/posts/vk%3Ac%2F0/explanation";
    let number = browser.get(key).await.json()["post"]["incident"].as_u64().unwrap();
    let told = || async { browser.get(&format!("/api/v1/incidents/{number}")).await.json() };
    let before = told().await;
    assert_eq!((&before["copies"], &before["campaign"]), (&json!(3), &Value::Null));
    world.posts(rest).await;
    let after = told().await;
    assert_eq!((&after["posts"], &after["copies"]), (&json!(6), &json!(5)));
    assert_eq!(
        after["campaign"],
        json!({
            "authors": 6, "posts": 6,
            "from": "2026-11-20T05:15:00Z", "until": "2026-11-20T07:14:00Z",
        })
    );
    assert_eq!(after["first_answer_due_at"], before["first_answer_due_at"]);
    let family = &after["families"][0];
    assert_eq!((&family["first"], &family["posts"]), (&json!("telegram:c/5"), &json!(6)));
    assert_eq!((&family["author"], &family["networks"]), (&json!("Житель Номер 5"), &json!(2)));

    let card = browser.get(&format!("/incidents/{number}")).await.text;
    assert!(card.contains("Похоже на кампанию, один текст:") && card.contains("5 копий"));
    assert!(card.contains("Житель Номер 5, 20 ноября, 08:15"), "{card}");
    let inbox = browser.get("/triage").await.text;
    assert!(inbox.contains("один текст: 6 авторов, за 2 ч"), "{inbox}");
    let analyst = world.browser("analyst").await;
    let card = analyst.get(&format!("/incidents/{number}")).await.text;
    assert!(card.contains("Похоже на кампанию") && !card.contains("Житель Номер"), "{card}");

    let all = json!({ "posts": ["vk:c/0", "vk:c/2"] });
    let action = done(&browser, number, "split", all).await;
    let part = told().await;
    assert_eq!((&part["copies"], &part["campaign"]), (&json!(3), &Value::Null));
    done(&browser, number, "undo", json!({ "action": action })).await;
    assert_eq!(told().await["campaign"], after["campaign"]);
    replays(&world);
    world.stop().await;
}

/// Goal: the demo has a merge to decide about.
/// Method: its script through the pipeline, in the order of its times.
#[test]
fn the_demo_proposes_a_merge() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/demo/posts.toml");
    let script: toml::Value = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let start = START.parse::<otklik::model::time::Timestamp>().unwrap();
    let told = |one: &toml::Value| {
        let text = |name: &str| one[name].as_str().unwrap().to_owned();
        let at = start + jiff::SignedDuration::from_secs(one["at_secs"].as_integer().unwrap());
        let network = text("source").split(':').next().unwrap().to_owned();
        let author = Some(text("author_id")).filter(|id| !id.is_empty());
        let post = post(&network, &text("key"), text("text").trim(), &at.to_string());
        Post { author_id: author, ..post }
    };
    let mut posts: Vec<Post> = script["post"].as_array().unwrap().iter().map(told).collect();
    posts.sort_by_key(|post| post.published_at);
    let dir = tempfile::tempdir().unwrap();
    let mut world = Pipeline::open(dir.path(), "2026-11-20T12:00:00Z");
    world.ingest(posts);
    world.settle();
    let pit = |key: &str| world.incident_of(world.position("vk", key)).unwrap();
    let (one, two) = (pit("p372"), pit("p373"));
    assert_eq!(pit("p374"), one);
    let merges = world.store.read(|reader| reader.merges_of(one)).unwrap();
    assert!(merges.iter().any(|merge| merge.with == two), "{merges:?}");
}

/// Goal: two incidents on which nobody has decided anything are merged by a post
/// that fits both beyond doubt, into the older one; the card says so, and whoever
/// takes it back has both as they were and is not overruled by the next such post.
#[tokio::test]
async fn incidents_that_a_post_shows_to_be_one_are_merged() {
    let world = Workplace::open(START).await;
    let one = told(&world, "-1_1", BRIDGE[0]).await;
    let two = told(&world, "-1_2", BRIDGE[1]).await;
    assert_ne!(one, two);
    let browser = world.browser("administrator").await;
    let told_of = |number: u64| {
        let path = format!("/api/v1/incidents/{number}");
        let browser = &browser;
        async move { browser.get(&path).await.json() }
    };
    let before = told_of(two).await;
    let both = format!("{} {}", BRIDGE[1], BRIDGE[0]);
    assert_eq!(told(&world, "-1_3", &both).await, one);
    assert_eq!(number_of(&browser, "-1_2").await, one);
    assert_eq!(told_of(two).await["state"], "joined");
    assert_eq!(told_of(one).await["posts"], 3);
    let member = browser.get("/api/v1/posts/vk%3A-1_2/explanation").await.json();
    let memberships = member["memberships"].as_array().unwrap();
    let stands = memberships.iter().find(|one| one["revoked_by"].is_null()).unwrap();
    assert_eq!(stands["reason"]["kind"], "merged", "{stands}");
    let card = browser.get(&format!("/incidents/{one}")).await.text;
    assert!(card.contains("объединён автоматически"), "{card}");
    replays(&world);

    let action = position_of(&world, "-1_3");
    done(&browser, one, "undo", json!({ "action": action })).await;
    assert_eq!(number_of(&browser, "-1_2").await, two);
    let mut expected = before;
    let mut is = told_of(two).await;
    // Who took it back said more than that: they are not the same.
    assert_eq!(is["suggestions"], 0);
    for incident in [&mut expected, &mut is] {
        let all = incident.as_object_mut().unwrap();
        all.retain(|name, _| !["suggestions", "candidates", "members"].contains(&name.as_str()));
    }
    assert_eq!(is, expected);
    assert_eq!(told_of(one).await["posts"], 2);
    assert_eq!(merges(&browser, one).await, Vec::<u64>::new(), "they are not the same");
    let again = told(&world, "-1_4", &format!("{both} Третий раз пишем!")).await;
    assert_eq!(again, one);
    assert_eq!(number_of(&browser, "-1_2").await, two, "nor by the next post");
    replays(&world);
    world.stop().await;
}

/// Goal: what a person has decided about is never merged by the program.
#[tokio::test]
async fn what_people_have_touched_is_only_proposed() {
    let world = Workplace::open(START).await;
    let one = told(&world, "-1_1", BRIDGE[0]).await;
    let two = told(&world, "-1_2", BRIDGE[1]).await;
    let browser = world.browser("administrator").await;
    done(&browser, two, "correct", json!({ "title": "Провал у шиномонтажа" })).await;
    told(&world, "-1_3", &format!("{} {}", BRIDGE[1], BRIDGE[0])).await;
    assert_eq!(number_of(&browser, "-1_2").await, two);
    assert_eq!(merges(&browser, one).await, [two]);
    world.stop().await;
}
