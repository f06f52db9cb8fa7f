//! The whole way of one enterprise: it registers, asks, is offered, accepts, is let down, accepts another, borrows, is
//! warned, renews. Each step is a call of whoever takes it, each letter comes to a real server, and the days pass by the
//! service's own clock with its jobs.

mod joining;
mod people;
mod post;

use crate::support::app::{TestApp, acceptance};
use crate::support::command::rongqiao;
use crate::support::db::{TestDb, on_both};
use crate::support::lending::{AMOUNT, renewal_need};
use joining::{Town, is_known, registers, settled};
use people::{Owner, Person, id, ids, terms, text};
use rongqiao::store::invariants;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The first request with what came of it: the banks' referrals in their order, then their offers.
struct Request {
    id: String,
    referrals: [String; 3],
    offers: Vec<String>,
}

on_both! {
    fn the_whole_way_of_one_enterprise(db: &TestDb) {
        let app = TestApp::start_with(db, |settings| settings.desk.open_per_purpose = 1);
        let town = settled(&app);
        let owner = registers(&town);
        is_known(&town, &owner);
        let mut request = asks_and_picks(&town, &owner);
        banks_look(&town, &owner, &request);
        banks_offer(&town, &owner, &mut request);
        is_let_down(&town, &owner, &request);
        others_go_on(&town, &owner, &request);
        let loan = borrows(&town, &owner, &request);
        is_warned(&town, &owner, &loan);
        renews(&town, &owner, &loan);
        all_is_on_record(&town, db, &request, &loan);
    }
}

/// Tuesday. It asks for a million, for at most 6 %, and sends that to three banks.
fn asks_and_picks(town: &Town<'_>, owner: &Owner<'_>) -> Request {
    town.post.quiet_until("2026-11-03");
    let need = json!({
        "amount_fen": AMOUNT, "term_months": 3, "purpose": "working_capital", "guarantees": ["credit"], "max_cost_bp": 600,
    });
    let (request, number) = owner.asks(&need);
    assert_eq!(number, "2026-000001");
    assert_eq!(
        owner.fitting(&request),
        ["PA", "PB", "PC"],
        "what renews does not serve it"
    );
    town.post.brings(&[("founder", "需求 2026-000001 已提交")]);
    for bank in [&town.a, &town.b, &town.c] {
        bank.sees_nothing_of(&[format!("requests/{request}")]);
        assert_eq!(ids(&bank.reads("referrals")), Vec::<String>::new());
    }

    let (first, _) = owner.refer(&request, town.a.code, town.a.product);
    town.post.brings(&[("banka", "收到融资需求 2026-000001")]);
    assert_eq!(ids(&town.a.reads("referrals")), [first.as_str()]);
    assert_eq!(ids(&town.b.reads("referrals")), Vec::<String>::new());
    let (second, _) = owner.refer(&request, town.b.code, town.b.product);
    let (third, _) = owner.refer(&request, town.c.code, town.c.product);
    town.post.brings(&[
        ("bankb", "收到融资需求 2026-000001"),
        ("bankc", "收到融资需求 2026-000001"),
    ]);
    let referrals = [first, second, third];
    let paths = referrals.clone().map(|one| format!("referrals/{one}"));
    town.a.sees_nothing_of(&paths[1..]);
    town.b.sees_nothing_of(&[paths[0].clone(), paths[2].clone()]);
    for stranger in &town.strangers {
        stranger.sees_nothing_of(&[format!("requests/{request}"), format!("requests/{request}/matches")]);
    }
    for bank in ["BANKA", "BANKB", "BANKC"] {
        let standing = owner.standing(&request, bank);
        let due = json!("2026-11-10");
        assert_eq!((&standing["state"], &standing["due_on"]), (&json!("pending"), &due));
    }
    Request {
        id: request,
        referrals,
        offers: Vec::new(),
    }
}

