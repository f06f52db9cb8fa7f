//! A database for each test: a copy of a migrated SQLite file, or a schema of its own on PostgreSQL.

use rongqiao::store::{AnyConnection, DatabaseUrl, PoolSettings, Store, StoreError};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;
use uuid::Uuid;

/// Makes each function a test on SQLite and one on PostgreSQL: `…::sqlite::name`, `…::postgres::name`.
macro_rules! on_both {
    ($($(#[$meta:meta])* fn $name:ident($db:ident: $ty:ty) $body:block)+) => {
        $($(#[$meta])* fn $name($db: $ty) $body)+

        mod sqlite {
            $(#[test] fn $name() { super::$name(&$crate::support::db::TestDb::sqlite()); })+
        }

        mod postgres {
            $(#[test] fn $name() { super::$name(&$crate::support::db::TestDb::postgres()); })+
        }
    };
}
pub(crate) use on_both;

/// Where the PostgreSQL server for tests is.
pub const POSTGRES_VARIABLE: &str = "RONGQIAO_TEST_POSTGRES";

/// A database of one test, gone when it is dropped.
pub struct TestDb {
    /// The database, migrated.
    pub store: Store,
    /// Its address, for a second connection or a program.
    pub url: String,
    place: Place,
}

enum Place {
    Folder { _folder: TempDir },
    Schema { server: String, name: String },
}

/// Few connections, because many tests run beside each other.
pub fn settings() -> PoolSettings {
    PoolSettings {
        connections: 4,
        wait: Duration::from_secs(10),
    }
}

fn open(url: &str) -> Store {
    let url: DatabaseUrl = url.parse().expect("the test's address is one");
    Store::open(&url, &settings()).expect("the test's database opens")
}

impl TestDb {
    /// A migrated SQLite file.
    pub fn sqlite() -> Self {
        let db = Self::empty_sqlite(|path| {
            std::fs::copy(template(), path).expect("the template is copied");
        });
        Self {
            store: open(&db.0),
            url: db.0,
            place: db.1,
        }
    }

    /// A migrated SQLite file that is not flushed: for tests that write very much, and nothing that has to last.
    pub fn unsynchronised_sqlite() -> Self {
        use diesel::connection::SimpleConnection;
        let db = Self::sqlite();
        // The one writer's connection stays open. What it is told of flushing it takes outside of a transaction only.
        let unflushed = "COMMIT; PRAGMA synchronous = OFF; BEGIN IMMEDIATE";
        let told = db
            .store
            .write(|conn| Ok::<_, StoreError>(conn.batch_execute(unflushed)?));
        told.expect("it obeys");
        db
    }

    /// A migrated schema.
    pub fn postgres() -> Self {
        let db = Self::empty_postgres();
        db.store.migrate().expect("the schema is migrated");
        db
    }

    /// A SQLite file without tables.
    pub fn unmigrated_sqlite() -> Self {
        let db = Self::empty_sqlite(|_| {});
        Self {
            store: open(&db.0),
            url: db.0,
            place: db.1,
        }
    }

    /// A schema without tables.
    pub fn unmigrated_postgres() -> Self {
        Self::empty_postgres()
    }

    /// The database as another node opens it: with connections of its own where there may be several nodes.
    pub fn of_another_node(&self) -> Store {
        match self.place {
            Place::Schema { .. } => open(&self.url),
            Place::Folder { .. } => self.store.clone(),
        }
    }

    fn empty_sqlite(fill: impl FnOnce(&PathBuf)) -> (String, Place) {
        let folder = TempDir::new().expect("a folder for the test");
        let path = folder.path().join("test.db");
        fill(&path);
        (
            format!("sqlite://{}", path.display()),
            Place::Folder { _folder: folder },
        )
    }

    fn empty_postgres() -> Self {
        let server = std::env::var(POSTGRES_VARIABLE).unwrap_or_else(|_| {
            panic!("{POSTGRES_VARIABLE} names no PostgreSQL server: run the tests with scripts/test, which starts one")
        });
        #[expect(
            clippy::disallowed_methods,
            reason = "tests that run beside each other need names of their own"
        )]
        let name = format!("test_{}", Uuid::new_v4().simple());
        on_server(&server, &format!("CREATE SCHEMA {name}"));
        let sign = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{sign}options=-csearch_path%3D{name}");
        Self {
            store: open(&url),
            url,
            place: Place::Schema { server, name },
        }
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Place::Schema { server, name } = &self.place {
            on_server(server, &format!("DROP SCHEMA {name} CASCADE"));
        }
    }
}

/// Runs SQL outside of any test's schema.
fn on_server(server: &str, sql: &str) {
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, PgConnection};
    let mut conn = PgConnection::establish(server).expect("the test's PostgreSQL server answers");
    conn.batch_execute(&format!("SET client_min_messages = warning; {sql}"))
        .expect("the server obeys");
}

/// A SQLite file that this process migrated once.
fn template() -> &'static PathBuf {
    static TEMPLATE: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = TEMPLATE.get_or_init(|| {
        let folder = TempDir::new().expect("a folder for the template");
        let path = folder.path().join("template.db");
        let store = open(&format!("sqlite://{}", path.display()));
        store.migrate().expect("the template is migrated");
        drop(store);
        fold_wal(&path);
        (folder, path)
    });
    path
}

/// Brings everything into the one file that is copied.
fn fold_wal(path: &std::path::Path) {
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, SqliteConnection};
    let mut conn = SqliteConnection::establish(&path.to_string_lossy()).expect("the template opens");
    conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("the template is folded");
}

/// Every table.
pub const TABLES: [&str; 48] = [
    "audit",
    "job",
    "mail_hold",
    "once",
    "outbox",
    "organisation",
    "account",
    "session",
    "password_history",
    "second_factor",
    "recovery_code",
    "guess",
    "known_address",
    "session_token",
    "enterprise",
    "fact_batch",
    "feed_key",
    "dispute",
    "fact",
    "product",
    "product_version",
    "catalogue",
    "request",
    "request_number",
    "request_match",
    "lpr",
    "holiday",
    "authorisation",
    "authorisation_owner",
    "consent",
    "consent_fact",
    "referral",
    "profile_access",
    "reminder",
    "offer",
    "offer_revision",
    "loan",
    "disbursement",
    "repayment",
    "maturity_notice",
    "link",
    "invitation",
    "registration",
    "attachment",
    "desk_claim",
    "desk_entry",
    "proposal",
    "setting_version",
];

/// How many rows each table has.
pub fn counts(store: &Store) -> Vec<(&'static str, i64)> {
    use diesel::prelude::*;
    #[derive(QueryableByName)]
    struct Rows {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        rows: i64,
    }
    let count = |conn: &mut AnyConnection| {
        let each = TABLES.iter().map(|table| {
            let query = diesel::sql_query(format!("SELECT count(*) AS rows FROM {table}"));
            let rows: Rows = match conn {
                AnyConnection::Sqlite(conn) => query.get_result(conn)?,
                AnyConnection::Postgres(conn) => query.get_result(conn)?,
            };
            Ok((*table, rows.rows))
        });
        each.collect::<Result<Vec<_>, StoreError>>()
    };
    store.read(count).expect("they are counted")
}

/// Runs a statement as it stands, for states that no action brings about yet.
pub fn execute(store: &Store, sql: &str) -> usize {
    use diesel::prelude::*;
    use rongqiao::store::{AnyConnection, StoreError};
    let run = |conn: &mut AnyConnection| {
        let query = diesel::sql_query(sql);
        match conn {
            AnyConnection::Sqlite(conn) => query.execute(conn),
            AnyConnection::Postgres(conn) => query.execute(conn),
        }
        .map_err(StoreError::from)
    };
    store.write(run).expect("it runs")
}

/// The one whole number `n` of a query as it stands, for figures that are computed a second time.
pub fn number(store: &Store, sql: &str) -> i64 {
    use diesel::prelude::*;
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let ask = |conn: &mut AnyConnection| {
        let query = diesel::sql_query(sql);
        let row: Row = match conn {
            AnyConnection::Sqlite(conn) => query.get_result(conn)?,
            AnyConnection::Postgres(conn) => query.get_result(conn)?,
        };
        Ok::<_, StoreError>(row.n)
    };
    store.read(ask).expect("it is a number")
}
