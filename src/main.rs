//! The program: parses the command line and hands it to `app`.

use std::process::ExitCode;

use clap::Parser;

use otklik::adapters::store::StoreError;
use otklik::app::commands::{Cli, run};
use otklik::cli::output::exit;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("otklik: {error:#}");
            ExitCode::from(exit_code(&error))
        }
    }
}

fn exit_code(error: &anyhow::Error) -> u8 {
    let temporary = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<StoreError>())
        .any(StoreError::is_temporary);
    if temporary { exit::TEMPORARY } else { exit::FAILED }
}
