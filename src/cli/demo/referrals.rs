//! What has happened to the demo's open requests: most were brought before a bank or two, many of which
//! have read, and one enterprise has thought better of it. The hero's is left for whoever tries the demo.

use super::fill::{At, on};
use super::people::People;
use super::{DemoRequest, HERO};
use crate::actions::referrals::{self, Pick, Sent};
use crate::actions::{ActionError, Service, consents, credit_profile, enterprises, matches};
use crate::clock::{Clock, SystemClock};
use crate::domain::actor::Actor;
use crate::domain::consent::{Terms, USUAL_DAYS, consent_text};
use crate::domain::dates::Day;
use std::collections::HashSet;
use uuid::Uuid;

/// The bank whose user the demo prints; one of its referrals is taken back.
const SHOWN_BANK: &str = "songyue";
/// Which of that bank's referrals it is.
const TAKEN_BACK: usize = 2;
/// Of the open requests, every so many one has not been brought before anybody.
const HESITATES: usize = 5;
/// Days that banks take to read, in turn; who takes longest has often not read yet.
const READ_AFTER_DAYS: [i64; 6] = [1, 3, 1, 60, 2, 9];

/// Brings requests before banks, one call each.
pub(super) struct Bringing<'a> {
    service: &'a Service,
    people: &'a People,
    brought: usize,
    of_shown_bank: usize,
}

impl<'a> Bringing<'a> {
    pub(super) const fn new(service: &'a Service, people: &'a People) -> Self {
        Self {
            service,
            people,
            brought: 0,
            of_shown_bank: 0,
        }
    }

    /// What became of one open request since it was submitted on `day`.
    pub(super) fn bring(
        &mut self,
        request: &DemoRequest,
        owner: &Actor,
        id: Uuid,
        day: Day,
    ) -> Result<(), ActionError> {
        let turn = self.brought;
        self.brought += 1;
        if request.uscc.as_str() == HERO || turn % HESITATES == HESITATES - 1 {
            return Ok(());
        }
        let sheet = matches::of_request(self.service, owner, id)?;
        let mut banks = HashSet::new();
        let fitting = sheet.result.eligible.iter().filter_map(|row| {
            let bank = sheet.products.get(&row.product)?.form.bank.clone();
            banks.insert(bank.clone()).then(|| Pick {
                bank,
                products: vec![row.product.clone()],
                is_kept: false,
            })
        });
        let mut picks: Vec<Pick> = fitting.collect();
        // Whoever tries the demo as a bank should find something to do.
        picks.sort_by_key(|pick| pick.bank != SHOWN_BANK);
        picks.truncate(1 + turn % 3);
        if picks.is_empty() {
            return Ok(());
        }
        let sent_on = on(self.service, At::in_the_day(day, turn));
        let terms = Terms {
            text_version: consent_text().version,
            until: day.plus_days(USUAL_DAYS),
        };
        for sent in referrals::send(&sent_on, owner, id, &picks, terms, None)? {
            self.answer(owner, &sent, turn, day)?;
        }
        Ok(())
    }

    /// What the bank does with what it was sent on `day`, and whether the enterprise thinks better of it.
    fn answer(&mut self, owner: &Actor, sent: &Sent, turn: usize, day: Day) -> Result<(), ActionError> {
        let after = READ_AFTER_DAYS.get((turn + self.of_shown_bank) % READ_AFTER_DAYS.len());
        let read_on = day.plus_days(after.copied().unwrap_or(1));
        if read_on < SystemClock.today()
            && let Some(clerk) = self.people.of(&sent.bank)
        {
            let then = on(self.service, At::in_the_day(read_on, turn + 3));
            credit_profile::read(&then, clerk, sent.id)?;
        }
        if sent.bank == SHOWN_BANK {
            self.of_shown_bank += 1;
            if self.of_shown_bank == TAKEN_BACK {
                let later = read_on.plus_days(1).min(SystemClock.today());
                consents::revoke(&on(self.service, At::in_the_day(later, 0)), owner, sent.consent_id)?;
            }
        }
        Ok(())
    }
}

/// An officer has looked at the hero's profile, so that its access log has a line.
pub(super) fn officer_looks(service: &Service, people: &People) -> Result<(), ActionError> {
    let Some(officer) = people.of("centre") else {
        return Ok(());
    };
    let uscc = HERO.parse().map_err(|_reason| ActionError::NotFound)?;
    let yesterday = SystemClock.today().plus_days(-1);
    enterprises::show(&on(service, At::in_the_day(yesterday, 11)), officer, uscc)?;
    Ok(())
}
