//! What stands in the database: the rows that have a state, what was noted and told, and all of it as one text.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use rongqiao::store::{AnyConnection, Store, StoreError};

/// A row that has a state.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Row {
    /// `request`, `referral`, `offer`, `loan`, `product`, `consent`.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// Its id; a product's code.
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    /// The organisation of its enterprise, where it has one.
    #[diesel(sql_type = Text)]
    pub enterprise: String,
    /// The bank, where it has one.
    #[diesel(sql_type = Text)]
    pub bank: String,
    /// The request that it is about.
    #[diesel(sql_type = Text)]
    pub request: String,
    /// 1 where the other side has seen it: a referral that was sent, an offer that was forwarded, a loan marked as
    /// overdue; a product with a draft.
    #[diesel(sql_type = BigInt)]
    pub seen: i64,
    /// An offer's revision; what may still be drawn of a loan, in 分.
    #[diesel(sql_type = BigInt)]
    pub left: i64,
    /// What is owed of a loan, in 分.
    #[diesel(sql_type = BigInt)]
    pub owed: i64,
    /// A request's or an offer's number, a referral's products.
    #[diesel(sql_type = Text)]
    pub text: String,
}

const ROWS: &str = "
    SELECT 'request' AS kind, r.id AS id, r.state AS state, CAST(r.version AS BIGINT) AS version, o.code AS enterprise,
        '' AS bank, r.id AS request, CAST(0 AS BIGINT) AS seen, CAST(0 AS BIGINT) AS \"left\", CAST(0 AS BIGINT) AS owed,
        r.number AS text
    FROM request r JOIN enterprise e ON e.id = r.enterprise_id JOIN organisation o ON o.uscc = e.uscc
    UNION ALL
    SELECT 'referral', f.id, f.state, CAST(f.version AS BIGINT), o.code, b.code, f.request_id,
        CASE WHEN f.sent_at IS NULL THEN 0 ELSE 1 END, 0, 0, f.products
    FROM referral f JOIN organisation b ON b.id = f.bank_id JOIN request r ON r.id = f.request_id
        JOIN enterprise e ON e.id = r.enterprise_id JOIN organisation o ON o.uscc = e.uscc
    UNION ALL
    SELECT 'offer', f.id, f.state, CAST(f.version AS BIGINT), o.code, b.code, f.request_id,
        CASE WHEN f.forwarded_at IS NULL THEN 0 ELSE 1 END, CAST(f.revision AS BIGINT), 0, f.number
    FROM offer f JOIN organisation b ON b.id = f.bank_id
        JOIN enterprise e ON e.id = f.enterprise_id JOIN organisation o ON o.uscc = e.uscc
    UNION ALL
    SELECT 'loan', l.id, l.state, CAST(l.version AS BIGINT), o.code, b.code, l.request_id,
        CASE WHEN l.overdue_since IS NULL THEN 0 ELSE 1 END,
        CASE WHEN l.repayment = 'on_demand' THEN l.amount_fen - l.drawn_fen + l.repaid_fen
            ELSE l.amount_fen - l.drawn_fen END,
        l.drawn_fen - l.repaid_fen, l.contract_number
    FROM loan l JOIN organisation b ON b.id = l.bank_id
        JOIN enterprise e ON e.id = l.enterprise_id JOIN organisation o ON o.uscc = e.uscc
    UNION ALL
    SELECT 'product', p.code, p.status, CAST(p.edition AS BIGINT), '', b.code, '',
        CASE WHEN p.draft IS NULL THEN 0 ELSE 1 END, CAST(p.version AS BIGINT), 0, p.id
    FROM product p JOIN organisation b ON b.id = p.organisation_id
    UNION ALL
    SELECT 'consent', c.id, CASE WHEN c.revoked_at IS NULL THEN 'given' ELSE 'revoked' END, CAST(c.version AS BIGINT),
        o.code, b.code, c.request_id, 0, 0, 0, c.purpose
    FROM consent c JOIN organisation b ON b.id = c.bank_id
        JOIN enterprise e ON e.id = c.enterprise_id JOIN organisation o ON o.uscc = e.uscc
    ORDER BY 1, 2";

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Noted {
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = Text)]
    pub action: String,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub after: String,
}

