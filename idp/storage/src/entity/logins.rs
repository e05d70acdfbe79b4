//! Table `logins`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "logins")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id_digest: Vec<u8>,
    pub browser_digest: Vec<u8>,
    pub user_id: Uuid,
    pub email: String,
    pub target: String,
    pub channel: String,
    pub code_mac: Vec<u8>,
    pub code_sent_at: i64,
    pub tries: i32,
    pub outcome: Option<String>,
    pub ended_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
