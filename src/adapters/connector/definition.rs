//! What a file in `connectors/` may say, and the reader that refuses
//! everything else with file, line and field. The words are a closed list:
//! no expressions, and a network that needs logic gets a further named
//! strategy. Knows nothing of how requests are sent or payloads walked. What
//! no type can say about a file stands in `checks`.

mod about;
mod checks;
mod extraction;
mod items;
mod stream;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use scraper::Selector;
use serde::Deserialize;
use serde_json::Value;

use crate::adapters::connector::conversion::Conversion;
use crate::adapters::connector::error::ErrorClass;
use crate::model::post::Network;
use crate::model::thread::Rereading;

pub use self::about::{
    Askable, Batch, EACH_POST, Listed, Names, OF_STAND_INS, POST_STAND_INS, Replies, Resolve,
    UnderReplies,
};
pub use self::extraction::{
    Condition, Dialect, Every, Extraction, Fields, MediaRule, MoreRule, NameTable, Only, Rule,
    Rules, Strategy, Within,
};
pub use self::items::ItemsPlace;
pub use self::stream::{Backfill, Protocol, StreamKind};

use self::extraction::one_or_many;

/// A network's connector, checked.
#[derive(Debug, Clone)]
pub struct Definition {
    pub network: Network,
    pub file: DefinitionFile,
    /// Every CSS selector of the file, compiled.
    pub selectors: BTreeMap<String, Selector>,
}

/// What is wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub file: String,
    pub line: usize,
    pub field: String,
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, self.field, self.message)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefinitionFile {
    /// As people read it.
    pub name: String,
    pub format: Format,
    /// Where requests go; the configuration may name another place.
    #[serde(default)]
    pub base_url: Option<String>,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub redirects: Redirects,
    /// What is done with a site's wishes to robots, where pages are read.
    #[serde(default)]
    pub robots: RobotsRule,
    #[serde(default)]
    pub auth: Auth,
    #[serde(default)]
    pub limits: Limits,
    #[serde(default)]
    pub rate: Rate,
    /// Poll kind → how it is asked for.
    pub poll: BTreeMap<String, PollKind>,
    /// Kind of stream → how its posts come.
    #[serde(default)]
    pub stream: BTreeMap<String, StreamKind>,
    /// Kind of payload → how it is read.
    pub extract: BTreeMap<String, Extraction>,
    #[serde(default)]
    pub errors: Errors,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Json,
    Html,
    /// RSS, Atom, RDF or JSON Feed.
    Feed,
    /// A page for people, read by the places that its source names.
    Page,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Redirects {
    /// A redirect is an answer of its own (Telegram: «no preview»).
    #[default]
    Refuse,
    /// Followed a few times, never to an address inside.
    Follow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RobotsRule {
    #[default]
    Respect,
    /// For a site that has allowed it otherwise.
    Ignore,
}

/// Where the token goes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Auth {
    #[default]
    None,
    Query {
        name: String,
    },
    Header {
        name: String,
    },
    Bearer,
    /// The secret is `id:secret`, for which `token_url` gives bearer tokens.
    ClientCredentials {
        token_url: String,
    },
    /// The secret is `name:app-password`, for which the server gives sessions
    /// of the AT protocol; what is asked with one is asked there.
    AtSession {
        server: String,
    },
    /// Odnoklassniki's: every request is signed, the token file has several lines.
    OkSignature,
}

/// What may be taken from outside, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Of one answer, after decompression.
    pub body_max_bytes: usize,
    /// For one request from the first byte to the last.
    pub request_max_secs: u64,
    pub pages_max: usize,
    /// Depth of a JSON or XML document.
    pub nesting_max: usize,
    /// Items of one page.
    pub items_max: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            body_max_bytes: 8 * 1024 * 1024,
            request_max_secs: 30,
            pages_max: 20,
            nesting_max: 64,
            items_max: 1_000,
        }
    }
}

/// Politeness: requests to one host, and with one credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rate {
    pub per_minute: u32,
    /// Units a day with one credential, of all poll kinds together.
    pub daily_max: Option<u32>,
    /// Whose midnight begins the network's day.
    pub day: DayZone,
    /// Of the requests to the host, and of a day's, how many may go to gaps.
    pub spare_percent: u32,
}

impl Default for Rate {
    fn default() -> Rate {
        Rate { per_minute: 60, daily_max: None, day: DayZone::Moscow, spare_percent: 25 }
    }
}

/// The networks count days where they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayZone {
    #[default]
    Moscow,
    Pacific,
    Utc,
}

