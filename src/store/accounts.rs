//! Users.

use super::columns::{Coded, Parsed};
use super::connection::AnyConnection;
use super::error::StoreError;
use super::schema::sign_in::password_history;
use super::schema::{account, enterprise, organisation};
use crate::clock::Clock;
use crate::domain::actor::{Actor, Role};
use crate::domain::codes::Code;
use crate::domain::email::Email;
use crate::domain::message::MailChoice;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use std::fmt;
use uuid::Uuid;

/// What signing in needs to know of a user. Not to be logged: it prints without the hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Who the user is.
    pub actor: Actor,
    /// The hash of the password, with its algorithm and parameters.
    pub password_hash: String,
    /// Whether the user may sign in.
    pub active: bool,
    /// Under which number what the user begins is alive.
    pub stamp: i64,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("actor", &self.actor)
            .field("active", &self.active)
            .finish_non_exhaustive()
    }
}

/// A user to be added.
pub struct NewAccount<'a> {
    /// The user's organisation, of a kind that the role fits.
    pub organisation_id: Uuid,
    /// The address that the user signs in with.
    pub email: &'a Email,
    /// The user's name.
    pub name: &'a str,
    /// What the user is.
    pub role: Role,
    /// The hash of the password, with its algorithm and parameters.
    pub password_hash: &'a str,
}

/// The columns of an [`Actor`], in the order of [`ActorRow`].
pub(super) type ActorColumns = (
    account::id,
    account::name,
    account::role,
    organisation::id,
    organisation::name,
    organisation::district_code,
);
pub(super) const ACTOR: ActorColumns = (
    account::id,
    account::name,
    account::role,
    organisation::id,
    organisation::name,
    organisation::district_code,
);
pub(super) type ActorRow = (Parsed<Uuid>, String, Coded<Role>, Parsed<Uuid>, String, String);

pub(super) fn actor((user, name, role, organisation, organisation_name, district_code): ActorRow) -> Actor {
    Actor {
        user_id: user.0,
        name,
        role: role.0,
        organisation_id: organisation.0,
        organisation_name,
        district_code,
        origin: None,
    }
}

type CredentialsRow = (ActorRow, String, bool, i64);
type CredentialsColumns = (ActorColumns, account::password_hash, account::active, account::stamp);
const CREDENTIALS: CredentialsColumns = (ACTOR, account::password_hash, account::active, account::stamp);

fn credentials((row, password_hash, active, stamp): CredentialsRow) -> Credentials {
    Credentials {
        actor: actor(row),
        password_hash,
        active,
        stamp,
    }
}

/// The user with this address, active or not.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn by_email(conn: &mut AnyConnection, email: &Email) -> Result<Credentials, StoreError> {
    let row: CredentialsRow = account::table
        .inner_join(organisation::table)
        .filter(account::email.eq(email.as_str()))
        .select(CREDENTIALS)
        .first(conn)?;
    Ok(credentials(row))
}

/// The user with this id, active or not.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none.
pub fn by_id(conn: &mut AnyConnection, id: Uuid) -> Result<Credentials, StoreError> {
    let row: CredentialsRow = account::table
        .inner_join(organisation::table)
        .filter(account::id.eq(id.to_string()))
        .select(CREDENTIALS)
        .first(conn)?;
    Ok(credentials(row))
}

/// The address that a user signs in with.
///
/// # Errors
/// [`StoreError::NotFound`] where there is no such user.
pub fn address(conn: &mut AnyConnection, id: Uuid) -> Result<Email, StoreError> {
    let email: Parsed<Email> = account::table.find(id.to_string()).select(account::email).first(conn)?;
    Ok(email.0)
}

/// Adds a user, active.
///
/// # Errors
/// [`StoreError::Duplicate`] where the address is taken.
pub fn insert(conn: &mut AnyConnection, new: &NewAccount<'_>, clock: &dyn Clock) -> Result<Uuid, StoreError> {
    let id = clock.new_id();
    diesel::insert_into(account::table)
        .values((
            account::id.eq(id.to_string()),
            account::organisation_id.eq(new.organisation_id.to_string()),
            account::email.eq(new.email.as_str()),
            account::name.eq(new.name),
            account::role.eq(new.role.code()),
            account::password_hash.eq(new.password_hash),
            account::active.eq(true),
            account::created_at.eq(clock.now().naive_utc()),
            account::password_set_at.eq(clock.now().naive_utc()),
        ))
        .execute(conn)?;
    Ok(id)
}

/// When a user's password was set.
///
/// # Errors
/// [`StoreError::NotFound`] where there is no such user.
pub fn password_set_at(conn: &mut AnyConnection, id: Uuid) -> Result<DateTime<Utc>, StoreError> {
    let at: NaiveDateTime = account::table
        .find(id.to_string())
        .select(account::password_set_at)
        .first(conn)?;
    Ok(at.and_utc())
}

