//! Gaps are filled in spare time, over real HTTP: what is stored in the end is
//! what was published, or the row of the gap says what is missing and why.

use std::collections::BTreeSet;

use otklik::adapters::store::{Moment, PowerCut};
use otklik::model::gap::{GapState, Lack};

use crate::world::network::{Fault, instant};
use crate::world::reading::Reading;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// The pages of a poll hold ten posts, those of a turn at a gap many more.
const SHORT: [(&str, &str); 1] = [("pages_max", "2")];
const PAGE: usize = 5;

/// A source that was read, and then published more than a poll reads.
fn after_a_burst(network: &str, burst: u64, numbers: &[(&str, &str)]) -> Reading {
    let reading = Reading::new(network, PAGE, numbers);
    reading.server.publish(1, 0, "первое");
    reading.settle(60);
    publish_burst(&reading, burst);
    reading
}

fn publish_burst(reading: &Reading, burst: u64) {
    for id in 2..=burst {
        reading.server.publish(id, 100 * HOUR + id as i64 * 20, "ещё");
    }
}

fn all(burst: u64) -> BTreeSet<u64> {
    (1..=burst).collect()
}

fn stored(reading: &Reading) -> BTreeSet<u64> {
    let stored = reading.stored();
    assert!(stored.values().all(|count| *count == 1), "stored twice: {stored:?}");
    stored.into_keys().collect()
}

#[test]
fn a_burst_leaves_a_gap_that_is_filled() {
    for network in ["vk", "telegram", "ok"] {
        let reading = after_a_burst(network, 60, &SHORT);
        assert!(reading.step(120 * HOUR), "{network}: a poll");
        assert_eq!(reading.stored().len(), 11, "{network}");
        let [gap] = &reading.gaps()[..] else { panic!("{network}: {:?}", reading.gaps()) };
        assert_eq!((gap.state, gap.gap.from), (GapState::Open, Some(instant(0))), "{network}");
        reading.settle(120 * HOUR);
        assert_eq!(stored(&reading), all(60), "{network}");
        let [gap] = &reading.gaps()[..] else { panic!("{network}: {:?}", reading.gaps()) };
        assert_eq!(gap.state, GapState::Filled, "{network}: {gap:?}");
        assert_eq!((gap.filled_at, gap.found), (Some(instant(120 * HOUR)), 49), "{network}");
        assert_eq!(reading.state().unwrap().posts, 60, "{network}");
    }
}

#[test]
fn pages_that_only_go_back_are_filled_from_the_gaps_newer_end() {
    // An overlap that a poll does not get through makes Mastodon's pages go back.
    let reading = Reading::new("mastodon", PAGE, &SHORT);
    for id in 1..=40 {
        reading.server.publish(id, id as i64, "ещё");
    }
    reading.settle(60);
    reading.settle(HOUR);
    for id in 41..=90 {
        reading.server.publish(id, 4 * HOUR + id as i64, "больше");
    }
    reading.server.requests();
    // That there is nothing before the first post is looked at more than once.
    for hour in 5..9 {
        reading.settle(hour * HOUR);
    }
    assert!((41..=90).all(|id| stored(&reading).contains(&id)), "{:?}", reading.gaps());
    let asked = reading.server.requests();
    assert!(asked.iter().any(|request| request.contains("max_id=")), "{asked:?}");
    assert!(reading.gaps().iter().all(|gap| gap.state == GapState::Filled), "{:?}", reading.gaps());
}

#[test]
fn the_reading_begins_near_the_gap_and_not_at_the_top() {
    for (network, sign) in [("vk", "offset="), ("telegram", "before=")] {
        let reading = after_a_burst(network, 200, &[("pages_max", "20")]);
        reading.step(120 * HOUR);
        assert_eq!(reading.gaps().len(), 1, "{network}");
        reading.server.requests();
        reading.step(120 * HOUR);
        let asked = reading.server.requests();
        assert!(asked[0].contains(sign), "{network}: {}", asked[0]);
        assert_eq!(stored(&reading), all(200), "{network}");
        let requests = asked.len();
        assert!(requests <= 28, "{network}: {requests} for 100 posts at five a page");
    }
}

#[test]
fn a_long_stretch_takes_several_turns_and_shrinks() {
    for network in ["vk", "telegram", "ok"] {
        let reading = after_a_burst(network, 400, &SHORT);
        reading.step(120 * HOUR);
        let mut left = Vec::new();
        while reading.step(120 * HOUR) {
            let [gap] = &reading.gaps()[..] else { panic!("{network}: {:?}", reading.gaps()) };
            if gap.state == GapState::Filling {
                left.push(gap.open_to);
            }
        }
        assert!(2 <= left.len(), "{network}: {left:?}");
        assert!(left.is_sorted_by(|before, after| after < before), "{network}: {left:?}");
        assert_eq!(stored(&reading), all(400), "{network}");
    }
}

