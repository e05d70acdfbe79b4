//! Failure counters (security.md 60–63). A try is claimed before anything is compared, in one atomic statement.

use portal_core::{
    Timestamp,
    failures::{CodeFailures, lock_after, suspends_factor},
    id::UserId,
    login::{PasswordProved, TRIES_PER_LOGIN},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _,
    ExprTrait as _, QueryFilter as _, sea_query::Expr,
};

use crate::{
    Digest, LoginDigest, StorageError, Store, Transaction,
    entity::{code_failures, logins, password_failures},
    guarded,
    login::into_login,
};

/// The answer to a claim for one comparison of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordClaim {
    /// Go on and compare.
    Granted,
    /// This source has guessed too often at this address.
    Locked,
}

/// The answer to a claim for one comparison of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeClaim {
    /// Go on and compare: the login with this try counted, and the HMAC of its code.
    Granted(PasswordProved, Digest),
    /// The login has ended or has no tries left.
    LoginOver,
    /// The account takes no code now.
    AccountLocked,
}

impl Store {
    /// The code counter of an account.
    pub async fn code_failures(&self, user: UserId) -> Result<CodeFailures, StorageError> {
        load_failures(self.connection(), user).await
    }
}

async fn load_failures(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<CodeFailures, StorageError> {
    let row = code_failures::Entity::find_by_id(user.0).one(db).await?;
    Ok(row.map(|row| into_failures(&row)).unwrap_or_default())
}

impl Transaction {
    /// The code counter of an account, as this transaction sees it.
    pub async fn code_failures(&self, user: UserId) -> Result<CodeFailures, StorageError> {
        load_failures(self.connection(), user).await
    }

    /// Claims one comparison of a password for a pair of address and source.
    pub async fn claim_password_try(
        &self,
        source: &Digest,
        now: Timestamp,
    ) -> Result<PasswordClaim, StorageError> {
        use password_failures::{ActiveModel, Column, Entity};
        let first = ActiveModel {
            source_digest: Set(source.to_vec()),
            consecutive: Set(0),
            locked_until: Set(0),
            last_at: Set(now.millis()),
        };
        Entity::insert(first)
            .on_conflict_do_nothing_on([Column::SourceDigest])
            .exec_without_returning(self.connection())
            .await?;
        let update = Entity::update_many()
            .col_expr(Column::Consecutive, Expr::col(Column::Consecutive).add(1))
            .col_expr(Column::LastAt, Expr::value(now.millis()))
            .filter(Column::SourceDigest.eq(source.to_vec()))
            .filter(Column::LockedUntil.lte(now.millis()));
        let Some(row) = guarded::take(self, update).await? else {
            return Ok(PasswordClaim::Locked);
        };
        if let Some(until) = lock_after(count(row.consecutive)?, now) {
            Entity::update_many()
                .col_expr(Column::LockedUntil, Expr::value(until.millis()))
                .filter(Column::SourceDigest.eq(source.to_vec()))
                .exec(self.connection())
                .await?;
        }
        Ok(PasswordClaim::Granted)
    }

    /// The password was right: forget the wrong ones of this source.
    pub async fn clear_password_failures(&self, source: &Digest) -> Result<(), StorageError> {
        password_failures::Entity::delete_by_id(source.to_vec()).exec(self.connection()).await?;
        Ok(())
    }

    /// Claims one comparison of a code: one try of this login and one of the account. Neither a new login nor a
    /// new code gives tries back (security.md 62); only [`Self::clear_code_failures`] does.
    pub async fn claim_code_try(
        &self,
        digest: &LoginDigest,
        user: UserId,
        now: Timestamp,
    ) -> Result<CodeClaim, StorageError> {
        let update = logins::Entity::update_many()
            .col_expr(logins::Column::Tries, Expr::col(logins::Column::Tries).add(1))
            .filter(logins::Column::IdDigest.eq(digest.login.to_vec()))
            .filter(logins::Column::BrowserDigest.eq(digest.browser.to_vec()))
            .filter(logins::Column::Outcome.is_null())
            .filter(logins::Column::Tries.lt(TRIES_PER_LOGIN));
        let Some(row) = guarded::take(self, update).await? else {
            return Ok(CodeClaim::LoginOver);
        };
        if !self.count_code_try(user, now).await? {
            return Ok(CodeClaim::AccountLocked);
        }
        into_login(row).map(|(login, mac)| CodeClaim::Granted(login, mac))
    }

    /// Counts one wrong code of an account; `false` when it takes none now.
    pub async fn count_code_try(&self, user: UserId, now: Timestamp) -> Result<bool, StorageError> {
        use code_failures::{ActiveModel, Column, Entity};
        let first = ActiveModel {
            user_id: Set(user.0),
            consecutive: Set(0),
            locked_until: Set(0),
            suspended_at: Set(None),
            last_at: Set(now.millis()),
        };
        Entity::insert(first)
            .on_conflict_do_nothing_on([Column::UserId])
            .exec_without_returning(self.connection())
            .await?;
        let open = Condition::all()
            .add(Column::UserId.eq(user.0))
            .add(Column::LockedUntil.lte(now.millis()))
            .add(Column::SuspendedAt.is_null());
        let update = Entity::update_many()
            .col_expr(Column::Consecutive, Expr::col(Column::Consecutive).add(1))
            .col_expr(Column::LastAt, Expr::value(now.millis()))
            .filter(open);
        let Some(row) = guarded::take(self, update).await? else {
            return Ok(false);
        };
        let consecutive = count(row.consecutive)?;
        let Some(until) = lock_after(consecutive, now) else {
            return Ok(true);
        };
        let suspended_at = suspends_factor(consecutive).then_some(now.millis());
        Entity::update_many()
            .col_expr(Column::LockedUntil, Expr::value(until.millis()))
            .col_expr(Column::SuspendedAt, Expr::value(suspended_at))
            .filter(Column::UserId.eq(user.0))
            .exec(self.connection())
            .await?;
        Ok(true)
    }

    /// The code was right: only this sets the account's counter back.
    pub async fn clear_code_failures(&self, user: UserId) -> Result<(), StorageError> {
        code_failures::Entity::delete_by_id(user.0).exec(self.connection()).await?;
        Ok(())
    }
}

pub(crate) fn into_failures(row: &code_failures::Model) -> CodeFailures {
    CodeFailures {
        consecutive: u32::try_from(row.consecutive).unwrap_or(u32::MAX),
        locked_until: (row.locked_until > 0).then_some(Timestamp::from_millis(row.locked_until)),
        suspended_at: row.suspended_at.map(Timestamp::from_millis),
    }
}

fn count(stored: i32) -> Result<u32, StorageError> {
    u32::try_from(stored).map_err(|_| StorageError::Corrupt("failure counter"))
}
