//! What the service does: one file a verb, each authorises, decides, and runs one transaction.
//!
//! The API and the pages are two skins over these functions. They block (the database does), so async
//! code runs them in `web::block`. What an actor may not see answers [`ActionError::NotFound`]; what it
//! may see but not do, [`ActionError::Forbidden`].

pub mod access;
pub mod answers;
pub mod approvals;
pub mod attachments;
pub mod audit;
pub mod authorisation;
pub mod calendars;
pub mod catalogue;
pub mod chain;
pub mod closing;
pub mod consents;
pub mod credit_profile;
pub mod deadlines;
pub mod desk;
pub mod digest;
pub mod disputes;
pub mod enterprises;
pub mod error;
pub mod exports;
pub mod feed;
pub mod guesses;
pub mod health;
pub mod import;
pub mod invitations;
pub mod jobs;
pub mod joining;
pub mod loans;
pub mod matches;
pub mod measures;
pub mod members;
pub mod messages;
pub mod monitor;
pub mod offers;
pub mod once;
pub mod open_requests;
pub mod organisations;
pub mod outbox;
pub mod password;
pub mod password_change;
pub mod product_cycle;
pub mod product_drafts;
pub mod products;
pub mod proposals;
pub mod publications;
pub mod queue;
pub mod records;
pub mod referrals;
pub mod registrations;
pub mod rematch;
pub mod reminders;
pub mod requests;
pub mod reroute;
pub mod resets;
pub mod sealing;
pub mod second_factor;
mod seen;
pub mod sessions;
pub mod settings;
pub mod sign_in;
pub mod simulations;
mod telling;
pub mod users;
pub mod what_if;

pub use error::ActionError;

use crate::clock::Clock;
use crate::config::{Config, Secret};
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::invalid::Problems;
use crate::domain::password::Whose;
use crate::store::Store;
use catalogue::LiveCatalogue;
use open_requests::OpenRequests;
use password::Passwords;
use sealing::Sealer;
use std::sync::Arc;
use uuid::Uuid;

/// Everything that an action needs. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    /// The database.
    pub store: Store,
    /// Time and randomness.
    pub clock: Arc<dyn Clock>,
    /// The compiled catalogue of today.
    pub catalogue: Arc<LiveCatalogue>,
    /// The open requests, as products are tried on them.
    pub open_requests: Arc<OpenRequests>,
    /// The rule and the cost of passwords.
    pub passwords: Arc<Passwords>,
    /// Seals what the database must not show.
    pub sealer: Arc<Sealer>,
    /// The settings in force.
    pub settings: Arc<Config>,
}

impl Service {
    /// The hash of a new password that holds the rule; none, with the rule noted, of one that does not.
    fn hash_new(
        &self,
        password: &Secret,
        whose: Whose<'_>,
        problems: &mut Problems,
    ) -> Result<Option<String>, ActionError> {
        noted(self.passwords.hash_new(password, whose), problems)
    }

    /// As [`Service::hash_new`], for a user who has a password: the new one is none of the last ones either. To be
    /// kept with `accounts::change_password`, in the transaction that ends the sessions.
    fn hash_replacement(
        &self,
        user_id: Uuid,
        password: &Secret,
        problems: &mut Problems,
    ) -> Result<Option<String>, ActionError> {
        noted(password::hash_replacement(self, user_id, password), problems)
    }
}

/// The hash; none, with the rule noted, where the password breaks one.
fn noted(hash: Result<String, ActionError>, problems: &mut Problems) -> Result<Option<String>, ActionError> {
    match hash {
        Ok(hash) => Ok(Some(hash)),
        Err(ActionError::Invalid(more)) => {
            problems.extend(more);
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

/// The rows on which the actor may exercise a right that shows something.
///
/// # Errors
/// [`ActionError::NotFound`] where it has none: what it may not see does not exist.
fn may_see(actor: &Actor, right: Right) -> Result<Scope, ActionError> {
    actor.scope(right).ok_or(ActionError::NotFound)
}

/// The rows on which the actor may exercise a right that changes something it can see.
///
/// # Errors
/// [`ActionError::Forbidden`] where it has none.
fn may_do(actor: &Actor, right: Right) -> Result<Scope, ActionError> {
    actor.scope(right).ok_or(ActionError::Forbidden)
}
