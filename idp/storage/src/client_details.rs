//! What a client registered beyond its columns: never searched, so it is one JSON object in one column. A member that
//! is missing means its default, so that older rows stay readable.

use oidc_core::{
    client::{
        About, AssertionAudience, BackchannelLogout, Client, ClientKeys, Policy, RequestDefaults,
        SigningAlg, SubjectType,
    },
    response::ResponseMode,
};
use serde::{Deserialize, Serialize};

use crate::StorageError;

/// The column `details` of `clients`, with the member names of client metadata (RFC 7591 2) where they exist.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "the members of client metadata as they are")]
pub(crate) struct ClientDetails {
    jwks: Option<String>,
    jwks_uri: Option<String>,
    no_pkce: bool,
    require_pushed_authorization_requests: bool,
    token_endpoint_auth_signing_alg: Option<String>,
    assertion_audience: Option<String>,
    sector: Option<String>,
    sector_identifier_uri: Option<String>,
    response_modes: Option<Vec<String>>,
    resources: Vec<String>,
    backchannel_logout_uri: Option<String>,
    backchannel_logout_session_required: bool,
    userinfo_signed_response_alg: Option<String>,
    default_max_age: Option<i64>,
    require_auth_time: bool,
    default_acr_values: Vec<String>,
    client_uri: Option<String>,
    logo_uri: Option<String>,
    policy_uri: Option<String>,
    tos_uri: Option<String>,
    contacts: Vec<String>,
}

impl ClientDetails {
    pub(crate) fn of(client: &Client) -> Self {
        let client = client.clone();
        let (jwks, jwks_uri) = match client.keys {
            None => (None, None),
            Some(ClientKeys::ByValue(set)) => (Some(set), None),
            Some(ClientKeys::ByReference(uri)) => (None, Some(uri)),
        };
        let (sector, sector_identifier_uri) = match client.subject_type {
            SubjectType::Public => (None, None),
            SubjectType::Pairwise { sector, sector_identifier_uri } => {
                (Some(sector), sector_identifier_uri)
            }
        };
        let modes = client.response_modes.iter().map(|mode| mode.as_str().to_owned()).collect();
        let (policy, defaults, about) = (client.policy, client.defaults, client.about);
        Self {
            jwks,
            jwks_uri,
            no_pkce: !policy.require_pkce,
            require_pushed_authorization_requests: policy.require_pushed_requests,
            token_endpoint_auth_signing_alg: policy.assertion_alg,
            assertion_audience: Some(policy.assertion_audience.as_str().to_owned()),
            sector,
            sector_identifier_uri,
            response_modes: Some(modes),
            resources: client.resources,
            backchannel_logout_session_required: client
                .backchannel_logout
                .as_ref()
                .is_some_and(|logout| logout.session_required),
            backchannel_logout_uri: client.backchannel_logout.map(|logout| logout.uri),
            userinfo_signed_response_alg: client.userinfo_alg.map(|alg| alg.as_str().to_owned()),
            default_max_age: defaults.max_age,
            require_auth_time: defaults.require_auth_time,
            default_acr_values: defaults.acr_values,
            client_uri: about.client_uri,
            logo_uri: about.logo_uri,
            policy_uri: about.policy_uri,
            tos_uri: about.tos_uri,
            contacts: about.contacts,
        }
    }

    /// Whether the client is told when a session of it ends.
    pub(crate) fn wants_logout_tokens(&self) -> bool {
        self.backchannel_logout_uri.is_some()
    }

    pub(crate) fn write(&self) -> Result<String, StorageError> {
        serde_json::to_string(self).map_err(|_| StorageError::Corrupt("client details"))
    }

    pub(crate) fn read(text: &str) -> Result<Self, StorageError> {
        serde_json::from_str(text).map_err(|_| StorageError::Corrupt("client details"))
    }

