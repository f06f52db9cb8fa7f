//! Sessions and what opens them.

use crate::support::db::{TestDb, counts, on_both};
use crate::support::samples::{add_account, add_organisation, clock};
use chrono::TimeDelta;
use rongqiao::clock::{Clock, FixedClock};
use rongqiao::domain::actor::{OrganisationKind, Role};
use rongqiao::domain::session::SessionKind;
use rongqiao::store::sessions::{self, NewSession};
use rongqiao::store::{AnyConnection, StoreError, invariants};
use uuid::Uuid;

const LIFETIME: TimeDelta = TimeDelta::hours(10);

fn user(conn: &mut AnyConnection, name: &str, clock: &FixedClock) -> Uuid {
    let bank = add_organisation(conn, "BANK1", OrganisationKind::Bank, clock);
    add_account(conn, bank, name, Role::BankUser, clock)
}

fn new(account_id: Uuid, kind: SessionKind, token_hash: &str) -> NewSession<'_> {
    NewSession {
        kind,
        account_id,
        stamp: 0,
        token_hash,
        address: Some("192.0.2.1"),
        browser: None,
        lifetime: LIFETIME,
    }
}

fn rows(db: &TestDb, table: &str) -> i64 {
    counts(&db.store)
        .into_iter()
        .find(|(name, _)| *name == table)
        .expect("a table")
        .1
}

on_both! {
    fn a_session_lives_until_its_end_which_use_moves(db: &TestDb) {
        let clock = clock();
        let start = clock.now();
        let opened = db.store.write(|conn| {
            let user = user(conn, "wang", &clock);
            sessions::insert(conn, &new(user, SessionKind::Page, "hash"), &clock)
        });
        let id = opened.expect("it is opened");
        let find = || {
            let found = db.store.read(|conn| sessions::by_token(conn, SessionKind::Page, "hash", clock.now()));
            found.map(|(live, _)| live)
        };
        let live = find().expect("it is alive");
        assert_eq!(live.id, id);
        let moves_to = |minutes, most| live.moves_to(start + TimeDelta::minutes(minutes), LIFETIME, most);
        assert_eq!(moves_to(59, TimeDelta::days(1)), None, "a page is rarely a write");
        assert_eq!(moves_to(61, TimeDelta::days(1)), Some(start + TimeDelta::minutes(61) + LIFETIME));
        assert_eq!(moves_to(600, TimeDelta::hours(12)), Some(start + TimeDelta::hours(12)), "not for ever");
        assert_eq!(moves_to(600, LIFETIME), None);

        let slide = || db.store.write(|conn| sessions::slide(conn, id, clock.now(), clock.now() + LIFETIME));
        clock.set(start + TimeDelta::hours(9));
        slide().expect("it slides");
        clock.set(start + TimeDelta::hours(18));
        assert_eq!(find().expect("it is alive").expires_at, start + TimeDelta::hours(19));
        clock.set(start + TimeDelta::hours(19));
        assert!(matches!(find(), Err(StoreError::NotFound)), "the end itself is no longer alive");
        assert!(matches!(slide(), Err(StoreError::NotFound)), "what has ended is not revived");

        let ended = db.store.read(|conn| sessions::count_ended(conn, clock.now()));
        assert_eq!(ended.expect("they are counted"), 1);
        let gone = db.store.write(|conn| sessions::delete_ended(conn, clock.now(), 10));
        assert_eq!(gone.expect("it is removed"), 1);
        assert_eq!((rows(db, "session"), rows(db, "session_token")), (0, 0), "its token goes with it");
    }

    fn a_token_is_followed_by_one_and_known_when_it_comes_again(db: &TestDb) {
        let clock = clock();
        let now = clock.now();
        let opened = db.store.write(|conn| {
            let user = user(conn, "wang", &clock);
            sessions::insert(conn, &new(user, SessionKind::Api, "first"), &clock)
        });
        let id = opened.expect("it is opened");
        let replace = |used: &str, next: &str| db.store.write(|conn| sessions::replace_token(conn, id, used, next, now));
        replace("first", "second").expect("it is used up");
        assert!(matches!(replace("first", "third"), Err(StoreError::Stale)));
        let is_used = |hash: &str| db.store.read(|conn| sessions::by_token(conn, SessionKind::Api, hash, now)).map(|(_, used)| used);
        assert!(matches!((is_used("first"), is_used("second")), (Ok(true), Ok(false))));
        assert!(matches!(is_used("third"), Err(StoreError::NotFound)));
        let by_cookie = db.store.read(|conn| sessions::by_token(conn, SessionKind::Page, "second", now));
        assert!(matches!(by_cookie, Err(StoreError::NotFound)), "it opens no page");
        let broken = db.store.read(invariants::check).expect("they are checked");
        assert!(broken.iter().all(|invariant| invariant.broken == 0), "{broken:?}");
    }

    fn a_session_is_ended_by_its_user_alone(db: &TestDb) {
        let clock = clock();
        let (id, owner, another) = db.store.write(|conn| {
            let owner = user(conn, "wang", &clock);
            let another = user(conn, "li", &clock);
            let id = sessions::insert(conn, &new(owner, SessionKind::Page, "hash"), &clock)?;
            Ok::<_, StoreError>((id, owner, another))
        }).expect("it is opened");
        let end = |who: Uuid| db.store.write(|conn| sessions::end(conn, who, id));
        assert!(matches!(end(another), Err(StoreError::NotFound)));
        assert_eq!(rows(db, "session"), 1);
        end(owner).expect("it ends");
        assert!(matches!(end(owner), Err(StoreError::NotFound)));
        assert_eq!((rows(db, "session"), rows(db, "session_token")), (0, 0));
    }

    fn when_everything_ends_what_is_being_begun_ends_too(db: &TestDb) {
        let clock = clock();
        let (user, another) = db.store.write(|conn| {
            let (user, another) = (user(conn, "wang", &clock), user(conn, "li", &clock));
            for (of, hash) in [(user, "one"), (user, "two"), (another, "another's")] {
                sessions::insert(conn, &new(of, SessionKind::Page, hash), &clock)?;
            }
            Ok::<_, StoreError>((user, another))
        }).expect("they are opened");
        let alive = |who: Uuid| db.store.read(|conn| sessions::of_user(conn, who, clock.now())).expect("they are listed").len();
        assert_eq!((alive(user), alive(another)), (2, 1));
        let stamp = db.store.write(|conn| sessions::end_everything(conn, user)).expect("they end");
        assert_eq!((alive(user), alive(another), stamp), (0, 1, 1));
        // Whoever was recognised before comes too late.
        db.store.write(|conn| sessions::insert(conn, &new(user, SessionKind::Page, "late"), &clock)).expect("it is opened");
        assert_eq!(alive(user), 0);
        let late = db.store.read(|conn| sessions::by_token(conn, SessionKind::Page, "late", clock.now()));
        assert!(matches!(late, Err(StoreError::NotFound)));
        assert_eq!(db.store.write(|conn| sessions::delete_ended(conn, clock.now(), 10)).expect("removed"), 1);
        let missing = db.store.write(|conn| sessions::end_everything(conn, Uuid::nil()));
        assert!(matches!(missing, Err(StoreError::NotFound)));
    }
}
