//! The stages that touch the world: polling, sending, escalating.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, anyhow};

use crate::adapters::channel::Channels;
use crate::adapters::channel::email::{Email, EmailOptions, EmailTls};
use crate::adapters::channel::webhook::{Webhook, WebhookOptions};
use crate::adapters::connector::Connectors;
use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::definition::Problem;
use crate::adapters::connector::http;
use crate::adapters::connector::http::{ClientOptions, Proxy};
use crate::app::parts::Running;
use crate::config::{Config, MailConfig, MailTls, NetworkConfig, NoticeLanguage};
use crate::model::body::Channel;
use crate::model::post::Network;
use crate::model::source::SourceId;
use crate::pipeline::callbacks::{self, CallbackOptions, Community};
use crate::pipeline::dispatch::{BackOff, DispatchOptions, DispatchStage};
use crate::pipeline::escalate::{EscalateOptions, EscalateStage, Watchdog};
use crate::pipeline::ingest::{IngestOptions, IngestStage};
use crate::pipeline::sentinel::Sentinel;
use crate::pipeline::stage::{run_as_task, run_on_thread, supervise};
use crate::pipeline::streams::{StreamOptions, StreamStage};
use crate::rules::wording::{Lang, Wording};

/// The connectors that the configuration names.
pub fn connectors(config: &Config) -> anyhow::Result<Connectors> {
    let mut connectors = read_connectors(config).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        anyhow!(lines.join("\n"))
    })?;
    for (name, network) in &config.networks {
        if let Some(per_minute) = network.per_minute {
            connectors.set_rate(&Network(name.clone()), per_minute);
        }
    }
    Ok(connectors)
}

/// The same as they were written, or everything that is wrong with them.
pub fn read_connectors(config: &Config) -> Result<Connectors, Vec<Problem>> {
    match &config.connectors_dir {
        Some(dir) => Connectors::with_folder(dir),
        None => Connectors::shipped(),
    }
}

/// How networks are reached, with the tokens read from their files.
pub fn ingest_options(config: &Config) -> anyhow::Result<IngestOptions> {
    let mut options = IngestOptions { client: client_options(config)?, ..Default::default() };
    for (name, network) in &config.networks {
        let id = Network(name.clone());
        if let Some(base) = &network.base_url {
            let base = base.parse().with_context(|| format!("networks.{name}.base_url"))?;
            options.bases.insert(id.clone(), base);
        }
        options.secrets.insert(id, secrets(network)?);
    }
    Ok(options)
}

/// Which communities call us, with their secrets read from their files.
pub fn callback_options(
    config: &Config,
    connectors: &Connectors,
) -> anyhow::Result<CallbackOptions> {
    let vk = Network(callbacks::NETWORK.to_owned());
    let definition = connectors.get(&vk).cloned();
    let mut options = CallbackOptions { definition, ..CallbackOptions::default() };
    for (name, callback) in config.networks.get(&vk.0).into_iter().flat_map(|vk| &vk.callback) {
        let community = Community {
            group_id: callback.group_id,
            secret: Secret::from_file(&callback.secret_file)?,
            confirmation: callback.confirmation.clone(),
            source: callback.source.clone().map(SourceId),
        };
        options.communities.insert(name.clone(), community);
    }
    Ok(options)
}

/// How streams are reached, with the communities' tokens read from their files.
pub fn stream_options(config: &Config) -> anyhow::Result<StreamOptions> {
    let mut options = StreamOptions { client: client_options(config)?, ..Default::default() };
    for (name, network) in &config.networks {
        let id = Network(name.clone());
        let base = network.stream_base_url.as_ref().map(|base| (base, "stream_base_url"));
        let base = base.or(network.base_url.as_ref().map(|base| (base, "base_url")));
        if let Some((base, key)) = base {
            let base = base.parse().with_context(|| format!("networks.{name}.{key}"))?;
            options.bases.insert(id.clone(), base);
        }
        let tokens = network.communities.iter();
        let tokens =
            tokens.map(|(community, path)| Ok((community.clone(), Secret::from_file(path)?)));
        options.communities.insert(id.clone(), tokens.collect::<anyhow::Result<_>>()?);
        options.shares.extend(network.stream_share_percent.map(|percent| (id, percent)));
    }
    Ok(options)
}

/// Who asks networks, and by which way.
pub fn client_options(config: &Config) -> anyhow::Result<ClientOptions> {
    let proxy = config.proxy.as_deref().map(|text| -> anyhow::Result<Proxy> {
        let url: url::Url = text.parse().context("proxy")?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(anyhow!("proxy: «{}» is not an http address", http::shown(&url)));
        }
        // What stands in the configuration is read by more people than a file of its own.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(anyhow!("proxy: login and password belong in proxy_credentials_file"));
        }
        let file = config.proxy_credentials_file.as_deref();
        let credentials = file.map(Secret::from_file).transpose()?;
        if credentials.as_ref().is_some_and(|one| one.login_and_password().is_none()) {
            return Err(anyhow!("proxy_credentials_file: holds no «login:password»"));
        }
        Ok(Proxy { url, credentials })
    });
    Ok(ClientOptions { contact: config.contact.clone(), proxy: proxy.transpose()? })
}

