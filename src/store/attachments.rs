//! Files that were handed in. Their content is read only where it is given out.

use super::columns::{Coded, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{attachment, registration};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::Scope;
use crate::domain::attachment::{AttachmentPurpose, MediaType};
use crate::domain::codes::Code;
use crate::domain::place::Place;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::auto_type;
use diesel::prelude::*;
use uuid::Uuid;

/// A file without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAttachment {
    /// Its id.
    pub id: Uuid,
    /// What it is for.
    pub purpose: AttachmentPurpose,
    /// The name under which it is given out.
    pub name: String,
    /// What its content is.
    pub media_type: MediaType,
    /// How long it is.
    pub size_bytes: i64,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// When it was handed in.
    pub created_at: DateTime<Utc>,
}

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A registration's.
    Registration(Uuid),
    /// An organisation's, handed in by one of its users.
    Organisation(Uuid, Uuid),
}

/// A file to be kept.
#[derive(Clone, Debug)]
pub struct NewAttachment<'a> {
    /// What it is for.
    pub purpose: AttachmentPurpose,
    /// The name under which it is given out.
    pub name: &'a str,
    /// What its content is.
    pub media_type: MediaType,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: &'a str,
    /// Its content.
    pub content: &'a [u8],
}

type Row = (
    Parsed<Uuid>,
    Coded<AttachmentPurpose>,
    String,
    Coded<MediaType>,
    i64,
    String,
    NaiveDateTime,
);
type Columns = (
    attachment::id,
    attachment::purpose,
    attachment::name,
    attachment::media_type,
    attachment::size_bytes,
    attachment::sha256,
    attachment::created_at,
);
const COLUMNS: Columns = (
    attachment::id,
    attachment::purpose,
    attachment::name,
    attachment::media_type,
    attachment::size_bytes,
    attachment::sha256,
    attachment::created_at,
);

fn read((id, purpose, name, media_type, size_bytes, sha256, created_at): Row) -> StoredAttachment {
    StoredAttachment {
        id: id.0,
        purpose: purpose.0,
        name,
        media_type: media_type.0,
        size_bytes,
        sha256,
        created_at: created_at.and_utc(),
    }
}

/// The ids of a district's registrations.
#[auto_type(no_type_alias)]
fn registrations_in<'a>(district: Option<&'a str>) -> _ {
    let of_district: diesel::dsl::Eq<diesel::dsl::Nullable<registration::district_code>, Option<&'a str>> =
        registration::district_code.nullable().eq(district);
    registration::table
        .filter(of_district)
        .select(registration::id.nullable())
}

/// Keeps a file.
///
/// # Errors
/// When the database fails.
pub fn insert(
    conn: &mut AnyConnection,
    of: Of,
    new: &NewAttachment<'_>,
    clock: &dyn Clock,
) -> Result<Uuid, StoreError> {
    let id = clock.new_id();
    let (registration_id, organisation_id, account_id) = match of {
        Of::Registration(id) => (Some(id), None, None),
        Of::Organisation(id, by) => (None, Some(id), Some(by)),
    };
    let text = |id: Option<Uuid>| id.map(|id| id.to_string());
    diesel::insert_into(attachment::table)
        .values((
            attachment::id.eq(id.to_string()),
            attachment::registration_id.eq(text(registration_id)),
            attachment::organisation_id.eq(text(organisation_id)),
            attachment::account_id.eq(text(account_id)),
            attachment::purpose.eq(new.purpose.code()),
            attachment::name.eq(new.name),
            attachment::media_type.eq(new.media_type.code()),
            attachment::size_bytes.eq(i64::try_from(new.content.len()).unwrap_or(i64::MAX)),
            attachment::sha256.eq(new.sha256),
            attachment::created_at.eq(clock.now().naive_utc()),
            attachment::content.eq(new.content),
        ))
        .execute(conn)?;
    Ok(id)
}

/// A file with its content: one of the scope's organisation, or of a registration of the scope's district.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn with_content(
    conn: &mut AnyConnection,
    scope: &Scope,
    id: Uuid,
) -> Result<(StoredAttachment, Vec<u8>), StoreError> {
    let own = attachment::organisation_id.eq(scope.organisation());
    let handed_in = attachment::registration_id.eq_any(registrations_in(scope.district()));
    let (row, content): (Row, Vec<u8>) = attachment::table
        .find(id.to_string())
        .filter(own.or(handed_in))
        .select((COLUMNS, attachment::content))
        .first(conn)?;
    Ok((read(row), content))
}

/// The files of a registration of the scope's district, in the order in which they were handed in.
///
/// # Errors
/// When the database fails.
pub fn of_registration(
    conn: &mut AnyConnection,
    scope: &Scope,
    registration_id: Uuid,
) -> Result<Vec<StoredAttachment>, StoreError> {
    let rows: Vec<Row> = attachment::table
        .filter(attachment::registration_id.eq(registration_id.to_string()))
        .filter(attachment::registration_id.eq_any(registrations_in(scope.district())))
        .order((attachment::created_at, attachment::purpose.desc()))
        .select(COLUMNS)
        .load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// The files of the scope's organisation, newest first: at most `limit` of those before `before`.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    scope: &Scope,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredAttachment>, StoreError> {
    let mut query = attachment::table
        .filter(attachment::organisation_id.eq(scope.organisation()))
        .order((attachment::created_at.desc(), attachment::id.desc()))
        .limit(limit)
        .select(COLUMNS)
        .into_boxed();
    if let Some(Place { at, id }) = before {
        let at = at.naive_utc();
        let earlier = attachment::created_at.eq(at).and(attachment::id.lt(id.to_string()));
        query = query.filter(attachment::created_at.lt(at).or(earlier));
    }
    let rows: Vec<Row> = query.load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// How many files an organisation has.
///
/// # Errors
/// When the database fails.
pub fn count(conn: &mut AnyConnection, organisation_id: Uuid) -> Result<i64, StoreError> {
    let own = attachment::table.filter(attachment::organisation_id.eq(organisation_id.to_string()));
    Ok(own.count().get_result(conn)?)
}

/// Makes a registration's files the organisation's too.
///
/// # Errors
/// When the database fails.
pub fn hand_over(conn: &mut AnyConnection, registration_id: Uuid, organisation_id: Uuid) -> Result<(), StoreError> {
    diesel::update(attachment::table)
        .filter(attachment::registration_id.eq(registration_id.to_string()))
        .set(attachment::organisation_id.eq(Some(organisation_id.to_string())))
        .execute(conn)?;
    Ok(())
}
