//! Registered clients.

use oidc_core::{
    client::{AuthMethod, Client, ExtraClaims, GrantType, SigningAlg},
    scope::Scope,
};
use portal_core::Timestamp;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, FromQueryResult, JoinType, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, RelationDef, Select,
};

use uuid::Uuid;

use crate::{
    StorageError, Store, Transaction,
    client_details::ClientDetails,
    client_secret::StoredSecret,
    entity::{applications, clients},
    stored_list,
};

const COMPANY_ID: &str = "company_id";
const STAFF_ROLES: &str = "staff_roles";
const PROFILE_IN_ID_TOKEN: &str = "profile_in_id_token";

#[derive(FromQueryResult)]
struct ClientRow {
    #[sea_orm(nested)]
    client: clients::Model,
    application_code: Option<String>,
    application_enabled: Option<bool>,
}

impl Store {
    /// The client of that `client_id`. One whose application is disabled counts as disabled.
    pub async fn find_client(&self, id: &str) -> Result<Option<Client>, StorageError> {
        let row = with_application()
            .filter(clients::Column::Id.eq(id))
            .into_model::<ClientRow>()
            .one(self.connection())
            .await?;
        row.map(into_client).transpose()
    }

    /// All clients, by `client_id`.
    pub async fn list_clients(&self) -> Result<Vec<Client>, StorageError> {
        let rows = with_application()
            .order_by_asc(clients::Column::Id)
            .into_model::<ClientRow>()
            .all(self.connection())
            .await?;
        rows.into_iter().map(into_client).collect()
    }
}

impl Store {
    /// The clients of the application of that code, by `client_id`.
    pub async fn list_clients_of(&self, application: &str) -> Result<Vec<Client>, StorageError> {
        let rows = with_application()
            .filter(applications::Column::Code.eq(application))
            .order_by_asc(clients::Column::Id)
            .into_model::<ClientRow>()
            .all(self.connection())
            .await?;
        rows.into_iter().map(into_client).collect()
    }
}

/// Whose redirect URIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectUris {
    /// Of the clients that cannot keep a secret, such as programs in a browser.
    OfPublicClients,
    /// Of every client.
    OfAllClients,
}

impl Store {
    /// All redirect URIs that are registered for clients which are switched on.
    pub async fn list_redirect_uris(
        &self,
        whose: RedirectUris,
    ) -> Result<Vec<String>, StorageError> {
        let mut find = clients::Entity::find()
            .select_only()
            .column(clients::Column::RedirectUris)
            .filter(clients::Column::Enabled.eq(true));
        if whose == RedirectUris::OfPublicClients {
            find = find.filter(clients::Column::AuthMethod.eq(AuthMethod::None.as_str()));
        }
        let lists: Vec<String> = find.into_tuple().all(self.connection()).await?;
        let mut uris = Vec::new();
        for list in lists {
            uris.extend(stored_list::read::<String>(&list, "redirect URIs")?);
        }
        Ok(uris)
    }
}

