//! The closed list of what a definition may do with a value. A conversion
//! takes one value and gives one or nothing; it never fails aloud, because
//! a field that cannot be read is a field that is not there. A network that
//! needs more gets a further name here, with its own test.

mod boards;
pub mod civil;
mod federated;
mod meta;
mod x;

use serde::Deserialize;
use serde_json::Value;

use crate::adapters::connector::markdown;
use crate::adapters::connector::markup;
use crate::adapters::connector::ok;
use crate::model::post::Geo;
use crate::model::time::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conversion {
    /// Text with its carriage returns and outer white space taken away.
    Text,
    /// HTML to plain text.
    Html,
    /// The same where the breaks of the source's lines count too: a text that
    /// may have come without any markup.
    HtmlLines,
    /// Entities decoded once.
    Entities,
    /// Numeric references that were encoded twice.
    NumericEntities,
    /// VKontakte's mentions, `<br>` and entities.
    VkText,
    /// Odnoklassniki's tokens around names.
    OkText,
    /// The number of a topic in Odnoklassniki's references and tokens.
    OkTopicId,
    /// The page of a topic: `group:1/2`.
    OkTopicUrl,
    /// The topic in the id of a comment there.
    OkCommentTopic,
    Lowercase,
    /// An empty text is nothing.
    Filled,
    /// `-5` for `5`: VKontakte's communities are negative as authors only.
    Negated,
    /// Only a number below zero, else nothing.
    NegativeOnly,
    /// `999`, `37.2K`, `1,1 млн`; words around the number are passed over.
    RoundedCount,
    UnixSecs,
    UnixMillis,
    /// Seconds, milliseconds or microseconds, whichever leads to our time.
    UnixAny,
    /// As sites write it for people in Russian: «вчера, 9:30», `21 ноября`.
    CivilDate,
    /// Any of RFC 3339 and RFC 2822; a missing zone is Moscow's.
    Date,
    /// The same where a missing zone is UTC.
    DateUtc,
    /// `59.22 39.89`, or an object or list of two numbers.
    LatLon,
    /// The point in the address of a map (`ll=`, `q=`).
    MapLink,
    /// The address in a `background-image:url('…')`.
    CssUrl,
    /// The address of the widest picture of a list of `{url, width}`.
    Widest,
    /// What stands behind the last `/`.
    LastSegment,
    /// What stands behind the first `:`, or all.
    AfterColon,
    /// `name/77` of `https://t.me/name/77`, in lower case.
    TelegramPath,
    /// As `lat_lon`, where a list has the longitude first.
    LonLat,
    /// What stands before the last `_`.
    BeforeUnderscore,
    /// Numbers out of the address of a comment.
    FacebookCommentId,
    FacebookAnsweredComment,
    FacebookPostId,
    /// The page on which a whole post stands.
    FacebookCommunity,
    /// The instant in a short code, or in an address with one.
    InstagramDate,
    /// Of a whole post: its words with links written out, when its first and
    /// when its last version was written.
    XText,
    XPublished,
    XEdited,
    /// A language that is one.
    XLanguage,
    /// Markdown to plain text.
    Markdown,
    /// photo, video, audio, document or other, by the end of an address.
    MediaKind,
    /// The page of `at://did/collection/key` for people.
    BlueskyPage,
    /// Whose repository `at://did/collection/key` lies in.
    BlueskyAuthor,
    /// The comment above the last one in `0.5.17`; none above the first.
    LemmyParent,
    /// `name/77/5` of `https://t.me/name/77?comment=5`.
    TelegramComment,
    /// Nothing for the words that stand where something was taken away.
    UnlessRemoved,
    /// The address of `t3_post/comment`.
    RedditComment,
    /// The address of the first picture in a text of HTML.
    FirstImage,
    /// Of a list of kinds of approval the number of hearts.
    DiscourseLikes,
}

/// Civil times without a zone are Moscow's: the networks' own, and every
/// feed's of the regions that keep that time.
pub const ASSUMED_ZONE: &str = "Europe/Moscow";