#[test]
fn posts_go_before_gaps() {
    let reading = after_a_burst("vk", 60, &SHORT);
    reading.step(120 * HOUR);
    reading.server.requests();
    // The source is due again: the poll comes first, the gap after it.
    assert!(reading.step(121 * HOUR));
    assert_eq!(reading.gaps()[0].state, GapState::Open);
    let asked = reading.server.requests();
    assert!(asked.iter().all(|request| !request.contains("offset=2")), "{asked:?}");
    assert!(reading.step(121 * HOUR));
    assert_eq!(reading.gaps()[0].state, GapState::Filled);
}

#[test]
fn a_short_day_is_left_to_the_polls() {
    // At midnight in Moscow a quarter of the day's requests may go to gaps.
    let midnight = 35_600;
    let numbers = [("pages_max", "2"), ("daily_max", "12")];
    let reading = Reading::new("vk", PAGE, &numbers);
    reading.server.publish(1, 0, "первое");
    reading.settle(60);
    for id in 2..=60 {
        reading.server.publish(id, midnight + DAY + id as i64, "ещё");
    }
    let early = midnight + DAY + 600;
    reading.settle(early);
    reading.settle(early + HOUR);
    let [gap] = &reading.gaps()[..] else { panic!("{:?}", reading.gaps()) };
    let asked = reading.server.requests().len();
    assert!(gap.state != GapState::Filled && asked <= 6, "{asked} requests: {gap:?}");
    for day in 1..9 {
        for hour in [2, 12, 22] {
            reading.settle(midnight + day * DAY + hour * HOUR);
            let state = reading.state().unwrap();
            assert_eq!(state.last_error, None, "gaps have left nothing to the polls");
        }
    }
    assert_eq!((reading.gaps()[0].state, stored(&reading)), (GapState::Filled, all(60)));
}

#[test]
fn what_the_network_forgets_meanwhile_is_told() {
    // A hundred and ten hours are remembered; the gap reaches further back.
    let numbers = [("pages_max", "2"), ("memory_secs", "400_000")];
    let reading = Reading::new("x", PAGE, &numbers);
    reading.server.forget_after(400_000);
    reading.server.publish(1, 0, "первое");
    reading.settle(60);
    for id in 2..=40 {
        reading.server.publish(id, 10 * HOUR * id as i64, "ещё");
    }
    reading.settle(401 * HOUR);
    let [gap] = &reading.gaps()[..] else { panic!("{:?}", reading.gaps()) };
    assert_eq!((gap.state, gap.lack), (GapState::Lost, Some(Lack::Memory)), "{gap:?}");
    let shown: BTreeSet<u64> = reading.server.seen().into_iter().map(|(id, _)| id).collect();
    assert!(10 <= shown.len() && shown.is_subset(&stored(&reading)), "{shown:?}");
    // What is certainly here is no part of what is missing.
    let missing: Vec<i64> =
        (2..=40).filter(|id| !stored(&reading).contains(&(*id as u64))).collect();
    let oldest_here = stored(&reading).into_iter().find(|id| 1 < *id).unwrap() as i64;
    assert!(!missing.is_empty() && missing.iter().all(|id| instant(10 * HOUR * id) < gap.open_to));
    assert!(gap.open_to <= instant(10 * HOUR * (oldest_here + 2)), "{gap:?}");
}

#[test]
fn a_feed_has_no_older_pages() {
    let reading = after_a_burst("rss", 40, &[]);
    reading.settle(120 * HOUR);
    let [gap] = &reading.gaps()[..] else { panic!("{:?}", reading.gaps()) };
    assert_eq!((gap.state, gap.lack), (GapState::Lost, Some(Lack::NoWay)));
    assert_eq!(stored(&reading).len(), 1 + PAGE);
}

#[test]
fn pages_that_end_too_early_are_asked_thrice() {
    let reading = after_a_burst("vk", 60, &SHORT);
    reading.step(120 * HOUR);
    (1..=10).for_each(|id| reading.server.vanish(id));
    for hour in 0..5 {
        reading.settle(120 * HOUR + hour * HOUR);
    }
    let [gap] = &reading.gaps()[..] else { panic!("{:?}", reading.gaps()) };
    assert_eq!((gap.state, gap.lack, gap.tries), (GapState::Lost, Some(Lack::End), 3));
    assert!((11..=60).all(|id| stored(&reading).contains(&id)));
}

