//! Disputes: what enterprises say of values to their owners, and the answers.

use super::columns::{Coded, Parsed};
use super::connection::AnyConnection;
use super::enterprises::ids_in;
use super::error::StoreError;
use super::schema::{dispute, enterprise, fact};
use crate::clock::Clock;
use crate::domain::codes::{Code, Owner};
use crate::domain::dispute::{DisputeKind, DisputeState, Outcome};
use crate::domain::facts::FactKey;
use crate::domain::place::Place;
use crate::domain::uscc::Uscc;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// A dispute, as both sides see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDispute {
    /// Its id.
    pub id: Uuid,
    /// The enterprise.
    pub enterprise_id: Uuid,
    /// The organisation that speaks for it.
    pub organisation_id: Option<Uuid>,
    /// Its credit code.
    pub uscc: Uscc,
    /// Its name.
    pub enterprise_name: String,
    /// The fact.
    pub key: FactKey,
    /// What is said.
    pub kind: DisputeKind,
    /// In the enterprise's words.
    pub note: String,
    /// Where it is in its life.
    pub state: DisputeState,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// In the owner's words.
    pub answer: Option<String>,
    /// When it was said.
    pub raised_at: DateTime<Utc>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
}

/// Whose disputes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// Those of the enterprise that an organisation speaks for.
    Enterprise(Uuid),
    /// Those that go to some owners, of the enterprises of a district.
    Owners(Vec<Owner>, String),
}

impl Side {
    /// One is given, the others equal nothing.
    fn values(&self) -> (Option<String>, Vec<&'static str>, Option<&str>) {
        match self {
            Self::Enterprise(id) => (Some(id.to_string()), Vec::new(), None),
            Self::Owners(owners, district) => (
                None,
                owners.iter().map(|owner| owner.code()).collect(),
                Some(district.as_str()),
            ),
        }
    }
}

type Row = (
    (Parsed<Uuid>, Parsed<Uuid>, Option<Parsed<Uuid>>, Parsed<Uscc>, String),
    (String, Coded<DisputeKind>, String, Coded<DisputeState>),
    (Option<Coded<Outcome>>, Option<String>),
    (NaiveDateTime, Option<NaiveDateTime>),
);
type Columns = (
    (
        dispute::id,
        enterprise::id,
        enterprise::organisation_id,
        enterprise::uscc,
        enterprise::name,
    ),
    (dispute::key, dispute::kind, dispute::note, dispute::state),
    (dispute::outcome, dispute::answer),
    (dispute::raised_at, dispute::answered_at),
);
const COLUMNS: Columns = (
    (
        dispute::id,
        enterprise::id,
        enterprise::organisation_id,
        enterprise::uscc,
        enterprise::name,
    ),
    (dispute::key, dispute::kind, dispute::note, dispute::state),
    (dispute::outcome, dispute::answer),
    (dispute::raised_at, dispute::answered_at),
);

fn read((whose, what, end, times): Row) -> Result<StoredDispute, StoreError> {
    let key = FactKey::find(&what.0)
        .ok_or_else(|| StoreError::database(format!("dispute {}: no fact {:?}", whose.0.0, what.0)))?;
    Ok(StoredDispute {
        id: whose.0.0,
        enterprise_id: whose.1.0,
        organisation_id: whose.2.map(|id| id.0),
        uscc: whose.3.0,
        enterprise_name: whose.4,
        key,
        kind: what.1.0,
        note: what.2,
        state: what.3.0,
        outcome: end.0.map(|outcome| outcome.0),
        answer: end.1,
        raised_at: times.0.and_utc(),
        answered_at: times.1.map(|at| at.and_utc()),
    })
}

/// Which of a side's disputes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DisputeFilter {
    /// Only those in this state.
    pub state: Option<DisputeState>,
    /// Only those about this fact.
    pub key: Option<FactKey>,
}

