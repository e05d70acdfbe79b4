//! The people of a third party whom one change concerns all at once, with what they hold: read by their keys, some
//! hundreds with each query.

use std::collections::BTreeMap;

use portal_core::{
    account::UserStatus,
    id::{ApplicationId, LevelId, ThirdPartyId, UserId},
};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, JoinType, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, RelationDef, sea_query::SelectStatement,
};
use uuid::Uuid;

use crate::{
    StorageError, Transaction,
    access_end::{memberships_of, roles_of},
    entity::{access_groups, applications, delegated_roles, memberships, users},
    level_tree::levels_of,
    role::role_name,
};

/// Whom a change concerns, and what of theirs.
#[derive(Clone, Copy, Debug)]
pub struct Concern<'a> {
    /// Of which third party.
    pub third_party: ThirdPartyId,
    /// Memberships in these applications; `None` for all.
    pub memberships: Option<&'a [ApplicationId]>,
    /// Roles for these applications; `None` for all.
    pub roles: Option<&'a [ApplicationId]>,
    /// Whether whoever holds nothing of that is concerned too. Deleted accounts never are.
    pub everybody: bool,
    /// Whether only what counts is meant, not what waits for a confirmation.
    pub counting: bool,
}

/// Somebody who is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concerned {
    /// Who.
    pub user: UserId,
    /// The level of the account.
    pub level: LevelId,
    /// The address.
    pub email: String,
    /// The state of the account.
    pub status: UserStatus,
    /// The groups, by name.
    pub groups: Vec<String>,
    /// The delegated roles: `DelegatedUserAdmin`, `ApplicationAccessAdmin:CASPER`.
    pub roles: Vec<String>,
}

impl Transaction {
    /// Who is concerned, in the order of their ids.
    pub async fn list_concerned(&self, concern: &Concern<'_>) -> Result<Vec<UserId>, StorageError> {
        let mut find = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .filter(users::Column::LevelId.in_subquery(levels_of(concern.third_party)))
            .filter(users::Column::Status.ne(UserStatus::Deleted.as_str()));
        if !concern.everybody {
            let holds = Condition::any()
                .add(users::Column::Id.in_subquery(members(concern)))
                .add(users::Column::Id.in_subquery(administrators(concern)));
            find = find.filter(holds);
        }
        let find = find.order_by_asc(users::Column::Id);
        let ids: Vec<Uuid> = find.into_tuple().all(self.connection()).await?;
        Ok(ids.into_iter().map(UserId).collect())
    }

    /// Some of them, with what they hold, in the order of their ids: three queries.
    pub async fn load_concerned(
        &self,
        concern: &Concern<'_>,
        ids: &[UserId],
    ) -> Result<Vec<Concerned>, StorageError> {
        let wanted: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows: Vec<(Uuid, Uuid, String, String)> = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .column(users::Column::LevelId)
            .column(users::Column::Email)
            .column(users::Column::Status)
            .filter(users::Column::Id.is_in(wanted.iter().copied()))
            .into_tuple()
            .all(self.connection())
            .await?;
        let mut people = BTreeMap::new();
        for (id, level, email, status) in rows {
            let person = Concerned {
                user: UserId(id),
                level: LevelId(level),
                email,
                status: UserStatus::parse(&status).ok_or(StorageError::Corrupt("user status"))?,
                groups: Vec::new(),
                roles: Vec::new(),
            };
            people.insert(id, person);
        }
        for (user, group) in self.groups_of_concerned(concern, &wanted).await? {
            if let Some(person) = people.get_mut(&user) {
                person.groups.push(group);
            }
        }
        for (user, role) in self.roles_of_concerned(concern, &wanted).await? {
            if let Some(person) = people.get_mut(&user) {
                person.roles.push(role);
            }
        }
        // Databases order by rules of their own.
        for person in people.values_mut() {
            person.groups.sort_unstable();
            person.roles.sort_unstable();
        }
        Ok(people.into_values().collect())
    }

    async fn groups_of_concerned(
        &self,
        concern: &Concern<'_>,
        people: &[Uuid],
    ) -> Result<Vec<(Uuid, String)>, StorageError> {
        let group: RelationDef = memberships::Entity::belongs_to(access_groups::Entity)
            .from(memberships::Column::GroupId)
            .to(access_groups::Column::Id)
            .into();
        let mut find = memberships::Entity::find()
            .select_only()
            .column(memberships::Column::UserId)
            .column(access_groups::Column::Name)
            .join(JoinType::InnerJoin, group)
            .filter(memberships::Column::UserId.is_in(people.iter().copied()));
        if let Some(applications) = concern.memberships {
            let of_them = applications.iter().map(|application| application.0);
            find = find.filter(access_groups::Column::ApplicationId.is_in(of_them));
        }
        if concern.counting {
            find = find.filter(memberships::Column::DormantAt.is_null());
        }
        Ok(find.into_tuple().all(self.connection()).await?)
    }

    async fn roles_of_concerned(
        &self,
        concern: &Concern<'_>,
        people: &[Uuid],
    ) -> Result<Vec<(Uuid, String)>, StorageError> {
        let application: RelationDef = delegated_roles::Entity::belongs_to(applications::Entity)
            .from(delegated_roles::Column::ApplicationId)
            .to(applications::Column::Id)
            .into();
        let mut find = delegated_roles::Entity::find()
            .select_only()
            .column(delegated_roles::Column::UserId)
            .column(applications::Column::Code)
            .join(JoinType::LeftJoin, application)
            .filter(roles_of(concern.third_party, concern.roles))
            .filter(delegated_roles::Column::UserId.is_in(people.iter().copied()));
        if concern.counting {
            find = find.filter(delegated_roles::Column::DormantAt.is_null());
        }
        let rows: Vec<(Uuid, Option<String>)> = find.into_tuple().all(self.connection()).await?;
        Ok(rows.into_iter().map(|(user, code)| (user, role_name(code.as_deref()))).collect())
    }
}

fn members(concern: &Concern<'_>) -> SelectStatement {
    memberships::Entity::find()
        .select_only()
        .column(memberships::Column::UserId)
        .filter(memberships_of(concern.third_party, concern.memberships))
        .into_query()
}

fn administrators(concern: &Concern<'_>) -> SelectStatement {
    delegated_roles::Entity::find()
        .select_only()
        .column(delegated_roles::Column::UserId)
        .filter(roles_of(concern.third_party, concern.roles))
        .into_query()
}
