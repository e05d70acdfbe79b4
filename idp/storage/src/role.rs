//! Delegated roles.

use portal_core::{
    Timestamp,
    administrators::RoleKind,
    id::{ApplicationId, LevelId, UserId},
    organisation::LevelPath,
    permission::{Actor, DelegatedRole},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, JoinType,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, RelationDef, TryInsertResult,
    sea_query::{Expr, Query, SubQueryStatement},
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{
    Account, StorageError, Store, Transaction,
    entity::{delegated_roles, former_roles, levels, users},
    row_id,
    staff_role::load_staff_roles,
};

/// Stored spellings, the manual's words for the two roles.
pub(crate) const USER_ADMINISTRATOR: &str = "DelegatedUserAdmin";
pub(crate) const ACCESS_ADMINISTRATOR: &str = "ApplicationAccessAdmin";

/// A role as notices and the audit trail name it, by the code of its application: `DelegatedUserAdmin`,
/// `ApplicationAccessAdmin:CASPER`.
pub fn role_name(application: Option<&str>) -> String {
    match application {
        None => USER_ADMINISTRATOR.to_owned(),
        Some(code) => format!("{ACCESS_ADMINISTRATOR}:{code}"),
    }
}

/// A delegated role to be granted.
#[derive(Clone, Copy, Debug)]
pub struct NewDelegatedRole {
    /// To whom.
    pub user: UserId,
    /// The boundary of the role.
    pub level: LevelId,
    /// `ApplicationAccessAdmin` of this application; `None` for `DelegatedUserAdmin`.
    pub application: Option<ApplicationId>,
    /// Who grants it; `None` for set-up and for a confirmed nomination.
    pub granted_by: Option<UserId>,
    /// The nomination whose confirmation grants it.
    pub nomination: Option<Uuid>,
}

impl NewDelegatedRole {
    /// The role's own key, made of what it is: nobody holds the same one twice.
    fn key(&self) -> Uuid {
        let digest =
            Sha256::digest(format!("{:?} {:?} {:?}", self.user, self.level, self.application));
        Uuid::from_bytes(digest.first_chunk().copied().unwrap_or_default())
    }
}

impl Store {
    /// The delegated roles of a person, oldest first.
    pub async fn list_delegated_roles(&self, user: UserId) -> Result<Vec<HeldRole>, StorageError> {
        load_roles(self.connection(), user).await
    }

    /// A person as somebody who acts, with all roles.
    pub async fn actor(&self, account: &Account) -> Result<Actor, StorageError> {
        load_actor(self.connection(), account).await
    }
}

/// A delegated role that a person holds, whether it counts or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldRole {
    /// Which.
    pub kind: RoleKind,
    /// The boundary of the role.
    pub level: LevelId,
    /// Who granted it; `None` for set-up and for a confirmed nomination.
    pub granted_by: Option<UserId>,
    /// When.
    pub granted_at: Timestamp,
    /// Since when it counts for nothing.
    pub dormant_at: Option<Timestamp>,
}

impl HeldRole {
    /// What tells it from the other roles of its holder.
    pub const fn key(&self) -> (RoleKind, LevelId) {
        (self.kind, self.level)
    }

    /// Whether it waits for the operator since it was granted (O2), and not because sign-in data were replaced (I28).
    pub fn waits_for_operator(&self) -> bool {
        self.dormant_at == Some(self.granted_at)
    }
}

