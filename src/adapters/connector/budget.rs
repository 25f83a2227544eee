//! How much of a network's patience is left: requests a minute to one host and
//! with one credential, and requests a day. Time is passed in; waiting is the
//! caller's. What was used is visible.

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::SignedDuration;

use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::definition::DayZone;
use crate::adapters::connector::definition::Rate;
use crate::model::post::Network;
use crate::model::time::Timestamp;

/// Requests that may come at once after a quiet time.
const BURST: u32 = 3;

/// One request after the other at an even pace, with a burst after a quiet
/// time. Asking when there is room takes none of it.
#[derive(Debug, Clone, Copy)]
struct Pace {
    every: SignedDuration,
    /// When a request would be in time if none ever came early.
    in_time_at: Timestamp,
}

impl Pace {
    fn of(per_minute: u32, now: Timestamp) -> Pace {
        let nanos = 60_000_000_000 / i64::from(per_minute.max(1));
        Pace { every: SignedDuration::from_nanos(nanos), in_time_at: now }
    }

    /// From when on a request may go.
    fn free_at(&self) -> Timestamp {
        let early = self.every.saturating_mul(BURST as i32 - 1);
        self.in_time_at.checked_sub(early).unwrap_or(self.in_time_at)
    }

    fn take(&mut self, now: Timestamp) {
        let from = self.in_time_at.max(now);
        self.in_time_at = from.checked_add(self.every).unwrap_or(from);
    }
}

/// Shared by all polls of a program.
#[derive(Debug, Default)]
pub struct Budget {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The latest instant that was told: a clock that was set back must not
    /// hand out requests twice.
    latest: Timestamp,
    paces: HashMap<String, Pace>,
    days: HashMap<String, Day>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Day {
    date: jiff::civil::Date,
    used: u32,
}

/// Whether a request may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    Go,
    /// Too soon: wait until then.
    Wait(Timestamp),
    /// The day's share is used up until then.
    Exhausted(Timestamp),
}

/// One counted request: what it is charged to.
#[derive(Debug, Clone, Copy)]
pub struct Charge<'a> {
    pub host: &'a str,
    /// Label of the credential; empty without one.
    pub credential: &'a str,
    /// What the day's shares are counted under, see [`account`].
    pub account: &'a str,
    pub rate: Rate,
    /// Nothing where it may take all that there is.
    pub share: Option<Share>,
    /// The poll kind and its requests a day.
    pub daily: Option<(&'a str, u32)>,
    /// Units that it takes of those that all kinds share a day.
    pub cost: u32,
}

/// The share of the requests to a host, and of the units of a day, that work
/// behind the new posts may take; the rest is left to others.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    pub of: Lesser,
    pub percent: u32,
}

/// Work that new posts go before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lesser {
    /// Comments and second looks.
    Threads,
    Gaps,
}

impl Lesser {
    /// What its part of the shared units is counted under.
    pub fn units(self) -> &'static str {
        match self {
            Lesser::Threads => SHARED_BY_THREADS,
            Lesser::Gaps => SHARED_BY_GAPS,
        }
    }
}

/// What the units shared by all poll kinds are counted under, and of those
/// what went to comments and second looks, and to gaps.
pub const SHARED: &str = "*";
pub const SHARED_BY_THREADS: &str = "* threads";
pub const SHARED_BY_GAPS: &str = "* gaps";

/// Who is asked to pay: a credential or, without one, the network as a whole.
pub fn account(network: &Network, key: Option<&Secret>) -> String {
    key.map_or_else(|| network.0.clone(), Secret::label)
}

impl Budget {
    /// Takes one request from the budget, if there is one.
    pub fn take(&self, charge: &Charge<'_>, now: Timestamp) -> Permit {
        let Ok(mut state) = self.state.lock() else {
            return Permit::Wait(now);
        };
        if let Some(until) = state.exhausted(charge, now) {
            return Permit::Exhausted(until);
        }
        state.latest = state.latest.max(now);
        let latest = state.latest;
        let paces = charge.paces();
        let free_at = |(key, per_minute): &(String, u32)| {
            let pace = state.paces.entry(key.clone());
            pace.or_insert_with(|| Pace::of(*per_minute, latest)).free_at()
        };
        // Whoever has to wait for one of them takes nothing from the others.
        let free_at = paces.iter().map(free_at).max().unwrap_or(latest);
        if latest < free_at {
            return Permit::Wait(free_at);
        }
        for (key, _) in &paces {
            if let Some(pace) = state.paces.get_mut(key) {
                pace.take(latest);
            }
        }
        state.count(charge, now);
        Permit::Go
    }

