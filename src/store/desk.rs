//! What stands on the centre's desk: asked of the rows each time, so no change can forget to put an item there or to
//! take it away. Who sees to an item, and what was done with it, is `desk_work`'s.
//!
//! An item has come when what makes it wait began. Of a request that no bank is at work on, that is the last thing
//! that happened on it; what a day brings begins with that day in Shanghai.

use super::columns::{Civil, Coded, Json, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::needs_centre;
use super::products::{self, sheets};
use super::schema::{
    account, consent, dispute, enterprise, loan, offer, organisation, product, referral, registration, request,
};
use super::tenant::Tenant;
use crate::clock::start_of;
use crate::domain::actor::{OrganisationKind, Scope};
use crate::domain::codes::{Code, Owner, ProductStatus};
use crate::domain::dates::Day;
use crate::domain::desk::{About, DeskKind, ItemName};
use crate::domain::dispute::{DisputeKind, DisputeState};
use crate::domain::facts::FactKey;
use crate::domain::loan::{LoanState, NOTICES};
use crate::domain::offer::OfferState;
use crate::domain::offer_checks::CheckLine;
use crate::domain::referral::ReferralState;
use crate::domain::registration::RegistrationState;
use crate::domain::request::{Need, RequestState};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// How many items of a kind stand on the desk at most: those that came first, of requests the newest.
pub const MOST: i64 = 500;

/// Something that waits for the centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The row that waits.
    pub id: Uuid,
    /// What it is about.
    pub about: About,
    /// The enterprise's name, where it concerns one.
    pub enterprise: Option<String>,
    /// The bank's name, where it concerns one.
    pub bank: Option<String>,
    /// When it came to the desk.
    pub since: DateTime<Utc>,
}

impl Waiting {
    /// What it is called.
    #[must_use]
    pub const fn name(&self) -> ItemName {
        ItemName {
            kind: self.about.kind(),
            id: self.id,
        }
    }
}

/// Whose desk, on which day, and whether only one item is asked for.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The district.
    pub scope: &'a Scope,
    /// The owners of facts that the centre answers for.
    pub owners: &'a [Owner],
    /// Today.
    pub today: Day,
    /// Only this row; none: all that waits.
    pub only: Option<Uuid>,
}

impl Asked<'_> {
    /// The id for a query that asks for one row, or the beginning of every id.
    fn like(&self) -> String {
        self.only.map_or_else(|| "%".to_owned(), |id| id.to_string())
    }
}

