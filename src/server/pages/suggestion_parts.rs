//! What is proposed about an incident: others that may be the same, first those
//! that a post ties to it, with what each side has in common with that, then those
//! that are merely alike; and the two parts into which it falls. Turns values into
//! words; decides nothing.

use super::card::row_of;
use super::incident_parts::{Row, RowFacts, network_name, percent, topic_name};
use super::post_parts::{self, PartLine};
use crate::adapters::store::read::{ProposedMerge, ProposedSplit, StoredSuggestion};
use crate::adapters::store::{Reader, StoreError};
use crate::model::incident::{Incident, IncidentId};
use crate::model::post::{PostKey, StoredPost};
use crate::model::proposal::PartedBy;
use crate::model::time::Timestamp;
use crate::model::topic::TopicId;
use crate::server::marks::{Stretch, excerpt};
use crate::server::permissions::Permission;
use crate::server::visitor::Visitor;

/// Of each kind.
const SHOWN_MAX: usize = 5;
const EXCERPT_CHARS: usize = 280;

/// What is read of them.
pub struct Suggestions {
    merges: Vec<(ProposedMerge, RowFacts, Option<StoredPost>)>,
    alike: Vec<(StoredSuggestion, RowFacts)>,
}

/// Another incident that may be the same, beside this one.
pub struct SuggestionPart {
    pub row: Row,
    pub score: u32,
    /// Why, where no post ties the two.
    pub parts: Vec<PartLine>,
    pub bridge: Option<BridgePart>,
    /// What joining would do to the deadline.
    pub consequence: String,
}

/// The post that ties two incidents.
pub struct BridgePart {
    pub why: String,
    /// Where and when it was told.
    pub told: String,
    pub text: Vec<Stretch>,
    /// This incident, then the other one.
    pub sides: [SidePart; 2],
}

/// What it has in common with one of them.
pub struct SidePart {
    pub name: String,
    pub score: String,
    pub parts: Vec<PartLine>,
}

/// The two parts of an incident that seems to be two.
pub struct PartingPart {
    pub why: String,
    pub parts: [PartingSide; 2],
}

pub struct PartingSide {
    /// Where it is or what it is about, in its posts' own words.
    pub words: String,
    pub count: String,
    pub keys: Vec<String>,
}

pub fn read(reader: &Reader, id: IncidentId, recent: Timestamp) -> Result<Suggestions, StoreError> {
    let mut found = Suggestions { merges: Vec::new(), alike: Vec::new() };
    for merge in reader.merges_of(id)?.into_iter().take(SHOWN_MAX) {
        let mut post = reader.post(merge.hint.post)?;
        if let Some(post) = &mut post {
            post.post.deleted = reader.is_deleted(post)?;
        }
        if let Some(facts) = row_of(reader, merge.with, recent)? {
            found.merges.push((merge, facts, post));
        }
    }
    for suggestion in reader.suggestions_waiting(id)?.into_iter().take(SHOWN_MAX) {
        if let Some(facts) = row_of(reader, suggestion.beside(id), recent)? {
            found.alike.push((suggestion, facts));
        }
    }
    Ok(found)
}

/// Joining is not the business of those who answer; the likeness would only
/// confuse them.
pub fn suggestions(
    visitor: &Visitor,
    incident: &Incident,
    found: &Suggestions,
) -> Vec<SuggestionPart> {
    if visitor.may(Permission::Take) && !visitor.may(Permission::Triage) {
        return Vec::new();
    }
    let sees = |other: &RowFacts| visitor.may_with(Permission::SeeCases, &other.row.incident);
    let merges = found.merges.iter().filter(|(_, other, _)| sees(other));
    let alike = found.alike.iter().filter(|(_, other)| sees(other));
    let merges = merges.map(|(merge, other, post)| SuggestionPart {
        bridge: Some(bridge(visitor, merge, post.as_ref())),
        ..beside(visitor, incident, other, merge.hint.strength())
    });
    let alike = alike.map(|(stored, other)| SuggestionPart {
        parts: post_parts::parts_of_others(visitor, &stored.parts),
        ..beside(visitor, incident, other, stored.score)
    });
    merges.chain(alike).collect()
}

/// Nothing for those who do not sort incidents.
pub fn parting(visitor: &Visitor, split: &ProposedSplit) -> Option<PartingPart> {
    if !visitor.may(Permission::Triage) {
        return None;
    }
    let by = split.parting.by;
    let side = |because: &str, keys: &[PostKey]| PartingSide {
        words: match by {
            PartedBy::Matter => topic_name(visitor, &TopicId(because.to_owned())),
            PartedBy::Settlement | PartedBy::Street | PartedBy::House | PartedBy::Object => {
                // What posts say is for those who may read all of them.
                let may_read = visitor.may(Permission::SeePersonal);
                if may_read { because.to_owned() } else { String::new() }
            }
        },
        count: visitor.words.n("row-posts", keys.len() as u64),
        keys: keys.iter().map(ToString::to_string).collect(),
    };
    Some(PartingPart {
        why: visitor.words.of("parted-by", by.as_str()),
        parts: [
            side(&split.parting.stays_because, &split.stays),
            side(&split.parting.leaves_because, &split.leaves),
        ],
    })
}

fn beside(visitor: &Visitor, incident: &Incident, other: &RowFacts, score: f64) -> SuggestionPart {
    let theirs = &other.row.incident;
    let words = &visitor.words;
    let earliest = incident.opened_at.min(theirs.opened_at);
    let consequence = if earliest < incident.opened_at {
        let due = theirs.first_answer_due_at.min(incident.first_answer_due_at);
        words.s("join-moves-deadline", &words.moment(due, visitor.now))
    } else {
        words.t("join-keeps-deadline")
    };
    SuggestionPart {
        row: Row::new(visitor, other),
        score: percent(score),
        parts: Vec::new(),
        bridge: None,
        consequence,
    }
}

fn bridge(visitor: &Visitor, merge: &ProposedMerge, post: Option<&StoredPost>) -> BridgePart {
    let hint = &merge.hint;
    let may_read =
        |post: &&StoredPost| !post.post.is_guarded() || visitor.may(Permission::SeePersonal);
    let text = post.filter(may_read).map_or("", |post| post.post.text.as_str());
    let side = |name: &str, score: f64, parts| SidePart {
        name: visitor.words.t(name),
        score: visitor.words.n("card-likeness", percent(score)),
        parts: post_parts::parts_of_others(visitor, parts),
    };
    let own = (hint.score, &hint.parts);
    let other = (hint.other_score, &hint.other_parts);
    let (here, there) = if merge.is_theirs { (other, own) } else { (own, other) };
    BridgePart {
        why: visitor.words.of("hint", hint.kind.as_str()),
        told: post.map(|post| told(visitor, post)).unwrap_or_default(),
        text: excerpt(&visitor.readable(text), &[], EXCERPT_CHARS),
        sides: [side("card-this-one", here.0, here.1), side("card-that-one", there.0, there.1)],
    }
}

/// «ВКонтакте, 20 ноября, 08:15».
fn told(visitor: &Visitor, post: &StoredPost) -> String {
    let when = visitor.words.moment(post.written_at(), visitor.now);
    format!("{}, {when}", network_name(visitor, &post.post.key.network.0))
}
