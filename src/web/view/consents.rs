//! What an enterprise has agreed to, who has read what of it, and the page on which a consent is taken back.

use super::deadline::{Deadline, UNCERTAIN, beside};
use super::shell::Shell;
use super::words;
use crate::actions::access::StoredAccess;
use crate::actions::authorisation::StoredAuthorisation;
use crate::actions::consents::StoredConsent;
use crate::actions::deadlines::Counting;
use crate::actions::referrals::StoredReferral;
use crate::domain::codes::{Code, Owner};
use crate::domain::consent::{LONGEST_DAYS, Text, authorisation_text};
use crate::domain::dates::Day;
use crate::domain::facts::{FACTS, FactKey};
use crate::domain::referral::ReferralState;
use askama::Template;
use std::collections::BTreeSet;

/// A text that is agreed to, ready to be read.
#[derive(Clone, Debug)]
pub struct Paper {
    /// Its version.
    pub version: i32,
    /// Its heading.
    pub heading: String,
    /// Its paragraphs.
    pub paragraphs: Vec<String>,
}

impl From<Text> for Paper {
    fn from(text: Text) -> Self {
        let plain = text.body.replace("**", "");
        let mut lines = plain.lines().filter(|line| !line.trim().is_empty());
        Self {
            version: text.version,
            heading: lines
                .next()
                .unwrap_or_default()
                .trim_start_matches('#')
                .trim()
                .to_owned(),
            paragraphs: lines.map(str::to_owned).collect(),
        }
    }
}

/// The names of facts, joined.
#[must_use]
pub fn named(facts: &BTreeSet<FactKey>) -> String {
    facts.iter().map(|key| key.label()).collect::<Vec<_>>().join("、")
}

/// What is left out for want of an authorisation, as a sentence; empty where nothing is.
#[must_use]
pub fn left_out(authorised: Option<&StoredAuthorisation>, today: Day) -> String {
    match authorised {
        None => "还没有授权平台使用部门数据：各部门核验的资料不用于匹配，也不显示。".to_owned(),
        Some(one) if one.until < today => format!(
            "对平台的授权已于 {} 到期：各部门核验的资料不再用于匹配，也不显示。",
            one.until
        ),
        Some(one) => {
            let others = Owner::ALL.iter().filter(|owner| !one.owners.contains(owner));
            let others: Vec<&str> = others.map(|owner| owner.label()).collect();
            if others.is_empty() {
                String::new()
            } else {
                format!(
                    "没有授权使用{}的数据，这些数据不用于匹配，也不显示。",
                    others.join("、")
                )
            }
        }
    }
}

/// A consent in a list.
#[derive(Clone, Debug)]
pub struct ConsentRow {
    /// Where it is taken back.
    pub revoke_href: String,
    /// The bank.
    pub bank: String,
    /// The request's number.
    pub number: String,
    /// The request's page.
    pub request_href: String,
    /// How many facts it is about.
    pub count: usize,
    /// Their names.
    pub facts: String,
    /// What for.
    pub purpose: &'static str,
    /// When it was given.
    pub given_at: String,
    /// The last day on which it holds.
    pub until: Deadline,
    /// How it ended.
    pub ended: String,
}

impl ConsentRow {
    /// A consent as it stands today.
    #[must_use]
    pub fn new(consent: &StoredConsent, counting: &Counting) -> Self {
        Self {
            revoke_href: format!("/enterprise/consents/{}/revoke", consent.id),
            bank: consent.bank_name.clone(),
            number: consent.request_number.clone(),
            request_href: format!("/enterprise/requests/{}", consent.request_id),
            count: consent.facts.len(),
            facts: named(&consent.facts),
            purpose: consent.purpose.label(),
            given_at: words::minute(consent.given_at),
            until: Deadline::of_day(Some(consent.until), counting.of_consent(consent)),
            ended: consent
                .revoked_at
                .map_or_else(|| "到期".to_owned(), |at| format!("{} 撤回", words::minute(at))),
        }
    }
}

/// A line of the access log.
#[derive(Clone, Debug)]
pub struct AccessRow {
    /// When.
    pub at: String,
    /// The reader's organisation.
    pub organisation: String,
    /// The reader.
    pub reader: String,
    /// What was read.
    pub what: &'static str,
    /// The request that it was about.
    pub number: String,
}

impl From<&StoredAccess> for AccessRow {
    fn from(access: &StoredAccess) -> Self {
        Self {
            at: words::minute(access.at),
            organisation: access.organisation.clone(),
            reader: access.reader.clone(),
            what: access.what.label(),
            number: access.request_number.clone().unwrap_or_default(),
        }
    }
}

/// A bank that has a request, on the request's page.
#[derive(Clone, Debug)]
pub struct SentRow {
    /// The bank.
    pub bank: String,
    /// The products that were picked.
    pub products: String,
    /// When it was sent.
    pub sent_at: String,
    /// When the bank first read.
    pub viewed_at: String,
    /// The word for its state.
    pub state: &'static str,
    /// The colour of that word.
    pub class: &'static str,
    /// Whether the enterprise is before the bank.
    pub is_live: bool,
    /// What else is to be said: until when it answers, why it does not offer, its place in reserve.
    pub beside: String,
    /// Why the deadline may be counted wrongly; empty where it is not.
    pub uncertain: &'static str,
    /// Where one is sent from the reserve; empty for the others.
    pub send_href: String,
    /// Where a proposal is answered; empty for the others.
    pub proposal_href: String,
}

