//! A bank's pages: its queue, one referral, and the credit profile.

use super::consents::class;
use super::deadline::{Deadline, UNCERTAIN};
use super::need::{self, Line, line};
use super::profile::value_of;
use super::reason::{Context, Reason};
use super::shell::Shell;
use super::source::{Known, Standing};
use super::words;
use super::wrong::Wrongs;
use crate::actions::credit_profile::CreditProfile;
use crate::actions::deadlines::Counting;
use crate::actions::matches::BankSheet;
use crate::actions::queue::{Disclosure, Queued, ReferralSheet};
use crate::domain::codes::Code;
use crate::domain::consent::{masked_email, masked_name};
use crate::domain::dates::Day;
use crate::domain::facts::FactKey;
use crate::domain::referral::{DeclineReason, PickedProduct, ReferralEnd, ReferralEvent, ReferralState};
use crate::domain::verdict::BuiltIn;
use askama::Template;

/// What a row shows of the enterprise, under a live consent.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The enterprise.
    pub name: String,
    /// The request's number.
    pub number: String,
    /// The amount.
    pub amount: String,
    /// The term.
    pub term: String,
    /// What for.
    pub purpose: &'static str,
    /// The guarantees.
    pub guarantees: String,
    /// How many facts have a verified value.
    pub verified: usize,
    /// Of how many.
    pub facts: usize,
    /// Until when the consent holds.
    pub until: Deadline,
}

impl Shown {
    fn new(shown: &Disclosure, counting: &Counting) -> Self {
        let need = &shown.need;
        Self {
            name: shown.name.clone(),
            number: shown.number.clone(),
            amount: words::wan(need.amount_fen.get()),
            term: format!("{} 个月", need.term_months),
            purpose: need.purpose.label(),
            guarantees: words::labels(need.guarantees, "—"),
            verified: shown.verified.len(),
            facts: shown.facts.len(),
            until: Deadline::marked(counting.to(shown.until)),
        }
    }
}

/// A referral in the queue.
#[derive(Clone, Debug)]
pub struct QueueRow {
    /// Its page.
    pub href: String,
    /// When it came.
    pub received_at: String,
    /// The enterprise and its request; none without a live consent.
    pub shown: Option<Shown>,
    /// The products that were picked.
    pub products: String,
    /// The lowest annual cost among them.
    pub cost: String,
    /// The word for its state.
    pub state: &'static str,
    /// The colour of that word.
    pub class: &'static str,
    /// Whether it waits to be looked at.
    pub is_new: bool,
    /// Why nothing is shown.
    pub gone: &'static str,
    /// Until when it has to be answered.
    pub deadline: Deadline,
}

impl QueueRow {
    /// The row of a referral.
    #[must_use]
    pub fn new(queued: &Queued, counting: &Counting) -> Self {
        let referral = &queued.referral;
        let names: Vec<&str> = referral.products.iter().map(|product| product.name.as_str()).collect();
        let gone = match referral.end {
            Some(ReferralEnd::Revoked) => "企业已撤回授权",
            Some(end) => end.label(),
            None => "授权已到期",
        };
        Self {
            href: format!("/bank/referrals/{}", referral.id),
            received_at: referral.sent_at.map_or_else(String::new, words::minute),
            shown: queued.shown.as_ref().map(|shown| Shown::new(shown, counting)),
            products: names.join("、"),
            cost: lowest_cost(&referral.products),
            state: referral.state.label(),
            class: class(referral.state),
            is_new: referral.state == ReferralState::Pending && queued.shown.is_some(),
            gone,
            deadline: Deadline::of(referral, counting),
        }
    }
}

fn lowest_cost(products: &[PickedProduct]) -> String {
    let costs = products.iter().filter_map(|product| product.annual_cost_pct);
    costs.min_by(f64::total_cmp).map_or_else(|| "—".to_owned(), words::cost)
}

/// A tab of the queue.
#[derive(Clone, Debug)]
pub struct Tab {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub label: &'static str,
    /// How many are there.
    pub count: i64,
    /// Whether it is shown.
    pub current: bool,
}

/// The queue.
#[derive(Template)]
#[template(path = "bank/queue.html")]
pub struct QueuePage {
    /// Around it.
    pub shell: Shell,
    /// Today.
    pub today: String,
    /// How many wait to be looked at.
    pub waiting: i64,
    /// One for each state, and one for all.
    pub tabs: Vec<Tab>,
    /// The referrals, newest first.
    pub rows: Vec<QueueRow>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Why deadlines may be counted wrongly; empty where they are not.
    pub uncertain: &'static str,
}

