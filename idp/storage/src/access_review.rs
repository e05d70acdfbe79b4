//! Access reviews: which are open, which are due, what became of them.

use portal_core::{
    Timestamp,
    access_review::{self, HALF_YEAR, ReviewState, YEAR},
    id::{ApplicationId, LevelId, ThirdPartyId, UserId},
    organisation::{LevelPath, ThirdPartyStatus},
    permission::ApplicationSight,
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _,
    FromQueryResult, JoinType, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _, RelationDef, Select,
    sea_query::{Alias, Expr, LockType, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    application_administrator::in_sight,
    entity::{
        access_groups, access_reviews, applications, levels, memberships, onboardings,
        third_parties, users,
    },
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

/// An application of a third party that is to be reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewDue {
    /// Whose people.
    pub third_party: ThirdPartyId,
    /// Access to what.
    pub application: ApplicationId,
    /// The third party's name of its level.
    pub level_name: String,
    /// Title of the application.
    pub application_title: String,
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

    /// Applications of third parties in operation whose last review, or onboarding, is so long ago that another review
    /// is due, and that somebody has access to; at most `limit`.
    pub async fn list_reviews_due(
        &self,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<ReviewDue>, StorageError> {
        let flagged = applications::Column::ReviewMonths.lte(HALF_YEAR);
        let due = [(flagged.clone(), HALF_YEAR), (flagged.not(), YEAR)];
        let due = due.into_iter().filter_map(|(which, months)| {
            let before = access_review::due_if_before(now, months)?.millis();
            let reviewed = reviews_of_onboarding()
                .filter(access_reviews::Column::BegunAt.gt(before))
                .into_query();
            let all = Condition::all().add(which);
            let all = all.add(onboardings::Column::CreatedAt.lte(before));
            Some(all.add(Expr::exists(reviewed).not()))
        });
        let due = due.fold(Condition::any().add(Expr::value(false)), Condition::add);
        load_applications(self.connection(), Condition::all().add(due), limit).await
    }

    /// The applications at levels in sight for which a review can be begun: none is open, and somebody has access.
    pub async fn list_reviewable(
        &self,
        sight: &ApplicationSight,
        limit: u64,
    ) -> Result<Vec<ReviewDue>, StorageError> {
        let open = reviews_of_onboarding().filter(access_reviews::Column::OpenKey.is_not_null());
        let which = in_sight(sight, |id| onboardings::Column::ApplicationId.eq(id.0));
        let which = Condition::all().add(which).add(Expr::exists(open.into_query()).not());
        load_applications(self.connection(), which, limit).await
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

/// The reviews of the row of `onboardings` in the query around it.
fn reviews_of_onboarding() -> Select<access_reviews::Entity> {
    let third_party = Expr::col((onboardings::Entity, onboardings::Column::ThirdPartyId));
    let application = Expr::col((onboardings::Entity, onboardings::Column::ApplicationId));
    access_reviews::Entity::find()
        .select_only()
        .column(access_reviews::Column::Id)
        .filter(access_reviews::Column::ThirdPartyId.into_expr().eq(third_party))
        .filter(access_reviews::Column::ApplicationId.into_expr().eq(application))
}

/// The level above, if it is of the same third party: the topmost one has none. A review is about all of a third party,
/// so administrators of a level below its top do not begin one.
fn parent_of_same_third_party() -> SelectStatement {
    let parent = Alias::new("parent");
    let of_level = |column: levels::Column| Expr::col((levels::Entity, column));
    Query::select()
        .expr(Expr::value(1))
        .from_as(levels::Entity, parent.clone())
        .and_where(
            of_level(levels::Column::ParentId).eq(Expr::col((parent.clone(), levels::Column::Id))),
        )
        .and_where(
            of_level(levels::Column::ThirdPartyId)
                .eq(Expr::col((parent, levels::Column::ThirdPartyId))),
        )
        .to_owned()
}

/// Onboardings of third parties in operation to applications that somebody of theirs has access to.
async fn load_applications(
    db: &impl ConnectionTrait,
    which: Condition,
    limit: u64,
) -> Result<Vec<ReviewDue>, StorageError> {
    let third_party: RelationDef = onboardings::Entity::belongs_to(third_parties::Entity)
        .from(onboardings::Column::ThirdPartyId)
        .to(third_parties::Column::Id)
        .into();
    let level: RelationDef = onboardings::Entity::belongs_to(levels::Entity)
        .from(onboardings::Column::ThirdPartyId)
        .to(levels::Column::ThirdPartyId)
        .into();
    let application: RelationDef = onboardings::Entity::belongs_to(applications::Entity)
        .from(onboardings::Column::ApplicationId)
        .to(applications::Column::Id)
        .into();
    let in_operation =
        [ThirdPartyStatus::Active, ThirdPartyStatus::Orphaned].map(ThirdPartyStatus::as_str);
    let rows: Vec<(Uuid, Uuid, String, String)> = onboardings::Entity::find()
        .select_only()
        .column(onboardings::Column::ThirdPartyId)
        .column(onboardings::Column::ApplicationId)
        .column_as(levels::Column::Name, "level_name")
        .column(applications::Column::Title)
        .join(JoinType::InnerJoin, third_party)
        .join(JoinType::InnerJoin, level)
        .join(JoinType::InnerJoin, application)
        .filter(which)
        .filter(applications::Column::Enabled.eq(true))
        .filter(third_parties::Column::Status.is_in(in_operation))
        .filter(Expr::exists(anybody_with_access().into_query()))
        .filter(Expr::exists(parent_of_same_third_party()).not())
        .order_by_asc(onboardings::Column::ThirdPartyId)
        .order_by_asc(onboardings::Column::ApplicationId)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    let due = |(third_party, application, level_name, application_title)| ReviewDue {
        third_party: ThirdPartyId(third_party),
        application: ApplicationId(application),
        level_name,
        application_title,
    };
    Ok(rows.into_iter().map(due).collect())
}

/// Memberships in groups of the application of the onboarding, of people at its level, in the query around it.
fn anybody_with_access() -> Select<memberships::Entity> {
    let user: RelationDef = memberships::Entity::belongs_to(users::Entity)
        .from(memberships::Column::UserId)
        .to(users::Column::Id)
        .into();
    let group: RelationDef = memberships::Entity::belongs_to(access_groups::Entity)
        .from(memberships::Column::GroupId)
        .to(access_groups::Column::Id)
        .into();
    memberships::Entity::find()
        .select_only()
        .column(memberships::Column::UserId)
        .join(JoinType::InnerJoin, user)
        .join(JoinType::InnerJoin, group)
        .filter(
            access_groups::Column::ApplicationId
                .into_expr()
                .eq(Expr::col((onboardings::Entity, onboardings::Column::ApplicationId))),
        )
        .filter(
            users::Column::LevelId.into_expr().eq(Expr::col((levels::Entity, levels::Column::Id))),
        )
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
