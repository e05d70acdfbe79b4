//! Access reviews: which are open, and what became of them.

use portal_core::{
    Timestamp,
    access_review::ReviewState,
    id::{ApplicationId, LevelId, ThirdPartyId, UserId},
    organisation::LevelPath,
    permission::ApplicationSight,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, JoinType,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, RelationDef, Select,
    sea_query::{Expr, LockType},
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    application_administrator::in_sight,
    entity::{access_reviews, applications, levels},
    guarded,
};

/// A review as it is loaded.
#[derive(Clone, Debug)]
pub struct AccessReview {
    /// Identifier; later reviews have greater ones.
    pub id: Uuid,
    /// Whose people.
    pub third_party: ThirdPartyId,
    /// The third party's topmost level.
    pub level: LevelPath,
    /// Its id.
    pub level_id: LevelId,
    /// Its name.
    pub level_name: String,
    /// Access to what.
    pub application: ApplicationId,
    /// Title of it.
    pub application_title: String,
    /// Code of it.
    pub application_code: String,
    /// What became of it.
    pub state: ReviewState,
    /// When it began.
    pub begun_at: Timestamp,
    /// When it lapses.
    pub due_at: Timestamp,
    /// How many reminders were sent.
    pub reminded: i32,
    /// When it was signed off.
    pub signed_off_at: Option<Timestamp>,
    /// By whom.
    pub signed_off_by: Option<UserId>,
    /// SHA-256 of its evidence at the sign-off.
    pub digest: Option<String>,
}

/// Which reviews of a list.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReviewsWanted {
    /// In this state only.
    pub state: Option<ReviewState>,
    /// Earlier than this one.
    pub before: Option<Uuid>,
    /// How many.
    pub limit: u64,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    review: access_reviews::Model,
    level_path: String,
    level_name: String,
    application_title: String,
    application_code: String,
}

impl Store {
    /// The review of that id.
    pub async fn find_access_review(&self, id: Uuid) -> Result<Option<AccessReview>, StorageError> {
        load_one(self.connection(), id).await
    }

    /// Reviews in sight, newest first.
    pub async fn list_access_reviews(
        &self,
        sight: &ApplicationSight,
        wanted: ReviewsWanted,
    ) -> Result<Vec<AccessReview>, StorageError> {
        let mut find =
            reviews().filter(in_sight(sight, |id| access_reviews::Column::ApplicationId.eq(id.0)));
        if let Some(state) = wanted.state {
            find = find.filter(access_reviews::Column::State.eq(state.as_str()));
        }
        if let Some(before) = wanted.before {
            find = find.filter(access_reviews::Column::Id.lt(before));
        }
        let rows = find
            .order_by_desc(access_reviews::Column::Id)
            .limit(wanted.limit)
            .into_model::<Row>()
            .all(self.connection())
            .await?;
        rows.into_iter().map(into_review).collect()
    }

    /// Open reviews that end before `until`, the first to end first, later than `after`.
    pub async fn list_open_access_reviews(
        &self,
        until: Timestamp,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<AccessReview>, StorageError> {
        let mut find = reviews()
            .filter(access_reviews::Column::State.eq(ReviewState::Open.as_str()))
            .filter(access_reviews::Column::DueAt.lte(until.millis()));
        if let Some(after) = after {
            find = find.filter(access_reviews::Column::Id.gt(after));
        }
        let rows = find
            .order_by_asc(access_reviews::Column::Id)
            .limit(limit)
            .into_model::<Row>()
            .all(self.connection())
            .await?;
        rows.into_iter().map(into_review).collect()
    }
}

impl Transaction {
    /// The review of that id, held until the commit.
    pub async fn find_access_review(&self, id: Uuid) -> Result<Option<AccessReview>, StorageError> {
        if self.locks_rows() {
            let hold = access_reviews::Entity::find_by_id(id).lock(LockType::NoKeyUpdate);
            hold.one(self.connection()).await?;
        }
        load_one(self.connection(), id).await
    }

