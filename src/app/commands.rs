//! The tree of commands, and what each is given.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::adapters::clock::SystemClock;
use crate::adapters::search::{INDEX_FOLDER, Index};
use crate::adapters::store::{Store, StoreError, open_read_only};
use crate::app::check as app_check;
use crate::app::demo::{self, DemoArgs};
use crate::app::parts::{Running, geography, ruleset};
use crate::app::{import, log, poll, serve};
use crate::cli::backup::{self, BackupArgs};
use crate::cli::connector::{self, ExtractArgs};
use crate::cli::deadline::{self, DeadlineCommand};
use crate::cli::eval::EvalCommand;
use crate::cli::explain::{self, ExplainArgs};
use crate::cli::export::{self, ExportArgs};
use crate::cli::import::ImportArgs;
use crate::cli::incidents::IncidentsError;
use crate::cli::incidents::{self, IncidentsCommand};
use crate::cli::learn::topics::{Material, TopicsArgs};
use crate::cli::learn::{self, LearnCommand};
use crate::cli::output::{Output, Usage, exit};
use crate::cli::replay::{self, ReplayArgs};
use crate::cli::routes::{self, RoutesCommand};
use crate::cli::search::{self, SearchArgs};
use crate::cli::source::SourceCommand;
use crate::cli::user::{self, UserCommand, UserError};
use crate::cli::words::{Words, parse_lang};
use crate::cli::{check, eval, journal};
use crate::config::{self, Config};
use crate::model::ruleset::Problem;
use crate::model::time::Clock;
use crate::pipeline::act::ActError;
use crate::pipeline::decided::decided;
use crate::pipeline::grouped::grouped;
use crate::pipeline::import::ImportError;
use crate::pipeline::replay::ReplayError;
use crate::rules::ruleset::Ruleset;
use crate::rules::wording::Lang;
use crate::server::password::hash_password;

/// Finds concrete complaints in public posts, groups them into incidents, and
/// keeps the clock until people have their public answer.
#[derive(Debug, Parser)]
#[command(name = "otklik", version)]
pub struct Cli {
    #[command(flatten)]
    pub shared: Shared,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Args)]
pub struct Shared {
    /// Configuration file; without it the shipped region and keywords are used
    #[arg(long, global = true)]
    pub config: Option<PathBuf>,
    /// Folder of the database and the search index
    #[arg(long, global = true)]
    pub data_dir: Option<PathBuf>,
    /// How listing commands answer
    #[arg(long, global = true, value_enum, default_value_t = Output::Simple)]
    pub output: Output,
    /// Language of what people read: ru or en
    #[arg(long, global = true, default_value = "ru", value_parser = parse_lang)]
    pub lang: Lang,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Everything at once, without credentials and without the internet
    Demo(DemoArgs),
    /// The product: polls, groups, sends, serves the workplace
    Serve,
    /// Verify configuration, connectors, keywords, region pack and routes
    Check,
    /// Try a connector
    #[command(subcommand)]
    Connector(ConnectorCommand),
    /// Try a source
    #[command(subcommand)]
    Source(SourceCommand),
    /// Send an NDJSON or CSV file through the whole pipeline
    Import(ImportArgs),
    /// Find posts: words, "exact", -not, тема:дороги, район:…
    Search(SearchArgs),
    /// List, show, join, split, undo
    #[command(subcommand)]
    Incidents(IncidentsCommand),
    /// Why a post is where it is
    Explain(ExplainArgs),
    /// Which body answers for what
    #[command(subcommand)]
    Routes(RoutesCommand),
    /// Why an incident is due when it is due
    #[command(subcommand)]
    Deadline(DeadlineCommand),
    /// How well the rules do on files that people have judged
    #[command(subcommand)]
    Eval(EvalCommand),
    /// Learn from what people decided
    #[command(subcommand)]
    Learn(LearnCommand),
    /// Conclusions under another ruleset over stored posts, beside the present ones
    Replay(ReplayArgs),
    /// Every stored row once, as NDJSON
    Export(ExportArgs),
    /// Copy the database, beside a running server if there is one
    Backup(BackupArgs),
    /// Put a backup into an empty data folder
    Restore(BackupArgs),
    /// The journal of everything that was done
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Accounts of the workplace
    #[command(subcommand)]
    User(UserCommand),
}

#[derive(Debug, Subcommand)]
pub enum ConnectorCommand {
    /// Run a definition over recorded payloads, print normalised posts
    Extract(ExtractArgs),
}

#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// Check that no entry was changed or removed
    Verify,
}

