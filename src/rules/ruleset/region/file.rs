//! One file of a region pack: finds it, reads it strictly, and knows the line
//! of an entry. Knows nothing of what the entries mean.

use std::ops::Range;

use serde::de::DeserializeOwned;

use crate::model::region::Origin;
use crate::model::ruleset::{Problem, RulesetFiles, Severity};

/// A file of the pack by its path in the ruleset.
#[derive(Debug, Clone, Copy)]
pub(super) struct PackFile<'f> {
    pub path: &'f str,
    text: &'f str,
}

impl<'f> PackFile<'f> {
    /// The file of that name in the ruleset's only `regions/` folder.
    pub fn find(files: &'f RulesetFiles, name: &str) -> Option<PackFile<'f>> {
        files
            .0
            .iter()
            .find(|(path, _)| path.starts_with("regions/") && path.rsplit('/').next() == Some(name))
            .map(|(path, text)| PackFile { path, text })
    }

    pub fn toml<T: DeserializeOwned>(&self, problems: &mut Vec<Problem>) -> Option<T> {
        match toml::from_str(self.text) {
            Ok(value) => Some(value),
            Err(error) => {
                let span = error.span();
                let line = span.clone().map_or(0, |span| self.line(&span));
                let field = span.map(|span| self.key_at(&span)).unwrap_or_default();
                problems.push(self.error(line, &field, error.message()));
                None
            }
        }
    }

    /// The rows of a CSV file whose header has exactly these columns, in any order.
    pub fn rows(&self, columns: &[&str], problems: &mut Vec<Problem>) -> Vec<Row> {
        self.rows_with(columns, &[], problems)
    }

    /// The same where the list may have further columns. Cells of those that it
    /// leaves out are empty.
    pub fn rows_with(
        &self,
        columns: &[&str],
        further: &[&str],
        problems: &mut Vec<Problem>,
    ) -> Vec<Row> {
        let mut reader = csv::ReaderBuilder::new().from_reader(self.text.as_bytes());
        let Some(places) = self.header(&mut reader, columns, further, problems) else {
            return Vec::new();
        };
        let mut rows = Vec::new();
        for record in reader.records() {
            match record {
                Ok(record) => rows.push(Row {
                    line: record.position().map_or(0, |at| at.line() as usize),
                    cells: places
                        .iter()
                        .map(|place| place.and_then(|place| record.get(place)).unwrap_or(""))
                        .map(|cell| cell.trim().to_owned())
                        .collect(),
                }),
                Err(error) => {
                    let line = error.position().map_or(0, |at| at.line() as usize);
                    problems.push(self.error(line, "", &error.to_string()));
                }
            }
        }
        rows
    }

    fn header(
        &self,
        reader: &mut csv::Reader<&[u8]>,
        columns: &[&str],
        further: &[&str],
        problems: &mut Vec<Problem>,
    ) -> Option<Vec<Option<usize>>> {
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => {
                problems.push(self.error(1, "", &error.to_string()));
                return None;
            }
        };
        let is_known = |name: &&str| columns.contains(name) || further.contains(name);
        for name in header.iter().filter(|name| !is_known(name)) {
            problems.push(self.error(1, name, "unknown column"));
        }
        let place = |column: &&str| header.iter().position(|name| name == *column);
        let places: Vec<Option<usize>> = columns.iter().map(place).collect();
        for (column, _) in columns.iter().zip(&places).filter(|(_, place)| place.is_none()) {
            problems.push(self.error(1, column, "the column is missing"));
        }
        let is_whole = places.iter().all(Option::is_some);
        is_whole.then(|| places.into_iter().chain(further.iter().map(place)).collect())
    }

    /// 1-based line of the first byte of a span.
    pub fn line(&self, span: &Range<usize>) -> usize {
        let end = span.start.min(self.text.len());
        1 + self.text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count()
    }

    /// The key on the line of a span, or the table that the line opens.
    fn key_at(&self, span: &Range<usize>) -> String {
        let line = self.text.lines().nth(self.line(span) - 1).unwrap_or("");
        let key = line.split('=').next().unwrap_or("").trim();
        key.trim_matches(['[', ']']).trim().to_owned()
    }

    pub fn origin(&self, line: usize) -> Origin {
        Origin { file: self.path.to_owned(), line }
    }

    pub fn error(&self, line: usize, field: &str, message: &str) -> Problem {
        Problem {
            file: self.path.to_owned(),
            line,
            field: field.to_owned(),
            message: message.trim().to_owned(),
            severity: Severity::Error,
        }
    }
}

/// A CSV row: its cells in the order of the columns that were asked for.
#[derive(Debug)]
pub(super) struct Row {
    pub line: usize,
    pub cells: Vec<String>,
}

/// `a|b|c` → its parts.
pub(super) fn aliases(cell: &str) -> Vec<String> {
    cell.split('|').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
