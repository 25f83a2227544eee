//! Which request comes first and which comes next. Pure: addresses and hints
//! in, addresses out.

mod listed;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::VecDeque;

use url::Url;

use crate::adapters::connector::definition::EACH_POST;
use crate::adapters::connector::definition::Paging;
use crate::adapters::connector::definition::PollKind;
use crate::adapters::connector::definition::source_stand_ins;
use crate::adapters::connector::definition::stand_ins;
use crate::adapters::connector::error::ErrorClass;
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::extract::PagingHint;
use crate::model::time::Timestamp;

/// Where the pages of a source begin.
#[derive(Debug, Clone, Default)]
pub struct Start<'a> {
    pub base: Option<&'a Url>,
    pub target: &'a str,
    /// From when on posts are wanted, where the network can be told.
    pub since: Option<Timestamp>,
    /// The same as an id, where a network's ids hold the time of writing.
    pub since_snowflake: Option<u64>,
    /// Before when posts are wanted, of a stretch of the past.
    pub until: Option<Timestamp>,
    /// The same as the native id of a post.
    pub until_id: Option<&'a str>,
    pub about: About<'a>,
}

/// The posts that a request is about, by their native ids; nothing where a
/// source is asked for what is new.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct About<'a> {
    /// The post whose comments are asked for, or that is looked at alone.
    pub post: Option<&'a str>,
    /// The comment whose replies are asked for.
    pub branch: Option<&'a str>,
    /// Posts that are looked at together, separated by commas.
    pub posts: Option<&'a str>,
}

/// Mastodon's ids begin with the milliseconds of their post's date.
const SNOWFLAKE_MILLIS_SHIFT: u32 = 16;

/// The least length in digits of such an id.
const SNOWFLAKE_DIGITS_MIN: usize = 15;

/// The id that a post of that instant would have, if the ids that are known
/// are of that kind; other servers count in other ways.
pub fn snowflake<'a>(since: Timestamp, mut known: impl Iterator<Item = &'a str>) -> Option<u64> {
    let is_one =
        |id: &str| SNOWFLAKE_DIGITS_MIN <= id.len() && id.bytes().all(|byte| byte.is_ascii_digit());
    let are_such = known.next().is_some_and(is_one) && known.all(is_one);
    let millis = u64::try_from(since.as_millisecond()).ok()?;
    are_such.then_some(millis << SNOWFLAKE_MILLIS_SHIFT)
}

/// The address of the first page.
pub fn first(kind: &PollKind, start: &Start<'_>) -> Result<Url, PollError> {
    asked(&kind.path, &kind.query, start)
}

/// Where the pages after the first are asked for.
pub fn others(kind: &PollKind, first: &Url, start: &Start<'_>) -> Result<Url, PollError> {
    match &kind.paging {
        Paging::Listed(listed) => asked(&listed.path, &listed.query, start),
        Paging::None
        | Paging::Offset { .. }
        | Paging::Token { .. }
        | Paging::Number { .. }
        | Paging::LinkHeader { .. }
        | Paging::NextAddress { .. }
        | Paging::NextPage => Ok(first.clone()),
    }
}

/// The address that a path and its parameters make; one that has nothing to
/// stand for is left out.
pub fn asked(
    path: &str,
    query: &BTreeMap<String, String>,
    start: &Start<'_>,
) -> Result<Url, PollError> {
    let mut url = address(path, start)?;
    for (name, value) in query {
        if value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) == Some(EACH_POST) {
            let posts = start.about.posts.iter().flat_map(|posts| posts.split(','));
            url.query_pairs_mut().extend_pairs(posts.map(|post| (name, post)));
        } else if let Some(value) = fill(value, start, str::to_owned) {
            url.query_pairs_mut().append_pair(name, &value);
        }
    }
    Ok(url)
}