#[test]
fn a_failing_gap_waits_longer_and_is_given_up() {
    let reading = after_a_burst("vk", 60, &SHORT);
    reading.step(120 * HOUR);
    let (mut at, mut waits) = (120 * HOUR, Vec::new());
    for _ in 0..10 {
        reading.server.fault(Fault::Status(500, ""));
        reading.step(at);
        let gap = reading.gaps().remove(0);
        assert_eq!(gap.last_error.as_deref(), Some("unavailable: HTTP status 500"));
        let Some(next) = gap.next_try_at else { break };
        waits.push(next.duration_since(reading.now()).as_secs());
        at = next.duration_since(instant(0)).as_secs() + HOUR;
        // The poll that is due comes first.
        reading.step(at);
    }
    assert_eq!(waits.len(), 9, "{waits:?}");
    assert!(waits.is_sorted() && waits[0] < waits[waits.len() - 1], "{waits:?}");
    let gap = reading.gaps().remove(0);
    assert_eq!((gap.state, gap.lack), (GapState::Lost, Some(Lack::Unreadable)), "{waits:?}");
}

#[test]
fn who_is_told_to_wait_waits_and_it_is_no_try() {
    let reading = after_a_burst("vk", 60, &SHORT);
    reading.step(120 * HOUR);
    reading.server.fault(None);
    reading.server.fault(Fault::TooMany("1800".to_owned()));
    reading.settle(120 * HOUR);
    let gap = reading.gaps().remove(0);
    assert_eq!((gap.state, gap.tries), (GapState::Filling, 0), "{gap:?}");
    reading.settle(120 * HOUR + 1_000);
    assert_eq!(reading.gaps()[0].open_to, gap.open_to, "too early");
    reading.settle(120 * HOUR + 1_900);
    assert_eq!((reading.gaps()[0].state, stored(&reading)), (GapState::Filled, all(60)));
}

#[test]
fn pages_without_end_end_with_the_turn() {
    for network in ["vk", "telegram", "ok"] {
        let reading = after_a_burst(network, 60, &SHORT);
        reading.step(120 * HOUR);
        reading.server.set_endless(true);
        reading.server.requests();
        reading.step(120 * HOUR);
        let asked = reading.server.requests().len();
        assert!(asked <= 26, "{network}: {asked}");
        reading.server.set_endless(false);
        for hour in 1..6 {
            reading.settle(120 * HOUR + hour * HOUR);
        }
        assert_eq!(stored(&reading), all(60), "{network}: {:?}", reading.gaps());
    }
}

#[test]
fn what_is_deleted_meanwhile_loses_nothing() {
    let reading = after_a_burst("vk", 400, &SHORT);
    reading.step(120 * HOUR);
    let mut gone = 400;
    while reading.step(120 * HOUR) {
        // The items before the gap move up by more than is read twice.
        (gone - 60..gone).for_each(|id| reading.server.vanish(id));
        gone -= 60;
    }
    let shown: BTreeSet<u64> = reading.server.seen().into_iter().map(|(id, _)| id).collect();
    assert!(shown.is_subset(&stored(&reading)), "{:?}", reading.gaps());
}

/// Goal: a cut at any commit loses nothing and doubles nothing. Method: cut at
/// commit 1, 2, 3 … before and after, until a run ends without one.
#[test]
fn a_power_cut_in_the_middle() {
    let mut cuts = 0;
    for commit in 1.. {
        let mut was_cut = false;
        for moment in [Moment::BeforeCommit, Moment::AfterCommit] {
            let mut reading = after_a_burst("vk", 160, &SHORT);
            reading.open(Some(PowerCut { commit, moment }));
            for _ in 0..6 {
                reading.step(120 * HOUR);
            }
            was_cut |= reading.gaps().first().is_none_or(|gap| gap.state != GapState::Filled);
            reading.open(None);
            for hour in 120..124 {
                reading.settle(hour * HOUR);
            }
            assert_eq!(stored(&reading), all(160), "cut at {commit} {moment:?}");
            let is_filled = reading.gaps().iter().all(|gap| gap.state == GapState::Filled);
            assert!(is_filled, "cut at {commit} {moment:?}: {:?}", reading.gaps());
            let found = reading.stored().len() as u64;
            assert_eq!(reading.state().unwrap().posts, found, "cut at {commit} {moment:?}");
        }
        if !was_cut {
            break;
        }
        cuts += 1;
    }
    assert!(3 <= cuts, "{cuts} cuts");
}
