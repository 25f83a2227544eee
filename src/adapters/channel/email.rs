//! Mail over SMTP. An error is told by its class and code alone: the words of
//! a mail server repeat the address to which it refused to deliver.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use sha2::{Digest, Sha256};

use crate::model::notice::{Attempt, Trouble};

use super::{ChannelError, Message};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailTls {
    /// Only inside a closed network.
    None,
    /// Begins in the clear and refuses to go on without TLS.
    StartTls,
    /// TLS from the first byte.
    Wrapped,
}

#[derive(Debug, Clone)]
pub struct EmailOptions {
    pub host: String,
    pub port: u16,
    pub tls: EmailTls,
    /// A further authority in PEM, where the region has its own.
    pub ca_file: Option<PathBuf>,
    pub login: Option<String>,
    pub password_file: Option<PathBuf>,
    /// `Отклик <otklik@region.example>`.
    pub from: String,
    /// Of a whole delivery, from connecting to the server's last word.
    pub timeout: Duration,
}

pub struct Email {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    timeout: Duration,
}

impl Email {
    pub fn new(options: &EmailOptions) -> Result<Email, ChannelError> {
        let from: Mailbox = options.from.parse().map_err(|_| ChannelError::Sender)?;
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(options.host.as_str())
                .port(options.port)
                .timeout(Some(options.timeout))
                .tls(tls(options)?);
        if let Some(login) = &options.login {
            let password = match &options.password_file {
                Some(path) => read(path)?.trim_end_matches(['\r', '\n']).to_owned(),
                None => String::new(),
            };
            builder = builder.credentials(Credentials::new(login.clone(), password));
        }
        Ok(Email { transport: builder.build(), from, timeout: options.timeout })
    }

    pub async fn send(&self, address: &str, message: &Message) -> Attempt {
        let Ok(letter) = self.letter(address, message) else {
            return refused(Trouble::BadAddress, "the address is not an e-mail address");
        };
        match tokio::time::timeout(self.timeout, self.transport.send(letter)).await {
            Ok(Ok(_)) => Attempt::Sent,
            Ok(Err(error)) => classify(&error),
            Err(_) => retry(Trouble::Timeout, "the mail server did not answer in time"),
        }
    }

    fn letter(&self, address: &str, message: &Message) -> Result<lettre::Message, ()> {
        let to: Mailbox = address.parse().map_err(|_| ())?;
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        lettre::Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(message.subject.clone())
            .message_id(Some(message_id(&message.key, self.from.email.domain())))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(message.body.clone())
            .map_err(|_| ())
    }
}

/// The same for every attempt, so that a mailbox can drop a repetition.
fn message_id(key: &str, domain: &str) -> String {
    let digest = Sha256::digest(key.as_bytes());
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("<{hex}@{domain}>")
}

fn tls(options: &EmailOptions) -> Result<Tls, ChannelError> {
    let parameters = || -> Result<TlsParameters, ChannelError> {
        let failed = |error: Error| ChannelError::Tls(error.to_string());
        let mut builder = TlsParameters::builder(options.host.clone());
        if let Some(path) = &options.ca_file {
            let pem = read(path)?;
            let authority = Certificate::from_pem(pem.as_bytes()).map_err(failed)?;
            builder = builder.add_root_certificate(authority);
        }
        builder.build().map_err(failed)
    };
    match options.tls {
        EmailTls::None => Ok(Tls::None),
        EmailTls::StartTls => Ok(Tls::Required(parameters()?)),
        EmailTls::Wrapped => Ok(Tls::Wrapper(parameters()?)),
    }
}

fn read(path: &Path) -> Result<String, ChannelError> {
    std::fs::read_to_string(path)
        .map_err(|source| ChannelError::Unreadable { path: path.to_owned(), source })
}

fn classify(error: &Error) -> Attempt {
    let code = error.status().map(|code| code.to_string());
    match code.as_deref() {
        // Our login or our encryption is refused, not the recipient: a person
        // mends that, and the letters must still be there then.
        Some(code @ ("454" | "530" | "534" | "535" | "538")) => {
            let detail = format!("the mail server does not let us in: SMTP {code}");
            retry(Trouble::NotLetIn, &detail)
        }
        Some(code) if error.is_permanent() => {
            refused(Trouble::Refused, &format!("the mail server refuses: SMTP {code}"))
        }
        Some(code) => {
            retry(Trouble::AsksToWait, &format!("the mail server asks to wait: SMTP {code}"))
        }
        None if error.is_timeout() => {
            retry(Trouble::Timeout, "the mail server did not answer in time")
        }
        None if error.is_tls() => retry(Trouble::NoTls, "no TLS connection to the mail server"),
        None => retry(Trouble::NoConnection, "no connection to the mail server"),
    }
}

fn retry(trouble: Trouble, detail: &str) -> Attempt {
    Attempt::Retry { error: trouble.told(detail), retry_at: None }
}

fn refused(trouble: Trouble, detail: &str) -> Attempt {
    Attempt::Refused { error: trouble.told(detail) }
}
