//! Days of five thousand sources in a time that only the test knows.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::*;
use crate::model::source::HourCount;

const SOURCES: usize = 5_000;
const KEYS: u32 = 4;
/// Of `wall.get`, with one key.
const A_DAY: u32 = 5_000;
const BETWEEN_REQUESTS_MS: i64 = 334;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const LEARNT_WEEKS: i64 = 3;

/// The same numbers at every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }

    /// How many of a thing that happens so often on average.
    fn poisson(&mut self, mean: f64) -> u32 {
        if 60.0 < mean {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as u32;
        }
        let (limit, mut product, mut count) = ((-mean).exp(), self.next(), 0);
        while limit < product {
            product *= self.next();
            count += 1;
        }
        count
    }
}

/// What a source really does.
struct Publisher {
    a_day: f64,
    keeps_office_hours: bool,
    /// Hours by which its day is shifted.
    shift: i64,
}

impl Publisher {
    fn some(chance: &mut Chance) -> Publisher {
        Publisher {
            a_day: (0.3 + 1.7 * chance.normal()).exp(),
            keeps_office_hours: chance.next() < 0.3,
            shift: (chance.next() * 4.0) as i64,
        }
    }

    fn rate(&self, hour: i64) -> f64 {
        let of_day = (hour + self.shift).rem_euclid(24);
        // The first of January 1970 was a Thursday.
        let is_weekend = matches!((hour / 24 + 3).rem_euclid(7), 5 | 6);
        let share = match (self.keeps_office_hours, of_day) {
            (true, 6..=14) => {
                if is_weekend {
                    0.01
                } else {
                    0.10
                }
            }
            (true, _) => 0.004,
            (false, 0..=3 | 21..=23) => 0.008,
            (false, 15..=18) => 0.080,
            (false, _) => 0.047,
        };
        self.a_day * share
    }
}

/// Delays in seconds, sorted, and what was asked on which day and hour.
struct Went {
    delays: Vec<i64>,
    asked: Vec<u32>,
}

impl Went {
    fn quantile(&self, share: f64) -> i64 {
        self.delays[((self.delays.len() - 1) as f64 * share) as usize]
    }

    fn asked_between(&self, from: usize, to: usize) -> u32 {
        self.asked[from..to].iter().sum()
    }
}

