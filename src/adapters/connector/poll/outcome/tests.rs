//! What pages come to: gaps by the old end, fresh posts by what is known.

use super::*;
use crate::adapters::connector::Connectors;
use crate::adapters::connector::budget::Budget;
use crate::adapters::connector::extract::PagingHint;
use crate::adapters::connector::http::Client;
use crate::adapters::connector::poll::PollRequest;
use crate::model::post::Network;
use crate::model::source::{Cursor, Source};

/// Minutes after an hour of a day, so that dates are short to write.
fn at(minute: i64) -> Timestamp {
    "2026-11-21T10:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_mins(minute)
}

/// The age of a pinned notice.
const LONG_AGO: i64 = -100_000;

fn post(network: &str, minute: i64) -> Post {
    let key = PostKey { network: Network(network.to_owned()), native_id: minute.to_string() };
    Post::of_text(key, format!("яма {minute}"), at(minute))
}

/// A poll that shows posts of these minutes.
#[derive(Clone, Copy)]
struct Shown<'a> {
    network: &'a str,
    kind: &'a str,
    about: About<'a>,
    minutes: &'a [i64],
    total: Option<u64>,
}

impl Shown<'_> {
    fn of<'a>(network: &'a str, kind: &'a str, minutes: &'a [i64]) -> Shown<'a> {
        Shown { network, kind, about: About::default(), minutes, total: None }
    }

    fn after(self, cursor: &Cursor, ending: Ending) -> PollResult {
        let connectors = Connectors::shipped().unwrap();
        let definition = connectors.get(&Network(self.network.to_owned())).unwrap();
        let source = Source::of(self.network, self.kind, "town");
        let (limits, secret, base) = (definition.file.limits, None, None);
        let request = PollRequest { definition, base, source: &source, cursor, secret, limits };
        let kind = &definition.file.poll[self.kind];
        let (client, budget) = (Client::new().unwrap(), Budget::default());
        let reading = Reading::of(cursor);
        let poll = Poll {
            request: &request,
            kind,
            about: self.about,
            stretch: None,
            client: &client,
            budget: &budget,
            reading,
            now: at(10_000),
        };
        let mut seen = Seen { ending, ..Seen::default() };
        let posts: Vec<Post> =
            self.minutes.iter().map(|minute| post(self.network, *minute)).collect();
        let hint = PagingHint { items: posts.len(), total: self.total, token: None };
        seen.take(Page { posts, hint, ..Page::default() }, kind.order);
        poll.result(seen)
    }

    fn cursor(self) -> Cursor {
        match self.after(&Cursor::default(), Ending::Met) {
            PollResult::New { cursor, .. } | PollResult::NothingNew { cursor } => cursor,
            other => panic!("{other:?}"),
        }
    }
}

fn news(result: PollResult) -> (Vec<i64>, Option<(Option<i64>, i64)>) {
    let minute = |instant: Timestamp| instant.duration_since(at(0)).as_mins();
    match result {
        PollResult::New { posts, gap, .. } => (
            posts.iter().map(|post| minute(post.published_at)).collect(),
            gap.map(|gap| (gap.from.map(minute), minute(gap.to))),
        ),
        PollResult::NothingNew { .. } => (Vec::new(), None),
        other => panic!("{other:?}"),
    }
}

#[test]
fn posts_that_are_dated_back_are_news() {
    fn check(network: &str, kind: &str) {
        let before = Shown::of(network, kind, &[30, 20, 10, 0]).cursor();
        let shown = Shown::of(network, kind, &[LONG_AGO, 30, 20, 10, 0]);
        let (posts, gap) = news(shown.after(&before, Ending::Met));
        assert_eq!((posts, gap), (vec![LONG_AGO], None), "{network}");
    }
    check("bluesky", "records");
    check("rss", "feed");
    check("web", "page");
}

