//! The centre's desk: one queue of all that waits for the centre, the oldest deadline first.
//!
//! Which officer sees to an item is said by a claim: it keeps colleagues from doing the same work, and binds nobody
//! else's hands. It ends when it is given back or taken over, and by itself when the item leaves the desk: an item that
//! comes again comes later than the claim. Deciding an item is the other actions'.

use super::deadlines::{Counting, Left, counting};
use super::once::{self, OnceKey};
use super::{ActionError, Service, may_see, settings};
use crate::clock::civil_day;
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::batch::vouches_for;
use crate::domain::codes::{Code, Owner};
use crate::domain::desk::{DeskDeed, DeskKind, ItemName};
use crate::domain::dispute::checked_text;
use crate::domain::place::NoPlace;
use crate::store::desk::{self, Asked};
use crate::store::desk_work;
use crate::store::{AnyConnection, StoreError, audit, organisations, referrals};
use chrono::{DateTime, Utc};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

pub use crate::store::desk::Waiting;
pub use crate::store::desk_work::{Claim, Entry};

/// How many lines of its history an item shows at most.
const ENTRIES: i64 = 200;

/// An item of the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskItem {
    /// What waits.
    pub waiting: Waiting,
    /// Until when it should be decided.
    pub left: Left,
    /// Who sees to it.
    pub claim: Option<Claim>,
    /// How many notes there are of it.
    pub notes: i64,
}

impl DeskItem {
    fn place(&self) -> DeskPlace {
        DeskPlace {
            due_on: self.left.due_on.to_string(),
            since: self.waiting.since.timestamp_micros(),
            name: self.waiting.name(),
        }
    }
}

/// Where an item stands in the queue: by its deadline, then by when it came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeskPlace {
    due_on: String,
    since: i64,
    name: ItemName,
}

impl fmt::Display for DeskPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.due_on, self.since, self.name)
    }
}

impl FromStr for DeskPlace {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (due_on, rest) = text.split_once('.')?;
            let (since, name) = rest.split_once('.')?;
            Some(Self {
                due_on: due_on.to_owned(),
                since: since.parse().ok()?,
                name: name.parse().ok()?,
            })
        };
        read().ok_or(NoPlace)
    }
}

/// Which items a list holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeskFilter {
    /// Only those of this kind.
    pub kind: Option<DeskKind>,
    /// Only those that the actor sees to.
    pub is_mine: bool,
}

/// A page of the desk.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The items of the page, the oldest deadline first.
    pub items: Vec<DeskItem>,
    /// Where the list goes on.
    pub next: Option<DeskPlace>,
    /// How many there are of each kind, whatever the filter.
    pub counts: Vec<(DeskKind, usize)>,
    /// How many of all the actor sees to.
    pub mine: usize,
    /// How many of all are late.
    pub late: usize,
    /// Working days for a decision, and for the answer to a dispute.
    pub days: (u32, u32),
}

/// The desk of the actor's district, the oldest deadline first: at most `limit` items behind `after`.
///
/// # Errors
/// [`ActionError::NotFound`] for who has no desk.
pub fn list(
    service: &Service,
    actor: &Actor,
    filter: DeskFilter,
    after: Option<&DeskPlace>,
    limit: usize,
) -> Result<Desk, ActionError> {
    let scope = may_see(actor, Right::WorkDesk)?;
    let counting = counting(service)?;
    let (mut all, days) = service.store.read(|conn| {
        let (owners, days) = (owners(conn, actor)?, days(conn, service, actor)?);
        let waiting = desk::waiting(conn, &asked(service, &scope, &owners))?;
        Ok::<_, StoreError>((dressed(conn, waiting, days, &counting)?, days))
    })?;
    all.sort_by_cached_key(DeskItem::place);
    let is_mine = |item: &DeskItem| item.claim.as_ref().is_some_and(|claim| claim.by == actor.user_id);
    let of_kind = |kind: DeskKind| all.iter().filter(|item| item.waiting.name().kind == kind).count();
    let counts = DeskKind::ALL.iter().map(|kind| (*kind, of_kind(*kind))).collect();
    let (mine, late) = (
        all.iter().filter(|item| is_mine(item)).count(),
        all.iter().filter(|item| item.left.is_over).count(),
    );
    all.retain(|item| {
        filter.kind.is_none_or(|kind| item.waiting.name().kind == kind)
            && (!filter.is_mine || is_mine(item))
            && after.is_none_or(|after| *after < item.place())
    });
    let more = all.len() > limit;
    all.truncate(limit);
    Ok(Desk {
        next: all.last().filter(|_| more).map(DeskItem::place),
        items: all,
        counts,
        mine,
        late,
        days,
    })
}

