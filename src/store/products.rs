//! Products with their versions, and the number by which the compiled catalogue knows that it is old.

use super::change::Change;
use super::columns::{Civil, Coded, Json, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::news;
use super::schema::{catalogue, organisation, product, product_version};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::Scope;
use crate::domain::codes::{Code, Kind, ProductStatus};
use crate::domain::dates::Day;
use crate::domain::money::Fen;
use crate::domain::product::{CONFIRMED_FOR_DAYS, Product, ProductForm};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::auto_type;
use diesel::prelude::*;
use std::collections::HashMap;
use uuid::Uuid;

/// A product as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProduct {
    /// Its id.
    pub id: Uuid,
    /// The bank's organisation.
    pub organisation_id: Uuid,
    /// The bank's name.
    pub bank_name: String,
    /// Its published version, from 1; 0 where it was never published.
    pub version: i32,
    /// Raised by each change that its bank makes, to the draft too; from 1.
    pub edition: i32,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// The last day on which its bank's confirmation holds.
    pub confirmed_until: Option<Day>,
    /// What it says: as published, or the draft of one that never was. Its status and its confirmation are those of
    /// today.
    pub product: Product,
}

impl StoredProduct {
    /// Whether it takes part in the matching on `day`.
    #[must_use]
    pub fn is_matched_on(&self, day: Day) -> bool {
        self.product.is_on_offer(day) && self.confirmed_until.is_some_and(|until| day <= until)
    }
}

/// Which products a list holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProductFilter {
    /// Only those with this status.
    pub status: Option<ProductStatus>,
    /// Only those of this kind.
    pub kind: Option<Kind>,
    /// Only those of this bank.
    pub organisation_id: Option<Uuid>,
}

type Columns = (
    (product::id, product::organisation_id, organisation::name),
    (
        product::version,
        product::edition,
        product::updated_at,
        product::status,
        product::confirmed_on,
        product::confirmed_until,
    ),
    (diesel::dsl::Nullable<product_version::document>, product::draft),
);

pub(super) fn columns() -> Columns {
    (
        (product::id, product::organisation_id, organisation::name),
        (
            product::version,
            product::edition,
            product::updated_at,
            product::status,
            product::confirmed_on,
            product::confirmed_until,
        ),
        (product_version::document.nullable(), product::draft),
    )
}

/// Products with their banks, and with what was published where something was.
#[auto_type(no_type_alias)]
pub(super) fn sheets() -> _ {
    let is_newest = product_version::product_id
        .eq(product::id)
        .and(product_version::version.eq(product::version));
    product::table
        .inner_join(organisation::table)
        .left_join(product_version::table.on(is_newest))
}

pub(super) type Row = (
    (Parsed<Uuid>, Parsed<Uuid>, String),
    (
        i32,
        i32,
        NaiveDateTime,
        Coded<ProductStatus>,
        Option<Civil>,
        Option<Civil>,
    ),
    (Option<Json<ProductForm>>, Option<Json<ProductForm>>),
);

pub(super) fn read((names, life, (published, draft)): Row) -> Result<StoredProduct, StoreError> {
    let (id, organisation_id, bank_name) = names;
    let (version, edition, updated_at, status, confirmed_on, confirmed_until) = life;
    let version = if published.is_some() { version } else { 0 };
    let said = published.or(draft);
    let mut form = said
        .ok_or_else(|| StoreError::database(format!("product {} says nothing", id.0)))?
        .0;
    form.status = status.0;
    form.confirmed_on = confirmed_on.map(|day| day.0);
    Ok(StoredProduct {
        id: id.0,
        organisation_id: organisation_id.0,
        bank_name,
        version,
        edition,
        updated_at: updated_at.and_utc(),
        confirmed_until: confirmed_until.map(|day| day.0),
        product: parse(form)?,
    })
}

pub(super) fn parse(form: ProductForm) -> Result<Product, StoreError> {
    let code = form.code.clone();
    Product::parse(form).map_err(|problems| StoreError::database(format!("product {code}: {problems}")))
}

/// What a scope may see: the open ones of every bank; a bank also its own in any state, a district
/// also those of its banks, but not their drafts.
#[auto_type(no_type_alias)]
fn visible<'a>(bank: Option<String>, district: Option<&'a str>) -> _ {
    let is_open: diesel::dsl::Eq<product::status, &'static str> = product::status.eq(ProductStatus::Open.code());
    let is_no_draft: diesel::dsl::NotEq<product::status, &'static str> =
        product::status.ne(ProductStatus::Draft.code());
    // A draft that was closed was never for others to see.
    let was_published = product_version::document.nullable().is_not_null();
    is_open
        .or(product::organisation_id.nullable().eq(bank))
        .or(organisation::district_code
            .nullable()
            .eq(district)
            .and(is_no_draft.and(was_published)))
}

