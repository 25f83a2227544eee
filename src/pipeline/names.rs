//! What questions to the search may name: topics, places and sources of the
//! ruleset in force. Knows nothing of how a question is written.

use jiff::tz::TimeZone;

use crate::adapters::search::query::{Named, Names};
use crate::model::region::{Name, Territory};
use crate::rules::ruleset::Ruleset;

/// Names of a ruleset, in both languages.
pub fn of(ruleset: &Ruleset) -> Names {
    let region = &ruleset.region;
    let sources = region.sources.iter();
    Names {
        groups: ruleset.groups.iter().map(|group| named(&group.id, &group.name)).collect(),
        topics: ruleset.topics().map(|(_, topic)| named(&topic.id.0, &topic.name)).collect(),
        territories: region.territories.iter().map(territory).collect(),
        sources: sources
            .map(|source| Named { id: source.id.0.clone(), names: vec![source.name.clone()] })
            .collect(),
        forms: ruleset.forms.clone(),
        // The zone was checked when the pack was read.
        zone: TimeZone::get(&region.zone).unwrap_or(TimeZone::UTC),
    }
}

fn named(id: &str, name: &Name) -> Named {
    Named { id: id.to_owned(), names: vec![name.ru.clone(), name.en.clone()] }
}

fn territory(territory: &Territory) -> Named {
    let mut found = named(&territory.id.0, &territory.name);
    found.names.push(territory.centre.clone());
    found.names.extend(territory.aliases.iter().cloned());
    found
}
