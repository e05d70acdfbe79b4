//! Table `unfinished_turns`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unfinished_turns")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub third_party_id: Uuid,
    pub status: String,
    pub reason: String,
    pub begun_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
