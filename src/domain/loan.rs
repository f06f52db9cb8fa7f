//! A loan: from the registered contract over drawing and repayment to its settlement or renewal.

use super::codes::codes;
use super::dates::Day;
use super::machine::machine;
use uuid::Uuid;

codes! {
    /// Where a loan is in its life. Whether it is overdue is a mark beside it.
    LoanState {
        Registered = "registered" "已签约",
        Disbursing = "disbursing" "放款中",
        Outstanding = "outstanding" "还款中",
        Settled = "settled" "已结清",
        Renewed = "renewed" "已续贷",
        Cancelled = "cancelled" "已取消",
    }
}

machine! {
    /// What can happen to a loan.
    LoanEvent of LoanState {
        /// A part is drawn, or, where it may be drawn again, any amount.
        Draw: Registered | Disbursing => Disbursing;
        /// What is drawn makes up the contract.
        DrawAll: Registered | Disbursing => Outstanding;
        /// The bank lets nothing more be drawn.
        CloseDrawing: Disbursing => Outstanding;
        /// Principal or interest is paid.
        Repay: Disbursing => Disbursing, Outstanding => Outstanding;
        /// The bank marks it as overdue.
        MarkOverdue: Disbursing => Disbursing, Outstanding => Outstanding;
        /// The bank takes the mark away.
        ClearOverdue: Disbursing => Disbursing, Outstanding => Outstanding;
        /// Everything is paid back.
        Settle: Disbursing | Outstanding => Settled;
        /// The same bank's next loan settles it.
        Renew: Disbursing | Outstanding => Renewed;
        /// Nothing was drawn, and nothing will be.
        Cancel: Registered => Cancelled;
    }
}

impl LoanState {
    /// The states in which money may be owed.
    pub const OWED: [Self; 2] = [Self::Disbursing, Self::Outstanding];
}

/// The sums of a loan, in 分.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sums {
    /// What the contract is about.
    pub amount_fen: i64,
    /// All that was drawn.
    pub drawn_fen: i64,
    /// All principal that was paid back.
    pub repaid_fen: i64,
    /// Whether what was paid back may be drawn again (随借随还).
    pub is_revolving: bool,
}

impl Sums {
    /// What is owed.
    #[must_use]
    pub const fn balance_fen(self) -> i64 {
        self.drawn_fen - self.repaid_fen
    }

    /// What may still be drawn: what the contract leaves, or, where it revolves, what is not owed.
    #[must_use]
    pub const fn drawable_fen(self) -> i64 {
        if self.is_revolving {
            self.amount_fen - self.balance_fen()
        } else {
            self.amount_fen - self.drawn_fen
        }
    }

    /// What drawing `fen`, which may be drawn, is to the loan: a revolving one is never drawn up for good.
    #[must_use]
    pub const fn drawing(self, fen: i64) -> LoanEvent {
        if !self.is_revolving && fen == self.drawable_fen() {
            LoanEvent::DrawAll
        } else {
            LoanEvent::Draw
        }
    }
}

/// The longest number of a contract.
pub const CONTRACT_CHARS: usize = 64;

/// What a bank says of a contract beside what was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The bank's number, unlike any other of its own.
    pub number: String,
    /// The day on which it was signed.
    pub signed_on: Day,
    /// When it must be paid back; as the term says where none is given.
    pub matures_on: Option<Day>,
    /// Whether the bank states that the borrower had no loan before (首贷户).
    pub is_first: bool,
    /// The loan that it renews.
    pub follows: Option<Uuid>,
}

/// When a contract can mature whose term was agreed in months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maturity {
    /// So many months after the draw as it is planned, or after the signature where that is later.
    pub planned: Day,
    /// The first day that is still about that term: contracts end on days of their own.
    pub min: Day,
    /// The last one.
    pub max: Day,
}

impl Maturity {
    /// How far a contract's own day may be from the month that its term ends in.
    const LEEWAY_DAYS: i64 = 31;

    /// Of a contract that is signed on a day, with its first draw planned for another.
    #[must_use]
    pub fn of(signed_on: Day, start_on: Day, term_months: u32) -> Self {
        let planned = signed_on.max(start_on).plus_months(term_months);
        let earliest = signed_on.plus_months(term_months).plus_days(-Self::LEEWAY_DAYS);
        Self {
            planned,
            min: earliest.max(signed_on.plus_days(1)),
            max: planned.plus_days(Self::LEEWAY_DAYS),
        }
    }
}

/// How many days before its maturity a loan is watched.
pub const WATCHED_DAYS: i64 = 60;

/// When a loan's people are warned: with how many days to go, and from how many on another warning is the right one.
/// Whoever was not told in time is told by the next one only.
pub const NOTICES: [(u32, u32); 3] = [(60, 31), (30, 16), (15, 0)];

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Sums = Sums {
        amount_fen: 100,
        drawn_fen: 60,
        repaid_fen: 50,
        is_revolving: false,
    };

    #[test]
    fn a_contract_matures_about_when_its_term_is_over() {
        let day = |text: &str| text.parse::<Day>().expect("a day");
        let planned = Maturity::of(day("2026-11-10"), day("2026-11-20"), 12);
        assert_eq!(planned.planned, day("2027-11-20"));
        assert_eq!((planned.min, planned.max), (day("2027-10-10"), day("2027-12-21")));
        let short = Maturity::of(day("2027-01-31"), day("2027-01-05"), 1);
        assert_eq!((short.planned, short.min), (day("2027-02-28"), day("2027-02-01")));
    }

    #[test]
    fn what_was_paid_back_is_drawn_again_only_where_it_revolves() {
        assert_eq!((PLAIN.balance_fen(), PLAIN.drawable_fen()), (10, 40));
        assert_eq!(
            (PLAIN.drawing(39), PLAIN.drawing(40)),
            (LoanEvent::Draw, LoanEvent::DrawAll)
        );
        let revolving = Sums {
            is_revolving: true,
            ..PLAIN
        };
        assert_eq!((revolving.drawable_fen(), revolving.drawing(90)), (90, LoanEvent::Draw));
    }
}