/// All that stands on the desk, kind by kind.
///
/// # Errors
/// When the database fails.
pub fn waiting(conn: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<Waiting>, StoreError> {
    let mut found = registrations(conn, asked)?;
    found.extend(offers(conn, asked)?);
    found.extend(requests(conn, asked)?);
    found.extend(referrals(conn, asked)?);
    found.extend(disputes(conn, asked)?);
    found.extend(loans(conn, asked)?);
    found.extend(unconfirmed(conn, asked)?);
    Ok(found)
}

/// One item of the desk.
///
/// # Errors
/// [`StoreError::NotFound`] where none of this name stands there.
pub fn item(conn: &mut AnyConnection, asked: &Asked<'_>, name: ItemName) -> Result<Waiting, StoreError> {
    let asked = &Asked {
        only: Some(name.id),
        ..asked.clone()
    };
    let found = match name.kind {
        DeskKind::Registration | DeskKind::SecondClaim => registrations(conn, asked)?,
        DeskKind::Offer => offers(conn, asked)?,
        DeskKind::Request => requests(conn, asked)?,
        DeskKind::Referral => referrals(conn, asked)?,
        DeskKind::Dispute => disputes(conn, asked)?,
        DeskKind::Loan => loans(conn, asked)?,
        DeskKind::Product => unconfirmed(conn, asked)?,
    };
    let named = found.into_iter().find(|one| one.name() == name);
    named.ok_or(StoreError::NotFound)
}

/// Registrations that wait, and whether somebody speaks for the enterprise already.
fn registrations(conn: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<Waiting>, StoreError> {
    type Row = ((Parsed<Uuid>, String), (String, String), NaiveDateTime);
    let rows: Vec<Row> = registration::table
        .filter(registration::id.like(asked.like()))
        .filter(registration::district_code.nullable().eq(asked.scope.district()))
        .filter(registration::state.eq(RegistrationState::Waiting.code()))
        .order((registration::created_at, registration::id))
        .limit(MOST)
        .select((
            (registration::id, registration::uscc),
            (registration::enterprise_name, registration::person),
            registration::created_at,
        ))
        .load(conn)?;
    let codes = rows.iter().map(|row| Some(row.0.1.as_str()));
    let spoken_for: Vec<Option<String>> = account::table
        .inner_join(organisation::table)
        .filter(organisation::kind.eq(OrganisationKind::Enterprise.code()))
        .filter(organisation::uscc.eq_any(codes))
        .select(organisation::uscc)
        .load(conn)?;
    let spoken_for: HashSet<String> = spoken_for.into_iter().flatten().collect();
    let read = |((id, uscc), (enterprise, person), at): Row| Waiting {
        id: id.0,
        about: About::Registration {
            person,
            is_second: spoken_for.contains(&uscc),
        },
        enterprise: Some(enterprise),
        bank: None,
        since: at.and_utc(),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Offers to forward or to return; one whose validity is over is neither.
fn offers(conn: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<Waiting>, StoreError> {
    type Row = (
        (Parsed<Uuid>, String, i32),
        (Json<Vec<CheckLine>>, i64, Civil),
        (String, String),
        NaiveDateTime,
    );
    let rows: Vec<Row> = offer::table
        .inner_join(request::table.on(offer::request_id.eq(request::id)))
        .inner_join(enterprise::table.on(offer::enterprise_id.eq(enterprise::id)))
        .inner_join(organisation::table.on(offer::bank_id.eq(organisation::id)))
        .filter(offer::id.like(asked.like()))
        .filter(request::district_code.nullable().eq(asked.scope.district()))
        .filter(offer::state.eq(OfferState::Submitted.code()))
        .filter(offer::valid_until.ge(asked.today.naive()))
        .order((offer::submitted_at, offer::id))
        .limit(MOST)
        .select((
            (offer::id, offer::number, offer::revision),
            (offer::checks, offer::amount_fen, offer::valid_until),
            (enterprise::name, organisation::name),
            offer::submitted_at,
        ))
        .load(conn)?;
    let read = |((id, number, revision), (checks, amount_fen, until), (enterprise, bank), at): Row| Waiting {
        id: id.0,
        about: About::Offer {
            number,
            revision,
            failed: checks.0.iter().filter(|line| !line.passed).count(),
            amount_fen,
            valid_until: until.0,
        },
        enterprise: Some(enterprise),
        bank: Some(bank),
        since: at.and_utc(),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Requests that no bank is at work on (`needs_centre`).
fn requests(conn: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<Waiting>, StoreError> {
    type Row = (
        (Parsed<Uuid>, String, String),
        (Option<Json<Need>>, Option<NaiveDateTime>, Option<Civil>),
    );
    let ids: Vec<Uuid> = match (asked.only, asked.scope.district()) {
        (Some(id), _) => needs_centre::among(conn, &[id], asked.today)?.into_iter().collect(),
        (None, Some(district)) => needs_centre::list(conn, district, None, MOST, asked.today)?,
        (None, None) => Vec::new(),
    };
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    let rows: Vec<Row> = request::table
        .inner_join(enterprise::table)
        .filter(request::id.eq_any(&ids))
        .filter(request::district_code.nullable().eq(asked.scope.district()))
        .select((
            (request::id, request::number, enterprise::name),
            (request::need, request::submitted_at, request::expires_on),
        ))
        .load(conn)?;
    let mut happened = happened(conn, &ids)?;
    let read = |((id, number, enterprise), (need, submitted_at, expires_on)): Row| {
        let so_far = happened.remove(&id.0).unwrap_or_default();
        let submitted_at = submitted_at?.and_utc();
        Some(Waiting {
            id: id.0,
            about: About::Request {
                number,
                amount_fen: need?.0.amount_fen.get(),
                banks: so_far.banks,
                is_proposed: so_far.is_proposed,
                expires_on: expires_on.map(|day| day.0),
            },
            enterprise: Some(enterprise),
            bank: None,
            since: so_far.last.map_or(submitted_at, |last| last.max(submitted_at)),
        })
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// What came of a request so far.
#[derive(Clone, Copy, Debug, Default)]
struct Happened {
    /// How many banks have had it.
    banks: usize,
    /// Whether one is proposed to its enterprise.
    is_proposed: bool,
    /// When the last of them stopped being at work on it.
    last: Option<DateTime<Utc>>,
}

fn happened(conn: &mut AnyConnection, ids: &[String]) -> Result<HashMap<Uuid, Happened>, StoreError> {
    type Row = (
        (Parsed<Uuid>, Coded<ReferralState>),
        (Option<NaiveDateTime>, Option<Civil>),
        (Option<NaiveDateTime>, Option<NaiveDateTime>),
        Option<Civil>,
    );
    let rows: Vec<Row> = referral::table
        .left_join(consent::table.on(referral::consent_id.eq(consent::id.nullable())))
        .filter(referral::request_id.eq_any(ids))
        .select((
            (referral::request_id, referral::state),
            (referral::sent_at, referral::due_on),
            (referral::answered_at, referral::ended_at),
            consent::until.nullable(),
        ))
        .load(conn)?;
    let mut found: HashMap<Uuid, Happened> = HashMap::new();
    for ((request, state), (sent_at, due_on), (answered_at, ended_at), until) in rows {
        let day_after = |day: Civil| start_of(day.0.plus_days(1));
        // What was kept in reserve counts no more once its consent is over.
        let ran_out = match state.0 {
            ReferralState::Overdue => due_on.map(day_after),
            ReferralState::Reserve => until.map(day_after),
            _ => None,
        };
        let ends = [answered_at, ended_at].map(|at| at.map(|at| at.and_utc()));
        let so_far = found.entry(request.0).or_default();
        so_far.banks += usize::from(sent_at.is_some());
        so_far.is_proposed |= state.0 == ReferralState::Proposed;
        so_far.last = ends.into_iter().chain([ran_out, so_far.last]).flatten().max();
    }
    let ended: Vec<(Parsed<Uuid>, Option<NaiveDateTime>)> = offer::table
        .filter(offer::request_id.eq_any(ids))
        .select((offer::request_id, offer::ended_at))
        .load(conn)?;
    for (request, ended_at) in ended {
        let so_far = found.entry(request.0).or_default();
        so_far.last = ended_at.map(|at| at.and_utc()).max(so_far.last);
    }
    Ok(found)
}

/// Banks that stay silent on open requests, unless the request itself stands on the desk.
fn referrals(conn: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<Waiting>, StoreError> {
    type Row = ((Parsed<Uuid>, Parsed<Uuid>, String), (String, String), Option<Civil>);
    let silent = [ReferralState::Overdue, ReferralState::Pending, ReferralState::Viewed];
    let rows: Vec<Row> = referral::table
        .inner_join(request::table.on(referral::request_id.eq(request::id)))
        .inner_join(enterprise::table.on(request::enterprise_id.eq(enterprise::id)))
        .inner_join(organisation::table.on(referral::bank_id.eq(organisation::id)))
        .filter(referral::id.like(asked.like()))
        .filter(request::district_code.nullable().eq(asked.scope.district()))
        .filter(request::state.eq(RequestState::Open.code()))
        .filter(referral::state.eq_any(silent.map(Code::code)))
        .filter(referral::due_on.lt(asked.today.naive()))
        .order((referral::due_on, referral::id))
        .limit(MOST)
        .select((
            (referral::id, request::id, request::number),
            (enterprise::name, organisation::name),
            referral::due_on,
        ))
        .load(conn)?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0.1.0).collect();
    let on_desk = needs_centre::among(conn, &ids, asked.today)?;
    let read = |((id, request_id, number), (enterprise, bank), due_on): Row| {
        let answer_by = due_on.filter(|_| !on_desk.contains(&request_id.0))?.0;
        Some(Waiting {
            id: id.0,
            about: About::Referral {
                request_id: request_id.0,
                number,
                answer_by,
            },
            enterprise: Some(enterprise),
            bank: Some(bank),
            since: start_of(answer_by.plus_days(1)),
        })
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Disputes of facts that the centre answers for.
fn disputes(conn: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<Waiting>, StoreError> {
    type Row = ((Parsed<Uuid>, String), (String, Coded<DisputeKind>), NaiveDateTime);
    let rows: Vec<Row> = dispute::table
        .inner_join(enterprise::table)
        .filter(dispute::id.like(asked.like()))
        .filter(enterprise::district_code.nullable().eq(asked.scope.district()))
        .filter(dispute::owner.eq_any(asked.owners.iter().map(|owner| owner.code())))
        .filter(dispute::state.eq(DisputeState::Open.code()))
        .order((dispute::raised_at, dispute::id))
        .limit(MOST)
        .select((
            (dispute::id, enterprise::name),
            (dispute::key, dispute::kind),
            dispute::raised_at,
        ))
        .load(conn)?;
    let read = |((id, enterprise), (key, kind), at): Row| {
        let fact = FactKey::find(&key).ok_or_else(|| StoreError::database(format!("no fact {key:?}")))?;
        Ok(Waiting {
            id: id.0,
            about: About::Dispute { fact, kind: kind.0 },
            enterprise: Some(enterprise),
            bank: None,
            since: at.and_utc(),
        })
    };
    rows.into_iter().map(read).collect()
}

/// Loans that are owed and mature within the days of the first warning, and that no contract follows.
fn loans(conn: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<Waiting>, StoreError> {
    type Row = (
        (Parsed<Uuid>, String),
        (String, String),
        (i64, i64),
        (Civil, NaiveDateTime),
    );
    let ahead = NOTICES.iter().map(|(days, _)| i64::from(*days)).max().unwrap_or(0);
    let next = diesel::alias!(loan as next);
    let renewed = next.filter(next.field(loan::follows_id).eq(loan::id.nullable()));
    let rows: Vec<Row> = loan::table
        .inner_join(enterprise::table.on(loan::enterprise_id.eq(enterprise::id)))
        .inner_join(organisation::table.on(loan::bank_id.eq(organisation::id)))
        .filter(loan::id.like(asked.like()))
        .filter(loan::district_code.nullable().eq(asked.scope.district()))
        .filter(loan::state.eq_any(LoanState::OWED.map(Code::code)))
        .filter(loan::matures_on.le(asked.today.plus_days(ahead).naive()))
        .filter(not(exists(renewed)))
        .order((loan::matures_on, loan::id))
        .limit(MOST)
        .select((
            (loan::id, loan::number),
            (enterprise::name, organisation::name),
            (loan::drawn_fen, loan::repaid_fen),
            (loan::matures_on, loan::registered_at),
        ))
        .load(conn)?;
    let read = |((id, number), (enterprise, bank), (drawn, repaid), (matures_on, registered_at)): Row| Waiting {
        id: id.0,
        about: About::Loan {
            number,
            balance_fen: drawn.saturating_sub(repaid),
            matures_on: matures_on.0,
        },
        enterprise: Some(enterprise),
        bank: Some(bank),
        since: start_of(matures_on.0.plus_days(-ahead)).max(registered_at.and_utc()),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Open products of the district's banks whose confirmation is over.
fn unconfirmed(conn: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<Waiting>, StoreError> {
    let rows: Vec<products::Row> = sheets()
        .filter(product::id.like(asked.like()))
        .filter(organisation::district_code.nullable().eq(asked.scope.district()))
        .filter(product::status.eq(ProductStatus::Open.code()))
        .filter(product::confirmed_until.lt(asked.today.naive()))
        .order((product::confirmed_until, product::code))
        .limit(MOST)
        .select(products::columns())
        .load(conn)?;
    let mut found = Vec::new();
    for row in rows {
        let stored = products::read(row)?;
        let Some(confirmed_until) = stored.confirmed_until else {
            continue;
        };
        found.push(Waiting {
            id: stored.id,
            about: About::Product {
                code: stored.product.code.clone(),
                name: stored.product.name.clone(),
                confirmed_until,
            },
            enterprise: None,
            bank: Some(stored.bank_name),
            since: start_of(confirmed_until.plus_days(1)),
        });
    }
    Ok(found)
}
