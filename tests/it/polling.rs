//! Polls over real HTTP against a server that shows posts and misbehaves:
//! paging, overlap, gaps, the four outcomes, and that nothing is lost.

use std::collections::BTreeSet;

use otklik::adapters::connector::Connectors;
use otklik::adapters::connector::auth::Secret;
use otklik::adapters::connector::budget::Budget;
use otklik::adapters::connector::definition::Definition;
use otklik::adapters::connector::definition::Rate;
use otklik::adapters::connector::error::ErrorClass;
use otklik::adapters::connector::http::Client;
use otklik::adapters::connector::poll::PollRequest;
use otklik::adapters::connector::poll::PollResult;
use otklik::adapters::connector::poll::poll;
use otklik::model::post::Network;
use otklik::model::source::Cursor;
use otklik::model::source::Gap;
use otklik::model::source::Source;
use proptest::prelude::*;

use crate::world::network::Fault;
use crate::world::network::NetworkServer;
use crate::world::network::Shown;
use crate::world::network::instant;

const TOKEN: &str = "vk1.a.se/cret";

/// One source with what it has come to.
struct Polled {
    definition: Definition,
    source: Source,
    server: NetworkServer,
    client: Client,
    budget: Budget,
    cursor: Cursor,
    stored: BTreeSet<u64>,
    gaps: Vec<Gap>,
    runtime: tokio::runtime::Runtime,
}

impl Polled {
    fn new(network: &str, page_size: usize) -> Polled {
        let connectors = Connectors::shipped().unwrap();
        let mut definition = connectors.get(&Network(network.to_owned())).unwrap().clone();
        // The rate is tested by itself; here nobody should wait.
        definition.file.rate = Rate { per_minute: 1_000_000, ..Rate::default() };
        let (kind, target) = match network {
            "vk" => ("wall", "-5"),
            "telegram" => ("channel", "town"),
            "mastodon" => ("account", "town"),
            "x" => ("search", "яма lang:ru"),
            "facebook" => ("page", "town"),
            _ => ("feed", "/feed.xml"),
        };
        Polled {
            definition,
            source: Source { name: "Город".to_owned(), ..Source::of(network, kind, target) },
            server: NetworkServer::start(page_size),
            client: Client::new().unwrap(),
            budget: Budget::default(),
            cursor: Cursor::default(),
            stored: BTreeSet::new(),
            gaps: Vec::new(),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
        }
    }

    fn poll(&mut self, now_secs: i64) -> PollResult {
        self.server.set_now(now_secs);
        let secret = Secret::new(TOKEN);
        let request = PollRequest {
            definition: &self.definition,
            base: Some(&self.server.base),
            source: &self.source,
            cursor: &self.cursor,
            secret: Some(&secret),
            limits: self.definition.file.limits,
        };
        let work = poll(&request, &self.client, &self.budget, instant(now_secs));
        let result = self.runtime.block_on(work);
        assert!(!format!("{result:?}").contains("cret"), "the token came out: {result:?}");
        match &result {
            PollResult::New { posts, cursor, gap, .. } => {
                self.cursor = cursor.clone();
                self.gaps.extend(gap.clone());
                self.stored.extend(posts.iter().map(|post| number(&post.key.native_id)));
            }
            PollResult::NothingNew { cursor } => self.cursor = cursor.clone(),
            PollResult::Refused { .. } | PollResult::Failed { .. } => {}
        }
        result
    }

    /// Ids that are new in this poll.
    fn ids(&mut self, now_secs: i64) -> Vec<u64> {
        match self.poll(now_secs) {
            PollResult::New { posts, .. } => {
                posts.iter().map(|post| number(&post.key.native_id)).collect()
            }
            PollResult::NothingNew { .. } => Vec::new(),
            other => panic!("{other:?}"),
        }
    }
}

/// The world's own number of a post, at the end of every network's id.
fn number(native_id: &str) -> u64 {
    let number: u64 = native_id.rsplit(['_', '/']).next().unwrap().parse().unwrap();
    // Those of Mastodon, and of Telegram here, begin with the date.
    if native_id.len() < 15 { number } else { number % (1 << 16) }
}

