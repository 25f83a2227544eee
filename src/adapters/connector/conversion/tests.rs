use serde_json::json;

use super::*;

fn check(conversion: Conversion, given: Value, expected: Value) {
    let now = "2026-11-22T09:00:00Z".parse().unwrap();
    let got = conversion.apply(&given, now).unwrap_or(Value::Null);
    assert_eq!(got, expected, "{conversion:?} of {given}");
}

#[test]
fn counts_are_read_rounded() {
    for (given, expected) in [
        ("999", json!(999)),
        ("37.2K", json!(37_200)),
        ("1.1M", json!(1_100_000)),
        ("1,5 тыс.", json!(1_500)),
        ("👍12", json!(12)),
        ("2 млн", json!(2_000_000)),
        ("нет", Value::Null),
        ("", Value::Null),
    ] {
        check(Conversion::RoundedCount, json!(given), expected);
    }
}

#[test]
fn dates_are_read_as_they_are_met() {
    for (given, expected) in [
        ("2026-11-20T08:30:00+00:00", json!("2026-11-20T08:30:00Z")),
        ("2026-11-20T11:30:00+0300", json!("2026-11-20T08:30:00Z")),
        ("2026-11-20 11:30:00", json!("2026-11-20T08:30:00Z")),
        ("Fri, 20 Nov 2026 11:30:00 +0300", json!("2026-11-20T08:30:00Z")),
        ("Fri, 20 Nov 2026 11:30:00 MSK", json!("2026-11-20T08:30:00Z")),
        ("20 Nov 26 08:30 GMT", json!("2026-11-20T08:30:00Z")),
        ("Пт, 20 ноября 2026 11:30:00", json!("2026-11-20T08:30:00Z")),
        ("Fri, 20 November 2026 08:30:00 Z", json!("2026-11-20T08:30:00Z")),
        ("Mon, 20 Nov 2026 08:30:00 +00:00", json!("2026-11-20T08:30:00Z")),
        ("вчера", Value::Null),
        ("", Value::Null),
        ("32 Nov 2026 08:30:00 GMT", Value::Null),
    ] {
        check(Conversion::Date, json!(given), expected);
    }
}

#[test]
fn dates_for_people_are_seen_from_now() {
    check(Conversion::CivilDate, json!("вчера, 9:30"), json!("2026-11-21T06:30:00Z"));
    check(Conversion::CivilDate, json!("14:05"), Value::Null);
}

#[test]
fn unix_times_have_their_unit() {
    check(Conversion::UnixSecs, json!(1_795_189_320), json!("2026-11-20T15:42:00Z"));
    check(Conversion::UnixSecs, json!("1795189320"), json!("2026-11-20T15:42:00Z"));
    check(Conversion::UnixMillis, json!(1_795_189_320_000_i64), json!("2026-11-20T15:42:00Z"));
    for number in [1_795_189_320, 1_795_189_320_000, 1_795_189_320_000_000_i64] {
        check(Conversion::UnixAny, json!(number), json!("2026-11-20T15:42:00Z"));
    }
    check(Conversion::UnixAny, json!(0), Value::Null);
    check(Conversion::UnixAny, json!(i64::MAX), Value::Null);
    check(Conversion::UnixSecs, json!(0), Value::Null);
    check(Conversion::UnixSecs, json!(true), Value::Null);
}

#[test]
fn points_are_on_earth() {
    let point = json!({"lat": 59.2, "lon": 39.9});
    check(Conversion::LatLon, json!("59.2 39.9"), point.clone());
    check(Conversion::LatLon, json!([59.2, 39.9]), point.clone());
    check(Conversion::LatLon, json!({"latitude": 59.2, "longitude": 39.9}), point.clone());
    check(Conversion::LonLat, json!([39.9, 59.2]), point.clone());
    check(Conversion::LonLat, json!({"latitude": 59.2, "longitude": 39.9}), point.clone());
    check(Conversion::LonLat, json!([39.9]), Value::Null);
    check(Conversion::LatLon, json!("159.2 39.9"), Value::Null);
    check(Conversion::LatLon, json!("где-то"), Value::Null);
    check(Conversion::MapLink, json!("https://maps.example/maps?q=59.2,39.9&z=16"), point);
}

#[test]
fn files_are_told_by_their_ends() {
    check(Conversion::MediaKind, json!("https://x.example/a.JPG?w=1"), json!("photo"));
    check(Conversion::MediaKind, json!("https://x.example/a.mp4"), json!("video"));
    check(Conversion::MediaKind, json!("https://x.example/news"), json!("other"));
}

#[test]
fn named_strategies_of_single_networks() {
    check(
        Conversion::CssUrl,
        json!("width:8px;background-image:url('https://x/1.jpg')"),
        json!("https://x/1.jpg"),
    );
    check(Conversion::CssUrl, json!("width:8px"), Value::Null);
    check(
        Conversion::Widest,
        json!([{"url": "a", "width": 5}, {"url": "b", "width": 9}]),
        json!("b"),
    );
    check(Conversion::Widest, json!([]), Value::Null);
    check(Conversion::TelegramPath, json!("https://t.me/Some_One/77?single"), json!("some_one/77"));
    check(Conversion::TelegramPath, json!("https://t.me/some_one"), Value::Null);
    check(Conversion::BeforeUnderscore, json!("1_2_3"), json!("1_2"));
    check(Conversion::BeforeUnderscore, json!("1"), Value::Null);
    check(
        Conversion::TelegramComment,
        json!("https://t.me/Some/77?comment=5&comment=6"),
        json!("some/77/6"),
    );
    check(Conversion::TelegramComment, json!("https://t.me/some/77"), Value::Null);
    check(Conversion::Negated, json!(5), json!(-5));
    check(Conversion::NegativeOnly, json!(5), Value::Null);
    check(Conversion::NegativeOnly, json!(-5), json!(-5));
    check(Conversion::Filled, json!(" "), Value::Null);
    check(Conversion::Filled, json!("a"), json!("a"));
    check(Conversion::OkTopicId, json!("media_topic:7"), json!("7"));
}
