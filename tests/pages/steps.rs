//! What moves requests and referrals on, as pages: reserve, decline, proposals, the desk, withdrawal.

use crate::support::app::TestApp;
use crate::support::db::{TestDb, on_both};
use crate::support::samples::USCCS;
use crate::support::visitor::Visitor;
use rongqiao::actions::reroute;

on_both! {
    fn a_bank_is_kept_in_reserve_and_called_when_another_declines(db: &TestDb) {
        let app = TestApp::start(db);
        let request = app.sign_in("owner").open_fitting(USCCS[0]);
        let (owner, a, b) = (Visitor::signed_in(&app, "owner", "/enterprise"), Visitor::signed_in(&app, "banka", "/bank"), Visitor::signed_in(&app, "bankb", "/bank"));
        let result = format!("/enterprise/requests/{request}");
        let agreed = [("product", "PA"), ("product", "PB"), ("kept", "BANKB"), ("text_version", "1"), ("until", "2026-12-20")];
        let again = owner.post(&format!("{result}/consent"), &agreed);
        again.shows("name=\"kept\" value=\"BANKB\" checked");
        let agreed: Vec<_> = agreed.into_iter().chain([("agree", "yes")]).collect();
        assert_eq!(owner.post(&format!("{result}/consent"), &agreed).status, 303);
        owner.get(&result).shows("已发给 1 家银行").shows("第 1 备选").shows("2026-11-06 前答复，剩 5 个工作日").shows("现在发出").shows("节假日还没有录入");
        b.get("/bank").shows("没有待查看的需求").hides("备选");
        let queue = a.get("/bank");
        queue.shows("剩 5 个工作日").shows("2026-11-06").shows("节假日还没有录入");
        let from = queue.body.find("/bank/referrals/").expect("a link");
        let referral = queue.body[from..].split('"').next().expect("an address").to_owned();
        a.get(&referral).shows("婉拒这份需求").shows("2026-11-06");
        let wrong = a.post(&format!("{referral}/decline"), &[("reason", "other"), ("text", "")]);
        assert_eq!(wrong.status, 422);
        wrong.shows("请填写说明").shows("value=\"other\" selected").shows("<details class=\"noprint\" open>");
        a.post(&format!("{referral}/decline"), &[("reason", ""), ("text", "我们不做")]).shows("请填写原因").shows("我们不做</textarea>");
        let done = a.post(&format!("{referral}/decline"), &[("reason", "industry"), ("text", "本行暂不做")]);
        assert_eq!(done.location, referral);
        a.get(&referral).hides("婉拒这份需求");
        owner.get(&result).shows("行业限制：本行暂不做").shows("已发给 1 家银行");
        b.get("/bank").shows("1 件需求待查看");
        app.clock.set("2026-11-06T16:00:00Z".parse().expect("an instant"));
        assert_eq!(reroute::expire(&app.service).expect("a turn"), 1);
        let late = Visitor::signed_in(&app, "bankb", "/bank");
        late.get("/bank").shows("逾期未答复").shows("已过期限");
    }

    fn the_centre_refers_by_hand_and_the_enterprise_answers(db: &TestDb) {
        let app = TestApp::start(db);
        let api = app.sign_in("owner");
        let request = api.begin();
        assert_eq!(api.submit(&request).status(), 200);
        let (owner, officer) = (Visitor::signed_in(&app, "owner", "/enterprise"), Visitor::signed_in(&app, "officer", "/centre"));
        officer.get("/centre").shows("1 件待办").shows("没有银行收到").shows("推荐银行");
        let page = format!("/centre/requests/{request}/refer");
        officer.get(&page).shows("示例BANKA").shows("name=\"product\" value=\"PB\"").shows("待补资料");
        let against = officer.post(&page, &[("product", "PB"), ("why", " ")]);
        assert_eq!(against.status, 422, "PA comes first in the matcher's order");
        against.shows("请填写不选第一位的原因").shows("value=\"PB\" checked");
        let none = officer.post(&page, &[]);
        assert_eq!(none.status, 422);
        none.shows("请填写产品");
        assert_eq!(officer.post(&page, &[("product", "PB"), ("why", "熟悉这个行业")]).location, format!("/centre/requests/{request}#sent"));
        officer.get(&page).hides("value=\"PB\"").shows("中心推荐").shows("匹配顺序第 2 位").shows("熟悉这个行业");
        let result = owner.get(&format!("/enterprise/requests/{request}"));
        let from = result.body.find("/enterprise/referrals/").expect("a link");
        let proposal = result.body[from..].split('"').next().expect("an address").to_owned();
        owner.get(&proposal).shows("中心建议把需求发给示例BANKB").shows("梯度培育层级");
        let unticked = owner.post(&format!("{proposal}/consent"), &[("text_version", "1"), ("until", "2026-12-20")]);
        assert_eq!(unticked.status, 422);
        unticked.shows("勾选同意").shows("value=\"2026-12-20\"");
        let agreed = owner.post(&format!("{proposal}/consent"), &[("text_version", "1"), ("until", "2026-12-20"), ("agree", "yes")]);
        assert_eq!(agreed.location, format!("/enterprise/requests/{request}?pick=agreed"));
        owner.get(&agreed.location).shows("需求已发给银行");
        officer.get("/centre").shows("没有待办");
        let wrong = officer.post(&format!("/centre/requests/{request}/unserved"), &[("reason", "other"), ("text", " ")]);
        assert_eq!(wrong.status, 422);
        wrong.shows("请填写说明");
        let ended = officer.post(&format!("/centre/requests/{request}/unserved"), &[("reason", "credit"), ("text", "")]);
        assert_eq!(ended.status, 303);
        owner.get(&format!("/enterprise/requests/{request}")).shows("未承接：信用状况").hides("重新匹配").hides("撤回这份需求");
    }

    fn an_enterprise_extends_matches_again_and_withdraws(db: &TestDb) {
        let strict = TestApp::start_with(db, |settings| settings.desk.open_per_purpose = 1);
        let api = strict.sign_in("owner");
        let request = api.open_fitting(USCCS[0]);
        let owner = Visitor::signed_in(&strict, "owner", "/enterprise");
        let result = format!("/enterprise/requests/{request}");
        owner.get(&result).shows("有效至 2027-01-30").shows("重新匹配").shows("撤回这份需求");
        assert_eq!(owner.post(&format!("{result}/matches"), &[]).location, format!("{result}?pick=matched"));
        strict.clock.advance(chrono::TimeDelta::minutes(30));
        assert_eq!(owner.post(&format!("{result}/extend"), &[]).location, format!("{result}?pick=extended"));
        let second = api.begin();
        let submit = [("go", "submit"), ("version", "1")];
        let taken = owner.post(&format!("/enterprise/requests/{second}/edit?step=4"), &submit);
        assert_eq!(taken.location, format!("/enterprise/requests/{second}/edit?step=4&taken=1"));
        owner.get(&taken.location).shows("同样用途的需求已有一份还没有结束");
        let withdrawn = owner.post(&format!("{result}/withdraw"), &[]);
        owner.get(&withdrawn.location).shows("需求已撤回").shows("企业撤回").hides("延长有效期");
        assert_eq!(owner.post(&format!("/enterprise/requests/{second}/edit?step=4"), &submit).location, format!("/enterprise/requests/{second}"));
    }
}
