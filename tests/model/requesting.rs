//! The events of requests and referrals.

use super::doing::{Doing, Done};
use super::world::{AMOUNT, BANKS, ENTERPRISES, PRODUCTS};
use crate::support::samples;
use rongqiao::actions::referrals::Pick;
use rongqiao::actions::requests::DraftContent;
use rongqiao::actions::{
    ActionError, answers, closing, consents, credit_profile, enterprises, proposals, referrals, rematch, requests,
    reroute,
};
use rongqiao::domain::codes::Purpose;
use rongqiao::domain::facts::FactKey;
use rongqiao::domain::money::Fen;
use rongqiao::domain::referral::DeclineReason;
use rongqiao::domain::request::{ExistingLoan, Need, UnservedReason};
use rongqiao::domain::scalar::Scalar;

type Came = Result<Done, ActionError>;

/// The most that requests may cost a year begins here: no other number is like these.
pub const SECRET_BP: i64 = 910_000;

/// What the enterprise says of itself: mostly what every product asks for.
pub fn declare(doing: &Doing<'_>) -> Came {
    let place = ENTERPRISES.iter().position(|code| *code == doing.person.organisation);
    let tier = doing.one(0, &["specialised", "specialised", "specialised", "none"]);
    enterprises::declare(
        &doing.world.service,
        &doing.person.actor,
        samples::uscc(place.unwrap_or(0)),
        FactKey::Tier,
        &Scalar::Text(tier.to_owned()),
    )?;
    Ok(Done::Something)
}

fn need(doing: &Doing<'_>) -> Need {
    let amount = doing.one(1, &[AMOUNT / 2, AMOUNT, AMOUNT, AMOUNT + AMOUNT / 5]);
    Need {
        max_cost_bp: Some(SECRET_BP + doing.world.number()),
        ..samples::need(amount)
    }
}

fn begin_with(doing: &Doing<'_>, need: &Need) -> Came {
    let content = DraftContent {
        need: Some(need),
        typed: None,
    };
    requests::begin(&doing.world.service, &doing.person.actor, None, content, None)?;
    Ok(Done::Something)
}

pub fn begin(doing: &Doing<'_>) -> Came {
    begin_with(doing, &need(doing))
}

/// A request for what replaces a loan.
pub fn begin_renewal(doing: &Doing<'_>) -> Came {
    let loan = doing.on();
    let balance = Fen::new(loan.owed.max(1)).expect("a sum");
    let need = Need {
        amount_fen: balance,
        purpose: Purpose::Refinancing,
        existing_loan: Some(ExistingLoan {
            bank: loan.bank.clone(),
            matures_on: doing.today().plus_days(30),
            balance_fen: balance,
        }),
        ..need(doing)
    };
    begin_with(doing, &need)
}

pub fn edit(doing: &Doing<'_>) -> Came {
    let need = need(doing);
    let content = DraftContent {
        need: Some(&need),
        typed: None,
    };
    requests::save_draft(&doing.world.service, &doing.person.actor, doing.id(), None, content)?;
    Ok(Done::Something)
}

pub fn submit(doing: &Doing<'_>) -> Came {
    requests::submit(&doing.world.service, &doing.person.actor, doing.id())?;
    Ok(Done::Something)
}

pub fn extend(doing: &Doing<'_>) -> Came {
    closing::extend(&doing.world.service, &doing.person.actor, doing.id())?;
    Ok(Done::Something)
}

pub fn withdraw(doing: &Doing<'_>) -> Came {
    closing::withdraw(&doing.world.service, &doing.person.actor, doing.id())?;
    Ok(Done::Something)
}

pub fn unserved(doing: &Doing<'_>) -> Came {
    let reason = UnservedReason::NoProduct;
    closing::mark_unserved(&doing.world.service, &doing.person.actor, doing.id(), reason, None)?;
    Ok(Done::Something)
}

pub fn match_again(doing: &Doing<'_>) -> Came {
    rematch::on_demand(&doing.world.service, &doing.person.actor, doing.id())?;
    Ok(Done::Something)
}