/// Products in the order of their codes: at most `limit` of those behind `after`.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut AnyConnection,
    scope: &Scope,
    filter: ProductFilter,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<StoredProduct>, StoreError> {
    let mut query = sheets()
        .filter(visible(scope.organisation(), scope.district()))
        .select(columns())
        .order(product::code)
        .limit(limit)
        .into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(product::status.eq(status.code()));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(product::kind.eq(kind.code()));
    }
    if let Some(id) = filter.organisation_id {
        query = query.filter(product::organisation_id.eq(id.to_string()));
    }
    if let Some(code) = after {
        query = query.filter(product::code.gt(code));
    }
    query.load::<Row>(conn)?.into_iter().map(read).collect()
}

/// The product with this code.
///
/// # Errors
/// [`StoreError::NotFound`] where the scope sees none.
pub fn by_code(conn: &mut AnyConnection, scope: &Scope, code: &str) -> Result<StoredProduct, StoreError> {
    let row: Row = sheets()
        .filter(product::code.eq(code))
        .filter(visible(scope.organisation(), scope.district()))
        .select(columns())
        .first(conn)?;
    read(row)
}

/// Code and version of every open product whose confirmation holds on `day`, in the order of their codes: what the
/// catalogue of the day is made of.
///
/// # Errors
/// When the database fails.
pub fn on_offer(conn: &mut AnyConnection, day: Day) -> Result<Vec<(String, i32)>, StoreError> {
    let rows = product::table
        .filter(product::status.eq(ProductStatus::Open.code()))
        .filter(product::confirmed_until.ge(day.naive()))
        .select((product::code, product::version))
        .order(product::code);
    Ok(rows.load(conn)?)
}

/// The products of [`on_offer`] as the matching takes them, in its order.
///
/// # Errors
/// When the database fails.
pub fn catalogue(conn: &mut AnyConnection, day: Day) -> Result<Vec<Product>, StoreError> {
    let rows: Vec<Json<ProductForm>> = product_version::table
        .inner_join(product::table)
        .filter(product_version::version.eq(product::version))
        .filter(product::status.eq(ProductStatus::Open.code()))
        .filter(product::confirmed_until.ge(day.naive()))
        .select(product_version::document)
        .order(product::code)
        .load(conn)?;
    rows.into_iter().map(|form| parse(as_matched(form.0))).collect()
}

/// The newest versions of a few products as the matching takes them.
///
/// # Errors
/// When the database fails.
pub fn newest(conn: &mut AnyConnection, codes: &[String]) -> Result<Vec<Product>, StoreError> {
    let rows: Vec<Json<ProductForm>> = product_version::table
        .inner_join(product::table)
        .filter(product_version::version.eq(product::version))
        .filter(product::code.eq_any(codes))
        .select(product_version::document)
        .load(conn)?;
    rows.into_iter().map(|form| parse(as_matched(form.0))).collect()
}

/// A published form as the matching takes it: whoever asked for it has seen to its status and its confirmation, which
/// stand beside the frozen form.
pub(super) fn as_matched(form: ProductForm) -> ProductForm {
    ProductForm {
        status: ProductStatus::Open,
        confirmed_on: None,
        ..form
    }
}

/// The bank of each product, by the product's code.
///
/// # Errors
/// When the database fails.
pub fn banks(conn: &mut AnyConnection) -> Result<HashMap<String, Uuid>, StoreError> {
    let rows: Vec<(String, Parsed<Uuid>)> = product::table
        .select((product::code, product::organisation_id))
        .load(conn)?;
    Ok(rows.into_iter().map(|(code, bank)| (code, bank.0)).collect())
}

/// A number that every write to a product raises.
///
/// # Errors
/// When the database fails.
pub fn catalogue_version(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    Ok(catalogue::table.select(catalogue::version).first(conn)?)
}

/// Lets every catalogue know that it is old.
pub(super) fn raise_catalogue(conn: &mut AnyConnection) -> Result<(), StoreError> {
    diesel::update(catalogue::table)
        .set(catalogue::version.eq(catalogue::version + 1))
        .execute(conn)?;
    news::tell(conn)
}

