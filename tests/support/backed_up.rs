//! A database that is backed up, destroyed and restored, as tests need it.

use super::app::TestApp;
use super::db::{TestDb, number, settings};
use super::mail::{by_hand, mails};
use crate::cli::serve::program;
use diesel::prelude::*;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use rongqiao::store::{AnyConnection, Store, StoreError};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

/// A database with rows and keys, and a place for backups of it.
pub struct Case<'a> {
    /// The database.
    pub db: &'a TestDb,
    /// The place.
    pub folder: TempDir,
}

impl<'a> Case<'a> {
    pub fn new(db: &'a TestDb) -> Self {
        mails(&TestApp::start(db));
        let case = Self {
            db,
            folder: TempDir::new().expect("a folder"),
        };
        if let Some(file) = case.database() {
            for (key, content) in KEYS {
                let path = file.with_added_extension(key);
                fs::write(&path, content).expect("it is written");
                fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("it is set");
            }
        }
        case
    }

    pub fn database(&self) -> Option<PathBuf> {
        self.db.url.strip_prefix("sqlite://").map(PathBuf::from)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn run(&self, words: &[&str]) -> Output {
        program(self.db).args(words).output().expect("the program starts")
    }

    /// What a command that has to succeed prints.
    pub fn prints(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(
            output.status.success(),
            "{words:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// What a command that has to fail says.
    pub fn fails(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{words:?}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
        String::from_utf8(output.stderr).expect("UTF-8")
    }

    pub fn fails_with(&self, key: &str, value: &str, words: &[&str]) -> String {
        let output = program(self.db)
            .env(key, value)
            .args(words)
            .output()
            .expect("the program starts");
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).expect("UTF-8")
    }

    pub fn backup(&self) -> PathBuf {
        let file = self.file("backup");
        self.prints(&["backup", text(&file)]);
        file
    }

    pub fn restore(&self, file: &Path) -> String {
        self.prints(&["restore", text(file)])
    }

    /// Nothing is restored, and it is said why.
    pub fn refuses(&self, file: &Path) -> String {
        let said = self.fails(&["restore", text(file)]);
        assert!(self.is_empty(), "{said}");
        said
    }

    /// The disaster.
    pub fn destroy(&self) {
        match self.database() {
            Some(file) => {
                let folder = file.parent().expect("a folder");
                for entry in fs::read_dir(folder).expect("a folder") {
                    fs::remove_file(entry.expect("a file").path()).expect("it is removed");
                }
            }
            None => self.by_hand(&format!("DROP SCHEMA {0} CASCADE; CREATE SCHEMA {0}", self.namespace())),
        }
        assert!(self.is_empty());
    }

    pub fn by_hand(&self, sql: &str) {
        by_hand(&self.db.store, sql).expect("it is done");
    }

    pub fn namespace(&self) -> &str {
        self.db.url.rsplit("%3D").next().expect("a schema")
    }

    pub fn is_empty(&self) -> bool {
        if let Some(file) = self.database() {
            let folder = file.parent().expect("a folder");
            return fs::read_dir(folder).expect("a folder").next().is_none();
        }
        let sql = format!(
            "SELECT count(*) AS n FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace \
             WHERE s.nspname = '{}'",
            self.namespace()
        );
        number(&self.db.store, &sql) == 0
    }

    /// The database that is there now: what was open before may have been removed.
    pub fn store(&self) -> Store {
        Store::open(self.db.store.url(), &settings()).expect("it opens")
    }
}

pub const KEYS: [(&str, &str); 3] = [
    ("key", "a key that signs, of thirty-two bytes and more"),
    ("key.old", "the key before, of thirty-two bytes and more"),
    ("factor-key", "a key that seals, of thirty-two bytes and more"),
];

pub fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

pub fn mode(path: &Path) -> u32 {
    path.metadata().expect("it is there").permissions().mode() & 0o777
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

fn lines(store: &Store, sql: &str) -> Vec<String> {
    let ask = |conn: &mut AnyConnection| {
        let query = diesel::sql_query(sql);
        let lines: Vec<Line> = match conn {
            AnyConnection::Sqlite(conn) => query.load(conn)?,
            AnyConnection::Postgres(conn) => query.load(conn)?,
        };
        Ok::<_, StoreError>(lines)
    };
    store
        .read(ask)
        .expect("it is asked")
        .into_iter()
        .map(|line| line.line)
        .collect()
}

/// Every row of every table, as text.
pub fn rows(store: &Store) -> BTreeMap<String, Vec<String>> {
    let is_file = store.url().file().is_some();
    let tables = lines(
        store,
        if is_file {
            "SELECT name AS line FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'"
        } else {
            "SELECT relname::text AS line FROM pg_class WHERE relkind = 'r' \
             AND relnamespace = current_schema()::regnamespace AND relname NOT LIKE '\\_\\_%'"
        },
    );
    let of = |table: &String| {
        if is_file {
            let columns = lines(
                store,
                &format!("SELECT 'quote(\"' || name || '\")' AS line FROM pragma_table_info('{table}')"),
            );
            lines(
                store,
                &format!("SELECT {} AS line FROM {table} ORDER BY 1", columns.join(" || ',' || ")),
            )
        } else {
            lines(store, &format!("SELECT t::text AS line FROM {table} t ORDER BY 1"))
        }
    };
    tables.iter().map(|table| (table.clone(), of(table))).collect()
}

/// The files of a backup by name.
pub fn unpacked(file: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(file).expect("it opens")));
    let entries = archive.entries().expect("a tar").map(|entry| {
        let mut entry = entry.expect("an entry");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("it reads");
        (
            String::from_utf8(entry.path_bytes().into_owned()).expect("UTF-8"),
            bytes,
        )
    });
    entries.collect()
}

/// The same backup with another manifest.
pub fn rewritten(case: &Case<'_>, file: &Path, change: impl FnOnce(&mut Value)) -> PathBuf {
    let mut parts = unpacked(file);
    let mut manifest = serde_json::from_slice(&parts[0].1).expect("JSON");
    change(&mut manifest);
    parts[0].1 = manifest.to_string().into_bytes();
    let path = case.file("rewritten");
    let packed = GzEncoder::new(File::create(&path).expect("it is made"), Compression::default());
    let mut tar = tar::Builder::new(packed);
    for (name, bytes) in parts {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, bytes.as_slice())
            .expect("it is added");
    }
    tar.into_inner().and_then(GzEncoder::finish).expect("it is written");
    path
}
