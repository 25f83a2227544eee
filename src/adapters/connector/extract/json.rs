//! Reads JSON payloads: errors that come with status 200, items, tables of
//! names, items inside items.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use serde_json::Value;

use super::Page;
use super::PagingHint;
use super::Reading;
use super::html;
use super::malformed;
use super::page_instead;
use super::post;
use super::post::Built;
use super::post::Item;
use super::post::Names;
use super::post::Placed;
use super::rejected;
use crate::adapters::connector::conversion;
use crate::adapters::connector::definition::Condition;
use crate::adapters::connector::definition::Errors;
use crate::adapters::connector::definition::Extraction;
use crate::adapters::connector::definition::Listed;
use crate::adapters::connector::definition::Paging;
use crate::adapters::connector::definition::Strategy;
use crate::adapters::connector::error::ErrorClass;
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::markup;

/// Replies to replies to replies: each level is at least two of the document's,
/// and those are limited too.
const CHILDREN_DEPTH_MAX: usize = 60;

impl Item for &Value {
    fn values(&self, place: &str) -> Vec<Value> {
        all_at(self, place).into_iter().cloned().collect()
    }

    fn parts(&self, place: &str) -> Vec<Self> {
        all_at(self, place)
            .into_iter()
            .flat_map(|found| if found.is_array() { elements(found) } else { vec![found] })
            .collect()
    }

    fn strategy(&self, _: Strategy) -> Option<Value> {
        None
    }
}

/// Everything at a JSON pointer in which `*` stands for every element of a
/// list or object; `null` is nothing.
fn all_at<'v>(value: &'v Value, place: &str) -> Vec<&'v Value> {
    let Some((before, after)) = place.split_once("/*") else {
        return value.pointer(place).filter(|found| !found.is_null()).into_iter().collect();
    };
    let within = value.pointer(before).map(elements).unwrap_or_default();
    within.into_iter().flat_map(|element| all_at(element, after)).collect()
}

fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(map) => map.values().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// The items at a place, if it is there: a list's elements, or the one object
/// that stands where a list may. The number that old lists begin with, their
/// length, is none of them.
fn items_at<'v>(value: &'v Value, place: &str) -> Option<Vec<&'v Value>> {
    let found = all_at(value, place);
    let items = found.iter().flat_map(|found| match found {
        Value::Array(list) => list.iter().filter(|item| !item.is_number()).collect(),
        Value::Object(_) => vec![*found],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    });
    let is_there = found.iter().any(|found| found.is_array() || found.is_object());
    is_there.then(|| items.collect())
}

fn items<'v>(extraction: &Extraction, root: &'v Value) -> Option<Vec<&'v Value>> {
    let counts = |when: &Option<Condition>| {
        when.as_ref().is_none_or(|condition| post::holds(&root, condition))
    };
    let places = extraction.items.iter().filter(|place| counts(&place.when));
    let mut lists = places.filter_map(|place| items_at(root, &place.at));
    let first = lists.next()?;
    let others = lists.take(if extraction.all_lists { usize::MAX } else { 0 });
    Some(others.fold(first, |mut all, list| {
        all.extend(list);
        all
    }))
}

pub fn extract(reading: &Reading<'_>, text: &str) -> Result<Page, PollError> {
    // Old servers mark the order of bytes, which JSON does not know.
    let text = text.trim_start_matches('\u{feff}');
    let document: Value =
        serde_json::from_str(text).map_err(|error| not_json(reading, text, &error))?;
    reading.check_nesting(depth(&document))?;
    if let Some(error) = error_in(reading, &document) {
        return Err(error);
    }
    let extraction = reading.extraction;
    if extraction.null_is_empty && document.is_null() {
        return Ok(Page::default());
    }
    let root = root(extraction, &document);
    let is_there = |place: &String| root.pointer(place).is_some_and(|value| !value.is_null());
    // A bare list without elements has no place that could be named.
    let is_empty = root.as_array().is_some_and(Vec::is_empty);
    let is_wrong = !extraction.present.is_empty() && !extraction.present.iter().any(is_there);
    if is_wrong && !is_empty {
        return Err(malformed(format!("none of {} is there", extraction.present.join(", "))));
    }
    let is_said = extraction.nothing.iter().any(|condition| post::holds(&root, condition));
    let items = match items(extraction, root).filter(|_| !is_said) {
        Some(items) => items,
        None if is_said => Vec::new(),
        None if says_nothing(extraction, root) => Vec::new(),
        None => {
            let places: Vec<&str> = extraction.items.iter().map(|items| &*items.at).collect();
            return Err(malformed(format!("{} is no list", places.join(", "))));
        }
    };
    let names = names(reading, root);
    let mut added = inherited(extraction, &items);
    added.extend(around(extraction, root));
    let mut walk = Walk { reading, root, names: &names, added };
    let is_withheld = extraction.withheld.iter().any(|condition| post::holds(&root, condition));
    let hint = hint(reading, root, items.len());
    let named = match reading.paging() {
        Some(Paging::Listed(listed)) => not_shown(listed, root),
        Some(_) | None => Vec::new(),
    };
    let mut page = Page { hint, named, is_withheld, ..Page::default() };
    walk.items(&items, &[], &mut page)?;
    Ok(page)
}

