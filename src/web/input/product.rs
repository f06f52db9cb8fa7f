//! The product editor's form: every field as typed, by the path that it has in the product's form, so that what is
//! wrong with a path is shown beside its field.
//!
//! Lists are rows, `fees[2].name`, that a button adds or takes away before anything is kept. A criterion's row names
//! its fact and says whether it stands alone or in one of the groups of which one member is enough.

mod filled;
mod reading;
#[cfg(test)]
mod tests;

use crate::domain::codes::{Code, Tier};
use crate::domain::facts::FactKey;
use crate::domain::invalid::{Problem, Rule};
use crate::web::error::Failure;
use std::collections::BTreeMap;

/// The fields that are no rows.
const SINGLE: &[&str] = &[
    "code",
    "name",
    "family",
    "kind",
    "summary",
    "materials",
    "contact",
    "from",
    "to",
    "amount_fen.min",
    "amount_fen.max",
    "term_months.min",
    "term_months.max",
    "quota_fen",
    "purposes",
    "guarantees",
    "repayment",
    "rate.base",
    "rate.spread_bp",
    "rate.floor_bp",
    "renewal",
    "renewal.window_days",
];
/// The longest text that is typed into one field.
const LONGEST: usize = 12_000;
/// The most rows of one list.
const MOST_ROWS: usize = 100;

/// A list of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Shares that cap the amount.
    Caps,
    /// What is charged beside the interest.
    Fees,
    /// What is asked of the enterprise.
    Criteria,
}

impl List {
    const ALL: [Self; 3] = [Self::Caps, Self::Fees, Self::Criteria];

    /// Its name in the product's form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Caps => "amount_caps",
            Self::Fees => "fees",
            Self::Criteria => "criteria",
        }
    }

    const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Caps => &["of", "bp"],
            Self::Fees => &["name", "kind", "basis", "value", "payee", "borne_by"],
            Self::Criteria => &["fact", "any", "op", "value", "verified"],
        }
    }
}

/// Which button was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    /// Keep the draft and stay.
    Save,
    /// Keep the draft and go on to the differences.
    Review,
    /// One more row.
    Add(List),
    /// One row less.
    Drop(List, usize),
}

impl Go {
    fn of(text: &str) -> Option<Self> {
        let list = |name: &str| List::ALL.into_iter().find(|list| list.name() == name);
        match text.split_once(':') {
            None if text == "review" => Some(Self::Review),
            None => Some(Self::Save),
            Some(("add", name)) => list(name).map(Self::Add),
            Some(("drop", row)) => {
                let (list, place) = row.split_once('.')?;
                Some(Self::Drop(
                    List::ALL.into_iter().find(|one| one.name() == list)?,
                    place.parse().ok()?,
                ))
            }
            Some(_) => None,
        }
    }
}

/// Some fields with what was typed or ticked in each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(BTreeMap<String, Vec<String>>);

impl Fields {
    /// What was typed into a field.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.all(name).first().map_or("", String::as_str)
    }

    /// What was ticked.
    #[must_use]
    pub fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, name: &str, text: String) {
        self.0.entry(name.to_owned()).or_default().push(text);
    }

    fn put(&mut self, name: &str, text: impl Into<String>) {
        self.0.insert(name.to_owned(), vec![text.into()]);
    }

    fn tick(&mut self, name: &str, codes: impl Iterator<Item = &'static str>) {
        self.0.insert(name.to_owned(), codes.map(str::to_owned).collect());
    }

    /// The text without what surrounds it; none where there is none.
    fn some(&self, name: &str) -> Option<String> {
        Some(self.text(name).trim().to_owned()).filter(|text| !text.is_empty())
    }
}

/// Everything that stands in the editor, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// What is no row.
    pub single: Fields,
    /// Shares that cap the amount.
    pub caps: Vec<Fields>,
    /// What is charged beside the interest.
    pub fees: Vec<Fields>,
    /// What is asked of the enterprise.
    pub criteria: Vec<Fields>,
}

