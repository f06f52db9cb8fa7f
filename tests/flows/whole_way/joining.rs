//! How the enterprise comes into the service: the town that is there, registering, and what departments know of it.

use super::people::{Bank, Officer, Owner, Person};
use super::post::Post;
use crate::support::app::{PASSWORD, TestApp};
use crate::support::feed::{csv, with_key};
use crate::support::joining::{PDF, PNG, add_department, add_user, token_of, uscc};
use crate::support::samples::{DISTRICT, draft_product, organisation, product};
use crate::support::visitor::Visitor;
use reqwest::Method;
use rongqiao::domain::actor::{OrganisationKind, Role};
use rongqiao::store::{StoreError, organisations, products};
use serde_json::json;

/// Everyone whom the enterprise has to do with.
pub struct Town<'a> {
    pub app: &'a TestApp,
    pub post: Post<'a>,
    pub officer: Officer<'a>,
    /// Lends in the end.
    pub a: Bank<'a>,
    /// Is accepted first and never signs.
    pub b: Bank<'a>,
    /// Is slow.
    pub c: Bank<'a>,
    /// Another enterprise, and another district's officer: nothing of this is theirs.
    pub strangers: [Person<'a>; 2],
}

/// Two banks and the centre are there already; with a third bank, a second department, and a product that renews.
pub fn settled(app: &TestApp) -> Town<'_> {
    add_department(app, "science");
    let clock = app.clock.as_ref();
    let put = app.service.store.write(|conn| {
        let bank = organisation("BANKC", OrganisationKind::Bank, DISTRICT);
        let (id, _) = organisations::put(conn, &bank, clock)?;
        products::put(conn, &product("PC", "BANKC", "open"), id, clock)?;
        Ok::<_, StoreError>(())
    });
    put.expect("the third bank is put");
    add_user(app, "bankc", "BANKC", Role::BankUser);
    let bank = |clerk: &str, code, product| Bank {
        clerk: Person(app.sign_in(clerk)),
        code,
        product,
    };
    let town = Town {
        app,
        post: Post::of(app),
        officer: Officer(Person(app.sign_in("officer"))),
        a: bank("banka", "BANKA", "PA"),
        b: bank("bankb", "BANKB", "PB"),
        c: bank("bankc", "BANKC", "PC"),
        strangers: ["other", "elsewhere"].map(|name| Person(app.sign_in(name))),
    };
    let mut renewing = draft_product("PR");
    renewing["name"] = json!("续贷通");
    renewing["purposes"] = json!(["refinancing"]);
    renewing["renewal"] = json!({"window_days": 60, "own_loans_only": true});
    town.a.does("products", &renewing);
    town.a.does("products/PR/publish", &json!({}));
    town.post.brings(&[]);
    town
}

/// Sunday. Somebody proves an address, hands in the papers, and is let in by an officer.
pub fn registers<'a>(town: &Town<'a>) -> Owner<'a> {
    let visitor = Visitor::new(town.app);
    let asked = visitor.post("/register", &[("email", "founder@example.com")]);
    assert_eq!((asked.status, asked.location.as_str()), (303, "/register?done=sent"));
    let letters = town.post.brings(&[("founder", "验证邮箱，继续注册")]);
    let link = &letters[0].link;
    visitor.get(link).shows("填写企业资料").shows("founder@example.com");

    let (code, token) = (uscc(7), token_of(link));
    let mut parts: Vec<(&str, Option<&str>, &[u8])> = [
        ("token", token.as_str()),
        ("text_version", "1"),
        ("uscc", code.as_str()),
        ("enterprise_name", "示例新企业有限公司"),
        ("industry", "35"),
        ("town", "410106001"),
        ("person", "刘新"),
        ("password", PASSWORD),
        ("owners", "market"),
        ("until", "2027-06-30"),
        ("agree", "yes"),
    ]
    .map(|(name, value)| (name, None, value.as_bytes()))
    .into();
    parts.push(("licence", Some("营业执照.pdf"), PDF));
    parts.push(("letter", Some("授权函.png"), PNG));
    let sent = visitor.upload("/register/form", &parts);
    assert_eq!((sent.status, sent.location.as_str()), (303, "/register?done=submitted"));
    let early = [("email", "founder@example.com"), ("password", PASSWORD)];
    assert_eq!(visitor.post("/login", &early).status, 401, "not before it is approved");
    let letters = town.post.brings(&[
        ("founder", "注册申请已收到：示例新企业有限公司"),
        ("officer", "注册申请待审核：示例新企业有限公司"),
    ]);

    let waiting = letters.iter().find(|one| one.to == "officer").expect("the officer's");
    let registration = waiting.link.rsplit('/').next().expect("an id");
    town.strangers[1].sees_nothing_of(&[format!("registrations/{registration}")]);
    town.officer
        .does(&format!("registrations/{registration}/approve"), &json!({}));
    town.officer
        .may_not(409, &format!("registrations/{registration}/approve"), &json!({}));
    town.post.brings(&[("founder", "注册申请已通过：示例新企业有限公司")]);
    Owner {
        person: Person(town.app.sign_in("founder")),
        uscc: code.to_string(),
    }
}

/// Monday. It lets the platform use what two departments know; one sends it by its key, the other by a user.
pub fn is_known(town: &Town<'_>, owner: &Owner<'_>) {
    town.post.quiet_until("2026-11-02");
    let code = owner.uscc.as_str();
    let path = format!("/api/v1/enterprises/{code}/authorisation");
    let body = json!({"departments": ["market", "science", "tax"], "text_version": 1, "until": "2027-10-01"});
    let put = owner.request(&Method::PUT, &path).json(&body).send();
    assert_eq!(put.expect("an answer").status(), 200);

    let (key, _) = town.app.sign_in("administrator").feed_key("science");
    let tier = csv(&[(code, "tier", "specialised", "2026-10-01")]);
    assert_eq!(with_key(town.app, &key, "?sequence=1", &tier).status(), 201);
    let grade = csv(&[(code, "tax_grade", "A", "2026-10-01")]);
    town.app.sign_in("department").taken(&grade);
    let known = |fact| owner.known(code, fact);
    assert_eq!(known("tier"), [(json!("specialised"), "示例science".to_owned())]);
    assert_eq!(known("tax_grade"), [(json!("A"), "示例tax".to_owned())]);
    town.strangers[0].sees_nothing_of(&[format!("enterprises/{code}/facts")]);
    town.post.brings(&[]);
}
