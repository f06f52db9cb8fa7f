//! The pages of offers: lists, one offer, the comparison, accepting, and the sheet on paper.

use super::consents::{Paper, named};
use super::deadline::Deadline;
use super::need::{Line, line};
use super::offer::{OfferShown, RevisionRow};
use super::shell::Shell;
use super::wrong::Wrongs;
use crate::actions::deadlines::Counting;
use crate::actions::offers::accepting::Asking;
use crate::actions::offers::{OfferSheet, Party, StoredOffer};
use crate::domain::consent::{LONGEST_DAYS, contract_text};
use crate::domain::offer::{LapseReason, OfferEvent, OfferState};
use askama::Template;

/// A list of offers.
#[derive(Template)]
#[template(path = "offer/list.html")]
pub struct OfferList {
    /// Around it.
    pub shell: Shell,
    /// The offers, the newest sent first.
    pub rows: Vec<OfferShown>,
    /// Whether it is a bank's.
    pub is_banks: bool,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// What the reader of an offer may do with it.
#[derive(Clone, Debug, Default)]
pub struct MayDo(Vec<OfferEvent>);

/// What the reader's rights are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rights {
    /// The bank's.
    pub makes: bool,
    /// The desk's.
    pub decides: bool,
    /// The enterprise's.
    pub accepts: bool,
}

impl MayDo {
    fn with(offer: &StoredOffer, rights: Rights, counting: &Counting) -> Self {
        let today = counting.today();
        let may = |event: OfferEvent| {
            offer.state.next(event).is_ok()
                && match event {
                    OfferEvent::Forward | OfferEvent::Return => rights.decides,
                    OfferEvent::Revise | OfferEvent::Withdraw => rights.makes,
                    OfferEvent::Renew => rights.makes && offer.lapse_reason == Some(LapseReason::OtherAccepted),
                    OfferEvent::Accept => rights.accepts && today <= offer.terms.valid_until,
                    OfferEvent::Decline => rights.accepts,
                    OfferEvent::FallThrough => rights.makes || rights.accepts,
                    OfferEvent::Sign => rights.makes && offer.sign_by.is_some_and(|day| today <= day),
                    // The clock lets it lapse.
                    OfferEvent::Lapse => false,
                }
        };
        Self(OfferEvent::ALL.iter().copied().filter(|event| may(*event)).collect())
    }

    /// Let the enterprise see it, or give it back.
    #[must_use]
    pub fn decide(&self) -> bool {
        self.0.contains(&OfferEvent::Forward)
    }

    /// Send a new revision.
    #[must_use]
    pub fn revise(&self) -> bool {
        self.0.contains(&OfferEvent::Revise) || self.0.contains(&OfferEvent::Renew)
    }

    /// Take it back.
    #[must_use]
    pub fn withdraw(&self) -> bool {
        self.0.contains(&OfferEvent::Withdraw)
    }

    /// Take it.
    #[must_use]
    pub fn accept(&self) -> bool {
        self.0.contains(&OfferEvent::Accept)
    }

    /// Not take it.
    #[must_use]
    pub fn decline(&self) -> bool {
        self.0.contains(&OfferEvent::Decline)
    }

    /// Register its contract.
    #[must_use]
    pub fn sign(&self) -> bool {
        self.0.contains(&OfferEvent::Sign)
    }

    /// Say that it comes to no contract.
    #[must_use]
    pub fn fall_through(&self) -> bool {
        self.0.contains(&OfferEvent::FallThrough)
    }
}

/// One offer.
#[derive(Template)]
#[template(path = "offer/show.html")]
pub struct OfferPage {
    /// Around it.
    pub shell: Shell,
    /// The offer.
    pub offer: OfferShown,
    /// Where the reader came from: address and words.
    pub list: (String, String),
    /// What may be done.
    pub may: MayDo,
    /// Whether the desk's checks are shown.
    pub shows_checks: bool,
    /// What was sent before; only where there is more than one.
    pub revisions: Vec<RevisionRow>,
    /// Whom the bank signs with.
    pub party: Vec<Line>,
    /// The page of the loan that it came to; empty where it has not.
    pub loan: String,
    /// The reason, as typed.
    pub reason: String,
    /// What is wrong with what was posted.
    pub wrongs: Wrongs,
}

impl OfferPage {
    /// The fields with their labels.
    pub const LABELS: [(&'static str, &'static str); 1] = [("reason", "原因")];

    /// The page under a section.
    #[must_use]
    pub fn new(shell: Shell, sheet: &OfferSheet, section: &str, rights: Rights, counting: &Counting) -> Self {
        let offer = &sheet.offer;
        let list = match section {
            "/centre" => ("/centre/offers".to_owned(), "待审报价".to_owned()),
            "/bank" => (
                format!("/bank/referrals/{}", offer.referral_id),
                format!("需求 {}", offer.request_number),
            ),
            _ => (
                format!("/enterprise/requests/{}/offers", offer.request_id),
                format!("需求 {} 的报价", offer.request_number),
            ),
        };
        let revisions: Vec<RevisionRow> = sheet.revisions.iter().map(RevisionRow::from).collect();
        Self {
            shell,
            offer: OfferShown::new(offer, section, counting),
            list,
            may: MayDo::with(offer, rights, counting),
            shows_checks: section != "/enterprise",
            revisions: if revisions.len() > 1 { revisions } else { Vec::new() },
            party: sheet.party.as_ref().map(party).unwrap_or_default(),
            loan: sheet
                .loan_id
                .map_or_else(String::new, |id| format!("{section}/loans/{id}")),
            reason: String::new(),
            wrongs: Wrongs::default(),
        }
    }
}

