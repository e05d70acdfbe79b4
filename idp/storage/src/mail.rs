//! Mails on their way: those of notices, and those to signatories. A try is written down before it is made, so that
//! two nodes do not send the same mail, and a node that dies costs a pause.

use portal_core::{Timestamp, id::NominationId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    entity::{notices, signatory_mails},
    guarded, row_id,
};

/// Which mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailId {
    /// That of a notice.
    Notice(Uuid),
    /// One to a signatory.
    Signatory(Uuid),
}

/// A mail that waits, with how often it was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailTry {
    /// Which.
    pub id: MailId,
    /// How often.
    pub tries: i32,
}

/// A mail to a signatory that waits. What it says follows from where the nomination stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatoryMail {
    /// The mail.
    pub mail: MailTry,
    /// About which nomination.
    pub nomination: NominationId,
}

impl Store {
    /// Mails to signatories that are due, longest waiting first.
    pub async fn list_due_signatory_mails(
        &self,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<SignatoryMail>, StorageError> {
        let rows = signatory_mails::Entity::find()
            .filter(signatory_mails::Column::MailDueAt.lte(now.millis()))
            .order_by_asc(signatory_mails::Column::MailDueAt)
            .limit(limit)
            .all(self.connection())
            .await?;
        Ok(rows.iter().map(into_mail).collect())
    }

    /// The mail about a nomination that waits, if any.
    pub async fn find_signatory_mail(
        &self,
        nomination: NominationId,
    ) -> Result<Option<SignatoryMail>, StorageError> {
        let row = signatory_mails::Entity::find()
            .filter(signatory_mails::Column::NominationId.eq(nomination.0))
            .filter(signatory_mails::Column::MailDueAt.is_not_null())
            .one(self.connection())
            .await?;
        Ok(row.as_ref().map(into_mail))
    }
}

impl Transaction {
    /// The signatory is to be told where the nomination stands, at once. What was to be told before is out of date.
    pub async fn insert_signatory_mail(
        &self,
        nomination: NominationId,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        self.drop_signatory_mails(nomination).await?;
        let row = signatory_mails::ActiveModel {
            id: Set(row_id::at(now)),
            nomination_id: Set(nomination.0),
            created_at: Set(now.millis()),
            mail_due_at: Set(Some(now.millis())),
            mail_tries: Set(0),
            mailed_at: Set(None),
        };
        signatory_mails::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// There is nothing to tell the signatory any more.
    pub async fn drop_signatory_mails(&self, nomination: NominationId) -> Result<(), StorageError> {
        signatory_mails::Entity::update_many()
            .col_expr(signatory_mails::Column::MailDueAt, Expr::value(None::<i64>))
            .filter(signatory_mails::Column::NominationId.eq(nomination.0))
            .filter(signatory_mails::Column::MailDueAt.is_not_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Takes a mail that waits for one try: until `next_try` nobody else takes it. `false` for whoever comes second,
    /// and when it was dropped meanwhile. The last try is no other: a node that dies during it loses no mail.
    pub async fn take_mail(
        &self,
        mail: MailTry,
        next_try: Timestamp,
    ) -> Result<bool, StorageError> {
        let next_try = next_try.millis();
        match mail.id {
            MailId::Notice(id) => {
                use notices::{Column, Entity};
                let update = Entity::update_many()
                    .col_expr(Column::MailTries, Expr::value(mail.tries + 1))
                    .col_expr(Column::MailDueAt, Expr::value(next_try))
                    .filter(Column::Id.eq(id))
                    .filter(Column::MailTries.eq(mail.tries))
                    .filter(Column::MailDueAt.is_not_null());
                Ok(guarded::take(self, update).await?.is_some())
            }
            MailId::Signatory(id) => {
                use signatory_mails::{Column, Entity};
                let update = Entity::update_many()
                    .col_expr(Column::MailTries, Expr::value(mail.tries + 1))
                    .col_expr(Column::MailDueAt, Expr::value(next_try))
                    .filter(Column::Id.eq(id))
                    .filter(Column::MailTries.eq(mail.tries))
                    .filter(Column::MailDueAt.is_not_null());
                Ok(guarded::take(self, update).await?.is_some())
            }
        }
    }

    /// Gives a mail up that this try was the last one of, unless somebody tries it again by now.
    pub async fn give_up_mail(&self, mail: MailTry) -> Result<(), StorageError> {
        match mail.id {
            MailId::Notice(id) => {
                notices::Entity::update_many()
                    .col_expr(notices::Column::MailDueAt, Expr::value(None::<i64>))
                    .filter(notices::Column::Id.eq(id))
                    .filter(notices::Column::MailTries.eq(mail.tries + 1))
                    .exec(self.connection())
                    .await?;
            }
            MailId::Signatory(id) => {
                signatory_mails::Entity::update_many()
                    .col_expr(signatory_mails::Column::MailDueAt, Expr::value(None::<i64>))
                    .filter(signatory_mails::Column::Id.eq(id))
                    .filter(signatory_mails::Column::MailTries.eq(mail.tries + 1))
                    .exec(self.connection())
                    .await?;
            }
        }
        Ok(())
    }

    /// A gateway has taken the mail.
    pub async fn finish_mail(&self, mail: MailId, now: Timestamp) -> Result<(), StorageError> {
        match mail {
            MailId::Notice(id) => {
                notices::Entity::update_many()
                    .col_expr(notices::Column::MailedAt, Expr::value(now.millis()))
                    .col_expr(notices::Column::MailDueAt, Expr::value(None::<i64>))
                    .filter(notices::Column::Id.eq(id))
                    .exec(self.connection())
                    .await?;
            }
            MailId::Signatory(id) => {
                signatory_mails::Entity::update_many()
                    .col_expr(signatory_mails::Column::MailedAt, Expr::value(now.millis()))
                    .col_expr(signatory_mails::Column::MailDueAt, Expr::value(None::<i64>))
                    .filter(signatory_mails::Column::Id.eq(id))
                    .exec(self.connection())
                    .await?;
            }
        }
        Ok(())
    }
}

fn into_mail(row: &signatory_mails::Model) -> SignatoryMail {
    SignatoryMail {
        mail: MailTry { id: MailId::Signatory(row.id), tries: row.mail_tries },
        nomination: NominationId(row.nomination_id),
    }
}
