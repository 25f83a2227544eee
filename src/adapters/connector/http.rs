//! The one HTTP client for networks. Everything that comes back is limited in
//! bytes and seconds; no request reaches an address inside unless that very
//! host was configured as a network's base. Knows no network.

use std::collections::HashMap;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use reqwest::header::HeaderMap;
use url::Host;
use url::Url;

use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::definition::Redirects;
use crate::adapters::connector::error::ErrorClass;
use crate::adapters::connector::error::PollError;
use crate::adapters::connector::names::KnownNames;
use crate::adapters::connector::patience;
use crate::adapters::connector::robots;
use crate::adapters::connector::robots::Robots;
use crate::adapters::connector::session::Sessions;
use crate::adapters::connector::together::Together;
use crate::adapters::connector::token::Tokens;
use crate::model::time::Timestamp;

const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Between two pieces of an answer.
const SILENCE_MAX: Duration = Duration::from_secs(15);
const REDIRECTS_MAX: usize = 5;
const NAME: &str = concat!("otklik/", env!("CARGO_PKG_VERSION"));
const PURPOSE: &str = "public posts for authorities";
/// How long a site's wishes to robots are remembered.
const ROBOTS_FOR: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// Who asks, and by which way.
#[derive(Debug, Clone, Default)]
pub struct ClientOptions {
    /// An address or page where the asker can be reached.
    pub contact: Option<String>,
    pub proxy: Option<Proxy>,
}

/// A proxy for everything public. It resolves the names, so what leads inside
/// behind a public name is then its own to refuse.
#[derive(Debug, Clone)]
pub struct Proxy {
    pub url: Url,
    /// `login:password`.
    pub credentials: Option<Secret>,
}

