//! The memberships under review: looked at in pages, and decided.

use std::collections::HashMap;

use portal_core::{
    Timestamp,
    access_review::{ItemDecision, Progress},
    id::{GroupId, UserId},
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, Func},
};
use uuid::Uuid;

use crate::{StorageError, Store, Transaction, entity::access_review_items};

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

    /// The memberships at these positions.
    pub async fn list_review_items_at(
        &self,
        review: Uuid,
        positions: &[i32],
    ) -> Result<Vec<ReviewItem>, StorageError> {
        load_at(self.connection(), review, positions).await
    }

    /// The positions of what is to be removed, in their order.
    pub async fn list_review_removals(&self, review: Uuid) -> Result<Vec<i32>, StorageError> {
        load_removals(self.connection(), review).await
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

    /// The memberships at these positions, as this transaction sees them.
    pub async fn list_review_items_at(
        &self,
        review: Uuid,
        positions: &[i32],
    ) -> Result<Vec<ReviewItem>, StorageError> {
        load_at(self.connection(), review, positions).await
    }

    /// The positions of what is to be removed, as this transaction sees them.
    pub async fn list_review_removals(&self, review: Uuid) -> Result<Vec<i32>, StorageError> {
        load_removals(self.connection(), review).await
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

async fn load_at(
    db: &impl ConnectionTrait,
    review: Uuid,
    positions: &[i32],
) -> Result<Vec<ReviewItem>, StorageError> {
    let rows = access_review_items::Entity::find()
        .filter(access_review_items::Column::ReviewId.eq(review))
        .filter(access_review_items::Column::Position.is_in(positions.iter().copied()))
        .order_by_asc(access_review_items::Column::Position)
        .all(db)
        .await?;
    rows.into_iter().map(into_item).collect()
}

async fn load_removals(db: &impl ConnectionTrait, review: Uuid) -> Result<Vec<i32>, StorageError> {
    Ok(access_review_items::Entity::find()
        .select_only()
        .column(access_review_items::Column::Position)
        .filter(access_review_items::Column::ReviewId.eq(review))
        .filter(access_review_items::Column::Decision.eq(ItemDecision::Remove.as_str()))
        .order_by_asc(access_review_items::Column::Position)
        .into_tuple()
        .all(db)
        .await?)
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
