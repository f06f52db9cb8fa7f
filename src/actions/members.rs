//! Keeping users: an enterprise's owners keep its own, administrators the district's.

use super::{ActionError, Service, may_see};
use crate::clock::Clock;
use crate::domain::actor::{Actor, Right, Role, may_make};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::Code;
use crate::domain::invalid::{Problem, Rule};
use crate::domain::message::{Message, Recipient, Topic};
use crate::domain::place::Place;
use crate::store::{AnyConnection, audit, organisations, outbox, sessions, users};
use uuid::Uuid;

pub use crate::store::users::StoredUser;

/// The users that the actor keeps, of one organisation where its code is given, newest first: at most `limit`
/// of those before `before`.
///
/// # Errors
/// [`ActionError::NotFound`] for who keeps none, or for an organisation that the actor does not see.
pub fn list(
    service: &Service,
    actor: &Actor,
    organisation: Option<&str>,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredUser>, ActionError> {
    let scope = may_see(actor, Right::KeepUsers)?;
    service.store.read(|conn| {
        let organisation = organisation.map(|code| organisations::by_code_in(conn, &scope, code));
        let id = organisation.transpose()?.map(|found| found.id);
        Ok(users::list(conn, &scope, id, before, limit)?)
    })
}

/// Makes a user into another role, and ends its sessions at once.
///
/// # Errors
/// [`ActionError::NotFound`] for a user that the actor does not keep, [`ActionError::Invalid`] for a role that
/// it may not give there, or where nobody with the present one would be left, [`ActionError::Stale`] where
/// the user has that role already.
pub fn set_role(service: &Service, actor: &Actor, id: Uuid, role: Role) -> Result<(), ActionError> {
    let scope = may_see(actor, Right::KeepUsers)?;
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let user = users::by_id(conn, &scope, id)?;
        if !may_make(actor.role, user.kind, role) {
            return Err(Problem {
                field: "role".to_owned(),
                rule: Rule::UnknownCode(role.to_string()),
            }
            .into());
        }
        if user.role == role {
            return Err(ActionError::Stale);
        }
        keep_one(conn, actor, &user)?;
        users::set_role(conn, &user, role)?;
        let changed = Changed {
            action: AuditAction::RoleChanged,
            topic: Topic::RoleChanged,
            before: user.role.code(),
            after: role.code(),
            role,
        };
        settle(conn, actor, &user, &changed, clock)
    })
}

/// Shuts a user out, ending its sessions at once, or lets it in again.
///
/// # Errors
/// [`ActionError::NotFound`] for a user that the actor does not keep, [`ActionError::Invalid`] where nobody
/// with its role would be left, [`ActionError::Stale`] where that was done already.
pub fn set_active(service: &Service, actor: &Actor, id: Uuid, active: bool) -> Result<(), ActionError> {
    let scope = may_see(actor, Right::KeepUsers)?;
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let user = users::by_id(conn, &scope, id)?;
        if !active {
            keep_one(conn, actor, &user)?;
        }
        users::set_active(conn, &user, active)?;
        let changed = if active {
            Changed {
                action: AuditAction::UserEnabled,
                topic: Topic::AccountEnabled,
                before: "disabled",
                after: "active",
                role: user.role,
            }
        } else {
            Changed {
                action: AuditAction::UserDisabled,
                topic: Topic::AccountDisabled,
                before: "active",
                after: "disabled",
                role: user.role,
            }
        };
        settle(conn, actor, &user, &changed, clock)
    })
}

/// Of those who keep users one has to stay: an enterprise's last owner, a centre's last administrator.
fn keep_one(conn: &mut AnyConnection, actor: &Actor, user: &StoredUser) -> Result<(), ActionError> {
    if user.role != actor.role {
        return Ok(());
    }
    let keepers = users::active_with_role(conn, user.organisation_id, user.role)?;
    if keepers.iter().any(|keeper| *keeper != user.id) {
        return Ok(());
    }
    Err(Problem {
        field: "user".to_owned(),
        rule: Rule::LastOne,
    }
    .into())
}

/// What became of a user.
struct Changed {
    action: AuditAction,
    topic: Topic,
    before: &'static str,
    after: &'static str,
    role: Role,
}

/// Ends the user's sessions, tells it, and notes it.
fn settle(
    conn: &mut AnyConnection,
    actor: &Actor,
    user: &StoredUser,
    changed: &Changed,
    clock: &dyn Clock,
) -> Result<(), ActionError> {
    sessions::end_everything(conn, user.id)?;
    let parameters = [
        ("organisation", user.organisation_name.as_str()),
        ("by", actor.name.as_str()),
        ("role", changed.role.label()),
    ];
    let message = Message {
        // It may be changed back and forth: each time is told.
        event: format!("account:{}:{}:{}", user.id, changed.topic, clock.new_id()),
        to: Recipient::Account(user.id),
        topic: changed.topic,
        parameters: parameters
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        link: (changed.topic != Topic::AccountDisabled).then(|| "/login".to_owned()),
    };
    outbox::put(conn, &message, clock)?;
    let entry = AuditEntry {
        action: changed.action,
        subject: format!("account:{}", user.id),
        before: Some(changed.before.to_owned()),
        after: Some(changed.after.to_owned()),
    };
    Ok(audit::append(conn, actor, &entry, clock)?)
}
