//! What must always hold of the rows, counted where it does not.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{enterprise, fact, organisation, product, product_version, request, request_match};
use crate::domain::actor::OrganisationKind;
use crate::domain::codes::Code;
use crate::domain::request::RequestState;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

/// Something that must always hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invariant {
    /// What it says.
    pub name: &'static str,
    /// How many rows break it.
    pub broken: i64,
}

/// Counts what breaks each invariant.
///
/// # Errors
/// When the database fails.
pub fn check(conn: &mut AnyConnection) -> Result<Vec<Invariant>, StoreError> {
    let unmatched = request::table
        .filter(request::state.ne(RequestState::Draft.code()))
        .filter(not(exists(
            request_match::table.filter(request_match::request_id.eq(request::id)),
        )))
        .count()
        .get_result(conn)?;
    let undated = request::table
        .filter(request::state.ne(RequestState::Draft.code()))
        .filter(request::submitted_at.is_null().or(request::need.is_null()))
        .count()
        .get_result(conn)?;
    let unversioned = product::table
        .filter(not(exists(
            product_version::table
                .filter(product_version::product_id.eq(product::id))
                .filter(product_version::version.eq(product::version)),
        )))
        .count()
        .get_result(conn)?;
    let unlent = product::table
        .inner_join(organisation::table)
        .filter(organisation::kind.ne_all([OrganisationKind::Bank.code(), OrganisationKind::Leasing.code()]))
        .count()
        .get_result(conn)?;
    let orphaned = fact::table
        .filter(not(exists(
            enterprise::table.filter(enterprise::id.eq(fact::enterprise_id)),
        )))
        .count()
        .get_result(conn)?;
    Ok(vec![
        Invariant {
            name: "a submitted request has a stored match",
            broken: unmatched,
        },
        Invariant {
            name: "a submitted request has a need and a date",
            broken: undated,
        },
        Invariant {
            name: "a product has the version that it is in",
            broken: unversioned,
        },
        Invariant {
            name: "a product belongs to a bank or a leasing company",
            broken: unlent,
        },
        Invariant {
            name: "a fact belongs to an enterprise",
            broken: orphaned,
        },
    ])
}