/// An item with its history.
#[derive(Clone, Debug)]
pub struct DeskSheet {
    /// The item.
    pub item: DeskItem,
    /// What officers did with it, the newest first.
    pub entries: Vec<Entry>,
}

/// One item of the desk.
///
/// # Errors
/// [`ActionError::NotFound`] where none of this name stands on the actor's desk.
pub fn show(service: &Service, actor: &Actor, name: ItemName) -> Result<DeskSheet, ActionError> {
    let scope = may_see(actor, Right::WorkDesk)?;
    let counting = counting(service)?;
    service.store.read(|conn| {
        Ok(DeskSheet {
            item: one(conn, service, actor, &scope, name, &counting)?,
            entries: desk_work::entries(conn, name.id, ENTRIES)?,
        })
    })
}

/// The request that an item of the desk is about: one to refer by hand, or one on which a bank stays silent.
///
/// # Errors
/// [`ActionError::NotFound`] for an item that is about none, or that the actor does not see.
pub fn request_of(service: &Service, actor: &Actor, name: ItemName) -> Result<Uuid, ActionError> {
    let scope = may_see(actor, Right::ViewRequests)?;
    match name.kind {
        DeskKind::Request => Ok(name.id),
        DeskKind::Referral => {
            let found = service
                .store
                .read(|conn| referrals::visible_by_id(conn, &scope, name.id))?;
            Ok(found.request_id)
        }
        _ => Err(ActionError::NotFound),
    }
}

/// The actor sees to an item from now on. One that somebody else sees to is taken over only with a note. Who sees to
/// it already goes on.
///
/// # Errors
/// [`ActionError::NotFound`] where none of this name stands on the actor's desk, [`ActionError::Stale`] where somebody
/// else sees to it and no note says why that ends, [`ActionError::Invalid`] for a note that breaks a rule.
pub fn claim(service: &Service, actor: &Actor, name: ItemName, note: Option<&str>) -> Result<(), ActionError> {
    let scope = may_see(actor, Right::WorkDesk)?;
    let clock = service.clock.as_ref();
    let counting = counting(service)?;
    service.store.write(|conn| {
        let item = one(conn, service, actor, &scope, name, &counting)?;
        let note = note.map(|note| checked_text("note", note)).transpose()?;
        let held = item.claim.map(|claim| claim.by);
        let deed = match held {
            Some(by) if by == actor.user_id => DeskDeed::Noted,
            Some(_) => DeskDeed::TakenOver,
            None => DeskDeed::Claimed,
        };
        match (deed, &note) {
            (DeskDeed::Noted, None) => return Ok(()),
            (DeskDeed::TakenOver, None) => return Err(ActionError::Stale),
            (DeskDeed::Noted, Some(_)) => {}
            _ => {
                // One that does not count any more makes room too.
                let seen = desk_work::claims(conn, &[name.id])?.remove(&name.id);
                desk_work::claim(conn, name.id, actor.user_id, seen.as_ref(), clock)?;
            }
        }
        let change = (held, Some(actor.user_id));
        record(conn, service, actor, name, (deed, note.as_deref()), change)
    })
}

/// The actor does not see to an item any more.
///
/// # Errors
/// [`ActionError::NotFound`] where none of this name stands on the actor's desk, [`ActionError::Stale`] where the actor
/// does not see to it.
pub fn release(service: &Service, actor: &Actor, name: ItemName) -> Result<(), ActionError> {
    let scope = may_see(actor, Right::WorkDesk)?;
    let counting = counting(service)?;
    service.store.write(|conn| {
        let item = one(conn, service, actor, &scope, name, &counting)?;
        let held = item.claim.filter(|claim| claim.by == actor.user_id);
        let held = held.ok_or(ActionError::Stale)?;
        desk_work::release(conn, name.id, &held)?;
        let change = (Some(held.by), None);
        record(conn, service, actor, name, (DeskDeed::Released, None), change)
    })
}

