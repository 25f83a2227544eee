//! Keyword files as TOML has them: every text with its place, every unknown
//! key an error.

use serde::Deserialize;
use toml::Spanned;

use crate::model::region::Name;
use crate::model::topic::{Scale, SignalKind};

type Texts = Vec<Spanned<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub group: Spanned<String>,
    pub name: Name,
    #[serde(default)]
    pub reopen: Option<Spanned<String>>,
    #[serde(rename = "topic", default)]
    pub topics: Vec<Topic>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Topic {
    pub id: Spanned<String>,
    pub name: Name,
    pub importance: Spanned<u8>,
    #[serde(default)]
    pub scale: Scale,
    #[serde(default)]
    pub phrases: Texts,
    #[serde(default)]
    pub hints: Texts,
    #[serde(default)]
    pub exclude: Texts,
    #[serde(default)]
    pub distance: Option<usize>,
    #[serde(default)]
    pub reopen: Option<Spanned<String>>,
    #[serde(default)]
    pub general: bool,
    #[serde(default)]
    pub matches: Texts,
    #[serde(default)]
    pub ignores: Texts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signals {
    #[serde(rename = "signal", default)]
    pub signals: Vec<Signal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signal {
    pub id: Spanned<String>,
    pub kind: SignalKind,
    pub weight: Spanned<f64>,
    pub phrases: Texts,
    #[serde(default)]
    pub exclude: Texts,
    #[serde(default)]
    pub matches: Texts,
    #[serde(default)]
    pub ignores: Texts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Risks {
    #[serde(rename = "risk", default)]
    pub risks: Vec<Risk>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Risk {
    pub id: Spanned<String>,
    pub name: Name,
    pub raises: Spanned<u8>,
    pub phrases: Texts,
    #[serde(default)]
    pub exclude: Texts,
    #[serde(default)]
    pub figures: Texts,
    #[serde(default)]
    pub matches: Texts,
    #[serde(default)]
    pub ignores: Texts,
}
