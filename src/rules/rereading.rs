//! When a thread is read again, when it is left, and whose turn it is. A
//! thread's wait grows with the time since its last comment; a network that
//! tells how many comments there are saves most reads. Pure.

use std::collections::BTreeMap;

use crate::model::source::SourceId;
use crate::model::thread::Rereading;
use crate::model::thread::ThreadKey;
use crate::model::thread::ThreadState;
use crate::model::time::Timestamp;
use crate::model::time::later;

/// Failures after which the wait grows no more.
const DOUBLINGS_MAX: u32 = 8;

/// What becomes of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    ReadAt(Timestamp),
    /// Nobody writes there any more.
    End,
}

/// Whether an open incident has a post of the thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incident {
    Open,
    None,
}

/// When a thread is read for the first time; never, if its post is too old.
pub fn first_read(
    opened_at: Timestamp,
    told: Option<u64>,
    numbers: &Rereading,
    now: Timestamp,
) -> Option<Timestamp> {
    let is_old = numbers.ends_after_secs <= secs_since(opened_at, now);
    match told {
        _ if is_old => None,
        Some(0) => Some(later(now, numbers.longest_secs)),
        Some(_) | None => Some(now),
    }
}

/// What follows a read that went well, with the thread as it stands after it.
pub fn after_read(
    thread: &ThreadState,
    incident: Incident,
    numbers: &Rereading,
    now: Timestamp,
) -> Next {
    // A branch lives as long as its thread, whose reads tell of it.
    if thread.key.branch.is_some() {
        return Next::ReadAt(later(now, numbers.longest_secs));
    }
    if is_over(thread, incident, numbers, now) {
        return Next::End;
    }
    Next::ReadAt(later(now, wait_secs(thread, incident, numbers, now)))
}

/// What follows a read that failed: longer and longer waits.
pub fn after_failure(
    thread: &ThreadState,
    incident: Incident,
    numbers: &Rereading,
    now: Timestamp,
) -> Next {
    if thread.key.branch.is_none() && is_over(thread, incident, numbers, now) {
        return Next::End;
    }
    let doublings = thread.failures_in_row.clamp(1, DOUBLINGS_MAX);
    let wait = numbers.shortest_secs.saturating_mul(1 << doublings);
    Next::ReadAt(later(now, wait.min(numbers.longest_secs)))
}

/// The network told how many comments there are: more than were read bring
/// the next read near, no more are as good as a read. Counts are known to be
/// wrong, so a thread is really read at least every `longest_secs`.
pub fn after_told(
    thread: &ThreadState,
    told: u64,
    incident: Incident,
    numbers: &Rereading,
    now: Timestamp,
) -> Timestamp {
    let Some(last_read) = thread.last_read_at else {
        return if told == 0 { thread.next_read_at } else { thread.next_read_at.min(now) };
    };
    // Fewer than before means that some were deleted: that is news as well.
    if thread.told_read != Some(told) {
        return thread.next_read_at.min(later(last_read, numbers.shortest_secs)).max(now);
    }
    let in_peace = later(now, wait_secs(thread, incident, numbers, now));
    let at_most = later(last_read, numbers.longest_secs);
    thread.next_read_at.max(in_peace.min(at_most))
}

fn is_over(thread: &ThreadState, incident: Incident, numbers: &Rereading, now: Timestamp) -> bool {
    incident == Incident::None && numbers.ends_after_secs <= quiet_secs(thread, now)
}

fn wait_secs(thread: &ThreadState, incident: Incident, numbers: &Rereading, now: Timestamp) -> i64 {
    let share = quiet_secs(thread, now).saturating_mul(numbers.quiet_percent) / 100;
    let is_busy = numbers.busy_comments <= thread.brought;
    let wait = if is_busy { share / 2 } else { share };
    let most = match incident {
        Incident::Open => numbers.incident_secs.min(numbers.longest_secs),
        Incident::None => numbers.longest_secs,
    };
    // Not `clamp`: an operator may write the two the other way round.
    wait.max(numbers.shortest_secs).min(most)
}

fn quiet_secs(thread: &ThreadState, now: Timestamp) -> i64 {
    let last = thread.last_comment_at.unwrap_or(thread.opened_at).max(thread.opened_at);
    secs_since(last, now)
}

fn secs_since(at: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(at).as_secs().max(0)
}

