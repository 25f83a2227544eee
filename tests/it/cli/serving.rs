//! `otklik serve`: it starts, says that it is ready, takes changed rules and
//! refuses broken ones, stops in time, and survives its own death.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use super::Place;
use crate::world::network::NetworkServer;

/// How long anything may take on a busy machine.
const WAIT_MAX: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// What the contract promises to whoever stops the server.
const STOP_MAX: Duration = Duration::from_secs(10);

pub struct Server {
    pub child: Child,
    pub address: String,
    log: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    pub fn start(place: &Place) -> Server {
        let mut child = place.command(&["serve", "--config", "otklik.toml"]).spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = log.clone();
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                let entry = serde_json::from_str(&line).unwrap_or(Value::String(line));
                lines.lock().unwrap().push(entry);
            }
        });
        let mut server = Server { child, address: String::new(), log };
        let serves = server.logged("otklik serves");
        server.address = serves["fields"]["address"].as_str().unwrap().to_owned();
        server
    }

    /// Waits for a line of the log.
    #[track_caller]
    fn logged(&mut self, words: &str) -> Value {
        let mut found = Value::Null;
        let log = self.log.clone();
        self.until(words, |_| {
            let lines = log.lock().unwrap();
            let line = lines.iter().find(|line| line.to_string().contains(words));
            line.inspect(|line| found = (*line).clone()).is_some()
        });
        found
    }

    /// All that was logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().iter().map(|line| format!("{line}\n")).collect()
    }

    #[track_caller]
    pub fn until(&mut self, what: &str, mut is_so: impl FnMut(&Server) -> bool) {
        let mut waited = Duration::ZERO;
        while !is_so(self) {
            let ended = self.child.try_wait().unwrap();
            let log = || self.log.lock().unwrap().clone();
            assert!(ended.is_none(), "{ended:?} before «{what}»: {:#?}", log());
            assert!(waited < WAIT_MAX, "no «{what}»: {:#?}", log());
            std::thread::sleep(LOOK_AGAIN);
            waited += LOOK_AGAIN;
        }
    }

    pub fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(WAIT_MAX)).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[track_caller]
    fn answers(&mut self, path: &str) {
        self.until(path, |server| server.get(path).starts_with("HTTP/1.1 200"));
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Tells it to stop and waits for its end.
    #[track_caller]
    pub fn stop(self) {
        self.signal("-TERM");
        self.ends();
    }

    #[track_caller]
    fn ends(mut self) {
        let mut waited = Duration::ZERO;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(waited < STOP_MAX, "still running: {:#?}", self.log.lock().unwrap());
            std::thread::sleep(LOOK_AGAIN);
            waited += LOOK_AGAIN;
        };
        assert_eq!(status.code(), Some(0), "{:#?}", self.log.lock().unwrap());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed leaves nobody behind; one that passed has stopped it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A place whose only source is a feed of the given server.
fn place(network: &NetworkServer) -> Place {
    let place = Place::new();
    place.copy_shipped("regions/vologda", "region");
    place.copy_shipped("keywords", "keywords");
    let source = "[[source]]\nid = \"rss:feed:town\"\nnetwork = \"rss\"\nkind = \"feed\"\n\
                  target = \"/feed.xml\"\nname = \"Город\"\npoll_interval_secs = 1\n";
    place.write("region/sources.toml", source);
    let config = format!(
        "data_dir = \"data\"\nlisten = \"127.0.0.1:0\"\nregion_dir = \"region\"\n\
         keywords_dir = \"keywords\"\n[networks.rss]\nbase_url = \"{}\"\nper_minute = 6000\n[log]\nformat = \"json\"\n",
        network.base
    );
    place.write("otklik.toml", config);
    place
}

fn network() -> NetworkServer {
    let network = NetworkServer::start(100);
    network.set_now(1_000_000);
    network
}

fn stored(place: &Place) -> usize {
    place.run(&["export", "posts"]).exits(0).lines().len()
}

#[test]
fn a_server_lives_reloads_and_stops() {
    let network = network();
    network.publish(1, 1, "Не горит фонарь у дома 14 на улице Ленина в Вологде");
    let place = place(&network);
    let mut server = Server::start(&place);
    server.answers("/-/healthy");
    server.answers("/-/ready");
    server.until("the first post", |_| stored(&place) == 1);

    let roads = std::fs::read_to_string(place.path("keywords/roads.toml")).unwrap();
    place.prepend("keywords/roads.toml", "colour = 1\n");
    server.signal("-HUP");
    let refused = server.logged("not reloaded").to_string();
    for word in ["keywords/roads.toml:1", "colour"] {
        assert!(refused.contains(word), "{refused}");
    }
    server.answers("/-/ready");
    network.publish(2, 2, "Вологда, Ленина 14, фонарь не горит вторую неделю");
    server.until("a post under the old rules", |_| stored(&place) == 2);
    let explained = ["explain", "rss:2", "--output", "json"];
    let posts = place.run(&["export", "posts"]).exits(0).lines();
    let key = format!("rss:{}", posts[1]["native_id"].as_str().unwrap());
    server.until("an incident of the old rules", |_| {
        let answer = place.run(&["explain", &key, explained[2], explained[3]]).exits(0).json();
        !answer["memberships"].as_array().unwrap().is_empty()
    });

    place.write("keywords/roads.toml", format!("# changed\n{roads}"));
    server.signal("-HUP");
    server.logged("reloaded: ruleset");
    server.stop();
    assert_eq!(stored(&place), 2);
}

#[test]
fn a_port_in_use_is_said_and_nothing_else() {
    let place = place(&network());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let config = std::fs::read_to_string(place.path("otklik.toml")).unwrap();
    place.write("otklik.toml", config.replace("127.0.0.1:0", &address));
    let ran = place.told(&["serve", "--config", "otklik.toml"], "").exits(1);
    assert!(!ran.err.contains("panicked"), "{ran}");
    ran.says(&["listening on", &address]);
}

#[test]
fn a_server_killed_again_and_again_loses_nothing() {
    let network = network();
    let place = place(&network);
    let mut published = 0;
    for round in 0..3 {
        let mut server = Server::start(&place);
        for _ in 0..5 {
            published += 1;
            let text = format!("Яма на проспекте Победы {published} в Череповце");
            network.publish(published, published as i64, &text);
        }
        // Killed with some of them on the way, whatever it was doing.
        server.until("something new", |_| stored(&place) > round * 5);
        server.child.kill().unwrap();
        server.child.wait().unwrap();
    }
    let mut server = Server::start(&place);
    server.until("everything", |_| stored(&place) == published as usize);
    server.answers("/-/ready");
    server.stop();
    let posts = place.run(&["export", "posts"]).exits(0).lines();
    let texts: std::collections::BTreeSet<String> =
        posts.iter().map(|post| post["text"].to_string()).collect();
    assert_eq!((posts.len(), texts.len()), (published as usize, published as usize));
    place.run(&["journal", "verify"]).exits(0);
}

/// Goal: who starts the demo and stops reading what it prints still has it.
/// Method: standard output and error are pipes whose readers are gone.
#[test]
fn a_demo_that_nobody_listens_to_serves_all_the_same() {
    let place = Place::new();
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let address = format!("127.0.0.1:{port}");
    let command = ["demo", "--listen", &address, "--data-dir", "data"];
    let mut child = place.command(&command).stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    let mut server = Server { child, address, log: Arc::default() };
    server.until("an open port", |server| TcpStream::connect(&server.address).is_ok());
    server.answers("/-/ready");
    // It had time to print, and to write lines of its log.
    std::thread::sleep(Duration::from_secs(1));
    server.answers("/-/healthy");
    server.signal("-INT");
    server.ends();
}
