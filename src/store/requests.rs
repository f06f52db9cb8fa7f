//! Financing requests and their numbers. What changes a request names the state and the version it
//! was meant for; where they have moved on it is [`StoreError::Stale`].

use super::columns::{Civil, Coded, Json, Parsed};
use super::connection::AnyConnection;
use super::enterprises::ids_in;
use super::error::StoreError;
use super::schema::{enterprise, request, request_number};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::Scope;
use crate::domain::codes::Code;
use crate::domain::dates::Day;
use crate::domain::request::{Need, RequestEnd, RequestState, UnservedReason};
use crate::domain::uscc::Uscc;
use crate::domain::why::Why;
use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use diesel::dsl::auto_type;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A request as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRequest {
    /// Its id.
    pub id: Uuid,
    /// Its number for people: `2026-000317`.
    pub number: String,
    /// The id that an imported file gave it.
    pub reference: Option<String>,
    /// Whose it is.
    pub enterprise_id: Uuid,
    /// The enterprise's credit code.
    pub uscc: Uscc,
    /// The enterprise's name.
    pub enterprise_name: String,
    /// The district it belongs to.
    pub district_code: String,
    /// Where it is in its life.
    pub state: RequestState,
    /// What is asked for; a draft may not say yet.
    pub need: Option<Need>,
    /// The page's form as it was typed, as JSON.
    pub draft: Option<String>,
    /// Raised by each change, from 1.
    pub version: i32,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was submitted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// The last day on which it is open.
    pub expires_on: Option<Day>,
    /// Why it ended.
    pub end: Option<RequestEnd>,
    /// Why nobody could serve it.
    pub unserved: Option<Why<UnservedReason>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A request to be begun.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewRequest<'a> {
    /// Whose it is.
    pub enterprise_id: Uuid,
    /// The enterprise's district.
    pub district_code: &'a str,
    /// The id that an imported file gave it.
    pub reference: Option<&'a str>,
    /// What is asked for, where it is known already.
    pub need: Option<&'a Need>,
    /// The page's form as it was typed, as JSON.
    pub draft: Option<&'a str>,
}

/// The state and the version of a request that a change was meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The request.
    pub id: Uuid,
    /// Where it was in its life.
    pub state: RequestState,
    /// Its version.
    pub version: i32,
}

impl From<&StoredRequest> for Expected {
    fn from(request: &StoredRequest) -> Self {
        Self {
            id: request.id,
            state: request.state,
            version: request.version,
        }
    }
}

pub(super) type Names = (request::id, request::number, request::reference);
pub(super) type Whose = (
    enterprise::id,
    enterprise::uscc,
    enterprise::name,
    request::district_code,
);
pub(super) type What = (request::state, request::need, request::draft, request::version);
pub(super) type When = (request::created_at, request::submitted_at, request::expires_on);
pub(super) type End = (
    request::end_reason,
    request::unserved_reason,
    request::end_text,
    request::ended_at,
);
pub(super) const COLUMNS: (Names, Whose, What, When, End) = (
    (request::id, request::number, request::reference),
    (
        enterprise::id,
        enterprise::uscc,
        enterprise::name,
        request::district_code,
    ),
    (request::state, request::need, request::draft, request::version),
    (request::created_at, request::submitted_at, request::expires_on),
    (
        request::end_reason,
        request::unserved_reason,
        request::end_text,
        request::ended_at,
    ),
);
pub(super) type Row = (
    (Parsed<Uuid>, String, Option<String>),
    (Parsed<Uuid>, Parsed<Uscc>, String, String),
    (Coded<RequestState>, Option<Json<Need>>, Option<String>, i32),
    (NaiveDateTime, Option<NaiveDateTime>, Option<Civil>),
    (
        Option<Coded<RequestEnd>>,
        Option<Coded<UnservedReason>>,
        Option<String>,
        Option<NaiveDateTime>,
    ),
);

pub(super) fn read((names, whose, what, when, end): Row) -> StoredRequest {
    let (id, number, reference) = names;
    let (enterprise_id, uscc, enterprise_name, district_code) = whose;
    let (state, need, draft, version) = what;
    let (created_at, submitted_at, expires_on) = when;
    let (end, unserved, text, ended_at) = end;
    StoredRequest {
        id: id.0,
        number,
        reference,
        enterprise_id: enterprise_id.0,
        uscc: uscc.0,
        enterprise_name,
        district_code,
        state: state.0,
        need: need.map(|need| need.0),
        draft,
        version,
        created_at: created_at.and_utc(),
        submitted_at: submitted_at.map(|at| at.and_utc()),
        expires_on: expires_on.map(|day| day.0),
        end: end.map(|end| end.0),
        unserved: unserved.map(|reason| Why { reason: reason.0, text }),
        ended_at: ended_at.map(|at| at.and_utc()),
    }
}

