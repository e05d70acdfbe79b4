//! Access that one person alone gave, with what became of it (O8, E54): written with the change, read as a report.

use std::collections::{HashMap, HashSet};

use portal_core::{
    Timestamp,
    account::Standing,
    expiry::ExpirationDate,
    id::{ApplicationId, GroupId, LevelId, ThirdPartyId, UserId},
    one_hand::{Ended, FourEyes, HeldSince, OneHand, Outcome},
    permission::Sight,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, JoinType, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, RelationDef, Select,
};
use uuid::Uuid;

use crate::{
    Account, StorageError, Store, Transaction,
    entity::{
        access_groups, former_memberships, levels, memberships, one_hand_assignments, third_parties,
    },
    held_membership::last_day,
    level_sight::{LevelSet, in_sight},
};

/// Something that one person alone gave, to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewOneHand {
    /// To whom.
    pub user: UserId,
    /// In which group.
    pub group: GroupId,
    /// What the group opens.
    pub application: ApplicationId,
    /// Where the person sits.
    pub level: LevelId,
    /// Who gave it.
    pub given_by: UserId,
    /// How.
    pub kind: OneHand,
    /// Its last day, if it has one.
    pub valid_until: Option<ExpirationDate>,
}

/// Which of them to read.
#[derive(Clone, Debug)]
pub struct OneHandSearch {
    /// Where the people sat.
    pub within: Sight,
    /// Access to this application only.
    pub application: Option<ApplicationId>,
    /// Given in this way only.
    pub kind: Option<OneHand>,
    /// Older than this one.
    pub before: Option<OneHandPosition>,
    /// How many at most.
    pub limit: u64,
}

/// The place of one in the order of time.
pub type OneHandPosition = (Timestamp, UserId, GroupId);

/// Something that one person alone gave, as the report shows it.
#[derive(Clone, Debug)]
pub struct OneHandRow {
    /// When.
    pub given_at: Timestamp,
    /// To whom, as of now.
    pub account: Account,
    /// Who gave it, as of now.
    pub given_by: Account,
    /// How.
    pub kind: OneHand,
    /// In which group.
    pub group: GroupId,
    /// Its name.
    pub group_name: String,
    /// What the group opens.
    pub application: ApplicationId,
    /// Its last day, if it had one.
    pub valid_until: Option<ExpirationDate>,
    /// What became of it.
    pub outcome: Outcome,
}

impl OneHandRow {
    /// Its place in the order of time.
    pub const fn position(&self) -> OneHandPosition {
        (self.given_at, self.account.user.id, self.group)
    }
}

impl Transaction {
    /// Keeps what one person alone gave.
    pub async fn insert_one_hand(
        &self,
        given: &[NewOneHand],
        now: Timestamp,
    ) -> Result<(), StorageError> {
        use one_hand_assignments::Column;
        if given.is_empty() {
            return Ok(());
        }
        let rows = given.iter().map(|one| one_hand_assignments::ActiveModel {
            user_id: Set(one.user.0),
            group_id: Set(one.group.0),
            given_at: Set(now.millis()),
            given_by: Set(one.given_by.0),
            kind: Set(one.kind.as_str().to_owned()),
            application_id: Set(one.application.0),
            level_id: Set(one.level.0),
            valid_until: Set(one.valid_until.map(ExpirationDate::to_iso)),
        });
        one_hand_assignments::Entity::insert_many(rows)
            .on_conflict_do_nothing_on([Column::UserId, Column::GroupId, Column::GivenAt])
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Where a third party asks for four eyes.
    pub async fn four_eyes(&self, third_party: ThirdPartyId) -> Result<FourEyes, StorageError> {
        let row = third_parties::Entity::find_by_id(third_party.0).one(self.connection()).await?;
        Ok(row.map_or_else(FourEyes::default, |row| FourEyes {
            forbids_self_assignment: row.forbids_self_assignment,
            confirms_administrators: row.confirms_administrators,
        }))
    }
}

impl Store {
    /// What one person alone gave, newest first, with what became of it: in four queries.
    pub async fn list_one_hand(
        &self,
        search: &OneHandSearch,
        now: Timestamp,
    ) -> Result<Vec<OneHandRow>, StorageError> {
        let found: Vec<(one_hand_assignments::Model, Option<access_groups::Model>)> = self
            .one_hand_found(search)
            .await?
            .select_also(access_groups::Entity)
            .order_by_desc(one_hand_assignments::Column::GivenAt)
            .order_by_desc(one_hand_assignments::Column::UserId)
            .order_by_desc(one_hand_assignments::Column::GroupId)
            .limit(search.limit)
            .all(self.connection())
            .await?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let mut people: Vec<UserId> =
            found.iter().flat_map(|(row, _)| [UserId(row.user_id), UserId(row.given_by)]).collect();
        people.sort_unstable();
        people.dedup();
        let accounts = self.list_accounts(&people).await?;
        let accounts: HashMap<UserId, Account> =
            accounts.into_iter().map(|account| (account.user.id, account)).collect();
        let became = Became::load(self, found.iter().map(|(row, _)| row)).await?;
        let rows = found.into_iter().filter_map(|(row, group)| {
            let (account, given_by) = (
                accounts.get(&UserId(row.user_id))?.clone(),
                accounts.get(&UserId(row.given_by))?.clone(),
            );
            Some(into_row((row, group?), (account, given_by), (&became, now)))
        });
        rows.collect()
    }

