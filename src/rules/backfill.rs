//! How gaps are filled in spare time: what is left of a day for it, how long a
//! turn in vain makes a gap wait, when nobody tries any more. Pure.

use jiff::SignedDuration;

use crate::model::gap::Lack;
use crate::model::time::Timestamp;

/// Turns in a row that brought a gap no further, after which it is given up.
const TRIES_MAX: u32 = 10;
/// Pages that end too early once may be a slip; so often they are the end.
const ENDS_MAX: u32 = 3;
const FIRST_WAIT_SECS: i64 = 60;
const LONGEST_WAIT_SECS: i64 = 6 * 3_600;

/// What a turn came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Something was read; there is more.
    Further,
    /// All that there is was read.
    Whole,
    /// Nothing new was read.
    InVain,
    /// The pages ended before the gap's beginning, and what that means.
    End(Option<Lack>),
    /// The network shows no more.
    Lacking(Lack),
}

/// What follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    AtOnce,
    /// Longer with every turn in vain.
    At(Timestamp),
    Filled,
    Lost(Lack),
}

/// `tries` in vain, this turn among them.
pub fn after(turn: Turn, tries: u32, now: Timestamp) -> Next {
    let wait = FIRST_WAIT_SECS.saturating_mul(1 << tries.clamp(1, TRIES_MAX));
    let wait = SignedDuration::from_secs(wait.min(LONGEST_WAIT_SECS));
    let later = Next::At(now.checked_add(wait).unwrap_or(now));
    match turn {
        Turn::Whole => Next::Filled,
        Turn::Further => Next::AtOnce,
        Turn::InVain if TRIES_MAX <= tries => Next::Lost(Lack::Unreadable),
        Turn::InVain => later,
        Turn::End(_) if tries < ENDS_MAX => later,
        Turn::End(None) => Next::Filled,
        Turn::End(Some(lack)) | Turn::Lacking(lack) => Next::Lost(lack),
    }
}

/// How many of a day's requests are left for gaps: polls keep what they have by
/// the hour, and of the hours to come gaps take their share and no more.
pub fn spare(used: u32, most: u32, day_gone: f64, share_percent: u32) -> u32 {
    let share = f64::from(share_percent) / 100.0;
    let day_gone = day_gone.clamp(0.0, 1.0);
    let allowed = f64::from(most) * (day_gone + share * (1.0 - day_gone));
    (allowed as u32).saturating_sub(used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_in_vain_make_a_gap_wait_and_then_end_it() {
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let secs = |turn, tries| match after(turn, tries, now) {
            Next::At(at) => at.duration_since(now).as_secs(),
            other => panic!("{other:?}"),
        };
        let waits = [1, 2, 3, 8, 9].map(|tries| secs(Turn::InVain, tries));
        assert_eq!(waits, [120, 240, 480, 15_360, 21_600]);
        assert_eq!(after(Turn::InVain, 10, now), Next::Lost(Lack::Unreadable));
        assert_eq!(secs(Turn::End(Some(Lack::End)), 2), 240);
        assert_eq!(after(Turn::End(Some(Lack::End)), 3, now), Next::Lost(Lack::End));
        assert_eq!(after(Turn::End(None), 3, now), Next::Filled);
        assert_eq!(after(Turn::Lacking(Lack::Memory), 1, now), Next::Lost(Lack::Memory));
        assert_eq!(after(Turn::Further, 0, now), Next::AtOnce);
        assert_eq!(after(Turn::Whole, 9, now), Next::Filled);
    }

    #[test]
    fn gaps_leave_the_polls_what_the_day_still_needs() {
        // At midnight a quarter may go to gaps, at noon what half a day left
        // over and a quarter of the other half, in the evening all.
        assert_eq!(spare(0, 1_000, 0.0, 25), 250);
        assert_eq!(spare(260, 1_000, 0.0, 25), 0);
        assert_eq!(spare(500, 1_000, 0.5, 25), 125);
        assert_eq!(spare(999, 1_000, 1.0, 25), 1);
        assert_eq!(spare(1_000, 1_000, 1.0, 25), 0);
        assert_eq!(spare(0, 0, 0.5, 25), 0);
    }
}
