//! What networks told about names that people write: kept while the program
//! runs, because it does not change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Names are few; more are a fault somewhere.
const NAMES_MAX: usize = 10_000;

/// By the question, the answer.
#[derive(Debug, Clone, Default)]
pub struct KnownNames(Arc<Mutex<HashMap<String, String>>>);

impl KnownNames {
    pub fn of(&self, question: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(question).cloned()
    }

    pub fn keep(&self, question: String, answer: String) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < NAMES_MAX {
            known.insert(question, answer);
        }
    }
}
