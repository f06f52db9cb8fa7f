//! The contract of an accepted offer, as its bank registers it. One transaction makes the loan, signs the offer, fulfils
//! the request and tells borrower and officers.

use super::super::offers::StoredOffer;
use super::super::offers::noting as offer_noting;
use super::super::once::{self, OnceKey};
use super::super::{ActionError, Service, closing, may_do, may_see};
use super::noting::{Told, note};
use super::{LoanFilter, StoredLoan, loans};
use crate::clock::{Clock, civil_day};
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::AuditAction;
use crate::domain::dates::Day;
use crate::domain::invalid::{Problems, Rule};
use crate::domain::loan::{CONTRACT_CHARS, Contract, LoanEvent, LoanState, Maturity};
use crate::domain::message::Topic;
use crate::domain::offer::{OfferEvent, OfferState};
use crate::domain::request::{RequestEnd, RequestEvent};
use crate::store::audit::By;
use crate::store::loan_moves::{self, NewLoan};
use crate::store::offer_moves::{self, Move};
use crate::store::request_ends::Ending;
use crate::store::{AnyConnection, StoreError, offers, products, requests};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a bank is asked for when it registers a contract.
#[derive(Clone, Debug, PartialEq)]
pub struct Asking {
    /// The accepted offer.
    pub offer: StoredOffer,
    /// The first day on which it can have been signed.
    pub from: Day,
    /// The last one.
    pub until: Day,
    /// When the loan matures if it is signed today and drawn as planned.
    pub matures_on: Day,
    /// The borrower's loans at this bank that the contract could renew; none where the product renews none.
    pub renewable: Vec<StoredLoan>,
}

/// A contract that was registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// The loan.
    pub id: Uuid,
    /// Its number.
    pub number: String,
}

/// The state of an accepted offer today: one whose contract is overdue has fallen through, whether or not the job has
/// come by.
fn in_time(offer: &StoredOffer, today: Day) -> Result<OfferState, ActionError> {
    if offer.state == OfferState::Accepted && offer.sign_by.is_some_and(|day| day < today) {
        Ok(offer.state.next(OfferEvent::FallThrough)?)
    } else {
        Ok(offer.state)
    }
}

/// The days on which the contract can have been signed.
fn span(offer: &StoredOffer, today: Day) -> (Day, Day) {
    let accepted = offer.accepted_at.map_or(today, civil_day);
    (accepted, offer.sign_by.map_or(today, |day| day.min(today)))
}

/// What registering the contract of an offer asks for. Nothing changes.
///
/// # Errors
/// As [`register`]'s, but for the contract.
pub fn ask(service: &Service, actor: &Actor, offer_id: Uuid) -> Result<Asking, ActionError> {
    let visible = may_see(actor, Right::ViewOffers)?;
    let today = service.clock.today();
    service.store.read(|conn| {
        let offer = offers::by_id(conn, &visible, offer_id)?;
        let bank = may_do(actor, Right::KeepLoans)?;
        in_time(&offer, today)?.next(OfferEvent::Sign)?;
        let (from, until) = span(&offer, today);
        let filter = LoanFilter {
            enterprise_id: Some(offer.enterprise_id),
            ..LoanFilter::default()
        };
        let mut renewable = Vec::new();
        if renews(conn, &offer)? {
            renewable = loans::list(conn, &bank, filter, None, i64::from(u8::MAX))?;
            renewable.retain(|loan| LoanState::OWED.contains(&loan.state));
        }
        Ok(Asking {
            from,
            until,
            matures_on: maturity(&offer, until).planned,
            renewable,
            offer,
        })
    })
}

fn maturity(offer: &StoredOffer, signed_on: Day) -> Maturity {
    Maturity::of(signed_on, offer.terms.start_on, offer.terms.term_months)
}

/// Whether the version of the product that was offered renews loans.
fn renews(conn: &mut AnyConnection, offer: &StoredOffer) -> Result<bool, StoreError> {
    let wanted = [(offer.terms.product.clone(), offer.product_version)];
    let frozen = products::frozen(conn, &wanted)?;
    Ok(frozen.iter().any(|(product, ..)| product.renewal.is_some()))
}

/// Registers the contract of an accepted offer, once for each key. What it lends, at what rate and how, is what was
/// accepted; the bank adds its number, its days, and what it states of the borrower.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees no such offer, [`ActionError::Forbidden`] where it is not its bank,
/// [`ActionError::Refused`] where the offer is not accepted or its time for signing is over, [`ActionError::Stale`]
/// where a colleague was faster, [`ActionError::Invalid`] for a contract that breaks a rule.
pub fn register(
    service: &Service,
    actor: &Actor,
    offer_id: Uuid,
    contract: &Contract,
    key: Option<&OnceKey>,
) -> Result<Registered, ActionError> {
    let visible = may_see(actor, Right::ViewOffers)?;
    let (clock, today) = (service.clock.as_ref(), service.clock.today());
    once::write(service, key, |conn| {
        let offer = offers::by_id(conn, &visible, offer_id)?;
        let bank = may_do(actor, Right::KeepLoans)?;
        let signed = in_time(&offer, today)?.next(OfferEvent::Sign)?;
        let matures_on = check(conn, &bank, &offer, contract, today)?;
        let district = Scope::District(offer.district_code.clone());
        let request = requests::by_id(conn, &district, offer.request_id)?;
        offer_moves::move_on(conn, &offer, signed, Move::Sign, clock)?;
        let by = By::User(actor);
        let contract_is = format!("contract {}", contract.number);
        offer_noting::note(
            conn,
            by,
            &offer,
            (AuditAction::OfferSigned, signed),
            &contract_is,
            clock,
        )?;
        let ending = Ending {
            reason: RequestEnd::Fulfilled,
            unserved: None,
        };
        let served = (&request, Some(offer.referral_id));
        closing::close(conn, by, served, RequestEvent::Fulfil, ending, clock)?;
        let id = keep(conn, actor, &offer, (contract, matures_on), clock)?;
        let loan = loans::by_id(conn, &bank, id)?;
        tell(conn, actor, &loan, clock)?;
        Ok(Registered {
            id,
            number: request.number,
        })
    })
}

