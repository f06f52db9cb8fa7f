//! The result of a request: what fits and what it costs, what may fit, what fails by one thing.

use super::consents::SentRow;
use super::deadline::standing;
use super::need::{self, Line};
use super::reason::{Context, Reason};
use super::remedy::{self, Missing, Remedy};
use super::shell::Shell;
use super::source::{self, Known};
use super::words;
use crate::actions::deadlines::Counting;
use crate::actions::matches::MatchSheet;
use crate::actions::referrals::StoredReferral;
use crate::domain::codes::{Code, Repayment};
use crate::domain::link::path_segment;
use crate::domain::referral::ReferralState;
use crate::domain::request::RequestState;
use crate::domain::sheet::ShownProduct;
use crate::domain::verdict::{EligibleRow, Explanation};
use askama::Template;
use std::collections::{BTreeSet, HashSet};

/// What a row of any kind says of its product.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The product's code.
    pub code: String,
    /// The bank's code.
    pub bank_code: String,
    /// The bank's name.
    pub bank: String,
    /// The product's name.
    pub name: String,
    /// How it would be repaid.
    pub repayment: &'static str,
    /// The page of its every check.
    pub href: String,
    /// The annual cost; none where it cannot be worked out.
    pub cost: Option<String>,
    /// Whether the row before it is another limit of the same product.
    pub same_family: bool,
}

/// A product that fits.
#[derive(Clone, Debug)]
pub struct EligibleView {
    /// Which.
    pub offer: Offer,
    /// Whether nothing costs less.
    pub is_cheapest: bool,
    /// How much dearer than the cheapest, in percentage points: `+0.15`.
    pub dearer_by: String,
    /// The rate.
    pub rate: String,
    /// What the rate stands on.
    pub stands_on: String,
    /// The fees that the borrower bears: name, and what each comes to.
    pub fees: Vec<(String, String)>,
    /// Interest and fees over the term.
    pub total: String,
    /// The part of it that fees make, where there are any.
    pub total_fees: Option<String>,
    /// What the first month asks for.
    pub first_payment: String,
    /// What surprises about its repayment.
    pub note: Option<&'static str>,
    /// Said where the lowest rate does not cost least.
    pub warning: Option<&'static str>,
    /// Where the referral to its bank stands; empty where the bank can be picked.
    pub taken: &'static str,
}

/// A product that may fit.
#[derive(Clone, Debug)]
pub struct IncompleteView {
    /// Which.
    pub offer: Offer,
    /// What is not known.
    pub missing: Vec<Missing>,
}

/// A product that misses one check.
#[derive(Clone, Debug)]
pub struct NearView {
    /// Which.
    pub offer: Offer,
    /// The check.
    pub reason: Reason,
    /// What to do about it.
    pub remedy: Remedy,
    /// What else is not known, by name.
    pub unknown: Vec<&'static str>,
}

/// A product that misses two checks or more.
#[derive(Clone, Debug)]
pub struct IneligibleView {
    /// Which.
    pub offer: Offer,
    /// Every unmet check.
    pub reasons: Vec<Reason>,
}

/// The page.
#[derive(Template)]
#[template(path = "enterprise/result.html")]
pub struct ResultPage {
    /// Around it.
    pub shell: Shell,
    /// The request's own page.
    pub base: String,
    /// The list that it belongs to: address and name.
    pub list: (&'static str, &'static str),
    /// Whether the reader may change or repeat the request.
    pub may_write: bool,
    /// The request's number.
    pub number: String,
    /// Whose it is.
    pub enterprise: String,
    /// The answer.
    pub heading: String,
    /// The term in months.
    pub months: u32,
    /// What fits.
    pub eligible: Vec<EligibleView>,
    /// Why the first one fits.
    pub why_first: Vec<Reason>,
    /// What may fit.
    pub incomplete: Vec<IncompleteView>,
    /// How many different things are missing.
    pub missing_count: usize,
    /// What misses one check.
    pub near: Vec<NearView>,
    /// What misses more.
    pub ineligible: Vec<IneligibleView>,
    /// What was asked for.
    pub need: Vec<Line>,
    /// When it was matched.
    pub run_at: String,
    /// The day whose products and facts it saw.
    pub as_of: String,
    /// The LPR of that day.
    pub lpr: String,
    /// The banks that have the request.
    pub sent: Vec<SentRow>,
    /// What was just done, or has to be.
    pub notice: Option<&'static str>,
    /// Whether the request is open.
    pub is_open: bool,
    /// Until when it is open, or how it ended.
    pub standing: String,
    /// Codes of the products of which the enterprise is going to be reminded.
    pub reminded: Vec<String>,
}

