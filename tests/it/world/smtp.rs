//! A real mail server, `python3 -m aiosmtpd`, for as long as a test needs it,
//! and servers that speak only as much SMTP as their bad manners take.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Patience with a starting process; tests do not sleep for a fixed time.
const STARTS_WITHIN_TRIES: u32 = 200;

/// Keeps what it receives in a maildir.
pub struct MailServer {
    process: Child,
    pub port: u16,
    maildir: PathBuf,
    _dir: tempfile::TempDir,
}

impl MailServer {
    pub fn start() -> MailServer {
        let dir = tempfile::tempdir().unwrap();
        let maildir = dir.path().join("mail");
        let port = free_port();
        // The system's own interpreter: Debian's package is installed for it.
        let process = Command::new("/usr/bin/python3")
            .args(["-m", "aiosmtpd", "-n", "-l", &format!("127.0.0.1:{port}")])
            .args(["-c", "aiosmtpd.handlers.Mailbox"])
            .arg(&maildir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("python3-aiosmtpd is installed");
        let server = MailServer { process, port, maildir, _dir: dir };
        server.wait_until_it_listens();
        server
    }

    fn wait_until_it_listens(&self) {
        for _ in 0..STARTS_WITHIN_TRIES {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("aiosmtpd does not listen; is python3-aiosmtpd installed?");
    }

    /// The letters received so far, read by Python's own mail parser.
    pub fn letters(&self) -> Vec<Letter> {
        let output = Command::new("/usr/bin/python3")
            .args(["-c", READ_MAILDIR])
            .arg(&self.maildir)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

#[derive(Debug, serde::Deserialize)]
pub struct Letter {
    pub subject: String,
    pub from: String,
    pub to: String,
    pub message_id: String,
    pub auto_submitted: String,
    pub body: String,
}

const READ_MAILDIR: &str = r#"
import email, email.policy, json, pathlib, sys
letters = []
for path in sorted(pathlib.Path(sys.argv[1], "new").glob("*")):
    letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    letters.append({
        "subject": str(letter["Subject"]),
        "from": str(letter["From"]),
        "to": str(letter["To"]),
        "message_id": str(letter["Message-ID"]),
        "auto_submitted": str(letter["Auto-Submitted"]),
        "body": letter.get_body().get_content(),
    })
print(json.dumps(letters))
"#;

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Answers every recipient with this line (`550 5.1.1 no such user`).
pub fn refusing_server(answer: &'static str) -> u16 {
    serve(move |mut stream| {
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        stream.write_all(b"220 here\r\n").ok()?;
        while let Some(Ok(line)) = lines.next() {
            let verb = line.get(..4).unwrap_or("").to_ascii_uppercase();
            let answer = match verb.as_str() {
                "RCPT" => answer,
                "QUIT" => "221 bye",
                _ => "250 fine",
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).ok()?;
        }
        Some(())
    })
}

/// Takes the connection and never says a word.
pub fn hanging_server() -> u16 {
    serve(|stream| {
        let mut lines = BufReader::new(stream).lines();
        while let Some(Ok(_)) = lines.next() {}
        Some(())
    })
}

fn serve(talk: impl Fn(TcpStream) -> Option<()> + Send + Sync + Clone + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let talk = talk.clone();
            std::thread::spawn(move || talk(stream));
        }
    });
    port
}
