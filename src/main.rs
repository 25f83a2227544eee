//! The program: parses the command line and hands it to `app`.

use std::process::ExitCode;

use clap::Parser;

use otklik::app::commands::{Cli, exit_code, run};
use otklik::cli::output::exit;

/// Posts are many small texts: with the system's allocator an eighth of an
/// import is spent on allocating and freeing them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("otklik: starting threads: {error}");
            return ExitCode::from(exit::TEMPORARY);
        }
    };
    let done = runtime.block_on(run(cli));
    // What had to end has ended in `run`. After an error stages may still be at
    // work: they go with the process and do their last step again next time.
    std::mem::forget(runtime);
    match done {
        Ok(code) => ExitCode::from(code),
        // Whoever read the answer has read enough: `otklik export posts | head`.
        Err(error) if is_closed_pipe(&error) => ExitCode::from(exit::OK),
        Err(error) => {
            eprintln!("otklik: {}", told(&error));
            ExitCode::from(exit_code(&error))
        }
    }
}

/// The error and its causes; some errors say their cause themselves.
fn told(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !text.contains(&cause) {
            let between = if text.is_empty() { "" } else { ": " };
            text = format!("{text}{between}{cause}");
        }
    }
    text
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let causes = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    causes.into_iter().any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
