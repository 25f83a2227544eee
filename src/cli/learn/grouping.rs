//! `otklik learn grouping`: weights of grouping from people's joins and splits or
//! from judged files. Each half of the incidents is judged by weights learned
//! from the other half, so that nothing is judged by what it taught.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};

use crate::adapters::ruleset_files;
use crate::cli::eval::incidents::{self, group_features};
use crate::cli::eval::metrics::{self, Figures, figures};
use crate::cli::learn::Asked;
use crate::cli::output::{Output, Usage, exit};
use crate::cli::words::Words;
use crate::model::incident::IncidentId;
use crate::rules::clustering::learning::{Course, Judged, PARTNERS_MIN, learn};
use crate::rules::ruleset::grouping::{GROUPING_FILE, LearnedGrouping};
use crate::rules::ruleset::{GroupingWeights, Part, PartWeights, Ruleset};
use crate::rules::wording::Arg;

#[derive(Debug, Args)]
pub struct GroupingArgs {
    /// CSV files instead of the decisions in the data folder: posts (`id`, `text` …), each
    /// followed by its judgements (`id`, `incident`, `certainty`), or both in one
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub from: Vec<PathBuf>,
    /// Judge by these files, given in the same way, instead of by halves
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub judge: Vec<PathBuf>,
    /// The share of automatic joins that should be right
    #[arg(long, default_value_t = PRECISION, value_parser = share)]
    pub precision: f64,
    /// Begin from nothing instead of from the shipped weights
    #[arg(long)]
    pub anew: bool,
    /// Write the weights into the folder of keywords; without it nothing changes
    #[arg(long)]
    pub take: bool,
}

/// Lower finds hardly more partners and joins much more wrongly.
const PRECISION: f64 = 0.8;

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.01..=0.99).contains(share));
    share.ok_or_else(|| "a share between 0.01 and 0.99".to_owned())
}

/// Messages of one region in order of arrival.
pub type World = Vec<Judged>;

/// What is learned from, and where given what judges it.
pub struct Material {
    pub taught_by: Vec<World>,
    pub judged_by: Vec<World>,
}

/// The worlds of judged files.
pub fn read_files(files: &[PathBuf], ruleset: &Ruleset) -> Result<Vec<World>> {
    let mut worlds: Vec<(&Path, Vec<&Path>)> = Vec::new();
    for path in files {
        let columns = columns(path)?;
        let has = |name: &str| columns.iter().any(|column| column == name);
        match (has("text"), has("incident"), worlds.last_mut()) {
            (true, true, _) => worlds.push((path, vec![path])),
            (true, false, _) => worlds.push((path, Vec::new())),
            (false, true, Some((_, judgements))) => judgements.push(path),
            (false, _, _) => {
                let message = "neither posts (`text`) nor judgements (`incident`) of posts";
                return Err(Usage(format!("{}: {message}", path.display())).into());
            }
        }
    }
    worlds.into_iter().map(|(posts, judgements)| world(posts, &judgements, ruleset)).collect()
}