const NETWORKS: [&str; 4] = ["vk", "telegram", "rss", "mastodon"];
const HOUR: i64 = 3_600;

#[test]
fn new_posts_come_once() {
    for network in NETWORKS {
        let mut polled = Polled::new(network, 20);
        polled.server.publish(1, 0, "яма");
        polled.server.publish(2, 60, "лужа");
        assert_eq!(polled.ids(100).len(), 2, "{network}");
        assert_eq!(polled.ids(200), [0; 0], "{network}");
        polled.server.publish(3, 250, "снег");
        assert_eq!(polled.ids(300), [3], "{network}");
        let posts = polled.poll(400);
        assert!(matches!(posts, PollResult::NothingNew { .. }), "{network}: {posts:?}");
    }
}

#[test]
fn a_changed_text_is_news() {
    for network in NETWORKS {
        let mut polled = Polled::new(network, 20);
        polled.server.publish(1, 0, "воды нет");
        assert_eq!(polled.ids(100), [1], "{network}");
        polled.server.edit(1, "воду дали, спасибо");
        let PollResult::New { posts, .. } = polled.poll(200) else { panic!("{network}") };
        assert_eq!(posts[0].text, "воду дали, спасибо", "{network}");
        assert_eq!(polled.ids(300), [0; 0], "{network}");
    }
}

#[test]
fn an_empty_source_is_nothing_new() {
    for network in NETWORKS {
        let mut polled = Polled::new(network, 20);
        assert!(matches!(polled.poll(0), PollResult::NothingNew { .. }), "{network}");
        polled.server.publish(1, 10, "яма");
        assert_eq!(polled.ids(20), [1], "{network}");
    }
}

#[test]
fn pages_are_read_back_to_the_overlap() {
    for network in ["vk", "telegram"] {
        let mut polled = Polled::new(network, 10);
        polled.server.publish(1, 0, "первое");
        polled.ids(1);
        for id in 2..=45 {
            polled.server.publish(id, 10 * HOUR + id as i64, "ещё");
        }
        polled.server.requests();
        assert_eq!(polled.ids(11 * HOUR).len(), 44, "{network}");
        assert_eq!(polled.server.requests().len(), 5, "{network}");
        assert_eq!(polled.gaps, [], "{network}");
    }
}

#[test]
fn a_network_is_told_since_when_posts_are_wanted() {
    for (network, page_size) in [("x", 10), ("facebook", 10)] {
        let mut polled = Polled::new(network, page_size);
        polled.server.publish(1, 0, "первое");
        polled.ids(1);
        for id in 2..=35 {
            polled.server.publish(id, 10 * HOUR + id as i64, "ещё");
        }
        polled.server.requests();
        assert_eq!(polled.ids(11 * HOUR).len(), 34, "{network}");
        let requests = polled.server.requests();
        assert_eq!(requests.len(), 4, "{network}: {requests:?}");
        let since = if network == "x" { "start_time=" } else { "since=" };
        assert!(requests.iter().all(|request| request.matches(since).count() == 1), "{network}");
        assert!(!polled.cursor.0.contains("cret"), "{network}: {:?}", polled.cursor);
        assert_eq!((polled.gaps.len(), polled.ids(12 * HOUR).len()), (0, 0), "{network}");
    }
}

#[test]
fn what_a_network_has_forgotten_is_not_asked_for_but_told() {
    let mut polled = Polled::new("x", 10);
    polled.server.publish(1, 0, "первое");
    polled.ids(1);
    polled.server.publish(2, 200 * HOUR, "ещё");
    polled.server.requests();
    let PollResult::New { posts, gap, .. } = polled.poll(201 * HOUR) else { panic!() };
    assert_eq!(posts.len(), 1);
    let request = polled.server.requests().pop().unwrap().to_lowercase();
    assert!(!request.contains("start_time"), "{request}");
    assert!(request.contains("authorization: bearer"), "{request}");
    // The server remembers more than the network does: nothing is missing here.
    assert_eq!(gap, None);
    let mut polled = Polled::new("x", 10);
    polled.server.publish(1, 0, "первое");
    polled.ids(1);
    let only =
        r#"{"data":[{"id":"3","text":"ещё","created_at":"2026-12-01T00:00:00.000Z"}],"meta":{}}"#;
    polled.server.fault(Fault::Body(only.to_owned()));
    let PollResult::New { gap, .. } = polled.poll(400 * HOUR) else { panic!() };
    assert_eq!(gap.unwrap().from, Some(instant(0)));
}

