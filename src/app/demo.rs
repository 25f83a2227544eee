//! `otklik demo`: everything at once, without credentials and without the
//! internet. Local servers speak the networks' protocols, the real connectors
//! poll them, the whole pipeline runs.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;

use crate::adapters::clock::SystemClock;
use crate::adapters::connector::auth::Secret;
use crate::adapters::ruleset_files::hash;
use crate::adapters::store::Store;
use crate::adapters::store::commands::Command;
use crate::app::parts::{Running, ruleset_files};
use crate::app::serve::{drain, server_options};
use crate::app::stages::{bases, connectors, start_dispatch, start_ingest};
use crate::app::workplace;
use crate::config::{Config, MailConfig, MailTls, NetworkConfig};
use crate::demo::LocalNetworks;
use crate::model::body::BodyId;
use crate::model::journal::NewEntry;
use crate::model::person::{Person, Reach, Role};
use crate::model::post::Network;
use crate::model::source::Source;
use crate::model::time::{Clock, Timestamp};
use crate::pipeline::ingest::IngestOptions;
use crate::pipeline::stage::supervise;
use crate::rules::ruleset::parse;
use crate::rules::wording::Wording;
use crate::server::password::hash_password;

/// The demo is in a hurry: a new post is seen within this time.
const POLL_EVERY_SECS: u64 = 5;
/// Our own servers need no politeness.
const REQUESTS_PER_MINUTE: u32 = 6_000;
const NETWORKS: [&str; 3] = ["vk", "telegram", "rss"];
/// Whose tray the demo's coordinator and official open.
const DEMO_BODY: &str = "city-cherepovets";

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Address of the web workplace
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: String,
}

/// Runs until Ctrl+C. Without a data folder of its own the demo forgets
/// everything at the end.
pub async fn run(args: &DemoArgs, data_dir: Option<PathBuf>) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let started_at = clock.now();
    let forgotten = data_dir.is_none();
    let data_dir = data_dir.unwrap_or_else(|| temporary_dir(started_at));
    let LocalNetworks { base_urls, sources, server } =
        crate::demo::start(clock.clone(), started_at).await.context("the demo's networks")?;
    let mail = crate::demo::mail::start().await.context("the demo's mail server")?;
    let networks = supervise(async move {
        if let Err(error) = server.await {
            tracing::error!("the demo's networks ended: {error}");
        }
    });
    let mail_port = mail.port;
    let mail_server = supervise(mail.server);
    let config = configuration(args, data_dir, mail_port);
    let mut files = ruleset_files(&config)?;
    files.0.insert("regions/vologda/sources.toml".to_owned(), sources_toml(&sources));
    let ruleset = parse(&files, hash(&files))
        .map_err(|problems| anyhow::anyhow!("the demo's sources: {problems:?}"))?;
    let mut running = Running::start(&config.data_dir, files, ruleset, clock).await?;
    let wording = Arc::new(Wording::new());
    let password = accounts(&running.store, started_at).await?;
    let mut options = IngestOptions {
        bases: bases(&base_urls)?,
        poll_interval_secs: Some(POLL_EVERY_SECS),
        ..IngestOptions::default()
    };
    options.secrets.insert(Network("vk".to_owned()), vec![Secret::new("demo")]);
    start_ingest(&mut running, connectors(&config)?, options)?;
    start_dispatch(&mut running, &config, wording.clone())?;
    let reload: crate::server::Reload =
        Arc::new(|| Err("the demo has no files of its own to reload".to_owned()));
    let address =
        workplace::start(&mut running, &args.listen, server_options(&config), wording, reload)
            .await?;
    println!("{}", greeting(&format!("http://{address}"), &password, &config, forgotten));
    tokio::signal::ctrl_c().await.context("waiting for Ctrl+C")?;
    networks.abort();
    mail_server.abort();
    let data_dir = config.data_dir.clone();
    drain(running).await;
    if forgotten {
        std::fs::remove_dir_all(&data_dir).context("forgetting the demo's data")?;
    }
    Ok(())
}

fn temporary_dir(now: Timestamp) -> PathBuf {
    let name = format!("otklik-demo-{}-{}", now.as_millisecond(), std::process::id());
    std::env::temp_dir().join(name)
}

