//! Which open incidents hold a key: a word, a house, a thread, a copy's run.
//! Knows nothing of what the keys mean.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::model::incident::IncidentId;
use crate::rules::similarity::ByKey;

/// Most keys are of one incident alone: a rare word, a run of a text, an author.
/// Each of them having a list of its own would double what all of them take.
#[derive(Debug)]
enum Holders {
    One(IncidentId),
    /// Sorted and without repetition, at least two.
    Many(Vec<IncidentId>),
}

impl Holders {
    fn all(&self) -> &[IncidentId] {
        match self {
            Holders::One(only) => std::slice::from_ref(only),
            Holders::Many(list) => list,
        }
    }

    fn insert(&mut self, incident: IncidentId) {
        match self {
            Holders::One(only) if *only == incident => {}
            Holders::One(only) => {
                let (low, high) = (incident.min(*only), incident.max(*only));
                *self = Holders::Many(vec![low, high]);
            }
            // Most incidents come when they are the newest.
            Holders::Many(list) if list.last().is_some_and(|last| *last < incident) => {
                list.push(incident);
            }
            Holders::Many(list) => {
                if let Err(at) = list.binary_search(&incident) {
                    list.insert(at, incident);
                }
            }
        }
    }

    /// Whether anybody is left.
    fn remove(&mut self, incident: IncidentId) -> bool {
        match self {
            Holders::One(only) => *only != incident,
            Holders::Many(list) => {
                if let Ok(at) = list.binary_search(&incident) {
                    list.remove(at);
                }
                if let [only] = list[..] {
                    *self = Holders::One(only);
                }
                true
            }
        }
    }
}

#[derive(Debug, Default)]
pub struct Postings {
    holders: HashMap<u64, Holders, ByKey>,
}

impl Postings {
    pub fn insert(&mut self, key: u64, incident: IncidentId) {
        match self.holders.entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert(Holders::One(incident));
            }
            Entry::Occupied(mut held) => held.get_mut().insert(incident),
        }
    }

    pub fn remove(&mut self, key: u64, incident: IncidentId) {
        let Entry::Occupied(mut held) = self.holders.entry(key) else { return };
        if !held.get_mut().remove(incident) {
            held.remove();
        }
    }

    /// Lowest incident first.
    pub fn get(&self, key: u64) -> &[IncidentId] {
        self.holders.get(&key).map_or(&[], Holders::all)
    }
}
