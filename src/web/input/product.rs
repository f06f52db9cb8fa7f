//! The product editor's form: every field as typed, by the path that it has in the product's form, so that what is
//! wrong with a path is shown beside its field.
//!
//! Lists are rows, `fees[2].name`, that a button adds or takes away before anything is kept. A criterion's row names
//! its fact and says whether it stands alone or in one of the groups of which one member is enough.

use super::fact::FactForm;
use crate::domain::codes::{Bearer, Code, FeeBasis, FeeKind, Kind, ProductStatus, RateBase, Set, Tier};
use crate::domain::criteria::CriterionForm;
use crate::domain::dates::Day;
use crate::domain::facts::{FactKey, FactType};
use crate::domain::fees::Fee;
use crate::domain::invalid::{Problem, Rule};
use crate::domain::maps::UniqueMap;
use crate::domain::money::Fen;
use crate::domain::product::{AmountCap, Bounds, CapBase, ProductForm, Rate, Renewal};
use crate::domain::rate::percent;
use crate::domain::scalar::Scalar;
use crate::domain::typed;
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

    /// The product's form of a bank.
    ///
    /// # Errors
    /// Every field that is to be put right.
    pub fn form(&self, bank: &str) -> Result<ProductForm, Vec<Mistake>> {
        let mut reading = Reading {
            fields: &self.single,
            prefix: String::new(),
            mistakes: Vec::new(),
        };
        let amount = [reading.wan("amount_fen.min"), reading.wan("amount_fen.max")];
        let term = [reading.months("term_months.min"), reading.months("term_months.max")];
        let kind = reading.code::<Kind>("kind");
        let (from, to) = (reading.day("from"), reading.day("to"));
        let quota_fen = self.single.some("quota_fen").and_then(|_| reading.wan("quota_fen"));
        let (purposes, guarantees, repayment) = (
            reading.codes("purposes"),
            reading.codes("guarantees"),
            reading.codes("repayment"),
        );
        let rate = reading.rate();
        let renewal = reading.renewal();
        let mut mistakes = reading.mistakes;
        let amount_caps = self.read_rows(List::Caps, &mut mistakes, |row| row.cap());
        let fees = self.read_rows(List::Fees, &mut mistakes, |row| row.fee());
        let criteria = self.read_rows(List::Criteria, &mut mistakes, |row| row.criterion());
        let ([Some(amount_min), Some(amount_max)], [Some(term_min), Some(term_max)], Some(kind), Some(rate)) =
            (amount, term, kind, rate)
        else {
            return Err(mistakes);
        };
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let materials = self.single.text("materials").lines().map(str::trim);
        Ok(ProductForm {
            code: self.single.text("code").trim().to_owned(),
            bank: bank.to_owned(),
            name: self.single.text("name").trim().to_owned(),
            family: self.single.some("family"),
            kind,
            status: ProductStatus::Draft,
            from,
            to,
            confirmed_on: None,
            amount_fen: Bounds {
                min: amount_min,
                max: amount_max,
            },
            term_months: Bounds {
                min: term_min,
                max: term_max,
            },
            amount_caps,
            purposes,
            guarantees,
            repayment,
            rate,
            fees,
            renewal,
            criteria: self.grouped(&criteria),
            summary: self.single.some("summary"),
            materials: materials.filter(|line| !line.is_empty()).map(str::to_owned).collect(),
            contact: self.single.some("contact"),
            quota_fen,
        })
    }

    /// Every row of a list that can be read, with the mistakes of the others.
    fn read_rows<T>(
        &self,
        list: List,
        mistakes: &mut Vec<Mistake>,
        read: impl Fn(&mut Reading<'_>) -> Option<T>,
    ) -> Vec<T> {
        let rows = self.rows(list).iter().enumerate().filter_map(|(place, fields)| {
            let mut reading = Reading {
                fields,
                prefix: format!("{}[{place}].", list.name()),
                mistakes: Vec::new(),
            };
            let row = read(&mut reading);
            mistakes.append(&mut reading.mistakes);
            row
        });
        rows.collect()
    }

    /// The criteria with the members of a group in one; every row was read.
    fn grouped(&self, rows: &[CriterionForm]) -> Vec<CriterionForm> {
        let groups = self.groups().into_iter().filter_map(|members| {
            let first = members.first().copied()?;
            if !self.is_grouped(first) {
                return rows.get(first).cloned();
            }
            Some(CriterionForm {
                any: Some(members.iter().filter_map(|row| rows.get(*row).cloned()).collect()),
                fact: None,
                op: None,
                value: None,
                verified: None,
            })
        });
        groups.collect()
    }
}

