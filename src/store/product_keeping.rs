//! Products as their banks keep them: a draft beside the published version, and what happens to them.
//!
//! What changes a product names the state and the edition that it was meant for; where they have moved on it is
//! [`StoreError::Stale`]. A bank's own scope is part of every query.

use super::columns::{Civil, Json, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::products::{Row, StoredProduct, columns, freeze, parse, raise_catalogue, read, sheets};
use super::schema::{product, product_version};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::Scope;
use crate::domain::codes::{Code, ProductStatus};
use crate::domain::dates::Day;
use crate::domain::money::Fen;
use crate::domain::product::{Product, ProductForm};
use chrono::NaiveDate;
use diesel::dsl::auto_type;
use diesel::prelude::*;
use uuid::Uuid;

/// A product as its bank sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptProduct {
    /// As others see it, or would.
    pub stored: StoredProduct,
    /// The form being edited, where it differs from what is published.
    pub draft: Option<Product>,
    /// What accepted offers and contracts hold of its quota.
    pub quota_taken: Fen,
}

/// The state and the edition of a product that a change was meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The product.
    pub id: Uuid,
    /// Where it was in its life.
    pub status: ProductStatus,
    /// Its edition.
    pub edition: i32,
}

impl From<&StoredProduct> for Expected {
    fn from(stored: &StoredProduct) -> Self {
        Self {
            id: stored.id,
            status: stored.product.status,
            edition: stored.edition,
        }
    }
}

/// The product of the scope's own bank with this code.
///
/// # Errors
/// [`StoreError::NotFound`] where the bank has none.
pub fn by_code(conn: &mut AnyConnection, scope: &Scope, code: &str) -> Result<KeptProduct, StoreError> {
    let (row, taken): (Row, i64) = sheets()
        .filter(product::code.eq(code))
        .filter(product::organisation_id.nullable().eq(scope.organisation()))
        .select((columns(), product::quota_taken_fen))
        .first(conn)?;
    let draft = row.2.1.as_ref().map(|form| form.0.clone());
    let stored = read(row)?;
    // A draft that came by a file stands as its version.
    let from_file = (stored.product.status == ProductStatus::Draft).then(|| ProductForm {
        confirmed_on: None,
        ..(*stored.product).clone()
    });
    let draft = draft.or(from_file).map(parse).transpose()?;
    Ok(KeptProduct {
        stored,
        draft,
        quota_taken: Fen::new(taken).ok_or_else(|| StoreError::database(format!("product {code}: its quota")))?,
    })
}

fn document(product: &Product) -> Result<String, StoreError> {
    serde_json::to_string(&**product).map_err(StoreError::database)
}

/// Begins a product as a draft. Its version is the one that it will be published as.
///
/// # Errors
/// [`StoreError::Duplicate`] where its code is taken.
pub fn insert(conn: &mut AnyConnection, draft: &Product, bank_id: Uuid, clock: &dyn Clock) -> Result<Uuid, StoreError> {
    let id = clock.new_id();
    diesel::insert_into(product::table)
        .values((
            product::id.eq(id.to_string()),
            product::code.eq(&draft.code),
            product::organisation_id.eq(bank_id.to_string()),
            product::kind.eq(draft.kind.code()),
            product::status.eq(ProductStatus::Draft.code()),
            product::version.eq(1),
            product::updated_at.eq(clock.now().naive_utc()),
            product::draft.eq(document(draft)?),
        ))
        .execute(conn)?;
    Ok(id)
}

/// The row that a change was meant for, with what every change does to it.
macro_rules! change {
    ($conn:expr, $scope:expr, $expected:expr, $clock:expr, $($set:expr),+ $(,)?) => {{
        let changed = diesel::update(product::table)
            .filter(product::id.eq($expected.id.to_string()))
            .filter(product::status.eq($expected.status.code()))
            .filter(product::edition.eq($expected.edition))
            .filter(product::organisation_id.nullable().eq($scope.organisation()))
            .set((
                product::edition.eq($expected.edition + 1),
                product::updated_at.eq($clock.now().naive_utc()),
                $($set),+
            ))
            .execute($conn)?;
        if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }};
}

/// Keeps the draft; none: what is published is what is wanted.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on.
pub fn save_draft(
    conn: &mut AnyConnection,
    scope: &Scope,
    expected: Expected,
    draft: Option<&Product>,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let text = draft.map(document).transpose()?;
    // Lists show what a product of no version is by its draft.
    let shown = draft.filter(|_| expected.status == ProductStatus::Draft);
    if let Some(draft) = shown {
        return change!(
            conn,
            scope,
            expected,
            clock,
            product::draft.eq(text),
            product::kind.eq(draft.kind.code()),
        );
    }
    change!(conn, scope, expected, clock, product::draft.eq(text))
}

