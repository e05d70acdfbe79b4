//! One-time links: found by the digest of their secret, used up once (O9, E64).

use portal_core::{Timestamp, one_time_link::LinkPurpose};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{Digest, StorageError, Store, Transaction, entity::one_time_links, guarded};

/// A link to be stored.
#[derive(Clone, Debug)]
pub struct NewLink {
    /// Digest of its secret.
    pub digest: Digest,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// For whom or what.
    pub subject: Uuid,
    /// What else it carries, such as a new address.
    pub detail: String,
}

/// A link that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// For whom or what.
    pub subject: Uuid,
    /// What else it carries.
    pub detail: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

impl Store {
    /// A link that can be used now.
    pub async fn find_link(
        &self,
        digest: &Digest,
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<Option<Link>, StorageError> {
        load_good(self.connection(), (digest, purpose), now).await
    }

    /// The link of a purpose for a subject, if there is one that can be used now.
    pub async fn find_link_of(
        &self,
        purpose: LinkPurpose,
        subject: Uuid,
        now: Timestamp,
    ) -> Result<Option<Link>, StorageError> {
        load_of(self.connection(), (purpose, subject), now).await
    }

    /// A link that was made once, whether it is used, over or good: to tell whoever opens it what became of it.
    pub async fn recall_link(
        &self,
        digest: &Digest,
        purpose: LinkPurpose,
    ) -> Result<Option<Link>, StorageError> {
        let row = one_time_links::Entity::find_by_id(digest.to_vec())
            .filter(one_time_links::Column::Purpose.eq(purpose.as_str()))
            .one(self.connection())
            .await?;
        Ok(row.map(into_link))
    }
}

async fn load_good(
    db: &impl ConnectionTrait,
    (digest, purpose): (&Digest, LinkPurpose),
    now: Timestamp,
) -> Result<Option<Link>, StorageError> {
    let row = one_time_links::Entity::find_by_id(digest.to_vec())
        .filter(one_time_links::Column::Purpose.eq(purpose.as_str()))
        .filter(one_time_links::Column::UsedAt.is_null())
        .filter(one_time_links::Column::ExpiresAt.gt(now.millis()))
        .one(db)
        .await?;
    Ok(row.map(into_link))
}

async fn load_of(
    db: &impl ConnectionTrait,
    (purpose, subject): (LinkPurpose, Uuid),
    now: Timestamp,
) -> Result<Option<Link>, StorageError> {
    let row = one_time_links::Entity::find()
        .filter(one_time_links::Column::SubjectId.eq(subject))
        .filter(one_time_links::Column::Purpose.eq(purpose.as_str()))
        .filter(one_time_links::Column::UsedAt.is_null())
        .filter(one_time_links::Column::ExpiresAt.gt(now.millis()))
        .one(db)
        .await?;
    Ok(row.map(into_link))
}

impl Transaction {
    /// Stores a link. Links of the same purpose for the same subject from before are dead.
    pub async fn insert_link(&self, new: &NewLink, now: Timestamp) -> Result<(), StorageError> {
        self.void_links(new.purpose, new.subject, now).await?;
        let row = one_time_links::ActiveModel {
            link_digest: Set(new.digest.to_vec()),
            purpose: Set(new.purpose.as_str().to_owned()),
            subject_id: Set(new.subject),
            detail: Set(new.detail.clone()),
            created_at: Set(now.millis()),
            expires_at: Set(now.plus_seconds(new.purpose.seconds()).millis()),
            used_at: Set(None),
        };
        one_time_links::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Replaces what a link carries, if it is still what was read. `false` for whoever comes second.
    pub async fn replace_link_detail(
        &self,
        (digest, purpose): (&Digest, LinkPurpose),
        (old, new): (&str, &str),
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let update = one_time_links::Entity::update_many()
            .col_expr(one_time_links::Column::Detail, Expr::value(new))
            .filter(one_time_links::Column::LinkDigest.eq(digest.to_vec()))
            .filter(one_time_links::Column::Purpose.eq(purpose.as_str()))
            .filter(one_time_links::Column::Detail.eq(old))
            .filter(one_time_links::Column::UsedAt.is_null())
            .filter(one_time_links::Column::ExpiresAt.gt(now.millis()));
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Whether a link can be used now, as this transaction sees it.
    pub async fn is_good_link(
        &self,
        digest: &Digest,
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        Ok(load_good(self.connection(), (digest, purpose), now).await?.is_some())
    }

    /// The same, as this transaction sees it.
    pub async fn find_link_of(
        &self,
        purpose: LinkPurpose,
        subject: Uuid,
        now: Timestamp,
    ) -> Result<Option<Link>, StorageError> {
        load_of(self.connection(), (purpose, subject), now).await
    }

    /// Ends all links of a purpose for a subject.
    pub async fn void_links(
        &self,
        purpose: LinkPurpose,
        subject: Uuid,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        one_time_links::Entity::update_many()
            .col_expr(one_time_links::Column::UsedAt, Expr::value(now.millis()))
            .filter(one_time_links::Column::SubjectId.eq(subject))
            .filter(one_time_links::Column::Purpose.eq(purpose.as_str()))
            .filter(one_time_links::Column::UsedAt.is_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Notes on a link that is used up what it led to.
    pub async fn note_on_used_link(
        &self,
        digest: &Digest,
        detail: &str,
    ) -> Result<(), StorageError> {
        one_time_links::Entity::update_many()
            .col_expr(one_time_links::Column::Detail, Expr::value(detail))
            .filter(one_time_links::Column::LinkDigest.eq(digest.to_vec()))
            .filter(one_time_links::Column::UsedAt.is_not_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// A link that is used up or dead, while it is kept.
    pub async fn find_used_link(
        &self,
        digest: &Digest,
        purpose: LinkPurpose,
    ) -> Result<Option<Link>, StorageError> {
        let row = one_time_links::Entity::find_by_id(digest.to_vec())
            .filter(one_time_links::Column::Purpose.eq(purpose.as_str()))
            .filter(one_time_links::Column::UsedAt.is_not_null())
            .one(self.connection())
            .await?;
        Ok(row.map(into_link))
    }

    /// Uses a link up; `None` when it was used, has expired or never was.
    pub async fn take_link(
        &self,
        digest: &Digest,
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<Option<Link>, StorageError> {
        let update = one_time_links::Entity::update_many()
            .col_expr(one_time_links::Column::UsedAt, Expr::value(now.millis()))
            .filter(one_time_links::Column::LinkDigest.eq(digest.to_vec()))
            .filter(one_time_links::Column::Purpose.eq(purpose.as_str()))
            .filter(one_time_links::Column::UsedAt.is_null())
            .filter(one_time_links::Column::ExpiresAt.gt(now.millis()));
        Ok(guarded::take(self, update).await?.map(into_link))
    }
}

fn into_link(row: one_time_links::Model) -> Link {
    Link {
        subject: row.subject_id,
        detail: row.detail,
        created_at: Timestamp::from_millis(row.created_at),
        expires_at: Timestamp::from_millis(row.expires_at),
    }
}