/// A path under the base, or a full address that is the target itself.
pub fn address(path: &str, start: &Start<'_>) -> Result<Url, PollError> {
    let wrong = |detail: String| PollError::new(ErrorClass::Config, detail);
    if path == "{target}" {
        let target = start.target;
        let url = match (Url::parse(target), start.base) {
            (Ok(url), _) => Some(url),
            (Err(_), Some(base)) => base.join(target).ok(),
            (Err(_), None) => None,
        };
        return url.ok_or_else(|| wrong(format!("«{target}» is no address")));
    }
    let own_base = target_base(path, start);
    let (base, path) = match (&own_base, start.base) {
        (Some((base, rest)), _) => (base, *rest),
        (None, Some(base)) => (base, path),
        (None, None) => return Err(wrong("the network has no base address".to_owned())),
    };
    let filled = fill(path, start, path_segment)
        .ok_or_else(|| wrong(format!("the target «{}» does not fit", start.target)))?;
    let mut url = base.clone();
    let slash = if filled.starts_with('/') { "" } else { "/" };
    url.set_path(&format!("{}{slash}{filled}", base.path().trim_end_matches('/')));
    Ok(url)
}

/// Where a path begins with the target and that is a full address, the rest
/// of the path lies under it: networks of many sites have no base in common.
fn target_base<'p>(path: &'p str, start: &Start<'_>) -> Option<(Url, &'p str)> {
    let (name, rest) = ["target", "target_first"].into_iter().find_map(|name| {
        let rest = path.strip_prefix('{')?.strip_prefix(name)?.strip_prefix("}/")?;
        Some((name, rest))
    })?;
    let mut base = web_address(&of_target(name, start.target)?)?;
    base.set_query(None);
    base.set_fragment(None);
    Some((base, rest))
}

