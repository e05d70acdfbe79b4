//! Authorization requests that wait for their person to sign in (security.md 10).

use oidc_core::{params::Params, secret::SecretDigest};
use portal_core::{Timestamp, id::UserId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _,
    sea_query::Expr,
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
    /// What the person answered to the question of consent.
    pub answer: Option<StoredAnswer>,
}

/// The answer that a request has had (OpenID Connect Core 3.1.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// Who answered.
    pub user_id: UserId,
    /// Whether it was a yes.
    pub is_allowed: bool,
    /// When.
    pub at: Timestamp,
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
            answered_by: Set(request.answer.map(|answer| answer.user_id.0)),
            answered_at: Set(request.answer.map(|answer| answer.at.millis())),
            is_allowed: Set(request.answer.map(|answer| answer.is_allowed)),
        };
        pending_requests::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Keeps the person's answer with the request, in place of the one that the answerer knew of. Of two answers at
    /// the same time one counts: `false` for the other, and when the request is over (security.md 13).
    pub async fn answer_pending_request(
        &self,
        digest: &RequestDigest,
        known: Option<StoredAnswer>,
        answer: StoredAnswer,
    ) -> Result<bool, StorageError> {
        let answered_at = pending_requests::Column::AnsweredAt;
        let is_as_known = match known {
            None => Condition::all().add(answered_at.is_null()),
            Some(known) => Condition::all()
                .add(answered_at.eq(known.at.millis()))
                .add(pending_requests::Column::AnsweredBy.eq(known.user_id.0)),
        };
        let update = pending_requests::Entity::update_many()
            .col_expr(pending_requests::Column::AnsweredBy, Expr::value(answer.user_id.0))
            .col_expr(answered_at, Expr::value(answer.at.millis()))
            .col_expr(pending_requests::Column::IsAllowed, Expr::value(answer.is_allowed))
            .filter(pending_requests::Column::IdDigest.eq(digest.id.to_vec()))
            .filter(pending_requests::Column::BrowserDigest.eq(digest.browser.to_vec()))
            .filter(pending_requests::Column::ExpiresAt.gt(answer.at.millis()))
            .filter(pending_requests::Column::CompletedAt.is_null())
            .filter(is_as_known);
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Marks a request as done, once: two responses at the same time give one code (security.md 13).
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
    let answer = match (row.answered_by, row.answered_at, row.is_allowed) {
        (Some(user), Some(at), Some(is_allowed)) => {
            Some(StoredAnswer { user_id: UserId(user), is_allowed, at: Timestamp::from_millis(at) })
        }
        (None, None, None) => None,
        _ => return Err(StorageError::Corrupt("answer of a pending request")),
    };
    Ok(PendingRequest {
        answer,
        client_id: row.client_id,
        params: stored_list::read_params(&row.params)?,
        created_at: Timestamp::from_millis(row.created_at),
        pushed: row.pushed_digest.map(digest).transpose()?,
    })
}
