//! Speaks to networks by the definitions in `connectors/`: how to ask, page,
//! authenticate and read is data; the named strategies that data may use are
//! here. Nothing here knows SQL, rules or pages. Start with `definition`, then
//! `extract`, then `poll`.

pub mod auth;
pub mod budget;
pub mod conversion;
pub mod cursor;
pub mod definition;
pub mod error;
pub mod extract;
#[cfg(test)]
mod growth;
pub mod http;
pub mod keys;
pub mod markdown;
pub mod markup;
mod names;
pub mod ok;
pub mod paging;
mod parsing;
mod patience;
pub mod poll;
mod redaction;
pub mod robots;
pub mod session;
pub mod stream;
pub mod together;
pub mod token;

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::Dir;
use include_dir::include_dir;

use crate::adapters::connector::definition::Definition;
use crate::adapters::connector::definition::Problem;
use crate::model::post::Network;

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/connectors");

/// The definitions by network.
#[derive(Debug, Clone, Default)]
pub struct Connectors(BTreeMap<Network, Definition>);

impl Connectors {
    /// The definitions that the program carries.
    pub fn shipped() -> Result<Connectors, Vec<Problem>> {
        let texts = SHIPPED.files().filter_map(|file| {
            Some((file.path().display().to_string(), file.contents_utf8()?.to_owned()))
        });
        Connectors::from_texts(texts)
    }

    /// Those that the program carries, with those of a folder beside them: a
    /// network of the folder replaces the program's own of that name.
    pub fn with_folder(folder: &Path) -> Result<Connectors, Vec<Problem>> {
        let mut connectors = Connectors::shipped()?;
        connectors.0.extend(Connectors::from_folder(folder)?.0);
        Ok(connectors)
    }

    /// The definitions of a folder.
    pub fn from_folder(folder: &Path) -> Result<Connectors, Vec<Problem>> {
        let unreadable = |path: &Path, error: std::io::Error| {
            vec![Problem {
                file: path.display().to_string(),
                line: 0,
                field: String::new(),
                message: format!("cannot be read: {error}"),
            }]
        };
        let mut texts = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
            let path = entry.map_err(|error| unreadable(folder, error))?.path();
            if path.extension().is_some_and(|end| end == "toml") {
                let name = path.display().to_string();
                let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, error))?;
                let text = String::from_utf8(bytes).map_err(|error| not_utf8(&name, &error))?;
                texts.push((name, text));
            }
        }
        Connectors::from_texts(texts.into_iter())
    }

    fn from_texts(
        texts: impl Iterator<Item = (String, String)>,
    ) -> Result<Connectors, Vec<Problem>> {
        let mut found = BTreeMap::new();
        let mut problems = Vec::new();
        for (name, text) in texts.filter(|(name, _)| name.ends_with(".toml")) {
            match definition::parse(&name, &text) {
                Ok(definition) => {
                    found.insert(definition.network.clone(), definition);
                }
                Err(more) => problems.extend(more),
            }
        }
        if problems.is_empty() { Ok(Connectors(found)) } else { Err(problems) }
    }

    /// Another limit of requests than the definition's: a mirror or a proxy of
    /// one's own may allow more.
    pub fn set_rate(&mut self, network: &Network, per_minute: u32) {
        if let Some(definition) = self.0.get_mut(network) {
            definition.file.rate.per_minute = per_minute;
        }
    }

    pub fn get(&self, network: &Network) -> Option<&Definition> {
        self.0.get(network)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.0.values()
    }
}

fn not_utf8(file: &str, error: &std::string::FromUtf8Error) -> Vec<Problem> {
    let at = error.utf8_error().valid_up_to();
    let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    let message = format!("is not UTF-8: byte {at}");
    vec![Problem { file: file.to_owned(), line, field: String::new(), message }]
}