/// A posted editor.
#[derive(Clone, Debug)]
pub struct Posted {
    /// What stands in it.
    pub typed: Typed,
    /// Which button was pressed.
    pub go: Go,
    /// The edition that it was opened from; none for a product that is begun.
    pub edition: Option<i32>,
}

/// A field to be put right, and what to do.
pub type Mistake = (String, String);

impl Posted {
    /// Reads the fields of a posted editor; one that the page does not have is refused.
    ///
    /// # Errors
    /// A field that is unknown, or too long.
    pub fn read(fields: Vec<(String, String)>) -> Result<Self, Failure> {
        let mut typed = Typed::default();
        let mut rows: BTreeMap<(&'static str, usize), Fields> = BTreeMap::new();
        let (mut go, mut edition, mut new_fact) = (Go::Save, None, String::new());
        for (name, text) in fields {
            let unknown = || Failure::field(&name, Rule::UnknownKey(name.clone()));
            if text.len() > LONGEST {
                return Err(Failure::field(&name, Rule::TooLong(LONGEST)));
            }
            // Browsers send line breaks as CR LF.
            let text = text.replace("\r\n", "\n");
            match name.as_str() {
                "go" => go = Go::of(&text).ok_or_else(unknown)?,
                "edition" => edition = text.parse().ok(),
                "new_fact" => new_fact = text,
                name if SINGLE.contains(&name) || is_discount(name) => typed.single.add(name, text),
                name => {
                    let (list, place, key) = row_of(name).ok_or_else(unknown)?;
                    rows.entry((list.name(), place)).or_default().add(key, text);
                }
            }
        }
        for ((name, _), row) in rows {
            typed.rows_named(name).push(row);
        }
        typed.change(go, &new_fact);
        Ok(Self { typed, go, edition })
    }
}

fn is_discount(name: &str) -> bool {
    name.strip_prefix("rate.tier_discount_bp.")
        .is_some_and(|tier| Tier::find(tier).is_some())
}

/// The list, the place in it and the key of a row's field.
fn row_of(name: &str) -> Option<(List, usize, &str)> {
    let (list, place) = place_of(name)?;
    let (_, key) = name.split_once("].")?;
    list.keys().contains(&key).then_some((list, place, key))
}

/// The list and the place in it of a row, or of a row's field.
fn place_of(name: &str) -> Option<(List, usize)> {
    let (list, rest) = name.split_once('[')?;
    let (place, _) = rest.split_once(']')?;
    let list = List::ALL.into_iter().find(|one| one.name() == list)?;
    let place = place.parse().ok().filter(|place| *place < MOST_ROWS)?;
    Some((list, place))
}

impl Typed {
    /// The rows of a list.
    #[must_use]
    pub fn rows(&self, list: List) -> &[Fields] {
        match list {
            List::Caps => &self.caps,
            List::Fees => &self.fees,
            List::Criteria => &self.criteria,
        }
    }

    fn rows_named(&mut self, name: &str) -> &mut Vec<Fields> {
        match name {
            "amount_caps" => &mut self.caps,
            "fees" => &mut self.fees,
            _ => &mut self.criteria,
        }
    }

    /// Adds the row, or takes it away, that the button asks for.
    fn change(&mut self, go: Go, new_fact: &str) {
        match go {
            Go::Save | Go::Review => {}
            Go::Drop(list, place) => {
                let rows = self.rows_named(list.name());
                if place < rows.len() {
                    rows.remove(place);
                }
            }
            Go::Add(list) => {
                let mut row = Fields::default();
                if list == List::Criteria {
                    if FactKey::find(new_fact).is_none() {
                        return;
                    }
                    row.put("fact", new_fact);
                }
                let rows = self.rows_named(list.name());
                if rows.len() < MOST_ROWS {
                    rows.push(row);
                }
            }
        }
    }

