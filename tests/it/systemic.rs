//! What comes back again and again becomes a systemic problem: listed for those
//! who look after prevention, with its history, the same on page, table and API.

use otklik::model::person::{Reach, Role};
use otklik::model::region::TerritoryId;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::posts::post;
use crate::world::workplace::{Browser, Workplace, body};

const DAY_SECS: i64 = 24 * 3600;
const START: &str = "2026-03-01T10:00:00Z";

/// The same pit in five people's words, a month apart, and half a year.
const PIT: [(&str, &str); 5] = [
    ("Огромная яма на дороге, улица Мира 12 в Вологде, почините!", "2026-03-01T09:40:00Z"),
    ("Снова яма на дороге у дома 12 на улице Мира, Вологда, почините!", "2026-03-31T09:40:00Z"),
    ("Опять огромная яма, дорога на улице Мира 12, Вологда, ужас!", "2026-04-30T09:40:00Z"),
    ("На дороге снова яма, Вологда, улица Мира 12, сколько можно!", "2026-05-30T09:40:00Z"),
    ("Снова яма на дороге, улица Мира 12, Вологда, сколько можно!", "2026-10-27T09:40:00Z"),
];

/// Tells of the pit for the nth time, from 0; the number of its incident.
async fn told(world: &Workplace, nth: usize) -> u64 {
    let (text, at) = PIT[nth];
    world.posts(vec![post("vk", &format!("-1_{nth}"), text, at)]).await;
    let browser = world.browser("administrator").await;
    let answer = browser.get(&format!("/api/v1/posts/vk%3A-1_{nth}/explanation")).await.json();
    answer["post"]["incident"].as_u64().unwrap()
}

/// Decides, and lets a month pass.
async fn ended(world: &Workplace, number: u64, verb: &str, wish: Value) -> Value {
    let browser = world.browser("administrator").await;
    let done = done(&browser, number, verb, wish).await;
    world.clock.advance_secs(30 * DAY_SECS);
    done
}

async fn done(browser: &Browser, number: u64, verb: &str, wish: Value) -> Value {
    let answer = browser.post(&format!("/api/v1/incidents/{number}/{verb}"), wish).await;
    assert_eq!(answer.status, StatusCode::OK, "{verb}: {}", answer.text);
    answer.json()
}

/// Closed, closed, dropped, open: the numbers of the four and what dropping was.
async fn four_times(world: &Workplace) -> ([u64; 4], u64) {
    let mut numbers = [0; 4];
    for (nth, outcome) in ["solved", "explained"].into_iter().enumerate() {
        numbers[nth] = told(world, nth).await;
        let browser = world.browser("administrator").await;
        done(&browser, numbers[nth], "accept", json!({})).await;
        ended(world, numbers[nth], "close", json!({ "outcome": outcome, "reason": "залили" }))
            .await;
    }
    numbers[2] = told(world, 2).await;
    let dropped = ended(world, numbers[2], "drop", json!({ "reason": "joke" })).await;
    let browser = world.browser("administrator").await;
    assert_eq!(problems(&browser).await, json!([]), "a dropped incident does not count");
    let page = browser.get("/systemic").await.text;
    assert!(page.contains("Пока ничего не повторялось 3 раза за 120 дней."), "{page}");
    numbers[3] = told(world, 3).await;
    (numbers, dropped["action"].as_u64().unwrap())
}

async fn problems(browser: &Browser) -> Value {
    browser.get("/api/v1/systemic").await.json()["problems"].clone()
}

fn numbers_of(problem: &Value) -> Vec<u64> {
    let incidents = problem["incidents"].as_array().unwrap();
    incidents.iter().map(|one| one["number"].as_u64().unwrap()).collect()
}

