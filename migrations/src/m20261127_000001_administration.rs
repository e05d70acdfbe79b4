//! What delegated administration keeps: keys to search and sort people by, ends and dormancy of access (I28), what
//! was held before, when a third party was barred, notices, one-time links.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Columns of `users` that lists are searched and sorted by.
const KEYS: [&str; 3] = ["first_name_key", "last_name_key", "email_key"];

fn added_columns() -> Vec<TableAlterStatement> {
    let instant = |name: &'static str| ColumnDef::new(name).big_integer().null().to_owned();
    let flag =
        |name: &'static str| ColumnDef::new(name).boolean().not_null().default(false).to_owned();
    let count =
        |name: &'static str| ColumnDef::new(name).big_integer().not_null().default(0).to_owned();
    let key =
        |name: &'static str| ColumnDef::new(name).string_len(255).not_null().default("").to_owned();
    let digest = |name: &'static str| ColumnDef::new(name).binary().null().to_owned();
    let added: [(&'static str, Vec<ColumnDef>); 5] = [
        (
            "users",
            vec![
                key("first_name_key"),
                key("last_name_key"),
                digest("phone_key"),
                digest("phone_tail_key"),
                instant("email_replaced_at"),
                instant("phone_replaced_at"),
                ColumnDef::new("sign_in_data_replaced_by").uuid().null().to_owned(),
                count("access_version"),
                ColumnDef::new("terms_version").string_len(255).null().to_owned(),
                instant("terms_accepted_at"),
                instant("deleted_at"),
            ],
        ),
        (
            "memberships",
            vec![
                ColumnDef::new("valid_until").string_len(255).null().to_owned(),
                instant("dormant_at"),
            ],
        ),
        (
            "delegated_roles",
            vec![instant("dormant_at"), ColumnDef::new("nomination_id").uuid().null().to_owned()],
        ),
        (
            "third_parties",
            vec![
                instant("barred_at"),
                count("version"),
                flag("forbids_self_assignment"),
                flag("confirms_administrators"),
                ColumnDef::new("successor_id").uuid().null().to_owned(),
            ],
        ),
        (
            "applications",
            vec![ColumnDef::new("review_months").integer().not_null().default(12).to_owned()],
        ),
    ];
    // SQLite adds one column a statement.
    added
        .into_iter()
        .flat_map(|(table, columns)| {
            columns
                .into_iter()
                .map(move |column| Table::alter().table(table).add_column(column).to_owned())
        })
        .collect()
}

/// Memberships and delegated roles that have ended, with who began and who ended them: "who could, on a day".
fn former_memberships() -> TableCreateStatement {
    Table::create()
        .table("former_memberships")
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("group_id").uuid().not_null())
        .col(ColumnDef::new("assigned_by").uuid().null())
        .col(ColumnDef::new("assigned_at").big_integer().not_null())
        .col(ColumnDef::new("valid_until").string_len(255).null())
        .col(ColumnDef::new("removed_by").uuid().null())
        .col(ColumnDef::new("removed_at").big_integer().not_null())
        .primary_key(Index::create().col("id"))
        .foreign_key(ForeignKey::create().from("former_memberships", "user_id").to("users", "id"))
        .foreign_key(
            ForeignKey::create().from("former_memberships", "group_id").to("access_groups", "id"),
        )
        .to_owned()
}

fn former_roles() -> TableCreateStatement {
    Table::create()
        .table("former_roles")
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("kind").string_len(255).not_null())
        .col(ColumnDef::new("level_id").uuid().not_null())
        .col(ColumnDef::new("application_id").uuid().null())
        .col(ColumnDef::new("granted_by").uuid().null())
        .col(ColumnDef::new("granted_at").big_integer().not_null())
        .col(ColumnDef::new("source").string_len(255).not_null())
        .col(ColumnDef::new("nomination_id").uuid().null())
        .col(ColumnDef::new("revoked_by").uuid().null())
        .col(ColumnDef::new("revoked_at").big_integer().not_null())
        .primary_key(Index::create().col("id"))
        .foreign_key(ForeignKey::create().from("former_roles", "user_id").to("users", "id"))
        .to_owned()
}

/// What a person is told, in the portal and by mail.
fn notices() -> TableCreateStatement {
    Table::create()
        .table("notices")
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("kind").string_len(255).not_null())
        .col(ColumnDef::new("facts").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("read_at").big_integer().null())
        .col(ColumnDef::new("mail_to").string_len(255).null())
        .col(ColumnDef::new("mail_due_at").big_integer().null())
        .col(ColumnDef::new("mail_tries").integer().not_null().default(0))
        .col(ColumnDef::new("mailed_at").big_integer().null())
        .primary_key(Index::create().col("id"))
        .foreign_key(ForeignKey::create().from("notices", "user_id").to("users", "id"))
        .to_owned()
}

/// Links that somebody got by mail, each good once.
fn one_time_links() -> TableCreateStatement {
    Table::create()
        .table("one_time_links")
        .col(ColumnDef::new("link_digest").binary().not_null())
        .col(ColumnDef::new("purpose").string_len(255).not_null())
        .col(ColumnDef::new("subject_id").uuid().not_null())
        .col(ColumnDef::new("detail").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .col(ColumnDef::new("used_at").big_integer().null())
        .primary_key(Index::create().col("link_digest"))
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
        let mut index = Index::create();
        index.name(name).table(table);
        for column in columns {
            index.col(*column);
        }
        index
    };
    let mut all = vec![
        index("users_phone_key", "users", &["phone_key"]),
        index("users_phone_tail_key", "users", &["phone_tail_key"]),
        index("former_memberships_user_id", "former_memberships", &["user_id"]),
        index("former_memberships_group_id", "former_memberships", &["group_id", "removed_at"]),
        index("former_roles_user_id", "former_roles", &["user_id"]),
        index("former_roles_level_id", "former_roles", &["level_id", "revoked_at"]),
        index("notices_user_id", "notices", &["user_id", "created_at"]),
        index("notices_mail_due_at", "notices", &["mail_due_at"]),
        index("one_time_links_subject_id", "one_time_links", &["subject_id"]),
        index("memberships_valid_until", "memberships", &["valid_until"]),
        index("levels_third_party_id", "levels", &["third_party_id"]),
        index("delegated_roles_application_id", "delegated_roles", &["application_id"]),
    ];
    for (key, by_level, by_key) in [
        ("first_name_key", "users_level_id_first_name_key", "users_first_name_key"),
        ("last_name_key", "users_level_id_last_name_key", "users_last_name_key"),
        ("email_key", "users_level_id_email_key", "users_email_key_id"),
    ] {
        all.push(index(by_level, "users", &["level_id", key, "id"]));
        all.push(index(by_key, "users", &[key, "id"]));
    }
    all
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for change in added_columns() {
            manager.alter_table(change).await?;
        }
        for table in [former_memberships(), former_roles(), notices(), one_time_links()] {
            manager.create_table(table).await?;
        }
        // Pages are keyed by these: they are compared byte by byte, as SQLite does anyway.
        if manager.get_database_backend() == DbBackend::Postgres {
            for key in KEYS {
                let change = format!(
                    r#"ALTER TABLE users ALTER COLUMN {key} TYPE varchar(255) COLLATE "C""#
                );
                manager.get_connection().execute_unprepared(&change).await?;
            }
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["one_time_links", "notices", "former_roles", "former_memberships"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
