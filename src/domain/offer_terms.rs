//! What a bank offers: the form that pages and the API carry, and the terms that hold every rule.
//!
//! The rules here are those that refuse at once. What is only looked at by the centre is `offer_checks`'.

use super::codes::{Bearer, DayCount, FeeKind, Guarantee, Purpose, RateBase, Repayment, Size};
use super::dates::Day;
use super::dispute::checked_text;
use super::fees::{self, Fee, Payer};
use super::invalid::{Problems, Rule};
use super::lpr::{Lpr, LprTable};
use super::money::Fen;
use super::product::{CODE_CHARS, TERM_LIMIT};
use super::term_rules::TermRules;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// How long an offer may hold at most, and how far ahead its loan may start.
pub const LONGEST_DAYS: i64 = 366;

/// How the yearly rate is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferRate {
    /// What the spread stands on.
    pub base: RateBase,
    /// The day of the LPR's announcement; the newest one where none is given. None of a fixed rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lpr_on: Option<Day>,
    /// Spread in bp, may be negative; the whole rate where the base is fixed.
    pub spread_bp: i64,
}

/// An offer as it stands in the API and the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferForm {
    /// Code of the product, one of those that were picked.
    pub product: String,
    /// How much, in 分.
    pub amount_fen: Fen,
    /// For how many months.
    pub term_months: u32,
    /// At what rate.
    pub rate: OfferRate,
    /// How it is repaid.
    pub repayment: Repayment,
    /// Months of interest only, before the principal is repaid.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub principal_grace_months: u32,
    /// The day on which the schedule begins: that of the draw, as planned.
    pub start_on: Day,
    /// Months from one due date to the next.
    pub due_every_months: u32,
    /// The day of the month on which payments fall due; whole periods from the start where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_day: Option<u32>,
    /// How days count; whole months bear a twelfth of the rate where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_count: Option<DayCount>,
    /// Its guarantee class.
    pub guarantee: Guarantee,
    /// What secures it, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guarantee_text: Option<String>,
    /// What is charged beside the interest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Fee>,
    /// What has to be fulfilled before it is drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<String>,
    /// What happens when it is paid back early.
    pub early_repayment: String,
    /// What happens when it is paid back late.
    pub late_repayment: String,
    /// Why the term is longer than loans of its purpose are in principle, and who approved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_reason: Option<String>,
    /// Why the borrower bears appraisal or registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_reason: Option<String>,
    /// The last day on which it can be accepted.
    pub valid_until: Day,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(months: &u32) -> bool {
    *months == 0
}

/// What an offer is held against.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The day.
    pub today: Day,
    /// What the money is for.
    pub purpose: Purpose,
    /// The firm's size as it is verified and may be known to the bank.
    pub size: Option<Size>,
    /// The announced LPR.
    pub lpr: &'a LprTable,
    /// How long loans may run.
    pub terms: TermRules,
}

/// An offer that holds every rule; made only by [`Offer::parse`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    form: OfferForm,
    rate_bp: i64,
}

impl Deref for Offer {
    type Target = OfferForm;
    fn deref(&self) -> &OfferForm {
        &self.form
    }
}

impl Offer {
    /// Holds the form against every rule. The LPR that it stands on is filled in.
    ///
    /// # Errors
    /// Each rule that is broken, with the path of its field.
    pub fn parse(form: OfferForm, around: &Around<'_>) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let mut form = form;
        check_amounts(&form, around, &mut problems);
        check_dates(&form, around.today, &mut problems);
        let payer = match around.size {
            Some(Size::Medium | Size::Large) => Payer::Larger,
            Some(Size::Micro | Size::Small) | None => Payer::MayBeSmall,
        };
        fees::check(&form.fees, payer, &mut problems);
        check_texts(&mut form, around, &mut problems);
        let rate_bp = rate_of(&mut form, around, &mut problems).unwrap_or_default();
        problems.or(Self { form, rate_bp })
    }

    /// The rate in bp.
    #[must_use]
    pub const fn rate_bp(&self) -> i64 {
        self.rate_bp
    }

