//! What administrators replace of what a person signs in with (O15, I28), and who had a hand in it.

use std::collections::BTreeSet;

use portal_core::{
    Timestamp,
    email::Email,
    id::UserId,
    phone::PhoneNumber,
    sign_in_data::{ReplacedSignInData, Replacement},
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    StorageError, Transaction,
    account::{phone_keys, phone_of},
    entity::users,
};

/// What of a person's sign-in data was replaced.
///
/// # Errors
/// [`StorageError::Corrupt`].
pub(crate) fn replaced_sign_in_data(
    row: &users::Model,
) -> Result<ReplacedSignInData, StorageError> {
    let replacement = |at: Option<i64>, by: Option<Uuid>| {
        at.map(|at| Replacement { at: Timestamp::from_millis(at), by: by.map(UserId) })
    };
    let takers = row.taken_over_by.as_deref().unwrap_or_default().split_whitespace();
    let takers: Result<BTreeSet<UserId>, _> = takers.map(str::parse).collect();
    Ok(ReplacedSignInData {
        email: replacement(row.email_replaced_at, row.email_replaced_by),
        phone: replacement(row.phone_replaced_at, row.phone_replaced_by),
        taken_over_by: takers.map_err(|_| StorageError::Corrupt("takeover"))?,
    })
}

impl Transaction {
    /// Replaces the number: the new one counts as proved only when a code that went there was right (E5).
    pub async fn replace_phone(
        &self,
        user: UserId,
        phone: &PhoneNumber,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        use users::Column as C;
        let (key, tail_key) = phone_keys(self.sealer(), phone);
        let sealed = self.sealer().seal(&phone_of(user.0), phone.as_e164().as_bytes())?;
        users::Entity::update_many()
            .col_expr(C::PhoneSealed, Expr::value(sealed))
            .col_expr(C::PhoneKey, Expr::value(key))
            .col_expr(C::PhoneTailKey, Expr::value(tail_key))
            .col_expr(C::PhoneVerifiedAt, Expr::value(None::<i64>))
            .col_expr(C::PhoneReplacedAt, Expr::value(now.millis()))
            .col_expr(C::PhoneReplacedBy, Expr::value(by.map(|by| by.0)))
            .filter(C::Id.eq(user.0))
            .exec(self.connection())
            .await?;
        self.void_credentials(user, now).await
    }

    /// Replaces the address, and ends the password with it (I28).
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when the address has an account already (I5).
    pub async fn replace_email(
        &self,
        user: UserId,
        email: &Email,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        use users::Column as C;
        users::Entity::update_many()
            .col_expr(C::Email, Expr::value(email.as_str()))
            .col_expr(C::EmailKey, Expr::value(email.key().as_str()))
            .col_expr(C::PasswordHash, Expr::value(None::<String>))
            .col_expr(C::EmailReplacedAt, Expr::value(now.millis()))
            .col_expr(C::EmailReplacedBy, Expr::value(by.map(|by| by.0)))
            .col_expr(C::Version, Expr::col(C::Version).add(1))
            .filter(C::Id.eq(user.0))
            .exec(self.connection())
            .await?;
        self.void_credentials(user, now).await
    }

    /// Notes everybody who had a hand in replacing both address and number, now or before (I28).
    pub async fn note_takeover(
        &self,
        user: UserId,
        by: &BTreeSet<UserId>,
    ) -> Result<(), StorageError> {
        let ids: Vec<String> = by.iter().map(ToString::to_string).collect();
        users::Entity::update_many()
            .col_expr(users::Column::TakenOverBy, Expr::value(ids.join(" ")))
            .filter(users::Column::Id.eq(user.0))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}
