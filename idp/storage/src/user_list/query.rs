//! How the list finds its users. A search with a selective part begins at that part, through its index, and sorts
//! what it found; one without walks the index of the order until a page is full. Which it is, bounded counts on the
//! indexes tell, so that neither database has to guess.

use portal_core::{email::EmailKey, id::GroupId, phone::PhoneSearch, search_key::search_key};
use sea_orm::{
    ConnectionTrait as _, IdenStatic as _, Order,
    sea_query::{
        Condition, Expr, ExprTrait as _, Func, IntoColumnRef as _, Query, SelectStatement,
        SimpleExpr, UnionType,
    },
};

use super::{UserOrder, UserPosition, UserSearch, UserSort};
use crate::{
    StorageError, Store,
    account::{phone_keys, phone_tail_key},
    entity::{levels, memberships, users},
    level_sight::LevelSet,
};

/// A part of a search that finds no more than this many is where the search begins.
const NARROW: u64 = 5_000;
/// The name of the users in a query.
const U: &str = "u";

/// One condition on a user.
#[derive(Clone, Debug)]
enum Part {
    /// A key begins so.
    Begins(users::Column, String),
    /// A blind index is this.
    Is(users::Column, Vec<u8>),
    /// A member of this group.
    Member(GroupId),
    /// At these levels.
    At(LevelSet),
}

/// A search, and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    parts: Vec<Part>,
    /// The most selective part and how many it finds, at most [`NARROW`] and one.
    start: Option<(usize, u64)>,
}

impl Plan {
    /// Counts what each part finds.
    pub(super) async fn make(store: &Store, search: &UserSearch) -> Result<Self, StorageError> {
        let parts = parts_of(store, search).await?;
        let mut start: Option<(usize, u64)> = None;
        for (place, part) in parts.iter().enumerate() {
            let mut query = Query::select();
            // Nothing but the index is read.
            let found = part.candidates().clear_selects().expr(Expr::val(1)).to_owned();
            query.expr(Func::count(Expr::val(1))).from_subquery(found, U);
            let row = store.connection().query_one(&query).await?;
            let found: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
            let found = found.unsigned_abs();
            if start.is_none_or(|(_, least)| found < least) {
                start = Some((place, found));
            }
        }
        Ok(Self { parts, start })
    }

    /// The same search, as if no part of it were selective.
    #[cfg(test)]
    pub(super) fn without_start(self) -> Self {
        Self { start: None, ..self }
    }

    fn begins_at(&self) -> Option<&Part> {
        let (place, _) = self.start.filter(|(_, found)| *found <= NARROW)?;
        self.parts.get(place)
    }

    /// Identifier and key of the users of a page; towards the beginning for [`UserPosition::Before`].
    pub(super) fn page(
        &self,
        order: UserOrder,
        position: &UserPosition,
        limit: u64,
    ) -> SelectStatement {
        let column = order.by.column();
        let backwards = matches!(position, UserPosition::Before(..));
        let page = Page { column, descending: order.descending != backwards, position, limit };
        let mut query = Query::select();
        query.column((U, users::Column::Id)).column((U, column));
        if let Some(start) = self.begins_at() {
            query.from_subquery(start.candidates(), U).cond_where(self.condition(None));
        } else if let Some(ids) = self.named_levels() {
            query.from_subquery(self.walk_levels(ids, &page), U);
        } else {
            query.from_as(users::Entity, U).cond_where(self.condition(Some(column)));
        }
        page.apply(&mut query);
        query
    }

    /// The number of users, and whether it is all of them: a search without a selective part looks only at the first
    /// [`NARROW`] of its most selective one.
    pub(super) fn count(&self, limit: u64) -> (SelectStatement, bool) {
        let mut found = Query::select();
        found.expr(Expr::val(1)).cond_where(self.condition(None)).limit(limit);
        let mut is_all = true;
        match self.start.and_then(|(place, found)| Some((self.parts.get(place)?, found))) {
            Some((start, count)) => {
                is_all = count <= NARROW;
                found.from_subquery(start.candidates(), U);
            }
            None => {
                found.from_as(users::Entity, U);
            }
        }
        let mut query = Query::select();
        query.expr(Func::count(Expr::val(1))).from_subquery(found, "found");
        (query, is_all)
    }

    /// Identifier and sealed number of the users, in no order.
    pub(super) fn phones(&self, limit: u64) -> SelectStatement {
        let mut query = Query::select();
        query.column((U, users::Column::Id)).column((U, users::Column::PhoneSealed));
        match self.begins_at() {
            Some(start) => query.from_subquery(start.candidates(), U),
            None => query.from_as(users::Entity, U),
        };
        query.cond_where(self.condition(None)).limit(limit);
        query
    }

    /// All parts together. While the index of `walked` is walked, no other may be taken.
    fn condition(&self, walked: Option<users::Column>) -> Condition {
        let living = Expr::col((U, users::Column::DeletedAt)).is_null();
        let parts = self.parts.iter().map(|part| part.condition(walked));
        parts.fold(Condition::all().add(living), Condition::add)
    }

    fn named_levels(&self) -> Option<&[uuid::Uuid]> {
        self.parts.iter().find_map(|part| match part {
            Part::At(LevelSet::Named(ids)) => Some(ids.as_slice()),
            _ => None,
        })
    }