    /// The day on which the last payment falls due.
    #[must_use]
    pub fn ends_on(&self) -> Day {
        self.form.start_on.plus_months(self.form.term_months)
    }
}

impl OfferForm {
    /// Whether the borrower bears what is the bank's to bear: appraisal and registration.
    #[must_use]
    pub fn shifts_fees(&self) -> bool {
        self.fees.iter().any(|fee| {
            matches!(fee.kind, FeeKind::Appraisal | FeeKind::Registration) && fee.borne_by == Bearer::Borrower
        })
    }
}

fn check_amounts(form: &OfferForm, around: &Around<'_>, problems: &mut Problems) {
    problems.text("product", &form.product, CODE_CHARS);
    problems.range("amount_fen", form.amount_fen.get(), 1, Fen::LIMIT);
    let months = i64::from(form.term_months);
    problems.range("term_months", months, 1, i64::from(TERM_LIMIT));
    let most = around.terms.at_most(around.purpose);
    let too_long = form.term_months > most && form.term_months <= TERM_LIMIT;
    problems.check(too_long, "term_months", || Rule::TermTooLong(most));
    let longest = months.clamp(1, i64::from(TERM_LIMIT));
    problems.range("due_every_months", i64::from(form.due_every_months), 1, longest);
    problems.range(
        "principal_grace_months",
        i64::from(form.principal_grace_months),
        0,
        longest - 1,
    );
    if let Some(day) = form.due_day {
        problems.range("due_day", i64::from(day), 1, 31);
    }
}

fn check_dates(form: &OfferForm, today: Day, problems: &mut Problems) {
    let last = today.plus_days(LONGEST_DAYS);
    for (field, day) in [("start_on", form.start_on), ("valid_until", form.valid_until)] {
        problems.check(day < today || day > last, field, || Rule::DayOutOfRange {
            min: today,
            max: last,
        });
    }
}

/// Trims the texts, and asks for those that must be there.
fn check_texts(form: &mut OfferForm, around: &Around<'_>, problems: &mut Problems) {
    let mut required = |field: &str, text: &mut String| match checked_text(field, text) {
        Ok(clean) => *text = clean,
        Err(more) => problems.extend(more),
    };
    required("early_repayment", &mut form.early_repayment);
    required("late_repayment", &mut form.late_repayment);
    let is_long = form.term_months > around.terms.in_principle(around.purpose);
    let shifts = form.shifts_fees();
    let texts = [
        ("guarantee_text", &mut form.guarantee_text, false),
        ("conditions", &mut form.conditions, false),
        ("term_reason", &mut form.term_reason, is_long),
        ("fee_reason", &mut form.fee_reason, shifts),
    ];
    for (field, text, is_needed) in texts {
        if let Some(typed) = text.as_deref().filter(|text| !text.trim().is_empty()) {
            match checked_text(field, typed) {
                Ok(clean) => *text = Some(clean),
                Err(more) => problems.extend(more),
            }
        } else {
            *text = None;
            problems.check(is_needed, field, || Rule::Required);
        }
    }
}

/// The highest rate, in bp: what a schedule is made of.
const MOST_BP: i64 = 10_000;

fn rate_of(form: &mut OfferForm, around: &Around<'_>, problems: &mut Problems) -> Option<i64> {
    let rate = &mut form.rate;
    let base_bp = if rate.base == RateBase::Fixed {
        problems.check(rate.lpr_on.is_some(), "rate.lpr_on", || Rule::Fixed);
        0
    } else {
        let lpr = problems.take("rate.lpr_on", lpr_on(rate.lpr_on, around))?;
        rate.lpr_on = Some(lpr.announced_on);
        lpr.base_bp(rate.base, form.term_months)
    };
    problems.range("rate.spread_bp", rate.spread_bp, -base_bp, MOST_BP - base_bp);
    base_bp.checked_add(rate.spread_bp)
}

