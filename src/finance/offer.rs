//! The figures of an offer: its schedule on real dates, and its yearly cost in each of the three ways.

use super::add_up::fee_rate_pct;
use super::cost::{self, CostError};
use super::flows::charges_of;
use super::irr::MonthFigures;
use super::rate::Rate;
use super::schedule::Schedule;
use super::terms::{DatedPlan, Length, Plan, Terms, TermsError};
use crate::domain::fees::Fee;
use crate::domain::offer_figures::{DueLine, OfferFigures};
use crate::domain::offer_terms::Offer;
use crate::domain::sheet::FeeLine;

/// Why an offer has no figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// Its terms are none of a loan.
    #[error(transparent)]
    Terms(#[from] TermsError),
    /// It has no schedule or no cost.
    #[error(transparent)]
    Cost(#[from] CostError),
}

/// What an offer comes to.
///
/// # Errors
/// See [`OfferError`].
pub fn figures(offer: &Offer) -> Result<OfferFigures, OfferError> {
    let terms = terms(offer)?;
    let sheet = cost::of_terms(&terms, &offer.fees)?;
    let lines = fee_lines(&offer.fees, &terms, &sheet.schedule);
    let fees_fen = lines.iter().map(|line| line.total_fen).fold(0, i64::saturating_add);
    let by_month = sheet.figures.by_month;
    let (annual_cost_pct, nominal_pct) = match (by_month, sheet.figures.xirr_pct) {
        (
            Some(MonthFigures {
                effective_pct,
                nominal_apr_pct,
                ..
            }),
            _,
        ) => (effective_pct, nominal_apr_pct),
        (None, xirr) => {
            let yearly = xirr.unwrap_or_default();
            (yearly, ((yearly / 100.0).ln_1p() / 12.0).exp_m1() * 1200.0)
        }
    };
    let totals = sheet.schedule.totals;
    Ok(OfferFigures {
        rate_bp: offer.rate_bp(),
        payment_fen: regular_payment(&sheet.schedule),
        interest_fen: totals.interest,
        fees_fen,
        total_fen: totals.payment.saturating_add(fees_fen),
        fees: lines,
        by_month: by_month.is_some(),
        annual_cost_pct,
        nominal_pct,
        add_up_total_pct: sheet.add_up_total_pct,
        schedule: due_lines(offer, &sheet.schedule),
    })
}

/// Whole months from the start where no due day and no day count is set; else the dates as they fall, the last of them
/// the end of the term.
fn terms(offer: &Offer) -> Result<Terms, TermsError> {
    let every_months = offer.due_every_months;
    let is_plain = offer.due_day.is_none() && offer.day_count.is_none();
    let plan = if is_plain && offer.term_months.is_multiple_of(every_months.max(1)) {
        Plan::Months {
            term_months: offer.term_months,
            every_months,
            start: Some(offer.start_on),
        }
    } else {
        Plan::Dated(DatedPlan {
            start: offer.start_on,
            length: Length::Until(offer.ends_on()),
            first_due: None,
            due_day: offer.due_day,
            every_months,
            day_count: offer.day_count,
        })
    };
    let terms = Terms::new(offer.amount_fen, Rate::from_bp(offer.rate_bp())?, offer.repayment, plan)?;
    if offer.principal_grace_months == 0 {
        Ok(terms)
    } else {
        terms.with_principal_grace(offer.principal_grace_months)
    }
}

fn fee_lines(fees: &[Fee], terms: &Terms, schedule: &Schedule) -> Vec<FeeLine> {
    let line = |fee: &Fee| {
        let (total, annual_pct) = if fee.is_borrowers() {
            let charges = charges_of(fee, terms, schedule);
            let total: i128 = charges.iter().map(|charge| charge.fen).sum();
            (total, fee_rate_pct(fee, terms, schedule).ok())
        } else {
            (0, Some(0.0))
        };
        FeeLine {
            fee: fee.clone(),
            total_fen: i64::try_from(total).unwrap_or(i64::MAX),
            annual_pct,
        }
    };
    fees.iter().map(line).collect()
}

fn regular_payment(schedule: &Schedule) -> i64 {
    match schedule.rows.split_last() {
        Some((last, before)) => before.iter().map(|row| row.payment).max().unwrap_or(last.payment),
        None => 0,
    }
}

fn due_lines(offer: &Offer, schedule: &Schedule) -> Vec<DueLine> {
    let rows = schedule.rows.iter();
    rows.map(|row| DueLine {
        period: row.period,
        due_on: row.date.unwrap_or_else(|| offer.ends_on()),
        principal_fen: row.principal,
        interest_fen: row.interest,
        payment_fen: row.payment,
        balance_fen: row.balance,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::codes::{Bearer, DayCount, FeeBasis, FeeKind, Purpose, RateBase, Repayment};
    use crate::domain::money::Fen;
    use crate::domain::offer_terms::tests::{around, form, lpr};
    use crate::domain::offer_terms::{Around, OfferForm, OfferRate};

    fn offer(form: OfferForm) -> Offer {
        let lpr = lpr();
        let around = Around {
            purpose: Purpose::FixedAssets,
            ..around(&lpr)
        };
        Offer::parse(form, &around).expect("an offer")
    }

    /// A loan in whole months with one fee at its start, in 元.
    fn plain(yuan: i64, bp: i64, months: u32, repayment: Repayment, fee_yuan: i64) -> OfferForm {
        let fee = Fee {
            name: "担保费".to_owned(),
            kind: FeeKind::Guarantee,
            basis: FeeBasis::UpfrontFixed,
            value: fee_yuan * 100,
            payee: Some("区担保公司".to_owned()),
            borne_by: Bearer::Borrower,
        };
        OfferForm {
            amount_fen: Fen::new(yuan * 100).expect("money"),
            term_months: months,
            rate: OfferRate {
                base: RateBase::Fixed,
                lpr_on: None,
                spread_bp: bp,
            },
            repayment,
            due_day: None,
            day_count: None,
            fees: vec![fee],
            ..form()
        }
    }

    #[test]
    fn the_sheets_vectors() {
        use Repayment::{EqualInstalment, EqualPrincipal, InterestOnly};
        // RULES.md: loan, rate, months, repayment, fee; fee rate × 12, add-up total, IRR × 12, effective.
        let vectors = [
            (
                1_000_000,
                350,
                12,
                InterestOnly,
                0,
                ["0.0000", "3.5000", "3.5000", "3.5567"],
            ),
            (
                1_000_000,
                350,
                12,
                InterestOnly,
                10_000,
                ["1.0055", "4.5055", "4.5247", "4.6197"],
            ),
            (
                1_000_000,
                350,
                12,
                EqualInstalment,
                10_000,
                ["1.8496", "5.3496", "5.3750", "5.5094"],
            ),
            (
                1_000_000,
                385,
                36,
                EqualPrincipal,
                20_000,
                ["1.3154", "5.1654", "5.2197", "5.3464"],
            ),
            (
                3_000_000,
                420,
                120,
                EqualInstalment,
                30_000,
                ["0.1867", "4.3867", "4.4153", "4.5058"],
            ),
            (
                5_000_000,
                300,
                36,
                InterestOnly,
                50_000,
                ["0.3351", "3.3351", "3.3508", "3.4028"],
            ),
        ];
        for (yuan, bp, months, repayment, fee, want) in vectors {
            let figures = figures(&offer(plain(yuan, bp, months, repayment, fee))).expect("figures");
            let line = figures.fees.first().expect("a fee");
            let got = [
                line.annual_pct.expect("a rate"),
                figures.add_up_total_pct,
                figures.nominal_pct,
                figures.annual_cost_pct,
            ];
            assert_eq!(got.map(|pct| format!("{pct:.4}")), want, "{yuan} {bp} {months}");
            assert_eq!(figures.fees_fen, fee * 100);
            assert!(figures.by_month);
        }
    }

    #[test]
    fn a_schedule_on_real_dates_counts_its_days_and_ends_with_its_term() {
        let offer = offer(OfferForm {
            rate: OfferRate {
                base: RateBase::Fixed,
                lpr_on: None,
                spread_bp: 360,
            },
            due_every_months: 3,
            due_day: Some(20),
            day_count: Some(DayCount::Act360),
            ..form()
        });
        let figures = figures(&offer).expect("figures");
        let dates: Vec<String> = figures.schedule.iter().map(|line| line.due_on.to_string()).collect();
        assert_eq!(
            dates,
            ["2026-12-20", "2027-03-20", "2027-06-20", "2027-09-20", "2027-12-10"]
        );
        // 3,000,000 元 at 3.6 % over 360 days: 300 元 a day; 10, 90, 92, 92 and 81 days.
        let interest: Vec<i64> = figures.schedule.iter().map(|line| line.interest_fen).collect();
        assert_eq!(interest, [300_000, 2_700_000, 2_760_000, 2_760_000, 2_430_000]);
        assert_eq!(figures.total_fen, 300_000_000 + 10_950_000);
        assert_eq!(figures.payment_fen, 2_760_000);
        assert!(!figures.by_month);
        // Its yearly rate compounds what the months make: 365 days of 3.6 % / 360, paid as it falls due.
        assert!(
            (3.69..3.72).contains(&figures.annual_cost_pct),
            "{}",
            figures.annual_cost_pct
        );
        assert!(figures.nominal_pct < figures.annual_cost_pct);
    }

    #[test]
    fn what_the_bank_bears_is_named_and_costs_nothing() {
        let mut form = plain(1_000_000, 350, 12, Repayment::InterestOnly, 10_000);
        for fee in &mut form.fees {
            fee.borne_by = Bearer::Bank;
        }
        let figures = figures(&offer(form)).expect("figures");
        assert_eq!(
            figures.fees.first().map(|line| (line.total_fen, line.annual_pct)),
            Some((0, Some(0.0)))
        );
        assert_eq!(format!("{:.4}", figures.add_up_total_pct), "3.5000");
    }

    #[test]
    fn a_fee_that_takes_everything_has_no_figures() {
        let all = plain(10, 350, 12, Repayment::InterestOnly, 10);
        assert!(matches!(figures(&offer(all)), Err(OfferError::Cost(_))));
    }

    #[test]
    fn grace_that_leaves_no_period_is_told() {
        let mut form = plain(1_000_000, 350, 12, Repayment::EqualPrincipal, 0);
        form.due_every_months = 3;
        form.principal_grace_months = 4;
        assert_eq!(figures(&offer(form)), Err(OfferError::Terms(TermsError::Grace)));
    }
}
