//! The `rongqiao` program: parse the command line, dispatch, print the error chain once.

use clap::Parser;
use rongqiao::cli::Cli;
use std::error::Error;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Err(failure) = Cli::parse().run() else {
        return ExitCode::SUCCESS;
    };
    if failure.is_closed_pipe() {
        return ExitCode::SUCCESS;
    }
    let mut message = failure.to_string();
    let mut cause = failure.source();
    while let Some(error) = cause {
        message.push_str(": ");
        message.push_str(&error.to_string());
        cause = error.source();
    }
    print_error(&message);
    ExitCode::from(failure.exit_code())
}

#[expect(
    clippy::print_stderr,
    reason = "the one place that prints what a command failed with"
)]
fn print_error(message: &str) {
    eprintln!("{message}");
}
