//! Products with their versions, and the number by which the compiled catalogue knows that it is old.

use super::change::Change;
use super::columns::{Json, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::{catalogue, organisation, product, product_version};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::Scope;
use crate::domain::codes::{Code, Kind, ProductStatus};
use crate::domain::product::{Product, ProductForm};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::auto_type;
use diesel::prelude::*;
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
    /// Its version, from 1.
    pub version: i32,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// What it says.
    pub product: Product,
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

type Row = (
    Parsed<Uuid>,
    Parsed<Uuid>,
    String,
    i32,
    NaiveDateTime,
    Json<ProductForm>,
);
const COLUMNS: (
    product::id,
    product::organisation_id,
    organisation::name,
    product::version,
    product::updated_at,
    product_version::document,
) = (
    product::id,
    product::organisation_id,
    organisation::name,
    product::version,
    product::updated_at,
    product_version::document,
);

fn read((id, organisation_id, bank_name, version, updated_at, form): Row) -> Result<StoredProduct, StoreError> {
    let product = parse(form.0)?;
    Ok(StoredProduct {
        id: id.0,
        organisation_id: organisation_id.0,
        bank_name,
        version,
        updated_at: updated_at.and_utc(),
        product,
    })
}

fn parse(form: ProductForm) -> Result<Product, StoreError> {
    let code = form.code.clone();
    Product::parse(form).map_err(|problems| StoreError::database(format!("product {code}: {problems}")))
}

/// What a scope may see: the open ones of every bank; a bank also its own in any state, a district
/// also those of its banks, but not their drafts.
#[auto_type(no_type_alias)]
fn visible<'a>(bank: Option<String>, district: Option<&'a str>) -> _ {
    let is_open: diesel::dsl::Eq<product::status, &'static str> = product::status.eq(ProductStatus::Open.code());
    let is_published: diesel::dsl::NotEq<product::status, &'static str> =
        product::status.ne(ProductStatus::Draft.code());
    is_open
        .or(product::organisation_id.nullable().eq(bank))
        .or(organisation::district_code.nullable().eq(district).and(is_published))
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
    let mut query = product_version::table
        .inner_join(product::table)
        .inner_join(organisation::table.on(product::organisation_id.eq(organisation::id)))
        .filter(product_version::version.eq(product::version))
        .filter(visible(scope.organisation(), scope.district()))
        .select(COLUMNS)
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
    let row: Row = product_version::table
        .inner_join(product::table)
        .inner_join(organisation::table.on(product::organisation_id.eq(organisation::id)))
        .filter(product_version::version.eq(product::version))
        .filter(product::code.eq(code))
        .filter(visible(scope.organisation(), scope.district()))
        .select(COLUMNS)
        .first(conn)?;
    read(row)
}

/// Every open product with its version, in the order of their codes: what the catalogue is compiled from.
///
/// # Errors
/// When the database fails.
pub fn catalogue(conn: &mut AnyConnection) -> Result<Vec<(Product, i32)>, StoreError> {
    let rows: Vec<(Json<ProductForm>, i32)> = product_version::table
        .inner_join(product::table)
        .filter(product_version::version.eq(product::version))
        .filter(product::status.eq(ProductStatus::Open.code()))
        .select((product_version::document, product::version))
        .order(product::code)
        .load(conn)?;
    rows.into_iter()
        .map(|(form, version)| Ok((parse(form.0)?, version)))
        .collect()
}

/// A number that every write to a product raises.
///
/// # Errors
/// When the database fails.
pub fn catalogue_version(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    Ok(catalogue::table.select(catalogue::version).first(conn)?)
}

/// Puts a product of a bank: a new version of the one with its code, or a new product.
///
/// # Errors
/// When the database fails.
pub fn put(
    conn: &mut AnyConnection,
    new: &Product,
    bank_id: Uuid,
    clock: &dyn Clock,
) -> Result<(Uuid, Change), StoreError> {
    let old: Option<Row> = product_version::table
        .inner_join(product::table)
        .inner_join(organisation::table.on(product::organisation_id.eq(organisation::id)))
        .filter(product_version::version.eq(product::version))
        .filter(product::code.eq(&new.code))
        .select(COLUMNS)
        .first(conn)
        .optional()?;
    let now = clock.now().naive_utc();
    let (id, version, change) = match old {
        Some((id, bank, _, _, _, form)) if form.0 == **new && bank.0 == bank_id => {
            return Ok((id.0, Change::Unchanged));
        }
        Some((id, _, _, version, ..)) => {
            let version = version + 1;
            diesel::update(product::table.find(id.0.to_string()))
                .set((
                    product::organisation_id.eq(bank_id.to_string()),
                    product::kind.eq(new.kind.code()),
                    product::status.eq(new.status.code()),
                    product::version.eq(version),
                    product::updated_at.eq(now),
                ))
                .execute(conn)?;
            (id.0, version, Change::Updated)
        }
        None => {
            let id = clock.new_id();
            diesel::insert_into(product::table)
                .values((
                    product::id.eq(id.to_string()),
                    product::code.eq(&new.code),
                    product::organisation_id.eq(bank_id.to_string()),
                    product::kind.eq(new.kind.code()),
                    product::status.eq(new.status.code()),
                    product::version.eq(1),
                    product::updated_at.eq(now),
                ))
                .execute(conn)?;
            (id, 1, Change::Created)
        }
    };
    diesel::insert_into(product_version::table)
        .values((
            product_version::product_id.eq(id.to_string()),
            product_version::version.eq(version),
            product_version::document.eq(serde_json::to_string(&**new).map_err(StoreError::database)?),
            product_version::created_at.eq(now),
        ))
        .execute(conn)?;
    diesel::update(catalogue::table)
        .set(catalogue::version.eq(catalogue::version + 1))
        .execute(conn)?;
    Ok((id, change))
}

/// Products in the versions that a stored match saw, with their banks' names: whatever became of them
/// since. The caller has seen the match, which is what its scope bounds.
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
        .map(|(form, version, bank)| Ok((parse(form.0)?, version, bank)))
        .collect()
}
