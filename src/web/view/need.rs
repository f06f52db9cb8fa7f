//! What was asked for, as a list of names and values.

use super::words;
use crate::domain::codes::Code;
use crate::domain::request::Need;

/// A name and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub name: &'static str,
    /// What it comes to.
    pub value: String,
}

/// A line.
#[must_use]
pub fn line(name: &'static str, value: impl Into<String>) -> Line {
    Line {
        name,
        value: value.into(),
    }
}

/// A bank that is not of the platform: loans of such can be renewed too.
pub const OTHER_BANK: &str = "其他银行";

/// The lines of a need; what was left open and matters says 不限. `bank` names the old loan's bank.
#[must_use]
pub fn lines(need: &Need, bank: &str) -> Vec<Line> {
    let mut lines = vec![
        line("金额", words::wan(need.amount_fen.get())),
        line("期限", format!("{} 个月", need.term_months)),
        line("用途", need.purpose.label()),
        line("担保方式", words::labels(need.guarantees, "—")),
        line("还款方式", words::labels(need.repayment, "不限")),
    ];
    if !need.kinds.is_empty() {
        lines.push(line("产品类别", words::labels(need.kinds, "不限")));
    }
    if let Some(max) = need.max_cost_bp {
        lines.push(line("最高成本", format!("{}/年", words::rate(max))));
    }
    if let Some(cost) = need.project_cost_fen {
        lines.push(line("项目总投资", words::wan(cost.get())));
    }
    if let Some(loan) = &need.existing_loan {
        lines.push(line("已有贷款", bank));
        lines.push(line("贷款余额", words::wan(loan.balance_fen.get())));
        lines.push(line("到期日", loan.matures_on.to_string()));
    }
    lines
}
