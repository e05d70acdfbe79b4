//! Table `former_roles`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "former_roles")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub kind: String,
    pub level_id: Uuid,
    pub application_id: Option<Uuid>,
    pub granted_by: Option<Uuid>,
    pub granted_at: i64,
    pub source: String,
    pub nomination_id: Option<Uuid>,
    pub revoked_by: Option<Uuid>,
    pub revoked_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