/// Which of the due threads are read now: every source in turn, those first
/// that have the fewest reads under way, so that a huge source delays nobody.
/// `due` is in the order of urgency within each source.
pub fn fair(
    due: &[(SourceId, ThreadKey)],
    under_way: &BTreeMap<SourceId, usize>,
    room: usize,
) -> Vec<ThreadKey> {
    let mut turns: BTreeMap<&SourceId, usize> = BTreeMap::new();
    let mut ranked: Vec<(usize, usize)> = due
        .iter()
        .enumerate()
        .map(|(index, (source, _))| {
            let turn =
                turns.entry(source).or_insert_with(|| under_way.get(source).copied().unwrap_or(0));
            *turn += 1;
            (*turn, index)
        })
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().take(room).map(|(_, index)| due[index].1.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::post::Network;
    use crate::model::source::Cursor;

    const NUMBERS: Rereading = Rereading {
        shortest_secs: 300,
        longest_secs: 21_600,
        quiet_percent: 10,
        busy_comments: 10,
        incident_secs: 1_800,
        ends_after_secs: 259_200,
        share_percent: 50,
    };
    const HOUR: i64 = 3_600;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + secs).unwrap()
    }

    fn key(post: &str) -> ThreadKey {
        ThreadKey { network: Network("vk".to_owned()), post: post.to_owned(), branch: None }
    }

    /// Opened at zero; the last comment at `comment`, `brought` in the last read.
    fn thread(comment: Option<i64>, brought: u64) -> ThreadState {
        ThreadState {
            key: key("-1_2"),
            source: SourceId("s".to_owned()),
            kind: "comments".to_owned(),
            cursor: Cursor::default(),
            opened_at: at(0),
            next_read_at: at(0),
            last_read_at: None,
            last_comment_at: comment.map(at),
            told: None,
            told_read: None,
            brought,
            failures_in_row: 0,
            last_error: None,
            reads: 0,
            comments: 0,
        }
    }

    fn wait(thread: &ThreadState, incident: Incident, now: i64) -> Option<i64> {
        match after_read(thread, incident, &NUMBERS, at(now)) {
            Next::ReadAt(next) => Some(next.duration_since(at(now)).as_secs()),
            Next::End => None,
        }
    }

    #[test]
    fn waits_grow_with_the_quiet_and_end() {
        fn check(comment: Option<i64>, brought: u64, now: i64, expected: Option<i64>) {
            assert_eq!(wait(&thread(comment, brought), Incident::None, now), expected, "{now}");
        }
        check(None, 0, 60, Some(300));
        check(None, 0, 2 * HOUR, Some(720));
        check(None, 0, 48 * HOUR, Some(17_280));
        check(None, 0, 70 * HOUR, Some(21_600));
        check(None, 0, 72 * HOUR, None);
        check(Some(71 * HOUR), 1, 72 * HOUR, Some(360));
        check(Some(70 * HOUR), 20, 72 * HOUR, Some(360));
        check(Some(0), 30, 2 * HOUR, Some(360));
        // A clock that runs ahead of ours.
        check(Some(90 * HOUR), 1, 72 * HOUR, Some(300));
    }

    #[test]
    fn threads_of_open_incidents_go_on() {
        assert_eq!(wait(&thread(None, 0), Incident::Open, 48 * HOUR), Some(1_800));
        assert_eq!(wait(&thread(None, 0), Incident::Open, 5_000 * HOUR), Some(1_800));
        assert_eq!(wait(&thread(None, 0), Incident::Open, 60), Some(300));
    }

    #[test]
    fn old_posts_open_no_thread() {
        assert_eq!(first_read(at(0), None, &NUMBERS, at(HOUR)), Some(at(HOUR)));
        assert_eq!(first_read(at(0), Some(3), &NUMBERS, at(HOUR)), Some(at(HOUR)));
        assert_eq!(first_read(at(0), Some(0), &NUMBERS, at(HOUR)), Some(at(7 * HOUR)));
        assert_eq!(first_read(at(0), Some(9), &NUMBERS, at(72 * HOUR)), None);
    }

    #[test]
    fn failures_wait_longer_and_longer() {
        let mut one = thread(None, 0);
        let waits = [1, 2, 3, 40].map(|failures| {
            one.failures_in_row = failures;
            match after_failure(&one, Incident::None, &NUMBERS, at(60)) {
                Next::ReadAt(next) => next.duration_since(at(60)).as_secs(),
                Next::End => 0,
            }
        });
        assert_eq!(waits, [600, 1_200, 2_400, 21_600]);
    }

    #[test]
    fn what_the_network_tells_moves_the_next_read() {
        fn check(read_at: Option<i64>, next: i64, told_read: u64, told: u64, expected: i64) {
            let mut one = thread(None, 0);
            one.last_read_at = read_at.map(at);
            one.next_read_at = at(next);
            one.told_read = Some(told_read);
            let found = after_told(&one, told, Incident::None, &NUMBERS, at(HOUR));
            assert_eq!(found, at(expected), "{read_at:?} {next} {told_read} {told}");
        }
        // Never read: as soon as there is something.
        check(None, 6 * HOUR, 0, 0, 6 * HOUR);
        check(None, 6 * HOUR, 0, 2, HOUR);
        // More or fewer than were read: soon, but not twice in five minutes.
        check(Some(0), 6 * HOUR, 3, 4, HOUR);
        check(Some(HOUR - 60), 6 * HOUR, 3, 4, HOUR + 240);
        check(Some(0), 6 * HOUR, 3, 2, HOUR);
        // As many: put off, but never beyond the longest wait.
        check(Some(0), HOUR, 3, 3, HOUR + 360);
        check(Some(-6 * HOUR), HOUR, 3, 3, HOUR);
        check(Some(0), 2 * HOUR, 3, 3, 2 * HOUR);
    }

    #[test]
    fn a_huge_source_starves_nobody() {
        let due: Vec<(SourceId, ThreadKey)> = ["big", "big", "big", "big", "small", "other"]
            .iter()
            .enumerate()
            .map(|(index, source)| (SourceId((*source).to_owned()), key(&index.to_string())))
            .collect();
        let names = |under_way: &[(&str, usize)], room| {
            let under_way =
                under_way.iter().map(|(id, count)| (SourceId((*id).to_owned()), *count)).collect();
            let chosen = fair(&due, &under_way, room);
            chosen.into_iter().map(|key| key.post).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(&[], 3), "0 4 5");
        assert_eq!(names(&[], 9), "0 4 5 1 2 3");
        assert_eq!(names(&[("big", 4)], 2), "4 5");
        assert_eq!(names(&[("small", 1)], 3), "0 5 1");
        assert_eq!(names(&[], 0), "");
    }
}