/// Wednesday. Two banks read what they may read, and the enterprise sees that they did.
fn banks_look(town: &Town<'_>, owner: &Owner<'_>, request: &Request) {
    town.post.quiet_until("2026-11-04");
    for (bank, referral) in [&town.a, &town.b].into_iter().zip(&request.referrals) {
        let profile = bank.reads(&format!("referrals/{referral}/credit-profile"));
        let facts = profile["facts"].as_array().expect("facts").iter();
        let facts: Vec<_> = facts
            .map(|one| (&one["fact"], &one["value"], &one["verified"]))
            .collect();
        let tier = (&json!("tier"), &json!("specialised"), &json!(true));
        assert_eq!(facts, [tier], "what its product looks at, and not the tax grade");
        assert_eq!(profile["applicant"]["uscc"], owner.uscc);
        let contact = profile["applicant"]["contact"].to_string();
        assert!(
            contact.contains('刘') && !contact.contains("刘新") && !contact.contains("founder"),
            "{contact}"
        );
        for hidden in ["max_cost", "PC", "BANKC"] {
            assert!(!profile.to_string().contains(hidden), "{hidden}: {profile}");
        }
        let standing = owner.standing(&request.id, bank.code);
        assert_eq!(standing["state"], "viewed");
    }
    let seen = owner.reads(&format!("enterprises/{}/access-log", owner.uscc));
    let readers = seen["items"].as_array().expect("reads").iter();
    let readers: Vec<String> = readers.map(|one| text(one, "organisation")).collect();
    assert_eq!(readers, ["示例BANKB", "示例BANKA"], "newest first");
    town.post.brings(&[]);
}

/// Thursday. Two offers come to the desk; one goes back for its early repayment, comes again, and both go on.
fn banks_offer(town: &Town<'_>, owner: &Owner<'_>, request: &mut Request) {
    town.post.quiet_until("2026-11-05");
    let [of_a, of_b] = [45, 40].map(|spread| move |product| terms(product, spread, "2026-11-27", "2026-12-10"));
    let first = town.a.offers(&request.referrals[0], &of_a("PA"));
    town.post.brings(&[("officer", "报价 2026-000001-BANKA-1 待审核")]);
    let second = town.b.offers(&request.referrals[1], &of_b("PB"));
    town.post.brings(&[("officer", "报价 2026-000001-BANKB-1 待审核")]);
    let paths = [&first, &second].map(|offer| format!("offers/{offer}"));
    owner.sees_nothing_of(&paths);
    town.a.sees_nothing_of(&paths[1..]);
    town.b.sees_nothing_of(&paths[..1]);
    for stranger in &town.strangers {
        stranger.sees_nothing_of(&paths);
    }

    town.officer.gives_back(&first, 1, "请写明提前还款是否收费");
    let letters = town.post.brings(&[("banka", "报价 2026-000001-BANKA-1 被退回")]);
    assert!(
        letters[0].text.contains("请写明提前还款是否收费"),
        "{}",
        letters[0].text
    );
    let mut clearer = of_a("PA");
    clearer["early_repayment"] = json!("随时可还，不收任何费用");
    assert_eq!(town.a.revises(&first, &clearer)["revision"], 2);
    town.post.brings(&[("officer", "报价 2026-000001-BANKA-1 待审核")]);
    town.officer
        .may_not(409, &format!("offers/{first}/forward"), &json!({"revision": 1}));

    town.officer.forwards(&first, 2);
    town.post.brings(&[
        ("banka", "报价 2026-000001-BANKA-1 已转给企业"),
        ("founder", "示例BANKA为需求 2026-000001 报价"),
    ]);
    owner.sees_nothing_of(&paths[1..]);
    town.officer.forwards(&second, 1);
    town.post.brings(&[
        ("bankb", "报价 2026-000001-BANKB-1 已转给企业"),
        ("founder", "示例BANKB为需求 2026-000001 报价"),
    ]);
    for (path, rate, bank, rival) in [(&paths[0], 345, &town.a, "BANKB"), (&paths[1], 340, &town.b, "BANKA")] {
        assert_eq!(owner.reads(path)["cost"]["rate_bp"], rate);
        let own = bank.reads(path);
        assert_eq!(own.get("party"), None, "with whom it signs is said once it is accepted");
        assert!(
            !bank.reads("offers").to_string().contains(rival),
            "another bank's offer"
        );
        assert!(!own.to_string().contains("刘新"));
    }
    assert_eq!(ids(&owner.reads("offers")).len(), 2);
    request.offers = vec![first, second];
}

