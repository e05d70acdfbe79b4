//! Table `access_review_items`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_review_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub review_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    pub user_id: Uuid,
    pub group_id: Uuid,
    pub person: String,
    pub email: String,
    pub search_key: String,
    pub group_name: String,
    pub assigned_by: Option<Uuid>,
    pub assigned_at: i64,
    pub valid_until: Option<String>,
    pub last_login_at: Option<i64>,
    pub decision: Option<String>,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
