//! Inviting users by mail, and accepting that.

use super::once::{self, OnceKey};
use super::sign_in::{token, token_hash};
use super::{ActionError, Service, may_do, may_see};
use crate::clock::civil_minute;
use crate::config::Secret;
use crate::domain::actor::{Actor, OrganisationKind, Right, Role, Scope, may_invite};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::Code;
use crate::domain::email::Email;
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::message::{Message, Recipient, Topic};
use crate::domain::name::Name;
use crate::domain::password::Whose;
use crate::store::accounts::NewAccount;
use crate::store::invitations::{self, NewInvitation};
use crate::store::{AnyConnection, StoreError, accounts, audit, organisations, outbox, users};
use chrono::TimeDelta;
use uuid::Uuid;

pub use crate::store::invitations::StoredInvitation;

/// Whom to invite.
#[derive(Clone, Copy, Debug)]
pub struct Invite<'a> {
    /// Code of the organisation; an enterprise's owner names none.
    pub organisation: Option<&'a str>,
    /// The address.
    pub email: &'a str,
    /// As what.
    pub role: Role,
}

/// How many open invitations are listed.
const LISTED: i64 = 200;

/// Invites somebody by mail; a link that the organisation sent to the address before is no good from now on.
/// Whether the address has an account is not told: who follows the link learns it there.
///
/// # Errors
/// [`ActionError::Forbidden`] for who invites nobody, [`ActionError::Invalid`] for what is no address, an
/// organisation that the actor does not see, or a role that it may not give there.
pub fn invite(service: &Service, actor: &Actor, new: Invite<'_>, key: Option<&OnceKey>) -> Result<Uuid, ActionError> {
    let scope = may_do(actor, Right::InviteUsers)?;
    let email: Email = new.email.parse().map_err(|rule| Problem {
        field: "email".to_owned(),
        rule,
    })?;
    let (clock, days) = (service.clock.as_ref(), service.settings.joining.invite_days);
    let token = token(service);
    let hash = token_hash(&token);
    once::write(service, key, |conn| {
        let now = clock.now();
        let (organisation_id, organisation_name) = target(conn, actor, &scope, new)?;
        let invitation = NewInvitation {
            organisation_id,
            email: &email,
            role: new.role,
            token_hash: &hash,
            invited_by: actor.user_id,
            expires_at: now + TimeDelta::days(days.into()),
        };
        let id = invitations::put(conn, &invitation, clock)?;
        let parameters = [
            ("organisation", organisation_name),
            ("inviter", actor.name.clone()),
            ("role", new.role.label().to_owned()),
            ("until", civil_minute(invitation.expires_at)),
        ];
        let message = Message {
            event: format!("invitation:{id}"),
            to: Recipient::Address(email.to_string()),
            topic: Topic::Invitation,
            parameters: parameters.map(|(name, value)| (name.to_owned(), value)).into(),
            link: Some(format!("/invitation?token={token}")),
        };
        outbox::put(conn, &message, clock)?;
        let entry = AuditEntry {
            action: AuditAction::UserInvited,
            subject: format!("invitation:{id}"),
            before: None,
            after: Some(new.role.to_string()),
        };
        audit::append(conn, actor, &entry, clock)?;
        Ok(id)
    })
}

/// The organisation that the actor may invite this role into.
fn target(
    conn: &mut AnyConnection,
    actor: &Actor,
    scope: &Scope,
    new: Invite<'_>,
) -> Result<(Uuid, String), ActionError> {
    let missing = |code: &str| Problem {
        field: "organisation".to_owned(),
        rule: Rule::NotFound(code.to_owned()),
    };
    let (id, kind, name) = match (scope, new.organisation) {
        (Scope::Organisation(id), None) => (*id, OrganisationKind::Enterprise, actor.organisation_name.clone()),
        (Scope::Organisation(_), Some(code)) => return Err(missing(code).into()),
        (Scope::District(_), code) => {
            let code = code.unwrap_or_default();
            match organisations::by_code_in(conn, scope, code) {
                Ok(found) => (found.id, found.organisation.kind, found.organisation.name),
                Err(StoreError::NotFound) => return Err(missing(code).into()),
                Err(error) => return Err(error.into()),
            }
        }
    };
    if may_invite(actor.role, kind, new.role) {
        return Ok((id, name));
    }
    Err(Problem {
        field: "role".to_owned(),
        rule: Rule::UnknownCode(new.role.to_string()),
    }
    .into())
}