    /// The field beside which a problem with a path of the product's form is shown.
    #[must_use]
    pub fn field_of(&self, path: &str) -> String {
        if path.starts_with("materials") {
            return "materials".to_owned();
        }
        let Some(rest) = path.strip_prefix("criteria[") else {
            return path.to_owned();
        };
        let known = self.criteria_places().into_iter().find_map(|(prefix, row)| {
            let rest = path.strip_prefix(prefix.as_str())?;
            let key = rest.strip_prefix('.').filter(|key| *key != "any");
            Some(key.map_or_else(|| format!("criteria[{row}]"), |key| format!("criteria[{row}].{key}")))
        });
        known.unwrap_or_else(|| format!("criteria[{rest}"))
    }

    /// The rows of each criterion, in the order of the form: a group stands where its first member does.
    fn groups(&self) -> Vec<Vec<usize>> {
        let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
        for (place, row) in self.criteria.iter().enumerate() {
            let name = row.text("any");
            match groups.iter_mut().find(|(known, _)| !name.is_empty() && *known == name) {
                Some((_, members)) => members.push(place),
                None => groups.push((name, vec![place])),
            }
        }
        groups.into_iter().map(|(_, members)| members).collect()
    }

    /// Whether a row is one of several of which one is enough.
    fn is_grouped(&self, row: usize) -> bool {
        self.criteria.get(row).is_some_and(|row| !row.text("any").is_empty())
    }

    /// The path of each criterion and member, with its row; members before their group.
    fn criteria_places(&self) -> Vec<(String, usize)> {
        let mut places = Vec::new();
        for (at, members) in self.groups().into_iter().enumerate() {
            let first = members.first().copied().unwrap_or_default();
            if self.is_grouped(first) {
                for (member, row) in members.iter().enumerate() {
                    places.push((format!("criteria[{at}].any[{member}]"), *row));
                }
            }
            places.push((format!("criteria[{at}]"), first));
        }
        places
    }
}

/// What a field is called.
fn label(name: &str) -> &'static str {
    match name {
        "code" => "编号",
        "name" => "名称",
        "family" => "产品族",
        "kind" => "类别",
        "summary" => "简介",
        "materials" => "申请材料",
        "contact" => "联系方式",
        "from" => "开始办理",
        "to" => "停止办理",
        "amount_fen" => "金额",
        "amount_fen.min" => "最低金额",
        "amount_fen.max" => "最高金额",
        "term_months" => "期限",
        "term_months.min" => "最短期限",
        "term_months.max" => "最长期限",
        "quota_fen" => "总额度",
        "purposes" => "用途",
        "guarantees" => "担保方式",
        "repayment" => "还款方式",
        "rate.base" => "利率基准",
        "rate.spread_bp" => "加点或利率",
        "rate.floor_bp" => "利率下限",
        "renewal.window_days" => "续贷的天数",
        "basis" => "计收方式",
        "borne_by" => "由谁承担",
        "bp" => "比例",
        "value" => "费用",
        _ => "",
    }
}

impl Typed {
    /// A problem that the product's form has, beside its field and in words.
    #[must_use]
    pub fn mistake(&self, problem: &Problem) -> Mistake {
        let field = self.field_of(&problem.field);
        let what = match place_of(&field) {
            Some((List::Criteria, place)) => {
                let fact = self.criteria.get(place).and_then(|row| FactKey::find(row.text("fact")));
                fact.map_or_else(String::new, |fact| fact.label().to_owned())
            }
            Some((List::Fees, place)) => format!("第 {} 项费用", place + 1),
            Some((List::Caps, place)) => format!("第 {} 项金额上限", place + 1),
            None => match field.strip_prefix("rate.tier_discount_bp.").and_then(Tier::find) {
                Some(tier) => format!("{}的优惠", tier.label()),
                None => label(&field).to_owned(),
            },
        };
        let message = match &problem.rule {
            Rule::Required => format!("请填写{what}"),
            Rule::Duplicate(_) if field == "code" => "这个编号已有产品使用，请换一个".to_owned(),
            rule => format!("{what}：{rule}"),
        };
        (field, message)
    }
}
