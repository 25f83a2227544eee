//! The outside form of a post: one JSON object a line, or a row of CSV.
//! Reads and prints, no more: where lines come from and what becomes of the
//! posts is not known here. The form is documented and does not change
//! silently; a key that it does not have is an error with its line and name.

use serde::{Deserialize, Serialize};

use crate::model::post::Counts;
use crate::model::post::Geo;
use crate::model::post::Media;
use crate::model::post::Network;
use crate::model::post::Post;
use crate::model::post::PostKey;
use crate::model::source::SourceId;
use crate::model::time::Timestamp;

/// The network of CSV rows that name none: a file that somebody brought.
pub const FILE_NETWORK: &str = "file";

/// What was wrong with a line, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, field {field}: {message}")]
pub struct ReadError {
    pub line: usize,
    /// `-` where the line as a whole could not be read.
    pub field: String,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PostView {
    network: String,
    native_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    author_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    author_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    community: Option<String>,
    text: String,
    published_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edited_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thread_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lang: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    geo: Option<Geo>,
    #[serde(default)]
    counts: Counts,
    #[serde(default)]
    media: Vec<Media>,
    #[serde(default)]
    deleted: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    private: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_repost_of: Option<PostKey>,
}

/// Reads one line of NDJSON; `line` counts from 1 and is only for the error.
pub fn parse_line(line: usize, text: &str) -> Result<Post, ReadError> {
    let view: PostView =
        serde_json::from_str(text).map_err(|error| blame(line, text, &error.to_string()))?;
    check(line, Post::from(view))
}

/// Prints a post as one line, without the line's end.
pub fn print_line(post: &Post) -> String {
    serde_json::to_string(&PostView::from(post)).expect("a view has only text keys")
}

fn check(line: usize, post: Post) -> Result<Post, ReadError> {
    let refuse = |field: &str, message: &str| {
        Err(ReadError { line, field: field.to_owned(), message: message.to_owned() })
    };
    if post.key.network.0.is_empty() {
        return refuse("network", "is empty");
    }
    if post.key.native_id.is_empty() {
        return refuse("native_id", "is empty");
    }
    if post.text.trim().is_empty() && post.media.is_empty() && !post.deleted {
        return refuse("text", "may be empty only with media or when deleted");
    }
    Ok(post)
}

/// Fields whose own errors speak of bytes, not of what was written.
const INSTANTS: [&str; 2] = ["published_at", "edited_at"];

/// Finds the field that a line failed on by offering its keys one at a time:
/// slow, but only for lines that are wrong anyway.
fn blame(line: usize, text: &str, message: &str) -> ReadError {
    let plain = |field: &str, message: &str| ReadError {
        line,
        field: field.to_owned(),
        message: message.to_owned(),
    };
    let Ok(serde_json::Value::Object(given)) = serde_json::from_str(text) else {
        return plain("-", message);
    };
    let sound = serde_json::json!({
        "network": "n", "native_id": "1", "text": "t", "published_at": "2000-01-01T00:00:00Z"
    });
    for (key, value) in &given {
        let mut probe = sound.clone();
        probe[key] = value.clone();
        if let Err(error) = serde_json::from_value::<PostView>(probe) {
            return match value.as_str().filter(|_| INSTANTS.contains(&key.as_str())) {
                Some(written) => plain(key, &format!("«{written}» is no instant of RFC 3339")),
                None => plain(key, &error.to_string()),
            };
        }
    }
    let missing = ["network", "native_id", "text", "published_at"]
        .into_iter()
        .find(|field| !given.contains_key(*field));
    match missing {
        Some(field) => plain(field, "is required"),
        None => plain("-", message),
    }
}

impl From<PostView> for Post {
    fn from(view: PostView) -> Post {
        Post {
            key: PostKey { network: Network(view.network), native_id: view.native_id },
            source: view.source.map(SourceId),
            url: view.url,
            author_id: view.author_id,
            author_name: view.author_name,
            community: view.community,
            text: view.text,
            published_at: view.published_at,
            edited_at: view.edited_at,
            parent_id: view.parent_id,
            thread_id: view.thread_id,
            lang: view.lang,
            geo: view.geo,
            counts: view.counts,
            media: view.media,
            deleted: view.deleted,
            private: view.private,
            // Who a page belongs to and whether a text is whole is known where it
            // is read; the form has no word for it.
            guest: false,
            excerpt: false,
            is_repost_of: view.is_repost_of,
        }
    }
}

impl From<&Post> for PostView {
    fn from(post: &Post) -> PostView {
        let post = post.clone();
        PostView {
            network: post.key.network.0,
            native_id: post.key.native_id,
            source: post.source.map(|source| source.0),
            url: post.url,
            author_id: post.author_id,
            author_name: post.author_name,
            community: post.community,
            text: post.text,
            published_at: post.published_at,
            edited_at: post.edited_at,
            parent_id: post.parent_id,
            thread_id: post.thread_id,
            lang: post.lang,
            geo: post.geo,
            counts: post.counts,
            media: post.media,
            deleted: post.deleted,
            private: post.private,
            is_repost_of: post.is_repost_of,
        }
    }
}

/// A row of CSV. Its instant may be missing; the caller knows what to take
/// instead (the order of arrival, the file's date).
#[derive(Debug, Clone, PartialEq)]
pub struct CsvRow {
    /// Counted as a spreadsheet shows it: the header is line 1.
    pub line: usize,
    pub published_at: Option<Timestamp>,
    post: Post,
}

impl CsvRow {
    /// The post, published at its own instant or else at the given one.
    pub fn into_post(self, otherwise: Timestamp) -> Post {
        let published_at = self.published_at.unwrap_or(otherwise);
        Post { published_at, ..self.post }
    }
}

/// Reads CSV with a header row. Columns have the names of the NDJSON form
/// (`views`, `likes`, `reposts`, `comments`, `lat`, `lon` stand alone); only
/// `id` (or `network` and `native_id`) and `text` are required. Further
/// columns belong to somebody else and are passed over.
pub fn csv_rows<R: std::io::Read>(
    reader: R,
) -> Result<impl Iterator<Item = Result<CsvRow, ReadError>>, ReadError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let headers = reader.headers().map_err(|error| csv_error(1, &error))?.clone();
    let columns: Vec<String> =
        headers.iter().map(|name| name.trim().trim_start_matches('\u{feff}').to_owned()).collect();
    let has = |name: &str| columns.iter().any(|column| column == name);
    let missing = if !has("text") { Some("text") } else { None };
    let missing = missing.or(if has("id") || has("native_id") { None } else { Some("id") });
    if let Some(field) = missing {
        let message = "column is required".to_owned();
        return Err(ReadError { line: 1, field: field.to_owned(), message });
    }
    Ok(reader.into_records().scan(1, move |line, record| {
        let result = match record {
            Ok(record) => {
                *line = record.position().map_or(*line + 1, |at| at.line() as usize);
                row(*line, &columns, &record)
            }
            Err(error) => Err(csv_error(*line + 1, &error)),
        };
        Some(result)
    }))
}

