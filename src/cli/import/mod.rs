//! `rongqiao import`: files into the database, all or nothing.

mod columns;
mod table;

use super::database;
use super::failure::{BadRows, Failure};
use super::input::{read_lpr, read_rows};
use crate::actions::import::{FileIdentity, ImportError, Importer, Report, Row};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::enterprise::Enterprise;
use crate::domain::fact_row::FactRow;
use crate::domain::holiday::Holiday;
use crate::domain::invalid::Problems;
use crate::domain::organisation::Organisation;
use crate::domain::product::{Product, ProductForm};
use crate::domain::product_checks;
use crate::domain::request::Request;
use crate::exchange::table::Column;
use indicatif::{ProgressBar, ProgressStyle};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Import a file into the database, all or nothing; the same file twice changes nothing.
///
/// The file is JSON lines, or CSV where its name ends in .csv; either may be packed (.gz). The forms
/// and columns are those of docs/exchange.md.
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
    if args.source.is_none() && matches!(args.what, What::Facts) {
        return Err(Failure::Call("facts need --source CODE".to_owned()));
    }
    let config = Config::load(args.config.as_deref())?;
    let store = database::open(&config)?;
    let bar = bar();
    let progress = |done| bar.set_position(done);
    let job = Job {
        path: &args.file,
        importer: Importer {
            store: &store,
            clock: &SystemClock,
            progress: &progress,
        },
        bar: &bar,
    };
    let report = job.run(args, &config.site.district_code)?;
    bar.finish_and_clear();
    print(report);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what the command was asked for")]
fn print(report: Report) {
    let Report {
        created,
        updated,
        unchanged,
    } = report;
    println!(
        "新增 {created} 条，更新 {updated} 条，未变 {unchanged} 条 ({created} created, {updated} updated, {unchanged} unchanged)"
    );
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
    importer: Importer<'a>,
    bar: &'a ProgressBar,
}

impl Job<'_> {
    fn run(&self, args: &Args, district_code: &str) -> Result<Report, Failure> {
        let importer = &self.importer;
        let done = match args.what {
            What::Organisations => importer.organisations(&self.rows(columns::ORGANISATIONS, Organisation::parse)?),
            What::Products => importer.products(&self.rows(columns::PRODUCTS, parse_product)?),
            What::Enterprises => {
                let rows = self.rows(columns::ENTERPRISES, Enterprise::parse)?;
                let (name, sha256) = identity(self.path)?;
                let file = FileIdentity {
                    name: &name,
                    sha256: &sha256,
                };
                importer.enterprises(&rows, district_code, args.source.as_deref(), file)
            }
            What::Facts => {
                let source = args.source.as_deref();
                let source = source.unwrap_or_default();
                let rows = self.rows(columns::FACTS, FactRow::parse)?;
                let (name, sha256) = identity(self.path)?;
                importer.facts(
                    &rows,
                    source,
                    FileIdentity {
                        name: &name,
                        sha256: &sha256,
                    },
                )
            }
            What::Requests => importer.requests(&self.rows(columns::REQUESTS, Request::parse)?),
            What::Lpr => importer.lpr(&read_lpr(self.path)?),
            What::Holidays => importer.holidays(&self.rows(columns::HOLIDAYS, Holiday::check)?),
        };
        done.map_err(|error| self.failure(error))
    }

    /// Every row of the file, or everything that is wrong with them.
    fn rows<F: DeserializeOwned, T>(
        &self,
        columns: &[Column],
        parse: impl Fn(F) -> Result<T, Problems>,
    ) -> Result<Vec<Row<T>>, Failure> {
        let mut bad = BadRows::default();
        let mut rows = Vec::new();
        let keep = |line, form: F| {
            let value = parse(form)?;
            rows.push(Row { line, value });
            Ok(())
        };
        if is_csv(self.path) {
            table::read(self.path, columns, &mut bad, keep)?;
        } else {
            read_rows(self.path, &mut bad, keep)?;
        }
        bad.or_ok()?;
        self.bar.set_length(rows.len() as u64);
        Ok(rows)
    }

    fn failure(&self, error: ImportError) -> Failure {
        match error {
            ImportError::Rows(rows) => {
                let mut bad = BadRows::default();
                for (line, problems) in rows {
                    bad.add(self.path, line, problems);
                }
                bad.into()
            }
            ImportError::Store(error) => error.into(),
            error @ ImportError::Source(_) => Failure::Other(error.to_string()),
        }
    }
}

/// What a catalogue takes: the form's rules, and no product that nobody could get.
fn parse_product(form: ProductForm) -> Result<Product, Problems> {
    let product = Product::parse(form)?;
    product_checks::check(&product)?;
    Ok(product)
}

/// By the file's name, an ending .gz aside.
fn is_csv(path: &Path) -> bool {
    let ends_with = |path: &Path, ending| path.extension().is_some_and(|end| end.eq_ignore_ascii_case(ending));
    ends_with(path, "csv")
        || ends_with(path, "gz") && path.file_stem().is_some_and(|stem| ends_with(Path::new(stem), "csv"))
}

/// The file's name and the SHA-256 of its bytes.
fn identity(path: &Path) -> Result<(String, String), Failure> {
    // A pipe has been read to its end already: there is nothing left of it to tell it by.
    if !path.metadata().map_err(Failure::file(path))?.is_file() {
        return Err(Failure::Call(format!(
            "{}: enterprises and facts are told apart by their file; save them to one first",
            path.display()
        )));
    }
    let mut hasher = Sha256::new();
    let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(Failure::file(path))?);
    loop {
        let bytes = file.fill_buf().map_err(Failure::file(path))?;
        if bytes.is_empty() {
            break;
        }
        let read = bytes.len();
        hasher.update(bytes);
        file.consume(read);
    }
    let mut sha256 = String::with_capacity(64);
    for byte in hasher.finalize() {
        // Writing into a String cannot fail.
        let _ = write!(sha256, "{byte:02x}");
    }
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok((name, sha256))
}
