//! Organisations: the form that files and the API carry, and the organisation that can be stored.

use super::actor::OrganisationKind;
use super::invalid::{Problems, Rule};
use super::product::{CODE_CHARS, NAME_CHARS};
use super::uscc::Uscc;
use serde::{Deserialize, Serialize};

/// An organisation as it stands in files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganisationForm {
    /// Its code, unlike any other's; products name their bank by it.
    pub code: String,
    /// What it is.
    pub kind: OrganisationKind,
    /// Its name.
    pub name: String,
    /// The district it belongs to, six digits.
    pub district_code: String,
    /// Its credit code; an enterprise has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uscc: Option<String>,
    /// Whom to call, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// An organisation whose form holds every rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Its code.
    pub code: String,
    /// What it is.
    pub kind: OrganisationKind,
    /// Its name.
    pub name: String,
    /// The district it belongs to.
    pub district_code: String,
    /// Its credit code.
    pub uscc: Option<Uscc>,
    /// Whom to call.
    pub contact: Option<String>,
}

impl OrganisationKind {
    /// Whether it lends: wherever a bank is spoken of, a leasing company counts as one.
    #[must_use]
    pub const fn lends(self) -> bool {
        matches!(self, Self::Bank | Self::Leasing)
    }
}

/// Notes whether `code` is no district's code.
pub fn check_district(field: &str, code: &str, problems: &mut Problems) {
    let digits = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    problems.check(!digits, field, || Rule::WrongType("六位区划代码"));
}

impl Organisation {
    /// Holds the form against every rule.
    ///
    /// # Errors
    /// Each rule that is broken, with the path of its field.
    pub fn parse(form: OrganisationForm) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        problems.text("code", &form.code, CODE_CHARS);
        problems.text("name", &form.name, NAME_CHARS);
        check_district("district_code", &form.district_code, &mut problems);
        // Whom an enterprise's users act for is known by its credit code alone.
        let lacks_code = form.kind == OrganisationKind::Enterprise && form.uscc.is_none();
        problems.check(lacks_code, "uscc", || Rule::Required);
        let uscc = form
            .uscc
            .and_then(|code| problems.take("uscc", code.parse::<Uscc>().map_err(|reason| Rule::Uscc(reason.code()))));
        if let Some(contact) = &form.contact {
            problems.text("contact", contact, NAME_CHARS);
        }
        problems.or(Self {
            code: form.code,
            kind: form.kind,
            name: form.name,
            district_code: form.district_code,
            uscc,
            contact: form.contact,
        })
    }
}
