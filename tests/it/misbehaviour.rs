//! The whole reading against networks that misbehave in every way that servers
//! do: in the end everything that can be seen is stored, once, or the row of a
//! gap says that it is missing. Each seed is a world of its own.
//!
//! `OTKLIK_SEEDS=5000 cargo test --test it misbehaviour` goes on for a night;
//! `OTKLIK_SEED=77` runs the one that failed.

use std::sync::Mutex;

use otklik::adapters::connector::error::ErrorClass;
use otklik::adapters::store::{Moment, PowerCut};
use otklik::model::gap::GapState;
use otklik::model::source::Outcome;

use crate::world::chance::Chance;
use crate::world::network::{Fault, Shown, instant};
use crate::world::reading::{INTERVAL_SECS, Reading};

const NETWORKS: [&str; 5] = ["vk", "telegram", "rss", "mastodon", "ok"];
const SEEDS: u64 = 50;
/// Worlds at a time: half of their time is waiting for servers that hang.
const WORKERS: usize = 3;
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Posts are published for so long.
const SPAN: i64 = 2 * DAY;
/// The post with which a source begins.
const FIRST: u64 = 60_000;
/// Polls after which a well-behaved network has been read.
const ROUNDS_MIN: usize = 8;
const ROUNDS_MAX: usize = 80;

/// What happens to a post after it was published.
enum Change {
    Edit(u64),
    Vanish(u64),
}

/// Publishes by a seed: bursts, delays, a clock that goes wrong, pinned posts.
/// What changes them later comes back, in order.
fn publish(reading: &Reading, network: &str, chance: &mut Chance) -> Vec<(i64, Change)> {
    let skew = [0, 0, 3 * HOUR, -2 * HOUR][chance.below(4) as usize];
    let bursts: Vec<i64> = (0..1 + chance.below(4)).map(|_| chance.secs(SPAN)).collect();
    let posts = 10 + chance.below(120);
    let mut changes = Vec::new();
    for id in 1..=posts {
        let at = match chance.below(3) {
            0 => chance.secs(SPAN),
            _ => bursts[chance.below(bursts.len() as u64) as usize] + chance.secs(30 * MINUTE),
        };
        // What enters a feed below its window is seen by nobody.
        let is_late = network != "rss" && chance.once_in(3);
        let late = if is_late { chance.secs(2 * HOUR) } else { 0 };
        let pinned = network == "vk" && chance.once_in(60);
        reading.server.show(Shown {
            id,
            at_secs: if pinned { -40 * DAY } else { at + skew },
            seen_from_secs: at + late,
            text: format!("пост {id}"),
            pinned,
        });
        if chance.once_in(8) {
            changes.push((at + chance.secs(6 * HOUR), Change::Edit(id)));
        }
        if chance.once_in(10) {
            changes.push((at + chance.secs(DAY), Change::Vanish(id)));
        }
    }
    changes.sort_by_key(|(at, _)| *at);
    changes
}

