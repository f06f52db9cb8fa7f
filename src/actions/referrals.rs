//! An enterprise brings a request before banks: it picks products that fit and consents, bank by bank.

use super::consents::{about, tell};
use super::deadlines::answer_by;
use super::once::{self, OnceKey};
use super::{ActionError, Service, may_do, may_see};
use crate::clock::Clock;
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::consent::{ConsentPurpose, Terms, consent_text, facts_checked};
use crate::domain::facts::FactKey;
use crate::domain::invalid::{Problems, Rule};
use crate::domain::message::Topic;
use crate::domain::product::Product;
use crate::domain::referral::{PickedProduct, ReferralEvent, ReferralState};
use crate::domain::request::RequestEvent;
use crate::store::consents::NewConsent;
use crate::store::matches::StoredMatch;
use crate::store::referral_moves::{self, Beginning, NewReferral};
use crate::store::requests::StoredRequest;
use crate::store::{AnyConnection, StoreError, audit, consents, matches, organisations, products, referrals, requests};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

pub use crate::store::referrals::StoredReferral;

/// The products of one bank that an enterprise picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Code of the bank.
    pub bank: String,
    /// Codes of its products.
    pub products: Vec<String>,
    /// Whether it is kept in reserve, to be sent when another bank stays silent or declines.
    pub is_kept: bool,
}

/// A referral that was sent or kept, with its consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The referral.
    pub id: Uuid,
    /// The consent.
    pub consent_id: Uuid,
    /// Code of the bank.
    pub bank: String,
    /// Where it is in its life: sent, or in reserve.
    pub state: ReferralState,
}

/// One bank of a pick: what it would get to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Its code.
    pub bank: String,
    /// Its name.
    pub bank_name: String,
    /// Whom to call there.
    pub contact: Option<String>,
    /// Codes and names of the products.
    pub products: Vec<(String, String)>,
    /// The facts that it would read.
    pub facts: BTreeSet<FactKey>,
}

/// The referrals of a request that the actor may see.
///
/// # Errors
/// [`ActionError::NotFound`] where it sees no requests.
pub fn of_request(service: &Service, actor: &Actor, request_id: Uuid) -> Result<Vec<StoredReferral>, ActionError> {
    let scope = may_see(actor, Right::ViewRequests)?;
    Ok(service
        .store
        .read(|conn| referrals::of_request(conn, &scope, request_id))?)
}

/// The referrals of a request.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees no such request.
pub fn standing(service: &Service, actor: &Actor, request_id: Uuid) -> Result<Vec<StoredReferral>, ActionError> {
    let scope = may_see(actor, Right::ViewRequests)?;
    service.store.read(|conn| {
        requests::by_id(conn, &scope, request_id)?;
        Ok(referrals::of_request(conn, &scope, request_id)?)
    })
}

/// What each bank would get to see, were these products picked. Nothing changes.
///
/// # Errors
/// As [`send`]'s, but for the terms.
pub fn preview(
    service: &Service,
    actor: &Actor,
    request_id: Uuid,
    products: &[String],
) -> Result<Vec<Preview>, ActionError> {
    let visible = may_see(actor, Right::ViewRequests)?;
    service.store.read(|conn| {
        let request = requests::by_id(conn, &visible, request_id)?;
        let scope = may_do(actor, Right::GiveConsent)?;
        request.state.next(RequestEvent::Refer)?;
        let picked = Picking::of(conn, &scope, &request, products)?;
        let mut previews: Vec<Preview> = Vec::new();
        for (product, _) in &picked.products {
            let name = (product.code.clone(), product.name.clone());
            if let Some(known) = previews.iter_mut().find(|one| one.bank == product.bank) {
                known.products.push(name);
                known.facts.extend(facts_checked(product));
                continue;
            }
            let bank = organisations::by_code(conn, &product.bank)?.organisation;
            previews.push(Preview {
                bank: bank.code,
                bank_name: bank.name,
                contact: bank.contact,
                products: vec![name],
                facts: facts_checked(product),
            });
        }
        Ok(previews)
    })
}

