//! The monitor: what became of a district's requests, counted, summed and averaged.
//!
//! A [`Case`] is a request with its referrals, offers and loans. Each [`Measure`] is a choice of rows of the cases
//! ([`entries`]); its figure counts these rows and sums their amounts, so that a figure and the rows behind it can't
//! differ. A [`Slice`] says which rows: those of a period, and where asked of a bank, a kind or a guarantee class; a
//! group of a series is a narrower slice. What day a row counts on, and what a request counts as, is written at each
//! measure. Amounts are whole 分, averages and shares whole bp, rounded once, half away from zero.

pub mod average;
pub mod responses;
pub mod series;

use super::calendar::Calendar;
use super::codes::{Guarantee, Kind, Set, codes};
use super::dates::Day;
use super::lpr::LprTable;
use super::referral::ReferralState;
use super::request::UnservedReason;
use super::uscc::Uscc;
use uuid::Uuid;

codes! {
    /// What a series goes along.
    Dimension {
        Month = "month" "月份",
        Bank = "bank" "银行",
        Kind = "kind" "产品类别",
        Guarantee = "guarantee" "担保方式",
    }
}

codes! {
    /// What is counted and summed. The first five are the funnel of the requests that were submitted in the period,
    /// whenever the rest happened; every other one counts on its own day.
    Measure {
        Submitted = "submitted" "提交需求",
        Matched = "matched" "有匹配",
        Offered = "offered" "获报价",
        Accepted = "accepted" "已接受",
        Disbursed = "disbursed" "已放款",
        Referrals = "referrals" "需求推送",
        Due = "due" "应答复的推送",
        Answered = "answered" "已答复的推送",
        OnTime = "on_time" "按时答复的推送",
        Offers = "offers" "报价",
        Forwarded = "forwarded" "转给企业的报价",
        Taken = "taken" "被接受的报价",
        Contracts = "contracts" "签订合同",
        Disbursements = "disbursements" "放款",
        Loans = "loans" "放款的合同",
        Credit = "credit" "信用贷款",
        Long = "long" "中长期贷款",
        First = "first" "首贷户贷款",
        Unserved = "unserved" "未承接",
    }
}

codes! {
    /// A table of the monitor that can be taken away.
    MonitorTable {
        Funnel = "funnel" "撮合漏斗",
        Month = "month" "按月份",
        Bank = "bank" "按银行",
        Kind = "kind" "按产品类别",
        Guarantee = "guarantee" "按担保方式",
        Unserved = "unserved" "未承接原因",
    }
}

impl MonitorTable {
    /// The dimension that it goes along, where it is a series.
    #[must_use]
    pub const fn dimension(self) -> Option<Dimension> {
        match self {
            Self::Month => Some(Dimension::Month),
            Self::Bank => Some(Dimension::Bank),
            Self::Kind => Some(Dimension::Kind),
            Self::Guarantee => Some(Dimension::Guarantee),
            Self::Funnel | Self::Unserved => None,
        }
    }
}

impl Measure {
    /// From a request submitted to money paid out.
    pub const FUNNEL: [Self; 5] = [
        Self::Submitted,
        Self::Matched,
        Self::Offered,
        Self::Accepted,
        Self::Disbursed,
    ];
}

/// A loan is a medium- or long-term one above this many months.
pub const LONG_ABOVE_MONTHS: u32 = 12;

/// A bank, as the monitor names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bank {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// A request with all that came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The request.
    pub request_id: Uuid,
    /// Its number.
    pub number: String,
    /// The enterprise's credit code.
    pub uscc: Uscc,
    /// The enterprise's name.
    pub enterprise: String,
    /// What it asked for, 分.
    pub amount_fen: i64,
    /// How it could be secured.
    pub guarantees: Set<Guarantee>,
    /// When it was submitted.
    pub submitted_on: Day,
    /// Whether a run of its match found a product that fits.
    pub is_matched: bool,
    /// When and why an officer ended it, where nobody could serve it.
    pub unserved: Option<(Day, UnservedReason)>,
    /// The referrals that came to banks.
    pub referrals: Vec<CaseReferral>,
    /// The offers.
    pub offers: Vec<CaseOffer>,
    /// The loan.
    pub loans: Vec<CaseLoan>,
}

