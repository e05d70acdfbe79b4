//! The list of users (manual §3): searched by beginnings of indexed keys, sorted, paged by key. A page of it costs the
//! same among a hundred people and among a million.

mod query;

use std::collections::{HashMap, HashSet};

use portal_core::{
    failures::CodeFailures,
    id::{GroupId, UserId},
    permission::Sight,
    phone::PhoneSearch,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};
use uuid::Uuid;

use crate::{
    Account, StorageError, Store,
    account::phone_of,
    entity::{code_failures, delegated_roles, memberships, staff_roles, users},
    failure::into_failures,
};
use query::Plan;

/// Most users that are sorted by their numbers, which are sealed and so have no index.
const SORTED_BY_PHONE: u64 = 5_000;

/// Whom to list. Empty texts do not narrow it.
#[derive(Clone, Debug)]
pub struct UserSearch {
    /// Where they sit.
    pub within: Sight,
    /// Beginning of the first name, as typed.
    pub first_name: String,
    /// Beginning of the last name, as typed.
    pub last_name: String,
    /// Beginning of the address, as typed.
    pub email: String,
    /// The number, or the end of it.
    pub phone: Option<PhoneSearch>,
    /// The group that they are members of.
    pub group: Option<GroupId>,
}

/// The columns that can be sorted by (security.md 106).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UserSort {
    /// By first name.
    FirstName,
    /// By last name.
    #[default]
    LastName,
    /// By address.
    Email,
    /// By phone number.
    Phone,
}

/// In which order to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserOrder {
    /// By which column.
    pub by: UserSort,
    /// Whether the last come first.
    pub descending: bool,
}

/// Where a page begins: next to a user of the page before, whose key of the sorted column is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserPosition {
    /// At the first user.
    Start,
    /// After this one.
    After(String, UserId),
    /// Up to this one, without it.
    Before(String, UserId),
}

/// How many there are. No more are counted than was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// So many.
    Exactly(u64),
    /// So many, and more.
    MoreThan(u64),
}

/// A user in the list.
#[derive(Clone, Debug)]
pub struct UserRow {
    /// The person.
    pub account: Account,
    /// The key of the sorted column, for [`UserPosition`]; empty for phone numbers.
    pub key: String,
    /// Wrong codes of late.
    pub failures: CodeFailures,
    /// Whether something that the person holds waits for confirmation (I28).
    pub is_dormant: bool,
}

/// A page of the list.
#[derive(Clone, Debug, Default)]
pub struct UserRows {
    /// In the order asked for.
    pub rows: Vec<UserRow>,
    /// Whether there are more in the direction that was asked for.
    pub has_more: bool,
}

impl Store {
    /// A page of at most `limit` users. `None` when they are to be sorted by number and are more than 5,000.
    pub async fn list_users(
        &self,
        search: &UserSearch,
        order: UserOrder,
        position: &UserPosition,
        limit: u64,
    ) -> Result<Option<UserRows>, StorageError> {
        let plan = Plan::make(self, search).await?;
        if order.by == UserSort::Phone {
            return self.list_by_phone(&plan, order, position, limit).await;
        }
        let backwards = matches!(position, UserPosition::Before(..));
        let query = plan.page(order, position, limit + 1);
        let found = self.connection().query_all(&query).await?;
        let mut keys: Vec<(Uuid, String)> = found
            .iter()
            .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
            .collect::<Result<_, sea_orm::DbErr>>()?;
        let has_more = keys.len() as u64 > limit;
        keys.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        if backwards {
            keys.reverse();
        }
        Ok(Some(UserRows { rows: self.load_rows(keys).await?, has_more }))
    }

    /// How many users a search finds; counted up to `limit`.
    pub async fn count_users(
        &self,
        search: &UserSearch,
        limit: u64,
    ) -> Result<Found, StorageError> {
        let plan = Plan::make(self, search).await?;
        let (query, is_all) = plan.count(limit + 1);
        let row = self.connection().query_one(&query).await?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        let count = count.unsigned_abs();
        Ok(match count {
            _ if count > limit => Found::MoreThan(limit),
            _ if is_all => Found::Exactly(count),
            _ => Found::MoreThan(count),
        })
    }