fn fault(chance: &mut Chance, now: i64) -> Fault {
    let date = |secs: i64| instant(now + secs).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let nested = |open: &str| Fault::Body(open.repeat(30_000));
    let slow = chance.once_in(12);
    match chance.below(26) {
        0 | 1 if slow => Fault::Drip,
        2 | 3 if slow => Fault::Hang,
        0 => Fault::Status(500, ""),
        1 => Fault::Status(503, "30"),
        2 => Fault::TooMany("120".to_owned()),
        3 => Fault::TooMany(String::new()),
        4 => Fault::TooMany(date(20 * MINUTE)),
        5 => Fault::TooMany(date(-DAY)),
        6 => Fault::TooMany("-5".to_owned()),
        7 => Fault::Cut,
        8 => Fault::Html,
        9 => Fault::Huge(400_000),
        10 => Fault::Body("{}".to_owned()),
        11 => Fault::Body("[]".to_owned()),
        12 => Fault::Body("null".to_owned()),
        13 => Fault::Body(String::new()),
        14 => nested("["),
        15 => nested("{\"response\":"),
        16 => nested("<b>"),
        17 => Fault::Bomb(64 << 20),
        18 => Fault::Flood,
        19 => Fault::Redirect("/round".to_owned()),
        20 => Fault::Redirect("http://169.254.169.254/latest".to_owned()),
        21 => Fault::Redirect("http://[::1]:9/".to_owned()),
        22 => Fault::VkError(6),
        23 => Fault::VkError(10),
        24 => Fault::Body(r#"{"response":{"count":0,"items":[]}}"#.to_owned()),
        _ => Fault::Status(404, ""),
    }
}

/// One step of the program while the network does what it likes.
fn misbehave(reading: &mut Reading, chance: &mut Chance, now: i64) -> Result<(), String> {
    if chance.once_in(3) {
        for _ in 0..1 + chance.below(4) {
            let is_honest = chance.once_in(2);
            reading.server.fault((!is_honest).then(|| fault(chance, now)));
        }
    }
    reading.server.set_endless(chance.once_in(20));
    match chance.below(30) {
        0 => reading.open(None),
        1 => {
            let moment = [Moment::BeforeCommit, Moment::AfterCommit][chance.below(2) as usize];
            reading.open(Some(PowerCut { commit: 1 + chance.below(3), moment }));
            // Without power nothing is ever stored.
            (0..4).for_each(|_| _ = reading.step(now));
            reading.open(None);
        }
        2..8 => reading.poll_by_hand(now)?,
        _ => {}
    }
    reading.settle(now);
    let Some(state) = reading.state() else { return Ok(()) };
    if let Some(Outcome::Refused | Outcome::Failed) = state.last_outcome {
        let error = state.last_error.unwrap_or_default();
        ErrorClass::of(&error).ok_or_else(|| format!("«{error}» has no class"))?;
    }
    if state.stopped && chance.once_in(2) {
        reading.resume();
    }
    Ok(())
}

fn run(seed: u64) -> Result<(), String> {
    let chance = &mut Chance(seed);
    let network = NETWORKS[(seed % NETWORKS.len() as u64) as usize];
    let pages_max = (1 + chance.below(4)).to_string();
    let numbers =
        [("pages_max", &*pages_max), ("request_max_secs", "1"), ("body_max_bytes", "300_000")];
    let mut reading = Reading::new(network, 3 + chance.below(10) as usize, &numbers);
    reading.server.publish(FIRST, -1, "начало");
    reading.settle(0);
    let mut changes = publish(&reading, network, chance).into_iter().peekable();
    let mut now = 0;
    while now < SPAN {
        now += INTERVAL_SECS + chance.secs(3 * HOUR);
        while let Some((_, change)) = changes.next_if(|(at, _)| *at <= now) {
            match change {
                Change::Edit(id) => reading.server.edit(id, &format!("пост {id}, исправлен")),
                Change::Vanish(id) => reading.server.vanish(id),
            }
        }
        misbehave(&mut reading, chance, now)?;
    }
    settle_down(&reading, now);
    check(&reading)
}

/// The network behaves again, and somebody has let the source be read.
fn settle_down(reading: &Reading, mut now: i64) {
    reading.server.behave();
    for round in 0..ROUNDS_MAX {
        let state = reading.state();
        if state.as_ref().is_some_and(|state| state.stopped) {
            reading.resume();
        }
        let next = state.and_then(|state| state.next_poll_at);
        let next = next.map_or(now, |next| next.duration_since(instant(0)).as_secs());
        now = next.max(now + 30 * MINUTE);
        reading.settle(now);
        let is_over = |gap: GapState| matches!(gap, GapState::Filled | GapState::Lost);
        if ROUNDS_MIN <= round && reading.gaps().iter().all(|gap| is_over(gap.state)) {
            return;
        }
    }
}

fn check(reading: &Reading) -> Result<(), String> {
    let stored = reading.stored();
    if let Some((id, count)) = stored.iter().find(|(_, count)| **count != 1) {
        return Err(format!("{id} is stored {count} times"));
    }
    if let Some(id) = stored.keys().find(|id| FIRST < **id) {
        return Err(format!("{id} was never published"));
    }
    let gaps = reading.gaps();
    // Late posts are looked for so much before a gap.
    let overlap = jiff::SignedDuration::from_secs(reading.overlap_secs());
    for (id, at_secs) in reading.server.seen() {
        let at = instant(at_secs);
        let mut open = gaps.iter().filter(|gap| gap.state != GapState::Filled);
        let is_told = open
            .any(|gap| gap.gap.from.is_none_or(|from| from - overlap <= at) && at <= gap.open_to);
        if !stored.contains_key(&id) && !is_told {
            return Err(format!("{id} of {at} is missing, and no gap says so: {gaps:#?}"));
        }
    }
    let state = reading.state().ok_or("the source was never polled")?;
    let rejected = reading.store().read(|reader| reader.rejected(100_000)).unwrap().len();
    let counted = (state.posts, state.rejected);
    if counted != (stored.len() as u64, rejected as u64) {
        return Err(format!("{counted:?} is not {} posts, {rejected} rejected", stored.len()));
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "how long a test goes on is no configuration")]
fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Goal: nothing is lost in silence and nothing is stored twice, whatever a
/// network does. Method: worlds by seed, each on a virtual clock.
#[test]
fn whatever_a_network_does_nothing_is_lost_in_silence() {
    let seeds = match asked("OTKLIK_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..asked("OTKLIK_SEEDS").unwrap_or(SEEDS),
    };
    let waiting = Mutex::new(seeds);
    let failed = Mutex::new(Vec::new());
    let work = || {
        while let Some(seed) = { waiting.lock().unwrap().next() } {
            if let Err(error) = outcome(seed) {
                let network = NETWORKS[(seed % NETWORKS.len() as u64) as usize];
                eprintln!("OTKLIK_SEED={seed} ({network}): {error}");
                failed.lock().unwrap().push(seed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(work);
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "seeds that failed: {failed:?}");
}

fn outcome(seed: u64) -> Result<(), String> {
    std::panic::catch_unwind(|| run(seed)).unwrap_or_else(|_| Err("panicked".to_owned()))
}
