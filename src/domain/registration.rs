//! Somebody asks to speak for an enterprise, and an officer decides.
//!
//! The address was proven before the form was shown, so a registration begins as one that waits.

use super::codes::{Owner, codes};
use super::consent::{Terms, authorisation_text};
use super::dates::Day;
use super::email::Email;
use super::facts::FactKey;
use super::invalid::{Problems, Rule};
use super::machine::machine;
use super::name::Name;
use super::scalar::Scalar;
use super::uscc::Uscc;

codes! {
    /// Where a registration is.
    RegistrationState {
        Waiting = "waiting" "待审核",
        Approved = "approved" "已通过",
        Rejected = "rejected" "未通过",
    }
}

machine! {
    /// What an officer can decide.
    Decision of RegistrationState {
        /// The person speaks for the enterprise.
        Approve: Waiting => Approved;
        /// It does not, or the files don't show it.
        Reject: Waiting => Rejected;
    }
}

/// What is asked, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistrationForm {
    /// The enterprise's credit code.
    pub uscc: String,
    /// Its name.
    pub enterprise_name: String,
    /// The code of its industry.
    pub industry: String,
    /// The code of its town.
    pub town: String,
    /// The name of the person.
    pub person: String,
    /// Whose facts the platform may use.
    pub owners: Vec<Owner>,
    /// The text that was shown; none was agreed to where it is absent.
    pub text_version: Option<i32>,
    /// The last day on which that holds.
    pub until: Option<Day>,
}

/// What is asked, every rule held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The enterprise's credit code.
    pub uscc: Uscc,
    /// Its name.
    pub enterprise_name: Name,
    /// The code of its industry.
    pub industry: String,
    /// The code of its town.
    pub town: String,
    /// The name of the person.
    pub person: Name,
    /// Whose facts the platform may use.
    pub owners: Vec<Owner>,
    /// What was agreed to.
    pub terms: Terms,
}

impl Registration {
    /// Holds a form against every rule.
    ///
    /// # Errors
    /// Each rule that is broken, with its field.
    pub fn parse(form: &RegistrationForm, today: Day) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let uscc = Uscc::from_typed(&form.uscc).map_err(|reason| Rule::Uscc(reason.code()));
        let uscc = problems.take("uscc", uscc);
        let enterprise_name = problems.take("enterprise_name", form.enterprise_name.parse());
        for (key, code) in [(FactKey::Industry, &form.industry), (FactKey::Town, &form.town)] {
            let missing = code.is_empty().then_some(Rule::Required);
            let known = missing.map_or_else(|| key.value(&Scalar::Text(code.clone())).map(|_| ()), Err);
            problems.take(key.code(), known);
        }
        let person = problems.take("person", form.person.parse());
        problems.check(form.owners.is_empty(), "owners", || Rule::Empty);
        let terms = form.text_version.zip(form.until);
        let terms = problems
            .take("agree", terms.ok_or(Rule::Required))
            .map(|(text_version, until)| Terms { text_version, until });
        if let Some(terms) = terms {
            terms.check(authorisation_text(), today, "", &mut problems);
        }
        match (uscc, enterprise_name, person, terms) {
            (Some(uscc), Some(enterprise_name), Some(person), Some(terms)) => problems.or(Self {
                uscc,
                enterprise_name,
                industry: form.industry.clone(),
                town: form.town.clone(),
                person,
                owners: form.owners.clone(),
                terms,
            }),
            _ => Err(problems),
        }
    }
}

/// Who asks: the address that was proven, and the hash of the password that was chosen.
#[derive(Clone, Copy, Debug)]
pub struct Applicant<'a> {
    /// The address.
    pub email: &'a Email,
    /// The hash.
    pub password_hash: &'a str,
}

/// The longest reason that is given, in characters.
pub const REASON_CHARS: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_is_wrong_is_told_at_once() {
        let today: Day = "2026-11-01".parse().expect("a date");
        let problems = Registration::parse(&RegistrationForm::default(), today).expect_err("nothing is filled in");
        let fields: Vec<&str> = problems.list().iter().map(|one| one.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "uscc",
                "enterprise_name",
                "industry",
                "town",
                "person",
                "owners",
                "agree"
            ]
        );
    }
}
