//! Organisations, users and sessions.

use crate::support::db::{TestDb, on_both};
use crate::support::samples::{DISTRICT, add_account, add_organisation, clock, organisation};
use chrono::TimeDelta;
use rongqiao::clock::Clock;
use rongqiao::domain::actor::{OrganisationKind, Role};
use rongqiao::store::{Change, StoreError, accounts, organisations, sessions};

on_both! {
    fn an_organisation_is_put_once_then_changed(db: &TestDb) {
        let clock = clock();
        let mut bank = organisation("BANK1", OrganisationKind::Bank, DISTRICT);
        let put = |bank: &_| db.store.write(|conn| organisations::put(conn, bank, &clock)).expect("it is put");
        let (id, change) = put(&bank);
        assert_eq!(change, Change::Created);
        assert_eq!(put(&bank), (id, Change::Unchanged));
        bank.contact = Some("0371-0000000".to_owned());
        assert_eq!(put(&bank), (id, Change::Updated));
        let found = db.store.read(|conn| organisations::by_id(conn, id)).expect("it is there");
        assert_eq!(found.organisation, bank);
    }

    fn lenders_are_banks_and_leasing_companies(db: &TestDb) {
        let clock = clock();
        let codes = db.store.write(|conn| {
            for kind in [OrganisationKind::Bank, OrganisationKind::Leasing, OrganisationKind::Centre] {
                add_organisation(conn, &format!("{kind:?}"), kind, &clock);
            }
            assert_eq!(organisations::centre(conn, DISTRICT)?.organisation.code, "Centre");
            organisations::lenders(conn)
        });
        let mut codes: Vec<_> = codes.expect("they are listed").into_keys().collect();
        codes.sort();
        assert_eq!(codes, ["Bank", "Leasing"]);
    }

    fn an_address_is_taken_once_however_it_is_spelt(db: &TestDb) {
        let clock = clock();
        let again = db.store.write(|conn| {
            let bank = add_organisation(conn, "BANK1", OrganisationKind::Bank, &clock);
            add_account(conn, bank, "Wang", Role::BankUser, &clock);
            let email = "WANG@Example.com".parse().expect("an address");
            let found = accounts::by_email(conn, &email)?;
            assert_eq!((found.actor.role, found.actor.organisation_id), (Role::BankUser, bank));
            assert_eq!(found.actor.district_code, DISTRICT);
            assert!(!format!("{found:?}").contains("argon2"), "the hash is not printed");
            assert_eq!(accounts::active_by_id(conn, found.actor.user_id)?, found.actor);
            let new = accounts::NewAccount {
                organisation_id: bank,
                email: &email,
                name: "王",
                role: Role::BankUser,
                password_hash: "",
            };
            accounts::insert(conn, &new, &clock)
        });
        assert!(matches!(again, Err(StoreError::Duplicate(what)) if what == "account.email"));
    }

    fn a_session_lives_until_its_end_which_use_moves(db: &TestDb) {
        let clock = clock();
        let lifetime = TimeDelta::hours(10);
        let start = clock.now();
        db.store
            .write(|conn| {
                let bank = add_organisation(conn, "BANK1", OrganisationKind::Bank, &clock);
                let user = add_account(conn, bank, "wang", Role::BankUser, &clock);
                sessions::insert(conn, "hash", user, start, lifetime)
            })
            .expect("it is opened");
        let find = || db.store.read(|conn| sessions::find_live(conn, "hash", clock.now()));
        let live = find().expect("it is alive");
        assert!(!live.is_due(start + TimeDelta::minutes(59), lifetime));
        assert!(live.is_due(start + TimeDelta::minutes(61), lifetime));

        clock.set(start + TimeDelta::hours(9));
        db.store.write(|conn| sessions::slide(conn, "hash", clock.now(), lifetime)).expect("it slides");
        clock.set(start + TimeDelta::hours(18));
        assert_eq!(find().expect("it is alive").expires_at, start + TimeDelta::hours(19));
        clock.set(start + TimeDelta::hours(19));
        assert!(matches!(find(), Err(StoreError::NotFound)), "the end itself is no longer alive");
        let late = db.store.write(|conn| sessions::slide(conn, "hash", clock.now(), lifetime));
        assert!(matches!(late, Err(StoreError::NotFound)), "what has ended is not revived");
        let gone = db.store.write(|conn| sessions::delete_expired(conn, clock.now()));
        assert_eq!(gone.expect("it is removed"), 1);
    }

    fn signing_out_ends_the_session(db: &TestDb) {
        let clock = clock();
        let found = db.store.write(|conn| {
            let bank = add_organisation(conn, "BANK1", OrganisationKind::Bank, &clock);
            let user = add_account(conn, bank, "wang", Role::BankUser, &clock);
            sessions::insert(conn, "hash", user, clock.now(), TimeDelta::hours(1))?;
            sessions::delete(conn, "hash")?;
            sessions::delete(conn, "hash")?;
            sessions::find_live(conn, "hash", clock.now())
        });
        assert!(matches!(found, Err(StoreError::NotFound)));
    }

    fn the_last_passwords_are_remembered_and_no_more(db: &TestDb) {
        let clock = clock();
        let user = db.store.write(|conn| {
            let bank = add_organisation(conn, "BANK1", OrganisationKind::Bank, &clock);
            Ok::<_, StoreError>(add_account(conn, bank, "wang", Role::BankUser, &clock))
        }).expect("it is added");
        let change = |hash: &str, history| {
            clock.advance(TimeDelta::days(1));
            db.store.write(|conn| accounts::change_password(conn, user, hash, history, &clock)).expect("it is changed");
        };
        let last = |most| db.store.read(|conn| accounts::last_hashes(conn, user, most)).expect("they are read");
        for hash in ["one", "two", "three"] {
            change(hash, 3);
        }
        assert_eq!(last(9), ["three", "two", "one"], "the first of all is forgotten");
        assert_eq!(last(0), [""; 0]);
        change("four", 0);
        assert_eq!(last(9), ["four"], "who remembers none forgets all");
    }
}
