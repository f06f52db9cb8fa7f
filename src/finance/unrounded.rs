//! The annual cost of a loan with months of grace, on unrounded flows: the matching contract's figure
//! where its closed form ([`super::annual_cost`]) does not reach.
//!
//! The flows are written out month by month. All that the borrower pays is worth less at a higher rate,
//! so the one root is bracketed and searched.

use super::annual_cost::CEILING_PCT;
use super::irr::{IrrError, MonthFigures, to_float};
use super::root;
use crate::domain::codes::{FeeBasis, Repayment};
use crate::domain::fees::Fee;

/// The annual cost in percent of a loan paid monthly, no figure on the way rounded.
///
/// # Errors
/// [`IrrError::OutOfRange`] where the cost would be above 10,000 %, as when the fees take all.
pub(super) fn unrounded_effective_pct(
    repayment: Repayment,
    rate_bp: i64,
    term_months: u32,
    amount_fen: i64,
    fees: &[Fee],
    grace_months: u32,
) -> Result<f64, IrrError> {
    let amount = to_float(amount_fen);
    let loan = Loan {
        repayment,
        amount,
        monthly: to_float(rate_bp) / 120_000.0,
        term_months,
        grace_months,
    };
    let mut balance = amount;
    let mut paid = vec![fees_at(0, &loan, balance, fees)];
    for month in 1..=term_months {
        let (principal, interest) = loan.repaid(month, balance);
        balance -= principal;
        paid.push(principal + interest + fees_at(month, &loan, balance, fees));
    }
    // Rises with the rate. Horner from the last month: no power is computed.
    let missing = |x: f64| {
        let discount = (-x).exp();
        amount - paid.iter().rev().fold(0.0, |worth, payment| worth * discount + payment)
    };
    let highest = (CEILING_PCT / 100.0).ln_1p() / 12.0;
    if missing(highest) < 0.0 {
        return Err(IrrError::OutOfRange);
    }
    // A loan at no cost has its root at 0, where roundings may leave either sign.
    let x = if missing(0.0) >= 0.0 {
        Ok(0.0)
    } else {
        root::find(missing, 0.0, highest)
    };
    x.map(|x| MonthFigures::from_log_rate(x).effective_pct)
        .or(Err(IrrError::NoConvergence))
}

struct Loan {
    repayment: Repayment,
    amount: f64,
    monthly: f64,
    term_months: u32,
    grace_months: u32,
}

impl Loan {
    /// Principal and interest paid in a month, from 1.
    fn repaid(&self, month: u32, balance: f64) -> (f64, f64) {
        let interest = balance * self.monthly;
        let repaying = self.term_months - self.grace_months;
        let last = month == self.term_months;
        match self.repayment {
            Repayment::Bullet if last => (balance, interest * f64::from(self.term_months)),
            Repayment::Bullet => (0.0, 0.0),
            _ if last => (balance, interest),
            Repayment::InterestOnly | Repayment::OnDemand => (0.0, interest),
            _ if month <= self.grace_months => (0.0, interest),
            Repayment::EqualPrincipal => (self.amount / f64::from(repaying), interest),
            Repayment::EqualInstalment if self.monthly == 0.0 => (self.amount / f64::from(repaying), 0.0),
            Repayment::EqualInstalment => {
                let discounted = -(-f64::from(repaying) * self.monthly.ln_1p()).exp_m1();
                (self.amount * self.monthly / discounted - interest, interest)
            }
        }
    }
}

fn fees_at(month: u32, loan: &Loan, balance: f64, fees: &[Fee]) -> f64 {
    let yearly = month.is_multiple_of(12) && month < loan.term_months;
    let charge = |fee: &Fee| {
        let value = to_float(fee.value);
        match fee.basis {
            FeeBasis::UpfrontRate if month == 0 => loan.amount * value / 10_000.0,
            FeeBasis::UpfrontFixed if month == 0 => value,
            FeeBasis::AnnualRate if yearly => loan.amount * value / 10_000.0,
            FeeBasis::AnnualOnBalance if yearly => balance * value / 10_000.0,
            FeeBasis::MonthlyRate if month > 0 => loan.amount * value / 10_000.0,
            _ => 0.0,
        }
    };
    fees.iter().filter(|fee| fee.is_borrowers()).map(charge).sum()
}

#[cfg(test)]
mod tests {
    use super::unrounded_effective_pct;
    use crate::domain::codes::{Bearer, Code, FeeBasis, FeeKind, Repayment};
    use crate::domain::fees::Fee;
    use crate::finance::annual_cost::{FeeSum, Loan, annual_cost_pct};

    #[test]
    fn grace_alone_costs_nothing() {
        let plain = (12.0 * (0.0365_f64 / 12.0).ln_1p()).exp_m1() * 100.0;
        for grace in [0, 1, 6, 35] {
            for &repayment in Repayment::ALL
                .iter()
                .filter(|repayment| **repayment != Repayment::Bullet)
            {
                let pct = unrounded_effective_pct(repayment, 365, 36, 400_000_000, &[], grace).expect("a cost");
                assert!(
                    (pct - plain).abs() < 1e-11,
                    "{repayment} with {grace} months: {pct} is not {plain}"
                );
            }
        }
    }

    #[test]
    fn without_grace_it_is_the_closed_form() {
        for (&basis, value) in FeeBasis::ALL.iter().zip([120, 34_567, 80, 65, 9]) {
            let fee = Fee {
                name: "费".into(),
                kind: FeeKind::Other,
                basis,
                value,
                payee: None,
                borne_by: Bearer::Borrower,
            };
            let fees = [fee];
            for &repayment in Repayment::ALL {
                for (rate_bp, term_months) in [(0, 1), (345, 12), (600, 25), (490, 360)] {
                    let amount_fen = 12_345_678;
                    let loan = Loan {
                        amount_fen,
                        term_months,
                        rate_bp,
                        repayment,
                    };
                    let closed = annual_cost_pct(&loan, &FeeSum::of(&fees)).expect("a cost");
                    let written = unrounded_effective_pct(repayment, rate_bp, term_months, amount_fen, &fees, 0);
                    let difference = (written.expect("a cost") - closed).abs();
                    assert!(difference < 1e-10, "{basis} {repayment} {term_months}: {difference}");
                }
            }
        }
    }

    #[test]
    fn no_interest_and_no_fees_cost_nothing() {
        for &repayment in Repayment::ALL {
            let pct = unrounded_effective_pct(repayment, 0, 7, 1, &[], 0).expect("a cost");
            assert!(pct.abs() < 1e-12, "{repayment}: {pct}");
        }
    }
}