/// What a list of deadlines says of those that may be counted wrongly.
#[must_use]
pub fn uncertain(rows: &[QueueRow]) -> &'static str {
    if rows.iter().any(|row| row.deadline.is_uncertain) {
        UNCERTAIN
    } else {
        ""
    }
}

/// The form with which a bank declines.
#[derive(Clone, Debug, Default)]
pub struct DeclineBox {
    /// Code and label of each reason, and whether it is chosen.
    pub reasons: Vec<(&'static str, &'static str, bool)>,
    /// The words, as typed.
    pub text: String,
    /// What is wrong with what was posted.
    pub wrongs: Wrongs,
}

impl DeclineBox {
    /// The fields with their labels.
    pub const LABELS: [(&'static str, &'static str); 2] = [("reason", "原因"), ("text", "说明")];

    /// The form, with a reason chosen where it was.
    #[must_use]
    pub fn new(chosen: &str, text: &str, wrongs: Wrongs) -> Self {
        let reasons = DeclineReason::ALL.iter();
        Self {
            reasons: reasons
                .map(|reason| (reason.code(), reason.label(), reason.code() == chosen))
                .collect(),
            text: text.to_owned(),
            wrongs,
        }
    }
}

/// A check of a product, without the value that it looked at.
#[derive(Clone, Debug)]
pub struct CheckRow {
    /// The check's code.
    pub check: String,
    /// What is looked at.
    pub label: String,
    /// What is asked for.
    pub needed: String,
    /// What there is, where it is the request's own.
    pub actual: String,
    /// What it came to.
    pub word: &'static str,
    /// The colour of that word.
    pub class: &'static str,
}

/// A picked product.
#[derive(Clone, Debug)]
pub struct ProductCard {
    /// Its name.
    pub name: String,
    /// Its page.
    pub href: String,
    /// Its terms for this request.
    pub terms: Vec<Line>,
    /// Every check.
    pub checks: Vec<CheckRow>,
}

/// One referral.
#[derive(Template)]
#[template(path = "bank/referral.html")]
pub struct ReferralPage {
    /// Around it.
    pub shell: Shell,
    /// The row of the queue.
    pub row: QueueRow,
    /// The enterprise: name, code, masked contact.
    pub whose: Vec<Line>,
    /// What is asked for.
    pub need: Vec<Line>,
    /// Each product.
    pub products: Vec<ProductCard>,
    /// The names of the facts that may be read.
    pub facts: Vec<&'static str>,
    /// The form with which it is declined; none once it is answered.
    pub decline: Option<DeclineBox>,
    /// Whether the bank may make an offer.
    pub may_offer: bool,
    /// Whether the bank may ask to go on with it.
    pub may_take_up: bool,
    /// Why the deadline may be counted wrongly; empty where it is not.
    pub uncertain: &'static str,
}

impl ReferralPage {
    /// The page of a referral.
    #[must_use]
    pub fn new(shell: Shell, sheet: &ReferralSheet, counting: &Counting) -> Self {
        let referral = &sheet.queued.referral;
        let row = QueueRow::new(&sheet.queued, counting);
        let may_decline = referral.state.next(ReferralEvent::Decline).is_ok();
        let shown = sheet.queued.shown.as_ref();
        let old_bank = sheet.old_bank.as_deref().unwrap_or(need::OTHER_BANK);
        let picked = &sheet.queued.referral.products;
        Self {
            shell,
            uncertain: uncertain(std::slice::from_ref(&row)),
            row,
            decline: may_decline.then(|| DeclineBox::new("", "", Wrongs::default())),
            may_offer: referral.state.next(ReferralEvent::Offer).is_ok(),
            may_take_up: referral.end == Some(ReferralEnd::AcceptedElsewhere),
            whose: shown.map(|shown| whose(shown, counting)).unwrap_or_default(),
            need: shown.map_or_else(Vec::new, |shown| need::lines(&shown.need, old_bank)),
            products: sheet.products.iter().map(|product| card(product, picked)).collect(),
            facts: shown.map_or_else(Vec::new, |shown| shown.facts.iter().map(|key| key.label()).collect()),
        }
    }
}

