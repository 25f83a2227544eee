//! A whole country on one local server: thousands of walls, channels and
//! feeds, each publishing a post of its own at a steady pace. What a source
//! shows is computed from its number and the country's time, so nothing is
//! kept, and whoever asks can count what should have been read. Nobody writes
//! comments. Serves one purpose: to measure reading. For networks that
//! misbehave see `network`.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use otklik::model::time::Timestamp;
use serde_json::json;
use url::Url;

/// The country's time begins here.
pub const EPOCH_SECS: i64 = 1_795_000_000;
/// Every source publishes so often.
pub const PERIOD_SECS: i64 = 120;
/// A page shows so many posts, and there are no older ones.
pub const PAGE_POSTS: i64 = 20;

const SENTENCES: [&str; 6] = [
    "Третий день не вывозят мусор от дома, баки стоят полные.",
    "На перекрёстке не горит светофор, водители уступают друг другу кто как умеет.",
    "Администрация сообщает о начале приёма заявок на субсидии для малого бизнеса.",
    "В библиотеке открылась выставка работ учеников художественной школы.",
    "Сегодня до обеда дождь, к вечеру прояснится, ветер северный, до восьми метров.",
    "После ремонта трубы яму засыпали песком, а асфальт так и не положили.",
];

/// Answers until the process ends; says where.
pub fn serve() -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let now = Arc::new(AtomicI64::new(EPOCH_SECS));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let now = Arc::clone(&now);
            std::thread::spawn(move || converse(stream, &now));
        }
    });
    base
}

/// The ordinal numbers of the posts that a source shows at an instant.
pub fn shown(now_secs: i64) -> std::ops::RangeInclusive<i64> {
    let newest = now_secs / PERIOD_SECS;
    newest - PAGE_POSTS + 1..=newest
}

/// One connection, as many requests as it brings.
fn converse(stream: TcpStream, now: &AtomicI64) -> Option<()> {
    let mut requests = BufReader::new(stream.try_clone().ok()?);
    let mut answers = stream;
    loop {
        let mut first = String::new();
        requests.read_line(&mut first).ok().filter(|length| 0 < *length)?;
        let mut header = String::new();
        while requests.read_line(&mut header).ok()? > 2 {
            header.clear();
        }
        let path = first.split(' ').nth(1)?;
        let (content_type, body) = answer(path, now);
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        answers.write_all(&[head.into_bytes(), body.into_bytes()].concat()).ok()?;
    }
}

fn answer(path: &str, now: &AtomicI64) -> (&'static str, String) {
    let url = Url::parse("http://x").unwrap().join(path).unwrap();
    let query: BTreeMap<String, String> =
        url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let number = |text: &str| text.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
    let now_secs = now.load(Ordering::Relaxed);
    match url.path() {
        "/now" => {
            now.store(number(&query["secs"]), Ordering::Relaxed);
            ("text/plain", String::new())
        }
        "/method/wall.get" => ("application/json; charset=utf-8", wall(&query, now_secs)),
        "/method/wall.getComments" => {
            let nobody = json!({"response": {"count": 0, "current_level_count": 0, "items": []}});
            ("application/json; charset=utf-8", nobody.to_string())
        }
        path if path.starts_with("/s/") => ("text/html; charset=utf-8", channel(path, now_secs)),
        path if path.starts_with("/feed/") => {
            ("application/rss+xml; charset=utf-8", feed(number(path), now_secs))
        }
        // Under a channel's posts nobody may write.
        _ => ("text/html; charset=utf-8", "<div class=\"tgme_page\"></div>".to_owned()),
    }
}

fn text_of(source: i64, ordinal: i64) -> String {
    let pick = |step: i64| SENTENCES[((source + ordinal * step).rem_euclid(6)) as usize];
    format!("{} {} Дом {}, запись {ordinal}.", pick(1), pick(5), source % 180 + 1)
}

fn wall(query: &BTreeMap<String, String>, now_secs: i64) -> String {
    let owner: i64 = query["owner_id"].parse().unwrap();
    let items: Vec<_> = shown(now_secs)
        .rev()
        .map(|ordinal| {
            json!({
                "id": ordinal, "owner_id": owner, "from_id": owner, "post_type": "post",
                "date": ordinal * PERIOD_SECS, "text": text_of(-owner, ordinal),
                "comments": {"count": 0, "can_post": 1}, "likes": {"count": ordinal % 40},
                "reposts": {"count": ordinal % 3}, "views": {"count": ordinal % 4_000},
            })
        })
        .collect();
    let groups = json!([{"id": -owner, "name": format!("Двор {}", -owner)}]);
    json!({"response": {"count": PAGE_POSTS, "items": items, "profiles": [], "groups": groups}})
        .to_string()
}

fn instant(ordinal: i64) -> Timestamp {
    Timestamp::from_second(ordinal * PERIOD_SECS).unwrap()
}

fn channel(path: &str, now_secs: i64) -> String {
    let name = path.trim_start_matches("/s/");
    let source: i64 = name.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
    let mut body = "<html><body><div class=\"tgme_channel_info\"></div>".to_owned();
    for ordinal in shown(now_secs) {
        body.push_str(&format!(
            "<div class=\"tgme_widget_message_wrap\"><div class=\"tgme_widget_message\" \
             data-post=\"{name}/{ordinal}\"><div class=\"tgme_widget_message_author\">\
             <a class=\"tgme_widget_message_owner_name\"><span>Двор {source}</span></a></div>\
             <div class=\"tgme_widget_message_text js-message_text\">{}</div>\
             <div class=\"tgme_widget_message_footer\"><span class=\"tgme_widget_message_views\">\
             {}</span><a class=\"tgme_widget_message_date\"><time datetime=\"{}\"></time></a>\
             </div></div></div>",
            text_of(source, ordinal),
            ordinal % 4_000,
            instant(ordinal)
        ));
    }
    body + "</body></html>"
}

fn feed(source: i64, now_secs: i64) -> String {
    let items: String = shown(now_secs)
        .rev()
        .map(|ordinal| {
            format!(
                "<item><guid>{source}-{ordinal}</guid><title>Новость {ordinal}</title>\
                 <pubDate>{}</pubDate><description>{}</description></item>",
                instant(ordinal),
                text_of(source, ordinal)
            )
        })
        .collect();
    format!("<rss version=\"2.0\"><channel><title>Сайт {source}</title>{items}</channel></rss>")
}
