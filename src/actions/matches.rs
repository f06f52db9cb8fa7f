//! The stored result of a request: what it came to, shown with everything that it saw.
//!
//! A result is kept with its inputs: the enterprise and its facts with their sources, the need, the LPR,
//! and the code and version of every product. Versions are frozen, so a page shows months later what it
//! showed on the day, and every reason can be worked out again from the same inputs.

use super::catalogue::Loaded;
use super::enterprises::known_fact;
use super::seen::{self, MadeFrom};
use super::{ActionError, Service, access, may_see};
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::codes::Code;
use crate::domain::consent::Reading;
use crate::domain::dates::Day;
use crate::domain::enterprise::{Enterprise, EnterpriseForm};
use crate::domain::lpr::Lpr;
use crate::domain::product::Product;
use crate::domain::referral::PickedProduct;
use crate::domain::request::Need;
use crate::domain::sheet::{CostBreakdown, KnownFact, LoanFigures, ShownProduct};
use crate::domain::verdict::{BuiltIn, CheckOutcome, EligibleRow, Explanation, MatchResult, Verdict};
use crate::finance::annual_cost::Loan;
use crate::finance::sheet::{breakdown, loan_figures};
use crate::matching::Applicant;
use crate::store::accesses::NewAccess;
use crate::store::matches::{self as stored_matches, NewMatch, StoredMatch};
use crate::store::referrals::PickedFrom;
use crate::store::requests::{self, StoredRequest};
use crate::store::{AnyConnection, enterprises, products};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
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

impl Inputs {
    /// The enterprise as it was seen.
    fn applicant(&self, as_of: Day) -> Result<Applicant, ActionError> {
        let enterprise = Enterprise::parse(self.enterprise.clone()).map_err(ActionError::internal)?;
        Ok(Applicant::new(&enterprise, as_of))
    }
}

/// Matches a request in the transaction that is going to store the result.
pub(super) fn run(
    conn: &mut AnyConnection,
    scope: &Scope,
    request: &StoredRequest,
    need: &Need,
    loaded: &Loaded,
) -> Result<NewMatch, ActionError> {
    let catalogue = &loaded.catalogue;
    let (stored, lines) = enterprises::with_sources(conn, scope, request.enterprise_id, catalogue.as_of())?;
    let applicant = Applicant::new(&stored.enterprise, catalogue.as_of());
    let (line, eligible) = loaded.match_line(&request.id.to_string(), &applicant, need);
    let inputs = Inputs {
        enterprise: stored.enterprise.form(),
        known: lines.iter().map(known_fact).collect(),
        need: need.clone(),
        lpr: catalogue.lpr(),
        catalogue: loaded.versions.clone(),
    };
    Ok(NewMatch {
        as_of: catalogue.as_of(),
        inputs: serde_json::to_string(&inputs).map_err(ActionError::internal)?,
        result: String::from_utf8(line).map_err(ActionError::internal)?,
        eligible,
        profile_version: stored.profile_version,
    })
}

/// The district that a request belongs to, in which the service itself reads it and its enterprise.
pub(super) fn district_of(request: &StoredRequest) -> Scope {
    Scope::District(request.district_code.clone())
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
    pub products: Arc<HashMap<String, ShownProduct>>,
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
    fn loan(&self, terms: &EligibleRow) -> Option<Loan> {
        Some(Loan {
            amount_fen: self.inputs.need.amount_fen.get(),
            term_months: self.inputs.need.term_months,
            rate_bp: terms.rate_bp,
            repayment: terms.repayment?,
        })
    }
}

/// Codes and versions of products.
type Versions = Vec<(String, i32)>;

/// The rows of a stored match that fit, and the versions of all products that it saw.
pub(super) fn eligible(stored: &StoredMatch) -> Result<(Vec<EligibleRow>, Versions), ActionError> {
    let inputs: Inputs = serde_json::from_str(&stored.inputs).map_err(ActionError::internal)?;
    let result: MatchResult = serde_json::from_str(&stored.result).map_err(ActionError::internal)?;
    Ok((result.eligible, inputs.catalogue))
}

/// The codes of all products that a stored match looked at, in the matcher's order.
pub(super) fn order(stored: &StoredMatch) -> Result<Vec<String>, ActionError> {
    let inputs: Inputs = serde_json::from_str(&stored.inputs).map_err(ActionError::internal)?;
    let result: MatchResult = serde_json::from_str(&stored.result).map_err(ActionError::internal)?;
    let all = inputs.catalogue.iter().map(|(code, _)| code.as_str());
    Ok(result.order(all).into_iter().map(str::to_owned).collect())
}

/// Products of a stored match that an officer picks by hand, whatever their verdict, each as it was matched; one that
/// was not looked at is not among them.
pub(super) fn picked_by_hand(
    conn: &mut AnyConnection,
    stored: &StoredMatch,
    codes: &[String],
) -> Result<Vec<(Product, PickedProduct)>, ActionError> {
    let inputs: Inputs = serde_json::from_str(&stored.inputs).map_err(ActionError::internal)?;
    let wanted: Versions = inputs
        .catalogue
        .iter()
        .filter(|(code, _)| codes.contains(code))
        .cloned()
        .collect();
    let frozen = products::frozen(conn, &wanted)?;
    let all = frozen.iter().map(|(product, ..)| product.clone()).collect();
    let (catalogue, applicant) = (
        seen::compile(all, inputs.lpr, stored.as_of)?,
        inputs.applicant(stored.as_of)?,
    );
    let picked = frozen.into_iter().filter_map(|(product, version, _)| {
        let explained = catalogue.explain(&product.code, &applicant, &inputs.need)?;
        let shown = PickedProduct {
            code: product.code.clone(),
            version,
            name: product.name.clone(),
            rate_bp: explained.rate_bp,
            repayment: explained.repayment,
            annual_cost_pct: explained.annual_cost_pct,
        };
        Some((product, shown))
    });
    Ok(picked.collect())
}

