//! Whether the operator has staff yet.

use portal_core::{account::UserStatus, first_staff::StaffSoFar, id::LevelId};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
};

use crate::{StorageError, Transaction, entity::users};

impl Transaction {
    /// The accounts at Root. One that was in use once shows it for good: the proof of its phone, its terms of use or
    /// its last sign-in stay in what is left of a deleted account.
    pub async fn staff_so_far(&self, root: LevelId) -> Result<StaffSoFar, StorageError> {
        use users::Column;
        let at_root = || users::Entity::find().filter(Column::LevelId.eq(root.0));
        let invited = at_root()
            .filter(Column::Status.eq(UserStatus::Invited.as_str()))
            .count(self.connection())
            .await?;
        let unused = [UserStatus::Invited, UserStatus::Nominated, UserStatus::Deleted];
        let was_used = Condition::any()
            .add(Column::Status.is_not_in(unused.map(UserStatus::as_str)))
            .add(Column::PhoneVerifiedAt.is_not_null())
            .add(Column::TermsAcceptedAt.is_not_null())
            .add(Column::LastLoginAt.is_not_null());
        let used = at_root().filter(was_used).one(self.connection()).await?;
        Ok(StaffSoFar { invited, was_in_office: used.is_some() })
    }
}
