//! What a definition may say about posts that come by themselves: by which
//! protocol, from where, how a frame is read, when a silent connection counts
//! as dead, and which poll fills what was missed. Knows nothing of sockets.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Auth, Condition, Definition};

/// `[stream.KIND]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamKind {
    pub protocol: Protocol,
    /// Under the base URL; the stand-ins are those of polls.
    pub path: String,
    /// Where this kind lives elsewhere than the network's polls.
    #[serde(default)]
    pub base_url: Option<String>,
    #[serde(default)]
    pub auth: Option<Auth>,
    /// A parameter whose stand-in has nothing to stand for is left out.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Name of the extraction that reads one frame.
    pub extract: String,
    /// Of one frame, whole.
    #[serde(default = "frame_max_bytes")]
    pub frame_max_bytes: usize,
    /// A connection from which nothing came for so long, not even a sign of
    /// life, is dead.
    #[serde(default = "idle_secs")]
    pub idle_secs: u64,
    /// How far back a protocol that resumes can; what is older is a gap.
    #[serde(default)]
    pub memory_secs: Option<i64>,
    /// Of the posts that are asked for, how many come at all.
    #[serde(default = "all_of_them")]
    pub share_percent: u32,
    /// Conditions under which a frame holds a post as it was first written: of
    /// a post that is known it says nothing new, however late it comes.
    #[serde(default)]
    pub original: Vec<Condition>,
    /// Conditions under which a frame brings back what was deleted; where there
    /// are none, every later frame does.
    #[serde(default)]
    pub revives: Vec<Condition>,
    /// Codes with which a server says that it goes away for a moment:
    /// connecting again at once is then no nuisance.
    #[serde(default)]
    pub restarts: Vec<String>,
    /// Codes with which it refuses a key that was given for the stream:
    /// another one is asked for, once.
    #[serde(default)]
    pub renews: Vec<String>,
    #[serde(default)]
    pub backfill: Option<Backfill>,
    /// The poll kind that reads what stands under the posts that come.
    #[serde(default)]
    pub comments: Option<String>,
    /// The poll kind that looks at them again by their names.
    #[serde(default)]
    pub recheck: Option<String>,
}

impl Definition {
    /// The kind that reads what stands under posts of a source of that kind. A
    /// stream that tells of comments itself is asked for those of its gaps.
    pub fn comments_of(&self, kind: &str) -> Option<&str> {
        let polls = &self.file.poll;
        let Some(stream) = self.file.stream.get(kind) else {
            return polls.get(kind)?.comments.as_deref();
        };
        let of_gaps = || polls.get(&stream.backfill.as_ref()?.kind)?.comments.as_deref();
        stream.comments.as_deref().or_else(of_gaps)
    }

    /// The kind that looks again at posts of a source of that kind.
    pub fn recheck_of(&self, kind: &str) -> Option<&str> {
        let of_poll = self.file.poll.get(kind).map(|poll| &poll.recheck);
        let of_stream = self.file.stream.get(kind).map(|stream| &stream.recheck);
        of_poll.or(of_stream)?.as_deref()
    }
}

/// How posts come. Each has its own tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// `path` gives a server and a key; the rules that stand there say which
    /// posts come over a WebSocket.
    VkStreaming,
    /// `path` gives a server, a key and a place; the server is asked again and
    /// again and answers when something happens.
    VkLongPoll,
    /// A WebSocket with one commit a frame, from an instant on.
    Jetstream,
    /// An HTTP answer without end.
    ServerSentEvents,
}

impl Protocol {
    /// Whether a new connection goes on where the last one ended.
    pub fn resumes(self) -> bool {
        match self {
            Protocol::VkLongPoll | Protocol::Jetstream => true,
            Protocol::VkStreaming | Protocol::ServerSentEvents => false,
        }
    }
}

/// The poll that reads what a stream missed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backfill {
    /// A poll kind of the same network.
    pub kind: String,
    /// What it is asked for: text with stand-ins for the stream's own target.
    pub target: String,
    /// The stream also brings what no poll shows: a gap is never whole again.
    #[serde(default)]
    pub told_once: bool,
}

/// What may stand in a backfill's target beside `{place}`: a place that the
/// rules name, where the stream has rules.
pub const BACKFILL_STAND_INS: [&str; 2] = ["target", "each_target"];

fn frame_max_bytes() -> usize {
    1024 * 1024
}

fn idle_secs() -> u64 {
    90
}

fn all_of_them() -> u32 {
    100
}

#[cfg(test)]
mod tests {
    use super::Protocol;
    use crate::adapters::connector::Connectors;
    use crate::adapters::connector::definition::parse;
    use crate::model::post::Network;

