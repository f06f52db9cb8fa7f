//! Adding users.

use super::{ActionError, Service};
use crate::clock::Clock;
use crate::config::Secret;
use crate::domain::actor::Role;
use crate::domain::email::Email;
use crate::domain::invalid::{Problems, Rule};
use crate::domain::password::Whose;
use crate::domain::product::NAME_CHARS;
use crate::store::accounts::NewAccount;
use crate::store::{StoreError, accounts, organisations};
use uuid::Uuid;

/// A user to be added.
#[derive(Clone, Copy)]
pub struct NewUser<'a> {
    /// Code of the organisation.
    pub organisation: &'a str,
    /// The address that the user signs in with.
    pub email: &'a str,
    /// The user's name.
    pub name: &'a str,
    /// What the user is.
    pub role: Role,
    /// The password.
    pub password: &'a Secret,
}

/// Adds a user to an organisation of a kind that the role fits. For the command line, which whoever
/// runs the service can use; nobody's rights are asked.
///
/// # Errors
/// [`ActionError::Invalid`] for each field that is wrong; an address that is taken among them.
pub fn add(service: &Service, new: NewUser<'_>) -> Result<Uuid, ActionError> {
    let mut problems = Problems::default();
    let email = problems.take("email", new.email.parse::<Email>());
    problems.text("name", new.name, NAME_CHARS);
    let whose = Whose {
        email: new.email,
        name: new.name,
    };
    let hash = service.hash_new(new.password, whose, &mut problems)?;
    let (Some(email), Some(hash)) = (email, hash) else {
        return Err(problems.into());
    };
    problems.or(())?;
    let clock: &dyn Clock = service.clock.as_ref();
    service.store.write(|conn| {
        let mut problems = Problems::default();
        let organisation = match organisations::by_code(conn, new.organisation) {
            Ok(found) => found,
            Err(StoreError::NotFound) => {
                problems.add("organisation", Rule::NotFound(new.organisation.to_owned()));
                return Err(problems.into());
            }
            Err(error) => return Err(error.into()),
        };
        if !new.role.fits(organisation.organisation.kind) {
            problems.add("role", Rule::UnknownCode(new.role.to_string()));
            return Err(problems.into());
        }
        let account = NewAccount {
            organisation_id: organisation.id,
            email: &email,
            name: new.name,
            role: new.role,
            password_hash: &hash,
        };
        match accounts::insert(conn, &account, clock) {
            Err(StoreError::Duplicate(_)) => {
                problems.add("email", Rule::Duplicate(email.as_str().to_owned()));
                Err(problems.into())
            }
            other => Ok::<Uuid, ActionError>(other?),
        }
    })
}
