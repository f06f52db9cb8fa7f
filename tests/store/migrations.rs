//! The schema: equal on both databases, whole after any interruption, refused when newer.

use crate::support::db::{TestDb, settings};
use diesel::connection::SimpleConnection;
use diesel::deserialize::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::Text;
use rongqiao::store::{AnyConnection, SchemaError, Store, StoreError};
use std::collections::BTreeSet;

/// One line of a schema in words that are the same for both databases.
#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

const SQLITE_SCHEMA: &str = "
    SELECT t.name || '.' || c.name || ' ' || lower(c.type) || iif(c.\"notnull\", ' not null', '')
           || iif(c.pk > 0, ' key ' || c.pk, '') AS line
      FROM sqlite_schema t, pragma_table_info(t.name) c
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\'
    UNION ALL
    SELECT t.name || '.' || f.\"from\" || ' references ' || f.\"table\" || '.' || f.\"to\"
      FROM sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'
    UNION ALL
    SELECT t.name || iif(i.\"unique\", ' unique ', ' index ')
           || (SELECT group_concat(coalesce(x.name, '(expression)'), ', ') FROM pragma_index_info(i.name) x)
           || iif(i.partial, ' partial', '')
      FROM sqlite_schema t, pragma_index_list(t.name) i
     WHERE t.type = 'table' AND i.origin <> 'pk' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\'
    UNION ALL
    SELECT t.name || ' checks ' || ((length(t.sql) - length(replace(t.sql, 'CHECK (', ''))) / length('CHECK ('))
      FROM sqlite_schema t WHERE t.type = 'table' AND t.sql LIKE '%CHECK (%'";

const POSTGRES_SCHEMA: &str = "
    WITH t AS (SELECT oid, relname::text AS name FROM pg_class
                WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname NOT LIKE '\\_\\_%')
    SELECT t.name || '.' || a.attname || ' '
           || replace(replace(format_type(a.atttypid, a.atttypmod), 'character varying', 'varchar'),
                      ' without time zone', '')
           || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
           || coalesce(' key ' || array_position(k.conkey, a.attnum), '') AS line
      FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
             LEFT JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'p'
    UNION ALL
    SELECT t.name || '.' || a.attname || ' references ' || r.relname || '.' || b.attname
      FROM t JOIN pg_constraint f ON f.conrelid = t.oid AND f.contype = 'f'
             JOIN pg_class r ON r.oid = f.confrelid
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = f.conkey[1]
             JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = f.confkey[1]
    UNION ALL
    SELECT t.name || CASE WHEN i.indisunique THEN ' unique ' ELSE ' index ' END
           || (SELECT string_agg(coalesce(a.attname::text, '(expression)'), ', ' ORDER BY n)
                 FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, n)
                      LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum AND k.attnum > 0)
           || CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END
      FROM t JOIN pg_index i ON i.indrelid = t.oid AND NOT i.indisprimary
    UNION ALL
    SELECT t.name || ' checks ' || count(*) FROM t JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype = 'c'
     GROUP BY t.name";

pub fn schema(store: &Store) -> BTreeSet<String> {
    let lines = store.read(|conn| {
        let lines: Vec<Line> = match conn {
            AnyConnection::Sqlite(conn) => diesel::sql_query(SQLITE_SCHEMA).load(conn)?,
            AnyConnection::Postgres(conn) => diesel::sql_query(POSTGRES_SCHEMA).load(conn)?,
        };
        Ok::<_, StoreError>(lines)
    });
    let lines = lines.expect("the schema is read").into_iter();
    lines
        .map(|line| line.line.replace("bool ", "boolean ").replace("bytea", "blob"))
        .collect()
}

#[test]
fn both_databases_have_one_schema() {
    let (sqlite, postgres) = (schema(&TestDb::sqlite().store), schema(&TestDb::postgres().store));
    let only_sqlite: Vec<_> = sqlite.difference(&postgres).collect();
    let only_postgres: Vec<_> = postgres.difference(&sqlite).collect();
    assert!(
        only_sqlite.is_empty() && only_postgres.is_empty(),
        "{only_sqlite:#?} {only_postgres:#?}"
    );
    for expected in [
        "fact.valid_until date",
        "fact.current boolean not null",
        "fact.enterprise_id references enterprise.id",
        "fact unique enterprise_id, key, verified, (expression) partial",
        "product_version.version integer not null key 2",
        "request.created_at timestamp not null",
        "lpr.one_year_bp bigint not null",
        "account checks 3",
    ] {
        assert!(sqlite.contains(expected), "{expected} is not in {sqlite:#?}");
    }
}

#[test]
fn both_databases_have_migrations_of_the_same_names() {
    let names = |folder: &str| -> BTreeSet<_> {
        let entries = std::fs::read_dir(folder).expect("the folder is there");
        entries.map(|entry| entry.expect("it lists").file_name()).collect()
    };
    assert_eq!(names("migrations/sqlite"), names("migrations/postgres"));
}

/// Every code of a list that a column holds passes the column's check.
#[test]
fn the_checks_know_every_code() {
    use rongqiao::domain::actor::{OrganisationKind, Role};
    use rongqiao::domain::codes::{Code, Kind, ProductStatus};
    use rongqiao::domain::holiday::HolidayKind;
    use rongqiao::domain::request::RequestState;
    fn codes<T: Code>() -> Vec<&'static str> {
        T::ALL.iter().map(|code| code.code()).collect()
    }
    let lists = [
        ("organisation", codes::<OrganisationKind>()),
        ("account", codes::<Role>()),
        ("product", codes::<Kind>()),
        ("product", codes::<ProductStatus>()),
        ("request", codes::<RequestState>()),
        ("holiday", codes::<HolidayKind>()),
    ];
    let mut text = String::new();
    for entry in std::fs::read_dir("migrations/sqlite").expect("the folder is there") {
        let path = entry.expect("it lists").path().join("up.sql");
        text += &std::fs::read_to_string(path).expect("it reads");
    }
    for (table, codes) in lists {
        let start = text
            .find(&format!("CREATE TABLE {table} ("))
            .expect("the table is made");
        let body = &text[start..start + text[start..].find(");\n").expect("it ends")];
        for code in codes {
            assert!(body.contains(&format!("'{code}'")), "{table} does not take {code}");
        }
    }
}

