//! The way of an offer through pages: the bank's editor, the desk, the comparison, the acceptance, the sheet.

use super::access::offers::TYPED;
use crate::support::app::{Api, TestApp};
use crate::support::db::{TestDb, counts, on_both};
use crate::support::samples::USCCS;
use crate::support::visitor::Visitor;
use serde_json::json;

/// The usual offer as typed, with some fields changed.
fn typed<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = TYPED
        .iter()
        .copied()
        .filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    kept.chain(changes.iter().copied()).collect()
}

fn referral(owner: &Api<'_>, request: &str, bank: &str, product: &str) -> String {
    owner.refer(request, bank, product).0
}

on_both! {
    fn an_offer_is_worked_out_sent_and_accepted_on_pages(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let request = owner.open_fitting(USCCS[0]);
        let first = referral(&owner, &request, "BANKA", "PA");
        let second = referral(&owner, &request, "BANKB", "PB");
        let bank = Visitor::signed_in(&app, "banka", "/bank");
        let path = format!("/bank/referrals/{first}/offer");
        bank.get(&format!("/bank/referrals/{first}")).shows(&format!("href=\"{path}\""));
        bank.get(&path).shows("value=\"100\"").hides("测算结果");
        let before = counts(&db.store);
        let worked = bank.post(&path, &typed(&[("go", "check")]));
        worked.shows("测算结果：核对全部通过").shows("3.45%").shows("还没有提交");
        assert_eq!(counts(&db.store), before, "working it out writes nothing");
        let sent = bank.post(&path, &typed(&[]));
        assert_eq!(sent.status, 303);
        let offer = sent.location.rsplit('/').next().expect("an id").to_owned();
        bank.get(&sent.location).shows("待中心审核").shows("撤回报价").hides("示例企业0有限公司");

        let officer = Visitor::signed_in(&app, "officer", "/centre");
        officer.get("/centre/offers").shows("1 份报价待审，1 份核对全部通过").shows("示例企业0有限公司");
        let returned = officer.post(&format!("/centre/offers/{offer}/return"), &[("revision", "1"), ("reason", " ")]);
        assert_eq!(returned.status, 422);
        returned.shows("请填写原因");
        let returned = officer.post(&format!("/centre/offers/{offer}/return"), &[("revision", "1"), ("reason", "请降低利率")]);
        assert_eq!(returned.status, 303);
        bank.get(&sent.location).shows("中心退回的原因：请降低利率");
        let path = format!("{}/edit", sent.location);
        bank.get(&path).shows("请降低利率").shows("value=\"40\"");
        assert_eq!(bank.post(&path, &typed(&[("spread", "30")])).status, 303);
        let forwarded = officer.post("/centre/offers/forward", &[("offer", &offer)]);
        officer.get(&forwarded.location).shows("已把 1 份报价转给企业");
        let rival = app.sign_in("bankb").offer(&second, "PB");
        assert_eq!(app.sign_in("officer").on_offer(&rival, "forward", &json!({"revision": 1})).status(), 200);

        let visitor = Visitor::signed_in(&app, "owner", "/enterprise");
        visitor.get(&format!("/enterprise/requests/{request}")).shows("看报价");
        let compared = visitor.get(&format!("/enterprise/requests/{request}/offers"));
        compared.shows("2 份报价").shows("成本最低").shows("示例BANKB");
        let at = |text: &str| compared.body.find(text).unwrap_or_else(|| panic!("{text}"));
        assert!(at("示例BANKA") < at("示例BANKB"), "the cheaper one first");
        let path = format!("/enterprise/offers/{offer}/accept");
        visitor.get(&path).shows("随即失效的报价").shows("示例BANKB“示例产品PB”");
        let form = [("revision", "2"), ("text_version", "1"), ("until", "2027-03-31"), ("agree", "yes")];
        let unread: Vec<_> = form.iter().copied().filter(|(name, _)| *name != "agree").collect();
        let answer = visitor.post(&path, &unread);
        assert_eq!(answer.status, 422);
        answer.shows("id=\"agree-wrong\"").shows("value=\"2027-03-31\"");
        let accepted = visitor.post(&path, &form);
        assert_eq!((accepted.status, accepted.location.as_str()), (303, format!("/enterprise/offers/{offer}").as_str()));
        visitor.get(&accepted.location).shows("已接受").shows("未能签约");
        bank.get(&sent.location).shows("示例企业0有限公司").shows("owner@example.com").shows("2026-11-13");
        let compared = visitor.get(&format!("/enterprise/requests/{request}/offers"));
        compared.shows("现在没有可以接受的报价").shows("企业接受了其他报价");
        assert_eq!(visitor.get(&path).location, format!("/enterprise/offers/{offer}"), "it is no more to be accepted");
    }

    fn what_is_wrong_stands_beside_its_field_and_nothing_is_lost(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let id = referral(&owner, &owner.open_fitting(USCCS[0]), "BANKA", "PA");
        let bank = Visitor::signed_in(&app, "banka", "/bank");
        let before = counts(&db.store);
        let fees = [
            ("fee_name", "承诺费"),
            ("fee_kind", "commitment"),
            ("fee_basis", "annual_rate"),
            ("fee_value", "0.5"),
            ("fee_payee", ""),
            ("fee_bearer", "borrower"),
            ("spread", "四十"),
            ("conditions", "在本行开立结算账户"),
        ];
        let answer = bank.post(&format!("/bank/referrals/{id}/offer"), &typed(&fees));
        assert_eq!(answer.status, 422);
        answer.shows("id=\"spread-wrong\"").shows("value=\"四十\"").shows("在本行开立结算账户").shows("承诺费");
        let fees: Vec<_> = fees.iter().copied().filter(|(name, _)| *name != "spread").collect();
        let answer = bank.post(&format!("/bank/referrals/{id}/offer"), &typed(&fees));
        assert_eq!(answer.status, 422);
        answer.shows("第 1 项费用：银保监发〔2020〕18号规定不得向小微企业（规模未核实的按小微企业办理）收取透支承诺费");
        assert_eq!(counts(&db.store), before);
        let more = bank.post(&format!("/bank/referrals/{id}/offer"), &typed(&[("go", "more"), ("amount", "88")]));
        more.shows("value=\"88\"").shows("id=\"fee-2\"");
    }

    fn the_sheet_names_everything_once(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let id = referral(&owner, &owner.open_fitting(USCCS[0]), "BANKA", "PA");
        let bank = Visitor::signed_in(&app, "banka", "/bank");
        let fees = [
            ("fee_name", "担保费"),
            ("fee_kind", "guarantee"),
            ("fee_basis", "upfront_rate"),
            ("fee_value", "0.5"),
            ("fee_payee", "区担保公司"),
            ("fee_bearer", "borrower"),
        ];
        let sent = bank.post(&format!("/bank/referrals/{id}/offer"), &typed(&fees));
        assert_eq!(sent.status, 303, "{}", sent.body);
        let sheet = bank.get(&format!("{}/sheet", sent.location));
        for text in ["企业贷款综合融资成本清单", "担保费", "区担保公司", "0.50%（一次）", "内部收益率 × 12", "明白纸加总口径", "年化综合成本", "提前还款", "逾期", "还款计划"] {
            sheet.shows(text);
        }
        sheet.shows("接受报价后显示").hides("示例企业0有限公司");
    }
}
