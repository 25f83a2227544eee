//! When a request may go: it takes its turn from the budget and waits where
//! that is short. Calls that wait may go together where the network has a way.

use std::time::Duration;

use url::Url;

use super::{Poll, WAIT_MAX_SECS};
use crate::adapters::connector::auth;
use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::budget;
use crate::adapters::connector::budget::{Charge, Lesser, Permit, Share};
use crate::adapters::connector::definition::Batch;
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::http::Response;
use crate::adapters::connector::paging;
use crate::adapters::connector::together::{Call, Company, Opened, is_script_refused};
use crate::model::time::Timestamp;

/// What came of waiting for a turn.
pub(super) enum Turn {
    /// The request may go.
    Own,
    /// It went along with others: this is the answer.
    Answered(Box<Response>),
}

/// Who pays for a request, and where it goes.
struct Payer {
    host: String,
    credential: String,
    account: String,
}

impl Poll<'_> {
    /// New posts come first: the rest has to do with a share of the requests.
    fn share(&self) -> Option<Share> {
        if self.stretch.is_some() {
            let percent = self.request.definition.file.rate.spare_percent;
            return Some(Share { of: Lesser::Gaps, percent });
        }
        let percent = self.kind.rereading.share_percent;
        (self.about != paging::About::default()).then_some(Share { of: Lesser::Threads, percent })
    }

    fn payer(&self, address: &Url) -> Payer {
        Payer {
            host: address.host_str().unwrap_or("").to_owned(),
            credential: self.request.secret.map(Secret::label).unwrap_or_default(),
            account: budget::account(&self.request.source.network, self.request.secret),
        }
    }

    fn charge<'p>(&'p self, payer: &'p Payer) -> Charge<'p> {
        Charge {
            host: &payer.host,
            credential: &payer.credential,
            account: &payer.account,
            rate: self.request.definition.file.rate,
            share: self.share(),
            daily: self.kind.daily_max.map(|most| (self.request.source.kind.as_str(), most)),
            cost: self.kind.cost,
        }
    }

    /// Takes a turn from the budget, or goes along with somebody who waits for
    /// one. Who finds nobody to go with waits, and takes others along.
    pub(super) async fn turn(&self, address: &Url) -> Result<Turn, PollError> {
        let payer = self.payer(address);
        let charge = self.charge(&payer);
        let mut batch = self.kind.batch.as_ref().zip(Call::of(address));
        let place = format!("{} {}", payer.credential, payer.host);
        let mut opened: Option<Opened<'_>> = None;
        let mut at = self.now;
        loop {
            match self.budget.take(&charge, at) {
                Permit::Go => {
                    let company = opened.take().map(Opened::close).unwrap_or_default();
                    let Some((batch, call)) = batch.take().filter(|_| !company.is_empty()) else {
                        return Ok(Turn::Own);
                    };
                    match self.executed(batch, &call, company, &place, address).await? {
                        Some(answer) => return Ok(Turn::Answered(Box::new(answer))),
                        // The whole was refused: everybody asks alone.
                        None => self.budget.give_back(&charge, at),
                    }
                }
                Permit::Wait(until) => {
                    if let Some((batch, call)) = batch.as_ref().filter(|_| opened.is_none()) {
                        let promise = self.client.together.wait(&place, call, batch.most());
                        if let Some(promise) = promise
                            && let Ok(answer) = promise.await
                        {
                            self.budget.count_call(&charge, at);
                            return Ok(Turn::Answered(Box::new(answer)));
                        }
                        opened = self.client.together.open(&place);
                    }
                    self.sit_out(at, until, &payer.host).await?;
                    at = until;
                }
                Permit::Exhausted(until) => {
                    let error =
                        PollError::own(ErrorClass::Quota, "our own share of the day is used up");
                    return Err(error.with_retry_at(Some(until)));
                }
            }
        }
    }

    async fn sit_out(&self, at: Timestamp, until: Timestamp, host: &str) -> Result<(), PollError> {
        let last = self.now.checked_add(jiff::SignedDuration::from_secs(WAIT_MAX_SECS));
        if last.unwrap_or(self.now) < until {
            let error =
                PollError::own(ErrorClass::RateLimited, format!("our own limit for {host}"));
            return Err(error.with_retry_at(Some(until)));
        }
        let wait = until.duration_since(at);
        tokio::time::sleep(Duration::try_from(wait).unwrap_or_default()).await;
        Ok(())
    }

    /// Sends a call and those that go along as one request; nothing where that
    /// was refused as a whole.
    async fn executed(
        &self,
        batch: &Batch,
        call: &Call,
        company: Company,
        place: &str,
        address: &Url,
    ) -> Result<Option<Response>, PollError> {
        let Batch::VkExecute { path, .. } = batch;
        let base = self.base();
        let start = self.start(base.as_ref(), &self.request.source.target);
        let mut request = self.request_to(paging::address(path, &start)?);
        let secret = self.secret().await?;
        request.headers.extend(auth::apply(self.auth(), secret.as_ref(), &mut request.url)?);
        let form = form(&company.script(call), address);
        let whole = self.client.post_form(&request, &form, self.now).await?;
        if is_script_refused(&whole) {
            tracing::warn!(place = %request.url.path(), "calls are sent one by one from now on");
            self.client.together.refuse(place);
        }
        Ok(company.share(&whole))
    }
}

/// The script and the version in which it speaks.
fn form(script: &str, address: &Url) -> String {
    let version = address.query_pairs().find(|(name, _)| name == "v");
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("code", script).extend_pairs(version).finish()
}
