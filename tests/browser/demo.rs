//! The running demo: the binary itself, what it printed, its end.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Seek;
use std::net::TcpListener;
use std::process::Child;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use crate::browser::Browser;

/// What a promise of ten seconds may take on a busy machine without optimisation.
const GENEROUS: Duration = Duration::from_secs(120);
const PROMISED: Duration = Duration::from_secs(10);

const STARTS_MAX: usize = 3;

pub struct Demo {
    process: Child,
    _output: BufReader<ChildStdout>,
    pub address: String,
    pub password: String,
    /// When the address was printed.
    ready_at: Instant,
}

impl Demo {
    /// A free port may be taken by another program before the demo listens on it.
    pub fn start() -> Demo {
        let mut reasons = Vec::new();
        for _ in 0..STARTS_MAX {
            match Demo::try_start() {
                Ok(demo) => return demo,
                Err(reason) => reasons.push(reason),
            }
        }
        panic!("the demo ended before it said its password: {reasons:#?}");
    }

    fn try_start() -> Result<Demo, String> {
        let port = free_port();
        let mut errors = tempfile::tempfile().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_otklik"))
            .args(["demo", "--listen", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::piped())
            .stderr(Stdio::from(errors.try_clone().unwrap()))
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let (mut address, mut password) = (String::new(), String::new());
        let mut line = String::new();
        while 0 < output.read_line(&mut line).unwrap() {
            if let Some((_, printed)) = line.split_once("is running: ") {
                address = printed.trim().to_owned();
            }
            if let Some((_, printed)) = line.split_once("password for all: ") {
                password = printed.trim().to_owned();
            }
            // The greeting's last line. The pipe stays open: who prints into a
            // closed one is ended.
            if line.starts_with("Ctrl+C") {
                assert_eq!(address, format!("http://127.0.0.1:{port}"));
                let ready_at = Instant::now();
                return Ok(Demo { process, _output: output, address, password, ready_at });
            }
            line.clear();
        }
        let status = process.wait().unwrap();
        let mut told = String::new();
        errors.rewind().and_then(|()| errors.read_to_string(&mut told)).unwrap();
        Err(format!("{status}: {told}"))
    }

    /// Waits until the inbox shows an incident that several networks write
    /// about, and returns its number.
    pub async fn incident_of_several_networks(&self, browser: &Browser) -> u64 {
        let deadline = if cfg!(debug_assertions) { GENEROUS } else { PROMISED };
        loop {
            browser.open("/triage").await;
            let number = browser
                .ask(
                    "const row = [...document.querySelectorAll('#rows > .row')]
                       .find((row) => 1 < row.querySelectorAll('.net').length);
                     return row ? Number(row.dataset.number) : null;",
                )
                .await
                .as_u64();
            let waited = self.ready_at.elapsed();
            if let Some(number) = number {
                println!("the first incident of several networks after {waited:.1?}");
                return number;
            }
            assert!(waited < deadline, "no incident of several networks in {waited:?}");
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Asked to stop rather than killed: it removes its own data then.
        let id = self.process.id().to_string();
        let asked = Command::new("kill").args(["-INT", &id]).status();
        for _ in 0..100 {
            if asked.is_err() || matches!(self.process.try_wait(), Ok(Some(_))) {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
