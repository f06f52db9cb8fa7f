//! From a product's form to what stands in the editor.

use super::{Fields, Typed};
use crate::domain::codes::{Code, FeeBasis, RateBase};
use crate::domain::criteria::CriterionForm;
use crate::domain::facts::{FactKey, FactType};
use crate::domain::fees::Fee;
use crate::domain::money::Fen;
use crate::domain::product::{AmountCap, ProductForm};
use crate::domain::rate::percent;
use crate::domain::scalar::Scalar;

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
    row.put("fact", criterion.fact.as_deref().unwrap_or_default());
    row.put("any", group);
    row.put("op", criterion.op.as_deref().unwrap_or_default());
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
