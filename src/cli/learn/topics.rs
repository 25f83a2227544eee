//! `otklik learn topics`: learns the order of topics from people's decisions or
//! from judged files, shows what it would bring, and takes it when told to.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};

use crate::adapters::ruleset_files;
use crate::cli::learn::Asked;
use crate::cli::output::{Output, Usage, exit};
use crate::cli::words::Words;
use crate::model::topic::TopicId;
use crate::rules::learning::{Judged, Lesson, OfTopic, Rates, TOPIC_EXAMPLES_MIN, learn};
use crate::rules::ranking::{RANKING_FILE, print};
use crate::rules::ruleset::Ruleset;
use crate::rules::wording::Arg;

#[derive(Debug, Args)]
pub struct TopicsArgs {
    /// CSV with `id`, `text`, `topic` (id or name) instead of the decisions in the data folder
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub from: Vec<PathBuf>,
    /// Write the model into the folder of keywords; without it nothing changes
    #[arg(long)]
    pub take: bool,
}

/// What is learned from.
#[derive(Debug, Default)]
pub struct Material {
    pub judged: Vec<Judged>,
    /// Topics of the files that the ruleset does not know, with their rows.
    pub unknown: BTreeMap<String, usize>,
}

/// The rows of judged files. A topic is an id or a name, in either language.
pub fn read_files(files: &[PathBuf], ruleset: &Ruleset) -> anyhow::Result<Material> {
    let mut material = Material::default();
    for path in files {
        read_file(path, ruleset, &mut material)
            .with_context(|| format!("reading {}", path.display()))?;
    }
    Ok(material)
}

fn read_file(path: &Path, ruleset: &Ruleset, material: &mut Material) -> anyhow::Result<()> {
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let column = |name: &str| {
        let found = header.iter().position(|one| one == name);
        found.ok_or_else(|| Usage(format!("{}: no column `{name}`", path.display())))
    };
    let (text, topic) = (column("text")?, column("topic")?);
    for record in reader.records() {
        let record = record?;
        let (text, written) = (record.get(text).unwrap_or(""), record.get(topic).unwrap_or(""));
        match topic_written(written, ruleset) {
            Some(topic) => material.judged.push(Judged { text: text.to_owned(), topic }),
            None => *material.unknown.entry(written.trim().to_owned()).or_default() += 1,
        }
    }
    Ok(())
}

fn topic_written(written: &str, ruleset: &Ruleset) -> Option<TopicId> {
    let wanted = written.trim().to_lowercase();
    let is_it = |name: &str| name.to_lowercase() == wanted;
    let mut topics = ruleset.topics().map(|(_, topic)| topic);
    let found =
        topics.find(|topic| topic.id.0 == wanted || is_it(&topic.name.ru) || is_it(&topic.name.en));
    found.map(|topic| topic.id.clone())
}

/// Learns, tells, and with `--take` writes into the folder.
pub fn run(
    args: &TopicsArgs,
    material: &Material,
    ruleset: &Ruleset,
    asked: &Asked<'_>,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> anyhow::Result<u8> {
    let Asked { output, words, .. } = *asked;
    let folder = asked.folder_to_write(args.take)?;
    let lesson = match learn(&material.judged, ruleset) {
        Ok(lesson) => lesson,
        Err(too_few) => {
            tell_unknown(material, words, errors)?;
            let args = [
                ("examples", Arg::from(material.judged.len() as u32)),
                ("topics", Arg::from(too_few.topics as u32)),
                ("least", Arg::from(TOPIC_EXAMPLES_MIN as u32)),
            ];
            writeln!(errors, "{}", words.say("learn-too-few", &args))?;
            return Ok(exit::FAILED);
        }
    };
    let text = print(&lesson.model);
    if let Some(folder) = folder {
        let name = RANKING_FILE.rsplit('/').next().unwrap_or(RANKING_FILE);
        ruleset_files::write(folder, name, &text)?;
    }
    match output {
        Output::Json => {
            let view = view(&lesson, material, text.len(), folder);
            writeln!(out, "{view}")?;
        }
        Output::Simple => {
            tell_unknown(material, words, errors)?;
            for line in lines(&lesson, ruleset, words, text.len(), folder) {
                writeln!(out, "{line}")?;
            }
        }
    }
    Ok(exit::OK)
}

fn tell_unknown(material: &Material, words: &Words, errors: &mut dyn Write) -> anyhow::Result<()> {
    for (topic, &rows) in &material.unknown {
        let args = [("topic", Arg::from(topic)), ("rows", Arg::from(rows as u32))];
        writeln!(errors, "{}", words.say("learn-unknown", &args))?;
    }
    Ok(())
}

fn view(lesson: &Lesson, material: &Material, bytes: usize, folder: Option<&Path>) -> Value {
    let rates = |rates: Rates| json!({ "first": rates.first, "among_three": rates.among_three });
    let topics = |topics: &[OfTopic]| -> Vec<Value> {
        let view = |one: &OfTopic| {
            json!({
                "topic": one.topic, "examples": one.examples,
                "before": one.before, "after": one.after,
            })
        };
        topics.iter().map(view).collect()
    };
    json!({
        "examples": lesson.examples,
        "too_old": lesson.too_old,
        "unknown": material.unknown,
        "before": rates(lesson.before),
        "after": rates(lesson.after),
        "topics": topics(&lesson.taught),
        "left_to_dictionaries": topics(&lesson.thin),
        "bytes": bytes,
        "taken": folder.map(|folder| folder.display().to_string()),
    })
}

fn lines(
    lesson: &Lesson,
    ruleset: &Ruleset,
    words: &Words,
    bytes: usize,
    folder: Option<&Path>,
) -> Vec<String> {
    let percent = |share: f64| format!("{:.1}", share * 100.0);
    let say_rates = |key: &str, rates: Rates| {
        let (first, three) = (percent(rates.first), percent(rates.among_three));
        words.say(key, &[("first", Arg::from(&first)), ("three", Arg::from(&three))])
    };
    let examples = [
        ("examples", Arg::from(lesson.examples as u32)),
        ("topics", Arg::from(lesson.taught.len() as u32)),
        ("kib", Arg::from(bytes.div_ceil(1024) as u32)),
    ];
    let mut lines = vec![
        words.say("learn-examples", &examples),
        say_rates("learn-before", lesson.before),
        say_rates("learn-after", lesson.after),
    ];
    if lesson.too_old > 0 {
        lines.push(words.count("learn-too-old", lesson.too_old as u32));
    }
    let topic = |key: &str, one: &OfTopic| {
        let name = ruleset
            .topic(&one.topic)
            .map_or(one.topic.0.as_str(), |(_, topic)| words.name(&topic.name));
        let args = [
            ("topic", Arg::from(name)),
            ("examples", Arg::from(one.examples as u32)),
            ("before", Arg::from(one.before as u32)),
            ("after", Arg::from(one.after as u32)),
        ];
        format!("  {}", words.say(key, &args))
    };
    lines.extend(lesson.taught.iter().map(|one| topic("learn-topic", one)));
    lines.extend(lesson.thin.iter().map(|one| topic("learn-thin", one)));
    lines.push(match folder {
        Some(folder) => words.about("learn-taken", &folder.display().to_string()),
        None => words.say("learn-not-taken", &[]),
    });
    lines
}
