//! What `otklik check` looks at: everything a configuration brings with it,
//! without starting or changing anything. Finds; `cli::check` prints.

use std::path::Path;

use jiff::civil::Date;

use crate::adapters::connector::Connectors;
use crate::adapters::connector::auth;
use crate::adapters::connector::auth::Secret;
use crate::adapters::connector::definition::Auth;
use crate::adapters::connector::definition::{Definition, Format, Protocol};
use crate::adapters::connector::extract::page::wrong_places;
use crate::adapters::connector::stream::jetstream::wanted;
use crate::adapters::ruleset_files::hash;
use crate::app::parts::{ruleset_files, where_they_stand};
use crate::app::stages::{channels, client_options, read_connectors};
use crate::config::{CallbackConfig, Config, NetworkConfig, line_of};
use crate::model::post::Network;
use crate::model::ruleset::{Problem, RulesetFiles, Severity};
use crate::model::source::Source;
use crate::pipeline::callbacks;
use crate::rules::ruleset::{Ruleset, check, parse};

/// Every problem: of the configuration, the connectors, the keywords, the
/// region pack, and of what they say about each other.
pub fn problems(file: Option<&Path>, config: &Config, today: Date) -> Vec<Problem> {
    let mut written = Written::read(file);
    let connectors = read_connectors(config).unwrap_or_else(|problems| {
        written.problems.extend(problems.into_iter().map(|one| Problem {
            file: one.file,
            line: one.line,
            field: one.field,
            message: one.message,
            severity: Severity::Error,
        }));
        Connectors::default()
    });
    let has_connectors = written.problems.is_empty();
    written.settings(config);
    if has_connectors {
        written.networks(config, &connectors);
    }
    let files = match ruleset_files(config) {
        Ok(files) => files,
        Err(error) => {
            written.problems.push(error.into());
            return written.problems;
        }
    };
    let found = match parse(&files, hash(&files)) {
        Ok(ruleset) => {
            let mut found = check(&ruleset, today);
            if has_connectors {
                found.extend(sources(&ruleset, config, &connectors));
                found.extend(pages(&ruleset, &files, &connectors));
                written.callback_sources(config, &ruleset);
            }
            found
        }
        Err(found) => found,
    };
    written.problems.extend(where_they_stand(config, found));
    written.problems
}

/// The configuration as it was written, for the lines of problems.
struct Written {
    file: String,
    text: String,
    problems: Vec<Problem>,
}

impl Written {
    fn read(file: Option<&Path>) -> Written {
        Written {
            file: file.map_or("otklik.toml".to_owned(), |path| path.display().to_string()),
            // Without it problems have no lines, and that it cannot be read
            // was said when it was parsed.
            text: file.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default(),
            problems: Vec::new(),
        }
    }

    fn error(&mut self, table: &str, key: &str, message: impl Into<String>) {
        self.problems.push(Problem {
            file: self.file.clone(),
            line: line_of(&self.text, table, key),
            field: match (table, key) {
                ("", key) => key.to_owned(),
                (table, "") => table.to_owned(),
                (table, key) => format!("{table}.{key}"),
            },
            message: message.into(),
            severity: Severity::Error,
        });
    }

    fn settings(&mut self, config: &Config) {
        let port = config.listen.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
        if !matches!(port, Some(Ok(_))) {
            self.error("", "listen", format!("«{}» is not HOST:PORT", config.listen));
        }
        let scheme = url::Url::parse(&config.external_url).map(|url| url.scheme().to_owned());
        if !scheme.is_ok_and(|scheme| scheme == "http" || scheme == "https") {
            let message = format!("«{}» is not an http address", config.external_url);
            self.error("", "external_url", message);
        }
        if config.data_dir.exists() && !config.data_dir.is_dir() {
            let message = format!("{} is not a folder", config.data_dir.display());
            self.error("", "data_dir", message);
        }
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(&config.log.level) {
            self.error("log", "level", error.to_string());
        }
        if let Err(error) = client_options(config) {
            let message = format!("{error:#}");
            let key = message.split(':').next().unwrap_or("proxy").to_owned();
            self.error("", &key, message);
        }
        if let Err(error) = channels(config) {
            let table = if config.mail.is_some() { "mail" } else { "webhooks" };
            self.error(table, "", format!("{error:#}"));
        }
    }