/// What is asked for and how much may come.
#[derive(Debug, Clone)]
pub struct Request {
    pub url: Url,
    pub headers: Vec<(String, String)>,
    pub body_max_bytes: usize,
    pub request_max: Duration,
    pub redirects: Redirects,
    /// The configured base, whose host and port may be inside.
    pub base: Option<Url>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Where it came from in the end.
    pub address: Option<Url>,
    pub body: Vec<u8>,
    pub content_type: Option<String>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub retry_after: Option<Timestamp>,
    /// The address of the next page, from the `Link` header.
    pub link_next: Option<String>,
    /// Of the page before it, which is the newer one.
    pub link_prev: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Client {
    /// Resolves names to public addresses only.
    guarded: reqwest::Client,
    /// Only for the host of a configured base.
    inside: reqwest::Client,
    contact: Option<String>,
    robots: Arc<Mutex<HashMap<String, (Timestamp, Robots)>>>,
    /// What was given for ids and secrets.
    pub tokens: Tokens,
    pub sessions: Sessions,
    pub names: KnownNames,
    /// Calls that wait for the same turn.
    pub together: Together,
}

/// What is sent with a request.
#[derive(Debug, Clone, Copy)]
pub enum Outgoing<'a> {
    Get,
    Form(&'a str),
    PostJson(&'a str),
    DeleteJson(&'a str),
}

/// How long an answer may be silent between two pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    Usual,
    /// The reader of the answer judges that itself.
    Readers,
}

impl Client {
    pub fn new() -> Result<Client, PollError> {
        Client::with(&ClientOptions::default())
    }

    pub fn with(options: &ClientOptions) -> Result<Client, PollError> {
        Client::built(options, Patience::Usual)
    }

    /// A client for answers that come piece by piece, or only after a while.
    pub fn patient(options: &ClientOptions) -> Result<Client, PollError> {
        Client::built(options, Patience::Readers)
    }

    fn built(options: &ClientOptions, patience: Patience) -> Result<Client, PollError> {
        // A second installation fails, and that is fine: one is there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let build = |builder: reqwest::ClientBuilder| {
            builder.build().map_err(|error| {
                PollError::new(ErrorClass::Config, format!("preparing the HTTP client: {error}"))
            })
        };
        let builder = || match patience {
            Patience::Usual => builder(options.contact.as_deref()).read_timeout(SILENCE_MAX),
            Patience::Readers => builder(options.contact.as_deref()),
        };
        let guarded = match &options.proxy {
            None => builder().dns_resolver(Arc::new(PublicNames)),
            Some(proxy) => builder().proxy(proxied(proxy)?),
        };
        Ok(Client {
            guarded: build(guarded)?,
            inside: build(builder())?,
            contact: options.contact.clone(),
            robots: Arc::default(),
            tokens: Tokens::default(),
            sessions: Sessions::default(),
            names: KnownNames::default(),
            together: Together::default(),
        })
    }

    /// Whether a site lets programs read an address, by its `robots.txt`.
    /// Where that cannot be had, whether we may is not known: ask later.
    pub async fn robots_allow(&self, request: &Request, now: Timestamp) -> Result<bool, PollError> {
        let url = &request.url;
        let site = url.origin().ascii_serialization();
        let path = url[url::Position::BeforePath..url::Position::AfterQuery].to_owned();
        let known = self.robots.lock().ok().and_then(|known| known.get(&site).cloned());
        if let Some((read_at, robots)) = known
            && now.duration_since(read_at).abs() < ROBOTS_FOR
        {
            return Ok(robots.allows(&path));
        }
        let Ok(address) = url.join("/robots.txt") else { return Ok(true) };
        let asked = Request {
            url: address,
            headers: Vec::new(),
            body_max_bytes: robots::READ_MAX_BYTES,
            redirects: Redirects::Follow,
            ..request.clone()
        };
        let answer = self.get_up_to(&asked, Beyond::Cut, now).await?;
        let robots = match answer.status {
            200..=299 => Robots::read(&String::from_utf8_lossy(&answer.body)),
            // A site without the file, or one that keeps it to itself, asks nothing.
            300..=499 => Robots::default(),
            status => {
                let detail = format!("robots.txt of {site} answers with status {status}");
                return Err(PollError::new(ErrorClass::Unavailable, detail));
            }
        };
        let is_allowed = robots.allows(&path);
        if let Ok(mut known) = self.robots.lock() {
            known.insert(site, (now, robots));
        }
        Ok(is_allowed)
    }

    /// Fetches one answer. Statuses are the caller's business; an error is an
    /// answer that did not come whole. Addresses in it have no query.
    pub async fn get(&self, request: &Request, now: Timestamp) -> Result<Response, PollError> {
        self.get_up_to(request, Beyond::Refuse, now).await
    }

    async fn get_up_to(
        &self,
        request: &Request,
        beyond: Beyond,
        now: Timestamp,
    ) -> Result<Response, PollError> {
        let mut url = request.url.clone();
        for _ in 0..=REDIRECTS_MAX {
            let is_first_host = url.host() == request.url.host();
            let response = self.send(request, &url, is_first_host, Outgoing::Get).await?;
            let target = location(&url, response.headers());
            match target.filter(|_| response.status().is_redirection()) {
                Some(target) if request.redirects == Redirects::Follow => url = target,
                _ => return read_up_to(response, request.body_max_bytes, beyond, now).await,
            }
        }
        Err(PollError::new(
            ErrorClass::Unavailable,
            format!("redirects without end at {}", shown(&url)),
        ))
    }

    /// Sends a form; a redirect is an answer of its own.
    pub async fn post_form(
        &self,
        request: &Request,
        form: &str,
        now: Timestamp,
    ) -> Result<Response, PollError> {
        self.ask(request, Outgoing::Form(form), now).await
    }

    /// Sends what it is given; a redirect is an answer of its own.
    pub async fn ask(
        &self,
        request: &Request,
        outgoing: Outgoing<'_>,
        now: Timestamp,
    ) -> Result<Response, PollError> {
        let response = self.send(request, &request.url, true, outgoing).await?;
        read(response, request.body_max_bytes, now).await
    }

    /// Begins an answer that the caller reads piece by piece.
    pub async fn open(&self, request: &Request) -> Result<reqwest::Response, PollError> {
        self.send(request, &request.url, true, Outgoing::Get).await
    }

    async fn send(
        &self,
        request: &Request,
        url: &Url,
        is_first_host: bool,
        outgoing: Outgoing<'_>,
    ) -> Result<reqwest::Response, PollError> {
        let client = match is_base(url, request.base.as_ref()) {
            true => &self.inside,
            false if leads_inside(url) => {
                let detail = format!("{} leads to an address inside", shown(url));
                return Err(PollError::new(ErrorClass::Config, detail));
            }
            false => &self.guarded,
        };
        let json = "application/json";
        let (outgoing, content_type, body) = match outgoing {
            Outgoing::Get => (client.get(url.clone()), None, ""),
            Outgoing::Form(form) => {
                (client.post(url.clone()), Some("application/x-www-form-urlencoded"), form)
            }
            // Where nothing is sent nothing is said about its kind.
            Outgoing::PostJson("") => (client.post(url.clone()).body(""), None, ""),
            Outgoing::PostJson(body) => (client.post(url.clone()), Some(json), body),
            Outgoing::DeleteJson(body) => (client.delete(url.clone()), Some(json), body),
        };
        let outgoing = match content_type {
            Some(content_type) => {
                outgoing.header("content-type", content_type).body(body.to_owned())
            }
            None => outgoing,
        };
        let mut outgoing = outgoing.timeout(request.request_max);
        // Credentials and validators are for the host they were made for.
        for (name, value) in request.headers.iter().filter(|_| is_first_host) {
            outgoing = match name.eq_ignore_ascii_case("user-agent") {
                true => outgoing.header(name, with_contact(value, self.contact.as_deref())),
                false => outgoing.header(name, value),
            };
        }
        outgoing.send().await.map_err(|error| transport(url, error))
    }
}

fn proxied(proxy: &Proxy) -> Result<reqwest::Proxy, PollError> {
    let wrong = |error: reqwest::Error| {
        PollError::new(ErrorClass::Config, format!("the proxy {}: {error}", shown(&proxy.url)))
    };
    let ready = reqwest::Proxy::all(proxy.url.as_str()).map_err(wrong)?;
    Ok(match proxy.credentials.as_ref().and_then(Secret::login_and_password) {
        Some((login, password)) => ready.basic_auth(login, password),
        None => ready,
    })
}

/// How we introduce ourselves.
pub fn user_agent(contact: Option<&str>) -> String {
    with_contact(&format!("{NAME} ({PURPOSE})"), contact)
}

/// A name that we or a definition introduce ourselves by, and where its
/// bearer can be reached.
fn with_contact(name: &str, contact: Option<&str>) -> String {
    // A header holds no line breaks and no letters beyond ASCII.
    let is_plain = |letter: &char| letter.is_ascii_graphic() || *letter == ' ';
    let contact: String = contact.unwrap_or_default().chars().filter(is_plain).collect();
    match name.strip_suffix(')') {
        _ if contact.is_empty() => name.to_owned(),
        Some(open) => format!("{open}; {contact})"),
        None => format!("{name} ({contact})"),
    }
}

fn builder(contact: Option<&str>) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_MAX)
        .user_agent(user_agent(contact))
}

