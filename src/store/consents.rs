//! Consents: which bank may read which facts of an enterprise, for which request, until when.

use super::columns::{Civil, Coded, Parsed};
use super::connection::AnyConnection;
use super::enterprises::ids_in;
use super::error::StoreError;
use super::schema::{consent, consent_fact, organisation, request};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::Scope;
use crate::domain::codes::Code;
use crate::domain::consent::{ConsentPurpose, Terms};
use crate::domain::dates::Day;
use crate::domain::facts::FactKey;
use crate::domain::place::Place;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// A consent, as its enterprise sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredConsent {
    /// Its id.
    pub id: Uuid,
    /// The bank.
    pub bank_id: Uuid,
    /// The bank's code.
    pub bank_code: String,
    /// The bank's name.
    pub bank_name: String,
    /// Whom to call there.
    pub bank_contact: Option<String>,
    /// The request.
    pub request_id: Uuid,
    /// The request's number.
    pub request_number: String,
    /// The facts that it is about, in the order of the vocabulary.
    pub facts: BTreeSet<FactKey>,
    /// What for.
    pub purpose: ConsentPurpose,
    /// The text that was agreed to.
    pub text_version: i32,
    /// When it was given.
    pub given_at: DateTime<Utc>,
    /// The last day on which it holds.
    pub until: Day,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Raised by each change, from 1.
    pub version: i32,
}

impl StoredConsent {
    /// Whether it holds on `day`.
    #[must_use]
    pub fn is_live(&self, day: Day) -> bool {
        self.revoked_at.is_none() && day <= self.until
    }
}

/// A consent to be given.
#[derive(Clone, Copy, Debug)]
pub struct NewConsent<'a> {
    /// Whose facts.
    pub enterprise_id: Uuid,
    /// To which bank.
    pub bank_id: Uuid,
    /// For which request.
    pub request_id: Uuid,
    /// What for.
    pub purpose: ConsentPurpose,
    /// Which facts.
    pub facts: &'a BTreeSet<FactKey>,
    /// To which text, until when.
    pub terms: Terms,
    /// Who gives it.
    pub by: Uuid,
}

/// Keeps a consent.
///
/// # Errors
/// [`StoreError::Duplicate`] where the bank has one that was not taken back.
pub fn insert(conn: &mut AnyConnection, new: &NewConsent<'_>, clock: &dyn Clock) -> Result<Uuid, StoreError> {
    let id = clock.new_id();
    diesel::insert_into(consent::table)
        .values((
            consent::id.eq(id.to_string()),
            consent::enterprise_id.eq(new.enterprise_id.to_string()),
            consent::bank_id.eq(new.bank_id.to_string()),
            consent::request_id.eq(new.request_id.to_string()),
            consent::purpose.eq(new.purpose.code()),
            consent::text_version.eq(new.terms.text_version),
            consent::given_at.eq(clock.now().naive_utc()),
            consent::given_by.eq(new.by.to_string()),
            consent::until.eq(new.terms.until.naive()),
            consent::version.eq(1),
        ))
        .execute(conn)?;
    for key in new.facts {
        diesel::insert_into(consent_fact::table)
            .values((
                consent_fact::consent_id.eq(id.to_string()),
                consent_fact::key.eq(key.code()),
            ))
            .execute(conn)?;
    }
    Ok(id)
}

type Whom = (Parsed<Uuid>, String, String, Option<String>);
type What = (Coded<ConsentPurpose>, i32, NaiveDateTime, Civil);
type Row = (
    Parsed<Uuid>,
    Whom,
    (Parsed<Uuid>, String),
    What,
    (Option<NaiveDateTime>, i32),
);
type Columns = (
    consent::id,
    (
        organisation::id,
        organisation::code,
        organisation::name,
        organisation::contact,
    ),
    (request::id, request::number),
    (
        consent::purpose,
        consent::text_version,
        consent::given_at,
        consent::until,
    ),
    (consent::revoked_at, consent::version),
);
const COLUMNS: Columns = (
    consent::id,
    (
        organisation::id,
        organisation::code,
        organisation::name,
        organisation::contact,
    ),
    (request::id, request::number),
    (
        consent::purpose,
        consent::text_version,
        consent::given_at,
        consent::until,
    ),
    (consent::revoked_at, consent::version),
);

