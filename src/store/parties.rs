//! Whom a bank signs with: what it may know of the enterprise once its offer was accepted, under the consent that was
//! given with the acceptance. Without that consent there is nobody.

use super::columns::Parsed;
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{account, consent, enterprise, offer};
use super::tenant::Tenant;
use crate::domain::actor::Scope;
use crate::domain::codes::Code;
use crate::domain::consent::ConsentPurpose;
use crate::domain::dates::Day;
use crate::domain::uscc::Uscc;
use diesel::prelude::*;
use uuid::Uuid;

/// The enterprise of an accepted offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Its name.
    pub name: String,
    /// Its credit code.
    pub uscc: Uscc,
    /// Name and address of who accepted.
    pub contact: Option<(String, String)>,
}

type Row = (String, Parsed<Uscc>, Option<(String, String)>);

/// The enterprise of a bank's accepted offer, while the consent of the acceptance is live on `day`.
///
/// # Errors
/// When the database fails.
pub fn of_offer(conn: &mut AnyConnection, bank: &Scope, id: Uuid, day: Day) -> Result<Option<Party>, StoreError> {
    let row: Option<Row> = offer::table
        .inner_join(consent::table.on(offer::contract_consent_id.eq(consent::id.nullable())))
        .inner_join(enterprise::table.on(offer::enterprise_id.eq(enterprise::id)))
        .left_join(account::table.on(consent::given_by.eq(account::id.nullable())))
        .filter(offer::id.eq(id.to_string()))
        .filter(offer::bank_id.nullable().eq(bank.organisation()))
        .filter(consent::bank_id.eq(offer::bank_id))
        .filter(consent::purpose.eq(ConsentPurpose::Contract.code()))
        .filter(consent::revoked_at.is_null())
        .filter(consent::until.ge(day.naive()))
        .select((
            enterprise::name,
            enterprise::uscc,
            (account::name, account::email).nullable(),
        ))
        .first(conn)
        .optional()?;
    Ok(row.map(|(name, uscc, contact)| Party {
        name,
        uscc: uscc.0,
        contact,
    }))
}
