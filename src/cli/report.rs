//! `rongqiao report`: the monitor of a month as a workbook.

use super::database;
use super::failure::Failure;
use super::output::into_place;
use crate::actions::monitor::{self, Asked};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::domain::dates::Day;
use crate::domain::monitor::series::first_of_month;
use crate::web::view::monitor_files;
use std::path::PathBuf;

/// Write the monitor of a month into a workbook: funnel, volumes and rates by month, bank, kind and guarantee.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rongqiao report --month 2026-11 --out 2026-11.xlsx")]
pub struct Args {
    /// The month, as 2026-11.
    #[arg(long, value_name = "YYYY-MM", value_parser = first_day)]
    month: Day,
    /// The workbook.
    #[arg(long, value_name = "F")]
    out: PathBuf,
    /// Settings that override the defaults.
    #[arg(long, value_name = "F")]
    config: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// A database that can't be used, or a file that can't be written.
pub fn run(args: &Args) -> Result<(), Failure> {
    let config = Config::load(args.config.as_deref())?;
    let store = database::as_it_is(&config)?;
    let asked = Asked {
        from: Some(args.month),
        // Whatever the month, so many days after its first it is the next one.
        to: Some(first_of_month(args.month.plus_days(31)).plus_days(-1)),
        ..Asked::default()
    };
    let found = monitor::of_district(&store, &SystemClock, &config.site.district_code, asked)?;
    let bytes = monitor_files::report(&found, &config.site.organiser, SystemClock.now())?;
    into_place(&args.out, |out| Ok(out.write_all(&bytes)?))
}

/// The first day of a month that is written as 2026-11.
fn first_day(month: &str) -> Result<Day, String> {
    format!("{month}-01")
        .parse()
        .map_err(|_no_day| format!("{month:?} is no month such as 2026-11"))
}
