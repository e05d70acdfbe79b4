//! Third parties, levels, subsidiaries.

use std::collections::HashMap;

use portal_core::{
    Timestamp,
    id::{LevelId, SubsidiaryId, ThirdPartyId},
    organisation::{Level, LevelPath, NewSubsidiary, NewThirdParty, ROOT, Subsidiary},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QuerySelect as _, sea_query::LockType,
};
use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    entity::{levels, subsidiaries, third_parties},
    third_party::legal_name_key,
};

impl Store {
    /// The level at that path.
    pub async fn find_level(&self, path: &LevelPath) -> Result<Option<Level>, StorageError> {
        load_level(self.connection(), path).await
    }

    /// The level with that id.
    pub async fn find_level_by_id(&self, id: LevelId) -> Result<Option<Level>, StorageError> {
        let found = levels::Entity::find_by_id(id.0).one(self.connection()).await?;
        Ok(found.map(into_level))
    }

    /// Levels by their ids, in no order.
    pub async fn list_levels_by_id(&self, ids: &[LevelId]) -> Result<Vec<Level>, StorageError> {
        by_id(self.connection(), ids).await
    }

    /// The level that a subsidiary belongs to.
    pub async fn find_level_of_subsidiary(
        &self,
        id: SubsidiaryId,
    ) -> Result<Option<LevelId>, StorageError> {
        let found = subsidiaries::Entity::find_by_id(id.0).one(self.connection()).await?;
        Ok(found.map(|row| LevelId(row.level_id)))
    }

    /// The subsidiary of that short name under a level.
    pub async fn find_subsidiary(
        &self,
        level: LevelId,
        short_name: &str,
    ) -> Result<Option<Subsidiary>, StorageError> {
        let found = subsidiaries::Entity::find()
            .filter(subsidiaries::Column::LevelId.eq(level.0))
            .filter(subsidiaries::Column::ShortName.eq(short_name))
            .one(self.connection())
            .await?;
        Ok(found.map(|row| Subsidiary {
            id: SubsidiaryId(row.id),
            level_id: LevelId(row.level_id),
            short_name: row.short_name,
            lei: row.lei,
        }))
    }
}

async fn load_level(
    db: &impl ConnectionTrait,
    path: &LevelPath,
) -> Result<Option<Level>, StorageError> {
    let at = levels::Entity::find().filter(levels::Column::Path.eq(path.as_str()));
    Ok(at.one(db).await?.map(into_level))
}

impl Transaction {
    /// The level at that path, as this transaction sees it.
    pub async fn find_level(&self, path: &LevelPath) -> Result<Option<Level>, StorageError> {
        load_level(self.connection(), path).await
    }

    /// The level with that id, as this transaction sees it.
    pub async fn find_level_by_id(&self, id: LevelId) -> Result<Option<Level>, StorageError> {
        let found = levels::Entity::find_by_id(id.0).one(self.connection()).await?;
        Ok(found.map(into_level))
    }

    /// The level that a subsidiary belongs to, as this transaction sees it.
    pub async fn find_level_of_subsidiary(
        &self,
        id: SubsidiaryId,
    ) -> Result<Option<LevelId>, StorageError> {
        let found = subsidiaries::Entity::find_by_id(id.0).one(self.connection()).await?;
        Ok(found.map(|row| LevelId(row.level_id)))
    }

    /// Levels by their ids, in no order, as this transaction sees them.
    pub async fn list_levels(&self, ids: &[LevelId]) -> Result<Vec<Level>, StorageError> {
        by_id(self.connection(), ids).await
    }

