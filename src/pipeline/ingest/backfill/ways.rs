//! As what a source is asked for what is missing of it.

use crate::adapters::connector::definition::Definition;
use crate::model::source::Source;

/// A poll kind that reads a stretch of the past, and its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    pub kind: String,
    pub target: String,
}

impl Way {
    /// Under which the store remembers how far it is read.
    pub fn name(&self) -> String {
        format!("{} {}", self.kind, self.target)
    }

    /// The source, asked this way.
    pub fn of(&self, source: &Source) -> Source {
        Source { kind: self.kind.clone(), target: self.target.clone(), ..source.clone() }
    }
}

/// What has to be read, one after the other, to fill a gap of a source;
/// nothing where the network offers no way.
pub fn ways(definition: &Definition, source: &Source) -> Vec<Way> {
    let polls = &definition.file.poll;
    let Some(own) = polls.get(&source.kind) else { return Vec::new() };
    let name = own.backfill.as_ref().unwrap_or(&source.kind);
    let kind = polls.get(name).filter(|kind| kind.reaches_back());
    let way = Way { kind: name.clone(), target: source.target.clone() };
    kind.map(|_| way).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::connector::Connectors;
    use crate::model::post::Network;

    #[test]
    fn every_source_is_asked_as_what_reaches_back() {
        fn check(network: &str, kind: &str, expected: &[&str]) {
            let connectors = Connectors::shipped().unwrap();
            let network = Network(network.to_owned());
            let definition = connectors.get(&network).unwrap();
            let source = Source::of(&network.0, kind, "5");
            let names: Vec<String> = ways(definition, &source).iter().map(Way::name).collect();
            assert_eq!(names, expected, "{kind}");
        }
        check("vk", "wall", &["wall 5"]);
        check("telegram", "channel", &["channel 5"]);
        check("youtube", "feed", &["channel 5"]);
        check("rss", "feed", &[]);
        check("vk", "nothing", &[]);
    }
}
