//! Comments of open incidents that their thread shows no more: one that two
//! whole reads in a row do not show is taken for deleted. Each is looked for
//! where it would stand, on the pages of the thread or of its branch.

use std::collections::{BTreeMap, BTreeSet};

use crate::adapters::connector::definition::{Paging, PollKind};
use crate::adapters::connector::poll::Told;
use crate::adapters::store::commands::Missed;
use crate::adapters::store::read::ThreadMember;
use crate::model::post::Post;
use crate::model::thread::{ThreadKey, ThreadState};
use crate::pipeline::ingest::rechecks::{MISSED_MAX, gone};

/// What a read means for the comments that it should have shown.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) missed: Vec<Missed>,
    pub(super) gone: Vec<Post>,
}

/// From all that a whole read of a thread, or of a branch, has shown;
/// `branches` are the comments whose replies are read by themselves.
pub(super) fn judged(
    thread: &ThreadKey,
    members: &[ThreadMember],
    told: &[Told],
    branches: &BTreeSet<&str>,
) -> Judged {
    let place = Place { thread, branches, above: above(told) };
    let shown: BTreeSet<&str> = told.iter().map(|one| one.native_id.as_str()).collect();
    let mut judged = Judged::default();
    for member in members {
        let post = member.post.position;
        if shown.contains(member.post.post.key.native_id.as_str()) {
            judged.missed.extend((0 < member.missed).then_some(Missed { post, times: 0 }));
            continue;
        }
        if member.is_deleted || !place.is_here(&member.post.post) {
            continue;
        }
        let times = (member.missed + 1).min(MISSED_MAX);
        if times == MISSED_MAX {
            judged.gone.push(gone(&member.post.post));
        }
        judged.missed.push(Missed { post, times });
    }
    judged
}

/// Whether a network that shows a thread on one page alone may have left out a
/// part of it: it counts more answers than it shows.
pub(super) fn is_cut(kind: &PollKind, thread: &ThreadState, told: &[Told]) -> bool {
    let above = thread.key.branch.as_deref().unwrap_or(&thread.key.post);
    let answers = told.iter().filter(|one| one.parent_id.as_deref() == Some(above)).count();
    kind.paging == Paging::None && thread.told.is_some_and(|told| (answers as u64) < told)
}

/// What stands above what.
fn above(told: &[Told]) -> BTreeMap<&str, &str> {
    told.iter()
        .filter_map(|one| Some((one.native_id.as_str(), one.parent_id.as_deref()?)))
        .collect()
}

struct Place<'a> {
    thread: &'a ThreadKey,
    branches: &'a BTreeSet<&'a str>,
    above: BTreeMap<&'a str, &'a str>,
}

