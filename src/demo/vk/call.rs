//! A call of a method: its parameters, from wherever they came, and the errors
//! that a call can end in.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value, json};

pub struct Call {
    pub method: String,
    params: BTreeMap<String, String>,
}

impl Call {
    /// Parameters of the address and of the form are one; the token may come
    /// in a header instead.
    pub fn read(method: &str, headers: &HeaderMap, query: &str, form: &str) -> Call {
        let pairs = [query, form].map(|text| url::form_urlencoded::parse(text.as_bytes()));
        let mut params: BTreeMap<String, String> =
            pairs.into_iter().flatten().map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some(token) = bearer.and_then(|value| value.strip_prefix("Bearer ")) {
            params.entry("access_token".to_owned()).or_insert_with(|| token.trim().to_owned());
        }
        Call { method: method.to_owned(), params }
    }

    /// A parameter that says something.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    pub fn number(&self, name: &str, default: usize) -> Result<usize, Failure> {
        let number = self.text(name).map_or(Ok(default), str::parse);
        number.map_err(|_| Failure::parameter(&format!("{name} should be positive")))
    }

    pub fn seconds(&self, name: &str) -> Result<Option<i64>, Failure> {
        let number = self.text(name).map(str::parse).transpose();
        number.map_err(|_| Failure::parameter(&format!("{name} not integer")))
    }

    /// Who asks, and in which version of the interface.
    pub fn check(&self) -> Result<(), Failure> {
        if self.text("access_token").is_none() {
            return Err(Failure::new(5, "User authorization failed: no access_token passed."));
        }
        match self.text("v") {
            Some(_) => Ok(()),
            None => Err(Failure::new(8, "Invalid request: v (version) is required")),
        }
    }

    /// A call that stands in this one's script: asked by the same one, in the
    /// same version.
    pub fn inner(&self, method: &str, parameters: Map<String, Value>) -> Call {
        let shared = ["access_token", "v"].into_iter();
        let shared =
            shared.filter_map(|name| Some((name.to_owned(), self.params.get(name)?.clone())));
        let own = parameters.into_iter().map(|(name, value)| match value {
            Value::String(text) => (name, text),
            value => (name, value.to_string()),
        });
        Call { method: method.to_owned(), params: shared.chain(own).collect() }
    }
}

#[derive(Debug)]
pub struct Failure {
    code: u16,
    message: String,
}

impl Failure {
    pub fn new(code: u16, message: &str) -> Failure {
        Failure { code, message: message.to_owned() }
    }

    pub fn parameter(what: &str) -> Failure {
        let message = format!("One of the parameters specified was missing or invalid: {what}");
        Failure { code: 100, message }
    }

    /// As it is told of a call of a script.
    pub fn in_script(&self, method: &str) -> Value {
        json!({ "method": method, "error_code": self.code, "error_msg": self.message })
    }

    /// The token is among the repeated parameters, and whoever keeps an answer
    /// has to cope with that: the network does the same.
    pub fn document(&self, call: &Call) -> Value {
        let params = call.params.iter().map(|(key, value)| json!({ "key": key, "value": value }));
        let method = json!({ "key": "method", "value": call.method });
        let params: Vec<Value> = std::iter::once(method).chain(params).collect();
        json!({
            "error": {
                "error_code": self.code,
                "error_msg": self.message,
                "request_params": params,
            }
        })
    }
}
