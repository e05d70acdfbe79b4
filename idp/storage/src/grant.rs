//! Grants: what a person gave to a client; each is the family of all tokens that came from one code.

use oidc_core::{
    claims::Authentication, requested_claims::RequestedClaims, scope::Scope, token::Grant,
};
use portal_core::{
    Timestamp,
    id::{ApplicationId, UserId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _,
    QueryTrait as _, sea_query::Expr,
};
use serde::{Deserialize, Serialize};

use crate::{
    StorageError, Store, Transaction,
    entity::{clients, grants},
    guarded, stored_list,
};

/// A grant with the person and the sign-in behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredGrant {
    /// What was granted.
    pub grant: Grant,
    /// By whom.
    pub user_id: UserId,
    /// How that person had signed in.
    pub authentication: Authentication,
    /// When.
    pub created_at: Timestamp,
}

impl Store {
    /// A grant, also one that was revoked or is over.
    pub async fn find_grant(&self, id: &str) -> Result<Option<StoredGrant>, StorageError> {
        let row = grants::Entity::find_by_id(id).one(self.connection()).await?;
        row.map(into_grant).transpose()
    }
}

impl Transaction {
    /// Stores a new grant.
    pub async fn insert_grant(&self, new: &StoredGrant) -> Result<(), StorageError> {
        let authentication = &new.authentication;
        let row = grants::ActiveModel {
            id: Set(new.grant.id.clone()),
            client_id: Set(new.grant.client_id.clone()),
            user_id: Set(new.user_id.0),
            session_sid: Set(authentication.sid.clone()),
            scope: Set(new.grant.scope.to_string()),
            auth_time: Set(authentication.auth_time),
            acr: Set(authentication.acr.clone()),
            amr: Set(stored_list::write(&authentication.amr)?),
            created_at: Set(new.created_at.millis()),
            expires_at: Set(new.grant.expires_at),
            revoked_at: Set(new.grant.revoked_at),
            details: Set(GrantDetails::of(&new.grant).write()?),
        };
        grants::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Revokes a grant and with it all its tokens. `false` when it was revoked before.
    pub async fn revoke_grant(&self, id: &str, now: Timestamp) -> Result<bool, StorageError> {
        let update = grants::Entity::update_many()
            .col_expr(grants::Column::RevokedAt, Expr::value(now.millis()))
            .filter(grants::Column::Id.eq(id))
            .filter(grants::Column::RevokedAt.is_null());
        Ok(guarded::take(self, update).await?.is_some())
    }

    /// Revokes every grant to the clients of an application, as [`Transaction::revoke_grant`] does.
    pub async fn revoke_grants_of_application(
        &self,
        application: ApplicationId,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let clients = clients::Entity::find()
            .select_only()
            .column(clients::Column::Id)
            .filter(clients::Column::ApplicationId.eq(application.0))
            .into_query();
        self.revoke_grants(grants::Column::ClientId.in_subquery(clients), now).await
    }

    /// Revokes every grant of this kind.
    pub(crate) async fn revoke_grants(
        &self,
        which: Expr,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        grants::Entity::update_many()
            .col_expr(grants::Column::RevokedAt, Expr::value(now.millis()))
            .filter(which)
            .filter(grants::Column::RevokedAt.is_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }
}

/// The column `details`. A member that is missing means nothing, so that older rows stay readable.
#[derive(Debug, Default, Serialize, Deserialize)]
struct GrantDetails {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claims: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    resources: Vec<String>,
}

impl GrantDetails {
    fn of(grant: &Grant) -> Self {
        Self {
            claims: (!grant.claims.is_empty()).then(|| grant.claims.to_value()),
            resources: grant.resources.clone(),
        }
    }

    fn write(&self) -> Result<String, StorageError> {
        serde_json::to_string(self).map_err(|_| StorageError::Corrupt("grant details"))
    }

    fn read(text: &str) -> Result<Self, StorageError> {
        serde_json::from_str(text).map_err(|_| StorageError::Corrupt("grant details"))
    }

    fn claims(&self) -> Result<RequestedClaims, StorageError> {
        self.claims.as_ref().map_or(Ok(RequestedClaims::default()), |claims| {
            RequestedClaims::from_value(claims).ok_or(StorageError::Corrupt("requested claims"))
        })
    }
}

fn into_grant(row: grants::Model) -> Result<StoredGrant, StorageError> {
    let details = GrantDetails::read(&row.details)?;
    Ok(StoredGrant {
        grant: Grant {
            id: row.id,
            client_id: row.client_id,
            scope: read_scope(&row.scope),
            claims: details.claims()?,
            resources: details.resources,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        },
        user_id: UserId(row.user_id),
        authentication: Authentication {
            sid: row.session_sid,
            auth_time: row.auth_time,
            acr: row.acr,
            amr: stored_list::read(&row.amr, "amr")?,
        },
        created_at: Timestamp::from_millis(row.created_at),
    })
}

fn read_scope(text: &str) -> Scope {
    Scope::from_names(text.split(' ').filter(|name| !name.is_empty()))
}
