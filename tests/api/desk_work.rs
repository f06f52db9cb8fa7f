//! Who sees to an item of the centre's desk, and what was noted of it.

use super::desk::items;
use crate::support::app::{Api, TestApp, usual_offer};
use crate::support::db::{TestDb, number, on_both};
use crate::support::joining::add_user;
use crate::support::races::{Task, at_once};
use crate::support::samples::USCCS;
use reqwest::Method;
use reqwest::blocking::Response;
use rongqiao::domain::actor::Role;
use serde_json::{Value, json};

/// An offer that waits, and its name on the desk.
fn held(app: &TestApp) -> (String, String) {
    let owner = app.sign_in("owner");
    let (referral, _) = owner.refer(&owner.open_fitting(USCCS[0]), "BANKA", "PA");
    let offer = app.sign_in("banka").offer(&referral, "PA");
    let item = format!("/api/v1/desk/offer-{offer}");
    (offer, item)
}

fn claim(officer: &Api<'_>, item: &str, body: &Value) -> (u16, Value) {
    told(officer.post(&format!("{item}/claim"), body))
}

fn told(answer: Response) -> (u16, Value) {
    (answer.status().as_u16(), answer.json().expect("JSON"))
}

fn deeds(sheet: &Value) -> Vec<(&str, &str)> {
    let entries = sheet["entries"].as_array().expect("entries").iter();
    entries
        .map(|entry| {
            (
                entry["deed"].as_str().expect("a deed"),
                entry["by"].as_str().expect("a name"),
            )
        })
        .collect()
}

on_both! {
    fn one_officer_sees_to_an_item_and_another_takes_it_over_with_a_reason(db: &TestDb) {
        let app = TestApp::start(db);
        add_user(&app, "colleague", "centre", Role::Officer);
        let (officer, colleague) = (app.sign_in("officer"), app.sign_in("colleague"));
        let (_, item) = held(&app);
        let (status, sheet) = claim(&officer, &item, &json!({}));
        assert_eq!((status, &sheet["claim"]["is_mine"]), (200, &json!(true)));
        assert_eq!(claim(&officer, &item, &json!({})).0, 200, "already the same officer's");
        assert_eq!(claim(&colleague, &item, &json!({})).0, 409);
        assert_eq!(colleague.post(&format!("{item}/release"), &json!({})).status(), 409, "not the colleague's to give back");
        assert_eq!(claim(&colleague, &item, &json!({"note": " "})).0, 422);
        app.clock.advance(chrono::TimeDelta::minutes(1));
        let (status, sheet) = claim(&colleague, &item, &json!({"note": "同事休假"}));
        assert_eq!((status, &sheet["claim"]["by"], &sheet["notes"]), (200, &json!("colleague"), &json!(1)));
        assert_eq!((items(&officer, "?mine=true").len(), items(&colleague, "?mine=true").len()), (0, 1));
        app.clock.advance(chrono::TimeDelta::minutes(1));
        let (status, sheet) = told(colleague.post(&format!("{item}/release"), &json!({})));
        assert_eq!((status, sheet.get("claim")), (200, None));
        let first = sheet["entries"][2]["by"].as_str().expect("a name");
        assert_eq!(deeds(&sheet), [("released", "colleague"), ("taken_over", "colleague"), ("claimed", first)]);
        assert_eq!(claim(&officer, &item, &json!({})).0, 200, "free again");
        let logged = "SELECT count(*) AS n FROM audit WHERE action LIKE 'desk_%' AND subject LIKE 'desk:offer-%'";
        assert_eq!(number(&db.store, logged), 4);
        let silent = "SELECT count(*) AS n FROM audit WHERE after LIKE '%休假%' OR before LIKE '%休假%'";
        assert_eq!(number(&db.store, silent), 0, "notes are not in the log");
    }

    fn a_claim_ends_when_the_item_leaves_and_the_notes_stay(db: &TestDb) {
        let app = TestApp::start(db);
        let (officer, bank) = (app.sign_in("officer"), app.sign_in("banka"));
        let (offer, item) = held(&app);
        app.clock.advance(chrono::TimeDelta::minutes(1));
        assert_eq!(claim(&officer, &item, &json!({})).0, 200);
        let once = || {
            let request = officer.request(&Method::POST, &format!("{item}/notes"));
            let request = request.header("Idempotency-Key", "n1").json(&json!({"text": "银行将补材料"}));
            told(request.send().expect("an answer"))
        };
        assert_eq!((once().0, once().1["notes"].clone()), (200, json!(1)), "noted once");
        assert_eq!(officer.post(&format!("{item}/notes"), &json!({"text": "长".repeat(501)})).status(), 422);
        let returned = json!({"revision": 1, "reason": "请补充担保说明"});
        assert_eq!(officer.on_offer(&offer, "return", &returned).status(), 200);
        for verb in ["claim", "release", "notes"] {
            let body = if verb == "notes" { json!({"text": "晚了"}) } else { json!({}) };
            assert_eq!(officer.post(&format!("{item}/{verb}"), &body).status(), 404, "{verb}: it has left the desk");
        }
        app.clock.advance(chrono::TimeDelta::minutes(1));
        let revise = bank.request(&Method::PUT, &format!("/api/v1/offers/{offer}")).header("If-Match", "\"2\"");
        assert_eq!(revise.json(&usual_offer("PA")).send().expect("an answer").status(), 200);
        let again = &items(&officer, "")[0];
        assert_eq!((again.get("claim"), &again["notes"]), (None, &json!(1)), "it came anew");
        assert_eq!(claim(&officer, &item, &json!({})).0, 200, "the old claim makes room");
    }

    fn of_many_who_claim_at_once_one_gets_it(db: &TestDb) {
        let app = TestApp::start(db);
        let names: Vec<String> = (0..8).map(|place| format!("officer{place}")).collect();
        for name in &names {
            add_user(&app, name, "centre", Role::Officer);
        }
        let officers: Vec<Api<'_>> = names.iter().map(|name| app.sign_in(name)).collect();
        let (_, item) = held(&app);
        let tasks: Vec<Task<'_>> = officers
            .iter()
            .map(|officer| Box::new(|| claim(officer, &item, &json!({})).0) as Task<'_>)
            .collect();
        let (mut statuses, _) = at_once(tasks);
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
        assert_eq!(number(&db.store, "SELECT count(*) AS n FROM desk_entry"), 1);
    }
}