    /// Notes that so many reminders were sent. `false` when another node was first.
    pub async fn note_review_reminder(
        &self,
        review: &AccessReview,
        reminded: i32,
    ) -> Result<bool, StorageError> {
        let update = access_reviews::Entity::update_many()
            .col_expr(access_reviews::Column::Reminded, Expr::value(reminded))
            .filter(access_reviews::Column::Id.eq(review.id))
            .filter(access_reviews::Column::Reminded.lt(reminded))
            .filter(access_reviews::Column::State.eq(ReviewState::Open.as_str()));
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Signs a review off, once.
    pub async fn sign_off_access_review(
        &self,
        id: Uuid,
        by: Option<UserId>,
        digest: &str,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let update = access_reviews::Entity::update_many()
            .col_expr(access_reviews::Column::State, Expr::value(ReviewState::SignedOff.as_str()))
            .col_expr(access_reviews::Column::OpenKey, Expr::value(None::<String>))
            .col_expr(access_reviews::Column::SignedOffAt, Expr::value(now.millis()))
            .col_expr(access_reviews::Column::SignedOffBy, Expr::value(by.map(|by| by.0)))
            .col_expr(access_reviews::Column::Digest, Expr::value(digest))
            .filter(access_reviews::Column::Id.eq(id))
            .filter(access_reviews::Column::State.ne(ReviewState::SignedOff.as_str()));
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Lets an open review lapse, once.
    pub async fn lapse_access_review(&self, id: Uuid) -> Result<bool, StorageError> {
        let update = access_reviews::Entity::update_many()
            .col_expr(access_reviews::Column::State, Expr::value(ReviewState::Lapsed.as_str()))
            .col_expr(access_reviews::Column::OpenKey, Expr::value(None::<String>))
            .filter(access_reviews::Column::Id.eq(id))
            .filter(access_reviews::Column::State.eq(ReviewState::Open.as_str()));
        Ok(guarded::take(self, update).await?.is_some())
    }
}

async fn load_one(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<AccessReview>, StorageError> {
    let find = reviews().filter(access_reviews::Column::Id.eq(id));
    find.into_model::<Row>().one(db).await?.map(into_review).transpose()
}

fn reviews() -> Select<access_reviews::Entity> {
    let level: RelationDef = access_reviews::Entity::belongs_to(levels::Entity)
        .from(access_reviews::Column::LevelId)
        .to(levels::Column::Id)
        .into();
    let application: RelationDef = access_reviews::Entity::belongs_to(applications::Entity)
        .from(access_reviews::Column::ApplicationId)
        .to(applications::Column::Id)
        .into();
    access_reviews::Entity::find()
        .join(JoinType::InnerJoin, level)
        .join(JoinType::InnerJoin, application)
        .column_as(levels::Column::Path, "level_path")
        .column_as(levels::Column::Name, "level_name")
        .column_as(applications::Column::Title, "application_title")
        .column_as(applications::Column::Code, "application_code")
}

fn into_review(row: Row) -> Result<AccessReview, StorageError> {
    let Row { review, .. } = row;
    Ok(AccessReview {
        id: review.id,
        third_party: ThirdPartyId(review.third_party_id),
        level: LevelPath::from_stored(row.level_path),
        level_id: LevelId(review.level_id),
        level_name: row.level_name,
        application: ApplicationId(review.application_id),
        application_title: row.application_title,
        application_code: row.application_code,
        state: ReviewState::parse(&review.state)
            .ok_or(StorageError::Corrupt("state of a review"))?,
        begun_at: Timestamp::from_millis(review.begun_at),
        due_at: Timestamp::from_millis(review.due_at),
        reminded: review.reminded,
        signed_off_at: review.signed_off_at.map(Timestamp::from_millis),
        signed_off_by: review.signed_off_by.map(UserId),
        digest: review.digest,
    })
}