    async fn one_hand_found(
        &self,
        search: &OneHandSearch,
    ) -> Result<Select<one_hand_assignments::Entity>, StorageError> {
        use one_hand_assignments::Column;
        let group: RelationDef = one_hand_assignments::Entity::belongs_to(access_groups::Entity)
            .from(Column::GroupId)
            .to(access_groups::Column::Id)
            .into();
        let mut find = one_hand_assignments::Entity::find().join(JoinType::InnerJoin, group);
        find = match self.level_set(&search.within).await? {
            LevelSet::All => find,
            LevelSet::Named(ids) => find.filter(Column::LevelId.is_in(ids)),
            LevelSet::Many(_) => {
                let inside = levels::Entity::find()
                    .select_only()
                    .column(levels::Column::Id)
                    .filter(in_sight(&search.within))
                    .into_query();
                find.filter(Column::LevelId.in_subquery(inside))
            }
        };
        if let Some(application) = search.application {
            find = find.filter(Column::ApplicationId.eq(application.0));
        }
        if let Some(kind) = search.kind {
            find = find.filter(Column::Kind.eq(kind.as_str()));
        }
        if let Some(position) = search.before {
            // The first condition alone says where the index begins to be read.
            find = find.filter(Column::GivenAt.lte(position.0.millis())).filter(older(position));
        }
        Ok(find)
    }
}

fn older((at, user, group): OneHandPosition) -> Condition {
    use one_hand_assignments::Column;
    let same_time = || Condition::all().add(Column::GivenAt.eq(at.millis()));
    Condition::any()
        .add(Column::GivenAt.lt(at.millis()))
        .add(same_time().add(Column::UserId.lt(user.0)))
        .add(same_time().add(Column::UserId.eq(user.0)).add(Column::GroupId.lt(group.0)))
}

fn into_row(
    (row, group): (one_hand_assignments::Model, access_groups::Model),
    (account, given_by): (Account, Account),
    (became, now): (&Became, Timestamp),
) -> Result<OneHandRow, StorageError> {
    let given_at = Timestamp::from_millis(row.given_at);
    let key = (row.user_id, row.group_id);
    let held = became.held.get(&key).copied();
    let ended = became.ended.get(&(key.0, key.1, row.given_at)).copied();
    let is_in_use = account.standing(now) == Standing::Good;
    Ok(OneHandRow {
        given_at,
        account,
        given_by,
        kind: OneHand::parse(&row.kind).ok_or(StorageError::Corrupt("kind of one hand"))?,
        group: GroupId(row.group_id),
        group_name: group.name,
        application: ApplicationId(row.application_id),
        valid_until: last_day(row.valid_until.as_deref())?,
        outcome: Outcome::of(given_at, (held, ended), is_in_use, now),
    })
}

/// What is held now of what a page speaks of, and when what was given then ended.
struct Became {
    held: HashMap<(Uuid, Uuid), HeldSince>,
    ended: HashMap<(Uuid, Uuid, i64), Ended>,
}

impl Became {
    async fn load<'a>(
        store: &Store,
        given: impl Iterator<Item = &'a one_hand_assignments::Model> + Clone,
    ) -> Result<Self, StorageError> {
        let db = store.connection();
        let users = || given.clone().map(|row| row.user_id);
        let groups = || given.clone().map(|row| row.group_id);
        let held = memberships::Entity::find()
            .filter(memberships::Column::UserId.is_in(users()))
            .filter(memberships::Column::GroupId.is_in(groups()))
            .all(db)
            .await?;
        let former = former_memberships::Entity::find()
            .filter(former_memberships::Column::UserId.is_in(users()))
            .filter(former_memberships::Column::GroupId.is_in(groups()))
            .all(db)
            .await?;
        let begun: HashSet<(Uuid, Uuid, i64)> = former
            .iter()
            .map(|row| (row.user_id, row.group_id, row.assigned_at))
            .chain(held.iter().map(|row| (row.user_id, row.group_id, row.assigned_at)))
            .collect();
        let ended = former.iter().map(|row| {
            let begins_anew = begun.contains(&(row.user_id, row.group_id, row.removed_at));
            let ended = Ended { at: Timestamp::from_millis(row.removed_at), begins_anew };
            ((row.user_id, row.group_id, row.assigned_at), ended)
        });
        let ended = ended.collect();
        let held = held.into_iter().map(|row| {
            let since = HeldSince {
                assigned_at: Timestamp::from_millis(row.assigned_at),
                valid_until: last_day(row.valid_until.as_deref())?,
                is_dormant: row.dormant_at.is_some(),
            };
            Ok(((row.user_id, row.group_id), since))
        });
        Ok(Self { held: held.collect::<Result<_, StorageError>>()?, ended })
    }
}
