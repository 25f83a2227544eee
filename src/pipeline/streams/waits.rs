//! How long a stream waits before it connects again: longer with every failure
//! in a row, and not all streams at the same moment. The dispersion follows
//! from the source and the attempt, so that it can be repeated.

use jiff::SignedDuration;

use crate::model::time::Timestamp;

const FIRST_MS: u64 = 1_000;
const LONGEST_MS: u64 = 300_000;
/// Of the wait, how much may be taken off or added.
const SPREAD_PERCENT: u64 = 20;

/// When to connect after so many failures in a row, and not before it is
/// asked for.
pub fn again_at(
    source: &str,
    failures: u32,
    asked: Option<Timestamp>,
    now: Timestamp,
) -> Timestamp {
    let wait = SignedDuration::from_millis(wait_ms(source, failures) as i64);
    let at = now.checked_add(wait).unwrap_or(now);
    asked.map_or(at, |asked| at.max(asked))
}

fn wait_ms(source: &str, failures: u32) -> u64 {
    let doublings = failures.saturating_sub(1).min(16);
    let whole = (FIRST_MS << doublings).min(LONGEST_MS);
    let spread = whole * SPREAD_PERCENT / 100;
    whole - spread + mixed(source, failures) % (2 * spread + 1)
}

/// FNV-1a, stirred once more so that neighbouring attempts differ.
fn mixed(source: &str, failures: u32) -> u64 {
    let bytes = source.bytes().chain(failures.to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash ^ (hash >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_differ() {
        let waits: Vec<u64> = (1..=12).map(|failures| wait_ms("vk:streaming", failures)).collect();
        for (index, wait) in waits.iter().enumerate() {
            let whole = (1_000u64 << index).min(LONGEST_MS);
            assert!((whole * 8 / 10..=whole * 12 / 10).contains(wait), "{waits:?}");
        }
        let firsts: std::collections::BTreeSet<u64> =
            (0..50).map(|number| wait_ms(&format!("source {number}"), 5)).collect();
        assert!(40 < firsts.len(), "{firsts:?}");
        assert_eq!(wait_ms("vk:streaming", 3), wait_ms("vk:streaming", 3));
    }

    #[test]
    fn nobody_comes_before_the_network_allows_it() {
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let asked: Timestamp = "2026-11-20T11:00:00Z".parse().unwrap();
        assert_eq!(again_at("s", 1, Some(asked), now), asked);
        assert!(again_at("s", 1, Some(now), now) > now);
    }
}