impl Conversion {
    /// `now` is the moment from which «вчера» is seen.
    pub fn apply(self, value: &Value, now: Timestamp) -> Option<Value> {
        match self {
            Conversion::Text => text(value).map(|text| markup::tidy(&text)).map(Value::from),
            Conversion::Html => text(value).map(|text| markup::html_to_text(&text).into()),
            Conversion::HtmlLines => text(value).map(|text| markup::html_lines(&text).into()),
            Conversion::OkText => text(value).map(|text| ok::text(&text).into()),
            Conversion::OkTopicId => text(value).and_then(|t| ok::topic_id(&t)).map(Value::from),
            Conversion::OkTopicUrl => text(value).and_then(|t| ok::topic_url(&t)).map(Value::from),
            Conversion::OkCommentTopic => {
                text(value).and_then(|text| ok::comment_topic(&text)).map(Value::from)
            }
            Conversion::Filled => text(value).filter(|t| !t.trim().is_empty()).map(Value::from),
            Conversion::Entities => text(value).map(|text| markup::decode_entities(&text).into()),
            Conversion::NumericEntities => {
                text(value).map(|text| markup::decode_numeric(&text).into())
            }
            Conversion::VkText => text(value).map(|text| markup::vk_text(&text).into()),
            Conversion::Lowercase => text(value).map(|text| text.to_lowercase().into()),
            Conversion::Negated => number(value).map(|number| number.saturating_neg().into()),
            Conversion::NegativeOnly => number(value).filter(|n| *n < 0).map(Value::from),
            Conversion::RoundedCount => text(value).and_then(|t| rounded(&t)).map(Value::from),
            Conversion::UnixSecs => number(value)
                .filter(|secs| *secs > 0)
                .and_then(|secs| Timestamp::from_second(secs).ok())
                .map(instant_value),
            Conversion::UnixMillis => number(value)
                .filter(|millis| *millis > 0)
                .and_then(|millis| Timestamp::from_millisecond(millis).ok())
                .map(instant_value),
            Conversion::UnixAny => number(value).and_then(unix_any).map(instant_value),
            Conversion::CivilDate => {
                let zone = jiff::tz::TimeZone::get(ASSUMED_ZONE).ok()?;
                civil::any(&text(value)?, &zone, now).map(instant_value)
            }
            Conversion::Date => text(value).and_then(|text| date(&text)).map(instant_value),
            Conversion::DateUtc => text(value).and_then(|text| date_utc(&text)).map(instant_value),
            Conversion::LastSegment => {
                text(value).and_then(|text| Some(text.rsplit('/').next()?.to_owned().into()))
            }
            Conversion::AfterColon => text(value)
                .map(|text| text.split_once(':').map_or(text.clone(), |cut| cut.1.to_owned()))
                .map(Value::from),
            Conversion::LatLon => lat_lon(value).and_then(geo_value),
            Conversion::MapLink => text(value).and_then(|t| map_link(&t)).and_then(geo_value),
            Conversion::CssUrl => text(value).and_then(|text| css_url(&text)).map(Value::from),
            Conversion::Widest => widest(value).map(Value::from),
            Conversion::TelegramPath => {
                text(value).and_then(|t| telegram_path(&t)).map(Value::from)
            }
            Conversion::LonLat => lon_lat(value).and_then(geo_value),
            Conversion::BeforeUnderscore => {
                text(value).and_then(|text| Some(text.rsplit_once('_')?.0.into()))
            }
            Conversion::FacebookCommunity => meta::community(value).map(Value::from),
            Conversion::FacebookCommentId => meta::comment_id(&text(value)?).map(Value::from),
            Conversion::FacebookAnsweredComment => {
                meta::answered_comment(&text(value)?).map(Value::from)
            }
            Conversion::FacebookPostId => meta::post_id(&text(value)?).map(Value::from),
            Conversion::InstagramDate => meta::instagram_date(&text(value)?).map(instant_value),
            Conversion::XText => x::text(value).map(Value::from),
            Conversion::XPublished => x::published(value).map(instant_value),
            Conversion::XEdited => x::edited(value).map(instant_value),
            Conversion::XLanguage => text(value).and_then(|tag| x::language(&tag)).map(Value::from),
            Conversion::Markdown => text(value).map(|text| markdown::to_text(&text).into()),
            Conversion::MediaKind => text(value).map(|text| media_kind(None, &text).into()),
            Conversion::BlueskyPage => {
                text(value).and_then(|t| federated::bluesky_page(&t)).map(Value::from)
            }
            Conversion::BlueskyAuthor => {
                text(value).and_then(|t| federated::bluesky_author(&t).map(Value::from))
            }
            Conversion::LemmyParent => {
                text(value).and_then(|t| federated::lemmy_parent(&t)).map(Value::from)
            }
            Conversion::TelegramComment => {
                text(value).and_then(|t| telegram_comment(&t)).map(Value::from)
            }
            Conversion::RedditComment => {
                text(value).and_then(|t| boards::reddit_comment(&t)).map(Value::from)
            }
            Conversion::FirstImage => {
                text(value).and_then(|t| boards::first_image(&t)).map(Value::from)
            }
            Conversion::DiscourseLikes => boards::discourse_likes(value).map(Value::from),
            Conversion::UnlessRemoved => {
                text(value).filter(|t| !boards::is_removed(t)).map(Value::from)
            }
        }
    }
}

