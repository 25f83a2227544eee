//! The inbox without a mouse, in both layouts: keys are physical.

use crate::browser::Browser;
use crate::demo::Demo;

/// What the layout writes on the keys that the inbox listens to.
struct Layout {
    next: &'static str,
    previous: &'static str,
    open: &'static str,
    drop: &'static str,
}

const LATIN: Layout = Layout { next: "j", previous: "k", open: "o", drop: "e" };
const RUSSIAN: Layout = Layout { next: "о", previous: "л", open: "щ", drop: "у" };

#[tokio::test]
async fn the_inbox_is_worked_through_by_keys() {
    let demo = Demo::start();
    let browser = Browser::start(&demo).await;
    browser.log_in("admin", &demo.password).await;
    demo.incident_of_several_networks(&browser).await;
    works_by_keys(&browser, LATIN, "Slash").await;
    // There the question mark stands on the seven.
    works_by_keys(&browser, RUSSIAN, "Digit7").await;
    browser.close().await;
}

async fn works_by_keys(browser: &Browser, layout: Layout, question: &str) {
    browser.open("/triage").await;
    let first = selected(browser).await;
    browser.press("KeyJ", layout.next).await;
    let second = selected(browser).await;
    assert_ne!(first, second);
    shows(browser, second).await;
    browser.press("KeyK", layout.previous).await;
    assert_eq!(selected(browser).await, first);
    shows(browser, first).await;

    browser.press(question, "?").await;
    browser.see_text(".keyhelp", "Enter").await;
    browser.press("Escape", "Escape").await;
    assert_eq!(browser.count(".keyhelp").await, 0);

    browser.press("KeyO", layout.open).await;
    browser.see(".card-page").await;
    assert_eq!(browser.path().await, format!("/incidents/{first}"));
    browser.press("Escape", "Escape").await;
    browser.see("main.triage").await;

    let chosen = selected(browser).await;
    shows(browser, chosen).await;
    browser.press("Enter", "Enter").await;
    browser.see_text("#status", &format!("№ {chosen} принят")).await;
    let next = selected(browser).await;
    assert_ne!(next, chosen, "the accepted one is out of the way");

    shows(browser, next).await;
    browser.press("KeyE", layout.drop).await;
    browser.see("#preview [data-drop][open]").await;
    browser.press("Digit1", "1").await;
    browser.see_text("#status", &format!("№ {next} отклонён")).await;
    assert_ne!(selected(browser).await, next);
}

async fn selected(browser: &Browser) -> u64 {
    let script = "return Number(document.querySelector('#rows > .selected').dataset.number)";
    browser.see("#rows > .selected").await;
    browser.ask(script).await.as_u64().unwrap()
}

/// The preview follows the selection.
async fn shows(browser: &Browser, number: u64) {
    browser.see(&format!("#preview .case[data-number='{number}']")).await;
}
