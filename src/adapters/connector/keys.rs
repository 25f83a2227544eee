//! The credentials of each network, in turn: whichever has most left of its
//! day is taken. One that is refused is set aside alone, and tried again when
//! it may have been mended; the others go on. What is said of a credential is
//! its number among its network's files, never itself.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::SignedDuration;

use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::error::ErrorClass;
use crate::adapters::connector::error::PollError;
use crate::model::post::Network;
use crate::model::time::Timestamp;

/// A check that a person has passed, or a wait that is over.
const CAPTCHA_WAIT: SignedDuration = SignedDuration::from_hours(6);
/// A token that was allowed again by its owner.
const REFUSED_WAIT: SignedDuration = SignedDuration::from_hours(24);
/// Where a network does not say when the day's share comes back.
const QUOTA_WAIT: SignedDuration = SignedDuration::from_hours(1);

#[derive(Debug, Default)]
pub struct Keys {
    by_network: BTreeMap<Network, Vec<Secret>>,
    uses: Mutex<BTreeMap<String, Use>>,
}

#[derive(Debug, Clone, Default)]
struct Use {
    polls: u64,
    has_worked: bool,
    refused: Option<Refused>,
    /// Poll kinds whose share of the day is used up, until when.
    used_up: BTreeMap<String, Timestamp>,
}

impl Use {
    /// When a kind may be asked for with it again, if not now.
    fn again_at(&self, kind: &str, now: Timestamp) -> Option<(ErrorClass, Timestamp)> {
        let refused = self.refused.as_ref().map(|refused| (refused.class, refused.again_at));
        let used_up = self.used_up.get(kind).map(|until| (ErrorClass::Quota, *until));
        let still = refused.into_iter().chain(used_up).filter(|(_, until)| now < *until);
        still.max_by_key(|(_, until)| *until)
    }
}

#[derive(Debug, Clone)]
struct Refused {
    class: ErrorClass,
    detail: String,
    again_at: Timestamp,
}

/// Which credential a poll takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice<'k> {
    /// The network has none.
    None,
    Key(&'k Secret),
    /// Every one of them is set aside.
    AllSetAside(PollError),
}