/// Some networks leave the list out where it would be empty; what they send
/// instead is named beside it.
fn says_nothing(extraction: &Extraction, root: &Value) -> bool {
    let is_absent = |place: &str| root.pointer(place).is_none_or(Value::is_null);
    let is_for_items = |place: &String| extraction.items.iter().any(|items| items.at == *place);
    let has_another =
        || extraction.present.iter().any(|place| !is_for_items(place) && !is_absent(place));
    // A place under a condition is the payload's own only where that holds.
    let mut places = extraction.items.iter().filter(|items| items.when.is_none());
    places.all(|items| is_absent(&items.at)) && has_another()
}

/// The networks' edges answer in HTML when something behind them is down;
/// a body that was cut off is another matter.
fn not_json(reading: &Reading<'_>, text: &str, error: &serde_json::Error) -> PollError {
    if text.trim_start().starts_with('<') {
        let known = html::error_page(reading, text);
        return known.unwrap_or_else(|| page_instead(reading, text, "JSON"));
    }
    malformed(format!("not JSON: {error}"))
}

/// Iterative, because a hostile document is deep.
pub fn depth(document: &Value) -> usize {
    let mut deepest = 0;
    let mut open = vec![(document, 1)];
    while let Some((value, level)) = open.pop() {
        deepest = deepest.max(level);
        match value {
            Value::Array(list) => open.extend(list.iter().map(|value| (value, level + 1))),
            Value::Object(map) => open.extend(map.values().map(|value| (value, level + 1))),
            _ => {}
        }
    }
    deepest
}

fn error_in(reading: &Reading<'_>, document: &Value) -> Option<PollError> {
    let errors = &reading.definition.file.errors;
    let found = |place: &String| all_at(document, place).into_iter().next();
    if errors.unless.iter().any(|place| found(place).is_some()) {
        return None;
    }
    let convert = |value: &Value| {
        let applied = errors
            .code_as
            .iter()
            .try_fold(value.clone(), |value, one| one.apply(&value, reading.now));
        conversion::text(&applied?)
    };
    let said: Vec<&Value> = errors.code.iter().filter_map(found).collect();
    let codes: Vec<String> = said.iter().copied().filter_map(convert).collect();
    // A bare «yes» has no code, but words beside it.
    if codes.is_empty() && !said.iter().any(|said| said.is_boolean() || said.is_object()) {
        return None;
    }
    let detail = errors.message.iter().find_map(|place| conversion::text(found(place)?));
    let detail = detail.unwrap_or_default();
    let listed = codes.iter().find_map(|code| Some((class_of(&errors.codes, code)?, code)));
    let code = listed.map(|(_, code)| code).or(codes.first()).cloned();
    let told = told_by(errors, &[&detail, code.as_deref().unwrap_or_default()]);
    let subcode = errors.subcode.iter().find_map(found).and_then(conversion::text);
    let finer = subcode.and_then(|subcode| class_of(&errors.subcodes, &subcode));
    let class = told.or(finer).or(listed.map(|(class, _)| class));
    let is_guess = class.is_none();
    let class = class.or(errors.otherwise).unwrap_or(ErrorClass::Unavailable);
    let detail = markup::html_to_text(&detail);
    Some(PollError { is_guess, code, ..PollError::new(class, detail) })
}

