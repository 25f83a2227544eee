//! `otklik eval`: how well the rules do on files that people have judged.
//! Judges with the same code and the same numbers as the running program.

pub mod incidents;
pub mod kinds;
pub mod metrics;
pub mod places;
pub mod topics;

/// What is judged.
#[derive(Debug, clap::Subcommand)]
pub enum EvalCommand {
    /// Which posts are one incident
    Incidents(incidents::Args),
    /// What kind of post each is, and whether it would be taken into work
    Kinds(kinds::Args),
    /// Which settlements, streets, houses and objects the posts name
    Places(places::Args),
    /// What posts are about, or who was given them: learned from one file, judged on another
    Topics(topics::Args),
}