/// Whether a scope may see a request, in a query that joins its enterprise: an enterprise sees all of
/// its own, a district those that are no drafts.
#[auto_type(no_type_alias)]
pub(super) fn visible<'a>(organisation: Option<String>, district: Option<&'a str>) -> _ {
    let is_submitted: diesel::dsl::NotEq<request::state, &'static str> = request::state.ne(RequestState::Draft.code());
    enterprise::organisation_id
        .eq(organisation)
        .or(request::district_code.nullable().eq(district).and(is_submitted))
}

/// The request with this id.
///
/// # Errors
/// [`StoreError::NotFound`] where the scope sees none.
pub fn by_id(conn: &mut AnyConnection, scope: &Scope, id: Uuid) -> Result<StoredRequest, StoreError> {
    let row: Row = request::table
        .inner_join(enterprise::table)
        .filter(request::id.eq(id.to_string()))
        .filter(visible(scope.organisation(), scope.district()))
        .select(COLUMNS)
        .first(conn)?;
    Ok(read(row))
}

/// The request that a file called `reference`: for imports, which no user's scope bounds.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn by_reference(conn: &mut AnyConnection, reference: &str) -> Result<StoredRequest, StoreError> {
    let row: Row = request::table
        .inner_join(enterprise::table)
        .filter(request::reference.eq(reference))
        .select(COLUMNS)
        .first(conn)?;
    Ok(read(row))
}

/// Requests, newest first: at most `limit` of those numbered before `before`.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    scope: &Scope,
    state: Option<RequestState>,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<StoredRequest>, StoreError> {
    let mut query = request::table
        .inner_join(enterprise::table)
        .filter(visible(scope.organisation(), scope.district()))
        .select(COLUMNS)
        .order(request::number.desc())
        .limit(limit)
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(request::state.eq(state.code()));
    }
    if let Some(number) = before {
        query = query.filter(request::number.lt(number));
    }
    Ok(query.load::<Row>(conn)?.into_iter().map(read).collect())
}

