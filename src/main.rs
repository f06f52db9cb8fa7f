//! The `rongqiao` program: parse the command line, dispatch, print the error chain once.

use clap::Parser;
use rongqiao::cli::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Err(failure) = Cli::parse().run() else {
        return ExitCode::SUCCESS;
    };
    if failure.is_closed_pipe() {
        return ExitCode::SUCCESS;
    }
    print_error(&failure.in_full());
    ExitCode::from(failure.exit_code())
}

#[expect(
    clippy::print_stderr,
    reason = "the one place that prints what a command failed with"
)]
fn print_error(message: &str) {
    eprintln!("{message}");
}
