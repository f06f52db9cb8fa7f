//! Organisations and settings, as administrators see them.

use super::joining::Choice;
use super::shell::Shell;
use super::users::UserRow;
use super::wrong::Wrongs;
use crate::actions::members::StoredUser;
use crate::actions::organisations::StoredOrganisation;
use crate::actions::settings::Setting;
use crate::domain::actor::{Actor, OrganisationKind};
use crate::domain::codes::Code;
use crate::domain::link::path_segment;
use crate::web::input::joining::OrganisationForm;
use askama::Template;

/// An organisation.
#[derive(Clone, Debug)]
pub struct OrganisationRow {
    /// Where its page is.
    pub href: String,
    /// Its code.
    pub code: String,
    /// What it is.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its credit code.
    pub uscc: String,
    /// Whom to call.
    pub contact: String,
}

impl From<&StoredOrganisation> for OrganisationRow {
    fn from(stored: &StoredOrganisation) -> Self {
        let one = &stored.organisation;
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "—".to_owned());
        Self {
            href: format!("/admin/organisations/{}", path_segment(&one.code)),
            code: one.code.clone(),
            kind: one.kind.label(),
            name: one.name.clone(),
            uscc: or_none(one.uscc.map(|uscc| uscc.to_string())),
            contact: or_none(one.contact.clone()),
        }
    }
}

/// The organisations of a district, and the form for another one.
#[derive(Template)]
#[template(path = "admin/organisations.html")]
pub struct OrganisationsPage {
    /// Around it.
    pub shell: Shell,
    /// Address, label, and whether it is shown, of each kind.
    pub tabs: Vec<(String, &'static str, bool)>,
    /// The organisations, by code.
    pub rows: Vec<OrganisationRow>,
    /// What can be added.
    pub kinds: Vec<Choice>,
    /// What was typed.
    pub typed: OrganisationForm,
    /// What is to be put right.
    pub wrongs: Wrongs,
    /// What was just done.
    pub notice: Option<&'static str>,
    /// Where the list goes on; empty where it does not.
    pub next: String,
}

impl OrganisationsPage {
    /// The names of the fields, in the order of the form.
    pub const LABELS: [(&'static str, &'static str); 5] = [
        ("kind", "机构类型"),
        ("code", "机构代码"),
        ("name", "名称"),
        ("uscc", "统一社会信用代码"),
        ("contact", "联系方式"),
    ];

    /// What can be added, with what was chosen.
    #[must_use]
    pub fn kinds(chosen: &str) -> Vec<Choice> {
        let added = OrganisationKind::ALL
            .iter()
            .filter(|kind| kind.lends() || **kind == OrganisationKind::Department);
        added
            .map(|kind| Choice {
                code: kind.code().to_owned(),
                label: kind.label().to_owned(),
                hint: String::new(),
                chosen: kind.code() == chosen,
            })
            .collect()
    }
}

/// One organisation with its users.
#[derive(Template)]
#[template(path = "admin/organisation.html")]
pub struct OrganisationPage {
    /// Around it.
    pub shell: Shell,
    /// The organisation.
    pub row: OrganisationRow,
    /// Its users.
    pub users: Vec<UserRow>,
    /// Whether they are of several organisations.
    pub many: bool,
}

impl OrganisationPage {
    /// For its reader.
    #[must_use]
    pub fn new(shell: Shell, reader: &Actor, stored: &StoredOrganisation, users: &[StoredUser]) -> Self {
        Self {
            shell,
            row: stored.into(),
            users: users.iter().map(|user| UserRow::new(user, reader)).collect(),
            many: false,
        }
    }
}

/// The settings of one section.
#[derive(Clone, Debug)]
pub struct SectionOfSettings {
    /// Its name in the file.
    pub name: String,
    /// What it is about.
    pub label: &'static str,
    /// Its settings.
    pub settings: Vec<Setting>,
}

/// The settings in force.
#[derive(Template)]
#[template(path = "admin/settings.html")]
pub struct SettingsPage {
    /// Around it.
    pub shell: Shell,
    /// By section.
    pub sections: Vec<SectionOfSettings>,
}

impl SettingsPage {
    /// By section, in their order.
    #[must_use]
    pub fn new(shell: Shell, settings: Vec<Setting>) -> Self {
        let mut sections: Vec<SectionOfSettings> = Vec::new();
        for setting in settings {
            match sections.last_mut().filter(|last| last.name == setting.section) {
                Some(last) => last.settings.push(setting),
                None => sections.push(SectionOfSettings {
                    name: setting.section.clone(),
                    label: about(&setting.section),
                    settings: vec![setting],
                }),
            }
        }
        Self { shell, sections }
    }
}

/// What a section is about.
fn about(section: &str) -> &'static str {
    match section {
        "server" => "服务地址",
        "database" => "数据存放",
        "auth" => "登录与密码",
        "metrics" => "运行指标",
        "joining" => "注册、邀请与重设密码",
        "mail" => "邮件",
        "audit" => "审计日志",
        "log" => "运行日志",
        "site" => "网站",
        "desk" => "中心工作台",
        "products" => "产品",
        "limits" => "限额",
        _ => "其他",
    }
}
