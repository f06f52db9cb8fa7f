//! Whether the service can do its work.

use super::{ActionError, Service};
use crate::store::products;

/// Asks the database something that touches it, and whether its schema is the one we know.
///
/// # Errors
/// When it does not answer, or the schema is another.
pub fn check(service: &Service) -> Result<(), ActionError> {
    service.store.check_schema().map_err(ActionError::internal)?;
    service.store.read(products::catalogue_version)?;
    Ok(())
}
