//! Enterprises, their facts, and whose eyes they are for.

use crate::support::db::{TestDb, on_both};
use crate::support::samples::{
    DISTRICT, ELSEWHERE, add_account, add_enterprise, add_organisation, authorise, clock, day, uscc,
};
use diesel::connection::SimpleConnection;
use rongqiao::clock::FixedClock;
use rongqiao::domain::actor::{OrganisationKind, Role, Scope};
use rongqiao::domain::enterprise::Fact;
use rongqiao::domain::facts::FactKey;
use rongqiao::domain::profile::Held;
use rongqiao::domain::scalar::Scalar;
use rongqiao::store::facts::{FactLine, NewFact, Provenance};
use rongqiao::store::{AnyConnection, Change, StoreError, enterprises, facts, ledger};
use uuid::Uuid;

fn value(key: FactKey, value: i64, verified: bool, observed: &str, until: Option<&str>) -> NewFact {
    NewFact {
        held: Held {
            key,
            fact: Fact {
                value: key.value(&Scalar::Number(value)).expect("the sample is valid"),
                verified,
                valid_until: until.map(day),
            },
            observed_on: day(observed),
        },
        bank_id: None,
    }
}

fn from(source_id: Uuid) -> Provenance {
    Provenance {
        source_id,
        batch_id: None,
        account_id: None,
    }
}

/// The figures of one fact in the order of the profile: value, verified, source, bank.
fn lines(all: &[FactLine], key: FactKey) -> Vec<(i64, bool, &str, Option<&str>)> {
    all.iter()
        .filter(|line| line.held.key == key)
        .map(|line| {
            let fact = line.held.fact;
            (
                fact.value.get(),
                fact.verified,
                line.source.as_str(),
                line.bank.as_deref(),
            )
        })
        .collect()
}

struct House {
    id: Uuid,
    scope: Scope,
    centre: Uuid,
    clock: FixedClock,
}

fn house(conn: &mut AnyConnection) -> House {
    let clock = clock();
    let centre = add_organisation(conn, "CENTRE", OrganisationKind::Centre, &clock);
    let (id, scope) = add_enterprise(conn, 0, &clock);
    let Scope::Organisation(own) = scope else {
        panic!("an organisation's")
    };
    let keeper = add_account(conn, own, "keeper", Role::Owner, &clock);
    authorise(conn, id, keeper, &clock);
    House {
        id,
        scope,
        centre,
        clock,
    }
}