/// A value as text: strings as they are, numbers in digits.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A value as a whole number; digits in a string count.
pub fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// `1723000000.0`, as some networks write seconds.
fn whole(number: f64) -> Option<i64> {
    let in_range = number.abs() < 9.0e15;
    in_range.then_some(number.trunc() as i64)
}

fn instant_value(instant: Timestamp) -> Value {
    Value::String(instant.to_string())
}

fn geo_value(geo: Geo) -> Option<Value> {
    serde_json::to_value(geo).ok()
}

/// Everything below is before 1973 in the next smaller unit, everything above
/// after the year 5000 in the greater one.
const SMALLEST_MILLIS: i64 = 100_000_000_000;

fn unix_any(number: i64) -> Option<Timestamp> {
    let instant = match number {
        ..=0 => return None,
        secs if secs < SMALLEST_MILLIS => Timestamp::from_second(secs),
        millis if millis < SMALLEST_MILLIS * 1_000 => Timestamp::from_millisecond(millis),
        micros if micros < SMALLEST_MILLIS * 1_000_000 => Timestamp::from_microsecond(micros),
        _ => return None,
    };
    instant.ok()
}

fn rounded(text: &str) -> Option<u64> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let rest = &text[start..];
    let end = rest.find(|c: char| !is_number_part(c)).unwrap_or(rest.len());
    let digits: String = rest[..end]
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    let factor = match rest[end..].trim_start().to_lowercase() {
        unit if unit.starts_with('k') || unit.starts_with("тыс") || unit.starts_with('к') => {
            1e3
        }
        unit if unit.starts_with('m') || unit.starts_with("млн") => 1e6,
        _ => 1.0,
    };
    let number: f64 = digits.trim_end_matches('.').parse().ok()?;
    Some((number * factor).round() as u64)
}

fn is_number_part(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '.' | ',' | '\u{a0}' | '\u{202f}')
}

/// Reads a date as networks and feeds write it.
pub fn date(text: &str) -> Option<Timestamp> {
    date_in(text, &jiff::tz::TimeZone::get(ASSUMED_ZONE).ok()?)
}

/// The same where a missing zone is this one.
pub fn date_in(text: &str, zone: &jiff::tz::TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    let civil = || text.parse::<jiff::civil::DateTime>().ok().or_else(|| Some(rfc2822(text)?.0));
    date_with_zone(text).or_else(|| in_zone(civil()?, zone))
}

/// A date that says its zone itself: whoever reads dates another way asks here
/// first, for others take the same words and pass over the zone.
pub fn date_with_zone(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let instant = text.parse::<Timestamp>().ok();
    instant.or_else(|| offset_without_colon(text)).or_else(|| zone_behind(text)).or_else(|| {
        match rfc2822(text)? {
            (civil, Zone::Offset(minutes)) => at_offset(civil, minutes),
            (_, Zone::Assumed) => None,
        }
    })
}

