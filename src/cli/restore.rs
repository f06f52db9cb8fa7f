//! `rongqiao restore`: a backup back into an empty place.

use super::backup::manifest::{self, Kind, Manifest, SQLITE};
use super::backup::{archive, folder_of, private_folder, programs, said, settle};
use super::failure::Failure;
use super::{check, database, mail};
use crate::actions::outbox::{self, Held};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::store::copying::{self, Contents};
use crate::store::invariants::{self, Invariant};
use crate::store::{DatabaseUrl, PoolSettings, Store, StoreError, restoring};
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use tempfile::TempPath;

/// Restore a backup where nothing is: no SQLite file, or a PostgreSQL schema without tables.
///
/// The backup is held against what it says of itself before anything is put in place. An older schema is brought up to
/// date. Mail is held until `rongqiao mail release`.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rongqiao restore /backup/rongqiao-2026-12-01.tar.gz --config /etc/rongqiao.toml")]
pub struct Args {
    /// What `rongqiao backup` wrote.
    #[arg(value_name = "F")]
    file: PathBuf,
    /// Settings; `config/default.toml` documents them.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What came of a restore.
struct Restored {
    manifest: Manifest,
    migrated: Vec<String>,
    invariants: Vec<Invariant>,
    held: Option<Held>,
}

/// Runs the command.
///
/// # Errors
/// A place that is not empty; a backup that is not whole, of another database or of a newer program; an invariant that
/// does not hold of what was restored.
pub fn run(args: &Args) -> Result<(), Failure> {
    let config = Config::load(args.config.as_deref())?;
    let url = database::url(&config)?;
    let restored = match &url {
        DatabaseUrl::Sqlite(database) => sqlite(&args.file, database)?,
        DatabaseUrl::Postgres(_) => postgres(&args.file, &config, &url)?,
    };
    let mut out = io::stdout().lock();
    writeln!(out, "restored into {url}: {}", said(&restored.manifest))?;
    for name in &restored.migrated {
        writeln!(out, "migrated: {name}")?;
    }
    if let Some(held) = &restored.held {
        writeln!(out, "{}", mail::said(held))?;
    }
    let broken = check::tell(&mut out, &restored.invariants)?;
    if broken.is_empty() {
        Ok(())
    } else {
        Err(Failure::Other(format!(
            "restored as it was backed up, with invariants that do not hold: {}",
            broken.join("; ")
        )))
    }
}

/// Fills a file beside the database's place and renames it at the end, after its keys.
fn sqlite(file: &Path, database: &Path) -> Result<Restored, Failure> {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let mut there = database.as_os_str().to_owned();
        there.push(ending);
        refuse_taken(Path::new(&there))?;
    }
    let folder = folder_of(database);
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(Failure::file(folder))?;
    let parts = private_folder(folder, ".rongqiao-restore-")?;
    let manifest = archive::unpack(file, parts.path(), |manifest| manifest::accept(manifest, Kind::Sqlite))?;
    let keys: Vec<(PathBuf, PathBuf)> = manifest
        .keys()
        .map(|key| (parts.path().join(key), database.with_added_extension(key)))
        .collect();
    for (key, place) in &keys {
        if !is_same(key, place)? {
            refuse_taken(place)?;
        }
    }
    let copy = parts.path().join(SQLITE);
    let few = PoolSettings {
        connections: 1,
        ..PoolSettings::default()
    };
    let restored = filled(&Store::open(&DatabaseUrl::Sqlite(copy.clone()), &few)?, manifest)?;
    restoring::fold(&copy)?;
    let flushed = File::open(&copy).and_then(|copy| copy.sync_all());
    flushed.map_err(Failure::file(&copy))?;
    for (key, place) in &keys {
        if !is_same(key, place)? {
            put(key, place)?;
        }
    }
    put(&copy, database)?;
    settle(folder)?;
    Ok(restored)
}

fn refuse_taken(place: &Path) -> Result<(), Failure> {
    if place.symlink_metadata().is_ok() {
        return Err(taken(place));
    }
    Ok(())
}

fn taken(place: &Path) -> Failure {
    Failure::Other(format!(
        "{}: is there; a restore replaces nothing, move it away first",
        place.display()
    ))
}

/// Whether the key is in its place already, as where only the database was lost.
fn is_same(key: &Path, place: &Path) -> Result<bool, Failure> {
    Ok(
        place.exists()
            && fs::read(place).map_err(Failure::file(place))? == fs::read(key).map_err(Failure::file(key))?,
    )
}

/// Renames a file into a place that nobody took meanwhile.
fn put(from: &Path, place: &Path) -> Result<(), Failure> {
    let moved = TempPath::try_from_path(from).map_err(Failure::file(from))?;
    moved
        .persist_noclobber(place)
        .map_err(|refused| match refused.error.kind() {
            io::ErrorKind::AlreadyExists => taken(place),
            _ => Failure::file(place)(refused.error),
        })
}

/// `pg_restore` fills the database in one transaction; a mark keeps others out until what has to follow is done too.
fn postgres(file: &Path, config: &Config, url: &DatabaseUrl) -> Result<Restored, Failure> {
    let store = database::connect(config)?;
    let Some(namespace) = store.read(restoring::empty_namespace)? else {
        return Err(not_empty(url));
    };
    let parts = private_folder(&std::env::temp_dir(), ".rongqiao-restore-")?;
    let manifest = archive::unpack(file, parts.path(), |manifest| {
        manifest::accept(manifest, Kind::Postgres)?;
        match manifest.namespace.as_deref() {
            Some(of) if of != namespace => Err(Failure::Other(format!(
                "the backup is of the schema {of}, and database.url leads to {namespace}: make that one {of}"
            ))),
            _ => Ok(()),
        }
    })?;
    if !store.begin_restore()? {
        return Err(not_empty(url));
    }
    let dump = parts.path().join(Kind::Postgres.part());
    if let Err(failure) = programs::restore(config, url, &namespace, &dump) {
        // All or nothing: nothing.
        store.abandon_restore()?;
        return Err(failure);
    }
    filled(&store, manifest)
}

fn not_empty(url: &DatabaseUrl) -> Failure {
    Failure::Other(format!(
        "{url}: has tables, or what a restore left that did not finish; a restore needs an empty schema"
    ))
}

/// Holds what was filled in against the backup's own words, and makes it ready to be served: up to date, its mail held.
fn filled(store: &Store, manifest: Manifest) -> Result<Restored, Failure> {
    let Contents { schema, rows } = store.read(copying::contents)?;
    let mut tables = rows.keys().chain(manifest.rows.keys());
    if let Some(table) = tables.find(|table| rows.get(*table) != manifest.rows.get(*table)) {
        let of = |rows: &BTreeMap<String, i64>| rows.get(table).copied().unwrap_or_default();
        return Err(Failure::Other(format!(
            "{table} has {} rows, and the backup says {}: it is not to be used",
            of(&rows),
            of(&manifest.rows)
        )));
    }
    if schema != manifest.schema {
        return Err(Failure::Other(format!(
            "the last migration is {schema} instead of {}",
            manifest.schema
        )));
    }
    let migrated = store.finish_restore(|conn| outbox::hold_restored(conn, manifest.made_at, &SystemClock))?;
    let (invariants, held) =
        store.read(|conn| Ok::<_, StoreError>((invariants::check(conn)?, outbox::held_now(conn)?)))?;
    Ok(Restored {
        manifest,
        migrated,
        invariants,
        held,
    })
}
