//! The token endpoint: requests, and what becomes of codes and refresh tokens (RFC 6749 4.1.3, 4.4,
//! 6; OpenID Connect Core 3.1.3; security.md 15-22).

use crate::client::{Client, GrantType};
use crate::client_authentication::Authenticated;
use crate::error::{ErrorCode, OAuthError};
use crate::params::Params;
use crate::pkce::{self, CodeChallenge};
use crate::requested_claims::RequestedClaims;
use crate::resource;
use crate::scope::{self, Scope};
use crate::secret::{Secret, SecretKind};

#[cfg(test)]
mod tests;

/// Life of an authorization code, milliseconds (security.md 11).
pub const CODE_LIFETIME: i64 = 60_000;
/// Life of an access token and of an ID token, milliseconds (design 5).
pub const TOKEN_LIFETIME: i64 = 600_000;
/// For how long a refresh token that was used may be used again because the reply was lost,
/// milliseconds (security.md 19).
pub const LOST_REPLY_GRACE: i64 = 10_000;
/// End of a grant however often it is refreshed, milliseconds (security.md 21): a working day, like
/// the session behind it (domain.md O18).
pub const GRANT_LIFETIME: i64 = 12 * 3_600_000;

/// A request to the token endpoint, by grant type.
#[derive(Clone, Debug)]
pub enum TokenRequest {
    /// RFC 6749 4.1.3.
    AuthorizationCode(CodeRequest),
    /// RFC 6749 6.
    RefreshToken(RefreshRequest),
    /// RFC 6749 4.4.2.
    ClientCredentials {
        /// The scope asked for; `None` asks for the default.
        scope: Option<Scope>,
        /// For which resource server; `None` for the client itself.
        resource: Option<String>,
    },
}

/// What a client sends with a code.
#[derive(Clone, Debug)]
pub struct CodeRequest {
    /// The code; `None` when it cannot be one of ours.
    pub code: Option<Secret>,
    /// The redirect URI of the authorization request.
    pub redirect_uri: String,
    /// The answer to the code challenge.
    pub code_verifier: Option<String>,
    /// For which resource server of the grant (RFC 8707 2.2).
    pub resource: Option<String>,
}

/// What a client sends with a refresh token.
#[derive(Clone, Debug)]
pub struct RefreshRequest {
    /// The refresh token; `None` when it cannot be one of ours.
    pub refresh_token: Option<Secret>,
    /// A narrower scope; `None` keeps what was granted.
    pub scope: Option<Scope>,
    /// For which resource server of the grant (RFC 8707 2.2).
    pub resource: Option<String>,
}

impl TokenRequest {
    /// Parses the form of a token request. Tells a missing parameter from an unknown grant type.
    pub fn parse(form: &Params) -> Result<Self, OAuthError> {
        form.check_no_repeats()?;
        let grant_type =
            form.get("grant_type").ok_or(OAuthError::invalid_request("grant_type is missing"))?;
        let scope = || form.get("scope").map(Scope::parse).transpose();
        let resource = resource::of_token_request(form)?;
        match GrantType::parse(grant_type) {
            Some(GrantType::AuthorizationCode) => Ok(Self::AuthorizationCode(CodeRequest {
                code: Secret::parse(SecretKind::AuthorizationCode, required(form, "code")?),
                redirect_uri: required(form, "redirect_uri")?.to_owned(),
                code_verifier: form.get("code_verifier").map(str::to_owned),
                resource,
            })),
            Some(GrantType::RefreshToken) => Ok(Self::RefreshToken(RefreshRequest {
                refresh_token: Secret::parse(
                    SecretKind::RefreshToken,
                    required(form, "refresh_token")?,
                ),
                scope: scope()?,
                resource,
            })),
            Some(GrantType::ClientCredentials) => {
                Ok(Self::ClientCredentials { scope: scope()?, resource })
            }
            None => Err(OAuthError::new(
                ErrorCode::UnsupportedGrantType,
                "the grant type is not supported",
            )),
        }
    }