fn keep(
    conn: &mut AnyConnection,
    actor: &Actor,
    offer: &StoredOffer,
    (contract, matures_on): (&Contract, Day),
    clock: &dyn Clock,
) -> Result<Uuid, ActionError> {
    let new = NewLoan {
        number: &offer.request_number,
        offer_id: offer.id,
        request_id: offer.request_id,
        follows_id: contract.follows,
        enterprise_id: offer.enterprise_id,
        district_code: &offer.district_code,
        bank_id: offer.bank_id,
        product_id: offer.product_id,
        kind: offer.kind,
        contract_number: &contract.number,
        terms: &offer.terms,
        amount_fen: offer.terms.amount_fen.get(),
        rate_bp: offer.figures.rate_bp,
        annual_cost_pct: offer.figures.annual_cost_pct,
        term_months: i32::try_from(offer.terms.term_months).map_err(ActionError::internal)?,
        repayment: offer.terms.repayment,
        guarantee: offer.terms.guarantee,
        signed_on: contract.signed_on,
        matures_on,
        is_first: contract.is_first,
        by: actor.user_id,
    };
    Ok(loan_moves::insert(conn, &new, clock)?)
}

fn tell(conn: &mut AnyConnection, actor: &Actor, loan: &StoredLoan, clock: &dyn Clock) -> Result<(), StoreError> {
    let also = match loan.follows_id {
        Some(id) => format!("follows loan:{id}"),
        None => String::new(),
    };
    note(
        conn,
        actor,
        loan,
        (AuditAction::LoanRegistered, loan.state),
        &also,
        clock,
    )?;
    let told = Told {
        event: "registered".to_owned(),
        topic: Topic::LoanRegistered,
        words: &[],
    };
    told.borrower(conn, loan, clock)?;
    told.officers(conn, loan, clock)
}

/// Holds a contract against what was accepted; gives the day on which the loan matures.
fn check(
    conn: &mut AnyConnection,
    bank: &Scope,
    offer: &StoredOffer,
    contract: &Contract,
    today: Day,
) -> Result<Day, ActionError> {
    let mut problems = Problems::default();
    problems.text("contract_number", &contract.number, CONTRACT_CHARS);
    let taken = loans::has_contract(conn, offer.bank_id, &contract.number)?;
    problems.check(taken, "contract_number", || Rule::Duplicate(contract.number.clone()));
    let old = match contract.follows {
        Some(id) => check_old(conn, bank, offer, id, &mut problems)?,
        None => None,
    };
    let (min, mut max) = span(offer, today);
    if let Some(old) = &old {
        problems.check(contract.is_first, "is_first", || Rule::NotFirst);
        // Signed before the old loan matures (金规〔2024〕13号).
        max = max.min(old.matures_on.plus_days(-1));
    }
    let signed_on = contract.signed_on;
    problems.check(signed_on < min || signed_on > max, "signed_on", || {
        Rule::DayOutOfRange { min, max }
    });
    let Maturity { planned, min, max } = maturity(offer, signed_on);
    let matures_on = contract.matures_on.unwrap_or(planned);
    problems.check(matures_on < min || matures_on > max, "matures_on", || {
        Rule::DayOutOfRange { min, max }
    });
    Ok(problems.or(matures_on)?)
}

/// The loan that a contract renews, where it can.
fn check_old(
    conn: &mut AnyConnection,
    bank: &Scope,
    offer: &StoredOffer,
    id: Uuid,
    problems: &mut Problems,
) -> Result<Option<StoredLoan>, ActionError> {
    let old = match loans::by_id(conn, bank, id) {
        Ok(old) if old.enterprise_id == offer.enterprise_id => old,
        Ok(_) | Err(StoreError::NotFound) => {
            problems.add("follows", Rule::NotFound(id.to_string()));
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let why_not = if !renews(conn, offer)? {
        Some("这个产品不是续贷产品")
    } else if old.state.next(LoanEvent::Renew).is_err() {
        Some("原贷款不在放款或还款中")
    } else if old.overdue_since.is_some() {
        // Only what is 正常类 is renewed, and the bank says what is.
        Some("原贷款已标记逾期")
    } else if loans::follower(conn, bank, id)?.is_some() {
        Some("原贷款已有续贷合同")
    } else if old.sums.balance_fen() > offer.terms.amount_fen.get() {
        Some("原贷款的余额超过本合同的金额")
    } else {
        None
    };
    if let Some(why) = why_not {
        problems.add("follows", Rule::NoRenewal(why));
    }
    Ok(Some(old))
}
