//! Organisations and users.

use crate::support::db::{TestDb, on_both};
use crate::support::samples::{DISTRICT, add_account, add_organisation, clock, organisation};
use chrono::TimeDelta;
use rongqiao::domain::actor::{OrganisationKind, Role};
use rongqiao::store::{Change, StoreError, accounts, organisations};

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
            assert_eq!(accounts::by_id(conn, found.actor.user_id)?.actor, found.actor);
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
