//! What would fit if something were otherwise, beside what fits as it is.

use super::profile::{self, Input};
use super::request_form::{Choice, choices, guarantee_hint};
use super::shell::Shell;
use super::words;
use super::wrong::{Wrong, Wrongs};
use crate::actions::requests::StoredRequest;
use crate::domain::codes::{Code, Guarantee, Repayment};
use crate::domain::facts::FACTS;
use crate::domain::link::path_segment;
use crate::domain::verdict::MatchResult;
use crate::web::input::what_if::WhatIfForm;
use askama::Template;
use std::collections::BTreeMap;

/// Bank and name of each product on offer, by its code.
pub type Names = BTreeMap<String, (String, String)>;

/// The field of the fact that is taken to be another.
#[derive(Clone, Debug)]
pub struct ValueField {
    /// What the fact is called.
    pub label: &'static str,
    /// Who vouches for it.
    pub owner: &'static str,
    /// How it is entered.
    pub input: Input,
    /// The unit behind the field.
    pub unit: &'static str,
    /// What it can be: code, label, whether it is chosen.
    pub options: Vec<(String, String, bool)>,
    /// What was typed.
    pub typed: String,
}

impl ValueField {
    fn new(form: &WhatIfForm, district: &str) -> Option<Self> {
        let key = form.key()?;
        let (spec, value) = (key.spec(), form.value());
        let chosen = value.scalar(key).ok();
        Some(Self {
            label: spec.label,
            owner: spec.owner.label(),
            input: profile::input(spec.kind),
            unit: profile::unit(spec.kind),
            options: profile::options(spec.kind, chosen.as_ref(), district),
            typed: value.typed(),
        })
    }

    /// Whether a value is entered so.
    #[must_use]
    pub fn is(&self, input: Input) -> bool {
        self.input == input
    }
}

/// A product that would fit.
#[derive(Clone, Debug)]
pub struct TriedRow {
    /// Its page.
    pub href: String,
    /// The bank's name.
    pub bank: String,
    /// Its name, and how it would be repaid.
    pub name: String,
    /// The annual cost.
    pub cost: String,
    /// How it stands as things are.
    pub was: &'static str,
    /// Whether it does not fit as things are.
    pub is_new: bool,
}

/// How many products have a verdict: its name, how many would, how many do.
#[derive(Clone, Debug)]
pub struct Count {
    /// The verdict.
    pub label: &'static str,
    /// Under the terms that are tried.
    pub tried: u64,
    /// As things are.
    pub now: u64,
}

/// What came of a try.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The answer in one sentence.
    pub heading: String,
    /// Verdict by verdict.
    pub counts: Vec<Count>,
    /// What would fit, cheapest first.
    pub rows: Vec<TriedRow>,
    /// What fits as things are and would not: bank and name.
    pub lost: Vec<String>,
}

impl Tried {
    fn new(tried: &MatchResult, now: &MatchResult, names: &Names) -> Self {
        let name = |code: &str| names.get(code).cloned().unwrap_or_default();
        let rows = tried.eligible.iter().map(|row| {
            let (bank, name) = name(&row.product);
            let was = standing(now, &row.product);
            TriedRow {
                href: format!("/products/{}", path_segment(&row.product)),
                bank,
                name: format!(
                    "{name}，{}",
                    row.repayment.map_or("没有共同的还款方式", Repayment::label)
                ),
                cost: row.annual_cost_pct.map_or_else(|| "—".to_owned(), words::cost),
                was,
                is_new: was != FITS,
            }
        });
        let lost = now.eligible.iter().filter(|row| standing(tried, &row.product) != FITS);
        let lost = lost.map(|row| {
            let (bank, name) = name(&row.product);
            format!("{bank}“{name}”")
        });
        let (rows, lost): (Vec<_>, Vec<_>) = (rows.collect(), lost.collect());
        Self {
            heading: heading(&rows, lost.len()),
            counts: counts(tried, now),
            rows,
            lost,
        }
    }
}

/// What a product is that fits.
const FITS: &str = "符合";

fn standing(result: &MatchResult, code: &str) -> &'static str {
    if result.eligible.iter().any(|row| row.product == code) {
        FITS
    } else if result.incomplete.iter().any(|row| row.terms.product == code) {
        "待补资料"
    } else if result.near.iter().any(|row| row.terms.product == code) {
        "差一项"
    } else {
        "不符合"
    }
}

fn counts(tried: &MatchResult, now: &MatchResult) -> Vec<Count> {
    let of = |result: &MatchResult| {
        let long = |rows: usize| u64::try_from(rows).unwrap_or(u64::MAX);
        [
            long(result.eligible.len()),
            long(result.incomplete.len()),
            long(result.near.len()),
            result.ineligible,
        ]
    };
    let labels = [FITS, "待补资料", "差一项", "不符合"];
    let both = labels.into_iter().zip(of(tried)).zip(of(now));
    both.map(|((label, tried), now)| Count { label, tried, now }).collect()
}

fn heading(rows: &[TriedRow], lost: usize) -> String {
    let gained = rows.iter().filter(|row| row.is_new).count();
    let fits = match rows.len() {
        0 => "这样没有符合的产品".to_owned(),
        fit => format!("这样有 {fit} 个产品符合"),
    };
    match (gained, lost) {
        (0, 0) => format!("{fits}，和现在一样"),
        (gained, 0) => format!("{fits}，比现在多 {gained} 个"),
        (0, lost) => format!("{fits}，比现在少 {lost} 个"),
        (gained, lost) => format!("{fits}：新增 {gained} 个，不再符合的 {lost} 个"),
    }
}

/// The page.
#[derive(Template)]
#[template(path = "enterprise/what_if.html")]
pub struct WhatIfPage {
    /// Around it.
    pub shell: Shell,
    /// The request's own page.
    pub base: String,
    /// Its number.
    pub number: String,
    /// What is typed.
    pub form: WhatIfForm,
    /// Ways to secure it.
    pub guarantees: Vec<Choice>,
    /// The facts that can be taken to be another: code, label, whether it is chosen.
    pub facts: Vec<(&'static str, &'static str, bool)>,
    /// The field of the chosen one.
    pub value: Option<ValueField>,
    /// What is to be put right.
    pub wrongs: Wrongs,
    /// What came of it.
    pub tried: Option<Tried>,
}

impl WhatIfPage {
    /// The page of a request with its form.
    #[must_use]
    pub fn new(shell: Shell, request: &StoredRequest, form: WhatIfForm) -> Self {
        let facts = FACTS.iter().filter(|spec| !spec.key.is_derived());
        Self {
            shell,
            base: format!("/enterprise/requests/{}", request.id),
            number: request.number.clone(),
            guarantees: choices::<Guarantee>(&form.guarantees, guarantee_hint),
            facts: facts
                .map(|spec| (spec.code, spec.label, spec.code == form.fact))
                .collect(),
            value: ValueField::new(&form, &request.district_code),
            wrongs: Wrongs::default(),
            tried: None,
            form,
        }
    }

    /// With what is to be put right.
    #[must_use]
    pub fn with_wrongs(mut self, wrongs: Vec<(&'static str, String)>) -> Self {
        let wrong = |(field, message): (&str, String)| Wrong {
            field: field.to_owned(),
            message,
        };
        self.wrongs = Wrongs(wrongs.into_iter().map(wrong).collect());
        self
    }

    /// With what came of it: how products would stand, and how they do.
    #[must_use]
    pub fn with_result(mut self, tried: &MatchResult, now: &MatchResult, names: &Names) -> Self {
        self.tried = Some(Tried::new(tried, now, names));
        self
    }
}
