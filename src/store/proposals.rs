//! The banks that officers proposed, each with its place in the matcher's order and why it was another than the first.

use super::columns::Json;
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{account, organisation, proposal, referral};
use crate::clock::Clock;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// A choice, to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewProposal<'a> {
    /// The referral that it made.
    pub referral_id: Uuid,
    /// Who chose.
    pub by: Uuid,
    /// The place of what was chosen in the matcher's order, from 1.
    pub place: usize,
    /// The products that could be proposed, in the matcher's order, up to that place.
    pub matched: &'a [String],
    /// The products that were.
    pub chosen: &'a [String],
    /// Why another than the first.
    pub reason: Option<&'a str>,
}

/// A choice, as it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProposal {
    /// The bank's name.
    pub bank_name: String,
    /// The officer's name.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The place of what was chosen in the matcher's order, from 1.
    pub place: i32,
    /// The products that could be proposed, in the matcher's order, up to that place.
    pub matched: Vec<String>,
    /// The products that were.
    pub chosen: Vec<String>,
    /// Why another than the first.
    pub reason: Option<String>,
}

/// Keeps a choice.
///
/// # Errors
/// When the database fails.
pub fn insert(conn: &mut AnyConnection, new: &NewProposal<'_>, clock: &dyn Clock) -> Result<(), StoreError> {
    let json = |codes: &[String]| serde_json::to_string(codes).map_err(StoreError::database);
    diesel::insert_into(proposal::table)
        .values((
            proposal::id.eq(clock.new_id().to_string()),
            proposal::referral_id.eq(new.referral_id.to_string()),
            proposal::account_id.eq(new.by.to_string()),
            proposal::at.eq(clock.now().naive_utc()),
            proposal::place.eq(i32::try_from(new.place).map_err(StoreError::database)?),
            proposal::matched.eq(json(new.matched)?),
            proposal::chosen.eq(json(new.chosen)?),
            proposal::reason.eq(new.reason),
        ))
        .execute(conn)?;
    Ok(())
}

/// What was proposed for a request, the newest first. The caller has seen the request in its scope.
///
/// # Errors
/// When the database fails.
pub fn of_request(conn: &mut AnyConnection, request_id: Uuid) -> Result<Vec<StoredProposal>, StoreError> {
    type Row = (
        (String, String, NaiveDateTime),
        (i32, Json<Vec<String>>, Json<Vec<String>>, Option<String>),
    );
    let rows: Vec<Row> = proposal::table
        .inner_join(referral::table.on(proposal::referral_id.eq(referral::id)))
        .inner_join(organisation::table.on(referral::bank_id.eq(organisation::id)))
        .inner_join(account::table.on(proposal::account_id.eq(account::id)))
        .filter(referral::request_id.eq(request_id.to_string()))
        .order((proposal::at.desc(), proposal::id.desc()))
        .select((
            (organisation::name, account::name, proposal::at),
            (proposal::place, proposal::matched, proposal::chosen, proposal::reason),
        ))
        .load(conn)?;
    let read = |((bank_name, by, at), (place, matched, chosen, reason)): Row| StoredProposal {
        bank_name,
        by,
        at: at.and_utc(),
        place,
        matched: matched.0,
        chosen: chosen.0,
        reason,
    };
    Ok(rows.into_iter().map(read).collect())
}
