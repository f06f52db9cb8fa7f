//! The centre refers a request by hand: it proposes a bank, and the enterprise consents or refuses. Until then the bank
//! knows nothing of it.

use super::consents::{about, tell};
use super::deadlines::answer_by;
use super::once::{self, OnceKey};
use super::referrals::{Preview, lender, note};
use super::telling::{event_of, tell_enterprise, tell_officers};
use super::{ActionError, Service, matches, may_do, may_see};
use crate::clock::Clock;
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::consent::{ConsentPurpose, Terms, consent_text, facts_checked};
use crate::domain::dispute::checked_text;
use crate::domain::facts::FactKey;
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::message::Topic;
use crate::domain::product::Product;
use crate::domain::referral::{PickedProduct, ReferralEnd, ReferralEvent, ReferralState};
use crate::domain::request::RequestEvent;
use crate::store::consents::NewConsent;
use crate::store::matches::StoredMatch;
use crate::store::proposals::{self as stored_proposals, NewProposal};
use crate::store::referral_moves::{self, Beginning, NewReferral};
use crate::store::referrals::{self, StoredReferral};
use crate::store::requests::{self, StoredRequest};
use crate::store::{AnyConnection, StoreError, audit, consents, matches as stored_matches, organisations, products};
use std::collections::BTreeSet;
use uuid::Uuid;

pub use crate::store::proposals::StoredProposal;

/// What an officer proposes.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// Code of the bank.
    pub bank: &'a str,
    /// Codes of its products.
    pub products: &'a [String],
    /// Why another than the first that could be proposed, in the matcher's order.
    pub reason: Option<&'a str>,
}

/// An officer proposes a bank for a request, with products of it that were matched, whatever their verdict; once for
/// each key. The matcher's order and the officer's choice are kept beside it.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees no such request, [`ActionError::Invalid`] for a bank that is none, a
/// product that is not its or was not matched, or another than the first without a reason; [`ActionError::Refused`] for
/// a request that is not open or a bank that has it.
pub fn propose(
    service: &Service,
    actor: &Actor,
    request_id: Uuid,
    choice: Choice<'_>,
    key: Option<&OnceKey>,
) -> Result<Uuid, ActionError> {
    let Choice { bank, products, reason } = choice;
    let visible = may_see(actor, Right::ViewRequests)?;
    let clock = service.clock.as_ref();
    once::write(service, key, |conn| {
        let request = requests::by_id(conn, &visible, request_id)?;
        let scope = may_do(actor, Right::ServeRequests)?;
        request.state.next(RequestEvent::Refer)?;
        let bank_id = lender(conn, bank)?;
        let from = stored_matches::newest(conn, &scope, request_id)?;
        let picked = matches::picked_by_hand(conn, &from, products)?;
        check(bank, products, &picked)?;
        let picked: Vec<PickedProduct> = picked.into_iter().map(|(_, shown)| shown).collect();
        let new = NewReferral {
            request_id,
            bank_id,
            consent_id: None,
            match_id: from.id,
            products: &picked,
            beginning: Beginning::Proposed { by: actor.user_id },
        };
        let before = referrals::of_request(conn, &scope, request_id)?;
        let old = before.iter().find(|one| one.bank_id == bank_id);
        if let Some(old) = old {
            old.state.next(ReferralEvent::ProposeAgain)?;
        }
        let matched = up_to(conn, &from, &before, products)?;
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        let reason = reason.map(|reason| checked_text("reason", reason)).transpose()?;
        if matched.len() > 1 && reason.is_none() {
            return Err(problem("reason", Rule::Required));
        }
        let id = if let Some(old) = old {
            referral_moves::begin_again(conn, old, &new, clock)?;
            old.id
        } else {
            referral_moves::insert(conn, &new, clock)?
        };
        let kept = NewProposal {
            referral_id: id,
            by: actor.user_id,
            place: matched.len(),
            matched: matched.get(..KEPT).unwrap_or(&matched),
            chosen: products,
            reason: reason.as_deref(),
        };
        stored_proposals::insert(conn, &kept, clock)?;
        let proposed = referrals::visible_by_id(conn, &scope, id)?;
        tell_proposed(conn, actor, &request, &proposed, &kept, clock)?;
        Ok(id)
    })
}

/// How many codes of the matcher's order are kept.
const KEPT: usize = 100;

fn problem(field: &str, rule: Rule) -> ActionError {
    Problem {
        field: field.to_owned(),
        rule,
    }
    .into()
}

