//! Keeps the rules of a stream in step with the ruleset: what stands at the
//! server is compared with what should, and changed rule by rule. A rule that
//! the network refuses is told and stops nothing.

use std::collections::BTreeMap;

use crate::adapters::connector::error::PollError;
use crate::adapters::connector::stream::rules::RuleServer;
use crate::adapters::connector::stream::{Ask, Streams};
use crate::model::stream::{RulesState, StreamRule};
use crate::rules::stream_rules::{Compiled, difference};

/// Refusals that are told by name; the others are counted.
const REFUSED_TOLD: usize = 20;

/// What a refusal of one rule means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// A rule of that name is there: it goes first.
    TagTaken,
    /// It was gone already.
    NotThere,
    /// This rule is none for the network.
    BadRule,
    /// There is no room for more.
    Full,
    /// Nothing about the rule.
    Other,
}

fn meaning(error: &PollError) -> Refusal {
    match error.code.as_deref() {
        Some("2001") => Refusal::TagTaken,
        Some("2002") => Refusal::NotThere,
        Some("2003" | "2004" | "2005" | "2008") => Refusal::BadRule,
        Some("2006") => Refusal::Full,
        Some(_) | None => Refusal::Other,
    }
}

/// Brings the server's rules to what is wanted; says which are in force.
pub(super) async fn synchronise(
    streams: &Streams,
    ask: Ask<'_>,
    server: RuleServer,
    want: Compiled,
) -> Result<RulesState, PollError> {
    let have = streams.rules(ask, &server).await?;
    let change = difference(&want.rules, &have);
    for tag in &change.delete {
        delete(streams, ask, &server, tag).await?;
    }
    let kept = have.len() - change.delete.len();
    let left_out = want.left_out.into_iter().map(|(why, count)| (why.to_owned(), count));
    let left_out: BTreeMap<String, u64> = left_out.collect();
    let mut state = RulesState { in_force: kept as u64, left_out, refused: Vec::new() };
    for (index, rule) in change.add.iter().enumerate() {
        match add(streams, ask, &server, rule).await {
            Ok(()) => state.in_force += 1,
            Err(error) => match meaning(&error) {
                Refusal::BadRule if state.refused.len() < REFUSED_TOLD => {
                    state.refused.push(format!("{}: {error}", rule.value));
                }
                Refusal::BadRule | Refusal::TagTaken => state.leave_out("refused", 1),
                Refusal::Full => {
                    state.leave_out("no_room", (change.add.len() - index) as u64);
                    break;
                }
                Refusal::NotThere | Refusal::Other => return Err(error),
            },
        }
    }
    Ok(state)
}

async fn add(
    streams: &Streams,
    ask: Ask<'_>,
    server: &RuleServer,
    rule: &StreamRule,
) -> Result<(), PollError> {
    match streams.add_rule(ask, server, rule).await {
        Err(error) if meaning(&error) == Refusal::TagTaken => {
            delete(streams, ask, server, &rule.tag).await?;
            streams.add_rule(ask, server, rule).await
        }
        added => added,
    }
}

async fn delete(
    streams: &Streams,
    ask: Ask<'_>,
    server: &RuleServer,
    tag: &str,
) -> Result<(), PollError> {
    match streams.delete_rule(ask, server, tag).await {
        Err(error) if meaning(&error) == Refusal::NotThere => Ok(()),
        deleted => deleted,
    }
}
