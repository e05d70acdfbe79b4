//! Memberships with what pages say of them: groups, applications, who assigned them, and which could be assigned.

use std::collections::{HashMap, HashSet};

use portal_core::{
    Timestamp,
    access::{Application, Group},
    expiry::ExpirationDate,
    id::{ApplicationId, GroupId, ThirdPartyId, UserId},
    membership::Held,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, JoinType, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, RelationDef,
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    access::into_application,
    entity::{access_groups, applications, former_memberships, memberships, onboardings},
};

/// Memberships of one person that have ended, as many as are looked at.
const FORMER_AT_MOST: u64 = 200;

/// A membership as somebody holds it.
#[derive(Clone, Debug)]
pub struct HeldMembership {
    /// In which group.
    pub group: Group,
    /// What the group opens.
    pub application: Application,
    /// Who assigned it; `None` for set-up.
    pub assigned_by: Option<UserId>,
    /// When.
    pub assigned_at: Timestamp,
    /// Its last day, if it has one.
    pub valid_until: Option<ExpirationDate>,
    /// Whether it counts for nothing until it is confirmed (I28).
    pub is_dormant: bool,
}

/// A membership that has ended.
#[derive(Clone, Debug)]
pub struct FormerMembership {
    /// In which group.
    pub group: GroupId,
    /// Who assigned it; `None` for set-up.
    pub assigned_by: Option<UserId>,
    /// When.
    pub assigned_at: Timestamp,
    /// Its last day, if it had one.
    pub valid_until: Option<ExpirationDate>,
    /// Who ended it; `None` when its last day was over.
    pub removed_by: Option<UserId>,
    /// When.
    pub removed_at: Timestamp,
}

/// A group that could be assigned, with what it opens.
#[derive(Clone, Debug)]
pub struct OfferedGroup {
    /// The group.
    pub group: Group,
    /// What it opens.
    pub application: Application,
    /// Whether the application is switched on: in one that is off, nothing new is given.
    pub is_enabled: bool,
}

impl Store {
    /// Everything that a person is a member of, in the order of applications and names.
    pub async fn list_memberships(
        &self,
        user: UserId,
    ) -> Result<Vec<HeldMembership>, StorageError> {
        load_memberships(self.connection(), user).await
    }

    /// What a person was a member of before, latest end first.
    pub async fn list_former_memberships(
        &self,
        user: UserId,
    ) -> Result<Vec<FormerMembership>, StorageError> {
        let rows = former_memberships::Entity::find()
            .filter(former_memberships::Column::UserId.eq(user.0))
            .order_by_desc(former_memberships::Column::RemovedAt)
            .order_by_desc(former_memberships::Column::Id)
            .limit(FORMER_AT_MOST)
            .all(self.connection())
            .await?;
        rows.iter().map(into_former).collect()
    }

    /// The groups of enabled applications that a third party is onboarded to (O7, O37).
    pub async fn list_offered_groups(
        &self,
        third_party: ThirdPartyId,
    ) -> Result<Vec<OfferedGroup>, StorageError> {
        let onboarding: RelationDef = applications::Entity::belongs_to(onboardings::Entity)
            .from(applications::Column::Id)
            .to(onboardings::Column::ApplicationId)
            .into();
        let rows = access_groups::Entity::find()
            .select_also(applications::Entity)
            .join(JoinType::InnerJoin, application_of_group())
            .join(JoinType::InnerJoin, onboarding)
            .filter(onboardings::Column::ThirdPartyId.eq(third_party.0))
            .filter(applications::Column::Enabled.eq(true))
            .order_by_asc(applications::Column::Position)
            .order_by_asc(applications::Column::Code)
            .order_by_asc(access_groups::Column::Name)
            .all(self.connection())
            .await?;
        rows.into_iter().map(into_offered).collect()
    }

    /// Memberships whose last day is over, longest over first.
    pub async fn list_ended_memberships(
        &self,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<(UserId, GroupId)>, StorageError> {
        let Some(today) = ExpirationDate::days_from(now, 0) else {
            return Ok(Vec::new());
        };
        let rows: Vec<(Uuid, Uuid)> = memberships::Entity::find()
            .select_only()
            .column(memberships::Column::UserId)
            .column(memberships::Column::GroupId)
            .filter(memberships::Column::ValidUntil.lt(today.to_iso()))
            .order_by_asc(memberships::Column::ValidUntil)
            .limit(limit)
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(rows.into_iter().map(|(user, group)| (UserId(user), GroupId(group))).collect())
    }
}

impl Transaction {
    /// Everything that a person is a member of, as this transaction sees it.
    pub async fn list_memberships(
        &self,
        user: UserId,
    ) -> Result<Vec<HeldMembership>, StorageError> {
        load_memberships(self.connection(), user).await
    }