/// What is known of a credential since the program started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Unknown,
    Works,
    Refused(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyState {
    pub network: Network,
    /// Among the network's token files, from one.
    pub number: usize,
    pub standing: Standing,
}

impl Keys {
    pub fn new(by_network: BTreeMap<Network, Vec<Secret>>) -> Keys {
        Keys { by_network, uses: Mutex::default() }
    }

    pub fn of(&self, network: &Network) -> &[Secret] {
        self.by_network.get(network).map_or(&[], Vec::as_slice)
    }

    /// Takes the key with most left, of those the one that was used least.
    pub fn choose(
        &self,
        network: &Network,
        kind: &str,
        left: impl Fn(&Secret) -> u32,
        now: Timestamp,
    ) -> Choice<'_> {
        let keys = self.of(network);
        if keys.is_empty() {
            return Choice::None;
        }
        let Ok(mut uses) = self.uses.lock() else { return Choice::None };
        let use_of = |key: &Secret| uses.get(&key.label()).cloned().unwrap_or_default();
        let is_usable = |one: &Use| one.again_at(kind, now).is_none();
        let usable = keys.iter().map(|key| (key, use_of(key))).filter(|(_, one)| is_usable(one));
        let best = usable.max_by_key(|(key, one)| (left(key), std::cmp::Reverse(one.polls)));
        if let Some((key, _)) = best {
            uses.entry(key.label()).or_default().polls += 1;
            return Choice::Key(key);
        }
        let refused = keys.iter().filter_map(|key| use_of(key).again_at(kind, now));
        let first = refused.min_by_key(|(_, again_at)| *again_at);
        let (class, until) = first
            .map_or((ErrorClass::Unauthorised, None), |(class, again_at)| (class, Some(again_at)));
        let error = PollError::new(class, "every credential of the network is set aside");
        Choice::AllSetAside(error.with_retry_at(until))
    }

    /// Sets a credential aside if the network's «no» was meant for it rather
    /// than for what was asked; says whether it was. A share of the day is one
    /// poll kind's: the others go on with the same credential. What our own
    /// budget refuses is nobody's fault.
    pub fn blame(&self, key: &Secret, kind: &str, error: &PollError, now: Timestamp) -> bool {
        if error.is_own {
            return false;
        }
        let wait = match error.class {
            ErrorClass::Unauthorised => REFUSED_WAIT,
            ErrorClass::Captcha => CAPTCHA_WAIT,
            ErrorClass::Quota => QUOTA_WAIT,
            ErrorClass::RateLimited
            | ErrorClass::Forbidden
            | ErrorClass::Gone
            | ErrorClass::Config
            | ErrorClass::Unavailable
            | ErrorClass::Malformed => return false,
        };
        let at_last = now.checked_add(wait).unwrap_or(now);
        let again_at = error.retry_at.filter(|at| now < *at).unwrap_or(at_last);
        if let Ok(mut uses) = self.uses.lock() {
            let one = uses.entry(key.label()).or_default();
            if error.class == ErrorClass::Quota {
                one.used_up.insert(kind.to_owned(), again_at);
            } else {
                let detail = error.to_string();
                one.refused = Some(Refused { class: error.class, detail, again_at });
            }
        }
        true
    }

    pub fn worked(&self, key: &Secret, kind: &str) {
        if let Ok(mut uses) = self.uses.lock() {
            let one = uses.entry(key.label()).or_default();
            one.refused = None;
            one.used_up.remove(kind);
            one.has_worked = true;
        }
    }

    pub fn is_usable(&self, key: &Secret, kind: &str, now: Timestamp) -> bool {
        let Ok(uses) = self.uses.lock() else { return false };
        uses.get(&key.label()).is_none_or(|one| one.again_at(kind, now).is_none())
    }

    pub fn states(&self) -> Vec<KeyState> {
        let Ok(uses) = self.uses.lock() else { return Vec::new() };
        let standing = |key: &Secret| match uses.get(&key.label()) {
            None => Standing::Unknown,
            Some(Use { refused: Some(refused), .. }) => Standing::Refused(refused.detail.clone()),
            Some(one) if one.has_worked => Standing::Works,
            Some(_) => Standing::Unknown,
        };
        let of_network = |(network, keys): (&Network, &Vec<Secret>)| -> Vec<KeyState> {
            let numbered = keys.iter().enumerate();
            numbered
                .map(|(index, key)| KeyState {
                    network: network.clone(),
                    number: index + 1,
                    standing: standing(key),
                })
                .collect()
        };
        self.by_network.iter().flat_map(of_network).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn vk() -> Network {
        Network("vk".to_owned())
    }

    fn three() -> Keys {
        let secrets = ["one", "two", "three"].map(Secret::new).to_vec();
        Keys::new(BTreeMap::from([(vk(), secrets)]))
    }

    fn label(choice: Choice<'_>) -> String {
        match choice {
            Choice::Key(key) => key.label(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn keys_take_turns() {
        let (keys, now) = (three(), at("2026-11-20T08:00:00Z"));
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for _ in 0..30 {
            *counts.entry(label(keys.choose(&vk(), "wall", |_| 100, now))).or_default() += 1;
        }
        assert_eq!(counts.values().copied().collect::<Vec<_>>(), [10, 10, 10]);
    }

    #[test]
    fn the_key_with_most_left_is_taken() {
        let (keys, now) = (three(), at("2026-11-20T08:00:00Z"));
        let two = Secret::new("two");
        let left = |key: &Secret| if *key == two { 90 } else { 40 };
        assert_eq!(label(keys.choose(&vk(), "wall", left, now)), two.label());
        assert_eq!(label(keys.choose(&vk(), "wall", left, now)), two.label());
        assert_eq!(keys.choose(&Network("rss".to_owned()), "feed", left, now), Choice::None);
    }

    #[test]
    fn a_refused_key_is_set_aside_alone() {
        use ErrorClass::{Captcha, Config, Forbidden, Gone, Malformed, Quota};
        use ErrorClass::{RateLimited, Unauthorised, Unavailable};
        fn check(class: ErrorClass, hours: Option<i64>) {
            let (keys, now) = (three(), at("2026-11-20T08:00:00Z"));
            let one = Secret::new("one");
            let error = PollError::new(class, "no");
            assert_eq!(keys.blame(&one, "wall", &error, now), hours.is_some(), "{class:?}");
            assert_eq!(keys.is_usable(&one, "wall", now), hours.is_none(), "{class:?}");
            assert!(keys.is_usable(&Secret::new("two"), "wall", now));
            for _ in 0..6 {
                let taken = label(keys.choose(&vk(), "wall", |_| 1, now));
                assert!(hours.is_none() || taken != one.label(), "{class:?}");
            }
            let back = now.checked_add(SignedDuration::from_hours(hours.unwrap_or(0))).unwrap();
            assert!(keys.is_usable(&one, "wall", back), "{class:?}");
        }
        check(Unauthorised, Some(24));
        check(Captcha, Some(6));
        check(Quota, Some(1));
        for class in [RateLimited, Forbidden, Gone, Config, Unavailable, Malformed] {
            check(class, None);
        }
    }

    #[test]
    fn a_share_that_is_used_up_is_one_kinds() {
        let (keys, now) = (three(), at("2026-11-20T08:00:00Z"));
        for name in ["one", "two", "three"] {
            let error = PollError::new(ErrorClass::Quota, "no");
            assert!(keys.blame(&Secret::new(name), "comments", &error, now));
        }
        assert!(matches!(keys.choose(&vk(), "wall", |_| 1, now), Choice::Key(_)));
        let Choice::AllSetAside(error) = keys.choose(&vk(), "comments", |_| 1, now) else {
            panic!("the share is used up")
        };
        assert_eq!(
            (error.class, error.retry_at),
            (ErrorClass::Quota, now.checked_add(QUOTA_WAIT).ok())
        );
        keys.worked(&Secret::new("one"), "wall");
        assert!(!keys.is_usable(&Secret::new("one"), "comments", now));
        let refused = PollError::new(ErrorClass::Unauthorised, "no");
        keys.blame(&Secret::new("one"), "wall", &refused, now);
        assert!(!keys.is_usable(&Secret::new("one"), "search", now), "a token is every kind's");
    }

    #[test]
    fn nobody_is_set_aside_for_our_own_budget() {
        let (keys, now) = (three(), at("2026-11-20T08:00:00Z"));
        let error = PollError::own(ErrorClass::Quota, "our own share of the day is used up");
        assert!(!keys.blame(&Secret::new("one"), "channel", &error, now));
        assert!(keys.is_usable(&Secret::new("one"), "channel", now));
    }

    #[test]
    fn where_all_are_set_aside_the_first_that_comes_back_is_named() {
        let (keys, now) = (three(), at("2026-11-20T08:00:00Z"));
        for (name, class) in [
            ("one", ErrorClass::Unauthorised),
            ("two", ErrorClass::Captcha),
            ("three", ErrorClass::Unauthorised),
        ] {
            assert!(keys.blame(&Secret::new(name), "wall", &PollError::new(class, "no"), now));
        }
        let Choice::AllSetAside(error) = keys.choose(&vk(), "wall", |_| 1, now) else { panic!() };
        assert_eq!(error.class, ErrorClass::Captcha);
        assert_eq!(error.retry_at, Some(at("2026-11-20T14:00:00Z")));
        let refused = Standing::Refused("unauthorised: no".to_owned());
        assert_eq!(keys.states()[0].standing, refused);
        keys.worked(&Secret::new("one"), "wall");
        assert_eq!(keys.states()[0].standing, Standing::Works);
        assert_eq!(label(keys.choose(&vk(), "wall", |_| 1, now)), Secret::new("one").label());
    }
}
