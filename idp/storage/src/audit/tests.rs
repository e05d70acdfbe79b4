//! A trail from before its entries were chained by the digests of their contents.

use std::sync::Arc;

use migrations::{Migrator, MigratorTrait as _};
use portal_core::audit::chain::Fault;
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{Digest, Sealer, SealingError, Store, StoreSettings};

struct NoSealer;

impl Sealer for NoSealer {
    fn seal(&self, _: &str, _: &[u8]) -> Result<Vec<u8>, SealingError> {
        Err(SealingError)
    }
    fn open(&self, _: &str, _: &[u8]) -> Result<Vec<u8>, SealingError> {
        Err(SealingError)
    }
    fn index(&self, _: &str, _: &[u8]) -> Digest {
        [0; 32]
    }
    fn salt(&self) -> [u8; 16] {
        [0; 16]
    }
}

/// The migrations of the time.
const BEFORE: u32 = 16;

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// A database with a trail of that time.
async fn with_old_trail(folder: &std::path::Path) -> Store {
    let url = format!("sqlite://{}?mode=rwc", folder.join("portal.sqlite").display());
    let settings = StoreSettings { url, max_connections: 1 };
    let store = Store::open(&settings, Arc::new(NoSealer)).await.unwrap();
    Migrator::up(store.connection(), Some(BEFORE)).await.unwrap();
    store.prepare_audit().await.unwrap();
    let mut previous = vec![0_u8; 32];
    for seq in 1..=1200 {
        let level: Option<uuid::Uuid> = (seq % 2 == 0).then_some(uuid::Uuid::from_u128(7));
        let fields = json!([
            seq,
            5,
            "system",
            "registry.changed",
            "x",
            level,
            "{}",
            "192.0.2.1",
            null,
            previous
        ]);
        let digest = Sha256::digest(fields.to_string()).to_vec();
        let level = level.map_or("NULL".to_owned(), |id| format!("x'{}'", hex(id.as_bytes())));
        let insert = format!(
            "INSERT INTO audit_events (seq, at, actor, action, object, level_id, detail, ip, previous, digest) \
             VALUES ({seq}, 5, 'system', 'registry.changed', 'x', {level}, '{{}}', '192.0.2.1', x'{}', x'{}')",
            hex(&previous),
            hex(&digest)
        );
        store.connection().execute_unprepared(&insert).await.unwrap();
        previous = digest;
    }
    let head = format!("UPDATE audit_head SET seq = 1200, digest = x'{}'", hex(&previous));
    store.connection().execute_unprepared(&head).await.unwrap();
    store
}

#[tokio::test]
async fn an_older_trail_is_chained_anew() {
    let folder = tempfile::tempdir().unwrap();
    let store = with_old_trail(folder.path()).await;
    store.migrate().await.unwrap();
    assert_eq!(store.verify_audit().await.unwrap(), (None, 1200));
}

#[tokio::test]
async fn an_entry_that_did_not_fit_before_does_not_fit_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let store = with_old_trail(folder.path()).await;
    let change = "UPDATE audit_events SET ip = '192.0.2.2' WHERE seq = 700";
    store.connection().execute_unprepared(change).await.unwrap();
    store.migrate().await.unwrap();
    assert_eq!(store.verify_audit().await.unwrap(), (Some(Fault::Entry(700)), 699));
}