on_both! {
    fn threat_01_an_enterprise_is_seen_by_its_own_and_its_district(db: &TestDb) {
        db.store
            .write(|conn| {
                let House { id, scope, clock, .. } = house(conn);
                let (_, other) = add_enterprise(conn, 1, &clock);
                let today = day("2026-11-01");
                assert_eq!(enterprises::by_uscc(conn, &scope, uscc(0), today)?.id, id);
                assert_eq!(enterprises::by_id(conn, &Scope::District(DISTRICT.into()), id, today)?.id, id);
                let Scope::Organisation(own) = scope else { panic!("an organisation's") };
                assert_eq!(enterprises::of_organisation(conn, own, today)?.id, id);
                for foreign in [other, Scope::District(ELSEWHERE.into()), Scope::Organisation(Uuid::nil())] {
                    let by_code = enterprises::by_uscc(conn, &foreign, uscc(0), today);
                    let by_id = enterprises::by_id(conn, &foreign, id, today);
                    assert!(matches!((by_code, by_id), (Err(StoreError::NotFound), Err(StoreError::NotFound))));
                    assert_eq!(facts::list(conn, &foreign, id, today)?, []);
                }
                Ok::<_, StoreError>(())
            })
            .expect("the store answers");
    }

    fn a_declared_value_never_overwrites_a_verified_one(db: &TestDb) {
        db.store
            .write(|conn| {
                let House { id, scope, centre, clock } = house(conn);
                let Scope::Organisation(own) = scope else { panic!("an organisation's") };
                let user = add_account(conn, own, "owner", Role::Owner, &clock);
                let verified = value(FactKey::Employees, 40, true, "2026-05-01", Some("2026-11-15"));
                ledger::record(conn, id, &[verified], &from(centre), &clock)?;
                let declared = value(FactKey::Employees, 55, false, "2026-11-01", None);
                let by_user = Provenance { source_id: own, batch_id: None, account_id: Some(user) };
                assert_eq!(facts::declare(conn, &scope, uscc(0), &declared, &by_user, &clock)?, Change::Created);
                assert_eq!(facts::declare(conn, &scope, uscc(0), &declared, &by_user, &clock)?, Change::Unchanged);

                let all = facts::list(conn, &scope, id, day("2026-11-01"))?;
                let both = [(40, true, "示例CENTRE", None), (55, false, "示例E0", None)];
                assert_eq!(lines(&all, FactKey::Employees), both);
                let mut seen_on = |day| {
                    let stored = enterprises::by_uscc(conn, &scope, uscc(0), day).expect("it is there");
                    stored.enterprise.facts.get(FactKey::Employees).map(|fact| (fact.value.get(), fact.verified))
                };
                assert_eq!(seen_on(day("2026-11-15")), Some((40, true)));
                assert_eq!(seen_on(day("2026-11-16")), Some((55, false)), "the verified one has ended");
                Ok::<_, StoreError>(())
            })
            .expect("the store answers");
    }

    fn banks_values_stand_side_by_side_and_combine(db: &TestDb) {
        db.store
            .write(|conn| {
                let House { id, scope, centre, clock } = house(conn);
                let inflow = |conn: &mut AnyConnection, code: &str, fen| {
                    let bank = add_organisation(conn, code, OrganisationKind::Bank, &clock);
                    let mut new = value(FactKey::SettlementInflowFen, fen, true, "2026-10-01", None);
                    new.bank_id = Some(bank);
                    ledger::record(conn, id, &[new], &from(centre), &clock)
                };
                inflow(conn, "BANK1", 100)?;
                inflow(conn, "BANK2", 30)?;
                inflow(conn, "BANK2", 31)?;
                let stored = enterprises::by_uscc(conn, &scope, uscc(0), day("2026-11-01"))?;
                let sum = stored.enterprise.facts.get(FactKey::SettlementInflowFen).expect("known");
                assert_eq!(sum.value.get(), 131);
                let all = facts::list(conn, &scope, id, day("2026-11-01"))?;
                let banks: Vec<_> = all.iter().filter_map(|line| line.bank.as_deref()).collect();
                assert_eq!(banks.len(), 2);
                assert!(banks.contains(&"示例BANK1") && banks.contains(&"示例BANK2"));
                Ok::<_, StoreError>(())
            })
            .expect("the store answers");
    }

    fn an_older_observation_does_not_replace_a_newer_one(db: &TestDb) {
        db.store
            .write(|conn| {
                let House { id, scope, centre, clock } = house(conn);
                let new = value(FactKey::RevenueFen, 200, true, "2026-06-01", None);
                let old = value(FactKey::RevenueFen, 100, true, "2025-06-01", None);
                let changes = ledger::record(conn, id, &[new, old], &from(centre), &clock)?;
                assert_eq!(changes, [Change::Created, Change::Updated]);
                let all = facts::list(conn, &scope, id, day("2026-11-01"))?;
                assert_eq!(lines(&all, FactKey::RevenueFen), [(200, true, "示例CENTRE", None)]);
                Ok::<_, StoreError>(())
            })
            .expect("the store answers");
    }

    fn a_broken_stored_value_is_a_fault_of_the_database(db: &TestDb) {
        let (id, scope) = db
            .store
            .write(|conn| {
                let House { id, scope, centre, clock } = house(conn);
                ledger::record(
                    conn,
                    id,
                    &[value(FactKey::Employees, 40, true, "2026-05-01", None)],
                    &from(centre),
                    &clock,
                )?;
                conn.batch_execute("UPDATE fact SET value = '-3'")?;
                Ok::<_, StoreError>((id, scope))
            })
            .expect("it is written");
        let read = db.store.read(|conn| facts::list(conn, &scope, id, day("2026-11-01")));
        match read {
            Err(StoreError::Database(error)) => assert!(error.to_string().contains("employees"), "{error}"),
            other => panic!("{other:?}"),
        }
    }
}
