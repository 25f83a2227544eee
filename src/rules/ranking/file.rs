//! A model as a file of the ruleset: one line a label, one a feature. Strict
//! where it reads: a line that is not understood is named, and nothing of the
//! file is used.

use std::fmt::Write;

use super::features::Block;
use super::model::{Feature, Label, Model};

/// Where the model stands among the keyword files.
pub const RANKING_FILE: &str = "keywords/_ranking.csv";

/// Changes when older programs would misread what is written.
const VERSION: &str = "2";
const HEADER: &str = "kind,key,value,weights";

/// More labels than this are no topics.
const LABELS_MAX: usize = 10_000;

/// Something wrong with a model file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// 1-based.
    pub line: usize,
    pub field: &'static str,
    pub message: String,
}

/// The file's text: the same model gives the same bytes.
pub fn print(model: &Model) -> String {
    let mut text = format!("{HEADER}\nmodel,{VERSION},{},\n", model.rare);
    for label in &model.labels {
        let _ = writeln!(text, "label,{},{},", label.id, label.examples);
    }
    for (block, key, feature) in &model.features {
        let _ = write!(text, "{},{key:016x},{},", block.name(), feature.rarity);
        for (number, (label, weight)) in feature.weights.iter().enumerate() {
            let between = if number == 0 { "" } else { " " };
            let _ = write!(text, "{between}{label}:{weight}");
        }
        text.push('\n');
    }
    text
}

/// The model of a file, or the first thing that is wrong with it.
pub fn parse(text: &str) -> Result<Model, Mistake> {
    let mut lines = text.lines().zip(1..);
    let mut model = Model::default();
    expect_header(lines.next())?;
    model.rare = version(lines.next())?;
    for (line, number) in lines {
        let row = Row::new(line, number)?;
        match row.kind {
            "label" => row.label(&mut model)?,
            kind => match Block::parse(kind) {
                Some(block) => row.feature(block, &mut model)?,
                None => return Err(row.mistake("kind", format!("«{kind}» is not known"))),
            },
        }
    }
    if model.labels.is_empty() {
        let message = "the model has no label".to_owned();
        return Err(Mistake { line: 1, field: "kind", message });
    }
    Ok(model)
}

fn expect_header(line: Option<(&str, usize)>) -> Result<(), Mistake> {
    match line {
        Some((HEADER, _)) => Ok(()),
        Some(_) | None => {
            Err(Mistake { line: 1, field: "header", message: format!("must be `{HEADER}`") })
        }
    }
}

fn version(line: Option<(&str, usize)>) -> Result<f64, Mistake> {
    let row = Row::new(line.map_or("", |one| one.0), 2)?;
    match (row.kind, row.key) {
        ("model", VERSION) => row.number(),
        ("model", version) => {
            Err(row.mistake("key", format!("version «{version}», this program reads {VERSION}")))
        }
        (kind, _) => Err(row.mistake("kind", format!("«{kind}» where `model` must stand"))),
    }
}

/// A line of the file.
struct Row<'t> {
    line: usize,
    kind: &'t str,
    key: &'t str,
    value: &'t str,
    weights: &'t str,
}

