//! When a network will listen again, as far as the headers of an answer say.

use crate::adapters::connector::conversion;
use crate::model::time::Timestamp;

/// Nobody is made to wait longer on the word of a header.
const WAIT_MAX_SECS: i64 = 7 * 86_400;

/// Numbers above this are instants, those below are seconds from now.
const INSTANTS_FROM_SECS: i64 = 1_000_000_000;

/// Names under which networks say when their limit is renewed.
const RENEWALS: [&str; 3] = ["x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset"];

/// The instant before which asking again is pointless.
pub fn retry_at(
    status: u16,
    header: impl Fn(&str) -> Option<String>,
    now: Timestamp,
) -> Option<Timestamp> {
    let told = header("retry-after").and_then(|text| instant(&text, now));
    // The renewal is told with every answer; it matters after a refusal only.
    let renewed = || {
        let mut names = RENEWALS.iter().filter(|_| status == 429);
        names.find_map(|name| instant(&header(name)?, now))
    };
    told.or_else(renewed).or_else(|| usage(&header("x-business-use-case-usage")?, now))
}

/// Seconds from now, seconds of the calendar, or a date.
fn instant(text: &str, now: Timestamp) -> Option<Timestamp> {
    let latest = now.as_second().saturating_add(WAIT_MAX_SECS);
    let Ok(secs) = text.trim().parse::<f64>() else {
        let latest = Timestamp::from_second(latest).unwrap_or(now);
        return conversion::date(text).map(|date| date.min(latest));
    };
    let secs = secs.ceil() as i64;
    if INSTANTS_FROM_SECS < secs {
        return Timestamp::from_second(secs.min(latest)).ok();
    }
    in_secs(secs, now)
}

fn in_secs(secs: i64, now: Timestamp) -> Option<Timestamp> {
    now.checked_add(jiff::SignedDuration::from_secs(secs.clamp(0, WAIT_MAX_SECS))).ok()
}

/// Meta's account of what was used: minutes until each share is renewed.
fn usage(text: &str, now: Timestamp) -> Option<Timestamp> {
    let usage: serde_json::Value = serde_json::from_str(text).ok()?;
    let shares = usage.as_object()?.values().filter_map(|shares| shares.as_array()).flatten();
    let minutes = shares.filter_map(|share| share.get("estimated_time_to_regain_access")?.as_i64());
    let longest = minutes.max().filter(|minutes| 0 < *minutes)?;
    in_secs(longest.saturating_mul(60), now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_say_when_in_many_ways() {
        let now: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
        let check = |status: u16, name: &str, value: &str, expected: Option<&str>| {
            let header = |asked: &str| (asked == name).then(|| value.to_owned());
            let got = retry_at(status, header, now).map(|instant| instant.to_string());
            assert_eq!(got.as_deref(), expected, "{name}: {value}");
        };
        check(429, "retry-after", "30", Some("2026-11-20T08:00:30Z"));
        check(503, "retry-after", "Fri, 20 Nov 2026 08:05:00 GMT", Some("2026-11-20T08:05:00Z"));
        check(503, "retry-after", "скоро", None);
        check(429, "retry-after", "-5", Some("2026-11-20T08:00:00Z"));
        check(429, "x-rate-limit-reset", "1795162500", Some("2026-11-20T08:15:00Z"));
        check(429, "x-rate-limit-reset", "9999999999", Some("2026-11-27T08:00:00Z"));
        check(429, "x-ratelimit-reset", "287.0", Some("2026-11-20T08:04:47Z"));
        check(429, "ratelimit-reset", "2026-11-20T08:05:00.000Z", Some("2026-11-20T08:05:00Z"));
        check(200, "x-rate-limit-reset", "1795162500", None);
        let usage = |minutes: u32| {
            format!(r#"{{"1":[{{"type":"pages","estimated_time_to_regain_access":{minutes}}}]}}"#)
        };
        check(400, "x-business-use-case-usage", &usage(20), Some("2026-11-20T08:20:00Z"));
        check(200, "x-business-use-case-usage", &usage(0), None);
    }
}
