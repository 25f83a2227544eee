//! `otklik demo`: everything at once, without credentials and without the
//! internet. Local servers speak the networks' protocols, the real connectors
//! poll them, the whole pipeline runs.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use jiff::SignedDuration;

use crate::adapters::clock::SystemClock;
use crate::adapters::connector::auth::Secret;
use crate::adapters::ruleset_files::hash;
use crate::adapters::store::Store;
use crate::adapters::store::commands::Command;
use crate::app::parts::{Running, ruleset_files};
use crate::app::serve::{drain, server_options};
use crate::app::stages::{bases, connectors, start_dispatch, start_ingest};
use crate::app::workplace;
use crate::config::{Config, MailConfig, MailTls, NetworkConfig, WebhookConfig};
use crate::demo::LocalNetworks;
use crate::model::body::BodyId;
use crate::model::journal::NewEntry;
use crate::model::person::{Person, Reach, Role};
use crate::model::post::Network;
use crate::model::source::Source;
use crate::model::time::{Clock, Timestamp};
use crate::pipeline::callbacks::CallbackOptions;
use crate::pipeline::ingest::{IngestOptions, Pace};
use crate::pipeline::stage::supervise;
use crate::pipeline::streams::StreamOptions;
use crate::rules::ruleset::parse;
use crate::rules::wording::Wording;
use crate::server::password::hash_password;

/// A new post is seen within this time as long as the script plays …
const HURRIED_SECS: u64 = 5;
const HURRY_SECS: i64 = 10 * 60;
/// … and within this one afterwards, so that a day of the demo stays within
/// what the networks allow a day.
const CALM_SECS: u64 = 180;
/// Our own servers need no politeness.
const REQUESTS_PER_MINUTE: u32 = 6_000;
const NETWORKS: [&str; 3] = ["vk", "telegram", "rss"];
/// The file of the shipped region pack that says how bodies are reached.
const BODIES: &str = "regions/vologda/bodies.toml";
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
    let webhook_key = random_password()?;
    let webhooks = crate::demo::webhooks::start(webhook_key.as_bytes())
        .await
        .context("the demo's receiver of webhooks")?;
    let webhook_server = supervise(async move {
        if let Err(error) = webhooks.server.await {
            tracing::error!("the demo's receiver of webhooks ended: {error}");
        }
    });
    let config = configuration(args, data_dir, mail_port);
    let key_file = written_key(&config.data_dir, &webhook_key)?;
    let mut files = ruleset_files(&config)?;
    files.0.insert("regions/vologda/sources.toml".to_owned(), sources_toml(&sources));
    if let Some(bodies) = files.0.get_mut(BODIES) {
        *bodies = with_own_webhooks(bodies, &webhooks.base_url, &key_file)?;
    }
    let ruleset = parse(&files, hash(&files))
        .map_err(|problems| anyhow::anyhow!("the demo's sources: {problems:?}"))?;
    let mut running = Running::start(&config.data_dir, files, ruleset, clock).await?;
    let wording = Arc::new(Wording::new());
    let password = accounts(&running.store, started_at).await?;
    let mut options = IngestOptions {
        bases: bases(&base_urls)?,
        pace: Some(pace(started_at)),
        ..IngestOptions::default()
    };
    options.secrets.insert(Network("vk".to_owned()), vec![Secret::new("demo")]);
    let streams = StreamOptions::default();
    start_ingest(&mut running, &config, connectors(&config)?, options, streams)?;
    start_dispatch(&mut running, &config, wording.clone())?;
    let reload: crate::server::Reload =
        Arc::new(|| Err("the demo has no files of its own to reload".to_owned()));
    let address = workplace::start(
        &mut running,
        &args.listen,
        server_options(&config),
        wording,
        reload,
        CallbackOptions::default(),
    )
    .await?;
    let greeting = greeting(&format!("http://{address}"), &password, &config, forgotten);
    // Whoever started the demo may have stopped listening; it serves all the same.
    let _ = writeln!(std::io::stdout(), "{greeting}");
    tokio::signal::ctrl_c().await.context("waiting for Ctrl+C")?;
    networks.abort();
    mail_server.abort();
    webhook_server.abort();
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

fn pace(started_at: Timestamp) -> Pace {
    let hurry = SignedDuration::from_secs(HURRY_SECS);
    Pace {
        hurried_until: started_at.checked_add(hurry).unwrap_or(started_at),
        hurried_secs: HURRIED_SECS,
        calm_secs: CALM_SECS,
    }
}

