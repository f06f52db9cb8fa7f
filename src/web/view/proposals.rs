//! What the centre proposes: the officer's page that refers a request by hand, and the enterprise's that answers.

use super::consents::Paper;
use super::pick::BankCard;
use super::shell::Shell;
use super::words;
use super::wrong::Wrongs;
use crate::actions::matches::MatchSheet;
use crate::actions::proposals::{Proposal, StoredProposal};
use crate::actions::referrals::StoredReferral;
use crate::domain::codes::Code;
use crate::domain::consent::{LONGEST_DAYS, USUAL_DAYS, consent_text};
use crate::domain::dates::Day;
use crate::domain::referral::ReferralState;
use crate::domain::request::UnservedReason;
use crate::domain::verdict::{Explanation, Verdict};
use askama::Template;
use std::collections::HashMap;

/// The page on which an enterprise answers a proposal.
#[derive(Template)]
#[template(path = "enterprise/proposal.html")]
pub struct ProposalPage {
    /// Around it.
    pub shell: Shell,
    /// Its own address.
    pub href: String,
    /// The request's page.
    pub back: String,
    /// The request's number.
    pub number: String,
    /// What the bank would see.
    pub bank: BankCard,
    /// The last day, as typed.
    pub until: String,
    /// The first day that it may be.
    pub earliest: String,
    /// The last day that it may be.
    pub latest: String,
    /// The text.
    pub paper: Paper,
    /// What is wrong with what was posted.
    pub wrongs: Wrongs,
}

impl ProposalPage {
    /// The fields with their labels.
    pub const LABELS: [(&'static str, &'static str); 2] = [("until", "授权至"), ("agree", "授权书")];

    /// The page of a proposal.
    #[must_use]
    pub fn new(shell: Shell, href: String, proposal: Proposal, today: Day) -> Self {
        Self {
            shell,
            href,
            back: format!("/enterprise/requests/{}", proposal.request.id),
            number: proposal.request.number,
            bank: proposal.preview.into(),
            until: today.plus_days(USUAL_DAYS).to_string(),
            earliest: today.to_string(),
            latest: today.plus_days(LONGEST_DAYS).to_string(),
            paper: consent_text().into(),
            wrongs: Wrongs::default(),
        }
    }
}

/// A product that an officer may propose.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its place in the matcher's order, from 1; 0 where its bank has the request.
    pub place: usize,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its bank's name.
    pub bank: String,
    /// How it stands to the request.
    pub verdict: &'static str,
    /// The colour of that word.
    pub class: &'static str,
    /// What a year costs.
    pub cost: String,
    /// Why its bank can't be proposed; empty where it can.
    pub taken: &'static str,
}

/// What an officer proposed before.
#[derive(Clone, Debug)]
pub struct ProposedRow {
    /// The bank.
    pub bank: String,
    /// Its products, by their codes.
    pub chosen: String,
    /// The place in the matcher's order.
    pub place: i32,
    /// Who and when.
    pub by: String,
    /// Why it was another than the first; empty where it was not.
    pub reason: String,
}

impl From<&StoredProposal> for ProposedRow {
    fn from(stored: &StoredProposal) -> Self {
        Self {
            bank: stored.bank_name.clone(),
            chosen: stored.chosen.join("、"),
            place: stored.place,
            by: format!("{}，{}", stored.by, words::minute(stored.at)),
            reason: stored.reason.clone().unwrap_or_default(),
        }
    }
}

/// What was posted.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// The product that was chosen.
    pub product: String,
    /// Why it is not the first.
    pub why: String,
    /// The reason of what is unserved.
    pub reason: String,
    /// More on that.
    pub text: String,
}

/// The page on which an officer refers a request by hand, or ends it.
#[derive(Template)]
#[template(path = "centre/refer.html")]
pub struct ReferPage {
    /// Around it.
    pub shell: Shell,
    /// The request's page.
    pub back: String,
    /// The request's number.
    pub number: String,
    /// Whose it is.
    pub enterprise: String,
    /// Each product that was matched, in the matcher's order.
    pub candidates: Vec<Candidate>,
    /// What was proposed before, the newest first.
    pub proposed: Vec<ProposedRow>,
    /// Code and label of each reason why nobody serves it, and whether it is chosen.
    pub reasons: Vec<(&'static str, &'static str, bool)>,
    /// What was posted.
    pub typed: Typed,
    /// What is wrong with what was posted.
    pub wrongs: Wrongs,
}

impl ReferPage {
    /// The fields with their labels.
    pub const LABELS: [(&'static str, &'static str); 4] = [
        ("product", "产品"),
        ("why", "不选第一位的原因"),
        ("reason", "原因"),
        ("text", "说明"),
    ];

    /// The page of a request.
    #[must_use]
    pub fn new(shell: Shell, sheet: &MatchSheet, referrals: &[StoredReferral], proposed: &[StoredProposal]) -> Self {
        Self {
            shell,
            back: format!("/centre/requests/{}", sheet.request.id),
            number: sheet.request.number.clone(),
            enterprise: sheet.request.enterprise_name.clone(),
            candidates: candidates(sheet, referrals),
            proposed: proposed.iter().map(ProposedRow::from).collect(),
            reasons: Vec::new(),
            typed: Typed::default(),
            wrongs: Wrongs::default(),
        }
        .with(Typed::default())
    }

    /// The page as it was posted.
    #[must_use]
    pub fn with(mut self, typed: Typed) -> Self {
        let reasons = UnservedReason::ALL.iter();
        self.reasons = reasons
            .map(|reason| (reason.code(), reason.label(), reason.code() == typed.reason))
            .collect();
        self.typed = typed;
        self
    }
}

/// The products that were matched, in the matcher's order; those whose bank has the request have no place in it.
fn candidates(sheet: &MatchSheet, referrals: &[StoredReferral]) -> Vec<Candidate> {
    let rest = sheet.ineligible.iter();
    let explained: HashMap<&str, &Explanation> = sheet
        .explained
        .values()
        .chain(rest.clone())
        .map(|one| (one.product.as_str(), one))
        .collect();
    let mut place = 0;
    let order = sheet.result.order(rest.map(|one| one.product.as_str()));
    let candidate = |code: &str| {
        let (one, product) = (explained.get(code)?, sheet.products.get(code)?);
        let (verdict, class) = verdict(one.verdict);
        let has = referrals
            .iter()
            .find(|referral| referral.bank_code == product.form.bank);
        let taken = has
            .filter(|referral| referral.state != ReferralState::Cancelled)
            .map_or("", |referral| referral.state.label());
        place += usize::from(taken.is_empty());
        Some(Candidate {
            place: if taken.is_empty() { place } else { 0 },
            code: code.to_owned(),
            name: product.form.name.clone(),
            bank: product.bank_name.clone(),
            verdict,
            class,
            cost: one.annual_cost_pct.map_or_else(|| "—".to_owned(), words::cost),
            taken,
        })
    };
    order.into_iter().filter_map(candidate).collect()
}

/// A verdict in a word, and the word's colour.
const fn verdict(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Eligible => ("符合", "ok"),
        Verdict::Incomplete => ("待补资料", "need"),
        Verdict::Near => ("差一项", "near"),
        Verdict::Ineligible => ("不符合", "off"),
    }
}
