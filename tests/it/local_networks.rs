//! The demo's local networks as a connector meets them: over HTTP, in the
//! networks' own shapes. What goes in by the script comes out by `extract`.

use std::collections::BTreeMap;
use std::sync::Arc;

use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::extract::{Page, extract};
use otklik::demo::{self, ACCESS_TOKEN, LocalNetworks, Protocol, Script, ScriptPost};
use otklik::model::post::{Network, Post};
use otklik::model::source::Source;
use otklik::pipeline::stage::supervise;
use reqwest::header;
use serde_json::Value;

use crate::world::clock::SetClock;
use crate::world::posts::at;

const STARTED: &str = "2026-11-20T12:00:00Z";
/// After the last post of every script here.
const OVER_SECS: i64 = 3_600;

/// Everything that breaks a careless writer of HTML, XML, JSON or forms.
const HOSTILE: &str =
    "<script>alert(\"1\")</script> &lt;b&gt; ]]> ' {\"a\":\"\\\\\"} %20 \u{202e}🎄";

struct Networks {
    base_urls: BTreeMap<Network, String>,
    sources: Vec<Source>,
    script: Script,
    clock: Arc<SetClock>,
    client: reqwest::Client,
}

impl Networks {
    async fn shipped() -> Networks {
        Networks::of(demo::script()).await
    }

    async fn of(script: Script) -> Networks {
        let clock = Arc::new(SetClock::at(STARTED));
        let LocalNetworks { base_urls, sources, server } =
            demo::start_script(script.clone(), clock.clone(), at(STARTED)).await.unwrap();
        supervise(async move { server.await.unwrap() });
        let _ = rustls::crypto::ring::default_provider().install_default();
        let redirects = reqwest::redirect::Policy::none();
        let client = reqwest::Client::builder().redirect(redirects).no_proxy().build().unwrap();
        Networks { base_urls, sources, script, clock, client }
    }

    fn base_url(&self, network: &str) -> &str {
        &self.base_urls[&Network(network.to_owned())]
    }

    async fn get(&self, network: &str, path: &str) -> reqwest::Response {
        let address = format!("{}{path}", self.base_url(network));
        self.client.get(address).send().await.unwrap()
    }

    async fn body(&self, network: &str, path: &str) -> String {
        self.get(network, path).await.text().await.unwrap()
    }

    async fn vk(&self, method: &str, query: &str) -> Value {
        let path = format!("/method/{method}?v=5.199&access_token={ACCESS_TOKEN}&{query}");
        serde_json::from_str(&self.body("vk", &path).await).unwrap()
    }

    /// Everything a source shows, page by page, as the connector reads it.
    async fn read(&self, source: &Source) -> Vec<Post> {
        let target = &source.target;
        match source.network.0.as_str() {
            "vk" => {
                let wall = format!("owner_id={target}&count=100&extended=1&offset=0");
                let answer = self.vk("wall.get", &wall).await.to_string();
                self.extract("vk", &answer).posts
            }
            "telegram" => self.read_channel(target).await,
            "rss" => {
                let answer = self.client.get(target).send().await.unwrap();
                self.extract("rss", &answer.text().await.unwrap()).posts
            }
            other => panic!("a network without a reader: {other}"),
        }
    }

    /// Back by the page's own token until there is none.
    async fn read_channel(&self, channel: &str) -> Vec<Post> {
        let mut found = Vec::new();
        let mut before = String::new();
        loop {
            let body = self.body("telegram", &format!("/s/{channel}{before}")).await;
            let page = self.extract("telegram", &body);
            assert!(page.posts.is_sorted_by_key(|post| post.published_at), "oldest first");
            assert!(page.posts.len() <= 20);
            found.extend(page.posts);
            match page.hint.token {
                Some(token) => before = format!("?before={token}"),
                None => return found,
            }
        }
    }

    fn extract(&self, network: &str, payload: &str) -> Page {
        let connectors = Connectors::shipped().unwrap();
        let definition = connectors.get(&Network(network.to_owned())).unwrap();
        let page = extract(definition, "posts", payload.as_bytes(), None, at(STARTED)).unwrap();
        assert!(page.rejected.is_empty(), "{:?}", page.rejected);
        assert!(page.undated.is_empty() && page.pinned.is_empty());
        page
    }