async fn load_roles(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<HeldRole>, StorageError> {
    let rows = delegated_roles::Entity::find()
        .filter(delegated_roles::Column::UserId.eq(user.0))
        .order_by_asc(delegated_roles::Column::GrantedAt)
        .order_by_asc(delegated_roles::Column::Id)
        .all(db)
        .await?;
    Ok(rows.iter().map(into_held_role).collect())
}

pub(crate) fn into_held_role(row: &delegated_roles::Model) -> HeldRole {
    HeldRole {
        kind: RoleKind::of(row.application_id.map(ApplicationId)),
        level: LevelId(row.level_id),
        granted_by: row.granted_by.map(UserId),
        granted_at: Timestamp::from_millis(row.granted_at),
        dormant_at: row.dormant_at.map(Timestamp::from_millis),
    }
}

/// The path of the topmost boundary of the roles that the person of a row of `users` holds, dormant ones as well. All of
/// them lie on the way to the level of the account, so that the topmost is the shortest, which is the least as well.
pub(crate) fn topmost_boundary() -> Expr {
    let (held, boundary) = ("held_role", "boundary");
    let query = Query::select()
        .expr(Expr::col((boundary, levels::Column::Path)).min())
        .from_as(delegated_roles::Entity, held)
        .join_as(
            JoinType::InnerJoin,
            levels::Entity,
            boundary,
            Expr::col((boundary, levels::Column::Id))
                .equals((held, delegated_roles::Column::LevelId)),
        )
        .and_where(
            Expr::col((held, delegated_roles::Column::UserId))
                .equals((users::Entity, users::Column::Id)),
        )
        .take();
    Expr::from(SubQueryStatement::from(query))
}

/// How far the roles of somebody at a level reach, by the path of their topmost boundary.
pub(crate) fn reach_of(level: &LevelPath, topmost: Option<String>) -> LevelPath {
    let boundary = topmost.map(LevelPath::from_stored);
    boundary.filter(|boundary| !level.contains(boundary)).unwrap_or_else(|| level.clone())
}

/// A person as somebody who acts. A dormant role counts for nothing (I28).
async fn load_actor(db: &impl ConnectionTrait, account: &Account) -> Result<Actor, StorageError> {
    let level: RelationDef = delegated_roles::Entity::belongs_to(levels::Entity)
        .from(delegated_roles::Column::LevelId)
        .to(levels::Column::Id)
        .into();
    let rows: Vec<(String, Option<Uuid>, String)> = delegated_roles::Entity::find()
        .select_only()
        .column(delegated_roles::Column::Kind)
        .column(delegated_roles::Column::ApplicationId)
        .column(levels::Column::Path)
        .join(JoinType::InnerJoin, level)
        .filter(delegated_roles::Column::UserId.eq(account.user.id.0))
        .filter(delegated_roles::Column::DormantAt.is_null())
        .into_tuple()
        .all(db)
        .await?;
    let roles = rows.into_iter().map(into_role).collect::<Result<_, _>>()?;
    Ok(Actor::Person {
        id: account.user.id,
        roles,
        staff: load_staff_roles(db, account.user.id).await?,
        expires_on: account.user.expires_on,
    })
}

impl Transaction {
    /// A person as somebody who acts, as this transaction sees the roles.
    pub async fn actor(&self, account: &Account) -> Result<Actor, StorageError> {
        load_actor(self.connection(), account).await
    }

    /// The delegated roles of a person, oldest first, as this transaction sees them.
    pub async fn list_delegated_roles(&self, user: UserId) -> Result<Vec<HeldRole>, StorageError> {
        load_roles(self.connection(), user).await
    }

    /// The delegated role of that boundary counts for nothing from now on, until it is confirmed. `false` when it does
    /// so already, or is not held.
    pub async fn make_role_dormant(
        &self,
        user: UserId,
        role: (RoleKind, LevelId),
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let update = delegated_roles::Entity::update_many()
            .col_expr(delegated_roles::Column::DormantAt, Expr::value(now.millis()))
            .filter(one_role(user, role))
            .filter(delegated_roles::Column::DormantAt.is_null());
        Ok(update.exec(self.connection()).await?.rows_affected > 0)
    }

    /// The dormant role of that boundary counts again; `false` when it is not dormant.
    pub async fn wake_role(
        &self,
        user: UserId,
        role: (RoleKind, LevelId),
    ) -> Result<bool, StorageError> {
        let update = delegated_roles::Entity::update_many()
            .col_expr(delegated_roles::Column::DormantAt, Expr::value(None::<i64>))
            .filter(one_role(user, role))
            .filter(delegated_roles::Column::DormantAt.is_not_null());
        Ok(update.exec(self.connection()).await?.rows_affected > 0)
    }

    /// Grants a delegated role; `false` when it is held already.
    pub async fn insert_delegated_role(
        &self,
        new: &NewDelegatedRole,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let kind = match new.application {
            Some(_) => ACCESS_ADMINISTRATOR,
            None => USER_ADMINISTRATOR,
        };
        let source = match (new.nomination, new.granted_by) {
            (Some(_), _) => "nomination",
            (None, Some(_)) => "peer",
            (None, None) => "setup",
        };
        let row = delegated_roles::ActiveModel {
            id: Set(new.key()),
            user_id: Set(new.user.0),
            kind: Set(kind.to_owned()),
            level_id: Set(new.level.0),
            application_id: Set(new.application.map(|a| a.0)),
            granted_by: Set(new.granted_by.map(|by| by.0)),
            granted_at: Set(now.millis()),
            source: Set(source.to_owned()),
            dormant_at: Set(None),
            nomination_id: Set(new.nomination),
        };
        let inserted = delegated_roles::Entity::insert(row)
            .on_conflict_do_nothing_on([delegated_roles::Column::Id])
            .exec_without_returning(self.connection())
            .await?;
        Ok(matches!(inserted, TryInsertResult::Inserted(1)))
    }

    /// Revokes the delegated role of that boundary and keeps that it was held; `false` when it was not held.
    pub async fn delete_delegated_role(
        &self,
        user: UserId,
        role: (RoleKind, LevelId),
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let find = delegated_roles::Entity::find().filter(one_role(user, role));
        let Some(held) = find.one(self.connection()).await? else {
            return Ok(false);
        };
        let deleted =
            delegated_roles::Entity::delete_by_id(held.id).exec(self.connection()).await?;
        if deleted.rows_affected == 0 {
            return Ok(false);
        }
        let former = former_roles::ActiveModel {
            id: Set(row_id::at(now)),
            user_id: Set(held.user_id),
            kind: Set(held.kind),
            level_id: Set(held.level_id),
            application_id: Set(held.application_id),
            granted_by: Set(held.granted_by),
            granted_at: Set(held.granted_at),
            source: Set(held.source),
            nomination_id: Set(held.nomination_id),
            revoked_by: Set(by.map(|by| by.0)),
            revoked_at: Set(now.millis()),
        };
        former_roles::Entity::insert(former).exec_without_returning(self.connection()).await?;
        if let Some(application) = role.0.application() {
            self.end_lost_access(user, application, now).await?;
        }
        Ok(true)
    }
}

/// One role of a person: nobody holds the same one of the same boundary twice.
fn one_role(user: UserId, (kind, level): (RoleKind, LevelId)) -> Condition {
    let application = match kind.application() {
        Some(id) => delegated_roles::Column::ApplicationId.eq(id.0),
        None => delegated_roles::Column::Kind.eq(USER_ADMINISTRATOR),
    };
    Condition::all()
        .add(delegated_roles::Column::UserId.eq(user.0))
        .add(delegated_roles::Column::LevelId.eq(level.0))
        .add(application)
}

fn into_role(
    (kind, application, path): (String, Option<Uuid>, String),
) -> Result<DelegatedRole, StorageError> {
    let level = LevelPath::from_stored(path);
    match (kind.as_str(), application) {
        (USER_ADMINISTRATOR, None) => Ok(DelegatedRole::UserAdministrator { level }),
        (ACCESS_ADMINISTRATOR, Some(application)) => Ok(DelegatedRole::AccessAdministrator {
            level,
            application: ApplicationId(application),
        }),
        _ => Err(StorageError::Corrupt("delegated role")),
    }
}
