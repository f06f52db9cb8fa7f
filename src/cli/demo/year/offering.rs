//! What banks answer, what the desk does with it, and what enterprises decide.

use super::{Asked, Sent, Step, UNDECIDED_DAYS, Waiting, Year};
use crate::actions::matches::MatchSheet;
use crate::actions::offers::{self, OfferFilter, StoredOffer, accepting, desk, ending, making};
use crate::actions::{ActionError, Service, answers, credit_profile, matches, referrals};
use crate::domain::codes::DayCount;
use crate::domain::consent::{Terms, USUAL_DAYS, contract_text};
use crate::domain::dates::Day;
use crate::domain::money::Fen;
use crate::domain::offer::OfferState;
use crate::domain::offer_terms::{OfferForm, OfferRate};
use crate::domain::referral::DeclineReason;
use uuid::Uuid;

impl Year<'_> {
    /// A bank reads the profile; a few never do, and their deadline passes.
    pub(super) fn read(&mut self, now: &Service, day: Day, sent: Sent) -> Result<(), ActionError> {
        if self.random.chance(6) {
            return Ok(());
        }
        match credit_profile::read(now, self.who(&sent.bank)?, sent.id) {
            // It is still in reserve, or was taken back.
            Err(ActionError::NotFound) => return Ok(()),
            other => other?,
        };
        self.in_days(day, (0, 4), Step::Answer(sent));
        Ok(())
    }

    pub(super) fn answer(&mut self, now: &Service, day: Day, sent: Sent) -> Result<(), ActionError> {
        if self.random.chance(12) {
            let reasons = [
                (20, DeclineReason::Collateral),
                (15, DeclineReason::Amount),
                (12, DeclineReason::Materials),
                (8, DeclineReason::Industry),
            ];
            let reason = self.random.weighted((25, DeclineReason::Credit), &reasons);
            answers::decline(now, self.who(&sent.bank)?, sent.id, reason, None)?;
            return Ok(());
        }
        let Some(form) = self.form(now, day, &sent)? else {
            return Ok(());
        };
        let offer = making::submit(now, self.who(&sent.bank)?, sent.id, &form, None)?;
        self.in_days(day, (0, 1), Step::Look(sent, offer));
        Ok(())
    }

    /// What the bank offers: what was asked for, mostly at the product's own rate, now and then below.
    fn form(&mut self, now: &Service, day: Day, sent: &Sent) -> Result<Option<OfferForm>, ActionError> {
        let owner = self.owner(sent.asked)?.clone();
        let sheet = matches::of_request(now, &owner, sent.asked.id)?;
        let of_request = referrals::of_request(now, &owner, sent.asked.id)?;
        let referral = of_request.iter().find(|referral| referral.id == sent.id);
        let Some(code) = referral
            .and_then(|referral| referral.products.first())
            .map(|picked| &picked.code)
        else {
            return Ok(None);
        };
        let Some((rate_bp, repayment)) = quoted(&sheet, code) else {
            return Ok(None);
        };
        let (Some(product), need) = (sheet.products.get(code), &sheet.need) else {
            return Ok(None);
        };
        let product = &product.form;
        let base_bp = sheet.lpr.base_bp(product.rate.base, need.term_months);
        let undercut = self.random.pick(&[0, 0, 0, 5, 10]);
        let most = product.amount_fen.max.min(need.amount_fen);
        let amount_fen = if self.random.chance(20) {
            Fen::new((most.get() / 1_000_000 * 8 / 10).max(1) * 1_000_000).unwrap_or(most)
        } else {
            most
        };
        let guarantee = need.guarantees.iter().find(|one| product.guarantees.has(*one));
        let guarantee = guarantee.or_else(|| product.guarantees.iter().next());
        let Some(guarantee) = guarantee else { return Ok(None) };
        // Some forget that an enterprise needs time to decide.
        let is_short = self.waits(day, Waiting::Haste) || self.random.chance(10);
        let mut form = OfferForm {
            product: code.clone(),
            amount_fen,
            term_months: need.term_months,
            rate: OfferRate {
                base: product.rate.base,
                lpr_on: None,
                spread_bp: rate_bp - base_bp - undercut,
            },
            repayment,
            principal_grace_months: 0,
            start_on: day.plus_days(14),
            due_every_months: if need.term_months % 3 == 0 { 3 } else { 1 },
            due_day: Some(20),
            day_count: Some(DayCount::Act360),
            guarantee,
            guarantee_text: None,
            fees: product.fees.clone(),
            conditions: self
                .random
                .chance(40)
                .then(|| "在本行开立结算账户，贷款受托支付给约定的交易对手。".to_owned()),
            early_repayment: "可提前部分或全部还款，提前五个工作日告知，不收违约金。".to_owned(),
            late_repayment: "逾期部分自逾期之日起按合同利率上浮五成计收罚息。".to_owned(),
            term_reason: None,
            fee_reason: None,
            valid_until: day.plus_days(if is_short { 5 } else { 21 }),
        };
        if form.shifts_fees() {
            form.fee_reason = Some("企业自行选定评估机构并直接付费。".to_owned());
        }
        if form.term_months > 36 {
            form.term_reason = Some("项目投产后分年还款，期限经分行审批。".to_owned());
        }
        Ok(Some(form))
    }

    /// The desk forwards what is clean, and gives back most of the rest.
    pub(super) fn look(&mut self, now: &Service, day: Day, sent: Sent, id: Uuid) -> Result<(), ActionError> {
        let officer = self.who("centre")?.clone();
        let offer = offers::show(now, &officer, id)?.offer;
        let too_short = !offer.is_clean && offer.terms.valid_until < day.plus_days(9);
        if self.waits(day, if too_short { Waiting::Fault } else { Waiting::Desk }) {
            return Ok(());
        }
        if too_short {
            let reason = "报价有效期太短，请至少留出十天供企业比较。";
            desk::give_back(now, &officer, id, offer.revision, reason)?;
            self.in_days(day, (1, 3), Step::Mend(sent, id));
            return Ok(());
        }
        desk::forward(now, &officer, id, offer.revision)?;
        self.in_days(day, (2, 7), Step::Decide(sent.asked));
        Ok(())
    }

    pub(super) fn mend(&mut self, now: &Service, day: Day, sent: Sent, id: Uuid) -> Result<(), ActionError> {
        if self.is_recent(day, UNDECIDED_DAYS) {
            return Ok(());
        }
        let clerk = self.who(&sent.bank)?.clone();
        let mut form = offers::show(now, &clerk, id)?.offer.terms;
        form.valid_until = day.plus_days(21);
        form.start_on = day.plus_days(14);
        making::revise(now, &clerk, id, None, &form)?;
        self.in_days(day, (0, 1), Step::Look(sent, id));
        Ok(())
    }

    /// The cheapest of what was forwarded is taken, mostly.
    pub(super) fn decide(&mut self, now: &Service, day: Day, asked: Asked) -> Result<(), ActionError> {
        if self.waits(day, Waiting::Decision) {
            return Ok(());
        }
        let owner = self.owner(asked)?.clone();
        let filter = OfferFilter {
            request_id: Some(asked.id),
            state: Some(OfferState::Forwarded),
            ..OfferFilter::default()
        };
        let mut all: Vec<StoredOffer> = offers::list(now, &owner, filter, None, 50)?;
        all.sort_by(|one, two| one.figures.annual_cost_pct.total_cmp(&two.figures.annual_cost_pct));
        let Some(best) = all.first() else { return Ok(()) };
        if self.random.chance(6) {
            ending::decline(now, &owner, best.id, Some("已用自有资金解决，暂不需要。"))?;
            return Ok(());
        }
        // Some let it lapse.
        if self.random.chance(3) {
            return Ok(());
        }
        let terms = Terms {
            text_version: contract_text().version,
            until: day.plus_days(USUAL_DAYS),
        };
        let taken = accepting::accept(now, &owner, best.id, best.revision, terms);
        if matches!(taken, Err(ActionError::Invalid(_))) {
            // The product's quota is used up.
            return Ok(());
        }
        let taken = taken?;
        self.in_days(day, (1, 8), Step::Sign(asked, taken.bank_code, taken.id));
        Ok(())
    }
}

/// Rate and way of repaying that the match found for a product.
fn quoted(sheet: &MatchSheet, code: &str) -> Option<(i64, crate::domain::codes::Repayment)> {
    let fitting = sheet.result.eligible.iter();
    let all = fitting.chain(sheet.result.near.iter().map(|row| &row.terms));
    let row = all
        .chain(sheet.result.incomplete.iter().map(|row| &row.terms))
        .find(|row| row.product == code)?;
    Some((row.rate_bp, row.repayment?))
}
