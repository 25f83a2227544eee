//! `otklik eval kinds`: what kind of post each row of a file is and whether it
//! would be taken into work, by the same reading as the running program; with
//! people's judgements beside it, how often that is right.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::cli::eval::incidents::{Row, read_posts};
use crate::cli::eval::metrics::{Rates, counted_rates};
use crate::model::finding::{Finding, PostKind, Verdict};
use crate::model::post::{Post, PostKey};
use crate::model::text::Span;
use crate::model::time::Timestamp;
use crate::pipeline::matcher::PostReader;
use crate::rules::matching::Matcher;
use crate::rules::ruleset::Ruleset;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// CSV with `id`, `text` and, where known, `network`, `parent_id`, `source`
    #[arg(long)]
    pub posts: PathBuf,
    /// CSV with `id`, `kind`, `concrete`; an empty cell is not judged
    #[arg(long)]
    pub gold: Option<PathBuf>,
    /// Where to write `id,kind,concrete,score`
    #[arg(long)]
    pub predictions: Option<PathBuf>,
    /// Where to write `id,reason,adds,words`: what spoke for and against each post
    #[arg(long)]
    pub reasons: Option<PathBuf>,
}

/// Exit code: 0 read, 1 nothing in common between posts and judgements.
pub fn run(args: &Args, ruleset: &Ruleset, out: &mut dyn Write) -> Result<u8> {
    let rows = read_posts(&args.posts)?;
    let findings = read(&rows, ruleset);
    if let Some(path) = &args.predictions {
        write_predictions(path, &rows, &findings)?;
    }
    if let Some(path) = &args.reasons {
        write_reasons(path, &rows, &findings)?;
    }
    let gold = args.gold.as_deref().map(read_gold).transpose()?;
    let judged = gold.map(|gold| judged(&rows, &findings, &gold));
    let nothing_judged = judged.as_ref().is_some_and(|judged| judged.judged == 0);
    serde_json::to_writer_pretty(&mut *out, &figures(&findings, judged))?;
    writeln!(out)?;
    Ok(u8::from(nothing_judged))
}

/// In the order of the file; a comment below a row of the file takes from it
/// what it would take from a stored post.
fn read(rows: &[Row], ruleset: &Ruleset) -> Vec<Finding> {
    let mut reader = PostReader::new(ruleset);
    let stored = |(position, row): (u64, &Row)| row.stored(position, Timestamp::UNIX_EPOCH).post;
    let posts: Vec<Post> = (1..).zip(rows).map(stored).collect();
    let by_key: BTreeMap<&PostKey, &Post> = posts.iter().map(|post| (&post.key, post)).collect();
    let read_one = |post: &Post| {
        let finding = reader.read(post);
        let above = post.above().filter(|_| Matcher::asks_above(&finding));
        match above.and_then(|key| by_key.get(&key)) {
            Some(above) => reader.below(finding, above),
            None => finding,
        }
    };
    posts.iter().map(read_one).collect()
}

fn kind(finding: &Finding) -> PostKind {
    finding.kind.unwrap_or(PostKind::Other)
}

/// Whether the pipeline would open or join an incident with it.
fn is_concrete(finding: &Finding) -> bool {
    finding.verdict == Verdict::Matched
}

#[derive(Debug, Clone, Deserialize)]
struct Gold {
    id: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    concrete: String,
}

fn read_gold(path: &Path) -> Result<BTreeMap<String, Gold>> {
    let context = || format!("reading {}", path.display());
    let mut reader = csv::Reader::from_path(path).with_context(context)?;
    let mut gold = BTreeMap::new();
    for row in reader.deserialize() {
        let row: Gold = row.with_context(context)?;
        if !row.kind.is_empty() && PostKind::parse(&row.kind).is_none() {
            bail!("{}: «{}» of {} is no kind", path.display(), row.kind, row.id);
        }
        if !matches!(row.concrete.as_str(), "" | "0" | "1") {
            bail!("{}: concrete is 1 or 0, not «{}» ({})", path.display(), row.concrete, row.id);
        }
        gold.insert(row.id.clone(), row);
    }
    Ok(gold)
}

#[derive(Debug, Serialize)]
struct Figures {
    posts: usize,
    concrete: usize,
    kinds: BTreeMap<&'static str, usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gold: Option<Judged>,
}

/// Against people's judgements; kinds that nobody and nothing named are left out.
#[derive(Debug, Serialize)]
struct Judged {
    judged: usize,
    concrete: Rates,
    kind_accuracy: f64,
    kinds: BTreeMap<&'static str, Rates>,
}

fn figures(findings: &[Finding], gold: Option<Judged>) -> Figures {
    let count = |wanted| findings.iter().filter(|one| kind(one) == wanted).count();
    Figures {
        posts: findings.len(),
        concrete: findings.iter().filter(|one| is_concrete(one)).count(),
        kinds: PostKind::ALL.into_iter().map(|one| (one.as_str(), count(one))).collect(),
        gold,
    }
}

