//! The monitor: what a district's financing comes to, for its officers.

use super::{ActionError, Service, may_see};
use crate::clock::Clock;
use crate::domain::actor::{Actor, Right, Scope};
use crate::domain::audit::{AuditAction, AuditEntry};
use crate::domain::calendar::Calendar;
use crate::domain::codes::{Code, Guarantee, Kind};
use crate::domain::dates::Day;
use crate::domain::invalid::{Problems, Rule};
use crate::domain::monitor::average::{Averages, averages};
use crate::domain::monitor::series::{Figures, Group, Tally, banks, first_of_month, months, series, unserved};
use crate::domain::monitor::{Bank, Book, Dimension, Entry, Measure, Slice, entries};
use crate::domain::request::UnservedReason;
use crate::store::audit::By;
use crate::store::monitor::{Period, cases};
use crate::store::{Store, StoreError, audit as log, holidays, lpr};

/// How many months a period touches at most.
pub const MOST_MONTHS: i64 = 60;
/// How many months a period has unless it is said: this one and those before it.
const USUAL_MONTHS: usize = 12;

/// What is asked for; what is none does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// From this day; the first of the month eleven months before the last day unless given.
    pub from: Option<Day>,
    /// Up to this day, which is in it; today unless given.
    pub to: Option<Day>,
    /// Only this bank's, by its code.
    pub bank: Option<String>,
    /// Only products of this kind.
    pub kind: Option<Kind>,
    /// Only this guarantee class.
    pub guarantee: Option<Guarantee>,
    /// Of what nobody could serve, only what has this reason.
    pub reason: Option<UnservedReason>,
}

/// The monitor of a slice.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Which rows count.
    pub slice: Slice,
    /// The figures of all of them.
    pub total: Figures,
    /// What nobody could serve, by reason.
    pub unserved: Vec<(UnservedReason, Tally)>,
    /// A series along each dimension, in their order.
    pub series: Vec<(Dimension, Vec<Group>)>,
    /// The 1-year LPR on the last day of each month of the period, bp; none where it is not known.
    pub lpr_bp: Vec<Option<i64>>,
    /// The banks that any row of the period names, by code.
    pub banks: Vec<Bank>,
}

impl Overview {
    /// The groups along a dimension.
    #[must_use]
    pub fn along(&self, dimension: Dimension) -> &[Group] {
        let found = self.series.iter().find(|(one, _)| *one == dimension);
        found.map_or(&[], |(_, groups)| groups)
    }
}

/// The rows behind a figure.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Which rows.
    pub slice: Slice,
    /// What they are counted as.
    pub measure: Measure,
    /// What holds them.
    pub book: Book,
}

impl Rows {
    /// The rows, the latest first.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry<'_>> {
        let mut entries = entries(&self.book, &self.slice, self.measure);
        entries.sort_by(|one, other| (other.on, &other.case.number).cmp(&(one.on, &one.case.number)));
        entries
    }

    /// The weighted averages of such rows, where they are what was paid out.
    #[must_use]
    pub fn averages(&self, entries: &[Entry<'_>]) -> Averages {
        match self.measure {
            Measure::Disbursements => averages(&self.book, entries),
            _ => Averages::default(),
        }
    }
}

/// The monitor of what is asked for.
///
/// # Errors
/// [`ActionError::NotFound`] for whom there is no monitor, [`ActionError::Invalid`] for a period that ends before it
/// begins or touches more than [`MOST_MONTHS`] months.
pub fn overview(service: &Service, actor: &Actor, asked: Asked) -> Result<Overview, ActionError> {
    let (book, slice) = read(service, actor, asked)?;
    Ok(laid_out(&book, slice))
}

/// As [`overview`], of a district, to be taken away by whoever runs the service.
///
/// # Errors
/// As for [`overview`].
pub fn of_district(store: &Store, clock: &dyn Clock, district: &str, asked: Asked) -> Result<Overview, ActionError> {
    let slice = slice(asked, clock.today())?;
    let book = book(store, &Scope::District(district.to_owned()), &slice)?;
    let entry = exported(&slice, "report");
    store.write(|conn| log::append_by(conn, By::Service(district), &entry, clock))?;
    Ok(laid_out(&book, slice))
}

