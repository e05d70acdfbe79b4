//! The memberships under review: looked at in pages, decided, and what follows for them.

use std::collections::{BTreeSet, HashMap};

use portal_core::{
    Timestamp,
    access_review::{ItemDecision, Progress, ReviewState},
    id::{GroupId, UserId},
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
    sea_query::{Expr, Func},
};
use uuid::Uuid;

use crate::{
    AccessReview, StorageError, Store, Transaction,
    entity::{access_groups, access_review_items, access_reviews, memberships, users},
    sign_in_data::replaced_sign_in_data,
};

/// Memberships that one transaction suspends.
const PORTION: u64 = 100;

/// A membership under review.
#[derive(Clone, Debug)]
pub struct ReviewItem {
    /// Where it stands.
    pub position: i32,
    /// Whose.
    pub user: UserId,
    /// First and last name at the time.
    pub person: String,
    /// Address at the time.
    pub email: String,
    /// In which group.
    pub group: GroupId,
    /// Its name.
    pub group_name: String,
    /// Who assigned it; `None` for set-up.
    pub assigned_by: Option<UserId>,
    /// When.
    pub assigned_at: Timestamp,
    /// Its last day.
    pub valid_until: Option<String>,
    /// When the person had last signed in.
    pub last_login_at: Option<Timestamp>,
    /// What was decided.
    pub decision: Option<ItemDecision>,
    /// By whom.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<Timestamp>,
}

/// Which of them.
#[derive(Clone, Debug, Default)]
pub struct ItemsWanted {
    /// Without a decision only.
    pub undecided: bool,
    /// With this decision only.
    pub decision: Option<ItemDecision>,
    /// Whose name, address or group has this in it, as a search key.
    pub search: Option<String>,
    /// After this position.
    pub after: i32,
    /// How many.
    pub limit: u64,
}

impl Store {
    /// Memberships under review, in their order.
    pub async fn list_review_items(
        &self,
        review: Uuid,
        wanted: &ItemsWanted,
    ) -> Result<Vec<ReviewItem>, StorageError> {
        load(self.connection(), review, wanted).await
    }

    /// How far a review is.
    pub async fn review_progress(&self, review: Uuid) -> Result<Progress, StorageError> {
        count(self.connection(), review).await
    }

    /// How far several reviews are.
    pub async fn list_review_progress(
        &self,
        reviews: &[Uuid],
    ) -> Result<HashMap<Uuid, Progress>, StorageError> {
        let rows: Vec<(Uuid, Option<String>, i64)> = access_review_items::Entity::find()
            .select_only()
            .column(access_review_items::Column::ReviewId)
            .column(access_review_items::Column::Decision)
            .column_as(access_review_items::Column::Position.count(), "items")
            .filter(access_review_items::Column::ReviewId.is_in(reviews.iter().copied()))
            .group_by(access_review_items::Column::ReviewId)
            .group_by(access_review_items::Column::Decision)
            .into_tuple()
            .all(self.connection())
            .await?;
        let mut all: HashMap<Uuid, Progress> = HashMap::new();
        for (review, decision, items) in rows {
            let (progress, items) = (all.entry(review).or_default(), items.unsigned_abs());
            progress.total += items;
            match decision.as_deref().and_then(ItemDecision::parse) {
                Some(ItemDecision::Keep) => progress.kept += items,
                Some(ItemDecision::Remove) => progress.removed += items,
                None => {}
            }
        }
        Ok(all)
    }
}

impl Transaction {
    /// The same, as this transaction sees them.
    pub async fn list_review_items(
        &self,
        review: Uuid,
        wanted: &ItemsWanted,
    ) -> Result<Vec<ReviewItem>, StorageError> {
        load(self.connection(), review, wanted).await
    }

    /// How far a review is, as this transaction sees it.
    pub async fn review_progress(&self, review: Uuid) -> Result<Progress, StorageError> {
        count(self.connection(), review).await
    }

    /// The memberships at these positions.
    pub async fn list_review_items_at(
        &self,
        review: Uuid,
        positions: &[i32],
    ) -> Result<Vec<ReviewItem>, StorageError> {
        let rows = access_review_items::Entity::find()
            .filter(access_review_items::Column::ReviewId.eq(review))
            .filter(access_review_items::Column::Position.is_in(positions.iter().copied()))
            .order_by_asc(access_review_items::Column::Position)
            .all(self.connection())
            .await?;
        rows.into_iter().map(into_item).collect()
    }

