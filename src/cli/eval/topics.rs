//! `otklik eval topics`: learns from one file of judged messages and judges
//! another with it. Labels are whatever strings the files hold.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::rules::matching::Learner;
use crate::rules::ranking::{Example, Habits, Ranker, Reading, Trained, train};
use crate::rules::ruleset::Ruleset;

/// Labels told for each message.
const TOLD: usize = 3;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// CSV with `id`, `text` and the label's column: to learn from
    #[arg(long)]
    pub train: PathBuf,
    /// CSV with `id`, `text` and, to be judged, the label's column
    #[arg(long)]
    pub test: PathBuf,
    /// What is learned
    #[arg(long, value_enum)]
    pub label: LabelKind,
    /// Where to write `id,predicted,second,third,confidence`
    #[arg(long)]
    pub predictions: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LabelKind {
    /// What the message is about, as posts are ranked in the running program
    Topic,
    /// Who was given it: places and what was decided before it count too; ids that are numbers
    /// tell the order, where no id stands in both files
    Authority,
}

impl LabelKind {
    fn column(self) -> &'static str {
        match self {
            LabelKind::Topic => "topic",
            LabelKind::Authority => "authority",
        }
    }

    fn habits(self) -> Habits {
        match self {
            LabelKind::Topic => Habits::Words,
            LabelKind::Authority => Habits::Practice,
        }
    }
}

/// Exit code: 0 judged, 1 no message of the test file has a label.
pub fn run(args: &Args, ruleset: &Ruleset, out: &mut dyn Write) -> Result<u8> {
    let (train, test) = (read_rows(&args.train, args.label)?, read_rows(&args.test, args.label)?);
    if train.iter().all(|row| row.label.is_empty()) {
        bail!("{} has no message with a label", args.train.display());
    }
    let mut judge = Judge::new(&train, &test, args.label, ruleset);
    let told: Vec<Told> = test.iter().map(|row| judge.tell(row)).collect();
    if let Some(path) = &args.predictions {
        write_predictions(path, &test, &told)?;
    }
    let figures = figures(&test, &told);
    serde_json::to_writer_pretty(&mut *out, &figures)?;
    writeln!(out)?;
    Ok(u8::from(figures.judged == 0))
}

/// A judged message of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub id: String,
    pub text: String,
    /// Empty where nobody judged it.
    pub label: String,
}

pub fn read_rows(path: &Path, label: LabelKind) -> Result<Vec<Row>> {
    let at = || format!("reading {}", path.display());
    let mut reader = csv::Reader::from_path(path).with_context(at)?;
    let header = reader.headers().with_context(at)?.clone();
    let column = |name: &str| header.iter().position(|one| one == name);
    let (Some(id), Some(text)) = (column("id"), column("text")) else {
        bail!("{} lacks the column `id` or `text`", path.display());
    };
    let label = column(label.column());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.with_context(at)?;
        let cell = |column: usize| record.get(column).unwrap_or("").to_owned();
        let label = label.map(cell).unwrap_or_default();
        rows.push(Row { id: cell(id), text: cell(text), label });
    }
    Ok(rows)
}

/// What is told of a message: labels, best first, with how sure each is.
type Told = Vec<(String, f64)>;

/// A model trained on one file, asked about another.
struct Judge<'r> {
    learner: Learner<'r>,
    label: LabelKind,
    trained: Trained,
    ranker: Ranker,
    order: Order,
}

/// Whether ids tell in which order the messages of both files arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Known,
    Unknown,
}

impl Order {
    /// One numbering serves both files only where no number stands in both.
    fn of(train: &[Row], test: &[Row]) -> Order {
        let known: BTreeSet<&str> = train.iter().map(|row| row.id.as_str()).collect();
        let is_number = |row: &Row| row.id.parse::<u64>().is_ok();
        let is_one_numbering = train.iter().chain(test).all(is_number)
            && test.iter().all(|row| !known.contains(row.id.as_str()));
        if is_one_numbering { Order::Known } else { Order::Unknown }
    }

    fn arrived(self, row: &Row) -> Option<u64> {
        match self {
            Order::Known => row.id.parse().ok(),
            Order::Unknown => None,
        }
    }
}