/// What accepted offers and contracts hold of the quota of the product with this code, whoever's it is: for imports,
/// which no user's scope bounds.
///
/// # Errors
/// When the database fails.
pub fn quota_taken(conn: &mut AnyConnection, code: &str) -> Result<Fen, StoreError> {
    let taken: Option<i64> = product::table
        .filter(product::code.eq(code))
        .select(product::quota_taken_fen)
        .first(conn)
        .optional()?;
    Fen::new(taken.unwrap_or(0)).ok_or_else(|| StoreError::database(format!("product {code}: its quota")))
}

/// Puts a product of a bank, as a file has it: a new version of the one with its code, or a new product. It counts as
/// confirmed on the day that the file names, or today; that holds as long as the matching contract says.
///
/// # Errors
/// When the database fails.
pub fn put(
    conn: &mut AnyConnection,
    new: &Product,
    bank_id: Uuid,
    clock: &dyn Clock,
) -> Result<(Uuid, Change), StoreError> {
    type Old = (Parsed<Uuid>, Parsed<Uuid>, i32, Option<Json<ProductForm>>);
    let old: Option<Old> = sheets()
        .filter(product::code.eq(&new.code))
        .select((
            product::id,
            product::organisation_id,
            product::version,
            product_version::document.nullable(),
        ))
        .first(conn)
        .optional()?;
    let (id, version, change) = match old {
        Some((id, bank, _, Some(form))) if form.0 == **new && bank.0 == bank_id => {
            return Ok((id.0, Change::Unchanged));
        }
        Some((id, _, version, published)) => (id.0, version + i32::from(published.is_some()), Change::Updated),
        None => (clock.new_id(), 1, Change::Created),
    };
    let now = clock.now().naive_utc();
    let confirmed_on = new.confirmed_on.unwrap_or(clock.today());
    let said = (
        product::organisation_id.eq(bank_id.to_string()),
        product::kind.eq(new.kind.code()),
        product::status.eq(new.status.code()),
        product::version.eq(version),
        product::updated_at.eq(now),
        product::confirmed_on.eq(confirmed_on.naive()),
        product::confirmed_until.eq(confirmed_on.plus_days(CONFIRMED_FOR_DAYS).naive()),
        product::quota_fen.eq(new.quota_fen.map(Fen::get)),
    );
    if change == Change::Created {
        diesel::insert_into(product::table)
            .values((product::id.eq(id.to_string()), product::code.eq(&new.code), said))
            .execute(conn)?;
    } else {
        diesel::update(product::table.find(id.to_string()))
            .set((said, product::edition.eq(product::edition + 1)))
            .execute(conn)?;
    }
    freeze(conn, id, version, new, now)?;
    raise_catalogue(conn)?;
    Ok((id, change))
}

/// Keeps what a product says as one of its versions.
pub(super) fn freeze(
    conn: &mut AnyConnection,
    id: Uuid,
    version: i32,
    product: &Product,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::insert_into(product_version::table)
        .values((
            product_version::product_id.eq(id.to_string()),
            product_version::version.eq(version),
            product_version::document.eq(serde_json::to_string(&**product).map_err(StoreError::database)?),
            product_version::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Products in the versions that a stored match saw, with their banks' names: whatever became of them
/// since, and as it was matched: open and confirmed. The caller has seen the match, which is what its scope bounds.
///
/// # Errors
/// When the database fails.
pub fn frozen(conn: &mut AnyConnection, wanted: &[(String, i32)]) -> Result<Vec<(Product, i32, String)>, StoreError> {
    let codes: Vec<&str> = wanted.iter().map(|(code, _)| code.as_str()).collect();
    let rows: Vec<(Json<ProductForm>, i32, String)> = product_version::table
        .inner_join(product::table)
        .inner_join(organisation::table.on(product::organisation_id.eq(organisation::id)))
        .filter(product::code.eq_any(codes))
        .select((product_version::document, product_version::version, organisation::name))
        .order(product::code)
        .load(conn)?;
    let versions: std::collections::HashSet<(&str, i32)> =
        wanted.iter().map(|(code, version)| (code.as_str(), *version)).collect();
    rows.into_iter()
        .filter(|(form, version, _)| versions.contains(&(form.0.code.as_str(), *version)))
        .map(|(form, version, bank)| Ok((parse(as_matched(form.0))?, version, bank)))
        .collect()
}
