//! Contracts, and what banks register of their loans.

use super::super::DemoRequest;
use super::{Asked, Lent, Step, Waiting, Year};
use crate::actions::loans::entering::Entry;
use crate::actions::loans::{self, Disbursement, Repaid, StoredLoan, contract, entering, renewals};
use crate::actions::offers::ending;
use crate::actions::{ActionError, Service};
use crate::domain::codes::Repayment;
use crate::domain::dates::Day;
use crate::domain::loan::Contract;
use crate::domain::request::RequestState;
use uuid::Uuid;

/// Days before its maturity on which a borrower asks for a renewal: most relay products look no further ahead.
const RENEWED_DAYS_BEFORE: i64 = 29;
/// Months from one payment of the demo to the next.
const QUARTER: u32 = 3;

impl Year<'_> {
    pub(super) fn sign(
        &mut self,
        now: &Service,
        day: Day,
        asked: Asked,
        bank: String,
        offer: Uuid,
    ) -> Result<(), ActionError> {
        if self.waits(day, Waiting::Signing) {
            return Ok(());
        }
        let clerk = self.who(&bank)?.clone();
        if self.random.chance(5) {
            if self.random.chance(50) {
                ending::fall_through(now, self.owner(asked)?, offer, "抵押登记条件有变，双方协商终止。")?;
            } else {
                ending::fall_through(now, &clerk, offer, "贷前复核发现企业新增对外担保。")?;
            }
            return Ok(());
        }
        let asking = contract::ask(now, &clerk, offer)?;
        let number = format!("{}-{}", bank.to_uppercase(), &asking.offer.number);
        let renews = |loan: &&StoredLoan| {
            let enough = loan.sums.balance_fen() <= asking.offer.terms.amount_fen.get();
            enough && loan.overdue_since.is_none() && day < loan.matures_on
        };
        let follows = asking.renewable.iter().find(renews).map(|loan| loan.id);
        let contract = Contract {
            number,
            signed_on: day,
            matures_on: None,
            is_first: follows.is_none() && self.random.chance(15),
            follows,
        };
        let id = contract::register(now, &clerk, offer, &contract, None)?.id;
        self.in_days(day, (1, 6), Step::Draw(Lent { bank, id }));
        Ok(())
    }

    fn enter(&self, now: &Service, lent: &Lent, entry: &Entry) -> Result<(), ActionError> {
        entering::enter(now, self.who(&lent.bank)?, lent.id, entry, None, None)?;
        Ok(())
    }

    pub(super) fn draw(&mut self, now: &Service, day: Day, lent: Lent) -> Result<(), ActionError> {
        if self.waits(day, Waiting::Drawing) {
            return Ok(());
        }
        if self.random.chance(2) {
            return self.enter(now, &lent, &Entry::Cancel("企业订单推迟，不再用款。".to_owned()));
        }
        let loan = loans::show(now, self.who(&lent.bank)?, lent.id)?.loan;
        let all = loan.sums.amount_fen;
        // What renews a loan takes its place at once.
        let in_parts = loan.follows_id.is_none() && self.random.chance(25);
        let amount_fen = if in_parts {
            whole_wan(all * 6 / 10).max(1).min(all)
        } else {
            all
        };
        self.enter(now, &lent, &Entry::Draw(Disbursement { on: day, amount_fen }))?;
        if in_parts {
            self.in_days(day, (15, 45), Step::DrawMore(lent.clone()));
        }
        self.then(day.plus_months(QUARTER).min(loan.matures_on), Step::Pay(lent.clone()));
        if self.random.chance(75) {
            let asks_on = loan.matures_on.plus_days(-RENEWED_DAYS_BEFORE);
            self.then(asks_on.max(day), Step::Renew(lent.clone()));
        }
        self.then(loan.matures_on, Step::Settle(lent));
        Ok(())
    }

    /// The borrower asks for the loan to be renewed, as its page lets it.
    pub(super) fn renew(&mut self, now: &Service, day: Day, lent: &Lent) -> Result<(), ActionError> {
        let loan = loans::show(now, self.who(&lent.bank)?, lent.id)?.loan;
        if loan.sums.balance_fen() == 0 || loan.overdue_since.is_some() {
            return Ok(());
        }
        self.requests.push(DemoRequest {
            uscc: loan.uscc,
            need: renewals::need_of(&loan),
            state: RequestState::Open,
            created_on: day,
            submitted_on: Some(day),
        });
        self.then(day, Step::Begin(self.requests.len() - 1));
        Ok(())
    }

    /// The rest is drawn, or the bank lets nothing more be drawn.
    pub(super) fn draw_more(&mut self, now: &Service, day: Day, lent: &Lent) -> Result<(), ActionError> {
        let loan = loans::show(now, self.who(&lent.bank)?, lent.id)?.loan;
        if self.random.chance(20) {
            return self.enter(now, lent, &Entry::CloseDrawing(day));
        }
        let amount_fen = loan.sums.drawable_fen();
        self.enter(now, lent, &Entry::Draw(Disbursement { on: day, amount_fen }))
    }

    /// A quarter's interest, and principal where the loan is paid back by and by; a few are late.
    pub(super) fn pay(&mut self, now: &Service, day: Day, lent: Lent) -> Result<(), ActionError> {
        let loan = loans::show(now, self.who(&lent.bank)?, lent.id)?.loan;
        if day >= loan.matures_on {
            return Ok(());
        }
        let next = day.plus_months(QUARTER).min(loan.matures_on);
        if loan.overdue_since.is_some() {
            self.enter(now, &lent, &Entry::ClearOverdue)?;
        } else if self.random.chance(2) {
            self.enter(now, &lent, &Entry::MarkOverdue(day))?;
            self.in_days(day, (10, 60), Step::Pay(lent));
            return Ok(());
        }
        let balance = loan.sums.balance_fen();
        let months = i64::from(loan.term_months.max(1));
        let principal_fen = match loan.repayment {
            Repayment::EqualInstalment | Repayment::EqualPrincipal => {
                (loan.sums.amount_fen / months * i64::from(QUARTER)).min(balance)
            }
            Repayment::OnDemand => whole_wan(balance / 4),
            Repayment::InterestOnly | Repayment::Bullet => 0,
        };
        let repaid = Repaid {
            on: day,
            principal_fen,
            interest_fen: interest(balance, loan.rate_bp, i64::from(QUARTER)),
        };
        self.enter(now, &lent, &Entry::Repay(repaid))?;
        self.then(next, Step::Pay(lent));
        Ok(())
    }

    pub(super) fn settle(&mut self, now: &Service, day: Day, lent: &Lent) -> Result<(), ActionError> {
        let loan = loans::show(now, self.who(&lent.bank)?, lent.id)?.loan;
        let balance = loan.sums.balance_fen();
        if balance > 0 {
            let repaid = Repaid {
                on: day,
                principal_fen: balance,
                interest_fen: interest(balance, loan.rate_bp, i64::from(QUARTER)),
            };
            self.enter(now, lent, &Entry::Repay(repaid))?;
        }
        self.enter(now, lent, &Entry::Settle(day))
    }
}

/// Whole 万元 of a sum, in 分.
const fn whole_wan(fen: i64) -> i64 {
    fen / 1_000_000 * 1_000_000
}

/// Simple interest on a balance, in whole 分.
fn interest(balance_fen: i64, rate_bp: i64, months: i64) -> i64 {
    let fen = i128::from(balance_fen) * i128::from(rate_bp) * i128::from(months) / 120_000;
    i64::try_from(fen).unwrap_or(0).max(1)
}
