//! `otklik search QUERY`: the analysts' query language on the command line,
//! beside a running server if there is one.

use std::io::Write;
use std::path::Path;

use clap::Args;
use serde::Serialize;

use crate::adapters::search::query::{Query, QueryError};
use crate::adapters::search::{INDEX_FOLDER, Index, Order, SearchError, highlight};
use crate::adapters::store::{Reader, open_read_only};
use crate::cli::output::{Output, exit};
use crate::cli::words::Words;
use crate::model::incident::IncidentId;
use crate::model::post::StoredPost;
use crate::model::text::Span;
use crate::model::time::Timestamp;
use crate::pipeline::names;
use crate::rules::ruleset::Ruleset;
use crate::rules::wording::Arg;

/// Letters of a post that a line shows.
const SNIPPET_CHARS: usize = 200;
/// Of them, before the first word that was found.
const BEFORE_CHARS: usize = 60;

#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Words, "exact phrase", -not, тема: сеть: источник: район: автор: с: по: id:
    // A question may begin with a minus.
    #[arg(allow_hyphen_values = true)]
    pub query: String,
    #[arg(long, default_value_t = 20)]
    pub limit: usize,
    /// Newest first instead of best first
    #[arg(long)]
    pub newest: bool,
}

/// A post that was found, as JSON.
#[derive(Debug, Serialize)]
struct FoundView {
    post: String,
    incident: Option<u64>,
    published_at: Timestamp,
    url: Option<String>,
    community: Option<String>,
    text: String,
    /// The words that answered, by bytes of the text.
    found: Vec<Span>,
    score: f32,
}

#[derive(Debug, Serialize)]
struct AnswerView {
    total: u64,
    /// How far the index reaches: what was stored later cannot be found yet.
    indexed: u64,
    posts: Vec<FoundView>,
}

/// Asks and prints.
pub fn run(
    args: &SearchArgs,
    data_dir: &Path,
    ruleset: &Ruleset,
    output: Output,
    words: &Words,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> anyhow::Result<u8> {
    let query = match Query::parse(&args.query, &names::of(ruleset)) {
        Ok(query) => query,
        Err(error) => {
            writeln!(errors, "{}", explained(words, &args.query, &error))?;
            return Ok(exit::USAGE);
        }
    };
    let reader = open_read_only(data_dir)?;
    let answer = match ask(&reader, &data_dir.join(INDEX_FOLDER), &query, args) {
        Err(Failed::Search(error)) if error.is_temporary() => {
            writeln!(errors, "otklik: {error}")?;
            return Ok(exit::TEMPORARY);
        }
        other => other?,
    };
    match output {
        Output::Json => writeln!(out, "{}", serde_json::to_string(&answer)?)?,
        Output::Simple => print(words, &answer, out)?,
    }
    Ok(exit::OK)
}

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error(transparent)]
    Store(#[from] crate::adapters::store::StoreError),
}

fn ask(
    reader: &Reader,
    folder: &Path,
    query: &Query,
    args: &SearchArgs,
) -> Result<AnswerView, Failed> {
    let index = Index::open_read_only(folder)?;
    let order = if args.newest { Order::Newest } else { Order::Relevance };
    let hits = index.search(query, order, args.limit, 0)?;
    let mut posts = Vec::with_capacity(hits.posts.len());
    for hit in &hits.posts {
        // A backup may have been restored under an index that is not emptied yet.
        let Some(stored) = reader.post(hit.position)? else { continue };
        let incident = current_incident(reader, &stored)?;
        posts.push(view(stored, incident, query, hit.score));
    }
    Ok(AnswerView { total: hits.total, indexed: index.indexed()?.0, posts })
}

fn current_incident(
    reader: &Reader,
    stored: &StoredPost,
) -> Result<Option<IncidentId>, crate::adapters::store::StoreError> {
    let memberships = reader.memberships(stored.position)?;
    let current = memberships.into_iter().find(|(_, _, ended_by)| ended_by.is_none());
    Ok(current.map(|(incident, _, _)| incident))
}