fn laid_out(book: &Book, slice: Slice) -> Overview {
    // For choosing among all banks, whichever is chosen now.
    let banks = banks(book).into_iter().cloned().collect();
    let along = |dimension: &Dimension| (*dimension, series(book, &slice, *dimension));
    let last_days = months(slice.from, slice.to).into_iter().map(|(_, last)| last);
    Overview {
        total: Figures::of(book, &slice),
        unserved: unserved(book, &slice),
        series: Dimension::ALL.iter().map(along).collect(),
        lpr_bp: last_days
            .map(|day| book.lpr.on(day).map(|lpr| lpr.one_year_bp))
            .collect(),
        banks,
        slice,
    }
}

/// The rows behind a figure.
///
/// # Errors
/// As for [`overview`].
pub fn rows(service: &Service, actor: &Actor, asked: Asked, measure: Measure) -> Result<Rows, ActionError> {
    let (book, slice) = read(service, actor, asked)?;
    Ok(Rows { slice, measure, book })
}

/// As [`overview`], to be taken away as a file called `name`: who took what is in the audit log.
///
/// # Errors
/// As for [`overview`].
pub fn export(service: &Service, actor: &Actor, asked: Asked, name: &str) -> Result<Overview, ActionError> {
    let overview = overview(service, actor, asked)?;
    note(service, actor, &overview.slice, name)?;
    Ok(overview)
}

/// As [`rows`], to be taken away as a file called `name`: who took what is in the audit log.
///
/// # Errors
/// As for [`overview`].
pub fn export_rows(
    service: &Service,
    actor: &Actor,
    asked: Asked,
    measure: Measure,
    name: &str,
) -> Result<Rows, ActionError> {
    let rows = rows(service, actor, asked, measure)?;
    note(service, actor, &rows.slice, name)?;
    Ok(rows)
}

fn exported(slice: &Slice, name: &str) -> AuditEntry {
    AuditEntry {
        action: AuditAction::MonitorExported,
        subject: format!("monitor:{name}"),
        before: None,
        after: Some(format!("{{\"from\":\"{}\",\"to\":\"{}\"}}", slice.from, slice.to)),
    }
}

fn note(service: &Service, actor: &Actor, slice: &Slice, name: &str) -> Result<(), ActionError> {
    let entry = exported(slice, name);
    Ok(service
        .store
        .write(|conn| log::append(conn, actor, &entry, service.clock.as_ref()))?)
}

fn read(service: &Service, actor: &Actor, asked: Asked) -> Result<(Book, Slice), ActionError> {
    let scope = may_see(actor, Right::ViewMonitor)?;
    let slice = slice(asked, service.clock.today())?;
    Ok((book(&service.store, &scope, &slice)?, slice))
}

fn book(store: &Store, scope: &Scope, slice: &Slice) -> Result<Book, StoreError> {
    let period = Period {
        from: slice.from,
        to: slice.to,
    };
    store.read(|conn| {
        Ok(Book {
            cases: cases(conn, scope, period)?,
            lpr: lpr::table(conn)?,
            calendar: Calendar::new(holidays::all(conn)?),
        })
    })
}

fn slice(asked: Asked, today: Day) -> Result<Slice, ActionError> {
    let to = asked.to.unwrap_or(today);
    let from = asked.from.unwrap_or_else(|| usual_begin(to));
    let mut problems = Problems::default();
    problems.check(to < from, "to", || Rule::Inverted);
    let touched = i64::try_from(months(from, to).len()).unwrap_or(i64::MAX);
    problems.check(touched > MOST_MONTHS, "from", || Rule::OutOfRange {
        min: 1,
        max: MOST_MONTHS,
    });
    let slice = Slice {
        from,
        to,
        today,
        bank: asked.bank,
        kind: asked.kind,
        guarantee: asked.guarantee,
        reason: asked.reason,
    };
    Ok(problems.or(slice)?)
}

/// The first of the month so many months before a day's.
pub(super) fn usual_begin(to: Day) -> Day {
    (1..USUAL_MONTHS).fold(first_of_month(to), |first, _| first_of_month(first.plus_days(-1)))
}
