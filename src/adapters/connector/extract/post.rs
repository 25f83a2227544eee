//! Builds one post from an item by the rules of a definition; the same for
//! JSON and HTML, which differ only in how a place is looked up.

use std::collections::HashMap;

use serde_json::Value;

use super::Reading;
use crate::adapters::connector::conversion;
use crate::adapters::connector::definition::Condition;
use crate::adapters::connector::definition::Every;
use crate::adapters::connector::definition::MediaRule;
use crate::adapters::connector::definition::Rule;
use crate::adapters::connector::definition::Rules;
use crate::adapters::connector::definition::Strategy;
use crate::adapters::connector::definition::table_and_place;
use crate::adapters::connector::markup;
use crate::adapters::connector::paging;
use crate::model::post::Counts;
use crate::model::post::Media;
use crate::model::post::Post;
use crate::model::post::PostKey;
use crate::model::time::Timestamp;

/// Something in which places can be looked up.
pub trait Item: Sized {
    /// All values at a place; absent and `null` are no value.
    fn values(&self, place: &str) -> Vec<Value>;
    /// The parts that a place names.
    fn parts(&self, place: &str) -> Vec<Self>;
    fn strategy(&self, strategy: Strategy) -> Option<Value>;
}

/// An item as rules look at it: `$target` is what was asked for, and a place
/// that begins with `^` is looked up from the root instead of the item.
pub struct Placed<'a, I> {
    pub item: I,
    pub root: &'a I,
    pub target: Option<&'a str>,
}

impl<I: Item> Item for Placed<'_, I> {
    fn values(&self, place: &str) -> Vec<Value> {
        match (place.strip_prefix('$'), place.strip_prefix('^')) {
            (Some(name), _) => {
                let found = self.target.and_then(|target| paging::of_target(name, target));
                found.filter(|text| !text.is_empty()).map(Value::from).into_iter().collect()
            }
            (None, Some(place)) => self.root.values(place),
            (None, None) => self.item.values(place),
        }
    }

    fn parts(&self, place: &str) -> Vec<Self> {
        let found = match place.strip_prefix('^') {
            Some(place) => self.root.parts(place),
            None => self.item.parts(place),
        };
        let placed = |item| Placed { item, root: self.root, target: self.target };
        found.into_iter().map(placed).collect()
    }

    fn strategy(&self, strategy: Strategy) -> Option<Value> {
        self.item.strategy(strategy)
    }
}

/// What rules look up beside the item: names by table and id, and the moment.
pub struct Names {
    pub tables: HashMap<String, HashMap<String, String>>,
    pub now: Timestamp,
}

impl Names {
    pub fn none(now: Timestamp) -> Names {
        Names { tables: HashMap::new(), now }
    }

    fn of(&self, table: &str, id: &str) -> Option<&String> {
        self.tables.get(table)?.get(id)
    }
}

pub fn holds(item: &impl Item, condition: &Condition) -> bool {
    let values = item.values(&condition.at);
    if condition.absent {
        return values.is_empty();
    }
    if let Some(place) = &condition.differs_from {
        let others = item.values(place);
        return !values.is_empty() && !others.is_empty() && values != others;
    }
    match (&condition.equals, &condition.contains) {
        (Some(wanted), _) => values.contains(wanted),
        (None, Some(part)) => {
            values.iter().filter_map(conversion::text).any(|text| text.contains(part.as_str()))
        }
        (None, None) => values.iter().any(is_set),
    }
}

/// Networks write «yes» as `true` and as `1`. An element that is there is a
/// yes even without words in it.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Bool(true) | Value::String(_) | Value::Array(_) | Value::Object(_) => true,
    }
}

/// A post, and whether its date is its own.
pub struct Built {
    pub post: Post,
    pub is_dated: bool,
}

/// What an item calls itself that the extraction is not about.
pub fn other_word(reading: &Reading<'_>, item: &impl Item) -> Option<String> {
    let only = reading.extraction.only.as_ref()?;
    let word = item.values(&only.at).iter().find_map(conversion::text).unwrap_or_default();
    (!only.among.contains(&word)).then_some(word)
}

