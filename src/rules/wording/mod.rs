//! The words that people read, in Russian and English, from `locales/*.ftl`.
//! Owns the mechanics: looking up, plurals, spans of time, dates in a zone.
//! Knows no page and no command; whoever shows something names a key.
//!
//! Keys are `area-thing`; both files have the same keys with the same
//! variables, which a test checks.

mod notices;
#[cfg(test)]
mod tests;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use jiff::tz::TimeZone;
use unic_langid::LanguageIdentifier;

use crate::model::time::Timestamp;

pub use self::notices::{NoticeFacts, NoticeText, ServiceFacts};

const RU: &str = include_str!("../../../locales/ru.ftl");
const EN: &str = include_str!("../../../locales/en.ftl");

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Lang {
    #[default]
    Ru,
    En,
}

impl Lang {
    pub const ALL: [Lang; 2] = [Lang::Ru, Lang::En];

    pub fn as_str(self) -> &'static str {
        match self {
            Lang::Ru => "ru",
            Lang::En => "en",
        }
    }

    /// `ru`, `en`, also with a region (`en-GB`); anything else is not known.
    pub fn parse(text: &str) -> Option<Lang> {
        let language = text.split(['-', '_']).next().unwrap_or("");
        Lang::ALL.into_iter().find(|lang| lang.as_str().eq_ignore_ascii_case(language))
    }
}

/// A value that a text is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arg<'a> {
    Text(&'a str),
    /// Chooses the plural form, and is printed as it is.
    Number(i64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Arg<'a> {
        Arg::Text(text)
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Arg<'a> {
        Arg::Text(text)
    }
}

impl From<i64> for Arg<'_> {
    fn from(number: i64) -> Self {
        Arg::Number(number)
    }
}

impl From<u32> for Arg<'_> {
    fn from(number: u32) -> Self {
        Arg::Number(i64::from(number))
    }
}

impl From<u64> for Arg<'_> {
    fn from(number: u64) -> Self {
        Arg::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// Both languages, ready to be asked from any thread.
pub struct Wording {
    ru: FluentBundle<FluentResource>,
    en: FluentBundle<FluentResource>,
}

impl Default for Wording {
    fn default() -> Self {
        Wording::new()
    }
}

impl Wording {
    pub fn new() -> Wording {
        Wording { ru: bundle(Lang::Ru, RU), en: bundle(Lang::En, EN) }
    }

    /// The text of a key. A key that does not exist is a mistake of ours: it
    /// ends a test, and stands for itself in front of people.
    pub fn text(&self, lang: Lang, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        let bundle = self.bundle(lang);
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            debug_assert!(false, "there is no text «{key}» in {}", lang.as_str());
            return key.to_owned();
        };
        let mut fluent_args = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            match value {
                Arg::Text(text) => fluent_args.set(*name, *text),
                Arg::Number(number) => fluent_args.set(*name, *number),
            }
        }
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&fluent_args), &mut errors).into_owned();
        debug_assert!(errors.is_empty(), "«{key}» in {}: {errors:?}", lang.as_str());
        text
    }

    /// Whether both languages have a key; for keys made from data.
    pub fn has(&self, key: &str) -> bool {
        Lang::ALL.into_iter().all(|lang| self.bundle(lang).has_message(key))
    }

    /// «2 ч 10 мин», «3 д 4 ч», «меньше минуты»: at most two units, cut off.
    pub fn duration(&self, lang: Lang, secs: i64) -> String {
        let minutes = secs.max(0) / 60;
        let (days, hours) = (minutes / (24 * 60), minutes / 60 % 24);
        let (large, small) = match (days, hours) {
            (0, 0) if minutes == 0 => return self.text(lang, "time-under-a-minute", &[]),
            (0, 0) => return self.unit(lang, "time-minutes", minutes),
            (0, _) => (("time-hours", hours), ("time-minutes", minutes % 60)),
            (_, _) => (("time-days", days), ("time-hours", hours)),
        };
        let large = self.unit(lang, large.0, large.1);
        if small.1 == 0 {
            return large;
        }
        format!("{large} {}", self.unit(lang, small.0, small.1))
    }

    fn unit(&self, lang: Lang, key: &str, count: i64) -> String {
        self.text(lang, key, &[("count", Arg::Number(count))])
    }

    /// «осталось 2 ч 10 мин» before the instant, «просрочен на 3 ч» after it.
    pub fn until(&self, lang: Lang, due: Timestamp, now: Timestamp) -> String {
        let left_secs = due.duration_since(now).as_secs();
        if due < now && left_secs.abs() < 60 {
            return self.text(lang, "time-just-overdue", &[]);
        }
        let span = self.duration(lang, left_secs.abs());
        let key = if due >= now { "time-left" } else { "time-overdue" };
        self.text(lang, key, &[("span", Arg::Text(&span))])
    }

    /// «5 мин назад».
    pub fn ago(&self, lang: Lang, instant: Timestamp, now: Timestamp) -> String {
        let span = self.duration(lang, now.duration_since(instant).as_secs());
        self.text(lang, "time-ago", &[("span", Arg::Text(&span))])
    }

    /// «21 ноября, 16:40» on the zone's clocks; with the year unless it is `now`'s.
    pub fn moment(
        &self,
        lang: Lang,
        instant: Timestamp,
        zone: &TimeZone,
        now: Timestamp,
    ) -> String {
        let local = zone.to_datetime(instant);
        let date = self.date(lang, local.date(), zone.to_datetime(now).year());
        let time = local.strftime("%H:%M").to_string();
        self.text(lang, "time-moment", &[("date", Arg::Text(&date)), ("time", Arg::Text(&time))])
    }

    /// «21 ноября», and the year where it is not this one.
    pub fn date(&self, lang: Lang, date: jiff::civil::Date, this_year: i16) -> String {
        let day = ("day", Arg::Number(i64::from(date.day())));
        let month = self.text(lang, &format!("month-{}", date.month()), &[]);
        let month = ("month", Arg::Text(&month));
        if date.year() == this_year {
            return self.text(lang, "time-date", &[day, month]);
        }
        let year = date.year().to_string();
        self.text(lang, "time-date-year", &[day, month, ("year", Arg::Text(&year))])
    }

    fn bundle(&self, lang: Lang) -> &FluentBundle<FluentResource> {
        match lang {
            Lang::Ru => &self.ru,
            Lang::En => &self.en,
        }
    }
}

/// The texts are part of the program: one that cannot be read must not start.
fn bundle(lang: Lang, source: &str) -> FluentBundle<FluentResource> {
    let language: LanguageIdentifier =
        lang.as_str().parse().expect("ru and en are language identifiers");
    let resource = FluentResource::try_new(source.to_owned())
        .unwrap_or_else(|(_, errors)| panic!("locales/{}.ftl: {errors:?}", lang.as_str()));
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    bundle.set_use_isolating(false);
    bundle
        .add_resource(resource)
        .unwrap_or_else(|errors| panic!("locales/{}.ftl: {errors:?}", lang.as_str()));
    bundle
}