    /// The grant type of the request.
    pub const fn grant_type(&self) -> GrantType {
        match self {
            Self::AuthorizationCode(_) => GrantType::AuthorizationCode,
            Self::RefreshToken(_) => GrantType::RefreshToken,
            Self::ClientCredentials { .. } => GrantType::ClientCredentials,
        }
    }

    /// The client must be registered for the grant type (RFC 6749 5.2; security.md 36).
    pub fn check_allowed(&self, client: &Client) -> Result<(), OAuthError> {
        if client.may_use(self.grant_type()) {
            Ok(())
        } else {
            Err(OAuthError::new(
                ErrorCode::UnauthorizedClient,
                "the client may not use this grant type",
            ))
        }
    }
}

fn required<'a>(form: &'a Params, name: &'static str) -> Result<&'a str, OAuthError> {
    form.get(name).ok_or(OAuthError::invalid_request(match name {
        "code" => "code is missing",
        "redirect_uri" => "redirect_uri is missing",
        _ => "refresh_token is missing",
    }))
}

/// What a person granted to a client: the family of all tokens that come from one code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Identifier; also the first part of the `jti` of its access tokens.
    pub id: String,
    /// The client it was given to.
    pub client_id: String,
    /// What was granted.
    pub scope: Scope,
    /// Claims that the client asked for by name.
    pub claims: RequestedClaims,
    /// Resource servers that it is for; empty for the client itself.
    pub resources: Vec<String>,
    /// Absolute end, Unix milliseconds.
    pub expires_at: i64,
    /// When it was revoked, Unix milliseconds.
    pub revoked_at: Option<i64>,
}

impl Grant {
    /// A grant that was revoked or is over gives nothing any more.
    pub fn check_alive(&self, now: i64) -> Result<(), OAuthError> {
        if self.revoked_at.is_some() {
            Err(OAuthError::invalid_grant("the grant was revoked"))
        } else if now >= self.expires_at {
            Err(OAuthError::invalid_grant("the grant has expired"))
        } else {
            Ok(())
        }
    }
}

/// An issued authorization code as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationCode {
    /// The grant it stands for.
    pub grant_id: String,
    /// The client it was given to.
    pub client_id: String,
    /// The redirect URI it was sent to.
    pub redirect_uri: String,
    /// The challenge to be answered; `None` when the client may go without and did.
    pub code_challenge: Option<CodeChallenge>,
    /// The `nonce` of the request.
    pub nonce: Option<String>,
    /// End of its life, Unix milliseconds.
    pub expires_at: i64,
    /// When it was redeemed, Unix milliseconds.
    pub used_at: Option<i64>,
}

/// What becomes of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redemption {
    /// Take it, and give tokens to whoever takes it first.
    Take,
    /// Answer with the error; the code stays as it is.
    Refuse(OAuthError),
    /// It was redeemed before: revoke the grant, and answer with the error (RFC 6749 4.1.2).
    RevokeGrant(OAuthError),
}

/// Answer to a code that was redeemed before; also for the loser of a race.
pub const CODE_REUSED: OAuthError = OAuthError::invalid_grant("the code was already redeemed");

/// Decides on the redemption of a code. Client, redirect URI and verifier are each checked, and a
/// request that fails one of them neither burns the code nor revokes anything: else whoever sees a
/// code could destroy it (security.md 17).
pub fn redeem(
    code: &AuthorizationCode,
    request: &CodeRequest,
    client: &Authenticated<Client>,
    now: i64,
) -> Redemption {
    let refuse = |description| Redemption::Refuse(OAuthError::invalid_grant(description));
    if code.client_id != client.id {
        refuse("the code is not valid")
    } else if code.redirect_uri != request.redirect_uri {
        refuse("redirect_uri is not that of the authorization request")
    } else if !pkce::is_proved(code.code_challenge.as_ref(), request.code_verifier.as_deref()) {
        refuse("code_verifier does not answer the code challenge")
    } else if code.used_at.is_some() {
        Redemption::RevokeGrant(CODE_REUSED)
    } else if now >= code.expires_at {
        refuse("the code has expired")
    } else {
        Redemption::Take
    }
}

