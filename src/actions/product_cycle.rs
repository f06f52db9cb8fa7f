//! What happens to a product: published, suspended, brought back, confirmed, closed; and its bank reminded.

use super::product_drafts::{KeptProduct, expected, own, problem};
use super::{ActionError, Service};
use crate::clock::civil_day;
use crate::domain::actor::Actor;
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::ProductStatus;
use crate::domain::dates::Day;
use crate::domain::invalid::Rule;
use crate::domain::link::path_segment;
use crate::domain::message::{Message, Recipient, Topic};
use crate::domain::product::{Product, ProductEvent, ProductForm, REMINDED_BEFORE_DAYS};
use crate::store::product_keeping::{self, EndingConfirmation, Expected, Publication};
use crate::store::{AnyConnection, StoreError, accounts, audit, outbox, publications};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// The last day on which what is confirmed today holds.
fn confirmed_until(service: &Service) -> Day {
    let days = i64::from(service.settings.products.confirm_days);
    service.clock.today().plus_days(days)
}

/// Publishes the draft as the next version, confirmed today. `edition` is the one that was reviewed; none: the newest.
/// The open requests are then matched with it again.
///
/// # Errors
/// [`ActionError::Invalid`] where nothing differs from what is published, where the draft could never fit anybody, or
/// where its quota is below what is taken; [`ActionError::Refused`] once it is closed; [`ActionError::Stale`] where
/// another change came first.
pub fn publish(service: &Service, actor: &Actor, code: &str, edition: Option<i32>) -> Result<KeptProduct, ActionError> {
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let (scope, kept) = own(conn, actor, code)?;
        let old = &kept.stored;
        let next = old.product.status.next(ProductEvent::Publish)?;
        let draft = kept.draft.as_ref().ok_or_else(|| problem("", Rule::NothingNew))?;
        if edition.is_some_and(|edition| edition != old.edition) {
            return Err(ActionError::Stale);
        }
        kept.findings().or(())?;
        let new = Product::parse(ProductForm {
            status: ProductStatus::Open,
            ..(**draft).clone()
        })?;
        let publication = Publication {
            product: &new,
            status: next,
            confirmed_until: confirmed_until(service),
        };
        let version = product_keeping::publish(conn, &scope, old, publication, clock)?;
        let entry = AuditEntry {
            action: AuditAction::ProductPublished,
            subject: format!("product:{code}"),
            before: Some(format!("{} {}", old.product.status, old.version)),
            after: Some(format!("{next} {version} {}", kept.changed().join(" "))),
        };
        audit::append(conn, actor, &entry, clock)?;
        if next == ProductStatus::Open {
            publications::queue(conn, old.id, clock)?;
        }
        Ok(own(conn, actor, code)?.1)
    })
}

/// Takes an open product out of the matching for a while.
///
/// # Errors
/// [`ActionError::Refused`] where it is not open, [`ActionError::Stale`] where someone else was faster.
pub fn suspend(service: &Service, actor: &Actor, code: &str) -> Result<KeptProduct, ActionError> {
    move_on(
        service,
        actor,
        code,
        ProductEvent::Suspend,
        AuditAction::ProductSuspended,
    )
}

/// Brings a suspended product back; the open requests are then matched with it again.
///
/// # Errors
/// [`ActionError::Refused`] where it is not suspended, [`ActionError::Stale`] where someone else was faster.
pub fn resume(service: &Service, actor: &Actor, code: &str) -> Result<KeptProduct, ActionError> {
    move_on(service, actor, code, ProductEvent::Resume, AuditAction::ProductResumed)
}

/// Closes a product for good.
///
/// # Errors
/// [`ActionError::Refused`] where it is closed, [`ActionError::Stale`] where someone else was faster.
pub fn close(service: &Service, actor: &Actor, code: &str) -> Result<KeptProduct, ActionError> {
    move_on(service, actor, code, ProductEvent::Close, AuditAction::ProductClosed)
}

