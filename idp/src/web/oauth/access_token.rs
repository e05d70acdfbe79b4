//! An access token of ours that comes back: whether it is still good, and what it stands for. Userinfo, introspection
//! and revocation ask here, each with its own idea of the audience (security.md 25, 26, 40).

use keys::{Audience, Claims};
use oidc_core::{client::Client, scope::Scope};
use storage::{StorageError, StoredGrant};

use super::verify;
use crate::{App, secrets};

/// An access token that was issued here, is not over and was not revoked.
pub(super) struct AccessToken {
    /// Its claims.
    pub(super) claims: Claims,
    /// Its scope.
    pub(super) scope: Scope,
    /// The client that it was issued to.
    pub(super) client: Client,
    /// What it came from.
    pub(super) origin: Origin,
}

/// What an access token came from.
pub(super) enum Origin {
    /// A person's grant, which is alive. Whether the person may still use it is for issuance to say.
    Grant(Box<StoredGrant>),
    /// The client itself (RFC 6749 4.4), with the name of the token.
    Client {
        /// SHA-256 of its `jti`.
        jti_digest: storage::Digest,
    },
}

/// Finds what a token stands for; `None` for anything that is not, or no longer, an access token for this audience.
///
/// # Errors
/// [`StorageError`]: nobody knows now.
pub(super) async fn find(
    app: &App,
    token: &str,
    audience: Audience<'_>,
) -> Result<Option<AccessToken>, StorageError> {
    let claims = match verify::access_token(app, token, audience) {
        Ok(claims) => claims,
        Err(reason) => {
            tracing::info!(%reason, "access token refused");
            return Ok(None);
        }
    };
    let (Some(client_id), Some(jti)) = (claims.text("client_id"), claims.text("jti")) else {
        return Ok(None);
    };
    let Ok(scope) = Scope::parse(claims.text("scope").unwrap_or_default()) else {
        return Ok(None);
    };
    let Some(client) = app.store.find_client(client_id).await? else {
        return Ok(None);
    };
    let Some(origin) = origin(app, jti, &client).await? else {
        return Ok(None);
    };
    Ok(Some(AccessToken { claims, scope, client, origin }))
}

/// The `jti` of a token from a grant begins with the name of the grant.
async fn origin(app: &App, jti: &str, client: &Client) -> Result<Option<Origin>, StorageError> {
    let Some((grant_id, _)) = jti.split_once('.') else {
        let jti_digest = secrets::digest(jti);
        let is_good = client.enabled && !app.store.is_token_revoked(&jti_digest).await?;
        return Ok(is_good.then_some(Origin::Client { jti_digest }));
    };
    let stored = app.store.find_grant(grant_id).await?.filter(|stored| {
        stored.grant.client_id == client.id && stored.grant.check_alive(app.now().millis()).is_ok()
    });
    Ok(stored.map(|stored| Origin::Grant(Box::new(stored))))
}