    /// The first of each level, each through the index of its level and the order.
    fn walk_levels(&self, ids: &[uuid::Uuid], page: &Page<'_>) -> SelectStatement {
        let mut members = ids.iter().map(|id| {
            let mut of_level = Query::select();
            of_level
                .column((U, users::Column::Id))
                .column((U, page.column))
                .from_as(users::Entity, U)
                .and_where(Expr::col((U, users::Column::LevelId)).eq(*id));
            let others = self.parts.iter().filter(|part| !matches!(part, Part::At(_)));
            for part in others {
                of_level.cond_where(Condition::all().add(part.condition(Some(page.column))));
            }
            of_level.and_where(Expr::col((U, users::Column::DeletedAt)).is_null());
            page.apply(&mut of_level);
            let mut fenced = Query::select();
            fenced.column(sea_orm::sea_query::Asterisk).from_subquery(of_level, U);
            fenced
        });
        let mut all = members.next().unwrap_or_default();
        for member in members {
            all.union(UnionType::All, member);
        }
        all
    }
}

/// A page of users in an order.
struct Page<'a> {
    column: users::Column,
    descending: bool,
    position: &'a UserPosition,
    limit: u64,
}

impl Page<'_> {
    fn apply(&self, query: &mut SelectStatement) {
        let (key, id) =
            ((U, self.column).into_column_ref(), (U, users::Column::Id).into_column_ref());
        if let UserPosition::After(at, user) | UserPosition::Before(at, user) = self.position {
            let (column, at) = (Expr::col(key.clone()), at.as_str());
            let (from, beyond, tie) = if self.descending {
                (column.clone().lte(at), column.lt(at), Expr::col(id.clone()).lt(user.0))
            } else {
                (column.clone().gte(at), column.gt(at), Expr::col(id.clone()).gt(user.0))
            };
            query.and_where(from).and_where(beyond.or(tie));
        }
        let direction = if self.descending { Order::Desc } else { Order::Asc };
        query.order_by(key, direction.clone()).order_by(id, direction).limit(self.limit);
    }
}

impl Part {
    /// The users that this part finds, at most [`NARROW`] and one. Because of the limit, databases begin here.
    fn candidates(&self) -> SelectStatement {
        let mut query = Query::select();
        query.columns(
            [
                users::Column::Id,
                users::Column::LevelId,
                users::Column::FirstNameKey,
                users::Column::LastNameKey,
                users::Column::EmailKey,
                users::Column::PhoneKey,
                users::Column::PhoneTailKey,
                users::Column::PhoneSealed,
                users::Column::DeletedAt,
            ]
            .map(|column| (U, column)),
        );
        query.from_as(users::Entity, U).limit(NARROW + 1);
        match self {
            Self::Member(group) => {
                let same = Expr::col((memberships::Entity, memberships::Column::UserId))
                    .equals((U, users::Column::Id));
                query.inner_join(memberships::Entity, same).and_where(
                    Expr::col((memberships::Entity, memberships::Column::GroupId)).eq(group.0),
                );
            }
            _ => {
                query.cond_where(Condition::all().add(self.condition(None)));
            }
        }
        query
    }

    fn condition(&self, walked: Option<users::Column>) -> SimpleExpr {
        let column = |column: users::Column| {
            let plain = Expr::col((U, column));
            match walked {
                Some(walked) if walked.as_str() != column.as_str() => {
                    // Nothing of its own: only no index fits it any more.
                    SimpleExpr::from(Func::coalesce([plain.clone(), plain]))
                }
                _ => plain,
            }
        };
        match self {
            Self::Begins(of, beginning) => {
                let after = format!("{beginning}\u{10ffff}");
                column(*of).gte(beginning.as_str()).and(column(*of).lt(after))
            }
            Self::Is(of, digest) => column(*of).eq(digest.clone()),
            Self::Member(group) => {
                let mut member = Query::select();
                member
                    .expr(Expr::val(1))
                    .from(memberships::Entity)
                    .and_where(Expr::col(memberships::Column::GroupId).eq(group.0))
                    .and_where(
                        Expr::col((memberships::Entity, memberships::Column::UserId))
                            .equals((U, users::Column::Id)),
                    );
                Expr::exists(member)
            }
            Self::At(LevelSet::All) => Expr::val(1).eq(1),
            Self::At(LevelSet::Named(ids)) => {
                column(users::Column::LevelId).is_in(ids.iter().copied())
            }
            Self::At(LevelSet::Many(levels)) => {
                let mut ids = Query::select();
                ids.column(levels::Column::Id).from(levels::Entity).cond_where(levels.clone());
                column(users::Column::LevelId).in_subquery(ids)
            }
        }
    }
}

impl UserSort {
    const fn column(self) -> users::Column {
        match self {
            Self::FirstName => users::Column::FirstNameKey,
            Self::LastName | Self::Phone => users::Column::LastNameKey,
            Self::Email => users::Column::EmailKey,
        }
    }
}

async fn parts_of(store: &Store, search: &UserSearch) -> Result<Vec<Part>, StorageError> {
    let mut parts = Vec::new();
    match store.level_set(&search.within).await? {
        LevelSet::All => {}
        levels => parts.push(Part::At(levels)),
    }
    let keys = [
        (users::Column::FirstNameKey, search_key(&search.first_name)),
        (users::Column::LastNameKey, search_key(&search.last_name)),
        (users::Column::EmailKey, EmailKey::of(&search.email).as_str().to_owned()),
    ];
    let typed = keys.into_iter().filter(|(_, key)| !key.is_empty());
    parts.extend(typed.map(|(column, key)| Part::Begins(column, key)));
    match &search.phone {
        Some(PhoneSearch::Whole(number)) => {
            let (whole, _) = phone_keys(store.sealer(), number);
            parts.push(Part::Is(users::Column::PhoneKey, whole));
        }
        Some(PhoneSearch::Tail(tail)) => {
            let tail = phone_tail_key(store.sealer(), tail);
            parts.push(Part::Is(users::Column::PhoneTailKey, tail));
        }
        None => {}
    }
    parts.extend(search.group.map(Part::Member));
    Ok(parts)
}