/// Runs a command; the number is the exit code.
pub async fn run(cli: Cli) -> anyhow::Result<u8> {
    let output = cli.shared.output;
    if let Command::Check = cli.command {
        let shared = cli.shared;
        return tokio::task::spawn_blocking(move || check(&shared)).await?;
    }
    let config = configuration(&cli.shared).map_err(|problem| anyhow::anyhow!("{problem}"))?;
    log::start(&config)?;
    match cli.command {
        Command::Demo(args) => demo::run(&args, cli.shared.data_dir).await.map(|()| exit::OK),
        Command::Serve => serve::run(config, cli.shared.config).await.map(|()| exit::OK),
        Command::Import(args) => {
            let report = import::run(&args, &config).await?;
            println!("{}", serde_json::to_string(&report)?);
            Ok(exit::OK)
        }
        Command::Source(SourceCommand::Poll(args)) => poll::run(&args, &config).await,
        // The others block, and have threads where that is allowed.
        command => {
            let words = Words::new(cli.shared.lang);
            tokio::task::spawn_blocking(move || run_blocking(command, &config, output, &words))
                .await?
        }
    }
}

fn run_blocking(
    command: Command,
    config: &Config,
    output: Output,
    words: &Words,
) -> anyhow::Result<u8> {
    let out = &mut std::io::stdout();
    let errors = &mut std::io::stderr();
    let now = SystemClock.now();
    let dir = &config.data_dir;
    match command {
        Command::Demo(_) | Command::Serve | Command::Check | Command::Import(_) => {
            unreachable!("these run in `run`")
        }
        Command::Source(_) => unreachable!("this runs in `run`"),
        Command::Connector(ConnectorCommand::Extract(args)) => {
            Ok(connector::extract(&args, out, errors)?)
        }
        Command::Search(args) => {
            search::run(&args, dir, &ruleset(config)?.1, output, words, out, errors)
        }
        Command::Incidents(command) => incidents(&command, config, output, words, out, errors),
        Command::Explain(args) => {
            let (reader, rules) = (open_read_only(dir)?, ruleset(config)?.1);
            explain::run(&args, &reader, &rules, output, words, out, errors)
        }
        Command::Routes(command) => {
            Ok(routes::run(&command, &ruleset(config)?.1, output, words, out, errors)?)
        }
        Command::Deadline(DeadlineCommand::Explain { id }) => {
            let calendar = ruleset(config)?.1.region.calendar;
            deadline::explain(id, &open_read_only(dir)?, &calendar, output, words, out, errors)
        }
        Command::Eval(EvalCommand::Incidents(args)) => {
            eval::incidents::run(&args, &ruleset(config)?.1, out)
        }
        Command::Eval(EvalCommand::Kinds(args)) => {
            eval::kinds::run(&args, &ruleset(config)?.1, out)
        }
        Command::Eval(EvalCommand::Places(args)) => {
            let geography = geography(args.region.as_deref(), config)?;
            eval::places::run(&args, &geography, out)
        }
        Command::Eval(EvalCommand::Topics(args)) => {
            eval::topics::run(&args, &ruleset(config)?.1, out)
        }
        Command::Learn(LearnCommand::Topics(args)) => {
            let rules = ruleset(config)?.1;
            let material = material(&args, dir, &rules)?;
            let folder = config.keywords_dir.as_deref();
            let asked = learn::Asked { folder, output, words };
            learn::topics::run(&args, &material, &rules, &asked, out, errors)
        }
        Command::Learn(LearnCommand::Grouping(args)) => {
            let rules = ruleset(config)?.1;
            let taught_by = match args.from.as_slice() {
                [] => vec![grouped(&open_read_only(dir)?, &rules)?],
                files => learn::grouping::read_files(files, &rules)?,
            };
            let judged_by = learn::grouping::read_files(&args.judge, &rules)?;
            let material = learn::grouping::Material { taught_by, judged_by };
            let asked = learn::Asked { folder: config.keywords_dir.as_deref(), output, words };
            learn::grouping::run(&args, &material, &rules, &asked, out, errors)
        }
        Command::Replay(args) => {
            let other = ruleset(&under(&args.ruleset, config)?)?.1;
            replay::run(&args, &open_read_only(dir)?, other, output, words, out)
        }
        Command::Export(args) => export::run(&args, &open_read_only(dir)?, now, out),
        Command::Backup(args) => backup::backup(&args, dir).map(|()| exit::OK).map_err(Into::into),
        Command::Restore(args) => {
            backup::restore(&args, dir).map(|()| exit::OK).map_err(Into::into)
        }
        Command::Journal(JournalCommand::Verify) => {
            journal::verify(&open_read_only(dir)?, output, words, out)
        }
        Command::User(command) => {
            user::check(&command)?;
            let hash = |password: &str| hash_password(password).map_err(|error| error.to_string());
            let input = &mut std::io::stdin().lock();
            user::run(&command, &Store::open(dir)?, input, hash, now)?;
            Ok(exit::OK)
        }
    }
}

