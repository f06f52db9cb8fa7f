//! Referrals on their way: reserve, deadlines, answers, rerouting, proposals, what a consent's end does to them.

use crate::support::app::{Api, TestApp, usual_pick};
use crate::support::db::{TestDb, counts, execute, number, on_both};
use crate::support::samples::{USCCS, day};
use rongqiao::actions::reroute;
use rongqiao::domain::codes::Code;
use rongqiao::domain::holiday::{Holiday, HolidayKind};
use rongqiao::store::{StoreError, holidays};
use serde_json::{Value, json};

fn read(user: &Api<'_>, path: &str) -> Value {
    let answer = user.get(path);
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().expect("JSON")
}

/// The topics of a user's messages, newest first.
fn topics(user: &Api<'_>) -> Vec<String> {
    let list = read(user, "/api/v1/messages");
    let items = list["items"].as_array().expect("messages").iter();
    items
        .map(|one| one["topic"].as_str().expect("a topic").to_owned())
        .collect()
}

fn queue(bank: &Api<'_>) -> usize {
    read(bank, "/api/v1/referrals")["items"].as_array().expect("rows").len()
}

fn set(app: &TestApp, instant: &str) {
    app.clock.set(instant.parse().expect("an instant"));
}

on_both! {
    fn a_silent_banks_referral_goes_to_the_next_in_reserve_once(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, a, b, officer) = (app.sign_in("owner"), app.sign_in("banka"), app.sign_in("bankb"), app.sign_in("officer"));
        let request = owner.open_fitting(USCCS[0]);
        let (referral, _) = owner.refer(&request, "BANKA", "PA");
        owner.keep(&request, "BANKB", "PB");
        assert_eq!((queue(&a), queue(&b), topics(&b).len()), (1, 0, 0), "the second bank knows nothing");
        assert_eq!(owner.standing(&request, "BANKA")["due_on"], "2026-11-06", "five working days after Sunday");
        assert_eq!(owner.standing(&request, "BANKB")["position"], 1);

        set(&app, "2026-11-06T15:59:59Z");
        assert_eq!(reroute::expire(&app.service).expect("a turn"), 0, "its last day is not over");
        set(&app, "2026-11-06T16:00:00Z");
        assert_eq!(reroute::expire(&app.service).expect("a turn"), 1);
        let before = counts(&db.store);
        assert_eq!(reroute::expire(&app.service).expect("a turn"), 0, "each deadline is acted on once");
        assert_eq!(counts(&db.store), before);
        assert_eq!(owner.standing(&request, "BANKA")["state"], "overdue");
        let called = owner.standing(&request, "BANKB");
        assert_eq!((&called["state"], &called["due_on"], &called["position"]), (&json!("pending"), &json!("2026-11-13"), &Value::Null));
        assert_eq!(queue(&b), 1);
        assert_eq!(topics(&b), ["referral_received"]);
        assert!(topics(&a).contains(&"referral_overdue".to_owned()), "{:?}", topics(&a));
        let told = topics(&owner);
        assert!(told.contains(&"referral_called".to_owned()) && told.contains(&"referral_unanswered".to_owned()), "{told:?}");
        assert_eq!(topics(&officer), ["referral_unanswered"], "somebody is at work on it");

        let late = a.post(&format!("/api/v1/referrals/{referral}/decline"), &json!({"reason": "credit"}));
        let late: Value = late.json().expect("JSON");
        assert_eq!((&late["state"], &late["is_late"], &late["decline_reason"]), (&json!("declined"), &json!(true), &json!("credit")));
        assert!(!late["answered_at"].is_null());
        assert_eq!(owner.standing(&request, "BANKB")["state"], "pending", "the next was called when the time was over");
    }

    fn two_nodes_act_on_a_deadline_once(db: &TestDb) {
        let app = TestApp::start(db);
        let owner = app.sign_in("owner");
        let requests: Vec<String> = (0..8).map(|_| owner.open_fitting(USCCS[0])).collect();
        for request in &requests {
            owner.refer(request, "BANKA", "PA");
            owner.keep(request, "BANKB", "PB");
        }
        set(&app, "2026-11-06T16:00:00Z");
        std::thread::scope(|scope| {
            for _ in 0..2 {
                // One that is told to try again later leaves the rest to the next turn.
                scope.spawn(|| { let _ = reroute::expire(&app.service); });
            }
        });
        reroute::expire(&app.service).expect("a turn");
        for request in &requests {
            let states = ["BANKA", "BANKB"].map(|bank| owner.standing(request, bank)["state"].clone());
            assert_eq!(states, [json!("overdue"), json!("pending")]);
        }
        let count = |name: &str| topics(&app.sign_in(name)).iter().filter(|topic| topic.starts_with("referral_")).count();
        assert_eq!((count("banka"), count("bankb")), (16, 8), "each came and was overdue once; each was called once");
    }

    fn a_decline_names_its_reason_and_calls_the_next(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, a, b, officer) = (app.sign_in("owner"), app.sign_in("banka"), app.sign_in("bankb"), app.sign_in("officer"));
        let request = owner.open_fitting(USCCS[0]);
        let (referral, _) = owner.refer(&request, "BANKA", "PA");
        let kept = owner.keep(&request, "BANKB", "PB");
        let path = format!("/api/v1/referrals/{referral}/decline");
        for (body, field) in [(json!({"reason": "other"}), "text"), (json!({"reason": "other", "text": " "}), "text"), (json!({"reason": "mood"}), "reason")] {
            let answer = a.post(&path, &body);
            assert_eq!(answer.status(), 422, "{body}");
            let problem: Value = answer.json().expect("JSON");
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
        let declined: Value = a.post(&path, &json!({"reason": "other", "text": "不做这个行业"})).json().expect("JSON");
        assert_eq!((&declined["state"], &declined["is_late"]), (&json!("declined"), &json!(false)));
        assert_eq!(owner.standing(&request, "BANKA")["decline_text"], "不做这个行业");
        assert_eq!(owner.standing(&request, "BANKB")["state"], "pending");
        assert_eq!(a.post(&path, &json!({"reason": "term"})).status(), 409, "once");
        assert!(topics(&officer).is_empty(), "a bank is at work");
        let answer = b.post(&format!("/api/v1/referrals/{kept}/decline"), &json!({"reason": "term"}));
        assert_eq!(answer.status(), 200);
        assert_eq!(topics(&officer), ["request_needs_centre"], "nobody is left");
        assert!(topics(&a).contains(&"referral_received".to_owned()), "{:?}", topics(&a));
    }

    fn a_deadline_counts_the_holidays_and_the_days_worked_instead(db: &TestDb) {
        let app = TestApp::start(db);
        let rows = include_str!("../../config/holidays.csv").lines().skip(2);
        let days: Vec<Holiday> = rows.map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            Holiday { date: day(cells[0]), kind: HolidayKind::find(cells[1]).expect("a kind"), name: cells[2].to_owned() }
        }).collect();
        app.service.store.write(|conn| {
            for one in &days { holidays::put(conn, one)?; }
            Ok::<(), StoreError>(())
        }).expect("the days are put");
        set(&app, "2026-09-29T02:00:00Z");
        let owner = app.sign_in("owner");
        let request = owner.open_fitting(USCCS[0]);
        owner.refer(&request, "BANKA", "PA");
        assert_eq!(owner.standing(&request, "BANKA")["due_on"], "2026-10-12", "30, 8, 9, the Saturday worked, 12");
    }

    fn an_enterprise_sends_from_its_reserve_and_a_dead_consent_is_passed_over(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, a) = (app.sign_in("owner"), app.sign_in("banka"));
        let request = owner.open_fitting(USCCS[0]);
        let kept = owner.keep(&request, "BANKB", "PB");
        let sent = owner.post(&format!("/api/v1/referrals/{kept}/send"), &json!({}));
        assert_eq!(sent.status(), 200);
        assert_eq!(owner.standing(&request, "BANKB")["state"], "pending");
        assert_eq!(owner.post(&format!("/api/v1/referrals/{kept}/send"), &json!({})).status(), 409);

        let second = owner.open_fitting(USCCS[0]);
        let (referral, _) = owner.refer(&second, "BANKA", "PA");
        let mut brief = usual_pick("BANKB", "PB");
        brief["reserve"] = json!(true);
        brief["consent"]["until"] = json!("2026-11-02");
        assert_eq!(owner.post(&format!("/api/v1/requests/{second}/referrals"), &brief).status(), 201);
        set(&app, "2026-11-03T02:00:00Z");
        assert_eq!(a.post(&format!("/api/v1/referrals/{referral}/decline"), &json!({"reason": "term"})).status(), 200);
        assert_eq!(owner.standing(&second, "BANKB")["state"], "reserve", "its consent has ended");
    }

    fn taking_a_consent_back_cancels_what_waits_and_lapses_what_is_offered(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, a, b) = (app.sign_in("owner"), app.sign_in("banka"), app.sign_in("bankb"));
        let request = owner.open_fitting(USCCS[0]);
        owner.keep(&request, "BANKB", "PB");
        let consent_of = |bank: &str| -> String {
            let list = read(&owner, "/api/v1/consents");
            let items = list["items"].as_array().expect("consents");
            let found = items.iter().find(|one| one["bank"] == bank && one["in_force"] == true).expect("one");
            found["id"].as_str().expect("an id").to_owned()
        };
        assert_eq!(owner.revoke(&consent_of("BANKB")).status(), 200);
        let kept = owner.standing(&request, "BANKB");
        assert_eq!((&kept["state"], &kept["end_reason"]), (&json!("cancelled"), &json!("revoked")));
        assert!(topics(&b).is_empty() && queue(&b) == 0, "it never knew");

        let (referral, consent) = owner.refer(&request, "BANKA", "PA");
        offer(db, &referral);
        assert_eq!(owner.revoke(&consent).status(), 200);
        assert_eq!(execute(&db.store, "UPDATE offer SET end_text = 'seen' WHERE state = 'lapsed' AND lapse_reason = 'revoked'"), 1);
        let told = topics(&a);
        assert!(told.contains(&"offer_lapsed".to_owned()) && told.contains(&"referral_cancelled".to_owned()), "{told:?}");

        // A referral that was declined has ended: its consent can be taken back all the same.
        let (again, consent) = owner.refer(&request, "BANKA", "PA");
        assert_eq!(a.post(&format!("/api/v1/referrals/{again}/decline"), &json!({"reason": "term"})).status(), 200);
        assert_eq!(owner.revoke(&consent).status(), 200);
        assert_eq!(owner.standing(&request, "BANKA")["state"], "declined");
    }

    fn a_bank_learns_of_a_proposal_only_when_the_enterprise_agrees(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, officer, b) = (app.sign_in("owner"), app.sign_in("officer"), app.sign_in("bankb"));
        let request = owner.begin();
        assert_eq!(owner.submit(&request).status(), 200);
        let missing = officer.post(&format!("/api/v1/desk/request-{request}/refer"), &json!({"bank": "BANKA", "products": ["PB"]}));
        assert_eq!(missing.status(), 422, "not this bank's");
        let bare = officer.post(&format!("/api/v1/desk/request-{request}/refer"), &json!({"bank": "BANKB", "products": ["PB"]}));
        assert_eq!(bare.status(), 422, "PA comes first: another wants a reason");
        let referral = officer.propose(&request, "BANKB", "PB");
        let kept = "SELECT count(*) AS n FROM proposal WHERE place = 2 AND matched = '[\"PA\",\"PB\"]' AND chosen = '[\"PB\"]'";
        assert_eq!(number(&db.store, kept), 1, "both orders are kept");
        let logged = "SELECT count(*) AS n FROM audit WHERE action = 'referral_proposed' AND after = 'proposed BANKB PB place 2 of PA,PB'";
        assert_eq!(number(&db.store, logged), 1);
        assert_eq!((queue(&b), b.get(&format!("/api/v1/referrals/{referral}")).status().as_u16()), (0, 404));
        assert!(topics(&owner).contains(&"referral_proposed".to_owned()), "{:?}", topics(&owner));
        assert_eq!(owner.post(&format!("/api/v1/referrals/{referral}/refuse"), &json!({})).status(), 200);
        assert_eq!(owner.standing(&request, "BANKB")["end_reason"], "refused");
        assert!(topics(&officer).contains(&"proposal_answered".to_owned()), "{:?}", topics(&officer));
        assert_eq!(officer.propose(&request, "BANKB", "PB"), referral, "once more, one for each request and bank");
        let terms = usual_pick("BANKB", "PB")["consent"].clone();
        let mut old = terms.clone();
        old["text_version"] = json!(2);
        assert_eq!(owner.post(&format!("/api/v1/referrals/{referral}/consent"), &old).status(), 422);
        assert_eq!(owner.post(&format!("/api/v1/referrals/{referral}/consent"), &terms).status(), 200);
        let sent = owner.standing(&request, "BANKB");
        assert_eq!((&sent["state"], &sent["due_on"]), (&json!("pending"), &json!("2026-11-06")));
        assert_eq!(read(&b, &format!("/api/v1/referrals/{referral}"))["applicant"]["facts"], json!(["tier"]));
        assert_eq!(topics(&b), ["referral_received"]);
    }

    fn a_bank_takes_up_only_what_an_acceptance_cancelled_under_a_live_consent(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, a) = (app.sign_in("owner"), app.sign_in("banka"));
        let request = owner.open_fitting(USCCS[0]);
        let (referral, consent) = owner.refer(&request, "BANKA", "PA");
        let path = format!("/api/v1/referrals/{referral}/take-up");
        assert_eq!(a.post(&path, &json!({})).status(), 409, "nothing has ended");
        execute(&db.store, &format!("UPDATE referral SET state = 'cancelled', end_reason = 'accepted_elsewhere' WHERE id = '{referral}'"));
        execute(&db.store, &format!("UPDATE request SET state = 'accepted' WHERE id = '{request}'"));
        assert_eq!(a.post(&path, &json!({})).status(), 409, "it has not fallen through");
        execute(&db.store, &format!("UPDATE request SET state = 'open' WHERE id = '{request}'"));
        let taken: Value = a.post(&path, &json!({})).json().expect("JSON");
        assert_eq!((&taken["state"], &taken["end_reason"]), (&json!("pending"), &Value::Null));
        assert!(topics(&owner).contains(&"referral_taken_up".to_owned()), "{:?}", topics(&owner));
        execute(&db.store, &format!("UPDATE referral SET state = 'cancelled', end_reason = 'accepted_elsewhere' WHERE id = '{referral}'"));
        assert_eq!(owner.revoke(&consent).status(), 200);
        assert_eq!(a.post(&path, &json!({})).status(), 404, "the consent has ended");
    }
}

/// A live offer for a referral, as the rows of one stand.
pub fn offer(db: &TestDb, referral: &str) {
    let sql = format!(
        "INSERT INTO offer (id, number, referral_id, request_id, enterprise_id, bank_id, product_id, product_version,
         revision, version, state, terms, figures, checks, is_clean, amount_fen, rate_bp, valid_until, submitted_at)
         SELECT '00000000-0000-4000-8000-0000000000f1', '2026-000001-1', referral.id, request.id, request.enterprise_id,
         referral.bank_id, product.id, product.version, 1, 1, 'submitted', '{{}}', '{{}}', '[]', {is_clean}, 100, 350,
         '2026-12-01', '2026-11-01 02:00:00'
         FROM referral JOIN request ON request.id = referral.request_id
         JOIN product ON product.organisation_id = referral.bank_id AND product.code = 'PA'
         WHERE referral.id = '{referral}'",
        is_clean = true
    );
    assert_eq!(execute(&db.store, &sql), 1);
    let answered = format!("UPDATE referral SET state = 'offered' WHERE id = '{referral}'");
    assert_eq!(execute(&db.store, &answered), 1);
}