#[test]
fn a_limit_may_come_as_a_bad_request_with_its_end_in_a_header() {
    let body = r#"{"error":{"message":"limit","code":80001,"type":"OAuthException"}}"#;
    let usage = r#"{"5":[{"type":"pages","estimated_time_to_regain_access":20}]}"#;
    let fault = Fault::Answer(400, ("X-Business-Use-Case-Usage", usage), body);
    let (kind, result) = after("facebook", fault);
    assert_eq!(kind, Kind::Refused(ErrorClass::RateLimited, false));
    let PollResult::Refused { error, .. } = result else { panic!("{result:?}") };
    assert_eq!(error.retry_at, Some(instant(10 + 1_200)));

    let body = r#"{"title":"Too Many Requests","type":"about:blank","status":429}"#;
    let (_, result) = after("x", Fault::Answer(429, ("x-rate-limit-reset", "1795000600"), body));
    let PollResult::Refused { error, .. } = result else { panic!("{result:?}") };
    assert_eq!(error.retry_at, Some(instant(600)));
}

#[test]
fn a_pinned_post_stops_nothing() {
    let mut polled = Polled::new("vk", 5);
    let pinned = Shown {
        id: 1,
        at_secs: -1_000 * HOUR,
        seen_from_secs: -1_000 * HOUR,
        text: "правила".to_owned(),
        pinned: true,
    };
    polled.server.show(pinned);
    polled.server.publish(2, 0, "яма");
    assert_eq!(polled.ids(10).len(), 2);
    for id in 3..=12 {
        polled.server.publish(id, 20 * HOUR + id as i64, "ещё");
    }
    assert_eq!(polled.ids(21 * HOUR).len(), 10);
}

#[test]
fn a_late_post_is_found_inside_the_overlap() {
    for network in NETWORKS {
        let mut polled = Polled::new(network, 20);
        polled.server.publish(1, 0, "раньше");
        polled.server.publish(3, 2 * HOUR, "позже");
        assert_eq!(polled.ids(2 * HOUR).len(), 2, "{network}");
        let late = Shown {
            id: 2,
            at_secs: HOUR,
            seen_from_secs: 3 * HOUR,
            text: "с опозданием".to_owned(),
            pinned: false,
        };
        polled.server.show(late);
        assert_eq!(polled.ids(4 * HOUR), [2], "{network}");
    }
}

#[test]
fn what_cannot_be_read_is_a_gap() {
    for network in ["vk", "telegram", "rss"] {
        let mut polled = Polled::new(network, 5);
        polled.definition.file.limits.pages_max = 2;
        polled.server.publish(1, 0, "первое");
        polled.ids(1);
        for id in 2..=40 {
            polled.server.publish(id, 100 * HOUR + id as i64, "ещё");
        }
        let found = polled.ids(101 * HOUR);
        assert!(found.len() <= 10, "{network}");
        let [gap] = polled.gaps.as_slice() else { panic!("{network}: {:?}", polled.gaps) };
        assert_eq!(gap.from, Some(instant(0)), "{network}");
        assert!(instant(100 * HOUR) < gap.to && gap.to < instant(101 * HOUR), "{network}");
        assert_eq!(polled.ids(102 * HOUR), [0; 0], "{network}: the gap is told once");
        assert_eq!(polled.gaps.len(), 1, "{network}");
    }
}

#[test]
fn pages_that_go_forward_go_on_where_a_poll_ended() {
    let mut polled = Polled::new("mastodon", 5);
    polled.definition.file.limits.pages_max = 2;
    polled.server.publish(1, 0, "первое");
    polled.ids(1);
    for id in 2..=40 {
        polled.server.publish(id, id as i64 * 100 * HOUR, "ещё");
    }
    polled.server.requests();
    for poll in 0..10 {
        polled.ids(5_000 * HOUR + poll);
    }
    assert!(polled.server.requests()[0].contains("min_id=11762"), "asked from the cursor on");
    assert_eq!(polled.stored.len(), 40);
    assert_eq!(polled.gaps, []);
}

