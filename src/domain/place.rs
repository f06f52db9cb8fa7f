//! Where a list that is ordered by time goes on: what its cursors stand for.

use chrono::{DateTime, Utc};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A row of a list ordered by instant, then id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its instant.
    pub at: DateTime<Utc>,
    /// Its id, for rows of one instant.
    pub id: Uuid,
}

/// A text that names no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no place in a list")]
pub struct NoPlace;

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.timestamp_micros(), self.id)
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let read = || {
            let (at, id) = text.split_once('.')?;
            let at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
            Some(Self {
                at,
                id: id.parse().ok()?,
            })
        };
        read().ok_or(NoPlace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_as_it_was_written() {
        let place: Place = "1793498400000001.00000000-0000-4000-8000-000000000001"
            .parse()
            .expect("a place");
        assert_eq!(place.to_string().parse(), Ok(place));
        for bad in [
            "",
            "1",
            "x.00000000-0000-4000-8000-000000000001",
            "1.x",
            "9223372036854775807.00000000-0000-4000-8000-000000000001",
        ] {
            assert_eq!(bad.parse::<Place>(), Err(NoPlace), "{bad}");
        }
    }
}
