//! Levels in somebody's sight: the condition, and the list that a level is chosen from (I8, O5).

use portal_core::{
    organisation::{Level, LevelPath},
    permission::Sight,
};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, Func},
};
use uuid::Uuid;

use crate::{StorageError, Store, entity::levels, organisation::into_level};

/// Most levels that a query names one by one.
const NAMED_LEVELS: u64 = 60;

/// Where the people of a query sit.
#[derive(Clone, Debug)]
pub(crate) enum LevelSet {
    /// Anywhere.
    All,
    /// At these levels.
    Named(Vec<Uuid>),
    /// At the levels of this condition, which are many.
    Many(Condition),
}

impl Store {
    /// The levels in sight, in the order of the tree. One more than `limit` says that there are more.
    pub async fn list_levels(&self, sight: &Sight, limit: u64) -> Result<Vec<Level>, StorageError> {
        let rows = levels::Entity::find()
            .filter(in_sight(sight))
            .order_by_asc(levels::Column::Path)
            .limit(limit + 1)
            .all(self.connection())
            .await?;
        Ok(rows.into_iter().map(into_level).collect())
    }

    /// The levels of the third party that a level belongs to; for Root, Root alone.
    pub async fn list_levels_of(
        &self,
        level: &Level,
        limit: u64,
    ) -> Result<Vec<Level>, StorageError> {
        let which = match level.third_party_id {
            Some(third_party) => levels::Column::ThirdPartyId.eq(third_party.0),
            None => levels::Column::Id.eq(level.id.0),
        };
        let rows = levels::Entity::find()
            .filter(which)
            .order_by_asc(levels::Column::Path)
            .limit(limit)
            .all(self.connection())
            .await?;
        Ok(rows.into_iter().map(into_level).collect())
    }

    /// The levels in sight of that name, whatever its case; at most 20.
    pub async fn list_levels_named(
        &self,
        sight: &Sight,
        name: &str,
    ) -> Result<Vec<Level>, StorageError> {
        let same_name =
            Expr::expr(Func::lower(Expr::col(levels::Column::Name))).eq(name.trim().to_lowercase());
        let rows = levels::Entity::find()
            .filter(in_sight(sight))
            .filter(same_name)
            .order_by_asc(levels::Column::Path)
            .limit(20)
            .all(self.connection())
            .await?;
        Ok(rows.into_iter().map(into_level).collect())
    }

    /// The levels in sight that one of these texts names or leads to, whatever its case; at most `limit`.
    pub async fn list_levels_called(
        &self,
        sight: &Sight,
        texts: &[String],
        limit: u64,
    ) -> Result<Vec<Level>, StorageError> {
        let lower = |column| Expr::expr(Func::lower(Expr::col(column)));
        // Databases differ in what they know to lower; a text as it is stored fits on all of them.
        let exact = || texts.iter().map(String::as_str);
        let lowered = || texts.iter().map(|text| text.to_lowercase());
        let called = Condition::any()
            .add(levels::Column::Name.is_in(exact()))
            .add(levels::Column::Path.is_in(exact()))
            .add(lower(levels::Column::Name).is_in(lowered()))
            .add(lower(levels::Column::Path).is_in(lowered()));
        let rows = levels::Entity::find()
            .filter(in_sight(sight))
            .filter(called)
            .order_by_asc(levels::Column::Path)
            .limit(limit)
            .all(self.connection())
            .await?;
        Ok(rows.into_iter().map(into_level).collect())
    }

    /// The levels of a sight as a query wants them.
    pub(crate) async fn level_set(&self, sight: &Sight) -> Result<LevelSet, StorageError> {
        if *sight == Sight::Everything {
            return Ok(LevelSet::All);
        }
        let ids: Vec<Uuid> = levels::Entity::find()
            .select_only()
            .column(levels::Column::Id)
            .filter(in_sight(sight))
            .limit(NAMED_LEVELS + 1)
            .into_tuple()
            .all(self.connection())
            .await?;
        if ids.len() as u64 > NAMED_LEVELS {
            Ok(LevelSet::Many(in_sight(sight)))
        } else {
            Ok(LevelSet::Named(ids))
        }
    }
}

/// The levels in sight.
pub(crate) fn in_sight(sight: &Sight) -> Condition {
    match sight {
        Sight::Everything => Condition::all(),
        Sight::Levels(tops) => {
            let none = Condition::any().add(Expr::value(false));
            tops.iter().fold(none, |condition, top| condition.add(at_or_below(top)))
        }
    }
}

/// The condition under which a row of `levels` is that level or below it. Compared letter by letter: to `LIKE`, the
/// names of levels would be patterns.
pub(crate) fn at_or_below(top: &LevelPath) -> Condition {
    let inside = format!("{}/", top.as_str());
    let letters = i32::try_from(inside.chars().count()).unwrap_or(i32::MAX);
    let path = || Expr::col((levels::Entity, levels::Column::Path));
    let beginning = Func::cust("substr").arg(path()).arg(1).arg(letters);
    Condition::any().add(path().eq(top.as_str())).add(Expr::expr(beginning).eq(inside))
}