fn instant(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

/// A Monday.
const BEGIN_MS: i64 = 20_772 * DAY_MS;
const DAYS: i64 = 3;

/// Polls as `next` says, one request at a time; `next` is told the source, the
/// posts it found since when, and how many requests of the day are left.
fn run(posts: &[Vec<i64>], mut next: impl FnMut(usize, (usize, i64), u32, i64) -> i64) -> Went {
    let mut due: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
    let spread = 6 * HOUR_MS / posts.len() as i64;
    due.extend((0..posts.len()).map(|source| Reverse((BEGIN_MS + source as i64 * spread, source))));
    let (mut read, mut polled_at) = (vec![0; posts.len()], vec![BEGIN_MS; posts.len()]);
    let mut went = Went { delays: Vec::new(), asked: vec![0; (DAYS * 24) as usize] };
    let (mut free_at, mut today, mut left) = (BEGIN_MS, 0, KEYS * A_DAY);
    while let Some(Reverse((due_at, source))) = due.pop() {
        let now = due_at.max(free_at);
        if BEGIN_MS + DAYS * DAY_MS <= now {
            break;
        }
        if today < (now - BEGIN_MS) / DAY_MS {
            (today, left) = ((now - BEGIN_MS) / DAY_MS, KEYS * A_DAY);
        }
        if left == 0 {
            due.push(Reverse((BEGIN_MS + (today + 1) * DAY_MS, source)));
            continue;
        }
        left -= 1;
        free_at = now + BETWEEN_REQUESTS_MS;
        went.asked[((now - BEGIN_MS) / HOUR_MS) as usize] += 1;
        let found = posts[source][read[source]..].iter().take_while(|post| **post <= now).count();
        for post in &posts[source][read[source]..read[source] + found] {
            // The second day alone is measured: the first begins from nothing.
            if (BEGIN_MS + DAY_MS..BEGIN_MS + 2 * DAY_MS).contains(post) {
                went.delays.push((now - post) / 1_000);
            }
        }
        read[source] += found;
        let before = std::mem::replace(&mut polled_at[source], now);
        due.push(Reverse((next(source, (found, before), left, now), source)));
    }
    went.delays.sort_unstable();
    went
}

struct World {
    posts: Vec<Vec<i64>>,
    rhythms: Vec<Rhythm>,
}

fn world() -> World {
    let mut chance = Chance(17);
    let begin = BEGIN_MS / HOUR_MS;
    let (mut posts, mut rhythms) = (Vec::new(), Vec::new());
    for _ in 0..SOURCES {
        let publisher = Publisher::some(&mut chance);
        let before: Vec<HourCount> = (begin - LEARNT_WEEKS * 168..begin)
            .map(|hour| HourCount { hour, posts: chance.poisson(publisher.rate(hour)) })
            .filter(|count| 0 < count.posts)
            .collect();
        rhythms.push(Rhythm::learn(&before, begin));
        let mut own = Vec::new();
        for hour in begin..begin + DAYS * 24 {
            let count = chance.poisson(publisher.rate(hour));
            own.extend((0..count).map(|_| hour * HOUR_MS + (chance.next() * 3.6e6) as i64));
        }
        own.sort_unstable();
        posts.push(own);
    }
    World { posts, rhythms }
}

#[test]
fn five_thousand_sources_are_read_soon_within_the_days_quota() {
    let world = world();
    let each = DAY_MS * SOURCES as i64 / i64::from(KEYS * A_DAY);
    let fixed = run(&world.posts, |_, _, _, now| now + each);
    let wish = |rhythm| Wish {
        rhythm,
        weight: 1.0,
        cost: 1.0,
        usual_secs: 1.0,
        shortest_secs: 60.0,
        longest_secs: 12.0 * 3_600.0,
    };
    let wishes: Vec<Wish<'_>> = world.rhythms.iter().map(wish).collect();
    let (mut priced_at, mut asked_at) = (i64::MIN, Price::default());
    let planned = run(&world.posts, |source, (found, before), left, now| {
        if priced_at < now - 2 * HOUR_MS {
            let day_ends_at = instant(BEGIN_MS + ((now - BEGIN_MS) / DAY_MS + 1) * DAY_MS);
            let allowance = Allowance { left: f64::from(left), day_ends_at, per_hour: 9_000.0 };
            (priced_at, asked_at) = (now, price(&wishes, &allowance, instant(now)));
        }
        let surge = surge(&world.rhythms[source], found, instant(before), instant(now));
        next_poll(&wishes[source], &asked_at, surge, instant(now)).as_millisecond()
    });
    for (name, went) in [("fixed", &fixed), ("planned", &planned)] {
        let (posts, polls) = (went.delays.len(), went.asked_between(24, 48));
        let (median, late) = (went.quantile(0.5), went.quantile(0.95));
        println!("{name}: {posts} posts, {polls} polls, median {median} s, 95 % {late} s");
    }
    assert!(10_000 < planned.delays.len());
    assert!(planned.asked_between(24, 48) <= KEYS * A_DAY);
    assert!(2 * planned.quantile(0.5) < fixed.quantile(0.5), "the median is not clearly better");
    assert!(11 * planned.quantile(0.95) < 10 * fixed.quantile(0.95), "the late ones are not");
    // The second half of the day has its share, and the last hours have theirs.
    let evening = planned.asked_between(24 + 12, 48);
    assert!(KEYS * A_DAY / 3 < evening, "{evening} polls are left for the second half");
    let last = planned.asked_between(24 + 21, 48);
    assert!(KEYS * A_DAY / 50 < last, "{last} polls are left for the last three hours");
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn steady(posts_an_hour: u32) -> Rhythm {
    let until = hour_of(at("2026-11-16T00:00:00Z"));
    let counts: Vec<HourCount> =
        (until - 8 * 168..until).map(|hour| HourCount { hour, posts: posts_an_hour }).collect();
    Rhythm::learn(&counts, until)
}

#[test]
fn intervals_keep_to_their_bounds() {
    fn check(rhythm: &Rhythm, weight: f64, price: f64, expected_secs: i64) {
        let bounds = (60.0, 21_600.0);
        let wish = Wish {
            rhythm,
            weight,
            cost: 1.0,
            usual_secs: 300.0,
            shortest_secs: bounds.0,
            longest_secs: bounds.1,
        };
        let now = at("2026-11-18T12:00:00Z");
        let price = Price { secs: price, stretch: 1.0 };
        let next = next_poll(&wish, &price, 0.0, now).duration_since(now).as_secs();
        let error = (next - expected_secs).abs() as f64 / expected_secs as f64;
        assert!(error < 0.05, "{next} s, expected {expected_secs}");
    }
    let (busy, lively) = (steady(100), steady(4));
    check(&busy, 1.0, 6_000.0, 951);
    check(&busy, 4.0, 6_000.0, 546);
    check(&lively, 1.0, 6_000.0, 3_446);
    check(&busy, 64.0, 10.0, 60);
    check(&lively, 1.0, 10.0, 172);
    check(&Rhythm::default(), 0.25, 1e6, 21_600);
}

#[test]
fn what_happens_now_outweighs_last_week() {
    let rhythm = steady(1);
    let wish = Wish {
        rhythm: &rhythm,
        weight: 1.0,
        cost: 1.0,
        usual_secs: 1.0,
        shortest_secs: 60.0,
        longest_secs: 43_200.0,
    };
    let now = at("2026-11-18T12:00:00Z");
    let price = Price { secs: 7_200.0, stretch: 1.0 };
    let wait = |lately| next_poll(&wish, &price, lately, now).duration_since(now).as_secs();
    assert!(wait(100.0) * 5 < wait(0.0), "{} and {}", wait(100.0), wait(0.0));
    let since = at("2026-11-18T10:00:00Z");
    assert_eq!(surge(&rhythm, 5, since, now), 0.0, "no more than chance");
    assert_eq!(surge(&rhythm, 200, since, now), 100.0);
}

#[test]
fn where_there_is_not_enough_everybody_waits_longer() {
    let rhythm = steady(1);
    let wish = Wish {
        rhythm: &rhythm,
        weight: 1.0,
        cost: 1.0,
        usual_secs: 1.0,
        shortest_secs: 60.0,
        longest_secs: 3_600.0,
    };
    let wishes = vec![wish.clone(); 100];
    let now = at("2026-11-18T12:00:00Z");
    let day_ends_at = at("2026-11-18T22:00:00Z");
    let allowance = Allowance { left: 500.0, day_ends_at, per_hour: 1e6 };
    let price = price(&wishes, &allowance, now);
    let next = next_poll(&wish, &price, 0.0, now);
    let wait = next.duration_since(now).as_secs();
    assert!((7_100..7_300).contains(&wait), "{wait}");
}

#[test]
fn a_huge_source_leaves_the_others_their_share() {
    let (huge, small) = (steady(4_000), steady(1));
    let wish = |rhythm, cost| Wish {
        rhythm,
        weight: 1.0,
        cost,
        usual_secs: 1.0,
        shortest_secs: 60.0,
        longest_secs: 43_200.0,
    };
    let mut wishes = vec![wish(&small, 1.0); 50];
    wishes.push(wish(&huge, 10.0));
    let now = at("2026-11-18T00:00:00Z");
    let day_ends_at = at("2026-11-19T00:00:00Z");
    let allowance = Allowance { left: 5_000.0, day_ends_at, per_hour: 1e6 };
    let price = price(&wishes, &allowance, now);
    let wait = |wish: &Wish<'_>| next_poll(wish, &price, 0.0, now).duration_since(now).as_secs();
    let of_huge = 10.0 * 86_400.0 / wait(&wishes[50]) as f64;
    assert!(of_huge < 4_000.0, "{of_huge} of 5000 requests are the huge one's");
    assert!(wait(&wishes[0]) < 2 * 3_600, "a small source waits {} s", wait(&wishes[0]));
}
