//! Finding posts, looking at sources, figures and the journal.

use crate::browser::{Browser, PHONE};
use crate::demo::Demo;

#[tokio::test]
async fn posts_are_found_by_the_query_language() {
    let demo = Demo::start();
    let browser = Browser::start(&demo).await;
    browser.log_in("admin", &demo.password).await;
    demo.incident_of_several_networks(&browser).await;
    browser.log_out().await;
    browser.log_in("analyst", &demo.password).await;
    assert_eq!(browser.path().await, "/search");

    let all = found(&browser, "вода").await;
    assert!(0 < all, "no water in the demo");
    assert!(0 < browser.count(".result mark").await, "what was found is not marked");
    let marked = browser.text(".result mark").await.unwrap();
    assert!(marked.to_lowercase().starts_with("вод"), "{marked}");
    browser.picture("search-found").await;
    let fewer = found(&browser, "вода -горячая").await;
    assert!(fewer < all, "{fewer} of {all} without hot water");
    assert_eq!(found(&browser, "вода ФРАЗАКОТОРОЙНЕТ").await, 0);

    browser.fill("#q", "\"не закрыто").await;
    browser.click(".bigfind button").await;
    browser.see(".problem").await;
    browser.close().await;
}

async fn found(browser: &Browser, query: &str) -> u64 {
    browser.open("/search").await;
    browser.fill("#q", query).await;
    browser.click(".bigfind button").await;
    total(&browser.see(".pager").await.text().await.unwrap())
}

/// The last number of a text: «1–50 из 75».
fn total(text: &str) -> u64 {
    let parts = text.rsplit(|c: char| !c.is_ascii_digit());
    let mut numbers = parts.filter_map(|one| one.parse().ok());
    numbers.next().unwrap_or_else(|| panic!("no count in «{text}»"))
}

#[tokio::test]
async fn sources_board_and_journal_tell_how_it_goes() {
    let demo = Demo::start();
    let browser = Browser::start(&demo).await;
    browser.log_in("admin", &demo.password).await;
    let number = demo.incident_of_several_networks(&browser).await;
    browser.open(&format!("/incidents/{number}")).await;
    browser.click("[data-accept]").await;
    browser.see_text("#status", "принят").await;
    browser.log_out().await;

    browser.log_in("oversight", &demo.password).await;
    assert_eq!(browser.path().await, "/board");
    let before = total(&browser.text(".number b").await.unwrap());
    browser.click(".number").await;
    let pager = browser.see_text(".pager", "из").await;
    let listed = total(pager.trim_end_matches(|c: char| !c.is_ascii_digit()));
    browser.open("/board").await;
    // Posts go on to come: the list was read between the two looks at the board.
    let after = total(&browser.text(".number b").await.unwrap());
    assert!((before..=after).contains(&listed), "{before}, {listed}, {after}: {pager}");
    assert!(0 < browser.count("table tbody tr").await, "no body got anything");

    browser.open("/journal").await;
    browser.click("button[name=verify]").await;
    browser.see(".notice.good").await;
    browser.see_text("table.journal", &number.to_string()).await;
    browser.log_out().await;

    browser.log_in("system", &demo.password).await;
    assert_eq!(browser.path().await, "/sources");
    assert!(3 < browser.count("table.sources tbody tr").await);
    browser.click("table.sources button[value=pause]").await;
    browser.see("table.sources button[value=resume]").await;
    browser.click("table.sources button[value=resume]").await;
    browser.until("resumed", "return !document.querySelector('button[value=resume]')").await;

    browser.size(PHONE).await;
    let all_is_in_sight = "return [...document.querySelectorAll('.scroll')]\
        .every((one) => one.scrollWidth <= one.clientWidth)";
    browser.until("cards instead of a wide table", all_is_in_sight).await;
    browser.close().await;
}
