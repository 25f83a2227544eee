//! The order of topics is learned from what people decided, taken into the
//! ruleset, and shown with its reason; without a good model nothing changes.

use otklik::adapters::ruleset_files::{hash, shipped};
use otklik::model::ruleset::RulesetFiles;
use otklik::model::topic::TopicId;
use otklik::rules::learning::{Judged, learn};
use otklik::rules::ranking::{RANKING_FILE, print};
use otklik::rules::ruleset::parse;
use serde_json::Value;

use crate::cli::Place;
use crate::world::posts::post;
use crate::world::workplace::Workplace;

/// Two matters in one sentence: the dictionaries hear both, in one order.
const BOTH: &str = "У колодца на Гончарной 12 яма на дороге, фонарь не горит";

/// What this region's people hold: where a lamp and a pit stand together, the
/// lamp is the matter.
const LAMPS: [&str; 8] = [
    "Фонарь не горит на Гончарной, яма на дороге не видна",
    "Не горит фонарь у школы, а там яма на дороге",
    "Фонари не горят вторую неделю, в темноте яма на дороге",
    "Не горит фонарь на Мира 5, рядом яма на дороге",
    "Фонарь не горит у дома 7, вечером яма на дороге не видна",
    "Не горят фонари на Садовой, под ними яма на дороге",
    "Фонарь не горит третий день, а под ним яма на дороге",
    "Уличный фонарь не горит, яма на дороге без света",
];
const PITS: [&str; 8] = [
    "Яма на дороге у моста, колесо пробили",
    "Огромная яма на дороге, объехать нельзя",
    "На Победы яма на дороге, третье колесо за месяц",
    "Яма на дороге растёт с каждым дождём",
    "Глубокая яма на дороге на въезде в посёлок",
    "Засыпьте яму на дороге у магазина",
    "Яма на дороге перед переездом, разбили подвеску",
    "Машина провалилась, яма на дороге по колено",
];

fn place() -> Place {
    let place = Place::new();
    place.copy_shipped("keywords", "keywords");
    place.write("otklik.toml", "data_dir = \"data\"\nkeywords_dir = \"keywords\"\n");
    place
}

fn judged(lamps: &str, pits: &str) -> String {
    let rows = |texts: &[&str], topic: &str| -> String {
        texts.iter().map(|text| format!("0,\"{text}\",{topic}\n")).collect()
    };
    format!("id,text,topic\n{}{}", rows(&LAMPS, lamps), rows(&PITS, pits))
}

const WITH: [&str; 2] = ["--config", "otklik.toml"];

fn run(place: &Place, args: &[&str]) -> crate::cli::Ran {
    place.run(&[args, &WITH].concat())
}

fn import(place: &Place, texts: &[&str]) {
    let post = |(number, text): (usize, &&str)| {
        serde_json::json!({
            "network": "vk", "native_id": number.to_string(), "text": text,
            "published_at": format!("2026-11-{:02}T10:00:00+03:00", number % 20 + 1),
        })
        .to_string()
            + "\n"
    };
    let lines: String = texts.iter().enumerate().map(post).collect();
    place.write("posts.ndjson", lines);
    run(place, &["import", "posts.ndjson"]).exits(0);
}

fn topics(explained: &Value) -> Vec<&str> {
    let topics = explained["topics"].as_array().unwrap();
    topics.iter().map(|topic| topic["topic"].as_str().unwrap()).collect()
}

