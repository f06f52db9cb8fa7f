//! Files that commands write: whole or not at all.

use super::failure::Failure;
use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Writes a file beside its place under a name of its own, and moves it there when it is whole.
///
/// Where the place is a link, its target is replaced; the mode of what is replaced stays. A place that is no
/// plain file (`/dev/null`, a pipe) is written to as it is.
///
/// # Errors
/// What `write` fails with, or a place that can't be written to; then what was there before stays.
pub(super) fn into_place<T>(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let failure = |error: io::Error| Failure::file(path)(error);
    let place = target(path).map_err(failure)?;
    let there = place.metadata().ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        return write(&mut File::create(&place).map_err(failure)?);
    }
    // What the system says of the other file names that one, so only the kind of it is told.
    let unplaced = |error: io::Error| failure(error.kind().into());
    let mut beside = tempfile::Builder::new();
    // A new file gets the mode that any other would: this one, less the umask.
    beside.prefix(".rongqiao-").permissions(Permissions::from_mode(0o666));
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut out = beside.tempfile_in(folder.unwrap_or(Path::new("."))).map_err(unplaced)?;
    if let Some(there) = there {
        out.as_file().set_permissions(there.permissions()).map_err(failure)?;
    }
    let value = write(out.as_file_mut()).map_err(|error| match error {
        Failure::Output(error) => failure(error),
        other => other,
    })?;
    out.persist(&place).map_err(|error| unplaced(error.error))?;
    Ok(value)
}

/// Where links lead, though nothing may be there yet.
fn target(path: &Path) -> io::Result<PathBuf> {
    match path.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => match path.read_link() {
            Ok(next) => target(&path.with_file_name("").join(next)),
            Err(_no_link) => Ok(path.to_owned()),
        },
        found => found,
    }
}
