//! How reasons lie in the tables. They are most of what a matched post takes
//! on disk, so a part is an array and not an object that repeats its names:
//! `[name, value, weight, text]`. Knows nothing of what a part means.

use serde::ser::SerializeSeq;
use serde::{Deserialize, Serialize, Serializer};

use crate::adapters::store::StoreError;
use crate::model::incident::{
    Apart, AssignmentKind, Considered, IncidentId, Reason, Reopens, ScorePart,
};
use crate::model::position::Position;

pub(super) fn reason_to_text(reason: &Reason) -> Result<String, StoreError> {
    let Reason { kind, score, parts, nearest, considered, repeat, reopens, apart } = reason;
    let (parts, others) = (PartsOut(parts), ConsideredOut(considered));
    let repeat = ConsideredOut(repeat.as_slice());
    // Few posts open anything again or are kept apart: the others go without.
    let text = match (reopens, apart) {
        (None, None) => serde_json::to_string(&(kind, score, parts, nearest, others, repeat)),
        (reopens, None) => {
            serde_json::to_string(&(kind, score, parts, nearest, others, repeat, reopens))
        }
        (reopens, apart) => {
            serde_json::to_string(&(kind, score, parts, nearest, others, repeat, reopens, apart))
        }
    };
    Ok(text?)
}

pub(super) fn reason_of(text: &str) -> Result<Reason, StoreError> {
    let ReasonIn(kind, score, parts, nearest, considered, repeat, reopens, apart) =
        serde_json::from_str(text)?;
    let repeat = repeat.into_iter().map(ConsideredIn::into_considered).next();
    let considered = considered.into_iter().map(ConsideredIn::into_considered).collect();
    Ok(Reason { kind, score, parts: parts_in(parts), nearest, considered, repeat, reopens, apart })
}

type Others = Vec<ConsideredIn>;

#[derive(Deserialize)]
struct ReasonIn(
    AssignmentKind,
    f64,
    Vec<PartIn>,
    Option<Position>,
    Others,
    Others,
    #[serde(default)] Option<Reopens>,
    #[serde(default)] Option<Apart>,
);

pub(super) fn parts_to_text(parts: &[ScorePart]) -> Result<String, StoreError> {
    Ok(serde_json::to_string(&PartsOut(parts))?)
}

pub(super) fn parts_of(text: &str) -> Result<Vec<ScorePart>, StoreError> {
    Ok(parts_in(serde_json::from_str(text)?))
}

struct PartsOut<'r>(&'r [ScorePart]);

impl Serialize for PartsOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.0.len()))?;
        for ScorePart { name, value, weight, text } in self.0 {
            rows.serialize_element(&(name, value, weight, text))?;
        }
        rows.end()
    }
}

struct ConsideredOut<'r>(&'r [Considered]);

impl Serialize for ConsideredOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.0.len()))?;
        for Considered { incident, score, parts } in self.0 {
            rows.serialize_element(&(incident, score, PartsOut(parts)))?;
        }
        rows.end()
    }
}

#[derive(Deserialize)]
struct PartIn(String, f64, f64, String);

fn parts_in(rows: Vec<PartIn>) -> Vec<ScorePart> {
    let part = |PartIn(name, value, weight, text)| ScorePart { name, value, weight, text };
    rows.into_iter().map(part).collect()
}

#[derive(Deserialize)]
struct ConsideredIn(IncidentId, f64, Vec<PartIn>);

impl ConsideredIn {
    fn into_considered(self) -> Considered {
        let ConsideredIn(incident, score, parts) = self;
        Considered { incident, score, parts: parts_in(parts) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::incident::Outcome;
    use crate::model::time::Timestamp;
    use crate::model::topic::TopicId;

    #[test]
    fn what_was_stored_reads_back_exactly() {
        let part = ScorePart {
            name: "same_street".to_owned(),
            value: 0.1 + 0.2,
            weight: -1.25,
            text: "«Мира», 5".to_owned(),
        };
        let considered =
            Considered { incident: IncidentId(7), score: 0.3, parts: vec![part.clone()] };
        let reason = Reason {
            kind: AssignmentKind::Joined,
            score: 0.94,
            parts: vec![part.clone(), part],
            nearest: Some(Position(12)),
            considered: vec![considered.clone()],
            repeat: Some(considered),
            reopens: None,
            apart: None,
        };
        let kept_apart = Reason { apart: Some(Apart::Rival), ..reason.clone() };
        assert_eq!(reason_of(&reason_to_text(&kept_apart).unwrap()).unwrap(), kept_apart);
        let text = reason_to_text(&reason).unwrap();
        assert_eq!(reason_of(&text).unwrap(), reason);
        let reopens = Reopens {
            closed_at: Timestamp::UNIX_EPOCH,
            outcome: Outcome::Solved,
            after_secs: 3_600,
            topic: TopicId("no-water".to_owned()),
            within_hours: 24,
        };
        let again = Reason { reopens: Some(reopens), ..reason.clone() };
        assert_eq!(reason_of(&reason_to_text(&again).unwrap()).unwrap(), again);
        assert_eq!(parts_of(&parts_to_text(&reason.parts).unwrap()).unwrap(), reason.parts);
    }
}