impl Transaction {
    /// Registers a client.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when the `client_id` is taken, or no application has the client's code.
    pub async fn insert_client(&self, new: &Client, now: Timestamp) -> Result<(), StorageError> {
        let row = clients::ActiveModel {
            application_id: Set(self.application_of(new).await?),
            created_at: Set(now.millis()),
            ..from_client(new)?
        };
        clients::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Replaces everything that a client registered, its secrets too. `false` when there is no such client in
    /// service: an update never brings a disabled one back.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when no application has the client's code.
    pub async fn update_client(&self, client: &Client) -> Result<bool, StorageError> {
        let row = clients::ActiveModel {
            application_id: Set(self.application_of(client).await?),
            enabled: NotSet,
            ..from_client(client)?
        };
        let updated = clients::Entity::update_many()
            .set(row)
            .filter(clients::Column::Id.eq(&client.id))
            .filter(clients::Column::Enabled.eq(true))
            .exec(self.connection())
            .await?;
        Ok(updated.rows_affected == 1)
    }

    async fn application_of(&self, client: &Client) -> Result<Option<Uuid>, StorageError> {
        let Some(code) = &client.application else {
            return Ok(None);
        };
        let row = applications::Entity::find()
            .filter(applications::Column::Code.eq(code))
            .one(self.connection())
            .await?;
        let missing = || StorageError::Conflict(format!("no application {code}"));
        Ok(Some(row.ok_or_else(missing)?.id))
    }
}

fn with_application() -> Select<clients::Entity> {
    let application: RelationDef = clients::Entity::belongs_to(applications::Entity)
        .from(clients::Column::ApplicationId)
        .to(applications::Column::Id)
        .into();
    clients::Entity::find()
        .join(JoinType::LeftJoin, application)
        .column_as(applications::Column::Code, "application_code")
        .column_as(applications::Column::Enabled, "application_enabled")
}

fn from_client(client: &Client) -> Result<clients::ActiveModel, StorageError> {
    let secrets: Vec<StoredSecret> = client.secrets.iter().map(StoredSecret::of).collect();
    let grant_types: Vec<&str> = client.grant_types.iter().map(|g| g.as_str()).collect();
    let scopes: Vec<&str> = client.scopes.names().collect();
    Ok(clients::ActiveModel {
        id: Set(client.id.clone()),
        name: Set(client.name.clone()),
        auth_method: Set(client.auth_method.as_str().to_owned()),
        secret_digests: Set(stored_list::write(&secrets)?),
        redirect_uris: Set(stored_list::write(&client.redirect_uris)?),
        post_logout_redirect_uris: Set(stored_list::write(&client.post_logout_redirect_uris)?),
        initiate_login_uri: Set(client.initiate_login_uri.clone()),
        grant_types: Set(stored_list::write(&grant_types)?),
        scopes: Set(stored_list::write(&scopes)?),
        first_party: Set(client.first_party),
        enabled: Set(client.enabled),
        id_token_alg: Set(client.id_token_alg.as_str().to_owned()),
        extra_claims: Set(stored_list::write(&names_of(client.extra_claims))?),
        details: Set(ClientDetails::of(client).write()?),
        ..Default::default()
    })
}

fn into_client(row: ClientRow) -> Result<Client, StorageError> {
    let application_is_enabled = row.application_enabled.unwrap_or(true);
    let row_client = row.client;
    let secrets: Vec<StoredSecret> =
        stored_list::read(&row_client.secret_digests, "client secrets")?;
    let grant_types: Vec<String> = stored_list::read(&row_client.grant_types, "grant types")?;
    let scopes: Vec<String> = stored_list::read(&row_client.scopes, "scopes")?;
    let corrupt = StorageError::Corrupt;
    let client = Client {
        application: row.application_code,
        auth_method: AuthMethod::parse(&row_client.auth_method).ok_or(corrupt("auth method"))?,
        secrets: secrets
            .iter()
            .map(|secret| secret.read().ok_or(corrupt("client secret")))
            .collect::<Result<_, _>>()?,
        redirect_uris: stored_list::read(&row_client.redirect_uris, "redirect URIs")?,
        post_logout_redirect_uris: stored_list::read(
            &row_client.post_logout_redirect_uris,
            "post-logout redirect URIs",
        )?,
        grant_types: grant_types
            .iter()
            .map(|name| GrantType::parse(name).ok_or(corrupt("grant type")))
            .collect::<Result<_, _>>()?,
        scopes: Scope::from_names(scopes),
        enabled: row_client.enabled && application_is_enabled,
        id_token_alg: SigningAlg::parse(&row_client.id_token_alg).ok_or(corrupt("algorithm"))?,
        extra_claims: claims_of(&stored_list::read(&row_client.extra_claims, "extra claims")?),
        initiate_login_uri: row_client.initiate_login_uri,
        first_party: row_client.first_party,
        ..Client::new(row_client.id, row_client.name)
    };
    ClientDetails::read(&row_client.details)?.apply_to(client)
}

fn names_of(claims: ExtraClaims) -> Vec<&'static str> {
    [
        (COMPANY_ID, claims.company_id),
        (STAFF_ROLES, claims.staff_roles),
        (PROFILE_IN_ID_TOKEN, claims.profile_in_id_token),
    ]
    .into_iter()
    .filter_map(|(name, is_on)| is_on.then_some(name))
    .collect()
}

fn claims_of(names: &[String]) -> ExtraClaims {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    ExtraClaims {
        company_id: has(COMPANY_ID),
        staff_roles: has(STAFF_ROLES),
        profile_in_id_token: has(PROFILE_IN_ID_TOKEN),
    }
}
