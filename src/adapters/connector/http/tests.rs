//! Addresses inside and outside, who we say we are, and how long answers may be.

use super::*;

#[test]
fn addresses_inside_are_known() {
    for inside in [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "::1",
        "::",
        "fc00::1",
        "fe80::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "::127.0.0.1",
    ] {
        assert!(!is_public(inside.parse().unwrap()), "{inside}");
    }
    for outside in ["8.8.8.8", "87.240.132.78", "2a00:1450::1", "::ffff:8.8.8.8"] {
        assert!(is_public(outside.parse().unwrap()), "{outside}");
    }
}

#[test]
fn only_the_configured_host_may_be_inside() {
    fn check(url: &str, base: Option<&str>, allowed: bool) {
        let url = Url::parse(url).unwrap();
        let base = base.map(|base| Url::parse(base).unwrap());
        assert_eq!(is_base(&url, base.as_ref()) || !leads_inside(&url), allowed, "{url}");
    }
    check("https://t.me/s/x", None, true);
    check("http://127.0.0.1:8080/", None, false);
    check("http://2130706433/", None, false);
    check("http://[::1]/", None, false);
    check("http://localhost/", None, false);
    check("ftp://t.me/", None, false);
    check("file:///etc/passwd", None, false);
    check("http://127.0.0.1:8080/x", Some("http://127.0.0.1:8080"), true);
    check("http://127.0.0.1:9090/x", Some("http://127.0.0.1:8080"), false);
    check("http://10.0.0.1/x", Some("http://127.0.0.1:8080"), false);
}

#[test]
fn links_to_the_next_page_are_read() {
    let link = "<https://x/a?p=1>; rel=\"prev\", <https://x/a?p=3>; rel=\"next\"";
    assert_eq!(super::link(link, "next").unwrap(), "https://x/a?p=3");
    assert_eq!(super::link(link, "prev").unwrap(), "https://x/a?p=1");
    assert_eq!(super::link("<https://x/a>; rel=\"prev\"", "next"), None);
}

#[test]
fn we_say_who_asks_and_where_to_complain() {
    fn check(contact: Option<&str>, expected: &str) {
        let agent = user_agent(contact);
        let said = agent.split_once(" (").unwrap().1;
        assert_eq!(said, expected);
        assert!(reqwest::header::HeaderValue::from_str(&agent).is_ok());
    }
    check(None, "public posts for authorities)");
    check(Some(""), "public posts for authorities)");
    check(Some("press@region.example"), "public posts for authorities; press@region.example)");
    check(Some("a\r\nX: y"), "public posts for authorities; aX: y)");
}

#[test]
fn a_definitions_own_name_has_the_contact_too() {
    fn check(name: &str, contact: Option<&str>, expected: &str) {
        assert_eq!(with_contact(name, contact), expected);
    }
    check("server:x:1 (posts)", Some("a@b.example"), "server:x:1 (posts; a@b.example)");
    check("x/1", Some("a@b.example"), "x/1 (a@b.example)");
    check("server:x:1 (posts)", None, "server:x:1 (posts)");
}

#[tokio::test]
async fn every_request_says_where_its_asker_is_reached() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let contact = Some("press@region.example".to_owned());
    let client = Client::with(&ClientOptions { contact, proxy: None }).unwrap();
    let request = Request {
        headers: vec![("User-Agent".to_owned(), "server:x:1 (posts)".to_owned())],
        ..request_of(&base)
    };
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let (heard, got) =
        tokio::join!(answered(&listener, answer), client.get(&request, Timestamp::MIN));
    assert_eq!(got.unwrap().status, 200);
    let agent = "user-agent: server:x:1 (posts; press@region.example)";
    assert!(heard.to_lowercase().contains(agent), "{heard}");
}

#[tokio::test]
async fn of_a_long_robots_txt_the_beginning_counts() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let rules = "User-agent: *\nDisallow: /private\n# long\n";
    let body = rules.to_owned() + &"#".repeat(robots::READ_MAX_BYTES);
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let client = Client::new().unwrap();
    let (open, closed) = (base.join("/news").unwrap(), base.join("/private/a").unwrap());
    let (open, closed) = (request_of(&open), request_of(&closed));
    let first = client.robots_allow(&open, Timestamp::MIN);
    assert_eq!(tokio::join!(answered(&listener, &answer), first).1, Ok(true));
    assert_eq!(client.robots_allow(&closed, Timestamp::MIN).await, Ok(false));
}

fn request_of(address: &Url) -> Request {
    Request {
        url: address.clone(),
        headers: Vec::new(),
        body_max_bytes: 1_000,
        request_max: Duration::from_secs(10),
        redirects: Redirects::Refuse,
        base: Some(address.clone()),
    }
}

/// Answers one request, and tells what it was.
async fn answered(listener: &tokio::net::TcpListener, answer: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut heard = Vec::new();
    while !heard.ends_with(b"\r\n\r\n") {
        heard.push(stream.read_u8().await.unwrap());
    }
    // Who has read enough hangs up before the end.
    let _ = stream.write_all(answer.as_bytes()).await;
    String::from_utf8(heard).unwrap()
}

#[test]
fn shown_addresses_have_no_credentials() {
    let url = Url::parse("https://u:p@x.example:8443/m/wall.get?access_token=abc#f").unwrap();
    assert_eq!(shown(&url), "https://x.example:8443/m/wall.get");
}
