//! From the typed line to clauses. A small reader of its own, so that every
//! message names its place and no typed line can cost more than it says.

use super::dates;
use super::names::{Names, forms_of, resolve};
use super::{CLAUSES_MAX, Clause, QUERY_MAX_CHARS, Query, QueryError, QueryProblem, Test};
use super::{TopicTest, WordTest};
use crate::adapters::search::analysis::{Stems, words};
use crate::model::region::TerritoryId;
use crate::model::text::Span;
use crate::model::topic::TopicId;

const OPENING: [char; 5] = ['"', '«', '“', '„', '”'];
const CLOSING: [char; 4] = ['"', '»', '”', '“'];
const MINUS: [char; 3] = ['-', '−', '–'];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Topic,
    Network,
    Source,
    Territory,
    Author,
    Community,
    Since,
    Until,
    Post,
    Kind,
}

/// Names of the fields in their one spelling; the first of a row is the main one.
const FIELDS: [(Field, &[&str]); 10] = [
    (Field::Topic, &["тема", "topic"]),
    (Field::Network, &["сеть", "network"]),
    (Field::Source, &["источник", "source"]),
    (Field::Territory, &["район", "территория", "округ", "territory", "district"]),
    (Field::Author, &["автор", "author"]),
    (Field::Community, &["сообщество", "паблик", "канал", "community"]),
    // The second is the Latin letter that looks like the first.
    (Field::Since, &["с", "c", "от", "since", "from"]),
    (Field::Until, &["по", "until", "to"]),
    (Field::Post, &["id", "ид", "пост", "post"]),
    (Field::Kind, &["вид", "kind"]),
];

/// What people call networks, besides the names of their connectors.
const NETWORKS: [(&str, &str); 8] = [
    ("вк", "vk"),
    ("вконтакте", "vk"),
    ("телеграм", "telegram"),
    ("телеграмм", "telegram"),
    ("тг", "telegram"),
    ("tg", "telegram"),
    ("ок", "ok"),
    ("одноклассники", "ok"),
];

/// A stretch of the typed line, quotes taken off.
struct Piece<'q> {
    negated: bool,
    field: Option<&'q str>,
    value: &'q str,
    quoted: bool,
    at: Span,
}

pub fn parse(text: &str, names: &Names) -> Result<Query, QueryError> {
    let whole = Span { start: 0, end: text.len() as u32 };
    if text.chars().count() > QUERY_MAX_CHARS {
        return Err(QueryError { at: whole, problem: QueryProblem::TooLong });
    }
    let mut query = Query::default();
    let mut stems = Stems::default();
    for piece in pieces(text)? {
        let at = piece.at;
        if let Some(test) =
            test(&piece, names, &mut stems).map_err(|problem| QueryError { at, problem })?
        {
            query.clauses.push(Clause { negated: piece.negated, test });
        }
        if query.clauses.len() > CLAUSES_MAX {
            return Err(QueryError { at, problem: QueryProblem::TooManyParts });
        }
    }
    if query.clauses.is_empty() && !text.trim().is_empty() {
        return Err(QueryError { at: whole, problem: QueryProblem::Nothing });
    }
    Ok(query)
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, QueryError> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(gap) = text[at..].find(|letter: char| !letter.is_whitespace()) {
        let (piece, end) = piece(text, at + gap)?;
        found.push(piece);
        at = end;
    }
    Ok(found)
}

/// Reads the piece that starts at a byte and tells where it ends.
fn piece(text: &str, start: usize) -> Result<(Piece<'_>, usize), QueryError> {
    let unsigned = text[start..].trim_start_matches(MINUS);
    let body = text.len() - unsigned.len();
    let (field, value_at) = match field_prefix(unsigned) {
        Some((field, length)) => (Some(field), body + length),
        None => (None, body),
    };
    let rest = &text[value_at..];
    let (value, quoted, end) = match rest.strip_prefix(OPENING) {
        Some(inner) => {
            let from = text.len() - inner.len();
            let Some(length) = inner.find(CLOSING) else {
                let at = Span { start: value_at as u32, end: text.len() as u32 };
                return Err(QueryError { at, problem: QueryProblem::UnclosedQuote });
            };
            let closing = inner[length..].chars().next().map_or(0, char::len_utf8);
            (&inner[..length], true, from + length + closing)
        }
        None => {
            let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
            (&rest[..length], false, value_at + length)
        }
    };
    let at = Span { start: start as u32, end: end as u32 };
    Ok((Piece { negated: body > start, field, value, quoted, at }, end))
}