impl<'t> Row<'t> {
    fn new(text: &'t str, line: usize) -> Result<Row<'t>, Mistake> {
        let mut cells = text.split(',');
        let mut next = || cells.next();
        match (next(), next(), next(), next(), next()) {
            (Some(kind), Some(key), Some(value), Some(weights), None) => {
                Ok(Row { line, kind, key, value, weights })
            }
            _ => Err(Mistake { line, field: "row", message: "four cells are wanted".to_owned() }),
        }
    }

    fn mistake(&self, field: &'static str, message: String) -> Mistake {
        Mistake { line: self.line, field, message }
    }

    /// The value as a finite number that is not below zero.
    fn number(&self) -> Result<f64, Mistake> {
        match self.value.parse::<f64>() {
            Ok(value) if value.is_finite() && 0.0 <= value => Ok(value),
            Ok(_) | Err(_) => {
                Err(self.mistake("value", format!("«{}» is no number from 0 on", self.value)))
            }
        }
    }

    fn label(&self, model: &mut Model) -> Result<(), Mistake> {
        let examples = self.value.parse().map_err(|_| {
            self.mistake("value", format!("«{}» is no count of examples", self.value))
        })?;
        if model.labels.len() == LABELS_MAX {
            return Err(self.mistake("kind", format!("more than {LABELS_MAX} labels")));
        }
        if model.labels.iter().any(|label| label.id == self.key) {
            return Err(self.mistake("key", format!("label «{}» stands here twice", self.key)));
        }
        model.labels.push(Label { id: self.key.to_owned(), examples });
        Ok(())
    }

    fn feature(&self, block: Block, model: &mut Model) -> Result<(), Mistake> {
        let key = u64::from_str_radix(self.key, 16)
            .map_err(|_| self.mistake("key", format!("«{}» is no key", self.key)))?;
        let last = model.features.last().map(|(block, key, _)| (*block, *key));
        if last.is_some_and(|last| (block, key) <= last) {
            return Err(self.mistake("key", "features stand in order, each once".to_owned()));
        }
        let rarity = self.number()?;
        let weights = self.weights.split_ascii_whitespace();
        let weights: Result<Box<[(u16, f32)]>, Mistake> =
            weights.map(|one| self.weight(one, model.labels.len())).collect();
        model.features.push((block, key, Feature { rarity, weights: weights? }));
        Ok(())
    }

    fn weight(&self, text: &str, labels: usize) -> Result<(u16, f32), Mistake> {
        let parts = text.split_once(':').and_then(|(label, weight)| {
            Some((label.parse::<u16>().ok()?, weight.parse::<f32>().ok()?))
        });
        match parts {
            Some((label, weight)) if usize::from(label) < labels && weight.is_finite() => {
                Ok((label, weight))
            }
            Some(_) | None => {
                Err(self.mistake("weights", format!("«{text}» is no weight of a label")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "kind,key,value,weights\n\
        model,2,3.5,\n\
        label,road-potholes,12,\n\
        label,street-lights-off,7,\n\
        stem,00000000000000ab,2.25,0:0.5 1:-0.125\n\
        letters,0000000000000001,1.5,\n";

    #[test]
    fn what_is_printed_is_read_back() {
        let model = parse(GOOD).unwrap();
        assert_eq!(model.labels[1].id, "street-lights-off");
        assert_eq!(*model.features[0].2.weights, [(0, 0.5), (1, -0.125)]);
        assert_eq!(print(&model), GOOD);
    }

    fn check(from: &str, to: &str, expected: (usize, &str, &str)) {
        assert!(GOOD.contains(from), "{from}");
        let mistake = parse(&GOOD.replacen(from, to, 1)).unwrap_err();
        let found = (mistake.line, mistake.field);
        assert_eq!(found, (expected.0, expected.1), "{mistake:?}");
        assert!(mistake.message.contains(expected.2), "{mistake:?}");
    }

    #[test]
    fn a_bad_line_is_named() {
        check("kind,key", "kind,keys", (1, "header", "must be"));
        check("model,2", "model,9", (2, "key", "version «9»"));
        check("3.5", "NaN", (2, "value", "NaN"));
        check("label,street-lights-off", "label,road-potholes", (4, "key", "twice"));
        check("label,road-potholes,12", "label,road-potholes,many", (3, "value", "many"));
        check("1:-0.125", "2:-0.125", (5, "weights", "2:-0.125"));
        check("0:0.5", "0:inf", (5, "weights", "inf"));
        check("letters,0000000000000001", "letters,xyz", (6, "key", "xyz"));
        check("letters,", "words,", (6, "kind", "«words»"));
        check("letters,0000000000000001,1.5,", "letters,1", (6, "row", "four cells"));
        check("letters,0000000000000001", "stem,00000000000000ab", (6, "key", "in order"));
    }
}
