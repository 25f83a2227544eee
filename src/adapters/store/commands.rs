//! Everything that can be written, as typed commands. One command is one
//! all-or-nothing change; the writer puts many of them into a transaction.

use crate::model::action::{Applied, NewAction};
use crate::model::alarm::Alarm;
use crate::model::answer::Answer;
use crate::model::body::BodyId;
use crate::model::clock::{ClockKind, PlannedStep};
use crate::model::finding::Finding;
use crate::model::gap::{Filling, Lack};
use crate::model::incident::{Assignment, Incident, IncidentId, Suggestion};
use crate::model::journal::NewEntry;
use crate::model::notice::{Attempt, Notice};
use crate::model::person::Person;
use crate::model::position::Position;
use crate::model::post::{Network, Post};
use crate::model::proposal::{Hint, Merge, Parting};
use crate::model::ruleset::{RulesetFiles, RulesetHash};
use crate::model::source::{Cursor, Gap, Outcome, Rejected, SourceId};
use crate::model::thread::ThreadKey;
use crate::model::time::Timestamp;

#[derive(Debug)]
pub enum Command {
    Ingest(Ingest),
    /// The same, with what it means for threads.
    Threaded(Box<Threaded>),
    /// What a network told by itself.
    Received(Box<Received>),
    Findings(Findings),
    Clustered(Box<Clustered>),
    Act(Act),
    ActivateRuleset(ActivateRuleset),
    Delivered(Vec<Delivered>),
    AcknowledgeNotice {
        id: i64,
        note: String,
        entry: NewEntry,
    },
    Escalated(Escalated),
    Journal(NewEntry),
    SavePerson {
        person: Person,
        password_hash: Option<String>,
        entry: NewEntry,
    },
    OpenSession(OpenSession),
    CloseSession {
        token_hash: String,
        entry: NewEntry,
    },
    /// A session was used: it runs out later than it would have.
    TouchSession {
        token_hash: String,
        at: Timestamp,
        expires_at: Timestamp,
    },
    LoginFailed {
        login: String,
        at: Timestamp,
        entry: NewEntry,
    },
    /// A person lets a stopped source be polled again, or stops it.
    SetSourceStopped {
        source: SourceId,
        stopped: bool,
        entry: NewEntry,
    },
    Watched(Watched),
    Spent(Spent),
    /// A part of a gap was read, or could not be.
    GapRead(Box<GapRead>),
}

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    Ingested(Ingested),
    /// The position of the stored action.
    Acted(Position),
    Activated(Position),
    Written,
}

impl Done {
    /// The counts of an `Ingest`.
    pub fn ingested(self) -> Ingested {
        match self {
            Done::Ingested(counts) => counts,
            Done::Acted(_) | Done::Activated(_) | Done::Written => Ingested::default(),
        }
    }

    /// The position of an action or activation; 0 for other commands.
    pub fn position(self) -> Position {
        match self {
            Done::Acted(position) | Done::Activated(position) => position,
            Done::Ingested(_) | Done::Written => Position(0),
        }
    }
}

/// Posts of one poll or of one batch of a file, with the progress they make.
#[derive(Debug)]
pub struct Ingest {
    pub seen_at: Timestamp,
    pub posts: Vec<Post>,
    pub rejected: Vec<Rejected>,
    pub gap: Option<Gap>,
    /// Absent for files, which have no cursor.
    pub poll: Option<PollProgress>,
}

/// What a network told by itself. An event that has an id is taken once,
/// however often it is told; without one its posts' own ids must do.
#[derive(Debug)]
pub struct Received {
    pub ingest: Ingest,
    pub event: Option<EventKey>,
}

/// An event's identity: whose it is, and the network's own id of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventKey {
    pub network: Network,
    pub account: String,
    pub id: String,
}