/// The products that could be proposed, in the matcher's order, up to the first of those that are: of banks that don't
/// have the request.
fn up_to(
    conn: &mut AnyConnection,
    from: &StoredMatch,
    referrals: &[StoredReferral],
    chosen: &[String],
) -> Result<Vec<String>, ActionError> {
    let banks = products::banks(conn)?;
    let is_free = |bank: Uuid| {
        let of_bank = referrals.iter().find(|one| one.bank_id == bank);
        of_bank.is_none_or(|one| one.state.next(ReferralEvent::ProposeAgain).is_ok())
    };
    let mut free = matches::order(from)?;
    free.retain(|code| banks.get(code).is_some_and(|bank| is_free(*bank)));
    let place = free.iter().position(|code| chosen.contains(code));
    free.truncate(place.map_or(0, |place| place + 1));
    Ok(free)
}

/// What officers proposed for a request, the newest first.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor does not serve such a request.
pub fn of_request(service: &Service, actor: &Actor, request_id: Uuid) -> Result<Vec<StoredProposal>, ActionError> {
    let scope = may_see(actor, Right::ServeRequests)?;
    service.store.read(|conn| {
        requests::by_id(conn, &scope, request_id)?;
        Ok(stored_proposals::of_request(conn, request_id)?)
    })
}

/// As [`propose`] for one product, whose bank is proposed.
///
/// # Errors
/// As [`propose`]'s; [`ActionError::Invalid`] for a product that there is not.
pub fn propose_product(
    service: &Service,
    actor: &Actor,
    request_id: Uuid,
    (code, reason): (&str, &str),
) -> Result<Uuid, ActionError> {
    let scope = may_see(actor, Right::ViewRequests)?;
    let bank = service.store.read(|conn| {
        requests::by_id(conn, &scope, request_id)?;
        let from = stored_matches::newest(conn, &scope, request_id)?;
        let picked = matches::picked_by_hand(conn, &from, &[code.to_owned()])?;
        let found = picked.into_iter().next().map(|(product, _)| product.bank.clone());
        found.ok_or_else(|| problem("product", Rule::Required))
    })?;
    let choice = Choice {
        bank: &bank,
        products: &[code.to_owned()],
        reason: Some(reason),
    };
    propose(service, actor, request_id, choice, None)
}

fn check(bank: &str, codes: &[String], picked: &[(Product, PickedProduct)]) -> Result<(), ActionError> {
    let mut problems = Problems::default();
    problems.check(codes.is_empty(), "products", || Rule::Empty);
    for (at, code) in codes.iter().enumerate() {
        let again = codes.iter().take(at).any(|earlier| earlier == code);
        problems.check(again, "products", || Rule::Duplicate(code.clone()));
        let is_its = picked
            .iter()
            .any(|(product, _)| product.code == *code && product.bank == bank);
        problems.check(!is_its, "products", || Rule::NotFound(code.clone()));
    }
    Ok(problems.or(())?)
}

fn tell_proposed(
    conn: &mut AnyConnection,
    actor: &Actor,
    request: &StoredRequest,
    proposed: &StoredReferral,
    kept: &NewProposal<'_>,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let (chosen, matched) = (kept.chosen.join(","), kept.matched.join(","));
    let entry = AuditEntry {
        action: AuditAction::ReferralProposed,
        subject: format!("referral:{}", proposed.id),
        before: None,
        after: Some(format!(
            "{} {} {chosen} place {} of {matched}",
            proposed.state, proposed.bank_code, kept.place
        )),
    };
    audit::append(conn, actor, &entry, clock)?;
    let words = [("bank", proposed.bank_name.clone())];
    let event = event_of(proposed, Topic::ReferralProposed);
    tell_enterprise(conn, request, Topic::ReferralProposed, event, &words, clock)
}

/// A proposal as its enterprise sees it: what the bank would get to see.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The request.
    pub request: StoredRequest,
    /// The bank, the products and the facts.
    pub preview: Preview,
}