/// A message to one user.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Told {
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = Text)]
    pub event: String,
    #[diesel(sql_type = Text)]
    pub topic: String,
    /// The user's organisation.
    #[diesel(sql_type = Text)]
    pub whom: String,
}

/// What stands in the database at one moment.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    pub rows: Vec<Row>,
    pub noted: Vec<Noted>,
    pub told: Vec<Told>,
}

impl Standing {
    pub fn of(store: &Store) -> Self {
        store
            .read(|conn| {
                Ok::<_, StoreError>(Self {
                    rows: load(conn, ROWS)?,
                    noted: load(
                        conn,
                        "SELECT id, action, subject, coalesce(after, '') AS after FROM audit ORDER BY id",
                    )?,
                    told: load(
                        conn,
                        "SELECT m.id AS id, m.event AS event, m.topic AS topic, coalesce(o.code, '') AS whom
                         FROM outbox m LEFT JOIN account a ON a.id = m.account_id
                         LEFT JOIN organisation o ON o.id = a.organisation_id ORDER BY m.id",
                    )?,
                })
            })
            .expect("it is read")
    }

    /// The row of this kind with this id.
    pub fn row(&self, kind: &str, id: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.kind == kind && row.id == id)
    }

    /// The rows of a kind.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Row> {
        self.rows.iter().filter(move |row| row.kind == kind)
    }
}

fn load<T>(conn: &mut AnyConnection, sql: &str) -> Result<Vec<T>, StoreError>
where
    T: QueryableByName<diesel::sqlite::Sqlite> + QueryableByName<diesel::pg::Pg> + 'static,
{
    let query = diesel::sql_query(sql);
    let rows = match conn {
        AnyConnection::Sqlite(conn) => query.load(conn)?,
        AnyConnection::Postgres(conn) => query.load(conn)?,
    };
    Ok(rows)
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Reads every row of every table as one text for each table, so that nothing can change unseen.
pub struct Digest {
    sql: String,
}

/// One table's rows as a text.
#[derive(Debug, PartialEq, Eq, QueryableByName)]
pub struct Table {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub rows: String,
}

impl Digest {
    /// How to read this database.
    pub fn of(store: &Store) -> Self {
        let each = store.read(|conn| match conn {
            AnyConnection::Sqlite(_) => {
                let tables: Vec<Named> = load(
                    conn,
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
                )?;
                tables.iter().map(|table| sqlite(conn, &table.name)).collect()
            }
            AnyConnection::Postgres(_) => {
                let tables: Vec<Named> = load(
                    conn,
                    "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1",
                )?;
                Ok::<Vec<String>, StoreError>(tables.iter().map(|table| postgres(&table.name)).collect())
            }
        });
        Self {
            sql: each.expect("the tables are known").join(" UNION ALL "),
        }
    }

    /// What stands in every table now.
    pub fn read(&self, store: &Store) -> Vec<Table> {
        store.read(|conn| load(conn, &self.sql)).expect("it is read")
    }
}

fn sqlite(conn: &mut AnyConnection, table: &str) -> Result<String, StoreError> {
    let columns: Vec<Named> = load(conn, &format!("SELECT name FROM pragma_table_info('{table}')"))?;
    let quoted: Vec<String> = columns
        .iter()
        .map(|column| format!("quote(\"{}\")", column.name))
        .collect();
    let line = quoted.join(" || ',' || ");
    Ok(format!(
        "SELECT '{table}' AS name, coalesce((SELECT group_concat(line, ';') FROM \
         (SELECT {line} AS line FROM \"{table}\" ORDER BY 1)), '') AS rows"
    ))
}

fn postgres(table: &str) -> String {
    format!(
        "SELECT '{table}' AS name, coalesce((SELECT md5(string_agg(CAST(t AS TEXT), ';' ORDER BY CAST(t AS TEXT))) \
         FROM \"{table}\" t), '') AS rows"
    )
}
