//! A clock that goes when the test says so.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use otklik::adapters::clock::SystemClock;
use otklik::model::time::{Clock, Timestamp};

pub struct SetClock(Mutex<Timestamp>);

impl SetClock {
    pub fn at(text: &str) -> SetClock {
        SetClock(Mutex::new(text.parse().unwrap()))
    }

    pub fn set(&self, to: Timestamp) {
        *self.0.lock().unwrap() = to;
    }

    pub fn advance_secs(&self, secs: i64) {
        let mut now = self.0.lock().unwrap();
        *now += jiff::SignedDuration::from_secs(secs);
    }
}

/// The real time, and as much more as the test says.
#[derive(Default)]
pub struct ShiftedClock(AtomicI64);

impl ShiftedClock {
    pub fn shift_secs(&self, secs: i64) {
        self.0.fetch_add(secs, Ordering::SeqCst);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + jiff::SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}
