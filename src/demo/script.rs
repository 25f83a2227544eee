//! The script: sources, and posts with the second at which each appears and
//! what its authors meant by it. Gives every post the id that its network will
//! show. Knows no server and no clock.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::comments::{self, ScriptComment, WrittenComment};
use super::{rss, telegram, vk};
use crate::model::body::BodyId;
use crate::model::post::{Counts, Network, PostKey};
use crate::model::region::TerritoryId;
use crate::model::source::SourceId;

/// Number of the first post of every source; the others follow by time.
const FIRST_NUMBER: u64 = 1_001;

/// What a local network speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    Vk,
    Telegram,
    Rss,
}

impl Protocol {
    pub const ALL: [Protocol; 3] = [Protocol::Vk, Protocol::Telegram, Protocol::Rss];

    pub fn as_str(self) -> &'static str {
        match self {
            Protocol::Vk => "vk",
            Protocol::Telegram => "telegram",
            Protocol::Rss => "rss",
        }
    }

    pub fn network(self) -> Network {
        Network(self.as_str().to_owned())
    }

    /// The id under which the network shows a post.
    fn native_id(self, target: &str, number: u64) -> String {
        match self {
            Protocol::Vk => vk::native_id(target, number),
            Protocol::Telegram => telegram::native_id(target, number),
            Protocol::Rss => rss::native_id(target, number),
        }
    }
}