/// The letters before a colon, and the length of both. An address (`https://…`)
/// has none.
fn field_prefix(text: &str) -> Option<(&str, usize)> {
    let letters = text.find(|letter: char| !letter.is_alphabetic())?;
    let rest = text[letters..].strip_prefix(':')?;
    (letters > 0 && !rest.starts_with("//")).then(|| (&text[..letters], letters + 1))
}

fn test(piece: &Piece<'_>, names: &Names, stems: &mut Stems) -> Result<Option<Test>, QueryProblem> {
    let Some(written) = piece.field else {
        return Ok(words_test(piece.value, piece.quoted, names, stems));
    };
    let spelled = words(written).join("");
    let field = FIELDS
        .iter()
        .find(|(_, known)| known.contains(&spelled.as_str()))
        .map(|&(field, _)| field)
        .ok_or_else(|| QueryProblem::UnknownField(written.to_owned()))?;
    let value = piece.value.trim();
    if value.is_empty() {
        return Err(QueryProblem::NoValue(written.to_owned()));
    }
    let unknown =
        || QueryProblem::UnknownValue { field: written.to_owned(), value: value.to_owned() };
    field_test(field, value, names)
        .map_err(|wrong| match wrong {
            Wrong::Unknown => unknown(),
            Wrong::NotADate => QueryProblem::NotADate(value.to_owned()),
        })
        .map(Some)
}

enum Wrong {
    Unknown,
    NotADate,
}

fn field_test(field: Field, value: &str, names: &Names) -> Result<Test, Wrong> {
    Ok(match field {
        Field::Topic => Test::Topic(topic(value, names).ok_or(Wrong::Unknown)?),
        Field::Network => Test::Network(vec![network(value)]),
        Field::Source => {
            let known = resolve(value, &names.sources);
            Test::Source(if known.is_empty() { vec![value.to_owned()] } else { known })
        }
        Field::Territory => {
            let known = resolve(value, &names.territories);
            if known.is_empty() {
                return Err(Wrong::Unknown);
            }
            Test::Territory(known.into_iter().map(TerritoryId).collect())
        }
        Field::Author => Test::Author { id: value.to_owned(), words: words(value) },
        Field::Community => Test::Community(some(words(value))?),
        Field::Since => Test::Since(dates::start(value, &names.zone).ok_or(Wrong::NotADate)?),
        Field::Until => Test::Until(dates::end(value, &names.zone).ok_or(Wrong::NotADate)?),
        Field::Post => Test::Post(value.to_owned()),
        Field::Kind => match words(value).join(" ").as_str() {
            "жалоба" | "complaint" => Test::Complaint,
            _ => return Err(Wrong::Unknown),
        },
    })
}

fn some(words: Vec<String>) -> Result<Vec<String>, Wrong> {
    if words.is_empty() { Err(Wrong::Unknown) } else { Ok(words) }
}

fn topic(value: &str, names: &Names) -> Option<TopicTest> {
    let groups = resolve(value, &names.groups);
    // A group's name is also the beginning of names of its topics: the group is meant.
    let topics = if groups.is_empty() { resolve(value, &names.topics) } else { Vec::new() };
    let test = TopicTest { topics: topics.into_iter().map(TopicId).collect(), groups };
    (!test.topics.is_empty() || !test.groups.is_empty()).then_some(test)
}

fn network(value: &str) -> String {
    let spelled = value.to_lowercase();
    let known = NETWORKS.iter().find(|(name, _)| *name == spelled);
    known.map_or(spelled, |&(_, network)| network.to_owned())
}

/// Words without a field. What is written together («ул.Мира», «из-за») is a phrase.
fn words_test(value: &str, quoted: bool, names: &Names, stems: &mut Stems) -> Option<Test> {
    let mut found = words(value);
    if quoted || found.len() > 1 {
        return (!found.is_empty()).then_some(Test::Phrase(found));
    }
    let word = found.pop()?;
    let forms = forms_of(&word, &names.forms);
    Some(Test::Word(WordTest { stem: stems.stem(&word), forms }))
}
