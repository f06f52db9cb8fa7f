//! Pages for who is not there yet: registering, accepting an invitation, setting a forgotten password anew.

use super::consents::Paper;
use super::shell::Shell;
use super::wrong::Wrongs;
use crate::domain::attachment::kinds_in_words;
use crate::domain::codes::{Code, Owner};
use crate::domain::consent::{LONGEST_DAYS, authorisation_text, keys_of};
use crate::domain::dates::Day;
use crate::domain::facts::FactKey;
use crate::domain::reference::{INDUSTRIES, TOWNS};
use crate::web::input::joining::RegisterForm;
use askama::Template;

/// A page that takes an address, and mails a link to it.
#[derive(Template)]
#[template(path = "joining/address.html")]
pub struct AddressPage {
    /// Around it.
    pub shell: Shell,
    /// Goes into the form.
    pub csrf: String,
    /// Which of the two it is.
    pub what: AddressFor,
    /// What was typed.
    pub email: String,
    /// What is to be put right.
    pub wrongs: Wrongs,
    /// Whether a link was just mailed.
    pub sent: bool,
    /// Whether a registration was just taken.
    pub done: bool,
}

/// What an address is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressFor {
    /// An enterprise's registration.
    Registration,
    /// A new password.
    Reset,
}

impl AddressFor {
    /// Where the page is, and where its form goes.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Registration => "/register",
            Self::Reset => "/reset",
        }
    }
}

impl AddressPage {
    fn is_reset(&self) -> bool {
        self.what == AddressFor::Reset
    }
}

/// A link that is no good any more.
#[derive(Template)]
#[template(path = "joining/gone.html")]
pub struct GonePage {
    /// Around it.
    pub shell: Shell,
    /// What to do instead.
    pub advice: &'static str,
    /// Where that is; empty where it is nowhere here.
    pub href: &'static str,
    /// What it is called.
    pub label: &'static str,
}

/// A choice of a list.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its code.
    pub code: String,
    /// What it is called.
    pub label: String,
    /// What is said below it.
    pub hint: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// The form of a registration.
#[derive(Template)]
#[template(path = "joining/form.html")]
pub struct RegisterFormPage {
    /// Around it.
    pub shell: Shell,
    /// Goes into the form.
    pub csrf: String,
    /// The proven address.
    pub email: String,
    /// The token of the link.
    pub token: String,
    /// What was typed.
    pub typed: RegisterForm,
    /// The industries.
    pub industries: Vec<Choice>,
    /// The towns.
    pub towns: Vec<Choice>,
    /// Whose facts the platform may use.
    pub owners: Vec<Choice>,
    /// The last day that the authorisation can have.
    pub latest: String,
    /// The text that is agreed to.
    pub paper: Paper,
    /// Which files are taken, in words.
    pub files: String,
    /// What a password must be.
    pub password_hint: String,
    /// What is to be put right.
    pub wrongs: Wrongs,
}

impl RegisterFormPage {
    /// The names of the fields, in the order of the form.
    pub const LABELS: [(&'static str, &'static str); 11] = [
        ("uscc", "统一社会信用代码"),
        ("enterprise_name", "企业名称"),
        ("industry", "行业"),
        ("town", "镇办"),
        ("person", "姓名"),
        ("password", "密码"),
        ("licence", "营业执照"),
        ("letter", "盖章授权函"),
        ("owners", "部门和机构"),
        ("until", "授权期限"),
        ("agree", "授权书"),
    ];

    /// The choices of the form for what was typed; before anything was, every owner and a year.
    pub fn choices(&mut self, district_code: &str, today: Day, is_new: bool) {
        let latest = today.plus_days(LONGEST_DAYS - 1);
        self.latest = latest.to_string();
        if is_new {
            self.typed.owners = Owner::ALL.iter().map(|owner| owner.code().to_owned()).collect();
            self.typed.until = self.latest.clone();
        }
        let plain = |code: &str, label: &str, chosen: &str| Choice {
            code: code.to_owned(),
            label: label.to_owned(),
            hint: String::new(),
            chosen: code == chosen,
        };
        let typed = &self.typed;
        let industries = INDUSTRIES.iter();
        self.industries = industries
            .map(|one| plain(one.code, &format!("{} {}", one.code, one.name), &typed.industry))
            .collect();
        let towns = TOWNS.iter().filter(|town| town.district_code == district_code);
        self.towns = towns.map(|town| plain(town.code, town.name, &typed.town)).collect();
        let owner = |owner: &Owner| Choice {
            code: owner.code().to_owned(),
            label: owner.label().to_owned(),
            hint: facts_of(*owner),
            chosen: typed.owners.iter().any(|code| code == owner.code()),
        };
        self.owners = Owner::ALL.iter().map(owner).collect();
        self.paper = authorisation_text().into();
        self.files = kinds_in_words();
    }
}

/// The facts of an owner, by their names.
fn facts_of(owner: Owner) -> String {
    let keys = keys_of(&[owner]);
    let labels = keys.into_iter().filter_map(FactKey::find).map(FactKey::label);
    labels.collect::<Vec<_>>().join("、")
}

/// An invitation, to be accepted.
#[derive(Template)]
#[template(path = "joining/invitation.html")]
pub struct InvitationPage {
    /// Around it.
    pub shell: Shell,
    /// Goes into the form.
    pub csrf: String,
    /// The token of the link.
    pub token: String,
    /// Into which organisation.
    pub organisation: String,
    /// As what.
    pub role: &'static str,
    /// The invited address.
    pub email: String,
    /// The name that was typed.
    pub name: String,
    /// What a password must be.
    pub password_hint: String,
    /// What is to be put right.
    pub wrongs: Wrongs,
}

/// A new password, to be set.
#[derive(Template)]
#[template(path = "joining/password.html")]
pub struct NewPasswordPage {
    /// Around it.
    pub shell: Shell,
    /// Goes into the form.
    pub csrf: String,
    /// The token of the link.
    pub token: String,
    /// What a password must be.
    pub password_hint: String,
    /// What is to be put right.
    pub wrongs: Wrongs,
}
