//! The bank's editor of an offer: everything as typed, and what it is read as.

use super::form::many;
use crate::domain::codes::{Bearer, Code, DayCount, FeeBasis, FeeKind, Guarantee, RateBase, Repayment};
use crate::domain::dates::Day;
use crate::domain::fees::Fee;
use crate::domain::invalid::{Problems, Rule};
use crate::domain::money::Fen;
use crate::domain::offer_terms::{OfferForm, OfferRate};
use crate::domain::typed::{self, NoAmount};
use serde::Deserialize;
use validator::Validate;

/// Rows for fees that an empty editor has, and that each press of “再加一项” adds.
pub const FEE_ROWS: usize = 2;

/// Everything that the editor asks for, as typed. Each list of fees has a row's part at the row's place.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct OfferTyped {
    /// Code of the product.
    #[validate(length(max = 64))]
    pub product: String,
    /// 万元.
    #[validate(length(max = 64))]
    pub amount: String,
    /// Months.
    #[validate(length(max = 16))]
    pub term_months: String,
    /// Code of what the rate stands on.
    #[validate(length(max = 16))]
    pub base: String,
    /// The day of the LPR's announcement; empty for the newest.
    #[validate(length(max = 64))]
    pub lpr_on: String,
    /// Over the LPR, in bp.
    #[validate(length(max = 16))]
    pub spread: String,
    /// A fixed rate, percent.
    #[validate(length(max = 16))]
    pub fixed: String,
    /// Code of the way to repay.
    #[validate(length(max = 32))]
    pub repayment: String,
    /// Months of interest only.
    #[validate(length(max = 16))]
    pub grace: String,
    /// The planned day of the draw.
    #[validate(length(max = 64))]
    pub start_on: String,
    /// Months between due dates.
    #[validate(length(max = 16))]
    pub every: String,
    /// Day of the month; empty for the draw's.
    #[validate(length(max = 16))]
    pub due_day: String,
    /// Code of the day count; empty for whole months.
    #[validate(length(max = 16))]
    pub day_count: String,
    /// Code of the guarantee.
    #[validate(length(max = 16))]
    pub guarantee: String,
    /// What secures it.
    #[validate(length(max = 4000))]
    pub guarantee_text: String,
    /// Names of the fees.
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 32))]
    pub fee_name: Vec<String>,
    /// Codes of their kinds.
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 32))]
    pub fee_kind: Vec<String>,
    /// Codes of their bases.
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 32))]
    pub fee_basis: Vec<String>,
    /// Percent, or 元 for a fixed one.
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 32))]
    pub fee_value: Vec<String>,
    /// Who receives them.
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 32))]
    pub fee_payee: Vec<String>,
    /// Codes of who pays them.
    #[serde(deserialize_with = "many")]
    #[validate(length(max = 32))]
    pub fee_bearer: Vec<String>,
    /// What has to be fulfilled before.
    #[validate(length(max = 4000))]
    pub conditions: String,
    /// Paying back early.
    #[validate(length(max = 4000))]
    pub early: String,
    /// Paying back late.
    #[validate(length(max = 4000))]
    pub late: String,
    /// Why the term is long.
    #[validate(length(max = 4000))]
    pub term_reason: String,
    /// Why the borrower bears the bank's fees.
    #[validate(length(max = 4000))]
    pub fee_reason: String,
    /// The last day on which it can be accepted.
    #[validate(length(max = 64))]
    pub valid_until: String,
    /// The version that the change is made from, for a new revision.
    #[validate(length(max = 12))]
    pub version: String,
    /// Which button was pressed: `send`, `more` or `check`.
    #[validate(length(max = 8))]
    pub go: String,
}

/// A row of fees as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeeTyped {
    /// Its name.
    pub name: String,
    /// Code of its kind.
    pub kind: String,
    /// Code of its basis.
    pub basis: String,
    /// Percent, or 元.
    pub value: String,
    /// Who receives it.
    pub payee: String,
    /// Code of who pays it.
    pub bearer: String,
}

impl OfferTyped {
    /// The rows of fees, the empty ones too.
    #[must_use]
    pub fn fees(&self) -> Vec<FeeTyped> {
        let count = self.fee_name.len();
        let part = |list: &[String], at: usize| list.get(at).cloned().unwrap_or_default();
        let row = |at| FeeTyped {
            name: part(&self.fee_name, at),
            kind: part(&self.fee_kind, at),
            basis: part(&self.fee_basis, at),
            value: part(&self.fee_value, at),
            payee: part(&self.fee_payee, at),
            bearer: part(&self.fee_bearer, at),
        };
        (0..count).map(row).collect()
    }