fn judged(rows: &[Row], findings: &[Finding], gold: &BTreeMap<String, Gold>) -> Judged {
    let pairs: Vec<(&Gold, &Finding)> = rows
        .iter()
        .zip(findings)
        .filter_map(|(row, one)| Some((gold.get(&row.id)?, one)))
        .collect();
    let concrete: Vec<(bool, bool)> = pairs
        .iter()
        .filter(|(gold, _)| !gold.concrete.is_empty())
        .map(|(gold, one)| (gold.concrete == "1", is_concrete(one)))
        .collect();
    let kinds: Vec<(PostKind, PostKind)> = pairs
        .iter()
        .filter_map(|(gold, one)| Some((PostKind::parse(&gold.kind)?, kind(one))))
        .collect();
    let right = kinds.iter().filter(|(gold, found)| gold == found).count();
    let rates_of = |wanted: PostKind| {
        let marks = kinds.iter().map(|&(gold, found)| (gold == wanted, found == wanted));
        marks
            .clone()
            .any(|(gold, found)| gold || found)
            .then(|| (wanted.as_str(), counted_rates(marks)))
    };
    Judged {
        judged: pairs.len(),
        concrete: counted_rates(concrete.into_iter()),
        kind_accuracy: if kinds.is_empty() { 0.0 } else { right as f64 / kinds.len() as f64 },
        kinds: PostKind::ALL.into_iter().filter_map(rates_of).collect(),
    }
}

fn write_predictions(path: &Path, rows: &[Row], findings: &[Finding]) -> Result<()> {
    let context = || format!("writing {}", path.display());
    let mut writer = csv::Writer::from_path(path).with_context(context)?;
    writer.write_record(["id", "kind", "concrete", "score"])?;
    for (row, one) in rows.iter().zip(findings) {
        let concrete = if is_concrete(one) { "1" } else { "0" };
        let score = format!("{:.3}", one.concreteness);
        writer.write_record([row.id.as_str(), kind(one).as_str(), concrete, &score])?;
    }
    Ok(writer.flush()?)
}

fn write_reasons(path: &Path, rows: &[Row], findings: &[Finding]) -> Result<()> {
    let context = || format!("writing {}", path.display());
    let mut writer = csv::Writer::from_path(path).with_context(context)?;
    writer.write_record(["id", "reason", "adds", "words"])?;
    for (row, one) in rows.iter().zip(findings) {
        let signals = one.signals.iter().map(|signal| {
            let adds = if signal.kind.is_for() { signal.weight } else { -signal.weight };
            (signal.signal.as_str(), adds, words(&signal.spans, &row.text))
        });
        let marks =
            one.marks.iter().map(|mark| (&*mark.mark, mark.weight, words(&mark.spans, &row.text)));
        for (reason, adds, words) in signals.chain(marks) {
            writer.write_record([&row.id, reason, &format!("{adds:.3}"), &words])?;
        }
    }
    Ok(writer.flush()?)
}

fn words(spans: &[Span], text: &str) -> String {
    spans.iter().map(|span| span.of(text)).collect::<Vec<_>>().join(" … ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::ruleset_files::{hash, shipped};
    use crate::rules::ruleset::parse;

    const POSTS: &str = "id,parent_id,text\n\
        a,,\"Гончарная, 14: батареи холодные третий день, просим принять меры\"\n\
        b,a,и у нас так же\n\
        c,,\"Продам коляску, торг\"\n\
        d,,\"Когда включат отопление на Мира 5?\"\n";

    #[test]
    fn a_file_is_read_judged_and_written() {
        let files = shipped("vologda").unwrap();
        let ruleset = parse(&files, hash(&files)).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("posts.csv"), POSTS).unwrap();
        let gold = "id,kind,concrete\na,complaint,1\nb,,1\nc,announcement,0\nd,complaint,1\n";
        std::fs::write(at("gold.csv"), gold).unwrap();
        let args = Args {
            posts: at("posts.csv"),
            gold: Some(at("gold.csv")),
            predictions: Some(at("out.csv")),
            reasons: Some(at("reasons.csv")),
        };
        let mut out = Vec::new();
        assert_eq!(run(&args, &ruleset, &mut out).unwrap(), 0);
        let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(json["concrete"], 3, "{json}");
        assert_eq!(json["gold"]["concrete"]["f1"], 1.0, "{json}");
        assert_eq!(json["gold"]["kinds"]["question"]["precision"], 0.0, "{json}");
        let predictions = std::fs::read_to_string(at("out.csv")).unwrap();
        let kinds: Vec<&str> =
            predictions.lines().map(|line| line.rsplit_once(',').unwrap().0).collect();
        assert_eq!(
            kinds,
            [
                "id,kind,concrete",
                "a,complaint,1",
                "b,complaint,1",
                "c,announcement,0",
                "d,question,1"
            ]
        );
        let reasons = std::fs::read_to_string(at("reasons.csv")).unwrap();
        assert!(reasons.contains("c,sale,-5.000,"), "{reasons}");
        let findings = read(&read_posts(&at("posts.csv")).unwrap(), &ruleset);
        assert_eq!(findings[1].topics[0].topic, findings[0].topics[0].topic);
    }

    #[test]
    fn a_wrong_judgement_is_refused_and_a_strange_one_counts_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gold.csv");
        std::fs::write(&path, "id,kind,concrete\na,rumour,1\n").unwrap();
        assert!(read_gold(&path).unwrap_err().to_string().contains("«rumour»"));
        std::fs::write(&path, "id,kind,concrete\na,,yes\n").unwrap();
        assert!(read_gold(&path).unwrap_err().to_string().contains("«yes»"));
    }
}
