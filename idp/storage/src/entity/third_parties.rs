//! Table `third_parties`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "third_parties")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub legal_name: String,
    pub country: String,
    pub lei: Option<String>,
    pub kind: String,
    pub administration: String,
    pub status: String,
    pub created_at: i64,
    pub barred_at: Option<i64>,
    pub version: i64,
    pub forbids_self_assignment: bool,
    pub confirms_administrators: bool,
    pub successor_id: Option<Uuid>,
    pub legal_name_key: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