    /// What is typed, as the form of an offer.
    ///
    /// # Errors
    /// Each field that does not read, by its name on the page; a fee's by its row, `fee-2`.
    pub fn read(&self) -> Result<OfferForm, Problems> {
        let mut problems = Problems::default();
        let amount = problems.take("amount", amount(&self.amount));
        let term = problems.take("term_months", number(&self.term_months));
        let rate = self.rate(&mut problems);
        let repayment = problems.take("repayment", code::<Repayment>(&self.repayment));
        let grace = problems.take(
            "grace",
            if is_empty(&self.grace) {
                Ok(0)
            } else {
                number(&self.grace)
            },
        );
        let start = problems.take("start_on", day(&self.start_on));
        let every = problems.take("every", number(&self.every));
        let due_day = problems.take("due_day", optional(&self.due_day, number));
        let day_count = problems.take("day_count", optional(&self.day_count, code::<DayCount>));
        let guarantee = problems.take("guarantee", code::<Guarantee>(&self.guarantee));
        let fees = self.read_fees(&mut problems);
        let until = problems.take("valid_until", day(&self.valid_until));
        let text = |typed: &str| (!is_empty(typed)).then(|| typed.to_owned());
        match (amount, term, rate, repayment, grace, start, every) {
            (
                Some(amount_fen),
                Some(term_months),
                Some(rate),
                Some(repayment),
                Some(grace),
                Some(start),
                Some(every),
            ) => {
                let (Some(due_day), Some(day_count), Some(guarantee), Some(valid_until)) =
                    (due_day, day_count, guarantee, until)
                else {
                    return Err(problems);
                };
                problems.or(OfferForm {
                    product: self.product.clone(),
                    amount_fen,
                    term_months,
                    rate,
                    repayment,
                    principal_grace_months: grace,
                    start_on: start,
                    due_every_months: every,
                    due_day,
                    day_count,
                    guarantee,
                    guarantee_text: text(&self.guarantee_text),
                    fees,
                    conditions: text(&self.conditions),
                    early_repayment: self.early.clone(),
                    late_repayment: self.late.clone(),
                    term_reason: text(&self.term_reason),
                    fee_reason: text(&self.fee_reason),
                    valid_until,
                })
            }
            _ => Err(problems),
        }
    }

    fn rate(&self, problems: &mut Problems) -> Option<OfferRate> {
        let base = problems.take("base", code::<RateBase>(&self.base))?;
        if base == RateBase::Fixed {
            let bp = typed::bp_of_percent(&self.fixed).ok_or_else(|| missing(&self.fixed, "百分数，最多两位小数"));
            return Some(OfferRate {
                base,
                lpr_on: None,
                spread_bp: problems.take("fixed", bp)?,
            });
        }
        let lpr_on = problems.take("lpr_on", optional(&self.lpr_on, day));
        let spread = problems.take("spread", signed(&self.spread));
        Some(OfferRate {
            base,
            lpr_on: lpr_on?,
            spread_bp: spread?,
        })
    }

    fn read_fees(&self, problems: &mut Problems) -> Vec<Fee> {
        let mut fees = Vec::new();
        for (place, row) in (1..).zip(self.fees()) {
            if is_empty(&row.name) && is_empty(&row.value) {
                continue;
            }
            let field = format!("fee-{place}");
            let basis = problems.take(&field, code::<FeeBasis>(&row.basis));
            let value = basis.and_then(|basis| problems.take(&field, fee_value(&row.value, basis)));
            let kind = problems.take(&field, code::<FeeKind>(&row.kind));
            let bearer = problems.take(&field, code::<Bearer>(&row.bearer));
            if let (Some(basis), Some(value), Some(kind), Some(borne_by)) = (basis, value, kind, bearer) {
                fees.push(Fee {
                    name: row.name.trim().to_owned(),
                    kind,
                    basis,
                    value,
                    payee: (!is_empty(&row.payee)).then(|| row.payee.trim().to_owned()),
                    borne_by,
                });
            }
        }
        fees
    }

