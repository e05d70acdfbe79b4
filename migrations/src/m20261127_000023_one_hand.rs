//! Access that one person alone gave (O8, E54): a report of its own, so that it is found without reading the trail.

use sea_orm_migration::{prelude::*, sea_orm::TransactionTrait as _};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The level is that of the moment, as in the audit trail: no key leads to it, since levels are deleted.
fn one_hand_assignments() -> TableCreateStatement {
    Table::create()
        .table("one_hand_assignments")
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("group_id").uuid().not_null())
        .col(ColumnDef::new("given_at").big_integer().not_null())
        .col(ColumnDef::new("given_by").uuid().not_null())
        .col(ColumnDef::new("kind").string_len(255).not_null())
        .col(ColumnDef::new("application_id").uuid().not_null())
        .col(ColumnDef::new("level_id").uuid().not_null())
        .col(ColumnDef::new("valid_until").string_len(255).null())
        .primary_key(Index::create().col("user_id").col("group_id").col("given_at"))
        .foreign_key(ForeignKey::create().from("one_hand_assignments", "user_id").to("users", "id"))
        .foreign_key(
            ForeignKey::create().from("one_hand_assignments", "group_id").to("access_groups", "id"),
        )
        .to_owned()
}

/// What the report is read by, newest first: all of it, of a level, of an application.
const INDEXES: [(&str, &[&str]); 3] = [
    ("one_hand_assignments_given_at", &["given_at", "user_id", "group_id"]),
    ("one_hand_assignments_level_id", &["level_id", "given_at", "user_id", "group_id"]),
    ("one_hand_assignments_application_id", &["application_id", "given_at", "user_id", "group_id"]),
];

/// What administrators gave themselves before there was this table, from what is held and what was. A last day that
/// somebody brought forward for oneself looks alike there, and is taken along. What administrators gave to accounts of
/// their own making is not: whether four eyes were asked for then is not known.
const BEFORE: [&str; 2] = ["memberships", "former_memberships"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(one_hand_assignments()).await?;
        for (name, columns) in INDEXES {
            let mut index = Index::create();
            index.name(name).table("one_hand_assignments");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        // One connection, so that on SQLite each statement finds what the one before it left.
        let filling = manager.get_connection().begin().await?;
        for table in BEFORE {
            filling.execute_unprepared(&fill_from(table)).await?;
        }
        filling.commit().await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("one_hand_assignments").to_owned()).await
    }
}

fn fill_from(table: &str) -> String {
    format!(
        "INSERT INTO one_hand_assignments \
           (user_id, group_id, given_at, given_by, kind, application_id, level_id, valid_until) \
         SELECT held.user_id, held.group_id, held.assigned_at, held.assigned_by, 'to-oneself', \
                access_groups.application_id, users.level_id, held.valid_until \
         FROM {table} AS held \
         JOIN access_groups ON access_groups.id = held.group_id \
         JOIN users ON users.id = held.user_id \
         WHERE held.assigned_by = held.user_id \
         ON CONFLICT DO NOTHING"
    )
}
