//! Authentication by an assertion that the client signed with its own key (RFC 7523, OpenID Connect Core 9;
//! security.md 32).

use keys::{AudienceClaim, ClientAssertion, Invalid};
use oidc_core::{
    client::Client,
    client_assertion::{Asked, AssertionClaims, AssertionFault, Audience, OneUse},
    client_authentication::{Authenticated, Credentials},
    discovery::{self, Endpoint},
};
use storage::StorageError;

use super::error::ApiError;
use crate::{App, client_keys::ClientKeysError, secrets};

/// Why an assertion proves nothing. All for the log; the client hears `invalid_client`.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("no such client")]
    UnknownClient,
    #[error(transparent)]
    Keys(#[from] ClientKeysError),
    #[error(transparent)]
    Token(#[from] Invalid),
    #[error(transparent)]
    Claims(#[from] AssertionFault),
    #[error("the assertion was used before")]
    Replayed,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Authenticates the client that sent an assertion to this endpoint, and uses the assertion up.
///
/// # Errors
/// `invalid_client`, whatever is wrong with it.
pub(super) async fn authenticate(
    app: &App,
    credentials: &Credentials,
    assertion: &str,
    endpoint: Endpoint,
) -> Result<Authenticated<Client>, ApiError> {
    prove(app, credentials, assertion, endpoint).await.map_err(|refused| match refused {
        Refused::Storage(error) => error.into(),
        reason => {
            tracing::info!(%reason, "client assertion refused");
            Credentials::failed().into()
        }
    })
}

async fn prove(
    app: &App,
    credentials: &Credentials,
    assertion: &str,
    endpoint: Endpoint,
) -> Result<Authenticated<Client>, Refused> {
    let now = app.now();
    let peeked = keys::peek(assertion)?;
    let id = credentials.client_id().or(peeked.sub.as_deref()).ok_or(Refused::UnknownClient)?;
    let client = app.store.find_client(id).await?.ok_or(Refused::UnknownClient)?;
    let kid = peeked.kid.as_deref();
    let keys = app.client_keys.get(&app.outbound, &client, kid, now).await?;

    let proved = keys.verify(assertion, client.policy.assertion_alg.as_deref())?;
    let asked = Asked {
        issuer: app.issuer.as_str(),
        token_endpoint: &app.issuer.join(discovery::TOKEN.path),
        endpoint: &app.issuer.join(endpoint.path),
        now: now.millis(),
    };
    let claims = claims(&proved)?;
    let (client, once) = credentials.authenticate_by_assertion(client, &claims, &asked)?;

    if !take(app, &client.id, once).await? {
        return Err(Refused::Replayed);
    }
    Ok(client)
}

fn claims(proved: &ClientAssertion) -> Result<AssertionClaims<'_>, Invalid> {
    let claims = proved.claims();
    Ok(AssertionClaims {
        issuer: claims.text("iss"),
        subject: claims.text("sub"),
        audience: match claims.audience()? {
            AudienceClaim::One(one) => Audience::One(one),
            AudienceClaim::Many(many) => Audience::Many(many),
        },
        expires_at: claims.instant("exp")?,
        issued_at: claims.instant("iat")?,
        not_before: claims.instant("nbf")?,
        jwt_id: claims.text("jti"),
    })
}

/// Uses it up, on all nodes and for good: it is stored before anything is done in the name of the client.
async fn take(app: &App, client_id: &str, once: OneUse<'_>) -> Result<bool, StorageError> {
    let digest = secrets::digest(&format!("{} {client_id} {}", client_id.len(), once.jwt_id));
    let tx = app.store.begin().await?;
    let is_first = tx.take_client_assertion(&digest, once.until).await?;
    tx.commit().await?;
    Ok(is_first)
}
