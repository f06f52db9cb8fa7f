//! From what was typed to the product's form, with everything that is to be put right.

use super::super::fact::FactForm;
use super::{Fields, List, Mistake, Typed, label};
use crate::domain::codes::{Bearer, Code, FeeBasis, FeeKind, Kind, ProductStatus, RateBase, Set, Tier};
use crate::domain::criteria::CriterionForm;
use crate::domain::dates::Day;
use crate::domain::facts::{FactKey, FactType};
use crate::domain::fees::Fee;
use crate::domain::maps::UniqueMap;
use crate::domain::money::Fen;
use crate::domain::product::{AmountCap, Bounds, CapBase, ProductForm, Rate, Renewal};
use crate::domain::scalar::Scalar;
use crate::domain::typed;

impl Typed {
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
        reading.required("code");
        reading.required("name");
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
        let amount_caps = self.read_rows(List::Caps, &mut mistakes, cap);
        let fees = self.read_rows(List::Fees, &mut mistakes, fee);
        let criteria = self.read_rows(List::Criteria, &mut mistakes, criterion);
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
    fn read_rows<T>(&self, list: List, mistakes: &mut Vec<Mistake>, read: fn(&mut Reading<'_>) -> Option<T>) -> Vec<T> {
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

    fn required(&mut self, name: &str) {
        if self.fields.some(name).is_none() {
            self.wrong::<()>(name, format!("请填写{}", label(name)));
        }
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
}

fn cap(row: &mut Reading<'_>) -> Option<AmountCap> {
    let of = serde_json::from_value(row.fields.text("of").into()).ok();
    let of: Option<CapBase> = match of {
        Some(of) => Some(of),
        None => row.wrong("of", "请选金额上限按什么算"),
    };
    let bp = row.percent("bp");
    Some(AmountCap { of: of?, bp: bp? })
}

fn fee(row: &mut Reading<'_>) -> Option<Fee> {
    let name = match row.fields.some("name") {
        Some(name) => Some(name),
        None => row.wrong("name", "请填费用名称"),
    };
    let kind = row.code::<FeeKind>("kind");
    let basis = row.code::<FeeBasis>("basis");
    let value = match basis {
        Some(FeeBasis::UpfrontFixed) => match typed::fen_of_wan(row.fields.text("value")) {
            // Typed in 元, which has two decimals where 万元 has six.
            Ok(fen) if fen.get() % 10_000 == 0 => Some(fen.get() / 10_000),
            _ => row.wrong("value", "费用请填元数，最多两位小数，例如 2000"),
        },
        _ => row.percent("value"),
    };
    let borne_by = row.code::<Bearer>("borne_by");
    Some(Fee {
        name: name?,
        kind: kind?,
        basis: basis?,
        value: value?,
        payee: row.fields.some("payee"),
        borne_by: borne_by?,
    })
}

fn criterion(row: &mut Reading<'_>) -> Option<CriterionForm> {
    let fact = FactKey::find(row.fields.text("fact"));
    let Some(fact) = fact else {
        return row.wrong("fact", "请选数据项");
    };
    let op = match row.fields.some("op") {
        Some(op) => Some(op),
        None => row.wrong("op", format!("{}：请选怎样比较", fact.label())),
    };
    let value = value(row, fact, op.as_deref()?);
    Some(CriterionForm {
        any: None,
        fact: Some(fact.code().into()),
        op: op.map(Into::into),
        value: Some(value?),
        verified: (row.fields.text("verified") == "true").then_some(true),
    })
}

fn value(row: &mut Reading<'_>, fact: FactKey, op: &str) -> Option<Scalar> {
    let ticked = row.fields.all("value").to_vec();
    let kind = fact.spec().kind;
    let says = |what: &str| format!("{}：{what}", fact.label());
    if matches!(op, "one_of" | "none_of" | "includes_any") {
        return if ticked.is_empty() {
            row.wrong("value", says("请至少勾选一项"))
        } else {
            Some(Scalar::List(ticked))
        };
    }
    if matches!(kind, FactType::Ordinal(_)) && ticked.len() != 1 {
        return row.wrong("value", says("“不低于”“不高于”请只勾选一项"));
    }
    match (FactForm { value: ticked }).scalar(fact) {
        Ok(scalar) => Some(scalar),
        Err(advice) => row.wrong("value", says(advice)),
    }
}