    /// Completes a client that was read from the other columns.
    pub(crate) fn apply_to(self, client: Client) -> Result<Client, StorageError> {
        let corrupt = StorageError::Corrupt;
        let session_required = self.backchannel_logout_session_required;
        let assertion_audience = match &self.assertion_audience {
            None => AssertionAudience::default(),
            Some(name) => {
                AssertionAudience::parse(name).ok_or(corrupt("audience of client assertions"))?
            }
        };
        let userinfo_alg = self.userinfo_signed_response_alg.as_deref();
        let sector_identifier_uri = self.sector_identifier_uri;
        let modes = self.response_modes.as_ref().map(|modes| {
            let parse = |mode: &String| ResponseMode::parse(mode).ok_or(corrupt("response mode"));
            modes.iter().map(parse).collect::<Result<_, _>>()
        });
        Ok(Client {
            keys: self.jwks.map(ClientKeys::ByValue).or(self.jwks_uri.map(ClientKeys::ByReference)),
            policy: Policy {
                require_pkce: !self.no_pkce,
                require_pushed_requests: self.require_pushed_authorization_requests,
                assertion_alg: self.token_endpoint_auth_signing_alg,
                assertion_audience,
            },
            subject_type: match self.sector {
                None => SubjectType::Public,
                Some(sector) => SubjectType::Pairwise { sector, sector_identifier_uri },
            },
            response_modes: modes.transpose()?.unwrap_or(client.response_modes),
            resources: self.resources,
            backchannel_logout: self
                .backchannel_logout_uri
                .map(|uri| BackchannelLogout { uri, session_required }),
            userinfo_alg: userinfo_alg
                .map(|name| SigningAlg::parse(name).ok_or(corrupt("userinfo algorithm")))
                .transpose()?,
            defaults: RequestDefaults {
                max_age: self.default_max_age,
                require_auth_time: self.require_auth_time,
                acr_values: self.default_acr_values,
            },
            about: About {
                client_uri: self.client_uri,
                logo_uri: self.logo_uri,
                policy_uri: self.policy_uri,
                tos_uri: self.tos_uri,
                contacts: self.contacts,
            },
            ..client
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_column_means_the_defaults() {
        let read = ClientDetails::read("{}").unwrap().apply_to(Client::new("a", "A")).unwrap();
        assert_eq!(read, Client::new("a", "A"));
        assert!(read.policy.require_pkce);
    }

    #[test]
    fn every_detail_survives_storing() {
        let client = Client {
            keys: Some(ClientKeys::ByReference("https://rp.example/jwks".to_owned())),
            policy: Policy {
                require_pkce: false,
                require_pushed_requests: true,
                assertion_alg: Some("ES256".to_owned()),
                assertion_audience: AssertionAudience::IssuerOrEndpoint,
            },
            subject_type: SubjectType::Pairwise {
                sector: "rp.example".to_owned(),
                sector_identifier_uri: Some("https://rp.example/sector".to_owned()),
            },
            response_modes: vec![ResponseMode::FormPost],
            resources: vec!["https://api.example/".to_owned()],
            backchannel_logout: Some(BackchannelLogout {
                uri: "https://rp.example/end".to_owned(),
                session_required: true,
            }),
            userinfo_alg: Some(SigningAlg::Rs256),
            defaults: RequestDefaults {
                max_age: Some(60),
                require_auth_time: true,
                acr_values: vec!["a".to_owned()],
            },
            about: About {
                client_uri: Some("https://rp.example/".to_owned()),
                logo_uri: Some("https://rp.example/logo.png".to_owned()),
                policy_uri: Some("https://rp.example/policy".to_owned()),
                tos_uri: Some("https://rp.example/tos".to_owned()),
                contacts: vec!["help@rp.example".to_owned()],
            },
            ..Client::new("a", "A")
        };
        let text = ClientDetails::of(&client).write().unwrap();
        let read = ClientDetails::read(&text).unwrap().apply_to(Client::new("a", "A")).unwrap();
        assert_eq!(read, client);
    }
}
