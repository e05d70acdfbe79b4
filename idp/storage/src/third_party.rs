//! Third parties: found and changed.

use portal_core::{
    Timestamp,
    id::ThirdPartyId,
    organisation::{Administration, Level, LevelPath, ThirdPartyDetails, ThirdPartyStatus},
    search_key::search_key,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QuerySelect as _, QueryTrait as _,
    sea_query::{Expr, SelectStatement},
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    entity::{levels, third_parties},
    guarded,
    organisation::into_level,
};

/// The longest key that its column holds, in characters.
const KEY_LENGTH: usize = 255;

/// What a list of third parties is searched and sorted by.
pub(crate) fn legal_name_key(name: &str) -> String {
    search_key(name).chars().take(KEY_LENGTH).collect()
}

/// A third party as it is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThirdParty {
    /// Identifier.
    pub id: ThirdPartyId,
    /// Legal name.
    pub legal_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// LEI, where it has one.
    pub lei: Option<String>,
    /// Bank, banking group, service provider, …
    pub kind: String,
    /// Who administers it.
    pub administration: Administration,
    /// State.
    pub status: ThirdPartyStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// What was issued to its people before this instant is void (E55).
    pub barred_at: Option<Timestamp>,
    /// Goes up with every change: a save that knows an older one is stale (security.md 108).
    pub version: i64,
    /// Administrators give no access to themselves (O8).
    pub forbids_self_assignment: bool,
    /// The operator confirms every administrator, not only the first ones (O2).
    pub confirms_administrators: bool,
    /// Which third party it went over into.
    pub successor: Option<ThirdPartyId>,
    /// Its level directly under Root; `None` once that was put under another third party.
    pub level: Option<Level>,
}

impl Store {
    /// A third party.
    pub async fn find_third_party(
        &self,
        id: ThirdPartyId,
    ) -> Result<Option<ThirdParty>, StorageError> {
        load(self.connection(), id).await
    }
}

impl Transaction {
    /// A third party, as this transaction sees it.
    pub async fn find_third_party(
        &self,
        id: ThirdPartyId,
    ) -> Result<Option<ThirdParty>, StorageError> {
        load(self.connection(), id).await
    }

    /// Replaces the details of a third party that is still in this version; `false` when it is not.
    pub async fn update_third_party(
        &self,
        id: ThirdPartyId,
        version: i64,
        details: &ThirdPartyDetails,
    ) -> Result<bool, StorageError> {
        use third_parties::Column;
        let update = third_parties::Entity::update_many()
            .col_expr(Column::LegalName, Expr::value(details.legal_name.as_str()))
            .col_expr(Column::LegalNameKey, Expr::value(legal_name_key(&details.legal_name)))
            .col_expr(Column::Country, Expr::value(details.country.as_str()))
            .col_expr(Column::Lei, Expr::value(details.lei.as_ref().map(ToString::to_string)))
            .col_expr(Column::Kind, Expr::value(details.kind.as_str()))
            .col_expr(Column::Administration, Expr::value(details.administration.as_str()))
            .col_expr(Column::ForbidsSelfAssignment, Expr::value(details.forbids_self_assignment))
            .col_expr(Column::ConfirmsAdministrators, Expr::value(details.confirms_administrators))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .filter(Column::Id.eq(id.0))
            .filter(Column::Version.eq(version));
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Brings a third party from one state into another; `false` when it is in neither that state nor version.
    pub async fn move_third_party(
        &self,
        third_party: &ThirdParty,
        to: ThirdPartyStatus,
    ) -> Result<bool, StorageError> {
        use third_parties::Column;
        let update = third_parties::Entity::update_many()
            .col_expr(Column::Status, Expr::value(to.as_str()))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .filter(Column::Id.eq(third_party.id.0))
            .filter(Column::Status.eq(third_party.status.as_str()))
            .filter(Column::Version.eq(third_party.version));
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Names who a third party went over into.
    pub async fn set_successor(
        &self,
        id: ThirdPartyId,
        successor: ThirdPartyId,
    ) -> Result<(), StorageError> {
        third_parties::Entity::update_many()
            .col_expr(third_parties::Column::SuccessorId, Expr::value(successor.0))
            .filter(third_parties::Column::Id.eq(id.0))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}

async fn load(
    db: &impl ConnectionTrait,
    id: ThirdPartyId,
) -> Result<Option<ThirdParty>, StorageError> {
    let Some(row) = third_parties::Entity::find_by_id(id.0).one(db).await? else {
        return Ok(None);
    };
    let top = top_levels(db, &[id.0]).await?.pop();
    into_third_party(top, row).map(Some)
}

/// The identifier of the top of the tree.
pub(crate) fn root() -> SelectStatement {
    levels::Entity::find()
        .select_only()
        .column(levels::Column::Id)
        .filter(levels::Column::Path.eq(LevelPath::root().as_str()))
        .into_query()
}

/// The levels of these third parties that lie directly under Root.
pub(crate) async fn top_levels(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<Level>, StorageError> {
    let rows = levels::Entity::find()
        .filter(levels::Column::ThirdPartyId.is_in(ids.iter().copied()))
        .filter(levels::Column::ParentId.in_subquery(root()))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(into_level).collect())
}

pub(crate) fn into_third_party(
    level: Option<Level>,
    row: third_parties::Model,
) -> Result<ThirdParty, StorageError> {
    Ok(ThirdParty {
        id: ThirdPartyId(row.id),
        legal_name: row.legal_name,
        country: row.country,
        lei: row.lei,
        kind: row.kind,
        administration: Administration::parse(&row.administration)
            .ok_or(StorageError::Corrupt("administration"))?,
        status: ThirdPartyStatus::parse(&row.status)
            .ok_or(StorageError::Corrupt("third party status"))?,
        created_at: Timestamp::from_millis(row.created_at),
        barred_at: row.barred_at.map(Timestamp::from_millis),
        version: row.version,
        forbids_self_assignment: row.forbids_self_assignment,
        confirms_administrators: row.confirms_administrators,
        successor: row.successor_id.map(ThirdPartyId),
        level,
    })
}
