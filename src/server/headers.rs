//! What stands around every answer: security headers, the check of where a
//! change comes from, a limit of time, and the wording of failures.

use std::time::Duration;

use askama::Template;
use axum::Json;
use axum::extract::{Request, State as Extract};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde_json::json;

use super::Shared;
use super::failure::Failure;
use super::visitor::language;
use super::words::Words;

/// Nothing from elsewhere, nothing inline: a hostile post has nothing to run.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
    connect-src 'self'";

/// `no-referrer` would make browsers send forms with `Origin: null`, which the
/// check below could not tell from a foreign page. Nothing leaves the origin.
const REFERRER_POLICY: &str = "same-origin";

const REQUEST_MAX: Duration = Duration::from_secs(20);

/// Sets the headers that every answer carries.
pub async fn protect(Extract(state): Extract<Shared>, request: Request, next: Next) -> Response {
    let is_static = request.uri().path().starts_with("/static/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, REFERRER_POLICY);
    set(header::X_FRAME_OPTIONS, "DENY");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    if !is_static {
        set(header::CACHE_CONTROL, "no-store");
    }
    if state.options.secure_cookies {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

/// Refuses changes that a page of another site sent.
pub async fn check_origin(
    Extract(state): Extract<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_own_origin(request.headers(), state.options.external_url.as_deref()) {
        return next.run(request).await;
    }
    Failure::Forged.into_response()
}

/// Whether `Origin` names ourselves. Programs send none and are held by the
/// token alone; browsers always send one with a change.
fn is_own_origin(headers: &HeaderMap, external_url: Option<&str>) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = url::Url::parse(origin.to_str().unwrap_or_default()) else {
        return false;
    };
    let own = external_url.and_then(|own| url::Url::parse(own).ok());
    if own.is_some_and(|own| own.origin() == origin.origin()) {
        return true;
    }
    // The browser made the request for the very host that its page came from.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let sent = match (origin.host_str(), origin.port()) {
        (Some(name), Some(port)) => format!("{name}:{port}"),
        (Some(name), None) => name.to_owned(),
        (None, _) => return false,
    };
    sent.eq_ignore_ascii_case(host)
}

/// Ends requests that take too long.
pub async fn limit_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::Busy.into_response(),
    }
}

/// Counts the answer.
pub async fn count(Extract(state): Extract<Shared>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    state.counters.answered(response.status());
    response
}

/// Words a failure for whoever asked: JSON for programs, a page for people.
pub async fn explain(Extract(state): Extract<Shared>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let here = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let reads = request.method() == Method::GET;
    let lang = language(request.headers());
    let wants_page = !path.starts_with("/api/") && !path.starts_with("/-/");
    let mut response = next.run(request).await;
    let Some(failure) = response.extensions_mut().remove::<Failure>() else {
        return response;
    };
    if failure == Failure::LoginNeeded && wants_page {
        let next = if reads && path != "/" { here } else { String::new() };
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("next", &next)
            .finish();
        let to = if next.is_empty() { "/login".to_owned() } else { format!("/login?{query}") };
        return Redirect::to(&to).into_response();
    }
    let zone = state.ruleset.borrow().region.zone.clone();
    let words = Words::new(state.wording.clone(), lang, &zone);
    let message = message(&failure, &words);
    let status = failure.status();
    if !wants_page {
        let body = json!({ "error": { "code": failure.code(), "message": message } });
        return (status, Json(body)).into_response();
    }
    let style = super::pages::statics::style_path();
    let page = ErrorPage { words, style, message, status: status.as_u16() };
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => status.into_response(),
    }
}

fn message(failure: &Failure, words: &Words) -> String {
    match failure {
        Failure::Refused { why } => words.t(why),
        Failure::Invalid { field, message } => format!("{field}: {message}"),
        Failure::Query(wrong) => words.wrong_query(wrong),
        Failure::LoginNeeded
        | Failure::NotFound
        | Failure::Forbidden
        | Failure::Forged
        | Failure::TooLarge
        | Failure::Pending
        | Failure::Busy
        | Failure::Broken => words.of("failure", failure.code()),
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    words: Words,
    style: &'static str,
    message: String,
    status: u16,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(origin: Option<&str>, host: &str, external: Option<&str>, expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        assert_eq!(is_own_origin(&headers, external), expected, "{origin:?} {host} {external:?}");
    }

    #[test]
    fn only_our_own_pages_may_change_something() {
        check(None, "otklik.example", None, true);
        check(Some("http://127.0.0.1:8080"), "127.0.0.1:8080", None, true);
        check(Some("https://otklik.example"), "otklik.example", None, true);
        check(Some("https://evil.example"), "otklik.example", None, false);
        check(Some("http://127.0.0.1:9090"), "127.0.0.1:8080", None, false);
        check(Some("null"), "otklik.example", None, false);
        check(Some("https://otklik.example"), "inner:80", Some("https://otklik.example/"), true);
        check(Some("http://otklik.example"), "inner:80", Some("https://otklik.example/"), false);
    }
}
