//! What is wrong with the reading of a source, a credential or a network:
//! raised once, told once, ended by itself when the cause is gone.

use super::time::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlarmKind {
    /// Answers, but has shown nothing new for longer than it ever would.
    Silent,
    /// Answers with nothing at all, though it used to show posts.
    Empty,
    /// Shows something that can no longer be read.
    Layout,
    /// Does not let us in: closed, gone, or asked for wrongly.
    Closed,
    /// A login or key that is not accepted.
    Login,
    /// Has not answered for several polls.
    Unreachable,
    /// A network whose sources wait too long for their turn.
    Lag,
}

impl AlarmKind {
    pub const ALL: [AlarmKind; 7] = [
        AlarmKind::Silent,
        AlarmKind::Empty,
        AlarmKind::Layout,
        AlarmKind::Closed,
        AlarmKind::Login,
        AlarmKind::Unreachable,
        AlarmKind::Lag,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            AlarmKind::Silent => "silent",
            AlarmKind::Empty => "empty",
            AlarmKind::Layout => "layout",
            AlarmKind::Closed => "closed",
            AlarmKind::Login => "login",
            AlarmKind::Unreachable => "unreachable",
            AlarmKind::Lag => "lag",
        }
    }

    pub fn parse(text: &str) -> Option<AlarmKind> {
        AlarmKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What an alarm is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// By its id.
    Source(String),
    /// By its number among the network's token files, from one.
    Key {
        network: String,
        number: usize,
    },
    Network(String),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Subject::Source(id) => write!(f, "source:{id}"),
            Subject::Key { network, number } => write!(f, "key:{network}:{number}"),
            Subject::Network(network) => write!(f, "network:{network}"),
        }
    }
}

impl Subject {
    pub fn parse(text: &str) -> Option<Subject> {
        let (kind, rest) = text.split_once(':')?;
        match kind {
            "source" => Some(Subject::Source(rest.to_owned())),
            "key" => {
                let (network, number) = rest.rsplit_once(':')?;
                Some(Subject::Key { network: network.to_owned(), number: number.parse().ok()? })
            }
            "network" => Some(Subject::Network(rest.to_owned())),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Increasing; alarms that are told together follow one another.
    pub id: i64,
    pub subject: Subject,
    pub kind: AlarmKind,
    pub raised_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// What exactly is the matter, in English, for whoever mends it.
    pub detail: String,
}
