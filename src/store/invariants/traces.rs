//! What must always hold between a row's state and the log: who brought it there stands in the audit.

use super::Invariant;
use crate::domain::audit::AuditAction;
use crate::domain::codes::Code;
use crate::domain::loan::LoanState;
use crate::domain::offer::OfferState;
use crate::domain::referral::ReferralState;
use crate::domain::request::RequestState;
use crate::store::connection::AnyConnection;
use crate::store::error::StoreError;
use crate::store::schema::{audit, loan, offer, referral, request};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::Text;

/// What the audit says of each state: the last step there, or the only one.
const REQUESTS: [(RequestState, AuditAction); 4] = [
    (RequestState::Open, AuditAction::RequestSubmitted),
    (RequestState::Accepted, AuditAction::RequestSubmitted),
    (RequestState::Accepted, AuditAction::RequestAccepted),
    (RequestState::Closed, AuditAction::RequestClosed),
];
const REFERRALS: [(ReferralState, AuditAction); 7] = [
    (ReferralState::Proposed, AuditAction::ReferralProposed),
    (ReferralState::Pending, AuditAction::ReferralSent),
    (ReferralState::Viewed, AuditAction::ReferralViewed),
    (ReferralState::Offered, AuditAction::ReferralOffered),
    (ReferralState::Declined, AuditAction::ReferralDeclined),
    (ReferralState::Overdue, AuditAction::ReferralOverdue),
    (ReferralState::Cancelled, AuditAction::ReferralCancelled),
];
const OFFERS: [(OfferState, AuditAction); 10] = [
    (OfferState::Submitted, AuditAction::OfferSubmitted),
    (OfferState::Returned, AuditAction::OfferReturned),
    (OfferState::Forwarded, AuditAction::OfferForwarded),
    (OfferState::Accepted, AuditAction::OfferForwarded),
    (OfferState::Accepted, AuditAction::OfferAccepted),
    (OfferState::Declined, AuditAction::OfferDeclined),
    (OfferState::Withdrawn, AuditAction::OfferWithdrawn),
    (OfferState::Lapsed, AuditAction::OfferLapsed),
    (OfferState::Signed, AuditAction::OfferSigned),
    (OfferState::FellThrough, AuditAction::OfferFellThrough),
];
const LOANS: [(LoanState, AuditAction); 6] = [
    (LoanState::Registered, AuditAction::LoanRegistered),
    (LoanState::Disbursing, AuditAction::LoanDrawn),
    (LoanState::Outstanding, AuditAction::LoanDrawn),
    (LoanState::Settled, AuditAction::LoanSettled),
    (LoanState::Renewed, AuditAction::LoanRenewed),
    (LoanState::Cancelled, AuditAction::LoanCancelled),
];

/// How many rows of a table are in one of these states without the line of the audit that brought them there.
macro_rules! unnoted {
    ($conn:expr, $table:ident, $steps:expr) => {{
        let mut broken = 0;
        for (state, action) in $steps {
            let subject = concat!(stringify!($table), ":").into_sql::<Text>().concat($table::id);
            let noted = audit::table
                .filter(audit::subject.eq(subject))
                .filter(audit::action.eq(action.code()));
            broken += $table::table
                .filter($table::state.eq(state.code()))
                .filter(not(exists(noted)))
                .count()
                .get_result::<i64>($conn)?;
        }
        broken
    }};
}

/// Counts what breaks each of them.
pub(super) fn check(conn: &mut AnyConnection) -> Result<Vec<Invariant>, StoreError> {
    Ok(vec![
        Invariant {
            name: "a request's state stands in the audit log",
            broken: unnoted!(conn, request, REQUESTS),
        },
        Invariant {
            name: "a referral's state stands in the audit log",
            broken: unnoted!(conn, referral, REFERRALS),
        },
        Invariant {
            name: "an offer's state stands in the audit log",
            broken: unnoted!(conn, offer, OFFERS),
        },
        Invariant {
            name: "a loan's state stands in the audit log",
            broken: unnoted!(conn, loan, LOANS),
        },
    ])
}
