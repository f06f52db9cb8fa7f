//! The product editor: every term of a product as a field, lists as rows, criteria by the type of their fact.

use super::joining::Choice;
use super::profile::options;
use super::shell::Shell;
use super::wrong::{Wrong, Wrongs};
use crate::domain::codes::{Bearer, Code, FeeBasis, FeeKind, Guarantee, Kind, Purpose, RateBase, Repayment, Tier};
use crate::domain::criteria::{OPS, fits};
use crate::domain::facts::{FACTS, FactKey, FactType};
use crate::domain::scalar::Scalar;
use crate::web::input::product::{Fields, List, Mistake, Typed};
use askama::Template;

/// A tier and the discount that was typed for it.
#[derive(Clone, Debug)]
pub struct DiscountField {
    /// The field.
    pub name: String,
    /// The tier.
    pub label: &'static str,
    /// What was typed, basis points.
    pub typed: String,
}

/// A cap of the amount.
#[derive(Clone, Debug)]
pub struct CapRow {
    /// The field of the row as a whole.
    pub id: String,
    /// Of what.
    pub of: Vec<Choice>,
    /// The share that was typed, percent.
    pub share: String,
}

/// A fee.
#[derive(Clone, Debug)]
pub struct FeeRow {
    /// The field of the row as a whole.
    pub id: String,
    /// As the bank calls it.
    pub name: String,
    /// What it is charged for.
    pub kinds: Vec<Choice>,
    /// What the value is measured on.
    pub bases: Vec<Choice>,
    /// What was typed, percent or 元.
    pub value: String,
    /// Who receives it.
    pub payee: String,
    /// Who pays it.
    pub bearers: Vec<Choice>,
}

/// A criterion.
#[derive(Clone, Debug)]
pub struct CriterionRow {
    /// The field of the row as a whole.
    pub id: String,
    /// Key of the fact.
    pub fact: String,
    /// What the fact is called.
    pub label: String,
    /// Alone, or in which group.
    pub groups: Vec<Choice>,
    /// How it can be compared.
    pub ops: Vec<Choice>,
    /// What can be ticked; none where a number is typed.
    pub options: Vec<Choice>,
    /// Whether only one can be.
    pub is_flag: bool,
    /// Whether the options have an order, so that a bound is one of them.
    pub is_ranked: bool,
    /// The number that was typed.
    pub typed: String,
    /// The word behind it.
    pub unit: &'static str,
    /// Whether only a verified value counts.
    pub verified: Vec<Choice>,
}

/// The facts of one owner, to choose from.
#[derive(Clone, Debug)]
pub struct FactGroup {
    /// The owner.
    pub owner: &'static str,
    /// Key and name of each fact.
    pub facts: Vec<(&'static str, &'static str)>,
}

/// What an editor is filled with.
pub struct Material<'a> {
    /// What stands in it.
    pub typed: &'a Typed,
    /// The product's code; none for one that is begun.
    pub code: Option<&'a str>,
    /// Where it is posted to.
    pub action: String,
    /// The edition that it was opened from.
    pub edition: Option<i32>,
    /// The district whose towns can be chosen.
    pub district: &'a str,
}

/// The editor.
#[derive(Template)]
#[template(path = "bank/product_form.html")]
pub struct EditorPage {
    /// Around it.
    pub shell: Shell,
    /// The product's code; empty for one that is begun.
    pub code: String,
    /// Its page; empty for one that is begun.
    pub sheet: String,
    /// Where it is posted to.
    pub action: String,
    /// The edition that it was opened from; empty for one that is begun.
    pub edition: String,
    /// What is not a row, as typed.
    pub single: Fields,
    /// The kinds.
    pub kinds: Vec<Choice>,
    /// What it may be used for.
    pub purposes: Vec<Choice>,
    /// How it may be secured.
    pub guarantees: Vec<Choice>,
    /// How it may be repaid.
    pub repayments: Vec<Choice>,
    /// What the rate stands on.
    pub bases: Vec<Choice>,
    /// Discounts by tier.
    pub discounts: Vec<DiscountField>,
    /// Whether it renews loans, and whose.
    pub renewals: Vec<Choice>,
    /// Caps of the amount.
    pub caps: Vec<CapRow>,
    /// Fees.
    pub fees: Vec<FeeRow>,
    /// Criteria.
    pub criteria: Vec<CriterionRow>,
    /// The facts that a criterion can be about.
    pub facts: Vec<FactGroup>,
    /// What is to be put right.
    pub wrongs: Wrongs,
    /// Whether the draft was kept all the same: it only can't be published.
    pub is_kept: bool,
    /// What is worth saying.
    pub notice: Option<&'static str>,
}

