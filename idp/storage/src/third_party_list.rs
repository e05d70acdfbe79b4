//! The list of third parties: searched, sorted, paged by key.

use portal_core::{
    id::ThirdPartyId,
    organisation::{LevelPath, ThirdPartyStatus},
    permission::Sight,
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, ExprTrait as _, Order,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
    sea_query::{Expr, Func, LikeExpr, Query},
};
use uuid::Uuid;

use crate::{
    Found, StorageError, Store, ThirdParty,
    entity::{levels, third_parties},
    third_party::{into_third_party, legal_name_key, root, top_levels},
};

/// Which third parties are listed. Empty texts do not narrow it.
#[derive(Clone, Debug)]
pub struct ThirdPartyFilter {
    /// Part of the legal name, or of the name of its level.
    pub name: String,
    /// Beginning of the LEI.
    pub lei: String,
    /// Country.
    pub country: String,
    /// State.
    pub status: Option<ThirdPartyStatus>,
    /// What whoever asks may see.
    pub sight: Sight,
}

/// The columns that can be sorted by (security.md 106). What is alike there stands in the order of the names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThirdPartySort {
    /// By legal name.
    #[default]
    LegalName,
    /// By LEI; those without one come first.
    Lei,
    /// By country.
    Country,
    /// By state.
    Status,
}

/// In which order to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThirdPartyOrder {
    /// By which column.
    pub by: ThirdPartySort,
    /// Whether the last come first.
    pub descending: bool,
}

/// Where a page begins: next to a third party of the page before, whose key of the order is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThirdPartyPosition {
    /// At the first one.
    Start,
    /// After this one.
    After(String, ThirdPartyId),
    /// Up to this one, without it.
    Before(String, ThirdPartyId),
}

/// A page of the list.
#[derive(Clone, Debug, Default)]
pub struct ThirdPartyRows {
    /// Each with its key of the order.
    pub rows: Vec<(ThirdParty, String)>,
    /// Whether there are more in the direction that was asked for.
    pub has_more: bool,
}

impl ThirdPartySort {
    /// What it sorts by, spelled as its index is.
    fn key(self) -> Expr {
        match self {
            Self::LegalName => Expr::col(third_parties::Column::LegalNameKey),
            Self::Lei => Expr::cust("(coalesce(lei, '') || ' ' || legal_name_key)"),
            Self::Country => Expr::cust("(country || ' ' || legal_name_key)"),
            Self::Status => Expr::cust("(status || ' ' || legal_name_key)"),
        }
    }

    fn key_of(self, row: &third_parties::Model) -> String {
        let beginning = match self {
            Self::LegalName => return row.legal_name_key.clone(),
            Self::Lei => row.lei.as_deref().unwrap_or_default(),
            Self::Country => &row.country,
            Self::Status => &row.status,
        };
        format!("{beginning} {}", row.legal_name_key)
    }
}

impl Store {
    /// A page of at most `limit` third parties, in three queries.
    pub async fn list_third_parties(
        &self,
        filter: &ThirdPartyFilter,
        order: ThirdPartyOrder,
        position: &ThirdPartyPosition,
        limit: u64,
    ) -> Result<ThirdPartyRows, StorageError> {
        let backwards = matches!(position, ThirdPartyPosition::Before(..));
        let descending = order.descending != backwards;
        let direction = if descending { Order::Desc } else { Order::Asc };
        let mut find = third_parties::Entity::find().filter(condition(filter));
        if let ThirdPartyPosition::After(key, id) | ThirdPartyPosition::Before(key, id) = position {
            find = find.filter(beyond(order.by, (key, *id), descending));
        }
        let mut rows = find
            .order_by(order.by.key(), direction.clone())
            .order_by(third_parties::Column::Id, direction)
            .limit(limit + 1)
            .all(self.connection())
            .await?;
        let has_more = rows.len() as u64 > limit;
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        if backwards {
            rows.reverse();
        }
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut tops = top_levels(self.connection(), &ids).await?;
        let mut take = |id: Uuid| {
            let place =
                tops.iter().position(|level| level.third_party_id.map(|of| of.0) == Some(id));
            place.map(|place| tops.swap_remove(place))
        };
        let with_key = |row: third_parties::Model| {
            let key = order.by.key_of(&row);
            Ok((into_third_party(take(row.id), row)?, key))
        };
        let rows = rows.into_iter().map(with_key).collect::<Result<_, StorageError>>()?;
        Ok(ThirdPartyRows { rows, has_more })
    }

    /// How many third parties fit; counted up to `limit`.
    pub async fn count_third_parties(
        &self,
        filter: &ThirdPartyFilter,
        limit: u64,
    ) -> Result<Found, StorageError> {
        let found = third_parties::Entity::find()
            .select_only()
            .column(third_parties::Column::Id)
            .filter(condition(filter))
            .limit(limit + 1)
            .into_query();
        let mut query = Query::select();
        query.expr(Func::count(Expr::val(1))).from_subquery(found, "found");
        let row = self.connection().query_one(&query).await?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        let count = count.unsigned_abs();
        Ok(if count > limit { Found::MoreThan(limit) } else { Found::Exactly(count) })
    }
}

/// What stands behind a place in the order.
fn beyond(by: ThirdPartySort, (key, id): (&str, ThirdPartyId), descending: bool) -> Condition {
    let (further, after) = if descending {
        (by.key().lt(key), third_parties::Column::Id.lt(id.0))
    } else {
        (by.key().gt(key), third_parties::Column::Id.gt(id.0))
    };
    Condition::any().add(further).add(by.key().eq(key).and(after))
}

fn condition(filter: &ThirdPartyFilter) -> Condition {
    let mut fits = Condition::all();
    let name = legal_name_key(&filter.name);
    if !name.is_empty() {
        let named = levels::Entity::find()
            .select_only()
            .column(levels::Column::ThirdPartyId)
            .filter(levels::Column::ParentId.in_subquery(root()))
            .filter(Expr::expr(Func::lower(Expr::col(levels::Column::Name))).like(part(&name)))
            .into_query();
        let by_level = third_parties::Column::Id.in_subquery(named);
        fits = fits.add(third_parties::Column::LegalNameKey.like(part(&name)).or(by_level));
    }
    if !filter.lei.is_empty() {
        let begins = LikeExpr::new(format!("{}%", escaped(&filter.lei))).escape('\\');
        fits = fits.add(third_parties::Column::Lei.like(begins));
    }
    if !filter.country.is_empty() {
        fits = fits.add(third_parties::Column::Country.eq(filter.country.as_str()));
    }
    if let Some(status) = filter.status {
        fits = fits.add(third_parties::Column::Status.eq(status.as_str()));
    }
    if let Sight::Levels(levels) = &filter.sight {
        // A third party is seen with its topmost level: who administers only a level below does not see it.
        let seen = levels::Entity::find()
            .select_only()
            .column(levels::Column::ThirdPartyId)
            .filter(levels::Column::Path.is_in(levels.iter().map(LevelPath::as_str)))
            .filter(levels::Column::ParentId.in_subquery(root()))
            .filter(levels::Column::ThirdPartyId.is_not_null())
            .into_query();
        fits = fits.add(third_parties::Column::Id.in_subquery(seen));
    }
    fits
}

fn part(text: &str) -> LikeExpr {
    LikeExpr::new(format!("%{}%", escaped(text))).escape('\\')
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