fn web_address(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// A target is one piece of a path: it cannot climb out of its place.
fn path_segment(text: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    encoded.replace('+', "%20").replace("..", "%2E%2E")
}

/// Puts the source's values into a text; nothing where one does not apply.
fn fill(text: &str, start: &Start<'_>, encode: impl Fn(&str) -> String) -> Option<String> {
    let mut out = text.to_owned();
    for name in source_stand_ins(text) {
        let value = value_of(name, start).filter(|value| !value.is_empty())?;
        out = out.replace(&format!("{{{name}}}"), &encode(&value));
    }
    Some(out)
}

fn value_of(name: &str, start: &Start<'_>) -> Option<String> {
    match name {
        "parent" => start.about.post.map(str::to_owned),
        "parent_first" => start.about.post.map(|id| id_parts(id).0.to_owned()),
        "parent_inner" => start.about.post.and_then(inner).map(str::to_owned),
        "parent_last" => start.about.post.map(|id| id_parts(id).1.to_owned()),
        "branch" => start.about.branch.map(str::to_owned),
        "branch_first" => start.about.branch.map(|id| id_parts(id).0.to_owned()),
        "branch_last" => start.about.branch.map(|id| id_parts(id).1.to_owned()),
        "posts" => start.about.posts.map(str::to_owned),
        "since_unix_secs" => start.since.map(|since| since.as_second().to_string()),
        "since_snowflake" => start.since_snowflake.map(|id| id.to_string()),
        "since_rfc3339" => whole_second(start.since?, 0),
        "until_unix_secs" => start.until.map(|until| (until.as_second() + 1).to_string()),
        "until_rfc3339" => whole_second(start.until?, 1),
        "until_id" => start.until_id.map(str::to_owned),
        "until_id_last" => start.until_id.map(|id| id_parts(id).1.to_owned()),
        _ => of_target(name, start.target),
    }
}

/// What is wanted until an instant is wanted until the second after it.
fn whole_second(at: Timestamp, later: i64) -> Option<String> {
    Timestamp::from_second(at.as_second() + later).ok().map(|second| second.to_string())
}

/// Native ids name the place first: what stands before and after the last `_`
/// or `/`. An id without either is both.
fn id_parts(id: &str) -> (&str, &str) {
    id.rsplit_once(['_', '/']).unwrap_or((id, id))
}

/// Of three parts or more, the one before the last.
fn inner(id: &str) -> Option<&str> {
    let (before, _) = id.rsplit_once(['_', '/'])?;
    before.rsplit_once(['_', '/']).map(|(_, inner)| inner)
}

/// What a stand-in takes from a source's target.
pub fn of_target(name: &str, target: &str) -> Option<String> {
    let target = target.trim();
    let (first, rest) = target.split_once(' ').unwrap_or((target, ""));
    let rest = rest.trim();
    let is_number = target.parse::<i64>().is_ok();
    let found = match name {
        "target" => Some(target),
        "target_number" => Some(target).filter(|_| is_number),
        "target_name" => Some(target).filter(|_| !is_number),
        "target_first" => Some(first),
        "target_rest" => Some(rest),
        // A YouTube channel's uploads are a playlist of the same name.
        "target_uploads" => match target.strip_prefix("UC") {
            Some(name) => return Some(format!("UU{name}")),
            None => Some(target),
        },
        "target_head" => parts(first).map(|(head, _)| head),
        "target_tail" => parts(first).map(|(_, tail)| tail),
        "rest_head" => parts(rest).map(|(head, _)| head),
        "rest_tail" => parts(rest).map(|(_, tail)| tail),
        "target_host" => return web_address(first)?.host_str().map(str::to_owned),
        _ => None,
    };
    found.map(str::to_owned)
}

/// Before and after the last of the signs by which ids are put together.
fn parts(id: &str) -> Option<(&str, &str)> {
    id.rsplit_once(['_', '/']).filter(|(head, tail)| !head.is_empty() && !tail.is_empty())
}

/// The target of a poll that asks for what stands under a post of a source:
/// nothing where the post lacks what the network asks by.
pub fn target_under(
    kind: &PollKind,
    native_id: &str,
    url: Option<&str>,
    source_target: &str,
) -> Option<String> {
    let path = || Some(Url::parse(url?).ok()?.path().trim_matches('/').to_owned());
    let mut out = kind.of.clone();
    for name in stand_ins(&kind.of) {
        let value = match name {
            "native_id" => Some(native_id.to_owned()),
            "url" => url.map(str::to_owned),
            "url_path" => path(),
            "source_first" => of_target("target_first", source_target),
            _ => None,
        };
        out = out.replace(&format!("{{{name}}}"), &value.filter(|value| !value.is_empty())?);
    }
    Some(out)
}

/// How far the reading of one source has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    pub pages: usize,
    pub items: usize,
    tokens: Vec<String>,
    /// Names that were told, and those that are not asked for yet.
    told: BTreeSet<String>,
    waiting: VecDeque<String>,
}

/// Of how many items one is asked for again: when something is deleted
/// meanwhile, all that follow move up by one.
const OFFSET_OVERLAP: usize = 20;

impl Progress {
    /// Keeps the names of what a page does not show, each once.
    pub fn name(&mut self, others: &[String]) {
        for name in others {
            if self.told.insert(name.clone()) {
                self.waiting.push_back(name.clone());
            }
        }
    }

    /// Where the page stands that is being read, for a later reading that goes
    /// on there. Nothing where that is the first one, or where a page cannot be
    /// named by itself.
    pub fn place(&self, paging: &Paging) -> Option<String> {
        match paging {
            Paging::None | Paging::LinkHeader { .. } | Paging::Listed(_) => None,
            Paging::Offset { .. } => Some(self.items.to_string()),
            Paging::Number { .. } => Some((self.pages + 1).to_string()),
            Paging::Token { .. } | Paging::NextAddress { .. } | Paging::NextPage => {
                self.tokens.last().cloned()
            }
        }
    }