/// What becomes of an answer that is longer than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beyond {
    Refuse,
    /// What was read before is the answer, less what may be half a line.
    Cut,
}

/// The whole of an answer that was begun.
pub async fn read(
    response: reqwest::Response,
    body_max_bytes: usize,
    now: Timestamp,
) -> Result<Response, PollError> {
    read_up_to(response, body_max_bytes, Beyond::Refuse, now).await
}

async fn read_up_to(
    mut response: reqwest::Response,
    body_max_bytes: usize,
    beyond: Beyond,
    now: Timestamp,
) -> Result<Response, PollError> {
    let url = response.url().clone();
    let header = |name: &str| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let mut answer = Response {
        status: response.status().as_u16(),
        address: Some(url.clone()),
        body: Vec::new(),
        content_type: header("content-type"),
        etag: header("etag"),
        last_modified: header("last-modified"),
        retry_after: patience::retry_at(response.status().as_u16(), header, now),
        link_next: header("link").and_then(|text| link(&text, "next")),
        link_prev: header("link").and_then(|text| link(&text, "prev")),
    };
    // Pieces arrive decompressed, so the limit also holds for what was packed
    // small to become large.
    while let Some(piece) = response.chunk().await.map_err(|error| transport(&url, error))? {
        if body_max_bytes < answer.body.len() + piece.len() {
            if beyond == Beyond::Cut {
                let room = body_max_bytes - answer.body.len();
                answer.body.extend_from_slice(&piece[..room]);
                let end = answer.body.iter().rposition(|byte| *byte == b'\n');
                answer.body.truncate(end.unwrap_or(0));
                return Ok(answer);
            }
            let detail = format!("more than {body_max_bytes} bytes from {}", shown(&url));
            return Err(PollError::new(ErrorClass::Malformed, detail));
        }
        answer.body.extend_from_slice(&piece);
    }
    Ok(answer)
}