fn configuration(args: &DemoArgs, data_dir: PathBuf, mail_port: u16) -> Config {
    let hurried = NetworkConfig { per_minute: Some(REQUESTS_PER_MINUTE), ..Default::default() };
    Config {
        networks: NETWORKS.map(|name| (name.to_owned(), hurried.clone())).into(),
        data_dir,
        listen: args.listen.clone(),
        external_url: format!("http://{}", args.listen),
        mail: Some(MailConfig {
            host: "127.0.0.1".to_owned(),
            port: mail_port,
            tls: MailTls::None,
            from: "Отклик <otklik@vologda.example>".to_owned(),
            ca_file: None,
            login: None,
            password_file: None,
            timeout_secs: 10,
        }),
        ..Config::default()
    }
}

/// The demo's sources as the file of a region pack, so that they are part of
/// the ruleset like any others.
fn sources_toml(sources: &[Source]) -> String {
    let mut text = String::from("# The sources that the demo's local servers show.\n");
    for source in sources {
        let quoted = |value: &str| toml::Value::String(value.to_owned()).to_string();
        let mut line = |key: &str, value: &str| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{key} = {}", quoted(value));
        };
        line("\n[[source]]\nid", &source.id.0);
        line("network", &source.network.0);
        line("kind", &source.kind);
        line("target", &source.target);
        line("name", &source.name);
        if let Some(territory) = &source.territory {
            line("territory", &territory.0);
        }
        if let Some(own) = &source.own {
            line("own", &own.0);
        }
    }
    text
}

/// One account a role, all with one password that only this run knows.
async fn accounts(store: &Store, at: Timestamp) -> anyhow::Result<String> {
    let password = random_password()?;
    let secret = password.clone();
    let hash = tokio::task::spawn_blocking(move || hash_password(&secret)).await??;
    for (login, name, role) in PEOPLE {
        let bodies = match role {
            Role::Coordinator | Role::Official | Role::Approver => {
                vec![BodyId(DEMO_BODY.to_owned())]
            }
            Role::Administrator | Role::Analyst | Role::Oversight | Role::System => Vec::new(),
        };
        let person = Person {
            login: login.to_owned(),
            name: name.to_owned(),
            role,
            reach: Reach { bodies, ..Reach::default() },
            disabled: false,
            language: "ru".to_owned(),
        };
        let entry = NewEntry {
            at,
            actor: "system".to_owned(),
            action: "user_add".to_owned(),
            subject: format!("user:{login}"),
            after: role.as_str().to_owned(),
            origin: "demo".to_owned(),
            ..NewEntry::default()
        };
        let password_hash = Some(hash.clone());
        store.write_async(Command::SavePerson { person, password_hash, entry }).await?;
    }
    Ok(password)
}

const PEOPLE: [(&str, &str, Role); 7] = [
    ("admin", "Ирина Кузнецова", Role::Administrator),
    ("coordinator", "Павел Широков", Role::Coordinator),
    ("official", "Олег Смирнов", Role::Official),
    ("approver", "Наталья Белова", Role::Approver),
    ("analyst", "Мария Попова", Role::Analyst),
    ("oversight", "Сергей Воронин", Role::Oversight),
    ("system", "Алексей Лебедев", Role::System),
];

fn random_password() -> anyhow::Result<String> {
    // Letters that are not mistaken for one another.
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
    let mut bytes = [0u8; 12];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    let letters: String =
        bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    Ok(format!("{}-{}-{}", &letters[..4], &letters[4..8], &letters[8..]))
}

fn greeting(address: &str, password: &str, config: &Config, forgotten: bool) -> String {
    let mut text = format!("\nОтклик работает / Otklik is running: {address}\n\n");
    let _ = writeln!(text, "Пароль для всех / password for all: {password}\n");
    for (login, name, role) in PEOPLE {
        let _ = writeln!(text, "  {login:<12} {:<14} {name}", role.as_str());
    }
    let fate = match forgotten {
        true => "удаляются в конце / removed at the end",
        false => "остаются / kept",
    };
    let _ = writeln!(text, "\nДанные / data: {} ({fate})", config.data_dir.display());
    text.push_str("Ctrl+C — остановить / to stop");
    text
}
