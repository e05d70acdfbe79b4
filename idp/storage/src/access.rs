//! Applications, groups, onboardings.

use portal_core::{
    Timestamp,
    access::{Application, Environment, Group},
    id::{ApplicationId, GroupId, ThirdPartyId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, TryInsertResult,
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    entity::{access_groups, applications, onboardings},
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
    /// All applications, in the order of their tiles: one that is switched off is administered as before.
    pub async fn list_applications(&self) -> Result<Vec<Application>, StorageError> {
        load_applications(self.connection()).await
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
        load_onboarded(self.connection(), third_party, application).await
    }
}

async fn load_applications(db: &impl ConnectionTrait) -> Result<Vec<Application>, StorageError> {
    let rows = applications::Entity::find()
        .order_by_asc(applications::Column::Position)
        .order_by_asc(applications::Column::Code)
        .all(db)
        .await?;
    rows.into_iter().map(into_application).collect()
}

async fn load_onboarded(
    db: &impl ConnectionTrait,
    third_party: ThirdPartyId,
    application: ApplicationId,
) -> Result<bool, StorageError> {
    let row = onboardings::Entity::find_by_id((third_party.0, application.0)).one(db).await?;
    Ok(row.is_some())
}

impl Transaction {
    /// All applications, as this transaction sees them.
    pub async fn list_applications(&self) -> Result<Vec<Application>, StorageError> {
        load_applications(self.connection()).await
    }

    /// Whether a third party is onboarded to an application, as this transaction sees it.
    pub async fn is_onboarded(
        &self,
        third_party: ThirdPartyId,
        application: ApplicationId,
    ) -> Result<bool, StorageError> {
        load_onboarded(self.connection(), third_party, application).await
    }

    /// The application with that id, as this transaction sees it.
    pub async fn find_application_by_id(
        &self,
        id: ApplicationId,
    ) -> Result<Option<Application>, StorageError> {
        let row = applications::Entity::find_by_id(id.0).one(self.connection()).await?;
        row.map(into_application).transpose()
    }

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
            review_months: Set(12),
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
}

pub(crate) fn into_application(row: applications::Model) -> Result<Application, StorageError> {
    Ok(Application {
        id: ApplicationId(row.id),
        code: row.code,
        title: row.title,
        subtitle: row.subtitle,
        environment: Environment::parse(&row.environment)
            .ok_or(StorageError::Corrupt("environment"))?,
    })
}
