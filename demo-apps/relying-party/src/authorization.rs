//! The authorization request: its parameters, and the address that carries or names them.

use openidconnect::{PkceCodeChallenge, PkceCodeVerifier};
use serde::Deserialize;
use url::Url;

use crate::{
    RelyingParty, Requirement, ResponseMode,
    endpoint::{self, EndpointError},
    provider::Provider,
};

/// Longest `request_uri` that is passed on, in bytes.
const MAX_REQUEST_URI: usize = 2048;

/// What is particular to one sign-in.
pub(crate) struct Request {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) pkce_verifier: String,
    pub(crate) login_hint: Option<String>,
    pub(crate) requirement: Option<Requirement>,
}

/// A parameter and its value.
type Pair = (&'static str, String);

/// RFC 9126 section 2.2.
#[derive(Deserialize)]
struct Pushed {
    request_uri: String,
}

/// The address to send the browser to (OpenID Connect Core 3.1.2.1, RFC 9126 section 4).
pub(crate) async fn address(
    rp: &RelyingParty,
    provider: &Provider,
    request: Request,
) -> Result<Url, EndpointError> {
    let parameters = parameters(rp, request);
    let in_address = if rp.config().pushed_authorization_requests {
        push(rp, provider, &parameters).await?
    } else {
        parameters
    };
    let mut address = provider.authorization_endpoint.clone();
    address.query_pairs_mut().extend_pairs(in_address);
    Ok(address)
}

/// Hands the parameters over behind the browser's back; what is left names them.
async fn push(
    rp: &RelyingParty,
    provider: &Provider,
    parameters: &[Pair],
) -> Result<Vec<Pair>, EndpointError> {
    let endpoint = provider.par_endpoint.as_ref().ok_or_else(|| {
        EndpointError::Malformed("there is no pushed_authorization_request_endpoint".to_owned())
    })?;
    let pushed: Pushed = endpoint::post(rp, provider, endpoint, parameters).await?;
    if pushed.request_uri.is_empty() || pushed.request_uri.len() > MAX_REQUEST_URI {
        return Err(EndpointError::Malformed("request_uri is empty or too long".to_owned()));
    }
    Ok(vec![("client_id", rp.config().client_id.clone()), ("request_uri", pushed.request_uri)])
}

fn parameters(rp: &RelyingParty, request: Request) -> Vec<Pair> {
    let config = rp.config();
    let verifier = PkceCodeVerifier::new(request.pkce_verifier);
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    let scopes: Vec<&str> =
        std::iter::once("openid").chain(config.scopes.iter().map(String::as_str)).collect();
    let mut all = vec![
        ("response_type", "code".to_owned()),
        ("client_id", config.client_id.clone()),
        ("redirect_uri", config.redirect_uri()),
        ("scope", scopes.join(" ")),
        ("state", request.state),
        ("nonce", request.nonce),
        // RFC 7636 section 4.3.
        ("code_challenge", challenge.as_str().to_owned()),
        ("code_challenge_method", challenge.method().as_str().to_owned()),
    ];
    if config.response_mode == ResponseMode::FormPost {
        all.push(("response_mode", "form_post".to_owned()));
    }
    if let Some(hint) = request.login_hint {
        all.push(("login_hint", hint));
    }
    if let Some(requirement) = request.requirement {
        all.extend(requirement.parameters());
    }
    all
}