fn csv_error(line: usize, error: &csv::Error) -> ReadError {
    let line = error.position().map_or(line, |at| at.line() as usize);
    ReadError { line, field: "-".to_owned(), message: error.to_string() }
}

fn row(line: usize, columns: &[String], record: &csv::StringRecord) -> Result<CsvRow, ReadError> {
    let cells = Cells { line, columns, record };
    let native_id = cells.text("native_id").or_else(|| cells.text("id"));
    let published_at = cells.instant("published_at")?;
    let post = Post {
        key: PostKey {
            network: Network(cells.text("network").unwrap_or_else(|| FILE_NETWORK.to_owned())),
            native_id: native_id.ok_or_else(|| cells.error("id", "is empty"))?,
        },
        source: cells.text("source").map(SourceId),
        url: cells.text("url"),
        author_id: cells.text("author_id"),
        author_name: cells.text("author_name"),
        community: cells.text("community"),
        text: cells.raw("text").unwrap_or("").replace("\r\n", "\n"),
        published_at: published_at.unwrap_or(Timestamp::UNIX_EPOCH),
        edited_at: cells.instant("edited_at")?,
        parent_id: cells.text("parent_id"),
        thread_id: cells.text("thread_id"),
        lang: cells.text("lang"),
        geo: cells.number("lat")?.zip(cells.number("lon")?).map(|(lat, lon)| Geo { lat, lon }),
        counts: Counts {
            views: cells.number("views")?,
            likes: cells.number("likes")?,
            reposts: cells.number("reposts")?,
            comments: cells.number("comments")?,
        },
        media: Vec::new(),
        deleted: matches!(cells.text("deleted").as_deref(), Some("true" | "1")),
        private: matches!(cells.text("private").as_deref(), Some("true" | "1")),
        guest: false,
        excerpt: false,
        is_repost_of: None,
    };
    Ok(CsvRow { line, published_at, post: check(line, post)? })
}

struct Cells<'a> {
    line: usize,
    columns: &'a [String],
    record: &'a csv::StringRecord,
}