/// Who reads a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The enterprise's own user, who may change the request or not.
    Enterprise {
        /// Whether it may.
        may_write: bool,
    },
    /// An officer of the centre.
    Officer,
}

impl ResultPage {
    /// The page of a result.
    #[must_use]
    pub fn new(shell: Shell, sheet: &MatchSheet, reader: Reader, counting: &Counting) -> Self {
        let is_officer = reader == Reader::Officer;
        let (root, list) = if is_officer {
            ("/centre/requests", ("/centre/requests", "需求与产品"))
        } else {
            ("/enterprise/requests", ("/enterprise/requests", "我的需求"))
        };
        let rows = Rows {
            sheet,
            base: format!("{root}/{}", sheet.request.id),
        };
        let incomplete = rows.incomplete();
        let missing: BTreeSet<&str> = incomplete
            .iter()
            .flat_map(|row| row.missing.iter().map(|one| one.key.as_str()))
            .collect();
        Self {
            shell,
            list,
            may_write: reader == Reader::Enterprise { may_write: true },
            number: sheet.request.number.clone(),
            enterprise: sheet.request.enterprise_name.clone(),
            heading: heading(sheet, if is_officer { "该企业" } else { "您" }),
            months: sheet.need.term_months,
            eligible: rows.eligible(),
            why_first: rows.why_first(),
            missing_count: missing.len(),
            near: rows.near(),
            ineligible: rows.ineligible(),
            need: need::lines(&sheet.need, &bank_of_old_loan(sheet)),
            run_at: words::minute(sheet.run_at),
            as_of: sheet.result.as_of.to_string(),
            lpr: lpr_words(sheet),
            sent: Vec::new(),
            notice: None,
            is_open: sheet.request.state == RequestState::Open,
            standing: standing(&sheet.request, counting),
            reminded: Vec::new(),
            incomplete,
            base: rows.base,
        }
    }

    /// The page with the banks that have the request; those of them that still do can't be picked.
    #[must_use]
    pub fn with_referrals(
        mut self,
        referrals: &[StoredReferral],
        counting: &Counting,
        notice: Option<&'static str>,
    ) -> Self {
        for row in &mut self.eligible {
            let has_it = |one: &&StoredReferral| one.bank_code == row.offer.bank_code;
            let referral = referrals.iter().find(has_it);
            row.taken = referral.map_or("", |one| match one.state {
                ReferralState::Cancelled => "",
                ReferralState::Reserve | ReferralState::Proposed => one.state.label(),
                _ => "已发",
            });
        }
        self.sent = referrals.iter().map(|one| SentRow::new(one, counting)).collect();
        self.notice = notice;
        self
    }

    /// Whether a bank can be picked by this reader.
    #[must_use]
    pub fn may_pick(&self) -> bool {
        self.may_write && self.is_open && self.eligible.iter().any(|row| row.taken.is_empty())
    }

    /// Whether a reminder of a product is asked for.
    #[must_use]
    pub fn reminds(&self, code: &str) -> bool {
        self.reminded.iter().any(|one| one == code)
    }

    /// Why a deadline may be counted wrongly; empty where none is.
    #[must_use]
    pub fn uncertain(&self) -> &'static str {
        let mut all = self.sent.iter().map(|row| row.uncertain);
        all.find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// How many banks may read now.
    #[must_use]
    pub fn reading(&self) -> usize {
        self.sent.iter().filter(|row| row.is_live).count()
    }
}

fn lpr_words(sheet: &MatchSheet) -> String {
    format!(
        "{} 公布的 LPR：1 年期 {}，5 年期以上 {}",
        sheet.lpr.announced_on,
        words::rate(sheet.lpr.one_year_bp),
        words::rate(sheet.lpr.five_year_bp)
    )
}

