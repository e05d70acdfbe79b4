//! People whose accounts lapse by themselves, a batch at a time. Each list walks an index of its own from where the
//! batch before ended, so that what is read each hour is those who lapse, and not everybody.

use portal_core::{
    Timestamp, account::UserStatus, expiry::ExpirationDate, id::UserId, notice::NoticeKind,
};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
    sea_query::{Expr, ExprTrait as _, Query, SimpleExpr, Value},
};
use uuid::Uuid;

use crate::{
    StorageError, Store,
    entity::{notices, users},
    user_change::INVITED,
};

/// Most people in one go.
const BATCH: u64 = 200;
/// The last use of an account, as its index spells it.
const LAST_USE: &str = "CASE WHEN last_login_at > credentials_changed_at THEN last_login_at \
    ELSE credentials_changed_at END";

/// Whoever is in use: said as the index says whom it holds, since a database does not see it in a parameter.
const IN_USE: &str = "users.status = 'ACTIVE'";

/// Somebody with a last day.
pub type Ending = (ExpirationDate, UserId);
/// Somebody who used the account last at that instant.
pub type Unused = Lapsed;
/// Somebody with the instant from which it is counted: of the invitation, the deletion, the last use.
pub type Lapsed = (Timestamp, UserId);

/// Who is looked for among those who do not use their accounts.
#[derive(Clone, Copy, Debug)]
pub struct UnusedSearch {
    /// They were last signed in, activated or reinstated before this instant.
    pub before: Timestamp,
    /// They were not told after this one: nothing is due yet with those who were.
    pub not_told_since: Timestamp,
    /// Their last day, if any, is not before this one: what is over by its date is left to that.
    pub today: ExpirationDate,
}

impl Store {
    /// People in use whose last day lies between two days, both included.
    pub async fn list_people_ending(
        &self,
        (from, to): (ExpirationDate, ExpirationDate),
        after: Option<Ending>,
    ) -> Result<Vec<Ending>, StorageError> {
        self.list_endings(ending((from, to), after)).await
    }

    /// People who are not deleted and whose last day was before this one.
    pub async fn list_people_ended_before(
        &self,
        day: ExpirationDate,
        after: Option<Ending>,
    ) -> Result<Vec<Ending>, StorageError> {
        self.list_endings(ended_before(day, after)).await
    }

    /// People of third parties who are in use and have neither signed in for long nor been activated or reinstated.
    pub async fn list_people_unused(
        &self,
        which: UnusedSearch,
        after: Option<Unused>,
    ) -> Result<Vec<Unused>, StorageError> {
        self.list_lapsed(unused(which, after)).await
    }

    /// People who were invited before then and never came.
    pub async fn list_unused_invitations(
        &self,
        before: Timestamp,
        after: Option<Lapsed>,
    ) -> Result<Vec<Lapsed>, StorageError> {
        self.list_lapsed(invited(before, after)).await
    }

    /// People who were deleted before then, and whose personal data are still here.
    pub async fn list_users_to_erase(
        &self,
        before: Timestamp,
        after: Option<Lapsed>,
    ) -> Result<Vec<Lapsed>, StorageError> {
        self.list_lapsed(to_erase(before, after)).await
    }

    async fn list_lapsed(&self, find: Select<users::Entity>) -> Result<Vec<Lapsed>, StorageError> {
        let rows: Vec<(i64, Uuid)> = find.into_tuple().all(self.connection()).await?;
        Ok(rows.into_iter().map(|(at, id)| (Timestamp::from_millis(at), UserId(id))).collect())
    }

    async fn list_endings(&self, find: Select<users::Entity>) -> Result<Vec<Ending>, StorageError> {
        let rows: Vec<(String, Uuid)> = find.into_tuple().all(self.connection()).await?;
        let ending = |(day, id): (String, Uuid)| {
            let day = ExpirationDate::from_iso(&day);
            Ok((day.map_err(|_| StorageError::Corrupt("last day"))?, UserId(id)))
        };
        rows.into_iter().map(ending).collect()
    }
}

fn ending(
    (from, to): (ExpirationDate, ExpirationDate),
    after: Option<Ending>,
) -> Select<users::Entity> {
    let day = users::Column::ExpiresOn;
    by_last_day(after)
        .filter(users::Column::Status.eq(UserStatus::Active.as_str()))
        .filter(day.gte(from.to_iso()))
        .filter(day.lte(to.to_iso()))
}

fn ended_before(day: ExpirationDate, after: Option<Ending>) -> Select<users::Entity> {
    by_last_day(after).filter(users::Column::ExpiresOn.lt(day.to_iso()))
}

/// Whoever is not deleted, by the last day: the index `users_by_last_day` holds these alone.
fn by_last_day(after: Option<Ending>) -> Select<users::Entity> {
    let find = users::Entity::find().filter(users::Column::DeletedAt.is_null());
    let day = users::Column::ExpiresOn;
    batch(find, Expr::col(day), after.map(|(day, user)| (day.to_iso().into(), user)))
}

