//! No water in a whole district is one problem, though every message names
//! another street: one incident from the fourth street on, with its reason, and
//! what was opened before is offered for joining.

use serde_json::Value;

use crate::world::posts::post;
use crate::world::workplace::Workplace;

const START: &str = "2026-03-01T10:00:00Z";

/// Six streets within an hour, in six people's words.
const TOLD: [&str; 6] = [
    "Вологда, Гончарная 3: с утра нет воды, умыться нечем",
    "Вологда, улица Сиреневая 18, воды нет никакой, и никто не предупредил!",
    "Почему отключили воду на Портовой, 7, Вологда? Нет воды второй час, дети дома",
    "Вологда, ул. Ясная, 22 – не течёт из крана ничего, нет холодной воды",
    "У нас на улице Лётной 41 (Вологда) тоже нет воды, когда дадут?",
    "Заводская 5, Вологда. Отключили воду, диспетчер трубку не берёт!",
];

async fn explained(world: &Workplace, nth: usize) -> Value {
    let browser = world.browser("administrator").await;
    let path = format!("/api/v1/posts/vk%3A-1_{nth}/explanation");
    browser.get(&path).await.json()
}

async fn tell(world: &Workplace, nth: usize) -> u64 {
    let at = format!("2026-03-01T09:{:02}:00Z", 10 + nth);
    world.posts(vec![post("vk", &format!("-1_{nth}"), TOLD[nth], &at)]).await;
    explained(world, nth).await["post"]["incident"].as_u64().unwrap()
}

/// Goal: an outage is recognised by the spread of places and the burst, joined
/// over streets with a reason, and what came before is offered for joining.
#[tokio::test]
async fn an_outage_over_many_streets_is_one_incident() {
    let world = Workplace::open(START).await;
    let mut numbers = Vec::new();
    for nth in 0..TOLD.len() {
        numbers.push(tell(&world, nth).await);
    }
    let first = numbers[0];
    assert!(numbers[1] != first && numbers[2] != first && numbers[1] != numbers[2]);
    assert_eq!(numbers[3..], [first; 3], "from the fourth street on it is one event");

    let browser = world.browser("administrator").await;
    let card = browser.get(&format!("/incidents/{first}")).await.text;
    for shown in ["часть события во всей округе", "на разных улицах"]
    {
        assert!(card.contains(shown), "the card lacks «{shown}»: {card}");
    }
    let earlier = browser.get(&format!("/incidents/{}", numbers[1])).await.text;
    assert!(earlier.contains(&format!("/incidents/{first}\"")), "{earlier}");
    let memberships = explained(&world, 5).await["memberships"].clone();
    assert_eq!(memberships[0]["reason"]["kind"], "area", "{memberships}");
}