impl Place<'_> {
    /// Whether a comment would stand on the pages that were read.
    fn is_here(&self, post: &Post) -> bool {
        let own = self.thread.branch.as_deref();
        let mut at = post.parent_id.as_deref();
        // As many steps as there are comments: a circle must not hang us.
        for _ in 0..=self.above.len() {
            let Some(parent) = at.filter(|parent| *parent != self.thread.post) else {
                return own.is_none();
            };
            if own == Some(parent) {
                return true;
            }
            if self.branches.contains(parent) {
                return false;
            }
            let Some(next) = self.above.get(parent) else {
                // What it answers is not shown either: where nothing is read by
                // itself it can stand nowhere else.
                return own.is_none() && self.branches.is_empty();
            };
            at = Some(*next);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::connector::Connectors;
    use crate::model::position::Position;
    use crate::model::post::{Network, PostKey, StoredPost};
    use crate::model::source::{Cursor, SourceId};
    use crate::model::time::Timestamp;

    fn member(id: u64, parent: &str, missed: u32) -> ThreadMember {
        let key = PostKey { network: Network("vk".to_owned()), native_id: id.to_string() };
        let mut post = Post::of_text(key, "и у нас".to_owned(), Timestamp::UNIX_EPOCH);
        post.parent_id = Some(parent.to_owned());
        let position = Position(id);
        let post = StoredPost { position, first_seen_at: Timestamp::UNIX_EPOCH, post };
        ThreadMember { post, is_deleted: false, missed }
    }

    fn told(id: u64, parent: &str) -> Told {
        Told {
            native_id: id.to_string(),
            parent_id: Some(parent.to_owned()),
            thread_id: Some("1".to_owned()),
            published_at: Timestamp::UNIX_EPOCH,
            comments: None,
            deleted: false,
        }
    }

    fn thread(branch: Option<&str>) -> ThreadKey {
        let branch = branch.map(str::to_owned);
        ThreadKey { network: Network("vk".to_owned()), post: "1".to_owned(), branch }
    }

    fn times(judged: &Judged) -> Vec<(u64, u32)> {
        judged.missed.iter().map(|one| (one.post.0, one.times)).collect()
    }

    #[test]
    fn a_comment_that_two_reads_do_not_show_is_gone() {
        let told = [told(5, "1")];
        let check = |member: ThreadMember, expected: &[(u64, u32)], is_gone: bool| {
            let judged = judged(&thread(None), &[member], &told, &BTreeSet::new());
            assert_eq!((times(&judged).as_slice(), judged.gone.len()), (expected, is_gone.into()));
        };
        check(member(5, "1", 0), &[], false);
        check(member(5, "1", 1), &[(5, 0)], false);
        check(member(6, "1", 0), &[(6, 1)], false);
        check(member(6, "1", 1), &[(6, 2)], true);
        check(ThreadMember { is_deleted: true, ..member(6, "1", 2) }, &[], false);
        // A reply, and one whose own answer is hidden with it.
        check(member(6, "5", 1), &[(6, 2)], true);
        check(member(6, "7", 1), &[(6, 2)], true);
    }

    #[test]
    fn each_is_looked_for_where_it_would_stand() {
        let told = [told(5, "1"), told(6, "5"), told(8, "1")];
        let branches = BTreeSet::from(["5"]);
        let check = |branch: Option<&str>, parent: &str, is_here: bool| {
            let judged = judged(&thread(branch), &[member(9, parent, 0)], &told, &branches);
            assert_eq!(times(&judged).len(), usize::from(is_here), "{branch:?} {parent}");
        };
        check(None, "1", true);
        check(None, "8", true);
        check(None, "5", false);
        check(None, "6", false);
        check(None, "77", false);
        check(Some("5"), "5", true);
        check(Some("5"), "6", true);
        check(Some("5"), "1", false);
        check(Some("5"), "8", false);
    }

    #[test]
    fn a_page_that_may_be_cut_proves_nothing() {
        let connectors = Connectors::shipped().unwrap();
        let kind = |network: &str, name: &str| {
            let network = Network(network.to_owned());
            connectors.get(&network).unwrap().file.poll[name].clone()
        };
        let shown = [told(5, "1"), told(6, "5")];
        let check = |kind: &PollKind, count: Option<u64>, expected: bool| {
            let state = ThreadState {
                key: thread(None),
                source: SourceId("s".to_owned()),
                kind: String::new(),
                cursor: Cursor::default(),
                opened_at: Timestamp::UNIX_EPOCH,
                next_read_at: Timestamp::UNIX_EPOCH,
                last_read_at: None,
                last_comment_at: None,
                told: count,
                told_read: None,
                brought: 0,
                failures_in_row: 0,
                last_error: None,
                reads: 1,
                comments: 0,
            };
            assert_eq!(is_cut(kind, &state, &shown), expected, "{count:?}");
        };
        let on_one_page = kind("mastodon", "comments");
        check(&on_one_page, Some(1), false);
        check(&on_one_page, Some(2), true);
        check(&on_one_page, None, false);
        check(&kind("vk", "comments"), Some(90), false);
    }
}