/// What the bank of a proposal would get to see. Nothing changes.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor's enterprise has none with this id, [`ActionError::Refused`] where it was
/// answered.
pub fn show(service: &Service, actor: &Actor, id: Uuid) -> Result<Proposal, ActionError> {
    let visible = may_see(actor, Right::ViewRequests)?;
    service.store.read(|conn| {
        let referral = referrals::visible_by_id(conn, &visible, id)?;
        may_do(actor, Right::GiveConsent)?;
        referral.state.next(ReferralEvent::Agree)?;
        let request = requests::by_id(conn, &visible, referral.request_id)?;
        let facts = facts_of(conn, &referral)?;
        let bank = organisations::by_id(conn, referral.bank_id)?.organisation;
        let products = referral.products.into_iter();
        Ok(Proposal {
            request,
            preview: Preview {
                bank: bank.code,
                bank_name: bank.name,
                contact: bank.contact,
                products: products.map(|product| (product.code, product.name)).collect(),
                facts,
            },
        })
    })
}

/// The facts that the proposed products look at, in the versions that were matched.
fn facts_of(conn: &mut AnyConnection, referral: &StoredReferral) -> Result<BTreeSet<FactKey>, StoreError> {
    let products = referral.products.iter();
    let wanted: Vec<(String, i32)> = products.map(|one| (one.code.clone(), one.version)).collect();
    let frozen = products::frozen(conn, &wanted)?;
    Ok(frozen.iter().flat_map(|(product, ..)| facts_checked(product)).collect())
}

/// The enterprise consents to a proposal: the bank gets the request, and its clock starts.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor's enterprise has none with this id, [`ActionError::Invalid`] for terms that
/// break a rule, [`ActionError::Refused`] where it was answered, or the request is not open.
pub fn agree(service: &Service, actor: &Actor, id: Uuid, terms: Terms) -> Result<StoredReferral, ActionError> {
    let visible = may_see(actor, Right::ViewRequests)?;
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let old = referrals::visible_by_id(conn, &visible, id)?;
        let scope = may_do(actor, Right::GiveConsent)?;
        old.state.next(ReferralEvent::Agree)?;
        let request = requests::by_id(conn, &scope, old.request_id)?;
        request.state.next(RequestEvent::Refer)?;
        let mut problems = Problems::default();
        terms.check(consent_text(), clock.today(), "", &mut problems);
        problems.or(())?;
        let facts = facts_of(conn, &old)?;
        let consent = NewConsent {
            enterprise_id: request.enterprise_id,
            bank_id: old.bank_id,
            request_id: request.id,
            purpose: ConsentPurpose::Application,
            facts: &facts,
            terms,
            by: actor.user_id,
        };
        let consent_id = consents::insert(conn, &consent, clock)?;
        let due_on = answer_by(conn, service, &request.district_code)?;
        referral_moves::send(conn, &old, consent_id, due_on, clock)?;
        let sent = referrals::visible_by_id(conn, &scope, id)?;
        note(conn, actor, &sent, (consent_id, &facts, terms), clock)?;
        let received = about(&sent, Topic::ReferralReceived, &request.number);
        tell(conn, sent.bank_id, &received, clock)?;
        tell_answer(conn, &request, &sent, clock)?;
        Ok(sent)
    })
}

/// The enterprise refuses a proposal.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor's enterprise has none with this id, [`ActionError::Refused`] where it was
/// answered.
pub fn refuse(service: &Service, actor: &Actor, id: Uuid) -> Result<StoredReferral, ActionError> {
    let visible = may_see(actor, Right::ViewRequests)?;
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let old = referrals::visible_by_id(conn, &visible, id)?;
        let scope: Scope = may_do(actor, Right::GiveConsent)?;
        let next = old.state.next(ReferralEvent::Refuse)?;
        let request = requests::by_id(conn, &scope, old.request_id)?;
        referral_moves::end(conn, &old, next, ReferralEnd::Refused, clock)?;
        let entry = AuditEntry {
            action: AuditAction::ReferralCancelled,
            subject: format!("referral:{id}"),
            before: Some(old.state.to_string()),
            after: Some(format!("{next} {}", ReferralEnd::Refused)),
        };
        audit::append(conn, actor, &entry, clock)?;
        let refused = referrals::visible_by_id(conn, &scope, id)?;
        tell_answer(conn, &request, &refused, clock)?;
        Ok(refused)
    })
}

fn tell_answer(
    conn: &mut AnyConnection,
    request: &StoredRequest,
    answered: &StoredReferral,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let answer = if answered.state == ReferralState::Cancelled {
        "不同意"
    } else {
        "同意"
    };
    let words = [
        ("bank", answered.bank_name.clone()),
        ("enterprise", request.enterprise_name.clone()),
        ("answer", answer.to_owned()),
    ];
    let event = event_of(answered, Topic::ProposalAnswered);
    tell_officers(conn, request, Topic::ProposalAnswered, event, &words, clock)
}
