//! The master key from outside the database, and the keys that are derived from it.

use std::{fs, io, path::Path};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use keys::WrappingKey;
use portal_core::{id::UserId, login::Code};
use sha2::{Digest as _, Sha256};
use storage::{Digest, LoginDigest, Sealer, SealingError};
use subtle::ConstantTimeEq as _;

use crate::entropy::Entropy;

/// Keys of the server, each derived from the master key for one purpose. No `Debug`.
pub struct ServerKeys {
    wrapping: WrappingKey,
    csrf: [u8; 32],
    codes: [u8; 32],
    subjects: [u8; 32],
    indexes: [u8; 32],
    cursors: [u8; 32],
}

/// The master key cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The file cannot be read or written.
    #[error("the master key file {path} cannot be used: {source}")]
    File {
        /// Which file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The content is not 32 bytes in base64.
    #[error("the master key must be 32 bytes in base64")]
    Malformed,
}

impl ServerKeys {
    /// Derives all keys from the master key.
    pub fn derive(master: &[u8; 32]) -> Self {
        Self {
            wrapping: WrappingKey::new(mac(master, &[b"wrapping"])),
            csrf: mac(master, &[b"csrf"]),
            codes: mac(master, &[b"one-time-code"]),
            subjects: mac(master, &[b"pairwise-subject"]),
            indexes: mac(master, &[b"index"]),
            cursors: mac(master, &[b"cursor"]),
        }
    }

    /// Reads the master key from a file.
    ///
    /// # Errors
    /// [`MasterKeyError`].
    pub fn from_file(path: &Path) -> Result<Self, MasterKeyError> {
        let text = fs::read_to_string(path).map_err(|source| file_error(path, source))?;
        Self::from_base64(&text)
    }

    /// Reads the master key from its text form.
    ///
    /// # Errors
    /// [`MasterKeyError::Malformed`].
    pub fn from_base64(text: &str) -> Result<Self, MasterKeyError> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| MasterKeyError::Malformed)?;
        let master: [u8; 32] = bytes.try_into().map_err(|_| MasterKeyError::Malformed)?;
        Ok(Self::derive(&master))
    }

    /// The key that wraps signing keys.
    pub fn wrapping(&self) -> &WrappingKey {
        &self.wrapping
    }

    /// What is stored of a code: bound to its login, so that it is worthless in any other (security.md 64).
    pub fn code_mac(&self, login: &LoginDigest, code: &Code) -> Digest {
        mac(&self.codes, &[&login.login, code.expose().as_bytes()])
    }

    /// Whether a typed code is the stored one, in constant time.
    pub fn is_code(&self, login: &LoginDigest, code: &Code, stored: &Digest) -> bool {
        self.code_mac(login, code).ct_eq(stored).into()
    }

    /// The identifier of a person in one sector: the same at every sign-in, unlike that of any other sector, and of no
    /// use to find out the person (OpenID Connect Core 8.1).
    pub fn pairwise_subject(&self, sector: &str, user: UserId) -> String {
        let subject = mac(&self.subjects, &[sector.as_bytes(), user.0.as_bytes()]);
        URL_SAFE_NO_PAD.encode(subject)
    }

    /// What makes the cursor of a list good for nothing but what it was made for (security.md 106).
    pub fn cursor_mac(&self, parts: &[&[u8]]) -> Digest {
        mac(&self.cursors, parts)
    }

    /// The anti-forgery token of a browser and its session (security.md 54).
    pub fn csrf_token(&self, browser: &Digest, sid: Option<&str>) -> String {
        let token = mac(&self.csrf, &[browser, sid.unwrap_or_default().as_bytes()]);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// Whether a posted anti-forgery token fits, in constant time.
    pub fn is_csrf_token(&self, posted: &str, browser: &Digest, sid: Option<&str>) -> bool {
        self.csrf_token(browser, sid).as_bytes().ct_eq(posted.as_bytes()).into()
    }
}

/// Seals columns with the wrapping key.
pub struct ColumnSealer {
    keys: std::sync::Arc<ServerKeys>,
    entropy: std::sync::Arc<dyn Entropy>,
}

impl ColumnSealer {
    /// With these keys, and nonces from this source.
    pub fn new(keys: std::sync::Arc<ServerKeys>, entropy: std::sync::Arc<dyn Entropy>) -> Self {
        Self { keys, entropy }
    }
}

impl Sealer for ColumnSealer {
    fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, SealingError> {
        self.keys.wrapping.seal(purpose, plain, &self.entropy.bytes()).map_err(|_| SealingError)
    }

    fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, SealingError> {
        self.keys
            .wrapping
            .open(purpose, sealed)
            .map(|plain| plain.as_slice().to_owned())
            .map_err(|_| SealingError)
    }

    fn index(&self, purpose: &str, plain: &[u8]) -> Digest {
        mac(&self.keys.indexes, &[purpose.as_bytes(), plain])
    }

    fn salt(&self) -> [u8; 16] {
        self.entropy.bytes().first_chunk().copied().unwrap_or_default()
    }
}

/// SHA-256 of a secret: what is stored in its place.
pub fn digest(secret: &str) -> Digest {
    Sha256::digest(secret.as_bytes()).into()
}

/// Bytes such as those of a digest, as people compare them.
pub fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Writes a fresh master key to a file that only its owner can read.
///
/// # Errors
/// [`MasterKeyError::File`], also when the file exists.
pub fn create_master_key(path: &Path, entropy: &dyn Entropy) -> Result<(), MasterKeyError> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut file = options.open(path).map_err(|source| file_error(path, source))?;
    writeln!(file, "{}", STANDARD.encode(entropy.bytes()))
        .map_err(|source| file_error(path, source))
}

fn file_error(path: &Path, source: io::Error) -> MasterKeyError {
    MasterKeyError::File { path: path.display().to_string(), source }
}

/// HMAC-SHA256 over parts, each preceded by its length, so that no two lists of parts have the same bytes.
fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // Keys shorter than a block are filled up with zeros (RFC 2104 §2).
    let mut block = [0; 64];
    if let Some(start) = block.first_chunk_mut() {
        *start = *key;
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_fits_only_the_login_it_was_sent_for() {
        let keys = ServerKeys::derive(&[7; 32]);
        let code = Code::parse("012345").unwrap();
        let (one, two) = (
            LoginDigest { login: [1; 32], browser: [9; 32] },
            LoginDigest { login: [2; 32], browser: [9; 32] },
        );
        let stored = keys.code_mac(&one, &code);
        assert!(keys.is_code(&one, &code, &stored));
        assert!(!keys.is_code(&two, &code, &stored));
        assert!(!keys.is_code(&one, &Code::parse("012346").unwrap(), &stored));
    }

    #[test]
    fn bytes_are_written_with_two_digits_each() {
        assert_eq!(hexadecimal(&[0, 9, 0xa5, 0xff]), "0009a5ff");
    }

    #[test]
    fn an_anti_forgery_token_fits_only_its_browser_and_session() {
        let keys = ServerKeys::derive(&[7; 32]);
        let token = keys.csrf_token(&[1; 32], Some("s1"));
        assert!(keys.is_csrf_token(&token, &[1; 32], Some("s1")));
        for (browser, sid) in [([1; 32], None), ([1; 32], Some("s2")), ([2; 32], Some("s1"))] {
            assert!(!keys.is_csrf_token(&token, &browser, sid));
        }
        assert!(!keys.is_csrf_token("", &[1; 32], Some("s1")));
    }
}
