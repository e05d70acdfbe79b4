//! Roles of the operator's staff. One that waits for a second member of staff counts for nothing (I28).

use portal_core::{Timestamp, id::UserId, permission::StaffRole};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, TryInsertResult, sea_query::Expr,
};

use crate::{StorageError, Store, Transaction, entity::staff_roles};

/// A staff role to be granted.
#[derive(Clone, Copy, Debug)]
pub struct NewStaffRole {
    /// To whom.
    pub user: UserId,
    /// Which.
    pub role: StaffRole,
    /// Who grants it; `None` for set-up. What a person grants waits for a second one.
    pub granted_by: Option<UserId>,
}

/// A staff role that a person holds, whether it counts or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldStaffRole {
    /// Which.
    pub role: StaffRole,
    /// Who granted it; `None` for set-up.
    pub granted_by: Option<UserId>,
    /// When.
    pub granted_at: Timestamp,
    /// Since when it counts for nothing.
    pub dormant_at: Option<Timestamp>,
}

impl HeldStaffRole {
    /// Whether it waits for a second member of staff since it was granted, and not because sign-in data were replaced.
    pub fn is_new(&self) -> bool {
        self.dormant_at == Some(self.granted_at)
    }
}

impl Store {
    /// The staff roles of a person that count.
    pub async fn staff_roles(&self, user: UserId) -> Result<Vec<StaffRole>, StorageError> {
        load_staff_roles(self.connection(), user).await
    }

    /// The staff roles of several people, also those that wait.
    pub async fn list_staff_roles(
        &self,
        users: &[UserId],
    ) -> Result<Vec<(UserId, HeldStaffRole)>, StorageError> {
        load_held(self.connection(), users).await
    }
}

impl Transaction {
    /// The staff roles of a person, also those that wait, as this transaction sees them.
    pub async fn list_staff_roles(&self, user: UserId) -> Result<Vec<HeldStaffRole>, StorageError> {
        let held = load_held(self.connection(), &[user]).await?;
        Ok(held.into_iter().map(|(_, held)| held).collect())
    }

    /// Grants a staff role; `false` when it is held already.
    pub async fn insert_staff_role(
        &self,
        new: &NewStaffRole,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let row = staff_roles::ActiveModel {
            user_id: Set(new.user.0),
            role: Set(new.role.as_str().to_owned()),
            granted_at: Set(now.millis()),
            granted_by: Set(new.granted_by.map(|by| by.0)),
            dormant_at: Set(new.granted_by.map(|_| now.millis())),
        };
        let inserted = staff_roles::Entity::insert(row)
            .on_conflict_do_nothing_on([staff_roles::Column::UserId, staff_roles::Column::Role])
            .exec_without_returning(self.connection())
            .await?;
        Ok(matches!(inserted, TryInsertResult::Inserted(1)))
    }

    /// A staff role that waits counts from now on; `false` when none waits.
    pub async fn wake_staff_role(
        &self,
        user: UserId,
        role: StaffRole,
    ) -> Result<bool, StorageError> {
        let update = staff_roles::Entity::update_many()
            .col_expr(staff_roles::Column::DormantAt, Expr::value(None::<i64>))
            .filter(staff_roles::Column::UserId.eq(user.0))
            .filter(staff_roles::Column::Role.eq(role.as_str()))
            .filter(staff_roles::Column::DormantAt.is_not_null());
        Ok(update.exec(self.connection()).await?.rows_affected > 0)
    }

    /// Revokes a staff role; `false` when it was not held.
    pub async fn delete_staff_role(
        &self,
        user: UserId,
        role: StaffRole,
    ) -> Result<bool, StorageError> {
        let key = (user.0, role.as_str().to_owned());
        let deleted = staff_roles::Entity::delete_by_id(key).exec(self.connection()).await?;
        Ok(deleted.rows_affected > 0)
    }
}

/// The staff roles of a person that count, as seen by this connection or transaction.
pub(crate) async fn load_staff_roles(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<StaffRole>, StorageError> {
    let held = load_held(db, &[user]).await?;
    Ok(held
        .into_iter()
        .filter(|(_, held)| held.dormant_at.is_none())
        .map(|(_, held)| held.role)
        .collect())
}

async fn load_held(
    db: &impl ConnectionTrait,
    users: &[UserId],
) -> Result<Vec<(UserId, HeldStaffRole)>, StorageError> {
    let rows = staff_roles::Entity::find()
        .filter(staff_roles::Column::UserId.is_in(users.iter().map(|user| user.0)))
        .order_by_asc(staff_roles::Column::GrantedAt)
        .order_by_asc(staff_roles::Column::Role)
        .all(db)
        .await?;
    rows.iter().map(into_held).collect()
}

fn into_held(row: &staff_roles::Model) -> Result<(UserId, HeldStaffRole), StorageError> {
    let held = HeldStaffRole {
        role: StaffRole::parse(&row.role).ok_or(StorageError::Corrupt("staff role"))?,
        granted_by: row.granted_by.map(UserId),
        granted_at: Timestamp::from_millis(row.granted_at),
        dormant_at: row.dormant_at.map(Timestamp::from_millis),
    };
    Ok((UserId(row.user_id), held))
}
