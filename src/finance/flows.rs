//! From terms and fees to rounded flows of money, as the borrower sees them.
//!
//! Interest, principal and each fee are rounded half up to the 分 one by one. Fees that the bank bears
//! are left out. Fees count in months from the draw (the matching contract's table); in a loan whose
//! periods are told by dates month `m` is the `m`-th monthly anniversary of the start, but never later
//! than the last due date, and the balance is the one after the payments due by then.

use super::rate::round_half_up;
use super::schedule::Schedule;
use super::terms::{Plan, Terms};
use crate::domain::codes::FeeBasis;
use crate::domain::dates::Day;
use crate::domain::fees::Fee;
use crate::domain::money::Fen;
use crate::domain::rate::LIMIT_BP;
use std::collections::BTreeMap;

/// Why fees make no flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlowError {
    /// A fee is negative, above 10^15 分, or above [`LIMIT_BP`].
    #[error("fees[{index}].value: must be from 0 to 10^15 fen, or to 1000000 bp")]
    Fee {
        /// Its place in the list, from 0.
        index: usize,
    },
    /// The flows of one date add up to more than 64 bits.
    #[error("fees: they add up to more than can be counted in fen")]
    TooLarge,
}

/// One fee at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Charge {
    /// Months after the draw.
    pub month: u32,
    /// 分, at least 0.
    pub fen: i128,
}

/// Flows on whole months `(month, 分)`, in order and without those of nothing; `None` for a loan whose
/// periods are told by dates.
///
/// # Errors
/// See [`FlowError`].
pub fn by_month(terms: &Terms, schedule: &Schedule, fees: &[Fee]) -> Result<Option<Vec<(u32, i64)>>, FlowError> {
    let Plan::Months { every_months, .. } = *terms.plan() else {
        return Ok(None);
    };
    let payments = schedule.rows.iter().map(|row| (row.period * every_months, row.payment));
    let charges = all_charges(terms, schedule, fees)?
        .into_iter()
        .map(|charge| (charge.month, charge.fen));
    net(terms, 0, payments, charges).map(Some)
}

/// Flows on dates `(date, 分)`, in order and without those of nothing; `None` for a loan without a start.
///
/// # Errors
/// See [`FlowError`].
pub fn by_date(terms: &Terms, schedule: &Schedule, fees: &[Fee]) -> Result<Option<Vec<(Day, i64)>>, FlowError> {
    let Some(start) = terms.plan().start() else {
        return Ok(None);
    };
    let payments = schedule.rows.iter().map(|row| (row.date.unwrap_or(start), row.payment));
    let date = |month| date_of(month, start, schedule);
    let charges = all_charges(terms, schedule, fees)?
        .into_iter()
        .map(|charge| (date(charge.month), charge.fen));
    net(terms, start, payments, charges).map(Some)
}

/// The date of a month of the loan: the anniversary of its start, at most the last due date.
pub(super) fn date_of(month: u32, start: Day, schedule: &Schedule) -> Day {
    let anniversary = start.plus_months(month);
    schedule
        .rows
        .last()
        .and_then(|row| row.date)
        .map_or(anniversary, |last| anniversary.min(last))
}

fn net<T: Ord>(
    terms: &Terms,
    draw: T,
    payments: impl Iterator<Item = (T, i64)>,
    charges: impl Iterator<Item = (T, i128)>,
) -> Result<Vec<(T, i64)>, FlowError> {
    let mut sums = BTreeMap::from([(draw, i128::from(terms.amount().get()))]);
    for (time, paid) in payments.map(|(time, fen)| (time, i128::from(fen))).chain(charges) {
        *sums.entry(time).or_default() -= paid;
    }
    let narrow = |(time, fen): (T, i128)| {
        i64::try_from(fen)
            .ok()
            .map(|fen| (time, fen))
            .ok_or(FlowError::TooLarge)
    };
    sums.into_iter().filter(|(_, fen)| *fen != 0).map(narrow).collect()
}

fn all_charges(terms: &Terms, schedule: &Schedule, fees: &[Fee]) -> Result<Vec<Charge>, FlowError> {
    let mut charges = Vec::new();
    for fee in borrowers(fees)? {
        charges.extend(charges_of(fee, terms, schedule));
    }
    Ok(charges)
}

/// The fees that the borrower bears, once all are known to be within bounds.
pub(super) fn borrowers(fees: &[Fee]) -> Result<impl Iterator<Item = &Fee>, FlowError> {
    for (index, fee) in fees.iter().enumerate() {
        let limit = if fee.basis == FeeBasis::UpfrontFixed {
            Fen::LIMIT
        } else {
            LIMIT_BP
        };
        if !(0..=limit).contains(&fee.value) {
            return Err(FlowError::Fee { index });
        }
    }
    Ok(fees.iter().filter(|fee| fee.is_borrowers()))
}