/// The name of the old loan's bank, where one of its products was looked at.
fn bank_of_old_loan(sheet: &MatchSheet) -> String {
    let Some(loan) = &sheet.need.existing_loan else {
        return String::new();
    };
    let product = sheet.products.values().find(|product| product.form.bank == loan.bank);
    product.map_or_else(|| need::OTHER_BANK.to_owned(), |product| product.bank_name.clone())
}

/// The answer in one sentence.
fn heading(sheet: &MatchSheet, whom: &str) -> String {
    let result = &sheet.result;
    let banks: HashSet<&str> = result
        .eligible
        .iter()
        .filter_map(|row| sheet.products.get(&row.product))
        .map(|product| product.form.bank.as_str())
        .collect();
    let (fit, maybe, near) = (result.eligible.len(), result.incomplete.len(), result.near.len());
    if fit > banks.len() {
        format!("{} 家银行的 {fit} 个产品适合{whom}", banks.len())
    } else if fit > 0 {
        format!("{fit} 家银行的产品适合{whom}")
    } else if maybe > 0 {
        format!("补齐资料后，有 {maybe} 个产品可能适合{whom}")
    } else if near > 0 {
        format!("暂时没有完全符合的产品，有 {near} 个只差一项")
    } else {
        format!("暂时没有适合{whom}的产品")
    }
}

/// The rows of a result in the making.
struct Rows<'a> {
    sheet: &'a MatchSheet,
    base: String,
}

impl<'a> Rows<'a> {
    fn context(&self, product: &'a ShownProduct) -> Context<'a> {
        Context {
            need: &self.sheet.need,
            product,
            known: Known {
                facts: &self.sheet.known,
                as_of: self.sheet.result.as_of,
            },
        }
    }

    fn explanation(&self, code: &str) -> Option<&'a Explanation> {
        self.sheet.explained.get(code)
    }

    fn offer(&self, terms: &EligibleRow, product: &ShownProduct) -> Offer {
        Offer {
            code: terms.product.clone(),
            bank_code: product.form.bank.clone(),
            bank: product.bank_name.clone(),
            name: product.form.name.clone(),
            repayment: terms.repayment.map_or("没有共同的还款方式", Repayment::label),
            href: format!("{}/matches/{}", self.base, path_segment(&terms.product)),
            cost: terms.annual_cost_pct.map(words::cost),
            same_family: false,
        }
    }

    fn eligible(&self) -> Vec<EligibleView> {
        let rows = &self.sheet.result.eligible;
        let cost = |row: &EligibleRow| row.annual_cost_pct.unwrap_or(f64::INFINITY);
        let cheapest = rows.iter().map(cost).fold(f64::INFINITY, f64::min);
        let dearest = rows.iter().map(cost).fold(0.0, f64::max);
        let lowest_rate = rows.iter().map(|row| row.rate_bp).min();
        let views = rows.iter().filter_map(|row| {
            let product = self.sheet.products.get(&row.product)?;
            let figures = self.sheet.figures.get(&row.product);
            let total = figures.map_or(0, |of| of.interest_fen.saturating_add(of.fees_fen));
            let is_cheapest = cost(row) - cheapest < SAME_COST;
            let has_fees = figures.is_some_and(|of| of.fees_fen > 0);
            let fees = product.form.fees.iter().filter(|fee| fee.is_borrowers());
            let warning = match Some(row.rate_bp) == lowest_rate && has_fees && !is_cheapest {
                true if dearest - cost(row) < SAME_COST => Some("利率最低，含费用成本最高"),
                true => Some("利率最低，含费用成本不是最低"),
                false => None,
            };
            Some(EligibleView {
                offer: self.offer(row, product),
                is_cheapest,
                dearer_by: format!("+{:.2}", cost(row) - cheapest),
                rate: words::rate(row.rate_bp),
                stands_on: words::rate_stands_on(
                    &product.form.rate,
                    row.rate_bp,
                    self.sheet.lpr,
                    self.sheet.need.term_months,
                ),
                fees: fees.map(words::fee).collect(),
                total: figures.map_or_else(|| "—".to_owned(), |_| words::about_wan(total)),
                total_fees: figures
                    .filter(|_| has_fees)
                    .map(|of| format!("含费用 {}", words::about_wan(of.fees_fen))),
                first_payment: figures.map_or_else(|| "—".to_owned(), |of| words::about_wan(of.first_payment_fen)),
                note: row.repayment.and_then(words::repayment_note),
                warning,
                taken: "",
            })
        });
        grouped(views.collect(), self.sheet, |row| &mut row.offer)
    }

