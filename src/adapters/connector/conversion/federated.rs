//! Addresses and paths of the federated networks: Bluesky's repositories,
//! Lemmy's trees of comments. Knows nothing of payloads.

/// Repository, collection and key of an `at://` address.
fn at_address(address: &str) -> Option<(&str, &str, &str)> {
    let mut parts = address.strip_prefix("at://")?.split('/');
    let address = (parts.next()?, parts.next()?, parts.next()?);
    let is_whole = !address.0.is_empty() && !address.2.is_empty() && parts.next().is_none();
    is_whole.then_some(address)
}

pub fn bluesky_author(address: &str) -> Option<String> {
    Some(at_address(address)?.0.to_owned())
}

pub fn bluesky_page(address: &str) -> Option<String> {
    let (author, collection, key) = at_address(address)?;
    let place = match collection {
        "app.bsky.feed.post" => "post",
        "app.bsky.feed.generator" => "feed",
        "app.bsky.graph.list" => "lists",
        _ => return None,
    };
    Some(format!("https://bsky.app/profile/{author}/{place}/{key}"))
}

pub fn lemmy_parent(path: &str) -> Option<String> {
    let parent = path.rsplit('.').nth(1)?;
    let is_comment = parent != "0" && parent.bytes().all(|byte| byte.is_ascii_digit());
    is_comment.then(|| format!("comment/{parent}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_bluesky_are_read() {
        fn check(address: &str, expected: Option<&str>) {
            let expected =
                expected.map(|path| format!("https://bsky.app/profile/did:plc:abc/{path}"));
            assert_eq!(bluesky_page(address), expected, "{address}");
        }
        check("at://did:plc:abc/app.bsky.feed.post/3k4", Some("post/3k4"));
        check("at://did:plc:abc/app.bsky.feed.generator/town", Some("feed/town"));
        check("at://did:plc:abc/app.bsky.graph.list/3k5", Some("lists/3k5"));
        check("at://did:plc:abc/app.bsky.feed.post", None);
        check("at:///app.bsky.feed.post/3k4", None);
        check("https://x.example/a/b/c", None);
        let author = bluesky_author("at://did:plc:abc/app.bsky.feed.post/3k4");
        assert_eq!(author.as_deref(), Some("did:plc:abc"));
    }

    #[test]
    fn a_comment_s_parent_is_in_its_path() {
        assert_eq!(lemmy_parent("0.5.17").as_deref(), Some("comment/5"));
        assert_eq!(lemmy_parent("0.17"), None);
        assert_eq!(lemmy_parent("17"), None);
        assert_eq!(lemmy_parent("0.x.17"), None);
    }
}
