//! `otklik eval incidents`: groups the posts of a file as the pipeline would,
//! every one taken as a complaint, and compares with people's grouping. Reads
//! only what grouping may know: text, date, author, parent, network, source.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::cli::eval::metrics::{Judged, figures};
use crate::model::incident::IncidentId;
use crate::model::position::Position;
use crate::model::post::{Network, Post, PostKey, StoredPost};
use crate::model::source::SourceId;
use crate::model::time::Timestamp;
use crate::rules::clustering::{Placement, PostFeatures, Rarity, Window, features};
use crate::rules::matching::{Matcher, WordMemo};
use crate::rules::ruleset::{GroupingWeights, Ruleset};
use crate::rules::text::stem::StemMemo;

/// Incidents written for each post. No threshold applies to them: whoever looks
/// for the incident to join sees the best ones, each with its score.
const SUGGESTED: usize = 5;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// CSV with `id`, `text` and, where known, `published_at`, `author_id`, `parent_id`, `network`, `source`
    #[arg(long)]
    pub posts: PathBuf,
    /// CSV with `id`, `incident` and, where known, `certainty`
    #[arg(long)]
    pub gold: PathBuf,
    /// Where to write `id,incident`
    #[arg(long)]
    pub predictions: Option<PathBuf>,
    /// Where to write `id,rank,candidate_incident,score`: the five best incidents for each post
    #[arg(long)]
    pub suggestions: Option<PathBuf>,
}

/// Exit code: 0 judged, 1 nothing in common between posts and judgements.
pub fn run(args: &Args, ruleset: &Ruleset, out: &mut dyn Write) -> Result<u8> {
    let rows = read_posts(&args.posts)?;
    let gold = read_gold(&args.gold)?;
    let grouped = group(&rows, ruleset);
    if let Some(path) = &args.predictions {
        write_predictions(path, &rows, &grouped)?;
    }
    if let Some(path) = &args.suggestions {
        write_suggestions(path, &rows, &grouped)?;
    }
    let judged: Vec<Judged> =
        rows.iter().zip(&grouped).map(|(row, one)| judge(gold.get(&row.id), one)).collect();
    let figures = figures(&judged);
    serde_json::to_writer_pretty(&mut *out, &figures)?;
    writeln!(out)?;
    Ok(u8::from(figures.judged == 0))
}

/// A row of the posts' file.
#[derive(Debug, Clone, Deserialize)]
pub struct Row {
    #[serde(default)]
    pub id: String,
    pub text: String,
    #[serde(default)]
    published_at: Option<String>,
    #[serde(default)]
    author_id: Option<String>,
    #[serde(default)]
    parent_id: Option<String>,
    #[serde(default)]
    network: Option<String>,
    #[serde(default)]
    native_id: Option<String>,
    #[serde(default)]
    source: Option<String>,
}

/// In order of arrival: by date where every row has one, else as in the file.
pub fn read_posts(path: &Path) -> Result<Vec<Row>> {
    let mut reader =
        csv::Reader::from_path(path).with_context(|| format!("reading {}", path.display()))?;
    let mut rows = Vec::new();
    for row in reader.deserialize() {
        let mut row: Row = row.with_context(|| format!("reading {}", path.display()))?;
        if row.id.is_empty() {
            row.id = match (&row.network, &row.native_id) {
                (Some(network), Some(native)) => format!("{network}:{native}"),
                _ => bail!("a row of {} has neither id nor network and native_id", path.display()),
            };
        }
        rows.push(row);
    }
    if rows.iter().all(|row| row.written_at().is_some()) {
        rows.sort_by_key(Row::written_at);
    }
    Ok(rows)
}

