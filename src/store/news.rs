//! News of the catalogue: PostgreSQL tells whoever listens when a transaction that changed it commits. A SQLite file has
//! one node, which is told nothing.

use super::connection::AnyConnection;
use super::error::StoreError;
use super::transaction::Store;
use super::url::DatabaseUrl;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

/// Has everybody who listens told, once this transaction commits. Several times in a transaction are told once.
pub(super) fn tell(conn: &mut AnyConnection) -> Result<(), StoreError> {
    match conn {
        AnyConnection::Sqlite(_) => Ok(()),
        AnyConnection::Postgres(conn) => Ok(conn.batch_execute("NOTIFY rongqiao_catalogue")?),
    }
}

/// Who listens for changes of the catalogue, those of this node as well: on a connection of its own, which is made when it
/// is first asked and again after it broke.
pub struct CatalogueNews {
    url: DatabaseUrl,
    listening: Option<PgConnection>,
}

impl Store {
    /// Begins to listen, once it is asked for the first time.
    #[must_use]
    pub fn catalogue_news(&self) -> CatalogueNews {
        CatalogueNews {
            url: self.url().clone(),
            listening: None,
        }
    }
}

impl CatalogueNews {
    /// Whether the catalogue was changed since this was asked the last time, or may have been, because nobody listened
    /// meanwhile. It does not wait.
    ///
    /// # Errors
    /// When there is no connection.
    pub fn came(&mut self) -> Result<bool, StoreError> {
        let DatabaseUrl::Postgres(url) = &self.url else {
            return Ok(false);
        };
        let Some(conn) = &mut self.listening else {
            let mut conn = PgConnection::establish(url).map_err(StoreError::database)?;
            conn.batch_execute("LISTEN rongqiao_catalogue")?;
            self.listening = Some(conn);
            return Ok(true);
        };
        let news: Result<Vec<_>, _> = conn.notifications_iter().collect();
        if news.is_err() {
            self.listening = None;
        }
        Ok(!news?.is_empty())
    }
}
