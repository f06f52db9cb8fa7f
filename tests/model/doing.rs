//! One step: an event, somebody, and some dice; what it comes to depends on what stands in the database.

use super::plans::{By, ONWARD, PLANS, Plan, named};
use super::rows::{Row, Standing};
use super::world::{ENTERPRISES, Person, World};
use chrono::TimeDelta;
use proptest::prelude::*;
use rongqiao::clock::Clock;
use rongqiao::domain::consent::Terms;
use rongqiao::domain::dates::Day;
use uuid::Uuid;

/// A step before it meets the database. It keeps its meaning when others before it are left out.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Place in [`PLANS`].
    pub event: usize,
    /// Now and then, who is not the right one.
    pub who: u8,
    /// What is left to chance.
    pub dice: [u8; 4],
}

/// Steps, each event as often as its plan says.
pub fn steps(count: usize) -> impl Strategy<Value = Vec<Step>> {
    let weighed = PLANS
        .iter()
        .enumerate()
        .map(|(place, plan)| (plan.weight, Just(place).boxed()));
    let event = proptest::strategy::Union::new_weighted(weighed.collect());
    let step = (event, any::<u8>(), any::<[u8; 4]>()).prop_map(|(event, who, dice)| Step { event, who, dice });
    proptest::collection::vec(step, count..=count)
}

/// What an event that was not refused came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It changed something.
    Something,
    /// It found nothing to do.
    Nothing,
    /// It changed something, and showed this to a bank.
    Shown(String),
}

/// An event under way.
pub struct Doing<'a> {
    pub world: &'a World,
    pub plan: &'static Plan,
    pub standing: &'a Standing,
    pub person: &'a Person,
    pub row: Option<&'a Row>,
    pub dice: [u8; 4],
}

impl<'a> Doing<'a> {
    /// What a step means now; none where there is nothing that it could happen to.
    pub fn of(step: Step, world: &'a World, standing: &'a Standing) -> Option<Self> {
        let plan = PLANS.get(step.event)?;
        let (plan, row) = if plan.name == ONWARD {
            let next = onward(standing);
            // The product of two dice: mostly small.
            let place = (usize::from(step.dice[0]) * usize::from(step.dice[1]) * next.len()) >> 16;
            let (name, row) = next.get(place)?;
            (named(name), *row)
        } else {
            (plan, target(plan, standing, step.dice))
        };
        if plan.on.is_some() && row.is_none() {
            return None;
        }
        let right = right_one(plan.by, row, step);
        let person = match right {
            // One in sixteen is somebody else.
            Some(organisation) if !step.who.is_multiple_of(16) => world.person_of(organisation),
            _ => world.people.get(usize::from(step.who / 16) % world.people.len())?,
        };
        Some(Self {
            world,
            plan,
            standing,
            person,
            row,
            dice: step.dice,
        })
    }

    /// In words, for who reads a failed sequence.
    pub fn told(&self) -> String {
        let on = self.row.map_or_else(String::new, |row| {
            format!(" on {} {} ({}, version {})", row.kind, row.id, row.state, row.version)
        });
        format!("{} by {}{on}, dice {:?}", self.plan.name, self.person.name, self.dice)
    }

    /// The row that it happens to.
    pub fn on(&self) -> &'a Row {
        self.row.expect("the plan names a kind")
    }

    /// Its id.
    pub fn id(&self) -> Uuid {
        self.on().id.parse().expect("an id")
    }

    /// One of these, by a die.
    pub fn one<T: Copy>(&self, die: usize, of: &[T]) -> T {
        of[usize::from(self.dice[die]) % of.len()]
    }

    pub fn today(&self) -> Day {
        self.world.clock.today()
    }

    /// An agreement to the newest text for so many days; one in 16 is to another text, or over already.
    pub fn terms(&self, days: i64) -> Terms {
        let (text_version, days) = match self.dice[3] {
            0..=7 => (9, days),
            8..=15 => (1, -1),
            _ => (1, days),
        };
        Terms {
            text_version,
            until: self.today().plus_days(days),
        }
    }

    /// Time goes on: hours, days, now and then months.
    pub fn days_pass(&self) -> Done {
        let days = self.one(0, &[0, 1, 2, 3, 5, 8, 8, 12, 20, 30, 45, 100, 100]);
        self.world.clock.advance(TimeDelta::days(days) + TimeDelta::hours(1));
        Done::Nothing
    }
}