fn party(party: &Party) -> Vec<Line> {
    let mut lines = vec![
        line("企业", party.name.clone()),
        line("统一社会信用代码", party.uscc.to_string()),
    ];
    if let Some((name, email)) = &party.contact {
        lines.push(line("联系人", name.clone()));
        lines.push(line("邮箱", email.clone()));
    }
    lines
}

/// 贷款明白纸.
#[derive(Template)]
#[template(path = "offer/sheet.html")]
pub struct SheetPage {
    /// Around it.
    pub shell: Shell,
    /// The offer.
    pub offer: OfferShown,
    /// Who borrows; empty where the reader may not know.
    pub borrower: String,
}

impl SheetPage {
    /// The sheet of an offer.
    #[must_use]
    pub fn new(shell: Shell, sheet: &OfferSheet, section: &str, counting: &Counting) -> Self {
        let offer = OfferShown::new(&sheet.offer, section, counting);
        let borrower = match &sheet.party {
            Some(party) => party.name.clone(),
            None => offer.enterprise.clone(),
        };
        Self { shell, offer, borrower }
    }
}

/// The offers that wait at the desk.
#[derive(Template)]
#[template(path = "centre/held.html")]
pub struct HeldPage {
    /// Around it.
    pub shell: Shell,
    /// The offers.
    pub rows: Vec<OfferShown>,
    /// How many of them pass every check.
    pub clean: usize,
    /// What came of the last post; empty where there was none.
    pub told: String,
}

/// The offers for one request side by side.
#[derive(Template)]
#[template(path = "offer/compare.html")]
pub struct ComparePage {
    /// Around it.
    pub shell: Shell,
    /// The request's page.
    pub back: String,
    /// The request's number.
    pub number: String,
    /// Those that can be accepted, cheapest first.
    pub offers: Vec<Compared>,
    /// The others.
    pub others: Vec<OfferShown>,
}

/// An offer among others.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The offer.
    pub offer: OfferShown,
    /// Whether none costs less a year.
    pub is_cheapest: bool,
    /// Whether the reader may accept it.
    pub may_accept: bool,
}

impl ComparePage {
    /// The page for a request's offers.
    #[must_use]
    pub fn new(shell: Shell, request: (&str, &str), found: &[StoredOffer], accepts: bool, counting: &Counting) -> Self {
        let (id, number) = request;
        let (mut open, others): (Vec<&StoredOffer>, Vec<&StoredOffer>) =
            found.iter().partition(|offer| offer.state == OfferState::Forwarded);
        open.sort_by(|one, two| one.figures.annual_cost_pct.total_cmp(&two.figures.annual_cost_pct));
        let least = open.first().map(|offer| offer.figures.annual_cost_pct);
        let compared = open.iter().map(|offer| Compared {
            offer: OfferShown::new(offer, "/enterprise", counting),
            // As shown: what reads the same is not dearer.
            is_cheapest: open.len() > 1
                && least.is_some_and(|least| {
                    super::words::cost(least) == super::words::cost(offer.figures.annual_cost_pct)
                }),
            may_accept: accepts && counting.today() <= offer.terms.valid_until,
        });
        Self {
            shell,
            back: format!("/enterprise/requests/{id}"),
            number: number.to_owned(),
            offers: compared.collect(),
            others: others
                .iter()
                .map(|offer| OfferShown::new(offer, "/enterprise", counting))
                .collect(),
        }
    }
}

/// The page that asks before an offer is accepted.
#[derive(Template)]
#[template(path = "offer/accept.html")]
pub struct AcceptPage {
    /// Around it.
    pub shell: Shell,
    /// The offer.
    pub offer: OfferShown,
    /// The comparison's address.
    pub back: String,
    /// Bank, product and yearly cost of what would lapse.
    pub lapsing: Vec<OfferShown>,
    /// The banks whose referrals would be cancelled.
    pub cancelled: Vec<String>,
    /// The last day for the contract.
    pub sign_by: Deadline,
    /// The names of the facts that the bank goes on to read.
    pub facts: String,
    /// The last day of the consent, as typed.
    pub until: String,
    /// The first day that it may be.
    pub earliest: String,
    /// The last day that it may be.
    pub latest: String,
    /// The text.
    pub paper: Paper,
    /// What to do about what was typed: the field and the sentence.
    pub error: Option<(&'static str, String)>,
}

impl AcceptPage {
    /// The page for an offer.
    #[must_use]
    pub fn new(shell: Shell, asking: &Asking, counting: &Counting) -> Self {
        let today = counting.today();
        let latest = today.plus_days(LONGEST_DAYS);
        Self {
            shell,
            offer: OfferShown::new(&asking.offer, "/enterprise", counting),
            back: format!("/enterprise/requests/{}/offers", asking.offer.request_id),
            lapsing: asking
                .lapsing
                .iter()
                .map(|offer| OfferShown::new(offer, "/enterprise", counting))
                .collect(),
            cancelled: asking.cancelled.iter().map(|one| one.bank_name.clone()).collect(),
            sign_by: Deadline::marked(counting.to(asking.sign_by)),
            facts: named(&asking.facts),
            until: latest.to_string(),
            earliest: today.to_string(),
            latest: latest.to_string(),
            paper: contract_text().into(),
            error: None,
        }
    }

    /// What to do about a field.
    #[must_use]
    pub fn wrong(&self, field: &str) -> Option<&str> {
        let (wrong, text) = self.error.as_ref()?;
        (*wrong == field).then_some(text.as_str())
    }
}