/// The post of an item, or why there is none.
pub fn build(reading: &Reading<'_>, item: &impl Item, names: &Names) -> Result<Built, String> {
    let find = |rules: &Rules| value(item, rules, names);
    let text_of = |rules: &Rules| find(rules).and_then(|value| conversion::text(&value));
    let count_of = |rules: &Rules| {
        find(rules).and_then(|value| conversion::number(&value)).and_then(|n| u64::try_from(n).ok())
    };
    let instant_of = |rules: &Rules| text_of(rules).and_then(|text| text.parse::<Timestamp>().ok());

    let fields = &reading.extraction.fields;
    let claimed = instant_of(&fields.published_at);
    let otherwise = reading.extraction.may_be_undated.then_some(reading.now);
    let network = &reading.definition.network;
    let key = |native_id| PostKey { network: network.clone(), native_id };
    let post = Post {
        key: key(text_of(&fields.native_id).ok_or("native_id: not found")?),
        source: None,
        url: text_of(&fields.url),
        author_id: text_of(&fields.author_id),
        author_name: text_of(&fields.author_name).filter(|name| !name.is_empty()),
        community: text_of(&fields.community).filter(|name| !name.is_empty()),
        text: markup::tidy(&text_of(&fields.text).unwrap_or_default()),
        published_at: claimed.or(otherwise).ok_or("published_at: not found or not a date")?,
        edited_at: instant_of(&fields.edited_at),
        parent_id: text_of(&fields.parent_id),
        thread_id: text_of(&fields.thread_id),
        lang: text_of(&fields.lang),
        geo: find(&fields.geo).and_then(|value| serde_json::from_value(value).ok()),
        counts: Counts {
            views: count_of(&fields.views),
            likes: count_of(&fields.likes),
            reposts: count_of(&fields.reposts),
            comments: count_of(&fields.comments),
        },
        media: media(item, &reading.extraction.media, names),
        deleted: reading.extraction.deleted.iter().any(|condition| holds(item, condition)),
        excerpt: reading.extraction.excerpt.iter().any(|condition| holds(item, condition)),
        private: reading.extraction.private.iter().any(|condition| holds(item, condition)),
        guest: false,
        is_repost_of: text_of(&fields.repost_of).map(key),
    };
    // Under a post everybody writes for themselves.
    let is_guest = || reading.extraction.guest.iter().any(|condition| holds(item, condition));
    let post = Post { guest: !post.is_comment() && is_guest(), ..post };
    if post.text.is_empty() && post.media.is_empty() && !post.deleted {
        return Err("text: empty, and there is nothing else to see".to_owned());
    }
    Ok(Built { post, is_dated: claimed.is_some() })
}

/// The value of the first rule that yields one.
pub fn value(item: &impl Item, rules: &Rules, names: &Names) -> Option<Value> {
    rules.0.iter().find_map(|rule| rule_value(item, rule, names))
}

fn rule_value(item: &impl Item, rule: &Rule, names: &Names) -> Option<Value> {
    let is_met = |condition: &Condition| holds(item, condition);
    let is_out = rule.when.as_ref().is_some_and(|condition| !is_met(condition))
        || rule.unless.as_ref().is_some_and(is_met);
    if is_out {
        return None;
    }
    let found = match &rule.within {
        None => found_by(item, rule, names),
        Some(within) => {
            let mut parts = item.parts(&within.each).into_iter();
            found_by(&parts.find(|part| holds(part, &within.when))?, rule, names)
        }
    };
    // Networks write «nothing» as `null` and as an empty text.
    let found = found.filter(|found| found.as_str() != Some(""))?;
    let same = rule.unless_equal.as_ref().and_then(|other| rule_value(item, other, names));
    (same.as_ref() != Some(&found)).then_some(found)
}

