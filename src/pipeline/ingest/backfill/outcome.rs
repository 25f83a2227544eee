//! What a turn at a gap comes to: what is stored of it, and whether the gap
//! goes on, is filled or is given up. Asks nobody.

use super::ways::Way;
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::poll::stretch::{Reached, StretchRead};
use crate::adapters::store::commands::{GapFate, GapRead, Ingest, ThreadNews};
use crate::model::gap::{Filling, Lack, OpenGap};
use crate::model::time::Timestamp;
use crate::rules::backfill::{Next, Turn, after};

/// A gap for which nobody is asked.
pub(super) fn lost(gap: &OpenGap, lack: Lack, now: Timestamp) -> GapRead {
    GapRead {
        id: gap.id,
        source: gap.gap.source.clone(),
        ingest: nothing(now),
        news: Vec::new(),
        before: gap.filling.clone(),
        after: gap.filling.clone(),
        open_to: None,
        error: None,
        fate: GapFate::Lost(lack),
    }
}

/// A turn that broke off: nothing of it is known but its error.
pub(super) fn in_vain(gap: &OpenGap, error: &PollError, now: Timestamp) -> GapRead {
    let tries = gap.filling.tries + 1;
    let fate = match after(Turn::InVain, tries, now) {
        Next::AtOnce | Next::Filled => GapFate::GoesOn { next_try_at: now },
        Next::At(next_try_at) => GapFate::GoesOn { next_try_at },
        Next::Lost(lack) => GapFate::Lost(lack),
    };
    GapRead {
        after: Filling { tries, ..gap.filling.clone() },
        error: Some(error.to_string()),
        fate,
        ..lost(gap, Lack::Unreadable, now)
    }
}

/// What is stored of a turn that read a gap in one of its ways, of which so
/// much was read before; nothing where the network wants everything to wait
/// and has shown nothing.
pub(super) fn gap_read(
    gap: &OpenGap,
    begun: &Filling,
    (ways, way): (&[Way], usize),
    read: StretchRead,
    news: Vec<ThreadNews>,
    now: Timestamp,
) -> Option<GapRead> {
    let is_further = read.read_to < begun.read_to.unwrap_or(gap.gap.to);
    let tries = if is_further { 0 } else { begun.tries + 1 };
    let (tries, next) = match &read.reached {
        Reached::Whole => (tries, after(Turn::Whole, tries, now)),
        Reached::Part | Reached::End(_) if is_further => (tries, after(Turn::Further, tries, now)),
        Reached::Part => (tries, after(Turn::InVain, tries, now)),
        Reached::End(lack) => (tries, after(Turn::End(*lack), tries, now)),
        Reached::Lacking(lack) => (tries, after(Turn::Lacking(*lack), tries, now)),
        Reached::Interrupted(error) if is_to_wait(error.class) => {
            if read.posts.is_empty() && read.rejected.is_empty() {
                return None;
            }
            (if is_further { 0 } else { begun.tries }, Next::At(error.retry_at.unwrap_or(now)))
        }
        Reached::Interrupted(_) => (tries.max(1), after(Turn::InVain, tries.max(1), now)),
    };
    let is_begun = is_further || !read.place.is_empty() || !begun.way.is_empty();
    let name = if is_begun { ways[way].name() } else { String::new() };
    let going_on = Filling {
        way: name,
        read_to: Some(read.read_to),
        place: read.place,
        tries,
        lack: begun.lack,
    };
    let (after, fate) = match next {
        Next::AtOnce => (going_on, GapFate::GoesOn { next_try_at: now }),
        Next::At(next_try_at) => (going_on, GapFate::GoesOn { next_try_at }),
        Next::Filled => ended(going_on, ways.get(way + 1), None, now),
        Next::Lost(lack) => ended(going_on, ways.get(way + 1), Some(lack), now),
    };
    let error = match read.reached {
        Reached::Interrupted(error) => Some(error.to_string()),
        Reached::Whole | Reached::Part | Reached::End(_) | Reached::Lacking(_) => None,
    };
    let (posts, rejected) = (read.posts, read.rejected);
    Some(GapRead {
        id: gap.id,
        source: gap.gap.source.clone(),
        ingest: Ingest { posts, rejected, ..nothing(now) },
        news,
        before: gap.filling.clone(),
        after,
        // Where there are several ways, what one has read says little.
        open_to: (ways.len() == 1).then_some(read.read_to),
        error,
        fate,
    })
}

/// A gap that is read to its end, of which a part is shown by nobody.
pub(super) fn without(read: GapRead, lack: Option<Lack>) -> GapRead {
    match (read.fate, lack) {
        (GapFate::Filled, Some(lack)) => GapRead { fate: GapFate::Lost(lack), ..read },
        (GapFate::Filled | GapFate::GoesOn { .. } | GapFate::Lost(_), _) => read,
    }
}

/// Whether it is not this gap's fault: everything of the host waits.
pub(super) fn is_to_wait(class: ErrorClass) -> bool {
    match class {
        ErrorClass::RateLimited
        | ErrorClass::Quota
        | ErrorClass::Captcha
        | ErrorClass::Unauthorised => true,
        ErrorClass::Forbidden
        | ErrorClass::Gone
        | ErrorClass::Config
        | ErrorClass::Unavailable
        | ErrorClass::Malformed => false,
    }
}

