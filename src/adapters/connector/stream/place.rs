//! How far a stream is read, as a cursor: until when the connection was known
//! to live, and where the protocol would go on. Outside it is an opaque text.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::adapters::connector::definition::StreamKind;
use crate::model::source::Cursor;
use crate::model::time::Timestamp;

/// What was on its way when a connection broke was written shortly before.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_secs(60);
/// A server begins to tell a moment after it has let us in.
const BEGINNING: SignedDuration = SignedDuration::from_secs(1);

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// Until when nothing is missing: the last sign of life of a connection
    /// that is one, with no frame after it that is not stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heard: Option<Timestamp>,
    /// The protocol's own place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

impl Place {
    /// A cursor that cannot be read is that of a stream never connected.
    pub fn of(cursor: &Cursor) -> Place {
        serde_json::from_str(&cursor.0).unwrap_or_default()
    }

    pub fn to_cursor(&self) -> Cursor {
        Cursor(serde_json::to_string(self).expect("a place is two texts"))
    }

    /// What is missing when a connection begins now: from when until when.
    pub fn missed(&self, kind: &StreamKind, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let heard = self.heard.filter(|heard| *heard < now)?;
        if !kind.protocol.resumes() {
            return Some((before(heard, ON_ITS_WAY), before(now, -BEGINNING)));
        }
        let memory = SignedDuration::from_secs(kind.memory_secs?);
        let oldest = before(now, memory);
        (heard < oldest).then_some((heard, oldest))
    }
}

fn before(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::connector::Connectors;
    use crate::model::post::Network;

    #[test]
    fn what_was_missed_follows_from_the_protocol() {
        let connectors = Connectors::shipped().unwrap();
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let check =
            |network: &str, kind: &str, heard: Option<&str>, missed: Option<(&str, &str)>| {
                let definition = connectors.get(&Network(network.to_owned())).unwrap();
                let at = heard.map(|_| "7".to_owned());
                let place = Place { heard: heard.map(|heard| heard.parse().unwrap()), at };
                assert_eq!(Place::of(&place.to_cursor()), place);
                let got = place.missed(&definition.file.stream[kind], now);
                let got = got.map(|(from, to)| (from.to_string(), to.to_string()));
                let missed = missed.map(|(from, to)| (from.to_owned(), to.to_owned()));
                assert_eq!(got, missed, "{network} {heard:?}");
            };
        let noon = "2026-11-20T12:00:01Z";
        check("vk", "streaming", None, None);
        check(
            "vk",
            "streaming",
            Some("2026-11-20T11:00:00Z"),
            Some(("2026-11-20T10:59:00Z", noon)),
        );
        check("vk", "streaming", Some("2026-11-20T12:30:00Z"), None);
        check("vk", "long_poll", Some("2026-11-20T11:00:00Z"), None);
        check("bluesky", "jetstream", Some("2026-11-19T11:00:00Z"), None);
        let (from, to) = ("2026-11-18T12:00:00Z", "2026-11-19T01:00:00Z");
        check("bluesky", "jetstream", Some(from), Some((from, to)));
        assert_eq!(Place::of(&Cursor("no JSON".to_owned())), Place::default());
    }
}
