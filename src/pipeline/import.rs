//! Brings the posts of a file into the store, batch by batch, as a poll would.
//! A line that cannot be read becomes a rejected row with its line and field;
//! the others go on. If we stop here, importing the file again stores only
//! what is missing.

use std::collections::VecDeque;
use std::io::{BufRead, Read};

use crate::adapters::ndjson::{ReadError, csv_rows, parse_line};
use crate::adapters::store::commands::{Command, Ingest, Ingested};
use crate::adapters::store::{Pending, Store, StoreError};
use crate::model::post::Post;
use crate::model::source::{REJECTED_PAYLOAD_MAX_BYTES, Rejected};
use crate::model::time::Timestamp;

/// Posts in one command.
const BATCH_POSTS: usize = 1_000;
/// Text in one command; long posts travel in smaller companies.
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// Commands on their way to the disk while the next batch is read.
const PENDING_MAX: usize = 4;
/// A line longer than this is no post; networks end at a few hundred KiB.
pub const LINE_MAX_BYTES: usize = 4 * 1024 * 1024;

/// The forms a file may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Ndjson,
    Csv,
}

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("reading the file after line {line}: {source}")]
    Unreadable { line: usize, source: std::io::Error },
    /// The file as a whole is not what it should be (a missing column).
    #[error("{}", said(.0))]
    Header(ReadError),
}

/// Feeds a whole file; returns once every post of it is durable. `pace` is
/// called before every batch and may wait for whoever works on the posts.
pub fn feed(
    store: &Store,
    file: impl BufRead,
    form: Form,
    seen_at: Timestamp,
    mut rejected: impl FnMut(&Rejected),
    pace: &mut dyn FnMut() -> Result<(), StoreError>,
) -> Result<Ingested, ImportError> {
    let mut feeder = Feeder::new(store, seen_at, pace);
    match form {
        Form::Ndjson => feeder.ndjson(file, &mut rejected)?,
        Form::Csv => feeder.csv(file, &mut rejected)?,
    }
    feeder.finish()
}

struct Feeder<'s> {
    store: &'s Store,
    seen_at: Timestamp,
    posts: Vec<Post>,
    /// Of the texts of `posts`.
    bytes: usize,
    rejected: Vec<Rejected>,
    pending: VecDeque<Pending>,
    total: Ingested,
    pace: &'s mut dyn FnMut() -> Result<(), StoreError>,
}

impl<'s> Feeder<'s> {
    fn new(
        store: &'s Store,
        seen_at: Timestamp,
        pace: &'s mut dyn FnMut() -> Result<(), StoreError>,
    ) -> Feeder<'s> {
        Feeder {
            store,
            seen_at,
            posts: Vec::new(),
            bytes: 0,
            rejected: Vec::new(),
            pending: VecDeque::new(),
            total: Ingested::default(),
            pace,
        }
    }

    fn ndjson(
        &mut self,
        mut file: impl BufRead,
        report: &mut impl FnMut(&Rejected),
    ) -> Result<(), ImportError> {
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let unreadable = |source| ImportError::Unreadable { line: number - 1, source };
            let whole = read_line(&mut file, &mut line).map_err(unreadable)?;
            if line.is_empty() {
                return Ok(());
            }
            let read = match whole {
                Whole::Yes => parse(number, &line),
                Whole::TooLong => Err(too_long(number, "-")),
            };
            match read {
                Ok(Some(post)) => self.post(post)?,
                Ok(None) => {}
                Err(error) => self.reject(&error, &line, report)?,
            }
        }
        Ok(())
    }

    fn csv(
        &mut self,
        file: impl Read,
        report: &mut impl FnMut(&Rejected),
    ) -> Result<(), ImportError> {
        for row in csv_rows(file).map_err(ImportError::Header)? {
            match row {
                Ok(row) => {
                    let line = row.line;
                    let post = row.into_post(self.seen_at);
                    match post.text.len() <= LINE_MAX_BYTES {
                        true => self.post(post)?,
                        false => self.reject(&too_long(line, "text"), &[], report)?,
                    }
                }
                Err(error) => self.reject(&error, &[], report)?,
            }
        }
        Ok(())
    }

    fn post(&mut self, post: Post) -> Result<(), ImportError> {
        self.bytes += post.text.len();
        self.posts.push(post);
        let is_full = BATCH_POSTS <= self.posts.len() || BATCH_BYTES <= self.bytes;
        if is_full { self.send() } else { Ok(()) }
    }

    fn reject(
        &mut self,
        error: &ReadError,
        payload: &[u8],
        report: &mut impl FnMut(&Rejected),
    ) -> Result<(), ImportError> {
        let kept = &payload[..payload.len().min(REJECTED_PAYLOAD_MAX_BYTES)];
        let rejected = Rejected { source: None, error: said(error), payload: kept.to_vec() };
        report(&rejected);
        self.rejected.push(rejected);
        if BATCH_POSTS <= self.rejected.len() { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> Result<(), ImportError> {
        (self.pace)()?;
        self.bytes = 0;
        let ingest = Ingest {
            seen_at: self.seen_at,
            posts: std::mem::take(&mut self.posts),
            rejected: std::mem::take(&mut self.rejected),
            gap: None,
            poll: None,
        };
        self.pending.push_back(self.store.submit(Command::Ingest(ingest))?);
        while PENDING_MAX <= self.pending.len() {
            self.wait_for_oldest()?;
        }
        Ok(())
    }

    fn wait_for_oldest(&mut self) -> Result<(), ImportError> {
        if let Some(pending) = self.pending.pop_front() {
            let counts = pending.wait()?.ingested();
            self.total.received += counts.received;
            self.total.new += counts.new;
            self.total.known += counts.known;
            self.total.revised += counts.revised;
            self.total.rejected += counts.rejected;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Ingested, ImportError> {
        self.send()?;
        while !self.pending.is_empty() {
            self.wait_for_oldest()?;
        }
        Ok(self.total)
    }
}

fn said(ReadError { line, field, message }: &ReadError) -> String {
    match field.as_str() {
        "-" => format!("line {line}: {message}"),
        field => format!("line {line}: {field}: {message}"),
    }
}

fn too_long(line: usize, field: &str) -> ReadError {
    let message = format!("longer than {LINE_MAX_BYTES} bytes");
    ReadError { line, field: field.to_owned(), message }
}

enum Whole {
    Yes,
    TooLong,
}

/// Reads up to the next line break, keeping at most `LINE_MAX_BYTES` of it.
fn read_line(file: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<Whole> {
    let mut whole = Whole::Yes;
    loop {
        let buffer = file.fill_buf()?;
        if buffer.is_empty() {
            return Ok(whole);
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |at| at + 1);
        let room = LINE_MAX_BYTES.saturating_sub(line.len());
        if room < used {
            whole = Whole::TooLong;
        }
        line.extend_from_slice(&buffer[..used.min(room)]);
        file.consume(used);
        if end.is_some() {
            return Ok(whole);
        }
    }
}

/// A post, or nothing for a blank line.
fn parse(number: usize, line: &[u8]) -> Result<Option<Post>, ReadError> {
    let text = std::str::from_utf8(line).map_err(|error| ReadError {
        line: number,
        field: "-".to_owned(),
        message: format!("not UTF-8 at byte {}", error.valid_up_to()),
    })?;
    // Some editors begin a file with a mark of its encoding.
    let text = if number == 1 { text.trim_start_matches('\u{feff}') } else { text };
    if text.trim().is_empty() { Ok(None) } else { parse_line(number, text.trim_end()).map(Some) }
}