impl Row {
    fn written_at(&self) -> Option<Timestamp> {
        let text = self.published_at.as_deref()?.trim();
        text.parse().ok().or_else(|| {
            let local: jiff::civil::DateTime = text.parse().ok()?;
            Some(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        })
    }

    /// The post as if it had been polled at the moment it was written.
    pub fn stored(&self, position: u64, written_at: Timestamp) -> StoredPost {
        let network = Network(filled(&self.network).unwrap_or_else(|| "file".to_owned()));
        let native_id = filled(&self.native_id).unwrap_or_else(|| self.id.clone());
        let post = Post {
            source: filled(&self.source).map(SourceId),
            author_id: filled(&self.author_id),
            parent_id: filled(&self.parent_id),
            ..Post::of_text(PostKey { network, native_id }, self.text.clone(), written_at)
        };
        StoredPost { position: Position(position), first_seen_at: written_at, post }
    }
}

fn filled(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !text.trim().is_empty())
}

/// Where a post went, and what else it could have joined.
#[derive(Debug)]
pub struct Grouped {
    pub incident: IncidentId,
    /// Best first; the joined incident stands where its score puts it.
    pub candidates: Vec<(IncidentId, f64)>,
}

/// Everything that grouping reads of the rows, in order of arrival.
pub fn read_features(rows: &[Row], ruleset: &Ruleset) -> Vec<PostFeatures> {
    let matcher = Matcher::new(ruleset);
    let (mut memo, mut words) = (StemMemo::default(), WordMemo::default());
    let mut written_at = Timestamp::UNIX_EPOCH;
    let mut all = Vec::with_capacity(rows.len());
    for (position, row) in (1..).zip(rows) {
        // A row without a date came when the one before it came; before the
        // first date that is the epoch, which grouping takes for no date.
        written_at = row.written_at().unwrap_or(written_at);
        let post = row.stored(position, written_at);
        let finding = matcher.read(&mut words, &post.post, None);
        all.push(features(&mut memo, &post, &finding));
    }
    all
}

fn group(rows: &[Row], ruleset: &Ruleset) -> Vec<Grouped> {
    group_features(read_features(rows, ruleset), &ruleset.weights.grouping)
}

pub fn group_features(posts: Vec<PostFeatures>, weights: &GroupingWeights) -> Vec<Grouped> {
    let mut window = Window::new(weights, Rarity::default());
    let mut next = 1;
    let mut grouped = Vec::with_capacity(posts.len());
    for post in posts {
        window.advance(post.written_at);
        let (one, merges) = decide(&window, &post, IncidentId(next));
        window.observe(&post);
        if one.incident == IncidentId(next) {
            next += 1;
            window.open(one.incident, post);
        } else {
            window.add(one.incident, post);
        }
        let into = one.incident;
        grouped.push(one);
        if let Some(from) = merges {
            window.merge(into, from);
            grouped.iter_mut().for_each(|one| one.take_over(from, into));
        }
    }
    grouped
}

impl Grouped {
    /// `from` is a part of `into` now.
    fn take_over(&mut self, from: IncidentId, into: IncidentId) {
        let named = self.candidates.iter_mut().map(|(id, _)| id).chain([&mut self.incident]);
        named.filter(|id| **id == from).for_each(|id| *id = into);
    }
}

/// Where a post goes, and what is merged into that because of it: nobody has
/// decided anything here.
fn decide(window: &Window, post: &PostFeatures, next: IncidentId) -> (Grouped, Option<IncidentId>) {
    let (incident, merges) = match window.place(post) {
        Placement::New { .. } => (next, None),
        Placement::Join { incident, reason, bridges, .. } => {
            match window.surely_one(&reason, &bridges).map(|bridge| bridge.incident) {
                Some(other) => (incident.min(other), Some(incident.max(other))),
                None => (incident, None),
            }
        }
    };
    let best = window.consider(post).into_iter().take(SUGGESTED);
    let candidates = best.map(|one| (one.incident, one.score)).collect();
    (Grouped { incident, candidates }, merges)
}

/// Incident and certainty by post.
pub fn read_gold(path: &Path) -> Result<BTreeMap<String, Gold>> {
    let mut reader =
        csv::Reader::from_path(path).with_context(|| format!("reading {}", path.display()))?;
    let mut gold = BTreeMap::new();
    for row in reader.deserialize() {
        let row: Gold = row.with_context(|| format!("reading {}", path.display()))?;
        gold.insert(row.id.clone(), row);
    }
    Ok(gold)
}