    /// The row, from 1, in which the fee at this place of the form's list was typed.
    #[must_use]
    pub fn row_of_fee(&self, place: usize) -> usize {
        let there = (1..)
            .zip(self.fees())
            .filter(|(_, row)| !is_empty(&row.name) || !is_empty(&row.value));
        there.map(|(row, _)| row).nth(place).unwrap_or(1)
    }
}

impl From<&OfferForm> for OfferTyped {
    /// As it would be typed.
    fn from(form: &OfferForm) -> Self {
        let is_fixed = form.rate.base == RateBase::Fixed;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let percent = |bp: i64| crate::domain::rate::percent(bp).trim_end_matches('%').to_owned();
        let value = |fee: &Fee| {
            if fee.basis == FeeBasis::UpfrontFixed {
                format!("{}.{:02}", fee.value / 100, fee.value % 100)
            } else {
                percent(fee.value)
            }
        };
        let each = |part: &dyn Fn(&Fee) -> String| form.fees.iter().map(part).collect::<Vec<_>>();
        Self {
            product: form.product.clone(),
            amount: form.amount_fen.to_wan(),
            term_months: form.term_months.to_string(),
            base: form.rate.base.code().to_owned(),
            lpr_on: form.rate.lpr_on.map_or_else(String::new, |day| day.to_string()),
            spread: if is_fixed {
                String::new()
            } else {
                form.rate.spread_bp.to_string()
            },
            fixed: if is_fixed {
                percent(form.rate.spread_bp)
            } else {
                String::new()
            },
            repayment: form.repayment.code().to_owned(),
            grace: match form.principal_grace_months {
                0 => String::new(),
                months => months.to_string(),
            },
            start_on: form.start_on.to_string(),
            every: form.due_every_months.to_string(),
            due_day: form.due_day.map_or_else(String::new, |day| day.to_string()),
            day_count: form.day_count.map_or_else(String::new, |count| count.code().to_owned()),
            guarantee: form.guarantee.code().to_owned(),
            guarantee_text: text(&form.guarantee_text),
            fee_name: each(&|fee| fee.name.clone()),
            fee_kind: each(&|fee| fee.kind.code().to_owned()),
            fee_basis: each(&|fee| fee.basis.code().to_owned()),
            fee_value: each(&value),
            fee_payee: each(&|fee| fee.payee.clone().unwrap_or_default()),
            fee_bearer: each(&|fee| fee.borne_by.code().to_owned()),
            conditions: text(&form.conditions),
            early: form.early_repayment.clone(),
            late: form.late_repayment.clone(),
            term_reason: text(&form.term_reason),
            fee_reason: text(&form.fee_reason),
            valid_until: form.valid_until.to_string(),
            version: String::new(),
            go: String::new(),
        }
    }
}

pub(super) fn is_empty(text: &str) -> bool {
    text.trim().is_empty()
}

fn missing(text: &str, wanted: &'static str) -> Rule {
    if is_empty(text) {
        Rule::Required
    } else {
        Rule::WrongType(wanted)
    }
}

pub(super) fn amount(text: &str) -> Result<Fen, Rule> {
    typed::fen_of_wan(text).map_err(|why| match why {
        NoAmount::Missing => Rule::Required,
        NoAmount::NotANumber | NoAmount::TooFine => Rule::WrongType("以万元为单位的数，最多六位小数"),
        NoAmount::TooLarge => Rule::OutOfRange {
            min: 1,
            max: Fen::LIMIT,
        },
    })
}

fn number(text: &str) -> Result<u32, Rule> {
    let number = typed::whole(text).and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| missing(text, "整数"))
}

/// Basis points with a sign.
fn signed(text: &str) -> Result<i64, Rule> {
    let trimmed = text.trim();
    let (sign, digits) = match trimmed.strip_prefix(['-', '−', '－']) {
        Some(digits) => (-1, digits),
        None => (1, trimmed.trim_start_matches(['+', '＋'])),
    };
    let number = typed::whole(digits).map(|number| sign * number);
    number.ok_or_else(|| missing(text, "整数，单位基点，可以为负"))
}

pub(super) fn day(text: &str) -> Result<Day, Rule> {
    typed::day(text).ok_or_else(|| if is_empty(text) { Rule::Required } else { Rule::Date })
}

