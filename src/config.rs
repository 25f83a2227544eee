//! `otklik.toml`: the only place that reads configuration. Strict: an unknown
//! key is an error with its line. Secrets are named by file, never written
//! here. Everybody else receives small options of their own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::model::ruleset::{Problem, Severity};

/// The whole file; every part has a default, so an empty file is valid.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Database and search index.
    pub data_dir: PathBuf,
    /// Address of the web workplace.
    pub listen: String,
    /// How people reach it: in links of notices, and for cookies.
    pub external_url: String,
    /// Id of a shipped region pack.
    pub region: String,
    /// A region pack of your own, instead of a shipped one.
    pub region_dir: Option<PathBuf>,
    /// Keywords of your own, instead of the shipped ones.
    pub keywords_dir: Option<PathBuf>,
    /// Connectors of your own, beside the shipped ones; one of the same network
    /// replaces it.
    pub connectors_dir: Option<PathBuf>,
    /// Where networks find whoever asks them: an e-mail address or a page.
    pub contact: Option<String>,
    /// A proxy for everything that networks are asked: `http://host:port`.
    pub proxy: Option<String>,
    /// File with `login:password` for it.
    pub proxy_credentials_file: Option<PathBuf>,
    pub networks: BTreeMap<String, NetworkConfig>,
    pub mail: Option<MailConfig>,
    pub webhooks: WebhookConfig,
    pub notices: NoticesConfig,
    pub log: LogConfig,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            data_dir: PathBuf::from("otklik-data"),
            listen: "127.0.0.1:8080".to_owned(),
            external_url: "http://127.0.0.1:8080".to_owned(),
            region: "vologda".to_owned(),
            region_dir: None,
            keywords_dir: None,
            connectors_dir: None,
            contact: None,
            proxy: None,
            proxy_credentials_file: None,
            networks: BTreeMap::new(),
            mail: None,
            webhooks: WebhookConfig::default(),
            notices: NoticesConfig::default(),
            log: LogConfig::default(),
        }
    }
}

/// `[networks.vk]`
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// Another address than the connector's, for a mirror or a proxy.
    pub base_url: Option<String>,
    /// Requests a minute to one host, instead of the connector's.
    pub per_minute: Option<u32>,
    /// Files with one token each.
    pub token_files: Vec<PathBuf>,
    /// Files with the tokens of single communities, by the community's number.
    pub communities: BTreeMap<String, PathBuf>,
    /// Where streams begin, if not where polls go.
    pub stream_base_url: Option<String>,
    /// Of the posts that a stream's rules ask for, how many come.
    pub stream_share_percent: Option<u32>,
    /// Communities that send us their events, by the name in the address.
    pub callback: BTreeMap<String, CallbackConfig>,
}

/// `[networks.vk.callback.NAME]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackConfig {
    pub group_id: u64,
    /// File with the secret that every event must hold.
    pub secret_file: PathBuf,
    /// What the network shows where the address is entered.
    pub confirmation: String,
    /// The source that its posts are of, where that is not its wall.
    #[serde(default)]
    pub source: Option<String>,
}

/// `[mail]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    pub host: String,
    pub port: u16,
    #[serde(default)]
    pub tls: MailTls,
    pub from: String,
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    #[serde(default)]
    pub login: Option<String>,
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    #[serde(default = "thirty")]
    pub timeout_secs: u64,
}

fn thirty() -> u64 {
    30
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    #[default]
    Starttls,
    Tls,
    None,
}

/// `[webhooks]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookConfig {
    pub timeout_secs: u64,
    /// Receivers inside private networks, by host: nothing else there is reached.
    pub private_hosts: Vec<String>,
}

impl Default for WebhookConfig {
    fn default() -> WebhookConfig {
        WebhookConfig { timeout_secs: 20, private_hosts: Vec::new() }
    }
}

/// `[notices]`: who above the bodies is told.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoticesConfig {
    /// E-mail addresses of the regional administrators on duty.
    pub administrators: Vec<String>,
    /// E-mail addresses of oversight.
    pub oversight: Vec<String>,
    pub language: NoticeLanguage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoticeLanguage {
    #[default]
    Ru,
    En,
}