    fn networks(&mut self, config: &Config, connectors: &Connectors) {
        for (name, network) in &config.networks {
            let table = format!("networks.{name}");
            let definition = connectors.get(&Network(name.clone()));
            if definition.is_none() {
                let known: Vec<&str> =
                    connectors.iter().map(|one| one.network.0.as_str()).collect();
                let message = format!("there is no connector «{name}», only {}", known.join(", "));
                self.error(&table, "", message);
            }
            self.network(&table, network, definition);
            if name != callbacks::NETWORK && !network.callback.is_empty() {
                let message = format!("only {} sends events", callbacks::NETWORK);
                self.error(&format!("{table}.callback"), "", message);
            }
            for (line, callback) in &network.callback {
                self.callback(&format!("{table}.callback.{line}"), line, callback);
            }
        }
    }

    /// Events of a source that is not there would be of none.
    fn callback_sources(&mut self, config: &Config, ruleset: &Ruleset) {
        for (network, settings) in &config.networks {
            for (name, callback) in &settings.callback {
                let sources = &ruleset.region.sources;
                let named = callback.source.as_deref();
                if let Some(id) = named.filter(|id| !sources.iter().any(|one| one.id.0 == *id)) {
                    let table = format!("networks.{network}.callback.{name}");
                    self.error(&table, "source", format!("there is no source «{id}»"));
                }
            }
        }
    }

    fn callback(&mut self, table: &str, name: &str, callback: &CallbackConfig) {
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            self.error(table, "", format!("«{name}» is part of an address: a-z, 0-9, - and _"));
        }
        if callback.group_id == 0 {
            self.error(table, "group_id", "is the community's number");
        }
        if callback.confirmation.trim().is_empty() {
            self.error(table, "confirmation", "is empty");
        }
        if let Err(error) = Secret::from_file(&callback.secret_file) {
            self.error(table, "secret_file", error.to_string());
        }
    }

    fn network(&mut self, table: &str, network: &NetworkConfig, definition: Option<&Definition>) {
        if let Some(base) = &network.base_url
            && let Err(error) = url::Url::parse(base)
        {
            self.error(table, "base_url", format!("«{base}»: {error}"));
        }
        if let Some(base) = &network.stream_base_url
            && let Err(error) = url::Url::parse(base)
        {
            self.error(table, "stream_base_url", format!("«{base}»: {error}"));
        }
        if network.stream_share_percent.is_some_and(|percent| !(1..=100).contains(&percent)) {
            self.error(table, "stream_share_percent", "a share is 1 to 100");
        }
        for (community, path) in &network.communities {
            if let Err(error) = Secret::from_file(path) {
                let table = format!("{table}.communities");
                self.error(&table, community, error.to_string());
            }
        }
        for path in &network.token_files {
            let secret = Secret::from_file(path).map_err(|error| error.to_string());
            let fits = secret.and_then(|secret| match definition {
                Some(definition) => auth::check(&definition.file.auth, &secret),
                None => Ok(()),
            });
            if let Err(error) = fits {
                self.error(table, "token_files", error);
            }
        }
    }
}

/// Sources that nothing can poll.
fn sources(ruleset: &Ruleset, config: &Config, connectors: &Connectors) -> Vec<Problem> {
    let mut problems = Vec::new();
    for source in &ruleset.region.sources {
        let Some(definition) = connectors.get(&source.network) else {
            let message = format!("there is no connector «{}»", source.network);
            problems.push(of_source(ruleset, source, "network", message, Severity::Error));
            continue;
        };
        if !definition.kinds().any(|kind| kind == source.kind) {
            let known: Vec<&str> = definition.kinds().collect();
            let message = format!(
                "{} has no kind «{}», only {}",
                source.network,
                source.kind,
                known.join(", ")
            );
            problems.push(of_source(ruleset, source, "kind", message, Severity::Error));
        }
        problems.extend(unheard(ruleset, source, definition, config));
    }
    problems.extend(without_tokens(ruleset, config, connectors));
    problems
}