/// Goal: the third time in a season is listed with its history, on page, card,
/// table and API alike; what a person dropped counts when it is taken back.
#[tokio::test]
async fn the_third_time_in_a_season_is_listed_with_its_history() {
    let world = Workplace::open(START).await;
    let ([one, two, dropped, last], drop_action) = four_times(&world).await;
    let browser = world.browser("oversight").await;
    let answer = browser.get("/api/v1/systemic").await.json();
    assert_eq!((&answer["total"], &answer["completeness"]["blind"]), (&json!(1), &json!(0)));
    let problem = &answer["problems"][0];
    assert_eq!(numbers_of(problem), [last, two, one]);
    assert_eq!((&problem["number"], &problem["times"]), (&json!(one), &json!(3)));
    assert_eq!(
        (&problem["topic_group"], &problem["territory"]),
        (&json!("roads"), &json!("vologda"))
    );
    assert_eq!((&problem["since"], &problem["others"]), (&json!(START), &json!([])));
    let outcomes: Vec<&Value> =
        problem["incidents"].as_array().unwrap().iter().map(|time| &time["outcome"]).collect();
    assert_eq!(outcomes, [&Value::Null, &json!("explained"), &json!("solved")]);

    let page = browser.get("/systemic").await.text;
    for shown in ["3 раза за сезон", "с 1 марта, 13:00", "разъяснено", "решено", "ответа нет"]
    {
        assert!(page.contains(shown), "the page lacks «{shown}»: {page}");
    }
    for number in [one, two, last] {
        assert!(page.contains(&format!("<a href=\"/incidents/{number}\"><b>№ {number}</b>")));
    }
    assert!(!page.contains(&format!("№ {dropped}<")), "what was dropped is not its history");
    let csv = browser.get("/systemic.csv").await.text;
    assert_eq!(csv.lines().count(), 1 + 3, "{csv}");
    assert!(csv.lines().nth(1).unwrap().starts_with(&format!("{one},")), "{csv}");

    let card = browser.get(&format!("/incidents/{last}")).await.text;
    assert!(card.contains("Третий раз за сезон:"), "{card}");
    let link = format!("/systemic?number={last}#problem-{one}");
    assert!(card.contains(&format!("href=\"{link}\"")), "{card}");
    let page = browser.get(&link).await.text;
    let marked = format!("<section class=\"part systemic asked\" id=\"problem-{one}\">");
    assert!(page.contains(&marked), "{page}");
    assert_eq!(page.matches("<tr class=\"asked\"").count(), 1);
    let lost = browser.get("/systemic?number=999999").await.text;
    assert!(lost.contains("Инцидент № 999999 не входит") && !lost.contains("asked"), "{lost}");
    let first = browser.get(&format!("/incidents/{one}")).await.text;
    assert!(first.contains("Потом повторилось:") && !first.contains("раз за сезон"));

    let administrator = world.browser("administrator").await;
    done(&administrator, dropped, "undo", json!({ "action": drop_action })).await;
    assert_eq!(numbers_of(&problems(&administrator).await[0]), [last, dropped, two, one]);

    // Once more after a quiet season: known, though not the third time in this one.
    done(&administrator, last, "accept", json!({})).await;
    ended(&world, last, "close", json!({ "outcome": "solved", "reason": "залили" })).await;
    world.clock.advance_secs(120 * DAY_SECS);
    let fifth = told(&world, 4).await;
    let administrator = world.browser("administrator").await;
    let card = administrator.get(&format!("/incidents/{fifth}")).await.text;
    assert!(card.contains("Было системной проблемой, раньше:"), "{card}");
    assert!(card.contains(&format!("<a href=\"/incidents/{last}\"")), "{card}");
    world.stop().await;
}