/// Method: the same post is read before and after a model from a file is taken.
#[test]
fn a_judged_file_changes_the_order_and_gives_the_reason() {
    let place = place();
    place.write(
        "judged.csv",
        judged("street-lights-off", "Ямы и выбоины на дороге") + "0,Ой,Цены\n",
    );
    import(&place, &[BOTH]);
    let before = run(&place, &["explain", "vk:0", "--output", "json"]).exits(0).json();
    assert!(before["topics"][0]["learned"].is_null(), "{before}");
    assert!(topics(&before).contains(&"road-potholes"), "{before}");

    let learn = ["learn", "topics", "--from", "judged.csv", "--output", "json"];
    let shown = run(&place, &learn).exits(0).json();
    assert_eq!(shown["examples"], 16, "{shown}");
    assert_eq!(shown["unknown"]["Цены"], 1, "{shown}");
    assert!(shown["taken"].is_null());
    assert!(!place.path("keywords/_ranking.csv").exists(), "nothing is written without --take");
    assert!(shown["before"]["first"].as_f64() <= shown["after"]["first"].as_f64(), "{shown}");

    let taken = run(&place, &[&learn[..], &["--take"]].concat()).exits(0).json();
    assert_eq!(taken["taken"], "keywords");
    let first = std::fs::read(place.path("keywords/_ranking.csv")).unwrap();
    run(&place, &[&learn[..], &["--take"]].concat()).exits(0);
    assert_eq!(std::fs::read(place.path("keywords/_ranking.csv")).unwrap(), first, "same input");

    // A new post is read under the new rules; the old one keeps its finding.
    place.write(
        "again.ndjson",
        serde_json::json!({
            "network": "vk", "native_id": "later", "text": BOTH,
            "published_at": "2026-11-21T10:00:00+03:00",
        })
        .to_string(),
    );
    run(&place, &["import", "again.ndjson"]).exits(0);
    let after = run(&place, &["explain", "vk:later", "--output", "json"]).exits(0).json();
    assert_eq!(topics(&after)[0], "street-lights-off", "{after}");
    let learned = &after["topics"][0]["learned"];
    assert!(learned["certainty"].as_f64().unwrap() > 0.3, "{after}");
    assert!(learned["words"].to_string().contains("фонарь"), "{after}");
    let told = run(&place, &["explain", "vk:later"]).exits(0);
    assert!(told.to_string().contains("По прежним решениям людей"), "{told}");
    let old = run(&place, &["explain", "vk:0", "--output", "json"]).exits(0).json();
    assert_eq!(old["topics"], before["topics"], "what was concluded stays");
}

/// The shipped rules with what this region's people hold.
fn with_a_model() -> RulesetFiles {
    let mut files = shipped("vologda").unwrap();
    let judged = |texts: &[&str], topic: &str| -> Vec<Judged> {
        let topic = TopicId(topic.to_owned());
        let judged = |text: &&str| Judged { text: (*text).to_owned(), topic: topic.clone() };
        texts.iter().map(judged).collect()
    };
    let judged = [judged(&LAMPS, "street-lights-off"), judged(&PITS, "road-potholes")].concat();
    let ruleset = parse(&files, hash(&files)).unwrap();
    files.0.insert(RANKING_FILE.to_owned(), print(&learn(&judged, &ruleset).unwrap().model));
    files
}

/// Goal: what an exclusion forbids is no gain of the model's.
/// Method: a message about lamps that the ruleset's exclusion of lamps hears.
#[test]
fn what_is_excluded_counts_as_missed() {
    let files = shipped("vologda").unwrap();
    let ruleset = parse(&files, hash(&files)).unwrap();
    let lamps = || TopicId("street-lights-off".to_owned());
    let judged = |text: &&str, topic: TopicId| Judged { text: (*text).to_owned(), topic };
    let pits = PITS.iter().map(|text| judged(text, TopicId("road-potholes".to_owned())));
    let mut all: Vec<Judged> = LAMPS.iter().map(|text| judged(text, lamps())).collect();
    all.extend(pits);
    all.push(judged(&"Фонарь не горит, купил фонарик, фонарь не горит третий день", lamps()));
    let lesson = learn(&all, &ruleset).unwrap();
    let taught = lesson.taught.iter().find(|one| one.topic == lamps()).unwrap();
    assert_eq!((taught.examples, taught.after), (9, 8));
}

/// Method: one post under a workplace whose rules hold a model; its card and
/// the API name the word that the model went by.
#[tokio::test]
async fn card_and_api_show_the_learned_words() {
    let now = "2026-11-20T10:00:00Z";
    let world = Workplace::under(now, with_a_model()).await;
    let text = "В Вологде на улице Мира 12 яма на дороге, фонарь не горит, почините!";
    world.posts(vec![post("vk", "-1_1", text, now)]).await;
    let browser = world.browser("administrator").await;
    let why = browser.get("/api/v1/posts/vk:-1_1/explanation").await.json();
    let learned = &why["finding"]["topics"][0]["learned"];
    assert_eq!(why["finding"]["topics"][0]["topic"], "street-lights-off", "{why}");
    let words = learned["words"].as_array().unwrap();
    let heaviest = &words[0]["spans"][0];
    let at = |edge: &str| heaviest[edge].as_u64().unwrap() as usize;
    let heaviest = &text[at("start")..at("end")];
    assert!(words[0]["weight"].as_f64().unwrap() > 0.0, "{why}");
    let number = &why["post"]["incident"];
    let card = browser.get(&format!("/incidents/{number}")).await.text;
    let (_, shown) = card.split_once("Слова, по которым тема выбрана среди прочих").unwrap();
    let (list, _) = shown.split_once("</ul>").unwrap();
    assert!(list.contains(&format!("«{heaviest}»")), "{list}");
    world.stop().await;
}

