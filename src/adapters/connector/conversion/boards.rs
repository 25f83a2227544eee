//! What the boards and forums write in ways of their own: Reddit's ids and
//! words for what was taken away, Discourse's approval and pictures.

use serde_json::Value;

use crate::adapters::connector::parsing;

/// The page of a comment that does not say where it stands.
pub fn reddit_comment(ids: &str) -> Option<String> {
    let (post, comment) = ids.strip_prefix("t3_")?.split_once('/')?;
    Some(format!("https://www.reddit.com/comments/{post}/_/{comment}"))
}

/// Smileys are pictures too, and nobody looks at them.
pub fn first_image(html: &str) -> Option<String> {
    let selector = scraper::Selector::parse("img[src]:not(.emoji):not(.avatar)").ok()?;
    let document = parsing::fragment(html);
    let first = document.select(&selector).next()?;
    first.value().attr("src").map(str::to_owned)
}

/// Hearts are the second kind of what can be done with a post.
pub fn discourse_likes(actions: &Value) -> Option<i64> {
    let hearts = actions.as_array()?.iter().find(|action| action.get("id") == Some(&2.into()))?;
    hearts.get("count").and_then(Value::as_i64)
}

/// The words that stand where something was taken away.
pub fn is_removed(text: &str) -> bool {
    matches!(
        text.trim().to_lowercase().as_str(),
        "[deleted]" | "[removed]" | "[deleted by user]" | "[ removed by reddit ]"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn comments_have_pages() {
        let page = "https://www.reddit.com/comments/abc/_/d1";
        assert_eq!(reddit_comment("t3_abc/d1").as_deref(), Some(page));
        assert_eq!(reddit_comment("t1_abc"), None);
    }

    #[test]
    fn hearts_are_counted() {
        let actions = json!([{"id": 5, "count": 9}, {"id": 2, "count": 3}]);
        assert_eq!(discourse_likes(&actions), Some(3));
        assert_eq!(discourse_likes(&json!([])), None);
    }

    #[test]
    fn the_first_picture_is_no_smiley() {
        let html = "<p>а<img class=\"emoji\" src=\"/e.png\"><img src=\"https://x.example/1.jpg\">";
        assert_eq!(first_image(html).as_deref(), Some("https://x.example/1.jpg"));
        assert_eq!(first_image("<p>а</p>"), None);
    }

    #[test]
    fn what_was_taken_away_is_told_from_words() {
        assert!(is_removed("[removed]") && is_removed(" [Deleted] "));
        assert!(!is_removed("[removed] снег"));
    }
}
