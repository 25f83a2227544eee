//! What a post of X says and when it was written, which stand in several
//! places of it. Knows nothing of the answer around the post.

use serde_json::Value;

use super::date;
use crate::adapters::connector::markup;
use crate::model::time::Timestamp;

/// The whole words with the short links written out. Long posts are cut off
/// in `text` and whole in `note_tweet`.
pub fn text(post: &Value) -> Option<String> {
    let words = |place: &str| post.pointer(place).and_then(Value::as_str);
    let text = words("/note_tweet/text").or_else(|| words("/text"))?;
    let links = ["/note_tweet/entities/urls", "/entities/urls"];
    let links = links.iter().filter_map(|place| post.pointer(place)?.as_array()).flatten();
    let whole = links.fold(markup::decode_entities(text), |text, link| {
        let part = |name: &str| link.get(name).and_then(Value::as_str);
        match (part("url"), part("expanded_url")) {
            (Some(short), Some(long)) if !short.is_empty() => text.replace(short, long),
            _ => text,
        }
    });
    Some(whole)
}

/// An edited post is a new one with a new number; the network allows it for
/// an hour at most.
const EDITABLE_MAX_SECS: i64 = 2 * 3_600;

/// When the first version was written.
pub fn published(post: &Value) -> Option<Timestamp> {
    let created = created(post)?;
    let first = versions(post).and_then(|(first, _)| date_of_number(first));
    let is_likely = |first: &Timestamp| {
        (0..=EDITABLE_MAX_SECS).contains(&created.duration_since(*first).as_secs())
    };
    first.filter(is_likely).or(Some(created))
}

/// When the last version was written, where there are several.
pub fn edited(post: &Value) -> Option<Timestamp> {
    let (_, last) = versions(post)?;
    let created = created(post)?;
    let is_likely = |last: &Timestamp| {
        (0..=EDITABLE_MAX_SECS).contains(&last.duration_since(created).as_secs())
    };
    date_of_number(last).filter(is_likely).or(Some(created))
}

/// The date is an extra that must be asked for; the number always has it.
fn created(post: &Value) -> Option<Timestamp> {
    let words = |name: &str| post.get(name).and_then(Value::as_str);
    words("created_at").and_then(date).or_else(|| date_of_number(words("id")?))
}

/// Numbers of the first and of the last version of an edited post.
fn versions(post: &Value) -> Option<(&str, &str)> {
    let history = post.get("edit_history_tweet_ids")?.as_array()?;
    let [first, .., last] = history.as_slice() else { return None };
    Some((first.as_str()?, last.as_str()?))
}

/// Posts are numbered by milliseconds since this instant, which stand above
/// 22 other bits.
const EPOCH_MILLIS: i64 = 1_288_834_974_657;
const LOWER_BITS: u32 = 22;

/// Numbers below were counted, and hold no date.
const DATED_FROM: u64 = 30_000_000_000;

fn date_of_number(number: &str) -> Option<Timestamp> {
    let number: u64 = number.parse().ok().filter(|number| DATED_FROM <= *number)?;
    let millis = i64::try_from(number >> LOWER_BITS).ok()? + EPOCH_MILLIS;
    Timestamp::from_second(millis / 1_000).ok()
}

/// A language; what the network calls undetermined, art or mere links is none.
pub fn language(tag: &str) -> Option<String> {
    let is_private = tag.len() == 3 && tag.starts_with('q');
    let is_none = is_private || ["", "und", "zxx", "art"].contains(&tag);
    (!is_none).then(|| tag.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_are_whole_and_links_long() {
        fn check(post: Value, expected: Option<&str>) {
            assert_eq!(text(&post).as_deref(), expected, "{post}");
        }
        check(json!({"text": "Свет &amp; вода"}), Some("Свет & вода"));
        let link = json!({"url": "https://t.co/a1", "expanded_url": "https://x.example/?a=1&lt=2"});
        check(
            json!({"text": "См. https://t.co/a1", "entities": {"urls": [link]}}),
            Some("См. https://x.example/?a=1&lt=2"),
        );
        check(
            json!({"text": "Начало…", "note_tweet": {"text": "Начало и конец https://t.co/a1",
                "entities": {"urls": [link]}}}),
            Some("Начало и конец https://x.example/?a=1&lt=2"),
        );
        check(
            json!({"text": "https://t.co/a1", "entities": {"urls": [{}]}}),
            Some("https://t.co/a1"),
        );
        check(json!({"id": "5"}), None);
    }

    #[test]
    fn an_edited_post_was_written_when_its_first_version_was() {
        fn check(created: &str, history: Value, wrote: &str, changed: Option<&str>) {
            let post = json!({"created_at": created, "edit_history_tweet_ids": history});
            let told = |instant: Option<Timestamp>| instant.map(|instant| instant.to_string());
            assert_eq!(told(published(&post)).as_deref(), Some(wrote), "{post}");
            assert_eq!(told(edited(&post)).as_deref(), changed, "{post}");
        }
        let (first, last) = ("2123695339729846349", "2123698149913526350");
        let (wrote, changed) = ("2026-11-20T08:30:00Z", "2026-11-20T08:41:10Z");
        check("2026-11-20T08:41:10.000Z", json!([first, last]), wrote, Some(changed));
        check("2026-11-20T08:30:00.000Z", json!([first, last]), wrote, Some(changed));
        check("2026-11-20T08:30:00.000Z", json!([first]), wrote, None);
        check(
            "2026-01-05T08:00:00.000Z",
            json!(["15", "16"]),
            "2026-01-05T08:00:00Z",
            Some("2026-01-05T08:00:00Z"),
        );
        check("2026-01-05T08:00:00.000Z", json!(null), "2026-01-05T08:00:00Z", None);
    }

    #[test]
    fn a_post_without_a_date_has_it_in_its_number() {
        fn check(id: &str, expected: Option<&str>) {
            let got = published(&json!({"id": id})).map(|instant| instant.to_string());
            assert_eq!(got.as_deref(), expected, "{id}");
        }
        check("2123695339729846349", Some("2026-11-20T08:30:00Z"));
        check("20", None);
        check("не число", None);
    }

    #[test]
    fn some_languages_are_none() {
        assert_eq!(language("ru").as_deref(), Some("ru"));
        for tag in ["und", "qme", "qht", "zxx", "art", ""] {
            assert_eq!(language(tag), None, "{tag}");
        }
    }
}
