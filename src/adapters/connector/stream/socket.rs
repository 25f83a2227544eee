//! One WebSocket: dialled with the care of every other request – no address
//! inside but a configured one, through the proxy where there is one – limited
//! in the size of a frame, and dead when nothing comes, not even the answer to
//! a ping.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use url::Url;

use super::{Ask, Heard, Streams};
use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::error::{ErrorClass, PollError};
use crate::adapters::connector::http;
use crate::adapters::connector::http::{Proxy, Response};
use crate::adapters::connector::patience;

/// For the way there: names, TCP, TLS and the handshake, each.
const STEP_MAX: Duration = Duration::from_secs(10);
/// What a server says instead of a handshake.
const REFUSAL_MAX_BYTES: usize = 64 * 1024;
const REFUSAL_MAX: Duration = Duration::from_secs(3);
/// The head of a proxy's answer.
const PROXY_HEAD_MAX_BYTES: usize = 8 * 1024;

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// A wire that is still there when the handshake on it has failed.
#[derive(Clone)]
struct Kept(Arc<Mutex<Box<dyn Wire>>>);

impl Kept {
    fn lock(&self) -> MutexGuard<'_, Box<dyn Wire>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsyncRead for Kept {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut **self.lock()).poll_read(context, buffer)
    }
}

impl AsyncWrite for Kept {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut **self.lock()).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut **self.lock()).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut **self.lock()).poll_shutdown(context)
    }
}

/// An answer that is no handshake, with as much of its body as came with it.
type Refusal = tungstenite::http::Response<Option<Vec<u8>>>;

/// The body of such an answer, of which a part may be on its way.
async fn whole_body(answer: &Refusal, rest: &mut Kept) -> Vec<u8> {
    let mut body = answer.body().clone().unwrap_or_default();
    let told = answer.headers().get("content-length").and_then(|told| told.to_str().ok());
    let most = told.and_then(|told| told.parse().ok()).unwrap_or(REFUSAL_MAX_BYTES);
    let missing = most.min(REFUSAL_MAX_BYTES).saturating_sub(body.len());
    let mut more = Vec::new();
    let mut rest = rest.take(missing as u64);
    // What came in time says enough, or the status alone does.
    let _ = tokio::time::timeout(REFUSAL_MAX, rest.read_to_end(&mut more)).await;
    body.extend(more);
    body
}

pub(super) struct Socket {
    stream: WebSocketStream<Kept>,
    /// The address without what holds credentials.
    at: String,
    idle: Duration,
    /// A ping is out, and nothing has come since.
    is_asked: bool,
}

impl Streams {
    pub(super) async fn socket(
        &self,
        ask: Ask<'_>,
        url: &Url,
        headers: Vec<(String, String)>,
    ) -> Result<Socket, PollError> {
        let url = with_socket_scheme(url);
        let at = http::shown(&url);
        self.permit(ask, &url).await?;
        let wire = self.dial(&url, ask.base).await?;
        let mut request = url.as_str().into_client_request().map_err(|_| wrong(&at))?;
        let agent = ("user-agent".to_owned(), self.agent.clone());
        for (name, value) in headers.into_iter().chain([agent]) {
            let name: HeaderName = name.parse().map_err(|_| wrong(&at))?;
            let value = HeaderValue::from_str(&value).map_err(|_| wrong(&at))?;
            request.headers_mut().insert(name, value);
        }
        let most = ask.kind.frame_max_bytes;
        let config =
            WebSocketConfig::default().max_message_size(Some(most)).max_frame_size(Some(most));
        let wire = Kept(Arc::new(Mutex::new(wire)));
        let mut rest = wire.clone();
        let hands = tokio_tungstenite::client_async_with_config(request, wire, Some(config));
        let stream = match within(&at, hands).await? {
            Ok((stream, _)) => stream,
            Err(tungstenite::Error::Http(answer)) => {
                let body = whole_body(&answer, &mut rest).await;
                return Err(self.refused(ask, &answer, body));
            }
            Err(other) => return Err(broken(&at, &other)),
        };
        let idle = Duration::from_secs(ask.kind.idle_secs);
        Ok(Socket { stream, at, idle, is_asked: false })
    }

