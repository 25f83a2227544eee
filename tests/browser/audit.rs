//! Every page of every role, on a desk and on a phone: readable, named,
//! reachable by keys, in one language, and nothing that the browser refuses.

use crate::browser::Browser;
use crate::browser::DESK;
use crate::browser::PHONE;
use crate::demo::Demo;

const SCRIPT: &str = include_str!("audit.js");

const SCREENS: [(&str, &[&str]); 5] = [
    (
        "admin",
        &[
            "/triage",
            "/triage?view=overdue",
            "/triage?view=suggested",
            "/tray",
            "/drafts",
            "/board",
            "/systemic",
            "/incidents",
            "/incidents?view=closed",
            "/search",
            "/search?q=%D0%B2%D0%BE%D0%B4%D0%B0",
            "/sources",
            "/deliveries",
            "/journal",
            "/help",
            "/account",
        ],
    ),
    ("coordinator", &["/tray"]),
    ("approver", &["/drafts"]),
    ("oversight", &["/board"]),
    ("system", &["/sources"]),
];

#[tokio::test]
async fn every_page_is_fit_to_be_used() {
    let demo = Demo::start();
    let browser = Browser::start(&demo).await;
    let mut wrong = Vec::new();
    looks_well(&browser, "nobody", "/login", &mut wrong).await;
    for (login, paths) in SCREENS {
        browser.log_in(login, &demo.password).await;
        if login == "admin" {
            let number = demo.incident_of_several_networks(&browser).await;
            looks_well(&browser, login, &format!("/incidents/{number}"), &mut wrong).await;
        }
        for path in paths {
            looks_well(&browser, login, path, &mut wrong).await;
        }
        browser.log_out().await;
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
    browser.close().await;
}

async fn looks_well(browser: &Browser, login: &str, path: &str, wrong: &mut Vec<String>) {
    for size in [DESK, PHONE] {
        browser.size(size).await;
        browser.open(path).await;
        let name: String =
            path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        browser.picture(&format!("{login}{name}-{}", size.0)).await;
        // What is folded away must be in order as well.
        browser
            .ask("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            .await;
        let found = browser.ask(SCRIPT).await;
        let complaints = browser.complaints().await;
        let found = found.as_array().unwrap().iter().filter_map(|one| one.as_str());
        let all = found.map(str::to_owned).chain(complaints);
        wrong.extend(all.map(|one| format!("{path} at {}: {one}", size.0)));
    }
    browser.size(DESK).await;
}
