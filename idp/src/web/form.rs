//! Posted forms: size, kind, repeated fields and forgery are checked before a handler sees a field.

use std::{collections::HashSet, sync::Arc};

use axum::{
    body::Bytes,
    extract::{FromRef, FromRequest, FromRequestParts as _, Request},
    http::{HeaderMap, StatusCode, header},
};

use crate::{
    App,
    web::{browser::Browser, error::PageError, visitor::CurrentSession},
};

/// The fields of a form that came from one of our own pages, in this browser and session (security.md 54).
#[derive(Clone, Debug)]
pub struct OwnForm {
    fields: Vec<(String, String)>,
}

impl OwnForm {
    /// The fields of a form whose token was checked.
    pub(super) const fn of(fields: Vec<(String, String)>) -> Self {
        Self { fields }
    }

    /// The value of a field; empty when it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// Whether the form has a field, be it empty.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(key, _)| key == name)
    }

    /// What follows `prefix` in the names of fields, with their values, in the order of the page: check boxes such as
    /// `role.DelegatedUserAdmin`.
    pub fn after<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.fields
            .iter()
            .filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// Goes on only if the form has no fields but these, those that begin in one of these ways, and its token
    /// (security.md 78).
    ///
    /// # Errors
    /// [`PageError::BadRequest`] for a field that the form does not have.
    pub fn only(&self, known: &[&str], beginnings: &[&str]) -> Result<(), PageError> {
        let is_known = |name: &str| {
            name == "csrf_token"
                || known.contains(&name)
                || beginnings.iter().any(|beginning| name.starts_with(beginning))
        };
        if self.fields.iter().all(|(name, _)| is_known(name)) {
            Ok(())
        } else {
            Err(PageError::BadRequest)
        }
    }

    /// The value of a field that may be missing or empty.
    pub fn find(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }
}

impl<S> FromRequest<S> for OwnForm
where
    S: Send + Sync,
    Arc<App>: FromRef<S>,
{
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let app = <Arc<App>>::from_ref(state);
        let (mut parts, body) = request.into_parts();
        check_origin(&parts.headers, app.issuer.as_str())?;
        let browser = Browser::from_request_parts(&mut parts, state).await;
        let browser = browser.map_err(|_| PageError::internal("no browser cookie layer"))?;
        let CurrentSession(live) = CurrentSession::from_request_parts(&mut parts, state).await?;
        let fields = read_fields(Request::from_parts(parts, body), state).await?;
        let form = Self { fields };
        let sid = live.as_ref().map(|live| live.session.sid.as_str());
        if app.server_keys.is_csrf_token(form.get("csrf_token"), &browser.digest, sid) {
            Ok(form)
        } else {
            Err(PageError::StaleForm)
        }
    }
}

/// Reads a urlencoded body; a field that comes twice is refused.
async fn read_fields<S: Send + Sync>(
    request: Request,
    state: &S,
) -> Result<Vec<(String, String)>, PageError> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return Err(PageError::BadRequest);
    }
    let body = Bytes::from_request(request, state).await.map_err(|rejection| {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => PageError::TooLarge,
            _ => PageError::BadRequest,
        }
    })?;
    let (mut fields, mut names) = (Vec::new(), HashSet::new());
    for (name, value) in form_urlencoded::parse(&body) {
        if !names.insert(name.clone()) || value.contains('\0') {
            return Err(PageError::BadRequest);
        }
        fields.push((name.into_owned(), value.into_owned()));
    }
    Ok(fields)
}

/// A browser says where a form was posted from; a form from elsewhere is refused, whatever it carries.
pub(super) fn check_origin(headers: &HeaderMap, issuer: &str) -> Result<(), PageError> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?").to_owned());
    let site_is_ours =
        text("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none");
    let origin_is_ours = text("origin").is_none_or(|origin| origin == issuer);
    if site_is_ours && origin_is_ours { Ok(()) } else { Err(PageError::StaleForm) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_its_own_fields_only() {
        let form = |name: &str| {
            OwnForm::of(["csrf_token", name].map(|name| (name.to_owned(), String::new())).to_vec())
        };
        for name in ["reason", "role.X"] {
            assert!(form(name).only(&["reason"], &["role."]).is_ok(), "{name}");
        }
        for name in ["reasons", "role", "xrole.X", ""] {
            assert!(form(name).only(&["reason"], &["role."]).is_err(), "{name}");
        }
    }

    #[test]
    fn a_form_from_another_origin_is_refused() {
        let headers = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(
                header::HeaderName::from_static(name),
                header::HeaderValue::from_static(value),
            )])
        };
        let issuer = "http://localhost:8080";
        assert!(check_origin(&HeaderMap::new(), issuer).is_ok());
        assert!(check_origin(&headers("origin", "http://localhost:8080"), issuer).is_ok());
        assert!(check_origin(&headers("sec-fetch-site", "same-origin"), issuer).is_ok());
        for (name, value) in [
            ("origin", "http://localhost:8081"),
            ("origin", "null"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "cross-site"),
        ] {
            assert!(check_origin(&headers(name, value), issuer).is_err(), "{name}: {value}");
        }
    }
}
