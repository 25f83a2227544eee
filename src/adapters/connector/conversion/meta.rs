//! What only addresses and numbers say in the answers of Facebook and
//! Instagram. Knows nothing of how the answers are walked.

use serde_json::Value;
use url::Url;

use crate::model::time::Timestamp;

/// What the address of a comment names.
#[derive(Debug, Default, PartialEq, Eq)]
struct CommentAddress {
    page: Option<String>,
    post: Option<String>,
    comment: Option<String>,
    reply: Option<String>,
}

impl CommentAddress {
    /// `/PAGE/posts/POST/?comment_id=…&reply_comment_id=…`, the same in a
    /// group, and `/permalink.php?story_fbid=POST&id=PAGE&comment_id=…`.
    fn parse(text: &str) -> Option<CommentAddress> {
        let address = Url::parse(text).ok()?;
        let parameter = |wanted: &str| {
            let found = address.query_pairs().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.into_owned()).filter(|value| is_number(value))
        };
        let parts: Vec<&str> = address.path_segments()?.filter(|part| !part.is_empty()).collect();
        let number = |text: &str| is_number(text).then(|| text.to_owned());
        let (page, post) = match parts.as_slice() {
            ["groups", group, "posts" | "permalink", post, ..] => (number(group), number(post)),
            [page, "posts", post] => (number(page), number(post)),
            // The words of the post may stand before its number.
            [page, "posts", _, post] => (number(page), number(post)),
            ["permalink.php" | "story.php"] => (parameter("id"), parameter("story_fbid")),
            _ => (None, None),
        };
        let (comment, reply) = (parameter("comment_id"), parameter("reply_comment_id"));
        Some(CommentAddress { page, post, comment, reply })
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `POST_COMMENT`, as comments are numbered.
pub fn comment_id(address: &str) -> Option<String> {
    let found = CommentAddress::parse(address)?;
    Some(format!("{}_{}", found.post?, found.reply.or(found.comment)?))
}

/// The comment that is answered, where the address is that of an answer.
pub fn answered_comment(address: &str) -> Option<String> {
    let found = CommentAddress::parse(address)?;
    found.reply?;
    Some(format!("{}_{}", found.post?, found.comment?))
}

/// `PAGE_POST`, as posts are numbered.
pub fn post_id(address: &str) -> Option<String> {
    let found = CommentAddress::parse(address)?;
    Some(format!("{}_{}", found.page?, found.post?))
}

/// The page on which a post stands: whom it was written to, or its author
/// where that is the page itself.
pub fn community(post: &Value) -> Option<String> {
    let words = |place: &str| post.pointer(place).and_then(Value::as_str);
    if let Some(name) = words("/to/data/0/name") {
        return Some(name.to_owned());
    }
    let (page, _) = words("/id")?.split_once('_')?;
    let is_own = words("/from/id") == Some(page);
    words("/from/name").filter(|_| is_own).map(str::to_owned)
}

const CODE_ALPHABET: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Longer codes belong to closed accounts and end in a key.
const CODE_LENGTH: usize = 11;

/// Instagram numbers its media by milliseconds since this instant, which
/// stand above 23 other bits.
const INSTAGRAM_EPOCH_MILLIS: i64 = 1_314_220_021_721;
const INSTAGRAM_LOWER_BITS: u32 = 23;

/// When the media behind a short code, or an address with one, came to be.
pub fn instagram_date(text: &str) -> Option<Timestamp> {
    let code = match Url::parse(text) {
        Err(_) => text.to_owned(),
        Ok(address) => {
            let mut parts = address.path_segments()?;
            parts.find(|part| ["p", "reel", "tv"].contains(part))?;
            parts.next()?.to_owned()
        }
    };
    if code.len() < CODE_LENGTH {
        return None;
    }
    let number = code.bytes().take(CODE_LENGTH).try_fold(0u128, |number, letter| {
        let digit = CODE_ALPHABET.iter().position(|one| *one == letter)?;
        Some(number * 64 + digit as u128)
    })?;
    let number = u64::try_from(number).ok()?;
    let millis = i64::try_from(number >> INSTAGRAM_LOWER_BITS).ok()? + INSTAGRAM_EPOCH_MILLIS;
    Timestamp::from_second(millis / 1_000).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn addresses_of_comments_name_comment_answered_and_post() {
        fn check(address: &str, id: Option<&str>, answered: Option<&str>, post: Option<&str>) {
            let address = format!("https://www.facebook.com/{address}");
            assert_eq!(comment_id(&address).as_deref(), id, "{address}");
            assert_eq!(answered_comment(&address).as_deref(), answered, "{address}");
            assert_eq!(post_id(&address).as_deref(), post, "{address}");
        }
        check("11/posts/22/?comment_id=33", Some("22_33"), None, Some("11_22"));
        check("town/posts/22?comment_id=33", Some("22_33"), None, None);
        check("11/posts/slova/22/?comment_id=33", Some("22_33"), None, Some("11_22"));
        check(
            "11/posts/22/?comment_id=33&reply_comment_id=44",
            Some("22_44"),
            Some("22_33"),
            Some("11_22"),
        );
        check("groups/11/permalink/22/?comment_id=33", Some("22_33"), None, Some("11_22"));
        check(
            "permalink.php?story_fbid=22&id=11&comment_id=33",
            Some("22_33"),
            None,
            Some("11_22"),
        );
        check("11/posts/pfbid02abc?comment_id=33", None, None, None);
        check("photo.php?fbid=55&comment_id=33", None, None, None);
        check("11/posts/22/", None, None, Some("11_22"));
        assert_eq!(comment_id("без адреса"), None);
    }

    #[test]
    fn the_community_is_the_page_not_the_visitor() {
        fn check(post: Value, expected: Option<&str>) {
            assert_eq!(community(&post).as_deref(), expected, "{post}");
        }
        check(json!({"id": "11_22", "from": {"id": "11", "name": "Город"}}), Some("Город"));
        check(json!({"id": "11_22", "from": {"id": "5", "name": "Анна"}}), None);
        let to = json!({"data": [{"id": "11", "name": "Город"}]});
        check(json!({"id": "11_22", "from": {"id": "5", "name": "Анна"}, "to": to}), Some("Город"));
        check(json!({"id": "22"}), None);
    }

    #[test]
    fn short_codes_hold_the_instant() {
        fn check(text: &str, expected: Option<&str>) {
            let got = instagram_date(text).map(|instant| instant.to_string());
            assert_eq!(got.as_deref(), expected, "{text}");
        }
        check("Df9OsezgBI0", Some("2026-11-20T08:30:00Z"));
        check("https://www.instagram.com/p/Df9OsezgBI0/", Some("2026-11-20T08:30:00Z"));
        check("https://www.instagram.com/town/reel/Df9OsezgBI0/", Some("2026-11-20T08:30:00Z"));
        check("https://www.instagram.com/town/", None);
        check("DfS9", None);
        check("DfS9W0bgBI!", None);
    }
}