/// Friday. It takes the cheaper offer, whose bank lets the two weeks for the contract go by.
fn is_let_down(town: &Town<'_>, owner: &Owner<'_>, request: &Request) {
    town.post.quiet_until("2026-11-06");
    let [first, second] = [&request.offers[0], &request.offers[1]];
    let taken = owner.accepts(second, 1);
    assert_eq!(
        (&taken["state"], &taken["sign_by"]),
        (&json!("accepted"), &json!("2026-11-20"))
    );
    town.post.brings(&[
        ("bankb", "报价 2026-000001-BANKB-1 已被企业接受"),
        ("founder", "需求 2026-000001 已接受示例BANKB的报价"),
        ("officer", "需求 2026-000001 已接受示例BANKB的报价"),
        ("banka", "报价 2026-000001-BANKA-1 已失效"),
        ("bankc", "融资需求 2026-000001 已结束"),
    ]);
    let party = &town.b.reads(&format!("offers/{second}"))["party"];
    assert_eq!(
        (&party["contact"], &party["email"]),
        (&json!("刘新"), &json!("founder@example.com"))
    );
    let lapsed = town.a.reads(&format!("offers/{first}"));
    assert_eq!(
        (&lapsed["state"], &lapsed["lapse_reason"]),
        (&json!("lapsed"), &json!("other_accepted"))
    );
    assert!(
        !lapsed.to_string().contains("BANKB") && lapsed.get("party").is_none(),
        "{lapsed}"
    );
    let ended = owner.standing(&request.id, "BANKC");
    assert_eq!(
        (&ended["state"], &ended["end_reason"]),
        (&json!("cancelled"), &json!("accepted_elsewhere"))
    );
    assert_eq!(owner.state(&format!("requests/{}", request.id)), "accepted");
    let acceptance = acceptance(2);
    owner.may_not(409, &format!("offers/{first}/accept"), &acceptance);
    town.c
        .may_not(409, &format!("referrals/{}/take-up", request.referrals[2]), &json!({}));
    let again = terms("PA", 35, "2026-11-27", "2026-12-10");
    assert_eq!(
        town.a.revision(first, &again).status(),
        409,
        "not while another is accepted"
    );

    town.post.quiet_until("2026-11-20");
    town.post.quiet_until("2026-11-21");
    town.post.brings(&[
        ("bankb", "报价 2026-000001-BANKB-1 未能签约"),
        ("founder", "报价 2026-000001-BANKB-1 未能签约"),
        ("officer", "报价 2026-000001-BANKB-1 未能签约"),
        ("banka", "融资需求 2026-000001 重新开放"),
        ("bankc", "融资需求 2026-000001 重新开放"),
    ]);
    let fallen = town.b.reads(&format!("offers/{second}"));
    assert_eq!(
        (&fallen["state"], &fallen["fallen_by"]),
        (&json!("fell_through"), &json!("deadline"))
    );
    assert_eq!(fallen.get("party"), None, "it signs with nobody");
    assert_eq!(owner.state(&format!("requests/{}", request.id)), "open");
    assert_eq!(
        town.b.revision(second, &again).status(),
        409,
        "what fell through is over"
    );
}

/// The other two go on: one takes its referral up, the other sends its lapsed offer again, through the desk; that is taken.
fn others_go_on(town: &Town<'_>, owner: &Owner<'_>, request: &Request) {
    let (first, third) = (&request.offers[0], &request.referrals[2]);
    let taken_up = town.c.does(&format!("referrals/{third}/take-up"), &json!({}));
    assert_eq!(taken_up["state"], "pending");
    town.post.brings(&[("founder", "示例BANKC继续办理需求 2026-000001")]);
    assert_eq!(owner.standing(&request.id, "BANKC")["due_on"], "2026-11-27");

    let again = terms("PA", 35, "2026-11-27", "2026-12-10");
    let renewed = town.a.revises(first, &again);
    assert_eq!(
        (&renewed["state"], &renewed["revision"]),
        (&json!("submitted"), &json!(3))
    );
    town.post.brings(&[("officer", "报价 2026-000001-BANKA-1 待审核")]);
    owner.sees_nothing_of(&[format!("offers/{first}")]);
    town.officer.forwards(first, 3);
    town.post.brings(&[
        ("banka", "报价 2026-000001-BANKA-1 已转给企业"),
        ("founder", "示例BANKA为需求 2026-000001 报价"),
    ]);
    owner.accepts(first, 3);
    town.post.brings(&[
        ("banka", "报价 2026-000001-BANKA-1 已被企业接受"),
        ("founder", "需求 2026-000001 已接受示例BANKA的报价"),
        ("officer", "需求 2026-000001 已接受示例BANKA的报价"),
        ("bankc", "融资需求 2026-000001 已结束"),
    ]);
    let party = &town.a.reads(&format!("offers/{first}"))["party"];
    assert_eq!(
        (&party["contact"], &party["email"]),
        (&json!("刘新"), &json!("founder@example.com"))
    );
    town.b.sees_nothing_of(&[format!("offers/{first}")]);
}

