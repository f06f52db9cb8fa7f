//! The public record of a bank: the monitor's own figures, over counts that are not small.

use crate::support::app::TestApp;
use crate::support::db::{TestDb, on_both};
use crate::support::samples::USCCS;
use crate::support::visitor::Visitor;
use serde_json::{Value, json};

on_both! {
    fn a_record_is_the_monitors_and_hides_what_is_small(db: &TestDb) {
        let app = TestApp::start(db);
        let (owner, bank, officer) = (app.sign_in("owner"), app.sign_in("banka"), app.sign_in("officer"));
        let record = || owner.get("/api/v1/products/PA").json::<Value>().expect("JSON")["bank_record"].clone();
        let anyone = Visitor::new(&app);
        anyone.get("/products/PA").shows("按时答复率").shows("不足 5 件，不公布");
        let sent: Vec<String> = (0..6).map(|_| owner.refer(&owner.open_fitting(USCCS[0]), "BANKA", "PA").0).collect();
        assert_eq!((&record()["sent"], &record()["due"]), (&json!(6), &Value::Null), "nothing was due yet");
        // Monday, Wednesday, Wednesday, Friday in time, and the Monday after too late; one is never answered.
        for (referral, day) in sent.iter().zip(["02", "04", "04", "06", "09"]) {
            app.clock.set(format!("2026-11-{day}T03:00:00Z").parse().expect("an instant"));
            if day == "02" {
                bank.offer(referral, "PA");
            } else {
                assert_eq!(bank.post(&format!("/api/v1/referrals/{referral}/decline"), &json!({"reason": "term"})).status(), 200);
            }
        }
        let expected = json!({"sent": 6, "due": 6, "on_time_bp": 6667, "answered": 5, "median_days": 3, "p90_days": 6, "offers_per_hundred": 17});
        assert_eq!(record(), expected);
        let summary: Value = officer.get("/api/v1/monitor/summary?bank=BANKA").json().expect("JSON");
        let answers = &summary["figures"]["answers"];
        assert_eq!((&answers["median_days"], &answers["p90_days"]), (&json!(3), &json!(6)), "{summary}");
        let listed: Value = owner.get("/api/v1/products").json().expect("JSON");
        let of = |code: &str| listed["items"].as_array().expect("products").iter().find(|one| one["code"] == code).expect("there")["bank_record"].clone();
        assert_eq!((of("PA"), &of("PB")["sent"]), (expected, &Value::Null));
        anyone.get("/").shows("各机构答复记录").shows("66.67%").shows("3 / 6 个工作日").shows("0.17 份");
        anyone.get("/products/PA").shows("示例BANKA的答复记录").shows("66.67%").shows("应答复 6 件");
    }
}
