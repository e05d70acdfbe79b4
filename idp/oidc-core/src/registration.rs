//! Dynamic registration: what a client says of itself, checked before it is believed (RFC 7591, RFC
//! 7592, OpenID Connect Dynamic Client Registration 1.0; security.md 33, 35).
//!
//! A member that we do not know is ignored, as the specifications ask. A member that asks for more
//! protection than we give, such as encryption, is refused: ignoring it would deceive the client.

use serde::Deserialize;
use serde_json::value::RawValue;
use url::{Host, Url};

use crate::client::{
    About, AssertionAudience, AuthMethod, BackchannelLogout, Client, ClientKeys, GrantType, Policy,
    RequestDefaults, SigningAlg, SubjectType,
};
use crate::error::{ErrorCode, OAuthError};
use crate::response::ResponseMode;
use crate::scope::{self, Scope};

mod address;
mod description;
mod sector;
#[cfg(test)]
mod tests;

pub use description::describe;
pub use sector::check_sector_document;

/// Algorithms that a client may sign its assertions with.
pub const ASSERTION_ALGS: [&str; 5] = ["ES256", "RS256", "PS256", "EdDSA", "Ed25519"];

/// Most entries in any list of a registration.
const MAX_ENTRIES: usize = 20;
/// Longest name of a client, characters.
const MAX_NAME: usize = 100;

const fn invalid(description: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClientMetadata, description)
}

/// Client metadata as it was sent (RFC 7591 2, OpenID Connect Dynamic Client Registration 2,
/// RP-Initiated Logout 3.1, Back-Channel Logout 2.2, RFC 9126 6). `null` means absent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClientMetadata {
    /// Only in an update: the client that is updated (RFC 7592 2.2).
    pub client_id: Option<String>,
    /// Only in an update: must be the present one, if it is sent (RFC 7592 2.2).
    pub client_secret: Option<String>,
    /// The document that names all redirect URIs of a sector; to be fetched and given to
    /// [`check_sector_document`].
    pub sector_identifier_uri: Option<String>,
    redirect_uris: Option<Vec<String>>,
    post_logout_redirect_uris: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    response_modes: Option<Vec<String>>,
    grant_types: Option<Vec<String>>,
    application_type: Option<String>,
    contacts: Option<Vec<String>>,
    client_name: Option<String>,
    client_uri: Option<String>,
    logo_uri: Option<String>,
    policy_uri: Option<String>,
    tos_uri: Option<String>,
    jwks: Option<Box<RawValue>>,
    jwks_uri: Option<String>,
    scope: Option<String>,
    subject_type: Option<String>,
    token_endpoint_auth_method: Option<String>,
    token_endpoint_auth_signing_alg: Option<String>,
    id_token_signed_response_alg: Option<String>,
    userinfo_signed_response_alg: Option<String>,
    default_max_age: Option<u32>,
    require_auth_time: Option<bool>,
    default_acr_values: Option<Vec<String>>,
    initiate_login_uri: Option<String>,
    backchannel_logout_uri: Option<String>,
    backchannel_logout_session_required: Option<bool>,
    require_pushed_authorization_requests: Option<bool>,
    software_statement: Option<String>,
    id_token_encrypted_response_alg: Option<String>,
    userinfo_encrypted_response_alg: Option<String>,
    request_object_signing_alg: Option<String>,
    request_object_encryption_alg: Option<String>,
    require_signed_request_object: Option<bool>,
    dpop_bound_access_tokens: Option<bool>,
    tls_client_certificate_bound_access_tokens: Option<bool>,
    frontchannel_logout_uri: Option<String>,
}

/// What the operator granted with the initial access token (RFC 7591 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The application whose groups the client will see.
    pub application: String,
    /// Whether its requests need a code challenge. Only a suite of tests is ever exempt.
    pub require_pkce: bool,
    /// Whether plain `http` is good enough on this very machine: for development.
    pub allow_local_http: bool,
}

impl ClientMetadata {
    /// Reads the body of a registration. A member that comes twice is refused.
    pub fn parse(body: &[u8]) -> Result<Self, OAuthError> {
        // The reader would also take the members in the order of a list.
        let is_object = body.trim_ascii_start().starts_with(b"{");
        let metadata = is_object.then(|| serde_json::from_slice(body).ok()).flatten();
        metadata.ok_or(invalid("the body must be one JSON object of client metadata"))
    }

