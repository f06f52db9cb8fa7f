//! The life of the demo's requests up to today, day by day and each by the action that it would take on any other
//! day: written, submitted, brought before banks, read, offered on, looked at by the desk, decided, signed, drawn, paid
//! back. The jobs that act on deadlines run once a day between them. What would come after today is left for whoever
//! tries the demo, and so is everything about the hero's request after its submission.

mod asking;
mod lending;
mod offering;

use super::fill::{At, on};
use super::people::People;
use super::random::Random;
use super::{Demo, DemoRequest};
use crate::actions::loans::watching;
use crate::actions::offers::ending;
use crate::actions::{ActionError, Service, closing, reroute};
use crate::domain::actor::Actor;
use crate::domain::dates::Day;
use crate::domain::uscc::Uscc;
use chrono::Datelike;
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// What happens on a day.
#[derive(Debug)]
enum Step {
    /// An enterprise begins to write a request.
    Begin(usize),
    /// It submits the request.
    Submit(Asked),
    /// It picks banks.
    Pick(Asked),
    /// It gives up.
    GiveUp(Asked),
    /// An officer looks at what nobody fits.
    Serve(Asked),
    /// It answers an officer's proposal.
    Consider(Sent),
    /// A bank reads what it was sent.
    Read(Sent),
    /// It answers.
    Answer(Sent),
    /// The desk looks at an offer.
    Look(Sent, Uuid),
    /// A bank mends an offer that came back.
    Mend(Sent, Uuid),
    /// The enterprise decides on the offers that it has.
    Decide(Asked),
    /// Bank and enterprise sign.
    Sign(Asked, String, Uuid),
    /// What a bank registers of a loan.
    Draw(Lent),
    /// The second draw of a loan, or the end of drawing.
    DrawMore(Lent),
    /// A quarter's payment.
    Pay(Lent),
    /// The borrower asks for it to be renewed.
    Renew(Lent),
    /// The last payment.
    Settle(Lent),
}

/// A request in the database, and its place among the demo's.
#[derive(Clone, Copy, Debug)]
struct Asked {
    place: usize,
    id: Uuid,
}

/// A referral, with its bank's code.
#[derive(Clone, Debug)]
struct Sent {
    asked: Asked,
    bank: String,
    id: Uuid,
}

/// A loan, with its bank's code.
#[derive(Clone, Debug)]
struct Lent {
    bank: String,
    id: Uuid,
}

/// What is left for whoever tries the demo.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Waiting {
    /// A referral, to be read.
    Reading,
    /// An offer made in haste.
    Haste,
    /// Its fault, for the desk to find.
    Fault,
    /// An offer without one, for the desk to look at.
    Desk,
    /// Offers, for the enterprise to decide on.
    Decision,
    /// A contract, to be signed.
    Signing,
    /// A loan, to be drawn for the first time.
    Drawing,
}

/// Days within which something may still wait: at the bank whose user the demo prints, and with all others.
const UNREAD_DAYS: i64 = 6;
const UNDECIDED_DAYS: i64 = 12;

/// The district while its year goes by.
pub(super) struct Year<'a> {
    service: &'a Service,
    people: &'a People,
    /// Those of the demo, and then what comes of their loans.
    requests: Vec<DemoRequest>,
    random: Random,
    /// By day, and in the order in which they were thought of.
    steps: BTreeMap<(Day, usize), Step>,
    thought_of: usize,
    authorised: HashSet<Uscc>,
    /// What waited the last time.
    waited: HashSet<Waiting>,
    today: Day,
}

/// Lets the requests of the demo live up to today.
///
/// # Errors
/// When an action fails that no rule refuses.
pub(super) fn live(service: &Service, demo: &Demo, people: &People) -> Result<(), ActionError> {
    let mut year = Year {
        service,
        people,
        requests: demo.requests.clone(),
        random: Random::new(20_261),
        steps: BTreeMap::new(),
        thought_of: 0,
        authorised: HashSet::new(),
        // The first fault is found, and its offer given back.
        waited: HashSet::from([Waiting::Fault]),
        today: service.clock.today(),
    };
    for (place, request) in demo.requests.iter().enumerate() {
        year.then(request.created_on, Step::Begin(place));
    }
    let mut day = demo
        .requests
        .iter()
        .map(|request| request.created_on)
        .min()
        .unwrap_or(year.today);
    while day <= year.today {
        year.act_on_deadlines(day)?;
        let mut turn = 0;
        while let Some(step) = year.next_of(day) {
            turn += 1;
            year.take(day, turn, step)?;
        }
        day = day.plus_days(1);
    }
    Ok(())
}

