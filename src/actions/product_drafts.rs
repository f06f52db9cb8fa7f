//! A bank's products as it keeps them: begun as drafts, and changed in a draft beside what is published.

use super::once::{self, OnceKey};
use super::products::checked_code;
use super::{ActionError, Service, may_do, may_see};
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::codes::ProductStatus;
use crate::domain::invalid::{Problem, Problems, Rule};
use crate::domain::product::{Product, ProductEvent, ProductForm};
use crate::domain::product_changes::changed_fields;
use crate::domain::product_checks;
use crate::store::product_keeping::{self, Expected};
use crate::store::{AnyConnection, StoreError, audit, organisations, products};

pub use crate::store::product_keeping::KeptProduct;

impl KeptProduct {
    /// In which fields the draft differs from what is published; all of them where nothing is.
    #[must_use]
    pub fn changed(&self) -> Vec<&'static str> {
        let Some(draft) = &self.draft else {
            return Vec::new();
        };
        changed_fields(&self.stored.product, draft)
    }

    /// What keeps the draft from being published: it could never fit anybody, or its quota is below what is taken.
    #[must_use]
    pub fn findings(&self) -> Problems {
        self.draft.as_ref().map_or_else(Problems::default, |draft| {
            let mut found = product_checks::check(draft).err().unwrap_or_default();
            let is_below = draft.quota_fen.is_some_and(|quota| quota < self.quota_taken);
            found.check(is_below, "quota_fen", || Rule::BelowTaken(self.quota_taken));
            found
        })
    }
}

/// The code of the actor's bank, which the forms of its products name.
///
/// # Errors
/// [`ActionError::Forbidden`] for who keeps no products.
pub fn own_bank(service: &Service, actor: &Actor) -> Result<String, ActionError> {
    may_do(actor, Right::KeepProducts)?;
    let own = service
        .store
        .read(|conn| organisations::by_id(conn, actor.organisation_id))?;
    Ok(own.organisation.code)
}

/// A product of the actor's own bank with its draft.
///
/// # Errors
/// [`ActionError::NotFound`] where the bank has none with this code, [`ActionError::Forbidden`] for who sees the
/// product and keeps none.
pub fn show(service: &Service, actor: &Actor, code: &str) -> Result<KeptProduct, ActionError> {
    service.store.read(|conn| Ok(own(conn, actor, code)?.1))
}

/// The scope in which the actor keeps products, and its own product with this code.
pub(super) fn own(conn: &mut AnyConnection, actor: &Actor, code: &str) -> Result<(Scope, KeptProduct), ActionError> {
    let code = checked_code(code)?;
    products::by_code(conn, &may_see(actor, Right::ViewProducts)?, code)?;
    let scope = may_do(actor, Right::KeepProducts)?;
    let kept = product_keeping::by_code(conn, &scope, code)?;
    Ok((scope, kept))
}

/// What a draft says, where it holds every rule: of this bank and this code, and with no life of its own.
fn parsed(form: &ProductForm, bank: &str, code: &str) -> Result<Product, ActionError> {
    let mut problems = Problems::default();
    problems.check(form.code != code, "code", || Rule::Fixed);
    problems.check(form.bank != bank, "bank", || Rule::Fixed);
    problems.check(form.status != ProductStatus::Draft, "status", || Rule::Fixed);
    problems.check(form.confirmed_on.is_some(), "confirmed_on", || Rule::Fixed);
    match Product::parse(form.clone()) {
        Ok(product) => Ok(problems.or(product)?),
        Err(more) => {
            problems.extend(more);
            Err(problems.into())
        }
    }
}

/// Begins a product of the actor's bank as a draft, once for each key.
///
/// # Errors
/// [`ActionError::Forbidden`] for who keeps no products, [`ActionError::Invalid`] where the form breaks a rule, is of
/// another bank, or its code is taken.
pub fn create(
    service: &Service,
    actor: &Actor,
    form: &ProductForm,
    key: Option<&OnceKey>,
) -> Result<KeptProduct, ActionError> {
    may_do(actor, Right::KeepProducts)?;
    let clock = service.clock.as_ref();
    let code: String = once::write(service, key, |conn| {
        let bank = organisations::by_id(conn, actor.organisation_id)?.organisation.code;
        let draft = parsed(form, &bank, &form.code)?;
        match product_keeping::insert(conn, &draft, actor.organisation_id, clock) {
            Err(StoreError::Duplicate(_)) => {
                let rule = Rule::Duplicate(draft.code.clone());
                return Err(problem("code", rule));
            }
            other => other?,
        };
        let entry = AuditEntry {
            action: AuditAction::ProductBegun,
            subject: format!("product:{}", draft.code),
            before: None,
            after: Some(ProductStatus::Draft.to_string()),
        };
        audit::append(conn, actor, &entry, clock)?;
        Ok(draft.code.clone())
    })?;
    show(service, actor, &code)
}

/// Keeps what the draft of a product now says. `edition` is the one that the change was made from; none: the newest.
///
/// # Errors
/// [`ActionError::Stale`] where another change came first, [`ActionError::Refused`] once it is closed,
/// [`ActionError::Invalid`] where the form breaks a rule.
pub fn save(
    service: &Service,
    actor: &Actor,
    code: &str,
    edition: Option<i32>,
    form: &ProductForm,
) -> Result<KeptProduct, ActionError> {
    let clock = service.clock.as_ref();
    service.store.write(|conn| {
        let (scope, kept) = own(conn, actor, code)?;
        let old = &kept.stored.product;
        old.status.next(ProductEvent::Edit)?;
        let new = parsed(form, &old.bank, &old.code)?;
        let expected = expected(&kept, edition);
        // A draft that says what is published is none.
        let is_published = kept.stored.version > 0 && old.status != ProductStatus::Draft;
        let is_same = is_published && changed_fields(old, &new).is_empty();
        let draft = Some(&new).filter(|_| !is_same);
        product_keeping::save_draft(conn, &scope, expected, draft, clock)?;
        let before = kept.draft.as_ref().unwrap_or(old);
        let entry = AuditEntry {
            action: AuditAction::ProductEdited,
            subject: format!("product:{code}"),
            before: None,
            after: Some(changed_fields(before, &new).join(" ")),
        };
        audit::append(conn, actor, &entry, clock)?;
        Ok(own(conn, actor, code)?.1)
    })
}

/// The product as the change found it, in the edition that it was made from.
pub(super) fn expected(kept: &KeptProduct, edition: Option<i32>) -> Expected {
    let found = Expected::from(&kept.stored);
    Expected {
        edition: edition.unwrap_or(found.edition),
        ..found
    }
}

/// One broken rule.
pub(super) fn problem(field: &str, rule: Rule) -> ActionError {
    Problem {
        field: field.to_owned(),
        rule,
    }
    .into()
}
