//! The way of an answer on a phone: taken, answered for the time being,
//! answered for good, approved and published by another person.

use crate::browser::Browser;
use crate::browser::PHONE;
use crate::demo::Demo;

const BODY: &str = "city-cherepovets";

#[tokio::test]
async fn an_answer_goes_from_the_tray_to_the_public() {
    let demo = Demo::start();
    let browser = Browser::start(&demo).await;
    browser.log_in("admin", &demo.password).await;
    let number = demo.incident_of_several_networks(&browser).await;
    let card = format!("/incidents/{number}");
    browser.open(&card).await;
    browser.choose("[name=body]", BODY).await;
    browser.click("[data-accept]").await;
    browser.see_text("#status", "принят").await;
    browser.log_out().await;

    browser.size(PHONE).await;
    browser.log_in("coordinator", &demo.password).await;
    assert_eq!(browser.path().await, "/tray");
    browser.click(&format!("form[action='{card}/take'] button")).await;
    browser.see_text("#status", "взят в работу").await;
    browser.picture("answer-phone-taken").await;

    browser.fill("[data-answer]", "Бригада на месте. О результате сообщим к названному дню.").await;
    browser.click("[name=kind][value=interim]").await;
    set_date(&browser).await;
    browser.click("form[action$='/answer'] button.main").await;
    browser.see_text("#status", "на согласование").await;
    browser.see_text(".answer", "Бригада на месте").await;
    approves_and_publishes(&demo, &browser, &card).await;
    let clocks = browser.text(".column-side .part").await.unwrap();
    assert_eq!(browser.count(".clock.done").await, 1, "the first answer is given: {clocks}");
    assert_eq!(browser.count(".clock").await, 2, "the final one is due: {clocks}");
    browser.log_out().await;

    browser.log_in("coordinator", &demo.password).await;
    browser.open(&card).await;
    browser.fill("[data-answer]", "Готово: всё исправлено, проверили вместе с жителями.").await;
    browser.click("form[action$='/answer'] button.main").await;
    browser.see_text("#status", "на согласование").await;
    approves_and_publishes(&demo, &browser, &card).await;
    assert_eq!(browser.count(".clock:not(.done)").await, 0, "no clock runs any more");
    browser.picture("answer-phone-published").await;
    browser.close().await;
}

/// A day after tomorrow, as a person would pick it.
async fn set_date(browser: &Browser) {
    browser
        .ask(
            "const field = document.querySelector('[name=deferred_until]');
             const day = new Date(field.min + 'T12:00:00Z');
             day.setUTCDate(day.getUTCDate() + 2);
             field.value = day.toISOString().slice(0, 10);",
        )
        .await;
}

async fn approves_and_publishes(demo: &Demo, browser: &Browser, card: &str) {
    browser.open(card).await;
    assert_eq!(browser.count("form[action$='/approve']").await, 0, "nobody approves themselves");
    browser.log_out().await;
    browser.log_in("approver", &demo.password).await;
    assert_eq!(browser.path().await, "/drafts");
    browser.see(".draft .answer").await;
    browser.click(&format!("form[action='{card}/approve'] button.main")).await;
    browser.see_text("#status", "согласован").await;
    browser.open(card).await;
    browser.fill("[name=url]", "https://example.org/wall-1_2?reply=3").await;
    browser.click("form[action$='/publish'] button").await;
    browser.see_text("#status", "опубликован").await;
    browser.see(".answer.public").await;
}
