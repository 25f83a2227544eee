//! People's decisions: stored as facts, then waited for until they are folded
//! in, so that whoever decided sees what came of it.
//!
//! If the process stops between storing and folding, the decision is kept and
//! folded after the start.

use std::time::Duration;

use crate::adapters::store::commands::{Act, Command};
use crate::adapters::store::{Store, StoreError};
use crate::model::action::{Applied, NewAction};
use crate::model::journal::NewEntry;
use crate::model::position::Position;

/// A fold takes milliseconds; longer means that the stage stands still.
const FOLD_WAIT_MAX: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub enum ActError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Stored, but the cluster stage has not come to it: it will.
    #[error("decision {0} is stored and waits for the cluster stage")]
    Pending(Position),
}

/// Stores a decision and returns its position and what came of it.
pub async fn act(
    store: &Store,
    action: NewAction,
    entry: NewEntry,
) -> Result<(Position, Applied), ActError> {
    let command = Command::Act(Act { action, entry });
    let position = store.write_async(command).await?.position();
    let folded = tokio::time::timeout(FOLD_WAIT_MAX, folded(store, position)).await;
    folded.unwrap_or(Err(ActError::Pending(position)))
}

async fn folded(store: &Store, position: Position) -> Result<(Position, Applied), ActError> {
    let mut commits = store.commits();
    loop {
        commits.borrow_and_update();
        let applied = store.read_async(move |reader| reader.applied(position)).await?;
        if let Some(applied) = applied {
            return Ok((position, applied.result));
        }
        if commits.changed().await.is_err() {
            return Err(ActError::Store(StoreError::Stopped));
        }
    }
}
