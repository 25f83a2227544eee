//! From a question to the posts that answer it.

use std::ops::Bound;

use tantivy::collector::{Count, TopDocs};
use tantivy::query::{AllQuery, BooleanQuery, ConstScoreQuery, Occur};
use tantivy::query::{PhraseQuery, RangeQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, Searcher, Term};

use super::error::SearchError;
use super::index::Index;
use super::query::{Query, Test, WordTest};
use super::schema::{COMPLAINT, Fields, POSITION};
use crate::model::position::Position;

/// Deeper pages cost memory for all pages before them; nobody reads there.
const REACH_MAX: usize = 200_000;

type AnyQuery = Box<dyn tantivy::query::Query>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Best first where the question has words, else newest first.
    #[default]
    Relevance,
    /// Stored last, shown first.
    Newest,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Hits {
    /// All that answer, not only those of this page.
    pub total: u64,
    pub posts: Vec<Hit>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    pub position: Position,
    /// Only for order; drifts as the index grows. 0 where order is by time.
    pub score: f32,
}

impl Index {
    /// A page of the posts that answer the question.
    pub fn search(
        &self,
        query: &Query,
        order: Order,
        limit: usize,
        offset: usize,
    ) -> Result<Hits, SearchError> {
        let searcher = self.reader.searcher();
        let asked = compile(&self.fields, query);
        if limit == 0 || offset >= REACH_MAX {
            let total = searcher.search(&asked, &Count)? as u64;
            return Ok(Hits { total, posts: Vec::new() });
        }
        let top = TopDocs::with_limit(limit.min(REACH_MAX - offset)).and_offset(offset);
        if order == Order::Newest || !query.has_words() {
            newest(&searcher, &asked, top)
        } else {
            best(&searcher, &asked, top)
        }
    }
}

fn newest(searcher: &Searcher, asked: &AnyQuery, top: TopDocs) -> Result<Hits, SearchError> {
    let by_position = top.order_by_fast_field::<u64>(POSITION, tantivy::Order::Desc);
    let (total, found) = searcher.search(asked, &(Count, by_position))?;
    let hit = |position| Hit { position: Position(position), score: 0.0 };
    let posts = found.into_iter().filter_map(|(position, _)| position).map(hit).collect();
    Ok(Hits { total: total as u64, posts })
}

fn best(searcher: &Searcher, asked: &AnyQuery, top: TopDocs) -> Result<Hits, SearchError> {
    let (total, found) = searcher.search(asked, &(Count, top.order_by_score()))?;
    Ok(Hits { total: total as u64, posts: hits(searcher, found)? })
}

/// Positions of found documents, in their order.
pub fn hits(searcher: &Searcher, found: Vec<(f32, DocAddress)>) -> Result<Vec<Hit>, SearchError> {
    let mut posts = Vec::with_capacity(found.len());
    for (score, at) in found {
        let positions = searcher.segment_reader(at.segment_ord).fast_fields().u64(POSITION)?;
        if let Some(position) = positions.first(at.doc_id) {
            posts.push(Hit { position: Position(position), score });
        }
    }
    Ok(posts)
}

/// Everything must hold; values of one field are alternatives.
fn compile(fields: &Fields, query: &Query) -> AnyQuery {
    let mut parts: Vec<(Occur, AnyQuery)> = Vec::new();
    let mut alternatives: Vec<(Field, Vec<AnyQuery>)> = Vec::new();
    for clause in &query.clauses {
        let compiled = test(fields, &clause.test);
        match (clause.negated, several_allowed(fields, &clause.test)) {
            (true, _) => parts.push((Occur::MustNot, compiled)),
            (false, None) => parts.push((Occur::Must, compiled)),
            (false, Some(field)) => match alternatives.iter_mut().find(|(one, _)| *one == field) {
                Some((_, others)) => others.push(compiled),
                None => alternatives.push((field, vec![compiled])),
            },
        }
    }
    parts.extend(alternatives.into_iter().map(|(_, values)| (Occur::Must, any(values))));
    if parts.iter().all(|(occur, _)| *occur == Occur::MustNot) {
        parts.push((Occur::Must, Box::new(AllQuery)));
    }
    Box::new(BooleanQuery::new(parts))
}

