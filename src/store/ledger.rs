//! Recording values: what is current of an enterprise, and what a new value does to it.
//!
//! Of an enterprise, a fact, its being verified and a bank there is one current value. A new one takes
//! its place, unless it says the same or was observed before it. A preview asks the same ledger
//! without writing.

use super::change::Change;
use super::connection::AnyConnection;
use super::enterprises::profile_changed;
use super::error::StoreError;
use super::facts::{Current, NewFact, Provenance, current, current_of};
use super::schema::fact;
use crate::clock::Clock;
use crate::domain::batch::Outlook;
use crate::domain::dates::Day;
use crate::domain::facts::{FactKey, FactValue};
use crate::domain::profile::Held;
use diesel::prelude::*;
use std::collections::HashMap;
use uuid::Uuid;

/// Which value stands in whose place.
type Place = (FactKey, bool, Option<Uuid>);

fn place(held: &Held, bank_id: Option<Uuid>) -> Place {
    (held.key, held.fact.verified, bank_id)
}

/// What is current of one enterprise.
pub struct Ledger {
    enterprise_id: Uuid,
    current: HashMap<Place, Current>,
    /// Whether it is noted that the profile has changed.
    is_noted: bool,
}

impl Ledger {
    /// Everything that is current of an enterprise.
    ///
    /// # Errors
    /// When the database fails.
    pub fn open(conn: &mut AnyConnection, enterprise_id: Uuid) -> Result<Self, StoreError> {
        Ok(Self::of(enterprise_id, current(conn, enterprise_id)?))
    }

    fn of(enterprise_id: Uuid, values: Vec<Current>) -> Self {
        let current = values.into_iter().map(|one| (place(&one.held, one.bank_id), one));
        Self {
            enterprise_id,
            current: current.collect(),
            is_noted: false,
        }
    }

    fn outlook(&self, new: &NewFact, source_id: Uuid) -> Outlook {
        match self.current.get(&place(&new.held, new.bank_id)) {
            None => Outlook::New,
            Some(old) if old.held == new.held && old.source_id == source_id => Outlook::Unchanged,
            Some(old) if old.held.observed_on > new.held.observed_on => Outlook::Late(old.held),
            Some(old) => Outlook::Changed(old.held),
        }
    }

    /// What recording a value would do; later rows are looked at as if it had been recorded.
    pub fn foresee(&mut self, new: &NewFact, source_id: Uuid) -> Outlook {
        let outlook = self.outlook(new, source_id);
        if matches!(outlook, Outlook::New | Outlook::Changed(_)) {
            self.take(new, source_id, Uuid::nil());
        }
        outlook
    }

    fn take(&mut self, new: &NewFact, source_id: Uuid, id: Uuid) {
        let now_current = Current {
            id,
            held: new.held,
            bank_id: new.bank_id,
            source_id,
        };
        self.current.insert(place(&new.held, new.bank_id), now_current);
    }

    /// Records a value. One that is current already is left alone; one that was observed before the
    /// current one goes straight into the history.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record(
        &mut self,
        conn: &mut AnyConnection,
        new: &NewFact,
        from: &Provenance,
        clock: &dyn Clock,
    ) -> Result<Outlook, StoreError> {
        let outlook = self.outlook(new, from.source_id);
        let is_late = matches!(outlook, Outlook::Late(_));
        if outlook == Outlook::Unchanged {
            return Ok(outlook);
        }
        let old = self.current.get(&place(&new.held, new.bank_id));
        let predecessor = old.filter(|_| !is_late).map(|old| old.id);
        if let Some(id) = predecessor {
            diesel::update(fact::table.find(id.to_string()))
                .set(fact::current.eq(false))
                .execute(conn)?;
        }
        let id = insert(conn, self.enterprise_id, new, from, (predecessor, !is_late), clock)?;
        if !is_late {
            self.take(new, from.source_id, id);
            if !self.is_noted {
                profile_changed(conn, self.enterprise_id)?;
                self.is_noted = true;
            }
        }
        Ok(outlook)
    }
}

/// Records values of one enterprise, and says what became of each.
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
    let mut ledger = match values {
        // One value is looked up by the index; a whole profile is cheaper read at once.
        [one] => Ledger::of(enterprise_id, current_of(conn, enterprise_id, one.held.key)?),
        _ => Ledger::open(conn, enterprise_id)?,
    };
    let mut changes = Vec::with_capacity(values.len());
    for new in values {
        changes.push(match ledger.record(conn, new, from, clock)? {
            Outlook::New => Change::Created,
            Outlook::Changed(_) | Outlook::Late(_) => Change::Updated,
            Outlook::Unchanged => Change::Unchanged,
        });
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
