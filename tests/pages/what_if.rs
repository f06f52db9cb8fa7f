//! An enterprise tries its request under other terms, without a script.

use crate::support::app::TestApp;
use crate::support::db::{TestDb, counts, on_both};
use crate::support::samples::USCCS;
use crate::support::visitor::Visitor;
use serde_json::json;

/// The usual need as the form has it, with some fields changed or added.
fn typed<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [("amount", "100"), ("term_months", "12"), ("guarantees", "credit")];
    let kept = usual
        .into_iter()
        .filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    kept.chain(changes.iter().copied()).collect()
}

on_both! {
    fn other_terms_are_tried_and_nothing_is_kept(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let request = owner.begin();
        assert_eq!(owner.submit(&request).status(), 200);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        let path = format!("/enterprise/requests/{request}/what-if");
        visitor.get(&format!("/enterprise/requests/{request}")).shows(&format!("href=\"{path}\""));
        visitor.get(&path).shows("value=\"100\"").shows("梯度培育层级").hides("成立月数").hides("id=\"tried\"");
        let before = counts(&db.store);

        visitor.post(&path, &typed(&[])).shows("这样没有符合的产品，和现在一样");
        let chosen = visitor.post(&path, &typed(&[("fact", "tier")]));
        chosen.shows("name=\"shown\" value=\"tier\"").shows("value=\"specialised\"").hides("id=\"tried\"");
        let tier = |changes: &[(&'static str, &'static str)]| {
            let field = [("fact", "tier"), ("shown", "tier"), ("value", "specialised")];
            let fields: Vec<_> = field.iter().chain(changes).copied().collect();
            visitor.post(&path, &typed(&fields))
        };
        tier(&[]).shows("这样有 2 个产品符合，比现在多 2 个").shows("示例BANKA").shows("新增").shows("checked");
        tier(&[("term_months", "37")]).shows("这样没有符合的产品，和现在一样").shows("待补资料 0 个（现在 2 个），差一项 2 个（现在 0 个）");
        let other = visitor.post(&path, &typed(&[("fact", "employees"), ("shown", "tier"), ("value", "specialised")]));
        other.shows("name=\"shown\" value=\"employees\"").hides("id=\"tried\"");
        assert_eq!(counts(&db.store), before);

        owner.declare(USCCS[0], "tier", &json!("specialised"));
        let lost = visitor.post(&path, &typed(&[("amount", "400")]));
        lost.shows("这样没有符合的产品，比现在少 2 个").shows("不再符合").shows("示例BANKB“示例产品PB”");
    }

    fn what_is_wrong_stands_beside_its_field(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let request = owner.open_fitting(USCCS[0]);
        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        let path = format!("/enterprise/requests/{request}/what-if");
        for (fields, field, kept) in [
            (vec![("amount", "很多")], "amount", "value=\"很多\""),
            (vec![("term_months", "361")], "term_months", "value=\"361\""),
            (vec![("guarantees", "honour")], "guarantees", "value=\"100\""),
            (vec![("fact", "employees"), ("shown", "employees"), ("value", "几个")], "value", "value=\"几个\""),
            (vec![("fact", "settlement_active_months"), ("shown", "settlement_active_months"), ("value", "13")], "value", "value=\"13\""),
            (vec![("fact", "tier"), ("shown", "tier")], "value", "value=\"100\""),
        ] {
            let answer = visitor.post(&path, &typed(&fields));
            assert_eq!(answer.status, 422, "{fields:?}");
            answer.shows(&format!("id=\"{field}-wrong\"")).shows(kept).shows("<title>有误：");
        }
        let draft = owner.begin();
        visitor.get(&format!("/enterprise/requests/{draft}/what-if")).shows("value=\"100\"");
    }
}