fn reverts(db: &TestDb) {
    db.store.migrate().expect("it is migrated");
    let folder = match &db.url {
        url if url.starts_with("sqlite") => "migrations/sqlite",
        _ => "migrations/postgres",
    };
    let mut folders: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it lists").path())
        .collect();
    folders.sort();
    let down = |conn: &mut AnyConnection| {
        for folder in folders.iter().rev() {
            conn.batch_execute(&std::fs::read_to_string(folder.join("down.sql")).expect("it reads"))?;
        }
        Ok::<_, StoreError>(())
    };
    db.store.write(down).expect("it goes back");
    assert_eq!(schema(&db.store), BTreeSet::new());
}

fn a_newer_schema_is_refused(db: &TestDb) {
    assert!(matches!(db.store.check_schema(), Err(SchemaError::Behind(lacking)) if lacking > 1));
    assert!(!db.store.migrate().expect("it is migrated").is_empty());
    assert!(db.store.migrate().expect("again").is_empty());
    db.store.check_schema().expect("it is whole");
    db.store
        .write(|conn| {
            conn.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')")?;
            Ok::<_, StoreError>(())
        })
        .expect("it is written");
    for refused in [db.store.check_schema(), db.store.migrate().map(|_| ())] {
        match refused {
            Err(error @ SchemaError::Newer(_)) => assert!(error.to_string().contains("9999"), "{error}"),
            other => panic!("{other:?}"),
        }
    }
}

fn start_together(db: &TestDb) {
    let barrier = std::sync::Barrier::new(3);
    let ran: usize = std::thread::scope(|scope| {
        let start = || {
            let store = Store::open(db.store.url(), &settings()).expect("it opens");
            barrier.wait();
            store.migrate().expect("it takes its turn").len()
        };
        let programs = [scope.spawn(start), scope.spawn(start), scope.spawn(start)];
        programs
            .into_iter()
            .map(|program| program.join().expect("it ends"))
            .sum()
    });
    let all = std::fs::read_dir("migrations/sqlite")
        .expect("the folder is there")
        .count();
    assert_eq!(ran, all, "each migration ran once");
    db.store.check_schema().expect("it is whole");
}

mod sqlite {
    use super::TestDb;

    #[test]
    fn the_way_back_leaves_nothing() {
        super::reverts(&TestDb::unmigrated_sqlite());
    }

    #[test]
    fn threat_23_a_newer_schema_is_refused() {
        super::a_newer_schema_is_refused(&TestDb::unmigrated_sqlite());
    }

    #[test]
    fn threat_23_programs_that_start_together_migrate_once() {
        super::start_together(&TestDb::unmigrated_sqlite());
    }
}

mod postgres {
    use super::TestDb;

    #[test]
    fn the_way_back_leaves_nothing() {
        super::reverts(&TestDb::unmigrated_postgres());
    }

    #[test]
    fn threat_23_a_newer_schema_is_refused() {
        super::a_newer_schema_is_refused(&TestDb::unmigrated_postgres());
    }

    #[test]
    fn threat_23_programs_that_start_together_migrate_once() {
        super::start_together(&TestDb::unmigrated_postgres());
    }
}