/// Monday. The contract is registered; the money comes in two parts.
fn borrows(town: &Town<'_>, owner: &Owner<'_>, request: &Request) -> String {
    town.post.quiet_until("2026-11-23");
    let loan = town.a.signs(&request.offers[0], "借字2026-001", "2026-11-23", None);
    town.post.brings(&[
        ("bankb", "融资需求 2026-000001 已结束"),
        ("founder", "需求 2026-000001 已结束：已签合同"),
        ("founder", "贷款 2026-000001 的合同已登记"),
        ("officer", "贷款 2026-000001 的合同已登记"),
    ]);
    let closed = owner.reads(&format!("requests/{}", request.id));
    assert_eq!(
        (&closed["state"], &closed["end_reason"]),
        (&json!("closed"), &json!("fulfilled"))
    );
    let path = format!("loans/{loan}");
    assert_eq!(owner.state(&path), "registered");
    assert_eq!(owner.state(&format!("offers/{}", request.offers[0])), "signed");
    for bank in [&town.b, &town.c] {
        bank.sees_nothing_of(std::slice::from_ref(&path));
    }
    for stranger in &town.strangers {
        stranger.sees_nothing_of(std::slice::from_ref(&path));
    }

    town.post.quiet_until("2026-11-27");
    assert_eq!(town.a.pays_out(&loan, "2026-11-27", AMOUNT / 5 * 3), "disbursing");
    town.post.brings(&[("founder", "贷款 2026-000001：放款")]);
    town.post.quiet_until("2026-12-01");
    let too_much = json!({"on": "2026-12-01", "amount_fen": AMOUNT / 5 * 2 + 1});
    town.a.may_not(422, &format!("{path}/disbursements"), &too_much);
    assert_eq!(town.a.pays_out(&loan, "2026-12-01", AMOUNT / 5 * 2), "outstanding");
    town.post.brings(&[("founder", "贷款 2026-000001：放款")]);
    let seen = owner.reads(&path);
    assert_eq!(
        (&seen["balance_fen"], &seen["matures_on"]),
        (&json!(AMOUNT), &json!("2027-02-27"))
    );
    assert_eq!(seen["disbursements"].as_array().map(Vec::len), Some(2));
    loan
}

/// The winter. Sixty, thirty and fifteen days ahead it is warned, once each; in between the banks confirm their products,
/// or don't.
fn is_warned(town: &Town<'_>, owner: &Owner<'_>, loan: &str) {
    let matures = [
        ("founder", "贷款 2026-000001 将于 2027-02-27 到期"),
        ("officer", "贷款 2026-000001 将于 2027-02-27 到期"),
    ];
    let is_warned_on = |day: &str, left: &str| {
        town.post.quiet_until(day);
        for letter in town.post.brings(&matures) {
            assert!(letter.text.contains(&format!("还有 {left} 天")), "{}", letter.text);
            assert!(letter.text.contains("示例BANKA“续贷通”"), "{}", letter.text);
            assert!(letter.link.ends_with(&format!("/loans/{loan}")), "{}", letter.link);
        }
        town.post.brings(&[]);
    };
    is_warned_on("2026-12-29", "60");
    town.post.quiet_until("2027-01-23");
    town.post.brings(&[
        ("banka", "请确认产品：示例产品PA"),
        ("banka", "请确认产品：续贷通"),
        ("bankb", "请确认产品：示例产品PB"),
        ("bankc", "请确认产品：示例产品PC"),
    ]);
    for product in ["PA", "PR"] {
        town.a.does(&format!("products/{product}/confirm"), &json!({}));
    }
    is_warned_on("2027-01-28", "30");
    is_warned_on("2027-02-12", "15");
    let soon = town.officer.reads("loans?matures_by=2027-02-28");
    assert_eq!(ids(&soon), [loan]);
    assert_eq!(owner.state(&format!("loans/{loan}")), "outstanding");
}