/// Consents and sends, or keeps in reserve, bank by bank, all or none of them, once for each key. Those in reserve are
/// called in the order in which they were given here, after those that were there before.
///
/// # Errors
/// [`ActionError::Invalid`] for terms that break a rule, a bank that is none, or a product that does not fit
/// the request or is another bank's; [`ActionError::Refused`] for a request that is not open;
/// [`ActionError::Refused`] for a bank that has it already.
pub fn send(
    service: &Service,
    actor: &Actor,
    request_id: Uuid,
    picks: &[Pick],
    terms: Terms,
    key: Option<&OnceKey>,
) -> Result<Vec<Sent>, ActionError> {
    let visible = may_see(actor, Right::ViewRequests)?;
    once::write(service, key, |conn| {
        let request = requests::by_id(conn, &visible, request_id)?;
        let scope = may_do(actor, Right::GiveConsent)?;
        request.state.next(RequestEvent::Refer)?;
        let mut problems = Problems::default();
        terms.check(consent_text(), service.clock.today(), "consent.", &mut problems);
        problems.check(picks.is_empty(), "bank", || Rule::Required);
        problems.or(())?;
        picks
            .iter()
            .map(|pick| send_one(service, conn, (actor, &scope), &request, pick, terms))
            .collect()
    })
}

fn send_one(
    service: &Service,
    conn: &mut AnyConnection,
    (actor, scope): (&Actor, &Scope),
    request: &StoredRequest,
    pick: &Pick,
    terms: Terms,
) -> Result<Sent, ActionError> {
    let clock = service.clock.as_ref();
    let bank_id = lender(conn, &pick.bank)?;
    let picking = Picking::of(conn, scope, request, &pick.products)?;
    picking.check_bank(&pick.bank)?;
    let facts: BTreeSet<FactKey> = picking
        .products
        .iter()
        .flat_map(|(product, _)| facts_checked(product))
        .collect();
    let all = referrals::of_request(conn, scope, request.id)?;
    let event = if pick.is_kept {
        ReferralEvent::KeepAgain
    } else {
        ReferralEvent::PickAgain
    };
    let old = all.iter().find(|referral| referral.bank_id == bank_id);
    if let Some(old) = old {
        old.state.next(event)?;
    }
    let beginning = if pick.is_kept {
        let last = all.iter().filter_map(|referral| referral.position).max();
        Beginning::Kept {
            position: last.unwrap_or(0) + 1,
        }
    } else {
        Beginning::Sent {
            due_on: answer_by(conn, service, &request.district_code)?,
        }
    };
    let consent = NewConsent {
        enterprise_id: request.enterprise_id,
        bank_id,
        request_id: request.id,
        purpose: ConsentPurpose::Application,
        facts: &facts,
        terms,
        by: actor.user_id,
    };
    let consent_id = consents::insert(conn, &consent, clock)?;
    let shown: Vec<PickedProduct> = picking.products.iter().map(|(_, shown)| shown.clone()).collect();
    let new = NewReferral {
        request_id: request.id,
        bank_id,
        consent_id: Some(consent_id),
        match_id: picking.from.id,
        products: &shown,
        beginning,
    };
    match old {
        Some(old) => referral_moves::begin_again(conn, old, &new, clock)?,
        None => {
            referral_moves::insert(conn, &new, clock)?;
        }
    }
    let sent = referrals::of_consent(conn, scope, consent_id)?.ok_or(StoreError::Stale)?;
    note(conn, actor, &sent, (consent_id, &facts, terms), clock)?;
    // A bank for which it is kept does not know of it.
    if !pick.is_kept {
        let received = about(&sent, Topic::ReferralReceived, &request.number);
        tell(conn, bank_id, &received, clock)?;
    }
    Ok(Sent {
        id: sent.id,
        consent_id,
        bank: sent.bank_code,
        state: sent.state,
    })
}

