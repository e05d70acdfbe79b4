//! Table `pending_requests`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pending_requests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id_digest: Vec<u8>,
    pub browser_digest: Vec<u8>,
    pub client_id: String,
    pub params: String,
    pub created_at: i64,
    pub expires_at: i64,
    pub completed_at: Option<i64>,
    pub pushed_digest: Option<Vec<u8>>,
    pub answered_by: Option<Uuid>,
    pub answered_at: Option<i64>,
    pub is_allowed: Option<bool>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