/// The field of which a question may name several values.
fn several_allowed(fields: &Fields, test: &Test) -> Option<Field> {
    match test {
        Test::Topic(_) => Some(fields.topic),
        Test::Network(_) => Some(fields.network),
        Test::Source(_) => Some(fields.source),
        Test::Territory(_) => Some(fields.territory),
        Test::Author { .. } => Some(fields.author),
        Test::Community(_) => Some(fields.community),
        Test::Post(_) => Some(fields.key),
        Test::Word(_) | Test::Phrase(_) | Test::Complaint => None,
        Test::Since(_) | Test::Until(_) => None,
    }
}

fn test(fields: &Fields, test: &Test) -> AnyQuery {
    let is = |field: Field| move |value: &String| term(field, value);
    match test {
        Test::Word(word) => word_in_any_form(fields, word),
        Test::Phrase(words) => phrase(fields.exact, words),
        Test::Topic(wanted) => {
            let topics = wanted.topics.iter().map(|topic| term(fields.topic, &topic.0));
            unscored(any(topics.chain(wanted.groups.iter().map(is(fields.group))).collect()))
        }
        Test::Network(names) => unscored(any(names.iter().map(is(fields.network)).collect())),
        Test::Source(ids) => unscored(any(ids.iter().map(is(fields.source)).collect())),
        Test::Territory(ids) => {
            unscored(any(ids.iter().map(|id| term(fields.territory, &id.0)).collect()))
        }
        Test::Author { id, words } => {
            let mut ways = vec![term(fields.author_id, id)];
            if !words.is_empty() {
                ways.push(all(words.iter().map(is(fields.author)).collect()));
            }
            unscored(any(ways))
        }
        Test::Community(words) => unscored(all(words.iter().map(is(fields.community)).collect())),
        Test::Since(from) => {
            let from = Term::from_field_i64(fields.published_at, from.as_millisecond());
            unscored(range(Bound::Included(from), Bound::Unbounded))
        }
        Test::Until(to) => {
            let to = Term::from_field_i64(fields.published_at, to.as_millisecond());
            unscored(range(Bound::Unbounded, Bound::Excluded(to)))
        }
        Test::Post(key) => unscored(term(fields.key, key)),
        Test::Complaint => unscored(term(fields.kind, COMPLAINT)),
    }
}

fn word_in_any_form(fields: &Fields, word: &WordTest) -> AnyQuery {
    let mut ways = vec![term(fields.stem, &word.stem)];
    ways.extend(word.forms.iter().map(|form| term(fields.exact, form)));
    any(ways)
}

fn phrase(field: Field, words: &[String]) -> AnyQuery {
    match words {
        [word] => term(field, word),
        _ => Box::new(PhraseQuery::new(
            words.iter().map(|word| Term::from_field_text(field, word)).collect(),
        )),
    }
}

pub fn term(field: Field, value: &str) -> AnyQuery {
    let term = Term::from_field_text(field, value);
    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
}

pub fn range(from: Bound<Term>, to: Bound<Term>) -> AnyQuery {
    Box::new(RangeQuery::new(from, to))
}

/// Narrows without moving the order.
pub fn unscored(query: AnyQuery) -> AnyQuery {
    Box::new(ConstScoreQuery::new(query, 0.0))
}

pub fn any(mut ways: Vec<AnyQuery>) -> AnyQuery {
    if ways.len() == 1 { ways.remove(0) } else { Box::new(BooleanQuery::union(ways)) }
}

fn all(mut parts: Vec<AnyQuery>) -> AnyQuery {
    if parts.len() == 1 { parts.remove(0) } else { Box::new(BooleanQuery::intersection(parts)) }
}