    const REST: &str = "name = \"N\"\nformat = \"json\"\n[poll.wall]\npath = \"/w\"\n\
        extract = \"posts\"\ninterval_secs = 60\noverlap_secs = 60\n[extract.posts]\n\
        items = \"\"\n[extract.posts.fields]\nnative_id = { at = \"/id\" }\n\
        published_at = { at = \"/at\" }\n";

    #[test]
    fn a_stream_is_refused_unless_its_words_mean_something() {
        fn check(stream: &str, complaint: Option<&str>) {
            let text = format!("{REST}[stream.live]\n{stream}");
            let told = parse("n.toml", &text).err().map(|problems| problems[0].to_string());
            match (complaint, &told) {
                (None, None) => {}
                (Some(part), Some(told)) => assert!(told.contains(part), "{told}"),
                _ => panic!("{stream}: {told:?}"),
            }
        }
        let sound = "protocol = \"jetstream\"\npath = \"/subscribe\"\nextract = \"posts\"\n";
        check(sound, None);
        check(
            &format!("{sound}backfill = {{ kind = \"wall\", target = \"{{each_target}}\" }}"),
            None,
        );
        let vk = sound.replace("jetstream", "vk_streaming");
        check(&format!("{vk}backfill = {{ kind = \"wall\", target = \"{{place}}\" }}"), None);
        check(&sound.replace("jetstream", "firehose"), Some("unknown variant"));
        check(&sound.replace("posts", "frames"), Some("names an extraction that is not there"));
        check(&format!("{sound}idle_secs = 0"), Some("start at 1"));
        check(&format!("{sound}share_percent = 101"), Some("a share is 1 to 100"));
        check(&format!("{vk}memory_secs = 1"), Some("resumes"));
        check(&format!("{sound}query = {{ q = \"{{hashtag}}\" }}"), Some("stands for nothing"));
        check(
            &format!("{sound}backfill = {{ kind = \"feed\", target = \"x\" }}"),
            Some("names a poll kind that is not there"),
        );
        check(
            &format!("{sound}backfill = {{ kind = \"wall\", target = \"{{place}}\" }}"),
            Some("{place} stands for nothing"),
        );
        check(&format!("{sound}speed = 1"), Some("unknown field"));
        check(&format!("{sound}comments = \"wall\"\nrecheck = \"wall\""), None);
        check(&format!("{sound}comments = \"under\""), Some("names a poll kind that is not there"));
        check(&format!("{sound}recheck = \"again\""), Some("names a poll kind that is not there"));
    }

    /// Goal: what a stream brings first is read on as what a poll brings first.
    #[test]
    fn streams_name_who_reads_on() {
        let connectors = Connectors::shipped().unwrap();
        let check = |network: &str, kind: &str, expected: [Option<&str>; 2]| {
            let definition = connectors.get(&Network(network.to_owned())).unwrap();
            let got = [definition.comments_of(kind), definition.recheck_of(kind)];
            assert_eq!(got, expected, "{network} {kind}");
        };
        check("vk", "wall", [Some("comments"), Some("by_id")]);
        check("vk", "streaming", [None, Some("by_id")]);
        check("vk", "long_poll", [Some("comments"), Some("by_id")]);
        check("bluesky", "jetstream", [Some("comments"), Some("by_uri")]);
        for kind in ["tag_stream", "local_stream", "public_stream"] {
            check("mastodon", kind, [Some("comments"), Some("status")]);
        }
        check("vk", "nothing", [None, None]);
        // Comments come by themselves here: only those of gaps are asked for.
        let vk = connectors.get(&Network("vk".to_owned())).unwrap();
        assert_eq!(vk.file.stream["long_poll"].comments, None);
    }

    /// Goal: what is too large for us is not sent, rather than sent for ever.
    #[test]
    fn nobody_is_asked_for_frames_that_cannot_be_read() {
        let connectors = Connectors::shipped().unwrap();
        for definition in connectors.iter() {
            let streams = definition.file.stream.values();
            for kind in streams.filter(|kind| kind.protocol == Protocol::Jetstream) {
                let asked = kind.query["maxMessageSizeBytes"].parse::<usize>().unwrap();
                assert!(asked <= kind.frame_max_bytes, "{}", definition.network);
            }
        }
    }

    #[test]
    fn a_source_may_be_of_either_kind() {
        let text = format!(
            "{REST}[stream.live]\nprotocol = \"jetstream\"\npath = \"/s\"\nextract = \"posts\"\n\
             auth = {{ kind = \"bearer\" }}\n"
        );
        let definition = parse("n.toml", &text).unwrap();
        assert_eq!(definition.kinds().collect::<Vec<_>>(), ["wall", "live"]);
        assert_ne!(definition.auth("live"), definition.auth("wall"));
    }
}
