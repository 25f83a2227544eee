//! The networks of `otklik demo`: a small local server that speaks the
//! networks' own protocols and plays `fixtures/demo/posts.toml`, each post once
//! its time has come. The real connectors poll it over HTTP. Knows nothing of
//! connectors, stores or rules.

mod feed;
pub mod mail;
mod script;
mod telegram;
mod vk;

use std::collections::BTreeMap;
use std::future::Future;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::demo::script::Script;
use crate::demo::script::ScriptError;
use crate::model::post::Network;
use crate::model::source::Source;
use crate::model::time::Clock;
use crate::model::time::Timestamp;

static POSTS: &str = include_str!("../../fixtures/demo/posts.toml");

#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("the demo's script: {0}")]
    Script(#[from] ScriptError),
    #[error("listening on the loopback address: {0}")]
    Listen(#[from] std::io::Error),
}

/// The networks, ready to be polled once somebody runs `server`.
pub struct LocalNetworks {
    /// Where each network's connector must look instead of the internet.
    pub base_urls: BTreeMap<Network, String>,
    pub sources: Vec<Source>,
    /// Serves until it is dropped; whoever starts the demo supervises it.
    pub server: Pin<Box<dyn Future<Output = std::io::Result<()>> + Send>>,
}

/// What the handlers share.
struct Stage {
    script: Script,
    clock: Arc<dyn Clock>,
    started_at: Timestamp,
}

impl Stage {
    /// Seconds from the start of the demo until now.
    fn elapsed_secs(&self) -> i64 {
        self.clock.now().duration_since(self.started_at).as_secs()
    }

    fn instant(&self, at_secs: i64) -> Timestamp {
        let offset = jiff::SignedDuration::from_secs(at_secs);
        self.started_at.checked_add(offset).unwrap_or(self.started_at)
    }
}

/// Opens the port and puts the networks on it.
pub async fn start(
    clock: Arc<dyn Clock>,
    started_at: Timestamp,
) -> Result<LocalNetworks, DemoError> {
    let script = Script::parse(POSTS)?;
    let sources = script.sources();
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let base = format!("http://{}", listener.local_addr()?);
    let networks = sources.iter().map(|source| source.network.clone());
    let base_urls = networks.map(|network| (network, base.clone())).collect();
    let stage = Arc::new(Stage { script, clock, started_at });
    let server = Box::pin(async move { axum::serve(listener, router(stage)).await });
    Ok(LocalNetworks { base_urls, sources, server })
}

fn router(stage: Arc<Stage>) -> Router {
    Router::new()
        .route("/method/{method}", get(vk::method))
        .route("/s/{channel}", get(telegram::channel))
        .route("/feed/{file}", get(feed::feed))
        .route("/{name}", get(telegram::contact))
        .with_state(stage)
}

/// Text that stands in HTML or XML for exactly itself.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Plain text as HTML: escaped, with its line breaks.
fn as_html(text: &str) -> String {
    escape(text.trim()).replace('\n', "<br/>")
}
