//! The client that plays in a module: registered already, or now (RFC 7591).

use http::Method;
use relying_party::{AssertionAudience, Authentication, ClientKey, Entropy};
use serde_json::{Map, Value, json};
use url::Url;

use crate::{Settings, Stop, outside::Outside};

/// What a relying party needs of its registration.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) authentication: Authentication,
}

/// The client of the metadata, or a new one.
pub(crate) async fn client(settings: &Settings, outside: &mut Outside) -> Result<Client, Stop> {
    let method = settings
        .choice("client_auth_type", "token_endpoint_auth_method")
        .unwrap_or("client_secret_basic");
    let key = client_key(settings)?;
    let registered = if settings.metadata.contains_key("client_id") {
        settings.metadata.clone()
    } else {
        register(settings, outside, method, &key).await?
    };
    let text = |name: &str| {
        let value = registered.get(name).and_then(Value::as_str).map(str::to_owned);
        value.ok_or_else(|| Stop::new(format!("the client has no {name}")))
    };
    let authentication = match method {
        "client_secret_basic" => Authentication::ClientSecretBasic(text("client_secret")?),
        "client_secret_post" => Authentication::ClientSecretPost(text("client_secret")?),
        "private_key_jwt" => {
            Authentication::PrivateKeyJwt { key, audience: AssertionAudience::TokenEndpoint }
        }
        "none" => Authentication::Public,
        other => return Err(Stop::new(format!("{other} is not supported"))),
    };
    Ok(Client { id: text("client_id")?, authentication })
}

/// The first private key of `jwks`, or a new one.
fn client_key(settings: &Settings) -> Result<ClientKey, Stop> {
    let given = settings.metadata.get("jwks").and_then(|set| set.get("keys")?.get(0));
    match given.filter(|key| key.get("d").is_some()) {
        Some(key) => ClientKey::from_jwk(&key.to_string())
            .map_err(|error| Stop::new(format!("jwks: {error}"))),
        None => Ok(ClientKey::generate(&Entropy::system())),
    }
}

async fn register(
    settings: &Settings,
    outside: &mut Outside,
    method: &str,
    key: &ClientKey,
) -> Result<Map<String, Value>, Stop> {
    let endpoint = registration_endpoint(settings, outside).await?;
    let own = |path: &str| format!("{}{path}", settings.base_url);
    let mut request = json!({
        "client_name": "Relying party under test",
        "redirect_uris": [own("callback")],
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        "token_endpoint_auth_method": method,
        "id_token_signed_response_alg": settings.id_token_alg()?.as_str(),
        "post_logout_redirect_uris": [own("")],
        "backchannel_logout_uri": own("backchannel-logout"),
        "backchannel_logout_session_required": true,
        "initiate_login_uri": own("login"),
    });
    if let Some(members) = request.as_object_mut() {
        if method == "private_key_jwt" {
            members.insert("jwks".to_owned(), key.public_jwks());
        }
        members.extend(settings.metadata.clone());
    }
    let answer = outside.send_json(Method::POST, &endpoint, Some(&request)).await?;
    match answer {
        Value::Object(registered) if registered.contains_key("client_id") => Ok(registered),
        other => Err(Stop::new(format!("registration was refused: {other}"))),
    }
}

/// From discovery. A document of another issuer is not used, not even to register.
async fn registration_endpoint(settings: &Settings, outside: &mut Outside) -> Result<Url, Stop> {
    let issuer = settings.issuer.trim_end_matches('/');
    let address = Url::parse(&format!("{issuer}/.well-known/openid-configuration"))
        .map_err(|_| Stop::new("ISSUER is no address"))?;
    let metadata = outside.send_json(Method::GET, &address, None).await?;
    let text = |name: &str| metadata.get(name).and_then(Value::as_str);
    if text("issuer") != Some(&settings.issuer) {
        return Err(Stop::new("discovery: the issuer is another than the one that was asked"));
    }
    text("registration_endpoint")
        .and_then(|endpoint| Url::parse(endpoint).ok())
        .ok_or_else(|| Stop::new("no client_id is given, and the provider registers nobody"))
}
