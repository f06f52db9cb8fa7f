//! Facts that departments and the centre hand in: looked at first and then taken up, or taken up at once
//! where a department's own system sends them.
//!
//! Both ways go through one plan (`plan`): what each row would do to what is known. On pages the plan is
//! shown, and taking it up is bound to it: where it has changed meanwhile nothing is done. Rows that
//! break a rule are left out and told; over the API one of them refuses the whole file. Who hands in
//! vouches only for its own facts (`domain::batch::vouches_for`), of enterprises of its own district.

mod handing;
mod keys;
mod plan;
mod withdraw;

pub use crate::domain::batch::{Counts, Outlook};
pub use crate::store::batches::StoredBatch;
pub use crate::store::feed_keys::StoredFeedKey;
pub use handing::{Handed, Taken, confirm, discard, hand_in, preview, show, take};
pub use keys::{KEY_PREFIX, MadeKey, departments, keys, let_in, make_key, revoke_key};
pub use plan::{PlannedRow, Preview, RefusedRow};
pub use withdraw::withdraw;

use super::{ActionError, Service, may_see};
use crate::domain::actor::{Actor, Right};
use crate::domain::batch::vouches_for;
use crate::domain::codes::Owner;
use crate::domain::place::Place;
use crate::store::batches::{self, BatchScope};
use crate::store::organisations::{self, StoredOrganisation};
use crate::store::{AnyConnection, StoreError};
use uuid::Uuid;

/// Who hands in: a user, or a department's own system by its key.
#[derive(Clone, Debug)]
pub enum Feeder {
    /// A user.
    User(Actor),
    /// A key.
    Key(KeyUse),
}

/// A key that lets in, and where the request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// The key.
    pub key_id: Uuid,
    /// Its department.
    pub organisation_id: Uuid,
    /// The district it belongs to.
    pub district_code: String,
    /// An address.
    pub origin: Option<String>,
}

impl Feeder {
    fn scope(&self) -> BatchScope {
        match self {
            Self::User(actor) => BatchScope {
                organisation_id: actor.organisation_id,
                feed_key_id: None,
            },
            Self::Key(key) => BatchScope {
                organisation_id: key.organisation_id,
                feed_key_id: Some(key.key_id),
            },
        }
    }

    fn district(&self) -> &str {
        match self {
            Self::User(actor) => &actor.district_code,
            Self::Key(key) => &key.district_code,
        }
    }

    const fn account_id(&self) -> Option<Uuid> {
        match self {
            Self::User(actor) => Some(actor.user_id),
            Self::Key(_) => None,
        }
    }
}

/// An organisation with the owners whose facts it hands in.
fn house(conn: &mut AnyConnection, organisation_id: Uuid) -> Result<(StoredOrganisation, Vec<Owner>), StoreError> {
    let found = organisations::by_id(conn, organisation_id)?;
    let owners = vouches_for(found.organisation.kind, &found.organisation.code);
    Ok((found, owners))
}

/// The owners whose facts the actor's organisation hands in.
///
/// # Errors
/// [`ActionError::NotFound`] for who hands in nothing.
pub fn owners(service: &Service, actor: &Actor) -> Result<Vec<Owner>, ActionError> {
    may_see(actor, Right::UploadFacts)?;
    let (_, owners) = service.store.read(|conn| house(conn, actor.organisation_id))?;
    Ok(owners)
}

/// What was handed in, newest first: at most `limit` of those before `before`. A key sees what came by it.
///
/// # Errors
/// [`ActionError::NotFound`] for who hands in nothing.
pub fn list(
    service: &Service,
    feeder: &Feeder,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<StoredBatch>, ActionError> {
    if let Feeder::User(actor) = feeder {
        may_see(actor, Right::UploadFacts)?;
    }
    Ok(service
        .store
        .read(|conn| batches::list(conn, feeder.scope(), before, limit))?)
}