/// How far a source is read now. Refused unless `cursor_before` is what is
/// stored: another poll must not have been there meanwhile.
#[derive(Debug)]
pub struct PollProgress {
    pub source: SourceId,
    pub cursor_before: Cursor,
    pub cursor_after: Cursor,
    pub outcome: Outcome,
    pub error: Option<String>,
    pub next_poll_at: Timestamp,
    pub stop: bool,
    /// What went well ends the failures before it. A connection that has just
    /// begun may break again at once and ends none.
    pub ends_failures: bool,
}

/// What a poll brought, with the threads that it opened, told of or read, and
/// the posts that it looked at again.
#[derive(Debug)]
pub struct Threaded {
    pub ingest: Ingest,
    pub news: Vec<ThreadNews>,
    pub read: Option<ThreadRead>,
    pub rechecked: Vec<Rechecked>,
    pub missed: Vec<Missed>,
}

/// A comment of an open incident that a whole read of its thread did not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    pub post: Position,
    /// In a row; 0 where it is there again.
    pub times: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreadNews {
    /// Opens a thread, unless it is open.
    Open {
        key: ThreadKey,
        source: SourceId,
        kind: String,
        opened_at: Timestamp,
        next_read_at: Timestamp,
        told: Option<u64>,
    },
    /// The network told how many comments there are now.
    Told { key: ThreadKey, told: u64, next_read_at: Timestamp },
}

/// How far a thread is read now. Refused unless `cursor_before` is what is
/// stored. `brought`: comments that the read saw for the first time.
#[derive(Debug)]
pub struct ThreadRead {
    pub key: ThreadKey,
    pub source: SourceId,
    pub cursor_before: Cursor,
    pub cursor_after: Cursor,
    pub error: Option<String>,
    pub brought: u64,
    pub newest_comment_at: Option<Timestamp>,
    /// What the network had told before the read; absent where it failed.
    pub told_read: Option<u64>,
    /// Absent where the thread has ended: it is forgotten with its branches.
    pub next_read_at: Option<Timestamp>,
}

/// What a turn at a gap brought. Refused unless `before` is what is stored.
#[derive(Debug)]
pub struct GapRead {
    pub id: i64,
    pub source: SourceId,
    pub ingest: Ingest,
    pub news: Vec<ThreadNews>,
    pub before: Filling,
    pub after: Filling,
    /// What of the gap is after it is here, whatever the ways.
    pub open_to: Option<Timestamp>,
    pub error: Option<String>,
    pub fate: GapFate,
}

/// What becomes of a gap after a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapFate {
    GoesOn { next_try_at: Timestamp },
    Filled,
    Lost(Lack),
}

/// A post was looked at by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rechecked {
    pub post: Position,
    /// Absent where nobody needs to look again.
    pub next_at: Option<Timestamp>,
    /// Times in a row that it was not there.
    pub missed: u32,
}

/// received = new + known + rejected; `revised` are among the known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ingested {
    pub received: u64,
    pub new: u64,
    pub known: u64,
    pub revised: u64,
    pub rejected: u64,
}

/// Progress of a stage over (from, to].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advance {
    pub from: Position,
    pub to: Position,
}

/// What a conclusion was made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub run: i64,
    pub ruleset: RulesetHash,
}

#[derive(Debug)]
pub struct Findings {
    pub advance: Advance,
    pub made: Made,
    pub rows: Vec<(Position, Finding)>,
}

/// Conclusions of the cluster stage over a stretch of facts.
#[derive(Debug)]
pub struct Clustered {
    pub advance: Advance,
    pub made: Made,
    /// Incidents as they stand after the stretch, each once.
    pub incidents: Vec<(Position, Incident)>,
    /// Memberships made or ended, in order of the facts that caused them.
    pub membership: Vec<Membership>,
    pub suggestions: Vec<Suggestion>,
    /// Suggestions that a person settled, and those that are open again
    /// because that was taken back.
    pub settled: Vec<(IncidentId, IncidentId, bool)>,
    /// Posts whose incidents must stay apart, with the action that said so.
    pub forbidden: Vec<(Position, Position, Position)>,
    /// Actions whose «not the same» was taken back.
    pub allowed: Vec<Position>,
    pub answers: Vec<Answer>,
    pub applied: Vec<AppliedRow>,
    pub undone: Vec<(Position, Position)>,
    /// New ladders, or unfired steps at new times, by incident and clock.
    pub ladders: Vec<(IncidentId, Vec<PlannedStep>)>,
    /// Clocks that no longer run: their unfired steps are settled.
    pub stopped: Vec<(IncidentId, ClockKind, Timestamp)>,
    pub outbox: Vec<(Timestamp, Notice)>,
    pub rarity: Option<(Position, Vec<u8>)>,
    pub proposed: Proposed,
}

