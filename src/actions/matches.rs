//! The stored result of a request: what it came to, shown with everything that it saw.
//!
//! A result is kept with its inputs: the enterprise and its facts with their sources, the need, the LPR,
//! and the code and version of every product. Versions are frozen, so a page shows months later what it
//! showed on the day, and every reason can be worked out again from the same inputs.

use super::catalogue::Loaded;
use super::enterprises::known_fact;
use super::{ActionError, Service, may_see};
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::dates::Day;
use crate::domain::enterprise::{Enterprise, EnterpriseForm};
use crate::domain::lpr::{Lpr, LprTable};
use crate::domain::product::Product;
use crate::domain::request::Need;
use crate::domain::sheet::{CostBreakdown, KnownFact, LoanFigures, ShownProduct};
use crate::domain::verdict::{EligibleRow, Explanation, MatchResult, Verdict};
use crate::finance::annual_cost::Loan;
use crate::finance::sheet::{breakdown, loan_figures};
use crate::matching::{Applicant, Catalogue, Scratch};
use crate::store::matches as stored_matches;
use crate::store::requests::{self, StoredRequest};
use crate::store::{AnyConnection, enterprises, facts, products};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// What a match saw.
#[derive(Serialize, Deserialize)]
struct Inputs {
    enterprise: EnterpriseForm,
    known: Vec<KnownFact>,
    need: Need,
    lpr: Lpr,
    catalogue: Vec<(String, i32)>,
}

/// A run of the match, ready to be stored.
pub(super) struct Run {
    pub inputs: String,
    pub result: String,
}

/// Matches a request in the transaction that is going to store the result.
pub(super) fn run(
    conn: &mut AnyConnection,
    scope: &Scope,
    request: &StoredRequest,
    need: &Need,
    loaded: &Loaded,
) -> Result<Run, ActionError> {
    let catalogue = &loaded.catalogue;
    let stored = enterprises::by_id(conn, scope, request.enterprise_id, catalogue.as_of())?;
    let known = facts::list(conn, scope, stored.id)?.iter().map(known_fact).collect();
    let applicant = Applicant::new(&stored.enterprise, catalogue.as_of());
    let mut line = Vec::new();
    let mut scratch = Scratch::default();
    catalogue
        .match_one(&applicant, need, &mut scratch)
        .write_json(&request.id.to_string(), &mut line);
    let inputs = Inputs {
        enterprise: stored.enterprise.form(),
        known,
        need: need.clone(),
        lpr: catalogue.lpr(),
        catalogue: loaded.versions.clone(),
    };
    Ok(Run {
        inputs: serde_json::to_string(&inputs).map_err(ActionError::internal)?,
        result: String::from_utf8(line).map_err(ActionError::internal)?,
    })
}

/// The stored result of a request, with what a page shows beside it.
#[derive(Debug)]
pub struct MatchSheet {
    /// The request as it stands now.
    pub request: StoredRequest,
    /// What was asked for when it was matched.
    pub need: Need,
    /// When it was matched.
    pub run_at: DateTime<Utc>,
    /// The LPR that rates stand on.
    pub lpr: Lpr,
    /// The verdicts.
    pub result: MatchResult,
    /// Every product that was looked at, in the version that was, by its code.
    pub products: HashMap<String, ShownProduct>,
    /// What was known of the enterprise, with its sources.
    pub known: Vec<KnownFact>,
    /// What each product with a cost comes to in money, by its code.
    pub figures: HashMap<String, LoanFigures>,
    /// Every check of the products that fit, may fit or miss one, by their codes.
    pub explained: HashMap<String, Explanation>,
    /// The products that miss two checks or more, each with every check.
    pub ineligible: Vec<Explanation>,
}

/// One product of a stored result, check by check.
#[derive(Debug)]
pub struct ProductSheet {
    /// The request as it stands now.
    pub request: StoredRequest,
    /// What was asked for when it was matched.
    pub need: Need,
    /// When it was matched.
    pub run_at: DateTime<Utc>,
    /// The day that it was matched for.
    pub as_of: Day,
    /// The LPR that its rate stands on.
    pub lpr: Lpr,
    /// The product in the version that was matched.
    pub product: ShownProduct,
    /// Its verdict and every check.
    pub explanation: Explanation,
    /// What was known of the enterprise, with its sources.
    pub known: Vec<KnownFact>,
    /// What it would cost; none where no way of repaying is common or has a cost.
    pub cost: Option<CostBreakdown>,
}

/// A stored match read back.
struct Stored {
    request: StoredRequest,
    run_at: DateTime<Utc>,
    as_of: Day,
    inputs: Inputs,
    result: MatchResult,
}

fn read(conn: &mut AnyConnection, scope: &Scope, id: Uuid) -> Result<Stored, ActionError> {
    let request = requests::by_id(conn, scope, id)?;
    let stored = stored_matches::newest(conn, scope, id)?;
    Ok(Stored {
        request,
        run_at: stored.run_at,
        as_of: stored.as_of,
        inputs: serde_json::from_str(&stored.inputs).map_err(ActionError::internal)?,
        result: serde_json::from_str(&stored.result).map_err(ActionError::internal)?,
    })
}

