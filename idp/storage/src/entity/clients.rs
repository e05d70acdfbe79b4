//! Table `clients`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "clients")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub application_id: Option<Uuid>,
    pub auth_method: String,
    pub secret_digests: String,
    pub redirect_uris: String,
    pub post_logout_redirect_uris: String,
    pub initiate_login_uri: Option<String>,
    pub grant_types: String,
    pub scopes: String,
    pub first_party: bool,
    pub enabled: bool,
    pub id_token_alg: String,
    pub extra_claims: String,
    pub created_at: i64,
    pub details: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
