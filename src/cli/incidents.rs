//! `otklik incidents list|show|join|split|undo`.

use clap::Subcommand;

use crate::adapters::store::{Reader, StoreError};
use crate::model::action::Decision;
use crate::model::incident::IncidentId;
use crate::model::position::Position;
use crate::model::post::{Network, PostKey};

#[derive(Debug, Subcommand)]
pub enum IncidentsCommand {
    /// Open incidents, most urgent first
    List {
        /// Only in this state (new, assigned, in_work, …)
        #[arg(long)]
        state: Option<String>,
        /// Only of this territory
        #[arg(long)]
        territory: Option<String>,
        /// Only of this topic
        #[arg(long)]
        topic: Option<String>,
        #[arg(long, default_value_t = 50)]
        limit: usize,
        #[arg(long, default_value_t = 0)]
        offset: usize,
    },
    /// One incident with its posts and why each is there
    Show { id: u64 },
    /// Make incident B part of incident A
    Join { a: u64, b: u64 },
    /// Make posts (NETWORK:NATIVE_ID) of an incident one of their own
    Split {
        id: u64,
        #[arg(required = true)]
        posts: Vec<String>,
    },
    /// Take a decision back
    Undo { action: u64 },
}

#[derive(Debug, thiserror::Error)]
pub enum IncidentsError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no incident {0}")]
    NoSuchIncident(u64),
    #[error("there is no post {0}; write NETWORK:NATIVE_ID")]
    NoSuchPost(String),
}

/// The decision that a changing command makes; `None` for those that only ask.
pub fn decision(
    command: &IncidentsCommand,
    reader: &Reader,
) -> Result<Option<Decision>, IncidentsError> {
    Ok(match command {
        IncidentsCommand::List { .. } | IncidentsCommand::Show { .. } => None,
        IncidentsCommand::Join { a, b } => {
            Some(Decision::Join { into: a_post(reader, *a)?, from: a_post(reader, *b)? })
        }
        IncidentsCommand::Split { posts, .. } => {
            let posts = posts.iter().map(|key| position_of(reader, key));
            Some(Decision::Split { posts: posts.collect::<Result<_, _>>()? })
        }
        IncidentsCommand::Undo { action } => Some(Decision::Undo { action: Position(*action) }),
    })
}

/// A post by which an incident can be named.
fn a_post(reader: &Reader, id: u64) -> Result<Position, IncidentsError> {
    let members = reader.members(IncidentId(id))?;
    let first = members.iter().map(|member| member.post.position).min();
    first.ok_or(IncidentsError::NoSuchIncident(id))
}

fn position_of(reader: &Reader, key: &str) -> Result<Position, IncidentsError> {
    let unknown = || IncidentsError::NoSuchPost(key.to_owned());
    let key = post_key(key).ok_or_else(unknown)?;
    Ok(reader.post_by_key(&key)?.ok_or_else(unknown)?.position)
}

/// Reads `NETWORK:NATIVE_ID`; the network's part has no colon, the other may.
pub fn post_key(text: &str) -> Option<PostKey> {
    let (network, native_id) = text.split_once(':')?;
    Some(PostKey { network: Network(network.to_owned()), native_id: native_id.to_owned() })
}
