//! A clock that goes when the test says so.

use std::sync::Mutex;

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

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}
