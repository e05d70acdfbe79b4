//! Who has access to what, and who had on a day: the lists of an auditor (domain.md 4.3).

use std::collections::HashMap;

use portal_core::{
    Timestamp,
    expiry::ExpirationDate,
    id::{ApplicationId, UserId},
    permission::Sight,
};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, ExprTrait as _, JoinType, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, RelationDef, Select,
    sea_query::SelectStatement,
};
use uuid::Uuid;

use crate::{
    Account, StorageError, Store,
    entity::{
        access_groups, delegated_roles, former_memberships, former_roles, levels, memberships,
        users,
    },
    held_membership::last_day,
    level_sight::in_sight,
};

/// Something that somebody holds in an application, or held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRow {
    /// Of which application; `None` for the role `DelegatedUserAdmin`.
    pub application: Option<ApplicationId>,
    /// The name of the group; `None` for a delegated role.
    pub group: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// Its last day, if it has one.
    pub valid_until: Option<ExpirationDate>,
    /// Since when it counts for nothing, until it is confirmed (I28).
    pub dormant_at: Option<Timestamp>,
    /// When it was taken away.
    pub ended_at: Option<Timestamp>,
}

/// People who held something of an application on a day.
#[derive(Clone, Debug)]
pub struct AccessOnDay {
    /// Where they sit now.
    pub within: Sight,
    /// Which application.
    pub application: ApplicationId,
    /// The day.
    pub day: ExpirationDate,
    /// After this person of the page before: the key of the last name, and who.
    pub after: Option<(String, UserId)>,
    /// How many people at most.
    pub limit: u64,
}

/// A person with what was held.
#[derive(Clone, Debug)]
pub struct PersonAccess {
    /// The person, as of now.
    pub account: Account,
    /// The key of the last name, for the next page.
    pub key: String,
    /// What was held.
    pub rows: Vec<AccessRow>,
}

impl Store {
    /// What these people hold now, in all applications: memberships by name, then roles.
    pub async fn list_access_of(
        &self,
        people: &[UserId],
    ) -> Result<HashMap<UserId, Vec<AccessRow>>, StorageError> {
        let ids = || people.iter().map(|id| id.0);
        let held = current_memberships().filter(memberships::Column::UserId.is_in(ids()));
        let roles =
            delegated_roles::Entity::find().filter(delegated_roles::Column::UserId.is_in(ids()));
        let mut all: HashMap<UserId, Vec<AccessRow>> = HashMap::new();
        for (row, group) in held.all(self.connection()).await? {
            let access = of_membership(&row, group)?;
            all.entry(UserId(row.user_id)).or_default().push(access);
        }
        for row in roles.all(self.connection()).await? {
            all.entry(UserId(row.user_id)).or_default().push(of_role(&row));
        }
        Ok(all)
    }

    /// Who held a group, or the access administrator's role, of an application at any time of a day: from what is
    /// held now and from what has ended since. In the order of last names.
    pub async fn list_access_on(
        &self,
        search: &AccessOnDay,
    ) -> Result<Vec<PersonAccess>, StorageError> {
        let Some(bounds) = search.day.bounds() else {
            return Ok(Vec::new());
        };
        let then = Then { search, bounds };
        let level: RelationDef = users::Entity::belongs_to(levels::Entity)
            .from(users::Column::LevelId)
            .to(levels::Column::Id)
            .into();
        let any = then
            .people()
            .into_iter()
            .fold(Condition::any(), |any, ids| any.add(users::Column::Id.in_subquery(ids)));
        let mut find = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .column(users::Column::LastNameKey)
            .join(JoinType::InnerJoin, level)
            .filter(in_sight(&search.within))
            .filter(any);
        if let Some((key, id)) = &search.after {
            let same_key = Condition::all()
                .add(users::Column::LastNameKey.eq(key))
                .add(users::Column::Id.gt(id.0));
            let later = users::Column::LastNameKey.gt(key);
            find = find.filter(Condition::any().add(later).add(same_key));
        }
        let keys: Vec<(Uuid, String)> = find
            .order_by_asc(users::Column::LastNameKey)
            .order_by_asc(users::Column::Id)
            .limit(search.limit)
            .into_tuple()
            .all(self.connection())
            .await?;
        let ids: Vec<UserId> = keys.iter().map(|(id, _)| UserId(*id)).collect();
        let mut rows = self.list_access_then(&then, &ids).await?;
        let accounts = self.list_accounts(&ids).await?;
        let mut accounts: HashMap<UserId, Account> =
            accounts.into_iter().map(|account| (account.user.id, account)).collect();
        let people = keys.into_iter().filter_map(|(id, key)| {
            let id = UserId(id);
            let account = accounts.remove(&id)?;
            Some(PersonAccess { account, key, rows: rows.remove(&id).unwrap_or_default() })
        });
        Ok(people.collect())
    }

