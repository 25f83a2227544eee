//! Errors of polling and sending in the reader's words: what is wrong and what
//! to do about it. What exactly happened stays beside it, as it was stored.

use crate::adapters::connector::error::ErrorClass;
use crate::model::notice::{SendState, Trouble};
use crate::server::words::Words;

pub struct TroublePart {
    pub words: String,
    /// In English, for whoever mends it.
    pub detail: String,
}

/// Why a source could not be read.
pub fn of_poll(words: &Words, told: &str) -> TroublePart {
    let text = match ErrorClass::of(told) {
        Some(class) => words.of("poll-trouble", class.as_str()),
        None => words.t("poll-trouble-other"),
    };
    TroublePart { words: text, detail: told.to_owned() }
}

/// Why a notice was not delivered, and whether it is tried again.
pub fn of_send(words: &Words, told: &str, state: SendState) -> TroublePart {
    let text = match Trouble::of(told) {
        Some(trouble) => words.of("send-trouble", trouble.as_str()),
        None => words.t("send-trouble-other"),
    };
    let next = match state {
        SendState::Waiting => Some(words.t("send-next-waiting")),
        SendState::Stuck => Some(words.t("send-next-stuck")),
        SendState::Sent | SendState::Acknowledged => None,
    };
    let sentences: Vec<String> = std::iter::once(text).chain(next).collect();
    TroublePart { words: sentences.join(" "), detail: told.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::rules::wording::{Lang, Wording};

    #[test]
    fn errors_are_told_in_the_readers_language() {
        let words = |lang| Words::new(Arc::new(Wording::new()), lang, "Europe/Moscow");
        let (ru, en) = (words(Lang::Ru), words(Lang::En));
        let stored = "unauthorised: User authorization failed";
        let told = of_poll(&ru, stored);
        assert_eq!(told.words, ru.t("poll-trouble-unauthorised"));
        assert_eq!(told.detail, stored);
        assert_ne!(told.words, of_poll(&en, stored).words);
        assert_eq!(of_poll(&ru, "something old").words, ru.t("poll-trouble-other"));
        let stored = Trouble::Timeout.told("the mail server did not answer in time");
        for state in [SendState::Waiting, SendState::Stuck] {
            let told = of_send(&ru, &stored, state);
            assert!(told.words.starts_with(&ru.t("send-trouble-timeout")), "{}", told.words);
            assert!(!told.words.contains("server"), "{}", told.words);
        }
        assert_eq!(of_send(&ru, "?", SendState::Sent).words, ru.t("send-trouble-other"));
    }
}
