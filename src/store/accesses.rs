//! Who has read what of an enterprise: one row a read, written in the transaction that reads.

use super::columns::{Coded, Parsed};
use super::connection::AnyConnection;
use super::enterprises::ids_in;
use super::error::StoreError;
use super::schema::{account, organisation, profile_access, request};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::{Actor, OrganisationKind, Scope};
use crate::domain::codes::Code;
use crate::domain::consent::Reading;
use crate::domain::place::Place;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// A read that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewAccess {
    /// The enterprise that is read.
    pub enterprise_id: Uuid,
    /// What of it.
    pub what: Reading,
    /// The consent that it rests on; a bank's read has one.
    pub consent_id: Option<Uuid>,
    /// The request that it is about.
    pub request_id: Option<Uuid>,
}

/// A read that happened, as the enterprise sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAccess {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// The reader's organisation.
    pub organisation: String,
    /// What kind it is.
    pub kind: OrganisationKind,
    /// The reader.
    pub reader: String,
    /// What was read.
    pub what: Reading,
    /// The number of the request that it was about.
    pub request_number: Option<String>,
}

/// Notes a read by an actor.
///
/// # Errors
/// When the database fails; what was read is then not given out.
pub fn insert(conn: &mut AnyConnection, actor: &Actor, new: NewAccess, clock: &dyn Clock) -> Result<(), StoreError> {
    diesel::insert_into(profile_access::table)
        .values((
            profile_access::id.eq(clock.new_id().to_string()),
            profile_access::enterprise_id.eq(new.enterprise_id.to_string()),
            profile_access::at.eq(clock.now().naive_utc()),
            profile_access::account_id.eq(actor.user_id.to_string()),
            profile_access::organisation_id.eq(actor.organisation_id.to_string()),
            profile_access::what.eq(new.what.code()),
            profile_access::consent_id.eq(new.consent_id.map(|id| id.to_string())),
            profile_access::request_id.eq(new.request_id.map(|id| id.to_string())),
        ))
        .execute(conn)?;
    Ok(())
}

type Row = (
    Parsed<Uuid>,
    NaiveDateTime,
    String,
    Coded<OrganisationKind>,
    String,
    Coded<Reading>,
    Option<String>,
);

/// The reads of an enterprise of the scope, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    scope: &Scope,
    enterprise_id: Uuid,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredAccess>, StoreError> {
    let mut query = profile_access::table
        .inner_join(account::table.on(profile_access::account_id.eq(account::id)))
        .inner_join(organisation::table.on(profile_access::organisation_id.eq(organisation::id)))
        .left_join(request::table.on(profile_access::request_id.eq(request::id.nullable())))
        .filter(profile_access::enterprise_id.eq(enterprise_id.to_string()))
        .filter(profile_access::enterprise_id.eq_any(ids_in(scope.organisation(), None)))
        .select((
            profile_access::id,
            profile_access::at,
            organisation::name,
            organisation::kind,
            account::name,
            profile_access::what,
            request::number.nullable(),
        ))
        .order((profile_access::at.desc(), profile_access::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some(Place { at, id }) = before {
        let at = at.naive_utc();
        query = query.filter(
            profile_access::at
                .lt(at)
                .or(profile_access::at.eq(at).and(profile_access::id.lt(id.to_string()))),
        );
    }
    let rows = query.load::<Row>(conn)?;
    Ok(rows
        .into_iter()
        .map(
            |(id, at, organisation, kind, reader, what, request_number)| StoredAccess {
                id: id.0,
                at: at.and_utc(),
                organisation,
                kind: kind.0,
                reader,
                what: what.0,
                request_number,
            },
        )
        .collect())
}