/// A product of a stored match as its bank may see it: every check, but not what the enterprise would pay
/// at most, and no value of a fact, which only the credit profile shows.
#[derive(Debug)]
pub struct BankSheet {
    /// The product in the version that was matched.
    pub product: ShownProduct,
    /// Every check that is not the enterprise's own secret.
    pub checks: Vec<CheckOutcome>,
    /// What was asked for, without the most it may cost.
    pub need: Need,
    /// The day that it was matched for.
    pub as_of: Day,
}

/// The sheets of some products of a stored match for their bank.
pub(super) fn for_bank(
    conn: &mut AnyConnection,
    picked: &PickedFrom,
    codes: &[String],
) -> Result<Vec<BankSheet>, ActionError> {
    let inputs: Inputs = serde_json::from_str(&picked.inputs).map_err(ActionError::internal)?;
    let as_of = picked.as_of;
    let wanted: Vec<_> = inputs
        .catalogue
        .iter()
        .filter(|(code, _)| codes.contains(code))
        .cloned()
        .collect();
    let need = without_secret(&inputs.need);
    let frozen = products::frozen(conn, &wanted)?;
    let all = frozen.iter().map(|(product, ..)| product.clone()).collect();
    let (catalogue, applicant) = (seen::compile(all, inputs.lpr, as_of)?, inputs.applicant(as_of)?);
    let sheets = frozen.into_iter().filter_map(|(product, version, bank_name)| {
        let explained = catalogue.explain(&product.code, &applicant, &need)?;
        Some(BankSheet {
            product: ShownProduct {
                form: (*product).clone(),
                version,
                bank_name,
            },
            checks: explained.checks.into_iter().filter_map(without_value).collect(),
            need: need.clone(),
            as_of,
        })
    });
    Ok(sheets.collect())
}

/// A need as a bank may see it.
#[must_use]
pub fn without_secret(need: &Need) -> Need {
    Need {
        max_cost_bp: None,
        ..need.clone()
    }
}

/// A check without the values of facts; none where the check itself is the enterprise's own.
fn without_value(check: CheckOutcome) -> Option<CheckOutcome> {
    let built_in = BuiltIn::find(&check.check);
    match built_in {
        Some(BuiltIn::MaxCost) => None,
        // A share of a fact tells the fact.
        Some(BuiltIn::AmountCap) => Some(CheckOutcome {
            actual: None,
            needed: None,
            ..check
        }),
        Some(_) => Some(check),
        None => Some(CheckOutcome {
            actual: None,
            met_on: None,
            members: check.members.into_iter().filter_map(without_value).collect(),
            ..check
        }),
    }
}

/// Reads a result; it shows facts, so who reads another's leaves a line in its access log.
fn noted<T>(
    service: &Service,
    actor: &Actor,
    body: impl Fn(&mut AnyConnection) -> Result<(Stored, T), ActionError>,
) -> Result<(Stored, T), ActionError> {
    if !access::is_logged(actor) {
        return service.store.read(body);
    }
    service.store.write(|conn| {
        let found = body(conn)?;
        let read = NewAccess {
            enterprise_id: found.0.request.enterprise_id,
            what: Reading::MatchResult,
            consent_id: None,
            request_id: Some(found.0.request.id),
        };
        access::note(conn, actor, read, service.clock.as_ref())?;
        Ok(found)
    })
}

/// The newest result of a request.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees no such request, or it was not matched yet.
pub fn of_request(service: &Service, actor: &Actor, id: Uuid) -> Result<MatchSheet, ActionError> {
    let scope = may_see(actor, Right::ViewRequests)?;
    let (stored, seen) = noted(service, actor, |conn| {
        let mut stored = read(conn, &scope, id)?;
        let from = MadeFrom {
            as_of: stored.as_of,
            lpr: stored.inputs.lpr,
            versions: std::mem::take(&mut stored.inputs.catalogue),
        };
        let seen = service.catalogue.seen.of(conn, from)?;
        Ok((stored, seen))
    })?;
    let applicant = stored.inputs.applicant(stored.as_of)?;
    let explained = seen.catalogue.explain_all(&applicant, &stored.inputs.need);
    let (ineligible, shown): (Vec<_>, Vec<_>) = explained.partition(|one| one.verdict == Verdict::Ineligible);
    let explained = shown.into_iter().map(|one| (one.product.clone(), one)).collect();
    let products = Arc::clone(&seen.products);
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
    let (stored, frozen) = noted(service, actor, |conn| {
        let stored = read(conn, &scope, id)?;
        let wanted: Vec<_> = stored
            .inputs
            .catalogue
            .iter()
            .filter(|(product, _)| product == code)
            .cloned()
            .collect();
        let frozen = products::frozen(conn, &wanted)?;
        // What is not there was not read, and leaves no line.
        if frozen.is_empty() {
            return Err(ActionError::NotFound);
        }
        Ok((stored, frozen))
    })?;
    let (product, version, bank_name) = frozen.into_iter().next().ok_or(ActionError::NotFound)?;
    let form = (*product).clone();
    let applicant = stored.inputs.applicant(stored.as_of)?;
    let explanation = seen::compile(vec![product], stored.inputs.lpr, stored.as_of)?
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
