//! Coming in and going out.

use crate::browser::Browser;
use crate::demo::Demo;

#[tokio::test]
async fn only_the_right_password_opens() {
    let demo = Demo::start();
    let browser = Browser::start(&demo).await;
    browser.open("/incidents").await;
    assert!(browser.path().await.starts_with("/login?next="), "the way is remembered");
    browser.fill("[name=login]", "admin").await;
    browser.fill("[name=password]", "не тот пароль").await;
    browser.click("form[action='/login'] button").await;
    browser.see_text(".problem", "не подходят").await;
    // The browser notes every refused answer by itself.
    let noted = browser.complaints().await;
    assert!(noted.iter().all(|line| line.contains("401") || line.contains("403")), "{noted:?}");

    browser.fill("[name=password]", &demo.password).await;
    browser.click("form[action='/login'] button").await;
    browser.see("header.top").await;
    assert_eq!(browser.path().await, "/incidents");

    browser.click("form[action='/language'] button").await;
    browser.see_text("h1", "incidents").await;
    assert_eq!(browser.ask("return document.documentElement.lang").await, "en");
    browser.click("form[action='/language'] button").await;
    browser.see_text("h1", "инциденты").await;

    browser.log_out().await;
    browser.open("/triage").await;
    assert!(browser.path().await.starts_with("/login"), "nobody is in any more");
    browser.close().await;
}
