//! The one thread that writes. It takes whatever waits, puts it into one
//! transaction, and answers only after the disk has it. A refused command is
//! rolled back alone; a failed commit fails every command in it.

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot, watch};

use super::apply::Apply;
use super::commands::{Command, Done};
use super::error::StoreError;
use super::{Moment, PowerCut};
use crate::model::position::Position;

/// Commands in one transaction at most: bounds how long the first one waits.
const TRANSACTION_MAX_COMMANDS: usize = 32;

pub struct Request {
    pub command: Command,
    pub reply: oneshot::Sender<Result<Done, StoreError>>,
}

type Answer = (oneshot::Sender<Result<Done, StoreError>>, Result<Done, StoreError>);

pub struct Writer {
    connection: Connection,
    /// Newest position in use.
    last: Position,
    committed: watch::Sender<u64>,
    power_cut: Option<PowerCut>,
    commits: u64,
}

/// The power is gone: the thread ends without a word.
struct Dead;

impl Writer {
    pub fn new(
        connection: Connection,
        committed: watch::Sender<u64>,
        power_cut: Option<PowerCut>,
    ) -> Result<Writer, StoreError> {
        let last = last_position(&connection)?;
        Ok(Writer { connection, last, committed, power_cut, commits: 0 })
    }

    pub fn start(
        mut self,
        mut requests: mpsc::Receiver<Request>,
    ) -> Result<std::thread::JoinHandle<()>, StoreError> {
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                while let Some(first) = requests.blocking_recv() {
                    let mut batch = vec![first];
                    while batch.len() < TRANSACTION_MAX_COMMANDS
                        && let Ok(next) = requests.try_recv()
                    {
                        batch.push(next);
                    }
                    if let Err(Dead) = self.commit(batch) {
                        return;
                    }
                }
            })
            .map_err(|error| StoreError::io(std::path::Path::new("store-writer"), error))
    }

    fn commit(&mut self, batch: Vec<Request>) -> Result<(), Dead> {
        let before = self.last;
        let mut answers = Vec::with_capacity(batch.len());
        self.commits += 1;
        let result = self.try_commit(batch, &mut answers)?;
        if let Err(error) = &result {
            self.last = before;
            for (_, answer) in &mut answers {
                *answer = Err(error.clone());
            }
        }
        if result.is_ok() {
            self.committed.send_modify(|count| *count += 1);
        }
        for (reply, answer) in answers {
            // Whoever asked may have given up waiting; the write stands.
            let _ = reply.send(answer);
        }
        Ok(())
    }

    fn dies(&self, moment: Moment) -> bool {
        self.power_cut == Some(PowerCut { commit: self.commits, moment })
    }

    /// The inner result is of the whole transaction.
    fn try_commit(
        &mut self,
        batch: Vec<Request>,
        answers: &mut Vec<Answer>,
    ) -> Result<Result<(), StoreError>, Dead> {
        let dies_before = self.dies(Moment::BeforeCommit);
        let dies_after = self.dies(Moment::AfterCommit);
        let begun = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let mut transaction = match begun {
            Ok(transaction) => transaction,
            Err(error) => {
                let error = StoreError::from(error);
                answers
                    .extend(batch.into_iter().map(|request| (request.reply, Err(error.clone()))));
                return Ok(Err(error));
            }
        };
        // The only command needs no savepoint, which would copy every page that
        // it changes: its failure is the transaction's.
        let is_only = batch.len() == 1;
        let mut batch = batch.into_iter();
        for request in batch.by_ref() {
            let mut last = self.last;
            let answer = match is_only {
                true => {
                    Apply { connection: &transaction, last: &mut last }.command(request.command)
                }
                false => apply_alone(&mut transaction, &mut last, request.command),
            };
            let failure = answer.as_ref().err().cloned();
            if failure.is_none() {
                self.last = last;
            }
            answers.push((request.reply, answer));
            // A full disk ends the whole transaction, not only the savepoint:
            // the commands before this one are gone too.
            if let Some(error) = failure.filter(|_| is_only || transaction.is_autocommit()) {
                answers.extend(batch.map(|request| (request.reply, Err(error.clone()))));
                return Ok(Err(error));
            }
        }
        if dies_before {
            return Err(Dead);
        }
        let committed = transaction.commit().map_err(StoreError::from);
        if dies_after { Err(Dead) } else { Ok(committed) }
    }
}

/// Applies one command inside a savepoint, so that its failure harms no other.
fn apply_alone(
    transaction: &mut rusqlite::Transaction<'_>,
    last: &mut Position,
    command: Command,
) -> Result<Done, StoreError> {
    let savepoint = transaction.savepoint()?;
    let done = Apply { connection: &savepoint, last }.command(command)?;
    savepoint.commit()?;
    Ok(done)
}

fn last_position(connection: &Connection) -> Result<Position, StoreError> {
    let last: i64 = connection.query_row(
        "SELECT max(coalesce((SELECT max(position) FROM post), 0),
                    coalesce((SELECT max(position) FROM revision), 0),
                    coalesce((SELECT max(position) FROM action), 0),
                    coalesce((SELECT max(position) FROM ruleset), 0))",
        [],
        |row| row.get(0),
    )?;
    Ok(Position(last as u64))
}