    /// Groups by their ids, with their applications; those that do not exist are left out.
    pub async fn list_groups(&self, ids: &[GroupId]) -> Result<Vec<OfferedGroup>, StorageError> {
        let rows = access_groups::Entity::find()
            .select_also(applications::Entity)
            .join(JoinType::InnerJoin, application_of_group())
            .filter(access_groups::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .all(self.connection())
            .await?;
        rows.into_iter().map(into_offered).collect()
    }

    /// Groups by their names, with their applications; those that do not exist are left out.
    pub async fn list_groups_named(
        &self,
        names: &[String],
    ) -> Result<Vec<OfferedGroup>, StorageError> {
        let called = access_groups::Column::Name.is_in(names.iter().map(String::as_str));
        let rows = access_groups::Entity::find()
            .select_also(applications::Entity)
            .join(JoinType::InnerJoin, application_of_group())
            .filter(called)
            .all(self.connection())
            .await?;
        rows.into_iter().map(into_offered).collect()
    }

    /// What several people are members of, each with its last day.
    pub async fn list_held(&self, users: &[UserId]) -> Result<HashMap<UserId, Held>, StorageError> {
        let rows = memberships::Entity::find()
            .filter(memberships::Column::UserId.is_in(users.iter().map(|id| id.0)))
            .all(self.connection())
            .await?;
        let mut held: HashMap<UserId, Held> = HashMap::new();
        for row in rows {
            let until = last_day(row.valid_until.as_deref())?;
            held.entry(UserId(row.user_id)).or_default().insert(GroupId(row.group_id), until);
        }
        Ok(held)
    }

    /// All applications that a third party is onboarded to.
    pub async fn list_onboarded(
        &self,
        third_party: ThirdPartyId,
    ) -> Result<HashSet<ApplicationId>, StorageError> {
        let ids: Vec<Uuid> = onboardings::Entity::find()
            .select_only()
            .column(onboardings::Column::ApplicationId)
            .filter(onboardings::Column::ThirdPartyId.eq(third_party.0))
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(ids.into_iter().map(ApplicationId).collect())
    }
}

fn into_offered(
    (group, application): (access_groups::Model, Option<applications::Model>),
) -> Result<OfferedGroup, StorageError> {
    let application = application.ok_or(StorageError::Corrupt("application"))?;
    Ok(OfferedGroup {
        group: into_group(group),
        is_enabled: application.enabled,
        application: into_application(application)?,
    })
}

fn application_of_group() -> RelationDef {
    access_groups::Entity::belongs_to(applications::Entity)
        .from(access_groups::Column::ApplicationId)
        .to(applications::Column::Id)
        .into()
}

async fn load_memberships(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<HeldMembership>, StorageError> {
    let group: RelationDef = memberships::Entity::belongs_to(access_groups::Entity)
        .from(memberships::Column::GroupId)
        .to(access_groups::Column::Id)
        .into();
    let rows = memberships::Entity::find()
        .select_also(access_groups::Entity)
        .join(JoinType::InnerJoin, group)
        .filter(memberships::Column::UserId.eq(user.0))
        .order_by_asc(access_groups::Column::Name)
        .all(db)
        .await?;
    let ids = rows.iter().filter_map(|(_, group)| Some(group.as_ref()?.application_id));
    let applications = applications::Entity::find()
        .filter(applications::Column::Id.is_in(ids))
        .order_by_asc(applications::Column::Position)
        .order_by_asc(applications::Column::Code)
        .all(db)
        .await?;
    let mut held = Vec::with_capacity(rows.len());
    for application in applications {
        let application = into_application(application)?;
        for (row, group) in &rows {
            if let Some(group) = group.clone().filter(|g| g.application_id == application.id.0) {
                held.push(into_held(row, into_group(group), application.clone())?);
            }
        }
    }
    Ok(held)
}

fn into_held(
    row: &memberships::Model,
    group: Group,
    application: Application,
) -> Result<HeldMembership, StorageError> {
    Ok(HeldMembership {
        group,
        application,
        assigned_by: row.assigned_by.map(UserId),
        assigned_at: Timestamp::from_millis(row.assigned_at),
        valid_until: last_day(row.valid_until.as_deref())?,
        is_dormant: row.dormant_at.is_some(),
    })
}

/// A stored last day.
pub(crate) fn last_day(stored: Option<&str>) -> Result<Option<ExpirationDate>, StorageError> {
    let date = stored.map(ExpirationDate::from_iso).transpose();
    date.map_err(|_| StorageError::Corrupt("last day of a membership"))
}

fn into_group(row: access_groups::Model) -> Group {
    Group {
        id: GroupId(row.id),
        name: row.name,
        description: row.description,
        application_id: ApplicationId(row.application_id),
    }
}

fn into_former(row: &former_memberships::Model) -> Result<FormerMembership, StorageError> {
    Ok(FormerMembership {
        group: GroupId(row.group_id),
        assigned_by: row.assigned_by.map(UserId),
        assigned_at: Timestamp::from_millis(row.assigned_at),
        valid_until: last_day(row.valid_until.as_deref())?,
        removed_by: row.removed_by.map(UserId),
        removed_at: Timestamp::from_millis(row.removed_at),
    })
}
