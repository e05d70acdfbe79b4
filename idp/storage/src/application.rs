//! Applications as the operator registers and edits them: also those that are switched off.

use std::collections::HashMap;

use portal_core::{
    access::{Application, Group},
    id::{ApplicationId, GroupId},
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    access::into_application,
    entity::{access_groups, applications, clients, onboardings},
    guarded,
};

/// Most groups of an application that a page shows.
const MOST_GROUPS: u64 = 500;

/// What may be edited of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationDetails {
    /// Title of its tile.
    pub title: String,
    /// Line under the title.
    pub subtitle: String,
    /// Where its tile stands among the others.
    pub position: i32,
    /// Months between two access reviews.
    pub review_months: i32,
    /// Whether it is in use. Nobody opens one that is not, and its clients get and use no token.
    pub is_enabled: bool,
}

/// An application with all that is stored of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredApplication {
    /// The application.
    pub application: Application,
    /// What may be edited.
    pub details: ApplicationDetails,
}

/// An application in the list, with how many belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationSummary {
    /// The application.
    pub registered: RegisteredApplication,
    /// Groups.
    pub groups: u64,
    /// Clients.
    pub clients: u64,
    /// Third parties that are onboarded to it.
    pub third_parties: u64,
}

impl Store {
    /// All applications, in the order of their tiles, in four queries.
    pub async fn list_registered_applications(
        &self,
    ) -> Result<Vec<ApplicationSummary>, StorageError> {
        let db = self.connection();
        let rows = applications::Entity::find()
            .order_by_asc(applications::Column::Position)
            .order_by_asc(applications::Column::Code)
            .all(db)
            .await?;
        let groups =
            counts::<access_groups::Entity>(db, access_groups::Column::ApplicationId).await?;
        let clients = counts::<clients::Entity>(db, clients::Column::ApplicationId).await?;
        let parties = counts::<onboardings::Entity>(db, onboardings::Column::ApplicationId).await?;
        let of = |counts: &HashMap<Uuid, u64>, id: Uuid| counts.get(&id).copied().unwrap_or(0);
        rows.into_iter()
            .map(|row| {
                let id = row.id;
                Ok(ApplicationSummary {
                    registered: into_registered(row)?,
                    groups: of(&groups, id),
                    clients: of(&clients, id),
                    third_parties: of(&parties, id),
                })
            })
            .collect()
    }

    /// The application of that code, also when it is switched off.
    pub async fn find_registered_application(
        &self,
        code: &str,
    ) -> Result<Option<RegisteredApplication>, StorageError> {
        let row = applications::Entity::find()
            .filter(applications::Column::Code.eq(code))
            .one(self.connection())
            .await?;
        row.map(into_registered).transpose()
    }

    /// The groups of an application, by name. At most 500.
    pub async fn list_groups_of(
        &self,
        application: ApplicationId,
    ) -> Result<Vec<Group>, StorageError> {
        let rows = access_groups::Entity::find()
            .filter(access_groups::Column::ApplicationId.eq(application.0))
            .order_by_asc(access_groups::Column::Name)
            .limit(MOST_GROUPS)
            .all(self.connection())
            .await?;
        let into = |row: access_groups::Model| Group {
            id: GroupId(row.id),
            name: row.name,
            description: row.description,
            application_id: ApplicationId(row.application_id),
        };
        Ok(rows.into_iter().map(into).collect())
    }
}

impl Transaction {
    /// Replaces the details of an application that is still as it was `seen`; `false` when it is not.
    pub async fn update_application(
        &self,
        id: ApplicationId,
        seen: &ApplicationDetails,
        new: &ApplicationDetails,
    ) -> Result<bool, StorageError> {
        use applications::Column;
        let update = applications::Entity::update_many()
            .col_expr(Column::Title, Expr::value(new.title.as_str()))
            .col_expr(Column::Subtitle, Expr::value(new.subtitle.as_str()))
            .col_expr(Column::Position, Expr::value(new.position))
            .col_expr(Column::ReviewMonths, Expr::value(new.review_months))
            .col_expr(Column::Enabled, Expr::value(new.is_enabled))
            .filter(Column::Id.eq(id.0))
            .filter(Column::Title.eq(seen.title.as_str()))
            .filter(Column::Subtitle.eq(seen.subtitle.as_str()))
            .filter(Column::Position.eq(seen.position))
            .filter(Column::ReviewMonths.eq(seen.review_months))
            .filter(Column::Enabled.eq(seen.is_enabled));
        Ok(guarded::take(self, update).await?.is_some())
    }
}

/// How many rows of a table belong to each application.
async fn counts<E: EntityTrait>(
    db: &impl ConnectionTrait,
    application: E::Column,
) -> Result<HashMap<Uuid, u64>, StorageError> {
    let rows: Vec<(Uuid, i64)> = E::find()
        .select_only()
        .column(application)
        .column_as(Expr::val(1).count(), "of_application")
        .filter(application.is_not_null())
        .group_by(application)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(id, count)| (id, count.unsigned_abs())).collect())
}

fn into_registered(row: applications::Model) -> Result<RegisteredApplication, StorageError> {
    Ok(RegisteredApplication {
        details: ApplicationDetails {
            title: row.title.clone(),
            subtitle: row.subtitle.clone(),
            position: row.position,
            review_months: row.review_months,
            is_enabled: row.enabled,
        },
        application: into_application(row)?,
    })
}
