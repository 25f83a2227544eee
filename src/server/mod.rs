//! The web workplace and the HTTP API: shows what is stored, takes people's
//! decisions. Decides nothing about incidents itself and never speaks to a
//! network. Start with `routes.rs`; every request begins in `visitor.rs`.

mod api;
mod callbacks;
mod completeness;
mod decisions;
mod failure;
mod fields;
mod headers;
mod journal;
mod listing;
mod login;
mod looks;
mod marks;
mod metrics;
mod ops;
mod pages;
pub mod password;
pub mod permissions;
mod posts;
mod routes;
pub mod search;
mod session;
mod similar;
mod systemic;
mod visitor;
mod words;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::adapters::store::Store;
use crate::model::time::Clock;
use crate::pipeline::callbacks::Callbacks;
use crate::pipeline::stage::Board;
use crate::rules::ruleset::Ruleset;
use crate::rules::wording::Wording;

pub use self::looks::Looks;
pub use self::metrics::Counters;
pub use self::routes::{Access, Route, router, routes};

/// Everything that pages and API stand on.
pub struct State {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub ruleset: watch::Receiver<Arc<Ruleset>>,
    pub wording: Arc<Wording>,
    pub search: Arc<dyn search::SearchPosts>,
    pub board: Arc<Board>,
    pub reload: Reload,
    pub options: ServerOptions,
    pub counters: Counters,
    pub looks: Looks,
    /// Events that communities send us.
    pub callbacks: Callbacks,
}

type Shared = Arc<State>;

/// Takes new rules and settings into use; says what it took, or what is wrong.
pub type Reload = Arc<dyn Fn() -> Result<String, String> + Send + Sync>;

#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// How people reach the workplace; changes are accepted from here alone.
    pub external_url: Option<String>,
    /// Set where people come over HTTPS: the cookie is not sent otherwise.
    pub secure_cookies: bool,
    pub session_idle_secs: i64,
    pub session_life_secs: i64,
}

impl Default for ServerOptions {
    fn default() -> Self {
        ServerOptions {
            external_url: None,
            secure_cookies: false,
            session_idle_secs: 8 * 3600,
            session_life_secs: 7 * 24 * 3600,
        }
    }
}

/// Serves until `shutdown`, then finishes what is being answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(shutdown).await
}
