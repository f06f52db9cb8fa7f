//! What must never be, whatever happened: looked at after each step.

use super::doing::Doing;
use super::rows::{Noted, Row, Standing, Told};
use super::shown::Secrets;
use super::world::World;
use rongqiao::domain::codes::Code;
use rongqiao::domain::codes::ProductStatus;
use rongqiao::domain::loan::{LoanEvent, LoanState};
use rongqiao::domain::offer::{OfferEvent, OfferState};
use rongqiao::domain::product::ProductEvent;
use rongqiao::domain::referral::{ReferralEvent, ReferralState};
use rongqiao::domain::request::{RequestEvent, RequestState};
use rongqiao::store::invariants;
use std::collections::HashSet;

/// What is wrong, in words.
pub type Wrong = String;

/// Looks at everything after a step that changed something.
pub fn look(world: &World, secrets: &mut Secrets, before: &Standing, after: &Standing) -> Result<(), Wrong> {
    holds(world)?;
    let step = Changes::between(before, after);
    for (old, new) in &step.changed {
        is_a_way(*old, new)?;
        was_noted(&step, *old, new)?;
        was_told(&step, *old, new, after)?;
    }
    nothing_else_was_told(&step)?;
    secrets.learn(after);
    // What a sheet shows comes from the rows of its request.
    let touched = |request: &str| step.changed.iter().any(|(_, row)| row.request == request);
    secrets.look(world, after, touched)
}

/// The invariants that `rongqiao check` counts.
pub fn holds(world: &World) -> Result<(), Wrong> {
    let all = world.service.store.read(invariants::check).expect("they are counted");
    match all.iter().find(|one| one.broken != 0) {
        Some(broken) => Err(format!("{} is broken {} times", broken.name, broken.broken)),
        None => Ok(()),
    }
}

/// What a step changed, noted and told.
struct Changes<'a> {
    /// Rows with what they were before; none of a new one.
    changed: Vec<(Option<&'a Row>, &'a Row)>,
    noted: Vec<&'a Noted>,
    told: Vec<&'a Told>,
}

impl<'a> Changes<'a> {
    fn between(before: &'a Standing, after: &'a Standing) -> Self {
        let noted: HashSet<&str> = before.noted.iter().map(|one| one.id.as_str()).collect();
        let told: HashSet<&str> = before.told.iter().map(|one| one.id.as_str()).collect();
        let rows = after.rows.iter().map(|new| (before.row(&new.kind, &new.id), new));
        Self {
            changed: rows.filter(|(old, new)| *old != Some(*new)).collect(),
            noted: after
                .noted
                .iter()
                .filter(|one| !noted.contains(one.id.as_str()))
                .collect(),
            told: after
                .told
                .iter()
                .filter(|one| !told.contains(one.id.as_str()))
                .collect(),
        }
    }
}

/// Whether an event leads from a state to another; two on end where `more` allows it.
macro_rules! leads {
    ($state:ty, $event:ty, $from:expr, $to:expr) => {{
        let state = |code: &str| <$state>::ALL.iter().copied().find(|one| one.code() == code);
        match (state($from), state($to)) {
            (Some(from), Some(to)) => <$event>::ALL.iter().any(|event| from.next(*event) == Ok(to)),
            _ => false,
        }
    }};
}

/// Whether a row may go from one state to another in a step, as the machines of `domain` say.
fn is_a_way(old: Option<&Row>, new: &Row) -> Result<(), Wrong> {
    let is_good = match (new.kind.as_str(), old.map(|old| old.state.as_str()), new.state.as_str()) {
        ("consent", None, to) => to == "given",
        ("consent", Some(from), to) => (from, to) == ("given", "revoked"),
        ("request", None, to) => to == "draft",
        ("request", Some(from), to) => leads!(RequestState, RequestEvent, from, to),
        ("referral", None, to) => matches!(to, "reserve" | "proposed" | "pending"),
        ("referral", Some(from), to) => leads!(ReferralState, ReferralEvent, from, to),
        // With `auto_forward` a clean one is forwarded as it comes in.
        ("offer", None, to) => matches!(to, "submitted" | "forwarded"),
        ("offer", Some("returned" | "lapsed"), "forwarded") => true,
        ("offer", Some(from), to) => leads!(OfferState, OfferEvent, from, to),
        ("loan", None, to) => to == "registered",
        ("loan", Some(from), to) => leads!(LoanState, LoanEvent, from, to),
        // Sums that offers take and give back leave a product in its edition.
        ("product", Some(from), to) => leads!(ProductStatus, ProductEvent, from, to),
        _ => false,
    };
    let from = old.map_or("nothing", |old| old.state.as_str());
    if is_good {
        Ok(())
    } else {
        Err(format!("{} {} went from {from} to {}", new.kind, new.id, new.state))
    }
}