    /// The address of the page at a place; nothing where that is the first.
    pub fn go_to(&mut self, place: &str, paging: &Paging, first: &Url) -> Option<Url> {
        let number = || place.parse::<usize>().ok();
        match paging {
            _ if place.is_empty() => None,
            Paging::None | Paging::LinkHeader { .. } | Paging::Listed(_) => None,
            Paging::Offset { param, .. } => {
                self.items = number().filter(|items| 0 < *items)?;
                Some(with_parameter(first, param, place))
            }
            Paging::Number { param } => {
                self.pages = number().filter(|page| 1 < *page)? - 1;
                Some(with_parameter(first, param, place))
            }
            Paging::Token { param, .. } => {
                self.tokens.push(place.to_owned());
                Some(with_parameter(first, param, place))
            }
            Paging::NextAddress { .. } => {
                self.tokens.push(place.to_owned());
                Some(with_parameters(first, place))
            }
            Paging::NextPage => {
                let page = Url::parse(place).ok().filter(|page| page.host() == first.host())?;
                self.tokens.push(place.to_owned());
                Some(page)
            }
        }
    }

    /// The address of the page after the one that gave this hint, or nothing
    /// at the end. `first` is where the pages after the first are asked for.
    pub fn next(
        &mut self,
        paging: &Paging,
        first: &Url,
        hint: &PagingHint,
        link: Option<&str>,
    ) -> Option<Url> {
        self.pages += 1;
        let (param, value) = match paging {
            Paging::None => return None,
            Paging::Offset { param, .. } => {
                self.items += hint.items - hint.items / OFFSET_OVERLAP;
                let is_over = hint.total.is_some_and(|total| total <= self.items as u64);
                if hint.items == 0 || is_over {
                    return None;
                }
                (param, self.items.to_string())
            }
            Paging::Number { param } => {
                if hint.items == 0 {
                    return None;
                }
                (param, (self.pages + 1).to_string())
            }
            Paging::Token { param, .. } => {
                // A token that was there before would lead round in a circle.
                let token = hint.token.clone().filter(|token| !self.tokens.contains(token))?;
                self.tokens.push(token.clone());
                (param, token)
            }
            Paging::LinkHeader { .. } => {
                let next = first.join(link?).ok()?;
                let is_same_host = next.host() == first.host();
                let is_new = !self.tokens.contains(&next.to_string());
                self.tokens.push(next.to_string());
                return Some(next).filter(|_| is_same_host && is_new);
            }
            Paging::Listed(listed) => {
                let most = listed.most.min(self.waiting.len());
                let names: Vec<String> = self.waiting.drain(..most).collect();
                return (!names.is_empty()).then(|| listed::address(listed, first, &names));
            }
            Paging::NextPage => {
                let next = Url::parse(hint.token.as_deref()?).ok()?;
                let is_same_host = next.host() == first.host();
                let is_new = next != *first && !self.tokens.contains(&next.to_string());
                if !is_same_host || !is_new || hint.items == 0 {
                    return None;
                }
                self.tokens.push(next.to_string());
                return Some(next);
            }
            Paging::NextAddress { .. } => {
                let token = hint.token.clone().filter(|token| !self.tokens.contains(token))?;
                self.tokens.push(token.clone());
                return Some(with_parameters(first, &token));
            }
        };
        Some(with_parameter(first, param, &value))
    }
}

/// A first page may be asked for by the same parameter as those that follow.
fn with_parameter(address: &Url, name: &str, value: &str) -> Url {
    let mut url = address.clone();
    if address.query_pairs().any(|(own, _)| own == name) {
        let others = address.query_pairs().filter(|(own, _)| own != name);
        url.query_pairs_mut().clear().extend_pairs(others);
    }
    url.query_pairs_mut().append_pair(name, value);
    url
}

/// The address with these parameters instead of its own of the same names.
fn with_parameters(address: &Url, query: &str) -> Url {
    let given: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let is_given = |name: &str| given.iter().any(|(other, _)| other == name);
    let own = address.query_pairs().filter(|(name, _)| !is_given(name));
    let mut url = address.clone();
    url.query_pairs_mut().clear().extend_pairs(own).extend_pairs(&given);
    url
}

#[cfg(test)]
mod tests;
