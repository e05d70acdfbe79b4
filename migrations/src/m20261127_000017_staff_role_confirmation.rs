//! A role of the staff that a person grants waits for a second one, and so does what whoever was given another address
//! and number holds (I28).

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn added() -> [TableAlterStatement; 2] {
    [
        Table::alter()
            .table("staff_roles")
            .add_column(ColumnDef::new("granted_by").uuid().null())
            .to_owned(),
        Table::alter()
            .table("staff_roles")
            .add_column(ColumnDef::new("dormant_at").big_integer().null())
            .to_owned(),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for change in added() {
            manager.alter_table(change).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["granted_by", "dormant_at"] {
            let drop = Table::alter().table("staff_roles").drop_column(column).to_owned();
            manager.alter_table(drop).await?;
        }
        Ok(())
    }
}
