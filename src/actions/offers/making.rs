//! A bank works an offer out, and sends it: for the first time, as a new revision of one that was returned, or again
//! after an acceptance has fallen through.

use super::super::once::{self, OnceKey};
use super::super::{ActionError, Service, may_do, may_see, settings};
use super::desk::forward_one;
use super::noting::{Side, note, tell_side};
use crate::config::{self, CeilingKind};
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::{Code, Kind, Size, Tier};
use crate::domain::facts::FactKey;
use crate::domain::invalid::{Problem, Rule};
use crate::domain::message::Topic;
use crate::domain::offer::{LapseReason, OfferEvent, OfferState};
use crate::domain::offer_checks::{Ceiling, CheckLine, Desk, checks, is_clean};
use crate::domain::offer_figures::OfferFigures;
use crate::domain::offer_terms::{Around, Offer, OfferForm};
use crate::domain::profile::{Held, engine_facts};
use crate::domain::referral::ReferralEvent;
use crate::domain::request::RequestEvent;
use crate::domain::term_rules::TermRules;
use crate::finance::offer::{OfferError, figures};
use crate::matching::NoLpr;
use crate::store::audit::By;
use crate::store::offer_moves::{self, NewOffer, Sent};
use crate::store::offers::{self, OfferFilter, StoredOffer};
use crate::store::products::StoredProduct;
use crate::store::referrals::{self, Disclosure, StoredReferral};
use crate::store::{AnyConnection, StoreError, audit, facts, lpr, products, referral_moves, requests, reroutes};
use uuid::Uuid;

/// An offer worked out: what it comes to, and what the desk will find.
#[derive(Clone, Debug, PartialEq)]
pub struct Worked {
    /// The terms, with the LPR filled in.
    pub terms: OfferForm,
    /// Schedule and costs.
    pub figures: OfferFigures,
    /// The desk's checks.
    pub checks: Vec<CheckLine>,
    /// Name of the product.
    pub product_name: String,
    product_id: Uuid,
    product_version: i32,
}

impl Worked {
    fn sent(&self, by: Uuid) -> Sent<'_> {
        Sent {
            product_version: self.product_version,
            terms: &self.terms,
            figures: &self.figures,
            checks: &self.checks,
            by,
        }
    }
}

/// Works an offer out without sending it.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor's bank has no such referral, or no live consent;
/// [`ActionError::Invalid`] for terms that break a rule or make no schedule.
pub fn preview(service: &Service, actor: &Actor, referral_id: Uuid, form: OfferForm) -> Result<Worked, ActionError> {
    let visible = may_see(actor, Right::ViewReferrals)?;
    service.store.read(|conn| {
        let referral = referrals::by_id(conn, &visible, referral_id)?;
        let scope = may_do(actor, Right::MakeOffers)?;
        Ok(work(service, conn, &scope, &referral, form)?.0)
    })
}

/// Sends an offer to the centre, once for each key; with the setting `auto_forward` one that passes every check goes on
/// to the enterprise at once.
///
/// # Errors
/// As [`preview`]'s; [`ActionError::Refused`] where the referral or the request does not allow one any more,
/// [`ActionError::Stale`] where the bank has a live one of this product for the request.
pub fn submit(
    service: &Service,
    actor: &Actor,
    referral_id: Uuid,
    form: &OfferForm,
    key: Option<&OnceKey>,
) -> Result<Uuid, ActionError> {
    let visible = may_see(actor, Right::ViewReferrals)?;
    let clock = service.clock.as_ref();
    once::write(service, key, |conn| {
        let referral = referrals::by_id(conn, &visible, referral_id)?;
        let scope = may_do(actor, Right::MakeOffers)?;
        let answered = referral.state.next(ReferralEvent::Offer)?;
        must_be_open(conn, &referral)?;
        let (worked, shown) = work(service, conn, &scope, &referral, form.clone())?;
        let new = NewOffer {
            referral_id,
            request_id: referral.request_id,
            request_number: &shown.number,
            enterprise_id: shown.enterprise_id,
            bank_id: referral.bank_id,
            bank_code: &referral.bank_code,
            product_id: worked.product_id,
        };
        if has_live(conn, &scope, referral_id, worked.product_id)? {
            return Err(ActionError::Stale);
        }
        let id = offer_moves::insert(conn, &new, &worked.sent(actor.user_id), clock)?;
        referral_moves::answer(conn, &referral, answered, None, clock)?;
        let answer = AuditEntry {
            action: AuditAction::ReferralOffered,
            subject: format!("referral:{referral_id}"),
            before: Some(referral.state.to_string()),
            after: Some(answered.to_string()),
        };
        audit::append(conn, actor, &answer, clock)?;
        let offer = offers::by_id(conn, &scope, id)?;
        arrived(service, conn, actor, &offer, AuditAction::OfferSubmitted)?;
        Ok(id)
    })
}