/// A referral that came to a bank.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseReferral {
    /// The bank.
    pub bank: Bank,
    /// The kinds of the products picked.
    pub kinds: Set<Kind>,
    /// When it came.
    pub sent_on: Day,
    /// The last day to answer.
    pub due_on: Option<Day>,
    /// When the bank first answered.
    pub answered_on: Option<Day>,
    /// Whether that was after the last day.
    pub is_late: Option<bool>,
    /// Where it is in its life.
    pub state: ReferralState,
    /// When it ended.
    pub ended_on: Option<Day>,
}

/// An offer.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseOffer {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// The bank.
    pub bank: Bank,
    /// The product's kind.
    pub kind: Kind,
    /// Its guarantee class.
    pub guarantee: Guarantee,
    /// How much, 分.
    pub amount_fen: i64,
    /// When its first revision was sent.
    pub made_on: Day,
    /// When the enterprise got it; a new revision takes that back until it is forwarded too.
    pub forwarded_on: Option<Day>,
    /// When it was accepted, whatever came of it.
    pub accepted_on: Option<Day>,
}

/// A loan.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseLoan {
    /// Its number.
    pub number: String,
    /// The bank.
    pub bank: Bank,
    /// The product's kind.
    pub kind: Kind,
    /// Its guarantee class.
    pub guarantee: Guarantee,
    /// The contract's amount, 分.
    pub amount_fen: i64,
    /// The contract's rate, bp.
    pub rate_bp: i64,
    /// For how many months.
    pub term_months: u32,
    /// What a year costs, percent.
    pub annual_cost_pct: f64,
    /// When the contract was signed.
    pub signed_on: Day,
    /// Whether it is its enterprise's first, as the bank says.
    pub is_first: bool,
    /// All that was paid out until now, 分.
    pub drawn_fen: i64,
    /// What was paid out within the period that was read.
    pub draws: Vec<Draw>,
}

/// A disbursement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// When.
    pub paid_on: Day,
    /// How much, 分.
    pub amount_fen: i64,
}

/// The cases of a district that a period touches, and what they are measured against.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Book {
    /// The cases.
    pub cases: Vec<Case>,
    /// The LPR.
    pub lpr: LprTable,
    /// The working days.
    pub calendar: Calendar,
}

/// Which rows count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// From this day.
    pub from: Day,
    /// Up to this day, which is in it.
    pub to: Day,
    /// Today: what is due by now.
    pub today: Day,
    /// Only this bank's, by its code.
    pub bank: Option<String>,
    /// Only products of this kind.
    pub kind: Option<Kind>,
    /// Only this guarantee class.
    pub guarantee: Option<Guarantee>,
    /// Of what nobody could serve, only what has this reason.
    pub reason: Option<UnservedReason>,
}

impl Slice {
    fn covers(&self, day: Day) -> bool {
        (self.from..=self.to).contains(&day)
    }

    fn is_of(&self, bank: &Bank, kinds: Set<Kind>, guarantees: Set<Guarantee>) -> bool {
        self.bank.as_ref().is_none_or(|code| *code == bank.code)
            && self.kind.is_none_or(|kind| kinds.has(kind))
            && self.guarantee.is_none_or(|class| guarantees.has(class))
    }

    fn has_referral(&self, case: &Case, referral: &CaseReferral) -> bool {
        self.is_of(&referral.bank, referral.kinds, case.guarantees)
    }

    fn has_offer(&self, offer: &CaseOffer) -> bool {
        let (kind, class) = (Set::EMPTY.with(offer.kind), Set::EMPTY.with(offer.guarantee));
        self.is_of(&offer.bank, kind, class)
    }

    fn has_loan(&self, loan: &CaseLoan) -> bool {
        let (kind, class) = (Set::EMPTY.with(loan.kind), Set::EMPTY.with(loan.guarantee));
        self.is_of(&loan.bank, kind, class)
    }

    /// Whether a request counts: as long as no bank and no kind is asked for, by what it could be secured with; and in
    /// any case by any row that came of it. So it may count for several banks, and once in all.
    fn has_case(&self, case: &Case) -> bool {
        let is_free = self.bank.is_none() && self.kind.is_none();
        (is_free && self.guarantee.is_none_or(|class| case.guarantees.has(class)))
            || case.referrals.iter().any(|referral| self.has_referral(case, referral))
            || case.offers.iter().any(|offer| self.has_offer(offer))
            || case.loans.iter().any(|loan| self.has_loan(loan))
    }
}