/// What a post is, to a person who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Complaint,
    Question,
    Gratitude,
    Announcement,
    News,
    Joke,
    Advert,
    Opinion,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptSource {
    /// `network:kind:target`.
    pub id: SourceId,
    pub protocol: Protocol,
    pub kind: String,
    pub target: String,
    pub name: String,
    pub territory: Option<TerritoryId>,
    pub own: Option<BodyId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptPost {
    /// Its name in the script.
    pub key: String,
    pub post: PostKey,
    pub source: SourceId,
    /// Its number in the source; grows with time.
    pub number: u64,
    /// Seconds after the start; negative before it.
    pub at_secs: i64,
    pub author: Option<String>,
    pub author_id: Option<String>,
    pub text: String,
    pub counts: Counts,
    /// Name of the post that this one repeats. On the same network the network
    /// itself says so; across networks only the words are alike.
    pub repost_of: Option<String>,
    /// Posts of one label belong together; without one a post must stay out.
    pub incident: Option<String>,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    pub sources: Vec<ScriptSource>,
    /// By time.
    pub posts: Vec<ScriptPost>,
    /// By time.
    pub comments: Vec<ScriptComment>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScriptError(pub(super) String);

impl Script {
    pub fn parse(text: &str) -> Result<Script, ScriptError> {
        let written: Written =
            toml::from_str(text).map_err(|error| ScriptError(error.to_string()))?;
        let sources =
            written.source.into_iter().map(source).collect::<Result<Vec<ScriptSource>, _>>()?;
        let posts = numbered(&sources, written.post)?;
        let comments = comments::placed(&posts, written.comment)?;
        let script = Script { posts, comments, sources };
        script.check_keys()?;
        script.posts.iter().try_for_each(|post| script.check(post))?;
        Ok(script)
    }

    pub fn source(&self, id: &SourceId) -> Option<&ScriptSource> {
        self.sources.iter().find(|source| source.id == *id)
    }

    /// The post of a name.
    pub fn post(&self, key: &str) -> Option<&ScriptPost> {
        self.posts.iter().find(|post| post.key == key)
    }

    /// The post that `post` repeats and that its own network names.
    pub fn reposted(&self, post: &ScriptPost) -> Option<&ScriptPost> {
        let original = self.post(post.repost_of.as_deref()?)?;
        (original.post.network == post.post.network).then_some(original)
    }

    fn check_keys(&self) -> Result<(), ScriptError> {
        let comments = self.comments.iter().map(|comment| comment.key.as_str());
        let posts = self.posts.iter().map(|post| post.key.as_str());
        let mut keys: Vec<&str> = posts.chain(comments).collect();
        keys.sort_unstable();
        match keys.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(ScriptError(format!("{}: a key stands twice", pair[0]))),
            None => Ok(()),
        }
    }

    fn check(&self, post: &ScriptPost) -> Result<(), ScriptError> {
        let wrong = |what: &str| Err(ScriptError(format!("{}: {what}", post.key)));
        if post.text.trim().is_empty() {
            return wrong("a post needs words");
        }
        if post.post.network.0 == "vk"
            && post.author_id.as_ref().is_some_and(|id| id.parse::<i64>().is_err())
        {
            return wrong("VKontakte's authors have numbers");
        }
        let Some(key) = &post.repost_of else { return Ok(()) };
        match self.post(key) {
            None => wrong("repeats a post that is not there"),
            Some(original) if post.at_secs <= original.at_secs => {
                wrong("repeats a post that comes later")
            }
            Some(original)
                if post.post.network.0 == "telegram"
                    && original.post.network == post.post.network
                    && original.text != post.text =>
            {
                wrong("Telegram forwards word for word")
            }
            Some(_) => Ok(()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    source: Vec<WrittenSource>,
    post: Vec<WrittenPost>,
    #[serde(default)]
    comment: Vec<WrittenComment>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSource {
    id: SourceId,
    network: Protocol,
    name: String,
    territory: String,
    own: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPost {
    key: String,
    source: SourceId,
    at_secs: i64,
    author: String,
    author_id: String,
    text: String,
    views: Option<u64>,
    likes: Option<u64>,
    reposts: Option<u64>,
    comments: Option<u64>,
    repost_of: String,
    incident: String,
    kind: Kind,
}

fn source(written: WrittenSource) -> Result<ScriptSource, ScriptError> {
    let wrong = || ScriptError(format!("{}: a source is network:kind:target", written.id));
    let (network, rest) = written.id.0.split_once(':').ok_or_else(wrong)?;
    let (kind, target) = rest.split_once(':').ok_or_else(wrong)?;
    if network != written.network.as_str() || kind.is_empty() || target.is_empty() {
        return Err(wrong());
    }
    Ok(ScriptSource {
        protocol: written.network,
        kind: kind.to_owned(),
        target: target.to_owned(),
        name: written.name,
        territory: said(written.territory).map(TerritoryId),
        own: said(written.own).map(BodyId),
        id: written.id,
    })
}

/// An empty text says that there is none.
fn said(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn numbered(
    sources: &[ScriptSource],
    mut written: Vec<WrittenPost>,
) -> Result<Vec<ScriptPost>, ScriptError> {
    // Stable: posts of one second keep the order in which they are written.
    written.sort_by_key(|post| post.at_secs);
    let sources: HashMap<&SourceId, &ScriptSource> =
        sources.iter().map(|source| (&source.id, source)).collect();
    let mut numbers: BTreeMap<SourceId, u64> = BTreeMap::new();
    written
        .into_iter()
        .map(|post| {
            let source = sources.get(&post.source).ok_or_else(|| {
                ScriptError(format!("{}: {} is no source", post.key, post.source))
            })?;
            let next = numbers.entry(post.source.clone()).or_insert(FIRST_NUMBER);
            let number = *next;
            *next += 1;
            Ok(numbered_post(post, source, number))
        })
        .collect()
}

fn numbered_post(written: WrittenPost, source: &ScriptSource, number: u64) -> ScriptPost {
    let native_id = source.protocol.native_id(&source.target, number);
    ScriptPost {
        key: written.key,
        post: PostKey { network: source.protocol.network(), native_id },
        source: written.source,
        number,
        at_secs: written.at_secs,
        author: said(written.author),
        author_id: said(written.author_id),
        text: written.text,
        counts: Counts {
            views: written.views,
            likes: written.likes,
            reposts: written.reposts,
            comments: written.comments,
        },
        repost_of: said(written.repost_of),
        incident: said(written.incident),
        kind: written.kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCES: &str = "
        [[source]]
        id = \"telegram:channel:Dvor\"
        network = \"telegram\"
        name = \"Двор\"
        territory = \"\"
        own = \"\"
        ";

    fn post(key: &str, at_secs: i64, text: &str, repost_of: &str) -> String {
        format!(
            "[[post]]\nkey = \"{key}\"\nsource = \"telegram:channel:Dvor\"\nat_secs = {at_secs}\n\
             author = \"\"\nauthor_id = \"\"\ntext = \"{text}\"\nrepost_of = \"{repost_of}\"\n\
             incident = \"\"\nkind = \"complaint\"\n"
        )
    }

    #[test]
    fn the_shipped_script_reads() {
        let script = crate::demo::script();
        assert!(script.sources.len() >= 14 && script.posts.len() >= 300);
        assert!(script.posts.iter().any(|post| script.reposted(post).is_some()));
        for source in &script.sources {
            let own = script.posts.iter().filter(|post| post.source == source.id);
            let seconds: Vec<(i64, u64)> = own.map(|post| (post.at_secs, post.number)).collect();
            assert!(seconds.is_sorted() && !seconds.is_empty(), "{}", source.id);
        }
    }

    #[test]
    fn one_author_has_one_name() {
        let mut names = BTreeMap::new();
        for post in crate::demo::script().posts {
            let Some(id) = post.author_id else { continue };
            let first = names.entry(id.clone()).or_insert_with(|| post.author.clone());
            assert_eq!(*first, post.author, "{id} in {}", post.key);
        }
    }

    #[test]
    fn numbers_follow_time_and_not_the_file() {
        let text = format!("{SOURCES}{}{}", post("late", 9, "а", ""), post("early", -9, "б", ""));
        let script = Script::parse(&text).unwrap();
        let early = script.post("early").unwrap();
        let late = script.post("late").unwrap();
        assert_eq!((early.number, late.number), (FIRST_NUMBER, FIRST_NUMBER + 1));
        assert_ne!(early.post, late.post);
    }

    #[test]
    fn mistakes_are_named() {
        fn check(posts: &[String], expected: &str) {
            let error = Script::parse(&format!("{SOURCES}{}", posts.concat())).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
        check(&[post("a", 0, "а", ""), post("a", 1, "б", "")], "a: a key stands twice");
        check(&[post("a", 0, " ", "")], "a: a post needs words");
        check(&[post("a", 0, "а", "b")], "a: repeats a post that is not there");
        check(&[post("a", 0, "а", "b"), post("b", 1, "а", "")], "a: repeats a post that comes");
        check(&[post("a", 0, "а", ""), post("b", 1, "б", "a")], "b: Telegram forwards word");
        check(&[post("a", 0, "а", "").replace("Dvor", "dom")], "telegram:channel:dom is no source");
        check(&[post("a", 0, "а", "").replace("complaint", "cry")], "unknown variant `cry`");
    }
}
