//! The end of access of a whole third party: its onboarding is taken back, it is closed, or it goes over into another
//! one. Memberships and roles move to what was held before; relying parties concerned are told.

use portal_core::{
    Timestamp,
    id::{ApplicationId, ThirdPartyId, UserId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
    sea_query::{Expr, SelectStatement},
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    entity::{
        access_groups, clients, delegated_roles, former_memberships, former_roles, memberships,
        onboardings, sessions, users,
    },
    level_tree::{levels_of, people_of},
    logout_delivery::{EndedSession, Told},
    row_id,
};

/// Most rows in one statement.
const ROWS: usize = 500;

/// What people of a third party hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessCount {
    /// Memberships.
    pub memberships: u64,
    /// Delegated roles.
    pub roles: u64,
}

impl Store {
    /// What the people of a third party hold in an application, or in all.
    pub async fn count_access(
        &self,
        third_party: ThirdPartyId,
        application: Option<ApplicationId>,
    ) -> Result<AccessCount, StorageError> {
        let wanted = application.map(|id| vec![id]);
        count(self.connection(), third_party, wanted.as_deref()).await
    }
}

async fn count(
    db: &impl ConnectionTrait,
    third_party: ThirdPartyId,
    applications: Option<&[ApplicationId]>,
) -> Result<AccessCount, StorageError> {
    let memberships = memberships::Entity::find()
        .filter(memberships_of(third_party, applications))
        .count(db)
        .await?;
    let roles = delegated_roles::Entity::find()
        .filter(roles_of(third_party, applications))
        .count(db)
        .await?;
    Ok(AccessCount { memberships, roles })
}

impl Transaction {
    /// What the people of a third party hold in all applications, as this transaction sees it.
    pub async fn count_access(
        &self,
        third_party: ThirdPartyId,
    ) -> Result<AccessCount, StorageError> {
        count(self.connection(), third_party, None).await
    }