    /// Decides on the memberships at these positions.
    pub async fn decide_review_items(
        &self,
        review: Uuid,
        (positions, decision): (&[i32], ItemDecision),
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        access_review_items::Entity::update_many()
            .col_expr(access_review_items::Column::Decision, Expr::value(decision.as_str()))
            .col_expr(access_review_items::Column::DecidedBy, Expr::value(by.map(|by| by.0)))
            .col_expr(access_review_items::Column::DecidedAt, Expr::value(now.millis()))
            .filter(access_review_items::Column::ReviewId.eq(review))
            .filter(access_review_items::Column::Position.is_in(positions.iter().copied()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Whether the membership under review is still the one that was looked at: not removed, nor assigned anew.
    pub async fn is_as_reviewed(&self, item: &ReviewItem) -> Result<bool, StorageError> {
        let held = memberships::Entity::find_by_id((item.user.0, item.group.0))
            .one(self.connection())
            .await?;
        Ok(held.is_some_and(|held| held.assigned_at == item.assigned_at.millis()))
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

    /// Lets what a lapsed review made dormant, and is to be kept after all, count again, but not of `others`, for whom
    /// somebody else decides. Returns whose.
    pub async fn restore_confirmed(
        &self,
        review: &AccessReview,
        others: &[UserId],
    ) -> Result<Vec<UserId>, StorageError> {
        let kept = access_review_items::Entity::find()
            .select_only()
            .column(access_review_items::Column::UserId)
            .filter(access_review_items::Column::ReviewId.eq(review.id))
            .filter(access_review_items::Column::Decision.eq(ItemDecision::Keep.as_str()))
            .filter(same_membership())
            .into_query();
        let restored = memberships::Entity::update_many()
            .col_expr(memberships::Column::DormantAt, Expr::value(None::<i64>))
            .filter(memberships::Column::DormantAt.eq(review.due_at.millis()))
            .filter(memberships::Column::UserId.is_not_in(others.iter().map(|user| user.0)))
            .filter(Expr::exists(kept))
            .filter(
                memberships::Column::GroupId.in_subquery(
                    access_groups::Entity::find()
                        .select_only()
                        .column(access_groups::Column::Id)
                        .filter(access_groups::Column::ApplicationId.eq(review.application.0))
                        .into_query(),
                ),
            )
            .exec_with_returning(self.connection())
            .await?;
        let people: BTreeSet<UserId> = restored.iter().map(|row| UserId(row.user_id)).collect();
        for person in &people {
            self.raise_access_version(*person).await?;
        }
        Ok(people.into_iter().collect())
    }
}

/// The item is about the row of `memberships` in the query around it, as it was looked at.
fn same_membership() -> Condition {
    let held = |column| Expr::col((memberships::Entity, column));
    Condition::all()
        .add(access_review_items::Column::UserId.into_expr().eq(held(memberships::Column::UserId)))
        .add(
            access_review_items::Column::GroupId.into_expr().eq(held(memberships::Column::GroupId)),
        )
        .add(
            access_review_items::Column::AssignedAt
                .into_expr()
                .eq(held(memberships::Column::AssignedAt)),
        )
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

async fn load(
    db: &impl ConnectionTrait,
    review: Uuid,
    wanted: &ItemsWanted,
) -> Result<Vec<ReviewItem>, StorageError> {
    let mut find = access_review_items::Entity::find()
        .filter(access_review_items::Column::ReviewId.eq(review))
        .filter(access_review_items::Column::Position.gt(wanted.after));
    if wanted.undecided {
        find = find.filter(access_review_items::Column::Decision.is_null());
    }
    if let Some(decision) = wanted.decision {
        find = find.filter(access_review_items::Column::Decision.eq(decision.as_str()));
    }
    if let Some(text) = &wanted.search {
        find = find.filter(contains(db, text));
    }
    let rows = find
        .order_by_asc(access_review_items::Column::Position)
        .limit(wanted.limit)
        .all(db)
        .await?;
    rows.into_iter().map(into_item).collect()
}

/// The text stands somewhere in the search key; to `LIKE` it would be a pattern.
fn contains(db: &impl ConnectionTrait, text: &str) -> Expr {
    let function = match db.get_database_backend() {
        sea_orm::DbBackend::Postgres => "strpos",
        _ => "instr",
    };
    let place = Func::cust(function)
        .arg(Expr::col(access_review_items::Column::SearchKey))
        .arg(Expr::value(text));
    Expr::expr(place).gt(0)
}

async fn count(db: &impl ConnectionTrait, review: Uuid) -> Result<Progress, StorageError> {
    let all = access_review_items::Entity::find()
        .filter(access_review_items::Column::ReviewId.eq(review));
    let decided = |decision: ItemDecision| {
        all.clone().filter(access_review_items::Column::Decision.eq(decision.as_str()))
    };
    Ok(Progress {
        total: all.clone().count(db).await?,
        kept: decided(ItemDecision::Keep).count(db).await?,
        removed: decided(ItemDecision::Remove).count(db).await?,
    })
}

fn into_item(row: access_review_items::Model) -> Result<ReviewItem, StorageError> {
    let decision = row
        .decision
        .as_deref()
        .map(|word| ItemDecision::parse(word).ok_or(StorageError::Corrupt("decision of a review")));
    Ok(ReviewItem {
        position: row.position,
        user: UserId(row.user_id),
        person: row.person,
        email: row.email,
        group: GroupId(row.group_id),
        group_name: row.group_name,
        assigned_by: row.assigned_by.map(UserId),
        assigned_at: Timestamp::from_millis(row.assigned_at),
        valid_until: row.valid_until,
        last_login_at: row.last_login_at.map(Timestamp::from_millis),
        decision: decision.transpose()?,
        decided_by: row.decided_by.map(UserId),
        decided_at: row.decided_at.map(Timestamp::from_millis),
    })
}
