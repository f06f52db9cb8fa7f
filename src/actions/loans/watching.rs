//! Warns of loans before they mature: 60, 30 and 15 days ahead, once each, whichever node does it.

use super::super::{ActionError, Service};
use super::noting::Told;
use super::renewals::{self, RenewalProduct};
use super::{StoredLoan, loans};
use crate::clock::civil_day;
use crate::domain::actor::Scope;
use crate::domain::dates::Day;
use crate::domain::loan::NOTICES;
use crate::domain::message::Topic;
use crate::store::{AnyConnection, StoreError, loan_moves};
use chrono::{DateTime, Utc};

/// Loans that are warned of in one turn of the job.
pub const WARNED_AT_A_TIME: i64 = 50;

/// The products that a warning names at most.
const NAMED: usize = 3;

/// The days of maturity of which one warning is the right one today.
fn span(today: Day, (days, least): (u32, u32)) -> (Day, Day) {
    (today.plus_days(i64::from(least)), today.plus_days(i64::from(days)))
}

/// How many warnings are due.
///
/// # Errors
/// When the database fails.
pub fn waiting(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let mut due = 0;
    for notice in NOTICES {
        due += loans::count_to_be_warned(conn, span(civil_day(now), notice), notice.0)?;
    }
    Ok(due)
}

/// Warns borrower and officers of each loan that matures soon, each in a transaction of its own; tells how many.
///
/// # Errors
/// When the database fails.
pub fn warn(service: &Service) -> Result<i64, ActionError> {
    let today = service.clock.today();
    let mut handled = 0;
    for notice in NOTICES {
        let (days, left) = (notice.0, WARNED_AT_A_TIME - handled);
        let due = service
            .store
            .read(|conn| loans::to_be_warned(conn, span(today, notice), days, left))?;
        for loan in due {
            let products = renewals::matching(service, &loan)?;
            match service
                .store
                .write(|conn| warn_of(service, conn, &loan, days, &products))
            {
                // Another node was faster.
                Ok(()) | Err(StoreError::Duplicate(_)) => handled += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(handled)
}

fn warn_of(
    service: &Service,
    conn: &mut AnyConnection,
    loan: &StoredLoan,
    days: u32,
    products: &[RenewalProduct],
) -> Result<(), StoreError> {
    let clock = service.clock.as_ref();
    loan_moves::note_warned(conn, loan.id, days, clock)?;
    let district = Scope::District(loan.district_code.clone());
    if loans::follower(conn, &district, loan.id)?.is_some() {
        // The next contract is signed: whoever has renewed is not asked to.
        return Ok(());
    }
    let words = [
        ("matures", loan.matures_on.to_string()),
        ("left", loan.matures_on.days_since(clock.today()).to_string()),
        ("products", named(products)),
    ];
    let told = Told {
        event: format!("matures:{days}"),
        topic: Topic::LoanMatures,
        words: &words,
    };
    told.borrower(conn, loan, clock)?;
    told.officers(conn, loan, clock)
}

/// The first products by name, and how many more there are.
fn named(products: &[RenewalProduct]) -> String {
    if products.is_empty() {
        return "暂无完全符合的".to_owned();
    }
    let first = products.iter().take(NAMED);
    let names: Vec<String> = first.map(|one| format!("{}“{}”", one.bank_name, one.name)).collect();
    let rest = products.len().saturating_sub(NAMED);
    let more = if rest > 0 {
        format!("等 {} 个", products.len())
    } else {
        String::new()
    };
    format!("{}{more}", names.join("、"))
}
