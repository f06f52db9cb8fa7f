//! How figures, dates and codes read in Chinese.

use crate::clock;
use crate::domain::codes::{Code, FeeBasis, RateBase, Repayment, Set};
use crate::domain::fees::Fee;
use crate::domain::lpr::Lpr;
use crate::domain::money::{Fen, thousands};
use crate::domain::product;
use crate::domain::rate::percent;
use chrono::{DateTime, Utc};

/// An amount that someone typed, in 万元 with the decimals it needs.
#[must_use]
pub fn wan(fen: i64) -> String {
    Fen::new(fen).map_or_else(|| "—".to_owned(), |fen| format!("{} 万元", fen.to_wan()))
}

/// An amount that was computed, in 万元 with two decimals; in 元 below 100 元.
#[must_use]
pub fn about_wan(fen: i64) -> String {
    const HUNDREDTH_OF_WAN: u64 = 10_000;
    if fen.unsigned_abs() < HUNDREDTH_OF_WAN {
        return yuan(fen);
    }
    let sign = if fen < 0 { "-" } else { "" };
    let hundredths = fen.unsigned_abs().saturating_add(HUNDREDTH_OF_WAN / 2) / HUNDREDTH_OF_WAN;
    format!("{sign}{}.{:02} 万元", thousands(hundredths / 100), hundredths % 100)
}

/// An amount in 元 with two decimals.
#[must_use]
pub fn yuan(fen: i64) -> String {
    format!("{} 元", plain_yuan(fen))
}

/// An amount in 元 with two decimals, without its unit: for columns that name it.
#[must_use]
pub fn plain_yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", thousands(fen / 100), fen % 100)
}

/// A cost, with two decimals.
#[must_use]
pub fn cost(pct: f64) -> String {
    format!("{pct:.2}%")
}

/// A rate in bp, with two decimals.
#[must_use]
pub fn rate(bp: i64) -> String {
    let sign = if bp < 0 { "-" } else { "" };
    let bp = bp.unsigned_abs();
    format!("{sign}{}.{:02}%", bp / 100, bp % 100)
}

/// What a rate stands on: `LPR+15 基点`, `固定利率`.
#[must_use]
pub fn rate_stands_on(rate: &product::Rate, rate_bp: i64, lpr: Lpr, term_months: u32) -> String {
    if rate.base == RateBase::Fixed {
        return RateBase::Fixed.label().to_owned();
    }
    let base = lpr.base_bp(rate.base, term_months);
    let name = if base == lpr.five_year_bp && base != lpr.one_year_bp {
        "5 年期以上 LPR"
    } else {
        "LPR"
    };
    spread(name, rate_bp - base)
}

/// A spread over something: `LPR+15 基点`.
#[must_use]
pub fn spread(name: &str, bp: i64) -> String {
    match bp {
        0 => name.to_owned(),
        bp if bp < 0 => format!("{name}−{} 基点", bp.unsigned_abs()),
        bp => format!("{name}+{bp} 基点"),
    }
}

/// A fee in short: its name, and what it comes to.
#[must_use]
pub fn fee(fee: &Fee) -> (String, String) {
    (fee.name.clone(), fee_value(fee))
}

/// What a fee comes to, and how often.
#[must_use]
pub fn fee_value(fee: &Fee) -> String {
    match fee.basis {
        FeeBasis::UpfrontRate => format!("{}（一次）", rate(fee.value)),
        FeeBasis::UpfrontFixed => format!("{}（一次）", yuan(fee.value)),
        FeeBasis::AnnualRate => format!("{}/年", rate(fee.value)),
        FeeBasis::AnnualOnBalance => format!("{}/年（按余额）", rate(fee.value)),
        FeeBasis::MonthlyRate => format!("{}/月", rate(fee.value)),
    }
}

/// Labels of a set, joined; `none` where it is empty.
#[must_use]
pub fn labels<T: Code>(set: Set<T>, none: &str) -> String {
    if set.is_empty() {
        return none.to_owned();
    }
    set.iter().map(Code::label).collect::<Vec<_>>().join("、")
}

/// A share in bp, with the decimals it needs.
#[must_use]
pub fn share(bp: i64) -> String {
    percent(bp)
}

/// A difference of shares in bp, as percentage points.
#[must_use]
pub fn points(bp: i64) -> String {
    format!("{} 个百分点", percent(bp.saturating_abs()).trim_end_matches('%'))
}

/// An instant in Beijing, to the minute: `2026-11-23 09:42`.
#[must_use]
pub fn minute(instant: DateTime<Utc>) -> String {
    clock::civil_minute(instant)
}

/// How the money that is lent changes while it is repaid, where that surprises.
#[must_use]
pub const fn repayment_note(repayment: Repayment) -> Option<&'static str> {
    match repayment {
        Repayment::EqualInstalment | Repayment::EqualPrincipal => Some("每月还本，资金逐月减少"),
        Repayment::Bullet => Some("到期一次还本付息"),
        Repayment::OnDemand => Some("按全额用满全期测算，少用少付息"),
        Repayment::InterestOnly => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computed_amounts_have_two_decimals_of_wan() {
        assert_eq!(about_wan(15_750_000), "15.75 万元");
        assert_eq!(about_wan(1_234_567_800_000), "1,234,567.80 万元");
        assert_eq!(about_wan(9_999), "99.99 元");
        assert_eq!(about_wan(10_000), "0.01 万元");
        assert_eq!(about_wan(0), "0.00 元");
    }

    #[test]
    fn spreads_have_a_sign() {
        assert_eq!(spread("LPR", 15), "LPR+15 基点");
        assert_eq!(spread("LPR", -5), "LPR−5 基点");
        assert_eq!(spread("LPR", 0), "LPR");
    }

    #[test]
    fn points_drop_needless_decimals() {
        assert_eq!(points(250), "2.5 个百分点");
        assert_eq!(points(-15), "0.15 个百分点");
    }
}
