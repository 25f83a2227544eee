//! When each source is polled next: what the sources publish is counted from
//! the stored posts, what may be asked comes from the budget, and the rules
//! of the schedule bring both together. Holds nothing that is not in the
//! tables: forgotten at the end, learnt again at the start.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::SignedDuration;
use url::Url;

use crate::adapters::connector::Connectors;
use crate::adapters::connector::budget;
use crate::adapters::connector::budget::Budget;
use crate::adapters::connector::definition::DayZone;
use crate::adapters::connector::definition::DefinitionFile;
use crate::adapters::connector::definition::PollKind;
use crate::adapters::connector::keys::Keys;
use crate::adapters::store::Store;
use crate::adapters::store::StoreError;
use crate::model::post::Network;
use crate::model::source::Source;
use crate::model::time::Timestamp;
use crate::rules::rhythm::LEARNT_HOURS;
use crate::rules::rhythm::Rhythm;
use crate::rules::rhythm::hour_of;
use crate::rules::schedule;
use crate::rules::schedule::Allowance;
use crate::rules::schedule::Price;
use crate::rules::schedule::Wish;

/// Rhythms change by the week; prices by what was used meanwhile.
const LEARN_EVERY: SignedDuration = SignedDuration::from_hours(1);
const PRICE_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// Of what a minute allows, the rest being left for second pages and people.
const SHARE_OF_RATE: f64 = 0.7;
/// However busy: this share of the connector's interval, and never less.
const SHORTEST_SHARE: f64 = 0.2;
const SHORTEST_SECS: f64 = 30.0;
/// However sleepy: a source whose network counts requests by the day waits longer.
const LONGEST_SECS: f64 = 6.0 * 3_600.0;
const LONGEST_WITH_QUOTA_SECS: f64 = 12.0 * 3_600.0;
/// Posts that a page of a network holds, roughly.
const PAGE_POSTS: f64 = 50.0;
/// How much the last poll says about what the next will cost.
const COST_NEWS: f64 = 0.2;

/// Sources that share a budget: a kind with a daily quota, or a host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Group(String);

#[derive(Debug, Default)]
pub struct Planner {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rhythms: BTreeMap<String, Rhythm>,
    costs: BTreeMap<String, f64>,
    prices: BTreeMap<Group, Price>,
    learnt_at: Option<Timestamp>,
    priced_at: Option<Timestamp>,
    unknown: Rhythm,
}

/// What the planner is told about the world at each step.
pub struct Surroundings<'s> {
    pub store: &'s Store,
    pub connectors: &'s Connectors,
    pub bases: &'s BTreeMap<Network, Url>,
    pub keys: &'s Keys,
    pub budget: &'s Budget,
}

impl Surroundings<'_> {
    fn kind_of(&self, source: &Source) -> Option<(&DefinitionFile, &PollKind)> {
        let file = &self.connectors.get(&source.network)?.file;
        Some((file, file.poll.get(&source.kind)?))
    }

    /// The host that a source is asked at.
    pub fn host_of(&self, source: &Source) -> String {
        let own = self
            .kind_of(source)
            .and_then(|(file, kind)| kind.base_url.as_deref().or(file.base_url.as_deref()));
        let base = self.bases.get(&source.network).cloned();
        let base = base.or_else(|| own.and_then(|own| Url::parse(own).ok()));
        let target = Url::parse(&source.target).ok().or(base);
        let host = target.as_ref().and_then(Url::host_str).unwrap_or("");
        format!("{} {host}", source.network)
    }

    /// Polls that may run at one host at the same time: so few that none
    /// waits long for its turn.
    pub fn lane_width(&self, source: &Source) -> usize {
        let rate = self.kind_of(source).map_or(1, |(file, _)| file.rate.per_minute);
        (rate as usize / 20).clamp(1, 8)
    }

    fn group_of(&self, source: &Source, kind: &PollKind) -> Group {
        match kind.daily_max {
            Some(_) => Group(format!("{} {}", source.network, source.kind)),
            None => Group(self.host_of(source)),
        }
    }

    fn allowance(
        &self,
        source: &Source,
        file: &DefinitionFile,
        kind: &PollKind,
        now: Timestamp,
    ) -> Allowance {
        let per_hour = f64::from(file.rate.per_minute) * 60.0 * SHARE_OF_RATE;
        let day_ends_at = budget::next_day(file.rate.day, now);
        let hours = day_ends_at.duration_since(now).as_secs().max(60) as f64 / 3_600.0;
        let left = match kind.daily_max {
            None => per_hour * hours,
            Some(most) => self.left_today(source, most, file.rate.day, now),
        };
        Allowance { left, day_ends_at, per_hour }
    }

    fn left_today(&self, source: &Source, most: u32, day: DayZone, now: Timestamp) -> f64 {
        let left = |label: &str| {
            most.saturating_sub(self.budget.used_today(label, &source.kind, day, now))
        };
        let keys = self.keys.of(&source.network);
        if keys.is_empty() {
            return f64::from(left(&budget::account(&source.network, None)));
        }
        let usable = keys.iter().filter(|key| self.keys.is_usable(key, &source.kind, now));
        usable.map(|key| f64::from(left(&key.label()))).sum()
    }
}

