//! Which requests are open, and in which state, for books of them that are kept in memory.

use super::columns::Parsed;
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{enterprise, request};
use crate::domain::codes::Code;
use crate::domain::request::RequestState;
use diesel::prelude::*;
use uuid::Uuid;

/// An open request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRequest {
    /// The request.
    pub id: Uuid,
    /// The district it belongs to.
    pub district_code: String,
    /// Whose it is.
    pub enterprise_id: Uuid,
    /// Raised by each change of the request.
    pub version: i32,
    /// Raised by each change of what is known of the enterprise.
    pub profile_version: i32,
}

/// Every open request, by number.
///
/// # Errors
/// When the database fails.
pub fn all(conn: &mut AnyConnection) -> Result<Vec<OpenRequest>, StoreError> {
    type Row = (Parsed<Uuid>, String, Parsed<Uuid>, i32, i32);
    let rows: Vec<Row> = request::table
        .inner_join(enterprise::table)
        .filter(request::state.eq(RequestState::Open.code()))
        .select((
            request::id,
            request::district_code,
            request::enterprise_id,
            request::version,
            enterprise::profile_version,
        ))
        .order(request::number)
        .load(conn)?;
    let rows = rows.into_iter();
    let read = rows.map(
        |(id, district_code, enterprise_id, version, profile_version)| OpenRequest {
            id: id.0,
            district_code,
            enterprise_id: enterprise_id.0,
            version,
            profile_version,
        },
    );
    Ok(read.collect())
}