    /// The client that the metadata describe, under the operator's terms. It is not first party, so
    /// people are asked for consent; it has no secret yet. Its keys are not looked at here.
    pub fn into_client(self, client_id: String, terms: &Terms) -> Result<Client, OAuthError> {
        self.check_unsupported()?;
        let auth_method = self.auth_method()?;
        let grant_types = self.grant_types()?;
        self.check_response_types(&grant_types)?;
        let redirect_uris = self.redirect_uris(&grant_types, terms)?;
        let web = |uri: &Option<String>| address::check_web(uri.as_deref(), terms);
        let client = Client {
            application: Some(terms.application.clone()),
            auth_method,
            post_logout_redirect_uris: self.post_logout_redirect_uris(terms)?,
            initiate_login_uri: web(&self.initiate_login_uri)?,
            scopes: self.scopes(&grant_types)?,
            id_token_alg: signing_alg(self.id_token_signed_response_alg.as_deref())?
                .unwrap_or(SigningAlg::Rs256),
            userinfo_alg: signing_alg(self.userinfo_signed_response_alg.as_deref())?,
            keys: self.keys(auth_method, terms)?,
            policy: self.policy(auth_method, terms)?,
            subject_type: self.subject_type(&redirect_uris, terms)?,
            response_modes: self.response_modes()?,
            backchannel_logout: web(&self.backchannel_logout_uri)?.map(|uri| BackchannelLogout {
                uri,
                session_required: self.backchannel_logout_session_required.unwrap_or(false),
            }),
            defaults: RequestDefaults {
                max_age: self.default_max_age.map(i64::from),
                require_auth_time: self.require_auth_time.unwrap_or(false),
                acr_values: bounded(self.default_acr_values.as_deref())?,
            },
            about: About {
                client_uri: web(&self.client_uri)?,
                logo_uri: web(&self.logo_uri)?,
                policy_uri: web(&self.policy_uri)?,
                tos_uri: web(&self.tos_uri)?,
                contacts: bounded(self.contacts.as_deref())?,
            },
            grant_types,
            ..Client::new(client_id, self.name(&redirect_uris)?)
        };
        Ok(Client { redirect_uris, ..client })
    }

    fn check_unsupported(&self) -> Result<(), OAuthError> {
        if self.software_statement.is_some() {
            return Err(OAuthError::new(
                ErrorCode::UnapprovedSoftwareStatement,
                "software statements are not taken",
            ));
        }
        let encrypted = [
            &self.id_token_encrypted_response_alg,
            &self.userinfo_encrypted_response_alg,
            &self.request_object_encryption_alg,
        ];
        let bound =
            [self.dpop_bound_access_tokens, self.tls_client_certificate_bound_access_tokens];
        if encrypted.into_iter().any(Option::is_some) {
            Err(invalid("encryption of tokens is not supported"))
        } else if bound.contains(&Some(true)) {
            Err(invalid("sender-constrained access tokens are not supported"))
        } else if self.request_object_signing_alg.is_some()
            || self.require_signed_request_object == Some(true)
        {
            Err(invalid("request objects are not supported, push the request instead"))
        } else if self.frontchannel_logout_uri.is_some() {
            Err(invalid("front-channel logout is not supported, use back-channel logout"))
        } else {
            Ok(())
        }
    }

    fn auth_method(&self) -> Result<AuthMethod, OAuthError> {
        match self.token_endpoint_auth_method.as_deref() {
            None => Ok(AuthMethod::ClientSecretBasic),
            Some(name) => AuthMethod::parse(name)
                .ok_or(invalid("token_endpoint_auth_method is not supported")),
        }
    }

    /// Grants that act for a person. `client_credentials` would act without one, and nobody who
    /// registers dynamically was granted anything of its own (security.md 36).
    fn grant_types(&self) -> Result<Vec<GrantType>, OAuthError> {
        let Some(names) = &self.grant_types else {
            return Ok(vec![GrantType::AuthorizationCode]);
        };
        let grants: Vec<GrantType> = names
            .iter()
            .map(|name| {
                GrantType::parse(name)
                    .filter(|grant| *grant != GrantType::ClientCredentials)
                    .ok_or(invalid("a grant type is not offered to registered clients"))
            })
            .collect::<Result<_, _>>()?;
        if grants.contains(&GrantType::AuthorizationCode) {
            Ok(grants)
        } else {
            Err(invalid("without authorization_code the client can do nothing"))
        }
    }

    fn check_response_types(&self, grants: &[GrantType]) -> Result<(), OAuthError> {
        let fits = match &self.response_types {
            None => true,
            Some(types) => !types.is_empty() && types.iter().all(|name| name == "code"),
        };
        if fits && !grants.is_empty() {
            Ok(())
        } else {
            Err(invalid("the only response type is code"))
        }
    }

    fn response_modes(&self) -> Result<Vec<ResponseMode>, OAuthError> {
        let Some(names) = &self.response_modes else {
            return Ok(ResponseMode::ALL.to_vec());
        };
        let parse = |name: &String| ResponseMode::parse(name);
        let modes: Option<Vec<_>> = names.iter().map(parse).collect();
        modes
            .filter(|modes| !modes.is_empty())
            .ok_or(invalid("response_modes must be query or form_post"))
    }

    fn redirect_uris(
        &self,
        grants: &[GrantType],
        terms: &Terms,
    ) -> Result<Vec<String>, OAuthError> {
        let uris = bounded(self.redirect_uris.as_deref())
            .map_err(|_| address::bad_redirect("there are too many redirect_uris"))?;
        if uris.is_empty() && grants.contains(&GrantType::AuthorizationCode) {
            return Err(address::bad_redirect("redirect_uris is missing"));
        }
        let is_native = match self.application_type.as_deref() {
            None | Some("web") => false,
            Some("native") => true,
            Some(_) => return Err(invalid("application_type must be web or native")),
        };
        uris.iter().try_for_each(|uri| address::check_redirect(uri, is_native, terms))?;
        Ok(uris)
    }

