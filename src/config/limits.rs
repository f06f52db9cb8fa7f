//! Settings of how much is taken at once, and how often.

use super::ConfigError;
use serde::{Deserialize, Serialize};

/// How much is taken at once.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Largest body of a request, in KiB.
    pub body_kib: usize,
    /// Largest file of facts, in KiB.
    pub facts_kib: usize,
    /// Largest file that is taken, in KiB.
    pub attachment_kib: usize,
    /// How many files an organisation may keep.
    pub attachments: i64,
    /// Requests a minute from one address; 0: as many as come.
    pub address_per_minute: u32,
    /// Requests a minute of one user; 0: as many as come.
    pub account_per_minute: u32,
    /// Forms a minute from one address by which one signs in, joins or asks for a link; 0: as many as come.
    pub entry_per_minute: u32,
    /// How many passwords are checked at a time.
    pub passwords_at_a_time: usize,
    /// How many more may wait for that.
    pub passwords_waiting: usize,
    /// Free space below which the service is not ready, in MiB; 0: it is not looked at.
    pub free_disk_mib: u64,
}

impl Limits {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let bad = |key, why| Err(ConfigError::Value { key, why });
        if !(16..=65_536).contains(&self.body_kib) {
            return bad("limits.body_kib", "is 16 to 65536");
        }
        if !(16..=65_536).contains(&self.facts_kib) {
            return bad("limits.facts_kib", "is 16 to 65536");
        }
        if !(16..=65_536).contains(&self.attachment_kib) || self.attachments < 1 {
            return bad("limits", "attachment_kib is 16 to 65536, attachments at least 1");
        }
        if !(1..=64).contains(&self.passwords_at_a_time) || !(1..=10_000).contains(&self.passwords_waiting) {
            return bad("limits", "passwords_at_a_time is 1 to 64, passwords_waiting 1 to 10000");
        }
        if self.free_disk_mib > 1_048_576 {
            return bad("limits.free_disk_mib", "is at most 1048576");
        }
        Ok(())
    }
}