fn transport(url: &Url, error: reqwest::Error) -> PollError {
    let what = if error.is_timeout() {
        "no answer in time from"
    } else if error.is_connect() {
        "cannot connect to"
    } else {
        "the answer broke off at"
    };
    if source_says_inside(&error) {
        return PollError::new(
            ErrorClass::Config,
            format!("{} leads to an address inside", shown(url)),
        );
    }
    PollError::new(ErrorClass::Unavailable, format!("{what} {}", shown(url)))
}

fn source_says_inside(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.is::<OnlyInside>() {
            return true;
        }
        source = inner.source();
    }
    false
}

/// An address without query, user and fragment: those hold credentials.
pub fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or("");
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}{}", url.scheme(), url.path())
}

fn location(url: &Url, headers: &HeaderMap) -> Option<Url> {
    let target = headers.get("location")?.to_str().ok()?;
    url.join(target).ok()
}

fn link(text: &str, relation: &str) -> Option<String> {
    let (quoted, bare) = (format!("rel=\"{relation}\""), format!("rel={relation}"));
    text.split(',').find_map(|link| {
        let (address, parameters) = link.split_once(';')?;
        let is_it = parameters.contains(&quoted) || parameters.contains(&bare);
        let address = address.trim().strip_prefix('<')?.strip_suffix('>')?;
        is_it.then(|| address.to_owned())
    })
}

/// Whether an address lies at a base inside that the configuration names.
pub fn is_base(url: &Url, base: Option<&Url>) -> bool {
    base.is_some_and(|base| {
        base.host().is_some()
            && base.host() == url.host()
            && base.port_or_known_default() == url.port_or_known_default()
            && leads_inside(base)
    })
}

/// Whether an address is, by its look alone, not on the public internet.
pub fn leads_inside(url: &Url) -> bool {
    if !matches!(url.scheme(), "http" | "https") {
        return true;
    }
    match url.host() {
        Some(Host::Ipv4(address)) => !is_public(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => !is_public(IpAddr::V6(address)),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost") || name.ends_with(".local")
        }
        None => true,
    }
}

/// Whether an address belongs to the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_for_protocols = a == 192 && b == 0 && c == 0;
    let is_for_benchmarks = a == 198 && (18..20).contains(&b);
    !(a == 0
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || is_shared
        || is_for_protocols
        || is_for_benchmarks
        || 240 <= a)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    // NAT64 and 6to4 carry an IPv4 address that decides.
    if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        return is_public_v4(v4_of(segments[6], segments[7]));
    }
    if segments[0] == 0x2002 {
        return is_public_v4(v4_of(segments[1], segments[2]));
    }
    let is_unique_local = segments[0] & 0xfe00 == 0xfc00;
    let is_link_local = segments[0] & 0xffc0 == 0xfe80;
    let is_documentation = segments[0] == 0x2001 && segments[1] == 0xdb8;
    let is_compatible = segments[..6] == [0; 6];
    !(is_unique_local
        || is_link_local
        || is_documentation
        || is_compatible
        || address.is_multicast())
}

fn v4_of(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

/// Resolves names and keeps the public addresses: a name that anybody can
/// point anywhere must not lead a request inside.
struct PublicNames;

#[derive(Debug, thiserror::Error)]
#[error("the name leads to addresses inside only")]
struct OnlyInside;

impl reqwest::dns::Resolve for PublicNames {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<_> =
                found.into_iter().filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(Box::from(OnlyInside));
            }
            let addresses: reqwest::dns::Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests;
