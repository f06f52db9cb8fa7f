//! Facts: every value ever held, with its source and its predecessor.
//!
//! Of an enterprise, a fact and a bank there is one current verified value and one current declared
//! one, side by side; `domain::profile` says which of them the engine sees.

use super::authorisations::usable_on;
use super::change::Change;
use super::columns::{Civil, Json, Parsed};
use super::connection::AnyConnection;
use super::enterprises::{id_by_uscc, ids_in};
use super::error::StoreError;
use super::ledger::record;
use super::referrals::is_live;
use super::schema::{consent, consent_fact, fact, organisation, referral};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::Scope;
use crate::domain::dates::Day;
use crate::domain::enterprise::Fact;
use crate::domain::facts::FactKey;
use crate::domain::profile::Held;
use crate::domain::scalar::Scalar;
use crate::domain::uscc::Uscc;
use diesel::dsl::auto_type;
use diesel::prelude::*;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// A current value with its source, as a profile shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactLine {
    /// What is known.
    pub held: Held,
    /// The organisation that said so.
    pub source: String,
    /// The bank that it is about, where it came per bank.
    pub bank: Option<String>,
}

/// A value to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFact {
    /// What is known.
    pub held: Held,
    /// The bank that it is about, where it came per bank.
    pub bank_id: Option<Uuid>,
}

/// Where values come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The organisation that says so.
    pub source_id: Uuid,
    /// The file that they came in.
    pub batch_id: Option<Uuid>,
    /// The user who entered them.
    pub account_id: Option<Uuid>,
}

/// A current value in the database.
pub(super) struct Current {
    pub(super) id: Uuid,
    pub(super) held: Held,
    pub(super) bank_id: Option<Uuid>,
    pub(super) source_id: Uuid,
}

type Row = (
    Parsed<Uuid>,
    String,
    Json<Scalar>,
    bool,
    Civil,
    Option<Civil>,
    Option<Parsed<Uuid>>,
    Parsed<Uuid>,
);

fn read((id, key, value, verified, observed_on, valid_until, bank, source): Row) -> Result<Current, StoreError> {
    let key = FactKey::find(&key).ok_or_else(|| StoreError::database(format!("fact {}: no fact {key:?}", id.0)))?;
    let value = key
        .value(&value.0)
        .map_err(|rule| StoreError::database(format!("fact {}: {key}: {rule}", id.0)))?;
    Ok(Current {
        id: id.0,
        held: Held {
            key,
            fact: Fact {
                value,
                verified,
                valid_until: valid_until.map(|day| day.0),
            },
            observed_on: observed_on.0,
        },
        bank_id: bank.map(|id| id.0),
        source_id: source.0,
    })
}

#[auto_type(no_type_alias)]
fn current_rows(enterprise_id: Uuid) -> _ {
    let of: diesel::dsl::Eq<fact::enterprise_id, String> = fact::enterprise_id.eq(enterprise_id.to_string());
    fact::table.filter(of).filter(fact::current).select((
        fact::id,
        fact::key,
        fact::value,
        fact::verified,
        fact::observed_on,
        fact::valid_until,
        fact::bank_id,
        fact::source_id,
    ))
}

pub(super) fn current(conn: &mut AnyConnection, enterprise_id: Uuid) -> Result<Vec<Current>, StoreError> {
    let rows: Vec<Row> = current_rows(enterprise_id).load(conn)?;
    rows.into_iter().map(read).collect()
}

/// Every current value of an enterprise that its caller may see, but those that it does not let the
/// platform use on `day`.
pub(super) fn held(conn: &mut AnyConnection, enterprise_id: Uuid, day: Day) -> Result<Vec<Held>, StoreError> {
    let usable = usable_on(conn, enterprise_id, day)?;
    let held = current(conn, enterprise_id)?.into_iter().map(|one| one.held);
    Ok(held.filter(|held| usable.allows(held)).collect())
}

/// Every current value of an enterprise, with its source, in the order of the vocabulary; verified
/// before declared, newer before older. Left out is what it does not let the platform use on `day`.
///
/// # Errors
/// When the database fails. An enterprise outside the scope has no values.
pub fn list(
    conn: &mut AnyConnection,
    scope: &Scope,
    enterprise_id: Uuid,
    day: Day,
) -> Result<Vec<FactLine>, StoreError> {
    let rows = current_rows(enterprise_id)
        .filter(fact::enterprise_id.eq_any(ids_in(scope.organisation(), scope.district())))
        .load::<Row>(conn)?;
    lines(conn, rows, enterprise_id, day)
}

