//! What a channel says of a receiver that takes, refuses, asks to wait, hangs
//! or is not there.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use otklik::adapters::channel::Message;
use otklik::adapters::channel::email::{Email, EmailOptions, EmailTls};
use otklik::adapters::channel::webhook::{Webhook, WebhookOptions};
use otklik::model::incident::IncidentId;
use otklik::model::notice::{Attempt, NoticeKind, Trouble};
use sha2::Sha256;

use crate::world::posts::at;
use crate::world::receiver::{ExtraHeaders, Receiver};
use crate::world::smtp::{MailServer, hanging_server, refusing_server};

const ADDRESS: &str = "priem@city.example";

fn email(port: u16) -> Email {
    let options = EmailOptions {
        host: "127.0.0.1".to_owned(),
        port,
        tls: EmailTls::None,
        ca_file: None,
        login: None,
        password_file: None,
        from: "Отклик <otklik@region.example>".to_owned(),
        timeout: Duration::from_secs(2),
    };
    Email::new(&options).unwrap()
}

fn message() -> Message {
    Message {
        key: "17/body:city/assigned/1/email:priem@city.example".to_owned(),
        kind: NoticeKind::Assigned,
        incident: IncidentId(17),
        subject: "Новый инцидент № 17: Ямы на дороге, Череповец, проспект Победы".to_owned(),
        body: "Что: Ямы на дороге\n.строка с точкой\nСрок: 21 ноября, 16:40".to_owned(),
        due_at: Some(at("2026-11-21T13:40:00Z")),
        link: "https://otklik.example/incidents/17".to_owned(),
    }
}

#[tokio::test]
async fn a_letter_arrives_as_it_was_written() {
    let server = MailServer::start();
    let email = email(server.port);
    assert_eq!(email.send(ADDRESS, &message()).await, Attempt::Sent);
    assert_eq!(email.send(ADDRESS, &message()).await, Attempt::Sent);
    let letters = server.letters();
    assert_eq!(letters.len(), 2);
    let letter = &letters[0];
    assert_eq!(letter.subject, message().subject);
    assert_eq!(letter.body.trim_end().replace("\r\n", "\n"), message().body);
    assert_eq!(letter.to, ADDRESS);
    assert_eq!(letter.from, "Отклик <otklik@region.example>");
    assert!(letter.message_id.ends_with("@region.example>"), "{}", letter.message_id);
    assert_eq!(letter.message_id, letters[1].message_id, "a repetition can be told");
    assert_eq!(letter.auto_submitted, "auto-generated");
}

#[tokio::test]
async fn refusals_are_for_ever_or_for_now() {
    let cases = [
        ("550 5.1.1 <priem@city.example> unknown", false, "SMTP 550"),
        ("552 5.2.2 mailbox full", false, "SMTP 552"),
        ("451 4.7.1 try again later", true, "SMTP 451"),
        ("421 4.3.2 going down", true, "SMTP 421"),
        // Our own login: nothing is wrong with the recipient.
        ("530 5.7.0 authenticate first", true, "SMTP 530"),
    ];
    for (answer, again, code) in cases {
        let attempt = email(refusing_server(answer)).send(ADDRESS, &message()).await;
        let (is_retry, error) = match attempt {
            Attempt::Retry { error, .. } => (true, error),
            Attempt::Refused { error } => (false, error),
            Attempt::Sent => panic!("{answer} was taken for a delivery"),
        };
        assert_eq!(is_retry, again, "{answer}");
        assert!(error.contains(code), "{error}");
        assert!(!error.contains("priem"), "{error} names the address");
    }
}

#[tokio::test]
async fn silence_and_absence_are_for_now() {
    let begun = std::time::Duration::from_secs(30);
    let hanging = email(hanging_server());
    let attempt = tokio::time::timeout(begun, hanging.send(ADDRESS, &message())).await.unwrap();
    let expected = Trouble::Timeout.told("the mail server did not answer in time");
    assert_eq!(attempt, Attempt::Retry { error: expected, retry_at: None });
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let attempt = email(nobody).send(ADDRESS, &message()).await;
    assert!(matches!(attempt, Attempt::Retry { .. }), "{attempt:?}");
    let attempt = email(nobody).send("no address at all", &message()).await;
    assert!(matches!(attempt, Attempt::Refused { .. }), "{attempt:?}");
}

