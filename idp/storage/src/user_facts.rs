//! What pages of users show besides the accounts: groups to filter by, subsidiaries to choose from, what a person holds,
//! who administers a level.

use portal_core::{
    administrators::RoleKind,
    id::{ApplicationId, GroupId, LevelId, SubsidiaryId, UserId},
    organisation::{LevelPath, Subsidiary},
    permission::Sight,
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, JoinType, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, RelationDef,
};
use uuid::Uuid;

use crate::{
    StorageError, Store,
    entity::{
        access_groups, delegated_roles, levels, memberships, onboardings, subsidiaries, users,
    },
    level_sight::in_sight,
};

/// Somebody who administers a level, to be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelAdministrator {
    /// The boundary of the role.
    pub level: LevelPath,
    /// Which role.
    pub kind: RoleKind,
    /// First and last name.
    pub name: String,
}

impl Store {
    /// The groups of the applications that third parties in sight are onboarded to, by name.
    pub async fn list_groups(
        &self,
        sight: &Sight,
        limit: u64,
    ) -> Result<Vec<(GroupId, String)>, StorageError> {
        let mut find = access_groups::Entity::find()
            .select_only()
            .column(access_groups::Column::Id)
            .column(access_groups::Column::Name);
        if *sight != Sight::Everything {
            let third_parties = levels::Entity::find()
                .select_only()
                .column(levels::Column::ThirdPartyId)
                .filter(in_sight(sight))
                .into_query();
            let applications = onboardings::Entity::find()
                .select_only()
                .column(onboardings::Column::ApplicationId)
                .filter(onboardings::Column::ThirdPartyId.in_subquery(third_parties))
                .into_query();
            find = find.filter(access_groups::Column::ApplicationId.in_subquery(applications));
        }
        let rows: Vec<(Uuid, String)> = find
            .order_by_asc(access_groups::Column::Name)
            .limit(limit)
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(rows.into_iter().map(|(id, name)| (GroupId(id), name)).collect())
    }

    /// The subsidiaries of these levels, by name.
    pub async fn list_subsidiaries(
        &self,
        of: &[LevelId],
        limit: u64,
    ) -> Result<Vec<Subsidiary>, StorageError> {
        let rows = subsidiaries::Entity::find()
            .filter(subsidiaries::Column::LevelId.is_in(of.iter().map(|id| id.0)))
            .order_by_asc(subsidiaries::Column::ShortName)
            .limit(limit)
            .all(self.connection())
            .await?;
        let into = |row: subsidiaries::Model| Subsidiary {
            id: SubsidiaryId(row.id),
            level_id: LevelId(row.level_id),
            short_name: row.short_name,
            lei: row.lei,
        };
        Ok(rows.into_iter().map(into).collect())
    }

    /// The names of all groups that a person is a member of, whether the membership counts or not.
    pub async fn list_group_names_of(&self, user: UserId) -> Result<Vec<String>, StorageError> {
        let group: RelationDef = memberships::Entity::belongs_to(access_groups::Entity)
            .from(memberships::Column::GroupId)
            .to(access_groups::Column::Id)
            .into();
        let names = memberships::Entity::find()
            .select_only()
            .column(access_groups::Column::Name)
            .join(JoinType::InnerJoin, group)
            .filter(memberships::Column::UserId.eq(user.0))
            .order_by_asc(access_groups::Column::Name)
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(names)
    }

    /// The administrators of these levels, with those of the levels above them. At most 200.
    pub async fn list_level_administrators(
        &self,
        of: &[LevelPath],
    ) -> Result<Vec<LevelAdministrator>, StorageError> {
        let level: RelationDef = delegated_roles::Entity::belongs_to(levels::Entity)
            .from(delegated_roles::Column::LevelId)
            .to(levels::Column::Id)
            .into();
        let user: RelationDef = delegated_roles::Entity::belongs_to(users::Entity)
            .from(delegated_roles::Column::UserId)
            .to(users::Column::Id)
            .into();
        let mut paths: Vec<&str> = of.iter().flat_map(with_those_above).collect();
        paths.sort_unstable();
        paths.dedup();
        let rows: Vec<(String, Option<Uuid>, String, String)> = delegated_roles::Entity::find()
            .select_only()
            .column(levels::Column::Path)
            .column(delegated_roles::Column::ApplicationId)
            .column(users::Column::FirstName)
            .column(users::Column::LastName)
            .join(JoinType::InnerJoin, level)
            .join(JoinType::InnerJoin, user)
            .filter(levels::Column::Path.is_in(paths))
            .filter(delegated_roles::Column::DormantAt.is_null())
            .filter(users::Column::Status.eq("ACTIVE"))
            .order_by_asc(users::Column::LastNameKey)
            .order_by_asc(users::Column::FirstNameKey)
            .order_by_asc(users::Column::Id)
            .order_by_asc(delegated_roles::Column::Id)
            .limit(200)
            .into_tuple()
            .all(self.connection())
            .await?;
        let into = |(path, application, first, last): (String, Option<Uuid>, String, String)| {
            LevelAdministrator {
                level: LevelPath::from_stored(path),
                kind: RoleKind::of(application.map(ApplicationId)),
                name: format!("{first} {last}"),
            }
        };
        Ok(rows.into_iter().map(into).collect())
    }
}

fn with_those_above(level: &LevelPath) -> impl Iterator<Item = &str> {
    let path = level.as_str();
    let above = path.match_indices('/').filter_map(move |(place, _)| path.get(..place));
    above.chain(std::iter::once(path))
}