/// The row of a case that a measure counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What<'a> {
    /// The request itself.
    Request,
    /// A referral.
    Referral(&'a CaseReferral),
    /// An offer.
    Offer(&'a CaseOffer),
    /// A loan.
    Loan(&'a CaseLoan),
}

/// A row behind a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry<'a> {
    /// The day that it counts on.
    pub on: Day,
    /// What it adds to the sum, 分.
    pub amount_fen: i64,
    /// The request.
    pub case: &'a Case,
    /// Which of its rows.
    pub what: What<'a>,
}

/// The rows that a measure counts in a slice, in the order of the cases.
#[must_use]
pub fn entries<'a>(book: &'a Book, slice: &Slice, measure: Measure) -> Vec<Entry<'a>> {
    let of = |case| -> Vec<Entry<'a>> {
        match measure {
            Measure::Submitted | Measure::Matched | Measure::Offered | Measure::Accepted | Measure::Disbursed => {
                stage(case, slice, measure).into_iter().collect()
            }
            Measure::Referrals | Measure::Due | Measure::Answered | Measure::OnTime => referrals(case, slice, measure),
            Measure::Offers | Measure::Forwarded | Measure::Taken => offers(case, slice, measure),
            Measure::Contracts => contracts(case, slice),
            Measure::Disbursements => disbursements(case, slice),
            Measure::Loans | Measure::Credit | Measure::Long | Measure::First => loans(case, slice, measure),
            Measure::Unserved => unserved(case, slice).into_iter().collect(),
        }
    };
    book.cases.iter().flat_map(of).collect()
}

/// The request, where it was submitted in the period and came so far. Its amount is what was asked for; from the
/// acceptance on, what was accepted (the last time), and what was paid out until now.
fn stage<'a>(case: &'a Case, slice: &Slice, measure: Measure) -> Option<Entry<'a>> {
    if !slice.covers(case.submitted_on) || !slice.has_case(case) {
        return None;
    }
    let offers = || case.offers.iter().filter(|offer| slice.has_offer(offer));
    let amount_fen = match measure {
        Measure::Matched => case.is_matched.then_some(case.amount_fen),
        Measure::Offered => offers()
            .any(|offer| offer.forwarded_on.is_some())
            .then_some(case.amount_fen),
        Measure::Accepted => offers()
            .filter(|offer| offer.accepted_on.is_some())
            .max_by_key(|offer| offer.accepted_on)
            .map(|offer| offer.amount_fen),
        Measure::Disbursed => {
            let loans = case.loans.iter().filter(|loan| slice.has_loan(loan));
            Some(loans.map(|loan| loan.drawn_fen).sum()).filter(|drawn| *drawn > 0)
        }
        _ => Some(case.amount_fen),
    };
    amount_fen.map(|amount_fen| Entry {
        on: case.submitted_on,
        amount_fen,
        case,
        what: What::Request,
    })
}

/// Referrals that came to banks in the period, by the amount asked for. Due is one that was answered, or whose last
/// day went by without an answer.
fn referrals<'a>(case: &'a Case, slice: &Slice, measure: Measure) -> Vec<Entry<'a>> {
    let counts = |referral: &&CaseReferral| {
        slice.covers(referral.sent_on)
            && slice.has_referral(case, referral)
            && match measure {
                Measure::Due => referral.is_due(slice.today),
                Measure::Answered => referral.answered_on.is_some(),
                Measure::OnTime => referral.is_on_time(),
                _ => true,
            }
    };
    let counted = case.referrals.iter().filter(counts);
    counted
        .map(|referral| Entry {
            on: referral.sent_on,
            amount_fen: case.amount_fen,
            case,
            what: What::Referral(referral),
        })
        .collect()
}

impl CaseReferral {
    /// Whether it was answered, or its last day went by without an answer.
    #[must_use]
    pub fn is_due(&self, today: Day) -> bool {
        self.answered_on.is_some() || self.has_run_out(today)
    }

