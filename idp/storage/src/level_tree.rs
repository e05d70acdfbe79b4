//! The levels and subsidiaries of a third party, and how levels are created, renamed, moved and deleted.

use portal_core::{
    Timestamp,
    audit::AuditAction,
    id::{LevelId, SubsidiaryId, ThirdPartyId},
    organisation::{Level, LevelName, LevelPath},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, FromQueryResult,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
    sea_query::{BinOper, Expr, Func, SelectStatement},
};
use uuid::Uuid;

use crate::{
    AtMost, StorageError, Store, Transaction,
    entity::{
        access_reviews, audit_events, delegated_roles, former_roles, levels, subsidiaries, users,
    },
    guarded,
    level_sight::at_or_below,
    organisation::into_level,
};

/// Most levels of a third party, and most subsidiaries of it, that a page shows.
const MOST: u64 = 500;

/// A level with what keeps it from being deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelCount {
    /// The level.
    pub level: Level,
    /// Accounts at it.
    pub people: u64,
}

/// A subsidiary with everything that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubsidiaryDetails {
    /// Identifier.
    pub id: SubsidiaryId,
    /// The level it belongs to.
    pub level_id: LevelId,
    /// Short name.
    pub short_name: String,
    /// Legal name.
    pub legal_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// LEI.
    pub lei: String,
}

#[derive(FromQueryResult)]
struct CountRow {
    level_id: Uuid,
    people: i64,
}

/// The identifiers of the levels of a third party.
pub(crate) fn levels_of(third_party: ThirdPartyId) -> SelectStatement {
    levels::Entity::find()
        .select_only()
        .column(levels::Column::Id)
        .filter(levels::Column::ThirdPartyId.eq(third_party.0))
        .into_query()
}

/// The identifiers of the people of a third party.
pub(crate) fn people_of(third_party: ThirdPartyId) -> SelectStatement {
    users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .filter(users::Column::LevelId.in_subquery(levels_of(third_party)))
        .into_query()
}

impl Store {
    /// The levels of a third party from the top down, with the number of accounts at each. At most 500.
    pub async fn list_third_party_levels(
        &self,
        third_party: ThirdPartyId,
    ) -> Result<AtMost<LevelCount>, StorageError> {
        let rows = levels::Entity::find()
            .filter(levels::Column::ThirdPartyId.eq(third_party.0))
            .order_by_asc(levels::Column::Path)
            .limit(MOST + 1)
            .all(self.connection())
            .await?;
        let counts: Vec<CountRow> = users::Entity::find()
            .select_only()
            .column(users::Column::LevelId)
            .column_as(Expr::col(users::Column::Id).count(), "people")
            .filter(users::Column::LevelId.in_subquery(levels_of(third_party)))
            .group_by(users::Column::LevelId)
            .into_model()
            .all(self.connection())
            .await?;
        let people = |id: Uuid| {
            let count = counts.iter().find(|count| count.level_id == id);
            count.map_or(0, |count| count.people.unsigned_abs())
        };
        let with_count =
            |row: levels::Model| LevelCount { people: people(row.id), level: into_level(row) };
        Ok(AtMost::of(rows.into_iter().map(with_count).collect(), MOST))
    }

    /// The subsidiaries of a third party, by short name. At most 500.
    pub async fn list_subsidiaries_of(
        &self,
        third_party: ThirdPartyId,
    ) -> Result<AtMost<SubsidiaryDetails>, StorageError> {
        let rows = subsidiaries::Entity::find()
            .filter(subsidiaries::Column::LevelId.in_subquery(levels_of(third_party)))
            .order_by_asc(subsidiaries::Column::ShortName)
            .limit(MOST + 1)
            .all(self.connection())
            .await?;
        Ok(AtMost::of(rows.into_iter().map(into_details).collect(), MOST))
    }

    /// How many accounts sit at the levels of a third party.
    pub async fn count_people(&self, third_party: ThirdPartyId) -> Result<u64, StorageError> {
        count_people(self.connection(), third_party).await
    }

    /// A subsidiary.
    pub async fn find_subsidiary_details(
        &self,
        id: SubsidiaryId,
    ) -> Result<Option<SubsidiaryDetails>, StorageError> {
        let row = subsidiaries::Entity::find_by_id(id.0).one(self.connection()).await?;
        Ok(row.map(into_details))
    }
}

impl Transaction {
    /// How many accounts sit at the levels of a third party, as this transaction sees it.
    pub async fn count_people(&self, third_party: ThirdPartyId) -> Result<u64, StorageError> {
        count_people(self.connection(), third_party).await
    }

    /// The longest path at or below a level, in characters.
    pub async fn longest_path(&self, level: &Level) -> Result<usize, StorageError> {
        let longest: Option<Option<i32>> = levels::Entity::find()
            .select_only()
            .column_as(
                Expr::expr(Func::char_length(Expr::col(levels::Column::Path))).max(),
                "longest",
            )
            .filter(at_or_below(&level.path))
            .into_tuple()
            .one(self.connection())
            .await?;
        Ok(usize::try_from(longest.flatten().unwrap_or_default()).unwrap_or_default())
    }

    /// Creates a level under another one, of the same third party.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when there is one of that name.
    pub async fn insert_level(
        &self,
        parent: &Level,
        name: &LevelName,
        now: Timestamp,
    ) -> Result<LevelId, StorageError> {
        let id = Uuid::new_v4();
        let row = levels::ActiveModel {
            id: Set(id),
            parent_id: Set(Some(parent.id.0)),
            name: Set(name.as_str().to_owned()),
            third_party_id: Set(parent.third_party_id.map(|of| of.0)),
            path: Set(parent.path.child(name).as_str().to_owned()),
            created_at: Set(now.millis()),
        };
        levels::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(LevelId(id))
    }