fn whose(shown: &Disclosure, counting: &Counting) -> Vec<Line> {
    let mut lines = vec![
        line("企业名称", shown.name.clone()),
        line("统一社会信用代码", shown.uscc.to_string()),
    ];
    if let Some((name, email)) = &shown.contact {
        lines.push(line("联系人", masked_name(name)));
        lines.push(line("邮箱", masked_email(email)));
    }
    let until = Deadline::marked(counting.to(shown.until));
    lines.push(line("授权至", format!("{}，{}", until.day, until.words)));
    lines
}

fn card(sheet: &BankSheet, picked: &[PickedProduct]) -> ProductCard {
    let form = &sheet.product.form;
    let context = Context {
        need: &sheet.need,
        product: &sheet.product,
        known: Known {
            facts: &[],
            as_of: sheet.as_of,
        },
    };
    let checks = sheet.checks.iter().map(|check| {
        let reason = Reason::of(check, &context);
        let built_in = BuiltIn::find(&check.check);
        let is_fact = built_in.is_none_or(|code| code == BuiltIn::AmountCap);
        CheckRow {
            word: reason.word(),
            class: reason.class(),
            actual: if is_fact { String::new() } else { reason.actual },
            check: reason.check,
            label: reason.label,
            needed: reason.needed,
        }
    });
    ProductCard {
        name: form.name.clone(),
        href: format!("/bank/products/{}", crate::domain::link::path_segment(&form.code)),
        terms: picked
            .iter()
            .find(|one| one.code == form.code)
            .map(|one| terms(one, sheet.as_of))
            .unwrap_or_default(),
        checks: checks.collect(),
    }
}

fn terms(picked: &PickedProduct, as_of: Day) -> Vec<Line> {
    let repayment = picked.repayment.map_or("没有共同的还款方式", Code::label);
    vec![
        line(
            "年化综合成本",
            picked.annual_cost_pct.map_or_else(|| "—".to_owned(), words::cost),
        ),
        line("利率", words::rate(picked.rate_bp)),
        line("还款方式", repayment),
        line("产品版本", format!("第 {} 版", picked.version)),
        line("核对日期", as_of.to_string()),
    ]
}

/// A value in the credit profile, or that there is none.
#[derive(Clone, Debug)]
pub struct ProfileRow {
    /// The fact's key.
    pub key: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// The value in words.
    pub value: String,
    /// How far it can be relied on.
    pub standing: Standing,
    /// Who says so.
    pub source: String,
    /// The day for which it was true.
    pub observed_on: String,
    /// The last day on which it holds.
    pub valid_until: String,
}

/// The credit profile.
#[derive(Template)]
#[template(path = "bank/credit_profile.html")]
pub struct CreditProfilePage {
    /// Around it.
    pub shell: Shell,
    /// The referral's page.
    pub back: String,
    /// The request's number.
    pub number: String,
    /// The enterprise.
    pub name: String,
    /// The enterprise: name, code, masked contact.
    pub whose: Vec<Line>,
    /// The facts in the scope of the consent.
    pub rows: Vec<ProfileRow>,
    /// How many of them have a verified value.
    pub verified: usize,
    /// How many facts there are in the scope.
    pub count: usize,
}

impl CreditProfilePage {
    /// The page of a read.
    #[must_use]
    pub fn new(shell: Shell, profile: &CreditProfile, counting: &Counting) -> Self {
        Self {
            shell,
            back: format!("/bank/referrals/{}", profile.referral.id),
            number: profile.shown.number.clone(),
            name: profile.shown.name.clone(),
            whose: whose(&profile.shown, counting),
            rows: profile.shown.facts.iter().flat_map(|key| rows(*key, profile)).collect(),
            verified: profile.shown.verified.len(),
            count: profile.shown.facts.len(),
        }
    }
}

fn rows(key: FactKey, profile: &CreditProfile) -> Vec<ProfileRow> {
    let missing = ProfileRow {
        key: key.code(),
        label: key.label(),
        value: "—".to_owned(),
        standing: Standing::Missing,
        source: key.spec().owner.label().to_owned(),
        observed_on: "—".to_owned(),
        valid_until: "—".to_owned(),
    };
    let known = profile.known.iter().filter(|fact| fact.key == key);
    let rows: Vec<ProfileRow> = known
        .map(|fact| ProfileRow {
            value: value_of(fact),
            standing: Standing::of(fact, profile.today),
            source: fact.source.clone(),
            observed_on: fact.observed_on.to_string(),
            valid_until: fact
                .valid_until
                .map_or_else(|| "长期".to_owned(), |day| day.to_string()),
            ..missing.clone()
        })
        .collect();
    if rows.is_empty() { vec![missing] } else { rows }
}
