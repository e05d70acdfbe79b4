//! Access reviews with the memberships that they are about.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// `open_key` names level and application until the review is signed off or lapses: one at a time.
fn access_reviews() -> TableCreateStatement {
    Table::create()
        .table("access_reviews")
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("third_party_id").uuid().not_null())
        .col(ColumnDef::new("level_id").uuid().not_null())
        .col(ColumnDef::new("application_id").uuid().not_null())
        .col(ColumnDef::new("state").string_len(255).not_null())
        .col(ColumnDef::new("open_key").string_len(255).null())
        .col(ColumnDef::new("begun_at").big_integer().not_null())
        .col(ColumnDef::new("begun_by").uuid().null())
        .col(ColumnDef::new("due_at").big_integer().not_null())
        .col(ColumnDef::new("reminded").integer().not_null().default(0))
        .col(ColumnDef::new("signed_off_at").big_integer().null())
        .col(ColumnDef::new("signed_off_by").uuid().null())
        .col(ColumnDef::new("digest").string_len(255).null())
        .primary_key(Index::create().col("id"))
        .foreign_key(
            ForeignKey::create().from("access_reviews", "third_party_id").to("third_parties", "id"),
        )
        .foreign_key(ForeignKey::create().from("access_reviews", "level_id").to("levels", "id"))
        .foreign_key(
            ForeignKey::create().from("access_reviews", "application_id").to("applications", "id"),
        )
        .to_owned()
}

/// The snapshot: names as they were, in the order in which they are shown.
fn access_review_items() -> TableCreateStatement {
    Table::create()
        .table("access_review_items")
        .col(ColumnDef::new("review_id").uuid().not_null())
        .col(ColumnDef::new("position").integer().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("group_id").uuid().not_null())
        .col(ColumnDef::new("person").text().not_null())
        .col(ColumnDef::new("email").string_len(255).not_null())
        .col(ColumnDef::new("search_key").text().not_null())
        .col(ColumnDef::new("group_name").string_len(255).not_null())
        .col(ColumnDef::new("assigned_by").uuid().null())
        .col(ColumnDef::new("assigned_at").big_integer().not_null())
        .col(ColumnDef::new("valid_until").string_len(255).null())
        .col(ColumnDef::new("last_login_at").big_integer().null())
        .col(ColumnDef::new("decision").string_len(255).null())
        .col(ColumnDef::new("decided_by").uuid().null())
        .col(ColumnDef::new("decided_at").big_integer().null())
        .primary_key(Index::create().col("review_id").col("position"))
        .foreign_key(
            ForeignKey::create()
                .from("access_review_items", "review_id")
                .to("access_reviews", "id"),
        )
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(access_reviews()).await?;
        manager.create_table(access_review_items()).await?;
        let mut open = Index::create();
        open.name("access_reviews_open_key").table("access_reviews").col("open_key").unique();
        manager.create_index(open).await?;
        let mut last = Index::create();
        last.name("access_reviews_third_party_id").table("access_reviews");
        last.col("third_party_id").col("application_id").col("begun_at");
        manager.create_index(last).await?;
        let mut due = Index::create();
        due.name("access_reviews_state").table("access_reviews").col("state").col("due_at");
        manager.create_index(due).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("access_review_items").to_owned()).await?;
        manager.drop_table(Table::drop().table("access_reviews").to_owned()).await
    }
}
