//! One Chromium with a fresh profile: opening, looking, clicking, typing. Every
//! step waits a little for what it needs and says what it missed.

use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use axum::http::Method;
use fantoccini::Client;
use fantoccini::ClientBuilder;
use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

use crate::demo::Demo;
use crate::demo::free_port;

const PATIENCE: Duration = Duration::from_secs(20);
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

pub const DESK: (u32, u32) = (1440, 900);
pub const PHONE: (u32, u32) = (360, 740);

pub struct Browser {
    pub client: Client,
    address: String,
    driver: Child,
    _profile: TempDir,
}

/// A request that chromedriver has beyond the standard.
#[derive(Debug)]
struct Beyond {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Beyond {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

impl Browser {
    pub async fn start(demo: &Demo) -> Browser {
        Browser::start_with(demo, &[]).await
    }

    pub async fn without_script(demo: &Demo) -> Browser {
        Browser::start_with(demo, &["--blink-settings=scriptEnabled=false"]).await
    }

    async fn start_with(demo: &Demo, more: &[&str]) -> Browser {
        let port = free_port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is needed: ./test installs it");
        let profile = TempDir::new().unwrap();
        let mut flags: Vec<String> = FLAGS.iter().chain(more).map(ToString::to_string).collect();
        flags.push(format!("--user-data-dir={}", profile.path().display()));
        flags.push(format!("--window-size={},{}", DESK.0, DESK.1));
        let wanted = json!({
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "args": flags,
                "prefs": { "intl.accept_languages": "ru,ru-RU" },
            },
        });
        let Value::Object(wanted) = wanted else { unreachable!("an object was written") };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted);
        let url = format!("http://127.0.0.1:{port}");
        let began = Instant::now();
        let client = loop {
            match builder.connect(&url).await {
                Ok(client) => break client,
                Err(error) => assert!(began.elapsed() < PATIENCE, "no browser: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        Browser { client, address: demo.address.clone(), driver, _profile: profile }
    }

    /// Opens the path of ours.
    pub async fn open(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.address)).await.unwrap();
    }

    pub async fn log_in(&self, login: &str, password: &str) {
        self.open("/login").await;
        self.fill("[name=login]", login).await;
        self.fill("[name=password]", password).await;
        self.click("form[action='/login'] button").await;
        self.see("header.top").await;
    }

    pub async fn log_out(&self) {
        self.click("form[action='/logout'] button").await;
        self.see("input[name=password]").await;
    }

    /// Path and query of where we are.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url[url::Position::BeforePath..].to_owned()
    }

    /// The element, as soon as it is there.
    pub async fn see(&self, css: &str) -> Element {
        let began = Instant::now();
        loop {
            if let Ok(found) = self.client.find(Locator::Css(css)).await {
                return found;
            }
            if PATIENCE < began.elapsed() {
                let text = self.page_text().await;
                panic!("no {css} at {}:\n{text}", self.path().await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Text of the element, as soon as it has the words.
    pub async fn see_text(&self, css: &str, words: &str) -> String {
        let began = Instant::now();
        loop {
            let text = self.text(css).await.unwrap_or_default();
            if text.contains(words) {
                return text;
            }
            if PATIENCE < began.elapsed() {
                let path = self.path().await;
                panic!("no «{words}» in {css} at {path}: «{text}»");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn page_text(&self) -> String {
        self.text("body").await.unwrap_or_default()
    }

    pub async fn text(&self, css: &str) -> Option<String> {
        self.client.find(Locator::Css(css)).await.ok()?.text().await.ok()
    }

    pub async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.unwrap().len()
    }

    pub async fn click(&self, css: &str) {
        let element = self.see(css).await;
        element.click().await.unwrap_or_else(|error| panic!("{css} takes no click: {error}"));
    }

    pub async fn fill(&self, css: &str, text: &str) {
        let element = self.see(css).await;
        element.clear().await.unwrap();
        element.send_keys(text).await.unwrap();
    }

    pub async fn choose(&self, css: &str, value: &str) {
        self.see(css).await.select_by_value(value).await.unwrap();
    }

    /// What the script returns.
    pub async fn ask(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Waits until the script returns true.
    pub async fn until(&self, what: &str, script: &str) {
        let began = Instant::now();
        while self.client.execute(script, Vec::new()).await.ok() != Some(Value::Bool(true)) {
            assert!(began.elapsed() < PATIENCE, "not {what}, at {}", self.path().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Beyond { path: "goog/cdp/execute", body }).await.unwrap()
    }

    /// Presses a physical key; `key` is what the layout makes of it.
    pub async fn press(&self, code: &str, key: &str) {
        let typed = if key.chars().count() == 1 { json!(key) } else { json!("") };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" && key != "Escape" { &typed } else { &Value::Null };
            let shift = if key == "?" { 8 } else { 0 };
            let mut event = json!({ "type": kind, "code": code, "key": key, "modifiers": shift });
            if key == "Enter" {
                event["text"] = json!(if kind == "keyDown" { "\r" } else { "" });
                event["windowsVirtualKeyCode"] = json!(13);
            } else if text.is_string() {
                event["text"] = text.clone();
            }
            self.devtools("Input.dispatchKeyEvent", event).await;
        }
    }

    pub async fn size(&self, (width, height): (u32, u32)) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Leaves a picture of the whole page in `artefacts/`.
    pub async fn picture(&self, name: &str) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("artefacts");
        std::fs::create_dir_all(&folder).unwrap();
        let png = self.client.screenshot().await.unwrap();
        std::fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }

    /// Everything the browser complained about since the last question.
    pub async fn complaints(&self) -> Vec<String> {
        let body = json!({ "type": "browser" });
        let lines = self.client.issue_cmd(Beyond { path: "se/log", body }).await.unwrap();
        let lines = lines.as_array().unwrap();
        lines.iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }

    pub async fn close(self) {
        let complaints = self.complaints().await;
        self.client.clone().close().await.unwrap();
        assert!(complaints.is_empty(), "the browser complained: {complaints:#?}");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Chromedriver closes its browser when it is asked to end.
        let id = self.driver.id().to_string();
        let _ = Command::new("kill").arg(&id).status();
        let _ = self.driver.wait();
    }
}