/// The two lines of the audit: what was agreed to, and what was sent or kept.
pub(super) fn note(
    conn: &mut AnyConnection,
    actor: &Actor,
    sent: &StoredReferral,
    (consent_id, facts, terms): (Uuid, &BTreeSet<FactKey>, Terms),
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let keys: Vec<&str> = facts.iter().map(|key| key.code()).collect();
    let codes: Vec<&str> = sent.products.iter().map(|product| product.code.as_str()).collect();
    let given = AuditEntry {
        action: AuditAction::ConsentGiven,
        subject: format!("consent:{consent_id}"),
        before: None,
        after: Some(format!(
            "{} {} text {} until {}",
            sent.bank_code,
            keys.join(","),
            terms.text_version,
            terms.until
        )),
    };
    audit::append(conn, actor, &given, clock)?;
    let referred = AuditEntry {
        action: if sent.state == ReferralState::Reserve {
            AuditAction::ReferralReserved
        } else {
            AuditAction::ReferralSent
        },
        subject: format!("referral:{}", sent.id),
        before: None,
        after: Some(format!("{} {}", sent.state, codes.join(","))),
    };
    audit::append(conn, actor, &referred, clock)
}

pub(super) fn lender(conn: &mut AnyConnection, code: &str) -> Result<Uuid, ActionError> {
    let mut problems = Problems::default();
    // No code has control characters, and PostgreSQL's texts can't hold a NUL to look for.
    let found = if code.contains(char::is_control) {
        Err(StoreError::NotFound)
    } else {
        organisations::by_code(conn, code)
    };
    match found {
        Ok(bank) if bank.organisation.kind.lends() => return Ok(bank.id),
        Ok(_) | Err(StoreError::NotFound) => problems.add("bank", Rule::NotFound(code.to_owned())),
        Err(error) => return Err(error.into()),
    }
    Err(problems.into())
}

/// Products that fit a request, in the versions that were matched.
struct Picking {
    from: StoredMatch,
    products: Vec<(Product, PickedProduct)>,
}

impl Picking {
    /// The products with these codes, each of which the newest match found to fit.
    fn of(
        conn: &mut AnyConnection,
        scope: &Scope,
        request: &StoredRequest,
        codes: &[String],
    ) -> Result<Self, ActionError> {
        let from = matches::newest(conn, scope, request.id)?;
        let (result, versions) = super::matches::eligible(&from)?;
        let mut problems = Problems::default();
        problems.check(codes.is_empty(), "products", || Rule::Empty);
        for (at, code) in codes.iter().enumerate() {
            let again = codes.iter().take(at).any(|earlier| earlier == code);
            problems.check(again, "products", || Rule::Duplicate(code.clone()));
            let fits = result.iter().any(|row| row.product == *code);
            problems.check(!fits, "products", || Rule::NotFound(code.clone()));
        }
        problems.or(())?;
        let wanted: Vec<(String, i32)> = versions.into_iter().filter(|(code, _)| codes.contains(code)).collect();
        let frozen = products::frozen(conn, &wanted)?;
        let products = result.into_iter().filter_map(|row| {
            let (product, version, _) = frozen.iter().find(|(product, ..)| product.code == row.product)?;
            let shown = PickedProduct {
                code: product.code.clone(),
                version: *version,
                name: product.name.clone(),
                rate_bp: row.rate_bp,
                repayment: row.repayment,
                annual_cost_pct: row.annual_cost_pct,
            };
            Some((product.clone(), shown))
        });
        Ok(Self {
            products: products.collect(),
            from,
        })
    }

    /// Whether every product is this bank's.
    fn check_bank(&self, bank: &str) -> Result<(), ActionError> {
        let mut problems = Problems::default();
        for (product, _) in &self.products {
            problems.check(product.bank != bank, "products", || {
                Rule::NotFound(product.code.clone())
            });
        }
        Ok(problems.or(())?)
    }
}

/// The picks of a page, on which products of several banks are ticked, and banks to be kept: bank by bank, in the order
/// given.
///
/// # Errors
/// As [`preview`]'s.
pub fn picks(
    service: &Service,
    actor: &Actor,
    request_id: Uuid,
    (products, kept): (&[String], &[String]),
) -> Result<Vec<Pick>, ActionError> {
    let previews = preview(service, actor, request_id, products)?;
    Ok(previews
        .into_iter()
        .map(|one| Pick {
            is_kept: kept.contains(&one.bank),
            bank: one.bank,
            products: one.products.into_iter().map(|(code, _)| code).collect(),
        })
        .collect())
}
