//! A third party is barred: what was issued to its people before is void, on every node and for good (E55, security.md
//! 86). The instant in its row voids sessions, codes and tokens; what has a life of its own is ended here.

use portal_core::{
    Timestamp,
    account::UserStatus,
    id::{NominationId, ThirdPartyId, UserId},
    login::Ended,
    nomination::NominationStatus,
    one_time_link::LinkPurpose,
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _,
    sea_query::{Expr, SelectStatement},
};
use uuid::Uuid;

use crate::{
    StorageError, Transaction,
    entity::{logins, nominations, one_time_links, signatory_mails, third_parties, users},
    guarded,
    level_tree::{levels_of, people_of},
};

impl Transaction {
    /// Voids everything that was issued to the people of a third party until `now`: nothing of this instant survives
    /// either. Logins that wait for a code and links that were mailed are dead.
    pub async fn bar_third_party(
        &self,
        id: ThirdPartyId,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        self.void_all_until(id, now).await?;
        logins::Entity::update_many()
            .col_expr(logins::Column::Outcome, Expr::value(Ended::Locked.as_str()))
            .col_expr(logins::Column::EndedAt, Expr::value(now.millis()))
            .filter(logins::Column::UserId.in_subquery(people_of(id)))
            .filter(
                logins::Column::Outcome
                    .is_null()
                    .or(logins::Column::Outcome.eq(Ended::NotSent.as_str())),
            )
            .exec(self.connection())
            .await?;
        for purpose in [LinkPurpose::Activation, LinkPurpose::NewEmail, LinkPurpose::PhoneProof] {
            self.void_links_of(purpose, people_of(id), now).await?;
        }
        self.void_nomination_links(id, now).await?;
        self.tell_of_barred_people();
        Ok(())
    }

    /// Voids sessions, codes and tokens of the people of a third party, whenever before they were issued: those of
    /// this instant, too.
    pub async fn void_all_until(
        &self,
        id: ThirdPartyId,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let barred = Timestamp::from_millis(now.millis() + 1);
        third_parties::Entity::update_many()
            .col_expr(third_parties::Column::BarredAt, Expr::value(barred.millis()))
            .filter(third_parties::Column::Id.eq(id.0))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Ends the links that were mailed to the signatories of a third party.
    pub async fn void_nomination_links(
        &self,
        id: ThirdPartyId,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let filed = nominations::Entity::find()
            .select_only()
            .column(nominations::Column::Id)
            .filter(nominations::Column::ThirdPartyId.eq(id.0))
            .into_query();
        self.void_links_of(LinkPurpose::Nomination, filed, now).await
    }

    async fn void_links_of(
        &self,
        purpose: LinkPurpose,
        subjects: SelectStatement,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        one_time_links::Entity::update_many()
            .col_expr(one_time_links::Column::UsedAt, Expr::value(now.millis()))
            .filter(one_time_links::Column::Purpose.eq(purpose.as_str()))
            .filter(one_time_links::Column::SubjectId.in_subquery(subjects))
            .filter(one_time_links::Column::UsedAt.is_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// NOMINATED becomes INVITED, once: the nomination is confirmed. `false` when the account was not NOMINATED.
    pub async fn invite_nominated(&self, id: UserId) -> Result<bool, StorageError> {
        let update = users::Entity::update_many()
            .col_expr(users::Column::Status, Expr::value(UserStatus::Invited.as_str()))
            .col_expr(users::Column::Version, Expr::col(users::Column::Version).add(1))
            .filter(users::Column::Id.eq(id.0))
            .filter(users::Column::Status.eq(UserStatus::Nominated.as_str()));
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// The accounts of a third party that is closed: those in use are suspended, those that never were are deleted.
    pub async fn end_accounts(&self, id: ThirdPartyId, now: Timestamp) -> Result<(), StorageError> {
        let ways = [
            (&[UserStatus::Active][..], UserStatus::Suspended),
            (&[UserStatus::Nominated, UserStatus::Invited][..], UserStatus::Deleted),
        ];
        for (from, to) in ways {
            let mut update = users::Entity::update_many()
                .col_expr(users::Column::Status, Expr::value(to.as_str()))
                .col_expr(users::Column::Version, Expr::col(users::Column::Version).add(1))
                .filter(users::Column::LevelId.in_subquery(levels_of(id)))
                .filter(users::Column::Status.is_in(from.iter().map(|status| status.as_str())));
            if to == UserStatus::Deleted {
                update = update.col_expr(users::Column::DeletedAt, Expr::value(now.millis()));
            }
            update.exec(self.connection()).await?;
        }
        Ok(())
    }

    /// What was void because of a third party stays so for people who go over into another one.
    pub async fn keep_barred(
        &self,
        id: ThirdPartyId,
        since: Timestamp,
    ) -> Result<(), StorageError> {
        users::Entity::update_many()
            .col_expr(users::Column::CredentialsChangedAt, Expr::value(since.millis()))
            .filter(users::Column::LevelId.in_subquery(levels_of(id)))
            .filter(users::Column::CredentialsChangedAt.lt(since.millis()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Withdraws the nominations of a third party that are not decided. Returns them as they were.
    pub async fn withdraw_nominations(
        &self,
        id: ThirdPartyId,
        now: Timestamp,
    ) -> Result<Vec<(NominationId, NominationStatus)>, StorageError> {
        // Their signatories are told by the operator, and nothing of what was to be told before.
        let of_third_party = nominations::Entity::find()
            .select_only()
            .column(nominations::Column::Id)
            .filter(nominations::Column::ThirdPartyId.eq(id.0))
            .into_query();
        signatory_mails::Entity::update_many()
            .col_expr(signatory_mails::Column::MailDueAt, Expr::value(None::<i64>))
            .filter(signatory_mails::Column::NominationId.in_subquery(of_third_party))
            .filter(signatory_mails::Column::MailDueAt.is_not_null())
            .exec(self.connection())
            .await?;
        let open = NominationStatus::ALL.into_iter().filter(|status| !status.is_final());
        let open: Vec<&str> = open.map(NominationStatus::as_str).collect();
        let found: Vec<(Uuid, String)> = nominations::Entity::find()
            .select_only()
            .column(nominations::Column::Id)
            .column(nominations::Column::Status)
            .filter(nominations::Column::ThirdPartyId.eq(id.0))
            .filter(nominations::Column::Status.is_in(open.iter().copied()))
            .order_by_asc(nominations::Column::Id)
            .into_tuple()
            .all(self.connection())
            .await?;
        nominations::Entity::update_many()
            .col_expr(
                nominations::Column::Status,
                Expr::value(NominationStatus::Withdrawn.as_str()),
            )
            .col_expr(nominations::Column::DecidedAt, Expr::value(now.millis()))
            .col_expr(nominations::Column::Version, Expr::col(nominations::Column::Version).add(1))
            .filter(nominations::Column::ThirdPartyId.eq(id.0))
            .filter(nominations::Column::Status.is_in(open))
            .exec(self.connection())
            .await?;
        let withdrawn = found.into_iter().map(|(id, status)| {
            let status = NominationStatus::parse(&status);
            Ok((NominationId(id), status.ok_or(StorageError::Corrupt("nomination status"))?))
        });
        withdrawn.collect()
    }
}
