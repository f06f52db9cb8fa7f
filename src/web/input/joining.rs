//! The forms of registering, inviting, and keeping users.

use super::form::many;
use super::upload::WithFiles;
use crate::actions::approvals::Approval;
use crate::config::Secret;
use crate::domain::actor::Role;
use crate::domain::codes::{Code, Owner};
use crate::domain::invalid::{Problems, Rule};
use crate::domain::registration::RegistrationForm;
use crate::domain::typed;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// An address, for a link to it.
#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct AddressForm {
    /// The address.
    #[validate(length(max = 1000))]
    pub email: String,
}

/// The link that leads to a page.
#[derive(Debug, Deserialize)]
pub struct TokenQuery {
    /// Its token.
    #[serde(default)]
    pub token: Secret,
}

/// What a page says was just done.
#[derive(Debug, Deserialize)]
pub struct DoneQuery {
    /// A word for it.
    #[serde(default)]
    pub done: String,
}

/// A registration; the files are parts of their own.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RegisterForm {
    /// The token of the link that proves the address.
    #[schema(value_type = String)]
    pub token: Secret,
    /// The enterprise's credit code.
    #[validate(length(max = 200))]
    pub uscc: String,
    /// Its name.
    #[validate(length(max = 1000))]
    pub enterprise_name: String,
    /// The code of its industry (GB/T 4754, two digits).
    #[validate(length(max = 20))]
    pub industry: String,
    /// The code of its town.
    #[validate(length(max = 20))]
    pub town: String,
    /// The name of the person.
    #[validate(length(max = 1000))]
    pub person: String,
    /// The password to sign in with later.
    #[schema(value_type = String, format = Password)]
    pub password: Secret,
    /// Whose facts the platform may use: a part for each.
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 16))]
    pub owners: Vec<String>,
    /// The version of the text that was shown.
    #[validate(length(max = 12))]
    pub text_version: String,
    /// The last day on which the platform may use them.
    #[validate(length(max = 64))]
    pub until: String,
    /// `yes`: the text is agreed to.
    #[validate(length(max = 8))]
    pub agree: String,
}

impl WithFiles for RegisterForm {
    const FILES: &'static [&'static str] = &["licence", "letter"];
}

impl RegisterForm {
    /// As the action takes it. What is not agreed to has no text, and what is no date no end.
    #[must_use]
    pub fn asked(&self) -> RegistrationForm {
        let agreed = self.agree == "yes";
        RegistrationForm {
            uscc: self.uscc.clone(),
            enterprise_name: self.enterprise_name.clone(),
            industry: self.industry.clone(),
            town: self.town.clone(),
            person: self.person.clone(),
            owners: self.owners.iter().filter_map(|code| Owner::find(code)).collect(),
            text_version: self.text_version.parse().ok().filter(|_| agreed),
            until: typed::day(&self.until),
        }
    }
}

/// A file of one's own organisation.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MaterialForm {}

impl WithFiles for MaterialForm {
    const FILES: &'static [&'static str] = &["file"];
}

/// An invitation that is accepted.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptForm {
    /// The token of its link.
    #[schema(value_type = String)]
    pub token: Secret,
    /// The user's name.
    #[validate(length(max = 1000))]
    pub name: String,
    /// The password to sign in with.
    #[schema(value_type = String, format = Password)]
    pub password: Secret,
}

/// A new password.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasswordForm {
    /// The token of the link.
    #[schema(value_type = String)]
    pub token: Secret,
    /// The password to sign in with from now on.
    #[schema(value_type = String, format = Password)]
    pub password: Secret,
}

/// Whom to invite.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct InviteForm {
    /// Code of the organisation; an enterprise's owner names none.
    #[validate(length(max = 100))]
    pub organisation: String,
    /// The address.
    #[validate(length(max = 1000))]
    pub email: String,
    /// The code of the role.
    #[validate(length(max = 40))]
    pub role: String,
}

/// What a user becomes.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleForm {
    /// The role.
    pub role: Role,
}

/// An officer approves.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ApproveForm {
    /// `yes`: that somebody speaks for the enterprise already was seen.
    #[validate(length(max = 8))]
    pub second: String,
    /// When the enterprise was founded, by its licence; empty: not said.
    #[validate(length(max = 20))]
    pub established_on: String,
}

impl ApproveForm {
    /// What was seen.
    ///
    /// # Errors
    /// A date that can't be read.
    pub fn approval(&self) -> Result<Approval, Problems> {
        let mut problems = Problems::default();
        let established_on = match self.established_on.trim() {
            "" => None,
            text => problems.take("established_on", typed::day(text).ok_or(Rule::Date)),
        };
        problems.or(Approval {
            is_second: self.second == "yes",
            established_on,
        })
    }
}

/// An officer rejects.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectForm {
    /// Why; goes to the address that registered.
    #[validate(length(max = 2000))]
    #[schema(min_length = 1, max_length = 300)]
    pub reason: String,
}

/// An organisation to be added.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct OrganisationForm {
    /// Its code.
    #[validate(length(max = 200))]
    pub code: String,
    /// The code of its kind.
    #[validate(length(max = 20))]
    pub kind: String,
    /// Its name.
    #[validate(length(max = 1000))]
    pub name: String,
    /// Its credit code; may be empty.
    #[validate(length(max = 200))]
    pub uscc: String,
    /// Whom to call; may be empty.
    #[validate(length(max = 1000))]
    pub contact: String,
}