/// The class of an error that is known by its words only.
fn told_by(errors: &Errors, texts: &[&str]) -> Option<ErrorClass> {
    let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    let has = |part: &String| texts.iter().any(|text| text.contains(&part.to_lowercase()));
    errors.words.iter().find(|(_, parts)| parts.iter().any(has)).map(|(class, _)| *class)
}

fn class_of(listed: &BTreeMap<ErrorClass, Vec<Value>>, code: &str) -> Option<ErrorClass> {
    let number: Option<i64> = code.parse().ok();
    let is_between = |(from, to): (&str, &str)| -> Option<bool> {
        Some((from.parse().ok()?..=to.parse().ok()?).contains(&number?))
    };
    let is_meant = |value: &Value| {
        let Some(text) = conversion::text(value) else { return false };
        text == code || text.split_once("..").and_then(is_between).unwrap_or(false)
    };
    listed.iter().find(|(_, codes)| codes.iter().any(is_meant)).map(|(class, _)| *class)
}

fn root<'a>(extraction: &Extraction, document: &'a Value) -> &'a Value {
    extraction.root.iter().find_map(|place| document.pointer(place)).unwrap_or(document)
}

fn names(reading: &Reading<'_>, root: &Value) -> Names {
    let now = reading.now;
    let (none, mut names) = (Names::none(now), Names::none(now));
    for (table, rule) in &reading.extraction.names {
        let mut by_id = HashMap::new();
        for row in rule.rows.iter().flat_map(|place| root.parts_of(place)) {
            let id = post::value(&row, &rule.id, &none).and_then(|v| conversion::text(&v));
            let convert =
                |word| rule.conversions.iter().try_fold(word, |word, one| one.apply(&word, now));
            let words = rule.name.iter().flat_map(|place| row.values(place)).filter_map(convert);
            let words: Vec<String> = words.filter_map(|word| conversion::text(&word)).collect();
            let name = words.join(" ").trim().to_owned();
            // A row without a name leaves the word to the next table.
            if let Some(id) = id.filter(|_| !name.is_empty()) {
                by_id.insert(id, name);
            }
        }
        names.tables.insert(table.clone(), by_id);
    }
    names
}

trait Parts {
    fn parts_of(&self, place: &str) -> Vec<&Value>;
}

impl Parts for Value {
    fn parts_of(&self, place: &str) -> Vec<&Value> {
        (&self).parts(place)
    }
}

/// What the neighbours say about an item that does not say it itself.
fn inherited(extraction: &Extraction, items: &[&Value]) -> Vec<(String, Value)> {
    let known = |place: &String| {
        let value = items.iter().find_map(|item| item.pointer(place))?;
        Some((place.clone(), value.clone()))
    };
    extraction.inherit.iter().filter_map(known).collect()
}

/// What the payload says once about all of its items.
fn around(extraction: &Extraction, root: &Value) -> Vec<(String, Value)> {
    let known =
        |(key, place): (&String, &String)| Some((format!("/{key}"), root.pointer(place)?.clone()));
    extraction.around.iter().filter_map(known).filter(|(_, value)| !value.is_null()).collect()
}

fn hint(reading: &Reading<'_>, root: &Value, items: usize) -> PagingHint {
    let mut hint = PagingHint { items, ..PagingHint::default() };
    match reading.paging() {
        Some(Paging::Offset { total, .. }) => {
            hint.total = root.pointer(total).and_then(Value::as_u64);
        }
        Some(Paging::Token { at, more, empty_ends, .. }) => {
            let says_no = |place: &String| root.pointer(place) == Some(&Value::Bool(false));
            let is_last = more.as_ref().is_some_and(says_no) || (*empty_ends && items == 0);
            // Of many the last: it stands at the old end of the page.
            let found = all_at(root, at).pop();
            let token = found.and_then(conversion::text).filter(|token| !token.is_empty());
            hint.token = token.filter(|_| !is_last);
        }
        Some(Paging::NextAddress { at, take }) => {
            hint.token =
                root.pointer(at).and_then(Value::as_str).and_then(|next| taken(next, take));
        }
        Some(
            Paging::None
            | Paging::Number { .. }
            | Paging::LinkHeader { .. }
            | Paging::NextPage
            | Paging::Listed(_),
        )
        | None => {}
    }
    hint
}