    /// Gives a level another name, and the paths of all that is below it their new beginning.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when there is one of that name.
    pub async fn rename_level(&self, level: &Level, name: &LevelName) -> Result<(), StorageError> {
        let above = level.path.parent().unwrap_or_else(LevelPath::root);
        self.name_level(level.id, name).await?;
        self.rewrite_paths(&level.path, &above.child(name)).await
    }

    /// Puts a level with all that is below it under a level of another third party, to which it belongs from now on.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when there is one of that name.
    pub async fn move_level(
        &self,
        level: &Level,
        parent: &Level,
        name: &LevelName,
    ) -> Result<(), StorageError> {
        levels::Entity::update_many()
            .col_expr(
                levels::Column::ThirdPartyId,
                Expr::value(parent.third_party_id.map(|of| of.0)),
            )
            .filter(at_or_below(&level.path))
            .exec(self.connection())
            .await?;
        levels::Entity::update_many()
            .col_expr(levels::Column::ParentId, Expr::value(parent.id.0))
            .filter(levels::Column::Id.eq(level.id.0))
            .exec(self.connection())
            .await?;
        self.name_level(level.id, name).await?;
        self.rewrite_paths(&level.path, &parent.path.child(name)).await
    }

    async fn name_level(&self, id: LevelId, name: &LevelName) -> Result<(), StorageError> {
        levels::Entity::update_many()
            .col_expr(levels::Column::Name, Expr::value(name.as_str()))
            .filter(levels::Column::Id.eq(id.0))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    async fn rewrite_paths(&self, from: &LevelPath, to: &LevelPath) -> Result<(), StorageError> {
        let rest = i32::try_from(from.as_str().chars().count()).unwrap_or(i32::MAX);
        let rest = [Expr::col(levels::Column::Path), Expr::value(rest.saturating_add(1))];
        let rest = Func::cust("substr").args(rest);
        let path = Expr::value(to.as_str()).binary(BinOper::Custom("||"), rest);
        levels::Entity::update_many()
            .col_expr(levels::Column::Path, path)
            .filter(at_or_below(from))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Deletes a level that is empty: no level, account, subsidiary or role hangs on it, and no evidence of what people
    /// did there, which is read by its level. `false` when it is not empty.
    pub async fn delete_empty_level(&self, id: LevelId) -> Result<bool, StorageError> {
        if self.is_used(id).await? {
            return Ok(false);
        }
        levels::Entity::delete_by_id(id.0).exec(self.connection()).await?;
        Ok(true)
    }

    async fn is_used(&self, id: LevelId) -> Result<bool, StorageError> {
        let db = self.connection();
        let below =
            levels::Entity::find().filter(levels::Column::ParentId.eq(id.0)).one(db).await?;
        let person = users::Entity::find().filter(users::Column::LevelId.eq(id.0)).one(db).await?;
        let subsidiary = subsidiaries::Entity::find()
            .filter(subsidiaries::Column::LevelId.eq(id.0))
            .one(db)
            .await?;
        let role = delegated_roles::Entity::find()
            .filter(delegated_roles::Column::LevelId.eq(id.0))
            .one(db)
            .await?;
        let former = former_roles::Entity::find()
            .filter(former_roles::Column::LevelId.eq(id.0))
            .one(db)
            .await?;
        let entry = audit_events::Entity::find()
            .select_only()
            .column(audit_events::Column::Seq)
            .filter(audit_events::Column::LevelId.eq(id.0))
            .filter(audit_events::Column::Action.ne(AuditAction::LevelChanged.as_str()))
            .into_tuple::<i64>()
            .one(db)
            .await?;
        let review = access_reviews::Entity::find()
            .filter(access_reviews::Column::LevelId.eq(id.0))
            .one(db)
            .await?;
        Ok(below.is_some()
            || person.is_some()
            || subsidiary.is_some()
            || role.is_some()
            || former.is_some()
            || entry.is_some()
            || review.is_some())
    }

    /// Replaces the details of a subsidiary that is still as it was `seen`; `false` when it is not.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when its level has another one of that short name.
    pub async fn update_subsidiary(
        &self,
        seen: &SubsidiaryDetails,
        new: &SubsidiaryDetails,
    ) -> Result<bool, StorageError> {
        use subsidiaries::Column;
        let update = subsidiaries::Entity::update_many()
            .col_expr(Column::ShortName, Expr::value(new.short_name.as_str()))
            .col_expr(Column::LegalName, Expr::value(new.legal_name.as_str()))
            .col_expr(Column::Country, Expr::value(new.country.as_str()))
            .col_expr(Column::Lei, Expr::value(new.lei.as_str()))
            .filter(Column::Id.eq(seen.id.0))
            .filter(Column::ShortName.eq(seen.short_name.as_str()))
            .filter(Column::LegalName.eq(seen.legal_name.as_str()))
            .filter(Column::Country.eq(seen.country.as_str()))
            .filter(Column::Lei.eq(seen.lei.as_str()));
        Ok(guarded::take(self, update).await?.is_some())
    }
}

async fn count_people(
    db: &impl ConnectionTrait,
    third_party: ThirdPartyId,
) -> Result<u64, StorageError> {
    let find =
        users::Entity::find().filter(users::Column::LevelId.in_subquery(levels_of(third_party)));
    Ok(find.count(db).await?)
}

fn into_details(row: subsidiaries::Model) -> SubsidiaryDetails {
    SubsidiaryDetails {
        id: SubsidiaryId(row.id),
        level_id: LevelId(row.level_id),
        short_name: row.short_name,
        legal_name: row.legal_name,
        country: row.country,
        lei: row.lei,
    }
}
