//! `rongqiao cost`: JSON lines of loans or of flows in, their schedules and annual figures out.
//!
//! Each line gives one line, in order; `cost/form.rs` says what it may hold. For terms the answer is
//! `rows`, `totals`, the figures of the rounded flows (`monthly_irr`, `nominal_apr_pct`,
//! `effective_pct`; `xirr_pct` where there is a start), `effective_unrounded_pct` and
//! `add_up_total_pct`. A row is `[period, principal, interest, payment, balance]`, with the date in
//! second place where dates tell the periods; such a loan has no monthly rate, so of the figures it
//! has `xirr_pct` and `add_up_total_pct`. A figure that does not apply is absent. For flows the answer
//! is the figures of the flows given. A line that has no answer gives `{"id", "error"}`.

mod form;

use crate::domain::dates::Day;
use crate::exchange::lines::{LineError, Lines};
use crate::finance::cost::{self, CostError, CostSheet, Figures};
use crate::finance::schedule::{Row, Totals};
use crate::finance::terms::TermsError;
use form::{Question, Request};
use serde::{Deserialize, Serialize, Serializer};
use std::io::{self, BufRead, Write};

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines answered.
    pub answered: u64,
    /// Lines that gave an error.
    pub failed: u64,
}

/// Why a run ended before its input did.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The input can't be read on.
    #[error("cannot read the input")]
    Reading(#[source] io::Error),
    /// The output can't be written.
    #[error("cannot write the output")]
    Writing(#[from] io::Error),
}

/// Answers every line of `input` on `output`.
///
/// # Errors
/// Only when reading or writing fails; a bad line is answered and counted.
pub fn run(input: impl BufRead, mut output: impl Write) -> Result<Tally, Stopped> {
    let mut tally = Tally::default();
    let mut lines = Lines::new(input);
    while let Some(line) = lines.next_line() {
        let result = match line {
            Ok(line) => answer(line),
            Err(LineError::Broken(error)) => {
                output.flush()?;
                return Err(Stopped::Reading(error));
            }
            Err(error) => Err(Failure {
                id: None,
                error: error.into(),
            }),
        };
        match result {
            Ok(answer) => {
                tally.answered += 1;
                serde_json::to_writer(&mut output, &answer).map_err(io::Error::from)?;
            }
            Err(failure) => {
                tally.failed += 1;
                serde_json::to_writer(&mut output, &failure).map_err(io::Error::from)?;
            }
        }
        output.write_all(b"\n")?;
    }
    output.flush()?;
    Ok(tally)
}

/// What names a line in its answer: a text or a number, given back as it came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(serde_json::Number),
}

#[derive(Debug, thiserror::Error)]
enum LineFault {
    #[error(transparent)]
    Line(#[from] LineError),
    /// Not JSON, or not the form.
    #[error("{0}")]
    Form(String),
    #[error(transparent)]
    Terms(#[from] TermsError),
    #[error(transparent)]
    Cost(#[from] CostError),
}

#[derive(Debug, Serialize)]
struct Failure {
    id: Option<Id>,
    #[serde(serialize_with = "as_text")]
    error: LineFault,
}

fn as_text<S: Serializer>(error: &LineFault, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(error)
}

#[derive(Debug, Serialize)]
struct Answer {
    id: Id,
    #[serde(flatten)]
    body: Body,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Body {
    Terms {
        rows: Vec<RowOut>,
        totals: Totals,
        #[serde(flatten)]
        figures: Figures,
        #[serde(skip_serializing_if = "Option::is_none")]
        effective_unrounded_pct: Option<f64>,
        add_up_total_pct: f64,
    },
    Flows(Figures),
}

/// A row as a list, with or without its date.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum RowOut {
    Plain(u32, i64, i64, i64, i64),
    Dated(u32, Day, i64, i64, i64, i64),
}

fn answer(line: &str) -> Result<Answer, Failure> {
    let Request { id, question } = Request::parse(line)?;
    let body = match question {
        Question::Terms { terms, fees, dated } => cost::of_terms(&terms, &fees).map(|sheet| terms_body(&sheet, dated)),
        Question::Flows { by_month, by_date } => {
            cost::of_flows(by_month.as_deref(), by_date.as_deref()).map(Body::Flows)
        }
    };
    match body {
        Ok(body) => Ok(Answer { id, body }),
        Err(error) => Err(Failure {
            id: Some(id),
            error: error.into(),
        }),
    }
}

fn terms_body(sheet: &CostSheet, dated: bool) -> Body {
    let row = |row: &Row| {
        let Row {
            period,
            principal,
            interest,
            payment,
            balance,
            ..
        } = *row;
        match row.date.filter(|_| dated) {
            Some(date) => RowOut::Dated(period, date, principal, interest, payment, balance),
            None => RowOut::Plain(period, principal, interest, payment, balance),
        }
    };
    Body::Terms {
        rows: sheet.schedule.rows.iter().map(row).collect(),
        totals: sheet.schedule.totals,
        figures: sheet.figures,
        effective_unrounded_pct: sheet.effective_unrounded_pct,
        add_up_total_pct: sheet.add_up_total_pct,
    }
}
