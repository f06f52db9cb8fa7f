//! `rongqiao import`: files into the database, all or nothing.

use super::columns;
use super::database;
use super::failure::{BadFiles, Failure};
use super::input::{Input, read_rows};
use crate::actions::import::{FileIdentity, ImportError, Importer, Report, Rows};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::enterprise::Enterprise;
use crate::domain::fact_row::FactRow;
use crate::domain::holiday::Holiday;
use crate::domain::invalid::Problems;
use crate::domain::lpr::Lpr;
use crate::domain::organisation::Organisation;
use crate::domain::product::{Product, ProductForm};
use crate::domain::product_checks;
use crate::domain::request::Request;
use crate::exchange::BadRows;
use crate::exchange::table::Column;
use indicatif::{ProgressBar, ProgressStyle};
use serde::de::DeserializeOwned;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Import a file into the database, all or nothing; the same file twice changes nothing.
///
/// The file is JSON lines, or CSV where its name ends in .csv; either may be packed (.gz). Where the name ends in .xlsx, it
/// is a workbook. A name without an
/// ending, such as that of a pipe, says nothing: then the first character decides, `{` for JSON lines. The
/// forms and columns are those of docs/exchange.md.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  rongqiao import organisations organisations.csv\n  rongqiao import facts --source TAX revenue-2026.csv"
)]
pub struct Args {
    /// What the rows are.
    #[arg(value_enum)]
    what: What,
    /// The file.
    #[arg(value_name = "F")]
    file: PathBuf,
    /// Code of the organisation that vouches for facts; for enterprises the district's centre without it.
    #[arg(long, value_name = "CODE")]
    source: Option<String>,
    /// Settings that override the defaults.
    #[arg(long, value_name = "F")]
    config: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum What {
    Organisations,
    Products,
    Enterprises,
    Facts,
    Requests,
    Lpr,
    Holidays,
}

/// Runs the command.
///
/// # Errors
/// Bad rows by line and field, or a file or a database that fails; then nothing has changed.
pub fn run(args: &Args) -> Result<(), Failure> {
    if args.source.is_some() && !matches!(args.what, What::Facts | What::Enterprises) {
        return Err(Failure::Call("--source is for facts and enterprises".to_owned()));
    }
    let source = args.source.as_deref();
    let job = Job {
        path: &args.file,
        config: Config::load(args.config.as_deref())?,
        bar: bar(),
    };
    let report = match args.what {
        What::Organisations => job.run(columns::ORGANISATIONS, Organisation::parse, |importer, rows, _| {
            importer.organisations(rows)
        }),
        What::Products => job.run(columns::PRODUCTS, parse_product, |importer, rows, _| {
            importer.products(rows)
        }),
        What::Enterprises => job.run(columns::ENTERPRISES, Enterprise::parse, |importer, rows, file| {
            importer.enterprises(rows, &job.config.site.district_code, source, file)
        }),
        What::Facts => {
            let source = source.ok_or_else(|| Failure::Call("facts need --source CODE".to_owned()))?;
            job.run(columns::FACTS, FactRow::parse, |importer, rows, file| {
                importer.facts(rows, source, file)
            })
        }
        What::Requests => job.run(columns::REQUESTS, Request::parse, |importer, rows, _| {
            importer.requests(rows)
        }),
        What::Lpr => job.run(columns::LPR, Lpr::parse_ascending(), |importer, rows, _| {
            importer.lpr(&rows)
        }),
        What::Holidays => job.run(columns::HOLIDAYS, Holiday::check, |importer, rows, _| {
            importer.holidays(rows)
        }),
    }?;
    job.bar.finish_and_clear();
    print(report)
}

fn print(report: Report) -> Result<(), Failure> {
    let Report {
        created,
        updated,
        unchanged,
    } = report;
    writeln!(
        io::stdout().lock(),
        "新增 {created} 条，更新 {updated} 条，未变 {unchanged} 条 ({created} created, {updated} updated, {unchanged} unchanged)"
    )?;
    Ok(())
}

/// A bar that is seen on a terminal only.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    bar
}

/// One file on its way.
struct Job<'a> {
    path: &'a Path,
    config: Config,
    bar: ProgressBar,
}

impl Job<'_> {
    /// Reads the file, once, and only then looks for the database.
    fn run<F: DeserializeOwned, T>(
        &self,
        columns: &[Column],
        parse: impl FnMut(F) -> Result<T, Problems>,
        put: impl FnOnce(&Importer<'_>, Rows<T>, FileIdentity<'_>) -> Result<Report, ImportError>,
    ) -> Result<Report, Failure> {
        let (rows, sha256) = self.read(columns, parse).map_err(Failure::file(self.path))?;
        self.bar.set_length(rows.good.len() as u64);
        let store = if rows.bad.is_empty() {
            database::open(&self.config)?
        } else {
            match database::as_it_is(&self.config) {
                Ok(store) => store,
                // What is wrong with the database is told when the file is good.
                Err(_unusable) => return Err(self.bad(None, rows.bad)),
            }
        };
        let importer = Importer {
            store: &store,
            clock: &SystemClock,
            progress: &|done| self.bar.set_position(done),
        };
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let file = FileIdentity {
            name: &name,
            sha256: &sha256,
        };
        put(&importer, rows, file).map_err(|error| match error {
            ImportError::Rows(bad) => self.bad(None, bad),
            ImportError::Source { ref bad, .. } => self.bad(Some(&error), bad.clone()),
            ImportError::Store(error) => error.into(),
        })
    }

    /// Every row of the file, and the SHA-256 of its bytes.
    fn read<F: DeserializeOwned, T>(
        &self,
        columns: &[Column],
        parse: impl FnMut(F) -> Result<T, Problems>,
    ) -> io::Result<(Rows<T>, String)> {
        let mut input = Input::open_hashed(self.path)?;
        let rows = read_rows(self.path, &mut input, columns, parse)?;
        // What broke off can't be read to its end; its rows say so.
        let sha256 = if rows.bad.is_empty() {
            input.sha256()?
        } else {
            String::new()
        };
        Ok((rows, sha256))
    }

    fn bad(&self, fault: Option<&ImportError>, rows: BadRows) -> Failure {
        let mut files = BadFiles::default();
        if let Some(fault) = fault {
            files.fault(self.path, fault.to_string());
        }
        files.note(self.path, Ok(rows));
        files.into()
    }
}

/// What a catalogue takes: the form's rules, and no product that nobody could get.
fn parse_product(form: ProductForm) -> Result<Product, Problems> {
    let product = Product::parse(form)?;
    product_checks::check(&product)?;
    Ok(product)
}