    /// Whether it was answered in time.
    #[must_use]
    pub fn is_on_time(&self) -> bool {
        self.is_late == Some(false)
    }

    /// Whether its last day went by while it waited.
    fn has_run_out(&self, today: Day) -> bool {
        let until = match self.state {
            ReferralState::Pending | ReferralState::Viewed | ReferralState::Overdue => Some(today),
            ReferralState::Cancelled => self.ended_on,
            ReferralState::Reserve | ReferralState::Proposed | ReferralState::Offered | ReferralState::Declined => None,
        };
        self.state == ReferralState::Overdue || until.zip(self.due_on).is_some_and(|(until, due_on)| due_on < until)
    }

    /// How many working days after it came the bank answered; an answer on the same day took 0.
    #[must_use]
    pub fn answered_within(&self, calendar: &Calendar) -> Option<usize> {
        let answered_on = self.answered_on?;
        Some(calendar.working_days_between(self.sent_on, answered_on))
    }
}

/// Offers whose first revision was sent in the period.
fn offers<'a>(case: &'a Case, slice: &Slice, measure: Measure) -> Vec<Entry<'a>> {
    let counts = |offer: &&CaseOffer| {
        slice.covers(offer.made_on)
            && slice.has_offer(offer)
            && match measure {
                Measure::Forwarded => offer.forwarded_on.is_some(),
                Measure::Taken => offer.accepted_on.is_some(),
                _ => true,
            }
    };
    let counted = case.offers.iter().filter(counts);
    counted
        .map(|offer| Entry {
            on: offer.made_on,
            amount_fen: offer.amount_fen,
            case,
            what: What::Offer(offer),
        })
        .collect()
}

/// Contracts signed in the period, those too that were cancelled later.
fn contracts<'a>(case: &'a Case, slice: &Slice) -> Vec<Entry<'a>> {
    let signed = |loan: &&CaseLoan| slice.covers(loan.signed_on) && slice.has_loan(loan);
    let counted = case.loans.iter().filter(signed);
    counted
        .map(|loan| Entry {
            on: loan.signed_on,
            amount_fen: loan.amount_fen,
            case,
            what: What::Loan(loan),
        })
        .collect()
}

/// What was paid out in the period, each time for itself.
fn disbursements<'a>(case: &'a Case, slice: &Slice) -> Vec<Entry<'a>> {
    let loans = case.loans.iter().filter(|loan| slice.has_loan(loan));
    let of_loan = |loan: &'a CaseLoan| {
        let paid = loan.draws.iter().filter(|draw| slice.covers(draw.paid_on));
        paid.map(move |draw| Entry {
            on: draw.paid_on,
            amount_fen: draw.amount_fen,
            case,
            what: What::Loan(loan),
        })
    };
    loans.flat_map(of_loan).collect()
}

/// Loans of which something was paid out in the period, each once, by what was paid out then.
fn loans<'a>(case: &'a Case, slice: &Slice, measure: Measure) -> Vec<Entry<'a>> {
    let counts = |loan: &CaseLoan| match measure {
        Measure::Credit => loan.guarantee == Guarantee::Credit,
        Measure::Long => loan.term_months > LONG_ABOVE_MONTHS,
        Measure::First => loan.is_first,
        _ => true,
    };
    let counted = case.loans.iter().filter(|loan| slice.has_loan(loan) && counts(loan));
    let of_loan = |loan: &'a CaseLoan| {
        let paid = || loan.draws.iter().filter(|draw| slice.covers(draw.paid_on));
        let on = paid().map(|draw| draw.paid_on).max()?;
        Some(Entry {
            on,
            amount_fen: paid().map(|draw| draw.amount_fen).sum(),
            case,
            what: What::Loan(loan),
        })
    };
    counted.filter_map(of_loan).collect()
}

/// The request, where an officer ended it in the period because nobody could serve it.
fn unserved<'a>(case: &'a Case, slice: &Slice) -> Option<Entry<'a>> {
    let (on, reason) = case.unserved?;
    let counts = slice.covers(on) && slice.has_case(case) && slice.reason.is_none_or(|asked| asked == reason);
    counts.then_some(Entry {
        on,
        amount_fen: case.amount_fen,
        case,
        what: What::Request,
    })
}

#[cfg(test)]
mod tests;