/// As `date`; a civil time without a zone is UTC.
pub fn date_utc(text: &str) -> Option<Timestamp> {
    let civil = text.trim().parse::<jiff::civil::DateTime>();
    let utc = |civil: jiff::civil::DateTime| civil.to_zoned(jiff::tz::TimeZone::UTC).ok();
    match text.trim().parse::<Timestamp>() {
        Ok(instant) => Some(instant),
        Err(_) => match civil {
            Ok(civil) => utc(civil).map(|zoned| zoned.timestamp()),
            Err(_) => date(text),
        },
    }
}

/// `2026-11-20T08:30:00+0300`, which RFC 3339 does not know.
fn offset_without_colon(text: &str) -> Option<Timestamp> {
    let at = text.len().checked_sub(5).filter(|at| text.is_char_boundary(*at))?;
    let (civil, offset) = text.split_at(at);
    let has_sign = offset.starts_with(['+', '-']) && text.contains('T');
    if !has_sign || !offset[1..].bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{civil}{}:{}", &offset[..3], &offset[3..]).parse().ok()
}

/// `2026-11-20 08:30:00 +0300`, `… UTC`: a civil time and its zone.
fn zone_behind(text: &str) -> Option<Timestamp> {
    let (civil, zone) = text.rsplit_once(' ')?;
    match Zone::parse(&zone.to_lowercase())? {
        Zone::Offset(minutes) => at_offset(civil.trim_end().parse().ok()?, minutes),
        Zone::Assumed => None,
    }
}

fn in_zone(civil: jiff::civil::DateTime, zone: &jiff::tz::TimeZone) -> Option<Timestamp> {
    civil.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

fn at_offset(civil: jiff::civil::DateTime, minutes: i32) -> Option<Timestamp> {
    jiff::tz::Offset::from_seconds(minutes * 60).ok()?.to_timestamp(civil).ok()
}

/// RFC 2822 as it is met: any case, Russian or long months, two-digit years,
/// `MSK`, no zone at all, a wrong or absent day of the week.
fn rfc2822(text: &str) -> Option<(jiff::civil::DateTime, Zone)> {
    let lower = text.to_lowercase().replace(',', " ");
    let mut words: Vec<&str> = lower.split_whitespace().collect();
    if words.first().is_some_and(|word| !word.starts_with(|c: char| c.is_ascii_digit())) {
        words.remove(0);
    }
    let [day, month, year, clock, zone @ ..] = words.as_slice() else { return None };
    let month = civil::month_of(month.trim_end_matches('.'))?;
    let year: i16 = match year.parse().ok()? {
        short @ 0..=69 => 2000 + short,
        short @ 70..=99 => 1900 + short,
        long => long,
    };
    let mut parts = clock.split(':').map(str::parse::<i8>);
    let (hour, minute) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let second = parts.next().and_then(Result::ok).unwrap_or(0).min(59);
    let civil =
        jiff::civil::DateTime::new(year, month, day.parse().ok()?, hour, minute, second, 0).ok()?;
    Some((civil, zone.first().map_or(Some(Zone::Assumed), |zone| Zone::parse(zone))?))
}

enum Zone {
    Assumed,
    Offset(i32),
}

impl Zone {
    fn parse(text: &str) -> Option<Zone> {
        let hours = match text {
            "gmt" | "ut" | "utc" | "z" => 0,
            "msk" => 3,
            "msd" => 4,
            "edt" => -4,
            "est" | "cdt" => -5,
            "cst" | "mdt" => -6,
            "mst" | "pdt" => -7,
            "pst" => -8,
            "cet" => 1,
            "cest" | "eet" => 2,
            _ => return Zone::numeric(text),
        };
        Some(Zone::Offset(hours * 60))
    }

    fn numeric(text: &str) -> Option<Zone> {
        let sign = match text.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(Zone::Assumed),
        };
        let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
        let value: i32 = digits.parse().ok().filter(|_| digits.len() == 4)?;
        Some(Zone::Offset(sign * (value / 100 * 60 + value % 100)))
    }
}

