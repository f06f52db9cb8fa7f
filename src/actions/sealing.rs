//! What the database keeps and must not show: sealed with a key that is not in it.

use super::ActionError;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What is sealed now; the id that stands beside it, for the day when a site needs another (SM4).
pub const ALGORITHM: &str = "aes-256-gcm";

/// Seals and opens texts (AES-256-GCM). What a text is of is sealed with it: it opens as nothing else.
pub struct Sealer(Option<LessSafeKey>);

impl Sealer {
    /// With a secret of at least 32 bytes.
    ///
    /// # Errors
    /// When no key can be made of it.
    pub fn new(secret: &[u8]) -> Result<Self, ActionError> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(ActionError::internal)?;
        mac.update(b"sealed in the database");
        let key = UnboundKey::new(&AES_256_GCM, &mac.finalize().into_bytes()).map_err(ActionError::internal)?;
        Ok(Self(Some(LessSafeKey::new(key))))
    }

    /// Without a key, for commands that neither seal nor open anything.
    #[must_use]
    pub const fn without_key() -> Self {
        Self(None)
    }

    fn key(&self) -> Result<&LessSafeKey, ActionError> {
        let key = self.0.as_ref();
        key.ok_or_else(|| ActionError::internal("there is no key to seal with"))
    }

    /// Seals bytes that are of `what`; `random` is never used for another one.
    ///
    /// # Errors
    /// When there is no key.
    pub fn seal(&self, what: &str, plain: &[u8], random: &[u8; 32]) -> Result<String, ActionError> {
        let nonce: Vec<u8> = random.iter().copied().take(NONCE_LEN).collect();
        let unique = Nonce::try_assume_unique_for_key(&nonce).map_err(ActionError::internal)?;
        let mut bytes = plain.to_vec();
        self.key()?
            .seal_in_place_append_tag(unique, Aad::from(what.as_bytes()), &mut bytes)
            .map_err(ActionError::internal)?;
        Ok(BASE64.encode([nonce, bytes].concat()))
    }

    /// Opens what was sealed of `what`; nothing where it was not, or by another key.
    ///
    /// # Errors
    /// When there is no key.
    pub fn open(&self, what: &str, sealed: &str) -> Result<Option<Vec<u8>>, ActionError> {
        let key = self.key()?;
        Ok(opened(key, what, sealed))
    }
}

fn opened(key: &LessSafeKey, what: &str, sealed: &str) -> Option<Vec<u8>> {
    let bytes = BASE64.decode(sealed).ok()?;
    let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut sealed = sealed.to_vec();
    let plain = key.open_in_place(nonce, Aad::from(what.as_bytes()), &mut sealed).ok()?;
    Some(plain.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_by_its_key_as_what_it_is_of() {
        let ours = Sealer::new(b"a key of thirty-two bytes for tests").expect("a key");
        let sealed = ours.seal("a", b"plain", &[7; 32]).expect("sealed");
        let open = |what: &str, sealed: &str| ours.open(what, sealed).expect("there is a key");
        assert_eq!(open("a", &sealed).as_deref(), Some(b"plain".as_slice()));
        assert_eq!(open("b", &sealed), None);
        assert_eq!(open("a", ""), None);
        assert_eq!(open("a", &sealed.replacen(&sealed[20..21], "_", 1)), None);
        let other = Sealer::new(b"another key of thirty-two bytes, as well").expect("a key");
        assert_eq!(other.open("a", &sealed).expect("there is a key"), None);
        assert!(Sealer::without_key().open("a", &sealed).is_err());
    }
}
