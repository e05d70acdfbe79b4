//! A client secret in its column: its digest alone, or with the end of its life.

use oidc_core::{client::ClientSecret, secret::SecretDigest};
use serde::{Deserialize, Serialize};

/// One member of the list in `clients.secret_digests`. Lists from before secrets could end hold digests alone.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum StoredSecret {
    Lasting(Vec<u8>),
    Ending { digest: Vec<u8>, expires_at: i64 },
}

impl StoredSecret {
    pub(crate) fn of(secret: &ClientSecret) -> Self {
        let digest = secret.digest.as_bytes().to_vec();
        match secret.expires_at {
            None => Self::Lasting(digest),
            Some(expires_at) => Self::Ending { digest, expires_at },
        }
    }

    /// `None` when the digest is none.
    pub(crate) fn read(&self) -> Option<ClientSecret> {
        let (digest, expires_at) = match self {
            Self::Lasting(digest) => (digest, None),
            Self::Ending { digest, expires_at } => (digest, Some(*expires_at)),
        };
        Some(ClientSecret { digest: SecretDigest::from_bytes(digest)?, expires_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stored_list;

    #[test]
    fn a_list_of_digests_alone_is_still_read_and_what_is_written_is_read_back() {
        let digest = SecretDigest::from_bytes(&[7; 32]).unwrap();
        let old = stored_list::write(&[[7_u8; 32]]).unwrap();
        let read: Vec<StoredSecret> = stored_list::read(&old, "secrets").unwrap();
        assert_eq!(read[0].read(), Some(ClientSecret::lasting(digest)));
        let both =
            [ClientSecret::lasting(digest), ClientSecret { digest, expires_at: Some(1_000) }];
        let stored: Vec<StoredSecret> = both.iter().map(StoredSecret::of).collect();
        let text = stored_list::write(&stored).unwrap();
        let read: Vec<StoredSecret> = stored_list::read(&text, "secrets").unwrap();
        assert_eq!(read.iter().map(|secret| secret.read().unwrap()).collect::<Vec<_>>(), both);
        assert_eq!(StoredSecret::Lasting(vec![1]).read(), None);
    }
}