fn lat_lon(value: &Value) -> Option<Geo> {
    let pair = match value {
        Value::String(text) => {
            let mut numbers = text.split([' ', ',']).filter(|part| !part.is_empty());
            (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?)
        }
        Value::Array(list) => (list.first()?.as_f64()?, list.get(1)?.as_f64()?),
        Value::Object(map) => {
            let of = |names: [&str; 3]| names.iter().find_map(|name| map.get(*name)?.as_f64());
            (of(["latitude", "lat", "y"])?, of(["longitude", "lon", "lng"])?)
        }
        _ => return None,
    };
    on_earth(pair)
}

fn lon_lat(value: &Value) -> Option<Geo> {
    let Value::Array(list) = value else { return lat_lon(value) };
    on_earth((list.get(1)?.as_f64()?, list.first()?.as_f64()?))
}

fn map_link(text: &str) -> Option<Geo> {
    let address = url::Url::parse(text).ok()?;
    let (_, point) = address.query_pairs().find(|(name, _)| name == "ll" || name == "q")?;
    let (lat, lon) = point.split_once(',')?;
    on_earth((lat.trim().parse().ok()?, lon.trim().parse().ok()?))
}

fn on_earth((lat, lon): (f64, f64)) -> Option<Geo> {
    // Nobody writes from the Gulf of Guinea: two zeros are a place without a point.
    let sound = (-90.0..=90.0).contains(&lat)
        && (-180.0..=180.0).contains(&lon)
        && (lat != 0.0 || lon != 0.0);
    sound.then_some(Geo { lat, lon })
}

fn css_url(style: &str) -> Option<String> {
    let start = style.find("url(")? + 4;
    let end = start + style[start..].find(')')?;
    let address = style[start..end].trim().trim_matches(['\'', '"']);
    (!address.is_empty()).then(|| address.to_owned())
}

fn widest(value: &Value) -> Option<String> {
    let pictures = value.as_array()?.iter();
    let widest = pictures.max_by_key(|picture| picture.get("width").and_then(Value::as_i64))?;
    widest.get("url").and_then(Value::as_str).map(str::to_owned)
}

fn telegram_path(address: &str) -> Option<String> {
    let address = url::Url::parse(address).ok()?;
    let mut parts = address.path_segments()?.filter(|part| !part.is_empty() && *part != "s");
    let (channel, number) = (parts.next()?, parts.next()?);
    number.parse::<u64>().ok()?;
    Some(format!("{}/{number}", channel.to_lowercase()))
}

/// What a file is, by its type or by the end of its address.
pub fn media_kind(mime: Option<&str>, address: &str) -> &'static str {
    let ends = |ends: &[&str]| {
        let path = address.split(['?', '#']).next().unwrap_or("").to_lowercase();
        ends.iter().any(|end| path.ends_with(end))
    };
    match mime.and_then(|mime| mime.split('/').next()) {
        Some("image") => "photo",
        Some("video") => "video",
        Some("audio") => "audio",
        _ if ends(&[".jpg", ".jpeg", ".png", ".webp", ".gif"]) => "photo",
        _ if ends(&[".mp4", ".webm", ".mov"]) => "video",
        _ if ends(&[".mp3", ".ogg", ".m4a"]) => "audio",
        _ if ends(&[".pdf", ".doc", ".docx", ".xls", ".xlsx"]) => "document",
        _ => "other",
    }
}

/// Of several `comment=` the last one counts.
fn telegram_comment(address: &str) -> Option<String> {
    let post = telegram_path(address)?;
    let url = url::Url::parse(address).ok()?;
    let (_, number) = url.query_pairs().filter(|(name, _)| name == "comment").last()?;
    number.parse::<u64>().ok()?;
    Some(format!("{post}/{number}"))
}

#[cfg(test)]
mod tests;
