//! The part that stands in files: organisations and products, written by hand, the LPR and the holidays, in
//! the forms that `rongqiao import` reads.

use crate::actions::import::{Row, Rows};
use crate::cli::columns;
use crate::cli::failure::Failure;
use crate::domain::dates::Day;
use crate::domain::holiday::Holiday;
use crate::domain::invalid::Problems;
use crate::domain::lpr::Lpr;
use crate::domain::organisation::OrganisationForm;
use crate::domain::product::ProductForm;
use crate::exchange::table::Column;
use crate::exchange::{self, FileKind};
use serde::de::DeserializeOwned;

const ORGANISATIONS: &[u8] = include_bytes!("../../../config/demo/organisations.jsonl");
const PRODUCTS: &[u8] = include_bytes!("../../../config/demo/products.jsonl");
const LPR: &[u8] = include_bytes!("../../../config/lpr.csv");
const HOLIDAYS: &[u8] = include_bytes!("../../../config/holidays.csv");

/// The day on which the products' dates are written; they move with the day of the demo.
fn anchor() -> Option<Day> {
    Day::from_ymd(2026, 11, 1)
}

/// The centre, the departments, the banks and the leasing company.
///
/// # Errors
/// A line that is not of the form.
pub fn organisations() -> Result<Vec<OrganisationForm>, Failure> {
    forms("config/demo/organisations.jsonl", ORGANISATIONS)
}

/// The products, their dates as far from `today` as they are from the anchor in the file.
///
/// # Errors
/// A line that is not of the form.
pub fn products(today: Day) -> Result<Vec<ProductForm>, Failure> {
    let days = anchor().map_or(0, |anchor| today.days_since(anchor));
    let mut products: Vec<ProductForm> = forms("config/demo/products.jsonl", PRODUCTS)?;
    for product in &mut products {
        for date in [&mut product.from, &mut product.to, &mut product.confirmed_on] {
            *date = date.map(|day| day.plus_days(days));
        }
    }
    Ok(products)
}

/// The LPR's announcements.
///
/// # Errors
/// A line that is not of the form.
pub fn lpr() -> Result<Rows<Lpr>, Failure> {
    table("config/lpr.csv", LPR, columns::LPR, Lpr::parse_ascending())
}

/// The listed days.
///
/// # Errors
/// A line that is not of the form.
pub fn holidays() -> Result<Rows<Holiday>, Failure> {
    table("config/holidays.csv", HOLIDAYS, columns::HOLIDAYS, Holiday::check)
}

fn forms<F: DeserializeOwned>(name: &str, file: &[u8]) -> Result<Vec<F>, Failure> {
    let rows = rows(name, FileKind::JsonLines, file, &[], Ok)?;
    Ok(rows.into_iter().map(|row| row.value).collect())
}

fn table<F: DeserializeOwned, T>(
    name: &str,
    file: &[u8],
    columns: &[Column],
    parse: impl FnMut(F) -> Result<T, Problems>,
) -> Result<Rows<T>, Failure> {
    rows(name, FileKind::Csv, file, columns, parse).map(Rows::from)
}

fn rows<F: DeserializeOwned, T>(
    name: &str,
    kind: FileKind,
    file: &[u8],
    columns: &[Column],
    mut parse: impl FnMut(F) -> Result<T, Problems>,
) -> Result<Vec<Row<T>>, Failure> {
    let broken = |line, problems| Failure::Other(format!("{name}:{line}: {problems}"));
    let rows = exchange::read(kind, file, columns).map_err(|problems| broken(1, problems))?;
    let parsed = rows.into_iter().map(|row| {
        let value = row.form.and_then(&mut parse);
        Ok(Row {
            line: row.line,
            value: value.map_err(|problems| broken(row.line, problems))?,
        })
    });
    parsed.collect()
}
