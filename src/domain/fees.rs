//! Fees beside the interest: what, on which basis, who pays, and which of them no bank may charge.

use super::codes::{Bearer, Code, FeeBasis, FeeKind};
use super::invalid::{Problems, Rule};
use super::money::Fen;
use super::product::NAME_CHARS;
use super::rate::LIMIT_BP;
use serde::{Deserialize, Serialize};

/// One fee of a product or an offer.
///
/// `value` is basis points for the rate bases and 分 for [`FeeBasis::UpfrontFixed`]; never negative
/// (the forms that hold fees check it).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// As the bank calls it.
    pub name: String,
    /// What it is charged for.
    #[serde(default = "other")]
    pub kind: FeeKind,
    /// What `value` is measured on, and when it is paid.
    pub basis: FeeBasis,
    /// Basis points or 分, by `basis`.
    pub value: i64,
    /// Who receives it, where it is not the bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<String>,
    /// Who pays it.
    #[serde(default = "borrower", skip_serializing_if = "is_borrower")]
    pub borne_by: Bearer,
}

const fn other() -> FeeKind {
    FeeKind::Other
}

const fn borrower() -> Bearer {
    Bearer::Borrower
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_borrower(bearer: &Bearer) -> bool {
    *bearer == Bearer::Borrower
}

impl Fee {
    /// Whether the borrower pays it; what the bank bears is left out of every cost.
    #[must_use]
    pub fn is_borrowers(&self) -> bool {
        self.borne_by == Bearer::Borrower
    }
}

/// Whom a list of fees is for, as far as the rules on fees look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payer {
    /// A small or micro firm, or one that may be.
    MayBeSmall,
    /// A medium or large firm.
    Larger,
}

/// 银保监发〔2020〕18号: what is charged of no firm, and what of no small or micro firm. Holds of whom.
const fn forbidden(kind: FeeKind, payer: Payer) -> Option<&'static str> {
    match (kind, payer) {
        (FeeKind::FundManagement | FeeKind::EntrustedPayment, _) => Some("企业"),
        (
            FeeKind::EarlyRepayment | FeeKind::LateDrawing | FeeKind::Commitment | FeeKind::Certificate,
            Payer::MayBeSmall,
        ) => Some("小微企业（规模未核实的按小微企业办理）"),
        _ => None,
    }
}

/// Notes each rule that a list of fees breaks.
pub fn check(fees: &[Fee], payer: Payer, problems: &mut Problems) {
    for (at, fee) in fees.iter().enumerate() {
        problems.text(&format!("fees[{at}].name"), &fee.name, NAME_CHARS);
        if let Some(payee) = &fee.payee {
            problems.text(&format!("fees[{at}].payee"), payee, NAME_CHARS);
        }
        let max = if fee.basis == FeeBasis::UpfrontFixed {
            Fen::LIMIT
        } else {
            LIMIT_BP
        };
        problems.range(&format!("fees[{at}].value"), fee.value, 0, max);
        if let Some(whom) = forbidden(fee.kind, payer) {
            let fee = fee.kind.label();
            problems.add(format!("fees[{at}].kind"), Rule::ForbiddenFee { fee, whom });
        }
        let again = fees.iter().take(at).any(|earlier| earlier == fee);
        problems.check(again, &format!("fees[{at}]"), || Rule::Duplicate(fee.name.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(payer: Payer) -> Vec<&'static str> {
        let broken = |kind: &FeeKind| {
            let fee = Fee {
                name: kind.label().to_owned(),
                kind: *kind,
                basis: FeeBasis::UpfrontRate,
                value: 10,
                payee: None,
                borne_by: Bearer::Bank,
            };
            let mut problems = Problems::default();
            check(&[fee], payer, &mut problems);
            let rules: Vec<&Rule> = problems.list().iter().map(|problem| &problem.rule).collect();
            match rules.as_slice() {
                [] => false,
                [Rule::ForbiddenFee { .. }] => true,
                other => panic!("{kind}: {other:?}"),
            }
        };
        let kinds = FeeKind::ALL.iter().filter(|kind| broken(kind));
        kinds.map(|kind| kind.code()).collect()
    }

    #[test]
    fn two_fees_are_charged_of_no_firm_and_four_more_of_no_small_one() {
        assert_eq!(refused(Payer::Larger), ["fund_management", "entrusted_payment"]);
        assert_eq!(
            refused(Payer::MayBeSmall),
            [
                "fund_management",
                "entrusted_payment",
                "early_repayment",
                "late_drawing",
                "commitment",
                "certificate"
            ]
        );
    }

    #[test]
    fn the_refusal_names_its_rule() {
        let fee = Fee {
            name: "承诺费".to_owned(),
            kind: FeeKind::Commitment,
            basis: FeeBasis::AnnualRate,
            value: 10,
            payee: None,
            borne_by: Bearer::Borrower,
        };
        let mut problems = Problems::default();
        check(&[fee], Payer::MayBeSmall, &mut problems);
        let words = problems.to_string();
        assert!(
            words.starts_with("fees[0].kind: 银保监发〔2020〕18号规定不得向小微企业"),
            "{words}"
        );
        assert!(words.ends_with("收取透支承诺费 [forbidden_fee]"), "{words}");
    }
}
