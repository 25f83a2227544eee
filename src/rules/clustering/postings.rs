//! Which open incidents hold a key: a word, a house, a thread, a copy's run.
//! Knows nothing of what the keys mean.

use std::collections::HashMap;

use crate::model::incident::IncidentId;
use crate::rules::similarity::ByKey;

#[derive(Debug, Default)]
pub struct Postings {
    /// Each list is sorted and without repetition.
    lists: HashMap<u64, Vec<IncidentId>, ByKey>,
}

impl Postings {
    pub fn insert(&mut self, key: u64, incident: IncidentId) {
        let list = self.lists.entry(key).or_default();
        if let Err(at) = list.binary_search(&incident) {
            list.insert(at, incident);
        }
    }

    pub fn remove(&mut self, key: u64, incident: IncidentId) {
        let Some(list) = self.lists.get_mut(&key) else { return };
        if let Ok(at) = list.binary_search(&incident) {
            list.remove(at);
        }
        if list.is_empty() {
            self.lists.remove(&key);
        }
    }

    /// Lowest incident first.
    pub fn get(&self, key: u64) -> &[IncidentId] {
        self.lists.get(&key).map_or(&[], Vec::as_slice)
    }
}
