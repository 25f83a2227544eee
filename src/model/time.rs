//! Instants and where they come from. An instant is UTC; a named zone appears
//! only where a time is printed or working hours are counted.

pub use jiff::Timestamp;

/// Tells the time. The only implementation that asks the operating system is
/// `adapters::clock::SystemClock`; tests bring their own.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
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