#[test]
fn an_overlap_larger_than_a_poll_is_a_gap_and_not_the_end() {
    let mut polled = Polled::new("mastodon", 5);
    polled.definition.file.limits.pages_max = 2;
    for id in 1..=40 {
        polled.server.publish(id, id as i64, "ещё");
    }
    polled.ids(60);
    polled.ids(HOUR);
    polled.server.publish(41, 2 * HOUR, "дальше");
    assert_eq!(polled.ids(3 * HOUR), [41]);
    for id in 42..=60 {
        polled.server.publish(id, 4 * HOUR + id as i64, "ещё больше");
    }
    assert_eq!(polled.ids(5 * HOUR).len(), 10);
    assert_eq!(polled.gaps.last().unwrap().from, Some(instant(2 * HOUR)));
}

#[test]
fn a_date_in_the_future_hides_nothing() {
    for network in ["vk", "telegram"] {
        let mut polled = Polled::new(network, 20);
        let ahead = Shown {
            id: 1,
            at_secs: 1_000 * HOUR,
            seen_from_secs: 0,
            text: "из будущего".to_owned(),
            pinned: false,
        };
        polled.server.show(ahead);
        assert_eq!(polled.ids(HOUR), [1], "{network}");
        polled.server.publish(2, 2 * HOUR, "яма");
        assert_eq!(polled.ids(3 * HOUR), [2], "{network}");
    }
}

#[test]
fn what_was_read_before_a_refusal_is_kept_and_nothing_is_lost() {
    let mut polled = Polled::new("vk", 5);
    polled.server.publish(1, 0, "первое");
    polled.ids(1);
    for id in 2..=15 {
        polled.server.publish(id, 20 * HOUR + id as i64, "ещё");
    }
    polled.server.fault(None);
    polled.server.fault(Fault::VkError(6));
    let PollResult::New { posts, interrupted, .. } = polled.poll(21 * HOUR) else { panic!() };
    assert_eq!(posts.len(), 5);
    assert_eq!(interrupted.unwrap().class, ErrorClass::RateLimited);
    assert_eq!(polled.ids(22 * HOUR).len(), 9);
    assert_eq!(polled.stored.len(), 15);
}

/// What a fault comes to: refused (and whether for good) or failed.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Refused(ErrorClass, bool),
    Failed(ErrorClass),
}

fn after(network: &str, fault: Fault) -> (Kind, PollResult) {
    let mut polled = Polled::new(network, 5);
    polled.definition.file.limits.request_max_secs = 1;
    polled.server.publish(1, 0, "яма");
    polled.server.fault(fault);
    let result = polled.poll(10);
    let kind = match &result {
        PollResult::Refused { error, stop } => Kind::Refused(error.class, *stop),
        PollResult::Failed { error, .. } => Kind::Failed(error.class),
        other => panic!("{other:?}"),
    };
    assert_eq!(polled.ids(20), [1], "{network}: and afterwards everything is there");
    (kind, result)
}

