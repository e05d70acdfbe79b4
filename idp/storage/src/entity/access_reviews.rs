//! Table `access_reviews`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_reviews")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub third_party_id: Uuid,
    pub level_id: Uuid,
    pub application_id: Uuid,
    pub state: String,
    pub open_key: Option<String>,
    pub begun_at: i64,
    pub begun_by: Option<Uuid>,
    pub due_at: i64,
    pub reminded: i32,
    pub signed_off_at: Option<i64>,
    pub signed_off_by: Option<Uuid>,
    pub digest: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
