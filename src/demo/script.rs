//! The demo's script: who writes what, where and when. `fixtures/README.md`
//! describes the file.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::body::BodyId;
use crate::model::post::Network;
use crate::model::region::TerritoryId;
use crate::model::source::Source;
use crate::model::source::SourceId;

/// The demo is watched by people who do not want to wait.
const POLL_INTERVAL_SECS: u64 = 5;

#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    #[error("{0}")]
    Unreadable(#[from] toml::de::Error),
    #[error("source «{0}» is not network:kind:target")]
    SourceId(String),
    #[error("post «{key}» names the source «{source_id}», which is not there")]
    NoSuchSource { key: String, source_id: String },
    #[error("post «{key}» repeats «{original}», which is not there")]
    NoSuchOriginal { key: String, original: String },
    #[error("the key «{0}» is there twice")]
    TwiceTheKey(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptFile {
    source: Vec<SourceEntry>,
    post: Vec<ScriptPost>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceEntry {
    id: String,
    network: String,
    name: String,
    territory: String,
    own: String,
}

/// One post of the script.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptPost {
    pub source: String,
    pub at_secs: i64,
    pub author: String,
    pub author_id: String,
    pub text: String,
    #[serde(default)]
    pub views: Option<u64>,
    #[serde(default)]
    pub likes: Option<u64>,
    #[serde(default)]
    pub reposts: Option<u64>,
    #[serde(default)]
    pub comments: Option<u64>,
    #[serde(default)]
    pub repost_of: String,
    pub key: String,
    /// Which posts belong together: for tests and for people, never served.
    #[serde(default)]
    pub incident: String,
    #[serde(default)]
    pub kind: String,
    /// The place of the post among those of its source, in the order of time.
    #[serde(skip)]
    pub number: u64,
}

/// A place of the script with its posts, oldest first.
#[derive(Debug)]
pub struct Board {
    pub id: String,
    pub network: String,
    pub name: String,
    /// What stands after `network:kind:`.
    pub place: String,
    territory: String,
    own: String,
    pub posts: Vec<ScriptPost>,
}

#[derive(Debug)]
pub struct Script {
    pub boards: Vec<Board>,
    /// Key of a post → its board and its place there.
    by_key: BTreeMap<String, (usize, usize)>,
}

impl Script {
    pub fn parse(text: &str) -> Result<Script, ScriptError> {
        let mut file: ScriptFile = toml::from_str(text)?;
        file.post.sort_by(|a, b| (a.at_secs, &a.key).cmp(&(b.at_secs, &b.key)));
        let mut boards = file.source.into_iter().map(board).collect::<Result<Vec<_>, _>>()?;
        for mut post in file.post {
            let board = boards.iter_mut().find(|board| board.id == post.source);
            let Some(board) = board else {
                return Err(ScriptError::NoSuchSource { key: post.key, source_id: post.source });
            };
            post.number = board.posts.len() as u64 + 1;
            board.posts.push(post);
        }
        let by_key = keys(&boards)?;
        let script = Script { boards, by_key };
        script.check_originals()?;
        Ok(script)
    }

    pub fn board(&self, network: &str, place: &str) -> Option<&Board> {
        let is_it =
            |board: &&Board| board.network == network && board.place.eq_ignore_ascii_case(place);
        self.boards.iter().find(is_it)
    }

    /// The post that another one repeats, with the board it stands on.
    pub fn original(&self, post: &ScriptPost) -> Option<(&Board, &ScriptPost)> {
        let (board, index) = self.by_key.get(&post.repost_of)?;
        let board = &self.boards[*board];
        Some((board, &board.posts[*index]))
    }

    pub fn sources(&self) -> Vec<Source> {
        self.boards.iter().map(Board::source).collect()
    }

    fn check_originals(&self) -> Result<(), ScriptError> {
        let mut posts = self.boards.iter().flat_map(|board| &board.posts);
        let lost = |post: &&ScriptPost| {
            !post.repost_of.is_empty() && !self.by_key.contains_key(&post.repost_of)
        };
        match posts.find(lost) {
            None => Ok(()),
            Some(post) => Err(ScriptError::NoSuchOriginal {
                key: post.key.clone(),
                original: post.repost_of.clone(),
            }),
        }
    }
}

fn board(entry: SourceEntry) -> Result<Board, ScriptError> {
    let place = entry.id.splitn(3, ':').nth(2).map(str::to_owned);
    let place = place.ok_or_else(|| ScriptError::SourceId(entry.id.clone()))?;
    Ok(Board {
        place,
        id: entry.id,
        network: entry.network,
        name: entry.name,
        territory: entry.territory,
        own: entry.own,
        posts: Vec::new(),
    })
}

fn keys(boards: &[Board]) -> Result<BTreeMap<String, (usize, usize)>, ScriptError> {
    let mut by_key = BTreeMap::new();
    for (board_index, board) in boards.iter().enumerate() {
        for (index, post) in board.posts.iter().enumerate() {
            if by_key.insert(post.key.clone(), (board_index, index)).is_some() {
                return Err(ScriptError::TwiceTheKey(post.key.clone()));
            }
        }
    }
    Ok(by_key)
}

impl Board {
    /// The posts whose time has come, oldest first.
    pub fn shown(&self, elapsed_secs: i64) -> &[ScriptPost] {
        let end = self.posts.partition_point(|post| post.at_secs <= elapsed_secs);
        &self.posts[..end]
    }

    /// A number for networks that want one, the same in every run.
    pub fn number(&self) -> i64 {
        let fold = |number: i64, byte: u8| (number * 31 + i64::from(byte)) % 899_999_999;
        1_000_000_000 + self.id.bytes().fold(7, fold)
    }

    fn source(&self) -> Source {
        let kind = self.id.split(':').nth(1).unwrap_or("").to_owned();
        let target = match self.network.as_str() {
            "rss" => format!("/feed/{}.xml", self.place),
            _ => self.place.clone(),
        };
        let named = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Source {
            id: SourceId(self.id.clone()),
            network: Network(self.network.clone()),
            kind,
            target,
            name: self.name.clone(),
            territory: named(&self.territory).map(TerritoryId),
            own: named(&self.own).map(BodyId),
            poll_interval_secs: Some(POLL_INTERVAL_SECS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str =
        "[[source]]\nid = 'vk:wall:-5'\nnetwork = 'vk'\nname = 'Двор'\nterritory = ''\nown = ''\n";

    fn post(key: &str, at_secs: i64, repost_of: &str) -> String {
        format!(
            "[[post]]\nsource = 'vk:wall:-5'\nat_secs = {at_secs}\nauthor = 'Ира'\nauthor_id = '1'\n\
             text = 'Яма'\nrepost_of = '{repost_of}'\nkey = '{key}'\n"
        )
    }

    #[test]
    fn posts_are_shown_once_their_time_has_come() {
        let text = format!("{SOURCE}{}{}", post("b", 60, ""), post("a", -60, ""));
        let script = Script::parse(&text).unwrap();
        let keys = |elapsed| -> Vec<&str> {
            script.boards[0].shown(elapsed).iter().map(|post| post.key.as_str()).collect()
        };
        assert_eq!(keys(-61), [""; 0]);
        assert_eq!(keys(0), ["a"]);
        assert_eq!(keys(60), ["a", "b"]);
    }

    #[test]
    fn a_wrong_script_is_refused() {
        fn check(posts: &str, part: &str) {
            let error = Script::parse(&format!("{SOURCE}{posts}")).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        check(&format!("{}{}", post("a", 0, ""), post("a", 1, "")), "twice");
        check(&post("a", 0, "z"), "«z»");
        check(&post("a", 0, "").replace("-5", "-6"), "-6");
        check("[[post]]\n", "missing field");
    }

    #[test]
    fn the_shipped_script_is_whole() {
        let script = Script::parse(crate::demo::POSTS).unwrap();
        let sources = script.sources();
        assert!(sources.iter().all(|source| !source.kind.is_empty() && !source.target.is_empty()));
        for network in ["vk", "telegram", "rss"] {
            assert!(sources.iter().any(|source| source.network.0 == network), "{network}");
        }
    }
}
