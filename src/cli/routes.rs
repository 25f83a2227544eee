//! `otklik routes test` and `otklik routes tree`: where a matter would go and
//! why, without sending anything anywhere.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::output::{Output, exit};
use crate::cli::words::Words;
use crate::model::incident::Route;
use crate::model::region::TerritoryId;
use crate::model::topic::{Scale, Topic, TopicGroup, TopicId};
use crate::rules::routing::{TreeLine, route, tree_lines};
use crate::rules::ruleset::Ruleset;

#[derive(Debug, Subcommand)]
pub enum RoutesCommand {
    /// Say which body answers for a matter, and by which branch
    Test(TestArgs),
    /// Print the routing tree in the order in which it is asked
    Tree,
}

#[derive(Debug, Args)]
pub struct TestArgs {
    /// A topic's id, as in keywords/
    #[arg(long)]
    pub topic: String,
    /// A territory's id, as in the region pack; absent = not known
    #[arg(long)]
    pub territory: Option<String>,
    /// local, municipal or regional; absent = the topic's own
    #[arg(long, value_parser = parse_scale)]
    pub scale: Option<Scale>,
    /// Exit with 1 where only the root matched
    #[arg(long)]
    pub strict: bool,
}

fn parse_scale(text: &str) -> Result<Scale, String> {
    Scale::parse(text).ok_or_else(|| "expected local, municipal or regional".to_owned())
}

pub fn run(
    command: &RoutesCommand,
    ruleset: &Ruleset,
    output: Output,
    words: &Words,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> io::Result<u8> {
    match command {
        RoutesCommand::Test(args) => test(args, ruleset, output, words, out, errors),
        RoutesCommand::Tree => tree(ruleset, output, out),
    }
}

#[derive(Serialize)]
struct RouteView<'r> {
    body: &'r str,
    body_name: &'r str,
    branch: &'r [String],
    only_root: bool,
    topic: &'r str,
    topic_group: &'r str,
    territory: Option<&'r str>,
    scale: &'static str,
}

fn test(
    args: &TestArgs,
    ruleset: &Ruleset,
    output: Output,
    words: &Words,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> io::Result<u8> {
    let region = &ruleset.region;
    let Some((group, topic)) = ruleset.topic(&TopicId(args.topic.clone())) else {
        writeln!(errors, "otklik: {}", words.about("cli-no-topic", &args.topic))?;
        return Ok(exit::USAGE);
    };
    let territory = args.territory.clone().map(TerritoryId);
    if let Some(id) = &territory
        && !region.territories.iter().any(|territory| territory.id == *id)
    {
        writeln!(errors, "otklik: {}", words.about("cli-no-territory", &id.0))?;
        return Ok(exit::USAGE);
    }
    let scale = args.scale.unwrap_or(topic.scale);
    let found =
        route(&region.routes, &region.bodies, &topic.id, &group.id, territory.as_ref(), scale);
    let view = view(&found, ruleset, (group, topic), territory.as_ref(), scale);
    match output {
        Output::Simple => {
            let body = region.bodies.iter().find(|body| body.id == found.body);
            let name = body.map_or("", |body| words.name(&body.name));
            writeln!(out, "{} ({name})", view.body)?;
            writeln!(out, "{}", view.branch.join(" → "))?;
        }
        Output::Json => writeln!(out, "{}", serde_json::to_string_pretty(&view)?)?,
    }
    Ok(if args.strict && found.only_root { exit::FAILED } else { exit::OK })
}

fn view<'r>(
    found: &'r Route,
    ruleset: &'r Ruleset,
    (group, topic): (&'r TopicGroup, &'r Topic),
    territory: Option<&'r TerritoryId>,
    scale: Scale,
) -> RouteView<'r> {
    let body = ruleset.region.bodies.iter().find(|body| body.id == found.body);
    RouteView {
        body: &found.body.0,
        body_name: body.map_or("", |body| &body.name.ru),
        branch: &found.branch,
        only_root: found.only_root,
        topic: &topic.id.0,
        topic_group: &group.id,
        territory: territory.map(|id| id.0.as_str()),
        scale: scale.as_str(),
    }
}

