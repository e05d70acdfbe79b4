//! What administrators change of accounts (manual §3): details, sign-in data, state, and the end.

use portal_core::{
    Timestamp,
    account::{NewUser, User, UserStatus},
    email::EmailKey,
    expiry::ExpirationDate,
    id::UserId,
    search_key::search_key,
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    StorageError, Transaction,
    account::phone_of,
    entity::{
        access_groups, consents, delegated_roles, former_memberships, known_devices, memberships,
        notices, staff_roles, users,
    },
    guarded, row_id,
};

/// The number of whoever has none any more: no country has this code.
const NO_NUMBER: &str = "+9990000000";
/// Whoever is invited: said as the index says whom it holds, since a database does not see it in a parameter.
pub(crate) const INVITED: &str = "users.status = 'INVITED'";

impl Transaction {
    /// Whether an address has an account (I5).
    pub async fn has_account_of(&self, key: &EmailKey) -> Result<bool, StorageError> {
        let found = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .filter(users::Column::EmailKey.eq(key.as_str()))
            .into_tuple::<Uuid>()
            .one(self.connection())
            .await?;
        Ok(found.is_some())
    }

    /// Replaces the details of an account, all but address, number and state. `false` when it has another version.
    pub async fn replace_details(
        &self,
        user: &User,
        details: &NewUser,
    ) -> Result<bool, StorageError> {
        use users::Column as C;
        let update = users::Entity::update_many()
            .col_expr(C::FirstName, Expr::value(details.first_name.as_str()))
            .col_expr(C::LastName, Expr::value(details.last_name.as_str()))
            .col_expr(C::FirstNameKey, Expr::value(search_key(details.first_name.as_str())))
            .col_expr(C::LastNameKey, Expr::value(search_key(details.last_name.as_str())))
            .col_expr(C::CompanyId, Expr::value(details.company_id.clone()))
            .col_expr(C::ExpiresOn, Expr::value(details.expires_on.map(ExpirationDate::to_iso)))
            .col_expr(C::LevelId, Expr::value(details.level_id.0))
            .col_expr(C::SubsidiaryId, Expr::value(details.subsidiary_id.map(|id| id.0)))
            .col_expr(C::Version, Expr::col(C::Version).add(1))
            .filter(C::Id.eq(user.id.0))
            .filter(C::Version.eq(user.version));
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Makes everything void that the person's credentials brought about so far.
    pub async fn void_credentials(&self, user: UserId, now: Timestamp) -> Result<(), StorageError> {
        users::Entity::update_many()
            .col_expr(users::Column::CredentialsChangedAt, Expr::value(now.millis()))
            .filter(users::Column::Id.eq(user.0))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Sets a password where there is none, such as after the address was replaced. `false` when there is one.
    pub async fn set_first_password(
        &self,
        user: UserId,
        hash: &str,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let update = users::Entity::update_many()
            .col_expr(users::Column::PasswordHash, Expr::value(hash))
            .col_expr(users::Column::PhoneVerifiedAt, Expr::value(now.millis()))
            .filter(users::Column::Id.eq(user.0))
            .filter(users::Column::PasswordHash.is_null());
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Memberships, delegated roles and roles of the staff count for nothing until they are confirmed (I28). A membership
    /// that lapsed in a review waits for that from now on as well, and not for the review alone. Returns how many.
    pub async fn make_access_dormant(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<u64, StorageError> {
        let access = memberships::Entity::update_many()
            .col_expr(memberships::Column::DormantAt, Expr::value(now.millis()))
            .filter(memberships::Column::UserId.eq(user.0))
            .exec(self.connection())
            .await?;
        let roles = delegated_roles::Entity::update_many()
            .col_expr(delegated_roles::Column::DormantAt, Expr::value(now.millis()))
            .filter(delegated_roles::Column::UserId.eq(user.0))
            .filter(delegated_roles::Column::DormantAt.is_null())
            .exec(self.connection())
            .await?;
        let staff = staff_roles::Entity::update_many()
            .col_expr(staff_roles::Column::DormantAt, Expr::value(now.millis()))
            .filter(staff_roles::Column::UserId.eq(user.0))
            .filter(staff_roles::Column::DormantAt.is_null())
            .exec(self.connection())
            .await?;
        self.raise_access_version(user).await?;
        Ok(access.rows_affected + roles.rows_affected + staff.rows_affected)
    }

    /// From one state to another, once; whatever was issued before is void. `false` when it was in another state.
    pub async fn change_status(
        &self,
        user: UserId,
        (from, to): (UserStatus, UserStatus),
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        use users::Column as C;
        let mut update = users::Entity::update_many()
            .col_expr(C::Status, Expr::value(to.as_str()))
            .col_expr(C::CredentialsChangedAt, Expr::value(now.millis()))
            .col_expr(C::Version, Expr::col(C::Version).add(1))
            .filter(C::Id.eq(user.0))
            .filter(C::Status.eq(from.as_str()));
        if to == UserStatus::Deleted {
            update = update
                .col_expr(C::DeletedAt, Expr::value(now.millis()))
                .col_expr(C::PasswordHash, Expr::value(None::<String>));
        }
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Removes all memberships of a person and keeps that they were held. Returns the names of the groups.
    pub async fn delete_all_memberships(
        &self,
        user: UserId,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<Vec<String>, StorageError> {
        let held = memberships::Entity::delete_many()
            .filter(memberships::Column::UserId.eq(user.0))
            .exec_with_returning(self.connection())
            .await?;
        if held.is_empty() {
            return Ok(Vec::new());
        }
        let groups: Vec<Uuid> = held.iter().map(|row| row.group_id).collect();
        let former = held.into_iter().map(|row| {
            former_memberships::Model {
                id: row_id::at(now),
                user_id: row.user_id,
                group_id: row.group_id,
                assigned_by: row.assigned_by,
                assigned_at: row.assigned_at,
                valid_until: row.valid_until,
                removed_by: by.map(|by| by.0),
                removed_at: now.millis(),
            }
            .into()
        });
        let former: Vec<former_memberships::ActiveModel> = former.collect();
        former_memberships::Entity::insert_many(former)
            .exec_without_returning(self.connection())
            .await?;
        self.raise_access_version(user).await?;
        let names = access_groups::Entity::find()
            .select_only()
            .column(access_groups::Column::Name)
            .filter(access_groups::Column::Id.is_in(groups))
            .order_by_asc(access_groups::Column::Name)
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(names)
    }

    /// Erases the personal data of a deleted account (O19). What stays is a stub under which the trail can be read; the
    /// address is free again, and the subject is never used again (I6, E29). `false` when it was erased before.
    pub async fn erase_user(&self, user: UserId) -> Result<bool, StorageError> {
        use users::Column as C;
        let id = user.0;
        let gone = format!("erased:{id}");
        let update = users::Entity::update_many()
            .col_expr(C::FirstName, Expr::value("Former user"))
            .col_expr(C::LastName, Expr::value(format!("({:.8})", id.simple())))
            .col_expr(C::FirstNameKey, Expr::value(""))
            .col_expr(C::LastNameKey, Expr::value(""))
            .col_expr(C::Email, Expr::value(gone.clone()))
            .col_expr(C::EmailKey, Expr::value(gone))
            .col_expr(C::CompanyId, Expr::value(None::<String>))
            .col_expr(
                C::PhoneSealed,
                Expr::value(self.sealer().seal(&phone_of(id), NO_NUMBER.as_bytes())?),
            )
            .col_expr(C::PhoneKey, Expr::value(None::<Vec<u8>>))
            .col_expr(C::PhoneTailKey, Expr::value(None::<Vec<u8>>))
            .filter(C::Id.eq(id))
            .filter(C::Status.eq(UserStatus::Deleted.as_str()))
            .filter(C::PhoneKey.is_not_null());
        if guarded::take(self, update).await?.is_none() {
            return Ok(false);
        }
        let db = self.connection();
        notices::Entity::delete_many().filter(notices::Column::UserId.eq(id)).exec(db).await?;
        consents::Entity::delete_many().filter(consents::Column::UserId.eq(id)).exec(db).await?;
        known_devices::Entity::delete_many()
            .filter(known_devices::Column::UserId.eq(id))
            .exec(db)
            .await?;
        Ok(true)
    }
}
