//! What a definition may say about reading a payload: where items stand, what
//! is no post, and how every field is found. Knows nothing of how payloads are
//! walked.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Format, ItemsPlace};
use crate::adapters::connector::conversion::Conversion;

/// How posts are read from a payload. Places are JSON pointers, or CSS
/// selectors with an optional `@attribute`; feeds have their own fixed reader.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Extraction {
    /// Where this payload is of another kind than the network's others.
    pub format: Option<Format>,
    /// Another extraction that says it all.
    pub same_as: Option<String>,
    /// Another extraction, for a payload that turns out to be a feed.
    pub when_feed: Option<String>,
    /// What a feed means by its elements, where it means its own.
    pub dialect: Option<Dialect>,
    /// The first of these that is there is what other places are relative to.
    pub root: Vec<String>,
    /// One of these must be there, or the payload is not what it should be.
    pub present: Vec<String>,
    /// `null` in the place of a payload says that there is nothing.
    pub null_is_empty: bool,
    /// Lists of items, or single ones; the first place that is there. Where
    /// none is and `present` names another place, there are no items.
    #[serde(deserialize_with = "one_or_many")]
    pub items: Vec<ItemsPlace>,
    /// The lists at all of these places together, not at the first.
    pub all_lists: bool,
    /// One of these says that there are no items.
    pub nothing: Vec<Condition>,
    /// Of HTML: how many items there are in all, as the page tells.
    pub total: Rules,
    /// One of these says that something is kept back that is not gone.
    pub withheld: Vec<Condition>,
    /// Items inside an item (replies of a comment).
    #[serde(deserialize_with = "one_or_many")]
    pub children: Vec<String>,
    /// Items that are no posts.
    pub skip: Vec<Condition>,
    /// An item that stands for others, which are not shown.
    pub more: Option<MoreRule>,
    /// Items that stand outside the order.
    pub pinned: Vec<Condition>,
    pub deleted: Vec<Condition>,
    /// Items that were written to one reader and not to everybody.
    pub private: Vec<Condition>,
    /// Items on an account's page that somebody else wrote in a name of their own.
    pub guest: Vec<Condition>,
    /// Items that show a part of their text.
    pub excerpt: Vec<Condition>,
    /// The items that this extraction is about, where others stand among them.
    pub only: Option<Only>,
    /// An item without a date is a post of the moment at which it was seen.
    pub may_be_undated: bool,
    /// Places that an item without them takes from its neighbours.
    pub inherit: Vec<String>,
    /// Key → place of the payload whose value an item without that key gets.
    pub around: BTreeMap<String, String>,
    /// Names of authors and communities by id.
    pub names: BTreeMap<String, NameTable>,
    pub fields: Fields,
    pub media: Vec<MediaRule>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fields {
    pub native_id: Rules,
    pub url: Rules,
    pub author_id: Rules,
    pub author_name: Rules,
    pub community: Rules,
    pub text: Rules,
    pub published_at: Rules,
    pub edited_at: Rules,
    pub parent_id: Rules,
    pub thread_id: Rules,
    pub lang: Rules,
    pub geo: Rules,
    pub views: Rules,
    pub likes: Rules,
    pub reposts: Rules,
    pub comments: Rules,
    pub repost_of: Rules,
}

impl Fields {
    pub(super) fn each(&self) -> [(&'static str, &Rules); 17] {
        [
            ("native_id", &self.native_id),
            ("url", &self.url),
            ("author_id", &self.author_id),
            ("author_name", &self.author_name),
            ("community", &self.community),
            ("text", &self.text),
            ("published_at", &self.published_at),
            ("edited_at", &self.edited_at),
            ("parent_id", &self.parent_id),
            ("thread_id", &self.thread_id),
            ("lang", &self.lang),
            ("geo", &self.geo),
            ("views", &self.views),
            ("likes", &self.likes),
            ("reposts", &self.reposts),
            ("comments", &self.comments),
            ("repost_of", &self.repost_of),
        ]
    }
}

/// Ways to find a field; the first that yields something wins.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "OneOrMany<Rule>")]
pub struct Rules(pub Vec<Rule>);

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// Places, the first that is there.
    #[serde(deserialize_with = "one_or_many")]
    pub at: Vec<String>,
    /// Text with `{place}` in it, or `{table:place}` for a name; all must be there.
    pub template: Option<String>,
    /// A named piece of logic of one network.
    pub strategy: Option<Strategy>,
    /// Rules of their own whose values are paragraphs (a plain title and a
    /// text in markup).
    pub paragraphs: Vec<Rule>,
    #[serde(rename = "as", deserialize_with = "one_or_many")]
    pub conversions: Vec<Conversion>,
    /// Tables of `names` in which the value is looked up.
    pub lookup: Vec<String>,
    /// What to do where there are several values.
    pub every: Option<Every>,
    /// The rule holds only where this does …
    pub when: Option<Condition>,
    /// … and this does not.
    pub unless: Option<Condition>,
    /// Places are those of the first part that this finds.
    pub within: Option<Within>,
    /// No value where it is the same as at this place (an «edited at» that
    /// repeats the date of publication).
    pub unless_equal: Option<Box<Rule>>,
}