/// The current values that a bank may read under the consent behind its referral, as [`list`] has
/// them. Whether the consent is live on `day` is part of the one query that reads the values.
///
/// # Errors
/// When the database fails. Without a live consent there are no values.
pub fn under_consent(
    conn: &mut AnyConnection,
    bank: &Scope,
    referral_id: Uuid,
    enterprise_id: Uuid,
    day: Day,
) -> Result<Vec<FactLine>, StoreError> {
    let consented = consent_fact::consent_id
        .eq(consent::id)
        .and(consent::enterprise_id.eq(fact::enterprise_id));
    let rows = current_rows(enterprise_id)
        .inner_join(consent_fact::table.on(consent_fact::key.eq(fact::key)))
        .inner_join(consent::table.on(consented))
        .inner_join(referral::table.on(referral::consent_id.eq(consent::id.nullable())))
        .filter(referral::id.eq(referral_id.to_string()))
        .filter(referral::bank_id.nullable().eq(bank.organisation()))
        .filter(is_live(day.naive()))
        .load::<Row>(conn)?;
    lines(conn, rows, enterprise_id, day)
}

/// Rows of one enterprise with the names of their sources.
fn lines(conn: &mut AnyConnection, rows: Vec<Row>, enterprise_id: Uuid, day: Day) -> Result<Vec<FactLine>, StoreError> {
    let usable = usable_on(conn, enterprise_id, day)?;
    let mut values: Vec<Current> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    values.retain(|one| usable.allows(&one.held));
    with_names(conn, &values)
}

/// Every current value of one fact, as its owner sees it who has to answer for it, whatever the enterprise
/// lets the platform use.
///
/// # Errors
/// When the database fails.
pub fn of_key(conn: &mut AnyConnection, enterprise_id: Uuid, key: FactKey) -> Result<Vec<FactLine>, StoreError> {
    let values = current_of(conn, enterprise_id, key)?;
    with_names(conn, &values)
}

/// Current values of one fact.
pub(super) fn current_of(
    conn: &mut AnyConnection,
    enterprise_id: Uuid,
    key: FactKey,
) -> Result<Vec<Current>, StoreError> {
    let rows: Vec<Row> = current_rows(enterprise_id)
        .filter(fact::key.eq(key.code()))
        .load(conn)?;
    rows.into_iter().map(read).collect()
}

fn with_names(conn: &mut AnyConnection, values: &[Current]) -> Result<Vec<FactLine>, StoreError> {
    let ids: HashSet<Uuid> = values
        .iter()
        .flat_map(|one| one.bank_id.into_iter().chain([one.source_id]))
        .collect();
    let rows: Vec<(Parsed<Uuid>, String)> = organisation::table
        .filter(organisation::id.eq_any(ids.iter().map(Uuid::to_string).collect::<Vec<_>>()))
        .select((organisation::id, organisation::name))
        .load(conn)?;
    let names: HashMap<Uuid, String> = rows.into_iter().map(|(id, name)| (id.0, name)).collect();
    let name = |id: &Uuid| names.get(id).cloned().unwrap_or_default();
    let mut lines: Vec<FactLine> = values
        .iter()
        .map(|one| FactLine {
            held: one.held,
            source: name(&one.source_id),
            bank: one.bank_id.as_ref().map(name),
        })
        .collect();
    lines.sort_by_key(|line| (line.held.key, !line.held.fact.verified, Reverse(line.held.observed_on)));
    Ok(lines)
}

/// Records a value that an enterprise's user declares.
///
/// # Errors
/// [`StoreError::NotFound`] where the enterprise is not in the scope.
pub fn declare(
    conn: &mut AnyConnection,
    scope: &Scope,
    uscc: Uscc,
    new: &NewFact,
    from: &Provenance,
    clock: &dyn Clock,
) -> Result<Change, StoreError> {
    let id = id_by_uscc(conn, scope, uscc)?;
    let changes = record(conn, id, std::slice::from_ref(new), from, clock)?;
    Ok(changes.into_iter().next().unwrap_or(Change::Unchanged))
}
