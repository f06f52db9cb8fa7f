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
use crate::domain::facts::FactKey;
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::message::Topic;
use crate::domain::product::Product;
use crate::domain::referral::{PickedProduct, ReferralEnd, ReferralEvent, ReferralState};
use crate::domain::request::RequestEvent;
use crate::store::consents::NewConsent;
use crate::store::referral_moves::{self, Beginning, NewReferral};
use crate::store::referrals::{self, StoredReferral};
use crate::store::requests::{self, StoredRequest};
use crate::store::{AnyConnection, StoreError, audit, consents, matches as stored_matches, organisations, products};
use std::collections::BTreeSet;
use uuid::Uuid;

/// An officer proposes a bank for a request, with products of it that were matched, whatever their verdict; once for
/// each key.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees no such request, [`ActionError::Invalid`] for a bank that is none or
/// a product that is not its or was not matched, [`ActionError::Refused`] for a request that is not open or a bank
/// that has it.
pub fn propose(
    service: &Service,
    actor: &Actor,
    request_id: Uuid,
    (bank, products): (&str, &[String]),
    key: Option<&OnceKey>,
) -> Result<Uuid, ActionError> {
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
        let old = referrals::of_request(conn, &scope, request_id)?;
        let old = old.into_iter().find(|one| one.bank_id == bank_id);
        let id = if let Some(old) = old {
            old.state.next(ReferralEvent::ProposeAgain)?;
            referral_moves::begin_again(conn, &old, &new, clock)?;
            old.id
        } else {
            referral_moves::insert(conn, &new, clock)?
        };
        let proposed = referrals::visible_by_id(conn, &scope, id)?;
        tell_proposed(conn, actor, &request, &proposed, clock)?;
        Ok(id)
    })
}

/// As [`propose`] for one product, whose bank is proposed.
///
/// # Errors
/// As [`propose`]'s; [`ActionError::Invalid`] for a product that there is not.
pub fn propose_product(service: &Service, actor: &Actor, request_id: Uuid, code: &str) -> Result<Uuid, ActionError> {
    let scope = may_see(actor, Right::ViewRequests)?;
    let bank = service.store.read(|conn| {
        requests::by_id(conn, &scope, request_id)?;
        let from = stored_matches::newest(conn, &scope, request_id)?;
        let picked = matches::picked_by_hand(conn, &from, &[code.to_owned()])?;
        let found = picked.into_iter().next().map(|(product, _)| product.bank.clone());
        found.ok_or_else(|| {
            ActionError::from(Problem {
                field: "product".to_owned(),
                rule: Rule::Required,
            })
        })
    })?;
    propose(service, actor, request_id, (&bank, &[code.to_owned()]), None)
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
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let codes: Vec<&str> = proposed.products.iter().map(|product| product.code.as_str()).collect();
    let entry = AuditEntry {
        action: AuditAction::ReferralProposed,
        subject: format!("referral:{}", proposed.id),
        before: None,
        after: Some(format!("{} {} {}", proposed.state, proposed.bank_code, codes.join(","))),
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
        let due_on = answer_by(conn, service)?;
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
