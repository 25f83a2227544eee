//! The local networks of `otklik demo`: small servers on the loopback that
//! speak VKontakte's, Telegram's and RSS's own protocols and play a script of
//! posts, each once its time has come. They know nothing of connectors, rules
//! or tables: the program polls them as it polls the real networks. Start with
//! `script`, then `stage`, then one file or folder a network. Beside them stand
//! the receivers of what the program sends: `mail` and `webhooks`.

mod comments;
pub mod mail;
mod markup;
mod rss;
mod script;
mod stage;
mod telegram;
mod vk;
pub mod webhooks;

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Arc;

use tokio::net::TcpListener;

pub use self::comments::ScriptComment;
pub use self::script::{Kind, Protocol, Script, ScriptError, ScriptPost, ScriptSource};
use self::stage::Stage;
use crate::model::post::Network;
use crate::model::source::Source;
use crate::model::time::{Clock, Timestamp};

/// What the local VKontakte takes as a token; like any other, as long as it is
/// not empty.
pub const ACCESS_TOKEN: &str = "demo";

static SCRIPT: &str = include_str!("../../fixtures/demo/posts.toml");

/// The script that the program carries, with what its authors meant: which
/// posts belong to one incident, and each post's key outside.
pub fn script() -> Script {
    Script::parse(SCRIPT).expect("a test reads the script that the program carries")
}

/// Networks that listen already and answer as soon as somebody runs `server`.
pub struct LocalNetworks {
    /// What stands in place of a connector's base address.
    pub base_urls: BTreeMap<Network, String>,
    /// What there is to poll.
    pub sources: Vec<Source>,
    /// Serves until it is dropped; whoever starts the demo supervises it.
    pub server: Pin<Box<dyn Future<Output = io::Result<()>> + Send>>,
}

/// Opens the local networks of the shipped script. `started_at` is the
/// script's second zero.
pub async fn start(clock: Arc<dyn Clock>, started_at: Timestamp) -> io::Result<LocalNetworks> {
    start_script(script(), clock, started_at).await
}

/// Opens the local networks of any script.
pub async fn start_script(
    script: Script,
    clock: Arc<dyn Clock>,
    started_at: Timestamp,
) -> io::Result<LocalNetworks> {
    let stage = Arc::new(Stage::new(script, clock, started_at));
    // A port for each network: their paths must not meet.
    let (vk_url, vk_port) = listen().await?;
    let (telegram_url, telegram_port) = listen().await?;
    let (rss_url, rss_port) = listen().await?;
    let vk = axum::serve(vk_port, vk::router(stage.clone())).into_future();
    let telegram = axum::serve(telegram_port, telegram::router(stage.clone())).into_future();
    let rss = axum::serve(rss_port, rss::router(stage.clone(), &rss_url)).into_future();
    let sources = stage.script.sources.iter().map(|source| polled(source, &rss_url)).collect();
    let base_urls = [
        (Protocol::Vk.network(), vk_url),
        (Protocol::Telegram.network(), telegram_url),
        (Protocol::Rss.network(), rss_url),
    ];
    let server = async move { tokio::try_join!(vk, telegram, rss).map(|_| ()) };
    Ok(LocalNetworks { base_urls: base_urls.into(), sources, server: Box::pin(server) })
}

async fn listen() -> io::Result<(String, TcpListener)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    Ok((format!("http://{}", listener.local_addr()?), listener))
}

/// The source as the connectors want it.
fn polled(source: &ScriptSource, rss_url: &str) -> Source {
    let target = match source.protocol {
        Protocol::Vk | Protocol::Telegram => source.target.clone(),
        Protocol::Rss => rss::feed_url(rss_url, &source.target),
    };
    Source {
        id: source.id.clone(),
        name: source.name.clone(),
        territory: source.territory.clone(),
        own: source.own.clone(),
        ..Source::of(&source.protocol.network().0, &source.kind, &target)
    }
}
