//! What the centre proposes: the officer's page that refers a request by hand, and the enterprise's that answers.

use super::consents::Paper;
use super::pick::BankCard;
use super::shell::Shell;
use super::words;
use super::wrong::Wrongs;
use crate::actions::matches::MatchSheet;
use crate::actions::proposals::Proposal;
use crate::actions::referrals::StoredReferral;
use crate::domain::codes::Code;
use crate::domain::consent::{LONGEST_DAYS, USUAL_DAYS, consent_text};
use crate::domain::dates::Day;
use crate::domain::referral::ReferralState;
use crate::domain::request::UnservedReason;
use crate::domain::verdict::Verdict;
use askama::Template;
use std::collections::BTreeMap;

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
pub struct Choice {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How it stands to the request.
    pub verdict: &'static str,
    /// The colour of that word.
    pub class: &'static str,
    /// What a year costs.
    pub cost: String,
    /// Its place by its verdict, the best first.
    rank: u8,
}

/// A bank with its products.
#[derive(Clone, Debug)]
pub struct Lender {
    /// Its name.
    pub name: String,
    /// Why it can't be proposed; empty where it can.
    pub taken: &'static str,
    /// Its products.
    pub products: Vec<Choice>,
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
    /// Each bank with a product that was matched.
    pub lenders: Vec<Lender>,
    /// Code and label of each reason why nobody serves it, and whether it is chosen.
    pub reasons: Vec<(&'static str, &'static str, bool)>,
    /// The words, as typed.
    pub text: String,
    /// What is wrong with what was posted.
    pub wrongs: Wrongs,
}

impl ReferPage {
    /// The fields with their labels.
    pub const LABELS: [(&'static str, &'static str); 3] = [("product", "产品"), ("reason", "原因"), ("text", "说明")];

    /// The page of a request.
    #[must_use]
    pub fn new(shell: Shell, sheet: &MatchSheet, referrals: &[StoredReferral]) -> Self {
        Self {
            shell,
            back: format!("/centre/requests/{}", sheet.request.id),
            number: sheet.request.number.clone(),
            enterprise: sheet.request.enterprise_name.clone(),
            lenders: lenders(sheet, referrals),
            reasons: Vec::new(),
            text: String::new(),
            wrongs: Wrongs::default(),
        }
        .with_reason("", "")
    }

    /// The page with a reason and words as they were posted.
    #[must_use]
    pub fn with_reason(mut self, chosen: &str, text: &str) -> Self {
        let reasons = UnservedReason::ALL.iter();
        self.reasons = reasons
            .map(|reason| (reason.code(), reason.label(), reason.code() == chosen))
            .collect();
        text.clone_into(&mut self.text);
        self
    }
}

/// The products that were matched, by bank; the best verdict first.
fn lenders(sheet: &MatchSheet, referrals: &[StoredReferral]) -> Vec<Lender> {
    let explained = sheet.explained.values().chain(&sheet.ineligible);
    let mut by_bank: BTreeMap<&str, Lender> = BTreeMap::new();
    for one in explained {
        let Some(product) = sheet.products.get(&one.product) else {
            continue;
        };
        let (verdict, class, rank) = verdict(one.verdict);
        let lender = by_bank.entry(product.form.bank.as_str()).or_insert_with(|| {
            let has = referrals
                .iter()
                .find(|referral| referral.bank_code == product.form.bank);
            Lender {
                name: product.bank_name.clone(),
                taken: has
                    .filter(|referral| referral.state != ReferralState::Cancelled)
                    .map_or("", |referral| referral.state.label()),
                products: Vec::new(),
            }
        });
        lender.products.push(Choice {
            code: one.product.clone(),
            name: product.form.name.clone(),
            verdict,
            class,
            cost: one.annual_cost_pct.map_or_else(|| "—".to_owned(), words::cost),
            rank,
        });
    }
    let mut lenders: Vec<Lender> = by_bank.into_values().collect();
    for lender in &mut lenders {
        lender
            .products
            .sort_by(|one, other| (one.rank, &one.code).cmp(&(other.rank, &other.code)));
    }
    lenders
}

/// A verdict in a word, the word's colour, and its place.
const fn verdict(verdict: Verdict) -> (&'static str, &'static str, u8) {
    match verdict {
        Verdict::Eligible => ("符合", "ok", 0),
        Verdict::Incomplete => ("待补资料", "need", 1),
        Verdict::Near => ("差一项", "near", 2),
        Verdict::Ineligible => ("不符合", "off", 3),
    }
}