/// What a product becomes by being published.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'a> {
    /// The next version.
    pub product: &'a Product,
    /// Where it then is in its life.
    pub status: ProductStatus,
    /// The last day on which the bank's confirmation holds, which publishing is.
    pub confirmed_until: Day,
}

/// Publishes the next version: its number.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on.
pub fn publish(
    conn: &mut AnyConnection,
    scope: &Scope,
    old: &StoredProduct,
    new: Publication<'_>,
    clock: &dyn Clock,
) -> Result<i32, StoreError> {
    let expected = Expected::from(old);
    let version = old.version + 1;
    change!(
        conn,
        scope,
        expected,
        clock,
        product::status.eq(new.status.code()),
        product::kind.eq(new.product.kind.code()),
        product::version.eq(version),
        product::draft.eq(None::<String>),
        product::confirmed_on.eq(clock.today().naive()),
        product::confirmed_until.eq(new.confirmed_until.naive()),
        product::quota_fen.eq(new.product.quota_fen.map(Fen::get)),
    )?;
    freeze(conn, old.id, version, new.product, clock.now().naive_utc())?;
    raise_catalogue(conn)?;
    Ok(version)
}

/// Moves a product on; the caller has asked the state machine for it.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on.
pub fn move_on(
    conn: &mut AnyConnection,
    scope: &Scope,
    expected: Expected,
    next: ProductStatus,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    change!(conn, scope, expected, clock, product::status.eq(next.code()))?;
    raise_catalogue(conn)
}

/// Notes that the bank says today that its terms hold, until `until`.
///
/// # Errors
/// [`StoreError::Stale`] where it has moved on.
pub fn confirm(
    conn: &mut AnyConnection,
    scope: &Scope,
    expected: Expected,
    until: Day,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    change!(
        conn,
        scope,
        expected,
        clock,
        product::confirmed_on.eq(clock.today().naive()),
        product::confirmed_until.eq(until.naive()),
    )?;
    raise_catalogue(conn)
}

/// A confirmation that ends soon, of which the bank was not reminded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndingConfirmation {
    /// The product.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// What its bank calls it.
    pub name: String,
    /// The bank.
    pub organisation_id: Uuid,
    /// When it was confirmed.
    pub confirmed_on: Day,
    /// The last day on which that holds.
    pub confirmed_until: Day,
}

#[auto_type(no_type_alias)]
fn unreminded(until: NaiveDate) -> _ {
    let is_open: diesel::dsl::Eq<product::status, &'static str> = product::status.eq(ProductStatus::Open.code());
    let is_due: diesel::dsl::Le<product::confirmed_until, NaiveDate> = product::confirmed_until.le(until);
    let not_since = product::confirm_reminded_on.lt(product::confirmed_on);
    is_open
        .and(is_due)
        .and(product::confirm_reminded_on.is_null().or(not_since))
}

/// How many open products have a confirmation that ends on `until` or before, without a reminder since it was given.
///
/// # Errors
/// When the database fails.
pub fn count_ending(conn: &mut AnyConnection, until: Day) -> Result<i64, StoreError> {
    let ending = product::table.filter(unreminded(until.naive())).count();
    Ok(ending.get_result(conn)?)
}

/// At most `limit` of those.
///
/// # Errors
/// When the database fails.
pub fn ending(conn: &mut AnyConnection, until: Day, limit: i64) -> Result<Vec<EndingConfirmation>, StoreError> {
    type Row = (
        (Parsed<Uuid>, String, Parsed<Uuid>),
        Json<ProductForm>,
        (Option<Civil>, Option<Civil>),
    );
    let rows: Vec<Row> = product_version::table
        .inner_join(product::table)
        .filter(product_version::version.eq(product::version))
        .filter(unreminded(until.naive()))
        .select((
            (product::id, product::code, product::organisation_id),
            product_version::document,
            (product::confirmed_on, product::confirmed_until),
        ))
        .order((product::confirmed_until, product::code))
        .limit(limit)
        .load(conn)?;
    let ending = rows.into_iter().filter_map(|((id, code, bank), form, confirmed)| {
        Some(EndingConfirmation {
            id: id.0,
            code,
            name: form.0.name,
            organisation_id: bank.0,
            confirmed_on: confirmed.0?.0,
            confirmed_until: confirmed.1?.0,
        })
    });
    Ok(ending.collect())
}

/// Notes that a bank was reminded today.
///
/// # Errors
/// When the database fails.
pub fn note_reminded(conn: &mut AnyConnection, id: Uuid, today: Day) -> Result<(), StoreError> {
    diesel::update(product::table.find(id.to_string()))
        .set(product::confirm_reminded_on.eq(today.naive()))
        .execute(conn)?;
    Ok(())
}
