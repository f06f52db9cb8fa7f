//! The reverse: one product against a book of requests.

use super::compile::{Applicant, Catalogue};
use super::evaluate::{MatchList, Miss, Scratch};
use crate::domain::codes::Code;
use crate::domain::request::Need;
use crate::domain::verdict::{BuiltIn, KeepsOut, Simulation};
use std::collections::HashMap;

/// A check by its name and, for a criterion, its comparison.
type CheckName = (String, Option<&'static str>);

/// Tries the catalogue's only product on each request: exactly what matching each request forward says.
pub fn simulate<'r>(
    catalogue: &Catalogue,
    requests: impl Iterator<Item = (&'r str, &'r Applicant, &'r Need)>,
) -> Simulation {
    let mut simulation = Simulation {
        eligible: 0,
        incomplete: 0,
        near: 0,
        ineligible: 0,
        eligible_ids: Vec::new(),
        keeps_out: Vec::new(),
    };
    let mut alone: HashMap<CheckName, u64> = HashMap::new();
    let mut scratch = Scratch::default();
    for (id, applicant, need) in requests {
        let list = catalogue.match_one(applicant, need, &mut scratch);
        if let Some(check) = list.near.first().and_then(|row| missed(&list, row.miss)) {
            *alone.entry(check).or_default() += 1;
            simulation.near += 1;
        } else if !list.eligible.is_empty() {
            simulation.eligible += 1;
            simulation.eligible_ids.push(id.to_owned());
        } else if !list.incomplete.is_empty() {
            simulation.incomplete += 1;
        } else {
            simulation.ineligible += 1;
        }
    }
    simulation.keeps_out = alone
        .into_iter()
        .map(|((check, op), requests)| KeepsOut { check, op, requests })
        .collect();
    simulation.keeps_out.sort_by(|one, two| {
        two.requests
            .cmp(&one.requests)
            .then_with(|| (&one.check, one.op).cmp(&(&two.check, two.op)))
    });
    simulation
}

fn missed(list: &MatchList<'_>, miss: Miss) -> Option<CheckName> {
    match miss {
        Miss::None => None,
        Miss::BuiltIn(code) => Some((code.code().to_owned(), None)),
        Miss::Cap(_) => Some((BuiltIn::AmountCap.code().to_owned(), None)),
        Miss::Criterion(number) => {
            let card = list.catalogue.cards.first()?;
            let place = list.catalogue.numbers(card).position(|other| other == number)?;
            let product = list.catalogue.products.first()?;
            match product.parsed_criteria().get(place)? {
                crate::domain::criteria::Criterion::Plain(plain) => {
                    Some((plain.fact.code().to_owned(), Some(plain.test.op())))
                }
                crate::domain::criteria::Criterion::Any(_) => Some(("any".to_owned(), None)),
            }
        }
    }
}
