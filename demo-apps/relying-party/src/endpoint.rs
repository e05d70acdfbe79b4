//! A request of this client to an endpoint of the provider, authenticated, and its JSON answer.

use http::{HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use crate::{
    RelyingParty,
    authentication::{self, Proof},
    provider::{Provider, Unreachable},
};

/// Why an endpoint gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EndpointError {
    /// Nobody answered; trying again may help.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The provider refuses, with an error code of OAuth (RFC 6749 section 5.2).
    #[error("the provider refused: {0}")]
    Refused(String),
    /// A success that is none: a member is missing or of another type.
    #[error("the answer is malformed: {0}")]
    Malformed(String),
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// Sends `form` with this client's proof. Nothing is ever sent twice: a code, an assertion and a
/// refresh token are used up by the first try.
pub(crate) async fn post<T: DeserializeOwned>(
    rp: &RelyingParty,
    provider: &Provider,
    endpoint: &Url,
    form: &[(&'static str, String)],
) -> Result<T, EndpointError> {
    let Proof { authorization, fields } = authentication::prove(rp.config(), provider);
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        // A parameter comes once: `client_id` is both a parameter of a request and of a proof.
        .extend_pairs(fields.iter().filter(|(name, _)| form.iter().all(|(own, _)| own != name)))
        .finish();
    let mut request = http::Request::builder()
        .method(Method::POST)
        .uri(endpoint.as_str())
        .header(header::ACCEPT, HeaderValue::from_static("application/json"))
        .header(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    let request = request.body(body.into_bytes()).map_err(|_| Unreachable)?;
    let answer = rp.http().send(request).await.map_err(|error| {
        tracing::warn!(%error, endpoint = endpoint.as_str(), "an endpoint failed");
        Unreachable
    })?;
    if answer.status().is_success() {
        return serde_json::from_slice(answer.body())
            .map_err(|error| EndpointError::Malformed(error.to_string()));
    }
    Err(refusal(answer.status(), answer.body()))
}

fn refusal(status: StatusCode, body: &[u8]) -> EndpointError {
    let passing = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    match serde_json::from_slice::<Refusal>(body) {
        // Not the grant's fault: RFC 6749 names these codes for the front channel only, yet
        // servers use them here too.
        Ok(Refusal { error })
            if passing || error == "temporarily_unavailable" || error == "server_error" =>
        {
            Unreachable.into()
        }
        // What is logged and shown of it stays short.
        Ok(Refusal { error }) => EndpointError::Refused(error.chars().take(60).collect()),
        // Nonsense is no OAuth answer, and may pass.
        Err(_) => {
            tracing::warn!(%status, "an endpoint's answer is not understood");
            Unreachable.into()
        }
    }
}