/// Each change has its line in the audit log, which says the state that it led to.
fn was_noted(step: &Changes<'_>, old: Option<&Row>, new: &Row) -> Result<(), Wrong> {
    // A draft is its enterprise's own paper, and the consent of an acceptance ends with what its offer's line says.
    let is_unnoted = (new.kind == "request" && new.state == "draft")
        || (new.kind == "consent" && new.text == "contract" && old.is_some());
    if is_unnoted {
        return Ok(());
    }
    let subject = format!("{}:{}", new.kind, new.id);
    let mut lines = step.noted.iter().filter(|line| line.subject == subject);
    // What is begun, and a state that is left as it was, is noted in other words.
    let is_moved = old.is_some_and(|old| old.state != new.state) && !matches!(new.kind.as_str(), "consent");
    let says = |line: &&&Noted| !is_moved || line.after.split(' ').next() == Some(new.state.as_str());
    if lines.any(|line| says(&line)) {
        Ok(())
    } else {
        Err(format!(
            "{subject} came to {} without its line in the audit log",
            new.state
        ))
    }
}

/// To whom it is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whom {
    Enterprise,
    Bank,
    Centre,
}

/// Whether a loan was marked as overdue, be it once more.
fn is_marked(step: &Changes<'_>, loan: &Row) -> bool {
    step.noted
        .iter()
        .any(|line| line.action == "loan_overdue" && line.subject.ends_with(&loan.id))
}

/// What has to be told of a change, to whom: docs/messages.md in the words of the states.
fn to_be_told(step: &Changes<'_>, old: Option<&Row>, new: &Row) -> Vec<(&'static str, Whom)> {
    use Whom::{Bank, Centre, Enterprise};
    let from = old.map_or("", |old| old.state.as_str());
    let was_seen = old.is_some_and(|old| old.seen == 1);
    match (new.kind.as_str(), from, new.state.as_str()) {
        ("request", "draft", "open") => vec![("request_submitted", Enterprise)],
        ("request", "open", "open") => vec![("request_extended", Enterprise)],
        ("request", _, "accepted") => vec![("offer_taken", Enterprise), ("offer_taken", Centre)],
        ("request", "accepted", "open") => vec![("offer_fell_through", Enterprise)],
        ("request", _, "closed") => vec![("request_closed", Enterprise)],
        ("referral", "cancelled", "pending") => vec![],
        ("referral", _, "pending") => vec![("referral_received", Bank)],
        ("referral", _, "proposed") => vec![("referral_proposed", Enterprise)],
        ("referral", _, "declined") => vec![("referral_declined", Enterprise)],
        ("referral", _, "overdue") => vec![
            ("referral_overdue", Bank),
            ("referral_unanswered", Enterprise),
            ("referral_unanswered", Centre),
        ],
        ("offer", _, "submitted") => vec![("offer_submitted", Centre)],
        ("offer", _, "forwarded") => vec![("offer_received", Enterprise), ("offer_forwarded", Bank)],
        ("offer", _, "returned") => vec![("offer_returned", Bank)],
        ("offer", _, "accepted") => vec![("offer_accepted", Bank), ("offer_taken", Enterprise)],
        ("offer", _, "declined") => vec![("offer_declined", Bank)],
        ("offer", _, "withdrawn") if was_seen => vec![("offer_withdrawn", Enterprise)],
        ("offer", _, "lapsed") => vec![("offer_lapsed", Bank)],
        ("offer", _, "fell_through") => {
            vec![
                ("offer_fell_through", Bank),
                ("offer_fell_through", Enterprise),
                ("offer_fell_through", Centre),
            ]
        }
        ("loan", _, "registered") => vec![("loan_registered", Enterprise), ("loan_registered", Centre)],
        ("loan", _, "cancelled") => vec![("loan_cancelled", Enterprise), ("loan_cancelled", Centre)],
        ("loan", ..) if is_marked(step, new) => vec![("loan_overdue", Enterprise), ("loan_overdue", Centre)],
        ("loan", ..) => vec![("loan_changed", Enterprise)],
        ("consent", _, "revoked") if new.text == "application" => vec![("consent_revoked", Enterprise)],
        _ => vec![],
    }
}

