//! The settings in force, to be looked at. They are changed where the service is run.

use super::{ActionError, Service, may_see};
use crate::domain::actor::{Actor, Right};

pub use crate::config::Setting;

/// Every setting in force, secrets hidden.
///
/// # Errors
/// [`ActionError::NotFound`] for who may not see them.
pub fn show(service: &Service, actor: &Actor) -> Result<Vec<Setting>, ActionError> {
    may_see(actor, Right::ViewSettings)?;
    service.settings.in_force().map_err(ActionError::internal)
}
