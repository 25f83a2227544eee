//! The rules that stand at a stream's server and say which posts come: listed,
//! added, taken away. Which rules there should be is no business of this file.

use serde_json::{Value, json};
use url::Url;

use super::{Ask, Streams, asking};
use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::http::Outgoing;
use crate::model::stream::StreamRule;

/// A server and the key that it knows us by.
#[derive(Debug, Clone)]
pub struct RuleServer {
    endpoint: Url,
    key: Secret,
    written_key: String,
}

impl RuleServer {
    pub(super) fn key(&self) -> &Secret {
        &self.key
    }

    fn address(&self, path: &str) -> Url {
        let mut url = self.endpoint.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        url.query_pairs_mut().append_pair("key", &self.written_key);
        url
    }

    pub(super) fn stream_address(&self) -> Url {
        let mut url = self.address("/stream");
        url.query_pairs_mut().append_pair("stream_id", "0");
        url
    }
}

impl Streams {
    pub(super) async fn rule_server(&self, ask: Ask<'_>) -> Result<RuleServer, PollError> {
        let (url, headers) = asking::authorised(ask, asking::address(ask)?)?;
        let request = asking::request(ask, url, headers);
        let answer = self.asked(ask, &request, Outgoing::Get).await?;
        let response = answer.get("response").unwrap_or(&answer);
        let text = |name: &str| response.get(name).and_then(Value::as_str);
        let endpoint =
            text("endpoint").and_then(|named| asking::named_by_network(ask, named, "https"));
        match (endpoint, text("key")) {
            (Some(endpoint), Some(key)) => {
                Ok(RuleServer { endpoint, key: Secret::new(key), written_key: key.to_owned() })
            }
            _ => Err(PollError::new(ErrorClass::Malformed, "no server and key for the stream")),
        }
    }

    /// The rules that stand there now.
    pub async fn rules(
        &self,
        ask: Ask<'_>,
        server: &RuleServer,
    ) -> Result<Vec<StreamRule>, PollError> {
        let answer = self.at_rules(ask, server, Outgoing::Get).await?;
        let rules = answer.get("rules").and_then(Value::as_array);
        let rule = |one: &Value| {
            let text = |name: &str| Some(one.get(name)?.as_str()?.to_owned());
            Some(StreamRule { tag: text("tag")?, value: text("value")? })
        };
        // A stream without rules answers with `null`.
        let rules: Option<Vec<StreamRule>> = rules.into_iter().flatten().map(rule).collect();
        rules.ok_or_else(|| PollError::new(ErrorClass::Malformed, "a rule without tag or value"))
    }

    pub async fn add_rule(
        &self,
        ask: Ask<'_>,
        server: &RuleServer,
        rule: &StreamRule,
    ) -> Result<(), PollError> {
        let body = json!({ "rule": { "tag": rule.tag, "value": rule.value } }).to_string();
        self.at_rules(ask, server, Outgoing::PostJson(&body)).await.map(|_| ())
    }

    pub async fn delete_rule(
        &self,
        ask: Ask<'_>,
        server: &RuleServer,
        tag: &str,
    ) -> Result<(), PollError> {
        let body = json!({ "tag": tag }).to_string();
        self.at_rules(ask, server, Outgoing::DeleteJson(&body)).await.map(|_| ())
    }

    async fn at_rules(
        &self,
        ask: Ask<'_>,
        server: &RuleServer,
        outgoing: Outgoing<'_>,
    ) -> Result<Value, PollError> {
        let mut secrets: Vec<Secret> = ask.secret.cloned().into_iter().collect();
        secrets.push(server.key.clone());
        let request = asking::request(ask, server.address("/rules/"), Vec::new());
        let answer = self.asked(ask, &request, outgoing).await;
        answer.map_err(|error| super::clean(error, &secrets))
    }
}