    /// Takes the onboarding to an application back, and with it all that the people hold in it. `None` when the third
    /// party was not onboarded.
    pub async fn delete_onboarding(
        &self,
        third_party: ThirdPartyId,
        application: ApplicationId,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<Option<AccessCount>, StorageError> {
        let key = (third_party.0, application.0);
        let deleted = onboardings::Entity::delete_by_id(key).exec(self.connection()).await?;
        if deleted.rows_affected == 0 {
            return Ok(None);
        }
        self.end_access(third_party, &[application], by, now).await.map(Some)
    }

    /// Ends all that the people of a third party hold in these applications, and tells the applications' clients to
    /// end their sessions.
    pub async fn end_access(
        &self,
        third_party: ThirdPartyId,
        applications: &[ApplicationId],
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<AccessCount, StorageError> {
        let of = (third_party, Some(applications));
        let memberships = self.end_memberships(of, by, now).await?;
        let roles = self.end_roles(of, by, now).await?.len() as u64;
        let ids = applications.iter().map(|application| application.0);
        let clients: Vec<String> = clients::Entity::find()
            .select_only()
            .column(clients::Column::Id)
            .filter(clients::Column::ApplicationId.is_in(ids))
            .into_tuple()
            .all(self.connection())
            .await?;
        let sessions = self.open_sessions(third_party).await?;
        self.enqueue_logouts(&sessions, Told::Only(&clients), now).await?;
        Ok(AccessCount { memberships, roles })
    }

    /// Ends every membership and role of the people of a third party; their sessions have been ended, or will be.
    pub async fn end_all_access(
        &self,
        third_party: ThirdPartyId,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<AccessCount, StorageError> {
        let memberships = self.end_memberships((third_party, None), by, now).await?;
        let roles = self.end_roles((third_party, None), by, now).await?.len() as u64;
        self.delete_onboardings(third_party).await?;
        Ok(AccessCount { memberships, roles })
    }

    /// Takes all onboardings of a third party back; what was held by them is ended before.
    pub async fn delete_onboardings(&self, third_party: ThirdPartyId) -> Result<(), StorageError> {
        onboardings::Entity::delete_many()
            .filter(onboardings::Column::ThirdPartyId.eq(third_party.0))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Revokes every delegated role at the levels of a third party. Tells who held which application's.
    pub async fn end_delegation(
        &self,
        third_party: ThirdPartyId,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<Vec<(UserId, Option<ApplicationId>)>, StorageError> {
        self.end_roles((third_party, None), by, now).await
    }

    async fn end_memberships(
        &self,
        (third_party, applications): (ThirdPartyId, Option<&[ApplicationId]>),
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<u64, StorageError> {
        let which = memberships_of(third_party, applications);
        let holders = memberships::Entity::find()
            .select_only()
            .column(memberships::Column::UserId)
            .distinct()
            .filter(which.clone());
        users::Entity::update_many()
            .col_expr(users::Column::AccessVersion, Expr::col(users::Column::AccessVersion).add(1))
            .filter(users::Column::Id.in_subquery(holders.clone().into_query()))
            .exec(self.connection())
            .await?;
        let holders: Vec<Uuid> = holders.into_tuple().all(self.connection()).await?;
        let mut ended = 0;
        for some in holders.chunks(ROWS) {
            let of_some = memberships::Column::UserId.is_in(some.iter().copied());
            let theirs = which.clone().add(of_some);
            let held = memberships::Entity::find().filter(theirs.clone());
            let held = held.all(self.connection()).await?;
            self.note_former_memberships(&held, by, now).await?;
            memberships::Entity::delete_many().filter(theirs).exec(self.connection()).await?;
            ended += held.len() as u64;
        }
        Ok(ended)
    }

    async fn note_former_memberships(
        &self,
        held: &[memberships::Model],
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        for held in held.chunks(ROWS) {
            let rows = held.iter().map(|held| former_memberships::ActiveModel {
                id: Set(row_id::at(now)),
                user_id: Set(held.user_id),
                group_id: Set(held.group_id),
                assigned_by: Set(held.assigned_by),
                assigned_at: Set(held.assigned_at),
                valid_until: Set(held.valid_until.clone()),
                removed_by: Set(by.map(|by| by.0)),
                removed_at: Set(now.millis()),
            });
            former_memberships::Entity::insert_many(rows)
                .exec_without_returning(self.connection())
                .await?;
        }
        Ok(())
    }

    async fn end_roles(
        &self,
        (third_party, applications): (ThirdPartyId, Option<&[ApplicationId]>),
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<Vec<(UserId, Option<ApplicationId>)>, StorageError> {
        let which = roles_of(third_party, applications);
        let held =
            delegated_roles::Entity::find().filter(which.clone()).all(self.connection()).await?;
        for held in held.chunks(ROWS) {
            let rows = held.iter().map(|held| former_roles::ActiveModel {
                id: Set(row_id::at(now)),
                user_id: Set(held.user_id),
                kind: Set(held.kind.clone()),
                level_id: Set(held.level_id),
                application_id: Set(held.application_id),
                granted_by: Set(held.granted_by),
                granted_at: Set(held.granted_at),
                source: Set(held.source.clone()),
                nomination_id: Set(held.nomination_id),
                revoked_by: Set(by.map(|by| by.0)),
                revoked_at: Set(now.millis()),
            });
            former_roles::Entity::insert_many(rows)
                .exec_without_returning(self.connection())
                .await?;
        }
        delegated_roles::Entity::delete_many().filter(which).exec(self.connection()).await?;
        let holder = |held: delegated_roles::Model| {
            (UserId(held.user_id), held.application_id.map(ApplicationId))
        };
        Ok(held.into_iter().map(holder).collect())
    }

    /// The sessions of the people of a third party that were not ended, locked until the commit.
    async fn open_sessions(
        &self,
        third_party: ThirdPartyId,
    ) -> Result<Vec<EndedSession>, StorageError> {
        let mut find = sessions::Entity::find()
            .filter(sessions::Column::UserId.in_subquery(people_of(third_party)))
            .filter(sessions::Column::EndedAt.is_null())
            .order_by_asc(sessions::Column::Sid);
        if self.locks_rows() {
            find = find.lock_exclusive();
        }
        let rows = find.all(self.connection()).await?;
        let ended = |row: sessions::Model| EndedSession { sid: row.sid, user_id: row.user_id };
        Ok(rows.into_iter().map(ended).collect())
    }
}

pub(crate) fn memberships_of(
    third_party: ThirdPartyId,
    applications: Option<&[ApplicationId]>,
) -> Condition {
    let of_people = memberships::Column::UserId.in_subquery(people_of(third_party));
    let which = Condition::all().add(of_people);
    match applications {
        None => which,
        Some(applications) => {
            which.add(memberships::Column::GroupId.in_subquery(groups_of(applications)))
        }
    }
}

pub(crate) fn roles_of(
    third_party: ThirdPartyId,
    applications: Option<&[ApplicationId]>,
) -> Condition {
    let at_levels = delegated_roles::Column::LevelId.in_subquery(levels_of(third_party));
    let which = Condition::all().add(at_levels);
    match applications {
        None => which,
        Some(applications) => which
            .add(delegated_roles::Column::ApplicationId.is_in(applications.iter().map(|id| id.0))),
    }
}

fn groups_of(applications: &[ApplicationId]) -> SelectStatement {
    let ids: Vec<Uuid> = applications.iter().map(|application| application.0).collect();
    access_groups::Entity::find()
        .select_only()
        .column(access_groups::Column::Id)
        .filter(access_groups::Column::ApplicationId.is_in(ids))
        .into_query()
}