fn move_on(
    service: &Service,
    actor: &Actor,
    code: &str,
    event: ProductEvent,
    action: AuditAction,
) -> Result<KeptProduct, ActionError> {
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let (scope, kept) = own(conn, actor, code)?;
        let status = kept.stored.product.status;
        let next = status.next(event)?;
        product_keeping::move_on(conn, &scope, expected(&kept, None), next, clock)?;
        let entry = AuditEntry {
            action,
            subject: format!("product:{code}"),
            before: Some(status.to_string()),
            after: Some(next.to_string()),
        };
        audit::append(conn, actor, &entry, clock)?;
        if event == ProductEvent::Resume {
            publications::queue(conn, kept.stored.id, clock)?;
        }
        Ok(own(conn, actor, code)?.1)
    })
}

/// Says that the terms of a product hold today. One that had left the matching is back in it.
///
/// # Errors
/// [`ActionError::Refused`] where it is a draft or closed, [`ActionError::Stale`] where someone else was faster.
pub fn confirm(service: &Service, actor: &Actor, code: &str) -> Result<KeptProduct, ActionError> {
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let (scope, kept) = own(conn, actor, code)?;
        let old = &kept.stored.product;
        old.status.next(ProductEvent::Confirm)?;
        product_keeping::confirm(
            conn,
            &scope,
            Expected::from(&kept.stored),
            confirmed_until(service),
            clock,
        )?;
        let entry = AuditEntry {
            action: AuditAction::ProductConfirmed,
            subject: format!("product:{code}"),
            before: old.confirmed_on.map(|day| day.to_string()),
            after: Some(clock.today().to_string()),
        };
        audit::append(conn, actor, &entry, clock)?;
        let had_lapsed = kept.stored.confirmed_until.is_none_or(|until| until < clock.today());
        if had_lapsed && old.status == ProductStatus::Open {
            publications::queue(conn, kept.stored.id, clock)?;
        }
        Ok(own(conn, actor, code)?.1)
    })
}

/// How many banks' products one turn reminds of.
pub const REMINDED_AT_A_TIME: i64 = 50;

/// Reminds banks of products whose confirmation ends soon, once for each confirmation: how many.
///
/// # Errors
/// When the database fails.
pub fn remind(service: &Service) -> Result<i64, ActionError> {
    let clock = service.clock.as_ref();
    let today = clock.today();
    let until = today.plus_days(REMINDED_BEFORE_DAYS);
    let reminded = service.store.write(|conn| {
        let ending = product_keeping::ending(conn, until, REMINDED_AT_A_TIME)?;
        for one in &ending {
            tell_ending(service, conn, one)?;
            product_keeping::note_reminded(conn, one.id, today)?;
        }
        Ok::<_, StoreError>(ending.len())
    })?;
    i64::try_from(reminded).map_err(ActionError::internal)
}

fn tell_ending(service: &Service, conn: &mut AnyConnection, one: &EndingConfirmation) -> Result<(), StoreError> {
    for account in accounts::active_of(conn, one.organisation_id)? {
        let message = Message {
            event: format!("product:{}:confirmed:{}:ends", one.id, one.confirmed_on),
            to: Recipient::Account(account),
            topic: Topic::ProductConfirmDue,
            parameters: BTreeMap::from([
                ("product".to_owned(), one.name.clone()),
                ("code".to_owned(), one.code.clone()),
                ("confirmed".to_owned(), one.confirmed_on.to_string()),
                ("until".to_owned(), one.confirmed_until.to_string()),
            ]),
            link: Some(format!("/bank/products/{}", path_segment(&one.code))),
        };
        outbox::put(conn, &message, service.clock.as_ref())?;
    }
    Ok(())
}

/// Of how many products banks are to be reminded.
///
/// # Errors
/// When the database fails.
pub fn to_remind(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<i64, StoreError> {
    product_keeping::count_ending(conn, civil_day(now).plus_days(REMINDED_BEFORE_DAYS))
}
