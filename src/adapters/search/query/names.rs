//! Names that a question may use, and which ids they mean.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::adapters::search::analysis::words;

/// Something with an id and the names that people know it by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Named {
    pub id: String,
    pub names: Vec<String>,
}

/// What the ruleset in force knows by name.
#[derive(Debug, Clone)]
pub struct Names {
    pub groups: Vec<Named>,
    pub topics: Vec<Named>,
    pub territories: Vec<Named>,
    pub sources: Vec<Named>,
    /// Word → further forms of it, as editors write them.
    pub forms: BTreeMap<String, Vec<String>>,
    /// The zone in which a day of the question begins and ends.
    pub zone: TimeZone,
}

impl Default for Names {
    fn default() -> Names {
        Names {
            groups: Vec::new(),
            topics: Vec::new(),
            territories: Vec::new(),
            sources: Vec::new(),
            forms: BTreeMap::new(),
            zone: TimeZone::UTC,
        }
    }
}

/// The ids that a value means: those it names exactly, or else those with a
/// name that begins with it, or else those with a word that begins with it.
pub fn resolve(value: &str, known: &[Named]) -> Vec<String> {
    let wanted = words(value).join(" ");
    if wanted.is_empty() {
        return Vec::new();
    }
    let named = |fits: &dyn Fn(&str) -> bool| -> Vec<String> {
        let fit = |one: &&Named| {
            one.id == value
                || fits(&words(&one.id).join(" "))
                || one.names.iter().any(|name| fits(&words(name).join(" ")))
        };
        known.iter().filter(fit).map(|one| one.id.clone()).collect()
    };
    let within = format!(" {wanted}");
    let steps: [&dyn Fn(&str) -> bool; 3] =
        [&|name| name == wanted, &|name| name.starts_with(&wanted), &|name| name.contains(&within)];
    steps.into_iter().map(named).find(|ids| !ids.is_empty()).unwrap_or_default()
}

/// All forms of the words that have this form, as they are spelled.
pub fn forms_of(word: &str, forms: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let spelled = |form: &str| words(form).join(" ");
    let mut found: Vec<String> = forms
        .iter()
        .filter(|(base, further)| {
            spelled(base) == word || further.iter().any(|form| spelled(form) == word)
        })
        .flat_map(|(base, further)| std::iter::once(base).chain(further))
        .map(|form| spelled(form))
        .collect();
    found.sort();
    found.dedup();
    found
}