/// The names of what a page does not show.
fn not_shown(listed: &Listed, root: &Value) -> Vec<String> {
    let named = |place: &Option<String>| -> Vec<String> {
        let found = place.iter().flat_map(|place| all_at(root, place));
        let texts = found.flat_map(|found| match found {
            Value::Array(list) => list.iter().filter_map(conversion::text).collect(),
            other => Vec::from_iter(conversion::text(other)),
        });
        texts.collect()
    };
    let shown: BTreeSet<String> = named(&listed.shown).into_iter().collect();
    named(&listed.at).into_iter().filter(|name| !shown.contains(name)).collect()
}

/// The parameters of an address that ask for its page; what else it holds is
/// nobody's business.
fn taken(address: &str, take: &[String]) -> Option<String> {
    let address = url::Url::parse(address).ok()?;
    let pairs = address.query_pairs().filter(|(name, _)| take.iter().any(|one| one == name));
    let taken = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    (!taken.is_empty()).then_some(taken)
}

struct Walk<'a> {
    reading: &'a Reading<'a>,
    root: &'a Value,
    names: &'a Names,
    /// Pointer and value of what items take over from around them.
    added: Vec<(String, Value)>,
}

/// What the items inside an item need to know of it.
#[derive(Clone)]
struct Above {
    id: String,
    thread: Option<String>,
}

impl Walk<'_> {
    fn items(
        &mut self,
        items: &[&Value],
        above: &[Above],
        page: &mut Page,
    ) -> Result<(), PollError> {
        let before = page.posts.len() + page.rejected.len();
        self.reading.check_items(before + items.len())?;
        for item in items {
            let mut above = above.to_vec();
            above.extend(self.item(item, above.last(), page));
            let mut places = self.reading.extraction.children.iter();
            let children = places.find_map(|place| items_at(item, place));
            if let Some(children) = children.filter(|_| above.len() <= CHILDREN_DEPTH_MAX) {
                self.items(&children, &above, page)?;
            }
        }
        Ok(())
    }

    fn item(&mut self, item: &Value, above: Option<&Above>, page: &mut Page) -> Option<Above> {
        let extraction = self.reading.extraction;
        let completed = self.complete(item);
        let (item, target) = (completed.as_ref().unwrap_or(item), self.reading.asked.target);
        let item = Placed { item, root: &self.root, target };
        if let Some(more) = extraction.more.as_ref().filter(|more| post::holds(&item, &more.when)) {
            stub(item.item, &more.at, page);
            return None;
        }
        if extraction.skip.iter().any(|condition| post::holds(&item, condition)) {
            return None;
        }
        if let Some(word) = post::other_word(self.reading, &item) {
            page.others.push(word);
            return None;
        }
        let Built { mut post, is_dated } = match post::build(self.reading, &item, self.names) {
            Ok(built) => built,
            Err(error) => {
                page.rejected.push(rejected(error, &item.item.to_string()));
                return None;
            }
        };
        if let Some(above) = above {
            post.parent_id.get_or_insert_with(|| above.id.clone());
            post.thread_id
                .get_or_insert_with(|| above.thread.as_ref().unwrap_or(&above.id).clone());
        }
        if extraction.pinned.iter().any(|condition| post::holds(&item, condition)) {
            page.pinned.push(post.key.clone());
        }
        if !is_dated {
            page.undated.push(post.key.clone());
        }
        let above = Above { id: post.key.native_id.clone(), thread: post.thread_id.clone() };
        page.posts.push(post);
        Some(above)
    }

    fn complete(&self, item: &Value) -> Option<Value> {
        let missing = self.added.iter().filter(|(place, _)| item.pointer(place).is_none());
        let mut completed: Option<Value> = None;
        for (place, value) in missing {
            let name = place.trim_start_matches('/');
            let object = completed.get_or_insert_with(|| item.clone());
            object.as_object_mut()?.insert(name.to_owned(), value.clone());
        }
        completed
    }
}

/// What an item stands for is asked for, or told as missing.
fn stub(item: &Value, place: &str, page: &mut Page) {
    let named: Vec<String> =
        item.parts_of(place).into_iter().filter_map(conversion::text).collect();
    if named.is_empty() {
        let error = "what stands deeper is neither shown nor named".to_owned();
        page.unnamed.push(rejected(error, &item.to_string()));
    }
    page.named.extend(named);
}

#[cfg(test)]
mod tests;
