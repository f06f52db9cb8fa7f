//! A bank reads an enterprise's facts under its consent.
//!
//! The consent is looked at by the queries that read, in the transaction that also writes the line of
//! the access log: no read without a live consent, and none without its line.

use super::enterprises::known_fact;
use super::queue::secretless;
use super::{ActionError, Service, access, may_see};
use crate::domain::actor::{Actor, Right};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::{Code, Owner};
use crate::domain::consent::{Reading, disclosed};
use crate::domain::dates::Day;
use crate::domain::facts::FactKey;
use crate::domain::referral::{ReferralEvent, ReferralState};
use crate::domain::scalar::Scalar;
use crate::domain::sheet::KnownFact;
use crate::store::accesses::NewAccess;
use crate::store::referrals::{self, Disclosure, StoredReferral};
use crate::store::{audit, facts, referral_moves};
use uuid::Uuid;

/// What a bank reads.
#[derive(Clone, Debug, PartialEq)]
pub struct CreditProfile {
    /// The referral, as this read has left it.
    pub referral: StoredReferral,
    /// The enterprise, its request and the consent.
    pub shown: Disclosure,
    /// The values in the scope of the consent, verified before declared.
    pub known: Vec<KnownFact>,
    /// The day of the read.
    pub today: Day,
}

/// Reads the credit profile behind a referral. Each read is a line in the enterprise's access log; the
/// first one moves the referral to viewed.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor's bank has no such referral, or no live consent.
pub fn read(service: &Service, actor: &Actor, id: Uuid) -> Result<CreditProfile, ActionError> {
    let scope = may_see(actor, Right::ReadCreditProfile)?;
    let clock = service.clock.as_ref();
    let today = clock.today();
    service.store.write(|conn| {
        let mut referral = referrals::by_id(conn, &scope, id)?;
        let shown = referrals::disclosed(conn, &scope, &[id], today)?.remove(&id);
        let shown = shown.map(secretless).ok_or(ActionError::NotFound)?;
        let lines = facts::under_consent(conn, &scope, id, shown.enterprise_id, today)?;
        let mut known = disclosed(lines.iter().map(known_fact).collect(), today);
        known.extend(age(&shown, today));
        known.sort_by_key(|fact| (fact.key, !fact.verified));
        let read = NewAccess {
            enterprise_id: shown.enterprise_id,
            what: Reading::CreditProfile,
            consent_id: Some(shown.consent_id),
            request_id: Some(shown.request_id),
        };
        access::note(conn, actor, read, clock)?;
        if referral.state == ReferralState::Pending {
            let next = referral.state.next(ReferralEvent::View)?;
            referral_moves::view(conn, &referral, next, clock)?;
            let entry = AuditEntry {
                action: AuditAction::ReferralViewed,
                subject: format!("referral:{id}"),
                before: Some(referral.state.to_string()),
                after: Some(next.to_string()),
            };
            audit::append(conn, actor, &entry, clock)?;
            referral = referrals::by_id(conn, &scope, id)?;
        }
        Ok(CreditProfile {
            referral,
            shown,
            known,
            today,
        })
    })
}

/// The age, where it is in the scope: it is counted, not stored.
fn age(shown: &Disclosure, today: Day) -> Option<KnownFact> {
    let since = shown
        .established_on
        .filter(|_| shown.facts.contains(&FactKey::AgeMonths))?;
    Some(KnownFact {
        key: FactKey::AgeMonths,
        value: Scalar::Number(today.whole_months_since(since)),
        verified: true,
        observed_on: today,
        valid_until: None,
        source: format!("{}登记的成立日期 {since}", Owner::Market.label()),
        bank: None,
    })
}