/// A way is at its end: the next one, or the end of the gap.
fn ended(
    filling: Filling,
    next: Option<&Way>,
    lack: Option<Lack>,
    now: Timestamp,
) -> (Filling, GapFate) {
    let lack = filling.lack.or(lack);
    match (next, lack) {
        (Some(next), lack) => {
            let filling = Filling { way: next.name(), lack, ..Filling::default() };
            (filling, GapFate::GoesOn { next_try_at: now })
        }
        (None, None) => (filling, GapFate::Filled),
        (None, Some(lack)) => (filling, GapFate::Lost(lack)),
    }
}

fn nothing(now: Timestamp) -> Ingest {
    Ingest { seen_at: now, posts: Vec::new(), rejected: Vec::new(), gap: None, poll: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::source::{Gap, SourceId};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn gap(tries: u32) -> OpenGap {
        OpenGap {
            id: 1,
            gap: Gap {
                source: SourceId("s".to_owned()),
                from: Some(at("2026-11-20T08:00:00Z")),
                to: at("2026-11-20T09:00:00Z"),
                reason: String::new(),
            },
            filling: Filling { tries, ..Filling::default() },
        }
    }

    fn turn(gap: &OpenGap, ways: usize, reached: Reached, read_to: &str) -> Option<GapRead> {
        let way = |n: usize| Way { kind: "wall".to_owned(), target: n.to_string() };
        let ways: Vec<Way> = (0..ways).map(way).collect();
        let read = StretchRead {
            posts: Vec::new(),
            rejected: Vec::new(),
            told: Vec::new(),
            reached,
            read_to: at(read_to),
            place: String::new(),
        };
        let under_way = ways.iter().position(|way| way.name() == gap.filling.way).unwrap_or(0);
        gap_read(
            gap,
            &gap.filling,
            (&ways, under_way),
            read,
            Vec::new(),
            at("2026-11-20T10:00:00Z"),
        )
    }

    const NINE: &str = "2026-11-20T09:00:00Z";
    const HALF_PAST: &str = "2026-11-20T08:30:00Z";

    #[test]
    fn what_was_read_shrinks_the_gap() {
        let read = turn(&gap(3), 1, Reached::Part, HALF_PAST).unwrap();
        assert_eq!((read.open_to, read.after.tries), (Some(at(HALF_PAST)), 0));
        assert_eq!(read.after.way, "wall 0");
        let read = turn(&gap(3), 1, Reached::Part, NINE).unwrap();
        assert_eq!((read.after.tries, read.after.way.as_str()), (4, ""));
        // An end that comes after something was read is looked at once more.
        let read = turn(&gap(3), 1, Reached::End(Some(Lack::End)), HALF_PAST).unwrap();
        assert!(matches!(read.fate, GapFate::GoesOn { .. }));
    }

    #[test]
    fn who_wants_us_to_wait_is_no_try() {
        let error = |class| Reached::Interrupted(PollError::new(class, "no"));
        assert!(turn(&gap(3), 1, error(ErrorClass::RateLimited), NINE).is_none());
        let read = turn(&gap(3), 1, error(ErrorClass::Unavailable), NINE).unwrap();
        assert_eq!((read.after.tries, read.error.as_deref()), (4, Some("unavailable: no")));
        let read = turn(&gap(9), 1, error(ErrorClass::Malformed), NINE).unwrap();
        assert_eq!(read.fate, GapFate::Lost(Lack::Unreadable));
    }

    #[test]
    fn a_turn_that_breaks_off_is_a_try_in_vain() {
        let error = PollError::new(ErrorClass::Malformed, "broke off");
        let now = at("2026-11-20T10:00:00Z");
        let read = in_vain(&gap(0), &error, now);
        assert_eq!((read.after.tries, read.error.as_deref()), (1, Some("malformed: broke off")));
        assert!(matches!(read.fate, GapFate::GoesOn { next_try_at } if now < next_try_at));
        assert_eq!(in_vain(&gap(9), &error, now).fate, GapFate::Lost(Lack::Unreadable));
    }

    #[test]
    fn a_gap_is_filled_when_all_ways_are_read() {
        let first = turn(&gap(0), 2, Reached::Lacking(Lack::Memory), HALF_PAST).unwrap();
        assert_eq!((first.open_to, first.after.way.as_str()), (None, "wall 1"));
        assert_eq!((first.after.read_to, first.after.lack), (None, Some(Lack::Memory)));
        let going_on = OpenGap { filling: first.after, ..gap(0) };
        let second = turn(&going_on, 2, Reached::Whole, HALF_PAST).unwrap();
        assert_eq!(second.fate, GapFate::Lost(Lack::Memory));
        let only = turn(&gap(0), 1, Reached::Whole, HALF_PAST).unwrap();
        assert_eq!(only.fate, GapFate::Filled);
        assert_eq!(without(only, Some(Lack::ToldOnce)).fate, GapFate::Lost(Lack::ToldOnce));
        let part = turn(&gap(3), 1, Reached::Part, HALF_PAST).unwrap();
        assert!(matches!(without(part, Some(Lack::ToldOnce)).fate, GapFate::GoesOn { .. }));
    }
}
