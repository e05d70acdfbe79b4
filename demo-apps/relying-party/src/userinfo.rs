//! The userinfo endpoint: claims that the ID token leaves out (OpenID Connect Core 5.3).

use http::{HeaderValue, Method, header};
use serde_json::{Map, Value};

use crate::{BearerMethod, RelyingParty, provider::Provider, tokens::TokenError};

/// The claims of the userinfo endpoint about `sub`, and about nobody else: a substituted access
/// token would name another person (OpenID Connect Core 5.3.2).
pub(crate) async fn fetch(
    rp: &RelyingParty,
    provider: &Provider,
    access_token: &str,
    method: BearerMethod,
    sub: &str,
) -> Result<Map<String, Value>, TokenError> {
    let endpoint = provider
        .userinfo_endpoint
        .as_ref()
        .ok_or_else(|| TokenError::Invalid("the provider has no userinfo endpoint".to_owned()))?;
    let request = http::Request::builder()
        .uri(endpoint.as_str())
        .header(header::ACCEPT, HeaderValue::from_static("application/json"));
    let request = match method {
        BearerMethod::Header => request
            .method(Method::GET)
            .header(header::AUTHORIZATION, format!("Bearer {access_token}"))
            .body(Vec::new()),
        BearerMethod::Body => {
            let form = form_urlencoded::Serializer::new(String::new())
                .append_pair("access_token", access_token)
                .finish();
            let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.method(Method::POST).header(header::CONTENT_TYPE, kind).body(form.into_bytes())
        }
    };
    let request = request.map_err(|error| TokenError::Invalid(error.to_string()))?;
    let answer = rp.http().send(request).await.map_err(|error| {
        tracing::warn!(%error, "the userinfo endpoint failed");
        TokenError::Unreachable(crate::provider::Unreachable)
    })?;
    if !answer.status().is_success() {
        return Err(TokenError::Invalid(format!("userinfo answers {}", answer.status())));
    }
    let claims: Map<String, Value> = serde_json::from_slice(answer.body())
        .map_err(|error| TokenError::Invalid(format!("userinfo is malformed: {error}")))?;
    if claims.get("sub").and_then(Value::as_str) != Some(sub) {
        return Err(TokenError::Invalid("sub of userinfo is not that of the ID token".to_owned()));
    }
    Ok(claims)
}