#[derive(Serialize)]
struct LineView<'l> {
    depth: usize,
    name: &'l str,
    conditions: &'l [String],
    body: &'l str,
}

fn tree(ruleset: &Ruleset, output: Output, out: &mut dyn Write) -> io::Result<u8> {
    let lines = tree_lines(&ruleset.region.routes);
    match output {
        Output::Simple => {
            for line in &lines {
                writeln!(out, "{}", simple(line))?;
            }
        }
        Output::Json => {
            let views: Vec<LineView<'_>> = lines
                .iter()
                .map(|line| LineView {
                    depth: line.depth,
                    name: &line.name,
                    conditions: &line.conditions,
                    body: &line.body,
                })
                .collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&views)?)?;
        }
    }
    Ok(exit::OK)
}

fn simple(line: &TreeLine) -> String {
    let indent = "  ".repeat(line.depth);
    let conditions = match line.conditions.is_empty() {
        true => String::new(),
        false => format!(" [{}]", line.conditions.join("; ")),
    };
    format!("{indent}{}{conditions} → {}", line.name, line.body)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::adapters::ruleset_files;
    use crate::rules::ruleset::parse;
    use crate::rules::wording::Lang;

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        command: RoutesCommand,
    }

    fn ran(line: &[&str], output: Output) -> (u8, String, String) {
        let files = ruleset_files::shipped("vologda").unwrap();
        let ruleset = parse(&files, ruleset_files::hash(&files)).unwrap();
        let line = Line::parse_from([&["routes"], line].concat());
        let (mut out, mut errors) = (Vec::new(), Vec::new());
        let words = Words::new(Lang::Ru);
        let code = run(&line.command, &ruleset, output, &words, &mut out, &mut errors).unwrap();
        (code, String::from_utf8(out).unwrap(), String::from_utf8(errors).unwrap())
    }

    fn some_topic(group: &str) -> String {
        let files = ruleset_files::shipped("vologda").unwrap();
        let ruleset = parse(&files, ruleset_files::hash(&files)).unwrap();
        let group = ruleset.groups.iter().find(|one| one.id == group).unwrap();
        group.topics[0].id.0.clone()
    }

    #[test]
    fn a_local_matter_goes_to_the_municipality() {
        let topic = some_topic("roads");
        let line = ["test", "--topic", &topic, "--territory", "cherepovets", "--scale", "local"];
        let (code, out, _) = ran(&line, Output::Json);
        let view: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(code, exit::OK);
        assert_eq!((&view["only_root"], &view["branch"][0]), (&false.into(), &"root".into()));
        assert_eq!((&view["territory"], &view["scale"]), (&"cherepovets".into(), &"local".into()));
        let (_, simple, _) = ran(&line, Output::Simple);
        assert!(simple.starts_with(view["body"].as_str().unwrap()), "{simple}");
    }

    #[test]
    fn names_that_do_not_exist_are_a_usage_error() {
        let topic = some_topic("roads");
        let lines = [
            ["test", "--topic", "no-such-topic", "--territory", "cherepovets"],
            ["test", "--topic", &topic, "--territory", "no-such-place"],
        ];
        for line in lines {
            let (code, out, errors) = ran(&line, Output::Simple);
            assert_eq!((code, out.as_str()), (exit::USAGE, ""));
            assert!(errors.contains("no-such-"), "{errors}");
        }
    }

    #[test]
    fn the_tree_begins_with_its_root() {
        let (code, simple, _) = ran(&["tree"], Output::Simple);
        let (_, json, _) = ran(&["tree"], Output::Json);
        let lines: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
        assert_eq!(code, exit::OK);
        assert!(simple.starts_with("root → "), "{simple}");
        assert_eq!(simple.lines().count(), lines.len());
        assert_eq!((&lines[0]["depth"], &lines[0]["name"]), (&0.into(), &"root".into()));
    }
}
