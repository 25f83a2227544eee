//! Posts like a given one, out of all history: candidates for «repeat of» and
//! «similar past». Who uses them computes a similarity of its own.

use std::ops::Bound;

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur};
use tantivy::{Searcher, Term};

use super::analysis::{Stems, words};
use super::answer::{Hit, any, hits, range, term, unscored};
use super::error::SearchError;
use super::index::Index;
use crate::model::position::Position;
use crate::model::region::TerritoryId;

/// A search with every word of a post walks through half the index. Eight find
/// far less: the rarest words of a post are its slips.
const RAREST_STEMS_MAX: usize = 24;

/// Where to look.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Narrow {
    /// Only posts stored before this one.
    pub before: Option<Position>,
    /// Only posts with a place there.
    pub territory: Option<TerritoryId>,
    /// Only posts with a topic of this group.
    pub group: Option<String>,
}

impl Index {
    /// Posts that share the rarest words of a text, most alike first.
    pub fn similar(
        &self,
        text: &str,
        narrow: &Narrow,
        limit: usize,
    ) -> Result<Vec<Hit>, SearchError> {
        let searcher = self.reader.searcher();
        let rarest = self.rarest_stems(&searcher, text)?;
        if rarest.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let stems = rarest.iter().map(|stem| term(self.fields.stem, stem)).collect();
        let mut parts = vec![(Occur::Must, any(stems))];
        if let Some(before) = narrow.before {
            let before = Term::from_field_u64(self.fields.position, before.0);
            let earlier = range(Bound::Unbounded, Bound::Excluded(before));
            parts.push((Occur::Must, unscored(earlier)));
        }
        if let Some(territory) = &narrow.territory {
            parts.push((Occur::Must, unscored(term(self.fields.territory, &territory.0))));
        }
        if let Some(group) = &narrow.group {
            parts.push((Occur::Must, unscored(term(self.fields.group, group))));
        }
        let top = TopDocs::with_limit(limit).order_by_score();
        hits(&searcher, searcher.search(&BooleanQuery::new(parts), &top)?)
    }

    /// Stems of the text that the index knows, those with the fewest posts first.
    fn rarest_stems(&self, searcher: &Searcher, text: &str) -> Result<Vec<String>, SearchError> {
        let mut memory = Stems::default();
        let mut stems: Vec<String> = words(text).iter().map(|word| memory.stem(word)).collect();
        stems.sort();
        stems.dedup();
        let mut counted = Vec::with_capacity(stems.len());
        for stem in stems {
            let posts = searcher.doc_freq(&Term::from_field_text(self.fields.stem, &stem))?;
            if posts > 0 {
                counted.push((posts, stem));
            }
        }
        counted.sort();
        counted.truncate(RAREST_STEMS_MAX);
        Ok(counted.into_iter().map(|(_, stem)| stem).collect())
    }
}
