//! Bluesky's stream of commits: who is followed, and from which microsecond on.

use jiff::SignedDuration;
use serde_json::Value;
use url::Url;

use super::{Ask, Streams, asking};
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::http::Outgoing;
use crate::model::time::Timestamp;

/// Addresses have limits; more accounts are more sources.
const ACCOUNTS_MAX: usize = 300;
/// The servers' clocks differ, and what comes twice is known.
const OVERLAP_MICROS: i64 = 5_000_000;

/// Without a frame for so long a server has told all that it remembers.
const CAUGHT_UP: SignedDuration = SignedDuration::from_secs(20);

/// What a target asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted<'t> {
    /// DIDs and handles.
    Accounts(Vec<&'t str>),
    /// The whole network's posts in a language.
    Language(&'t str),
}

/// The whole network must be asked for by a word of its own.
pub fn wanted(target: &str) -> Option<Wanted<'_>> {
    let words: Vec<&str> = target.split_whitespace().collect();
    match words.as_slice() {
        [] => None,
        [word] if word.starts_with("lang:") => {
            word.strip_prefix("lang:").filter(|lang| !lang.is_empty()).map(Wanted::Language)
        }
        _ if ACCOUNTS_MAX < words.len() => None,
        _ if words.iter().any(|word| word.starts_with("lang:")) => None,
        _ => Some(Wanted::Accounts(words)),
    }
}

impl Streams {
    pub(super) async fn jetstream_address(
        &self,
        ask: Ask<'_>,
    ) -> Result<(Url, Vec<String>), PollError> {
        let Some(wanted) = wanted(&ask.source.target) else {
            let detail = format!(
                "the target is neither one to {ACCOUNTS_MAX} accounts nor lang: with a language"
            );
            return Err(PollError::new(ErrorClass::Config, detail));
        };
        let mut url = asking::address(ask)?;
        let mut notes = Vec::new();
        if let Wanted::Accounts(accounts) = wanted {
            let mut dids = Vec::new();
            let mut last = None;
            for account in accounts {
                match self.did_of(ask, account).await {
                    Ok(did) => dids.push(did),
                    // One account that is gone does not silence the others.
                    Err(error) if error.class.stops() => {
                        notes.push(format!("{account}: {error}"));
                        last = Some(error);
                    }
                    Err(error) => return Err(error),
                }
            }
            if let (true, Some(error)) = (dids.is_empty(), last) {
                return Err(error);
            }
            for did in dids {
                url.query_pairs_mut().append_pair("wantedDids", &did);
            }
        }
        if let Some(micros) = begins_at(ask) {
            url.query_pairs_mut().append_pair("cursor", &micros.to_string());
        }
        Ok((url, notes))
    }

    async fn did_of(&self, ask: Ask<'_>, account: &str) -> Result<String, PollError> {
        if account.starts_with("did:") {
            return Ok(account.to_owned());
        }
        let base = ask.base.cloned();
        let own = ask.definition.file.base_url.as_deref().and_then(|own| Url::parse(own).ok());
        let Some(mut url) = base.or(own) else {
            return Err(PollError::new(ErrorClass::Config, "the network has no base address"));
        };
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{path}/xrpc/com.atproto.identity.resolveHandle"));
        url.query_pairs_mut().append_pair("handle", account.trim_start_matches('@'));
        let request = asking::request(ask, url, Vec::new());
        let answer = self.asked(ask, &request, Outgoing::Get).await?;
        let did = answer.get("did").and_then(Value::as_str).map(str::to_owned);
        did.ok_or_else(|| PollError::new(ErrorClass::Malformed, "an answer without a did"))
    }
}

/// A little before the last commit; where none came yet, before the last sign
/// of life.
fn begins_at(ask: Ask<'_>) -> Option<i64> {
    let told = ask.place.at.as_deref().and_then(|at| at.parse::<i64>().ok());
    let micros = told.or_else(|| ask.place.heard.map(|heard| heard.as_microsecond()));
    micros.map(|micros| micros.saturating_sub(OVERLAP_MICROS))
}

/// The instant of a frame, in the server's microseconds.
pub fn place_of(frame: &str) -> Option<String> {
    let document: Value = serde_json::from_str(frame).ok()?;
    document.get("time_us").and_then(Value::as_i64).map(|micros| micros.to_string())
}

/// Until when nothing is missing after a frame, or after a sign of life. A
/// server that catches up is behind the clock, and a sign of life between two
/// frames says nothing of that; when none has come for a while it is done.
pub fn whole_until(frame: Option<&str>, framed_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    match frame {
        Some(frame) => {
            let micros = place_of(frame)?.parse().ok()?;
            Some(Timestamp::from_microsecond(micros).ok()?.min(now))
        }
        None => (CAUGHT_UP <= now.duration_since(framed_at)).then_some(now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_network_is_asked_for_by_name() {
        fn check(target: &str, expected: Option<Wanted<'_>>) {
            assert_eq!(wanted(target), expected, "{target}");
        }
        check("", None);
        check("lang:", None);
        check("lang:ru", Some(Wanted::Language("ru")));
        check("lang:ru did:plc:a", None);
        check("did:plc:a town.example", Some(Wanted::Accounts(vec!["did:plc:a", "town.example"])));
        check(&"did:plc:a ".repeat(ACCOUNTS_MAX + 1), None);
    }

    #[test]
    fn a_frame_says_when_it_is() {
        assert_eq!(place_of(r#"{"time_us":1795000000000001}"#).unwrap(), "1795000000000001");
        assert_eq!(place_of(r#"{"time_us":"x"}"#), None);
        assert_eq!(place_of("x"), None);
    }

    /// Goal: what was not yet told is missing, however lively the connection.
    #[test]
    fn who_catches_up_is_behind() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let now = at("2026-11-18T15:00:00Z");
        let check = |frame: Option<&str>, framed_at: &str, expected: Option<&str>| {
            assert_eq!(whole_until(frame, at(framed_at), now), expected.map(at), "{frame:?}");
        };
        let noon = "2026-11-18T12:00:00Z";
        let frame = r#"{"time_us":1795000000000001}"#;
        check(Some(frame), noon, Some("2026-11-18T11:06:40.000001Z"));
        // The server's clock is before ours.
        check(Some(r#"{"time_us":1795999999000000}"#), noon, Some("2026-11-18T15:00:00Z"));
        check(Some("{}"), noon, None);
        check(None, "2026-11-18T14:59:50Z", None);
        check(None, "2026-11-18T14:59:40Z", Some("2026-11-18T15:00:00Z"));
    }
}
