//! Loans on pages: the contract's form, the bank's entries, the borrower's and the centre's view.

use crate::support::app::{TestApp, usual_need};
use crate::support::db::{TestDb, counts, on_both};
use crate::support::lending::{AMOUNT, Lending, add_renewal, short_offer, usual_contract};
use crate::support::visitor::Visitor;
use chrono::TimeDelta;

on_both! {
    fn a_loan_is_signed_drawn_paid_back_and_settled_on_pages(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let offer = who.accepted();
        let bank = Visitor::signed_in(&app, "banka", "/bank");
        bank.get("/bank/loans").shows("还没有贷款");
        let form = format!("/bank/offers/{offer}/contract");
        bank.get(&format!("/bank/offers/{offer}")).shows(&format!("href=\"{form}\""));
        bank.get(&form).shows("value=\"2027-11-20\"").shows("企业接受的条件").shows("3.50%").hides("续的贷款");
        let before = counts(&db.store);
        let typed = [("contract_number", "借字2026-1"), ("signed_on", "2026-11-05"), ("matures_on", "2027-11-20")];
        let wrong = bank.post(&form, &typed);
        assert_eq!(wrong.status, 422);
        wrong.shows("请选是或不是首贷户").hides("请填写合同编号").shows("value=\"借字2026-1\"").shows("value=\"2026-11-05\"");
        let wrong = bank.post(&form, &[&typed[..], &[("is_first", "yes")]].concat());
        wrong.shows("签订日应在 2026-11-01 至 2026-11-01 之间").shows("value=\"yes\" checked");
        bank.post(&form, &[]).shows("有 4 处需要修改").shows("请填写合同编号").shows("请填写签订日");
        assert_eq!(counts(&db.store), before);
        let right = [("contract_number", "借字2026-1"), ("signed_on", "2026-11-01"), ("matures_on", "2027-11-20"), ("is_first", "yes")];
        let made = bank.post(&form, &right);
        assert_eq!(made.status, 303);
        let page = made.location;
        bank.get(&format!("/bank/offers/{offer}")).shows(&format!("href=\"{page}\"")).shows("已签合同");
        assert_eq!(bank.get(&form).location, format!("/bank/offers/{offer}"), "it is registered");
        bank.get(&page).shows("借字2026-1").shows("示例企业0有限公司").shows("是（银行声明）").shows("取消贷款").hides("登记还款");

        let draws = format!("{page}/disbursements");
        let wrong = bank.post(&draws, &[("version", "1"), ("amount", "100.5"), ("on", "2026-11-05")]);
        assert_eq!(wrong.status, 422);
        wrong.shows("放款金额请填 0.000001 至 100 万元之间").shows("value=\"100.5\"").shows("放款日应在").shows("value=\"2026-11-05\"");
        let wrong = bank.post(&draws, &[("version", "1"), ("amount", "一百万"), ("on", "2026-11-01")]);
        wrong.shows("以万元为单位的数").shows("value=\"一百万\"");
        let first = [("version", "1"), ("amount", "60"), ("on", "2026-11-01")];
        assert_eq!(bank.post(&draws, &first).status, 303);
        let again = bank.post(&draws, &first);
        assert_eq!(again.status, 409, "a second click draws nothing");
        again.shows("这笔贷款刚刚有变动，没有登记").shows("value=\"60\"").shows("600,000.00");
        assert_eq!(bank.post(&draws, &[("version", "2"), ("amount", "40"), ("on", "2026-11-01")]).status, 303);
        bank.get(&page).shows("还款中").shows("登记还款").hides("登记放款").hides("登记结清");
        let repay = format!("{page}/repayments");
        bank.post(&repay, &[("version", "3"), ("principal", "100.1"), ("on", "2026-11-01")]).shows("归还本金请填 0 至 100 万元之间");
        assert_eq!(bank.post(&repay, &[("version", "3"), ("principal", "100"), ("interest", "0.28"), ("on", "2026-11-01")]).status, 303);
        bank.get(&page).shows("2,800.00").shows("登记结清");
        assert_eq!(bank.post(&format!("{page}/settle"), &[("version", "4"), ("on", "2026-11-01")]).status, 303);
        bank.get(&page).shows("已结清").hides("登记还款").hides("标记逾期");
    }

    fn an_overdue_mark_and_a_cancellation_are_entered_on_pages(db: &TestDb) {
        let app = TestApp::start(db);
        let who = Lending::of(&app);
        let (drawn, undrawn) = (who.lent("C-1"), who.lent("C-2"));
        assert_eq!(who.draw(&drawn, AMOUNT).status(), 201);
        let bank = Visitor::signed_in(&app, "banka", "/bank");
        let page = format!("/bank/loans/{drawn}");
        bank.post(&format!("{page}/settle"), &[("version", "2"), ("on", "2026-11-01")]).shows("还有本金没有还清，请先登记还款");
        assert_eq!(bank.post(&format!("{page}/overdue"), &[("version", "2"), ("on", "2026-11-01")]).status, 303);
        let owner = Visitor::signed_in(&app, "owner", "/enterprise");
        owner.get(&format!("/enterprise/loans/{drawn}")).shows("银行标记为逾期").hides("登记还款");
        bank.get("/bank/loans").shows("逾期");
        assert_eq!(bank.post(&format!("{page}/overdue/clear"), &[("version", "3")]).status, 303);
        owner.get(&format!("/enterprise/loans/{drawn}")).hides("银行标记为逾期");
        let cancel = format!("/bank/loans/{undrawn}/cancel");
        let wrong = bank.post(&cancel, &[("version", "1"), ("reason", " ")]);
        assert_eq!(wrong.status, 422);
        wrong.shows("请填写原因");
        assert_eq!(bank.post(&cancel, &[("version", "1"), ("reason", "企业不再需要")]).status, 303);
        bank.get(&format!("/bank/loans/{undrawn}")).shows("已取消").hides("登记放款");
    }

    fn what_matures_soon_is_watched_and_renewed(db: &TestDb) {
        let app = TestApp::start(db);
        add_renewal(&app);
        let who = Lending::of(&app);
        let id = who.signed(&who.accepted_with(&usual_need(), &short_offer("PA")), &usual_contract("C-1"));
        assert_eq!(who.draw(&id, AMOUNT).status(), 201);
        let officer = Visitor::signed_in(&app, "officer", "/centre");
        officer.get("/centre/loans").shows("60 天内到期：1 笔").shows("还有 31 天").shows("示例企业0有限公司").shows("示例BANKA");
        officer.get(&format!("/centre/loans/{id}")).shows("续贷通").hides("提出续贷需求");
        Visitor::signed_in(&app, "banka", "/bank").get(&format!("/bank/loans/{id}")).hides("续贷通");
        let owner = Visitor::signed_in(&app, "owner", "/enterprise");
        owner.get("/enterprise").shows("1 笔贷款 60 天内到期");
        owner.get("/enterprise/loans").shows("还有 31 天");
        let page = format!("/enterprise/loans/{id}");
        owner.get(&page).shows("续贷通").shows("提出续贷需求");
        let reader = Visitor::signed_in(&app, "reader", "/enterprise");
        reader.get(&page).shows("续贷通").hides("提出续贷需求");
        let begun = owner.post(&format!("{page}/renew"), &[]);
        assert_eq!(begun.status, 303);
        owner.get(&begun.location).shows("value=\"100\"");
        let third = owner.get(&begun.location.replace("step=1", "step=3"));
        third.shows("value=\"2026-12-02\"").shows("value=\"100\"");
        assert_eq!(owner.post(&format!("{page}/renew"), &[]).location, begun.location, "pressed twice, it is the same draft");
        app.clock.advance(TimeDelta::days(40));
        let officer = Visitor::signed_in(&app, "officer", "/centre");
        officer.get("/centre/loans").shows("已过期 9 天");
        let owner = Visitor::signed_in(&app, "owner", "/enterprise");
        owner.get(&page).hides("提出续贷需求");
    }
}
