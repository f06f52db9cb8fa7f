//! The files of a batch: products, enterprises, requests and the LPR. Everything that is wrong with any of
//! them is noted, and nothing that only follows from something else that is.

use super::columns;
use super::failure::BadFiles;
use super::input::{Input, read_json, read_rows};
use crate::domain::dates::Day;
use crate::domain::enterprise::{Enterprise, EnterpriseForm};
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::lpr::{Lpr, LprTable};
use crate::domain::product::{Product, ProductForm};
use crate::domain::request::{Request, RequestForm};
use crate::domain::uscc::Uscc;
use crate::exchange::BadRows;
use crate::exchange::lines::Lines;
use crate::exchange::read::json_row;
use crate::matching::{Applicant, NoLpr};
use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;

/// Reads the LPR table; none where anything is wrong with it, or where it begins after `as_of`.
pub(super) fn read_lpr(path: &Path, as_of: Day, bad: &mut BadFiles) -> Option<LprTable> {
    let read = |mut input| read_rows(path, &mut input, columns::LPR, Lpr::parse_ascending());
    let rows = match Input::open(path).and_then(read) {
        Ok(rows) if rows.bad.is_empty() => rows.good,
        other => {
            bad.note(path, other.map(|rows| rows.bad));
            return None;
        }
    };
    // They are in order: each was held against the one before it.
    let table = LprTable::new(rows.into_iter().map(|row| row.value).collect()).unwrap_or_default();
    if table.on(as_of).is_none() {
        bad.fault(path, format!("{} (--as-of)", NoLpr(as_of)));
        return None;
    }
    Some(table)
}

/// Reads the products.
pub(super) fn read_products(path: &Path, bad: &mut BadFiles) -> Vec<Product> {
    let mut products = Vec::new();
    let mut codes = HashSet::new();
    let keep = |_line, form: ProductForm| {
        let product = Product::parse(form)?;
        if !codes.insert(product.code.clone()) {
            return Err(duplicate("code", &product.code));
        }
        products.push(product);
        Ok(())
    };
    bad.note(path, Input::open(path).map(|mut input| read_json(&mut input, keep)));
    products
}

/// The enterprises that may ask for something.
#[derive(Default)]
pub(super) struct Applicants {
    known: HashMap<Uscc, Applicant>,
    /// Those whose own row is bad.
    refused: HashSet<Uscc>,
    /// Whether rows could not be read so far as to say whose they are.
    has_gaps: bool,
}

impl Applicants {
    /// Reads the enterprises.
    pub(super) fn read(path: &Path, as_of: Day, bad: &mut BadFiles) -> Self {
        let mut applicants = Self::default();
        let read = Input::open(path).map(|input| applicants.read_rows(input, as_of));
        applicants.has_gaps |= read.is_err();
        bad.note(path, read);
        applicants
    }

    fn read_rows(&mut self, input: Input, as_of: Day) -> BadRows {
        let mut bad = BadRows::default();
        let mut lines = Lines::new(input);
        while let Some(line) = lines.next_row() {
            let read = match line {
                Ok(text) => self.read_row(text, as_of).inspect_err(|_problems| self.refuse(text)),
                Err(error) => {
                    self.has_gaps = true;
                    Err(error.into())
                }
            };
            if let Err(problems) = read {
                bad.add(lines.number(), problems);
            }
        }
        bad
    }

    fn read_row(&mut self, text: &str, as_of: Day) -> Result<(), Problems> {
        let enterprise = Enterprise::parse(json_row::<EnterpriseForm>(text)?)?;
        let applicant = Applicant::new(&enterprise, as_of);
        if self.known.insert(enterprise.uscc, applicant).is_some() {
            return Err(duplicate("uscc", enterprise.uscc.as_str()));
        }
        Ok(())
    }

    fn refuse(&mut self, text: &str) {
        match uscc_in(text) {
            Some(uscc) => {
                self.refused.insert(uscc);
            }
            None => self.has_gaps = true,
        }
    }

    /// The enterprise with this code; none where something else is wrong that it may be missing for.
    fn find(&self, uscc: Uscc) -> Result<Option<&Applicant>, Problems> {
        let found = self.known.get(&uscc);
        if found.is_none() && !self.has_gaps && !self.refused.contains(&uscc) {
            return Err(Problem {
                field: "uscc".to_owned(),
                rule: Rule::NotFound(uscc.to_string()),
            }
            .into());
        }
        Ok(found)
    }
}

/// Whose a row is that is not of its form, or no JSON at all.
fn uscc_in(text: &str) -> Option<Uscc> {
    let (_, behind) = text.split_once("\"uscc\"")?;
    let (_, value) = behind.split_once('"')?;
    value.split('"').next()?.parse().ok()
}

/// The requests of a file, each with its applicant.
pub(super) struct Requests<'a> {
    lines: Lines<Input>,
    applicants: &'a Applicants,
    ids: HashSet<String>,
    /// The ones that are left out.
    pub(super) bad: BadRows,
}

impl<'a> Requests<'a> {
    /// Opens a file of requests.
    ///
    /// # Errors
    /// When it can't be read.
    pub(super) fn open(path: &Path, applicants: &'a Applicants) -> io::Result<Self> {
        Ok(Self {
            lines: Lines::new(Input::open(path)?),
            applicants,
            ids: HashSet::new(),
            bad: BadRows::default(),
        })
    }

    /// Looks through a whole file.
    ///
    /// # Errors
    /// When it can't be read.
    pub(super) fn check(path: &Path, applicants: &'a Applicants) -> io::Result<BadRows> {
        let mut requests = Self::open(path, applicants)?;
        while requests.next().is_some() {}
        Ok(requests.bad)
    }

    /// How many there were so far, but for bad ones.
    pub(super) fn read_so_far(&self) -> usize {
        self.ids.len()
    }

    /// Reads one request and finds its applicant.
    fn read(&mut self) -> Option<Result<Option<(Request, &'a Applicant)>, Problems>> {
        let line = self.lines.next_row()?;
        let form = line.map_err(Problems::from).and_then(json_row::<RequestForm>);
        Some(form.and_then(Request::parse).and_then(|request| {
            if !self.ids.insert(request.id.clone()) {
                return Err(duplicate("id", &request.id));
            }
            let applicant = self.applicants.find(request.uscc)?;
            Ok(applicant.map(|applicant| (request, applicant)))
        }))
    }
}

impl<'a> Iterator for Requests<'a> {
    type Item = (Request, &'a Applicant);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.read()? {
                Ok(Some(row)) => return Some(row),
                Ok(None) => {}
                Err(problems) => self.bad.add(self.lines.number(), problems),
            }
        }
    }
}

fn duplicate(field: &str, value: &str) -> Problems {
    Problem {
        field: field.to_owned(),
        rule: Rule::Duplicate(value.to_owned()),
    }
    .into()
}
