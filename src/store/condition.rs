//! Whether the database can be written to, and what room its disk has.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::transaction::Store;
use crate::domain::codes::Code;
use crate::domain::job::JobKind;
use diesel::connection::SimpleConnection;
use std::io;
use std::path::Path;

/// Changes nothing, and has the database write that to its disk all the same.
///
/// # Errors
/// [`StoreError::Full`] without room, or when the database fails.
pub fn write_nothing(conn: &mut AnyConnection) -> Result<(), StoreError> {
    match conn {
        // A number in the file's head that nothing here reads. A row that is set to what it holds SQLite would not write.
        AnyConnection::Sqlite(conn) => conn.batch_execute("PRAGMA user_version = 0")?,
        // The row of a job that has few turns; until its first one nothing is written.
        AnyConnection::Postgres(conn) => {
            let name = JobKind::CheckInvariants.code();
            conn.batch_execute(&format!("UPDATE job SET handled = handled WHERE name = '{name}'"))?;
        }
    }
    Ok(())
}

impl Store {
    /// Bytes that are free on the disk of a SQLite file; none where the disk is a server's.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn free_bytes(&self) -> io::Result<Option<u64>> {
        let Some(file) = self.url().file() else {
            return Ok(None);
        };
        let folder = file.parent().filter(|folder| *folder != Path::new(""));
        let disk = rustix::fs::statvfs(folder.unwrap_or(Path::new(".")))?;
        Ok(Some(disk.f_bavail.saturating_mul(disk.f_frsize)))
    }
}
