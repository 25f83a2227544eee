//! Where the program's words about itself go, and which of them.

use anyhow::Context;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, registry};

use crate::config::{Config, LogFormat};

/// Logs go to standard error: standard output is for answers.
pub fn start(config: &Config) -> anyhow::Result<()> {
    let level = config.log.level.as_str();
    let filter = EnvFilter::try_new(level)
        .with_context(|| format!("log.level «{level}»"))?
        .and(filter_fn(is_ours_or_grave));
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let log = fmt::layer()
        .with_ansi(is_terminal)
        // Where nobody reads the log there is nobody to complain to either.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    let registry = registry();
    match config.log.format {
        LogFormat::Text => registry.with(log.with_filter(filter)).init(),
        LogFormat::Json => registry.with(log.json().with_filter(filter)).init(),
    }
    Ok(())
}

/// Libraries print what they are given, addresses and payloads with tokens in
/// them: below a warning they are not heard, whatever the level.
fn is_ours_or_grave(event: &Metadata<'_>) -> bool {
    event.target().starts_with("otklik") || *event.level() <= Level::WARN
}
