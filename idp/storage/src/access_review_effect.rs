//! What follows from an access review for the memberships under it: they end, fall asleep, or count again.

use std::collections::{BTreeSet, HashSet};

use portal_core::{
    Timestamp,
    access_review::{ItemDecision, ReviewState},
    id::UserId,
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, JoinType,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _, RelationDef,
    sea_query::{Expr, Func},
};
use uuid::Uuid;

use crate::{
    AccessReview, StorageError, Transaction,
    entity::{access_groups, access_review_items, access_reviews, memberships, users},
    sign_in_data::replaced_sign_in_data,
};

/// Memberships that one transaction suspends.
const PORTION: u64 = 100;
/// People in one statement.
const PEOPLE: usize = 500;

/// A membership that counts again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Whose.
    pub user: UserId,
    /// The name of the group.
    pub group: String,
}

impl Transaction {
    /// Which of these positions are still what was looked at: neither removed nor assigned anew since. Another last day
    /// makes no other membership.
    pub async fn list_as_reviewed(
        &self,
        review: Uuid,
        positions: &[i32],
    ) -> Result<HashSet<i32>, StorageError> {
        let held = memberships::Entity::find()
            .select_only()
            .column(memberships::Column::UserId)
            .filter(same_membership())
            .into_query();
        let found: Vec<i32> = access_review_items::Entity::find()
            .select_only()
            .column(access_review_items::Column::Position)
            .filter(access_review_items::Column::ReviewId.eq(review))
            .filter(access_review_items::Column::Position.is_in(positions.iter().copied()))
            .filter(Expr::exists(held))
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(found.into_iter().collect())
    }

    /// Makes a portion of what nobody confirmed in a review that is past its day dormant since that day. Returns whose;
    /// nobody is left when it is empty.
    pub async fn suspend_unconfirmed(
        &self,
        review: &AccessReview,
        now: Timestamp,
    ) -> Result<Vec<(UserId, String)>, StorageError> {
        let unconfirmed = load_unconfirmed(self.connection(), review).await?;
        for item in &unconfirmed {
            memberships::Entity::update_many()
                .col_expr(memberships::Column::DormantAt, Expr::value(review.due_at.millis()))
                .filter(memberships::Column::UserId.eq(item.user_id))
                .filter(memberships::Column::GroupId.eq(item.group_id))
                .filter(memberships::Column::DormantAt.is_null())
                .exec(self.connection())
                .await?;
        }
        let mut people: Vec<Uuid> = unconfirmed.iter().map(|item| item.user_id).collect();
        people.dedup();
        for person in people {
            self.raise_access_version(UserId(person)).await?;
            self.end_lost_access(UserId(person), review.application, now).await?;
        }
        Ok(unconfirmed.into_iter().map(|item| (UserId(item.user_id), item.group_name)).collect())
    }

    /// People under review whose address and number were replaced, with everybody who had a hand in it.
    pub async fn list_replaced_under_review(
        &self,
        review: Uuid,
    ) -> Result<Vec<(UserId, BTreeSet<UserId>)>, StorageError> {
        let reviewed = access_review_items::Entity::find()
            .select_only()
            .column(access_review_items::Column::UserId)
            .filter(access_review_items::Column::ReviewId.eq(review))
            .into_query();
        let rows = users::Entity::find()
            .filter(users::Column::TakenOverBy.is_not_null())
            .filter(users::Column::Id.in_subquery(reviewed))
            .all(self.connection())
            .await?;
        rows.iter()
            .map(|row| Ok((UserId(row.id), replaced_sign_in_data(row)?.taken_over_by)))
            .collect()
    }

