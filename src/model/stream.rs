//! Posts that come by themselves: the rules that say which, and how a
//! connection stands.

use std::collections::BTreeMap;

use super::time::Timestamp;

/// Words that must all be in a post for it to come. The tag names the rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamRule {
    pub tag: String,
    pub value: String,
}

/// How a stream stands since the program started.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StreamState {
    /// Absent while there is no connection.
    pub connected_since: Option<Timestamp>,
    /// When something was last heard, be it a sign of life.
    pub heard_at: Option<Timestamp>,
    pub last_event_at: Option<Timestamp>,
    /// Connections after the first one.
    pub reconnections: u64,
    /// Posts that came and are of no interest to the region.
    pub passed_over: u64,
    /// Of the posts that are asked for, how many come at all.
    pub share_percent: u32,
    /// Where rules say what comes: how many are in force.
    pub rules: Option<RulesState>,
    /// What could not be asked for.
    pub notes: Vec<String>,
}

impl StreamState {
    /// Whether it shows less than what it is asked for. Of a stream that was
    /// not connected yet that is not known.
    pub fn is_partial(&self) -> bool {
        let lacks_rules = self.rules.as_ref().is_some_and(RulesState::lacks_some);
        (1..100).contains(&self.share_percent) || lacks_rules
    }
}

/// The rules of a stream that are in force, and those that are not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RulesState {
    pub in_force: u64,
    /// Why others are left out, in short words, and how many for that.
    pub left_out: BTreeMap<String, u64>,
    /// Rules that the network refused, with its words.
    pub refused: Vec<String>,
}

impl RulesState {
    /// Whether less comes than the ruleset asks for.
    pub fn lacks_some(&self) -> bool {
        self.left_out.values().any(|count| 0 < *count) || !self.refused.is_empty()
    }

    /// Counts rules that are not in force.
    pub fn leave_out(&mut self, why: &str, count: u64) {
        *self.left_out.entry(why.to_owned()).or_default() += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_whose_rules_did_not_fit_is_a_part() {
        let check = |share_percent: u32, left_out: &[(&str, u64)], refused: &[&str], part: bool| {
            let left_out = left_out.iter().map(|(why, count)| ((*why).to_owned(), *count));
            let rules = RulesState {
                in_force: 10,
                left_out: left_out.collect(),
                refused: refused.iter().map(|&rule| rule.to_owned()).collect(),
            };
            let state = StreamState { share_percent, rules: Some(rules), ..StreamState::default() };
            assert_eq!(state.is_partial(), part, "{state:?}");
        };
        check(100, &[], &[], false);
        check(100, &[("no_room", 0)], &[], false);
        check(100, &[("no_room", 7)], &[], true);
        check(100, &[], &["яма вологда: 2003"], true);
        check(1, &[], &[], true);
        let unknown = StreamState::default();
        assert!(!unknown.is_partial(), "not connected yet");
    }
}
