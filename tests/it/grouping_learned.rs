//! Weights of grouping are learned from judged files and from what people
//! decided, judged fairly, taken into the ruleset, and refused where they are bad.

use otklik::model::action::{Changes, Decision};

use crate::cli::{Place, Ran};

const STREETS: [&str; 26] = [
    "Садовая",
    "Гончарная",
    "Сиреневая",
    "Лесная",
    "Речная",
    "Полевая",
    "Школьная",
    "Южная",
    "Северная",
    "Зелёная",
    "Новая",
    "Мирная",
    "Озёрная",
    "Луговая",
    "Заречная",
    "Парковая",
    "Берёзовая",
    "Кленовая",
    "Рябиновая",
    "Вишнёвая",
    "Тихая",
    "Светлая",
    "Солнечная",
    "Дачная",
    "Степная",
    "Горная",
];

/// A matter told twice, by two people.
const MATTERS: [(&str, &str); 5] = [
    ("второй день нет воды, аварийную не дождаться", "вода так и не появилась, ждём аварийную"),
    ("у подъезда яма, машину не объехать", "яма у подъезда растёт, машины бьются"),
    ("фонарь не горит, вечером темно", "темно вечером, фонарь возле дома не горит"),
    ("мусор из контейнеров не вывозят", "контейнеры полны мусора, не вывозят неделю"),
    ("с крыши свисает наледь над тротуаром", "наледь на крыше, по тротуару ходить страшно"),
];

/// Messages with the numbers of their incidents, in order of arrival.
fn messages() -> Vec<(String, usize)> {
    let mut all = Vec::new();
    for (number, street) in STREETS.iter().enumerate() {
        let (first, second) = MATTERS[number % MATTERS.len()];
        let house = number * 3 + 2;
        all.push((format!("Улица {street}, {house}: {first}"), number));
        // Somebody else at the same house about something else.
        let (other, _) = MATTERS[(number + 2) % MATTERS.len()];
        all.push((format!("Улица {street}, {}: {other}", house + 40), STREETS.len() + number));
        all.push((format!("На улице {street}, {house} {second}"), number));
    }
    all
}

fn place() -> Place {
    let place = Place::new();
    place.copy_shipped("keywords", "keywords");
    place.write("otklik.toml", "data_dir = \"data\"\nkeywords_dir = \"keywords\"\n");
    let all = messages();
    let rows = all.iter().enumerate();
    let posts: String = rows.clone().map(|(id, (text, _))| format!("m{id},\"{text}\"\n")).collect();
    let gold: String = rows.map(|(id, (_, incident))| format!("m{id},{incident},sure\n")).collect();
    place.write("posts.csv", format!("id,text\n{posts}"));
    place.write("gold.csv", format!("id,incident,certainty\n{gold}"));
    place
}

fn run(place: &Place, args: &[&str]) -> Ran {
    place.run(&[args, &["--config", "otklik.toml"]].concat())
}

const LEARN: [&str; 7] =
    ["learn", "grouping", "--from", "posts.csv", "gold.csv", "--output", "json"];

/// Method: the shipped weights are first made blind; what is learned anew from a
/// judged file makes the same command group well again.
#[test]
fn a_judged_file_teaches_what_belongs_together() {
    let place = place();
    let shipped = std::fs::read_to_string(place.path("keywords/_weights.toml")).unwrap();
    let is_base = |line: &&str| line.starts_with("base = ");
    let base = shipped.lines().find(is_base).unwrap();
    place.write("keywords/_weights.toml", shipped.replacen(base, "base = -90.0", 1));
    let eval = ["eval", "incidents", "--posts", "posts.csv", "--gold", "gold.csv"];
    let blind = run(&place, &eval).exits(0).json();
    assert_eq!(blind["joined"], 0, "{blind}");

    let learn = [&LEARN[..], &["--anew"]].concat();
    let shown = run(&place, &learn).exits(0).json();
    assert_eq!((&shown["judged"], &shown["with_partner"]), (&78.into(), &26.into()), "{shown}");
    assert_eq!(shown["before"]["joined"], 0, "{shown}");
    assert!(shown["taken"].is_null());
    assert!(!place.path("keywords/_grouping.toml").exists(), "nothing is written without --take");
    // Half of twenty-six teaches too little to judge the other half by.
    assert!(shown["after"].is_null(), "{shown}");

    let take = [&learn[..], &["--take"]].concat();
    assert_eq!(run(&place, &take).exits(0).json()["taken"], "keywords");
    let first = std::fs::read(place.path("keywords/_grouping.toml")).unwrap();
    let taught = run(&place, &eval).exits(0).json();
    assert!(taught["link"]["f1"].as_f64().unwrap() > 0.8, "{taught}");
    run(&place, &["check"]).exits(0);

    // Compared under the taken weights the same lesson comes to nearly the same.
    run(&place, &take).exits(0);
    std::fs::remove_file(place.path("keywords/_grouping.toml")).unwrap();
    run(&place, &take).exits(0);
    assert_eq!(std::fs::read(place.path("keywords/_grouping.toml")).unwrap(), first);
}