/// The consents of a scope's enterprises, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    scope: &Scope,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredConsent>, StoreError> {
    let mut query = consent::table
        .inner_join(organisation::table.on(consent::bank_id.eq(organisation::id)))
        .inner_join(request::table.on(consent::request_id.eq(request::id)))
        .filter(consent::enterprise_id.eq_any(ids_in(scope.organisation(), None)))
        .select(COLUMNS)
        .order((consent::given_at.desc(), consent::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some(Place { at, id }) = before {
        let at = at.naive_utc();
        query = query.filter(
            consent::given_at
                .lt(at)
                .or(consent::given_at.eq(at).and(consent::id.lt(id.to_string()))),
        );
    }
    let rows = query.load::<Row>(conn)?;
    with_facts(conn, rows)
}

/// One consent.
///
/// # Errors
/// [`StoreError::NotFound`] where the scope's enterprises have none with this id.
pub fn by_id(conn: &mut AnyConnection, scope: &Scope, id: Uuid) -> Result<StoredConsent, StoreError> {
    let row: Row = consent::table
        .inner_join(organisation::table.on(consent::bank_id.eq(organisation::id)))
        .inner_join(request::table.on(consent::request_id.eq(request::id)))
        .filter(consent::id.eq(id.to_string()))
        .filter(consent::enterprise_id.eq_any(ids_in(scope.organisation(), None)))
        .select(COLUMNS)
        .first(conn)?;
    let found = with_facts(conn, vec![row])?.into_iter().next();
    found.ok_or(StoreError::NotFound)
}

fn with_facts(conn: &mut AnyConnection, rows: Vec<Row>) -> Result<Vec<StoredConsent>, StoreError> {
    let ids: Vec<String> = rows.iter().map(|(id, ..)| id.0.to_string()).collect();
    let mut facts = facts_of(conn, &ids)?;
    let read = |(id, whom, request, what, end): Row| StoredConsent {
        id: id.0,
        bank_id: whom.0.0,
        bank_code: whom.1,
        bank_name: whom.2,
        bank_contact: whom.3,
        request_id: request.0.0,
        request_number: request.1,
        facts: facts.remove(&id.0).unwrap_or_default(),
        purpose: what.0.0,
        text_version: what.1,
        given_at: what.2.and_utc(),
        until: what.3.0,
        revoked_at: end.0.map(|at| at.and_utc()),
        version: end.1,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The facts that consents are about, by the consents' ids.
pub(super) fn facts_of(
    conn: &mut AnyConnection,
    consent_ids: &[String],
) -> Result<HashMap<Uuid, BTreeSet<FactKey>>, StoreError> {
    let rows: Vec<(Parsed<Uuid>, String)> = consent_fact::table
        .filter(consent_fact::consent_id.eq_any(consent_ids))
        .select((consent_fact::consent_id, consent_fact::key))
        .load(conn)?;
    let mut facts: HashMap<Uuid, BTreeSet<FactKey>> = HashMap::new();
    for (id, key) in rows {
        let key = FactKey::find(&key).ok_or_else(|| StoreError::database(format!("consent {}: {key:?}", id.0)))?;
        facts.entry(id.0).or_default().insert(key);
    }
    Ok(facts)
}

/// Takes a consent back. Only an enterprise's own scope can.
///
/// # Errors
/// [`StoreError::Stale`] where it was taken back already, [`StoreError::NotFound`] where the scope has none.
pub fn revoke(
    conn: &mut AnyConnection,
    scope: &Scope,
    id: Uuid,
    version: i32,
    by: Uuid,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let revoked = diesel::update(consent::table)
        .filter(consent::id.eq(id.to_string()))
        .filter(consent::enterprise_id.eq_any(ids_in(scope.organisation(), None)))
        .filter(consent::revoked_at.is_null())
        .filter(consent::version.eq(version))
        .set((
            consent::revoked_at.eq(clock.now().naive_utc()),
            consent::revoked_by.eq(by.to_string()),
            consent::version.eq(version + 1),
        ))
        .execute(conn)?;
    if revoked == 1 {
        return Ok(());
    }
    by_id(conn, scope, id)?;
    Err(StoreError::Stale)
}

/// Ends a consent because what it was given for has come to nothing; by nobody where a day has passed. One that was
/// taken back before stays as it was.
///
/// # Errors
/// When the database fails.
pub fn end(conn: &mut AnyConnection, id: Uuid, by: Option<Uuid>, clock: &dyn Clock) -> Result<(), StoreError> {
    diesel::update(consent::table)
        .filter(consent::id.eq(id.to_string()))
        .filter(consent::revoked_at.is_null())
        .set((
            consent::revoked_at.eq(clock.now().naive_utc()),
            consent::revoked_by.eq(by.map(|id| id.to_string())),
            consent::version.eq(consent::version + 1),
        ))
        .execute(conn)?;
    Ok(())
}