impl Year<'_> {
    /// Plans a step; one after today never comes.
    fn then(&mut self, day: Day, step: Step) {
        if day <= self.today {
            self.thought_of += 1;
            self.steps.insert((day, self.thought_of), step);
        }
    }

    /// Plans a step for some days later, both bounds within, and never on a weekend.
    fn in_days(&mut self, day: Day, (least, most): (i64, i64), step: Step) {
        let mut then = day.plus_days(self.random.between(least, most));
        while then.naive().weekday().number_from_monday() > 5 {
            then = then.plus_days(1);
        }
        self.then(then, step);
    }

    fn next_of(&mut self, day: Day) -> Option<Step> {
        let entry = self.steps.first_entry().filter(|entry| entry.key().0 <= day)?;
        Some(entry.remove())
    }

    /// What the jobs do of themselves.
    fn act_on_deadlines(&self, day: Day) -> Result<(), ActionError> {
        let early = on(self.service, At::turn_of(day, 0));
        reroute::expire(&early)?;
        ending::expire(&early)?;
        closing::expire(&early)?;
        watching::warn(&early)?;
        Ok(())
    }

    fn take(&mut self, day: Day, turn: i64, step: Step) -> Result<(), ActionError> {
        let now = on(self.service, At::turn_of(day, turn));
        let what = format!("{step:?}");
        let taken = match step {
            Step::Begin(place) => self.begin(&now, day, place),
            Step::Submit(asked) => self.submit(&now, day, asked),
            Step::Pick(asked) => self.pick(&now, day, asked),
            Step::GiveUp(asked) => self.give_up(&now, asked),
            Step::Serve(asked) => self.serve(&now, day, asked),
            Step::Consider(sent) => self.consider(&now, day, sent),
            Step::Read(sent) => self.read(&now, day, sent),
            Step::Answer(sent) => self.answer(&now, day, sent),
            Step::Look(sent, offer) => self.look(&now, day, sent, offer),
            Step::Mend(sent, offer) => self.mend(&now, day, sent, offer),
            Step::Decide(asked) => self.decide(&now, day, asked),
            Step::Sign(asked, bank, offer) => self.sign(&now, day, asked, bank, offer),
            Step::Draw(lent) => self.draw(&now, day, lent),
            Step::DrawMore(lent) => self.draw_more(&now, day, &lent),
            Step::Pay(lent) => self.pay(&now, day, lent),
            Step::Renew(lent) => self.renew(&now, day, &lent),
            Step::Settle(lent) => self.settle(&now, day, &lent),
        };
        match taken {
            // Another has been faster, or the day for it is over: that is life.
            Err(ActionError::Refused(_) | ActionError::Stale) => Ok(()),
            other => other.map_err(|error| ActionError::internal(format!("demo: {day}: {what}: {error}"))),
        }
    }

    /// Whether a day is among the last ones, from which something is left to do.
    fn is_recent(&self, day: Day, within: i64) -> bool {
        self.today.days_since(day) < within
    }

    /// Whether what is due on a day is left for whoever tries the demo: of what is recent every other one, the first
    /// among them, so that each kind is there on whatever day the demo starts.
    fn waits(&mut self, day: Day, what: Waiting) -> bool {
        if !self.is_recent(day, UNDECIDED_DAYS) {
            return false;
        }
        let waits = self.waited.insert(what);
        if !waits {
            self.waited.remove(&what);
        }
        waits
    }

    fn request(&self, asked: Asked) -> Result<&DemoRequest, ActionError> {
        self.requests.get(asked.place).ok_or(ActionError::NotFound)
    }

    /// Who acts for the enterprise.
    fn owner(&self, asked: Asked) -> Result<&Actor, ActionError> {
        self.who(self.request(asked)?.uscc.as_str())
    }

    fn who(&self, code: &str) -> Result<&Actor, ActionError> {
        self.people.of(code).ok_or(ActionError::NotFound)
    }
}