/// An issued refresh token as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// End of its life, Unix milliseconds.
    pub expires_at: i64,
    /// When it was used, Unix milliseconds.
    pub used_at: Option<i64>,
    /// What replaced it, as long as that one can be known to be unused.
    pub successor: Option<Successor>,
}

/// The token that replaced another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Successor {
    /// When it was used itself, Unix milliseconds.
    pub used_at: Option<i64>,
}

/// What becomes of a refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Use it up and issue its successor.
    Rotate {
        /// The scope of the new access token.
        scope: Scope,
    },
    /// The reply that carried its successor was lost: use up that successor and issue another one.
    Replace {
        /// The scope of the new access token.
        scope: Scope,
    },
    /// Answer with the error.
    Refuse(OAuthError),
    /// It was stolen, or its successor was: revoke the grant, and answer with the error.
    RevokeGrant(OAuthError),
}

/// Answer to a refresh token that was used before; also for the loser of a race.
pub const REFRESH_TOKEN_REUSED: OAuthError =
    OAuthError::invalid_grant("the refresh token was already used");

/// Decides on a refresh (RFC 6749 6, RFC 9700 4.14.2). A used token revokes its whole family,
/// except within [`LOST_REPLY_GRACE`] while nobody has used the successor: then the client never
/// saw the reply.
pub fn rotate(
    token: &RefreshToken,
    grant: &Grant,
    request: &RefreshRequest,
    client: &Authenticated<Client>,
    now: i64,
) -> Rotation {
    if grant.client_id != client.id {
        return Rotation::Refuse(OAuthError::invalid_grant("the refresh token is not valid"));
    }
    if let Err(error) = grant.check_alive(now) {
        return Rotation::Refuse(error);
    }
    let reply_was_lost = token.used_at.is_some_and(|used_at| {
        now.saturating_sub(used_at) <= LOST_REPLY_GRACE
            && token.successor.is_some_and(|successor| successor.used_at.is_none())
    });
    if token.used_at.is_some() && !reply_was_lost {
        return Rotation::RevokeGrant(REFRESH_TOKEN_REUSED);
    }
    if now >= token.expires_at {
        return Rotation::Refuse(OAuthError::invalid_grant("the refresh token has expired"));
    }
    let scope = match &request.scope {
        None => grant.scope.clone(),
        Some(narrower) if narrower.is_subset_of(&grant.scope) && !narrower.is_empty() => {
            narrower.clone()
        }
        Some(_) => {
            return Rotation::Refuse(OAuthError::invalid_scope(
                "the scope exceeds what was granted",
            ));
        }
    };
    // What the client lost since the grant was given is not renewed.
    let scope = client.grantable_scope(&scope);
    if scope.is_empty() {
        return Rotation::Refuse(OAuthError::invalid_scope(
            "the scope has nothing that the client may get",
        ));
    }
    if reply_was_lost { Rotation::Replace { scope } } else { Rotation::Rotate { scope } }
}

/// The scope of a client that acts for itself (RFC 6749 4.4.2). Scopes that speak of a person mean
/// nothing here; asking for one is refused, and so is a request that would end with no scope at all
/// (RFC 6749 3.3).
pub fn client_credentials_scope(
    requested: Option<&Scope>,
    client: &Authenticated<Client>,
) -> Result<Scope, OAuthError> {
    let own = client.scopes.retain(|name| !scope::SUPPORTED.contains(&name));
    let scope = match requested {
        None => own,
        Some(asked) if asked.is_subset_of(&own) => asked.clone(),
        Some(_) => {
            return Err(OAuthError::invalid_scope("the scope exceeds what the client may get"));
        }
    };
    if scope.is_empty() {
        return Err(OAuthError::invalid_scope("the scope has nothing that the client may get"));
    }
    Ok(scope)
}