/// The open invitations that the actor could have made, newest first.
///
/// # Errors
/// [`ActionError::NotFound`] for who invites nobody.
pub fn list(service: &Service, actor: &Actor) -> Result<Vec<StoredInvitation>, ActionError> {
    let scope = may_see(actor, Right::InviteUsers)?;
    let now = service.clock.now();
    let mut open = service
        .store
        .read(|conn| invitations::list(conn, &scope, now, LISTED))?;
    open.retain(|one| may_invite(actor.role, one.kind, one.role));
    Ok(open)
}

/// Withdraws an open invitation: its link is no good from now on.
///
/// # Errors
/// [`ActionError::NotFound`] where there is none that the actor could have made.
pub fn withdraw(service: &Service, actor: &Actor, id: Uuid) -> Result<(), ActionError> {
    let scope = may_see(actor, Right::InviteUsers)?;
    service.store.write(|conn| {
        let found = invitations::by_id(conn, &scope, id)?;
        if !may_invite(actor.role, found.kind, found.role) {
            return Err(ActionError::NotFound);
        }
        invitations::delete(conn, id)?;
        let entry = AuditEntry {
            action: AuditAction::InvitationWithdrawn,
            subject: format!("invitation:{id}"),
            before: None,
            after: None,
        };
        Ok(audit::append(conn, actor, &entry, service.clock.as_ref())?)
    })
}

/// What an invitation's link invites to.
///
/// # Errors
/// [`ActionError::NotFound`] where it was accepted, withdrawn, replaced, or has ended.
pub fn opened(service: &Service, token: &Secret) -> Result<StoredInvitation, ActionError> {
    let (hash, now) = (token_hash(token.expose()), service.clock.now());
    Ok(service.store.read(|conn| invitations::by_token(conn, &hash, now))?)
}

/// Accepts an invitation: the user is there from now on, and signs in with address and password.
///
/// # Errors
/// [`ActionError::NotFound`] where the link is no good any more; [`ActionError::Invalid`] for a name or a
/// password that breaks a rule, or an address that has an account already, the link then still being good.
pub fn accept(
    service: &Service,
    token: &Secret,
    name: &str,
    password: &Secret,
    origin: Option<&str>,
) -> Result<(), ActionError> {
    let invited = opened(service, token)?;
    let mut problems = Problems::default();
    let whose = Whose {
        email: invited.email.as_str(),
        name,
    };
    let hash = service.hash_new(password, whose, &mut problems)?;
    let name = problems.take("name", name.parse::<Name>());
    let (Some(name), Some(hash)) = (name, hash) else {
        return Err(problems.into());
    };
    let link_hash = token_hash(token.expose());
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let found = invitations::by_token(conn, &link_hash, clock.now())?;
        if users::has_address(conn, &found.email)? {
            let rule = Rule::Duplicate(found.email.to_string());
            let field = "email".to_owned();
            return Err(Problem { field, rule }.into());
        }
        let new = NewAccount {
            organisation_id: found.organisation_id,
            email: &found.email,
            name: name.as_str(),
            role: found.role,
            password_hash: &hash,
        };
        let id = accounts::insert(conn, &new, clock)?;
        invitations::delete(conn, found.id)?;
        let accepted = AuditEntry {
            action: AuditAction::InvitationAccepted,
            subject: format!("account:{id}"),
            before: None,
            after: Some(found.role.to_string()),
        };
        let actor = accounts::by_id(conn, id)?.actor;
        let actor = Actor {
            origin: origin.map(str::to_owned),
            ..actor
        };
        Ok(audit::append(conn, &actor, &accepted, clock)?)
    })
}
