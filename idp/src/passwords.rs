//! Hashing of passwords: argon2id in a bounded pool, so that guessing cannot exhaust the machine (security.md 58).

use std::{sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{self, PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;

/// Memory of one hash, in KiB: 19 MiB.
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes.
const PASSES: u32 = 2;
/// How long a request waits for its turn; then it is told 503.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// The pool. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    argon2: Arc<Argon2<'static>>,
    /// Compared with when there is no account, for the time that it takes (security.md 59).
    dummy: Arc<str>,
}

/// No hash was made.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// Too many are waiting: 503.
    #[error("too many passwords are being checked")]
    Busy,
    /// The library refused.
    #[error("hashing failed: {0}")]
    Failed(password_hash::Error),
    /// The worker was stopped.
    #[error("hashing was stopped")]
    Stopped,
}

impl Passwords {
    /// A pool with as many turns at once as there are processors.
    ///
    /// # Errors
    /// [`HashingError::Failed`] when the library does not take the parameters.
    pub fn new() -> Result<Self, HashingError> {
        let params = Params::new(MEMORY_KIB, PASSES, 1, None)
            .map_err(|error| HashingError::Failed(error.into()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let dummy =
            argon2.hash_password(b"nobody has this password").map_err(HashingError::Failed)?;
        let turns = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            turns: Arc::new(Semaphore::new(turns)),
            argon2: Arc::new(argon2),
            dummy: dummy.to_string().into(),
        })
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`HashingError`].
    pub async fn hash(&self, password: String) -> Result<String, HashingError> {
        self.in_turn(move |argon2| {
            argon2
                .hash_password(password.as_bytes())
                .map(|hash| hash.to_string())
                .map_err(HashingError::Failed)
        })
        .await
    }

    /// Whether `password` is the one that was hashed. Without a hash a dummy is compared, and the answer is no.
    ///
    /// # Errors
    /// [`HashingError::Busy`], [`HashingError::Stopped`].
    pub async fn verify(&self, password: String, hash: Option<&str>) -> Result<bool, HashingError> {
        let stored = hash.unwrap_or(&self.dummy).to_owned();
        let is_real = hash.is_some();
        self.in_turn(move |argon2| {
            let parsed = PasswordHash::new(&stored);
            let fits =
                parsed.is_ok_and(|hash| argon2.verify_password(password.as_bytes(), &hash).is_ok());
            Ok(fits && is_real)
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> Result<T, HashingError> + Send + 'static,
    ) -> Result<T, HashingError> {
        let turn =
            tokio::time::timeout(LONGEST_WAIT, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(|_| HashingError::Busy)?.map_err(|_| HashingError::Stopped)?;
        let argon2 = Arc::clone(&self.argon2);
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work(&argon2)
        });
        done.await.map_err(|_| HashingError::Stopped)?
    }
}
