//! A place in a list that is ordered by time, newest first: where the next page goes on.

use chrono::{DateTime, NaiveDateTime, Utc};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The last row that was shown. Rows of one instant are ordered by their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// When the row was written.
    pub at: DateTime<Utc>,
    /// Its id.
    pub id: Uuid,
}

/// The text is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a place in a list")]
pub struct NoPlace;

const FORM: &str = "%Y-%m-%dT%H:%M:%S%.6f";

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.at.naive_utc().format(FORM), self.id)
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (at, id) = text.split_once('~').ok_or(NoPlace)?;
        let at = NaiveDateTime::parse_from_str(at, FORM).map_err(|_error| NoPlace)?;
        let id = id.parse().map_err(|_error| NoPlace)?;
        Ok(Self { at: at.and_utc(), id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back() {
        let text = "2026-11-01T02:00:00.000001~00000000-0000-4000-8000-000000000000";
        let place: Place = text.parse().expect("a place");
        assert_eq!(place.to_string(), text);
        assert!("2026-11-01".parse::<Place>().is_err() && "~".parse::<Place>().is_err());
    }
}
