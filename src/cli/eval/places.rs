//! `otklik eval places`: what the posts of a file say about where their matter
//! is, read by the product's own rules and compared with what people read.
//! Only what a text says itself counts: no source and no thread is looked at.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::cli::eval::incidents::read_posts;
use crate::cli::eval::metrics::{Rates, rates_of_counts};
use crate::model::region::Geography;
use crate::rules::places::{Gazetteer, Said};
use crate::rules::text::stem::StemMemo;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// CSV with `id` and `text`
    #[arg(long)]
    pub posts: PathBuf,
    /// CSV with `id,settlement,street_type,street,house,object`, several values separated by `|`
    #[arg(long)]
    pub gold: PathBuf,
    /// Folder of a region pack, of which only the places are read; an empty folder has none
    #[arg(long)]
    pub region: Option<PathBuf>,
    /// Where to write the same columns as read by the program
    #[arg(long)]
    pub predictions: Option<PathBuf>,
}

/// Exit code: 0 judged, 1 nothing in common between posts and judgements.
pub fn run(args: &Args, geography: &Geography, out: &mut dyn Write) -> Result<u8> {
    let gold = read_gold(&args.gold)?;
    let gazetteer = Gazetteer::of(geography);
    let mut memo = StemMemo::new();
    let rows: Vec<Row> = read_posts(&args.posts)?
        .iter()
        .map(|post| Row::new(&post.id, &gazetteer.said(&mut memo, &post.text)))
        .collect();
    if let Some(path) = &args.predictions {
        write_predictions(path, &rows)?;
    }
    let figures = figures(&rows, &gold);
    serde_json::to_writer_pretty(&mut *out, &figures)?;
    writeln!(out)?;
    Ok(u8::from(figures.judged == 0))
}

/// A row of either file; several values of a cell are separated by `|`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Row {
    id: String,
    settlement: String,
    street_type: String,
    street: String,
    house: String,
    object: String,
}

impl Row {
    fn new(id: &str, said: &Said) -> Row {
        let joined = |values: Vec<&str>| values.join("|");
        let kinds = said.streets.iter().map(|(kind, _)| kind.as_deref().unwrap_or(""));
        // Kinds stand under their streets; where none is said the cell is empty.
        let kinds: Vec<&str> = kinds.collect();
        let is_said = kinds.iter().any(|kind| !kind.is_empty());
        Row {
            id: id.to_owned(),
            settlement: joined(said.settlements.iter().map(String::as_str).collect()),
            street_type: if is_said { joined(kinds) } else { String::new() },
            street: joined(said.streets.iter().map(|(_, name)| name.as_str()).collect()),
            house: joined(said.houses.iter().map(String::as_str).collect()),
            object: joined(said.objects.iter().map(String::as_str).collect()),
        }
    }

    fn cells(&self) -> [&str; FIELDS] {
        [&self.settlement, &self.street_type, &self.street, &self.house, &self.object]
    }
}

const FIELDS: usize = 5;

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Figures {
    posts: usize,
    /// Posts that people have judged; the others count nowhere.
    judged: usize,
    settlement: Field,
    street_type: Field,
    street: Field,
    house: Field,
    object: Field,
}

/// Values of one field over all posts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Field {
    #[serde(flatten)]
    rates: Rates,
    found: usize,
    expected: usize,
    right: usize,
}

fn figures(rows: &[Row], gold: &BTreeMap<String, Row>) -> Figures {
    let mut counts = [Counts::default(); FIELDS];
    let mut judged = 0;
    for row in rows {
        let Some(gold) = gold.get(&row.id) else { continue };
        judged += 1;
        for (count, (found, expected)) in
            counts.iter_mut().zip(row.cells().into_iter().zip(gold.cells()))
        {
            count.add(values(found), values(expected));
        }
    }
    let [settlement, street_type, street, house, object] = counts.map(Counts::field);
    Figures { posts: rows.len(), judged, settlement, street_type, street, house, object }
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    found: usize,
    expected: usize,
    right: usize,
}

impl Counts {
    /// Each expected value answers for one found value at most.
    fn add(&mut self, found: Vec<String>, mut expected: Vec<String>) {
        self.found += found.len();
        self.expected += expected.len();
        for value in found {
            if let Some(at) = expected.iter().position(|other| *other == value) {
                expected.swap_remove(at);
                self.right += 1;
            }
        }
    }

    fn field(self) -> Field {
        let Counts { found, expected, right } = self;
        Field { rates: rates_of_counts(right, found, expected), found, expected, right }
    }
}

/// The values of a cell as they are compared: case, ё, number signs and spaces
/// are spelling, not places.
fn values(cell: &str) -> Vec<String> {
    let spelt_alike = |value: &str| {
        let plain = value.to_lowercase().replace('ё', "е").replace('№', " ");
        plain.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    cell.split('|').map(spelt_alike).filter(|value| !value.is_empty()).collect()
}

fn read_gold(path: &Path) -> Result<BTreeMap<String, Row>> {
    let reading = || format!("reading {}", path.display());
    let mut reader = csv::Reader::from_path(path).with_context(reading)?;
    let mut gold = BTreeMap::new();
    for row in reader.deserialize() {
        let row: Row = row.with_context(reading)?;
        gold.insert(row.id.clone(), row);
    }
    Ok(gold)
}

fn write_predictions(path: &Path, rows: &[Row]) -> Result<()> {
    let mut writer =
        csv::Writer::from_path(path).with_context(|| format!("writing {}", path.display()))?;
    for row in rows {
        writer.serialize(row)?;
    }
    Ok(writer.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTS: &str = "id,text\n\
        a,\"На улице Гончарной, 14 и 16 темно\"\n\
        b,\"В деревне Верхние Луки нет света\"\n\
        c,Спасибо за ответ\n\
        d,Здесь никто не судил\n";
    const GOLD: &str = "id,settlement,street_type,street,house,object\n\
        a,,УЛИЦА,Гончарная,14|18,\n\
        b,Верхние Луки,,,,\n\
        c,,,,,парк\n";

    #[test]
    fn values_are_counted_over_all_judged_posts() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("posts.csv"), POSTS).unwrap();
        std::fs::write(at("gold.csv"), GOLD).unwrap();
        let args = Args {
            posts: at("posts.csv"),
            gold: at("gold.csv"),
            region: None,
            predictions: Some(at("out.csv")),
        };
        let mut out = Vec::new();
        assert_eq!(run(&args, &Geography::default(), &mut out).unwrap(), 0);
        let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(json["judged"], 3);
        for field in ["street", "street_type", "settlement"] {
            assert_eq!(json[field]["f1"], 1.0, "{field} {json}");
        }
        assert_eq!(json["house"]["precision"], 0.5);
        assert_eq!(json["object"]["recall"], 0.0);
        let written = std::fs::read_to_string(at("out.csv")).unwrap();
        let lines: Vec<&str> = written.lines().collect();
        assert_eq!(lines[0], "id,settlement,street_type,street,house,object");
        assert_eq!(lines[1], "a,,улица,Гончарная,14|16,");
        assert_eq!(lines[4], "d,,,,,");
    }

    #[test]
    fn spelling_is_no_difference() {
        assert_eq!(values("Школа №55|  Мост|"), ["школа 55", "мост"]);
        assert_eq!(values("Звёздная"), values("звездная"));
        assert!(values("").is_empty());
    }
}
