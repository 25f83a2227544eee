//! Which incidents a list shows, and the conditions that say so in SQL. Every
//! value is bound, none is pasted.

use rusqlite::types::Value;

use super::proposals::HAS_LIKELY;
use crate::model::body::BodyId;
use crate::model::incident::{IncidentId, State};
use crate::model::person::Reach;
use crate::model::region::TerritoryId;
use crate::model::time::{Timestamp, to_ms};
use crate::model::topic::TopicId;

/// Which incidents a list shows. Empty lists are no condition.
#[derive(Debug, Clone, Default)]
pub struct IncidentFilter {
    pub states: Vec<State>,
    pub territories: Vec<TerritoryId>,
    pub groups: Vec<String>,
    pub topics: Vec<TopicId>,
    pub bodies: Vec<BodyId>,
    pub official: Option<String>,
    /// Only these (what a search found).
    pub ids: Option<Vec<IncidentId>>,
    /// Only those that arose after this one.
    pub after: Option<IncidentId>,
    /// Only those whose running clock ends before this instant.
    pub due_before: Option<Timestamp>,
    /// Only those with suggestions or proposals that nobody settled.
    pub suggested: bool,
    /// Only those that a body returned as not its own and nobody sent on.
    pub returned: bool,
    /// What the reader may see at all; added to everything above.
    pub reach: Reach,
    pub order: Order,
    pub limit: usize,
    pub offset: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Risk, then time left, then size.
    #[default]
    Urgency,
    Newest,
    Due,
    Number,
}

pub(super) fn order(order: Order) -> &'static str {
    match order {
        Order::Urgency => "risk DESC, due_at_ms IS NULL, due_at_ms, authors DESC, id",
        Order::Newest => "opened_at_ms DESC, id DESC",
        Order::Due => "due_at_ms IS NULL, due_at_ms, id",
        Order::Number => "id",
    }
}

/// The WHERE part and its values. Every value is bound, none is pasted.
pub(super) fn condition(filter: &IncidentFilter) -> (String, Vec<Value>) {
    let mut sql = String::from("state <> 'joined'");
    let mut values = Vec::new();
    if filter.states.contains(&State::Joined) {
        sql = String::from("1");
    }
    let states: Vec<String> = filter.states.iter().map(|s| s.as_str().to_owned()).collect();
    any_of(&mut sql, &mut values, "state", states);
    let names = |ids: &[TerritoryId]| ids.iter().map(|id| id.0.clone()).collect();
    let bodies = |ids: &[BodyId]| ids.iter().map(|id| id.0.clone()).collect();
    any_of(&mut sql, &mut values, "territory", names(&filter.territories));
    any_of(&mut sql, &mut values, "territory", names(&filter.reach.territories));
    any_of(&mut sql, &mut values, "topic_group", filter.groups.clone());
    any_of(&mut sql, &mut values, "topic_group", filter.reach.groups.clone());
    any_of(
        &mut sql,
        &mut values,
        "topic",
        filter.topics.iter().map(|topic| topic.0.clone()).collect(),
    );
    any_of(&mut sql, &mut values, "body", bodies(&filter.bodies));
    any_of(&mut sql, &mut values, "body", bodies(&filter.reach.bodies));
    any_of(&mut sql, &mut values, "official", filter.official.clone().into_iter().collect());
    if let Some(ids) = &filter.ids {
        // Numbers, not texts: an empty list must find nothing.
        let list: Vec<String> = ids.iter().map(|id| id.0.to_string()).collect();
        sql.push_str(&format!(" AND incident.id IN ({})", list.join(",")));
    }
    if let Some(after) = filter.after {
        sql.push_str(" AND incident.id > ?");
        values.push(Value::Integer(after.0 as i64));
    }
    if let Some(before) = filter.due_before {
        sql.push_str(" AND due_at_ms < ?");
        values.push(Value::Integer(to_ms(before)));
    }
    if filter.suggested {
        sql.push_str(&format!(" AND ({HAS_LIKELY})"));
    }
    if filter.returned {
        sql.push_str(" AND state = 'new' AND json_extract(data, '$.returned') > 0");
    }
    (sql, values)
}

fn any_of(sql: &mut String, values: &mut Vec<Value>, column: &str, wanted: Vec<String>) {
    if wanted.is_empty() {
        return;
    }
    let marks = vec!["?"; wanted.len()].join(",");
    sql.push_str(&format!(" AND {column} IN ({marks})"));
    values.extend(wanted.into_iter().map(Value::Text));
}
