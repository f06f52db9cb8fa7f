//! Products: whose eyes they are for, their versions, and the catalogue.

use crate::support::db::{TestDb, on_both};
use crate::support::samples::{DISTRICT, ELSEWHERE, add_organisation, clock, product, product_form};
use rongqiao::clock::Clock;
use rongqiao::domain::actor::{OrganisationKind, Scope};
use rongqiao::domain::codes::ProductStatus;
use rongqiao::domain::product::Product;
use rongqiao::store::products::{self, ProductFilter};
use rongqiao::store::{AnyConnection, Change, StoreError};
use uuid::Uuid;

/// Two banks; of each an open product, and of the first one in every other state.
fn two_banks(conn: &mut AnyConnection) -> (Uuid, Uuid) {
    let clock = clock();
    let one = add_organisation(conn, "BANK1", OrganisationKind::Bank, &clock);
    let two = add_organisation(conn, "BANK2", OrganisationKind::Bank, &clock);
    let states = [("P1", "open"), ("P2", "draft"), ("P3", "suspended"), ("P4", "closed")];
    for (code, status) in states {
        products::put(conn, &product(code, "BANK1", status), one, &clock).expect("it is put");
    }
    products::put(conn, &product("P5", "BANK2", "open"), two, &clock).expect("it is put");
    (one, two)
}

fn codes(conn: &mut AnyConnection, scope: &Scope, filter: ProductFilter, after: Option<&str>) -> String {
    let found = products::list(conn, scope, filter, after, 3).expect("they are listed");
    found
        .iter()
        .map(|one| one.product.code.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

on_both! {
    fn threat_01_drafts_are_their_banks_own(db: &TestDb) {
        db.store
            .write(|conn| {
                let (one, two) = two_banks(conn);
                let any = ProductFilter::default();
                assert_eq!(codes(conn, &Scope::Organisation(one), any, None), "P1 P2 P3");
                assert_eq!(codes(conn, &Scope::Organisation(one), any, Some("P3")), "P4 P5");
                assert_eq!(codes(conn, &Scope::Organisation(two), any, None), "P1 P5");
                assert_eq!(codes(conn, &Scope::District(DISTRICT.into()), any, None), "P1 P3 P4");
                assert_eq!(codes(conn, &Scope::District(ELSEWHERE.into()), any, None), "P1 P5");
                let drafts = ProductFilter { status: Some(ProductStatus::Draft), ..ProductFilter::default() };
                assert_eq!(codes(conn, &Scope::Organisation(one), drafts, None), "P2");
                assert_eq!(codes(conn, &Scope::Organisation(two), drafts, None), "");

                let own = products::by_code(conn, &Scope::Organisation(one), "P2")?;
                assert_eq!((own.bank_name.as_str(), own.version), ("示例BANK1", 1));
                let foreign = products::by_code(conn, &Scope::Organisation(two), "P2");
                assert!(matches!(foreign, Err(StoreError::NotFound)));
                Ok::<_, StoreError>(())
            })
            .expect("the store answers");
    }

    fn a_change_is_a_new_version_and_the_catalogue_knows(db: &TestDb) {
        let clock = clock();
        db.store
            .write(|conn| {
                let (one, _) = two_banks(conn);
                let before = products::catalogue_version(conn)?;
                let (id, change) = products::put(conn, &product("P1", "BANK1", "open"), one, &clock)?;
                assert_eq!((change, products::catalogue_version(conn)?), (Change::Unchanged, before));

                let mut form = product_form("P1", "BANK1", "open");
                "示例新名".clone_into(&mut form.name);
                let renamed = Product::parse(form).expect("valid");
                assert_eq!(products::put(conn, &renamed, one, &clock)?, (id, Change::Updated));
                assert!(products::catalogue_version(conn)? > before);
                let on_offer = products::on_offer(conn, clock.today())?;
                assert_eq!(on_offer, [("P1".to_owned(), 2), ("P5".to_owned(), 1)]);
                let catalogue = products::catalogue(conn, clock.today())?;
                assert_eq!(catalogue.iter().map(|product| product.code.as_str()).collect::<Vec<_>>(), ["P1", "P5"]);
                assert_eq!(products::newest(conn, &["P1".to_owned()])?, [renamed]);
                Ok::<_, StoreError>(())
            })
            .expect("the store answers");
    }

    fn threat_17_what_is_asked_for_is_never_sql(db: &TestDb) {
        db.store
            .write(|conn| {
                let (_, two) = two_banks(conn);
                let scope = Scope::Organisation(two);
                for text in ["' OR '1'='1", "P1'; DROP TABLE product; --", "%", "_1", "P1\" OR 1=1", "\\"] {
                    assert!(matches!(products::by_code(conn, &scope, text), Err(StoreError::NotFound)), "{text}");
                    codes(conn, &scope, ProductFilter::default(), Some(text));
                    let district = Scope::District(text.to_owned());
                    assert_eq!(codes(conn, &district, ProductFilter::default(), None), "P1 P5", "{text}");
                }
                assert_eq!(codes(conn, &scope, ProductFilter::default(), None), "P1 P5");
                Ok::<_, StoreError>(())
            })
            .expect("the store answers");
    }
}

/// They ask for what the query builder has no words for: other tables than ours, or what a server says of itself.
const WRITE_QUERIES: [&str; 2] = ["src/store/copying.rs", "src/store/restoring.rs"];

/// Text that becomes SQL has one place, `store/`; nothing there is made from what a caller gave.
#[test]
fn threat_17_sql_is_written_in_store_alone() {
    let mut files = vec![std::path::PathBuf::from("src")];
    let mut checked = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                std::fs::read_dir(&path)
                    .expect("it lists")
                    .map(|entry| entry.expect("it lists").path()),
            );
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("it reads");
        assert!(
            !text.contains("sql_query") || WRITE_QUERIES.iter().any(|file| path.ends_with(file)),
            "{} writes a whole query as text",
            path.display()
        );
        if !path.starts_with("src/store") {
            checked += 1;
            assert!(
                !text.contains("batch_execute") && !text.contains("dsl::sql"),
                "{}",
                path.display()
            );
        }
    }
    assert!(checked > 20, "the sources were found");
}
