use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Posts of `per_day` hours a day from nine in the morning on, Monday to
/// Friday, for some weeks before an instant.
fn office(weeks: i64, per_day: i64, until: i64) -> Vec<HourCount> {
    (until - weeks * WEEK as i64..until)
        .filter(|hour| {
            let of_week = Timestamp::from_second(hour * HOUR_SECS).unwrap();
            let local = of_week.to_zoned(jiff::tz::TimeZone::UTC);
            let is_working = local.weekday().to_monday_zero_offset() < 5;
            is_working && (9..9 + per_day).contains(&i64::from(local.hour()))
        })
        .map(|hour| HourCount { hour, posts: 2 })
        .collect()
}

#[test]
fn hours_of_the_week_are_told_apart() {
    let until = hour_of(at("2026-11-16T00:00:00Z"));
    let rhythm = Rhythm::learn(&office(6, 8, until), until);
    let noon = |day: &str| rhythm.rate(hour_of(at(&format!("2026-11-{day}T12:00:00Z"))));
    assert!(1.0 < noon("18"), "a Wednesday has {}", noon("18"));
    assert!(noon("21") < 0.5, "a Saturday has {}", noon("21"));
    let night = rhythm.rate(hour_of(at("2026-11-18T02:00:00Z")));
    assert!(night < 0.1, "a night has {night}");
    let week = rhythm.posts_a_week();
    assert!((70.0..95.0).contains(&week), "{week} posts a week, 80 were published");
}

#[test]
fn the_recent_weeks_count_most() {
    let until = hour_of(at("2026-11-16T00:00:00Z"));
    let old: Vec<HourCount> =
        office(8, 8, until).into_iter().filter(|one| one.hour < until - 5 * 168).collect();
    let recent: Vec<HourCount> =
        office(8, 8, until).into_iter().filter(|one| until - 3 * 168 <= one.hour).collect();
    let week = |counts: &[HourCount]| Rhythm::learn(counts, until).posts_a_week();
    assert!(3.0 * week(&old) < week(&recent), "{} and {}", week(&old), week(&recent));
}

#[test]
fn the_order_of_counts_does_not_matter() {
    let until = hour_of(at("2026-11-16T00:00:00Z"));
    let counts = office(3, 8, until);
    let turned: Vec<HourCount> = counts.iter().rev().copied().collect();
    assert_eq!(Rhythm::learn(&counts, until), Rhythm::learn(&turned, until));
    let later = [HourCount { hour: until, posts: 900 }];
    assert_eq!(Rhythm::learn(&later, until), Rhythm::default());
}

#[test]
fn silence_is_judged_by_the_rhythm() {
    fn check(rhythm: &Rhythm, from: &str, to: &str, is_alarming: bool) {
        let silence = rhythm.silence(at(from), at(to));
        assert_eq!(silence < 0.001, is_alarming, "{from} – {to}: {silence}");
    }
    let until = hour_of(at("2026-11-16T00:00:00Z"));
    let busy = Rhythm::learn(&office(6, 8, until), until);
    check(&busy, "2026-11-18T11:00:00Z", "2026-11-18T13:00:00Z", false);
    check(&busy, "2026-11-18T17:00:00Z", "2026-11-19T09:00:00Z", false);
    check(&busy, "2026-11-20T17:00:00Z", "2026-11-23T09:00:00Z", false);
    check(&busy, "2026-11-18T09:00:00Z", "2026-11-19T17:00:00Z", true);
    let rare: Vec<HourCount> =
        office(6, 1, until).into_iter().filter(|one| one.hour % 5 == 0).collect();
    let rare = Rhythm::learn(&rare, until);
    check(&rare, "2026-11-18T09:00:00Z", "2026-11-25T17:00:00Z", false);
    let unknown = Rhythm::default();
    check(&unknown, "2026-11-18T09:00:00Z", "2026-12-18T09:00:00Z", false);
    // A whole year is more than anybody would wait.
    assert!(rare.silence(at("2025-11-18T09:00:00Z"), at("2026-11-18T09:00:00Z")) < 0.001);
}

#[test]
fn longer_silence_is_never_more_probable() {
    let until = hour_of(at("2026-11-16T00:00:00Z"));
    let rhythm = Rhythm::learn(&office(2, 8, until), until);
    let from = at("2026-11-17T10:20:00Z");
    let mut before = 1.0;
    for minutes in (0..20_000).step_by(37) {
        let to = from.checked_add(jiff::SignedDuration::from_mins(minutes)).unwrap();
        let silence = rhythm.silence(from, to);
        assert!((0.0..=before).contains(&silence), "{silence} after {before}");
        before = silence;
    }
}
