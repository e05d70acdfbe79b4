//! The answer that tells a client what is registered (RFC 7591 3.2.1, RFC 7592 3).

use axum::{
    Json,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, PRAGMA},
    },
    response::{IntoResponse as _, Response},
};
use oidc_core::{client::Client, discovery, registration, secret::Secret};
use serde_json::{Value, json};
use storage::Registration;

use crate::App;

/// A client, its registration, and the token that manages it.
pub(super) struct Answer<'a> {
    pub(super) client: &'a Client,
    pub(super) registration: &'a Registration,
    pub(super) manager: &'a Secret,
}

impl Answer<'_> {
    /// Sends it. A secret is told once, when it is new: only its digest is stored (security.md 31).
    pub(super) fn respond(
        &self,
        app: &App,
        status: StatusCode,
        new_secret: Option<&Secret>,
    ) -> Response {
        let id = &self.client.id;
        let mut members = registration::describe(self.client);
        for (name, value) in [
            ("client_id_issued_at", json!(self.registration.registered_at.millis() / 1000)),
            ("registration_access_token", json!(self.manager.expose())),
            (
                "registration_client_uri",
                json!(app.issuer.join(&format!("{}/{id}", discovery::REGISTER.path))),
            ),
        ] {
            members.insert(name.to_owned(), value);
        }
        if let Some(secret) = new_secret {
            members.insert("client_secret".to_owned(), json!(secret.expose()));
        }
        if let Some(newest) = self.client.secrets.last() {
            // Zero: it does not expire by itself (RFC 7591 3.2.1).
            let end = newest.expires_at.map_or(0, |end| end / 1000);
            members.insert("client_secret_expires_at".to_owned(), json!(end));
        }
        let headers = [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];
        (status, headers, Json(Value::Object(members))).into_response()
    }
}
