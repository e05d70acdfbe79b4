//! Table `users`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub email_key: String,
    pub phone_sealed: Vec<u8>,
    pub phone_verified_at: Option<i64>,
    pub default_channel: String,
    pub password_hash: Option<String>,
    pub credentials_changed_at: i64,
    pub level_id: Uuid,
    pub subsidiary_id: Option<Uuid>,
    pub company_id: Option<String>,
    pub expires_on: Option<String>,
    pub self_registered: bool,
    pub status: String,
    pub locale: String,
    pub created_by: Option<Uuid>,
    pub created_at: i64,
    pub last_login_at: Option<i64>,
    pub version: i64,
    pub first_name_key: String,
    pub last_name_key: String,
    pub phone_key: Option<Vec<u8>>,
    pub phone_tail_key: Option<Vec<u8>>,
    pub email_replaced_at: Option<i64>,
    pub phone_replaced_at: Option<i64>,
    pub email_replaced_by: Option<Uuid>,
    pub phone_replaced_by: Option<Uuid>,
    pub taken_over_by: Option<String>,
    pub access_version: i64,
    pub terms_version: Option<String>,
    pub terms_accepted_at: Option<i64>,
    pub deleted_at: Option<i64>,
    pub terms_told_version: Option<String>,
    pub administrator_terms_version: Option<String>,
    pub administrator_terms_accepted_at: Option<i64>,
    pub administrator_terms_told_version: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
