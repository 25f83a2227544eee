//! `otklik import FILE`: what it is asked and what it reports.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Posts as NDJSON (one object a line) or CSV (by a `.csv` ending)
    pub file: PathBuf,
}

/// received = new + known + rejected. Printed as one JSON object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportReport {
    pub received: u64,
    pub new: u64,
    pub known: u64,
    pub rejected: u64,
    /// Of the new ones, those that go on to grouping.
    pub matched: u64,
    /// Incidents that this file opened.
    pub incidents: u64,
    /// From the first byte read to the last post searchable.
    pub seconds: f64,
    pub posts_per_sec: f64,
    /// Of the first and the last tenth, both grouped: whether it slows down. Nothing
    /// for a file that is over before it could be told.
    pub first_tenth_per_sec: Option<f64>,
    pub last_tenth_per_sec: Option<f64>,
    pub peak_rss_bytes: Option<u64>,
}