/// Spring. The same bank renews it; what is owed goes over, and nobody is warned any more.
fn renews(town: &Town<'_>, owner: &Owner<'_>, loan: &str) {
    town.post.quiet_until("2027-02-17");
    let (request, number) = owner.asks(&renewal_need("2027-02-27", AMOUNT));
    assert_eq!(number, "2027-000001");
    assert_eq!(owner.fitting(&request), ["PR"]);
    town.post.brings(&[("founder", "需求 2027-000001 已提交")]);
    let consent = json!({"text_version": 1, "until": "2027-04-30"});
    let pick = json!({"bank": "BANKA", "products": ["PR"], "consent": consent});
    let referral = id(&owner.does(&format!("requests/{request}/referrals"), &pick));
    town.post.brings(&[("banka", "收到融资需求 2027-000001")]);
    town.a.reads(&format!("referrals/{referral}/credit-profile"));
    let mut year = terms("PR", 40, "2027-02-19", "2027-03-10");
    year["term_months"] = json!(12);
    let offer = town.a.offers(&referral, &year);
    town.post.brings(&[("officer", "报价 2027-000001-BANKA-1 待审核")]);
    town.officer.forwards(&offer, 1);
    town.post.brings(&[
        ("banka", "报价 2027-000001-BANKA-1 已转给企业"),
        ("founder", "示例BANKA为需求 2027-000001 报价"),
    ]);
    owner.accepts(&offer, 1);
    town.post.brings(&[
        ("banka", "报价 2027-000001-BANKA-1 已被企业接受"),
        ("founder", "需求 2027-000001 已接受示例BANKA的报价"),
        ("officer", "需求 2027-000001 已接受示例BANKA的报价"),
    ]);
    town.post.quiet_until("2027-02-19");
    let next = town.a.signs(&offer, "借字2027-001", "2027-02-19", Some(loan));
    town.post.brings(&[
        ("founder", "需求 2027-000001 已结束：已签合同"),
        ("founder", "贷款 2027-000001 的合同已登记"),
        ("officer", "贷款 2027-000001 的合同已登记"),
    ]);
    assert_eq!(town.a.pays_out(&next, "2027-02-19", AMOUNT), "outstanding");
    town.post.brings(&[
        ("founder", "贷款 2027-000001：放款"),
        ("founder", "贷款 2026-000001：由贷款 2027-000001 续贷"),
    ]);
    let (old, new) = (
        owner.reads(&format!("loans/{loan}")),
        owner.reads(&format!("loans/{next}")),
    );
    assert_eq!((&old["state"], &old["followed_by"]), (&json!("renewed"), &json!(next)));
    assert_eq!((&new["state"], &new["follows"]), (&json!("outstanding"), &json!(loan)));
    town.post.quiet_until("2027-03-01");
}

/// At the end: every letter was one of those above, every change has its line in a whole chain, and every sum is right.
fn all_is_on_record(town: &Town<'_>, db: &TestDb, request: &Request, loan: &str) {
    town.post.brings(&[]);
    let administrator = Person(town.app.sign_in("administrator"));
    let waiting = administrator.reads("outbox?state=waiting");
    let dead = administrator.reads("outbox?state=dead");
    assert_eq!((ids(&waiting).len(), ids(&dead).len()), (0, 0));
    println!("{} letters", town.post.count());

    let lives = lives(&administrator);
    let life = |kind: &str, id: &str| lives[&format!("{kind}:{id}")].join(" ");
    assert_eq!(
        life("offer", &request.offers[0]),
        "offer_submitted offer_returned offer_revised offer_forwarded offer_lapsed offer_revised offer_forwarded \
         offer_accepted offer_signed"
    );
    assert_eq!(
        life("offer", &request.offers[1]),
        "offer_submitted offer_forwarded offer_accepted offer_fell_through"
    );
    assert_eq!(
        life("request", &request.id),
        "request_submitted request_accepted request_reopened request_accepted request_closed"
    );
    assert_eq!(
        life("referral", &request.referrals[2]),
        "referral_sent referral_cancelled referral_taken_up referral_cancelled"
    );
    assert_eq!(life("loan", loan), "loan_registered loan_drawn loan_drawn loan_renewed");

    town.post.brings(&[]);
    let verified = rongqiao(db)
        .args(["audit", "verify"])
        .output()
        .expect("the program starts");
    let said = String::from_utf8(verified.stdout).expect("text");
    assert!(
        verified.status.success() && said.contains("\n0 rows not sealed yet"),
        "{said}"
    );
    let broken = db.store.read(invariants::check).expect("they are counted");
    let broken: Vec<_> = broken.iter().filter(|one| one.broken != 0).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

/// What was done to each thing, oldest first, as the administrator reads the log.
fn lives(administrator: &Person<'_>) -> BTreeMap<String, Vec<String>> {
    let mut lives: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut path = "audit?limit=200".to_owned();
    loop {
        let page = administrator.reads(&path);
        for line in page["items"].as_array().expect("lines") {
            let actions = lives.entry(text(line, "subject")).or_default();
            actions.insert(0, text(line, "action"));
        }
        match &page["next"] {
            Value::String(next) => path = format!("audit?limit=200&cursor={next}"),
            _ => return lives,
        }
    }
}