    async fn list_access_then(
        &self,
        then: &Then<'_>,
        people: &[UserId],
    ) -> Result<HashMap<UserId, Vec<AccessRow>>, StorageError> {
        let ids = || people.iter().map(|id| id.0);
        let db = self.connection();
        let mut all: HashMap<UserId, Vec<AccessRow>> = HashMap::new();
        let held = then.held().filter(memberships::Column::UserId.is_in(ids()));
        for (row, group) in current(held).all(db).await? {
            let access = of_membership(&row, group)?;
            all.entry(UserId(row.user_id)).or_default().push(access);
        }
        let was_held = then.was_held().filter(former_memberships::Column::UserId.is_in(ids()));
        for (row, group) in was_held.select_also(access_groups::Entity).all(db).await? {
            let access = AccessRow {
                application: group.as_ref().map(|group| ApplicationId(group.application_id)),
                group: group.map(|group| group.name),
                since: Timestamp::from_millis(row.assigned_at),
                valid_until: last_day(row.valid_until.as_deref())?,
                dormant_at: None,
                ended_at: Some(Timestamp::from_millis(row.removed_at)),
            };
            all.entry(UserId(row.user_id)).or_default().push(access);
        }
        let roles = then.roles().filter(delegated_roles::Column::UserId.is_in(ids()));
        for row in roles.all(db).await? {
            all.entry(UserId(row.user_id)).or_default().push(of_role(&row));
        }
        let former = then.former_roles().filter(former_roles::Column::UserId.is_in(ids()));
        for row in former.all(db).await? {
            let access = AccessRow {
                application: row.application_id.map(ApplicationId),
                group: None,
                since: Timestamp::from_millis(row.granted_at),
                valid_until: None,
                dormant_at: None,
                ended_at: Some(Timestamp::from_millis(row.revoked_at)),
            };
            all.entry(UserId(row.user_id)).or_default().push(access);
        }
        Ok(all)
    }
}

/// What counted on a day: begun before it was over, and not ended before it began.
struct Then<'a> {
    search: &'a AccessOnDay,
    bounds: (Timestamp, Timestamp),
}

impl Then<'_> {
    fn held(&self) -> Select<memberships::Entity> {
        let until = memberships::Column::ValidUntil;
        memberships::Entity::find()
            .join(JoinType::InnerJoin, group_of_membership())
            .filter(access_groups::Column::ApplicationId.eq(self.search.application.0))
            .filter(memberships::Column::AssignedAt.lt(self.bounds.1.millis()))
            .filter(until.is_null().or(until.gte(self.search.day.to_iso())))
    }

    fn was_held(&self) -> Select<former_memberships::Entity> {
        let group: RelationDef = former_memberships::Entity::belongs_to(access_groups::Entity)
            .from(former_memberships::Column::GroupId)
            .to(access_groups::Column::Id)
            .into();
        let until = former_memberships::Column::ValidUntil;
        former_memberships::Entity::find()
            .join(JoinType::InnerJoin, group)
            .filter(access_groups::Column::ApplicationId.eq(self.search.application.0))
            .filter(former_memberships::Column::AssignedAt.lt(self.bounds.1.millis()))
            .filter(former_memberships::Column::RemovedAt.gte(self.bounds.0.millis()))
            .filter(until.is_null().or(until.gte(self.search.day.to_iso())))
    }

    fn roles(&self) -> Select<delegated_roles::Entity> {
        delegated_roles::Entity::find()
            .filter(delegated_roles::Column::ApplicationId.eq(self.search.application.0))
            .filter(delegated_roles::Column::GrantedAt.lt(self.bounds.1.millis()))
    }

    fn former_roles(&self) -> Select<former_roles::Entity> {
        former_roles::Entity::find()
            .filter(former_roles::Column::ApplicationId.eq(self.search.application.0))
            .filter(former_roles::Column::GrantedAt.lt(self.bounds.1.millis()))
            .filter(former_roles::Column::RevokedAt.gte(self.bounds.0.millis()))
    }

    /// The people of all four.
    fn people(&self) -> [SelectStatement; 4] {
        [
            self.held().select_only().column(memberships::Column::UserId).into_query(),
            self.was_held().select_only().column(former_memberships::Column::UserId).into_query(),
            self.roles().select_only().column(delegated_roles::Column::UserId).into_query(),
            self.former_roles().select_only().column(former_roles::Column::UserId).into_query(),
        ]
    }
}

fn group_of_membership() -> RelationDef {
    memberships::Entity::belongs_to(access_groups::Entity)
        .from(memberships::Column::GroupId)
        .to(access_groups::Column::Id)
        .into()
}

fn current_memberships() -> sea_orm::SelectTwo<memberships::Entity, access_groups::Entity> {
    current(memberships::Entity::find().join(JoinType::InnerJoin, group_of_membership()))
}

fn current(
    select: Select<memberships::Entity>,
) -> sea_orm::SelectTwo<memberships::Entity, access_groups::Entity> {
    select.select_also(access_groups::Entity).order_by_asc(access_groups::Column::Name)
}

fn of_membership(
    row: &memberships::Model,
    group: Option<access_groups::Model>,
) -> Result<AccessRow, StorageError> {
    let group = group.ok_or(StorageError::Corrupt("group"))?;
    Ok(AccessRow {
        application: Some(ApplicationId(group.application_id)),
        group: Some(group.name),
        since: Timestamp::from_millis(row.assigned_at),
        valid_until: last_day(row.valid_until.as_deref())?,
        dormant_at: row.dormant_at.map(Timestamp::from_millis),
        ended_at: None,
    })
}

fn of_role(row: &delegated_roles::Model) -> AccessRow {
    AccessRow {
        application: row.application_id.map(ApplicationId),
        group: None,
        since: Timestamp::from_millis(row.granted_at),
        valid_until: None,
        dormant_at: row.dormant_at.map(Timestamp::from_millis),
        ended_at: None,
    }
}
