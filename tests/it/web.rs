//! Pages of sites over real HTTP: what is new, what was edited, what only
//! looks so; older pages and whole texts; robots and redirects; and that a
//! changed or emptied page is an alarm.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::budget::Budget;
use otklik::adapters::connector::definition::{Definition, Rate};
use otklik::adapters::connector::error::ErrorClass;
use otklik::adapters::connector::http::{Client, ClientOptions, Proxy};
use otklik::adapters::connector::poll::stretch::{Asked as StretchAsked, Stretch, read_stretch};
use otklik::adapters::connector::poll::{PollRequest, PollResult, poll};
use otklik::adapters::store::Store;
use otklik::model::alarm::AlarmKind;
use otklik::model::post::{Network, Post};
use otklik::model::source::{Cursor, PageRules, Source, SourceId, SourceState};
use otklik::model::time::Clock;
use otklik::pipeline::escalate::EscalateOptions;
use otklik::pipeline::ingest::{IngestOptions, IngestStage};
use otklik::pipeline::sentinel::Sentinel;
use tokio::sync::watch;

use crate::world::clock::SetClock;
use crate::world::pipeline::shipped_ruleset;
use crate::world::posts::at;
use crate::world::site::Site;

const NOW: &str = "2026-11-22T09:00:00Z";
const SOURCE: &str = "web:page:okrug";

fn web() -> Network {
    Network("web".to_owned())
}

fn rules() -> PageRules {
    let place = |text: &str| Some(text.to_owned());
    PageRules {
        item: place(".news"),
        title: place("h3"),
        text: place(".lead"),
        link: place("a@href"),
        date: place(".date"),
        next: place("a.older"),
        ..PageRules::default()
    }
}

fn source(target: &str, page: Option<PageRules>) -> Source {
    Source {
        id: SourceId(SOURCE.to_owned()),
        name: "Округ".to_owned(),
        page,
        ..Source::of(&web().0, "page", target)
    }
}

/// A page of news: number, date, lead; with a counter that never rests.
fn page(news: &[(u32, &str, &str)], older: &str, noise: u32) -> String {
    let mut html =
        String::from("<html><head><meta charset=utf-8><title>Новости</title></head><body><main>");
    for (number, date, lead) in news {
        let _ = write!(
            html,
            "<div class=news><h3>Новость {number}</h3><a href='item/{number}?sid=v{noise}'>…</a>\
             <span class=date>{date}</span><p class=lead>{lead}<span class=views>{noise}</span></p>\
             <p>Просмотров: {noise}</p></div>"
        );
    }
    if !older.is_empty() {
        let _ = write!(html, "<a class=older href='{older}'>Дальше</a>");
    }
    html + "</main></body></html>"
}

struct Polled {
    site: Site,
    definition: Definition,
    source: Source,
    cursor: Cursor,
    client: Client,
    runtime: tokio::runtime::Runtime,
    is_proxied: bool,
}

impl Polled {
    fn new(target: &str, page: Option<PageRules>) -> Polled {
        let connectors = Connectors::shipped().unwrap();
        let mut definition = connectors.get(&web()).unwrap().clone();
        definition.file.rate = Rate { per_minute: 1_000_000, ..Rate::default() };
        Polled {
            site: Site::start(),
            definition,
            source: source(target, page),
            cursor: Cursor::default(),
            client: Client::new().unwrap(),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            is_proxied: false,
        }
    }

    /// The same where the site stands behind a proxy and is asked as any other
    /// on the public internet.
    fn proxied(target: &str) -> Polled {
        let mut polled = Polled::new(target, Some(rules()));
        let proxy = Proxy { url: polled.site.base.clone(), credentials: None };
        let options = ClientOptions { proxy: Some(proxy), ..ClientOptions::default() };
        polled.client = Client::with(&options).unwrap();
        polled.is_proxied = true;
        polled
    }