/// Goal: a problem is shown by reach, like any other list.
#[tokio::test]
async fn who_may_not_see_the_incidents_does_not_see_the_problem() {
    let world = Workplace::open(START).await;
    let ([one, two, _, last], _) = four_times(&world).await;
    let elsewhere =
        Reach { territories: vec![TerritoryId("cherepovets".to_owned())], ..Reach::default() };
    world.account("elsewhere", Role::Oversight, elsewhere).await;
    let far = world.browser("elsewhere").await;
    assert_eq!(problems(&far).await, json!([]));
    let page = far.get("/systemic").await.text;
    assert!(!page.contains("улица Мира") && !page.contains("id=\"problem-"), "{page}");
    assert_eq!(far.get("/systemic.csv").await.text.lines().count(), 1);

    let administrator = world.browser("administrator").await;
    done(&administrator, last, "assign", json!({ "body": "department-roads" })).await;
    world.account("roads", Role::Oversight, body("department-roads")).await;
    let roads = world.browser("roads").await;
    let problem = problems(&roads).await[0].clone();
    assert_eq!((numbers_of(&problem), &problem["others"]), (vec![last], &json!([two, one])));
    assert_eq!(problem["times"], 3, "how often it was does not depend on who looks");
    let page = roads.get("/systemic").await.text;
    assert!(page.contains(&format!("Ещё вне ваших полномочий: № {two}, № {one}")), "{page}");
    assert!(!page.contains(&format!("href=\"/incidents/{one}\"")));
    let card = roads.get(&format!("/incidents/{last}")).await.text;
    assert!(card.contains("Третий раз за сезон:"), "{card}");
    world.stop().await;
}

/// Goal: what people's posts opened again says so, in both languages, on card,
/// history, explanation and API.
#[tokio::test]
async fn what_was_opened_again_says_why() {
    let world = Workplace::open(START).await;
    let number = told(&world, 0).await;
    let browser = world.browser("administrator").await;
    done(&browser, number, "accept", json!({})).await;
    done(&browser, number, "close", json!({ "outcome": "solved", "reason": "залили" })).await;
    world.clock.advance_secs(3 * DAY_SECS);
    let again = "Снова яма на дороге у дома 12 на улице Мира, Вологда, почините!";
    world.posts(vec![post("vk", "-1_9", again, "2026-03-04T10:00:00Z")]).await;
    let browser = world.browser("administrator").await;
    let told = browser.get("/api/v1/posts/vk%3A-1_9/explanation").await.json();
    assert_eq!(told["post"]["incident"], json!(number), "{told}");
    let reopens = &told["memberships"][0]["reason"]["reopens"];
    assert_eq!(reopens["after_secs"], json!(3 * DAY_SECS), "{told}");
    assert_eq!((&reopens["within_hours"], &reopens["outcome"]), (&json!(504), &json!("solved")));
    let path = format!("/incidents/{number}");
    let card = browser.get(&path).await.text;
    let why = "такое же сообщение через 3 д после закрытия (срок темы";
    assert_eq!(card.matches(why).count(), 3, "card, post and history: {card}");
    assert!(card.contains("Открыт снова") && card.contains("Был закрыт: решено"), "{card}");
    browser.form("/language", &[("language", "en"), ("return", &path)]).await;
    let card = browser.get(&path).await.text;
    assert!(card.contains("the same was written 3 d after the closing"), "{card}");
    world.stop().await;
}

/// Goal: the description names every field, both languages have every word.
#[tokio::test]
async fn a_problem_is_described_and_told_in_both_languages() {
    let world = Workplace::open(START).await;
    let ([_, _, _, last], _) = four_times(&world).await;
    let browser = world.browser("administrator").await;
    let schemas = browser.get("/api/v1/openapi.json").await.json()["components"]["schemas"].clone();
    let problem = problems(&browser).await[0].clone();
    let time = problem["incidents"][0].clone();
    for (name, answer) in [("SystemicProblem", problem), ("SystemicTime", time)] {
        let sorted = |object: &Value| {
            let mut keys: Vec<String> = object.as_object().unwrap().keys().cloned().collect();
            keys.sort();
            keys
        };
        assert_eq!(sorted(&answer), sorted(&schemas[name]["properties"]), "{name}");
    }
    browser.form("/language", &[("language", "en"), ("return", "/systemic")]).await;
    let page = browser.get("/systemic").await.text;
    assert!(page.contains("3 times in a season") && page.contains("Systemic problems"), "{page}");
    let card = browser.get(&format!("/incidents/{last}")).await.text;
    assert!(card.contains("Third time in a season:"));
    world.stop().await;
}
