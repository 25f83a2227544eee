//! How much a source publishes in each hour of the week, learnt from what it
//! published, the recent weeks counting most. Says how many posts to expect
//! and how improbable a silence is; knows nothing of polls.
//!
//! Hours are counted in UTC: where the clocks keep one time all year an hour
//! of the week is the same hour everywhere, only under another number.

#[cfg(test)]
mod tests;

use crate::model::source::HourCount;
use crate::model::time::Timestamp;

/// Hours of a week.
pub const WEEK: usize = 168;
const DAY: usize = 24;
const HOUR_SECS: i64 = 3_600;

/// What is older says nothing any more.
pub const LEARNT_HOURS: i64 = 8 * WEEK as i64;
/// After so many hours a post counts half.
const HALF_LIFE_HOURS: f64 = 14.0 * DAY as f64;
/// An hour of the week is believed against the same hour of other days, and
/// that against the whole, as if so many posts had been seen there before:
/// a sleepy source has to be known much longer than a busy one.
const SHRINK_POSTS: f64 = 1.0;
/// A source of which nothing is known: a post in two days.
const ASSUMED_POSTS: f64 = 0.5;
const ASSUMED_HOURS: f64 = 24.0;
/// No hour is so lively that silence in it would be impossible.
const LIVELY_MAX: f64 = 0.95;
/// How much the liveliness of a source wanders: nobody is as regular as dice.
const STEADINESS_MAX: f64 = 20.0;

/// What an hour of the week brings.
#[derive(Debug, Clone, PartialEq)]
pub struct Rhythm {
    /// Posts.
    rate: [f32; WEEK],
    /// The probability that there is any post at all.
    lively: [f32; WEEK],
    /// Hours with posts that this was learnt from, old ones counting less.
    lively_hours: f64,
}

/// The hour that an instant lies in, counted from 1970.
pub fn hour_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(HOUR_SECS)
}

fn hour_of_week(hour: i64) -> usize {
    hour.rem_euclid(WEEK as i64) as usize
}

impl Default for Rhythm {
    fn default() -> Rhythm {
        Rhythm::learn(&[], 0)
    }
}

impl Rhythm {
    /// From the posts of each hour up to and without `until`, in any order.
    pub fn learn(counts: &[HourCount], until: i64) -> Rhythm {
        let from = until - LEARNT_HOURS;
        let known = counts.iter().filter(|count| from <= count.hour && count.hour < until);
        let Some(first) = known.clone().map(|count| count.hour).min() else {
            return Rhythm::flat(ASSUMED_POSTS / ASSUMED_HOURS);
        };
        let (mut posts, mut lively, mut seen) = ([0.0; WEEK], [0.0; WEEK], [0.0; WEEK]);
        let fading = 0.5_f64.powf(1.0 / HALF_LIFE_HOURS);
        let mut weight = 1.0;
        for hour in (first..until).rev() {
            seen[hour_of_week(hour)] += weight;
            weight *= fading;
        }
        for count in known {
            let weight = fading.powf((until - 1 - count.hour) as f64);
            posts[hour_of_week(count.hour)] += weight * f64::from(count.posts);
            lively[hour_of_week(count.hour)] += if count.posts == 0 { 0.0 } else { weight };
        }
        let lively_hours = lively.iter().sum();
        Rhythm {
            rate: smooth(&posts, &seen),
            lively: smooth(&lively, &seen).map(|share| share.min(LIVELY_MAX as f32)),
            lively_hours,
        }
    }

    fn flat(rate: f64) -> Rhythm {
        let lively = 1.0 - (-rate).exp();
        Rhythm { rate: [rate as f32; WEEK], lively: [lively as f32; WEEK], lively_hours: 0.0 }
    }

    /// Posts expected in an hour that is counted from 1970.
    pub fn rate(&self, hour: i64) -> f64 {
        f64::from(self.rate[hour_of_week(hour)])
    }

    pub fn posts_a_week(&self) -> f64 {
        self.rate.iter().map(|rate| f64::from(*rate)).sum()
    }

    pub fn expected(&self, from: Timestamp, to: Timestamp) -> f64 {
        each_hour(from, to).map(|(hour, share)| share * self.rate(hour)).sum()
    }

    /// How probable it is that a source of this rhythm shows nothing at all
    /// between two instants. The less is known, the more is thought possible.
    pub fn silence(&self, from: Timestamp, to: Timestamp) -> f64 {
        let lively = |hour| f64::from(self.lively[hour_of_week(hour)]);
        let weight: f64 =
            each_hour(from, to).map(|(hour, share)| share * -(1.0 - lively(hour)).ln()).sum();
        let steadiness = (1.0 + self.lively_hours / 2.0).min(STEADINESS_MAX);
        (1.0 + weight / steadiness).powf(-steadiness)
    }
}

/// The hours between two instants, each with the share of it that lies there.
fn each_hour(from: Timestamp, to: Timestamp) -> impl Iterator<Item = (i64, f64)> {
    let (from_secs, to_secs) = (from.as_second(), to.as_second().max(from.as_second()));
    (hour_of(from)..=to_secs.div_euclid(HOUR_SECS)).map(move |hour| {
        let begin = (hour * HOUR_SECS).max(from_secs);
        let end = ((hour + 1) * HOUR_SECS).min(to_secs);
        (hour, (end - begin).max(0) as f64 / HOUR_SECS as f64)
    })
}

/// A value per hour seen, evened out with the neighbours; where little was
/// seen, drawn to the same hour of other days, and that to the mean of all.
fn smooth(sums: &[f64; WEEK], seen: &[f64; WEEK]) -> [f32; WEEK] {
    let all =
        (sums.iter().sum::<f64>() + ASSUMED_POSTS) / (seen.iter().sum::<f64>() + ASSUMED_HOURS);
    let even = |values: &[f64; WEEK], at: usize| {
        (values[(at + WEEK - 1) % WEEK] + 2.0 * values[at] + values[(at + 1) % WEEK]) / 4.0
    };
    let drawn = |sum: f64, seen: f64, to: f64| (sum + SHRINK_POSTS) / (seen + SHRINK_POSTS / to);
    let days = WEEK / DAY;
    let of_day: [f64; DAY] = std::array::from_fn(|hour| {
        let sum = |values| (0..days).map(|day| even(values, day * DAY + hour)).sum::<f64>();
        drawn(sum(sums), sum(seen), all)
    });
    std::array::from_fn(|hour| drawn(even(sums, hour), even(seen, hour), of_day[hour % DAY]) as f32)
}
