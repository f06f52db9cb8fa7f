//! Files of the matching contract, read whole.

use crate::Failure;
use crate::domain::dates::Day;
use crate::domain::enterprise::{Enterprise, EnterpriseForm};
use crate::domain::lpr::{Lpr, LprTable};
use crate::domain::product::{Product, ProductForm};
use crate::domain::request::{Request, RequestForm};
use crate::domain::uscc::Uscc;
use crate::matching::Applicant;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// What `benches/generate.py` makes, looked at on its day.
pub struct Files {
    pub products: Vec<Product>,
    pub enterprises: HashMap<Uscc, Enterprise>,
    pub applicants: HashMap<Uscc, Applicant>,
    pub requests: Vec<Request>,
    pub lpr: LprTable,
    pub as_of: Day,
}

impl Files {
    pub fn read(folder: &Path) -> Result<Self, Failure> {
        let as_of: Day = "2026-11-01".parse()?;
        let mut files = Self {
            products: Vec::new(),
            enterprises: HashMap::new(),
            applicants: HashMap::new(),
            requests: Vec::new(),
            lpr: LprTable::new(vec![Lpr {
                announced_on: "2025-05-20".parse()?,
                one_year_bp: 300,
                five_year_bp: 350,
            }])
            .map_err(|_row| "one row is in order")?,
            as_of,
        };
        each_row(&folder.join("products.jsonl.gz"), |form: ProductForm| {
            files
                .products
                .push(Product::parse(form).map_err(|problems| problems.to_string())?);
            Ok(())
        })?;
        each_row(&folder.join("enterprises.jsonl.gz"), |form: EnterpriseForm| {
            let enterprise = Enterprise::parse(form).map_err(|problems| problems.to_string())?;
            files
                .applicants
                .insert(enterprise.uscc, Applicant::new(&enterprise, as_of));
            files.enterprises.insert(enterprise.uscc, enterprise);
            Ok(())
        })?;
        each_row(&folder.join("requests.jsonl.gz"), |form: RequestForm| {
            files
                .requests
                .push(Request::parse(form).map_err(|problems| problems.to_string())?);
            Ok(())
        })?;
        Ok(files)
    }
}

fn each_row<T: DeserializeOwned>(path: &Path, mut keep: impl FnMut(T) -> Result<(), Failure>) -> Result<(), Failure> {
    let file = BufReader::new(flate2::read::GzDecoder::new(File::open(path)?));
    for line in file.lines() {
        keep(serde_json::from_str(&line?)?)?;
    }
    Ok(())
}
