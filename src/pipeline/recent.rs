//! What the matcher has just read, for the stages that come after it: they would
//! read the same rows from the tables a moment later and build them anew. Holds
//! nothing that is not in the tables, and little of it: who is too far behind, or
//! has just started, asks the tables. If we stop here nothing is lost.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use crate::adapters::search::IndexedPost;
use crate::model::position::Position;

/// Posts kept; some tens of megabytes. A stage that is further behind reads from
/// the tables as quickly as anybody could.
const POSTS_MAX: usize = 16_000;
/// On a quiet day each stretch holds a post or none.
const STRETCHES_MAX: usize = 256;

/// All posts of a stretch of facts, in order, with the findings of those that
/// have one.
#[derive(Debug)]
pub struct Stretch {
    pub after: Position,
    pub until: Position,
    pub posts: Vec<IndexedPost>,
}

impl Stretch {
    /// The posts after a position up to another.
    pub fn between(&self, after: Position, until: Position) -> &[IndexedPost] {
        let count_up_to =
            |last: Position| self.posts.partition_point(|one| one.post.position <= last);
        let (from, to) = (count_up_to(after), count_up_to(until));
        &self.posts[from..to.max(from)]
    }
}

/// The latest stretches, one after another. Cheap to clone: all see the same.
#[derive(Clone, Default)]
pub struct Recent {
    stretches: Arc<Mutex<VecDeque<Arc<Stretch>>>>,
}

impl Recent {
    /// Keeps a stretch. It may be kept before its findings are committed: nobody
    /// asks beyond the position that the tables give.
    pub fn keep(&self, stretch: Stretch) {
        let Ok(mut kept) = self.stretches.lock() else { return };
        if kept.back().is_some_and(|last| last.until != stretch.after) {
            kept.clear();
        }
        kept.push_back(Arc::new(stretch));
        let mut posts: usize = kept.iter().map(|one| one.posts.len()).sum();
        while POSTS_MAX < posts || STRETCHES_MAX < kept.len() {
            let Some(oldest) = kept.pop_front() else { break };
            posts -= oldest.posts.len();
        }
    }

    /// What was kept does not hold: its findings could not be committed.
    pub fn forget(&self) {
        if let Ok(mut kept) = self.stretches.lock() {
            kept.clear();
        }
    }

    /// The stretch in which a position's next fact lies, if all of that stretch is
    /// committed: `committed` is how far the tables say that the matcher has come.
    pub fn after(&self, after: Position, committed: Position) -> Option<Arc<Stretch>> {
        let kept = self.stretches.lock().ok()?;
        let holds = |one: &&Arc<Stretch>| one.after <= after && after < one.until;
        kept.iter().find(holds).filter(|one| one.until <= committed).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::post::{Network, Post, PostKey, StoredPost};
    use crate::model::time::Timestamp;

    /// Every second fact of it is a post.
    fn stretch(after: u64, until: u64) -> Stretch {
        let post = |number: u64| {
            let key = PostKey { network: Network("vk".to_owned()), native_id: number.to_string() };
            let post = Post::of_text(key, "Яма".to_owned(), Timestamp::UNIX_EPOCH);
            let first_seen_at = Timestamp::UNIX_EPOCH;
            let post = StoredPost { position: Position(number), first_seen_at, post };
            IndexedPost { post, finding: None }
        };
        let numbers = (after + 1..=until).filter(|number| number.is_multiple_of(2));
        let posts = numbers.map(post).collect();
        Stretch { after: Position(after), until: Position(until), posts }
    }

    /// The positions of the posts that one gets who stands at `after`.
    fn got(recent: &Recent, after: u64, committed: u64) -> Option<Vec<u64>> {
        let stretch = recent.after(Position(after), Position(committed))?;
        let posts = stretch.between(Position(after), stretch.until);
        Some(posts.iter().map(|one| one.post.position.0).collect())
    }

    #[test]
    fn one_gets_what_comes_next_and_is_committed() {
        let recent = Recent::default();
        recent.keep(stretch(0, 5));
        recent.keep(stretch(5, 9));
        assert_eq!(got(&recent, 0, 9), Some(vec![2, 4]));
        assert_eq!(got(&recent, 3, 9), Some(vec![4]));
        assert_eq!(got(&recent, 4, 9), Some(vec![]), "the fifth is no post");
        assert_eq!(got(&recent, 5, 9), Some(vec![6, 8]));
        assert_eq!(got(&recent, 5, 5), None, "not committed yet");
        assert_eq!(got(&recent, 9, 9), None, "not read yet");
        recent.forget();
        assert_eq!(got(&recent, 0, 9), None);
    }

    #[test]
    fn little_is_kept_and_nothing_is_left_out() {
        let recent = Recent::default();
        recent.keep(stretch(0, 20_000));
        recent.keep(stretch(20_000, 40_000));
        assert_eq!(got(&recent, 0, 40_000), None, "the older half had to go");
        assert_eq!(got(&recent, 20_000, 40_000).map(|posts| posts.len()), Some(10_000));
        recent.keep(stretch(50_000, 50_002));
        assert_eq!(got(&recent, 20_000, 60_000), None, "what does not follow begins anew");
    }
}