    /// What the script says that a reader must find.
    fn check(&self, post: &Post, meant: &ScriptPost) {
        let source = self.script.source(&meant.source).unwrap();
        let name = &meant.key;
        assert_eq!(post.text, self.expected_text(meant), "{name}");
        let published_at = at(STARTED) + jiff::SignedDuration::from_secs(meant.at_secs);
        assert_eq!(post.published_at, published_at, "{name}");
        let author = match source.protocol {
            // A channel signs with its own name where nobody else does.
            Protocol::Telegram => meant.author.clone().or(Some(source.name.clone())),
            Protocol::Vk | Protocol::Rss => meant.author.clone(),
        };
        assert_eq!(post.author_name, author, "{name}");
        if source.protocol == Protocol::Vk {
            assert_eq!(post.author_id, meant.author_id, "{name}");
        }
        assert_eq!(post.community.as_ref(), Some(&source.name), "{name}");
        assert_eq!(post.is_repost_of.is_some(), self.script.reposted(meant).is_some(), "{name}");
    }

    /// A repost with words of its own is read with the original's below them.
    fn expected_text(&self, meant: &ScriptPost) -> String {
        match self.script.reposted(meant) {
            Some(original) if original.text != meant.text => {
                format!("{}\n\n{}", meant.text, original.text)
            }
            Some(_) | None => meant.text.clone(),
        }
    }
}

#[tokio::test]
async fn every_post_of_the_script_comes_out_as_it_was_meant() {
    let networks = Networks::shipped().await;
    networks.clock.advance_secs(OVER_SECS);
    let mut read = 0;
    for source in &networks.sources {
        let posts = networks.read(source).await;
        let mut by_key: BTreeMap<_, _> = posts.iter().map(|post| (&post.key, post)).collect();
        assert_eq!(by_key.len(), posts.len(), "{}: one id for one post", source.id);
        for meant in networks.script.posts.iter().filter(|post| post.source == source.id) {
            let post = by_key.remove(&meant.post).unwrap_or_else(|| panic!("no {}", meant.key));
            networks.check(post, meant);
            read += 1;
        }
        assert!(by_key.is_empty(), "{}: {:?}", source.id, by_key.keys());
    }
    assert_eq!(read, networks.script.posts.len());
}