#[test]
fn every_no_has_its_class() {
    fn check(network: &str, fault: Fault, expected: Kind) {
        assert_eq!(after(network, fault.clone()).0, expected, "{network} {fault:?}");
    }
    check("vk", Fault::VkError(5), Kind::Refused(ErrorClass::Unauthorised, true));
    check("vk", Fault::VkError(6), Kind::Refused(ErrorClass::RateLimited, false));
    check("vk", Fault::VkError(10), Kind::Failed(ErrorClass::Unavailable));
    check("vk", Fault::VkError(14), Kind::Refused(ErrorClass::Captcha, true));
    check("vk", Fault::VkError(15), Kind::Refused(ErrorClass::Forbidden, true));
    check("vk", Fault::VkError(18), Kind::Refused(ErrorClass::Gone, true));
    check("vk", Fault::VkError(29), Kind::Refused(ErrorClass::Quota, false));
    check("vk", Fault::VkError(100), Kind::Refused(ErrorClass::Config, true));
    check("vk", Fault::VkError(9_999), Kind::Failed(ErrorClass::Unavailable));
    check("vk", Fault::Html, Kind::Failed(ErrorClass::Unavailable));
    check("rss", Fault::Html, Kind::Failed(ErrorClass::Unavailable));
    check("rss", Fault::Status(410, ""), Kind::Refused(ErrorClass::Gone, true));
    check("rss", Fault::Status(404, ""), Kind::Failed(ErrorClass::Unavailable));
    let gone = Kind::Refused(ErrorClass::Gone, true);
    check("telegram", Fault::Status(404, ""), gone);
    let inside = Fault::Redirect("/town".to_owned());
    check("telegram", inside, Kind::Refused(ErrorClass::Forbidden, true));
    for network in NETWORKS {
        check(network, Fault::Status(500, ""), Kind::Failed(ErrorClass::Unavailable));
        check(network, Fault::Status(429, "7"), Kind::Refused(ErrorClass::RateLimited, false));
        check(network, Fault::Cut, Kind::Failed(ErrorClass::Unavailable));
        check(network, Fault::Huge(20 * 1024 * 1024), Kind::Failed(ErrorClass::Malformed));
        check(network, Fault::Huge(64), Kind::Failed(ErrorClass::Malformed));
    }
    check("vk", Fault::Drip, Kind::Failed(ErrorClass::Unavailable));
    check("rss", Fault::Hang, Kind::Failed(ErrorClass::Unavailable));
}

#[test]
fn retry_after_is_honoured() {
    let (_, result) = after("rss", Fault::Status(429, "7"));
    let PollResult::Refused { error, .. } = result else { panic!("{result:?}") };
    assert_eq!(error.retry_at, Some(instant(17)));
    let (_, result) = after("vk", Fault::VkError(29));
    let PollResult::Refused { error, .. } = result else { panic!("{result:?}") };
    assert!(instant(10) < error.retry_at.unwrap());
}

