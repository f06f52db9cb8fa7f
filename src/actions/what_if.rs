//! What would fit if something were otherwise: another amount, term or guarantee, or another value of a fact. Nothing
//! is saved, and nobody is told.

use super::{ActionError, Service, may_do, may_see};
use crate::domain::actor::{Actor, Right};
use crate::domain::codes::{Guarantee, Set};
use crate::domain::enterprise::Fact;
use crate::domain::facts::FactKey;
use crate::domain::invalid::{Problems, Rule};
use crate::domain::money::Fen;
use crate::domain::request::Need;
use crate::domain::scalar::Scalar;
use crate::domain::verdict::MatchResult;
use crate::matching::Applicant;
use crate::store::{enterprises, requests};
use uuid::Uuid;

/// What is taken to be otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Otherwise {
    /// The amount.
    pub amount_fen: Option<Fen>,
    /// The term.
    pub term_months: Option<u32>,
    /// The guarantees.
    pub guarantees: Option<Set<Guarantee>>,
    /// Facts, as if their owners vouched for them.
    pub facts: Vec<(FactKey, Scalar)>,
}

/// How products would stand to a request today.
///
/// # Errors
/// [`ActionError::NotFound`] where the actor sees no such request or it does not say yet what is asked for,
/// [`ActionError::Invalid`] for a value that breaks a rule.
pub fn look(service: &Service, actor: &Actor, id: Uuid, otherwise: &Otherwise) -> Result<MatchResult, ActionError> {
    let visible = may_see(actor, Right::ViewRequests)?;
    let today = service.clock.today();
    let (need, mut enterprise, loaded) = service.store.read(|conn| {
        let request = requests::by_id(conn, &visible, id)?;
        let scope = may_do(actor, Right::WriteRequests)?;
        let need = request.need.ok_or(ActionError::NotFound)?;
        let stored = enterprises::by_id(conn, &scope, request.enterprise_id, today)?;
        let loaded = service.catalogue.current(conn, today)?;
        Ok::<_, ActionError>((need, stored.enterprise, loaded))
    })?;
    let need = Need {
        amount_fen: otherwise.amount_fen.unwrap_or(need.amount_fen),
        term_months: otherwise.term_months.unwrap_or(need.term_months),
        guarantees: otherwise.guarantees.unwrap_or(need.guarantees),
        ..need
    };
    let mut problems = Problems::default();
    need.check(&mut problems);
    for (key, value) in &otherwise.facts {
        let field = format!("facts.{key}");
        if key.is_derived() {
            problems.add(field, Rule::Derived);
        } else if let Some(value) = problems.take(field, key.value(value)) {
            let fact = Fact {
                value,
                verified: true,
                valid_until: None,
            };
            enterprise.facts.set(*key, fact);
        }
    }
    problems.or(())?;
    let applicant = Applicant::new(&enterprise, today);
    let (line, _) = loaded.match_line(&id.to_string(), &applicant, &need);
    serde_json::from_slice(&line).map_err(ActionError::internal)
}
