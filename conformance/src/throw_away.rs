//! A full set of clients for a provider that is thrown away after the run: `ROLE.json` to register,
//! and `keys/ROLE.json` to sign with.

use std::{fs, net::SocketAddr, path::Path};

use anyhow::Context as _;
use openidconnect::CsrfToken;
use serde_json::{Map, Value, json};

use crate::{clients::Role, signing::SigningKey};

/// The resources of the client that asks for some.
pub(crate) const RESOURCES: [&str; 2] =
    ["https://api.example/accounts", "https://api.example/payments"];

/// Writes the files of all roles into a folder. `listener` is where the run will listen.
pub fn write_clients(folder: &Path, listener: SocketAddr) -> anyhow::Result<()> {
    let keys = folder.join("keys");
    fs::create_dir_all(&keys).with_context(|| format!("{} cannot be made", keys.display()))?;
    for role in Role::ALL {
        let key = key(role)?;
        let client = client(role, key.as_ref(), listener);
        write(&folder.join(role.name()).with_extension("json"), &client)?;
        if let Some(key) = key {
            write(&keys.join(role.name()).with_extension("json"), &key.private_jwk())?;
        }
    }
    Ok(())
}

fn write(path: &Path, document: &Value) -> anyhow::Result<()> {
    let text = format!("{document:#}\n");
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

fn key(role: Role) -> anyhow::Result<Option<SigningKey>> {
    match role {
        Role::Assertion | Role::HostedKeys => Ok(Some(SigningKey::generate_es256(role.name())?)),
        Role::StrictAssertion | Role::Pushed => Ok(Some(SigningKey::generate_eddsa(role.name())?)),
        _ => Ok(None),
    }
}

/// What all have in common, then what makes each one what it is.
fn client(role: Role, key: Option<&SigningKey>, listener: SocketAddr) -> Value {
    let mut client = common(role.name());
    for (member, value) in own(role, listener) {
        client.insert(member.to_owned(), value);
    }
    if let Some(key) = key {
        client.insert("token_endpoint_auth_method".to_owned(), json!("private_key_jwt"));
        client.insert("token_endpoint_auth_signing_alg".to_owned(), json!(key.algorithm()));
        if role != Role::HostedKeys {
            client.insert("jwks".to_owned(), key.public_set());
        }
    }
    let method = client.get("token_endpoint_auth_method").and_then(Value::as_str);
    if method.is_some_and(|method| method.starts_with("client_secret")) {
        let secret = format!("cs_{}", CsrfToken::new_random().secret());
        client.insert("client_secret".to_owned(), json!(secret));
    }
    Value::Object(client)
}

fn common(name: &str) -> Map<String, Value> {
    let pairs = [
        ("client_id", json!(name)),
        ("client_name", json!(format!("Conformance checks: {name}"))),
        ("application", json!("CASPER")),
        ("redirect_uris", json!([format!("http://localhost/{name}/callback")])),
        ("post_logout_redirect_uris", json!([format!("http://localhost/{name}/signed-out")])),
        ("grant_types", json!(["authorization_code", "refresh_token", "client_credentials"])),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("id_token_signed_response_alg", json!("RS256")),
        ("scope", json!("openid profile email groups offline_access checks.run")),
    ];
    pairs.map(|(member, value)| (member.to_owned(), value)).into_iter().collect()
}

fn own(role: Role, listener: SocketAddr) -> Vec<(&'static str, Value)> {
    let name = role.name();
    let backchannel = || {
        vec![
            (
                "backchannel_logout_uri",
                json!(format!("http://localhost:{}/logout/{name}", listener.port())),
            ),
            ("backchannel_logout_session_required", json!(true)),
        ]
    };
    match role {
        Role::Second => vec![
            ("token_endpoint_auth_method", json!("client_secret_post")),
            ("id_token_signed_response_alg", json!("ES256")),
        ],
        Role::ThirdParty => vec![
            ("first_party", json!(false)),
            ("client_uri", json!("https://rp.example/")),
            ("logo_uri", json!("https://rp.example/logo.png")),
            ("policy_uri", json!("https://rp.example/policy")),
            ("tos_uri", json!("https://rp.example/terms")),
        ],
        Role::Public => vec![
            ("token_endpoint_auth_method", json!("none")),
            ("grant_types", json!(["authorization_code", "refresh_token"])),
            (
                "redirect_uris",
                json!(["http://localhost/public/callback", "http://127.0.0.1/native"]),
            ),
        ],
        Role::Assertion => vec![("assertion_audience", json!("issuer_or_endpoint"))],
        Role::StrictAssertion => vec![("assertion_audience", json!("issuer"))],
        Role::HostedKeys => {
            vec![("jwks_uri", json!(format!("http://localhost:{}/keys/{name}", listener.port())))]
        }
        Role::Pushed => vec![("require_pushed_authorization_requests", json!(true))],
        Role::Logout | Role::LogoutToo => backchannel(),
        Role::Pairwise | Role::PairwiseSibling => vec![("subject_type", json!("pairwise"))],
        Role::PairwiseElsewhere => vec![
            ("subject_type", json!("pairwise")),
            ("redirect_uris", json!(["http://127.0.0.1/pairwise-elsewhere/callback"])),
        ],
        Role::SignedUserinfo => vec![("userinfo_signed_response_alg", json!("RS256"))],
        Role::WithoutPkce => vec![("require_pkce", json!(false))],
        Role::RecentSignIn => {
            vec![("default_max_age", json!(300)), ("require_auth_time", json!(true))]
        }
        Role::EdDsa => vec![("id_token_signed_response_alg", json!("EdDSA"))],
        Role::Resource => vec![("resources", json!(RESOURCES))],
        Role::First => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::Clients;

    #[test]
    fn what_is_written_can_be_read_in_every_role_and_tells_no_private_key() {
        let folder = tempfile::tempdir().unwrap();
        write_clients(folder.path(), "127.0.0.1:9".parse().unwrap()).unwrap();
        let clients = Clients::read(folder.path()).unwrap();
        for role in Role::ALL {
            let client = clients.get(role).unwrap();
            let signs = client.token_endpoint_auth_method == "private_key_jwt";
            assert_eq!(client.key.is_some(), signs, "{role:?}");
            let file = folder.path().join(role.name()).with_extension("json");
            let text = fs::read_to_string(file).unwrap();
            assert!(!text.contains("\"d\""), "{role:?}");
        }
    }
}