fn found_by(item: &impl Item, rule: &Rule, names: &Names) -> Option<Value> {
    let convert = |value: Value| {
        rule.conversions
            .iter()
            .try_fold(value, |value, conversion| conversion.apply(&value, names.now))
    };
    let every = || rule.at.iter().flat_map(move |place| item.values(place)).filter_map(convert);
    let found = match (&rule.template, rule.strategy, rule.every) {
        (Some(template), _, _) => fill(item, template, names).map(Value::from).and_then(convert),
        (None, Some(strategy), _) => item.strategy(strategy).and_then(convert),
        _ if !rule.paragraphs.is_empty() => {
            paragraphs(rule.paragraphs.iter().filter_map(|inner| rule_value(item, inner, names)))
        }
        (None, None, Some(Every::Paragraphs)) => paragraphs(every()),
        (None, None, Some(Every::Sum)) => sum(every()),
        (None, None, Some(Every::Earliest)) => earliest(every()),
        (None, None, None) => rule
            .at
            .iter()
            .flat_map(|place| item.values(place).into_iter().take(1))
            .filter_map(convert)
            .find(|value| value.as_str() != Some("")),
    }?;
    if rule.lookup.is_empty() {
        return Some(found);
    }
    let id = conversion::text(&found)?;
    rule.lookup.iter().find_map(|table| names.of(table, &id)).map(|name| name.clone().into())
}

fn paragraphs(found: impl Iterator<Item = Value>) -> Option<Value> {
    let mut texts: Vec<String> = Vec::new();
    for text in found.filter_map(|value| conversion::text(&value)) {
        if !text.is_empty() && !texts.contains(&text) {
            texts.push(text);
        }
    }
    (!texts.is_empty()).then(|| texts.join("\n\n").into())
}

fn sum(found: impl Iterator<Item = Value>) -> Option<Value> {
    let numbers: Vec<i64> = found.filter_map(|value| conversion::number(&value)).collect();
    let total = numbers.iter().fold(0i64, |total, number| total.saturating_add(*number));
    (!numbers.is_empty()).then(|| total.into())
}

fn earliest(found: impl Iterator<Item = Value>) -> Option<Value> {
    let instant = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
    found.filter_map(|value| Some((instant(&value)?, value))).min_by_key(|(at, _)| *at).map(|f| f.1)
}

/// Puts the values of places, or the names that stand for them, into a
/// template; one that is missing leaves nothing.
fn fill(item: &impl Item, template: &str, names: &Names) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (place, after) = after.split_once('}')?;
        let (table, place) = table_and_place(place);
        let found = item.values(place).first().and_then(conversion::text)?;
        out.push_str(before);
        out.push_str(match table {
            None => &found,
            Some(table) => names.of(table, &found).filter(|name| !name.is_empty())?,
        });
        rest = after;
    }
    Some(out + rest)
}

fn media(item: &impl Item, rules: &[MediaRule], names: &Names) -> Vec<Media> {
    let mut found: Vec<Media> = Vec::new();
    let is_there = |rule: &&MediaRule| rule.when.as_ref().is_none_or(|when| holds(item, when));
    for rule in rules.iter().filter(is_there) {
        let parts = rule.each.iter().flat_map(|place| item.parts(place));
        for part in parts.filter(|part| !rule.skip.iter().any(|skip| holds(part, skip))) {
            let url = value(&part, &rule.url, names).and_then(|url| conversion::text(&url));
            let media = Media { kind: media_kind(&part, rule, names), url };
            // A wrapper around a post may repeat what the post holds.
            if media.url.is_none() || !found.contains(&media) {
                found.push(media);
            }
        }
    }
    found
}

fn media_kind(part: &impl Item, rule: &MediaRule, names: &Names) -> String {
    let said = |place: &String| {
        let said = part.values(place).into_iter().next()?;
        let said = rule.kind_as.map_or(Some(said.clone()), |to| to.apply(&said, names.now))?;
        conversion::text(&said)
    };
    let looked_up = |id: String| match &rule.kind_lookup {
        Some(table) => names.of(table, &id).cloned(),
        None => Some(id),
    };
    let theirs = rule.kind_at.iter().find_map(said).and_then(looked_up);
    let ours = theirs.and_then(|kind| rule.kinds.get(&kind).cloned());
    ours.or_else(|| rule.kind.clone()).unwrap_or_else(|| "other".to_owned())
}
