//! The chain of hashes over the audit log: what is hashed, and with which algorithm.
//!
//! A hash covers the row, its place and the hash before it, so that no row can be changed, put in or
//! taken out without every later hash changing. The id of the algorithm stands beside each hash: a site
//! may change to another one, and what was sealed before still verifies.

use super::digest::{hex, sha256_hex};
use crate::config::AuditAlgorithm;
use crate::store::audit_log::AuditRow;
use sm3::{Digest, Sm3};

/// A hash that rows are sealed with.
pub trait ChainHash: Sync {
    /// What stands beside each value.
    fn id(&self) -> &'static str;
    /// The hash of a message, in hexadecimal digits.
    fn hash(&self, message: &[u8]) -> String;
}

struct Sha256Hash;
struct Sm3Hash;

impl ChainHash for Sha256Hash {
    fn id(&self) -> &'static str {
        "sha256"
    }

    fn hash(&self, message: &[u8]) -> String {
        sha256_hex(message)
    }
}

impl ChainHash for Sm3Hash {
    fn id(&self) -> &'static str {
        "sm3"
    }

    fn hash(&self, message: &[u8]) -> String {
        hex(&Sm3::digest(message))
    }
}

const ALL: [&dyn ChainHash; 2] = [&Sha256Hash, &Sm3Hash];

/// The algorithm with this id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static dyn ChainHash> {
    ALL.into_iter().find(|hash| hash.id() == id)
}

/// The algorithm that a setting names.
#[must_use]
pub fn of_setting(setting: AuditAlgorithm) -> &'static dyn ChainHash {
    match setting {
        AuditAlgorithm::Sha256 => &Sha256Hash,
        AuditAlgorithm::Sm3 => &Sm3Hash,
    }
}

/// The hash of a row at a place, after the row with the hash `previous` (none before the first).
///
/// # Errors
/// When the row can't be written as JSON, which no row of texts can come to.
pub fn link(
    algorithm: &dyn ChainHash,
    previous: Option<&str>,
    place: i64,
    row: &AuditRow,
) -> Result<String, serde_json::Error> {
    // An array of JSON reads back in one way only: no two different rows are written alike.
    let who = (&row.account_id, &row.organisation_id, &row.district_code, &row.origin);
    let what = (&row.action, &row.subject, &row.before, &row.after);
    let at_micros = row.at.and_utc().timestamp_micros();
    let message = serde_json::to_vec(&(algorithm.id(), previous, place, &row.id, at_micros, who, what))?;
    Ok(algorithm.hash(&message))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published hashes of "abc": FIPS 180-4 and GB/T 32905-2016.
    #[test]
    fn the_algorithms_are_the_standards() {
        let of = |id: &str| by_id(id).expect("known").hash(b"abc");
        assert_eq!(
            of("sha256"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            of("sm3"),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
        assert!(by_id("md5").is_none());
    }

    #[test]
    fn every_part_of_a_row_counts() {
        let row = AuditRow {
            id: "1".to_owned(),
            at: chrono::DateTime::UNIX_EPOCH.naive_utc(),
            account_id: Some("a".to_owned()),
            organisation_id: None,
            district_code: "410106".to_owned(),
            origin: None,
            action: "signed_in".to_owned(),
            subject: "account:1".to_owned(),
            before: None,
            after: Some("open".to_owned()),
        };
        let hash = |previous, place, row: &AuditRow| link(&Sha256Hash, previous, place, row).expect("JSON");
        let changes: [fn(&mut AuditRow); 10] = [
            |row| row.id = "2".to_owned(),
            |row| row.at += chrono::TimeDelta::microseconds(1),
            |row| row.account_id = None,
            |row| row.organisation_id = Some(String::new()),
            |row| row.district_code.clear(),
            |row| row.origin = Some("127.0.0.1".to_owned()),
            |row| row.action.push('x'),
            |row| row.subject.push('x'),
            |row| row.before = Some(String::new()),
            |row| row.after = None,
        ];
        let mut seen = vec![hash(None, 1, &row), hash(Some(""), 1, &row), hash(None, 2, &row)];
        for change in changes {
            let mut other = row.clone();
            change(&mut other);
            seen.push(hash(None, 1, &other));
        }
        let many = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), many);
    }
}