fn unused(which: UnusedSearch, after: Option<Unused>) -> Select<users::Entity> {
    let (last_use, ends) = (Expr::cust(LAST_USE), users::Column::ExpiresOn);
    let told = Query::select()
        .expr(Expr::val(1))
        .from(notices::Entity)
        .and_where(
            Expr::col((notices::Entity, notices::Column::UserId))
                .equals((users::Entity, users::Column::Id)),
        )
        .and_where(notices::Column::CreatedAt.gt(which.not_told_since.millis()))
        .and_where(notices::Column::Kind.eq(NoticeKind::AccountUnused.as_str()))
        .to_owned();
    let find = users::Entity::find()
        .filter(Expr::cust(IN_USE))
        .filter(last_use.clone().lt(which.before.millis()))
        .filter(Condition::any().add(ends.is_null()).add(ends.gte(which.today.to_iso())))
        .filter(Expr::exists(told).not());
    batch(find, last_use, after.map(|(at, user)| (at.millis().into(), user)))
}

fn invited(before: Timestamp, after: Option<Lapsed>) -> Select<users::Entity> {
    let at = users::Column::CreatedAt;
    let find = users::Entity::find().filter(Expr::cust(INVITED)).filter(at.lt(before.millis()));
    batch(find, Expr::col(at), after.map(|(at, user)| (at.millis().into(), user)))
}

fn to_erase(before: Timestamp, after: Option<Lapsed>) -> Select<users::Entity> {
    let at = users::Column::DeletedAt;
    let find = users::Entity::find()
        .filter(at.lt(before.millis()))
        .filter(at.is_not_null())
        .filter(users::Column::PhoneKey.is_not_null());
    batch(find, Expr::col(at), after.map(|(at, user)| (at.millis().into(), user)))
}

/// A batch in the order of a key and the id, beginning behind a position.
fn batch(
    find: Select<users::Entity>,
    key: SimpleExpr,
    after: Option<(Value, UserId)>,
) -> Select<users::Entity> {
    let id = users::Column::Id;
    let mut find = find.select_only().column_as(key.clone(), "lapse_key").column(id);
    if let Some((at, user)) = after {
        // The first of the two is what the index is entered by.
        let tie = Expr::col((users::Entity, id)).gt(user.0);
        find = find.filter(key.clone().gte(at.clone())).filter(key.clone().gt(at).or(tie));
    }
    find.order_by_asc(key).order_by_asc(id).limit(BATCH)
}

#[cfg(test)]
mod tests {
    use migrations::MigratorTrait as _;
    use sea_orm::{
        ConnectOptions, ConnectionTrait as _, Database, DbBackend, QueryTrait as _, Statement,
    };

    use super::*;

    #[test]
    fn the_words_of_the_indexes_are_those_of_the_rules() {
        assert!(IN_USE.ends_with(&format!("'{}'", UserStatus::Active.as_str())));
        assert!(INVITED.ends_with(&format!("'{}'", UserStatus::Invited.as_str())));
    }

    #[tokio::test]
    async fn no_list_of_those_who_lapse_reads_everybody_or_sorts() {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1);
        let database = Database::connect(options).await.unwrap();
        migrations::Migrator::up(&database, None).await.unwrap();
        let day = |day: &str| ExpirationDate::from_iso(day).unwrap();
        let (at, user) = (Timestamp::from_millis(7), UserId(Uuid::nil()));
        let which = UnusedSearch { before: at, not_told_since: at, today: day("2026-11-21") };
        let span = (day("2026-11-21"), day("2026-12-21"));
        let ended = Some((day("2026-11-22"), user));
        for (name, find) in [
            ("users_by_last_day", ending(span, None)),
            ("users_by_last_day", ending(span, ended)),
            ("users_by_last_day", ended_before(span.0, None)),
            ("users_by_last_day", ended_before(span.0, ended)),
            ("users_by_last_use", unused(which, None)),
            ("users_by_last_use", unused(which, Some((at, user)))),
            ("users_by_invitation", invited(at, None)),
            ("users_by_invitation", invited(at, Some((at, user)))),
            ("users_by_deletion", to_erase(at, None)),
            ("users_by_deletion", to_erase(at, Some((at, user)))),
        ] {
            let query = find.build(DbBackend::Sqlite);
            let sql = format!("EXPLAIN QUERY PLAN {}", query.sql);
            let explain =
                Statement::from_sql_and_values(DbBackend::Sqlite, sql, query.values.unwrap().0);
            let rows = database.query_all_raw(explain).await.unwrap();
            let steps = rows.iter().map(|row| row.try_get::<String>("", "detail").unwrap());
            let plan = steps.collect::<Vec<_>>().join("; ");
            assert!(plan.starts_with("SEARCH users USING"), "{plan}");
            assert!(plan.contains(name), "{plan}");
            assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