fn code<T: Code>(text: &str) -> Result<T, Rule> {
    T::find(text).ok_or(Rule::Required)
}

fn optional<T>(text: &str, read: impl FnOnce(&str) -> Result<T, Rule>) -> Result<Option<T>, Rule> {
    if is_empty(text) { Ok(None) } else { read(text).map(Some) }
}

/// Percent as bp; 元 as 分.
fn fee_value(text: &str, basis: FeeBasis) -> Result<i64, Rule> {
    if basis != FeeBasis::UpfrontFixed {
        return typed::bp_of_percent(text).ok_or_else(|| missing(text, "百分数，最多两位小数"));
    }
    // What reads as 万元 is 10,000 times as much; 元 with more than two decimals is no whole number of 分.
    let scaled = typed::fen_of_wan(text).ok().map(Fen::get);
    let fen = scaled.filter(|fen| fen % 10_000 == 0).map(|fen| fen / 10_000);
    fen.ok_or_else(|| missing(text, "以元为单位的数，最多两位小数"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> OfferTyped {
        OfferTyped {
            product: "PA".to_owned(),
            amount: "100".to_owned(),
            term_months: "12".to_owned(),
            base: "lpr_1y".to_owned(),
            spread: "-5".to_owned(),
            repayment: "interest_only".to_owned(),
            start_on: "2026/11/20".to_owned(),
            every: "3".to_owned(),
            due_day: "２０".to_owned(),
            day_count: "act/360".to_owned(),
            guarantee: "credit".to_owned(),
            early: "不收违约金".to_owned(),
            late: "上浮五成".to_owned(),
            valid_until: "2026-12-10".to_owned(),
            ..OfferTyped::default()
        }
    }

    #[test]
    fn what_is_typed_reads_and_is_typed_again_alike() {
        let mut offer = typed();
        offer.fee_name = vec![String::new(), "担保费".to_owned(), "评估费".to_owned()];
        offer.fee_kind = vec!["other".to_owned(), "guarantee".to_owned(), "appraisal".to_owned()];
        offer.fee_basis = vec![
            "upfront_rate".to_owned(),
            "annual_rate".to_owned(),
            "upfront_fixed".to_owned(),
        ];
        offer.fee_value = vec![String::new(), "0.5".to_owned(), "1,200.50".to_owned()];
        offer.fee_payee = vec![String::new(), "区担保公司".to_owned(), String::new()];
        offer.fee_bearer = vec!["borrower".to_owned(), "borrower".to_owned(), "bank".to_owned()];
        let form = offer.read().expect("an offer");
        assert_eq!(
            (form.amount_fen.get(), form.rate.spread_bp, form.due_day),
            (100_000_000, -5, Some(20))
        );
        assert_eq!(form.fees.iter().map(|fee| fee.value).collect::<Vec<_>>(), [50, 120_050]);
        assert_eq!(offer.row_of_fee(1), 3, "the empty row is none of the list");
        assert_eq!(OfferTyped::from(&form).read(), Ok(form));
    }

    #[test]
    fn each_field_that_does_not_read_is_named_at_once() {
        let mut offer = typed();
        offer.amount = "一百".to_owned();
        offer.spread = "0.5".to_owned();
        offer.guarantee.clear();
        offer.valid_until = "2026-02-30".to_owned();
        offer.fee_name = vec!["担保费".to_owned()];
        offer.fee_basis = vec!["annual_rate".to_owned()];
        let problems = offer.read().expect_err("nothing reads");
        let said: Vec<String> = problems
            .list()
            .iter()
            .map(|one| format!("{} {}", one.field, one.rule.code()))
            .collect();
        assert_eq!(
            said,
            [
                "amount wrong_type",
                "spread wrong_type",
                "guarantee required",
                "fee-1 required",
                "fee-1 required",
                "fee-1 required",
                "valid_until bad_date"
            ]
        );
    }

    #[test]
    fn a_fixed_rate_stands_on_nothing() {
        let offer = OfferTyped {
            base: "fixed".to_owned(),
            fixed: "4.25%".to_owned(),
            ..typed()
        };
        let rate = offer.read().expect("an offer").rate;
        assert_eq!((rate.base, rate.lpr_on, rate.spread_bp), (RateBase::Fixed, None, 425));
        assert_eq!(signed("＋１５"), Ok(15));
        assert_eq!(signed("−15"), Ok(-15));
    }
}
