//! Every address of the server, in one list: the router, the description of
//! the API and the test of roles are all made from it.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodFilter, on};

use super::api::{self, openapi};
use super::decisions::Verb;
use super::failure::Failure;
use super::permissions::Permission;
use super::{Shared, State, callbacks, headers, metrics, ops, pages};

/// Larger bodies are refused before they are read.
const BODY_MAX_BYTES: usize = 256 * 1024;

/// Who is answered at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Anyone,
    /// Anybody who is logged in.
    Person,
    Needs(Permission),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub method: Method,
    /// With `{parameters}`.
    pub path: String,
    pub access: Access,
}

struct Table {
    router: Router<Shared>,
    routes: Vec<Route>,
}

impl Table {
    fn empty() -> Table {
        Table { router: Router::new(), routes: Vec::new() }
    }

    fn add<H, T>(mut self, method: Method, path: &str, access: Access, handler: H) -> Table
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        let filter = match method {
            Method::POST => MethodFilter::POST,
            Method::DELETE => MethodFilter::DELETE,
            _ => MethodFilter::GET,
        };
        self.router = self.router.route(path, on(filter, handler));
        self.routes.push(Route { method, path: path.to_owned(), access });
        self
    }

    fn get<H, T>(self, path: &str, access: Access, handler: H) -> Table
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.add(Method::GET, path, access, handler)
    }

    fn post<H, T>(self, path: &str, access: Access, handler: H) -> Table
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.add(Method::POST, path, access, handler)
    }
}

/// Every address there is.
pub fn routes() -> Vec<Route> {
    let mut routes = table().routes;
    routes.extend(for_networks().routes);
    routes
}

/// The server, ready to be served.
pub fn router(state: impl Into<Arc<State>>) -> Router {
    let state: Shared = state.into();
    let networks = for_networks().router;
    let networks = networks.layer(DefaultBodyLimit::max(callbacks::BODY_MAX_BYTES));
    table()
        .router
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .layer(from_fn_with_state(state.clone(), headers::check_origin))
        .merge(networks)
        .fallback(|| async { Failure::NotFound })
        .method_not_allowed_fallback(|| async { Failure::NotFound })
        .layer(from_fn(headers::limit_time))
        .layer(from_fn_with_state(state.clone(), headers::explain))
        .layer(from_fn_with_state(state.clone(), headers::count))
        .layer(from_fn_with_state(state.clone(), headers::protect))
        .with_state(state)
}

use Access::{Anyone, Needs, Person};
use Permission as P;

fn table() -> Table {
    let table = for_machines(Table::empty());
    let table = for_everybody(table);
    let table = for_cases(table);
    let table = for_supervision(table);
    for_programs(table)
}

fn for_machines(table: Table) -> Table {
    table
        .get("/-/healthy", Anyone, ops::healthy)
        .get("/-/ready", Anyone, ops::ready)
        .get("/metrics", Anyone, metrics::metrics)
        .post("/-/reload", Needs(P::Reload), ops::reload)
        .get("/static/{file}", Anyone, pages::statics::file)
}

/// What networks call. A part of its own: here the secret in the body stands
/// for sessions, tokens of forms and the check of where a change comes from.
fn for_networks() -> Table {
    Table::empty().post("/callback/vk/{name}", Anyone, callbacks::vk)
}

fn for_everybody(table: Table) -> Table {
    table
        .get("/login", Anyone, pages::entrance::login_page)
        .post("/login", Anyone, pages::entrance::login)
        .post("/logout", Person, pages::entrance::logout)
        .post("/language", Anyone, pages::entrance::language)
        .get("/", Person, pages::entrance::first_screen)
        .get("/account", Person, pages::account::page)
        .post("/account/password", Person, pages::account::password)
        .get("/help", Person, pages::account::help)
}

fn for_cases(table: Table) -> Table {
    table
        .get("/triage", Needs(P::Triage), pages::triage::page)
        .get("/triage/newer", Needs(P::Triage), pages::triage::newer)
        .get("/incidents", Needs(P::SeeCases), pages::list::page)
        .get("/incidents.csv", Needs(P::Export), pages::list::csv)
        .get("/incidents/{id}", Needs(P::SeeCases), pages::card::page)
        .get("/incidents/{id}/preview", Needs(P::SeeCases), pages::card::preview)
        .post("/incidents/{id}/{verb}", Needs(P::SeeCases), pages::card::act)
        .get("/tray", Needs(P::Take), pages::tray::page)
        .get("/drafts", Needs(P::Approve), pages::drafts::page)
        .get("/search", Needs(P::Search), pages::search::page)
        .get("/posts.csv", Needs(P::Export), pages::search::csv)
}

fn for_supervision(table: Table) -> Table {
    table
        .get("/board", Needs(P::SeeBoard), pages::board::page)
        .get("/systemic", Needs(P::SeeSystemic), pages::systemic::page)
        .get("/systemic.csv", Needs(P::Export), pages::systemic::csv)
        .get("/sources", Needs(P::SeeSources), pages::sources::page)
        .post("/sources/stopped", Needs(P::ManageSources), pages::sources::stop_or_start)
        .post("/sources/reload", Needs(P::Reload), ops::reload_button)
        .get("/deliveries", Needs(P::SeeDeliveries), pages::deliveries::page)
        .post("/deliveries/{id}", Needs(P::AcknowledgeDeliveries), pages::deliveries::acknowledge)
        .get("/journal", Needs(P::SeeJournal), pages::journal::page)
}

fn for_programs(mut table: Table) -> Table {
    table = table
        .get("/api/v1/openapi.json", Anyone, openapi::document)
        .post("/api/v1/session", Anyone, api::session::log_in)
        .get("/api/v1/session", Person, api::session::show)
        .add(Method::DELETE, "/api/v1/session", Person, api::session::log_out)
        .get("/api/v1/incidents", Needs(P::SeeCases), api::incidents::list)
        .get("/api/v1/incidents/{id}", Needs(P::SeeCases), api::incidents::show)
        .get("/api/v1/posts", Needs(P::Search), api::posts::search)
        .get("/api/v1/posts/{key}/explanation", Needs(P::SeeCases), api::posts::explanation)
        .get("/api/v1/systemic", Needs(P::SeeSystemic), api::systemic::list)
        .get("/api/v1/sources", Needs(P::SeeSources), api::supervision::sources)
        .get("/api/v1/journal", Needs(P::SeeJournal), api::supervision::journal);
    for verb in Verb::ALL {
        let path = format!("/api/v1/incidents/{{id}}/{}", verb.as_str());
        table = table
            .post(&path, Needs(P::SeeCases), move |id, body| api::incidents::act(verb, id, body));
    }
    table
}