/// Which items are meant: those with one of these words at that place. The
/// others are no posts, and their words are told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    pub at: String,
    pub among: Vec<String>,
}

/// An item that stands for others: where it names them, if it does.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoreRule {
    pub at: String,
    pub when: Condition,
}

/// One part among several.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Within {
    pub each: String,
    pub when: Condition,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// All places, joined by an empty line.
    Paragraphs,
    /// Numbers added up.
    Sum,
    /// The earliest instant.
    Earliest,
}

/// A network's own way to fill a feed's elements. Each has its own tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Videos of a channel: ids with a prefix, counters, words in `media:`.
    Youtube,
}

/// Logic that a list of places cannot say. Each has its own tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// `channel number/message number`: survives a renaming of the channel.
    TelegramId,
    /// The channel's number, or its name in lower case.
    TelegramChannel,
    /// The message that is answered, in the form of `telegram_id`.
    TelegramReply,
}

impl Strategy {
    /// Places that the strategy looks up by itself.
    pub(super) fn places(self) -> &'static [&'static str] {
        match self {
            Strategy::TelegramReply => &[".tgme_widget_message_reply@href"],
            Strategy::TelegramId | Strategy::TelegramChannel => &[],
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameTable {
    #[serde(deserialize_with = "one_or_many")]
    pub rows: Vec<String>,
    pub id: Rules,
    /// Joined by a space.
    pub name: Vec<String>,
    /// What is done with each of them.
    #[serde(rename = "as", default, deserialize_with = "one_or_many")]
    pub conversions: Vec<Conversion>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaRule {
    #[serde(deserialize_with = "one_or_many")]
    pub each: Vec<String>,
    /// There is something to see only where this holds of the item.
    #[serde(default)]
    pub when: Option<Condition>,
    /// Parts that are none, or that another rule sees.
    #[serde(default)]
    pub skip: Vec<Condition>,
    /// The network's own word for the kind, at the first place that is there …
    #[serde(default, deserialize_with = "one_or_many")]
    pub kind_at: Vec<String>,
    /// … converted …
    #[serde(default)]
    pub kind_as: Option<Conversion>,
    /// … and ours; what is not listed is `other`.
    #[serde(default)]
    pub kinds: BTreeMap<String, String>,
    /// The kind of all of them, where the place alone says it.
    #[serde(default)]
    pub kind: Option<String>,
    /// A table of `names` that says the network's word for the part's id.
    #[serde(default)]
    pub kind_lookup: Option<String>,
    #[serde(default)]
    pub url: Rules,
}

/// Holds where the place is there and is not `false`, `0` or empty; with
/// `equals` where it is exactly that; with `contains` where the text has it;
/// with `absent` where nothing is there; with `differs_from` where something
/// else is there than at that place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub at: String,
    #[serde(default)]
    pub equals: Option<Value>,
    #[serde(default)]
    pub contains: Option<String>,
    #[serde(default)]
    pub absent: bool,
    #[serde(default)]
    pub differs_from: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> From<OneOrMany<T>> for Vec<T> {
    fn from(given: OneOrMany<T>) -> Vec<T> {
        match given {
            OneOrMany::Many(many) => many,
            OneOrMany::One(one) => vec![one],
        }
    }
}

impl From<OneOrMany<Rule>> for Rules {
    fn from(given: OneOrMany<Rule>) -> Rules {
        Rules(given.into())
    }
}

pub(super) fn one_or_many<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    OneOrMany::deserialize(deserializer).map(Vec::from)
}