    fn poll(&mut self) -> PollResult {
        let request = PollRequest {
            definition: &self.definition,
            base: Some(&self.site.base).filter(|_| !self.is_proxied),
            source: &self.source,
            cursor: &self.cursor,
            secret: None,
            limits: self.definition.file.limits,
        };
        let budget = Budget::default();
        let result = self.runtime.block_on(poll(&request, &self.client, &budget, at(NOW)));
        if let PollResult::New { cursor, .. } | PollResult::NothingNew { cursor } = &result {
            self.cursor = cursor.clone();
        }
        result
    }

    /// What is new, or changed.
    #[track_caller]
    fn news(&mut self) -> Vec<Post> {
        match self.poll() {
            PollResult::New { posts, interrupted: None, .. } => posts,
            PollResult::NothingNew { .. } => Vec::new(),
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn error(&mut self) -> (ErrorClass, String) {
        match self.poll() {
            PollResult::Refused { error, .. } | PollResult::Failed { error, .. } => {
                (error.class, error.detail)
            }
            other => panic!("{other:?}"),
        }
    }
}

fn first_lines(posts: &[Post]) -> Vec<&str> {
    posts.iter().map(|post| post.text.lines().next().unwrap_or_default()).collect()
}

/// Goal: an edit is one post with other words; counters and sessions are not.
#[test]
fn edits_are_seen_and_noise_is_not() {
    let mut polled = Polled::new("/press/", Some(rules()));
    let two = [(2, "вчера, 9:30", "Снег не убран"), (1, "20.11.2026", "Фонарь")];
    polled.site.page("/press/", page(&two, "", 1));
    let posts = polled.news();
    assert_eq!(first_lines(&posts), ["Новость 2", "Новость 1"]);
    assert_eq!(posts[0].published_at, at("2026-11-21T06:30:00Z"));
    assert_eq!(posts[0].source.as_ref().unwrap().0, SOURCE);
    let address = polled.site.base.join("/press/item/2").unwrap();
    assert_eq!(posts[0].url.as_deref(), Some(address.as_str()));
    polled.site.page("/press/", page(&two, "", 77));
    assert_eq!(polled.news(), []);
    let edited = [(2, "вчера, 9:30", "Снег убирают"), two[1]];
    polled.site.page("/press/", page(&edited, "", 78));
    let changed = polled.news();
    assert_eq!(changed.len(), 1);
    assert_eq!(
        (&changed[0].key, changed[0].text.as_str()),
        (&posts[0].key, "Новость 2\n\nСнег убирают")
    );
}

#[test]
fn an_unchanged_page_is_not_sent_again() {
    let mut polled = Polled::new("/press/", Some(rules()));
    let headers = [("content-type", "text/html"), ("etag", "\"7\"")];
    polled.site.answer("/press/", 200, &headers, page(&[(1, "20.11.2026", "Фонарь")], "", 1));
    assert_eq!(polled.news().len(), 1);
    // Were it sent again, the other words would show.
    polled.site.answer("/press/", 200, &headers, page(&[(1, "20.11.2026", "Иное")], "", 1));
    assert_eq!(polled.news(), []);
}

/// Goal: older pages are read as far as the news go, and no further, with
/// dates and without.
#[test]
fn older_pages_are_read_as_far_as_needed() {
    for (recent, old, requests) in [("20.11.2026", "01.11.2026", 3), ("-", "-", 2)] {
        let mut polled = Polled::new("/n/", Some(rules()));
        let show = |site: &Site, newest: u32| {
            for index in 0..4u32 {
                let (top, date) = (newest - index * 3, if index < 2 { recent } else { old });
                let news: Vec<_> = (0..3).map(|back| (top - back, date, "Слово")).collect();
                let path = if index == 0 { "/n/".to_owned() } else { format!("/n/?p={index}") };
                site.page(&path, page(&news, &format!("?p={}", index + 1), 1));
            }
        };
        show(&polled.site, 50);
        assert_eq!(polled.news().len(), 3, "{recent}: the first poll begins with the newest");
        polled.site.requests();
        show(&polled.site, 54);
        let news = polled.news();
        for new in ["Новость 54", "Новость 51"] {
            assert!(first_lines(&news).contains(&new), "{recent}: {:?}", first_lines(&news));
        }
        assert_eq!(polled.site.requests().len(), requests, "{recent}");
    }
}

/// Goal: the whole text is asked for once an item, and later where it did not come.
#[test]
fn whole_texts_are_asked_for_once() {
    let place = Some("div.body".to_owned());
    let mut polled = Polled::new("/press/", Some(PageRules { full: place, ..rules() }));
    let whole = |text: &str| {
        format!(
            "<html><body><nav>меню</nav><div class=body><p>{text}</p><p class=views>9</p></div></body></html>"
        )
    };
    let two = [(2, "21.11.2026", "Снег…"), (1, "20.11.2026", "Фонарь…")];
    polled.site.page("/press/", page(&two, "", 1));
    polled.site.page("/press/item/2", whole("Снег не убран у школы № 3."));
    polled.site.answer("/press/item/1", 503, &[], "");
    let PollResult::New { posts, interrupted, .. } = polled.poll() else { panic!() };
    assert_eq!(posts[0].text, "Новость 2\n\nСнег не убран у школы № 3.");
    assert_eq!(posts[1].text, "Новость 1\n\nФонарь…", "what the list shows is not lost");
    assert_eq!(interrupted.unwrap().class, ErrorClass::Unavailable);
    polled.site.requests();
    polled.site.page("/press/item/1", whole("Фонарь у дома 5 не горит."));
    let news = polled.news();
    assert_eq!(news.len(), 1);
    assert_eq!(news[0].text, "Новость 1\n\nФонарь у дома 5 не горит.");
    assert_eq!(polled.site.requests(), ["/press/", "/press/item/1"]);
    assert_eq!(polled.news(), []);
    assert_eq!(polled.site.requests(), ["/press/"], "nothing is asked for twice");
}

/// Goal: a page that stays away blocks nothing below it, and is no news for ever.
#[test]
fn dead_links_block_no_whole_texts() {
    let place = Some("div.body".to_owned());
    let mut polled = Polled::new("/press/", Some(PageRules { full: place, ..rules() }));
    let news: Vec<(u32, &str, &str)> =
        (1..=6).rev().map(|number| (number, "21.11.2026", "Снег…")).collect();
    polled.site.page("/press/", page(&news, "", 1));
    let whole = "<html><body><nav>меню</nav><div class=body>Снег у школы.</div></body></html>";
    for number in [6, 5, 4, 3] {
        polled.site.answer(&format!("/press/item/{number}"), 503, &[], "");
    }
    polled.site.answer("/press/item/2", 404, &[], "");
    polled.site.page("/press/item/1", whole.to_owned());
    let PollResult::New { posts, .. } = polled.poll() else { panic!() };
    assert_eq!(posts.len(), 6);
    let PollResult::New { posts, .. } = polled.poll() else { panic!() };
    assert_eq!(first_lines(&posts), ["Новость 1"], "what was handed over is no news again");
    assert!(!posts[0].excerpt && posts[0].text.contains("у школы"));
    let mut given_up = 0;
    for _ in 0..12 {
        if let PollResult::New { posts, rejected, .. } = polled.poll() {
            assert_eq!(posts, []);
            given_up += rejected.len();
        }
    }
    assert_eq!(given_up, 4, "each is given up once");
    polled.site.requests();
    assert_eq!(polled.news(), []);
    assert_eq!(polled.site.requests(), ["/press/"]);
}

/// Goal: a gap of a site with whole texts is filled with whole texts, and what
/// was whole before stays so.
#[test]
fn a_stretch_brings_whole_texts() {
    let place = Some("div.body".to_owned());
    let polled = Polled::new("/press/", Some(PageRules { full: place, ..rules() }));
    let days = ["21.11.2026", "20.11.2026", "19.11.2026", "18.11.2026", "17.11.2026"];
    let news: Vec<(u32, &str, &str)> =
        days.iter().zip((1..=5).rev()).map(|(day, number)| (number, *day, "Снег…")).collect();
    polled.site.page("/press/", page(&news, "", 1));
    for number in 1..=5 {
        let whole =
            format!("<html><body><div class=body>Снег у школы № {number}.</div></body></html>");
        polled.site.page(&format!("/press/item/{number}"), whole);
    }
    let stretch = Stretch {
        from: at("2026-11-18T00:00:00Z"),
        to: at("2026-11-20T12:00:00Z"),
        edge: None,
        newer: 1,
        is_older_known: true,
        place: "",
        pages_max: 3,
        asked: StretchAsked::AsItself,
    };
    let request = PollRequest {
        definition: &polled.definition,
        base: Some(&polled.site.base),
        source: &polled.source,
        cursor: &polled.cursor,
        secret: None,
        limits: polled.definition.file.limits,
    };
    let budget = Budget::default();
    let reading = read_stretch(&request, &stretch, &polled.client, &budget, at(NOW));
    let read = polled.runtime.block_on(reading);
    let shown: Vec<(&str, bool)> =
        read.posts.iter().map(|post| (post.text.lines().last().unwrap(), post.excerpt)).collect();
    assert_eq!(shown[0], ("Снег…", true), "what is newer is known");
    assert_eq!(shown[1], ("Снег у школы № 4.", false));
    assert_eq!(shown[2], ("Снег у школы № 3.", false));
    assert!(polled.site.requests().iter().all(|asked| asked != "/press/item/5"));
}

#[test]
fn a_page_that_says_what_it_is_needs_no_places() {
    let mut polled = Polled::new("/", None);
    let html = "<html><head><link rel=alternate type='application/rss+xml' href=/rss.xml></head>\
                <body><article><h2><a href=/a/1>Яма на Мира</a></h2><time datetime='2026-11-21T10:00:00+03:00'>\
                вчера</time><p>Глубокая.</p></article></body></html>";
    polled.site.page("/", html);
    let posts = polled.news();
    assert_eq!(posts[0].text, "Яма на Мира\n\nГлубокая.");
    let links: String =
        (0..9).map(|n| format!("<a href=/x/{n}>Новость без всякой разметки {n}</a>")).collect();
    polled
        .site
        .page("/", html.replace("article", "span").replace("<h2>", "").replace("</h2>", &links));
    let (class, detail) = polled.error();
    assert_eq!(class, ErrorClass::Malformed);
    assert!(detail.contains("this page has a feed: ") && detail.ends_with("/rss.xml"), "{detail}");
}

#[test]
fn robots_are_respected_and_redirects_stay_outside() {
    let mut polled = Polled::proxied("http://okrug.example/press/");
    polled.site.page("/press/", page(&[(1, "20.11.2026", "Фонарь")], "", 1));
    polled.site.page("/robots.txt", "User-agent: *\nDisallow: /press/\n");
    assert_eq!(polled.error().0, ErrorClass::Forbidden);
    assert_eq!(polled.site.requests(), ["/robots.txt"]);

    let mut polled = Polled::proxied("http://okrug.example/press/");
    polled.site.answer("/press/", 301, &[("location", "http://www.okrug.example/new/press/")], "");
    polled.site.page("/new/press/", page(&[(1, "20.11.2026", "Фонарь")], "", 1));
    let posts = polled.news();
    assert_eq!(posts[0].url.as_deref(), Some("http://www.okrug.example/new/press/item/1"));
    assert_eq!(posts[0].key.native_id, "okrug.example/new/press/item/1");
    polled.site.answer("/press/", 302, &[("location", "http://10.0.0.5/")], "");
    assert_eq!(polled.error().0, ErrorClass::Config);
}

#[test]
fn wrong_places_stop_the_source() {
    let mut polled = Polled::new("/", Some(PageRules { item: Some("li[".to_owned()), ..rules() }));
    polled.site.page("/", page(&[(1, "20.11.2026", "Фонарь")], "", 1));
    let (class, detail) = polled.error();
    assert_eq!(class, ErrorClass::Config);
    assert!(detail.contains("page.item") && detail.contains("li["), "{detail}");
}

/// The source under the stages that poll it and watch over it.
struct Watched {
    site: Site,
    clock: Arc<SetClock>,
    store: Store,
    ingest: IngestStage,
    sentinel: Sentinel,
    runtime: tokio::runtime::Runtime,
}

impl Watched {
    fn new(dir: &std::path::Path) -> Watched {
        let site = Site::start();
        let mut ruleset = shipped_ruleset();
        ruleset.region.sources = vec![source("/press/", Some(rules()))];
        let (_, ruleset) = watch::channel(Arc::new(ruleset));
        let clock = Arc::new(SetClock::at(NOW));
        let store = Store::open(dir).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let options = IngestOptions {
            bases: BTreeMap::from([(web(), site.base.clone())]),
            ..IngestOptions::default()
        };
        let connectors = Connectors::shipped().unwrap();
        let ingest =
            IngestStage::new(store.clone(), clock.clone(), ruleset.clone(), connectors, options)
                .unwrap();
        let sentinel =
            Sentinel::new(store.clone(), ruleset, ingest.clone(), EscalateOptions::default());
        Watched { site, clock, store, ingest, sentinel, runtime }
    }

    fn state(&self) -> Option<SourceState> {
        self.store.read(|reader| reader.source_state(&SourceId(SOURCE.to_owned()))).unwrap()
    }

    /// Polls when the source is due, and looks what is wrong with it then.
    fn alarms_after_poll(&mut self) -> Vec<AlarmKind> {
        let before = self.state();
        let polls = before.as_ref().map_or(0, |state| state.polls);
        if let Some(due) = before.and_then(|state| state.next_poll_at) {
            self.clock.set(due.max(self.clock.now()));
        }
        let now = self.clock.now();
        for _ in 0..3_000 {
            let stage = self.ingest.clone();
            self.runtime.block_on(async move {
                stage.step(now).await.unwrap();
                tokio::time::sleep(Duration::from_millis(10)).await;
            });
            if self.state().is_some_and(|state| polls < state.polls) {
                break;
            }
        }
        assert!(self.state().is_some_and(|state| polls < state.polls), "it was not polled");
        self.clock.advance_secs(60);
        self.sentinel.step(self.clock.now()).unwrap();
        let open = self.store.read(|reader| reader.open_alarms()).unwrap();
        open.iter().map(|alarm| alarm.kind).collect()
    }
}

/// Goal: a page whose places match nothing any more, and one that was emptied,
/// are alarms that end by themselves.
#[test]
fn another_layout_and_an_emptied_page_are_alarms() {
    let lead =
        "Длинное сообщение о том, что на улице снова не убран снег и не горят фонари. ".repeat(4);
    let news = [(2, "21.11.2026", lead.as_str()), (1, "20.11.2026", lead.as_str())];
    let full = page(&news, "", 1);
    let cases = [
        (full.replace("class=news", "class=card"), AlarmKind::Layout),
        (full.replace("h3", "b").replace("class=lead", "class=text"), AlarmKind::Layout),
        ("<html><body><main><p>Новостей нет</p></main></body></html>".to_owned(), AlarmKind::Empty),
    ];
    for (broken, expected) in cases {
        let dir = tempfile::tempdir().unwrap();
        let mut world = Watched::new(dir.path());
        world.site.page("/press/", full.clone());
        assert_eq!(world.alarms_after_poll(), [], "{expected:?}");
        assert_eq!(world.state().unwrap().posts, 2);
        world.site.page("/press/", broken);
        let after: Vec<_> = (0..3).map(|_| world.alarms_after_poll()).collect();
        assert_eq!(after, [vec![], vec![], vec![expected]]);
        world.site.page("/press/", full.clone());
        assert_eq!(world.alarms_after_poll(), [], "{expected:?} ends by itself");
        assert_eq!(world.state().unwrap().posts, 2, "nothing came twice");
    }
}
