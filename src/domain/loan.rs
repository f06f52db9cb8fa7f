//! A loan: from the registered contract over drawing and repayment to its settlement or renewal.

use super::codes::codes;
use super::machine::machine;

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
