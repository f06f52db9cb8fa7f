//! With what a loan could be renewed: the renewal products that its borrower matches today.

use super::super::{ActionError, Service, may_see};
use super::StoredLoan;
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::codes::{Purpose, Set};
use crate::domain::money::Fen;
use crate::domain::request::{ExistingLoan, Need};
use crate::domain::verdict::MatchResult;
use crate::matching::Applicant;
use crate::store::{enterprises, organisations};
use uuid::Uuid;

/// A product that would renew a loan.
#[derive(Clone, Debug, PartialEq)]
pub struct RenewalProduct {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The bank that has it.
    pub bank_name: String,
    /// What a year costs, in percent.
    pub annual_cost_pct: Option<f64>,
}

/// What a request to renew a loan asks for: what is owed, once more for as long, secured as it is.
#[must_use]
pub fn need_of(loan: &StoredLoan) -> Need {
    let balance = Fen::new(loan.sums.balance_fen()).unwrap_or(Fen::ZERO);
    Need {
        amount_fen: balance,
        term_months: u32::try_from(loan.term_months).unwrap_or_default(),
        purpose: Purpose::Refinancing,
        guarantees: Set::from_iter([loan.guarantee]),
        kinds: Set::default(),
        repayment: Set::default(),
        max_cost_bp: None,
        project_cost_fen: None,
        existing_loan: Some(ExistingLoan {
            bank: loan.bank_code.clone(),
            matures_on: loan.matures_on,
            balance_fen: balance,
        }),
    }
}

/// The renewal products that the borrower of a loan matches today, cheapest first. Nothing is stored.
///
/// # Errors
/// When the database fails.
pub(super) fn matching(service: &Service, loan: &StoredLoan) -> Result<Vec<RenewalProduct>, ActionError> {
    let today = service.clock.today();
    let district = Scope::District(loan.district_code.clone());
    let seen = service.store.read(|conn| {
        let loaded = service.catalogue.current(conn, today)?;
        Ok((loaded, enterprises::by_id(conn, &district, loan.enterprise_id, today)?))
    });
    let (loaded, stored) = match seen {
        // Nothing can be matched yet.
        Err(ActionError::NoLpr(_)) => return Ok(Vec::new()),
        seen => seen?,
    };
    let catalogue = &loaded.catalogue;
    let applicant = Applicant::new(&stored.enterprise, today);
    let (line, _) = loaded.match_line(&loan.number, &applicant, &need_of(loan));
    let result: MatchResult = serde_json::from_slice(&line).map_err(ActionError::internal)?;
    let mut found = Vec::new();
    for row in result.eligible {
        let product = catalogue.products().iter().find(|product| product.code == row.product);
        if let Some(product) = product.filter(|product| product.renewal.is_some()) {
            let bank = service.store.read(|conn| organisations::by_code(conn, &product.bank))?;
            found.push(RenewalProduct {
                code: row.product,
                name: product.name.clone(),
                bank_name: bank.organisation.name,
                annual_cost_pct: row.annual_cost_pct,
            });
        }
    }
    Ok(found)
}

/// The renewal products that the borrower of a loan matches today: for the borrower and the centre. A bank learns
/// nothing of other banks' products for its customer.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees no such loan, or is its bank.
pub fn of_loan(service: &Service, actor: &Actor, id: Uuid) -> Result<Vec<RenewalProduct>, ActionError> {
    let scope = may_see(actor, Right::ViewLoans)?;
    may_see(actor, Right::ViewRequests)?;
    let loan = service.store.read(|conn| super::loans::by_id(conn, &scope, id))?;
    matching(service, &loan)
}