    /// What a server says instead of shaking hands.
    fn refused(&self, ask: Ask<'_>, answer: &Refusal, body: Vec<u8>) -> PollError {
        let header = |name: &str| Some(answer.headers().get(name)?.to_str().ok()?.to_owned());
        let status = answer.status().as_u16();
        let response = Response {
            status,
            body,
            retry_after: patience::retry_at(status, header, self.clock.now()),
            ..Response::default()
        };
        let otherwise = || {
            let detail = format!("HTTP status {status} instead of a WebSocket");
            PollError::new(ErrorClass::Unavailable, detail).with_code(status.to_string())
        };
        self.refusal(ask, &response).unwrap_or_else(otherwise)
    }

    async fn dial(&self, url: &Url, base: Option<&Url>) -> Result<Box<dyn Wire>, PollError> {
        let at = http::shown(url);
        let as_http = with_http_scheme(url);
        let (Some(host), Some(port)) = (url.host_str(), as_http.port_or_known_default()) else {
            return Err(wrong(&at));
        };
        // An IPv6 address stands in brackets in an address alone.
        let name = host.trim_matches(['[', ']']);
        let is_base = http::is_base(&as_http, base.map(with_http_scheme).as_ref());
        if !is_base && http::leads_inside(&as_http) {
            return Err(inside(&at));
        }
        let wire = match &self.proxy {
            Some(proxy) if !is_base => self.tunnel(proxy, host, port, &at).await?,
            Some(_) | None => {
                let found = within(&at, tokio::net::lookup_host((name, port))).await?;
                let found: Vec<SocketAddr> =
                    found.map_err(|error| unreachable_at(&at, &error))?.collect();
                let is_allowed = |one: &&SocketAddr| is_base || http::is_public(one.ip());
                let allowed: Vec<SocketAddr> = found.iter().filter(is_allowed).copied().collect();
                if allowed.is_empty() {
                    return Err(if found.is_empty() { unknown(&at) } else { inside(&at) });
                }
                let wire = within(&at, TcpStream::connect(&allowed[..])).await?;
                wire.map_err(|error| unreachable_at(&at, &error))?
            }
        };
        // Signs of life are small and must not wait for company.
        let _ = wire.set_nodelay(true);
        match as_http.scheme() {
            "https" => secured(wire, name, &at).await,
            _ => Ok(Box::new(wire)),
        }
    }

    /// Asks the proxy for a way through.
    async fn tunnel(
        &self,
        proxy: &Proxy,
        host: &str,
        port: u16,
        at: &str,
    ) -> Result<TcpStream, PollError> {
        let by = http::shown(&proxy.url);
        let no = |what: String| {
            PollError::new(ErrorClass::Unavailable, format!("the proxy {by}: {what}"))
        };
        let (Some(name), Some(proxy_port)) =
            (proxy.url.host_str(), proxy.url.port_or_known_default())
        else {
            return Err(no("has no address".to_owned()));
        };
        let name = name.trim_matches(['[', ']']);
        let wire = within(at, TcpStream::connect((name, proxy_port))).await?;
        let mut wire = wire.map_err(|error| no(error.kind().to_string()))?;
        let mut head = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
        head.push_str(&format!("User-Agent: {}\r\n", self.agent));
        let pair = proxy.credentials.as_ref().and_then(Secret::login_and_password);
        if let Some((login, password)) = pair {
            let pair = format!("{login}:{password}");
            let pair = base64::engine::general_purpose::STANDARD.encode(pair);
            head.push_str(&format!("Proxy-Authorization: Basic {pair}\r\n"));
        }
        head.push_str("\r\n");
        let asked = async {
            wire.write_all(head.as_bytes()).await?;
            proxy_head(&mut wire).await
        };
        let answer = within(at, asked).await?.map_err(|error| no(error.kind().to_string()))?;
        let status = answer.split(' ').nth(1).unwrap_or("");
        if status != "200" {
            return Err(no(format!("answers with status {status}")));
        }
        Ok(wire)
    }
}