    /// Counts a call that took no turn of its own: it went along with another.
    pub fn count_call(&self, charge: &Charge<'_>, now: Timestamp) {
        if let Ok(mut state) = self.state.lock() {
            state.count(charge, now);
        }
    }

    /// Gives a call back that was counted and did not come about.
    pub fn give_back(&self, charge: &Charge<'_>, now: Timestamp) {
        let Ok(mut state) = self.state.lock() else { return };
        let today = date_of(charge.rate.day, now);
        for (kind, _, cost) in charge.shares() {
            let day = state.days.get_mut(&day_key(charge.account, kind));
            if let Some(day) = day.filter(|day| day.date == today) {
                day.used = day.used.saturating_sub(cost);
            }
        }
    }

    /// Requests of the day so far, by account and poll kind.
    pub fn used_today(&self, account: &str, kind: &str, zone: DayZone, now: Timestamp) -> u32 {
        let (key, today) = (day_key(account, kind), date_of(zone, now));
        let used = |state: &State| {
            state.days.get(&key).filter(|day| day.date == today).map_or(0, |day| day.used)
        };
        self.state.lock().map_or(0, |state| used(&state))
    }

    /// Requests of the day that an earlier run of the program made.
    pub fn restore(&self, account: &str, kind: &str, day: &str, used: u32) {
        let (Ok(date), Ok(mut state)) = (day.parse(), self.state.lock()) else { return };
        let day = state.days.entry(day_key(account, kind)).or_insert(Day { date, used });
        if day.date == date {
            day.used = day.used.max(used);
        }
    }
}

impl State {
    fn exhausted(&self, charge: &Charge<'_>, now: Timestamp) -> Option<Timestamp> {
        let zone = charge.rate.day;
        let is_used_up = |(kind, most, cost): (&str, u32, u32)| {
            let day = self.days.get(&day_key(charge.account, kind));
            let used = day.filter(|day| day.date == date_of(zone, now)).map_or(0, |day| day.used);
            most < used.saturating_add(cost)
        };
        charge.shares().any(is_used_up).then(|| next_day(zone, now))
    }

    fn count(&mut self, charge: &Charge<'_>, now: Timestamp) {
        let zone = charge.rate.day;
        let today = Day { date: date_of(zone, now), used: 0 };
        for (kind, _, cost) in charge.shares() {
            let day = self.days.entry(day_key(charge.account, kind)).or_insert(today);
            if day.date != today.date {
                *day = today;
            }
            day.used = day.used.saturating_add(cost);
        }
    }
}

impl<'a> Charge<'a> {
    /// Everything whose pace it has to keep, and how many a minute that stands.
    fn paces(&self) -> Vec<(String, u32)> {
        let whole = self.rate.per_minute;
        let mut paces = vec![(format!("host {}", self.host), whole)];
        if !self.credential.is_empty() {
            paces.push((format!("credential {}", self.credential), whole));
        }
        if let Some(Share { of, percent }) = self.share {
            paces.push((format!("share {of:?} {}", self.host), part(whole, percent)));
        }
        paces
    }

    /// The day's shares it takes from: name, size, and how much.
    fn shares(&self) -> impl Iterator<Item = (&'a str, u32, u32)> {
        let own = self.daily.map(|(kind, most)| (kind, most, 1));
        let shared = self.rate.daily_max.map(|most| (SHARED, most, self.cost));
        // The units have a part that lesser work leaves to new posts.
        let of_lesser = self.share.zip(self.rate.daily_max);
        let of_lesser =
            of_lesser.map(|(share, most)| (share.of.units(), part(most, share.percent), self.cost));
        // What costs nothing goes on when the others' share is used up.
        let units = shared.into_iter().chain(of_lesser).filter(|(_, _, cost)| 0 < *cost);
        own.into_iter().chain(units)
    }
}

/// So many of a hundred.
pub fn part(whole: u32, percent: u32) -> u32 {
    let part = u64::from(whole) * u64::from(percent) / 100;
    u32::try_from(part).unwrap_or(whole)
}

fn day_key(account: &str, kind: &str) -> String {
    format!("{account} {kind}")
}

fn date_of(zone: DayZone, now: Timestamp) -> jiff::civil::Date {
    now.to_zoned(time_zone(zone)).date()
}

