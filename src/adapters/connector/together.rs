//! Calls that would have to wait for their turn go together: VKontakte's
//! `execute` takes several in one request. It saves turns, not quotas: every
//! call counts among the day's calls of its method all the same. Knows how
//! calls are put together and answers taken apart, not what is in them.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::oneshot;
use url::Url;

use crate::adapters::connector::http::Response;

/// VKontakte's codes for a method that is not there, for a script that cannot
/// be read, and for one that fails.
const METHOD_UNKNOWN: i64 = 3;
const SCRIPT_WRONG: i64 = 12;
const SCRIPT_FAILED: i64 = 13;

/// One call that waits, and who waits for its answer.
#[derive(Debug)]
struct Waiting {
    call: Call,
    answer: oneshot::Sender<Response>,
}

/// A method and what it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub method: String,
    pub parameters: Vec<(String, String)>,
}

/// Calls that wait, by the credential and the place that they share.
#[derive(Debug, Clone, Default)]
pub struct Together(Arc<Mutex<Places>>);

#[derive(Debug, Default)]
struct Places {
    waiting: HashMap<String, VecDeque<Waiting>>,
    /// Places that took no script.
    refused: HashSet<String>,
}

/// The answer to a call that somebody else sends along.
pub type Promise = oneshot::Receiver<Response>;

/// A place at which others may wait; closed at the latest when it is dropped.
#[derive(Debug)]
pub struct Opened<'t> {
    together: &'t Together,
    place: Option<String>,
}

impl Together {
    fn locked(&self) -> MutexGuard<'_, Places> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until somebody who waits for the same turn takes it along;
    /// nothing where nobody does: then this one waits for its own.
    pub fn wait(&self, place: &str, call: &Call, most: usize) -> Option<Promise> {
        let mut places = self.locked();
        let waiting = places.waiting.get_mut(place).filter(|waiting| waiting.len() + 1 < most)?;
        let (answer, promise) = oneshot::channel();
        waiting.push_back(Waiting { call: call.clone(), answer });
        Some(promise)
    }

    /// Opens a place at which others may wait, if none is open.
    pub fn open(&self, place: &str) -> Option<Opened<'_>> {
        let mut places = self.locked();
        let is_free = !places.waiting.contains_key(place) && !places.refused.contains(place);
        is_free.then(|| {
            places.waiting.insert(place.to_owned(), VecDeque::new());
            Opened { together: self, place: Some(place.to_owned()) }
        })
    }

    /// Nobody goes together there any more.
    pub fn refuse(&self, place: &str) {
        self.locked().refused.insert(place.to_owned());
    }
}

impl Opened<'_> {
    /// Closes the place and takes whoever waits there along.
    pub fn close(mut self) -> Company {
        let waiting = self.taken();
        // Who went away meanwhile needs no answer.
        Company(waiting.into_iter().filter(|one| !one.answer.is_closed()).collect())
    }
}

impl Opened<'_> {
    /// Closes the place once: after that it may be somebody else's.
    fn taken(&mut self) -> VecDeque<Waiting> {
        let place = self.place.take();
        place.and_then(|place| self.together.locked().waiting.remove(&place)).unwrap_or_default()
    }
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        self.taken();
    }
}

/// Calls that go along with another one.
#[derive(Debug, Default)]
pub struct Company(Vec<Waiting>);

impl Company {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The script that makes the call and those that go along.
    pub fn script(&self, first: &Call) -> String {
        let calls = std::iter::once(first).chain(self.0.iter().map(|one| &one.call));
        let written: Vec<String> = calls.map(Call::written).collect();
        format!("return [{}];", written.join(","))
    }

    /// Gives every call its part of the answer; returns the first one's. Where
    /// the whole is refused nobody has an answer, and everybody asks alone.
    pub fn share(self, whole: &Response) -> Option<Response> {
        let mut parts = apart(whole, self.0.len() + 1)?.into_iter();
        let first = parts.next();
        for (one, part) in self.0.into_iter().zip(parts) {
            // Who went away meanwhile needs no answer.
            let _ = one.answer.send(part);
        }
        first
    }
}

impl Call {
    /// A call by its address: the method stands last in the path.
    pub fn of(address: &Url) -> Option<Call> {
        let method = address.path_segments()?.next_back().filter(|name| !name.is_empty())?;
        let parameters = address.query_pairs().into_owned().collect();
        Some(Call { method: method.to_owned(), parameters })
    }

    /// As the script writes it; the version is the whole request's.
    fn written(&self) -> String {
        let own = self.parameters.iter().filter(|(name, _)| name != "v");
        let parameters: serde_json::Map<String, Value> =
            own.map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        format!("API.{}({})", self.method, Value::Object(parameters))
    }
}

