//! `otklik check`: everything wrong or doubtful about a ruleset, with file and
//! line. Reads nothing itself and prints only problems.

use std::io::{self, Write};

use jiff::civil::Date;
use serde::Serialize;

use crate::adapters::ruleset_files;
use crate::cli::output::{Output, exit};
use crate::model::ruleset::{Problem, RulesetFiles, Severity};
use crate::rules::ruleset;

/// The problems of a ruleset's files, errors of reading first.
pub fn problems_of(files: &RulesetFiles, today: Date) -> Vec<Problem> {
    match ruleset::parse(files, ruleset_files::hash(files)) {
        Ok(ruleset) => ruleset::check(&ruleset, today),
        Err(problems) => problems,
    }
}

#[derive(Serialize)]
struct ProblemView<'p> {
    file: &'p str,
    /// Absent where the file as a whole is meant.
    line: Option<usize>,
    field: &'p str,
    severity: &'static str,
    message: &'p str,
}

impl<'p> From<&'p Problem> for ProblemView<'p> {
    fn from(problem: &'p Problem) -> ProblemView<'p> {
        ProblemView {
            file: &problem.file,
            line: (problem.line > 0).then_some(problem.line),
            field: &problem.field,
            severity: match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            message: &problem.message,
        }
    }
}

/// Prints the problems; 1 where one of them is an error.
pub fn report(problems: &[Problem], output: Output, out: &mut dyn Write) -> io::Result<u8> {
    let errors = problems.iter().filter(|one| one.severity == Severity::Error).count();
    match output {
        Output::Simple => {
            for problem in problems {
                writeln!(out, "{problem}")?;
            }
            writeln!(out, "{errors} errors, {} warnings", problems.len() - errors)?;
        }
        Output::Json => {
            let views: Vec<ProblemView<'_>> = problems.iter().map(ProblemView::from).collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&views)?)?;
        }
    }
    Ok(if errors > 0 { exit::FAILED } else { exit::OK })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(severity: Severity, line: usize) -> Problem {
        Problem {
            file: "regions/r/routes.toml".to_owned(),
            line,
            field: "body".to_owned(),
            message: "there is no body «x»".to_owned(),
            severity,
        }
    }

    fn printed(problems: &[Problem], output: Output) -> (u8, String) {
        let mut out = Vec::new();
        let code = report(problems, output, &mut out).unwrap();
        (code, String::from_utf8(out).unwrap())
    }

    #[test]
    fn errors_decide_the_exit_code() {
        let (code, text) = printed(&[problem(Severity::Warning, 3)], Output::Simple);
        assert_eq!(code, 0);
        assert_eq!(
            text,
            "regions/r/routes.toml:3: warning: body: there is no body «x»\n0 errors, 1 warnings\n"
        );
        let (code, text) = printed(&[problem(Severity::Error, 0)], Output::Json);
        let views: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(code, 1);
        assert_eq!(
            (&views[0]["line"], &views[0]["severity"]),
            (&serde_json::Value::Null, &"error".into())
        );
        assert_eq!(printed(&[], Output::Simple).0, 0);
    }

    #[test]
    fn files_that_do_not_parse_are_problems_too() {
        let mut files = RulesetFiles::default();
        files.0.insert("regions/r/region.toml".to_owned(), "id = 5".to_owned());
        let problems = problems_of(&files, "2026-05-12".parse().unwrap());
        assert!(problems.iter().any(|one| one.file == "regions/r/region.toml" && one.line == 1));
    }

    #[test]
    fn the_shipped_region_has_no_errors() {
        let files = ruleset_files::shipped("vologda").unwrap();
        let errors: Vec<String> = problems_of(&files, "2026-06-01".parse().unwrap())
            .iter()
            .filter(|one| one.severity == Severity::Error && one.file.starts_with("regions/"))
            .map(Problem::to_string)
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}