#[test]
fn one_old_post_hides_no_gap() {
    fn check(shown: &[i64], ending: Ending, expected: Option<(Option<i64>, i64)>) {
        let before = Shown::of("web", "page", &[LONG_AGO, 30, 20, 10, 0]).cursor();
        let (_, gap) = news(Shown::of("web", "page", shown).after(&before, ending));
        assert_eq!(gap, expected, "{shown:?}");
    }
    let new = [LONG_AGO, 9_000, 8_000, 7_000, 6_000];
    check(&new, Ending::PageLimit, Some((Some(30), 8_000)));
    check(&[9_000, 8_000, 7_000, LONG_AGO, 6_000], Ending::PageLimit, Some((Some(30), 7_000)));
    check(&[LONG_AGO, 9_000, 30, 20, 10, 0], Ending::Met, None);
}

#[test]
fn one_old_item_does_not_join_a_feed() {
    fn check(shown: &[i64], expected: Option<(Option<i64>, i64)>) {
        let before = Shown::of("rss", "feed", &[LONG_AGO, 30, 20, 10, 0]).cursor();
        let (_, gap) = news(Shown::of("rss", "feed", shown).after(&before, Ending::End));
        assert_eq!(gap, expected, "{shown:?}");
    }
    check(&[LONG_AGO, 9_000, 8_000, 7_000, 6_000], Some((Some(30), 7_000)));
    check(&[LONG_AGO, 9_000, 8_000, 7_000, 30], None);
    check(&[LONG_AGO, 9_000, 30, 20, 10], None);
}

#[test]
fn pages_that_end_early_are_a_gap() {
    fn check(shown: &[i64], expected: Option<(Option<i64>, i64)>) {
        let before = Shown::of("vk", "wall", &[300, 200, 100, 90, 80, 70]).cursor();
        let (_, gap) = news(Shown::of("vk", "wall", shown).after(&before, Ending::End));
        assert_eq!(gap, expected, "{shown:?}");
    }
    check(&[400, 300, 200, 100, 90, 80, 70], None);
    check(&[500, 400, 300, 200], Some((Some(-60), 400)));
    check(&[LONG_AGO, 500, 400, 300, 200], Some((Some(-60), 400)));
    // A source that grows from nothing ends nowhere early.
    let small = Shown::of("vk", "wall", &[200, 100]).cursor();
    let grown = Shown::of("vk", "wall", &[300, 200, 100]);
    assert_eq!(news(grown.after(&small, Ending::End)), (vec![300], None));
}

#[test]
fn what_of_a_thread_is_never_shown_is_told_once() {
    let about = About { post: Some("-5/77"), ..About::default() };
    let first = |network, kind, ending, total| {
        let minutes: &[i64] = if network == "vk" { &[40, 30, 20, 10] } else { &[10, 20, 30, 40] };
        let shown = Shown { about, total, ..Shown::of(network, kind, minutes) };
        news(shown.after(&Cursor::default(), ending)).1
    };
    assert_eq!(first("telegram", "comments", Ending::End, Some(740)), Some((None, 30)));
    assert_eq!(first("telegram", "comments", Ending::End, Some(4)), None);
    assert_eq!(first("telegram", "comments", Ending::End, None), None);
    assert_eq!(first("vk", "comments", Ending::PageLimit, Some(2_000)), Some((None, 30)));
    assert_eq!(first("vk", "comments", Ending::End, Some(4)), None);
    // A source's own past is nobody's loss.
    let wall = Shown { total: Some(740), ..Shown::of("telegram", "channel", &[10, 20, 30, 40]) };
    assert_eq!(news(wall.after(&Cursor::default(), Ending::End)).1, None);
    let thread = Shown { about, ..Shown::of("vk", "comments", &[40, 30, 20, 10]) };
    let again = Shown { about, ..Shown::of("vk", "comments", &[50, 40, 30, 20]) };
    assert_eq!(news(again.after(&thread.cursor(), Ending::PageLimit)), (vec![50], None));
    let later = Shown { about, ..Shown::of("vk", "comments", &[90, 80, 70, 60]) };
    let (_, gap) = news(later.after(&thread.cursor(), Ending::PageLimit));
    assert_eq!(gap, Some((Some(40), 80)));
}
