//! The workplace over HTTP: who gets in, who may what, the same numbers on
//! page, CSV and API, nothing hostile comes through.

use otklik::adapters::store::read::JournalFilter;
use otklik::model::person::Role;
use otklik::model::post::Post;
use otklik::server::{Access, routes};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::posts::post;
use crate::world::workplace::{Answer, Browser, PASSWORD, Workplace, body};

const NOW: &str = "2026-11-20T10:00:00Z";
const BEFORE: &str = "2026-11-20T09:40:00Z";

fn pothole() -> Post {
    let text = "Огромная яма на дороге, улица Мира 12 в Вологде, машины бьют колёса, почините!";
    Post {
        author_name: Some("Пётр Сидоров".to_owned()),
        url: Some("https://vk.example/wall-1_1".to_owned()),
        ..post("vk", "-1_1", text, BEFORE)
    }
}

fn heating() -> Post {
    let text = "В доме на улице Ленина 5 в Череповце нет отопления третий день, батареи холодные, \
                сделайте что-нибудь!";
    post("telegram", "chat/7", text, BEFORE)
}

fn hostile() -> Post {
    let text = "<script>alert(1)</script> Яма на дороге на улице Гагарина 3 в Вологде, \
                \"><img src=x onerror=alert(2)> почините дорогу!";
    Post {
        url: Some("javascript:alert(3)".to_owned()),
        author_name: Some("<b>Кто-то</b>".to_owned()),
        community: Some("{{ 7*7 }}<i>".to_owned()),
        ..post("vk", "-1_66", text, BEFORE)
    }
}

/// The number of the incident that a post is in.
async fn number_of(browser: &Browser, key: &str) -> u64 {
    let key: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
    let answer = browser.get(&format!("/api/v1/posts/{key}/explanation")).await;
    answer.json()["post"]["incident"].as_u64().unwrap_or_else(|| panic!("{}", answer.text))
}

async fn decide(browser: &Browser, number: u64, verb: &str, wish: Value) -> Answer {
    browser.post(&format!("/api/v1/incidents/{number}/{verb}"), wish).await
}

async fn done(browser: &Browser, number: u64, verb: &str, wish: Value) -> Value {
    let answer = decide(browser, number, verb, wish).await;
    assert_eq!(answer.status, StatusCode::OK, "{verb}: {}", answer.text);
    answer.json()
}

#[tokio::test]
async fn five_wrong_passwords_close_a_login_for_a_quarter_of_an_hour() {
    let world = Workplace::open(NOW).await;
    let mut browser = world.stranger();
    let mut seen = Vec::new();
    for login in ["administrator", "nobody-of-this-name"] {
        let mut answers = Vec::new();
        for _ in 0..6 {
            let answer = browser.log_in(login, "wrong password").await;
            answers.push((answer.status, answer.text));
        }
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1], "an unknown login must answer as a known one");
    let statuses: Vec<u16> = seen[0].iter().map(|(status, _)| status.as_u16()).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 429, 429]);
    let locked = browser.log_in("administrator", PASSWORD).await;
    assert_eq!((locked.status.as_u16(), locked.code().as_str()), (429, "locked"));
    world.clock.advance_secs(15 * 60 + 1);
    assert_eq!(browser.log_in("administrator", PASSWORD).await.status, StatusCode::OK);
    let journal = browser.get("/api/v1/journal").await.json();
    let entries = journal["entries"].as_array().unwrap();
    let failed = entries.iter().filter(|entry| entry["action"] == "login_failed");
    assert_eq!(failed.count(), 10, "what is refused while closed is not counted");
    assert!(!journal.to_string().contains("nobody-of-this-name"), "a typed text is not kept");
    world.stop().await;
}

