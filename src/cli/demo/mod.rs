//! The district that `rongqiao demo` shows: believable, the same every time, and plainly invented.
//!
//! Organisations and products are written by hand (`config/demo`); 299 companies and most requests are
//! drawn from a fixed seed; one company, [`HERO`], is written by hand again, so that the page of its
//! match tells the story of the product. Every date is relative to the day of the demo. Whatever names a
//! bank or a company says 示例, telephone numbers and addresses lead nowhere, and no credit code is one
//! that is given to anybody.
//!
//! [`demo`] knows nothing of a database: `fill` puts its rows there, and `run` serves it.

mod company;
mod files;
mod fill;
mod handed;
mod hero;
mod joining;
mod known;
mod people;
mod random;
mod requests;
mod run;
mod trades;
mod year;

#[cfg(test)]
mod tests;

use super::failure::Failure;
use crate::domain::dates::Day;
use crate::domain::enterprise::{EnterpriseForm, FactForm};
use crate::domain::maps::UniqueMap;
use crate::domain::organisation::OrganisationForm;
use crate::domain::product::ProductForm;
use crate::domain::profile::{Held, engine_facts};
use crate::domain::request::{Need, RequestState};
use crate::domain::uscc::{Uscc, UsccError};
use random::Random;

pub use files::{organisations, products};
pub use fill::{Account, fill};
pub use hero::{HERO, HERO_NAME};
pub use run::{Args, run};

/// The district of the demo: 上街区.
pub const DISTRICT: &str = "410106";

/// Who says a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The enterprise: a declared value.
    Itself,
    /// The organisation with this code: a verified value.
    Organisation(&'static str),
}

/// A value known of an enterprise, with who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoFact {
    /// The value, when it was observed, and until when it holds.
    pub held: Held,
    /// Who says so.
    pub source: Source,
    /// Code of the bank that it is about; bank-owned facts only.
    pub bank: Option<&'static str>,
}

/// An enterprise with every value known of it, expired ones too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoEnterprise {
    /// Its credit code.
    pub uscc: Uscc,
    /// Its name.
    pub name: String,
    /// When it was founded.
    pub established_on: Day,
    /// What is known of it.
    pub facts: Vec<DemoFact>,
}

impl DemoEnterprise {
    /// The enterprise as the engine sees it on `today`: of each fact the one value that counts.
    #[must_use]
    pub fn form(&self, today: Day) -> EnterpriseForm {
        let held: Vec<Held> = self.facts.iter().map(|fact| fact.held).collect();
        let mut facts = UniqueMap::default();
        for (key, fact) in engine_facts(&held, today).iter() {
            let form = FactForm {
                value: key.spec().kind.scalar(fact.value),
                verified: fact.verified,
                valid_until: fact.valid_until,
            };
            facts.set(key, form);
        }
        EnterpriseForm {
            uscc: self.uscc.to_string(),
            name: self.name.clone(),
            established_on: Some(self.established_on),
            facts,
        }
    }
}

/// A request of an enterprise, in a state that it can be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoRequest {
    /// Whose it is.
    pub uscc: Uscc,
    /// What is asked for.
    pub need: Need,
    /// Where it is in its life.
    pub state: RequestState,
    /// When it was first written.
    pub created_on: Day,
    /// When it was submitted; absent for a draft.
    pub submitted_on: Option<Day>,
}

/// The whole district.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The centre, the departments, the banks and the leasing company.
    pub organisations: Vec<OrganisationForm>,
    /// The products, in every state.
    pub products: Vec<ProductForm>,
    /// 300 enterprises, the hero first.
    pub enterprises: Vec<DemoEnterprise>,
    /// What was asked for in the past year, and drafts; oldest first.
    pub requests: Vec<DemoRequest>,
}

/// The district on `today`.
///
/// # Errors
/// Where a file or a code of it breaks a rule; the tests hold that none does.
pub fn demo(today: Day) -> Result<Demo, Failure> {
    let (enterprises, requests) = drawn(today).map_err(|reason| Failure::Other(format!("demo: {reason}")))?;
    Ok(Demo {
        organisations: organisations()?,
        products: products(today)?,
        enterprises,
        requests,
    })
}

fn drawn(today: Day) -> Result<(Vec<DemoEnterprise>, Vec<DemoRequest>), UsccError> {
    let companies = company::companies(today)?;
    let hero = hero::enterprise(today)?;
    let mut requests = requests::requests(&companies, today, &mut Random::new(2_026));
    requests.extend(requests::before(&companies, today, &mut Random::new(1_224)));
    requests.extend(hero::requests(hero.uscc, today));
    requests.sort_by_key(|request| request.created_on);
    let mut random = Random::new(31_007);
    let mut enterprises = vec![hero];
    enterprises.extend(
        companies
            .into_iter()
            .map(|company| known::known(company, today, &mut random)),
    );
    Ok((enterprises, requests))
}
