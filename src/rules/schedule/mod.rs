//! When each source is asked next, so that what is published is read as soon
//! as possible on the whole, within what the network allows.
//!
//! The mean delay of all posts is least where the time between two polls of a
//! source is a common price divided by the square root of its rate and weight.
//! A slightly smaller power costs the mean two parts in a hundred and shortens
//! the longest waits by ten. The price is such that the requests that are left last until the end of
//! the day: a quota is not used up in the morning.

#[cfg(test)]
mod tests;

use crate::model::source::Importance;
use crate::model::time::Timestamp;
use crate::rules::rhythm::Rhythm;
use crate::rules::rhythm::hour_of;

const HOUR_SECS: f64 = 3_600.0;
/// The price is found to a thousandth.
const HALVINGS: usize = 44;
const PRICE_MIN: f64 = 1e-3;
const PRICE_MAX: f64 = 1e9;
const POWER: f64 = 0.4;
/// Posts above what was expected that are no accident: so many deviations, and
/// so many at least.
const SURGE_DEVIATIONS: f64 = 3.0;
const SURGE_LEAST: f64 = 3.0;
/// A source is never forgotten for longer, whatever the price.
const LOOK_AHEAD_HOURS: i64 = 14 * 24;

/// A source as the schedule sees it.
#[derive(Debug, Clone)]
pub struct Wish<'r> {
    pub rhythm: &'r Rhythm,
    pub weight: f64,
    /// Requests that a poll takes.
    pub cost: f64,
    /// Between two polls where there is a post an hour: whatever is left of
    /// the budget, nobody is asked oftener than is polite.
    pub usual_secs: f64,
    pub shortest_secs: f64,
    pub longest_secs: f64,
}

/// What the wishes of a network or a host may take together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Allowance {
    /// Requests until the day ends.
    pub left: f64,
    pub day_ends_at: Timestamp,
    pub per_hour: f64,
}

/// What a poll «costs» now: the dearer, the rarer everybody is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    secs: f64,
    /// Above 1 where even the longest intervals take more than there is.
    pub stretch: f64,
}

impl Default for Price {
    fn default() -> Price {
        Price { secs: PRICE_MIN, stretch: 1.0 }
    }
}

pub fn weight(importance: Importance) -> f64 {
    match importance {
        Importance::High => 4.0,
        Importance::Normal => 1.0,
        Importance::Low => 0.25,
    }
}

impl Wish<'_> {
    /// What a poll in an hour is worth beside the polls of others.
    fn worth(&self, hour: i64) -> f64 {
        let worth = self.weight * self.rhythm.rate(hour) / self.cost;
        worth.max(1e-12).powf(POWER)
    }

    fn interval_secs(&self, price: f64, worth: f64) -> f64 {
        let shortest = self.shortest_secs.min(self.longest_secs);
        (price.max(self.usual_secs) / worth).clamp(shortest, self.longest_secs)
    }
}

/// The price at which the wishes take what they may.
pub fn price(wishes: &[Wish<'_>], allowance: &Allowance, now: Timestamp) -> Price {
    let left_secs = allowance.day_ends_at.duration_since(now).as_secs().max(60) as f64;
    let over_day = price_over(wishes, now, left_secs, allowance.left);
    let over_hour = price_over(wishes, now, HOUR_SECS, allowance.per_hour);
    Price {
        secs: over_day.secs.max(over_hour.secs),
        stretch: over_day.stretch.max(over_hour.stretch),
    }
}

fn price_over(wishes: &[Wish<'_>], now: Timestamp, secs: f64, requests: f64) -> Price {
    let hours = (secs / HOUR_SECS).ceil().max(1.0);
    let ahead = hour_of(now)..hour_of(now) + hours as i64;
    // Powers are dear: taken once, not at each price that is tried.
    let worths: Vec<Vec<f64>> =
        wishes.iter().map(|wish| ahead.clone().map(|hour| wish.worth(hour)).collect()).collect();
    let share = secs / HOUR_SECS / hours;
    let taken = |price: f64| share * requests_taken(wishes, &worths, price);
    let least = taken(PRICE_MAX);
    if requests <= least {
        return Price { secs: PRICE_MAX, stretch: (least / requests.max(1.0)).max(1.0) };
    }
    if taken(PRICE_MIN) <= requests {
        return Price::default();
    }
    let (mut low, mut high) = (PRICE_MIN, PRICE_MAX);
    for _ in 0..HALVINGS {
        let middle = (low * high).sqrt();
        if taken(middle) <= requests {
            high = middle
        } else {
            low = middle
        }
        if high / low < 1.001 {
            break;
        }
    }
    Price { secs: high, stretch: 1.0 }
}

/// Requests that all wishes take at a price, with their worths by the hour.
fn requests_taken(wishes: &[Wish<'_>], worths: &[Vec<f64>], price: f64) -> f64 {
    let of_wish = |(wish, worths): (&Wish<'_>, &Vec<f64>)| -> f64 {
        let polls = worths.iter().map(|worth| HOUR_SECS / wish.interval_secs(price, *worth));
        wish.cost * polls.sum::<f64>()
    };
    wishes.iter().zip(worths).map(of_wish).sum()
}

/// Posts an hour that go on for now, where a poll found far more than expected;
/// a post or two by chance say nothing.
pub fn surge(rhythm: &Rhythm, found: usize, since: Timestamp, now: Timestamp) -> f64 {
    let expected = rhythm.expected(since, now);
    let hours = now.duration_since(since).as_secs().max(300) as f64 / HOUR_SECS;
    let usual = expected + SURGE_DEVIATIONS * expected.sqrt() + SURGE_LEAST;
    if (found as f64) <= usual { 0.0 } else { found as f64 / hours }
}

/// When a source that was asked now is asked again. `surge` are posts an hour
/// beyond the rhythm: what happens now outweighs last week.
pub fn next_poll(wish: &Wish<'_>, price: &Price, surge: f64, now: Timestamp) -> Timestamp {
    let first = hour_of(now);
    let (mut at, mut left) = (now.as_second() as f64, 1.0);
    for hour in first..first + LOOK_AHEAD_HOURS {
        let by_rhythm = wish.interval_secs(price.secs, wish.worth(hour));
        let excited = surge * 0.5_f64.powi(i32::try_from(hour - first).unwrap_or(i32::MAX));
        let factor = (excited / wish.rhythm.rate(hour).max(1e-9)).max(1.0).powf(POWER);
        let shortest = wish.shortest_secs.min(wish.longest_secs);
        let interval = (by_rhythm / factor).max(shortest) * price.stretch;
        let end = (hour + 1) as f64 * HOUR_SECS;
        let share = (end - at).max(0.0) / interval;
        if left <= share {
            at += left * interval;
            break;
        }
        left -= share;
        at = end;
    }
    let millis = (at * 1_000.0) as i64;
    Timestamp::from_millisecond(millis).unwrap_or(now).max(now)
}
