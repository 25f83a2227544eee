//! The web workplace over a real pipeline: on a port of this machine, with one
//! account a role, a clock that the test sets, and a person's browser.

use std::sync::{Arc, LazyLock};

use otklik::adapters::ruleset_files::{hash, shipped};
use otklik::adapters::store::Store;
use otklik::adapters::store::commands::{Command, Ingest};
use otklik::app::parts::Running;
use otklik::app::workplace;
use otklik::model::body::BodyId;
use otklik::model::journal::NewEntry;
use otklik::model::person::{Person, Reach, Role};
use otklik::model::post::Post;
use otklik::model::ruleset::RulesetFiles;
use otklik::model::time::Clock;
use otklik::pipeline::callbacks::CallbackOptions;
use otklik::pipeline::stage::Board;
use otklik::rules::ruleset::parse;
use otklik::rules::wording::Wording;
use otklik::server::ServerOptions;
use otklik::server::password::hash_password;
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::clock::SetClock;

pub const PASSWORD: &str = "правильный пароль";

static PASSWORD_HASH: LazyLock<String> = LazyLock::new(|| hash_password(PASSWORD).unwrap());

pub struct Workplace {
    pub base: String,
    pub clock: Arc<SetClock>,
    pub store: Store,
    running: Running,
    _dir: tempfile::TempDir,
}

impl Workplace {
    /// Opens with one account a role; the login is the role's name.
    pub async fn open(now: &str) -> Workplace {
        Workplace::called_by(now, CallbackOptions::default()).await
    }

    /// The same, with communities that send their events.
    pub async fn called_by(now: &str, callbacks: CallbackOptions) -> Workplace {
        Workplace::start(now, shipped("vologda").unwrap(), callbacks).await
    }

    /// The same, under rules of one's own.
    pub async fn under(now: &str, files: RulesetFiles) -> Workplace {
        Workplace::start(now, files, CallbackOptions::default()).await
    }

    async fn start(now: &str, files: RulesetFiles, callbacks: CallbackOptions) -> Workplace {
        // Who is first provides the ciphers for the whole test program.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(SetClock::at(now));
        let ruleset = parse(&files, hash(&files)).unwrap();
        let mut running = Running::start(dir.path(), files, ruleset, clock.clone()).await.unwrap();
        let store = running.store.clone();
        let options = ServerOptions::default();
        let wording = Arc::new(Wording::new());
        let reload: otklik::server::Reload = Arc::new(|| Ok("nothing new".to_owned()));
        let address =
            workplace::start(&mut running, "127.0.0.1:0", options, wording, reload, callbacks)
                .await
                .unwrap();
        let world =
            Workplace { base: format!("http://{address}"), clock, store, running, _dir: dir };
        for role in Role::ALL {
            world.account(role.as_str(), role, Reach::default()).await;
        }
        world
    }

    pub async fn account(&self, login: &str, role: Role, reach: Reach) {
        let person = Person {
            login: login.to_owned(),
            name: format!("Человек {login}"),
            role,
            reach,
            disabled: false,
            language: "ru".to_owned(),
        };
        let entry = NewEntry { at: self.clock.now(), ..NewEntry::default() };
        let password_hash = Some(PASSWORD_HASH.clone());
        self.store.write_async(Command::SavePerson { person, password_hash, entry }).await.unwrap();
    }

    /// Stores posts and waits until they are incidents and can be found.
    pub async fn posts(&self, posts: Vec<Post>) {
        let seen_at = self.clock.now();
        let ingest = Ingest { seen_at, posts, rejected: Vec::new(), gap: None, poll: None };
        self.store.write_async(Command::Ingest(ingest)).await.unwrap();
        let last = self.store.read(|reader| reader.last_position()).unwrap();
        let mut commits = self.store.commits();
        loop {
            commits.borrow_and_update();
            let grouped = self.store.read(|reader| reader.stage("cluster")).unwrap();
            let indexed = self.running.index.indexed().unwrap();
            if last <= grouped && last <= indexed {
                return;
            }
            // The indexer commits outside the store: look again soon.
            let pause = std::time::Duration::from_millis(20);
            let _ = tokio::time::timeout(pause, commits.changed()).await;
        }
    }

    pub async fn stop(self) {
        let Workplace { running, store, .. } = self;
        drop(store);
        running.stop().await;
    }

    pub fn board(&self) -> Arc<Board> {
        self.running.board.clone()
    }

    /// A browser in which nobody is logged in.
    pub fn stranger(&self) -> Browser {
        Browser::at(&self.base)
    }

    /// A browser in which somebody is logged in.
    pub async fn browser(&self, login: &str) -> Browser {
        let mut browser = self.stranger();
        let entered = browser.log_in(login, PASSWORD).await;
        assert_eq!(entered.status, StatusCode::OK, "{login}: {}", entered.text);
        browser
    }
}

/// A reach of one body.
pub fn body(id: &str) -> Reach {
    Reach { bodies: vec![BodyId(id.to_owned())], ..Reach::default() }
}

pub struct Browser {
    client: reqwest::Client,
    base: String,
    pub cookie: String,
    pub csrf: String,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Browser {
    /// Before a server of that address, with nobody logged in.
    pub fn at(base: &str) -> Browser {
        // Who is first provides the ciphers for the whole test program.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Browser { client, base: base.to_owned(), cookie: String::new(), csrf: String::new() }
    }

    /// Logs in through the API and keeps cookie and token.
    pub async fn log_in(&mut self, login: &str, password: &str) -> Answer {
        let body = serde_json::json!({ "login": login, "password": password }).to_string();
        let answer = self.send(Method::POST, "/api/v1/session", &[], body).await;
        if answer.status == StatusCode::OK {
            let cookie = answer.headers.get(SET_COOKIE).unwrap().to_str().unwrap();
            self.cookie = cookie.split(';').next().unwrap().to_owned();
            self.csrf = answer.json()["csrf_token"].as_str().unwrap().to_owned();
        }
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], String::new()).await
    }

    /// A form of a page of ours.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("csrf", self.csrf.as_str())];
        all.extend(fields);
        self.bare_form(path, &all, &[]).await
    }

    /// A form with just these fields and headers.
    pub async fn bare_form(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let body =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let headers: Vec<_> = std::iter::once(kind).chain(headers.iter().copied()).collect();
        self.send(Method::POST, path, &headers, body).await
    }

    /// A change through the API.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        let headers = [("x-csrf-token", self.csrf.as_str())];
        self.send(Method::POST, path, &headers, body.to_string()).await
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.base)).body(body);
        if !self.cookie.is_empty() {
            request = request.header(COOKIE, &self.cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        Answer {
            status: response.status(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }
}