    fn post_logout_redirect_uris(&self, terms: &Terms) -> Result<Vec<String>, OAuthError> {
        let uris = bounded(self.post_logout_redirect_uris.as_deref())?;
        uris.iter().try_for_each(|uri| {
            address::check_redirect(uri, self.application_type.as_deref() == Some("native"), terms)
                .map_err(|_| invalid("a post_logout_redirect_uri cannot be registered"))
        })?;
        Ok(uris)
    }

    /// Only scopes of people, and only those that we have: the answer tells which (RFC 7591 3.2.1).
    fn scopes(&self, grants: &[GrantType]) -> Result<Scope, OAuthError> {
        let asked = match &self.scope {
            None => Scope::from_names(scope::SUPPORTED),
            Some(text) => {
                Scope::parse(text).map_err(|_| invalid("scope has a character out of place"))?
            }
        };
        let may_refresh = grants.contains(&GrantType::RefreshToken);
        let scopes = asked.retain(|name| {
            scope::SUPPORTED.contains(&name) && (name != scope::OFFLINE_ACCESS || may_refresh)
        });
        if scopes.is_empty() {
            Err(invalid("scope has nothing that is offered"))
        } else {
            Ok(scopes)
        }
    }

    fn keys(&self, method: AuthMethod, terms: &Terms) -> Result<Option<ClientKeys>, OAuthError> {
        let keys = match (&self.jwks, &self.jwks_uri) {
            (Some(_), Some(_)) => Err(invalid("jwks and jwks_uri exclude each other")),
            (Some(set), None) => Ok(Some(ClientKeys::ByValue(set.get().to_owned()))),
            (None, uri) => {
                Ok(address::check_web(uri.as_deref(), terms)?.map(ClientKeys::ByReference))
            }
        }?;
        if keys.is_none() && method == AuthMethod::PrivateKeyJwt {
            return Err(invalid("private_key_jwt needs jwks or jwks_uri"));
        }
        Ok(keys)
    }

    fn policy(&self, method: AuthMethod, terms: &Terms) -> Result<Policy, OAuthError> {
        let alg = self.token_endpoint_auth_signing_alg.as_deref();
        if alg.is_some_and(|alg| !ASSERTION_ALGS.contains(&alg)) {
            return Err(invalid("token_endpoint_auth_signing_alg is not supported"));
        }
        Ok(Policy {
            // Nothing else protects the codes of a public client.
            require_pkce: terms.require_pkce || method == AuthMethod::None,
            require_pushed_requests: self.require_pushed_authorization_requests.unwrap_or(false),
            assertion_alg: alg.map(str::to_owned),
            assertion_audience: AssertionAudience::IssuerOrEndpoint,
        })
    }

    fn subject_type(
        &self,
        redirect_uris: &[String],
        terms: &Terms,
    ) -> Result<SubjectType, OAuthError> {
        let sector_identifier_uri =
            address::check_web(self.sector_identifier_uri.as_deref(), terms)?;
        match self.subject_type.as_deref() {
            None | Some("public") => Ok(SubjectType::Public),
            Some("pairwise") => {
                let sector = sector::of(sector_identifier_uri.as_deref(), redirect_uris)?;
                Ok(SubjectType::Pairwise { sector, sector_identifier_uri })
            }
            Some(_) => Err(invalid("subject_type must be public or pairwise")),
        }
    }

    /// The name that people see. One that hides or reorders characters could pass for another's.
    fn name(&self, redirect_uris: &[String]) -> Result<String, OAuthError> {
        let is_plain = |c: char| !c.is_control() && !is_invisible(c);
        match self.client_name.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
            Some(name) if name.chars().count() <= MAX_NAME && name.chars().all(is_plain) => {
                Ok(name.to_owned())
            }
            Some(_) => Err(invalid("client_name is too long or has invisible characters")),
            None => {
                let first = redirect_uris.first().and_then(|uri| Url::parse(uri).ok());
                let host =
                    first.as_ref().and_then(Url::host).map(|host: Host<&str>| host.to_string());
                Ok(host.unwrap_or_else(|| "Application".to_owned()))
            }
        }
    }
}

/// Zero-width characters and those that turn the direction of writing.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn signing_alg(name: Option<&str>) -> Result<Option<SigningAlg>, OAuthError> {
    name.map(|name| SigningAlg::parse(name).ok_or(invalid("a signing algorithm is not offered")))
        .transpose()
}

/// A short list of short texts.
fn bounded(list: Option<&[String]>) -> Result<Vec<String>, OAuthError> {
    let list = list.unwrap_or_default();
    let fits =
        list.len() <= MAX_ENTRIES && list.iter().all(|text| text.len() <= address::MAX_LENGTH);
    if fits { Ok(list.to_vec()) } else { Err(invalid("a list is too long")) }
}
