//! The keys that the service signs with: one that signs, and those of before, which are still believed for a while.

use crate::actions::digest::hex;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A key that signs nothing any more.
pub struct OldSigningKey {
    /// The key.
    pub key: Vec<u8>,
    /// Until when what it signed is good.
    pub until: DateTime<Utc>,
}

/// The keys of a service.
pub struct SigningKeys {
    /// Signs.
    pub current: Vec<u8>,
    /// Are believed.
    pub old: Vec<OldSigningKey>,
}

impl SigningKeys {
    /// What is made of each key: of the one that signs, and of the old ones with their ends.
    pub(super) fn each<T>(&self, make: impl Fn(&[u8]) -> T) -> Made<T> {
        Made {
            current: make(&self.current),
            old: self.old.iter().map(|old| (make(&old.key), old.until)).collect(),
        }
    }
}

/// What is made of each key.
pub(super) struct Made<T> {
    pub(super) current: T,
    old: Vec<(T, DateTime<Utc>)>,
}

impl<T> Made<T> {
    /// Those that are believed at this time.
    pub(super) fn believed(&self, now: DateTime<Utc>) -> impl Iterator<Item = &T> {
        let old = self.old.iter().filter(move |(_, until)| now < *until);
        std::iter::once(&self.current).chain(old.map(|(made, _)| made))
    }
}

/// The name of a key, which tells nothing of it: half of a MAC under it, so that nobody has to think of names.
pub(super) fn name(key: &[u8]) -> String {
    let mut name = hex(&mac(key, b"name of the key"));
    name.truncate(32);
    name
}

/// HMAC-SHA-256.
pub(super) fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(message);
            mac.finalize().into_bytes().into()
        }
        // HMAC takes keys of every length.
        Err(_) => [0; 32],
    }
}