/// The announcement of that day, or the newest.
fn lpr_on(day: Option<Day>, around: &Around<'_>) -> Result<Lpr, Rule> {
    let found = around.lpr.on(day.unwrap_or(around.today).min(around.today));
    let named = found.filter(|lpr| day.is_none_or(|day| lpr.announced_on == day));
    named.ok_or_else(|| Rule::NotFound(day.map_or_else(|| "LPR".to_owned(), |day| format!("{day} 公布的 LPR"))))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn day(text: &str) -> Day {
        text.parse().expect("a date")
    }

    pub(crate) fn form() -> OfferForm {
        OfferForm {
            product: "p-1".to_owned(),
            amount_fen: Fen::new(300_000_000).expect("money"),
            term_months: 12,
            rate: OfferRate {
                base: RateBase::LprByTerm,
                lpr_on: None,
                spread_bp: 50,
            },
            repayment: Repayment::InterestOnly,
            principal_grace_months: 0,
            start_on: day("2026-12-10"),
            due_every_months: 1,
            due_day: Some(20),
            day_count: Some(DayCount::Act360),
            guarantee: Guarantee::Credit,
            guarantee_text: None,
            fees: Vec::new(),
            conditions: None,
            early_repayment: "可提前还款，不收违约金".to_owned(),
            late_repayment: "逾期部分按合同利率上浮五成计息".to_owned(),
            term_reason: None,
            fee_reason: None,
            valid_until: day("2026-12-31"),
        }
    }

    pub(crate) fn lpr() -> LprTable {
        let row = |date, one, five| Lpr::parse(date, one, five).expect("an LPR");
        LprTable::new(vec![
            row("2026-10-20", "3.00", "3.50"),
            row("2026-11-20", "2.95", "3.45"),
        ])
        .expect("a table")
    }

    pub(crate) const TERMS: TermRules = TermRules {
        working_capital: 36,
        working_capital_most: 60,
        fixed_assets: 120,
    };

    pub(crate) fn around(lpr: &LprTable) -> Around<'_> {
        Around {
            today: day("2026-11-26"),
            purpose: Purpose::WorkingCapital,
            size: Some(Size::Small),
            lpr,
            terms: TERMS,
        }
    }

    /// The broken rules as `field code`.
    fn broken(form: OfferForm, around: &Around<'_>) -> Vec<String> {
        let said = |problems: Problems| {
            let all = problems.list().iter();
            all.map(|one| format!("{} {}", one.field, one.rule.code())).collect()
        };
        Offer::parse(form, around).err().map_or_else(Vec::new, said)
    }

    fn fee(kind: FeeKind, borne_by: Bearer) -> Fee {
        Fee {
            name: "费".to_owned(),
            kind,
            basis: super::super::codes::FeeBasis::UpfrontRate,
            value: 20,
            payee: None,
            borne_by,
        }
    }

    #[test]
    fn the_rate_stands_on_the_lpr_that_is_named_or_the_newest() {
        let lpr = lpr();
        let parse = |form| Offer::parse(form, &around(&lpr)).expect("an offer");
        let newest = parse(form());
        assert_eq!((newest.rate_bp(), newest.rate.lpr_on), (345, Some(day("2026-11-20"))));
        let mut older = form();
        older.rate.lpr_on = Some(day("2026-10-20"));
        assert_eq!(parse(older).rate_bp(), 350);
        let mut fixed = form();
        fixed.rate = OfferRate {
            base: RateBase::Fixed,
            lpr_on: None,
            spread_bp: 420,
        };
        assert_eq!(parse(fixed).rate_bp(), 420);
        for unknown in ["2026-10-21", "2027-01-20"] {
            let mut form = form();
            form.rate.lpr_on = Some(day(unknown));
            assert_eq!(broken(form, &around(&lpr)), ["rate.lpr_on not_found"]);
        }
    }

    #[test]
    fn a_long_term_asks_for_its_reason_and_a_longer_one_is_refused() {
        let lpr = lpr();
        let at = |months, purpose, reason: Option<&str>| {
            let around = Around {
                purpose,
                ..around(&lpr)
            };
            let form = OfferForm {
                term_months: months,
                term_reason: reason.map(str::to_owned),
                ..form()
            };
            broken(form, &around)
        };
        let none: [&str; 0] = [];
        assert_eq!(at(36, Purpose::Research, None), none);
        assert_eq!(at(37, Purpose::Refinancing, None), ["term_reason required"]);
        assert_eq!(at(60, Purpose::WorkingCapital, Some("总行已批")), none);
        assert_eq!(
            at(61, Purpose::Commercialisation, Some("总行已批")),
            ["term_months term_too_long"]
        );
        assert_eq!(at(120, Purpose::FixedAssets, None), none);
        assert_eq!(at(121, Purpose::TechUpgrade, None), ["term_reason required"]);
        assert_eq!(at(240, Purpose::TechUpgrade, Some("总行已批")), none);
    }

    #[test]
    fn what_is_the_banks_to_bear_asks_for_a_reason_where_the_firm_bears_it() {
        let lpr = lpr();
        for kind in [FeeKind::Appraisal, FeeKind::Registration] {
            let shifted = OfferForm {
                fees: vec![fee(kind, Bearer::Borrower)],
                ..form()
            };
            assert_eq!(broken(shifted.clone(), &around(&lpr)), ["fee_reason required"]);
            let said = OfferForm {
                fee_reason: Some("企业自行委托评估".to_owned()),
                ..shifted
            };
            assert!(broken(said, &around(&lpr)).is_empty());
            let borne = OfferForm {
                fees: vec![fee(kind, Bearer::Bank)],
                ..form()
            };
            assert!(broken(borne, &around(&lpr)).is_empty());
        }
    }

    #[test]
    fn forbidden_fees_are_refused_whoever_bears_them() {
        let lpr = lpr();
        let offered = |kind, size| {
            let form = OfferForm {
                fees: vec![fee(kind, Bearer::Bank)],
                ..form()
            };
            let around = Around { size, ..around(&lpr) };
            broken(form, &around) == ["fees[0].kind forbidden_fee"]
        };
        for size in [
            None,
            Some(Size::Micro),
            Some(Size::Small),
            Some(Size::Medium),
            Some(Size::Large),
        ] {
            assert!(offered(FeeKind::FundManagement, size) && offered(FeeKind::EntrustedPayment, size));
            let is_small = size.is_none_or(|size| size <= Size::Small);
            for kind in [
                FeeKind::EarlyRepayment,
                FeeKind::LateDrawing,
                FeeKind::Commitment,
                FeeKind::Certificate,
            ] {
                assert_eq!(offered(kind, size), is_small, "{kind} {size:?}");
            }
            assert!(!offered(FeeKind::Guarantee, size));
        }
    }

    #[test]
    fn every_field_is_held_to_its_bounds_at_once() {
        let lpr = lpr();
        let bad = OfferForm {
            amount_fen: Fen::ZERO,
            term_months: 0,
            due_every_months: 0,
            principal_grace_months: 12,
            due_day: Some(32),
            start_on: day("2026-11-25"),
            valid_until: day("2028-01-01"),
            early_repayment: " ".to_owned(),
            conditions: Some("坏\u{202e}".to_owned()),
            ..form()
        };
        assert_eq!(
            broken(bad, &around(&lpr)),
            [
                "amount_fen out_of_range",
                "term_months out_of_range",
                "due_every_months out_of_range",
                "principal_grace_months out_of_range",
                "due_day out_of_range",
                "start_on day_out_of_range",
                "valid_until day_out_of_range",
                "early_repayment required",
                "conditions bad_character"
            ]
        );
    }

    #[test]
    fn texts_are_trimmed_and_empty_ones_are_none() {
        let lpr = lpr();
        let typed = OfferForm {
            conditions: Some("  ".to_owned()),
            guarantee_text: Some(" 法定代表人保证\r\n ".to_owned()),
            ..form()
        };
        let offer = Offer::parse(typed, &around(&lpr)).expect("an offer");
        assert_eq!(offer.conditions, None);
        assert_eq!(offer.guarantee_text.as_deref(), Some("法定代表人保证"));
    }
}
