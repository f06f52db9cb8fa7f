//! What is wrong with a posted form, in words: a line above it and the same beside the field.

use crate::domain::invalid::{Problems, Rule};
use crate::domain::money::Fen;

/// A field to be put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The field, by its id on the page.
    pub field: String,
    /// What to do.
    pub message: String,
}

/// Every field to be put right, in the order of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wrongs(pub Vec<Wrong>);

impl Wrongs {
    /// From what an action found; `labels` names the fields of the form in its order.
    #[must_use]
    pub fn new(problems: &Problems, labels: &[(&str, &str)]) -> Self {
        let place = |field: &str| labels.iter().position(|(name, _)| *name == field);
        let mut found: Vec<_> = problems.list().iter().collect();
        found.sort_by_key(|one| place(&one.field).unwrap_or(labels.len()));
        let wrongs = found.into_iter().map(|one| {
            let label = labels
                .iter()
                .find(|(name, _)| *name == one.field)
                .map_or("", |(_, label)| *label);
            Wrong {
                field: one.field.clone(),
                message: said(&one.field, label, &one.rule),
            }
        });
        Self(wrongs.collect())
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&str> {
        let found = self.0.iter().find(|one| one.field == field);
        found.map(|one| one.message.as_str())
    }

    /// Whether nothing is.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A broken rule as advice: what to do rather than what failed.
fn said(field: &str, label: &str, rule: &Rule) -> String {
    match (field, rule) {
        ("agree" | "text_version", _) => "请看过授权书，勾选同意".to_owned(),
        ("second", _) => "已有人代表这家企业，确认核实过的，请勾选".to_owned(),
        ("until", Rule::DayOutOfRange { min, max }) => format!("授权期限请填 {min} 至 {max} 之间的日期"),
        ("owners", _) => "请至少勾选一个部门或机构".to_owned(),
        ("industry" | "town" | "role" | "kind", _) => format!("请选{label}"),
        ("organisation", _) => "请选机构".to_owned(),
        ("licence" | "letter", Rule::Required) => format!("请选{label}的文件"),
        ("password", Rule::OutOfRange { min, .. }) => format!("密码至少 {min} 个字符"),
        ("current", _) => "现在的密码不对".to_owned(),
        ("code", Rule::WrongCode) => "验证码不对，请等应用里显示下一个再试".to_owned(),
        ("again", _) => "两次填写的新密码不一样".to_owned(),
        ("email", Rule::Duplicate(_)) => "这个邮箱已有账号，请直接登录".to_owned(),
        ("email", Rule::Email) => "邮箱请写作 name@example.cn".to_owned(),
        ("code", Rule::Duplicate(_)) => "这个机构代码已有，请换一个".to_owned(),
        ("uscc", Rule::Duplicate(_)) => "这个统一社会信用代码已属于别的机构或别的区".to_owned(),
        ("uscc", Rule::Uscc(_)) => "统一社会信用代码不对，请对照营业执照再看一遍".to_owned(),
        (_, Rule::StillOwed) => format!("{rule}，请先登记还款"),
        ("is_first", Rule::Required) => "请选是或不是首贷户".to_owned(),
        ("draw-amount" | "repay-principal" | "repay-interest", Rule::OutOfRange { min, max }) => {
            amount_within(label, *min, *max)
        }
        ("established_on", Rule::Date) => "成立日期请写作 2015-03-20".to_owned(),
        (_, Rule::Required) => format!("请填写{label}"),
        (_, rule) => format!("{label}{rule}"),
    }
}

/// The bounds of an amount in 分, said in 万元.
fn amount_within(label: &str, min: i64, max: i64) -> String {
    let wan = |fen| Fen::new(fen).map(Fen::to_wan).unwrap_or_default();
    if min > max {
        return format!("现在没有可登记的{label}");
    }
    format!("{label}请填 {} 至 {} 万元之间", wan(min), wan(max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_in_the_order_of_the_form() {
        let mut problems = Problems::default();
        problems.add("password", Rule::OutOfRange { min: 12, max: 1024 });
        problems.add("name", Rule::Required);
        let wrongs = Wrongs::new(&problems, &[("name", "姓名"), ("password", "密码")]);
        assert_eq!(wrongs.of("name"), Some("请填写姓名"));
        assert_eq!(wrongs.of("password"), Some("密码至少 12 个字符"));
        assert_eq!(wrongs.0.first().map(|one| one.field.as_str()), Some("name"));
        assert!(wrongs.of("email").is_none());
    }
}
