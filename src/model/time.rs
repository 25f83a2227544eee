//! Instants and where they come from. An instant is UTC; a named zone appears
//! only where a time is printed or working hours are counted.

use jiff::SignedDuration;
use jiff::tz::{TimeZone, TimeZoneDatabase};

pub use jiff::Timestamp;

/// Tells the time. The only implementation that asks the operating system is
/// `adapters::clock::SystemClock`; tests bring their own.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// So many seconds later; the same instant where the calendar ends.
pub fn later(at: Timestamp, secs: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(secs)).unwrap_or(at)
}

/// Milliseconds since the epoch, the form in which tables keep instants.
pub fn to_ms(instant: Timestamp) -> i64 {
    instant.as_millisecond()
}

/// The instant of a stored number of milliseconds. Numbers outside the range
/// of the calendar (a damaged row) become the epoch rather than a panic.
pub fn from_ms(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The zone of an IANA name, from the tables that the program carries: the
/// machine's own tables differ between machines, a deadline must not.
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}
