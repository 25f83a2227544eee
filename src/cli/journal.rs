//! `otklik journal verify`: is the chain of the journal whole?

use std::io::Write;

use serde_json::json;

use crate::adapters::store::Reader;
use crate::adapters::store::read::Verification;
use crate::cli::output::{Output, exit};
use crate::cli::words::Words;
use crate::rules::wording::Arg;

/// Prints the verdict; exit 1 where an entry was changed or is missing.
pub fn verify(
    reader: &Reader,
    output: Output,
    words: &Words,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let verdict = reader.verify_journal()?;
    let (text, value, code) = match &verdict {
        Verification::Whole { entries, head } => (
            {
                let count = [("count", Arg::from(*entries))];
                format!("{} {head}", words.say("journal-whole", &count))
            },
            json!({ "whole": true, "entries": entries, "head": head }),
            exit::OK,
        ),
        Verification::Broken { seq, why } => (
            words.say("journal-broken", &[("count", Arg::from(*seq))]),
            json!({ "whole": false, "seq": seq, "why": why }),
            exit::FAILED,
        ),
    };
    match output {
        Output::Simple => writeln!(out, "{text}")?,
        Output::Json => writeln!(out, "{value}")?,
    }
    Ok(code)
}
