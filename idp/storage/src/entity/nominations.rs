//! Table `nominations`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "nominations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub third_party_id: Uuid,
    pub status: String,
    pub signatory_name: String,
    pub signatory_function: String,
    pub signatory_email: String,
    pub signatory_locale: String,
    pub applications: String,
    pub filed_by: Option<Uuid>,
    pub on_paper: bool,
    pub reviewed_by: Option<Uuid>,
    pub remark: Option<String>,
    pub draft_sealed: Option<Vec<u8>>,
    pub created_at: i64,
    pub submitted_at: Option<i64>,
    pub decided_at: Option<i64>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
