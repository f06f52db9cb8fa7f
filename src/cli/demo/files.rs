//! The hand-written part: organisations and products, in the forms that `rongqiao import` reads.

use crate::cli::failure::{BadRows, Failure};
use crate::cli::input::from_json;
use crate::domain::dates::Day;
use crate::domain::invalid::Problems;
use crate::domain::organisation::OrganisationForm;
use crate::domain::product::ProductForm;
use serde::de::DeserializeOwned;
use std::path::Path;

const ORGANISATIONS: &str = include_str!("../../../config/demo/organisations.jsonl");
const PRODUCTS: &str = include_str!("../../../config/demo/products.jsonl");

/// The day on which the products' dates are written; they move with the day of the demo.
fn anchor() -> Option<Day> {
    Day::from_ymd(2026, 11, 1)
}

/// The centre, the departments, the banks and the leasing company.
///
/// # Errors
/// A line that is not of the form.
pub fn organisations() -> Result<Vec<OrganisationForm>, Failure> {
    rows("config/demo/organisations.jsonl", ORGANISATIONS)
}

/// The products, their dates as far from `today` as they are from the anchor in the file.
///
/// # Errors
/// A line that is not of the form.
pub fn products(today: Day) -> Result<Vec<ProductForm>, Failure> {
    let days = anchor().map_or(0, |anchor| today.days_since(anchor));
    let mut products: Vec<ProductForm> = rows("config/demo/products.jsonl", PRODUCTS)?;
    for product in &mut products {
        for date in [&mut product.from, &mut product.to, &mut product.confirmed_on] {
            *date = date.map(|day| day.plus_days(days));
        }
    }
    Ok(products)
}

fn rows<T: DeserializeOwned>(name: &str, text: &str) -> Result<Vec<T>, Failure> {
    let mut bad = BadRows::default();
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let parsed: Result<T, Problems> = from_json(line);
        match parsed {
            Ok(row) => rows.push(row),
            Err(problems) => bad.add(Path::new(name), number, problems),
        }
    }
    bad.or_ok()?;
    Ok(rows)
}
