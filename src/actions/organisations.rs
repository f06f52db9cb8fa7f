//! Which organisations a district has, and adding those that don't register themselves.

use super::once::{self, OnceKey};
use super::{ActionError, Service, may_do, may_see};
use crate::domain::actor::{Actor, OrganisationKind, Right};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::Code;
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::name::Name;
use crate::domain::organisation::{Organisation, OrganisationForm};
use crate::store::{StoreError, audit, organisations};

pub use crate::store::organisations::StoredOrganisation;

/// The organisations of the actor's district, of one kind where it is named, by code: at most `limit` after
/// `after`.
///
/// # Errors
/// [`ActionError::NotFound`] for who sees none.
pub fn list(
    service: &Service,
    actor: &Actor,
    kind: Option<OrganisationKind>,
    after: &str,
    limit: i64,
) -> Result<Vec<StoredOrganisation>, ActionError> {
    let scope = may_see(actor, Right::ViewOrganisations)?;
    let one = kind.as_slice();
    let kinds = if one.is_empty() { OrganisationKind::ALL } else { one };
    Ok(service
        .store
        .read(|conn| organisations::list(conn, &scope, kinds, after, limit))?)
}

/// The organisation of the actor's district with this code.
///
/// # Errors
/// [`ActionError::NotFound`] where there is none.
pub fn show(service: &Service, actor: &Actor, code: &str) -> Result<StoredOrganisation, ActionError> {
    let scope = may_see(actor, Right::ViewOrganisations)?;
    Ok(service
        .store
        .read(|conn| organisations::by_code_in(conn, &scope, code))?)
}

/// An organisation to be added to the actor's district.
#[derive(Clone, Debug)]
pub struct NewOrganisation {
    /// Its code.
    pub code: String,
    /// What it is.
    pub kind: OrganisationKind,
    /// Its name.
    pub name: String,
    /// Its credit code.
    pub uscc: Option<String>,
    /// Whom to call.
    pub contact: Option<String>,
}

/// Adds a bank, a leasing company or a department. Enterprises register, and a district has one centre.
///
/// # Errors
/// [`ActionError::Forbidden`] for who adds none, [`ActionError::Invalid`] for each field that breaks a rule, a
/// code that is taken among them.
pub fn add(
    service: &Service,
    actor: &Actor,
    new: NewOrganisation,
    key: Option<&OnceKey>,
) -> Result<String, ActionError> {
    may_do(actor, Right::KeepOrganisations)?;
    let mut problems = Problems::default();
    let added = new.kind.lends() || new.kind == OrganisationKind::Department;
    problems.check(!added, "kind", || Rule::UnknownCode(new.kind.to_string()));
    let code = is_plain(&new.code);
    problems.check(!code && !new.code.is_empty(), "code", || {
        Rule::WrongType("小写字母、数字和连字符")
    });
    let name = problems.take("name", new.name.parse::<Name>());
    let form = OrganisationForm {
        code: new.code,
        kind: new.kind,
        name: name.map_or_else(|| "—".to_owned(), |name| name.to_string()),
        district_code: actor.district_code.clone(),
        uscc: new.uscc,
        contact: new.contact,
    };
    let parsed = Organisation::parse(form).map_err(|more| problems.extend(more)).ok();
    let Some(parsed) = parsed else {
        return Err(problems.into());
    };
    problems.or(())?;
    let clock = service.clock.as_ref();
    once::write(service, key, |conn| {
        match organisations::by_code(conn, &parsed.code) {
            Err(StoreError::NotFound) => {}
            Ok(_) => return Err(taken("code", &parsed.code)),
            Err(error) => return Err(error.into()),
        }
        let put = match organisations::put(conn, &parsed, clock) {
            Err(StoreError::Duplicate(_)) => {
                let uscc = parsed.uscc.map_or_else(String::new, |uscc| uscc.to_string());
                return Err(taken("uscc", &uscc));
            }
            other => other?,
        };
        let entry = AuditEntry {
            action: AuditAction::OrganisationAdded,
            subject: format!("organisation:{}", put.0),
            before: None,
            after: Some(parsed.kind.to_string()),
        };
        audit::append(conn, actor, &entry, clock)?;
        Ok(parsed.code.clone())
    })
}

fn taken(field: &str, value: &str) -> ActionError {
    Problem {
        field: field.to_owned(),
        rule: Rule::Duplicate(value.to_owned()),
    }
    .into()
}

/// Whether a code can stand in an address as it is.
fn is_plain(code: &str) -> bool {
    code.bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