/// The disputes of a side, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    side: &Side,
    filter: DisputeFilter,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredDispute>, StoreError> {
    let (organisation, owners, district) = side.values();
    let mut query = dispute::table
        .inner_join(enterprise::table)
        .filter(
            enterprise::organisation_id.eq(organisation).or(dispute::owner
                .eq_any(owners)
                .and(enterprise::district_code.nullable().eq(district))),
        )
        .select(COLUMNS)
        .order((dispute::raised_at.desc(), dispute::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(dispute::state.eq(state.code()));
    }
    if let Some(key) = filter.key {
        query = query.filter(dispute::key.eq(key.code()));
    }
    if let Some(Place { at, id }) = before {
        let at = at.naive_utc();
        let earlier = dispute::raised_at.eq(at).and(dispute::id.lt(id.to_string()));
        query = query.filter(dispute::raised_at.lt(at).or(earlier));
    }
    let rows: Vec<Row> = query.load(conn)?;
    rows.into_iter().map(read).collect()
}

/// How many of a side's disputes wait for an answer.
///
/// # Errors
/// When the database fails.
pub fn count_open(conn: &mut AnyConnection, side: &Side) -> Result<i64, StoreError> {
    let (organisation, owners, district) = side.values();
    let open = dispute::table
        .inner_join(enterprise::table)
        .filter(
            enterprise::organisation_id.eq(organisation).or(dispute::owner
                .eq_any(owners)
                .and(enterprise::district_code.nullable().eq(district))),
        )
        .filter(dispute::state.eq(DisputeState::Open.code()))
        .count();
    Ok(open.get_result(conn)?)
}

/// One dispute of a side.
///
/// # Errors
/// [`StoreError::NotFound`] where it has none with this id.
pub fn by_id(conn: &mut AnyConnection, side: &Side, id: Uuid) -> Result<StoredDispute, StoreError> {
    let (organisation, owners, district) = side.values();
    let row: Row = dispute::table
        .inner_join(enterprise::table)
        .filter(dispute::id.eq(id.to_string()))
        .filter(
            enterprise::organisation_id.eq(organisation).or(dispute::owner
                .eq_any(owners)
                .and(enterprise::district_code.nullable().eq(district))),
        )
        .select(COLUMNS)
        .first(conn)?;
    read(row)
}

/// Something said of a value.
#[derive(Clone, Copy, Debug)]
pub struct NewDispute<'a> {
    /// Of which enterprise.
    pub enterprise_id: Uuid,
    /// Of which fact.
    pub key: FactKey,
    /// What.
    pub kind: DisputeKind,
    /// In which words.
    pub note: &'a str,
    /// By whom.
    pub by: Uuid,
}

/// Puts a dispute.
///
/// # Errors
/// [`StoreError::Duplicate`] where one of this enterprise and fact is open.
pub fn insert(conn: &mut AnyConnection, new: &NewDispute<'_>, clock: &dyn Clock) -> Result<Uuid, StoreError> {
    let id = clock.new_id();
    diesel::insert_into(dispute::table)
        .values((
            dispute::id.eq(id.to_string()),
            dispute::enterprise_id.eq(new.enterprise_id.to_string()),
            dispute::key.eq(new.key.code()),
            dispute::owner.eq(new.key.spec().owner.code()),
            dispute::kind.eq(new.kind.code()),
            dispute::note.eq(new.note),
            dispute::state.eq(DisputeState::Open.code()),
            dispute::raised_at.eq(clock.now().naive_utc()),
            dispute::raised_by.eq(new.by.to_string()),
        ))
        .execute(conn)?;
    Ok(id)
}

/// What an owner says to a dispute.
#[derive(Clone, Copy, Debug)]
pub struct NewAnswer<'a> {
    /// What came of it.
    pub outcome: Outcome,
    /// In which words.
    pub text: &'a str,
    /// By whom.
    pub by: Uuid,
}

/// Answers an open dispute of a side. Only its owner's side can.
///
/// # Errors
/// [`StoreError::Stale`] where the side has none with this id that waits for an answer.
pub fn answer(
    conn: &mut AnyConnection,
    side: &Side,
    id: Uuid,
    next: DisputeState,
    answer: &NewAnswer<'_>,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let (_, owners, district) = side.values();
    let answered = diesel::update(dispute::table)
        .filter(dispute::id.eq(id.to_string()))
        .filter(dispute::owner.eq_any(owners))
        .filter(dispute::enterprise_id.eq_any(ids_in(None, district)))
        .filter(dispute::state.eq(DisputeState::Open.code()))
        .set((
            dispute::state.eq(next.code()),
            dispute::outcome.eq(answer.outcome.code()),
            dispute::answer.eq(answer.text),
            dispute::answered_at.eq(clock.now().naive_utc()),
            dispute::answered_by.eq(answer.by.to_string()),
        ))
        .execute(conn)?;
    if answered == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Whether a verified value of a fact was recorded after an instant.
///
/// # Errors
/// When the database fails.
pub fn was_verified_since(
    conn: &mut AnyConnection,
    enterprise_id: Uuid,
    key: FactKey,
    then: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let newer: i64 = fact::table
        .filter(fact::enterprise_id.eq(enterprise_id.to_string()))
        .filter(fact::key.eq(key.code()))
        .filter(fact::verified)
        .filter(fact::current)
        .filter(fact::recorded_at.gt(then.naive_utc()))
        .count()
        .get_result(conn)?;
    Ok(newer > 0)
}
