//! What a comment takes from the post above it: «и у нас так же» says that
//! there is a matter, the post above says which.

use crate::model::finding::{Finding, Matter, TopicMatch, TopicOrigin};

use super::Matcher;
use super::verdict::raised;

impl Matcher {
    /// Whether a post's own words leave open what it is about.
    pub fn asks_above(finding: &Finding) -> bool {
        finding.topic_origin == TopicOrigin::General
    }

    /// The finding of such a post, with the topic of the post above it. News of
    /// an outage names the matter as well as a complaint does.
    pub fn below(&self, finding: Finding, above: &Finding) -> Finding {
        let Some(topic) = above.said_topic().filter(|_| Matcher::asks_above(&finding)) else {
            return finding;
        };
        let rule = self.topics.iter().find(|rule| rule.id == topic.topic);
        let importance = rule.map_or(finding.importance, |rule| rule.importance);
        Finding {
            importance: raised(importance, &finding.risks),
            topics: vec![TopicMatch { evidence: Vec::new(), ..topic.clone() }],
            matters: named(&finding.matters, topic),
            topic_origin: TopicOrigin::Above,
            ..finding
        }
    }
}

/// The comment's own words are the matter that the post above names.
fn named(matters: &[Matter], topic: &TopicMatch) -> Vec<Matter> {
    let named = |matter: &Matter| Matter { topic: topic.topic.clone(), ..matter.clone() };
    matters.iter().take(1).map(named).collect()
}