/// Sends an offer once more, as its next revision: one that was returned, or one that lapsed by an acceptance which has
/// fallen through since. `version` is the one that the change was made from; none: the newest.
///
/// # Errors
/// As [`submit`]'s; [`ActionError::Refused`] for an offer of which there is no new revision.
pub fn revise(
    service: &Service,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    form: &OfferForm,
) -> Result<StoredOffer, ActionError> {
    let visible = may_see(actor, Right::ViewOffers)?;
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let old = offers::by_id(conn, &visible, id)?;
        let scope = may_do(actor, Right::MakeOffers)?;
        let next = old.state.next(event_of(&old))?;
        if version.is_some_and(|version| version != old.version) {
            return Err(ActionError::Stale);
        }
        let referral = referrals::by_id(conn, &scope, old.referral_id)?;
        referral.state.next(ReferralEvent::Offer)?;
        must_be_open(conn, &referral)?;
        let (worked, _) = work(service, conn, &scope, &referral, form.clone())?;
        if worked.product_id != old.product_id {
            return Err(problem("product", Rule::Fixed));
        }
        offer_moves::revise(conn, &old, next, &worked.sent(actor.user_id), clock)?;
        let offer = offers::by_id(conn, &scope, id)?;
        arrived(service, conn, actor, &offer, AuditAction::OfferRevised)?;
        Ok(offers::by_id(conn, &scope, id)?)
    })
}

/// Only what lapsed because another was accepted can be sent again; the request is open again then.
fn event_of(old: &StoredOffer) -> OfferEvent {
    if old.lapse_reason == Some(LapseReason::OtherAccepted) {
        OfferEvent::Renew
    } else {
        OfferEvent::Revise
    }
}

/// An offer asks of the request what bringing it before a bank does: that it is open.
fn must_be_open(conn: &mut AnyConnection, referral: &StoredReferral) -> Result<(), ActionError> {
    let district = Scope::District(reroutes::district_of(conn, referral.id)?);
    let request = requests::by_id(conn, &district, referral.request_id)?;
    request.state.next(RequestEvent::Refer)?;
    Ok(())
}

fn has_live(conn: &mut AnyConnection, bank: &Scope, referral_id: Uuid, product_id: Uuid) -> Result<bool, StoreError> {
    let filter = OfferFilter {
        referral_id: Some(referral_id),
        ..OfferFilter::default()
    };
    let made = offers::list(conn, bank, filter, None, i64::from(u16::MAX))?;
    Ok(made
        .iter()
        .any(|offer| offer.product_id == product_id && OfferState::LIVE.contains(&offer.state)))
}

/// What an offer that has come to the desk is followed by: its line in the log, and either the officers' mail or, where
/// the setting says so and nothing is to be looked at, the enterprise's.
fn arrived(
    service: &Service,
    conn: &mut AnyConnection,
    actor: &Actor,
    offer: &StoredOffer,
    action: AuditAction,
) -> Result<(), ActionError> {
    let clock = service.clock.as_ref();
    let failed: Vec<&str> = offer
        .checks
        .iter()
        .filter(|line| !line.passed)
        .map(|line| line.check.code())
        .collect();
    let also = format!("revision {} failed [{}]", offer.revision, failed.join(","));
    note(conn, By::User(actor), offer, (action, offer.state), &also, clock)?;
    let rules = settings::desk(conn, service, &offer.district_code)?;
    if rules.auto_forward && is_clean(&offer.checks) {
        return forward_one(conn, By::Service(&offer.district_code), offer, clock);
    }
    let open = [("open", failed.len().to_string())];
    tell_side(conn, offer, Side::Desk, Topic::OfferSubmitted, &open, clock)?;
    Ok(())
}

