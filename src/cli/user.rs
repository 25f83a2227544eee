//! `otklik user add|password|disable`. Passwords come from standard input, so
//! that they stand in no history and no list of processes.

use std::io::BufRead;

use clap::{Args, Subcommand};

use crate::adapters::store::commands::Command;
use crate::adapters::store::{Store, StoreError};
use crate::cli::output::Usage;
use crate::model::body::BodyId;
use crate::model::journal::NewEntry;
use crate::model::person::{Person, Reach, Role};
use crate::model::region::TerritoryId;
use crate::model::time::Timestamp;

/// Shorter passwords are guessed.
const PASSWORD_MIN_CHARS: usize = 10;

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add an account; the password is read from standard input
    Add(AddArgs),
    /// Set a new password, read from standard input; ends all sessions
    Password { login: String },
    /// Disable an account; ends all sessions
    Disable { login: String },
}

#[derive(Debug, Args)]
pub struct AddArgs {
    pub login: String,
    /// Full name as others see it
    #[arg(long)]
    pub name: String,
    /// administrator, coordinator, official, approver, analyst, oversight or system
    #[arg(long, value_parser = parse_role)]
    pub role: Role,
    /// Only these territories (may be repeated; none = all)
    #[arg(long)]
    pub territory: Vec<String>,
    /// Only these topic groups
    #[arg(long)]
    pub group: Vec<String>,
    /// Only these bodies; coordinators and officials need one
    #[arg(long)]
    pub body: Vec<String>,
    /// Language of the screens: ru or en
    #[arg(long, default_value = "ru", value_parser = ["ru", "en"])]
    pub language: String,
}

fn parse_role(text: &str) -> Result<Role, String> {
    let known: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    Role::parse(text).ok_or_else(|| format!("one of {}", known.join(", ")))
}

#[derive(Debug, thiserror::Error)]
pub enum UserError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is an account {0} already")]
    Exists(String),
    #[error("there is no account {0}")]
    Unknown(String),
    #[error("a password needs at least {PASSWORD_MIN_CHARS} characters")]
    ShortPassword,
    #[error("no password on standard input")]
    NoPassword,
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

/// Refuses what cannot be meant, before a password is read and anything stored:
/// a body's people without a body would see the cases of all.
pub fn check(command: &UserCommand) -> Result<(), Usage> {
    match command {
        UserCommand::Add(args) if works_for_a_body(args.role) && args.body.is_empty() => {
            let role = args.role.as_str();
            Err(Usage(format!("the role {role} needs a body: name it with --body ID")))
        }
        UserCommand::Add(_) | UserCommand::Password { .. } | UserCommand::Disable { .. } => Ok(()),
    }
}

fn works_for_a_body(role: Role) -> bool {
    match role {
        Role::Coordinator | Role::Official => true,
        Role::Administrator | Role::Approver | Role::Analyst => false,
        Role::Oversight | Role::System => false,
    }
}

/// Carries the command out; `hash` turns a password into its stored form.
pub fn run(
    command: &UserCommand,
    store: &Store,
    input: &mut dyn BufRead,
    hash: impl Fn(&str) -> Result<String, String>,
    now: Timestamp,
) -> Result<(), UserError> {
    match command {
        UserCommand::Add(args) => add(args, store, input, hash, now),
        UserCommand::Password { login } => {
            let person = known(store, login)?;
            let hash = hash(&password(input)?).map_err(UserError::Hash)?;
            save(store, person, Some(hash), "user_password", now)
        }
        UserCommand::Disable { login } => {
            let person = Person { disabled: true, ..known(store, login)? };
            save(store, person, None, "user_disable", now)
        }
    }
}

fn add(
    args: &AddArgs,
    store: &Store,
    input: &mut dyn BufRead,
    hash: impl Fn(&str) -> Result<String, String>,
    now: Timestamp,
) -> Result<(), UserError> {
    if store.read(|reader| reader.person(&args.login))?.is_some() {
        return Err(UserError::Exists(args.login.clone()));
    }
    let hash = hash(&password(input)?).map_err(UserError::Hash)?;
    let person = Person {
        login: args.login.clone(),
        name: args.name.clone(),
        role: args.role,
        reach: Reach {
            territories: args.territory.iter().cloned().map(TerritoryId).collect(),
            groups: args.group.clone(),
            bodies: args.body.iter().cloned().map(BodyId).collect(),
        },
        disabled: false,
        language: args.language.clone(),
    };
    save(store, person, Some(hash), "user_add", now)
}

fn known(store: &Store, login: &str) -> Result<Person, UserError> {
    store.read(|reader| reader.person(login))?.ok_or_else(|| UserError::Unknown(login.to_owned()))
}

fn password(input: &mut dyn BufRead) -> Result<String, UserError> {
    let mut line = String::new();
    input.read_line(&mut line).map_err(|_| UserError::NoPassword)?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        return Err(UserError::NoPassword);
    }
    if password.chars().count() < PASSWORD_MIN_CHARS {
        return Err(UserError::ShortPassword);
    }
    Ok(password)
}

fn save(
    store: &Store,
    person: Person,
    password_hash: Option<String>,
    action: &str,
    now: Timestamp,
) -> Result<(), UserError> {
    let entry = NewEntry {
        at: now,
        actor: "system".to_owned(),
        action: action.to_owned(),
        subject: format!("user:{}", person.login),
        after: person.role.as_str().to_owned(),
        origin: "cli".to_owned(),
        ..NewEntry::default()
    };
    store.write(Command::SavePerson { person, password_hash, entry })?;
    Ok(())
}
