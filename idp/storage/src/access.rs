//! Applications, groups, onboardings, memberships.

use portal_core::{
    Timestamp,
    access::{Application, Environment, Group, Holdings},
    id::{ApplicationId, GroupId, ThirdPartyId, UserId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, JoinType,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, RelationDef, TryInsertResult,
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    entity::{access_groups, applications, delegated_roles, memberships, onboardings},
    role::{ACCESS_ADMINISTRATOR, load_staff_roles},
};

/// An application to be created.
#[derive(Clone, Debug)]
pub struct NewApplication {
    /// Code ("A-CASPER").
    pub code: String,
    /// Title of its tile.
    pub title: String,
    /// Line under the title.
    pub subtitle: String,
    /// Environment.
    pub environment: Environment,
    /// Where its tile stands among the others.
    pub position: i32,
}

impl Store {
    /// All enabled applications, in the order of their tiles.
    pub async fn list_applications(&self) -> Result<Vec<Application>, StorageError> {
        let rows = applications::Entity::find()
            .filter(applications::Column::Enabled.eq(true))
            .order_by_asc(applications::Column::Position)
            .order_by_asc(applications::Column::Code)
            .all(self.connection())
            .await?;
        rows.into_iter().map(into_application).collect()
    }

    /// The application of that code.
    pub async fn find_application(&self, code: &str) -> Result<Option<Application>, StorageError> {
        let row = applications::Entity::find()
            .filter(applications::Column::Code.eq(code))
            .one(self.connection())
            .await?;
        row.map(into_application).transpose()
    }

    /// The group of that name.
    pub async fn find_group(&self, name: &str) -> Result<Option<Group>, StorageError> {
        let row = access_groups::Entity::find()
            .filter(access_groups::Column::Name.eq(name))
            .one(self.connection())
            .await?;
        Ok(row.map(|row| Group {
            id: GroupId(row.id),
            name: row.name,
            description: row.description,
            application_id: ApplicationId(row.application_id),
        }))
    }

    /// Whether a third party is onboarded to an application (I10).
    pub async fn is_onboarded(
        &self,
        third_party: ThirdPartyId,
        application: ApplicationId,
    ) -> Result<bool, StorageError> {
        let row = onboardings::Entity::find_by_id((third_party.0, application.0))
            .one(self.connection())
            .await?;
        Ok(row.is_some())
    }

    /// What a person holds in all applications: three queries, however many applications there are.
    pub async fn holdings(&self, user: UserId) -> Result<Holdings, StorageError> {
        load_holdings(self.connection(), user).await
    }
}

/// What a person holds, as seen by this connection or transaction.
pub(crate) async fn load_holdings(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Holdings, StorageError> {
    let group: RelationDef = memberships::Entity::belongs_to(access_groups::Entity)
        .from(memberships::Column::GroupId)
        .to(access_groups::Column::Id)
        .into();
    let groups: Vec<(Uuid, String)> = memberships::Entity::find()
        .select_only()
        .column(access_groups::Column::ApplicationId)
        .column(access_groups::Column::Name)
        .join(JoinType::InnerJoin, group)
        .filter(memberships::Column::UserId.eq(user.0))
        .order_by_asc(access_groups::Column::Name)
        .into_tuple()
        .all(db)
        .await?;
    let administered: Vec<Option<Uuid>> = delegated_roles::Entity::find()
        .select_only()
        .column(delegated_roles::Column::ApplicationId)
        .filter(delegated_roles::Column::UserId.eq(user.0))
        .filter(delegated_roles::Column::Kind.eq(ACCESS_ADMINISTRATOR))
        .into_tuple()
        .all(db)
        .await?;
    let mut holdings = Holdings::of_staff(load_staff_roles(db, user).await?);
    for (application, name) in groups {
        holdings.add_group(ApplicationId(application), name);
    }
    for application in administered.into_iter().flatten() {
        holdings.add_administrator(ApplicationId(application));
    }
    Ok(holdings)
}

impl Transaction {
    /// Creates an application.
    pub async fn insert_application(
        &self,
        new: &NewApplication,
        now: Timestamp,
    ) -> Result<ApplicationId, StorageError> {
        let id = Uuid::new_v4();
        let row = applications::ActiveModel {
            id: Set(id),
            code: Set(new.code.clone()),
            title: Set(new.title.clone()),
            subtitle: Set(new.subtitle.clone()),
            environment: Set(new.environment.as_str().to_owned()),
            position: Set(new.position),
            enabled: Set(true),
            created_at: Set(now.millis()),
        };
        applications::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(ApplicationId(id))
    }

    /// Creates a group of an application.
    pub async fn insert_group(
        &self,
        application: ApplicationId,
        name: &str,
        description: &str,
        now: Timestamp,
    ) -> Result<GroupId, StorageError> {
        let id = Uuid::new_v4();
        let row = access_groups::ActiveModel {
            id: Set(id),
            name: Set(name.to_owned()),
            description: Set(description.to_owned()),
            application_id: Set(application.0),
            created_at: Set(now.millis()),
        };
        access_groups::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(GroupId(id))
    }

    /// Onboards a third party to an application; `false` when it was already.
    pub async fn insert_onboarding(
        &self,
        third_party: ThirdPartyId,
        application: ApplicationId,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let row = onboardings::ActiveModel {
            third_party_id: Set(third_party.0),
            application_id: Set(application.0),
            created_at: Set(now.millis()),
        };
        let key = [onboardings::Column::ThirdPartyId, onboardings::Column::ApplicationId];
        let inserted = onboardings::Entity::insert(row)
            .on_conflict_do_nothing_on(key)
            .exec_without_returning(self.connection())
            .await?;
        Ok(matches!(inserted, TryInsertResult::Inserted(1)))
    }

    /// Assigns a membership; `false` when it was assigned already.
    pub async fn insert_membership(
        &self,
        user: UserId,
        group: GroupId,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let row = memberships::ActiveModel {
            user_id: Set(user.0),
            group_id: Set(group.0),
            assigned_by: Set(by.map(|by| by.0)),
            assigned_at: Set(now.millis()),
        };
        let key = [memberships::Column::UserId, memberships::Column::GroupId];
        let inserted = memberships::Entity::insert(row)
            .on_conflict_do_nothing_on(key)
            .exec_without_returning(self.connection())
            .await?;
        Ok(matches!(inserted, TryInsertResult::Inserted(1)))
    }

    /// Removes a membership; `false` when there was none. If it was the last thing that opened the application to the
    /// person, its clients are told.
    pub async fn delete_membership(
        &self,
        user: UserId,
        group: GroupId,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let deleted =
            memberships::Entity::delete_by_id((user.0, group.0)).exec(self.connection()).await?;
        if deleted.rows_affected == 0 {
            return Ok(false);
        }
        let group = access_groups::Entity::find_by_id(group.0).one(self.connection()).await?;
        if let Some(group) = group {
            self.end_lost_access(user, ApplicationId(group.application_id), now).await?;
        }
        Ok(true)
    }
}

fn into_application(row: applications::Model) -> Result<Application, StorageError> {
    Ok(Application {
        id: ApplicationId(row.id),
        code: row.code,
        title: row.title,
        subtitle: row.subtitle,
        environment: Environment::parse(&row.environment)
            .ok_or(StorageError::Corrupt("environment"))?,
    })
}
