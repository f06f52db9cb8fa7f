//! `rongqiao backup`: the database and its keys in one file, while the service runs.

pub mod archive;
pub mod manifest;
pub mod programs;

use super::database;
use super::failure::Failure;
use crate::actions::audit::{self, Head};
use crate::clock::{Clock, SystemClock, civil_minute};
use crate::config::Config;
use crate::store::copying::{self, Contents};
use crate::store::{AnyConnection, DatabaseUrl, SchemaError, Store};
use manifest::{FORMAT, KEYS, Kind, Manifest};
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Write the database and the keys beside it into one file; the service may run on.
///
/// The file lets in whoever has it: keep it like the database itself, and away from it. Keys that are set in the
/// configuration are not in it. `rongqiao restore` takes it back.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rongqiao backup /backup/rongqiao-2026-12-01.tar.gz --config /etc/rongqiao.toml")]
pub struct Args {
    /// The file, which must not be there yet.
    #[arg(value_name = "F")]
    file: PathBuf,
    /// Settings; `config/default.toml` documents them.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// A file that is there already or can't be written, a database that can't be used.
pub fn run(args: &Args) -> Result<(), Failure> {
    let config = Config::load(args.config.as_deref())?;
    let file = &args.file;
    if file.symlink_metadata().is_ok() {
        return Err(taken(file));
    }
    let store = database::existing(&config)?;
    match store.check_schema() {
        // Before a newer program changes the schema is when a backup is wanted most.
        Ok(()) | Err(SchemaError::Behind(_)) => {}
        Err(unusable) => return Err(unusable.into()),
    }
    let folder = folder_of(file);
    let parts = private_folder(folder, ".rongqiao-backup-")?;
    let manifest = gathered(&config, &store, parts.path())?;

    let mut packed = tempfile::Builder::new()
        .prefix(".rongqiao-backup-")
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(folder)
        .map_err(Failure::file(folder))?;
    archive::write(packed.as_file_mut(), &manifest, parts.path()).map_err(Failure::file(file))?;
    packed
        .persist_noclobber(file)
        .map_err(|refused| match refused.error.kind() {
            io::ErrorKind::AlreadyExists => taken(file),
            _ => Failure::file(file)(refused.error),
        })?;
    settle(folder)?;
    let bytes = fs::metadata(file).map_err(Failure::file(file))?.len();
    writeln!(
        io::stdout().lock(),
        "{}: {}, {bytes} bytes",
        file.display(),
        said(&manifest)
    )?;
    Ok(())
}

fn taken(file: &Path) -> Failure {
    Failure::Other(format!(
        "{}: is there already; a backup replaces nothing",
        file.display()
    ))
}

/// The folder that a file is in.
pub fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A new folder for its owner alone, gone with its value.
///
/// # Errors
/// When it can't be made.
pub fn private_folder(inside: &Path, prefix: &str) -> Result<TempDir, Failure> {
    let mut made = tempfile::Builder::new();
    made.prefix(prefix).permissions(Permissions::from_mode(0o700));
    made.tempdir_in(inside).map_err(Failure::file(inside))
}

/// Has a folder's names reach the disk.
///
/// # Errors
/// When they don't.
pub fn settle(folder: &Path) -> Result<(), Failure> {
    let opened = File::open(folder).and_then(|folder| folder.sync_all());
    opened.map_err(Failure::file(folder))
}

/// Puts the parts into a folder, and says what they are.
fn gathered(config: &Config, store: &Store, folder: &Path) -> Result<Manifest, Failure> {
    let made_at = SystemClock.now();
    let kind = Kind::of(store.url());
    let database = folder.join(kind.part());
    let ((contents, audit_head), namespace) = match store.url() {
        DatabaseUrl::Sqlite(from) => {
            // What is there and empty keeps its mode.
            File::create_new(&database)
                .and_then(|empty| empty.set_permissions(Permissions::from_mode(0o600)))
                .map_err(Failure::file(&database))?;
            (copying::of_sqlite(from, &database, looked_at)?, None)
        }
        DatabaseUrl::Postgres(_) => store.read(|conn| {
            let seen = copying::seen(conn)?;
            let seen = seen.ok_or_else(|| Failure::Other("the database is no PostgreSQL".to_owned()))?;
            programs::dump(config, store.url(), &seen, &database)?;
            Ok::<_, Failure>((looked_at(conn)?, Some(seen.namespace)))
        })?,
    };
    let mut parts = vec![archive::part(folder, kind.part())?];
    for key in KEYS {
        if let Some(database) = store.url().file()
            && copied(&database.with_added_extension(key), &folder.join(key))?
        {
            parts.push(archive::part(folder, key)?);
        }
    }
    Ok(Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        database: kind,
        namespace,
        schema: contents.schema,
        made_at,
        rows: contents.rows,
        audit_head,
        parts,
    })
}

fn looked_at(conn: &mut AnyConnection) -> Result<(Contents, Option<Head>), Failure> {
    Ok((copying::contents(conn)?, audit::head(conn)?))
}

/// Copies a file with its time, where it is there.
fn copied(from: &Path, to: &Path) -> Result<bool, Failure> {
    if !from.exists() {
        return Ok(false);
    }
    fs::copy(from, to).map_err(Failure::file(from))?;
    let modified = fs::metadata(from).and_then(|file| file.modified());
    let modified = modified.map_err(Failure::file(from))?;
    let copy = File::options().write(true).open(to);
    copy.and_then(|copy| copy.set_modified(modified))
        .map_err(Failure::file(to))?;
    Ok(true)
}

/// What is in a backup, on one line.
pub fn said(manifest: &Manifest) -> String {
    let keys: Vec<&str> = manifest.keys().collect();
    let keys = if keys.is_empty() {
        "no keys (those of the configuration are to be kept elsewhere)".to_owned()
    } else {
        format!("keys {}", keys.join(", "))
    };
    format!(
        "{} of {}, migration {}, {} rows in {} tables, {keys}",
        manifest.database,
        civil_minute(manifest.made_at),
        manifest.schema,
        manifest.all_rows(),
        manifest.rows.len()
    )
}