/// `[log]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// A filter of the tracing family: `info`, `otklik=debug,warn`.
    pub level: String,
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> LogConfig {
        LogConfig { level: "info".to_owned(), format: LogFormat::Text }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Reads a configuration file. Relative paths in it are relative to it.
pub fn read(path: &Path) -> Result<Config, Problem> {
    let file = path.display().to_string();
    let whole = |message: String| Problem {
        file: file.clone(),
        line: 0,
        field: "-".to_owned(),
        message,
        severity: Severity::Error,
    };
    let bytes = std::fs::read(path).map_err(|error| whole(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        Problem { line, ..whole(format!("is not UTF-8: byte {at}")) }
    })?;
    let mut config = parse(&file, &text)?;
    let base = path.parent().unwrap_or(Path::new("."));
    config.resolve(base);
    Ok(config)
}

/// Parses the text of a configuration file.
pub fn parse(file: &str, text: &str) -> Result<Config, Problem> {
    toml::from_str(text).map_err(|error| {
        let line = error
            .span()
            .map_or(0, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        let field = text
            .lines()
            .nth(line.saturating_sub(1))
            .and_then(|line| line.split('=').next())
            .map_or("-", str::trim);
        Problem {
            file: file.to_owned(),
            line,
            field: field.to_owned(),
            message: error.message().to_owned(),
            severity: Severity::Error,
        }
    })
}

/// The line of a key in a table (`listen` in ``, `base_url` in `networks.vk`);
/// the table's own where the key is not written, 0 where neither is.
pub fn line_of(text: &str, table: &str, key: &str) -> usize {
    let (mut now, mut found) = ("", 0);
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            now = name.trim();
            if now == table {
                found = index + 1;
            }
        } else if now == table && line.split('=').next().is_some_and(|name| name.trim() == key) {
            return index + 1;
        }
    }
    found
}

impl Config {
    fn resolve(&mut self, base: &Path) {
        let absolute = |path: &mut PathBuf| *path = base.join(&*path);
        absolute(&mut self.data_dir);
        for dir in [&mut self.region_dir, &mut self.keywords_dir, &mut self.connectors_dir] {
            dir.iter_mut().for_each(absolute);
        }
        self.proxy_credentials_file.iter_mut().for_each(absolute);
        for network in self.networks.values_mut() {
            network.token_files.iter_mut().for_each(absolute);
            let callbacks = network.callback.values_mut();
            callbacks.for_each(|callback| absolute(&mut callback.secret_file));
            network.communities.values_mut().for_each(absolute);
        }
        if let Some(mail) = &mut self.mail {
            mail.ca_file.iter_mut().for_each(absolute);
            mail.password_file.iter_mut().for_each(absolute);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(parse("otklik.toml", "").unwrap(), Config::default());
    }

    #[test]
    fn an_unknown_key_names_its_line_and_field() {
        let problem = parse("otklik.toml", "listen = \"x\"\n\nlisen = \"y\"\n").unwrap_err();
        assert_eq!((problem.line, problem.field.as_str()), (3, "lisen"));
        assert!(problem.message.contains("unknown field"), "{}", problem.message);
    }

    #[test]
    fn a_key_is_found_in_its_table() {
        let text = "listen = \"x\"\n\n[networks.vk]\nbase_url = \"y\"\n[mail]\nhost = \"z\"\n";
        fn check(text: &str, table: &str, key: &str, line: usize) {
            assert_eq!(line_of(text, table, key), line, "[{table}] {key}");
        }
        check(text, "", "listen", 1);
        check(text, "networks.vk", "base_url", 4);
        check(text, "networks.vk", "token_files", 3);
        check(text, "mail", "host", 6);
        check(text, "", "host", 0);
        check(text, "webhooks", "timeout_secs", 0);
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let mut config =
            parse("x", "data_dir = \"data\"\n[networks.vk]\ntoken_files = [\"t\"]\n").unwrap();
        config.resolve(Path::new("/etc/otklik"));
        assert_eq!(config.data_dir, Path::new("/etc/otklik/data"));
        assert_eq!(config.networks["vk"].token_files[0], Path::new("/etc/otklik/t"));
    }
}