/// When a fee is paid, and how much.
pub(super) fn charges_of(fee: &Fee, terms: &Terms, schedule: &Schedule) -> Vec<Charge> {
    let amount = terms.amount().get();
    let value = i128::from(fee.value);
    let share = |of: i64| round_half_up(i128::from(of) * value, 10_000);
    let yearly = (0..terms.months()).step_by(12);
    match fee.basis {
        FeeBasis::UpfrontRate => vec![Charge {
            month: 0,
            fen: share(amount),
        }],
        FeeBasis::UpfrontFixed => vec![Charge { month: 0, fen: value }],
        FeeBasis::AnnualRate => yearly
            .map(|month| Charge {
                month,
                fen: share(amount),
            })
            .collect(),
        FeeBasis::AnnualOnBalance => yearly
            .map(|month| Charge {
                month,
                fen: share(balance_after(month, terms, schedule)),
            })
            .collect(),
        FeeBasis::MonthlyRate => (1..=terms.months())
            .map(|month| Charge {
                month,
                fen: share(amount),
            })
            .collect(),
    }
}

/// Principal outstanding at a month of the loan, after what is repaid in it.
fn balance_after(month: u32, terms: &Terms, schedule: &Schedule) -> i64 {
    let paid = match terms.plan() {
        Plan::Months { every_months, .. } => schedule.rows.partition_point(|row| row.period * every_months <= month),
        Plan::Dated(plan) => {
            let date = date_of(month, plan.start, schedule);
            schedule
                .rows
                .partition_point(|row| row.date.is_some_and(|due| due <= date))
        }
    };
    paid.checked_sub(1)
        .and_then(|index| schedule.rows.get(index))
        .map_or(terms.amount().get(), |row| row.balance)
}

#[cfg(test)]
mod tests {
    use super::{FlowError, by_date, by_month};
    use crate::domain::codes::{Bearer, FeeBasis, FeeKind, Repayment};
    use crate::domain::dates::Day;
    use crate::domain::fees::Fee;
    use crate::domain::money::Fen;
    use crate::finance::rate::Rate;
    use crate::finance::schedule::Schedule;
    use crate::finance::terms::{DatedPlan, Length, Plan, Terms};

    fn fee(basis: FeeBasis, value: i64) -> Fee {
        Fee {
            name: "费".into(),
            kind: FeeKind::Other,
            basis,
            value,
            payee: None,
            borne_by: Bearer::Borrower,
        }
    }

    fn day(text: &str) -> Day {
        text.parse().expect("a date")
    }

    /// 20 months and 20 days, at no interest, in quarters due on the 20th.
    fn dated() -> (Terms, Schedule) {
        let plan = Plan::Dated(DatedPlan {
            start: day("2025-01-31"),
            length: Length::Until(day("2026-10-20")),
            first_due: Some(day("2025-04-20")),
            due_day: None,
            every_months: 3,
            day_count: None,
        });
        let (amount, rate) = (Fen::new(7_000).expect("money"), Rate::from_bp(0).expect("a rate"));
        let terms = Terms::new(amount, rate, Repayment::EqualPrincipal, plan).expect("terms");
        let schedule = Schedule::of(&terms).expect("a schedule");
        (terms, schedule)
    }

    #[test]
    fn yearly_fees_of_a_dated_loan_stand_on_its_anniversaries() {
        let (terms, schedule) = dated();
        let plain = by_date(&terms, &schedule, &[]).expect("flows").expect("dates");
        let flows = by_date(&terms, &schedule, &[fee(FeeBasis::AnnualOnBalance, 100)])
            .expect("flows")
            .expect("dates");
        let added: Vec<_> = flows.iter().filter(|flow| !plain.contains(flow)).collect();
        // 1 % of 7,000, and of the 3,000 left after four of seven parts.
        assert_eq!(added, [&(day("2025-01-31"), 6_930), &(day("2026-01-31"), -30)]);
    }

    #[test]
    fn monthly_fees_of_a_dated_loan_stop_at_its_end() {
        let (terms, schedule) = dated();
        let flows = by_date(&terms, &schedule, &[fee(FeeBasis::MonthlyRate, 10)])
            .expect("flows")
            .expect("dates");
        assert_eq!(terms.months(), 21);
        assert_eq!(flows.iter().map(|(_, fen)| fen).sum::<i64>(), -21 * 7);
        assert_eq!(flows.last(), Some(&(day("2026-10-20"), -1_007)));
    }

    #[test]
    fn what_the_bank_bears_costs_nothing_but_must_be_a_fee() {
        let (terms, schedule) = dated();
        let by_bank = |value| Fee {
            borne_by: Bearer::Bank,
            ..fee(FeeBasis::UpfrontRate, value)
        };
        let plain = by_date(&terms, &schedule, &[]);
        assert_eq!(by_date(&terms, &schedule, &[by_bank(50)]), plain);
        assert_eq!(
            by_date(&terms, &schedule, &[by_bank(0), by_bank(-1)]),
            Err(FlowError::Fee { index: 1 })
        );
        assert_eq!(by_month(&terms, &schedule, &[]), Ok(None));
    }
}
