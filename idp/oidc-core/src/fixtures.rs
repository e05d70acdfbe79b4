//! Values that several test modules start from.

use crate::authorization::Terms;
use crate::client::{AuthMethod, Client, ClientSecret, GrantType};
use crate::client_authentication::{Authenticated, Credentials};
use crate::params::Params;
use crate::scope::{SUPPORTED, Scope};
use crate::secret::Secret;

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const REDIRECT_URI: &str = "https://rp.example/callback";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const SECRET: &str = "correct horse";

pub(crate) const TERMS: Terms<'_> =
    Terms { issuer: ISSUER, acr_values: &["one", "two"], is_pushed: false };

/// A confidential first-party client of the application CASPER.
pub(crate) fn client() -> Client {
    Client {
        application: Some("CASPER".to_owned()),
        auth_method: AuthMethod::ClientSecretBasic,
        secrets: vec![ClientSecret::lasting(Secret::from_presented(SECRET).digest())],
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        post_logout_redirect_uris: vec!["https://rp.example/".to_owned()],
        initiate_login_uri: Some("https://rp.example/login".to_owned()),
        grant_types: GrantType::ALL.to_vec(),
        scopes: Scope::from_names(SUPPORTED),
        first_party: true,
        ..Client::new("casper", "CASPER")
    }
}

/// The client after it proved who it is.
pub(crate) fn authenticated(mut client: Client) -> Authenticated<Client> {
    client.auth_method = AuthMethod::None;
    let named = Params::from_pairs([("client_id".to_owned(), client.id.clone())]);
    Credentials::parse(None, &named).unwrap().authenticate(client, 0).unwrap()
}
