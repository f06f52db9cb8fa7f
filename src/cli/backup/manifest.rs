//! What a backup says of itself: the first file in it, `manifest.json`.

use crate::actions::audit::Head;
use crate::cli::Failure;
use crate::store::DatabaseUrl;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The number of the form that this program writes, and the only one that it reads.
pub const FORMAT: u32 = 1;

/// The copy of a SQLite database.
pub const SQLITE: &str = "database.sqlite";
/// What `pg_dump` made of a PostgreSQL database, in its custom format.
pub const POSTGRES: &str = "database.dump";
/// The keys that stand beside a SQLite database, by what is added to its name.
pub const KEYS: [&str; 3] = ["key", "key.old", "factor-key"];

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of the program that wrote it.
    pub program: String,
    /// Of which database.
    pub database: Kind,
    /// The schema of a PostgreSQL database that it is of; it goes back into one of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The version of the last migration that had run, "0019".
    pub schema: String,
    /// When it was begun: what was acknowledged before is in it.
    pub made_at: DateTime<Utc>,
    /// How many rows each table has.
    pub rows: BTreeMap<String, i64>,
    /// The head of the audit log's chain; none while nothing was sealed.
    pub audit_head: Option<Head>,
    /// The files that follow, in their order.
    pub parts: Vec<Part>,
}

/// Which of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Kind {
    /// Of the database at an address.
    pub const fn of(url: &DatabaseUrl) -> Self {
        match url {
            DatabaseUrl::Sqlite(_) => Self::Sqlite,
            DatabaseUrl::Postgres(_) => Self::Postgres,
        }
    }

    /// The part that holds the database.
    pub const fn part(self) -> &'static str {
        match self {
            Self::Sqlite => SQLITE,
            Self::Postgres => POSTGRES,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its name: [`SQLITE`], [`POSTGRES`], or one of [`KEYS`].
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

impl Manifest {
    /// Reads one.
    ///
    /// # Errors
    /// Why it is none, or none of this program's, in words.
    pub fn read(json: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Form {
            format: u32,
        }
        let form: Form = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        if form.format != FORMAT {
            return Err(format!("is of format {}, this program reads {FORMAT}", form.format));
        }
        let read: Self = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let mut names = read.parts.iter().map(|part| part.name.as_str());
        if names.next() != Some(read.database.part()) {
            return Err(format!("does not begin with {}", read.database.part()));
        }
        match names.find(|name| !KEYS.contains(name)) {
            Some(unknown) => Err(format!("names {unknown:?}, which is no part of a backup")),
            None => Ok(read),
        }
    }

    /// How many rows there are in all tables.
    pub fn all_rows(&self) -> i64 {
        self.rows.values().sum()
    }

    /// The keys that are in it.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let names = self.parts.iter().map(|part| part.name.as_str());
        names.filter(|name| KEYS.contains(name))
    }
}

/// How a restore is refused that would leave the wrong program with the data.
///
/// # Errors
/// A backup of the other database, or of a newer schema.
pub fn accept(manifest: &Manifest, kind: Kind) -> Result<(), Failure> {
    if manifest.database != kind {
        return Err(Failure::Other(format!(
            "the backup is of {}, and database.url is of {kind}",
            manifest.database
        )));
    }
    if !crate::store::migrate::is_known(&manifest.schema)? {
        return Err(Failure::Other(format!(
            "the backup has migration {}, which this program does not know: restore with rongqiao {} or a newer one",
            manifest.schema, manifest.program
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            format: FORMAT,
            program: "0.1.0".to_owned(),
            database: Kind::Sqlite,
            namespace: None,
            schema: "0019".to_owned(),
            made_at: DateTime::UNIX_EPOCH,
            rows: BTreeMap::from([("audit".to_owned(), 2)]),
            audit_head: None,
            parts: ["database.sqlite", "factor-key"]
                .map(|name| Part {
                    name: name.to_owned(),
                    bytes: 1,
                    sha256: String::new(),
                })
                .to_vec(),
        }
    }

    fn read(manifest: &Manifest) -> Result<Manifest, String> {
        Manifest::read(&serde_json::to_vec(manifest).expect("JSON"))
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(read(&manifest()), Ok(manifest()));
    }

    #[test]
    fn what_this_program_would_misread_is_refused() {
        let refused = |change: fn(&mut Manifest)| {
            let mut changed = manifest();
            change(&mut changed);
            read(&changed).expect_err("it is refused")
        };
        assert!(refused(|changed| changed.format = 2).contains("format 2"));
        assert!(refused(|changed| changed.parts.clear()).contains("database.sqlite"));
        assert!(refused(|changed| changed.database = Kind::Postgres).contains("database.dump"));
        for outside in ["../factor-key", "/etc/passwd", "database.sqlite", "manifest.json"] {
            let mut changed = manifest();
            changed.parts[1].name = outside.to_owned();
            assert!(read(&changed).expect_err("no part").contains("no part of a backup"));
        }
        assert!(Manifest::read(b"{}").is_err() && Manifest::read(b"").is_err());
    }

    #[test]
    fn another_database_and_a_newer_schema_are_not_accepted() {
        assert!(accept(&manifest(), Kind::Sqlite).is_ok());
        let other = accept(&manifest(), Kind::Postgres).expect_err("another database");
        assert!(
            other.to_string().contains("of SQLite") && other.to_string().contains("PostgreSQL"),
            "{other}"
        );
        let newer = Manifest {
            schema: "9999".to_owned(),
            ..manifest()
        };
        let newer = accept(&newer, Kind::Sqlite).expect_err("a newer schema");
        assert!(newer.to_string().contains("9999"), "{newer}");
    }
}