/// A stream that cannot be asked for: without the community's own token, or
/// with a target that names nobody.
fn unheard(
    ruleset: &Ruleset,
    source: &Source,
    definition: &Definition,
    config: &Config,
) -> Option<Problem> {
    let kind = definition.file.stream.get(&source.kind)?;
    let network = config.networks.get(&source.network.0);
    let has_token = network.is_some_and(|one| one.communities.contains_key(&source.target));
    let (field, message) = match kind.protocol {
        Protocol::VkLongPoll if !has_token => {
            let table = format!("networks.{}.communities", source.network);
            ("target", format!("the community «{}» has no token in {table}", source.target))
        }
        Protocol::Jetstream if wanted(&source.target).is_none() => {
            ("target", format!("«{}» is neither accounts nor lang: with a language", source.target))
        }
        Protocol::VkLongPoll
        | Protocol::Jetstream
        | Protocol::VkStreaming
        | Protocol::ServerSentEvents => return None,
    };
    Some(of_source(ruleset, source, field, message, Severity::Error))
}

/// Places of pages that nobody could look up, each with its own line.
fn pages(ruleset: &Ruleset, files: &RulesetFiles, connectors: &Connectors) -> Vec<Problem> {
    let mut problems = Vec::new();
    for source in &ruleset.region.sources {
        let Some(rules) = &source.page else { continue };
        let definition = connectors.get(&source.network);
        if definition.is_some_and(|definition| definition.file.format != Format::Page) {
            let message = format!("{} reads no pages", source.network);
            problems.push(of_source(ruleset, source, "page", message, Severity::Error));
        }
        for wrong in wrong_places(rules) {
            let message = format!("{} ({})", wrong.message, wrong.place);
            let field = format!("page.{}", wrong.key);
            let mut problem = of_source(ruleset, source, &field, message, Severity::Error);
            let text = files.0.get(&problem.file).map_or("", String::as_str);
            problem.line = line_below(text, problem.line, wrong.key, &wrong.place);
            problems.push(problem);
        }
    }
    problems
}

/// The line of an entry, at or below the one where its table begins.
fn line_below(text: &str, line: usize, key: &str, value: &str) -> usize {
    let says = |text: &str| text.contains(key) && text.contains(value);
    let mut lines = text.lines().enumerate().skip(line.saturating_sub(1));
    lines.find(|(_, text)| says(text)).map_or(line, |(index, _)| index + 1)
}

/// One warning a network: its first source stands for all of them.
fn without_tokens(ruleset: &Ruleset, config: &Config, connectors: &Connectors) -> Vec<Problem> {
    let mut problems = Vec::new();
    for definition in connectors.iter() {
        let network = &definition.network;
        let tokens = config.networks.get(&network.0).map_or(0, |one| one.token_files.len());
        // What is about a community of one's own has a token of its own.
        let has_own = |source: &Source| {
            let stream = definition.file.stream.get(&source.kind);
            stream.is_some_and(|kind| kind.protocol == Protocol::VkLongPoll)
        };
        let wants_one = |source: &&Source| {
            source.network == *network
                && *definition.auth(&source.kind) != Auth::None
                && !has_own(source)
        };
        let source = ruleset.region.sources.iter().find(wants_one);
        if let (0, Some(source)) = (tokens, source) {
            let message = format!("{network} wants a token: networks.{network}.token_files");
            problems.push(of_source(ruleset, source, "network", message, Severity::Warning));
        }
    }
    problems
}

fn of_source(
    ruleset: &Ruleset,
    source: &Source,
    field: &str,
    message: String,
    severity: Severity,
) -> Problem {
    let at = ruleset.region.origins.of("source", &source.id.0);
    Problem { file: at.file, line: at.line, field: field.to_owned(), message, severity }
}
