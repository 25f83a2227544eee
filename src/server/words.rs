//! Texts, numbers and times for one reader: in their language, in the
//! region's zone. A thin cover over `rules::wording`; holds no texts itself.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::model::clock::Term;
use crate::model::region::Name;
use crate::model::time::{Timestamp, zone};
use crate::rules::wording::{Arg, Lang, Wording};
use crate::server::search::WrongQuery;

/// A number of things. Templates hand numbers over by reference, hence the trait.
pub trait Count {
    fn count(&self) -> u64;
}

macro_rules! counts {
    ($($number:ty)*) => {
        $(impl Count for $number {
            fn count(&self) -> u64 {
                *self as u64
            }
        })*
    };
}

counts!(u16 u32 u64 usize);

impl<T: Count + ?Sized> Count for &T {
    fn count(&self) -> u64 {
        (**self).count()
    }
}

#[derive(Clone)]
pub struct Words {
    wording: Arc<Wording>,
    lang: Lang,
    zone: TimeZone,
}

impl Words {
    pub fn new(wording: Arc<Wording>, lang: Lang, zone_name: &str) -> Words {
        Words { wording, lang, zone: zone(zone_name).unwrap_or(TimeZone::UTC) }
    }

    /// `ru` or `en`.
    pub fn code(&self) -> &'static str {
        self.lang.as_str()
    }

    /// The language to offer instead.
    pub fn other_code(&self) -> &'static str {
        match self.lang {
            Lang::Ru => Lang::En.as_str(),
            Lang::En => Lang::Ru.as_str(),
        }
    }

    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// A plain text.
    pub fn t(&self, key: &str) -> String {
        self.wording.text(self.lang, key, &[])
    }

    /// A text that counts: `$count`.
    pub fn n(&self, key: &str, count: impl Count) -> String {
        self.wording.text(self.lang, key, &[("count", Arg::from(count.count()))])
    }

    /// A text about one thing: `$what`.
    pub fn s(&self, key: &str, what: &str) -> String {
        self.wording.text(self.lang, key, &[("what", Arg::from(what))])
    }

    pub fn with(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.wording.text(self.lang, key, args)
    }

    /// `area-code`, as for states, scales and outcomes; codes write `_`, keys
    /// `-`. A code without a text (made by rules or data) stands for itself.
    pub fn of(&self, area: &str, code: &str) -> String {
        let key = format!("{area}-{}", code.replace('_', "-"));
        if self.wording.has(&key) { self.t(&key) } else { code.to_owned() }
    }

    /// What is wrong with a question to the search.
    pub fn wrong_query(&self, wrong: &WrongQuery) -> String {
        let names = [("field", Arg::from(&wrong.field)), ("value", Arg::from(&wrong.value))];
        self.with(wrong.key, &names)
    }

    pub fn name(&self, name: &Name) -> String {
        match self.lang {
            Lang::Ru => name.ru.clone(),
            Lang::En => name.en.clone(),
        }
    }

    /// «2 ч 10 мин».
    pub fn duration(&self, secs: i64) -> String {
        self.wording.duration(self.lang, secs)
    }

    /// «осталось 2 ч 10 мин» or «просрочен на 3 ч».
    pub fn until(&self, due: Timestamp, now: Timestamp) -> String {
        self.wording.until(self.lang, due, now)
    }

    /// «осталось 2 ч 10 мин, до 16:40»; the day where it is not today.
    pub fn term(&self, due: Timestamp, now: Timestamp) -> String {
        let span = self.until(due, now);
        let until = self.short(due, now);
        let key = if due < now { "term-was-until" } else { "term-until" };
        self.with(key, &[("span", Arg::from(&span)), ("until", Arg::from(&until))])
    }

    /// «16:40» today, else «22 ноября, 16:40».
    pub fn short(&self, instant: Timestamp, now: Timestamp) -> String {
        let local = self.zone.to_datetime(instant);
        if local.date() == self.zone.to_datetime(now).date() {
            return local.strftime("%H:%M").to_string();
        }
        self.moment(instant, now)
    }

    pub fn moment(&self, instant: Timestamp, now: Timestamp) -> String {
        self.wording.moment(self.lang, instant, &self.zone, now)
    }

    pub fn ago(&self, instant: Timestamp, now: Timestamp) -> String {
        self.wording.ago(self.lang, instant, now)
    }

    /// «+1,5» or «−0,7».
    pub fn signed(&self, value: f64) -> String {
        let text = format!("{value:+.1}").replace('-', "−");
        match self.lang {
            Lang::Ru => text.replace('.', ","),
            Lang::En => text,
        }
    }

    /// A term in words: «24 ч», «9 рабочих часов», «7 рабочих дней».
    pub fn length(&self, term: Term) -> String {
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        match term {
            Term::ElapsedSecs(secs) if secs % 3600 == 0 => {
                self.n("length-hours", count(secs / 3600))
            }
            Term::ElapsedSecs(secs) => self.duration(secs),
            Term::WorkingMinutes(minutes) if minutes % 60 == 0 => {
                self.n("length-working-hours", count(minutes / 60))
            }
            Term::WorkingMinutes(minutes) => self.n("length-working-minutes", count(minutes)),
            Term::WorkingDays(days) => self.n("length-working-days", count(days)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::decisions::{DROP_REASONS, Verb};
    use crate::server::failure::Failure;
    use crate::server::listing::View;

    /// Goal: every code that pages make a key of has its words.
    #[test]
    fn no_code_of_a_page_stands_for_itself() {
        let wording = Wording::new();
        let check = |area: &str, code: &str| {
            let key = format!("{area}-{}", code.replace('_', "-"));
            assert!(wording.has(&key), "{key}");
        };
        Verb::ALL.iter().for_each(|verb| check("done", verb.as_str()));
        View::ALL.iter().for_each(|view| check("view", view.as_str()));
        DROP_REASONS.iter().for_each(|reason| check("drop", reason));
        let failures = [
            Failure::LoginNeeded,
            Failure::NotFound,
            Failure::Forbidden,
            Failure::Forged,
            Failure::TooLarge,
            Failure::Pending,
            Failure::Busy,
            Failure::Broken,
        ];
        failures.iter().for_each(|failure| check("failure", failure.code()));
    }
}