    /// Lets what this review, or an earlier one of the same access that lapsed, made dormant, and what is to be kept
    /// after all, count again, but not of `others`, for whom somebody else decides. What a later one made dormant is
    /// that one's. Returns what counts again, in the order of the people.
    pub async fn restore_confirmed(
        &self,
        review: &AccessReview,
        others: &HashSet<UserId>,
    ) -> Result<Vec<Restored>, StorageError> {
        let group: RelationDef = memberships::Entity::belongs_to(access_groups::Entity)
            .from(memberships::Column::GroupId)
            .to(access_groups::Column::Id)
            .into();
        let rows: Vec<(Uuid, String)> = memberships::Entity::find()
            .select_only()
            .column(memberships::Column::UserId)
            .column(access_groups::Column::Name)
            .join(JoinType::InnerJoin, group)
            .filter(lapsed_and_kept(review))
            .order_by_asc(memberships::Column::UserId)
            .order_by_asc(access_groups::Column::Name)
            .into_tuple()
            .all(self.connection())
            .await?;
        let restored = rows.into_iter().map(|(user, group)| Restored { user: UserId(user), group });
        let restored: Vec<Restored> = restored.filter(|one| !others.contains(&one.user)).collect();
        let mut people: Vec<Uuid> = restored.iter().map(|one| one.user.0).collect();
        people.dedup();
        for some in people.chunks(PEOPLE) {
            memberships::Entity::update_many()
                .col_expr(memberships::Column::DormantAt, Expr::value(None::<i64>))
                .filter(memberships::Column::UserId.is_in(some.iter().copied()))
                .filter(lapsed_and_kept(review))
                .exec(self.connection())
                .await?;
            users::Entity::update_many()
                .col_expr(
                    users::Column::AccessVersion,
                    Expr::col(users::Column::AccessVersion).add(1),
                )
                .filter(users::Column::Id.is_in(some.iter().copied()))
                .exec(self.connection())
                .await?;
        }
        Ok(restored)
    }
}

/// The row of `memberships` is dormant since the day of this review or an earlier one of the same access, and is to be
/// kept.
fn lapsed_and_kept(review: &AccessReview) -> Condition {
    let kept = access_review_items::Entity::find()
        .select_only()
        .column(access_review_items::Column::UserId)
        .filter(access_review_items::Column::ReviewId.eq(review.id))
        .filter(access_review_items::Column::Decision.eq(ItemDecision::Keep.as_str()))
        .filter(same_membership())
        .into_query();
    let days = access_reviews::Entity::find()
        .select_only()
        .column(access_reviews::Column::DueAt)
        .filter(access_reviews::Column::ThirdPartyId.eq(review.third_party.0))
        .filter(access_reviews::Column::ApplicationId.eq(review.application.0))
        .filter(access_reviews::Column::DueAt.lte(review.due_at.millis()))
        .into_query();
    let groups = access_groups::Entity::find()
        .select_only()
        .column(access_groups::Column::Id)
        .filter(access_groups::Column::ApplicationId.eq(review.application.0))
        .into_query();
    Condition::all()
        .add(memberships::Column::DormantAt.in_subquery(days))
        .add(memberships::Column::GroupId.in_subquery(groups))
        .add(Expr::exists(kept))
}

/// The item is about the row of `memberships` in the query around it, as it was looked at: what is held ever since the
/// assignment that the item shows. A later last day sets another assignment, and begins nothing anew.
fn same_membership() -> Condition {
    let held = |column| Expr::col((memberships::Entity, column));
    let since = Func::coalesce([
        held(memberships::Column::HeldSince),
        held(memberships::Column::AssignedAt),
    ]);
    Condition::all()
        .add(access_review_items::Column::UserId.into_expr().eq(held(memberships::Column::UserId)))
        .add(
            access_review_items::Column::GroupId.into_expr().eq(held(memberships::Column::GroupId)),
        )
        .add(access_review_items::Column::AssignedAt.into_expr().gte(since))
}

async fn load_unconfirmed(
    db: &impl ConnectionTrait,
    review: &AccessReview,
) -> Result<Vec<access_review_items::Model>, StorageError> {
    let awake = memberships::Entity::find()
        .select_only()
        .column(memberships::Column::UserId)
        .filter(same_membership())
        .filter(memberships::Column::DormantAt.is_null())
        .into_query();
    let open = access_reviews::Entity::find_by_id(review.id)
        .filter(access_reviews::Column::State.eq(ReviewState::Open.as_str()));
    if open.one(db).await?.is_none() {
        return Ok(Vec::new());
    }
    let kept = access_review_items::Column::Decision.eq(ItemDecision::Keep.as_str());
    let unconfirmed =
        Condition::any().add(access_review_items::Column::Decision.is_null()).add(kept.not());
    Ok(access_review_items::Entity::find()
        .filter(access_review_items::Column::ReviewId.eq(review.id))
        .filter(unconfirmed)
        .filter(Expr::exists(awake))
        .order_by_asc(access_review_items::Column::Position)
        .limit(PORTION)
        .all(db)
        .await?)
}
