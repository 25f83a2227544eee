//! Texts of commands for one reader, in the language of `--lang`. JSON has no
//! language, and neither have messages about files that people write.

use crate::model::region::Name;
use crate::model::time::Timestamp;
use crate::rules::wording::{Arg, Lang, Wording};

pub struct Words {
    wording: Wording,
    lang: Lang,
}

/// For `--lang`.
pub fn parse_lang(text: &str) -> Result<Lang, String> {
    Lang::parse(text).ok_or_else(|| "expected ru or en".to_owned())
}

impl Words {
    pub fn new(lang: Lang) -> Words {
        Words { wording: Wording::new(), lang }
    }

    pub fn say(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.wording.text(self.lang, key, args)
    }

    /// A text that counts.
    pub fn count(&self, key: &str, count: u32) -> String {
        self.say(key, &[("count", Arg::from(count))])
    }

    /// A text about one thing.
    pub fn about(&self, key: &str, what: &str) -> String {
        self.say(key, &[("what", Arg::from(what))])
    }

    /// The text of a code (`same_street`, under the area `part`); a code that
    /// only data knows stands for itself.
    pub fn of(&self, area: &str, code: &str) -> String {
        let key = format!("{area}-{}", code.replace('_', "-"));
        self.key(&key).unwrap_or_else(|| code.to_owned())
    }

    /// The text of a key that an older version may have stored.
    pub fn key(&self, key: &str) -> Option<String> {
        self.wording.has(key).then(|| self.say(key, &[]))
    }

    pub fn name<'n>(&self, name: &'n Name) -> &'n str {
        match self.lang {
            Lang::Ru => &name.ru,
            Lang::En => &name.en,
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
}