/// What is proposed to people about incidents that are there already.
#[derive(Debug, Default)]
pub struct Proposed {
    pub hints: Vec<Hint>,
    /// Hints by their posts, each with the merge that it proposes now.
    pub merges: Vec<(Position, Position, Option<Merge>)>,
    /// Posts that are copies, each with the first post of its text.
    pub copies: Vec<(Position, Position)>,
    /// Incidents that fall into two now, and those that do so no longer.
    pub partings: Vec<(IncidentId, Option<Parting>)>,
    /// Posts that belong together, with the action that said so.
    pub kept: Vec<(Position, Position)>,
    /// Actions whose «keep together» was taken back.
    pub let_part: Vec<Position>,
}

#[derive(Debug)]
pub enum Membership {
    Made {
        at: Position,
        assignment: Assignment,
    },
    /// The post leaves its incident by this action.
    Ended {
        post: Position,
        by: Position,
    },
}

#[derive(Debug)]
pub struct AppliedRow {
    pub action: Position,
    pub incident: Option<IncidentId>,
    pub result: Applied,
    /// JSON that the cluster stage reads when the action is undone.
    pub inverse: String,
}

/// A person's decision with its journal entry.
#[derive(Debug)]
pub struct Act {
    pub action: NewAction,
    pub entry: NewEntry,
}

#[derive(Debug)]
pub struct ActivateRuleset {
    pub hash: RulesetHash,
    pub files: RulesetFiles,
    pub at: Timestamp,
}

/// One attempt at an outbox row.
#[derive(Debug)]
pub struct Delivered {
    pub id: i64,
    pub at: Timestamp,
    pub attempt: Attempt,
    /// When to try again; `None` where the row is sent or stuck.
    pub next_attempt_at: Option<Timestamp>,
}

/// Steps that fired at one tick, the notices they send, the breaches seen.
#[derive(Debug, Default)]
pub struct Escalated {
    pub steps: Vec<FiredStep>,
    pub outbox: Vec<(Timestamp, Notice)>,
    pub breaches: Vec<Breach>,
    pub entries: Vec<NewEntry>,
}

#[derive(Debug)]
pub struct FiredStep {
    pub incident: IncidentId,
    pub clock: ClockKind,
    pub step: String,
    pub at: Timestamp,
    /// False where the clock had stopped already.
    pub fired: Fired,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fired {
    Told,
    Overtaken,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    pub incident: IncidentId,
    pub clock: ClockKind,
    pub due_at: Timestamp,
    pub noticed_at: Timestamp,
    pub body: BodyId,
}

#[derive(Debug)]
pub struct OpenSession {
    pub token_hash: String,
    pub login: String,
    pub at: Timestamp,
    pub expires_at: Timestamp,
    pub entry: NewEntry,
}

/// What one look at the sources raised and ended, the notices about it, the
/// trace that it leaves.
#[derive(Debug, Default)]
pub struct Watched {
    pub raised: Vec<Alarm>,
    pub ended: Vec<(i64, Timestamp)>,
    pub outbox: Vec<(Timestamp, Notice)>,
    pub entries: Vec<NewEntry>,
}

/// Requests that a credential has made on a day, by poll kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// Its label, which does not give it away.
    pub credential: String,
    pub kind: String,
    /// As the network counts days.
    pub day: String,
    pub requests: u32,
}