    fn why_first(&self) -> Vec<Reason> {
        let first = self.sheet.result.eligible.first().and_then(|row| {
            let product = self.sheet.products.get(&row.product)?;
            Some((self.explanation(&row.product)?, self.context(product)))
        });
        first.map_or_else(Vec::new, |(explained, context)| {
            explained
                .checks
                .iter()
                .map(|check| Reason::of(check, &context))
                .collect()
        })
    }

    fn incomplete(&self) -> Vec<IncompleteView> {
        let rows = self.sheet.result.incomplete.iter().filter_map(|row| {
            let product = self.sheet.products.get(&row.terms.product)?;
            let context = self.context(product);
            Some(IncompleteView {
                offer: self.offer(&row.terms, product),
                missing: row
                    .unknown
                    .iter()
                    .map(|key| remedy::of_unknown(key, &context))
                    .collect(),
            })
        });
        grouped(rows.collect(), self.sheet, |row| &mut row.offer)
    }

    fn near(&self) -> Vec<NearView> {
        let rows = self.sheet.result.near.iter().filter_map(|row| {
            let product = self.sheet.products.get(&row.terms.product)?;
            let context = self.context(product);
            let checks = &self.explanation(&row.terms.product)?.checks;
            let check = source::unmet(checks).into_iter().next()?;
            let reason = Reason::of(check, &context);
            let offer = self.offer(&row.terms, product);
            let unknown = row.unknown.iter().map(|key| label_of_key(key)).collect();
            Some(NearView {
                remedy: remedy::of_miss(check, &reason, &context, &offer.href),
                offer,
                reason,
                unknown,
            })
        });
        grouped(rows.collect(), self.sheet, |row| &mut row.offer)
    }

    fn ineligible(&self) -> Vec<IneligibleView> {
        let rows = self.sheet.ineligible.iter().filter_map(|one| {
            let product = self.sheet.products.get(&one.product)?;
            let context = self.context(product);
            let terms = EligibleRow {
                product: one.product.clone(),
                rate_bp: one.rate_bp,
                repayment: one.repayment,
                annual_cost_pct: one.annual_cost_pct,
            };
            Some(IneligibleView {
                offer: self.offer(&terms, product),
                reasons: source::unmet(&one.checks)
                    .into_iter()
                    .map(|check| Reason::of(check, &context))
                    .collect(),
            })
        });
        grouped(rows.collect(), self.sheet, |row| &mut row.offer)
    }
}

/// Costs nearer to each other than this look the same on the page.
const SAME_COST: f64 = 0.000_000_001;

fn label_of_key(key: &str) -> &'static str {
    crate::domain::facts::FactKey::find(key).map_or("项目总投资", |fact| fact.label())
}

/// Rows of one bank's product family; of one product where it has none.
type Group<T> = (Option<(String, String)>, Vec<T>);

/// The rows in their order, but that the other limits of a product follow its first row.
fn grouped<T>(rows: Vec<T>, sheet: &MatchSheet, offer: impl Fn(&mut T) -> &mut Offer) -> Vec<T> {
    let family = |row: &mut T| {
        let form = &sheet.products.get(&offer(row).code)?.form;
        form.family.as_ref().map(|family| (form.bank.clone(), family.clone()))
    };
    let mut groups: Vec<Group<T>> = Vec::new();
    for mut row in rows {
        let key = family(&mut row);
        match groups.iter_mut().find(|(of, _)| key.is_some() && *of == key) {
            Some((_, members)) => {
                offer(&mut row).same_family = true;
                members.push(row);
            }
            None => groups.push((key, vec![row])),
        }
    }
    groups.into_iter().flat_map(|(_, members)| members).collect()
}