impl<'r> Judge<'r> {
    fn new(train_rows: &[Row], test: &[Row], label: LabelKind, ruleset: &'r Ruleset) -> Judge<'r> {
        let order = Order::of(train_rows, test);
        let mut learner = Learner::new(ruleset);
        let judged = || train_rows.iter().filter(|row| !row.label.is_empty());
        let labels: BTreeSet<&str> = judged().map(|row| row.label.as_str()).collect();
        let labels: Vec<String> = labels.into_iter().map(str::to_owned).collect();
        let names: Vec<Reading> = labels.iter().map(|name| learner.name(name)).collect();
        let mut examples: Vec<Example> = judged()
            .map(|row| Example {
                reading: read(&mut learner, label, &row.text),
                label: labels.partition_point(|one| *one < row.label),
                arrived: order.arrived(row),
            })
            .collect();
        examples.sort_by_key(|example| example.arrived);
        let trained = train(&examples, &labels, &names, label.habits());
        let ranker = Ranker::new(&trained.model);
        Judge { learner, label, trained, ranker, order }
    }

    fn tell(&mut self, row: &Row) -> Told {
        let reading = read(&mut self.learner, self.label, &row.text);
        let mut scores = self.ranker.scores(&reading);
        let practice = self.trained.practice(&reading, self.order.arrived(row));
        scores.0.iter_mut().zip(practice).for_each(|(score, more)| *score += more);
        let shares = scores.shares();
        let best = scores.ranked().into_iter().take(TOLD);
        best.map(|label| (self.ranker.labels[label].id.clone(), shares[label])).collect()
    }
}

fn read(learner: &mut Learner<'_>, label: LabelKind, text: &str) -> Reading {
    match label {
        LabelKind::Topic => learner.message(text),
        LabelKind::Authority => learner.message_with_places(text),
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Figures {
    messages: usize,
    judged: usize,
    accuracy: f64,
    weighted_f1: f64,
    macro_f1: f64,
    top_3: f64,
}

/// How one label did.
#[derive(Debug, Default)]
struct Counts {
    right: usize,
    told: usize,
    gold: usize,
}

impl Counts {
    fn f1(&self) -> f64 {
        match self.told + self.gold {
            0 => 0.0,
            sum => 2.0 * self.right as f64 / sum as f64,
        }
    }
}

fn figures(rows: &[Row], told: &[Told]) -> Figures {
    let judged: Vec<(&str, &Told)> = rows
        .iter()
        .zip(told)
        .filter(|(row, _)| !row.label.is_empty())
        .map(|(row, told)| (row.label.as_str(), told))
        .collect();
    let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut among_three = 0;
    for (gold, told) in &judged {
        let first = told.first().map_or("", |one| one.0.as_str());
        counts.entry(gold).or_default().gold += 1;
        counts.entry(first).or_default().told += 1;
        counts.entry(gold).or_default().right += usize::from(first == *gold);
        among_three += usize::from(told.iter().any(|one| one.0 == *gold));
    }
    let share = |part: f64, whole: usize| if whole == 0 { 0.0 } else { part / whole as f64 };
    let right: usize = counts.values().map(|one| one.right).sum();
    let weighted: f64 = counts.values().map(|one| one.f1() * one.gold as f64).sum();
    Figures {
        messages: rows.len(),
        judged: judged.len(),
        accuracy: share(right as f64, judged.len()),
        weighted_f1: share(weighted, judged.len()),
        macro_f1: share(counts.values().map(Counts::f1).sum(), counts.len()),
        top_3: share(among_three as f64, judged.len()),
    }
}

fn write_predictions(path: &Path, rows: &[Row], told: &[Told]) -> Result<()> {
    let at = || format!("writing {}", path.display());
    let mut writer = csv::Writer::from_path(path).with_context(at)?;
    writer.write_record(["id", "predicted", "second", "third", "confidence"])?;
    for (row, told) in rows.iter().zip(told) {
        let label = |place: usize| told.get(place).map_or("", |one| one.0.as_str());
        let confidence = format!("{:.4}", told.first().map_or(0.0, |one| one.1));
        writer.write_record([row.id.as_str(), label(0), label(1), label(2), &confidence])?;
    }
    writer.flush().with_context(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::ruleset_files::{hash, shipped};
    use crate::rules::ruleset::parse;

    const TRAIN: &str = "id,text,topic,authority\n\
        1,На Садовой глубокая яма,Ямы,Дорожный отдел\n\
        2,Яма у моста растёт,Ямы,Дорожный отдел\n\
        3,Выбоина и яма на выезде,Ямы,Дорожный отдел\n\
        4,Фонарь не горит неделю,Фонари,Горсвет\n\
        5,Не горят фонари на улице,Фонари,Горсвет\n\
        6,Погас фонарь у школы,Фонари,Горсвет\n";
    const TEST: &str = "id,text,topic,authority\n\
        7,Опять яма на дороге,Ямы,Дорожный отдел\n\
        8,Фонари не горят,Фонари,Горсвет\n\
        9,Фонарь упал в яму,Фонари,\n";

    fn judge(label: LabelKind) -> (serde_json::Value, String) {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("train.csv"), TRAIN).unwrap();
        std::fs::write(at("test.csv"), TEST).unwrap();
        let (train, test) = (at("train.csv"), at("test.csv"));
        let args = Args { train, test, label, predictions: Some(at("out.csv")) };
        let files = shipped("vologda").unwrap();
        let mut out = Vec::new();
        let ruleset = parse(&files, hash(&files)).unwrap();
        assert_eq!(run(&args, &ruleset, &mut out).unwrap(), 0);
        let figures = serde_json::from_slice(&out).unwrap();
        (figures, std::fs::read_to_string(at("out.csv")).unwrap())
    }

    #[test]
    fn a_file_is_learned_and_another_judged() {
        let (figures, written) = judge(LabelKind::Topic);
        assert_eq!(figures["judged"], 3, "{figures}");
        assert_eq!(figures["top_3"], 1.0, "{figures}");
        let lines: Vec<&str> = written.lines().collect();
        assert_eq!(lines[0], "id,predicted,second,third,confidence");
        assert!(lines[1].starts_with("7,Ямы,Фонари,,"), "{written}");
        assert!(lines[2].starts_with("8,Фонари,Ямы,,"), "{written}");
        assert_eq!(judge(LabelKind::Topic).1, written);
    }

    #[test]
    fn messages_that_nobody_judged_are_told_and_not_counted() {
        let (figures, written) = judge(LabelKind::Authority);
        assert_eq!((&figures["messages"], &figures["judged"]), (&3.into(), &2.into()));
        assert_eq!(written.lines().count(), 4);
        assert!(written.contains("7,Дорожный отдел,"), "{written}");
    }

    #[test]
    fn one_numbering_tells_the_order() {
        let row = |id: &str| Row { id: id.to_owned(), text: String::new(), label: String::new() };
        let check = |train: &[&str], test: &[&str], expected| {
            let rows = |ids: &[&str]| ids.iter().map(|id| row(id)).collect::<Vec<_>>();
            assert_eq!(Order::of(&rows(train), &rows(test)), expected, "{train:?} {test:?}");
        };
        check(&["1", "4"], &["2", "9"], Order::Known);
        check(&["1", "2"], &["1", "2"], Order::Unknown);
        check(&["a", "2"], &["3"], Order::Unknown);
    }

    #[test]
    fn figures_are_the_usual_ones() {
        let row = |label: &str| Row { id: String::new(), text: String::new(), label: label.into() };
        let told = |labels: &[&str]| labels.iter().map(|one| ((*one).to_owned(), 0.5)).collect();
        let rows = [row("a"), row("a"), row("b"), row("")];
        let told = [told(&["a", "b"]), told(&["b", "a"]), told(&["b"]), told(&["a"])];
        let figures = figures(&rows, &told);
        assert_eq!(figures.accuracy, 2.0 / 3.0);
        assert_eq!(figures.top_3, 1.0);
        assert!((figures.macro_f1 - 2.0 / 3.0).abs() < 1e-12, "{figures:?}");
        assert!((figures.weighted_f1 - 2.0 / 3.0).abs() < 1e-12, "{figures:?}");
    }
}
