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
use super::referrals::is_live;
use super::schema::{consent, consent_fact, fact, fact_batch, organisation, referral};
use super::tenant::Tenant;
use crate::clock::Clock;
use crate::domain::actor::Scope;
use crate::domain::dates::Day;
use crate::domain::enterprise::Fact;
use crate::domain::facts::{FactKey, FactValue};
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
struct Current {
    id: Uuid,
    held: Held,
    bank_id: Option<Uuid>,
    source_id: Uuid,
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

fn current(conn: &mut AnyConnection, enterprise_id: Uuid) -> Result<Vec<Current>, StoreError> {
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

/// Records values of one enterprise, and says what became of each. A value that is current already is
/// left alone; one that was observed before the current one goes straight into the history.
///
/// # Errors
/// When the database fails.
pub fn record(
    conn: &mut AnyConnection,
    enterprise_id: Uuid,
    values: &[NewFact],
    from: &Provenance,
    clock: &dyn Clock,
) -> Result<Vec<Change>, StoreError> {
    let place = |held: &Held, bank_id| (held.key, held.fact.verified, bank_id);
    let current = match values {
        // One value is looked up by the index; a whole profile is cheaper read at once.
        [one] => {
            let rows: Vec<Row> = current_rows(enterprise_id)
                .filter(fact::key.eq(one.held.key.code()))
                .load(conn)?;
            rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?
        }
        _ => current(conn, enterprise_id)?,
    };
    let mut current: HashMap<_, _> = current
        .into_iter()
        .map(|one| (place(&one.held, one.bank_id), one))
        .collect();
    let mut changes = Vec::with_capacity(values.len());
    for new in values {
        let place = place(&new.held, new.bank_id);
        let old = current.get(&place);
        if old.is_some_and(|old| old.held == new.held && old.source_id == from.source_id) {
            changes.push(Change::Unchanged);
            continue;
        }
        let is_late = old.is_some_and(|old| old.held.observed_on > new.held.observed_on);
        let predecessor = old.filter(|_| !is_late).map(|old| old.id);
        if let Some(id) = predecessor {
            diesel::update(fact::table.find(id.to_string()))
                .set(fact::current.eq(false))
                .execute(conn)?;
        }
        let id = insert(conn, enterprise_id, new, from, (predecessor, !is_late), clock)?;
        changes.push(if old.is_some() {
            Change::Updated
        } else {
            Change::Created
        });
        if !is_late {
            let now_current = Current {
                id,
                held: new.held,
                bank_id: new.bank_id,
                source_id: from.source_id,
            };
            current.insert(place, now_current);
        }
    }
    Ok(changes)
}

fn insert(
    conn: &mut AnyConnection,
    enterprise_id: Uuid,
    new: &NewFact,
    from: &Provenance,
    (predecessor, is_current): (Option<Uuid>, bool),
    clock: &dyn Clock,
) -> Result<Uuid, StoreError> {
    let Held {
        key,
        fact: value,
        observed_on,
    } = new.held;
    let id = clock.new_id();
    diesel::insert_into(fact::table)
        .values((
            fact::id.eq(id.to_string()),
            fact::enterprise_id.eq(enterprise_id.to_string()),
            fact::key.eq(key.code()),
            fact::bank_id.eq(new.bank_id.map(|id| id.to_string())),
            fact::value.eq(document(key, value.value)?),
            fact::verified.eq(value.verified),
            fact::observed_on.eq(observed_on.naive()),
            fact::valid_until.eq(value.valid_until.map(Day::naive)),
            fact::source_id.eq(from.source_id.to_string()),
            fact::batch_id.eq(from.batch_id.map(|id| id.to_string())),
            fact::account_id.eq(from.account_id.map(|id| id.to_string())),
            fact::predecessor_id.eq(predecessor.map(|id| id.to_string())),
            fact::current.eq(is_current),
            fact::recorded_at.eq(clock.now().naive_utc()),
        ))
        .execute(conn)?;
    Ok(id)
}

fn document(key: FactKey, value: FactValue) -> Result<String, StoreError> {
    serde_json::to_string(&key.spec().kind.scalar(value)).map_err(StoreError::database)
}

/// Notes a file of facts; none where the organisation has handed in the same content before.
///
/// # Errors
/// When the database fails.
pub fn open_batch(
    conn: &mut AnyConnection,
    source_id: Uuid,
    name: &str,
    sha256: &str,
    clock: &dyn Clock,
) -> Result<Option<Uuid>, StoreError> {
    let known: i64 = fact_batch::table
        .filter(fact_batch::organisation_id.eq(source_id.to_string()))
        .filter(fact_batch::sha256.eq(sha256))
        .count()
        .get_result(conn)?;
    if known > 0 {
        return Ok(None);
    }
    let id = clock.new_id();
    diesel::insert_into(fact_batch::table)
        .values((
            fact_batch::id.eq(id.to_string()),
            fact_batch::organisation_id.eq(source_id.to_string()),
            fact_batch::name.eq(name),
            fact_batch::sha256.eq(sha256),
            fact_batch::created_at.eq(clock.now().naive_utc()),
        ))
        .execute(conn)?;
    Ok(Some(id))
}
