//! Wrapping of what must not be readable from the database alone: private keys, phone numbers
//! (design 4).

use std::fmt;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use zeroize::Zeroizing;

use crate::error::Error;

/// Length of a nonce of AES-GCM.
const NONCE_LENGTH: usize = 12;

/// First byte of everything sealed, so that the scheme can change.
const VERSION: u8 = 1;

/// A key of 256 bits from outside of the database.
#[derive(Clone)]
pub struct WrappingKey(Zeroizing<[u8; 32]>);

impl WrappingKey {
    /// Takes the key from the configuration.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Seals a value with AES-256-GCM. `purpose` is authenticated with it: bytes sealed for one
    /// purpose, such as one column of one row, do not open for another. `entropy` is fresh; its
    /// beginning becomes the nonce.
    pub fn seal(
        &self,
        purpose: &str,
        plaintext: &[u8],
        entropy: &[u8; 32],
    ) -> Result<Vec<u8>, Error> {
        let (nonce, _) = entropy.split_first_chunk::<NONCE_LENGTH>().ok_or(Error::Seal)?;
        let payload = Payload { msg: plaintext, aad: purpose.as_bytes() };
        let sealed =
            self.cipher().encrypt(&Nonce::from(*nonce), payload).map_err(|_| Error::Seal)?;
        let mut bytes = Vec::with_capacity(1 + NONCE_LENGTH + sealed.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(nonce);
        bytes.extend_from_slice(&sealed);
        Ok(bytes)
    }

    /// Opens what [`WrappingKey::seal`] sealed for the same purpose.
    pub fn open(&self, purpose: &str, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let (version, rest) = bytes.split_first().ok_or(Error::Open)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LENGTH>().ok_or(Error::Open)?;
        if *version != VERSION {
            return Err(Error::Open);
        }
        let payload = Payload { msg: sealed, aad: purpose.as_bytes() };
        self.cipher().decrypt(&Nonce::from(*nonce), payload).map_err(|_| Error::Open)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&(*self.0).into())
    }
}

impl fmt::Debug for WrappingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrappingKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_with_the_same_key_and_purpose_only() {
        let key = WrappingKey::new([1; 32]);
        let sealed = key.seal("phone:1", b"+441234567", &[7; 32]).unwrap();
        assert_eq!(key.open("phone:1", &sealed).unwrap().as_slice(), b"+441234567");
        assert!(key.open("phone:2", &sealed).is_err());
        assert!(WrappingKey::new([2; 32]).open("phone:1", &sealed).is_err());
    }

    #[test]
    fn changed_or_truncated_bytes_do_not_open() {
        let key = WrappingKey::new([1; 32]);
        let sealed = key.seal("p", b"secret", &[7; 32]).unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open("p", &changed).is_err(), "{at}");
            assert!(key.open("p", &sealed[..at]).is_err(), "{at}");
        }
    }

    #[test]
    fn debug_shows_nothing_of_the_key() {
        assert_eq!(format!("{:?}", WrappingKey::new([9; 32])), "WrappingKey(..)");
    }
}