    /// The levels that subsidiaries belong to, as this transaction sees them.
    pub async fn list_levels_of_subsidiaries(
        &self,
        ids: &[SubsidiaryId],
    ) -> Result<HashMap<SubsidiaryId, LevelId>, StorageError> {
        let found = subsidiaries::Entity::find()
            .filter(subsidiaries::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .all(self.connection())
            .await?;
        let level_of = |row: subsidiaries::Model| (SubsidiaryId(row.id), LevelId(row.level_id));
        Ok(found.into_iter().map(level_of).collect())
    }

    /// Holds a third party until the commit, or the top of the tree for staff, who belong to none: changes to the
    /// people and rights of one organisation come one after the other (security.md 80, I14). Take it first.
    pub async fn hold_organisation(
        &self,
        third_party: Option<ThirdPartyId>,
    ) -> Result<(), StorageError> {
        if !self.locks_rows() {
            return Ok(());
        }
        if let Some(id) = third_party {
            let find = third_parties::Entity::find_by_id(id.0).lock(LockType::NoKeyUpdate);
            find.one(self.connection()).await?;
        } else {
            let root = levels::Column::Path.eq(LevelPath::root().as_str());
            let find = levels::Entity::find().filter(root).lock(LockType::NoKeyUpdate);
            find.one(self.connection()).await?;
        }
        Ok(())
    }

    /// Creates the top of the tree.
    pub async fn insert_root(&self, now: Timestamp) -> Result<LevelId, StorageError> {
        let id = Uuid::new_v4();
        let root = levels::ActiveModel {
            id: Set(id),
            parent_id: Set(None),
            name: Set(ROOT.to_owned()),
            third_party_id: Set(None),
            path: Set(LevelPath::root().as_str().to_owned()),
            created_at: Set(now.millis()),
        };
        levels::Entity::insert(root).exec_without_returning(self.connection()).await?;
        Ok(LevelId(id))
    }

    /// Creates a third party and its level under `parent`.
    pub async fn insert_third_party(
        &self,
        new: &NewThirdParty,
        parent: &Level,
        now: Timestamp,
    ) -> Result<(ThirdPartyId, LevelId), StorageError> {
        let (id, level_id) = (Uuid::new_v4(), Uuid::new_v4());
        let third_party = third_parties::ActiveModel {
            id: Set(id),
            legal_name: Set(new.legal_name.clone()),
            country: Set(new.country.clone()),
            lei: Set(new.lei.as_ref().map(ToString::to_string)),
            kind: Set(new.kind.clone()),
            administration: Set(new.administration.as_str().to_owned()),
            status: Set(new.status.as_str().to_owned()),
            created_at: Set(now.millis()),
            barred_at: Set(None),
            version: Set(0),
            forbids_self_assignment: Set(false),
            confirms_administrators: Set(false),
            successor_id: Set(None),
            legal_name_key: Set(legal_name_key(&new.legal_name)),
        };
        third_parties::Entity::insert(third_party)
            .exec_without_returning(self.connection())
            .await?;
        let level = levels::ActiveModel {
            id: Set(level_id),
            parent_id: Set(Some(parent.id.0)),
            name: Set(new.level.as_str().to_owned()),
            third_party_id: Set(Some(id)),
            path: Set(parent.path.child(&new.level).as_str().to_owned()),
            created_at: Set(now.millis()),
        };
        levels::Entity::insert(level).exec_without_returning(self.connection()).await?;
        Ok((ThirdPartyId(id), LevelId(level_id)))
    }

    /// Creates a subsidiary.
    pub async fn insert_subsidiary(
        &self,
        new: &NewSubsidiary,
        now: Timestamp,
    ) -> Result<SubsidiaryId, StorageError> {
        let id = Uuid::new_v4();
        let row = subsidiaries::ActiveModel {
            id: Set(id),
            level_id: Set(new.level_id.0),
            short_name: Set(new.short_name.clone()),
            legal_name: Set(new.legal_name.clone()),
            country: Set(new.country.clone()),
            lei: Set(new.lei.to_string()),
            created_at: Set(now.millis()),
        };
        subsidiaries::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(SubsidiaryId(id))
    }
}

async fn by_id(db: &impl ConnectionTrait, ids: &[LevelId]) -> Result<Vec<Level>, StorageError> {
    let found = levels::Entity::find()
        .filter(levels::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    Ok(found.into_iter().map(into_level).collect())
}

pub(crate) fn into_level(row: levels::Model) -> Level {
    Level {
        id: LevelId(row.id),
        name: row.name,
        path: LevelPath::from_stored(row.path),
        third_party_id: row.third_party_id.map(ThirdPartyId),
    }
}