impl Stored {
    /// The engine as it stood for these products, and the enterprise as it was seen.
    fn engine(&self, products: Vec<Product>) -> Result<(Catalogue, Applicant), ActionError> {
        let table =
            LprTable::new(vec![self.inputs.lpr]).map_err(|_row| ActionError::internal("one row is in order"))?;
        let catalogue = Catalogue::compile(products, &table, self.as_of)?;
        let enterprise = Enterprise::parse(self.inputs.enterprise.clone()).map_err(ActionError::internal)?;
        let applicant = Applicant::new(&enterprise, self.as_of);
        Ok((catalogue, applicant))
    }

    fn loan(&self, terms: &EligibleRow) -> Option<Loan> {
        Some(Loan {
            amount_fen: self.inputs.need.amount_fen.get(),
            term_months: self.inputs.need.term_months,
            rate_bp: terms.rate_bp,
            repayment: terms.repayment?,
        })
    }
}

/// The newest result of a request.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees no such request, or it was not matched yet.
pub fn of_request(service: &Service, actor: &Actor, id: Uuid) -> Result<MatchSheet, ActionError> {
    let scope = may_see(actor, Right::ViewRequests)?;
    let (stored, frozen) = service.store.read(|conn| {
        let stored = read(conn, &scope, id)?;
        let frozen = products::frozen(conn, &stored.inputs.catalogue)?;
        Ok::<_, ActionError>((stored, frozen))
    })?;
    let (catalogue, applicant) = stored.engine(frozen.iter().map(|(product, ..)| product.clone()).collect())?;
    let explained = frozen
        .iter()
        .filter_map(|(product, ..)| catalogue.explain(&product.code, &applicant, &stored.inputs.need));
    let (ineligible, shown): (Vec<_>, Vec<_>) = explained.partition(|one| one.verdict == Verdict::Ineligible);
    let explained = shown.into_iter().map(|one| (one.product.clone(), one)).collect();
    let products: HashMap<_, _> = frozen
        .into_iter()
        .map(|(product, version, bank_name)| {
            (
                product.code.clone(),
                ShownProduct {
                    form: (*product).clone(),
                    version,
                    bank_name,
                },
            )
        })
        .collect();
    let figures = terms(&stored.result)
        .filter_map(|row| {
            let product = products.get(&row.product)?;
            Some((
                row.product.clone(),
                loan_figures(&stored.loan(row)?, &product.form.fees)?,
            ))
        })
        .collect();
    Ok(MatchSheet {
        request: stored.request,
        need: stored.inputs.need,
        run_at: stored.run_at,
        lpr: stored.inputs.lpr,
        result: stored.result,
        products,
        known: stored.inputs.known,
        figures,
        explained,
        ineligible,
    })
}

/// The terms of every row of a result.
fn terms(result: &MatchResult) -> impl Iterator<Item = &EligibleRow> {
    let incomplete = result.incomplete.iter().map(|row| &row.terms);
    let near = result.near.iter().map(|row| &row.terms);
    result.eligible.iter().chain(incomplete).chain(near)
}

/// One product of a request's newest result.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees no such request, it was not matched yet, or the
/// product was not looked at.
pub fn of_product(service: &Service, actor: &Actor, id: Uuid, code: &str) -> Result<ProductSheet, ActionError> {
    let scope = may_see(actor, Right::ViewRequests)?;
    let (stored, frozen) = service.store.read(|conn| {
        let stored = read(conn, &scope, id)?;
        let wanted: Vec<_> = stored
            .inputs
            .catalogue
            .iter()
            .filter(|(product, _)| product == code)
            .cloned()
            .collect();
        let frozen = products::frozen(conn, &wanted)?;
        Ok::<_, ActionError>((stored, frozen))
    })?;
    let (product, version, bank_name) = frozen.into_iter().next().ok_or(ActionError::NotFound)?;
    let form = (*product).clone();
    let (catalogue, applicant) = stored.engine(vec![product])?;
    let explanation = catalogue
        .explain(code, &applicant, &stored.inputs.need)
        .ok_or(ActionError::NotFound)?;
    let terms = EligibleRow {
        product: code.to_owned(),
        rate_bp: explanation.rate_bp,
        repayment: explanation.repayment,
        annual_cost_pct: explanation.annual_cost_pct,
    };
    let cost = stored.loan(&terms).and_then(|loan| breakdown(&loan, &form.fees));
    Ok(ProductSheet {
        request: stored.request,
        need: stored.inputs.need,
        run_at: stored.run_at,
        as_of: stored.as_of,
        lpr: stored.inputs.lpr,
        product: ShownProduct {
            form,
            version,
            bank_name,
        },
        explanation,
        known: stored.inputs.known,
        cost,
    })
}
