//! The parts of a running program and how they are connected.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::adapters::ruleset_files::{self, FilesError, hash};
use crate::adapters::search::Index;
use crate::adapters::store::Store;
use crate::adapters::store::commands::{ActivateRuleset, Command};
use crate::config::Config;
use crate::model::region::Geography;
use crate::model::ruleset::{Problem, RulesetFiles};
use crate::model::time::Clock;
use crate::pipeline::cluster::ClusterStage;
use crate::pipeline::indexer::IndexerStage;
use crate::pipeline::matcher::MatcherStage;
use crate::pipeline::recent::Recent;
use crate::pipeline::stage::{Board, Surroundings, run_on_thread};
use crate::rules::ruleset::region::parse_geography;
use crate::rules::ruleset::{Ruleset, parse};

/// Folder of the search index inside the data folder.
pub const INDEX_DIR: &str = "index";

/// The rule files that the configuration names, parsed.
pub fn ruleset(config: &Config) -> anyhow::Result<(RulesetFiles, Ruleset)> {
    let files = ruleset_files(config)?;
    let ruleset = parse(&files, hash(&files))
        .map_err(|problems| anyhow!(listed(&where_they_stand(config, problems))))?;
    Ok((files, ruleset))
}

/// The places of the configured region, or of a pack folder that need hold
/// nothing else.
pub fn geography(dir: Option<&Path>, config: &Config) -> anyhow::Result<Geography> {
    let mut config = config.clone();
    if let Some(dir) = dir {
        config.region_dir = Some(dir.to_owned());
    }
    let mut problems = Vec::new();
    parse_geography(&ruleset_files(&config)?, &mut problems)
        .ok_or_else(|| anyhow!(listed(&where_they_stand(&config, problems))))
}

/// Names the files of problems as the person who wrote them knows them: a
/// ruleset calls its files by their places in it, wherever they were read from.
pub fn where_they_stand(config: &Config, mut problems: Vec<Problem>) -> Vec<Problem> {
    for problem in &mut problems {
        let mut parts = problem.file.splitn(2, '/');
        let (dir, rest) = match (parts.next(), parts.next()) {
            (Some("keywords"), Some(name)) => (&config.keywords_dir, name),
            // Between `regions/` and the name stands the pack's id.
            (Some("regions"), Some(rest)) => {
                (&config.region_dir, rest.split_once('/').map_or(rest, |(_, name)| name))
            }
            _ => continue,
        };
        if let Some(dir) = dir {
            problem.file = dir.join(rest).display().to_string();
        }
    }
    problems
}

/// The rule files that the configuration names: folders of its own where it
/// has them, what the program carries otherwise.
pub fn ruleset_files(config: &Config) -> Result<RulesetFiles, FilesError> {
    let shipped = |prefix: &str| -> Result<RulesetFiles, FilesError> {
        let mut files = ruleset_files::shipped(&config.region)?;
        files.0.retain(|path, _| path.starts_with(prefix));
        Ok(files)
    };
    let mut files = match &config.keywords_dir {
        Some(dir) => ruleset_files::from_folder(dir, "keywords")?,
        None => shipped("keywords/")?,
    };
    let region = match &config.region_dir {
        Some(dir) => {
            let id = dir.file_name().map(|name| name.to_string_lossy().into_owned());
            ruleset_files::from_folder(dir, &format!("regions/{}", id.unwrap_or_default()))?
        }
        None => shipped("regions/")?,
    };
    files.0.extend(region.0);
    Ok(files)
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

/// An open store with its stages at work.
pub struct Running {
    pub store: Store,
    pub index: Arc<Index>,
    pub board: Arc<Board>,
    pub ruleset: watch::Sender<Arc<Ruleset>>,
    pub clock: Arc<dyn Clock>,
    stop: watch::Sender<bool>,
    stages: Vec<JoinHandle<()>>,
}

impl Running {
    /// Opens the data folder, activates the ruleset, starts the stages that
    /// compute: matcher, cluster and indexer.
    pub async fn start(
        data_dir: &Path,
        files: RulesetFiles,
        ruleset: Ruleset,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Running> {
        let store =
            Store::open(data_dir).with_context(|| format!("opening {}", data_dir.display()))?;
        activate(&store, files, &ruleset, clock.as_ref()).await?;
        let (ruleset, watched) = watch::channel(Arc::new(ruleset));
        let (stop, _) = watch::channel(false);
        let board = Arc::new(Board::default());
        let index = Arc::new(Index::open(&data_dir.join(INDEX_DIR))?);
        let mut running = Running { store, index, board, ruleset, clock, stop, stages: Vec::new() };
        let (store, recent) = (&running.store, Recent::default());
        let matcher = MatcherStage::new(store.clone(), watched.clone())?;
        let mut matcher = matcher.showing(recent.clone());
        let cluster = ClusterStage::new(store.clone(), watched)?;
        let mut cluster = cluster.taking_from(recent.clone());
        let indexer = IndexerStage::new(store.clone(), running.index.clone())?;
        let mut indexer = indexer.taking_from(recent);
        running.keep(run_on_thread("matcher", running.surroundings(), move |_| matcher.step()));
        running.keep(run_on_thread("cluster", running.surroundings(), move |_| cluster.step()));
        running
            .keep(run_on_thread("indexer", running.surroundings(), move |now| indexer.step(now)));
        Ok(running)
    }

    pub fn surroundings(&self) -> Surroundings {
        Surroundings {
            store: self.store.clone(),
            clock: self.clock.clone(),
            board: self.board.clone(),
            stop: self.stop.subscribe(),
        }
    }

    /// A stage that ends with the program.
    pub fn keep(&mut self, stage: JoinHandle<()>) {
        self.stages.push(stage);
    }

    /// Ends every stage after its present step.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for stage in self.stages {
            // A stage that panicked has said so on the board.
            let _ = stage.await;
        }
    }

    /// What can take another ruleset into use while the stages run.
    pub fn reloader(&self) -> Reloader {
        Reloader {
            store: self.store.clone(),
            ruleset: self.ruleset.clone(),
            clock: self.clock.clone(),
        }
    }
}

/// Takes other rules into use. Cheap to clone.
#[derive(Clone)]
pub struct Reloader {
    store: Store,
    ruleset: watch::Sender<Arc<Ruleset>>,
    clock: Arc<dyn Clock>,
}

impl Reloader {
    /// Posts and actions after this are read by the new rules; says which.
    /// Blocks until they are stored.
    pub fn take(&self, files: RulesetFiles, ruleset: Ruleset) -> anyhow::Result<String> {
        if self.ruleset.borrow().hash == ruleset.hash {
            return Ok(format!("ruleset {} is unchanged", ruleset.hash));
        }
        let hash = ruleset.hash.clone();
        let command = ActivateRuleset { hash: hash.clone(), files, at: self.clock.now() };
        self.store.write(Command::ActivateRuleset(command)).context("activating the ruleset")?;
        self.ruleset.send_replace(Arc::new(ruleset));
        Ok(format!("ruleset {hash}"))
    }
}

async fn activate(
    store: &Store,
    files: RulesetFiles,
    ruleset: &Ruleset,
    clock: &dyn Clock,
) -> anyhow::Result<()> {
    let at = clock.now();
    let command = ActivateRuleset { hash: ruleset.hash.clone(), files, at };
    store.write_async(Command::ActivateRuleset(command)).await.context("activating the ruleset")?;
    Ok(())
}