fn choice(code: &str, label: &str, chosen: bool) -> Choice {
    Choice {
        code: code.to_owned(),
        label: label.to_owned(),
        hint: String::new(),
        chosen,
    }
}

fn choices<T: Code>(ticked: &[String]) -> Vec<Choice> {
    let all = T::ALL.iter();
    all.map(|code| {
        let chosen = ticked.iter().any(|one| one == code.code());
        choice(code.code(), code.label(), chosen)
    })
    .collect()
}

fn id(list: List, place: usize) -> String {
    format!("{}[{place}]", list.name())
}

impl EditorPage {
    /// The editor with what stands in it.
    #[must_use]
    pub fn new(shell: Shell, material: &Material<'_>) -> Self {
        let typed = material.typed;
        let single = &typed.single;
        let renewal = single.text("renewal");
        Self {
            shell,
            code: material.code.unwrap_or_default().to_owned(),
            sheet: material.code.map_or_else(String::new, super::lists::bank_sheet),
            action: material.action.clone(),
            edition: material.edition.map_or_else(String::new, |edition| edition.to_string()),
            kinds: choices::<Kind>(single.all("kind")),
            purposes: choices::<Purpose>(single.all("purposes")),
            guarantees: choices::<Guarantee>(single.all("guarantees")),
            repayments: choices::<Repayment>(single.all("repayment")),
            bases: choices::<RateBase>(single.all("rate.base")),
            discounts: Tier::ALL.iter().skip(1).map(|tier| discount(*tier, single)).collect(),
            renewals: vec![
                choice("", "不是续贷产品", renewal.is_empty()),
                choice("own", "只续本行的贷款", renewal == "own"),
                choice("any", "任何银行的贷款都可以续", renewal == "any"),
            ],
            caps: typed
                .caps
                .iter()
                .enumerate()
                .map(|(place, row)| cap(place, row))
                .collect(),
            fees: typed
                .fees
                .iter()
                .enumerate()
                .map(|(place, row)| fee(place, row))
                .collect(),
            criteria: criteria(typed, material.district),
            facts: facts(),
            wrongs: Wrongs::default(),
            is_kept: false,
            notice: None,
            single: single.clone(),
        }
    }

    /// With what is to be put right.
    #[must_use]
    pub fn with_mistakes(mut self, mistakes: Vec<Mistake>) -> Self {
        let wrongs = mistakes.into_iter().map(|(field, message)| Wrong { field, message });
        self.wrongs = Wrongs(wrongs.collect());
        self
    }

    /// What was typed into a field that is no row.
    fn text(&self, name: &str) -> &str {
        self.single.text(name)
    }

