//! Sealing of single columns: whoever reads the database alone learns no phone number (design §4).

use crate::{Digest, StorageError};

/// Seals and opens small values with a key from outside the database. `purpose` is bound to the value, so that a
/// value sealed for one column cannot be opened as another.
pub trait Sealer: Send + Sync {
    /// Seals a value.
    fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, SealingError>;
    /// Opens a sealed value.
    fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, SealingError>;
    /// A key to find equal values by, which tells nothing of the value to whoever reads the database alone.
    fn index(&self, purpose: &str, plain: &[u8]) -> Digest;
    /// Fresh randomness that hides an entry of the audit trail from those who only see its digest.
    fn salt(&self) -> [u8; 16];
}

/// A value could not be sealed, or the key does not open it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key does not fit the sealed value")]
pub struct SealingError;

impl From<SealingError> for StorageError {
    fn from(_: SealingError) -> Self {
        Self::Corrupt("sealed value")
    }
}
