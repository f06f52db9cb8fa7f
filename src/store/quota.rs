//! What a bank will still lend of a product: taken when an offer is accepted, given back when it comes to nothing.
//! A product without a quota counts what is taken all the same, so that one which is set later knows.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::product;
use diesel::prelude::*;
use uuid::Uuid;

/// Takes an amount, in 分; false where not so much is left.
///
/// # Errors
/// When the database fails.
pub fn take(conn: &mut AnyConnection, product_id: Uuid, amount_fen: i64) -> Result<bool, StoreError> {
    let left = product::quota_fen
        .is_null()
        .or(product::quota_fen.ge((product::quota_taken_fen + amount_fen).nullable()));
    let taken = diesel::update(product::table)
        .filter(product::id.eq(product_id.to_string()))
        .filter(left.assume_not_null())
        .set(product::quota_taken_fen.eq(product::quota_taken_fen + amount_fen))
        .execute(conn)?;
    Ok(taken == 1)
}

/// Gives an amount back, in 分.
///
/// # Errors
/// When the database fails, or more would be given back than was taken.
pub fn give_back(conn: &mut AnyConnection, product_id: Uuid, amount_fen: i64) -> Result<(), StoreError> {
    diesel::update(product::table)
        .filter(product::id.eq(product_id.to_string()))
        .set(product::quota_taken_fen.eq(product::quota_taken_fen - amount_fen))
        .execute(conn)?;
    Ok(())
}
