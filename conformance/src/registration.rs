//! A client as the provider knows it: RFC 7591 metadata with its credentials.

use std::path::Path;

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

use crate::{assertion::Assertion, check::Skip, signing::SigningKey};

/// A registered client.
#[derive(Clone, Deserialize)]
pub struct Registration {
    /// Its name in requests.
    pub client_id: String,
    /// Its secret; empty when it has none.
    #[serde(default)]
    pub client_secret: String,
    /// Where answers may go; the first one is used.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Where a person may go after sign-out; the first one is used.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// How it authenticates at the token endpoint (RFC 7591 2).
    #[serde(default = "basic")]
    pub token_endpoint_auth_method: String,
    /// What it may ask for, separated by spaces.
    #[serde(default = "openid")]
    pub scope: String,
    /// The algorithm of its ID tokens.
    pub id_token_signed_response_alg: Option<String>,
    /// The algorithm of its userinfo, if that is to be signed.
    pub userinfo_signed_response_alg: Option<String>,
    /// Where its logout tokens go.
    pub backchannel_logout_uri: Option<String>,
    /// Where its keys are published.
    pub jwks_uri: Option<String>,
    /// The resources that it may ask tokens for (RFC 8707).
    #[serde(default)]
    pub resources: Vec<String>,
    /// Its logo, shown to persons.
    pub logo_uri: Option<String>,
    /// Its privacy policy, shown to persons.
    pub policy_uri: Option<String>,
    /// Its terms of service, shown to persons.
    pub tos_uri: Option<String>,
    /// The key that it signs assertions with.
    #[serde(skip)]
    pub key: Option<SigningKey>,
}

/// A client authentication: a header, or fields of the form.
#[derive(Default)]
pub(crate) struct Credentials {
    pub(crate) header: Option<String>,
    pub(crate) fields: Vec<(String, String)>,
}

fn basic() -> String {
    "client_secret_basic".to_owned()
}

fn openid() -> String {
    "openid".to_owned()
}

impl Registration {
    /// Reads the JSON file. Fails when it has no redirect URI or an authentication method that the
    /// checks cannot do.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display();
        let text =
            std::fs::read_to_string(path).with_context(|| format!("{name} cannot be read"))?;
        let client: Self = serde_json::from_str(&text)
            .with_context(|| format!("{name} is not the metadata of a client"))?;
        if client.redirect_uris.is_empty() {
            bail!("{name} has no redirect_uris");
        }
        match client.token_endpoint_auth_method.as_str() {
            "client_secret_basic" | "client_secret_post" | "private_key_jwt" | "none" => Ok(client),
            other => bail!("{name}: token_endpoint_auth_method {other} is not supported"),
        }
    }

    pub(crate) fn redirect_uri(&self) -> &str {
        self.redirect_uris.first().map_or("", String::as_str)
    }

    pub(crate) fn post_logout_redirect_uri(&self) -> anyhow::Result<&str> {
        let uri = self.post_logout_redirect_uris.first();
        Ok(uri.context("the client has no post_logout_redirect_uris")?.as_str())
    }

    pub(crate) fn may_ask_for(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|name| name == scope)
    }

    pub(crate) fn uses_basic(&self) -> bool {
        self.token_endpoint_auth_method == "client_secret_basic"
    }

    /// The key of a client that authenticates with assertions.
    pub(crate) fn key(&self) -> anyhow::Result<&SigningKey> {
        let reason = format!("the key of the client {} was not given", self.client_id);
        self.key.as_ref().ok_or_else(|| Skip::because(reason))
    }

    /// The `Authorization` header of `client_secret_basic`.
    pub(crate) fn basic_header(&self) -> String {
        basic_header(&self.client_id, &self.client_secret)
    }

    /// Its client authentication, as it is registered. An assertion is for the issuer, which every
    /// policy takes.
    pub(crate) fn credentials(&self, issuer: &str) -> anyhow::Result<Credentials> {
        let id = ("client_id".to_owned(), self.client_id.clone());
        match self.token_endpoint_auth_method.as_str() {
            "client_secret_basic" => {
                Ok(Credentials { header: Some(self.basic_header()), fields: Vec::new() })
            }
            "client_secret_post" => {
                let secret = ("client_secret".to_owned(), self.client_secret.clone());
                Ok(Credentials { header: None, fields: vec![id, secret] })
            }
            "private_key_jwt" => {
                let assertion = Assertion::new(self, issuer);
                let fields = assertion.fields(&assertion.sign(self.key()?)?);
                Ok(Credentials { header: None, fields })
            }
            _ => Ok(Credentials { header: None, fields: vec![id] }),
        }
    }
}

/// Each half is form-encoded before it is joined (RFC 6749 2.3.1).
pub(crate) fn basic_header(id: &str, secret: &str) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let joined = format!("{}:{}", encode(id), encode(secret));
    format!("Basic {}", STANDARD.encode(joined))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc6749_2_3_1_both_halves_are_form_encoded() {
        let header = basic_header("a:b", "c d");
        assert_eq!(header, format!("Basic {}", STANDARD.encode("a%3Ab:c+d")));
    }
}
