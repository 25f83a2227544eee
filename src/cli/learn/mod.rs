//! `otklik learn`: what people's decisions teach. Shows what it would bring, and
//! takes it when told to.

pub mod grouping;
pub mod topics;

use std::path::Path;

use clap::Subcommand;

use crate::cli::output::{Output, Usage};
use crate::cli::words::Words;

#[derive(Debug, Subcommand)]
pub enum LearnCommand {
    /// The order of a post's topics
    Topics(topics::TopicsArgs),
    /// What makes one problem of two messages
    Grouping(grouping::GroupingArgs),
}

/// Where a model may be put, and how to tell of it.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The folder of keywords, where the configuration names one.
    pub folder: Option<&'a Path>,
    pub output: Output,
    pub words: &'a Words,
}

impl<'a> Asked<'a> {
    /// The folder to write into, where something is to be taken.
    fn folder_to_write(&self, take: bool) -> Result<Option<&'a Path>, Usage> {
        match (take, self.folder) {
            (true, None) => Err(Usage(self.words.say("learn-no-folder", &[]))),
            (true, Some(folder)) => Ok(Some(folder)),
            (false, _) => Ok(None),
        }
    }
}
