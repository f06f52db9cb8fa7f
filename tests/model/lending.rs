//! The events of loans.

use super::doing::{Doing, Done};
use rongqiao::actions::loans::{Disbursement, Entry, Repaid, contract as contracts, entering};
use rongqiao::actions::{ActionError, offers};
use rongqiao::domain::dates::Day;
use rongqiao::domain::loan::Contract;

type Came = Result<Done, ActionError>;

/// A contract of today, which renews a loan of the same bank where one can be renewed; its number may be taken.
pub fn contract(doing: &Doing<'_>) -> Came {
    let offer = doing.on();
    let (service, actor) = (&doing.world.service, &doing.person.actor);
    let product = offers::show(service, actor, doing.id())?.offer.terms.product;
    let is_owed = |state: &str| matches!(state, "disbursing" | "outstanding");
    let mut old = doing.standing.of_kind("loan").filter(|loan| {
        loan.enterprise == offer.enterprise && loan.bank == offer.bank && is_owed(&loan.state) && loan.seen == 0
    });
    let renews = product.ends_with("RENEWAL") || doing.dice[2].is_multiple_of(16);
    let number = if doing.dice[3].is_multiple_of(16) {
        1
    } else {
        doing.world.number()
    };
    let contract = Contract {
        number: format!("C-{number}"),
        signed_on: doing.today(),
        matures_on: None,
        is_first: false,
        follows: old
            .next()
            .filter(|_| renews)
            .map(|loan| loan.id.parse().expect("an id")),
    };
    contracts::register(service, actor, doing.id(), &contract, None)?;
    Ok(Done::Something)
}

fn enter(doing: &Doing<'_>, entry: &Entry) -> Came {
    let seen = if doing.dice[3].is_multiple_of(32) {
        1
    } else {
        doing.on().version
    };
    let seen = i32::try_from(seen).expect("small");
    entering::enter(
        &doing.world.service,
        &doing.person.actor,
        doing.id(),
        entry,
        Some(seen),
        None,
    )?;
    Ok(Done::Something)
}

/// Today, or rarely a day that may be too early or too late.
fn day(doing: &Doing<'_>) -> Day {
    let days = match doing.dice[3] % 16 {
        1 => -3,
        2 => 1,
        _ => 0,
    };
    doing.today().plus_days(days)
}

/// A sum up to, and rarely above, another.
fn part(doing: &Doing<'_>, of: i64) -> i64 {
    doing.one(2, &[of, of, of, of / 2, of / 3, of + 1])
}

pub fn draw(doing: &Doing<'_>) -> Came {
    let drawn = Disbursement {
        on: day(doing),
        amount_fen: part(doing, doing.on().left),
    };
    enter(doing, &Entry::Draw(drawn))
}

pub fn repay(doing: &Doing<'_>) -> Came {
    let repaid = Repaid {
        on: day(doing),
        principal_fen: part(doing, doing.on().owed),
        interest_fen: doing.one(1, &[0, 12_345]),
    };
    enter(doing, &Entry::Repay(repaid))
}

pub fn close_drawing(doing: &Doing<'_>) -> Came {
    enter(doing, &Entry::CloseDrawing(day(doing)))
}

pub fn mark_overdue(doing: &Doing<'_>) -> Came {
    enter(doing, &Entry::MarkOverdue(day(doing)))
}

pub fn clear_overdue(doing: &Doing<'_>) -> Came {
    enter(doing, &Entry::ClearOverdue)
}

pub fn settle(doing: &Doing<'_>) -> Came {
    enter(doing, &Entry::Settle(day(doing)))
}

pub fn cancel(doing: &Doing<'_>) -> Came {
    enter(doing, &Entry::Cancel("不再需要".to_owned()))
}
