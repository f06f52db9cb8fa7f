//! Bank products: the form that files and the API carry, and the product that is fit to be matched.

use super::codes::{Code, Guarantee, Kind, ProductStatus, Purpose, RateBase, Repayment, Set, Size, Tier};
use super::criteria::{Criterion, CriterionForm};
use super::dates::Day;
use super::facts::{FactKey, FactValue};
use super::fees::{self, Fee, Payer};
use super::invalid::{Problems, Rule};
use super::machine::machine;
use super::maps::UniqueMap;
use super::money::Fen;
use super::rate::LIMIT_BP;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// A range with both ends in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds<T> {
    /// The least that fits.
    pub min: T,
    /// The most that fits.
    pub max: T,
}

/// What an amount is capped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CapBase {
    /// A money fact of the enterprise.
    Fact(FactKey),
    /// The request's `project_cost_fen`.
    ProjectCost,
}

impl CapBase {
    /// The name in files and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Fact(fact) => fact.code(),
            Self::ProjectCost => "project_cost_fen",
        }
    }

    /// 中文 label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Fact(fact) => fact.label(),
            Self::ProjectCost => "项目总投资",
        }
    }
}

impl Serialize for CapBase {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for CapBase {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "revenue_fen" => Ok(Self::Fact(FactKey::RevenueFen)),
            "equity_fen" => Ok(Self::Fact(FactKey::EquityFen)),
            "project_cost_fen" => Ok(Self::ProjectCost),
            other => Err(serde::de::Error::custom(format_args!(
                "unknown value {other:?}, expected revenue_fen, equity_fen or project_cost_fen"
            ))),
        }
    }
}

/// A share of something that the amount may not exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmountCap {
    /// Of what.
    pub of: CapBase,
    /// The share in bp.
    pub bp: i64,
}

/// How the yearly rate is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// What the spread stands on.
    pub base: RateBase,
    /// Spread in bp, may be negative; the whole rate where the base is fixed.
    pub spread_bp: i64,
    /// What a verified tier takes off, in bp.
    #[serde(default, skip_serializing_if = "UniqueMap::is_empty")]
    pub tier_discount_bp: UniqueMap<Tier, i64>,
    /// The rate never falls below this, in bp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor_bp: Option<i64>,
}

/// What makes a product a renewal of an existing loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    /// How many days before maturity it may be asked for.
    pub window_days: u32,
    /// Whether only the bank's own loans are renewed.
    pub own_loans_only: bool,
}

/// A product as it stands in files, the API and the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductForm {
    /// Its code, unlike any other's.
    pub code: String,
    /// Code of the bank's organisation.
    pub bank: String,
    /// As the bank calls it.
    pub name: String,
    /// Entries of one product that differ in limits share this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// What kind it is.
    pub kind: Kind,
    /// Where it is in its life.
    pub status: ProductStatus,
    /// First day on offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// Last day on offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Day>,
    /// When the bank last confirmed it; 90 days later it leaves the matching.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_on: Option<Day>,
    /// Amounts it lends, in 分.
    pub amount_fen: Bounds<Fen>,
    /// Terms it lends for, in months.
    pub term_months: Bounds<u32>,
    /// Shares that cap the amount.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amount_caps: Vec<AmountCap>,
    /// What it may be used for.
    pub purposes: Set<Purpose>,
    /// How it may be secured.
    pub guarantees: Set<Guarantee>,
    /// How it may be repaid.
    pub repayment: Set<Repayment>,
    /// How its rate is made.
    pub rate: Rate,
    /// What is charged beside the interest.
    pub fees: Vec<Fee>,
    /// Present where it renews a loan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Renewal>,
    /// What it asks of the enterprise.
    pub criteria: Vec<CriterionForm>,
    /// What it is, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What an enterprise has to hand in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub materials: Vec<String>,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// What the bank will lend in all, in 分: accepted offers and contracts take of it. None: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota_fen: Option<Fen>,
}

/// A product whose form holds every rule; made only by [`Product::parse`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    form: ProductForm,
    criteria: Vec<Criterion>,
}

impl Deref for Product {
    type Target = ProductForm;
    fn deref(&self) -> &ProductForm {
        &self.form
    }
}

impl Product {
    /// Holds the form against every rule.
    ///
    /// # Errors
    /// Each rule that is broken, with the path of its field.
    pub fn parse(form: ProductForm) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        check_texts(&form, &mut problems);
        check_terms(&form, &mut problems);
        check_rate(&form.rate, &mut problems);
        let criteria = parse_criteria(&form.criteria, &mut problems);
        fees::check(&form.fees, payer(&criteria), &mut problems);
        problems.or(Self { form, criteria })
    }

    /// What it asks of the enterprise, in the bank's order.
    #[must_use]
    pub fn parsed_criteria(&self) -> &[Criterion] {
        &self.criteria
    }

    /// Whether it can be matched on `day`, and if not since when or why is for the reader to see:
    /// open, inside its dates, and confirmed within 90 days where it carries a confirmation.
    #[must_use]
    pub fn is_open_on(&self, day: Day) -> bool {
        self.is_on_offer(day)
            && self
                .confirmed_on
                .is_none_or(|confirmed| day <= confirmed.plus_days(CONFIRMED_FOR_DAYS))
    }

    /// Whether it is open and inside its dates on `day`, whenever it was confirmed.
    #[must_use]
    pub fn is_on_offer(&self, day: Day) -> bool {
        self.status == ProductStatus::Open
            && self.from.is_none_or(|from| from <= day)
            && self.to.is_none_or(|to| day <= to)
    }
}

