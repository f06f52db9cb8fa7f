//! What every page has around its content: site, signed-in user, navigation.

use crate::config;
use crate::domain::actor::{Actor, Role};
use crate::domain::reference;
use crate::web::pages::assets;

/// The site as its pages name it.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// What it is, for which district.
    pub subtitle: String,
    /// The lines at the foot of each page.
    pub foot: Vec<String>,
    /// Whether each page says that everything is invented.
    pub demo: bool,
}

impl From<&config::Site> for Site {
    fn from(site: &config::Site) -> Self {
        let district = reference::district_name(&site.district_code).unwrap_or_default();
        let line = |label: &str, value: &str| (!value.is_empty()).then(|| format!("{label}：{value}"));
        let foot = [
            line("主办", &site.organiser),
            line("电话", &site.telephone),
            line("网站标识码", &site.site_code),
            line("备案号", &site.icp_number),
        ];
        Self {
            name: site.name.clone(),
            subtitle: format!("{district}融资对接服务平台"),
            foot: foot.into_iter().flatten().collect(),
            demo: site.demo,
        }
    }
}

impl Site {
    /// What follows the name in a page's title.
    #[must_use]
    pub fn subtitle_after(&self) -> String {
        format!(" {}", self.subtitle)
    }
}

/// The signed-in user.
#[derive(Clone, Debug)]
pub struct Who {
    /// The user's organisation.
    pub organisation: String,
    /// The user.
    pub name: String,
    /// What the user is.
    pub role: Role,
    /// How many messages the user has not read.
    pub unread: i64,
}

/// An entry of the navigation.
#[derive(Clone, Debug)]
pub struct NavItem {
    /// Where it leads.
    pub href: &'static str,
    /// What it says.
    pub label: &'static str,
    /// Whether the page belongs to it.
    pub current: bool,
}

/// What stands around a page's content.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The site.
    pub site: Site,
    /// Who is signed in.
    pub who: Option<Who>,
    /// The session's token against forged requests; empty where nobody is signed in.
    pub csrf: String,
    /// The entries of the navigation.
    pub nav: Vec<NavItem>,
    /// Whether it is a page that officers work with all day.
    pub dense: bool,
}

/// Where a role's pages are, in the order of the navigation.
const fn entries(role: Role) -> &'static [(&'static str, &'static str)] {
    match role {
        Role::Owner => &[
            ("/enterprise", "首页"),
            ("/enterprise/requests", "我的需求"),
            ("/enterprise/offers", "收到的报价"),
            ("/enterprise/loans", "我的贷款"),
            ("/enterprise/profile", "企业资料"),
            ("/enterprise/consents", "授权与查看记录"),
            ("/enterprise/members", "成员"),
        ],
        Role::Member | Role::Reader => &[
            ("/enterprise", "首页"),
            ("/enterprise/requests", "我的需求"),
            ("/enterprise/offers", "收到的报价"),
            ("/enterprise/loans", "我的贷款"),
            ("/enterprise/profile", "企业资料"),
            ("/enterprise/consents", "授权与查看记录"),
        ],
        Role::BankUser => &[
            ("/bank", "待办需求"),
            ("/bank/offers", "报价"),
            ("/bank/loans", "贷款"),
            ("/bank/products", "产品"),
        ],
        Role::Officer => &[
            ("/centre", "待办"),
            ("/centre/requests", "需求与产品"),
            ("/centre/offers", "待审报价"),
            ("/centre/loans", "贷款与到期"),
            ("/centre/monitor", "运行监测"),
            ("/centre/facts", "数据导入"),
            ("/centre/disputes", "异议与核验"),
            ("/centre/registrations", "注册申请"),
            ("/centre/banks", "邀请银行"),
            ("/centre/settings", "设置"),
        ],
        Role::DepartmentUser => &[("/department", "数据导入"), ("/department/disputes", "异议与核验")],
        Role::Administrator => &[
            ("/admin", "首页"),
            ("/admin/lpr", "LPR"),
            ("/admin/holidays", "节假日"),
            ("/admin/feed-keys", "接口密钥"),
            ("/admin/organisations", "机构"),
            ("/admin/users", "账号"),
            ("/admin/settings", "设置"),
            ("/admin/audit", "审计日志"),
            ("/admin/outbox", "邮件"),
            ("/admin/jobs", "后台任务"),
        ],
    }
}

/// The page on which a role begins.
#[must_use]
pub const fn start_of(role: Role) -> &'static str {
    match entries(role) {
        [(href, _), ..] => href,
        [] => "/",
    }
}

impl Shell {
    /// Around a page for anyone.
    #[must_use]
    pub fn public(site: Site) -> Self {
        Self {
            site,
            who: None,
            csrf: String::new(),
            nav: Vec::new(),
            dense: false,
        }
    }

    /// Around a page of a signed-in user that belongs to the entry `section` of the navigation.
    #[must_use]
    pub fn of(site: Site, actor: &Actor, unread: i64, csrf: &str, section: &str) -> Self {
        let nav = entries(actor.role).iter().map(|(href, label)| NavItem {
            href,
            label,
            current: *href == section,
        });
        Self {
            site,
            who: Some(Who {
                organisation: actor.organisation_name.clone(),
                name: actor.name.clone(),
                role: actor.role,
                unread,
            }),
            csrf: csrf.to_owned(),
            nav: nav.collect(),
            dense: !matches!(actor.role, Role::Owner | Role::Member | Role::Reader),
        }
    }

    /// Where the brand leads.
    #[must_use]
    pub fn home(&self) -> &'static str {
        self.who.as_ref().map_or("/", |who| start_of(who.role))
    }

    /// The address of the style sheet.
    #[must_use]
    pub fn style(&self) -> &'static str {
        assets::style_path()
    }

    /// The address of the icon.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        assets::icon_path()
    }

    /// The address of the script.
    #[must_use]
    pub fn script(&self) -> &'static str {
        assets::script_path()
    }
}
