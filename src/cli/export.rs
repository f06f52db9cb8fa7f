//! `rongqiao export`: products, requests and their outcomes for others.

use super::failure::Failure;
use super::output::into_place;
use super::{columns, database};
use crate::actions::exports::Exporter;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::domain::dates::Day;
use crate::exchange::FileKind;
use crate::exchange::table::{Column, cells};
use crate::exchange::write::{self, Sheet};
use serde::Serialize;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Export rows of the district into a file for others, such as the city's platform.
///
/// The file is a workbook where its name ends in .xlsx, CSV where it ends in .csv, else JSON lines. Products and requests
/// are in the form that `rongqiao import` takes. What leaves the district is written into the audit log; that
/// enterprises have agreed to it is for whoever exports to see to.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  rongqiao export products products.xlsx\n  rongqiao export outcomes outcomes.jsonl --from 2026-01-01"
)]
pub struct Args {
    /// What the rows are.
    #[arg(value_enum)]
    what: What,
    /// The file.
    #[arg(value_name = "F")]
    file: PathBuf,
    /// Outcomes of requests that something happened to on this day or later; a year ago without it.
    #[arg(long, value_name = "DATE")]
    from: Option<Day>,
    /// … and on this day or before; today without it.
    #[arg(long, value_name = "DATE")]
    to: Option<Day>,
    /// Settings that override the defaults.
    #[arg(long, value_name = "F")]
    config: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum What {
    /// Those that were published and are not closed.
    Products,
    /// Those that were submitted, without what the enterprises would pay at most.
    Requests,
    /// What became of the requests of a period.
    Outcomes,
}

/// Runs the command.
///
/// # Errors
/// A database that can't be used, or a file that can't be written.
pub fn run(args: &Args) -> Result<(), Failure> {
    if !matches!(args.what, What::Outcomes) && (args.from.is_some() || args.to.is_some()) {
        return Err(Failure::Call("--from and --to are for outcomes".to_owned()));
    }
    let config = Config::load(args.config.as_deref())?;
    let store = database::as_it_is(&config)?;
    let exporter = Exporter {
        store: &store,
        clock: &SystemClock,
        district: &config.site.district_code,
    };
    let rows = match args.what {
        What::Products => write_rows(&args.file, "products", columns::PRODUCTS, &exporter.products()?),
        What::Requests => write_rows(&args.file, "requests", columns::REQUESTS, &exporter.requests()?),
        What::Outcomes => {
            let to = args.to.unwrap_or_else(|| SystemClock.today());
            let from = args.from.unwrap_or_else(|| to.plus_days(-365));
            if to < from {
                return Err(Failure::Call("--to is before --from".to_owned()));
            }
            write_rows(&args.file, "outcomes", columns::OUTCOMES, &exporter.outcomes(from, to)?)
        }
    }?;
    writeln!(io::stdout().lock(), "导出 {rows} 条 ({rows} rows)")?;
    Ok(())
}

fn write_rows(
    path: &Path,
    name: &'static str,
    columns: &'static [Column],
    rows: &[impl Serialize],
) -> Result<usize, Failure> {
    let bytes = match FileKind::of_name(path).unwrap_or(FileKind::JsonLines) {
        FileKind::JsonLines => json_lines(rows)?,
        FileKind::Csv => write::csv(&heads(columns), table(rows, columns)?).map_err(unwritten)?,
        FileKind::Xlsx => {
            let sheet = Sheet {
                name,
                head: heads(columns),
                rows: table(rows, columns)?,
            };
            write::xlsx(&[sheet]).map_err(unwritten)?
        }
    };
    into_place(path, |out| Ok(out.write_all(&bytes)?))?;
    Ok(rows.len())
}

fn json_lines(rows: &[impl Serialize]) -> Result<Vec<u8>, Failure> {
    let mut lines = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut lines, row).map_err(io::Error::from)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

fn heads(columns: &[Column]) -> Vec<&'static str> {
    columns.iter().map(|column| column.name).collect()
}

fn table(rows: &[impl Serialize], columns: &[Column]) -> Result<Vec<Vec<String>>, Failure> {
    let rows = rows.iter().map(|row| Ok(cells(&serde_json::to_value(row)?, columns)));
    rows.collect::<Result<_, serde_json::Error>>()
        .map_err(|error| io::Error::from(error).into())
}

fn unwritten(error: impl std::error::Error) -> Failure {
    Failure::Other(error.to_string())
}