impl SentRow {
    /// The row of a referral.
    #[must_use]
    pub fn new(referral: &StoredReferral, counting: &Counting) -> Self {
        let names: Vec<&str> = referral.products.iter().map(|product| product.name.as_str()).collect();
        let when = |at: Option<_>| at.map_or_else(String::new, words::minute);
        let deadline = Deadline::of(referral, counting);
        let href = |state: ReferralState, step: &str| {
            if referral.state == state {
                format!("/enterprise/referrals/{}{step}", referral.id)
            } else {
                String::new()
            }
        };
        Self {
            bank: referral.bank_name.clone(),
            products: names.join("、"),
            sent_at: when(referral.sent_at),
            viewed_at: when(referral.viewed_at),
            state: referral.state.label(),
            class: class(referral.state),
            is_live: ReferralState::BEFORE_THE_BANK.contains(&referral.state),
            beside: beside(referral, &deadline),
            uncertain: if deadline.is_uncertain { UNCERTAIN } else { "" },
            send_href: href(ReferralState::Reserve, "/send"),
            proposal_href: href(ReferralState::Proposed, ""),
        }
    }
}

/// The colour of a referral's state.
#[must_use]
pub const fn class(state: ReferralState) -> &'static str {
    match state {
        ReferralState::Pending | ReferralState::Proposed => "off",
        ReferralState::Viewed => "need",
        ReferralState::Offered => "ok",
        ReferralState::Reserve | ReferralState::Declined | ReferralState::Overdue | ReferralState::Cancelled => "",
    }
}

/// An owner that can be authorised.
#[derive(Clone, Debug)]
pub struct OwnerChoice {
    /// Its code.
    pub code: &'static str,
    /// Its name.
    pub label: &'static str,
    /// The facts that it vouches for.
    pub facts: String,
    /// Whether it is ticked.
    pub chosen: bool,
}

/// The form with which the platform is authorised.
#[derive(Clone, Debug)]
pub struct PlatformForm {
    /// Who can be authorised.
    pub owners: Vec<OwnerChoice>,
    /// What stands, in a sentence.
    pub standing: String,
    /// Whether something stands that can be taken back.
    pub is_given: bool,
    /// The last day, as typed.
    pub until: String,
    /// The last day that it may be.
    pub latest: String,
    /// The text.
    pub paper: Paper,
    /// What to do about what was typed.
    pub error: Option<&'static str>,
}

impl PlatformForm {
    /// The form as it stands.
    #[must_use]
    pub fn new(authorised: Option<&StoredAuthorisation>, today: Day) -> Self {
        let in_force = authorised.filter(|one| today <= one.until);
        let chosen = |owner: &Owner| authorised.is_some_and(|one| one.owners.contains(owner));
        let latest = today.plus_days(LONGEST_DAYS - 1);
        Self {
            owners: Owner::ALL
                .iter()
                .map(|owner| OwnerChoice {
                    code: owner.code(),
                    label: owner.label(),
                    facts: facts_of(*owner),
                    chosen: chosen(owner),
                })
                .collect(),
            standing: in_force.map_or_else(
                || left_out(authorised, today),
                |one| {
                    let given = words::minute(one.given_at);
                    let count = one.owners.len();
                    format!(
                        "{given} 按第 {} 版授权书授权 {count} 个部门和机构，至 {}。",
                        one.text_version, one.until
                    )
                },
            ),
            is_given: in_force.is_some(),
            until: in_force.map_or(latest, |one| one.until).to_string(),
            latest: latest.to_string(),
            paper: authorisation_text().into(),
            error: None,
        }
    }

    /// The form again, with what was typed and what to do about it.
    #[must_use]
    pub fn again(mut self, ticked: &[String], until: &str, error: &'static str) -> Self {
        for owner in &mut self.owners {
            owner.chosen = ticked.iter().any(|code| code == owner.code);
        }
        until.clone_into(&mut self.until);
        self.error = Some(error);
        self
    }
}

fn facts_of(owner: Owner) -> String {
    let of_it = FACTS.iter().filter(|spec| spec.owner == owner);
    of_it.map(|spec| spec.label).collect::<Vec<_>>().join("、")
}

/// The page of everything that was agreed to.
#[derive(Template)]
#[template(path = "enterprise/consents.html")]
pub struct ConsentsPage {
    /// Around it.
    pub shell: Shell,
    /// The consents that hold.
    pub live: Vec<ConsentRow>,
    /// Those that have ended.
    pub ended: Vec<ConsentRow>,
    /// The authorisation of the platform.
    pub platform: PlatformForm,
    /// Who has read what, newest first.
    pub log: Vec<AccessRow>,
    /// Where the log goes on.
    pub older: Option<String>,
    /// Whether the reader may agree and take back.
    pub may_give: bool,
    /// What was just done.
    pub notice: Option<&'static str>,
}

/// The page on which a consent is taken back.
#[derive(Template)]
#[template(path = "enterprise/revoke.html")]
pub struct RevokePage {
    /// Around it.
    pub shell: Shell,
    /// The consent.
    pub row: ConsentRow,
}