/// The answers to single calls in the answer to all of them, each in the form
/// that it would have alone; nothing where the whole was refused.
fn apart(whole: &Response, calls: usize) -> Option<Vec<Response>> {
    let document: Value = serde_json::from_slice(&whole.body).ok()?;
    let results = document.get("response")?.as_array()?;
    if results.len() != calls {
        return None;
    }
    let errors = document.get("execute_errors").and_then(Value::as_array);
    let mut errors = errors.into_iter().flatten();
    let parts = results.iter().map(|result| match result {
        // A call that failed leaves `false`, and its error in their order.
        Value::Bool(false) => {
            let error = errors.next().cloned().unwrap_or_else(unnamed);
            json!({ "error": error })
        }
        result => json!({ "response": result }),
    });
    let alone = |part: Value| Response { body: part.to_string().into_bytes(), ..whole.clone() };
    Some(parts.map(alone).collect())
}

/// Whether the script itself was refused: it was too long to run, its answer
/// too large, or whoever answers does not know scripts.
pub fn is_script_refused(whole: &Response) -> bool {
    let is_answer = whole.status == 200;
    let Ok(document) = serde_json::from_slice::<Value>(&whole.body) else { return is_answer };
    let code = document.pointer("/error/error_code").and_then(Value::as_i64);
    matches!(code, Some(METHOD_UNKNOWN | SCRIPT_WRONG | SCRIPT_FAILED))
}

/// The network's own «something went wrong».
fn unnamed() -> Value {
    json!({ "error_code": 1, "error_msg": "the call failed and nothing says why" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(address: &str) -> Call {
        Call::of(&Url::parse(address).unwrap()).unwrap()
    }

    fn response(body: &str) -> Response {
        Response { status: 200, body: body.as_bytes().to_vec(), ..Response::default() }
    }

    fn body(response: &Response) -> String {
        String::from_utf8(response.body.clone()).unwrap()
    }

    #[test]
    fn calls_are_written_as_a_script() {
        let first = call("https://x.example/method/wall.get?owner_id=-5&v=5.199");
        let hostile = call("https://x.example/method/newsfeed.search?q=%22%7D)%3B%20%D1%8F");
        let together = Together::default();
        let opened = together.open("k").unwrap();
        assert!(together.open("k").is_none(), "one is enough");
        let promise = together.wait("k", &hostile, 25).unwrap();
        let company = opened.close();
        let expected =
            r#"return [API.wall.get({"owner_id":"-5"}),API.newsfeed.search({"q":"\"}); я"})];"#;
        assert_eq!(company.script(&first), expected);
        drop(promise);
    }

    #[test]
    fn every_call_gets_its_part() {
        let together = Together::default();
        let opened = together.open("k").unwrap();
        let one = call("https://x.example/method/wall.get?owner_id=-5");
        let mut promises: Vec<Promise> =
            (0..2).map(|_| together.wait("k", &one, 25).unwrap()).collect();
        let whole = response(
            r#"{"response":[{"count":1},false,{"count":3}],
                "execute_errors":[{"method":"wall.get","error_code":15,"error_msg":"closed"}]}"#,
        );
        let first = opened.close().share(&whole).unwrap();
        assert_eq!(body(&first), r#"{"response":{"count":1}}"#);
        let third = body(&promises.pop().unwrap().try_recv().unwrap());
        let second = body(&promises.pop().unwrap().try_recv().unwrap());
        assert!(second.contains(r#""error_code":15"#), "{second}");
        assert_eq!(third, r#"{"response":{"count":3}}"#);
    }

    #[test]
    fn where_the_whole_is_refused_everybody_asks_alone() {
        for refused in [r#"{"error":{"error_code":13,"error_msg":"too large"}}"#, "<html>"] {
            let together = Together::default();
            let opened = together.open("k").unwrap();
            let one = call("https://x.example/method/wall.get?owner_id=-5");
            let mut promise = together.wait("k", &one, 25).unwrap();
            assert_eq!(opened.close().share(&response(refused)), None);
            assert!(promise.try_recv().is_err());
        }
    }

    #[test]
    fn only_as_many_wait_as_go_along() {
        let together = Together::default();
        let one = call("https://x.example/method/wall.get?owner_id=-5");
        assert!(together.wait("k", &one, 3).is_none(), "nobody goes");
        let opened = together.open("k").unwrap();
        let (first, second) = (together.wait("k", &one, 3), together.wait("k", &one, 3));
        assert!(first.is_some() && second.is_some());
        assert!(together.wait("k", &one, 3).is_none());
        drop(first);
        assert_eq!(opened.close().0.len(), 1, "who went away is not taken along");
        drop(together.open("k"));
        assert!(together.wait("k", &one, 3).is_none(), "who leaves closes the place");
        assert!(is_script_refused(&response(r#"{"error":{"error_code":13}}"#)));
        assert!(is_script_refused(&response("<html>")));
        assert!(!is_script_refused(&response(r#"{"error":{"error_code":6}}"#)));
        assert!(!is_script_refused(&Response { status: 502, ..response("<html>") }));
        together.refuse("k");
        assert!(together.open("k").is_none());
    }
}