fn webhook(private_hosts: &[&str]) -> Webhook {
    let private_hosts = private_hosts.iter().map(|host| (*host).to_owned()).collect();
    let timeout = Duration::from_secs(1);
    Webhook::new(&WebhookOptions { private_hosts, timeout }).unwrap()
}

#[tokio::test]
async fn a_webhook_is_signed_and_can_be_told_from_its_repetition() {
    let receiver = Receiver::start(204, &[]).await;
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "тайна\n").unwrap();
    let path = secret.path().to_str();
    let webhook = webhook(&["127.0.0.1"]);
    let now = at("2026-11-21T10:00:00Z");
    for _ in 0..2 {
        assert_eq!(webhook.send(&receiver.url, path, &message(), now).await, Attempt::Sent);
    }
    let received = receiver.received();
    let header = |name: &str| received[0].headers[name].to_str().unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice("тайна".as_bytes()).unwrap();
    mac.update(format!("{}.", header("x-otklik-timestamp")).as_bytes());
    mac.update(&received[0].body);
    let signature = header("x-otklik-signature").strip_prefix("sha256=").unwrap();
    let bytes: Vec<u8> = (0..signature.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&signature[at..at + 2], 16).unwrap())
        .collect();
    mac.verify_slice(&bytes).expect("the signature fits timestamp and body");
    assert_eq!(header("x-otklik-timestamp"), "1795255200");
    assert_eq!(header("idempotency-key"), message().key);
    assert_eq!(received[0].headers["idempotency-key"], received[1].headers["idempotency-key"]);
    let body: serde_json::Value = serde_json::from_slice(&received[0].body).unwrap();
    assert_eq!(body["incident"], 17);
    assert_eq!(body["kind"], "assigned");
    assert_eq!(body["due_at"], "2026-11-21T13:40:00Z");
}

#[tokio::test]
async fn what_a_receiver_answers() {
    let now = at("2026-11-21T10:00:00Z");
    let later = Some(at("2026-11-21T10:02:00Z"));
    let cases: [(u16, ExtraHeaders, Option<Attempt>); 6] = [
        (200, &[], Some(Attempt::Sent)),
        (
            429,
            &[("retry-after", "120")],
            retry(Trouble::AsksToWait, "asks to wait: HTTP 429", later),
        ),
        (503, &[], retry(Trouble::Failed, "has failed: HTTP 503", None)),
        (404, &[], refused(404)),
        (410, &[], refused(410)),
        // A redirect could lead anywhere, inside the network too.
        (307, &[("location", "http://127.0.0.1:1/")], refused(307)),
    ];
    for (status, headers, expected) in cases {
        let receiver = Receiver::start(status, headers).await;
        let attempt = webhook(&["127.0.0.1"]).send(&receiver.url, None, &message(), now).await;
        assert_eq!(Some(attempt), expected, "{status}");
        assert_eq!(receiver.received().len(), 1);
    }
}

fn retry(trouble: Trouble, what: &str, retry_at: Option<jiff::Timestamp>) -> Option<Attempt> {
    Some(Attempt::Retry { error: trouble.told(&format!("the receiver {what}")), retry_at })
}

fn refused(code: u16) -> Option<Attempt> {
    let detail = format!("the receiver refuses: HTTP {code}");
    Some(Attempt::Refused { error: Trouble::Refused.told(&detail) })
}

#[tokio::test]
async fn a_webhook_does_not_reach_into_the_network() {
    let receiver = Receiver::start(200, &[]).await;
    let now = at("2026-11-21T10:00:00Z");
    let named = receiver.url.replace("127.0.0.1", "localhost");
    for url in [&receiver.url, &named] {
        let attempt = webhook(&[]).send(url, None, &message(), now).await;
        assert!(matches!(attempt, Attempt::Refused { .. }), "{url}: {attempt:?}");
    }
    assert_eq!(receiver.received().len(), 0);
    assert_eq!(webhook(&["localhost"]).send(&named, None, &message(), now).await, Attempt::Sent);
}

#[tokio::test]
async fn a_receiver_that_hangs_is_left() {
    let url = format!("http://127.0.0.1:{}/in", hanging_server());
    let now = at("2026-11-21T10:00:00Z");
    let attempt = webhook(&["127.0.0.1"]).send(&url, None, &message(), now).await;
    let error = Trouble::Timeout.told("the receiver did not answer in time");
    assert_eq!(attempt, Attempt::Retry { error, retry_at: None });
}
