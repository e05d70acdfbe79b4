//! Parameters of a request, read strictly (security.md 6, 23).

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{
        HeaderMap, Uri,
        header::{CONTENT_ENCODING, CONTENT_TYPE},
    },
};
use oidc_core::{
    error::{ErrorCode, OAuthError},
    params::{MalformedParams, Params},
};

/// Longest query or form that is looked at, bytes.
const MAX_LENGTH: usize = 16 * 1024;

/// The parameters of the query.
pub(super) fn of_query(uri: &Uri) -> Result<Params, MalformedParams> {
    let query = uri.query().unwrap_or_default();
    if query.len() > MAX_LENGTH {
        return Err(MalformedParams);
    }
    Params::parse(query.as_bytes())
}

/// Whether the body says that it is a form, in the one encoding that is read: UTF-8 and not compressed. A body that
/// somebody else would read differently is none.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let mut parts = kind.split(';').map(str::trim);
    let is_form = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    let is_utf8 = parts.filter(|part| !part.is_empty()).all(|part| {
        part.eq_ignore_ascii_case("charset=utf-8") || part.eq_ignore_ascii_case("charset=\"utf-8\"")
    });
    let is_single = headers.get_all(CONTENT_TYPE).iter().count() == 1;
    is_form && is_utf8 && is_single && !headers.contains_key(CONTENT_ENCODING)
}

/// The bytes of a body of reasonable length.
pub(super) async fn read_body(body: Body) -> Result<Bytes, MalformedParams> {
    to_bytes(body, MAX_LENGTH).await.map_err(|_| MalformedParams)
}

/// The form of a request to an endpoint for machines: nothing in the query, for it ends up in logs (RFC 6749 2.3.1,
/// 3.2).
pub(super) async fn of_form(request: Request) -> Result<Params, OAuthError> {
    let refuse = |description| OAuthError::new(ErrorCode::InvalidRequest, description);
    if request.uri().query().is_some() {
        return Err(refuse("parameters belong into the body, not into the query"));
    }
    if !is_form(request.headers()) {
        return Err(refuse("the body must be application/x-www-form-urlencoded"));
    }
    let body = read_body(request.into_body()).await?;
    let params = Params::parse(&body)?;
    params.check_no_repeats()?;
    Ok(params)
}
