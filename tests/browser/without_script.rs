//! The work goes on where scripts do not run.

use crate::browser::Browser;
use crate::demo::Demo;

#[tokio::test]
async fn an_incident_is_accepted_without_scripts() {
    let demo = Demo::start();
    // One browser waits for the incident, the other one works without scripts.
    let watching = Browser::start(&demo).await;
    watching.log_in("admin", &demo.password).await;
    let number = demo.incident_of_several_networks(&watching).await;
    watching.close().await;

    let browser = Browser::without_script(&demo).await;
    browser.log_in("admin", &demo.password).await;
    let row = format!("#rows > [data-number='{number}'] .row-link");
    browser.click(&row).await;
    browser.see(".card-page").await;
    assert_eq!(browser.path().await, format!("/incidents/{number}"));
    browser.click("#posts .why summary").await;
    browser.see("#posts .why[open]").await;
    browser.click("[data-accept]").await;
    browser.see_text("#status", &format!("№ {number} принят")).await;
    browser.click("#status [data-undo] button").await;
    browser.see_text("#status", "Отменено").await;
    browser.close().await;
}