    /// All numbers of the selection are opened and sorted here. A position is known by its user alone: a number does
    /// not go into an address.
    async fn list_by_phone(
        &self,
        plan: &Plan,
        order: UserOrder,
        position: &UserPosition,
        limit: u64,
    ) -> Result<Option<UserRows>, StorageError> {
        let sealed = self.connection().query_all(&plan.phones(SORTED_BY_PHONE + 1)).await?;
        if sealed.len() as u64 > SORTED_BY_PHONE {
            return Ok(None);
        }
        let mut numbers: Vec<(Vec<u8>, Uuid)> = Vec::with_capacity(sealed.len());
        for row in &sealed {
            let (id, sealed): (Uuid, Vec<u8>) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            numbers.push((self.sealer().open(&phone_of(id), &sealed)?, id));
        }
        numbers.sort_unstable();
        if order.descending {
            numbers.reverse();
        }
        let ids: Vec<Uuid> = numbers.into_iter().map(|(_, id)| id).collect();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let place = |of: &UserId| ids.iter().position(|id| *id == of.0);
        let (from, to) = match position {
            UserPosition::Start => (0, limit),
            UserPosition::After(_, id) => {
                let from = place(id).map_or(0, |place| place + 1);
                (from, from.saturating_add(limit))
            }
            UserPosition::Before(_, id) => {
                let to = place(id).unwrap_or(limit);
                (to.saturating_sub(limit), to)
            }
        };
        let has_more = match position {
            UserPosition::Before(..) => from > 0,
            _ => to < ids.len(),
        };
        let page = ids.get(from..to.min(ids.len())).unwrap_or_default();
        let keys = page.iter().map(|id| (*id, String::new())).collect();
        Ok(Some(UserRows { rows: self.load_rows(keys).await?, has_more }))
    }

    /// What a page shows of its users, in three queries, in the order of `keys`.
    async fn load_rows(&self, keys: Vec<(Uuid, String)>) -> Result<Vec<UserRow>, StorageError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<UserId> = keys.iter().map(|(id, _)| UserId(*id)).collect();
        let accounts = self.list_accounts(&ids).await?;
        let mut accounts: HashMap<Uuid, Account> =
            accounts.into_iter().map(|account| (account.user.id.0, account)).collect();
        let plain = || ids.iter().map(|id| id.0);
        let failures = code_failures::Entity::find()
            .filter(code_failures::Column::UserId.is_in(plain()))
            .all(self.connection())
            .await?;
        let failures: HashMap<Uuid, CodeFailures> =
            failures.iter().map(|row| (row.user_id, into_failures(row))).collect();
        let dormant = self.list_dormant(&ids).await?;
        Ok(keys
            .into_iter()
            .filter_map(|(id, key)| {
                Some(UserRow {
                    account: accounts.remove(&id)?,
                    key,
                    failures: failures.get(&id).copied().unwrap_or_default(),
                    is_dormant: dormant.contains(&id),
                })
            })
            .collect())
    }

    /// Whether something that a person holds waits for confirmation (I28).
    pub async fn has_dormant_access(&self, user: UserId) -> Result<bool, StorageError> {
        Ok(!self.list_dormant(&[user]).await?.is_empty())
    }

    /// Who of these holds something that waits for confirmation.
    async fn list_dormant(&self, ids: &[UserId]) -> Result<HashSet<Uuid>, StorageError> {
        let plain = || ids.iter().map(|id| id.0);
        let mut dormant: Vec<Uuid> = memberships::Entity::find()
            .select_only()
            .column(memberships::Column::UserId)
            .filter(memberships::Column::UserId.is_in(plain()))
            .filter(memberships::Column::DormantAt.is_not_null())
            .into_tuple()
            .all(self.connection())
            .await?;
        let roles: Vec<Uuid> = delegated_roles::Entity::find()
            .select_only()
            .column(delegated_roles::Column::UserId)
            .filter(delegated_roles::Column::UserId.is_in(plain()))
            .filter(delegated_roles::Column::DormantAt.is_not_null())
            .into_tuple()
            .all(self.connection())
            .await?;
        let staff: Vec<Uuid> = staff_roles::Entity::find()
            .select_only()
            .column(staff_roles::Column::UserId)
            .filter(staff_roles::Column::UserId.is_in(plain()))
            .filter(staff_roles::Column::DormantAt.is_not_null())
            .into_tuple()
            .all(self.connection())
            .await?;
        dormant.extend(roles.into_iter().chain(staff));
        Ok(dormant.into_iter().collect())
    }

    /// Fills in the keys of people from before there were any. Each batch is a transaction of its own, so that it can
    /// be interrupted.
    pub(crate) async fn fill_in_user_keys(&self) -> Result<(), StorageError> {
        const BATCH: u64 = 500;
        loop {
            let rows = users::Entity::find()
                .filter(users::Column::PhoneKey.is_null())
                .filter(users::Column::DeletedAt.is_null())
                .limit(BATCH)
                .all(self.connection())
                .await?;
            if rows.is_empty() {
                return Ok(());
            }
            let tx = self.begin().await?;
            for row in rows {
                tx.fill_in_keys(row).await?;
            }
            tx.commit().await?;
        }
    }
}

#[cfg(test)]
mod tests;
