//! The form of one line of `rongqiao cost`, and how it becomes terms or flows.
//!
//! A line has an `id` and either terms, beside it or in an object `terms`, or `flows_month_fen` and/or
//! `flows_dated_fen`. The keys of terms are those in `forms!`; dates tell the periods where `end`,
//! `first_due`, `due_day`, `interest_dates` or `day_count` is given. An unknown key is an error.
//!
//! Keys that only describe are taken and do nothing: `name`, `source`, `note`, a fee's `paid`. Three say
//! in words what other fields mean, and are held to it: `first_period_days` (the days from `start` to the
//! first due date), `first_period_interest` (only `actual days / 360`, the rule in force) and
//! `interest_dates` (only `21st of each month, last at maturity` and the like: a `due_day`).

use super::{Failure, Id, LineFault};
use crate::domain::codes::{Bearer, FeeBasis, FeeKind, Repayment};
use crate::domain::dates::Day;
use crate::domain::fees::Fee;
use crate::domain::invalid::Problems;
use crate::domain::money::Fen;
use crate::exchange::json;
use crate::finance::rate::Rate;
use crate::finance::terms::{DatedPlan, DayCount, Length, Plan, Terms};
use serde::Deserialize;

/// What a line asks.
pub(super) struct Request {
    pub id: Id,
    pub question: Question,
}

pub(super) enum Question {
    Terms {
        terms: Box<Terms>,
        fees: Vec<Fee>,
        /// Whether dates tell the periods.
        dated: bool,
    },
    Flows {
        by_month: Option<Vec<(u32, i64)>>,
        by_date: Option<Vec<(Day, i64)>>,
    },
}

/// The keys of terms, once for both places where they may stand: beside the id and in `terms`.
macro_rules! forms {
    ($($field:ident: $type:ty,)+) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Line {
            id: Id,
            #[serde(rename = "name")]
            _name: Option<String>,
            #[serde(rename = "source")]
            _source: Option<String>,
            #[serde(rename = "note")]
            _note: Option<String>,
            terms: Option<TermsForm>,
            flows_month_fen: Option<Vec<(u32, Fen)>>,
            flows_dated_fen: Option<Vec<(Day, Fen)>>,
            $($field: Option<$type>,)+
        }

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct TermsForm { $($field: Option<$type>,)+ }

        impl Line {
            /// The terms that stand beside the id, if one of their keys does.
            fn take_terms(&mut self) -> Option<TermsForm> {
                let given = false $(|| self.$field.is_some())+;
                given.then(|| TermsForm { $($field: self.$field.take(),)+ })
            }
        }
    };
}

forms! {
    amount_fen: Fen,
    rate_bp: i64,
    term_months: u32,
    repayment: Repayment,
    fees: Vec<FeeForm>,
    principal_grace_months: u32,
    instalment_multiple_fen: Fen,
    start: Day,
    end: Day,
    first_due: Day,
    due_day: u32,
    due_every_months: u32,
    day_count: DayCount,
    first_period_days: i64,
    first_period_interest: String,
    interest_dates: String,
}

/// A [`Fee`], with the words in which a source says when it is paid.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeeForm {
    name: String,
    kind: Option<FeeKind>,
    basis: FeeBasis,
    value: i64,
    payee: Option<String>,
    borne_by: Option<Bearer>,
    #[serde(rename = "paid")]
    _paid: Option<String>,
}

impl From<FeeForm> for Fee {
    fn from(form: FeeForm) -> Self {
        let FeeForm {
            name,
            kind,
            basis,
            value,
            payee,
            borne_by,
            _paid: _,
        } = form;
        let (kind, borne_by) = (kind.unwrap_or(FeeKind::Other), borne_by.unwrap_or(Bearer::Borrower));
        Self {
            name,
            kind,
            basis,
            value,
            payee,
            borne_by,
        }
    }
}

impl Request {
    /// Reads a line; the error holds the line's id where one can be told.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let line = json::read::<Line>(text.as_bytes()).map_err(|unread| Failure {
            id: id_of(text),
            error: LineFault::Form(Problems::from(unread).to_string()),
        })?;
        let id = line.id.clone();
        match line.question() {
            Ok(question) => Ok(Self { id, question }),
            Err(error) => Err(Failure { id: Some(id), error }),
        }
    }
}

/// The id of a line that is JSON but not the form.
fn id_of(text: &str) -> Option<Id> {
    #[derive(Deserialize)]
    struct OnlyId {
        id: Option<Id>,
    }
    json::read::<OnlyId>(text.as_bytes()).ok().and_then(|line| line.id)
}

