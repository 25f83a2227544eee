//! `execute`: several calls in one. Of the network's own language only what a
//! watcher writes is understood: a list of calls that is returned as it is.

use serde_json::{Map, Value, json};

use super::answer;
use super::call::{Call, Failure};
use crate::demo::stage::Stage;

/// As many calls may stand in one script.
const CALLS_MAX: usize = 25;
const SCRIPT_WRONG: u16 = 12;

pub type Answered = (Value, Vec<Value>);

/// The answers in the order of the calls, `false` where one failed, and the
/// errors of those in the same order.
pub fn execute(stage: &Stage, call: &Call) -> Result<Answered, Failure> {
    let script = call.text("code").ok_or_else(|| Failure::parameter("code is undefined"))?;
    let wrong = || Failure::new(SCRIPT_WRONG, "Unable to compile code");
    let calls = calls_of(script).filter(|calls| calls.len() <= CALLS_MAX).ok_or_else(wrong)?;
    let mut errors = Vec::new();
    let mut answered = |(method, parameters): (String, Map<String, Value>)| {
        let inner = call.inner(&method, parameters);
        let failure = match answer(stage, &inner) {
            Ok(response) => return response,
            Err(failure) => failure,
        };
        errors.push(failure.in_script(&method));
        json!(false)
    };
    let answers: Vec<Value> = calls.into_iter().map(&mut answered).collect();
    Ok((answers.into(), errors))
}

/// The calls of `return [API.method({…}),…];`; nothing where it is something else.
fn calls_of(script: &str) -> Option<Vec<(String, Map<String, Value>)>> {
    let list = script.trim().strip_prefix("return")?.trim_start();
    let mut rest = list.strip_prefix('[')?;
    let mut calls = Vec::new();
    while let Some(call) = rest.strip_prefix("API.") {
        let (method, inside) = call.split_once('(')?;
        let mut objects = serde_json::Deserializer::from_str(inside).into_iter();
        let parameters = objects.next()?.ok()?;
        let after = inside.get(objects.byte_offset()..)?.strip_prefix(')')?;
        calls.push((method.to_owned(), parameters));
        rest = after.strip_prefix(',').unwrap_or(after);
    }
    matches!(rest, "];" | "]").then_some(calls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_calls_is_understood_and_nothing_else() {
        fn check(script: &str, expected: Option<&[&str]>) {
            let calls = calls_of(script);
            let methods: Option<Vec<String>> =
                calls.map(|calls| calls.into_iter().map(|(method, _)| method).collect());
            let expected = expected.map(|all| all.iter().map(|one| (*one).to_owned()).collect());
            assert_eq!(methods, expected, "{script}");
        }
        check(r#"return [API.wall.get({"domain":"a)]}("})];"#, Some(&["wall.get"]));
        let two = r#"return [API.wall.get({}),API.newsfeed.search({"q":"яма"})];"#;
        check(two, Some(&["wall.get", "newsfeed.search"]));
        check("return [];", Some(&[]));
        check("return [API.wall.get({}", None);
        check("return [API.wall.get()];", None);
        check("return API.wall.get({});", None);
        check("", None);
    }
}