/// Method: under a model that knows lamps, a post in which an exclusion of lamps
/// is heard, and one in which no keyword is; both are stored and read back.
#[tokio::test]
async fn a_model_adds_nothing_excluded_and_orders_what_no_word_names() {
    let now = "2026-11-20T10:00:00Z";
    let world = Workplace::under(now, with_a_model()).await;
    let excluded = "Фонарь не горит, купил фонарик, фонарь не горит у ямы на дороге, почините!";
    let unnamed = "Вологда, Гоголя 5, примите меры, прошу ответить";
    let posts = [("-1_1", excluded), ("-1_2", unnamed)];
    world.posts(posts.map(|(id, text)| post("vk", id, text, now)).to_vec()).await;
    let browser = world.browser("administrator").await;
    for (id, _) in posts {
        let why = browser.get(&format!("/api/v1/posts/vk:{id}/explanation")).await.json();
        let topics = topics(&why["finding"]);
        assert!(!topics.is_empty() && !topics.contains(&"street-lights-off"), "{why}");
        for topic in why["finding"]["topics"].as_array().unwrap() {
            assert!(topic["learned"]["certainty"].as_f64().is_some_and(f64::is_finite), "{topic}");
        }
    }
    world.stop().await;
}

#[test]
fn decisions_of_people_are_learned_from() {
    let place = place();
    let texts = [&LAMPS[..], &PITS[..]].concat();
    import(&place, &texts);
    let few = run(&place, &["learn", "topics"]).exits(1);
    assert!(few.to_string().contains("Учиться не на чем"), "{few}");
    decide(&place, texts.len());
    let shown = run(&place, &["learn", "topics", "--take", "--output", "json"]).exits(0).json();
    assert!(shown["examples"].as_u64().unwrap() >= 10, "{shown}");
    assert!(place.path("keywords/_ranking.csv").exists());
    run(&place, &["check"]).exits(0);
}

/// A person tells every post's topic, as the workplace stores it.
fn decide(place: &Place, posts: usize) {
    use otklik::model::action::{Changes, Decision};

    let data = place.path("data");
    let mut pipeline = crate::world::pipeline::Pipeline::open(&data, "2026-11-22T10:00:00Z");
    for number in 0..posts {
        let post = pipeline.position("vk", &number.to_string());
        let topic = if number < LAMPS.len() { "street-lights-off" } else { "road-potholes" };
        let changes = Changes { topic: Some(TopicId(topic.to_owned())), ..Changes::default() };
        pipeline.done("anna", Decision::Correct { post, changes });
    }
}

/// Method: a model file is broken in a known line; `check` names it and
/// nothing is read under it.
#[test]
fn a_bad_model_is_refused_by_file_line_and_field() {
    let place = place();
    place.write("judged.csv", judged("street-lights-off", "road-potholes"));
    run(&place, &["learn", "topics", "--from", "judged.csv", "--take"]).exits(0);
    run(&place, &["check"]).exits(0);
    let good = std::fs::read_to_string(place.path("keywords/_ranking.csv")).unwrap();
    place.write(
        "keywords/_ranking.csv",
        good.replacen("label,road-potholes,8,", "label,road-potholes,eight,", 1),
    );
    let refused = run(&place, &["check"]).exits(1);
    assert!(refused.to_string().contains("keywords/_ranking.csv:4: error: value"), "{refused}");
    run(&place, &["import", "judged.csv"]).exits(1);
    place.write("keywords/_ranking.csv", good.replace("road-potholes", "no-such-topic"));
    let warned = run(&place, &["check"]);
    assert!(warned.to_string().contains("no longer there"), "{warned}");
}

#[test]
fn without_a_folder_of_keywords_a_model_cannot_be_taken() {
    let place = Place::new();
    place.write("judged.csv", judged("street-lights-off", "road-potholes"));
    let refused = place.run(&["learn", "topics", "--from", "judged.csv", "--take"]).exits(2);
    assert!(refused.to_string().contains("keywords_dir"), "{refused}");
    place.run(&["learn", "topics", "--from", "judged.csv"]).exits(0);
}