/// A row for an event: mostly one in a state in which it can happen, else any of its kind.
fn target<'a>(plan: &Plan, standing: &'a Standing, dice: [u8; 4]) -> Option<&'a Row> {
    let all: Vec<&Row> = standing.of_kind(plan.on?).collect();
    let fitting: Vec<&Row> = all
        .iter()
        .copied()
        .filter(|row| plan.fits.contains(&row.state.as_str()))
        .collect();
    let from = if fitting.is_empty() || dice[0].is_multiple_of(8) {
        all
    } else {
        fitting
    };
    from.get(usize::from(dice[1]) % from.len().max(1)).copied()
}

fn right_one(by: By, row: Option<&Row>, step: Step) -> Option<&str> {
    let enterprise = row.map_or(ENTERPRISES[usize::from(step.who) % 2], |row| row.enterprise.as_str());
    match by {
        By::Either if step.who.is_multiple_of(2) => row.map(|row| row.bank.as_str()),
        By::Enterprise | By::Either => Some(enterprise),
        By::Bank => row.map(|row| row.bank.as_str()),
        By::Officer | By::Nobody => Some("CENTRE"),
    }
}

/// What brings some request or loan on, what has come furthest first.
fn onward(standing: &Standing) -> Vec<(&'static str, Option<&Row>)> {
    let mut next = Vec::new();
    for kind in ["loan", "offer", "referral", "product", "request"] {
        for row in standing.of_kind(kind) {
            next.extend(onward_from(standing, row).iter().map(|name| (*name, Some(row))));
        }
    }
    if standing.of_kind("request").filter(|row| row.state != "closed").count() < 2 {
        next.push(("begin", None));
    }
    next
}

fn onward_from(standing: &Standing, row: &Row) -> &'static [&'static str] {
    let of_request = |kind| standing.of_kind(kind).filter(|other| other.request == row.request);
    let is_begun =
        |other: &&Row| other.enterprise == row.enterprise && matches!(other.state.as_str(), "draft" | "open");
    let begun = standing.of_kind("request").filter(is_begun).count();
    match (row.kind.as_str(), row.state.as_str()) {
        ("loan", "disbursing" | "outstanding") if row.seen == 1 => &["clear overdue"],
        ("loan", "registered" | "disbursing") => &["draw", "cancel", "draw", "close drawing"],
        ("loan", "outstanding") if row.owed == 0 => &["settle"],
        ("loan", "outstanding") if begun > 1 => &["repay", "warn of maturity", "mark overdue"],
        ("loan", "outstanding") => &["begin renewal", "repay", "mark overdue", "warn of maturity"],
        ("offer", "submitted") => &["forward", "give back", "forward all"],
        ("offer", "returned") => &["revise"],
        ("offer", "forwarded") => &["accept", "accept", "decline offer"],
        ("offer", "accepted") => &["fall through", "contract", "contract"],
        ("referral", "proposed") => &["agree", "agree", "refuse"],
        ("referral", "pending") => &["read profile", "offer"],
        ("referral", "viewed" | "overdue") => &["offer", "offer", "decline request"],
        ("referral", "cancelled") if of_request("request").any(|request| request.state == "open") => &["take up"],
        ("product", "suspended") => &["resume"],
        ("product", _) if row.seen == 1 => &["publish"],
        ("request", "draft") => &["submit"],
        ("request", "open") if of_request("referral").count() < 2 => &["pick", "keep"],
        _ => &[],
    }
}