fn columns(path: &Path) -> Result<Vec<String>> {
    let mut reader =
        csv::Reader::from_path(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(reader.headers()?.iter().map(str::to_owned).collect())
}

fn world(posts: &Path, judgements: &[&Path], ruleset: &Ruleset) -> Result<World> {
    let rows = incidents::read_posts(posts)?;
    let mut gold = BTreeMap::new();
    for path in judgements {
        gold.extend(incidents::read_gold(path)?);
    }
    let mut ids: BTreeMap<String, u64> = BTreeMap::new();
    let features = incidents::read_features(&rows, ruleset);
    let judged = rows.iter().zip(features).map(|(row, post)| {
        let judgement = gold.get(&row.id);
        // A message that nobody judged is an incident of its own.
        let name = judgement.map_or_else(|| format!("\u{0}{}", row.id), |one| one.incident.clone());
        let next = ids.len() as u64 + 1;
        let incident = IncidentId(*ids.entry(name).or_insert(next));
        Judged { post, incident, counts: judgement.is_some_and(|one| !one.is_unsure()) }
    });
    Ok(judged.collect())
}

/// Learns, tells, and with `--take` writes into the folder.
pub fn run(
    args: &GroupingArgs,
    material: &Material,
    ruleset: &Ruleset,
    asked: &Asked<'_>,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> Result<u8> {
    let Material { taught_by, judged_by } = material;
    let folder = asked.folder_to_write(args.take)?;
    let weights = &ruleset.weights.grouping;
    let begin = begin(weights.shipped_parts(), args.anew);
    let course = Course { weights, begin: &begin, precision: args.precision };
    let Some(learned) = learn(taught_by, course) else {
        let least = [("least", Arg::from(PARTNERS_MIN as u32))];
        writeln!(errors, "{}", asked.words.say("learn-grouping-too-few", &least))?;
        return Ok(exit::FAILED);
    };
    let (before, after) = if judged_by.is_empty() {
        (judge_all(taught_by, weights), by_halves(taught_by, course))
    } else {
        let mut taught = weights.clone();
        taught.taught(&learned);
        (judge_all(judged_by, weights), Some(judge_all(judged_by, &taught)))
    };
    if let Some(folder) = folder {
        let name = GROUPING_FILE.rsplit('/').next().unwrap_or(GROUPING_FILE);
        ruleset_files::write(folder, name, &learned.print())?;
    }
    match asked.output {
        Output::Json => writeln!(out, "{}", view(&learned, &before, after.as_ref(), folder))?,
        Output::Simple => {
            for line in lines(&learned, &before, after.as_ref(), folder, asked.words) {
                writeln!(out, "{line}")?;
            }
        }
    }
    Ok(exit::OK)
}

/// Learning begins from the weights before anything was learned: what was taken
/// once must not be taught by the same decisions again. Anew, those that are
/// learned begin from nothing; the others decide beside them all the same.
fn begin(shipped: &PartWeights, anew: bool) -> PartWeights {
    let mut begin = shipped.clone();
    let learned = Part::ALL.into_iter().filter(|part| part.learned_as().is_some());
    for part in learned.filter(|_| anew) {
        begin.set(part, 0.0);
    }
    begin
}

/// All messages that people looked at.
fn judge_all(worlds: &[World], weights: &GroupingWeights) -> Figures {
    figures(&judged(worlds, weights, 0, |_| true))
}

/// Each half of the incidents by weights learned from the other half, where both
/// are enough to learn from.
fn by_halves(worlds: &[World], course: Course<'_>) -> Option<Figures> {
    let mut all = Vec::new();
    for half in [0, 1] {
        let others: Vec<World> = worlds.iter().map(|world| without(world, half)).collect();
        let mut taught = course.weights.clone();
        taught.taught(&learn(&others, course)?);
        all.extend(judged(worlds, &taught, half, |incident| half_of(incident) == half));
    }
    Some(figures(&all))
}

/// Every incident is in one half whole.
fn half_of(incident: IncidentId) -> u64 {
    incident.0 % 2
}

/// The world in which one half teaches nothing; its messages stay as candidates.
fn without(world: &World, half: u64) -> World {
    let one = |one: &Judged| Judged {
        counts: one.counts && half_of(one.incident) != half,
        ..one.clone()
    };
    world.iter().map(one).collect()
}

/// The worlds grouped with given weights. `run` keeps the incidents of several
/// groupings of the same worlds apart.
fn judged(
    worlds: &[World],
    weights: &GroupingWeights,
    run: u64,
    is_asked: impl Fn(IncidentId) -> bool,
) -> Vec<metrics::Judged> {
    let mut all = Vec::new();
    for (number, world) in (0..).zip(worlds) {
        let of_world = run * worlds.len() as u64 + number;
        let unique = |incident: IncidentId| (of_world << 32) + incident.0;
        let posts = world.iter().map(|one| one.post.clone()).collect();
        let grouped = group_features(posts, weights);
        all.extend(world.iter().zip(grouped).map(|(one, found)| metrics::Judged {
            gold: Some(unique(one.incident).to_string()),
            is_unsure: !one.counts || !is_asked(one.incident),
            incident: unique(found.incident),
            candidates: found.candidates.iter().map(|(id, _)| unique(*id)).collect(),
        }));
    }
    all
}

fn view(
    learned: &LearnedGrouping,
    before: &Figures,
    after: Option<&Figures>,
    folder: Option<&Path>,
) -> Value {
    let figures = |one: &Figures| {
        json!({
            "link": one.link, "recall_at_5": one.recall_at_5,
            "joined": one.joined, "with_partner": one.with_partner,
        })
    };
    let parts: BTreeMap<&str, f64> = learned_parts(learned).collect();
    json!({
        "judged": learned.judged,
        "with_partner": learned.with_partner,
        "join": learned.join,
        "before": figures(before),
        "after": after.map(figures),
        "parts": parts,
        "taken": folder.map(|folder| folder.display().to_string()),
    })
}

fn learned_parts(learned: &LearnedGrouping) -> impl Iterator<Item = (&'static str, f64)> {
    let parts = Part::ALL.into_iter().filter(|part| part.learned_as().is_some());
    parts.map(|part| (part.name(), learned.parts.of(part)))
}

fn lines(
    learned: &LearnedGrouping,
    before: &Figures,
    after: Option<&Figures>,
    folder: Option<&Path>,
    words: &Words,
) -> Vec<String> {
    let percent = |share: f64| format!("{:.1}", share * 100.0);
    let say = |key: &str, one: &Figures| {
        let (right, found, five) =
            (percent(one.link.precision), percent(one.link.recall), percent(one.recall_at_5));
        let args = [
            ("right", Arg::from(&right)),
            ("found", Arg::from(&found)),
            ("five", Arg::from(&five)),
        ];
        words.say(key, &args)
    };
    let examples = [
        ("judged", Arg::from(learned.judged as u32)),
        ("partners", Arg::from(learned.with_partner as u32)),
    ];
    let mut lines = vec![
        words.say("learn-grouping-examples", &examples),
        say("learn-grouping-before", before),
        match after {
            Some(after) => say("learn-grouping-after", after),
            None => words.say("learn-grouping-not-judged", &[]),
        },
    ];
    lines.extend(learned_parts(learned).map(|(name, weight)| {
        let key = format!("part-{}", name.replace('_', "-"));
        format!("  {}: {weight:+.2}", words.say(&key, &[]))
    }));
    lines.push(match folder {
        Some(folder) => words.about("learn-taken", &folder.display().to_string()),
        None => words.say("learn-not-taken", &[]),
    });
    lines
}
