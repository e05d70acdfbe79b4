//! The signing keys at the first start.

use std::sync::Arc;

use idp::{
    entropy::SystemEntropy,
    secrets::{ColumnSealer, ServerKeys},
    signing::load_key_ring,
};
use serde_json::Value;
use storage::{Store, StoreSettings};

use crate::harness::{Backend, START, TestDatabase};

#[tokio::test]
async fn nodes_that_start_together_on_an_empty_database_agree_on_one_set_of_keys() {
    for backend in Backend::all() {
        let database = TestDatabase::create(backend).unwrap();
        let keys = Arc::new(ServerKeys::derive(&[7; 32]));
        let sealer = ColumnSealer::new(Arc::clone(&keys), Arc::new(SystemEntropy));
        let settings = StoreSettings { url: database.url().to_owned(), max_connections: 8 };
        let store = Store::open(&settings, Arc::new(sealer)).await.unwrap();
        store.migrate().await.unwrap();

        let node = || load_key_ring(&store, &keys, &SystemEntropy, START);
        let (one, two, three) = tokio::join!(node(), node(), node());
        let published = one.unwrap().jwks_json().to_owned();
        assert_eq!(published, two.unwrap().jwks_json(), "{backend:?}");
        assert_eq!(published, three.unwrap().jwks_json(), "{backend:?}");
        let set: Value = serde_json::from_str(&published).unwrap();
        assert_eq!(set["keys"].as_array().unwrap().len(), 3, "{backend:?}");
    }
}