fn view(stored: StoredPost, incident: Option<IncidentId>, query: &Query, score: f32) -> FoundView {
    let post = stored.post;
    FoundView {
        post: post.key.to_string(),
        incident: incident.map(|id| id.0),
        published_at: post.published_at,
        url: post.url,
        community: post.community,
        found: highlight(&post.text, query),
        text: post.text,
        score,
    }
}

fn explained(words: &Words, question: &str, error: &QueryError) -> String {
    let (field, value) = error.problem.names();
    let names = [("field", Arg::from(field)), ("value", Arg::from(value))];
    let problem = words.say(error.problem.key(), &names);
    let before = question.get(..error.at.start as usize).unwrap_or("").chars().count();
    let length = error.at.of(question).chars().count().max(1);
    format!("{problem}\n  {question}\n  {}{}", " ".repeat(before), "^".repeat(length))
}

fn print(words: &Words, answer: &AnswerView, out: &mut dyn Write) -> std::io::Result<()> {
    let shown = answer.posts.len() as u64;
    let counts = [("total", Arg::from(answer.total)), ("shown", Arg::from(shown))];
    writeln!(out, "{}", words.say("search-found", &counts))?;
    for found in &answer.posts {
        let mut head = vec![found.post.clone(), found.published_at.to_string()];
        head.extend(found.community.clone());
        if let Some(incident) = found.incident {
            let number = [("number", Arg::from(incident))];
            head.push(words.say("search-incident", &number));
        }
        writeln!(out, "\n{}\n  {}", head.join(" · "), snippet(&found.text, &found.found))?;
    }
    Ok(())
}

/// One line of the text around the first word found, found words in brackets.
fn snippet(text: &str, found: &[Span]) -> String {
    let first = found.first().map_or(0, |span| span.start as usize);
    let before = text.get(..first).unwrap_or("");
    let from = before.char_indices().rev().nth(BEFORE_CHARS).map_or(0, |(at, _)| at);
    let to = text[from..].char_indices().nth(SNIPPET_CHARS).map_or(text.len(), |(at, _)| from + at);
    let mut line = String::new();
    let mut at = from;
    for span in found {
        let (start, end) = (span.start as usize, span.end as usize);
        if start < at || end > to {
            continue;
        }
        line.push_str(&text[at..start]);
        line.push_str(&format!("[{}]", &text[start..end]));
        at = end;
    }
    line.push_str(&text[at..to]);
    let ends = (if from > 0 { "…" } else { "" }, if to < text.len() { "…" } else { "" });
    let words: Vec<&str> = line.split_whitespace().collect();
    format!("{}{}{}", ends.0, words.join(" "), ends.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::search::query::Names;
    use crate::rules::wording::Lang;

    #[test]
    fn a_snippet_shows_the_first_found_word_in_its_sentence() {
        let text = format!("{} яма\nна дороге {}", "а".repeat(300), "б ".repeat(300));
        let query = Query::parse("яма", &Names::default()).unwrap();
        let line = snippet(&text, &highlight(&text, &query));
        assert!(line.starts_with("…а"), "{line}");
        assert!(line.contains("а [яма] на дороге б б"), "{line}");
        assert!(line.ends_with("б…"), "{line}");
        assert!(line.chars().count() <= SNIPPET_CHARS + 4, "{line}");
        assert_eq!(snippet("коротко", &[]), "коротко");
    }

    #[test]
    fn a_wrong_question_is_shown_with_its_place() {
        let question = "яма погода:снег";
        let error = Query::parse(question, &Names::default()).unwrap_err();
        let said = explained(&Words::new(Lang::Ru), question, &error);
        assert!(said.ends_with("\n  яма погода:снег\n      ^^^^^^^^^^^"), "{said}");
        assert!(said.contains("«погода»"), "{said}");
        let english = explained(&Words::new(Lang::En), question, &error);
        assert_ne!(said.lines().next(), english.lines().next());
    }
}