/// Works an offer out, from what the consent lets the bank know.
fn work(
    service: &Service,
    conn: &mut AnyConnection,
    bank: &Scope,
    referral: &StoredReferral,
    form: OfferForm,
) -> Result<(Worked, Disclosure), ActionError> {
    let today = service.clock.today();
    let shown = referrals::disclosed(conn, bank, &[referral.id], today)?
        .remove(&referral.id)
        .ok_or(ActionError::NotFound)?;
    let rules = {
        let district_code = reroutes::district_of(conn, referral.id)?;
        settings::desk(conn, service, &district_code)?
    };
    let product = picked(conn, bank, referral, &form.product)?;
    let table = lpr::table(conn)?;
    let newest = table.on(today).ok_or(NoLpr(today))?;
    let lines = facts::under_consent(conn, bank, referral.id, shown.enterprise_id, today)?;
    let held: Vec<Held> = lines.into_iter().map(|line| line.held).collect();
    let known = engine_facts(&held, today);
    let verified = |key: FactKey| known.get(key).filter(|fact| fact.verified && fact.holds_on(today));
    let around = Around {
        today,
        purpose: shown.need.purpose,
        size: verified(FactKey::Size).and_then(|fact| level::<Size>(fact.value.get())),
        lpr: &table,
        terms: term_rules(&rules),
    };
    let offer = Offer::parse(form, &around)?;
    let desk = Desk {
        product: &product.product,
        lpr: newest,
        tier: verified(FactKey::Tier).and_then(|fact| level::<Tier>(fact.value.get())),
        ceiling: ceiling(&rules, product.product.kind),
        consent_until: shown.until,
        validity_days: i64::from(rules.validity_days),
    };
    let worked = Worked {
        figures: figures(&offer).map_err(no_schedule)?,
        checks: checks(&offer, &around, &desk),
        terms: (*offer).clone(),
        product_name: product.product.name.clone(),
        product_id: product.id,
        product_version: product.version,
    };
    Ok((worked, shown))
}

/// One of the products that the enterprise picked of this bank, as it stands today.
fn picked(
    conn: &mut AnyConnection,
    bank: &Scope,
    referral: &StoredReferral,
    code: &str,
) -> Result<StoredProduct, ActionError> {
    if referral.products.iter().any(|product| product.code == code) {
        return Ok(products::by_code(conn, bank, code)?);
    }
    Err(problem("product", Rule::NotFound(code.to_owned())))
}

fn problem(field: &str, rule: Rule) -> ActionError {
    Problem {
        field: field.to_owned(),
        rule,
    }
    .into()
}

/// The messages of finance begin with the field that they are about.
fn no_schedule(error: OfferError) -> ActionError {
    let said = error.to_string();
    let (field, why) = said.split_once(": ").unwrap_or(("", &said));
    problem(field, Rule::NoSchedule(why.to_owned()))
}

/// The code at a place of its list, which is what the value of an ordered fact is.
fn level<T: Code>(place: i64) -> Option<T> {
    usize::try_from(place).ok().and_then(|place| T::ALL.get(place)).copied()
}

fn term_rules(desk: &config::Desk) -> TermRules {
    TermRules {
        working_capital: desk.working_capital_months,
        working_capital_most: desk.working_capital_most_months,
        fixed_assets: desk.fixed_assets_months,
    }
}

fn ceiling(desk: &config::Desk, kind: Kind) -> Option<Ceiling> {
    let named = CeilingKind::from(kind);
    let set = desk.ceilings.iter().find(|ceiling| ceiling.kind == named)?;
    // One of the two is set, which the settings are checked for.
    let over = set.lpr_plus_bp.map(Ceiling::OverLpr);
    over.or_else(|| set.lpr_factor_pct.map(Ceiling::OfLpr))
}