#[test]
fn a_malformed_payload_is_kept_without_the_token() {
    let mut polled = Polled::new("vk", 5);
    let body = format!("{{\"response\": {{\"echo\": \"{TOKEN}\", \"access_token\": \"other\"}}");
    polled.server.fault(Fault::Body(body));
    let PollResult::Failed { rejected, .. } = polled.poll(10) else { panic!() };
    let rejected = rejected.unwrap();
    assert_eq!(rejected.source, Some(polled.source.id.clone()));
    let kept = String::from_utf8(rejected.payload).unwrap();
    assert_eq!(kept, r#"{"response": {"echo": "…", "access_token": "…"}"#);
}

#[test]
fn a_page_of_unreadable_items_is_a_failure() {
    let mut polled = Polled::new("vk", 5);
    let body = r#"{"response": {"count": 1, "items": [{"id": 1}]}}"#;
    polled.server.fault(Fault::Body(body.to_owned()));
    let PollResult::Failed { error, rejected } = polled.poll(10) else { panic!() };
    assert_eq!(error.class, ErrorClass::Malformed);
    assert_eq!(rejected.unwrap().payload, body.as_bytes());
}

#[test]
fn one_unreadable_item_costs_only_itself() {
    let mut polled = Polled::new("vk", 5);
    let sound = r#"{"id": 2, "owner_id": -5, "from_id": 7, "date": 1795000000, "text": "яма"}"#;
    let body = format!(r#"{{"response": {{"count": 2, "items": [{{"id": 1}}, {sound}]}}}}"#);
    polled.server.fault(Fault::Body(body.clone()));
    polled.server.fault(Fault::Body(body));
    let PollResult::New { posts, rejected, .. } = polled.poll(10) else { panic!() };
    assert_eq!((posts.len(), rejected.len()), (1, 1));
    let again = polled.poll(20);
    assert!(matches!(again, PollResult::NothingNew { .. }), "told once: {again:?}");
}

#[test]
fn a_vanished_channel_is_told_from_one_without_preview() {
    let mut polled = Polled::new("telegram", 5);
    polled.source.target = "nobody".to_owned();
    polled.server.fault(Fault::Redirect("/nobody".to_owned()));
    let PollResult::Refused { error, stop } = polled.poll(10) else { panic!() };
    assert_eq!((error.class, stop), (ErrorClass::Gone, true));
}

#[test]
fn no_request_goes_inside() {
    // A feed that leads, or redirects, to an address inside is refused, though
    // the server that is there would answer.
    let other = NetworkServer::start(5);
    other.publish(1, 0, "тайна");
    let mut polled = Polled::new("rss", 5);
    for target in [other.base.join("/feed.xml").unwrap().to_string(), "http://localhost/x".into()] {
        polled.source.target = target;
        let PollResult::Refused { error, .. } = polled.poll(10) else { panic!() };
        assert_eq!(error.class, ErrorClass::Config);
    }
    polled.source.target = "/feed.xml".to_owned();
    for to in [other.base.as_str(), "http://169.254.169.254/latest", "file:///etc/passwd"] {
        polled.server.fault(Fault::Redirect(to.to_owned()));
        let PollResult::Refused { error, .. } = polled.poll(10) else { panic!("{to}") };
        assert_eq!(error.class, ErrorClass::Config, "{to}");
    }
    assert_eq!(other.requests(), [""; 0]);
}

#[test]
fn feeds_follow_redirects_on_their_own_host() {
    let mut polled = Polled::new("rss", 5);
    polled.server.publish(1, 0, "яма");
    polled.source.target = "/old.xml".to_owned();
    polled.server.fault(Fault::Redirect("/feed.xml".to_owned()));
    assert_eq!(polled.ids(10), [1]);
}

#[test]
fn validators_are_sent_but_not_always() {
    let mut polled = Polled::new("rss", 5);
    polled.server.publish(1, 0, "яма");
    let mut conditional = Vec::new();
    for round in 0..8 {
        polled.poll(10 + round);
        let request = polled.server.requests().pop().unwrap().to_lowercase();
        conditional.push(request.contains("if-none-match"));
    }
    assert_eq!(conditional, [false, true, true, true, true, true, false, true]);
}

#[test]
fn the_days_share_is_not_exceeded() {
    let mut polled = Polled::new("vk", 5);
    polled.definition.file.poll.get_mut("wall").unwrap().daily_max = Some(2);
    polled.poll(0);
    polled.poll(1);
    let PollResult::Refused { error, stop } = polled.poll(2) else { panic!() };
    assert_eq!((error.class, stop), (ErrorClass::Quota, false));
    assert_eq!(polled.server.requests().len(), 2);
}

/// Posts with dates up to ten hours apart, each visible up to five hours late,
/// in any order of publication; the overlap is six hours.
fn published() -> impl Strategy<Value = Vec<(i64, i64)>> {
    proptest::collection::vec((0..10 * HOUR, 0..5 * HOUR), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn everything_is_stored_or_a_gap_says_so(
        posts in published(),
        polls in proptest::collection::vec(0..16 * HOUR, 0..6),
        network in 0..NETWORKS.len(),
    ) {
        let mut polled = Polled::new(NETWORKS[network], 7);
        polled.ids(-1);
        // Polling starts with a source that had something before.
        polled.server.publish(1_000_000, -1, "начало");
        polled.ids(0);
        for (index, (at_secs, delay)) in posts.iter().enumerate() {
            polled.server.show(Shown {
                id: index as u64 + 1,
                at_secs: *at_secs,
                // What enters a feed below its window is seen by nobody.
                seen_from_secs: at_secs + if network == 2 { 0 } else { *delay },
                text: format!("пост {index}"),
                pinned: false,
            });
        }
        let mut polls = polls;
        polls.sort_unstable();
        for now in polls.into_iter().chain([16 * HOUR, 17 * HOUR]) {
            polled.ids(now);
        }
        for (index, (at_secs, _)) in posts.iter().enumerate() {
            let is_stored = polled.stored.contains(&(index as u64 + 1));
            let at = instant(*at_secs);
            let is_told = polled
                .gaps
                .iter()
                .any(|gap| gap.from.is_none_or(|from| from <= at) && at <= gap.to);
            prop_assert!(is_stored || is_told, "{network}: post {index} at {at}, gaps {:?}", polled.gaps);
        }
    }
}

#[test]
fn what_is_packed_small_is_measured_unpacked() {
    // Four gigabytes in four megabytes.
    for network in NETWORKS {
        let resident = resident_kib();
        let (kind, _) = after(network, Fault::Bomb(4 << 30));
        assert_eq!(kind, Kind::Failed(ErrorClass::Malformed), "{network}");
        let grown = resident_kib().saturating_sub(resident);
        assert!(grown < 1 << 20, "{network}: {grown} KiB more");
    }
}

#[test]
fn of_a_body_without_end_no_more_is_taken_than_the_limit() {
    let mut polled = Polled::new("vk", 5);
    polled.server.fault(Fault::Flood);
    let PollResult::Failed { error, .. } = polled.poll(10) else { panic!() };
    assert_eq!(error.class, ErrorClass::Malformed);
    // Beside the limit only what lies in the sockets.
    let sent = polled.server.sent_bytes();
    assert!(sent < polled.definition.file.limits.body_max_bytes + (16 << 20), "{sent}");
}

#[test]
fn deep_nesting_is_no_way_in() {
    let deep = 200_000;
    let json = format!("{}1{}", "[".repeat(deep), "]".repeat(deep));
    let html = format!("{}{}", "<div>".repeat(deep / 20), "</div>".repeat(deep / 20));
    let xml = format!("<rss><channel>{}{}", "<a>".repeat(deep), "</a>".repeat(deep));
    for (network, body) in [("vk", &json), ("mastodon", &json), ("rss", &json)].into_iter().chain([
        ("telegram", &html),
        ("rss", &html),
        ("rss", &xml),
    ]) {
        let (kind, _) = after(network, Fault::Body(body.clone()));
        let is_failure =
            matches!(kind, Kind::Failed(ErrorClass::Malformed | ErrorClass::Unavailable));
        assert!(is_failure, "{network}: {kind:?}");
    }
}

#[test]
fn redirects_without_end_come_to_an_end() {
    for (network, requests) in [("vk", 1), ("telegram", 2), ("mastodon", 1), ("rss", 7)] {
        let mut polled = Polled::new(network, 5);
        polled.server.fault(Fault::Redirect("/round".to_owned()));
        let result = polled.poll(10);
        let is_no = matches!(result, PollResult::Refused { .. } | PollResult::Failed { .. });
        assert!(is_no, "{network}: {result:?}");
        let asked = polled.server.requests().len();
        assert!(asked <= requests, "{network}: {asked} requests");
    }
}

#[test]
fn nobody_waits_for_ever_on_the_word_of_a_header() {
    let after_secs = |text: &str| {
        let (_, result) = after("rss", Fault::TooMany(text.to_owned()));
        let PollResult::Refused { error, .. } = result else { panic!("{result:?}") };
        assert_eq!(error.class, ErrorClass::RateLimited);
        error.retry_at.map(|at| at.duration_since(instant(10)).as_secs())
    };
    assert_eq!(after_secs("Wed, 18 Nov 2026 11:16:50 GMT"), Some(600));
    let week = 7 * 24 * HOUR;
    assert_eq!(after_secs("Sat, 01 Jan 2090 00:00:00 GMT"), Some(week));
    assert_eq!(after_secs("99999999999999999999"), Some(week));
    assert_eq!(after_secs("soon"), None);
}

/// What this process holds in memory, at the most so far.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_source_that_began_empty_misses_nothing() {
    for network in ["vk", "telegram"] {
        let mut polled = Polled::new(network, 5);
        polled.definition.file.limits.pages_max = 2;
        polled.ids(0);
        for id in 1..=40 {
            polled.server.publish(id, HOUR + id as i64, "яма");
        }
        assert_eq!(polled.ids(2 * HOUR).len(), 10, "{network}");
        let [gap] = polled.gaps.as_slice() else { panic!("{network}: {:?}", polled.gaps) };
        assert_eq!(gap.from, Some(instant(0)), "{network}: since the first poll");
    }
}
