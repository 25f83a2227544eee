//! A mail server for the demo: takes every letter and keeps none, so that
//! notices are really delivered over SMTP. Speaks the least that a sender
//! needs; knows nothing of notices.

use std::future::Future;
use std::net::Ipv4Addr;
use std::pin::Pin;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A line longer than this is not mail.
const LINE_MAX_BYTES: usize = 64 * 1024;
/// Senders that are talked to at the same time.
const SENDERS_MAX: usize = 64;

pub struct MailServer {
    pub port: u16,
    /// Serves until it is dropped.
    pub server: Pin<Box<dyn Future<Output = ()> + Send>>,
}

pub async fn start() -> std::io::Result<MailServer> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let port = listener.local_addr()?.port();
    Ok(MailServer { port, server: Box::pin(serve(listener)) })
}

async fn serve(listener: TcpListener) {
    let mut senders = JoinSet::new();
    loop {
        if SENDERS_MAX <= senders.len() {
            senders.join_next().await;
        }
        if let Ok((stream, _)) = listener.accept().await {
            // A sender that breaks off is its own business.
            senders.spawn(async move { drop(talk(stream).await) });
        }
    }
}

async fn talk(stream: TcpStream) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    write.write_all(b"220 demo ESMTP\r\n").await?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if read.read_until(b'\n', &mut line).await? == 0 || LINE_MAX_BYTES < line.len() {
            return Ok(());
        }
        let verb = line.get(..4).map(<[u8]>::to_ascii_uppercase).unwrap_or_default();
        match verb.as_slice() {
            b"DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                letter(&mut read).await?;
                write.write_all(b"250 taken\r\n").await?;
            }
            b"QUIT" => return write.write_all(b"221 bye\r\n").await,
            b"EHLO" => write.write_all(b"250-demo\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n").await?,
            _ => write.write_all(b"250 ok\r\n").await?,
        }
    }
}

/// Reads a letter up to the line with the single dot.
async fn letter(read: &mut (impl AsyncBufReadExt + Unpin)) -> std::io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = read.read_until(b'\n', &mut line).await?;
        if length == 0 || line == b".\r\n" || line == b".\n" {
            return Ok(());
        }
    }
}
