//! What all protocols ask with: the address of a kind, the credential where
//! the network wants it, the budget, and what an answer that says no means.

use std::time::Duration;

use url::Url;

use super::{Ask, Streams, frame};
use crate::adapters::connector::auth;
use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::budget;
use crate::adapters::connector::budget::{Charge, Permit};
use crate::adapters::connector::definition::Redirects;
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::http::{Outgoing, Request, Response};
use crate::adapters::connector::paging;
use crate::adapters::connector::paging::Start;

/// A minute's share may be used up by others; nobody waits longer for it.
const WAIT_MAX_SECS: i64 = 120;

/// The base under which a kind lies.
pub(super) fn base(ask: Ask<'_>) -> Option<Url> {
    let own = ask.kind.base_url.as_deref().or(ask.definition.file.base_url.as_deref());
    ask.base.cloned().or_else(|| own.and_then(|own| Url::parse(own).ok()))
}

/// The address that a kind's path and query make, without a credential.
pub(super) fn address(ask: Ask<'_>) -> Result<Url, PollError> {
    let base = base(ask);
    let start = Start { base: base.as_ref(), target: &ask.source.target, ..Start::default() };
    paging::asked(&ask.kind.path, &ask.kind.query, &start)
}

/// The address with the credential in it, or the headers that hold it.
pub(super) fn authorised(
    ask: Ask<'_>,
    mut url: Url,
) -> Result<(Url, Vec<(String, String)>), PollError> {
    let auth = ask.definition.auth(&ask.source.kind);
    let mut headers: Vec<(String, String)> =
        ask.definition.file.headers.clone().into_iter().collect();
    headers.extend(auth::apply(auth, ask.secret, &mut url)?);
    Ok((url, headers))
}

pub(super) fn request(ask: Ask<'_>, url: Url, headers: Vec<(String, String)>) -> Request {
    let limits = ask.definition.file.limits;
    Request {
        url,
        headers,
        body_max_bytes: limits.body_max_bytes,
        request_max: Duration::from_secs(limits.request_max_secs),
        redirects: Redirects::Refuse,
        base: ask.base.cloned(),
    }
}

/// An address that a network names itself, made safe to go to: only over TLS,
/// unless it is the very place that the configuration names.
pub(super) fn named_by_network(ask: Ask<'_>, text: &str, secure: &str) -> Option<Url> {
    let has_scheme = text.contains("://");
    let with_scheme = |scheme: &str| {
        let text = if has_scheme { text.to_owned() } else { format!("{scheme}://{text}") };
        Url::parse(&text).ok()
    };
    let plain = with_scheme(secure.strip_suffix('s')?)?;
    let is_configured = ask.base.is_some_and(|base| {
        base.host_str() == plain.host_str()
            && base.port_or_known_default() == plain.port_or_known_default()
    });
    if is_configured {
        return Some(plain);
    }
    with_scheme(secure).filter(|url| url.scheme() == secure)
}

impl Streams {
    /// Takes a request from the budget; waits where that is short.
    pub(super) async fn permit(&self, ask: Ask<'_>, url: &Url) -> Result<(), PollError> {
        // Where a network sends us on, it knows us by another key.
        let is_of_network = base(ask).is_some_and(|base| base.host() == url.host());
        let credential = ask.secret.filter(|_| is_of_network).map(Secret::label);
        let credential = credential.unwrap_or_default();
        let account = budget::account(&ask.source.network, ask.secret);
        let host = url.host_str().unwrap_or("");
        let charge = Charge {
            host,
            credential: &credential,
            account: &account,
            rate: ask.definition.file.rate,
            share: None,
            daily: None,
            cost: 0,
        };
        let mut now = self.clock.now();
        let last = now.checked_add(jiff::SignedDuration::from_secs(WAIT_MAX_SECS)).unwrap_or(now);
        loop {
            match self.budget.take(&charge, now) {
                Permit::Go => return Ok(()),
                Permit::Wait(until) if until <= last => {
                    let wait = until.duration_since(now);
                    tokio::time::sleep(Duration::try_from(wait).unwrap_or_default()).await;
                    now = until;
                }
                Permit::Wait(until) | Permit::Exhausted(until) => {
                    let error = PollError::new(
                        ErrorClass::RateLimited,
                        format!("our own limit for {host}"),
                    );
                    return Err(error.with_retry_at(Some(until)));
                }
            }
        }
    }

    /// One whole answer of the network's interface, or what it says instead.
    pub(super) async fn asked(
        &self,
        ask: Ask<'_>,
        request: &Request,
        outgoing: Outgoing<'_>,
    ) -> Result<serde_json::Value, PollError> {
        self.permit(ask, &request.url).await?;
        let now = self.clock.now();
        let response = self.client.ask(request, outgoing, now).await?;
        self.understood(ask, &response)
    }

    pub(super) fn understood(
        &self,
        ask: Ask<'_>,
        response: &Response,
    ) -> Result<serde_json::Value, PollError> {
        if let Some(error) = self.refusal(ask, response) {
            return Err(error);
        }
        serde_json::from_slice(&response.body).map_err(|error| {
            PollError::new(ErrorClass::Malformed, format!("the answer is not JSON: {error}"))
        })
    }

    /// What an answer says against us, if it does.
    pub(super) fn refusal(&self, ask: Ask<'_>, response: &Response) -> Option<PollError> {
        let now = self.clock.now();
        let error = frame::refusal(ask.definition, ask.kind, response, now)?;
        let day = ask.definition.file.rate.day;
        let next_day = (error.class == ErrorClass::Quota).then(|| budget::next_day(day, now));
        Some(error.with_retry_at(next_day).with_retry_at(response.retry_after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::connector::Connectors;
    use crate::adapters::connector::stream::place::Place;
    use crate::model::post::Network;
    use crate::model::source::Source;

    #[test]
    fn a_network_leads_nowhere_without_tls() {
        let connectors = Connectors::shipped().unwrap();
        let definition = connectors.get(&Network("vk".to_owned())).unwrap();
        let kind = definition.file.stream.get("streaming").unwrap();
        let source = Source::of("vk", "streaming", "");
        let base = Url::parse("http://127.0.0.1:9").unwrap();
        let place = Place::default();
        let check = |text: &str, base: Option<&Url>, expected: Option<&str>| {
            let ask = Ask { definition, kind, source: &source, base, secret: None, place: &place };
            let got = named_by_network(ask, text, "wss");
            assert_eq!(got.as_ref().map(Url::as_str), expected, "{text}");
        };
        check("streaming.vk.com", None, Some("wss://streaming.vk.com/"));
        check("ws://streaming.vk.com", None, None);
        check("127.0.0.1:9", None, Some("wss://127.0.0.1:9/"));
        check("127.0.0.1:9", Some(&base), Some("ws://127.0.0.1:9/"));
        check("127.0.0.1:10", Some(&base), Some("wss://127.0.0.1:10/"));
    }
}