/// Byte by byte: what follows the head is not the proxy's.
async fn proxy_head(wire: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if PROXY_HEAD_MAX_BYTES <= head.len() {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        head.push(wire.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

async fn secured(wire: TcpStream, name: &str, at: &str) -> Result<Box<dyn Wire>, PollError> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| wrong(at))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = rustls::pki_types::ServerName::try_from(name.to_owned()).map_err(|_| wrong(at))?;
    let secured = within(at, TlsConnector::from(Arc::new(config)).connect(name, wire)).await?;
    Ok(Box::new(secured.map_err(|error| unreachable_at(at, &error))?))
}

impl Socket {
    pub(super) async fn next(&mut self) -> Result<Heard, PollError> {
        loop {
            // Asked at half of the time, so that a stream on which nothing is
            // written is told from one that is dead.
            let Ok(message) = tokio::time::timeout(self.idle / 2, self.stream.next()).await else {
                self.ask().await?;
                continue;
            };
            self.is_asked = false;
            match message {
                Some(Ok(Message::Text(text))) => {
                    return Ok(Heard::Frames(vec![text.as_str().to_owned()]));
                }
                Some(Ok(Message::Binary(bytes))) => {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    return Ok(Heard::Frames(vec![text]));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {
                    return Ok(Heard::Alive);
                }
                Some(Ok(Message::Close(frame))) => {
                    let why = frame.map(|frame| format!(": {} {}", frame.code, frame.reason));
                    let detail = format!("{} closed{}", self.at, why.unwrap_or_default());
                    return Err(PollError::new(ErrorClass::Unavailable, detail));
                }
                Some(Err(error)) => return Err(broken(&self.at, &error)),
                None => {
                    let detail = format!("the stream ended at {}", self.at);
                    return Err(PollError::new(ErrorClass::Unavailable, detail));
                }
            }
        }
    }

    async fn ask(&mut self) -> Result<(), PollError> {
        if self.is_asked {
            let secs = self.idle.as_secs();
            let detail = format!("nothing came for {secs} seconds from {}", self.at);
            return Err(PollError::new(ErrorClass::Unavailable, detail));
        }
        self.is_asked = true;
        let ping = self.stream.send(Message::Ping(Vec::new().into()));
        within(&self.at, ping).await?.map_err(|error| broken(&self.at, &error))
    }
}

async fn within<T>(at: &str, step: impl Future<Output = T>) -> Result<T, PollError> {
    tokio::time::timeout(STEP_MAX, step).await.map_err(|_| {
        PollError::new(ErrorClass::Unavailable, format!("no answer in time from {at}"))
    })
}

/// Words of the library alone: its errors may hold what a server wrote.
fn broken(at: &str, error: &tungstenite::Error) -> PollError {
    let (class, what) = match error {
        tungstenite::Error::Capacity(_) => {
            (ErrorClass::Malformed, "a frame beyond the limit came from")
        }
        tungstenite::Error::Utf8(_) => (ErrorClass::Malformed, "a frame without sense came from"),
        tungstenite::Error::Protocol(
            tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
        ) => (ErrorClass::Unavailable, "the stream broke off at"),
        tungstenite::Error::Protocol(_) => {
            (ErrorClass::Malformed, "something that is no WebSocket came from")
        }
        _ => (ErrorClass::Unavailable, "the stream broke off at"),
    };
    PollError::new(class, format!("{what} {at}"))
}

fn wrong(at: &str) -> PollError {
    PollError::new(ErrorClass::Config, format!("{at} cannot be connected to"))
}

fn inside(at: &str) -> PollError {
    PollError::new(ErrorClass::Config, format!("{at} leads to an address inside"))
}

fn unknown(at: &str) -> PollError {
    PollError::new(ErrorClass::Unavailable, format!("no address is known for {at}"))
}

fn unreachable_at(at: &str, error: &std::io::Error) -> PollError {
    PollError::new(ErrorClass::Unavailable, format!("cannot connect to {at}: {}", error.kind()))
}

fn with_scheme(url: &Url, plain: &str, secure: &str) -> Url {
    let is_secure = matches!(url.scheme(), "https" | "wss");
    let scheme = if is_secure { secure } else { plain };
    let text = url.as_str().split_once(':').map_or("", |(_, rest)| rest);
    // `Url::set_scheme` refuses some of these changes.
    Url::parse(&format!("{scheme}:{text}")).unwrap_or_else(|_| url.clone())
}

fn with_socket_scheme(url: &Url) -> Url {
    with_scheme(url, "ws", "wss")
}

fn with_http_scheme(url: &Url) -> Url {
    with_scheme(url, "http", "https")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_keep_everything_else() {
        fn check(text: &str, socket: &str, http: &str) {
            let url = Url::parse(text).unwrap();
            assert_eq!(with_socket_scheme(&url).as_str(), socket);
            assert_eq!(with_http_scheme(&url).as_str(), http);
        }
        check("https://a.example/s?k=1", "wss://a.example/s?k=1", "https://a.example/s?k=1");
        check("http://127.0.0.1:9/", "ws://127.0.0.1:9/", "http://127.0.0.1:9/");
        check("wss://a.example:8443/s", "wss://a.example:8443/s", "https://a.example:8443/s");
    }
}
