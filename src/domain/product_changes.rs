//! What differs between two versions of a product, by the fields of the form.

use super::product::ProductForm;

macro_rules! fields {
    ($old:ident, $new:ident: $($field:ident),+) => {
        [$((stringify!($field), $old.$field != $new.$field),)+]
    };
}

/// The fields in which the terms differ, in the order of the form. Where the product is in its life is not among its
/// terms, nor is when it was confirmed.
#[must_use]
pub fn changed_fields(old: &ProductForm, new: &ProductForm) -> Vec<&'static str> {
    let fields = fields!(
        old, new: name, family, kind, from, to, amount_fen, term_months, amount_caps, purposes, guarantees, repayment,
        rate, fees, renewal, criteria, summary, materials, contact, quota_fen
    );
    let changed = fields.into_iter().filter(|(_, differs)| *differs);
    changed.map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::codes::ProductStatus;
    use serde_json::json;

    #[test]
    fn every_term_counts_and_the_life_does_not() {
        let form = json!({
            "code": "P1", "bank": "B", "name": "产品", "kind": "plant", "status": "open",
            "amount_fen": {"min": 1, "max": 2}, "term_months": {"min": 1, "max": 2}, "purposes": ["research"],
            "guarantees": ["credit"], "repayment": ["bullet"], "rate": {"base": "fixed", "spread_bp": 400},
            "fees": [], "criteria": []
        });
        let old: ProductForm = serde_json::from_value(form).expect("a form");
        let mut new = old.clone();
        new.status = ProductStatus::Draft;
        assert!(changed_fields(&old, &new).is_empty());
        new.rate.spread_bp = 390;
        new.contact = Some("王经理".to_owned());
        assert_eq!(changed_fields(&old, &new), ["rate", "contact"]);
        // Each key of the form is a term, its code and bank, or its life.
        let keys = serde_json::to_value(&old)
            .expect("JSON")
            .as_object()
            .expect("an object")
            .len();
        assert_eq!(keys, 13);
    }
}
