//! From the target that people write to the one by which a network is asked:
//! named strategies, one request each, kept while the program runs.

use serde_json::Value;

use super::{Poll, Stop};
use crate::adapters::connector::conversion;
use crate::adapters::connector::definition::Resolve;
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::paging;

/// Not the first page of anything: nothing is said about what we have.
const NO_PAGE: usize = 1;

impl Poll<'_> {
    /// The target by which the network is asked.
    pub(super) async fn resolved(&self) -> Result<String, Stop> {
        let target = self.request.source.target.trim();
        match self.kind.resolve {
            Some(Resolve::MastodonAccount) if target.contains('@') => {
                self.mastodon_account(target).await
            }
            Some(Resolve::MastodonAccount) | None => Ok(target.to_owned()),
        }
    }

    /// The number of `@name@server` on the server that is asked.
    async fn mastodon_account(&self, name: &str) -> Result<String, Stop> {
        let account = name.trim_start_matches('@');
        let base = self.base();
        let start = self.start(base.as_ref(), name);
        let mut address = paging::address("/api/v1/accounts/lookup", &start).map_err(Stop::of)?;
        address.query_pairs_mut().append_pair("acct", account);
        let known = self.client.names.of(address.as_str());
        if let Some(number) = known {
            return Ok(number);
        }
        let response = self.fetch(&address, NO_PAGE).await.map_err(Stop::of)?;
        let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let number = answer.get("id").and_then(conversion::text);
        match number.filter(|_| response.status == 200) {
            Some(number) => {
                self.client.names.keep(address.to_string(), number.clone());
                Ok(number)
            }
            // What an answer that is no account says is said as of any other.
            None => Err(match self.read(&response).await {
                Err(stop) => stop,
                Ok(_) => {
                    Stop::of(PollError::new(ErrorClass::Malformed, "no account in the answer"))
                }
            }),
        }
    }
}
