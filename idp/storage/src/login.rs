//! Logins that wait for their code: state `PasswordProved` of the login procedure.

use portal_core::{
    Timestamp,
    account::Channel,
    id::UserId,
    login::{Ended, PasswordProved, Target},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    sea_query::Expr,
};

use crate::{Digest, StorageError, Store, Transaction, entity::logins, guarded};

/// Digest of the secret in the login cookie, and of the browser that began the login. Both must fit: a login is
/// finished in the browser that began it (security.md 10, 64).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginDigest {
    /// Of the login cookie.
    pub login: Digest,
    /// Of the browser cookie.
    pub browser: Digest,
}

/// A login to be stored, once its code was sent.
#[derive(Clone, Debug)]
pub struct NewLogin {
    /// How it is found again.
    pub digest: LoginDigest,
    /// Who proved the password.
    pub user_id: UserId,
    /// The address as it was typed.
    pub email: String,
    /// Where it leads.
    pub target: Target,
    /// How the code was sent.
    pub channel: Channel,
    /// HMAC of the code, bound to this login.
    pub code_mac: Digest,
    /// When the gateway took the code.
    pub code_sent_at: Timestamp,
}

impl Store {
    /// A login, also one that has ended, with the HMAC of its code.
    pub async fn find_login(
        &self,
        digest: &LoginDigest,
    ) -> Result<Option<(PasswordProved, Digest)>, StorageError> {
        let row = logins::Entity::find_by_id(digest.login.to_vec())
            .filter(logins::Column::BrowserDigest.eq(digest.browser.to_vec()))
            .one(self.connection())
            .await?;
        row.map(into_login).transpose()
    }
}

impl Transaction {
    /// Stores a new login and ends every other one of the account: a new code kills all earlier ones (I3, E4).
    pub async fn insert_login(&self, new: &NewLogin) -> Result<(), StorageError> {
        self.end_logins(new.user_id, Ended::Superseded, new.code_sent_at).await?;
        let target = serde_json::to_string(&new.target)
            .map_err(|_| StorageError::Corrupt("login target"))?;
        let row = logins::ActiveModel {
            id_digest: Set(new.digest.login.to_vec()),
            browser_digest: Set(new.digest.browser.to_vec()),
            user_id: Set(new.user_id.0),
            email: Set(new.email.clone()),
            target: Set(target),
            channel: Set(new.channel.as_str().to_owned()),
            code_mac: Set(new.code_mac.to_vec()),
            code_sent_at: Set(new.code_sent_at.millis()),
            tries: Set(0),
            outcome: Set(None),
            ended_at: Set(None),
        };
        logins::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Ends all logins of an account that wait for a code.
    pub async fn end_logins(
        &self,
        user: UserId,
        ended: Ended,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        logins::Entity::update_many()
            .col_expr(logins::Column::Outcome, Expr::value(ended.as_str()))
            .col_expr(logins::Column::EndedAt, Expr::value(now.millis()))
            .filter(logins::Column::UserId.eq(user.0))
            .filter(logins::Column::Outcome.is_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Ends a login, once. `false` when it had ended before: then whatever the caller wanted does not happen. One
    /// whose code could not be sent may still end by asking for another.
    pub async fn end_login(
        &self,
        digest: &LoginDigest,
        ended: Ended,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let update = logins::Entity::update_many()
            .col_expr(logins::Column::Outcome, Expr::value(ended.as_str()))
            .col_expr(logins::Column::EndedAt, Expr::value(now.millis()))
            .filter(logins::Column::IdDigest.eq(digest.login.to_vec()))
            .filter(
                logins::Column::Outcome
                    .is_null()
                    .or(logins::Column::Outcome.eq(Ended::NotSent.as_str())),
            );
        Ok(guarded::take(self, update).await?.is_some())
    }
}

pub(crate) fn into_login(row: logins::Model) -> Result<(PasswordProved, Digest), StorageError> {
    let ended = match row.outcome.as_deref() {
        None => None,
        Some(outcome) => Some(Ended::parse(outcome).ok_or(StorageError::Corrupt("login outcome"))?),
    };
    let login = PasswordProved {
        user_id: UserId(row.user_id),
        email: row.email,
        channel: Channel::parse(&row.channel).ok_or(StorageError::Corrupt("channel"))?,
        code_sent_at: Timestamp::from_millis(row.code_sent_at),
        tries: u32::try_from(row.tries).map_err(|_| StorageError::Corrupt("tries"))?,
        ended,
        target: serde_json::from_str(&row.target)
            .map_err(|_| StorageError::Corrupt("login target"))?,
    };
    let mac = row.code_mac.try_into().map_err(|_| StorageError::Corrupt("code"))?;
    Ok((login, mac))
}