fn secrets(network: &NetworkConfig) -> anyhow::Result<Vec<Secret>> {
    network.token_files.iter().map(|path| Ok(Secret::from_file(path)?)).collect()
}

/// The stage that polls, not started yet.
pub fn ingest(
    running: &Running,
    connectors: Connectors,
    options: IngestOptions,
) -> anyhow::Result<IngestStage> {
    let ruleset = running.ruleset.subscribe();
    let (store, clock) = (running.store.clone(), running.clock.clone());
    Ok(IngestStage::new(store, clock, ruleset, connectors, options)?)
}

/// Polls the sources from now on, hears those that speak by themselves, and
/// watches that all of them do.
pub fn start_ingest(
    running: &mut Running,
    config: &Config,
    connectors: Connectors,
    options: IngestOptions,
    streams: StreamOptions,
) -> anyhow::Result<()> {
    let stage = ingest(running, connectors.clone(), options)?;
    let (store, ruleset) = (running.store.clone(), running.ruleset.subscribe());
    let mut sentinel = Sentinel::new(store, ruleset, stage.clone(), told(config));
    running.keep(run_on_thread("sentinel", running.surroundings(), move |now| sentinel.step(now)));
    let polls = stage.clone();
    running.keep(run_as_task("ingest", running.surroundings(), move |now| polls.clone().step(now)));
    let surroundings = running.surroundings();
    let ruleset = running.ruleset.subscribe();
    let streams = StreamStage::new(surroundings.clone(), ruleset, connectors, &stage, streams)?;
    running.keep(supervise(streams.clone().ended()));
    running.keep(run_as_task("streams", surroundings, move |now| streams.clone().step(now)));
    Ok(())
}

/// Sends notices, fires ladders, watches that they fire.
pub fn start_dispatch(
    running: &mut Running,
    config: &Config,
    wording: std::sync::Arc<Wording>,
) -> anyhow::Result<()> {
    let channels = channels(config)?;
    let options = DispatchOptions {
        back_off: BackOff::default(),
        base_url: config.external_url.clone(),
        lang: match config.notices.language {
            NoticeLanguage::Ru => Lang::Ru,
            NoticeLanguage::En => Lang::En,
        },
    };
    let (store, clock) = (running.store.clone(), running.clock.clone());
    let ruleset = running.ruleset.subscribe();
    let dispatch = DispatchStage::new(store, clock, channels, wording, ruleset, options);
    running.keep(run_as_task("dispatch", running.surroundings(), move |now| {
        dispatch.clone().step(now)
    }));
    let ruleset = running.ruleset.subscribe();
    let mut escalate = EscalateStage::new(running.store.clone(), ruleset, told(config));
    running.keep(run_on_thread("escalate", running.surroundings(), move |now| escalate.step(now)));
    let mut watchdog = Watchdog::new(running.store.clone());
    running.keep(run_on_thread("watchdog", running.surroundings(), move |now| watchdog.step(now)));
    Ok(())
}

fn told(config: &Config) -> EscalateOptions {
    let channels = |addresses: &[String]| {
        addresses.iter().map(|address| Channel::Email { address: address.clone() }).collect()
    };
    EscalateOptions {
        administrators: channels(&config.notices.administrators),
        oversight: channels(&config.notices.oversight),
    }
}

/// The ways notices go, as the configuration sets them up.
pub fn channels(config: &Config) -> anyhow::Result<Channels> {
    let email = config.mail.as_ref().map(email_options);
    let email = email.map(|options| Email::new(&options)).transpose().context("[mail]")?;
    let webhooks = WebhookOptions {
        private_hosts: config.webhooks.private_hosts.clone(),
        timeout: Duration::from_secs(config.webhooks.timeout_secs),
    };
    let webhook = Webhook::new(&webhooks).context("[webhooks]")?;
    Ok(Channels { email, webhook })
}

fn email_options(mail: &MailConfig) -> EmailOptions {
    EmailOptions {
        host: mail.host.clone(),
        port: mail.port,
        tls: match mail.tls {
            MailTls::Starttls => EmailTls::StartTls,
            MailTls::Tls => EmailTls::Wrapped,
            MailTls::None => EmailTls::None,
        },
        ca_file: mail.ca_file.clone(),
        login: mail.login.clone(),
        password_file: mail.password_file.clone(),
        from: mail.from.clone(),
        timeout: Duration::from_secs(mail.timeout_secs),
    }
}

/// Networks by the text of their addresses, as the demo gives them.
pub fn bases(texts: &BTreeMap<Network, String>) -> anyhow::Result<BTreeMap<Network, url::Url>> {
    texts
        .iter()
        .map(|(network, text)| Ok((network.clone(), text.parse().context("a base address")?)))
        .collect()
}