fn was_told(step: &Changes<'_>, old: Option<&Row>, new: &Row, after: &Standing) -> Result<(), Wrong> {
    let mut wanted = to_be_told(step, old, new);
    // A bank is told that what it had is gone; of what it never had it hears nothing.
    let is_gone = new.kind == "referral" && new.state == "cancelled";
    let was_sent = old.is_some_and(|old| old.seen == 1);
    if is_gone && !was_sent {
        let heard = step
            .told
            .iter()
            .find(|one| one.event.contains(&new.id) && one.whom == new.bank);
        if let Some(heard) = heard {
            return Err(format!(
                "{} heard {} of a referral that it never had",
                new.bank, heard.topic
            ));
        }
    }
    if is_gone
        && was_sent
        && !step
            .told
            .iter()
            .any(|one| one.event.contains(&new.id) && one.whom == new.bank)
    {
        return Err(format!("{} was not told that referral {} is gone", new.bank, new.id));
    }
    // What comes back to a bank is news to it, or was its own doing.
    if new.kind == "referral" && new.state == "pending" && old.is_some_and(|old| old.state == "cancelled") {
        let taken_up = step.noted.iter().any(|line| line.action == "referral_taken_up");
        wanted.push(if taken_up {
            ("referral_taken_up", Whom::Enterprise)
        } else {
            ("referral_received", Whom::Bank)
        });
    }
    for (topic, whom) in wanted {
        let whom = match whom {
            Whom::Enterprise => new.enterprise.as_str(),
            Whom::Bank => new.bank.as_str(),
            Whom::Centre => "CENTRE",
        };
        // A request's acceptance is told of by its offer.
        let is_about = |one: &&&Told| {
            one.event.contains(&new.id)
                || (new.kind == "request"
                    && after
                        .of_kind("offer")
                        .any(|offer| offer.request == new.id && one.event.contains(&offer.id)))
        };
        let mut heard = step.told.iter().filter(|one| one.topic == topic && one.whom == whom);
        if !heard.any(|one| is_about(&one)) {
            return Err(format!(
                "{whom} was not told {topic} of {} {}, now {}",
                new.kind, new.id, new.state
            ));
        }
    }
    Ok(())
}

/// What is told without a row changing: that time goes by, and what a change means for others.
const NEWS: [&str; 7] = [
    "loan_matures",
    "newly_eligible",
    "product_confirm_due",
    "reminder_due",
    "request_matched_again",
    "request_reopened",
    "request_needs_centre",
];

fn nothing_else_was_told(step: &Changes<'_>) -> Result<(), Wrong> {
    let is_about = |one: &Told| step.changed.iter().any(|(_, row)| one.event.contains(&row.id));
    match step
        .told
        .iter()
        .find(|one| !NEWS.contains(&one.topic.as_str()) && !is_about(one))
    {
        Some(one) => Err(format!(
            "{} was told {} of what did not happen: {}",
            one.whom, one.topic, one.event
        )),
        None => Ok(()),
    }
}

/// Whether the wrong one has done something: the rights by the kind of organisation, written down a second time.
pub fn is_the_right_one(doing: &Doing<'_>) -> Result<(), Wrong> {
    use super::plans::By;
    let who = doing.person.organisation;
    let may_write = !matches!(doing.person.name, "reader-0" | "administrator" | "elsewhere");
    let is_right = match (doing.plan.by, doing.row) {
        (By::Nobody, _) => return Ok(()),
        // Whatever loan it names, the request that is begun is one's own.
        (By::Enterprise, Some(_)) if doing.plan.name == "begin renewal" => who.starts_with('E'),
        (By::Enterprise, Some(row)) => who == row.enterprise,
        (By::Bank, Some(row)) => who == row.bank,
        (By::Either, Some(row)) => who == row.bank || who == row.enterprise,
        (By::Enterprise, None) => who.starts_with('E'),
        (By::Officer, _) => who == "CENTRE",
        (By::Bank | By::Either, None) => false,
    };
    if is_right && may_write {
        Ok(())
    } else {
        Err(format!("{} did what is not theirs to do", doing.person.name))
    }
}
