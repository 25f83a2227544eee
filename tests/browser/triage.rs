//! The administrator at work with a mouse: from the inbox to a closed incident
//! and back, joining and splitting.

use fantoccini::Locator;

use crate::browser::Browser;
use crate::demo::Demo;

#[tokio::test]
async fn an_incident_of_several_networks_is_accepted_and_closed() {
    let demo = Demo::start();
    let browser = Browser::start(&demo).await;
    browser.log_in("admin", &demo.password).await;
    assert_eq!(browser.path().await, "/triage");
    let number = demo.incident_of_several_networks(&browser).await;

    browser.open(&format!("/triage?open={number}")).await;
    browser.click("#preview h2 a").await;
    browser.see(".card-page").await;
    assert_eq!(browser.path().await, format!("/incidents/{number}"));
    sees_posts_and_reasons(&browser).await;

    browser.click("[data-accept]").await;
    browser.see_text("#status", &format!("№ {number} принят")).await;
    browser.open(&format!("/incidents/{number}")).await;
    browser.see_text(".case-head .state", "направлен").await;
    closes_and_takes_it_back(&browser, number).await;
    browser.close().await;
}

async fn sees_posts_and_reasons(browser: &Browser) {
    let networks = browser
        .ask("return new Set([...document.querySelectorAll('#posts .net')].map((n) => n.textContent)).size")
        .await;
    assert!(2 <= networks.as_u64().unwrap(), "{networks} networks");
    assert!(0 < browser.count("#posts mark").await, "no words are marked");
    browser.click("#posts .why summary").await;
    let why = browser.text("#posts .why[open]").await.unwrap();
    assert!(2 < why.lines().count(), "why here: {why}");
    browser.click(".clock summary").await;
    let spans = browser.text(".clock details[open]").await.unwrap();
    assert!(2 < spans.lines().count(), "why this deadline: {spans}");
}

async fn closes_and_takes_it_back(browser: &Browser, number: u64) {
    browser.click(".acts-more details:has([name=outcome]) summary").await;
    browser.choose("[name=outcome]", "explained").await;
    browser.fill("form[action$='/close'] [name=reason]", "проверено на месте").await;
    browser.click("form[action$='/close'] button").await;
    browser.see_text("#status", &format!("№ {number} закрыт")).await;
    browser.see_text(".case-head", "проверено на месте").await;
    browser.click("#status [data-undo] button").await;
    browser.see_text("#status", "Отменено").await;
    browser.see_text(".case-head .state", "направлен").await;
    browser.see(".history .undone").await;
}

#[tokio::test]
async fn incidents_are_told_apart_joined_and_split() {
    let demo = Demo::start();
    let browser = Browser::start(&demo).await;
    browser.log_in("admin", &demo.password).await;
    demo.incident_of_several_networks(&browser).await;
    let number = first_suggested(&browser).await;
    let card = format!("/incidents/{number}");

    browser.open(&card).await;
    let (likes, posts) = (browser.count(".suggestion").await, posts(&browser).await);
    browser.click("form[action$='/not_same'] button").await;
    browser.see_text("#status", "не одно и то же").await;
    assert_eq!(browser.count(".suggestion").await, likes - 1);
    browser.click("#status [data-undo] button").await;
    browser.see_text("#status", "Отменено").await;

    browser.click(".suggestion form[action$='/join'] button").await;
    browser.see_text("#status", "присоединён").await;
    let joined = self::posts(&browser).await;
    assert!(posts < joined, "{joined} posts after joining, {posts} before");

    let ticks = browser.client.find_all(Locator::Css("#posts [name=posts]")).await.unwrap();
    ticks.last().unwrap().click().await.unwrap();
    browser.click("button[form=split]").await;
    browser.see_text("#status", "выделен").await;
    browser.open(&card).await;
    assert_eq!(self::posts(&browser).await, joined - 1);
    browser.close().await;
}

/// The first incident that looks like another one.
async fn first_suggested(browser: &Browser) -> u64 {
    for _ in 0..100 {
        browser.open("/triage?view=suggested").await;
        let number = browser
            .ask("return Number(document.querySelector('#rows > .row')?.dataset.number ?? 0)")
            .await;
        if let Some(number @ 1..) = number.as_u64() {
            return number;
        }
    }
    panic!("nothing looks like anything else");
}

async fn posts(browser: &Browser) -> usize {
    browser.count("#posts article.post").await
}
