//! Which versions of the terms of use a person acknowledged, and of which the person was told (O16).

use portal_core::{
    Timestamp,
    id::UserId,
    terms::{Acknowledgement, Acknowledgements, Document, Version},
};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select, sea_query::Expr,
};
use uuid::Uuid;

use crate::{StorageError, Store, Transaction, entity::users, guarded};

/// Most people in one go.
const BATCH: u64 = 200;

/// The columns of a document: the version that was acknowledged, when, and the newest of which the person knows.
const fn columns(document: Document) -> (users::Column, users::Column, users::Column) {
    use users::Column as C;
    match document {
        Document::EndUsers => (C::TermsVersion, C::TermsAcceptedAt, C::TermsToldVersion),
        Document::Administrators => (
            C::AdministratorTermsVersion,
            C::AdministratorTermsAcceptedAt,
            C::AdministratorTermsToldVersion,
        ),
    }
}

/// What a row says.
pub(crate) fn acknowledgements(row: &users::Model) -> Acknowledgements {
    let one = |version: &Option<String>, at: Option<i64>| {
        let (version, at) = (version.clone()?, Timestamp::from_millis(at?));
        Some(Acknowledgement { version, at })
    };
    Acknowledgements {
        end_users: one(&row.terms_version, row.terms_accepted_at),
        administrators: one(&row.administrator_terms_version, row.administrator_terms_accepted_at),
    }
}

impl Store {
    /// People who acknowledged a document, and do not know of this version yet. A batch; whoever is told is not in the
    /// next one.
    pub async fn list_people_untold(
        &self,
        document: Document,
        version: &Version,
    ) -> Result<Vec<UserId>, StorageError> {
        let ids: Vec<Uuid> = untold(document, version).into_tuple().all(self.connection()).await?;
        Ok(ids.into_iter().map(UserId).collect())
    }
}

impl Transaction {
    /// Notes that a person acknowledges a version of a document. `false` when it was done before, for this version or a
    /// newer one.
    pub async fn acknowledge_terms(
        &self,
        user: UserId,
        (document, version): (Document, &Version),
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let (acknowledged, at, told) = columns(document);
        let is_new =
            Condition::any().add(acknowledged.is_null()).add(acknowledged.lt(version.as_str()));
        let update = users::Entity::update_many()
            .col_expr(acknowledged, Expr::value(version.as_str()))
            .col_expr(at, Expr::value(now.millis()))
            .col_expr(told, Expr::value(version.as_str()))
            .filter(users::Column::Id.eq(user.0))
            .filter(is_new);
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Notes that people know of a version. Returns those of them who did not before: of two nodes, one tells them.
    pub async fn note_told_of_terms(
        &self,
        people: &[UserId],
        (document, version): (Document, &Version),
    ) -> Result<Vec<UserId>, StorageError> {
        let (_, _, told) = columns(document);
        let rows = users::Entity::update_many()
            .col_expr(told, Expr::value(version.as_str()))
            .filter(users::Column::Id.is_in(people.iter().map(|user| user.0)))
            .filter(told.lt(version.as_str()))
            .exec_with_returning(self.connection())
            .await?;
        Ok(rows.into_iter().map(|row| UserId(row.id)).collect())
    }
}

/// The index of each document holds whoever knows of any version of it.
fn untold(document: Document, version: &Version) -> Select<users::Entity> {
    let (_, _, told) = columns(document);
    users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .filter(told.lt(version.as_str()))
        .order_by_asc(told)
        .order_by_asc(users::Column::Id)
        .limit(BATCH)
}

#[cfg(test)]
mod tests {
    use migrations::MigratorTrait as _;
    use sea_orm::{
        ConnectOptions, ConnectionTrait as _, Database, DbBackend, QueryTrait as _, Statement,
    };

    use super::*;

    #[tokio::test]
    async fn whoever_is_to_be_told_is_found_without_a_look_at_everybody() {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1);
        let database = Database::connect(options).await.unwrap();
        migrations::Migrator::up(&database, None).await.unwrap();
        for (document, index) in [
            (Document::EndUsers, "users_told_of_terms"),
            (Document::Administrators, "users_told_of_administrator_terms"),
        ] {
            let query = untold(document, &Version::of_text()).build(DbBackend::Sqlite);
            let sql = format!("EXPLAIN QUERY PLAN {}", query.sql);
            let explain =
                Statement::from_sql_and_values(DbBackend::Sqlite, sql, query.values.unwrap().0);
            let rows = database.query_all_raw(explain).await.unwrap();
            let steps = rows.iter().map(|row| row.try_get::<String>("", "detail").unwrap());
            let plan = steps.collect::<Vec<_>>().join("; ");
            assert!(plan.starts_with("SEARCH users USING") && plan.contains(index), "{plan}");
            assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