/// Open requests of every district in the order of their numbers, at most `limit` of those behind `after`: for the
/// service itself, which no user's scope bounds.
///
/// # Errors
/// When the database fails.
pub fn open_after(conn: &mut AnyConnection, after: &str, limit: i64) -> Result<Vec<StoredRequest>, StoreError> {
    let rows: Vec<Row> = request::table
        .inner_join(enterprise::table)
        .filter(request::state.eq(RequestState::Open.code()))
        .filter(request::number.gt(after))
        .select(COLUMNS)
        .order(request::number)
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// Begins a request with the next number of the year.
///
/// # Errors
/// [`StoreError::Duplicate`] where its reference is taken.
pub fn insert_draft(
    conn: &mut AnyConnection,
    new: &NewRequest<'_>,
    clock: &dyn Clock,
) -> Result<(Uuid, String), StoreError> {
    let number = next_number(conn, clock.today())?;
    let id = clock.new_id();
    diesel::insert_into(request::table)
        .values((
            request::id.eq(id.to_string()),
            request::number.eq(&number),
            request::reference.eq(new.reference),
            request::enterprise_id.eq(new.enterprise_id.to_string()),
            request::district_code.eq(new.district_code),
            request::state.eq(RequestState::Draft.code()),
            request::need.eq(document(new.need)?),
            request::draft.eq(new.draft),
            request::version.eq(1),
            request::created_at.eq(clock.now().naive_utc()),
        ))
        .execute(conn)?;
    Ok((id, number))
}

/// Numbers of a year have no gaps but those of requests that were rolled back with them.
fn next_number(conn: &mut AnyConnection, today: Day) -> Result<String, StoreError> {
    let year = today.naive().year();
    let raised: Option<i32> = diesel::update(request_number::table.find(year))
        .set(request_number::last.eq(request_number::last + 1))
        .returning(request_number::last)
        .get_result(conn)
        .optional()?;
    let last = if let Some(last) = raised {
        last
    } else {
        diesel::insert_into(request_number::table)
            .values((request_number::year.eq(year), request_number::last.eq(1)))
            .execute(conn)?;
        1
    };
    Ok(format!("{year}-{last:06}"))
}

fn document(need: Option<&Need>) -> Result<Option<String>, StoreError> {
    need.map(serde_json::to_string)
        .transpose()
        .map_err(StoreError::database)
}

/// Changes what a draft asks for, and its form as typed. Only an enterprise's own scope can.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on, [`StoreError::NotFound`] where the scope sees none.
pub fn update_draft(
    conn: &mut AnyConnection,
    scope: &Scope,
    expected: Expected,
    need: Option<&Need>,
    draft: Option<&str>,
) -> Result<(), StoreError> {
    let changed = diesel::update(request::table)
        .filter(request::id.eq(expected.id.to_string()))
        .filter(request::state.eq(expected.state.code()))
        .filter(request::version.eq(expected.version))
        .filter(request::enterprise_id.eq_any(ids_in(scope.organisation(), None)))
        .set((
            request::need.eq(document(need)?),
            request::draft.eq(draft),
            request::version.eq(expected.version + 1),
        ))
        .execute(conn)?;
    changed_one(conn, scope, expected.id, changed)
}

/// Moves a request to `next` as submitted; the caller has asked the state machine for it. Only an
/// enterprise's own scope can.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on, [`StoreError::NotFound`] where the scope sees none.
pub fn submit(
    conn: &mut AnyConnection,
    scope: &Scope,
    expected: Expected,
    next: RequestState,
    now: DateTime<Utc>,
    expires_on: Day,
) -> Result<(), StoreError> {
    let changed = diesel::update(request::table)
        .filter(request::id.eq(expected.id.to_string()))
        .filter(request::state.eq(expected.state.code()))
        .filter(request::version.eq(expected.version))
        .filter(request::need.is_not_null())
        .filter(request::enterprise_id.eq_any(ids_in(scope.organisation(), None)))
        .set((
            request::state.eq(next.code()),
            request::version.eq(expected.version + 1),
            request::submitted_at.eq(now.naive_utc()),
            request::expires_on.eq(expires_on.naive()),
        ))
        .execute(conn)?;
    changed_one(conn, scope, expected.id, changed)
}

/// Keeps a request open until a day. The caller has seen it in its scope and asked the state machine.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on.
pub fn extend(conn: &mut AnyConnection, expected: Expected, expires_on: Day) -> Result<(), StoreError> {
    let changed = diesel::update(request::table)
        .filter(request::id.eq(expected.id.to_string()))
        .filter(request::state.eq(expected.state.code()))
        .filter(request::version.eq(expected.version))
        .set((
            request::version.eq(expected.version + 1),
            request::expires_on.eq(expires_on.naive()),
        ))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Moves a request to `next` because an offer was accepted, or fell through; then it is open until a day at least. The
/// caller has seen it in its scope and asked the state machine.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on.
pub fn bind(
    conn: &mut AnyConnection,
    expected: Expected,
    next: RequestState,
    expires_on: Option<Day>,
) -> Result<(), StoreError> {
    let changed = diesel::update(request::table)
        .filter(request::id.eq(expected.id.to_string()))
        .filter(request::state.eq(expected.state.code()))
        .filter(request::version.eq(expected.version))
        .set((
            request::state.eq(next.code()),
            request::version.eq(expected.version + 1),
            request::expires_on.eq(expires_on.map(Day::naive)),
        ))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Number and need of each request of an enterprise that is submitted and has not ended, newest first.
///
/// # Errors
/// When the database fails.
pub fn not_ended(conn: &mut AnyConnection, enterprise_id: Uuid) -> Result<Vec<(String, Need)>, StoreError> {
    let lasting = request::state
        .eq(RequestState::Open.code())
        .or(request::state.eq(RequestState::Accepted.code()));
    let rows: Vec<(String, Option<Json<Need>>)> = request::table
        .filter(request::enterprise_id.eq(enterprise_id.to_string()))
        .filter(lasting)
        .select((request::number, request::need))
        .order(request::number.desc())
        .load(conn)?;
    let needs = rows.into_iter().filter_map(|(number, need)| Some((number, need?.0)));
    Ok(needs.collect())
}

/// These of the requests that a scope may see, newest first.
///
/// # Errors
/// When the database fails.
pub fn these(conn: &mut AnyConnection, scope: &Scope, ids: &[Uuid]) -> Result<Vec<StoredRequest>, StoreError> {
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    let rows: Vec<Row> = request::table
        .inner_join(enterprise::table)
        .filter(request::id.eq_any(ids))
        .filter(visible(scope.organisation(), scope.district()))
        .select(COLUMNS)
        .order(request::number.desc())
        .load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// A change that met no row is never success: the request moved on, or it is out of sight.
fn changed_one(conn: &mut AnyConnection, scope: &Scope, id: Uuid, changed: usize) -> Result<(), StoreError> {
    if changed == 1 {
        return Ok(());
    }
    by_id(conn, scope, id)?;
    Err(StoreError::Stale)
}
