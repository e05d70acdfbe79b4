//! Consents: what a person allows a client until further notice (OpenID Connect Core 3.1.2.4, 11).

use oidc_core::{consent::Allowance, scope::Scope};
use portal_core::{Timestamp, id::UserId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select, UpdateMany, sea_query::Expr,
};

use crate::{
    StorageError, Store, Transaction,
    entity::{clients, consents, grants},
    guarded, stored_list,
};

/// A consent as its giver sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// To whom it was given.
    pub client_id: String,
    /// What is allowed.
    pub allowance: Allowance,
    /// When it was last given or widened.
    pub granted_at: Timestamp,
    /// When the client last had a code by it.
    pub used_at: Option<Timestamp>,
}

/// What was taken back with a consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedConsent {
    /// What was allowed until now.
    pub allowance: Allowance,
    /// Number of grants that ended.
    pub grants: u64,
    /// Number of sessions that the client is told to end.
    pub told: u64,
}

impl Store {
    /// What a person allows a client now.
    pub async fn find_consent(
        &self,
        user: UserId,
        client_id: &str,
    ) -> Result<Option<Consent>, StorageError> {
        let row = living(user)
            .filter(consents::Column::ClientId.eq(client_id))
            .one(self.connection())
            .await?;
        row.map(into_consent).transpose()
    }

    /// Everything that a person allows now, with the names of the clients, by name.
    pub async fn list_consents(
        &self,
        user: UserId,
    ) -> Result<Vec<(String, Consent)>, StorageError> {
        let rows = living(user).all(self.connection()).await?;
        let ids: Vec<&str> = rows.iter().map(|row| row.client_id.as_str()).collect();
        let names: Vec<(String, String)> = clients::Entity::find()
            .select_only()
            .column(clients::Column::Id)
            .column(clients::Column::Name)
            .filter(clients::Column::Id.is_in(ids))
            .order_by_asc(clients::Column::Name)
            .into_tuple()
            .all(self.connection())
            .await?;
        let mut rows = rows;
        let mut list = Vec::new();
        for (id, name) in names {
            if let Some(position) = rows.iter().position(|row| row.client_id == id) {
                list.push((name, into_consent(rows.swap_remove(position))?));
            }
        }
        Ok(list)
    }
}

impl Transaction {
    /// Adds to what a person allows a client. One row lives for each pair, however many answers come at once.
    /// Returns what is allowed now.
    pub async fn give_consent(
        &self,
        user: UserId,
        client_id: &str,
        allowed: &Allowance,
        now: Timestamp,
    ) -> Result<Allowance, StorageError> {
        self.ensure_consent_row(user, client_id, now).await?;
        let key = (user.0, client_id.to_owned());
        let mut find = consents::Entity::find_by_id(key);
        if self.locks_rows() {
            find = find.lock_exclusive();
        }
        let row = find.one(self.connection()).await?;
        let row = row.ok_or(StorageError::Corrupt("a consent is missing"))?;
        // What was taken back is not revived by a later, smaller answer.
        let before = match row.revoked_at {
            Some(_) => Allowance::default(),
            None => into_allowance(&row)?,
        };
        let after = before.with(allowed);
        let update = consents::ActiveModel {
            user_id: Set(row.user_id),
            client_id: Set(row.client_id),
            scope: Set(after.scope.to_string()),
            resources: Set(stored_list::write(&after.resources)?),
            granted_at: Set(now.millis()),
            revoked_at: Set(None),
            ..Default::default()
        };
        consents::Entity::update(update).exec(self.connection()).await?;
        Ok(after)
    }

    /// The row to be locked; a new one allows nothing yet.
    async fn ensure_consent_row(
        &self,
        user: UserId,
        client_id: &str,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let row = consents::ActiveModel {
            user_id: Set(user.0),
            client_id: Set(client_id.to_owned()),
            scope: Set(String::new()),
            resources: Set("[]".to_owned()),
            granted_at: Set(now.millis()),
            used_at: Set(None),
            revoked_at: Set(None),
        };
        consents::Entity::insert(row)
            .on_conflict_do_nothing_on([consents::Column::UserId, consents::Column::ClientId])
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    /// Uses a consent for a new grant, in the transaction that stores the grant. `false` when it does not cover what
    /// is asked, or was taken back in this very moment: then there is no grant that outlives it.
    pub async fn use_consent(
        &self,
        user: UserId,
        client_id: &str,
        asked: &Allowance,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let update = living_update(user, client_id).col_expr(consents::Column::UsedAt, millis(now));
        match guarded::take(self, update).await? {
            Some(row) => Ok(asked.beyond(&into_allowance(&row)?).is_empty()),
            None => Ok(false),
        }
    }

    /// Takes a consent back, once, and with it every grant that the person has given to the client: no token of them
    /// works any more, and the client is told to end its sessions. `None` when there was nothing to take back.
    pub async fn revoke_consent(
        &self,
        user: UserId,
        client_id: &str,
        now: Timestamp,
    ) -> Result<Option<RevokedConsent>, StorageError> {
        let update =
            living_update(user, client_id).col_expr(consents::Column::RevokedAt, millis(now));
        let Some(row) = guarded::take(self, update).await? else {
            return Ok(None);
        };
        let ended = grants::Entity::update_many()
            .col_expr(grants::Column::RevokedAt, millis(now))
            .filter(grants::Column::UserId.eq(user.0))
            .filter(grants::Column::ClientId.eq(client_id))
            .filter(grants::Column::RevokedAt.is_null())
            .exec(self.connection())
            .await?;
        let client = [client_id.to_owned()];
        let told = self.end_at_clients(user, &client, now).await?;
        Ok(Some(RevokedConsent {
            allowance: into_allowance(&row)?,
            grants: ended.rows_affected,
            told,
        }))
    }
}

fn living(user: UserId) -> Select<consents::Entity> {
    consents::Entity::find()
        .filter(consents::Column::UserId.eq(user.0))
        .filter(consents::Column::RevokedAt.is_null())
}

fn living_update(user: UserId, client_id: &str) -> UpdateMany<consents::Entity> {
    consents::Entity::update_many()
        .filter(consents::Column::UserId.eq(user.0))
        .filter(consents::Column::ClientId.eq(client_id))
        .filter(consents::Column::RevokedAt.is_null())
}

fn millis(at: Timestamp) -> Expr {
    Expr::value(at.millis())
}

fn into_consent(row: consents::Model) -> Result<Consent, StorageError> {
    Ok(Consent {
        allowance: into_allowance(&row)?,
        client_id: row.client_id,
        granted_at: Timestamp::from_millis(row.granted_at),
        used_at: row.used_at.map(Timestamp::from_millis),
    })
}

fn into_allowance(row: &consents::Model) -> Result<Allowance, StorageError> {
    Ok(Allowance {
        scope: Scope::from_names(row.scope.split(' ').filter(|name| !name.is_empty())),
        resources: stored_list::read(&row.resources, "resources of a consent")?,
    })
}
