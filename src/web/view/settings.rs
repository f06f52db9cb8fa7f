//! The pages on which settings are changed while the service runs, with who changed what.

use super::shell::Shell;
use super::words;
use super::wrong::Wrongs;
use crate::actions::settings::{Changed, Part};
use crate::config::{AccountRules, DeskRules};
use crate::domain::codes::{Code, Kind};
use crate::domain::invalid::Problems;
use crate::web::input::settings::{SettingsForm, factor_of, kinds, plus_of};
use askama::Template;
use serde::Serialize;

/// A setting to be typed.
#[derive(Clone, Debug)]
pub struct SettingField {
    /// Its name in the form.
    pub name: String,
    /// What it is.
    pub label: String,
    /// What it is counted in; empty for a box to tick.
    pub unit: &'static str,
    /// What it does.
    pub hint: &'static str,
    /// Its value; `yes` for a ticked box.
    pub value: String,
}

impl SettingField {
    fn number(name: &str, label: &str, unit: &'static str, hint: &'static str, value: Option<i64>) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            unit,
            hint,
            value: value.map(|value| value.to_string()).unwrap_or_default(),
        }
    }

    fn ticked(name: &str, label: &str, hint: &'static str, value: bool) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            unit: "",
            hint,
            value: if value { "yes".to_owned() } else { String::new() },
        }
    }
}

/// Settings that a page shows.
pub trait Shown: Serialize {
    /// The settings as they are typed.
    fn fields(&self) -> Vec<SettingField>;
}

impl Shown for DeskRules {
    fn fields(&self) -> Vec<SettingField> {
        let number = SettingField::number;
        let mut fields = vec![
            number(
                "answer_days",
                "银行答复期限",
                "个工作日",
                "从收到需求起；只影响以后推送的需求",
                Some(self.answer_days.into()),
            ),
            number(
                "signing_days",
                "签约期限",
                "个工作日",
                "从接受报价起；只影响以后接受的报价",
                Some(self.signing_days.into()),
            ),
            number(
                "validity_days",
                "报价最短有效期",
                "天",
                "短于它的报价核对不通过",
                Some(self.validity_days.into()),
            ),
            number(
                "decide_days",
                "中心办理期限",
                "个工作日",
                "待办里除异议和贷款以外的事项",
                Some(self.decide_days.into()),
            ),
            number(
                "dispute_days",
                "异议答复期限",
                "个工作日",
                "待办里的异议与核验",
                Some(self.dispute_days.into()),
            ),
            SettingField::ticked(
                "auto_forward",
                "核对全部通过的报价自动转给企业",
                "其余的仍由中心审核",
                self.auto_forward,
            ),
        ];
        for ((code, of), kind) in kinds().zip(Kind::ALL) {
            let set = self.ceilings.iter().find(|ceiling| ceiling.kind == of);
            fields.push(SettingField::number(
                &factor_of(code),
                &format!("{}利率上限：LPR 的", kind.label()),
                "%",
                "两种只填一种，都不填就没有上限",
                set.and_then(|ceiling| ceiling.lpr_factor_pct),
            ));
            fields.push(SettingField::number(
                &plus_of(code),
                &format!("{}利率上限：LPR 加", kind.label()),
                "基点",
                "",
                set.and_then(|ceiling| ceiling.lpr_plus_bp),
            ));
        }
        fields
    }
}

impl Shown for AccountRules {
    fn fields(&self) -> Vec<SettingField> {
        let ticked = SettingField::ticked;
        let at_once = "马上生效：还没有设置的人下次打开页面时先设置";
        vec![
            ticked(
                "second_factor_banks",
                "银行账号须用双因素验证",
                at_once,
                self.second_factor_banks,
            ),
            ticked(
                "second_factor_officers",
                "中心工作人员须用双因素验证",
                at_once,
                self.second_factor_officers,
            ),
            ticked(
                "second_factor_administrators",
                "管理员须用双因素验证",
                at_once,
                self.second_factor_administrators,
            ),
            SettingField::number(
                "rejected_days",
                "未通过的注册申请保留",
                "天",
                "到期连同文件删除；只影响以后退回的申请",
                Some(self.rejected_days.into()),
            ),
        ]
    }
}

/// The names of the fields of a form.
#[must_use]
pub fn names(rules: &impl Shown) -> Vec<String> {
    rules.fields().into_iter().map(|field| field.name).collect()
}

/// A change in words.
#[derive(Clone, Debug)]
pub struct ChangeRow {
    /// The version that it made.
    pub version: i32,
    /// Who.
    pub by: String,
    /// When.
    pub at: String,
    /// What: the setting, before, after.
    pub what: Vec<(String, String, String)>,
}

impl<R: Shown> From<&Changed<R>> for ChangeRow {
    fn from(changed: &Changed<R>) -> Self {
        let said = |field: &SettingField| match (field.unit, field.value.as_str()) {
            ("", "yes") => "是".to_owned(),
            ("", _) => "否".to_owned(),
            (_, "") => "不设".to_owned(),
            (unit, value) => format!("{value} {unit}"),
        };
        let pairs = changed.before.fields().into_iter().zip(changed.after.fields());
        let differing = pairs.filter(|(before, after)| before.value != after.value);
        Self {
            version: changed.version,
            by: changed.by.clone(),
            at: words::minute(changed.at),
            what: differing
                .map(|(before, after)| (before.label.clone(), said(&before), said(&after)))
                .collect(),
        }
    }
}

/// The page of a part.
#[derive(Template)]
#[template(path = "centre/settings.html")]
pub struct PartPage {
    /// Around it.
    pub shell: Shell,
    /// What it is headed with.
    pub heading: &'static str,
    /// Where it is posted.
    pub action: &'static str,
    /// The version that is shown.
    pub version: i32,
    /// The settings.
    pub fields: Vec<SettingField>,
    /// The changes, the newest first.
    pub changes: Vec<ChangeRow>,
    /// What came of the last post; empty where there was none.
    pub told: &'static str,
    /// What is wrong with what was posted.
    pub wrongs: Wrongs,
}

impl PartPage {
    /// The page of a part as it is in force.
    #[must_use]
    pub fn new<R: Shown>(shell: Shell, (heading, action): (&'static str, &'static str), part: &Part<R>) -> Self {
        Self {
            shell,
            heading,
            action,
            version: part.kept.version,
            fields: part.kept.rules.fields(),
            changes: part.changes.iter().map(ChangeRow::from).collect(),
            told: "",
            wrongs: Wrongs::default(),
        }
    }

    /// The page as it was posted, with what is wrong.
    #[must_use]
    pub fn with(mut self, typed: &SettingsForm, problems: &Problems) -> Self {
        for field in &mut self.fields {
            typed.text(&field.name).clone_into(&mut field.value);
        }
        let labels: Vec<(&str, &str)> = self
            .fields
            .iter()
            .map(|field| (field.name.as_str(), field.label.as_str()))
            .collect();
        self.wrongs = Wrongs::new(problems, &labels);
        self
    }
}
