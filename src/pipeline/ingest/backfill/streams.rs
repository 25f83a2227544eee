//! As what a stream's source is asked for what the stream missed: as the poll
//! that its connector names, for every account of its target or every place of
//! its rules, one after the other.

use super::ways::Way;
use crate::adapters::connector::definition::{Definition, PollKind, StreamKind};
use crate::adapters::connector::stream::jetstream::{Wanted, wanted};
use crate::model::source::Source;

/// The polls that fill a gap of a stream, `places` being those that its rules
/// name; nothing where there are none.
pub fn ways_of_stream(
    definition: &Definition,
    kind: &StreamKind,
    source: &Source,
    places: impl FnOnce() -> Vec<String>,
) -> Vec<Way> {
    let Some(backfill) = &kind.backfill else { return Vec::new() };
    let poll = definition.file.poll.get(&backfill.kind);
    if !poll.is_some_and(PollKind::reaches_back) {
        return Vec::new();
    }
    let way = |name: &str, value: &str| Way {
        kind: backfill.kind.clone(),
        target: backfill.target.replace(&format!("{{{name}}}"), value),
    };
    if backfill.target.contains("{place}") {
        return places().iter().map(|place| way("place", place)).collect();
    }
    if backfill.target.contains("{each_target}") {
        let accounts = match wanted(&source.target) {
            Some(Wanted::Accounts(accounts)) => accounts,
            // Nobody can be asked for a whole network's past.
            Some(Wanted::Language(_)) | None => Vec::new(),
        };
        return accounts.into_iter().map(|account| way("each_target", account)).collect();
    }
    vec![way("target", &source.target)]
}

/// The source as its gaps are asked for: where the polls of a stream go.
pub fn asked_for_gaps(kind: Option<&StreamKind>, source: &Source) -> Source {
    let kind = kind.and_then(|kind| kind.backfill.as_ref()).map(|backfill| backfill.kind.clone());
    Source { kind: kind.unwrap_or_else(|| source.kind.clone()), ..source.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::connector::Connectors;
    use crate::model::post::Network;

    #[test]
    fn a_stream_names_the_polls_that_fill_its_gaps() {
        let check = |network: &str, kind: &str, target: &str, expected: &[&str]| {
            let connectors = Connectors::shipped().unwrap();
            let network = Network(network.to_owned());
            let definition = connectors.get(&network).unwrap();
            let source = Source::of(&network.0, kind, target);
            let stream = &definition.file.stream[kind];
            let ways = ways_of_stream(definition, stream, &source, Vec::new);
            assert_eq!(ways.iter().map(Way::name).collect::<Vec<_>>(), expected, "{kind}");
            let asked = asked_for_gaps(Some(stream), &source);
            assert!(definition.file.poll.contains_key(&asked.kind), "{kind}");
        };
        check("vk", "long_poll", "5", &["wall -5"]);
        check("vk", "streaming", "region", &[]);
        check("mastodon", "tag_stream", "вологда", &["tag вологда"]);
        check("mastodon", "local_stream", "local", &["public local"]);
        check("mastodon", "public_stream", "all", &["federated all"]);
        check(
            "bluesky",
            "jetstream",
            "did:plc:a town.example",
            &["author did:plc:a", "author town.example"],
        );
        check("bluesky", "jetstream", "lang:ru", &[]);
    }
}
