//! Every event that can happen, with what it happens to, who brings it about, and how often it is tried.

use super::doing::{Doing, Done};
use super::{lending, offering, products, requesting};
use rongqiao::actions::{ActionError, Service, closing, loans, offers, product_cycle, publications, rematch, reroute};

/// Who brings an event about, when it is the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The enterprise of the row; any where there is none.
    Enterprise,
    /// The bank of the row.
    Bank,
    /// The enterprise or the bank.
    Either,
    /// The centre's officer.
    Officer,
    /// Nobody: time, or the service by itself.
    Nobody,
}

/// An event.
pub struct Plan {
    pub name: &'static str,
    /// The kind of row that it happens to; none where it needs none.
    pub on: Option<&'static str>,
    /// The states in which it is usually tried; none named: any.
    pub fits: &'static [&'static str],
    pub by: By,
    /// How often it is tried, against the others.
    pub weight: u32,
    pub act: fn(&Doing<'_>) -> Result<Done, ActionError>,
}

/// Does the next thing that brings some request or loan on: resolved to one of the other events.
pub const ONWARD: &str = "onward";

const fn plan(
    name: &'static str,
    (on, fits): (Option<&'static str>, &'static [&'static str]),
    by: By,
    weight: u32,
    act: fn(&Doing<'_>) -> Result<Done, ActionError>,
) -> Plan {
    Plan {
        name,
        on,
        fits,
        by,
        weight,
        act,
    }
}

const REQUEST: Option<&str> = Some("request");
const REFERRAL: Option<&str> = Some("referral");
const OFFER: Option<&str> = Some("offer");
const LOAN: Option<&str> = Some("loan");
const PRODUCT: Option<&str> = Some("product");
const CONSENT: Option<&str> = Some("consent");
/// States of a referral that waits for its bank.
const WAITING: &[&str] = &["pending", "viewed", "overdue"];
const OWED: &[&str] = &["disbursing", "outstanding"];

/// Every event.
pub static PLANS: &[Plan] = &[
    plan(ONWARD, (None, &[]), By::Nobody, 200, |_| Ok(Done::Nothing)),
    plan("declare", (None, &[]), By::Enterprise, 3, requesting::declare),
    plan("begin", (None, &[]), By::Enterprise, 6, requesting::begin),
    plan(
        "begin renewal",
        (LOAN, OWED),
        By::Enterprise,
        5,
        requesting::begin_renewal,
    ),
    plan("edit", (REQUEST, &["draft"]), By::Enterprise, 1, requesting::edit),
    plan("submit", (REQUEST, &["draft"]), By::Enterprise, 3, requesting::submit),
    plan("extend", (REQUEST, &["open"]), By::Enterprise, 2, requesting::extend),
    plan(
        "withdraw request",
        (REQUEST, &["open"]),
        By::Enterprise,
        1,
        requesting::withdraw,
    ),
    plan(
        "mark unserved",
        (REQUEST, &["open"]),
        By::Officer,
        1,
        requesting::unserved,
    ),
    plan(
        "match again",
        (REQUEST, &["open"]),
        By::Enterprise,
        1,
        requesting::match_again,
    ),
    plan("pick", (REQUEST, &["open"]), By::Enterprise, 6, requesting::pick),
    plan("keep", (REQUEST, &["open"]), By::Enterprise, 4, requesting::keep),
    plan(
        "send kept",
        (REFERRAL, &["reserve"]),
        By::Enterprise,
        2,
        requesting::send_kept,
    ),
    plan("revoke", (CONSENT, &["given"]), By::Enterprise, 2, requesting::revoke),
    plan("propose", (REQUEST, &["open"]), By::Officer, 4, requesting::propose),
    plan("agree", (REFERRAL, &["proposed"]), By::Enterprise, 3, requesting::agree),
    plan(
        "refuse",
        (REFERRAL, &["proposed"]),
        By::Enterprise,
        1,
        requesting::refuse,
    ),
    plan(
        "read profile",
        (REFERRAL, WAITING),
        By::Bank,
        3,
        requesting::read_profile,
    ),
    plan("decline request", (REFERRAL, WAITING), By::Bank, 3, requesting::decline),
    plan("take up", (REFERRAL, &["cancelled"]), By::Bank, 3, requesting::take_up),
    plan(
        "offer",
        (REFERRAL, &["pending", "viewed", "overdue", "offered"]),
        By::Bank,
        6,
        offering::offer,
    ),
    plan(
        "revise",
        (OFFER, &["returned", "lapsed"]),
        By::Bank,
        4,
        offering::revise,
    ),
    plan(
        "withdraw offer",
        (OFFER, &["submitted", "returned", "forwarded"]),
        By::Bank,
        2,
        offering::withdraw,
    ),
    plan("forward", (OFFER, &["submitted"]), By::Officer, 4, offering::forward),
    plan("forward all", (None, &[]), By::Officer, 2, offering::forward_all),
    plan(
        "give back",
        (OFFER, &["submitted"]),
        By::Officer,
        3,
        offering::give_back,
    ),
    plan("accept", (OFFER, &["forwarded"]), By::Enterprise, 5, offering::accept),
    plan(
        "decline offer",
        (OFFER, &["forwarded"]),
        By::Enterprise,
        1,
        offering::decline,
    ),
    plan(
        "fall through",
        (OFFER, &["accepted"]),
        By::Either,
        3,
        offering::fall_through,
    ),
    plan("contract", (OFFER, &["accepted"]), By::Bank, 4, lending::contract),
    plan(
        "draw",
        (LOAN, &["registered", "disbursing"]),
        By::Bank,
        4,
        lending::draw,
    ),
    plan("repay", (LOAN, OWED), By::Bank, 4, lending::repay),
    plan(
        "close drawing",
        (LOAN, &["disbursing"]),
        By::Bank,
        2,
        lending::close_drawing,
    ),
    plan("mark overdue", (LOAN, OWED), By::Bank, 2, lending::mark_overdue),
    plan("clear overdue", (LOAN, OWED), By::Bank, 2, lending::clear_overdue),
    plan("settle", (LOAN, OWED), By::Bank, 4, lending::settle),
    plan("cancel", (LOAN, &["registered"]), By::Bank, 2, lending::cancel),
    plan("edit product", (PRODUCT, &[]), By::Bank, 3, products::edit),
    plan("publish", (PRODUCT, &[]), By::Bank, 3, products::publish),
    plan("suspend", (PRODUCT, &["open"]), By::Bank, 4, products::suspend),
    plan("resume", (PRODUCT, &["suspended"]), By::Bank, 2, products::resume),
    plan(
        "confirm",
        (PRODUCT, &["open", "suspended"]),
        By::Bank,
        2,
        products::confirm,
    ),
    plan(
        "close product",
        (PRODUCT, &["open", "suspended"]),
        By::Bank,
        1,
        products::close,
    ),
    plan("days pass", (None, &[]), By::Nobody, 30, |doing| Ok(doing.days_pass())),
    plan("expire requests", (None, &[]), By::Nobody, 6, |it| {
        job(it, closing::expire)
    }),
    plan("expire referrals", (None, &[]), By::Nobody, 6, |it| {
        job(it, reroute::expire)
    }),
    plan("expire offers", (None, &[]), By::Nobody, 6, |it| {
        job(it, offers::ending::expire)
    }),
    plan("match by itself", (None, &[]), By::Nobody, 32, |it| {
        job(it, match_by_itself)
    }),
    plan("remind to confirm", (None, &[]), By::Nobody, 6, |it| {
        job(it, product_cycle::remind)
    }),
    plan("warn of maturity", (None, &[]), By::Nobody, 6, |it| {
        job(it, loans::watching::warn)
    }),
];

fn job(doing: &Doing<'_>, turn: fn(&Service) -> Result<i64, ActionError>) -> Result<Done, ActionError> {
    let handled = turn(&doing.world.service)?;
    Ok(if handled > 0 { Done::Something } else { Done::Nothing })
}

/// What follows changed facts and published products: requests are matched once more, and enterprises told.
fn match_by_itself(service: &Service) -> Result<i64, ActionError> {
    Ok(rematch::after_changes(service)? + publications::run(service)? + publications::tell(service)?)
}

/// The event of this name.
pub fn named(name: &str) -> &'static Plan {
    PLANS.iter().find(|plan| plan.name == name).expect("there is one")
}