    /// What is wrong with a row, in any of its fields.
    fn of_row(&self, id: &str) -> Vec<&Wrong> {
        let of = |field: &str| {
            field
                .strip_prefix(id)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.wrongs.0.iter().filter(|one| of(&one.field)).collect()
    }
}

fn discount(tier: Tier, single: &Fields) -> DiscountField {
    let name = format!("rate.tier_discount_bp.{}", tier.code());
    DiscountField {
        typed: single.text(&name).to_owned(),
        label: tier.label(),
        name,
    }
}

fn cap(place: usize, row: &Fields) -> CapRow {
    let of = row.text("of");
    let bases = [
        ("revenue_fen", FactKey::RevenueFen.label()),
        ("equity_fen", FactKey::EquityFen.label()),
        ("project_cost_fen", "项目总投资"),
    ];
    CapRow {
        id: id(List::Caps, place),
        of: bases
            .iter()
            .map(|(code, label)| choice(code, label, *code == of))
            .collect(),
        share: row.text("bp").to_owned(),
    }
}

fn fee(place: usize, row: &Fields) -> FeeRow {
    // A new row is the borrower's to pay, as most fees are.
    let bearer = [Bearer::Borrower.code().to_owned()];
    let bearers = if row.text("borne_by").is_empty() {
        &bearer
    } else {
        row.all("borne_by")
    };
    FeeRow {
        id: id(List::Fees, place),
        name: row.text("name").to_owned(),
        kinds: choices::<FeeKind>(row.all("kind")),
        bases: choices::<FeeBasis>(row.all("basis")),
        value: row.text("value").to_owned(),
        payee: row.text("payee").to_owned(),
        bearers: choices::<Bearer>(bearers),
    }
}

/// How many groups there are to choose from beyond those in use.
const SPARE_GROUPS: usize = 1;

fn criteria(typed: &Typed, district: &str) -> Vec<CriterionRow> {
    let used = typed
        .criteria
        .iter()
        .filter_map(|row| row.text("any").parse::<usize>().ok());
    let groups = used.max().unwrap_or(0).min(20) + SPARE_GROUPS;
    let rows = typed.criteria.iter().enumerate();
    rows.map(|(place, row)| criterion(place, row, groups, district))
        .collect()
}

fn criterion(place: usize, row: &Fields, groups: usize, district: &str) -> CriterionRow {
    let fact = FactKey::find(row.text("fact"));
    let kind = fact.map(|fact| fact.spec().kind);
    let group = row.text("any");
    let alone = choice("", "必须满足", group.is_empty());
    let grouped = (1..=groups).map(|number| {
        let code = number.to_string();
        let label = format!("第 {number} 组，满足其一即可");
        choice(&code, &label, group == code)
    });
    let ticked = Scalar::List(row.all("value").to_vec());
    let options = kind.map_or_else(Vec::new, |kind| options(kind, Some(&ticked), district));
    let typed = if options.is_empty() { row.text("value") } else { "" };
    let verified = row.text("verified");
    CriterionRow {
        id: id(List::Criteria, place),
        fact: row.text("fact").to_owned(),
        label: fact.map_or("", FactKey::label).to_owned(),
        groups: std::iter::once(alone).chain(grouped).collect(),
        ops: kind.map_or_else(Vec::new, |kind| ops(kind, row.text("op"))),
        options: options
            .into_iter()
            .map(|(code, label, chosen)| choice(&code, &label, chosen))
            .collect(),
        is_flag: matches!(kind, Some(FactType::Flag)),
        is_ranked: matches!(kind, Some(FactType::Ordinal(_))),
        typed: typed.to_owned(),
        unit: match kind {
            Some(FactType::Integer { unit, .. }) => unit,
            Some(FactType::Money { .. }) => "万元",
            Some(FactType::Bp { .. }) => "%",
            _ => "",
        },
        verified: vec![
            choice("", "自行填报的也算", verified != "true"),
            choice("true", "只认已核验的", verified == "true"),
        ],
    }
}

/// How facts of a type can be compared; the only way there is, is chosen already.
fn ops(kind: FactType, chosen: &str) -> Vec<Choice> {
    let fitting: Vec<_> = OPS.iter().filter(|(op, _)| fits(op, kind)).collect();
    let only = fitting.len() == 1;
    fitting
        .into_iter()
        .map(|(op, label)| choice(op, label, only || *op == chosen))
        .collect()
}

fn facts() -> Vec<FactGroup> {
    let mut groups: Vec<FactGroup> = Vec::new();
    for spec in &FACTS {
        let fact = (spec.key.code(), spec.label);
        let owner = spec.owner.label();
        match groups.iter_mut().find(|group| group.owner == owner) {
            Some(group) => group.facts.push(fact),
            None => groups.push(FactGroup {
                owner,
                facts: vec![fact],
            }),
        }
    }
    groups
}