/// Judged files where they are named, people's decisions otherwise.
fn material(args: &TopicsArgs, dir: &Path, rules: &Ruleset) -> anyhow::Result<Material> {
    if !args.from.is_empty() {
        return learn::topics::read_files(&args.from, rules);
    }
    let judged = decided(&open_read_only(dir)?)?;
    Ok(Material { judged, ..Material::default() })
}

/// Listing needs only a reader; a decision needs the folder for itself, and
/// the cluster stage to carry it out.
fn incidents(
    command: &IncidentsCommand,
    config: &Config,
    output: Output,
    words: &Words,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> anyhow::Result<u8> {
    let now = SystemClock.now();
    let reader = open_read_only(&config.data_dir)?;
    let decision = match incidents::decision(command, &reader) {
        Ok(Some(decision)) => decision,
        Ok(None) => {
            // Without an index only «similar» is missing.
            let index = Index::open_read_only(&config.data_dir.join(INDEX_FOLDER)).ok();
            let shelf = incidents::Shelf { reader: &reader, index: index.as_ref(), now };
            return incidents::print(command, &shelf, output, words, out, errors);
        }
        Err(IncidentsError::Store(error)) => return Err(error.into()),
        Err(error) => {
            writeln!(errors, "otklik: {}", error.told(words))?;
            return Ok(exit::FAILED);
        }
    };
    drop(reader);
    let runtime = tokio::runtime::Handle::current();
    runtime.block_on(async {
        let (files, rules) = ruleset(config)?;
        let clock = std::sync::Arc::new(SystemClock);
        let running = Running::start(&config.data_dir, files, rules, clock).await?;
        let (action, entry) = incidents::action(decision, now);
        let done = crate::pipeline::act::act(&running.store, action, entry).await;
        running.stop().await;
        incidents::print_done(done?, output, words, out, errors)
    })
}

/// A configuration that cannot be read is a problem like any other here.
fn check(shared: &Shared) -> anyhow::Result<u8> {
    let today = SystemClock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let problems = match configuration(shared) {
        Ok(config) => app_check::problems(shared.config.as_deref(), &config, today),
        Err(problem) => vec![problem],
    };
    Ok(check::report(&problems, shared.output, &mut std::io::stdout())?)
}

/// The configuration with the rules of a folder instead of its own.
fn under(folder: &Path, config: &Config) -> Result<Config, Usage> {
    let (keywords, region) = (folder.join("keywords"), folder.join("regions").join(&config.region));
    if !keywords.is_dir() && !region.is_dir() {
        let wanted = format!("there is neither {} nor {}", keywords.display(), region.display());
        return Err(Usage(wanted));
    }
    let mut config = config.clone();
    if keywords.is_dir() {
        config.keywords_dir = Some(keywords);
    }
    if region.is_dir() {
        config.region_dir = Some(region);
    }
    Ok(config)
}

fn configuration(shared: &Shared) -> Result<Config, Problem> {
    let mut config = match &shared.config {
        Some(path) => config::read(path)?,
        None => Config::default(),
    };
    if let Some(dir) = &shared.data_dir {
        config.data_dir = dir.clone();
    }
    Ok(config)
}

/// The exit code of an error: whether asking otherwise, waiting, or neither
/// would help.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    if error.chain().any(|cause| cause.is::<Usage>()) {
        return exit::USAGE;
    }
    match error.chain().find_map(of_store) {
        // Another command ends by itself; a server is for its people to stop.
        Some(StoreError::Locked(_)) => exit::TEMPORARY,
        Some(error) if error.is_temporary() => exit::TEMPORARY,
        Some(_) | None => exit::FAILED,
    }
}

/// Errors that speak for the database's do not name it as their source.
fn of_store<'e>(cause: &'e (dyn std::error::Error + 'static)) -> Option<&'e StoreError> {
    if let Some(error) = cause.downcast_ref::<StoreError>() {
        return Some(error);
    }
    if let Some(ImportError::Store(error)) = cause.downcast_ref::<ImportError>() {
        return Some(error);
    }
    if let Some(ActError::Store(error)) = cause.downcast_ref::<ActError>() {
        return Some(error);
    }
    if let Some(IncidentsError::Store(error)) = cause.downcast_ref::<IncidentsError>() {
        return Some(error);
    }
    if let Some(ReplayError::Store(error)) = cause.downcast_ref::<ReplayError>() {
        return Some(error);
    }
    match cause.downcast_ref::<UserError>() {
        Some(UserError::Store(error)) => Some(error),
        Some(_) | None => None,
    }
}