/// Whose password it is, for the rule that it must not name its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordOwner {
    /// The address that the user signs in with.
    pub email: String,
    /// The user's name.
    pub name: String,
}

/// Whose password a new one of this user would be.
///
/// # Errors
/// [`StoreError::NotFound`] where there is no such user.
pub fn owner_of_password(conn: &mut AnyConnection, id: Uuid) -> Result<PasswordOwner, StoreError> {
    let (email, name) = account::table
        .find(id.to_string())
        .select((account::email, account::name))
        .first(conn)?;
    Ok(PasswordOwner { email, name })
}

/// The hashes of a user's last passwords, the present one first.
///
/// # Errors
/// [`StoreError::NotFound`] where there is no such user.
pub fn last_hashes(conn: &mut AnyConnection, id: Uuid, most: usize) -> Result<Vec<String>, StoreError> {
    let present: String = account::table
        .find(id.to_string())
        .select(account::password_hash)
        .first(conn)?;
    let former: Vec<String> = password_history::table
        .filter(password_history::account_id.eq(id.to_string()))
        .order(password_history::replaced_at.desc())
        .select(password_history::password_hash)
        .load(conn)?;
    Ok([present].into_iter().chain(former).take(most).collect())
}

/// Gives a user another password. The `history` last ones, with this one, are remembered.
///
/// # Errors
/// [`StoreError::NotFound`] where there is no such user.
pub fn change_password(
    conn: &mut AnyConnection,
    id: Uuid,
    password_hash: &str,
    history: usize,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let mut former = last_hashes(conn, id, 1)?;
    let now = clock.now().naive_utc();
    diesel::update(account::table.find(id.to_string()))
        .set((
            account::password_hash.eq(password_hash),
            account::password_set_at.eq(now),
        ))
        .execute(conn)?;
    if let Some(former) = former.pop() {
        diesel::insert_into(password_history::table)
            .values((
                password_history::id.eq(clock.new_id().to_string()),
                password_history::account_id.eq(id.to_string()),
                password_history::password_hash.eq(former),
                password_history::replaced_at.eq(now),
            ))
            .execute(conn)?;
    }
    let of_user = password_history::table.filter(password_history::account_id.eq(id.to_string()));
    let ids: Vec<String> = of_user
        .order(password_history::replaced_at.desc())
        .select(password_history::id)
        .load(conn)?;
    for old in ids.iter().skip(history.saturating_sub(1)) {
        diesel::delete(password_history::table.find(old)).execute(conn)?;
    }
    Ok(())
}

/// The active users of an organisation.
///
/// # Errors
/// When the database fails.
pub fn active_of(conn: &mut AnyConnection, organisation_id: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let ids: Vec<Parsed<Uuid>> = account::table
        .filter(account::organisation_id.eq(organisation_id.to_string()))
        .filter(account::active.eq(true))
        .order(account::created_at)
        .select(account::id)
        .load(conn)?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// The active users who speak for an enterprise; none for one that has not registered.
///
/// # Errors
/// When the database fails.
pub fn active_of_enterprise(conn: &mut AnyConnection, enterprise_id: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let ids: Vec<Parsed<Uuid>> = account::table
        .inner_join(enterprise::table.on(enterprise::organisation_id.eq(account::organisation_id.nullable())))
        .filter(enterprise::id.eq(enterprise_id.to_string()))
        .filter(account::active.eq(true))
        .order(account::created_at)
        .select(account::id)
        .load(conn)?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// The active users of an organisation with a role.
///
/// # Errors
/// When the database fails.
pub fn active_with_role(conn: &mut AnyConnection, organisation_id: Uuid, role: Role) -> Result<Vec<Uuid>, StoreError> {
    let ids: Vec<Parsed<Uuid>> = account::table
        .filter(account::organisation_id.eq(organisation_id.to_string()))
        .filter(account::role.eq(role.code()))
        .filter(account::active.eq(true))
        .order(account::created_at)
        .select(account::id)
        .load(conn)?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// Which messages a user wants by mail too.
///
/// # Errors
/// [`StoreError::NotFound`] where there is no such user.
pub fn mail_choice(conn: &mut AnyConnection, id: Uuid) -> Result<MailChoice, StoreError> {
    let choice: Coded<MailChoice> = account::table.find(id.to_string()).select(account::mails).first(conn)?;
    Ok(choice.0)
}

/// Keeps which messages a user wants by mail too.
///
/// # Errors
/// [`StoreError::NotFound`] where there is no such user.
pub fn choose_mails(conn: &mut AnyConnection, id: Uuid, choice: MailChoice) -> Result<(), StoreError> {
    let chosen = diesel::update(account::table.find(id.to_string()))
        .set(account::mails.eq(choice.code()))
        .execute(conn)?;
    if chosen == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// How many users there are.
///
/// # Errors
/// When the database fails.
pub fn count(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    Ok(account::table.count().get_result(conn)?)
}