impl DayZone {
    /// Its name in the database of time zones.
    pub fn name(self) -> &'static str {
        match self {
            DayZone::Moscow => "Europe/Moscow",
            DayZone::Pacific => "America/Los_Angeles",
            DayZone::Utc => "UTC",
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PollKind {
    /// Under the base URL; `{target}` and its kin stand for the source's target.
    pub path: String,
    /// Of polls that ask for what stands under one post: how their target is
    /// made from the post.
    #[serde(default = "native_id")]
    pub of: String,
    /// Where this kind lives elsewhere than the network's others; a base that
    /// is configured stands for all of them.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Where this kind needs another authentication than the others, or none.
    #[serde(default)]
    pub auth: Option<Auth>,
    /// A parameter whose stand-in has nothing to stand for is left out.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// How a target that people write becomes the one that is asked by.
    #[serde(default)]
    pub resolve: Option<Resolve>,
    /// Name of the extraction that reads the answer.
    pub extract: String,
    #[serde(default)]
    pub paging: Paging,
    #[serde(default)]
    pub order: Order,
    pub interval_secs: u64,
    /// How far behind the newest known post a poll still looks.
    pub overlap_secs: i64,
    /// Pages of a source that was never polled.
    #[serde(default = "one")]
    pub first_pages: usize,
    /// Requests a day with one credential.
    #[serde(default)]
    pub daily_max: Option<u32>,
    /// What one request takes of the units that all kinds share.
    #[serde(default = "one_unit")]
    pub cost: u32,
    /// Items after which the network gives no more, however many there are.
    #[serde(default)]
    pub results_max: Option<usize>,
    /// How far back the network shows anything; asking for more is refused.
    #[serde(default)]
    pub memory_secs: Option<i64>,
    #[serde(default)]
    pub conditional: Conditional,
    /// How calls that wait for their turn go together.
    #[serde(default)]
    pub batch: Option<Batch>,
    /// The kind that reads the comments under the posts of this one.
    #[serde(default)]
    pub comments: Option<String>,
    /// Of comments: the kind that reads the replies to one of them, where a
    /// page does not hold them all.
    #[serde(default)]
    pub branches: Option<String>,
    /// The kind that reads a past stretch of a source, with the same target,
    /// where this one cannot.
    #[serde(default)]
    pub backfill: Option<String>,
    /// The kind that looks at single posts of this one again.
    #[serde(default)]
    pub recheck: Option<String>,
    /// Of such a kind: how many posts one request may name.
    #[serde(default = "one")]
    pub posts_max: usize,
    /// Of such a kind, and of comments: which posts have a name to ask by.
    #[serde(default)]
    pub askable: Askable,
    /// Of a kind that asks for posts by their names: whether it has answers too.
    #[serde(default)]
    pub replies: Replies,
    /// Of comments: whether there are some under posts that answer others.
    #[serde(default)]
    pub under_replies: UnderReplies,
    /// Of comments: how often they are read again.
    #[serde(default)]
    pub rereading: Rereading,
}

impl PollKind {
    /// Whether it asks for what stands under a post, or for posts by name.
    pub fn is_about_posts(&self) -> bool {
        let texts = std::iter::once(&self.path).chain(self.query.values());
        texts.flat_map(|text| stand_ins(text)).any(|name| POST_STAND_INS.contains(&name))
    }

    /// Whether a request may say before when it wants posts.
    pub fn asks_until(&self) -> bool {
        self.query.values().any(|value| value.contains("{until_"))
    }

    /// Whether a request may say from when on it wants posts.
    pub fn asks_since(&self) -> bool {
        let is_since =
            |value: &String| ["{since_unix_secs}", "{since_rfc3339}"].contains(&&**value);
        self.query.values().any(is_since)
    }

    /// Whether it can come to what stands behind its first page.
    pub fn reaches_back(&self) -> bool {
        self.paging != Paging::None || self.asks_until()
    }
}

fn one() -> usize {
    1
}

fn native_id() -> String {
    "{native_id}".to_owned()
}

fn one_unit() -> u32 {
    1
}

/// How the next (older) page is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(tag = "strategy", rename_all = "snake_case", deny_unknown_fields)]
pub enum Paging {
    /// What does not stand on the first page cannot be had.
    #[default]
    None,
    /// The number of items read so far; ends at `total` or with an empty page.
    Offset { param: String, total: String },
    /// A text of the answer goes into the next request; ends where it is absent.
    Token {
        param: String,
        at: String,
        /// A place that says whether there is more; `false` ends.
        #[serde(default)]
        more: Option<String>,
        /// A page without items ends, even where it still holds a token.
        #[serde(default)]
        empty_ends: bool,
    },
    /// Pages are numbered from one; ends with an empty page.
    Number { param: String },
    /// The answer's `Link: <…>; rel="next"`. With `forward`, where the first
    /// request could say after which id it wants posts (`{since_snowflake}`),
    /// the pages go on from there to the newest one by `rel="prev"`.
    LinkHeader {
        #[serde(default)]
        forward: bool,
    },
    /// The answer holds the next address; of that only these parameters are
    /// taken, because it may repeat the token.
    NextAddress { at: String, take: Vec<String> },
    /// What a page names and does not show is asked for by name.
    Listed(Listed),
    /// The page links to the older one.
    NextPage,
}

/// In which order a page shows posts; the older pages continue at the old end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    #[default]
    NewestFirst,
    OldestFirst,
    /// Feeds promise nothing.
    Unordered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conditional {
    #[default]
    Never,
    /// `If-None-Match` and `If-Modified-Since`, and now and then neither:
    /// servers are known to hide posts behind a 304.
    Validators,
}

/// How the network says no.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Errors {
    /// Where a payload holds the code and the words of an error. Of several
    /// codes the first that is listed counts.
    pub code: Vec<String>,
    /// What is done with a code before it is looked for.
    #[serde(deserialize_with = "one_or_many")]
    pub code_as: Vec<Conversion>,
    /// A finer code, which counts more where it is listed.
    pub subcode: Vec<String>,
    pub message: Vec<String>,
    /// A payload that has one of these is no error as a whole, whatever it
    /// says about some of its parts.
    pub unless: Vec<String>,
    /// Numbers, words, or `"200..299"` for all between.
    pub codes: BTreeMap<ErrorClass, Vec<Value>>,
    pub subcodes: BTreeMap<ErrorClass, Vec<Value>>,
    /// Parts of the words by which an error is told where its code says too
    /// little; in any case of letters, before the codes.
    pub words: BTreeMap<ErrorClass, Vec<String>>,
    /// What a code means that is not listed; an HTTP status says it better.
    pub otherwise: Option<ErrorClass>,
    /// Beside what every HTTP status means by itself.
    pub statuses: BTreeMap<ErrorClass, Vec<u16>>,
    /// Pages of HTML that say no, with status 200 or in place of JSON; the
    /// first that holds.
    pub pages: Vec<PageError>,
    /// Asked after a redirect, to tell «no preview» from «gone».
    pub redirect_probe: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageError {
    pub class: ErrorClass,
    pub at: String,
    /// One of these words; without any, something has to be there.
    #[serde(default, deserialize_with = "one_or_many")]
    pub contains: Vec<String>,
    /// None of these may be there.
    #[serde(default)]
    pub absent: Vec<String>,
    pub message: String,
}

/// What may stand for the source in a path or a query.
pub const STAND_INS: [&str; 18] = [
    "target",
    "target_number",
    "target_name",
    "target_first",
    "target_rest",
    "target_head",
    "target_tail",
    "target_host",
    "rest_head",
    "rest_tail",
    "target_uploads",
    "since_unix_secs",
    "since_rfc3339",
    "since_snowflake",
    "until_unix_secs",
    "until_rfc3339",
    "until_id",
    "until_id_last",
];

/// Reads a definition; the network is the stem of the file's name.
pub fn parse(file_name: &str, text: &str) -> Result<Definition, Vec<Problem>> {
    let file: DefinitionFile =
        toml::from_str(text).map_err(|error| vec![toml_problem(file_name, text, &error)])?;
    let stem = file_name.rsplit('/').next().unwrap_or(file_name).trim_end_matches(".toml");
    let selectors = checks::selectors(file_name, text, &file)?;
    Ok(Definition { network: Network(stem.to_owned()), file, selectors })
}

fn toml_problem(file_name: &str, text: &str, error: &toml::de::Error) -> Problem {
    let start = error.span().map_or(0, |span| span.start);
    let line = text.get(..start).unwrap_or(text).matches('\n').count() + 1;
    let field = text.lines().nth(line - 1).and_then(|line| line.split(['=', ']']).next());
    Problem {
        file: file_name.to_owned(),
        line,
        field: field.unwrap_or("").trim().trim_start_matches('[').to_owned(),
        message: error.message().to_owned(),
    }
}

/// The names between braces.
pub fn stand_ins(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// The stand-ins of a path or a query. A list of fields in braces, as some
/// networks write it, is itself.
pub fn source_stand_ins(text: &str) -> impl Iterator<Item = &str> {
    stand_ins(text).filter(|name| !name.contains([',', '.', '(']))
}

/// The table of names and the place that `table:/place` says.
pub fn table_and_place(name: &str) -> (Option<&str>, &str) {
    match name.split_once(":/") {
        Some((table, place)) if !table.contains('/') => {
            (Some(table), &name[name.len() - place.len() - 1..])
        }
        Some(_) | None => (None, name),
    }
}

impl Definition {
    /// What an HTTP status means here.
    pub fn class_of_status(&self, status: u16) -> Option<ErrorClass> {
        let listed = self.file.errors.statuses.iter();
        let listed = listed.into_iter().find(|(_, statuses)| statuses.contains(&status));
        listed.map(|(class, _)| *class).or_else(|| ErrorClass::of_status(status))
    }

    /// As whom a kind of poll or stream asks.
    pub fn auth(&self, kind: &str) -> &Auth {
        let of_poll = self.file.poll.get(kind).and_then(|kind| kind.auth.as_ref());
        let of_stream = self.file.stream.get(kind).and_then(|kind| kind.auth.as_ref());
        of_poll.or(of_stream).unwrap_or(&self.file.auth)
    }

    /// Every kind that a source may be of.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.file.poll.keys().chain(self.file.stream.keys()).map(String::as_str)
    }

    /// The extraction of that name, through `same_as`.
    pub fn extraction(&self, kind: &str) -> Option<&Extraction> {
        let found = self.file.extract.get(kind)?;
        match &found.same_as {
            Some(other) => self.file.extract.get(other),
            None => Some(found),
        }
    }
}
