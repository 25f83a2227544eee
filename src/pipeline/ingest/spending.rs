//! Who pays for a poll: which credential it takes, what that has spent of its
//! day, and when it is set aside. What is spent is stored, so that a restart
//! does not begin the day anew.

use super::{Inner, Restored};
use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::budget;
use crate::adapters::connector::budget::Lesser;
use crate::adapters::connector::definition::Definition;
use crate::adapters::connector::error::ErrorClass;
use crate::adapters::connector::keys::Choice;
use crate::adapters::connector::poll::PollResult;
use crate::adapters::store::StoreError;
use crate::adapters::store::commands::{Command, Spent};
use crate::model::source::Source;
use crate::model::time::Timestamp;

impl Inner {
    /// Takes over, once, what earlier runs have spent of the day.
    pub(super) async fn restore(&self) -> Result<(), StoreError> {
        if self.is_restored.lock().is_ok_and(|restored| *restored == Restored::Done) {
            return Ok(());
        }
        for spent in self.store.read_async(|reader| reader.spent()).await? {
            self.budget.restore(&spent.credential, &spent.kind, &spent.day, spent.requests);
        }
        if let Ok(mut restored) = self.is_restored.lock() {
            *restored = Restored::Done;
        }
        Ok(())
    }

    /// What the credentials of a network have spent on a kind with a quota,
    /// and of the units that all its kinds share.
    pub(super) async fn keep_spent(
        &self,
        source: &Source,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(definition) = self.connectors.get(&source.network) else { return Ok(()) };
        let rate = definition.file.rate;
        let has_quota = |kind: &str| {
            definition.file.poll.get(kind).is_some_and(|kind| kind.daily_max.is_some())
        };
        let own = Some(source.kind.as_str()).filter(|kind| has_quota(kind));
        let shared = [budget::SHARED, budget::SHARED_BY_THREADS, budget::SHARED_BY_GAPS];
        let shared = shared.into_iter().filter(|_| rate.daily_max.is_some());
        let kinds: Vec<&str> = own.into_iter().chain(shared).collect();
        for account in self.accounts(source) {
            for kind in &kinds {
                let requests = self.budget.used_today(&account, kind, rate.day, now);
                if requests == 0 {
                    continue;
                }
                let (credential, kind) = (account.clone(), (*kind).to_owned());
                let day = budget::day_of(rate.day, now);
                let spent = Spent { credential, kind, day, requests };
                self.store.write_async(Command::Spent(spent)).await?;
            }
        }
        Ok(())
    }

    fn accounts(&self, source: &Source) -> Vec<String> {
        let keys = self.keys.of(&source.network);
        if keys.is_empty() {
            return vec![budget::account(&source.network, None)];
        }
        keys.iter().map(|key| budget::account(&source.network, Some(key))).collect()
    }

    /// The credential of a poll, or of lesser work: whichever has most left
    /// for it.
    pub(super) fn key(
        &self,
        source: &Source,
        definition: &Definition,
        lesser: Option<Lesser>,
        now: Timestamp,
    ) -> Choice<'_> {
        let left = |key: &Secret| self.left(source, definition, lesser, key, now);
        self.keys.choose(&source.network, &source.kind, left, now)
    }

    /// How many requests for a source a credential has left of the day.
    fn left(
        &self,
        source: &Source,
        definition: &Definition,
        lesser: Option<Lesser>,
        key: &Secret,
        now: Timestamp,
    ) -> u32 {
        let rate = definition.file.rate;
        let Some(kind) = definition.file.poll.get(&source.kind) else { return u32::MAX };
        let label = key.label();
        let left = |name: &str, most: u32, cost: u32| {
            let used = self.budget.used_today(&label, name, rate.day, now);
            most.saturating_sub(used) / cost
        };
        let own = kind.daily_max.map(|most| left(&source.kind, most, 1));
        let units = rate.daily_max.filter(|_| 0 < kind.cost);
        let shared = units.map(|most| left(budget::SHARED, most, kind.cost));
        let of_lesser = lesser.zip(units).map(|(lesser, most)| {
            let percent = match lesser {
                Lesser::Threads => kind.rereading.share_percent,
                Lesser::Gaps => rate.spare_percent,
            };
            left(lesser.units(), budget::part(most, percent), kind.cost)
        });
        [own, shared, of_lesser].into_iter().flatten().min().unwrap_or(u32::MAX)
    }

    /// Where a «no» was meant for the credential it is set aside, and the
    /// source asks again with another. What our own budget refuses one of them
    /// another may have left.
    pub(super) fn is_the_keys_fault(
        &self,
        source: &Source,
        lesser: Option<Lesser>,
        result: &PollResult,
        key: Option<&Secret>,
        now: Timestamp,
    ) -> bool {
        let Some(key) = key else { return false };
        let error = match result {
            PollResult::Refused { error, .. }
            | PollResult::New { interrupted: Some(error), .. } => error,
            PollResult::New { interrupted: None, .. } | PollResult::NothingNew { .. } => {
                self.keys.worked(key, &source.kind);
                return false;
            }
            PollResult::Failed { .. } => return false,
        };
        if error.is_own {
            return error.class == ErrorClass::Quota && self.has_another(source, lesser, now);
        }
        self.keys.blame(key, &source.kind, error, now)
    }

    /// Whether a credential has something left of the day.
    fn has_another(&self, source: &Source, lesser: Option<Lesser>, now: Timestamp) -> bool {
        let Some(definition) = self.connectors.get(&source.network) else { return false };
        self.keys.of(&source.network).iter().any(|key| {
            let is_usable = self.keys.is_usable(key, &source.kind, now);
            is_usable && 0 < self.left(source, definition, lesser, key, now)
        })
    }
}