#[derive(Debug, Clone, Deserialize)]
pub struct Gold {
    id: String,
    pub incident: String,
    #[serde(default)]
    certainty: Option<String>,
}

impl Gold {
    pub fn is_unsure(&self) -> bool {
        self.certainty.as_deref() == Some("unsure")
    }
}

pub fn judge(gold: Option<&Gold>, grouped: &Grouped) -> Judged {
    Judged {
        gold: gold.map(|gold| gold.incident.clone()),
        is_unsure: gold.is_some_and(Gold::is_unsure),
        incident: grouped.incident.0,
        candidates: grouped.candidates.iter().map(|(id, _)| id.0).collect(),
    }
}

fn write_predictions(path: &Path, rows: &[Row], grouped: &[Grouped]) -> Result<()> {
    let mut writer =
        csv::Writer::from_path(path).with_context(|| format!("writing {}", path.display()))?;
    writer.write_record(["id", "incident"])?;
    for (row, one) in rows.iter().zip(grouped) {
        writer.write_record([&row.id, &one.incident.to_string()])?;
    }
    Ok(writer.flush()?)
}

fn write_suggestions(path: &Path, rows: &[Row], grouped: &[Grouped]) -> Result<()> {
    let mut writer =
        csv::Writer::from_path(path).with_context(|| format!("writing {}", path.display()))?;
    writer.write_record(["id", "rank", "candidate_incident", "score"])?;
    for (row, one) in rows.iter().zip(grouped) {
        for (rank, (incident, score)) in (1..).zip(&one.candidates) {
            let score = format!("{score:.4}");
            writer.write_record([&row.id, &rank.to_string(), &incident.to_string(), &score])?;
        }
    }
    Ok(writer.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::ruleset_files::{hash, shipped};
    use crate::rules::ruleset::parse;

    fn ruleset() -> Ruleset {
        let files = shipped("vologda").unwrap();
        parse(&files, hash(&files)).unwrap()
    }

    const POSTS: &str = "id,text\n\
        a,\"На улице Гончарной, 14 из подвала сильно пахнет газом, аварийная не едет\"\n\
        b,Не убирают снег во дворах Сиреневой улицы\n\
        c,\"Гончарная, 14: запах газа из подвала, вызывали аварийную службу дважды\"\n";

    #[test]
    fn a_file_is_grouped_judged_and_written() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("posts.csv"), POSTS).unwrap();
        std::fs::write(at("gold.csv"), "id,incident,certainty\na,1,sure\nb,2,\nc,1,sure\n")
            .unwrap();
        let args = Args {
            posts: at("posts.csv"),
            gold: at("gold.csv"),
            predictions: Some(at("out.csv")),
            suggestions: Some(at("suggestions.csv")),
        };
        let mut out = Vec::new();
        assert_eq!(run(&args, &ruleset(), &mut out).unwrap(), 0);
        let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(json["link"]["f1"], 1.0, "{json}");
        assert_eq!(json["joined"], 1);
        assert_eq!(std::fs::read_to_string(at("out.csv")).unwrap(), "id,incident\na,1\nb,2\nc,1\n");
        let suggestions = std::fs::read_to_string(at("suggestions.csv")).unwrap();
        let mut lines = suggestions.lines();
        assert_eq!(lines.next(), Some("id,rank,candidate_incident,score"));
        assert!(suggestions.contains("\nc,1,1,0."), "{suggestions}");
    }

    #[test]
    fn posts_arrive_by_date_and_undated_files_in_their_order() {
        let dir = tempfile::tempdir().unwrap();
        let order = |text: &str| {
            let path = dir.path().join("posts.csv");
            std::fs::write(&path, text).unwrap();
            read_posts(&path).unwrap().into_iter().map(|row| row.id).collect::<Vec<_>>()
        };
        let dated =
            "id,published_at,text\n1,2026-02-02T10:00:00+03:00,a\n2,2026-02-01 09:00:00,b\n";
        assert_eq!(order(dated), ["2", "1"]);
        assert_eq!(order("id,text\n2,b\n1,a\n"), ["2", "1"]);
        assert_eq!(order("network,native_id,text\nvk,5,b\n"), ["vk:5"]);
    }
}
