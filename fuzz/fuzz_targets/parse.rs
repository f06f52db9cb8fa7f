//! Reads whatever comes as rows of a catalogue, of enterprises and of requests, and matches those that are good: nothing
//! panics, what was read reads the same again, and each way of matching counts alike.
//!
//! A seed is a few lines of JSON; each line is tried as every kind of row.

#![no_main]

#[allow(dead_code, unused_imports, reason = "parts of it serve the rest of the program")]
#[path = "../../src/domain/mod.rs"]
mod domain;
#[allow(dead_code, unused_imports, reason = "parts of it serve the rest of the program")]
#[path = "../../src/exchange/mod.rs"]
mod exchange;
#[allow(dead_code, unused_imports, reason = "parts of it serve the rest of the program")]
#[path = "../../src/finance/mod.rs"]
mod finance;
#[allow(dead_code, unused_imports, reason = "parts of it serve the rest of the program")]
#[path = "../../src/matching/mod.rs"]
mod matching;

use domain::dates::Day;
use domain::enterprise::{Enterprise, EnterpriseForm};
use domain::invalid::Problems;
use domain::lpr::{Lpr, LprTable};
use domain::product::{Product, ProductForm};
use domain::request::{Request, RequestForm};
use exchange::lines::Lines;
use exchange::read::json_row;
use libfuzzer_sys::fuzz_target;
use matching::{Applicant, Catalogue, Page, Scratch};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

fuzz_target!(|bytes: &[u8]| {
    let as_of: Day = "2026-11-01".parse().expect("a date");
    let (mut products, mut applicants, mut requests) = (Vec::<Product>::new(), Vec::new(), Vec::new());
    let mut lines = Lines::new(bytes);
    while let Some(line) = lines.next_row() {
        let Ok(text) = line else { continue };
        products.extend(row(text, Product::parse));
        applicants.extend(row(text, Enterprise::parse).map(|enterprise| Applicant::new(&enterprise, as_of)));
        requests.extend(row(text, |form: RequestForm| Request::parse(form)));
    }
    products.sort_by(|one, other| one.code.cmp(&other.code));
    products.dedup_by(|one, other| one.code == other.code);

    let lpr = Lpr::parse("2025-05-20", "3.00", "3.50").expect("a row");
    let lpr = LprTable::new(vec![lpr]).expect("a table");
    let catalogue = Catalogue::compile(products.clone(), &lpr, as_of).expect("an LPR");
    // The same catalogue, grown out of an empty one.
    let empty = Catalogue::compile(Vec::new(), &lpr, as_of).expect("an LPR");
    let grown = products.into_iter().fold(empty, |catalogue, product| catalogue.changed(vec![product], &[]));

    let mut scratch = Scratch::default();
    for applicant in &applicants {
        for Request { id, need, .. } in &requests {
            let counts = catalogue.count_one(applicant, need, &mut scratch);
            let page = Page { after: 1, limit: 2 };
            assert_eq!(catalogue.match_page(applicant, need, page, &mut scratch).counts(), counts);
            let mut told = |catalogue: &Catalogue| {
                let list = catalogue.match_one(applicant, need, &mut scratch);
                assert_eq!(list.counts(), counts);
                let mut line = Vec::new();
                list.write_json(id, &mut line);
                line
            };
            let line = told(&catalogue);
            assert_eq!(line, told(&grown));
            serde_json::from_slice::<serde_json::Value>(&line).expect("it is JSON");
        }
    }
});

/// What a row says, where it is one of this kind.
fn row<F, T>(text: &str, parse: impl Fn(F) -> Result<T, Problems>) -> Option<T>
where
    F: Clone + Debug + PartialEq + Serialize + DeserializeOwned,
{
    let form: F = json_row(text).ok()?;
    let written = serde_json::to_string(&form).expect("it is written");
    assert_eq!(json_row::<F>(&written).expect("it reads again"), form);
    parse(form).ok()
}