#[tokio::test]
async fn a_page_logs_in_and_out() {
    let world = Workplace::open(NOW).await;
    let mut browser = world.stranger();
    let sent = browser.get("/triage?view=open").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(sent.header("location"), "/login?next=%2Ftriage%3Fview%3Dopen");
    let fields =
        |next: &'static str| [("login", "administrator"), ("password", PASSWORD), ("next", next)];
    let away = browser.bare_form("/login", &fields("//evil.example"), &[]).await;
    assert_eq!(away.header("location"), "/triage", "nobody is sent to another site");
    let entered = browser.bare_form("/login", &fields("/triage?view=open"), &[]).await;
    assert_eq!(entered.header("location"), "/triage?view=open");
    let cookie = entered.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    browser.cookie = cookie.split(';').next().unwrap().to_owned();
    let page = browser.get("/triage").await;
    assert_eq!(page.status, StatusCode::OK);
    let csrf = page.text.split("name=\"csrf\" content=\"").nth(1).unwrap();
    browser.csrf = csrf.split('"').next().unwrap().to_owned();
    assert_eq!(browser.form("/logout", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/triage").await.status, StatusCode::SEE_OTHER);
    world.stop().await;
}

#[tokio::test]
async fn a_session_ends_when_nobody_uses_it() {
    let world = Workplace::open(NOW).await;
    let browser = world.browser("analyst").await;
    for _ in 0..4 {
        world.clock.advance_secs(7 * 3600);
        assert_eq!(browser.get("/search").await.status, StatusCode::OK, "used in time");
    }
    world.clock.advance_secs(9 * 3600);
    assert_eq!(browser.get("/search").await.status, StatusCode::SEE_OTHER, "left alone");
    world.stop().await;
}

#[tokio::test]
async fn no_change_without_the_sessions_token_and_from_elsewhere() {
    let world = Workplace::open(NOW).await;
    world.posts(vec![pothole()]).await;
    let browser = world.browser("administrator").await;
    let number = number_of(&browser, "vk:-1_1").await;
    let posts = routes().into_iter().filter(|route| route.method != Method::GET);
    for route in posts.filter(|route| route.access != Access::Anyone) {
        let path = route.path.replace("{id}", &number.to_string()).replace("{verb}", "accept");
        let method = route.method.clone();
        let form = ("content-type", "application/x-www-form-urlencoded");
        for body in ["", "csrf=", "csrf=AAAA"] {
            let bare = browser.send(method.clone(), &path, &[form], body.to_owned()).await;
            assert_eq!(bare.status, StatusCode::FORBIDDEN, "{method} {path} {body}");
        }
        let foreign = [form, ("origin", "https://evil.example"), ("x-csrf-token", &browser.csrf)];
        let body = format!("csrf={}", browser.csrf);
        let foreign = browser.send(method.clone(), &path, &foreign, body).await;
        assert_eq!(foreign.status, StatusCode::FORBIDDEN, "{method} {path} from elsewhere");
    }
    let incident = browser.get(&format!("/api/v1/incidents/{number}")).await.json();
    assert_eq!(incident["state"], "new");
    world.stop().await;
}

/// Which roles open which page; everybody else must not know that it is there.
const PAGES: [(&str, &[Role]); 13] = {
    use Role::{Administrator as Adm, Analyst as Ana, Approver as App, Coordinator as Coo};
    use Role::{Official as Off, Oversight as Ove, System as Sys};
    [
        ("/triage", &[Adm]),
        ("/tray", &[Adm, Coo, Off]),
        ("/drafts", &[Adm, Coo, App]),
        ("/incidents", &[Adm, Coo, Off, App, Ana, Ove]),
        ("/incidents.csv", &[Adm, Coo, Ana, Ove]),
        ("/search", &[Adm, Coo, App, Ana, Ove]),
        ("/board", &[Adm, Coo, Ana, Ove]),
        ("/systemic", &[Adm, Ove]),
        ("/systemic.csv", &[Adm, Ove]),
        ("/sources", &[Adm, Ove, Sys]),
        ("/deliveries", &[Adm, Ove]),
        ("/journal", &[Adm, Ove, Sys]),
        ("/account", &[Adm, Coo, Off, App, Ana, Ove, Sys]),
    ]
};

/// The same for changes through the API, each with a body that it understands.
const CHANGES: [(&str, &str, &[Role]); 8] = {
    use Role::{Administrator as Adm, Approver as App, Coordinator as Coo, Official as Off};
    [
        ("accept", "{}", &[Adm]),
        ("drop", r#"{"reason":"joke"}"#, &[Adm]),
        ("assign", r#"{"body":"city-vologda"}"#, &[Adm, Coo]),
        ("take", "{}", &[Adm, Coo, Off]),
        ("answer", r#"{"kind":"final","text":"Готово"}"#, &[Adm, Coo, Off, App]),
        ("adopt", r#"{"seen":1,"kind":"final"}"#, &[Adm, Coo, App]),
        ("close", r#"{"outcome":"solved","reason":"сделали"}"#, &[Adm, Coo, Off]),
        ("reopen", r#"{"reason":"снова яма"}"#, &[Adm, Coo]),
    ]
};

#[tokio::test]
async fn every_role_has_its_pages_and_no_other() {
    let world = Workplace::open(NOW).await;
    world.posts(vec![pothole()]).await;
    for role in Role::ALL {
        let browser = world.browser(role.as_str()).await;
        for (path, allowed) in PAGES {
            let expected = if allowed.contains(&role) { 200 } else { 404 };
            let answer = browser.get(path).await;
            assert_eq!(answer.status.as_u16(), expected, "{} {path}", role.as_str());
        }
        for (verb, wish, allowed) in CHANGES {
            let path = format!("/api/v1/incidents/1/{verb}");
            if allowed.contains(&role) {
                continue;
            }
            let answer = browser.post(&path, serde_json::from_str(wish).unwrap()).await;
            let expected = if role == Role::System { 404 } else { 403 };
            assert_eq!(answer.status.as_u16(), expected, "{} {verb}", role.as_str());
        }
    }
    let system = world.browser("system").await;
    for path in ["/incidents/1", "/incidents/1/preview", "/api/v1/incidents/1"] {
        assert_eq!(system.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let journal = system.get("/api/v1/journal").await.text;
    assert!(!journal.contains("incident:"), "a system administrator reads of no case");
    world.stop().await;
}

#[tokio::test]
async fn every_get_route_asks_who_is_there() {
    let world = Workplace::open(NOW).await;
    let stranger = world.stranger();
    for route in routes().into_iter().filter(|route| route.method == Method::GET) {
        let path = route.path.replace("{id}", "1").replace("{key}", "vk:1");
        let path = path.replace("{file}", "style.css");
        let answer = stranger.get(&path).await;
        let is_let_in = !matches!(answer.status.as_u16(), 303 | 401);
        assert_eq!(is_let_in, route.access == Access::Anyone, "{path}: {}", answer.status);
    }
    world.stop().await;
}

#[tokio::test]
async fn every_answer_is_protected() {
    let world = Workplace::open(NOW).await;
    let browser = world.browser("administrator").await;
    for path in ["/login", "/triage", "/nowhere", "/api/v1/nowhere", "/metrics", "/-/healthy"] {
        let answer = browser.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
    }
    let page = browser.get("/triage").await.text;
    for inline in ["<style", " style=", "onclick=", "<script>", "javascript:"] {
        assert!(!page.contains(inline), "{inline}");
    }
    let large = "x".repeat(300 * 1024);
    let refused = browser.form("/account/password", &[("old", &large)]).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    world.stop().await;
}

#[tokio::test]
async fn a_hostile_post_is_only_text() {
    let world = Workplace::open(NOW).await;
    world.posts(vec![hostile()]).await;
    let browser = world.browser("administrator").await;
    let number = number_of(&browser, "vk:-1_66").await;
    let paths = [
        "/triage".to_owned(),
        format!("/incidents/{number}"),
        format!("/incidents/{number}/preview"),
        "/incidents".to_owned(),
        "/search?q=%D1%8F%D0%BC%D0%B0".to_owned(),
        "/search?q=%3Cscript%3E".to_owned(),
    ];
    for path in paths {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for bad in ["<script>alert", "<img src=x", "<b>Кто-то", "<i>", "href=\"javascript:"] {
            assert!(!page.text.contains(bad), "{path} lets {bad} through");
        }
    }
    let card = browser.get(&format!("/incidents/{number}")).await.text;
    assert!(card.contains("&#60;script&#62;alert(1)"), "the text itself is shown");
    world.stop().await;
}

/// How complete a table says that it is.
fn completeness_of(table: &Answer) -> serde_json::Value {
    serde_json::from_str(table.header("x-completeness")).unwrap()
}

#[tokio::test]
async fn page_csv_and_api_count_the_same() {
    let world = Workplace::open(NOW).await;
    world.posts(vec![pothole(), heating(), hostile()]).await;
    let browser = world.browser("administrator").await;
    let queries = ["", "view=new", "state=new&territory=vologda", "state=closed", "q=яма"];
    let mut counts = Vec::new();
    for query in queries {
        let api = browser.get(&format!("/api/v1/incidents?{query}")).await.json();
        let total = api["total"].as_u64().unwrap();
        assert_eq!(api["incidents"].as_array().unwrap().len() as u64, total, "{query}");
        let csv = browser.get(&format!("/incidents.csv?{query}")).await;
        assert!(csv.text.starts_with('\u{feff}'), "office programs need the mark");
        assert_eq!(completeness_of(&csv), api["completeness"], "{query}");
        let rows = csv::Reader::from_reader(csv.text.trim_start_matches('\u{feff}').as_bytes())
            .records()
            .count();
        assert_eq!(rows as u64, total, "{query}");
        let page = browser.get(&format!("/incidents?{query}")).await.text;
        assert_eq!(page.matches("<li class=\"row\">").count() as u64, total, "{query}");
        counts.push(total);
    }
    let found = browser.get("/api/v1/posts?q=яма").await.json();
    let table = browser.get("/posts.csv?q=яма").await;
    assert!(found["completeness"]["planned"].is_number());
    assert_eq!(completeness_of(&table), found["completeness"]);
    let page = browser.get("/search?q=яма").await.text;
    assert_eq!(page.matches("class=\"quiet whole\"").count(), 1);
    assert_eq!(counts[0], 3, "{counts:?}");
    assert_eq!(counts[3], 0, "{counts:?}");
    assert_eq!(counts[4], 2, "{counts:?}");
    let wrong = browser.get("/api/v1/incidents?state=opened").await;
    assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (400, "invalid"));
    world.stop().await;
}

#[tokio::test]
async fn names_of_authors_are_for_those_who_need_them() {
    let world = Workplace::open(NOW).await;
    world.posts(vec![pothole()]).await;
    for (login, sees) in [("administrator", true), ("analyst", false), ("oversight", false)] {
        let browser = world.browser(login).await;
        let number = number_of(&browser, "vk:-1_1").await;
        let paths = [
            format!("/incidents/{number}"),
            format!("/api/v1/incidents/{number}"),
            "/api/v1/posts?q=яма".to_owned(),
            "/search?q=яма".to_owned(),
            "/posts.csv?q=яма".to_owned(),
            "/api/v1/posts/vk:-1_1/explanation".to_owned(),
        ];
        for path in paths {
            let answer = browser.get(&path).await;
            assert_eq!(answer.status, StatusCode::OK, "{login} {path}");
            assert_eq!(answer.text.contains("Пётр Сидоров"), sees, "{login} {path}");
            let by_id = answer.text.contains("author--1_1");
            assert!(sees || !by_id, "{login} {path} tells the author's id");
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn personal_data_in_texts_is_for_those_who_call_back() {
    let world = Workplace::open(NOW).await;
    let told = "Огромная яма на дороге, улица Мира 12 в Вологде, кв. 17. Почините! Звоните \
                8 921 000-11-22, Соколова Анна Ильинична, anna@example.org";
    world.posts(vec![Post { text: told.to_owned(), ..pothole() }]).await;
    let private = ["921 000-11-22", "Соколова", "anna@example"];
    for (login, sees) in [
        ("administrator", true),
        ("coordinator", true),
        ("official", true),
        ("approver", false),
        ("analyst", false),
        ("oversight", false),
    ] {
        let browser = world.browser(login).await;
        let number = number_of(&world.browser("administrator").await, "vk:-1_1").await;
        let mut paths = vec![
            format!("/incidents/{number}"),
            format!("/api/v1/incidents/{number}"),
            "/api/v1/posts/vk:-1_1/explanation".to_owned(),
        ];
        if login != "official" {
            paths.extend(["/api/v1/posts?q=яма", "/search?q=яма"].map(str::to_owned));
        }
        for path in paths {
            let answer = browser.get(&path).await;
            assert_eq!(answer.status, StatusCode::OK, "{login} {path}");
            for words in private {
                assert_eq!(answer.text.contains(words), sees, "{login} {path}: {words}");
            }
            assert!(answer.text.contains("Вологде"), "{login} {path}: where it is, is shown");
        }
    }
    let csv = world.browser("analyst").await.get("/posts.csv?q=яма").await;
    assert!(csv.text.contains("12 в Вологде") && !csv.text.contains("921 000"), "{}", csv.text);
    world.stop().await;
}

#[tokio::test]
async fn nobody_sees_or_touches_what_lies_outside_their_reach() {
    let world = Workplace::open(NOW).await;
    world.posts(vec![pothole(), heating()]).await;
    let browser = world.browser("administrator").await;
    let mine = number_of(&browser, "vk:-1_1").await;
    let other = number_of(&browser, "telegram:chat/7").await;
    let details = browser.get(&format!("/api/v1/incidents/{mine}")).await.json();
    let body_of_mine = details["body"].as_str().unwrap().to_owned();
    world.account("limited", Role::Coordinator, body(&body_of_mine)).await;
    let limited = world.browser("limited").await;
    let list = limited.get("/api/v1/incidents").await.json();
    assert_eq!(list["total"], 1);
    assert_eq!(list["incidents"][0]["number"], mine);
    for path in ["/incidents/", "/api/v1/incidents/"] {
        assert_eq!(limited.get(&format!("{path}{mine}")).await.status, StatusCode::OK);
        let hidden = limited.get(&format!("{path}{other}")).await;
        assert_eq!(hidden.status, StatusCode::NOT_FOUND, "{path}");
    }
    let found = limited.get("/api/v1/posts?q=отопления").await.json();
    assert_eq!(found["total"], 0);
    let taken = decide(&limited, other, "take", json!({})).await;
    assert_eq!(taken.status, StatusCode::NOT_FOUND);
    done(&browser, mine, "accept", json!({})).await;
    let away = decide(&limited, mine, "assign", json!({ "body": "city-cherepovets" })).await;
    assert_eq!(away.status, StatusCode::FORBIDDEN, "not out of one's own body");
    world.stop().await;
}

#[tokio::test]
async fn a_case_goes_its_way_and_every_step_can_be_taken_back() {
    let world = Workplace::open(NOW).await;
    world.posts(vec![pothole()]).await;
    let administrator = world.browser("administrator").await;
    let official = world.browser("official").await;
    let approver = world.browser("approver").await;
    let number = number_of(&administrator, "vk:-1_1").await;
    let early = decide(&official, number, "take", json!({})).await;
    assert_eq!((early.status.as_u16(), early.code().as_str()), (409, "refused"));
    let accepted = done(&administrator, number, "accept", json!({ "scale": "local" })).await;
    assert_eq!(accepted["incident"]["state"], "assigned");
    assert_eq!(accepted["incident"]["scale"], "local");
    let taken = done(&official, number, "take", json!({})).await;
    assert_eq!(taken["incident"]["official"], "official");
    let interim = json!({ "kind": "interim", "text": "Починим" });
    let no_date = decide(&official, number, "answer", interim).await;
    assert_eq!((no_date.status.as_u16(), no_date.code().as_str()), (400, "invalid"));
    let wish = json!({ "kind": "final", "text": "Яму заделали 20 ноября." });
    let drafted = done(&official, number, "answer", wish).await;
    let answer = drafted["incident"]["answers"][0]["id"].as_u64().unwrap();
    let unapproved = decide(&approver, number, "publish", json!({ "answer": answer })).await;
    assert_eq!(unapproved.code(), "refused");
    let bad = json!({ "answer": answer, "url": "javascript:alert(1)" });
    done(&approver, number, "approve", json!({ "answer": answer })).await;
    assert_eq!(decide(&approver, number, "publish", bad).await.code(), "invalid");
    let url = "https://vk.example/wall-1_1?reply=2";
    let wish = json!({ "answer": answer, "url": url });
    let published = done(&approver, number, "publish", wish).await;
    assert_eq!(published["incident"]["state"], "answered_final");
    assert_eq!(published["incident"]["answers"][0]["url"], url);
    let closed = done(&official, number, "close", json!({ "outcome": "solved" })).await;
    assert_eq!(closed["incident"]["outcome"], "solved");
    let action = closed["action"].clone();
    let back = done(&administrator, number, "undo", json!({ "action": action })).await;
    assert_eq!(back["incident"]["state"], "answered_final");
    let card = administrator.get(&format!("/incidents/{number}")).await.text;
    let shown = ["Яму заделали 20 ноября.", "Согласовано", "дан вовремя", "Человек official"];
    for text in shown.iter().chain(&["(отменено)"]) {
        assert!(card.contains(text), "the card lacks «{text}»");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_form_decides_and_offers_the_way_back() {
    let world = Workplace::open(NOW).await;
    world.posts(vec![pothole()]).await;
    let browser = world.browser("administrator").await;
    let number = number_of(&browser, "vk:-1_1").await;
    let page = browser.get("/triage").await.text;
    assert!(page.contains("<mark class=\"mark-topic\">"), "matched words are marked");
    let path = format!("/incidents/{number}/drop");
    let fields = [("reason", "joke"), ("return", "/triage?view=new")];
    let dropped = browser.form(&path, &fields).await;
    let back = dropped.header("location").to_owned();
    assert!(back.starts_with("/triage?view=new&done=drop"), "{back}");
    let page = browser.get(&back).await.text;
    assert!(page.contains(&format!("/incidents/{number}/undo")), "the way back is on the page");
    let action = back.split("action=").nth(1).unwrap();
    let undone = browser.form(&format!("/incidents/{number}/undo"), &[("action", action)]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER);
    let incident = browser.get(&format!("/api/v1/incidents/{number}")).await.json();
    assert_eq!(incident["state"], "new");
    let unknown = browser.form(&path, &[("reason", "because")]).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    world.stop().await;
}

#[tokio::test]
async fn two_incidents_become_one_and_two_again() {
    let world = Workplace::open(NOW).await;
    world.posts(vec![pothole(), heating()]).await;
    let browser = world.browser("administrator").await;
    let into = number_of(&browser, "vk:-1_1").await;
    let from = number_of(&browser, "telegram:chat/7").await;
    let itself = decide(&browser, into, "join", json!({ "incident": into })).await;
    assert_eq!(itself.code(), "invalid");
    let joined = done(&browser, into, "join", json!({ "incident": from })).await;
    assert_eq!(joined["incident"]["posts"], 2);
    let all = json!({ "posts": ["vk:-1_1", "telegram:chat/7"] });
    assert_eq!(decide(&browser, into, "split", all).await.code(), "refused");
    let split = done(&browser, into, "split", json!({ "posts": ["telegram:chat/7"] })).await;
    assert_eq!(split["incident"]["posts"], 1);
    world.stop().await;
}

/// Goal: what a body replied under a post stands on the card, and one person who
/// may publish makes it the answer.
#[tokio::test]
async fn a_reply_of_a_body_is_shown_and_accepted() {
    let world = Workplace::open(NOW).await;
    let reply = Post {
        author_id: Some("-210000014".to_owned()),
        parent_id: Some("-1_1".to_owned()),
        url: Some("https://vk.example/wall-1_1?reply=2".to_owned()),
        ..post("vk", "-1_2", "Яму заделаем завтра, спасибо за сообщение.", "2026-11-20T09:50:00Z")
    };
    world.posts(vec![pothole(), reply]).await;
    let browser = world.browser("administrator").await;
    let number = number_of(&browser, "vk:-1_1").await;
    done(&browser, number, "accept", json!({})).await;
    let told = browser.get(&format!("/api/v1/incidents/{number}")).await.json();
    let seen = &told["answers_seen"][0];
    assert_eq!((&seen["answers"], &seen["body"]), (&json!("vk:-1_1"), &json!("city-vologda")));
    assert_eq!((&told["posts"], &told["state"]), (&json!(1), &json!("assigned")));
    let official = world.browser("official").await;
    let card = official.get(&format!("/incidents/{number}")).await.text;
    assert!(card.contains("Замечен ответ") && card.contains("Яму заделаем завтра"));
    assert!(!card.contains("Принять как ответ"), "an official does not publish");
    let approver = world.browser("approver").await;
    let card = approver.get(&format!("/incidents/{number}")).await.text;
    assert!(card.contains("Принять как ответ"));
    let no_date = json!({ "seen": seen["seen"], "kind": "interim" });
    assert_eq!(decide(&approver, number, "adopt", no_date).await.code(), "invalid");
    let wish = json!({ "seen": seen["seen"], "kind": "final" });
    let adopted = done(&approver, number, "adopt", wish).await;
    assert_eq!(adopted["incident"]["state"], "answered_final");
    assert_eq!(adopted["incident"]["answers"][0]["url"], "https://vk.example/wall-1_1?reply=2");
    assert_eq!(adopted["incident"]["answers_seen"][0]["adopted"], true);
    world.stop().await;
}

/// Goal: what was answered last time is at hand when it happens again.
/// Method: answer and close a case, send its like a month later, look at card,
/// list and API; somebody whose reach does not hold the old case sees none of it.
#[tokio::test]
async fn a_problem_that_comes_back_shows_what_was_answered_before() {
    let world = Workplace::open(NOW).await;
    world.posts(vec![pothole(), heating()]).await;
    let browser = world.browser("administrator").await;
    let approver = world.browser("approver").await;
    let first = number_of(&browser, "vk:-1_1").await;
    let alone = browser.get(&format!("/api/v1/incidents/{first}")).await.json();
    assert_eq!(alone["similar"], json!([]), "nothing is like itself");
    let page = browser.get(&format!("/incidents/{first}")).await.text;
    assert!(!page.contains("id=\"similar\""), "no empty section");
    done(&browser, first, "accept", json!({})).await;
    let wish = json!({ "kind": "final", "text": "Яму на Мира, 12 залили асфальтом 21 ноября." });
    let drafted = done(&browser, first, "answer", wish).await;
    let answer = drafted["incident"]["answers"][0]["id"].as_u64().unwrap();
    done(&approver, first, "approve", json!({ "answer": answer })).await;
    done(&approver, first, "publish", json!({ "answer": answer })).await;
    done(&browser, first, "close", json!({ "outcome": "solved" })).await;
    world.clock.advance_secs(30 * 24 * 3600);
    let text = "Снова огромная яма на дороге, улица Мира 12 в Вологде, когда почините?";
    world.posts(vec![post("telegram", "chat/90", text, "2026-12-20T09:00:00Z")]).await;
    let browser = world.browser("administrator").await;
    let again = number_of(&browser, "telegram:chat/90").await;
    let told = browser.get(&format!("/api/v1/incidents/{again}")).await.json();
    assert_eq!(told["repeat_of"], first);
    let similar = told["similar"].as_array().unwrap();
    assert_eq!(similar.len(), 1, "{similar:#?}");
    assert_eq!(
        (&similar[0]["incident"], &similar[0]["outcome"]),
        (&json!(first), &json!("solved"))
    );
    assert_eq!(similar[0]["answer"]["id"], answer);
    let card = browser.get(&format!("/incidents/{again}")).await.text;
    for shown in ["Повтор закрытого инцидента", "Похожие в прошлом", "залили асфальтом"]
    {
        assert!(card.contains(shown), "the card lacks «{shown}»");
    }
    let link = format!("href=\"/incidents/{first}\"");
    assert!(card.contains(&link));
    let list = browser.get("/incidents?view=open").await.text;
    assert!(list.contains(&format!("{link}>повтор № {first}<")), "{list}");
    let body_of_new = told["body"].as_str().unwrap();
    done(&browser, again, "assign", json!({ "body": "department-roads" })).await;
    assert_ne!(body_of_new, "department-roads");
    world.account("limited", Role::Coordinator, body("department-roads")).await;
    let limited = world.browser("limited").await;
    let told = limited.get(&format!("/api/v1/incidents/{again}")).await.json();
    assert_eq!(told["similar"], json!([]), "what lies outside the reach is not shown");
    let card = limited.get(&format!("/incidents/{again}")).await.text;
    assert!(!card.contains("залили асфальтом"));
    world.stop().await;
}

#[tokio::test]
async fn the_description_names_every_route_and_every_field() {
    let world = Workplace::open(NOW).await;
    world.posts(vec![pothole()]).await;
    let browser = world.browser("administrator").await;
    let described = browser.get("/api/v1/openapi.json").await.json();
    for route in routes() {
        if !route.path.starts_with("/api/") && !route.path.starts_with("/-/") {
            continue;
        }
        let method = route.method.as_str().to_lowercase();
        assert!(described["paths"][&route.path][&method].is_object(), "{method} {}", route.path);
    }
    let number = number_of(&browser, "vk:-1_1").await;
    let explained = browser.get("/api/v1/posts/vk:-1_1/explanation").await.json();
    let answers = [
        ("IncidentDetails", browser.get(&format!("/api/v1/incidents/{number}")).await.json()),
        ("Incident", browser.get("/api/v1/incidents").await.json()["incidents"][0].clone()),
        ("Post", browser.get("/api/v1/posts?q=яма").await.json()["posts"][0].clone()),
        ("Source", browser.get("/api/v1/sources").await.json()["sources"][0].clone()),
        ("JournalEntry", browser.get("/api/v1/journal").await.json()["entries"][0].clone()),
        ("Session", browser.get("/api/v1/session").await.json()),
        ("Finding", explained["finding"].clone()),
        ("Explanation", explained),
    ];
    for (name, answer) in answers {
        let fields: Vec<&String> = answer.as_object().unwrap().keys().collect();
        let schema = &described["components"]["schemas"][name]["properties"];
        let mut known: Vec<&String> = schema.as_object().unwrap().keys().collect();
        let mut answered = fields.clone();
        known.sort();
        answered.sort();
        assert_eq!(answered, known, "{name}");
    }
    world.stop().await;
}

#[tokio::test]
async fn the_incident_has_the_fields_of_the_contract() {
    let world = Workplace::open(NOW).await;
    world.posts(vec![pothole()]).await;
    let browser = world.browser("administrator").await;
    let number = number_of(&browser, "vk:-1_1").await;
    let incident = browser.get(&format!("/api/v1/incidents/{number}")).await.json();
    let fields = "id number title state topic topic_group territory settlement place scale risk \
                  networks posts authors reach body official opened_at first_answer_due_at \
                  final_answer_due_at answered_at closed_at outcome overdue suggestions members";
    for field in fields.split_whitespace() {
        assert!(incident.get(field).is_some(), "{field}");
    }
    assert_eq!(incident["territory"], "vologda");
    assert_eq!(incident["first_answer_due_at"], "2026-11-21T10:00:00Z");
    assert_eq!(incident["members"][0]["post"], "vk:-1_1");
    assert_eq!(incident["members"][0]["reason"]["kind"], "founded");
    world.stop().await;
}

#[tokio::test]
async fn machines_are_answered() {
    let world = Workplace::open(NOW).await;
    world.posts(vec![pothole()]).await;
    let stranger = world.stranger();
    assert_eq!(stranger.get("/-/healthy").await.text, "ok\n");
    let ready = stranger.get("/-/ready").await;
    assert_eq!((ready.status, ready.json()["ready"].clone()), (StatusCode::OK, json!(true)));
    let metrics = stranger.get("/metrics").await.text;
    for line in ["otklik_build_info{version=", "otklik_posts_total 1", "otklik_incidents_total 1"] {
        assert!(metrics.contains(line), "{line} in\n{metrics}");
    }
    assert!(!metrics.contains("яма"), "metrics tell of no case");
    let reloaded = stranger.send(Method::POST, "/-/reload", &[], String::new()).await;
    assert_eq!(reloaded.status, StatusCode::OK, "a program on this machine may");
    let proxied = [("x-forwarded-for", "203.0.113.5")];
    let refused = stranger.send(Method::POST, "/-/reload", &proxied, String::new()).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "from elsewhere a person is asked for");
    world.stop().await;
}

#[tokio::test]
async fn both_languages_speak_everywhere() {
    let world = Workplace::open(NOW).await;
    world.posts(vec![pothole(), heating()]).await;
    let browser = world.browser("administrator").await;
    let number = number_of(&browser, "vk:-1_1").await;
    let card = format!("/incidents/{number}");
    let paths = ["/triage", &card, "/tray", "/drafts", "/incidents", "/search?q=яма", "/board"];
    let others = ["/systemic", "/sources", "/deliveries", "/journal?verify=1", "/account", "/help"];
    for (code, word) in [("ru", "Выйти"), ("en", "Log out")] {
        let chosen = browser.form("/language", &[("language", code), ("return", "/help")]).await;
        assert_eq!(chosen.header("location"), "/help");
        for path in paths.iter().chain(&others) {
            let page = browser.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(page.text.contains(word), "{path} in {code}");
        }
    }
    let english = world.stranger();
    let accept = [("accept-language", "en-GB,en;q=0.9")];
    let login = english.send(Method::GET, "/login", &accept, String::new()).await;
    assert!(login.text.contains("Password"));
    world.stop().await;
}

#[tokio::test]
async fn a_wrong_question_is_explained_in_the_askers_words() {
    let world = Workplace::open(NOW).await;
    let browser = world.browser("analyst").await;
    for path in ["/search?q=погода:снег", "/api/v1/posts?q=погода:снег"] {
        let answer = browser.get(path).await;
        assert!(answer.text.contains("Поле «погода» неизвестно"), "{path}: {}", answer.text);
        assert!(!answer.text.contains("unknown field"), "{path}: {}", answer.text);
    }
    world.stop().await;
}

/// Goal: who sees names that are masked for others leaves a trace, but one.
/// Method: the same card again and again, another person, an hour later.
#[tokio::test]
async fn reading_personal_data_is_an_entry_of_the_journal() {
    let world = Workplace::open(NOW).await;
    world.posts(vec![pothole()]).await;
    let (admin, analyst) = (world.browser("administrator").await, world.browser("analyst").await);
    let number = number_of(&admin, "vk:-1_1").await;
    let subject = format!("incident:{number}");
    let looks = || -> Vec<(String, String, String)> {
        let filter = JournalFilter { limit: 500, ..JournalFilter::default() };
        let entries = world.store.read(|reader| reader.journal(&filter)).unwrap();
        let looks = entries.into_iter().map(|entry| entry.entry);
        let mut looks: Vec<_> = looks
            .filter(|entry| entry.action == "read_personal")
            .map(|entry| (entry.actor, entry.subject, entry.why))
            .collect();
        looks.sort();
        looks
    };
    let about =
        |who: &str, what: &str, why: &str| (who.to_owned(), what.to_owned(), why.to_owned());
    let before = looks();
    let card = format!("/incidents/{number}");
    for _ in 0..3 {
        assert_eq!(admin.get(&card).await.status, 200);
        assert_eq!(admin.get(&format!("/api/v1/incidents/{number}")).await.status, 200);
        assert_eq!(analyst.get(&card).await.status, 200, "whose names are masked");
    }
    let once = about("administrator", &subject, "");
    assert_eq!(looks().iter().filter(|look| **look == once).count(), 1, "{before:?}");
    assert!(looks().iter().all(|(who, _, _)| who != "analyst"), "{:?}", looks());
    let history = admin.get(&card).await.text;
    assert!(!history.contains("просмотр имён"), "the card tells decisions, not looks");

    let word = "%D1%8F%D0%BC%D0%B0";
    for path in ["/search?q=", "/api/v1/posts?q="] {
        assert_eq!(admin.get(&format!("{path}{word}")).await.status, 200);
        assert_eq!(analyst.get(&format!("{path}{word}")).await.status, 200);
    }
    let asked = about("administrator", "posts", "яма");
    assert_eq!(looks().iter().filter(|look| **look == asked).count(), 1, "{:?}", looks());

    world.clock.advance_secs(3_600);
    let later = world.browser("administrator").await;
    assert_eq!(later.get(&card).await.status, 200);
    assert_eq!(looks().iter().filter(|look| **look == once).count(), 2, "{:?}", looks());
    world.stop().await;
}

/// Goal: the card quotes where a post tells of which matter, and says in which
/// language it is; the API gives the same spans.
/// Method: a Russian post about two matters and a Kazakh one with an address.
#[tokio::test]
async fn matters_and_languages_stand_on_the_card() {
    let world = Workplace::open("2026-11-20T12:00:00Z").await;
    let two = "Вологда, Гоголя 7: второй день нет воды. И фонари во дворе не горят, темно";
    let kazakh = "Вологда, Мира 19: көшеде жарық жоқ, екі күн болды";
    world
        .posts(vec![
            post("vk", "-1_1", two, "2026-11-20T11:00:00Z"),
            post("vk", "-1_2", kazakh, "2026-11-20T11:00:00Z"),
        ])
        .await;
    let browser = world.browser("administrator").await;
    let explained = |key: &str| {
        let path = format!("/api/v1/posts/{key}/explanation");
        let browser = &browser;
        async move { browser.get(&path).await.json() }
    };
    let told = explained("vk:-1_1").await;
    assert_eq!(told["finding"]["matters"].as_array().unwrap().len(), 2, "{told}");
    let card = browser.get(&format!("/incidents/{}", told["post"]["incident"])).await.text;
    assert!(card.contains("В сообщении несколько дел"));
    assert!(card.contains("«И фонари во дворе не горят, темно»"));
    assert!(!card.contains("Язык:"));
    let told = explained("vk:-1_2").await;
    assert_eq!(told["finding"]["lang"], "kk");
    let card = browser.get(&format!("/incidents/{}", told["post"]["incident"])).await.text;
    assert!(card.contains("Язык: казахский") && !card.contains("несколько дел"));
    world.stop().await;
}

/// Goal: a place of the pack has its coordinates in the API and on the card,
/// and none on a card that a person moved elsewhere.
/// Method: a post that names a town and its street; its incident is corrected.
#[tokio::test]
async fn coordinates_of_the_pack_stand_with_the_place() {
    let world = Workplace::open(NOW).await;
    world.posts(vec![pothole()]).await;
    let browser = world.browser("administrator").await;
    let told = browser.get("/api/v1/posts/vk:-1_1/explanation").await.json();
    let place = &told["finding"]["places"][0];
    let expected = json!({ "lat": 59.2205, "lon": 39.8915, "of": "settlement" });
    assert_eq!((&place["settlement"], &place["coordinates"]), (&json!("Вологда"), &expected));
    let described = browser.get("/api/v1/openapi.json").await.json();
    let schemas = &described["components"]["schemas"];
    for (name, answer) in [("Place", place), ("Coordinates", &place["coordinates"])] {
        let known = schemas[name]["properties"].as_object().unwrap();
        assert!(
            answer.as_object().unwrap().keys().all(|field| known.contains_key(field)),
            "{name}"
        );
    }
    let number = number_of(&browser, "vk:-1_1").await;
    let card = format!("/incidents/{number}");
    assert!(browser.get(&card).await.text.contains("59.2205, 39.8915"));
    done(&browser, number, "correct", json!({ "territory": "cherepovets" })).await;
    let moved = browser.get(&card).await.text;
    assert!(moved.contains("Череповец") && !moved.contains("59.2205"), "{moved}");
    world.stop().await;
}