/// The secret that the demo's sender and receiver of webhooks share.
fn written_key(data_dir: &Path, key: &str) -> anyhow::Result<PathBuf> {
    let file = std::path::absolute(data_dir.join("demo-webhooks.key"))?;
    std::fs::create_dir_all(data_dir).with_context(|| data_dir.display().to_string())?;
    std::fs::write(&file, key).with_context(|| file.display().to_string())?;
    Ok(file)
}

/// The pack's bodies with every webhook led to the demo's own receiver: the
/// receivers of the pack are as invented as its bodies.
fn with_own_webhooks(bodies: &str, base_url: &str, key_file: &Path) -> anyhow::Result<String> {
    let mut file: toml::Table = bodies.parse().context(BODIES)?;
    let bodies = file.get_mut("body").and_then(toml::Value::as_array_mut);
    for body in bodies.into_iter().flatten() {
        let id = body.get("id").and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        let channels = body.get_mut("channels").and_then(toml::Value::as_array_mut);
        for channel in channels.into_iter().flatten().filter_map(toml::Value::as_table_mut) {
            if channel.get("kind").and_then(toml::Value::as_str) == Some("webhook") {
                let key_file = key_file.display().to_string();
                channel.insert("url".to_owned(), format!("{base_url}/{id}").into());
                channel.insert("secret_file".to_owned(), key_file.into());
            }
        }
    }
    Ok(toml::to_string(&file)?)
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
        webhooks: WebhookConfig {
            private_hosts: vec!["127.0.0.1".to_owned()],
            ..WebhookConfig::default()
        },
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::connector::Connectors;
    use crate::adapters::ruleset_files::shipped;
    use crate::demo::script;
    use crate::model::body::Channel;

    const DAY_SECS: u64 = 24 * 3_600;

    /// Goal: the demo may run for a day. Method: count the polls that the pace
    /// makes and compare them with what the shipped connectors allow.
    #[test]
    fn a_day_of_polls_stays_within_what_networks_allow() {
        let hurry_secs = HURRY_SECS.unsigned_abs();
        let polls = hurry_secs / HURRIED_SECS + (DAY_SECS - hurry_secs) / CALM_SECS;
        let (script, connectors) = (script(), Connectors::shipped().unwrap());
        let mut limited = 0;
        for name in NETWORKS {
            let network = Network(name.to_owned());
            let definition = connectors.get(&network).unwrap();
            for (kind, poll) in &definition.file.poll {
                let sources = script.sources.iter();
                let polled = sources
                    .filter(|one| one.protocol.network() == network && one.kind == *kind)
                    .count() as u64;
                let Some(most) = poll.daily_max else { continue };
                limited += polled;
                // The first poll reads more pages than one.
                let wanted = polled * (polls + poll.first_pages as u64);
                assert!(wanted <= u64::from(most), "{name} {kind}: {wanted} of {most} a day");
            }
        }
        assert!(0 < limited, "some network limits the day");
        let last = script.posts.iter().map(|post| post.at_secs).max().unwrap();
        assert!(last < HURRY_SECS, "the script plays for {last} s");
    }

    #[test]
    fn hurried_at_first_calm_later() {
        let start: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let at = |secs| start.checked_add(SignedDuration::from_secs(secs)).unwrap();
        let pace = pace(start);
        assert_eq!(pace.interval_secs(at(0)), HURRIED_SECS);
        assert_eq!(pace.interval_secs(at(HURRY_SECS - 1)), HURRIED_SECS);
        assert_eq!(pace.interval_secs(at(HURRY_SECS)), CALM_SECS);
    }

    #[test]
    fn webhooks_of_the_pack_lead_to_the_demo() {
        let mut files = shipped("vologda").unwrap();
        let own = with_own_webhooks(&files.0[BODIES], "http://127.0.0.1:9", Path::new("/k"));
        files.0.insert(BODIES.to_owned(), own.unwrap());
        let ruleset = parse(&files, hash(&files)).unwrap();
        let channels = ruleset.region.bodies.iter().flat_map(|body| &body.channels);
        let hooks: Vec<_> = channels
            .filter_map(|channel| match channel {
                Channel::Webhook { url, secret_file } => Some((url, secret_file.as_deref())),
                Channel::Email { .. } => None,
            })
            .collect();
        assert!(!hooks.is_empty());
        for (url, key) in hooks {
            assert!(url.starts_with("http://127.0.0.1:9/"), "{url}");
            assert_eq!(key, Some("/k"), "{url}");
        }
    }
}
