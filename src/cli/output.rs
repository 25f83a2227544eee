//! How commands answer: for people or for programs. JSON goes to standard
//! output alone; everything else goes to standard error.

use clap::ValueEnum;

/// `--output` of every listing command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Output {
    #[default]
    Simple,
    Json,
}

/// What was asked for cannot be: a name that nobody has, a file that is not there.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Exit codes that others rely on.
pub mod exit {
    pub const OK: u8 = 0;
    /// A check failed, or nothing was found where something was required.
    pub const FAILED: u8 = 1;
    pub const USAGE: u8 = 2;
    /// Trying again makes sense.
    pub const TEMPORARY: u8 = 3;
}