#[tokio::test]
async fn a_post_appears_when_its_time_has_come() {
    let networks = Networks::of(small()).await;
    let shown = async |secs: i64| {
        networks.clock.set(at(STARTED) + jiff::SignedDuration::from_secs(secs));
        let mut keys = Vec::new();
        for source in &networks.sources {
            keys.extend(networks.read(source).await.into_iter().map(|post| post.key));
        }
        let posts = networks.script.posts.iter().filter(|post| keys.contains(&post.post));
        posts.map(|post| post.key.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(shown(-101).await, "");
    assert_eq!(shown(-100).await, "v1 t1 r1");
    assert_eq!(shown(9).await, "v1 t1 r1");
    assert_eq!(shown(10).await, "v1 t1 r1 v2 t2");
    assert_eq!(shown(OVER_SECS).await, "v1 t1 r1 v2 t2 v3 r2");
}

#[tokio::test]
async fn hostile_words_come_out_as_they_were_written() {
    let networks = Networks::of(small()).await;
    networks.clock.advance_secs(OVER_SECS);
    for source in &networks.sources {
        for post in networks.read(source).await {
            let meant = networks.script.posts.iter().find(|meant| meant.post == post.key).unwrap();
            networks.check(&post, meant);
        }
    }
    for path in ["/s/dvor", "/s/dvor?q=%22%3E%3Cscript%3E", "/%3Cscript%3E"] {
        let page = networks.body("telegram", path).await;
        assert!(!page.contains("<script"), "{path}");
    }
    assert!(!networks.body("rss", "/pisma/1001").await.contains("<script"));
}

#[tokio::test]
async fn vk_refuses_in_its_own_shape() {
    let networks = Networks::of(small()).await;
    let check = async |path: &str, code: u64| {
        let answer = networks.get("vk", path).await;
        assert_eq!(answer.status(), 200, "{path}");
        let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(answer["error"]["error_code"], code, "{path}");
        let params = answer["error"]["request_params"].as_array().unwrap();
        assert_eq!(params[0]["key"], "method");
    };
    check("/method/wall.get?owner_id=-5&v=5.199", 5).await;
    check("/method/wall.get?owner_id=-5&v=5.199&access_token=", 5).await;
    check("/method/wall.get?owner_id=-5&access_token=x", 8).await;
    check("/method/wall.get?v=5.199&access_token=x", 100).await;
    check("/method/wall.get?owner_id=-999&v=5.199&access_token=x", 100).await;
    check("/method/wall.get?owner_id=dvor&v=5.199&access_token=x", 100).await;
    check("/method/wall.get?owner_id=-5&count=-1&v=5.199&access_token=x", 100).await;
    check("/method/wall.erase?owner_id=-5&v=5.199&access_token=x", 3).await;
}

#[tokio::test]
async fn vk_takes_parameters_and_tokens_from_wherever_they_come() {
    let networks = Networks::of(small()).await;
    let address = format!("{}/method/wall.get", networks.base_url("vk"));
    let form = networks
        .client
        .post(&address)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body("owner_id=-5&v=5.199&access_token=x");
    let bearer = networks
        .client
        .get(format!("{address}?domain=club5&v=5.199"))
        .header(header::AUTHORIZATION, "Bearer x");
    for request in [form, bearer] {
        let body = request.send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(answer["response"]["count"], 1, "{body}");
        assert!(answer["response"].get("profiles").is_none(), "only where they are asked for");
    }
}

#[tokio::test]
async fn vk_pages_the_wall_and_the_search() {
    let networks = Networks::shipped().await;
    networks.clock.advance_secs(OVER_SECS);
    let ids = |answer: &Value| -> Vec<u64> {
        let items = answer["response"]["items"].as_array().unwrap();
        items.iter().map(|item| item["id"].as_u64().unwrap()).collect()
    };
    let whole = ids(&networks.vk("wall.get", "owner_id=-210000002&count=100").await);
    let second = ids(&networks.vk("wall.get", "owner_id=-210000002&count=10&offset=10").await);
    assert_eq!(second, whole[10..20]);
    assert!(whole.is_sorted_by(|a, b| b < a), "newest first");

    let mut found = Vec::new();
    let mut from = String::new();
    loop {
        let query = format!("q=фонарь&count=2&extended=1{from}");
        let answer = networks.vk("newsfeed.search", &query).await;
        for item in answer["response"]["items"].as_array().unwrap() {
            let text = item["text"].as_str().unwrap().to_lowercase();
            assert!(text.contains("фонар"), "{text}");
            found.push(item["date"].as_i64().unwrap());
        }
        match answer["response"]["next_from"].as_str() {
            Some(next) => from = format!("&start_from={next}"),
            None => break,
        }
    }
    assert!(4 < found.len() && found.is_sorted_by(|a, b| b <= a), "{found:?}");
    let since = format!("q=фонарь&count=200&start_time={}", found[1]);
    assert_eq!(ids(&networks.vk("newsfeed.search", &since).await).len(), 2);
    let until = format!("q=фонарь&count=200&end_time={}", found[1] - 1);
    assert_eq!(ids(&networks.vk("newsfeed.search", &until).await).len(), found.len() - 2);
}

#[tokio::test]
async fn vk_answers_several_calls_at_once() {
    let networks = Networks::of(small()).await;
    let asked = async |script: &str| {
        let code: String = url::form_urlencoded::byte_serialize(script.as_bytes()).collect();
        networks.vk("execute", &format!("code={code}")).await
    };
    let alone = networks.vk("wall.get", "owner_id=-5").await;
    let both = r#"return [API.wall.get({"owner_id":"-5"}),API.wall.get({"owner_id":"-77"})];"#;
    let both = asked(both).await;
    assert_eq!(both["response"][0], alone["response"]);
    assert_eq!(both["response"][1], false);
    assert_eq!(both["execute_errors"][0]["error_code"], 100);
    assert_eq!(both["execute_errors"][0]["method"], "wall.get");
    let other = asked("return 1;").await;
    assert_eq!(other["error"]["error_code"], 12);
}

#[tokio::test]
async fn vk_tells_single_posts_and_communities() {
    let networks = Networks::of(small()).await;
    networks.clock.advance_secs(OVER_SECS);
    let posts = networks.vk("wall.getById", "posts=-5_1001,-5_999,-6_1001&extended=1").await;
    let items = posts["response"]["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "what is not there is passed over");
    assert_eq!(items[0]["from_id"], 510);
    assert!(items[0].get("views").is_none(), "absent is not zero");
    assert_eq!(posts["response"]["groups"][0]["id"], 5);
    let groups = networks.vk("groups.getById", "group_ids=5,club5,77").await;
    assert_eq!(groups["response"]["groups"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn vk_shows_what_is_written_under_posts() {
    let networks = Networks::shipped().await;
    networks.clock.advance_secs(OVER_SECS);
    let connectors = Connectors::shipped().unwrap();
    let definition = connectors.get(&Network("vk".to_owned())).unwrap();
    let comments = &networks.script.comments;
    assert!(comments.iter().any(|one| one.branch.is_some()), "replies are among them");
    for post in networks.script.posts.iter().filter(|post| post.post.network.0 == "vk") {
        let meant: Vec<_> = comments.iter().filter(|one| one.under == post.key).collect();
        let (owner, number) = post.post.native_id.rsplit_once('_').unwrap();
        let of_post = format!("owner_id={owner}&post_id={number}&count=100&extended=1");
        let level = networks.vk("wall.getComments", &of_post).await;
        let mut found = BTreeMap::new();
        let mut answers = vec![level.clone()];
        for item in level["response"]["items"].as_array().unwrap() {
            let branch = format!("{of_post}&comment_id={}", item["id"]);
            answers.push(networks.vk("wall.getComments", &branch).await);
        }
        for answer in &answers {
            let payload = answer.to_string();
            let page = extract(definition, "comments", payload.as_bytes(), None, at(STARTED));
            found.extend(page.unwrap().posts.into_iter().map(|one| (one.text.clone(), one)));
        }
        assert_eq!(found.len(), meant.len(), "{}: {found:?}", post.key);
        for one in meant {
            let read = &found[&one.text];
            assert_eq!(read.thread_id.as_ref(), Some(&post.post.native_id), "{}", one.key);
            let above = comments.iter().find(|other| Some(&other.key) == one.answers.as_ref());
            let parent = above.map_or(number.to_owned(), |above| above.number.to_string());
            assert_eq!(read.parent_id, Some(format!("{owner}_{parent}")), "{}", one.key);
            assert_eq!(read.author_id, Some(one.author_id.to_string()), "{}", one.key);
        }
        let inside = format!("{of_post}&thread_items_count=1");
        let level = networks.vk("wall.getComments", &inside).await;
        for item in level["response"]["items"].as_array().unwrap() {
            let count = item["thread"]["count"].as_u64().unwrap();
            let shown = item["thread"]["items"].as_array().unwrap().len() as u64;
            assert_eq!(shown, count.min(1), "{}", post.key);
        }
    }
    let none = networks.vk("wall.getComments", "owner_id=-5&post_id=1").await;
    assert_eq!(none["error"]["error_code"], 15);
}

#[tokio::test]
async fn telegram_pages_searches_and_sends_strangers_away() {
    let networks = Networks::shipped().await;
    networks.clock.advance_secs(OVER_SECS);
    let numbers = async |query: &str| -> Vec<u64> {
        let body = networks.body("telegram", &format!("/s/vologda_okno_primer{query}")).await;
        let number = |post: &Post| post.url.as_ref()?.rsplit('/').next()?.parse().ok();
        networks.extract("telegram", &body).posts.iter().filter_map(number).collect()
    };
    assert_eq!(numbers("?before=1010").await, (1001..1010).collect::<Vec<_>>());
    assert_eq!(numbers("?after=1003").await, (1004..1024).collect::<Vec<_>>());
    assert_eq!(numbers("?after=9999").await, Vec::<u64>::new());
    let found = numbers("?q=герцена").await;
    assert!(!found.is_empty() && found.len() < 10, "{found:?}");
    let body = networks.body("telegram", "/s/vologda_okno_primer?before=1030").await;
    assert!(body.contains("<link rel=\"prev\" href=\"/s/vologda_okno_primer?before=1010\">"));
    assert!(body.contains("data-after=\"1029\""));

    let away = networks.get("telegram", "/s/nobody_here").await;
    assert_eq!(away.status(), 302);
    let address = away.headers()[header::LOCATION].to_str().unwrap().to_owned();
    assert_eq!((address.as_str(), away.text().await.unwrap().as_str()), ("/nobody_here", ""));
    let contact = networks.get("telegram", &address).await;
    assert_eq!(contact.status(), 200);
    assert!(!contact.text().await.unwrap().contains("tgme_page_title"));
    let known = networks.body("telegram", "/vologda_okno_primer").await;
    assert!(known.contains("tgme_page_title"));
}

#[tokio::test]
async fn a_feed_that_did_not_change_is_not_sent_again() {
    let networks = Networks::of(small()).await;
    let feed = async |name: header::HeaderName, value: String| {
        let address = format!("{}/feed/pisma.xml", networks.base_url("rss"));
        networks.client.get(address).header(name, value).send().await.unwrap()
    };
    let first = networks.get("rss", "/feed/pisma.xml").await;
    let header_of = |name| first.headers()[&name].to_str().unwrap().to_owned();
    let (tag, modified) = (header_of(header::ETAG), header_of(header::LAST_MODIFIED));
    assert_eq!(modified, "Fri, 20 Nov 2026 11:58:20 GMT");
    let weak = format!("\"other\", W/{tag}");
    assert_eq!(feed(header::IF_NONE_MATCH, tag.clone()).await.status(), 304);
    assert_eq!(feed(header::IF_NONE_MATCH, weak).await.status(), 304);
    assert_eq!(feed(header::IF_NONE_MATCH, "\"other\"".to_owned()).await.status(), 200);
    assert_eq!(feed(header::IF_MODIFIED_SINCE, modified.clone()).await.status(), 304);
    networks.clock.advance_secs(OVER_SECS);
    assert_eq!(feed(header::IF_NONE_MATCH, tag).await.status(), 200);
    assert_eq!(feed(header::IF_MODIFIED_SINCE, modified).await.status(), 200);
    assert_eq!(networks.get("rss", "/feed/nothing.xml").await.status(), 404);
}

#[tokio::test]
async fn the_ports_are_free_when_the_server_is_dropped() {
    let clock = Arc::new(SetClock::at(STARTED));
    let networks = demo::start(clock, at(STARTED)).await.unwrap();
    let open = async |url: &str| {
        tokio::net::TcpStream::connect(url.trim_start_matches("http://")).await.is_ok()
    };
    for url in networks.base_urls.values() {
        assert!(open(url).await, "{url}");
    }
    drop(networks.server);
    for url in networks.base_urls.values() {
        assert!(!open(url).await, "{url}");
    }
}

/// A script with every hard case: hostile words, a repost with words of its
/// own and one without, posts before, at and after the start.
fn small() -> Script {
    let mut text = String::new();
    for (id, network, name) in [
        ("vk:wall:-5", "vk", HOSTILE),
        ("telegram:channel:Dvor", "telegram", HOSTILE),
        ("rss:feed:pisma", "rss", HOSTILE),
    ] {
        text += &format!(
            "[[source]]\nid = '{id}'\nnetwork = '{network}'\nname = {}\nterritory = ''\nown = ''\n",
            quoted(name)
        );
    }
    let hostile = format!("{HOSTILE}\nвторая строка");
    let letter = format!("{HOSTILE}\n\nСтрока\nещё {HOSTILE}");
    for (key, source, at_secs, text_of, repost_of) in [
        ("v1", "vk:wall:-5", -100, hostile.as_str(), ""),
        ("t1", "telegram:channel:Dvor", -100, hostile.as_str(), ""),
        ("r1", "rss:feed:pisma", -100, letter.as_str(), ""),
        ("v2", "vk:wall:-5", 10, "И у нас так же", "v1"),
        ("t2", "telegram:channel:Dvor", 10, hostile.as_str(), "t1"),
        ("v3", "vk:wall:-5", 20, hostile.as_str(), "v1"),
        ("r2", "rss:feed:pisma", 30, HOSTILE, ""),
    ] {
        let (author, id) =
            if source.starts_with("vk") { ("Яна <b>", "510") } else { (HOSTILE, "") };
        text += &format!(
            "[[post]]\nkey = '{key}'\nsource = '{source}'\nat_secs = {at_secs}\nauthor = {}\n\
             author_id = '{id}'\ntext = {}\nrepost_of = '{repost_of}'\nincident = ''\n\
             kind = 'complaint'\n",
            quoted(author),
            quoted(text_of)
        );
    }
    Script::parse(&text).unwrap()
}

/// JSON's quoting is TOML's for everything used here.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}