/// Notes something on an item, once for each key.
///
/// # Errors
/// [`ActionError::NotFound`] where none of this name stands on the actor's desk, [`ActionError::Invalid`] for a text that
/// breaks a rule.
pub fn note(
    service: &Service,
    actor: &Actor,
    name: ItemName,
    text: &str,
    key: Option<&OnceKey>,
) -> Result<(), ActionError> {
    let scope = may_see(actor, Right::WorkDesk)?;
    let counting = counting(service)?;
    once::write(service, key, |conn| {
        one(conn, service, actor, &scope, name, &counting)?;
        let text = checked_text("text", text)?;
        let noted = (DeskDeed::Noted, Some(text.as_str()));
        record(conn, service, actor, name, noted, (None, None))
    })
}

/// The deed in the item's history and in the audit log, which has no notes.
fn record(
    conn: &mut AnyConnection,
    service: &Service,
    actor: &Actor,
    name: ItemName,
    (deed, text): (DeskDeed, Option<&str>),
    (before, after): (Option<Uuid>, Option<Uuid>),
) -> Result<(), ActionError> {
    let clock = service.clock.as_ref();
    desk_work::append(conn, name.id, actor.user_id, (deed, text), clock)?;
    let holder = |id: Option<Uuid>| id.map(|id| format!("account:{id}"));
    let entry = AuditEntry {
        action: match deed {
            DeskDeed::Claimed => AuditAction::DeskClaimed,
            DeskDeed::TakenOver => AuditAction::DeskTakenOver,
            DeskDeed::Released => AuditAction::DeskReleased,
            DeskDeed::Noted => AuditAction::DeskNoted,
        },
        subject: format!("desk:{name}"),
        before: holder(before),
        after: holder(after),
    };
    Ok(audit::append(conn, actor, &entry, clock)?)
}

/// The owners of facts whose disputes the actor's organisation answers.
fn owners(conn: &mut AnyConnection, actor: &Actor) -> Result<Vec<Owner>, StoreError> {
    let house = organisations::by_id(conn, actor.organisation_id)?.organisation;
    Ok(vouches_for(house.kind, &house.code))
}

fn asked<'a>(service: &Service, scope: &'a Scope, owners: &'a [Owner]) -> Asked<'a> {
    Asked {
        scope,
        owners,
        today: service.clock.today(),
        only: None,
    }
}

fn one(
    conn: &mut AnyConnection,
    service: &Service,
    actor: &Actor,
    scope: &Scope,
    name: ItemName,
    counting: &Counting,
) -> Result<DeskItem, ActionError> {
    let owners = owners(conn, actor)?;
    let waiting = desk::item(conn, &asked(service, scope, &owners), name)?;
    let days = days(conn, service, actor)?;
    let dressed = dressed(conn, vec![waiting], days, counting)?;
    dressed.into_iter().next().ok_or(ActionError::NotFound)
}

/// What waits, with its deadline, who sees to it, and how many notes there are.
fn dressed(
    conn: &mut AnyConnection,
    waiting: Vec<Waiting>,
    days: (u32, u32),
    counting: &Counting,
) -> Result<Vec<DeskItem>, StoreError> {
    let ids: Vec<Uuid> = waiting.iter().map(|one| one.id).collect();
    let mut claims = desk_work::claims(conn, &ids)?;
    let notes = desk_work::count_notes(conn, &ids)?;
    let dress = |waiting: Waiting| {
        let due_on = waiting
            .about
            .due_on(civil_day(waiting.since), days, counting.calendar());
        DeskItem {
            left: counting.to(due_on),
            claim: claims.remove(&waiting.id).filter(|claim| counts(claim, waiting.since)),
            notes: notes.get(&waiting.id).copied().unwrap_or(0),
            waiting,
        }
    };
    Ok(waiting.into_iter().map(dress).collect())
}

/// Working days for a decision, and for the answer to a dispute, in the district of a desk.
fn days(conn: &mut AnyConnection, service: &Service, actor: &Actor) -> Result<(u32, u32), StoreError> {
    let rules = settings::desk(conn, service, &actor.district_code)?;
    Ok((rules.decide_days, rules.dispute_days))
}

/// Whether a claim is of this coming of its item: one from before has ended with the item's leaving.
fn counts(claim: &Claim, since: DateTime<Utc>) -> bool {
    since <= claim.at
}
