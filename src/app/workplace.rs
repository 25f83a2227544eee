//! The web workplace: what the server stands on, and how it ends.

use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::adapters::search::query::{Query, QueryError};
use crate::adapters::search::{Index, Narrow, Order, highlight};
use crate::adapters::store::Store;
use crate::app::parts::Running;
use crate::model::position::Position;
use crate::pipeline::callbacks::{CallbackOptions, Callbacks};
use crate::pipeline::names;
use crate::pipeline::stage::supervise;
use crate::rules::ruleset::Ruleset;
use crate::rules::wording::Wording;
use crate::server::search::{Hit, Hits, Like, SearchFailure, SearchPosts, WrongQuery};
use crate::server::{Counters, Looks, Reload, ServerOptions, State, router, serve};

/// Opens the port and serves until the returned sender says otherwise.
pub async fn start(
    running: &mut Running,
    listen: &str,
    options: ServerOptions,
    wording: Arc<Wording>,
    reload: Reload,
    callbacks: CallbackOptions,
) -> anyhow::Result<std::net::SocketAddr> {
    let listener =
        TcpListener::bind(listen).await.with_context(|| format!("listening on {listen}"))?;
    let address = listener.local_addr()?;
    let state = State {
        store: running.store.clone(),
        clock: running.clock.clone(),
        ruleset: running.ruleset.subscribe(),
        wording,
        search: Arc::new(Search {
            index: running.index.clone(),
            store: running.store.clone(),
            ruleset: running.ruleset.subscribe(),
        }),
        board: running.board.clone(),
        reload,
        options,
        counters: Counters::default(),
        looks: Looks::default(),
        callbacks: Callbacks::new(
            running.store.clone(),
            running.clock.clone(),
            running.ruleset.subscribe(),
            callbacks,
        ),
    };
    let mut stop = running.surroundings().stop;
    let ended = async move {
        // An error means that the sender is gone: the end as well.
        let _ = stop.wait_for(|stop| *stop).await;
    };
    running.keep(supervise(async move {
        if let Err(error) = serve(listener, router(Arc::new(state)), ended).await {
            tracing::error!("the web workplace ended: {error}");
        }
    }));
    Ok(address)
}

/// Search as the server asks for it, answered by the index and the database.
struct Search {
    index: Arc<Index>,
    store: Store,
    ruleset: watch::Receiver<Arc<Ruleset>>,
}

impl SearchPosts for Search {
    fn search(&self, query: &str, limit: usize, offset: usize) -> Result<Hits, SearchFailure> {
        let names = names::of(&self.ruleset.borrow());
        let query = Query::parse(query, &names).map_err(|error| wrong(&error))?;
        let found =
            self.index.search(&query, Order::default(), limit, offset).map_err(unavailable)?;
        let mut hits = Vec::with_capacity(found.posts.len());
        for hit in found.posts {
            let stored = self.store.read(|reader| reader.post(hit.position));
            // A post that the index knows and the database does not: the index
            // is about to be emptied after a restored backup.
            if let Some(stored) = stored.map_err(unavailable)? {
                let marks = highlight(&stored.post.text, &query);
                hits.push(Hit { post: hit.position, marks });
            }
        }
        Ok(Hits { total: found.total, hits })
    }

    fn similar(&self, like: &Like, limit: usize) -> Result<Vec<Position>, SearchFailure> {
        let narrow = Narrow {
            before: None,
            territory: like.territory.clone(),
            group: Some(like.group.clone()),
        };
        let found = self.index.similar(&like.text, &narrow, limit).map_err(unavailable)?;
        Ok(found.into_iter().map(|hit| hit.position).collect())
    }
}

fn wrong(error: &QueryError) -> SearchFailure {
    let (field, value) = error.problem.names();
    SearchFailure::Query(WrongQuery {
        key: error.problem.key(),
        field: field.to_owned(),
        value: value.to_owned(),
    })
}

fn unavailable(error: impl std::fmt::Display) -> SearchFailure {
    SearchFailure::Unavailable(error.to_string())
}
