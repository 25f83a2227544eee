//! Which of the posts that came by themselves are news. What comes twice, or
//! late, must not undo what is known; what was never here and nobody wants is
//! passed over. Pure: what is known is given.

use std::collections::BTreeMap;

use crate::adapters::connector::stream::frame::News;
use crate::adapters::store::read::Version;
use crate::model::post::{Post, PostKey};

/// A post with what its frame says of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Arrived {
    pub post: Post,
    pub news: News,
}

/// Posts to store, in the order in which they came, and how many are none.
pub(super) fn sift(
    arrived: Vec<Arrived>,
    mut known: BTreeMap<PostKey, Version>,
    mut is_wanted: impl FnMut(&Post) -> bool,
) -> (Vec<Post>, u64) {
    let (mut posts, mut passed_over) = (Vec::with_capacity(arrived.len()), 0);
    for Arrived { mut post, news } in arrived {
        match known.get(&post.key) {
            None if !is_wanted(&post) => {
                passed_over += 1;
                continue;
            }
            // Stored as it stands, so that it is counted as known.
            Some(version) if is_late(&post, news, version) => {
                post.text.clone_from(&version.text);
                post.deleted = version.deleted;
            }
            Some(_) | None => {
                let before = known.get(&post.key).map(|version| version.text.clone());
                let is_bare = post.deleted && post.text.is_empty();
                let text = if is_bare { before.unwrap_or_default() } else { post.text.clone() };
                let version = Version { text, deleted: post.deleted, edited_at: post.edited_at };
                known.insert(post.key.clone(), version);
            }
        }
        posts.push(post);
    }
    (posts, passed_over)
}

/// Whether something newer is known: what was deleted comes back only where
/// that is said, and of two that say when they were changed the earlier one is
/// no news.
fn is_late(post: &Post, news: News, known: &Version) -> bool {
    let is_older = || post.edited_at.zip(known.edited_at).is_some_and(|(ours, its)| ours < its);
    match news {
        News::Original => true,
        News::Change => (known.deleted && !post.deleted) || is_older(),
        News::Return => is_older(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::post::Network;
    use crate::model::time::Timestamp;

    fn key(id: &str) -> PostKey {
        PostKey { network: Network("bluesky".to_owned()), native_id: id.to_owned() }
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + secs).unwrap()
    }

    /// `create яма`, `5 яма засыпана`, `9 gone`, `edit яма`: what a frame says.
    fn arrived(id: &str, said: &str) -> Arrived {
        let (when, text) = said.split_once(' ').unwrap();
        let mut post = Post::of_text(key(id), text.to_owned(), at(0));
        post.edited_at = when.parse().ok().map(at);
        if text == "gone" {
            post.deleted = true;
            post.text.clear();
        }
        let news = match when {
            "create" => News::Original,
            "edit" => News::Change,
            _ => News::Return,
        };
        Arrived { post, news }
    }

    #[test]
    fn what_comes_late_undoes_nothing() {
        fn check(known: Option<(&str, bool, Option<i64>)>, said: &[&str], expected: &[&str]) {
            let version = |(text, deleted, edited): (&str, bool, Option<i64>)| Version {
                text: text.to_owned(),
                deleted,
                edited_at: edited.map(at),
            };
            let known = known.map(version).map(|one| (key("1"), one)).into_iter().collect();
            let arrived = said.iter().map(|said| arrived("1", said)).collect();
            let (posts, _) =
                sift(arrived, known, |post| !post.deleted && !post.text.contains("кот"));
            let told =
                |post: &Post| format!("{}{}", if post.deleted { "-" } else { "" }, post.text);
            assert_eq!(posts.iter().map(told).collect::<Vec<_>>(), expected, "{said:?}");
        }
        check(None, &["create яма"], &["яма"]);
        check(None, &["create яма", "5 засыпана", "9 gone"], &["яма", "засыпана", "-"]);
        // Repeated from the beginning.
        let gone = Some(("засыпана", true, Some(9)));
        check(gone, &["create яма", "5 засыпана", "9 gone"], &["-засыпана", "-засыпана", "-"]);
        check(
            Some(("засыпана", false, Some(5))),
            &["create яма", "5 засыпана"],
            &["засыпана", "засыпана"],
        );
        // Out of order.
        check(
            Some(("засыпана", false, Some(5))),
            &["7 снова яма", "6 лужа"],
            &["снова яма", "снова яма"],
        );
        // A poll that knows nothing of changes saw it first.
        check(Some(("яма", false, None)), &["create яма (сокращено)"], &["яма"]);
        check(Some(("яма", false, None)), &["5 засыпана"], &["засыпана"]);
        // Back again.
        check(Some(("яма", true, Some(5))), &["8 яма"], &["яма"]);
        // Not back: changed before it went, and told late.
        check(Some(("яма", true, None)), &["edit яма!"], &["-яма"]);
        check(Some(("яма", false, None)), &["edit яма!"], &["яма!"]);
        // Never here, and of no interest.
        check(None, &["9 gone"], &[]);
        check(None, &["create кот"], &[]);
        check(Some(("яма", false, None)), &["5 кот"], &["кот"]);
    }

    #[test]
    fn what_is_passed_over_is_counted() {
        let arrived =
            vec![arrived("1", "create кот"), arrived("2", "create яма"), arrived("3", "1 gone")];
        let (posts, passed_over) =
            sift(arrived, BTreeMap::new(), |post| !post.deleted && post.text != "кот");
        assert_eq!((posts.len(), passed_over), (1, 2));
    }

    /// Goal: a deletion that comes before what it deletes is kept, and wins.
    #[test]
    fn what_was_first_heard_of_when_it_went_stays_gone() {
        let said = ["3 gone", "create яма", "edit яма!"].map(|said| arrived("1", said));
        let (posts, passed_over) = sift(said.into(), BTreeMap::new(), |_| true);
        let told: Vec<_> = posts.iter().map(|post| (post.deleted, post.text.as_str())).collect();
        assert_eq!((told, passed_over), (vec![(true, ""); 3], 0));
        let said = ["edit яма!", "create яма"].map(|said| arrived("1", said));
        let (posts, _) = sift(said.into(), BTreeMap::new(), |_| true);
        assert_eq!(posts.iter().map(|post| post.text.as_str()).collect::<Vec<_>>(), ["яма!"; 2]);
    }
}