impl Planner {
    /// Learns rhythms and finds prices anew where they are out of date.
    pub async fn refresh(
        &self,
        surroundings: &Surroundings<'_>,
        sources: &[Source],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.is_due(|state| state.learnt_at, LEARN_EVERY, now) {
            let rhythms = learn(surroundings.store, now).await?;
            if let Ok(mut state) = self.state.lock() {
                state.rhythms = rhythms;
                state.learnt_at = Some(now);
                state.priced_at = None;
            }
        }
        if self.is_due(|state| state.priced_at, PRICE_EVERY, now)
            && let Ok(mut state) = self.state.lock()
        {
            let prices = state.prices(surroundings, sources, now);
            state.prices = prices;
            state.priced_at = Some(now);
        }
        Ok(())
    }

    fn is_due(
        &self,
        of: impl Fn(&State) -> Option<Timestamp>,
        every: SignedDuration,
        now: Timestamp,
    ) -> bool {
        let at = self.state.lock().ok().and_then(|state| of(&state));
        at.is_none_or(|at| every <= now.duration_since(at).abs())
    }

    /// When a source that was just polled is polled again. `found` posts are
    /// of the time since `before`.
    pub fn next_poll(
        &self,
        surroundings: &Surroundings<'_>,
        source: &Source,
        found: usize,
        before: Option<Timestamp>,
        now: Timestamp,
    ) -> Timestamp {
        let Some((_, kind)) = surroundings.kind_of(source) else { return now };
        let Ok(mut state) = self.state.lock() else { return now };
        let pages = 1.0 + (found as f64 / PAGE_POSTS).floor();
        let cost = state.costs.entry(source.id.0.clone()).or_insert(1.0);
        *cost += COST_NEWS * (pages - *cost);
        let price = state.prices.get(&surroundings.group_of(source, kind));
        let price = price.copied().unwrap_or_default();
        let wish = state.wish(source, kind);
        // What a first poll finds is the past, not what happens now.
        let surge = before.map_or(0.0, |at| schedule::surge(wish.rhythm, found, at, now));
        schedule::next_poll(&wish, &price, surge, now)
    }
}

impl State {
    fn wish(&self, source: &Source, kind: &PollKind) -> Wish<'_> {
        let usual = kind.interval_secs as f64;
        let of_kind = if kind.daily_max.is_some() { LONGEST_WITH_QUOTA_SECS } else { LONGEST_SECS };
        Wish {
            rhythm: self.rhythms.get(&source.id.0).unwrap_or(&self.unknown),
            weight: schedule::weight(source.importance),
            cost: self.costs.get(&source.id.0).copied().unwrap_or(1.0),
            usual_secs: usual,
            shortest_secs: (usual * SHORTEST_SHARE).max(SHORTEST_SECS),
            longest_secs: source.poll_interval_secs.map_or(of_kind, |most| most as f64),
        }
    }

    fn prices(
        &self,
        surroundings: &Surroundings<'_>,
        sources: &[Source],
        now: Timestamp,
    ) -> BTreeMap<Group, Price> {
        let mut groups: BTreeMap<Group, (Vec<Wish<'_>>, Allowance)> = BTreeMap::new();
        for source in sources {
            let Some((file, kind)) = surroundings.kind_of(source) else { continue };
            let group = groups
                .entry(surroundings.group_of(source, kind))
                .or_insert_with(|| (Vec::new(), surroundings.allowance(source, file, kind, now)));
            group.0.push(self.wish(source, kind));
        }
        let price = |(wishes, allowance): (Vec<Wish<'_>>, Allowance)| {
            schedule::price(&wishes, &allowance, now)
        };
        groups.into_iter().map(|(group, wishes)| (group, price(wishes))).collect()
    }
}

/// The rhythm of every source that has stored posts.
async fn learn(store: &Store, now: Timestamp) -> Result<BTreeMap<String, Rhythm>, StoreError> {
    let until = hour_of(now);
    let since = now.checked_sub(SignedDuration::from_hours(LEARNT_HOURS)).unwrap_or(now);
    store
        .read_async(move |reader| {
            let mut rhythms = BTreeMap::new();
            reader.posts_by_hour(since, |source, hours| {
                rhythms.insert(source.to_owned(), Rhythm::learn(hours, until));
            })?;
            Ok(rhythms)
        })
        .await
}