/// The day as the network counts it, for storing.
pub fn day_of(zone: DayZone, now: Timestamp) -> String {
    date_of(zone, now).to_string()
}

fn time_zone(zone: DayZone) -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get(zone.name()).unwrap_or(jiff::tz::TimeZone::UTC)
}

/// When the day after `now` begins where the network counts it.
pub fn next_day(zone: DayZone, now: Timestamp) -> Timestamp {
    let tomorrow = date_of(zone, now).tomorrow().ok();
    let tomorrow = tomorrow.and_then(|date| date.to_zoned(time_zone(zone)).ok());
    tomorrow.map_or(now, |tomorrow| tomorrow.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOSCOW: DayZone = DayZone::Moscow;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn charge<'a>(host: &'a str, credential: &'a str, daily: Option<(&'a str, u32)>) -> Charge<'a> {
        let rate = Rate::default();
        Charge { host, credential, account: credential, rate, share: None, daily, cost: 1 }
    }

    #[test]
    fn a_burst_passes_and_then_one_has_to_wait() {
        let budget = Budget::default();
        let now = at("2026-11-20T08:00:00Z");
        let charge = charge("api.example", "", None);
        for _ in 0..BURST {
            assert_eq!(budget.take(&charge, now), Permit::Go);
        }
        let Permit::Wait(until) = budget.take(&charge, now) else { panic!("no limit") };
        assert!(now < until && until <= at("2026-11-20T08:00:01Z"), "{until}");
        assert_eq!(budget.take(&charge, at("2026-11-20T08:00:01Z")), Permit::Go);
    }

    #[test]
    fn hosts_and_credentials_are_limited_apart() {
        let budget = Budget::default();
        let now = at("2026-11-20T08:00:00Z");
        for _ in 0..BURST {
            assert_eq!(budget.take(&charge("a.example", "k1", None), now), Permit::Go);
        }
        assert!(matches!(budget.take(&charge("a.example", "k2", None), now), Permit::Wait(_)));
        assert!(matches!(budget.take(&charge("b.example", "k1", None), now), Permit::Wait(_)));
        assert_eq!(budget.take(&charge("b.example", "k2", None), now), Permit::Go);
    }

    #[test]
    fn a_share_leaves_the_rest_to_others() {
        let budget = Budget::default();
        let posts = charge("a.example", "", None);
        let share = |of, percent| Charge { share: Some(Share { of, percent }), ..posts };
        let (comments, gaps) = (share(Lesser::Threads, 50), share(Lesser::Gaps, 25));
        let (mut read, mut polled, mut filled) = (0, 0, 0);
        // Both are asked for ten times a second, the comments first.
        for tenth in 0..600 {
            let now = at("2026-11-20T08:00:00Z") + SignedDuration::from_millis(100 * tenth);
            read += u32::from(budget.take(&comments, now) == Permit::Go);
            polled += u32::from(budget.take(&posts, now) == Permit::Go);
            filled += u32::from(budget.take(&gaps, now) == Permit::Go);
        }
        assert!((25..=34).contains(&read), "{read}");
        assert!((28..=38).contains(&polled), "{polled}");
        assert!(filled < 15, "{filled}");
    }

    #[test]
    fn who_waits_takes_nothing() {
        let budget = Budget::default();
        let now = at("2026-11-20T08:00:00Z");
        let posts = charge("a.example", "", None);
        let comments = Charge { share: Some(Share { of: Lesser::Threads, percent: 50 }), ..posts };
        for _ in 0..BURST {
            assert_eq!(budget.take(&posts, now), Permit::Go);
        }
        for _ in 0..100 {
            assert!(matches!(budget.take(&comments, now), Permit::Wait(_)));
        }
        // The share is as fresh as if nobody had asked in vain.
        let rested = at("2026-11-20T08:01:00Z");
        for _ in 0..BURST {
            assert_eq!(budget.take(&comments, rested), Permit::Go);
        }
        // Nor does who waits for its share take from the posts.
        assert!(matches!(budget.take(&comments, rested), Permit::Wait(_)));
        let Permit::Wait(until) = budget.take(&posts, rested) else { panic!("no limit") };
        assert_eq!(until.duration_since(rested), SignedDuration::from_secs(1));
    }

    #[test]
    fn the_days_share_ends_and_comes_back() {
        let budget = Budget::default();
        let day = at("2026-11-20T08:00:00Z");
        let charge = charge("a.example", "k", Some(("wall", 2)));
        assert_eq!(budget.take(&charge, day), Permit::Go);
        assert_eq!(budget.take(&charge, day), Permit::Go);
        assert_eq!(budget.used_today("k", "wall", MOSCOW, day), 2);
        let midnight = at("2026-11-20T21:00:00Z");
        assert_eq!(budget.take(&charge, day), Permit::Exhausted(midnight));
        assert_eq!(budget.take(&charge, midnight), Permit::Go);
        assert_eq!(budget.used_today("k", "wall", MOSCOW, midnight), 1);
    }

    #[test]
    fn a_restart_does_not_begin_the_day_anew() {
        let budget = Budget::default();
        let now = at("2026-11-20T08:00:00Z");
        budget.restore("k", "wall", &day_of(MOSCOW, now), 7);
        budget.restore("k", "search", "2026-11-19", 9);
        budget.restore("k", "groups", "no day", 9);
        assert_eq!(budget.used_today("k", "wall", MOSCOW, now), 7);
        assert_eq!(budget.used_today("k", "search", MOSCOW, now), 0);
        let charge = charge("a.example", "k", Some(("wall", 8)));
        assert_eq!(budget.take(&charge, now), Permit::Go);
        assert!(matches!(budget.take(&charge, now), Permit::Exhausted(_)));
    }

    #[test]
    fn kinds_share_units_until_the_networks_own_midnight() {
        let budget = Budget::default();
        let day = at("2026-11-20T08:00:00Z");
        let rate = Rate { daily_max: Some(3), day: DayZone::Pacific, ..Rate::default() };
        let charge = |kind, cost| Charge {
            host: "a.example",
            credential: "k",
            account: "k",
            rate,
            share: None,
            daily: Some((kind, 2)),
            cost,
        };
        assert_eq!(budget.take(&charge("video", 1), day), Permit::Go);
        assert_eq!(budget.take(&charge("comments", 2), day), Permit::Go);
        let later = at("2026-11-20T08:01:00Z");
        let midnight = at("2026-11-21T08:00:00Z");
        assert_eq!(budget.take(&charge("video", 1), later), Permit::Exhausted(midnight));
        // A search that has its own share takes nothing of theirs.
        assert_eq!(budget.take(&charge("search", 0), later), Permit::Go);
        assert_eq!(budget.take(&charge("search", 0), later), Permit::Go);
        assert_eq!(budget.take(&charge("search", 0), later), Permit::Exhausted(midnight));
        assert_eq!(budget.used_today("k", SHARED, DayZone::Pacific, later), 3);
        assert_eq!(budget.take(&charge("video", 1), midnight), Permit::Go);
    }

    #[test]
    fn threads_leave_units_to_new_posts() {
        let budget = Budget::default();
        let rate = Rate { daily_max: Some(10), per_minute: 100_000, ..Rate::default() };
        let posts = Charge { rate, ..charge("a.example", "k", None) };
        let share = Share { of: Lesser::Threads, percent: 40 };
        let threads = Charge { share: Some(share), ..posts };
        let taken = |charge: &Charge<'_>, from: i64| {
            let minutes = from..from + 20;
            minutes.filter(|at| budget.take(charge, at_minute(*at)) == Permit::Go).count()
        };
        assert_eq!((taken(&threads, 0), taken(&posts, 20)), (4, 6));
        assert_eq!(budget.used_today("k", SHARED_BY_THREADS, MOSCOW, at_minute(0)), 4);
    }

    fn at_minute(minute: i64) -> Timestamp {
        at("2026-11-20T08:00:00Z") + SignedDuration::from_mins(minute)
    }

    #[test]
    fn without_a_credential_networks_pay_apart() {
        let key = Secret::new("k");
        let (one, other) = (Network("a".to_owned()), Network("b".to_owned()));
        assert_ne!(account(&one, None), account(&other, None));
        assert_eq!(account(&one, Some(&key)), key.label());
    }

    #[test]
    fn a_clock_set_back_hands_out_nothing_twice() {
        let budget = Budget::default();
        let charge = charge("a.example", "", None);
        for _ in 0..BURST {
            assert_eq!(budget.take(&charge, at("2026-11-20T08:00:00Z")), Permit::Go);
        }
        assert!(matches!(budget.take(&charge, at("2026-11-20T07:00:00Z")), Permit::Wait(_)));
    }
}
