//! Authorization requests that wait for their person to sign in (security.md 10).

use oidc_core::{params::Params, secret::SecretDigest};
use portal_core::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr,
};

use crate::{
    Digest, StorageError, Store, Transaction, entity::pending_requests, guarded, stored_list,
};

/// For how long a person may take to sign in, in seconds.
const LIFETIME_SECONDS: i64 = 600;

/// Digest of the request's id, and of the browser that brought it. Both must fit: a request is finished in the
/// browser that began it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestDigest {
    /// Of the id.
    pub id: Digest,
    /// Of the browser cookie.
    pub browser: Digest,
}

/// A request as it came. It is stored unvalidated and validated again when it goes on, so that a client that was
/// changed or disabled meanwhile is seen as it is now.
#[derive(Clone, Debug)]
pub struct PendingRequest {
    /// The client that asks.
    pub client_id: String,
    /// All parameters.
    pub params: Params,
    /// When it came in.
    pub created_at: Timestamp,
    /// The pushed request that it came from; used up with it.
    pub pushed: Option<SecretDigest>,
}

impl Store {
    /// A request that waits in this browser; `None` when it is over, was answered or is another browser's.
    pub async fn find_pending_request(
        &self,
        digest: &RequestDigest,
        now: Timestamp,
    ) -> Result<Option<PendingRequest>, StorageError> {
        let row = pending_requests::Entity::find_by_id(digest.id.to_vec())
            .filter(pending_requests::Column::BrowserDigest.eq(digest.browser.to_vec()))
            .filter(pending_requests::Column::ExpiresAt.gt(now.millis()))
            .filter(pending_requests::Column::CompletedAt.is_null())
            .one(self.connection())
            .await?;
        row.map(into_request).transpose()
    }
}

impl Transaction {
    /// Stores a request until its person has signed in.
    pub async fn insert_pending_request(
        &self,
        digest: &RequestDigest,
        request: &PendingRequest,
    ) -> Result<(), StorageError> {
        let row = pending_requests::ActiveModel {
            id_digest: Set(digest.id.to_vec()),
            browser_digest: Set(digest.browser.to_vec()),
            client_id: Set(request.client_id.clone()),
            params: Set(stored_list::write_params(&request.params)?),
            created_at: Set(request.created_at.millis()),
            expires_at: Set(request.created_at.plus_seconds(LIFETIME_SECONDS).millis()),
            completed_at: Set(None),
            pushed_digest: Set(request.pushed.map(|digest| digest.as_bytes().to_vec())),
        };
        pending_requests::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Marks a request as answered, once: two answers at the same time give one code (security.md 13).
    pub async fn complete_pending_request(
        &self,
        digest: &RequestDigest,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let update = pending_requests::Entity::update_many()
            .col_expr(pending_requests::Column::CompletedAt, Expr::value(now.millis()))
            .filter(pending_requests::Column::IdDigest.eq(digest.id.to_vec()))
            .filter(pending_requests::Column::BrowserDigest.eq(digest.browser.to_vec()))
            .filter(pending_requests::Column::CompletedAt.is_null());
        Ok(guarded::take(self, update).await?.is_some())
    }
}

fn into_request(row: pending_requests::Model) -> Result<PendingRequest, StorageError> {
    let digest = |bytes: Vec<u8>| {
        SecretDigest::from_bytes(&bytes).ok_or(StorageError::Corrupt("digest of a pushed request"))
    };
    Ok(PendingRequest {
        client_id: row.client_id,
        params: stored_list::read_params(&row.params)?,
        created_at: Timestamp::from_millis(row.created_at),
        pushed: row.pushed_digest.map(digest).transpose()?,
    })
}