/// A bank with one of its products, or rarely with another bank's.
fn chosen(doing: &Doing<'_>) -> (String, Vec<String>) {
    let (product, bank) = doing.one(1, &PRODUCTS);
    let bank = if doing.dice[2].is_multiple_of(32) {
        doing.one(3, &BANKS)
    } else {
        bank
    };
    (bank.to_owned(), vec![product.to_owned()])
}

fn refer(doing: &Doing<'_>, is_kept: bool) -> Came {
    // Mostly one of those that fit, as the enterprise sees them.
    let fitting = eligible(doing);
    let (bank, products) = match fitting.get(usize::from(doing.dice[1]) % fitting.len().max(1)) {
        Some(code) if !doing.dice[2].is_multiple_of(8) => {
            let (_, bank) = PRODUCTS
                .iter()
                .find(|(product, _)| product == code)
                .expect("a product of ours");
            ((*bank).to_owned(), vec![code.clone()])
        }
        _ => chosen(doing),
    };
    let pick = Pick {
        bank,
        products,
        is_kept,
    };
    let terms = doing.terms(if doing.dice[3].is_multiple_of(4) { 10 } else { 60 });
    referrals::send(
        &doing.world.service,
        &doing.person.actor,
        doing.id(),
        &[pick],
        terms,
        None,
    )?;
    Ok(Done::Something)
}

fn eligible(doing: &Doing<'_>) -> Vec<String> {
    let enterprise = &doing.world.person_of(&doing.on().enterprise).actor;
    let found = rongqiao::actions::matches::of_request(&doing.world.service, enterprise, doing.id());
    found.map_or_else(
        |_| Vec::new(),
        |sheet| sheet.result.eligible.into_iter().map(|row| row.product).collect(),
    )
}

pub fn pick(doing: &Doing<'_>) -> Came {
    refer(doing, false)
}

pub fn keep(doing: &Doing<'_>) -> Came {
    refer(doing, true)
}

pub fn send_kept(doing: &Doing<'_>) -> Came {
    reroute::send_kept(&doing.world.service, &doing.person.actor, doing.id())?;
    Ok(Done::Something)
}

pub fn revoke(doing: &Doing<'_>) -> Came {
    consents::revoke(&doing.world.service, &doing.person.actor, doing.id())?;
    Ok(Done::Something)
}

pub fn propose(doing: &Doing<'_>) -> Came {
    let (bank, products) = chosen(doing);
    proposals::propose(
        &doing.world.service,
        &doing.person.actor,
        doing.id(),
        proposals::Choice {
            bank: &bank,
            products: &products,
            reason: Some("这家银行熟悉这个行业"),
        },
        None,
    )?;
    Ok(Done::Something)
}

pub fn agree(doing: &Doing<'_>) -> Came {
    proposals::agree(&doing.world.service, &doing.person.actor, doing.id(), doing.terms(60))?;
    Ok(Done::Something)
}

pub fn refuse(doing: &Doing<'_>) -> Came {
    proposals::refuse(&doing.world.service, &doing.person.actor, doing.id())?;
    Ok(Done::Something)
}

pub fn read_profile(doing: &Doing<'_>) -> Came {
    let profile = credit_profile::read(&doing.world.service, &doing.person.actor, doing.id())?;
    Ok(Done::Shown(format!("{profile:?}")))
}

pub fn decline(doing: &Doing<'_>) -> Came {
    let reason = doing.one(2, &[DeclineReason::Credit, DeclineReason::Amount, DeclineReason::Other]);
    let shown = answers::decline(&doing.world.service, &doing.person.actor, doing.id(), reason, None)?;
    Ok(Done::Shown(format!("{shown:?}")))
}

pub fn take_up(doing: &Doing<'_>) -> Came {
    let shown = answers::take_up(&doing.world.service, &doing.person.actor, doing.id())?;
    Ok(Done::Shown(format!("{shown:?}")))
}
