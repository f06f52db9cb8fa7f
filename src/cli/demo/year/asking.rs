//! What enterprises do with their requests, and officers with those that nothing fits.

use super::super::HERO;
use super::super::fill::authorise;
use super::{Asked, Sent, Step, UNREAD_DAYS, Waiting, Year};
use crate::actions::referrals::{self, Pick};
use crate::actions::requests::{self as request_actions, DraftContent};
use crate::actions::{ActionError, Service, closing, matches, proposals};
use crate::domain::consent::{Terms, USUAL_DAYS, consent_text};
use crate::domain::dates::Day;
use crate::domain::referral::ReferralState;
use crate::domain::request::{RequestState, UnservedReason};
use std::collections::HashSet;

/// The bank whose user the demo prints: whoever tries it should find something to do.
const SHOWN_BANK: &str = "songyue";

/// Why an officer proposes another bank than the first.
const WHY: &str = "这家银行做过同类企业，差的一项可以面谈。";

impl Year<'_> {
    pub(super) fn begin(&mut self, now: &Service, day: Day, place: usize) -> Result<(), ActionError> {
        let Some(request) = self.requests.get(place) else {
            return Ok(());
        };
        let owner = self.who(request.uscc.as_str())?.clone();
        if self.authorised.insert(request.uscc) {
            authorise(now, &owner, request)?;
        }
        let content = DraftContent {
            need: Some(&request.need),
            typed: None,
        };
        let id = request_actions::begin(now, &owner, None, content, None)?.id;
        if let (RequestState::Open, Some(submitted_on)) = (request.state, request.submitted_on) {
            self.then(submitted_on.max(day), Step::Submit(Asked { place, id }));
        }
        Ok(())
    }

    pub(super) fn submit(&mut self, now: &Service, day: Day, asked: Asked) -> Result<(), ActionError> {
        request_actions::submit(now, self.owner(asked)?, asked.id)?;
        if self.request(asked)?.uscc.as_str() == HERO {
            return Ok(());
        }
        // A few hesitate, and are still open or run out.
        if !self.random.chance(7) {
            self.in_days(day, (0, 3), Step::Pick(asked));
        }
        Ok(())
    }

    /// The banks of the cheapest products that fit: some asked, one more in reserve now and then.
    pub(super) fn pick(&mut self, now: &Service, day: Day, asked: Asked) -> Result<(), ActionError> {
        let owner = self.owner(asked)?.clone();
        let sheet = matches::of_request(now, &owner, asked.id)?;
        let mut banks = HashSet::new();
        let fitting = sheet.result.eligible.iter().filter_map(|row| {
            let bank = sheet.products.get(&row.product)?.form.bank.clone();
            let is_new = row.repayment.is_some() && banks.insert(bank.clone());
            is_new.then(|| Pick {
                bank,
                products: vec![row.product.clone()],
                is_kept: false,
            })
        });
        let mut picks: Vec<Pick> = fitting.collect();
        if self.is_recent(day, UNREAD_DAYS) || self.random.chance(40) {
            picks.sort_by_key(|pick| pick.bank != SHOWN_BANK);
        }
        let mut asked_at_once = usize::try_from(self.random.between(1, 3)).unwrap_or(1);
        // Who lent the money before is asked first, and alone where that bank has something.
        if let Some(loan) = &self.request(asked)?.need.existing_loan {
            picks.sort_by_key(|pick| pick.bank != loan.bank);
            if picks.first().is_some_and(|pick| pick.bank == loan.bank) {
                asked_at_once = 1;
            }
        }
        let kept_back = if self.is_recent(day, UNREAD_DAYS) { 80 } else { 30 };
        let reserve = usize::from(self.random.chance(kept_back));
        picks.truncate(asked_at_once + reserve);
        for kept in picks.iter_mut().skip(asked_at_once) {
            kept.is_kept = true;
        }
        if picks.is_empty() {
            self.in_days(day, (2, 8), Step::Serve(asked));
            return Ok(());
        }
        let terms = Terms {
            text_version: consent_text().version,
            until: day.plus_days(USUAL_DAYS),
        };
        for sent in referrals::send(now, &owner, asked.id, &picks, terms, None)? {
            let is_kept = sent.state == ReferralState::Reserve;
            let sent = Sent {
                asked,
                bank: sent.bank,
                id: sent.id,
            };
            let is_shown = sent.bank == SHOWN_BANK;
            if self.is_recent(day, UNREAD_DAYS) && !is_kept && (is_shown || self.waits(day, Waiting::Reading)) {
                continue;
            }
            // One in reserve is called when the others have had their time.
            let after = if is_kept { (8, 14) } else { (0, 4) };
            self.in_days(day, after, Step::Read(sent));
        }
        if self.random.chance(3) {
            self.in_days(day, (3, 20), Step::GiveUp(asked));
        }
        Ok(())
    }

    pub(super) fn give_up(&self, now: &Service, asked: Asked) -> Result<(), ActionError> {
        closing::withdraw(now, self.owner(asked)?, asked.id)?;
        Ok(())
    }

    /// Where a product misses by little an officer proposes it; else nobody can serve it.
    pub(super) fn serve(&mut self, now: &Service, day: Day, asked: Asked) -> Result<(), ActionError> {
        let officer = self.who("centre")?.clone();
        let sheet = matches::of_request(now, &officer, asked.id)?;
        let near = sheet.result.near.iter().find(|row| row.terms.repayment.is_some());
        if let Some(near) = near
            && self.random.chance(55)
        {
            let id = proposals::propose_product(now, &officer, asked.id, (&near.terms.product, WHY))?;
            let bank = sheet.products.get(&near.terms.product);
            let bank = bank.map(|product| product.form.bank.clone()).unwrap_or_default();
            self.in_days(day, (1, 4), Step::Consider(Sent { asked, bank, id }));
            return Ok(());
        }
        let reasons = [
            (25, UnservedReason::Credit),
            (20, UnservedReason::Collateral),
            (15, UnservedReason::Amount),
            (10, UnservedReason::Term),
            (8, UnservedReason::Materials),
        ];
        let reason = self.random.weighted((30, UnservedReason::NoProduct), &reasons);
        closing::mark_unserved(now, &officer, asked.id, reason, None)?;
        Ok(())
    }

    pub(super) fn consider(&mut self, now: &Service, day: Day, sent: Sent) -> Result<(), ActionError> {
        let owner = self.owner(sent.asked)?.clone();
        if self.random.chance(25) {
            proposals::refuse(now, &owner, sent.id)?;
            return Ok(());
        }
        let terms = Terms {
            text_version: consent_text().version,
            until: day.plus_days(USUAL_DAYS),
        };
        proposals::agree(now, &owner, sent.id, terms)?;
        self.in_days(day, (0, 4), Step::Read(sent));
        Ok(())
    }
}