fn fault(text: impl Into<String>) -> LineFault {
    LineFault::Form(text.into())
}

impl Line {
    fn question(mut self) -> Result<Question, LineFault> {
        let beside = self.take_terms();
        let flows = self.flows_month_fen.is_some() || self.flows_dated_fen.is_some();
        match (beside, self.terms) {
            (None, None) if flows => Ok(Question::Flows {
                by_month: self.flows_month_fen.map(plain),
                by_date: self.flows_dated_fen.map(plain),
            }),
            (Some(terms), None) | (None, Some(terms)) if !flows => terms.question(),
            (Some(_), Some(_)) => Err(fault("terms: they stand beside the id or in `terms`, not in both")),
            (None, None) => Err(fault(
                "amount_fen: missing; give terms, or flows_month_fen or flows_dated_fen",
            )),
            _ => Err(fault("flows: give terms or flows, not both")),
        }
    }
}

fn plain<T>(flows: Vec<(T, Fen)>) -> Vec<(T, i64)> {
    flows.into_iter().map(|(time, fen)| (time, fen.get())).collect()
}

impl TermsForm {
    fn question(self) -> Result<Question, LineFault> {
        let amount = self.amount_fen.ok_or_else(|| fault("amount_fen: missing"))?;
        let rate = Rate::from_bp(self.rate_bp.ok_or_else(|| fault("rate_bp: missing"))?)?;
        let repayment = self.repayment.ok_or_else(|| fault("repayment: missing"))?;
        let plan = self.plan()?;
        let mut terms = Terms::new(amount, rate, repayment, plan)?;
        if let Some(months) = self.principal_grace_months {
            terms = terms.with_principal_grace(months)?;
        }
        if let Some(fen) = self.instalment_multiple_fen {
            terms = terms.with_instalment_multiple(fen)?;
        }
        let first_period_days = terms.first_period_days();
        if self
            .first_period_days
            .is_some_and(|days| first_period_days != Some(days))
        {
            return Err(fault(
                "first_period_days: not the days from start to the first due date",
            ));
        }
        let fees = self.fees.unwrap_or_default().into_iter().map(Fee::from).collect();
        let dated = matches!(plan, Plan::Dated(_));
        Ok(Question::Terms {
            terms: Box::new(terms),
            fees,
            dated,
        })
    }

    fn plan(&self) -> Result<Plan, LineFault> {
        if self
            .first_period_interest
            .as_deref()
            .is_some_and(|rule| rule != "actual days / 360")
        {
            return Err(fault("first_period_interest: only \"actual days / 360\" is known"));
        }
        let due_day = match (self.due_day, self.interest_dates.as_deref()) {
            (day, None) => day,
            (None, Some(text)) => Some(due_day_in_words(text)?),
            (Some(_), Some(_)) => return Err(fault("interest_dates: give this or due_day, not both")),
        };
        let every_months = self.due_every_months.unwrap_or(1);
        let has_dates = self.end.is_some() || self.first_due.is_some() || due_day.is_some() || self.day_count.is_some();
        if !has_dates {
            let term_months = self.term_months.ok_or_else(|| fault("term_months: missing"))?;
            return Ok(Plan::Months {
                term_months,
                every_months,
                start: self.start,
            });
        }
        let start = self
            .start
            .ok_or_else(|| fault("start: missing; end, first_due, due_day and day_count need it"))?;
        let length = match (self.term_months, self.end) {
            (Some(months), None) => Length::Months(months),
            (None, Some(end)) => Length::Until(end),
            (None, None) => return Err(fault("term_months: missing; give it or end")),
            (Some(_), Some(_)) => return Err(fault("end: give this or term_months, not both")),
        };
        let (first_due, day_count) = (self.first_due, self.day_count);
        Ok(Plan::Dated(DatedPlan {
            start,
            length,
            first_due,
            due_day,
            every_months,
            day_count,
        }))
    }
}

/// The due day in `21st of each month, last at maturity`.
fn due_day_in_words(text: &str) -> Result<u32, LineFault> {
    text.strip_suffix(" of each month, last at maturity")
        .and_then(|ordinal| {
            ["st", "nd", "rd", "th"]
                .iter()
                .find_map(|ending| ordinal.strip_suffix(ending))
        })
        .and_then(|day| day.parse().ok())
        .ok_or_else(|| fault("interest_dates: only \"21st of each month, last at maturity\" and the like is known"))
}
