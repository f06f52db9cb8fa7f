//! The terms of a loan, checked once: what can be made here has a schedule.

use super::calendar::Calendar;
use super::rate::Rate;
use crate::domain::codes::Repayment;
use crate::domain::dates::Day;
use crate::domain::money::Fen;

pub use crate::domain::codes::DayCount;

/// The longest loan, in months.
pub const MAX_TERM_MONTHS: u32 = 360;

/// Why something is no terms of a loan. Each message begins with the key it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// The amount is not from 1 to 10^15 分.
    #[error("amount_fen: must be from 1 to 10^15")]
    Amount,
    /// The rate is not from 0 to [`Rate::LIMIT_BP`].
    #[error("rate_bp: must be from 0 to 10000")]
    Rate,
    /// The term is not from 1 to [`MAX_TERM_MONTHS`].
    #[error("term_months: must be from 1 to 360")]
    Term,
    /// A period is no whole number of months, or the term is no whole number of periods.
    #[error("due_every_months: must be 1 or more and divide the term")]
    Every,
    /// The months of grace leave no period for the principal, or end inside one.
    #[error("principal_grace_months: must be whole periods and leave at least one for the principal")]
    Grace,
    /// The multiple is not from 1 to 10^15 分.
    #[error("instalment_multiple_fen: must be from 1 to 10^15")]
    Multiple,
    /// Only a level instalment is rounded to a multiple.
    #[error("instalment_multiple_fen: only for equal_instalment")]
    MultipleWithoutLevel,
    /// The due day is not from 1 to 31.
    #[error("due_day: must be from 1 to 31")]
    DueDay,
    /// The first due date is not after the start and within the loan.
    #[error("first_due: must be after start, at most 360 months later, and not after end")]
    FirstDue,
    /// The end is not after the start and at most [`MAX_TERM_MONTHS`] later.
    #[error("end: must be after start and at most 360 months later")]
    End,
    /// A date of the loan lies beyond 9999.
    #[error("start: the loan would run beyond 9999")]
    BeyondCalendar,
}

/// How long a dated loan runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// As many due dates as make up these months.
    Months(u32),
    /// To this date, which is the last due date.
    Until(Day),
}

/// A loan whose interest periods are told by dates.
///
/// Due dates are each `due_day` from `first_due` on, every `every_months`. Without `first_due` the
/// first is the first `due_day` after the start; without `due_day` it is the day of `first_due`, and
/// without either the due dates are whole periods after the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatedPlan {
    /// The day the money is drawn.
    pub start: Day,
    /// How long it runs.
    pub length: Length,
    /// The first due date, if it is set.
    pub first_due: Option<Day>,
    /// The day of the month on which payments fall due, 1 to 31, clamped to the month's end.
    pub due_day: Option<u32>,
    /// Months from one due date to the next.
    pub every_months: u32,
    /// With a day count each period bears its days. Without one whole months bear a twelfth of the
    /// rate, and only a first or last period that is no whole number of months bears days / 360; the
    /// principal is then repaid as in the plain loan.
    pub day_count: Option<DayCount>,
}

/// When a loan's payments fall due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Whole months of equal length; this is the standardised model that products are compared by.
    Months {
        /// How long the loan runs, in months.
        term_months: u32,
        /// Months from one payment to the next.
        every_months: u32,
        /// The day the money is drawn; it dates the flows and changes no interest.
        start: Option<Day>,
    },
    /// Dates of the calendar.
    Dated(DatedPlan),
}

impl Plan {
    /// The day the money is drawn, where it is known.
    #[must_use]
    pub const fn start(&self) -> Option<Day> {
        match self {
            Self::Months { start, .. } => *start,
            Self::Dated(plan) => Some(plan.start),
        }
    }

    /// Months from one payment to the next.
    #[must_use]
    pub const fn every_months(&self) -> u32 {
        match self {
            Self::Months { every_months, .. } => *every_months,
            Self::Dated(plan) => plan.every_months,
        }
    }
}

/// The terms of a loan drawn in full at its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    amount: Fen,
    rate: Rate,
    repayment: Repayment,
    plan: Plan,
    calendar: Calendar,
    grace_periods: usize,
    instalment_multiple_fen: i64,
}

impl Terms {
    /// Terms without grace, instalments rounded to 1 分.
    ///
    /// # Errors
    /// The [`TermsError`] of the first field that is out of range.
    pub fn new(amount: Fen, rate: Rate, repayment: Repayment, plan: Plan) -> Result<Self, TermsError> {
        if amount.get() < 1 {
            return Err(TermsError::Amount);
        }
        let calendar = Calendar::of(&plan)?;
        Ok(Self {
            amount,
            rate,
            repayment,
            plan,
            calendar,
            grace_periods: 0,
            instalment_multiple_fen: 1,
        })
    }

    /// The same with first `months` that bear interest only.
    ///
    /// # Errors
    /// [`TermsError::Grace`] unless they are whole periods and leave one for the principal.
    pub fn with_principal_grace(self, months: u32) -> Result<Self, TermsError> {
        let every = self.plan.every_months();
        let grace_periods = usize::try_from(months / every).unwrap_or(usize::MAX);
        if !months.is_multiple_of(every) || grace_periods >= self.calendar.periods.len() {
            return Err(TermsError::Grace);
        }
        Ok(Self { grace_periods, ..self })
    }

    /// The same with the level instalment rounded half up to a multiple of `fen`.
    ///
    /// # Errors
    /// [`TermsError::Multiple`] out of range, [`TermsError::MultipleWithoutLevel`] for another method.
    pub fn with_instalment_multiple(self, fen: Fen) -> Result<Self, TermsError> {
        if fen.get() < 1 {
            return Err(TermsError::Multiple);
        }
        if self.repayment != Repayment::EqualInstalment {
            return Err(TermsError::MultipleWithoutLevel);
        }
        Ok(Self {
            instalment_multiple_fen: fen.get(),
            ..self
        })
    }

    /// The amount drawn, at least 1 分.
    #[must_use]
    pub const fn amount(&self) -> Fen {
        self.amount
    }

    /// The rate a year.
    #[must_use]
    pub const fn rate(&self) -> Rate {
        self.rate
    }

    /// The method of repayment.
    #[must_use]
    pub const fn repayment(&self) -> Repayment {
        self.repayment
    }

    /// When payments fall due.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Months of interest only, before the principal is repaid.
    #[must_use]
    pub fn principal_grace_months(&self) -> u32 {
        u32::try_from(self.grace_periods)
            .unwrap_or(u32::MAX)
            .saturating_mul(self.plan.every_months())
    }

    /// How many months the loan runs: its term, or for one told by its end the months begun.
    #[must_use]
    pub fn months(&self) -> u32 {
        self.calendar.months
    }

    /// Days from the start to the first due date, where the loan has dates.
    #[must_use]
    pub fn first_period_days(&self) -> Option<i64> {
        let due = self.calendar.periods.first()?.date?;
        Some(due.days_since(self.plan.start()?))
    }

    pub(super) const fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    pub(super) const fn grace_periods(&self) -> usize {
        self.grace_periods
    }

    pub(super) const fn instalment_multiple_fen(&self) -> i64 {
        self.instalment_multiple_fen
    }
}