/// Method: other files judge what the first ones taught; the text names the parts.
#[test]
fn other_files_judge_and_a_person_reads_the_weights() {
    let place = place();
    let judge = ["learn", "grouping", "--from", "posts.csv", "gold.csv"];
    let judged = [&judge[..], &["--judge", "posts.csv", "gold.csv", "--output", "json"]].concat();
    let shown = run(&place, &judged).exits(0).json();
    assert_eq!(shown["after"]["with_partner"], 26, "{shown}");
    let told = run(&place, &judge).exits(0);
    for words in ["тот же дом: +", "другая улица: -", "Ничего не записано"]
    {
        assert!(told.to_string().contains(words), "{words}: {told}");
    }
}

#[test]
fn bad_files_are_named() {
    let place = place();
    let gold_first = run(&place, &["learn", "grouping", "--from", "gold.csv"]).exits(2);
    assert!(gold_first.to_string().contains("gold.csv: neither posts"), "{gold_first}");
    run(&place, &[&LEARN[..], &["--take"]].concat()).exits(0);
    let good = std::fs::read_to_string(place.path("keywords/_grouping.toml")).unwrap();
    place.write("keywords/_grouping.toml", good.replace("version = 1", "version = one"));
    let refused = run(&place, &["check"]).exits(1);
    assert!(refused.to_string().contains("keywords/_grouping.toml:4: error: version"), "{refused}");
    place.write("keywords/_grouping.toml", good.replace("same_topic", "same_tropic"));
    let refused = run(&place, &["check"]).exits(1);
    assert!(refused.to_string().contains("same_tropic"), "{refused}");
}

/// Method: people accept every incident and join what the machine left apart;
/// before that there is nothing to learn from.
#[test]
fn decisions_of_people_are_learned_from() {
    let place = place();
    let post = |(number, (text, _)): (usize, &(String, usize))| {
        let minute = number % 60;
        serde_json::json!({
            "network": "vk", "native_id": number.to_string(), "text": format!("{text}, примите меры!"),
            "published_at": format!("2026-11-20T{:02}:{minute:02}:00+03:00", 8 + number / 60),
        })
        .to_string()
            + "\n"
    };
    let all = messages();
    place.write("posts.ndjson", all.iter().enumerate().map(post).collect::<String>());
    run(&place, &["import", "posts.ndjson"]).exits(0);
    let few = run(&place, &["learn", "grouping"]).exits(1);
    assert!(few.to_string().contains("Учиться не на чем"), "{few}");

    let data = place.path("data");
    let mut pipeline = crate::world::pipeline::Pipeline::open(&data, "2026-11-22T10:00:00Z");
    for (number, (_, incident)) in all.iter().enumerate() {
        let post = pipeline.position("vk", &number.to_string());
        let first = all.iter().position(|(_, other)| other == incident).unwrap();
        if first < number {
            let into = pipeline.position("vk", &first.to_string());
            if pipeline.incident_of(into) != pipeline.incident_of(post) {
                pipeline.done("anna", Decision::Join { into, from: post });
            }
        } else {
            pipeline.done("anna", Decision::Correct { post, changes: Changes::default() });
        }
    }
    drop(pipeline);
    let shown = run(&place, &["learn", "grouping", "--output", "json"]).exits(0).json();
    assert_eq!(shown["judged"], all.len(), "{shown}");
    assert!(shown["with_partner"].as_u64().unwrap() >= 20, "{shown}");
}