/// How long a bank's confirmation of a product holds, by the matching contract.
pub const CONFIRMED_FOR_DAYS: i64 = 90;
/// How many days before its end the bank is reminded.
pub const REMINDED_BEFORE_DAYS: i64 = 7;
/// The longest term in months.
pub const TERM_LIMIT: u32 = 360;
/// The longest code.
pub const CODE_CHARS: usize = 64;
/// The longest name.
pub const NAME_CHARS: usize = 200;
/// The longest summary.
pub const SUMMARY_CHARS: usize = 500;
/// How many materials may be asked for.
pub const MOST_MATERIALS: usize = 50;

fn check_texts(form: &ProductForm, problems: &mut Problems) {
    problems.text("code", &form.code, CODE_CHARS);
    problems.text("bank", &form.bank, CODE_CHARS);
    problems.text("name", &form.name, NAME_CHARS);
    if let Some(family) = &form.family {
        problems.text("family", family, CODE_CHARS);
    }
    if let Some(summary) = &form.summary {
        problems.text("summary", summary, SUMMARY_CHARS);
    }
    if let Some(contact) = &form.contact {
        problems.text("contact", contact, NAME_CHARS);
    }
    problems.check(form.materials.len() > MOST_MATERIALS, "materials", || Rule::Count {
        min: 0,
        max: MOST_MATERIALS,
    });
    for (at, material) in form.materials.iter().enumerate() {
        let path = format!("materials[{at}]");
        problems.text(&path, material, NAME_CHARS);
        let again = form.materials.iter().take(at).any(|earlier| earlier == material);
        problems.check(again, &path, || Rule::Duplicate(material.clone()));
    }
}

fn check_terms(form: &ProductForm, problems: &mut Problems) {
    let Bounds { min, max } = form.amount_fen;
    problems.range("amount_fen.min", min.get(), 0, Fen::LIMIT);
    problems.range("amount_fen.max", max.get(), 1, Fen::LIMIT);
    problems.check(min > max, "amount_fen", || Rule::Inverted);
    let Bounds { min, max } = form.term_months;
    problems.range("term_months.min", i64::from(min), 0, i64::from(TERM_LIMIT));
    problems.range("term_months.max", i64::from(max), 1, i64::from(TERM_LIMIT));
    problems.check(min > max, "term_months", || Rule::Inverted);
    problems.check(form.purposes.is_empty(), "purposes", || Rule::Empty);
    problems.check(form.guarantees.is_empty(), "guarantees", || Rule::Empty);
    problems.check(form.repayment.is_empty(), "repayment", || Rule::Empty);
    if let Some(quota) = form.quota_fen {
        problems.range("quota_fen", quota.get(), 0, Fen::LIMIT);
    }
    for (at, cap) in form.amount_caps.iter().enumerate() {
        problems.range(&format!("amount_caps[{at}].bp"), cap.bp, 0, LIMIT_BP);
        let again = form.amount_caps.iter().take(at).any(|earlier| earlier == cap);
        problems.check(again, &format!("amount_caps[{at}]"), || {
            Rule::Duplicate(cap.of.code().to_owned())
        });
    }
    if let Some(renewal) = form.renewal {
        problems.range("renewal.window_days", i64::from(renewal.window_days), 0, 3660);
    }
}

fn check_rate(rate: &Rate, problems: &mut Problems) {
    problems.range("rate.spread_bp", rate.spread_bp, -LIMIT_BP, LIMIT_BP);
    for (tier, discount) in rate.tier_discount_bp.iter() {
        problems.range(&format!("rate.tier_discount_bp.{tier}"), *discount, 0, LIMIT_BP);
    }
    if let Some(floor) = rate.floor_bp {
        problems.range("rate.floor_bp", floor, 0, LIMIT_BP);
    }
}

/// Whom its fees are charged of: a product that does not ask for a verified size above small is for small firms too.
fn payer(criteria: &[Criterion]) -> Payer {
    let asks = criteria.iter().any(|criterion| match criterion {
        Criterion::Plain(plain) => {
            let small = (0..=Size::Small.index()).filter_map(|place| i64::try_from(place).ok());
            plain.fact == FactKey::Size && plain.verified && small.map(FactValue).all(|size| !plain.test.holds(size))
        }
        Criterion::Any(_) => false,
    });
    if asks { Payer::Larger } else { Payer::MayBeSmall }
}

fn parse_criteria(forms: &[CriterionForm], problems: &mut Problems) -> Vec<Criterion> {
    let mut criteria: Vec<Criterion> = Vec::with_capacity(forms.len());
    for (at, form) in forms.iter().enumerate() {
        let path = format!("criteria[{at}]");
        let Some(criterion) = form.parse(&path, problems) else {
            continue;
        };
        let again = criteria.iter().any(|earlier| match (earlier, &criterion) {
            (Criterion::Plain(one), Criterion::Plain(two)) => one.fact == two.fact && one.test.op() == two.test.op(),
            (one, two) => one == two,
        });
        problems.check(again, &path, || {
            Rule::Duplicate(form.fact.as_deref().unwrap_or("any").to_owned())
        });
        criteria.push(criterion);
    }
    criteria
}

machine! {
    /// What can happen to a product.
    ProductEvent of ProductStatus {
        /// Its terms are changed, in a draft beside what is published.
        Edit: Draft => Draft, Open => Open, Suspended => Suspended;
        /// The draft becomes its next version, for everyone to see.
        Publish: Draft | Open => Open, Suspended => Suspended;
        /// The bank takes it out of the matching for a while.
        Suspend: Open => Suspended;
        /// The bank brings it back.
        Resume: Suspended => Open;
        /// The bank says that its terms still hold.
        Confirm: Open => Open, Suspended => Suspended;
        /// It is lent no more.
        Close: Draft | Open | Suspended => Closed;
    }
}