/// Fields being read, with what is wrong with them.
struct Reading<'a> {
    fields: &'a Fields,
    prefix: String,
    mistakes: Vec<Mistake>,
}

impl Reading<'_> {
    fn wrong<T>(&mut self, name: &str, message: impl Into<String>) -> Option<T> {
        self.mistakes.push((format!("{}{name}", self.prefix), message.into()));
        None
    }

    fn wan(&mut self, name: &str) -> Option<Fen> {
        match typed::fen_of_wan(self.fields.text(name)) {
            Ok(fen) => Some(fen),
            Err(_) => self.wrong(name, format!("{}请填万元数，最多六位小数，例如 500", label(name))),
        }
    }

    fn months(&mut self, name: &str) -> Option<u32> {
        match typed::whole(self.fields.text(name)).and_then(|months| u32::try_from(months).ok()) {
            Some(months) => Some(months),
            None => self.wrong(name, format!("{}请填整数（月）", label(name))),
        }
    }

    fn day(&mut self, name: &str) -> Option<Day> {
        let text = self.fields.some(name)?;
        match typed::day(&text) {
            Some(day) => Some(day),
            None => self.wrong(name, format!("{}请写作 2026-11-23", label(name))),
        }
    }

    fn code<T: Code>(&mut self, name: &str) -> Option<T> {
        match T::find(self.fields.text(name)) {
            Some(code) => Some(code),
            None => self.wrong(name, format!("请选{}", label(name))),
        }
    }

    fn codes<T: Code>(&mut self, name: &str) -> Set<T> {
        let ticked = self.fields.all(name);
        let known: Set<T> = ticked.iter().filter_map(|code| T::find(code)).collect();
        if known.is_empty() || ticked.iter().any(|code| T::find(code).is_none()) {
            self.wrong::<()>(name, format!("{}请至少勾选一种", label(name)));
        }
        known
    }

    fn percent(&mut self, name: &str) -> Option<i64> {
        match typed::bp_of_percent(self.fields.text(name)) {
            Some(bp) => Some(bp),
            None => self.wrong(name, format!("{}请填百分数，最多两位小数，例如 3.5", label(name))),
        }
    }

    /// Basis points, whole, maybe below 0.
    fn bp(&mut self, name: &str) -> Option<i64> {
        let text = self.fields.text(name).trim();
        let (sign, digits) = text.strip_prefix(['-', '−']).map_or((1, text), |digits| (-1, digits));
        match typed::whole(digits) {
            Some(bp) => Some(sign * bp),
            None => self.wrong(name, format!("{}请填整数（基点，1 个基点是 0.01%）", label(name))),
        }
    }

    fn rate(&mut self) -> Option<Rate> {
        let base = self.code::<RateBase>("rate.base");
        let spread = if base == Some(RateBase::Fixed) {
            self.percent("rate.spread_bp")
        } else {
            self.bp("rate.spread_bp")
        };
        let mut tier_discount_bp = UniqueMap::default();
        for tier in Tier::ALL {
            let name = format!("rate.tier_discount_bp.{}", tier.code());
            if self.fields.some(&name).is_some()
                && let Some(bp) = self.bp(&name)
            {
                tier_discount_bp.set(*tier, bp);
            }
        }
        let floor_bp = self
            .fields
            .some("rate.floor_bp")
            .and_then(|_| self.percent("rate.floor_bp"));
        Some(Rate {
            base: base?,
            spread_bp: spread?,
            tier_discount_bp,
            floor_bp,
        })
    }

    fn renewal(&mut self) -> Option<Renewal> {
        let own_loans_only = match self.fields.text("renewal") {
            "own" => true,
            "any" => false,
            _ => return None,
        };
        let days = typed::whole(self.fields.text("renewal.window_days")).and_then(|days| u32::try_from(days).ok());
        match days {
            Some(window_days) => Some(Renewal {
                window_days,
                own_loans_only,
            }),
            None => self.wrong("renewal.window_days", "续贷请填到期前多少天内可以办，例如 60"),
        }
    }

    fn cap(&mut self) -> Option<AmountCap> {
        let of = serde_json::from_value(self.fields.text("of").into()).ok();
        let of: Option<CapBase> = match of {
            Some(of) => Some(of),
            None => self.wrong("of", "请选金额上限按什么算"),
        };
        let bp = self.percent("bp");
        Some(AmountCap { of: of?, bp: bp? })
    }

    fn fee(&mut self) -> Option<Fee> {
        let name = match self.fields.some("name") {
            Some(name) => Some(name),
            None => self.wrong("name", "请填费用名称"),
        };
        let kind = self.code::<FeeKind>("kind");
        let basis = self.code::<FeeBasis>("basis");
        let value = match basis {
            Some(FeeBasis::UpfrontFixed) => match typed::fen_of_wan(self.fields.text("value")) {
                // Typed in 元, which has two decimals where 万元 has six.
                Ok(fen) if fen.get() % 10_000 == 0 => Some(fen.get() / 10_000),
                _ => self.wrong("value", "费用请填元数，最多两位小数，例如 2000"),
            },
            _ => self.percent("value"),
        };
        let borne_by = self.code::<Bearer>("borne_by");
        Some(Fee {
            name: name?,
            kind: kind?,
            basis: basis?,
            value: value?,
            payee: self.fields.some("payee"),
            borne_by: borne_by?,
        })
    }

    fn criterion(&mut self) -> Option<CriterionForm> {
        let fact = FactKey::find(self.fields.text("fact"));
        let Some(fact) = fact else {
            return self.wrong("fact", "请选数据项");
        };
        let op = match self.fields.some("op") {
            Some(op) => Some(op),
            None => self.wrong("op", format!("{}：请选怎样比较", fact.label())),
        };
        let value = self.value(fact, op.as_deref()?);
        Some(CriterionForm {
            any: None,
            fact: Some(fact.code().to_owned()),
            op,
            value: Some(value?),
            verified: (self.fields.text("verified") == "true").then_some(true),
        })
    }

    fn value(&mut self, fact: FactKey, op: &str) -> Option<Scalar> {
        let ticked = self.fields.all("value").to_vec();
        let kind = fact.spec().kind;
        let says = |what: &str| format!("{}：{what}", fact.label());
        if matches!(op, "one_of" | "none_of" | "includes_any") {
            return if ticked.is_empty() {
                self.wrong("value", says("请至少勾选一项"))
            } else {
                Some(Scalar::List(ticked))
            };
        }
        if matches!(kind, FactType::Ordinal(_)) && ticked.len() != 1 {
            return self.wrong("value", says("“不低于”“不高于”请只勾选一项"));
        }
        match (FactForm { value: ticked }).scalar(fact) {
            Ok(scalar) => Some(scalar),
            Err(advice) => self.wrong("value", says(advice)),
        }
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

impl From<&ProductForm> for Typed {
    fn from(form: &ProductForm) -> Self {
        let mut single = Fields::default();
        let plain = |bp: i64| percent(bp).trim_end_matches('%').to_owned();
        single.put("code", &form.code);
        single.put("name", &form.name);
        single.put("family", form.family.clone().unwrap_or_default());
        single.put("kind", form.kind.code());
        single.put("summary", form.summary.clone().unwrap_or_default());
        single.put("materials", form.materials.join("\n"));
        single.put("contact", form.contact.clone().unwrap_or_default());
        single.put("from", form.from.map_or_else(String::new, |day| day.to_string()));
        single.put("to", form.to.map_or_else(String::new, |day| day.to_string()));
        single.put("amount_fen.min", form.amount_fen.min.to_wan());
        single.put("amount_fen.max", form.amount_fen.max.to_wan());
        single.put("term_months.min", form.term_months.min.to_string());
        single.put("term_months.max", form.term_months.max.to_string());
        single.put("quota_fen", form.quota_fen.map_or_else(String::new, Fen::to_wan));
        single.tick("purposes", form.purposes.iter().map(Code::code));
        single.tick("guarantees", form.guarantees.iter().map(Code::code));
        single.tick("repayment", form.repayment.iter().map(Code::code));
        single.put("rate.base", form.rate.base.code());
        single.put(
            "rate.spread_bp",
            match form.rate.base {
                RateBase::Fixed => plain(form.rate.spread_bp),
                _ => form.rate.spread_bp.to_string(),
            },
        );
        for (tier, bp) in form.rate.tier_discount_bp.iter() {
            single.put(&format!("rate.tier_discount_bp.{}", tier.code()), bp.to_string());
        }
        single.put("rate.floor_bp", form.rate.floor_bp.map_or_else(String::new, plain));
        let renewal = form
            .renewal
            .map(|renewal| if renewal.own_loans_only { "own" } else { "any" });
        single.put("renewal", renewal.unwrap_or_default());
        let days = form.renewal.map(|renewal| renewal.window_days.to_string());
        single.put("renewal.window_days", days.unwrap_or_default());
        Self {
            single,
            caps: form.amount_caps.iter().map(cap_row).collect(),
            fees: form.fees.iter().map(fee_row).collect(),
            criteria: criteria_rows(&form.criteria),
        }
    }
}

fn cap_row(cap: &AmountCap) -> Fields {
    let mut row = Fields::default();
    row.put("of", cap.of.code());
    row.put("bp", percent(cap.bp).trim_end_matches('%'));
    row
}

fn fee_row(fee: &Fee) -> Fields {
    let mut row = Fields::default();
    row.put("name", &fee.name);
    row.put("kind", fee.kind.code());
    row.put("basis", fee.basis.code());
    let value = match fee.basis {
        FeeBasis::UpfrontFixed => format!("{}.{:02}", fee.value / 100, fee.value % 100),
        _ => percent(fee.value).trim_end_matches('%').to_owned(),
    };
    row.put("value", value.trim_end_matches(".00"));
    row.put("payee", fee.payee.clone().unwrap_or_default());
    row.put("borne_by", fee.borne_by.code());
    row
}

fn criteria_rows(criteria: &[CriterionForm]) -> Vec<Fields> {
    let mut groups = 0;
    let mut rows = Vec::new();
    for criterion in criteria {
        match &criterion.any {
            None => rows.push(criterion_row(criterion, "")),
            Some(members) => {
                groups += 1;
                let name = groups.to_string();
                rows.extend(members.iter().map(|member| criterion_row(member, &name)));
            }
        }
    }
    rows
}

fn criterion_row(criterion: &CriterionForm, group: &str) -> Fields {
    let mut row = Fields::default();
    row.put("fact", criterion.fact.clone().unwrap_or_default());
    row.put("any", group);
    row.put("op", criterion.op.clone().unwrap_or_default());
    let kind = criterion
        .fact
        .as_deref()
        .and_then(FactKey::find)
        .map(|fact| fact.spec().kind);
    let values = match (&criterion.value, kind) {
        (Some(Scalar::List(codes)), _) => codes.clone(),
        (Some(Scalar::Text(code)), _) => vec![code.clone()],
        (Some(Scalar::Flag(flag)), _) => vec![flag.to_string()],
        (Some(Scalar::Number(fen)), Some(FactType::Money { .. })) => {
            vec![Fen::new(*fen).map_or_else(String::new, Fen::to_wan)]
        }
        (Some(Scalar::Number(bp)), Some(FactType::Bp { .. })) => vec![percent(*bp).trim_end_matches('%').to_owned()],
        (Some(Scalar::Number(number)), _) => vec![number.to_string()],
        (None, _) => Vec::new(),
    };
    row.0.insert("value".to_owned(), values);
    row.put("verified", if criterion.verified == Some(true) { "true" } else { "" });
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form() -> ProductForm {
        serde_json::from_value(json!({
            "code": "P1", "bank": "B", "name": "产品", "family": "F", "kind": "plant", "status": "draft", "from": "2026-11-01",
            "amount_fen": {"min": 1_000_000, "max": 300_000_000}, "term_months": {"min": 1, "max": 36},
            "amount_caps": [{"of": "revenue_fen", "bp": 3050}], "purposes": ["research", "fixed_assets"],
            "guarantees": ["credit"], "repayment": ["bullet"],
            "rate": {"base": "lpr_1y", "spread_bp": -5, "tier_discount_bp": {"specialised": 20}, "floor_bp": 250},
            "fees": [
                {"name": "评估费", "kind": "appraisal", "basis": "upfront_fixed", "value": 123_456, "payee": "某评估公司"},
                {"name": "担保费", "kind": "guarantee", "basis": "annual_rate", "value": 80, "borne_by": "bank"},
            ],
            "renewal": {"window_days": 60, "own_loans_only": true},
            "criteria": [
                {"fact": "tier", "op": "at_least", "value": "innovative", "verified": true},
                {"any": [{"fact": "revenue_fen", "op": "at_least", "value": 500_000_000}, {"fact": "titles", "op": "includes_any", "value": ["high_tech"]}]},
                {"fact": "tax_arrears", "op": "is", "value": false},
                {"fact": "debt_ratio_bp", "op": "at_most", "value": 7050},
                {"fact": "industry", "op": "none_of", "value": ["06", "07"]},
            ],
            "summary": "简介", "materials": ["营业执照", "财务报表"], "contact": "王经理", "quota_fen": 500_000_000,
        }))
        .expect("a form")
    }

    fn names(row: &Fields, prefix: &str) -> Vec<(String, String)> {
        let pairs = row
            .0
            .iter()
            .flat_map(|(name, texts)| texts.iter().map(move |text| (name, text)));
        pairs
            .map(|(name, text)| (format!("{prefix}{name}"), text.clone()))
            .collect()
    }

    /// As a browser sends it.
    fn sent(typed: &Typed, go: &str) -> Vec<(String, String)> {
        let mut fields = names(&typed.single, "");
        for list in List::ALL {
            for (place, row) in typed.rows(list).iter().enumerate() {
                fields.extend(names(row, &format!("{}[{place}].", list.name())));
            }
        }
        fields.push(("go".to_owned(), go.to_owned()));
        fields
    }

    #[test]
    fn a_form_comes_back_from_the_page_as_it_was() {
        let typed = Typed::from(&form());
        let posted = Posted::read(sent(&typed, "save")).expect("read");
        assert_eq!(posted.typed.form("B"), Ok(form()));
        assert_eq!(posted.go, Go::Save);
    }

    #[test]
    fn buttons_add_and_take_away_rows_and_lose_nothing() {
        let typed = Typed::from(&form());
        let dropped = Posted::read(sent(&typed, "drop:criteria.1")).expect("read").typed;
        assert_eq!(dropped.criteria.len(), typed.criteria.len() - 1);
        assert_eq!((&dropped.single, &dropped.fees), (&typed.single, &typed.fees));
        let mut fields = sent(&typed, "add:criteria");
        fields.push(("new_fact".to_owned(), "employees".to_owned()));
        let added = Posted::read(fields).expect("read").typed;
        assert_eq!(added.criteria.last().map(|row| row.text("fact")), Some("employees"));
        let mistakes = added.form("B").expect_err("it says nothing yet");
        assert_eq!(
            mistakes,
            [("criteria[6].op".to_owned(), "从业人数：请选怎样比较".to_owned())]
        );
        for bad in ["drop:fees.9", "add:criteria"] {
            let same = Posted::read(sent(&typed, bad)).expect("read").typed;
            assert_eq!(same, typed, "{bad}");
        }
    }

    #[test]
    fn a_problem_stands_beside_its_field() {
        let typed = Typed::from(&form());
        for (path, field) in [
            ("criteria[0].value", "criteria[0].value"),
            ("criteria[1].any[1].value", "criteria[2].value"),
            ("criteria[1].any", "criteria[1]"),
            ("criteria[2]", "criteria[3]"),
            ("criteria[4].value", "criteria[5].value"),
            ("materials[1]", "materials"),
            ("fees[1].value", "fees[1].value"),
            ("rate.tier_discount_bp.specialised", "rate.tier_discount_bp.specialised"),
        ] {
            assert_eq!(typed.field_of(path), field, "{path}");
        }
        let contradiction = Problem {
            field: "criteria[2]".to_owned(),
            rule: Rule::Contradiction("欠税".to_owned()),
        };
        assert!(typed.mistake(&contradiction).1.starts_with("欠税："));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let mistakes = Typed::default().form("B").expect_err("nothing is typed");
        let fields: Vec<_> = mistakes.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "amount_fen.min",
                "amount_fen.max",
                "term_months.min",
                "term_months.max",
                "kind",
                "purposes",
                "guarantees",
                "repayment",
                "rate.base",
                "rate.spread_bp"
            ]
        );
    }

    #[test]
    fn what_the_page_does_not_have_is_refused() {
        for name in [
            "status",
            "fees[0].code",
            "fees[100].name",
            "criteria[x].fact",
            "rate.tier_discount_bp.gold",
        ] {
            assert!(Posted::read(vec![(name.to_owned(), String::new())]).is_err(), "{name}");
        }
    }
}