impl Cells<'_> {
    fn raw(&self, name: &str) -> Option<&str> {
        let at = self.columns.iter().position(|column| column == name)?;
        self.record.get(at)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.raw(name).map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned)
    }

    fn number<N: std::str::FromStr>(&self, name: &str) -> Result<Option<N>, ReadError> {
        let cell = self.text(name);
        cell.map(|cell| cell.parse().map_err(|_| self.error(name, "is not a number"))).transpose()
    }

    /// RFC 3339, or `2019-04-05 22:11:53` and `2019-04-05`, which are UTC.
    fn instant(&self, name: &str) -> Result<Option<Timestamp>, ReadError> {
        let Some(cell) = self.text(name) else { return Ok(None) };
        let civil = || cell.parse::<jiff::civil::DateTime>().ok();
        let zoned = || civil().and_then(|at| at.to_zoned(jiff::tz::TimeZone::UTC).ok());
        match cell.parse::<Timestamp>().ok().or_else(|| zoned().map(|at| at.timestamp())) {
            Some(instant) => Ok(Some(instant)),
            None => Err(self.error(name, "is not a date")),
        }
    }

    fn error(&self, field: &str, message: &str) -> ReadError {
        ReadError { line: self.line, field: field.to_owned(), message: message.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = r#"{"network":"vk","native_id":"-1_2","source":"vk:wall:-1","url":"https://vk.example/wall-1_2","author_id":"7","author_name":"Ира","community":"Двор","text":"Яма\nи лужа","published_at":"2026-11-20T08:30:00Z","edited_at":"2026-11-20T08:31:00Z","parent_id":"-1_1","thread_id":"-1_1","lang":"ru","geo":{"lat":59.2,"lon":39.9},"counts":{"views":5},"media":[{"kind":"photo","url":"https://x.example/1.jpg"}],"deleted":false,"is_repost_of":{"network":"vk","native_id":"-3_4"}}"#;

    #[test]
    fn what_is_printed_is_what_was_read() {
        let post = parse_line(1, FULL).unwrap();
        assert_eq!(print_line(&post), FULL);
    }

    #[test]
    fn a_wrong_line_names_its_field() {
        fn check(text: &str, field: &str) {
            let error = parse_line(7, text).unwrap_err();
            assert_eq!((error.line, error.field.as_str()), (7, field), "{text}: {error}");
        }
        let at = r#""published_at":"2026-11-20T08:30:00Z""#;
        check(
            &format!(r#"{{"network":"vk","native_id":"1","text":"а",{at},"colour":1}}"#),
            "colour",
        );
        check(&format!(r#"{{"network":"vk","native_id":1,"text":"а",{at}}}"#), "native_id");
        check(&format!(r#"{{"network":"vk","native_id":"1","text":" ",{at}}}"#), "text");
        check(&format!(r#"{{"network":"vk","native_id":"","text":"а",{at}}}"#), "native_id");
        check(
            r#"{"network":"vk","native_id":"1","text":"а","published_at":"вчера"}"#,
            "published_at",
        );
        check(r#"{"network":"vk","native_id":"1","text":"а"}"#, "published_at");
        check(
            &format!(r#"{{"network":"vk","native_id":"1","text":"а",{at},"counts":{{"x":1}}}}"#),
            "counts",
        );
        check("не JSON", "-");
        check("[]", "-");
    }

    #[test]
    fn text_may_be_empty_with_media_or_when_deleted() {
        let base =
            r#""network":"vk","native_id":"1","text":"","published_at":"2026-11-20T08:30:00Z""#;
        assert!(parse_line(1, &format!(r#"{{{base},"deleted":true}}"#)).is_ok());
        assert!(parse_line(1, &format!(r#"{{{base},"media":[{{"kind":"photo"}}]}}"#)).is_ok());
    }

    fn rows(text: &str) -> Vec<Result<CsvRow, ReadError>> {
        csv_rows(text.as_bytes()).unwrap().collect()
    }

    #[test]
    fn csv_needs_only_id_and_text() {
        let rows = rows("id,text,topic\n5,\"Яма, и\nлужа\",дороги\n");
        let row = rows[0].clone().unwrap();
        assert_eq!(row.published_at, None);
        let post = row.into_post(Timestamp::UNIX_EPOCH);
        assert_eq!(post.key.to_string(), "file:5");
        assert_eq!(post.text, "Яма, и\nлужа");
    }

    #[test]
    fn csv_reads_the_columns_of_the_form() {
        let text = "\u{feff}network,native_id,published_at,text,views,lat,lon\n\
                    vk,-1_2,2019-04-05 22:11:53,Снег,12,59.2,39.9\n";
        let post = rows(text)[0].clone().unwrap().into_post(Timestamp::UNIX_EPOCH);
        assert_eq!(post.key.to_string(), "vk:-1_2");
        assert_eq!(post.published_at.to_string(), "2019-04-05T22:11:53Z");
        assert_eq!(post.counts.views, Some(12));
        assert_eq!(post.geo, Some(Geo { lat: 59.2, lon: 39.9 }));
    }

    #[test]
    fn a_wrong_row_names_line_and_field_and_the_others_survive() {
        let rows =
            rows("id,text,published_at,views\n1,\"а\nб\",,\n2,в,вчера,\n3,г,,много\n4,,,\n5,д,,\n");
        let errors: Vec<_> = rows
            .iter()
            .filter_map(|row| row.as_ref().err())
            .map(|e| (e.line, e.field.as_str()))
            .collect();
        assert_eq!(errors, [(4, "published_at"), (5, "views"), (6, "text")]);
        assert_eq!(rows.iter().filter(|row| row.is_ok()).count(), 2);
    }

    #[test]
    fn csv_without_its_columns_is_refused() {
        assert_eq!(csv_rows("id,words\n".as_bytes()).err().unwrap().field, "text");
        assert_eq!(csv_rows("text\n".as_bytes()).err().unwrap().field, "id");
    }
}
